"""How well a trainee does in one competency, how surely it is known, and whether that is enough to say anything.

One Gaussian for each trainee and competency, in logits from the cohort's mean, an average scenario and an average
criterion. A file updates it once, however many criteria the file has: each file has a level of its own, spread by
FILE_SPREAD about the lasting one, because some files suit a trainee and others do not. Time widens the estimate and
never moves it, so silence raises no score; practice is never assumed to have helped (`forecast` does assume it, and
no sign-off can be built on it). An update costs the same after ten files as after ten thousand.

A dynamic logistic-normal filter, after West, Harrison and Migon 1985 (dynamic generalised linear models), each file's
mean and variance found by quadrature; the spreads are those under which its 90 % intervals held simulated truths
(`benchmarks/mastery.py`).
"""

from __future__ import annotations

import math
from array import array
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import lru_cache
from itertools import accumulate, repeat
from math import exp, log1p
from operator import mul
from statistics import NormalDist
from typing import Literal

from casework.model.errors import BadInput

START_VARIANCE = 1.1  # Squared logits: how far people of one cohort lie apart before any evidence. Time widens no further.
WANDER, UNASSUMED, CEILING = 0.04, 0.14, 1.5  # Squared logits a week, twice; the level at which practice brings half as much.
FILE_SPREAD = 0.6  # Logits, between files of equal difficulty for one trainee and competency.
SCENARIO_SPREAD, CRITERION_SPREAD = 0.8, 0.7  # Logits, between scenarios and between criteria.
TYPICAL_SPREAD = math.sqrt(SCENARIO_SPREAD**2 + CRITERION_SPREAD**2 + FILE_SPREAD**2)  # 1.22
Z90 = 1.645  # Two-sided 90 %.
PROBIT = 0.393  # pi / 8: the variance that makes a logistic of a Gaussian flatter (MacKay 1992).
FEWEST_FILES, FEWEST_FAMILIES, WIDEST, STALE_DAYS = 3, 2, 0.45, 60
WEEK, DAY = 604_800.0, 86_400.0  # Seconds.
FAR = 500.0  # Logits beyond which a criterion as easy is passed, for all that arithmetic can tell.
REACH, STEP = 5.0, 1.25  # Of quadrature: standard deviations either side, and between nodes, of what is known before and at least after a file.
TYPICAL_CRITERIA = 5  # On a typical file, for one competency.
_NODES = tuple((TYPICAL_SPREAD * x / 2, math.exp(-x * x / 8) / math.sqrt(8 * math.pi)) for x in range(-16, 17))
_NORMAL = NormalDist()


@dataclass(frozen=True, slots=True)
class State:
    """What is known at `at`: a level in logits with its variance, and the files with at least one scored criterion behind it.

    `last_at` is the last such file. Sign-off is built on this type alone; a Forecast is another.
    """

    mean: float
    variance: float
    at: datetime | None = None
    files: int = 0
    families: frozenset[str] = frozenset()
    last_at: datetime | None = None


@dataclass(frozen=True)
class Typical:
    """The expected pass rate on a typical file (0 to 1), with its 90 % interval."""

    value: float
    low: float
    high: float

    @property
    def width(self) -> float:
        return self.high - self.low


@dataclass(frozen=True)
class Missing:
    """One reason why the evidence does not suffice, and what would mend it."""

    kind: Literal["files", "families", "width", "stale"]
    why: str
    mend: str


def start(mean: float = 0.0) -> State:
    """The state before any evidence; `mean` in logits is the cohort's."""
    return State(_finite("mean", mean), START_VARIANCE)


def logistic(x: float) -> float:
    if x >= 0:
        return 1 / (1 + math.exp(-x))
    e = math.exp(x)
    return e / (1 + e)


def aged(state: State, at: datetime) -> State:
    """The state at a later moment: as high as before and less sure. BadInput if `at` lies before what the state knows."""
    _own(state)
    weeks = weeks_between(state.at, at)
    if state.at == at:
        return state
    return replace(state, at=at, variance=widened(state.variance, weeks, drift(state.mean)))


def drift(level: float) -> float:
    """By how much a week widens the estimate, in squared logits: what people wander by, and what practice may have brought.

    Practice is not assumed to help, so that it may have must be allowed for. It brings less to those who can do most already,
    and there, where sign-off is decided, the estimate is let settle.
    """
    return WANDER + UNASSUMED * logistic(CEILING - level) ** 2


def widened(variance: float, weeks: float, drift: float) -> float:
    """A variance after some weeks; it grows up to START_VARIANCE, and does not shrink to it."""
    return max(variance, min(variance + drift * weeks, START_VARIANCE))


def weeks_between(before: datetime | None, at: datetime) -> float:
    """Weeks from one moment to a later one, nought from None; BadInput where they are out of order or without a zone."""
    if at.tzinfo is None:
        raise BadInput(f"date: found {at.isoformat()} without a time zone; give one, such as +00:00")
    if before is None:
        return 0.0
    weeks = (at - before).total_seconds() / WEEK
    if weeks < 0:
        raise BadInput(f"date: found {at.isoformat()}, which lies before {before.isoformat()}, known already; put files in by their dates, earliest first")
    return weeks


def updated(
    state: State, at: datetime, difficulties: Sequence[float], shares: Sequence[float | None],
    difficulty_variance: float = 0.0, family: str | None = None, worth: Sequence[float] | None = None,
) -> State:  # fmt: skip
    """The state after one file: for each criterion its difficulty in logits and the share given, 0 to 1, or None where unscored.

    A difficulty is the scenario's, plus the criterion's, plus the rater's severity where a person judged.
    `difficulty_variance` (squared logits) is how unsurely they are known; `family` is the scenario's kind. `worth` is how many
    marks of pass or fail each criterion's mark tells as much as, which is more than 1 where there are levels between
    (`worths` learns it); by default 1. A file on which nothing is scored leaves the state as it was.
    """
    _own(state)
    hard, given, worths = scored(difficulties, shares, difficulty_variance, worth)
    if not given:
        return state
    variance = widened(state.variance, weeks_between(state.at, at), drift(state.mean))
    mean, variance = moved(state.mean, variance, hard, given, worths, difficulty_variance)
    families = state.families if family is None or family in state.families else state.families | {family}
    return State(mean, variance, at, state.files + 1, families, at)


def scored(
    difficulties: Sequence[float], shares: Sequence[float | None], difficulty_variance: float, worth: Sequence[float] | None = None
) -> tuple[list[float], list[float], list[float]]:
    """Difficulty, share and worth of each scored criterion; BadInput where something is no number, or out of range."""
    worth = (1.0,) * len(shares) if worth is None else worth
    if not len(difficulties) == len(shares) == len(worth):
        raise BadInput(f"criteria: found {len(difficulties)} difficulties, {len(shares)} shares and {len(worth)} worths; each criterion has one of each")
    if not 0 <= difficulty_variance < math.inf:
        raise BadInput(f"difficulty variance: found {difficulty_variance:g}; allowed: 0 or more")
    hard, given, worths = [], [], []
    for difficulty, share, each in zip(difficulties, shares, worth, strict=True):
        if share is not None:
            if not 0 <= share <= 1:
                raise BadInput(f"share: found {share:g}; allowed: 0 to 1, or None where unscored")
            if not 0 < each < math.inf:
                raise BadInput(f"worth: found {each:g}; allowed: more than 0 marks of pass or fail")
            hard.append(_finite("difficulty", difficulty))
            given.append(float(share))
            worths.append(float(each))
    return hard, given, worths


def moved(
    mean: float, variance: float, hard: Sequence[float], given: Sequence[float], worths: Sequence[float], difficulty_variance: float
) -> tuple[float, float]:  # fmt: skip
    """Mean and variance after one file's shares: the file's own level is found, and only part of it is passed to the lasting one.

    The variance stays above v t / (v + t), t being the file's own variance, however many criteria there are.
    """
    wide = variance + FILE_SPREAD**2 + difficulty_variance
    z, narrow = _own_level(mean, wide, hard, given, worths)
    gain = variance / wide
    return mean + gain * (z - mean), variance - gain * gain * (wide - narrow)


Marks = tuple[float, Sequence[float], Sequence[float], Sequence[float], float]  # Of one file: weeks since the one before, difficulties, shares, worths, the difficulties' variance.


def _floats() -> array[float]:
    return array("d")


@dataclass(frozen=True, slots=True)
class Files:
    """Marks of one file after another, number beside number: a team's are folded as they lie here (`mastery_arrays`)."""

    weeks: array[float] = field(default_factory=_floats)
    unsure: array[float] = field(default_factory=_floats)
    counts: array[int] = field(default_factory=lambda: array("q"))
    hard: array[float] = field(default_factory=_floats)
    given: array[float] = field(default_factory=_floats)
    worth: array[float] = field(default_factory=_floats)

    def __len__(self) -> int:
        return len(self.weeks)

    def close(self, weeks: float, count: int, unsure: float) -> None:
        """Makes a file of the last `count` difficulties, shares and worths."""
        self.weeks.append(weeks)
        self.unsure.append(unsure)
        self.counts.append(count)

    def __iter__(self) -> Iterator[Marks]:
        begin = 0
        for weeks, unsure, count in zip(self.weeks, self.unsure, self.counts, strict=True):
            yield weeks, self.hard[begin : begin + count], self.given[begin : begin + count], self.worth[begin : begin + count], unsure
            begin += count


def after(mean: float, variance: float, files: Iterable[Marks]) -> tuple[float, float]:
    """Mean and variance after files in their order."""
    for weeks, hard, given, worths, unsure in files:
        mean, variance = moved(mean, widened(variance, weeks, drift(mean)), hard, given, worths, unsure)
    return mean, variance


def _own_level(mean: float, wide: float, hard: Sequence[float], given: Sequence[float], worths: Sequence[float]) -> tuple[float, float]:
    """The expected level of a file of its own and the variance about it, by the trapezium rule.

    Not by its mode, which for whoever passes nearly everything lies too near the middle: a clean file does not tell how far
    above it somebody stands. Nodes depend on the criteria and not on the shares, so a better mark never lowers a level; REACH
    bounds what one file can do, however surprising. Nodes are close enough for the longest file: the error is below 0.002 logits.
    """
    alike: dict[float, float] = {}  # Criteria of one difficulty tell alike, and are reckoned once.
    total = most = 0.0
    for difficulty, share, worth in zip(hard, given, worths, strict=True):
        alike[difficulty] = alike.get(difficulty, 0.0) + worth
        total += worth * share
        most += worth
    step = STEP / math.sqrt(1 + wide * most / 4)
    count, pace, halved = math.ceil(REACH / step), math.sqrt(wide) * step, 0.5 / wide
    nodes = [pace * n for n in range(-count, count + 1)]  # From the mean.
    likely = [x * (total - x * halved) for x in nodes]
    for difficulty, worth in alike.items():
        odds = accumulate(repeat(exp(pace), 2 * count), mul, initial=exp(min(mean - difficulty - pace * count, FAR)))
        likely = [each - worth * log1p(one) for each, one in zip(likely, odds, strict=True)]
    best = max(likely)
    weights = [exp(each - best) for each in likely]
    whole = sum(weights)
    middle = sum(map(mul, weights, nodes)) / whole
    apart = [x - middle for x in nodes]
    narrow = sum(map(mul, weights, map(mul, apart, apart))) / whole
    return mean + middle, min(wide, narrow)  # A mark never widens; the rule may, in its seventh place.


def pass_rate(level: float) -> float:
    """The expected pass rate on a typical file of someone at a level in logits: the mean of logistic(level + 1.22 e), e standard normal.

    By the trapezium rule, which for a function this smooth is exact to twelve places.
    """
    level = max(-FAR, min(level, FAR))
    return sum([weight / (1 + exp(x - level)) for x, weight in _NODES])


@lru_cache(maxsize=256)
def level_of(rate: float) -> float:
    """The level in logits at which the expected pass rate is `rate`, strictly between 0 and 1."""
    if not 0 < rate < 1:
        raise BadInput(f"pass rate: found {rate:g}; allowed: between 0 and 1, both left out, such as 0.8")
    low, high = -40.0, 40.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if pass_rate(middle) < rate else (low, middle)
    return (low + high) / 2


def typical(state: State) -> Typical:
    """The expected pass rate on a typical file, with its 90 % interval. Age the state first to read it at a later date."""
    _own(state)
    return _typical(state.mean, state.variance)


def _typical(mean: float, variance: float) -> Typical:
    half = Z90 * math.sqrt(variance)
    return Typical(pass_rate(mean), pass_rate(mean - half), pass_rate(mean + half))


def chance_at_least(state: State, standard: float) -> float:
    """The chance (0 to 1) that the expected pass rate on a typical file is at least `standard`: what a sign-off rests on.

    TypeError for anything but a State, a forecast above all: assumed growth signs off the weak.
    """
    _own(state)
    return _NORMAL.cdf((state.mean - level_of(standard)) / math.sqrt(state.variance))


def predicted(state: State, difficulty: float, difficulty_variance: float = 0.0) -> float:
    """The expected share (0 to 1) on one criterion of the next file, by its difficulty in logits."""
    _own(state)
    return logistic((state.mean - difficulty) / math.sqrt(1 + PROBIT * (state.variance + FILE_SPREAD**2 + difficulty_variance)))


def information(state: State, difficulties: Sequence[float], difficulty_variance: float = 0.0) -> float:
    """By how much a next file with these criteria is expected to lower the variance, in squared logits."""
    _own(state)
    return _information(state.mean, state.variance, difficulties, difficulty_variance)


def _information(mean: float, variance: float, difficulties: Sequence[float], difficulty_variance: float = 0.0) -> float:
    wide = variance + FILE_SPREAD**2 + difficulty_variance
    chances = [logistic(mean - difficulty) for difficulty in difficulties]
    narrow = 1 / (1 / wide + sum(p * (1 - p) for p in chances))
    return (variance / wide) ** 2 * (wide - narrow)


def widest_variance(mean: float) -> float | None:
    """The variance at which the 90 % interval is WIDEST wide, or None where no silence makes it so (the rate is near 0 or 1)."""
    if _typical(mean, START_VARIANCE).width <= WIDEST:
        return None
    low, high = 0.0, START_VARIANCE
    for _ in range(40):
        middle = (low + high) / 2
        low, high = (middle, high) if _typical(mean, middle).width < WIDEST else (low, middle)
    return low


def return_after(state: State) -> float | None:
    """Weeks until the interval becomes too wide to say anything, 0.0 if it is; None where it never does.

    Evidence also goes stale, after STALE_DAYS, which `missing` counts from the last file.
    """
    _own(state)
    limit = widest_variance(state.mean)
    return None if limit is None else max(0.0, (limit - state.variance) / drift(state.mean))


def files_to_narrow(state: State) -> int | None:
    """About how many typical files, one a week, bring the interval within WIDEST; None where that pace would not do."""
    _own(state)
    variance = state.variance
    for files in range(26):
        if _typical(state.mean, variance).width <= WIDEST:
            return files
        variance = widened(variance, 1.0, drift(state.mean))
        variance -= _information(state.mean, variance, [0.0] * TYPICAL_CRITERIA)
    return None


def missing(state: State, at: datetime) -> tuple[Missing, ...]:
    """Every reason why the evidence at `at` does not suffice to show a figure as known; empty where it does."""
    now = aged(state, at)
    found = []
    if now.files < FEWEST_FILES:
        more = FEWEST_FILES - now.files
        found.append(Missing("files", f"{now.files} of {FEWEST_FILES} files", f"{more} more file{'s' if more > 1 else ''}"))
    if len(now.families) < FEWEST_FAMILIES:
        found.append(Missing("families", f"{len(now.families)} of {FEWEST_FAMILIES} kinds of scenario", "a file of another kind"))
    shown = typical(now)
    if shown.width > WIDEST:
        files = files_to_narrow(now)
        mend = "files more often than one a week" if files is None else f"about {files} more file{'s' if files > 1 else ''}, one a week"
        found.append(Missing("width", f"the interval is {100 * shown.width:.0f} points wide, at most {100 * WIDEST:.0f} are allowed", mend))
    if now.last_at is not None and (days := (at - now.last_at).total_seconds() / DAY) > STALE_DAYS:
        found.append(Missing("stale", f"the last file is {math.floor(days)} days old, at most {STALE_DAYS} are allowed", "a new file"))
    return tuple(found)


def enough(state: State, at: datetime) -> bool:
    """Whether nothing is `missing`."""
    return not missing(state, at)


def _own(state: State) -> None:
    if not isinstance(state, State):
        raise TypeError(f"mastery is read from a State, not from a {type(state).__name__}")


def _finite(name: str, value: float) -> float:
    if not math.isfinite(value):
        raise BadInput(f"{name}: found {value}; allowed: a finite number of logits")
    return float(value)

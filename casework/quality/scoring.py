"""A log scored against a rubric: exact fractions, every rating with its evidence and clause."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from casework.model.decisions import DecisionLog, Event
from casework.model.library import Library
from casework.model.rubrics import CLASSES, Band, Criterion, Rubric, Section
from casework.practice import readings
from casework.practice.cases import Caseload
from casework.practice.desk import record_of
from casework.practice.matching import Record
from casework.quality.checks import USUAL_HANDLING, HandledExpectation, Judge, Status, Verdict, handle, own_work


@dataclass(frozen=True)
class Rating:
    """One criterion on one case. `rating` is 0 to 1; `available` and `points` are points of the total."""

    criterion: Criterion
    section: str
    status: Status
    rating: Fraction
    available: Fraction
    points: Fraction
    evidence: tuple[int, ...]
    explanation: str
    critical_error: bool


@dataclass(frozen=True)
class Scorecard:
    """The result of one case. Totals are percent, exact; `low` and `high` bound what people may still rate.

    `hints` are the entries at which help was asked for, and `deducted` the points it cost.
    """

    case: str
    scenario: str
    trainee: str
    seed: int
    rubric: Rubric
    ratings: tuple[Rating, ...]
    handled: tuple[HandledExpectation, ...]
    clocks: tuple[readings.ClockReading, ...]
    total: Fraction
    low: Fraction
    high: Fraction
    provisional: bool
    band: str | None
    passed: bool | None
    hints: tuple[int, ...] = ()
    deducted: Fraction = Fraction(0)

    @property
    def errors(self) -> tuple[str, ...]:
        """The criteria that are critical errors here."""
        return tuple(r.criterion.id for r in self.ratings if r.critical_error)

    def failed_classes(self) -> dict[str, tuple[str, ...]]:
        return {
            name: tuple(r.criterion.id for r in self.ratings if r.critical_error and r.criterion.critical == name)
            for name in CLASSES
        }


def _verdict(judge: Judge, criterion: Criterion, marks: Mapping[str, str]) -> tuple[Verdict, Fraction]:
    applies = judge.verdict(criterion.applies_when) if criterion.applies_when is not None else None
    if applies is not None and applies.status == "unscored":
        return Verdict("unscored", Fraction(0), (), f"cannot be told whether it applies: {applies.why}"), Fraction(0)
    if applies is not None and not applies.met:
        return Verdict("not_applicable", Fraction(0), (), "nothing of this kind was written or done"), Fraction(0)
    if criterion.judged:
        mark = marks.get(criterion.id)
        worth = {level.level: level.worth for level in criterion.judged}
        if mark is None:
            return Verdict("unscored", Fraction(0), (), "awaits a person's rating"), Fraction(0)
        if mark not in worth:
            raise ValueError(f"{criterion.id}: {mark!r} is not one of {', '.join(worth)}")
        return Verdict("rated", worth[mark] / 100, (), f"rated {mark}"), worth[mark] / 100
    found = judge.verdict(criterion.check)
    return found, found.share


@dataclass(frozen=True)
class _Scale:
    """A judge by one scale of the rubric, and what `met` and `not met` are worth on it (None: the share itself counts)."""

    judge: Judge
    yes_or_no: Mapping[str, Fraction] | None


def _scales(rubric: Rubric, usual: Judge) -> dict[str, _Scale]:
    found = {"share": _Scale(usual, None)}
    for name, scale in rubric.scales.items():
        worth = {word: part / 100 for word, part in scale.items()} if isinstance(scale, dict) else {}
        named = {"best", "acceptable", "wrong"} <= worth.keys()
        found[name] = _Scale(replace(usual, scale=worth) if named else usual, worth if worth and not named else None)
    return found


def _rate(scale: _Scale, criterion: Criterion, marks: Mapping[str, str]) -> tuple[Verdict, Fraction]:
    found, share = _verdict(scale.judge, criterion, marks)
    if scale.yes_or_no is not None and not criterion.judged and found.status == "rated":
        share = scale.yes_or_no["met" if found.met else "not met"]
    return found, share


def _critical(criterion: Criterion, found: Verdict) -> bool:
    if criterion.critical is None or found.status != "rated":
        return False
    handled = criterion.check is not None and hasattr(criterion.check, "handled")
    return found.grave if handled else found.share < 1


def _section(scales: Mapping[str, _Scale], section: Section, marks: Mapping[str, str]) -> list[Rating]:
    judged = [(criterion, *_rate(scales.get(criterion.scale or "share", scales["share"]), criterion, marks)) for criterion in section.criteria]
    return apportion(section, [Judged(c, found, share, _critical(c, found)) for c, found, share in judged])


def rate_all(rubric: Rubric, usual: Judge, marks: Mapping[str, str]) -> tuple[Rating, ...]:
    """The ratings of every criterion. `usual` judges by the usual worth of a handling, where a scale says nothing else."""
    scales = _scales(rubric, usual)
    return tuple(rating for section in rubric.sections for rating in _section(scales, section, marks))


@dataclass(frozen=True)
class Judged:
    """One criterion's verdict and share, before it is weighed beside the others of its section."""

    criterion: Criterion
    found: Verdict
    share: Fraction
    critical_error: bool


def _sum(parts: Iterable[Fraction]) -> Fraction:
    """The exact sum, brought to lowest terms once and not at each step."""
    held = tuple(parts)
    below = math.lcm(*(part.denominator for part in held))
    return Fraction(sum(part.numerator * (below // part.denominator) for part in held), below)


def apportion(section: Section, judged: Sequence[Judged]) -> list[Rating]:
    """The ratings of a section: the weight of what does not apply goes to what does."""
    applicable = _sum(j.criterion.weight for j in judged if j.found.status != "not_applicable")
    ratings = []
    for one in judged:
        status, rated = one.found.status, one.found.status == "rated"
        out = status == "not_applicable" or not applicable
        available = Fraction(0) if out else section.weight * one.criterion.weight / applicable
        ratings.append(Rating(
            one.criterion, section.id, status, one.share if rated else Fraction(0), available, available * one.share if rated else Fraction(0),
            one.found.evidence, one.found.why, one.critical_error,
        ))  # fmt: skip
    return ratings


def band_of(rubric: Rubric, total: Fraction, own_work: Fraction | None) -> Band:
    """The highest band whose edge is reached (lower edge inclusive) and whose own-work rule holds."""
    reached = rubric.bands[0]
    for band in rubric.bands:
        needed = {None: Fraction(0), "half": Fraction(1, 2), "all": Fraction(1)}[band.own_work]
        if total >= band.from_ and (own_work is None or own_work >= needed):
            reached = band
    return reached


def _passes(rubric: Rubric, total: Fraction, own_work: Fraction | None) -> bool:
    return total >= rubric.pass_mark and band_of(rubric, total, own_work).from_ >= min(
        (band.from_ for band in rubric.bands if band.from_ >= rubric.pass_mark), default=Fraction(0)
    )


def score_case(
    record: Record, rubric: Rubric, trainee: str, seed: int, marks: Mapping[str, str] | None = None,
) -> Scorecard:  # fmt: skip
    """The scorecard of one case. `marks` are people's levels for judged criteria, by criterion id."""
    clocks = readings.read(record)
    handled = tuple(handle(record, expectation) for expectation in record.case.scenario.expectations)
    ratings = rate_all(rubric, Judge(record, clocks, handled, USUAL_HANDLING), marks or {})
    return total_up(
        record.case.key, record.case.scenario.id, trainee, seed, rubric, ratings, handled, clocks, own_work(handled),
        *hinted(rubric, record.events),
    )


def hinted(rubric: Rubric, events: Sequence[Event]) -> tuple[tuple[int, ...], Fraction]:
    """The entries at which help was asked for, and the points it cost."""
    price = {"look": rubric.hints.look, "rule": rubric.hints.rule}
    helped = [e for e in events if e.event == "hinted"]
    return tuple(e.n for e in helped), sum((price[e.hint] for e in helped if e.hint is not None), Fraction(0))


def total_up(
    case: str, scenario: str, trainee: str, seed: int, rubric: Rubric, ratings: tuple[Rating, ...],
    handled: tuple[HandledExpectation, ...], clocks: tuple[readings.ClockReading, ...], own_part: Fraction | None,
    hints: tuple[int, ...] = (), deducted: Fraction = Fraction(0),
) -> Scorecard:  # fmt: skip
    """The scorecard of given ratings: provisional total over what is rated, with its bounds, less what hints cost.

    A critical error fails its class and the case, whatever the total.
    """
    applicable = _sum(r.available for r in ratings)
    rated = _sum(r.available for r in ratings if r.status == "rated")
    points = _sum(r.points for r in ratings)

    def less(earned: Fraction, of: Fraction) -> Fraction:
        return max(100 * earned / of - deducted, Fraction(0)) if of else Fraction(0)

    total, low, high = less(points, rated), less(points, applicable), less(points + applicable - rated, applicable)
    bands = {band_of(rubric, edge, own_part).name for edge in (low, high)}
    failed = any(r.critical_error for r in ratings)
    sides = {_passes(rubric, edge, own_part) for edge in (low, high)}
    passed = False if failed else (sides.pop() if len(sides) == 1 else None)
    return Scorecard(
        case, scenario, trainee, seed, rubric, ratings, handled, clocks, total, low, high, rated != applicable,
        bands.pop() if len(bands) == 1 else None, passed, hints, deducted,
    )  # fmt: skip


def score(
    library: Library, caseload: Caseload, log: DecisionLog, rubric: Rubric, marks: Mapping[str, str] | None = None
) -> tuple[Scorecard, ...]:
    """One scorecard a case, in the order of the caseload; `marks` hold for each of them."""
    return tuple(
        score_case(record_of(library, caseload, log, case.key), rubric, log.header.trainee, log.header.seed, marks)
        for case in caseload.cases
    )


def shown(value: Fraction, edge: Fraction | None = None, decimals: int = 1) -> str:
    """A figure for display, cut and never rounded across `edge`: 79.96 against 80 shows 79.9."""
    step = 10**decimals
    nearest = Fraction(round(value * step), step)
    if edge is not None and (nearest >= edge) != (value >= edge):
        nearest = Fraction(int(value * step), step)
    return f"{float(nearest):.{decimals}f}"

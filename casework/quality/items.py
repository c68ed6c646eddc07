"""What each criterion of a rubric tells, from many people's files: how often it is met, and whether it goes with the rest.

People are counted, not marks: a trainee counts once, by the mean of their first attempts at each file, and each file's
own difficulty is taken out before criteria are set beside one another. Minimum numbers and flags follow a simulation of
300 cohorts at each size: at ten people, 29 % of sound criteria have a correlation below .20.

Sources: Wilson 1927 (facility); Fisher 1921 (correlation); Cronbach 1951 and Feldt 1965 (alpha and its interval).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from casework.quality import proportions
from casework.quality.figures import CONFIDENCE, Figure, too_few, undefined
from casework.quality.marks import Mark

Array = NDArray[np.float64]
SHOW_FACILITY, FLAG_FACILITY = 10, 30  # Trainees.
SHOW_TOTAL, FLAG_TOTAL = 30, 50
SHOW_ALPHA = 50
EASY, HARD, WEAK = 0.95, 0.20, 0.20  # Facility above and below, and the correlation below, which a criterion is flagged.
EACH_WAY = 5  # Trainees who pass, and who fail, that a correlation needs.
SOUND = 0.34  # The correlation of a sound criterion with the rest, in the simulation behind the numbers above.
RATED = 0.9  # Alpha takes the criteria that were rated for at least this share of the trainees.
Z = float(stats.norm.ppf(0.5 + CONFIDENCE / 2))


@dataclass(frozen=True)
class Question:
    """A criterion as people are asked it: its words, its weight in points, and its class where an error in it is critical."""

    id: str
    asks: str
    weight: float = 1.0
    critical: str | None = None


@dataclass(frozen=True)
class Item:
    """One criterion over `trainees`. `varies` None: too few to say. `flags` are in words; none below the numbers that allow them."""

    question: Question
    trainees: int
    facility: Figure
    with_the_rest: Figure
    varies: bool | None
    flags: tuple[str, ...]


@dataclass(frozen=True)
class ByChance:
    """Flags that would be raised were every criterion sound: `weak` expected, `facility` at most (all on the very edge)."""

    weak: float
    facility: float


@dataclass(frozen=True)
class Analysis:
    """The table of criteria in the order of the rubric; `notes` say what the figures rest on."""

    trainees: int
    files: int
    items: tuple[Item, ...]
    alpha: Figure
    by_chance: ByChance
    notes: tuple[str, ...]


def first_attempts(marks: Iterable[Mark]) -> tuple[Mark, ...]:
    """The marks on each trainee's first file of each scenario; marks come in the order in which files were worked."""
    marks = tuple(marks)
    first: dict[tuple[str, str], str] = {}
    for mark in marks:
        first.setdefault((mark.trainee, mark.scenario), mark.unit)
    return tuple(mark for mark in marks if first[mark.trainee, mark.scenario] == mark.unit)


def analyse(marks: Iterable[Mark], questions: Sequence[Question]) -> Analysis:
    """The table of criteria from first attempts; several raters of one criterion on one file count as their mean."""
    first = first_attempts(marks)
    files = _by_file(first)
    trainees = list(dict.fromkeys(trainee for trainee, _, _ in files))
    names = [question.id for question in questions]
    raw, level = _tables(files, trainees, names)
    items = tuple(_item(question, raw[:, n], _rest(level, n), level[:, n]) for n, question in enumerate(questions))
    tested = [item for item in items if item.with_the_rest.standing == "plain"]
    weak = sum(_chance_of_weak(item.with_the_rest.n) for item in tested)
    edge = sum((1 - CONFIDENCE) / 2 for item in items if item.trainees >= FLAG_FACILITY)
    return Analysis(
        len(trainees), len({unit for _, _, unit in files}), items, _alpha(level), ByChance(weak, edge), _notes(first, files),
    )  # fmt: skip


Files = Mapping[tuple[str, str, str], Mapping[str, float]]


def _by_file(marks: Iterable[Mark]) -> Files:
    """Criterion to mean share, by trainee, scenario and file."""
    found: dict[tuple[str, str, str], dict[str, list[float]]] = {}
    for mark in marks:
        row = found.setdefault((mark.trainee, mark.scenario, mark.unit), {})
        if mark.share is not None:
            row.setdefault(mark.criterion, []).append(mark.share)
    return {file: {name: sum(shares) / len(shares) for name, shares in row.items()} for file, row in found.items()}


def _tables(files: Files, trainees: Sequence[str], names: Sequence[str]) -> tuple[Array, Array]:
    """Trainees by criteria, mean shares (NaN unrated): as they are, and less what each file gives everyone."""
    cells: dict[tuple[str, str], list[float]] = {}
    for (_, scenario, _), row in files.items():
        for name, share in row.items():
            cells.setdefault((scenario, name), []).append(share)
    usual = {cell: sum(shares) / len(shares) for cell, shares in cells.items()}
    sums = np.zeros((3, len(trainees), len(names)))
    rows, columns = {t: i for i, t in enumerate(trainees)}, {c: i for i, c in enumerate(names)}
    for (trainee, scenario, _), row in files.items():
        for name, share in row.items():
            if name in columns:
                sums[:, rows[trainee], columns[name]] += (share, share - usual[scenario, name], 1)
    count = np.where(sums[2] > 0, sums[2], np.nan)
    return sums[0] / count, sums[1] / count


def _rest(level: Array, n: int) -> Array:
    """Each trainee's mean over the other criteria, as far above or below the usual as they stand on them."""
    others = np.delete(level, n, axis=1)
    count = (~np.isnan(others)).sum(axis=1)
    return np.asarray(np.where(count > 0, np.nansum(others, axis=1) / np.maximum(count, 1), np.nan))


def _item(question: Question, shares: Array, rest: Array, level: Array) -> Item:
    rated = shares[~np.isnan(shares)]
    n = len(rated)
    facility, varies = _facility(rated), None
    if n >= SHOW_FACILITY:
        varies = bool(np.ptp(rated) > 1e-12)
    together = _with_the_rest(shares, level, rest)
    flags = []
    if n >= FLAG_FACILITY and facility.low is not None and facility.high is not None:
        if facility.low > EASY and question.critical is None:
            flags.append(f"met by nearly all: the whole interval is above {EASY:g}")
        if facility.high < HARD:
            flags.append(f"met by few: the whole interval is below {HARD:g}")
    if together.standing == "plain" and together.high is not None and together.high < WEAK:
        flags.append("check the key: those who do well elsewhere do worse here" if together.high < 0 else f"tells little: the whole interval is below {WEAK:g}")
    return Item(question, n, facility, together, varies, tuple(flags))


def _facility(rated: Array) -> Figure:
    """The mean share with Wilson's interval, each trainee one trial; wide where marks are in part, which vary less."""
    n = len(rated)
    if n < SHOW_FACILITY:
        return too_few(n, SHOW_FACILITY, "trainees", "first attempts")
    found = proportions.wilson(min(float(n), max(0.0, float(rated.sum()))), n, CONFIDENCE)
    return Figure(found.value, found.low, found.high, n, "plain" if n >= FLAG_FACILITY else "faint")


def _with_the_rest(shares: Array, level: Array, rest: Array) -> Figure:
    both = ~(np.isnan(shares) | np.isnan(rest))
    n = int(both.sum())
    if n < SHOW_TOTAL:
        return too_few(n, SHOW_TOTAL, "trainees", "first attempts")
    passes = int((shares[both] >= 0.5).sum())
    if min(passes, n - passes) < EACH_WAY:
        return undefined(n, f"{passes} of {n} trainees meet it; at least {EACH_WAY} must meet it and {EACH_WAY} miss it")
    one, other = level[both], rest[both]
    if np.ptp(one) < 1e-12 or np.ptp(other) < 1e-12:
        return undefined(n, "the marks, or those on the rest, do not vary within a file")
    r = float(np.clip(np.corrcoef(one, other)[0, 1], -0.999999, 0.999999))
    wide = Z / math.sqrt(n - 3)
    return Figure(r, math.tanh(math.atanh(r) - wide), math.tanh(math.atanh(r) + wide), n, "plain" if n >= FLAG_TOTAL else "faint")


def _chance_of_weak(n: int) -> float:
    """The chance (0 to 1) that a sound criterion is flagged as telling little, by Fisher's normal approximation."""
    spread = 1 / math.sqrt(n - 3)
    return float(stats.norm.cdf((math.atanh(WEAK) - Z * spread - math.atanh(SOUND)) / spread))


def alpha(scores: Array) -> Figure:
    """Cronbach's alpha of a whole table, people by criteria, with Feldt's interval (exact for parallel normal scores)."""
    n, k = scores.shape
    if n < 3 or k < 2:
        return undefined(n, f"{n} people and {k} criteria; at least 3 and 2")
    spread = float(scores.sum(axis=1).var(ddof=1))
    if spread < 1e-12:
        return undefined(n, "people do not differ in their totals")
    value = k / (k - 1) * (1 - float(scores.var(axis=0, ddof=1).sum()) / spread)
    tail = (1 - CONFIDENCE) / 2
    low, high = (1 - (1 - value) * float(stats.f.ppf(at, n - 1, (n - 1) * (k - 1))) for at in (1 - tail, tail))
    return Figure(value, low, high, n, "plain")


def _alpha(level: Array) -> Figure:
    people = len(level)
    rated = ~np.isnan(level)
    often = rated.mean(axis=0) >= RATED if people else np.zeros(level.shape[1], dtype=bool)
    whole = rated[:, often].all(axis=1) if often.any() else np.zeros(people, dtype=bool)
    n, k = int(whole.sum()), int(often.sum())
    if n < SHOW_ALPHA:
        return too_few(n, SHOW_ALPHA, "trainees rated on the same criteria", "first attempts")
    found = alpha(level[whole][:, often])
    if found.value is None:
        return found
    return Figure(found.value, found.low, found.high, n, "plain", f"{k} criteria; criteria of one file hang together, so this is higher than files would agree")


def _notes(first: Sequence[Mark], files: Files) -> tuple[str, ...]:
    scenarios = {scenario for _, scenario, _ in files}
    did: dict[str, set[str]] = {}
    for trainee, scenario, _ in files:
        did.setdefault(trainee, set()).add(scenario)
    notes = [f"first attempts at {len(scenarios)} {'scenario' if len(scenarios) == 1 else 'scenarios'}; a later attempt is not another person"]
    if len({frozenset(done) for done in did.values()}) > 1:
        notes.append("trainees did different files: facility holds for the files as they were shared out; their difficulty is taken out of the rest")
    unscored = sum(mark.share is None for mark in first)
    if unscored:
        notes.append(f"{unscored} of {len(first)} marks are unscored and count as neither met nor missed")
    return tuple(notes)


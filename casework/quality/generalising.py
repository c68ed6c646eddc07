"""How far a score would hold on other files and with other raters: a study of what it varies by, and how many files are enough.

A file's score is the mean share of its criteria. Scores vary by trainee, file (scenario), rater where raters are linked,
and what is left; parts are found by equating sums of squares with their expectations, which takes designs with gaps
(Henderson 1953, method 1; Brennan 2001). A part that comes out below nought is shown as nought. Intervals are
jackknives over trainees of log(1 - G): the files and raters are taken as they are.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from casework.quality.figures import CONFIDENCE, Figure, too_few, undefined
from casework.quality.items import first_attempts
from casework.quality.marks import Mark

Array = NDArray[np.float64]
TRAINEES, FILES = 30, 3  # The least: so many trainees with so many files each.
PLANNED = (1, 2, 3, 4, 6, 8, 10, 12)  # Files of a trainee, in the table of decisions.
MOST_RATERS = 2
WANTED = 0.8


@dataclass(frozen=True)
class Score:
    """One rater's score (0 to 1) of one trainee's file."""

    trainee: str
    scenario: str
    unit: str
    rater: str
    value: float


@dataclass(frozen=True)
class Part:
    """A source of variance with its share (0 to 1) of the whole."""

    source: str
    variance: float
    share: float


@dataclass(frozen=True)
class Decision:
    """With so many files and raters of each: `relative` (files' difficulty adjusted for) and `absolute` (not)."""

    files: int
    raters: int
    relative: Figure
    absolute: Figure


@dataclass(frozen=True)
class Study:
    """Parts and table are empty where `why_not` says what is missing. `enough`: files for a relative 0.8, if at most 100."""

    n: Figure
    parts: tuple[Part, ...]
    decisions: tuple[Decision, ...]
    enough: int | None
    enough_unadjusted: int | None
    why_not: str
    notes: tuple[str, ...]


def scores(marks: Iterable[Mark]) -> tuple[Score, ...]:
    """Each rater's mean share of each file, from first attempts; unscored marks are left out."""
    found: dict[tuple[str, str, str, str], list[float]] = {}
    for mark in first_attempts(marks):
        if mark.share is not None:
            found.setdefault((mark.trainee, mark.scenario, mark.unit, mark.rater), []).append(mark.share)
    return tuple(Score(*key, sum(shares) / len(shares)) for key, shares in found.items())


def study(marks: Iterable[Mark]) -> Study:
    """What scores vary by, and how sure a mean of so many files would be; nothing below 30 trainees with 3 files each."""
    rows = scores(marks)
    files: dict[str, set[str]] = {}
    for row in rows:
        files.setdefault(row.trainee, set()).add(row.unit)
    n = sum(len(units) >= FILES for units in files.values())
    if n < TRAINEES:
        lack = too_few(n, TRAINEES, f"trainees with {FILES} files or more", f"trainees with {FILES} files each")
        return Study(lack, (), (), None, None, lack.says, ())
    raters = {row.rater for row in rows}
    marked_by: dict[str, set[str]] = {}
    for row in rows:
        marked_by.setdefault(row.unit, set()).add(row.rater)
    double = any(len(by) > 1 for by in marked_by.values())
    if len(raters) > 1 and not (double and _linked(rows)):
        why = "no file was marked by two raters" if not double else "some raters share no file or trainee with the others"
        return Study(undefined(n, why), (), (), None, None, f"Not separable: {why}, so a rater's lean cannot be told from a trainee's work. Mark 10 to 25 % of files twice", ())  # fmt: skip
    sources = ("trainee", "file", "rater", "trainee on file") if len(raters) > 1 else ("trainee", "file")
    return _worked_out(rows, sources, n)


def _linked(rows: Sequence[Score]) -> bool:
    """Whether all raters hang together through trainees they share."""
    by_rater: dict[str, set[str]] = {}
    for row in rows:
        by_rater.setdefault(row.rater, set()).add(row.trainee)
    groups = list(by_rater.values())
    reached = groups.pop()
    while touching := [group for group in groups if group & reached]:
        reached = reached.union(*touching)
        groups = [group for group in groups if group not in touching]
    return not groups


def _codes(rows: Sequence[Score], sources: Sequence[str]) -> list[NDArray[np.int64]]:
    read: Mapping[str, list[str]] = {
        "trainee": [r.trainee for r in rows], "file": [r.scenario for r in rows], "rater": [r.rater for r in rows], "trainee on file": [r.unit for r in rows],
    }  # fmt: skip
    return [np.unique(read[source], return_inverse=True)[1].astype(np.int64) for source in sources]


def components(values: Array, codes: Sequence[NDArray[np.int64]]) -> Array:
    """Variances by source, then what is left, none cut at nought. `codes` give each value's level of each source."""
    whole = np.zeros(len(values), dtype=np.int64)
    groupings = [*codes, np.arange(len(values)), whole]
    squares, expected = [], []
    for by in groupings:
        count = np.bincount(by).astype(float)
        squares.append(float((np.bincount(by, values) ** 2 / count).sum()))
        row = []
        for of in codes:
            pairs = np.unique(by * (int(of.max()) + 1) + of, return_counts=True)
            row.append(float((pairs[1] ** 2 / count[pairs[0] // (int(of.max()) + 1)]).sum()))
        expected.append([*row, float(len(count))])
    left, right = np.array(expected[:-1]) - np.array(expected[-1]), np.array(squares[:-1]) - squares[-1]
    return np.asarray(np.linalg.lstsq(left, right, rcond=None)[0])


def coefficients(parts: Mapping[str, float], files: int, raters: int) -> tuple[float, float]:
    """The relative and the absolute coefficient of a mean over `files`, each with `raters` of its own."""
    person = parts["trainee"]
    relative = parts.get("trainee on file", 0.0) / files + parts["left"] / (files * raters)
    absolute = relative + parts["file"] / files + parts.get("rater", 0.0) / (files * raters)
    return tuple(person / (person + error) if person + error > 0 else 0.0 for error in (relative, absolute))  # type: ignore[return-value]


def _worked_out(rows: Sequence[Score], sources: Sequence[str], n: int) -> Study:
    values, codes = np.array([row.value for row in rows]), _codes(rows, sources)
    names = (*sources, "left")

    def parts_of(keep: NDArray[np.bool_]) -> dict[str, float]:
        chosen = [np.unique(code[keep], return_inverse=True)[1].astype(np.int64) for code in codes]
        return {name: max(0.0, float(v)) for name, v in zip(names, components(values[keep], chosen), strict=True)}

    everyone = np.ones(len(values), dtype=bool)
    parts = parts_of(everyone)
    total = sum(parts.values())
    if total <= 1e-12:
        return Study(undefined(n, "all scores are alike"), (), (), None, None, "All scores are alike: nothing can be told apart", ())
    without = [parts_of(codes[0] != one) for one in range(int(codes[0].max()) + 1)]
    raters = range(1, (MOST_RATERS if "rater" in sources else 1) + 1)
    decisions = tuple(
        Decision(files, by, *(_with_interval(parts, without, files, by, which, n) for which in (0, 1))) for by in raters for files in PLANNED
    )  # fmt: skip
    enough = [next((f for f in range(1, 101) if coefficients(parts, f, 1)[which] >= WANTED), None) for which in (0, 1)]
    notes = [f"{n} trainees with {FILES} files or more, {len(set(codes[1].tolist()))} files, {len(values)} scores; intervals are over trainees, with the files as they are"]
    if "rater" not in sources:
        notes.append("one rater, or the automatic marks: raters' lean is not in these figures")
    return Study(
        Figure(float(n), None, None, n, "plain"), tuple(Part(name, v, v / total) for name, v in parts.items()), decisions, enough[0], enough[1], "", tuple(notes),
    )  # fmt: skip


def _with_interval(parts: Mapping[str, float], without: Sequence[Mapping[str, float]], files: int, raters: int, which: int, n: int) -> Figure:
    """The coefficient with its jackknife interval, on the scale of log(1 - G), where it is nearly normal."""
    value = coefficients(parts, files, raters)[which]

    def scaled(g: float) -> float:
        return math.log(max(1e-6, 1 - g))

    left_out = np.array([scaled(coefficients(one, files, raters)[which]) for one in without])
    many = len(left_out)
    spread = math.sqrt((many - 1) / many * float(((left_out - left_out.mean()) ** 2).sum()))
    wide = float(stats.t.ppf(0.5 + CONFIDENCE / 2, many - 1)) * spread
    return Figure(value, max(0.0, 1 - math.exp(scaled(value) + wide)), min(1.0, 1 - math.exp(scaled(value) - wide)), n, "plain")

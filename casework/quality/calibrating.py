"""Raters beside the expert's marks and beside one another: how far they lie apart, and what is worth talking about.

Raters appear by alias, so that a meeting talks of marks and not of people. Intervals hold 90 %; files, not marks,
are counted, as the criteria of one file hang together. Hints and lists are for talk: nothing here ranks people.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

from casework.quality.figures import CONFIDENCE, Figure, too_few, undefined
from casework.quality.items import Question
from casework.quality.marks import Mark

FILES = 10  # The least for a rater's lean or spread to be shown.
CRITERIA = 3  # Of a file, the least from which a spread within it is taken.


@dataclass(frozen=True)
class Deviation:
    """A rater less the expert, in shares (-1 to 1): `signed` above nought is kinder, `apart` is the size alone. `criterion` None is all."""

    alias: str
    criterion: str | None
    signed: Figure
    apart: Figure


@dataclass(frozen=True)
class Said:
    """What one rater gave; `alias` is "expert" for the mark that others are set beside."""

    alias: str
    level: str
    share: float


@dataclass(frozen=True)
class Disagreement:
    """A criterion of one file on which raters differ; `spread` in shares, `points` the spread times the weight."""

    unit: str
    criterion: Question
    spread: float
    points: float
    said: tuple[Said, ...]


@dataclass(frozen=True)
class Halo:
    """How much a rater's marks differ within a file, as a ratio to the other raters' (1: as much as theirs); a hint where surely less."""

    alias: str
    ratio: Figure
    hint: bool


def aliases(marks: Iterable[Mark]) -> dict[str, str]:
    """Rater to alias, in an order that tells nothing of names or of who marked first; experts are "expert"."""
    marks = tuple(marks)
    experts = {mark.rater for mark in marks if mark.expert}
    others = {mark.rater for mark in marks} - experts
    salt = "\0".join(sorted({mark.unit for mark in marks}))
    ordered = sorted(others, key=lambda rater: hashlib.sha256(f"{salt}\0{rater}".encode()).digest())
    return {**dict.fromkeys(sorted(experts), "expert"), **{rater: f"rater {n}" for n, rater in enumerate(ordered, 1)}}


def deviations(marks: Iterable[Mark], names: Mapping[str, str]) -> tuple[Deviation, ...]:
    """Each rater beside the expert, over all criteria and then by criterion; fewer than ten files say so."""
    marks = tuple(mark for mark in marks if mark.share is not None)
    expert: dict[tuple[str, str], list[float]] = {}
    for mark in marks:
        if mark.expert and mark.share is not None:
            expert.setdefault((mark.unit, mark.criterion), []).append(mark.share)
    apart: dict[tuple[str, str | None], dict[str, list[float]]] = {(rater, None): {} for rater in names if names[rater] != "expert"}
    for mark in marks:
        key = mark.unit, mark.criterion
        if mark.expert or mark.share is None or key not in expert or names[mark.rater] == "expert":
            continue
        difference = mark.share - sum(expert[key]) / len(expert[key])
        for criterion in (None, mark.criterion):
            apart.setdefault((mark.rater, criterion), {}).setdefault(mark.unit, []).append(difference)
    order = sorted(apart, key=lambda key: (_place(names[key[0]]), key[1] is not None, key[1] or ""))
    return tuple(
        Deviation(names[rater], criterion, _mean([sum(d) / len(d) for d in files.values()], -1), _mean([sum(map(abs, d)) / len(d) for d in files.values()], 0))
        for rater, criterion in order for files in (apart[rater, criterion],)
    )  # fmt: skip


def _place(alias: str) -> tuple[int, str]:
    return (int(alias.rpartition(" ")[2]) if alias.rpartition(" ")[2].isdigit() else 0, alias)


def _mean(values: Sequence[float], least: float) -> Figure:
    """The mean over files with Student's interval, inside `least` to 1.

    Where all files are alike, that says nothing of the next one: each of n others could differ by as much as a whole
    step, in a share of files that is 1 - .05^(1/n) at most (Clopper and Pearson 1934).
    """
    n = len(values)
    if n < FILES:
        return too_few(n, FILES, "files that the expert marked too", "such files")
    mean = float(np.mean(values))
    tail = (1 - CONFIDENCE) / 2
    spread = float(np.std(values, ddof=1))
    wide = float(stats.t.ppf(1 - tail, n - 1)) * spread / math.sqrt(n) if spread > 1e-12 else 1 - tail ** (1 / n)
    return Figure(mean, max(least, mean - wide), min(1.0, mean + wide), n, "plain")


def disagreements(marks: Iterable[Mark], criteria: Sequence[Question], names: Mapping[str, str]) -> tuple[Disagreement, ...]:
    """Where raters of one file gave different levels: critical criteria first, then by points at stake, then by how many marked."""
    weighed = {criterion.id: criterion for criterion in criteria}
    together: dict[tuple[str, str], list[Said]] = {}
    for mark in marks:
        if mark.share is not None and mark.level is not None and mark.criterion in weighed:
            together.setdefault((mark.unit, mark.criterion), []).append(Said(names[mark.rater], mark.level, mark.share))
    found = []
    for (unit, id), said in together.items():
        spread = max(one.share for one in said) - min(one.share for one in said)
        if len({one.level for one in said}) > 1:
            in_order = tuple(sorted(said, key=lambda one: (one.alias != "expert", -one.share, _place(one.alias))))
            found.append(Disagreement(unit, weighed[id], spread, spread * weighed[id].weight, in_order))
    return tuple(sorted(found, key=lambda d: (d.criterion.critical is None, -d.points, -len(d.said), d.unit, d.criterion.id)))


def halo(marks: Iterable[Mark], names: Mapping[str, str]) -> tuple[Halo, ...]:
    """Whether a rater's marks differ less within a file than the other raters' do, as one impression that fills every box would.

    Each criterion is taken beside its own usual mark. The ratio is of standard deviations, its interval over files on the scale of logarithms.
    """
    marks = tuple(mark for mark in marks if mark.share is not None)
    usual: dict[str, list[float]] = {}
    for mark in marks:
        usual.setdefault(mark.criterion, []).append(mark.share or 0.0)
    means = {criterion: sum(shares) / len(shares) for criterion, shares in usual.items()}
    within: dict[str, dict[str, list[float]]] = {rater: {} for rater in names}
    for mark in marks:
        within[mark.rater].setdefault(mark.unit, []).append((mark.share or 0.0) - means[mark.criterion])
    spreads = {rater: [float(np.var(left, ddof=1)) for left in files.values() if len(left) >= CRITERIA] for rater, files in within.items()}
    found = []
    for rater in sorted((r for r in names if names[r] != "expert"), key=lambda r: _place(names[r])):
        ratio = _ratio(spreads[rater], [v for other in names if other != rater for v in spreads[other]])
        found.append(Halo(names[rater], ratio, ratio.high is not None and ratio.high < 1))
    return tuple(found)


def _ratio(own: Sequence[float], others: Sequence[float]) -> Figure:
    n = len(own)
    if n < FILES:
        return too_few(n, FILES, f"files with {CRITERIA} marks or more", "such files")
    if len(others) < FILES:
        return too_few(len(others), FILES, "files of other raters", "such files")
    if sum(own) <= 0 or sum(others) <= 0:
        return undefined(n, "the marks within a file never differ" if sum(own) <= 0 else "the others' marks within a file never differ")
    value = math.sqrt(np.mean(own) / np.mean(others))
    wide = float(stats.t.ppf(0.5 + CONFIDENCE / 2, min(n, len(others)) - 1)) * 0.5 * math.sqrt(_relative(own) + _relative(others))
    return Figure(value, value * math.exp(-wide), value * math.exp(wide), n, "plain")


def _relative(values: Sequence[float]) -> float:
    """The variance of the log of a mean."""
    return float(np.var(values, ddof=1)) / len(values) / float(np.mean(values)) ** 2

"""What a sample says of all files it was drawn from: a mean or a share, weighted by the chance of each file, with an interval.

Sources: Horvitz and Thompson 1952 (totals); Hajek 1971 (means, as a ratio of totals); Deville 1999 (variance from the chances of single files alone, which in a stratum
drawn with equal chances is the usual one); Korn and Graubard 1998 (a share by Clopper and Pearson with the effective number of files).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from scipy import special

from casework.model.errors import BadInput
from casework.quality.proportions import between, clopper_pearson
from casework.quality.sampling import Chosen, Draw


@dataclass(frozen=True)
class Estimate:
    """A share (0 to 1), a mean or a total of all files, with its interval and the number of files marked.

    `worth` is how many evenly drawn files would tell a share as surely. `low` and `high` are None where one drawn file
    stands for others of its stratum; `reason` says so, or which files the figure leaves out.
    """

    kind: Literal["share", "mean", "total"]
    value: float
    low: float | None
    high: float | None
    n: int
    worth: float | None = None
    reason: str | None = None


@dataclass(frozen=True)
class _Sum:
    """Horvitz-Thompson total over the `covered` files, with its variance (None if it cannot be told)."""

    total: Fraction
    covered: int
    variance: float | None
    freedom: int
    reason: str | None


def total(draw: Draw, values: Mapping[str, float], confidence: float = 0.95) -> Estimate:
    """The Horvitz-Thompson total over all files, with Student's interval; `values` by file id, one for each drawn file."""
    found = _sum(draw, {id: Fraction(value) for id, value in values.items()})
    return _bounded("total", float(found.total), 1, found, len(draw.chosen), confidence)


def mean(draw: Draw, values: Mapping[str, float], confidence: float = 0.95) -> Estimate:
    """The mean over all files, with Student's interval: the ratio of the totals of the values and of the files.

    The number of files is known, and is estimated all the same: by weight, too many or too few of them are stood for
    as it falls, and in the ratio that falls out.
    """
    value, found = _ratio(draw, {id: Fraction(value) for id, value in values.items()})
    return _bounded("mean", float(value), found.covered, found, len(draw.chosen), confidence)


def _bounded(kind: Literal["total", "mean"], value: float, over: int, found: _Sum, n: int, confidence: float) -> Estimate:
    between("confidence", confidence)
    if found.variance is None:
        return Estimate(kind, value, None, None, n, None, found.reason)
    half = _student(found.freedom, confidence) * math.sqrt(found.variance) / over
    return Estimate(kind, value, value - half, value + half, n, None, found.reason)


def share(draw: Draw, hits: Mapping[str, bool], confidence: float = 0.95) -> Estimate:
    """The share of all files that hit, as `mean`; none hit in the sample is not none among all files."""
    between("confidence", confidence)
    exact, found = _ratio(draw, {id: Fraction(hit) for id, hit in hits.items()})
    p, n = float(exact), len(draw.chosen)
    if n == found.covered:
        return Estimate("share", p, p, p, n, float(n), found.reason)
    if found.variance is None:
        return Estimate("share", p, None, None, n, None, found.reason)
    if 0 < p < 1 and found.variance > 0:
        # Fewer degrees of freedom than files widen the interval by the square of what Student's t then grows by.
        wider = _student(found.freedom, confidence) / _student(n - 1, confidence)
        worth = min(p * (1 - p) / (found.variance / found.covered**2) / wider**2, float(found.covered))
    else:
        # All alike: there is no spread to reckon with, so the weights alone say what the files are worth.
        uncertain = [float(1 / c.inclusion) for c in draw.chosen if c.inclusion < 1]
        worth = sum(uncertain) ** 2 / sum(w * w for w in uncertain)
    bounds = clopper_pearson(p * worth, worth, confidence)
    return Estimate("share", p, bounds.low, bounds.high, n, worth, found.reason)


def _student(freedom: int, confidence: float) -> float:
    return float(special.stdtrit(max(1, freedom), (1 + confidence) / 2))


def _ratio(draw: Draw, values: Mapping[str, Fraction]) -> tuple[Fraction, _Sum]:
    """The mean over all files, and the sum of what each differs from it, whose variance is the mean's."""
    value = _sum(draw, values).total / sum((1 / c.inclusion for c in draw.chosen), Fraction(0))
    return value, _sum(draw, {id: one - value for id, one in values.items()})


def _sum(draw: Draw, values: Mapping[str, Fraction]) -> _Sum:
    missing = [c.file.id for c in draw.chosen if c.file.id not in values]
    if missing or not draw.chosen:
        raise BadInput(f"{len(missing)} of {len(draw.chosen)} drawn files have no value{', ' + repr(missing[0]) + ' first' if missing else ''}; an estimate needs every one of them")
    strata: dict[str, list[Chosen]] = {}
    for one in draw.chosen:
        strata.setdefault(one.stratum, []).append(one)
    left_out = sum(s.files for s in draw.strata if not s.drawn)
    reason = f"{left_out} files of strata that nothing was drawn from are not in the figure" if left_out else None
    variance, freedom, alone = 0.0, 0, None
    for name, rows in strata.items():
        uncertain = [c for c in rows if c.inclusion < 1]
        if len(uncertain) == 1:
            alone = name
        elif uncertain:
            variance += _spread(uncertain, values)
            freedom += len(uncertain) - 1
    if alone is not None:
        reason = f"one file stands for others in {alone}, which tells nothing of how they differ"
    every = sum((values[c.file.id] / c.inclusion for c in draw.chosen), Fraction(0))
    return _Sum(every, draw.frame_size - left_out, None if alone is not None else variance, freedom, reason)


def _spread(rows: list[Chosen], values: Mapping[str, Fraction]) -> float:
    """The variance of a stratum's total, by Deville."""
    left = [float(1 - c.inclusion) for c in rows]
    part = [one / sum(left) for one in left]
    worth = [float(values[c.file.id] / c.inclusion) for c in rows]
    middle = sum(a * w for a, w in zip(part, worth, strict=True))
    squares = sum(one * (w - middle) ** 2 for one, w in zip(left, worth, strict=True))
    return squares / (1 - sum(a * a for a in part))

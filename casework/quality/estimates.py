"""What a sample says of all files it was drawn from: a mean or a share, weighted by the chance of each file, with an interval.

Sources: Horvitz and Thompson 1952; Deville 1999 (variance from the chances of single files alone, which in a stratum
drawn with equal chances is the usual one); Korn and Graubard 1998 (a share by Clopper and Pearson with the effective number of files).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from scipy import special

from casework.model.errors import BadInput
from casework.quality.proportions import between, clopper_pearson
from casework.quality.sampling import Chosen, Draw


@dataclass(frozen=True)
class Estimate:
    """A figure for the whole frame with its interval, the files marked, and how many drawn evenly would be worth as much.

    `low` and `high` are None where a stratum with one drawn file leaves the spread unknown; `reason` says so.
    """

    value: float
    low: float | None
    high: float | None
    n: int
    worth: float | None
    reason: str | None = None


@dataclass(frozen=True)
class _Total:
    total: float
    variance: float | None
    freedom: int
    reason: str | None


def mean(draw: Draw, values: Mapping[str, float], confidence: float = 0.95) -> Estimate:
    """The mean over all files of the frame, with Student's interval; `values` by file id, one for each drawn file."""
    between("confidence", confidence)
    found = _total(draw, values)
    value = found.total / draw.frame_size
    if found.variance is None:
        return Estimate(value, None, None, len(draw.chosen), None, found.reason)
    if not found.variance:
        return Estimate(value, value, value, len(draw.chosen), None)
    half = float(special.stdtrit(max(1, found.freedom), (1 + confidence) / 2)) * math.sqrt(found.variance) / draw.frame_size
    return Estimate(value, value - half, value + half, len(draw.chosen), None)


def share(draw: Draw, hits: Mapping[str, bool], confidence: float = 0.95) -> Estimate:
    """The share of all files of the frame that hit, 0 to 1; none hit in the sample is not none in the frame."""
    between("confidence", confidence)
    found = _total(draw, {id: float(hit) for id, hit in hits.items()})
    p, n = min(1.0, max(0.0, found.total / draw.frame_size)), len(draw.chosen)
    if n == draw.frame_size:
        return Estimate(p, p, p, n, float(n))
    if found.variance is None:
        return Estimate(p, None, None, n, None, found.reason)
    if 0 < p < 1 and found.variance > 0:
        # Degrees of freedom widen the interval by the square of what Student's t is beyond a plain count's.
        t = [float(special.stdtrit(max(1, k), (1 + confidence) / 2)) for k in (n - 1, found.freedom)]
        worth = min(p * (1 - p) / (found.variance / draw.frame_size**2) * (t[0] / t[1]) ** 2, float(draw.frame_size))
    else:
        # All alike: nothing to reckon a spread from, so the weights alone say what the files are worth.
        uncertain = [float(1 / c.inclusion) for c in draw.chosen if c.inclusion < 1] or [1.0]
        worth = sum(uncertain) ** 2 / sum(w * w for w in uncertain)
    bounds = clopper_pearson(p * worth, worth, confidence)
    return Estimate(p, bounds.low, bounds.high, n, worth)


def _total(draw: Draw, values: Mapping[str, float]) -> _Total:
    """The Horvitz-Thompson total with its variance by strata (None if one drawn file stands for others)."""
    missing = [c.file.id for c in draw.chosen if c.file.id not in values]
    if missing:
        raise BadInput(f"{len(missing)} drawn files have no value, {missing[0]!r} first; an estimate needs every one of them")
    strata: dict[str, list[Chosen]] = {}
    for one in draw.chosen:
        strata.setdefault(one.stratum, []).append(one)
    unseen = [s.name for s in draw.strata if s.files and not s.drawn]
    total, variance, freedom = 0.0, 0.0, 0
    reason = f"nothing was drawn from {unseen[0]}, so its files are not in the figure" if unseen else None
    for name, rows in strata.items():
        total += sum(values[c.file.id] / float(c.inclusion) for c in rows)
        uncertain = [c for c in rows if c.inclusion < 1]
        if len(uncertain) == 1:
            reason = reason or f"one file stands for others in {name}, which tells nothing of how they differ"
        elif uncertain:
            variance += _spread(uncertain, values)
            freedom += len(uncertain) - 1
    return _Total(total, None if reason else variance, freedom, reason)


def _spread(rows: list[Chosen], values: Mapping[str, float]) -> float:
    left = [float(Fraction(1) - c.inclusion) for c in rows]
    whole = sum(left)
    part = [one / whole for one in left]
    worth = [values[c.file.id] / float(c.inclusion) for c in rows]
    middle = sum(a * w for a, w in zip(part, worth, strict=True))
    squares = sum(one * (w - middle) ** 2 for one, w in zip(left, worth, strict=True))
    return squares / (1 - sum(a * a for a in part))

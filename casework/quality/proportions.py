"""Proportions of files: intervals, sizes of samples, and how likely a plan of acceptance passes a given error rate.

Everything is reckoned from counts, exactly where there is an exact way (binomial, or hypergeometric where the
number of files is known). Wrong numbers are BadInput, named as they are asked for on the command line.

Sources: Wilson 1927; Newcombe 1998; Clopper and Pearson 1934; Cochran 1977, chapter 4 (sample size with a finite
population); Hahn and Meeker 1991 (zero defects); Dodge and Romig 1929 (operating characteristic).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from statistics import NormalDist
from typing import Literal

from casework.model.errors import BadInput

Side = Literal["both", "lower", "upper"]
SIDES: tuple[Side, ...] = ("both", "lower", "upper")
MOST = 1_000_000  # Files; a plan that needs more is no plan.


@dataclass(frozen=True)
class Interval:
    """A share with its bounds, all 0 to 1; an open side lies at 0 or 1."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class AcceptancePlan:
    """Look at `files`; the group is accepted with at most `allowed` files in error. `population` is None for a very large one."""

    files: int
    allowed: int
    population: int | None = None

    def accepted(self, rate: float) -> float:
        """The chance (0 to 1) that a group with this error rate is accepted: the operating characteristic.

        Of a known number of files, `rate` of them are in error, rounded up to whole files.
        """
        from scipy import (  # Slow to import; whoever asks for Wilson's interval alone does not wait for it.
            special,
            stats,
        )

        within("rate", rate, 0, 1)
        if self.population is None:
            return float(special.bdtr(self.allowed, self.files, rate)) if self.allowed < self.files else 1.0
        return float(stats.hypergeom.cdf(self.allowed, self.population, at_least(rate, self.population), self.files))


def within(name: str, value: float, low: float, high: float) -> None:
    """Nothing; BadInput if a number is not from `low` to `high`."""
    if not low <= value <= high:
        raise BadInput(f"{name}: found {value:g}; allowed: {low:g} to {high:g}")


def between(name: str, value: float) -> None:
    """Nothing; BadInput if a share is not strictly between 0 and 1."""
    if not 0 < value < 1:
        raise BadInput(f"{name}: found {value:g}; allowed: between 0 and 1, both left out, such as 0.95")


def whole(name: str, value: int, low: int, high: int = MOST) -> None:
    """Nothing; BadInput if a count is not from `low` to `high`."""
    if not low <= value <= high:
        raise BadInput(f"{name}: found {value:,}; allowed: {low:,} to {high:,}")


def at_least(rate: float, population: int) -> int:
    """The least number of files that is not below a rate; 0.1 of 30 is 3, whatever binary fractions make of it."""
    return math.ceil(Fraction(f"{rate:.12g}") * population)


def _tail(confidence: float, side: Side) -> float:
    between("confidence", confidence)
    if side not in SIDES:
        raise BadInput(f"side: found {side!r}; allowed: {', '.join(SIDES)}")
    return (1 - confidence) / 2 if side == "both" else 1 - confidence


def _open(value: float, low: float, high: float, side: Side) -> Interval:
    return Interval(value, 0.0 if side == "upper" else max(0.0, low), 1.0 if side == "lower" else min(1.0, high))


def wilson(hits: float, n: int, confidence: float = 0.95, side: Side = "both") -> Interval:
    """The share of hits with Wilson's interval: close to the stated confidence on average, never outside 0 to 1.

    Hits may be a sum of shares; the interval is then wider than it need be, as shares vary less than hits.
    """
    whole("files", n, 1)
    within("hits", hits, 0, n)
    z = -NormalDist().inv_cdf(_tail(confidence, side))
    p, wide = hits / n, z * z / n
    middle, half = (p + wide / 2) / (1 + wide), z / (1 + wide) * math.sqrt(p * (1 - p) / n + wide / (4 * n))
    # At the ends the bound is the end itself, which subtraction misses by a rounding.
    return _open(p, 0.0 if hits == 0 else middle - half, 1.0 if hits == n else middle + half, side)


def clopper_pearson(hits: float, n: float, confidence: float = 0.95, side: Side = "both") -> Interval:
    """The share of hits with the exact interval, which holds the truth at least as often as stated.

    Both counts may be fractions, as the effective counts of a weighted sample are.
    """
    from scipy import special

    within("files", n, 0, math.inf)
    within("hits", hits, 0, n)
    tail = _tail(confidence, side)
    low = 0.0 if hits == 0 else float(special.betaincinv(hits, n - hits + 1, tail))
    high = 1.0 if hits == n else float(special.betaincinv(hits + 1, n - hits, 1 - tail))
    return _open(hits / n if n else math.nan, low, high, side)


@dataclass(frozen=True)
class Needed:
    """Files needed, before and after rounding up."""

    raw: float
    files: int


def files_for_margin(margin: float, confidence: float = 0.95, share: float = 0.5, population: int | None = None) -> Needed:
    """Files needed to know a share to within `margin` either way; a share of one half is the worst that can be.

    By Cochran: z^2 p (1 - p) / margin^2, over 1 + (that - 1) / population where the population is known.
    """
    between("margin", margin)
    between("share", share)
    z = -NormalDist().inv_cdf(_tail(confidence, "both"))
    raw = z * z * share * (1 - share) / margin**2
    if population is not None:
        whole("population", population, 1)
        raw = raw / (1 + (raw - 1) / population)
    return Needed(raw, max(1, math.ceil(raw - 1e-9)))


def files_for_assurance(errors_below: float, assurance: float, allowed: int = 0, population: int | None = None) -> AcceptancePlan:
    """The smallest plan that shows errors to be below a rate: a group at that rate, or worse, passes with 1 - `assurance` at most.

    BadInput where it cannot be shown: a group so small that `allowed` errors are themselves the rate.
    """
    between("errors below", errors_below)
    between("assurance", assurance)
    whole("allow", allowed, 0)
    if population is not None:
        whole("population", population, 1)
        bad = at_least(errors_below, population)
        if bad <= allowed:
            raise BadInput(
                f"allow: found {allowed}; of {population} files {bad} in error are {errors_below:.4g} already. Allow fewer, or ask for a higher rate"
            )
    low, high = allowed + 1, population if population is not None else MOST

    def shown(n: int) -> bool:
        return AcceptancePlan(n, allowed, population).accepted(errors_below) <= 1 - assurance + 1e-12

    if not shown(high):
        raise BadInput(f"errors below: found {errors_below:g}; more than {MOST:,} files would be needed. Ask for a higher rate, or less assurance")
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if shown(middle) else (middle + 1, high)
    return AcceptancePlan(low, allowed, population)


def acceptance_plan(good: float, bad: float, alpha: float = 0.05, beta: float = 0.1, population: int | None = None) -> AcceptancePlan:
    """The smallest plan that accepts a group with error rate `good` at least 1 - `alpha` of the time, and one with `bad` at most `beta`.

    Alpha is the assistant's risk (good work refused), beta the member's (bad work accepted).
    """
    for name, value in (("good", good), ("bad", bad), ("alpha", alpha), ("beta", beta)):
        between(name, value)
    if good >= bad:
        raise BadInput(f"good: found {good:g}; it must be below the rate that is bad, {bad:g}")
    for allowed in range(1_000):
        plan = files_for_assurance(bad, 1 - beta, allowed, population)
        if plan.accepted(good) >= 1 - alpha:
            return plan
    raise BadInput(f"good and bad: found {good:g} and {bad:g}; no plan with fewer than 1,000 errors allowed tells them apart")

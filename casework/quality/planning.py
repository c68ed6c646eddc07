"""How many files must be looked at to see a fall in quality, by the exact chance of seeing it.

The chance rises with the number of files in the shape of a saw, because a count of errors cannot be split. A plan
therefore names two numbers: the first at which the wanted chance is reached, and the one from which it stays
reached. The second is the plan: losing a file or adding one must not break it.

Sources: Chernick and Liu 2002 (saw-toothed power of the exact binomial test); Fisher 1935 (exact test of two groups).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from scipy import special, stats

from casework.model.errors import BadInput
from casework.quality.proportions import at_least, between, whole

Against = Literal["standard", "period"]
AGAINST: tuple[Against, ...] = ("standard", "period")
MOST = 100_000  # Files a group; beyond it a plan is refused.
NEGLIGIBLE = 1e-13  # Chances left out at each end when two periods are compared.
Floats = NDArray[np.float64]
Counts = NDArray[np.int64]


@dataclass(frozen=True)
class FallPlan:
    """Files a group (and, against a period, in each period) that show a fall with the chance asked for.

    `files` is the number from which `power` stays reached, up to `looked_to`; `first` the least that reaches it.
    `alarm_at` is the least count of files in error that says "fallen" (None between two periods, where it depends on
    the first one's count). `false_alarm` is the true chance of crying fallen when nothing has.
    """

    before: float
    after: float
    wanted: float
    alpha: float
    sides: int
    against: Against
    population: int | None
    first: int
    files: int
    looked_to: int
    power: float
    false_alarm: float
    alarm_at: int | None


def plan(
    before: float, after: float, power: float = 0.8, alpha: float = 0.05, sides: int = 1,
    against: Against = "standard", population: int | None = None,
) -> FallPlan:  # fmt: skip
    """Files needed to see quality fall from `before` to `after` (shares of files that are right).

    Against a fixed standard by the exact binomial test, or the hypergeometric where the population is known; between
    two periods of the same size by Fisher's exact test. A two-sided test spends half of alpha on each side.
    """
    for name, value in (("from", before), ("to", after), ("power", power), ("alpha", alpha)):
        between(name, value)
    if after >= before:
        raise BadInput(f"to: found {after:g}; a fall ends below where it begins, {before:g}")
    if power <= alpha:
        raise BadInput(f"power: found {power:g}; it must be above alpha, {alpha:g}")
    if sides not in (1, 2):
        raise BadInput(f"sides: found {sides}; allowed: 1 (a fall only), 2 (any change)")
    if against not in AGAINST:
        raise BadInput(f"against: found {against!r}; allowed: {', '.join(AGAINST)}")
    if against == "period":
        if population is not None:
            raise BadInput("population: two periods are compared as if many more files stood behind each; leave it out, or compare with a standard")
        return _between_periods(before, after, power, alpha, sides)
    if population is not None:
        whole("population", population, 2)
        if at_least(after, population) == at_least(before, population):
            raise BadInput(f"population: of {population} files, {before:g} and {after:g} are the same whole number of files; plan for a larger fall")
    return _against_standard(before, after, power, alpha, sides, population)


def _at_least(population: int | None, quality: float) -> Callable[[Counts, Counts], Floats]:
    """The chance that k of n files or more are in error; of a known number of files, whole ones are."""
    if population is None:
        return lambda k, n: np.where(k <= 0, 1.0, special.bdtrc(np.clip(k - 1, 0, n), n, 1 - quality))
    bad = population - at_least(quality, population)
    return lambda k, n: stats.hypergeom.sf(k - 1, population, bad, n)


def _first(holds: Callable[[Counts], NDArray[np.bool_]], n: Counts) -> Counts:
    """For each n the least k of 0 to n + 1 at which something holds that then goes on holding."""
    low, high = np.zeros_like(n), n + 1
    while (low < high).any():
        middle = (low + high) // 2
        now = holds(middle) | (low >= high)
        low, high = np.where(now, low, middle + 1), np.where(now, np.minimum(middle, high), high)
    return low


@dataclass(frozen=True)
class _Powers:
    power: Floats
    false_alarm: Floats
    alarm_at: Counts


def _standard_powers(n: Counts, before: float, after: float, alpha: float, sides: int, population: int | None) -> _Powers:
    """Power and size of the exact test at each n."""
    held, fallen = _at_least(population, before), _at_least(population, after)
    alarm = _first(lambda k: held(k, n) <= alpha / sides + 1e-12, n)
    power, size = fallen(alarm, n), held(alarm, n)
    if sides == 2:
        # Fewer than this many in error say that quality has risen.
        risen = _first(lambda k: 1 - held(k + 1, n) > alpha / 2 + 1e-12, n)
        power, size = power + 1 - fallen(risen, n), size + 1 - held(risen, n)
    return _Powers(power, size, alarm)


def _stable(power: Floats, wanted: float) -> tuple[int, int] | None:
    """The first place that reaches the power, and the one from which it stays; None if the last misses it."""
    missed = np.flatnonzero(power < wanted - 1e-12)
    if not len(missed):
        return 0, 0
    if missed[-1] == len(power) - 1:
        return None
    return int(np.flatnonzero(power >= wanted - 1e-12)[0]), int(missed[-1]) + 1


def _against_standard(before: float, after: float, wanted: float, alpha: float, sides: int, population: int | None) -> FallPlan:
    top = min(_normal(before, after, wanted, alpha / sides) * 2 + 100, population or MOST)
    while True:
        n = np.arange(1, top + 1)
        found = _standard_powers(n, before, after, alpha, sides, population)
        at = _stable(found.power, wanted)
        # Teeth get smaller as n grows: half of the stretch looked at without a miss is taken for good.
        if at is not None and (top == population or (at[1] + 1) * 1.5 <= top):
            first, stays = at
            return FallPlan(
                before, after, wanted, alpha, sides, "standard", population, first + 1, stays + 1, top,
                float(found.power[stays]), float(found.false_alarm[stays]), int(found.alarm_at[stays]),
            )  # fmt: skip
        if top >= (population or MOST):
            raise BadInput(_too_near(before, after))
        top = min(top * 2, population or MOST)


def _normal(before: float, after: float, wanted: float, tail: float) -> int:
    """The normal approximation, which only tells where to begin to look."""
    z, b = -float(special.ndtri(tail)), float(special.ndtri(wanted))
    spread = z * (before * (1 - before)) ** 0.5 + b * (after * (1 - after)) ** 0.5
    return int((spread / (before - after)) ** 2) + 1


def _too_near(before: float, after: float) -> str:
    return f"to: {after:g} is so near {before:g} that more than {MOST:,} files would be needed; plan for a larger fall"


def two_period_power(n: int, before: float, after: float, alpha: float, sides: int) -> float:
    """The chance that Fisher's exact test says "fallen" (or, two-sided, "changed") with n files in each period."""
    first, second = (_likely(n, 1 - share) for share in (before, after))
    top = int(first[-1] + second[-1])
    both, one = np.arange(top + 1)[:, None], np.arange(min(n, top) + 1)[None, :]
    log = _choose(n, one) + _choose(n, both - one) - _choose(2 * n, both)
    chance = np.exp(np.where((one <= both) & (both - one <= n), log, -np.inf))
    # Rows are the errors of both periods together; upper[t, k]: chance of k or more of them in the second.
    upper = np.cumsum(chance[:, ::-1], axis=1)[:, ::-1]
    weight = np.outer(_mass(first, n, 1 - before), _mass(second, n, 1 - after))
    a, b = first[:, None], second[None, :]
    alarms = upper[a + b, np.minimum(b, upper.shape[1] - 1)] <= alpha / sides + 1e-12
    if sides == 2:
        alarms |= upper[a + b, np.minimum(a, upper.shape[1] - 1)] <= alpha / 2 + 1e-12
    return float((weight * alarms).sum())


def _likely(n: int, rate: float) -> Counts:
    """The counts that are not negligible."""
    low, high = stats.binom.ppf(NEGLIGIBLE, n, rate), stats.binom.isf(NEGLIGIBLE, n, rate)
    return np.arange(max(0, int(low)), min(n, int(high)) + 1)


def _mass(k: Counts, n: int, rate: float) -> Any:
    return stats.binom.pmf(k, n, rate)


def _choose(n: int, k: Counts) -> Any:
    """The logarithm of n over k; the caller leaves out what is impossible."""
    return special.gammaln(n + 1) - special.gammaln(np.clip(k, 0, n) + 1.0) - special.gammaln(n - np.clip(k, 0, n) + 1.0)


def _between_periods(before: float, after: float, wanted: float, alpha: float, sides: int) -> FallPlan:
    seen: dict[int, float] = {}

    def power(n: int) -> float:
        if n not in seen:
            seen[n] = two_period_power(n, before, after, alpha, sides)
        return seen[n]

    high = max(2, 2 * _normal(before, after, wanted, alpha / sides))
    while power(high) < wanted:
        high *= 2
        if high > 20_000:
            raise BadInput(_too_near(before, after))
    low = 1
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if power(middle) >= wanted else (middle, high)
    # Bisection lands on some tooth; the teeth around it are looked at one by one.
    begin, end = max(1, int(high * 0.9) - 10), int(high * 1.1) + 10
    at = None
    while at is None:
        at = _stable(np.array([power(n) for n in range(begin, end + 1)]), wanted)
        if at is not None and at[0] == 0 and begin > 1:
            at, begin = None, max(1, begin - 20)
        elif at is None:
            end += 20
    files = begin + at[1]
    return FallPlan(
        before, after, wanted, alpha, sides, "period", None, begin + at[0], files, end, power(files),
        two_period_power(files, before, before, alpha, sides), None,
    )  # fmt: skip

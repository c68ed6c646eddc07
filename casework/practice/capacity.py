"""The caseload at which a target is met: looked for roughly on a few runs, then closely on all, with its interval.

The interval has the caseloads at which the target lies inside the bootstrap-t interval of the share in time (Efron 1981;
2,000 resamples of runs): a few bad quarters make that share lopsided, and plain percentiles of resamples held the truth
in only three trials of four.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.random import SeedSequence, default_rng

from casework.model.simulations import share
from casework.practice import assumed, carrying
from casework.practice.assumed import Way, World
from casework.practice.carrying import Mapper
from casework.practice.simulating import Floats

LOOKED = 24  # Runs of the first, rough look for where the target is met.
ROUGH = (0.2, 0.35, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0, 1.1)  # Parts of the caseload whose work fills the desk.
FINE = (0.7, 0.85, 0.93, 1.0, 1.07, 1.15)  # Parts of the caseload found so.
WIDER, LOWER, HIGHER = 3, 0.6, 1.2  # How often, and by what parts of the last level, more is looked at.
RESAMPLES, LEVEL = 2_000, 0.9


@dataclass(frozen=True)
class Carried:
    """The caseload at which the target is met: over all runs with its interval, and in each resample of them."""

    value: float
    low: float
    high: float
    resampled: Floats
    levels: tuple[int, ...]
    shares: Floats


def _shares(held: World, grid: Sequence[tuple[Way, tuple[int, ...]]], seed: int, runs: int, mapper: Mapper) -> list[Floats]:
    """For each way, the share in time by run and level of caseload, shape (runs, levels)."""
    flat = [assumed.at_cases(one, cases) for one, levels in grid for cases in levels]
    found = carrying.many(held, flat, seed, runs, mapper)[:, :, 0]
    # A run in which nothing fell due had nothing late.
    found = np.where(np.isnan(found), 1.0, found)
    edges = np.cumsum([len(levels) for _, levels in grid])[:-1]
    return np.split(found, edges, axis=1)


def _levels(around: float, parts: Sequence[float]) -> tuple[int, ...]:
    return tuple(sorted({max(1, round(around * part)) for part in parts}))


def find(held: World, ways: Sequence[Way], seed: int, runs: int, mapper: Mapper) -> list[Carried]:
    """For each way the caseload at which the target is met: a rough look on a few runs, then a fine one on all."""
    target = share(held.simulation.target)
    full = [one.open_cases / assumed.load(held, one) for one in ways]
    rough = [(one, _levels(at, ROUGH)) for one, at in zip(ways, full, strict=True)]
    seen = _shares(held, rough, seed, min(LOOKED, runs), mapper)
    near = [crossing(levels, shares.mean(axis=0)[None], target)[0] for (_, levels), shares in zip(rough, seen, strict=True)]
    seen_at = [_levels(max(at, 1.0), FINE) for at in near]
    shares = _shares(held, list(zip(ways, seen_at, strict=True)), seed, runs, mapper)
    weights = default_rng(SeedSequence(entropy=(seed, runs))).multinomial(runs, np.full(runs, 1 / runs), RESAMPLES) / runs
    for _ in range(WIDER):
        # Where the target may lie beyond what was looked at, look there too.
        more = [_beyond(_found(levels, part, weights, target)) for levels, part in zip(seen_at, shares, strict=True)]
        if not any(more):
            break
        added = iter(_shares(held, [(one, levels) for one, levels in zip(ways, more, strict=True) if levels], seed, runs, mapper))
        for n, levels in enumerate(more):
            if levels:
                together, part = (*seen_at[n], *levels), np.concatenate([shares[n], next(added)], axis=1)
                order = np.argsort(together)
                seen_at[n], shares[n] = tuple(together[k] for k in order), part[:, order]
    return [_found(levels, part, weights, target) for levels, part in zip(seen_at, shares, strict=True)]


def _found(levels: tuple[int, ...], shares: Floats, weights: Floats, target: float) -> Carried:
    """Where the target is met, from shares (runs, levels) and the weights of runs in each resample (resamples, runs)."""
    runs, middle, means = len(shares), shares.mean(axis=0), weights @ shares
    with np.errstate(divide="ignore", invalid="ignore"):
        spread = np.sqrt(np.maximum(weights @ shares**2 - means**2, 0) / runs)
        apart = np.where(spread > 0, (means - middle) / spread, 0.0)
    below, above = np.percentile(apart, [50 - 50 * LEVEL, 50 + 50 * LEVEL], axis=0)
    error = shares.std(axis=0) / math.sqrt(runs)
    ends = crossing(levels, np.array([middle, middle - above * error, np.minimum(middle - below * error, 1.0)]), target)
    value, low, high = ends.tolist()
    return Carried(value, low, high, crossing(levels, means, target), levels, shares)


def _beyond(one: Carried) -> tuple[int, ...]:
    """Levels below or above those seen, where the interval or one resample in a hundred ends at the edge."""
    first, last = one.levels[0], one.levels[-1]
    below = first > 1 and (one.low == 0 or (one.resampled == 0).mean() >= 0.01)
    above = one.high == last or (one.resampled == last).mean() >= 0.01
    return ((max(1, round(first * LOWER)),) if below else ()) + ((round(last * HIGHER) + 1,) if above else ())


def crossing(levels: Sequence[int], curves: Floats, target: float) -> Floats:
    """Where each curve (…, levels) falls to the target, between levels in a straight line; nought if it never reaches it.

    A curve that stays above it to the last level ends there: more was not looked at.
    """
    falling = np.minimum.accumulate(curves, axis=1)
    cases, found = np.array(levels, float), np.empty(len(falling))
    for n, curve in enumerate(falling):
        above = int((curve >= target).sum())
        if above in (0, len(cases)):
            found[n] = cases[-1] if above else 0.0
            continue
        step = (curve[above - 1] - target) / (curve[above - 1] - curve[above])
        found[n] = cases[above - 1] + step * (cases[above] - cases[above - 1])
    return found

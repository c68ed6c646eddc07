"""Waits by recursion, many runs at once: the quick way where service is first come first served.

With one server a customer's wait follows from the one before (Lindley 1952): W' = max(0, W + S - T), for service S and
time T between arrivals. With several, from how long each server is still taken, in order (Kiefer and Wolfowitz 1955).
The recursions give what `stations.starts` gives event by event, customer by customer (a test holds them together).

Randomness comes from one seed: run k has the k-th child of it (numpy's SeedSequence), and each quantity of a run a child
of its own. So results are the same on any number of workers, and two policies that are compared meet the same
arrivals, the same efforts and the same mishaps (common random numbers): what differs is the policy.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from heapq import heapreplace

import numpy as np
from numpy.random import Generator, SeedSequence, default_rng
from numpy.typing import NDArray
from scipy import stats

from casework.model.errors import BadInput

Floats = NDArray[np.float64]
MANY = 60  # Runs from which on one step of all runs at once beats a step of each.


def children(seed: int, run: int, names: Sequence[str]) -> dict[str, Generator]:
    """A generator for each named quantity of one run, each its own, whatever else is drawn.

    The order of names counts. A longer draw from one generator begins with the shorter one.
    """
    spawned = SeedSequence(entropy=seed, spawn_key=(run,)).spawn(len(names))
    return {name: default_rng(child) for name, child in zip(names, spawned, strict=True)}


def waits(arrivals: Floats, services: Floats, servers: int) -> Floats:
    """How long each customer waits for one of `servers`, first come first served; shape (runs, customers), as given.

    Arrivals must not fall along a run. One unit of time throughout. BadInput on other shapes.
    """
    if arrivals.ndim != 2 or arrivals.shape != services.shape:
        raise BadInput(f"arrivals and services: found shapes {arrivals.shape} and {services.shape}; allowed: (runs, customers), both the same")
    if servers < 1:
        raise BadInput(f"servers: found {servers}; allowed: 1 or more")
    if servers == 1:
        return _lindley(arrivals, services)
    if len(arrivals) < MANY:
        return np.array([_run(a, s, servers) for a, s in zip(arrivals, services, strict=True)]).reshape(arrivals.shape)
    return _kiefer_wolfowitz(arrivals, services, servers)


def _lindley(arrivals: Floats, services: Floats) -> Floats:
    """One server, without a loop: the recursion is a walk less the lowest that it has been."""
    walk = np.zeros_like(arrivals)
    np.cumsum(services[:, :-1] - np.diff(arrivals, axis=1), axis=1, out=walk[:, 1:])
    return walk - np.minimum.accumulate(walk, axis=1)


def _run(arrivals: Floats, services: Floats, servers: int) -> list[float]:
    """One run: `free` is a heap of when each server is free; whoever comes takes the earliest."""
    free, found = [0.0] * servers, []
    for comes, lasts in zip(arrivals.tolist(), services.tolist(), strict=True):
        begins = free[0]
        if begins < comes:
            begins = comes
        found.append(begins - comes)
        heapreplace(free, begins + lasts)
    return found


def _kiefer_wolfowitz(arrivals: Floats, services: Floats, servers: int) -> Floats:
    """All runs in step, customer by customer; `free` (servers, runs) is kept sorted by one pass of exchanges."""
    runs, customers = arrivals.shape
    comes, lasts = np.ascontiguousarray(arrivals.T), np.ascontiguousarray(services.T)
    begins = np.empty((customers, runs))
    free, low = np.zeros((servers, runs)), np.empty(runs)
    for n in range(customers):
        np.maximum(free[0], comes[n], out=begins[n])
        np.add(begins[n], lasts[n], out=free[0])
        # The new time sinks to its place: only neighbours are exchanged, since the rest is in order.
        for k in range(servers - 1):
            np.minimum(free[k], free[k + 1], out=low)
            np.maximum(free[k], free[k + 1], out=free[k + 1])
            free[k] = low
    return np.ascontiguousarray((begins - comes).T)


@dataclass(frozen=True)
class Estimate:
    """A mean over runs with its interval, and how many runs it rests on. `low` and `high` are infinite for one run."""

    value: float
    low: float
    high: float
    n: int


def mean(found: Floats, level: float = 0.9) -> Estimate:
    """The mean of one figure a run, shape (runs,), with Student's interval; runs without the figure (NaN) are left out."""
    kept = found[~np.isnan(found)]
    n = len(kept)
    if not n:
        return Estimate(math.nan, math.nan, math.nan, 0)
    middle = float(kept.mean())
    if n == 1:
        return Estimate(middle, -math.inf, math.inf, 1)
    half = float(stats.t.ppf(0.5 + level / 2, n - 1)) * float(kept.std(ddof=1)) / math.sqrt(n)
    return Estimate(middle, middle - half, middle + half, n)


def difference(found: Floats, beside: Floats, level: float = 0.9) -> Estimate:
    """The mean of one figure less another, run by run, shape (runs,): narrow where both met the same chances."""
    return mean(found - beside, level)


def in_order(found: Mapping[int, Floats]) -> Floats:
    """Figures by run, shape (runs, …), in the order of runs, whichever worker was ready first."""
    return np.array([found[run] for run in sorted(found)])

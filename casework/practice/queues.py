"""How long people wait: Erlang's formulas for a team that answers calls, and Little's law for one desk.

Calls arrive at random (Poisson), take an exponential time, and wait without giving up. Rates are per unit of time of
the caller's choice, and times come back in that unit. Traffic is in erlangs: arrivals times the mean time of one.

Sources: Erlang 1917; Cooper 1981 (the recursion of B, and C from B); Little 1961; for one desk with any lengths of
service, Pollaczek 1930 and Khinchine 1932; with priorities, Cobham 1954.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from casework.model.errors import BadInput

MOST = 100_000  # Agents; a team beyond it is a mistake of units.


@dataclass(frozen=True)
class Service:
    """What a team of agents gives: chance to wait, share answered in time, mean wait of all, share of time at work."""

    agents: int
    waits: float
    in_time: float
    mean_wait: float
    occupancy: float


@dataclass(frozen=True)
class Desk:
    """One desk in the long run: how many are there and how many of them wait; how long each is there, and waits."""

    there: float
    waiting: float
    time: float
    wait: float
    occupancy: float


def _above_nought(name: str, value: float) -> None:
    if not 0 < value < math.inf:
        raise BadInput(f"{name}: found {value:g}; allowed: above 0")


def erlang_b(traffic: float, agents: int) -> float:
    """The chance (0 to 1) that a call finds every agent busy and is turned away."""
    _above_nought("traffic", traffic)
    if not 0 <= agents <= MOST:
        raise BadInput(f"agents: found {agents:,}; allowed: 0 to {MOST:,}")
    blocked = 1.0
    for n in range(1, agents + 1):
        blocked = traffic * blocked / (n + traffic * blocked)
    return blocked


def erlang_c(traffic: float, agents: int) -> float:
    """The chance (0 to 1) that a call has to wait; 1 where the team cannot keep up, since then every call comes to."""
    blocked = erlang_b(traffic, agents)
    return 1.0 if agents <= traffic else _waits(traffic, agents, blocked)


def _waits(traffic: float, agents: int, blocked: float) -> float:
    return agents * blocked / (agents - traffic * (1 - blocked))


def service(arrivals: float, handling: float, agents: int, within: float) -> Service:
    """What a team gives when calls arrive at a rate, take `handling` on average, and should be answered `within` a time.

    A team that cannot keep up answers nothing in time in the long run, and its mean wait is infinite.
    """
    for name, value in (("arrivals", arrivals), ("handling", handling)):
        _above_nought(name, value)
    if not 0 <= within < math.inf:
        raise BadInput(f"within: found {within:g}; allowed: 0 or more")
    return _service(arrivals * handling, handling, agents, within, erlang_c(arrivals * handling, agents))


def _service(traffic: float, handling: float, agents: int, within: float, waits: float) -> Service:
    spare = agents - traffic
    if spare <= 0:
        return Service(agents, 1.0, 0.0, math.inf, 1.0)
    return Service(agents, waits, 1 - waits * math.exp(-spare * within / handling), waits * handling / spare, traffic / agents)


def agents_needed(arrivals: float, handling: float, within: float, in_time: float) -> Service:
    """The smallest team that answers a share of calls `in_time` (0 to 1, below 1) within a time, and what it gives."""
    if not 0 < in_time < 1:
        raise BadInput(f"in time: found {in_time:g}; allowed: between 0 and 1, both left out, such as 0.8")
    for name, value in (("arrivals", arrivals), ("handling", handling)):
        _above_nought(name, value)
    traffic, blocked, agents = arrivals * handling, 1.0, 0
    while agents < MOST:
        agents += 1
        blocked = traffic * blocked / (agents + traffic * blocked)
        if agents > traffic:
            found = _service(traffic, handling, agents, within, _waits(traffic, agents, blocked))
            if found.in_time >= in_time:
                return found
    raise BadInput(f"arrivals times handling: found {traffic:,.0f} erlangs; more than {MOST:,} agents would be needed. Look at the units")


def one_desk(arrivals: float, served: float) -> Desk:
    """One desk by Little's law (M/M/1): `arrivals` and `served` are rates in the same unit of time.

    BadInput where more arrives than can be served: then the queue grows without end and has no average.
    """
    for name, value in (("arrivals", arrivals), ("served", served)):
        _above_nought(name, value)
    if arrivals >= served:
        raise BadInput(f"arrivals: found {arrivals:g}; allowed: below the rate served, {served:g}. Otherwise the queue grows without end")
    time = 1 / (served - arrivals)
    wait = time - 1 / served
    return Desk(arrivals * time, arrivals * wait, time, wait, arrivals / served)


def mean_wait(arrivals: float, handling: float, spread: float) -> float:
    """The mean wait at one desk with any lengths of service, M/G/1 (Pollaczek 1930, Khinchine 1932).

    `spread`: the standard deviation of one service as a part of its mean `handling`. BadInput where work piles up.
    """
    return priority_waits([arrivals], [handling], [spread])[0]


def priority_waits(arrivals: Sequence[float], handling: Sequence[float], spread: Sequence[float]) -> list[float]:
    """The mean wait of each class at one desk that takes the first class first and interrupts nothing (Cobham 1954).

    By class, the most urgent first: rates of arrival, mean service and its spread as a part of the mean. BadInput where
    they are not of one length, or where all of it together piles up.
    """
    if not len(arrivals) == len(handling) == len(spread):
        raise BadInput(f"classes: found {len(arrivals)} rates, {len(handling)} means and {len(spread)} spreads; allowed: as many of each")
    for name, values in (("arrivals", arrivals), ("handling", handling)):
        for value in values:
            _above_nought(name, value)
    # What is in service when somebody comes has this long to go, in mean.
    left = sum(a * h * h * (1 + s * s) for a, h, s in zip(arrivals, handling, spread, strict=True)) / 2
    found, busy = [], 0.0
    for a, h in zip(arrivals, handling, strict=True):
        before, busy = busy, busy + a * h
        if busy >= 1:
            raise BadInput(f"arrivals times handling: found {busy:g}; allowed: below 1. Otherwise the queue grows without end")
        found.append(left / ((1 - before) * (1 - busy)))
    return found

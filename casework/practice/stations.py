"""A service station event by event: customers come, wait for one of several servers, and are served without a break.

It runs on the agenda that the desk runs on, and takes any order of arrivals, any lengths of service and any order of
service that a number can say. Where service is first come first served, `simulating` reaches the same starts sooner.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from casework.model.errors import BadInput
from casework.practice.events import Agenda

Floats = NDArray[np.float64]
LEAVES, COMES = 0, 1  # A server that becomes free on the instant takes who comes on it, as at the desk.


def starts(arrivals: Floats, services: Floats, servers: int, ranks: Sequence[int] | None = None) -> Floats:
    """When each customer's service begins, shape (n,), in the unit of the arguments.

    `arrivals` (n,) must not fall; `services` (n,) are lengths of service; `ranks` (n,): whoever has the lowest is
    taken first, and among equals who came first. A service once begun is never interrupted. BadInput on other shapes.
    """
    n = len(arrivals)
    if len(services) != n or (ranks is not None and len(ranks) != n):
        raise BadInput(f"services and ranks: found {len(services)} and {n if ranks is None else len(ranks)}; allowed: one for each of {n} arrivals")
    if servers < 1:
        raise BadInput(f"servers: found {servers}; allowed: 1 or more")
    if n and not (np.all(np.diff(arrivals) >= 0) and np.all(np.isfinite(arrivals))):
        raise BadInput("arrivals: found one before the one that it follows; allowed: times that never fall")
    comes, lasts, rank = arrivals.tolist(), services.tolist(), [0] * n if ranks is None else ranks
    agenda: Agenda[float, int] = Agenda([(comes[0], COMES, 0)] if n else [])
    queue: Agenda[int, int] = Agenda()
    begun, free = [0.0] * n, servers
    add, take, join, call, last = agenda.add, agenda.take, queue.add, queue.take, max(rank, default=0)
    while (found := take(math.inf)) is not None:
        at, who = found
        if who >= 0:
            if who + 1 < n:
                add(comes[who + 1], COMES, who + 1)
            if not free:
                join(rank[who], 0, who)
                continue
            free -= 1
        else:
            called = call(last)
            if called is None:
                free += 1
                continue
            who = called[1]
        begun[who] = at
        add(at + lasts[who], LEAVES, ~who)
    return np.array(begun)

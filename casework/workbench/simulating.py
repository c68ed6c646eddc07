"""Use cases on simulations of a desk: what caseload can be carried, and what another way of running it would change."""

from __future__ import annotations

import math
import multiprocessing
import os
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from typing import TYPE_CHECKING, Any

from casework.model.errors import BadInput
from casework.model.library import Library, nearest
from casework.workbench.rights import open_to_all

if TYPE_CHECKING:
    from casework.practice.answers import Answers, Side
    from casework.practice.simulating import Estimate

MOST = 20_000  # Runs; beyond it an interval no longer narrows by anything that an assumption would bear.
WORTH_A_POOL = 10  # Runs from which on several processes are quicker than one.


@open_to_all
def simulate(held: Library, name: str, runs: int, seed: int = 1, workers: int | None = None, what_if: str | None = None) -> Answers:
    """Answers about a caseload by so many runs; the same for one seed on any number of workers.

    `name` is a simulation's, or that of the caseload that it stands for. `what_if` picks one of its questions.
    """
    from casework.practice import answers, assumed  # Here, since a single deadline needs no numpy.

    simulation = held.get_simulation(name)
    for what, value, most in (("runs", runs, MOST), ("workers", workers or 1, 256)):
        if not 1 <= value <= most:
            raise BadInput(f"{what}: found {value:,}; allowed: 1 to {most:,}")
    if seed < 0:
        raise BadInput(f"seed: found {seed}; allowed: 0 or more")
    questions = [one for one in simulation.what_if if what_if in (None, one.id)]
    if what_if is not None and not questions:
        ids = [one.id for one in simulation.what_if]
        raise BadInput(f"{simulation.id} asks no {what_if!r}{nearest(what_if, ids)}; it asks {', '.join(ids) or 'nothing'}")
    world = assumed.world(held, simulation)
    count = workers or min(os.cpu_count() or 1, max(1, runs // WORTH_A_POOL))
    if count == 1:
        return answers.answer(world, seed, runs, questions)
    with ProcessPoolExecutor(count, multiprocessing.get_context("spawn")) as pool:

        def spread(job: Any, numbers: Iterable[int]) -> Any:
            return pool.map(job, numbers, chunksize=4)

        return answers.answer(world, seed, runs, questions, spread)


def _estimate(one: Estimate) -> dict[str, Any]:
    """An estimate as JSON has it: what is not finite is null."""
    return {name: (value if math.isfinite(value) else None) for name, value in vars(one).items()}


def _side(side: Side) -> dict[str, Any]:
    return {
        "name": side.name, "open_cases": side.way.open_cases, "load": side.load, "in_time": _estimate(side.in_time),
        "carried": _estimate(side.carried), "figures": {name: _estimate(one) for name, one in side.figures.items()},
        "tasks": {name: _estimate(one) for name, one in side.tasks.items()},
    }  # fmt: skip


@open_to_all
def simulation_json(found: Answers) -> dict[str, Any]:
    """The contract of `casework simulate --json`."""
    return {
        "simulation": found.simulation.id, "version": found.simulation.version, "mark": found.simulation.mark, "runs": found.runs, "seed": found.seed,
        "target": found.target, "assumes": list(found.assumes),
        "answers": [
            {
                "id": one.id, "asks": one.asks, "says": one.says, "assumes": list(one.assumes), "sides": [_side(side) for side in one.sides],
                "changes": [{"name": c.name, **{part: _estimate(getattr(c, part)) for part in ("in_time", "carried", "hours", "asked_hours")}} for c in one.changes],
            }
            for one in found.answers
        ],
        "curve": {name: list(values) for name, values in vars(found.curve).items()},
    }  # fmt: skip

"""The same plan on a Dask cluster: groups of notebooks as tasks, each group run by a pool of one on a worker's machine.

Workers must see the same disk, and have the same environment. Outcomes come back in the order of the plan.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from casework.edges.warm import pool
from casework.edges.warm.jobs import Job, Outcome
from casework.model.errors import BadInput

GROUPS = 4  # Groups for each thread of the cluster: large enough to share one start, small enough to even out the end.


def run(jobs: list[Job], settings: pool.Settings, address: str) -> Iterator[Outcome]:
    """Each job's outcome. Raises BadInput where Dask is not installed, or no scheduler answers at the address."""
    try:
        from distributed import Client
    except ImportError:
        raise BadInput("--dask needs the package 'distributed': install casework[scale]") from None
    try:
        client = Client(address, timeout="10s", set_as_default=False)
    except (OSError, ValueError, TimeoutError) as fault:
        raise BadInput(f"--dask {address}: no scheduler answers there ({str(fault).splitlines()[0] if str(fault) else type(fault).__name__})") from None
    with client:
        threads = sum(client.nthreads().values())
        if not threads:
            raise BadInput(f"--dask {address}: the scheduler has no workers; start some with `dask worker {address}`")
        size = max(1, -(-len(jobs) // (GROUPS * threads)))
        alone = replace(settings, workers=1)
        # A worker that dies takes its group along; the group is run again, and what it had written is written again.
        tasks = [client.submit(group, jobs[n : n + size], alone, pure=False, retries=settings.retries) for n in range(0, len(jobs), size)]
        for task in tasks:
            yield from task.result()
            task.release()


def group(jobs: list[Job], settings: pool.Settings) -> list[Outcome]:
    """A group of notebooks on one worker."""
    return list(pool.run(jobs, settings))

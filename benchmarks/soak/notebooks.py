"""A thousand notebooks in a pool of two: what the parent holds must not grow, and no more may run than there are workers."""

from __future__ import annotations

import contextlib
import os
import tempfile
import threading
from pathlib import Path
from typing import Any

from benchmarks.batch import held, written
from casework.edges.warm import pool
from casework.edges.warm.jobs import End, Job

WORKERS = 2


def children(of: int) -> list[int]:
    return [int(each) for each in Path(f"/proc/{of}/task/{of}/children").read_text().split()]


def _watch(counts: list[int], done: threading.Event) -> None:
    """Notes every few milliseconds how many notebooks are at work."""
    while not done.wait(0.005):
        with contextlib.suppress(OSError):
            counts.append(sum(len(children(zygote)) for zygote in children(os.getpid())))


def run(count: int) -> dict[str, Any]:
    """The parent's memory and descriptors at 10, 100 and the last notebook, the most at work at once, and every fault."""
    faults: list[str] = []
    at: dict[int, dict[str, int]] = {}
    counts = [0]
    done = threading.Event()
    watching = threading.Thread(target=_watch, args=(counts, done))
    watching.start()
    with tempfile.TemporaryDirectory() as made:
        notebook = written(Path(made))
        jobs = [Job(notebook, Path(made) / "out" / f"{n}.ipynb", {"number": n}) for n in range(count)]
        for n, outcome in enumerate(pool.run(jobs, pool.Settings(WORKERS)), 1):
            if outcome.end is not End.DONE or outcome.tries != 1:
                faults.append(f"{outcome.job.output.name}: {outcome.error}, {outcome.tries} tries")
            if n in (10, 100, count):
                at[n] = held()
        if len(list((Path(made) / "out").iterdir())) != count:
            faults.append("not one output a notebook")
    done.set()
    watching.join()
    most = max(counts)
    if most > WORKERS:
        faults.append(f"{most} ran at once")
    if at[count]["rss_kib"] > 1.1 * at[100]["rss_kib"] or at[count]["descriptors"] != at[100]["descriptors"]:
        faults.append(f"the parent grew: {at}")
    if children(os.getpid()):
        faults.append("processes are left")
    return {"notebooks": count, "workers": WORKERS, "most_at_once": most, "parent": {str(n): row for n, row in at.items()}, "faults": faults}

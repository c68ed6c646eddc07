"""Where there is no fork: each notebook in a fresh interpreter with papermill's stock engine, a bounded number at once."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from casework.edges.warm import wire
from casework.edges.warm.jobs import End, Job, Order, Outcome, Report, Said, Way, settled, verdict

WHY = "this system cannot fork"


def run(jobs: list[Job], orders: list[Order], workers: int, retries: int) -> Iterator[Outcome]:
    """Each job's outcome in their order, all run with ordinary kernels; tries and deaths as in the forking pool."""
    with ThreadPoolExecutor(workers) as pool:
        waiting = [pool.submit(_until_it_ends, job, order, retries) for job, order in zip(jobs, orders, strict=True)]
        try:
            for each in waiting:
                yield each.result()
        finally:
            pool.shutdown(wait=False, cancel_futures=True)


def _until_it_ends(job: Job, order: Order, retries: int) -> Outcome:
    tries, end = 0, End.DIED
    while end is End.DIED and tries <= retries:
        tries += 1
        report = _once(order)
        end, cause, advice = verdict(report, order.timeout, None)
    return settled(job, Outcome(job, end, Way.ORDINARY, tries, report.seconds, None, cause, advice, WHY))


def _once(order: Order) -> Report:
    began = time.monotonic()
    # The notebook's cells run in a kernel that is this process's child and ends with it.
    code = "import sys\nfrom casework.edges.warm import child, wire\nsys.stdout.buffer.write(wire.said_text(child.execute(wire.read_order(sys.stdin.buffer.read()))))"
    process = subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, cwd=order.cwd)
    try:
        told, _ = process.communicate(wire.order_text(replace(order, way=Way.ORDINARY)), order.timeout)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
        return Report(order.number, time.monotonic() - began, process.returncode, True, None)
    said: Said | None = wire.read_said(told) if process.returncode == 0 and told else None
    return Report(order.number, time.monotonic() - began, process.returncode, False, said)

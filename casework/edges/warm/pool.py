"""Runs a plan of notebooks in a bounded pool of forked children, outcomes in the order of the plan."""

from __future__ import annotations

import contextlib
import dataclasses
import os
import signal
import subprocess
import sys
from collections import deque
from collections.abc import Iterator, Sequence
from multiprocessing.connection import Connection
from pathlib import Path

import casework
from casework.edges.warm import plain, wire
from casework.edges.warm.jobs import (
    End,
    Job,
    Order,
    Outcome,
    Report,
    Way,
    refuse_clashes,
    settled,
    verdict,
    why_ordinary,
)
from casework.model.errors import BadInput

PRELOAD = ("pandas", "pandas.io.formats.format", "pandas.io.formats.string", "matplotlib.pyplot", "matplotlib.backends.backend_agg", "matplotlib_inline.config")


@dataclasses.dataclass(frozen=True)
class Settings:
    """How a plan is run.

    At most `workers` notebooks run at once. `timeout` is in seconds a notebook, `memory` in bytes of address space a
    notebook (None: no limit). A notebook whose process dies is tried again up to `retries` times; its own exception is
    final. `preload` names what is imported beforehand.
    """

    workers: int = 2
    timeout: float | None = None
    retries: int = 1
    memory: int | None = None
    preload: tuple[str, ...] = PRELOAD


class Zygote:
    """The process that has imported everything, from this side: orders go in, reports come out."""

    def __init__(self, preload: Sequence[str]) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "casework.edges.warm.zygote", *preload], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            cwd=Path(casework.__file__).parents[1], start_new_session=True,
        )  # fmt: skip
        assert self.process.stdin is not None and self.process.stdout is not None
        self.orders = Connection(os.dup(self.process.stdin.fileno()), readable=False)
        self.reports = Connection(os.dup(self.process.stdout.fileno()), writable=False)
        self.process.stdin.close()
        self.process.stdout.close()

    def wait_until_ready(self) -> None:
        """Returns when its imports are done; raises BadInput where it cannot start."""
        try:
            self.reports.recv_bytes()
        except (EOFError, OSError):
            raise BadInput("notebooks cannot be run: the process that would run them did not start; see what it said above, and try `casework doctor`") from None

    def end(self) -> None:
        """Ends it, and with it every child."""
        for line in (self.orders, self.reports):
            with contextlib.suppress(OSError):
                line.close()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()


class Pool:
    """One plan at work: what waits, what runs, what has ended. Never more at once than `workers`."""

    def __init__(self, jobs: list[Job], settings: Settings) -> None:
        self.jobs, self.settings = jobs, settings
        self.environment, self.cwd = dict(os.environ), os.getcwd()
        self.why = [why_ordinary(job.notebook, job.kernel) for job in jobs]
        self.tries = [0] * len(jobs)
        self.waiting, self.running = deque(range(len(jobs))), set[int]()
        self.zygote: Zygote | None = None

    def outcomes(self) -> Iterator[Outcome]:
        ended: dict[int, Outcome] = {}
        try:
            for turn in range(len(self.jobs)):
                while turn not in ended:
                    self._fill()
                    for outcome, number in self._hear():
                        ended[number] = outcome
                yield ended.pop(turn)
        finally:
            if self.zygote is not None:
                self.zygote.end()

    def _fill(self) -> None:
        if self.zygote is None:
            self.zygote = Zygote(self.settings.preload)
            self.zygote.wait_until_ready()
        while self.waiting and len(self.running) < self.settings.workers:
            number = self.waiting.popleft()
            self.tries[number] += 1
            self.running.add(number)
            with contextlib.suppress(OSError):
                self.zygote.orders.send_bytes(wire.order_text(self.order(number)))

    def order(self, number: int) -> Order:
        job = self.jobs[number]
        job.part.unlink(missing_ok=True)
        return Order(
            number, str(job.notebook), str(job.output), str(job.part), str(job.cwd or self.cwd), job.kernel, job.parameters,
            self.environment, Way.ORDINARY if self.why[number] else Way.WARM, self.settings.timeout, self.settings.memory,
        )  # fmt: skip

    def _hear(self) -> Iterator[tuple[Outcome, int]]:
        """What has ended by the next report; nothing where the job is tried again."""
        assert self.zygote is not None
        try:
            reports: list[Report] = [wire.read_report(self.zygote.reports)]
        except (EOFError, OSError):
            # The zygote is gone and its children with it: they died of that, not of their own fault.
            self.zygote.end()
            self.zygote = None
            reports = [Report(number, 0.0, -signal.SIGKILL, False, None) for number in sorted(self.running)]
        for report in reports:
            self.running.discard(report.number)
            outcome = self._judge(report)
            if outcome is not None:
                yield outcome, report.number

    def _judge(self, report: Report) -> Outcome | None:
        number, job = report.number, self.jobs[report.number]
        end, cause, advice = verdict(report, self.settings.timeout, self.settings.memory)
        if end is End.UNFIT:
            self.why[number] = cause
            self.tries[number] -= 1
            self.waiting.appendleft(number)
            return None
        if end is End.DIED and self.tries[number] <= self.settings.retries:
            self.waiting.append(number)
            return None
        way = Way.ORDINARY if self.why[number] else Way.WARM
        return settled(job, Outcome(job, end, way, self.tries[number], report.seconds, None, cause, advice, self.why[number]))


def run(jobs: Sequence[Job], settings: Settings = Settings()) -> Iterator[Outcome]:
    """Each job's outcome, in the order of the jobs; a failure is an outcome, not an exception, and the others go on.

    Closing the iterator, or Ctrl-C, ends every notebook's process. Raises BadInput for clashing outputs, a parameter
    that is no JSON value, or a folder that cannot be written.
    """
    if settings.workers < 1 or settings.retries < 0:
        raise BadInput(f"{settings.workers} workers and {settings.retries} retries; there must be one worker at least, and no fewer than 0 retries")
    plan = [dataclasses.replace(job, notebook=job.notebook.resolve(), output=job.output.absolute()) for job in jobs]
    refuse_clashes(plan)
    for job in plan:
        wire.refuse_unsendable(job.notebook, job.parameters)
        try:
            job.output.parent.mkdir(parents=True, exist_ok=True)
        except OSError as fault:
            raise BadInput(f"{job.output.parent}: cannot be written ({fault.strerror}); choose another folder") from None
    pool = Pool(plan, settings)
    if hasattr(os, "fork"):
        return pool.outcomes()
    return plain.run(plan, [pool.order(number) for number in range(len(plan))], settings.workers, settings.retries)

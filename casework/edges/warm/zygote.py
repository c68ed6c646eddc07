"""`python -m casework.edges.warm.zygote MODULE…`: imports everything once, then forks a child for each order it is sent.

It stays single-threaded and without sockets, for a fork copies neither threads nor what they hold. Orders come on its
standard input and reports leave on its standard output, as `wire` writes them. It ends when its input does.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import os
import signal
import sys
import threading
import time
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from typing import Any

from casework.edges.warm import child, preload, wire
from casework.edges.warm.jobs import Order, Report, Said

# Seconds between the interrupt, which lets a notebook that hangs be saved with its outputs, and the kill.
GRACE = 2.0
MARK = "CASEWORK_NOTEBOOK_RUN"


@dataclass
class Running:
    """A child at work: its order, its line, when it began and by when it must have ended."""

    order: Order
    line: Connection
    began: float
    deadline: float | None
    mark: str
    said: Said | None = None
    interrupted: bool = False


class Zygote:
    """Forks, watches and buries the children."""

    def __init__(self, orders: Connection, reports: Connection, path: list[str], main: Any) -> None:
        self.orders, self.reports, self.path = orders, reports, path
        # The shell has put its own module in the place of this one, which must not be collected.
        self.main = main
        self.parent, self.running = os.getppid(), dict[int, Running]()
        self.bell, ringer = os.pipe()
        for end in (self.bell, ringer):
            os.set_blocking(end, False)
        signal.set_wakeup_fd(ringer, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        # Ctrl-C in the terminal is the pool's to answer.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, lambda *_: self.end())
        child.prctl(child.SET_CHILD_SUBREAPER, 1)

    def serve(self) -> None:
        while True:
            lines: dict[Any, Running] = {one.line: one for one in self.running.values() if not one.line.closed}
            for ready in wait([self.orders, self.bell, *lines], self._patience()):
                if ready is self.orders:
                    try:
                        self.begin(wire.read_order(self.orders.recv_bytes()))
                    except EOFError:
                        self.end()
                elif ready == self.bell:
                    with contextlib.suppress(BlockingIOError):
                        os.read(self.bell, 4096)
                else:
                    self._hear(lines[ready])
            self._bury()
            self._hurry()
            if os.getppid() != self.parent:
                self.end()

    def _patience(self) -> float:
        now, deadlines = time.monotonic(), [one.deadline for one in self.running.values() if one.deadline is not None]
        return max(0.0, min([1.0, *(at - now for at in deadlines)]))

    def begin(self, order: Order) -> None:
        mine, theirs = os.pipe()
        mark = f"{os.getpid()}-{order.number}"
        began = time.monotonic()
        parent = os.getpid()
        number = os.fork()
        if number == 0:
            try:
                child.settle(order, parent, theirs, self.path)
                os.environ[MARK] = mark
                line = Connection(theirs, readable=False)
                line.send_bytes(wire.said_text(child.execute(order)))
                line.close()
                child.leave()
            finally:
                os._exit(70)
        os.close(theirs)
        deadline = None if order.timeout is None else began + order.timeout
        self.running[number] = Running(order, Connection(mine, writable=False), began, deadline, mark)

    def _hear(self, one: Running) -> None:
        try:
            one.said = wire.read_said(one.line.recv_bytes())
        except (EOFError, OSError, ValueError):
            one.line.close()

    def _bury(self) -> None:
        """Reports each child that has ended, after ending whatever it started."""
        while True:
            try:
                number, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if number == 0:
                return
            one = self.running.pop(number, None)
            if one is None:
                continue
            self._kill(number)
            self._kill_adopted(one.mark)
            if not one.line.closed:
                if one.said is None and one.line.poll(0):
                    self._hear(one)
                one.line.close()
            took = time.monotonic() - one.began
            wire.send_report(self.reports, Report(one.order.number, took, os.waitstatus_to_exitcode(status), one.interrupted, one.said))

    def _hurry(self) -> None:
        """Interrupts a child at its deadline, so that it is saved with what it has shown, and kills it a little later."""
        now = time.monotonic()
        for number, one in self.running.items():
            if one.deadline is None or now < one.deadline:
                continue
            if one.interrupted:
                self._kill(number)
                one.deadline = now + 1
            else:
                one.interrupted, one.deadline = True, now + GRACE
                with contextlib.suppress(ProcessLookupError):
                    os.kill(number, signal.SIGINT)

    def _kill(self, group: int) -> None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(group, signal.SIGKILL)

    def _kill_adopted(self, mark: str) -> None:
        """Ends what a notebook started in sessions of its own (kernels, daemons): orphaned, it has come to this process."""
        sought = f"{MARK}={mark}".encode()
        for _ in range(20):
            try:
                with open(f"/proc/self/task/{os.getpid()}/children") as listed:
                    ours = [int(each) for each in listed.read().split() if int(each) not in self.running]
            except OSError:
                return
            found = 0
            for each in ours:
                try:
                    with open(f"/proc/{each}/environ", "rb") as held:
                        if sought in held.read().split(b"\0"):
                            found += 1
                            self._kill(each)
                            os.kill(each, signal.SIGKILL)
                except OSError:
                    continue
            # What they had started in turn comes here when they are gone.
            if not found:
                return
            time.sleep(0.01)

    def end(self) -> None:
        """Kills every child and what it started, and ends."""
        marks = [one.mark for one in self.running.values()]
        for number in list(self.running):
            self._kill(number)
            with contextlib.suppress(ChildProcessError):
                os.waitpid(number, 0)
        for mark in marks:
            self._kill_adopted(mark)
        os._exit(0)


def alone() -> None:
    """Raises where a fork would not be safe: another thread runs, or a socket context is open."""
    zmq: Any = sys.modules.get("zmq")
    if threading.active_count() != 1:
        raise RuntimeError(f"threads run already: {', '.join(t.name for t in threading.enumerate())}")
    if os.path.isdir("/proc/self/task") and len(os.listdir("/proc/self/task")) != 1:
        raise RuntimeError("a library has started threads of its own")
    if zmq is not None and zmq.Context._instance is not None:
        raise RuntimeError("a socket context is open already")


def main() -> None:
    orders, reports = Connection(os.dup(0), writable=False), Connection(os.dup(1), readable=False)
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, 0)
    os.dup2(2, 1)
    main = sys.modules["__main__"]
    # For the imports only: a child gets the environment of the pool.
    os.environ.update(dict.fromkeys(preload.THREADS, "1"))
    os.environ["PYDEVD_DISABLE_FILE_VALIDATION"] = "1"
    os.environ.setdefault("MPLBACKEND", "module://matplotlib_inline.backend_inline")
    gc.disable()  # What is imported stays; to look for garbage in it would take a tenth of a second.
    preload.load(sys.argv[1:])
    kernel = importlib.import_module("casework.edges.warm.kernel")
    kernel.prepare()
    alone()
    gc.freeze()
    gc.enable()
    zygote = Zygote(orders, reports, sys.path[1:], main)
    reports.send_bytes(b"ready")
    zygote.serve()


if __name__ == "__main__":
    main()

"""How what a cell shows leaves the kernel: ipykernel's sending thread, asleep until something needs it.

ipykernel sends from a thread of its own, because only one thread may use a socket. Here is a queue in the socket's
place, which any thread may use, so whoever sends hands its message over at once: ipykernel's own code does just that
where its thread does not run. The thread is made and started, as ipykernel makes and starts it, before the notebook
first forks (multiprocessing), for forks send what they print through it. The hand-over from thread to thread cost a
fifteenth of a short notebook.
"""

from __future__ import annotations

import contextvars
import logging
import os
import queue
import select
import threading
import time
from collections.abc import Callable
from typing import Any

import zmq
from ipykernel.iostream import PIPE_BUFFER_SIZE, BackgroundSocket, IOPubThread, OutStream


class Later:
    """What a stream needs of an event loop: a flush a fifth of a second after the first unflushed write, in their order."""

    def __init__(self) -> None:
        self.calls: queue.SimpleQueue[tuple[float, Callable[[], None]]] = queue.SimpleQueue()
        self.thread: threading.Thread | None = None

    def call_later(self, delay: float, call: Callable[[], None]) -> None:
        if self.thread is None:
            self.thread = threading.Thread(target=self._make_calls, daemon=True)
            self.thread.start()
        self.calls.put((time.monotonic() + delay, call))

    def _make_calls(self) -> None:
        while True:
            due, call = self.calls.get()
            time.sleep(max(0.0, due - time.monotonic()))
            call()


class Publisher(IOPubThread):  # type: ignore[misc]
    """ipykernel's thread before it is made: what is scheduled on it is done by the caller. Streams made after it are watched by `_watch`."""

    def __init__(self, channel: Any, session: Any) -> None:
        self.socket, self.session = channel, session
        self.background_socket = BackgroundSocket(self)
        self.thread, self.io_loop = threading.Thread(), Later()
        self._stopped, self._pipe_flag, self._master_pid = False, True, os.getpid()
        OutStream._watch_pipe_fd = _watch  # type: ignore[method-assign]

    def attend(self, *streams: Any) -> None:
        """Watches over the streams: each is flushed by one thread at a time, and can still be written after a fork."""
        for stream in streams:
            if isinstance(stream, OutStream):
                _flush_alone(stream)
                os.register_at_fork(after_in_child=lambda stream=stream: setattr(stream, "_buffer_lock", threading.RLock()))
        os.register_at_fork(before=self.wake)

    def wake(self) -> None:
        """Makes and starts the thread, unless it runs or this is a fork already."""
        if self._is_master_process() and not self.thread.is_alive():
            self.socket.context = zmq.Context()
            super().__init__(self.socket, pipe=True, session=self.session)
            self.start()


def _flush_alone(stream: OutStream) -> None:
    """A writer and a late flush may meet in a stream: the one that came second must not overtake the other.

    What cannot be sent (half of a surrogate pair) is lost and told in the notebook, which goes on: in ipykernel's thread
    such an error ends nothing either.
    """
    flush = stream._flush

    def alone() -> None:
        with stream._buffer_lock:
            _take_in(stream)
            try:
                flush()
            except Exception:
                logging.getLogger("tornado.general").exception("Uncaught exception in ZMQStream callback")

    stream._flush = alone  # type: ignore[method-assign]


def _take_in(stream: OutStream) -> None:
    """Writes to the stream what programs and libraries have written to its descriptor: no more than a pipe can hold."""
    if not stream._should_watch or not stream._is_master_process():
        return
    arrived = select.poll()
    arrived.register(stream._fid, select.POLLIN)
    for _ in range(2**16 // PIPE_BUFFER_SIZE + 1):
        if not arrived.poll(0):
            return
        data = os.read(stream._fid, PIPE_BUFFER_SIZE)
        if not data:
            stream._should_watch = False
            return
        # Of the cell that runs now: a thread's own context may hold one that has ended.
        contextvars.Context().run(stream.write, data.decode(errors="replace"))
        os.write(stream._original_stdstream_copy, data)


def _watch(stream: OutStream) -> None:
    """ipykernel's watch over a stream's descriptor, in its thread; whoever flushes looks there himself and need not wait for it."""
    arrived = select.poll()
    arrived.register(stream._fid, select.POLLIN)
    while stream._should_watch:
        arrived.poll()
        with stream._buffer_lock:
            _take_in(stream)

"""An IPython kernel inside this process: ipykernel's own shell, streams and display hooks, without sockets or ports.

What a cell publishes goes through ipykernel's own code as far as the last step, where a socket would send it; there it
is put into a queue instead. So outputs are what a kernel process would have sent, message for message.
"""

from __future__ import annotations

import asyncio
import os
import queue
import sys
import threading
import time
from typing import Any

from ipykernel import ipkernel, kernelapp
from ipykernel.iostream import BackgroundSocket
from nbclient.exceptions import DeadKernelError
from traitlets.config import Config

from casework.edges.warm.publishing import Publisher


class Channel:
    """Messages in place of a socket: ipykernel sends into it, nbclient reads from it."""

    context: Any = None

    def __init__(self, session: Any) -> None:
        self.session = session
        self.messages: queue.SimpleQueue[Any] = queue.SimpleQueue()

    def send_multipart(self, frames: list[Any], flags: int = 0, copy: bool = True, track: bool = False) -> None:
        _, parts = self.session.feed_identities([bytes(f) for f in frames])
        self.messages.put(self.session.deserialize(parts))

    def get_msg(self, timeout: float | None = None) -> Any:
        """The next message; the run was over before anyone asked, so what is to come is on its way already."""
        return self.messages.get(timeout=60 if timeout is None else timeout)

    def close(self) -> None:
        self.context = None


class Loop:
    """What the shell needs of an event loop: Ctrl-C is passed on, and `exit()` ends the kernel a moment later, as ever.

    `ends_at` is when it does, on the monotonic clock; the loop itself is the engine's and goes on.
    """

    ends_at: float | None = None

    def add_callback(self, call: Any) -> None:
        asyncio.get_event_loop().call_soon_threadsafe(call)

    def call_later(self, delay: float, call: Any) -> None:
        self.ends_at = time.monotonic() + delay

    def stop(self) -> None:
        return None


class Shells:
    """Stands where ipykernel keeps its thread of subshells; there is one shell, in the main thread."""

    parent_thread = threading.main_thread()


class Kernel(ipkernel.IPythonKernel):  # type: ignore[misc]
    """ipykernel's kernel; no requests queue up behind one that fails, since nbclient sends one at a time."""

    # ipykernel's pause before it answers, for a client in another process to read what was published first.
    _execute_sleep = 0.0

    def _abort_queues(self, subshell_id: str | None = None) -> None:
        return None


class App(kernelapp.IPKernelApp):  # type: ignore[misc]
    """ipykernel's application with everything but the sockets: configuration, start-up files, streams, inline figures."""

    name = "ipython-kernel"

    def prepare(self) -> None:
        """Makes the shell, without threads or sockets: this may be done before a fork."""
        super(kernelapp.IPKernelApp, self).initialize([])
        self.init_pdb()
        self.iopub_socket = BackgroundSocket(None)
        self.init_kernel()

    def begin(self) -> None:
        """Starts it in the process that will run the cells: streams, start-up files, inline figures, as ipykernel does."""
        self.session.pid = os.getpid()
        self.shell_out, self.iopub = Channel(self.session), Channel(self.session)
        self.configure_tornado_logger()
        self.iopub_thread = Publisher(self.iopub, self.session)
        self.iopub_socket.io_thread = self.iopub_thread
        self.kernel.iopub_thread = self.iopub_thread
        self.init_io()
        self.iopub_thread.attend(sys.stdout, sys.stderr)
        self.displayhook.get_execution_count = lambda: self.kernel.execution_count
        self.init_signal()
        self.init_path()
        self.init_shell()
        # A fork has got the environment of its pool in between.
        assert self.shell is not None
        self.shell.init_environment()
        self.init_gui_pylab()
        self.init_extensions()
        self.init_code()
        sys.stdout.flush()
        sys.stderr.flush()

    def init_crash_handler(self) -> None:
        return None

    def init_kernel(self) -> None:
        made = Kernel.instance(
            parent=self, session=self.session, iopub_socket=self.iopub_socket, log=self.log, profile_dir=self.profile_dir, user_ns=self.user_ns,
        )  # fmt: skip
        made.shell_channel_thread, made.io_loop = Shells(), Loop()
        assert made.shell is not None
        made.shell.exit_now = False
        self.kernel = made


def prepare() -> App:
    """The kernel, not yet started. History is kept for the run only: a shared history file would be fought over by the workers."""
    app = App.instance(config=Config({"HistoryManager": {"enabled": False}, "App": {"log_level": 40}}))
    if app.kernel is None:
        app.prepare()
    return app


class Client:
    """A kernel client as nbclient knows it, whose requests are answered by the kernel in this process."""

    allow_stdin = False

    def __init__(self, app: App) -> None:
        self.app, self.kernel, self.session = app, app.kernel, app.session
        self.shell_channel, self.iopub_channel = app.shell_out, app.iopub

    def is_alive(self) -> bool:
        """False once `exit()` or `quit()` has taken effect, which end a kernel process."""
        ends_at = self.kernel.io_loop.ends_at
        return ends_at is None or time.monotonic() < ends_at

    def need_alive(self) -> None:
        if not self.is_alive():
            raise DeadKernelError("Kernel died")

    async def execute(self, code: str, store_history: bool = True, stop_on_error: bool = True) -> str:
        """The id of the request, when the cell has run. Raises DeadKernelError after `exit()`."""
        self.need_alive()
        content = {
            "code": code, "silent": False, "store_history": store_history, "user_expressions": {},
            "allow_stdin": False, "stop_on_error": stop_on_error,
        }  # fmt: skip
        request = self.session.msg("execute_request", content)
        kernel = self.kernel
        kernel.set_parent([], request)
        kernel._publish_status("busy", "shell")
        kernel.pre_handler_hook()
        try:
            await kernel.execute_request(self.shell_channel, [], request)
        finally:
            kernel.post_handler_hook()
            for stream in (sys.stdout, sys.stderr):
                if stream is not None:
                    stream.flush()
            kernel._publish_status("idle", "shell")
        return str(request["header"]["msg_id"])

    def language_info(self) -> dict[str, Any]:
        return dict(self.kernel.language_info)

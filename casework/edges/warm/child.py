"""One notebook in a process of its own: a fork of the zygote, or a fresh interpreter where there is no fork."""

from __future__ import annotations

import contextlib
import ctypes
import gc
import os
import random
import signal
import sys
from pathlib import Path
from typing import Any

from casework.edges.warm.jobs import End, Order, Said, Way

# Linux's prctl numbers.
SET_PDEATHSIG, SET_CHILD_SUBREAPER = 1, 36
LIBC = ctypes.CDLL(None) if sys.platform.startswith("linux") else None


def prctl(option: int, value: int) -> None:
    """Asks the kernel for an option of this process; nothing on systems without prctl."""
    if LIBC is not None:
        LIBC.prctl(option, value, 0, 0, 0)


def settle(order: Order, parent: int, keep: int, path: list[str]) -> None:
    """Makes a fork a process of its own: session, death with its parent, descriptors, environment, folder, path, chance."""
    os.setsid()
    prctl(SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)
    signal.set_wakeup_fd(-1)
    for number in (signal.SIGCHLD, signal.SIGTERM):
        signal.signal(number, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    nothing = os.open(os.devnull, os.O_RDWR)
    for own in (0, 1, 2):
        os.dup2(nothing, own)
    os.closerange(3, keep)
    os.closerange(keep + 1, os.sysconf("SC_OPEN_MAX"))
    for name in os.environ.keys() - order.environment.keys():
        del os.environ[name]
    for name, value in order.environment.items():
        if os.environ.get(name) != value:
            os.environ[name] = value
    os.chdir(order.cwd)
    sys.path[:] = path
    if order.memory is not None:
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (order.memory, order.memory))
    # Forks would otherwise all draw the numbers the zygote was about to draw.
    random.seed()
    numpy = sys.modules.get("numpy")
    if numpy is not None:
        numpy.random.seed()


def execute(order: Order) -> Said:
    """How the notebook ended, after papermill has written it as far as it came."""
    import ipykernel_launcher
    import papermill
    from nbclient.exceptions import DeadKernelError
    from papermill.exceptions import PapermillException, PapermillExecutionError

    from casework.edges.warm import engine
    from casework.edges.warm.client import NeedsOrdinary

    engine.register()
    parameters = order.parameters
    if parameters:
        declared = papermill.inspect_notebook(order.notebook)
        unknown = sorted(set(parameters) - set(declared))
        if unknown:
            return Said(End.REFUSED, f"{Path(order.notebook).name} declares no parameter {', '.join(unknown)}; it has {', '.join(declared)}")
    if order.way is Way.WARM:
        sys.argv[:] = [ipykernel_launcher.__file__]
    warm: dict[str, Any] = {"engine_name": engine.NAME, "request_save_on_cell_execute": False, "part": order.part} if order.way is Way.WARM else {}
    try:
        papermill.execute_notebook(
            order.notebook, order.part, parameters, progress_bar=False, log_output=False, kernel_name=order.kernel, **warm,
        )
    except PapermillExecutionError as fault:
        return Said(End.FAILED, f"{fault.ename}: {fault.evalue}".strip().splitlines()[0])
    except NeedsOrdinary as fault:
        return Said(End.UNFIT, str(fault))
    except DeadKernelError:
        return Said(End.FAILED, "the kernel ended in the middle of the notebook (exit, quit, a crash or a kill)")
    except OSError as fault:
        return Said(End.FAILED, f"{fault.filename or order.output}: {fault.strerror or fault}")
    except (PapermillException, RuntimeError, ValueError, MemoryError) as fault:
        return Said(End.FAILED, ": ".join((type(fault).__name__, *str(fault).strip().splitlines()[-1:])))
    return Said(End.DONE)


def leave() -> None:
    """Ends the process as an interpreter would, as far as a notebook can tell: exit handlers run, open files are written."""
    import atexit

    kernel = sys.modules.get("ipykernel.kernelapp")
    if kernel is not None and kernel.IPKernelApp.initialized():
        with contextlib.suppress(Exception):
            kernel.IPKernelApp.instance().shell.user_ns.clear()
    with contextlib.suppress(BaseException):
        gc.collect()
        atexit._run_exitfuncs()
    os._exit(0)

"""One writer at a time: a lock of the operating system on a file, which ends with the process, however that ends."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from casework.model.errors import BadInput


@contextmanager
def held(lock: Path, place: Path, busy: str, option: str) -> Iterator[None]:
    """Holds the lock file while the block runs. Raises BadInput, of `place`: `busy` if another process has it; where it cannot be made, to choose another by `option`."""
    try:
        lock.parent.mkdir(parents=True, exist_ok=True)
        opened = open(lock, "a+b")
    except OSError as fault:
        raise BadInput(f"{place}: cannot be written ({fault.strerror}); choose another {option}") from None
    with opened:
        if not _taken(opened.fileno()):
            raise BadInput(f"{place}: {busy}")
        yield


def _taken(descriptor: int) -> bool:
    """Takes the lock on an open file, if nobody has it."""
    try:
        if os.name == "nt":
            import msvcrt

            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined]
        else:
            import fcntl

            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True

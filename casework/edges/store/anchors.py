"""The anchor: a plain file outside the database that remembers how long every chain was.

A database cut back to an earlier state verifies by itself; beside its anchor it does not. A line is
written after each commit, so the anchor may lag behind the store by a crash, never run ahead of it.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from casework.model.errors import StoreTrouble

TRAIL = "audit"


@dataclass(frozen=True)
class Anchor:
    """The place of an anchor file; None anchors nothing (a store in memory)."""

    path: Path | None

    def note(self, chain: str, n: int, hash: str) -> None:
        """Appends that a chain had entry `n` with this hash. One write of one line, so that many may write at once."""
        if self.path is None:
            return
        try:
            handle = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
            try:
                os.write(handle, f"{chain} {n} {hash}\n".encode())
            finally:
                os.close(handle)
        except OSError as error:
            raise StoreTrouble(
                f"{self.path}: the anchor cannot be written ({error.strerror}). Your step was kept. "
                "Make room or set CASEWORK_ANCHOR to a place that can be written, then run casework store verify"
            ) from None

    def heads(self) -> dict[str, tuple[int, str]]:
        """The longest state of each chain that was noted. A line cut off by a crash is passed over."""
        found: dict[str, tuple[int, str]] = {}
        if self.path is None or not self.path.is_file():
            return found
        with self.path.open(encoding="ascii", errors="replace") as file:
            for line in file:
                parts = line.split()
                if len(parts) == 3 and line.endswith("\n") and parts[1].isdigit() and len(parts[2]) == 64:
                    chain, n = parts[0], int(parts[1])
                    if chain not in found or n > found[chain][0]:
                        found[chain] = (n, parts[2])
        return found

    def set_aside(self) -> Path | None:
        """Moves the file away, because the store was restored on purpose; gives its new place."""
        if self.path is None or not self.path.exists():
            return None
        n = 1
        while (place := self.path.with_name(f"{self.path.name}.before-restore-{n}")).exists():
            n += 1
        self.path.rename(place)
        return place

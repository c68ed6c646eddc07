"""Ledgers on disk: pieces of evidence and sign-off events as JSON Lines, each entry carrying the hash of the one before."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from casework.edges import limits, locks, logfiles, memory
from casework.model.decisions import chained, rows_of
from casework.model.errors import BadInput, BrokenLog
from casework.progress.ledger import CHAINED, Piece
from casework.progress.signing import Signed

HEADER = {"format": "ledger/1"}


@dataclass(frozen=True)
class Book:
    """A ledger as read: pieces and events in the order in which they were written. `head` is the last entry's hash."""

    pieces: tuple[Piece, ...] = ()
    events: tuple[Signed, ...] = ()
    head: str = ""

    @property
    def signs(self) -> dict[tuple[str, str], tuple[Signed, ...]]:
        """The events by trainee and competency."""
        found: dict[tuple[str, str], tuple[Signed, ...]] = {}
        for event in self.events:
            key = event.trainee, event.competency
            found[key] = (*found.get(key, ()), event)
        return found


def read(path: Path) -> Book:
    """The verified ledger; BadInput if the file cannot be read, BrokenLog where it does not verify."""
    return _decoded(_text(path))


def _text(path: Path) -> str:
    try:
        return limits.read(path, limits.LEDGER, "a ledger that casework progress or signoff wrote").decode("utf-8")
    except UnicodeDecodeError:
        raise BadInput(f"{path}: not a text file; give the path of a ledger") from None


def _decoded(text: str) -> Book:
    with memory.uncollected():
        return _read(text)


def _read(text: str) -> Book:
    pieces: list[Piece] = []
    events: list[Signed] = []
    head = ""
    for n, row, line in rows_of(text, "ledger"):
        head = line
        try:
            if n == 0:
                if row != HEADER:
                    raise ValueError(f"found {str(row.get('format'))[:40]!r} where {HEADER['format']} belongs")
            elif set(row) == {"n", "piece"}:
                pieces.append(Piece.model_validate(row["piece"], context=CHAINED))
                if not row["piece"].get("id"):
                    raise ValueError("a piece without its id")
            elif set(row) == {"n", "signed"}:
                events.append(Signed.model_validate(row["signed"]))
            else:
                raise ValueError("neither a piece nor a sign-off")
        except ValueError as error:
            raise BrokenLog(n, f"not an entry of ledger/1 ({str(error).splitlines()[0]})") from None
    return Book(tuple(pieces), tuple(events), head)


def _row(n: int, entry: Piece | Signed) -> dict[str, Any]:
    return {"n": n, "piece" if isinstance(entry, Piece) else "signed": entry.model_dump(mode="json", exclude_defaults=True)}


@contextmanager
def held(path: Path) -> Iterator[None]:
    """Keeps every other writer of this ledger out. BadInput if one is at work."""
    with locks.held(path.with_name(f".{path.name}.lock"), path, "somebody else is writing to it; try again", "--ledger"):
        yield


def append(path: Path, entries: Sequence[Piece | Signed]) -> Book:
    """Writes entries after those that are there, all or none, once these verify; gives the whole ledger. Hold it first."""
    text = _text(path) if path.exists() else chained(None, [HEADER])[0].text + "\n"
    book = _decoded(text)
    before = len(book.pieces) + len(book.events)
    more = "".join(line.text + "\n" for line in chained(book.head, [_row(n, entry) for n, entry in enumerate(entries, before + 1)]))
    if len(text.encode()) + len(more.encode()) > limits.LEDGER:
        raise BadInput(f"{path}: would grow beyond {limits.LEDGER:,} bytes, and nobody could read it then; nothing was written. Begin a new ledger beside it")
    found = _decoded(text + more)
    if entries:
        mode = os.stat(path).st_mode & 0o777 if path.exists() else 0o600
        logfiles.write(path, text + more)
        os.chmod(path, mode)
    return found

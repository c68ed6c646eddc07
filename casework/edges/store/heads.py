"""What the store says of a session; light, for those who only need the words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Head:
    """Where a session stands: its last entry, that entry's hash, and the simulated time reached (UTC)."""

    session: str
    person: str
    n: int
    hash: str
    now_at: datetime
    finished: bool


@dataclass(frozen=True)
class Side:
    """The erasable side of a session: the key of its salts and (entry, salt, words)."""

    salt_key: str
    texts: tuple[tuple[int, str, str], ...]

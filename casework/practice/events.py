"""What will happen, earliest first: the one queue of events on which the desk and every simulation run.

Things are taken in order of time; at one instant in the order that whoever adds them gives; and after that in the
order in which they were added, so that nothing hangs on chance or on how the heap lies in memory. What happens, and
what it sets off, is the caller's: the agenda keeps the order and nothing else.
"""

from __future__ import annotations

from collections.abc import Iterable
from heapq import heapify, heappop, heappush
from typing import Any, Generic, TypeVar

At = TypeVar("At")  # An instant, or any number that tells earlier from later.
What = TypeVar("What")


class Agenda(Generic[At, What]):
    """Things to come, as (at, order, number of adding, what). Changed in place; adding and taking cost log n."""

    __slots__ = ("_added", "_entries")

    def __init__(self, entries: Iterable[tuple[At, int, What]] = ()) -> None:
        self._entries: list[tuple[Any, int, int, What]] = [(at, order, n, what) for n, (at, order, what) in enumerate(entries)]
        self._added = len(self._entries)
        heapify(self._entries)

    def __len__(self) -> int:
        return len(self._entries)

    def add(self, at: At, order: int, what: What) -> None:
        """One thing more. At one instant a lower `order` comes first."""
        self._added += 1
        heappush(self._entries, (at, order, self._added, what))

    def take(self, end: At, inclusive: bool = True) -> tuple[At, What] | None:
        """The next thing before `end` (or on it) and when it is, taken off; None where there is none."""
        entries = self._entries
        if not entries or entries[0][0] > end or (not inclusive and entries[0][0] == end):
            return None
        at, _, _, what = heappop(entries)
        return at, what

    def next_at(self) -> At | None:
        """When the next thing is, or None."""
        return self._entries[0][0] if self._entries else None

    def waiting(self) -> tuple[What, ...]:
        """What has not been taken yet, in the order in which it was added."""
        return tuple(entry[3] for entry in sorted(self._entries, key=lambda entry: entry[2]))

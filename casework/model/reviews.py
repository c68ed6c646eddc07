"""The record of a review: people's marks of one file, as entries that only grow, chained as a decision log is.

A sheet holds one marker's marks, of the handling (first, second) or of what it came to (outcome); the course of a file holds what several people decide about it: who marks,
what settles a difference, feedback, appeals. Words stand beside the chain, as a salted digest in it.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict

from casework.model import strict_json
from casework.model.decisions import Line, canonical, digest
from casework.model.errors import BrokenLog

Slot = Literal["first", "second", "course", "outcome"]
SLOTS: tuple[Slot, ...] = ("first", "second")
Did = Literal[
    "begun", "assigned", "marked", "submitted", "refused", "adjudicated", "sent", "acknowledged", "appealed", "answered", "rescored", "looked",
]  # fmt: skip
BESIDE: tuple[Did, ...] = ("refused", "looked")  # What is kept and moves no version.


class ReviewEvent(BaseModel):
    """One entry. `at` is real time (UTC). `begun` names the file and pins the rubric; `refused` is an attempt that came too late.

    `was` is what the level was before: on a refused attempt, what stood by then.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    n: int
    at: datetime
    by: str
    did: Did
    session: str | None = None
    case: str | None = None
    slot: Slot | None = None
    rubric: str | None = None
    version: int | None = None
    pinned: str | None = None
    criterion: str | None = None
    level: str | None = None
    was: str | None = None
    cause: str | None = None
    evidence: tuple[int, ...] = ()
    to: str | None = None
    text: str | None = None
    stale: tuple[str, ...] = ()


def review_id(session: str, case: str, slot: Slot) -> str:
    """The id of a sheet or of a file's course."""
    return digest(["review", session, case, slot])[:32]


def lines_of(previous: str, events: tuple[ReviewEvent, ...]) -> tuple[Line, ...]:
    """The lines of entries that follow the line with the hash `previous` (empty before the first)."""
    lines = []
    for event in events:
        row = event.model_dump(exclude_defaults=True, mode="json")
        row["at"] = event.at.astimezone(UTC).isoformat(timespec="microseconds")
        row["prev"] = previous
        previous = digest(row)
        lines.append(Line(event.n, previous, canonical({**row, "hash": previous})))
    return tuple(lines)


def decode(lines: list[str]) -> tuple[tuple[ReviewEvent, ...], str]:
    """The entries of a chain and its last hash; BrokenLog naming the first entry that does not verify."""
    previous, events = "", []
    for n, line in enumerate(lines, 1):
        try:
            row = strict_json.parse(line)
            claimed, before = row.pop("hash"), row.get("prev")
            whole = canonical({**row, "hash": claimed}) == line and digest(row) == claimed and before == previous and row["n"] == n
            row.pop("prev")
            event = ReviewEvent.model_validate(row)
        except (ValueError, KeyError, TypeError, AttributeError):
            raise BrokenLog(n, "not an entry of a review") from None
        if not whole:
            raise BrokenLog(n, "it does not follow from the entry before it, or was altered")
        events.append(event)
        previous = claimed
    return tuple(events), previous

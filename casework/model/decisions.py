"""The decision log: a header, then entries, each carrying the hash of the one before.

The hash is SHA-256 over canonical JSON (sorted keys, no spaces, UTF-8). Words are not in the log: an
entry holds a salted digest of its text, and the words with their salt lie in a side store that can be
erased. The variables that a text mentions are recorded when it is written, so a verdict that rests on
them outlives the words.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from casework.model import strict_json
from casework.model.checks import Accuracy, Action, Empathy
from casework.model.errors import BrokenLog

Kind = Literal["opened", "arrived", "acted", "decided", "closed", "remarked", "hinted"]
Mode = Literal["practice", "guided", "assessment", "scripted", "live"]  # Live: real work, brought in from a case system.
Help = Literal["look", "rule"]  # Where to look; then the deciding clause in words.
Confidence = Literal["guessing", "fairly", "sure"]


class _Value(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class Recorded(_Value):
    """What the export behind an imported log records at all; what it does not, nobody may hold against anyone.

    `actions`: of the assistant's, those that are always recorded. `others`: the roles whose acts are. `details`:
    what it has columns or words for. `may_know`: whether content may go to a role; one not named cannot be told.
    `precision`: whether times are known to the second or only to the day. `office`, `authority`: calendars.
    """

    actions: tuple[Action, ...] = ()
    others: tuple[str, ...] = ()
    details: tuple[str, ...] = ()
    may_know: dict[str, bool] = Field(default_factory=dict)
    precision: Literal["second", "day"] = "second"
    office: str
    authority: str


class Header(_Value):
    """What a log was played with. `digests` pins the content, by kind; `recorded` is told of imported work only."""

    format: Literal["log/1"] = "log/1"
    session: str
    trainee: str
    source: Literal["simulated", "imported"]
    mode: Mode
    scenario: str | None = None
    caseload: str | None = None
    version: int
    seed: int
    attempt: int = 1
    zone: str
    engine: str
    digests: dict[str, str]
    recorded: Recorded | None = None


class Event(_Value):
    """One entry. `at` is UTC; a decision is stamped when its effort ends.

    Of imported work, `activity` is the case system's own word, `starts` the clocks that an arrival starts, and
    `by` on a decision who took it.
    """

    n: int
    at: datetime
    event: Kind
    case: str | None = None
    do: Action | None = None
    item: str | None = None
    to: str | None = None
    from_: str | None = Field(default=None, alias="from")
    by: str | None = None
    channel: str | None = None
    as_: str | None = Field(default=None, alias="as")
    for_: str | None = Field(default=None, alias="for")
    turn: str | None = None
    choice: str | None = None
    empathy: Empathy | None = None
    accuracy: Accuracy | None = None
    counts_as: Action | None = None
    acceptance: str | None = None
    cites: str | None = None
    amount: str | None = None
    waiting_for: str | None = None
    because: int | None = None
    mentions: tuple[str, ...] = ()
    text: str | None = None
    minutes: int = 0
    confidence: Confidence | None = None
    criterion: str | None = None
    corrects: int | None = None
    hint: Help | None = None
    starts: tuple[str, ...] = ()
    activity: str | None = None

    @property
    def acts(self) -> tuple[str, ...]:
        """The action done, and the one that it amounts to."""
        return tuple(name for name in (self.do, self.counts_as) if name is not None)


REMARKS = 50  # A finished log may end in this many remarks: what the trainee thought of it, and disputes of marks.


@dataclass(frozen=True)
class DecisionLog:
    header: Header
    events: tuple[Event, ...]

    @property
    def finished(self) -> bool:
        return any(event.event == "closed" for event in self.events[-REMARKS:])


def canonical(value: Any) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def digest(value: Any) -> str:
    """SHA-256, in hex, over canonical JSON."""
    return hashlib.sha256(canonical(value).encode()).hexdigest()


def salted(text: str, salt: str) -> str:
    return hashlib.sha256((salt + "\0" + text).encode()).hexdigest()


def _plain(event: Event) -> dict[str, Any]:
    row = event.model_dump(by_alias=True, exclude_defaults=True, mode="json")
    row["at"] = event.at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return row


@dataclass(frozen=True)
class Line:
    """One line of a log: entry `n` (0 is the header) as canonical JSON, and its hash."""

    n: int
    hash: str
    text: str


def header_line(header: Header) -> Line:
    return chained(None, (header.model_dump(exclude_none=True, mode="json"),))[0]


def lines_after(previous: str, events: tuple[Event, ...]) -> tuple[Line, ...]:
    """The lines of entries that follow the line with the hash `previous`."""
    return chained(previous, [_plain(event) for event in events])


def chained(previous: str | None, rows: Iterable[dict[str, Any]]) -> tuple[Line, ...]:
    """The lines of rows that follow the line with the hash `previous`; without one, the first is a header."""
    lines = []
    for row in rows:
        row = row if previous is None else {**row, "prev": previous}
        previous = digest(row)
        lines.append(Line(row.get("n", 0), previous, canonical({**row, "hash": previous})))
    return tuple(lines)


def lines_of(log: DecisionLog) -> tuple[Line, ...]:
    first = header_line(log.header)
    return (first, *lines_after(first.hash, log.events))


def encode(log: DecisionLog) -> str:
    """The log as JSON Lines, hashes filled in."""
    return "".join(line.text + "\n" for line in lines_of(log))


def head_hash(log: DecisionLog) -> str:
    return lines_of(log)[-1].hash


def rows_of(text: str, what: str = "log") -> Iterator[tuple[int, dict[str, Any], str]]:
    """Each entry of a chained file as (n, its content, its hash), verified as it is reached; BrokenLog names the first that does not."""
    lines = text.split("\n")[:-1] if text.endswith("\n") else text.split("\n")
    if lines in ([], [""]):
        raise BrokenLog(0, f"the file is empty; a {what} begins with a header")
    if not text.endswith("\n"):
        raise BrokenLog(len(lines) - 1, "the last line is cut off in the middle")
    previous = ""
    for n, line in enumerate(lines):
        row = _row(n, line)
        claimed = row.pop("hash", None)
        if n and row.get("n") != n:
            raise BrokenLog(n, f"entry {row.get('n')} stands where entry {n} belongs: reordered, or one is missing")
        if n and row.get("prev") != previous:
            raise BrokenLog(n, "it does not follow from the entry before it: altered, reordered or cut")
        if not _hashed_as_written(line, claimed) and digest(row) != claimed:
            raise BrokenLog(n, "its content does not match its hash: it was altered")
        row.pop("prev", None)
        previous = str(claimed)
        yield n, row, previous


FIRST = '{"hash":"'


def _hashed_as_written(line: str, claimed: object) -> bool:
    """Whether a line whose first key is its hash has it over the rest of its very text: the quick way to see that a canonical line holds."""
    if not isinstance(claimed, str) or not line.startswith(f'{FIRST}{claimed}",'):
        return False
    return hashlib.sha256(f"{{{line[len(FIRST) + len(claimed) + 2:]}".encode()).hexdigest() == claimed


def decode(text: str) -> DecisionLog:
    """The log in JSON Lines; raises BrokenLog naming the first entry that does not verify."""
    events: list[Event] = []
    header: Header | None = None
    for n, row, _ in rows_of(text):
        try:
            if n:
                events.append(Event.model_validate(row))
            else:
                header = Header.model_validate(row)
        except ValueError as error:
            raise BrokenLog(n, f"not an entry of log/1 ({str(error).splitlines()[0]})") from None
    assert header is not None
    return DecisionLog(header, tuple(events))


LONGEST = 200_000  # Characters of one line; the words are not in it.


def _row(n: int, line: str) -> dict[str, Any]:
    if len(line) > LONGEST:
        raise BrokenLog(n, f"longer than {LONGEST:,} characters, which no entry is")
    try:
        row = strict_json.parse_quickly(line)
        if not isinstance(row, dict):
            raise ValueError("not a JSON object")
        same = canonical(row) == line
        if not same:
            strict_json.parse(line)  # Says what is wrong with it, where it is more than its form.
    except ValueError as error:
        raise BrokenLog(n, f"not a line of JSON ({error})") from None
    if not same:
        raise BrokenLog(n, "not written in the log's own form (sorted keys, no spaces): it was altered")
    return row

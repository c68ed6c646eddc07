"""Ledgers on disk: pieces of evidence, sign-off events and events of plans as JSON Lines, each entry carrying the hash of the one before.

The chain holds no name and no word of a person: for a name it has a reference drawn by chance, for words their salted
digest. What they stand for lies in a file beside it, the only one that is ever erased from; the chain then still
verifies, and figures stay what they were.
"""

from __future__ import annotations

import json
import os
import re
import secrets
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any, Literal, TypeVar

from pydantic import AwareDatetime, BaseModel, ConfigDict, TypeAdapter

from casework.edges import limits, locks, logfiles, memory
from casework.model import strict_json
from casework.model.decisions import chained, digest, rows_of, salted
from casework.model.errors import BadInput, BrokenLog
from casework.model.library import nearest
from casework.progress.pieces import CHAINED, GONE, NOBODY, RUBRIC, Piece
from casework.progress.plans import PlanEvent
from casework.progress.signing import Signed

HEADER = {"format": "ledger/2"}
PLANS: TypeAdapter[PlanEvent] = TypeAdapter(PlanEvent)
Why = Literal["asked for", "time is over"]
T = TypeVar("T")


class Erasure(BaseModel):
    """That names and words were erased: whose (references), when, on whose word, and why."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    at: AwareDatetime
    by: str
    why: Why
    people: tuple[str, ...] = ()
    words: tuple[str, ...] = ()


Entry = Piece | Signed | PlanEvent
KINDS = ("piece", "signed", "plan")  # What an entry about a person is called.


@dataclass(frozen=True)
class Words:
    """What stands beside the chain: names by their references, and words with their salts by their digests."""

    people: dict[str, str] = field(default_factory=dict)
    words: dict[str, tuple[str, str]] = field(default_factory=dict)


@dataclass(frozen=True)
class Book:
    """A ledger as read: pieces and events in the order in which they were written. `head` is the last entry's hash.

    `erased` are the people whose names are gone, as they are called now.
    """

    pieces: tuple[Piece, ...] = ()
    events: tuple[Signed, ...] = ()
    head: str = ""
    erasures: tuple[Erasure, ...] = ()
    erased: frozenset[str] = frozenset()
    plans: tuple[PlanEvent, ...] = ()

    @property
    def signs(self) -> dict[tuple[str, str], tuple[Signed, ...]]:
        """The events by trainee and competency."""
        found: dict[tuple[str, str], tuple[Signed, ...]] = {}
        for event in self.events:
            key = event.trainee, event.competency
            found[key] = (*found.get(key, ()), event)
        return found


def words_path(path: Path) -> Path:
    """The file beside a ledger that holds its names and words."""
    return path.with_name(f"{path.name.removesuffix('.jsonl')}.words.json")


def read(path: Path) -> Book:
    """The verified ledger; BadInput if a file cannot be read or the words do not fit, BrokenLog where the chain does not verify."""
    with memory.uncollected():
        return _decoded(_text(path), _words(path), path)


def begun(path: Path) -> Book:
    """As `read`, and an empty one where the file is yet to be made."""
    return read(path) if path.exists() else Book()


def _text(path: Path) -> str:
    try:
        return limits.read(path, limits.LEDGER, "a ledger that casework progress or signoff wrote").decode("utf-8")
    except UnicodeDecodeError:
        raise BadInput(f"{path}: not a text file; give the path of a ledger") from None


def _words(path: Path) -> Words:
    beside = words_path(path)
    if not beside.exists():
        return Words()
    try:
        found = strict_json.parse(limits.read(beside, limits.LEDGER, "the names and words beside a ledger").decode("utf-8"))
        words = {ref: (one["salt"], one["text"]) for ref, one in found["words"].items()}
        people = dict(found["people"])
        if not all(isinstance(text, str) for text in (*people.values(), *(part for pair in words.values() for part in pair))):
            raise ValueError("a name or a text is not written as text")
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise BadInput(f"{beside}: not the names and words beside a ledger ({str(error).splitlines()[0]}); restore it from a backup") from None
    wrong = next((ref for ref, (salt, text) in words.items() if salted(text, salt) != ref), None)
    if wrong is not None:
        raise BadInput(f"{beside}: the words of {wrong[:12]} are not those that were written; restore the file from a backup")
    return Words(people, words)


def _encoded(words: Words) -> bytes:
    held = {"people": words.people, "words": {ref: {"salt": salt, "text": text} for ref, (salt, text) in words.words.items()}}
    return (json.dumps(held, ensure_ascii=False, indent=1) + "\n").encode("utf-8", errors="surrogatepass")


class _Reader:
    """Puts names and words back into the rows of a chain."""

    def __init__(self, words: Words, path: Path) -> None:
        self.words, self.path = words, path
        self.erasures: list[Erasure] = []
        self.gone: set[str] = set()

    def erased(self, one: Erasure) -> None:
        self.erasures.insert(0, one)
        self.gone |= {*one.people, *one.words}

    def piece(self, row: dict[str, Any]) -> Piece:
        if not row.get("id"):
            raise ValueError("a piece without its id")
        says = {"says": self.text(row["says"])} if "says" in row else {}
        for part in row["parts"]:
            _share(part, "competency")
            for given in part.get("given", ()):
                _share(given, "criterion")
        _share(row, "kind", "scenario", "family", "jurisdiction", "rubric", "rubric_version")
        return Piece.model_validate({**self._named(row), **says}, context=CHAINED)

    def signed(self, row: dict[str, Any]) -> Signed:
        return Signed.model_validate({**self._named(row), "reason": self.text(row["reason"])})

    def plan(self, row: dict[str, Any]) -> PlanEvent:
        says = {"says": self.text(row["says"])} if "says" in row else {}
        return PLANS.validate_python({**self._named(row), **says})

    def _named(self, row: dict[str, Any]) -> dict[str, Any]:
        return {**row, **{key: self.name(row[key]) for key in ("trainee", "by") if row[key] != RUBRIC}}

    def name(self, ref: str) -> str:
        return NOBODY + ref[:6] if ref in self.gone else self._standing(ref, self.words.people)

    def text(self, ref: str) -> str:
        return GONE if ref in self.gone else self._standing(ref, self.words.words)[1]

    def _standing(self, ref: str, held: dict[str, T]) -> T:
        """What a reference stands for; BadInput where that is missing though nobody erased it."""
        if ref not in held:
            raise BadInput(f"{words_path(self.path)}: what {ref[:12]} stands for is missing, and no erasure is written in the ledger; restore the file from a backup")
        return held[ref]


def _share(row: dict[str, Any], *keys: str) -> None:
    """Lets a text that stands in thousands of entries stand in memory once."""
    for key in keys:
        if type(text := row.get(key)) is str:
            row[key] = sys.intern(text)


def _decoded(text: str, words: Words, path: Path) -> Book:
    pieces: list[Piece] = []
    events: list[Signed] = []
    plans: list[PlanEvent] = []
    rows: list[tuple[int, dict[str, Any]]] = []
    head = ""
    for n, row, head in rows_of(text, "ledger"):  # noqa: B007
        if n == 0 and row != HEADER:
            raise BrokenLog(n, f"not an entry of ledger/2 (found {str(row.get('format'))[:40]!r} where {HEADER['format']} belongs)")
        if n:
            rows.append((n, row))
    reader = _Reader(words, path)
    for number, row in reversed(rows):  # From the last: what was erased is known before it is met.
        try:
            if set(row) == {"n", "erased"}:
                reader.erased(Erasure.model_validate(row["erased"]))
            elif set(row) == {"n", "piece"}:
                pieces.append(reader.piece(row["piece"]))
            elif set(row) == {"n", "signed"}:
                events.append(reader.signed(row["signed"]))
            elif set(row) == {"n", "plan"}:
                plans.append(reader.plan(row["plan"]))
            else:
                raise ValueError("neither a piece, a sign-off, an event of a plan nor an erasure")
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise BrokenLog(number, f"not an entry of ledger/2 ({str(error).splitlines()[0]})") from None
    pieces.reverse()
    events.reverse()
    plans.reverse()
    every: tuple[Entry, ...] = (*pieces, *events, *plans)
    names = {name for one in every for name in (one.trainee, one.by)}
    return Book(tuple(pieces), tuple(events), head, tuple(reader.erasures), frozenset(name for name in names if name.startswith(NOBODY)), tuple(plans))


@contextmanager
def held(path: Path) -> Iterator[None]:
    """Keeps every other writer of this ledger out. BadInput if one is at work."""
    with locks.held(path.with_name(f".{path.name}.lock"), path, "somebody else is writing to it; try again", "--ledger"):
        yield


def append(path: Path, entries: Sequence[Entry]) -> None:
    """Writes entries after those that are there, all or none. Hold it first.

    Only the last entry is verified, so that one more costs no more than copying the file; reading verifies them all.
    """
    if entries:
        words = _words(path)
        rows = [_row(entry, words) for entry in entries]
        # Names and words first: a crash in between leaves some that nothing refers to, and never an entry that cannot be read.
        _put(words_path(path), _encoded(words))
        _chain(path, rows)


def _row(entry: Entry, words: Words) -> dict[str, Any]:
    """An entry without a name or a word, which go to `words`."""
    kind = "piece" if isinstance(entry, Piece) else "signed" if isinstance(entry, Signed) else "plan"
    row = PLANS.dump_python(entry, mode="json", exclude_defaults=True) if isinstance(entry, PlanEvent) else entry.model_dump(mode="json", exclude_defaults=True)
    known = {name: ref for ref, name in words.people.items()}
    for key in ("trainee", "by"):
        if row[key] != RUBRIC:
            if row[key] not in known:
                known[row[key]] = secrets.token_hex(8)
                words.people[known[row[key]]] = row[key]
            row[key] = known[row[key]]
    key = "reason" if kind == "signed" else "says"
    if row.get(key):
        salt = secrets.token_hex(16)
        ref = salted(row[key], salt)
        words.words[ref] = salt, row[key]
        row[key] = ref
    return {kind: row}


def _chain(path: Path, rows: Iterable[dict[str, Any]]) -> None:
    before = limits.read(path, limits.LEDGER, "a ledger") if path.exists() else (chained(None, [HEADER])[0].text + "\n").encode()
    number, head = _last(before)
    more = chained(head, [{"n": n, **row} for n, row in enumerate(rows, number + 1)])
    raw = before + "".join(line.text + "\n" for line in more).encode()
    if len(raw) > limits.LEDGER:
        raise BadInput(f"{path}: would grow beyond {limits.LEDGER:,} bytes, and nobody could read it then; nothing was written. Begin a new ledger beside it")
    _put(path, raw)


def _last(raw: bytes) -> tuple[int, str]:
    """The number and the hash of a chain's last entry; BrokenLog where it does not verify."""
    line = raw[raw.rstrip(b"\n").rfind(b"\n") + 1 :]
    try:
        row = json.loads(line)
        claimed = row.pop("hash")
        fits = line.endswith(b"\n") and digest(row) == claimed
        number = row.get("n", 0)
    except (ValueError, KeyError, AttributeError):
        fits = False
    if not fits:
        raise BrokenLog(raw.count(b"\n"), "the last entry does not verify: it was altered, or cut off in the middle")
    return number, claimed


def _put(path: Path, raw: bytes) -> None:
    """Writes the whole file or nothing, for its owner's eyes alone unless it was made open before."""
    mode = os.stat(path).st_mode & 0o777 if path.exists() else 0o600
    logfiles.write_bytes(path, raw, mode)


def reference(path: Path, name: str) -> str:
    """What the chain has in place of a name: drawn by chance, so that nobody guesses whose it is. BadInput where the ledger does not know the name."""
    people = _words(path).people
    found = next((ref for ref, one in people.items() if one == name), None)
    if found is None:
        raise BadInput(f"{path}: holds nothing of {name!r}{nearest(name, sorted(people.values()))}; names are written as in the ledger")
    return found


@dataclass(frozen=True)
class Erased:
    """What an erasure took, or would take: references of people and of words, and in how many entries of others they were named."""

    people: tuple[str, ...]
    words: tuple[str, ...]
    named_elsewhere: int = 0


def of_person(path: Path, name: str, called: Sequence[str] = ()) -> Erased:
    """What of a person can be erased: their name, what was said about them, what they said of themselves, and others' words that name them.

    `called` are names that they go by in words, where the ledger knows them by an id.

    BadInput where the ledger does not know the name.
    """
    book, words = _text(path), _words(path)
    people = tuple(ref for ref, one in words.people.items() if name == one or name in one.split(" and "))
    if not people:
        raise BadInput(f"{path}: no evidence, no sign-off and no plan of or by {name!r}; names are written as in the ledger, such as {', '.join(sorted(words.people.values())[:5]) or 'none'}")
    about = {ref for _, row, _ in rows_of(book, "ledger") for ref in _said(row, lambda whose: whose in people)}
    spelt = re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, (name, *called)))})(?!\w)", re.IGNORECASE)
    named = {ref for ref, (_, text) in words.words.items() if spelt.search(text)}
    return Erased(people, tuple(sorted((about | named) & words.words.keys())), len((named - about) & words.words.keys()))


def past(path: Path, before: Callable[[str], datetime | None]) -> Erased:
    """What is past its time: words by the kind of their entry, and the names of people of whom nothing later is left.

    `before` gives, by kind of record, the moment before which it is past its time; None for never.
    """
    words, rows = _words(path), [row for _, row, _ in rows_of(_text(path), "ledger")]
    late, kept = set[str](), set[str]()
    for row in rows:
        one: dict[str, Any] = _entry(row) or row.get("erased") or {}
        edge = before("plan" if "plan" in row else one.get("kind", "sign-off"))
        if not one or (edge is not None and _written(one) < edge):
            late |= _said(row, lambda _: True)
        else:
            kept |= {one["by"], one.get("trainee", "")}
    return Erased(tuple(ref for ref in words.people if ref not in kept), tuple(ref for ref in words.words if ref in late))


def _entry(row: dict[str, Any]) -> dict[str, Any]:
    """What an entry says of a person; empty for the header and erasures."""
    return next((row[kind] for kind in KINDS if kind in row), {})


def _written(one: dict[str, Any]) -> datetime:
    """The moment of an entry; a day of a plan stands for its end."""
    return datetime.fromisoformat(one["at"]) if "at" in one else datetime.combine(date.fromisoformat(one["on"]), time.max, UTC)


def _said(row: dict[str, Any], whose: Callable[[str], bool]) -> set[str]:
    """The reference of the words of an entry, if it is about one of these people."""
    one = _entry(row)
    ref = one.get("says") or one.get("reason")
    return {ref} if ref and whose(one["trainee"]) else set()


def erase(path: Path, what: Erased, at: datetime, by: str, why: Why) -> None:
    """Erases names and words, and writes into the chain that it was done. Hold it first.

    The chain comes first: were the power to go in between, the same command would end what was begun.
    """
    words = _words(path)
    known = {name: ref for ref, name in words.people.items()}
    if by not in known:
        known[by] = secrets.token_hex(8)
        words.people[known[by]] = by
        _put(words_path(path), _encoded(words))
    erasure = Erasure(at=at, by=known[by], why=why, people=what.people, words=what.words)
    _chain(path, [{"erased": erasure.model_dump(mode="json")}])
    left = Words({ref: name for ref, name in words.people.items() if ref not in what.people}, {ref: one for ref, one in words.words.items() if ref not in what.words})
    _put(words_path(path), _encoded(left))

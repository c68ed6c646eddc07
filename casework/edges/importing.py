"""The export of a case system made decision logs, one a case, with an account in which every row is found again."""

from __future__ import annotations

import hashlib
import hmac
import os
import re
import secrets
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from casework import __version__
from casework.edges import batches, exchange, logfiles
from casework.model import timestamps, worktime
from casework.model.calendars import Calendar
from casework.model.decisions import DecisionLog, Event, Header, Recorded, canonical, digest, salted
from casework.model.errors import BadInput
from casework.model.mappings import Acted, Arrives, Done, Mapping

SHOWN = 20  # Faults that are listed in full; the rest are counted.
YEARS = (1900, 2199)  # Systems write 0001-01-01 or 9999-12-31 for no date; no case was worked on then.
DIGITS = 15  # Before the decimals of an amount; more are a number of something else, and sums stay exact.
Words = tuple[tuple[int, str, str], ...]


@dataclass(frozen=True)
class Account:
    """Where every row went. `unknown` are activities that the mapping does not name, with their rows.

    `hours_lived_twice`: times without an offset in an hour that clocks going back repeat, read as the first of the two.
    """

    rows: int
    decisions: int
    arrivals: int
    acts: int
    ignored: int
    unknown: dict[str, int]
    repeats: int
    cases: int
    empty_cases: int
    logs: int
    amount_in: Decimal
    amount_kept: Decimal
    amount_left: Decimal
    currency: str | None
    hours_lived_twice: int

    @property
    def reconciles(self) -> bool:
        gone = self.ignored + sum(self.unknown.values()) + self.repeats
        return self.rows == self.decisions + self.arrivals + self.acts + gone and self.cases == self.logs + self.empty_cases and self.amount_in == self.amount_kept + self.amount_left


@dataclass(frozen=True)
class Imported:
    logs: tuple[tuple[DecisionLog, Words], ...]
    account: Account


@dataclass
class _Tally:
    """What is counted while rows are read."""

    kinds: Counter[str] = field(default_factory=Counter)
    unknown: Counter[str] = field(default_factory=Counter)
    amount_in: Decimal = Decimal(0)
    amount_left: Decimal = Decimal(0)
    faults: list[str] = field(default_factory=list)
    days_only: bool = False
    twice: int = 0


def events(path: Path, mapping: Mapping, calendar: Calendar, key: bytes, with_text: bool) -> Imported:
    """The logs of an export and their account; BadInput with every cell that does not fit its declared form."""
    placed = exchange.placed(path)
    rows = [row for _, row in placed]
    _columns(path, mapping, rows)
    reader = _Reader(mapping, calendar, key, _Tally())
    seen: set[str] = set()
    cases: dict[str, list[tuple[datetime, int, dict[str, Any], str]]] = {}
    every: set[str] = set()
    for n, (place, row) in enumerate(placed, 1):
        case = row.get(mapping.case, "")
        if case.strip() == "":
            reader.tally.faults.append(f"{place}: no case in {mapping.case!r}")
            continue
        every.add(case)
        whole = canonical(row) if mapping.repeats == "drop" else ""
        read = reader.row(place, row, whole != "" and whole in seen)
        seen.add(whole)
        if read is not None:
            at, fields = read
            words = row.get(mapping.text, "") if with_text and mapping.text is not None else ""
            cases.setdefault(case, []).append((at, n, fields, words))
    tally = reader.tally
    if tally.faults:
        more = len(tally.faults) - SHOWN
        told = "\n".join(f"{path}: {one}" for one in tally.faults[:SHOWN])
        raise BadInput(f"{told}{f'{chr(10)}{path}: and {more} more like these' if more > 0 else ''}\nNothing was imported: mend the export, or say in the mapping how it is written")
    logs = tuple(reader.log(case, found) for case, found in cases.items())
    count = tally.kinds
    kept = sum((Decimal(e.amount.partition(" ")[2]) for log, _ in logs for e in log.events if e.amount is not None), Decimal(0))
    account = Account(
        len(rows), count["decided"], count["arrived"], count["acted"], count["ignored"], dict(tally.unknown.most_common()), count["repeats"],
        len(every), len(every) - len(cases), len(logs), tally.amount_in, kept, tally.amount_left, mapping.amount.currency if mapping.amount else None,
        tally.twice,
    )  # fmt: skip
    return Imported(logs, account)


def _columns(path: Path, mapping: Mapping, rows: list[dict[str, str]]) -> None:
    if not rows:
        raise BadInput(f"{path}: holds no rows under its names of columns; export it anew")
    names = list(dict.fromkeys(name for row in rows for name in row))
    unmapped = [name for name in names if name not in mapping.columns]
    if unmapped:
        lines = "\n".join(f"  {canonical(name)}: drop" for name in unmapped)
        raise BadInput(
            f"{path}: the mapping {mapping.id} says nothing of {len(unmapped)} columns, so nothing was imported. Decide on each (keep, pseudonymise "
            f"or drop) under 'columns'; ready to paste:\n{lines}"
        )
    missing = [f"{column!r} ({what})" for what, column in mapping.bound.items() if column not in names]
    if missing:
        raise BadInput(f"{path}: has no column {', '.join(missing)}; it has {', '.join(map(repr, names))}. Change the mapping {mapping.id}, or export these too")


@dataclass(frozen=True)
class _Reader:
    """One mapping, applied row by row. Pseudonyms are keyed digests: without the key nobody can try names."""

    mapping: Mapping
    calendar: Calendar
    key: bytes
    tally: _Tally

    def pseudonym(self, kind: str, value: str, length: int) -> str:
        return hmac.new(self.key, f"{kind}\0{value}".encode(), hashlib.sha256).hexdigest()[:length]

    def row(self, place: str, row: dict[str, str], repeat: bool) -> tuple[datetime, dict[str, Any]] | None:
        """When, and the fields of the event that a row says; None if it is left out, which is counted."""
        mapping, tally = self.mapping, self.tally
        at = self._time(place, row.get(mapping.time.column, ""))
        amount = self._amount(place, row)
        word = row.get(mapping.activity, "")
        activity = mapping.activities.get(word)
        tally.amount_in += amount or 0
        if repeat:
            tally.kinds["repeats"] += 1
        elif activity is None:
            tally.unknown[word] += 1
        elif activity == "ignore":
            tally.kinds["ignored"] += 1
        if repeat or activity is None or activity == "ignore" or at is None:
            tally.amount_left += amount or 0
            return None
        fields: dict[str, Any] = {"activity": word, **self._said(row)}
        who, role = self._who(row)
        if isinstance(activity, Arrives):
            kind, given = "arrived", activity.arrives.model_dump(by_alias=True, exclude_none=True)
        elif isinstance(activity, Acted):
            kind, given = "acted", activity.acted.model_dump(by_alias=True, exclude_none=True)
        else:
            assert isinstance(activity, Done)
            kind, given = "decided", activity.model_dump(by_alias=True, exclude_none=True)
            if role is not None:
                kind = "acted"
                given.pop("from", None)
            given["by"] = role or who
        tally.kinds[kind] += 1
        if amount is not None:
            assert mapping.amount is not None
            fields["amount"] = f"{mapping.amount.currency} {amount}"
        # The mapping's word for an activity stands before what a column says of the row.
        return at, {"event": kind, **fields, **{name: value for name, value in given.items() if value not in (None, ())}}

    def _time(self, place: str, cell: str) -> datetime | None:
        """The instant that a cell means (UTC); None, with the fault noted, if it is none that the mapping declares."""
        asked = self.mapping.time
        stamp = timestamps.read(cell.strip(), asked.formats)
        where = f"{place}, {asked.column}: found {cell!r}"
        if stamp is None:
            self.tally.faults.append(f"{where}; allowed: {' or '.join(asked.formats)}, as the mapping declares")
            return None
        if not YEARS[0] <= stamp.on.year <= YEARS[1]:
            self.tally.faults.append(f"{where}; allowed: the years {YEARS[0]} to {YEARS[1]}. If it stands for no date, leave such rows out of the export")
            return None
        if stamp.at is not None:
            return stamp.at.astimezone(UTC)
        zone = ZoneInfo(asked.zone or self.calendar.zone)
        if stamp.clock is None:
            self.tally.days_only = True
            if asked.day_means is None:
                self.tally.faults.append(f"{where}, a day without a time; say in the mapping with 'day_means' which time is meant")
                return None
            if asked.day_means == "close":
                return self._close(stamp.on, zone)
            return datetime.combine(stamp.on, time.fromisoformat(asked.day_means), zone).astimezone(UTC)
        local = datetime.combine(stamp.on, stamp.clock, zone)
        found = local.astimezone(UTC)
        if found.astimezone(zone).replace(tzinfo=None) != local.replace(tzinfo=None):
            self.tally.faults.append(f"{where}, a time that did not exist in {zone.key}: clocks went forward. Give it with its offset")
            return None
        self.tally.twice += local.utcoffset() != local.replace(fold=1).utcoffset()
        return found

    def _close(self, day: Any, zone: ZoneInfo) -> datetime:
        try:
            return worktime.closing(self.calendar, worktime.next_working_day(self.calendar, day)) if worktime.is_working_day(self.calendar, day) else (
                datetime.combine(day, time(23, 59), zone).astimezone(UTC))
        except BadInput:
            # Before the calendar's table begins: the usual hours, as nobody can say otherwise.
            return datetime.combine(day, time(17), zone).astimezone(UTC)

    def _amount(self, place: str, row: dict[str, str]) -> Decimal | None:
        asked = self.mapping.amount
        cell = row.get(asked.column, "").strip() if asked is not None else ""
        if asked is None or not cell:
            return None
        group = "," if asked.decimal == "." else "."
        plain = cell.replace("\u00a0", "").replace(" ", "")
        whole = plain.partition(asked.decimal)[0].replace(group, "").lstrip("-")
        if len(whole) <= DIGITS and re.fullmatch(rf"-?\d{{1,3}}(\{group}\d{{3}})+(\{asked.decimal}\d+)?|-?\d+(\{asked.decimal}\d+)?", plain):
            return Decimal(plain.replace(group, "").replace(asked.decimal, "."))
        self.tally.faults.append(f"{place}, {asked.column}: found {cell!r}; allowed: an amount of at most {DIGITS} digits with {asked.decimal!r} before its decimals")
        return None

    def _said(self, row: dict[str, str]) -> dict[str, Any]:
        """What columns say of a row beside its activity."""
        mapping, found = self.mapping, {}
        if mapping.item is not None and (item := row.get(mapping.item, "").strip()):
            found["item"] = f"item-{self.pseudonym('item', item, 8)}" if mapping.columns[mapping.item] == "pseudonymise" else item
        for name, column in (("to", mapping.to), ("channel", mapping.channel)):
            if column is not None and (value := column.values.get(row.get(column.column, "").strip())):  # type: ignore[attr-defined]
                found[name] = value
        return found

    def _who(self, row: dict[str, str]) -> tuple[str | None, str | None]:
        """The person's pseudonym, and their role if they are no assistant."""
        mapping = self.mapping
        name = row.get(mapping.person, "").strip() if mapping.person else ""
        word = row.get(mapping.role, "").strip() if mapping.role else name
        role = mapping.roles.get(word)
        if not name:
            return None, None if role in (None, "assistant") else role
        shown = f"assistant-{self.pseudonym('person', name, 8)}" if mapping.columns[mapping.person or ""] == "pseudonymise" else name
        return shown, None if role in (None, "assistant") else role

    def log(self, case: str, rows: list[tuple[datetime, int, dict[str, Any], str]]) -> tuple[DecisionLog, Words]:
        """The log of one case, in order of time and then of the file."""
        mapping = self.mapping
        rows = sorted(rows, key=lambda one: one[:2])
        key = f"case-{self.pseudonym('case', case, 12)}" if mapping.columns[mapping.case] == "pseudonymise" else case
        busy = Counter(fields["by"] for _, _, fields, _ in rows if fields["event"] == "decided" and fields.get("by"))
        trainee = max(busy, key=lambda who: busy[who]) if busy else "unknown"
        plain = [{"n": 1, "at": rows[0][0], "event": "opened"}]
        words = []
        session = digest([mapping.id, mapping.version, key, [[at.isoformat(), fields] for at, _, fields, _ in rows]])[:16]
        for n, (at, _, fields, said) in enumerate(rows, 2):
            sealed = {}
            if said:
                salt = self.pseudonym("salt", f"{session}/{n}", 32)
                words.append((n, salt, said))
                sealed = {"text": salted(said, salt)}
            plain.append({"n": n, "at": at, "case": key, **fields, **sealed})
        plain.append({"n": len(plain) + 1, "at": rows[-1][0], "event": "closed"})
        header = Header(
            session=session, trainee=trainee, source="imported", mode="live", version=mapping.version, seed=1, zone=self.calendar.zone,
            engine=__version__, digests={f"mapping/{mapping.id}": digest(mapping.model_dump(mode="json", by_alias=True))}, recorded=self.recorded(),
        )  # fmt: skip
        return DecisionLog(header, tuple(Event.model_validate(fields) for fields in plain)), tuple(words)

    def recorded(self) -> Recorded:
        """What this mapping's export would show, had it happened."""
        mapping = self.mapping
        done = {one.do for one in mapping.activities.values() if isinstance(one, Done)} - set(mapping.partly)
        others = {one.acted.by for one in mapping.activities.values() if isinstance(one, Acted)} | {r for r in mapping.roles.values() if r != "assistant"}
        return Recorded(
            actions=tuple(sorted(done)), others=tuple(sorted(others)), details=tuple(sorted({"item", "to", "channel", "amount"} & set(mapping.bound))),
            may_know={role: may == "yes" for role, may in sorted(mapping.may_know.items())}, precision="day" if self.tally.days_only else "second",
            office=mapping.office, authority=mapping.authority,
        )  # fmt: skip


def the_key(file: Path) -> bytes:
    """The key of pseudonyms in a file, or a new one where there is no file yet; BadInput if it is too short to be one."""
    try:
        key = file.read_bytes().strip() if file.exists() else secrets.token_hex(32).encode()
    except OSError as error:
        raise BadInput(f"{file}: cannot be read or made ({error.strerror}); give a place for the key of pseudonyms with --key-file") from None
    if len(key) < 32:
        raise BadInput(f"{file}: holds {len(key)} bytes; a key of pseudonyms has 32 or more. Give another file, or one that is not there yet")
    return key


def keep_key(file: Path, key: bytes) -> None:
    """Keeps a new key, readable by its owner alone. An import that is refused leaves none behind."""
    try:
        if not file.exists():
            file.parent.mkdir(parents=True, exist_ok=True)
            with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
                out.write(key + b"\n")
    except OSError as error:
        raise BadInput(f"{file}: cannot be made ({error.strerror}); give a place for the key of pseudonyms with --key-file") from None


def write(logs: Iterable[tuple[DecisionLog, Words]], folder: Path) -> None:
    """Writes every log into a new folder: all of them, or nothing. BadInput if there is something in it already."""
    with logfiles.new_folder(folder, "so that no two imports are mixed") as made:
        for log, words in logs:
            case = next(e.case or "" for e in log.events if e.case is not None) if log.header.source == "imported" else log.header.session
            path = made / f"{batches.safe_name(case)}.jsonl"
            if path.exists():
                # Ids that look alike (an accent in one sign or in two) share a slug and yet are two cases.
                path = made / f"{batches.safe_name(case)}-{digest(case)[:16]}.jsonl"
            if words:
                logfiles.save(log, words, path)
            else:
                logfiles.write(path, logfiles.encode(log))

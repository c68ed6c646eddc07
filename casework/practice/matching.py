"""Does a decision fit? Used by the world (what arrives), by clocks (what stops) and by scoring."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cached_property
from typing import Any

from casework.model import phrases, worktime
from casework.model.checks import All, AnyOf, Did, Never, Not, Qualifiers
from casework.model.decisions import Event
from casework.model.library import Library
from casework.practice import clocks
from casework.practice.cases import Case, Money


@dataclass(frozen=True)
class Record:
    """The events of one case, with what is needed to judge them. `opened_at`: where `within` counts from."""

    library: Library
    case: Case
    events: tuple[Event, ...]
    opened_at: datetime | None = None

    @cached_property
    def decisions(self) -> tuple[Event, ...]:
        """The decisions that stand; one withdrawn by a later `correct` is history."""
        gone = self.withdrawn
        return tuple(event for event in self.events if event.event == "decided" and event.n not in gone)

    @cached_property
    def withdrawn(self) -> frozenset[int]:
        return frozenset(event.corrects for event in self.events if event.corrects is not None)

    def arrived_at(self, item: str) -> datetime | None:
        """When the item could first be seen; papers on file from the opening."""
        paper = self.case.papers.get(item)
        if paper is not None and paper.inject is None:
            return paper.arrived_at or self.case.opens
        return next((e.at for e in self.events if e.event in ("arrived", "acted") and e.item == item), None)

    def records(self, actions: Sequence[str]) -> bool:
        """Whether not finding these actions proves that they were not done."""
        recorded = self.case.recorded
        return recorded is None or set(actions) <= set(recorded.actions)

    def tells(self, detail: str) -> bool:
        """Whether a detail that a decision does not have was left out, and is not merely unrecorded."""
        recorded = self.case.recorded
        return recorded is None or detail in recorded.details

    def since(self, item: str) -> Record | None:
        """The record with `within` counted from when the item could first be seen; None if it never could."""
        opened = self.arrived_at(item)
        return None if opened is None else replace(self, opened_at=opened)

    def due(self, clause: str, start: datetime) -> datetime:
        rule = self.library.clause(clause, worktime.local(self.case.office, start).date()).clock
        assert rule is not None, f"{clause} has no clock"
        return clocks.reckon(rule, start, self.case.calendar_of(rule)).due_at


def mentioned(text: str, case: Case) -> tuple[str, ...]:
    """The variables, parts of records and parties that a text mentions, in any usual spelling."""
    lower = " ".join(_plain(text).split())
    found = {name for name, value in case.values.items() if _has(lower, value)}
    found |= {
        f"{name}.{part}" for name, value in case.values.items() if isinstance(value, dict) for part, one in value.items() if _has(lower, one)
    }
    for party in case.parties.values():
        surname = party.name.partition(",")[0].split()[-1]
        if _has(lower, party.name) or (len(surname) > 3 and _has(lower, surname)):
            found.add(party.id)
    return tuple(sorted(found))


def _plain(text: str) -> str:
    """Small letters without accents: whoever types Zoe means Zoë."""
    return "".join(sign for sign in unicodedata.normalize("NFKD", text.lower()) if not unicodedata.combining(sign))


def _has(lower: str, value: Any) -> bool:
    if isinstance(value, date):
        spellings: Iterable[str] = phrases.date_spellings(value)
    elif isinstance(value, Money):
        spellings = (str(value).lower(), f"{value.amount:,}", str(value.amount))
    elif isinstance(value, (str, int)):
        spellings = (str(value).lower(),)
    else:
        return False
    return any(re.search(rf"(?<![\w]){re.escape(_plain(word))}(?![\w])", lower) for word in spellings)


def _same_contact(record: Record, one: Event, other: Event) -> bool:
    """A contact runs from an answer or call to the next one; naming the same item also joins."""
    if one.item is not None and one.item == other.item:
        return True
    who = {one.to or one.from_, other.to or other.from_} - {None}
    if len(who) > 1 and one.item is not None and other.item is not None:
        return False
    first, last = sorted((one, other), key=lambda event: event.n)
    starts = [e.n for e in record.decisions if e.do in ("answer", "call") and first.n < e.n <= last.n]
    if last.item is not None and first.item is not None:
        return False
    return not starts


def _party_fits(record: Record, party_id: str | None, wanted: Sequence[str]) -> bool | None:
    party = record.case.parties.get(party_id or "")
    if party is None:
        return False if record.tells("to") or party_id is not None else None
    if party.id in wanted or party.role in wanted:
        return True
    if "may_know" not in wanted:
        return False
    if record.case.recorded is not None and party.role not in record.case.recorded.may_know:
        return None
    return party.may_know or party.role == "emergency_service"


def _neighbour(record: Record, wanted: Sequence[str], found: bool) -> bool | None:
    """Whether a decision has another before or after it; not finding one proves nothing where such are not recorded."""
    return True if found else False if record.records(wanted) else None


OURS = ("handler", "cover_handler", "adviser", "team_lead", "dpo", "finance", "press_office", "it_security", "colleague", "clinician")


def _names_case(record: Record, event: Event) -> bool:
    """Whether the words name anything of the case: not the one they are sent to, nor our own people, nor today."""
    case = record.case
    plain = {p.name for p in case.parties.values() if p.role in OURS or p.id == event.to}
    return any(
        name != "first_day" and (case.parties[name].name if name in case.parties else str(case.values.get(name))) not in plain
        for name in event.mentions
    )


def fits(record: Record, asked: Qualifiers, event: Event) -> bool | None:
    """True or False; None when only what is not known could tell: the quality of own words, what an export does not record."""
    case = record.case
    plain: list[bool | None] = []
    for name, wanted, value in (
        ("item", asked.item, event.item), ("channel", asked.channel, event.channel), ("as", asked.as_, event.as_),
        ("choice", asked.choice, event.choice), ("acceptance", asked.acceptance, event.acceptance), ("cites", asked.cites, event.cites),
    ):  # fmt: skip
        if wanted:
            known = value is not None or record.tells(name)
            plain.append((value is not None and value.casefold() in {word.casefold() for word in wanted}) if known else None)
    if asked.to:
        bland = "if_nothing_named" in asked.to and "disclose" not in event.acts
        fit = _party_fits(record, event.to, asked.to)
        plain.append(fit if fit or not bland else None if not record.tells("mentions") else not _names_case(record, event))
    if asked.from_:
        plain.append(_party_fits(record, event.from_, asked.from_))
    for_known = event.for_ is not None or record.tells("for")
    if asked.for_ is not None:
        plain.append(event.for_ == case.day(asked.for_).isoformat() if for_known else None)
    if asked.for_before is not None:
        plain.append((event.for_ is not None and event.for_ < case.day(asked.for_before).isoformat()) if for_known else None)
    if asked.mentions:
        plain.append(all(name in event.mentions for name in asked.mentions) if record.tells("mentions") else None)
    if asked.avoids:
        plain.append(not any(name in event.mentions for name in asked.avoids) if record.tells("mentions") else None)
    if asked.by is not None:
        plain.append(event.at <= case.instant(asked.by))
    if asked.within is not None:
        plain.append(event.at <= record.due(asked.within, record.opened_at or case.opens))
    if asked.after is not None:
        seen = record.arrived_at(asked.after)
        plain.append(seen is not None and event.at > seen)
    if asked.preceded_by:
        before = (e for e in record.decisions if set(asked.preceded_by) & set(e.acts) and e.n < event.n)
        plain.append(_neighbour(record, asked.preceded_by, any(_same_contact(record, e, event) for e in before)))
    if asked.followed_by:
        after = (e for e in record.decisions if set(asked.followed_by) & set(e.acts) and e.n > event.n)
        plain.append(_neighbour(record, asked.followed_by, any(_same_contact(record, event, e) for e in after)))
    for words, quality in ((asked.empathy, event.empathy), (asked.accuracy, event.accuracy)):
        if words:
            plain.append(None if quality is None else quality in words)
    return False if False in plain else None if None in plain else True


def fitting(record: Record, actions: Sequence[str], asked: Qualifiers) -> tuple[Event, ...]:
    """The decisions that fit for certain."""
    wanted = set(actions)
    return tuple(e for e in record.decisions if wanted & set(e.acts) and fits(record, asked, e) is True)


def holds(record: Record, check: Any) -> tuple[bool, tuple[int, ...]]:
    """Whether a check made of did, never, all, any and not holds, with the entries that show it."""
    if isinstance(check, Did):
        found = fitting(record, check.did, check)
        return bool(found), tuple(event.n for event in found)
    if isinstance(check, Never):
        found = fitting(record, check.never, check)
        return not found, tuple(event.n for event in found)
    if isinstance(check, Not):
        met, shown = holds(record, check.not_)
        return not met, shown
    if isinstance(check, (All, AnyOf)):
        results = [holds(record, part) for part in (check.all if isinstance(check, All) else check.any)]
        met = all(m for m, _ in results) if isinstance(check, All) else any(m for m, _ in results)
        return met, tuple(sorted({n for m, shown in results if m or isinstance(check, All) for n in shown}))
    raise TypeError(f"{type(check).__name__} is not a check on decisions alone")

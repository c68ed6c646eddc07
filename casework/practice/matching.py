"""Does a decision fit? Used by the world (what arrives), by clocks (what stops) and by scoring."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
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
    def contacts(self) -> tuple[Event, ...]:
        """The decisions that begin a contact."""
        return tuple(event for event in self.decisions if event.do in ("answer", "call"))

    @cached_property
    def _places(self) -> dict[str, list[int]]:
        """Where each action stands among the decisions."""
        found: dict[str, list[int]] = {}
        for n, event in enumerate(self.decisions):
            for act in dict.fromkeys(event.acts):
                found.setdefault(act, []).append(n)
        return found

    @cached_property
    def _asked(self) -> dict[Any, Any]:
        """What has been worked out already and hangs on the events alone."""
        return {}

    def doing(self, actions: tuple[str, ...]) -> tuple[Event, ...]:
        """The decisions that are, or amount to, one of these actions, in order."""
        found: tuple[Event, ...] | None = self._asked.get(actions)
        if found is None:
            places = sorted({n for action in actions for n in self._places.get(action, ())})
            found = self._asked[actions] = tuple(self.decisions[n] for n in places)
        return found

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
        if opened is None:
            return None
        found = replace(self, opened_at=opened)
        found.__dict__.update((name, getattr(self, name)) for name in OF_EVENTS)
        return found

    def due(self, clause: str, start: datetime) -> datetime:
        found: datetime | None = self._asked.get((clause, start))
        if found is None:
            rule = self.library.clause(clause, worktime.local(self.case.office, start).date()).clock
            assert rule is not None, f"{clause} has no clock"
            found = self._asked[clause, start] = clocks.reckon(rule, start, self.case.calendar_of(rule)).due_at
        return found


OF_EVENTS = ("withdrawn", "decisions", "contacts", "_places", "_asked")  # Of a record, whatever `within` counts from.


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
    if one.item is not None and other.item is not None:
        return False
    first, last = sorted((one.n, other.n))
    return not any(first < e.n <= last for e in record.contacts)


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


Test = Callable[[Event], bool | None]
WORDS = (("item", "item"), ("channel", "channel"), ("as", "as_"), ("choice", "choice"), ("acceptance", "acceptance"), ("cites", "cites"))


def _word(field: str, wanted: tuple[str, ...], unsaid: bool | None) -> Test:
    """Whether an entry's word is one of those wanted, in capitals or not."""
    folded = {word.casefold() for word in wanted}
    return lambda event: unsaid if (word := getattr(event, field)) is None else word.casefold() in folded


def _quality(field: str, wanted: tuple[str, ...]) -> Test:
    return lambda event: None if (quality := getattr(event, field)) is None else quality in wanted


def _of_words(record: Record, asked: Qualifiers) -> Iterator[Test]:
    """What an entry answers by itself."""
    for detail, field in WORDS:
        if wanted := getattr(asked, field):
            yield _word(field, wanted, False if record.tells(detail) else None)
    if asked.empathy:
        yield _quality("empathy", asked.empathy)
    if asked.accuracy:
        yield _quality("accuracy", asked.accuracy)
    known = record.tells("mentions")
    if asked.mentions:
        yield lambda event: all(name in event.mentions for name in asked.mentions) if known else None
    if asked.avoids:
        yield lambda event: not any(name in event.mentions for name in asked.avoids) if known else None


def _of_times(record: Record, asked: Qualifiers) -> Iterator[Test]:
    case, unsaid = record.case, False if record.tells("for") else None
    if asked.for_ is not None:
        on = case.day(asked.for_).isoformat()
        yield lambda event: unsaid if event.for_ is None else event.for_ == on
    if asked.for_before is not None:
        before = case.day(asked.for_before).isoformat()
        yield lambda event: unsaid if event.for_ is None else event.for_ < before
    if asked.by is not None:
        by = case.instant(asked.by)
        yield lambda event: event.at <= by
    if asked.within is not None:
        due = record.due(asked.within, record.opened_at or case.opens)
        yield lambda event: event.at <= due
    if asked.after is not None:
        seen = record.arrived_at(asked.after)
        yield lambda event: seen is not None and event.at > seen


def _of_others(record: Record, asked: Qualifiers) -> Iterator[Test]:
    """What hangs on the parties of the case, and on the decisions before and after."""
    if asked.to:
        bland, known = "if_nothing_named" in asked.to, record.tells("mentions")

        def sent(event: Event) -> bool | None:
            fit = _party_fits(record, event.to, asked.to)
            if fit or not bland or "disclose" in event.acts:
                return fit
            return not _names_case(record, event) if known else None

        yield sent
    if asked.from_:
        yield lambda event: _party_fits(record, event.from_, asked.from_)
    if asked.preceded_by:
        earlier = record.doing(asked.preceded_by)
        yield lambda event: _neighbour(record, asked.preceded_by, any(e.n < event.n and _same_contact(record, e, event) for e in earlier))
    if asked.followed_by:
        later = record.doing(asked.followed_by)
        yield lambda event: _neighbour(record, asked.followed_by, any(e.n > event.n and _same_contact(record, event, e) for e in later))


def tests_of(record: Record, asked: Qualifiers) -> tuple[Test, ...]:
    """What is asked of a decision, one test a qualifier, the quickest first."""
    return (*_of_words(record, asked), *_of_times(record, asked), *_of_others(record, asked))


def fits_by(tests: tuple[Test, ...], event: Event) -> bool | None:
    """Whether a decision passes: not where one test says no, and None where one cannot tell."""
    found: bool | None = True
    for test in tests:
        answer = test(event)
        if answer is False:
            return False
        if answer is None:
            found = None
    return found


def fits(record: Record, asked: Qualifiers, event: Event) -> bool | None:
    """True or False; None when only what is not known could tell: the quality of own words, what an export does not record."""
    return fits_by(tests_of(record, asked), event)


def fit_each(record: Record, asked: Qualifiers, events: Sequence[Event]) -> list[tuple[Event, bool | None]]:
    """Each of these with whether it fits. Without any, no date is worked out: a clause may not have been in force then."""
    tests = tests_of(record, asked) if events else ()
    return [(event, fits_by(tests, event)) for event in events]


def fitting(record: Record, actions: tuple[str, ...], asked: Qualifiers) -> tuple[Event, ...]:
    """The decisions that fit for certain."""
    return tuple(event for event, fit in fit_each(record, asked, record.doing(actions)) if fit)


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

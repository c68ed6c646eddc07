"""The clocks of a case, read from its log."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, time
from typing import Literal

from casework.model import worktime
from casework.model.checks import Side
from casework.model.decisions import Event
from casework.model.errors import BadInput
from casework.model.library import Library
from casework.model.policies import ClockRule, Warn
from casework.practice import clocks
from casework.practice.cases import Case, Paper
from casework.practice.clocks import Warnings
from casework.practice.matching import Record, fits

State = Literal["met", "missed", "running", "breached before opening", "not recorded"]


@dataclass(frozen=True)
class Rest:
    """A time that did not count, and its audit: why, and the entries that began and ended it (None: it lasts)."""

    since: datetime
    until: datetime
    why: str
    begun_by: int
    ended_by: int | None


@dataclass(frozen=True)
class ClockReading:
    """One clock at the moment of closing. Instants are UTC; `stopped_by` is the entry that stopped it.

    `rests` are the pauses, and the time for which a clock that was reopened stood stopped. `warned` has its
    amber and red points.
    """

    case: str
    clause: str
    item: str
    side: Side
    whose: str
    started_at: datetime
    due_at: datetime
    due_on: date
    stopped_at: datetime | None
    stopped_by: int | None
    state: State
    fell_due: bool
    rests: tuple[Rest, ...] = ()
    warned: Warnings | None = None

    @property
    def counted(self) -> bool:
        """Only clocks that fell due while the desk was open count; the others are shown."""
        return self.fell_due and self.state in ("met", "missed")


@dataclass(frozen=True)
class Started:
    """A clock's rule, the day or UTC instant it counts from, and the instant from which it runs."""

    rule: ClockRule
    counts_from: date | datetime
    at: datetime


def _counts(case: Case, paper: Paper, rule: ClockRule, seen: datetime) -> tuple[date | datetime, datetime]:
    local = worktime.local(case.office, seen).date()
    if rule.from_ == "dated":
        day = paper.dated or paper.received or local
    elif paper.inject is None and paper.received is not None:
        day = paper.received
    else:
        return seen, seen
    return day, worktime.instant(case.office, day, time(0))


def start(library: Library, case: Case, clause: str, paper: Paper, seen: datetime) -> Started | None:
    """How a clause's clock starts on a paper that could be seen at `seen`; None if the clause has no clock.

    The rule is the version in force on the day that counting starts, whenever the paper was seen. Which day
    that is, the version of the day it was seen says first.
    """
    rule = library.clause(clause, worktime.local(case.office, seen).date()).clock
    if rule is None:
        return None
    begun = worktime.local(case.office, _counts(case, paper, rule, seen)[1]).date()
    rule = library.clause(clause, begun).clock
    return Started(rule, *_counts(case, paper, rule, seen)) if rule is not None else None


def _stops(record: Record, rule: ClockRule, paper: Paper, event: Event) -> bool:
    if event.event == "acted":
        party = record.case.parties.get(event.by or "")
        covered = {p.role for p in record.case.parties.values() if party is not None and p.cover == party.id}
        if party is None or rule.stopped_by not in {party.role, *covered}:
            return False
    elif event.event != "decided" or rule.stopped_by != "assistant":
        return False
    here = rule.stops_for == "case" or event.item == (paper.name or paper.id)
    loose = event.item is None and event.to in (None, paper.from_)
    return (here or loose) and any(
        not set(stop.check.did).isdisjoint(event.acts) and fits(record, stop.check, event) is True for stop in rule.stops_on
    )


def _pauses(record: Record, rule: ClockRule, start: datetime, end: datetime) -> list[Rest]:
    """The times for which the clock waited for a listed reason, with a diary entry."""
    rests: list[Rest] = []
    since: Event | None = None
    if not any(e.waiting_for for e in record.decisions):
        return rests
    diarised = any(e.do == "diarise" for e in record.decisions)
    for event in record.events:
        if event.at < start or event.at > end:
            continue
        if event.n not in record.withdrawn and event.waiting_for is not None and f"waiting for {event.waiting_for}" in rule.pauses and diarised:
            since = since or event
        elif event.event == "arrived" and since is not None and event.from_ in (since.to, None):
            rests.append(Rest(since.at, event.at, f"waiting for {since.waiting_for}", since.n, event.n))
            since = None
    if since is not None:
        rests.append(Rest(since.at, end, f"waiting for {since.waiting_for}", since.n, None))
    return rests


def _stirring(record: Record) -> tuple[Event, ...]:
    """What can stop or reopen a clock: standing decisions, acts of others, and papers that reopen one."""
    papers = record.case.papers
    return tuple(
        e for e in record.events
        if (e.event in ("decided", "acted") and e.n not in record.withdrawn)
        or (e.event == "arrived" and (paper := papers.get(e.item or "")) is not None and paper.reopens)
    )  # fmt: skip


def _last_stop(record: Record, events: tuple[Event, ...], rule: ClockRule, clause: str, paper: Paper) -> tuple[Event | None, list[Rest]]:
    """The stop that still holds, and the times between an earlier stop and what reopened the clock."""
    stop: Event | None = None
    rests: list[Rest] = []
    for event in events:
        if stop is None:
            stop = event if _stops(record, rule, paper, event) else None
            continue
        came = record.case.papers.get(event.item or "") if event.event == "arrived" else None
        if came is not None and clause in came.reopens:
            rests.append(Rest(stop.at, event.at, "stopped, then reopened", stop.n, event.n))
            stop = None
    return stop, rests


def read(record: Record) -> tuple[ClockReading, ...]:
    """Every clock that started on the case, in order of its start.

    A rule is the version in force on the day counting starts. A clock satisfied before it started is met
    at once. A clock not yet due when the desk closes is running. Reopening gives a clock back the time it
    had: an internal one does not count the time it stood stopped, an outside date stays where it was.
    """
    opened_on = worktime.local(record.case.office, record.case.opens).date()
    return _read(record, record.library.ladder(opened_on))


def read_bare(record: Record) -> tuple[ClockReading, ...]:
    """As `read`, without amber and red points, which no mark hangs on."""
    return _read(record, None)


def _read(record: Record, ladder: Warn | None) -> tuple[ClockReading, ...]:
    readings, stirring = [], _stirring(record)
    for paper in record.case.papers.values():
        for clause in paper.starts:
            seen = record.arrived_at(paper.id)
            try:
                begun = start(record.library, record.case, clause, paper, seen) if seen is not None else None
                if begun is not None:
                    readings.append(_reading(record, stirring, clause, paper, begun, ladder))
            except BadInput:
                # Real work may be older than any version of the clause, or than the calendar: then no clock can be told.
                if record.case.recorded is None:
                    raise
    return tuple(sorted(readings, key=lambda r: (r.started_at, r.item, r.clause)))


def _same_day(record: Record, stop: Event, due_at: datetime) -> bool:
    """Where an export knows days and not hours, on the day is in time."""
    recorded, office = record.case.recorded, record.case.office
    return recorded is not None and recorded.precision == "day" and worktime.local(office, stop.at).date() == worktime.local(office, due_at).date()


def _stop_recorded(record: Record, rule: ClockRule) -> bool:
    """Whether an export would show what stops this clock."""
    recorded = record.case.recorded
    if recorded is None:
        return True
    if rule.stopped_by != "assistant":
        return rule.stopped_by in recorded.others
    return all(record.records(stop.check.did) for stop in rule.stops_on)


def _reading(
    record: Record, stirring: tuple[Event, ...], clause: str, paper: Paper, begun: Started, ladder: Warn | None
) -> ClockReading:
    rule, counts, started_at = begun.rule, begun.counts_from, begun.at
    office, authority = record.case.office, record.case.authority
    calendar = record.case.calendar_of(rule)
    if record.case.recorded is not None:
        stirring = tuple(event for event in stirring if event.at >= started_at)  # An answer to an earlier letter of the same name.
    stop, rests = _last_stop(record, stirring, rule, clause, paper)
    end = min(stop.at if stop is not None else record.case.closes, record.case.closes)
    pauses = _pauses(record, rule, started_at, end) if rule.pauses else []
    if rule.side == "external":
        days = sum((worktime.local(calendar, r.until).date() - worktime.local(calendar, r.since).date()).days for r in pauses)
        deadline = clocks.reckon(rule, counts, calendar, paper.answer_by, paused_days=days)
        due_at = deadline.due_at
    else:
        deadline = clocks.reckon(rule, counts, calendar, paper.answer_by)
        rested = sum(worktime.working_seconds_between(office, r.since, r.until) for r in (*pauses, *rests))
        due_at = worktime.add_working_seconds(office, deadline.due_at, rested) if rested else deadline.due_at
    state: State
    if due_at < record.case.opens:
        state = "breached before opening"
    elif stop is not None and (stop.at <= due_at or stop.at <= started_at or _same_day(record, stop, due_at)):
        state = "met"
    elif stop is None and not _stop_recorded(record, rule):
        state = "not recorded"
    elif due_at <= record.case.closes:
        state = "missed"
    else:
        state = "running"
    due_on = worktime.local(calendar, due_at).date()
    warned = None
    if ladder is not None and due_at > started_at:
        warned = clocks.warnings(ladder, rule, started_at, replace(deadline, due_on=due_on, due_at=due_at), office, authority)
    return ClockReading(
        record.case.key, clause, paper.id, rule.side, rule.stopped_by, started_at, due_at, due_on,
        stop.at if stop else None, stop.n if stop else None, state, due_at <= record.case.closes,
        tuple(sorted((*pauses, *rests), key=lambda r: r.since)), warned,
    )  # fmt: skip

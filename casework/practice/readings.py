"""The clocks of a case, read from its log."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Literal

from casework.model import worktime
from casework.model.checks import Side
from casework.model.decisions import Event
from casework.model.policies import ClockRule
from casework.practice import clocks
from casework.practice.cases import Paper
from casework.practice.matching import Record, fits

State = Literal["met", "missed", "running", "breached before opening"]


@dataclass(frozen=True)
class ClockReading:
    """One clock at the moment of closing. Instants are UTC; `stopped_by` is the entry that stopped it."""

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

    @property
    def counted(self) -> bool:
        """Only clocks that fell due while the desk was open count; the others are shown."""
        return self.fell_due and self.state in ("met", "missed")


def _start(record: Record, paper: Paper, rule: ClockRule) -> tuple[date | datetime, datetime] | None:
    """Where counting starts, and the instant from which the clock runs; None if it never started."""
    seen = record.arrived_at(paper.id)
    if seen is None:
        return None
    local = worktime.local(record.case.office, seen).date()
    if rule.from_ == "dated":
        day = paper.dated or paper.received or local
    elif paper.inject is None and paper.received is not None:
        day = paper.received
    else:
        return seen, seen
    return day, worktime.instant(record.case.office, day, time(0))


def _stops(record: Record, rule: ClockRule, paper: Paper, event: Event) -> bool:
    if event.event == "acted":
        party = record.case.parties.get(event.by or "")
        covered = {p.role for p in record.case.parties.values() if party is not None and p.cover == party.id}
        if party is None or rule.stopped_by not in {party.role, *covered}:
            return False
    elif event.event != "decided" or rule.stopped_by != "assistant":
        return False
    here = rule.stops_for == "case" or event.item == paper.id
    loose = event.item is None and event.to in (None, paper.from_)
    return (here or loose) and any(
        set(stop.check.did) & set(event.acts) and fits(record, stop.check, event) is True for stop in rule.stops_on
    )


def _paused(record: Record, rule: ClockRule, start: datetime, end: datetime) -> int:
    """Working minutes for which the clock rested: it waited for a listed reason, with a diary entry."""
    total, since = 0, None
    diarised = any(e.do == "diarise" for e in record.decisions)
    for event in record.events:
        if event.at < start or event.at > end:
            continue
        if event.waiting_for is not None and f"waiting for {event.waiting_for}" in rule.pauses and diarised:
            since = since or event
        elif event.event == "arrived" and since is not None and event.from_ in (since.to, None):
            total += worktime.working_minutes_between(record.case.office, since.at, event.at)
            since = None
    if since is not None:
        total += worktime.working_minutes_between(record.case.office, since.at, end)
    return total


def read(record: Record) -> tuple[ClockReading, ...]:
    """Every clock that started on the case, in order of its start.

    A rule is the version in force on the day counting starts. A clock satisfied before it started is met
    at once. A clock not yet due when the desk closes is running.
    """
    readings = []
    for paper in record.case.papers.values():
        for clause in paper.starts:
            seen = record.arrived_at(paper.id)
            if seen is None:
                continue
            rule = record.library.clause(clause, worktime.local(record.case.office, seen).date()).clock
            started = _start(record, paper, rule) if rule is not None else None
            if rule is None or started is None:
                continue
            readings.append(_reading(record, rule, clause, paper, *started))
    return tuple(sorted(readings, key=lambda r: (r.started_at, r.item, r.clause)))


def _reading(
    record: Record, rule: ClockRule, clause: str, paper: Paper, counts: date | datetime, started_at: datetime
) -> ClockReading:  # fmt: skip
    calendar = record.case.office if rule.calendar == "office" else record.case.authority
    deadline = clocks.reckon(rule, counts, calendar)
    due_at = deadline.due_at
    stop = next((event for event in record.events if _stops(record, rule, paper, event)), None)
    end = stop.at if stop is not None else record.case.closes
    if rule.pauses:
        rest = _paused(record, rule, started_at, min(end, record.case.closes))
        due_at = worktime.add_working_minutes(record.case.office, due_at, rest) if rest else due_at
    state: State
    if due_at < record.case.opens:
        state = "breached before opening"
    elif stop is not None and (stop.at <= due_at or stop.at <= started_at):
        state = "met"
    elif due_at <= record.case.closes:
        state = "missed"
    else:
        state = "running"
    return ClockReading(
        record.case.key, clause, paper.id, rule.side, rule.stopped_by, started_at, due_at,
        worktime.local(calendar, due_at).date(), stop.at if stop else None, stop.n if stop else None, state,
        due_at <= record.case.closes,
    )  # fmt: skip

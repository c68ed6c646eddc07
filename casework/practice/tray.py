"""What lies on the desk at a moment: papers with their marks, clocks with the time left, the diary and the parties."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal

from casework.model import worktime
from casework.practice import readings
from casework.practice.cases import Paper
from casework.practice.desk import Session

State = Literal["met", "overdue", "red", "amber", "running"]


@dataclass(frozen=True)
class Clock:
    """One clock as it stands now. `left` is working time for an internal clock, elapsed time for an outside one."""

    clause: str
    item: str
    side: str
    lasts: str
    calendar: str
    due_at: datetime
    due_local: datetime
    left: timedelta
    state: State
    whose: str


@dataclass(frozen=True)
class Row:
    """One paper in the tray: who sent it, when it came (local), whether it is unread, and its clocks, most urgent first."""

    paper: Paper
    sender: str
    at: datetime | None
    unread: bool
    answered: bool
    clocks: tuple[Clock, ...]

    @property
    def due_at(self) -> datetime | None:
        return min((c.due_at for c in self.clocks if c.state != "met"), default=None)

    @property
    def state(self) -> State | None:
        order: tuple[State, ...] = ("overdue", "red", "amber", "running", "met")
        return next((s for s in order for c in self.clocks if c.state == s), None)


def clocks(session: Session, key: str) -> tuple[Clock, ...]:
    """Every clock that runs or ran on a case, by now; an outside one is shown in the office's time too."""
    case, now = session.caseload.case(key), session.now
    found = []
    for r in readings.read(session.record(key)):
        day = worktime.local(case.office, r.started_at).date()
        rule = session.library.clause(r.clause, day).clock
        assert rule is not None
        left = r.due_at - now
        if r.side == "internal":
            left = timedelta(seconds=worktime.working_seconds_between(case.office, now, r.due_at))
        state: State = "running"
        if r.stopped_at is not None and r.stopped_at <= now:
            state = "met"
        elif r.due_at < now:
            state = "overdue"
        elif r.warned is not None:
            state = "red" if r.warned.red_at <= now else "amber" if r.warned.amber_at <= now else "running"
        found.append(Clock(
            r.clause, r.item, r.side, rule.lasts, case.calendar_of(rule).id, r.due_at, worktime.local(case.office, r.due_at),
            left, state, rule.stopped_by,
        ))  # fmt: skip
    return tuple(found)


def rows(session: Session, key: str) -> tuple[Row, ...]:
    """The papers of a case that can be seen now; the most urgent first, then the newest."""
    case = session.caseload.case(key)
    came = {e.item: e.at for e in session.events if e.event == "arrived" and e.case == key}
    read = {e.item for e in session.events if e.event == "decided" and e.case == key and e.do in ("read", "answer")}
    done = {e.item for e in session.events if e.event == "decided" and e.case == key and e.do not in ("read", "answer", "say", "note")}
    running = clocks(session, key)
    found = []
    for paper in session.visible(key):
        party = case.parties.get(paper.from_ or "")
        sender = party.name if party is not None else (paper.from_ or "on file").replace("_", " ")
        at = worktime.local(case.office, came[paper.id]) if paper.id in came else None
        own = tuple(sorted((c for c in running if c.item == paper.id), key=lambda c: (c.state == "met", c.due_at)))
        found.append(Row(paper, sender, at, paper.id not in read, paper.id in done, own))
    far = session.caseload.closes + timedelta(days=3650)
    return tuple(sorted(found, key=lambda r: (r.due_at or far, -(r.at.timestamp() if r.at else 0))))


@dataclass(frozen=True)
class Entry:
    """A line of the diary: the day, what for, and the entry that made it."""

    on: date
    item: str
    n: int


def diary(session: Session, key: str) -> tuple[Entry, ...]:
    """What was diarised on a case, by day."""
    made = (e for e in session.events if e.event == "decided" and e.case == key and e.do == "diarise" and e.for_)
    return tuple(sorted((Entry(date.fromisoformat(e.for_ or ""), e.item or "", e.n) for e in made), key=lambda d: (d.on, d.n)))

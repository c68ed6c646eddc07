"""The policy handbook put to use: one deadline explained, a year of them, what changed, what an item starts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from casework.model import phrases, worktime
from casework.model.calendars import Calendar
from casework.model.errors import BadInput
from casework.model.library import Library
from casework.model.policies import Clause
from casework.practice import clocks
from casework.practice.clocks import Deadline, Warnings

if TYPE_CHECKING:
    from casework.practice.cases import Caseload

USUAL_CALENDAR = "england-and-wales"


@dataclass(frozen=True)
class Due:
    """One deadline: the clause's version, the day or UTC instant it counts from, and the calendar it counts by."""

    ref: str
    clause: Clause
    start: date | datetime
    calendar: Calendar
    deadline: Deadline
    warnings: Warnings | None


def read_start(text: str, zone: str, option: str = "--from") -> date | datetime:
    """A date, or a UTC instant; one without a zone takes the calendar's."""
    try:
        if len(text) == 10:
            return date.fromisoformat(text)
        at = datetime.fromisoformat(text)
    except ValueError:
        raise BadInput(f"{option} {text!r} is not a date or time; write 2026-03-03 or 2026-12-04T17:20") from None
    return (at if at.tzinfo else at.replace(tzinfo=ZoneInfo(zone))).astimezone(UTC)


def _day(start: date | datetime, calendar: Calendar) -> date:
    return worktime.local(calendar, start).date() if isinstance(start, datetime) else start


def _calendar(library: Library, clause: Clause, wanted: str | None) -> Calendar:
    """The calendar asked for; else that of the place whose rule it is."""
    return library.get_calendar(wanted or clause.jurisdiction or USUAL_CALENDAR)


def _reckoned(library: Library, ref: str, clause: Clause, start: date | datetime, calendar: Calendar) -> Due:
    assert clause.clock is not None
    deadline = clocks.reckon(clause.clock, start, calendar)
    ladder = library.ladder(_day(start, calendar))
    warned = None
    if ladder is not None and phrases.read_lasts(clause.clock.lasts)[1] != "letter":
        warned = clocks.warnings(ladder, clause.clock, start, deadline, calendar, calendar)
    return Due(ref, clause, start, calendar, deadline, warned)


def due(library: Library, ref: str, start: str, calendar: str | None, on: str | None) -> Due:
    """One deadline. `on` picks the clause's version; without it, the day it counts from does."""
    full = library.full_clause_id(ref)
    newest = library.versions(full)[-1]
    table = _calendar(library, newest, calendar)
    begun = read_start(start, table.zone)
    clause = library.clause(full, _day(read_start(on, table.zone, "--on") if on else begun, table))
    if clause.clock is None:
        timed = [ref for ref in library.clause_ids if any(c.clock for c in library.versions(ref))]
        raise BadInput(f"{full} has no clock on that day; the clauses with one are {', '.join(timed)}")
    return _reckoned(library, full, clause, begun, _calendar(library, clause, calendar))


def started_together(library: Library, found: Due, calendar: str | None) -> list[Due]:
    """The other clocks that the same event starts, each by the calendar asked for or that of its own place."""
    assert found.clause.clock is not None
    events = set(found.clause.clock.started_by)
    return [
        _reckoned(library, ref, clause, found.start, _calendar(library, clause, calendar))
        for ref, clause in library.clauses_on(_day(found.start, found.calendar))
        if clause.clock is not None and ref != found.ref and events & set(clause.clock.started_by)
    ]


def _brief(found: Due) -> dict[str, Any]:
    assert found.clause.clock is not None
    return {
        "clause": found.ref, "calendar": found.calendar.id, "side": found.clause.clock.side,
        "due_on": found.deadline.due_on.isoformat(),
        "due_at": worktime.local(found.calendar, found.deadline.due_at).isoformat(),
        "lasts": found.clause.clock.lasts, "mark": found.clause.mark, "source": found.clause.source,
        "says": found.clause.says, "confirm": found.clause.confirm,
    }  # fmt: skip


def due_json(library: Library, ref: str, start: str, calendar: str | None, on: str | None) -> dict[str, Any]:
    """One deadline with its reasoning, as `casework due --json` prints it."""
    found = due(library, ref, start, calendar, on)
    assert found.clause.clock is not None

    def here(at: datetime | None) -> str | None:
        return worktime.local(found.calendar, at).isoformat() if at is not None else None

    warned = found.warnings
    return {
        **_brief(found), "from": start, "started_by": list(found.clause.clock.started_by),
        "effective_from": found.clause.effective_from.isoformat(),
        "effective_to": found.clause.effective_to.isoformat() if found.clause.effective_to else None,
        "amber_at": here(warned.amber_at) if warned else None, "red_at": here(warned.red_at) if warned else None,
        "handler_at": here(warned.handler_at) if warned else None,
        "steps": [{"on": s.on.isoformat(), "counted": s.counted, "why": s.why} for s in found.deadline.steps],
        "also": [_brief(other) for other in started_together(library, found, calendar)],
        "other_versions": [version_json(ref, c) for c in library.versions(found.ref) if c != found.clause],
    }  # fmt: skip


def due_table(library: Library, ref: str, year: int, calendar: str | None) -> list[dict[str, Any]]:
    """A row for each day of a year: the day, what it is, and when a clock that starts on it is due."""
    full = library.full_clause_id(ref)
    day, rows = date(year, 1, 1), []
    while day.year == year:
        clause = next((c for c in library.versions(full) if c.in_force(day)), None)
        table = _calendar(library, clause or library.versions(full)[-1], calendar)
        off = "" if worktime.is_working_day(table, day) else table.why_off(day)
        row = {"from": day.isoformat(), "weekday": f"{day:%A}", "off": off, "due_on": "", "due_weekday": "", "lasts": ""}
        if clause is not None and clause.clock is not None:
            found = clocks.reckon(clause.clock, day, table).due_on
            row |= {"due_on": found.isoformat(), "due_weekday": f"{found:%A}", "lasts": clause.clock.lasts}
        rows.append(row)
        day += timedelta(days=1)
    return rows


def version_json(ref: str, clause: Clause) -> dict[str, Any]:
    """One dated version of a clause, with its clock if it has one."""
    shown = clause.model_dump(mode="json", by_alias=True, exclude_none=True, exclude={"id"})
    return {"clause": ref, **shown}


def listing(library: Library, on: date | None, unconfirmed: bool) -> list[dict[str, Any]]:
    """Every version of every clause, or those in force on a day; only those to be confirmed if asked."""
    every = (
        ((ref, clause) for ref in library.clause_ids for clause in library.versions(ref))
        if on is None else library.clauses_on(on)
    )  # fmt: skip
    return [version_json(ref, clause) for ref, clause in every if clause.confirm or not unconfirmed]


@dataclass(frozen=True)
class LatePayment:
    """Simple interest for each day after the due date, up to and with the day of payment, and the fixed sum.

    interest = amount x (per cent over base + base) / 100 x days / 365, rounded once, to the penny. Source:
    Late Payment of Commercial Debts (Interest) Act 1998, sections 4 to 6; the rates are the clause's.
    """

    ref: str
    days: int
    rate: Decimal
    interest: Decimal
    fixed: int

    @property
    def total(self) -> Decimal:
        return self.interest + self.fixed


def late_payment(library: Library, amount: Decimal, due_on: date, paid_on: date, base: Decimal) -> LatePayment:
    """What a supplier may claim under the clause in force on the due date; `base` is that half-year's base rate."""
    if amount <= 0 or not -1 < base < 100:
        raise BadInput(f"amount {amount} and base rate {base} cannot be used; give a sum above 0 and a rate in per cent")
    for ref, clause in library.clauses_on(due_on):
        if clause.interest is not None:
            days = max((paid_on - due_on).days, 0)
            rate = clause.interest.per_cent_over_base + base
            interest = (amount * rate * days / 36500).quantize(Decimal("0.01"), ROUND_HALF_UP)
            steps = [sum_ for debt, sum_ in sorted(clause.interest.fixed.items()) if debt <= amount]
            return LatePayment(ref, days, rate, interest, steps[-1] if steps and days else 0)
    raise BadInput(f"no clause on late payment was in force on {due_on}; casework policy list shows what is")


@dataclass(frozen=True)
class Change:
    """What became of a clause. `before` and `after` are its versions, None where there is none."""

    ref: str
    what: str
    before: Clause | None
    after: Clause | None


def _changes(before: dict[str, Clause], after: dict[str, Clause]) -> Iterator[Change]:
    for ref in sorted(before.keys() | after.keys()):
        old, new = before.get(ref), after.get(ref)
        if old != new:
            what = "new" if old is None else "ended" if new is None else "changed"
            yield Change(ref, what, old, new)


def changed_between(library: Library, first: date, last: date) -> list[Change]:
    """The clauses whose rule on `last` is not that of `first`."""
    if last < first:
        raise BadInput(f"--to {last} comes before --from {first}; swap them")
    return list(_changes(dict(library.clauses_on(first)), dict(library.clauses_on(last))))


def behind_shipped(library: Library, shipped: Library) -> list[Change]:
    """Where a team's own versions differ from shipped law or published practice; policy marked teaching is theirs.

    Each version is compared with the shipped one that starts on the same day; `before` is the team's.
    """
    def keyed(held: Library) -> dict[str, Clause]:
        return {f"{ref} from {c.effective_from}": c for ref in held.clause_ids for c in held.versions(ref)}

    return [
        change for change in _changes(keyed(library), keyed(shipped))
        if change.after is not None and change.after.mark != "teaching policy"
    ]  # fmt: skip


def differences(change: Change) -> dict[str, tuple[Any, Any]]:
    """(before, after) of each part of a clause that is not the same."""
    old, new = ({} if c is None else version_json(change.ref, c) for c in (change.before, change.after))
    return {key: (old.get(key), new.get(key)) for key in [*old, *(k for k in new if k not in old)] if old.get(key) != new.get(key)}


def explain(work: Caseload, library: Library, item: str, key: str | None = None) -> dict[str, Any]:
    """What an item of a case starts and is judged by: its clocks in both calendars, and the clauses that decide.

    An item that comes only after a decision is counted from the opening of the desk.
    """
    from casework.practice import readings

    case = work.case(key or work.cases[0].key)
    if item not in case.papers:
        raise BadInput(f"no item {item!r} in {case.key}; the items are {', '.join(case.papers)}")
    paper = case.papers[item]
    fixed = paper.inject.at if paper.inject is not None else None
    seen = case.instant(fixed) if fixed is not None else case.opens
    started, arrives = [], paper.dated or paper.received or worktime.local(case.office, seen).date()
    for ref in paper.starts:
        begun = readings.start(library, case, ref, paper, seen)
        if begun is None:
            continue
        clause = library.clause(ref, worktime.local(case.office, begun.at).date())
        mine = case.calendar_of(begun.rule)
        other = case.authority if mine is case.office else case.office
        reckoned = [_reckoned(library, ref, clause, begun.counts_from, calendar) for calendar in (mine, other)]
        started.append({
            **_brief(reckoned[0]), "steps": [vars(s) | {"on": s.on.isoformat()} for s in reckoned[0].deadline.steps],
            "by_the_other_calendar": {"calendar": other.id, "due_on": reckoned[1].deadline.due_on.isoformat()},
        })  # fmt: skip
    decides = [
        {"expectation": e.id, "topic": e.topic, "clause": library.full_clause_id(e.clause), "says": library.clause(e.clause, arrives).says}
        for e in case.scenario.expectations if e.opens == item
    ]  # fmt: skip
    return {"case": case.key, "item": item, "from": arrives.isoformat(), "starts": started, "decided_by": decides}

"""Deadlines: reckoned from a clause, and read from a log."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from fractions import Fraction

from casework.model import phrases, worktime
from casework.model.calendars import Calendar
from casework.model.policies import ClockRule, Warn


@dataclass(frozen=True)
class DayCounted:
    """One day of the reckoning and why it was counted or passed over."""

    on: date
    counted: bool
    why: str


@dataclass(frozen=True)
class Deadline:
    """`due_at` is UTC; meeting it on the instant is on time."""

    due_on: date
    due_at: datetime
    steps: tuple[DayCounted, ...]


END_OF_DAY = time(23, 59, 59)


def _end(rule: ClockRule, calendar: Calendar, day: date) -> datetime:
    worked = worktime.is_working_day(calendar, day)  # a day beyond the table is an error, whatever ends it
    if rule.ends == "close of business" and worked:
        return worktime.closing(calendar, day)
    return worktime.instant(calendar, day, END_OF_DAY)


def _working_days(rule: ClockRule, calendar: Calendar, day: date, n: int) -> tuple[date, list[DayCounted]]:
    steps: list[DayCounted] = []
    counted = 0
    if rule.counts_from == "next day":
        steps.append(DayCounted(day, False, "day zero: counting starts on the next day"))
        if n == 0:
            due = worktime.next_working_day(calendar, day)
            return due, [DayCounted(due, True, "due the same working day")]
        day += timedelta(days=1)
    n = max(n, 1)
    while True:
        if worktime.is_working_day(calendar, day):
            counted += 1
            steps.append(DayCounted(day, True, f"working day {counted}"))
            if counted == n:
                return day, steps
        else:
            steps.append(DayCounted(day, False, calendar.why_off(day)))
        day += timedelta(days=1)


def _calendar_days(rule: ClockRule, calendar: Calendar, day: date, n: int, unit: str) -> tuple[date, list[DayCounted]]:
    first = day if rule.counts_from == "same day" else day + timedelta(days=1)
    steps = [] if first == day else [DayCounted(day, False, "day zero: counting starts on the next day")]
    if unit == "calendar month":
        due = worktime.add_months(first, n)
        note = f"{n} calendar month(s) on: the corresponding date"
        if due.day != first.day:
            note = f"{n} calendar month(s) on: no day {first.day} in that month, so its last day"
        return due, [*steps, DayCounted(first, True, "day 1"), DayCounted(due, True, note)]
    for number in range(1, n * (7 if unit == "calendar week" else 1) + 1):
        due = first + timedelta(days=number - 1)
        off = "" if worktime.is_working_day(calendar, due) else f"; {calendar.why_off(due)} counts like any other"
        steps.append(DayCounted(due, True, f"day {number}{off}"))
    return due, steps


def reckon(
    rule: ClockRule, start: date | datetime, calendar: Calendar, letter: date | None = None, paused_days: int = 0
) -> Deadline:
    """The deadline of `rule` from `start` (a day, or a UTC instant), with its reasoning.

    Counting: same day = d + N - 1, next day = d + N; weeks are 7 days; a month ends on the corresponding
    date, or the month's last day; days for which the clock rested come next, and `roll` last. A rule that
    goes by the authority's calendar never counts an office's own closures or hours. `letter` is the date
    that a letter itself sets.
    """
    n, unit = phrases.read_lasts(rule.lasts)
    if rule.calendar == "authority":
        calendar = calendar.public
    steps: list[DayCounted] = []
    if isinstance(start, datetime):
        local = worktime.local(calendar, start)
        day, clock = local.date(), local.time()
    else:
        day, clock = start, time(0)
    if unit == "elapsed hour":
        begin = start if isinstance(start, datetime) else worktime.instant(calendar, day, time(0))
        due_at = begin.astimezone(UTC) + timedelta(hours=n, days=paused_days)
        due_on = worktime.local(calendar, due_at).date()
        worktime.is_working_day(calendar, due_on)
        return Deadline(due_on, due_at, (DayCounted(due_on, True, f"{n} hours on; nights, weekends and holidays count"),))
    if rule.cut_off is not None and (clock > rule.cut_off or not worktime.is_working_day(calendar, day)):
        late = clock > rule.cut_off and worktime.is_working_day(calendar, day)
        reason = f"after the {rule.cut_off:%H:%M} cut-off" if late else calendar.why_off(day)
        steps.append(DayCounted(day, False, f"{reason}: treated as received on the next working day"))
        day = worktime.next_working_day(calendar, day + timedelta(days=1) if late else day)
        clock = time(0)
    if unit == "working hour":
        begin = worktime.instant(calendar, day, clock)
        due_at = worktime.add_working_minutes(calendar, begin, n * 60)
        due_on = worktime.local(calendar, due_at).date()
        return Deadline(due_on, due_at, (*steps, DayCounted(due_on, True, f"{n} working hours from the start")))
    if unit == "letter":
        due = letter or day
        counted = [DayCounted(due, True, "the date in the letter")]
    elif unit == "working day":
        due, counted = _working_days(rule, calendar, day, n)
    else:
        due, counted = _calendar_days(rule, calendar, day, n, unit)
    steps += counted
    if paused_days:
        due += timedelta(days=paused_days)
        steps.append(DayCounted(due, True, f"{paused_days} days later, for the days on which the clock rested"))
    while rule.roll and not worktime.is_working_day(calendar, due):
        steps.append(DayCounted(due, False, f"{calendar.why_off(due)}: rolls to the next working day"))
        due += timedelta(days=1)
    if steps[-1].on != due:
        steps.append(DayCounted(due, True, "next working day"))
    return Deadline(due, _end(rule, calendar, due), tuple(steps))


@dataclass(frozen=True)
class Warnings:
    """When a clock turns amber and red, and from when on the handler must hear of it. Instants are UTC."""

    amber_at: datetime
    red_at: datetime
    handler_at: datetime | None


def warnings(ladder: Warn, rule: ClockRule, start: date | datetime, deadline: Deadline, office: Calendar, authority: Calendar) -> Warnings:
    """The points of the ladder. An internal clock's share is of working time, an external one's of the time
    that passes; the handler hears of an outside date at the opening of the office so many working days before."""
    calendar = office if rule.calendar == "office" else authority.public
    begin = start if isinstance(start, datetime) else worktime.instant(calendar, start, time(0))

    def at(share: Fraction) -> datetime:
        if rule.side == "internal" and phrases.read_lasts(rule.lasts)[1] != "elapsed hour":
            whole = worktime.working_seconds_between(office, begin, deadline.due_at)
            return min(worktime.add_working_seconds(office, begin, int(whole * share)), deadline.due_at)
        return begin + timedelta(seconds=int((deadline.due_at - begin).total_seconds() * share))

    days, _ = phrases.read_lasts(ladder.handler_at)
    handler_at = None
    if rule.side == "external":
        handler_at = worktime.next_opening(
            office, worktime.instant(office, worktime.add_working_days(office, deadline.due_on, -days), time(0))
        )
    return Warnings(at(ladder.amber_share), at(ladder.red_share), handler_at)

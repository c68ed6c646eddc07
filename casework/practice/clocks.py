"""Deadlines: reckoned from a clause, and read from a log."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from casework.model import phrases, worktime
from casework.model.calendars import Calendar
from casework.model.policies import ClockRule


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
    if rule.ends == "close of business" and worktime.is_working_day(calendar, day):
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


def _calendar_days(rule: ClockRule, day: date, n: int, unit: str) -> tuple[date, list[DayCounted]]:
    first = day if rule.counts_from == "same day" else day + timedelta(days=1)
    zero = [] if first == day else [DayCounted(day, False, "day zero: counting starts on the next day")]
    steps = [*zero, DayCounted(first, True, "day 1")]
    if unit == "calendar month":
        due = worktime.add_months(first, n)
        note = f"{n} calendar month(s) on: the corresponding date"
        if due.day != first.day:
            note = f"{n} calendar month(s) on: no day {first.day} in that month, so its last day"
    else:
        days = n * (7 if unit == "calendar week" else 1)
        due = first + timedelta(days=days - 1)
        note = f"day {days}"
    return due, [*steps, DayCounted(due, True, note)]


def reckon(rule: ClockRule, start: date | datetime, calendar: Calendar, letter: date | None = None) -> Deadline:
    """The deadline of `rule` from `start` (a day, or a UTC instant), with its reasoning.

    Counting: same day = d + N - 1, next day = d + N; weeks are 7 days; a month ends on the corresponding
    date, or the month's last day; `roll` comes last. `letter` is the date that a letter itself sets.
    """
    n, unit = phrases.read_lasts(rule.lasts)
    steps: list[DayCounted] = []
    if isinstance(start, datetime):
        local = worktime.local(calendar, start)
        day = local.date()
        clock = local.time()
    else:
        day, clock = start, time(0)
    if unit == "elapsed hour":
        begin = start if isinstance(start, datetime) else worktime.instant(calendar, day, time(0))
        due_at = begin.astimezone(UTC) + timedelta(hours=n)
        due_on = worktime.local(calendar, due_at).date()
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
        due, counted = _calendar_days(rule, day, n, unit)
    steps += counted
    while rule.roll and not worktime.is_working_day(calendar, due):
        steps.append(DayCounted(due, False, f"{calendar.why_off(due)}: rolls to the next working day"))
        due += timedelta(days=1)
    if steps[-1].on != due:
        steps.append(DayCounted(due, True, "next working day"))
    return Deadline(due, _end(rule, calendar, due), tuple(steps))


def zone(calendar: Calendar) -> ZoneInfo:
    return ZoneInfo(calendar.zone)

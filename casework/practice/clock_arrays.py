"""Deadlines and working time of many instants at once, on the same tables as `clocks` and `worktime`.

Instants are arrays of shape (n,), dtype datetime64[s] in UTC; days are datetime64[D]. Each function
agrees with its one-at-a-time namesake to the second (a property test), and raises CalendarRangeError
naming the first instant beyond the calendar's table.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from casework.model import phrases, worktime
from casework.model.calendars import Calendar
from casework.model.policies import ClockRule
from casework.model.worktime import DAY, EPOCH

Ints = NDArray[np.int64]
Times = NDArray[np.datetime64]


@dataclass(frozen=True)
class Deadlines:
    """`due_on`: local days, datetime64[D]; `due_at`: UTC, datetime64[s]. Both of shape (n,)."""

    due_on: Times
    due_at: Times


@dataclass(frozen=True)
class _Arrays:
    """A calendar's table as arrays; see `worktime.Table` for what each holds."""

    calendar: Calendar
    first: int
    days: int
    working: Ints
    before: Ints
    opens: Ints
    closes: Ints
    worked: Ints
    closing: Ints
    day_end: Ints
    midnight: Ints
    shift_at: Ints
    shift: Ints

    def day_of(self, seconds: Ints) -> Ints:
        """The local day's number of each UTC second."""
        found = np.searchsorted(self.midnight, seconds, "right") - 1
        self.check(found, (0, self.days), seconds // DAY)
        return found

    def check(self, found: Ints, bounds: tuple[int, int], days: Ints) -> None:
        """Every number inside bounds, or an error with the first day that is not."""
        low, high = bounds
        if found.size and (found.min() < low or found.max() >= high):
            bad = int(np.flatnonzero((found < low) | (found >= high))[0])
            raise worktime.beyond(self.calendar, str(np.datetime64(int(days[bad]), "D")))

    def beyond_last(self, ordinals: Ints, n: int) -> None:
        """Every ordinal of a working day or span below n: what lies after the table is not guessed."""
        self.check(ordinals, (0, n), np.full(ordinals.shape, self.first - EPOCH + self.days))


@lru_cache(maxsize=64)
def _arrays(calendar: Calendar) -> _Arrays:
    held = worktime.table(calendar)
    parts = (
        held.working, held.before, held.opens, held.closes, held.worked, held.closing, held.day_end, held.midnight,
        *held.offsets,
    )  # fmt: skip
    return _Arrays(calendar, held.first, held.days, *(np.frombuffer(part, np.int64) for part in parts))


def _seconds(at: Times) -> Ints:
    return np.asarray(at, "datetime64[s]").astype(np.int64)


def _worked_before(held: _Arrays, seconds: Ints) -> Ints:
    if seconds.size:
        held.check(seconds, (int(held.midnight[0]), int(held.midnight[-1])), seconds // DAY)
    k = np.searchsorted(held.closes, seconds, "right")
    inside = seconds - np.append(held.opens, np.iinfo(np.int64).max)[k]
    return held.worked[k] + np.maximum(inside, 0)


def working_seconds_between(calendar: Calendar, start: Times, end: Times) -> Ints:
    """Seconds of work from each start to its end, shape (n,); never negative."""
    held = _arrays(calendar)
    return np.maximum(_worked_before(held, _seconds(end)) - _worked_before(held, _seconds(start)), 0)


def working_days_between(calendar: Calendar, start: Times, end: Times) -> Ints:
    """Working days from each start (counted) to its end (not counted), datetime64[D], shape (n,)."""
    held = _arrays(calendar)
    numbers = [np.asarray(part, "datetime64[D]").astype(np.int64) + EPOCH - held.first for part in (start, end)]
    for number in numbers:
        held.check(number, (0, held.days + 1), number + held.first - EPOCH)
    return held.before[numbers[1]] - held.before[numbers[0]]


def add_working_seconds(calendar: Calendar, at: Times, seconds: Ints | int) -> Times:
    """Each instant after so many working seconds (at least one); exactly at the close is that close."""
    return _add(_arrays(calendar), _seconds(at), np.asarray(seconds, np.int64)).astype("datetime64[s]")


def _add(held: _Arrays, at: Ints, seconds: Ints) -> Ints:
    wanted = _worked_before(held, at) + seconds
    k = np.searchsorted(held.worked, wanted, "left") - 1
    held.beyond_last(k, held.opens.size)
    return held.opens[k] + wanted - held.worked[k]


def deadlines(rule: ClockRule, start: Times, calendar: Calendar) -> Deadlines:
    """The deadlines of one rule from many starts: days (datetime64[D]) or UTC instants (datetime64[s]).

    The rule is `clocks.reckon`'s; a rule that goes by the date in a letter gives the start's own day.
    """
    n, unit = phrases.read_lasts(rule.lasts)
    held = _arrays(calendar.public if rule.calendar == "authority" else calendar)
    starts = np.asarray(start)
    if starts.dtype == np.dtype("datetime64[D]"):
        day = starts.astype(np.int64) + EPOCH - held.first
        held.check(day, (0, held.days), day + held.first - EPOCH)
        at = held.midnight[day]
    else:
        at = _seconds(starts)
        day = held.day_of(at)
    if unit == "elapsed hour":
        return _found(held, held.day_of(at + n * 3600), at + n * 3600)
    if rule.cut_off is not None:
        day, at = _cut_off(held, rule, day, at)
    if unit == "working hour":
        due_at = _add(held, at, np.asarray(n * 3600, np.int64))
        return _found(held, held.day_of(due_at), due_at)
    due = day if unit == "letter" else _counted(held, rule, day, n, unit)
    if rule.roll:
        due = _next_working(held, due)
    return _found(held, due, (held.closing if rule.ends == "close of business" else held.day_end)[due])


def _found(held: _Arrays, day: Ints, at: Ints) -> Deadlines:
    return Deadlines((day + held.first - EPOCH).astype("datetime64[D]"), at.astype("datetime64[s]"))


def _next_working(held: _Arrays, day: Ints) -> Ints:
    """The day itself where it is worked, else the next that is."""
    found = held.before[day]
    held.beyond_last(found, held.working.size)
    return held.working[found]


def _cut_off(held: _Arrays, rule: ClockRule, day: Ints, at: Ints) -> tuple[Ints, Ints]:
    """What comes after the cut-off, or on a day off, counts from the start of the next working day."""
    assert rule.cut_off is not None
    limit = rule.cut_off.hour * 3600 + rule.cut_off.minute * 60
    distance = held.shift[np.searchsorted(held.shift_at, at, "right") - 1]
    wall = at + distance - (day + held.first - EPOCH) * DAY
    worked = held.before[day + 1] > held.before[day]
    late = wall > limit
    moved = _next_working(held, np.where(late & worked, np.minimum(day + 1, held.days - 1), day))
    changed = late | ~worked
    return np.where(changed, moved, day), np.where(changed, held.midnight[moved], at)


def _counted(held: _Arrays, rule: ClockRule, day: Ints, n: int, unit: str) -> Ints:
    """The last day of the count, before it rolls."""
    if unit == "working day":
        same = rule.counts_from == "same day"
        ordinal = held.before[day] + max(n, 1) - 1 if same or n == 0 else held.before[day + 1] + n - 1
        held.beyond_last(ordinal, held.working.size)
        return held.working[ordinal]
    first = day + (rule.counts_from == "next day")
    if unit == "calendar month":
        dates = (first + held.first - EPOCH).astype("datetime64[D]")
        month = dates.astype("datetime64[M]") + n
        of_month = (dates - dates.astype("datetime64[M]")).astype(np.int64)
        last = ((month + 1).astype("datetime64[D]") - np.timedelta64(1, "D")).astype(np.int64)
        due: Any = np.minimum(month.astype("datetime64[D]").astype(np.int64) + of_month, last) + EPOCH - held.first
    else:
        due = first + n * (7 if unit == "calendar week" else 1) - 1
    held.check(due, (0, held.days), due + held.first - EPOCH)
    return np.asarray(due, np.int64)

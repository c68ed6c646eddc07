"""Working time: which days and hours count in an office or before an authority.

Instants are aware datetimes in UTC, read to the second; the calendar's zone is applied on reading.
Elapsed arithmetic is done in UTC, so a night on which the clocks change has the hours that it really had.
All of it rests on one table a calendar (`Table`): days counted from the first, spans of work with the
seconds worked before each. A question is a search in it, here for one instant, in
`practice.clock_arrays` for a million.
"""

from __future__ import annotations

import calendar as _months
from array import array
from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property, lru_cache
from typing import get_args
from zoneinfo import ZoneInfo

from casework.model.calendars import Calendar, Weekday, read_spans
from casework.model.errors import BadInput

EPOCH = date(1970, 1, 1).toordinal()
DAY = 86_400


class CalendarRangeError(BadInput):
    """A day outside the table; nothing is guessed."""


@dataclass(frozen=True)
class Table:
    """A calendar as sorted numbers. Days are counted from its first day, seconds from 1970 in UTC.

    `working`: each working day. `before[i]`: working days before day i (one more than there are days).
    `opens`, `closes`: each span of work; `worked[k]`: seconds of work before span k (one more than spans).
    """

    calendar: Calendar
    first: int
    days: int

    @cached_property
    def spans_of(self) -> list[tuple[tuple[int, int], ...]]:
        weeks = [(until.toordinal() - self.first, self.calendar.hours_until[until]) for until in sorted(self.calendar.hours_until)]
        found: list[tuple[tuple[int, int], ...]] = []
        for last, hours in (*weeks, (self.days - 1, self.calendar.hours)):
            week = [read_spans(hours.get(day, ())) for day in get_args(Weekday)]
            found += [week[(self.first + n - 1) % 7] for n in range(len(found), min(last + 1, self.days))]
        for day in {*self.calendar.holidays, *self.calendar.closures, *self.calendar.special_hours}:
            if 0 <= day.toordinal() - self.first < self.days:
                found[day.toordinal() - self.first] = self.calendar.spans_on(day)
        return found

    @cached_property
    def working(self) -> array[int]:
        return array("q", (n for n, spans in enumerate(self.spans_of) if spans))

    @cached_property
    def before(self) -> array[int]:
        found, count = array("q", [0]), 0
        for spans in self.spans_of:
            count += bool(spans)
            found.append(count)
        return found

    @cached_property
    def _bounds(self) -> tuple[array[int], array[int], array[int]]:
        opens, closes, worked = array("q"), array("q"), array("q", [0])
        for n in self.working:
            for start, end in self.spans_of[n]:
                a, b = self.second(n, start * 60), self.second(n, end * 60)
                if a < b:
                    opens.append(a)
                    closes.append(b)
                    worked.append(worked[-1] + b - a)
        return opens, closes, worked

    @property
    def opens(self) -> array[int]:
        return self._bounds[0]

    @property
    def closes(self) -> array[int]:
        return self._bounds[1]

    @property
    def worked(self) -> array[int]:
        return self._bounds[2]

    @cached_property
    def offsets(self) -> tuple[array[int], array[int]]:
        """The seconds at which the zone's distance from UTC changes, and the distance from then on."""
        zone = ZoneInfo(self.calendar.zone)
        begin = (self.first - EPOCH - 2) * DAY
        at, distance = array("q", [begin]), array("q", [_offset(zone, begin)])
        for n in range(self.days + 4):
            low, high = begin + n * DAY, begin + (n + 1) * DAY
            if _offset(zone, high) != distance[-1]:
                while high - low > 1:
                    middle = (low + high) // 2
                    low, high = (middle, high) if _offset(zone, middle) == distance[-1] else (low, middle)
                at.append(high)
                distance.append(_offset(zone, high))
        return at, distance

    def second(self, n: int, of_day: int) -> int:
        """The UTC second of a wall-clock second of day n (the day's length means the next midnight); see `instant`."""
        n, of_day = n + of_day // DAY, of_day % DAY
        if n < self.days and self.midnight[n + 1] - self.midnight[n] == DAY:
            return self.midnight[n] + of_day
        return self._second(n, of_day)

    def _second(self, n: int, of_day: int) -> int:
        hours, rest = divmod(of_day, 3600)
        return _seconds(instant(self.calendar, date.fromordinal(self.first + n), time(hours, rest // 60, rest % 60)))

    @cached_property
    def closing(self) -> array[int]:
        """The close of business of each working day, and the last second of any other."""
        return array("q", (self.second(n, (s[-1][1] * 60) if s else DAY - 1) for n, s in enumerate(self.spans_of)))

    @cached_property
    def day_end(self) -> array[int]:
        """23:59:59 of each day."""
        return array("q", (self.second(n, DAY - 1) for n in range(self.days)))

    @cached_property
    def midnight(self) -> array[int]:
        """00:00 of each day, and of the day after the last.

        A week whose ends lie seven days apart is taken to hold no change of the clocks: none undoes another within days.
        """
        found = array("q", [self._second(0, 0)])
        for n in range(0, self.days, 7):
            end = min(n + 7, self.days)
            last = self._second(end, 0)
            even = last - found[n] == (end - n) * DAY
            found.extend(found[n] + DAY * k if even else self._second(n + k, 0) for k in range(1, end - n))
            found.append(last)
        return found


def _offset(zone: ZoneInfo, second: int) -> int:
    shift = datetime.fromtimestamp(second, UTC).astimezone(zone).utcoffset()
    assert shift is not None
    return round(shift.total_seconds())


@lru_cache(maxsize=256)
def table(calendar: Calendar) -> Table:
    return Table(calendar, calendar.first.toordinal(), (calendar.last - calendar.first).days + 1)


def beyond(calendar: Calendar, day: date | str) -> CalendarRangeError:
    return CalendarRangeError(
        f"calendar {calendar.id}: {day} lies outside its table ({calendar.first} to {calendar.last}); "
        "extend the table or choose a date inside it"
    )


def _inside(calendar: Calendar, day: date) -> int:
    """The day's number in the table."""
    if not calendar.first <= day <= calendar.last:
        raise beyond(calendar, day)
    return day.toordinal() - calendar.first.toordinal()


def is_working_day(calendar: Calendar, day: date) -> bool:
    return bool(table(calendar).spans_of[_inside(calendar, day)])


def next_working_day(calendar: Calendar, day: date) -> date:
    """The day itself if it is worked, else the next one that is."""
    held = table(calendar)
    return _working_day(calendar, held.before[_inside(calendar, day)])


def _working_day(calendar: Calendar, n: int) -> date:
    held = table(calendar)
    if not 0 <= n < len(held.working):
        raise beyond(calendar, calendar.last + timedelta(days=1) if n > 0 else calendar.first - timedelta(days=1))
    return date.fromordinal(held.first + held.working[n])


def add_working_days(calendar: Calendar, day: date, n: int) -> date:
    """The n-th working day after `day` (before it, for n < 0); n = 0 is the next working day or `day`."""
    at = _inside(calendar, day)
    before = table(calendar).before
    # Counting on from the day itself: before[at + 1] includes it if it is worked.
    return _working_day(calendar, before[at + 1] + n - 1 if n > 0 else before[at] + n)


def working_days_between(calendar: Calendar, start: date, end: date) -> int:
    """Working days from start (counted) to end (not counted); negative if end comes first."""
    before = table(calendar).before
    return before[_inside(calendar, end)] - before[_inside(calendar, start)]


def add_months(day: date, n: int) -> date:
    """The corresponding date n months on; the month's last day if it has none."""
    month = day.year * 12 + day.month - 1 + n
    year, month = divmod(month, 12)
    return date(year, month + 1, min(day.day, _months.monthrange(year, month + 1)[1]))


def local(calendar: Calendar, at: datetime) -> datetime:
    return at.astimezone(ZoneInfo(calendar.zone))


def instant(calendar: Calendar, day: date, clock: time) -> datetime:
    """The UTC instant of a wall-clock time; one that the spring change skips moves on by the gap."""
    return datetime.combine(day, clock, ZoneInfo(calendar.zone)).astimezone(UTC)


def _seconds(at: datetime) -> int:
    gone = at.astimezone(UTC).replace(tzinfo=None) - datetime(1970, 1, 1)
    return gone.days * DAY + gone.seconds


def _utc(second: int) -> datetime:
    return datetime.fromtimestamp(second, UTC)


def closing(calendar: Calendar, day: date) -> datetime:
    """Close of business on a working day (UTC)."""
    return _utc(table(calendar).closing[_inside(calendar, day)])


def _span(calendar: Calendar, at: datetime) -> tuple[int, int]:
    """The instant in seconds, and the first span that ends after it; an error beyond the table."""
    _inside(calendar, local(calendar, at).date())
    second = _seconds(at)
    return second, bisect_right(table(calendar).closes, second)


def is_open(calendar: Calendar, at: datetime) -> bool:
    second, k = _span(calendar, at)
    opens = table(calendar).opens
    return k < len(opens) and opens[k] <= second


def next_opening(calendar: Calendar, at: datetime) -> datetime:
    """`at` itself while the office is open, else when it next opens."""
    second, k = _span(calendar, at)
    opens = table(calendar).opens
    if k == len(opens):
        raise beyond(calendar, calendar.last + timedelta(days=1))
    return at if opens[k] <= second else _utc(opens[k])


def worked_before(calendar: Calendar, at: datetime) -> int:
    """Seconds worked from the start of the table to an instant."""
    second, k = _span(calendar, at)
    held = table(calendar)
    inside = second - held.opens[k] if k < len(held.opens) else 0
    return held.worked[k] + max(inside, 0)


def add_working_seconds(calendar: Calendar, at: datetime, seconds: int) -> datetime:
    """The instant after so many working seconds; one that falls exactly at the close is that close."""
    if seconds <= 0:
        if seconds < 0:
            raise BadInput(f"{seconds} working seconds cannot be added; give zero or more")
        return next_opening(calendar, at)
    held = table(calendar)
    wanted = worked_before(calendar, at) + seconds
    k = bisect_left(held.worked, wanted) - 1
    if k >= len(held.opens):
        raise beyond(calendar, calendar.last + timedelta(days=1))
    return _utc(held.opens[k] + wanted - held.worked[k])


def add_working_minutes(calendar: Calendar, at: datetime, minutes: int) -> datetime:
    return add_working_seconds(calendar, at, minutes * 60)


def working_seconds_between(calendar: Calendar, start: datetime, end: datetime) -> int:
    """Seconds of work from start to end; never negative."""
    return max(worked_before(calendar, end) - worked_before(calendar, start), 0)


def working_minutes_between(calendar: Calendar, start: datetime, end: datetime) -> int:
    """Whole working minutes from start to end; never negative."""
    return working_seconds_between(calendar, start, end) // 60

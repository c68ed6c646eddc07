"""Working time: which days and hours count in an office or before an authority.

Instants are aware datetimes in UTC; the calendar's zone is applied on reading. Elapsed arithmetic is done
in UTC, so a night on which the clocks change has the hours that it really had.
"""

from __future__ import annotations

import calendar as _months
from bisect import bisect_left
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, ConfigDict, field_validator

from casework.model.errors import BadInput

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]


class CalendarRangeError(BadInput):
    """A day outside the table; nothing is guessed."""


class Calendar(BaseModel):
    """Holidays and hours of one jurisdiction; a weekday without hours is not worked."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: Literal["calendar/1"]
    id: str
    title: str
    zone: str
    provenance: str
    first: date
    last: date
    hours: dict[Weekday, tuple[str, ...]]
    holidays: dict[date, str]

    @field_validator("zone")
    @classmethod
    def _known_zone(cls, zone: str) -> str:
        try:
            ZoneInfo(zone)
        except (ZoneInfoNotFoundError, ValueError):
            raise ValueError(f"{zone!r} is not a time zone; write one such as Europe/London") from None
        return zone

    @field_validator("hours")
    @classmethod
    def _spans(cls, hours: dict[Weekday, tuple[str, ...]]) -> dict[Weekday, tuple[str, ...]]:
        for day, spans in hours.items():
            read = [_span(span) for span in spans]
            ends = [time(0), *(end for _, end in read)]
            if any(start >= end for start, end in read) or any(s < e for (s, _), e in zip(read, ends, strict=False)):
                raise ValueError(f"{day}: {', '.join(spans)} is not in order; write 09:00-12:30, 13:30-17:00")
        if not any(hours.values()):
            raise ValueError("no weekday has hours; give at least one")
        return hours

    def __hash__(self) -> int:
        return hash((self.id, self.zone, self.provenance, len(self.holidays)))


def _span(text: str) -> tuple[time, time]:
    start, dash, end = text.partition("-")
    if not dash:
        raise ValueError(f"{text!r} is not a span of hours; write 09:00-17:00")
    return time.fromisoformat(start.strip()), time.fromisoformat(end.strip())


@lru_cache(maxsize=64)
def _week(calendar: Calendar) -> tuple[tuple[tuple[time, time], ...], ...]:
    return tuple(tuple(_span(span) for span in calendar.hours.get(day, ())) for day in WEEKDAYS)  # type: ignore[call-overload]


@lru_cache(maxsize=64)
def _table(calendar: Calendar) -> tuple[date, ...]:
    """Every working day of the table, in order."""
    week = _week(calendar)
    days = (calendar.first + timedelta(days=n) for n in range((calendar.last - calendar.first).days + 1))
    return tuple(day for day in days if week[day.weekday()] and day not in calendar.holidays)


def _inside(calendar: Calendar, day: date) -> None:
    if not calendar.first <= day <= calendar.last:
        raise CalendarRangeError(
            f"calendar {calendar.id}: {day} lies outside its table ({calendar.first} to {calendar.last}); "
            "extend the table or choose a date inside it"
        )


def is_working_day(calendar: Calendar, day: date) -> bool:
    _inside(calendar, day)
    return bool(_week(calendar)[day.weekday()]) and day not in calendar.holidays


def next_working_day(calendar: Calendar, day: date) -> date:
    """The day itself if it is worked, else the next one that is."""
    _inside(calendar, day)
    table = _table(calendar)
    at = bisect_left(table, day)
    if at == len(table):
        _inside(calendar, calendar.last + timedelta(days=1))
    return table[at]


def add_working_days(calendar: Calendar, day: date, n: int) -> date:
    """The n-th working day after `day` (before it, for n < 0); n = 0 is the next working day or `day`."""
    if n == 0:
        return next_working_day(calendar, day)
    _inside(calendar, day)
    table = _table(calendar)
    at = bisect_left(table, day)
    here = at < len(table) and table[at] == day
    target = at + n - (0 if here or n < 0 else 1)
    if not 0 <= target < len(table):
        _inside(calendar, calendar.last + timedelta(days=1) if n > 0 else calendar.first - timedelta(days=1))
    return table[target]


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


def _spans(calendar: Calendar, day: date) -> list[tuple[datetime, datetime]]:
    if not is_working_day(calendar, day):
        return []
    return [
        (instant(calendar, day, start), instant(calendar, day, end)) for start, end in _week(calendar)[day.weekday()]
    ]


def closing(calendar: Calendar, day: date) -> datetime:
    """Close of business on a working day (UTC)."""
    return _spans(calendar, day)[-1][1]


def is_open(calendar: Calendar, at: datetime) -> bool:
    return any(start <= at < end for start, end in _spans(calendar, local(calendar, at).date()))


def next_opening(calendar: Calendar, at: datetime) -> datetime:
    """`at` itself while the office is open, else when it next opens."""
    day = local(calendar, at).date()
    while True:
        for start, end in _spans(calendar, day):
            if at < end:
                return max(at, start)
        day = next_working_day(calendar, day + timedelta(days=1))


def add_working_minutes(calendar: Calendar, at: datetime, minutes: int) -> datetime:
    """The instant after so many working minutes; one that falls exactly at the close is that close."""
    left = timedelta(minutes=minutes)
    at = next_opening(calendar, at)
    day = local(calendar, at).date()
    while True:
        for start, end in _spans(calendar, day):
            begin = max(at, start)
            if begin < end:
                if begin + left <= end:
                    return begin + left
                left -= end - begin
        day = next_working_day(calendar, day + timedelta(days=1))


def working_minutes_between(calendar: Calendar, start: datetime, end: datetime) -> int:
    """Whole working minutes from start to end; never negative."""
    total = timedelta()
    day = local(calendar, start).date()
    last = local(calendar, end).date()
    while day <= last:
        for opens, closes in _spans(calendar, day):
            total += max(timedelta(), min(end, closes) - max(start, opens))
        day += timedelta(days=1)
    return int(total.total_seconds() // 60)

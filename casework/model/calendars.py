"""Calendars: the hours that are worked and the days that are not, by jurisdiction or office.

A file may stand on another (`based_on`): a region adds its anniversary, a team adds its closures, half
days and hours. What a rule of law counts by is the jurisdiction's part alone, see `public`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
SPAN = re.compile(r"([01]\d|2[0-3]):([0-5]\d)-(?:([01]\d|2[0-3]):([0-5]\d)|(24):(00))")
Minutes = tuple[int, int]


@lru_cache(maxsize=1024)
def read_spans(spans: tuple[str, ...]) -> tuple[Minutes, ...]:
    """((540, 750), (810, 1020)) from 09:00-12:30, 13:30-17:00: minutes of the day, in order, apart."""
    found: list[Minutes] = []
    for text in spans:
        read = SPAN.fullmatch(text.replace(" ", ""))
        if read is None:
            raise ValueError(f"{text!r} is not a span of hours; write 09:00-17:00, at the latest to 24:00")
        numbers = [int(part) for part in read.groups() if part is not None]
        found.append((numbers[0] * 60 + numbers[1], numbers[2] * 60 + numbers[3]))
    ends = [0, *(end for _, end in found)]
    if any(start >= end for start, end in found) or any(s < e for (s, _), e in zip(found, ends, strict=False)):
        raise ValueError(f"{', '.join(spans)} is not in order; write 09:00-12:30, 13:30-17:00")
    return tuple(found)


def _spans(spans: tuple[str, ...]) -> tuple[str, ...]:
    read_spans(spans)
    return spans


def _zone(zone: str) -> str:
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError):
        raise ValueError(f"{zone!r} is not a time zone; write one such as Europe/London") from None
    return zone


def _some_hours(week: dict[Weekday, tuple[str, ...]]) -> dict[Weekday, tuple[str, ...]]:
    if not any(week.values()):
        raise ValueError("no weekday has hours; give at least one")
    return week


Spans = Annotated[tuple[str, ...], AfterValidator(_spans)]
Week = Annotated[dict[Weekday, Spans], AfterValidator(_some_hours)]
Zone = Annotated[str, AfterValidator(_zone)]


class _Days(BaseModel):
    """`hours` are those of now; `hours_until` those that held up to and including a day. `holidays` are
    public; `closures` (with their reason) and `special_hours` (a half day, or opening on a holiday) are
    the office's own."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: Literal["calendar/1"]
    id: str
    title: str
    provenance: str
    hours_until: dict[date, Week] = Field(default_factory=dict)
    holidays: dict[date, str] = Field(default_factory=dict)
    closures: dict[date, str] = Field(default_factory=dict)
    special_hours: dict[date, Spans] = Field(default_factory=dict)


class Calendar(_Days):
    """A whole calendar. `first` and `last` bound its table; beyond them nothing is guessed."""

    zone: Zone
    first: date
    last: date
    hours: Week
    based_on: str | None = None

    @model_validator(mode="after")
    def _in_order(self) -> Calendar:
        if self.first > self.last:
            raise ValueError(f"the table ends ({self.last}) before it begins ({self.first})")
        return self

    def __hash__(self) -> int:
        return hash((self.id, self.zone, self.provenance, len(self.holidays)))

    @property
    def public(self) -> Calendar:
        """The same without the office's own closures and special hours: what outside rules count by."""
        return _public(self) if self.closures or self.special_hours else self

    def week_on(self, day: date) -> Mapping[Weekday, tuple[str, ...]]:
        """The weekly hours in force on a day."""
        until = min((last for last in self.hours_until if day <= last), default=None)
        return self.hours if until is None else self.hours_until[until]

    def spans_on(self, day: date) -> tuple[Minutes, ...]:
        """The hours worked on a day, as minutes of the day; none on a day off."""
        if day in self.special_hours:
            return read_spans(self.special_hours[day])
        if day in self.closures or day in self.holidays:
            return ()
        return read_spans(self.week_on(day).get(WEEKDAYS[day.weekday()], ()))  # type: ignore[call-overload]

    def why_off(self, day: date) -> str:
        """The reason why a day is not worked."""
        return self.closures.get(day) or self.holidays.get(day) or f"{day:%A}"


@lru_cache(maxsize=64)
def _public(calendar: Calendar) -> Calendar:
    return calendar.model_copy(update={"closures": {}, "special_hours": {}})


class CalendarFile(_Days):
    """A calendar as written. One that stands on another need not repeat its zone, table and hours."""

    based_on: str | None = None
    zone: Zone | None = None
    first: date | None = None
    last: date | None = None
    hours: Week | None = None

    @model_validator(mode="after")
    def _whole(self) -> CalendarFile:
        missing = [name for name in ("zone", "first", "last", "hours") if getattr(self, name) is None]
        if self.based_on is None and missing:
            raise ValueError(f"{', '.join(missing)} missing; add them, or name the calendar it is based_on")
        if self.first and self.last and self.first > self.last:
            raise ValueError(f"the table ends ({self.last}) before it begins ({self.first})")
        return self

    def on(self, base: Calendar | None) -> Calendar:
        """The whole calendar, standing on `base` (already whole) if it names one."""
        mine = self.model_dump(exclude_unset=True)
        if base is None:
            return Calendar.model_validate(mine)
        under = base.model_dump()
        for table in ("holidays", "closures", "special_hours"):
            mine[table] = {**under[table], **mine.get(table, {})}
        if "hours" in mine:
            under["hours_until"] = {}
        return Calendar.model_validate({**under, **mine})


def whole(files: Mapping[str, CalendarFile]) -> tuple[dict[str, Calendar], dict[str, str]]:
    """(calendars standing on their bases, what keeps the others from it), by id."""
    done: dict[str, Calendar] = {}
    faults: dict[str, str] = {}

    def build(id: str, above: tuple[str, ...]) -> Calendar | None:
        if id in above:
            faults[id] = f"{' on '.join([*above, id])}: a calendar cannot stand on itself"
        elif id in files and id not in done and id not in faults:
            base = files[id].based_on
            under = build(base, (*above, id)) if base is not None else None
            if base is None or under is not None:
                try:
                    done[id] = files[id].on(under)
                except ValidationError as error:
                    faults[id] = "; ".join(str(e["msg"]).removeprefix("Value error, ") for e in error.errors())
        return done.get(id)

    for id in files:
        build(id, ())
    return done, faults

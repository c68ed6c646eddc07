"""The small languages of the content: dates, times, durations and texts with {variables}."""

from __future__ import annotations

import re
from datetime import date, time
from functools import lru_cache

from pydantic import BaseModel, ConfigDict

DATE_PHRASE = re.compile(
    r"^\s*(?P<base>\d{4}-\d{2}-\d{2}|[a-z][a-z0-9_]*)"
    r"(?:\s*(?P<sign>[+-])\s*(?P<n>\d+)\s+(?P<unit>working days?|days?))?\s*$"
)
LASTS = re.compile(
    r"^(?P<n>\d+) (?P<unit>calendar (?:days?|weeks?|months?)|working (?:days?|hours?)|elapsed hours?)$"
)
DELAY = re.compile(r"^(?P<n>\d+) (?P<unit>minutes?|hours?|working hours?|working days?)$")
PLACEHOLDER = re.compile(r"\{([a-z][a-z0-9_]*(?:\.[a-z][a-z0-9_]*)?)\}")


class DatePhrase(BaseModel):
    """`base` is an ISO date or a variable; `shift` days (working days if `working`) are added to it."""

    model_config = ConfigDict(frozen=True)
    base: str
    shift: int = 0
    working: bool = False


class TimePhrase(BaseModel):
    """A date phrase and a wall-clock time; a bare time variable has none."""

    model_config = ConfigDict(frozen=True)
    day: DatePhrase
    at: time


@lru_cache(maxsize=4096)
def read_date(text: str) -> DatePhrase:
    """The date phrase in `first_day + 1 working day`; raises ValueError with what is allowed."""
    found = DATE_PHRASE.match(text.strip().strip("{}"))
    if not found:
        raise ValueError(
            f"{text!r} is not a date; write 2026-03-24, a date variable, or either with '+ N days', "
            "'- N days' or '+ N working days'"
        )
    if found["base"][0].isdigit():
        date.fromisoformat(found["base"])
    shift = int(found["n"] or 0) * (-1 if found["sign"] == "-" else 1)
    return DatePhrase(base=found["base"], shift=shift, working="working" in (found["unit"] or ""))


def read_time(text: str) -> TimePhrase:
    """The time phrase in `first_day, 09:00`; raises ValueError with what is allowed."""
    day, comma, clock = text.rpartition(",")
    if not comma or not re.fullmatch(r"\s*\d{2}:\d{2}\s*", clock):
        raise ValueError(f"{text!r} is not a time; write DATE, HH:MM, such as 'first_day, 09:00'")
    return TimePhrase(day=read_date(day), at=time.fromisoformat(clock.strip()))


@lru_cache(maxsize=4096)
def read_lasts(text: str) -> tuple[int, str]:
    """(28, 'calendar day') from `28 calendar days`; `date in the letter` is (0, 'letter')."""
    if text == "date in the letter":
        return 0, "letter"
    found = LASTS.match(text)
    if not found:
        raise ValueError(
            f"{text!r} is not a length of time (and none is negative); write N calendar days|weeks|months, N working days|hours, "
            "N elapsed hours, or 'date in the letter'"
        )
    if int(found["n"]) == 0 and found["unit"] != "working days":
        raise ValueError(f"{text!r} gives no time at all; only '0 working days' (the same day) may be none")
    return int(found["n"]), found["unit"].rstrip("s")


def read_delay(text: str) -> tuple[int, str]:
    """(40, 'minute') from `40 minutes`."""
    found = DELAY.match(text)
    if not found:
        raise ValueError(f"{text!r} is not a delay; write N minutes, N hours, N working hours or N working days")
    return int(found["n"]), found["unit"].rstrip("s")


def spoken_date(day: date) -> str:
    """`31 March 2026`, as letters write it."""
    return f"{day.day} {day:%B %Y}"


def date_spellings(day: date) -> tuple[str, ...]:
    """The usual British spellings of a date, lower case, longest first."""
    months = (f"{day:%B}".lower(), f"{day:%b}".lower())
    spoken = [f"{n} {m}" for m in months for n in (f"{day.day}", f"{day.day:02d}", f"{day.day}{_ordinal(day.day)}")]
    turned = [f"{m} {day.day}" for m in months]
    numeric = [day.isoformat(), f"{day:%d/%m/%Y}", f"{day.day}/{day.month}/{day.year}", f"{day:%d.%m.%Y}"]
    return tuple(sorted({*spoken, *turned, *numeric}, key=lambda text: (-len(text), text)))


def _ordinal(day: int) -> str:
    return "th" if 10 <= day % 100 <= 20 else {1: "st", 2: "nd", 3: "rd"}.get(day % 10, "th")

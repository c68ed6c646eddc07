"""Dates and times as other systems write them, read by a declared format and never guessed.

A format is `iso`, `iso date` (a date, or a date at midnight that means the day), or a pattern of DD, MM,
YYYY, HH, mm, ss (D, M and H take one digit or two) with any marks between, such as DD/MM/YYYY HH:mm.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone
from functools import lru_cache

TOKENS = {
    "YYYY": r"(?P<Y>\d{4})", "DD": r"(?P<D>\d{2})", "MM": r"(?P<M>\d{2})", "HH": r"(?P<h>\d{2})", "mm": r"(?P<m>\d{2})",
    "ss": r"(?P<s>\d{2})", "D": r"(?P<D>\d{1,2})", "M": r"(?P<M>\d{1,2})", "H": r"(?P<h>\d{1,2})",
}  # fmt: skip
TOKEN = re.compile("|".join(TOKENS))
ISO = re.compile(
    r"(?P<Y>\d{4})-(?P<M>\d{2})-(?P<D>\d{2})"
    r"(?:[T ](?P<h>\d{2}):(?P<m>\d{2})(?::(?P<s>\d{2})(?:[.,]\d{1,9})?)?(?P<off>Z|[+-]\d{2}:?\d{2})?)?"
)


@dataclass(frozen=True)
class Stamp:
    """What a cell says: a day, a wall-clock time if it has one (to the second), and an offset if it has one."""

    on: date
    clock: time | None = None
    offset: timedelta | None = None

    @property
    def at(self) -> datetime | None:
        """The instant, where the cell itself fixes it."""
        return None if self.clock is None or self.offset is None else datetime.combine(self.on, self.clock, timezone(self.offset))


@lru_cache(maxsize=64)
def read_format(text: str) -> re.Pattern[str]:
    """The pattern that cells of a declared format fit; ValueError with what is allowed."""
    if text in ("iso", "iso date"):
        return ISO
    pieces, end, used = [], 0, []
    for found in TOKEN.finditer(text):
        pieces += [re.escape(text[end : found.start()]), TOKENS[found[0]]]
        used.append(found[0])
        end = found.end()
    rest = re.sub(TOKEN, "", text)
    kinds = [{"D": "DD", "M": "MM", "H": "HH"}.get(token, token) for token in used]
    clock = {"HH", "mm", "ss"} & set(kinds)
    if not {"YYYY", "MM", "DD"} <= set(kinds) or len(set(kinds)) != len(kinds) or clock not in (set(), {"HH", "mm"}, {"HH", "mm", "ss"}) or re.search(r"\w", rest.replace("T", "")):
        raise ValueError(f"{text!r} is no format of dates; write iso, iso date, DD/MM/YYYY, DD/MM/YYYY HH:mm, YYYY-MM-DD HH:mm:ss or the like")
    return re.compile("".join(pieces) + re.escape(text[end:]))


def has_time(text: str) -> bool:
    """Whether cells of the format say a time of day; an `iso` cell may, and is asked by itself."""
    return text == "iso" or "mm" in text


def read(cell: str, formats: tuple[str, ...]) -> Stamp | None:
    """What the cell says by the declared formats; None if it fits none of them, or two that disagree."""
    found = {stamp for text in formats if (stamp := _read(cell, text)) is not None}
    return found.pop() if len(found) == 1 else None


def _read(cell: str, text: str) -> Stamp | None:
    fit = read_format(text).fullmatch(cell)
    if fit is None or not cell.isascii():
        return None
    part = fit.groupdict()
    try:
        on = date(int(part["Y"]), int(part["M"]), int(part["D"]))
        clock = time(int(part["h"]), int(part["m"]), int(part.get("s") or 0)) if part.get("h") else None
    except ValueError:
        return None
    if text == "iso date":
        return Stamp(on) if clock in (None, time(0)) and part["off"] is None else None
    offset = None
    if (written := part.get("off")) is not None:
        sign, digits = (-1 if written[0] == "-" else 1), written.strip("Z+-").replace(":", "") or "0000"
        offset = sign * timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
        if abs(offset) >= timedelta(hours=24):
            return None
    return Stamp(on, clock, offset)

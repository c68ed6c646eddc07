"""Freezes holiday tables as YAML: `python -m casework.edges.calendars scenarios/calendars`."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from casework.model.calendars import WEEKDAYS

YEARS = range(2019, 2031)
USUAL, GULF = (0, 1, 2, 3, 4), (6, 0, 1, 2, 3)
ISLAMIC = "Islamic dates of years not yet announced are calculated, and may move by a day"


@dataclass(frozen=True)
class Source:
    """One calendar and where `holidays` has it. `weeks`: weekdays worked, each up to and including a year."""

    id: str
    title: str
    zone: str
    country: str
    part: str | None = None
    base: str | None = None
    weeks: tuple[tuple[int, tuple[int, ...]], ...] = ((YEARS[-1], USUAL),)
    categories: tuple[str, ...] = ("public",)
    note: str | None = None


NEW_ZEALAND = {
    "AUK": "Auckland", "BOP": "Bay of Plenty", "CAN": "Canterbury", "CIT": "Chatham Islands", "GIS": "Gisborne",
    "HKB": "Hawke's Bay", "MBH": "Marlborough", "MWT": "Manawatu-Whanganui", "NSN": "Nelson", "NTL": "Northland",
    "OTA": "Otago", "STL": "Southland", "TAS": "Tasman", "TKI": "Taranaki", "WGN": "Wellington", "WKO": "Waikato",
    "WTC": "West Coast", "South Canterbury": "South Canterbury",
}  # fmt: skip
# These keep the anniversary of the province they belonged to; `holidays` leaves them out.
KEEPS = {"BOP": "AUK", "GIS": "AUK", "WKO": "AUK", "MWT": "WGN", "TAS": "NSN"}
MALAYSIA = {
    "01": "Johor", "02": "Kedah", "03": "Kelantan", "04": "Melaka", "05": "Negeri Sembilan", "06": "Pahang",
    "07": "Pulau Pinang", "08": "Perak", "09": "Perlis", "10": "Selangor", "11": "Terengganu", "12": "Sabah",
    "13": "Sarawak", "14": "Kuala Lumpur", "15": "Labuan", "16": "Putrajaya",
}  # fmt: skip
# Friday and Saturday are the weekend in three states, and were in Johor until the end of 2024.
WEEKENDS = {
    "01": ((2024, GULF), (YEARS[-1], USUAL)), "02": ((YEARS[-1], GULF),), "03": ((YEARS[-1], GULF),),
    "11": ((YEARS[-1], GULF),),
}  # fmt: skip
CARIBBEAN = (
    ("AI", "Anguilla", "America/Anguilla"), ("AG", "Antigua and Barbuda", "America/Antigua"), ("AW", "Aruba", "America/Aruba"),
    ("BS", "Bahamas", "America/Nassau"), ("BB", "Barbados", "America/Barbados"), ("BZ", "Belize", "America/Belize"),
    ("BM", "Bermuda", "Atlantic/Bermuda"), ("BQ", "Bonaire, Sint Eustatius and Saba", "America/Kralendijk"),
    ("VG", "British Virgin Islands", "America/Tortola"), ("KY", "Cayman Islands", "America/Cayman"), ("CU", "Cuba", "America/Havana"),
    ("CW", "Curaçao", "America/Curacao"), ("DM", "Dominica", "America/Dominica"), ("DO", "Dominican Republic", "America/Santo_Domingo"),
    ("GD", "Grenada", "America/Grenada"), ("GP", "Guadeloupe", "America/Guadeloupe"), ("GY", "Guyana", "America/Guyana"),
    ("HT", "Haiti", "America/Port-au-Prince"), ("JM", "Jamaica", "America/Jamaica"), ("MQ", "Martinique", "America/Martinique"),
    ("MS", "Montserrat", "America/Montserrat"), ("PR", "Puerto Rico", "America/Puerto_Rico"), ("BL", "Saint Barthélemy", "America/St_Barthelemy"),
    ("KN", "Saint Kitts and Nevis", "America/St_Kitts"), ("LC", "Saint Lucia", "America/St_Lucia"), ("MF", "Saint Martin", "America/Marigot"),
    ("VC", "Saint Vincent and the Grenadines", "America/St_Vincent"), ("SX", "Sint Maarten", "America/Lower_Princes"),
    ("SR", "Suriname", "America/Paramaribo"), ("TT", "Trinidad and Tobago", "America/Port_of_Spain"),
    ("TC", "Turks and Caicos Islands", "America/Grand_Turk"), ("VI", "United States Virgin Islands", "America/St_Thomas"),
)  # fmt: skip
UK = "UK 2020-2027 agrees with the published table"


def slug(title: str) -> str:
    """`hawkes-bay` from Hawke's Bay: the id of a calendar."""
    plain = title.lower().replace("ç", "c").replace("é", "e").replace("'", "").replace(",", "")
    return "-".join(plain.split())


def sources() -> Iterator[Source]:
    """Every calendar that ships, a base before what stands on it."""
    yield Source("england-and-wales", "England and Wales", "Europe/London", "GB", "ENG", note=UK)
    yield Source("scotland", "Scotland", "Europe/London", "GB", "SCT", note=UK)
    yield Source("northern-ireland", "Northern Ireland", "Europe/London", "GB", "NIR", note=UK)
    yield Source("ireland", "Ireland", "Europe/Dublin", "IE")
    yield Source("south-africa", "South Africa", "Africa/Johannesburg", "ZA", note="4 Nov 2026 (local elections) is to be confirmed")
    yield Source("hong-kong", "Hong Kong", "Asia/Hong_Kong", "HK", categories=("public", "optional"), note="general holidays, Good Friday and Easter Monday included")
    yield Source("singapore", "Singapore", "Asia/Singapore", "SG", note=ISLAMIC)
    yield Source("new-zealand", "New Zealand", "Pacific/Auckland", "NZ", note="national days; each region has its anniversary in its own calendar")
    for part, name in NEW_ZEALAND.items():
        zone = "Pacific/Chatham" if part == "CIT" else "Pacific/Auckland"
        keeps = KEEPS.get(part)
        note = f"keeps {NEW_ZEALAND[keeps]}'s anniversary; districts differ, to be confirmed" if keeps else None
        yield Source(f"new-zealand-{slug(name)}", f"New Zealand, {name}", zone, "NZ", keeps or part, "new-zealand", note=note)
    yield Source("malaysia", "Malaysia (federal days)", "Asia/Kuala_Lumpur", "MY", note=ISLAMIC)
    for part, name in MALAYSIA.items():
        weeks = WEEKENDS.get(part, ((YEARS[-1], USUAL),))
        yield Source(f"malaysia-{slug(name)}", f"Malaysia, {name}", "Asia/Kuala_Lumpur", "MY", part, "malaysia", weeks, note=ISLAMIC)
    for country, name, zone in CARIBBEAN:
        yield Source(slug(name), name, zone, country)


def days_of(source: Source) -> dict[date, str]:
    """The holidays of the days that are worked in the week, by date, from the `holidays` package."""
    import holidays

    kind = getattr(holidays, source.country)
    known = getattr(kind, "supported_languages", ()) or ()
    language = next((name for name in ("en_GB", "en_US", "en") if name in known), None)
    options: dict[str, Any] = {"years": YEARS, "language": language, "categories": source.categories}
    table = holidays.country_holidays(source.country, subdiv=source.part, **options)
    worked = {year: next(week for until, week in source.weeks if year <= until) for year in YEARS}
    return {day: name for day, name in sorted(table.items()) if day.year in worked and day.weekday() in worked[day.year]}


def _week(days: tuple[int, ...], indent: str) -> list[str]:
    return [f"{indent}{name}: ['09:00-17:00']" for n, name in enumerate(WEEKDAYS) if n in days]


def _text(source: Source, own: dict[date, str], based: Source | None, version: str) -> str:
    said = "; ".join(part for part in (f"holidays {version}; days of the working week only", source.note) if part)
    lines = [
        "# yaml-language-server: $schema=../schemas/calendar.json", "format: calendar/1", f"id: {source.id}",
        f"title: {json.dumps(source.title, ensure_ascii=False)}", f"provenance: {json.dumps(said, ensure_ascii=False)}",
    ]  # fmt: skip
    if based is not None:
        lines.append(f"based_on: {based.id}")
    if based is None or source.zone != based.zone:
        lines.append(f"zone: {source.zone}")
    if based is None:
        lines += [f"first: {date(YEARS[0], 1, 1)}", f"last: {date(YEARS[-1], 12, 31)}", "hours:", *_week(source.weeks[-1][1], "  ")]
        for until, week in source.weeks[:-1]:
            lines += ["hours_until:", f"  {until}-12-31:", *_week(week, "    ")]
    lines += ["holidays:", *(f"  {day}: {json.dumps(name, ensure_ascii=False)}" for day, name in own.items())]
    return "\n".join(lines) + "\n"


def texts() -> dict[str, str]:
    """Every file's text by calendar id; a part that has all days of its base is written upon it."""
    import holidays

    found, days, known = {}, {}, {source.id: source for source in sources()}
    for source in known.values():
        own = days[source.id] = days_of(source)
        base = known.get(source.base or "")
        whole = base is None or base.weeks != source.weeks or not days[base.id].keys() <= own.keys()
        under = None if whole else base
        mine = {day: name for day, name in own.items() if under is None or day not in days[under.id]}
        found[source.id] = _text(source, mine, under, holidays.__version__)
    return found


def write_calendars(folder: Path) -> None:
    """Writes one file a calendar. Needs the `holidays` package, which the workbench itself does not."""
    for id, text in texts().items():
        (folder / f"{id}.yaml").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    write_calendars(Path(sys.argv[1]))

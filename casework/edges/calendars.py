"""Freezes holiday tables as YAML: `python -m casework.edges.calendars scenarios/calendars`."""

from __future__ import annotations

import json
import sys
from datetime import date
from pathlib import Path
from typing import Any

YEARS = range(2019, 2031)
TABLES: tuple[tuple[str, str, str, str, dict[str, Any]], ...] = (
    ("england-and-wales", "England and Wales", "Europe/London", "GB", {"subdiv": "ENG"}),
    ("scotland", "Scotland", "Europe/London", "GB", {"subdiv": "SCT"}),
    ("northern-ireland", "Northern Ireland", "Europe/London", "GB", {"subdiv": "NIR"}),
    ("ireland", "Ireland", "Europe/Dublin", "IE", {}),
    ("south-africa", "South Africa", "Africa/Johannesburg", "ZA", {}),
    ("hong-kong", "Hong Kong", "Asia/Hong_Kong", "HK", {"categories": ("public", "optional")}),
    ("singapore", "Singapore", "Asia/Singapore", "SG", {}),
    ("new-zealand", "New Zealand", "Pacific/Auckland", "NZ", {}),
    ("jamaica", "Jamaica", "America/Jamaica", "JM", {}),
    ("trinidad-and-tobago", "Trinidad and Tobago", "America/Port_of_Spain", "TT", {}),
    ("barbados", "Barbados", "America/Barbados", "BB", {}),
)


def write_calendars(folder: Path) -> None:
    """Writes one file a calendar. Needs the `holidays` package, which the workbench itself does not."""
    import holidays

    for id, title, zone, country, options in TABLES:
        table = holidays.country_holidays(country, years=YEARS, language="en_GB" if country == "GB" else None, **options)
        named = {day: name for day, name in sorted(table.items()) if day.weekday() < 5}
        lines = [
            "# yaml-language-server: $schema=../schemas/calendar.json",
            "format: calendar/1", f"id: {id}", f"title: {title}", f"zone: {zone}",
            f"provenance: {json.dumps(f'holidays {holidays.__version__}; weekday dates only; UK 2020-2027 agrees with the published table')}",
            f"first: {date(YEARS[0], 1, 1)}", f"last: {date(YEARS[-1], 12, 31)}", "hours:",
            *(f"  {day}: ['09:00-17:00']" for day in ("monday", "tuesday", "wednesday", "thursday", "friday")),
            "holidays:", *(f"  {day}: {json.dumps(name, ensure_ascii=False)}" for day, name in named.items()),
        ]  # fmt: skip
        (folder / f"{id}.yaml").write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    write_calendars(Path(sys.argv[1]))

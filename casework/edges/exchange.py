"""What comes from a team's case system: one reader for each kind of file, and a first look at what is in it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from casework.edges import tables, xes


@dataclass(frozen=True)
class Column:
    """One column of an export: how many rows have it, and how many different values it takes."""

    name: str
    filled: int
    different: int


@dataclass(frozen=True)
class Look:
    rows: int
    columns: tuple[Column, ...]


def rows(path: Path) -> list[dict[str, str]]:
    """The rows of an export (CSV, XLSX, XES, XES.GZ), every value as text."""
    return [row for _, row in placed(path)]


def placed(path: Path) -> list[tuple[str, dict[str, str]]]:
    """As `rows`, each with the place where someone would look for it: the row of a table, or the event of a log."""
    if is_xes(path):
        return [(f"event {n}", row) for n, row in enumerate(xes.read(path), 1)]
    return [(f"row {n}", row) for n, row in tables.placed(path)]


def is_xes(path: Path) -> bool:
    return ".xes" in [part.lower() for part in path.suffixes]


def look(path: Path) -> Look:
    """The columns of an export, without any of their values: they may be someone's name."""
    found = rows(path)
    filled: Counter[str] = Counter()
    different: dict[str, set[str]] = {}
    for row in found:
        for name, value in row.items():
            if value != "":
                filled[name] += 1
                different.setdefault(name, set()).add(value)
    names = list(dict.fromkeys(name for row in found for name in row))
    return Look(len(found), tuple(Column(name, filled[name], len(different.get(name, ()))) for name in names))

"""Progress as a table, CSV or XLSX, that comes back as it went: text stays text, and no cell is ever a formula.

In XLSX a carriage return is written _x000D_, as the format has it, because XML would turn it into a line feed; a text
that looks like such a mark is marked itself. A CSV file has no types: what a spreadsheet program makes of 007 there is
its own affair, so XLSX is the one to open and save, and CSV the one for programs.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Sequence
from dataclasses import astuple, dataclass, fields
from datetime import date
from pathlib import Path
from typing import Any

from casework.edges import exports, limits, logfiles, tables
from casework.model.errors import BadInput

NEVER = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
MARKED, LIKE_A_MARK = re.compile(r"_x([0-9A-Fa-f]{4})_"), re.compile(r"_(?=x[0-9A-Fa-f]{4})")
TEXT_FORMAT, DATE_FORMAT = "@", "yyyy-mm-dd"
NUMBER = re.compile(r"-?\d+(\.\d+)?([eE][+-]?\d+)?")
LARGEST = 1_000_000  # Of a share or percent, far beyond either.
EARLIEST = date(1900, 3, 1)  # Before it spreadsheets disagree on what a date is.


@dataclass(frozen=True)
class ProgressRow:
    """One person in one competency; `missing` says in words what evidence is still wanted."""

    trainee: str
    competency: str
    state: str
    mastery: float | None
    low: float | None
    high: float | None
    pieces: int
    last_on: date | None
    missing: str


HEADER = tuple(field.name for field in fields(ProgressRow))
TEXTS = ("trainee", "competency", "state", "missing")


def write(path: Path, rows: Iterable[ProgressRow]) -> None:
    """A table by the path's ending, whole or not at all; BadInput for a text that no such file can hold."""
    kind = path.suffix.lower()
    if kind == ".csv":
        # The mark before it tells spreadsheet programs that it is UTF-8.
        logfiles.write_bytes(path, to_csv(rows).encode("utf-8-sig"))
    elif kind == ".xlsx":
        logfiles.write_bytes(path, to_xlsx(rows))
    else:
        raise BadInput(f"{path}: found the ending {path.suffix!r}; allowed: .csv, .xlsx")


def to_csv(rows: Iterable[ProgressRow]) -> str:
    return exports.to_csv(HEADER, [_csv_row(row) for row in _checked(rows)])


def _csv_row(row: ProgressRow) -> list[str | int | float | None]:
    # A date is digits and dashes, and a number a number: neither can begin a formula.
    return [value.isoformat() if isinstance(value, date) else value for value in astuple(row)]


def to_xlsx(rows: Iterable[ProgressRow]) -> bytes:
    """A workbook of one sheet; texts are string cells in the format Text, dates are dates."""
    import openpyxl
    from openpyxl.cell import WriteOnlyCell

    kept = _checked(rows)
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("progress")
    sheet.freeze_panes = "A2"

    def cell(value: Any) -> Any:
        if value is None or value == "":
            return None
        made = WriteOnlyCell(sheet, value=_marked(value) if isinstance(value, str) else value)
        if isinstance(value, str):
            made.data_type, made.quotePrefix, made.number_format = "s", True, TEXT_FORMAT
        elif isinstance(value, date):
            made.number_format = DATE_FORMAT
        elif isinstance(value, float):
            # openpyxl writes sixteen digits, and a float may need seventeen to come back.
            made._value, made.data_type = repr(float(value)), "n"
        return made

    sheet.append([cell(name) for name in HEADER])
    for row in kept:
        sheet.append([cell(value) for value in astuple(row)])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def read(path: Path) -> tuple[ProgressRow, ...]:
    """The rows that `write` wrote, also after a spreadsheet program saved the workbook; BadInput with the row of what is none."""
    found = tables.placed(path)
    if found and tuple(found[0][1]) != HEADER:
        raise BadInput(f"{path}: row 1: found the columns {', '.join(found[0][1])}; allowed: {', '.join(HEADER)}, in this order")
    back = exports.original if path.suffix.lower() == ".csv" else _unmarked
    return tuple(_row(path, n, {name: back(cell) if name in TEXTS else cell for name, cell in row.items()}) for n, row in found)


def _row(path: Path, n: int, row: dict[str, str]) -> ProgressRow:
    def bad(name: str, allowed: str) -> BadInput:
        return BadInput(f"{path}: row {n}: {name}: found {row[name][:80]!r}; allowed: {allowed}")

    def number(name: str) -> float | None:
        if row[name] and NUMBER.fullmatch(row[name]) is None:
            raise bad(name, "a number, or nothing")
        return float(row[name]) if row[name] else None

    if not (row["pieces"].isascii() and row["pieces"].isdigit() and len(row["pieces"]) <= 12):
        raise bad("pieces", "a whole number")
    day = row["last_on"].removesuffix("T00:00:00")
    try:
        on = date.fromisoformat(day) if day else None
    except ValueError:
        raise bad("last_on", "a date such as 2026-03-31, or nothing") from None
    if not row["trainee"].strip():
        raise bad("trainee", "an id")
    mastery, low, high = number("mastery"), number("low"), number("high")
    return ProgressRow(row["trainee"], row["competency"], row["state"], mastery, low, high, int(row["pieces"]), on, row["missing"])


def _checked(rows: Iterable[ProgressRow]) -> Sequence[ProgressRow]:
    """The rows, once every text in them can be written and read back."""
    kept = list(rows)
    for n, row in enumerate(kept, 1):
        for name in TEXTS:
            value = getattr(row, name)
            if NEVER.search(value):
                raise BadInput(f"row {n}: {name}: holds a NUL or another character that no table can carry; take it out")
            # Spreadsheets count in UTF-16.
            if len(_marked(value).encode("utf-16-le")) // 2 >= limits.CELL:
                raise BadInput(f"row {n}: {name}: {len(value):,} characters; a cell holds fewer than {limits.CELL:,}")
        if not row.trainee.strip():
            raise BadInput(f"row {n}: trainee: found no id; give one")
        if any(value is not None and not abs(value) <= LARGEST for value in (row.mastery, row.low, row.high)) or row.pieces < 0:
            raise BadInput(f"row {n}: found {row.mastery}, {row.low}, {row.high} and {row.pieces} pieces; give numbers of at most {LARGEST:,}, and pieces from nought on")
        if row.last_on is not None and (type(row.last_on) is not date or row.last_on < EARLIEST):
            raise BadInput(f"row {n}: last_on: found {row.last_on!r}; give a date without a time, from {EARLIEST} on")
    return kept


def _marked(text: str) -> str:
    """The text as a cell's XML has it."""
    return LIKE_A_MARK.sub("_x005F_", text).replace("\r", "_x000D_").replace("\t", "_x0009_")


def _unmarked(text: str) -> str:
    return MARKED.sub(lambda found: chr(int(found[1], 16)), text)

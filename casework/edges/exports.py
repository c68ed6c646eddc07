"""Tables for spreadsheets, in which text is never a formula and a number stays a number.

In CSV a text that a spreadsheet would run gets an apostrophe before it; one that began with apostrophes
and such a sign gets one more, so that reading back gives every text byte for byte.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

RUNS = re.compile("'*[=+\\-@\t\r\n\uff1d\uff0b\uff0d\uff20]")
NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
Row = Sequence[str | int | float | None]


def safe(text: str) -> str:
    """The text as a CSV cell that no spreadsheet runs."""
    return "'" + text if RUNS.match(text) else text


def original(cell: str) -> str:
    """The text that `safe` was given."""
    return cell[1:] if cell.startswith("'") and RUNS.match(cell[1:]) else cell


def to_csv(header: Sequence[str], rows: Iterable[Row]) -> str:
    """CSV with texts made safe; numbers as they are."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\r\n", quoting=csv.QUOTE_MINIMAL)
    writer.writerow([safe(name) for name in header])
    for row in rows:
        writer.writerow([safe(value) if isinstance(value, str) else value for value in row])
    return buffer.getvalue()


def from_csv(text: str) -> list[list[str]]:
    """The rows that `to_csv` wrote, header first, texts as they were."""
    return [[original(cell) for cell in row] for row in csv.reader(io.StringIO(text, newline=""))]


def write_xlsx(path: Path, header: Sequence[str], rows: Iterable[Row]) -> None:
    """A workbook of one sheet; every text is a string cell, whatever it begins with."""
    import openpyxl
    from openpyxl.cell import WriteOnlyCell

    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("summary")
    for row in (header, *rows):
        cells: list[Any] = []
        for value in row:
            if isinstance(value, str):
                cell = WriteOnlyCell(sheet, value=NOT_IN_XML.sub("\ufffd", value))
                cell.data_type, cell.quotePrefix = "s", True
                cells.append(cell)
            else:
                cells.append(value)
        sheet.append(cells)
    book.save(path)

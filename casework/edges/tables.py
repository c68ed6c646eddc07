"""Tables that people bring, CSV or XLSX, read as text: an id keeps its zeros and NA stays NA."""

from __future__ import annotations

import csv
import io
import warnings
from collections.abc import Iterator
from datetime import date, datetime, time
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import ParseError

from casework.edges import limits
from casework.model.errors import BadInput


def read(path: Path, most_rows: int = limits.ROWS) -> list[dict[str, str]]:
    """The rows by column name; BadInput with the place for whatever is not a plain table."""
    return [row for _, row in placed(path, most_rows)]


def placed(path: Path, most_rows: int = limits.ROWS) -> list[tuple[int, dict[str, str]]]:
    """As `read`, each row with its number in the file, where the names of columns are row 1."""
    rows = _xlsx(path, most_rows) if path.suffix.lower() in (".xlsx", ".xlsm") else _csv(path)
    header: list[str] | None = None
    found: list[tuple[int, dict[str, str]]] = []
    for n, row in limits.in_time(rows, path):
        if not any(cell.strip() for cell in row):
            continue
        if len(row) > limits.COLUMNS:
            raise BadInput(f"{path}: row {n}: {len(row)} columns; at most {limits.COLUMNS} are read")
        if header is None:
            header = [cell.strip() for cell in row]
            while header and not header[-1]:
                header.pop()
            empty = [str(i) for i, name in enumerate(header, 1) if not name]
            if empty or len(set(header)) != len(header):
                raise BadInput(f"{path}: row {n}: column names must be there and differ; found {', '.join(header)!r}")
            continue
        if len(row) > len(header) and any(cell.strip() for cell in row[len(header) :]):
            raise BadInput(f"{path}: row {n}: {len(row)} cells under {len(header)} column names; check separators and quotes")
        if len(found) == most_rows:
            raise BadInput(f"{path}: more than {most_rows:,} rows; split it")
        for cell in row:
            if len(cell) > limits.CELL or "\0" in cell:
                raise BadInput(f"{path}: row {n}: a cell holds a NUL character or more than {limits.CELL:,} characters")
        found.append((n, dict(zip(header, [*row, *[""] * len(header)], strict=False))))
    if header is None:
        raise BadInput(f"{path}: the table is empty; its first row must name the columns")
    return found


def _csv(path: Path) -> Iterator[tuple[int, list[str]]]:
    raw = limits.read(path, limits.TABLE, "a table (CSV or XLSX)")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadInput(f"{path}: not a CSV file in UTF-8 (byte {error.start}); save it as 'CSV UTF-8'") from None
    if "\0" in text:
        raise BadInput(f"{path}: holds a NUL character; save it as 'CSV UTF-8'")
    first = text.split("\n", 1)[0]
    # Spreadsheets of half of Europe write semicolons; a header tells which.
    separator = next((mark for mark in (",", ";", "\t") if mark in first), ",")
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    try:
        for row in lines:
            yield lines.line_num, row
    except csv.Error as error:
        raise BadInput(f"{path}: line {lines.line_num}: {error}; check the quotes") from None


def _xlsx(path: Path, most_rows: int) -> Iterator[tuple[int, list[str]]]:
    """The first sheet. Workbooks are read as a stream, through parsers that refuse entities."""
    import openpyxl
    from defusedxml.common import DefusedXmlException

    limits.read(path, limits.TABLE, "a table (CSV or XLSX)")
    limits.open_zip(path, limits.WORKBOOK).close()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # What it mends in a workbook's frame does not touch the cells.
            book = openpyxl.load_workbook(path, read_only=True, data_only=False, keep_links=False)
        try:
            sheet = book.worksheets[0]
            sheet.reset_dimensions()
            empty = 0
            for n, cells in enumerate(sheet.iter_rows(max_col=limits.COLUMNS), 1):
                row = [_text(path, cell) for cell in cells]
                empty = 0 if any(row) else empty + 1
                if n > most_rows + 1 or empty > 10_000:
                    raise BadInput(f"{path}: row {n}: more than {most_rows:,} rows, or a long run of empty ones; delete what is below the table")
                yield n, row
        finally:
            book.close()
    except BadInput:
        raise
    except Exception as error:
        chain, cause = [error], error.__context__
        while isinstance(cause, Exception):
            chain.append(cause)
            cause = cause.__context__
        if any(isinstance(one, DefusedXmlException) for one in chain):
            raise BadInput(f"{path}: refused: it declares XML entities, which no table needs") from None
        # What openpyxl raises on a damaged workbook is of many kinds.
        if isinstance(error, DAMAGED) or type(error).__module__.partition(".")[0] in ("zipfile", "zlib", "openpyxl"):
            raise BadInput(f"{path}: not a readable workbook ({type(error).__name__}); open it, save it anew as XLSX, or give CSV") from None
        raise


DAMAGED = (
    *limits.DAMAGED_ZIP, ParseError, KeyError, TypeError, AttributeError, IndexError, ArithmeticError,
)  # fmt: skip


def _text(path: Path, cell: Any) -> str:
    value = cell.value
    if value is None:
        return ""
    if cell.data_type == "f":
        raise BadInput(f"{path}: cell {cell.coordinate}: holds a formula; paste its value instead")
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, (int, float)):
        whole = isinstance(value, int) or value.is_integer() and abs(value) < 1e15
        plain = str(int(value)) if whole else repr(value)
        zeros = str(cell.number_format or "")
        # A column shown as 0042 is a number with a format of zeros; what was seen is what is meant.
        return plain.zfill(len(zeros)) if whole and zeros and set(zeros) == {"0"} else plain
    if isinstance(value, (datetime, date, time)):
        return value.isoformat()
    return str(value)

"""How much of anything is read: sizes, depths and counts, and files that would unpack into more."""

from __future__ import annotations

import time
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TypeVar

from casework.model.errors import BadInput

LOG = 10_000_000  # Bytes of one decision log: a session of twenty-five thousand entries, read in under a second.
LETTER = 100_000  # Bytes of one document of a scenario.
LEDGER = 250_000_000  # Bytes of a ledger of evidence: about two hundred thousand pieces.
TEXTS = 10_000_000
TABLE = 50_000_000
ROWS = 1_000_000
CELL = 32_767  # Characters; a spreadsheet's own limit.
COLUMNS = 1_000
DEPTH = 40  # Of elements or maps inside each other.
SECONDS = 120  # The longest that reading one table or event log may take.
WORKBOOK = 500_000_000  # Bytes that a workbook or a packed event log may unpack to.
MEMBERS = 1_000
RATIO = 100  # Unpacked bytes to packed ones, beyond which a zip is a bomb and not an archive.
ARCHIVE = 50_000_000_000  # Bytes that a backup of a whole store may unpack to.


def read(path: Path, most: int, what: str) -> bytes:
    """The bytes of a file; BadInput if it is missing, is no plain file, or is larger than `most`."""
    try:
        if not path.is_file():
            raise BadInput(f"{path}: cannot be read ({'it is a folder' if path.is_dir() else 'there is no such file'}); give the path of {what}")
        with path.open("rb") as file:
            raw = file.read(most + 1)
    except OSError as error:
        raise BadInput(f"{path}: cannot be read ({error.strerror}); give the path of {what}") from None
    if len(raw) > most:
        raise BadInput(f"{path}: larger than {most:,} bytes, the most for {what}. Split it, or look whether it is the right file")
    return raw


T = TypeVar("T")


def in_time(rows: Iterable[T], path: Path, seconds: float = SECONDS) -> Iterator[T]:
    """The rows as they come; BadInput once reading them has taken longer than it may."""
    end = time.monotonic() + seconds
    for row in rows:
        if time.monotonic() > end:
            raise BadInput(f"{path}: reading it takes longer than {seconds:g} seconds; split it, or give it as CSV")
        yield row


# What zipfile raises on a damaged or strange archive, when it is opened or a member is read; a compression that it does not know is a RuntimeError.
DAMAGED_ZIP = (zipfile.BadZipFile, zlib.error, OSError, ValueError, EOFError, RuntimeError)


def open_zip(path: Path, most: int) -> zipfile.ZipFile:
    """A zip file that unpacks to at most `most` bytes, with names that stay inside; BadInput otherwise."""
    try:
        archive = zipfile.ZipFile(path)
    except DAMAGED_ZIP as error:
        raise BadInput(f"{path}: not a readable zip file ({type(error).__name__}); look whether it is whole") from None
    members = archive.infolist()
    packed, unpacked = sum(m.compress_size for m in members), sum(m.file_size for m in members)
    fault = None
    if len(members) > MEMBERS or len({m.filename for m in members}) != len(members):
        fault = f"{len(members)} members, or two of one name; at most {MEMBERS}"
    elif unpacked > most or unpacked > RATIO * max(packed, 1_000):
        fault = f"{packed:,} bytes would unpack to {unpacked:,}; at most {RATIO} times as many, and {most:,}"
    elif any(m.filename.startswith(("/", "\\")) or ".." in Path(m.filename.replace("\\", "/")).parts or ":" in m.filename for m in members):
        fault = "a member's name leads out of the archive"
    if fault:
        archive.close()
        raise BadInput(f"{path}: refused: {fault}")
    return archive

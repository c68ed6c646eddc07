"""Event logs in XES, the standard of process mining, read as rows of text under limits."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import ParseError

from casework.edges import limits
from casework.model.errors import BadInput

VALUES = ("string", "date", "int", "float", "boolean", "id")
TRACE = "case:"


def read(path: Path, most: int = limits.ROWS) -> list[dict[str, str]]:
    """One row an event: its attributes by key, and those of its case with `case:` before the key.

    Values stay the text that stands in the file. Lists, containers and attributes of attributes are passed
    over. BadInput for what is not XES, declares entities, nests too deep, or is larger than is read.
    """
    found: list[dict[str, str]] = []
    for row in limits.in_time(_events(path), path):
        if len(found) == most:
            raise BadInput(f"{path}: more than {most:,} events; split it")
        found.append(row)
    if not found:
        raise BadInput(f"{path}: holds no events; a XES file has traces, and traces have events")
    return found


class _Capped:
    """A stream that unpacks no further than it may."""

    def __init__(self, path: Path, stream: Any) -> None:
        self.path, self.stream = path, stream
        self.most = self.left = min(limits.WORKBOOK, limits.RATIO * max(path.stat().st_size, 1_000))

    def read(self, size: int = -1) -> bytes:
        piece: bytes = self.stream.read(min(size, 65_536) if size > 0 else 65_536)
        self.left -= len(piece)
        if self.left < 0:
            raise BadInput(f"{self.path}: refused: unpacks to more than {self.most:,} bytes, {limits.RATIO} times its size or more; split it")
        return piece


def _events(path: Path) -> Iterator[dict[str, str]]:
    from defusedxml.common import DefusedXmlException
    from defusedxml.ElementTree import iterparse

    packed = limits.read(path, limits.TABLE, "an event log (XES)")[:2] == b"\x1f\x8b"
    try:
        with gzip.open(path) if packed else path.open("rb") as stream:
            yield from _traces(path, iterparse(_Capped(path, stream), events=("start", "end"), forbid_dtd=True))
    except DefusedXmlException:
        raise BadInput(f"{path}: refused: it declares a document type or entities, which no event log needs") from None
    except ParseError as error:
        raise BadInput(f"{path}: not well-formed XML ({error}); export it anew") from None
    except (OSError, EOFError, zlib.error, ValueError, LookupError) as error:
        raise BadInput(f"{path}: cannot be read ({type(error).__name__}); export it anew") from None


def _traces(path: Path, parsed: Iterator[tuple[str, Any]]) -> Iterator[dict[str, str]]:
    """Follows the elements: log, trace, event, attribute; each is let go of once it has been read."""
    inside: list[str] = []
    case: dict[str, str] = {}
    event: dict[str, str] = {}
    for what, element in parsed:
        name = element.tag.rpartition("}")[2]
        if what == "start":
            inside.append(name)
            if len(inside) > limits.DEPTH:
                raise BadInput(f"{path}: elements nested more than {limits.DEPTH} deep; no event log is")
            if len(inside) == 1 and name != "log":
                raise BadInput(f"{path}: begins with the element {name!r}; a XES file begins with 'log'")
            case = {} if name == "trace" else case
            event = {} if name == "event" else event
            continue
        inside.pop()
        if name in VALUES and inside[-1:] in (["event"], ["trace"]):
            key, value = str(element.get("key", "")), str(element.get("value", ""))
            if len(key) > 200 or len(value) > limits.CELL:
                raise BadInput(f"{path}: attribute {key[:40]!r}: longer than {limits.CELL:,} characters")
            if inside[-1] == "event":
                event[key] = value
            else:
                case[TRACE + key] = value
        elif name == "event":
            yield {**case, **event}
        element.clear()

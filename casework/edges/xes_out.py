"""Decision logs as XES, the standard of process mining, and read back equal. Words are never in it.

The standard's own attributes stand first (concept:name, time:timestamp, org:resource, lifecycle), so that any tool
shows the work; the line of the log as it is kept stands beside them under `casework:line`, so that nothing is lost.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterable
from pathlib import Path
from xml.sax.saxutils import quoteattr

from casework import __version__
from casework.edges import xes
from casework.model.decisions import DecisionLog, decode, lines_of
from casework.model.errors import BadInput

LINE, HEAD = "casework:line", "casework:header"
EXTENSIONS = (("Concept", "concept"), ("Time", "time"), ("Organizational", "org"), ("Lifecycle", "lifecycle"))


def to_xes(logs: Iterable[DecisionLog]) -> str:
    """The logs as one XES document, a trace each."""
    out = ['<?xml version="1.0" encoding="UTF-8"?>', f'<log xes.version="1.0" xes.creator="casework {__version__}" xmlns="http://www.xes-standard.org/">']
    out += [f'  <extension name="{name}" prefix="{prefix}" uri="http://www.xes-standard.org/{prefix}.xesext"/>' for name, prefix in EXTENSIONS]
    for log in logs:
        header, *lines = lines_of(log)
        out += ["  <trace>", _string("concept:name", log.header.session), _string(HEAD, header.text)]
        for event, line in zip(log.events, lines, strict=True):
            name = event.activity or " ".join(part for part in (event.event if event.event != "decided" else "", event.do or event.hint or "", event.item or "") if part)
            who = event.by or (log.header.trainee if event.event in ("decided", "remarked", "hinted") else event.from_)
            out += ["    <event>", _string("concept:name", name), f'      <date key="time:timestamp" value="{event.at:%Y-%m-%dT%H:%M:%S}+00:00"/>']
            out += [_string("org:resource", who)] if who else []
            out += [_string("lifecycle:transition", "complete"), _string(LINE, line.text), "    </event>"]
        out.append("  </trace>")
    return "\n".join([*out, "</log>"]) + "\n"


def _string(key: str, value: str) -> str:
    # Every sign that XML would read as white space is written as a reference, or it would come back as a blank.
    return f"      <string key={quoteattr(key)} value={quoteattr(value, {chr(10): '&#10;', chr(13): '&#13;', chr(9): '&#9;'})}/>"


def write(logs: Iterable[DecisionLog], path: Path) -> None:
    """Writes a new file, packed if its name ends in .gz; BadInput if it is there."""
    if path.exists():
        raise BadInput(f"{path}: exists already; give a new name, so that nothing is overwritten")
    text = to_xes(logs).encode()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(gzip.compress(text, mtime=0) if path.suffix == ".gz" else text)


def is_ours(path: Path) -> bool:
    """Whether an event log carries decision logs whole."""
    return any(LINE in row for row in xes.read(path)[:1])


def from_xes(path: Path) -> tuple[DecisionLog, ...]:
    """The decision logs in a file that `write` made; BadInput for any other, BrokenLog if a chain does not verify."""
    texts: dict[str, list[str]] = {}
    for row in xes.read(path):
        if LINE not in row or xes.TRACE + HEAD not in row:
            raise BadInput(f"{path}: was not written by casework export, so it needs a mapping: casework import {path.name} --draft MAPPING.yaml")
        head = row[xes.TRACE + HEAD]
        texts.setdefault(json.loads(head)["session"], [head]).append(row[LINE])
    return tuple(decode("".join(line + "\n" for line in lines)) for lines in texts.values())

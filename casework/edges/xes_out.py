"""Decision logs as XES, the standard of process mining, and read back equal. Words are never in it.

The standard's own attributes stand first (concept:name, time:timestamp, org:resource, lifecycle), so that any tool
shows the work; the line of the log as it is kept stands beside them under `casework:line`, so that nothing is lost.
"""

from __future__ import annotations

import gzip
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from xml.sax.saxutils import quoteattr

from casework import __version__
from casework.edges import limits, logfiles, xes
from casework.model import strict_json
from casework.model.decisions import DecisionLog, canonical, decode, lines_of
from casework.model.errors import BadInput

LINE, HEAD = "casework:line", "casework:header"
NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
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
    # A sign that XML cannot hold is written as JSON writes it: in a line it reads back as itself, elsewhere it is shown.
    value = NOT_IN_XML.sub(lambda found: f"\\u{ord(found[0]):04x}", value)
    # Every sign that XML would read as white space is written as a reference, or it would come back as a blank.
    return f"      <string key={quoteattr(key)} value={quoteattr(value, {chr(10): '&#10;', chr(13): '&#13;', chr(9): '&#9;'})}/>"


def write(logs: Sequence[DecisionLog], path: Path) -> None:
    """Writes a new file, packed if its name ends in .gz; BadInput if it is there, or could not be read back."""
    if path.exists():
        raise BadInput(f"{path}: exists already; give a new name, so that nothing is overwritten")
    twice = [session for session, n in Counter(log.header.session for log in logs).items() if n > 1]
    if twice:
        raise BadInput(f"{len(twice)} sessions are given more than once ({', '.join(twice[:3])}); give each log once")
    if any(len(line.text) > limits.CELL - 1_000 for log in logs for line in lines_of(log)):
        raise BadInput(f"an entry is longer than {limits.CELL - 1_000:,} characters, which no reader of event logs takes; keep that log as it is")
    text = to_xes(logs).encode()
    logfiles.write_bytes(path, gzip.compress(text, mtime=0) if path.suffix == ".gz" else text)


def from_xes(path: Path) -> tuple[DecisionLog, ...]:
    """The decision logs in a file that `write` made; BadInput for any other, BrokenLog if a chain does not verify."""
    texts: dict[str, list[str]] = {}
    for row in xes.read(path):
        if LINE not in row or xes.TRACE + HEAD not in row:
            raise BadInput(f"{path}: was not written by casework export, so it needs a mapping: casework import {path.name} --draft MAPPING.yaml")
        head = row[xes.TRACE + HEAD]
        texts.setdefault(head, [head]).append(row[LINE])
    return tuple(decode("".join(_kept(line) + "\n" for line in lines)) for lines in texts.values())


def _kept(line: str) -> str:
    """The line as a log keeps it, signs that XML cannot hold put back; what is no JSON is left for the chain to refuse."""
    try:
        return canonical(strict_json.parse(line)) if "\\u" in line else line
    except ValueError:
        return line

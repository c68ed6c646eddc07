"""A mapping drafted from an export: its columns by name, and no value of any cell."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

from casework.edges import exchange
from casework.model import timestamps
from casework.model.decisions import canonical

GUESSES = {
    "case": re.compile(r"case:concept:name|(case|file|matter|claim|request).?(id|no|nr|number|ref.*)?", re.I),
    "activity": re.compile(r"concept:name|activity|event|action|task|step", re.I),
    "time": re.compile(r"time:timestamp|.*(time|date|when).*|created|completed", re.I),
    "person": re.compile(r"org:resource|resource|user|agent|owner|handled.?by|worker|officer", re.I),
}


def draft(path: Path, id: str) -> str:
    """A mapping to fill in, with every column of an export dropped but those whose names say what they are; no value of a cell.

    Activities are listed where the column is named as process mining names it.
    """
    rows = exchange.rows(path)
    names = list(dict.fromkeys(name for row in rows for name in row))
    found: dict[str, str] = {}
    for what, guess in GUESSES.items():
        fit = next((name for name in names if guess.fullmatch(name) and name not in found.values()), None)
        if fit is not None:
            found[what] = fit
    standard = found.get("activity") == "concept:name"
    words = list(Counter(row.get("concept:name", "") for row in rows)) if standard else []
    rules = {name: "pseudonymise" if name in (found.get("case"), found.get("person")) else "keep" if name in found.values() else "drop" for name in names}
    # Midnight in every cell means that the system knows days only.
    days = bool(rows) and "time" in found and all((stamp := timestamps.read(row.get(found["time"], ""), ("iso date",))) is not None and stamp.clock is None for row in rows)
    lines = [
        "# yaml-language-server: $schema=../schemas/mapping.json",
        f"# Drafted from {canonical(path.name)}. Look at every line: what is not kept is gone from the import.",
        "format: mapping/1", f"id: {id}", "version: 1", f"title: {id.replace('-', ' ').capitalize()}",
        "office: england-and-wales  # whose hours and holidays the team works by", "authority: england-and-wales",
        f"case: {canonical(found.get('case', '?'))}", f"activity: {canonical(found.get('activity', '?'))}",
        "time:", f"  column: {canonical(found.get('time', '?'))}",
        f"  formats: [{'iso date' if days else 'iso'}]  # or DD/MM/YYYY HH:mm, DD/MM/YYYY …; a cell that fits none is an error, never a guess",
        "  day_means: '12:00'  # the time meant by a date without one; or close",
        "  zone: Europe/London  # of times without an offset",
    ]  # fmt: skip
    lines += [f"person: {canonical(found['person'])}"] if "person" in found else []
    lines += ["columns:  # keep, pseudonymise or drop", *(f"  {canonical(name)}: {rule}" for name, rule in rules.items())]
    lines += ["activities:  # do: ACTION, arrives: {…}, acted: {…}, or ignore", *(f"  {canonical(word)}: ignore" for word in words)]
    lines += [] if words else ["  Acknowledgement sent: {do: acknowledge, to: member}", "  Letter received: {arrives: {from: member, item: letter}}"]
    return "\n".join(lines) + "\n"

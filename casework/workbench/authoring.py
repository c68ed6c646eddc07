"""Use cases of authors: a new scenario to begin from, and what a scenario does when it is played."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

from casework.edges import content, tables
from casework.model.errors import BadInput
from casework.model.library import Library
from casework.model.phrases import read_time
from casework.practice import branching, labels
from casework.practice.branching import Branch
from casework.quality import selftest
from casework.workbench.plays import MAIN_RUBRIC
from casework.workbench.rights import open_to_all

ID = re.compile(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*")
STARTER = "starter"
COLUMNS = ("at", "from", "channel", "says")
PARTIES = ("member", "handler", "adviser", "lead", "regulator")  # Those of the starter.


@open_to_all
def new_scenario(folder: Path | None, id: str, group: str = "my", table: Path | None = None) -> Path:
    """A scenario of one's own that plays as it stands, copied from the commented starter; gives its folder.

    `table` (CSV or XLSX with the columns at, from, channel, says) adds an email or call note for each row.
    Nothing that is there is overwritten.
    """
    root = folder or content.shipped()
    for what, word in (("id", id), ("group", group)):
        if not ID.fullmatch(word) or len(word) > 60:
            raise BadInput(f"{what}: found {word!r}; allowed: small letters, digits and single hyphens, such as second-opinion")
    if not (root / "scenarios").is_dir():
        raise BadInput(f"{root}: no content here; casework init makes a folder of your own")
    start = next((p for p in (root, content.shipped()) if (p / "scenarios" / STARTER / "scenario.yaml").is_file()), None)
    if start is None:
        raise BadInput(f"{root}: no scenarios/{STARTER} to begin from; copy it from a folder that casework init makes")
    if taken := next(iter(root.glob(f"scenarios/cases/*/{id}")), None):
        raise BadInput(f"{id}: there is one already, at {taken}; choose another id")
    rows = _rows(table) if table is not None else ""
    place = root / "scenarios" / "cases" / group / id
    try:
        shutil.copytree(start / "scenarios" / STARTER, place)
        for path in place.rglob("*.yaml"):  # The folder lies two deeper than the starter.
            path.write_text(path.read_text(encoding="utf-8").replace("$schema=", "$schema=../../", 1), encoding="utf-8")
        path = place / "scenario.yaml"
        text = path.read_text(encoding="utf-8").replace("\nid: starter ", f"\nid: {id} ", 1)
        path.write_text(text.replace("\n# What good work does.", f"{rows}\n# What good work does.", 1), encoding="utf-8")
    except OSError as error:
        shutil.rmtree(place, ignore_errors=True)
        raise BadInput(f"{place}: cannot be written ({error.strerror}); nothing was made") from None
    return place


def _rows(table: Path) -> str:
    """The rows of a table as injects, words quoted."""
    rows = tables.read(table)
    missing = [name for name in COLUMNS if rows and name not in rows[0]]
    if missing or not rows:
        raise BadInput(f"{table}: {'no rows' if not rows else 'no column ' + ', '.join(missing)}; a table for a draft has {', '.join(COLUMNS)}")
    made = []
    for n, row in enumerate(rows, 1):
        try:
            read_time(row["at"])
        except ValueError as error:
            raise BadInput(f"{table}: row {n + 1}, at: {error}") from None
        if row["from"] not in PARTIES:
            raise BadInput(f"{table}: row {n + 1}, from: found {row['from']!r}; allowed: {', '.join(PARTIES)}. Add other parties afterwards")
        if row["channel"] not in labels.CHANNELS:
            raise BadInput(f"{table}: row {n + 1}, channel: found {row['channel']!r}; allowed: {', '.join(labels.CHANNELS)}")
        # Braces would be variables; the words of a table are words.
        body = json.dumps(row["says"].replace("{", "(").replace("}", ")"), ensure_ascii=False)
        made.append(f"\n  - id: drafted-{n}\n    at: {row['at']}\n    from: {row['from']}\n    channel: {row['channel']}\n    body: {body}\n")
    return "".join(made)


@open_to_all
def discrimination(held: Library, id: str, seeds: int = 3, rubric: str = MAIN_RUBRIC) -> tuple[selftest.Spread, ...]:
    """How well each criterion tells the exemplary trainee from the other scripted ones on a scenario."""
    return selftest.spread(held, id, held.get_rubric(rubric), seeds)


@open_to_all
def branches(held: Library, id: str) -> tuple[Branch, ...]:
    """What comes in a scenario, when, and because of what."""
    held.get_scenario(id)
    return branching.branches(held, id)

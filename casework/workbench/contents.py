"""Use cases on the content: its clauses and dates, its lists, and a team's own copy."""

from __future__ import annotations

import shutil
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from casework.edges import content
from casework.model.errors import BadInput
from casework.model.library import Library
from casework.practice import handbook
from casework.workbench.rights import open_to_all

if TYPE_CHECKING:
    from casework.edges.doctor import Finding
    from casework.edges.exchange import Look
    from casework.model.decisions import DecisionLog

HANDBOOK = frozenset({"policy", "calendar"})
PLAYED = HANDBOOK | {"rubric", "caseload", "scenario"}


@open_to_all
def library(folder: Path | None = None) -> Library:
    return content.load(folder)


@open_to_all
def handbook_only(folder: Path | None = None) -> Library:
    """Policies and calendars alone: enough for a date, and read in a fraction of the time."""
    return content.load(folder, content.Part(HANDBOOK, pinned=False))


@open_to_all
def library_for(log: DecisionLog, folder: Path | None = None) -> Library:
    """What a log is scored with: its scenarios, and all policies, calendars and rubrics. The whole where its work is not there by that name."""
    play = log.header.caseload or log.header.scenario
    held = content.load(folder, content.Part(PLAYED, play))
    return held if play is None or play in {*held.scenarios, *held.caseloads} else library(folder)


@open_to_all
def due(held: Library, clause: str, start: str, calendar: str | None, on: str | None) -> dict[str, Any]:
    """One deadline with its reasoning, as `casework due --json` prints it."""
    return handbook.due_json(held, clause, start, calendar, on)


@open_to_all
def due_table(held: Library, clause: str, year: int, calendar: str | None) -> list[dict[str, Any]]:
    return handbook.due_table(held, clause, year, calendar)


@open_to_all
def policy_list(held: Library, on: date | None, unconfirmed: bool) -> list[dict[str, Any]]:
    return handbook.listing(held, on, unconfirmed)


@open_to_all
def policy_show(held: Library, clause: str, on: date | None) -> list[dict[str, Any]]:
    full = held.full_clause_id(clause)
    return [handbook.version_json(full, c) for c in ([held.clause(full, on)] if on else held.versions(full))]


@open_to_all
def policy_diff(held: Library, first: date, last: date) -> list[dict[str, Any]]:
    return [_change(change) for change in handbook.changed_between(held, first, last)]


@open_to_all
def policy_behind(held: Library) -> list[dict[str, Any]]:
    """Where a team's own law and published practice are not those that ship."""
    return [_change(change) for change in handbook.behind_shipped(held, library())]


def _change(change: handbook.Change) -> dict[str, Any]:
    return {"clause": change.ref, "what": change.what, "parts": handbook.differences(change)}


@open_to_all
def late_payment(held: Library, amount: Decimal, due_on: date, paid_on: date, base: Decimal) -> dict[str, Any]:
    found = handbook.late_payment(held, amount, due_on, paid_on, base)
    return {
        "clause": found.ref, "days": found.days, "rate": str(found.rate), "interest": str(found.interest),
        "fixed": found.fixed, "total": str(found.total),
    }  # fmt: skip


@open_to_all
def init(folder: Path) -> None:
    """A team's own copy of the content; nothing that exists is overwritten."""
    if folder.exists() and any(folder.iterdir()):
        raise BadInput(f"{folder} is not empty; choose a new folder, so that nothing of yours is overwritten")
    for name in ("notebooks", "scenarios", "rubrics"):
        try:
            shutil.copytree(content.shipped() / name, folder / name)
        except OSError as error:
            raise BadInput(f"{folder}: cannot be written ({error.strerror})") from None


@open_to_all
def notebook(folder: Path | None, name: str) -> Path:
    own = folder / "notebooks" / name if folder is not None else None
    return own if own is not None and own.is_file() else content.shipped() / "notebooks" / name


@open_to_all
def practice_notebook(folder: Path | None, name: str, seed: int, mode: str = "practice") -> Path:
    """The practice notebook for this work, written to the workspace."""
    from casework.edges import batches, serving
    from casework.edges.store.records import workspace

    place = workspace() / f"practise-{batches.safe_name(name, str(seed))}.ipynb"
    parameters = {"scenario": name, "seed": seed, "mode": mode, "content": str(folder.resolve()) if folder else ""}
    return serving.copy_with(notebook(folder, "10_practise.ipynb"), parameters, place)


@open_to_all
def listing(held: Library, what: str) -> list[dict[str, Any]]:
    """Rows of one kind of thing."""
    if what == "scenarios":
        waits = " (locked: waits for a clinician's sign-off)"
        rows = [{"id": s.id, "level": s.level, "title": s.title + (waits if s.locked else "")} for s in held.scenarios.values()]
        return [*rows, *({"id": c.id, "level": "caseload", "title": c.title} for c in held.caseloads.values())]
    if what == "rubrics":
        return [{"id": r.id, "version": r.version, "title": r.title} for r in held.rubrics.values()]
    if what == "simulations":
        return [{"id": s.id, "asks": ", ".join(w.id for w in s.what_if), "title": f"{s.title} ({s.mark})"} for s in held.simulations.values()]
    if what == "policies":
        return [
            {"clause": row["clause"], "from": row["effective_from"], "mark": row["mark"], "says": row["says"]}
            for row in handbook.listing(held, None, False)
        ]  # fmt: skip
    if what == "trainees":
        from casework.practice import trainees

        return [{"id": p.name, "handles": p.handles, "says": p.says} for p in trainees.PROFILES.values()]
    if what == "role":
        served: dict[str, set[str]] = {line: set() for line in ROLE_LINES}
        for scenario in held.scenarios.values():
            for line in scenario.evidences:
                served.setdefault(line, set()).add(scenario.id)
        for rubric in held.rubrics.values():
            for criterion in rubric.criteria:
                for line in criterion.evidences:
                    served.setdefault(line, set()).add(f"{rubric.id}/{criterion.id}")
        for measure in held.measures.measures if held.measures is not None else ():
            for line in measure.lines:
                served.setdefault(line, set()).add(f"measures/{measure.id}")
        return [{"line": line, "served_by": ", ".join(sorted(by)) or "nothing yet"} for line, by in served.items()]
    raise BadInput(f"cannot list {what!r}; choose scenarios, rubrics, policies, simulations, trainees or role")


ROLE_LINES = (
    *(f"A{n}" for n in range(1, 20)), *(f"K{n}" for n in range(1, 20)),
    *(f"L{n}" for n in range(1, 7)), *(f"Q{n}" for n in range(1, 10)),
)  # fmt: skip


@open_to_all
def examine(folder: Path | None, store: str | None) -> tuple[Finding, ...]:
    """What is right and wrong with this installation."""
    from casework.edges import doctor

    return doctor.examine(folder, store)


@open_to_all
def look(path: Path) -> Look:
    """The columns of a case system's export, without their values; the first step of mapping it."""
    from casework.edges import exchange

    return exchange.look(path)

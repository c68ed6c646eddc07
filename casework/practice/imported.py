"""Real work brought in from a case system, made a case that clocks and criteria can read.

No scenario lies behind it: what was expected nobody declared, and what the export does not record nobody may hold
against anyone.
"""

from __future__ import annotations

from typing import cast

from casework.model.checks import Role
from casework.model.decisions import DecisionLog, Recorded
from casework.model.errors import BrokenLog
from casework.model.library import Library
from casework.model.scenarios import Archetypes, Calendars, CaseFile, Desk, Party, Scenario
from casework.practice.cases import Case, Caseload, Paper


def work_of(library: Library, log: DecisionLog) -> Caseload:
    """The one case of an imported log, from its first event to its last; BrokenLog if the log does not say what was recorded."""
    recorded = log.header.recorded
    if recorded is None or not log.events:
        raise BrokenLog(0, "an imported log says what its export records, and has events; import the export anew")
    keys = {event.case for event in log.events if event.case is not None}
    if len(keys) != 1:
        raise BrokenLog(0, f"an imported log holds one case, this one {len(keys)}; import the export anew")
    key = keys.pop()
    office, authority = library.get_calendar(recorded.office), library.get_calendar(recorded.authority)
    name = next((id.partition("/")[2] for id in log.header.digests if id.startswith("mapping/")), "real-work")
    opens, closes = log.events[0].at, log.events[-1].at
    case = Case(
        key, _no_scenario(name, log.header.version, recorded, _parties(log, recorded)), {}, {p.id: p for p in _parties(log, recorded)},
        _papers(log), office, authority, opens, closes, recorded,
    )  # fmt: skip
    return Caseload(name, log.header.version, (case,), (), office, opens, closes, log.header.seed, False)


def _parties(log: DecisionLog, recorded: Recorded) -> tuple[Party, ...]:
    """Whoever is named, each by their role."""
    named = {who for e in log.events for who in (e.to, e.from_, e.by if e.event == "acted" else None) if who is not None}
    return tuple(
        Party.model_construct(id=role, role=cast(Role, role), name=role.replace("_", " "), may_know=recorded.may_know.get(role, False)) for role in sorted(named)
    )


def _papers(log: DecisionLog) -> dict[str, Paper]:
    """What came in: the first of a name by its name, the others by their entry too."""
    found: dict[str, Paper] = {}
    for event in log.events:
        if event.event == "arrived":
            name = event.item or event.activity or "paper"
            id = name if name not in found else f"{name}, entry {event.n}"
            found[id] = Paper(id, id, event.from_, event.channel or "", None, None, event.starts, None, "", None, event.at, name)
    return found


def _no_scenario(name: str, version: int, recorded: Recorded, parties: tuple[Party, ...]) -> Scenario:
    """A scenario in which nothing is drawn, arrives or is expected; built past its own rules, which ask for all three."""
    return Scenario.model_construct(
        format="scenario/1", id=name, version=version, title="Real work", level=0, evidences=(), policies=(),
        calendars=Calendars(office=recorded.office, authority=recorded.authority), brief="", clinician_sign_off=None, variables={},
        desk=Desk.model_construct(opens="", closes=""), case=CaseFile.model_construct(type="", stage="", reference="", parties=parties, on_file=()),
        injects=(), expectations=(), archetypes=Archetypes(best_first=()), answers=(),
    )  # fmt: skip

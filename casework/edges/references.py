"""What content files say of one another: every reference looked up, every phrase read."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any, get_args

from casework.edges.files import File, Place
from casework.model import phrases
from casework.model.checks import Did, Role, parts
from casework.model.library import Library, nearest

if TYPE_CHECKING:
    from casework.model.scenarios import Scenario
    from casework.model.simulations import Simulation

ROLES: tuple[str, ...] = get_args(Role)
LINE = re.compile(r"[ACKLQ]\d+")


def _words(node: Any, at: Place = (), key: str = "") -> Iterator[tuple[Place, str, Any]]:
    """(path, nearest key, value) of every map's key and every single value."""
    if isinstance(node, dict):
        for name, child in node.items():
            yield from _words(child, (*at, name), name)
    elif isinstance(node, list):
        for n, child in enumerate(node):
            yield from _words(child, (*at, n), key)
    else:
        yield at, key, node


def unknown_calendars(files: Iterable[File], torn: bool, calendars: Iterable[str]) -> None:
    """Faults of the policies' jurisdictions; looked up even in a file that is broken elsewhere."""
    for file in files:
        if file.kind == "policy" and not torn:
            for at, key, word in _words(file.data):
                if key == "jurisdiction":
                    known(file, at, word, "calendar", calendars)


MOST = 40  # Allowed words listed in a message.


def known(file: File, at: Place, word: Any, what: str, known: Iterable[str] | None) -> None:
    allowed = list(known or ())
    if known is not None and word is not None and word not in allowed:
        near = nearest(str(word), allowed)
        few = sorted(allowed)[:MOST]
        more = f" and {len(allowed) - MOST} more" if len(allowed) > MOST else ""
        listed = f"; there are {', '.join(few)}{more}" if not near or len(allowed) <= 12 else ""
        file.fault(at, f"{word!r} is no {what}{near}{listed}")


def cross_check(
    library: Library, files: dict[str, dict[str, File]], answers: dict[str, dict[str, File]], torn: set[str]
) -> None:  # fmt: skip
    """Faults of the references between files, added to the file that makes them.

    `torn`: kinds of which some file could not be read. What points to these is not looked up, so that one
    fault is not told over and over.
    """
    ids: dict[str, Any] = {
        "policy": library.policies, "calendar": library.calendars, "rubric": library.rubrics,
        "scenario": library.scenarios, "caseload": library.caseloads, "clause": library.clause_ids,
        "criterion": [criterion.id for rubric in library.rubrics.values() for criterion in rubric.criteria],
    }  # fmt: skip
    of = {"clause": "policy", "criterion": "rubric"}
    ids = {kind: None if of.get(kind, kind) in torn else known for kind, known in ids.items()}
    clocked = [ref for ref in library.clause_ids if _any_version(library, ref, "clock")]
    limited = [ref for ref in library.clause_ids if _any_version(library, ref, "limit")]
    references: dict[str, tuple[str, list[str]]] = {} if ids["clause"] is None else {
        "clause": ("clause", library.clause_ids), "cites": ("clause", library.clause_ids),
        "starts": ("clause with a clock", clocked), "reopens": ("clause with a clock", clocked), "within": ("clause with a clock", clocked),
        "due": ("clause with a clock", clocked), "at_most": ("clause with a limit", limited),
        "on_time": ("side or clause with a clock", ["internal", "external", *clocked]),
    }  # fmt: skip
    measured = {
        "criterion": ("criterion of a rubric", ids["criterion"]), "rubric": ("rubric", ids["rubric"]),
        "clause": references.get("starts", ("clause with a clock", None)),
    }  # fmt: skip
    everyone = [*ROLES, "assistant", "may_know", "if_nothing_named"]
    for kind, table in files.items():
        for file in table.values():
            for at, key, word in _words(file.data) if kind != "calendar" else ():
                if key in references and kind in ("scenario", "rubric", "caseload", "mapping", "simulation"):
                    known(file, at, word, *references[key])
                elif key in ("evidences", "lines") and not LINE.fullmatch(str(word)):
                    file.fault(at, f"{word!r} is not a line of the role; write a letter of A, C, K, L, Q and a number, such as A3")
                elif key in ("to", "stopped_by") and kind in ("policy", "rubric", "measures"):
                    known(file, at, word, "role", everyone)
                elif key == "from" and kind == "rubric" and "bands" not in at:
                    known(file, at, word, "role", everyone)
                elif key in measured and kind == "measures":
                    known(file, at, word, *measured[key])
    for id, file in files["scenario"].items():
        _check_scenario(library, file, answers[id].values(), ids)
    for file in files["caseload"].values():
        plan = file.value
        known(file, ("calendar",), plan.calendar, "calendar", ids["calendar"])
        known(file, ("rubric",), plan.rubric, "rubric", ids["rubric"])
        for n, entry in enumerate(plan.scenarios):
            known(file, ("scenarios", n, "scenario"), entry.scenario, "scenario", ids["scenario"])
            for name in entry.with_ if entry.scenario in library.scenarios else ():
                variables = library.scenarios[entry.scenario].variables
                known(file, ("scenarios", n, "with", name), name, f"variable of {entry.scenario}", variables)
        for at, key, word in _words(file.data):
            if key in ("opens", "closes", "at"):
                _phrase(file, at, word, phrases.read_time, ["first_day"])
            elif key == "takes":
                _phrase(file, at, word, phrases.read_delay, [])
    for file in files["simulation"].values():
        _check_simulation(library, file, ids)


def _check_simulation(library: Library, file: File, ids: dict[str, Any]) -> None:
    """The calendar, caseload and clauses that a simulation names; its clocks are looked up as everyone's are."""
    simulation: Simulation = file.value
    known(file, ("calendar",), simulation.calendar, "calendar", ids["calendar"])
    # Content without any caseloads has nothing to practise for the simulation, which stands without it.
    known(file, ("caseload",), simulation.caseload, "caseload", ids["caseload"] or None)
    if ids["clause"] is not None:
        known(file, ("efforts",), simulation.efforts, "clause with efforts", [ref for ref in library.clause_ids if _any_version(library, ref, "efforts")])


def _any_version(library: Library, ref: str, part: str) -> bool:
    return any(getattr(clause, part) is not None for clause in library.versions(ref))


def _phrase(file: File, at: Place, word: Any, read: Callable[[str], Any], dates: list[str]) -> None:
    """A date, time or delay that can be read, and stands on a date variable that there is."""
    if word in (None, "desk closes", "desk opens"):
        return
    try:
        found = read(str(word))
    except ValueError as error:
        file.fault(at, str(error))
        return
    day = getattr(found, "day", found)
    if isinstance(day, phrases.DatePhrase) and not day.base[0].isdigit():
        known(file, at, day.base, "date variable", dates)


def _rings(scenario: Scenario) -> Iterator[tuple[int, list[str]]]:
    """Injects that can come only after themselves: (place, the way round)."""
    waits: dict[str, list[str]] = {}
    for inject in scenario.injects:
        checks = parts(inject.after) if inject.after is not None else ()
        waits[inject.id] = [item for check in checks if isinstance(check, Did) for item in (*check.item[:1], *filter(None, (check.after,)))]
    for n, inject in enumerate(scenario.injects):
        way, here = [inject.id], inject.id
        while (here := next((item for item in waits.get(here, ()) if item in waits), "")) and here not in way:
            way.append(here)
        if here == inject.id:
            yield n, [*way, here]


def _check_scenario(library: Library, file: File, answers: Iterable[File], ids: dict[str, Any]) -> None:
    scenario: Scenario = file.value
    if file.path.parent.name != scenario.id:
        file.fault(("id",), f"{scenario.id!r} must be the folder's name, {file.path.parent.name!r}")
    for n, policy in enumerate(scenario.policies):
        known(file, ("policies", n), policy, "policy", ids["policy"])
    parties = [party.id for party in scenario.case.parties]
    everyone = [*parties, *ROLES, "may_know"]
    # What a letter may speak of: each variable, and each part of a variable that is a record.
    speakable: dict[str, list[Any]] = {}
    for name, variable in scenario.variables.items():
        for pick in variable.pick or ("",):
            for part, value in pick.items() if isinstance(pick, dict) else [("", pick)]:
                speakable.setdefault(f"{name}.{part}" if part else name, []).append(value)
    draws = {name: len(variable.pick) or 1 for name, variable in scenario.variables.items()}
    speakable = {name: found for name, found in speakable.items() if len(found) == draws[name.partition(".")[0]]}
    dates = [
        name for name, v in scenario.variables.items()
        if v.date or v.due or (v.pick and all(re.fullmatch(r"\d{4}-\d\d-\d\d", str(pick)) for pick in v.pick))
    ]  # fmt: skip
    for side in ("office", "authority"):
        named = getattr(scenario.calendars, side)
        for choice in speakable.get(named.strip("{}"), []) if "{" in named else [named]:
            known(file, ("calendars", side), choice, "calendar", ids["calendar"])
    words_for: dict[str, tuple[str, list[str]]] = {
        "item": ("paper or inject", [*(p.id for p in scenario.case.on_file), *(i.id for i in scenario.injects)]),
        "choice": ("choice of a conversation", [c.id for i in scenario.injects for t in i.conversation for c in t.choices]),
        "mentions": ("variable or party", [*speakable, *parties]),
        "to": ("party or role of this case", everyone), "from": ("party or role of this case", everyone),
        "cover": ("party of this case", parties),
    }  # fmt: skip
    words_for |= {"after": words_for["item"], "when": words_for["item"], "avoids": words_for["mentions"]}
    cited = ids["clause"] and [part for ref in ids["clause"] for part in (ref, ref.partition(".")[2])]
    for n, ring in _rings(scenario):
        file.fault(("injects", n, "after"), f"{ring[0]} waits for itself ({' → '.join(ring)}); something else must set it off")
    # Injects may come about through what a party does (`by`); elsewhere `by` is a time.
    days, times = ("date", "for", "for_before", "dated", "received", "answer_by"), ("at", "by", "until", "closes")
    for one in (file, *answers):
        mine = one is file
        for at, key, word in _words(one.data):
            actor = mine and len(at) == 3 and at[0] == "injects" and key == "by"
            drawn = mine and at[0] == "variables"
            if isinstance(word, str):
                for found in phrases.PLACEHOLDER.findall(word):
                    known(one, at, found, "variable", speakable)
            if key in days or (drawn and key == "from"):
                _phrase(one, at, word, phrases.read_date, dates)
            elif (key in times and not actor) or at[:2] == ("desk", "opens"):
                _phrase(one, at, word, phrases.read_time, dates)
            elif key in words_for and not drawn:
                known(one, at, word, *words_for[key])
            elif key == "cites" and not mine and word is not None:
                known(one, at, word, "clause", cited)
            elif key == "errors" and not mine:
                known(one, at, word, "criterion of a rubric", ids["criterion"])
            for n, part in enumerate(at):
                if at[0] in ("injects", "expectations") and part in ("every", "handled", "on_time", "at_most"):
                    one.fault(at[: n + 1], f"{part!r} belongs in a rubric; a scenario's checks are did, never, all, any, not")
    papers = {word: at for at, key, word in _words({name: file.data[name] for name in ("case", "injects")}) if key == "document"}
    for owner, name in (key for key in library.documents if key[0] == scenario.id):
        for found in set(phrases.PLACEHOLDER.findall(library.documents[owner, name])) - speakable.keys():
            known(file, papers[name], found, f"variable (in {name})", speakable)

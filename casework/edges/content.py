"""The content folder read into a Library, every problem of every file at once."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, get_args

from pydantic import BaseModel, ValidationError

from casework.edges import strict_yaml
from casework.model import calendars, phrases
from casework.model.calendars import Calendar, CalendarFile
from casework.model.decisions import digest
from casework.model.errors import BadInput, ContentError, Problem
from casework.model.framework import Framework, Measures
from casework.model.library import Library, nearest
from casework.model.policies import Policy
from casework.model.rubrics import Rubric
from casework.model.scenarios import Answer, CaseloadPlan, Role, Scenario

MODELS: dict[str, type[BaseModel]] = {
    "scenario": Scenario, "answer": Answer, "policy": Policy, "calendar": CalendarFile, "rubric": Rubric,
    "caseload": CaseloadPlan, "framework": Framework, "measures": Measures,
}  # fmt: skip
ROLES: tuple[str, ...] = get_args(Role)
LINE = re.compile(r"[ACKLQ]\d+")
Path_ = tuple[Any, ...]


@dataclass
class File:
    """One file as read: its model (None if it does not hold), its plain data, and what is wrong with it."""

    name: str
    path: Path
    value: Any = None
    data: Any = None
    lines: strict_yaml.Positions = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def fault(self, at: Path_, message: str) -> None:
        """A problem at a path of the file, on the line of the nearest part that is there."""
        line = next((self.lines[at[:n]] for n in range(len(at), -1, -1) if at[:n] in self.lines), 1)
        node, named = self.data, ""
        for part in at:
            node = node[part] if isinstance(node, (dict, list)) and strict_yaml.has(node, part) else None
            named = str(node["id"]) if isinstance(node, dict) and "id" in node else named
        key = ".".join(str(part) for part in at) or "file"
        self.problems.append(Problem(self.name, line, f"{key} ({named})" if named else key, message))


def shipped() -> Path:
    """The content that comes with the package: the checkout's, or the wheel's."""
    package = Path(__file__).resolve().parent.parent
    return package.parent if (package.parent / "scenarios").is_dir() else package / "content"


@lru_cache(maxsize=1)
def schemas() -> dict[str, dict[str, Any]]:
    """The JSON Schema of each kind of file, for editors; short forms that authors may write are in it."""
    return {name: _short_forms(model.model_json_schema(by_alias=True)) for name, model in MODELS.items()}


def _short_forms(schema: dict[str, Any]) -> dict[str, Any]:
    """One word may stand for a list of one in a check, and an action or a check for what stops a clock."""
    defs = schema.get("$defs", {})
    for name in ("Qualifiers", "Fits", "Did", "Never"):
        for prop in defs.get(name, {}).get("properties", {}).values():
            if prop.get("type") == "array":
                prop["anyOf"] = [prop["items"], {"type": prop.pop("type"), "items": prop.pop("items")}]
    if "StopsOn" in defs:
        action = defs["Did"]["properties"]["did"]["anyOf"][0]
        defs["StopsOn"] = {"anyOf": [action, {"$ref": "#/$defs/Did"}, defs["StopsOn"]]}
    for prop in defs.get("ClockRule", {}).get("properties", {}).get("cut_off", {}).get("anyOf", []):
        prop.pop("format", None)  # JSON Schema's times carry seconds and a zone; ours are 17:00.
    return schema


def read_file(path: Path, kind: str, root: Path) -> File:
    """One YAML file, read strictly and checked against its model, with every problem in it."""
    file = File(path.relative_to(root).as_posix() if path.is_relative_to(root) else path.name, path)
    try:
        raw = path.read_bytes()
    except OSError as error:
        file.fault((), f"cannot be read: {error.strerror}")
        return file
    file.data, file.lines, file.problems = strict_yaml.load(raw, file.name)
    if file.data is None:
        return file
    try:
        value = MODELS[kind].model_validate(file.data)
    except ValidationError as error:
        faults = error.errors()
        inner = [f["loc"] for f in faults if f["type"] != "too_short"]
        for one in faults:
            # A list whose members all failed is also "too short": saying so twice helps nobody.
            if one["type"] != "too_short" or not any(loc[: len(one["loc"])] == one["loc"] for loc in inner):
                at = strict_yaml.place(file.data, one)
                file.fault(at, strict_yaml.said(one, at, file.data, schemas()[kind]))
        return file
    for at in [at for at in file.lines if at and str(at[-1]).endswith("_")]:
        file.fault(at, f"unknown key; write {str(at[-1]).rstrip('_')!r}")
    if not file.problems:
        file.value = value
    return file


def load(folder: Path | None = None) -> Library:
    """The library in a content folder (shipped content by default); ContentError with every problem."""
    root = folder or shipped()
    if not (root / "scenarios").is_dir():
        raise BadInput(f"{root}: no content here; expected folders 'scenarios' and 'rubrics' (casework init makes them)")
    read: list[File] = []
    torn: set[str] = set()

    def gather(kind: str, paths: Iterable[Path]) -> dict[str, File]:
        found: dict[str, File] = {}
        for path in sorted(paths):
            file = read_file(path, kind, root)
            read.append(file)
            if file.value is None:
                torn.add(kind)
                continue
            if file.value.id in found:
                file.fault(("id",), f"{file.value.id!r} is also the id of {found[file.value.id].name}; each has its own")
            else:
                found[file.value.id] = file
        return found

    rubrics = [path for path in root.glob("rubrics/*.yaml") if path.stem not in ("framework", "measures")]
    files = {
        "policy": gather("policy", root.glob("scenarios/policies/*.yaml")),
        "calendar": gather("calendar", root.glob("scenarios/calendars/*.yaml")),
        "rubric": gather("rubric", rubrics),
        "scenario": gather("scenario", root.glob("scenarios/cases/*/*/scenario.yaml")),
        "caseload": gather("caseload", root.glob("scenarios/caseloads/*.yaml")),
        "framework": gather("framework", root.glob("rubrics/framework.yaml")),
        "measures": gather("measures", root.glob("rubrics/measures.yaml")),
    }
    documents: dict[tuple[str, str], str] = {}
    answers: dict[str, dict[str, File]] = {}
    for id, file in files["scenario"].items():
        documents |= _documents(file)
        answers[id] = {}
        for n, name in enumerate(file.value.answers):
            path = file.path.parent / "answers" / f"{name}.yaml"
            if re.fullmatch(r"[\w-]+", name) and path.is_file():
                answers[id][name] = read_file(path, "answer", root)
            else:
                file.fault(("answers", n), f"no file answers/{name}.yaml in the scenario's folder; add it or leave it out")
        read += answers[id].values()
    whole: dict[str, dict[str, Any]] = {kind: {id: file.value for id, file in table.items()} for kind, table in files.items()}
    whole["calendar"] = _calendars(files["calendar"], torn)
    library = Library(
        whole["scenario"], documents,
        {id: {name: f.value for name, f in table.items() if f.value} for id, table in answers.items()},
        whole["policy"], whole["calendar"], whole["rubric"], whole["caseload"],
        next(iter(whole["framework"].values()), None), next(iter(whole["measures"].values()), None),
        _digests(whole, documents),
    )  # fmt: skip
    _cross_check(library, files, answers, torn)
    problems = list(dict.fromkeys(problem for file in read for problem in file.problems))
    if problems:
        raise ContentError(problems)
    return library


def _calendars(files: dict[str, File], torn: set[str]) -> dict[str, Calendar]:
    """The calendars standing on their bases; one that cannot is told in its file and left out."""
    held = {id: file.value for id, file in files.items()}
    for id, file in files.items():
        base, seen = held[id].based_on, [id]
        while base is not None and base in held and base not in seen:
            seen.append(base)
            base = held[base].based_on
        if base in seen:
            file.fault(("based_on",), f"{' on '.join([*seen, str(base)])}: a calendar cannot stand on itself")
        elif base is not None and "calendar" not in torn:
            _known(file, ("based_on",), held[seen[-1]].based_on, "calendar", held)
        if base is not None:
            torn.add("calendar")
    if "calendar" in torn:
        return {id: value.on(None) for id, value in held.items() if value.based_on is None}
    return calendars.whole(held)


def _digests(whole: dict[str, dict[str, Any]], documents: dict[tuple[str, str], str]) -> dict[str, str]:
    found = {}
    for kind, table in whole.items():
        for id, value in table.items():
            plain: Any = value.model_dump(mode="json", by_alias=True)
            if kind == "scenario":
                plain = [plain, sorted((path, text) for (owner, path), text in documents.items() if owner == id)]
            found[f"{kind}/{id}"] = digest(plain)
    return found


def _documents(file: File) -> dict[tuple[str, str], str]:
    """The texts that a scenario's papers point to; each lies inside the scenario's folder."""
    found: dict[tuple[str, str], str] = {}
    home, scenario = file.path.parent.resolve(), file.value
    places: list[tuple[Path_, str | None]] = [
        (("case", "on_file", n, "document"), paper.document) for n, paper in enumerate(scenario.case.on_file)
    ]
    places += [(("injects", n, "document"), inject.document) for n, inject in enumerate(scenario.injects)]
    for at, name in places:
        if name is None:
            continue
        target, found[scenario.id, name] = (home / name).resolve(), ""
        if not target.is_relative_to(home) or not target.is_file():
            file.fault(at, f"document {name!r} is not a file in the scenario's folder")
            continue
        try:
            found[scenario.id, name] = target.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError):
            file.fault(at, f"document {name!r} cannot be read as UTF-8 text")
    return found


def _words(node: Any, at: Path_ = (), key: str = "") -> Iterator[tuple[Path_, str, Any]]:
    """(path, nearest key, value) of every map's key and every single value."""
    if isinstance(node, dict):
        for name, child in node.items():
            yield from _words(child, (*at, name), name)
    elif isinstance(node, list):
        for n, child in enumerate(node):
            yield from _words(child, (*at, n), key)
    else:
        yield at, key, node


def _known(file: File, at: Path_, word: Any, what: str, known: Iterable[str] | None) -> None:
    allowed = list(known or ())
    if known is not None and word is not None and word not in allowed:
        near = nearest(str(word), allowed)
        listed = f"; there are {', '.join(sorted(allowed))}" if not near or len(allowed) <= 12 else ""
        file.fault(at, f"{word!r} is no {what}{near}{listed}")


def _cross_check(
    library: Library, files: dict[str, dict[str, File]], answers: dict[str, dict[str, File]], torn: set[str]
) -> None:  # fmt: skip
    """Faults of the references between files, added to the file that makes them.

    `torn`: kinds of which some file could not be read. What points to these is not looked up, so that one
    fault is not told over and over.
    """
    ids: dict[str, Any] = {
        "policy": library.policies, "calendar": library.calendars, "rubric": library.rubrics,
        "scenario": library.scenarios, "clause": library.clause_ids,
        "criterion": [criterion.id for rubric in library.rubrics.values() for criterion in rubric.criteria],
    }  # fmt: skip
    of = {"clause": "policy", "criterion": "rubric"}
    ids = {kind: None if of.get(kind, kind) in torn else known for kind, known in ids.items()}
    clocked = [ref for ref in library.clause_ids if _any_version(library, ref, "clock")]
    limited = [ref for ref in library.clause_ids if _any_version(library, ref, "limit")]
    references: dict[str, tuple[str, list[str]]] = {} if ids["clause"] is None else {
        "clause": ("clause", library.clause_ids), "cites": ("clause", library.clause_ids),
        "starts": ("clause with a clock", clocked), "within": ("clause with a clock", clocked),
        "due": ("clause with a clock", clocked), "at_most": ("clause with a limit", limited),
        "on_time": ("side or clause with a clock", ["internal", "external", *clocked]),
    }  # fmt: skip
    everyone = [*ROLES, "assistant", "may_know"]
    for kind, table in files.items():
        for file in table.values():
            for at, key, word in _words(file.data):
                if key in references and kind in ("scenario", "rubric", "caseload"):
                    _known(file, at, word, *references[key])
                elif key in ("evidences", "lines") and not LINE.fullmatch(str(word)):
                    file.fault(at, f"{word!r} is not a line of the role; write a letter of A, C, K, L, Q and a number, such as A3")
                elif key in ("to", "stopped_by") and kind in ("policy", "rubric"):
                    _known(file, at, word, "role", everyone)
                elif key == "from" and kind == "rubric" and "bands" not in at:
                    _known(file, at, word, "role", everyone)
                elif key == "criterion" and kind == "measures":
                    _known(file, at, word, "criterion of a rubric", ids["criterion"])
    for id, file in files["scenario"].items():
        _check_scenario(library, file, answers[id].values(), ids)
    for file in files["caseload"].values():
        plan = file.value
        _known(file, ("calendar",), plan.calendar, "calendar", ids["calendar"])
        _known(file, ("rubric",), plan.rubric, "rubric", ids["rubric"])
        for n, entry in enumerate(plan.scenarios):
            _known(file, ("scenarios", n, "scenario"), entry.scenario, "scenario", ids["scenario"])
            for name in entry.with_ if entry.scenario in library.scenarios else ():
                known = library.scenarios[entry.scenario].variables
                _known(file, ("scenarios", n, "with", name), name, f"variable of {entry.scenario}", known)
        for at, key, word in _words(file.data):
            if key in ("opens", "closes", "at"):
                _phrase(file, at, word, phrases.read_time, ["first_day"])
            elif key == "takes":
                _phrase(file, at, word, phrases.read_delay, [])


def _any_version(library: Library, ref: str, part: str) -> bool:
    policy, _, clause = ref.partition(".")
    return any(getattr(c, part) is not None for c in library.policies[policy].clauses if c.id == clause)


def _phrase(file: File, at: Path_, word: Any, read: Callable[[str], Any], dates: list[str]) -> None:
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
        _known(file, at, day.base, "date variable", dates)


def _check_scenario(library: Library, file: File, answers: Iterable[File], ids: dict[str, Any]) -> None:
    scenario: Scenario = file.value
    if file.path.parent.name != scenario.id:
        file.fault(("id",), f"{scenario.id!r} must be the folder's name, {file.path.parent.name!r}")
    for n, policy in enumerate(scenario.policies):
        _known(file, ("policies", n), policy, "policy", ids["policy"])
    parties = [party.id for party in scenario.case.parties]
    everyone = [*parties, *ROLES, "may_know"]
    # What a letter may speak of: each variable, and each part of a variable that is a record.
    parts: dict[str, list[Any]] = {}
    for name, variable in scenario.variables.items():
        for pick in variable.pick or ("",):
            for part, value in pick.items() if isinstance(pick, dict) else [("", pick)]:
                parts.setdefault(f"{name}.{part}" if part else name, []).append(value)
    draws = {name: len(variable.pick) or 1 for name, variable in scenario.variables.items()}
    parts = {name: found for name, found in parts.items() if len(found) == draws[name.partition(".")[0]]}
    dates = [
        name for name, v in scenario.variables.items()
        if v.date or v.due or (v.pick and all(re.fullmatch(r"\d{4}-\d\d-\d\d", str(pick)) for pick in v.pick))
    ]  # fmt: skip
    for side in ("office", "authority"):
        named = getattr(scenario.calendars, side)
        for choice in parts.get(named.strip("{}"), []) if "{" in named else [named]:
            _known(file, ("calendars", side), choice, "calendar", ids["calendar"])
    known: dict[str, tuple[str, list[str]]] = {
        "item": ("paper or inject", [*(p.id for p in scenario.case.on_file), *(i.id for i in scenario.injects)]),
        "choice": ("choice of a conversation", [c.id for i in scenario.injects for t in i.conversation for c in t.choices]),
        "mentions": ("variable or party", [*(n for n in parts if "." not in n), *parties]),
        "to": ("party or role of this case", everyone), "from": ("party or role of this case", everyone),
        "cover": ("party of this case", parties),
    }  # fmt: skip
    known |= {"after": known["item"], "when": known["item"], "avoids": known["mentions"]}
    cited = ids["clause"] and [part for ref in ids["clause"] for part in (ref, ref.partition(".")[2])]
    # Injects may come about through what a party does (`by`); elsewhere `by` is a time.
    days, times = ("date", "for", "for_before", "dated", "received"), ("at", "by", "until", "closes")
    for one in (file, *answers):
        mine = one is file
        for at, key, word in _words(one.data):
            actor = mine and len(at) == 3 and at[0] == "injects" and key == "by"
            drawn = mine and at[0] == "variables"
            if isinstance(word, str):
                for found in phrases.PLACEHOLDER.findall(word):
                    _known(one, at, found, "variable", parts)
            if key in days or (drawn and key == "from"):
                _phrase(one, at, word, phrases.read_date, dates)
            elif (key in times and not actor) or at[:2] == ("desk", "opens"):
                _phrase(one, at, word, phrases.read_time, dates)
            elif key in known and not drawn:
                _known(one, at, word, *known[key])
            elif key == "cites" and not mine and word is not None:
                _known(one, at, word, "clause", cited)
            elif key == "errors" and not mine:
                _known(one, at, word, "criterion of a rubric", ids["criterion"])
            for n, part in enumerate(at):
                if at[0] in ("injects", "expectations") and part in ("every", "handled", "on_time", "at_most"):
                    one.fault(at[: n + 1], f"{part!r} belongs in a rubric; a scenario's checks are did, never, all, any, not")
    for owner, name in (key for key in library.documents if key[0] == scenario.id):
        for found in phrases.PLACEHOLDER.findall(library.documents[owner, name]):
            at = next(at for at, key, word in _words(file.data) if key == "document" and word == name)
            _known(file, at, found, f"variable (in {name})", parts)


def write_schemas(folder: Path) -> None:
    """The schemas as files for editors, in a fixed order of keys."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, schema in schemas().items():
        text = json.dumps(schema, indent=1, sort_keys=True, ensure_ascii=False) + "\n"
        (folder / f"{name}.json").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    write_schemas(Path(sys.argv[-1]))

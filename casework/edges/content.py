"""The content folder read into a Library, every problem of every file at once."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from casework.edges import strict_yaml
from casework.model import phrases
from casework.model.checks import PREDICATES, qualifiers
from casework.model.decisions import digest
from casework.model.errors import BadInput, ContentError, Problem
from casework.model.framework import Framework, Measures
from casework.model.library import Library, nearest
from casework.model.policies import Policy
from casework.model.rubrics import Rubric
from casework.model.scenarios import Answer, CaseloadPlan, Scenario
from casework.model.worktime import Calendar

M = TypeVar("M", bound=BaseModel)
MODELS: dict[str, type[BaseModel]] = {
    "scenario": Scenario, "answer": Answer, "policy": Policy, "calendar": Calendar, "rubric": Rubric,
    "caseload": CaseloadPlan, "framework": Framework, "measures": Measures,
}  # fmt: skip
LINE = re.compile(r"[ACKLQG]\d+")


def shipped() -> Path:
    """The content that comes with the package: the checkout's, or the wheel's."""
    package = Path(__file__).resolve().parent.parent
    return package.parent if (package.parent / "scenarios").is_dir() else package / "content"


def schemas() -> dict[str, dict[str, Any]]:
    """The JSON Schema of each kind of file, for editors."""
    return {name: model.model_json_schema(by_alias=True) for name, model in MODELS.items()}


def read_file(path: Path, kind: str, root: Path) -> tuple[Any, strict_yaml.Positions, list[Problem]]:
    """(value or None, lines, problems) of one YAML file."""
    name = str(path.relative_to(root)) if path.is_relative_to(root) else path.name
    try:
        raw = path.read_bytes()
    except OSError as error:
        return None, {}, [Problem(name, 1, "file", f"cannot be read: {error.strerror}")]
    data, lines, problems = strict_yaml.load(raw, name)
    if data is None:
        return None, lines, problems
    try:
        value = MODELS[kind].model_validate(data)
    except ValidationError as error:
        faults = error.errors()
        inner = [f["loc"] for f in faults if f["type"] != "too_short"]
        # A list whose members all failed is also "too short": saying so twice helps nobody.
        told = [f for f in faults if f["type"] != "too_short" or not any(loc[: len(f["loc"])] == f["loc"] for loc in inner)]
        problems += [_problem(name, data, lines, fault, MODELS[kind]) for fault in told]
        return None, lines, problems
    return (None if problems else value), lines, problems


def _problem(file: str, data: Any, lines: strict_yaml.Positions, fault: Any, model: type[BaseModel]) -> Problem:
    path: tuple[Any, ...] = ()
    here = data
    for part in fault["loc"]:
        if isinstance(here, dict) and part in here:
            here, path = here[part], (*path, part)
        elif isinstance(here, list) and isinstance(part, int) and part < len(here):
            here, path = here[part], (*path, part)
        elif part not in PREDICATES and fault["type"] == "missing":
            path = (*path, part)
    line = next(lines[path[:n]] for n in range(len(path), -1, -1) if path[:n] in lines)
    named = [str(here["id"])] if isinstance(here, dict) and "id" in here else []
    for n in range(len(path)):
        node = data
        for part in path[:n]:
            node = node[part]
        if isinstance(node, dict) and "id" in node and n:
            named = [str(node["id"])]
    key = ".".join(str(part) for part in path) or "file"
    key = f"{key} ({named[-1]})" if named else key
    return Problem(file, line, key, _said(fault, path, model))


def _said(fault: Any, path: tuple[Any, ...], model: type[BaseModel]) -> str:
    kind, given = fault["type"], fault.get("input")
    if kind == "missing":
        return "this key is required and missing; add it"
    if kind == "extra_forbidden":
        allowed = sorted(_fields(model))
        return f"unknown key{nearest(str(path[-1]), allowed) if path else ''}; remove it or use a key of this format"
    if kind == "literal_error":
        words = re.findall(r"'([^']+)'", fault["msg"])
        return f"found {given!r}{nearest(str(given), words)}; allowed: {', '.join(words)}"
    said = str(fault["msg"]).removeprefix("Value error, ")
    return said if isinstance(given, dict) else f"found {given!r}: {said}"


def _fields(model: type[BaseModel]) -> set[str]:
    names = set(re.findall(r'"properties": ?\{|"([a-z_]+)": ?\{', json.dumps(model.model_json_schema(by_alias=True))))
    return {name for name in names if name}


def load(folder: Path | None = None) -> Library:
    """The library in a content folder (shipped content by default); ContentError with every problem."""
    root = folder or shipped()
    if not (root / "scenarios").is_dir():
        raise BadInput(f"{root}: no content here; expected folders 'scenarios' and 'rubrics' (casework init makes them)")
    problems: list[Problem] = []

    def gather(kind: str, pattern: str) -> dict[str, tuple[Any, Path, strict_yaml.Positions]]:
        found: dict[str, tuple[Any, Path, strict_yaml.Positions]] = {}
        for path in sorted(root.glob(pattern)):
            value, lines, faults = read_file(path, kind, root)
            problems.extend(faults)
            if value is not None:
                if value.id in found:
                    problems.append(Problem(str(path.relative_to(root)), 1, "id", f"{value.id!r} is used by another file"))
                found[value.id] = (value, path, lines)
        return found

    policies = gather("policy", "scenarios/policies/*.yaml")
    calendars = gather("calendar", "scenarios/calendars/*.yaml")
    scenarios = gather("scenario", "scenarios/cases/*/*/scenario.yaml")
    caseloads = gather("caseload", "scenarios/caseloads/*.yaml")
    special = {"framework": Framework, "measures": Measures}
    rubrics = {}
    others: dict[str, Any] = {name: None for name in special}
    for path in sorted(root.glob("rubrics/*.yaml")):
        kind = path.stem if path.stem in special else "rubric"
        value, lines, faults = read_file(path, kind, root)
        problems.extend(faults)
        if value is not None and kind == "rubric":
            rubrics[value.id] = (value, path, lines)
        elif value is not None:
            others[kind] = value
    documents, answers = _beside(root, scenarios, problems)
    library = Library(
        {k: v[0] for k, v in scenarios.items()}, documents, answers, {k: v[0] for k, v in policies.items()},
        {k: v[0] for k, v in calendars.items()}, {k: v[0] for k, v in rubrics.items()},
        {k: v[0] for k, v in caseloads.items()}, others["framework"], others["measures"],
        _digests(scenarios, policies, calendars, rubrics, caseloads, documents),
    )  # fmt: skip
    problems.extend(_crossings(root, library, scenarios, rubrics, caseloads))
    if problems:
        raise ContentError(problems)
    return library


def _digests(scenarios: Any, policies: Any, calendars: Any, rubrics: Any, caseloads: Any, documents: Any) -> dict[str, str]:
    found = {}
    kinds = {"policy": policies, "calendar": calendars, "rubric": rubrics, "caseload": caseloads}
    for kind, table in kinds.items():
        for id, (value, *_) in table.items():
            found[f"{kind}/{id}"] = digest(value.model_dump(mode="json", by_alias=True))
    for id, (value, *_) in scenarios.items():
        texts = sorted((path, text) for (owner, path), text in documents.items() if owner == id)
        found[f"scenario/{id}"] = digest([value.model_dump(mode="json", by_alias=True), texts])
    return found


def _beside(root: Path, scenarios: Any, problems: list[Problem]) -> tuple[dict[tuple[str, str], str], dict[str, dict[str, Answer]]]:
    documents: dict[tuple[str, str], str] = {}
    answers: dict[str, dict[str, Answer]] = {}
    for id, (scenario, path, lines) in scenarios.items():
        home, name = path.parent, str(path.relative_to(root))
        if home.name != id:
            problems.append(Problem(name, lines[("id",)], "id", f"{id!r} must be the folder's name, {home.name!r}"))
        for paper in (*scenario.case.on_file, *scenario.injects):
            if paper.document is None:
                continue
            target = (home / paper.document).resolve()
            if not target.is_relative_to(home.resolve()) or not target.is_file():
                problems.append(Problem(name, 1, paper.id, f"document {paper.document!r} is not a file in the scenario's folder"))
                documents[id, paper.document] = ""
            else:
                documents[id, paper.document] = target.read_text(encoding="utf-8")
        answers[id] = {}
        for answer in scenario.answers:
            value, _, faults = read_file(home / "answers" / f"{answer}.yaml", "answer", root)
            problems.extend(faults)
            if value is not None:
                answers[id][answer] = value
    return documents, answers


def _crossings(root: Path, library: Library, scenarios: Any, rubrics: Any, caseloads: Any) -> Iterator[Problem]:
    clauses, roles = library.clause_ids, {"may_know"}
    for scenario, path, lines in scenarios.values():
        name = str(path.relative_to(root))

        def fault(key: str, message: str, at: tuple[Any, ...] = (), name: str = name, lines: Any = lines) -> Problem:
            return Problem(name, lines.get(at, 1), key, message)

        for policy in scenario.policies:
            if policy not in library.policies:
                yield fault("policies", f"no policy {policy!r}{nearest(policy, list(library.policies))}", ("policies",))
        for line in scenario.evidences:
            if not LINE.fullmatch(line):
                yield fault("evidences", f"{line!r} is not a role line such as A3", ("evidences",))
        parties = {p.id for p in scenario.case.parties} | {p.role for p in scenario.case.parties} | roles
        papers = [p.id for p in (*scenario.case.on_file, *scenario.injects)]
        used: list[tuple[tuple[Any, ...], str]] = [(("case", "on_file", n, "starts"), c) for n, p in enumerate(scenario.case.on_file) for c in p.starts]
        used += [(("injects", n, "starts"), c) for n, i in enumerate(scenario.injects) for c in i.starts]
        used += [(("expectations", n, "clause"), e.clause) for n, e in enumerate(scenario.expectations)]
        for at, clause in used:
            if clause not in clauses:
                yield fault(str(at[-1]), f"no clause {clause!r}{nearest(clause, clauses)}", at)
        known = set(scenario.variables)
        for n, expectation in enumerate(scenario.expectations):
            here: tuple[Any, ...] = ("expectations", n)
            checks = [c for c in (expectation.best, expectation.acceptable) if c] + [t.handling for t in expectation.tempting]
            for asked in (q for check in checks for q in qualifiers(check)):
                where = f"expectation {expectation.id}"
                for party in (*asked.to, *asked.from_):
                    if party not in parties:
                        yield fault(where, f"{party!r} is no party or role of this case{nearest(party, sorted(parties))}", here)
                for word in (*asked.mentions, *asked.avoids):
                    if word not in known | parties:
                        yield fault(where, f"{word!r} is no variable or party{nearest(word, sorted(known))}", here)
                for item in (*asked.item, *((asked.after,) if asked.after else ())):
                    if item not in papers:
                        yield fault(where, f"{item!r} is no paper or inject{nearest(item, papers)}", here)
                if asked.within and asked.within not in clauses:
                    yield fault(where, f"no clause {asked.within!r}{nearest(asked.within, clauses)}", here)
        texts = [scenario.brief, *(t for (owner, _), t in library.documents.items() if owner == scenario.id)]
        for text in texts:
            for found in phrases.PLACEHOLDER.findall(text):
                if found.partition(".")[0] not in known:
                    yield fault("text", f"{{{found}}} is not a variable{nearest(found, sorted(known))}")
        for side in (scenario.calendars.office, scenario.calendars.authority):
            if "{" not in side and side not in library.calendars:
                yield fault("calendars", f"no calendar {side!r}{nearest(side, list(library.calendars))}", ("calendars",))
    for rubric, path, lines in rubrics.values():
        for s, section in enumerate(rubric.sections):
            for c, criterion in enumerate(section.criteria):
                if criterion.clause not in clauses:
                    spot = ("sections", s, "criteria", c, "clause")
                    said = f"no clause {criterion.clause!r}{nearest(criterion.clause, clauses)}"
                    yield Problem(str(path.relative_to(root)), lines.get(spot, 1), f"criterion {criterion.id}", said)
    for plan, path, lines in caseloads.values():
        for entry in plan.scenarios:
            if entry.scenario not in library.scenarios:
                said = f"no scenario {entry.scenario!r}{nearest(entry.scenario, list(library.scenarios))}"
                yield Problem(str(path.relative_to(root)), lines.get(("scenarios",), 1), "scenarios", said)


def write_schemas(folder: Path) -> None:
    for name, schema in schemas().items():
        text = json.dumps(schema, indent=1, sort_keys=True, ensure_ascii=False) + "\n"
        (folder / f"{name}.json").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    write_schemas(Path(sys.argv[1]))

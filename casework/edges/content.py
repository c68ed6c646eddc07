"""The content folder read into a Library, every problem of every file at once."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from casework.edges import almanac, limits
from casework.edges.files import File, Place, read_file
from casework.edges.references import cross_check, known, unknown_calendars
from casework.model import calendars
from casework.model.calendars import Calendar
from casework.model.errors import BadInput, ContentError
from casework.model.library import Library

# Where the files of each kind lie. Caseloads come before scenarios: they say which of them they need.
KINDS = {
    "policy": "scenarios/policies/*.yaml", "calendar": "scenarios/calendars/*.yaml", "rubric": "rubrics/*.yaml",
    "caseload": "scenarios/caseloads/*.yaml", "scenario": "scenarios/cases/*/*/scenario.yaml", "framework": "rubrics/framework.yaml",
    "measures": "rubrics/measures.yaml", "templates": "scenarios/templates/*.yaml", "mapping": "scenarios/mappings/*.yaml",
    "simulation": "scenarios/simulations/*.yaml",
}  # fmt: skip


def shipped() -> Path:
    """The content that comes with the package: the checkout's, or the wheel's."""
    package = Path(__file__).resolve().parent.parent
    return package.parent if (package.parent / "scenarios").is_dir() else package / "content"


@dataclass(frozen=True)
class Part:
    """What is read of the content: whole kinds of files, and of scenarios those that one play needs.

    `play` names a scenario or a caseload. `pinned`: digests are taken of all that is read, which a session is checked by;
    without them a calendar is read only when it is asked for.
    """

    kinds: frozenset[str]
    play: str | None = None
    pinned: bool = True


def load(folder: Path | None = None, part: Part | None = None) -> Library:
    """The library in a content folder (shipped content by default), or part of it; ContentError with every problem of what is read."""
    root = folder or shipped()
    if not (root / "scenarios").is_dir():
        raise BadInput(f"{root}: no content here; expected folders 'scenarios' and 'rubrics' (casework init makes them)")
    read: list[File] = []
    files: dict[str, dict[str, File]] = {}
    # What points into a kind that is not read whole cannot be looked up.
    torn = {kind for kind in KINDS if part is not None and (kind == "scenario" or kind not in part.kinds)}
    paths = _paths(root, "calendar", part, {})
    asked_for = almanac.places(paths) if part is not None and not part.pinned else None
    for kind in KINDS:
        files[kind] = {}
        for path in _paths(root, kind, part, files.get("caseload", {})) if kind != "calendar" or asked_for is None else ():
            file = read_file(path, kind, root)
            read.append(file)
            if file.value is None:
                torn.add(kind)
            elif file.value.id in files[kind]:
                file.fault(("id",), f"{file.value.id!r} is also the id of {files[kind][file.value.id].name}; each has its own")
            else:
                files[kind][file.value.id] = file
    documents: dict[tuple[str, str], str] = {}
    answers: dict[str, dict[str, File]] = {}
    for id, file in files["scenario"].items():
        documents |= _documents(file)
        answers[id] = _answers(file, root) if part is None else {}
        read += answers[id].values()
    whole: dict[str, Mapping[str, Any]] = {kind: {id: file.value for id, file in table.items()} for kind, table in files.items()}
    whole["calendar"] = _calendars(files["calendar"], torn) if asked_for is None else almanac.Almanac(asked_for, root)
    library = Library(
        whole["scenario"], documents,
        {id: {name: f.value for name, f in table.items() if f.value} for id, table in answers.items()},
        whole["policy"], whole["calendar"], whole["rubric"], whole["caseload"],
        next(iter(whole["framework"].values()), None), next(iter(whole["measures"].values()), None),
        _digests(whole, documents) if part is None or part.pinned else {}, tuple(t for held in whole["templates"].values() for t in held.templates), whole["simulation"],
    )  # fmt: skip
    cross_check(library, files, answers, torn)
    unknown_calendars(read, "calendar" in torn, library.calendars)
    problems = list(dict.fromkeys(problem for file in read for problem in file.problems))
    if problems:
        raise ContentError(problems)
    return library


def _paths(root: Path, kind: str, part: Part | None, caseloads: Mapping[str, File]) -> list[Path]:
    """The files of a kind, in order; of a part, those that belong to it."""
    if part is not None and kind not in part.kinds:
        return []
    found = sorted(path for path in root.glob(KINDS[kind]) if kind != "rubric" or path.stem not in ("framework", "measures"))
    if part is None or kind != "scenario":
        return found
    plan = caseloads[part.play].value if part.play is not None and part.play in caseloads else None
    wanted = {part.play} if plan is None else {entry.scenario for entry in plan.scenarios}
    return [path for path in found if path.parent.name in wanted]


def _calendars(files: dict[str, File], torn: set[str]) -> dict[str, Calendar]:
    """The calendars standing on their bases; one that cannot is told in its file and left out."""
    done, faults = calendars.whole({id: file.value for id, file in files.items()})
    for id, message in faults.items():
        files[id].fault(("based_on",), message)
    if "calendar" not in torn:
        for file in files.values():
            known(file, ("based_on",), file.value.based_on, "calendar", files)
    if len(done) < len(files):
        torn.add("calendar")
    return done


def _digests(whole: Mapping[str, Mapping[str, Any]], documents: dict[tuple[str, str], str]) -> dict[str, str]:
    from casework.model.decisions import digest

    found = {}
    for kind, table in whole.items():
        for id, value in table.items():
            plain: Any = value.model_dump(mode="json", by_alias=True)
            if kind == "scenario":
                plain = [plain, sorted((path, text) for (owner, path), text in documents.items() if owner == id)]
            found[f"{kind}/{id}"] = digest(plain)
    return found


def _answers(file: File, root: Path) -> dict[str, File]:
    """The answers that a scenario names, from the folder beside it."""
    found: dict[str, File] = {}
    for n, name in enumerate(file.value.answers):
        path = file.path.parent / "answers" / f"{name}.yaml"
        if re.fullmatch(r"[\w-]+", name) and path.is_file():
            found[name] = read_file(path, "answer", root)
        else:
            file.fault(("answers", n), f"no file answers/{name}.yaml in the scenario's folder; add it or leave it out")
    return found


def _documents(file: File) -> dict[tuple[str, str], str]:
    """The texts that a scenario's papers point to; each lies inside the scenario's folder."""
    found: dict[tuple[str, str], str] = {}
    home, scenario = file.path.parent.resolve(), file.value
    places: list[tuple[Place, str | None]] = [
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
            found[scenario.id, name] = limits.read(target, limits.LETTER, "a letter").decode("utf-8")
        except UnicodeDecodeError:
            file.fault(at, f"document {name!r} cannot be read as UTF-8 text")
        except BadInput:
            file.fault(at, f"document {name!r} cannot be read, or is larger than {limits.LETTER:,} bytes; no letter is")
    return found

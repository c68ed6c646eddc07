"""The content folder read into a Library, every problem of every file at once."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from casework.edges import limits
from casework.edges.files import File, Place, read_file
from casework.edges.references import cross_check, known, unknown_calendars
from casework.model import calendars
from casework.model.calendars import Calendar
from casework.model.decisions import digest
from casework.model.errors import BadInput, ContentError
from casework.model.library import Library


def shipped() -> Path:
    """The content that comes with the package: the checkout's, or the wheel's."""
    package = Path(__file__).resolve().parent.parent
    return package.parent if (package.parent / "scenarios").is_dir() else package / "content"


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
        "templates": gather("templates", root.glob("scenarios/templates/*.yaml")),
        "mapping": gather("mapping", root.glob("scenarios/mappings/*.yaml")),
        "simulation": gather("simulation", root.glob("scenarios/simulations/*.yaml")),
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
        _digests(whole, documents), tuple(t for held in whole["templates"].values() for t in held.templates), whole["simulation"],
    )  # fmt: skip
    cross_check(library, files, answers, torn)
    unknown_calendars(read, "calendar" in torn, library.calendars)
    problems = list(dict.fromkeys(problem for file in read for problem in file.problems))
    if problems:
        raise ContentError(problems)
    return library


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

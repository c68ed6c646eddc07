"""One content file read strictly against its model, with every problem in it; the schemas for editors."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass, field
from functools import lru_cache
from importlib import import_module
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from casework.edges import strict_yaml
from casework.model.errors import Problem

MODELS = {
    "scenario": "scenarios.Scenario", "answer": "scenarios.Answer", "policy": "policies.Policy", "calendar": "calendars.CalendarFile",
    "rubric": "rubrics.Rubric", "caseload": "scenarios.CaseloadPlan", "framework": "framework.Framework", "measures": "framework.Measures",
    "templates": "templates.Templates", "mapping": "mappings.Mapping", "batch": "batches.Batch", "simulation": "simulations.Simulation",
}  # fmt: skip
Place = tuple[Any, ...]


@dataclass
class File:
    """One file as read: its model (None if it does not hold), its plain data, and what is wrong with it."""

    name: str
    kind: str
    path: Path
    value: Any = None
    data: Any = None
    lines: strict_yaml.Positions = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def fault(self, at: Place, message: str) -> None:
        """A problem at a path of the file, on the line of the nearest part that is there."""
        line = next((self.lines[at[:n]] for n in range(len(at), -1, -1) if at[:n] in self.lines), 1)
        node, named = self.data, ""
        for part in at:
            node = node[part] if isinstance(node, (dict, list)) and strict_yaml.has(node, part) else None
            named = str(node["id"]) if isinstance(node, dict) and "id" in node else named
        key = ".".join(str(part) for part in at) or "file"
        self.problems.append(Problem(self.name, line, f"{key} ({named})" if named else key, message))


@lru_cache(maxsize=len(MODELS))
def model_of(kind: str) -> type[BaseModel]:
    """The model of a kind of file; imported with the first file of its kind, because building models takes long."""
    module, _, name = MODELS[kind].partition(".")
    found: type[BaseModel] = getattr(import_module(f"casework.model.{module}"), name)
    return found


@lru_cache(maxsize=1)
def schemas() -> dict[str, dict[str, Any]]:
    """The JSON Schema of each kind of file, for editors; short forms that authors may write are in it."""
    return {name: _short_forms(model_of(name).model_json_schema(by_alias=True)) for name in MODELS}


def _short_forms(schema: dict[str, Any]) -> dict[str, Any]:
    """One word may stand for a list of one in a check, and an action or a check for what stops a clock."""
    defs = schema.get("$defs", {})
    for name in ("Qualifiers", "Fits", "Did", "Never", "Counted"):
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
    file = File(path.relative_to(root).as_posix() if path.is_relative_to(root) else path.name, kind, path)
    try:
        raw = path.read_bytes()
    except OSError as error:
        file.fault((), f"cannot be read: {error.strerror}")
        return file
    file.data, file.lines, file.problems = strict_yaml.load(raw, file.name)
    if file.data is None:
        return file
    try:
        value = model_of(kind).model_validate(file.data)
    except ValidationError as error:
        faults = error.errors()
        inner = [f["loc"] for f in faults if f["type"] != "too_short"]
        for one in faults:
            # A list whose members all failed is also "too short": saying so twice helps nobody.
            if one["type"] != "too_short" or not any(loc[: len(one["loc"])] == one["loc"] for loc in inner):
                at = strict_yaml.place(file.data, one)
                file.fault(at, strict_yaml.said(one, at, file.data, schemas()[kind]))
        _versions(file)
        return file
    _versions(file)
    for at in [at for at in file.lines if at and str(at[-1]).endswith("_")]:
        file.fault(at, f"unknown key; write {str(at[-1]).rstrip('_')!r}")
    if not file.problems:
        file.value = value
    return file


def _versions(file: File) -> None:
    """Overlaps and gaps among a policy's clauses, told even if something else in the file does not hold."""
    from casework.model.policies import version_faults

    if file.kind == "policy" and isinstance(file.data, dict) and isinstance(file.data.get("clauses"), list):
        for n, message in version_faults(file.data["clauses"]):
            file.fault(("clauses", n), message)


def write_schemas(folder: Path) -> None:
    """The schemas as files for editors, in a fixed order of keys."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, schema in schemas().items():
        text = json.dumps(schema, indent=1, sort_keys=True, ensure_ascii=False) + "\n"
        (folder / f"{name}.json").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    write_schemas(Path(sys.argv[-1]))

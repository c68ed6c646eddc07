"""Strict YAML with YAML 1.2 meaning: what looks like text stays text, and every key has its line.

What a model finds wrong with the data is put back into the terms of the file: its path, and words.
"""

from __future__ import annotations

import math
import re
from typing import Any

import yaml

from casework.model.checks import PREDICATES
from casework.model.errors import Problem
from casework.model.library import nearest

MAX_BYTES = 300_000  # Read in under a second, whatever is in it.
MAX_DEPTH = 40
INTEGER = re.compile(r"-?(?:0|[1-9]\d*)")
DECIMAL = re.compile(r"-?(?:0|[1-9]\d*)\.\d+")
Positions = dict[tuple[Any, ...], int]
Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def load(raw: bytes, file: str) -> tuple[Any, Positions, list[Problem]]:
    """(data, line of each path, problems). Data is None when the text cannot be read at all."""
    if len(raw) > MAX_BYTES:
        return None, {}, [Problem(file, 1, "file", f"{len(raw):,} bytes; at most {MAX_BYTES:,} are allowed: split it")]
    if b"\0" in raw:
        line = raw[: raw.index(b"\0")].count(b"\n") + 1
        return None, {}, [Problem(file, line, "file", "a NUL byte is not allowed; save it as plain UTF-8 text")]
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        return None, {}, [Problem(file, line, "file", f"not UTF-8 (byte {error.start}); save it as UTF-8")]
    reading = _Reading(text, file)
    try:
        data = reading.run()
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark is not None else 1
        said = getattr(error, "problem", None) or str(error).splitlines()[0]
        return None, {}, [Problem(file, line, "yaml", f"{said}; check quotes, colons and indentation")]
    except _TooDeep:
        return None, {}, reading.refused
    if reading.refused:
        return None, {}, reading.refused
    if not isinstance(data, dict):
        return None, {}, [Problem(file, 1, "file", "the file must be one map of keys and values")]
    return data, reading.positions, reading.problems


class _TooDeep(Exception):
    """Nothing beyond the greatest depth is read."""


class _Reading:
    """One pass over a text's events: data, the line of each path, and what may not stand here."""

    def __init__(self, text: str, file: str) -> None:
        # As yaml.parse reads, without its generator's turn for each event; past the last event there is None.
        self.events, self.file = iter(Loader(text).get_event, None), file
        self.refused: list[Problem] = []  # What may stand in YAML in general and not here: then nothing is built.
        self.problems: list[Problem] = []
        self.positions: Positions = {}
        self.depth = 0

    def run(self) -> Any:
        data: Any = None
        documents = 0
        for event in self.events:
            if isinstance(event, yaml.DocumentStartEvent):
                documents += 1
                if documents == 2:
                    self._refuse(event, "file", "a second document begins here; keep one document a file")
            elif isinstance(event, (yaml.ScalarEvent, yaml.MappingStartEvent, yaml.SequenceStartEvent, yaml.AliasEvent)):
                found = self._node(event, ())
                data = found if documents < 2 else data
        return data

    def _refuse(self, event: Any, key: str, message: str) -> None:
        self.refused.append(Problem(self.file, event.start_mark.line + 1 if event.start_mark else 1, key, message))

    def _problem(self, event: Any, key: str, message: str) -> None:
        self.problems.append(Problem(self.file, event.start_mark.line + 1, key, message))

    def _node(self, event: Any, path: tuple[Any, ...]) -> Any:
        sort = type(event)
        if event.anchor is not None:  # An alias has one too.
            self._refuse(event, "alias", "anchors and aliases are not allowed; write it out")
            if sort is yaml.AliasEvent:
                return None
        if event.tag:
            self._refuse(event, "tag", f"{event.tag} is not allowed; remove the tag")
        self.positions.setdefault(path, event.start_mark.line + 1)
        if sort is yaml.ScalarEvent:
            return _scalar(event)
        self.depth += 1
        if self.depth > MAX_DEPTH:
            self._refuse(event, "depth", f"nested more than {MAX_DEPTH} deep; flatten it")
            raise _TooDeep
        built = self._list(path) if sort is yaml.SequenceStartEvent else self._map(path)
        self.depth -= 1
        return built

    def _list(self, path: tuple[Any, ...]) -> list[Any]:
        built: list[Any] = []
        for event in self.events:
            if type(event) is yaml.SequenceEndEvent:
                break
            built.append(self._node(event, (*path, len(built))))
        return built

    def _map(self, path: tuple[Any, ...]) -> dict[str, Any]:
        built: dict[str, Any] = {}
        first: dict[str, int] = {}
        key: Any
        for key in self.events:
            if type(key) is yaml.MappingEndEvent:
                break
            line = key.start_mark.line + 1
            if type(key) is not yaml.ScalarEvent:
                self._node(key, (*path, None))
                self._skip("key", key, "a key must be a plain word", path)
                continue
            name = str(key.value)
            if key.anchor is not None:
                self._refuse(key, "alias", "anchors and aliases are not allowed; write it out")
            if key.tag:
                self._refuse(key, "tag", f"{key.tag} is not allowed; remove the tag")
            if name == "<<":
                self._skip(name, key, "merge keys are not allowed; write it out", path)
            elif name in first:
                self._skip(name, key, f"duplicate key {name}, lines {first[name]} and {line}; keep one", path)
            else:
                first[name] = line
                self.positions[(*path, name)] = line
                built[name] = self._node(next(self.events), (*path, name))
        return built

    def _skip(self, name: str, key: Any, message: str, path: tuple[Any, ...]) -> None:
        """A key that may not stand here, and its value, which is read and thrown away."""
        self._problem(key, name, message)
        kept = self.positions
        self.positions = {}
        self._node(next(self.events), (*path, None))
        self.positions = kept


def _scalar(node: yaml.ScalarEvent) -> Any:
    text = str(node.value)
    if node.style in ("'", '"', "|", ">"):
        return text
    if text in ("", "~", "null"):
        return None
    if text in ("true", "false"):
        return text == "true"
    if INTEGER.fullmatch(text) and len(text) < 19:
        return int(text)
    return float(text) if DECIMAL.fullmatch(text) and math.isfinite(float(text)) else text


def has(node: Any, part: Any) -> bool:
    """Whether a map has the key, or a list the place."""
    return part in node if isinstance(node, dict) else isinstance(part, int) and part < len(node)


def place(data: Any, fault: Any) -> tuple[Any, ...]:
    """The fault's path in the file: without the names of the union members that the model goes through."""
    at: tuple[Any, ...] = ()
    here, plain, loc = data, False, fault["loc"]
    for n, part in enumerate(loc):
        found = isinstance(here, (dict, list)) and has(here, part)
        if n == len(loc) - 1 and fault["type"] == "extra_forbidden":
            at = (*at, part)  # A key that does not belong here, even if it has the name of a check.
        elif found and isinstance(here, dict) and part in PREDICATES and not plain:
            plain = True  # the tag; the key of the same name comes next
        elif found:
            plain = part in ("every", "must")
            here, at = here[part], (*at, part)
        elif n == len(loc) - 1 and fault["type"] == "missing":
            at = (*at, part)
        else:
            plain = True
    return at


def said(fault: Any, at: tuple[Any, ...], data: Any, schema: dict[str, Any]) -> str:
    """The fault in words: what was found, what is allowed, and the nearest valid word."""
    sort, given = fault["type"], fault.get("input")
    if sort == "missing":
        return "this key is required and missing; add it"
    if sort == "extra_forbidden":
        allowed = _allowed(schema, at[:-1], data)
        return f"unknown key{nearest(str(at[-1]), allowed)}; allowed: {', '.join(allowed)}"
    if sort == "literal_error":
        words = re.findall(r"'([^']+)'", fault["msg"])
        return f"found {given!r}{nearest(str(given), words)}; allowed: {', '.join(words)}"
    message = str(fault["msg"]).removeprefix("Value error, ")
    if sort == "check" and isinstance(given, dict):
        near = next((word for key in given if (word := nearest(str(key), list(PREDICATES)))), "")
        return f"found {', '.join(map(str, given))}{near}: {message}"
    if sort.startswith("date_"):
        return f"found {given!r}: no such date; write one that exists, such as 2026-02-28"
    if sort == "string_type" and isinstance(given, (int, float)):
        message = "this is a text; put it in quotes"
    return message if isinstance(given, dict) else f"found {given!r}: {message}"


def _allowed(schema: dict[str, Any], at: tuple[Any, ...], data: Any) -> list[str]:
    """The keys that the map at a path may have."""
    nodes: list[Any] = [schema]
    here = data
    for part in at:
        opened = _opened(nodes, schema, here)
        if isinstance(part, int):
            nodes = [node["items"] for node in opened if isinstance(node.get("items"), dict)]
        else:
            nodes = [node["properties"][part] for node in opened if part in node.get("properties", {})] or [
                node["additionalProperties"] for node in opened if isinstance(node.get("additionalProperties"), dict)
            ]
        here = here[part]
    return sorted({name for node in _opened(nodes, schema, here) for name in node.get("properties", {})})


def _opened(nodes: list[Any], schema: Any, here: Any) -> list[Any]:
    """Schema nodes with references and alternatives followed; of several checks, the one that is written."""
    found: list[Any] = []
    todo = list(nodes)
    while todo:
        node = todo.pop()
        if "$ref" in node:
            todo.append(schema["$defs"][node["$ref"].rpartition("/")[2]])
        elif "anyOf" in node or "oneOf" in node:
            todo += node.get("anyOf", []) + node.get("oneOf", [])
        else:
            found.append(node)
    written = {key for key in here if key in PREDICATES} if isinstance(here, dict) else set()
    return [node for node in found if written & set(node.get("properties", {}))] or found

"""Strict YAML with YAML 1.2 meaning: what looks like text stays text, and every key has its line."""

from __future__ import annotations

import re
from typing import Any

import yaml

from casework.model.errors import Problem

MAX_BYTES = 1_000_000
MAX_DEPTH = 40
INTEGER = re.compile(r"-?(?:0|[1-9]\d*)")
DECIMAL = re.compile(r"-?(?:0|[1-9]\d*)\.\d+")
Positions = dict[tuple[Any, ...], int]
Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def load(raw: bytes, file: str) -> tuple[Any, Positions, list[Problem]]:
    """(data, line of each path, problems). Data is None when the text cannot be read at all."""
    if len(raw) > MAX_BYTES:
        return None, {}, [Problem(file, 1, "file", f"{len(raw):,} bytes; at most {MAX_BYTES:,} are allowed: split it")]
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        return None, {}, [Problem(file, 1, "file", f"not UTF-8 (byte {error.start}); save it as UTF-8")]
    problems: list[Problem] = []
    depth = 0
    try:
        for event in yaml.parse(text, Loader=Loader):
            line = event.start_mark.line + 1 if event.start_mark else 1
            if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
                problems.append(Problem(file, line, "alias", "anchors and aliases are not allowed; write it out"))
            tag = getattr(event, "tag", None)
            if tag:
                problems.append(Problem(file, line, "tag", f"{tag} is not allowed; remove the tag"))
            depth += isinstance(event, (yaml.MappingStartEvent, yaml.SequenceStartEvent))
            depth -= isinstance(event, (yaml.MappingEndEvent, yaml.SequenceEndEvent))
            if depth > MAX_DEPTH:
                return None, {}, [Problem(file, line, "depth", f"nested more than {MAX_DEPTH} deep; flatten it")]
        if problems:
            return None, {}, problems
        node = yaml.compose(text, Loader=Loader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark is not None else 1
        said = getattr(error, "problem", None) or str(error).splitlines()[0]
        return None, {}, [Problem(file, line, "yaml", f"{said}; check quotes, colons and indentation")]
    if not isinstance(node, yaml.MappingNode):
        return None, {}, [Problem(file, 1, "file", "the file must be one map of keys and values")]
    positions: Positions = {}
    data = _build(node, (), positions, problems, file)
    return data, positions, problems


def _scalar(node: yaml.ScalarNode) -> Any:
    text = str(node.value)
    if node.style in ("'", '"', "|", ">"):
        return text
    if text in ("", "~", "null"):
        return None
    if text in ("true", "false"):
        return text == "true"
    if INTEGER.fullmatch(text) and len(text) < 19:
        return int(text)
    return float(text) if DECIMAL.fullmatch(text) else text


def _build(node: yaml.Node, path: tuple[Any, ...], positions: Positions, problems: list[Problem], file: str) -> Any:
    positions.setdefault(path, node.start_mark.line + 1)
    if isinstance(node, yaml.SequenceNode):
        return [_build(child, (*path, n), positions, problems, file) for n, child in enumerate(node.value)]
    if isinstance(node, yaml.MappingNode):
        built: dict[str, Any] = {}
        first: dict[str, int] = {}
        for key, value in node.value:
            name, line = str(key.value), key.start_mark.line + 1
            if not isinstance(key, yaml.ScalarNode):
                problems.append(Problem(file, line, "key", "a key must be a plain word"))
                continue
            if name in first:
                problems.append(Problem(
                    file, line, name, f"duplicate key {name}, lines {first[name]} and {line}; keep one",
                ))  # fmt: skip
                continue
            first[name] = line
            positions[(*path, name)] = line
            built[name] = _build(value, (*path, name), positions, problems, file)
        return built
    assert isinstance(node, yaml.ScalarNode)
    return _scalar(node)

"""JSON as the standard has it: no NaN, no repeated key, nothing nested beyond reason, no half character."""

from __future__ import annotations

import json
from typing import Any


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key stands twice in one object")
    return found


def _constant(name: str) -> Any:
    raise ValueError(f"{name} is no JSON number")


_PLAIN = json.JSONDecoder(parse_constant=_constant)


def parse_quickly(text: str) -> Any:
    """As `parse`, without looking for repeated keys and half characters: for text that is then compared with its value written anew, which shows both."""
    try:
        return _PLAIN.decode(text)
    except RecursionError:
        raise ValueError("nested too deep") from None


def parse(text: str) -> Any:
    """The value of a JSON text; ValueError for whatever it is not."""
    try:
        value = json.loads(text, object_pairs_hook=_pairs, parse_constant=_constant)
    except RecursionError:
        raise ValueError("nested too deep") from None
    if "\\u" in text:
        text.encode()
        json.dumps(value, ensure_ascii=False).encode()
    return value

"""Orders and reports as lines of JSON between the pool, the zygote and its children. Nothing is unpickled.

Python's JSON keeps what papermill can be given: NaN and the infinities, whole numbers of any size, and any text.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from casework.edges.warm.jobs import End, Order, Report, Said, Way
from casework.model.errors import BadInput


def refuse_unsendable(notebook: Path, parameters: Mapping[str, Any]) -> None:
    """Raises BadInput for a parameter that is no JSON value; papermill could not write it into the notebook either."""
    for name, value in parameters.items():
        if (found := _unsendable(value)) is not None:
            raise BadInput(
                f"{notebook.name}: the parameter {name} holds a {type(found).__name__} ({str(found)[:40]}); text, numbers, true, false, null, "
                "lists and mappings with text keys are allowed; write a date as text"
            )


def _unsendable(value: Any) -> Any:
    if value is None or type(value) in (str, bool, int, float):
        return None
    if type(value) is list:
        return next((found for each in value if (found := _unsendable(each)) is not None), None)
    if type(value) is dict:
        odd = next((key for key in value if type(key) is not str), None)
        return odd if odd is not None else _unsendable(list(value.values()))
    return value


def order_text(order: Order) -> bytes:
    return json.dumps({**vars(order), "way": order.way.value}).encode()


def read_order(text: bytes) -> Order:
    read = json.loads(text)
    return Order(**{**read, "way": Way(read["way"])})


def said_text(said: Said) -> bytes:
    return json.dumps([said.end.value, said.cause]).encode()


def read_said(text: bytes) -> Said:
    """A child's word; ValueError where it is none, for a notebook can write into its own line."""
    end, cause = json.loads(text)
    return Said(End(end), cause if isinstance(cause, str) else None)


def send_report(line: Connection, report: Report) -> None:
    said = None if report.said is None else [report.said.end.value, report.said.cause]
    line.send_bytes(json.dumps({**dataclasses.asdict(report), "said": said}).encode())


def read_report(line: Connection) -> Report:
    """The next report. Raises EOFError where the other end is gone."""
    read = json.loads(line.recv_bytes())
    said = read["said"]
    return Report(**{**read, "said": None if said is None else Said(End(said[0]), said[1])})

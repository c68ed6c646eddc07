"""Errors a user can act on: where, what was found, what is allowed, what to do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


class BadInput(Exception):
    """Something a person gave us cannot be used; the command line answers with exit code 2."""


@dataclass(frozen=True)
class Problem:
    """One fault in one content file."""

    file: str
    line: int
    key: str
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.key}: {self.message}"


class ContentError(BadInput):
    """Every problem found in the content, all at once."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in problems))


class ActionRefused(BadInput):
    """An action that cannot be carried out as asked (an unknown item, a missing field).

    A wrong choice is never this: it is a decision, and is scored.
    """


class BrokenLog(Exception):
    """A log that does not verify; `entry` is the number of the first entry at fault (0 = header)."""

    def __init__(self, entry: int, reason: str) -> None:
        self.entry = entry
        self.reason = reason
        super().__init__(f"entry {entry}: {reason}")


class Refused(BadInput):
    """What a person asked for is not within their rights."""


class StaleWrite(BadInput):
    """Someone, or another tab, wrote first; nothing of this write was kept."""


class TimeIsUp(StaleWrite):
    """An assessment's time was over before this step: it was handed in as it stood, without the step."""


class StoreTrouble(BadInput):
    """The store could not do what was asked; whatever was acknowledged before is still in it."""


def made(model: Any, **values: Any) -> Any:
    """A value of a checked type, or what is wrong with it as bad input."""
    from pydantic import ValidationError  # A help, which imports this, does without pydantic.

    try:
        return model(**values)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        raise BadInput(f"{where + ': ' if where else ''}{first['msg'].removeprefix('Value error, ')}") from None

"""The closed lists that a decision's fields are chosen from, so that a person's own words stand in its text alone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from typing import Any

from pydantic import BaseModel

from casework.model.errors import BadInput
from casework.model.library import Library, nearest
from casework.model.scenarios import Step
from casework.model.templates import gaps
from casework.practice.desk import LOGGED_AS

CHANNELS = ("phone", "email", "letter", "portal", "post", "in person", "system")
ACCEPTANCES = ("spoken", "written", "none")
AMOUNT = re.compile(r"(?:[A-Z]{1,3}|[£€$])? ?\d[\d,. ]{0,15}")
LONGEST = 20_000  # Characters of a text.


def document_types(library: Library) -> tuple[str, ...]:
    """What a paper can be indexed as: every type that any scenario of the library speaks of, not this one's alone."""
    found = {step.as_ for held in library.answers.values() for a in held.values() for step in a.steps if step.do == "index" and step.as_}
    for scenario in library.scenarios.values():
        found |= {label for fits in _fits(scenario) if "index" in fits.did for label in fits.as_}
    return tuple(sorted(found))


def _fits(value: Any) -> Iterator[Any]:
    """Every decision that a value's checks speak of."""
    if isinstance(value, BaseModel):
        if hasattr(value, "did") and hasattr(value, "as_"):
            yield value
        for name in type(value).model_fields:
            yield from _fits(getattr(value, name))
    elif isinstance(value, (tuple, list)):
        for one in value:
            yield from _fits(one)


def require_plain(library: Library, step: Step) -> None:
    """BadInput, with what is allowed, if a field of a person's step holds anything but a choice, a day or an amount."""
    if step.text is not None and (len(step.text) > LONGEST or "\0" in step.text):
        raise BadInput(f"text: {len(step.text):,} characters; at most {LONGEST:,}, and no NUL. Shorten it")
    if step.text is not None and (left := gaps(step.text, library.templates)):
        raise BadInput(f"text: {left[0]} is still to be filled in; write it, or take the line out")
    if step.as_ is not None:
        _one_of("as", step.as_, LOGGED_AS if step.do == "log" else document_types(library))
    if step.channel is not None:
        _one_of("channel", step.channel, CHANNELS)
    if step.acceptance is not None:
        _one_of("acceptance", step.acceptance, ACCEPTANCES)
    if step.cites is not None:
        library.full_clause_id(step.cites)
    if step.amount is not None and not AMOUNT.fullmatch(step.amount):
        raise BadInput(f"amount: found {step.amount!r}; write a figure, such as £1,250.00")
    if step.for_ is not None:
        try:
            date.fromisoformat(step.for_)
        except ValueError:
            raise BadInput(f"date: found {step.for_!r}; write a day that exists as 2026-03-31") from None


def _one_of(field: str, found: str, allowed: tuple[str, ...]) -> None:
    if found not in allowed:
        raise BadInput(f"{field}: found {found!r}{nearest(found, list(allowed))}; allowed: {', '.join(allowed)}")

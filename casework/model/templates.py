"""Approved wording to start from: a team's reply templates."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from casework.model.checks import Action, Role

GAP = re.compile(r"\[[^\[\]\n]{3,80}\]")
FIELD = re.compile(r"\{([^{}\n]*)\}")
FIELDS = ("to", "reference", "today")


class _Value(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class Template(_Value):
    """A wording for some actions and recipients. `{to}`, `{reference}` and `{today}` are filled in; a `[gap]` is left to the writer."""

    id: str
    title: str
    do: Annotated[tuple[Action, ...], Field(min_length=1)]
    to: tuple[Role, ...] = ()
    text: str

    @model_validator(mode="after")
    def _fields_known(self) -> Template:
        unknown = sorted(set(FIELD.findall(self.text)) - set(FIELDS))
        if unknown:
            raise ValueError(f"template {self.id}: found {{{unknown[0]}}}; allowed: {', '.join('{' + f + '}' for f in FIELDS)}. What else is to be filled in stands in [square brackets]")
        return self

    def fits(self, do: str, role: str | None) -> bool:
        """Whether it serves an action towards a party of this role (None: no party chosen yet)."""
        return do in self.do and (not self.to or role is None or role in self.to)

    def filled(self, to: str, reference: str, today: str) -> str:
        given = {"to": to, "reference": reference, "today": today}
        return FIELD.sub(lambda found: given[found[1]], self.text)


class Templates(_Value):
    format: Literal["templates/1"]
    id: str
    title: str
    templates: Annotated[tuple[Template, ...], Field(min_length=1)]


def gaps(text: str, templates: tuple[Template, ...]) -> tuple[str, ...]:
    """The gaps of templates that a text still has; other words in square brackets are the writer's own."""
    known = {"[name]", *(gap for template in templates for gap in GAP.findall(template.text))}
    return tuple(gap for gap in GAP.findall(text) if gap in known)

"""The check grammar: nine predicates and their qualifiers, as values. No expression is ever evaluated."""

from __future__ import annotations

from typing import Annotated, Any, Literal, get_args

from pydantic import BaseModel, BeforeValidator, ConfigDict, Discriminator, Field, Tag, model_validator

Action = Literal[
    "read", "note", "answer", "say", "acknowledge", "reply", "call", "verify", "request", "chase",
    "escalate", "diarise", "index", "log", "correct", "check_invoice", "query_invoice", "route_invoice",
    "resolve", "disclose", "hand_over", "close", "propose", "share", "reflect", "appeal", "wait",
    "give_opinion", "promise", "approve_spend", "delete",
]  # fmt: skip
ACTIONS: tuple[str, ...] = get_args(Action)
Topic = Literal[
    "filing", "diary", "accuracy", "complaint", "escalation", "own-work", "update", "risk", "privacy",
    "money", "priority", "danger", "conflict", "learning", "improvement",
]  # fmt: skip
Empathy = Literal["good", "fair", "poor"]
Accuracy = Literal["right", "partial", "wrong"]
Side = Literal["internal", "external"]
Role = Literal[
    "member", "handler", "cover_handler", "adviser", "team_lead", "dpo", "finance", "regulator", "coroner",
    "third_party", "supplier", "clinician", "press_office", "it_security", "colleague", "emergency_service",
]  # fmt: skip


def _many(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


Many = Annotated[tuple[str, ...], BeforeValidator(_many)]


class _Value(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class Qualifiers(_Value):
    """What must also hold of a decision; an empty qualifier asks nothing."""

    to: Many = ()
    from_: Many = Field(default=(), alias="from")
    item: Many = ()
    channel: Many = ()
    as_: Many = Field(default=(), alias="as")
    choice: Many = ()
    acceptance: Many = ()
    cites: Many = ()
    for_: str | None = Field(default=None, alias="for")
    for_before: str | None = None
    mentions: Many = ()
    avoids: Many = ()
    by: str | None = None
    within: str | None = None
    after: str | None = None
    preceded_by: Annotated[tuple[Action, ...], BeforeValidator(_many)] = ()
    followed_by: Annotated[tuple[Action, ...], BeforeValidator(_many)] = ()
    empathy: Annotated[tuple[Empathy, ...], BeforeValidator(_many)] = ()
    accuracy: Annotated[tuple[Accuracy, ...], BeforeValidator(_many)] = ()

    @property
    def reads_words(self) -> bool:
        return bool(self.mentions or self.avoids)


class Fits(Qualifiers):
    """The decisions that a predicate speaks of."""

    did: Annotated[tuple[Action, ...], BeforeValidator(_many)]


class Did(Fits):
    """At least one decision fits."""


class Never(Qualifiers):
    """No decision fits."""

    never: Annotated[tuple[Action, ...], BeforeValidator(_many)]


class Every(_Value):
    """Each decision that fits `every` also meets `must`; nothing fits = not applicable."""

    every: Fits
    must: Qualifiers


class Handled(_Value):
    """The scenario's expectations on this topic, weighed by harm."""

    handled: Topic


class OnTime(_Value):
    """Share of the clocks of this side, or of this clause, that fell due and were met."""

    on_time: str
    stopped_by: str | None = None


class AtMost(_Value):
    """The clause's action, added up over the case, stays inside the role's limit."""

    at_most: str


class All(_Value):
    all: Annotated[tuple[Check, ...], Field(min_length=1)]


class AnyOf(_Value):
    any: Annotated[tuple[Check, ...], Field(min_length=1)]


class Not(_Value):
    not_: Check = Field(alias="not")


PREDICATES = ("did", "never", "every", "handled", "on_time", "at_most", "all", "any", "not")


def _which(value: Any) -> str | None:
    if isinstance(value, BaseModel):
        name = type(value).__name__
        return {"Did": "did", "Never": "never", "Every": "every", "Handled": "handled", "OnTime": "on_time",
                "AtMost": "at_most", "All": "all", "AnyOf": "any", "Not": "not"}[name]  # fmt: skip
    if isinstance(value, dict):
        found = [name for name in PREDICATES if name in value]
        return found[0] if len(found) == 1 else None
    return None


Check = Annotated[
    Annotated[Did, Tag("did")] | Annotated[Never, Tag("never")] | Annotated[Every, Tag("every")]
    | Annotated[Handled, Tag("handled")] | Annotated[OnTime, Tag("on_time")] | Annotated[AtMost, Tag("at_most")]
    | Annotated[All, Tag("all")] | Annotated[AnyOf, Tag("any")] | Annotated[Not, Tag("not")],
    Discriminator(
        _which,
        custom_error_type="check",
        custom_error_message="a check is one map with exactly one predicate: " + ", ".join(PREDICATES),
    ),
]  # fmt: skip
for _model in (All, AnyOf, Not):
    _model.model_rebuild()


class StopsOn(_Value):
    """What stops a clock: an action's name, or a check on one decision."""

    check: Did

    @model_validator(mode="before")
    @classmethod
    def _short(cls, value: Any) -> Any:
        if isinstance(value, str):
            return {"check": {"did": value}}
        return {"check": value} if isinstance(value, dict) and "check" not in value else value


def parts(check: Any) -> tuple[Any, ...]:
    """The check and every check inside it."""
    inside: tuple[Any, ...] = ()
    if isinstance(check, All):
        inside = check.all
    elif isinstance(check, AnyOf):
        inside = check.any
    elif isinstance(check, Not):
        inside = (check.not_,)
    return (check, *(part for child in inside for part in parts(child)))


def qualifiers(check: Any) -> tuple[Qualifiers, ...]:
    """Every set of qualifiers that a check holds."""
    found: list[Qualifiers] = []
    for part in parts(check):
        if isinstance(part, Qualifiers):
            found.append(part)
        elif isinstance(part, Every):
            found += [part.every, part.must]
    return tuple(found)

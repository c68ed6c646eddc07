"""Policies: dated clauses in words, with clocks, limits and efforts."""

from __future__ import annotations

from datetime import date, time
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from casework.model.checks import Action, Side, StopsOn
from casework.model.phrases import read_lasts

Mark = Literal["law", "published practice", "teaching policy"]


class _Value(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


def _lasts(text: str) -> str:
    read_lasts(text)
    return text


class ClockRule(_Value):
    """How a deadline is reckoned. External clocks have no cut-off and are never paused."""

    side: Side
    from_: Literal["received", "dated", "noticed"] = Field(alias="from")
    lasts: Annotated[str, AfterValidator(_lasts)]
    counts_from: Literal["next day", "same day"] = "next day"
    calendar: Literal["office", "authority"] = "office"
    ends: Literal["close of business", "end of day"] = "close of business"
    cut_off: time | None = None
    roll: Literal["next working day"] | None = None
    pauses: tuple[Literal["waiting for member", "waiting for third party"], ...] = ()
    stops_on: tuple[StopsOn, ...]
    stops_for: Literal["item", "case"] = "item"
    stopped_by: str = "assistant"

    @model_validator(mode="after")
    def _external_is_strict(self) -> ClockRule:
        if self.side == "external" and (self.cut_off or self.pauses):
            raise ValueError("an external clock takes no cut_off and no pauses; remove them or make it internal")
        return self


class Limit(_Value):
    action: Action
    currency: str
    adds_up_per: Literal["case"] = "case"
    by_role: dict[str, int]


class Escalate(_Value):
    to: tuple[str, ...]


class Disclose(_Value):
    needs: tuple[str, ...]
    details: int | None = None
    not_enough: tuple[str, ...] = ()


class Warn(_Value):
    amber: str
    red: str
    handler_at: str


class Clause(_Value):
    """One dated version of one rule."""

    id: str
    effective_from: date
    effective_to: date | None = None
    says: str
    mark: Mark
    source: str
    clock: ClockRule | None = None
    limit: Limit | None = None
    escalate: Escalate | None = None
    disclose: Disclose | None = None
    warn: Warn | None = None
    efforts: dict[Action, int] | None = None

    def in_force(self, day: date) -> bool:
        return self.effective_from <= day and (self.effective_to is None or day <= self.effective_to)


class Policy(_Value):
    format: Literal["policy/1"]
    id: str
    title: str
    note: str | None = None
    clauses: Annotated[tuple[Clause, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _no_overlap(self) -> Policy:
        for n, one in enumerate(self.clauses):
            for other in self.clauses[:n]:
                if one.id == other.id and one.effective_from <= (other.effective_to or date.max) and (
                    other.effective_from <= (one.effective_to or date.max)
                ):
                    raise ValueError(
                        f"clause {one.id} has two versions in force from {max(one.effective_from, other.effective_from)}; "
                        "end one the day before the next begins"
                    )
        return self

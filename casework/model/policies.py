"""Policies: dated clauses in words, with clocks, limits and efforts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, time, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from casework.model.checks import Action, Side, StopsOn
from casework.model.phrases import read_lasts

Mark = Literal["law", "published practice", "teaching policy"]


class _Value(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


def _lasts(text: str) -> str:
    read_lasts(text)
    return text


Pause = Literal["waiting for member", "waiting for third party", "waiting for clarification"]


class ClockRule(_Value):
    """How a deadline is reckoned.

    `started_by`: what happens, in words; clauses that share one start together. An external clock has no
    cut-off, and rests only for the reason that the law itself gives: a needed clarification.
    """

    side: Side
    from_: Literal["received", "dated", "noticed"] = Field(alias="from")
    started_by: tuple[str, ...] = ()
    lasts: Annotated[str, AfterValidator(_lasts)]
    counts_from: Literal["next day", "same day"] = "next day"
    calendar: Literal["office", "authority"] = "office"
    ends: Literal["close of business", "end of day"] = "close of business"
    cut_off: time | None = None
    roll: Literal["next working day"] | None = None
    pauses: tuple[Pause, ...] = ()
    stops_on: tuple[StopsOn, ...]
    stops_for: Literal["item", "case"] = "item"
    stopped_by: str = "assistant"

    @model_validator(mode="after")
    def _external_is_strict(self) -> ClockRule:
        if self.side == "external" and (self.cut_off or set(self.pauses) - {"waiting for clarification"}):
            raise ValueError(
                "an external clock takes no cut_off and no pauses but 'waiting for clarification'; "
                "remove them or make it internal"
            )
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
    """Shares of a clock's time, such as 50%, and how near an outside date goes to the handler."""

    amber: Annotated[str, Field(pattern=r"^(100|[1-9]?\d)%$")]
    red: Annotated[str, Field(pattern=r"^(100|[1-9]?\d)%$")]
    handler_at: Annotated[str, Field(pattern=r"^\d+ working days?$")]

    @model_validator(mode="after")
    def _in_order(self) -> Warn:
        if self.amber_share >= self.red_share:
            raise ValueError(f"amber ({self.amber}) must come before red ({self.red})")
        return self

    @property
    def amber_share(self) -> Fraction:
        return Fraction(int(self.amber.rstrip("%")), 100)

    @property
    def red_share(self) -> Fraction:
        return Fraction(int(self.red.rstrip("%")), 100)


class Interest(_Value):
    """Simple interest on a late payment, and the fixed sum that goes with it, by the debt it starts at."""

    per_cent_over_base: Decimal
    fixed: dict[int, int] = Field(default_factory=dict)


class Clause(_Value):
    """One dated version of one rule.

    `jurisdiction`: the calendar of the place whose rule it is. `confirm`: what in it is still to be
    confirmed at the source; such a clause is taught as policy, not stated as law.
    """

    id: str
    effective_from: date
    effective_to: date | None = None
    says: str
    mark: Mark
    source: str
    jurisdiction: str | None = None
    confirm: str | None = None
    clock: ClockRule | None = None
    limit: Limit | None = None
    escalate: Escalate | None = None
    disclose: Disclose | None = None
    warn: Warn | None = None
    interest: Interest | None = None
    efforts: dict[Action, int] | None = None

    def in_force(self, day: date) -> bool:
        return self.effective_from <= day and (self.effective_to is None or day <= self.effective_to)


class Policy(_Value):
    format: Literal["policy/1"]
    id: str
    title: str
    note: str | None = None
    clauses: Annotated[tuple[Clause, ...], Field(min_length=1)]


def version_faults(clauses: Sequence[Any]) -> Iterator[tuple[int, str]]:
    """(place, fault) of clauses as written, where versions of one id overlap or leave days without a rule.

    What is not a date or not a clause is told elsewhere, and passed over here.
    """
    versions: dict[str, list[tuple[date, date, int]]] = {}
    for n, clause in enumerate(clauses):
        if not isinstance(clause, dict) or not isinstance(clause.get("id"), str):
            continue
        try:
            first = date.fromisoformat(str(clause.get("effective_from")))
            last = date.fromisoformat(str(clause["effective_to"])) if clause.get("effective_to") else date.max
        except ValueError:
            continue
        if last < first:
            yield n, f"effective_to ({last}) comes before effective_from ({first}); swap or mend them"
            continue
        versions.setdefault(clause["id"], []).append((first, last, n))
    for id, spans in versions.items():
        spans.sort()
        for (_, ended, _), (begun, _, n) in zip(spans, spans[1:], strict=False):
            if begun <= ended:
                yield n, f"clause {id} has two versions in force from {begun}; end one the day before the next begins"
            elif begun > ended + timedelta(days=1):
                yield n, (
                    f"clause {id} has no version from {ended + timedelta(days=1)} to {begun - timedelta(days=1)}; "
                    "let one end the day before the next begins, or give the later rule another id"
                )

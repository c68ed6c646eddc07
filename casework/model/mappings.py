"""Mappings: how the export of a team's case system is read, column by column and activity by activity."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Discriminator, Field, Tag, model_validator

from casework.model import timestamps
from casework.model.calendars import Zone
from casework.model.checks import Action, Role

PARTS = ("case", "activity", "time", "person", "role", "item", "to", "channel", "amount", "text")
Rule = Literal["keep", "pseudonymise", "drop"]
Word = Annotated[str, Field(min_length=1, max_length=80)]


class _Value(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


def _format(text: str) -> str:
    timestamps.read_format(text)
    return text


class Time(_Value):
    """The column of times and the formats that its cells may have; a cell that fits none is an error.

    `day_means`: the instant meant by a date without a time, as HH:MM or the office's close of business.
    """

    column: str
    formats: Annotated[tuple[Annotated[str, AfterValidator(_format)], ...], Field(min_length=1)]
    day_means: Annotated[str, Field(pattern=r"^(([01]\d|2[0-3]):[0-5]\d|close)$")] | None = None
    zone: Zone | None = None

    @model_validator(mode="after")
    def _days_are_told(self) -> Time:
        bare = [text for text in self.formats if not timestamps.has_time(text)]
        if bare and self.day_means is None:
            raise ValueError(f"the format {bare[0]!r} has no time of day: say with 'day_means' which is meant, such as 12:00 or close")
        return self


class Amount(_Value):
    column: str
    decimal: Literal[".", ","]
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")]


class RoleColumn(_Value):
    """A column whose words stand for roles; any other word leaves it unrecorded."""

    column: str
    values: dict[str, Role]


class WordColumn(_Value):
    """A column whose words stand for ours; any other word leaves it unrecorded."""

    column: str
    values: dict[str, Word]


class Done(_Value):
    """What the assistant did."""

    do: Action
    to: Role | None = None
    from_: Role | None = Field(default=None, alias="from")
    item: Word | None = None
    channel: Word | None = None
    as_: Word | None = Field(default=None, alias="as")
    acceptance: Word | None = None


class Arrival(_Value):
    from_: Role | None = Field(default=None, alias="from")
    item: Word | None = None
    channel: Word | None = None
    starts: tuple[str, ...] = ()


class Act(_Value):
    by: Role
    do: Action | None = None
    to: Role | None = None
    item: Word | None = None
    as_: Word | None = Field(default=None, alias="as")
    acceptance: Word | None = None


class Arrives(_Value):
    """An item that came in; the clauses whose clocks it starts."""

    arrives: Arrival


class Acted(_Value):
    """What someone else did."""

    acted: Act


def _which(value: Any) -> str | None:
    if isinstance(value, dict):
        found = [name for name in ("do", "arrives", "acted") if name in value]
        return found[0] if len(found) == 1 else None
    if isinstance(value, str):
        return "ignore"
    return "do" if isinstance(value, Done) else "arrives" if isinstance(value, Arrives) else "acted" if isinstance(value, Acted) else None


Activity = Annotated[
    Annotated[Done, Tag("do")] | Annotated[Arrives, Tag("arrives")] | Annotated[Acted, Tag("acted")]
    | Annotated[Literal["ignore"], Tag("ignore")],
    Discriminator(
        _which, custom_error_type="activity",
        custom_error_message="an activity is the word ignore, or one map with exactly one of: do, arrives, acted",
    ),
]  # fmt: skip


class Mapping(_Value):
    """How one export becomes decision logs. Every column is named, and kept, pseudonymised or dropped.

    `partly`: actions of which the case system records only some, so that not finding one proves nothing.
    `repeats`: whether a row that says word for word what another says is read as well, or left out.
    `roles`: what the words of `role` (or of `person`, where there is no such column) stand for; anyone else is
    an assistant. `may_know`: the roles to whom the content of a case may go, or may not; else nobody can tell.
    """

    format: Literal["mapping/1"]
    id: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,60}$")]
    version: int
    title: str
    office: str
    authority: str
    case: str
    activity: str
    time: Time
    person: str | None = None
    role: str | None = None
    roles: dict[str, Role | Literal["assistant"]] = Field(default_factory=dict)
    item: str | None = None
    to: RoleColumn | None = None
    channel: WordColumn | None = None
    amount: Amount | None = None
    text: str | None = None
    may_know: dict[Role, Literal["yes", "no"]] = Field(default_factory=dict)
    partly: tuple[Action, ...] = ()
    repeats: Literal["keep", "drop"] = "keep"
    columns: Annotated[dict[str, Rule], Field(min_length=1)]
    activities: Annotated[dict[str, Activity], Field(min_length=1)]

    @property
    def bound(self) -> dict[str, str]:
        """The columns that are read, by what they are read as."""
        found: dict[str, str | None] = {
            "case": self.case, "activity": self.activity, "time": self.time.column, "person": self.person, "role": self.role,
            "item": self.item, "to": self.to.column if self.to else None, "channel": self.channel.column if self.channel else None,
            "amount": self.amount.column if self.amount else None, "text": self.text,
        }  # fmt: skip
        return {what: column for what, column in found.items() if column is not None}

    @model_validator(mode="after")
    def _columns_agree(self) -> Mapping:
        faults = []
        for what, column in self.bound.items():
            rule = self.columns.get(column)
            if rule is None or rule == "drop":
                faults.append(f"{what}: the column {column!r} is {'not among the columns' if rule is None else 'dropped'}; keep it, or leave {what} out")
            elif rule == "pseudonymise" and what not in ("case", "person", "item"):
                faults.append(f"{what}: the column {column!r} cannot be pseudonymised, or it could not be read; keep or drop it")
        for column, rule in self.columns.items():
            if rule != "drop" and column not in self.bound.values():
                faults.append(f"columns: {column!r} is to be {'kept' if rule == 'keep' else 'pseudonymised'}, but nothing says what it is read as; drop it, or name it ({', '.join(PARTS)})")
        if self.roles and self.role is None and self.person is None:
            faults.append("roles: there is no column to find these words in; name 'role' or 'person'")
        if faults:
            raise ValueError("; ".join(faults))
        return self

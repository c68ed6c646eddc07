"""The competency framework and the measures of the role, as an organisation writes them."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from casework.model.people import Role


class _Value(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class Competency(_Value):
    id: str
    title: str
    kind: Literal["role", "leadership"]
    level: str | None = None
    lines: tuple[str, ...]
    indicators: tuple[str, ...]


class Evidence(_Value):
    pieces: int
    kinds: int
    scenarios: int
    jurisdictions: int
    within: str


class SignOffRule(_Value):
    steps: tuple[str, ...]
    different_people: bool
    no_critical_error_in_last: int
    standard: int
    confidence: int
    lasts: str


class Supervision(_Value):
    band: str
    says: str
    until: str


class Assessment(_Value):
    """How an assessment is sat: real minutes for each case of the work."""

    minutes_for_a_case: Annotated[int, Field(ge=1, le=480)]


class Framework(_Value):
    format: Literal["framework/1"]
    id: str
    title: str
    version: int
    competencies: tuple[Competency, ...]
    evidence: Evidence
    sign_off: SignOffRule
    supervision: tuple[Supervision, ...]
    step_down_after: tuple[str, ...]
    assessment: Assessment | None = None


class Measure(_Value):
    id: str
    title: str
    lines: tuple[str, ...]
    count: Literal["clocks", "criteria", "scorecards"]
    where: dict[str, Any]
    out_of: dict[str, Any]
    period: str
    plan: float
    unit: str
    source: str
    owner: str
    control: str


class RootCause(_Value):
    """Why a mark was lost, for whoever mends it; `whose` says whether the assistant could have done otherwise."""

    id: str
    title: str
    whose: Literal["assistant", "team", "organisation", "outside"]


class Marking(_Value):
    """How people mark: when a reason and a cause are asked for, and which clauses time feedback and appeals."""

    reason_at_most: Annotated[int, Field(ge=0, le=100)]
    root_causes: Annotated[tuple[RootCause, ...], Field(min_length=1)]
    feedback: str
    appeal: str
    outcomes: str | None = None


class SamplingRule(_Value):
    """How samples are drawn unless asked otherwise: weeks in which all of a new assistant's files are marked, and the least of each stratum."""

    first_weeks: int = Field(ge=1, le=104)
    at_least: int = Field(ge=0, le=100)


class Measures(_Value):
    format: Literal["measures/1"]
    id: str
    measures: tuple[Measure, ...]
    small_n: int
    sampling: SamplingRule | None = None
    blind: tuple[Role, ...] = ("reviewer",)
    marking: Marking | None = None

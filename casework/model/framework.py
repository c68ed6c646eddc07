"""The competency framework and the measures of the role, as an organisation writes them."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from casework.model.checks import Action, Side
from casework.model.people import Role
from casework.model.policies import Mark


def _many(value: Any) -> Any:
    """One word may stand for a list of one."""
    return [value] if isinstance(value, str) else value


Many = Annotated[tuple[str, ...], BeforeValidator(_many)]


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


Count = Literal["clocks", "criteria", "scorecards", "cases", "survey", "external"]
# What each kind of count may ask of the things it counts.
ASKS: dict[str, frozenset[str]] = {
    "clocks": frozenset({"side", "clause", "stopped_by", "due", "met"}),
    "criteria": frozenset({"criterion", "rated", "rating"}),
    "scorecards": frozenset({"rubric", "provisional", "passed", "kept"}),
    "cases": frozenset({"did"}),
    "survey": frozenset({"question", "from"}),
    "external": frozenset(),
}


class Counted(_Value):
    """Which of the things counted: all that is asked must hold, and asking nothing counts them all.

    `rating` is the least percent of a criterion's full mark; `kept` a class without a critical error; `from` the least
    answer to a question of the survey.
    """

    side: Side | None = None
    clause: Many = ()
    stopped_by: str | None = None
    due: bool | None = None
    met: bool | None = None
    criterion: Many = ()
    rated: bool | None = None
    rating: Annotated[int, Field(ge=0, le=100)] | None = None
    rubric: str | None = None
    provisional: bool | None = None
    passed: bool | None = None
    kept: Literal["customer", "business", "compliance", "every class"] | None = None
    did: Annotated[tuple[Action, ...], BeforeValidator(_many)] = ()
    question: Literal["recommend", "experience"] | None = None
    from_: int | None = Field(default=None, alias="from")


class Measure(_Value):
    """A figure of the role: `where` picks the numerator out of what `out_of` counts; `lines` are the role lines that it shows.

    `figure`: the share in percent, the mean of the marks or answers, or the net share (9 and 10 less 0 to 6).
    `control`: whose doing it is; a contribution is never one person's target. `why`: for an external measure, why no
    log shows it; elsewhere, why there is no plan.
    """

    id: str
    title: str
    lines: tuple[str, ...]
    count: Count
    figure: Literal["share", "mean", "net"] = "share"
    where: Counted = Counted()
    out_of: Counted = Counted()
    period: Literal["week", "month", "quarter", "year"]
    plan: float | None = None
    better: Literal["higher", "lower", "neither"] = "higher"
    unit: str
    source: str
    owner: str
    control: Literal["own", "shared", "contribution", "none"]
    can: str = ""
    cannot: str = ""
    why: str = ""
    mark: Mark = "teaching policy"

    @model_validator(mode="after")
    def _holds(self) -> Measure:
        allowed = ASKS[self.count]
        asked = {Counted.model_fields[name].alias or name for part in (self.where, self.out_of) for name in part.model_fields_set}
        if asked - allowed:
            raise ValueError(f"a count of {self.count} cannot ask for {', '.join(sorted(asked - allowed))}; allowed: {', '.join(sorted(allowed)) or 'nothing, as its values come from outside'}")
        if self.plan is None and not self.why:
            raise ValueError("has neither a plan nor a 'why': write plan: 95, or why: and the reason that there is none")
        if self.count == "survey" and self.out_of.question is None:
            raise ValueError("out_of needs the question, as in out_of: {question: recommend}")
        if self.figure == "net" and self.out_of.question != "recommend":
            raise ValueError("a net share is of the question 'recommend'; for others, figure: share or figure: mean")
        if self.figure == "mean" and self.count not in ("scorecards", "survey"):
            raise ValueError(f"there is no mean of {self.count}; figure: share")
        return self


class Pull(_Value):
    """What one criterion weighs in the answer of a simulated member, against the others that could be rated."""

    criterion: str
    weight: Annotated[int, Field(ge=1, le=100)]


class Question(_Value):
    """A question of the simulated survey, asked on a scale from `lowest` to `highest`.

    `worst` and `best` are the typical answers where every criterion went wrong, and where every one went right;
    `critical` is what a customer-critical error takes off, and `spread` how far answers stray, all in steps of the scale.
    """

    asks: str
    lowest: int
    highest: int
    worst: float
    best: float
    critical: Annotated[float, Field(ge=0)]
    spread: Annotated[float, Field(ge=0)]

    @model_validator(mode="after")
    def _holds(self) -> Question:
        if not self.lowest <= self.worst <= self.best <= self.highest or self.lowest == self.highest:
            raise ValueError("must run lowest, worst, best, highest from low to high")
        return self


class Survey(_Value):
    """The survey of members who do not exist: `answering` percent of them answer, moved by these criteria."""

    answering: Annotated[int, Field(ge=1, le=100)]
    moved_by: Annotated[tuple[Pull, ...], Field(min_length=1)]
    recommend: Question
    experience: Question
    mark: Mark = "teaching policy"


class RealValue(_Value):
    """One value of a measure from outside, with its period (such as 2026-03) and plan; `n` is what it rests on, if known."""

    measure: str
    period: str
    value: float
    n: int | None = None
    plan: float | None = None


class RealValues(_Value):
    """The file that `casework measures import` writes."""

    format: Literal["values/1"] = "values/1"
    values: tuple[RealValue, ...]


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
    """The measures of the role; `headings` say in a few words what each line of the role asks for."""

    format: Literal["measures/1"]
    id: str
    headings: dict[str, str] = Field(default_factory=dict)
    measures: tuple[Measure, ...]
    small_n: int
    survey: Survey | None = None
    sampling: SamplingRule | None = None
    blind: tuple[Role, ...] = ("reviewer",)
    marking: Marking | None = None

    @model_validator(mode="after")
    def _holds(self) -> Measures:
        ids = [measure.id for measure in self.measures]
        twice = sorted({id for id in ids if ids.count(id) > 1})
        if twice:
            raise ValueError(f"measures: {', '.join(twice)} stands twice; each id names one measure")
        if self.survey is None and any(measure.count == "survey" for measure in self.measures):
            raise ValueError("a measure counts answers of the survey, and there is no 'survey': add that part, or leave the measure out")
        return self

"""The competency framework and the measures of the role, as an organisation writes them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated, Any, Literal, get_args

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, model_validator

from casework.model import worktime
from casework.model.checks import Action, Side
from casework.model.errors import BadInput
from casework.model.people import Role
from casework.model.policies import Mark


def _many(value: Any) -> Any:
    """One word may stand for a list of one."""
    return [value] if isinstance(value, str) else value


Many = Annotated[tuple[str, ...], BeforeValidator(_many)]
Letter = Literal["R", "A", "C", "I"]
SPAN = r"^[1-9][0-9]{0,3} (day|week|month|year)s?$"
Span = Annotated[str, StringConstraints(pattern=SPAN)]


def back(at: datetime, span: str, way: int = -1) -> datetime:
    """The moment a span such as '12 months' before another; after it, with `way` 1."""
    count, unit = span.split()
    n = way * int(count)
    if unit.startswith(("day", "week")):
        return at + timedelta(days=n * (7 if unit.startswith("week") else 1))
    day = worktime.add_months(at.date(), n * (12 if unit.startswith("year") else 1))
    return at.replace(year=day.year, month=day.month, day=day.day)


class _Value(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


EvidenceKind = Literal["scorecard", "observation", "knowledge test", "witness note", "reflection"]
KINDS: tuple[EvidenceKind, ...] = get_args(EvidenceKind)
Kept = EvidenceKind | Literal["sign-off", "plan"]  # Kinds of record that have a time to be kept.


class Evidence(_Value):
    """How much suffices: pieces on scored files, kinds of evidence, scenarios, jurisdictions, none older than `within`."""

    pieces: Annotated[int, Field(ge=0, le=100)]
    kinds: Annotated[int, Field(ge=0, le=5)]
    scenarios: Annotated[int, Field(ge=0, le=100)]
    jurisdictions: Annotated[int, Field(ge=0, le=100)]
    within: Span


class Raci(_Value):
    """Who does what in a competency's work: R responsible, A accountable, C consulted, I informed. Proposed, as the role names none."""

    assistant: Letter
    handler: Letter | None = None
    lead: Letter | None = None
    adviser: Letter | None = None
    why: str = ""


class Competency(_Value):
    """`evidence_from`: the kinds of evidence that serve here. `sufficient` and `standard` (percent) stand in for the framework's own."""

    id: str
    title: str
    kind: Literal["role", "leadership"]
    level: str | None = None
    lines: tuple[str, ...]
    indicators: tuple[str, ...]
    evidence_from: tuple[EvidenceKind, ...] = KINDS
    sufficient: Evidence | None = None
    standard: Annotated[int, Field(ge=1, le=99)] | None = None
    raci: Raci | None = None


class SignOffRule(_Value):
    """`standard` and `confidence` in percent; the three steps are the trainee's, an assessor's and a lead's."""

    steps: tuple[str, ...]
    different_people: bool
    no_critical_error_in_last: Annotated[int, Field(ge=0, le=100)]
    standard: Annotated[int, Field(ge=1, le=99)]
    confidence: Annotated[int, Field(ge=50, le=99)]
    lasts: Span


class Supervision(_Value):
    """How closely work is checked. `signed`: in how many competencies sign-off holds, where the band begins."""

    band: str
    says: str
    until: str
    signed: Literal["none", "some", "all"] | None = None
    up: tuple[str, ...] = ()
    down: tuple[str, ...] = ()


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
    retention: dict[Kept, Span] = Field(default_factory=dict)
    raci_mark: Mark = "teaching policy"
    raci_says: str = ""

    @model_validator(mode="after")
    def _holds(self) -> Framework:
        ids = [competency.id for competency in self.competencies]
        twice = sorted({id for id in ids if ids.count(id) > 1})
        if twice:
            raise ValueError(f"competencies: {', '.join(twice)} stands twice; each id names one competency")
        for one in self.competencies:
            need = self.enough(one)
            if need.kinds > len(set(one.evidence_from)):
                raise ValueError(f"competency {one.id}: asks for {need.kinds} kinds of evidence and takes only {len(set(one.evidence_from))}; nobody could ever be ready")
            if one.raci is not None and not self.raci_says:
                raise ValueError("raci_says is missing; say that the letters are proposed, and by whom")
        return self

    def enough(self, competency: Competency) -> Evidence:
        """How much evidence suffices in a competency."""
        return competency.sufficient or self.evidence

    def kept_since(self, kind: str, at: datetime) -> datetime | None:
        """The moment before which a kind of record is past its time; None if it may be kept for ever."""
        span = next((span for one, span in self.retention.items() if one == kind), None)
        return None if span is None else back(at, span)

    def standard(self, competency: Competency) -> float:
        """The expected pass rate (0 to 1) that a sign-off asks for."""
        return (competency.standard or self.sign_off.standard) / 100

    def named(self, id: str) -> Competency:
        """The competency with this id; BadInput if there is none."""
        for one in self.competencies:
            if one.id == id:
                return one
        raise BadInput(f"no competency {id!r}; rubrics/framework.yaml has {', '.join(c.id for c in self.competencies)}")


Count = Literal["clocks", "criteria", "scorecards", "cases", "actions", "one-to-ones", "sign-offs", "survey", "external"]
KEPT: frozenset[Count] = frozenset({"actions", "one-to-ones", "sign-offs"})  # What a ledger tells, and no log of work.
# What each kind of count may ask of the things it counts.
ASKS: dict[str, frozenset[str]] = {
    "clocks": frozenset({"side", "clause", "stopped_by", "due", "met"}),
    "criteria": frozenset({"criterion", "rated", "rating"}),
    "scorecards": frozenset({"rubric", "provisional", "passed", "kept"}),
    "cases": frozenset({"did"}),
    "survey": frozenset({"question", "from"}),
    "external": frozenset(),
    **dict.fromkeys(KEPT, frozenset()),
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
            raise ValueError(f"a count of {self.count} cannot ask for {', '.join(sorted(asked - allowed))}; allowed: {', '.join(sorted(allowed)) or 'nothing'}")
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

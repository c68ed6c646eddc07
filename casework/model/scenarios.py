"""Scenarios, answers and caseloads as their authors write them."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from casework.model.checks import Accuracy, Action, Check, Empathy, Role, Topic, parts
from casework.model.decisions import Confidence
from casework.model.phrases import read_date, read_delay, read_time

Harm = Literal["minor", "serious", "grave"]
HARM_WEIGHT: dict[str, int] = {"minor": 1, "serious": 2, "grave": 3}


class _Value(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


def _date(text: str) -> str:
    read_date(text)
    return text


def _time(text: str) -> str:
    read_time(text)
    return text


def _delay(text: str) -> str:
    read_delay(text)
    return text


def _text(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


DateText = Annotated[str, BeforeValidator(_text), AfterValidator(_date)]
TimeText = Annotated[str, AfterValidator(_time)]
DelayText = Annotated[str, AfterValidator(_delay)]


class Variable(_Value):
    """One value drawn from the seed: exactly one of pick, date, due, code, between."""

    pick: tuple[Any, ...] = ()
    date: DateText | None = None
    due: str | None = None
    from_: DateText | None = Field(default=None, alias="from")
    code: str | None = None
    between: tuple[int, int] | None = None
    step: int = 1
    currency: str | None = None

    @model_validator(mode="after")
    def _one_kind(self) -> Variable:
        given = [bool(self.pick), self.date is not None, self.due is not None, self.code is not None, bool(self.between)]
        if sum(given) != 1:
            raise ValueError("a variable has exactly one of: pick, date, due (with from), code, between")
        if (self.due is None) != (self.from_ is None):
            raise ValueError("'due' and 'from' go together")
        return self


class Desk(_Value):
    opens: TimeText
    closes: TimeText


class Party(_Value):
    id: str
    role: Role
    name: str
    may_know: bool = False
    away_until: str | None = None
    cover: str | None = None


class OnFile(_Value):
    id: str
    title: str
    document: str
    from_: str | None = Field(default=None, alias="from")
    dated: DateText | None = None
    received: DateText | None = None
    filed_as: str | None = None
    answer_by: DateText | None = None
    starts: tuple[str, ...] = ()


class Choice(_Value):
    id: str
    say: str
    empathy: Empathy
    accuracy: Accuracy
    counts_as: Action | None = None


class Turn(_Value):
    id: str
    heard: str
    choices: tuple[Choice, ...] = ()
    own_words: bool = False


class Inject(_Value):
    """Something that arrives: at a time, after a decision, or because a decision was not taken."""

    id: str
    from_: str | None = Field(default=None, alias="from")
    channel: str | None = None
    at: TimeText | None = None
    if_done: Check | None = None
    if_not_done: Check | None = None
    after: Check | None = None
    delay: DelayText | None = None
    by: str | None = None
    does: Action | None = None
    to: str | None = None
    item: str | None = None
    as_: str | None = Field(default=None, alias="as")
    acceptance: str | None = None
    body: str | None = None
    document: str | None = None
    conversation: tuple[Turn, ...] = ()
    dated: DateText | None = None
    amount: str | None = None
    answer_by: DateText | None = None
    starts: tuple[str, ...] = ()
    reopens: tuple[str, ...] = ()

    @property
    def reacts(self) -> bool:
        """Whether it hangs on what the trainee does or leaves undone."""
        return self.after is not None or self.if_done is not None or self.if_not_done is not None

    @model_validator(mode="after")
    def _when_and_what(self) -> Inject:
        if (self.at is None) == (self.after is None):
            raise ValueError(f"inject {self.id}: give either 'at' or 'after', and not both")
        if self.after is not None and self.delay is None:
            raise ValueError(f"inject {self.id}: 'after' needs a 'delay', such as 40 minutes")
        if self.after is not None and (self.if_done or self.if_not_done):
            raise ValueError(f"inject {self.id}: 'if_done' and 'if_not_done' go with 'at'")
        if self.by is None:
            if sum([self.body is not None, self.document is not None, bool(self.conversation)]) != 1:
                raise ValueError(f"inject {self.id}: give exactly one of body, document, conversation")
            if self.from_ is None or self.channel is None:
                raise ValueError(f"inject {self.id}: say who it is 'from' and by which 'channel'")
        elif self.does is None:
            raise ValueError(f"inject {self.id}: 'by' needs 'does', the action taken")
        return self


class Tempting(_Value):
    id: str
    why: str
    handling: Check


class Expectation(_Value):
    id: str
    topic: Topic
    opens: str
    harm: Harm
    clause: str
    hint: str | None = None
    best: Check
    acceptable: Check | None = None
    tempting: tuple[Tempting, ...] = ()


class CaseFile(_Value):
    type: str
    stage: str
    reference: str
    parties: Annotated[tuple[Party, ...], Field(min_length=1)]
    on_file: tuple[OnFile, ...] = ()


class Calendars(_Value):
    office: str
    authority: str


class Archetypes(_Value):
    """How the scripted trainees rank, who may not pass, and the ranges that their totals keep to on seeds 1 to 3."""

    best_first: tuple[tuple[str, ...], ...]
    must_fail: tuple[str, ...] = ()
    totals: dict[str, tuple[float, float]] = Field(default_factory=dict)


class SignedOff(_Value):
    name: str
    role: str
    on: date


class Scenario(_Value):
    format: Literal["scenario/1"]
    id: str
    version: int
    title: str
    level: int
    evidences: tuple[str, ...]
    policies: tuple[str, ...]
    calendars: Calendars
    brief: str
    clinician_sign_off: SignedOff | None = None
    variables: dict[str, Variable]
    desk: Desk
    case: CaseFile
    injects: Annotated[tuple[Inject, ...], Field(min_length=1)]
    expectations: Annotated[tuple[Expectation, ...], Field(min_length=1)]
    archetypes: Archetypes
    answers: tuple[str, ...]

    @property
    def danger(self) -> bool:
        """Whether it touches suicide or immediate danger: then no counterfactual and no member's view is shown."""
        return any(expectation.topic == "danger" for expectation in self.expectations)

    @property
    def locked(self) -> bool:
        """Content on danger is played by nobody before a named clinician has signed it off."""
        return self.danger and self.clinician_sign_off is None

    @model_validator(mode="after")
    def _hangs_together(self) -> Scenario:
        faults = []
        if "first_day" not in self.variables:
            faults.append("variables: first_day is missing; every date is reckoned from it")
        items = [paper.id for paper in self.case.on_file] + [inject.id for inject in self.injects]
        faults += [f"the id {name} stands twice" for name in sorted(set(items)) if items.count(name) > 1]
        parties = {party.id for party in self.case.parties}
        for inject in self.injects:
            for who in (inject.from_, inject.by, inject.to):
                if who is not None and who not in parties:
                    faults.append(f"inject {inject.id}: {who!r} is not a party of this case ({', '.join(sorted(parties))})")
            for check in (inject.after, inject.if_done, inject.if_not_done):
                if check is not None and any(getattr(part, "reads_words", False) for part in parts(check)):
                    faults.append(
                        f"inject {inject.id}: what the world does may not hang on the words of a text; "
                        "leave out 'mentions' and 'avoids'"
                    )
        for expectation in self.expectations:
            if expectation.opens not in items:
                faults.append(f"expectation {expectation.id}: opens at {expectation.opens!r}, which is no paper or inject")
        topics = {expectation.topic for expectation in self.expectations}
        for needed in ("escalation", "own-work"):
            if needed not in topics:
                faults.append(f"no expectation on {needed}: going up too little and too much must both cost marks")
        if faults:
            raise ValueError("; ".join(faults))
        return self


class Step(_Value):
    """One scripted action; `when` waits for an inject, `until` (with wait) for a time."""

    do: Action
    when: str | None = None
    until: str | None = None
    case: str | None = None
    item: str | None = None
    to: str | None = None
    channel: str | None = None
    as_: str | None = Field(default=None, alias="as")
    for_: DateText | None = Field(default=None, alias="for")
    choice: str | None = None
    text: str | None = None
    cites: str | None = None
    acceptance: str | None = None
    amount: str | None = None
    waiting_for: Literal["member", "third party", "clarification"] | None = None
    confidence: Confidence | None = None
    was: Action | None = None


class Result(_Value):
    """What an answer must give. `falls_for` are the tempting handlings it meets, `reaches` the branches it brings about."""

    total: tuple[float, float]
    band: str | None = None
    errors: tuple[str, ...] = ()
    falls_for: tuple[str, ...] | None = None
    reaches: tuple[str, ...] | None = None


class Answer(_Value):
    """Written steps and the result they must give; `marks` are a person's levels for judged criteria, where one has rated it."""

    format: Literal["answer/1"]
    trainee: str
    seed: int
    marks: dict[str, str] = Field(default_factory=dict)
    result: Result
    steps: tuple[Step, ...]


class CaseloadScenario(_Value):
    scenario: str
    with_: dict[str, Any] = Field(default_factory=dict, alias="with")


class Interruption(_Value):
    id: str
    at: TimeText
    from_: str = Field(alias="from")
    channel: str
    body: str
    takes: str


class CaseloadPlan(_Value):
    format: Literal["caseload/1"]
    id: str
    version: int
    title: str
    first_day: date
    desk: Desk
    calendar: str
    seed: int
    rubric: str
    scenarios: Annotated[tuple[CaseloadScenario, ...], Field(min_length=1)]
    interruptions: tuple[Interruption, ...] = ()

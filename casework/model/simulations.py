"""Assumptions about a desk's work, as whoever owns the desk writes them down: what comes in, what it takes, who does it.

Every number of a simulation stands here with what it means; none is in Python. Minutes are minutes of somebody's work,
hours are working hours of the office, and shares are written as percentages.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from casework.model.checks import Action
from casework.model.phrases import read_lasts

Discipline = Literal["first in, first out", "earliest deadline first", "by priority"]


class _Value(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


def _lasts(text: str) -> str:
    read_lasts(text)
    return text


Percent = Annotated[str, Field(pattern=r"^(100|\d{1,2}(\.\d+)?)%$")]
Lasts = Annotated[str, AfterValidator(_lasts)]
Minutes = Annotated[float, Field(ge=0, le=10_000)]
Hours = Annotated[float, Field(ge=0, le=1_000)]
Times = Annotated[float, Field(ge=0, le=20)]
Cases = Annotated[int, Field(ge=1, le=2_000)]


def share(percent: str) -> float:
    """0.95 from `95%`."""
    return float(percent.rstrip("%")) / 100


class Task(_Value):
    """One thing to do about what came in, and the clause within whose clock it is to be done.

    Its effort is lognormal: its mean is `minutes`, or the policy's minutes for the actions that it `does`; `spread` is the
    standard deviation as a part of the mean. A lower `priority` is done first under 'by priority'.
    """

    id: str
    within: str
    does: tuple[Action, ...] = ()
    minutes: Annotated[float, Field(gt=0, le=1_000)] | None = None
    spread: Annotated[float, Field(ge=0, le=3)] = 0.0
    priority: Annotated[int, Field(ge=1, le=99)] = 1
    escalated: Percent = "0%"

    @model_validator(mode="after")
    def _one_effort(self) -> Task:
        if bool(self.does) == (self.minutes is not None):
            raise ValueError(f"task {self.id}: give either 'minutes' or 'does' (actions whose minutes the policy has), and not both")
        return self


class Incoming(_Value):
    """A kind of thing that comes in at random: so many a working day for each 100 open cases, and all its tasks with it."""

    id: str
    title: str
    per_100_cases: Annotated[float, Field(gt=0, le=1_000)]
    tasks: Annotated[tuple[Task, ...], Field(min_length=1)]


class Escalation(_Value):
    """What putting a question to somebody costs: the asking, the wait for an answer (exponential, in mean), and what is left."""

    minutes: Minutes
    waits: Hours
    then_minutes: Minutes


class Ability(_Value):
    """How somebody works: `pace` multiplies every effort, `escalates` every share of escalations (at most to 100 %).

    Of what is `reviewed` before it goes out, each costs a reviewer `review_minutes` and waits `review_waits` hours in mean
    (exponential); a share comes back, and so much of its effort is `redone`.
    """

    pace: Annotated[float, Field(gt=0, le=20)] = 1.0
    escalates: Times = 1.0
    reviewed: Percent = "0%"
    review_minutes: Minutes = 0.0
    review_waits: Hours = 0.0
    sent_back: Percent = "0%"
    redone: Percent = "0%"


class Absence(_Value):
    """Days away that nobody covers: a spell begins on a working day with chance `begins` and `lasts` so many days in mean."""

    begins: Percent
    lasts: Annotated[float, Field(ge=1, le=250)]


class Alternative(_Value):
    """One way to run the same desk: whatever is given here takes the place of what the simulation says."""

    name: str
    assistant: str | None = None
    discipline: Discipline | None = None
    open_cases: Cases | None = None
    escalations: Times | None = None
    lasts: dict[str, Lasts] = Field(default_factory=dict)


class WhatIf(_Value):
    """A question put to the desk: alternatives that meet the same chances, compared with the first of them."""

    id: str
    asks: str
    alternatives: Annotated[tuple[Alternative, ...], Field(min_length=2)]


class Simulation(_Value):
    """One assistant's desk over so many working days. The first `warm_up` days are played and not counted.

    `desk_time`: the share of the office's hours that is left for this work. `efforts`: the clause with the minutes of
    actions. `target`: the share of clocks to be met, by which a caseload counts as carried.
    """

    format: Literal["simulation/1"]
    id: str
    version: int
    title: str
    mark: Literal["teaching assumptions", "own counts"]
    source: str
    caseload: str | None = None
    calendar: str
    first_day: date
    working_days: Annotated[int, Field(ge=5, le=500)]
    warm_up: Annotated[int, Field(ge=0, le=250)]
    open_cases: Cases
    target: Percent
    desk_time: Percent
    efforts: str
    discipline: Discipline
    assistant: str
    abilities: Annotated[dict[str, Ability], Field(min_length=1)]
    absence: Absence
    escalation: Escalation
    work: Annotated[tuple[Incoming, ...], Field(min_length=1)]
    what_if: tuple[WhatIf, ...] = ()

    @property
    def tasks(self) -> tuple[tuple[Incoming, Task], ...]:
        return tuple((kind, task) for kind in self.work for task in kind.tasks)

    @model_validator(mode="after")
    def _hangs_together(self) -> Simulation:
        faults = []
        for what, ids in (("kind of work", [k.id for k in self.work]), ("task", [t.id for _, t in self.tasks]), ("what-if", [w.id for w in self.what_if])):
            faults += [f"{what} {id!r} stands twice" for id in sorted(set(ids)) if ids.count(id) > 1]
        wanted = [("assistant", self.assistant)]
        wanted += [(f"what_if {w.id}", a.assistant) for w in self.what_if for a in w.alternatives if a.assistant is not None]
        faults += [f"{where}: {name!r} is none of the abilities ({', '.join(self.abilities)})" for where, name in wanted if name not in self.abilities]
        clauses = {task.within for _, task in self.tasks}
        for one in self.what_if:
            for alternative in one.alternatives:
                faults += [f"what_if {one.id}: no task is to be done within {ref!r} ({', '.join(sorted(clauses))})" for ref in alternative.lasts if ref not in clauses]
        if self.warm_up >= self.working_days:
            faults.append(f"warm_up ({self.warm_up}) leaves nothing of {self.working_days} working days")
        if share(self.desk_time) == 0 or not 0 < share(self.target) < 1:
            faults.append("desk_time must be above 0%, and target between 0% and 100%, both left out")
        if faults:
            raise ValueError("; ".join(faults))
        return self

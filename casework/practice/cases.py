"""A scenario made concrete: variables drawn from the seed, people named, times fixed."""

from __future__ import annotations

import hashlib
import random
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Any

from casework.model import phrases, worktime
from casework.model.calendars import Calendar
from casework.model.decisions import Recorded
from casework.model.errors import BadInput
from casework.model.library import Library
from casework.model.policies import ClockRule
from casework.model.scenarios import CaseloadPlan, Inject, Party, Scenario, Variable
from casework.practice import clocks

SIGNS = {"GBP": "£", "EUR": "€", "USD": "$"}


@dataclass(frozen=True)
class Money:
    currency: str
    amount: int

    def __str__(self) -> str:
        sign = SIGNS.get(self.currency)
        return f"{sign}{self.amount:,}" if sign else f"{self.currency} {self.amount:,}"


@dataclass(frozen=True)
class Paper:
    """One item a trainee can see: a paper on file, an inject, or an interruption."""

    id: str
    title: str
    from_: str | None
    channel: str
    dated: date | None
    received: date | None
    starts: tuple[str, ...]
    inject: Inject | None
    document: str
    answer_by: date | None = None
    arrived_at: datetime | None = None  # Of real work: when it came in, and the name it goes by.
    name: str | None = None

    @property
    def reopens(self) -> tuple[str, ...]:
        return self.inject.reopens if self.inject is not None else ()


@dataclass(frozen=True)
class Case:
    """One case, in play or of real work. `values` are the drawn variables; instants are UTC."""

    key: str
    scenario: Scenario
    values: Mapping[str, Any]
    parties: Mapping[str, Party]
    papers: Mapping[str, Paper]
    office: Calendar
    authority: Calendar
    opens: datetime
    closes: datetime
    recorded: Recorded | None = None  # Of real work: what its export records.

    def calendar_of(self, rule: ClockRule) -> Calendar:
        """The calendar that a rule counts by."""
        return self.office if rule.calendar == "office" else self.authority

    def text(self, template: str) -> str:
        return render(template, self.values)

    @cached_property
    def _days(self) -> dict[str, date]:
        return {}

    @cached_property
    def _instants(self) -> dict[str, datetime]:
        return {"desk opens": self.opens, "desk closes": self.closes}

    def day(self, phrase: str) -> date:
        found = self._days.get(phrase)
        if found is None:
            found = self._days[phrase] = _day(phrases.read_date(phrase), self.values, self.office)
        return found

    def instant(self, phrase: str) -> datetime:
        found = self._instants.get(phrase)
        if found is None:
            read = phrases.read_time(phrase)
            found = self._instants[phrase] = worktime.instant(self.office, _day(read.day, self.values, self.office), read.at)
        return found


@dataclass(frozen=True)
class Caseload:
    """Timed work for one session: a single scenario, or several cases with interruptions."""

    id: str
    version: int
    cases: tuple[Case, ...]
    interruptions: tuple[tuple[str, datetime, str, str, int, str], ...]
    office: Calendar
    opens: datetime
    closes: datetime
    seed: int
    is_plan: bool

    def case(self, key: str | None) -> Case:
        for case in self.cases:
            if case.key == key:
                return case
        raise BadInput(f"no case {key!r} in this session; the cases are {', '.join(c.key for c in self.cases)}")


def render(template: str, values: Mapping[str, Any]) -> str:
    """The text with its variables filled in; dates as letters write them."""

    def fill(found: re.Match[str]) -> str:
        name, _, part = found[1].partition(".")
        value = values.get(name, found[0])
        if part and isinstance(value, dict):
            value = value.get(part, found[0])
        return phrases.spoken_date(value) if isinstance(value, date) else str(value)

    return phrases.PLACEHOLDER.sub(fill, template)


def _day(phrase: phrases.DatePhrase, values: Mapping[str, Any], office: Calendar) -> date:
    day = date.fromisoformat(phrase.base) if phrase.base[0].isdigit() else values.get(phrase.base)
    if not isinstance(day, date):
        known = sorted(name for name, value in values.items() if isinstance(value, date))
        raise BadInput(f"{phrase.base!r} is not a date variable; the date variables are {', '.join(known)}")
    if phrase.working:
        return worktime.add_working_days(office, day, phrase.shift) if phrase.shift else day
    return day + timedelta(days=phrase.shift)


def _die(scenario: str, seed: int, name: str) -> random.Random:
    raw = hashlib.sha256(f"{scenario}/{seed}/{name}".encode()).digest()
    return random.Random(int.from_bytes(raw[:8], "big"))


def _plain(value: Any) -> Any:
    if isinstance(value, str) and re.fullmatch(r"\d{4}-\d{2}-\d{2}", value):
        return date.fromisoformat(value)
    if isinstance(value, dict):
        return {key: _plain(part) for key, part in value.items()}
    return value


def _draw(variable: Variable, die: random.Random, values: dict[str, Any], library: Library, scenario: Scenario) -> Any:
    if variable.pick:
        return _plain(die.choice(variable.pick))
    if variable.code is not None:
        return "".join(str(die.randrange(10)) if sign == "#" else sign for sign in variable.code)
    if variable.between is not None:
        low, high = variable.between
        amount = die.randrange(low, high + 1, variable.step)
        return Money(variable.currency, amount) if variable.currency else amount
    office = library.get_calendar(render(scenario.calendars.office, values))
    if variable.date is not None:
        return _day(phrases.read_date(variable.date), values, office)
    start = _day(phrases.read_date(variable.from_ or ""), values, office)
    rule = library.clause(variable.due or "", start).clock
    if rule is None:
        raise BadInput(f"{scenario.id}: {variable.due} has no clock to reckon with")
    authority = library.get_calendar(render(scenario.calendars.authority, values))
    return clocks.reckon(rule, start, office if rule.calendar == "office" else authority).due_on


def draw(library: Library, scenario: Scenario, seed: int, fixed: Mapping[str, Any]) -> dict[str, Any]:
    """Every variable's value, in file order. A fixed record may be named by one of its values."""
    values: dict[str, Any] = {}
    for name, variable in scenario.variables.items():
        if name in fixed:
            value = _plain(fixed[name])
            records = [_plain(pick) for pick in variable.pick if isinstance(pick, dict)]
            values[name] = next((record for record in records if value in record.values()), value) if (
                records and not isinstance(value, dict)
            ) else value
        else:
            values[name] = _draw(variable, _die(scenario.id, seed, name), values, library, scenario)
    for name in fixed:
        if name not in scenario.variables:
            raise BadInput(f"{scenario.id} has no variable {name!r}; it has {', '.join(scenario.variables)}")
    return values


def _case(
    library: Library, scenario: Scenario, key: str, values: dict[str, Any], office: Calendar | None,
    window: tuple[datetime, datetime] | None,
) -> Case:  # fmt: skip
    office = office or library.get_calendar(render(scenario.calendars.office, values))
    authority = library.get_calendar(render(scenario.calendars.authority, values))
    parties = {
        party.id: party.model_copy(update={"name": render(party.name, values)}) for party in scenario.case.parties
    }
    papers: dict[str, Paper] = {}

    def on(phrase: str | None) -> date | None:
        return _day(phrases.read_date(phrase), values, office) if phrase else None

    for paper in scenario.case.on_file:
        text = render(library.documents[scenario.id, paper.document], values)
        papers[paper.id] = Paper(
            paper.id, render(paper.title, values), paper.from_, "on file", on(paper.dated), on(paper.received),
            paper.starts, None, text, on(paper.answer_by),
        )  # fmt: skip
    for inject in scenario.injects:
        if inject.body is not None:
            text = render(inject.body, values)
        elif inject.document is not None:
            text = render(library.documents[scenario.id, inject.document], values)
        else:
            text = ""
        if inject.by is None:
            papers[inject.id] = Paper(
                inject.id, inject.id.replace("-", " ").capitalize(), inject.from_, inject.channel or "", on(inject.dated),
                None, inject.starts, inject, text, on(inject.answer_by),
            )  # fmt: skip
    bare = Case(key, scenario, values, parties, papers, office, authority, datetime.min, datetime.min)
    opens, closes = window or (bare.instant(scenario.desk.opens), bare.instant(scenario.desk.closes))
    return Case(key, scenario, values, parties, papers, office, authority, opens, closes)


def named(library: Library, name: str, seed: int) -> Caseload:
    """The work of a scenario or a caseload, by id."""
    if name in library.caseloads:
        return from_plan(library, library.caseloads[name], seed)
    if name not in library.scenarios:
        raise BadInput(f"unknown scenario or caseload {name!r}; there are {', '.join(sorted([*library.scenarios, *library.caseloads]))}")
    return from_scenario(library, library.get_scenario(name), seed)


def from_scenario(library: Library, scenario: Scenario, seed: int, fixed: Mapping[str, Any] | None = None) -> Caseload:
    """One scenario as a session's work; `fixed` sets variables instead of drawing them."""
    case = _case(library, scenario, scenario.id, draw(library, scenario, seed, fixed or {}), None, None)
    return Caseload(scenario.id, scenario.version, (case,), (), case.office, case.opens, case.closes, seed, False)


def from_plan(library: Library, plan: CaseloadPlan, seed: int) -> Caseload:
    """Several cases over the plan's hours; the plan's first day holds for all of them."""
    office = library.get_calendar(plan.calendar)
    clockwork = {"first_day": plan.first_day}

    def at(phrase: str) -> datetime:
        read = phrases.read_time(phrase)
        return worktime.instant(office, _day(read.day, clockwork, office), read.at)

    window = at(plan.desk.opens), at(plan.desk.closes)
    cases: list[Case] = []
    for entry in plan.scenarios:
        scenario = library.get_scenario(entry.scenario)
        fixed = {"first_day": plan.first_day.isoformat(), **entry.with_}
        same = sum(case.scenario.id == scenario.id for case in cases)
        key = scenario.id if not same else f"{scenario.id}-{same + 1}"
        cases.append(_case(library, scenario, key, draw(library, scenario, seed, fixed), office, window))
    breaks = tuple(
        (i.id, at(i.at), i.from_, i.channel, phrases.read_delay(i.takes)[0], i.body) for i in plan.interruptions
    )
    return Caseload(plan.id, plan.version, tuple(cases), breaks, office, *window, seed, True)

"""What a simulation stands on in a library: its calendar, its clocks and efforts, and the ways to run its desk."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta

import numpy as np

from casework.model import worktime
from casework.model.calendars import Calendar
from casework.model.errors import BadInput
from casework.model.library import Library
from casework.model.policies import ClockRule
from casework.model.simulations import Ability, Alternative, Discipline, Simulation, share


@dataclass(frozen=True)
class World:
    """A simulation with what it points to: calendar, each task's clock and mean minutes, and the end of each working day.

    `ends`: office minutes gone at each close, shape (working days,); `opens`: the first opening, in UTC.
    """

    simulation: Simulation
    office: Calendar
    rules: tuple[ClockRule, ...]
    minutes: tuple[float, ...]
    ends: tuple[float, ...]
    opens: np.datetime64


@dataclass(frozen=True)
class Way:
    """One way to run the desk; `lasts` are the clocks whose length is another than the clause's."""

    ability: Ability
    discipline: Discipline
    open_cases: int
    escalations: float = 1.0
    lasts: tuple[tuple[str, str], ...] = ()


def world(library: Library, simulation: Simulation) -> World:
    """What a simulation stands on in a library. BadInput where a clause was not in force on its first day."""
    office = library.get_calendar(simulation.calendar)
    clocks: list[ClockRule] = []
    means: list[float] = []
    efforts = library.clause(simulation.efforts, simulation.first_day).efforts
    for _, task in simulation.tasks:
        clock = library.clause(task.within, simulation.first_day).clock
        if clock is None or efforts is None:
            raise BadInput(f"{simulation.id}: {task.within if clock is None else simulation.efforts} has no {'clock' if clock is None else 'efforts'}")
        clocks.append(clock)
        means.append(task.minutes if task.minutes is not None else float(sum(efforts.get(action, 0) for action in task.does)))
    first = worktime.next_working_day(office, simulation.first_day)
    opens = worktime.next_opening(office, worktime.closing(office, first - timedelta(days=1)))
    before = worktime.worked_before(office, opens)
    days = [worktime.add_working_days(office, first, n) for n in range(simulation.working_days)]
    ends = [(worktime.worked_before(office, worktime.closing(office, day)) - before) / 60 for day in days]
    return World(simulation, office, tuple(clocks), tuple(means), tuple(ends), np.datetime64(opens.replace(tzinfo=None), "s"))


def way(simulation: Simulation, alternative: Alternative | None = None) -> Way:
    """The simulation's own way, or the one that an alternative makes of it."""
    base = Way(simulation.abilities[simulation.assistant], simulation.discipline, simulation.open_cases)
    if alternative is None:
        return base
    return Way(
        simulation.abilities[alternative.assistant or simulation.assistant], alternative.discipline or base.discipline,
        alternative.open_cases or base.open_cases, 1.0 if alternative.escalations is None else alternative.escalations,
        tuple(sorted(alternative.lasts.items())),
    )  # fmt: skip


def load(held: World, one: Way) -> float:
    """The part of desk minutes, days away left out of them, that the work takes in the long run; above 1 it piles up."""
    simulation, total = held.simulation, 0.0
    for (kind, task), minutes in zip(simulation.tasks, held.minutes, strict=True):
        passed_up = min(1.0, share(task.escalated) * one.ability.escalates * one.escalations)
        again = share(one.ability.reviewed) * share(one.ability.sent_back) * share(one.ability.redone) * minutes
        asking = passed_up * (simulation.escalation.minutes + simulation.escalation.then_minutes)
        total += kind.per_100_cases / 100 * one.ability.pace * (minutes + again + asking)
    begins, lasts = share(simulation.absence.begins), simulation.absence.lasts
    there = 1 / (1 + begins * lasts)
    return total * one.open_cases / (held.ends[-1] / len(held.ends) * share(simulation.desk_time) * there)


def at_cases(one: Way, cases: int) -> Way:
    """The same way with another number of open cases."""
    return replace(one, open_cases=cases)

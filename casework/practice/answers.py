"""Answers about a caseload: how much can be carried, and what another way of running the same desk would change.

Every alternative meets the same chances run by run, so that a difference is the alternative's and its interval narrow.
Intervals are of 90 %: for means Student's over runs; for caseloads carried see `capacity`; for their differences
percentiles of the same resamples, taken so much further out as few runs ask for (expanded; Hesterberg 2015).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

from casework.model.simulations import Simulation, WhatIf, share
from casework.practice import assumed, carrying
from casework.practice.assumed import Way, World
from casework.practice.capacity import LEVEL, Carried, find
from casework.practice.carrying import FIGURES, Mapper
from casework.practice.simulating import Estimate, Floats, difference, mean

SHARES = ("in_time", "occupied")


@dataclass(frozen=True)
class Side:
    """One alternative: its share in time at its own number of open cases, and the most cases at which the target is met.

    `carried` is fractional within, whole on the screen; `figures` has the rest by name (see `carrying.FIGURES`), and
    `tasks` the share in time by task. `load`: the part of desk minutes that the work takes in the long run.
    """

    name: str
    way: Way
    load: float
    in_time: Estimate
    carried: Estimate
    figures: dict[str, Estimate]
    tasks: dict[str, Estimate]


@dataclass(frozen=True)
class Change:
    """What the first alternative becomes in another: share in time (0 to 1), cases carried, working hours to finish."""

    name: str
    in_time: Estimate
    carried: Estimate
    hours: Estimate
    asked_hours: Estimate


@dataclass(frozen=True)
class Answer:
    """A question, the answer in one sentence, the figures behind it, and what it rests on beside the desk's assumptions."""

    id: str
    asks: str
    says: str
    sides: tuple[Side, ...]
    changes: tuple[Change, ...]
    assumes: tuple[str, ...]


@dataclass(frozen=True)
class Curve:
    """How the share in time falls as the caseload grows, on the desk's own way: mean, and the middle 90 % of runs."""

    cases: tuple[int, ...]
    mean: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]


@dataclass(frozen=True)
class Answers:
    simulation: Simulation
    runs: int
    seed: int
    target: float
    answers: tuple[Answer, ...]
    curve: Curve
    assumes: tuple[str, ...]


def answer(held: World, seed: int, runs: int, questions: Sequence[WhatIf], mapper: Mapper = map) -> Answers:
    """What the desk can carry, and the answer to each question; the same for the same seed, whatever the mapper."""
    simulation = held.simulation
    own = assumed.way(simulation)
    ways = list(dict.fromkeys([own, *(assumed.way(simulation, a) for question in questions for a in question.alternatives)]))
    found = carrying.many(held, ways, seed, runs, mapper)
    carried = dict(zip(ways, find(held, ways, seed, runs, mapper), strict=True))
    by_way = {one: found[:, n] for n, one in enumerate(ways)}

    def side(name: str, one: Way) -> Side:
        rows = by_way[one]
        figures = {figure: (_share if figure in SHARES else mean)(rows[:, n]) for n, figure in enumerate(FIGURES)}
        tasks = {task.id: _share(rows[:, len(FIGURES) + n]) for n, (_, task) in enumerate(simulation.tasks)}
        return Side(name, one, assumed.load(held, one), figures["in_time"], _between(carried[one], None, runs), figures, tasks)

    def change(name: str, first: Way, other: Way) -> Change:
        parts = [difference(by_way[other][:, n], by_way[first][:, n]) for n in (0, 1, 2)]
        return Change(name, parts[0], _between(carried[other], carried[first], runs), parts[1], parts[2])

    target = share(simulation.target)
    alone = side(simulation.assistant, own)
    told = [Answer("carried", f"How many open cases can one assistant carry with {simulation.target} inside service levels?", _carries(alone, simulation), (alone,), (), ())]
    for question in questions:
        chosen = [(a.name, assumed.way(simulation, a)) for a in question.alternatives]
        sides = tuple(side(name, one) for name, one in chosen)
        changes = tuple(change(name, chosen[0][1], one) for name, one in chosen[1:])
        best = sorted(sides, key=lambda s: (-s.carried.value, -s.in_time.value))
        ahead = change(best[0].name, best[1].way, best[0].way)
        says = _best(best, ahead, simulation) if len(sides) > 2 else _moved(sides, changes[0], simulation)
        told.append(Answer(question.id, question.asks, says, sides, changes, _rests_on(held, sides)))
    levels = carried[own]
    spread = np.percentile(levels.shares, [50 - 50 * LEVEL, 50 + 50 * LEVEL], axis=0)
    curve = Curve(levels.levels, tuple(levels.shares.mean(axis=0).tolist()), tuple(spread[0].tolist()), tuple(spread[1].tolist()))
    return Answers(simulation, runs, seed, target, tuple(told), curve, assumptions(held))


def _share(found: Floats) -> Estimate:
    """The mean of a share; near its ends Student's interval would go beyond what a share can be."""
    one = mean(found)
    return one if not math.isfinite(one.low) else Estimate(one.value, max(one.low, 0.0), min(one.high, 1.0), one.n)


def _between(one: Carried, less: Carried | None, runs: int) -> Estimate:
    """The caseload carried with its interval, or how much more it is than another."""
    value = one.value - (less.value if less is not None else 0.0)
    if runs == 1:
        return Estimate(value, -math.inf, math.inf, 1)
    if less is None:
        return Estimate(value, one.low, one.high, runs)
    tail = 100 * float(stats.norm.cdf(-math.sqrt(runs / (runs - 1)) * float(stats.t.ppf(0.5 + LEVEL / 2, runs - 1))))
    low, high = np.percentile(one.resampled - less.resampled, [tail, 100 - tail])
    return Estimate(value, float(low), float(high), runs)


def _carries(alone: Side, simulation: Simulation) -> str:
    found = alone.carried
    if found.value < 1:
        return f"{_named(simulation.assistant)} meets {simulation.target} of clocks with no caseload at all: even the first case is too often late."
    between = "one run, no interval" if math.isinf(found.low) else f"{math.floor(found.low)} to {math.floor(found.high)}"
    return f"One assistant ({simulation.assistant}) can carry {math.floor(found.value)} open cases ({between}) with {simulation.target} of clocks met; with {simulation.open_cases}, {_percent(alone.in_time)} are."


def _moved(sides: Sequence[Side], change: Change, simulation: Simulation) -> str:
    """From the first alternative to the second: in time, carried, and what it costs beside."""
    first, other = sides
    words = [
        f"From {first.name} to {other.name}, clocks met with {other.way.open_cases} cases go from {_percent(first.in_time)} to {_percent(other.in_time)} "
        f"({_points(change.in_time)}), and the cases that one assistant can carry from {math.floor(first.carried.value)} to {math.floor(other.carried.value)} ({_signed(change.carried)})"
    ]
    reviewing = other.figures["reviewing_a_day"].value - first.figures["reviewing_a_day"].value
    if abs(reviewing) >= 0.5:
        words.append(f"a reviewer spends {abs(reviewing):.0f} minutes a day {'more' if reviewing > 0 else 'less'}")
    up = (first, other) if first.figures["escalated_a_day"].value < other.figures["escalated_a_day"].value else (other, first)
    more = up[1].figures["escalated_a_day"].value - up[0].figures["escalated_a_day"].value
    if more >= 0.05:
        minutes = up[1].figures["escalating_a_day"].value - up[0].figures["escalating_a_day"].value
        words.append(f"{more:.1f} more escalations a day take {minutes:.0f} minutes of the assistant")
        if up[0].figures["escalated_a_day"].value == 0:
            longer = change.asked_hours if up[1] is other else Estimate(-change.asked_hours.value, -change.asked_hours.high, -change.asked_hours.low, change.asked_hours.n)
            words.append(f"and what is escalated waits {_hours(longer)}")
    return "; ".join(words) + "."


def _best(best: Sequence[Side], ahead: Change, simulation: Simulation) -> str:
    told = ", ".join(f"{side.name} {math.floor(side.carried.value)} cases and {_percent(side.in_time)} met with {side.way.open_cases}" for side in best)
    if ahead.carried.low > 0:
        return f"Best is {best[0].name}, which carries {ahead.carried.value:.0f} cases more than the next ({_signed(ahead.carried)}): {told}."
    return f"{_named(best[0].name)} and {best[1].name} cannot be told apart by cases carried ({_signed(ahead.carried)}): {told}."


def _named(name: str) -> str:
    return name[:1].upper() + name[1:]


def _told(found: Estimate, scale: float, digits: int, sign: str = "", unit: str = "") -> tuple[str, str]:
    """A figure in words, and its interval; what there is nothing to count for, and one run alone, say so."""
    if math.isnan(found.value):
        return "nothing to count", "nothing came and fell due"
    value = f"{scale * found.value:{sign}.{digits}f}{unit}"
    if math.isinf(found.low):
        return value, "one run, no interval"
    return value, f"{scale * found.low:{sign}.{digits}f} to {scale * found.high:{sign}.{digits}f}"


def _percent(found: Estimate) -> str:
    return "{} ({})".format(*_told(found, 100, 1, unit=" %"))


def _points(found: Estimate) -> str:
    return ", ".join(_told(found, 100, 1, "+", " points"))


def _hours(found: Estimate) -> str:
    return "{} working hours longer ({})".format(*_told(found, 1, 1))


def _signed(found: Estimate) -> str:
    return ", ".join(_told(found, 1, 0, "+"))


def assumptions(held: World) -> tuple[str, ...]:
    """What every answer rests on, in sentences, with the file's numbers."""
    simulation = held.simulation
    coming = ", ".join(f"{kind.title} {kind.per_100_cases:g}" for kind in simulation.work)
    efforts = ", ".join(f"{task.id} {minutes:g} (spread {task.spread:g})" for (_, task), minutes in zip(simulation.tasks, held.minutes, strict=True))
    clocks = ", ".join(dict.fromkeys(f"{task.within} {rule.lasts}" for (_, task), rule in zip(simulation.tasks, held.rules, strict=True)))
    passed = ", ".join(f"{task.id} {task.escalated}" for _, task in simulation.tasks if share(task.escalated))
    escalation, absence = simulation.escalation, simulation.absence
    return (
        f"{_named(simulation.mark)}: {simulation.source}.",
        f"What comes in on a working day for each 100 open cases, at random and evenly over the hours of the office: {coming}.",
        f"Minutes of an experienced assistant, in mean, lognormal: {efforts}.",
        f"Clocks by their clauses, on the calendar {simulation.calendar}: {clocks}. No clock rests while somebody is waited for.",
        f"{simulation.desk_time} of the office's hours are left for this work. A spell away begins on {absence.begins} of days, lasts {absence.lasts:g} in mean, and nobody covers.",
        f"Escalated: {passed or 'nothing'}. Asking takes {escalation.minutes:g} minutes, the answer {escalation.waits:g} working hours in mean, and what is left {escalation.then_minutes:g} minutes.",
        f"Work is done {simulation.discipline} unless an answer says otherwise, one task after the other; {simulation.working_days} working days from {simulation.first_day}, the first {simulation.warm_up} not counted.",
    )  # fmt: skip


def _rests_on(held: World, sides: Sequence[Side]) -> tuple[str, ...]:
    """What an answer's alternatives assume beside the desk's own assumptions."""
    found = []
    for side in sides:
        own = assumed.way(held.simulation)
        words = []
        if side.way.ability != own.ability:
            a = side.way.ability
            words.append(f"{a.pace:g} times the effort, {a.escalates:g} times the escalations, {a.reviewed} reviewed ({a.review_minutes:g} minutes, {a.review_waits:g} working hours' wait), {a.sent_back} of it sent back and {a.redone} of that effort done again")
        if side.way.escalations != 1:
            words.append(f"{side.way.escalations:g} times the escalations")
        words += [f"{clause} lasts {lasts}" for clause, lasts in side.way.lasts]
        words += [side.way.discipline] if side.way.discipline not in (own.discipline, side.name) else []
        words += [f"{side.way.open_cases} open cases"] if side.way.open_cases != own.open_cases else []
        if words:
            found.append(f"{_named(side.name)}: {'; '.join(words)}.")
        if side.load >= 1:
            found.append(f"{_named(side.name)}: the work is {100 * side.load:.0f} % of the time there is for {side.way.open_cases} cases, so it piles up, and its figures grow with the days played.")
    return tuple(found)

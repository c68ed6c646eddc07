"""One assistant's desk over many working days, played run by run: what is done in time, how long it takes, what it costs.

Time is kept on two scales, both in minutes. Office minutes are those in which the office is open, from the first
morning on; arrivals and deadlines lie on them, and the deadlines are those that the clauses' clocks give. Desk minutes
are those in which the assistant is there and free for this work; efforts are done on them, and a task that the evening
or a day away interrupts is taken up where it was left. A task begun is otherwise finished before the next.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.random import Generator
from scipy import special

from casework.model.simulations import share
from casework.practice import clock_arrays
from casework.practice.assumed import Way, World
from casework.practice.events import Agenda
from casework.practice.simulating import Floats, children

# One figure a run, shares from 0 to 1; the share of each task done in time follows them, in the order of the file.
FIGURES = (
    "in_time", "hours", "asked_hours", "occupied", "escalated_a_day", "escalating_a_day", "reviewing_a_day", "left_over",
)  # fmt: skip
CHANCES = 6  # Drawn for a task: effort, whether it is escalated, that wait, whether it is reviewed, that wait, whether it comes back.
Mapper = Callable[[Callable[[int], Floats], Iterable[int]], Iterable[Floats]]


@dataclass(frozen=True)
class _There:
    """When the assistant is there: office minutes at which each day begins, and desk minutes gone by then; one more for the end.

    `came` and `gone` keep only the days on which the assistant is there.
    """

    begins: Floats
    desk: Floats
    came: list[float]
    gone: list[float]
    pace: float

    def desk_at(self, office: Any) -> Any:
        """Desk minutes gone at office minutes."""
        return np.interp(office, self.begins, self.desk)

    def office_at(self, desk: float) -> float:
        """The first office minute by which so many desk minutes are gone."""
        day = max(bisect_left(self.gone, desk) - 1, 0)
        return self.came[day] + (desk - self.gone[day]) / self.pace

    def all_office_at(self, desk: Floats) -> Floats:
        """The same for many at once; infinite stays so."""
        day = np.maximum(np.searchsorted(self.gone, desk) - 1, 0)
        return np.asarray(np.array(self.came)[day] + (desk - np.array(self.gone)[day]) / self.pace)


def _there(held: World, die: Generator) -> _There:
    absence, pace = held.simulation.absence, share(held.simulation.desk_time)
    begins, goes_on = share(absence.begins), 1 - 1 / absence.lasts
    present, away = [], False
    for chance in die.random(len(held.ends)).tolist():
        away = chance < (goes_on if away else begins)
        present.append(not away)
    edges = np.concatenate([[0.0], held.ends])
    desk = np.concatenate([[0.0], np.cumsum(np.diff(edges) * np.array(present) * pace)])
    kept = [n for n, there in enumerate(present) if there] or [0]
    return _There(edges, desk, edges[kept].tolist(), desk[kept].tolist(), pace)


@dataclass(frozen=True)
class _Work:
    """All tasks of a run in order of coming, shape (n,): office minutes of coming and due, desk minutes, and what follows."""

    task: Any
    comes: Floats
    due: Floats
    effort: Floats
    asked: Any  # Would be escalated by an experienced assistant under the file's own shares.
    escalated: Any
    escalation_wait: Floats
    reviewed: Any
    review_wait: Floats
    redone: Floats


def _work(held: World, one: Way, dice: dict[str, Generator]) -> _Work:
    simulation, days, ability, lasts = held.simulation, len(held.ends), one.ability, dict(one.lasts)
    edges, parts, number = np.concatenate([[0.0], held.ends]), [], 0
    for kind in simulation.work:
        rate = kind.per_100_cases * one.open_cases / 100
        draws, die = np.empty((0, 1 + CHANCES * len(kind.tasks))), dice[kind.id]
        # Row by row, so that a busier desk meets the same things as a quieter one, only sooner and some more of them.
        while not len(draws) or -np.log1p(-draws[:, 0]).sum() / rate < days:
            draws = np.concatenate([draws, die.random((math.ceil(rate * days * 1.1) + 20, draws.shape[1]))])
        came = np.cumsum(-np.log1p(-draws[:, 0])) / rate
        draws, came = draws[came < days], came[came < days]
        whole = came.astype(np.int64)
        comes = edges[whole] + (came - whole) * np.diff(edges)[whole]
        # Clocks are read to the second; nothing comes before the first second of a day.
        at = clock_arrays.add_working_seconds(held.office, np.full(comes.shape, held.opens), np.maximum(np.ceil(comes * 60).astype(np.int64), 1))
        for n, task in enumerate(kind.tasks):
            chance = draws[:, 1 + CHANCES * n : 1 + CHANCES * (n + 1)].T
            spread = math.sqrt(math.log1p(task.spread**2))
            effort = held.minutes[number] * np.exp(spread * special.ndtri(chance[0]) - spread**2 / 2)
            passed_up = share(task.escalated) * ability.escalates * one.escalations
            reviewed = chance[3] < share(ability.reviewed)
            again = reviewed & (chance[5] < share(ability.sent_back))
            parts.append((
                np.full(len(comes), number), comes, _due(held, number, lasts.get(task.within), at), ability.pace * effort,
                chance[1] < share(task.escalated), chance[1] < passed_up, -60 * simulation.escalation.waits * np.log1p(-chance[2]),
                reviewed, -60 * ability.review_waits * np.log1p(-chance[4]), np.where(again, ability.pace * effort * share(ability.redone), 0.0),
            ))  # fmt: skip
            number += 1
    whole_run = [np.concatenate(column) for column in zip(*parts, strict=True)]
    order = np.argsort(whole_run[1], kind="stable")
    return _Work(*(column[order] for column in whole_run))


def _due(held: World, number: int, lasts: str | None, at: Any) -> Floats:
    """Office minutes at which each task is due that came at an instant, by its clause's clock, or by one that lasts another time."""
    rule = held.rules[number] if lasts is None else held.rules[number].model_copy(update={"lasts": lasts})
    due = clock_arrays.deadlines(rule, at, held.office).due_at
    return clock_arrays.working_seconds_between(held.office, np.full(at.shape, held.opens), due) / 60


def _done(work: _Work, there: _There, one: Way, held: World) -> tuple[Floats, float]:
    """Office minutes at which each task is finished, shape (n,), infinite where it is not; and desk minutes worked."""
    n, end, escalation = len(work.comes), float(there.desk[-1]), held.simulation.escalation
    priority = [task.priority for _, task in held.simulation.tasks]
    ranks: list[float] = {
        "first in, first out": lambda: [0.0] * n, "earliest deadline first": lambda: work.due.tolist(), "by priority": lambda: [priority[t] for t in work.task],
    }[one.discipline]()  # fmt: skip
    comes, left = there.desk_at(work.comes).tolist(), (work.effort + np.where(work.escalated, one.ability.pace * escalation.minutes, 0.0)).tolist()
    later = _visits(work, one.ability.pace * escalation.then_minutes)
    queue, back = Agenda[float, int](), Agenda[float, int]()
    join, call, returned = queue.add, queue.take, back.take
    left_at, waited, now, busy, i, next_back = [math.inf] * n, dict[int, float](), 0.0, 0.0, 0, math.inf
    while now < end:
        while i < n and comes[i] <= now:
            join(ranks[i], i, i)
            i += 1
        while next_back <= now and (again := returned(now)) is not None:
            join(ranks[again[1]], again[1], again[1])
            next_back = back.next_at() or math.inf
        called = call(math.inf)
        if called is None:
            idle_until = min(comes[i] if i < n else math.inf, next_back)
            if idle_until >= end:
                break
            now = idle_until
            continue
        who = called[1]
        now += left[who]
        if now > end:
            busy -= now - end
        busy += left[who]
        if now > end:
            break
        if who not in later:
            left_at[who] = now
            continue
        wait, effort = later[who].pop(0)
        at = there.office_at(now)
        if effort == 0.0:
            waited[who] = at + wait
        else:
            left[who] = effort
            ready = float(there.desk_at(at + wait))
            back.add(ready, who, who)
            next_back = min(next_back, ready)
        if not later[who]:
            del later[who]
    done = there.all_office_at(np.array(left_at))
    done[list(waited)] = list(waited.values())
    return done, busy


def _visits(work: _Work, then_minutes: float) -> dict[int, list[tuple[float, float]]]:
    """By task, what follows its first sitting: how long it waits (office minutes), and what is then to be done (desk minutes)."""
    found: dict[int, list[tuple[float, float]]] = {}
    for who in np.flatnonzero(work.escalated | work.reviewed).tolist():
        steps = [(float(work.escalation_wait[who]), then_minutes)] if work.escalated[who] else []
        if work.reviewed[who]:
            if steps and then_minutes == 0.0:  # Nothing to do between the answer and the review: one wait after the other.
                steps = [(steps[0][0] + float(work.review_wait[who]), float(work.redone[who]))]
            else:
                steps.append((float(work.review_wait[who]), float(work.redone[who])))
        found[who] = steps
    return found


def figures(held: World, ways: Sequence[Way], seed: int, run: int) -> Floats:
    """The figures of one run under each way, shape (ways, figures): all meet the same chances. NaN: nothing to tell.

    Counted are tasks that came after the warm-up and were due by the end; so what is still running at the close is not.
    """
    return np.array([_figures(held, one, children(seed, run, ["absence", *(kind.id for kind in held.simulation.work)])) for one in ways])


def _figures(held: World, one: Way, dice: dict[str, Generator]) -> Floats:
    simulation = held.simulation
    there, work = _there(held, dice["absence"]), _work(held, one, dice)
    done, busy = _done(work, there, one, held)
    from_, end = held.ends[simulation.warm_up - 1] if simulation.warm_up else 0.0, held.ends[-1]
    counted = (work.comes >= from_) & (work.due <= end)
    met, finished = counted & (done <= work.due), counted & np.isfinite(done)
    hours, days = (done - work.comes) / 60, len(held.ends) - simulation.warm_up
    after = work.comes >= from_
    escalated, reviewed = int((after & work.escalated).sum()) / days, int((after & work.reviewed).sum()) / days
    asking = one.ability.pace * (simulation.escalation.minutes + simulation.escalation.then_minutes)
    desk = float(there.desk[-1])
    found = [
        _part(met, counted), _mean(hours, finished), _mean(hours, finished & work.asked), busy / desk if desk else math.nan,
        escalated, escalated * asking, reviewed * one.ability.review_minutes, float((~np.isfinite(done)).sum()),
    ]  # fmt: skip
    return np.array([*found, *(_part(met & (work.task == t), counted & (work.task == t)) for t in range(len(held.rules)))])


def _part(some: Any, of: Any) -> float:
    return float(some.sum() / of.sum()) if of.any() else math.nan


def _mean(values: Floats, where: Any) -> float:
    return float(values[where].mean()) if where.any() else math.nan


def many(held: World, ways: Sequence[Way], seed: int, runs: int, mapper: Mapper = map) -> Floats:
    """The figures of so many runs, shape (runs, ways, figures); `mapper` may spread runs over workers, in their order."""
    return np.array(list(mapper(partial(figures, held, tuple(ways), seed), range(runs))))

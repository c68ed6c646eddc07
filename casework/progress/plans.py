"""A person's development plan and one-to-ones: goals with actions and dates, as named events, folded into what stands.

Goals come from the weakest evidence as a proposal; a person takes them up, with reasons of their own. Nothing is ever
changed in place: an action is set, done or dropped by an event of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Annotated, Literal

from pydantic import ConfigDict, Field
from pydantic import dataclasses as checked

from casework.model.errors import BadInput
from casework.progress import mastery
from casework.progress.mastery import State

Status = Literal["open", "done", "dropped"]
Kind = Literal["goal", "action", "done", "dropped", "planned", "met"]
STATUS: dict[str, Status] = {"done": "done", "dropped": "dropped"}
GRACE = 7  # Days after its day in which a one-to-one is still held as planned; people fall ill.
Name = Annotated[str, Field(min_length=1, max_length=200, pattern=r"\S")]


@checked.dataclass(frozen=True, config=ConfigDict(extra="forbid"))
class PlanEvent:
    """One event of a person's plan, checked as it is made. `on` is the day it happened; `due` the day for which it is set.

    "goal" and "action" start something new under `id` (an action belongs to the goal `of`); "done" and "dropped" end an
    action or a goal, with a reason; "planned" and "met" are one-to-ones, by `id`.
    """

    kind: Kind
    id: Annotated[str, Field(min_length=1, max_length=40)]
    trainee: Name
    by: Name
    on: date
    says: Annotated[str, Field(max_length=2000)] = ""
    due: date | None = None
    of: str | None = None
    competency: str | None = None


@dataclass(frozen=True)
class Item:
    """A goal or an action as it stands. `since` is the day on which it was set, `ended` on which it was done or dropped."""

    id: str
    says: str
    by: str
    due: date | None
    since: date
    status: Status = "open"
    ended: date | None = None
    why: str = ""
    competency: str | None = None
    of: str | None = None

    def late(self, today: date) -> bool:
        return self.status == "open" and self.due is not None and self.due < today


@dataclass(frozen=True)
class Meeting:
    """A one-to-one: planned for a day, and held on one (None: not yet)."""

    id: str
    due: date
    by: str
    since: date
    held: date | None = None
    notes: str = ""


@dataclass(frozen=True)
class Plan:
    """What stands of one person's plan, in the order in which it came up."""

    trainee: str
    goals: Mapping[str, Item] = field(default_factory=dict)
    actions: Mapping[str, Item] = field(default_factory=dict)
    meetings: Mapping[str, Meeting] = field(default_factory=dict)


def folded(trainee: str, events: Iterable[PlanEvent]) -> Plan:
    """The plan that a person's events make. Raises BadInput where an event does not follow from those before it."""
    plan = Plan(trainee)
    for event in events:
        if event.trainee == trainee:
            plan = after(plan, event)
    return plan


def after(plan: Plan, event: PlanEvent) -> Plan:
    """The plan with one event more. Raises BadInput for an event that cannot stand here, with what could."""
    def refuse(found: str, allowed: str) -> BadInput:
        return BadInput(f"plan of {plan.trainee}, {event.kind} {event.id!r}: {found}; {allowed}")

    if event.kind in ("goal", "action", "planned") and event.due is not None and event.due < event.on:
        raise refuse(f"is set on {event.on} for {event.due}, which was over by then", "give a day to come, or the earlier day on which it was set")
    if event.kind in ("goal", "action"):
        if event.id in plan.goals or event.id in plan.actions:
            raise refuse("stands there already", "give it another id")
        if not event.says.strip():
            raise refuse("says nothing", "say in a sentence what is to be reached")
        item = Item(event.id, event.says, event.by, event.due, event.on, competency=event.competency, of=event.of)
        if event.kind == "goal":
            return replace(plan, goals={**plan.goals, event.id: item})
        if event.of is None or plan.goals.get(event.of, item).status != "open" or event.of not in plan.goals:
            raise refuse(f"belongs to no open goal ({event.of!r})", f"open goals are {', '.join(i for i, g in plan.goals.items() if g.status == 'open') or 'none'}")
        if event.due is None:
            raise refuse("has no date", "an action has a day by which it is done")
        _since(event, plan.goals[event.of].since, refuse)
        return replace(plan, actions={**plan.actions, event.id: item})
    if event.kind in STATUS:
        held = plan.actions if event.id in plan.actions else plan.goals
        if event.id not in held or held[event.id].status != "open":
            raise refuse("is not open", f"open are {', '.join(i for i, one in {**plan.goals, **plan.actions}.items() if one.status == 'open') or 'none'}")
        if event.kind == "dropped" and not event.says.strip():
            raise refuse("gives no reason", "say why it is dropped")
        _since(event, held[event.id].since, refuse)
        ended = {**held, event.id: replace(held[event.id], status=STATUS[event.kind], ended=event.on, why=event.says)}
        return replace(plan, actions=ended) if event.id in plan.actions else replace(plan, goals=ended)
    if event.kind == "planned":
        if event.due is None or event.id in plan.meetings:
            raise refuse("has no day" if event.due is None else "stands there already", "a one-to-one is planned once, for a day")
        return replace(plan, meetings={**plan.meetings, event.id: Meeting(event.id, event.due, event.by, event.on)})
    meeting = plan.meetings.get(event.id)
    if meeting is None or meeting.held is not None:
        raise refuse("was not planned, or was held already", f"planned are {', '.join(i for i, m in plan.meetings.items() if m.held is None) or 'none'}")
    _since(event, meeting.since, refuse)
    return replace(plan, meetings={**plan.meetings, event.id: replace(meeting, held=event.on, notes=event.says)})


def _since(event: PlanEvent, since: date, refuse: Callable[[str, str], BadInput]) -> None:
    """Nothing comes before what it belongs to: a plan can then be read as of any day."""
    if event.on < since:
        raise refuse(f"is dated {event.on}, before what it belongs to was set", f"give a day from {since} on")


def kept(plan: Plan, first: date, last: date) -> tuple[int, int]:
    """(one-to-ones held by their day, one-to-ones due) from `first` to `last`, both included: numerator and denominator of K14.

    One held within `GRACE` days after its day counts as held.
    """
    due = [one for one in plan.meetings.values() if first <= one.due <= last]
    return sum(one.held is not None and (one.held - one.due).days <= GRACE for one in due), len(due)


def delivered(plan: Plan, first: date, last: date) -> tuple[int, int]:
    """(actions done by their day, actions due) from `first` to `last`: numerator and denominator of K13. Dropped ones, with their reason, are not due."""
    due = [one for one in plan.actions.values() if one.due is not None and first <= one.due <= last and one.status != "dropped"]
    return sum(one.ended is not None and one.due is not None and one.ended <= one.due for one in due), len(due)


def settled(today: date) -> tuple[date, date]:
    """The last days of which it is known what became of an action, and of a one-to-one, that was due on them; later ones are in no figure."""
    return today - timedelta(days=1), today - timedelta(days=GRACE + 1)


def so_far(plan: Plan, today: date) -> tuple[tuple[int, int], tuple[int, int]]:
    """What is known by a day of (actions done by theirs, actions due) and of (one-to-ones held, one-to-ones due)."""
    actions, meetings = settled(today)
    return delivered(plan, date.min, actions), kept(plan, date.min, meetings)


def next_id(plan: Plan, kind: Kind) -> str:
    """An id that is free for a new goal, action or one-to-one: g1, a1, m1 and on."""
    letter, there = {"goal": ("g", plan.goals), "action": ("a", plan.actions)}.get(kind, ("m", plan.meetings))
    return next(f"{letter}{n}" for n in range(1, len(there) + 2) if f"{letter}{n}" not in {*plan.goals, *plan.actions, *plan.meetings})


@dataclass(frozen=True)
class Proposal:
    """A goal that the evidence suggests; a person takes it up or not."""

    competency: str
    says: str
    why: str


def proposed(plan: Plan, states: Mapping[str, State], titles: Mapping[str, str], standard: float, count: int = 2) -> tuple[Proposal, ...]:
    """Goals for the competencies least likely to be at the standard, of those known at all and without an open goal; at most `count`.

    A competency with too little evidence is proposed as practice to be had, not as a weakness.
    """
    busy = {goal.competency for goal in plan.goals.values() if goal.status == "open"}
    free = [id for id in titles if id not in busy]
    chance = {id: mastery.chance_at_least(states[id], standard) for id in free if id in states and states[id].files >= mastery.FEWEST_FILES}
    found = [
        Proposal(id, f"Reach the standard in {titles[id]}", f"{100 * mastery.typical(states[id]).value:.0f} % expected on a typical file, from {states[id].files} files; the standard is {100 * standard:.0f} %")
        for id in sorted(chance, key=lambda id: (chance[id], id)) if chance[id] < 0.5
    ]  # fmt: skip
    unknown = [
        Proposal(id, f"Have files in {titles[id]}", f"{states[id].files if id in states else 0} of {mastery.FEWEST_FILES} files: too few to say anything")
        for id in free if id not in chance
    ]  # fmt: skip
    return tuple([*found, *unknown][:count])


@dataclass(frozen=True)
class Change:
    """A competency whose state is another than at the last one-to-one, by its name then and now."""

    competency: str
    before: str
    now: str


def agenda(plan: Plan, today: date, changes: Sequence[Change], titles: Mapping[str, str], questions: Sequence[str] = ()) -> tuple[str, ...]:
    """What there is to talk about: what changed since the last one-to-one, what is late, what was done, and what is next. Facts, no verdicts."""
    last = max((one.held for one in plan.meetings.values() if one.held is not None), default=None)
    lines = [f"{titles.get(c.competency, c.competency)}: was {c.before}, is {c.now}" for c in changes if c.before != c.now]
    lines += [f"Done on {one.ended:%d %b}: {one.says}" for one in plan.actions.values() if one.status == "done" and one.ended and (last is None or one.ended > last)]
    lines += [f"Was due on {one.due:%d %b}: {one.says}. What stood in the way?" for one in plan.actions.values() if one.late(today)]
    lines += [f"Goal was to be reached by {one.due:%d %b}: {one.says}. Is it, or what is now the day?" for one in plan.goals.values() if one.late(today)]
    lines += [f"One-to-one of {one.due:%d %b} has not been held: find another day" for one in plan.meetings.values() if one.held is None and (today - one.due).days > GRACE]
    lines += [f"Due on {one.due:%d %b}: {one.says}" for one in plan.actions.values() if one.status == "open" and not one.late(today)]
    lines += [f"Goal without an action: {goal.says}" for id, goal in plan.goals.items() if goal.status == "open" and not any(a.of == id and a.status == "open" for a in plan.actions.values())]
    lines += [f"Asked by the trainee: {one}" for one in questions]
    return tuple(lines) or ("Nothing has changed since the last one-to-one: ask how it is going.",)

"""A person's development plan and one-to-ones: goals with actions and dates, as named events, folded into what stands.

Goals come from the weakest evidence as a proposal; a person takes them up, with reasons of their own. Nothing is ever
changed in place: an action is set, done or dropped by an event of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Literal

from casework.model.errors import BadInput
from casework.progress import mastery
from casework.progress.mastery import State

Status = Literal["open", "done", "dropped"]
Kind = Literal["goal", "action", "done", "dropped", "planned", "met"]
STATUS: dict[str, Status] = {"done": "done", "dropped": "dropped"}


@dataclass(frozen=True)
class PlanEvent:
    """One event of a person's plan. `on` is the day it happened; `due` the day for which it is set.

    "goal" and "action" start something new under `id` (an action belongs to the goal `of`); "done" and "dropped" end an
    action or a goal, with a reason; "planned" and "met" are one-to-ones, by `id`.
    """

    kind: Kind
    id: str
    trainee: str
    by: str
    on: date
    says: str = ""
    due: date | None = None
    of: str | None = None
    competency: str | None = None


@dataclass(frozen=True)
class Item:
    """A goal or an action as it stands. `ended` is the day on which it was done or dropped."""

    id: str
    says: str
    by: str
    due: date | None
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

    if event.kind in ("goal", "action"):
        if event.id in plan.goals or event.id in plan.actions:
            raise refuse("stands there already", "give it another id")
        if not event.says.strip():
            raise refuse("says nothing", "say in a sentence what is to be reached")
        item = Item(event.id, event.says, event.by, event.due, competency=event.competency, of=event.of)
        if event.kind == "goal":
            return replace(plan, goals={**plan.goals, event.id: item})
        if event.of is None or plan.goals.get(event.of, item).status != "open" or event.of not in plan.goals:
            raise refuse(f"belongs to no open goal ({event.of!r})", f"open goals are {', '.join(i for i, g in plan.goals.items() if g.status == 'open') or 'none'}")
        if event.due is None:
            raise refuse("has no date", "an action has a day by which it is done")
        return replace(plan, actions={**plan.actions, event.id: item})
    if event.kind in STATUS:
        held = plan.actions if event.id in plan.actions else plan.goals
        if event.id not in held or held[event.id].status != "open":
            raise refuse("is not open", f"open are {', '.join(i for i, one in {**plan.goals, **plan.actions}.items() if one.status == 'open') or 'none'}")
        if event.kind == "dropped" and not event.says.strip():
            raise refuse("gives no reason", "say why it is dropped")
        ended = {**held, event.id: replace(held[event.id], status=STATUS[event.kind], ended=event.on, why=event.says)}
        return replace(plan, actions=ended) if event.id in plan.actions else replace(plan, goals=ended)
    if event.kind == "planned":
        if event.due is None or event.id in plan.meetings:
            raise refuse("has no day" if event.due is None else "stands there already", "a one-to-one is planned once, for a day")
        return replace(plan, meetings={**plan.meetings, event.id: Meeting(event.id, event.due, event.by)})
    meeting = plan.meetings.get(event.id)
    if meeting is None or meeting.held is not None:
        raise refuse("was not planned, or was held already", f"planned are {', '.join(i for i, m in plan.meetings.items() if m.held is None) or 'none'}")
    return replace(plan, meetings={**plan.meetings, event.id: replace(meeting, held=event.on, notes=event.says)})


def kept(plan: Plan, first: date, last: date) -> tuple[int, int]:
    """(one-to-ones held by their day, one-to-ones due) from `first` to `last`, both included: numerator and denominator of K14.

    One held within seven days after its day counts as held; people fall ill.
    """
    due = [one for one in plan.meetings.values() if first <= one.due <= last]
    return sum(one.held is not None and (one.held - one.due).days <= 7 for one in due), len(due)


def delivered(plan: Plan, first: date, last: date) -> tuple[int, int]:
    """(actions done by their day, actions due) from `first` to `last`: numerator and denominator of K13. Dropped ones, with their reason, are not due."""
    due = [one for one in plan.actions.values() if one.due is not None and first <= one.due <= last and one.status != "dropped"]
    return sum(one.ended is not None and one.due is not None and one.ended <= one.due for one in due), len(due)


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
    lines += [f"Due on {one.due:%d %b}: {one.says}" for one in plan.actions.values() if one.status == "open" and not one.late(today)]
    lines += [f"Goal without an action: {goal.says}" for id, goal in plan.goals.items() if goal.status == "open" and not any(a.of == id and a.status == "open" for a in plan.actions.values())]
    lines += [f"Asked by the trainee: {one}" for one in questions]
    return tuple(lines) or ("Nothing has changed since the last one-to-one: ask how it is going.",)

"""Use cases of a person's development plan and one-to-ones, which are entries of the ledger: written, shown, and prepared for.

Goals are proposed from the weakest evidence; a person takes them up, in words of their own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any

from casework.edges import ledgers
from casework.edges.ledgers import Book
from casework.model.errors import BadInput, made
from casework.model.library import Library, nearest
from casework.progress import invented, plans, standing
from casework.progress.ledger import ledger_of
from casework.progress.plans import Change, Item, Kind, Plan, PlanEvent, Proposal
from casework.progress.standing import SAID
from casework.workbench.progressing import Gathered
from casework.workbench.rights import open_to_all


@dataclass(frozen=True)
class Prepared:
    """A person's plan as of a day, with the goals that the evidence suggests and what there is to talk about.

    `last` is the day of the last one-to-one held; `titles` are the competencies' names.
    """

    plan: Plan
    today: date
    last: date | None
    proposed: tuple[Proposal, ...]
    agenda: tuple[str, ...]
    titles: Mapping[str, str]


@open_to_all
def write_plan(
    held: Library, ledger: Path, kind: Kind, trainee: str, by: str, on: date, id: str | None = None, says: str = "", due: date | None = None,
    of: str | None = None, competency: str | None = None, today: date | None = None,
) -> PlanEvent:  # fmt: skip
    """Writes one event of a plan into the ledger, under the next free id unless one is given; BadInput, with what could stand, where it does not follow.

    `today`: nothing is said to have happened after it.
    """
    if competency is not None:
        held.get_framework().named(competency)
    if today is not None and on > today:
        raise BadInput(f"--on: found {on}, which is yet to come; write it down on the day, or give the day on which it was")
    with ledgers.held(ledger):
        book = ledgers.begun(ledger)
        plan = plans.folded(trainee, book.plans)
        event: PlanEvent = made(PlanEvent, kind=kind, id=id or plans.next_id(plan, kind), trainee=trainee, by=by, on=on, says=says, due=due, of=of, competency=competency)
        plans.after(plan, event)
        ledgers.append(ledger, [event])
    return event


@open_to_all
def demonstration_plans(held: Library, ledger: Path, names: Sequence[str], today: date) -> int:
    """Writes invented plans of a scripted cohort into a ledger that holds no plan yet; gives how many entries. No person's plan is in them."""
    takes = [one.id for one in held.get_framework().competencies if "scorecard" in one.evidence_from]
    with ledgers.held(ledger):
        made = () if ledgers.begun(ledger).plans else invented.plans_of(names, takes, today)
        ledgers.append(ledger, made)
    return len(made)


@open_to_all
def plan_of(book: Book, trainee: str, today: date) -> Plan:
    """What stands of a person's plan by a day; empty where there is none."""
    return plans.folded(trainee, [one for one in book.plans if one.on <= today])


@open_to_all
def prepare_plan(held: Library, gathered: Gathered, trainee: str, questions: tuple[str, ...] = ()) -> Prepared:
    """A plan with what the evidence suggests, and what changed since the last one-to-one. BadInput if nothing is known of the person."""
    rule, today, book = held.get_framework(), gathered.at.date(), gathered.book
    known = {*gathered.ledger.trainees, *(name for name, _ in book.signs), *(one.trainee for one in book.plans)} - book.erased
    if trainee not in known:
        raise BadInput(f"no plan and no evidence of {trainee!r}{nearest(trainee, sorted(known))}; there is some of {', '.join(sorted(known)) or 'nobody'}")
    plan, titles = plan_of(book, trainee, today), {one.id: one.title for one in rule.competencies}
    states = {one.id: gathered.ledger.of(trainee, one.id).level for one in rule.competencies if "scorecard" in one.evidence_from}
    scored = {id: titles[id] for id in states}
    last = max((one.held for one in plan.meetings.values() if one.held is not None), default=None)
    return Prepared(
        plan, today, last, plans.proposed(plan, states, scored, rule.sign_off.standard / 100),
        plans.agenda(plan, today, _changes(gathered, trainee, last), titles, questions), titles,
    )  # fmt: skip


def _changes(gathered: Gathered, trainee: str, last: date | None) -> tuple[Change, ...]:
    """Where each competency stood at the end of that day and stands now; nothing without a day to compare with."""
    if last is None:
        return ()
    then, signs = datetime.combine(last, time.max, UTC), gathered.book.signs
    rule = gathered.ledger.framework
    mine = [one for one in (*gathered.book.pieces, *gathered.fresh) if one.trainee == trainee]
    before = standing.person_of(ledger_of(mine, rule, then), trainee, then, signs).competencies
    now = standing.person_of(gathered.ledger, trainee, gathered.at, signs).competencies
    return tuple(Change(b.competency.id, SAID[b.state], SAID[n.state]) for b, n in zip(before, now, strict=True))


@open_to_all
def plan_json(prepared: Prepared) -> dict[str, Any]:
    """The contract of `casework plan show PERSON --json`."""
    plan, today = prepared.plan, prepared.today
    actions, meetings = plans.so_far(plan, today)
    return {
        "trainee": plan.trainee, "on": today.isoformat(), "last_one_to_one": _day(prepared.last),
        "goals": [{**_item(one, today), "competency": one.competency} for one in plan.goals.values()],
        "actions": [{**_item(one, today), "goal": one.of} for one in plan.actions.values()],
        "one_to_ones": [{"id": one.id, "planned": one.due.isoformat(), "held": _day(one.held), "notes": one.notes} for one in plan.meetings.values()],
        "actions_by_their_day": {"hits": actions[0], "n": actions[1]}, "one_to_ones_as_planned": {"hits": meetings[0], "n": meetings[1]},
        "proposed": [{"competency": one.competency, "says": one.says, "why": one.why} for one in prepared.proposed], "agenda": list(prepared.agenda),
    }  # fmt: skip


def _item(one: Item, today: date) -> dict[str, Any]:
    return {"id": one.id, "says": one.says, "by": one.by, "due": _day(one.due), "status": one.status, "late": one.late(today), "ended": _day(one.ended), "why": one.why}


def _day(day: date | None) -> str | None:
    return None if day is None else day.isoformat()

"""The measures of people that a ledger tells: actions of plans done by their day, one-to-ones held, and sign-offs by the day planned for them.

Only what fell due and of which it is known what became of it is counted, so that nothing is missed before its time.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time

from casework.model.framework import Framework, Measure
from casework.progress import charts, measures, plans, signing
from casework.progress.measures import By, Measured, Tally
from casework.progress.plans import Plan
from casework.progress.signing import Signed
from casework.quality.figures import undefined


@dataclass(frozen=True)
class Keeping:
    """What a ledger keeps of people's plans and sign-offs, as of a day."""

    plans: tuple[Plan, ...]
    signs: Mapping[tuple[str, str], Sequence[Signed]]
    framework: Framework
    as_of: date

    def of(self, person: str) -> Keeping:
        """The same of one person."""
        return replace(self, plans=tuple(one for one in self.plans if one.trainee == person))


def signed_off(plan: Plan, kept: Keeping, first: date, last: date) -> tuple[int, int]:
    """(competencies signed off on the day planned for it, competencies with a goal for such a day) from `first` to `last`: numerator and denominator of K16.

    A lead's signature in force on that day counts, also an earlier one; what happened later takes nothing back. A dropped
    goal is not due.
    """
    due = [(one.competency, one.due) for one in plan.goals.values() if one.competency and one.due and first <= one.due <= last and one.status != "dropped"]
    return sum(_signed(kept, plan.trainee, competency, day) for competency, day in due), len(due)


def _signed(kept: Keeping, trainee: str, competency: str, day: date) -> bool:
    events = kept.signs.get((trainee, competency), ())
    return signing.sign_state(events, kept.framework, datetime.combine(day, time.max, UTC)).status == "signed"


def by_day(wanted: Measure, kept: Keeping) -> dict[date, Tally]:
    """What fell due on each day, over everybody's plans, and how much of it was kept; days in order."""
    done_by, held_by = plans.settled(kept.as_of)
    found: dict[date, Tally] = {}
    for plan in kept.plans:
        days = {one.due for one in (*plan.goals.values(), *plan.actions.values())} | {one.due for one in plan.meetings.values()}
        for day in {day for day in days if day is not None and day <= (held_by if wanted.count == "one-to-ones" else done_by)}:
            hits, n = _count(wanted, plan, kept, day)
            before = found.get(day, Tally(0, 0))
            found[day] = Tally(before.hits + hits, before.n + n)
    return {day: found[day] for day in sorted(found) if found[day].n}


def _count(wanted: Measure, plan: Plan, kept: Keeping, day: date) -> tuple[int, int]:
    if wanted.count == "sign-offs":
        return signed_off(plan, kept, day, day)
    return plans.kept(plan, day, day) if wanted.count == "one-to-ones" else plans.delivered(plan, day, day)


def measure(wanted: Measure, kept: Keeping | None, small_n: int, by: By | None = None) -> Measured:
    """The measure over all that fell due, and by period; without a ledger, the reason."""
    if kept is None:
        return Measured(wanted, undefined(0, "no plans: give the ledger that keeps them, with --ledger"), None)
    days = by_day(wanted, kept)
    tally = _sum(days.values())
    return Measured(wanted, measures.share_of(tally, small_n, measures.said(wanted)), tally, _course(days, by))


def _sum(tallies: Iterable[Tally]) -> Tally:
    every = tuple(tallies)
    return Tally(sum(one.hits for one in every), sum(one.n for one in every))


def _course(days: Mapping[date, Tally], by: By | None) -> charts.RunChart | None:
    if by is None:
        return None
    periods: dict[str, list[Tally]] = {}
    for day, tally in days.items():
        periods.setdefault(measures.period_of(day, by), []).append(tally)
    return charts.p_chart([(period, (whole := _sum(some)).hits, whole.n) for period, some in periods.items()])

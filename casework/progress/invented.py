"""Invented plans and one-to-ones for a cohort that plays by script, so that a demonstration has some to show; every text says that it is simulated."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta

from casework.progress.plans import PlanEvent

LEAD = "simulated lead"
ACTIONS = ("simulated: listen to three calls", "simulated: read the clause before each answer", "simulated: tell the team of one date that was nearly missed")


def plans_of(names: Iterable[str], competencies: Sequence[str], today: date) -> tuple[PlanEvent, ...]:
    """For each name a goal, three actions and three one-to-ones before `today`, kept by most and not by all; the same for the same names, in their order."""
    events: list[PlanEvent] = []
    for n, name in enumerate(names):
        events += _plan(n, name, competencies[n % len(competencies)], today)
    return tuple(events)


def _plan(n: int, name: str, competency: str, today: date) -> list[PlanEvent]:
    def ago(days: int) -> date:
        return today - timedelta(days=days)

    made = [PlanEvent("goal", "g1", name, name, ago(90), "simulated: what the script would want to learn", ago(10), competency=competency)]
    for i, says in enumerate(ACTIONS):
        made.append(PlanEvent("action", f"a{i + 1}", name, name, ago(90), says, ago(70 - 20 * i), "g1"))
        made.append(PlanEvent("planned", f"m{i + 1}", name, LEAD, ago(90), due=ago(75 - 25 * i)))
    for i in range(len(ACTIONS)):
        if (n + i) % 4:
            made.append(PlanEvent("done", f"a{i + 1}", name, name, ago(71 - 20 * i), "simulated"))
        if (n + 2 * i) % 5:
            made.append(PlanEvent("met", f"m{i + 1}", name, LEAD, ago(75 - 25 * i), "simulated"))
    return made

"""Development plans and one-to-ones: events in, what stands out; goals from the weakest evidence, and an agenda of facts."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from casework.model.errors import BadInput
from casework.progress import mastery, plans
from casework.progress.plans import Change, PlanEvent

DAY = date(2026, 6, 1)
GOAL = PlanEvent("goal", "g1", "T", "Lead", DAY, "Name the worry first", competency="member")
ACTION = PlanEvent("action", "a1", "T", "T", DAY, "Three calls listened to with Ana", date(2026, 6, 10), "g1")
TALK = PlanEvent("planned", "m1", "T", "Lead", DAY, due=date(2026, 6, 12))


def on(day, event, **change):
    return replace(event, on=date(2026, 6, day), **change)


def test_a_plan_is_what_its_events_make_and_counts_what_was_done_by_its_day():
    events = [GOAL, ACTION, replace(ACTION, id="a2"), replace(ACTION, id="a3"), TALK, replace(TALK, id="m2", due=date(2026, 6, 20)),
              on(9, ACTION, kind="done"), on(12, ACTION, kind="done", id="a2"), on(5, ACTION, kind="dropped", id="a3", says="Ana is away"),
              on(15, TALK, kind="met", says="Talked about calls"), replace(GOAL, trainee="U")]  # fmt: skip
    plan = plans.folded("T", events)
    assert [plan.actions[id].status for id in ("a1", "a2", "a3")] == ["done", "done", "dropped"] and len(plan.goals) == 1
    assert plans.delivered(plan, DAY, date(2026, 6, 30)) == (1, 2), "one by its day, one late; the dropped one is not due"
    assert plans.kept(plan, DAY, date(2026, 6, 30)) == (1, 2) and plans.kept(plan, date(2026, 7, 1), date(2026, 7, 31)) == (0, 0)


@pytest.mark.parametrize(
    ("event", "words"),
    [
        (GOAL, "stands there already"), (replace(GOAL, id="g2", says=" "), "says nothing"), (replace(ACTION, of="g9"), "belongs to no open goal.*open goals are g1"),
        (replace(ACTION, due=None), "has no date"), (replace(ACTION, kind="done", id="a9"), "is not open; open are g1"),
        (replace(GOAL, kind="dropped", says=""), "gives no reason"), (replace(TALK, due=None), "has no day"), (replace(TALK, kind="met"), "was not planned"),
    ],
)  # fmt: skip
def test_an_event_that_does_not_follow_is_refused_with_what_would(event, words):
    with pytest.raises(BadInput, match=words):
        plans.after(plans.folded("T", [GOAL]), event)


def test_goals_come_from_the_weakest_evidence_and_too_little_is_no_weakness():
    at = datetime(2026, 6, 1, tzinfo=UTC)
    states = {id: mastery.State(mean, 0.2, at, files, frozenset("ab"), at) for id, mean, files in (("member", -1.0, 6), ("risk", 0.2, 6), ("service", 4.0, 6), ("finance", -3.0, 1))}
    titles = {id: id.title() for id in states}
    found = plans.proposed(plans.folded("T", []), states, titles, 0.8, count=4)
    assert [(one.competency, one.says.split()[0]) for one in found] == [("member", "Reach"), ("risk", "Reach"), ("finance", "Have")]
    assert "1 of 3 files" in found[2].why and plans.proposed(plans.folded("T", [GOAL]), states, titles, 0.8)[0].competency == "risk"


def test_an_agenda_tells_what_changed_what_is_late_and_what_was_done_since():
    plan = plans.folded("T", [GOAL, replace(GOAL, id="g2", says="Plan the day"), ACTION, replace(ACTION, id="a2", says="Read rule 7"), TALK, on(3, TALK, kind="met"), on(8, ACTION, kind="done", id="a2")])
    lines = plans.agenda(plan, date(2026, 6, 14), [Change("member", "developing", "ready"), Change("risk", "ready", "ready")], {"member": "Member service"}, ["May I sit in on a call?"])
    assert lines == (
        "Member service: was developing, is ready", "Done on 08 Jun: Read rule 7", "Was due on 10 Jun: Three calls listened to with Ana. What stood in the way?",
        "Goal without an action: Plan the day", "Asked by the trainee: May I sit in on a call?",
    )  # fmt: skip
    missed = plans.folded("T", [
        PlanEvent("goal", "g1", "T", "T", date(2026, 1, 5), "know the calendars", date(2026, 3, 2)), PlanEvent("planned", "m1", "T", "L", date(2026, 1, 5), due=date(2026, 2, 2)),
    ])  # fmt: skip
    told = plans.agenda(missed, date(2026, 3, 3), [], {})
    assert any("by 02 Mar" in line for line in told) and any("02 Feb has not been held" in line for line in told)
    assert not [line for line in plans.agenda(missed, date(2026, 2, 9), [], {}) if "not been held" in line or "02 Mar" in line]
    assert plans.agenda(plans.folded("T", []), DAY, [], {}) == ("Nothing has changed since the last one-to-one: ask how it is going.",)

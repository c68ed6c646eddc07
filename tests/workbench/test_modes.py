"""Guided practice charges for help; an assessment is sat once, against real time, and tells no answer."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from casework import workbench
from casework.edges.store.records import open_store
from casework.model.errors import ActionRefused, BadInput, Refused, TimeIsUp
from casework.model.people import ROLES, Person
from casework.model.scenarios import Step
from casework.practice import hints
from casework.practice.replaying import replay
from casework.quality import counterfactuals
from casework.workbench import Access, assessments

SCENARIO = "rule-7-handler-away"


@pytest.fixture
def trainee(library, tmp_path):
    store = open_store(f"sqlite:///{tmp_path / 'casework.sqlite'}")
    store.add_person(Person("boss", ROLES), "Boss")
    boss = Access(store.find_person("boss"), store, library)
    person, _ = workbench.add_person(boss, "Ada", ("trainee",))
    return Access(store.find_person(person.id), store, library)


def noted(access, sitting):
    return workbench.decide(access, sitting.id, sitting, SCENARIO, Step(do="note", text="What was seen."))


def test_a_hint_is_logged_charged_and_replayed(trainee, library):
    one = workbench.begin_session(trainee, SCENARIO, 7, "guided")
    one = workbench.take_hint(trainee, one.id, one, SCENARIO, "handover", "look")
    one = workbench.take_hint(trainee, one.id, one, SCENARIO, "handover", "rule")
    (_, where), (_, clause) = hints.told(one.session, SCENARIO, "handover")
    assert where and clause.startswith(("service-levels.", "regulator-deadlines."))
    before = workbench.resume_session(trainee, one.id)
    assert before.session.events == one.session.events
    one = workbench.finish_session(trainee, one.id, one)
    log = trainee.store.log(one.id)
    assert replay(library, log).events == log.events
    (card,) = workbench.score(library, log)
    prices = library.get_rubric("case-handling").hints
    assert card.deducted == prices.look + prices.rule == 3
    (free,) = workbench.score(library, replace(log, events=tuple(e for e in log.events if e.event != "hinted")))
    assert free.total - card.total == 3 and free.low - card.low == 3


def test_help_never_takes_a_total_below_nothing(trainee, library):
    from casework.quality import scoring

    one = workbench.begin_session(trainee, SCENARIO, 7, "guided")
    rubric = library.get_rubric("case-handling")
    dear = rubric.model_copy(update={"hints": rubric.hints.model_copy(update={"look": 99})})
    for _ in range(2):
        one = workbench.take_hint(trainee, one.id, one, SCENARIO, "handover", "look")
    one = workbench.finish_session(trainee, one.id, one)
    (card,) = scoring.score(library, one.session.caseload, one.session.log(), dear)
    assert card.total == card.low == 0 and card.deducted == 198


def test_a_counterfactual_keeps_what_hints_cost(trainee, library):
    one = workbench.begin_session(trainee, SCENARIO, 7, "guided")
    one = workbench.take_hint(trainee, one.id, one, SCENARIO, "handover", "look")
    one = workbench.finish_session(trainee, one.id, noted(trainee, one))
    log = one.session.log()
    again = counterfactuals.again(library, one.session.caseload, log, counterfactuals.moves_of(log))
    assert again.events == log.events
    for change in workbench.winning_changes(library, log)[SCENARIO].values():
        assert change.card.deducted == 1


def test_hints_are_for_guided_practice_and_end(trainee):
    plain = workbench.begin_session(trainee, SCENARIO, 7)
    with pytest.raises(ActionRefused, match="guided practice only"):
        workbench.take_hint(trainee, plain.id, plain, SCENARIO, "handover", "look")
    one = workbench.begin_session(trainee, SCENARIO, 7, "guided")
    for _ in range(2):
        one = workbench.take_hint(trainee, one.id, one, SCENARIO, "handover", "rule")
    with pytest.raises(ActionRefused, match="nothing is charged"):
        workbench.take_hint(trainee, one.id, one, SCENARIO, "handover", "rule")


def test_every_topic_has_a_question_to_ask(library):
    from typing import get_args

    from casework.model.checks import Topic

    assert set(hints.ASKS) == set(get_args(Topic))


def test_an_assessment_is_sat_once_and_tells_no_answer(trainee, library):
    one = workbench.begin_session(trainee, SCENARIO, 7, "assessment")
    assert timedelta(minutes=24) < one.ends_at - datetime.now(UTC) <= timedelta(minutes=25)
    assert workbench.resume_session(trainee, one.id).ends_at - one.ends_at < timedelta(seconds=2)
    with pytest.raises(Refused, match="sat once"):
        workbench.begin_session(trainee, SCENARIO, 7, "assessment")
    with pytest.raises(ActionRefused):
        workbench.take_hint(trainee, one.id, one, SCENARIO, "handover", "look")
    one = workbench.finish_session(trainee, one.id, noted(trainee, one))
    for tell in (workbench.debrief_of, workbench.scorecards_of):
        with pytest.raises(Refused, match="handed in"):
            tell(trainee, one.id)
    boss = Access(trainee.store.find_person("boss"), trainee.store, library)
    assert workbench.debrief_of(boss, one.id)[0].scorecard.trainee == trainee.person.id


def test_when_time_is_up_it_is_handed_in_as_it_stands(trainee, monkeypatch):
    one = noted(trainee, workbench.begin_session(trainee, SCENARIO, 7, "assessment"))
    late = replace(one, ends_at=datetime.now(UTC) - timedelta(seconds=1))
    with pytest.raises(TimeIsUp, match="handed in"):
        noted(trainee, late)
    log = trainee.store.log(one.id)
    assert log.finished and [e.do for e in log.events if e.event == "decided"] == ["note"]
    # A tab that was closed in the middle: opening it again after the time hands it in too.
    two = noted(trainee, workbench.begin_session(trainee, SCENARIO, 8, "assessment"))
    monkeypatch.setattr(assessments, "over", lambda ends: ends is not None)
    assert workbench.resume_session(trainee, two.id).session.closed


def test_the_latest_attempt_goes_on(trainee):
    first = noted(trainee, noted(trainee, workbench.begin_session(trainee, SCENARIO, 7)))
    second = workbench.begin_session(trainee, SCENARIO, 7)
    assert second.id != first.id and workbench.find_under_way(trainee, SCENARIO, 7).id == second.id
    workbench.finish_session(trainee, second.id, second)
    assert workbench.find_under_way(trainee, SCENARIO, 7) is None
    assert workbench.find_under_way(trainee, SCENARIO, 7, "guided") is None


def test_unknown_mode_is_said(trainee):
    with pytest.raises(BadInput, match="guided, practice, assessment"):
        workbench.begin_session(trainee, SCENARIO, 7, "easy")

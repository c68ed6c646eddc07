"""Pauses only for listed reasons, with their audit; reopening gives a clock back the time it had."""

import shutil
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from casework.edges import content
from casework.model.scenarios import Step
from casework.practice import desk, readings
from casework.practice.cases import from_scenario

RULE_7 = "scenarios/cases/regulators/rule-7-handler-away/scenario.yaml"


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("Europe/London"))


@pytest.fixture(scope="module")
def held(tmp_path_factory):
    """The shipped content with three more arrivals in one scenario, on Tuesday 3 March 2026 and after."""
    folder = tmp_path_factory.mktemp("team")
    for name in ("scenarios", "rubrics"):
        shutil.copytree(content.shipped() / name, folder / name)
    path = folder / RULE_7
    more = """
  - id: question
    at: first_day, 10:00
    from: member
    channel: email
    body: When is my letter due?
    starts: [service-levels.reply-to-email, data-protection.subject-access]
  - id: papers-come
    at: first_day + 1 working day, 10:00
    from: practice
    channel: email
    body: Here they are.
  - id: not-settled
    at: first_day + 1 working day, 15:00
    from: member
    channel: email
    body: That is no answer to what I asked.
    reopens: [service-levels.reply-to-email]
"""
    text = path.read_text().replace("\nexpectations:", more + "\nexpectations:", 1)
    path.write_text(text.replace("policies: [", "policies: [data-protection, ", 1))
    return content.load(folder)


def read(held, *steps):
    scenario = held.get_scenario("rule-7-handler-away")
    work = from_scenario(held, scenario, 1, {"first_day": "2026-03-24"})
    session = desk.open_session(held, work, "t")
    for step in steps:
        session = desk.decide(session, work.cases[0].key, Step.model_validate(step))
    record = desk.finish(session).record(work.cases[0].key)
    return {reading.clause: reading for reading in readings.read(record) if reading.item == "question"}


WAIT = {"do": "wait", "until": "first_day, 10:30"}
ASK = {"do": "request", "to": "practice", "item": "question", "waiting_for": "third party", "text": "Which letter, please?"}
DIARY = {"do": "diarise", "item": "question", "for": "first_day + 1 working day"}


def test_a_clock_rests_while_a_listed_reason_lasts_and_says_who_began_and_ended_it(held):
    clock = read(held, WAIT, ASK, DIARY)["service-levels.reply-to-email"]
    assert [r.why for r in clock.rests] == ["waiting for third party"]
    rest = clock.rests[0]
    assert rest.until == at("2026-03-25T10:00") and rest.begun_by < (rest.ended_by or 0)
    plain = read(held, WAIT)["service-levels.reply-to-email"]
    assert plain.due_at == at("2026-03-26T17:00")
    assert clock.due_at.date() == at("2026-03-27T12:00").date()


def test_no_diary_entry_no_rest(held):
    clock = read(held, WAIT, ASK)["service-levels.reply-to-email"]
    assert clock.rests == () and clock.due_at == at("2026-03-26T17:00")


def test_resting_an_internal_clock_never_rests_an_outside_one(held):
    assert read(held, WAIT, ASK, DIARY)["data-protection.subject-access"].rests == ()


def test_an_outside_clock_rests_for_the_laws_own_reason_in_whole_days(held):
    ask = ASK | {"waiting_for": "clarification"}
    clocks = read(held, WAIT, ask, DIARY)
    plain = read(held, WAIT)["data-protection.subject-access"]
    assert str(plain.due_on) == "2026-04-24"
    assert str(clocks["data-protection.subject-access"].due_on) == "2026-04-27"  # 25 April is a Saturday
    assert clocks["service-levels.reply-to-email"].rests == ()


def test_a_reopened_clock_goes_on_with_the_time_it_had(held):
    reply = {"do": "reply", "item": "question", "to": "member", "text": "Soon."}
    first = read(held, WAIT, reply)["service-levels.reply-to-email"]
    assert [r.why for r in first.rests] == ["stopped, then reopened"] and first.stopped_at is None
    rest = first.rests[0]
    assert rest.until == at("2026-03-25T15:00")
    again = read(held, WAIT, reply, {"do": "wait", "until": "first_day + 1 working day, 15:30"}, reply)
    assert again["service-levels.reply-to-email"].state == "met"
    assert again["service-levels.reply-to-email"].due_at == first.due_at > at("2026-03-26T17:00")


def test_the_rule_is_that_of_the_day_counting_starts_and_not_of_the_day_it_was_seen(tmp_path):
    for name in ("scenarios", "rubrics"):
        shutil.copytree(content.shipped() / name, tmp_path / name)
    path = tmp_path / "scenarios/policies/regulator-deadlines.yaml"
    old = path.read_text()
    head, rest = old.split("  - id: gmc-rule-7\n")
    clause, _, tail = rest.partition("\n  - id:")
    later = clause.replace("2004-11-01", "2026-03-10").replace("28 calendar days", "14 calendar days")
    first = clause.replace("effective_from: 2004-11-01", "effective_from: 2004-11-01\n    effective_to: 2026-03-09")
    path.write_text(f"{head}  - id: gmc-rule-7\n{first}\n  - id: gmc-rule-7\n{later}\n  - id:{tail}")
    library = content.load(tmp_path)
    work = from_scenario(library, library.get_scenario("rule-7-handler-away"), 1, {"first_day": "2026-03-24"})
    record = desk.finish(desk.open_session(library, work, "t")).record(work.cases[0].key)
    clock = next(r for r in readings.read(record) if r.clause == "regulator-deadlines.gmc-rule-7")
    assert str(clock.started_at.date()) == "2026-03-03" and str(clock.due_on) == "2026-03-31"


def test_each_reading_knows_when_it_turns_amber_and_red(held):
    warned = read(held, WAIT)["service-levels.reply-to-email"].warned
    assert at("2026-03-24T10:00") < warned.amber_at < warned.red_at < at("2026-03-26T17:00")

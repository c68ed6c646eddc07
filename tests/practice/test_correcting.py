"""A correction withdraws what lies only in our own file; what reached somebody stands."""

from __future__ import annotations

import pytest

from casework.model.errors import ActionRefused
from casework.model.scenarios import Step
from casework.practice import desk, readings
from casework.practice.cases import from_scenario
from casework.practice.replaying import replay
from casework.quality import checks


def opened(library):
    work = from_scenario(library, library.get_scenario("rule-7-handler-away"), 7)
    return desk.open_session(library, work, "a"), work.cases[0].key


def done(session, key, **step):
    return desk.decide(session, key, Step.model_validate(step))


def filed(session, key):
    record = session.record(key)
    expectation = next(e for e in record.case.scenario.expectations if e.id == "file-the-letter")
    return checks.handle(record, expectation).outcome


def test_a_tempting_filing_that_was_withdrawn_no_longer_counts(library):
    session, key = opened(library)
    session = done(session, key, do="index", item="rule-7-letter", **{"as": "general post"})
    first = session.events[-1].n
    assert filed(session, key) == "wrong"
    session = done(session, key, do="index", item="rule-7-letter", **{"as": "rule 7 letter"})
    assert filed(session, key) == "wrong"  # Filing it right beside the wrong entry leaves both in the file.
    again = done(session, key, do="correct", was="index", item="rule-7-letter", text="Filed it twice.")
    assert again.events[-1].corrects == first + 1 and filed(again, key) == "wrong"  # The latest goes first.
    again = done(again, key, do="correct", was="index", item="rule-7-letter")
    assert again.events[-1].corrects == first
    again = done(again, key, do="index", item="rule-7-letter", **{"as": "rule 7 letter"})
    assert filed(again, key) == "best"


def test_a_withdrawn_entry_no_longer_stops_a_clock_and_replays(library):
    session, key = opened(library)
    session = done(session, key, do="diarise", item="rule-7-letter", **{"for": "2026-03-31"})
    session = done(session, key, do="correct", was="diarise")
    assert all(r.stopped_by != 2 for r in readings.read(session.record(key)))
    finished = desk.finish(session)
    assert replay(library, finished.log()).events == finished.events


@pytest.mark.parametrize("was", ["reply", "say", "disclose", "escalate", "promise", "correct"])
def test_what_reached_somebody_cannot_be_called_back(library, was):
    session, key = opened(library)
    with pytest.raises(ActionRefused, match="cannot be called back"):
        done(session, key, do="correct", was=was)


def test_nothing_to_correct_is_said(library):
    session, key = opened(library)
    with pytest.raises(ActionRefused, match="no index to correct on rule-7-letter"):
        done(session, key, do="correct", was="index", item="rule-7-letter")

"""The laws of the data route, on random plays: whatever is asked, in whatever order."""

from datetime import UTC, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from casework import workbench
from casework.model.checks import ACTIONS
from casework.model.decisions import decode, encode
from casework.model.errors import ActionRefused
from casework.model.scenarios import Step
from casework.practice import desk
from casework.practice.replaying import replay

WORDS = st.sampled_from(["", "31 March 2026", "We'll sort it out.", "<script>alert(1)</script>", "é \u202e \U0001f600"])


@st.composite
def plays(draw, library):
    name = draw(st.sampled_from([*sorted(library.playable), *sorted(library.caseloads)]))
    work = workbench.caseload(library, name, draw(st.integers(1, 99)))
    steps = []
    for _ in range(draw(st.integers(1, 25))):
        case = draw(st.sampled_from(work.cases))
        papers, parties = st.sampled_from(sorted(case.papers)), st.sampled_from(sorted(case.parties))
        choices = [c.id for i in case.scenario.injects for t in i.conversation for c in t.choices]
        steps.append((draw(st.integers(0, 300)), case.key, {
            "do": draw(st.sampled_from([a for a in ACTIONS if a != "wait"])), "item": draw(st.none() | papers),
            "to": draw(st.none() | parties), "as": draw(st.sampled_from(["complaint", "issue", "breach", "general post"])),
            "for": draw(st.sampled_from(["first_day", "first_day + 1 working day", "2026-05-01"])), "text": draw(WORDS) or None,
            "choice": draw(st.sampled_from([None, *choices])), "acceptance": draw(st.sampled_from([None, "spoken", "none"])),
            "amount": draw(st.sampled_from([None, "£10", "abc"])),
        }))  # fmt: skip
    return work, steps


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_the_laws_hold_on_random_plays(library, data):
    work, steps = data.draw(plays(library))
    session = desk.open_session(library, work, "t")
    for pause, key, fields in steps:
        session = desk.wait_until(session, session.now + timedelta(minutes=pause))
        before = session.events
        try:
            session = desk.decide(session, key, Step.model_validate(fields))
        except ActionRefused:
            assert session.events == before  # refused: nothing lost, nothing half written
        assert session.events[: len(before)] == before  # events are only appended
    session = desk.finish(session)
    log = session.log()
    assert [e.n for e in log.events] == list(range(1, len(log.events) + 1))
    assert all(e.at.utcoffset() == timedelta(0) and e.at.tzinfo is not None for e in log.events)  # instants are UTC
    assert [e.at for e in log.events] == sorted(e.at for e in log.events)
    assert decode(encode(log)) == log and replay(library, log).log() == log
    numbers = {e.n for e in log.events}
    for card in workbench.score(library, log):  # a wrong choice is scored, never an exception
        record = session.record(card.case)
        for rating in card.ratings:
            assert set(rating.evidence) <= numbers and (rating.evidence or rating.explanation)
            if rating.status != "rated":
                assert rating.points == 0 and not rating.critical_error
        for handled in card.handled:  # nothing is judged on what could not yet be seen
            if record.arrived_at(handled.expectation.opens) is None:
                assert handled.outcome == "not opened"


def test_utc_is_what_the_log_says(library):
    log = workbench.play(library, "rule-7-handler-away", "steady", 1).log()
    assert all(e.at.astimezone(UTC) == e.at for e in log.events) and log.header.zone == "Europe/London"

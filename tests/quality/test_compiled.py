"""Many logs judged at once come out as each judged alone: status, exact share, grave, on any check and any log."""

import json
from datetime import timedelta
from fractions import Fraction
from typing import get_args

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter

from casework.model.checks import ACTIONS, Check, Handled, OnTime, Topic, parts
from casework.model.decisions import DecisionLog, Event, Header, Recorded, encode
from casework.model.errors import BadInput, BrokenLog
from casework.practice import cases, desk, imported, readings, trainees
from casework.practice.matching import Record
from casework.quality import compiled, signatures
from casework.quality.checks import Judge, handle
from casework.quality.compiled import Compiled, judge_many
from casework.quality.expected import Expected
from casework.quality.signatures import of_rows

SCALE = {"best": Fraction(1), "acceptable": Fraction(4, 5), "wrong": Fraction(0)}
TOPICS = get_args(Topic)
NAMES = ("rule-7-handler-away", "third-business-day", "subject-access-request", "two-letters-one-day", "first-days")
ACTS = ("note", "answer", "say", "reply", "call", "verify", "escalate", "diarise", "index", "log", "disclose", "approve_spend", "read")
some = {"min_size": 1, "max_size": 2, "unique": True}


def several(words):
    return st.lists(st.sampled_from(words), **some)


acts = several(ACTS)
WORDS = {
    "to": several(("member", "handler", "may_know", "if_nothing_named", "third_party", "cover_handler", "adviser")), "from": several(("member", "may_know", "regulator")),
    "item": several(("call", "letter", "complaint", "notice", "handler-answers")), "channel": several(("email", "Phone", "letter")), "as": several(("complaint", "risk", "letter")),
    "choice": several(("a", "own_words", "listen")), "cites": several(("authority.spend", "service-levels.ladder")), "acceptance": several(("yes", "no")),
    "for": st.sampled_from(("first_day", "first_day + 1 working day", "due_on")), "for_before": st.just("first_day + 5 working days"),
    "mentions": several(("first_day", "member", "handler", "reference")), "avoids": several(("member", "handler", "due_on")),
    "by": st.sampled_from(("first_day, 12:00", "first_day + 1 working day, 10:00", "desk closes")), "within": st.sampled_from(("authority.escalate-same-day", "complaints.third-day")),
    "after": st.sampled_from(("call", "letter", "complaint", "handler-answers")), "preceded_by": acts, "followed_by": acts,
    "empathy": several(("good", "fair", "poor")), "accuracy": several(("right", "partial", "wrong")),
}  # fmt: skip
asked = st.lists(st.sampled_from(sorted(WORDS)), max_size=2, unique=True).flatmap(lambda names: st.fixed_dictionaries({name: WORDS[name] for name in names}))
plain = st.one_of(
    st.tuples(acts, asked).map(lambda two: {"did": two[0], **two[1]}), st.tuples(acts, asked).map(lambda two: {"never": two[0], **two[1]}),
    st.tuples(acts, asked, asked).map(lambda three: {"every": {"did": three[0], **three[1]}, "must": three[2]}),
    st.tuples(acts, asked, asked).map(lambda three: {"every": {"did": three[0], **three[1]}, "must": three[2]}),
    st.sampled_from(({"handled": "escalation"}, {"handled": "diary"}, {"on_time": "internal"}, {"on_time": "external", "stopped_by": "assistant"}, {"at_most": "authority.spend"})),
)  # fmt: skip
checks = st.recursive(
    plain,
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=3).map(lambda some: {"all": some}), st.lists(inner, min_size=1, max_size=3).map(lambda some: {"any": some}), inner.map(lambda one: {"not": one})
    ),
    max_leaves=4,
)  # fmt: skip
CHANGES = {
    "do": st.sampled_from(ACTS), "to": st.sampled_from((None, "member", "handler", "nobody")), "from_": st.sampled_from((None, "member")), "item": st.sampled_from((None, "call", "letter")),
    "channel": st.sampled_from((None, "email", "phone")), "as_": st.sampled_from((None, "complaint", "risk")), "empathy": st.sampled_from((None, "good", "poor")),
    "accuracy": st.sampled_from((None, "right", "wrong")), "counts_as": st.sampled_from((None, "disclose", "note", "promise")), "amount": st.sampled_from((None, "GBP 50", "GBP 1,000.50")),
    "for_": st.sampled_from((None, "2026-03-24", "2026-03-25")), "mentions": st.sampled_from(((), ("member",), ("first_day", "handler"))), "corrects": st.integers(1, 12),
    "at": st.integers(-3, 30),
}  # fmt: skip


class World:
    """The content, and logs of scripted trainees with their cases; never written out whole when a test fails."""

    def __init__(self, library, played):
        self.library, self.played = library, played


@pytest.fixture(scope="module")
def world(library):
    found = []
    for name in [name for name in NAMES if name in library.playable or name in library.caseloads] + sorted(library.playable)[:12]:
        work = cases.named(library, name, 3)
        for trainee in list(trainees.PROFILES)[:3]:
            log = trainees.run(desk.open_session(library, work, trainee), trainee).log()
            found += [(case, desk.record_of(library, work, log, case.key).events) for case in work.cases]
    return World(library, found)


def altered(library, data, case, events):
    """A log with entries left out, said twice, changed, in another order; as played or as an export has it."""
    many = [events[n] for n in data.draw(st.lists(st.integers(0, len(events) - 1), max_size=14))] if data.draw(st.booleans()) else list(events)
    if data.draw(st.booleans()):
        many.sort(key=lambda event: event.n)
    for _ in range(data.draw(st.integers(0, 3)) if many else 0):
        which, field = data.draw(st.integers(0, len(many) - 1)), data.draw(st.sampled_from(sorted(CHANGES)))
        value = data.draw(CHANGES[field])
        if field == "amount":
            many[which] = many[which].model_copy(update={"do": "approve_spend"})
        if many[which].event == "decided" or field in ("at", "item"):
            many[which] = many[which].model_copy(update={field: many[which].at + timedelta(hours=value) if field == "at" else value})
    if data.draw(st.integers(0, 3)):
        many = [event.model_copy(update={"n": n}) for n, event in enumerate(many, 1)]
    return (case, tuple(many)) if data.draw(st.integers(0, 2)) else exported(library, data, case, tuple(many))


def exported(library, data, case, events):
    """The same as real work: parties by their role, and an export that records so much and no more."""
    roles = {party.id: party.role for party in case.parties.values()}
    when = data.draw(st.sampled_from((0, 0, 0, 7300)))  # Older than any clause.
    named = tuple(Event.model_validate({
        **e.model_dump(), "case": "one", "to": roles.get(e.to), "from_": roles.get(e.from_), "by": roles.get(e.by),
        "at": e.at - timedelta(days=when), "starts": ("service-levels.acknowledge",) if e.event == "arrived" else (),
    }) for e in events)  # fmt: skip
    recorded = Recorded(
        actions=tuple(data.draw(st.lists(st.sampled_from(ACTS), unique=True))), details=tuple(data.draw(st.lists(st.sampled_from(("to", "item", "for", "mentions", "amount", "channel")), unique=True))),
        may_know=data.draw(st.sampled_from(({}, {"member": True}, {"member": True, "third_party": False}))), office="england-and-wales", authority="england-and-wales",
    )  # fmt: skip
    header = Header(session="1" * 16, trainee="t", source="imported", mode="live", version=1, seed=1, zone="Europe/London", engine="0", digests={}, recorded=recorded)
    try:
        return imported.work_of(library, DecisionLog(header, named)).cases[0], named
    except BrokenLog:
        return case, events


def alone(library, asked, case, events):
    """A log's verdicts by the judge; None where a clause or date cannot be worked out."""
    record = Record(library, case, events)
    try:
        inside = [part for check in asked for part in parts(check)]
        topics = [part.handled for part in inside if isinstance(part, Handled)]
        clocks = readings.read(record) if any(isinstance(part, OnTime) for part in inside) else ()
        judge = Judge(record, clocks, tuple(handle(record, one) for one in case.scenario.expectations if one.topic in topics), SCALE)
        return tuple((found.status, found.share, found.grave) for found in map(judge.verdict, asked))
    except BadInput:
        return None


def at_once(library, asked, logs, **how):
    return [sheet.row(n) for sheet in judge_many(Compiled(library, asked, [SCALE] * len(asked)), logs, **how) for n in range(len(sheet))]


def rows_of(events):
    """The lines of a log's file, parsed."""
    header = Header(session="1" * 16, trainee="t", source="simulated", mode="scripted", version=1, seed=1, zone="UTC", engine="0", digests={})
    return [json.loads(line) for line in encode(DecisionLog(header, events)).splitlines()[1:]]


@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_any_checks_on_any_logs_give_what_the_judge_gives_from_entries_and_from_rows(world, data):
    asked = [TypeAdapter(Check).validate_python(one) for one in data.draw(st.lists(checks, min_size=1, max_size=6))]
    logs = [altered(world.library, data, *world.played[data.draw(st.integers(0, len(world.played) - 1))]) for _ in range(data.draw(st.integers(1, 6)))]
    found = [alone(world.library, asked, *one) for one in logs]
    known = [one for one, row in zip(logs, found, strict=True) if row is not None]
    expected = [row for row in found if row is not None]
    same = at_once(world.library, asked, known) == expected
    assert same, asked
    same = at_once(world.library, asked, [(case, rows_of(events)) for case, events in known], read=of_rows) == expected
    assert same, asked
    for one, row in zip(logs, found, strict=True):
        if row is None:
            with pytest.raises(BadInput):
                at_once(world.library, asked, [one])


@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_expectations_come_out_as_handled_one_by_one(world, data):
    expected = Expected(world.library, TOPICS)
    for _ in range(data.draw(st.integers(1, 4))):
        case, events = altered(world.library, data, *world.played[data.draw(st.integers(0, len(world.played) - 1))])
        record = Record(world.library, case, events)
        found = [(one.expectation.id, one.outcome) for one in expected.of(record)]
        assert found == [(one.id, handle(record, one).outcome) for one in case.scenario.expectations]


def test_every_criterion_of_the_shipped_rubric_comes_out_as_judged(world):
    asked = [c.check or c.applies_when for c in world.library.rubrics["case-handling"].criteria]
    assert at_once(world.library, asked, world.played) == [alone(world.library, asked, *one) for one in world.played]


def test_what_is_kept_is_forgotten_before_it_grows_without_end_and_verdicts_stay(world, monkeypatch):
    asked = [TypeAdapter(Check).validate_python({"every": {"did": ["read", "say", "note"], "to": "member"}, "must": {"mentions": "handler"}})]
    expected = at_once(world.library, asked, world.played)
    for name in ("SIGNATURES", "CASES"):
        with monkeypatch.context() as small:
            small.setattr(signatures, name, 3)
            small.setattr(compiled, "CHUNK", 5)
            made = Compiled(world.library, asked)
            assert [sheet.row(n) for sheet in judge_many(made, world.played) for n in range(len(sheet))] == expected
            assert name != "SIGNATURES" or made.count < 60


def test_a_thousand_kinds_of_decision_find_room_as_a_few_do(world):
    asked = [TypeAdapter(Check).validate_python({"every": {"did": list(ACTIONS), "item": [f"item-{n}", "note"]}, "must": {"followed_by": "note"}}) for n in range(40)]
    logs = [
        (case, tuple(e.model_copy(update={"item": f"item-{(n + 9 * log) % 300}" if n % 3 else e.item}) for n, e in enumerate(events)))
        for log, (case, events) in enumerate(world.played)
    ]  # fmt: skip
    made = Compiled(world.library, asked, [SCALE] * len(asked))
    assert [sheet.row(n) for sheet in judge_many(made, logs) for n in range(len(sheet))] == [alone(world.library, asked, *one) for one in logs]
    assert made.table.shape[0] > 1 and made.table.shape[1] > 256


def test_logs_are_taken_as_they_come_and_given_back_in_their_order(world):
    taken = []

    def coming():
        for one in world.played * 60:
            taken.append(one)
            yield one

    asked = [TypeAdapter(Check).validate_python({"did": "note"})]
    first = next(judge_many(Compiled(world.library, asked), coming()))
    assert len(taken) == len(first) == compiled.CHUNK
    assert list(judge_many(Compiled(world.library, asked), [])) == [] and at_once(world.library, asked, [(world.played[0][0], ())]) == [(("rated", 0, False),)]

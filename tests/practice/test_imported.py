"""Real work scored by the rubric: what the export records decides, and what it does not is unscored, never nought."""

from datetime import UTC, datetime, timedelta

import pytest

from casework import workbench
from casework.model.decisions import DecisionLog, Event, Header, Recorded, decode, encode

MONDAY = datetime(2026, 3, 2, 9, tzinfo=UTC)
MOST = ("answer", "verify", "note", "reply", "acknowledge", "call", "disclose", "diarise", "close", "escalate")


def log(*events, actions=MOST, details=("item", "to", "from", "channel"), may_know=None, others=(), precision="second"):
    """An imported log of one case; each event is (hours from Monday nine o'clock, fields)."""
    recorded = Recorded(
        actions=actions, details=details, may_know={"member": True} if may_know is None else may_know, others=others, precision=precision,
        office="england-and-wales", authority="england-and-wales",
    )  # fmt: skip
    header = Header(
        session="1" * 16, trainee="assistant-1", source="imported", mode="live", version=1, seed=1, zone="Europe/London", engine="0.1.0",
        digests={"mapping/our-system": "0" * 64}, recorded=recorded,
    )  # fmt: skip
    rows = [(0, {"event": "opened"}), *((hours, {"case": "case-1", **fields}) for hours, fields in events), (events[-1][0] if events else 0, {"event": "closed", "case": None})]
    return DecisionLog(header, tuple(Event.model_validate({"n": n, "at": MONDAY + timedelta(hours=h), **fields}) for n, (h, fields) in enumerate(rows, 1)))


def did(do, **fields):
    return {"event": "decided", "do": do, **fields}


def rated(library, played):
    (card,) = workbench.score(library, decode(encode(played)))
    return {r.criterion.id: r for r in card.ratings}, card


WORK = (
    (0, {"event": "arrived", "item": "call", "from": "member"}), (0.1, did("answer", item="call", **{"from": "member"})), (0.2, did("verify", item="call")),
    (0.3, did("note", item="call")), (1, did("reply", to="member")), (2, did("diarise")), (3, did("close")),
)  # fmt: skip


def test_what_is_recorded_is_rated_and_what_was_expected_is_left_to_a_person(library):
    found, card = rated(library, log(*WORK))
    assert {id: (found[id].status, found[id].rating) for id in ("identity-first", "note-after-contact", "next-step", "right-recipient")} == {
        "identity-first": ("rated", 1), "note-after-contact": ("rated", 1), "next-step": ("rated", 1), "right-recipient": ("rated", 1),
    }  # fmt: skip
    handled = [r for r in found.values() if hasattr(r.criterion.check, "handled")]
    assert handled and all(r.status == "unscored" and "nobody declared what was expected" in r.explanation for r in handled)
    assert card.provisional and card.passed is None and card.low < card.high == 100


@pytest.mark.parametrize(("criterion", "left_out", "told"), [
    ("nothing-deleted", (), "the export does not record delete"),
    ("no-advice", (), "the export does not record give_opinion"),
    ("no-spend", (), "the export does not record approve_spend"),
    ("said-right", (), "the export does not record say"),
    ("note-after-contact", ("note",), "the export does not record what would tell"),
    ("identity-first", ("verify",), "the export does not record what would tell"),
    ("right-recipient", ("disclose",), "the export does not record disclose"),
    ("next-step", ("diarise", "close"), "the export does not record"),
    ("note-useful", ("note",), "cannot be told whether it applies"),
    ("external-on-time", (), "the export starts no external clock"),
])  # fmt: skip
def test_a_criterion_that_the_export_cannot_evidence_is_unscored(library, criterion, left_out, told):
    kept = tuple(row for row in WORK if row[1].get("do") not in left_out)
    found, _ = rated(library, log(*kept, actions=tuple(a for a in MOST if a not in left_out)))
    assert found[criterion].status == "unscored" and told in found[criterion].explanation


def test_what_is_recorded_and_missing_is_a_lost_mark(library):
    found, _ = rated(library, log(*(row for row in WORK if row[1].get("do") not in ("note", "verify"))))
    assert (found["note-after-contact"].status, found["note-after-contact"].rating) == ("rated", 0)
    assert found["identity-first"].critical_error


def test_one_met_part_decides_though_another_is_not_recorded(library):
    found, _ = rated(library, log(*(row for row in WORK if row[1].get("do") != "diarise"), actions=tuple(a for a in MOST if a != "diarise")))
    assert (found["next-step"].status, found["next-step"].rating) == ("rated", 1)


def test_to_whom_something_may_be_told_is_asked_of_the_mapping(library):
    told = ((0, did("reply", to="third_party")), (1, did("close")))
    assert rated(library, log(*told))[0]["right-recipient"].status == "unscored"
    words = rated(library, log(*told, may_know={"third_party": False}))[0]["right-recipient"]
    assert words.status == "unscored", "a reply that names nothing of the case may go to anyone; whether it did is not recorded"
    bland = rated(library, log(*told, may_know={"third_party": False}, details=("to", "mentions")))[0]["right-recipient"]
    assert (bland.status, bland.rating) == ("rated", 1)
    given = ((0, did("verify")), (0.1, did("disclose", to="third_party")), (1, did("close")))
    assert rated(library, log(*given, may_know={"third_party": False}))[0]["right-recipient"].critical_error


STARTS = {"event": "arrived", "item": "complaint", "from": "member", "starts": ["service-levels.acknowledge"]}


@pytest.mark.parametrize(("hours", "actions", "precision", "status", "rating"), [
    (3, MOST, "second", "rated", 1),
    (24 * 10, MOST, "second", "rated", 0),
    (24 * 10, tuple(a for a in MOST if a not in ("acknowledge", "reply", "call")), "second", "unscored", 0),
])  # fmt: skip
def test_clocks_run_on_what_arrived(library, hours, actions, precision, status, rating):
    work = [(0, STARTS)]
    work += [(hours, did("acknowledge", item="complaint", to="member"))] if "acknowledge" in actions else []
    found, card = rated(library, log(*work, (24 * 11, did("close")), actions=actions, precision=precision))
    assert (found["internal-on-time"].status, found["internal-on-time"].rating) == (status, rating), found["internal-on-time"].explanation


def test_an_answer_to_the_first_letter_does_not_stop_the_clock_of_the_second_of_that_name(library):
    late = log((0, STARTS), (2, did("acknowledge", item="complaint", to="member")), (24 * 7, STARTS), (24 * 20, did("close")))
    found, card = rated(library, late)
    assert [c.state for c in card.clocks] == ["met", "missed"] and found["internal-on-time"].rating * 2 == 1


def test_on_the_day_is_in_time_where_the_export_knows_days_only(library):
    due = next(c.due_at for c in rated(library, log((0, STARTS), (24 * 11, did("close"))))[1].clocks)
    hours = (due.replace(hour=23, minute=59) - MONDAY) / timedelta(hours=1)
    states = {p: rated(library, log((0, STARTS), (hours, did("acknowledge", item="complaint", to="member")), (24 * 11, did("close")), precision=p))[1].clocks[0].state
              for p in ("second", "day")}  # fmt: skip
    assert states == {"second": "missed", "day": "met"}


def test_it_is_shown_and_verified_as_any_log(library, tmp_path):
    from casework.edges import logfiles

    logfiles.save(log(*WORK), (), tmp_path / "one.jsonl")
    verdict, session = workbench.verify(library, tmp_path / "one.jsonl", False)
    told = [what for _, _, what in workbench.timeline(session)]
    assert verdict.ok and told[0] == "the record begins" and "call arrives from member" in told
    (debrief,) = workbench.debrief(library, log(*WORK), "case-handling", {})
    assert debrief.scorecard.trainee == "assistant-1"


def test_work_older_than_any_clause_or_calendar_is_scored_with_what_can_be_told(library):
    old = log((0, STARTS), *WORK[3:], (30, did("approve_spend", amount="GBP 50")), actions=(*MOST, "approve_spend"), details=("amount",))
    moved = DecisionLog(old.header, tuple(e.model_copy(update={"at": e.at.replace(year=2006)}) for e in old.events))
    found, card = rated(library, moved)
    assert card.clocks == () and found["internal-on-time"].status == "unscored"
    assert "no version of authority.spend was in force on 02 March 2006" in found["no-spend"].explanation
    assert found["next-step"].rating == 1

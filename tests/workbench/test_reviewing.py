"""Marking, double marking, adjudication and appeals, on a store with several people."""

import gc
from datetime import UTC, datetime, timedelta
from fractions import Fraction

import pytest

from casework import workbench
from casework.edges.store import reviews as chains
from casework.edges.store.records import open_store
from casework.edges.store.verifying import verify
from casework.model.errors import BadInput, Refused, StaleWrite
from casework.model.people import Person
from casework.model.reviews import review_id
from casework.quality import reviews
from casework.workbench import Access, sheets

SCENARIO = "rule-7-handler-away"
JUDGED = ("tone-written", "plain-words", "note-useful")
BEST = {"tone-written": "warm and clear", "plain-words": "plain", "note-useful": "could take over"}


class Desk:
    """A store with a trainee's finished session, three reviewers, a lead and a trainer."""

    def __init__(self, library, url="sqlite://", answer="exemplary"):
        self.library, self.store = library, open_store(url)
        for id, role in {"zoe": "trainee", "r1": "reviewer", "r2": "reviewer", "r3": "reviewer", "lee": "lead", "tom": "trainer"}.items():
            self.store.add_person(Person(id, (role,)), f"Name of {id}", id)
        played = workbench.play_answer(library, SCENARIO, library.answers[SCENARIO][answer].model_copy(update={"trainee": "zoe"}), 1)
        self.log = played.log()
        head = self.store.begin(self.log, played.salt_key, played.now)
        self.session = head.session

    def __call__(self, person):
        return Access(self.store.find_person(person), self.store, self.library)

    def open(self, person):
        return workbench.open_review(self(person), self.session)

    def mark_all(self, person, **levels):
        seen = self.open(person)
        for criterion in seen.left:
            level = levels.get(criterion, BEST[criterion])
            seen = workbench.mark(self(person), self.session, seen, criterion, level, f"{person} saw it at entry 3.", "tone" if level != BEST[criterion] else None)
        return workbench.submit_review(self(person), self.session, seen)


@pytest.fixture
def desk(library):
    return Desk(library)


def test_of_two_who_save_at_once_the_second_is_told_both_values_and_both_attempts_are_kept(desk):
    one, two = desk.open("r1"), desk.open("r2")
    assert one.sheet.version == two.sheet.version
    workbench.mark(desk("r1"), desk.session, one, "tone-written", "warm and clear")
    with pytest.raises(StaleWrite, match="r1 marked 'warm and clear'; you wanted 'cold or curt'"):
        workbench.mark(desk("r2"), desk.session, two, "tone-written", "cold or curt", "Only orders.", "tone")
    now = desk.open("r2").sheet
    assert now.marks["tone-written"].level == "warm and clear" and now.marks["tone-written"].by == "r1"
    assert [(e.by, e.level, e.was) for e in now.refused] == [("r2", "cold or curt", "warm and clear")]
    again = workbench.mark(desk("r1"), desk.session, desk.open("r1"), "plain-words", "plain")
    assert again.sheet.version == now.version + 1, "a refused attempt must not make the first marker late"
    assert verify(desk.store).ok, verify(desk.store).problems


def test_a_second_click_is_the_same_mark(desk):
    seen = desk.open("r1")
    first = workbench.mark(desk("r1"), desk.session, seen, "tone-written", "warm and clear")
    second = workbench.mark(desk("r1"), desk.session, seen, "tone-written", "warm and clear")
    assert first.sheet.version == second.sheet.version and not second.sheet.refused


def test_a_draft_outlives_the_kernel(library, tmp_path):
    desk = Desk(library, f"sqlite:///{tmp_path / 'store.sqlite'}")
    workbench.mark(desk("r1"), desk.session, desk.open("r1"), "tone-written", "polite but flat", "No worry named.", "tone")
    desk.store.close()
    store = open_store(f"sqlite:///{tmp_path / 'store.sqlite'}")
    seen = workbench.open_review(Access(store.find_person("r1"), store, library), desk.session)
    assert seen.sheet.marks["tone-written"].level == "polite but flat" and seen.reasons["tone-written"] == "No worry named."


@pytest.mark.parametrize(("criterion", "level", "reason", "cause", "told"), [
    ("tone-written", "cold or curt", "", None, "needs a reason, because the level is low"),
    ("tone-written", "cold or curt", "Orders only.", None, "say where it was lost"),
    ("tone-written", "freezing", "x", None, "found 'freezing'; allowed: warm and clear, polite but flat, cold or curt"),
    ("tone-written", "cold or curt", "x", "weather", "cause: found 'weather'; allowed: did-not-know"),
    ("no-promise", "not met", "", None, "because it is a critical error"),
    ("identity-first", "not applicable", "", None, "because it overrules the automatic rating"),
    ("tone-written", "cannot tell", "", None, "what could not be told"),
    ("no-such", "met", "x", None, "found 'no-such'"),
])  # fmt: skip
def test_a_mark_that_needs_its_reason_is_not_taken_without(desk, criterion, level, reason, cause, told):
    seen = desk.open("r1")
    with pytest.raises(BadInput, match=told):
        workbench.mark(desk("r1"), desk.session, seen, criterion, level, reason, cause)
    assert desk.open("r1").sheet.version == seen.sheet.version


def test_evidence_must_be_entries_of_the_case(desk):
    with pytest.raises(BadInput, match="entries 9999 are not entries of this case"):
        workbench.mark(desk("r1"), desk.session, desk.open("r1"), "tone-written", "warm and clear", evidence=(3, 9999))


def test_a_sheet_is_handed_in_whole_and_then_stays(desk):
    seen = desk.open("r1")
    with pytest.raises(BadInput, match="still to mark: tone-written"):
        workbench.submit_review(desk("r1"), desk.session, seen)
    done = desk.mark_all("r1")
    with pytest.raises(Refused, match="handed in and stays as it is"):
        workbench.mark(desk("r1"), desk.session, done, "tone-written", "cold or curt", "x", "tone")
    with pytest.raises(Refused, match="this file has been marked"):
        desk.open("r3")


def test_nobody_marks_their_own_work_nor_an_unfinished_one(desk):
    person = desk.store.find_person("zoe")
    desk.store.change_person(Person("zoe", ("trainee", "reviewer"), True, person.version))
    with pytest.raises(Refused, match="nobody marks their own work"):
        desk.open("zoe")
    sitting = workbench.begin_session(desk("zoe"), SCENARIO, 3)
    with pytest.raises(Refused, match="still under way"):
        workbench.open_review(desk("r1"), sitting.id)


def test_a_blind_second_marker_holds_nothing_of_the_first_mark_until_it_is_handed_in(desk):
    secret = "a phrase that only the first marker wrote"
    seen = workbench.mark(desk("r1"), desk.session, desk.open("r1"), "tone-written", "cold or curt", secret, "tone")
    for criterion in seen.left:
        seen = workbench.mark(desk("r1"), desk.session, seen, criterion, BEST[criterion])
    workbench.submit_review(desk("r1"), desk.session, seen)
    workbench.assign_review(desk("lee"), desk.session, SCENARIO, "second", "r2")
    del seen
    gc.collect()
    mine = desk.open("r2")
    queue = workbench.files_to_mark(desk("r2"))
    held = [o for o in gc.get_objects() if isinstance(o, (reviews.Sheet, reviews.MarkMade)) and "r1" in repr(o)]
    assert mine.slot == "second" and not mine.sheet.marks and not held
    shown = repr([mine.sheet, mine.reasons, mine.card.ratings, mine.timeline, mine.disputes, queue])
    assert secret not in shown and "cold or curt" not in repr(mine.sheet) and "zoe" not in shown and "r1" not in repr(queue)
    for refused in (lambda: workbench.agreed_of(desk("r2"), desk.session), lambda: workbench.marks_of(desk("r2"))):
        try:
            assert "r1" not in repr(refused())
        except Refused as error:
            assert "your own sheet on this file is still open" in str(error)
    desk.mark_all("r2")
    after = workbench.agreed_of(desk("r2"), desk.session)
    assert after.open == ("tone-written",) and secret in after.reasons["tone-written"]


def test_who_has_seen_a_sheet_cannot_be_its_second_marker(desk):
    workbench.mark(desk("r1"), desk.session, desk.open("r1"), "tone-written", "warm and clear")
    desk.open("r2")
    with pytest.raises(Refused, match="has, or has seen, the first sheet"):
        workbench.assign_review(desk("lee"), desk.session, SCENARIO, "second", "r2")
    for who in ("r1", "zoe", "nobody"):
        with pytest.raises(BadInput):
            workbench.assign_review(desk("lee"), desk.session, SCENARIO, "second", who)
    workbench.assign_review(desk("tom"), desk.session, SCENARIO, "second", "r3")
    assert desk.open("r3").slot == "second"


def double_marked(desk):
    workbench.assign_review(desk("lee"), desk.session, SCENARIO, "first", "r1")
    workbench.assign_review(desk("lee"), desk.session, SCENARIO, "second", "r2")
    desk.mark_all("r1")
    desk.mark_all("r2", **{"tone-written": "cold or curt"})
    return workbench.agreed_of(desk("lee"), desk.session)


def test_a_difference_is_unscored_until_a_third_person_settles_it_with_reasons(desk):
    found = double_marked(desk)
    rating = next(r for r in found.card.ratings if r.criterion.id == "tone-written")
    assert found.open == ("tone-written",) and rating.status == "unscored" and found.card.provisional
    assert "two markers differ: warm and clear and cold or curt" in rating.explanation
    with pytest.raises(Refused, match="someone who did not"):
        workbench.adjudicate(desk("r1"), desk.session, found, "tone-written", "polite but flat", "Between the two.")
    with pytest.raises(BadInput, match="needs a reason"):
        workbench.adjudicate(desk("r3"), desk.session, found, "tone-written", "polite but flat", " ")
    with pytest.raises(BadInput, match="the markers differ on tone-written"):
        workbench.adjudicate(desk("r3"), desk.session, found, "plain-words", "plain", "x")
    with pytest.raises(Refused, match="the markers differ on tone-written"):
        workbench.send_feedback(desk("lee"), desk.session, found, "Well done.")
    settled = workbench.adjudicate(desk("r3"), desk.session, found, "tone-written", "polite but flat", "Civil, and names no worry.")
    rating = next(r for r in settled.card.ratings if r.criterion.id == "tone-written")
    assert rating.rating == Fraction(1, 2) and not settled.open and not settled.card.provisional
    assert settled.held["tone-written"].levels == ("warm and clear", "cold or curt"), "both marks stay"
    with pytest.raises(StaleWrite, match="r3 settled tone-written as 'polite but flat'; you wanted 'warm and clear'"):
        workbench.adjudicate(desk("lee"), desk.session, found, "tone-written", "warm and clear", "I differ.")
    assert verify(desk.store).ok


def test_feedback_is_read_appealed_in_time_and_answered_by_someone_else(desk, monkeypatch):
    found = double_marked(desk)
    with pytest.raises(Refused, match="not given back yet"):
        workbench.agreed_of(desk("zoe"), desk.session)
    settled = workbench.adjudicate(desk("r3"), desk.session, found, "tone-written", "cold or curt", "Only orders in it.")
    sent = workbench.send_feedback(desk("lee"), desk.session, settled, "Your dates are sure. The letter to Dr Shah reads as an order.")
    mine = workbench.agreed_of(desk("zoe"), desk.session)
    assert mine.feedback.startswith("Your dates") and mine.appeal_by is not None
    mine = workbench.acknowledge_feedback(desk("zoe"), desk.session, mine)
    assert mine.course.acknowledged.by == "zoe"
    mine = workbench.appeal_mark(desk("zoe"), desk.session, mine, "tone-written", "The second letter names her worry.")
    with pytest.raises(Refused, match="an answer is final"):
        workbench.appeal_mark(desk("zoe"), desk.session, mine, "tone-written", "Again.")
    for marker in ("r1", "r2", "r3"):
        with pytest.raises(Refused, match="someone who did neither"):
            workbench.answer_appeal(desk(marker), desk.session, mine, "tone-written", "warm and clear", "Yes.")
    answered = workbench.answer_appeal(desk("lee"), desk.session, mine, "tone-written", "polite but flat", "The second letter does.")
    assert answered.held["tone-written"].through == "appeal" and answered.held["tone-written"].level == "polite but flat"
    assert answered.course.settled["tone-written"].level == "cold or curt", "what was marked before is kept"
    assert answered.card.total > sent.card.total

    later = sent.appeal_by + timedelta(minutes=1)
    monkeypatch.setattr(sheets, "now", lambda: later)
    with pytest.raises(Refused, match="the time for an appeal ended on"):
        workbench.appeal_mark(desk("zoe"), desk.session, answered, "plain-words", "Late.")


def test_the_window_of_an_appeal_is_counted_in_working_days_by_the_clause(desk, monkeypatch):
    monkeypatch.setattr(sheets, "now", lambda: datetime(2026, 12, 23, 10, tzinfo=UTC))
    desk.mark_all("r1")
    found = workbench.send_feedback(desk("r1"), desk.session, workbench.agreed_of(desk("r1"), desk.session), "Good.")
    # Five working days after Wednesday 23 December: the 24th, the 29th to the 31st (Boxing Day's substitute is the 28th), 4 January.
    assert found.appeal_by.date().isoformat() == "2027-01-04"


def test_a_person_outranks_the_machine_and_not_applicable_weights_go_to_the_rest(desk):
    seen = desk.open("r1")
    automatic = {r.criterion.id: r for r in seen.card.ratings}
    assert automatic["said-right"].status == "rated" and automatic["said-right"].rating == 1
    seen = workbench.mark(desk("r1"), desk.session, seen, "said-right", "none of them", "The date said at entry 5 is a day late.", "slip", (5,))
    desk.mark_all("r1")
    found = workbench.agreed_of(desk("lee"), desk.session)
    rating = next(r for r in found.card.ratings if r.criterion.id == "said-right")
    assert (rating.status, rating.rating, rating.points) == ("rated", 0, 0)
    assert found.card.total == 100 - rating.available
    assert found.automatic.total > found.card.total, "the raw rating stands beside"


def test_without_a_difference_the_agreed_total_is_the_marked_one(desk, library):
    desk.mark_all("r1")
    found = workbench.agreed_of(desk("lee"), desk.session)
    from casework.practice.replaying import caseload_of
    from casework.quality import scoring

    direct = scoring.score(library, caseload_of(library, desk.log), desk.log, library.get_rubric("case-handling"), {c: BEST[c] for c in JUDGED})[0]
    assert found.card.total == direct.total and found.card.band == direct.band and found.card.passed is True


def test_erasure_takes_the_words_of_reviews_and_leaves_the_marks(desk):
    desk.mark_all("r1", **{"tone-written": "cold or curt"})
    desk.store.add_person(Person("chief", ("admin",)), "Chief", "chief")
    workbench.erase_person(desk("chief"), "zoe")
    assert chains.words(desk.store, review_id(desk.session, SCENARIO, "first")) == {}
    found = workbench.agreed_of(desk("lee"), desk.session)
    assert found.held["tone-written"].level == "cold or curt" and found.reasons["tone-written"] == ()
    assert verify(desk.store).ok


def test_a_compliant_file_with_a_poor_outcome_and_the_reverse_are_both_seen(library):
    good = Desk(library)
    good.mark_all("r1")
    seen = workbench.open_outcome(good("r2"), good.session)
    assert seen.slot == "outcome" and seen.left == ("right-outcome", "timely-outcome", "understood", "supported", "harmed")
    levels = {"right-outcome": "wrong", "timely-outcome": "in time", "understood": "understood", "supported": "supported", "harmed": "no harm"}
    for criterion, level in levels.items():
        seen = workbench.mark(good("r2"), good.session, seen, criterion, level, "The reply never reached the regulator.", "system" if level == "wrong" else None)
    before = workbench.outcomes_of(good("lee"))
    assert [f.good for f in before.waiting] == [None] and before.waiting[0].compliant is True
    workbench.submit_review(good("r2"), good.session, seen)
    found = workbench.outcomes_of(good("lee"))
    assert [(f.case, f.lost) for f in found.compliant_but_poor] == [(SCENARIO, ("right-outcome",))] and not found.waiting
    assert (found.poor_of_compliant.hits, found.poor_of_compliant.n) == (1, 1) and found.poor_of_compliant.low > 0.2
    assert workbench.agreed_of(good("lee"), good.session).card.passed is True, "the outcome is beside the handling, never in its total"

    poor = Desk(library, answer="waits-for-handler")
    poor.mark_all("r1")
    seen = workbench.open_outcome(poor("r2"), poor.session)
    for criterion, level in (levels | {"right-outcome": "right by a detour"}).items():
        seen = workbench.mark(poor("r2"), poor.session, seen, criterion, level)
    workbench.submit_review(poor("r2"), poor.session, seen)
    found = workbench.outcomes_of(poor("lee"))
    assert len(found.good_all_the_same) == 1 and found.poor_of_compliant is None


def test_real_work_is_brought_in_once_and_marked_like_any_file(desk, tmp_path):
    from test_rights import imported_log

    from casework.edges import logfiles

    logfiles.save(imported_log(7), (), tmp_path / "seven.jsonl")
    assert workbench.bring_in(desk("tom"), tmp_path) == (1, 0) and workbench.bring_in(desk("tom"), tmp_path) == (0, 1)
    file = next(f for f in workbench.files_to_mark(desk("r1")) if f.work == "real work")
    assert file.alias.startswith("candidate-") and file.case == "case-7"
    seen = workbench.open_review(desk("r1"), file.session)
    assert seen.left == ("tone-written", "plain-words", "note-useful")
    for criterion in seen.left:
        seen = workbench.mark(desk("r1"), file.session, seen, criterion, "cannot tell", "The words were not brought in.")
    seen = workbench.mark(desk("r1"), file.session, seen, "escalated", "best", "The lead had it within the hour.")
    workbench.submit_review(desk("r1"), file.session, seen)
    found = workbench.agreed_of(desk("lee"), file.session)
    assert next(r for r in found.card.ratings if r.criterion.id == "escalated").rating == 1 and found.card.provisional
    assert verify(desk.store).ok
    logfiles.save(desk.log, (), tmp_path / "played.jsonl")
    with pytest.raises(BadInput, match="played.jsonl is no imported log"):
        workbench.bring_in(desk("tom"), tmp_path)


def test_the_anchor_knows_how_long_a_review_was(library, tmp_path):
    import json
    import sqlite3

    desk = Desk(library, f"sqlite:///{tmp_path / 'store.sqlite'}")
    desk.mark_all("r1")
    assert verify(desk.store).ok
    desk.store.close()
    with sqlite3.connect(tmp_path / "store.sqlite") as base:
        for name in ("update", "delete", "replace"):
            base.execute(f"DROP TRIGGER review_entries_no_{name}")
        id = review_id(desk.session, SCENARIO, "first")
        (n,) = base.execute("SELECT n FROM reviews WHERE id = ?", (id,)).fetchone()
        base.execute("DELETE FROM review_entries WHERE review = ? AND n = ?", (id, n))
        (line,) = base.execute("SELECT line FROM review_entries WHERE review = ? AND n = ?", (id, n - 1)).fetchone()

        base.execute("UPDATE reviews SET n = ?, hash = ?, version = version - 1 WHERE id = ?", (n - 1, json.loads(line)["hash"], id))
    problems = verify(open_store(f"sqlite:///{tmp_path / 'store.sqlite'}")).problems
    assert any(f"review {id}" in p and "its tail was cut off" in p for p in problems)

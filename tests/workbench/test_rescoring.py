"""A rubric changed after files were marked: previewed, taken over, human marks kept and flagged."""

from fractions import Fraction

import pytest
from test_reviewing import Desk

from casework import workbench
from casework.edges.store import reviews as chains
from casework.edges.store.verifying import verify
from casework.model.errors import BadInput


@pytest.fixture
def desk(library):
    return Desk(library)


def edited(rubric, version=99, pass_mark=None, **criteria):
    """The rubric with some criteria changed."""
    sections = tuple(
        section.model_copy(update={"criteria": tuple(c.model_copy(update=criteria.get(c.id.replace("-", "_"), {})) for c in section.criteria)})
        for section in rubric.sections
    )
    return rubric.model_copy(update={"version": version, "sections": sections, "pass_mark": pass_mark or rubric.pass_mark})


def test_a_preview_says_whose_result_flips_and_why_and_writes_nothing(desk, library):
    desk.mark_all("r1", **{"tone-written": "cold or curt"})
    heavier = edited(library.get_rubric("case-handling"), tone_written={"weight": Fraction(300)})
    before = chains.counted(desk.store)
    found = workbench.rescore_preview(desk("lee"), heavier)
    (change,) = found.flipped
    assert change.before.passed is True and change.before.band == "distinction" and change.after.band == "pass"
    assert change.why[0].startswith("empathy-spoken: 5.0 points, then 0.2")
    assert not change.stale and found.changed_criteria == ()
    assert chains.counted(desk.store) == before


def test_taken_over_it_keeps_human_marks_and_flags_those_on_changed_criteria(desk, library):
    desk.mark_all("r1", **{"tone-written": "cold or curt"})
    rubric = library.get_rubric("case-handling")
    new = edited(rubric, tone_written={"asks": "Would a worried reader feel spoken to?"}, pass_mark=Fraction(90))
    found = workbench.rescore(desk("lee"), new)
    assert found.published and found.changes[0].stale == ("tone-written",)
    assert "the pass mark moves from 85 to 90" in found.changes[0].why
    now = workbench.agreed_of(desk("r1"), desk.session)
    rating = next(r for r in now.card.ratings if r.criterion.id == "tone-written")
    assert now.stale == ("tone-written",) and rating.status == "unscored" and rating.criterion.asks.startswith("Would a worried")
    assert workbench.sheets.sheet(desk("lee"), desk.session, "rule-7-handler-away", "first").marks["tone-written"].level == "cold or curt"
    assert now.card.rubric.version == 99 and next(r for r in now.card.ratings if r.criterion.id == "plain-words").status == "rated"
    anew = workbench.adjudicate(desk("r1"), desk.session, now, "tone-written", "warm and clear", "By the new question, yes.")
    assert anew.stale == () and not anew.card.provisional
    with pytest.raises(BadInput, match="version 50 is not above version 99"):
        workbench.rescore(desk("lee"), new.model_copy(update={"version": 50}))
    assert verify(desk.store).ok


def test_logs_in_files_are_compared_and_left_as_they_are(library, tmp_path):
    from casework.edges import logfiles

    for seed in (1, 2):
        played = workbench.play(library, "rule-7-handler-away", "rusher", seed)
        logfiles.save(played.log(), played.texts, tmp_path / f"{seed}.jsonl")
    was = [path.read_bytes() for path in sorted(tmp_path.iterdir())]
    rubric = library.get_rubric("case-handling")
    lenient = edited(rubric, pass_mark=Fraction(1), escalated={"critical": None}, external_on_time={"critical": None}, right_rule={"critical": None})
    found, changes = workbench.rescoring_of(rubric, lenient), list(workbench.rescore_each(library, [tmp_path], rubric, lenient))
    assert len(changes) == 2 and {"escalated", "external-on-time", "right-rule"} <= set(found.changed_criteria)
    assert all("the pass mark moves from 85 to 1" in one.why for one in changes)
    assert [path.read_bytes() for path in sorted(tmp_path.iterdir())] == was


def test_logs_are_read_one_after_another_and_compared_as_two_scorecards_with_reasons_are(library, tmp_path):
    from casework.edges import logfiles
    from casework.quality.reviews import agreed
    from casework.workbench import rescoring

    for scenario in sorted(library.playable)[:6]:
        for trainee in ("novice", "rusher"):
            played = workbench.play(library, scenario, trainee, 1)
            logfiles.save(played.log(), played.texts, tmp_path / f"{scenario}-{trainee}.jsonl")
    rubric = library.get_rubric("case-handling")
    new = edited(rubric, pass_mark=Fraction(95), right_rule={"critical": None}, empathy_spoken={"weight": Fraction(30)})
    found = list(workbench.rescore_each(library, [tmp_path], rubric, new))
    alone = [one for path in logfiles.logs_in(tmp_path) for one in rescoring._compare(library, logfiles.read_log(path), rubric, new, {})]

    def figures(card):
        return card.case, card.trainee, card.seed, card.total, card.low, card.high, card.band, card.passed, card.errors, [(r.status, r.rating, r.points) for r in card.ratings]

    assert len(found) == 12 and any(one.flips for one in found)
    for one, other in zip(found, alone, strict=True):
        assert (one.session, one.why, one.flips, one.stale) == (other.session, other.why, other.flips, other.stale)
        assert (figures(one.before), figures(one.after)) == (figures(other.before), figures(other.after)) and agreed(one.before, {}).total == one.before.total

"""How totals, bands and displays are reckoned (faults that other systems had)."""

from fractions import Fraction

from casework.model.rubrics import Rubric
from casework.quality.scoring import Rating, band_of, shown, total_up


def rubric(bands=None, pass_mark=70, sections=None):
    return Rubric.model_validate({
        "format": "rubric/1", "id": "r", "title": "R", "version": 1, "pass_mark": pass_mark,
        "bands": bands or [{"name": "refer", "from": 0}, {"name": "pass", "from": 70}, {"name": "merit", "from": 85}],
        "scales": {"share": "share of cases met"},
        "sections": sections or [{"id": "s", "title": "S", "weight": 100, "criteria": [criterion("c", 1)]}],
    })  # fmt: skip


def criterion(id, weight):
    return {"id": id, "asks": "?", "weight": weight, "clause": "p.c", "evidences": ["A1"], "scale": "share", "check": {"did": "note"}}


def rating(status, available, share):
    found = rubric().criteria[0]
    share = Fraction(share)
    return Rating(found, "s", status, share, Fraction(available), Fraction(available) * share, (), "", False)


def total(*ratings):
    return total_up("c", "c", "t", 1, rubric(), ratings, (), (), None)


def test_a_section_that_is_all_not_applicable_leaves_the_denominator():
    card = total(rating("rated", 30, "1/2"), rating("rated", 30, 1), rating("not_applicable", 0, 0))
    assert card.total == 75 and not card.provisional


def test_a_score_on_the_lower_edge_of_a_band_reaches_it():
    score = Fraction(595, 700) * 100
    assert score == 85 and band_of(rubric(), score, None).name == "merit"


def test_a_score_is_compared_unrounded_and_shown_on_its_own_side_of_the_mark():
    raw = Fraction("79.96")
    assert not raw >= 80 and shown(raw, Fraction(80)) == "79.9"
    assert shown(Fraction(80), Fraction(80)) == "80.0"


def test_an_unscored_criterion_widens_the_bounds_and_is_not_zero():
    card = total(rating("rated", 80, 1), rating("unscored", 20, 0))
    assert (card.total, card.low, card.high, card.passed, card.band) == (100, 80, 100, True, None)


def test_a_pass_that_people_may_still_undo_is_left_open():
    card = total(rating("rated", 60, 1), rating("unscored", 40, 0))
    assert card.passed is None


def test_passing_own_work_up_holds_the_band_down():
    bands = [{"name": "refer", "from": 0}, {"name": "pass", "from": 70, "own_work": "half"}, {"name": "top", "from": 90, "own_work": "all"}]
    assert band_of(rubric(bands), Fraction(99), Fraction(1, 2)).name == "pass"
    assert band_of(rubric(bands), Fraction(99), Fraction(0)).name == "refer"

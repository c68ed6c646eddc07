"""Severity, drift and adjusted scores: known truths are held, few files are not judged, an unlinked design says so."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from benchmarks import reviewers
from casework.quality import facets
from casework.quality.marks import Mark

MONDAY = datetime(2026, 1, 5, 9, tzinfo=UTC)


def marks(shares, criteria=5):
    """A mark for each (file, trainee, rater, share, week)."""
    return [
        Mark(f"f{unit}", "s", trainee, rater, f"c{c}", "x", share, MONDAY + timedelta(weeks=week))
        for unit, trainee, rater, share, week in shares for c in range(criteria)
    ]  # fmt: skip


def test_intervals_hold_the_truth_about_as_often_as_they_say():
    found = reviewers.tried(reviewers.DESIGNS[2], 40, seed=7)
    assert 0.84 <= found.severity_cover <= 0.95 and 0.84 <= found.drift_cover <= 0.97
    assert found.severity_error < 0.75 * found.error_of_nothing and found.rank_adjusted > found.rank_raw


def test_a_severe_rater_is_told_from_a_weak_trainee_where_files_are_marked_twice():
    both = [(n, f"t{n % 6}", rater, share, n % 6) for n in range(30) for rater, share in (("kind", 0.9), ("hard", 0.5))]
    found = facets.take_apart(marks(both))
    kind, hard = sorted(found.raters, key=lambda r: r.rater != "kind")
    assert found.separable and hard.logit.low > 0 > kind.logit.high and hard.points.value < 0 < kind.points.value
    assert hard.raw == pytest.approx(50) and kind.raw == pytest.approx(90), "the raw mark stands beside"
    assert all(t.raw == pytest.approx(70) and t.adjusted.low < 75 < t.adjusted.high for t in found.trainees)


def test_one_rater_a_trainee_is_not_separable_and_nothing_is_adjusted():
    alone = [(n, f"t{n % 4}", f"r{n % 4}", 0.5 + 0.1 * (n % 4), n % 6) for n in range(80)]
    found = facets.take_apart(marks(alone))
    assert not found.separable and "mark no trainee in common" in found.why_not and "marked twice" in found.why_not
    assert all(r.logit is None and r.why_not == found.why_not for r in found.raters)
    assert all(t.adjusted is None and t.raw > 0 for t in found.trainees)
    assert "one rater" in facets.take_apart(marks([(n, f"t{n}", "r", 1.0, 0) for n in range(20)])).why_not


def test_too_few_files_are_not_judged_and_say_how_many_more():
    some = [(n, f"t{n % 3}", "often", 0.7, n % 6) for n in range(20)] + [(n, f"t{n % 3}", "seldom", 0.4, n % 6) for n in range(6)]
    found = {r.rater: r for r in facets.take_apart(marks(some)).raters}
    assert found["seldom"].logit is None and found["seldom"].why_not == "not enough evidence: 6 of 10 files; 4 more"
    assert found["often"].logit is not None
    assert all("seldom marked fewer than 15 files" in t.why_not for t in facets.take_apart(marks(some)).trainees)


def test_more_boxes_on_a_file_are_not_more_files():
    rows = [(n, f"t{n % 6}", rater, share, n % 6) for n in range(12) for rater, share in (("kind", 0.8), ("hard", 0.6))]
    few, many = (facets.take_apart(marks(rows, criteria)).trainees[0] for criteria in (4, 40))
    assert few.adjusted is None  # Twelve files a rater show severity, and adjust nothing.
    widths = []
    for criteria in (4, 40):
        found = facets.fit(facets.design(marks(rows, criteria)))
        widths.append(float(found.deviation["trainee"][0]))
    assert widths[1] > 0.25 * widths[0] and widths[1] > 0.3, "the file's own effect bounds what a file can tell"
    assert many.files == 2


def test_drift_is_flagged_only_when_the_whole_interval_is_on_one_side_and_there_are_files_enough():
    steady = [(n, f"t{n % 5}", "steady", 0.7, n // 5) for n in range(60)]
    harder = [(n, f"t{n % 5}", "harder", 0.95 - 0.07 * (n // 5), n // 5) for n in range(60)]
    found = {r.rater: r for r in facets.take_apart(marks(steady + harder)).raters}
    assert found["harder"].drifts and found["harder"].drift.low > 0
    assert not found["steady"].drifts
    short = [replace(m, at=MONDAY) for m in marks(steady + harder)]
    assert all(r.drift is None and not r.drifts for r in facets.take_apart(short).raters)


def test_marks_all_alike_unscored_and_the_expert_s_break_nothing():
    everything = marks([(n, f"t{n % 3}", f"r{n % 2}", 1.0, n % 5) for n in range(40)])
    found = facets.take_apart([*everything, Mark("f0", "s", "t0", "r0", "c9", None, None), replace(everything[0], rater="boss", expert=True)])
    assert {r.rater for r in found.raters} == {"r0", "r1"} and all(r.logit.low < 0 < r.logit.high for r in found.raters)
    assert facets.take_apart([]).why_not == "no marks"

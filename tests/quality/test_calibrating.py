"""Raters beside the expert and one another: literal cases, and what a few files cannot say."""

import numpy as np
import pytest

from casework.quality import calibrating as cal
from casework.quality.items import Question
from casework.quality.marks import Mark

LEVELS = {1.0: "clear", 0.5: "flat", 0.0: "curt"}


def mark(unit, rater, criterion, share, expert=False):
    return Mark(unit, "s", f"t-{unit}", rater, criterion, None if share is None else LEVELS.get(share, f"{share:g}"), share, None, expert)


def beside(differences, criterion="tone"):
    """The expert gives half everywhere; anna gives half and the difference."""
    return [m for n, d in enumerate(differences) for m in (mark(f"u{n}", "xavier", criterion, 0.5, True), mark(f"u{n}", "anna", criterion, 0.5 + d))]


def test_a_rater_is_kinder_than_the_expert_by_a_literal_amount():
    marks = beside([0.5] * 5 + [0.0] * 5)
    whole, tone = cal.deviations(marks, cal.aliases(marks))
    assert (whole.alias, whole.criterion, tone.criterion) == ("rater 1", None, "tone")
    assert (whole.signed.value, whole.signed.n) == (0.25, 10)
    assert (whole.signed.low, whole.signed.high) == (pytest.approx(0.09723, abs=1e-4), pytest.approx(0.40277, abs=1e-4))  # t(9) 1.8331.
    assert whole.signed.beside(0) and whole.apart.value == 0.25


def test_leaning_both_ways_is_no_lean_and_still_lies_apart():
    marks = beside([0.5, -0.5] * 6)
    whole = cal.deviations(marks, cal.aliases(marks))[0]
    assert (whole.signed.value, whole.apart.value) == (0, 0.5) and not whole.signed.beside(0)


def test_ten_files_without_a_difference_do_not_prove_that_there_is_none():
    marks = beside([0.0] * 10)
    whole = cal.deviations(marks, cal.aliases(marks))[0]
    assert (whole.signed.value, whole.signed.low, whole.signed.high) == (0, pytest.approx(-0.2589, abs=1e-4), pytest.approx(0.2589, abs=1e-4))
    assert whole.apart.low == 0


def test_fewer_than_ten_files_say_what_is_missing():
    marks = [*beside([0.5] * 4), mark("alone", "bert", "tone", 1.0)]
    names = cal.aliases(marks)
    found = {d.alias: d.signed for d in cal.deviations(marks, names) if d.criterion is None}
    assert found[names["anna"]].says == "Not enough evidence: 4 of 10 files that the expert marked too; about 6 more such files"
    assert (found[names["bert"]].value, found[names["bert"]].n) == (None, 0)


def test_marks_of_one_file_count_as_one_file():
    marks = [m for c in ("tone", "words", "notes") for m in beside([0.5] * 6, c)]
    assert cal.deviations(marks, cal.aliases(marks))[0].signed.n == 6


def test_intervals_hold_the_truth_about_as_often_as_they_say():
    rng, held = np.random.default_rng(5), 0
    for _ in range(400):
        marks = beside(rng.choice([-0.5, 0.0, 0.5], 15, p=[0.1, 0.6, 0.3]))
        one = cal.deviations(marks, cal.aliases(marks))[0].signed
        held += one.low <= 0.1 <= one.high
    assert 0.86 <= held / 400 <= 0.95


def test_what_to_talk_about_first():
    criteria = [Question("tone", "How does it sound?", 3), Question("notes", "Can a colleague take over?", 1), Question("safe", "Was the member kept safe?", 1, "customer")]
    marks = [
        mark("a", "anna", "tone", 1.0), mark("a", "bert", "tone", 0.0), mark("b", "anna", "notes", 1.0), mark("b", "bert", "notes", 0.0),
        mark("c", "anna", "tone", 1.0), mark("c", "bert", "tone", 0.0), mark("c", "xavier", "tone", 0.5, True),
        mark("d", "anna", "safe", 1.0), mark("d", "bert", "safe", 0.5), mark("e", "anna", "tone", 1.0), mark("e", "bert", "tone", None),
        mark("f", "anna", "tone", 1.0), mark("f", "bert", "tone", 1.0),
    ]  # fmt: skip
    found = cal.disagreements(marks, criteria, cal.aliases(marks))
    assert [(d.unit, d.criterion.id, d.points) for d in found] == [("d", "safe", 0.5), ("c", "tone", 3.0), ("a", "tone", 3.0), ("b", "notes", 1.0)]
    assert [(s.alias, s.level) for s in found[1].said][0] == ("expert", "flat")
    assert not any("anna" in s.alias or "bert" in s.alias for d in found for s in d.said)


def test_one_impression_that_fills_every_box_is_hinted_at():
    rng = np.random.default_rng(2)
    marks = []
    for unit in range(40):
        level = rng.choice([0.0, 0.5, 1.0])
        for criterion in ("a", "b", "c", "d"):
            marks.append(mark(f"u{unit}", "haloed", criterion, float(level) if rng.random() < 0.9 else 0.5))
            for other in ("anna", "bert"):
                marks.append(mark(f"u{unit}", other, criterion, float(rng.choice([0.0, 0.5, 1.0]))))
    names = cal.aliases(marks)
    found = {h.alias: h for h in cal.halo(marks, names)}
    assert found[names["haloed"]].hint and found[names["haloed"]].ratio.high < 1
    assert not found[names["anna"]].hint and not found[names["bert"]].hint
    assert cal.halo(marks[:9], cal.aliases(marks[:9]))[0].ratio.standing == "too few"


def test_nothing_marked_is_nothing_said():
    assert cal.deviations([], {}) == cal.disagreements([], [], {}) == cal.halo([], {}) == ()

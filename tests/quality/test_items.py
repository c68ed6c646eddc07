"""The analysis of criteria: published figures, minimum numbers, and what is flagged."""

import numpy as np
import pytest

from casework.quality import items
from casework.quality.items import Question
from casework.quality.marks import Mark

SHROUT = [[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]]


def marks_of(table, scenario="s"):
    """One mark for each cell, trainees by criteria; NaN is unscored."""
    return [
        Mark(f"{scenario}-{t}", scenario, f"t{t}", "auto", f"c{c}", None if v != v else str(v), None if v != v else float(v))
        for t, row in enumerate(table) for c, v in enumerate(row)
    ]  # fmt: skip


def cohort(n, criteria=24, seed=1, flat=(), turned=()):
    """Pass or fail from one ability; a flat criterion ignores it, a turned one goes against it."""
    rng = np.random.default_rng(seed)
    ability, hard = rng.normal(0.85, 1, n), rng.normal(0, 0.7, criteria)
    slope = np.ones(criteria)
    slope[list(flat)], slope[list(turned)] = 0, -1
    chance = 1 / (1 + np.exp(-(0.85 + np.outer(ability - 0.85, slope) - hard)))
    return (rng.random((n, criteria)) < chance).astype(float)


def questions(k, critical=None):
    return [Question(f"c{n}", f"Question {n}?", 1, critical) for n in range(k)]


def test_k12_cronbachs_alpha_of_shrout_and_fleiss():
    found = items.alpha(np.array(SHROUT, dtype=float))
    assert found.value == pytest.approx(0.909316, abs=1e-6)
    assert (found.low, found.high) == (pytest.approx(1 - 0.090684 * 2.9013, abs=1e-4), pytest.approx(0.9804, abs=1e-3))  # F(5, 15): 2.9013 and 0.2165.


def test_nothing_is_flagged_on_ten_people_and_what_would_mend_it_is_said():
    found = items.analyse(marks_of(cohort(10, flat=[3], turned=[4])), questions(24))
    assert all(item.flags == () for item in found.items)
    assert found.items[0].with_the_rest.says == "Not enough evidence: 10 of 30 trainees; about 20 more first attempts"
    assert found.items[0].with_the_rest.value is None and found.items[0].facility.standing == "faint"
    six = items.analyse(marks_of(cohort(6)), questions(24)).items[0]
    assert six.facility.says == "Not enough evidence: 6 of 10 trainees; about 4 more first attempts"
    assert (six.facility.value, six.varies) == (None, None)


def test_only_the_first_attempt_at_a_file_counts_as_a_person():
    table = cohort(12)
    again = [Mark(f"again-{m.unit}", m.scenario, m.trainee, m.rater, m.criterion, "1", 1.0) for m in marks_of(table)]
    once, twice = items.analyse(marks_of(table), questions(24)), items.analyse([*marks_of(table), *again], questions(24))
    assert twice.trainees == 12 and twice.items == once.items


def test_a_turned_criterion_is_found_and_sound_ones_are_left_alone():
    flagged, turned, flat = 0, 0, 0
    for seed in range(20):
        found = items.analyse(marks_of(cohort(100, seed=seed, flat=[3], turned=[4])), questions(24)).items
        turned += any(flag.startswith("check the key") for flag in found[4].flags)
        flat += any(flag.startswith(("tells little", "check the key")) for flag in found[3].flags)
        flagged += sum(any(f.startswith(("tells", "check")) for f in item.flags) for item in found if item.question.id not in ("c3", "c4"))
    assert turned >= 17 and flat >= 8  # Simulated: 99 % and 60 % are caught at a hundred people.
    assert flagged <= 4  # Of 440 sound ones; .2 % expected.


def test_flags_that_chance_alone_would_raise_are_counted():
    fifty, hundred = (items.analyse(marks_of(cohort(n)), questions(24)).by_chance for n in (50, 100))
    assert 0 < hundred.weak < fifty.weak < 24 * 0.005
    assert fifty.facility == pytest.approx(24 * 0.05)
    assert items.analyse(marks_of(cohort(20)), questions(24)).by_chance == items.ByChance(0, 0)


def test_a_critical_criterion_may_rightly_be_met_by_all():
    table = np.hstack([np.ones((80, 1)), np.zeros((80, 1)), cohort(80, 6)])
    plain, critical = (items.analyse(marks_of(table), questions(8, kind)).items for kind in (None, "compliance"))
    assert plain[0].flags == ("met by nearly all: the whole interval is above 0.95",) and critical[0].flags == ()
    assert critical[1].flags == ("met by few: the whole interval is below 0.2",)
    assert plain[0].varies is False and plain[2].varies is True
    assert plain[0].with_the_rest.says == "80 of 80 trainees meet it; at least 5 must meet it and 5 miss it"


def test_facility_has_wilsons_interval():
    table = np.repeat([[1.0], [0.0]], [21, 9], axis=0)
    found = items.analyse(marks_of(table), questions(1)).items[0].facility
    assert (found.value, found.low, found.high) == (0.7, pytest.approx(0.5506, abs=1e-4), pytest.approx(0.8163, abs=1e-4))
    assert found.standing == "plain"


def test_the_difficulty_of_different_files_does_not_pass_for_ability():
    rng = np.random.default_rng(3)
    easy, hard = (rng.random((60, 6)) < share for share in (0.85, 0.25))
    second = [Mark(m.unit, m.scenario, f"x{m.trainee}", m.rater, m.criterion, m.level, m.share) for m in marks_of(hard.astype(float), "hard")]
    found = items.analyse([*marks_of(easy.astype(float), "easy"), *second], questions(6))
    assert all(abs(item.with_the_rest.value) < 0.3 for item in found.items)
    assert any("different files" in note for note in found.notes)


def test_unscored_is_neither_met_nor_missed():
    table = cohort(40, 5)
    table[:25, 2] = np.nan
    found = items.analyse(marks_of(table), questions(5))
    assert found.items[2].trainees == 15 and found.items[2].facility.n == 15
    assert any(note.startswith("25 of 200 marks are unscored") for note in found.notes)
    assert items.analyse([], questions(5)).trainees == 0

"""The study of what scores vary by: a worked table, known truths, and what is not separable."""

import numpy as np
import pytest

from casework.quality import generalising as gs
from casework.quality.marks import Mark

SHROUT = np.array([[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]], dtype=float)


def team(people=40, files=4, seed=1, raters=0, double=0.0, sd=(0.1, 0.05, 0.04, 0.08, 0.06)):
    """One mark a file and rater; spreads of trainee, file, rater, trainee on file, and what is left."""
    rng = np.random.default_rng(seed)
    who, what, lean = rng.normal(0, sd[0], people), rng.normal(0, sd[1], files), rng.normal(0, sd[2], max(1, raters))
    marks = []
    for t in range(people):
        for f in range(files):
            true = 0.5 + who[t] + what[f] + rng.normal(0, sd[3])
            by = rng.permutation(max(1, raters))[: 2 if rng.random() < double else 1]
            for r in by:
                marks.append(Mark(f"u{t}.{f}", f"f{f}", f"t{t}", f"r{r}" if raters else "auto", "c", "x", true + (lean[r] if raters else 0) + rng.normal(0, sd[4])))
    return marks


def test_a_whole_table_gives_the_mean_squares_answer():
    codes = [np.repeat(np.arange(6), 4), np.tile(np.arange(4), 6)]
    found = gs.components(SHROUT.ravel(), codes)
    assert found == pytest.approx([2.5556, 5.2444, 1.0194], abs=1e-4)  # Shrout and Fleiss: mean squares 11.24, 32.49, 1.02.
    parts = dict(zip(("trainee", "file", "left"), found, strict=True))
    assert gs.coefficients(parts, 4, 1)[0] == pytest.approx(0.909316, abs=1e-5)  # Their ICC(3,4), Cronbach's alpha.
    assert gs.coefficients(parts, 1, 1)[1] == pytest.approx(0.289764, abs=1e-5)  # Their ICC(2,1).


def test_parts_of_a_design_with_gaps_come_near_the_truth():
    found = [gs.study(team(60, 8, seed, raters=6, double=0.3)).parts for seed in range(12)]
    mean = {name: np.mean([{p.source: p.variance for p in parts}[name] for parts in found]) for name in ("trainee", "file", "rater", "trainee on file", "left")}
    assert mean["trainee"] == pytest.approx(0.0100, rel=0.15)
    assert mean["rater"] == pytest.approx(0.0016, rel=0.45)
    assert mean["trainee on file"] == pytest.approx(0.0064, rel=0.15)
    assert mean["left"] == pytest.approx(0.0036, rel=0.15)


def test_ninety_percent_intervals_hold_the_truth_about_that_often():
    truth, held = 0.01 / (0.01 + (0.0064 + 0.0036) / 4), 0
    for seed in range(150):
        one = next(d.relative for d in gs.study(team(30, 4, seed)).decisions if (d.files, d.raters) == (4, 1))
        held += one.low <= truth <= one.high
    assert 0.82 <= held / 150 <= 0.96


def test_below_thirty_trainees_with_three_files_there_is_no_figure():
    found = gs.study(team(12, 4))
    assert (found.parts, found.decisions) == ((), ())
    assert found.why_not == "Not enough evidence: 12 of 30 trainees with 3 files or more; about 18 more trainees with 3 files each"
    assert gs.study(team(60, 2)).why_not.startswith("Not enough evidence: 0 of 30")
    assert gs.study([]).n.value is None


def test_raters_who_share_no_file_cannot_be_told_from_their_trainees():
    assert "no file was marked by two raters" in gs.study(team(40, 4, raters=4)).why_not
    apart = [m if int(m.trainee[1:]) < 20 else Mark(m.unit, m.scenario, m.trainee, f"x{m.rater}", m.criterion, m.level, m.share) for m in team(40, 4, raters=3, double=0.3)]
    assert "share no file or trainee" in gs.study(apart).why_not


def test_more_files_and_more_raters_make_a_mean_surer():
    found = gs.study(team(50, 6, raters=5, double=0.4))
    by = {(d.files, d.raters): d for d in found.decisions}
    assert by[1, 1].relative.value < by[4, 1].relative.value < by[4, 2].relative.value < by[12, 2].relative.value
    assert all(d.absolute.value <= d.relative.value for d in found.decisions)
    assert found.enough == next(f for f in range(1, 101) if gs.coefficients({p.source: p.variance for p in found.parts}, f, 1)[0] >= 0.8)

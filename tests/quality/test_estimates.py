"""What a sample says of all files: right by hand, right on average, and honest where it cannot know."""

from fractions import Fraction

import pytest

from casework.model.errors import BadInput
from casework.quality import estimates
from casework.quality.proportions import clopper_pearson
from casework.quality.sampling import Asked, File, draw

FRAME = [File(f"{n:03}", "AB"[n >= 150], risk=Fraction(1 + n % 5)) for n in range(200)]
WRONG = {f.id: n % 5 == 4 and n % 2 == 0 for n, f in enumerate(FRAME)}  # 20 of 200, all among the riskiest.


def test_an_even_sample_gives_its_own_mean_with_the_usual_variance():
    found = draw(FRAME[:10], Asked(4, 1))
    values = dict(zip([c.file.id for c in found.chosen], [1.0, 2.0, 3.0, 6.0], strict=True))
    answer = estimates.mean(found, values)
    # s^2 = 14/3, (1 - 4/10) s^2 / 4 = 0.7, t(3) = 3.182446
    assert answer.value == pytest.approx(3) and answer.high - 3 == pytest.approx(3.182446 * 0.7**0.5, abs=1e-5)


def test_a_total_is_horvitz_and_thompsons():
    files = [File("a", risk=Fraction(1)), File("b", risk=Fraction(2)), File("c", risk=Fraction(3)), File("d", risk=Fraction(4))]
    # Chances 0.2, 0.4, 0.6, 0.8: values in proportion to risk give the total whatever is drawn, without any spread.
    for seed in range(20):
        found = estimates.total(draw(files, Asked(2, seed, (), "risk")), {"a": 10, "b": 20, "c": 30, "d": 40})
        assert (found.value, found.low, found.high) == (100, pytest.approx(100), pytest.approx(100))


def test_all_right_in_a_weighted_sample_is_all_right():
    answer = estimates.share(draw(FRAME, Asked(40, 5, (), "risk")), dict.fromkeys(WRONG, True))
    assert answer.value == 1 == answer.high and 0.85 < answer.low < 1 and answer.worth < 40


def test_a_draw_by_risk_is_right_on_average_although_it_draws_more_of_the_wrong_files():
    drawn = [draw(FRAME, Asked(40, seed, (), "risk")) for seed in range(300)]
    plain = [sum(WRONG[c.file.id] for c in one.chosen) / 40 for one in drawn]
    weighed = [estimates.share(one, WRONG).value for one in drawn]
    assert sum(weighed) / 300 == pytest.approx(0.1, abs=0.005)
    assert sum(plain) / 300 > 0.15


def test_the_interval_of_a_share_holds_the_truth_as_often_as_it_says():
    for asked in ((), "risk"), (("assistant",), None):
        held = 0
        for seed in range(300):
            answer = estimates.share(draw(FRAME, Asked(40, seed, asked[0], asked[1], 2)), WRONG)
            held += answer.low <= 0.1 <= answer.high
        assert held / 300 >= 0.94


def test_no_error_in_the_sample_is_not_no_error_in_the_frame():
    answer = estimates.share(draw(FRAME, Asked(59, 3)), dict.fromkeys(WRONG, False))
    assert answer.low == 0 and answer.high == pytest.approx(clopper_pearson(0, 59).high)


def test_all_files_looked_at_leave_nothing_to_guess():
    answer = estimates.share(draw(FRAME, Asked(200, 3)), WRONG)
    assert (answer.value, answer.low, answer.high) == (0.1, 0.1, 0.1)


def test_one_file_for_a_stratum_gives_a_figure_without_an_interval():
    found = draw([*FRAME, File("x", "X"), File("y", "X")], Asked(60, 1, ("assistant",), None, 1))
    answer = estimates.share(found, {**WRONG, "x": False, "y": False})
    assert answer.low is None and "one file stands for others in assistant X" in answer.reason


def test_files_that_nothing_was_drawn_from_are_left_out_and_counted():
    found = draw([*FRAME, File("x", "X")], Asked(40, 1, ("assistant",)))
    answer = estimates.share(found, {**WRONG, "x": False})
    assert answer.reason == "1 files of strata that nothing was drawn from are not in the figure"
    assert answer.low < answer.value < answer.high


def test_a_drawn_file_without_a_value_is_refused():
    with pytest.raises(BadInput, match="3 of 3 drawn files have no value"):
        estimates.mean(draw(FRAME, Asked(3, 1)), {})

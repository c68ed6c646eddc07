"""The mastery filter: values worked by hand, silence that raises nothing, files that count once, and intervals that hold the truth."""

import math
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks import mastery as bench
from benchmarks import mastery_rules as rules
from benchmarks import mastery_world as simulated
from casework.model.errors import BadInput
from casework.progress import forecast, mastery

MONDAY = datetime(2026, 1, 5, 9, tzinfo=UTC)
TAU2 = mastery.FILE_SPREAD**2


def after(*files, start=None, gap=timedelta(weeks=1)):
    """The state after files (difficulties, shares), each of another kind, a week apart."""
    state = start or mastery.start()
    for n, (difficulties, shares) in enumerate(files):
        state = mastery.updated(state, MONDAY + n * gap, difficulties, shares, family=f"kind {n % 3}")
    return state


def finely(mean, variance, difficulties, shares, doubt=0.0, worth=1.0):
    """Mean and variance after one file by a sum over forty thousand levels; the file's own level is known through its marks alone."""
    wide = variance + TAU2 + doubt
    z = mean + math.sqrt(wide) * np.linspace(-9, 9, 40_001)
    likely = -((z - mean) ** 2) / (2 * wide)
    for d, y in zip(difficulties, shares, strict=True):
        likely += worth * (y * (z - d) - np.logaddexp(0, z - d))
    weight = np.exp(likely - likely.max())
    middle = np.average(z, weights=weight)
    narrow = np.average((z - middle) ** 2, weights=weight)
    return mean + variance / wide * (middle - mean), variance - (variance / wide) ** 2 * (wide - narrow)


def test_one_pass_by_hand():
    # Before it v = 1.1 and W = 1.1 + .36 = 1.46. E[z | pass] = 2 E[z logistic(z)], which is 2 W E[p (1 - p)] by Stein's lemma.
    state = after(([0.0], [1.0]))
    z = math.sqrt(1.46) * np.linspace(-9, 9, 40_001)
    slope = np.average(1 / (2 + np.exp(z) + np.exp(-z)), weights=np.exp(-z * z / 2.92))
    assert state.mean == pytest.approx(1.1 / 1.46 * 2 * 1.46 * slope, abs=2e-3)
    # The square of a level tells nothing of whether it passes at nought, so the variance falls by the square of the mean alone.
    assert state.variance == pytest.approx(1.1 - state.mean**2, abs=2e-3)
    assert (state.files, state.at, state.last_at, state.families) == (1, MONDAY, MONDAY, {"kind 0"})


@pytest.mark.parametrize("variance", [0.05, 0.4, 1.1])
@pytest.mark.parametrize(("criteria", "passed"), [(1, 0), (5, 5), (5, 2), (12, 12), (12, 1), (60, 57), (200, 150)])
@pytest.mark.parametrize("worth", [1.0, 1.7])
def test_a_file_moves_as_it_does_when_summed_finely(variance, criteria, passed, worth):
    hard = list(np.random.default_rng(criteria).normal(0, 1.2, criteria))
    shares = [float(n < passed) for n in range(criteria)]
    found = mastery.moved(0.7, variance, hard, shares, [worth] * criteria, 0.2)
    assert found == pytest.approx(finely(0.7, variance, hard, shares, 0.2, worth), abs=2e-3)


def test_a_clean_file_lifts_further_than_its_mode():
    # The mode z solves 5 (1 - logistic(z)) = z / W.
    low, high = 0.0, 9.0
    for _ in range(60):
        z = (low + high) / 2
        low, high = (z, high) if 5 * (1 - mastery.logistic(z)) > z / 1.46 else (low, z)
    assert after(([0.0] * 5, [1.0] * 5)).mean > 1.1 / 1.46 * z + 0.05


def test_a_file_as_expected_moves_nothing_and_narrows():
    state = after(([1.0, -1.0], [0.0, 1.0]))
    assert state.mean == pytest.approx(0, abs=1e-12) and state.variance < mastery.START_VARIANCE


def test_half_a_share_on_an_average_criterion_is_as_expected():
    assert after(([0.0], [0.5])).mean == pytest.approx(0, abs=1e-12)


def test_doubt_about_difficulty_passes_less_on():
    sure, unsure = (mastery.updated(mastery.start(), MONDAY, [0.0] * 5, [1.0] * 5, doubt) for doubt in (0.0, 0.3))
    assert 0 < unsure.mean < sure.mean and unsure.variance > sure.variance


def test_the_typical_rate_is_the_mean_over_files():
    draws = np.random.default_rng(1).normal(size=400_000)
    for level in (-1.0, 0.0, 1.76):
        assert mastery.pass_rate(level) == pytest.approx(float((1 / (1 + np.exp(-(level + mastery.TYPICAL_SPREAD * draws)))).mean()), abs=2e-3)
    assert mastery.pass_rate(0) == pytest.approx(0.5, abs=1e-12)
    assert mastery.pass_rate(mastery.level_of(0.8)) == pytest.approx(0.8, abs=1e-12)


def test_the_chance_of_a_standard_is_a_half_at_it():
    state = mastery.State(mastery.level_of(0.8), 0.3)
    assert mastery.chance_at_least(state, 0.8) == pytest.approx(0.5)
    assert mastery.chance_at_least(state, 0.7) > 0.8 > 0.2 > mastery.chance_at_least(state, 0.9)
    for standard in (0.0, 1.0):
        with pytest.raises(BadInput, match="allowed: between 0 and 1"):
            mastery.chance_at_least(state, standard)


files = st.lists(st.tuples(st.floats(-8, 8), st.one_of(st.none(), st.floats(0, 1))), max_size=12)


@settings(max_examples=150, deadline=None)
@given(st.lists(files, max_size=4), st.floats(0, 2000))
def test_silence_never_raises_a_score_and_only_widens(history, days):
    state = after(*[(tuple(d for d, _ in file), tuple(y for _, y in file)) for file in history])
    later = mastery.aged(state, (state.at or MONDAY) + timedelta(days=days))
    assert later.mean == state.mean and state.variance <= later.variance <= mastery.START_VARIANCE
    before, now = mastery.typical(state), mastery.typical(later)
    assert now.value == before.value and now.low <= before.low <= before.value <= before.high <= now.high
    if mastery.chance_at_least(state, 0.8) > 0.5:
        assert mastery.chance_at_least(later, 0.8) <= mastery.chance_at_least(state, 0.8)


@settings(max_examples=150, deadline=None)
@given(st.floats(-4, 4), st.floats(0.05, 1.1), files, st.floats(0, 1))
def test_one_file_however_long_is_one_piece_of_evidence(mean, variance, file, doubt):
    state = mastery.State(mean, variance, MONDAY)
    many = [pair for pair in file for _ in range(40)]
    after = mastery.updated(state, MONDAY, [d for d, _ in many], [y for _, y in many], doubt)
    least = variance * (TAU2 + doubt) / (variance + TAU2 + doubt)
    assert least - 1e-12 <= after.variance <= variance + 1e-12 and math.isfinite(after.mean)


@pytest.mark.parametrize("hard", [-8.0, 8.0, -1000.0, 1000.0])
@pytest.mark.parametrize("share", [0.0, 0.5, 1.0])
@pytest.mark.parametrize("criteria", [1, 5, 200])
def test_the_hardest_and_easiest_files_do_not_diverge(hard, share, criteria):
    state = mastery.updated(mastery.start(), MONDAY, [hard] * criteria, [share] * criteria)
    own = state.mean * (mastery.START_VARIANCE + TAU2) / mastery.START_VARIANCE
    step = mastery.STEP / math.sqrt(1 + (mastery.START_VARIANCE + TAU2) * criteria / 4)
    assert abs(own) <= (mastery.REACH + step) * math.sqrt(mastery.START_VARIANCE + TAU2), "no file says more than REACH"
    assert own * (share - mastery.logistic(-hard)) >= -1e-6
    assert 0 < state.variance <= mastery.START_VARIANCE + 1e-12


@settings(max_examples=200, deadline=None)
@given(st.floats(-4, 4), st.floats(0.05, 1.1), st.lists(st.tuples(st.floats(-12, 12), st.floats(0, 1)), min_size=1, max_size=12), st.floats(1, 3), st.floats(0, 1))
def test_a_better_mark_never_lowers_a_level(mean, variance, file, worth, doubt):
    hard, shares, worths = [d for d, _ in file], [y for _, y in file], [worth] * len(file)
    less = mastery.moved(mean, variance, hard, [0.0, *shares[1:]], worths, doubt)[0]
    assert less <= mastery.moved(mean, variance, hard, shares, worths, doubt)[0] + 1e-9


def test_two_easy_things_missed_say_more_than_one():
    both, one = (mastery.moved(0.3, 1.1, [-6.0, -8.0], shares, [3.0, 3.0], 0.7)[0] for shares in ([0.0, 0.0], [0.0, 1.0]))
    assert both < one - 0.3


def test_time_widens_least_where_practice_can_bring_little():
    low, standard, high = (mastery.drift(level) for level in (-1.0, mastery.level_of(0.8), 4.0))
    assert 0.15 < low < mastery.WANDER + mastery.UNASSUMED and 0.06 < standard < 0.07 and mastery.WANDER < high < 0.042
    weak, able = (mastery.aged(mastery.State(mean, 0.2, MONDAY), MONDAY + timedelta(weeks=2)) for mean in (0.0, 3.0))
    assert weak.variance == pytest.approx(0.2 + 2 * mastery.drift(0.0)) and able.variance < weak.variance


def test_the_order_of_criteria_is_nothing_and_all_alike_is_no_end():
    one, other = (mastery.updated(mastery.start(), MONDAY, d, y) for d, y in (([0.3, -1, 2], [1, 0.5, 0]), ([2, 0.3, -1], [0, 1, 0.5])))
    assert one.mean == pytest.approx(other.mean, abs=1e-10) and one.variance == pytest.approx(other.variance, abs=1e-10)
    up, down = (after(*[([0.0] * 5, [share] * 5)] * 40) for share in (1.0, 0.0))
    assert 2 < up.mean < -down.mean < 8, "where practice can bring little, less is allowed for"
    assert mastery.typical(up).high < 1


def test_unscored_is_neither_zero_nor_evidence():
    state = after(([0.0] * 5, [1.0] * 5))
    assert mastery.updated(state, MONDAY + timedelta(weeks=9), [0.0] * 3, [None] * 3, family="new") is state
    assert mastery.updated(state, MONDAY + timedelta(weeks=9), [], []) is state
    later = MONDAY + timedelta(weeks=1)
    assert mastery.updated(state, later, [0.4, 5.0], [1.0, None]) == mastery.updated(state, later, [0.4], [1.0])


def test_levels_between_tell_more_where_they_are_worth_more():
    plain, more = (mastery.updated(mastery.start(), MONDAY, [0.0] * 5, [0.5, 1, 1, 0.5, 1], worth=worth) for worth in (None, [1.7] * 5))
    twice = mastery.updated(mastery.start(), MONDAY, [0.0] * 10, [0.5, 1, 1, 0.5, 1] * 2)
    assert plain.variance > more.variance > twice.variance and plain.mean < more.mean < twice.mean
    assert mastery.updated(mastery.start(), MONDAY, [0.0] * 5, [0.5, 1, 1, 0.5, 1], worth=[2.0] * 5).mean == pytest.approx(twice.mean)


def test_what_cannot_be_used_is_refused_in_words():
    state = after(([0.0], [1.0]))
    for at, words in ((MONDAY - timedelta(days=1), "lies before 2026-01-05.*earliest first"), (datetime(2026, 2, 1), "without a time zone")):
        with pytest.raises(BadInput, match=words):
            mastery.updated(state, at, [0.0], [1.0])
        with pytest.raises(BadInput, match=words):
            mastery.aged(state, at)
    for hard, shares, doubt, worth, words in (
        ([0.0], [1.0, 0.0], 0.0, None, "1 difficulties, 2 shares"), ([0.0], [1.2], 0.0, None, "found 1.2; allowed: 0 to 1"),
        ([0.0], [math.nan], 0.0, None, "found nan"), ([math.inf], [1.0], 0.0, None, "finite"), ([0.0], [1.0], -0.1, None, "0 or more"),
        ([0.0], [1.0], 0.0, [0.0], "more than 0"),
    ):  # fmt: skip
        with pytest.raises(BadInput, match=words):
            mastery.updated(state, MONDAY, hard, shares, doubt, worth=worth)


def test_too_little_evidence_says_why_and_what_would_mend_it():
    nothing = mastery.missing(mastery.start(), MONDAY)
    assert [(m.kind, m.mend) for m in nothing[:2]] == [("files", "3 more files"), ("families", "a file of another kind")]
    assert nothing[2].kind == "width" and "at most 45" in nothing[2].why and "one a week" in nothing[2].mend
    alike = mastery.State(1.5, 0.3, MONDAY, 5, frozenset({"letters"}), MONDAY)
    assert [m.kind for m in mastery.missing(alike, MONDAY)] == ["families"]
    known = mastery.State(1.5, 0.3, MONDAY, 5, frozenset({"letters", "calls"}), MONDAY)
    assert mastery.enough(known, MONDAY) and mastery.enough(known, MONDAY + timedelta(days=20))
    assert "stale" in [m.kind for m in mastery.missing(known, MONDAY + timedelta(days=61))]
    assert "stale" not in [m.kind for m in mastery.missing(known, MONDAY + timedelta(days=60))]


def test_the_return_date_is_when_the_interval_becomes_too_wide():
    known = mastery.State(1.0, 0.3, MONDAY, 5, frozenset({"letters", "calls"}), MONDAY)
    weeks = mastery.return_after(known)
    kinds = [[m.kind for m in mastery.missing(known, MONDAY + timedelta(weeks=weeks + step))] for step in (-0.01, 0.01)]
    assert 0 < weeks < 8 and "width" not in kinds[0] and "width" in kinds[1]
    assert mastery.return_after(mastery.start()) == 0.0 and mastery.return_after(mastery.State(6.0, 0.3)) is None


def test_a_file_near_ones_level_informs_most_and_information_is_what_is_gained():
    state = mastery.State(1.0, 0.5, MONDAY)
    near, far = (mastery.information(state, [hard] * 5) for hard in (1.0, -4.0))
    assert near > 5 * far > 0 and mastery.information(state, []) == pytest.approx(0, abs=1e-12)
    assert state.variance - mastery.updated(state, MONDAY, [1.0] * 2, [1.0, 0.0]).variance == pytest.approx(mastery.information(state, [1.0] * 2), rel=0.1)


def test_a_prediction_is_drawn_to_a_half_by_doubt():
    assert mastery.predicted(mastery.start(), 0.0) == 0.5
    assert 0.5 < mastery.predicted(mastery.start(1.0), 0.0) < mastery.predicted(mastery.State(1.0, 0.1), 0.0) < mastery.logistic(1.0)


def test_a_forecast_is_no_state_and_signs_nothing_off():
    ahead = forecast.followed(forecast.begun(), MONDAY, [0.0] * 5, [1.0] * 5)
    level = after(([0.0] * 5, [1.0] * 5))
    assert ahead.expected == pytest.approx(level.mean + 0.2 * mastery.logistic(1.5 - level.mean)) and ahead.doubt == level.variance
    assert not isinstance(ahead, mastery.State) and not {"mean", "variance"} & {*forecast.Forecast.__slots__}
    for use in (mastery.typical, lambda x: mastery.chance_at_least(x, 0.8), lambda x: mastery.missing(x, MONDAY), mastery.return_after):
        with pytest.raises(TypeError, match="not from a Forecast"):
            use(ahead)
    assert forecast.followed(ahead, MONDAY, [0.0], [None]) is ahead
    assert forecast.next_rate(ahead).low < forecast.next_rate(ahead).value and 0.5 < forecast.next_share(ahead, 0.0) < 1


def test_the_benchmark_reckons_by_the_same_equations():
    world = simulated.world(simulated.library(3), 12, 3, True, "halves", 0.3)
    shares = np.where(np.arange(12)[:, None, None, None] % 4 == 0, np.nan, world.shares)
    shares[:, 5:] = world.shares[:, 5:]
    hard, doubt, worth = world.hard * 3, np.full(shares.shape[:3], 0.07), np.linspace(1, 2, 30).reshape(6, 5)
    found = simulated.followed(world.weeks, hard, shares, doubt, worth)
    ahead = simulated.followed(world.weeks, hard, shares, doubt, worth, forecast.DRIFT, forecast.GROWTH)
    for i in range(12):
        for k in range(simulated.COMPETENCIES):
            state, coming, at = mastery.start(), forecast.begun(), MONDAY
            for n in range(simulated.FILES):
                at += timedelta(weeks=float(world.weeks[i, n]))
                given = [None if np.isnan(y) else float(y) for y in shares[i, n, k]]
                aged = mastery.aged(state, at)
                assert found.chances[i, n, k] == pytest.approx([mastery.predicted(aged, d, 0.07) for d in hard[i, n, k]], abs=1e-10)
                state = mastery.updated(state, at, hard[i, n, k], given, 0.07, worth=worth[k])
                coming = forecast.followed(coming, at, hard[i, n, k], given, 0.07, worth[k])
                assert [found.mean[i, n, k], found.variance[i, n, k], found.files[i, n, k]] == pytest.approx([state.mean, state.variance, state.files], abs=1e-10)
                assert [ahead.mean[i, n, k], ahead.variance[i, n, k]] == pytest.approx([coming.expected, coming.doubt], abs=1e-10)
            assert simulated.pass_rate(np.array(state.mean)) == pytest.approx(mastery.pass_rate(state.mean), abs=1e-12)


def test_an_update_costs_the_same_after_ten_files_as_after_ten_thousand():
    few, many = bench.update_us(10), bench.update_us(10_000)
    assert many < 3 * few and few < 500


def test_intervals_hold_the_truth_and_the_weak_are_not_signed_off(monkeypatch):
    for targeted in (False, True):
        world = simulated.world(simulated.library(5), 300, 5, targeted)
        truth = simulated.pass_rate(world.level)
        found = simulated.followed(world.weeks, world.hard, world.shares)
        held = bench.held(found, truth)
        assert 0.86 <= held["all"]["share"] <= 0.94 and 0.85 <= held["at_12"]["share"] <= 0.95
        chances, low, high = bench.plain_average(world)
        assert bench.covered(low, high, truth)["all"]["share"] < 0.7, "criteria counted as files are too sure"
        assert bench.log_loss(found.chances, world.shares) < bench.log_loss(chances, world.shares) - 0.04
        assert bench.signed_off(found, truth)["severe"] < 0.02
    monkeypatch.setattr(bench, "STEADY_RUNS", 2000)
    weak, able = bench.steady(0.7), bench.steady(0.9)
    assert weak["by file 30"]["low"] <= 0.05 and able["by file 12"]["high"] >= 0.8


def test_the_benchmark_and_the_product_ask_the_same_of_a_sign_off():
    asked = rules.framework().sign_off
    assert (bench.STANDARD, bench.CONFIDENCE) == (asked.standard / 100, asked.confidence / 100)
    assert rules.framework().enough(rules.framework().named(rules.COMPETENCY)).pieces == bench.FEWEST
    for rate in (0.7, 0.9):
        for known in (True, False):
            seen = rules.differs(rules.steady(rate, 6, 3, 0.15, True, known))
            assert seen["looks"] == 180 and seen["differ"] == 0 and (seen["ready"] > 0 or rate < 0.9)


def test_the_frameworks_own_rules_keep_out_the_weak_and_find_the_able():
    curve = rules.curve("15 % unscored", 3000, 4, (5, 6), 150)
    weak, able = ([row[name] for row in curve.values()] for name in ("steady .70 by file 30", "steady .90 by file 12"))
    for people in (weak, able):
        assert all(one["share"] >= next_["share"] for one, next_ in zip(people, people[1:], strict=False)), "a higher chance asked for finds fewer"
    asked = curve[f"{bench.CONFIDENCE:.2f}"]
    assert asked["steady .70 by file 30"]["low"] <= 0.05 and asked["steady .90 by file 12"]["high"] >= 0.8
    assert asked["severe, random"]["share"] < 0.02 and asked["severe, targeted"]["share"] < 0.02
    critical = rules.curve("15 % unscored, one criterion in five critical", 1000, 4, (5,), 50)[f"{bench.CONFIDENCE:.2f}"]
    assert critical["steady .70 by file 30"]["share"] < asked["steady .70 by file 30"]["high"]

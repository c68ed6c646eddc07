"""Plans that see a fall: their chance by brute force and by simulation, and the saw's teeth."""

from functools import cache
from math import comb

import numpy as np
import pytest
from scipy.stats import fisher_exact

from casework.model.errors import BadInput
from casework.quality import planning


def tail(k, n, rate):
    return sum(comb(n, j) * rate**j * (1 - rate) ** (n - j) for j in range(k, n + 1))


def brute_power(n, before, after, alpha):
    alarm = next(k for k in range(n + 2) if tail(k, n, 1 - before) <= alpha)
    return tail(alarm, n, 1 - after)


def test_the_plan_is_where_the_power_stays_and_the_first_is_where_it_is_reached():
    found = planning.plan(0.95, 0.85, 0.8)
    powers = {n: brute_power(n, 0.95, 0.85, 0.05) for n in range(1, 150)}
    assert found.first == min(n for n in powers if powers[n] >= 0.8) == 52
    assert found.files == max(n for n in powers if powers[n] < 0.8) + 1 == 59
    assert powers[58] < 0.8 <= powers[59] == pytest.approx(found.power, abs=1e-9)
    assert found.alarm_at == 7 and found.false_alarm == pytest.approx(tail(7, 59, 0.05), abs=1e-9)


def test_a_test_never_cries_wolf_oftener_than_alpha():
    for sides in (1, 2):
        for against in planning.AGAINST:
            assert planning.plan(0.9, 0.8, 0.8, 0.05, sides, against).false_alarm <= 0.05


def test_two_sides_cost_more_files_than_one_and_two_periods_more_than_a_standard():
    one, two = planning.plan(0.95, 0.85), planning.plan(0.95, 0.85, sides=2)
    assert (one.files, two.files, planning.plan(0.95, 0.85, against="period").files) == (59, 75, 126)


def test_a_known_small_number_of_files_needs_fewer():
    assert planning.plan(0.95, 0.85, population=200).files == 49


def test_all_of_a_small_group_shows_any_fall():
    found = planning.plan(0.9, 0.8, 0.999, population=20)
    assert found.files <= 20 and found.power >= 0.999


@pytest.mark.parametrize(("before", "after", "power", "sides", "population"), [
    (0.95, 0.85, 0.8, 1, None), (0.9, 0.75, 0.9, 1, None), (0.95, 0.85, 0.8, 2, None), (0.98, 0.9, 0.8, 1, 400), (0.6, 0.4, 0.85, 1, None),
])  # fmt: skip
def test_simulated_falls_from_a_standard_are_seen_as_often_as_stated(before, after, power, sides, population):
    found = planning.plan(before, after, power, sides=sides, population=population)
    die = np.random.default_rng(20260704)
    if population is None:
        wrong = die.binomial(found.files, 1 - after, 2000)
    else:
        bad = round((1 - after) * population)
        wrong = die.hypergeometric(bad, population - bad, found.files, 2000)
    assert abs((wrong >= found.alarm_at).mean() - found.power) < 0.02
    assert found.power >= power


@pytest.mark.parametrize(("before", "after", "power", "sides"), [(0.95, 0.85, 0.8, 1), (0.9, 0.7, 0.9, 2)])
def test_simulated_falls_between_periods_are_seen_as_often_as_stated(before, after, power, sides):
    found = planning.plan(before, after, power, sides=sides, against="period")
    n, die = found.files, np.random.default_rng(20260705)
    way = "greater" if sides == 1 else "two-sided"

    @cache
    def seen(a, b):
        if way == "greater":
            return fisher_exact([[b, n - b], [a, n - a]], alternative="greater").pvalue <= 0.05
        return min(fisher_exact([[b, n - b], [a, n - a]], alternative=w).pvalue for w in ("greater", "less")) <= 0.025

    pairs = zip(die.binomial(n, 1 - before, 2000), die.binomial(n, 1 - after, 2000), strict=True)
    assert abs(np.mean([seen(int(a), int(b)) for a, b in pairs]) - found.power) < 0.02


@pytest.mark.parametrize(("change", "words"), [
    ({"after": 0.97}, "to: found 0.97; a fall ends below"), ({"before": 95}, "from: found 95; allowed: between 0 and 1"),
    ({"power": 0.04}, "power: found 0.04; it must be above alpha"), ({"sides": 3}, "sides: found 3; allowed: 1"),
    ({"against": "peer"}, "against: found 'peer'; allowed: standard, period"), ({"after": 0.9499}, "plan for a larger fall"),
    ({"population": 5, "after": 0.9}, "same whole number of files"), ({"population": 300, "against": "period"}, "population: two periods"),
])  # fmt: skip
def test_wrong_plans_are_refused_by_name(change, words):
    with pytest.raises(BadInput, match=words):
        planning.plan(**{"before": 0.95, "after": 0.85, **change})

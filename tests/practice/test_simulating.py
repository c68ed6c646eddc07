"""Queues by simulation beside their theory, the quick way beside the events, and chances that do not hang on workers.

A bounded part of what `make bench` measures with more customers.
"""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from benchmarks import queues as bench
from casework.model.errors import BadInput
from casework.practice import queues, simulating, stations


@pytest.fixture(scope="module")
def rows():
    return bench.validate(seeds=30, customers=8_000, first=11)


def test_every_mean_has_the_theory_in_its_99_percent_interval(rows):
    assert [f"{row.model} {row.figure} {row.by}: {row.theory:.4f} not in {row.low:.4f} to {row.high:.4f}" for row in rows if not row.inside] == []
    assert {row.by.partition(",")[0] for row in rows} == {"Erlang C", "Pollaczek and Khinchine", "Cobham", "Little"}


def test_the_intervals_are_narrow_enough_to_tell_a_wrong_formula(rows):
    # Half a tenth of the value is less than what a mistaken factor would change.
    waits = [row for row in rows if row.figure.startswith("mean wait")]
    assert len(waits) == 12 and all(row.high - row.low < 0.35 * row.theory for row in waits)


@pytest.mark.parametrize("servers", [1, 2, 5])
@pytest.mark.parametrize("runs", [3, simulating.MANY])
def test_recursions_give_what_the_events_give_customer_by_customer(servers, runs):
    die = np.random.default_rng(servers)
    arrivals, services = np.cumsum(die.exponential(1, (runs, 400)), axis=1), die.lognormal(0, 1, (runs, 400)) * servers / 2
    found = simulating.waits(arrivals, services, servers)
    for run in range(0, runs, 7):
        assert found[run] == pytest.approx(stations.starts(arrivals[run], services[run], servers) - arrivals[run], abs=1e-9)


def test_the_formulas_meet_where_they_should():
    assert queues.mean_wait(0.8, 1, 1) == pytest.approx(queues.one_desk(0.8, 1).wait)
    assert queues.mean_wait(0.8, 1, 0) == pytest.approx(2.0)  # Half of what exponential services make.
    # One class or two alike: whatever the order, the mean over all is the same (a law of conservation).
    first, second = queues.priority_waits([0.3, 0.3], [1, 1], [1, 1])
    assert first < second and (first + second) / 2 == pytest.approx(queues.mean_wait(0.6, 1, 1))


@pytest.mark.parametrize(("call", "words"), [
    (lambda: queues.mean_wait(1, 1, 0), "grows without end"), (lambda: queues.priority_waits([1], [1, 1], [1]), "as many of each"),
    (lambda: simulating.waits(np.zeros((2, 3)), np.zeros((2, 4)), 1), "both the same"), (lambda: simulating.waits(np.zeros((2, 3)), np.zeros((2, 3)), 0), "servers: found 0"),
])  # fmt: skip
def test_wrong_numbers_are_refused(call, words):
    with pytest.raises(BadInput, match=words):
        call()


def drawn(run):
    return simulating.children(7, run, ["a", "b"])["b"].random(5)


def test_a_run_has_its_own_chances_whoever_plays_it_and_in_whatever_order():
    alone = [drawn(run) for run in range(8)]
    with ThreadPoolExecutor(3) as pool:
        spread = list(pool.map(drawn, reversed(range(8))))[::-1]
    assert np.array_equal(alone, spread)
    assert len({tuple(one) for one in alone}) == 8


def test_the_chances_are_the_children_that_numpy_spawns():
    child = np.random.SeedSequence(7).spawn(3)[2].spawn(2)[1]
    assert np.array_equal(drawn(2), np.random.default_rng(child).random(5))


def test_common_chances_make_a_difference_surer():
    arrivals, services = bench._drawn(30, 3_000, 5, 0.8, lambda die, n: die.exponential(1, n))
    other = bench._drawn(30, 3_000, 6, 0.8, lambda die, n: die.exponential(1, n))
    slow = simulating.waits(arrivals, services, 1).mean(axis=1)
    same = simulating.difference(simulating.waits(arrivals, services * 0.95, 1).mean(axis=1), slow)
    apart = simulating.difference(simulating.waits(other[0], other[1] * 0.95, 1).mean(axis=1), slow)
    assert same.high < 0 and same.high - same.low < (apart.high - apart.low) / 3


def test_a_mean_leaves_out_runs_without_the_figure_and_says_how_many_it_has():
    assert vars(simulating.mean(np.array([1.0, np.nan, 3.0]))) == pytest.approx({"value": 2, "low": 2 - 6.3138, "high": 2 + 6.3138, "n": 2}, abs=1e-3)
    one = simulating.mean(np.array([4.0]))
    assert (one.value, one.low, one.high) == (4, -np.inf, np.inf)
    assert simulating.mean(np.array([np.nan])).n == 0

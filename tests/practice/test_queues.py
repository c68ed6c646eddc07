"""Published right answers of queues, and a simulated desk beside the formula."""

import math
import random
from statistics import mean, stdev

import pytest

from casework.model.errors import BadInput
from casework.practice import queues


def close(value):
    return pytest.approx(value, abs=1e-4)


@pytest.mark.parametrize(("traffic", "agents", "waits"), [
    (10, 11, 0.682118), (10, 12, 0.449388), (10, 13, 0.28527), (10, 14, 0.174132), (8, 10, 0.40918),
    (20, 22, 0.567915), (20, 25, 0.209103), (5, 7, 0.32415), (1, 2, 0.333333),
])  # fmt: skip
def test_k15_chance_to_wait(traffic, agents, waits):
    assert queues.erlang_c(traffic, agents) == close(waits)
    # The direct sum, which the recursion avoids.
    tail = traffic**agents / math.factorial(agents) * agents / (agents - traffic)
    assert queues.erlang_c(traffic, agents) == close(tail / (sum(traffic**k / math.factorial(k) for k in range(agents)) + tail))


@pytest.mark.parametrize(("agents", "in_time", "mean_wait"), [
    (11, 0.389614, 122.7813), (12, 0.640158, 40.4449), (13, 0.795595, 17.1162), (14, 0.88835, 7.8359),
])  # fmt: skip
def test_k16_two_hundred_calls_an_hour_of_three_minutes(agents, in_time, mean_wait):
    found = queues.service(200 / 3600, 180, agents, 20)
    assert (found.in_time, found.mean_wait) == (close(in_time), close(mean_wait))


def test_k16_the_smallest_team_for_80_in_20_seconds():
    found = queues.agents_needed(200 / 3600, 180, 20, 0.8)
    assert (found.agents, found.occupancy) == (14, close(0.714286))
    assert found.in_time == queues.service(200 / 3600, 180, 14, 20).in_time


def test_k17_one_desk_by_littles_law():
    found = queues.one_desk(0.8, 1)
    assert (found.there, found.time, found.waiting, found.wait) == (close(4), close(5), close(3.2), close(4))


def test_one_agent_and_one_desk_are_the_same():
    assert queues.service(0.8, 1, 1, 0).mean_wait == close(queues.one_desk(0.8, 1).wait)


def test_blocked_calls_by_the_formula():
    # A = 2, two agents: (4/2) / (1 + 2 + 2).
    assert queues.erlang_b(2, 2) == close(0.4) and queues.erlang_b(2, 0) == 1


def test_a_large_team_does_not_overflow():
    assert 0 < queues.erlang_c(2_000, 2_050) < 1


def waits(seed, arrivals, served, customers):
    """Mean wait at one desk, customer by customer (Lindley's recursion), after a tenth is left out to warm up."""
    die, wait, total = random.Random(seed), 0.0, 0.0
    for n in range(customers):
        if n >= customers // 10:
            total += wait
        wait = max(0.0, wait + die.expovariate(served) - die.expovariate(arrivals))
    return total / (customers - customers // 10)


def test_a_simulated_desk_waits_as_long_as_the_formula_says():
    found = [waits(seed, 0.8, 1.0, 40_000) for seed in range(12)]
    half = 2.201 * stdev(found) / len(found) ** 0.5  # Student's t, 11 degrees of freedom, 95 %.
    assert abs(mean(found) - 4) < half < 0.5


def test_a_team_that_cannot_keep_up_answers_nothing_in_time():
    found = queues.service(200 / 3600, 180, 10, 20)
    assert (found.waits, found.in_time, found.mean_wait, found.occupancy) == (1, 0, math.inf, 1)


@pytest.mark.parametrize(("call", "words"), [
    (lambda: queues.one_desk(1, 1), "grows without end"), (lambda: queues.erlang_b(0, 3), "traffic: found 0"),
    (lambda: queues.erlang_c(2, -1), "agents: found -1"), (lambda: queues.agents_needed(1, 1, 0, 1), "in time: found 1"),
    (lambda: queues.agents_needed(1e9, 1, 0, 0.8), "Look at the units"), (lambda: queues.service(1, 1, 2, -1), "within: found -1"),
])  # fmt: skip
def test_wrong_numbers_are_refused_by_name(call, words):
    with pytest.raises(BadInput, match=words):
        call()

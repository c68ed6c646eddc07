"""The desk played over many days: beside the formulas where they hold, by the handbook's clocks, and what each assumption does."""

from datetime import date, time

import numpy as np
import pytest

from casework.model import worktime
from casework.model.simulations import Absence, Escalation, Incoming, Simulation, Task
from casework.practice import answers, assumed, capacity, carrying, clocks, queues
from casework.practice.simulating import children, mean


@pytest.fixture(scope="module")
def shipped(library):
    return library.get_simulation("servicing-desk")


def kind(id, per_100, minutes, spread=1.0, **more):
    return Incoming(id=id, title=id, per_100_cases=per_100, tasks=(Task(id=id, within="service-levels.reply-to-email", minutes=minutes, spread=spread, **more),))


@pytest.fixture(scope="module")
def plain(shipped):
    """A desk without days away, escalations or anything else to do: one server, and time that runs whenever the office is open."""
    return Simulation.model_validate({
        **shipped.model_dump(by_alias=True), "work": (kind("post", 16, 24),), "open_cases": 100, "desk_time": "100%", "working_days": 400, "warm_up": 40,
        "absence": Absence(begins="0%", lasts=1), "escalation": Escalation(minutes=0, waits=0, then_minutes=0), "what_if": (),
    })  # fmt: skip


def figures(library, simulation, runs, one=None, seed=3):
    held = assumed.world(library, simulation)
    return carrying.many(held, [one or assumed.way(simulation)], seed, runs)[:, 0]


def test_one_kind_of_work_takes_as_long_as_pollaczek_and_khinchine_say(library, plain):
    found = figures(library, plain, 30)
    hours = (queues.mean_wait(16 / 480, 24, 1) + 24) / 60
    between = mean(found[:, 1], 0.99)
    assert between.low <= hours <= between.high and between.high - between.low < 0.25 * hours
    assert found[:, 3].mean() == pytest.approx(16 * 24 / 480, abs=0.01)  # As busy as the work asks.


def test_two_kinds_by_priority_take_as_long_as_cobham_says(library, plain):
    two = plain.model_copy(update={"discipline": "by priority", "work": (kind("late", 8, 30, 0.5, priority=2), kind("soon", 12, 12))})
    rates, means, spreads = (12 / 480, 8 / 480), (12, 30), (1, 0.5)
    soon, late = (wait + effort for wait, effort in zip(queues.priority_waits(rates, means, spreads), means, strict=True))
    between = mean(figures(library, two, 30)[:, 1], 0.99)
    assert between.low <= (0.6 * soon + 0.4 * late) / 60 <= between.high


def test_each_task_is_due_when_the_handbook_says(library, shipped):
    # Good Friday 2026 falls on 3 April: what comes on the Thursday is due on the Tuesday.
    held = assumed.world(library, shipped.model_copy(update={"first_day": date(2026, 4, 1), "working_days": 5, "warm_up": 0, "open_cases": 500}))
    work = carrying._work(held, assumed.way(held.simulation), children(1, 0, ["absence", *(k.id for k in held.simulation.work)]))
    assert len(work.comes) > 100 and {float(day) for day in held.ends} == {480, 960, 1440, 1920, 2400}
    first = worktime.instant(held.office, date(2026, 4, 1), time(9))
    for n in range(0, len(work.comes), 9):
        at = worktime.add_working_seconds(held.office, first, int(np.ceil(work.comes[n] * 60)))
        due = clocks.reckon(held.rules[work.task[n]], at, held.office).due_at
        assert worktime.working_seconds_between(held.office, first, due) / 60 == work.due[n]


def test_a_busier_desk_meets_the_same_things_sooner(library, shipped):
    held = assumed.world(library, shipped)
    dice = [children(1, 0, ["absence", *(k.id for k in shipped.work)]) for _ in range(2)]
    quiet, busy = (carrying._work(held, assumed.at_cases(assumed.way(shipped), cases), die) for cases, die in zip((50, 100), dice, strict=True))
    few = quiet.effort[quiet.task == 2]
    assert np.array_equal(busy.effort[busy.task == 2][: len(few)], few) and np.all(busy.comes[busy.task == 2][: len(few)] < quiet.comes[quiet.task == 2])


def test_an_escalated_task_waits_for_its_answer_and_takes_its_minutes(library, plain):
    asking = plain.model_copy(update={
        "work": (kind("post", 1, 24, 0.0, escalated="100%"),), "escalation": Escalation(minutes=10, waits=4, then_minutes=5), "warm_up": 0,
    })  # fmt: skip
    found = figures(library, asking, 20)
    assert found[:, 1].mean() == pytest.approx((24 + 10 + 5) / 60 + 4, rel=0.05)
    assert found[:, 5].mean() == pytest.approx(15 * found[:, 4].mean())
    assert found[:, 3].mean() == pytest.approx(39 / 480, rel=0.05)


def test_a_day_away_is_waited_out(library, plain):
    absent = plain.model_copy(update={"work": (kind("post", 1, 5, 0.0),), "absence": Absence(begins="50%", lasts=1)})
    held = assumed.world(library, absent)
    there = carrying._there(held, children(1, 0, ["absence"])["absence"])
    away = np.flatnonzero(np.diff(there.desk) == 0)
    assert 80 < len(away) < 190  # One spell of one day begins on half of the days after a day there: a third of all.
    assert there.desk_at(480.0 * away[0] + 100) == there.desk[away[0]]
    assert there.office_at(float(there.desk[away[0]])) == 480.0 * away[0]
    desk = np.linspace(0.1, there.desk[-1], 50)
    assert [there.office_at(float(x)) for x in desk] == pytest.approx(there.all_office_at(desk).tolist())
    assert there.desk_at(there.all_office_at(desk)) == pytest.approx(desk)


def test_shorter_clocks_later_starts_and_slower_people_never_help(library, shipped):
    held = assumed.world(library, shipped)
    ways = {a.name: assumed.way(shipped, a) for w in shipped.what_if for a in w.alternatives}
    found = dict(zip(ways, carrying.many(held, list(ways.values()), 1, 12).mean(axis=0), strict=True))
    assert found["two days to acknowledge"][0] >= found["one day to acknowledge"][0]
    assert found["a new starter"][0] < found["an experienced assistant"][0]
    assert found["no question passed up"][4] == 0 and found["no question passed up"][0] >= found["as many as assumed"][0]
    assert assumed.load(held, ways["a new starter"]) > 1 > assumed.load(held, ways["an experienced assistant"])


def test_the_target_is_crossed_between_levels_and_not_beyond_them():
    levels, curves = (10, 20, 30), np.array([[1.0, 0.96, 0.86], [0.9, 0.8, 0.7], [1.0, 1.0, 0.99], [1.0, 0.94, 0.97]])
    assert capacity.crossing(levels, curves, 0.95) == pytest.approx([21, 0, 30, 10 + 10 * 5 / 6])


def test_the_interval_of_a_caseload_holds_the_truth_about_as_often_as_it_says_even_for_lopsided_quarters():
    # Each quarter loses its own part of clocks for each case, most of them little and a few much: 25 cases lose a twentieth.
    levels, die, held = (5, 15, 20, 25, 30, 40, 80), np.random.default_rng(4), 0
    for _ in range(200):
        shares = 1 - np.outer(die.exponential(0.002, 20), levels)
        found = capacity._found(levels, shares, die.multinomial(20, np.full(20, 1 / 20), 1_000) / 20, 0.95)
        assert found.low <= found.value <= found.high
        held += found.low <= 25 <= found.high
    assert 0.84 <= held / 200 <= 0.96


@pytest.fixture(scope="module")
def answered(library, shipped):
    return answers.answer(assumed.world(library, shipped), 1, 10, shipped.what_if[:1])


def test_answers_are_one_sentence_with_an_interval_and_stand_on_assumptions(answered):
    carried, starter = answered.answers
    assert "open cases (" in carried.says and carried.says.endswith(".") and starter.says.startswith("From an experienced assistant to a new starter")
    assert carried.sides[0].carried.low <= carried.sides[0].carried.value <= carried.sides[0].carried.high
    assert starter.changes[0].carried.high < 0 and "reviewer" in starter.says
    assert any("1.5 times the effort" in line for line in starter.assumes) and any("piles up" in line for line in starter.assumes)
    assert "no office was counted" in answered.assumes[0]


def test_what_is_carried_meets_the_target_and_a_little_more_does_not(library, shipped, answered):
    value = int(answered.answers[0].sides[0].carried.value)
    held, own = assumed.world(library, shipped), assumed.way(shipped)
    below, above = carrying.many(held, [assumed.at_cases(own, value - 4), assumed.at_cases(own, value + 8)], 1, 10)[:, :, 0].mean(axis=0)
    assert above < 0.95 < below

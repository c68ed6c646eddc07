"""The order of things to come, and that the desk and the simulations keep it by the same code."""

import math

import numpy as np
import pytest

from casework.model.errors import BadInput
from casework.practice import carrying, cases, desk, events, stations
from casework.practice.events import Agenda


def test_the_earliest_comes_first_then_the_lower_order_then_what_was_added_first():
    agenda = Agenda([(2, 0, "d"), (1, 5, "b")])
    agenda.add(1, 5, "c")
    agenda.add(1, 4, "a")
    assert agenda.waiting() == ("d", "b", "c", "a") and agenda.next_at() == 1 and len(agenda) == 4
    assert [agenda.take(9) for _ in range(5)] == [(1, "a"), (1, "b"), (1, "c"), (2, "d"), None]
    assert agenda.next_at() is None


def test_what_lies_on_the_end_is_taken_only_where_the_end_is_included():
    agenda = Agenda([(3, 0, "x")])
    assert agenda.take(2) is None and agenda.take(3, inclusive=False) is None
    assert agenda.take(3) == (3, "x")


def test_things_that_cannot_be_compared_may_come_at_the_same_time():
    agenda = Agenda([(1, 1, {"a"}), (1, 1, {"b"})])
    assert [agenda.take(1), agenda.take(1)] == [(1, {"a"}), (1, {"b"})]


def test_the_desk_and_the_simulations_run_on_the_same_agenda(library, monkeypatch):
    assert desk.Agenda is stations.Agenda is carrying.Agenda is events.Agenda
    taken = []

    class Watched(Agenda):
        def take(self, end, inclusive=True):
            found = super().take(end, inclusive)
            taken.extend([found[1]] if found is not None else [])
            return found

    for module in (desk, stations):
        monkeypatch.setattr(module, "Agenda", Watched)
    session = desk.open_session(library, cases.named(library, "first-week", 1), "t-1")
    session = desk.finish(session)
    came = [(e.case, e.item) for e in session.events if e.event == "arrived"]
    # Whatever arrived at the desk was taken from the agenda, in its order (the agenda also holds what others do).
    assert came and [one for one in ((p.case, p.inject) for p in taken) if one in set(came)] == came
    taken.clear()
    stations.starts(np.array([0.0, 1.0]), np.array([3.0, 1.0]), 1)
    assert taken == [0, 1, ~0, 1, ~1]


def test_who_leaves_on_the_instant_makes_room_for_who_comes_on_it():
    assert stations.starts(np.array([0.0, 2.0, 2.0]), np.array([2.0, 1.0, 1.0]), 1).tolist() == [0, 2, 3]


def test_the_lowest_rank_is_taken_first_and_nothing_is_interrupted():
    found = stations.starts(np.array([0.0, 1.0, 2.0, 3.0]), np.array([10.0, 1.0, 1.0, 1.0]), 1, [9, 2, 1, 1])
    assert found.tolist() == [0, 12, 10, 11]


@pytest.mark.parametrize(("arrivals", "services", "servers", "words"), [
    ([1.0, 0.0], [1.0, 1.0], 1, "times that never fall"), ([0.0, math.nan], [1.0, 1.0], 1, "times that never fall"),
    ([0.0], [1.0, 1.0], 1, "one for each of 1 arrivals"), ([0.0], [1.0], 0, "servers: found 0"),
])  # fmt: skip
def test_what_is_no_queue_is_refused(arrivals, services, servers, words):
    with pytest.raises(BadInput, match=words):
        stations.starts(np.array(arrivals), np.array(services), servers)


def test_nobody_comes_and_nobody_waits():
    assert stations.starts(np.array([]), np.array([]), 2).tolist() == []

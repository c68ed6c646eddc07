"""What a mark with levels between tells, against marks whose making is known."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from casework.progress import mastery, worths


def marks(kind, count, seed=5, level=0.5):
    """Marks of people, files and scenarios that differ as the filter assumes."""
    rng = np.random.default_rng(seed)
    spread = np.sqrt(mastery.START_VARIANCE + mastery.FILE_SPREAD**2 + mastery.SCENARIO_SPREAD**2)
    chance = 1 / (1 + np.exp(-(level + spread * rng.normal(size=count))))
    shares = rng.binomial(kind, chance) / kind
    return [("c", float(y)) for y in shares]


@pytest.mark.parametrize("level", [-1.0, 0.0, 1.5])
@pytest.mark.parametrize("kind", [1, 2])
def test_the_mean_of_two_marks_is_worth_two_and_one_mark_one(kind, level):
    found = worths.worths(marks(kind, 50_000, level=level)).get("c", 1.0)
    assert found == pytest.approx(kind, rel=0.03)


def test_few_marks_are_drawn_towards_one_and_fewer_say_nothing():
    found = [worths.worths(marks(2, count)).get("c", 1.0) for count in (9, 20, 60, 2000)]
    assert found[0] == 1.0 < found[1] < found[2] < found[3] < 2.1


def test_marks_that_are_all_alike_are_worth_no_more_than_the_most():
    assert worths.worths([("c", 0.5)] * 10_000) == {"c": worths.MOST}
    assert worths.worths([("c", 1.0)] * 100 + [("d", 0.0)] * 100) == {}


@given(st.lists(st.floats(0, 1), max_size=60))
def test_a_worth_is_between_one_and_the_most_whatever_the_marks(shares):
    assert all(1 <= worth <= worths.MOST for worth in worths.worths(("c", share) for share in shares).values())

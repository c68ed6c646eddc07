"""Cells of ISO 2859-1 as published, its arrows, and what is not in it."""

import pytest

from casework.model.errors import BadInput
from casework.quality import acceptance

LEVEL_TWO = {(2, 8): "A", (9, 15): "B", (16, 25): "C", (26, 50): "D", (51, 90): "E", (91, 150): "F", (151, 280): "G", (281, 500): "H", (501, 1200): "J", (1201, 3200): "K", (3201, 10000): "L"}
FILES = {"A": 2, "B": 3, "C": 5, "D": 8, "E": 13, "F": 20, "G": 32, "H": 50, "J": 80, "K": 125, "L": 200}


def test_k18_letters_of_level_two_at_both_ends_of_each_row():
    for (low, high), wanted in LEVEL_TWO.items():
        assert acceptance.letter(low) == wanted == acceptance.letter(high)
    assert {name: acceptance.FILES[acceptance.LETTERS.index(name)] for name in FILES} == FILES


@pytest.mark.parametrize(("level", "batch", "wanted"), [("I", 90, "C"), ("I", 500, "F"), ("I", 1200, "G"), ("III", 90, "F"), ("III", 500, "J"), ("III", 1200, "K")])
def test_k18_letters_of_other_levels(level, batch, wanted):
    assert acceptance.letter(batch, level) == wanted


@pytest.mark.parametrize(("batch", "cells"), [
    (100, {"2.5": 1, "4.0": 2, "6.5": 3}), (200, {"1.5": 1, "2.5": 2, "4.0": 3, "6.5": 5}), (400, {"1.0": 1, "1.5": 2, "2.5": 3, "4.0": 5, "6.5": 7}),
    (1000, {"0.65": 1, "1.0": 2, "1.5": 3, "2.5": 5, "4.0": 7, "6.5": 10}), (3000, {"1.0": 3, "1.5": 5, "2.5": 7, "4.0": 10}),
    (9000, {"1.0": 5, "1.5": 7, "2.5": 10, "4.0": 14}),
])  # fmt: skip
def test_k19_errors_allowed_in_single_plans(batch, cells):
    for limit, allowed in cells.items():
        found = acceptance.single(batch, limit)
        assert (found.letter, found.plan.files, found.plan.allowed) == (acceptance.letter(batch), FILES[found.letter], allowed)


@pytest.mark.parametrize(("batch", "limit", "files", "allowed"), [
    (100, "0.65", 20, 0),  # F: none allowed.
    (100, "1.0", 13, 0),  # An arrow up to E.
    (100, "1.5", 32, 1),  # An arrow down to G.
    (100, "0.25", 50, 0),  # Arrows down to H.
    (9000, "10", 125, 21),  # L and 10: an arrow up to K.
    (5, "10", 5, 1),  # The smallest letter has no smaller one: down to C.
])  # fmt: skip
def test_an_arrow_leads_to_another_letters_plan(batch, limit, files, allowed):
    found = acceptance.single(batch, limit)
    assert (found.plan.files, found.plan.allowed) == (files, allowed)


def test_a_plan_as_large_as_the_batch_looks_at_all_of_it():
    found = acceptance.single(30, "0.10")
    assert found.whole_batch and found.plan.files == 30 and found.plan.accepted(0.05) == 0


@pytest.mark.parametrize(("call", "words"), [
    (lambda: acceptance.single(100, "3"), "limit: found '3'; allowed: 0.010"), (lambda: acceptance.single(100, "two"), "found 'two'"),
    (lambda: acceptance.letter(1), "batch: found 1"), (lambda: acceptance.letter(10, "IV"), "level: found 'IV'; allowed: I, II, III"),
])  # fmt: skip
def test_what_the_standard_does_not_have_is_refused(call, words):
    with pytest.raises(BadInput, match=words):
        call()

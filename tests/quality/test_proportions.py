"""Published right answers of intervals, sizes and acceptance plans, and what is refused."""

import pytest

from casework.model.errors import BadInput
from casework.quality import proportions as pr


def close(value):
    return pytest.approx(value, abs=1e-4)


@pytest.mark.parametrize(("hits", "n", "low", "high"), [
    (81, 263, 0.255289, 0.36621), (15, 148, 0.062386, 0.160487), (0, 20, 0, 0.161125),
    (1, 29, 0.006113, 0.171755), (8, 10, 0.490162, 0.943318), (20, 20, 0.838875, 1),
])  # fmt: skip
def test_k13_wilson(hits, n, low, high):
    found = pr.wilson(hits, n)
    assert (found.low, found.high) == (close(low), close(high))


def test_wilsons_bound_is_the_end_itself_where_all_or_none_hit():
    assert pr.wilson(0, 20).low == 0 and pr.wilson(20, 20).high == 1


def test_k14_clopper_pearson():
    assert pr.clopper_pearson(0, 59).high == close(0.060609)
    assert pr.clopper_pearson(0, 59, side="upper").high == close(0.049508)
    found = pr.clopper_pearson(8, 10)
    assert (found.low, found.high) == (close(0.443905), close(0.974789))


def test_a_one_sided_interval_is_open_on_its_other_side():
    assert pr.wilson(8, 10, side="upper").low == 0 and pr.wilson(8, 10, side="lower").high == 1
    assert pr.wilson(8, 10, side="lower").low == close(pr.wilson(8, 10, 0.90).low)
    assert pr.clopper_pearson(8, 10, side="lower").low == close(0.493099)


def test_k14_files_without_an_error_that_show_errors_below_a_rate():
    assert pr.files_for_assurance(0.05, 0.95).files == 59
    assert 0.95**59 <= 0.05 < 0.95**58


@pytest.mark.parametrize(("allowed", "files"), [(1, 93), (2, 124)])
def test_an_error_allowed_costs_more_files(allowed, files):
    assert pr.files_for_assurance(0.05, 0.95, allowed).files == files


def test_a_small_population_needs_fewer_files():
    # 200 files at 5 % have 10 in error: C(190, n) / C(200, n) falls to 0.05 at n = 51.
    assert pr.files_for_assurance(0.05, 0.95, population=200).files == 51
    assert pr.files_for_assurance(0.05, 0.95, population=20).files == 19


def test_what_a_small_population_cannot_show_is_refused():
    with pytest.raises(BadInput, match="of 20 files 1 in error are 0.05 already"):
        pr.files_for_assurance(0.05, 0.95, 1, population=20)


@pytest.mark.parametrize(("n", "c", "rate", "accepted"), [
    (20, 1, 0.025, 0.911758), (32, 2, 0.025, 0.954776), (50, 3, 0.025, 0.963796),
    (80, 5, 0.025, 0.984785), (50, 3, 0.1, 0.250294), (80, 2, 0.01, 0.953447),
])  # fmt: skip
def test_k20_operating_characteristic(n, c, rate, accepted):
    assert pr.AcceptancePlan(n, c).accepted(rate) == pytest.approx(accepted, abs=1e-6)


@pytest.mark.parametrize(("population", "raw", "files"), [(None, 384.1459, 385), (400, 196.2066, 197), (1000, 277.7335, 278)])
def test_k24_files_for_a_margin(population, raw, files):
    found = pr.files_for_margin(0.05, population=population)
    assert (found.raw, found.files) == (close(raw), files)


def test_an_acceptance_plan_keeps_both_risks_and_no_smaller_one_does():
    found = pr.acceptance_plan(0.01, 0.08, 0.05, 0.1)
    assert found.accepted(0.01) >= 0.95 and found.accepted(0.08) <= 0.1
    for c in range(found.allowed + 1):
        for n in range(c + 1, found.files):
            smaller = pr.AcceptancePlan(n, c)
            assert smaller.accepted(0.01) < 0.95 or smaller.accepted(0.08) > 0.1


@pytest.mark.parametrize(("call", "words"), [
    (lambda: pr.wilson(3, 2), "hits: found 3; allowed: 0 to 2"),
    (lambda: pr.wilson(0, 0), "files: found 0; allowed: 1 to"),
    (lambda: pr.clopper_pearson(1, 2, 1.0), "confidence: found 1; allowed: between 0 and 1"),
    (lambda: pr.files_for_margin(5), "margin: found 5"),
    (lambda: pr.files_for_assurance(0.05, 95), "assurance: found 95"),
    (lambda: pr.acceptance_plan(0.1, 0.05), "good: found 0.1; it must be below"),
])  # fmt: skip
def test_wrong_numbers_are_refused_by_name(call, words):
    with pytest.raises(BadInput, match=words):
        call()

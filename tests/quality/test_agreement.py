"""Published right answers of agreement, and what is undefined says why."""

import numpy as np
import pytest

from casework.quality import agreement as ag

NAN = float("nan")
KRIPPENDORFF = [
    [1, 2, 3, 3, 2, 1, 4, 1, 2, NAN, NAN, NAN], [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, NAN, 3],
    [NAN, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, NAN], [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, NAN],
]  # fmt: skip
SHROUT = [[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]]
FLEISS = [[0, 0, 0, 0, 14], [0, 2, 6, 4, 2], [0, 0, 3, 5, 6], [0, 3, 9, 2, 0], [2, 2, 8, 1, 1], [7, 7, 0, 0, 0], [3, 2, 6, 3, 0], [2, 5, 3, 2, 2], [6, 5, 2, 1, 0], [0, 2, 2, 3, 7]]

DIAGNOSES = (  # Thirty patients, six raters, five diagnoses: how many raters chose each.
    "00060 03003 01401 00006 03030 20400 00402 20310 20040 00006 10050 11040 03300 10050 02031 00501 30012 51000 "
    "02040 10203 00006 01050 02013 20040 10041 05010 40002 02040 10500 00006 "
)


def ratings(rows, scale):
    codes = np.array([[scale.index(str(v)) if v == v else NAN for v in row] for row in rows], dtype=float).T
    return ag.Ratings(codes, tuple(scale), tuple(f"r{n}" for n in range(len(rows))), ag.numbers(scale))


def close(value):
    return pytest.approx(value, abs=1e-4)


@pytest.mark.parametrize(("level", "value"), [("nominal", 0.743421), ("ordinal", 0.815388), ("interval", 0.849107), ("ratio", 0.797403)])
def test_k01_alpha_with_missing_ratings(level, value):
    r = ratings(KRIPPENDORFF, ["1", "2", "3", "4", "5"])
    assert ag.alpha(r.counts, level, r.values) == close(value)


def test_k02_k03_alpha_of_two():
    r = ratings([[0, 1, 0, 0, 0, 0, 0, 0, 1, 0], [1, 1, 1, 0, 0, 1, 0, 0, 0, 0]], ["0", "1"])
    assert ag.alpha(r.counts, "nominal", None) == close(0.095238)
    r = ratings([list("aabbdcccedda"), list("babbbcccedd") + ["d"]], list("abcde"))
    assert ag.alpha(r.counts, "nominal", None) == close(0.691964)


def test_k04_k05_fleiss():
    diagnoses = np.array([[int(c) for c in row] for row in DIAGNOSES.split()], dtype=float)
    assert ag.fleiss(diagnoses) == close(0.430245)
    assert list(diagnoses.sum(axis=0) / diagnoses.sum()) == [close(p) for p in (0.144444, 0.144444, 0.166667, 0.305556, 0.238889)]
    assert ag.fleiss(np.array(FLEISS, dtype=float)) == close(0.209931)


def test_k06_cohen_weighted():
    table = np.array([[88, 14, 18], [10, 40, 10], [2, 6, 12]], dtype=float)
    assert ag.cohen(table, ag.disagreements(3, "none")) == close(0.491525)
    assert ag.cohen(table, np.array([[0, 1, 3], [1, 0, 6], [3, 6, 0]], dtype=float)) == close(0.347826)
    assert ag.cohen(table, ag.disagreements(3, "linear")) == close(0.473684)
    assert ag.cohen(table, ag.disagreements(3, "quadratic")) == close(0.454545)


@pytest.mark.parametrize(("table", "kappa", "ac1"), [
    ([[20, 5], [10, 15]], 0.4, None), ([[45, 15], [25, 15]], 0.130435, None), ([[25, 35], [5, 35]], 0.259259, None),
    ([[118, 5], [2, 0]], -0.023392, 0.940776), ([[40, 9], [6, 45]], 0.699519, 0.700748), ([[80, 10], [5, 5]], 0.318182, 0.808),
])  # fmt: skip
def test_k07_to_k10_two_by_two(table, kappa, ac1):
    assert ag.cohen(np.array(table, dtype=float), ag.disagreements(2, "none")) == close(kappa)
    if ac1 is not None:
        counts = [[2, 0]] * table[0][0] + [[1, 1]] * (table[0][1] + table[1][0]) + [[0, 2]] * table[1][1]
        assert ag.gwet(np.array(counts, dtype=float), np.eye(2)) == close(ac1)
        if kappa < 0:
            assert ag.alpha(np.array(counts, dtype=float), "nominal", None) == close(-0.02469)
            assert ag.percent(np.array(counts, dtype=float)) == close(94.4)


def test_k11_k12_the_six_forms():
    found = ag.icc(np.array(SHROUT, dtype=float))
    wanted = {"ICC(1,1)": 0.165742, "ICC(2,1)": 0.289764, "ICC(3,1)": 0.714841, "ICC(1,k)": 0.442797, "ICC(2,k)": 0.620051, "ICC(3,k)": 0.909316}
    assert {form: close(value) for form, value in wanted.items()} == found


def test_d06_one_category_is_undefined_and_says_so():
    found = ag.agree(ratings([["pass"] * 5, ["pass"] * 5], ["fail", "pass"]))
    assert found["percent_agreement"] == 100
    for name in ("cohen_kappa", "fleiss_kappa", "krippendorff_alpha"):
        assert found[name].value is None and found[name].reason.startswith("single_category") and found[name].n == 5
    assert found["gwet_ac1"].value == 1
    assert found["icc"].reason.startswith("no_variance")


def test_d07_alpha_of_nought_stands_beside_the_percent_with_a_warning():
    found = ag.agree(ratings([["meets"] * 10, ["meets"] * 9 + ["below"]], ["below", "meets"]))
    assert found["krippendorff_alpha"].value == pytest.approx(0, abs=1e-12) and found["percent_agreement"] == close(90)
    assert any(w.startswith("prevalence") for w in found["warnings"])


def test_every_statistic_has_n_and_an_interval_that_holds_it():
    rng = np.random.default_rng(5)
    truth = rng.integers(0, 3, 80)
    rows = [[str(v) if rng.random() < 0.8 else str(rng.integers(0, 3)) for v in truth] for _ in range(3)]
    found = ag.agree(ratings(rows, ["0", "1", "2"]), "ordinal", "linear")
    for name in ("fleiss_kappa", "krippendorff_alpha", "gwet_ac1", "gwet_ac2", "icc"):
        s = found[name]
        assert s.n == 80 and s.low <= s.value <= s.high and 0 < s.high - s.low < 0.5
    assert ag.agree(ratings(rows, ["0", "1", "2"]), "ordinal", "linear") == found


def test_perfect_agreement_is_one_and_missing_ratings_are_left_out():
    found = ag.agree(ratings([["a", "b", "a", NAN], ["a", "b", "a", "b"]], ["a", "b"]))
    assert found["units"] == 4 and found["cohen_kappa"].n == 3
    for name in ("cohen_kappa", "krippendorff_alpha", "gwet_ac1"):
        assert found[name].value == pytest.approx(1)
    assert any(w.startswith("single: 1 units") for w in found["warnings"])

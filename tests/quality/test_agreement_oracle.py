"""Ten thousand random tables beside krippendorff and statsmodels: the same to nine digits, or undefined in both.

Tables have missing ratings, categories that nobody used, units that nobody rated, and now and then one rater only.
"""

import warnings
from collections import Counter

import krippendorff
import numpy as np
import pytest
from statsmodels.stats import inter_rater

from casework.quality import agreement as ag

TABLES, CLOSE = 10_000, 1e-9
LEVELS = ("nominal", "ordinal", "interval", "ratio")


def tables(count, seed):
    """Codes of units by raters (NaN is missing) and the number of categories; some tables all of one category."""
    die = np.random.default_rng(seed)
    for n in range(count):
        units, raters, q = int(die.integers(1, 13)), int(die.integers(1, 6)), int(die.integers(1, 6))
        used = 1 if n % 11 == 0 else q
        codes = die.integers(0, used, (units, raters)).astype(float)
        if n % 3:
            # Raters who mostly agree, as people do.
            same = die.random((units, raters)) < 0.7
            codes = np.where(same, codes[:, :1], codes)
        if n % 2:
            codes[die.random((units, raters)) < die.random() * 0.6] = np.nan
        yield codes, q


def value(of, *given):
    """A statistic's value, or None where it is undefined."""
    try:
        return of(*given)
    except ag.Undefined:
        return None


def same(ours, theirs):
    if theirs is None or not np.isfinite(theirs):
        return ours is None
    return ours is not None and abs(ours - theirs) < CLOSE


def of_krippendorff(counts, level, q):
    """The peer's alpha; None where it refuses (nothing to compare) or where nothing could disagree."""
    try:
        return krippendorff.alpha(value_counts=counts, value_domain=np.arange(1.0, q + 1), level_of_measurement=level)
    except (ValueError, AssertionError):
        return None


def of_statsmodels(function, table):
    with np.errstate(all="ignore"):
        return function(table)


@pytest.mark.parametrize("part", range(4))
def test_alpha_is_krippendorffs(part):
    seen = Counter()
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        for n, (codes, q) in enumerate(tables(TABLES // 4, 100 + part)):
            level = LEVELS[(n + n // 4) % 4]
            ratings = ag.Ratings(codes, tuple(str(k) for k in range(1, q + 1)), tuple("abcde"[: codes.shape[1]]), np.arange(1.0, q + 1))
            ours, theirs = value(ag.alpha, ratings.counts, level, ratings.values), of_krippendorff(ratings.counts, level, q)
            assert same(ours, theirs), (level, codes.tolist(), q, ours, theirs)
            seen[level, ours is None] += 1
    assert all(seen[level, True] > 50 and seen[level, False] > 300 for level in LEVELS)


def test_fleiss_kappa_is_statsmodels():
    seen = Counter()
    for codes, q in tables(TABLES, 7):
        counts = ag.Ratings(codes, tuple("abcde"[:q]), tuple("abcde"[: codes.shape[1]]), None).counts
        m = counts.sum(axis=1)
        ours = value(ag.fleiss, counts)
        if m.min() != m.max() or m[0] < 2:
            # The peer takes the first unit's number of ratings for everyone's; ours says that it is undefined.
            assert ours is None
            continue
        assert same(ours, of_statsmodels(inter_rater.fleiss_kappa, counts)), (codes.tolist(), q, ours)
        seen[ours is None] += 1
    assert seen[True] > 100 and seen[False] > 2000


@pytest.mark.parametrize(("weights", "name"), [("none", None), ("linear", "linear"), ("quadratic", "quadratic")])
def test_cohens_kappa_is_statsmodels(weights, name):
    seen = Counter()
    for codes, q in tables(TABLES, 8):
        if codes.shape[1] < 2:
            continue
        both = codes[~np.isnan(codes[:, :2]).any(axis=1), :2].astype(int)
        if not len(both):
            continue
        table = np.zeros((q, q))
        np.add.at(table, (both[:, 0], both[:, 1]), 1)
        assert (ag.pair_table(codes[:, 0], codes[:, 1], q) == table).all()
        ours = value(ag.cohen, table, ag.disagreements(q, weights))
        theirs = of_statsmodels(lambda t: inter_rater.cohens_kappa(t, wt=name, return_results=False), table)
        assert same(ours, theirs), (table.tolist(), ours, theirs)
        seen[ours is None] += 1
    assert seen[True] > 100 and seen[False] > 3000

"""How far raters agree: percent agreement, kappas, alpha, AC1/AC2 and intraclass correlations, each with n and an interval.

Ratings are a table of units by raters, missing ones None, in the order of a declared scale. Everything but
Cohen's kappa and the ICC is worked out from the counts of each unit's ratings by category, so that missing
ratings cost nothing and a resample is a choice of rows. A statistic that is undefined says why.

Sources: Cohen 1960, 1968; Fleiss 1971; Krippendorff 2011 (computing alpha); Gwet 2008, 2014 (AC1, AC2); Shrout
and Fleiss 1979. Intervals are percentile bootstraps over units.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Level = Literal["nominal", "ordinal", "interval", "ratio"]
LEVELS: tuple[Level, ...] = ("nominal", "ordinal", "interval", "ratio")
RESAMPLES, WORK = 1000, 4_000_000  # Resamples of an interval; fewer where units times resamples would pass WORK.
CONFIDENCE = 0.95
FORMS = ("ICC(1,1)", "ICC(2,1)", "ICC(3,1)", "ICC(1,k)", "ICC(2,k)", "ICC(3,k)")


@dataclass(frozen=True)
class Statistic:
    """A value with its 95 % interval and the units it rests on; None with the reason where it is undefined."""

    value: float | None
    low: float | None
    high: float | None
    n: int
    reason: str | None = None


@dataclass(frozen=True)
class Ratings:
    """Codes of a scale by unit (rows) and rater (columns); NaN is missing. `values` are the scale's numbers, if it has any."""

    codes: Array
    scale: tuple[str, ...]
    raters: tuple[str, ...]
    values: Array | None

    @property
    def counts(self) -> Array:
        """Units by categories: how many raters chose each."""
        return np.stack([(self.codes == c).sum(axis=1) for c in range(len(self.scale))], axis=1).astype(float)


class Undefined(ArithmeticError):
    """A statistic has no value on these ratings; says why."""


def numbers(scale: Sequence[str]) -> Array | None:
    try:
        return np.array([float(word) for word in scale])
    except ValueError:
        return None


def percent(counts: Array) -> float:
    """Percent of pairs of ratings of the same unit that agree, over units with two ratings or more, each unit alike."""
    rated = counts[counts.sum(axis=1) >= 2]
    if not len(rated):
        raise Undefined("no_pairs: no unit has two ratings")
    m = rated.sum(axis=1)
    return float(100 * ((rated * (rated - 1)).sum(axis=1) / (m * (m - 1))).mean())


def disagreements(q: int, weights: str | Array) -> Array:
    """Weights of disagreement for q ordered categories: 0 on the diagonal."""
    if not isinstance(weights, str):
        return weights
    steps = np.abs(np.subtract.outer(np.arange(q), np.arange(q))).astype(float)
    return {"none": (steps > 0).astype(float), "linear": steps, "quadratic": steps**2}[weights]


def pair_table(one: Array, other: Array, q: int) -> Array:
    """How often two raters chose each pair of categories; units that either left out are not counted."""
    both = ~(np.isnan(one) | np.isnan(other))
    pairs = one[both] * q + other[both]
    return np.bincount(pairs.astype(np.int64), minlength=q * q).reshape(q, q).astype(float)


def cohen(table: Array, weights: Array) -> float:
    """Cohen's kappa of a contingency table of two raters, by weights of disagreement (0 on the diagonal)."""
    p = table / table.sum()
    expected = float((np.outer(p.sum(axis=1), p.sum(axis=0)) * weights).sum())
    if expected == 0:
        raise Undefined("single_category: both raters used one and the same category, so agreement by chance is certain")
    return 1 - float((p * weights).sum()) / expected


def fleiss(counts: Array) -> float:
    """Fleiss' kappa; every unit has the same number of ratings."""
    m = counts.sum(axis=1)
    if not len(m) or m.min() != m.max():
        raise Undefined("unequal_ratings: units have different numbers of ratings; alpha and AC1 take missing ones")
    if m[0] < 2:
        raise Undefined("no_pairs: each unit has one rating")
    p = counts.sum(axis=0) / counts.sum()
    chance = float((p**2).sum())
    if chance == 1:
        raise Undefined("single_category: all ratings are in one category, so agreement by chance is certain")
    return (float(((counts**2).sum(axis=1) - m).sum() / (m * (m - 1)).sum()) - chance) / (1 - chance)


def alpha(counts: Array, level: Level, values: Array | None) -> float:
    """Krippendorff's alpha from counts; units with fewer than two ratings are left out."""
    rated = counts[counts.sum(axis=1) >= 2]
    if not len(rated):
        raise Undefined("no_pairs: no unit has two ratings")
    m = rated.sum(axis=1)
    share = rated / (m - 1)[:, None]
    coincidences = share.T @ rated - np.diag(share.sum(axis=0))
    n = coincidences.sum(axis=1)
    metric = _metric(n, level, values)
    expected = float(n @ metric @ n) / (float(n.sum()) - 1)
    if expected == 0:
        raise Undefined("single_category: all ratings are in one category, so nothing could disagree")
    return 1 - float((coincidences * metric).sum()) / expected


def _metric(n: Array, level: Level, values: Array | None) -> Array:
    """Squared distances between categories; the ordinal one depends on how often each is used."""
    q = len(n)
    if level == "nominal":
        return 1.0 - np.eye(q)
    if level == "ordinal":
        upto = np.cumsum(n)
        first = np.minimum.outer(np.arange(q), np.arange(q))
        last = np.maximum.outer(np.arange(q), np.arange(q))
        between = upto[last] - upto[first] + n[first]
        return np.asarray((between - (n[first] + n[last]) / 2) ** 2 * (1 - np.eye(q)))
    numeric = values if values is not None else np.arange(q, dtype=float)
    apart = np.subtract.outer(numeric, numeric)
    if level == "interval":
        return np.asarray(apart**2)
    if values is None:
        raise Undefined("no_numbers: the ratio level needs a scale of numbers")
    total = np.add.outer(numeric, numeric)
    return np.asarray(np.divide(apart, total, out=np.zeros_like(apart), where=total != 0) ** 2)


def gwet(counts: Array, weights: Array) -> float:
    """Gwet's AC1 (identity weights) or AC2, by weights of agreement (1 on the diagonal), with missing ratings."""
    q = counts.shape[1]
    m = counts.sum(axis=1)
    rated, pairs = counts[m > 0], counts[m >= 2]
    if q < 2 or not len(pairs):
        raise Undefined("no_pairs: no unit has two ratings" if q >= 2 else "single_category: the scale has one category")
    r = pairs.sum(axis=1)
    near = pairs @ weights.T
    agreed = float(((pairs * (near - 1)).sum(axis=1) / (r * (r - 1))).mean())
    used = (rated / rated.sum(axis=1)[:, None]).mean(axis=0)
    chance = float(weights.sum()) / (q * (q - 1)) * float((used * (1 - used)).sum())
    return (agreed - chance) / (1 - chance)


def icc(scores: Array) -> dict[str, float]:
    """The six forms of Shrout and Fleiss, from a complete table of units by raters."""
    n, k = scores.shape
    if n < 2 or k < 2:
        raise Undefined("too_few: at least two units that every rater has rated, and two raters")
    grand, rows, columns = scores.mean(), scores.mean(axis=1), scores.mean(axis=0)
    between = k * float(((rows - grand) ** 2).sum()) / (n - 1)
    within = float(((scores - rows[:, None]) ** 2).sum()) / (n * (k - 1))
    judges = n * float(((columns - grand) ** 2).sum()) / (k - 1)
    error = float(((scores - rows[:, None] - columns[None, :] + grand) ** 2).sum()) / ((n - 1) * (k - 1))
    tops = {
        "ICC(1,1)": (between - within, between + (k - 1) * within),
        "ICC(2,1)": (between - error, between + (k - 1) * error + k * (judges - error) / n),
        "ICC(3,1)": (between - error, between + (k - 1) * error),
        "ICC(1,k)": (between - within, between),
        "ICC(2,k)": (between - error, between + (judges - error) / n),
        "ICC(3,k)": (between - error, between),
    }  # fmt: skip
    if any(below == 0 for _, below in tops.values()):
        raise Undefined("no_variance: the units do not differ, so nothing can be told apart")
    return {form: above / below for form, (above, below) in tops.items()}


def _with_interval(rows: int, of: Callable[[NDArray[np.int64]], float], seed: int) -> Statistic:
    """A statistic of a choice of rows, with its bootstrap interval; resamples on which it is undefined are left out."""
    everything = np.arange(rows)
    try:
        value = of(everything)
    except Undefined as error:
        return Statistic(None, None, None, rows, str(error))
    rng = np.random.default_rng(seed)
    found = []
    for _ in range(max(100, min(RESAMPLES, WORK // max(1, rows)))):
        try:
            found.append(of(rng.integers(0, rows, rows)))
        except Undefined:
            continue
    if len(found) < 50:
        return Statistic(value, None, None, rows, "no_interval: undefined on most resamples; there is too little variation")
    tail = (1 - CONFIDENCE) / 2
    low, high = np.quantile(found, [tail, 1 - tail])
    return Statistic(value, min(float(low), value), max(float(high), value), rows)


def agree(ratings: Ratings, level: Level = "nominal", weights: str | Array = "none", seed: int = 1) -> Mapping[str, Any]:
    """Every statistic that these ratings allow, by name, with `units`, `raters`, `percent_agreement` and `warnings`."""
    counts = ratings.counts
    counts = counts[counts.sum(axis=1) > 0]
    q = len(ratings.scale)
    apart = disagreements(q, weights)
    near = 1 - apart / apart.max() if apart.max() > 0 else np.ones_like(apart)
    rated = counts[counts.sum(axis=1) >= 2]
    found: dict[str, Any] = {"units": len(counts), "raters": len(ratings.raters)}
    try:
        found["percent_agreement"] = percent(counts)
    except Undefined:
        found["percent_agreement"] = None
    if len(ratings.raters) == 2:
        both = ratings.codes[~np.isnan(ratings.codes).any(axis=1)]

        def of_two(rows: NDArray[np.int64]) -> float:
            table = pair_table(both[rows, 0], both[rows, 1], q)
            if not table.sum():
                raise Undefined("no_pairs: no unit was rated by both")
            return cohen(table, apart)

        found["cohen_kappa"] = _with_interval(len(both), of_two, seed)
    found["fleiss_kappa"] = _with_interval(len(rated), lambda rows: fleiss(rated[rows]), seed)
    found["krippendorff_alpha"] = _with_interval(len(rated), lambda rows: alpha(rated[rows], level, ratings.values), seed)
    found["gwet_ac1"] = _with_interval(len(rated), lambda rows: gwet(rated[rows], np.eye(q)), seed)
    found["gwet_ac2"] = _with_interval(len(rated), lambda rows: gwet(rated[rows], near), seed)
    found["icc"], found["icc_forms"] = _icc(ratings, seed)
    found["warnings"] = _warnings(counts, ratings)
    return found


def _icc(ratings: Ratings, seed: int) -> tuple[Statistic, dict[str, Statistic]]:
    """ICC(2,1) as the headline (raters are a sample, absolute agreement), and all six forms."""
    whole = ratings.codes[~np.isnan(ratings.codes).any(axis=1)]
    numeric = ratings.values if ratings.values is not None else np.arange(len(ratings.scale), dtype=float)
    scores = numeric[whole.astype(np.int64)]

    def of(form: str) -> Statistic:
        return _with_interval(len(scores), lambda rows: icc(scores[rows])[form], seed)

    forms = {form: of(form) for form in FORMS}
    return forms["ICC(2,1)"], forms


def _warnings(counts: Array, ratings: Ratings) -> list[str]:
    total = counts.sum()
    found = []
    if total and counts.sum(axis=0).max() / total >= 0.9:
        most = ratings.scale[int(counts.sum(axis=0).argmax())]
        found.append(f"prevalence: {counts.sum(axis=0).max() / total:.0%} of ratings are {most!r}; kappas and alpha fall towards nought however well raters agree. Read them beside the percent agreement and AC1")
    alone = int((counts.sum(axis=1) < 2).sum())
    if alone:
        found.append(f"single: {alone} units have one rating and tell nothing of agreement")
    if len(counts) < 30:
        found.append(f"small: {len(counts)} units; intervals are wide")
    return found

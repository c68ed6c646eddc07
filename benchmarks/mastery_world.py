"""Simulated learners whose true levels are known, and the mastery filter's own equations for arrays of them.

Six competencies, forty scenarios, twelve files, five criteria a competency on each file, two of them judged by one of
eight raters. Learners improve at paces of their own, forget a little and wander; every file suits each of them or does
not. The truth comes from the logistic family that the filter assumes, which flatters the filter.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from casework.progress import mastery

Array = NDArray[np.float64]
Marks = Literal["pass or fail", "halves", "graded"]
COMPETENCIES, SCENARIOS, FILES, CRITERIA, JUDGED, RATERS = 6, 40, 12, 5, 2, 8
SEVERITY, ALIKE = 0.5, 0.45  # Logits between raters; correlation of a learner's competencies.
START, START_SPREAD = 0.0, 0.9  # Logits. With PACE they put 11 % of levels above a pass rate of .80 at file 4, 55 % at file 12.
PACE, PACE_SPREAD = 0.34, 0.4  # Logits a file far below the ceiling, and the spread of its logarithm between learners.
CEILING, FORGOTTEN, WANDER = 1.5, 0.02, 0.04  # The level at which practice brings half as much; logits and squared logits a week.
GAP_DAYS = (2, 21)
SHARED = 0.75  # Of the variance of scenarios' difficulty, that which all competencies share.
LOOKED_AT, NOISE = 8, 0.5  # Targeting: files compared for each learner, and the error in logits of what is known of them.
GRADED = 1.0  # Logits from the middle to each border of the middle level.
NODES = np.arange(-16, 17) / 2
WEIGHTS = np.exp(-(NODES**2) / 2) / np.sqrt(8 * np.pi)


@dataclass(frozen=True)
class Library:
    """True difficulties in logits by competency: scenarios (40, 6), criteria (6, 5), both centred; one guess a scenario (40); severities (8)."""

    scenarios: Array
    criteria: Array
    guesses: Array
    severity: Array


@dataclass(frozen=True)
class World:
    """True levels (learners, files, competencies), weeks before each file, which scenario and rater, known difficulties and shares.

    `hard` and `shares` are (learners, files, competencies, criteria); an unscored share is NaN.
    """

    level: Array
    weeks: Array
    scenario: NDArray[np.int64]
    severity: Array
    hard: Array
    shares: Array


def library(seed: int) -> Library:
    rng = np.random.default_rng([seed, 1])
    own, shared = rng.normal(size=(SCENARIOS, COMPETENCIES)), rng.normal(size=(SCENARIOS, 1))
    scenarios = mastery.SCENARIO_SPREAD * (np.sqrt(SHARED) * shared + np.sqrt(1 - SHARED) * own)
    criteria = rng.normal(0, mastery.CRITERION_SPREAD, (COMPETENCIES, CRITERIA))
    scenarios, criteria = scenarios - scenarios.mean(0), criteria - criteria.mean(1, keepdims=True)
    # Centring takes a share of the spread with it, which is given back.
    criteria *= np.sqrt(CRITERIA / (CRITERIA - 1))
    severity = rng.normal(0, SEVERITY, RATERS)
    return Library(scenarios, criteria, scenarios.mean(1) + rng.normal(0, 0.5, SCENARIOS), severity - severity.mean())


def given(rng: np.random.Generator, eta: Array, marks: Marks) -> Array:
    """Shares drawn at levels in logits: pass or fail; the mean of two of them; or three levels between two borders."""
    if marks == "graded":
        at = eta + rng.logistic(size=eta.shape)
        return np.asarray((at > -GRADED) * 0.5 + (at > GRADED) * 0.5, dtype=float)
    p = 1 / (1 + np.exp(-eta))
    if marks == "halves":
        return rng.binomial(2, p) / 2
    return np.asarray(rng.random(eta.shape) < p, dtype=float)


def world(
    books: Library, learners: int, seed: int, targeted: bool, marks: Marks = "pass or fail", unscored: float = 0.0,
    aimed_by: Array | None = None, pace: float = PACE, ceiling: float = CEILING,
) -> World:  # fmt: skip
    """Learners' files and marks. Targeted, files are chosen near each learner's level, by true difficulty or by `aimed_by` (scenarios, competencies).

    Chosen by true difficulty is the harder case: whoever chooses knows what no estimate of difficulty does.
    """
    rng = np.random.default_rng([seed, 2, int(targeted)])
    common, own = rng.normal(size=(learners, 1)), rng.normal(size=(learners, COMPETENCIES))
    now = START + START_SPREAD * (np.sqrt(ALIKE) * common + np.sqrt(1 - ALIKE) * own)
    paces = pace * np.exp(PACE_SPREAD * rng.normal(size=(learners, 1)) - PACE_SPREAD**2 / 2)
    weeks = rng.integers(GAP_DAYS[0], GAP_DAYS[1] + 1, (learners, FILES)) / 7
    weeks[:, 0] = 0
    level = np.zeros((learners, FILES, COMPETENCIES))
    scenario = np.zeros((learners, FILES), dtype=np.int64)
    rows, overall = np.arange(learners), (books.scenarios if aimed_by is None else aimed_by).mean(1)
    used = np.zeros((learners, SCENARIOS), dtype=bool)
    for n in range(FILES):
        if n:
            gap = weeks[:, n, None]
            now = now + paces / (1 + np.exp(now - ceiling)) - FORGOTTEN * gap + rng.normal(size=now.shape) * np.sqrt(WANDER * gap)
        level[:, n] = now
        drawn = np.argsort(np.where(used, 2.0, rng.random(used.shape)), axis=1)[:, :LOOKED_AT]
        far = np.abs(overall[drawn] - now.mean(1, keepdims=True) - NOISE * rng.normal(size=(learners, 1)))
        scenario[:, n] = drawn[rows, far.argmin(1)] if targeted else drawn[:, 0]
        used[rows, scenario[:, n]] = True
    severity = np.zeros((learners, FILES, 1, CRITERIA))
    severity[:, :, 0, -JUDGED:] = books.severity[rng.integers(RATERS, size=(learners, FILES))][:, :, None]
    hard = books.scenarios[scenario][..., None] + books.criteria + severity
    suits = rng.normal(0, mastery.FILE_SPREAD, level.shape)
    shares = given(rng, (level + suits)[..., None] - hard, marks)
    shares[rng.random(shares.shape) < unscored] = np.nan
    return World(level, weeks, scenario, severity, hard, shares)


def chance(x: Array) -> Array:
    return np.exp(-np.logaddexp(0, -x))


def pass_rate(level: Array, marks: Marks = "pass or fail") -> Array:
    """As `mastery.pass_rate`; with graded marks the true mean share on a typical file, which the filter does not know to be flatter."""
    total = np.zeros_like(level)
    for e, weight in zip(NODES, WEIGHTS, strict=True):
        x = level + mastery.TYPICAL_SPREAD * e
        total += weight * ((chance(x - GRADED) + chance(x + GRADED)) / 2 if marks == "graded" else chance(x))
    return total


def moved(mean: Array, variance: Array, hard: Array, shares: Array, worth: Array, difficulty_variance: Array | float = 0.0) -> tuple[Array, Array]:
    """As `mastery.moved` for arrays with a last axis of criteria; NaN is unscored, and where all are the state stays."""
    wide = variance + mastery.FILE_SPREAD**2 + difficulty_variance
    worth = np.where(np.isnan(shares), 0.0, worth)
    n, total = worth.sum(-1), np.nansum(worth * shares, axis=-1)
    step = mastery.STEP / np.sqrt(1 + wide * n / 4)
    count = np.ceil(mastery.REACH / step)
    node = np.arange(-count.max(), count.max() + 1)
    x = step[..., None] * node
    z = mean[..., None] + np.sqrt(wide)[..., None] * x
    likely = np.where(np.abs(node) <= count[..., None], total[..., None] * z - x * x / 2, -np.inf)
    for j in range(hard.shape[-1]):
        likely -= worth[..., j, None] * np.logaddexp(0, z - hard[..., j, None])
    weight = np.exp(likely - likely.max(-1, keepdims=True))
    weight /= weight.sum(-1, keepdims=True)
    middle = (weight * z).sum(-1)
    narrow = np.minimum(wide, (weight * (z - middle[..., None]) ** 2).sum(-1))
    gain = np.where(n > 0, variance / wide, 0.0)
    return mean + gain * (middle - mean), variance - gain * gain * (wide - narrow)


@dataclass(frozen=True)
class Followed:
    """What a filter said before and after each file: chances (as `shares`), means, variances and files (learners, files, competencies)."""

    chances: Array
    mean: Array
    variance: Array
    files: Array


def followed(
    weeks: Array, hard: Array, shares: Array, difficulty_variance: Array | float = 0.0, worth: Array | float = 1.0,
    drift: float | None = None, growth: float = 0.0,
) -> Followed:  # fmt: skip
    """The filter along axis 1 of (learners, files, competencies, criteria), from the cohort's mean; with growth it is the forecast.

    `worth` is by competency and criterion, or one for all; `drift` as `mastery.drift`, or one for all.
    """
    shape = shares.shape[:3]
    mean, variance, files = np.zeros((shape[0], shape[2])), np.full((shape[0], shape[2]), mastery.START_VARIANCE), np.zeros((shape[0], shape[2]))
    each = np.broadcast_to(worth, shares.shape[2:])
    unsure = np.broadcast_to(difficulty_variance, shape)
    chances, means, variances, counts = np.zeros(shares.shape), np.zeros(shape), np.zeros(shape), np.zeros(shape)
    gap = np.zeros(mean.shape)
    for n in range(shape[1]):
        gap = gap + weeks[:, n, None]
        seen = ~np.isnan(shares[:, n]).all(-1)
        wanders = mastery.WANDER + mastery.UNASSUMED * chance(mastery.CEILING - mean) ** 2 if drift is None else drift
        aged = np.maximum(variance, np.minimum(variance + wanders * gap, mastery.START_VARIANCE))
        flat = np.sqrt(1 + mastery.PROBIT * (aged + mastery.FILE_SPREAD**2 + unsure[:, n]))[..., None]
        chances[:, n] = chance((mean[..., None] - hard[:, n]) / flat)
        level, narrowed = moved(mean, aged, hard[:, n], shares[:, n], each, unsure[:, n])
        level = level + growth * chance(mastery.CEILING - level)
        mean, variance, gap = np.where(seen, level, mean), np.where(seen, narrowed, variance), np.where(seen, 0.0, gap)
        files = files + seen
        means[:, n], variances[:, n], counts[:, n] = mean, variance, files
    return Followed(chances, means, variances, counts)

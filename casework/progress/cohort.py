"""What a cohort's scorecards say together: who needs what, where marks are lost, what to coach next."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from statistics import median

from casework.quality.proportions import wilson
from casework.quality.scoring import Scorecard


@dataclass(frozen=True)
class Standing:
    """One trainee over their plays; the interval is for the mean total, `n` plays."""

    trainee: str
    n: int
    mean: float
    low: float
    high: float
    passed: int
    critical: tuple[tuple[str, int], ...]
    loses_on: str


@dataclass(frozen=True)
class Cohort:
    standings: tuple[Standing, ...]
    cells: dict[tuple[str, str], tuple[float, int]]
    criteria: tuple[str, ...]
    scenarios: tuple[str, ...]
    lost: tuple[tuple[str, float, int, int], ...]
    plays: int
    passed: int
    median: float
    clocks_met: int
    clocks_due: int


# Student's t, two-sided 90 %, by degrees of freedom (standard table); beyond 30 the normal value.
T90 = (6.314, 2.920, 2.353, 2.132, 2.015, 1.943, 1.895, 1.860, 1.833, 1.812, 1.796, 1.782, 1.771, 1.761, 1.753,
       1.746, 1.740, 1.734, 1.729, 1.725, 1.721, 1.717, 1.714, 1.711, 1.708, 1.706, 1.703, 1.701, 1.699, 1.697)  # fmt: skip


def _mean_interval(values: list[float]) -> tuple[float, float, float]:
    n, mean = len(values), sum(values) / len(values)
    if n < 2:
        return mean, 0.0, 100.0
    spread = math.sqrt(sum((v - mean) ** 2 for v in values) / (n - 1) / n)
    t = T90[n - 2] if n - 2 < len(T90) else 1.645
    return mean, max(0.0, mean - t * spread), min(100.0, mean + t * spread)


def _standing(trainee: str, cards: list[Scorecard]) -> Standing:
    mean, low, high = _mean_interval([float(card.total) for card in cards])
    lost: dict[str, Fraction] = {}
    errors: dict[str, int] = {}
    for card in cards:
        for name, found in card.failed_classes().items():
            errors[name] = errors.get(name, 0) + bool(found)
        for r in card.ratings:
            if r.status == "rated":
                lost[r.criterion.id] = lost.get(r.criterion.id, Fraction(0)) + r.available - r.points
    worst = max(lost, key=lambda id: (lost[id], id)) if any(lost.values()) else ""
    return Standing(
        trainee, len(cards), mean, low, high, sum(c.passed is True for c in cards),
        tuple((name, n) for name, n in errors.items() if n), worst,
    )  # fmt: skip


def gather(cards: list[Scorecard]) -> Cohort:
    """The cohort in one value; standings by mean total, highest first, with their intervals."""
    by_trainee: dict[str, list[Scorecard]] = {}
    for card in cards:
        by_trainee.setdefault(card.trainee, []).append(card)
    earned: dict[tuple[str, str], list[Fraction]] = {}
    lost: dict[str, Fraction] = {}
    hit: dict[str, set[str]] = {}
    for card in cards:
        for r in card.ratings:
            if r.status != "rated" or not r.available:
                continue
            earned.setdefault((r.criterion.id, card.scenario), []).append(r.points / r.available)
            lost[r.criterion.id] = lost.get(r.criterion.id, Fraction(0)) + r.available - r.points
            if r.points < r.available:
                hit.setdefault(r.criterion.id, set()).add(card.trainee)
    criteria = tuple(dict.fromkeys(r.criterion.id for card in cards for r in card.ratings))
    standings = sorted((_standing(t, c) for t, c in by_trainee.items()), key=lambda s: (-s.mean, s.trainee))
    order = sorted((id for id in lost if lost[id]), key=lambda id: (-lost[id], id))
    clocks = [c for card in cards for c in card.clocks if c.counted]
    return Cohort(
        tuple(standings), {k: (float(sum(v, Fraction(0)) / len(v)), len(v)) for k, v in earned.items()}, criteria,
        tuple(sorted({card.scenario for card in cards})),
        tuple((id, float(lost[id]) / len(cards), len(hit.get(id, ())), len(by_trainee)) for id in order),
        len(cards), sum(c.passed is True for c in cards), median(float(c.total) for c in cards) if cards else 0.0,
        sum(c.state == "met" for c in clocks), len(clocks),
    )  # fmt: skip


def findings(cohort: Cohort) -> tuple[str, ...]:
    """The three most useful things to know, in words."""
    found = []
    for id, mean, trainees, of in cohort.lost[:2]:
        found.append(f"{id}: {trainees} of {of} trainees lost marks here, {mean:.1f} points a play on average")
    if cohort.plays:
        passed = wilson(cohort.passed, cohort.plays)
        found.append(f"{cohort.passed} of {cohort.plays} plays passed without critical error (interval {100 * passed.low:.0f} to {100 * passed.high:.0f} %)")
    return tuple(found)

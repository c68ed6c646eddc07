"""Whom the shipped framework's own rules would ever find ready, over the chance that they might ask for.

The level is one rule of several: pieces, kinds of scenario, jurisdictions, kinds of evidence, the interval's width and
critical errors stand beside it, as `standing.progress_of` has them. They are reckoned here for arrays; `differs` folds some
of the same people through the product's own ledger and counts the looks at which the two do not agree.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import special, stats

from benchmarks import mastery_world as simulated
from casework import workbench
from casework.model.framework import Framework
from casework.progress import ledger, mastery, standing
from casework.progress.pieces import Given, Part, Piece
from casework.quality.proportions import wilson

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]
COMPETENCY, FAMILIES, JURISDICTIONS, OBSERVED = "service", 8, 10, 4  # Somebody has sat beside the trainee by the fourth file.
CHANCES = (0.70, 0.74, 0.78, 0.80, 0.82, 0.84, 0.86, 0.88, 0.90, 0.95)
MONDAY = datetime(2026, 1, 5, 9, tzinfo=UTC)
WEAK, ABLE, BY_WEAK, BY_ABLE = 0.70, 0.90, 30, 12
VARIANTS: dict[str, tuple[float, bool, bool]] = {  # Share unscored, whether a criterion of the five is critical, whether difficulty is known.
    "difficulty known": (0.0, False, True),
    "15 % unscored": (0.15, False, True),
    "one criterion in five critical": (0.0, True, True),
    "15 % unscored, one criterion in five critical": (0.15, True, True),
    "nothing known of difficulty": (0.0, False, False),
}


@dataclass(frozen=True)
class Worked:
    """Files of one competency (people, files): shares and difficulties by criterion, kind of scenario, jurisdiction, and how unsurely difficulty is known."""

    weeks: Array
    shares: Array
    hard: Array
    family: NDArray[np.int64]
    jurisdiction: NDArray[np.int64]
    unsure: Array
    critical: bool

    @property
    def errors(self) -> Mask:
        """Files on which the first criterion, where it is critical, was failed."""
        return (self.shares[..., 0] == 0) & self.critical


@lru_cache(maxsize=1)
def framework() -> Framework:
    found = workbench.library().framework
    assert found is not None
    return found


def _known(worked: Worked, known: bool) -> Worked:
    """Where nothing was learned of difficulty, files are taken as average and as unsure as `ledger.pieces_of` takes them."""
    if known:
        return worked
    told = (~np.isnan(worked.shares)).sum(-1)
    return replace(worked, hard=np.zeros_like(worked.hard), unsure=ledger.NOTHING_KNOWN + mastery.CRITERION_SPREAD**2 / np.maximum(1, told))


def steady(rate: float, runs: int, seed: int, unscored: float = 0.0, critical: bool = False, known: bool = True) -> Worked:
    """Weekly files of people who never change, each of another scenario; every file has at least one scored criterion."""
    rng, files = np.random.default_rng([seed, 7, round(1000 * rate)]), BY_WEAK
    shape = (runs, files, simulated.CRITERIA)
    hard = rng.normal(0, mastery.SCENARIO_SPREAD, (*shape[:2], 1)) + rng.normal(0, mastery.CRITERION_SPREAD, shape)
    hard[..., -simulated.JUDGED :] += rng.normal(0, simulated.SEVERITY, (*shape[:2], 1))
    full = simulated.given(rng, mastery.level_of(rate) + rng.normal(0, mastery.FILE_SPREAD, (*shape[:2], 1)) - hard, "pass or fail")
    left = rng.random(shape) < unscored
    left[..., 0] &= ~left.all(-1)
    kinds, places = rng.integers(FAMILIES, size=shape[:2]), rng.integers(JURISDICTIONS, size=shape[:2])
    return _known(Worked(np.ones(shape[:2]), np.where(left, np.nan, full), hard, kinds, places, np.zeros(shape[:2]), critical), known)


def of_world(world: simulated.World, critical: bool, known: bool) -> tuple[Worked, Array]:
    """A world's files and true levels, competency by competency."""

    def flat(values: Array) -> Array:
        return np.moveaxis(values, 2, 1).reshape(-1, values.shape[1], *values.shape[3:])

    k = simulated.COMPETENCIES
    scenario = np.repeat(world.scenario, k, axis=0)
    shares = flat(world.shares)
    shares[..., 0] = np.where(np.isnan(shares).all(-1), 1.0, shares[..., 0])
    worked = Worked(np.repeat(world.weeks, k, axis=0), shares, flat(world.hard), scenario % FAMILIES, scenario % JURISDICTIONS, np.zeros(scenario.shape), critical)
    return _known(worked, known), flat(world.level)


def best(worked: Worked) -> tuple[Array, Array]:
    """At each look the chance that decides: nought where anything else is missing; and the highest so far."""
    rule, found = framework(), simulated.followed(worked.weeks, worked.hard[:, :, None], worked.shares[:, :, None], worked.unsure[:, :, None])
    competency = rule.named(COMPETENCY)
    need, mean, variance = rule.enough(competency), found.mean[:, :, 0], found.variance[:, :, 0]
    assert need.within.endswith("12 months") and need.kinds <= 2 and max(need.scenarios, need.jurisdictions, mastery.FEWEST_FAMILIES) <= 2
    files = np.arange(1, mean.shape[1] + 1)
    half = mastery.Z90 * np.sqrt(variance)
    width = simulated.pass_rate(mean + half) - simulated.pass_rate(mean - half)
    enough = (files >= max(need.pieces, need.scenarios, OBSERVED if need.kinds > 1 else 0)) & (width <= mastery.WIDEST)
    for met in (worked.family, worked.jurisdiction):
        enough &= np.maximum.accumulate(met != met[:, :1], axis=1)
    clear = rule.sign_off.no_critical_error_in_last
    for back in range(clear):
        enough[:, back:] &= ~worked.errors[:, : worked.errors.shape[1] - back]
    chance = special.ndtr((mean - mastery.level_of(rule.standard(competency))) / np.sqrt(variance))
    deciding = np.where(enough, chance, 0.0)
    return deciding, np.maximum.accumulate(deciding, axis=1)


def ratio(counts: Iterable[tuple[int, int]]) -> dict[str, float]:
    """A share of sums over worlds, with a 95 % interval from how worlds differ."""
    hits, of = np.array(list(counts), dtype=float).T
    share, m = float(hits.sum() / max(1.0, of.sum())), len(of)
    if m < 2:
        return {"share": share, "of": float(of.sum())}
    half = float(stats.t.ppf(0.975, m - 1) * np.sqrt(m / (m - 1) * ((hits - share * of) ** 2).sum()) / max(1.0, of.sum()))
    return {"share": share, "low": max(0.0, share - half), "high": share + half, "of": float(of.sum())}


def curve(variant: str, runs: int, steady_seed: int, seeds: Sequence[int], learners: int) -> dict[str, Any]:
    """By the chance asked for: how many steady weak and able people are ever found ready, and how many of those found ready are far from it."""
    unscored, critical, known = VARIANTS[variant]
    weak, able = (best(steady(rate, runs, steady_seed, unscored, critical, known))[1] for rate in (WEAK, ABLE))
    low, far = mastery.level_of(0.80), mastery.level_of(WEAK)
    counts: dict[tuple[float, str], list[tuple[int, int, int]]] = {}
    for targeted in (False, True):
        for seed in seeds:
            worked, level = of_world(simulated.world(simulated.library(seed), learners, seed, targeted, unscored=unscored), critical, known)
            deciding = best(worked)[0]
            for chance in CHANCES:
                ready = deciding >= chance
                at = np.take_along_axis(level, ready.argmax(1)[:, None], 1)[:, 0][ready.any(1)]
                counts.setdefault((chance, "targeted" if targeted else "random"), []).append((int((at < far).sum()), int((at < low).sum()), len(at)))
    rows = {}
    for chance in CHANCES:
        steadily = {"steady .70 by file 30": wilson(int((weak[:, BY_WEAK - 1] >= chance).sum()), runs), "steady .90 by file 12": wilson(int((able[:, BY_ABLE - 1] >= chance).sum()), runs)}
        row: dict[str, Any] = {name: {"share": one.value, "low": one.low, "high": one.high} for name, one in steadily.items()}
        for name in ("random", "targeted"):
            seen = counts[chance, name]
            row[f"severe, {name}"] = ratio((s, n) for s, _, n in seen)
            row[f"false, {name}"] = ratio((f, n) for _, f, n in seen)
        rows[f"{chance:.2f}"] = row
    return rows


def differs(worked: Worked) -> dict[str, int]:
    """Looks at which the product's ledger and rules find somebody ready and the arrays do not, or the other way round."""
    rule = framework()
    competency, asked = rule.named(COMPETENCY), rule.sign_off.confidence
    deciding = best(worked)[0]
    days, looks, apart, ready = worked.weeks.cumsum(1), 0, 0, 0
    for i in range(len(worked.weeks)):
        book = ledger.Ledger(rule)
        for n in range(worked.weeks.shape[1]):
            at = MONDAY + timedelta(weeks=float(days[i, n]))
            given = tuple(
                Given(criterion=f"c{j}", share=None if np.isnan(y) else float(y), difficulty=float(worked.hard[i, n, j]), error=bool(worked.errors[i, n] and j == 0))
                for j, y in enumerate(worked.shares[i, n])
            )
            part = Part(competency=COMPETENCY, given=given, unsure=float(worked.unsure[i, n]))
            if n + 1 == OBSERVED:
                book.add(Piece(trainee="a", kind="observation", at=at, by="b", says="sat beside", nonce="1", parts=(Part(competency=COMPETENCY),)))
            book.add(Piece(
                trainee="a", kind="scorecard", at=at, by="the rubric", parts=(part,), scenario=f"s{n}", family=f"f{worked.family[i, n]}",
                jurisdiction=f"j{worked.jurisdiction[i, n]}", rubric="r", rubric_version=1, source=f"{n:064x}", case="a",
            ))  # fmt: skip
            said = standing.progress_of(book.of("a", COMPETENCY), competency, rule, at).advice == "ready"
            looks, ready, apart = looks + 1, ready + said, apart + (said != (100 * deciding[i, n] >= asked))
    return {"looks": looks, "ready": int(ready), "differ": int(apart)}


def run(runs: int, steady_seed: int, seeds: Sequence[int], learners: int) -> dict[str, Any]:
    rule = framework().sign_off
    people = (steady(rate, 40, steady_seed + 1, 0.15, True) for rate in (WEAK, 0.85, ABLE))
    return {
        "asked": {"confidence": rule.confidence, "standard": rule.standard, "no_critical_error_in_last": rule.no_critical_error_in_last},
        "people": {"steady": runs, "worlds": len(seeds), "learners": learners},
        "product_and_arrays": [differs(one) for one in people],
        "curve": {variant: curve(variant, runs, steady_seed, seeds, learners) for variant in VARIANTS},
    }  # fmt: skip


def told(found: dict[str, Any]) -> list[str]:
    asked = f"{found['asked']['confidence'] / 100:.2f}"
    differ, looks = (sum(one[key] for one in found["product_and_arrays"]) for key in ("differ", "looks"))
    lines = [f"the framework's rules, which ask for a chance of {asked}; the product's own ledger differs at {differ} of {looks:,} looks:"]
    for variant, rows in found["curve"].items():
        lines.append(f"  {variant}: chance asked for; steady .70 ready by file 30, steady .90 by file 12; severely false, files at random and targeted")
        for chance, row in rows.items():
            weak, able, one, two = (row[name] for name in ("steady .70 by file 30", "steady .90 by file 12", "severe, random", "severe, targeted"))
            lines.append(
                f"   {'*' if chance == asked else ' '}{chance}  {weak['share']:.4f} ({weak['low']:.4f} to {weak['high']:.4f})  {able['share']:.3f} ({able['low']:.3f} to {able['high']:.3f})"
                f"  {one['share']:.4f} (to {one['high']:.4f})  {two['share']:.4f} (to {two['high']:.4f})"
            )
    return lines

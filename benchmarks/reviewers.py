"""A simulated team of reviewers with known severity and drift: do the estimates' intervals hold the truth as often as they say?

The truth is drawn from the spreads that the model itself assumes, so this shows what the arithmetic does, and not
that real reviewers behave so. Beside it stands doing nothing: every rater taken as average.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np

from benchmarks.ratios import Ratio
from casework.quality import facets
from casework.quality.marks import Mark

START = datetime(2026, 1, 5, 9, tzinfo=UTC)
FILE = 0.6  # The spread of files in the simulated truth; the model errs above it.
TITLE = "Reviewers with known severity and drift: do the estimates hold the truth"
PEERS = ()


@dataclass(frozen=True)
class Design:
    """Who marks what: `nested` gives each trainee one rater; `double` is the share of files marked by a second one too."""

    name: str
    trainees: int
    files: int
    double: float
    nested: bool = False


DESIGNS = (
    Design("20 trainees x 4, random", 20, 4, 0.0), Design("60 x 2, random", 60, 2, 0.0), Design("60 x 4, random", 60, 4, 0.0),
    Design("60 x 8, random", 60, 8, 0.0), Design("one rater per trainee, 10 % double", 60, 4, 0.10, True),
    Design("one rater per trainee, 25 % double", 60, 4, 0.25, True),
)  # fmt: skip


@dataclass(frozen=True)
class Truth:
    severity: np.ndarray
    drift: np.ndarray
    ability: np.ndarray


def team(design: Design, seed: int, raters: int = 8, scenarios: int = 40, criteria: int = 10, weeks: float = 12.0) -> tuple[list[Mark], Truth]:
    """The marks of one simulated quarter, and the truth behind them."""
    rng = np.random.default_rng(seed)
    spread = facets.SPREAD
    severity, drift = rng.normal(0, spread["severity"], raters), rng.normal(0, spread["drift"], raters)
    ability, hard = rng.normal(0.8, spread["trainee"], design.trainees), rng.normal(0, spread["scenario"], scenarios)
    each = rng.normal(0, spread["criterion"], criteria)
    given: list[tuple[int, int, int, int, float]] = []
    unit = 0
    for trainee in range(design.trainees):
        own = int(rng.integers(raters))
        for _ in range(design.files):
            first = own if design.nested else int(rng.integers(raters))
            second = [int(rng.choice([r for r in range(raters) if r != first]))] if rng.random() < design.double else []
            scenario = int(rng.integers(scenarios))
            given += [(unit, trainee, scenario, rater, float(rng.uniform(0, weeks))) for rater in (first, *second)]
            unit += 1
    file = rng.normal(0, FILE, unit)
    middle = {r: (min(w) + max(w)) / 2 for r in range(raters) if (w := [g[4] for g in given if g[3] == r])}
    marks = []
    for u, t, s, r, week in given:
        level = ability[t] - hard[s] - each - severity[r] - drift[r] * (week - middle[r]) + file[u]
        passed = rng.random(criteria) < 1 / (1 + np.exp(-level))
        at = START + timedelta(weeks=week)
        marks += [Mark(f"f{u}", f"s{s}", f"t{t:03}", f"r{r}", f"c{c}", "met" if ok else "not met", float(ok), at) for c, ok in enumerate(passed)]
    return marks, Truth(severity, drift, ability)


@dataclass(frozen=True)
class Found:
    """Over the runs of one design: coverage of the 90 % intervals, error beside doing nothing, and order of the trainees."""

    design: str
    runs: int
    severity_cover: float
    severity_cover_low: float
    severity_cover_high: float
    severity_error: float
    error_of_nothing: float
    drift_cover: float
    drift_flagged: float
    rank_raw: float
    rank_adjusted: float


def ranks(a: Sequence[float], b: Sequence[float]) -> float:
    """Spearman's rank correlation."""
    x, y = (np.argsort(np.argsort(v)) for v in (a, b))
    return float(np.corrcoef(x, y)[0, 1])


def tried(design: Design, runs: int, seed: int = 1) -> Found:
    from casework.quality.proportions import wilson

    inside, total, square, nothing, drift_in, drifts, flagged, raw_rank, adjusted_rank = 0, 0, 0.0, 0.0, 0, 0, 0, [], []
    for n in range(runs):
        marks, truth = team(design, seed * 100_000 + n)
        plan = facets.design(marks)
        fit = facets.fit(plan)
        found = facets.take_apart(marks)
        for one in found.raters:
            true = float(truth.severity[int(one.rater[1:])])
            if one.logit is not None:
                total += 1
                inside += one.logit.low <= true <= one.logit.high
                square, nothing = square + (one.logit.value - true) ** 2, nothing + true**2
            if one.drift is not None:
                drifts += 1
                drift_in += one.drift.low <= float(truth.drift[int(one.rater[1:])]) <= one.drift.high
                flagged += one.drifts
        ability = [float(truth.ability[int(name[1:])]) for name in plan.names["trainee"]]
        raw_rank.append(ranks([float(plan.share[plan.of["trainee"] == i].mean()) for i in range(len(ability))], ability))
        adjusted_rank.append(ranks(list(fit.parts["trainee"]), ability))
    cover = wilson(inside, max(1, total))
    return Found(
        design.name, runs, inside / max(1, total), cover.low, cover.high, (square / max(1, total)) ** 0.5, (nothing / max(1, total)) ** 0.5,
        drift_in / max(1, drifts), flagged / max(1, drifts), float(np.mean(raw_rank)), float(np.mean(adjusted_rank)),
    )  # fmt: skip


def run(runs: int = 500) -> dict[str, Any]:
    """Every design."""
    return {"designs": [asdict(tried(design, runs if design.trainees * design.files <= 240 else max(50, runs // 5))) for design in DESIGNS]}


def told(found: dict[str, Any]) -> list[str]:
    return [
        f"{one['design']:36} severity inside its 90 % interval {one['severity_cover']:.3f} ({one['severity_cover_low']:.3f} to {one['severity_cover_high']:.3f}), "
        f"error {one['severity_error']:.2f} beside {one['error_of_nothing']:.2f} doing nothing; drift inside {one['drift_cover']:.3f}; "
        f"order of trainees {one['rank_raw']:.2f} raw, {one['rank_adjusted']:.2f} adjusted; {one['runs']} runs"
        for one in found["designs"]
    ]


def ratios(found: dict[str, Any]) -> list[Ratio]:
    return []  # Whether intervals hold the truth, and no matter of speed.


if __name__ == "__main__":
    print("\n".join(told(run())))

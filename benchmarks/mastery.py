"""Does the mastery filter's interval hold the truth, does it predict, and whom would it sign off? Simulated learners, known truths.

Beside it stand the plain average (with Wilson's interval, criteria counted as evidence) and Bayesian knowledge tracing
(pyBKT). The truth is drawn from the logistic family that the filter assumes, so these are best cases of the filter's;
the peers are not given difficulties, because their usual forms cannot take them. Worlds differ more than methods do, so
each figure is a mean over worlds with its interval, and beside each log-loss stands what it lies above the oracle's (true
level and difficulty, the file's own level unknown) in the same world. Seeds are fixed here, and no constant was fitted to
them: quadrature, drift and confidence were chosen on seeds 51 to 64, 201 to 208, 901 and 902. pyBKT, being slow, is
fitted in the first world of each regime alone.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
from scipy import stats

from benchmarks import mastery_bkt as bkt
from benchmarks import mastery_rules as rules
from benchmarks import mastery_world as simulated
from benchmarks.mastery_world import Array, Library, Marks, World
from benchmarks.ratios import Ratio
from casework.progress import difficulty, forecast, mastery
from casework.progress.worths import worths
from casework.quality.proportions import wilson

SEEDS, LEARNERS, BKT_LEARNERS = (11, *range(31, 42)), 1000, 60
STEADY_SEED, STEADY_RUNS, LOOKS = 22, 20_000, (8, 12, 20, 30)
STANDARD, SEVERE, CONFIDENCE, FEWEST = 0.80, 0.70, 0.84, 4
MONDAY = datetime(2026, 1, 5, 9, tzinfo=UTC)
TITLE = "Mastery of learners with known levels: do intervals hold the truth, is the next file foretold, whom does sign-off let through"
PEERS = ()
GOALS = {
    "coverage": (0.88, 0.93), "severe_false": 0.005, "steady .70 by file 30": 0.05, "steady .90 by file 12": 0.80, "update_us": 50.0,
    "log_loss of another generator": {"random": {"seeds 1 to 4": (0.531, 0.524, 0.524, 0.556), "above its oracle": (0.048, 0.047)},
                                      "targeted": {"seeds 1 to 4": (0.614, 0.621, 0.608, 0.620), "above its oracle": (0.050, 0.050)}},
}  # fmt: skip


def log_loss(chances: Array, shares: Array) -> float:
    """Per scored criterion from the second file on, each foretold from earlier files alone."""
    p, y = np.clip(chances[:, 1:], 1e-6, 1 - 1e-6), shares[:, 1:]
    return float(-np.nanmean(y * np.log(p) + (1 - y) * np.log(1 - p)))


def share_of(hits: Array) -> dict[str, float]:
    """The mean over learners (axis 0) with its 95 % Monte Carlo interval; one learner's competencies and files go together."""
    each = hits.reshape(len(hits), -1).mean(1)
    half = 1.96 * float(each.std(ddof=1)) / len(each) ** 0.5
    return {"share": float(each.mean()), "low": float(each.mean()) - half, "high": float(each.mean()) + half}


def covered(low: Array, high: Array, truth: Array) -> dict[str, Any]:
    inside = ((low <= truth) & (truth <= high)).astype(float)
    return {"all": share_of(inside), "at_12": share_of(inside[:, -1:]), "by_file": [round(float(x), 3) for x in inside.mean((0, 2))]}


def held(found: simulated.Followed, truth: Array) -> dict[str, Any]:
    half = mastery.Z90 * np.sqrt(found.variance)
    low, high = simulated.pass_rate(found.mean - half), simulated.pass_rate(found.mean + half)
    return {**covered(low, high, truth), "width": float((high - low)[:, 1:].mean()), "width_at_12": float((high - low)[:, -1].mean())}


def chance_at_least(mean: Array, variance: Array, standard: float) -> Array:
    from scipy import special

    return np.asarray(special.ndtr((mean - mastery.level_of(standard)) / np.sqrt(variance)))


def signed_off(found: simulated.Followed, truth: Array) -> dict[str, float]:
    """Sign-off at the first file where the rule holds: how many, how many of them wrongly, how many of the able are left out."""
    ready = (found.files >= FEWEST) & (chance_at_least(found.mean, found.variance, STANDARD) >= CONFIDENCE)
    ever, first = ready.any(1), ready.argmax(1)
    at = np.take_along_axis(truth, first[:, None], 1)[:, 0][ever]
    able = truth[:, -1] >= 0.90
    return {
        "signed": float(ever.mean()), "signed_off": int(ever.sum()), "false": float((at < STANDARD).mean()), "severe": float((at < SEVERE).mean()),
        "severe_off": int((at < SEVERE).sum()), "severe_high": wilson(int((at < SEVERE).sum()), max(1, len(at))).high, "missed_of_.90_at_12": float((~ever & able).sum() / able.sum()),
    }  # fmt: skip


def plain_average(world: World) -> tuple[Array, Array, Array]:
    """Chances before each file (one pass and one failure added), and Wilson's 90 % interval after it."""
    n = (~np.isnan(world.shares)).sum(3).cumsum(1)
    k = np.nansum(world.shares, axis=3).cumsum(1)
    before = np.concatenate([np.full_like(k[:, :1], 0.5), ((k + 1) / (n + 2))[:, :-1]], axis=1)
    n, z = np.maximum(n, 1), mastery.Z90
    middle, half = (k + z * z / 2) / (n + z * z), z * np.sqrt(k * (n - k) / n + z * z / 4) / (n + z * z)
    return np.broadcast_to(before[..., None], world.shares.shape), middle - half, middle + half


def learned(books: Library, trainees: int, seed: int, marks: Marks, unscored: float) -> tuple[dict[str, difficulty.Calibration], Array]:
    """Difficulties by competency, each on its own, and what each criterion's mark is worth, from other trainees' first files.

    The files were assigned by chance; severities are known; the code is the product's own.
    """
    world = simulated.world(books, trainees, seed + 1000, False, marks, unscored)
    criteria = tuple(f"c{j}" for j in range(simulated.CRITERIA))
    worth = learned_worth(world)
    days = world.weeks.cumsum(1)
    found = {}
    for k in range(simulated.COMPETENCIES):
        plays = [
            difficulty.Play(
                f"t{i}", f"s{world.scenario[i, n]}", MONDAY + timedelta(weeks=float(days[i, n])), criteria,
                tuple(None if np.isnan(x) else float(x) for x in world.shares[i, n, k]), "chance", 1, tuple(map(float, world.severity[i, n, 0])),
            ) for i in range(trainees) for n in range(simulated.FILES)
        ]  # fmt: skip
        found[f"k{k}"] = difficulty.calibrated(plays, {f"s{s}": float(books.guesses[s]) for s in range(simulated.SCENARIOS)}, worth=dict(zip(criteria, worth[k], strict=True)))
    return found, worth


def learned_worth(world: World) -> Array:
    """What the mark of each criterion is worth, by competency and criterion, by the product's own code."""
    marks = (((k, j), float(y)) for (_, _, k, j), y in np.ndenumerate(world.shares) if not np.isnan(y))
    found = worths((f"{k} {j}", y) for (k, j), y in marks)
    return np.array([[found.get(f"{k} {j}", 1.0) for j in range(simulated.CRITERIA)] for k in range(simulated.COMPETENCIES)])


def as_learned(world: World, by_competency: Mapping[str, difficulty.Calibration]) -> tuple[Array, Array]:
    """The world's difficulties as they were learned, and how unsurely file by file."""
    criteria, found = [f"c{j}" for j in range(simulated.CRITERIA)], list(by_competency.values())
    hard = np.array([[one.of(f"s{s}", criteria) for one in found] for s in range(simulated.SCENARIOS)])
    unsure = np.array([[one.variance(f"s{s}", criteria) for one in found] for s in range(simulated.SCENARIOS)])
    return hard[world.scenario] + world.severity, unsure[world.scenario]


def one_world(seed: int, targeted: bool, marks: Marks = "pass or fail", unscored: float = 0.0, peers: bool = True) -> dict[str, Any]:
    books = simulated.library(seed)
    world = simulated.world(books, LEARNERS, seed, targeted, marks, unscored)
    truth = simulated.pass_rate(world.level, marks)
    rows: dict[str, Any] = {}

    def put(name: str, found: simulated.Followed, world: World = world, truth: Array = truth) -> None:
        rows[name] = {"log_loss": log_loss(found.chances, world.shares), "coverage": held(found, truth), "sign_off": signed_off(found, truth)}

    rows["oracle"] = {"log_loss": log_loss(oracle(world), world.shares) if marks != "graded" else None, "why": "graded marks come from another model"}
    put("filter, true difficulty", simulated.followed(world.weeks, world.hard, world.shares))
    for trainees in (30, 100):
        apart, worth = learned(books, trainees, seed, marks, unscored)
        calibrations = difficulty.pooled(apart)
        hard, unsure = as_learned(world, calibrations)
        if marks != "pass or fail":
            put(f"filter, true difficulty, worth learned from {trainees}", simulated.followed(world.weeks, world.hard, world.shares, 0.0, worth))
        put(f"filter, difficulty learned from {trainees}", simulated.followed(world.weeks, hard, world.shares, unsure, worth))
        put(f"filter, difficulty learned from {trainees}, taken as sure", simulated.followed(world.weeks, hard, world.shares, 0.0, worth))
        if marks == "pass or fail":
            hard, unsure = as_learned(world, apart)
            put(f"filter, difficulty learned from {trainees}, competencies apart", simulated.followed(world.weeks, hard, world.shares, unsure, worth))
        if targeted:
            known = np.array([[one.scenarios[f"s{s}"].value for one in calibrations.values()] for s in range(simulated.SCENARIOS)])
            aimed = simulated.world(books, LEARNERS, seed, True, marks, unscored, known)
            hard, unsure = as_learned(aimed, calibrations)
            said = simulated.followed(aimed.weeks, hard, aimed.shares, unsure, worth)
            put(f"filter, difficulty learned from {trainees}, files chosen by it", said, aimed, simulated.pass_rate(aimed.level, marks))
    ahead = simulated.followed(world.weeks, world.hard, world.shares, drift=forecast.DRIFT, growth=forecast.GROWTH)
    rows["forecast, true difficulty"] = {"log_loss": log_loss(ahead.chances, world.shares)}
    chances, low, high = plain_average(world)
    rows["plain average, Wilson"] = {"log_loss": log_loss(chances, world.shares), "coverage": covered(low, high, truth)}
    if peers:
        rows |= traced(books, world, seed, targeted)
    return rows


def oracle(world: World) -> Array:
    """The chances that somebody would give who knew each true level and difficulty, and not how a file suits."""
    return simulated.chance((world.level[..., None] - world.hard) / np.sqrt(1 + mastery.PROBIT * mastery.FILE_SPREAD**2))


def traced(books: Library, world: World, seed: int, targeted: bool) -> dict[str, Any]:
    """Bayesian knowledge tracing with forgetting, fitted by pyBKT to other learners under the same regime."""
    python = bkt.environment()
    if python is None:
        return {"pyBKT": {"log_loss": None, "why": "pyBKT could not be installed"}}
    others = simulated.world(books, BKT_LEARNERS, seed + 1000, targeted).shares
    skills, own = bkt.fitted(python, others)
    gap = float(np.abs(bkt.forward(skills, others, True) - own).max())
    return {"pyBKT": {"log_loss": log_loss(bkt.forward(skills, world.shares, False), world.shares), "forward_pass_differs_by": gap, "fitted_to": BKT_LEARNERS}}


def steady(rate: float, marks: Marks = "pass or fail", unscored: float = 0.0, worth: float = 1.0) -> dict[str, Any]:
    """The share of trainees who never change that the rule has ever signed off, looked at after each of thirty weekly files."""
    rng = np.random.default_rng([STEADY_SEED, round(1000 * rate)])
    low, high = -9.0, 9.0
    for _ in range(50):
        level = (low + high) / 2
        low, high = (level, high) if float(simulated.pass_rate(np.array(level), marks)) < rate else (low, level)
    shape = (STEADY_RUNS, LOOKS[-1], 1, simulated.CRITERIA)
    hard = rng.normal(0, mastery.SCENARIO_SPREAD, (*shape[:3], 1)) + rng.normal(0, mastery.CRITERION_SPREAD, shape)
    hard[..., -simulated.JUDGED :] += rng.normal(0, simulated.SEVERITY, (*shape[:3], 1))
    shares = simulated.given(rng, level + rng.normal(0, mastery.FILE_SPREAD, (*shape[:3], 1)) - hard, marks)
    shares[rng.random(shape) < unscored] = np.nan
    found = simulated.followed(np.ones(shape[:2]), hard, shares, 0.0, worth)
    ready = (found.files >= FEWEST) & (chance_at_least(found.mean, found.variance, STANDARD) >= CONFIDENCE)
    ever = np.maximum.accumulate(ready[:, :, 0], axis=1)
    bounds = {look: wilson(int(ever[:, look - 1].sum()), STEADY_RUNS) for look in LOOKS}
    return {f"by file {look}": {"share": one.value, "low": one.low, "high": one.high} for look, one in bounds.items()}


def update_us(files: int) -> float:
    """Microseconds for one plain update of five criteria after so many files; the best of ten rounds."""
    rng = np.random.default_rng(files)
    state, at = mastery.start(), MONDAY
    given = [[float(x) for x in row] for row in rng.integers(0, 2, (files, 5))]
    hard = [[float(x) for x in row] for row in rng.normal(0, 1, (files, 5))]
    for n in range(files):
        at += timedelta(hours=1)
        state = mastery.updated(state, at, hard[n], given[n], family=f"f{n % 20}")
    best = float("inf")
    for _ in range(10):
        began = time.perf_counter()
        for _ in range(200):
            mastery.updated(state, at, (0.3, -0.2, 0.8, 0.0, -1.0), (1.0, 1.0, 0.0, 1.0, 0.5), family="f1")
        best = min(best, (time.perf_counter() - began) / 200)
    return 1e6 * best


def run() -> dict[str, Any]:
    found: dict[str, Any] = {"goals": GOALS, "seeds": SEEDS, "learners": LEARNERS, "worlds": {}, "harder": {}, "steady": {}}
    kinds: tuple[Marks, ...] = ("pass or fail", "halves", "graded")
    with ProcessPoolExecutor() as workers:
        for targeted in (False, True):
            name = "targeted" if targeted else "random"
            plain = {str(seed): workers.submit(one_world, seed, targeted, peers=seed == SEEDS[0]) for seed in SEEDS}
            harder = {f"{name}, {how}": {str(seed): workers.submit(stressed, seed, targeted, **changed) for seed in SEEDS[:4]} for how, changed in STRESSES.items()}
            for marks in kinds:
                harder[f"{name}, {marks}, 15 % unscored"] = {str(seed): workers.submit(one_world, seed, targeted, marks, 0.15, False) for seed in SEEDS}
            found["worlds"][name] = {seed: world.result() for seed, world in plain.items()}
            found["harder"] |= {how: {seed: world.result() for seed, world in worlds.items()} for how, worlds in harder.items()}
        rates = {"pass or fail": (0.6, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95)}
        asked: dict[str, tuple[Marks, float, float]] = {"pass or fail": ("pass or fail", 0.0, 1.0), "pass or fail, 15 % unscored": ("pass or fail", 0.15, 1.0)}
        for marks in kinds[1:]:
            asked[f"{marks}, 15 % unscored, worth not learned"] = (marks, 0.15, 1.0)
            for trainees in (4, 30):
                worth = float(np.mean([learned_worth(simulated.world(simulated.library(seed), trainees, seed + 1000, False, marks, 0.15)) for seed in SEEDS]))
                asked[f"{marks}, 15 % unscored, each mark worth {worth:.2f}, as {trainees} trainees show"] = (marks, 0.15, worth)
        steadies = {name: {f"{rate:.2f}": workers.submit(steady, rate, *how) for rate in rates.get(name, (0.7, 0.9))} for name, how in asked.items()}
        found["steady"] = {name: {rate: one.result() for rate, one in row.items()} for name, row in steadies.items()}
    found["over_worlds"] = {name: over_worlds(worlds) for name, worlds in (*found["worlds"].items(), *found["harder"].items()) if len(worlds) > 1}
    found["rules"] = rules.run(STEADY_RUNS, STEADY_SEED, SEEDS, LEARNERS)
    found["update_us"] = {str(files): update_us(files) for files in (10, 10_000)}
    return found


STRESSES = {
    "improving a quarter faster": {"pace": 1.25 * simulated.PACE}, "practice helping the able as well": {"ceiling": 3.0}, "nobody improving": {"pace": 0.0},
}  # fmt: skip


def stressed(seed: int, targeted: bool, **changed: float) -> dict[str, Any]:
    """A cohort that improves otherwise than the one the drift was chosen for; true difficulty."""
    world = simulated.world(simulated.library(seed), LEARNERS, seed, targeted, **changed)  # type: ignore[arg-type]
    found, truth = simulated.followed(world.weeks, world.hard, world.shares), simulated.pass_rate(world.level)
    return {"filter, true difficulty": {"log_loss": log_loss(found.chances, world.shares), "coverage": held(found, truth), "sign_off": signed_off(found, truth)}}


def spread(values: list[float]) -> dict[str, float]:
    """The mean over worlds with its 95 % interval by Student's t, and how far worlds lie apart."""
    apart = float(np.std(values, ddof=1))
    half = float(stats.t.ppf(0.975, len(values) - 1)) * apart / len(values) ** 0.5
    return {"mean": float(np.mean(values)), "low": float(np.mean(values)) - half, "high": float(np.mean(values)) + half, "between_worlds": apart}


def over_worlds(worlds: dict[str, Any]) -> dict[str, Any]:
    """Each method's figures as means over worlds; severe and false sign-offs as shares of all sign-offs."""
    found: dict[str, Any] = {}
    for row in next(iter(worlds.values())):
        seen = [world for world in worlds.values() if row in world and world[row]["log_loss"] is not None]
        if len(seen) < 2:
            continue
        found[row] = {"log_loss": spread([world[row]["log_loss"] for world in seen])}
        if all(world.get("oracle", {}).get("log_loss") is not None for world in seen):
            found[row]["above_oracle"] = spread([world[row]["log_loss"] - world["oracle"]["log_loss"] for world in seen])
        if "coverage" in seen[0][row]:
            for at in ("all", "at_12"):
                found[row][f"coverage_{at}"] = spread([world[row]["coverage"][at]["share"] for world in seen])
        if "sign_off" in seen[0][row]:
            found[row]["severe"] = rules.ratio((world[row]["sign_off"]["severe_off"], world[row]["sign_off"]["signed_off"]) for world in seen)
    return found


def _average(worlds: dict[str, Any], row: str, *keys: str) -> float:
    values = []
    for world in worlds.values():
        value = world[row]
        for key in keys:
            value = value[key]
        values.append(value)
    return float(np.mean(values))


def told(found: dict[str, Any]) -> list[str]:
    """The page: for each regime the log-loss and coverage of each method, then whom the rule signs off."""
    lines = []
    for name, worlds in (*found["worlds"].items(), *found["harder"].items()):
        first = next(iter(worlds.values()))
        lines.append(f"{name}, {len(worlds)} x {found['learners']:,} learners:")
        for row, value in first.items():
            seen = {seed: world for seed, world in worlds.items() if row in world}
            if value["log_loss"] is None:
                lines.append(f"  {row:60} {value['why']}")
                continue
            line = f"  {row:60} log-loss {_average(seen, row, 'log_loss'):.3f}"
            if "coverage" in value:
                line += f"; 90 % interval holds {_average(seen, row, 'coverage', 'all', 'share'):.3f}, at file 12 {_average(seen, row, 'coverage', 'at_12', 'share'):.3f}"
            if "sign_off" in value:
                line += f"; false sign-offs {_average(seen, row, 'sign_off', 'false'):.3f}, severe {_average(seen, row, 'sign_off', 'severe'):.4f}"
            lines.append(line + (f" ({len(seen)} of {len(worlds)} worlds)" if len(seen) < len(worlds) else ""))
    for name, rates in found["steady"].items():
        lines.append(f"steady trainees, {name}; ever signed off by file {', '.join(map(str, LOOKS))}:")
        lines += [f"  {rate} " + "  ".join(f"{one['share']:.3f} ({one['low']:.3f} to {one['high']:.3f})" for one in row.values()) for rate, row in rates.items()]
    for name, rows in found["over_worlds"].items():
        lines.append(f"{name}, means over worlds with 95 % intervals:")
        for row, one in rows.items():
            line = f"  {row:60}"
            for key in ("log_loss", "above_oracle", "coverage_all", "coverage_at_12"):
                if key in one:
                    line += f" {key} {one[key]['mean']:.4f} ({one[key]['low']:.4f} to {one[key]['high']:.4f})"
            lines.append(line + (f" severe {one['severe']['share']:.4f} ({one['severe']['low']:.4f} to {one['severe']['high']:.4f})" if "severe" in one else ""))
    lines += rules.told(found["rules"])
    lines.append("one update: " + ", ".join(f"{us:.0f} us after {int(files):,} files" for files, us in found["update_us"].items()))
    return lines


def summary(found: dict[str, Any]) -> dict[str, Any]:
    """All but each world by itself."""
    return {name: value for name, value in found.items() if name not in ("worlds", "harder")}


def ratios(found: dict[str, Any]) -> list[Ratio]:
    return []  # Whether intervals hold the truth, and no matter of speed.


if __name__ == "__main__":
    print("\n".join(told(run())))

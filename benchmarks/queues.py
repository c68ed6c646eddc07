"""Queues by simulation: as the theory says, and how fast, beside SimPy and Ciw on the same model in the same run.

Validation first. Thirty seeds a model, the first tenth of each run left out; the mean over seeds is to have the theory's
value inside its 99 % interval (Student's, 29 degrees of freedom). With so many rows about one in a hundred would miss by
chance. Then speed: five servers, exponential arrivals and services at nine tenths of what they can do, 200,000 customers.
Each program draws its own numbers in its own way, which is part of the time; the event engine and the recursion do the
same customers to the last digit. SimPy and Ciw can do far more than this model; Ciw keeps a record of each customer.
"""

from __future__ import annotations

import importlib
import math
import random
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from benchmarks.ratios import Ratio
from casework.practice import queues, simulating, stations
from casework.practice.simulating import Floats

TITLE = "Queues: theory, and peers on 200,000 customers at five servers"
PEERS = ("simpy", "ciw")
SEEDS, CUSTOMERS, ROUNDS = 30, 40_000, 3
TIMED, RATE, SERVERS = 200_000, 4.5, 5


@dataclass(frozen=True)
class Row:
    """One figure of one model: the theory's value, the mean over seeds with its 99 % interval, and whether it lies inside."""

    model: str
    figure: str
    by: str
    theory: float
    mean: float
    low: float
    high: float
    seeds: int

    @property
    def inside(self) -> bool:
        return self.low <= self.theory <= self.high


def _row(model: str, figure: str, by: str, theory: float, found: list[float]) -> Row:
    one = simulating.mean(np.array(found), 0.99)
    return Row(model, figure, by, theory, one.value, one.low, one.high, one.n)


def _lognormal(die: Any, mean: float, spread: float, n: int) -> Floats:
    sigma = math.sqrt(math.log1p(spread**2))
    return np.asarray(die.lognormal(math.log(mean) - sigma**2 / 2, sigma, n))


def validate(seeds: int = SEEDS, customers: int = CUSTOMERS, first: int = 0) -> list[Row]:
    """Every model beside its theory, by the engine or the recursion that is named in the row."""
    return [*_servers(seeds, customers, first), *_any_service(seeds, customers, first), *_priorities(seeds, customers, first), *_little(seeds, customers, first)]


def _drawn(seeds: int, customers: int, first: int, rate: float, service: Callable[[Any, int], Floats]) -> tuple[Floats, Floats]:
    """Arrivals and services of every seed, shape (seeds, customers)."""
    dice = [simulating.children(first, run, ["gaps", "services"]) for run in range(seeds)]
    return (
        np.array([np.cumsum(d["gaps"].exponential(1 / rate, customers)) for d in dice]),
        np.array([service(d["services"], customers) for d in dice]),
    )  # fmt: skip


def _servers(seeds: int, customers: int, first: int) -> list[Row]:
    """M/M/c: the mean wait and the chance to wait, event by event and by recursion."""
    rows, cut = [], customers // 10
    for servers, rate in ((1, 0.8), (3, 2.4), (8, 6.4)):
        arrivals, services = _drawn(seeds, customers, first, rate, lambda die, n: die.exponential(1, n))
        theory = queues.service(rate, 1, servers, 0)
        by_event = np.array([stations.starts(a, s, servers) - a for a, s in zip(arrivals, services, strict=True)])[:, cut:]
        by_recursion = simulating.waits(arrivals, services, servers)[:, cut:]
        for by, found in (("events", by_event), ("recursion", by_recursion)):
            model = f"M/M/{servers}"
            rows.append(_row(model, "mean wait", f"Erlang C, {by}", theory.mean_wait, found.mean(axis=1).tolist()))
            rows.append(_row(model, "chance to wait", f"Erlang C, {by}", theory.waits, (found > 1e-9).mean(axis=1).tolist()))
    return rows


def _any_service(seeds: int, customers: int, first: int) -> list[Row]:
    """M/G/1: services that never vary, and that vary more than exponential ones do."""
    rows, cut = [], customers // 10
    for spread in (0.0, 0.6, 1.5):
        arrivals, services = _drawn(seeds, customers, first, 0.7, lambda die, n, spread=spread: _lognormal(die, 1.0, spread, n))  # type: ignore[misc]
        found = simulating.waits(arrivals, services, 1)[:, cut:].mean(axis=1).tolist()
        rows.append(_row(f"M/G/1, spread {spread:g}", "mean wait", "Pollaczek and Khinchine, recursion", queues.mean_wait(0.7, 1, spread), found))
    return rows


def _priorities(seeds: int, customers: int, first: int) -> list[Row]:
    """One server, three classes of their own lengths, the first taken first, nothing interrupted."""
    rates, means, spreads = (0.2, 0.3, 0.2), (0.5, 1.0, 1.5), (0.0, 1.0, 0.6)
    found: list[list[float]] = [[], [], []]
    for run in range(seeds):
        dice = simulating.children(first, run, ["gaps", "services", "classes"])
        classes = dice["classes"].choice(3, customers, p=np.array(rates) / sum(rates))
        arrivals = np.cumsum(dice["gaps"].exponential(1 / sum(rates), customers))
        drawn = np.array([_lognormal(dice["services"], mean, spread, customers) for mean, spread in zip(means, spreads, strict=True)])
        waits = stations.starts(arrivals, drawn[classes, np.arange(customers)], 1, classes.tolist()) - arrivals
        counted = np.arange(customers) >= customers // 10
        for k in range(3):
            found[k].append(float(waits[counted & (classes == k)].mean()))
    theory = queues.priority_waits(rates, means, spreads)
    return [_row("M/G/1 with priorities", f"mean wait, class {k + 1}", "Cobham, events", theory[k], found[k]) for k in range(3)]


def _little(seeds: int, customers: int, first: int) -> list[Row]:
    """Those there, counted over time, less the rate of arrival times the mean time there: nought by Little's law."""
    arrivals, services = _drawn(seeds, customers, first, 2.4, lambda die, n: die.exponential(1, n))
    found = []
    for a, s in zip(arrivals, services, strict=True):
        leaves = stations.starts(a, s, 3) + s
        from_, to = a[customers // 10], a[-1]
        moments = np.concatenate([a, leaves])
        order = np.argsort(moments, kind="stable")
        there = np.cumsum(np.concatenate([np.ones(customers), -np.ones(customers)])[order])
        at = np.clip(moments[order], from_, to)
        counted = float((there[:-1] * np.diff(at)).sum() / (to - from_))
        inside = (a >= from_) & (a < to)
        found.append(counted - 2.4 * float((leaves - a)[inside].mean()))
    return [_row("M/M/3", "there, less rate times time", "Little, events", 0.0, found)]


def by_events(seed: int) -> float:
    """The mean wait of 200,000 customers event by event, drawing included."""
    die = np.random.default_rng(seed)
    arrivals, services = np.cumsum(die.exponential(1 / RATE, TIMED)), die.exponential(1, TIMED)
    return float((stations.starts(arrivals, services, SERVERS) - arrivals).mean())


def by_recursion(seed: int, runs: int = 1) -> float:
    """The same by recursion, in one run or in many of the same customers together."""
    die = np.random.default_rng(seed)
    arrivals, services = np.cumsum(die.exponential(1 / RATE, (runs, TIMED // runs)), axis=1), die.exponential(1, (runs, TIMED // runs))
    return float(simulating.waits(arrivals, services, SERVERS).mean())


def by_simpy(seed: int) -> float:
    simpy = importlib.import_module("simpy")
    die, env = random.Random(seed), simpy.Environment()
    desk, waited = simpy.Resource(env, SERVERS), []

    def customer() -> Any:
        came = env.now
        with desk.request() as turn:
            yield turn
            waited.append(env.now - came)
            yield env.timeout(die.expovariate(1))

    def coming() -> Any:
        for _ in range(TIMED):
            yield env.timeout(die.expovariate(RATE))
            env.process(customer())

    env.process(coming())
    env.run()
    return sum(waited) / len(waited)


def by_ciw(seed: int) -> float:
    ciw = importlib.import_module("ciw")
    ciw.seed(seed)
    network = ciw.create_network(
        arrival_distributions=[ciw.dists.Exponential(RATE)], service_distributions=[ciw.dists.Exponential(1.0)], number_of_servers=[SERVERS],
    )  # fmt: skip
    simulation = ciw.Simulation(network)
    simulation.simulate_until_max_customers(TIMED, method="Finish")
    records = simulation.get_all_records()
    return sum(record.waiting_time for record in records) / len(records)


WAYS: dict[str, Callable[[int], float]] = {
    "events": by_events, "recursion, 1 run": by_recursion, "recursion, 200 runs": lambda seed: by_recursion(seed, 200), "simpy": by_simpy, "ciw": by_ciw,
}  # fmt: skip


def speed() -> dict[str, Any]:
    """Median seconds of each way, turn about, the mean waits they gave, and the ratios."""
    taken: dict[str, list[float]] = {name: [] for name in WAYS}
    waited: dict[str, list[float]] = {name: [] for name in WAYS}
    for seed in range(1, ROUNDS + 1):
        for name, way in WAYS.items():
            begun = time.perf_counter()
            waited[name].append(way(seed))
            taken[name].append(time.perf_counter() - begun)
    seconds = {name: statistics.median(each) for name, each in taken.items()}
    return {
        "customers": TIMED, "rounds": ROUNDS, "theory_wait": queues.service(RATE, 1, SERVERS, 0).mean_wait, "seconds": seconds,
        "mean_waits": {name: statistics.mean(each) for name, each in waited.items()},
        "ratios": {ours: {peer: seconds[peer] / seconds[ours] for peer in PEERS} for ours in WAYS if ours not in PEERS},
    }  # fmt: skip


def run() -> dict[str, Any]:
    rows = validate()
    return {"validation": [{**vars(row), "inside": row.inside} for row in rows], "speed": speed()}


def told(found: dict[str, Any]) -> list[str]:
    lines = [
        f"{row['model']:24} {row['figure']:28} {row['by']:36} theory {row['theory']:8.4f}, found {row['mean']:8.4f} ({row['low']:.4f} to {row['high']:.4f})"
        f"{'' if row['inside'] else '  OUTSIDE'}"
        for row in found["validation"]
    ]  # fmt: skip
    for ours, ratios in found["speed"]["ratios"].items():
        peers = ", ".join(f"{ratio:.1f} x {peer} ({found['speed']['seconds'][peer]:.2f} s)" for peer, ratio in ratios.items())
        lines.append(f"{ours:20} {found['speed']['customers']:,} customers in {found['speed']['seconds'][ours]:.3f} s: {peers}; mean wait {found['speed']['mean_waits'][ours]:.3f}")
    return lines


AIMS = {("events", "simpy"): 1.0, ("events", "ciw"): 4.0, ("recursion, 200 runs", "simpy"): 20.0}


def ratios(found: dict[str, Any]) -> list[Ratio]:
    """The desk's own queue of events, and the fast way of many runs."""
    speed = found["speed"]["ratios"]
    return [Ratio(f"M/M/5 by {ours}", peer, speed[ours][peer], aim) for (ours, peer), aim in AIMS.items()]


if __name__ == "__main__":
    print("\n".join(told(run())))

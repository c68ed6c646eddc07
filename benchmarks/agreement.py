"""Agreement of 10,000 units by five raters, beside statsmodels and krippendorff on the same codes.

Values are compared before anything is timed. Every side begins from the same table of codes: what a peer needs made
of it first (counts by category, a table of two raters) is part of its time, as counting is part of ours. Turns are
taken one after the other, and each figure is a median. No side reckons an interval here.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from typing import Any

import krippendorff
import numpy as np
from statsmodels.stats import inter_rater

from benchmarks.ratios import Ratio
from casework.quality import agreement as ag

UNITS, RATERS, CATEGORIES, MISSING, TIMES, CLOSE = 10_000, 5, 5, 0.1, 15, 1e-9
TITLE = "Agreement of 10,000 units by five raters"
PEERS = ("statsmodels", "krippendorff")


def codes(seed: int = 20261125) -> np.ndarray:
    """Raters who agree in two ratings of three."""
    die = np.random.default_rng(seed)
    truth = die.integers(0, CATEGORIES, (UNITS, 1))
    return np.where(die.random((UNITS, RATERS)) < 2 / 3, truth, die.integers(0, CATEGORIES, (UNITS, RATERS))).astype(float)


def _ratings(table: np.ndarray) -> ag.Ratings:
    return ag.Ratings(table, tuple(map(str, range(CATEGORIES))), tuple(map(str, range(table.shape[1]))), np.arange(CATEGORIES, dtype=float))


def _rows() -> list[tuple[str, str, Callable[[], float], Callable[[], float]]]:
    full = codes()
    some = full.copy()
    some[np.random.default_rng(7).random(full.shape) < MISSING] = np.nan
    whole = full.astype(int)

    def cohen(weights: str) -> Callable[[], float]:
        return lambda: ag.cohen(ag.pair_table(full[:, 0], full[:, 1], CATEGORIES), ag.disagreements(CATEGORIES, weights))

    def cohen_peer(weights: str | None) -> Callable[[], float]:
        return lambda: inter_rater.cohens_kappa(inter_rater.to_table(whole[:, :2], CATEGORIES)[0], wt=weights, return_results=False)

    def alpha(level: ag.Level) -> Callable[[], float]:
        return lambda: ag.alpha((held := _ratings(some)).counts, level, held.values)

    rows = [
        ("Fleiss' kappa", "statsmodels", lambda: ag.fleiss(_ratings(full).counts), lambda: inter_rater.fleiss_kappa(inter_rater.aggregate_raters(whole, CATEGORIES)[0])),
        ("Cohen's kappa", "statsmodels", cohen("none"), cohen_peer(None)),
        ("Cohen's kappa, quadratic", "statsmodels", cohen("quadratic"), cohen_peer("quadratic")),
    ]  # fmt: skip
    for level in ("nominal", "ordinal", "interval"):
        peer = lambda level=level: krippendorff.alpha(reliability_data=some.T, level_of_measurement=level)  # noqa: E731
        rows.append((f"Krippendorff's alpha, {level}", "krippendorff", alpha(level), peer))  # type: ignore[arg-type]
    return rows


def run() -> dict[str, Any]:
    found = []
    for what, peer, ours, theirs in _rows():
        apart = abs(ours() - theirs())
        assert apart < CLOSE, f"{what}: ours and {peer} are {apart} apart"
        took: tuple[list[float], list[float]] = ([], [])
        for _ in range(TIMES):
            for side, work in enumerate((ours, theirs)):
                begun = time.perf_counter()
                work()
                took[side].append(time.perf_counter() - begun)
        mine, other = (1000 * statistics.median(side) for side in took)
        found.append({"what": what, "peer": peer, "ours_ms": mine, "peer_ms": other, "ratio": other / mine, "apart": apart})
    return {"rows": found}


def told(found: dict[str, Any]) -> list[str]:
    return [
        f"{row['what']:32} {row['ours_ms']:7.2f} ms beside {row['peer']} {row['peer_ms']:8.2f} ms = {row['ratio']:5.1f} x   {row['apart']:.0e} apart"
        for row in found["rows"]
    ]


def ratios(found: dict[str, Any]) -> list[Ratio]:
    return [Ratio(row["what"], row["peer"], row["ratio"]) for row in found["rows"]]


if __name__ == "__main__":
    print("\n".join(told(run())))

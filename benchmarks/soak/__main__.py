"""`make soak`: every long trial, each with its result kept beside the benchmarks."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from benchmarks.soak import batches, crowds, faults, fuzz, kills, notebooks, spoil
from casework import __version__

RESULTS = Path(__file__).parent.parent / "results"

def _over_a_release(name: str, count: int) -> dict[str, Any]:
    """`count` more spoilt inputs for each parser, added to what the release has had; no input comes twice."""
    place = RESULTS / f"{name}.json"
    before = json.loads(place.read_text()) if place.is_file() else {}
    if before.get("release") != __version__:
        before = {"release": __version__, "inputs": {}, "outcomes": {}, "slowest_seconds": {}, "faults": []}
    for parser in fuzz.PARSERS:
        had = before["inputs"].get(parser, 0)
        found = fuzz.run(count, [parser], start=had)
        before["inputs"][parser] = had + count
        old = before["outcomes"].get(parser, {"read": 0, "refused": 0})
        before["outcomes"][parser] = {what: old[what] + n for what, n in found["outcomes"][parser].items()}
        before["slowest_seconds"][parser] = max(before["slowest_seconds"].get(parser, 0.0), found["slowest_seconds"][parser])
        before["faults"] += found["faults"]
        place.write_text(json.dumps(before, indent=1) + "\n")
        print(f"    {parser}: {found['outcomes'][parser]}, {len(found['faults'])} faults", flush=True)
    return before


TRIALS: dict[str, Callable[[], dict[str, Any]]] = {
    "kills-sqlite": lambda: asdict(kills.sqlite(1000)),
    "kills-postgres": lambda: asdict(kills.postgres(200)),
    "crowd-sqlite": lambda: crowds.sqlite(16, 1000),
    "crowd-postgres": lambda: crowds.postgres(64, 1000),
    "faults-sqlite": lambda: asdict(faults.sqlite()),
    "notebooks": lambda: notebooks.run(1000),
    "batches": lambda: batches.run(1000, 10),
    "spoil": lambda: spoil.run(500),
    "fuzz": lambda: _over_a_release("fuzz", 1_000_000),
}


def main(names: list[str]) -> int:
    failed = 0
    for name in names or list(TRIALS):
        begun = time.time()
        result = TRIALS[name]()
        result["seconds"] = round(time.time() - begun, 1)
        (RESULTS / f"{name}.json").write_text(json.dumps(result, indent=1) + "\n")
        wrong = result["faults"]
        failed += bool(wrong)
        print(f"{name}: {'no fault' if not wrong else f'{len(wrong)} faults: {wrong[:3]}'} in {result['seconds']} s")
        print("   ", {key: value for key, value in result.items() if key not in ("faults", "seconds")})
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

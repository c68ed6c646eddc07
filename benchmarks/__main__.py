"""`make bench`: every comparison, the figures kept under benchmarks/results, and at the end one page of ratios with its chart.

`make bench ONLY="clocks batch"` runs some. A comparison is a module with PEERS (packages it stands beside), TITLE,
`run` (the figures), `told` (their lines) and `ratios` (what they come to); `summary`, if it has one, is what is kept.
"""

from __future__ import annotations

import json
import os
import platform
import sys
from collections.abc import Mapping
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from typing import Any

from benchmarks.ratios import Ratio, chart, page, table

RESULTS = Path(__file__).parent / "results"
GUIDE = Path(__file__).parent.parent / "docs" / "performance.md"
BEGIN, END = "<!-- the table below is written by make bench -->\n", "<!-- end of the table -->\n"
CHART = Path(__file__).parent.parent / "docs" / "pictures" / "ratios.svg"
EVERY = (
    "clocks", "desk", "loading", "startup", "scoring", "bulk", "agreement", "queues", "scaling", "progress", "batch", "room", "reviewers", "mastery",
)  # fmt: skip


def kept(name: str, found: Any) -> None:
    (RESULTS / f"{name}.json").write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def measured(name: str) -> dict[str, Any]:
    """One comparison: run, told, kept; its ratios as plain values, by its title."""
    module = import_module(f"benchmarks.{name}")
    versions = {peer: version(peer) for peer in module.PEERS}
    beside = ", ".join(f"{peer} {number}" for peer, number in versions.items())
    print(f"\n{module.TITLE}{', beside ' + beside if beside else ''}:", flush=True)
    found = module.run()
    print("\n".join(f"  {line}" for line in module.told(found)), flush=True)
    kept(name, {"python": platform.python_version(), "cores": len(os.sched_getaffinity(0)), "versions": versions, **getattr(module, "summary", dict)(found)})
    return {"title": module.TITLE, "ratios": [vars(one) for one in module.ratios(found)]}


def in_guide(whole: Mapping[str, Any]) -> str:
    """The guide with the table of these ratios in its place."""
    before, _, rest = GUIDE.read_text(encoding="utf-8").partition(BEGIN)
    by_name = {name: (one["title"], [Ratio(**ratio) for ratio in one["ratios"]]) for name, one in whole.items()}
    return before + BEGIN + "\n" + table(by_name) + "\n" + END + rest.partition(END)[2]


def main() -> None:
    asked = [word for word in sys.argv[1:] if not word.startswith("-")]
    unknown = sorted(set(asked) - set(EVERY))
    if unknown:
        sys.exit(f"no comparison {', '.join(unknown)}; there are {', '.join(EVERY)}")
    print(f"Python {platform.python_version()}, {len(os.sched_getaffinity(0))} cores")
    before = json.loads((RESULTS / "ratios.json").read_text(encoding="utf-8")) if (RESULTS / "ratios.json").exists() else {}
    found = {name: measured(name) for name in asked or EVERY}
    whole = {name: found.get(name) or before[name] for name in EVERY if name in found or name in before}
    kept("ratios", whole)
    by_title = {one["title"]: [Ratio(**ratio) for ratio in one["ratios"]] for one in whole.values()}
    chart(by_title, CHART)
    GUIDE.write_text(in_guide(whole), encoding="utf-8")
    print("\nRatios" + ("; those not run now are of an earlier run" if asked else "") + ":\n" + "\n".join(page(by_title)))
    if "--json" in sys.argv:
        print(json.dumps(whole, indent=1))


if __name__ == "__main__":
    main()

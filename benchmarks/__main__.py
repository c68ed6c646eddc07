"""`make bench`: every comparison, the figures kept under benchmarks/results, and at the end one page of ratios with its chart.

`make bench ONLY="clocks batch"` runs some. A comparison is a module with PEERS (packages it stands beside), TITLE,
`run` (the figures), `told` (their lines) and `ratios` (what they come to); `summary`, if it has one, is what is kept.
"""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
from collections.abc import Mapping, Sequence
from importlib import import_module
from importlib.metadata import version
from pathlib import Path

from benchmarks.ratios import Ratio, chart, page, table

RESULTS = Path(__file__).parent / "results"
GUIDE = Path(__file__).parent.parent / "docs" / "performance.md"
BEGIN, END = "<!-- the table below is written by make bench -->\n", "<!-- end of the table -->\n"
CHART = Path(__file__).parent.parent / "docs" / "pictures" / "ratios.svg"
EVERY = (
    "clocks", "desk", "loading", "startup", "scoring", "bulk", "agreement", "queues", "scaling", "progress", "batch", "room", "reviewers", "mastery",
)  # fmt: skip


def measured(name: str) -> None:
    """One comparison: run, told, and kept with what it comes to."""
    module = import_module(f"benchmarks.{name}")
    versions = {peer: version(peer) for peer in module.PEERS}
    beside = ", ".join(f"{peer} {number}" for peer, number in versions.items())
    print(f"\n{module.TITLE}{', beside ' + beside if beside else ''}:", flush=True)
    found = module.run()
    print("\n".join(f"  {line}" for line in module.told(found)), flush=True)
    about = {"title": module.TITLE, "python": platform.python_version(), "cores": len(os.sched_getaffinity(0)), "versions": versions}
    whole = {**about, "ratios": [vars(one) for one in module.ratios(found)], **getattr(module, "summary", dict)(found)}
    (RESULTS / f"{name}.json").write_text(json.dumps(whole, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def kept() -> dict[str, tuple[str, list[Ratio]]]:
    """Titles and ratios of the last run of each comparison, by name."""
    found = {}
    for name in EVERY:
        if (RESULTS / f"{name}.json").exists():
            one = json.loads((RESULTS / f"{name}.json").read_text(encoding="utf-8"))
            found[name] = one["title"], [Ratio(**ratio) for ratio in one["ratios"]]
    return found


def in_guide(ratios: Mapping[str, tuple[str, Sequence[Ratio]]]) -> str:
    """The guide with the table of these ratios in its place."""
    before, _, rest = GUIDE.read_text(encoding="utf-8").partition(BEGIN)
    return before + BEGIN + "\n" + table(ratios) + "\n" + END + rest.partition(END)[2]


def main() -> None:
    asked = [word for word in sys.argv[1:] if not word.startswith("-")]
    unknown = sorted(set(asked) - set(EVERY))
    if unknown:
        sys.exit(f"no comparison {', '.join(unknown)}; there are {', '.join(EVERY)}")
    if "--alone" in sys.argv:
        return measured(asked[0])
    print(f"Python {platform.python_version()}, {len(os.sched_getaffinity(0))} cores", flush=True)
    for name in asked or EVERY:  # Each in a process of its own: what one leaves in memory slows the next.
        subprocess.run([sys.executable, "-m", "benchmarks", "--alone", name], check=True)
    found = kept()
    chart(dict(found.values()), CHART)
    GUIDE.write_text(in_guide(found), encoding="utf-8")
    print("\nRatios" + ("; those not run now are of an earlier run" if asked else "") + ":\n" + "\n".join(page(dict(found.values()))))
    if "--json" in sys.argv:
        print(json.dumps({title: [vars(one) for one in each] for title, each in found.values()}, indent=1))


if __name__ == "__main__":
    main()

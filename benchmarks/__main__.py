"""`make bench`: every comparison, a page of ratios, and the figures kept under benchmarks/results."""

from __future__ import annotations

import json
import platform
import sys
from importlib.metadata import version
from pathlib import Path

from benchmarks import clocks, desk

RESULTS = Path(__file__).parent / "results"


def main() -> None:
    found = {"python": platform.python_version(), "clocks": clocks.run()}
    found["versions"] = {name: version(name) for name in clocks.PEERS}
    print(f"\nPython {found['python']}; " + ", ".join(f"{n} {v}" for n, v in found["versions"].items()))
    (RESULTS / "clocks.json").write_text(json.dumps(found, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    found["desk"] = desk.run()
    print("\nThe practice desk, its own work (a person notices about 100 ms):")
    for tray, row in found["desk"].items():
        print(f"  {tray:12} {row['papers']:>4} papers: open {row['open_ms']:.0f} ms, a click {row['click_median_ms']:.1f} ms, at worst {row['click_worst_ms']:.1f} ms")
    (RESULTS / "desk.json").write_text(json.dumps(found["desk"], indent=1) + "\n", encoding="utf-8")
    if "--json" in sys.argv:
        print(json.dumps(found, indent=1, sort_keys=True))


if __name__ == "__main__":
    main()

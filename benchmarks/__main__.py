"""`make bench`: every comparison, a page of ratios, and the figures kept under benchmarks/results."""

from __future__ import annotations

import json
import platform
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Any

from benchmarks import (
    agreement,
    batch,
    bulk,
    clocks,
    desk,
    loading,
    mastery,
    progress,
    queues,
    reviewers,
    room,
    scoring,
)

RESULTS = Path(__file__).parent / "results"


def main() -> None:
    found: dict[str, Any] = {"python": platform.python_version(), "clocks": clocks.run()}
    found["versions"] = {name: version(name) for name in clocks.PEERS}
    print(f"\nPython {found['python']}; " + ", ".join(f"{n} {v}" for n, v in found["versions"].items()))
    (RESULTS / "clocks.json").write_text(json.dumps(found, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    found["desk"] = desk.run()
    print("\nThe practice desk, its own work (a person notices about 100 ms):")
    for tray, row in found["desk"].items():
        print(f"  {tray:12} {row['papers']:>4} papers: open {row['open_ms']:.0f} ms, a click {row['click_median_ms']:.1f} ms, at worst {row['click_worst_ms']:.1f} ms")
    (RESULTS / "desk.json").write_text(json.dumps(found["desk"], indent=1) + "\n", encoding="utf-8")
    found["loading"] = loading.run()
    row = found["loading"]
    print(f"\nThe whole content, {row['files']} files, {row['bytes']:,} bytes: read, validated and cross-checked in {row['ours_s']:.2f} s; "
          f"PyYAML's safe C loader alone takes {row['peer_s']:.2f} s: {row['ours_s'] / row['peer_s']:.1f} x")  # fmt: skip
    (RESULTS / "loading.json").write_text(json.dumps(row, indent=1) + "\n", encoding="utf-8")
    found["scoring"] = {**scoring.run(), "versions": {name: version(name) for name in scoring.PEERS}}
    print("\nScoring, " + ", ".join(f"{n} {v}" for n, v in found["scoring"]["versions"].items()) + ":\n" + "\n".join(scoring.told(found["scoring"])))
    (RESULTS / "scoring.json").write_text(json.dumps(found["scoring"], indent=1) + "\n", encoding="utf-8")
    found["bulk"] = {**bulk.run(), "versions": {name: version(name) for name in (*bulk.PEERS, "numpy")}}
    print("\nMany logs at once, " + ", ".join(f"{n} {v}" for n, v in found["bulk"]["versions"].items()) + ":\n" + "\n".join(bulk.told(found["bulk"])))
    (RESULTS / "bulk.json").write_text(json.dumps(found["bulk"], indent=1) + "\n", encoding="utf-8")
    found["agreement"] = {"rows": agreement.run(), "versions": {name: version(name) for name in agreement.PEERS}}
    print(f"\nAgreement of {agreement.UNITS:,} units by {agreement.RATERS}, " + ", ".join(f"{n} {v}" for n, v in found["agreement"]["versions"].items()) + ":")
    print("\n".join(f"  {line}" for line in agreement.told(found["agreement"]["rows"])))
    (RESULTS / "agreement.json").write_text(json.dumps(found["agreement"], indent=1) + "\n", encoding="utf-8")
    found["queues"] = {**queues.run(), "versions": {name: version(name) for name in queues.PEERS}}
    print("\nQueues, " + ", ".join(f"{n} {v}" for n, v in found["queues"]["versions"].items()) + ":\n" + "\n".join(f"  {line}" for line in queues.told(found["queues"])))
    (RESULTS / "queues.json").write_text(json.dumps(found["queues"], indent=1) + "\n", encoding="utf-8")
    print("\nReviewers with known severity and drift, and whether the estimates hold the truth:")
    found["reviewers"] = [vars(one) for one in reviewers.main()]
    print("\nMastery of learners with known levels: whether intervals hold the truth, the next file is foretold, and whom sign-off lets through:")
    found["mastery"] = mastery.main()
    found["room"] = room.run()
    bare = found["room"]["voilà, one button"]
    print(f"\nThe room in Chromium, beside one ipywidgets button under the same Voilà (usable in {bare['usable_s']:.1f} s, a click {bare['median_ms']:.0f} ms):")
    for tray, row in list(found["room"].items())[1:]:
        own = row["median_ms"] - bare["median_ms"]
        print(f"  {tray:12} {row['papers']:>4} papers: usable cold {row['cold_s']:.1f} s, warm {row['warm_s']:.1f} s ({row['warm_s'] / bare['usable_s']:.1f} x); "
              f"click to painted answer {row['median_ms']:.0f} ms ({row['median_ms'] / bare['median_ms']:.1f} x; {own:.0f} ms our own), p95 {row['p95_ms']:.0f} ms")  # fmt: skip
    (RESULTS / "room.json").write_text(json.dumps(found["room"], indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    found["batch"] = {**batch.run(), "versions": {name: version(name) for name in batch.PEERS}}
    print("\nBatches of notebooks, " + ", ".join(f"{n} {v}" for n, v in found["batch"]["versions"].items()) + ":\n" + "\n".join(f"  {line}" for line in batch.told(found["batch"])))
    (RESULTS / "batch.json").write_text(json.dumps(found["batch"], indent=1) + "\n", encoding="utf-8")
    found["progress"] = progress.run()
    print("\nProgress of a large team, our own work:\n" + "\n".join(f"  {line}" for line in progress.told(found["progress"])))
    (RESULTS / "progress.json").write_text(json.dumps(found["progress"], indent=1) + "\n", encoding="utf-8")
    if "--json" in sys.argv:
        print(json.dumps(found, indent=1, sort_keys=True))


if __name__ == "__main__":
    main()

"""Loading and validating all content, beside PyYAML's own safe loader (in C) on the same files."""

from __future__ import annotations

import statistics
import time
from typing import Any

import yaml

from benchmarks.ratios import Ratio
from casework.edges import content

TITLE = "Loading all content"
PEERS = ("PyYAML",)
TIMES = 7


def run() -> dict[str, Any]:
    """Seconds, medians of several turns taken one after the other; the peer neither validates nor looks anything up."""
    root = content.shipped()
    files = sorted([*root.glob("scenarios/**/*.yaml"), *root.glob("rubrics/*.yaml")])
    texts = [path.read_bytes() for path in files]
    peer, ours = [], []
    for _ in range(TIMES):
        begun = time.perf_counter()
        for text in texts:
            yaml.load(text, Loader=yaml.CSafeLoader)
        peer.append(time.perf_counter() - begun)
        begun = time.perf_counter()
        content.load()
        ours.append(time.perf_counter() - begun)
    return {"files": len(files), "bytes": sum(map(len, texts)), "peer_s": statistics.median(peer), "ours_s": statistics.median(ours)}


def told(found: dict[str, Any]) -> list[str]:
    return [
        f"{found['files']} files, {found['bytes']:,} bytes: read, validated and cross-checked in {found['ours_s']:.2f} s; PyYAML's safe loader in C alone takes {found['peer_s']:.2f} s"
    ]


def ratios(found: dict[str, Any]) -> list[Ratio]:
    return [Ratio("all content, validated and cross-checked", "PyYAML's C loader alone", found["ours_s"] / found["peer_s"], at_most=True)]


if __name__ == "__main__":
    print("\n".join(told(run())))

"""Batches of notebooks (pandas, one table, one figure each) beside stock papermill, outputs compared first.

Ours is a pool of two, from the start of the zygote to its end. The peers are papermill one notebook after another, and
papermill in two processes of `concurrent.futures`, whose start and import of papermill are in their time too. They take turns, ROUNDS each, and
the figures are medians. Of a hundred one after another only SEQUENTIAL are run, and the figure for more is that much
times as long.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import re
import statistics
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

import nbformat

from benchmarks.ratios import Ratio
from casework.edges.warm import pool
from casework.edges.warm.jobs import Job, Way

TITLE = "Batches of notebooks"
PEERS = ("papermill", "nbclient", "ipykernel", "pandas", "matplotlib")
WORKERS, SEQUENTIAL, SIZES, ROUNDS = 2, 5, (10, 100), 3
CELLS = (
    "number = 0",
    "import matplotlib.pyplot as plt\nimport pandas as pd",
    "frame = pd.DataFrame({'case': [f'c{n}' for n in range(200)], 'minutes': [(n * 37 + number) % 90 for n in range(200)]})\n"
    "table = frame.assign(band=pd.cut(frame.minutes, [-1, 30, 60, 90])).groupby('band', observed=True).minutes.agg(['count', 'mean', 'max'])\ntable",
    "figure, axes = plt.subplots(figsize=(5, 3))\naxes.hist(frame.minutes, bins=12)\naxes.set_title(f'Notebook {number}')\nplt.show()",
    "print(f'{number}: {frame.minutes.sum()} minutes')",
)


def written(folder: Path) -> Path:
    cells = [nbformat.v4.new_code_cell(source, id=f"cell-{n}") for n, source in enumerate(CELLS)]
    cells[0].metadata["tags"] = ["parameters"]
    spec = {"kernelspec": {"name": "python3", "language": "python", "display_name": "Python 3"}}
    path = folder / "report.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=spec), path)  # type: ignore[no-untyped-call]
    return path


def papermill_one(notebook: str, output: str, number: int) -> None:
    import papermill

    papermill.execute_notebook(notebook, output, {"number": number}, progress_bar=False, kernel_name="python3")


def papermill_pool(notebook: Path, out: Path, count: int) -> float:
    began = time.perf_counter()
    with ProcessPoolExecutor(WORKERS, mp_context=multiprocessing.get_context("spawn")) as workers:
        runs = [workers.submit(papermill_one, str(notebook), str(out / f"{n}.ipynb"), n) for n in range(count)]
        for run in runs:
            run.result()
    return time.perf_counter() - began


def papermill_sequential(notebook: Path, out: Path, count: int) -> float:
    began = time.perf_counter()
    for n in range(count):
        papermill_one(str(notebook), str(out / f"{n}.ipynb"), n)
    return time.perf_counter() - began


def held() -> dict[str, int]:
    """This process's own memory now in KiB, and its open descriptors."""
    rss = int(re.search(r"VmRSS:\s+(\d+)", Path("/proc/self/status").read_text())[1])  # type: ignore[index]
    return {"rss_kib": rss, "descriptors": len(os.listdir("/proc/self/fd"))}


def ours(notebook: Path, out: Path, count: int) -> tuple[float, dict[str, int]]:
    """The seconds of our pool, and the most that this process held while it ran."""
    began, most = time.perf_counter(), {"rss_kib": 0, "descriptors": 0}
    for outcome in pool.run([Job(notebook, out / f"{n}.ipynb", {"number": n}) for n in range(count)], pool.Settings(WORKERS)):
        if outcome.error is not None or outcome.way is not Way.WARM:
            raise RuntimeError(f"{outcome.job.output.name}: {outcome.error or outcome.why}")
        most = {key: max(value, most[key]) for key, value in held().items()}
    return time.perf_counter() - began, most


def shown(path: Path) -> list[Any]:
    """The sources, outputs and counts of a notebook, without addresses."""
    cells = json.loads(re.sub(r"0x[0-9a-f]{6,}", "0xN", path.read_text(encoding="utf-8")))["cells"]
    return [[c["source"], c.get("outputs"), c.get("execution_count"), c["metadata"]["papermill"]["status"]] for c in cells]


def cells_alone() -> float:
    """The seconds of the cells' own work, table and figure drawn, median of ten, where everything is imported already."""
    import matplotlib

    matplotlib.use("agg")
    import matplotlib.pyplot as plt
    import pandas as pd

    took = []
    for number in range(12):
        began = time.perf_counter()
        frame = pd.DataFrame({"case": [f"c{n}" for n in range(200)], "minutes": [(n * 37 + number) % 90 for n in range(200)]})
        table = frame.assign(band=pd.cut(frame.minutes, [-1, 30, 60, 90])).groupby("band", observed=True).minutes.agg(["count", "mean", "max"])
        (table._repr_html_(), repr(table))
        figure, axes = plt.subplots(figsize=(5, 3))
        axes.hist(frame.minutes, bins=12)
        axes.set_title(f"Notebook {number}")
        figure.savefig(os.devnull, format="png", bbox_inches="tight")
        plt.close(figure)
        took.append(time.perf_counter() - began)
    return sorted(took[2:])[5]


def run() -> dict[str, Any]:
    found: dict[str, Any] = {"workers": WORKERS, "cores": len(os.sched_getaffinity(0)), "sequential_timed": SEQUENTIAL, "sizes": {}}
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        notebook = written(folder)
        for way in ("ours", "pool", "one"):
            (folder / way).mkdir()
        each = papermill_sequential(notebook, folder / "one", SEQUENTIAL) / SEQUENTIAL
        ours(notebook, folder / "ours", SEQUENTIAL)
        for n in range(SEQUENTIAL):
            if shown(folder / "ours" / f"{n}.ipynb") != shown(folder / "one" / f"{n}.ipynb"):
                raise RuntimeError(f"notebook {n} shows something else than under papermill")
        alone = cells_alone()
        found["cells_s"] = round(alone, 4)
        for count in SIZES:
            mine, peers, most = list[float](), list[float](), dict[str, int]()
            for _ in range(ROUNDS):
                took, held_then = ours(notebook, folder / "ours", count)
                mine.append(took)
                most = {key: max(value, most.get(key, 0)) for key, value in held_then.items()}
                peers.append(papermill_pool(notebook, folder / "pool", count))
                for n in range(count):
                    if shown(folder / "ours" / f"{n}.ipynb") != shown(folder / "pool" / f"{n}.ipynb"):
                        raise RuntimeError(f"notebook {n} of {count} shows something else than under papermill")
            own, peer = statistics.median(mine), statistics.median(peers)
            found["sizes"][str(count)] = {
                "ours_s": round(own, 2), "papermill_pool_s": round(peer, 2), "papermill_sequential_s": round(each * count, 2),
                "sequential_is_extrapolated": count > SEQUENTIAL, "faster_than_pool": round(peer / own, 1),
                "each_round": [round(theirs / one, 1) for one, theirs in zip(mine, peers, strict=True)],
                "faster_than_sequential": round(each * count / own, 1), "times_the_cells_own": round(own / (alone * count / WORKERS), 1), **most,
            }  # fmt: skip
    return found


def told(found: dict[str, Any]) -> list[str]:
    return [
        f"{count:>4} notebooks: ours {row['ours_s']:.1f} s; papermill in {found['workers']} processes {row['papermill_pool_s']:.1f} s ({row['faster_than_pool']:.1f} x; round by round {', '.join(map(str, row['each_round']))}); "
        f"one after another {row['papermill_sequential_s']:.0f} s ({row['faster_than_sequential']:.1f} x; extrapolated from {found['sequential_timed']}); "
        f"{row['times_the_cells_own']:.1f} x the cells' own work on {found['workers']} cores"
        for count, row in found["sizes"].items()
    ]


AIMS = {"10": 3.0, "100": 10.0}


def ratios(found: dict[str, Any]) -> list[Ratio]:
    pools = [Ratio(f"{count} notebooks", "papermill in two processes", row["faster_than_pool"], AIMS[count]) for count, row in found["sizes"].items()]
    own = [Ratio(f"{count} notebooks", "the cells' own work on two cores", row["times_the_cells_own"], at_most=True) for count, row in found["sizes"].items()]
    return pools + own


if __name__ == "__main__":
    print("\n".join(told(run())))

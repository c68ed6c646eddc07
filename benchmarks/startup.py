"""Cold starts of the command line, each in a process of its own, turn about with `python -c pass`, and a whole score beside nbgrader's.

nbgrader marks a submission of one cell that adds two numbers; ours verifies, replays and scores a log by the shipped
rubric with reasons. Both begin with nothing in memory; nbgrader's course, assignment and database are made before its
time begins.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import nbformat

from benchmarks.ratios import Ratio

TITLE = "Cold starts"
PEERS = ("nbgrader",)
ROUNDS, SLOW_ROUNDS = 15, 5
COMMANDS: Mapping[str, tuple[str, ...]] = {"--help": ("--help",), "due": ("due", "gmc-rule-7", "--from", "2026-03-03")}
GOALS = {"--help": 10, "due": 25, "score": 15}


def took(command: list[str], cwd: Path) -> float:
    """Seconds of one process; RuntimeError with its words where it fails."""
    # nbgrader looks for alembic in the path; and whoever starts a command a second time has its modules compiled.
    own = {**os.environ, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"}
    own.pop("PYTHONDONTWRITEBYTECODE", None)
    begun = time.perf_counter()
    done = subprocess.run(command, cwd=cwd, env=own, capture_output=True, text=True, check=False)
    seconds = time.perf_counter() - begun
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)}: {done.stderr or done.stdout}")
    return seconds


def in_turns(rounds: int, **commands: Callable[[], float]) -> dict[str, float]:
    """The median seconds of each, measured one after the other round by round; the first round warms the disk's cache."""
    every: dict[str, list[float]] = {name: [] for name in commands}
    for turn in range(rounds + 1):
        for name, one in commands.items():
            seconds = one()
            if turn:
                every[name].append(seconds)
    return {name: statistics.median(each) for name, each in every.items()}


def course(folder: Path) -> None:
    """An nbgrader course with one released assignment and one submission, ready to be marked."""
    source = folder / "source" / "ps1"
    source.mkdir(parents=True)
    solution = nbformat.v4.new_code_cell("def add(a, b):\n    ### BEGIN SOLUTION\n    return a + b\n    ### END SOLUTION", id="add")
    test = nbformat.v4.new_code_cell("assert add(1, 2) == 3", id="test")
    for cell, asked in ((solution, {"solution": True, "grade": False, "locked": False}), (test, {"solution": False, "grade": True, "locked": True, "points": 1})):
        cell.metadata["nbgrader"] = {"schema_version": 3, "grade_id": cell.id, "task": False, **asked}
    kernel = {"kernelspec": {"name": "python3", "language": "python", "display_name": "Python 3"}}
    book = nbformat.v4.new_notebook(cells=[solution, test], metadata=kernel)  # type: ignore[no-untyped-call]
    nbformat.write(book, source / "problem.ipynb")  # type: ignore[no-untyped-call]
    took([tool("nbgrader"), "generate_assignment", "ps1", "--create"], folder)
    handed = folder / "submitted" / "ann" / "ps1"
    handed.mkdir(parents=True)
    nbformat.write(book, handed / "problem.ipynb")  # type: ignore[no-untyped-call]


def tool(name: str) -> str:
    return str(Path(sys.executable).with_name(name))


def run() -> dict[str, Any]:
    """Seconds, medians, and what each is of its peer's."""
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        log = folder / "log.jsonl"
        took([tool("casework"), "play", "first-morning", "--as", "steady", "--out", str(log)], folder)
        bare = [sys.executable, "-c", "pass"]
        short = in_turns(ROUNDS, nothing=lambda: took(bare, folder), **{name: (lambda words=words: took([tool("casework"), *words], folder)) for name, words in COMMANDS.items()})
        course(folder)
        mark = [tool("nbgrader"), "autograde", "ps1", "--create", "--force"]
        whole = in_turns(SLOW_ROUNDS, score=lambda: took([tool("casework"), "score", str(log)], folder), nbgrader=lambda: took(mark, folder))
        if not list((folder / "autograded").rglob("problem.ipynb")):
            raise RuntimeError("nbgrader marked nothing")
    return {
        "rounds": ROUNDS, "nothing_s": round(short["nothing"], 4),
        "commands": {name: {"s": round(short[name], 4), "times_nothing": round(short[name] / short["nothing"], 1), "goal": GOALS[name]} for name in COMMANDS},
        "score": {"s": round(whole["score"], 3), "nbgrader_s": round(whole["nbgrader"], 3), "times_faster": round(whole["nbgrader"] / whole["score"], 1), "goal": GOALS["score"]},
    }  # fmt: skip


def told(found: dict[str, Any]) -> list[str]:
    one = found["score"]
    return [
        *(f"casework {name:7} {1000 * row['s']:6.0f} ms = {row['times_nothing']:5.1f} x python -c pass ({1000 * found['nothing_s']:.0f} ms); at most {row['goal']} x is the aim" for name, row in found["commands"].items()),
        f"casework score   {1000 * one['s']:6.0f} ms, nbgrader autograde of a trivial submission {1000 * one['nbgrader_s']:.0f} ms: {one['times_faster']:.1f} x faster; {one['goal']} x is the aim",
    ]


def ratios(found: dict[str, Any]) -> list[Ratio]:
    starts = [Ratio(f"casework {name}, cold", "python -c pass", row["times_nothing"], row["goal"], at_most=True) for name, row in found["commands"].items()]
    return [*starts, Ratio("casework score, cold", "nbgrader autograde of a trivial submission", found["score"]["times_faster"], found["score"]["goal"])]


if __name__ == "__main__":
    print("\n".join(told(run())))

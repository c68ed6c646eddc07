"""`python -m benchmarks.profiles NAME…`: where the time of one piece of work goes, as text, by Python's own profiler.

A profiler makes calls dearer than they are, so shares tell more than seconds.
"""

from __future__ import annotations

import contextlib
import cProfile
import io
import pstats
import random
import re
import sys
from collections.abc import Callable
from pathlib import Path

LINES = 12
ROOT = Path(__file__).resolve().parent.parent
Work = Callable[[], object]


def command(*words: str) -> Callable[[], Work]:
    """A command of casework in this process, which has imported nothing of it yet."""

    def made() -> Work:
        def run() -> None:
            sys.argv = ["casework", *words]
            with contextlib.redirect_stdout(io.StringIO()), contextlib.suppress(SystemExit):
                from casework.faces.cli import main

                main()

        return run

    return made


def one_log() -> Work:
    from benchmarks import scoring
    from casework import workbench

    library = workbench.library()
    scoring.LOG_ROUNDS = 20
    return lambda: scoring.one_log(library)


def bulk() -> Work:
    from benchmarks import bulk as many
    from benchmarks import scoring
    from casework.edges import content

    library, asked = content.load(), scoring.checks()
    logs = list(many.many(scoring.play(library), 5_000))
    return lambda: many.at_once(many.compiled_of(library, asked), logs)


def fold() -> Work:
    from benchmarks.progress import PEOPLE, piece
    from casework import workbench
    from casework.edges.memory import uncollected
    from casework.progress.ledger import ledger_of

    framework = workbench.library().framework
    assert framework is not None
    rng, ids = random.Random(1), [one.id for one in framework.competencies if "scorecard" in one.evidence_from]
    pieces = [piece(rng, ids, n, f"t{n % PEOPLE:03}") for n in range(50_000)]
    return uncollected()(lambda: ledger_of(pieces, framework))


def queue() -> Work:
    from benchmarks import queues

    return lambda: queues.by_events(1)


def load() -> Work:
    from casework.edges import content

    return content.load


WORK: dict[str, Callable[[], Work]] = {
    "due": command("due", "gmc-rule-7", "--from", "2026-03-03"), "help": command("--help"), "one-log": one_log, "bulk": bulk, "fold": fold, "queue": queue, "load": load,
}  # fmt: skip


def told(work: Work) -> str:
    """The dearest functions by their own time; paths without what stands before the package's name."""
    profile = cProfile.Profile()
    profile.runcall(work)
    text = io.StringIO()
    pstats.Stats(profile, stream=text).sort_stats("tottime").print_stats(LINES)
    lines = [line.rstrip() for line in text.getvalue().splitlines() if line.strip()]
    return "\n".join(re.sub(r"\S*/site-packages/", "", line.replace(f"{ROOT}/", "")) for line in lines)


def main() -> None:
    unknown = sorted(set(sys.argv[1:]) - set(WORK))
    if unknown or not sys.argv[1:]:
        sys.exit(f"name one or more of {', '.join(WORK)}" + (f"; found {', '.join(unknown)}" if unknown else ""))
    for name in sys.argv[1:]:
        print(f"{name}:\n{told(WORK[name]())}\n")


if __name__ == "__main__":
    main()

"""How the cost grows: logs, criteria, events and trainees from a hundred to a hundred thousand, and the exponent that fits.

Seconds are fitted as size to a power, on the logarithms of both from FIT on, below which fixed costs hide the growth; 1 is
in proportion. Each figure is the least of some turns: what else the machine does can only add.
"""

from __future__ import annotations

import math
import random
import time
from collections.abc import Callable
from typing import Any

import numpy as np

from benchmarks.progress import piece
from benchmarks.ratios import Ratio
from casework import workbench
from casework.edges.memory import uncollected
from casework.practice import cases, desk, trainees
from casework.practice.matching import Record
from casework.progress import standing
from casework.progress.ledger import ledger_of
from casework.quality import scoring
from casework.quality.checks import Judge

TITLE = "How cost grows from a hundred to a hundred thousand"
PEERS = ()
SIZES, FIT, MOST, AIM = (100, 1_000, 10_000, 100_000), 1_000, 3, 1.1
SCENARIO, TRAINEE = "rule-7-handler-away", "steady"


def exponent(sizes: list[int], seconds: list[float]) -> float:
    """The slope of a straight line through the logarithms, by least squares."""
    return float(np.polyfit(np.log(sizes), np.log(seconds), 1)[0])


def least(work: Callable[[], object], turns: int) -> float:
    took = []
    for _ in range(turns):
        begun = time.perf_counter()
        work()
        took.append(time.perf_counter() - begun)
    return min(took)


def _ways() -> dict[str, Callable[[int], Callable[[], object]]]:
    """By what grows, the work of a size."""
    library = workbench.library()
    framework, rubric = library.framework, library.rubrics["case-handling"]
    assert framework is not None
    work = cases.named(library, SCENARIO, 1)
    case, events = work.cases[0], trainees.run(desk.open_session(library, work, TRAINEE), TRAINEE).log().events
    checks = [criterion.check for section in rubric.sections for criterion in section.criteria if criterion.check is not None]
    first, *body, last = events

    def longer(size: int) -> tuple[Any, ...]:
        """The session's own entries over and over, in the order of time."""
        many = sorted((body * math.ceil(size / len(body)))[: size - 2], key=lambda event: event.at)
        return tuple(event.model_copy(update={"n": n}) for n, event in enumerate((first, *many, last), 1))

    def of_logs(size: int) -> Callable[[], object]:
        return lambda: [scoring.score_case(Record(library, case, events), rubric, "t", 1).total for _ in range(size)]

    def of_events(size: int) -> Callable[[], object]:
        entries = longer(size)
        return lambda: scoring.score_case(Record(library, case, entries), rubric, "t", 1)

    def of_criteria(size: int) -> Callable[[], object]:
        asked = (checks * math.ceil(size / len(checks)))[:size]
        judge = Judge(Record(library, case, events), (), (), {})
        return lambda: [judge.verdict(check) for check in asked]

    def of_trainees(size: int) -> Callable[[], object]:
        rng, ids = random.Random(1), [one.id for one in framework.competencies if "scorecard" in one.evidence_from]
        pieces = [piece(rng, ids, n, f"t{n}") for n in range(size)]
        return lambda: standing.team_of(ledger_of(pieces, framework), max(one.at for one in pieces))

    return {"logs": of_logs, "events of one log": of_events, "criteria": of_criteria, "trainees": of_trainees}


@uncollected()
def run() -> dict[str, Any]:
    found = {}
    for what, sized in _ways().items():
        seconds = []
        for size in SIZES:
            work = sized(size)
            seconds.append(round(least(work, MOST if size <= FIT else 1), 6))
        fitted = [(size, took) for size, took in zip(SIZES, seconds, strict=True) if size >= FIT]
        found[what] = {"sizes": SIZES, "seconds": seconds, "exponent": round(exponent([s for s, _ in fitted], [t for _, t in fitted]), 3)}
    return found


def told(found: dict[str, Any]) -> list[str]:
    return [
        f"{what:20} " + ", ".join(f"{size:,} in {took:.3g} s" for size, took in zip(row["sizes"], row["seconds"], strict=True)) + f": exponent {row['exponent']:.2f}"
        for what, row in found.items()
    ]


def ratios(found: dict[str, Any]) -> list[Ratio]:
    return []  # Exponents, and no peers.


if __name__ == "__main__":
    print("\n".join(told(run())))

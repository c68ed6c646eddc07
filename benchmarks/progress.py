"""A team of 200 with 50,000 pieces of evidence: reading their ledger, folding, where everybody stands, the page of the team, and one piece more."""

from __future__ import annotations

import importlib
import random
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from benchmarks.ratios import Ratio
from casework import workbench
from casework.edges import ledgers
from casework.edges.memory import uncollected
from casework.faces import progress_view
from casework.progress import standing
from casework.progress.ledger import Ledger
from casework.progress.pieces import Given, Part, Piece

TITLE = "Progress of a large team, our own work"
PEERS = ()
PEOPLE, PIECES = 200, 50_000
START = datetime(2025, 1, 6, 9, tzinfo=UTC)


def piece(rng: random.Random, competencies: list[str], n: int, trainee: str) -> Piece:
    """A scored file in three competencies of five criteria each; every file is a scenario of its own, so that all count."""
    parts = tuple(
        Part(competency=id, given=tuple(Given(criterion=f"c{k}", share=float(rng.random() < 0.8)) for k in range(5)), unsure=0.3) for id in rng.sample(competencies, 3)
    )
    return Piece(
        trainee=trainee, kind="scorecard", at=START + timedelta(minutes=10 * n), by="the rubric", parts=parts, scenario=f"s{n}", family=f"f{n % 5}", jurisdiction=f"j{n % 4}",
        rubric="case-handling", rubric_version=2, source=f"{n:064x}", case="a", total=80.0,
    )  # fmt: skip


@uncollected()
def run() -> dict[str, Any]:
    """Seconds for each step, as `casework progress` takes them, and microseconds for one piece more after ten of one person and after ten thousand."""
    library = workbench.library()
    framework = library.framework
    assert framework is not None
    rng, ids = random.Random(1), [one.id for one in framework.competencies if "scorecard" in one.evidence_from]
    pieces = [piece(rng, ids, n, f"t{n % PEOPLE:03}") for n in range(PIECES)]
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "team.ledger"
        begun = time.perf_counter()
        ledgers.append(place, pieces)
        written = time.perf_counter() - begun
        del pieces
        begun = time.perf_counter()
        book = ledgers.read(place)
        read = time.perf_counter() - begun
    importlib.import_module("casework.progress.mastery_arrays")  # As a command has by then; numpy's own start is none of our work.
    workbench.gather_progress(library, None, at=START, book=ledgers.Book())
    begun = time.perf_counter()
    ledger = workbench.gather_progress(library, None, at=START + timedelta(minutes=10 * PIECES), book=book).ledger
    folded = time.perf_counter() - begun
    begun = time.perf_counter()
    team = standing.team_of(ledger, START + timedelta(minutes=10 * PIECES))
    stood = time.perf_counter() - begun
    begun = time.perf_counter()
    page = progress_view.document(team)
    drawn = time.perf_counter() - begun
    alone = [piece(rng, ids, PIECES + n, "one") for n in range(10_100)]
    single = Ledger(framework)
    took: dict[str, list[float]] = {}
    for n, one in enumerate(alone):
        begun = time.perf_counter()
        single.add(one)
        if 10 <= n < 110 or n >= 10_000:
            took.setdefault("ten" if n < 110 else "ten thousand", []).append(1e6 * (time.perf_counter() - begun))
    return {
        "people": PEOPLE, "pieces": PIECES, "write_s": round(written, 3), "read_s": round(read, 3), "fold_s": round(folded, 3), "stand_s": round(stood, 3), "page_s": round(drawn, 3), "page_bytes": len(page),
        "one_more_us": {name: round(sorted(times)[len(times) // 2], 1) for name, times in took.items()},
    }  # fmt: skip


def told(found: dict[str, Any]) -> list[str]:
    whole = found["read_s"] + found["fold_s"] + found["stand_s"] + found["page_s"]
    more = found["one_more_us"]
    return [
        f"{found['people']} people, {found['pieces']:,} pieces: read in {found['read_s']:.2f} s, folded in {found['fold_s']:.2f} s ({1e6 * found['fold_s'] / (3 * found['pieces']):.1f} us a part), stood in {found['stand_s']:.2f} s, drawn in {found['page_s']:.2f} s; {whole:.2f} s in all; recorded at once in {found['write_s']:.2f} s",
        f"one piece more: {more['ten']:.0f} us after ten, {more['ten thousand']:.0f} us after ten thousand ({more['ten thousand'] / more['ten']:.2f} x)",
    ]


def ratios(found: dict[str, Any]) -> list[Ratio]:
    more = found["one_more_us"]
    return [Ratio("a piece more after ten thousand", "a piece more after ten", more["ten thousand"] / more["ten"], 1.1, at_most=True)]


if __name__ == "__main__":
    print("\n".join(told(run())))

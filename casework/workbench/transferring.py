"""Use cases on evidence over time: one person's lines, and whether practice tells of live work."""

from __future__ import annotations

from typing import Any

from casework.progress.timelines import TimeLine, time_lines
from casework.progress.transfer import FEWEST_PEOPLE, Transfer, transfers
from casework.workbench.progressing import Gathered
from casework.workbench.rights import open_to_all


@open_to_all
def person_lines(gathered: Gathered, trainee: str) -> tuple[TimeLine, ...]:
    """What was known of one person after each counted file, by competency."""
    return time_lines([*gathered.book.pieces, *gathered.fresh], trainee, gathered.ledger.framework, gathered.at)


@open_to_all
def practice_and_live(gathered: Gathered) -> tuple[Transfer, ...]:
    """For each competency, how people's practice beforehand goes with their marks on real files after; empty without any real file."""
    pieces = [piece for piece in (*gathered.book.pieces, *gathered.fresh) if piece.at <= gathered.at]
    return transfers(pieces, gathered.ledger.framework) if any(piece.live for piece in pieces) else ()


@open_to_all
def practice_and_live_json(found: tuple[Transfer, ...]) -> list[dict[str, Any]]:
    """The key `transfer` of `casework progress --json`; nobody is named in it."""
    return [
        {
            "competency": one.competency.id, "people": one.n, "needed": FEWEST_PEOPLE, "rank_correlation": one.rank, "low": one.low, "high": one.high,
            "claim": one.claim or None, "reason": one.why or None,
        }
        for one in found
    ]  # fmt: skip

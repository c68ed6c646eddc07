"""What the evidence itself tells of marks: how hard files are, from first attempts that chance assigned, and what a mark with levels between tells.

Until there is enough, files are taken as average, and as unsure as that is, and a mark counts as one of pass or fail.
What was learned goes into the pieces made from then on; pieces in a ledger keep what they were judged by, and name the
calibration that it came from.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from casework.model.decisions import digest
from casework.model.framework import Framework
from casework.progress.ledger import holding
from casework.progress.pieces import Piece
from casework.progress.worths import worths

if TYPE_CHECKING:
    from casework.progress.difficulty import Calibration, Play

MIDDLE, STEP = 3, 0.5  # The level of an average scenario, and what one level more is guessed to add, in logits.
FEWEST = 30  # First attempts by chance in a competency, below which nothing is learned there. A judgement.
MOST = 600  # Of the latest pieces: a second and a half of reckoning, for which a page may wait.


@dataclass(frozen=True)
class Learned:
    """Difficulties by competency, and by criterion what a mark is worth where that is not 1.

    `name` tells this one from every other, and from how many files at most it was learned; empty where nothing was.
    """

    known: Mapping[str, Calibration] = field(default_factory=dict)
    worth: Mapping[str, float] = field(default_factory=dict)
    name: str = ""


def guess(level: int) -> float:
    """What an author's level says of difficulty, in logits."""
    return STEP * (level - MIDDLE)


def learned(pieces: Iterable[Piece], framework: Framework, guesses: Mapping[str, float]) -> Learned:
    """What the pieces tell of marks, and of difficulty in each competency with enough first attempts by chance, drawn towards the authors' guesses.

    `guesses`, in logits, are those of the library's scenarios; real work, each file of which is one of its kind, tells nothing of difficulty.
    """
    scored = [piece for piece in holding(pieces) if piece.kind == "scorecard"]
    latest = scored[-MOST:]
    worth = worths(mark for piece in latest for mark in _marks(piece))
    plays, chance = _plays(scored, guesses)
    enough = [one.id for one in framework.competencies if chance.get(one.id, 0) >= FEWEST]
    if not enough:
        return Learned({}, worth, f"marks of {len(latest)} files, {_digest([], worth)}") if worth else Learned()
    from casework.progress.difficulty import (  # Needs numpy, which a single deadline must not wait for.
        calibrated,
        pooled,
    )

    found = pooled({id: calibrated(plays[id], guesses, worth=worth) for id in enough})
    values = [(id, name, round(one.value, 9), round(one.error, 9)) for id, c in found.items() for name, one in sorted({**c.scenarios, **c.criteria}.items())]
    return Learned(found, worth, f"{max(one.files for one in found.values())} files by chance, {_digest(values, worth)}")


def _digest(difficulties: Sequence[object], worth: Mapping[str, float]) -> str:
    return digest({"difficulties": difficulties, "worth": {one: round(value, 9) for one, value in worth.items()}})[:12]


def _marks(piece: Piece) -> Iterator[tuple[str, float]]:
    """The scored criteria of a file, each once, however many competencies it serves."""
    yield from {one.criterion: one.share for part in piece.parts for one in part.given if one.share is not None}.items()


def _plays(pieces: Iterable[Piece], guesses: Mapping[str, float]) -> tuple[dict[str, list[Play]], dict[str, int]]:
    """The plays by competency of everybody who was given files by chance, and how many first attempts by chance there are."""
    scored = [piece for piece in pieces if not piece.live and piece.scenario in guesses]
    drawn = {piece.trainee for piece in scored if piece.assigned == "random"}
    if sum(piece.assigned == "random" for piece in scored) < FEWEST:
        return {}, {}
    from casework.progress.difficulty import Play

    plays: dict[str, list[Play]] = {}
    chance: dict[str, int] = {}
    met: set[tuple[str, str]] = set()
    for piece in [piece for piece in scored if piece.trainee in drawn][-MOST:]:
        pair = piece.trainee, piece.scenario
        first, lot = piece.counts and pair not in met, piece.assigned == "random"
        met.add(pair)
        for part in piece.parts:
            criteria, shares = tuple(one.criterion for one in part.given), tuple(one.share for one in part.given)
            plays.setdefault(part.competency, []).append(Play(*pair, piece.at, criteria, shares, "chance" if lot else "choice", 1 if first else 2))
            chance[part.competency] = chance.get(part.competency, 0) + (first and lot and any(share is not None for share in shares))
    return plays, chance

"""How what is known of somebody grew: after each counted file the expected pass rate with its 90 % interval, up to now."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from casework.model.framework import Competency, Framework
from casework.progress import mastery
from casework.progress.ledger import Ledger, holding
from casework.progress.pieces import Piece

MOST = 120  # Points; the latest are kept.


@dataclass(frozen=True)
class Point:
    """What was known at a moment: after a file of practice or of live work, or, with no file, as time has widened it since."""

    at: datetime
    typical: mastery.Typical
    file: str = ""


@dataclass(frozen=True)
class TimeLine:
    competency: Competency
    standard: float
    points: tuple[Point, ...]


def time_lines(pieces: Iterable[Piece], trainee: str, framework: Framework, at: datetime) -> tuple[TimeLine, ...]:
    """One person's lines up to a moment, for every competency with a counted file."""
    ledger = Ledger(framework)
    points: dict[str, list[Point]] = {}
    for piece in holding(one for one in pieces if one.trainee == trainee):
        if piece.at > at:
            break
        before = {id: ledger.of(trainee, id).level.files for id in piece.competencies}
        ledger.add(piece)
        for id, files in before.items():
            level = ledger.of(trainee, id).level
            if level.files > files:
                points.setdefault(id, []).append(Point(piece.at, mastery.typical(level), "live" if piece.live else "practice"))
    found = []
    for one in framework.competencies:
        if mine := points.get(one.id, [])[-MOST:]:
            now = mastery.typical(mastery.aged(ledger.of(trainee, one.id).level, at))
            found.append(TimeLine(one, framework.standard(one), (*mine, Point(at, now))))
    return tuple(found)

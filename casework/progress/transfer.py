"""Whether practice tells of live work: who stood higher in practice beforehand, and who did better on real files after.

A correlation of ranks over people, with its interval; below FEWEST_PEOPLE nothing is said. It proves no effect of
practice: nobody drew lots who practises, and who is given live work is often chosen by how practice went, which hides
part of a relation that is there.

Spearman's coefficient with Fisher's transformation, its error after Bonett and Wright 2000; where several competencies
are looked at, a relation is claimed only by an interval widened for their number (Bonferroni).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import NormalDist, mean
from typing import Literal

from casework.model.framework import Competency, Framework
from casework.progress import mastery
from casework.progress.ledger import Ledger, holding
from casework.progress.pieces import Part, Piece

FEWEST_PEOPLE = 10  # A judgement: the interval of fewer is nearly as wide as the scale.
DOUBT = 0.1  # One minus the interval's confidence.


@dataclass(frozen=True)
class Pair:
    """One person: the pass rate that practice led to expect before the first live file, and the share on live files since (both 0 to 1)."""

    trainee: str
    expected: float
    live: float
    practice_files: int
    live_files: int


@dataclass(frozen=True)
class Transfer:
    """One competency. `rank` is None, and `why` says it, where nothing can be said. `low` and `high` are its 90 % interval.

    `claim`: whether the interval, widened for the number of competencies, lies above or below nought.
    """

    competency: Competency
    pairs: tuple[Pair, ...]
    rank: float | None = None
    low: float | None = None
    high: float | None = None
    claim: Literal["together", "opposed", "not shown", ""] = ""
    why: str = ""

    @property
    def n(self) -> int:
        return len(self.pairs)


def transfers(pieces: Iterable[Piece], framework: Framework) -> tuple[Transfer, ...]:
    """Each competency that takes scored files, in the framework's order."""
    people: dict[str, list[Piece]] = {}
    for piece in holding(pieces):
        if piece.kind == "scorecard":
            people.setdefault(piece.trainee, []).append(piece)
    mixed = {name: mine for name, mine in sorted(people.items()) if any(one.live for one in mine)}
    found = [Transfer(one, _pairs(mixed, one, framework)) for one in framework.competencies if "scorecard" in one.evidence_from]
    asked = sum(one.n >= FEWEST_PEOPLE for one in found)
    return tuple(_told(one, asked) for one in found)


def _pairs(people: dict[str, list[Piece]], competency: Competency, framework: Framework) -> tuple[Pair, ...]:
    pairs = (_pair(name, mine, competency, framework) for name, mine in people.items())
    return tuple(pair for pair in pairs if pair is not None)


def _pair(trainee: str, mine: Sequence[Piece], competency: Competency, framework: Framework) -> Pair | None:
    """One person's pair: from the first live file that some practice came before; None without either."""
    practised, live, first = Ledger(framework), list[float](), None
    for piece in mine:
        part = next((one for one in piece.parts if one.competency == competency.id), None)
        if part is None:
            continue
        if not piece.live:
            if first is None:
                practised.add(piece)
        elif (share := _share(part)) is not None and practised.of(trainee, competency.id).level.files:
            first = first or piece.at
            live.append(share)
    if first is None:
        return None
    level = practised.of(trainee, competency.id).level
    return Pair(trainee, mastery.typical(mastery.aged(level, first)).value, mean(live), level.files, len(live))


def _share(part: Part) -> float | None:
    shares = [one.share for one in part.given if one.share is not None]
    return mean(shares) if shares else None


def _told(one: Transfer, asked: int) -> Transfer:
    if one.n < FEWEST_PEOPLE:
        return Transfer(one.competency, one.pairs, why=f"not enough people: {one.n} of {FEWEST_PEOPLE} needed")
    expected, live = [pair.expected for pair in one.pairs], [pair.live for pair in one.pairs]
    for values, where in ((expected, "practice"), (live, "live work")):
        if max(values) - min(values) < 1e-12:
            return Transfer(one.competency, one.pairs, why=f"everybody did equally well in {where}, so nothing can be ordered")
    rank = spearman(expected, live)
    low, high = interval(rank, one.n, DOUBT)
    sure = interval(rank, one.n, DOUBT / asked)
    return Transfer(one.competency, one.pairs, rank, low, high, "together" if sure[0] > 0 else "opposed" if sure[1] < 0 else "not shown")


def spearman(one: Sequence[float], other: Sequence[float]) -> float:
    """Spearman's rank correlation, -1 to 1; equals share the middle of their ranks. ZeroDivisionError where all are equal."""
    x, y = ranks(one), ranks(other)
    middle = (len(x) + 1) / 2
    both = sum((a - middle) * (b - middle) for a, b in zip(x, y, strict=True))
    return both / math.sqrt(sum((a - middle) ** 2 for a in x) * sum((b - middle) ** 2 for b in y))


def ranks(values: Sequence[float]) -> list[float]:
    """The rank of each value from 1 up; equals share the middle of theirs."""
    order = sorted(range(len(values)), key=values.__getitem__)
    found = [0.0] * len(values)
    begun = 0
    while begun < len(order):
        end = begun
        while end + 1 < len(order) and values[order[end + 1]] == values[order[begun]]:
            end += 1
        for place in order[begun : end + 1]:
            found[place] = (begun + end) / 2 + 1
        begun = end + 1
    return found


def interval(rank: float, n: int, doubt: float) -> tuple[float, float]:
    """The interval of a rank correlation of `n` > 3 pairs. A perfect order is taken as half a swap of neighbours short of perfect."""
    most = 1 - 6 / (n * (n * n - 1))
    z = math.atanh(max(-most, min(most, rank)))
    half = NormalDist().inv_cdf(1 - doubt / 2) * math.sqrt((1 + rank * rank / 2) / (n - 3))
    return math.tanh(z - half), math.tanh(z + half)

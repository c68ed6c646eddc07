"""Rubric mutation: would anyone notice if a criterion were dropped, turned round, or given another weight?

A mutant is noticed when, on some hand-written answer, a band or the set of critical errors is another than
under the rubric itself, or the total leaves the range that the answer declares. What the checks found stays;
only what the rubric makes of it changes, so a mutant costs no play.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from fractions import Fraction

from casework.model.scenarios import Result
from casework.quality.scoring import Rating, Scorecard, own_work, total_up

OPERATORS = ("delete", "invert", "double", "halve")
TIMES = {"double": Fraction(2), "halve": Fraction(1, 2)}
Mutant = tuple[str, str]


@dataclass(frozen=True)
class Answered:
    """A hand-written answer as scored on one seed, and what its author declares."""

    card: Scorecard
    result: Result


@dataclass(frozen=True)
class Noticed:
    """What a set of answers says of each mutant: whether it is noticed, and how far it moved any total."""

    noticed: frozenset[Mutant]
    applied: frozenset[str]
    rated: frozenset[str]
    moved: dict[Mutant, float]

    def reason(self, mutant: Mutant) -> str:
        """Why a mutant survives."""
        criterion, _ = mutant
        if criterion not in self.applied:
            return "the criterion applies in no answer"
        if criterion not in self.rated:
            return "a person rates it, and answers are scored before anybody has"
        return f"it moves no total by more than {self.moved.get(mutant, 0.0):.1f}, inside every declared range and band"


def mutated(card: Scorecard, criterion: str, operator: str) -> Scorecard:
    """The scorecard under a rubric with one criterion deleted, inverted, or of double or half weight."""
    ratings: list[Rating] = []
    for section in card.rubric.sections:
        own = [r for r in card.ratings if r.section == section.id]
        kept = [r for r in own if not (operator == "delete" and r.criterion.id == criterion)]
        weights = {r.criterion.id: r.criterion.weight * (TIMES.get(operator, Fraction(1)) if r.criterion.id == criterion else 1) for r in kept}
        applicable = sum((weights[r.criterion.id] for r in kept if r.status != "not_applicable"), Fraction(0))
        for rating in kept:
            out = rating.status == "not_applicable" or not applicable
            available = Fraction(0) if out else section.weight * weights[rating.criterion.id] / applicable
            share, critical = rating.rating, rating.critical_error
            if operator == "invert" and rating.criterion.id == criterion and rating.status == "rated":
                share, critical = 1 - share, rating.criterion.critical is not None and share > 0
            ratings.append(replace(rating, rating=share, available=available, points=available * share, critical_error=critical))
    return total_up(
        card.case, card.scenario, card.trainee, card.seed, card.rubric, tuple(ratings), card.handled, card.clocks, own_work(card.handled)
    )


def run(answers: Iterable[Answered]) -> Noticed:
    """Every mutant of the rubric's criteria, tried on every answer until one of them notices it."""
    answers = tuple(answers)
    noticed: set[Mutant] = set()
    moved: dict[Mutant, float] = {}
    status: dict[str, set[str]] = {}
    for answered in answers:
        card, (low, high) = answered.card, answered.result.total
        inside = low <= float(card.total) <= high
        for rating in card.ratings:
            id = rating.criterion.id
            status.setdefault(id, set()).add(rating.status)
            if rating.status == "not_applicable":
                continue
            for operator in OPERATORS:
                if (id, operator) in noticed:
                    continue
                other = mutated(card, id, operator)
                if other.band != card.band or other.errors != card.errors or (inside and not low <= float(other.total) <= high):
                    noticed.add((id, operator))
                else:
                    moved[id, operator] = max(moved.get((id, operator), 0.0), abs(float(other.total - card.total)))
    applied = frozenset(id for id, found in status.items() if found - {"not_applicable"})
    return Noticed(frozenset(noticed), applied, frozenset(id for id, found in status.items() if "rated" in found), moved)


def merged(parts: Iterable[Noticed]) -> Noticed:
    """What several scenarios' answers say together."""
    parts = tuple(parts)
    moved: dict[Mutant, float] = {}
    for part in parts:
        for mutant, shift in part.moved.items():
            moved[mutant] = max(moved.get(mutant, 0.0), shift)
    none: frozenset[str] = frozenset()
    return Noticed(
        frozenset[Mutant]().union(*(p.noticed for p in parts)), none.union(*(p.applied for p in parts)),
        none.union(*(p.rated for p in parts)), moved,
    )  # fmt: skip

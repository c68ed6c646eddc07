"""Which scenario would tell or teach most now, and why: need times information, and about a fifth by lot.

Files chosen for what a trainee needs cannot tell how hard files are, because hard ones go to the strong; those drawn
by lot can, and serve as anchors (`difficulty`). The lot is a digest, so that the same history gives the same advice
on any machine. A scenario that was played already teaches, and tells nothing new: it comes after those not yet met,
in another variant.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from casework.model.decisions import digest
from casework.progress import mastery
from casework.progress.mastery import State

ANCHORS = 0.2  # The share of files drawn by lot. A judgement, not measured.
REST = 14.0  # Days in which a scenario that was just played is not advised again.
OVERDUE_AT, UNCOVERED_AT = 0.25, 0.25  # What an overdue competency, or a kind not met, adds, in units of need times information of the best.

Reason = Literal["need", "overdue", "uncovered", "anchor"]


@dataclass(frozen=True)
class Candidate:
    """A scenario that may be played. `difficulties` holds, by competency, each criterion's in logits; `seeds` its variants."""

    scenario: str
    family: str
    difficulties: Mapping[str, tuple[float, ...]]
    seeds: tuple[int, ...] = (1,)


@dataclass(frozen=True)
class Played:
    """One play that was, in any variant."""

    scenario: str
    seed: int
    at: datetime


@dataclass(frozen=True)
class Advice:
    """A scenario to play next. `competency` is what it is for (None for an anchor); `worth` orders advice, and means nothing else."""

    scenario: str
    seed: int
    reason: Reason
    competency: str | None
    worth: float
    first: bool
    says: str


def advise(
    trainee: str, states: Mapping[str, State], played: Sequence[Played], candidates: Sequence[Candidate], at: datetime, standard: float,
    importance: Mapping[str, float] | None = None, count: int = 5,
) -> tuple[Advice, ...]:  # fmt: skip
    """The next `count` scenarios for a trainee at `at`, most useful first; about a fifth are drawn by lot and say so.

    `standard` is the pass rate to be reached (0 to 1); `importance` weighs competencies (1 unless given). Competencies
    without a state count as new. Fewer come back where there are fewer candidates.
    """
    seen: dict[str, list[Played]] = {}
    for play in played:
        seen.setdefault(play.scenario, []).append(play)
    known = {id: mastery.aged(state, at) for id, state in states.items()}
    ranked = sorted((_valued(one, known, seen, at, standard, importance or {}) for one in candidates), key=lambda a: (-a.worth, _lot(trainee, len(played), a.scenario)))
    ranked = [one for one in ranked if one.worth > 0]
    families = {one.scenario: one.family for one in candidates}
    chosen: list[Advice] = []
    while ranked and len(chosen) < count:
        # Only a file that was not met before can be an anchor.
        fresh = [one for one in ranked if one.first]
        turn = len(played) + len(chosen)
        if fresh and _lot(trainee, turn, "anchor") < ANCHORS:
            picked = min(fresh, key=lambda one: _lot(trainee, turn, one.scenario))
            chosen.append(_anchor(picked))
        else:
            # One family twice in a row teaches the case and not the craft; and what one file is for already, another is worth less for.
            last = families[chosen[-1].scenario] if chosen else None
            busy = [one.competency for one in chosen if one.reason != "anchor"]
            picked = max(ranked, key=lambda one: (families[one.scenario] != last, one.worth * 0.5 ** busy.count(one.competency)))
            chosen.append(picked)
        ranked.remove(picked)
    return tuple(chosen)


def _anchor(one: Advice) -> Advice:
    says = "drawn by lot: about a fifth of files are, because only they show how hard files are for everyone"
    return Advice(one.scenario, one.seed, "anchor", None, one.worth, one.first, says)


def _valued(
    one: Candidate, known: Mapping[str, State], seen: Mapping[str, list[Played]], at: datetime, standard: float, importance: Mapping[str, float]
) -> Advice:
    """A candidate with its worth: the competency in which need times information is greatest decides what it is for."""
    before = seen.get(one.scenario, [])
    parts = []
    for competency, difficulties in one.difficulties.items():
        state = known.get(competency) or mastery.start()
        need = 1 - mastery.chance_at_least(state, standard)
        told = mastery.information(state, difficulties) / mastery.START_VARIANCE
        overdue = any(m.kind == "stale" for m in mastery.missing(state, at))
        uncovered = one.family not in state.families
        worth = importance.get(competency, 1.0) * need * told
        parts.append((worth + (OVERDUE_AT * told if overdue else 0) + (UNCOVERED_AT * told * need if uncovered else 0), competency, need, overdue, uncovered, state))
    seed = _variant(one, before)
    if not parts:
        return Advice(one.scenario, seed, "need", None, 0.0, not before, "")
    worth, competency, need, overdue, uncovered, state = max(parts, key=lambda part: (part[0], part[1]))
    reason: Reason = "overdue" if overdue else "uncovered" if uncovered and state.files else "need"
    says = {
        "overdue": f"{competency}: what is known of it has grown old, and a new file says whether it still holds",
        "uncovered": f"{competency}: no file of the kind {one.family!r} yet, and one kind of file does not speak for all",
        "need": f"{competency}: {_percent(need)} likely to be below the standard still, and this file would tell much of it"
        if state.files else f"{competency}: nothing is known of it yet",
    }[reason]  # fmt: skip
    if before:
        rested = (at - max(play.at for play in before)).total_seconds() / mastery.DAY >= REST
        worth, says = (worth / 4 if rested else 0.0), f"{says}; met before, so it is practice and no evidence"
    return Advice(one.scenario, seed, reason, competency, worth, not before, says)


def _percent(chance: float) -> str:
    return f"{max(1, min(99, round(100 * chance)))} %"


def _variant(one: Candidate, before: Sequence[Played]) -> int:
    """The variant played least, then longest ago, then first in order."""
    return min(one.seeds, key=lambda seed: (sum(p.seed == seed for p in before), max((p.at.timestamp() for p in before if p.seed == seed), default=0.0), one.seeds.index(seed)))


def _lot(trainee: str, turn: int, what: str) -> float:
    """A number from 0 to 1 that anyone can draw again."""
    return int(digest([trainee, turn, what])[:13], 16) / 16**13

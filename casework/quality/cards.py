"""Scorecards of many logs at once, by one rubric or several: every figure as of one log scored, and no reasons.

Criteria are judged by compiled checks. What follows from the verdicts alone, ratings, totals, band and pass, is
worked out by the scoring of a single log, once for all logs that have the same verdicts.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import tee
from typing import Any

from casework.model.decisions import Event
from casework.model.library import Library
from casework.model.rubrics import Rubric
from casework.practice.cases import Case
from casework.quality import scoring
from casework.quality.checks import USUAL_HANDLING, Verdict
from casework.quality.compiled import Compiled, Sheet, judge_many
from casework.quality.scoring import Scorecard

KEPT = 20_000  # Different results kept before they are forgotten.
Scale = Mapping[str, Fraction]
Pair = tuple[int, frozenset[tuple[str, Fraction]]]


def _pair(check: Any, scale: Scale) -> Pair:
    return id(check), frozenset(scale.items())


@dataclass(frozen=True)
class _Asking:
    """Stands in for a judge, and notes what a rubric asks."""

    asked: dict[Pair, tuple[Any, Scale]]
    scale: Scale

    def verdict(self, check: Any) -> Verdict:
        self.asked[_pair(check, self.scale)] = (check, self.scale)
        return Verdict("rated", Fraction(1), (), "")


@dataclass(frozen=True)
class _Told:
    """Stands in for a judge, with verdicts that were found already."""

    found: Mapping[Pair, Verdict]
    scale: Scale

    def verdict(self, check: Any) -> Verdict:
        return self.found[_pair(check, self.scale)]


@dataclass(frozen=True)
class Work:
    """One case of a log, and whose it is."""

    case: Case
    events: Sequence[Event]
    trainee: str
    seed: int
    session: str


class Cards:
    """Rubrics compiled together: what they ask alike is judged once."""

    def __init__(self, library: Library, rubrics: Sequence[Rubric]) -> None:
        self.rubrics = tuple(rubrics)
        asked: dict[Pair, tuple[Any, Scale]] = {}
        asking: Any = _Asking(asked, USUAL_HANDLING)
        for rubric in rubrics:
            scoring.rate_all(rubric, asking, {})
        self._places: dict[Pair, int] = {}
        different: list[tuple[Any, Scale]] = []
        for pair, (check, scale) in asked.items():
            if (check, scale) not in different:
                different.append((check, scale))
            self._places[pair] = different.index((check, scale))
        self._compiled = Compiled(library, [check for check, _ in different], [scale for _, scale in different], topics=("own-work",))
        self._kept: dict[Any, tuple[Scorecard, ...]] = {}

    def of(self, works: Iterable[Work]) -> Iterator[tuple[Work, tuple[Scorecard, ...]]]:
        """Each work with its scorecards, one a rubric."""
        ours, theirs = tee(works)
        for sheet in judge_many(self._compiled, ((work.case, work.events) for work in ours)):
            for log, key in enumerate(sheet.keys()):
                work = next(theirs)
                yield work, self._cards(sheet, log, key, work)

    def _cards(self, sheet: Sheet, log: int, key: bytes, work: Work) -> tuple[Scorecard, ...]:
        own, hinted = sheet.own_work[log], tuple(event for event in work.events if event.event == "hinted")
        known = key, own, tuple(event.hint for event in hinted)
        bare = self._kept.get(known)
        if bare is None:
            if len(self._kept) >= KEPT:
                self._kept.clear()
            found = [Verdict(status, share, (), "", grave) for status, share, grave in sheet.row(log)]
            told: Any = _Told({pair: found[place] for pair, place in self._places.items()}, USUAL_HANDLING)
            bare = self._kept[known] = tuple(
                scoring.total_up("", "", "", 0, rubric, scoring.rate_all(rubric, told, {}), (), (), own, *scoring.hinted(rubric, hinted)) for rubric in self.rubrics
            )
        whose: dict[str, Any] = {"case": work.case.key, "scenario": work.case.scenario.id, "trainee": work.trainee, "seed": work.seed}
        return tuple(replace(card, **whose, hints=tuple(event.n for event in hinted)) for card in bare)

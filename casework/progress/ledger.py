"""Pieces of evidence, only ever appended, folded into what stands in each competency of each trainee.

Only the first unaided play of a scenario tells mastery; repeats and plays with hints are kept and shown as practice.
Folding a piece in costs the same after ten as after ten thousand: what is kept of a history is bounded by the
framework's own numbers, but for the names of the scenarios and jurisdictions met.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from operator import attrgetter

from casework.model.errors import BadInput
from casework.model.framework import Framework
from casework.progress import mastery
from casework.progress.pieces import Part, Piece

MANY = 2_000  # Parts above which arrays are quicker than their import.
Last = tuple[tuple[str, datetime], ...]


@dataclass(frozen=True, slots=True)
class Critical:
    """A critical error: when, on which criteria, in which scenario."""

    at: datetime
    criteria: tuple[str, ...]
    scenario: str


@dataclass(frozen=True, slots=True)
class Standing:
    """What stands of one trainee in one competency: the level, and as much of the history as the rules look back on.

    `files` are the dates of the last scored files; `kinds`, `scenarios`, `jurisdictions` when each was last met, latest
    last. `clean`: files since `critical`. `practice`: pieces that count towards nothing.
    """

    level: mastery.State = field(default_factory=mastery.start)
    files: tuple[datetime, ...] = ()
    kinds: Last = ()
    scenarios: Last = ()
    jurisdictions: Last = ()
    totals: tuple[tuple[datetime, float], ...] = ()
    critical: Critical | None = None
    clean: int = 0
    practice: int = 0
    others: int = 0
    last_at: datetime | None = None


@dataclass(slots=True)
class _Tally:
    """A standing in the making. Mutable, because fifty thousand pieces are folded while somebody waits; nobody but the ledger holds one."""

    level: tuple[float, float]  # Mean and variance in logits, as far as settled.
    scenarios_kept: int  # As many as the rules look back on.
    jurisdictions_kept: int
    files: deque[datetime]  # No longer than they look back, either.
    at: datetime | None = None
    scored: int = 0
    families: set[str] = field(default_factory=set)
    kinds: dict[str, datetime] = field(default_factory=dict)
    scenarios: dict[str, datetime] = field(default_factory=dict)
    jurisdictions: dict[str, datetime] = field(default_factory=dict)
    totals: deque[tuple[datetime, float]] = field(default_factory=lambda: deque(maxlen=2))
    critical: Critical | None = None
    clean: int = 0
    practice: int = 0
    others: int = 0
    last_at: datetime | None = None
    untold: mastery.Files = field(default_factory=mastery.Files)  # Files counted, which the level does not tell of yet.

    def add(self, part: Part, piece: Piece, counts: bool) -> None:
        """Folds one part of a piece in, but for its level. BadInput where it is older than the last file."""
        if piece.kind != "scorecard":
            self._seen(piece, part.errors)
            self.others += 1
        elif not counts:
            self.practice += 1
        else:
            errors, hard, given, worth = [], self.untold.hard, self.untold.given, self.untold.worth
            before = len(given)
            for one in part.given:  # Once: half a million criteria of a team lie far apart in memory.
                if (share := one.share) is not None:
                    hard.append(one.difficulty)
                    given.append(share)
                    worth.append(one.worth)
                if one.error:
                    errors.append(one.criterion)
            if len(given) > before:
                self._scored(piece, len(given) - before, part.unsure)
                self.clean += 1
                self._seen(piece, tuple(errors))

    def _scored(self, piece: Piece, count: int, unsure: float) -> None:
        at = piece.at
        self.untold.close(mastery.weeks_between(self.at, at), count, unsure)
        self.at = at
        self.scored += 1
        self.families.add(piece.family or piece.scenario)
        self.files.append(at)
        _met(self.scenarios, piece.scenario, at, self.scenarios_kept)
        _met(self.jurisdictions, piece.jurisdiction, at, self.jurisdictions_kept)
        if piece.total is not None:
            self.totals.append((at, piece.total))

    def settle(self) -> None:
        """Brings the level up to date."""
        self.settled(mastery.after(*self.level, self.untold))

    def settled(self, level: tuple[float, float]) -> None:
        self.level, self.untold = level, mastery.Files()

    def _seen(self, piece: Piece, errors: tuple[str, ...]) -> None:
        _met(self.kinds, piece.kind, piece.at, 5)
        if self.last_at is None or self.last_at < piece.at:
            self.last_at = piece.at
        if errors:
            self.critical, self.clean = Critical(piece.at, errors, piece.scenario), 0

    @property
    def standing(self) -> Standing:
        level = mastery.State(*self.level, self.at, self.scored, frozenset(self.families), self.at)
        return Standing(
            level, tuple(self.files), tuple(self.kinds.items()), tuple(self.scenarios.items()), tuple(self.jurisdictions.items()), tuple(self.totals),
            self.critical, self.clean, self.practice, self.others, self.last_at,
        )  # fmt: skip


def _met(known: dict[str, datetime], name: str, at: datetime, most: int) -> None:
    """A name met now; only as many as a rule asks for are kept, the latest."""
    if name:
        if known.pop(name, None) is None and len(known) == most:
            del known[next(iter(known))]
        known[name] = at


class Ledger:
    """Pieces folded in by their dates. `met` tells what a trainee has worked before, so that no repeat is taken for a first attempt."""

    def __init__(self, framework: Framework) -> None:
        self.framework = framework
        self._tallies: dict[tuple[str, str], _Tally] = {}
        self._met: dict[str, set[str]] = {}
        self._files: set[tuple[str, str]] = set()
        self._ids: set[str] = set()
        self._takes = {one.id: frozenset(one.evidence_from) for one in framework.competencies}
        self._most: dict[str, tuple[int, int, int]] = {}
        for one in framework.competencies:
            need = framework.enough(one)
            self._most[one.id] = max(1, need.pieces), max(1, need.scenarios), max(1, need.jurisdictions)

    @property
    def trainees(self) -> tuple[str, ...]:
        return tuple(sorted(self._met))

    def met(self, trainee: str, scenario: str) -> bool:
        """Whether the trainee has worked this scenario before."""
        return scenario in self._met.get(trainee, ())

    def holds(self, source: str, case: str) -> bool:
        """Whether this file is in already."""
        return (source, case) in self._files

    def of(self, trainee: str, competency: str) -> Standing:
        tally = self._tallies.get((trainee, competency))
        return Standing() if tally is None else tally.standing

    def add(self, piece: Piece) -> bool:
        """Folds a piece in; False where it is in already. Whether it is a first attempt is for the ledger to say, whatever the piece claims.

        A competency that the framework no longer has, or no longer takes this kind of evidence for, is passed over.
        """
        if not self._new(piece):
            return False
        self._fold(piece)
        for part in piece.parts:
            if (tally := self._tallies.get((piece.trainee, part.competency))) is not None:
                tally.settle()
        return True

    def extend(self, pieces: Iterable[Piece]) -> None:
        """Folds many in, as `add` does one after the other; person by person, since what is kept of one fits the processor's cache: half the time."""
        for piece in sorted([piece for piece in pieces if self._new(piece)], key=attrgetter("trainee")):
            self._fold(piece)
        waiting = [tally for tally in self._tallies.values() if len(tally.untold)]
        if sum(len(tally.untold) for tally in waiting) < MANY:
            for tally in waiting:
                tally.settle()
            return
        from casework.progress import mastery_arrays  # Numpy is not waited for where a handful is folded.

        told = mastery_arrays.after([tally.level for tally in waiting], [tally.untold for tally in waiting])
        for tally, level in zip(waiting, told, strict=True):
            tally.settled(level)

    def _new(self, piece: Piece) -> bool:
        """Whether a piece is not in yet, nor another of its file; it is then known."""
        if piece.id in self._ids or (piece.source and piece.file in self._files):
            return False
        self._ids.add(piece.id)
        if piece.source:
            self._files.add(piece.file)
        return True

    def _fold(self, piece: Piece) -> None:
        met = self._met.setdefault(piece.trainee, set())
        counts = piece.counts and piece.scenario not in met
        for part in piece.parts:
            if piece.kind in self._takes.get(part.competency, ()):
                self._tally(piece.trainee, part.competency).add(part, piece, counts)
        if piece.scenario:
            met.add(piece.scenario)

    def _tally(self, trainee: str, competency: str) -> _Tally:
        tally = self._tallies.get((trainee, competency))
        if tally is None:
            begun = mastery.start()
            files, scenarios, jurisdictions = self._most[competency]
            tally = self._tallies[trainee, competency] = _Tally((begun.mean, begun.variance), scenarios, jurisdictions, deque(maxlen=files))
        return tally


def holding(pieces: Iterable[Piece]) -> tuple[Piece, ...]:
    """The pieces that hold, by date: all but those that another of the same trainee replaces. BadInput where a correction points at nothing.

    Of one moment, in the order in which they were written; a correction stands where what it corrects was written, or a
    repeat of the same moment would pass for the first attempt.
    """
    every = {piece.id: piece for piece in pieces}
    place = {id: n for n, id in enumerate(every)}
    replaced = set()
    for piece in every.values():
        if piece.replaces:
            if piece.replaces not in every or every[piece.replaces].trainee != piece.trainee:
                raise BadInput(f"piece {piece.id[:12]} replaces {piece.replaces[:12]}, which is no piece of {piece.trainee}")
            place[piece.id] = place[piece.replaces]
            replaced.add(piece.replaces)
    return tuple(sorted((piece for id, piece in every.items() if id not in replaced), key=lambda piece: (piece.at, place[piece.id])))


def ledger_of(pieces: Iterable[Piece], framework: Framework, at: datetime | None = None) -> Ledger:
    """All pieces up to a moment, folded."""
    ledger = Ledger(framework)
    ledger.extend(piece for piece in holding(pieces) if at is None or piece.at <= at)
    return ledger

"""Pieces of evidence, only ever appended, folded into what stands in each competency of each trainee.

A scored file is one piece, however many criteria it has. Only the first unaided play of a scenario tells mastery;
repeats and plays with hints are kept and shown as practice. A simulated survey is no evidence and has no place here.
Folding a piece in costs the same after ten as after ten thousand: what is kept of a history is bounded by the
framework's own numbers, but for the names of the scenarios and jurisdictions met.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationInfo, model_validator

from casework.model.decisions import digest
from casework.model.errors import BadInput
from casework.model.framework import Competency, EvidenceKind, Framework
from casework.progress import mastery
from casework.quality.scoring import Scorecard

if TYPE_CHECKING:
    from casework.progress.difficulty import Calibration

Finite = Annotated[float, Field(allow_inf_nan=False)]
Id = Annotated[str, Field(min_length=1, max_length=200)]
NOTHING_KNOWN = mastery.SCENARIO_SPREAD**2  # Squared logits: how unsure a scenario's difficulty is that nothing was learned of.
Assigned = Literal["random", "chosen"]
RUBRIC = "the rubric"  # Who answers for a file that nobody has marked.
NOBODY, GONE = "erased person ", "(erased)"  # What stands where a name, with a few signs of its reference, and where words were.
MANY = 2_000  # Parts above which arrays are quicker than their import.
CHAINED = {"chained": True}  # The context of a piece whose every byte a chain's hash has shown to be as written: its id is not reckoned again.


class _Value(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Given(_Value):
    """One criterion on one file: the share given (0 to 1), None where unscored; difficulty in logits; `error` where it was critical."""

    criterion: Id
    share: Annotated[float, Field(ge=0, le=1)] | None
    difficulty: Finite = 0.0
    error: bool = False


class Part(_Value):
    """What a piece says of one competency. `unsure`: how unsurely the difficulties are known, in squared logits."""

    competency: Id
    given: tuple[Given, ...] = ()
    unsure: Annotated[float, Field(ge=0, allow_inf_nan=False)] = 0.0

    @property
    def errors(self) -> tuple[str, ...]:
        return tuple([one.criterion for one in self.given if one.error])


class Piece(_Value):
    """One piece of evidence. `id` is a digest of all but names and words, which may be erased; `source` of the log it rests on.

    `nonce` is drawn by chance by whoever writes the piece, and tells apart pieces without a source that are alike in all else.
    `by` is who answers for it; `agreed` whether people's marks are in it; `replaces` the id of a piece that it corrects.
    `says` holds words for kinds other than a scorecard. `total` is the file's, in percent; `calibration` names where the
    difficulties were learned, and is empty where files were taken as average. `live`: real work, not simulated.
    """

    id: str = ""
    trainee: Id
    kind: EvidenceKind
    at: AwareDatetime
    by: Id
    parts: Annotated[tuple[Part, ...], Field(min_length=1)]
    scenario: str = ""
    family: str = ""
    jurisdiction: str = ""
    seed: int = 0
    rubric: str = ""
    rubric_version: int = 0
    source: str = ""
    case: str = ""
    total: Finite | None = None
    first_attempt: bool = True
    aided: bool = False
    agreed: bool = False
    assigned: Assigned = "chosen"
    says: Annotated[str, Field(max_length=2000)] = ""
    replaces: str = ""
    calibration: Annotated[str, Field(max_length=200)] = ""
    live: bool = False
    nonce: Annotated[str, Field(max_length=32)] = ""

    @model_validator(mode="after")
    def _holds(self, info: ValidationInfo) -> Piece:
        named = [part.competency for part in self.parts]
        if len(set(named)) < len(named):
            raise ValueError("a competency stands twice in the piece")
        if self.kind == "scorecard" and not (self.scenario and self.source and self.rubric):
            raise ValueError("a scorecard's piece names its scenario, rubric and source")
        if not (self.source or self.nonce):
            raise ValueError("a piece without a source needs a nonce, or two that are alike would pass for one")
        if self.kind != "scorecard" and not self.says.strip():
            raise ValueError(f"a {self.kind} says what was seen: give the words")
        if self.kind == "reflection" and self.by != self.trainee:
            raise ValueError("a reflection is the trainee's own")
        if self.kind in ("observation", "witness note") and self.by == self.trainee:
            raise ValueError(f"a {self.kind} is by somebody else than the trainee")
        if not self.id:
            object.__setattr__(self, "id", self.reckoned)
        elif info.context is not CHAINED and self.id != self.reckoned:
            raise ValueError("the piece's id does not fit what it holds")
        return self

    @property
    def reckoned(self) -> str:
        left = {"id", "at", "trainee", "by", "says"}
        return digest(self.model_dump(mode="json", exclude=left) | {"at": self.at.astimezone(UTC).isoformat()})

    @property
    def competencies(self) -> tuple[str, ...]:
        return tuple(part.competency for part in self.parts)

    @property
    def file(self) -> tuple[str, str]:
        """The log and the case in it that the piece rests on."""
        return self.source, self.case

    @property
    def counts(self) -> bool:
        """Whether it tells mastery: the first play of a scored file, without help."""
        return self.kind == "scorecard" and self.first_attempt and not self.aided


def serving(framework: Framework, lines: Iterable[str]) -> tuple[Competency, ...]:
    """The competencies that share a role line with a criterion."""
    asked = set(lines)
    return tuple(one for one in framework.competencies if asked & set(one.lines))


def pieces_of(
    card: Scorecard, framework: Framework, at: datetime, *, source: str, family: str = "", jurisdiction: str = "", first_attempt: bool = True,
    agreed: bool = False, assigned: Assigned = "chosen", by: str = RUBRIC, known: Mapping[str, Calibration] | None = None, replaces: str = "",
    pending: Collection[str] = (), calibration: str = "", live: bool = False,
) -> tuple[Piece, ...]:  # fmt: skip
    """The piece that a scorecard makes, its criteria under the competencies whose role lines they share; none where nothing was rated.

    `known` holds what was learned of difficulty, by competency; elsewhere files are taken as average, and as unsure as that is.
    A mark that is `pending` an appeal moves no level until it is answered, and blocks where it is a critical error: an
    appeal alone lifts nothing.
    """
    parts = []
    for competency in framework.competencies:
        if "scorecard" not in competency.evidence_from:
            continue
        rated = [r for r in card.ratings if r.status != "not_applicable" and set(r.criterion.evidences) & set(competency.lines)]
        shares = [float(r.rating) if r.status == "rated" and r.criterion.id not in pending else None for r in rated]
        told = [r.criterion.id for r, share in zip(rated, shares, strict=True) if share is not None]
        if not told:
            continue
        learned = (known or {}).get(competency.id)
        hard = learned.of(card.scenario, [r.criterion.id for r in rated]) if learned else [0.0] * len(rated)
        unsure = learned.variance(card.scenario, told) if learned else NOTHING_KNOWN + mastery.CRITERION_SPREAD**2 / len(told)
        given = tuple(
            Given(criterion=r.criterion.id, share=share, difficulty=difficulty, error=r.critical_error)
            for r, share, difficulty in zip(rated, shares, hard, strict=True)
        )
        parts.append(Part(competency=competency.id, given=given, unsure=unsure))
    if not parts:
        return ()
    return (Piece(
        trainee=card.trainee, kind="scorecard", at=at, by=by, parts=tuple(parts), scenario=card.scenario, family=family, jurisdiction=jurisdiction,
        seed=card.seed, rubric=card.rubric.id, rubric_version=card.rubric.version, source=source, case=card.case, total=float(card.total),
        first_attempt=first_attempt, aided=bool(card.hints), agreed=agreed, assigned=assigned, replaces=replaces,
        calibration=calibration if any((known or {}).get(part.competency) for part in parts) else "", live=live,
    ),)  # fmt: skip


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
    untold: list[mastery.Marks] = field(default_factory=list)  # Files counted, which the level does not tell of yet.

    def add(self, part: Part, piece: Piece, counts: bool) -> None:
        """Folds one part of a piece in, but for its level. BadInput where it is older than the last file."""
        if piece.kind != "scorecard":
            self._seen(piece, part.errors)
            self.others += 1
        elif not counts:
            self.practice += 1
        else:
            hard, given, errors = [], [], []
            for one in part.given:  # Once: half a million criteria of a team lie far apart in memory.
                if (share := one.share) is not None:
                    hard.append(one.difficulty)
                    given.append(share)
                if one.error:
                    errors.append(one.criterion)
            if given:
                self._scored(piece, hard, given, part.unsure)
                self.clean += 1
                self._seen(piece, tuple(errors))

    def _scored(self, piece: Piece, hard: list[float], given: list[float], unsure: float) -> None:
        at = piece.at
        self.untold.append((mastery.weeks_between(self.at, at), hard, given, unsure))
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
        self.level = mastery.after(*self.level, self.untold)
        self.untold.clear()

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
        added = self._take(piece)
        for part in piece.parts:
            if (tally := self._tallies.get((piece.trainee, part.competency))) is not None:
                tally.settle()
        return added

    def extend(self, pieces: Iterable[Piece]) -> None:
        """Folds many in, as `add` does one after the other."""
        for piece in pieces:
            self._take(piece)
        waiting = [tally for tally in self._tallies.values() if tally.untold]
        if sum(len(tally.untold) for tally in waiting) < MANY:
            for tally in waiting:
                tally.settle()
            return
        from casework.progress import mastery_arrays  # Numpy is not waited for where a handful is folded.

        told = mastery_arrays.after([tally.level for tally in waiting], [tally.untold for tally in waiting])
        for tally, tally.level in zip(waiting, told, strict=True):
            tally.untold.clear()

    def _take(self, piece: Piece) -> bool:
        file = piece.file
        if piece.id in self._ids or (piece.source and file in self._files):
            return False
        met = self._met.setdefault(piece.trainee, set())
        counts = piece.counts and piece.scenario not in met
        for part in piece.parts:
            if piece.kind in self._takes.get(part.competency, ()):
                self._tally(piece.trainee, part.competency).add(part, piece, counts)
        self._ids.add(piece.id)
        if piece.scenario:
            met.add(piece.scenario)
        if piece.source:
            self._files.add(file)
        return True

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

"""Marks that people give: what a sheet and a file's course say, which marks hold, and the scorecard they make.

A person's mark outranks the machine's. Of several people's, an appeal's answer holds before what settled a
difference, and that before the first marks; where two markers differ and nobody has settled it, the
criterion is unscored and says so.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from fractions import Fraction

from casework.model.checks import Handled
from casework.model.framework import Marking
from casework.model.reviews import BESIDE, ReviewEvent
from casework.model.rubrics import Criterion, Rubric
from casework.quality import scoring
from casework.quality.checks import Verdict
from casework.quality.scoring import Judged, Rating, Scorecard

NOT_APPLICABLE, CANNOT_TELL = "not applicable", "cannot tell"
SHARES = {"all of them": Fraction(1), "some of them": Fraction(1, 2), "none of them": Fraction(0)}


def choices(rubric: Rubric, criterion: Criterion) -> dict[str, Fraction | None]:
    """The levels a person may give, with what each is worth (0 to 1); None for no part of the total."""
    scale = rubric.scales.get(criterion.scale or "")
    if criterion.judged:
        levels: dict[str, Fraction | None] = {level.level: level.worth / 100 for level in criterion.judged}
    elif isinstance(scale, dict):
        levels = {name: worth / 100 for name, worth in scale.items()}
    else:
        levels = dict(SHARES)
    return {**levels, NOT_APPLICABLE: None, CANNOT_TELL: None}


@dataclass(frozen=True)
class MarkMade:
    """One mark as it stands on a sheet; `entry` is its place in the chain."""

    criterion: str
    level: str
    by: str
    at: datetime
    entry: int
    cause: str | None
    evidence: tuple[int, ...]


@dataclass(frozen=True)
class Sheet:
    """One marker's sheet. `version` is what a writer must have seen; `refused` are attempts that came too late."""

    session: str
    case: str
    slot: str
    rubric: str
    rubric_version: int
    pinned: str
    version: int
    assignee: str | None
    marks: Mapping[str, MarkMade]
    submitted: ReviewEvent | None
    refused: tuple[ReviewEvent, ...] = ()
    markers: frozenset[str] = frozenset()
    lookers: frozenset[str] = frozenset()


def _made(event: ReviewEvent) -> MarkMade:
    return MarkMade(event.criterion or "", event.level or "", event.by, event.at, event.n, event.cause, event.evidence)


def sheet(events: Sequence[ReviewEvent]) -> Sheet | None:
    """What a sheet says; None if it was not begun."""
    if not events:
        return None
    first = events[0]
    marks: dict[str, MarkMade] = {}
    assignee, submitted = first.to, None
    for event in events:
        if event.did == "marked":
            marks[event.criterion or ""] = _made(event)
        elif event.did == "assigned":
            assignee = event.to
        elif event.did == "submitted":
            submitted = event
    taken = [event for event in events if event.did not in BESIDE]
    return Sheet(
        first.session or "", first.case or "", first.slot or "first", first.rubric or "", first.version or 0, first.pinned or "",
        len(taken), assignee, marks, submitted, tuple(e for e in events if e.did == "refused"),
        frozenset(e.by for e in taken if e.did in ("marked", "submitted")), frozenset(e.by for e in events if e.did == "looked"),
    )  # fmt: skip


@dataclass(frozen=True)
class Appealed:
    """An appeal of one mark, and what a second assessor answered; None while it waits."""

    criterion: str
    by: str
    entry: int
    answer: ReviewEvent | None = None


@dataclass(frozen=True)
class Course:
    """What was decided about a file beside its sheets, in order; `settled` are the marks that settle a difference."""

    version: int = 0
    settled: Mapping[str, MarkMade] = field(default_factory=dict)
    sent: ReviewEvent | None = None
    acknowledged: ReviewEvent | None = None
    appeals: tuple[Appealed, ...] = ()
    rescored: ReviewEvent | None = None
    judges: frozenset[str] = frozenset()
    refused: tuple[ReviewEvent, ...] = ()

    @property
    def stale(self) -> tuple[str, ...]:
        """The criteria whose marks a re-score made stale and that nobody has marked anew."""
        if self.rescored is None:
            return ()
        anew = {id for id, mark in self.settled.items() if mark.entry > self.rescored.n}
        return tuple(id for id in self.rescored.stale if id not in anew)


def course(events: Sequence[ReviewEvent]) -> Course:
    settled: dict[str, MarkMade] = {}
    appeals: list[Appealed] = []
    last: dict[str, ReviewEvent] = {}
    for event in events:
        last[event.did] = event
        if event.did == "adjudicated":
            settled[event.criterion or ""] = _made(event)
        elif event.did == "appealed":
            appeals.append(Appealed(event.criterion or "", event.by, event.n))
        elif event.did == "answered":
            waiting = next(i for i, one in enumerate(appeals) if one.criterion == event.criterion and one.answer is None)
            appeals[waiting] = replace(appeals[waiting], answer=event)
    return Course(
        sum(e.did not in BESIDE for e in events), settled, last.get("sent"), last.get("acknowledged"), tuple(appeals), last.get("rescored"),
        frozenset(e.by for e in events if e.did in ("adjudicated", "answered")), tuple(e for e in events if e.did == "refused"),
    )  # fmt: skip


def why_reasons(marking: Marking, rubric: Rubric, criterion: Criterion, level: str, automatic: Rating | None) -> str | None:
    """Why this mark needs its reason in words; None if it needs none."""
    worth = choices(rubric, criterion)[level]
    if level == CANNOT_TELL:
        return "what could not be told, and why"
    if critical(criterion, worth):
        return "it is a critical error"
    if criterion.check is not None and automatic is not None and not says_same(rubric, automatic, level):
        return "it overrules the automatic rating"
    if worth is not None and worth * 100 <= marking.reason_at_most:
        return "the level is low"
    return None


def needs_cause(marking: Marking, criterion: Criterion, worth: Fraction | None) -> bool:
    """Whether a mark that is lost asks where it was lost."""
    return critical(criterion, worth) or (worth is not None and worth * 100 <= marking.reason_at_most)


def critical(criterion: Criterion, worth: Fraction | None) -> bool:
    """Whether this level, given by a person, is a critical error, by the rule that automatic ratings follow."""
    if criterion.critical is None or worth is None:
        return False
    return worth == 0 if isinstance(criterion.check, Handled) else worth < 1


def says_same(rubric: Rubric, rating: Rating, level: str) -> bool:
    """Whether a person's level says what the automatic rating says."""
    if rating.status == "not_applicable":
        return level == NOT_APPLICABLE
    if rating.status == "unscored":
        return level == CANNOT_TELL
    return level == level_of(rubric, rating)


def level_of(rubric: Rubric, rating: Rating) -> str:
    """The level that stands nearest to a rating, in the words a person would use."""
    if rating.status == "not_applicable":
        return NOT_APPLICABLE
    if rating.status == "unscored":
        return CANNOT_TELL
    worths = {name: worth for name, worth in choices(rubric, rating.criterion).items() if worth is not None}
    if set(worths) == set(SHARES) and 0 < rating.rating < 1:
        return "some of them"
    return min(worths, key=lambda name: abs(worths[name] - rating.rating))


@dataclass(frozen=True)
class Held:
    """The mark that holds on one criterion, and through what; `level` None where two markers differ."""

    criterion: str
    level: str | None
    through: str
    levels: tuple[str, ...]


def held(sheets: Sequence[Sheet], decided: Course) -> dict[str, Held]:
    """The marks that hold, by criterion, from the submitted sheets and the file's course."""
    done = [one for one in sheets if one.submitted is not None]
    found: dict[str, Held] = {}
    for criterion in dict.fromkeys(id for one in done for id in one.marks):
        levels = tuple(one.marks[criterion].level for one in done if criterion in one.marks)
        missing = len(levels) < len(done)
        same = len(set(levels)) == 1 and not missing
        through = ("both markers" if len(done) > 1 else "the marker") if same else "two markers differ"
        found[criterion] = Held(criterion, levels[0] if same else None, through, levels)
    for criterion, mark in decided.settled.items():
        before = found.get(criterion)
        found[criterion] = Held(criterion, mark.level, "adjudication", before.levels if before else ())
    for appeal in decided.appeals:
        if appeal.answer is not None and appeal.answer.level is not None:
            before = found.get(appeal.criterion)
            found[appeal.criterion] = Held(appeal.criterion, appeal.answer.level, "appeal", before.levels if before else ())
    return found


def still_given(rubric: Rubric, marks: Mapping[str, Held], decided: Course) -> dict[str, Held]:
    """The marks that this rubric can still take: its criteria and levels, and not stale since a re-score."""
    known = {c.id: choices(rubric, c) for c in rubric.criteria}
    return {id: one for id, one in marks.items() if id in known and id not in decided.stale and (one.level is None or one.level in known[id])}


def differing(sheets: Sequence[Sheet], decided: Course) -> tuple[str, ...]:
    """The criteria on which two submitted sheets differ and nobody has settled it."""
    return tuple(id for id, one in held(sheets, decided).items() if one.level is None)


def agreed(card: Scorecard, marks: Mapping[str, Held]) -> Scorecard:
    """The scorecard with people's marks in place of the machine's; the rest as it was.

    An automatic rating that two markers differ on and nobody has settled is unscored.
    """
    rubric = card.rubric
    ratings: list[Rating] = []
    for section in rubric.sections:
        own = [r for r in card.ratings if r.section == section.id]
        ratings += scoring.apportion(section, [_judged(rubric, rating, marks.get(rating.criterion.id)) for rating in own])
    return scoring.total_up(
        card.case, card.scenario, card.trainee, card.seed, rubric, tuple(ratings), card.handled, card.clocks, scoring.own_work(card.handled),
        card.hints, card.deducted,
    )  # fmt: skip


def _judged(rubric: Rubric, rating: Rating, mark: Held | None) -> Judged:
    criterion = rating.criterion
    if mark is None:
        return Judged(criterion, Verdict(rating.status, rating.rating, rating.evidence, rating.explanation), rating.rating, rating.critical_error)
    if mark.level is None:
        why = f"two markers differ: {' and '.join(mark.levels)}; nobody has settled it"
        return Judged(criterion, Verdict("unscored", Fraction(0), (), why), Fraction(0), False)
    worth = choices(rubric, criterion)[mark.level]
    if worth is None:
        status = "not_applicable" if mark.level == NOT_APPLICABLE else "unscored"
        return Judged(criterion, Verdict(status, Fraction(0), (), f"{mark.level}, by {mark.through}"), Fraction(0), False)  # type: ignore[arg-type]
    same = criterion.check is not None and says_same(rubric, rating, mark.level)
    share = rating.rating if same else worth
    why = f"rated {mark.level}, by {mark.through}" + (f"; {rating.explanation}" if same else "")
    error = rating.critical_error if same else critical(criterion, worth)
    return Judged(criterion, Verdict("rated", share, rating.evidence, why), share, error)

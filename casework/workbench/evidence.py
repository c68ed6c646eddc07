"""Evidence made from logs: what a rubric rates, what people have marked instead, and what trainees wrote looking back. Offers nothing itself.

People's marks come in by themselves: once the sheets of a file are handed in and nothing on them differs, they stand in
place of the automatic marks, and a later change of them corrects the piece. Its date stays that of the work.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, TypeVar

from casework.edges import logfiles
from casework.model.decisions import DecisionLog, lines_of
from casework.model.framework import Framework
from casework.model.library import Library
from casework.model.reviews import SLOTS, review_id
from casework.practice.replaying import caseload_of
from casework.progress.learned import Learned, guess, learned
from casework.progress.ledger import holding
from casework.progress.pieces import LONGEST, RUBRIC, Assigned, Part, Piece, pieces_of, serving
from casework.quality import reviews, scoring
from casework.quality.reviews import Course, Sheet
from casework.quality.scoring import Scorecard
from casework.workbench import sheets
from casework.workbench.plays import score

if TYPE_CHECKING:
    from pathlib import Path

    from casework.workbench.rights import Access

At = TypeVar("At")  # Where a log's words are: beside a file, or with a session.
NEVER = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Marked:
    """The scorecard that people's marks make of a case, and who answers for it. `pending` are marks under appeal."""

    card: Scorecard
    by: str
    pending: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Work:
    """A finished log, with people's marks by case where they hold. `words` are what its trainee wrote looking back, by entry, unless erased."""

    log: DecisionLog
    ended: datetime
    marked: Mapping[str, Marked] = field(default_factory=dict)
    words: Mapping[int, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Found:
    """What was looked through; `unfinished` logs are left out."""

    work: tuple[Work, ...] = ()
    unfinished: int = 0

    def __add__(self, other: Found) -> Found:
        return Found(self.work + other.work, self.unfinished + other.unfinished)


def in_files(places: Iterable[Path], trainee: str | None = None) -> Found:
    """The logs in files and folders; of one trainee only, if named."""
    work, unfinished = list[Work](), 0
    for path in logfiles.logs_in(*places):
        log = logfiles.read_log(path)
        if trainee is None or log.header.trainee == trainee:
            end = _ended(log)
            unfinished += end is None
            work += [Work(log, end, words=_looked_back(log, logfiles.read_texts, path))] if end is not None else []
    return Found(tuple(work), unfinished)


def in_store(access: Access, person: str | None = None) -> Found:
    """The sessions of a store, with people's marks on them; of one person only, if named.

    An assessment of one's own is left out, as its debrief is: the trainer goes through it.
    """
    from casework.edges.store import reviews as chains

    def words_of(session: str) -> dict[int, str]:
        return {n: words for n, _, words in access.store.side(session).texts}

    begun, work, unfinished = set(chains.counted(access.store)), list[Work](), 0
    for head in access.store.heads(person):
        if not head.finished:
            unfinished += 1
            continue
        log = access.store.log(head.session)
        end = _ended(log)
        if end is None or (log.header.mode == "assessment" and log.header.trainee == access.person.id):
            continue
        cases = [case for case in sheets.cases_of(log) if any(review_id(head.session, case, slot) in begun for slot in SLOTS)]
        marked = {case: one for case in cases if (one := _marked(access, log, case)) is not None}
        work.append(Work(log, end, marked, _looked_back(log, words_of, head.session)))
    return Found(tuple(work), unfinished)


def _looked_back(log: DecisionLog, texts: Callable[[At], Mapping[int, str]], at: At) -> dict[int, str]:
    """The words of a log's reflections, by entry; texts are looked up only where there are any."""
    entries = [event.n for event in log.events if event.event == "remarked" and event.do == "reflect"]
    known = texts(at) if entries else {}
    return {n: known[n] for n in entries if known.get(n, "").strip()}


def _ended(log: DecisionLog) -> datetime | None:
    """When the work of a log ended, in its own time; None if it has not."""
    return next((event.at for event in reversed(log.events) if event.event == "closed"), None)


def _marked(access: Access, log: DecisionLog, case: str) -> Marked | None:
    """The marks that hold on a case; None while a sheet is out or two markers differ, and of one's own before they are given back."""
    session = log.header.session
    both, course = sheets.both(access, session, case), sheets.course(access, session, case)
    if any(one.submitted is None for one in both) or (log.header.trainee == access.person.id and course.sent is None):
        return None
    rubric = sheets.rubric_of(access, sheets.pinned_by(both, course))
    marks = reviews.still_given(rubric, reviews.held(both, course), course)
    if any(one.level is None for one in marks.values()):
        return None
    card = next(card for card in scoring.score(access.library, caseload_of(access.library, log), log, rubric) if card.case == case)
    waiting = frozenset(appeal.criterion for appeal in course.appeals if appeal.answer is None)
    return Marked(reviews.agreed(card, marks), _answers(both, course), waiting)


def _answers(both: Sequence[Sheet], course: Course) -> str:
    """Who answers for the marks: who decided last, or else handed in last. One person, so that an erasure finds the name."""
    answers = [appeal.answer for appeal in course.appeals if appeal.answer is not None]
    if answers:
        return max(answers, key=lambda event: event.n).by
    if course.settled:
        return max(course.settled.values(), key=lambda mark: mark.entry).by
    return max((one.submitted for one in both if one.submitted is not None), key=lambda event: event.at).by


def kinds_of(held: Library) -> dict[str, str]:
    """Each scenario's kind: the policy of it that the fewest others are played under."""
    named = Counter(policy for scenario in held.scenarios.values() for policy in scenario.policies)
    return {scenario.id: min(scenario.policies, key=named.__getitem__, default="") for scenario in held.scenarios.values()}


@dataclass(frozen=True)
class _Draft:
    """A card that is to become a piece, with all that the card does not know of itself."""

    card: Scorecard
    at: datetime
    source: str
    family: str
    jurisdiction: str
    first_attempt: bool
    assigned: Assigned
    live: bool
    marked: Marked | None = None
    replaced: Piece | None = None

    def pieces(self, rule: Framework, learned: Learned) -> tuple[Piece, ...]:
        one = self.marked
        return pieces_of(
            self.card, rule, self.at, source=self.source, family=self.family, jurisdiction=self.jurisdiction, first_attempt=self.first_attempt,
            assigned=self.assigned, agreed=one is not None, by=one.by if one else RUBRIC, pending=one.pending if one else (),
            replaces=self.replaced.id if self.replaced else "", known=learned.known, worth=learned.worth, calibration=learned.name,
            live=self.live,
        )  # fmt: skip


def fresh_pieces(
    held: Library, rule: Framework, work: Iterable[Work], before: Sequence[Piece], at: datetime | None, assigned: Assigned, rubric: str
) -> tuple[tuple[Piece, ...], datetime]:  # fmt: skip
    """The pieces of work that are not among those before, and corrections of those whose marks people have changed; and as of when.

    A simulated log counts as of `at`, real work as of its own end. Without `at`, as of the last day of any log.
    """
    # Of one log in two places, the one that people have marked comes first; the other is then in already.
    ordered = sorted(work, key=lambda one: (one.ended, one.log.header.attempt, one.log.header.session, not one.marked))
    moment = at or max((one.ended for one in ordered), default=NEVER)
    if not ordered:
        return (), moment
    known = _Known(held, before)
    drafts = [draft for one in ordered for draft in _drafts(held, one, moment, known, assigned, rubric)]
    fresh = _made(drafts, rule, Learned())
    # Learned from what is in and what is coming in together: chance assigned these files too.
    found = learned([*before, *fresh], rule, {id: guess(one.level) for id, one in held.scenarios.items()}) if fresh else Learned()
    looked_back = tuple(piece for one in ordered for piece in _reflections(held, rule, one, moment, known))
    return (*(_made(drafts, rule, found) if found.name else fresh), *looked_back), moment


def _reflections(held: Library, rule: Framework, one: Work, moment: datetime, known: _Known) -> tuple[Piece, ...]:
    """What a trainee wrote looking back on a log, as evidence without a mark: it is a kind of evidence, and moves no level.

    It serves the competencies that the work serves and that take reflections. Its source is the remark's own entry, so
    that it comes in once, and stays out where its words were erased before.
    """
    if not one.words:
        return ()
    cases, lines = caseload_of(held, one.log).cases, lines_of(one.log)
    serves = serving(rule, {line for case in cases for line in case.scenario.evidences})
    parts = tuple(Part(competency=each.id) for each in serves if "reflection" in each.evidence_from)
    if not parts or any(case.scenario.locked for case in cases):
        return ()
    who, at = one.log.header.trainee, one.ended if one.log.header.source != "simulated" else moment
    found = [(lines[n].hash, words) for n, words in one.words.items() if lines[n].hash not in known.remarks]
    known.remarks |= {source for source, _ in found}
    return tuple(Piece(trainee=who, kind="reflection", at=at, by=who, says=_short(words), source=source, parts=parts) for source, words in found)


def _short(words: str) -> str:
    """As much as a piece holds; the whole stays with the log."""
    return words if len(words) <= LONGEST else words[: LONGEST - 1] + "…"


def _made(drafts: Sequence[_Draft], rule: Framework, found: Learned) -> tuple[Piece, ...]:
    return tuple(piece for draft in drafts for piece in draft.pieces(rule, found) if not _same(piece, draft.replaced))


class _Known:
    """What is in already: the piece that holds of each file, the entries of reflections, and who has met which scenario. `kinds` are the scenarios'."""

    def __init__(self, held: Library, before: Sequence[Piece]) -> None:
        self.kinds = kinds_of(held)
        self.files = {piece.file: piece for piece in holding(before) if piece.source and piece.kind == "scorecard"}
        self.sources = {source for source, _ in self.files}
        self.remarks = {piece.source for piece in before if piece.kind == "reflection" and piece.source}
        self.met = {(piece.trainee, piece.scenario) for piece in before if piece.scenario}


def _drafts(held: Library, one: Work, moment: datetime, known: _Known, assigned: Assigned, rubric: str) -> list[_Draft]:
    log, source = one.log, _source(one.log, known.sources)
    if source in known.sources and not one.marked:
        return []
    cases = {case.key: case for case in caseload_of(held, log).cases}
    live = log.header.source != "simulated"
    at = one.ended if live else moment
    found = []
    for automatic in score(held, log, rubric):
        case, marked, before = cases[automatic.case], one.marked.get(automatic.case), known.files.get((source, automatic.case))
        # Whose name was erased from the ledger is corrected no more: the store knows another name of theirs.
        if case.scenario.locked or (before is not None and (marked is None or before.trainee != log.header.trainee)):
            continue
        card, pair = marked.card if marked else automatic, (log.header.trainee, automatic.scenario)
        found.append(_Draft(
            card, before.at if before else at, source, known.kinds.get(card.scenario, ""), case.authority.id,
            before.first_attempt if before else log.header.attempt == 1 and pair not in known.met, before.assigned if before else assigned, live, marked, before,
        ))  # fmt: skip
        known.met.add(pair)
    known.sources.add(source)
    return found


def _source(log: DecisionLog, known: set[str]) -> str:
    """The hash of the entry that closes a log, which no remark made later changes; its last one's, where that is known already."""
    lines = lines_of(log)
    closed = max(n for n, event in enumerate(log.events, 1) if event.event == "closed")
    return lines[-1].hash if lines[-1].hash in known else lines[closed].hash


def _same(piece: Piece, before: Piece | None) -> bool:
    """Whether a correction would say what is said already. How hard the file is now thought to be corrects nothing."""
    return before is not None and _says(piece) == _says(before)


def _says(piece: Piece) -> object:
    marks = [(part.competency, [(one.criterion, one.share, one.error) for one in part.given]) for part in piece.parts]
    return piece.agreed, piece.by, piece.rubric, piece.rubric_version, piece.total, marks

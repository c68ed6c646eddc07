"""Use cases of marking: who marks a file, their sheets, and the scorecard that people's marks make.

A mark is kept as it is made, so that a draft outlives a crash. Whoever has a sheet of their own still open on a
file sees nothing of anyone else's, in any role.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from casework.edges import logfiles
from casework.edges.store import reviews as chains
from casework.model.decisions import DecisionLog
from casework.model.errors import BadInput, Refused, StaleWrite
from casework.model.reviews import SLOTS, ReviewEvent, Slot, review_id
from casework.model.rubrics import Rubric
from casework.practice import desk
from casework.practice.cases import Case
from casework.practice.matching import Record
from casework.practice.replaying import caseload_of
from casework.quality import coaching, reviews, scoring
from casework.quality.reviews import Sheet
from casework.quality.scoring import Scorecard
from casework.workbench import sheets
from casework.workbench.blinding import shown_as
from casework.workbench.rights import Access, right


@dataclass(frozen=True)
class Queued:
    """One file to mark, by alias, as far as this reader may know it: `yours` is the state of the own sheet."""

    session: str
    case: str
    work: str
    alias: str
    yours: str


@dataclass(frozen=True)
class Reviewing:
    """A file open for marking. `card` holds the automatic ratings; words are by entry; `held` is the own sheet."""

    access: Access
    session: str
    case: Case
    slot: Slot
    rubric: Rubric
    card: Scorecard
    record: Record
    words: Mapping[int, str]
    timeline: tuple[tuple[str, int, str], ...]
    disputes: tuple[tuple[str, str], ...]
    sheet: Sheet
    reasons: Mapping[str, str]

    @property
    def left(self) -> tuple[str, ...]:
        """The judged criteria that apply and have no mark yet."""
        return tuple(
            r.criterion.id for r in self.card.ratings
            if r.criterion.judged and r.status != "not_applicable" and r.criterion.id not in self.sheet.marks
        )  # fmt: skip


@right("store", reviewer="any", lead="any")
def files_to_mark(access: Access) -> tuple[Queued, ...]:
    """Every finished session of others, with the state of one's own sheet; whose it is, by alias where blind."""
    versions = chains.counted(access.store)
    return tuple(
        Queued(session, case, "real work" if real else case, shown_as(access, owner, session), _state_of(access, session, case, versions))
        for session, case, owner, real in sheets.files(access)
    )


def _state_of(access: Access, session: str, case: str, versions: Mapping[str, int]) -> str:
    for slot in reversed(SLOTS):
        if review_id(session, case, slot) in versions:
            one = sheets.sheet(access, session, case, slot)
            if one is not None and access.person.id in {one.assignee, *one.markers}:
                return "marked" if one.submitted else "a draft" if one.marks else "waits for you"
    return "open"


@right("store", lead="any", trainer="any")
def bring_in(access: Access, folder: Path) -> tuple[int, int]:
    """Puts imported logs into the store, to be marked there; gives how many, and how many were there already."""
    logs = [(path, logfiles.read_log(path)) for path in logfiles.logs_in(folder)]
    played = [path.name for path, log in logs if log.header.source != "imported"]
    if played:
        raise BadInput(f"{folder}: {played[0]} is no imported log; give the folder that casework import wrote")
    known = {head.session for head in access.store.heads()}
    fresh = [(path, log) for path, log in logs if log.header.session not in known]
    for path, log in fresh:
        caseload_of(access.library, log)
        access.store.begin(log, log.header.session, log.events[-1].at, logfiles.read_salted(path))
    return len(fresh), len(logs) - len(fresh)


@right("session", reviewer="any", lead="any", trainer="any")
def assign_review(access: Access, session: str, case: str | None, slot: str, person: str) -> None:
    """Names who marks a file, first or second. Refused for its owner, and for whoever has the other sheet."""
    chosen = next((one for one in SLOTS if one == slot), None)
    if chosen is None:
        raise BadInput(f"slot: found {slot!r}; allowed: {', '.join(SLOTS)}")
    marker = access.store.find_person(person)
    if marker is None or not marker.active or not {"reviewer", "lead"} & set(marker.roles):
        raise BadInput(f"person: {person!r} is no reviewer or lead of this store; casework people list shows who is")
    log = sheets.finished(access, session)
    key = sheets.case_key(log, case)
    if person == log.header.trainee:
        raise Refused("nobody marks their own work; name someone else")
    for other in SLOTS:
        theirs = sheets.sheet(access, session, key, other)
        if other != slot and theirs is not None and person in {theirs.assignee, *theirs.markers, *theirs.lookers}:
            raise Refused(f"{person} has, or has seen, the {other} sheet of this file; two markers are two people who know nothing of each other's marks")
    mine = sheets.sheet(access, session, key, chosen)
    if mine is not None and mine.submitted is not None:
        raise Refused(f"the {slot} sheet is marked already; it stays as it is")
    event = ReviewEvent(n=0, at=sheets.now(), by=access.person.id, did="assigned", to=person)
    begun = () if mine is not None else (sheets.begun(access, session, key, chosen, None),)
    sheets.write(access, session, key, chosen, mine.version if mine else 0, (*begun, event), {})


@right("session", reviewer="any", lead="any")
def open_review(access: Access, session: str, case: str | None = None) -> Reviewing:
    """A file with one's own sheet. Opening begins the sheet, and pins the rubric to it."""
    key = sheets.case_key(sheets.finished(access, session), case)
    return _open(access, session, key, sheets.slot_of(access, session, key))


@right("session", reviewer="any", lead="any")
def open_outcome(access: Access, session: str, case: str | None = None) -> Reviewing:
    """A file with the sheet on its outcome: what it came to for the member, beside how it was handled."""
    return _open(access, session, sheets.case_key(sheets.finished(access, session), case), "outcome")


def _open(access: Access, session: str, key: str, slot: Slot) -> Reviewing:
    log = sheets.finished(access, session)
    found = sheets.sheet(access, session, key, slot)
    if found is None:
        sheets.write(access, session, key, slot, 0, (sheets.begun(access, session, key, slot, None),), {})
        found = sheets.sheet(access, session, key, slot)
    assert found is not None
    if found.markers - {access.person.id} and access.person.id not in found.markers | found.lookers:
        # Whoever has seen another's marks can no longer be the blind second marker.
        sheets.note(access, session, key, slot, ReviewEvent(n=0, at=sheets.now(), by=access.person.id, did="looked"), "")
    rubric = sheets.rubric_of(access, found.pinned)
    work = caseload_of(access.library, log)
    cards = {card.case: card for card in scoring.score(access.library, work, log, rubric)}
    if key not in cards:
        raise BadInput(f"case: found {key!r}; allowed: {', '.join(cards)}")
    record = desk.record_of(access.library, work, log, key)
    own = chains.words(access.store, review_id(session, key, slot))
    said = {n: words for n, _, words in access.store.side(session).texts}
    return Reviewing(
        access, session, record.case, slot, rubric,
        replace(cards[key], trainee=shown_as(access, log.header.trainee, session)), record, said,
        tuple(coaching.timeline(record)), _disputes(log, key, said), found,
        {id: own.get(mark.entry, "") for id, mark in found.marks.items()},
    )  # fmt: skip


def _disputes(log: DecisionLog, case: str, said: Mapping[int, str]) -> tuple[tuple[str, str], ...]:
    """What the trainee disputed of the automatic ratings: criterion and words."""
    return tuple(
        (e.criterion or "", said.get(e.n, "(the words have been erased)"))
        for e in log.events if e.event == "remarked" and e.do == "appeal" and e.case in (None, case)
    )  # fmt: skip


@right("session", reviewer="any", lead="any")
def mark(
    access: Access, session: str, seen: Reviewing, criterion: str, level: str, reason: str = "", cause: str | None = None,
    evidence: Sequence[int] = (),
) -> Reviewing:  # fmt: skip
    """The file after one mark, once the store has it.

    Low and critical marks, and those that overrule an automatic rating, need their reason; lost ones their cause.
    StaleWrite, with both values, if someone else marked this sheet since it was opened; the attempt is kept.
    """
    chosen = next((c for c in seen.rubric.criteria if c.id == criterion), None)
    if chosen is None:
        raise BadInput(f"criterion: found {criterion!r}; allowed: {', '.join(c.id for c in seen.rubric.criteria)}")
    levels = reviews.choices(seen.rubric, chosen)
    if level not in levels:
        raise BadInput(f"{criterion}: found {level!r}; allowed: {', '.join(levels)}")
    marking = access.library.marking
    automatic = next(r for r in seen.card.ratings if r.criterion.id == criterion)
    why = reviews.why_reasons(marking, seen.rubric, chosen, level, automatic)
    reason = sheets.in_words(f"{criterion}: {level!r}", why, reason)
    causes = [one.id for one in marking.root_causes]
    if cause is not None and cause not in causes:
        raise BadInput(f"{criterion}: cause: found {cause!r}; allowed: {', '.join(causes)}")
    if cause is None and reviews.needs_cause(marking, chosen, levels[level]):
        raise BadInput(f"{criterion}: {level!r} is lost, so say where it was lost; causes: {', '.join(causes)}")
    known = {event.n for event in seen.record.events}
    if not set(evidence) <= known:
        raise BadInput(f"{criterion}: evidence: entries {', '.join(map(str, sorted(set(evidence) - known)))} are not entries of this case")
    before = seen.sheet.marks.get(criterion)
    event = ReviewEvent(
        n=0, at=sheets.now(), by=access.person.id, did="marked", criterion=criterion, level=level, was=before.level if before else None,
        cause=cause, evidence=tuple(sorted(set(evidence))),
    )  # fmt: skip
    _written(access, seen, event, reason)
    return _open(access, session, seen.case.key, seen.slot)


@right("session", reviewer="any", lead="any")
def submit_review(access: Access, session: str, seen: Reviewing) -> Reviewing:
    """The sheet handed in: it stays as it is from here. BadInput names the criteria that still wait for a mark."""
    if seen.left:
        raise BadInput(f"still to mark: {', '.join(seen.left)}; where it cannot be told, mark {reviews.CANNOT_TELL!r} and say why")
    _written(access, seen, ReviewEvent(n=0, at=sheets.now(), by=access.person.id, did="submitted"), "")
    return _open(access, session, seen.case.key, seen.slot)


def _written(access: Access, seen: Reviewing, event: ReviewEvent, reason: str) -> None:
    """Keeps one entry on a sheet; a sheet that is handed in, or belongs to another, takes none."""
    sheets.finished(access, seen.session)
    present = sheets.sheet(access, seen.session, seen.case.key, seen.slot)
    assert present is not None
    if present.submitted is not None and present.version == seen.sheet.version:
        raise Refused("this sheet is handed in and stays as it is; a difference is settled by adjudication, a mark reconsidered on appeal")
    if present.assignee not in (None, access.person.id):
        raise Refused("this sheet was given to someone else meanwhile; open the list of files again")
    try:
        sheets.write(access, seen.session, seen.case.key, seen.slot, seen.sheet.version, (event,), {0: reason} if reason else {})
    except StaleWrite:
        raise StaleWrite(_too_late(access, seen, event, reason)) from None


def _too_late(access: Access, seen: Reviewing, event: ReviewEvent, reason: str) -> str:
    """Keeps the refused attempt, and says what stands now beside what was wanted."""
    now = sheets.sheet(access, seen.session, seen.case.key, seen.slot)
    assert now is not None
    standing = now.marks.get(event.criterion or "")
    attempt = event.model_copy(update={"did": "refused", "was": standing.level if standing else None})
    sheets.note(access, seen.session, seen.case.key, seen.slot, attempt, reason)
    moved = f"this sheet has moved on from version {seen.sheet.version} to {now.version}; yours was not kept as a mark, only as an attempt"
    if now.submitted is not None:
        return f"{moved}. {now.submitted.by} has handed the sheet in. Open it again"
    if event.criterion is None:
        return f"{moved}. Open it again and look at what was marked"
    other = f"{standing.by} marked {standing.level!r}" if standing else "nobody has marked it"
    return f"{moved}. {event.criterion}: {other}; you wanted {event.level!r}. Open it again and decide anew"

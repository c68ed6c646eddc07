"""Use cases on many files' marks: as a table for calibration, as a file, and outcomes beside compliance."""

from __future__ import annotations

from pathlib import Path

from casework.edges import exports, logfiles
from casework.edges.store import reviews as chains
from casework.model.decisions import digest
from casework.model.errors import BadInput
from casework.model.reviews import SLOTS, review_id
from casework.model.rubrics import Rubric
from casework.practice.replaying import caseload_of
from casework.quality import reviews, scoring
from casework.quality.marks import Mark
from casework.quality.outcomes import Crossed, Tested, cross
from casework.quality.reviews import Course
from casework.quality.scoring import Scorecard
from casework.workbench import sheets
from casework.workbench.blinding import shown_as
from casework.workbench.rights import Access, right

COLUMNS = ("unit", "scenario", "trainee", "rater", "criterion", "rating", "share", "at")


@right("store", reviewer="any", lead="any", trainer="any")
def marks_of(access: Access) -> tuple[Mark, ...]:
    """Every mark on sheets of handling that are handed in, one row for each; none of a file on which one's own sheet is open.

    Trainees by alias where one marks blind; other raters by alias for all but leads.
    """
    return tuple(mark for session, case, owner in _files(access) if not _blind(access, session, case) for mark in _of_file(access, session, case, owner))


def _files(access: Access) -> list[tuple[str, str, str]]:
    """Session, case and owner of every file of others on which a sheet was begun."""
    begun = set(chains.counted(access.store))
    return [
        (session, case, owner) for session, case, owner, _ in sheets.files(access)
        if any(review_id(session, case, slot) in begun for slot in (*SLOTS, "outcome"))
    ]  # fmt: skip


def _blind(access: Access, session: str, case: str) -> bool:
    """Whether this person's own sheet on the file is still open."""
    for slot in reversed(SLOTS):
        own = sheets.sheet(access, session, case, slot)
        if own is not None and own.submitted is None and access.person.id in {own.assignee, *own.markers}:
            return True
    return False


def _of_file(access: Access, session: str, case: str, owner: str) -> list[Mark]:
    found = []
    for sheet in sheets.both(access, session, case):
        if sheet.submitted is None:
            continue
        rubric = sheets.rubric_of(access, sheet.pinned)
        levels = {c.id: reviews.choices(rubric, c) for c in rubric.criteria}
        for mark in sheet.marks.values():
            worth = levels[mark.criterion][mark.level]
            found.append(Mark(
                f"{session}/{case}", case, shown_as(access, owner, session), _rater(access, mark.by), mark.criterion,
                mark.level if worth is not None else None, None if worth is None else float(worth), mark.at,
            ))  # fmt: skip
    return found


def _rater(access: Access, id: str) -> str:
    if id == access.person.id or "lead" in access.person.roles:
        return id
    return f"rater-{digest([access.person.id, id, 'alias'])[:8]}"


@right("store", reviewer="any", lead="any", trainer="any")
def outcomes_of(access: Access) -> Crossed:
    """Every file whose handling or outcome was marked, by whether each was good; none on which one's own sheet is open."""
    found = []
    for session, case, _ in _files(access):
        agreed = None if _blind(access, session, case) else _held(access, session, case)
        sheet = sheets.sheet(access, session, case, "outcome")
        outcome = None
        if sheet is not None and sheet.submitted is not None:
            rubric = sheets.rubric_of(access, sheet.pinned)
            card = next(c for c in _cards(access, session, rubric) if c.case == case)
            outcome = reviews.agreed(card, reviews.held((sheet,), Course()))
        if agreed is not None or outcome is not None:
            lost = tuple(r.criterion.id for r in outcome.ratings if r.status == "rated" and r.rating < 1) if outcome else ()
            found.append(Tested(session, case, agreed.passed if agreed else None, outcome.passed if outcome else None, lost))
    return cross(found)


def _held(access: Access, session: str, case: str) -> Scorecard | None:
    """The agreed scorecard of a file whose sheets are all handed in; None before that."""
    both = sheets.both(access, session, case)
    if not both or any(one.submitted is None for one in both):
        return None
    course = sheets.course(access, session, case)
    rubric = sheets.rubric_of(access, sheets.pinned_by(both, course))
    card = next(c for c in _cards(access, session, rubric) if c.case == case)
    return reviews.agreed(card, reviews.still_given(rubric, reviews.held(both, course), course))


def _cards(access: Access, session: str, rubric: Rubric) -> tuple[Scorecard, ...]:
    log = access.store.log(session)
    return scoring.score(access.library, caseload_of(access.library, log), log, rubric)


@right("store", reviewer="any", lead="any", trainer="any")
def export_marks(access: Access, path: Path) -> int:
    """Writes those marks as a table that `casework agree` and `calibrate` read; gives how many."""
    if path.exists():
        raise BadInput(f"{path}: exists already; give a new name, so that nothing is overwritten")
    rows = [
        [m.unit, m.scenario, m.trainee, m.rater, m.criterion, m.level or "", "" if m.share is None else f"{m.share:g}", m.at.isoformat() if m.at else ""]
        for m in marks_of(access)
    ]
    logfiles.write(path, exports.to_csv(COLUMNS, rows))
    return len(rows)

"""Use cases on many files' marks: as a table for calibration, and as a file."""

from __future__ import annotations

from pathlib import Path

from casework.edges import exports, logfiles
from casework.edges.store import reviews as chains
from casework.model import strict_json
from casework.model.decisions import digest
from casework.model.errors import BadInput
from casework.model.reviews import SLOTS, review_id
from casework.quality import reviews
from casework.quality.marks import Mark
from casework.workbench import sheets
from casework.workbench.blinding import shown_as
from casework.workbench.rights import Access, right

COLUMNS = ("unit", "scenario", "trainee", "rater", "criterion", "rating", "share", "at")


@right("store", reviewer="any", lead="any", trainer="any")
def marks_of(access: Access) -> tuple[Mark, ...]:
    """Every mark on sheets that are handed in, one row for each; none of a file on which one's own sheet is open.

    Trainees by alias where one marks blind; other raters by alias for all but leads.
    """
    heads = [h for h in access.store.heads() if h.finished and h.person != access.person.id]
    headers = chains.header_lines(access.store, [h.session for h in heads])
    begun = set(chains.counted(access.store))
    found: list[Mark] = []
    for head in heads:
        row = strict_json.parse(headers[head.session])
        cases = [str(row["scenario"])] if row.get("scenario") else sorted({e.case for e in access.store.log(head.session).events if e.case})
        for case in cases:
            if any(review_id(head.session, case, slot) in begun for slot in SLOTS):
                found += _of_file(access, head.session, case, head.person)
    return tuple(found)


def _of_file(access: Access, session: str, case: str, owner: str) -> list[Mark]:
    for slot in reversed(SLOTS):
        own = sheets.sheet(access, session, case, slot)
        if own is not None and own.submitted is None and access.person.id in {own.assignee, *own.markers}:
            return []
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

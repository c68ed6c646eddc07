"""How an assessment is sat: once, and against real time. When it began stands in the audit trail, which only grows."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

from casework.model.decisions import Header
from casework.model.errors import BadInput, Refused
from casework.model.library import Library
from casework.practice.cases import Caseload
from casework.workbench.rights import Access

BEGAN = "began assessment"


def allowed(library: Library, work: Caseload) -> timedelta:
    """The real time that an assessment of this work may take; BadInput if the framework sets none."""
    rule = library.framework.assessment if library.framework is not None else None
    if rule is None:
        raise BadInput("no assessment can be sat: rubrics/framework.yaml has no 'assessment' with 'minutes_for_a_case'; add it")
    return timedelta(minutes=rule.minutes_for_a_case * len(work.cases))


def require_first(access: Access, work: Caseload) -> None:
    """Refused if the person has sat this work in assessment already."""
    for head in access.store.heads(access.person.id):
        header = access.store.log(head.session).header
        if header.mode == "assessment" and (header.caseload or header.scenario, header.seed) == (work.id, work.seed):
            raise Refused(f"you have sat this assessment (session {head.session}), and it is sat once; ask your trainer for another day (--seed)")


def begin(access: Access, session: str) -> datetime:
    """Notes that the assessment begins now (UTC)."""
    now = datetime.now(UTC)
    access.store.audit(now, access.person.id, BEGAN, access.person.id, session)
    return now


def ends_at(access: Access, header: Header, work: Caseload) -> datetime | None:
    """When the sitting hands itself in (UTC); None for anything but an assessment."""
    if header.mode != "assessment":
        return None
    rows = (json.loads(line) for line in access.store.trail())
    begun = next((datetime.fromisoformat(r["at"]) for r in rows if r["did"] == BEGAN and r["what"] == header.session), None)
    return (begun or begin(access, header.session)) + allowed(access.library, work)


def over(ends: datetime | None) -> bool:
    return ends is not None and datetime.now(UTC) >= ends

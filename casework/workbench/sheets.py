"""What the use cases of marking share: which sheet is whose, and how an entry of a review is written. Offers nothing itself."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from casework.edges.store import reviews as chains
from casework.model import strict_json
from casework.model.decisions import DecisionLog, canonical, digest, salted
from casework.model.errors import BadInput, Refused
from casework.model.reviews import SLOTS, ReviewEvent, Slot, review_id
from casework.model.rubrics import Rubric
from casework.quality import reviews
from casework.quality.reviews import Course, Sheet
from casework.workbench import plays
from casework.workbench.rights import Access

LONGEST = 4_000  # Characters of one reason.


def now() -> datetime:
    return datetime.now(UTC)


def finished(access: Access, session: str) -> DecisionLog:
    log = access.store.log(session)
    if not log.finished:
        raise Refused(f"session {session} is still under way; it is marked once it is finished")
    if log.header.trainee == access.person.id:
        raise Refused("nobody marks their own work; another reviewer does")
    return log


def cases_of(log: DecisionLog) -> list[str]:
    """The cases of a session, by key."""
    return list(dict.fromkeys(event.case for event in log.events if event.case is not None)) or [log.header.scenario or ""]


def case_key(log: DecisionLog, case: str | None) -> str:
    keys = cases_of(log)
    if case is None and len(keys) > 1:
        raise BadInput(f"this session holds several cases; name one of {', '.join(keys)}")
    if case is not None and case not in keys:
        raise BadInput(f"case: found {case!r}; allowed: {', '.join(keys)}")
    return case or keys[0]


def files(access: Access) -> list[tuple[str, str, str, bool]]:
    """Session, case, owner and whether it is real work, of every finished file of others."""
    heads = [h for h in access.store.heads() if h.finished and h.person != access.person.id]
    headers = chains.header_lines(access.store, [h.session for h in heads])
    found = []
    for head in heads:
        row = strict_json.parse(headers[head.session])
        # A single scenario's one case has its name; what else a session holds, its log says.
        cases = [str(row["scenario"])] if row.get("scenario") else sorted({e.case for e in access.store.log(head.session).events if e.case})
        found += [(head.session, case, head.person, row["source"] == "imported") for case in cases]
    return found


def slot_of(access: Access, session: str, case: str) -> Slot:
    """The sheet that is this person's on a file."""
    me = access.person.id
    second = sheet(access, session, case, "second")
    if second is not None and me in {second.assignee, *second.markers}:
        return "second"  # Without a look at the first sheet: its marks are not even read.
    first = sheet(access, session, case, "first")
    if first is not None and first.submitted is not None and me not in {first.assignee, *first.markers}:
        raise Refused("this file has been marked; a lead or trainer may give you its second sheet (casework review assign)")
    if first is None or first.assignee in (None, me):
        return "first"
    raise Refused("this file is given to another marker; a lead or trainer may give you its second sheet (casework review assign)")


def sheet(access: Access, session: str, case: str, slot: Slot) -> Sheet | None:
    return reviews.sheet(chains.read(access.store, review_id(session, case, slot)))


def course(access: Access, session: str, case: str) -> Course:
    """What was decided about a file beside its sheets."""
    return reviews.course(chains.read(access.store, review_id(session, case, "course")))


def both(access: Access, session: str, case: str) -> tuple[Sheet, ...]:
    """The sheets of a file that were begun, first before second."""
    return tuple(one for slot in SLOTS if (one := sheet(access, session, case, slot)) is not None)


def pinned_by(both: tuple[Sheet, ...], decided: Course) -> str:
    """The digest of the rubric that a file is scored by: the one marked by, or the one taken over since."""
    return decided.rescored.pinned if decided.rescored is not None and decided.rescored.pinned else both[0].pinned


def in_words(what: str, why: str | None, reason: str) -> str:
    """A reason, trimmed; BadInput if one is asked for and none is given, or it is too long."""
    reason = reason.strip()
    if why is not None and not reason:
        raise BadInput(f"{what} needs a reason, because {why}. Say in a sentence what you saw, and where")
    if len(reason) > LONGEST:
        raise BadInput(f"{what}: the reason has {len(reason):,} characters; at most {LONGEST:,}")
    return reason


def begun(access: Access, session: str, case: str, slot: Slot, to: str | None) -> ReviewEvent:
    """The first entry of a sheet: the file, and the rubric as it is now."""
    wanted = plays.MAIN_RUBRIC
    if slot == "outcome":
        named = access.library.marking.outcomes
        if named is None:
            raise BadInput("rubrics/measures.yaml, marking: 'outcomes' names no rubric, so no outcome can be tested")
        wanted = named
    rubric = access.library.get_rubric(wanted)
    content = canonical(rubric.model_dump(mode="json", by_alias=True, exclude_defaults=True))
    chains.pin(access.store, digest(content), content)
    return ReviewEvent(
        n=0, at=now(), by=access.person.id, did="begun", session=session, case=case, slot=slot, rubric=rubric.id,
        version=rubric.version, pinned=digest(content), to=to,
    )  # fmt: skip


def rubric_of(access: Access, pinned: str) -> Rubric:
    """The rubric that a review is pinned to, as it was then."""
    return Rubric.model_validate(strict_json.parse(chains.pinned_content(access.store, pinned)))


def sealed(events: tuple[ReviewEvent, ...], said: Mapping[int, str]) -> tuple[tuple[ReviewEvent, ...], dict[int, tuple[str, str]]]:
    """The events with the digests of their words, and the words with their salts."""
    words = {i: (secrets.token_hex(16), one) for i, one in said.items()}
    return tuple(
        event.model_copy(update={"text": salted(words[i][1], words[i][0])}) if i in words else event for i, event in enumerate(events)
    ), words  # fmt: skip


def write(access: Access, session: str, case: str, slot: Slot, seen: int, events: tuple[ReviewEvent, ...], said: Mapping[int, str]) -> None:
    """Appends to a review. The same step on the same version, from a second click, is taken once."""
    plain: list[Any] = [[e.did, e.by, e.criterion, e.level, e.cause, list(e.evidence), e.to] for e in events]
    key = digest([seen, plain, sorted(said.items())])
    kept, words = sealed(events, said)
    chains.append(access.store, review_id(session, case, slot), session, seen, kept, words, key)


def note(access: Access, session: str, case: str, slot: Slot, event: ReviewEvent, reason: str) -> None:
    """Keeps what happened beside the marks (an attempt that came too late, a look) without moving the version."""
    events, words = sealed((event,), {0: reason} if reason else {})
    key = digest([event.did, event.by, event.at.isoformat()])
    chains.note_beside(access.store, review_id(session, case, slot), events[0], words, key)

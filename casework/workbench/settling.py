"""Use cases after the marks: what settles a difference, feedback to the trainee, appeals, and the marks that hold.

Nothing here changes a sheet. Whoever has a sheet of their own still open on a file is told nothing of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from casework.edges.store import reviews as chains
from casework.model import worktime
from casework.model.decisions import DecisionLog
from casework.model.errors import BadInput, Refused, StaleWrite
from casework.model.reviews import ReviewEvent, review_id
from casework.practice import clocks
from casework.practice.replaying import caseload_of
from casework.quality import reviews, scoring
from casework.quality.reviews import Course, Held, Sheet
from casework.quality.scoring import Scorecard
from casework.workbench import sheets
from casework.workbench.blinding import shown_as
from casework.workbench.rights import Access, right


@dataclass(frozen=True)
class Agreed:
    """A file with the marks that hold. `reasons` are the words of each mark that holds, by criterion.

    `open` are the criteria on which two markers differ; `waiting` names the sheets not yet handed in; `stale` are
    marks on criteria that have changed since. `appeal_by` (UTC) is the last moment for an appeal, once feedback was sent.
    """

    session: str
    case: str
    automatic: Scorecard
    card: Scorecard
    held: Mapping[str, Held]
    reasons: Mapping[str, tuple[str, ...]]
    open: tuple[str, ...]
    waiting: tuple[str, ...]
    course: Course
    stale: tuple[str, ...]
    feedback: str
    appeal_by: datetime | None

    @property
    def version(self) -> int:
        return self.course.version


@right("session", trainee="own", reviewer="any", lead="any", trainer="any")
def agreed_of(access: Access, session: str, case: str | None = None) -> Agreed:
    """The scorecard that people's marks make, beside the automatic one. One's own only once feedback was sent."""
    log = access.store.log(session)
    key = sheets.case_key(log, case)
    if log.header.trainee == access.person.id:
        if sheets.course(access, session, key).sent is None:
            raise Refused("your marks are not given back yet; you will see them with the feedback")
    else:
        _not_blind(access, session, key)
    return _agreed(access, log, key)


def _not_blind(access: Access, session: str, case: str) -> None:
    """Refused while this person's own sheet on the file is open."""
    for slot in ("second", "first"):
        own = sheets.sheet(access, session, case, slot)  # type: ignore[arg-type]
        if own is not None and own.submitted is None and access.person.id in {own.assignee, *own.markers}:
            raise Refused("your own sheet on this file is still open; hand it in first, and then see what others marked")


def _agreed(access: Access, log: DecisionLog, case: str) -> Agreed:
    session = log.header.session
    both = sheets.both(access, session, case)
    if not both:
        raise BadInput("nobody has begun to mark this file; open it to mark it")
    course = sheets.course(access, session, case)
    rubric = sheets.rubric_of(access, sheets.pinned_by(both, course))
    work = caseload_of(access.library, log)
    automatic = next(c for c in scoring.score(access.library, work, log, rubric) if c.case == case)
    automatic = replace(automatic, trainee=shown_as(access, log.header.trainee, session))
    held = reviews.still_given(rubric, reviews.held(both, course), course)
    words = {slot: chains.words(access.store, review_id(session, case, slot)) for slot in ("first", "second", "course")}  # type: ignore[arg-type]
    appeal_by = None
    if course.sent is not None:
        office = work.case(case).office
        rule = access.library.clause(access.library.marking.appeal, worktime.local(office, course.sent.at).date()).clock
        if rule is None:
            raise BadInput(f"{access.library.marking.appeal} has no clock, so nobody can tell when an appeal is late; give it one")
        appeal_by = clocks.reckon(rule, course.sent.at, office).due_at
    return Agreed(
        session, case, automatic, reviews.agreed(automatic, held), held, {id: _reasons(id, both, course, words) for id in held},
        reviews.differing(both, course), tuple(one.slot for one in both if one.submitted is None), course,
        course.stale,
        words["course"].get(course.sent.n, "(the words have been erased)") if course.sent is not None else "", appeal_by,
    )  # fmt: skip


def _reasons(criterion: str, both: tuple[Sheet, ...], course: Course, words: Mapping[str, Mapping[int, str]]) -> tuple[str, ...]:
    """Every reason given on a criterion, in the order of marking, adjudication and appeal."""
    found = [words[one.slot].get(one.marks[criterion].entry, "") for one in both if one.submitted is not None and criterion in one.marks]
    if criterion in course.settled:
        found.append(words["course"].get(course.settled[criterion].entry, ""))
    found += [words["course"].get(a.answer.n, "") for a in course.appeals if a.criterion == criterion and a.answer is not None]
    return tuple(one for one in found if one)


@right("session", reviewer="any", lead="any")
def adjudicate(access: Access, session: str, seen: Agreed, criterion: str, level: str, reason: str) -> Agreed:
    """The file after a third person settled one difference, with reasons; both marks stay as they were. A stale mark is given anew here too."""
    log = sheets.finished(access, session)
    _not_blind(access, session, seen.case)
    both = sheets.both(access, session, seen.case)
    if criterion not in seen.stale and access.person.id in frozenset().union(*(one.markers for one in both)):
        raise Refused("you marked this file; a difference is settled by someone who did not")
    if seen.waiting:
        raise Refused(f"the {' and '.join(seen.waiting)} sheet is not handed in yet; settle differences when both are")
    if criterion not in {*seen.open, *seen.stale, *seen.course.settled}:
        also = f", and {', '.join(seen.stale)} {'are' if len(seen.stale) > 1 else 'is'} stale" if seen.stale else ""
        raise BadInput(f"criterion: found {criterion!r}; the markers differ on {', '.join(seen.open) or 'nothing'}{also}")
    _level(seen, criterion, level)
    said = sheets.in_words(f"{criterion}: {level!r}", "it settles a difference between two people", reason)
    _decide(access, seen, ReviewEvent(n=0, at=sheets.now(), by=access.person.id, did="adjudicated", criterion=criterion, level=level), said)
    return _agreed(access, log, seen.case)


def _level(seen: Agreed, criterion: str, level: str) -> None:
    chosen = next(c for c in seen.card.rubric.criteria if c.id == criterion)
    levels = reviews.choices(seen.card.rubric, chosen)
    if level not in levels:
        raise BadInput(f"{criterion}: found {level!r}; allowed: {', '.join(levels)}")


@right("session", reviewer="any", lead="any")
def send_feedback(access: Access, session: str, seen: Agreed, words: str) -> Agreed:
    """The file once its marks were given back to the trainee, in words. The time for an appeal runs from here."""
    log = sheets.finished(access, session)
    _not_blind(access, session, seen.case)
    if seen.course.sent is not None:
        raise Refused("the marks were given back already; the trainee may appeal until the window closes")
    if seen.waiting or seen.open:
        left = [*(f"the {slot} sheet is not handed in" for slot in seen.waiting), *(f"the markers differ on {id}" for id in seen.open)]
        raise Refused(f"not yet: {'; '.join(left)}")
    said = sheets.in_words("the feedback", "the trainee reads it", words)
    _decide(access, seen, ReviewEvent(n=0, at=sheets.now(), by=access.person.id, did="sent"), said)
    return _agreed(access, log, seen.case)


@right("store", trainee="own", trainer="own", reviewer="own", lead="own")
def feedback_for_me(access: Access) -> tuple[tuple[str, str], ...]:
    """One's own files whose marks were given back, as session and case, the latest first."""
    begun = set(chains.counted(access.store))
    found = []
    for head in access.store.heads(access.person.id):
        cases = sheets.cases_of(access.store.log(head.session))
        for case in (case for case in cases if review_id(head.session, case, "course") in begun):
            sent = sheets.course(access, head.session, case).sent
            found += [(sent.at, head.session, case)] if sent is not None else []
    return tuple((session, case) for _, session, case in sorted(found, reverse=True))


@right("session", trainee="own", trainer="own", reviewer="own", lead="own")
def acknowledge_feedback(access: Access, session: str, seen: Agreed) -> Agreed:
    """The file once its owner has read the feedback. Having read is not having agreed."""
    if seen.course.acknowledged is None:
        _decide(access, seen, ReviewEvent(n=0, at=sheets.now(), by=access.person.id, did="acknowledged"), "")
    return _agreed(access, access.store.log(session), seen.case)


@right("session", trainee="own", trainer="own", reviewer="own", lead="own")
def appeal_mark(access: Access, session: str, seen: Agreed, criterion: str, why: str) -> Agreed:
    """The file with one mark appealed, in time and with a reason. The mark stands until a second assessor answers."""
    if seen.course.sent is None or seen.appeal_by is None:
        raise Refused("there is nothing to appeal before the marks are given back")
    if sheets.now() > seen.appeal_by:
        raise Refused(f"the time for an appeal ended on {seen.appeal_by:%d %B %Y at %H:%M} UTC ({access.library.marking.appeal}); ask your lead")
    known = [r.criterion.id for r in seen.card.ratings]
    if criterion not in known:
        raise BadInput(f"criterion: found {criterion!r}; allowed: {', '.join(known)}")
    if any(a.criterion == criterion for a in seen.course.appeals):
        raise Refused(f"{criterion}: appealed already; an answer is final")
    said = sheets.in_words("the appeal", "someone who has not seen the file will read it", why)
    _decide(access, seen, ReviewEvent(n=0, at=sheets.now(), by=access.person.id, did="appealed", criterion=criterion), said)
    return _agreed(access, access.store.log(session), seen.case)


@right("session", reviewer="any", lead="any")
def answer_appeal(access: Access, session: str, seen: Agreed, criterion: str, level: str, reason: str) -> Agreed:
    """The file after a second assessor answered an appeal; what was marked before is kept and shown."""
    log = sheets.finished(access, session)
    both = sheets.both(access, session, seen.case)
    if access.person.id in frozenset().union(seen.course.judges, *(one.markers for one in both)):
        raise Refused("you marked or settled this file; an appeal is answered by someone who did neither")
    if not any(a.criterion == criterion and a.answer is None for a in seen.course.appeals):
        waiting = ", ".join(a.criterion for a in seen.course.appeals if a.answer is None)
        raise BadInput(f"criterion: found {criterion!r}; appeals that wait: {waiting or 'none'}")
    _level(seen, criterion, level)
    said = sheets.in_words(f"{criterion}: {level!r}", "it answers an appeal", reason)
    event = ReviewEvent(n=0, at=sheets.now(), by=access.person.id, did="answered", criterion=criterion, level=level)
    _decide(access, seen, event, said)
    return _agreed(access, log, seen.case)


def _decide(access: Access, seen: Agreed, event: ReviewEvent, said: str) -> None:
    """Keeps one entry on the file's course; StaleWrite, with what stands now, if someone decided first. The attempt is kept."""
    events: tuple[ReviewEvent, ...] = (event,)
    if not seen.version:
        begun = ReviewEvent(n=0, at=event.at, by=event.by, did="begun", session=seen.session, case=seen.case, slot="course")
        events = (begun, event)
    try:
        sheets.write(access, seen.session, seen.case, "course", seen.version, events, {len(events) - 1: said} if said else {})
    except StaleWrite:
        now = sheets.course(access, seen.session, seen.case)
        standing = now.settled.get(event.criterion or "")
        attempt = event.model_copy(update={"did": "refused", "was": standing.level if standing else None})
        sheets.note(access, seen.session, seen.case, "course", attempt, said)
        other = f"{standing.by} settled {event.criterion} as {standing.level!r}" if standing else "something else was decided about it"
        wanted = f"; you wanted {event.level!r}" if event.level else ""
        raise StaleWrite(f"this file has moved on since you opened it: {other}{wanted}. Open it again and decide anew") from None

"""Use cases on sessions in the store: a decision is taken once it is durable, and each record has an owner."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from casework.edges import journal, logfiles
from casework.edges.store.heads import Head
from casework.model.decisions import DecisionLog, Help, digest
from casework.model.errors import BadInput, BrokenLog, Refused, StaleWrite, TimeIsUp
from casework.model.scenarios import Step
from casework.practice import desk, hints, labels
from casework.practice.replaying import replay
from casework.quality import coaching
from casework.quality.scoring import Scorecard
from casework.workbench import assessments, plays
from casework.workbench.blinding import shown_as
from casework.workbench.rights import Access, right

MODES = ("guided", "practice", "assessment")


@dataclass(frozen=True)
class Sitting:
    """A session under way, and where the store has it: what is shown is what was kept."""

    session: desk.Session
    head: Head
    ends_at: datetime | None = None  # Real time (UTC) at which an assessment hands itself in.

    @property
    def id(self) -> str:
        return self.head.session


@right("store", trainee="own", trainer="own", reviewer="own", lead="own")
def begin_session(access: Access, name: str, seed: int, mode: str = "practice") -> Sitting:
    """A new session on a scenario or caseload, kept from its first entry. Playing again is another attempt.

    An assessment is sat once: Refused if the person has sat the same work with the same seed.
    """
    if mode not in MODES:
        raise BadInput(f"mode: found {mode!r}; allowed: {', '.join(MODES)}")
    work = plays.caseload(access.library, name, seed)
    if mode == "assessment":
        assessments.allowed(access.library, work)
        assessments.require_first(access, work)
    taken = {head.session for head in access.store.heads(access.person.id)}
    attempt = 1
    while True:
        opened = desk.open_session(access.library, work, access.person.id, mode, attempt, secrets.token_hex(16))
        if opened.header.session not in taken:
            break
        attempt += 1
    head = access.store.begin(opened.log(), opened.salt_key, opened.now)
    journal.note("session_begun", session=head.session, person=head.person)
    return Sitting(opened, head, assessments.ends_at(access, opened.header, work))


@right("store", trainee="own", trainer="own", reviewer="own", lead="own")
def find_under_way(access: Access, name: str, seed: int, mode: str = "practice") -> Sitting | None:
    """One's own latest session on this work if it is not finished; None if there is none that can go on."""
    own = []
    for head in access.store.heads(access.person.id):
        header = access.store.log(head.session).header
        if (header.caseload or header.scenario, header.seed, header.mode) == (name, seed, mode):
            own.append((header.attempt, head))
    latest = max(own, key=lambda pair: pair[0], default=None)
    return None if latest is None or latest[1].finished else resume_session(access, latest[1].session)  # type: ignore[no-any-return]


@right("session", trainee="own", trainer="own", reviewer="own", lead="own")
def resume_session(access: Access, session: str) -> Sitting:
    """The session as it was left, rebuilt from its log and words."""
    head = access.store.head(session)
    if head is None:
        raise BadInput(f"there is no session {session} in this store; casework session list shows yours")
    try:
        rebuilt = replay(access.library, access.store.log(session), unfinished=True)
    except BrokenLog as error:
        raise BadInput(f"session {session} cannot go on: {error.reason}") from None
    side = access.store.side(session)
    rebuilt = replace(rebuilt, texts=side.texts, salt_key=side.salt_key or rebuilt.salt_key)
    ends = assessments.ends_at(access, rebuilt.header, rebuilt.caseload)
    sitting = Sitting(desk.wait_until(rebuilt, head.now_at) if not rebuilt.closed else rebuilt, head, ends)
    return _handed_in(access, sitting) if assessments.over(ends) else sitting


@right("session", trainee="own", trainer="own", reviewer="own", lead="own")
def decide(access: Access, session: str, sitting: Sitting, case: str, step: Step) -> Sitting:
    """The sitting after a decision, once the store has it.

    The same decision on the same screen, from a second click or a second tab, is taken once. StaleWrite
    if another decision came first; ActionRefused if it cannot be carried out. Both leave nothing behind.
    """
    _in_time(access, sitting)
    labels.require_plain(access.library, step)
    key = _key(sitting, "decide", case, step.model_dump(mode="json", by_alias=True, exclude_none=True))
    try:
        after = desk.decide(sitting.session, case, step)
    except ValueError as error:
        raise BadInput(str(error)) from None
    return _kept(access, session, sitting, after, key)


@right("session", trainee="own", trainer="own", reviewer="own", lead="own")
def wait(access: Access, session: str, sitting: Sitting, until: datetime) -> Sitting:
    """The sitting after simulated time has passed."""
    _in_time(access, sitting)
    return _kept(access, session, sitting, desk.wait_until(sitting.session, until), _key(sitting, "wait", until.isoformat()))


@right("session", trainee="own", trainer="own", reviewer="own", lead="own")
def take_hint(access: Access, session: str, sitting: Sitting, case: str, item: str | None, help_: Help) -> Sitting:
    """The sitting with one more hint on a paper, in guided practice; the rubric says what it costs."""
    after = hints.ask(sitting.session, case, item, help_)
    return _kept(access, session, sitting, after, _key(sitting, "hint", case, item, help_))


@right("session", trainee="own", trainer="own", reviewer="own", lead="own")
def finish_session(access: Access, session: str, sitting: Sitting) -> Sitting:
    """The sitting closed at its closing time."""
    return _kept(access, session, sitting, desk.finish(sitting.session), _key(sitting, "finish"))


@right("session", trainee="own", trainer="own", reviewer="own", lead="own")
def dispute(access: Access, session: str, sitting: Sitting, case: str, criterion: str, why: str) -> Sitting:
    """A mark disputed, with the reason; it goes into the log for whoever reviews the session, and changes no mark."""
    known = [c.id for c in access.library.get_rubric(plays.MAIN_RUBRIC).criteria]
    if criterion not in known:
        raise BadInput(f"criterion: found {criterion!r}; allowed: {', '.join(known)}")
    return _remarked(access, session, sitting, case, "appeal", criterion, why)


@right("session", trainee="own", trainer="own", reviewer="own", lead="own")
def reflect(access: Access, session: str, sitting: Sitting, words: str) -> Sitting:
    """What the trainee takes from a finished session, kept with it."""
    return _remarked(access, session, sitting, None, "reflect", None, words)


def _in_time(access: Access, sitting: Sitting) -> None:
    if assessments.over(sitting.ends_at) and not sitting.session.closed:
        _handed_in(access, sitting)
        raise TimeIsUp("the time of this assessment is over; what you had done by then is handed in")


def _handed_in(access: Access, sitting: Sitting) -> Sitting:
    """The sitting closed as it stands; unchanged if it was closed already."""
    if sitting.session.closed:
        return sitting
    return _kept(access, sitting.id, sitting, desk.finish(sitting.session), _key(sitting, "finish"))


def _remarked(
    access: Access, session: str, sitting: Sitting, case: str | None, do: str, criterion: str | None, words: str
) -> Sitting:  # fmt: skip
    if not words.strip():
        raise BadInput("say why, in a sentence or two")
    labels.require_plain(access.library, Step.model_validate({"do": do, "text": words}))
    after = desk.remark(sitting.session, case, do, criterion, words)
    return _kept(access, session, sitting, after, _key(sitting, do, case, criterion, words))


def _key(sitting: Sitting, *parts: object) -> str:
    """What makes a step this step: the state that was on the screen, and what was asked."""
    return digest([sitting.head.hash, sitting.head.now_at.isoformat(), *parts])


def _kept(access: Access, session: str, sitting: Sitting, after: desk.Session, key: str) -> Sitting:
    before = sitting.session
    if sitting.id != session:
        raise StaleWrite(f"this screen shows session {sitting.id}, not {session}; open it again")
    events = after.events[len(before.events) :]
    words = after.texts[len(before.texts) :]
    head = access.store.append(sitting.head, events, words, key, after.now)
    if (head.n, head.now_at) == (after.events[-1].n, after.now):
        return Sitting(after, head, sitting.ends_at)
    return resume_session(access, session)  # It was taken before; show where the session stands now.


@right("person", trainee="own", trainer="any", lead="any", reviewer="own")
def sessions_of(access: Access, person: str) -> list[Head]:
    """A person's sessions."""
    return access.store.heads(person)


@right("store", reviewer="any", lead="any")
def sessions_to_mark(access: Access) -> list[str]:
    """The finished sessions, by id alone: whose they are is not told."""
    return [head.session for head in access.store.heads() if head.finished and head.person != access.person.id]


@right("session", trainee="own", trainer="any", reviewer="any", lead="any")
def log_of(access: Access, session: str) -> DecisionLog:
    """A session's log; under an alias for whoever marks blind."""
    log = access.store.log(session)
    return replace(log, header=log.header.model_copy(update={"trainee": shown_as(access, log.header.trainee, log.header.session)}))


@right("session", trainee="own", trainer="any", reviewer="any", lead="any")
def words_of(access: Access, session: str) -> dict[int, str]:
    """The words of a session by entry; empty once erased."""
    return {n: words for n, _, words in access.store.side(session).texts}


@right("session", trainee="own", trainer="any", reviewer="any", lead="any")
def scorecards_of(access: Access, session: str, rubric: str = plays.MAIN_RUBRIC) -> tuple[Scorecard, ...]:
    """The scorecards of a session; one's own only once it is finished."""
    log = _after_debrief(access, session)
    alias = shown_as(access, log.header.trainee, log.header.session)
    return tuple(replace(card, trainee=alias) for card in plays.score(access.library, log, rubric))


@right("session", trainee="own", trainer="any", reviewer="any", lead="any")
def debrief_of(access: Access, session: str, rubric: str = plays.MAIN_RUBRIC) -> tuple[coaching.Debrief, ...]:
    """The debriefs of a session; one's own only once it is finished, since they tell what was expected."""
    log = _after_debrief(access, session)
    alias = shown_as(access, log.header.trainee, log.header.session)
    found = plays.debrief(access.library, log, rubric, plays.winning_changes(access.library, log, rubric))
    return tuple(replace(one, scorecard=replace(one.scorecard, trainee=alias)) for one in found)


@right("session", trainee="own", trainer="any", lead="any")
def export_session(access: Access, session: str, path: Path) -> None:
    """Writes a finished session's log and words as files that casework score and replay read; an assessment's for a trainer."""
    log = _after_debrief(access, session)
    logfiles.save(log, access.store.side(session).texts, path)


def _after_debrief(access: Access, session: str) -> DecisionLog:
    log = access.store.log(session)
    if log.header.trainee == access.person.id and not log.finished:
        raise Refused(f"session {session} is still under way; what was expected is told once you have finished it")
    if log.header.trainee == access.person.id and log.header.mode == "assessment":
        raise Refused(f"session {session} was an assessment and is handed in; your trainer goes through it with you")
    return log

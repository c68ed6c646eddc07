"""The desk: a deterministic world in which time passes only by actions and waiting.

A session is a value. `decide` returns the next one; nothing here reads a clock or rolls a die. Things
fall due in order of time, then of file; a decision that ends on the instant comes before an arrival.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from casework import __version__
from casework.model import phrases, worktime
from casework.model.decisions import REMARKS, DecisionLog, Event, Header, digest, salted
from casework.model.errors import ActionRefused
from casework.model.library import Library
from casework.model.scenarios import Choice, Inject, Step, Turn
from casework.practice.cases import Case, Caseload, Paper
from casework.practice.events import Agenda
from casework.practice.matching import Record, holds, mentioned

NEEDS: dict[str, tuple[str, ...]] = {
    "read": ("item",), "answer": ("item",), "say": ("item",), "index": ("item", "as_"), "diarise": ("for_",),
    "escalate": ("to",), "call": ("to",), "request": ("to",), "chase": ("to",), "log": ("as_",),
    "resolve": ("item",), "correct": ("was",), "give_opinion": ("to",), "disclose": ("to",),
}  # fmt: skip
LOGGED_AS = ("complaint", "risk", "issue", "breach", "conflict", "near_miss", "vulnerability")
# What lies only in our own file can be withdrawn; what reached somebody cannot be called back.
WITHDRAWABLE = ("index", "note", "diarise", "log", "check_invoice", "close")
FROM_ITEM = ("reply", "acknowledge", "verify", "resolve", "promise")


@dataclass(frozen=True)
class Pending:
    """Something that will happen: at a time, in file order, because of a decision (or None)."""

    at: datetime
    order: int
    case: str | None
    inject: str
    because: int | None


@dataclass(frozen=True)
class Session:
    """A sitting at the desk so far. `texts` are (entry, salt, words) for the side store."""

    library: Library
    caseload: Caseload
    header: Header
    now: datetime
    events: tuple[Event, ...]
    pending: tuple[Pending, ...]
    triggered: frozenset[tuple[str, str]]
    texts: tuple[tuple[int, str, str], ...]
    salt_key: str

    @property
    def closed(self) -> bool:
        return any(event.event == "closed" for event in self.events[-REMARKS:])

    def log(self) -> DecisionLog:
        return DecisionLog(self.header, self.events)

    def record(self, key: str) -> Record:
        return record_of(self.library, self.caseload, self.log(), key)

    def visible(self, key: str) -> tuple[Paper, ...]:
        """The papers of a case that can be seen now, oldest first."""
        case = self.caseload.case(key)
        seen = [e.item for e in self.events if e.event == "arrived" and e.case == key]
        on_file = [paper for paper in case.papers.values() if paper.inject is None]
        return (*on_file, *(case.papers[item] for item in seen if item is not None))


def record_of(library: Library, caseload: Caseload, log: DecisionLog, key: str) -> Record:
    """One case's share of a log."""
    case = caseload.case(key)
    return Record(library, case, tuple(e for e in log.events if e.case in (key, None)))


def open_session(
    library: Library, caseload: Caseload, trainee: str, mode: str = "scripted", attempt: int = 1, salt_key: str = "",
) -> Session:  # fmt: skip
    """A session at the moment the desk opens.

    The session id is a digest of content, trainee, seed and attempt. `salt_key` salts the digests of
    texts; a person's session gets a random one from the edge, a script's follows from the session id.
    """
    pins = {
        "policies": digest(sorted((k, v) for k, v in library.digests.items() if k.startswith("policy/"))),
        "calendars": digest(sorted((k, v) for k, v in library.digests.items() if k.startswith("calendar/"))),
    }
    for case in caseload.cases:
        pins[f"scenario/{case.scenario.id}"] = library.digests[f"scenario/{case.scenario.id}"]
    if caseload.is_plan:
        pins[f"caseload/{caseload.id}"] = library.digests[f"caseload/{caseload.id}"]
    name = {"caseload" if caseload.is_plan else "scenario": caseload.id}
    drawn = digest([[case.key, sorted((k, str(v)) for k, v in case.values.items())] for case in caseload.cases])
    session = digest([pins, drawn, trainee, caseload.seed, attempt])[:16]
    header = Header.model_validate({
        "session": session, "trainee": trainee, "source": "simulated", "mode": mode, **name,
        "version": caseload.version, "seed": caseload.seed, "attempt": attempt, "zone": caseload.office.zone,
        "engine": __version__, "digests": pins,
    })  # fmt: skip
    pending, order = [], 0
    for case in caseload.cases:
        for inject in case.scenario.injects:
            order += 1
            if inject.at is not None:
                at = max(case.instant(inject.at), caseload.opens)
                pending.append(Pending(at, order, case.key, inject.id, None))
    for id_, at, *_ in caseload.interruptions:
        order += 1
        pending.append(Pending(max(at, caseload.opens), order, None, id_, None))
    opened = Event(n=1, at=caseload.opens, event="opened")
    start = Session(
        library, caseload, header, caseload.opens, (opened,), tuple(pending), frozenset(), (), salt_key or session
    )
    return _until(start, caseload.opens, True)


def add(session: Session, **fields: object) -> Session:
    """The session with one entry more."""
    event = Event.model_validate({"n": len(session.events) + 1, **fields})
    return replace(session, events=(*session.events, event))


def _until(session: Session, at: datetime, inclusive: bool) -> Session:
    """The session after everything that happens before `at` (or on it)."""
    end = min(at, session.caseload.closes)
    agenda = Agenda((p.at, p.order, p) for p in session.pending)
    while (due := agenda.take(end, inclusive)) is not None:
        _, happening = due
        before = session.now
        session = _happen(replace(session, now=max(session.now, happening.at)), happening)
        if happening.case is None and session.now > max(before, happening.at):
            end = min(max(end, session.now), session.caseload.closes)
    return replace(session, now=max(session.now, end), pending=agenda.waiting())


def _happen(session: Session, what: Pending) -> Session:
    if what.case is None:
        found = next(i for i in session.caseload.interruptions if i[0] == what.inject)
        session = add(session, at=what.at, event="arrived", item=found[0], channel=found[3], text=None)
        return replace(session, now=max(session.now, what.at) + timedelta(minutes=found[4]))
    case = session.caseload.case(what.case)
    inject = next(i for i in case.scenario.injects if i.id == what.inject)
    record = session.record(what.case)
    if inject.if_done is not None and not holds(record, inject.if_done)[0]:
        return session
    if inject.if_not_done is not None and holds(record, inject.if_not_done)[0]:
        return session
    shared = {"at": what.at, "case": what.case, "because": what.because}
    if inject.by is not None:
        return add(
            session, **shared, event="acted", by=inject.by, do=inject.does, to=inject.to,
            item=inject.item or inject.id, as_=inject.as_, acceptance=inject.acceptance,
        )  # fmt: skip
    return add(session, **shared, event="arrived", item=inject.id, from_=inject.from_, channel=inject.channel)


def _delayed(case: Case, at: datetime, delay: str) -> datetime:
    n, unit = phrases.read_delay(delay)
    if unit == "working hour":
        return worktime.add_working_minutes(case.office, at, n * 60)
    if unit == "working day":
        local = worktime.local(case.office, at)
        return worktime.instant(case.office, worktime.add_working_days(case.office, local.date(), n), local.time())
    return at + timedelta(minutes=n * (60 if unit == "hour" else 1))


def _set_off(session: Session) -> Session:
    """Whatever the latest decision sets off."""
    event = session.events[-1]
    order = 0
    for case in session.caseload.cases:
        for inject in case.scenario.injects:
            order += 1
            name = (case.key, inject.id)
            if inject.after is None or case.key != event.case or name in session.triggered:
                continue
            if holds(session.record(case.key), inject.after)[0]:
                at = _delayed(case, event.at, inject.delay or "0 minutes")
                due = Pending(at, order, case.key, inject.id, event.n)
                session = replace(session, pending=(*session.pending, due), triggered=session.triggered | {name})
    return session


def _talking(session: Session) -> bool:
    """Whether an answered conversation has turns left."""
    for event in reversed(session.events):
        if event.do == "answer" and event.item is not None:
            return next_turn(session, event.case or "", event.item) is not None
        if event.event == "decided" and event.do not in ("say", "verify", "note"):
            return False
    return False


def starts_at(session: Session) -> datetime:
    """When the next decision can begin: now, or the next opening once the office has shut.

    A desk that opens outside office hours stays staffed for the rest of that day, and a conversation
    under way is finished.
    """
    office, now = session.caseload.office, session.now
    opens = session.caseload.opens
    if worktime.is_open(office, now) or _talking(session):
        return now
    if worktime.local(office, now).date() == worktime.local(office, opens).date() and not worktime.is_open(office, opens):
        return now
    return worktime.next_opening(office, now)


def effort(session: Session, key: str, action: str) -> int:
    """Minutes that an action takes under the policies of its case."""
    case = session.caseload.case(key)
    day = worktime.local(case.office, session.now).date()
    for policy in case.scenario.policies:
        for clause in session.library.policies[policy].clauses:
            if clause.efforts is not None and clause.in_force(day):
                return clause.efforts.get(action, 0)  # type: ignore[call-overload,no-any-return]
    return 0


def next_turn(session: Session, key: str, item: str) -> Turn | None:
    """The turn of a conversation that waits for words."""
    inject = _inject(session.caseload.case(key), item)
    said = sum(1 for e in session.events if e.do == "say" and e.case == key and e.item == item)
    return inject.conversation[said] if inject is not None and said < len(inject.conversation) else None


def _inject(case: Case, item: str) -> Inject | None:
    paper = case.papers.get(item)
    return paper.inject if paper else None


def wait_until(session: Session, at: datetime) -> Session:
    """The session at `at` (or when the desk closes), with all that arrived meanwhile."""
    return _until(session, at, True)


def finish(session: Session) -> Session:
    """The session closed at its closing time."""
    if session.closed:
        return session
    session = _until(session, session.caseload.closes, True)
    return add(session, at=session.caseload.closes, event="closed")


def remark(
    session: Session, key: str | None, do: str, criterion: str | None, words: str, sealed: str | None = None,
) -> Session:  # fmt: skip
    """The finished session with what the trainee thinks of it: a reflection, or the dispute of a criterion's mark.

    Takes no simulated time and changes no mark. Raises ActionRefused on a session under way, or after too many.
    """
    if not session.closed:
        raise ActionRefused("the desk is still open; finish first, then reflect or dispute")
    if session.events[-REMARKS + 1].event == "remarked" if len(session.events) >= REMARKS else False:
        raise ActionRefused(f"at most {REMARKS - 1} remarks go with a session; talk to your trainer")
    n = len(session.events) + 1
    if sealed is None:
        salt = _salt(session, n)
        session = replace(session, texts=(*session.texts, (n, salt, words)))
        sealed = salted(words, salt)
    return add(session, at=session.caseload.closes, event="remarked", case=key, do=do, criterion=criterion, text=sealed)


def _salt(session: Session, n: int) -> str:
    return hashlib.sha256(f"{session.salt_key}/{n}".encode()).hexdigest()[:32]


def _refuse(what: str, found: object, allowed: object, todo: str) -> ActionRefused:
    return ActionRefused(f"{what}: found {found!r}; allowed: {allowed}. {todo}")


def decide(session: Session, key: str, step: Step, mentions: tuple[str, ...] | None = None, sealed: str | None = None) -> Session:
    """The session after one decision and all that happened meanwhile.

    `mentions` and `sealed` stand in for the words when a log is replayed without them. Raises
    ActionRefused when the action cannot be carried out as asked; nothing is lost.
    """
    if session.closed:
        raise ActionRefused("the desk has closed; open a new session to go on")
    case = session.caseload.case(key)
    _complete(session, case, step)
    if step.do == "wait":
        return wait_until(session, case.instant(step.until or "desk closes"))
    fields = _fields(session, case, step)
    if step.do == "say" and not (step.choice or step.text or sealed):
        raise ActionRefused("say it in your own words: give a text")
    session = _until(session, starts_at(session), True)
    begun = session.now
    ends = begun + timedelta(minutes=effort(session, key, step.do))
    if ends > session.caseload.closes:
        raise ActionRefused(f"{step.do} takes until after the desk closes; wait until 'desk closes' to finish")
    session = _until(session, ends, False)
    text = fields.pop("words")
    if step.choice is not None and isinstance(text, str):
        fields["mentions"] = mentioned(case.text(text), case)
    elif isinstance(text, str) and text:
        salt = _salt(session, len(session.events) + 1)
        fields |= {"text": salted(text, salt), "mentions": mentioned(text, case)}
        session = replace(session, texts=(*session.texts, (len(session.events) + 1, salt, text)))
    elif sealed is not None:
        fields |= {"text": sealed, "mentions": mentions or ()}
    took = int((session.now - begun).total_seconds() // 60)
    session = add(session, **fields, at=session.now, event="decided", case=key, minutes=took)
    return _until(_set_off(session), session.now, True)


def _complete(session: Session, case: Case, step: Step) -> None:
    for name in NEEDS.get(step.do, ()):
        if getattr(step, name) is None:
            raise ActionRefused(f"{step.do} needs {name.rstrip('_')!r}; give it and try again")
    if step.item is not None:
        visible = [paper.id for paper in session.visible(case.key)]
        if step.item not in visible:
            raise _refuse(f"{step.do} item", step.item, ", ".join(visible), "Choose something that has arrived.")
    if step.to is not None and step.to not in case.parties:
        raise _refuse(f"{step.do} to", step.to, ", ".join(case.parties), "Choose a party of the case.")
    if step.choice is not None and step.do != "say":
        raise ActionRefused(f"{step.do} takes no choice; a choice of words goes with say")
    if step.do == "log" and step.as_ not in LOGGED_AS:
        raise _refuse("log as", step.as_, ", ".join(LOGGED_AS), "Choose what it is.")


def _fields(session: Session, case: Case, step: Step) -> dict[str, object]:
    """The fields of the entry; `words` is the template of its text."""
    paper = case.papers.get(step.item or "")
    to = step.to or (paper.from_ if paper is not None and step.do in FROM_ITEM else None)
    fields: dict[str, object] = {
        "do": step.do, "item": step.item, "to": to, "channel": step.channel, "as_": step.as_,
        "for_": case.day(step.for_).isoformat() if step.for_ else None, "acceptance": step.acceptance,
        "cites": step.cites, "amount": step.amount or None,
        "waiting_for": step.waiting_for, "confidence": step.confidence, "words": step.text,
    }  # fmt: skip
    if step.do == "correct":
        fields["corrects"] = _corrected(session, case, step)
    if step.do == "answer" and paper is not None:
        if paper.inject is None or not paper.inject.conversation:
            raise ActionRefused(f"{step.item} is not a call; read it or reply to it")
        if any(e.do == "answer" and e.item == step.item and e.case == case.key for e in session.events):
            raise ActionRefused(f"{step.item} has been answered already")
        fields["from_"] = paper.from_
    if step.do == "say" and paper is not None and step.item is not None:
        fields |= _saying(session, case, step, paper)
    return fields


def _corrected(session: Session, case: Case, step: Step) -> int:
    """The entry that a correction withdraws: the latest standing one of its kind, on its item if it names one."""
    if step.was not in WITHDRAWABLE:
        raise _refuse("correct was", step.was, ", ".join(WITHDRAWABLE), "What has reached somebody cannot be called back; tell them instead.")
    for event in reversed(session.record(case.key).decisions):
        if event.do == step.was and step.item in (None, event.item):
            return event.n
    raise ActionRefused(f"there is no {step.was} to correct" + (f" on {step.item}" if step.item else "") + "; the chronology shows what was done")


def _saying(session: Session, case: Case, step: Step, paper: Paper) -> dict[str, object]:
    if not any(e.do == "answer" and e.item == step.item and e.case == case.key for e in session.events):
        raise ActionRefused(f"answer {step.item} before saying anything")
    turn = next_turn(session, case.key, step.item or "")
    if turn is None:
        raise ActionRefused(f"the conversation {step.item} is over")
    if step.choice is None:
        if not turn.own_words:
            raise ActionRefused(f"choose one of: {', '.join(c.id for c in turn.choices)}")
        return {"turn": turn.id, "to": paper.from_}
    choice = _choice(turn, step.choice)
    return {
        "turn": turn.id, "to": paper.from_, "choice": choice.id, "empathy": choice.empathy,
        "accuracy": choice.accuracy, "counts_as": choice.counts_as, "words": choice.say,
    }  # fmt: skip


def _choice(turn: Turn, wanted: str) -> Choice:
    for choice in turn.choices:
        if choice.id == wanted:
            return choice
    raise _refuse(f"say in turn {turn.id}", wanted, ", ".join(c.id for c in turn.choices), "Choose one of these.")

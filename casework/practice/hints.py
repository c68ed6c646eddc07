"""Help during guided practice: where to look, then the deciding clause in words. Asked for, logged, and charged by the rubric."""

from __future__ import annotations

from typing import get_args

from casework.model import worktime
from casework.model.decisions import Event, Help
from casework.model.errors import ActionRefused
from casework.model.scenarios import HARM_WEIGHT, Expectation
from casework.practice import desk
from casework.practice.desk import Session
from casework.practice.matching import holds

# What to ask oneself on each topic, where the scenario's author gives no hint of their own.
ASKS = {
    "filing": "Is this filed as what it really is?",
    "diary": "Which dates follow from this, and whose days do they count in?",
    "accuracy": "Would every figure you are about to give stand up to the paper it comes from?",
    "complaint": "Is somebody dissatisfied here, whatever they call it?",
    "escalation": "Is there a question in this that is not yours to answer?",
    "own-work": "Which part of this is yours to do, without asking anybody?",
    "update": "Who is waiting to hear, and what can you tell them now?",
    "risk": "What could happen again to somebody else?",
    "privacy": "Whose information is this, and who may see it?",
    "money": "What does this ask the fund to pay, and who may say yes?",
    "priority": "What here gets worse while it waits?",
    "danger": "Is anybody safe to be left alone with this?",
    "conflict": "Who else in this matter do we look after?",
    "learning": "What does this tell you about your own work?",
    "improvement": "How would you know that this made anything better?",
}


def waiting(session: Session, key: str, item: str | None) -> tuple[Expectation, ...]:
    """What a paper asks for that has not been dealt with, the gravest first."""
    record = session.record(key)
    open_ = []
    for expectation in record.case.scenario.expectations:
        now = record.since(expectation.opens) if expectation.opens == item else None
        if now is not None and not any(way is not None and holds(now, way)[0] for way in (expectation.best, expectation.acceptable)):
            open_.append(expectation)
    return tuple(sorted(open_, key=lambda e: -HARM_WEIGHT[e.harm]))


def told(session: Session, key: str, item: str | None) -> tuple[tuple[Help, str], ...]:
    """The hints taken on a paper so far, in words, the latest last."""
    case = session.caseload.case(key)
    expectations = {e.id: e for e in case.scenario.expectations}
    found: list[tuple[Help, str]] = []
    for event in session.events:
        if event.event == "hinted" and event.case == key and event.item == item and event.hint is not None:
            expectation = expectations[event.criterion or ""]
            if event.hint == "look":
                found.append(("look", case.text(expectation.hint) if expectation.hint else ASKS[expectation.topic]))
            else:
                on = worktime.local(case.office, case.opens).date()
                found.append(("rule", f"{expectation.clause}: {session.library.clause(expectation.clause, on).says}"))
    return tuple(found)


def ask(session: Session, key: str, item: str | None, help_: Help) -> Session:
    """The session with one more hint taken on a paper; no time passes. ActionRefused if there is none to give."""
    if session.header.mode != "guided":
        raise ActionRefused("hints are given in guided practice only; open a guided session to have them")
    if session.closed:
        raise ActionRefused("the desk has closed; the debrief says the rest")
    if help_ not in get_args(Help):
        raise ActionRefused(f"hint: found {help_!r}; allowed: {', '.join(get_args(Help))}")
    taken = {(e.criterion, e.hint) for e in session.events if e.event == "hinted" and e.case == key}
    for expectation in waiting(session, key, item):
        if (expectation.id, help_) not in taken:
            return again(session, Event(n=0, at=session.now, event="hinted", case=key, item=item, criterion=expectation.id, hint=help_))
    raise ActionRefused("there is no further hint on this paper, and nothing is charged; look at another, or wait for the next thing")


def again(session: Session, event: Event) -> Session:
    """The session with a hint taken as an earlier play took it."""
    return desk.add(session, at=session.now, event="hinted", case=event.case, item=event.item, criterion=event.criterion, hint=event.hint)

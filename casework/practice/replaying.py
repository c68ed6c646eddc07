"""A log played again: every decision is made anew, and every entry must come out the same."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from casework.model.decisions import DecisionLog, Event
from casework.model.errors import ActionRefused, BrokenLog
from casework.model.library import Library
from casework.model.scenarios import Step
from casework.practice import desk, hints, imported
from casework.practice.cases import Caseload, from_plan, from_scenario


def caseload_of(library: Library, log: DecisionLog) -> Caseload:
    """The work a log was played on, or that an export recorded; BrokenLog if the library holds other content now."""
    header = log.header
    if header.source == "imported":
        return imported.work_of(library, log)
    if header.caseload is not None:
        work = from_plan(library, library.get_caseload(header.caseload), header.seed)
    else:
        work = from_scenario(library, library.get_scenario(header.scenario or ""), header.seed)
    if work.version != header.version:
        raise BrokenLog(
            0, f"the log was made with {work.id} version {header.version}; the library has {work.version}. "
            "Play again, or score with the pinned content",
        )  # fmt: skip
    pins = desk.open_session(library, work, header.trainee, header.mode, header.attempt).header.digests
    changed = sorted(name for name in pins if pins[name] != header.digests.get(name))
    if changed:
        raise BrokenLog(
            0, f"the log was played against other content ({', '.join(changed)} differ). "
            "Play again, or use the content it was played with",
        )  # fmt: skip
    return work


def step_of(event: Event, events: Sequence[Event] = ()) -> Step:
    """The action that a recorded decision asked for, without its words; `events` hold the entry that it corrects."""
    return Step.model_validate({
        "do": event.do, "item": event.item, "to": event.to, "channel": event.channel, "as": event.as_,
        "for": event.for_, "choice": event.choice, "cites": event.cites, "acceptance": event.acceptance,
        "amount": event.amount, "waiting_for": event.waiting_for, "confidence": event.confidence,
        "was": next((e.do for e in events if e.n == event.corrects), None),
    })  # fmt: skip


def replay(library: Library, log: DecisionLog, unfinished: bool = False) -> desk.Session:
    """The session that the log records; BrokenLog at the first entry that does not come out the same.

    Real work is not played again: it is what it was, and its session shows it.
    """
    work = caseload_of(library, log)
    header = log.header
    if header.source == "imported":
        return desk.Session(library, work, header, log.events[-1].at, log.events, (), frozenset(), (), header.session)
    session = desk.open_session(library, work, header.trainee, header.mode, header.attempt)
    if session.header.session != header.session:
        raise BrokenLog(0, "the session id does not follow from content, trainee, seed and attempt")
    for event in log.events:
        if event.event == "decided":
            session = _again(session, event)
        elif event.event == "hinted":
            session = _helped(session, event)
    if log.finished:
        session = desk.finish(session)
        for event in log.events:
            if event.event == "remarked":
                session = desk.remark(session, event.case, event.do or "reflect", event.criterion, "", event.text)
    elif not unfinished:
        raise BrokenLog(len(log.events), "the log is unfinished: it has no closing entry (--unfinished accepts it)")
    else:
        session = desk.wait_until(session, log.events[-1].at)
    for expected, found in zip(log.events, session.events, strict=False):
        if expected != found:
            raise BrokenLog(expected.n, f"replayed, it comes out as {found.event} {found.do or found.item or ''}")
    if len(log.events) != len(session.events):
        raise BrokenLog(min(len(log.events), len(session.events)) + 1, "an entry is missing or extra")
    return session


def _helped(session: desk.Session, event: Event) -> desk.Session:
    if event.at > session.now:
        session = desk.wait_until(session, event.at)
    try:
        return hints.ask(session, event.case or "", event.item, event.hint or "look")
    except ActionRefused as error:
        raise BrokenLog(event.n, f"this hint cannot be given again: {error}") from None


def _again(session: desk.Session, event: Event) -> desk.Session:
    begun = event.at - timedelta(minutes=event.minutes)
    if begun > session.now:
        session = desk.wait_until(session, begun)
    try:
        return desk.decide(session, event.case or "", step_of(event, session.events), event.mentions, event.text)
    except (ActionRefused, ValueError) as error:
        raise BrokenLog(event.n, f"this decision cannot be made again: {error}") from None


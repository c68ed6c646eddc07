"""A short session, kept in a store step by step."""

from casework import workbench
from casework.practice import desk, scripts


def played(library, trainee="p-1", seed=1, words=True):
    """(log, texts, salt key) of a session with words, by a scripted trainee's decisions."""
    session = desk.open_session(library, workbench.caseload(library, "third-business-day", seed), trainee, "practice", salt_key="k")
    session = scripts.play(session, library.answers["third-business-day"]["exemplary"].steps) if words else session
    return desk.finish(session)


def keep(store, session, upto=None):
    """The head after the session's entries (or the first `upto`) have been kept one by one."""
    log = session.log()
    first = type(log)(log.header, log.events[:1])
    head = store.begin(first, session.salt_key, log.events[0].at)
    for event in log.events[1:upto]:
        words = tuple(t for t in session.texts if t[0] == event.n)
        head = store.append(head, (event,), words, f"step {event.n}", event.at)
    return head

"""Scripted steps carried out at the desk: their templates filled, their items waited for."""

from __future__ import annotations

from casework.model.scenarios import Step
from casework.practice import desk
from casework.practice.cases import Case
from casework.practice.desk import Session


def wait_for(session: Session, key: str, item: str) -> Session | None:
    """The session when the item can be seen; None if it does not come before the desk closes."""
    while session.record(key).arrived_at(item) is None:
        later = [p.at for p in session.pending if p.at <= session.caseload.closes]
        if not later:
            return None
        session = desk.wait_until(session, min(later))
    return session


def filled(case: Case, step: Step) -> Step:
    """A script's step with the case's own words and dates in it. What a person writes is never a template."""
    return step.model_copy(update={
        "text": case.text(step.text) if step.text else step.text,
        "amount": case.text(step.amount) if step.amount else step.amount,
    })  # fmt: skip


def play(session: Session, steps: tuple[Step, ...], default_case: str | None = None) -> Session:
    """The session after scripted steps; a step whose item never comes is passed over."""
    for step in steps:
        if session.closed:
            break
        key = step.case or default_case or session.caseload.cases[0].key
        if step.when is not None:
            reached = wait_for(session, key, step.when)
            if reached is None:
                continue
            session = reached
        session = desk.decide(session, key, filled(session.caseload.case(key), step))
    return session


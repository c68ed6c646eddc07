"""Sign-off: what named people said of a competency, with reasons, in the order in which they said it.

The trainee rates first, then an assessor, then a lead signs; each is another person. Whoever coaches the trainee on a
competency cannot be its only assessor. A sign-off ends when its time is over, when it is withdrawn, and when the
framework's own rules say so. Evidence advises; a critical error not yet cleared is the one thing that nobody signs over.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, model_validator

from casework.model.decisions import digest
from casework.model.errors import BadInput, Refused
from casework.model.framework import Framework, back
from casework.progress.ledger import Standing

SignRole = Literal["self", "assessor", "lead"]
Act = Literal["rated", "coaches", "withdrew"]
STEPS: tuple[SignRole, ...] = ("self", "assessor", "lead")
SAID = {"self": "the trainee rates", "assessor": "an assessor rates", "lead": "a lead signs"}
ABSENCE = re.compile(r"absence over ([0-9]+ (?:day|week|month|year)s?)")
TOTALS = re.compile(r"two totals under ([0-9]+)")
Name = Annotated[str, Field(min_length=1, max_length=200)]


class Signed(BaseModel):
    """One thing that a named person said: a rating (a lead's is the signature), a withdrawal, or that they coach here.

    `advice` is what the evidence advised at the time; `against` that a lead signed nevertheless.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    trainee: Name
    competency: Name
    at: AwareDatetime
    by: Name
    role: SignRole
    act: Act = "rated"
    competent: bool = True
    reason: Annotated[str, Field(max_length=2000)]
    advice: str = ""
    against: bool = False

    @model_validator(mode="after")
    def _holds(self) -> Signed:
        if not self.reason.strip():
            raise ValueError("a reason is missing; say what the decision rests on")
        if (self.role == "self") != (self.by == self.trainee):
            raise ValueError("a self-rating is by the trainee, and by nobody else; an assessor or a lead is another person")
        if self.act != "rated" and self.role == "self":
            raise ValueError("to coach or to withdraw is for an assessor or a lead")
        return self

    @property
    def id(self) -> str:
        return digest(self.model_dump(mode="json", exclude={"at"}) | {"at": self.at.astimezone(UTC).isoformat()})


@dataclass(frozen=True)
class SignOff:
    """Where sign-off stands at a moment. `until` is when it ends; `ended` says why it has; `next` is the step that is due.

    `given` are the ratings of the round under way or, once signed, of the one that was signed.
    """

    status: Literal["none", "under way", "signed", "ended"]
    given: tuple[Signed, ...] = ()
    signed_at: datetime | None = None
    until: datetime | None = None
    ended: str = ""
    next: SignRole | None = "self"
    coaches: frozenset[str] = frozenset()


def sign_state(events: Iterable[Signed], framework: Framework, at: datetime, standing: Standing | None = None) -> SignOff:
    """What the events of one trainee and competency amount to at a moment, in the order in which they were written."""
    state = SignOff("none")
    for event in events:
        if event.at <= at:
            state = _after(state, event, framework)
    return _ended(state, framework, at, standing or Standing())


def _after(state: SignOff, event: Signed, framework: Framework) -> SignOff:
    if event.act == "coaches":
        return SignOff(state.status, state.given, state.signed_at, state.until, state.ended, state.next, state.coaches | {event.by})
    if event.act == "withdrew":
        return SignOff("ended", (), state.signed_at, None, f"withdrawn by {event.by} on {event.at:%d %B %Y}: {event.reason}", "self", state.coaches)
    if event.role == "self":
        # A new self-rating begins a round; what was signed goes on holding until it ends.
        return SignOff("signed" if state.status == "signed" else "under way", (event,), state.signed_at, state.until, state.ended, "assessor", state.coaches)
    if not event.competent:
        return SignOff(state.status, (*state.given, event), state.signed_at, state.until, state.ended, "self", state.coaches)
    if event.role == "assessor":
        given = (*(g for g in state.given if g.by != event.by), event)
        return SignOff(state.status, given, state.signed_at, state.until, state.ended, "lead" if _assessed(given, state.coaches) else "assessor", state.coaches)
    return SignOff("signed", (*state.given, event), event.at, back(event.at, framework.sign_off.lasts, 1), "", None, state.coaches)


def _assessed(given: Sequence[Signed], coaches: frozenset[str]) -> bool:
    """Whether an assessor who does not coach here found the trainee competent."""
    return any(g.role == "assessor" and g.competent and g.by not in coaches for g in given)


def _ended(state: SignOff, framework: Framework, at: datetime, standing: Standing) -> SignOff:
    if state.status != "signed" or state.signed_at is None or state.until is None:
        return state
    why = stepped_down(standing, framework, state.signed_at, at)
    if not why and at >= state.until:
        why = f"its time was over on {state.until:%d %B %Y}"
    if not why:
        return state
    renewing = not any(one.role == "lead" and one.competent for one in state.given)
    return SignOff("ended", state.given if renewing else (), state.signed_at, state.until, why, state.next if renewing else "self", state.coaches)


def stepped_down(standing: Standing, framework: Framework, since: datetime, at: datetime) -> str:
    """Why a sign-off given at `since` no longer holds by the framework's `step_down_after`; rules that only people can see are left to them."""
    for rule in framework.step_down_after:
        if rule == "critical error" and standing.critical is not None and standing.critical.at > since:
            return f"a critical error on {standing.critical.at:%d %B %Y} ({', '.join(standing.critical.criteria)})"
        if (absence := ABSENCE.fullmatch(rule)) is not None:
            last = max(since, standing.last_at) if standing.last_at is not None else since
            if back(at, absence[1]) > last:
                return f"{rule}: nothing since {last:%d %B %Y}"
        if (totals := TOTALS.fullmatch(rule)) is not None:
            under = [total for day, total in standing.totals if day > since and total < float(totals[1])]
            if len(under) == 2:
                return f"{rule}: {', '.join(f'{total:.1f}' for total in under)}"
    return ""


def for_people(framework: Framework) -> tuple[str, ...]:
    """The rules of stepping down that nothing here can tell, and people have to."""
    return tuple(rule for rule in framework.step_down_after if rule != "critical error" and not ABSENCE.fullmatch(rule) and not TOTALS.fullmatch(rule))


def signed(
    events: Sequence[Signed], event: Signed, framework: Framework, advice: str, blocked: str = "", standing: Standing | None = None
) -> Signed:  # fmt: skip
    """The event as it may be written after the others of this trainee and competency; Refused, with the way on, where it may not.

    `advice` is the state that the evidence is in ('ready' advises to sign), `blocked` says which critical error is open.
    """
    framework.named(event.competency)
    if events and event.at < events[-1].at:
        raise BadInput(f"{event.at:%d %B %Y %H:%M} lies before what was written last, {events[-1].at:%d %B %Y %H:%M}; events are written in their order")
    state = sign_state(events, framework, event.at, standing)
    if event.act == "withdrew":
        if state.status != "signed":
            raise Refused(f"{event.competency} of {event.trainee} is not signed off, so there is nothing to withdraw")
        return event
    if event.act == "coaches" or event.role == "self":
        return event
    if any(g.role == "lead" and g.competent for g in state.given):
        raise Refused(f"{event.competency} of {event.trainee} is signed off already; a renewal begins with a self-rating, and --withdraw ends what was signed")
    if not any(g.role == "self" for g in state.given):
        raise Refused(f"{event.trainee} has not rated {event.competency} yet; the trainee rates first (--role self)")
    others = {g.by: g.role for g in state.given if g.role != event.role}
    if framework.sign_off.different_people and event.by in others:
        raise Refused(f"{event.by} has rated as {others[event.by]} already; each step is another person's. Ask somebody else")
    if event.role == "assessor" or not event.competent:
        return event
    if not any(g.role == "assessor" and g.competent for g in state.given):
        raise Refused(f"no assessor has found {event.trainee} competent in {event.competency} since the self-rating; an assessor rates first (--role assessor)")
    if not _assessed(state.given, state.coaches):
        coach = next(g.by for g in state.given if g.role == "assessor" and g.competent)
        raise Refused(f"{coach} coaches {event.trainee} on {event.competency} and cannot be the only assessor; a second assessor who does not coach here rates too")
    if event.by in state.coaches:
        raise Refused(f"{event.by} coaches {event.trainee} on {event.competency}; another lead signs")
    if blocked:
        raise Refused(f"{event.competency} of {event.trainee} is blocked by {blocked}; it cannot be signed off before later files have cleared that")
    if advice != "ready" and not event.against:
        raise Refused(f"the evidence does not advise it ({advice.replace('_', ' ')}); casework progress {event.trainee} says what is missing. --against-advice signs nevertheless, and shows that it was so")
    return event.model_copy(update={"advice": advice, "against": advice != "ready"})

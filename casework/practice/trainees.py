"""Nine scripted trainees, generic over scenarios: they act on expectations, papers and policy.

Each is a profile of values; `script` turns a profile and a caseload into a plan of steps, and `run` plays
it. A profile differs from the exemplary one only in what its name says.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any, Literal

from casework.model import phrases, worktime
from casework.model.checks import All, AnyOf, Did, Qualifiers
from casework.model.errors import ActionRefused, BadInput
from casework.model.scenarios import Choice, Expectation, Step, Turn
from casework.practice import desk, scripts
from casework.practice.cases import Case, Paper
from casework.practice.desk import Session
from casework.practice.matching import holds


@dataclass(frozen=True)
class Profile:
    """How a scripted trainee behaves; `says` is the order of preference among the choices of a turn."""

    name: str
    handles: Literal["best", "acceptable", "mixed", "own part only", "tempting", "nothing"]
    says: Literal["good", "flat", "cold", "leak", "hurried"]
    passes_up: bool = False
    skips: frozenset[str] = frozenset()
    goes_up: bool = True
    lag: int = 0
    wrong_dates: bool = False
    notes: bool = True
    leaks: bool = False
    closes: bool = False


PROFILES: dict[str, Profile] = {
    p.name: p
    for p in (
        Profile("exemplary", "best", "good"),
        Profile("steady", "mixed", "flat", lag=20),
        Profile("novice", "mixed", "flat", lag=90, wrong_dates=True, skips=frozenset({"filing", "risk"})),
        Profile("over_escalator", "mixed", "flat", lag=30, passes_up=True),
        Profile("never_escalates", "acceptable", "flat", goes_up=False),
        Profile("rusher", "tempting", "hurried", notes=False, closes=True),
        Profile("cold", "acceptable", "cold", skips=frozenset({"update"})),
        Profile("data_leaker", "acceptable", "leak", leaks=True, skips=frozenset({"privacy"})),
        Profile("silent", "nothing", "good"),
    )
}
Q = {"good": 0, "fair": 1, "poor": 2}
A = {"right": 0, "partial": 1, "wrong": 2}


def get_profile(name: str) -> Profile:
    if name not in PROFILES:
        raise BadInput(f"unknown trainee {name!r}; the scripted trainees are {', '.join(PROFILES)}")
    return PROFILES[name]


def run(session: Session, name: str, order: Sequence[tuple[str, str]] = ()) -> Session:
    """The session played to its close by a scripted trainee.

    `order` ranks (case, expectation) by what to deal with first among what is there; others follow by topic.
    """
    ranks = {pair: n for n, pair in enumerate(order)}
    profile = get_profile(name)
    if profile.handles == "nothing":
        return desk.finish(session)
    seen: set[tuple[str, str]] = set()
    done: set[tuple[str, str]] = set()
    while not session.closed:
        before = len(seen), len(done)
        session = _talk_and_read(session, profile, seen)
        session = _handle(session, profile, done, ranks)
        if (len(seen), len(done)) != before:
            continue
        later = [p.at for p in session.pending if session.now < p.at < session.caseload.closes]
        if not later:
            break
        session = desk.wait_until(session, min(later))
    if profile.closes:
        for case in session.caseload.cases:
            session = _try(session, case.key, {"do": "close", "text": "No further contact."})
    return desk.finish(session)


def _try(session: Session, key: str, step: dict[str, Any]) -> Session:
    try:
        return desk.decide(session, key, scripts.filled(session.caseload.case(key), Step.model_validate(step)))
    except ActionRefused:
        return session


def _talk_and_read(session: Session, profile: Profile, seen: set[tuple[str, str]]) -> Session:
    """Answer what rings, then read what is new, in the order it came."""
    for case in session.caseload.cases:
        fresh = [p for p in session.visible(case.key) if (case.key, p.id) not in seen]
        fresh.sort(key=lambda p: not (p.inject is not None and p.inject.conversation))
        for paper in fresh:
            seen.add((case.key, paper.id))
            if paper.inject is not None and paper.inject.conversation:
                session = _conversation(session, case, paper, profile)
            elif paper.inject is not None or profile.name not in ("rusher",):
                session = _try(session, case.key, {"do": "read", "item": paper.id})
    return session


def _conversation(session: Session, case: Case, paper: Paper, profile: Profile) -> Session:
    session = _try(session, case.key, {"do": "answer", "item": paper.id})
    turn = desk.next_turn(session, case.key, paper.id)
    while turn is not None and turn.choices:
        before = len(session.events)
        choice = _choose(case, turn, profile)
        session = _try(session, case.key, {"do": "say", "item": paper.id, "choice": choice.id})
        if len(session.events) == before:
            break
        turn = desk.next_turn(session, case.key, paper.id)
    if profile.notes:
        who = case.parties[paper.from_].name if paper.from_ and paper.from_ in case.parties else "the caller"
        session = _try(session, case.key, {"do": "note", "item": paper.id, "text": f"Call from {who}: what was said, what is next."})
    return session


def _choose(case: Case, turn: Turn, profile: Profile) -> Choice:
    def verified(choice: Choice) -> int:
        return 0 if choice.counts_as == "verify" else 1

    wrong_act = {"disclose", "promise", "give_opinion", "approve_spend"}
    verifying = any(c.counts_as == "verify" for c in turn.choices)

    def order(choice: Choice) -> tuple[int, ...]:
        bad = int(choice.counts_as in wrong_act)
        if profile.says == "cold":
            return bad, A[choice.accuracy], -Q[choice.empathy], verified(choice)
        if profile.says == "flat":
            return bad, A[choice.accuracy], abs(Q[choice.empathy] - 1), verified(choice)
        if profile.says == "hurried":
            return -A[choice.accuracy], -bad, Q[choice.empathy]
        if profile.says == "leak":
            return int(not choice.counts_as == "disclose") if verifying else 0, bad, A[choice.accuracy], Q[choice.empathy]
        return bad, A[choice.accuracy], Q[choice.empathy], verified(choice)

    return min(turn.choices, key=order)


def _ready(session: Session, case: Case, expectation: Expectation) -> bool:
    return session.record(case.key).arrived_at(expectation.opens) is not None


URGENCY = {"danger": 0, "privacy": 1, "complaint": 2, "conflict": 2, "money": 3, "escalation": 3, "accuracy": 3,
           "update": 4, "own-work": 5, "diary": 5, "filing": 6, "risk": 7, "priority": 3}  # fmt: skip


def _handle(session: Session, profile: Profile, done: set[tuple[str, str]], ranks: Mapping[tuple[str, str], int]) -> Session:
    """The next expectation that has opened and is not yet dealt with."""
    open_ = [
        (case, e) for case in session.caseload.cases for e in case.scenario.expectations
        if (case.key, e.id) not in done and _ready(session, case, e)
    ]  # fmt: skip
    if profile.name != "novice":
        open_.sort(key=lambda pair: (ranks.get((pair[0].key, pair[1].id), len(ranks)), URGENCY.get(pair[1].topic, 8)))
    for case, expectation in open_:
        check = _way(profile, expectation)
        if check is None:
            done.add((case.key, expectation.id))
            continue
        waits = _waits_for(check)
        record = session.record(case.key)
        if any(record.arrived_at(item) is None for item in waits):
            continue
        done.add((case.key, expectation.id))
        if profile.lag:
            session = desk.wait_until(session, _later(session, profile.lag))
        return _carry_out(session, case, expectation, check, profile)
    return session


def _later(session: Session, minutes: int) -> datetime:
    office = session.caseload.office
    at = session.now + timedelta(minutes=minutes)
    if worktime.is_open(office, session.now):
        at = worktime.add_working_minutes(office, session.now, minutes)
    return min(at, session.caseload.closes)


def _way(profile: Profile, expectation: Expectation) -> Any:
    """The check that this trainee sets out to meet; None leaves the expectation alone."""
    topic = expectation.topic
    lures = [lure.handling for lure in expectation.tempting]
    up = next((lure for lure in lures if _acts(lure) & {"escalate", "hand_over"}), None)
    if topic in profile.skips:
        return None
    if profile.passes_up and topic == "own-work":
        return up or Did.model_validate({"did": "escalate", "item": expectation.opens})
    if not profile.goes_up and (topic == "escalation" or _acts(expectation.best) & {"escalate"}):
        fallback = expectation.acceptable
        if topic != "escalation" and fallback is not None and not _acts(fallback) & {"escalate"}:
            return fallback
        return next((lure for lure in lures if not _acts(lure) & {"escalate"}), None)
    if profile.handles == "tempting":
        return lures[0] if lures else None
    if profile.wrong_dates and topic in ("diary",) and lures:
        return lures[0]
    if profile.handles == "acceptable":
        return expectation.acceptable or expectation.best
    if profile.handles == "mixed":
        use_best = topic in ("complaint", "own-work", "privacy", "accuracy", "money", "danger", "conflict")
        return expectation.best if use_best else expectation.acceptable or expectation.best
    return expectation.best


def _acts(check: Any) -> set[str]:
    if isinstance(check, Did):
        return set(check.did)
    if isinstance(check, (All, AnyOf)):
        inside = check.all if isinstance(check, All) else check.any
        return {act for part in inside for act in _acts(part)}
    return set()


def _dids(check: Any) -> Iterable[Did]:
    if isinstance(check, Did):
        yield check
    elif isinstance(check, All):
        for part in check.all:
            yield from _dids(part)
    elif isinstance(check, AnyOf):
        yield from _dids(check.any[0])


def _waits_for(check: Any) -> set[str]:
    items: set[str] = set()
    for one in _dids(check):
        items |= {one.after} if one.after else set()
        items |= set(one.item[:1])
    return items


def _carry_out(session: Session, case: Case, expectation: Expectation, check: Any, profile: Profile) -> Session:
    record = replace(session.record(case.key), opened_at=session.record(case.key).arrived_at(expectation.opens))
    if holds(record, check)[0]:
        return session
    for one in _dids(check):
        if holds(replace(session.record(case.key), opened_at=record.opened_at), one)[0]:
            continue
        step = _step(case, expectation, one, profile)
        if step["do"] == "say":
            continue
        if step["do"] == "disclose" and profile.name not in ("data_leaker", "rusher"):
            session = _try(session, case.key, {"do": "verify", "to": step.get("to"), "item": step.get("item")})
        session = _try(session, case.key, step)
        if step["do"] == "call" and profile.notes:
            session = _try(session, case.key, {"do": "note", "text": "Rang; what was said and what comes next."})
    if profile.leaks and expectation.topic == "update":
        outsider = next((p.id for p in case.parties.values() if not p.may_know and p.role in ("third_party", "supplier")), None)
        outsider = outsider or next((p.id for p in case.parties.values() if p.role == "member"), None)
        if outsider is not None:
            session = _try(session, case.key, {"do": "disclose", "to": outsider, "text": "The file so far."})
    return session


WORDS = {
    "reply": "Thank you for your message.", "call": "Thank you for your time.", "request": "Please let us have the papers.",
    "escalate": "This needs a decision that is not mine to make.", "log": "Logged with what happened and when.",
    "diarise": "To be done by this date.", "acknowledge": "Thank you, this has reached us.",
    "hand_over": "Handed over with what has been done and what is due.",
}  # fmt: skip


def _step(case: Case, expectation: Expectation, asked: Qualifiers, profile: Profile) -> dict[str, Any]:
    """One action that fits a did-check as nearly as an action can."""
    assert isinstance(asked, Did)
    act = next((a for a in asked.did if a not in ("say", "note")), asked.did[0])
    words = [WORDS.get(act, "")]
    words += [_value(case, name) for name in asked.mentions if name not in asked.avoids]
    text = " ".join(word for word in words if word)
    step: dict[str, Any] = {"do": act, "text": text or None, "cites": expectation.clause}
    if asked.item:
        step["item"] = asked.item[0]
    if asked.to or act in ("escalate", "call", "request", "chase", "give_opinion", "disclose"):
        step["to"] = _party(case, asked.to, act)
    if asked.as_:
        step["as"] = asked.as_[0]
    elif act == "log":
        step["as"] = "issue"
    if asked.acceptance:
        step["acceptance"] = asked.acceptance[0]
    if asked.channel:
        step["channel"] = asked.channel[0]
    if asked.cites:
        step["cites"] = asked.cites[0]
    if act == "diarise":
        step["for"] = asked.for_ or _day_before(case, asked.for_before)
    if act in ("index", "resolve", "answer", "read") and "item" not in step:
        step["item"] = expectation.opens
    if act == "index" and "as" not in step:
        step["as"] = "general post"
    if act == "approve_spend":
        step["amount"] = "1"
    return step


def _value(case: Case, name: str) -> str:
    if name in case.parties and name not in case.values:
        return f"{case.parties[name].name}."
    name, _, part = name.partition(".")
    value = case.values.get(name)
    if part and isinstance(value, dict):
        value = value.get(part)
    return f"{phrases.spoken_date(value) if isinstance(value, date) else value}."


def _party(case: Case, wanted: tuple[str, ...], act: str) -> str:
    for name in wanted:
        if name in case.parties:
            return name
        for party in case.parties.values():
            if party.role == name or (name == "may_know" and party.may_know):
                return party.id
    up = ("cover_handler", "team_lead", "handler", "adviser") if act == "escalate" else ("member",)
    return next((p.id for role in up for p in case.parties.values() if p.role == role), next(iter(case.parties)))


def _day_before(case: Case, before: str | None) -> str:
    first = worktime.local(case.office, case.opens).date()
    if before is None:
        return worktime.add_working_days(case.office, first, 1).isoformat()
    limit = case.day(before)
    tomorrow = worktime.add_working_days(case.office, first, 1)
    return (tomorrow if tomorrow < limit else limit - timedelta(days=1)).isoformat()

"""What a debrief gives beyond marks: how sure and how right, how it was for the member, and what to practise next."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import get_args

from casework.model import worktime
from casework.model.decisions import Confidence, Event
from casework.model.library import Library
from casework.practice.matching import Record
from casework.quality.scoring import Scorecard


@dataclass(frozen=True)
class Sureness:
    """Decisions taken with one degree of confidence: how many, how many could be judged, how many of those were right."""

    confidence: str
    decisions: int
    judged: int
    right: int


def sureness(record: Record, card: Scorecard) -> tuple[Sureness, ...]:
    """Confidence beside outcome, for each degree that was used; a decision that no expectation speaks of is not judged."""
    right = {n for h in card.handled if h.outcome in ("best", "acceptable") for n in h.evidence}
    wrong = {n for h in card.handled if h.outcome == "wrong" for n in h.evidence}
    rows = []
    for degree in get_args(Confidence):
        own = [e.n for e in record.events if e.confidence == degree]
        judged = [n for n in own if n in right | wrong]
        if own:
            rows.append(Sureness(degree, len(own), len(judged), sum(n in right and n not in wrong for n in judged)))
    return tuple(rows)


@dataclass(frozen=True)
class Felt:
    """One thing as the member lived it, with the entries that show it."""

    words: str
    good: bool
    entries: tuple[int, ...]


ANSWERS = ("acknowledge", "reply", "call", "answer", "say")
LONG = timedelta(hours=4)  # Of working time; a member who has heard nothing for half a day rings again.


def as_the_member(record: Record) -> tuple[Felt, ...]:
    """How the case went for the member, in the member's words, from what was done and left undone; nothing where danger was."""
    if record.case.scenario.danger:
        return ()
    members = {p.id for p in record.case.parties.values() if p.role == "member"}
    office = record.case.office

    def at(event: Event) -> str:
        return f"{worktime.local(office, event.at):%A at %H:%M}"

    felt: list[Felt] = []
    decided = [e for e in record.events if e.event == "decided"]
    for event in record.events:
        if event.event == "arrived" and event.from_ in members:
            heard = next((e for e in decided if e.at >= event.at and set(e.acts) & set(ANSWERS) and e.to in (*members, None)), None)
            paper = record.case.papers[event.item or ""]
            verb = "rang" if paper.channel == "phone" else "wrote"
            if heard is None:
                felt.append(Felt(f"I {verb} on {at(event)} and heard nothing back.", False, (event.n,)))
            else:
                waited = timedelta(seconds=worktime.working_seconds_between(office, event.at, heard.at))
                if waited > LONG:
                    felt.append(Felt(f"I {verb} on {at(event)} and waited until {at(heard)} for a word.", False, (event.n, heard.n)))
                elif verb == "wrote":
                    felt.append(Felt(f"I wrote on {at(event)} and had an answer the same day.", True, (event.n, heard.n)))
    calls: set[str | None] = set()
    for event in decided:
        if event.to not in members:
            continue
        if event.do == "say" and event.empathy == "good" and event.accuracy != "wrong" and event.item not in calls:
            calls.add(event.item)
            felt.append(Felt(f"On {at(event)} somebody listened, and I knew where I stood.", True, (event.n,)))
        elif event.do == "say" and event.empathy == "poor":
            felt.append(Felt(f"On {at(event)} I was spoken to as if I were a file.", False, (event.n,)))
        if "promise" in event.acts:
            felt.append(Felt(f"On {at(event)} I was promised something. I will hold them to it.", False, (event.n,)))
        if "give_opinion" in event.acts:
            felt.append(Felt(f"On {at(event)} I was given an opinion, and do not know whether it is the organisation's.", False, (event.n,)))
    return tuple(sorted({f.words: f for f in felt}.values(), key=lambda f: f.entries[0]))


@dataclass(frozen=True)
class Next:
    """A scenario to practise next, the role lines that lost most, and their lost points."""

    scenario: str
    title: str
    lines: tuple[str, ...]
    lost: float


def what_next(library: Library, cards: Iterable[Scorecard]) -> Next | None:
    """The scenario that serves most of what was lost today, and is not one of those just played; None if nothing was lost."""
    cards = tuple(cards)
    lost: dict[str, float] = {}
    for card in cards:
        for rating in card.ratings:
            if rating.status == "rated":
                for line in rating.criterion.evidences:
                    lost[line] = lost.get(line, 0.0) + float(rating.available - rating.points)
    played = {card.scenario for card in cards}
    if not any(lost.values()):
        return None
    worth = {
        id: sum(lost.get(line, 0.0) for line in scenario.evidences)
        for id, scenario in library.playable.items() if id not in played
    }  # fmt: skip
    best = max(worth, key=lambda id: (worth[id], id), default=None)
    if best is None or not worth[best]:
        return None
    scenario = library.scenarios[best]
    lines = sorted((line for line in scenario.evidences if lost.get(line)), key=lambda line: -lost[line])[:3]
    return Next(best, scenario.title, tuple(lines), worth[best])

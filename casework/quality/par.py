"""Par: what a perfect assistant could have made of the same hours, and where a trainee's points went.

Par is found by search over the order of work: the exemplary trainee plays the caseload by many orders, and the
best play counts. It is a play, so it can be replayed; it is the best that was found, not a proof of optimality.

A trainee's distance from par is split by two more plays of the trainee's own decisions: begun as soon as desk
and papers allow (timing: what waiting cost), and in the best order found (triage: what the order cost). The rest is
knowledge: what the decisions themselves cost. The three add up to the distance exactly.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import permutations

from casework.model.decisions import DecisionLog
from casework.model.errors import ActionRefused
from casework.model.library import Library
from casework.model.rubrics import Rubric
from casework.practice import desk, hints, trainees
from casework.practice.cases import Caseload
from casework.practice.desk import Session
from casework.quality import checks, scoring
from casework.quality.counterfactuals import Move, moves_of
from casework.quality.scoring import Scorecard

Order = tuple[tuple[str, str], ...]
TRIES = 80  # Plays in search of par; each takes some 20 to 200 ms.
ORDERS = 24  # Orders of cases that are tried on a trainee's own decisions.


@dataclass(frozen=True)
class Par:
    """The best play found: its mean total over the cases, its scorecards, its log, and the plays it took to find."""

    total: Fraction
    cards: tuple[Scorecard, ...]
    log: DecisionLog
    plays: int


@dataclass(frozen=True)
class Loss:
    """Mean points a case: par, the trainee's own, and how the distance divides; the parts add up to it."""

    par: Fraction
    own: Fraction
    timing: Fraction
    triage: Fraction
    knowledge: Fraction


def _worth(cards: Sequence[Scorecard]) -> tuple[int, Fraction]:
    return sum(card.passed is not False for card in cards), mean(cards)


def mean(cards: Sequence[Scorecard]) -> Fraction:
    """The mean total over cases, percent."""
    return sum((card.total for card in cards), Fraction(0)) / len(cards)


def find(library: Library, work: Caseload, rubric: Rubric, tries: int = TRIES) -> Par:
    """Par for a caseload: by topic, by deadline, by each case first, and then by bringing forward what was lost."""
    best: Par | None = None
    order: Order = ()
    tried: set[Order] = set()
    plays = 0

    def attempt(candidate: Order) -> bool:
        nonlocal best, order, plays
        if candidate in tried or plays >= tries:
            return False
        tried.add(candidate)
        plays += 1
        log = trainees.run(desk.open_session(library, work, "exemplary"), "exemplary", candidate).log()
        cards = scoring.score(library, work, log, rubric)
        if best is None or _worth(cards) > _worth(best.cards):
            best, order = Par(mean(cards), cards, log, plays), candidate
            return True
        return False

    attempt(())
    attempt(_by_deadline(library, work))
    for case in work.cases:
        attempt(tuple((case.key, e.id) for e in case.scenario.expectations))
    assert best is not None
    while plays < tries and best.total < 100:
        if not any(attempt(forward) for forward in _brought_forward(library, work, best, order)):
            break
    return Par(best.total, best.cards, best.log, plays)


def _by_deadline(library: Library, work: Caseload) -> Order:
    """Every expectation by the moment at which its best handling runs out, could it be seen from the opening."""
    opened = desk.open_session(library, work, "exemplary")
    dated = []
    for case in work.cases:
        record = opened.record(case.key)
        dated += [(checks.latest(record, e.best), case.key, e.id) for e in case.scenario.expectations]
    return tuple((key, id) for _, key, id in sorted(dated))


def _brought_forward(library: Library, work: Caseload, best: Par, order: Order) -> Iterator[Order]:
    """Orders in which something that the best play so far lost comes first, or just before what it stood behind."""
    everything = order or _by_deadline(library, work)
    lost = [(card.case, h.expectation.id) for card in best.cards for h in card.handled if h.outcome in ("wrong", "acceptable")]
    late = [
        (card.case, e.id) for card in best.cards for clock in card.clocks if clock.state == "missed" and clock.counted
        for e in work.case(card.case).scenario.expectations if e.opens == clock.item
    ]  # fmt: skip
    for pair in dict.fromkeys((*lost, *late)):
        rest = [other for other in everything if other != pair]
        for at in (0, *range(2, len(rest), 3)):
            yield (*rest[:at], pair, *rest[at:])


def split(library: Library, work: Caseload, log: DecisionLog, rubric: Rubric, par: Par) -> Loss:
    """Where the points between a trainee's play and par went."""
    def total(session: Session) -> Fraction:
        return mean(scoring.score(library, work, session.log(), rubric))

    own = mean(scoring.score(library, work, log, rubric))
    keys = [case.key for case in work.cases]
    prompt = max(own, total(_replayed(library, work, log, None)))
    ordered = max([prompt, *(total(_replayed(library, work, log, first)) for first in list(permutations(keys))[:ORDERS])] if len(keys) > 1 else [prompt])
    top = max(par.total, ordered)
    return Loss(top, own, prompt - own, ordered - prompt, top - ordered)


def _replayed(library: Library, work: Caseload, log: DecisionLog, first: tuple[str, ...] | None) -> Session:
    """A trainee's decisions without idle time, in their own order or by an order of cases.

    A decision waits for its paper, and for every decision that came before it in its case, reading among them; at
    the latest for the moment at which it was taken.
    """
    header = log.header
    session = desk.open_session(library, work, header.trainee, header.mode, header.attempt)
    left = list(moves_of(log))

    def ready(move: Move) -> bool:
        item = move.step.item
        return item is None or session.record(move.case).arrived_at(item) is not None or session.now >= move.at

    while left and not session.closed:
        heads = [left[0]] if first is None else [m for key in first if (m := next((m for m in left if m.case == key), None)) is not None]
        talking = [m for m in heads if m.step.do == "say"]
        move = next(iter(talking), None) or next((m for m in heads if ready(m)), None)
        if move is None:
            times = [p.at for p in session.pending if p.at > session.now] + [m.at for m in heads]
            session = desk.wait_until(session, min(times))
            continue
        left.remove(move)
        try:
            session = hints.again(session, move.hint) if move.hint is not None else desk.decide(session, move.case, move.step, move.mentions, move.sealed)
        except (ActionRefused, ValueError):
            continue
    return desk.finish(session)

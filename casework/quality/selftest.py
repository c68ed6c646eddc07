"""The self-test of one scenario: answers and scripted trainees play it, and it must behave as its author declares.

A fault has a place in a file of the scenario's folder. Nothing here is specific to a scenario.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from casework.model.errors import BadInput
from casework.model.library import Library
from casework.model.rubrics import Rubric
from casework.model.scenarios import HARM_WEIGHT, Answer, Scenario
from casework.practice import cases, desk, scripts, trainees
from casework.practice.desk import Session
from casework.practice.matching import holds
from casework.quality import mutations, scoring, swaps
from casework.quality.scoring import Scorecard

WIDTH = 5  # Points that a declared range is wide at least: an exact total cannot buy a pass.
ANSWERS, BRANCHES = 3, 2
DECLARED = (1, 2, 3)  # The seeds for which an author declares the archetypes' totals.
Place = tuple[Any, ...]


@dataclass(frozen=True)
class Fault:
    """What is wrong, at a path of scenario.yaml or, with `answer`, of that answer's file."""

    at: Place
    message: str
    answer: str | None = None


@dataclass(frozen=True)
class Tested:
    """What the self-test found: faults, the archetypes' last totals, how well totals rank them, and the mutants noticed."""

    id: str
    faults: tuple[Fault, ...]
    archetypes: dict[str, float]
    auc: float
    mutants: mutations.Noticed

    @property
    def discrimination(self) -> float:
        """The distance of the best archetype's total from the worst's."""
        return max(self.archetypes.values()) - min(self.archetypes.values()) if self.archetypes else 0.0


def rank(card: Scorecard) -> tuple[int, int, float]:
    """The order of archetypes: passed, then critical classes kept, then total. Higher is better."""
    kept = sum(not errors for errors in card.failed_classes().values())
    return int(card.passed is not False), kept, float(card.total)


def area(best: list[float], others: list[float]) -> float:
    """The area under the ranking curve: the chance that one of `best` totals more than one of `others`, a tie being half."""
    pairs = [(b, o) for b in best for o in others]
    return sum(1.0 if b > o else 0.5 if b == o else 0.0 for b, o in pairs) / len(pairs) if pairs else 0.0


def answered(library: Library, id: str, answer: Answer, seed: int) -> Session:
    """A written answer, played on a seed."""
    work = cases.named(library, id, seed)
    return desk.finish(scripts.play(desk.open_session(library, work, answer.trainee), answer.steps))


class _Plays:
    """What came of all plays of one scenario: who saw what, and which handling was met by anyone."""

    def __init__(self) -> None:
        self.seen: set[str | None] = set()
        self.best: set[str] = set()
        self.opened: set[str] = set()
        self.lured: set[tuple[str, str]] = set()

    def add(self, session: Session, card: Scorecard) -> None:
        self.seen |= {e.item for e in session.events if e.event in ("arrived", "acted") and e.item is not None}
        acts = {i.id for i in session.caseload.case(card.case).scenario.injects if i.by is not None}
        self.seen |= {p.inject for p in session.pending} & acts  # What others do may come after closing; a paper then is for nobody.
        self.lured |= lures(session, card)
        for h in card.handled:
            if h.outcome != "not opened":
                self.opened.add(h.expectation.id)
            if h.outcome == "best":
                self.best.add(h.expectation.id)


def run(library: Library, id: str, rubric: Rubric, seeds: int = 3, full: bool = True) -> Tested:
    """The self-test over so many seeds; `full` adds the mutants and the swaps."""
    scenario = library.get_scenario(id)
    faults = list(_shape(library, scenario))
    plays, scored = _Plays(), []
    for name, answer in library.answers[id].items():
        for seed in (answer.seed, answer.seed + 1, answer.seed + 2) if full else (answer.seed,):
            try:
                session = answered(library, id, answer, seed)
                (card,) = scoring.score(library, session.caseload, session.log(), rubric, answer.marks)
            except (BadInput, ValueError) as error:
                faults.append(Fault(("steps",), f"cannot be played on seed {seed}: {error}", name))
                break
            plays.add(session, card)
            scored.append(mutations.Answered(card, answer.result))
            if seed == answer.seed:
                faults += (*_declared(answer, name, card), *_came_about(answer, name, session, card))
        if full and not any(f.answer == name and f.at == ("steps",) for f in faults):
            faults += _moved_by_swaps(library, id, name, answer, rubric)
    totals: dict[str, float] = {}
    best: list[float] = []
    others: list[float] = []
    for seed in range(1, seeds + 1):
        cards = {}
        for name in trainees.PROFILES:
            try:
                work = cases.named(library, id, seed)
                session = trainees.run(desk.open_session(library, work, name), name)
            except (BadInput, ValueError) as error:
                return Tested(id, (*faults, Fault(("archetypes",), f"{name} cannot play it on seed {seed}: {error}")), {}, 0.0, mutations.run(()))
            (cards[name],) = scoring.score(library, work, session.log(), rubric)
            plays.add(session, cards[name])
        totals = {name: float(card.total) for name, card in cards.items()}
        best.append(totals["exemplary"])
        others += [total for name, total in totals.items() if name != "exemplary"]
        faults += _ranked(scenario, cards, seed)
    faults += _unreached(scenario, plays)
    return Tested(id, tuple(dict.fromkeys(faults)), totals, area(best, others), mutations.run(scored if full else ()))


@dataclass(frozen=True)
class Spread:
    """How one criterion tells the exemplary trainee from the others: mean shares earned (0 to 1), area, and plays it applied in."""

    criterion: str
    exemplary: float
    others: float
    auc: float
    plays: int


def spread(library: Library, id: str, rubric: Rubric, seeds: int = 3) -> tuple[Spread, ...]:
    """Every criterion of the rubric that applies in some scripted play, the one that tells most first."""
    shares: dict[str, dict[bool, list[float]]] = {}
    for seed in range(1, seeds + 1):
        work = cases.named(library, id, seed)
        for name in trainees.PROFILES:
            log = trainees.run(desk.open_session(library, work, name), name).log()
            (card,) = scoring.score(library, work, log, rubric)
            for rating in card.ratings:
                if rating.status == "rated":
                    shares.setdefault(rating.criterion.id, {True: [], False: []})[name == "exemplary"].append(float(rating.rating))
    rows = [
        Spread(id, sum(s[True]) / len(s[True]), sum(s[False]) / len(s[False]), area(s[True], s[False]), len(s[True]) + len(s[False]))
        for id, s in shares.items() if s[True] and s[False]
    ]  # fmt: skip
    return tuple(sorted(rows, key=lambda row: (-row.auc, row.others)))


def _shape(library: Library, scenario: Scenario) -> Iterator[Fault]:
    """What can be said without playing: how many answers and branches, ranges, dead ends, names that leak."""
    answers = library.answers[scenario.id]
    if len(answers) < ANSWERS:
        yield Fault(("answers",), f"{len(answers)} written answers; write at least {ANSWERS} from the case and the policies alone, one of them wrong")
    reacting = [i for i in scenario.injects if i.reacts]
    if len(reacting) < BRANCHES:
        yield Fault(("injects",), f"{len(reacting)} injects depend on what the trainee does or leaves undone; at least {BRANCHES} should (after, if_done, if_not_done)")
    for name, answer in answers.items():
        low, high = answer.result.total
        if high - low < WIDTH:
            yield Fault(("result", "total"), f"the range {low:g} to {high:g} is {high - low:g} points wide; at least {WIDTH}, so that an exact total cannot buy a pass", name)
    for name, (low, high) in scenario.archetypes.totals.items():
        if name not in trainees.PROFILES:
            yield Fault(("archetypes", "totals", name), f"{name!r} is no scripted trainee; there are {', '.join(trainees.PROFILES)}")
        elif high - low < WIDTH:
            yield Fault(("archetypes", "totals", name), f"the range {low:g} to {high:g} is {high - low:g} points wide; at least {WIDTH}")
    for n, inject in enumerate(scenario.injects):
        for t, turn in enumerate(inject.conversation):
            if not turn.choices and not turn.own_words and t < len(inject.conversation) - 1:
                yield Fault(("injects", n, "conversation", t), f"turn {turn.id} is a dead end: nothing can be said, and turns follow it; give choices or own_words")
    yield from _leaks(library, scenario)


def _leaks(library: Library, scenario: Scenario) -> Iterator[Fault]:
    """A member's name that belongs to another case, or to another draw of this one, in what the trainee reads."""
    own = set(_members(scenario))
    elsewhere = {name: other.id for other in library.scenarios.values() if other.id != scenario.id for name in _members(other) if name not in own}
    texts: list[tuple[Place, str]] = [(("brief",), scenario.brief)]
    for n, paper in enumerate(scenario.case.on_file):
        texts.append((("case", "on_file", n, "document"), library.documents.get((scenario.id, paper.document), "")))
    for n, inject in enumerate(scenario.injects):
        body = inject.body or library.documents.get((scenario.id, inject.document or ""), "")
        texts.append((("injects", n), body + " ".join(f"{t.heard} {' '.join(c.say for c in t.choices)}" for t in inject.conversation)))
    for at, text in texts:
        for name in sorted(own):
            if re.search(rf"\b{re.escape(name)}\b", text) and len(own) > 1:
                yield Fault(at, f"{name!r} is written out, and is drawn from the seed: other seeds have another member. Write the variable in braces")
        for name, other in elsewhere.items():
            if re.search(rf"\b{re.escape(name)}\b", text):
                yield Fault(at, f"{name!r} is a member of another case ({other}); a name may not leak from one file into another")


def _members(scenario: Scenario) -> list[str]:
    """The full names that the scenario's members may have."""
    found: list[str] = []
    for party in scenario.case.parties:
        if party.role != "member":
            continue
        variable, _, part = party.name.strip("{}").partition(".")
        drawn = scenario.variables.get(variable) if party.name.startswith("{") else None
        picks = drawn.pick if drawn is not None else (party.name,)
        found += [str(pick.get(part, "") if isinstance(pick, dict) else pick) for pick in picks]
    return [name for name in found if len(name.split()) > 1]


def _declared(answer: Answer, name: str, card: Scorecard) -> Iterator[Fault]:
    low, high = answer.result.total
    if not low <= float(card.total) <= high:
        yield Fault(("result", "total"), f"total {float(card.total):.2f} is outside the declared {low:g} to {high:g}", name)
    if set(card.errors) != set(answer.result.errors):
        yield Fault(("result", "errors"), f"critical errors {sorted(card.errors)}; declared {sorted(answer.result.errors)}", name)
    if answer.result.band is not None and card.band is not None and card.band != answer.result.band:
        yield Fault(("result", "band"), f"band {card.band}; declared {answer.result.band}", name)


def lures(session: Session, card: Scorecard) -> set[tuple[str, str]]:
    """The tempting handlings that a play met, each with its expectation, of every expectation that opened."""
    record = session.record(card.case)
    found: set[tuple[str, str]] = set()
    for h in card.handled:
        if (now := record.since(h.expectation.opens)) is not None:
            found |= {(h.expectation.id, lure.id) for lure in h.expectation.tempting if holds(now, lure.handling)[0]}
    return found


def reached(session: Session, card: Scorecard) -> tuple[str, ...]:
    """The injects that came because of what was done or left undone."""
    case = session.caseload.case(card.case)
    hanging = {i.id: i.item or i.id for i in case.scenario.injects if i.reacts}
    came = {(e.event, e.item) for e in session.events if e.case == card.case}
    return tuple(sorted(id for id, item in hanging.items() if ("arrived", id) in came or ("acted", item) in came))


def _came_about(answer: Answer, name: str, session: Session, card: Scorecard) -> Iterator[Fault]:
    for key, found, declared in (
        ("falls_for", tuple(sorted({lure for _, lure in lures(session, card)})), answer.result.falls_for), ("reaches", reached(session, card), answer.result.reaches),
    ):  # fmt: skip
        if declared is not None and set(declared) != set(found):
            yield Fault(("result", key), f"{key.replace('_', ' ')} {', '.join(found) or 'nothing'}; declared {', '.join(sorted(declared)) or 'nothing'}", name)


def _moved_by_swaps(library: Library, id: str, name: str, answer: Answer, rubric: Rubric) -> Iterator[Fault]:
    def marks(held: Library) -> list[tuple[str, Any, bool]]:
        session = answered(held, id, held.answers[id][name], answer.seed)
        (card,) = scoring.score(held, session.caseload, session.log(), rubric, answer.marks)
        return [(r.criterion.id, r.points, r.critical_error) for r in card.ratings]

    plain = marks(library)
    for what in swaps.SWAPS:
        changed = [a[0] for a, b in zip(plain, marks(swaps.swapped(library, id, what)), strict=True) if a != b]
        if changed:
            yield Fault(("steps",), f"other {what} change the mark of {', '.join(changed)}; the same decisions must be worth the same", name)


def _ranked(scenario: Scenario, cards: dict[str, Scorecard], seed: int) -> Iterator[Fault]:
    groups = scenario.archetypes.best_first
    for better, worse in zip(groups, groups[1:], strict=False):
        for a in better:
            for b in worse:
                if a in cards and b in cards and rank(cards[a]) <= rank(cards[b]):
                    yield Fault(("archetypes", "best_first"), f"seed {seed}: {a} {rank(cards[a])} does not outrank {b} {rank(cards[b])}")
    for name, (low, high) in scenario.archetypes.totals.items():
        total = float(cards[name].total)
        if seed in DECLARED and not low <= total <= high:
            yield Fault(("archetypes", "totals", name), f"seed {seed}: {name} totals {total:.2f}, outside the declared {low:g} to {high:g}")
    for name in scenario.archetypes.must_fail:
        if cards[name].passed is not False:
            yield Fault(("archetypes", "must_fail"), f"seed {seed}: {name} may not pass, and did ({float(cards[name].total):.1f})")


def _unreached(scenario: Scenario, plays: _Plays) -> Iterator[Fault]:
    """Injects that come in no play, expectations that never open or whose best is never met, and traps nobody falls into."""
    for n, inject in enumerate(scenario.injects):
        if not {inject.id, inject.item if inject.by is not None else None} & plays.seen:
            yield Fault(("injects", n), f"{inject.id} comes in no answer and for no scripted trainee; write an answer that reaches it, or mend its conditions")
    for n, expectation in enumerate(scenario.expectations):
        if expectation.id not in plays.opened:
            yield Fault(("expectations", n), f"{expectation.id} never opens: {expectation.opens} comes in no play")
        elif expectation.id not in plays.best:
            yield Fault(("expectations", n, "best"), f"no play meets the best handling of {expectation.id}; it may be impossible")
        for t, lure in enumerate(expectation.tempting):
            if HARM_WEIGHT[expectation.harm] > 1 and expectation.id in plays.opened and (expectation.id, lure.id) not in plays.lured:
                yield Fault(("expectations", n, "tempting", t), f"no play falls for {lure.id}; write an answer that does, or mend its handling")

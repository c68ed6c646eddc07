"""The smallest change of decision that wins a lost mark back, found by playing the session again with it.

Nothing here is a canned answer: each change is a change of the session's own decisions, carried out at the
desk and scored like the session itself. What is tried: one decision more (as the exemplary trainee took
it), one fewer, other words in a conversation, and one decision in place of another; two changes only where
no single one wins anything.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction

from casework.model import worktime
from casework.model.decisions import DecisionLog, Event
from casework.model.errors import ActionRefused
from casework.model.library import Library
from casework.model.rubrics import Rubric
from casework.model.scenarios import Step
from casework.practice import desk, hints, trainees
from casework.practice.cases import Case, Caseload
from casework.practice.replaying import step_of
from casework.quality import scoring
from casework.quality.scoring import Scorecard


@dataclass(frozen=True)
class Move:
    """A decision and the moment it was begun (UTC). A move of the session's own has its entry and no words; `hint` is help it asked for."""

    at: datetime
    case: str
    step: Step
    entry: int | None = None
    mentions: tuple[str, ...] | None = None
    sealed: str | None = None
    hint: Event | None = None


@dataclass(frozen=True)
class Change:
    """Own entries left out and moves added; the log that comes of it, and its scorecard for the case."""

    left_out: tuple[Event, ...]
    added: tuple[Move, ...]
    log: DecisionLog
    card: Scorecard

    @property
    def size(self) -> int:
        """Decisions that differ; one in place of another is one."""
        return max(len(self.left_out), len(self.added))


def moves_of(log: DecisionLog) -> tuple[Move, ...]:
    """The decisions of a log, each at the moment it was begun."""
    moves = []
    for e in log.events:
        if e.event == "decided":
            moves.append(Move(e.at - timedelta(minutes=e.minutes), e.case or "", step_of(e, log.events), e.n, e.mentions, e.text))
        elif e.event == "hinted":
            moves.append(Move(e.at, e.case or "", HELP, e.n, hint=e))
    return tuple(moves)


HELP = Step(do="wait")  # Stands where a hint was taken: it is kept as it was, and changes nothing but the mark.


def again(library: Library, work: Caseload, log: DecisionLog, moves: Iterable[Move]) -> DecisionLog:
    """The log of the same session played by other moves; a move that has become impossible is passed over."""
    header = log.header
    session = desk.open_session(library, work, header.trainee, header.mode, header.attempt)
    for move in sorted(moves, key=lambda m: m.at):
        if move.at > session.now:
            session = desk.wait_until(session, move.at)
        if move.hint is not None:
            session = hints.again(session, move.hint)
            continue
        try:
            session = desk.decide(session, move.case, move.step, move.mentions, move.sealed)
        except (ActionRefused, ValueError):
            continue
    return desk.finish(session).log()


@dataclass(frozen=True)
class _Edit:
    left_out: frozenset[int]
    added: tuple[Move, ...]


def find(library: Library, work: Caseload, log: DecisionLog, rubric: Rubric, key: str) -> dict[str, Change]:
    """For each criterion that lost points in a case, the smallest change found that wins most of them back.

    A change may not lower the case's total nor bring a new critical error. Criteria that nothing tried wins
    back are left out.
    """
    own = moves_of(log)
    events = {e.n: e for e in log.events}
    card = _card(library, work, log, rubric, key)
    lost = [r.criterion.id for r in card.ratings if r.status == "rated" and (r.points < r.available or r.critical_error)]
    if not lost:
        return {}
    tried: dict[_Edit, Change] = {}

    def attempt(edit: _Edit) -> None:
        if edit not in tried:
            played = again(library, work, log, [*(m for m in own if m.entry not in edit.left_out), *edit.added])
            left = tuple(events[n] for n in sorted(edit.left_out))
            tried[edit] = Change(left, edit.added, played, _card(library, work, played, rubric, key))

    singles = list(_single_edits(library, work, log, own, key))
    for edit in singles:
        attempt(edit)
    found = {id: best for id in lost if (best := _best(card, id, tried.values())) is not None}
    missing = [id for id in lost if id not in found]
    if missing:
        useful = sorted(singles, key=lambda e: tried[e].card.total, reverse=True)[:PAIRED]
        for n, one in enumerate(useful):
            for other in useful[n + 1 :]:
                if not one.left_out & other.left_out:
                    attempt(_Edit(one.left_out | other.left_out, (*one.added, *other.added)))
        found |= {id: best for id in missing if (best := _best(card, id, tried.values())) is not None}
    return found


PAIRED = 12  # Single changes that are also tried two at a time: 66 more plays at most.


def _card(library: Library, work: Caseload, log: DecisionLog, rubric: Rubric, key: str) -> Scorecard:
    return next(c for c in scoring.score(library, work, log, rubric) if c.case == key)


def _single_edits(library: Library, work: Caseload, log: DecisionLog, own: tuple[Move, ...], key: str) -> Iterable[_Edit]:
    mine = [m for m in own if m.case == key and m.hint is None]
    model = trainees.run(desk.open_session(library, work, "exemplary"), "exemplary")
    words = {n: text for n, _, text in model.texts}
    better = [
        Move(m.at, m.case, m.step.model_copy(update={"text": words.get(m.entry or 0)}))
        for m in moves_of(model.log())
        if m.case == key and m.step.do != "say"
    ]
    for move in mine:
        if move.step.do not in ("say", "answer"):  # Nobody leaves a telephone ringing; other words in a call are tried below.
            yield _Edit(frozenset({move.entry or 0}), ())
    for move in better:
        yield _Edit(frozenset(), (move,))
    case = work.case(key)
    for move in mine:
        turns = _turn(log, case, move)
        for choice in turns:
            if choice != move.step.choice:
                other = move.step.model_copy(update={"choice": choice, "text": None})
                yield _Edit(frozenset({move.entry or 0}), (Move(move.at, key, other),))
        for new in better:
            alike = move.step.do == new.step.do or (move.step.item is not None and move.step.item == new.step.item)
            if alike and move.step.do not in ("say", "read", "answer"):
                yield _Edit(frozenset({move.entry or 0}), (new,))
                yield _Edit(frozenset({move.entry or 0}), (Move(move.at, key, new.step),))


def _turn(log: DecisionLog, case: Case, move: Move) -> tuple[str, ...]:
    """The choices that a move in a conversation had."""
    if move.step.do != "say" or move.step.item is None:
        return ()
    event = next(e for e in log.events if e.n == move.entry)
    inject = case.papers[move.step.item].inject
    turn = next((t for t in inject.conversation if t.id == event.turn), None) if inject is not None else None
    return tuple(c.id for c in turn.choices) if turn is not None else ()


def _share(card: Scorecard, id: str) -> Fraction:
    """How much of a criterion was earned, 0 to 1; a criterion that no longer applies or waits has lost nothing."""
    rating = next(r for r in card.ratings if r.criterion.id == id)
    if rating.status != "rated" or not rating.available:
        return Fraction(0)
    return rating.points / rating.available - int(rating.critical_error)


def _best(card: Scorecard, id: str, changes: Iterable[Change]) -> Change | None:
    errors = {r.criterion.id for r in card.ratings if r.critical_error}
    base = _share(card, id)
    good = [
        c for c in changes
        if _share(c.card, id) > base and c.card.total >= card.total
        and not {r.criterion.id for r in c.card.ratings if r.critical_error} - errors
    ]  # fmt: skip
    return max(good, key=lambda c: (_share(c.card, id), -c.size, -len(c.left_out) - len(c.added), c.card.total), default=None)


def told(work: Caseload, change: Change, key: str) -> tuple[str, ...]:
    """The change in words, a line each."""
    case = work.case(key)
    names = {p.id: p.name for p in case.parties.values()}

    def named(step: Step) -> str:
        bits = [step.do.replace("_", " ")]
        bits += [case.papers[step.item].title if step.item in case.papers else step.item] if step.item else []
        bits += [f"as {step.as_}"] if step.as_ else []
        bits += [f"to {names.get(step.to, step.to)}"] if step.to else []
        bits += [f"for {step.for_}"] if step.for_ else []
        if step.choice and step.item and (inject := case.papers[step.item].inject) is not None:
            said = next((c.say for t in inject.conversation for c in t.choices if c.id == step.choice), "")
            bits += [f"“{case.text(said)}”"]
        elif step.text:
            bits += [f"(“{step.text}”)"]
        return " ".join(bits)

    def when(at: datetime) -> str:
        return f"{worktime.local(case.office, at):%a %d %b %H:%M}"

    out = [f"leave out entry {e.n} ({when(e.at)}): {named(step_of(e))}" for e in change.left_out]
    new = [f"{when(m.at)}: {named(m.step)}" for m in change.added]
    if out and new and len(out) == len(new) == 1:
        entry = change.left_out[0]
        return (f"instead of entry {entry.n} ({named(step_of(entry))}), {new[0]}",)
    return (*out, *new)

"""The debrief: what was lost, why by which clause, and what would have won it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction

from casework.model import worktime
from casework.model.checks import Did, Handled
from casework.model.decisions import Event
from casework.practice.cases import Caseload
from casework.practice.matching import Record
from casework.quality.checks import HandledExpectation
from casework.quality.counterfactuals import Change, told
from casework.quality.scoring import Rating, Scorecard


@dataclass(frozen=True)
class LostMark:
    """A criterion that lost points: what was seen, the clause in words, and the handling that wins it.

    `deciding` are the clauses that decide the expectations lost here, with their words; `says` is the criterion's own.
    `change` is the smallest change of decision that playing again proved to win points back: `wins` of this
    criterion's, with the case's total at `total_after`.
    """

    rating: Rating
    lost: Fraction
    seen: str
    says: str
    better: tuple[str, ...]
    deciding: tuple[tuple[str, str], ...] = ()
    change: tuple[str, ...] = ()
    wins: Fraction | None = None
    total_after: Fraction | None = None


@dataclass(frozen=True)
class Moment:
    """One minute of the case, local time: what happened, and what the best run did then on the same day."""

    when: str
    yours: tuple[str, ...]
    could: tuple[str, ...]


@dataclass(frozen=True)
class BestRun:
    """The exemplary trainee's play of the same case and day, beside the session's own."""

    total: Fraction
    moments: tuple[Moment, ...]


@dataclass(frozen=True)
class Debrief:
    scorecard: Scorecard
    title: str
    timeline: tuple[tuple[str, int, str], ...]
    lost: tuple[LostMark, ...]
    kept: tuple[str, ...]
    awaiting: tuple[str, ...]
    best_run: BestRun | None = None


def _way(record: Record, check: object) -> str:
    """A best handling in words."""
    if isinstance(check, Did):
        case = record.case
        what = " or ".join(a.replace("_", " ") for a in check.did)
        if check.item:
            what += f" {check.item[0]}"
        if check.as_:
            what += f" as {check.as_[0]}"
        if check.to:
            names = [case.parties[p].name if p in case.parties else p.replace("_", " ") for p in check.to]
            what += f" to {' or '.join(names)}"
        if check.for_:
            what += f" for {case.day(check.for_):%d %b}"
        if check.mentions:
            what += f", giving {' and '.join(case.text('{' + m + '}') if m in case.values else m for m in check.mentions)}"
        if check.within:
            what += f", within the time of {check.within}"
        return what
    inside = getattr(check, "all", None) or getattr(check, "any", None)
    return "; and ".join(_way(record, part) for part in inside) if inside else ""


def _better(record: Record, rating: Rating, handled: tuple[HandledExpectation, ...]) -> tuple[str, ...]:
    check = rating.criterion.check
    if isinstance(check, Handled):
        return tuple(
            f"{h.expectation.id.replace('-', ' ').capitalize()}: {_way(record, h.expectation.best)}"
            for h in handled
            if h.expectation.topic == check.handled and h.outcome in ("wrong", "acceptable")
        )
    return ()


def _deciding(record: Record, rating: Rating, handled: tuple[HandledExpectation, ...]) -> tuple[tuple[str, str], ...]:
    """The clauses of the expectations that were not handled in the best way, each with its words, once."""
    check = rating.criterion.check
    if not isinstance(check, Handled):
        return ()
    day = worktime.local(record.case.office, record.case.opens).date()
    lost = [h.expectation.clause for h in handled if h.expectation.topic == check.handled and h.outcome in ("wrong", "acceptable")]
    return tuple((ref, record.library.says(ref, day)) for ref in dict.fromkeys(lost))


def debrief(record: Record, card: Scorecard, work: Caseload, changes: Mapping[str, Change]) -> Debrief:
    """The debrief of one case, with the changes that were found for its criteria (none if none were looked for).

    Comments are on the task and the next step, never on the person.
    """
    day = worktime.local(record.case.office, record.case.opens).date()
    lost = []
    for rating in card.ratings:
        gone = rating.available - rating.points
        if rating.status == "rated" and (gone > 0 or rating.critical_error):
            says = record.library.says(rating.criterion.clause, day)
            better = _better(record, rating, card.handled)
            mark = LostMark(rating, gone, rating.explanation, says, better, _deciding(record, rating, card.handled))
            found = changes.get(rating.criterion.id)
            if found is not None:
                after = next(r for r in found.card.ratings if r.criterion.id == rating.criterion.id)
                words = told(work, found, card.case)
                mark = replace(mark, change=words, wins=after.points - rating.points, total_after=found.card.total)
            lost.append(mark)
    lost.sort(key=lambda mark: (not mark.rating.critical_error, -mark.lost))
    kept = tuple(r.criterion.asks for r in card.ratings if r.status == "rated" and r.points == r.available and r.available)
    awaiting = tuple(r.criterion.asks for r in card.ratings if r.status == "unscored")
    return Debrief(card, record.case.scenario.title, timeline(record), tuple(lost), kept, awaiting)


def beside(record: Record, best: Record, total: Fraction) -> BestRun:
    """What happened against what could have: both plays by the minute; an arrival that both saw stands once."""
    seen = {(e.at, e.item) for e in record.events if e.event == "arrived"}
    could = [
        e for e in best.events
        if e.event == "decided" and e.do != "read" or e.event == "arrived" and (e.at, e.item) not in seen
    ]  # fmt: skip
    own = [e for e in record.events if e.event != "remarked"]
    moments = []
    for at in sorted({e.at.replace(second=0) for e in (*own, *could)}):
        yours = tuple(_told(record, e) for e in own if e.at.replace(second=0) == at)
        then = tuple(_told(best, e) for e in could if e.at.replace(second=0) == at)
        moments.append(Moment(f"{worktime.local(record.case.office, at):%a %d %b %H:%M}", yours, then))
    return BestRun(total, tuple(moments))


def timeline(record: Record) -> tuple[tuple[str, int, str], ...]:
    """(local time, entry, what happened) for every entry of a case."""
    return tuple(
        (f"{worktime.local(record.case.office, e.at):%a %d %b %H:%M}", e.n, _told(record, e)) for e in record.events
    )


def _told(record: Record, event: Event) -> str:
    names = {p.id: p.name for p in record.case.parties.values()}
    if event.event == "arrived":
        return f"{event.item} arrives" + (f" from {names.get(event.from_, event.from_)}" if event.from_ else "")
    if event.event == "acted":
        return f"{names.get(event.by or '', event.by)} does: {event.do} {event.item or ''}".strip()
    if event.event == "decided":
        bits = [str(event.do).replace("_", " ")]
        bits += [event.item] if event.item else []
        bits += [f"as {event.as_}"] if event.as_ else []
        bits += [f"to {names.get(event.to, event.to)}"] if event.to else []
        bits += [f"for {event.for_}"] if event.for_ else []
        bits += [f"({event.choice})"] if event.choice else []
        bits += [f"(withdraws entry {event.corrects})"] if event.corrects else []
        return " ".join(bits)
    if event.event == "hinted":
        return f"a hint on {event.item}: " + ("where to look" if event.hint == "look" else "which clause")
    if event.event == "remarked":
        return f"disputed: {event.criterion}" if event.do == "appeal" else "reflected"
    real = record.case.recorded is not None
    return {"opened": "the record begins" if real else "the desk opens", "closed": "the record ends" if real else "the desk closes"}[event.event]

"""The measures of the role from work that was scored: numerator, denominator, interval, n and plan, or why there is no value.

A value is never nought for want of anything to count. Shares have Wilson's 90 % interval, means Student's; both take
cases for independent, which cases of one log are only in part, so that intervals are somewhat too narrow.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal

from scipy import special

from casework.model import worktime
from casework.model.decisions import DecisionLog, head_hash
from casework.model.framework import KEPT, Counted, Measure
from casework.model.library import Library
from casework.practice import desk
from casework.practice.cases import Caseload
from casework.progress import charts
from casework.progress.plans import GRACE
from casework.quality.figures import CONFIDENCE, Figure, undefined
from casework.quality.proportions import wilson
from casework.quality.scoring import Scorecard

By = Literal["week", "month", "quarter", "year"]
Verdict = Literal["", "at plan or better", "short of plan", "not told apart from the plan", "too few to say"]


@dataclass(frozen=True)
class Worked:
    """One case that was worked and scored. `on` is the local day its log ended; `log` the digest of that log.

    `unasked` says why nobody is asked how it was, where nobody may be; `acts` are the decisions that stand.
    """

    card: Scorecard
    on: date
    log: str
    acts: frozenset[str]
    unasked: str = ""


@dataclass(frozen=True)
class Tally:
    """What was counted: hits of n, and how many more wait for a person to rate them."""

    hits: int
    n: int
    waiting: int = 0


@dataclass(frozen=True)
class Measured:
    """A measure of work: its figure in the measure's unit, the tally behind a share, and its course by periods."""

    measure: Measure
    figure: Figure
    tally: Tally | None
    course: charts.RunChart | None = None

    @property
    def verdict(self) -> Verdict:
        return beside_plan(self.measure, self.figure)


def gather(library: Library, caseload: Caseload, log: DecisionLog, cards: Iterable[Scorecard]) -> tuple[Worked, ...]:
    """The cases of a log with their scorecards. Cases on suicide or danger, and those without a member, ask nobody.

    What waits for a clinician's sign-off is left out: it counts nowhere.
    """
    digest, on = head_hash(log), worktime.local(caseload.cases[0].office, log.events[-1].at).date()
    for event in log.events:
        if event.event == "closed":
            on = worktime.local(caseload.cases[0].office, event.at).date()
    found = []
    for card in cards:
        record = desk.record_of(library, caseload, log, card.case)
        scenario = record.case.scenario
        if scenario.locked:
            continue
        unasked = ""
        if scenario.danger or scenario.clinician_sign_off is not None:
            unasked = "touches danger: nobody is asked how that was"
        elif not any(party.role == "member" for party in record.case.parties.values()):
            unasked = "no member in the case"
        acts = frozenset(act for event in record.decisions for act in event.acts)
        found.append(Worked(card, on, digest, acts, unasked))
    return tuple(found)


def period_of(on: date, by: By) -> str:
    """The name of the period a day is in, in an order that is the order of time: 2026-W09, 2026-03, 2026-Q1, 2026."""
    if by == "week":
        year, week, _ = on.isocalendar()
        return f"{year}-W{week:02}"
    if by == "quarter":
        return f"{on.year}-Q{(on.month + 2) // 3}"
    return f"{on.year}-{on.month:02}" if by == "month" else f"{on.year}"


def measure(wanted: Measure, worked: Sequence[Worked], small_n: int, by: By | None = None) -> Measured:
    """The measure over all this work, and by period; neither of the survey nor from outside."""
    if wanted.count in ("survey", "external") or wanted.count in KEPT:
        raise ValueError(f"{wanted.id} counts {wanted.count}, which is not work")
    if wanted.figure == "mean":
        cards = _cards(wanted.out_of, worked)
        marks = [float(one.card.total) for one in cards if _rated(one.card)]
        figure = _waits(mean_of(marks, small_n, "case with a mark", 0, 100), sum(one.card.provisional for one in cards))
        return Measured(wanted, _why_none(wanted, worked, figure), None, _mean_course(wanted, worked, by))
    tally = count(wanted, worked)
    figure = _why_none(wanted, worked, share_of(tally, small_n, said(wanted)))
    return Measured(wanted, figure, tally, _share_course(wanted, worked, by))


def count(wanted: Measure, worked: Iterable[Worked]) -> Tally:
    """Numerator and denominator of a share. What a person has yet to rate is in neither, and is said beside."""
    return COUNTS[wanted.count](wanted, tuple(worked))


def _clocks(wanted: Measure, worked: Sequence[Worked]) -> Tally:
    """Clocks that fell due while the desk was open; those met are hits."""
    asked = wanted.out_of
    due = [
        clock for one in worked for clock in one.card.clocks
        if clock.counted and asked.side in (None, clock.side) and (not asked.clause or clock.clause in asked.clause)
        and asked.stopped_by in (None, clock.whose)
    ]  # fmt: skip
    return Tally(sum(clock.state == "met" for clock in due), len(due))


def _criteria(wanted: Measure, worked: Sequence[Worked]) -> Tally:
    """Ratings of the criteria, one for each case that they apply to; at or over `rating` percent is a hit."""
    least = wanted.where.rating if wanted.where.rating is not None else 100
    ratings = [r for one in worked for r in one.card.ratings if r.criterion.id in wanted.out_of.criterion]
    rated = [r for r in ratings if r.status == "rated"]
    return Tally(sum(100 * r.rating >= least for r in rated), len(rated), sum(r.status == "unscored" for r in ratings))


def _rated(card: Scorecard) -> bool:
    return any(r.status == "rated" and r.available for r in card.ratings)


def _cards(asked: Counted, worked: Iterable[Worked]) -> list[Worked]:
    return [
        one for one in worked
        if asked.rubric in (None, one.card.rubric.id) and asked.provisional in (None, one.card.provisional)
    ]  # fmt: skip


def _scorecards(wanted: Measure, worked: Sequence[Worked]) -> Tally:
    """Cases that passed, or kept a class free of critical errors.

    A case that only a person can settle is in neither number: to leave it out would favour those that failed at once.
    """
    cards = [one.card for one in _cards(wanted.out_of, worked)]
    kept = wanted.where.kept
    if kept is not None:
        # A critical error that was found stands; only a criterion still to be rated can add one.
        def clear(card: Scorecard) -> bool:
            return not any(errors for name, errors in card.failed_classes().items() if kept in (name, "every class"))

        open_ = [c for c in cards if clear(c) and any(r.status == "unscored" and r.criterion.critical is not None and kept in (r.criterion.critical, "every class") for r in c.ratings)]
        return Tally(sum(clear(c) for c in cards) - len(open_), len(cards) - len(open_), len(open_))
    passed = [c.passed is (wanted.where.passed is not False) for c in cards if c.passed is not None]
    return Tally(sum(passed), len(passed), len(cards) - len(passed))


def _cases(wanted: Measure, worked: Sequence[Worked]) -> Tally:
    """Cases in which any of these things was done, of those in which any of the others was."""
    cases = [one for one in worked if not wanted.out_of.did or one.acts & set(wanted.out_of.did)]
    return Tally(sum(bool(one.acts & set(wanted.where.did)) for one in cases), len(cases))


COUNTS: dict[str, Callable[[Measure, Sequence[Worked]], Tally]] = {
    "clocks": _clocks, "criteria": _criteria, "scorecards": _scorecards, "cases": _cases,
}  # fmt: skip
THINGS = {"clocks": "clock fell due while the desk was open", "criteria": "rating of it", "scorecards": "case settled", "cases": "such case"} | {
    "actions": "action of a plan fell due", "one-to-ones": f"one-to-one was planned for a day more than {GRACE} days ago",
    "sign-offs": "goal for a competency had a day that has come",
}  # fmt: skip


def said(wanted: Measure) -> str:
    """What is counted, in the singular, as in `no clock fell due`."""
    return THINGS.get(wanted.count, "answer")


def share_of(tally: Tally, small_n: int, what: str) -> Figure:
    """The share in percent with Wilson's 90 % interval.

    Where cases wait for a person there is no value: the bounds then hold whichever way those are rated.
    """
    every = tally.n + tally.waiting
    if not every:
        return undefined(0, f"no {what}")
    if tally.waiting:
        low, high = wilson(tally.hits, every, CONFIDENCE).low, wilson(tally.hits + tally.waiting, every, CONFIDENCE).high
        return Figure(None, 100 * low, 100 * high, tally.n, "undefined", f"{tally.waiting} of {every} wait for a person's rating; the bounds hold whichever way those go")
    found = wilson(tally.hits, tally.n, CONFIDENCE)
    return _flagged(Figure(100 * found.value, 100 * found.low, 100 * found.high, tally.n, "plain"), small_n)


def mean_of(values: Sequence[float], small_n: int, what: str, lowest: float, highest: float) -> Figure:
    """The mean with Student's 90 % interval, cut at what the scale allows; none where values do not vary."""
    n = len(values)
    if not n:
        return undefined(0, f"no {what}")
    mean = math.fsum(values) / n
    spread = math.sqrt(math.fsum((v - mean) ** 2 for v in values) / (n - 1) / n) if n > 1 else 0.0
    if not spread:
        return _flagged(Figure(mean, None, None, n, "plain", "no interval: " + ("one value" if n == 1 else "all values are alike")), small_n)
    half = float(special.stdtrit(n - 1, (1 + CONFIDENCE) / 2)) * spread
    return _flagged(Figure(mean, max(lowest, mean - half), min(highest, mean + half), n, "plain"), small_n)


def _flagged(figure: Figure, small_n: int) -> Figure:
    """As given, or flagged where it rests on too little to act on."""
    if figure.n >= small_n:
        return figure
    says = f"small n, under {small_n}: shown, never to act on or to rank by"
    return replace(figure, standing="faint", says=f"{says}; {figure.says}" if figure.says else says)


def _waits(figure: Figure, waiting: int) -> Figure:
    if figure.value is None or not waiting:
        return figure
    says = f"provisional: {waiting} cases have criteria that wait for a person"
    return replace(figure, says=f"{figure.says}; {says}" if figure.says else says)


def _why_none(wanted: Measure, worked: Sequence[Worked], figure: Figure) -> Figure:
    """The reason for want of anything to count, where it is that nobody brought any."""
    if figure.value is not None or figure.n or figure.low is not None:
        return figure
    rubric = wanted.out_of.rubric
    if not worked:
        return replace(figure, says="no work: give a folder of logs")
    if rubric is not None and all(one.card.rubric.id != rubric for one in worked):
        return replace(figure, says=f"no case here is marked on the rubric {rubric!r}: people mark it, and their marks are with the reviews")
    return figure


def beside_plan(wanted: Measure, figure: Figure) -> Verdict:
    """Whether the whole interval lies on one side of the plan; a small n says nothing either way."""
    if wanted.plan is None or wanted.better == "neither" or figure.low is None or figure.high is None:
        return ""
    if figure.standing == "faint":
        return "too few to say"
    low, high, plan = figure.low, figure.high, wanted.plan
    if wanted.better == "lower":
        low, high, plan = -high, -low, -plan
    if low >= plan:
        return "at plan or better"
    return "short of plan" if high < plan else "not told apart from the plan"


def by_period(worked: Iterable[Worked], by: By) -> dict[str, tuple[Worked, ...]]:
    """The work of each period in which there was any, in order of time."""
    found: dict[str, list[Worked]] = {}
    for one in worked:
        found.setdefault(period_of(one.on, by), []).append(one)
    return {period: tuple(found[period]) for period in sorted(found)}


def _share_course(wanted: Measure, worked: Sequence[Worked], by: By | None) -> charts.RunChart | None:
    if by is None:
        return None
    tallies = {period: count(wanted, some) for period, some in by_period(worked, by).items()}
    waiting = sum(bool(tally.waiting) for tally in tallies.values())
    if waiting:
        # The periods in which all is settled are those in which cases failed at once: a chart of these alone would mislead.
        return charts.RunChart("p", (), None, f"no chart: in {waiting} of {len(tallies)} periods cases wait for a person's rating")
    return charts.p_chart([(period, tally.hits, tally.n) for period, tally in tallies.items()])


def _mean_course(wanted: Measure, worked: Sequence[Worked], by: By | None) -> charts.RunChart | None:
    if by is None:
        return None
    marks = {p: [float(one.card.total) for one in _cards(wanted.out_of, some) if _rated(one.card)] for p, some in by_period(worked, by).items()}
    return charts.xmr_chart([(period, math.fsum(some) / len(some), len(some)) for period, some in marks.items() if some], 0, 100)


@dataclass(frozen=True)
class ControlLine:
    """What the work adds to the self-assessment of risks and controls for one line of the role.

    A control counts once for each case that called for it: `evidenced` where it worked, `failed` where it did not.
    """

    line: str
    evidenced: int
    failed: int
    failing: tuple[tuple[str, int], ...]


def controls(wanted: Measure, worked: Sequence[Worked]) -> tuple[ControlLine, ...]:
    """Counts of the controls that a measure of criteria names, by the role lines each gives evidence on.

    A control that serves two lines stands under both; the measure itself counts it once.
    """
    least = wanted.where.rating if wanted.where.rating is not None else 100
    worked_, failed = dict[str, int](), dict[str, dict[str, int]]()
    for one in worked:
        for r in one.card.ratings:
            if r.status != "rated" or r.criterion.id not in wanted.out_of.criterion:
                continue
            for line in r.criterion.evidences:
                worked_.setdefault(line, 0)
                if 100 * r.rating >= least:
                    worked_[line] += 1
                else:
                    at = failed.setdefault(line, {})
                    at[r.criterion.id] = at.get(r.criterion.id, 0) + 1
    return tuple(
        ControlLine(line, worked_[line], sum(failed.get(line, {}).values()), tuple(sorted(failed.get(line, {}).items(), key=lambda pair: (-pair[1], pair[0]))))
        for line in sorted(worked_, key=lambda line: (line[0], int(line[1:])))
    )

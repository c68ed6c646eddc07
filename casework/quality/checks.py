"""A check's verdict on one case, with its evidence and a sentence that explains it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any, Literal

from casework.model import worktime
from casework.model.checks import All, AnyOf, AtMost, Did, Every, Handled, Never, Not, OnTime, qualifiers
from casework.model.decisions import Event
from casework.model.errors import BadInput
from casework.model.scenarios import HARM_WEIGHT, Expectation
from casework.practice.matching import Record, fit_each, holds
from casework.practice.readings import ClockReading

Status = Literal["rated", "not_applicable", "unscored"]
Outcome = Literal["best", "acceptable", "wrong", "not opened", "not due"]


@dataclass(frozen=True)
class Verdict:
    """`share` is the exact part of the cases met; `grave` says that a grave expectation went wrong."""

    status: Status
    share: Fraction
    evidence: tuple[int, ...]
    why: str
    grave: bool = False

    @property
    def met(self) -> bool:
        return self.status == "rated" and self.share == 1


@dataclass(frozen=True)
class HandledExpectation:
    """How one expectation was handled, and by which decisions."""

    expectation: Expectation
    outcome: Outcome
    evidence: tuple[int, ...]
    why: str


def latest(record: Record, check: Any) -> Any:
    """The last moment at which a check could still be met (UTC); the scenario's own closing if it sets no time."""
    times = []
    for asked in qualifiers(check):
        if asked.within is not None:
            times.append(record.due(asked.within, record.opened_at or record.case.opens))
        if asked.by is not None:
            times.append(record.case.instant(asked.by))
    return max(times, default=record.case.instant(record.case.scenario.desk.closes))


def handle(record: Record, expectation: Expectation) -> HandledExpectation:
    """The outcome of one expectation.

    It opens when its paper could be seen. A tempting handling that fits is wrong whatever else was done;
    otherwise best, else acceptable, else wrong. What could still be done in time after closing is not due.
    """
    opened = record.since(expectation.opens)
    if opened is None:
        return HandledExpectation(expectation, "not opened", (), f"{expectation.opens} never arrived")
    record = opened
    for lure in expectation.tempting:
        met, shown = holds(record, lure.handling)
        if met:
            return HandledExpectation(expectation, "wrong", shown, f"{lure.id}: {lure.why}")
    met, shown = holds(record, expectation.best)
    if met:
        return HandledExpectation(expectation, "best", shown, "handled in the best way")
    if expectation.acceptable is not None:
        met, shown = holds(record, expectation.acceptable)
        if met:
            return HandledExpectation(expectation, "acceptable", shown, "handled acceptably; the best handling was missed")
    ways = [way for way in (expectation.best, expectation.acceptable) if way is not None]
    if all(latest(record, way) > record.case.closes for way in ways):
        return HandledExpectation(expectation, "not due", (), "there was still time when the desk closed")
    return HandledExpectation(expectation, "wrong", (), "nothing done fits, by the time the desk closed")


def own_work(handled: tuple[HandledExpectation, ...]) -> Fraction | None:
    """The share of own-work expectations that went right; None if none opened."""
    own = [h for h in handled if h.expectation.topic == "own-work" and h.outcome in ("best", "acceptable", "wrong")]
    return Fraction(sum(h.outcome != "wrong" for h in own), len(own)) if own else None


USUAL_HANDLING = {"best": Fraction(1), "acceptable": Fraction(4, 5), "wrong": Fraction(0)}


@dataclass(frozen=True)
class Judge:
    """What criteria are judged on: one case's record, its clock readings, and how its expectations went."""

    record: Record
    readings: tuple[ClockReading, ...]
    handled: tuple[HandledExpectation, ...]
    scale: Mapping[str, Fraction]

    def verdict(self, check: Any) -> Verdict:
        return RULES[type(check)](self, check)

    def _candidates(self, actions: tuple[str, ...], asked: Any) -> list[tuple[Event, bool | None]]:
        return fit_each(self.record, asked, self.record.doing(actions))

    def _unknown(self, share: Fraction = Fraction(0), shown: tuple[int, ...] = ()) -> Verdict:
        """Unscored: something was done, and what would tell whether it fits is not known."""
        real = self.record.case.recorded is not None
        why = "the export does not record what would tell whether it fits" if real else "own words have no declared quality: a person rates them"
        return Verdict("unscored", share, shown, why)

    def _unrecorded(self, actions: tuple[str, ...]) -> Verdict:
        """Unscored: not finding an action proves nothing, because the export does not record it."""
        recorded = self.record.case.recorded
        missing = sorted(set(actions) - set(recorded.actions if recorded is not None else ()))
        return Verdict("unscored", Fraction(0), (), f"the export does not record {' or '.join(missing)}")

    def _did(self, check: Did) -> Verdict:
        found = self._candidates(check.did, check)
        shown = tuple(e.n for e, fit in found if fit)
        names = " or ".join(check.did)
        if shown:
            return Verdict("rated", Fraction(1), shown, f"{names} was done (entry {shown[0]})")
        if any(fit is None for _, fit in found):
            return self._unknown()
        if not self.record.records(check.did):
            return self._unrecorded(check.did)
        return Verdict("rated", Fraction(0), (), f"no {names} that fits, from opening to closing")

    def _never(self, check: Never) -> Verdict:
        found = self._candidates(check.never, check)
        shown = tuple(e.n for e, fit in found if fit)
        names = " or ".join(check.never)
        if shown:
            return Verdict("rated", Fraction(0), shown, f"{names} was done (entry {shown[0]})")
        if not self.record.records(check.never):
            return self._unrecorded(check.never)
        if self.record.case.recorded is not None and any(fit is None for _, fit in found):
            return self._unknown()
        return Verdict("rated", Fraction(1), (), f"no {names} from opening to closing")

    def _every(self, check: Every) -> Verdict:
        candidates = self._candidates(check.every.did, check.every)
        cases = [e for e, fit in candidates if fit]
        names = " or ".join(check.every.did)
        if not self.record.records(check.every.did):
            return self._unrecorded(check.every.did)
        if self.record.case.recorded is not None and any(fit is None for _, fit in candidates):
            return self._unknown()
        if not cases:
            return Verdict("not_applicable", Fraction(0), (), f"no {names} to judge")
        fit = {e.n: good for e, good in fit_each(self.record, check.must, cases)}
        good = sum(1 for value in fit.values() if value)
        bad = tuple(n for n, value in fit.items() if value is False)
        shown = tuple(fit)
        share = Fraction(good, len(cases))
        if any(value is None for value in fit.values()):
            return self._unknown(share, shown)
        told = f"{good} of {len(cases)} {names} as they should be" + (f"; not entries {_list(bad)}" if bad else "")
        return Verdict("rated", share, bad or shown, told)

    def _handled(self, check: Handled) -> Verdict:
        if self.record.case.recorded is not None:
            return Verdict("unscored", Fraction(0), (), "real work: nobody declared what was expected, so a person judges it")
        here = [h for h in self.handled if h.expectation.topic == check.handled]
        judged = [h for h in here if h.outcome in ("best", "acceptable", "wrong")]
        if not judged:
            return Verdict("not_applicable", Fraction(0), (), f"nothing on {check.handled} opened in this play")
        weights = [HARM_WEIGHT[h.expectation.harm] for h in judged]
        got = sum(w * self.scale[h.outcome] for w, h in zip(weights, judged, strict=True))
        told = "; ".join(f"{h.expectation.id}: {h.outcome} ({h.why})" for h in judged)
        shown = tuple(sorted({n for h in judged for n in h.evidence}))
        grave = any(h.outcome == "wrong" and h.expectation.harm == "grave" for h in judged)
        return Verdict("rated", Fraction(got) / sum(weights), shown, told, grave)

    def _on_time(self, check: OnTime) -> Verdict:
        meant = [r for r in self.readings if check.on_time in (r.side, r.clause) and check.stopped_by in (None, r.whose)]
        mine = [r for r in meant if r.counted]
        if self.record.case.recorded is not None:
            if not meant:
                return Verdict("unscored", Fraction(0), (), f"the export starts no {check.on_time} clock under a clause in force then")
            lost = sorted({r.clause for r in meant if r.state == "not recorded"})
            if lost:
                return Verdict("unscored", Fraction(0), (), f"the export does not record what stops {', '.join(lost)}")
        if not mine:
            return Verdict("not_applicable", Fraction(0), (), "no such clock fell due")
        late = [r for r in mine if r.state == "missed"]
        told = f"{len(mine) - len(late)} of {len(mine)} clocks met" + "".join(
            f"; {r.clause} was due {worktime.local(self.record.case.office, r.due_at):%d %b %H:%M}" for r in late
        )
        shown = tuple(sorted({r.stopped_by for r in (late or mine) if r.stopped_by is not None}))
        return Verdict("rated", Fraction(len(mine) - len(late), len(mine)), shown, told)

    def _at_most(self, check: AtMost) -> Verdict:
        day = worktime.local(self.record.case.office, self.record.case.opens).date()
        try:
            limit = self.record.library.clause(check.at_most, day).limit
        except BadInput:
            if self.record.case.recorded is None:
                raise
            return Verdict("unscored", Fraction(0), (), f"no version of {check.at_most} was in force on {day:%d %B %Y}")
        assert limit is not None, f"{check.at_most} has no limit"
        spent = self.record.doing((limit.action,))
        total = sum((amount_of(e.amount) for e in spent), Fraction(0))
        allowed = limit.by_role["assistant"]
        if not self.record.records((limit.action,)):
            return self._unrecorded((limit.action,))
        unnamed = any(e.amount is None for e in spent)
        if unnamed and not self.record.tells("amount"):
            return self._unknown()
        met = total <= allowed and not unnamed
        told = f"{limit.currency} {float(total):,.2f} approved over the case; the limit is {allowed}"
        return Verdict("rated", Fraction(int(met)), tuple(e.n for e in spent), told)

    def _parts(self, checks: tuple[Any, ...]) -> list[Verdict]:
        return [v for v in map(self.verdict, checks) if v.status != "not_applicable"]

    def _all(self, check: All) -> Verdict:
        found = self._parts(check.all)
        if not found:
            return Verdict("not_applicable", Fraction(0), (), "nothing to judge")
        failed = [v for v in found if v.status == "rated" and not v.met]
        if failed:
            return Verdict("rated", Fraction(0), _shown(failed), "; ".join(v.why for v in failed))
        open_ = [v for v in found if v.status == "unscored"]
        if open_:
            return Verdict("unscored", Fraction(0), _shown(open_), "; ".join(v.why for v in open_))
        return Verdict("rated", Fraction(1), _shown(found), "; ".join(v.why for v in found))

    def _any(self, check: AnyOf) -> Verdict:
        found = self._parts(check.any)
        if not found:
            return Verdict("not_applicable", Fraction(0), (), "nothing to judge")
        met = [v for v in found if v.met]
        if met:
            return Verdict("rated", Fraction(1), _shown(met), met[0].why)
        open_ = [v for v in found if v.status == "unscored"]
        if open_:
            return Verdict("unscored", Fraction(0), _shown(open_), "; ".join(v.why for v in open_))
        return Verdict("rated", Fraction(0), _shown(found), "; ".join(v.why for v in found))

    def _not(self, check: Not) -> Verdict:
        found = self.verdict(check.not_)
        if found.status != "rated":
            return found
        return replace(found, share=Fraction(0 if found.met else 1), why=f"not: {found.why}")


RULES: dict[type, Callable[[Judge, Any], Verdict]] = {
    Did: Judge._did, Never: Judge._never, Every: Judge._every, Handled: Judge._handled, OnTime: Judge._on_time,
    AtMost: Judge._at_most, All: Judge._all, AnyOf: Judge._any, Not: Judge._not,
}  # fmt: skip


def _shown(verdicts: list[Verdict]) -> tuple[int, ...]:
    return tuple(sorted({n for verdict in verdicts for n in verdict.evidence}))


def _list(numbers: tuple[int, ...]) -> str:
    return ", ".join(str(n) for n in numbers)


def amount_of(text: str | None) -> Fraction:
    """The number in an amount, as it is written."""
    digits = "".join(sign for sign in text or "" if sign.isdigit() or sign == ".")
    return Fraction(digits) if digits.strip(".") else Fraction(0)

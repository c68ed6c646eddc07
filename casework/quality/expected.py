"""How expectations were handled, in many logs: outcomes as `checks.handle` finds them, without entries and reasons.

A scenario's handlings are compiled once. What a decision answers by itself is known by its signature; the tests that
hang on the log, of moments and of what stands before and after, are run on the decisions that fit otherwise.
"""

from __future__ import annotations

from collections.abc import Collection
from functools import reduce
from operator import or_
from typing import Any

from casework.model.checks import All, AnyOf, Did, Never, Not
from casework.model.decisions import Event
from casework.model.library import Library
from casework.model.scenarios import Expectation, Scenario
from casework.practice.matching import Record, fits_by, tests_of
from casework.quality.checks import HandledExpectation, Outcome, handle, latest
from casework.quality.signatures import TROUBLE, Signatures, Slot, of_events

SCENARIOS, CASES = 200, 10  # Kept before they are forgotten; cases of each scenario.


class Plan:
    """The expectations of a scenario on some topics, compiled."""

    def __init__(self, library: Library, scenario: Scenario, topics: Collection[str]) -> None:
        self.scenario = scenario
        self.expectations = tuple(one for one in scenario.expectations if one.topic in topics)
        self.signatures = Signatures(library, [way for one in self.expectations for way in _ways(one)])
        self.reader = of_events(self.signatures.fields)


def _ways(expectation: Expectation) -> list[Any]:
    found = [*(lure.handling for lure in expectation.tempting), expectation.best]
    return found if expectation.acceptable is None else [*found, expectation.acceptable]


class Expected:
    """Expectations of many scenarios, each compiled when a log of it is first met."""

    def __init__(self, library: Library, topics: Collection[str]) -> None:
        self._library, self._topics = library, topics
        self._plans: dict[int, Plan] = {}

    def of(self, record: Record) -> tuple[HandledExpectation, ...]:
        """The expectations on the topics asked for, with their outcomes."""
        scenario = record.case.scenario
        if not scenario.expectations:
            return ()
        plan = self._plans.get(id(scenario))
        if plan is None:
            if len(self._plans) >= SCENARIOS:
                self._plans.clear()
            plan = self._plans[id(scenario)] = Plan(self._library, scenario, self._topics)
        plan.signatures.tidy(CASES)
        read = _Read(plan, record)
        if read.trouble:  # A date cannot be worked out: whether it is asked for at all, and what to raise, is found in order.
            return tuple(handle(record, one) for one in plan.expectations)
        return tuple(HandledExpectation(one, read.outcome(one), (), "") for one in plan.expectations)


class _Read:
    """One log's decisions by what they fit alone."""

    def __init__(self, plan: Plan, record: Record) -> None:
        self._slots, self._record = plan.signatures.slots, record
        self._opened: dict[str, Record] = {}
        ground = plan.signatures.setting(record.case).ground
        self._bits = [plan.signatures.bits[ground[plan.reader.key(entry)]] for entry in plan.reader.dicts(record.decisions)]
        self._all = reduce(or_, self._bits, 0)
        self.trouble = bool(self._all & TROUBLE)

    def outcome(self, expectation: Expectation) -> Outcome:
        """As `checks.handle` has it, in the same order."""
        if self._record.arrived_at(expectation.opens) is None:
            return "not opened"
        item = expectation.opens
        if any(self._holds(item, lure.handling) for lure in expectation.tempting):
            return "wrong"
        if self._holds(item, expectation.best):
            return "best"
        if expectation.acceptable is not None and self._holds(item, expectation.acceptable):
            return "acceptable"
        ways = [way for way in (expectation.best, expectation.acceptable) if way is not None]
        opened = self._since(item)
        return "not due" if all(latest(opened, way) > opened.case.closes for way in ways) else "wrong"

    def _since(self, item: str) -> Record:
        """The record since an item was seen, made when something asks for it."""
        found = self._opened.get(item)
        if found is None:
            found = self._record.since(item)
            assert found is not None
            self._opened[item] = found
        return found

    def _holds(self, item: str, check: Any) -> bool:
        """Whether a way of handling holds, counted from when the item was seen. Each part is worked out, as `matching.holds` does: one may raise."""
        if isinstance(check, Did):
            return self._some(item, self._slots[check.did, id(check)])
        if isinstance(check, Never):
            return not self._some(item, self._slots[check.never, id(check)])
        if isinstance(check, Not):
            return not self._holds(item, check.not_)
        if isinstance(check, All):
            return all([self._holds(item, part) for part in check.all])
        if isinstance(check, AnyOf):
            return any([self._holds(item, part) for part in check.any])
        raise TypeError(f"{type(check).__name__} is not a check on decisions alone")

    def _some(self, item: str, slot: Slot) -> bool:
        """Whether a decision fits for certain. A moment is worked out where anything was done at all, as by the judge."""
        acts, _, yes = slot.shifted
        if not self._all & (acts if slot.timed else yes):
            return False
        if slot.simple:
            return True
        tests = tests_of(self._since(item), slot.later)
        return any(fits_by(tests, event) is True for event in self._fitting(yes))

    def _fitting(self, yes: int) -> list[Event]:
        return [event for event, bits in zip(self._record.decisions, self._bits, strict=True) if bits & yes]

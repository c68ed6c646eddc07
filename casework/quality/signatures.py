"""What a decision fits by itself, found once for all decisions that are alike in the fields that checks read."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from functools import cached_property
from operator import itemgetter
from typing import Any, Literal

import numpy as np

from casework.model import worktime
from casework.model.checks import (
    AtMost,
    Did,
    Every,
    Handled,
    Never,
    OnTime,
    Qualifiers,
    parts,
    qualifiers,
)
from casework.model.decisions import Event
from casework.model.errors import BadInput
from casework.model.library import Library
from casework.practice.cases import Case
from casework.practice.matching import WORDS, Record, Test, fits_by, tests_of
from casework.quality.places import Numbers

SIGNATURES, GROUNDS, CASES = 100_000, 500, 500  # What is kept before it is forgotten.
CORRECTS, TROUBLE, CONTACT = 1, 2, 4  # The first bits of the first word.
FIRST_FREE = 3
WORD = (1 << 64) - 1
ALWAYS = ("event", "do", "counts_as", "corrects")


@dataclass(frozen=True)
class Reader:
    """How a log's entries are read: each as a dict, the fields in it that tell it apart, its number, and the entry itself."""

    dicts: Callable[[Sequence[Any]], Sequence[Any]]
    key: Callable[[Any], tuple[Any, ...]]
    number: Callable[[Any], int]
    event: Callable[[Any], Event]


def of_events(fields: tuple[str, ...]) -> Reader:
    """Of entries as a log holds them. An entry's fields are taken from its dict, a fifth quicker than by attribute."""
    return Reader(lambda entries: list(map(vars, entries)), itemgetter(*fields), itemgetter("n"), lambda event: event)


def of_rows(fields: tuple[str, ...]) -> Reader:
    """Of entries as rows: the lines of a log's file, parsed. What a row leaves out is at its default."""
    names = tuple((Event.model_fields[field].alias or field) for field in fields if field != "mentions")

    def plain(row: Mapping[str, Any]) -> tuple[Any, ...]:
        return tuple(map(row.get, names))

    def with_mentions(row: Mapping[str, Any]) -> tuple[Any, ...]:
        return (*map(row.get, names), tuple(row.get("mentions", ())))

    def event(row: Mapping[str, Any]) -> Event:
        return Event.model_validate({name: value for name, value in row.items() if name not in ("hash", "prev")})

    return Reader(lambda rows: rows, with_mentions if "mentions" in fields else plain, itemgetter("n"), event)


@dataclass(frozen=True, eq=False)
class Slot:
    """One set of qualifiers and where its answers lie: bits `yes`, `unknown` and `acts` of one word.

    `alone` is what a decision answers by itself. `timed` has what is asked of its moment, `after` an item that must have
    been seen by then; `before` and `behind` are the bits of the actions that must stand before or after it.
    """

    actions: tuple[str, ...]
    asked: Qualifiers
    alone: Qualifiers
    word: int
    yes: int
    unknown: int
    acts: int
    before: tuple[int, int] | None
    behind: tuple[int, int] | None

    @cached_property
    def later(self) -> Qualifiers:
        """What hangs on the log: the rest of what is asked."""
        return Qualifiers(**{name: getattr(self.asked, name) for name in LATER})

    @cached_property
    def shifted(self) -> tuple[int, int, int]:
        """The bits `acts`, `unknown` and `yes` among those of all words."""
        return self.acts << 64 * self.word, self.unknown << 64 * self.word, self.yes << 64 * self.word

    @cached_property
    def timed(self) -> bool:
        return self.asked.by is not None or self.asked.within is not None

    @cached_property
    def simple(self) -> bool:
        return not (self.timed or self.asked.after or self.before or self.behind)


LATER = {"by": None, "within": None, "after": None, "preceded_by": (), "followed_by": ()}


def _fields(checks: Sequence[Any]) -> tuple[str, ...]:
    """The fields of an entry that any of the checks reads; mentions last."""
    asked = [one for check in checks for one in qualifiers(check)]
    found = dict.fromkeys(ALWAYS)
    for one in asked:
        found.update((field, None) for _, field in WORDS if getattr(one, field))
        found.update((field, None) for field in ("empathy", "accuracy", "to", "from_") if getattr(one, field))
        if one.for_ is not None or one.for_before is not None:
            found["for_"] = None
        if one.preceded_by or one.followed_by:
            found["item"] = None
    if any(one.reads_words or "if_nothing_named" in one.to for one in asked):
        found["mentions"] = None
    return tuple(found)


class Alone:
    """A decision made of the fields that tell it apart, and of nothing else; the rest is at its default."""

    event: str | None = None
    do: str | None = None
    counts_as: str | None = None
    to = from_ = item = channel = as_ = for_ = choice = empathy = accuracy = acceptance = cites = corrects = None
    mentions: tuple[str, ...] = ()

    def __init__(self, fields: tuple[str, ...], key: tuple[Any, ...]) -> None:
        self.__dict__.update(zip(fields, key, strict=True))

    @property
    def acts(self) -> tuple[str, ...]:
        one, other = self.do, self.counts_as
        if other is None:
            return () if one is None else (one,)
        return (other,) if one is None else (one, other)


class Ground(dict[tuple[Any, ...], int]):
    """What the tests can read of a case, and the signatures met on it by their fields."""

    def __init__(self, signatures: Signatures, case: Case, limits: Mapping[str, tuple[str, Any] | None]) -> None:
        super().__init__()
        self._signatures = signatures
        self.spends = {clause: limit[0] for clause, limit in limits.items() if limit is not None}
        self.bare = Record(signatures.library, case, ())
        self.real = case.recorded is not None
        self._tests: dict[Slot, tuple[Test, ...] | Literal[False]] = {}

    def fit(self, slot: Slot, event: Any) -> int:
        """The bits that say that a decision is of the slot's actions, and whether it fits by itself."""
        tests = self._tests.get(slot)
        if tests is None:
            tests = self._tests[slot] = self._made(slot)
        acts, unknown, yes = slot.shifted
        if not tests:
            return acts | (yes if tests == () else TROUBLE)
        fit = fits_by(tests, event)
        return acts if fit is False else acts | (unknown if fit is None else yes)

    def _made(self, slot: Slot) -> tuple[Test, ...] | Literal[False]:
        """False for trouble: a date that cannot be worked out on this case."""
        try:
            return tests_of(self.bare, slot.alone)
        except BadInput:
            return False

    def __missing__(self, key: tuple[Any, ...]) -> int:
        self[key] = found = self._signatures.sign(self, key)
        return found


@dataclass
class Setting:
    """A case on its ground: its limits by clause, and the moments that it sets, worked out when asked for."""

    case: Case
    ground: Ground
    limits: Mapping[str, tuple[str, Any] | None]
    trouble: bool
    moments: dict[int, datetime | None]

    @cached_property
    def _topics(self) -> frozenset[str]:
        return frozenset(one.topic for one in self.case.scenario.expectations)

    @cached_property
    def _clocks(self) -> bool:
        return any(paper.starts for paper in self.case.papers.values())

    def expects(self, topics: frozenset[str]) -> bool:
        return not self._topics.isdisjoint(topics)

    def asks(self, check: Handled | OnTime) -> bool:
        """Whether the case has what an answer to this check takes: an expectation on its topic, or a clock at all."""
        return self._clocks if isinstance(check, OnTime) else not self.ground.real and check.handled in self._topics


class Signatures:
    """What decisions fit of some checks. `scales` say what a handling is worth, for each check; `topics` which expectations
    are read though no check asks for them."""

    def __init__(self, library: Library, checks: Sequence[Any], scales: Sequence[Mapping[str, Fraction]] | None = None, topics: Sequence[str] = ()) -> None:
        self.library, self.checks = library, tuple(checks)
        self.scales = tuple(scales) if scales is not None else ({},) * len(self.checks)
        self.fields = _fields(self.checks)
        self._asked = tuple(one for check in self.checks for one in qualifiers(check))
        inside = [part for check in self.checks for part in parts(check)]
        self._bits = FIRST_FREE
        self.slots: dict[tuple[tuple[str, ...], int], Slot] = {}
        self._doing: dict[tuple[str, ...], tuple[int, int]] = {}
        for part in inside:
            if isinstance(part, (Did, Never)):
                self._slot(part.did if isinstance(part, Did) else part.never, part)
            elif isinstance(part, Every):
                self._slot(part.every.did, part.every)
                self._slot(part.every.did, part.must)
        self.sums = {clause: self._free(1) for clause in dict.fromkeys(part.at_most for part in inside if isinstance(part, AtMost))}
        self._of_parties = any(one.to or one.from_ for one in self._asked)
        self._of_names = any("if_nothing_named" in one.to for one in self._asked)
        self.rest = tuple(
            (part, scale) for check, scale in zip(self.checks, self.scales, strict=True) for part in parts(check) if isinstance(part, (Handled, OnTime))
        )
        self.of_clocks = any(isinstance(part, OnTime) for part in inside)
        self.beside = frozenset(topics)
        self.topics = frozenset((*topics, *(part.handled for part in inside if isinstance(part, Handled))))
        self._by_action: dict[str, list[Slot]] = {}
        for slot in self.slots.values():
            for action in dict.fromkeys(slot.actions):
                self._by_action.setdefault(action, []).append(slot)
        self._doing_bits: dict[str, int] = {}
        for actions, (word, bit) in self._doing.items():
            for action in actions:
                self._doing_bits[action] = self._doing_bits.get(action, 0) | bit << 64 * word
        self.forget()

    def _free(self, count: int) -> tuple[int, int]:
        """The word and the first of so many bits in a row, none of them taken."""
        if self._bits % 64 + count > 64:
            self._bits += 64 - self._bits % 64
        word, bit = divmod(self._bits, 64)
        self._bits += count
        return word, 1 << bit

    def _acting(self, actions: tuple[str, ...]) -> tuple[int, int] | None:
        if actions and actions not in self._doing:
            self._doing[actions] = self._free(1)
        return self._doing.get(actions)

    def _slot(self, actions: tuple[str, ...], asked: Qualifiers) -> None:
        word, bit = self._free(3)
        self.slots[actions, id(asked)] = Slot(
            actions, asked, asked.model_copy(update=LATER), word, bit, bit << 1, bit << 2, self._acting(asked.preceded_by), self._acting(asked.followed_by)
        )

    def forget(self) -> None:
        self._grounds: dict[Any, Ground] = {}
        self._settings: dict[int, Setting] = {}
        self.items: dict[str, int] = {}
        self.bits = [0]
        self._numbers = {(0, 0): 0}  # The first is of what is no decision that stands.
        self.table: Numbers = np.zeros((self._bits // 64 + 1, 256), np.uint64)
        self.item: Numbers = np.zeros(256, np.int64)

    def sign(self, ground: Ground, key: tuple[Any, ...]) -> int:
        """The number of a signature met for the first time, what it fits worked out. Those that fit the same share a number."""
        event = Alone(self.fields, key)
        bits = 0
        if event.event == "decided":
            bits, acts = CONTACT if event.do in ("answer", "call") else 0, event.acts
            for act in acts if len(acts) < 2 else dict.fromkeys(acts):
                bits |= self._doing_bits.get(act, 0)
                for slot in self._by_action.get(act, ()):
                    bits |= ground.fit(slot, event)
            for clause, (word, bit) in self.sums.items():
                bits |= bit << 64 * word if ground.spends.get(clause) in acts else 0
        bits |= CORRECTS if event.corrects is not None else 0
        item = self.items.setdefault(event.item, len(self.items) + 1) if bits and event.item is not None else 0
        found = self._numbers.get((bits, item))
        if found is None:
            found = self._numbers[bits, item] = self._keep(bits, item)
        return found

    def _keep(self, bits: int, item: int) -> int:
        """The number of a new signature: its column in the table."""
        number = len(self._numbers)
        if number == self.table.shape[1]:
            self.table, self.item = np.concatenate((self.table, np.zeros_like(self.table)), axis=1), np.concatenate((self.item, np.zeros_like(self.item)))
        self.table[:, number] = np.array([bits >> 64 * word & WORD for word in range(len(self.table))], np.uint64)
        self.item[number] = item
        self.bits.append(bits)
        return number

    def setting(self, case: Case) -> Setting:
        found = self._settings.get(id(case))
        if found is None:
            try:
                limits, trouble = {clause: self._limit(case, clause) for clause in self.sums}, False
            except BadInput:
                limits, trouble = {}, True
            known = self._known(case, limits)
            ground = self._grounds.get(known)
            if ground is None:
                ground = self._grounds[known] = Ground(self, case, limits)
            found = self._settings[id(case)] = Setting(case, ground, limits, trouble, {})
        return found

    def _limit(self, case: Case, clause: str) -> tuple[str, Any] | None:
        """The action that a clause limits and how far; None where real work is older than the clause."""
        try:
            limit = self.library.clause(clause, worktime.local(case.office, case.opens).date()).limit
        except BadInput:
            if case.recorded is None:
                raise
            return None
        assert limit is not None, f"{clause} has no limit"
        return limit.action, limit.by_role["assistant"]

    def _known(self, case: Case, limits: Mapping[str, tuple[str, Any] | None]) -> Any:
        """All that the tests of one decision can read of a case: cases that are the same in this share their signatures.

        Names are drawn anew for each case; what is asked of them is only which are the same.
        """
        recorded = case.recorded
        told = None if recorded is None else (recorded.actions, recorded.details, tuple(sorted(recorded.may_know.items())))
        spends = tuple(limit and limit[0] for limit in limits.values())
        if "for_" in self.fields:
            return id(case), told, spends
        whose: dict[str, str] = {}
        parties = tuple((key, p.id, p.role, p.may_know, whose.setdefault(p.name, key) if self._of_names else "") for key, p in case.parties.items()) if self._of_parties else ()
        values = tuple((key, whose[str(value)]) for key, value in case.values.items() if str(value) in whose) if self._of_names else ()
        return told, spends, parties, values, whose.get("None")

    def tidy(self, grounds: int = GROUNDS) -> None:
        """Forgets what has grown too long. Cases are let go first: a ground outlives them."""
        if len(self._settings) > min(CASES, grounds):
            self._settings.clear()
        if self.count > SIGNATURES or len(self._grounds) > grounds:
            self.forget()

    @property
    def count(self) -> int:
        """How many are kept, on all grounds together."""
        return sum(map(len, self._grounds.values()))

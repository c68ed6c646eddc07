"""Checks compiled once and judged on many logs at a time: status, exact share and grave, the same as a judge's.

A check mostly asks of a decision what the decision answers by itself, so a decision is known by the few fields that any
of the checks reads: its signature. What a signature fits is found once, by the tests that judge a single log, run on a
decision made of nothing but these fields; it is kept as bits. A log is then the OR of its decisions' bits, and `every`
a count of them. Parties differ from case to case, so signatures are kept by ground: what the tests can read of a case.

What hangs on more than one decision is worked out for the decisions that fit otherwise: moments by comparing, the
decision before or after by groups of one contact. Expectations are compiled for each scenario (`expected`) and read log
by log; `on_time` is the judge's own, where a case has clocks at all. The judge has whole logs, too, whose entries do not
stand in the order of their numbers, or of which a date or clause cannot be worked out: what to raise he decides.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from fractions import Fraction
from functools import cached_property, lru_cache
from itertools import islice
from typing import Any, NamedTuple

import numpy as np

from casework.model.checks import All, AnyOf, AtMost, Did, Every, Handled, Never, Not, OnTime, Qualifiers
from casework.model.decisions import Event
from casework.model.errors import BadInput
from casework.model.library import Library
from casework.practice import readings
from casework.practice.cases import Case
from casework.practice.matching import Record
from casework.quality.checks import Judge, Status, Verdict, amount_of, own_work
from casework.quality.expected import Expected
from casework.quality.places import Numbers, both, reached
from casework.quality.signatures import CONTACT, CORRECTS, TROUBLE, Reader, Signatures, Slot, of_events

STATUSES: tuple[Status, ...] = ("rated", "not_applicable", "unscored")
RATED, OUT, UNSCORED = range(3)
CHUNK = 1_000  # Logs judged at a time.


class Column(NamedTuple):
    """One check on each log: the status by its place in `STATUSES`, the share as two whole numbers, and what is grave."""

    status: Numbers
    over: Numbers
    under: Numbers
    grave: Numbers


@dataclass(frozen=True)
class Sheet:
    """The verdicts of some logs, in their order; each array is logs by checks. `own_work` is told where it was asked for."""

    status: Numbers
    over: Numbers
    under: Numbers
    grave: Numbers
    own_work: Sequence[Fraction | None]

    def __len__(self) -> int:
        return len(self.status)

    def row(self, log: int) -> tuple[tuple[Status, Fraction, bool], ...]:
        """Status, share and grave by check."""
        rows = (self.status[log].tolist(), self.over[log].tolist(), self.under[log].tolist(), self.grave[log].tolist())
        return tuple((STATUSES[s], Fraction(over, under), grave) for s, over, under, grave in zip(*rows, strict=True))

    def keys(self) -> list[bytes]:
        """What tells one log's verdicts from another's."""
        packed = np.concatenate((self.status, self.grave, self.over, self.under), axis=1, dtype=np.int64)
        return [row.tobytes() for row in packed]


class Compiled(Signatures):
    """Checks compiled for many logs. It keeps signatures and scenarios' expectations, and no logs."""

    @cached_property
    def expected(self) -> Expected:
        return Expected(self.library, self.topics)


def judge_many(
    compiled: Compiled, logs: Iterable[tuple[Case, Sequence[Any]]], read: Callable[[tuple[str, ...]], Reader] = of_events
) -> Iterator[Sheet]:
    """The verdicts of logs, each a case and its entries, some hundreds at a time and in their order. No more are held than that."""
    reader, left = read(compiled.fields), iter(logs)
    while some := list(islice(left, CHUNK)):
        compiled.tidy()
        yield Some(compiled, reader, some).sheet()


class Some:
    """Some logs under judgement."""

    def __init__(self, compiled: Compiled, reader: Reader, logs: Sequence[tuple[Case, Sequence[Any]]]) -> None:
        self.compiled, self.reader, self.logs = compiled, reader, logs
        self.settings = [compiled.setting(case) for case, _ in logs]
        ids: list[int] = []
        numbers: list[int] = []
        lengths = []
        for setting, (_, entries) in zip(self.settings, logs, strict=True):
            dicts = reader.dicts(entries)
            ids.extend(map(setting.ground.__getitem__, map(reader.key, dicts)))
            numbers.extend(map(reader.number, dicts))
            if not entries:
                ids.append(0)
                numbers.append(0)
            lengths.append(len(entries) or 1)
        self.ids, self.numbers = np.array(ids, np.int64), np.array(numbers, np.int64)
        sizes = np.array(lengths, np.int64)
        self.starts = np.concatenate(([0], np.cumsum(sizes)[:-1]))
        self.log_of = np.repeat(np.arange(len(logs)), sizes)
        self.reals = np.array([setting.ground.real for setting in self.settings])
        self.real = bool(self.reals.any())
        self.trouble = np.array([setting.trouble for setting in self.settings])
        self._order()
        self.words = [column[self.ids] for column in compiled.table]
        self.ored = [np.bitwise_or.reduceat(word, self.starts) for word in self.words]
        self._own_work: list[Fraction | None] = [None] * len(logs)
        self.trouble |= (self.ored[0] & np.uint64(TROUBLE)) != 0

    def _order(self) -> None:
        """Entries out of the order of their numbers are left to the judge; what was withdrawn is no decision any more."""
        falls = self.numbers[1:] <= self.numbers[:-1]
        falls[self.starts[1:] - 1] = False
        self.trouble[self.log_of[1:][falls]] = True
        for place in np.flatnonzero(self.compiled.table[0][self.ids] & np.uint64(CORRECTS)):
            log = self.log_of[place]
            begin, end = self.starts[log], self.starts[log] + len(self.logs[log][1])
            gone = self._event(int(place)).corrects
            self.ids[begin:end][self.numbers[begin:end] == gone] = 0

    def _event(self, place: int) -> Event:
        log = self.log_of[place]
        return self.reader.event(self.logs[log][1][place - self.starts[log]])

    def sheet(self) -> Sheet:
        columns = [self.column(check, scale) for check, scale in zip(self.compiled.checks, self.compiled.scales, strict=True)]
        if self.compiled.beside:
            self._rest  # noqa: B018  Read for what it finds on the way.
        status, over, under, grave = (np.stack(part, axis=1) for part in zip(*columns, strict=True))
        found = Sheet(status, over, under, grave, self._own_work)
        for log in np.flatnonzero(self.trouble).tolist():
            judge = self._judge(log)
            self._own_work[log] = own_work(judge.handled)
            for n, (check, scale) in enumerate(zip(self.compiled.checks, self.compiled.scales, strict=True)):
                _put(Column(*(part[:, n] for part in (found.status, found.over, found.under, found.grave))), log, replace(judge, scale=scale).verdict(check))
        return found

    def column(self, check: Any, scale: Mapping[str, Fraction]) -> Column:
        return RULES[type(check)](self, check, scale)

    def _blank(self, status: int = RATED) -> Column:
        count = len(self.logs)
        return Column(np.full(count, status, np.int8), np.zeros(count, np.int64), np.ones(count, np.int64), np.zeros(count, bool))

    def _some(self, word: int, bits: int) -> Numbers:
        """The logs with a decision that has one of these bits."""
        return np.asarray((self.ored[word] & np.uint64(bits)) != 0)

    def _in(self, places: Numbers) -> Numbers:
        """The logs that these entries are in."""
        found = np.zeros(len(self.logs), bool)
        found[self.log_of[places]] = True
        return found

    def _silent(self, actions: tuple[str, ...]) -> Numbers:
        """The logs in which not finding these actions proves nothing."""
        if not self.real:
            return np.zeros(len(self.logs), bool)
        return np.array([not setting.ground.bare.records(actions) for setting in self.settings])

    def fit(self, slot: Slot, places: Numbers | None = None) -> tuple[Numbers, Numbers]:
        """Of these entries, or of all that could fit, the place and whether it fits: 1, 0, or -1 where it cannot be told."""
        word = self.words[slot.word]
        if places is None:
            places = np.flatnonzero(word & np.uint64(slot.acts if slot.timed else slot.yes | slot.unknown))
        mine = word[places]
        fit = np.where(mine & np.uint64(slot.yes), 1, np.where(mine & np.uint64(slot.unknown), -1, 0))
        if slot.timed:
            fit = both(fit, self._by_then(slot, places))
        if slot.asked.after is not None:
            fit = both(fit, self._once_seen(slot.asked.after, places))
        if slot.before is not None:
            fit = both(fit, self._beside(slot.asked.preceded_by, slot.before, places, False))
        if slot.behind is not None:
            fit = both(fit, self._beside(slot.asked.followed_by, slot.behind, places, True))
        return places, fit

    def _by_then(self, slot: Slot, places: Numbers) -> Numbers:
        return np.array([self._in_time(slot, place) for place in places.tolist()], np.int64)

    def _in_time(self, slot: Slot, place: int) -> bool:
        setting = self.settings[self.log_of[place]]
        try:
            if id(slot) not in setting.moments:
                setting.moments[id(slot)] = _moment(self.compiled.library, setting.case, slot.asked)
        except BadInput:
            self.trouble[self.log_of[place]] = True
            return False
        end = setting.moments[id(slot)]
        return end is None or self._event(place).at <= end

    def _once_seen(self, item: str, places: Numbers) -> Numbers:
        seen: dict[int, datetime | None] = {}
        found = []
        for place in places.tolist():
            log = int(self.log_of[place])
            if log not in seen:
                seen[log] = self._record(log).arrived_at(item)
            came = seen[log]
            found.append(came is not None and self._event(place).at > came)
        return np.array(found, np.int64)

    @cached_property
    def _contacts(self) -> Numbers:
        """The number of the contact that each entry stands in: it goes from an answer or call to the next."""
        begins = (self.words[0] & np.uint64(CONTACT)) != 0
        begins[self.starts] = True
        return np.cumsum(begins)

    @cached_property
    def _items(self) -> tuple[Numbers, Numbers]:
        """Whether each entry names an item, and a number for the item in its log."""
        items = self.compiled.item[self.ids]
        return items > 0, self.log_of * (len(self.compiled.items) + 1) + items

    def _beside(self, actions: tuple[str, ...], wanted: tuple[int, int], places: Numbers, later: bool) -> Numbers:
        """Whether each has such a decision after it, or before it, in the same contact: on the same item, or in one stretch
        of the log unless the two name different ones."""
        others = np.flatnonzero(self.words[wanted[0]] & np.uint64(wanted[1]))
        named, items = self._items
        about, loose = named[places], others[~named[others]]
        found = np.where(about, reached(items, others[named[others]], places, later) | reached(self._contacts, loose, places, later),
                         reached(self._contacts, others, places, later))  # fmt: skip
        return np.where(found, 1, np.where(self._silent(actions)[self.log_of[places]], -1, 0))

    def _did(self, check: Did, _: object) -> Column:
        slot, column = self.compiled.slots[check.did, id(check)], self._blank()
        met, open_ = self._met(slot)
        column.over[met] = 1
        column.status[~met & (open_ | self._silent(check.did))] = UNSCORED
        return column

    def _met(self, slot: Slot) -> tuple[Numbers, Numbers]:
        """The logs with a decision that fits, and those with one of which it cannot be told."""
        if slot.simple:
            return self._some(slot.word, slot.yes), self._some(slot.word, slot.unknown)
        places, fit = self.fit(slot)
        return self._in(places[fit == 1]), self._in(places[fit == -1])

    def _never(self, check: Never, _: object) -> Column:
        slot, column = self.compiled.slots[check.never, id(check)], self._blank()
        done, open_ = self._met(slot)
        unscored = ~done & (self._silent(check.never) | (self.reals & open_))
        column.over[~done & ~unscored] = 1
        column.status[unscored] = UNSCORED
        return column

    def _every(self, check: Every, _: object) -> Column:
        column = self._blank()
        places, fit = self.fit(self.compiled.slots[check.every.did, id(check.every)])
        unsure, cases = self._in(places[fit == -1]) & self.reals, places[fit == 1]
        _, good = self.fit(self.compiled.slots[check.every.did, id(check.must)], cases)
        of, met = (np.bincount(self.log_of[some], minlength=len(self.logs)) for some in (cases, cases[good == 1]))
        column.over[:], column.under[:] = met, np.maximum(of, 1)
        column.status[self._in(cases[good == -1])] = UNSCORED
        column.status[of == 0] = OUT
        none = unsure | self._silent(check.every.did)
        column.status[none] = UNSCORED
        column.over[none], column.under[none] = 0, 1
        return column

    def _at_most(self, check: AtMost, _: object) -> Column:
        column, (word, bit) = self._blank(), self.compiled.sums[check.at_most]
        column.over[:] = 1
        spent: dict[int, list[str | None]] = {}
        for place in np.flatnonzero(self.words[word] & np.uint64(bit)).tolist():
            spent.setdefault(int(self.log_of[place]), []).append(self._event(place).amount)
        for log, amounts in spent.items():
            setting = self.settings[log]
            limit, unnamed = setting.limits[check.at_most], None in amounts
            total = sum((_amount(amount) for amount in amounts), Fraction(0))
            column.over[log] = int(limit is not None and total <= limit[1] and not unnamed)
            if unnamed and not setting.ground.bare.tells("amount"):
                column.status[log] = UNSCORED
        if self.real:
            for log, setting in enumerate(self.settings):
                limit = setting.limits.get(check.at_most)
                if not setting.trouble and (limit is None or not setting.ground.bare.records((limit[0],))):
                    column.status[log] = UNSCORED
        column.over[column.status == UNSCORED] = 0
        return column

    def _by_judge(self, check: Handled | OnTime, scale: Mapping[str, Fraction]) -> Column:
        return self._rest[id(check), id(scale)]

    @cached_property
    def _rest(self) -> dict[tuple[int, int], Column]:
        """What the judge decides, of each log all at once, so that what he has worked out can be let go; the others have
        no such expectation or clock, or are real work, of which nobody declared what was expected."""
        found = {(id(check), id(scale)): self._blank(OUT) for check, scale in self.compiled.rest}
        for column in found.values():
            column.status[self.reals] = UNSCORED
        judged: dict[Any, dict[tuple[int, int], Verdict]] = {}  # Of a scenario and its outcomes: what they come to hangs on nothing else.
        for log, setting in enumerate(self.settings):
            asked = [(check, scale) for check, scale in self.compiled.rest if setting.asks(check)]
            if self.trouble[log] or not (asked or setting.expects(self.compiled.beside)):
                continue
            judge = self._judge(log)
            self._own_work[log] = own_work(judge.handled)
            alike = judged.setdefault((id(setting.case.scenario), *(one.outcome for one in judge.handled)), {})
            for check, scale in asked:
                key = id(check), id(scale)
                verdict = alike.get(key)
                if verdict is None:
                    verdict = replace(judge, scale=scale).verdict(check)
                    if isinstance(check, Handled):
                        alike[key] = verdict
                _put(found[key], log, verdict)
        return found

    def _judge(self, log: int) -> Judge:
        record = self._record(log)
        clocks = readings.read_bare(record) if self.compiled.of_clocks else ()
        return Judge(record, clocks, self.compiled.expected.of(record), {})

    def _record(self, log: int) -> Record:
        case, entries = self.logs[log]
        return Record(self.compiled.library, case, tuple(map(self.reader.event, entries)))

    def _parts(self, checks: tuple[Any, ...], scale: Mapping[str, Fraction]) -> tuple[Numbers, Numbers, Numbers, Numbers]:
        """The logs in which any part is met, any is not, any cannot be told, and any applies."""
        columns = [self.column(check, scale) for check in checks]
        rated, open_ = [c.status == RATED for c in columns], [c.status == UNSCORED for c in columns]
        whole = [c.over == c.under for c in columns]
        met, failed = [r & w for r, w in zip(rated, whole, strict=True)], [r & ~w for r, w in zip(rated, whole, strict=True)]
        some_met, some_failed, some_open = (np.logical_or.reduce(part) for part in (met, failed, open_))
        return some_met, some_failed, some_open, some_met | some_failed | some_open

    def _all(self, check: All, scale: Mapping[str, Fraction]) -> Column:
        column = self._blank()
        _, failed, open_, any_ = self._parts(check.all, scale)
        column.status[~any_] = OUT
        column.status[~failed & open_] = UNSCORED
        column.over[any_ & ~failed & ~open_] = 1
        return column

    def _any(self, check: AnyOf, scale: Mapping[str, Fraction]) -> Column:
        column = self._blank()
        met, _, open_, any_ = self._parts(check.any, scale)
        column.status[~any_] = OUT
        column.status[~met & open_] = UNSCORED
        column.over[met] = 1
        return column

    def _not(self, check: Not, scale: Mapping[str, Fraction]) -> Column:
        found = self.column(check.not_, scale)
        rated = found.status == RATED
        turned = np.where(rated, found.over != found.under, found.over)
        return Column(found.status, turned, np.where(rated, 1, found.under), found.grave)


RULES: dict[type, Callable[[Some, Any, Mapping[str, Fraction]], Column]] = {
    Did: Some._did, Never: Some._never, Every: Some._every, Handled: Some._by_judge, OnTime: Some._by_judge,
    AtMost: Some._at_most, All: Some._all, AnyOf: Some._any, Not: Some._not,
}  # fmt: skip


@lru_cache(maxsize=4096)
def _amount(text: str | None) -> Fraction:
    return amount_of(text)


def _put(column: Column, log: int, found: Verdict) -> None:
    column.status[log], column.grave[log] = STATUSES.index(found.status), found.grave
    column.over[log], column.under[log] = found.share.numerator, found.share.denominator


def _moment(library: Library, case: Case, asked: Qualifiers) -> datetime | None:
    """The earlier of what `by` and `within` ask for."""
    record = Record(library, case, ())
    ends = [case.instant(asked.by)] if asked.by is not None else []
    ends += [record.due(asked.within, case.opens)] if asked.within is not None else []
    return min(ends, default=None)

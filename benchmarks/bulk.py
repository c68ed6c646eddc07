"""Many logs by 25 criteria at once, from raw entries, beside plain closures and pandas, whose frame is built in its time.

The logs are those of scripted trainees with entries left out, done twice, swapped, sent to others and rated otherwise,
so that hardly two are alike: what share is different is told, by all that the criteria read. Every log is an
object of its own. Verdicts are compared first: status, share and grave with the judge's on each log, and with each peer
whether a criterion is met. The peers answer yes or no; ours tells what is not applicable or unscored too, and exact shares.
"""

from __future__ import annotations

import json
import random
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from itertools import islice
from typing import Any

import numpy as np
import pandas as pd

from benchmarks import scoring
from benchmarks.ratios import Ratio
from casework.edges import content
from casework.model.checks import Every, Handled, OnTime, parts
from casework.model.decisions import DecisionLog, Event, Header, encode
from casework.model.library import Library
from casework.practice import readings
from casework.practice.cases import Case
from casework.practice.matching import Record
from casework.quality.checks import USUAL_HANDLING, Judge, handle
from casework.quality.compiled import CHUNK, Compiled, judge_many
from casework.quality.signatures import Reader, of_events, of_rows

TITLE = "Scoring many logs at once, on a core"
PEERS = ("pandas",)
LOGS, ROUNDS, SEED = 5_000, 5, 20260302
YEAR = (10_000, 100_000)
SIZES = (100, 1_000, 10_000, 100_000)
Log = tuple[Case, tuple[Event, ...]]


def varied(die: random.Random, record: Record) -> Log:
    """A log like this one: of its entries a tenth left out, some done twice, swapped, sent to others, rated otherwise, later."""
    first, *body, last = record.events
    body = [event for event in body if die.random() > 0.1]
    body += [die.choice(body) for _ in range(die.randrange(3)) if body]
    if die.random() < 0.5:
        die.shuffle(body)
    parties = [*record.case.parties, None]
    events = []
    for n, event in enumerate((first, *body, last), 1):
        changes: dict[str, Any] = {"n": n, "at": event.at + timedelta(minutes=die.randrange(30))}
        if event.event == "decided" and die.random() < 0.1:
            changes |= {"to": die.choice(parties), "channel": die.choice((None, "email", "phone", "letter"))}
        if event.do == "say" and die.random() < 0.3:
            changes |= {"empathy": die.choice((None, "good", "fair", "poor")), "accuracy": die.choice((None, "right", "partial", "wrong"))}
        events.append(event.model_copy(update=changes))
    return record.case, tuple(events)


def many(pool: Sequence[Record], count: int, seed: int = SEED) -> Iterator[Log]:
    die = random.Random(seed)
    return (varied(die, die.choice(pool)) for _ in range(count))


def lines_of(events: tuple[Event, ...]) -> list[str]:
    """A log as the lines of its file, but for the header."""
    header = Header(session="1" * 16, trainee="t", source="simulated", mode="scripted", version=1, seed=1, zone="UTC", engine="0", digests={})
    return encode(DecisionLog(header, events)).splitlines()[1:]


Test = Callable[[Case, list[Event]], bool]


def closure(check: Any) -> Test:
    """A check as a function over a log's decisions, as one writes it by hand."""

    def fit(asked: Any) -> Callable[[Case, Event], bool]:
        wanted = [(name, frozenset(words)) for name, words in scoring.asked_of(asked) if name != "to"]
        to = frozenset(asked.to)

        def fits(case: Case, event: Event) -> bool:
            if to and not (event.to in to or (event.to in case.parties and case.parties[event.to].role in to)):
                return False
            return all(getattr(event, name) in words for name, words in wanted)

        return fits

    if isinstance(check, Every):
        acts, of, good = frozenset(check.every.did), fit(check.every), fit(check.must)

        def every(case: Case, decisions: list[Event]) -> bool:
            cases = [e for e in decisions if (e.do in acts or e.counts_as in acts) and of(case, e)]
            return bool(cases) and all(good(case, e) for e in cases)

        return every
    positive = hasattr(check, "did")
    acts, fits = frozenset(check.did if positive else check.never), fit(check)
    return lambda case, decisions: any((e.do in acts or e.counts_as in acts) and fits(case, e) for e in decisions) is positive


def by_closures(tests: list[Test], logs: Sequence[Log]) -> np.ndarray:
    found = []
    for case, events in logs:
        decisions = [event for event in events if event.event == "decided"]
        found.append([test(case, decisions) for test in tests])
    return np.array(found)


def by_pandas(asked: list[Any], logs: Sequence[Log]) -> np.ndarray:
    """Yes or no by log and criterion, with the frame made by columns, which is quicker than by rows."""
    held = [(n, case.parties, e) for n, (case, events) in enumerate(logs) for e in events if e.event == "decided"]
    frame = pd.DataFrame({
        "file": [n for n, _, _ in held], "do": [e.do or "" for _, _, e in held], "amounts_to": [e.counts_as or "" for _, _, e in held],
        "to": [e.to or "" for _, _, e in held], "role": [parties[e.to].role if e.to in parties else "" for _, parties, e in held],
        "channel": [e.channel or "" for _, _, e in held], "as_": [e.as_ or "" for _, _, e in held],
        "empathy": [e.empathy or "" for _, _, e in held], "accuracy": [e.accuracy or "" for _, _, e in held],
    })  # fmt: skip
    return scoring.by_pandas(frame, len(logs), asked)


def by_judge(library: Library, asked: Sequence[Any], one: Log) -> tuple[Any, ...]:
    record = Record(library, *one)
    inside = [part for check in asked for part in parts(check)]
    clocks = readings.read(record) if any(isinstance(part, OnTime) for part in inside) else ()
    topics = {part.handled for part in inside if isinstance(part, Handled)}
    handled = tuple(handle(record, e) for e in one[0].scenario.expectations if e.topic in topics)
    judge = Judge(record, clocks, handled, USUAL_HANDLING)
    return tuple((found.status, found.share, found.grave) for found in map(judge.verdict, asked))


def at_once(compiled: Compiled, logs: Any, read: Callable[[tuple[str, ...]], Reader] = of_events) -> list[Any]:
    return list(judge_many(compiled, logs, read))


def rows(sheets: list[Any]) -> list[tuple[Any, ...]]:
    return [sheet.row(n) for sheet in sheets for n in range(len(sheet))]


def met(sheets: list[Any]) -> np.ndarray:
    return np.concatenate([(sheet.status == 0) & (sheet.over == sheet.under) for sheet in sheets])


def took(work: Callable[[], object]) -> float:
    begun = time.process_time()
    work()
    return time.process_time() - begun


def compiled_of(library: Library, asked: Sequence[Any]) -> Compiled:
    return Compiled(library, asked, [USUAL_HANDLING] * len(asked))


def different(compiled: Compiled, logs: Sequence[Log]) -> float:
    """The share of logs that are alone in what the criteria read of them, entry by entry in order, on their case."""
    reader = of_events(compiled.fields)
    return len({(id(case), tuple(map(reader.key, reader.dicts(events)))) for case, events in logs}) / len(logs)


def exponents(library: Library, asked: list[Any], logs: Sequence[Log]) -> dict[str, Any]:
    """How the time grows with the number of logs, of criteria (compiled in that time), and of entries in a log: the slope of its logarithm."""

    def slope(counts: Sequence[int], times: list[float]) -> dict[str, Any]:
        fitted = np.polyfit(np.log(counts), np.log(times), 1)[0]
        return {"counts": list(counts), "seconds": [round(one, 4) for one in times], "exponent": round(float(fitted), 3)}

    compiled = compiled_of(library, asked)
    at_once(compiled, logs)

    def first(count: int) -> Iterator[Log]:
        return (logs[n % len(logs)] for n in range(count))

    def best(work: Callable[[], object]) -> float:
        return min(took(work) for _ in range(3))

    def long(count: int) -> list[Log]:
        case, events = logs[0]
        body = [events[n % len(events)] for n in range(count)]
        return [(case, tuple(e.model_copy(update={"n": n}) for n, e in enumerate(body, 1)))]

    criteria = (25, 250, 2_500)
    logs_of_length = [long(n) * 20 for n in SIZES[:3]]
    return {
        "logs": slope(SIZES, [best(lambda n=n: at_once(compiled, first(n))) for n in SIZES]),
        "criteria": slope(criteria, [best(lambda n=n: at_once(compiled_of(library, [one.model_copy(deep=True) for _ in range(n // len(asked)) for one in asked]), logs[:1_000])) for n in criteria]),
        "entries in each of 20 logs": slope(SIZES[:3], [best(lambda some=some: at_once(compiled, some)) for some in logs_of_length]),
    }  # fmt: skip


def memory() -> list[dict[str, Any]]:
    """The most memory that a process of its own has taken after so many logs, made and judged one after another."""
    code = "from benchmarks.bulk import year; year()"
    found = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    return [json.loads(line) for line in found.stdout.splitlines()]


def year() -> None:
    """A year's logs, all different, in one stream: the memory, and the time of judging without that of making them."""
    library = content.load()
    pool, asked = scoring.play(library), scoring.checks()
    compiled, seen, spent = Compiled(library, asked), 0, 0.0
    logs = many(pool, YEAR[-1])
    while some := list(islice(logs, CHUNK)):
        begun = time.process_time()
        seen += sum(len(sheet) for sheet in judge_many(compiled, some))
        spent += time.process_time() - begun
        if seen in YEAR:
            most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
            print(json.dumps({"logs": seen, "max_rss_mb": round(most, 1), "seconds": round(spent, 2), "criteria_per_second": round(seen * len(asked) / spent), "signatures": compiled.count}), flush=True)


def run() -> dict[str, Any]:
    held = memory()  # First: a process that is begun by a large one counts that one's memory as its own.
    library, asked = content.load(), scoring.checks()
    pool = scoring.play(library)
    logs = list(many(pool, LOGS))
    texts = [(case, lines_of(events)) for case, events in logs]
    raw = [(case, [json.loads(line) for line in lines]) for case, lines in texts]
    tests = [closure(check) for check in asked]
    shipped = [c.check if c.check is not None else c.applies_when for c in library.rubrics["case-handling"].criteria]
    alone = [check for check in shipped if not isinstance(check, (Handled, OnTime))]
    ours = {"entries": compiled_of(library, asked), "rows": compiled_of(library, asked), "shipped": compiled_of(library, shipped), "part": compiled_of(library, alone)}

    expected = [by_judge(library, asked, one) for one in logs]
    found = at_once(ours["entries"], logs)
    assert rows(found) == expected, "the judge differs from all at once"
    assert rows(at_once(ours["rows"], raw, of_rows)) == expected, "the judge differs from rows at once"
    assert (by_closures(tests, logs) == met(found)).all(), "closures differ"
    assert (by_pandas(asked, logs) == met(found)).all(), "pandas differs"
    few = logs[:: LOGS // 500]
    assert rows(at_once(ours["shipped"], few)) == [by_judge(library, shipped, one) for one in few], "the judge differs on the shipped rubric"
    wholly = met(found)
    assert wholly.any(axis=0).sum() >= 20 and (~wholly).any(axis=0).sum() >= 20, "criteria that are always or never met compare nothing"

    def named(kind: type) -> list[str]:
        return [c.id for c, check in zip(library.rubrics["case-handling"].criteria, shipped, strict=True) if isinstance(check, kind)]

    def parsed() -> Iterator[Any]:
        return ((case, [json.loads(line) for line in lines]) for case, lines in texts)

    work: dict[str, tuple[int, int, Callable[[], object]]] = {
        "all at once, from entries": (LOGS, len(asked), lambda: at_once(ours["entries"], logs)),
        "all at once, nothing kept": (LOGS, len(asked), lambda: at_once(compiled_of(library, asked), logs)),
        "all at once, from rows": (LOGS, len(asked), lambda: at_once(ours["rows"], raw, of_rows)),
        "all at once, from text": (LOGS, len(asked), lambda: at_once(ours["rows"], parsed(), of_rows)),
        "judge, log by log": (len(few), len(asked), lambda: [by_judge(library, asked, one) for one in few]),
        "closures": (LOGS, len(asked), lambda: by_closures(tests, logs)),
        "pandas": (LOGS, len(asked), lambda: by_pandas(asked, logs)),
        "shipped rubric, what no clock or expectation decides": (LOGS, len(alone), lambda: at_once(ours["part"], logs)),
        "shipped rubric, all of it": (len(few), len(shipped), lambda: at_once(ours["shipped"], few)),
        "shipped rubric, judge log by log": (len(few), len(shipped), lambda: [by_judge(library, shipped, one) for one in few]),
    }  # fmt: skip
    times: dict[str, list[float]] = {name: [] for name in work}
    for _ in range(ROUNDS):
        for name, (_, _, one) in work.items():
            times[name].append(took(one))
    seconds = {name: statistics.median(times[name]) for name in work}
    each = {name: seconds[name] / (count * criteria) for name, (count, criteria, _) in work.items()}
    first = next(iter(work))
    lines = [
        {"who": name, "logs": count, "criteria": criteria, "microseconds_a_log": round(1e6 * seconds[name] / count, 2),
         "criteria_per_second": round(1 / each[name]), "times_ours": round(each[name] / each[first], 2)}
        for name, (count, criteria, _) in work.items()
    ]  # fmt: skip
    return {
        "logs": LOGS, "entries": sum(len(events) for _, events in logs), "rounds": ROUNDS, "different": round(different(ours["entries"], logs), 4),
        "signatures": ours["entries"].count, "by_the_judge": named(OnTime), "log_by_log": named(Handled),
        "rows": lines, "year": held, "growth": exponents(library, asked, logs),
    }  # fmt: skip


def told(found: dict[str, Any]) -> list[str]:
    lines = [f"{found['logs']:,} logs of {found['entries'] / found['logs']:.1f} entries, {100 * found['different']:.1f} % of them different in what criteria read; every verdict as the judge's, on a core:"]
    for row in found["rows"]:
        lines.append(f"  {row['who']:52} {row['criteria_per_second']:>10,} criteria/s, {row['microseconds_a_log']:8.1f} µs a log by {row['criteria']}, {row['times_ours']:6.2f} x ours")
    lines.append(f"  Of the shipped rubric, {len(found['by_the_judge'])} criteria are the judge's own, for clocks ({', '.join(found['by_the_judge'])}); {len(found['log_by_log'])} on expectations are compiled and read log by log")
    lines += [f"  In one stream, nothing kept before: {one['logs']:,} logs in {one['seconds']:.2f} s = {one['criteria_per_second']:,} criteria/s, {one['max_rss_mb']:.0f} MB at most" for one in found["year"]]
    lines.append("  Time grows with " + ", ".join(f"{what} to the power {one['exponent']:.2f}" for what, one in found["growth"].items()))
    return lines


def ratios(found: dict[str, Any]) -> list[Ratio]:
    """From raw entries, features included; a million criteria a second stands for one microsecond a criterion."""
    times = {row["who"]: row["times_ours"] for row in found["rows"]}
    rate = found["rows"][0]["criteria_per_second"]
    return [
        Ratio("25 criteria of many logs", "closures, log by log", times["closures"], 3.0),
        Ratio("25 criteria of many logs", "pandas, its frame built", times["pandas"], 3.0),
        Ratio("25 criteria of many logs", "a million criteria a second on a core", rate / 1_000_000, 1.0),
    ]


if __name__ == "__main__":
    print("\n".join(told(run())))

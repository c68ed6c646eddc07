"""Ten thousand files by 25 yes-or-no criteria, beside pandas and a CEL evaluator on the same facts.

The files are logs of scripted trainees, a few hundred different ones used over and over. Verdicts are compared first,
file by file and criterion by criterion. The three do not do the same: ours says why, cites entries, keeps exact shares
and tells "not met" from "not applicable" and "unscored"; pandas and CEL answer yes or no. What a peer's facts are made
of (a table, CEL maps) is made before its time begins; a whole scorecard, with clocks and expectations, is timed too.
"""

from __future__ import annotations

import logging
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import celpy
import numpy as np
import pandas as pd
from celpy.adapter import json_to_cel
from pydantic import TypeAdapter

from benchmarks.ratios import Ratio
from casework.edges import content
from casework.model.checks import Check, Every
from casework.model.library import Library
from casework.practice import cases, desk, trainees
from casework.practice.matching import Record
from casework.quality import scoring
from casework.quality.checks import Judge

TITLE = "Scoring with reasons, one log after another"
PEERS = ("pandas", "cel-python")
FILES, ROUNDS, SCENARIOS = 10_000, 5, 40
EVENTS, CRITERIA, LOG_ROUNDS = 200, 25, 100
# Files a round: pandas does all of them at once, which is its strength; the slow ones do a part, and rates are per criterion.
TIMED = {"casework, verdicts": 2_000, "casework, scorecards": 200, "pandas": FILES, "cel-python": 60}
DID = ("note", "verify", "diarise", "acknowledge", "reply", "call", "index", "log", "close", "request")
NEVER = ("give_opinion", "promise", "approve_spend", "delete", "hand_over", "disclose", "appeal")
EVERY = (
    ({"did": "say"}, {"accuracy": "right"}), ({"did": "say"}, {"empathy": ["good", "fair"]}),
    ({"did": "escalate"}, {"to": ["handler", "cover_handler"]}), ({"did": "log"}, {"as": "complaint"}),
)  # fmt: skip
LONGER = ({"did": "escalate", "to": "handler"}, {"did": "log", "as": ["complaint", "risk"]}, {"did": "reply", "channel": "email"}, {"never": "reply", "to": "member"})


def checks() -> list[Any]:
    """Twenty-five checks that all three can state: of actions, and of their recipient, channel, kind and quality."""
    plain: list[Any] = [{"did": a} for a in DID] + [{"never": a} for a in NEVER]
    plain += [{"every": every, "must": must} for every, must in EVERY] + list(LONGER)
    return [TypeAdapter(Check).validate_python(one) for one in plain]


@dataclass(frozen=True)
class Fact:
    """What a decision is to the peers: its action and what that amounts to, and what is asked of it."""

    do: str
    amounts_to: str
    to: str
    role: str
    channel: str
    as_: str
    empathy: str
    accuracy: str


def facts(record: Record) -> list[Fact]:
    parties = record.case.parties
    return [
        Fact(e.do or "", e.counts_as or "", e.to or "", parties[e.to].role if e.to in parties else "", e.channel or "", e.as_ or "", e.empathy or "", e.accuracy or "")
        for e in record.decisions
    ]  # fmt: skip


def play(library: Library) -> list[Record]:
    """A record for each trainee and scenario."""
    found = []
    for name in sorted(library.playable)[:SCENARIOS]:
        work = cases.named(library, name, 1)
        for trainee in trainees.PROFILES:
            log = trainees.run(desk.open_session(library, work, trainee), trainee).log()
            found += [desk.record_of(library, work, log, case.key) for case in work.cases]
    return found


def asked_of(check: Any) -> list[tuple[str, tuple[str, ...]]]:
    return [(name, getattr(check, name)) for name in ("to", "channel", "as_", "empathy", "accuracy") if getattr(check, name)]


def by_pandas(table: pd.DataFrame, files: int, asked: list[Any]) -> np.ndarray:
    """Yes or no by file and criterion."""

    def fit(check: Any) -> Any:
        found = pd.Series(True, table.index)
        for name, words in asked_of(check):
            one = table[name].isin(words)
            found &= one | table["role"].isin(words) if name == "to" else one
        return found

    def acts(names: tuple[str, ...]) -> Any:
        return table["do"].isin(names) | table["amounts_to"].isin(names)

    def some(rows: Any) -> Any:
        return np.bincount(table["file"][rows], minlength=files) > 0

    answers = []
    for check in asked:
        if isinstance(check, Every):
            of = acts(check.every.did) & fit(check.every)
            answers.append(some(of) & ~some(of & ~fit(check.must)))
        elif hasattr(check, "did"):
            answers.append(some(acts(check.did) & fit(check)))
        else:
            answers.append(~some(acts(check.never) & fit(check)))
    return np.stack(answers, axis=1)


def in_cel(check: Any) -> str:
    """A check as a CEL expression over the decisions `d`."""

    def words(names: tuple[str, ...]) -> str:
        return "[" + ", ".join(f'"{name}"' for name in names) + "]"

    def acts(names: tuple[str, ...]) -> str:
        return f"(e.do in {words(names)} || e.amounts_to in {words(names)})"

    def fit(one: Any) -> str:
        parts = [f"(e.to in {words(w)} || e.role in {words(w)})" if name == "to" else f"e.{name} in {words(w)}" for name, w in asked_of(one)]
        return " && ".join(parts) or "true"

    if isinstance(check, Every):
        of = f"({acts(check.every.did)} && {fit(check.every)})"
        return f"d.exists(e, {of}) && d.all(e, !{of} || ({fit(check.must)}))"
    if hasattr(check, "did"):
        return f"d.exists(e, {acts(check.did)} && {fit(check)})"
    return f"!d.exists(e, {acts(check.never)} && {fit(check)})"


def one_log(library: Library) -> dict[str, Any]:
    """A scorecard with its reasons, of one long log: a session's own entries over and over, 25 criteria that checks decide."""
    work = cases.named(library, "rule-7-handler-away", 1)
    case = work.cases[0]
    first, *body, last = trainees.run(desk.open_session(library, work, "steady"), "steady").log().events
    many = sorted((body * EVENTS)[: EVENTS - 2], key=lambda event: event.at)
    events = tuple(event.model_copy(update={"n": n}) for n, event in enumerate((first, *many, last), 1))
    rubric = library.rubrics["case-handling"]
    checked = [criterion.id for section in rubric.sections for criterion in section.criteria if criterion.check is not None][:CRITERIA]
    parts = (s.model_copy(update={"criteria": tuple(c for c in s.criteria if c.id in checked)}) for s in rubric.sections)
    rubric = rubric.model_copy(update={"sections": tuple(part for part in parts if part.criteria)})
    took = []
    for _ in range(LOG_ROUNDS):
        begun = time.perf_counter()
        card = scoring.score_case(Record(library, case, events), rubric, "t", 1)
        took.append(time.perf_counter() - begun)
    assert len(card.ratings) == CRITERIA and all(r.explanation for r in card.ratings)
    return {"events": len(events), "criteria": len(card.ratings), "rounds": LOG_ROUNDS, "median_ms": round(1000 * statistics.median(took), 2)}


def run() -> dict[str, Any]:
    logging.getLogger("celpy").setLevel(logging.ERROR)
    library, asked = content.load(), checks()
    pool = play(library)
    rubric = library.rubrics["case-handling"]
    criteria = sum(len(section.criteria) for section in rubric.sections)
    held = [facts(record) for record in pool]
    many = [n % len(pool) for n in range(FILES)]
    table = pd.DataFrame([{"file": n, **vars(fact)} for n, which in enumerate(many) for fact in held[which]])
    environment = celpy.Environment(runner_class=celpy.CompiledRunner)  # Its quicker way by far.
    programs = [environment.program(environment.compile(in_cel(check))) for check in asked]
    maps = [{"d": json_to_cel([vars(fact) for fact in rows])} for rows in held]

    def ours(which: int) -> list[bool]:
        # A record keeps what it has worked out; each file is read anew, as a file met for the first time is.
        record = Record(library, pool[which].case, pool[which].events)
        judge = Judge(record, (), (), {})
        return [judge.verdict(check).met for check in asked]

    def cel(which: int) -> list[bool]:
        return [bool(program.evaluate(maps[which])) for program in programs]

    def card(which: int) -> Any:
        return scoring.score_case(Record(library, pool[which].case, pool[which].events), rubric, "t", 1)

    mine = np.array([ours(n) for n in range(len(pool))])
    frame = by_pandas(table, FILES, asked)
    assert (frame == mine[many]).all(), "pandas and casework differ"
    few = list(range(0, len(pool), 6))
    assert (np.array([cel(n) for n in few]) == mine[few]).all(), "CEL and casework differ"
    assert mine.any(axis=0).sum() >= 20 and (~mine).any(axis=0).sum() >= 20, "criteria that are always or never met compare nothing"

    def each(one: Callable[[int], Any]) -> Callable[[int, int], object]:
        return lambda begin, count: [one(many[(begin + n) % FILES]) for n in range(count)]

    work: dict[str, Callable[[int, int], object]] = {
        "casework, verdicts": each(ours), "casework, scorecards": each(card),
        "pandas": lambda _, __: by_pandas(table, FILES, asked), "cel-python": each(cel),
    }  # fmt: skip
    took: dict[str, list[float]] = {name: [] for name in work}
    for turn in range(ROUNDS):
        for name, one in work.items():
            begun = time.perf_counter()
            one(turn * TIMED[name], TIMED[name])
            took[name].append(time.perf_counter() - begun)
    each_s = {name: statistics.median(took[name]) / TIMED[name] for name in work}
    per_file = {name: criteria if name.endswith("scorecards") else len(asked) for name in work}
    rows = [
        {"who": name, "files_timed": TIMED[name] * ROUNDS, "criteria": per_file[name], "criteria_per_second": round(per_file[name] / each_s[name]),
         "seconds_for_10000_files": round(each_s[name] * FILES, 2), "times_our_verdicts": round(each_s[name] / each_s["casework, verdicts"], 3)}
        for name in work
    ]  # fmt: skip
    return {"files": FILES, "different_logs": len(pool), "decisions": len(table), "rounds": ROUNDS, "compared": {"pandas": FILES, "cel-python": len(few)}, "rows": rows, "one_log": one_log(library)}


def told(found: dict[str, Any]) -> list[str]:
    lines = [f"{found['files']:,} files ({found['different_logs']} different logs, {found['decisions']:,} decisions); every verdict the same on all of them beside pandas, on {found['compared']['cel-python']} beside CEL:"]
    for row in found["rows"]:
        lines.append(
            f"  {row['who']:22} {row['criteria_per_second']:>10,} criteria/s, 10,000 files by {row['criteria']} in {row['seconds_for_10000_files']:8.2f} s = {row['times_our_verdicts']:8.3f} x the time of our verdicts"
        )
    one = found["one_log"]
    lines.append(f"  one log of {one['events']} entries by {one['criteria']} criteria, with reasons: {one['median_ms']:.2f} ms")
    lines.append("  Ours cites its entries and says why; pandas answers yes or no for all files at once; CEL yes or no for one. A scorecard also reads clocks and expectations.")
    return lines


def ratios(found: dict[str, Any]) -> list[Ratio]:
    by = {row["who"]: row["times_our_verdicts"] for row in found["rows"]}
    return [Ratio("a verdict with its reason", "cel-python (yes or no)", by["cel-python"]), Ratio("a verdict with its reason", "pandas (yes or no, all files at once)", 1 / by["pandas"], at_most=True)]


if __name__ == "__main__":
    print("\n".join(told(run())))

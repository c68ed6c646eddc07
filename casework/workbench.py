"""Every use case, one function each; the command line and the notebooks call nothing else."""

from __future__ import annotations

import csv
import io
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from html import escape
from pathlib import Path
from typing import Any

from casework.edges import batches, content, logfiles
from casework.model.decisions import DecisionLog, head_hash
from casework.model.errors import BadInput, BrokenLog, ContentError
from casework.model.library import Library
from casework.model.scenarios import Answer
from casework.practice import desk, handbook, trainees
from casework.practice.cases import Caseload, from_plan, from_scenario
from casework.practice.replaying import caseload_of, replay
from casework.progress import cohort
from casework.quality import coaching, scoring
from casework.quality.scoring import Scorecard, shown

MAIN_RUBRIC = "case-handling"


def library(folder: Path | None = None) -> Library:
    return content.load(folder)


def caseload(held: Library, name: str, seed: int) -> Caseload:
    """The work of a scenario or a caseload, by id."""
    if name in held.caseloads:
        return from_plan(held, held.caseloads[name], seed)
    if name not in held.scenarios:
        raise BadInput(
            f"unknown scenario or caseload {name!r}; there are {', '.join(sorted([*held.scenarios, *held.caseloads]))}"
        )
    return from_scenario(held, held.get_scenario(name), seed)


def play(held: Library, name: str, trainee: str, seed: int | None) -> desk.Session:
    """A session played by a scripted trainee, or by one of the scenario's own answers."""
    answers = held.answers.get(name, {})
    if trainee in trainees.PROFILES:
        return trainees.run(desk.open_session(held, caseload(held, name, seed or 1), trainee), trainee)
    if trainee in answers:
        answer = answers[trainee]
        return play_answer(held, name, answer, answer.seed if seed is None else seed)
    known = [*trainees.PROFILES, *answers]
    raise BadInput(f"unknown trainee {trainee!r}; those who can play {name} are {', '.join(known)}")


def play_answer(held: Library, name: str, answer: Answer, seed: int) -> desk.Session:
    session = desk.open_session(held, caseload(held, name, seed), answer.trainee)
    return desk.finish(desk.play(session, answer.steps))


def score(held: Library, log: DecisionLog, rubric: str = MAIN_RUBRIC) -> tuple[Scorecard, ...]:
    """One scorecard a case; the log must have been played on this library's content."""
    chosen = held.get_rubric(rubric)
    try:
        work = caseload_of(held, log)
    except BrokenLog as error:
        raise BadInput(error.reason) from None
    return scoring.score(held, work, log, chosen)


def debrief(held: Library, log: DecisionLog, rubric: str = MAIN_RUBRIC) -> tuple[coaching.Debrief, ...]:
    work = caseload_of(held, log)
    return tuple(
        coaching.debrief(desk.record_of(held, work, log, card.case), card) for card in score(held, log, rubric)
    )


def due(held: Library, clause: str, start: str, calendar: str | None, on: str | None) -> dict[str, Any]:
    """One deadline with its reasoning, as `casework due --json` prints it."""
    return handbook.due_json(held, clause, start, calendar, on)


def due_table(held: Library, clause: str, year: int, calendar: str | None) -> list[dict[str, Any]]:
    return handbook.due_table(held, clause, year, calendar)


def policy_list(held: Library, on: date | None, unconfirmed: bool) -> list[dict[str, Any]]:
    return handbook.listing(held, on, unconfirmed)


def policy_show(held: Library, clause: str, on: date | None) -> list[dict[str, Any]]:
    full = held.full_clause_id(clause)
    return [handbook.version_json(full, c) for c in ([held.clause(full, on)] if on else held.versions(full))]


def policy_diff(held: Library, first: date, last: date) -> list[dict[str, Any]]:
    return [_change(change) for change in handbook.changed_between(held, first, last)]


def policy_behind(held: Library) -> list[dict[str, Any]]:
    """Where a team's own law and published practice are not those that ship."""
    return [_change(change) for change in handbook.behind_shipped(held, library())]


def _change(change: handbook.Change) -> dict[str, Any]:
    return {"clause": change.ref, "what": change.what, "parts": handbook.differences(change)}


def late_payment(held: Library, amount: Decimal, due_on: date, paid_on: date, base: Decimal) -> dict[str, Any]:
    found = handbook.late_payment(held, amount, due_on, paid_on, base)
    return {
        "clause": found.ref, "days": found.days, "rate": str(found.rate), "interest": str(found.interest),
        "fixed": found.fixed, "total": str(found.total),
    }  # fmt: skip


def explain(held: Library, name: str, item: str, seed: int) -> dict[str, Any]:
    """What one item of a scenario starts and is judged by."""
    name, _, key = name.partition("#")
    return handbook.explain(caseload(held, name, seed), held, item, key or None)


def scorecard_json(card: Scorecard) -> dict[str, Any]:
    """The contract of `casework score --json` for one case."""
    failed = card.failed_classes()
    return {
        "case": card.case, "scenario": card.scenario, "trainee": card.trainee, "seed": card.seed,
        "rubric": card.rubric.id, "total": float(card.total), "exact": str(card.total),
        "shown": shown(card.total, card.rubric.pass_mark), "provisional": card.provisional,
        "low": float(card.low), "high": float(card.high), "band": card.band, "passed": card.passed,
        "classes": {name: {"passed": not errors, "errors": list(errors)} for name, errors in failed.items()},
        "criteria": [
            {
                "id": r.criterion.id, "section": r.section, "weight": float(r.criterion.weight), "status": r.status,
                "rating": float(r.rating), "points": float(r.points), "available": float(r.available),
                "evidence": list(r.evidence), "clause": r.criterion.clause, "explanation": r.explanation,
            }
            for r in card.ratings
        ],
        "clocks": [
            {"clause": c.clause, "item": c.item, "side": c.side, "due_at": c.due_at.isoformat(), "state": c.state}
            for c in card.clocks
        ],
    }  # fmt: skip


def score_json(log: DecisionLog, cards: tuple[Scorecard, ...]) -> dict[str, Any]:
    if log.header.caseload is None:
        return scorecard_json(cards[0])
    counted = [c for card in cards for c in card.clocks if c.counted]
    tray = {
        "caseload": log.header.caseload, "trainee": log.header.trainee, "cases": len(cards),
        "passed": sum(card.passed is True for card in cards), "clocks_due": len(counted),
        "clocks_met": sum(c.state == "met" for c in counted),
    }  # fmt: skip
    return {"cases": [scorecard_json(card) for card in cards], "tray": tray}


@dataclass(frozen=True)
class Replayed:
    ok: bool
    entries: int
    head: str | None
    broken_at: int | None
    reason: str | None


def verify(held: Library, path: Path, unfinished: bool) -> tuple[Replayed, desk.Session | None]:
    """The verdict on a log, and the session it rebuilds."""
    try:
        log = logfiles.read_log(path)
        session = replay(held, log, unfinished)
    except BrokenLog as error:
        return Replayed(False, 0, None, error.entry, error.reason), None
    return Replayed(True, len(log.events), head_hash(log), None, None), session


def init(folder: Path) -> None:
    """A team's own copy of the content; nothing that exists is overwritten."""
    if folder.exists() and any(folder.iterdir()):
        raise BadInput(f"{folder} is not empty; choose a new folder, so that nothing of yours is overwritten")
    for name in ("notebooks", "scenarios", "rubrics"):
        try:
            shutil.copytree(content.shipped() / name, folder / name)
        except OSError as error:
            raise BadInput(f"{folder}: cannot be written ({error.strerror})") from None


def outranks(card: Scorecard) -> tuple[int, int, float]:
    """The order of archetypes: passed, then critical classes kept, then total. Higher is better."""
    kept = sum(not errors for errors in card.failed_classes().values())
    return int(card.passed is not False), kept, float(card.total)


def check(folder: Path | None, seeds: int = 3) -> dict[str, Any]:
    """Content problems, and each scenario played by its answers and archetypes."""
    try:
        held = content.load(folder)
    except ContentError as error:
        return {"ok": False, "problems": [vars(p) for p in error.problems], "scenarios": []}
    problems: list[dict[str, Any]] = []
    tested = []
    for id, scenario in held.scenarios.items():
        def fault(key: str, message: str, id: str = id) -> None:
            problems.append({"file": f"{id}/scenario.yaml", "line": 1, "key": key, "message": message})

        for name, answer in held.answers[id].items():
            card = score(held, play_answer(held, id, answer, answer.seed).log())[0]
            low, high = answer.result.total
            if not low <= float(card.total) <= high:
                fault(f"answers.{name}", f"total {float(card.total):.2f} is outside the declared {low:g} to {high:g}")
            if set(card.errors) != set(answer.result.errors):
                fault(f"answers.{name}", f"critical errors {sorted(card.errors)}; declared {sorted(answer.result.errors)}")
        totals: dict[str, float] = {}
        for seed in range(1, seeds + 1):
            cards = {n: score(held, play(held, id, n, seed).log())[0] for n in trainees.PROFILES}
            totals = {n: float(card.total) for n, card in cards.items()}
            groups = scenario.archetypes.best_first
            for better, worse in zip(groups, groups[1:], strict=False):
                for a in better:
                    for b in worse:
                        if a in cards and b in cards and outranks(cards[a]) <= outranks(cards[b]):
                            fault("archetypes", f"seed {seed}: {a} {outranks(cards[a])} does not outrank {b} {outranks(cards[b])}")
            for name in scenario.archetypes.must_fail:
                if cards[name].passed is not False:
                    fault("archetypes", f"seed {seed}: {name} may not pass, and did ({totals[name]:.1f})")
        spread = sorted(totals.values())
        tested.append({"id": id, "archetypes": totals, "discrimination": spread[-1] - spread[0]})
    return {"ok": not problems, "problems": problems, "scenarios": tested}


def timeline(session: desk.Session) -> list[tuple[str, int, str]]:
    """Local time, entry number and what happened, for every entry of a session."""
    rows: dict[int, tuple[str, int, str]] = {}
    for case in session.caseload.cases:
        for at, n, what in coaching.timeline(session.record(case.key)):
            rows[n] = (at, n, what)
    return [rows[n] for n in sorted(rows)]


def headline(card: Scorecard) -> str:
    """One line: total with bounds, verdict and critical classes; a total never stands without its classes."""
    verdict = {True: "passed", False: "not passed", None: "waits for a person"}[card.passed]
    classes = [f"{name}: {', '.join(errors)}" for name, errors in card.failed_classes().items() if errors]
    bounds = f" (between {shown(card.low)} and {shown(card.high)})" if card.provisional else ""
    critical = f"critical errors: {'; '.join(classes)}" if classes else "no critical errors"
    total = shown(card.total, card.rubric.pass_mark)
    return f"{card.scenario} by {card.trainee}, seed {card.seed}: {total}{bounds}, {verdict}; {critical}"


def debrief_json(found: coaching.Debrief) -> dict[str, Any]:
    return {
        "title": found.title, "scorecard": scorecard_json(found.scorecard),
        "timeline": [{"at": at, "entry": n, "what": what} for at, n, what in found.timeline],
        "lost": [
            {
                "criterion": m.rating.criterion.id, "points": float(m.lost), "critical": m.rating.critical_error,
                "seen": m.seen, "clause": m.rating.criterion.clause, "says": m.says, "better": list(m.better),
            }
            for m in found.lost
        ],
        "kept": list(found.kept), "awaiting": list(found.awaiting),
    }  # fmt: skip


def listing(held: Library, what: str) -> list[dict[str, Any]]:
    """Rows of one kind of thing."""
    if what == "scenarios":
        rows = [{"id": s.id, "level": s.level, "title": s.title} for s in held.scenarios.values()]
        return [*rows, *({"id": c.id, "level": "caseload", "title": c.title} for c in held.caseloads.values())]
    if what == "rubrics":
        return [{"id": r.id, "version": r.version, "title": r.title} for r in held.rubrics.values()]
    if what == "policies":
        return [
            {"clause": row["clause"], "from": row["effective_from"], "mark": row["mark"], "says": row["says"]}
            for row in handbook.listing(held, None, False)
        ]  # fmt: skip
    if what == "trainees":
        return [{"id": p.name, "handles": p.handles, "says": p.says} for p in trainees.PROFILES.values()]
    if what == "role":
        served: dict[str, set[str]] = {line: set() for line in ROLE_LINES}
        for scenario in held.scenarios.values():
            for line in scenario.evidences:
                served.setdefault(line, set()).add(scenario.id)
        for rubric in held.rubrics.values():
            for criterion in rubric.criteria:
                for line in criterion.evidences:
                    served.setdefault(line, set()).add(f"{rubric.id}/{criterion.id}")
        return [{"line": line, "served_by": ", ".join(sorted(by)) or "nothing yet"} for line, by in served.items()]
    raise BadInput(f"cannot list {what!r}; choose scenarios, rubrics, policies, trainees or role")


ROLE_LINES = (
    *(f"A{n}" for n in range(1, 20)), *(f"K{n}" for n in range(1, 20)),
    *(f"L{n}" for n in range(1, 7)), *(f"Q{n}" for n in range(1, 10)),
)  # fmt: skip


@dataclass(frozen=True)
class BatchResult:
    """What a batch did. `cohort`, `index` and `summary` are files."""

    planned: int
    outcomes: tuple[batches.Outcome, ...]
    played: int
    cohort: Path
    index: Path
    summary: Path
    findings: tuple[str, ...]

    @property
    def failed(self) -> tuple[batches.Outcome, ...]:
        return tuple(o for o in self.outcomes if o.error is not None)

    def as_json(self) -> dict[str, Any]:
        """The contract of `casework batch --json`."""
        return {
            "planned": self.planned, "done": self.planned - len(self.failed), "failed": len(self.failed), "skipped": 0,
            "outputs": [
                {
                    "trainee": o.trainee, "scenario": o.scenario, "notebook": str(o.notebook), "html": str(o.html),
                    "digest": o.digest, "status": "failed" if o.error else "done", "error": o.error,
                }
                for o in self.outcomes
            ],
        }  # fmt: skip


def notebook(folder: Path | None, name: str) -> Path:
    own = folder / "notebooks" / name if folder is not None else None
    return own if own is not None and own.is_file() else content.shipped() / "notebooks" / name


def cards_in(held: Library, folder: Path, rubric: str) -> list[Scorecard]:
    """The scorecards of every log in a folder and its subfolders."""
    logs = sorted(folder.rglob("*.jsonl")) if folder.is_dir() else [folder]
    if not logs:
        raise BadInput(f"{folder}: no logs (*.jsonl) in it")
    return [card for path in logs for card in score(held, logfiles.read_log(path), rubric)]


def run_batch(
    held: Library, folder: Path | None, roster: list[str], names: list[str], out: Path, seeds: list[int],
    rubric: str = MAIN_RUBRIC, step: Callable[[int, int], None] | None = None,
) -> BatchResult:  # fmt: skip
    """Plays each trainee on each scenario and seed, scores each trainee by notebook, then the cohort."""
    held.get_rubric(rubric)
    for name in names:
        caseload(held, name, seeds[0])
        for trainee in roster:
            if trainee not in trainees.PROFILES and trainee not in held.answers.get(name, {}):
                play(held, name, trainee, seeds[0])
    jobs, played = [], 0
    for trainee in roster:
        home = out / "logs" / batches.safe_name(trainee)
        for name in names:
            for seed in seeds:
                session = play(held, name, trainee, seed)
                logfiles.save(session.log(), session.texts, home / f"{batches.safe_name(name, str(seed))}.jsonl")
                played += 1
        parameters = {"log": str(home.resolve()), "rubric": rubric, "content": str(folder.resolve()) if folder else ""}
        output = out / "trainees" / batches.safe_name(trainee)
        jobs.append(batches.Job(trainee, ",".join(names), notebook(folder, "20_score.ipynb"), parameters, output))
    whole = {"logs": str((out / "logs").resolve()), "rubric": rubric, "content": str(folder.resolve()) if folder else ""}
    last = batches.Job("cohort", "all", notebook(folder, "40_cohort.ipynb"), whole, out / "cohort")
    outcomes = []
    for n, job in enumerate([*jobs, last], 1):
        outcomes.append(batches.run(job))
        if step is not None:
            step(n, len(jobs) + 1)
    cards = cards_in(held, out / "logs", rubric)
    logfiles.write(out / "summary.csv", summary_csv(cards))
    links = "".join(
        f'<li><a href="{o.html.relative_to(out)}">{escape(o.trainee)}</a>{" (failed)" if o.error else ""}</li>' for o in outcomes
    )
    page = f'<!doctype html><html lang="en"><meta charset="utf-8"><title>Reports</title><h1>Reports</h1><ul>{links}</ul></html>\n'
    logfiles.write(out / "index.html", page)
    return BatchResult(
        len(outcomes), tuple(outcomes), played, out / "cohort.html", out / "index.html", out / "summary.csv",
        cohort.findings(cohort.gather(cards)),
    )  # fmt: skip


def summary_csv(cards: list[Scorecard]) -> str:
    """One line a play: ids as text, exact totals."""
    buffer = io.StringIO()
    rows = csv.writer(buffer, lineterminator="\n")
    rows.writerow(["trainee", "case", "seed", "total", "exact", "low", "high", "band", "passed", "critical_errors"])
    for c in cards:
        passed = {True: "yes", False: "no", None: ""}[c.passed]
        rows.writerow([
            c.trainee, c.case, c.seed, shown(c.total, c.rubric.pass_mark, 2), str(c.total), shown(c.low, None, 2),
            shown(c.high, None, 2), c.band or "", passed, " ".join(c.errors),
        ])  # fmt: skip
    return buffer.getvalue()

"""Use cases on plays and their logs in files: who plays, how it scores, what the debrief says."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from casework.edges import logfiles
from casework.model.decisions import DecisionLog, head_hash
from casework.model.errors import BadInput, BrokenLog, Refused
from casework.model.library import Library
from casework.practice import cases, desk
from casework.practice.cases import Caseload
from casework.practice.replaying import caseload_of, replay
from casework.quality import scoring
from casework.quality.scoring import Scorecard, shown
from casework.workbench.rights import open_to_all

if TYPE_CHECKING:
    from casework.model.scenarios import Answer
    from casework.quality.coaching import Debrief
    from casework.quality.counterfactuals import Change
    from casework.quality.par import Loss, Par

    Changes = dict[str, dict[str, Change]]

MAIN_RUBRIC = "case-handling"


@open_to_all
def caseload(held: Library, name: str, seed: int) -> Caseload:
    """The work of a scenario or a caseload, by id. Refused while a scenario waits for a clinician's sign-off."""
    work = cases.named(held, name, seed)
    for case in work.cases:
        if case.scenario.locked:
            raise Refused(
                f"{case.scenario.id} touches immediate danger and is played by nobody before a clinician has signed it off: "
                "'clinician_sign_off' in its scenario.yaml names who, in which role, and on what day"
            )
    return work


@open_to_all
def play(held: Library, name: str, trainee: str, seed: int | None) -> desk.Session:
    """A session played by a scripted trainee, or by one of the scenario's own answers."""
    from casework.practice import trainees

    answers = held.answers.get(name, {})
    caseload(held, name, seed or 1)
    if trainee in trainees.PROFILES:
        return trainees.run(desk.open_session(held, caseload(held, name, seed or 1), trainee), trainee)
    if trainee in answers:
        answer = answers[trainee]
        return play_answer(held, name, answer, answer.seed if seed is None else seed)
    known = [*trainees.PROFILES, *answers]
    raise BadInput(f"unknown trainee {trainee!r}; those who can play {name} are {', '.join(known)}")


@open_to_all
def play_answer(held: Library, name: str, answer: Answer, seed: int) -> desk.Session:
    from casework.practice import scripts

    session = desk.open_session(held, cases.named(held, name, seed), answer.trainee)
    return desk.finish(scripts.play(session, answer.steps))


@open_to_all
def score(held: Library, log: DecisionLog, rubric: str = MAIN_RUBRIC) -> tuple[Scorecard, ...]:
    """One scorecard a case; the log must have been played on this library's content."""
    chosen = held.get_rubric(rubric)
    try:
        work = caseload_of(held, log)
    except BrokenLog as error:
        raise BadInput(error.reason) from None
    return scoring.score(held, work, log, chosen)


@open_to_all
def winning_changes(held: Library, log: DecisionLog, rubric: str = MAIN_RUBRIC) -> Changes:
    """For each case, each lost criterion's smallest change that playing again proved to win points back."""
    from casework.quality import counterfactuals

    work = caseload_of(held, log)
    chosen = held.get_rubric(rubric)
    return {c.key: counterfactuals.find(held, work, log, chosen, c.key) for c in work.cases if not c.scenario.danger}


@open_to_all
def debrief(held: Library, log: DecisionLog, rubric: str, changes: Changes) -> tuple[Debrief, ...]:
    """The debrief of each case. `changes` come from `winning_changes`; without any it is quicker, for a batch."""
    from casework.practice import trainees
    from casework.quality import coaching

    work = caseload_of(held, log)
    found = [
        coaching.debrief(desk.record_of(held, work, log, card.case), card, work, changes.get(card.case, {}))
        for card in score(held, log, rubric)
    ]
    if not changes:
        return tuple(found)
    best = trainees.run(desk.open_session(held, work, "exemplary"), "exemplary").log()
    totals = {card.case: card.total for card in scoring.score(held, work, best, held.get_rubric(rubric))}

    def beside(one: Debrief) -> Debrief:
        key = one.scorecard.case
        if key not in changes:
            return one
        record, other = (desk.record_of(held, work, played, key) for played in (log, best))
        return replace(one, best_run=coaching.beside(record, other, totals[key]))

    return tuple(map(beside, found))


@open_to_all
def par(held: Library, name: str, seed: int, rubric: str = MAIN_RUBRIC) -> Par:
    """What a perfect assistant could have made of the same hours: the best play that a search over the order of work finds."""
    from casework.quality import par as pars

    return pars.find(held, caseload(held, name, seed), held.get_rubric(rubric))


@open_to_all
def losses(held: Library, log: DecisionLog, rubric: str = MAIN_RUBRIC) -> Loss:
    """Where the points between a play and par went: knowledge, timing, triage."""
    from casework.quality import par as pars

    work, chosen = caseload_of(held, log), held.get_rubric(rubric)
    return pars.split(held, work, log, chosen, pars.find(held, work, chosen))


@open_to_all
def losses_json(loss: Loss) -> dict[str, float]:
    return {name: float(getattr(loss, name)) for name in ("par", "own", "knowledge", "timing", "triage")}


@open_to_all
def explain(held: Library, name: str, item: str, seed: int) -> dict[str, Any]:
    """What one item of a scenario starts and is judged by."""
    from casework.practice import handbook

    name, _, key = name.partition("#")
    return handbook.explain(caseload(held, name, seed), held, item, key or None)


@open_to_all
def scorecard_json(card: Scorecard) -> dict[str, Any]:
    """The contract of `casework score --json` for one case."""
    failed = card.failed_classes()
    return {
        "case": card.case, "scenario": card.scenario, "trainee": card.trainee, "seed": card.seed,
        "rubric": card.rubric.id, "total": float(card.total), "exact": str(card.total),
        "shown": shown(card.total, card.rubric.pass_mark), "provisional": card.provisional,
        "low": float(card.low), "high": float(card.high), "band": card.band, "passed": card.passed,
        "hints": {"entries": list(card.hints), "deducted": float(card.deducted)},
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


@open_to_all
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


@open_to_all
def verify(held: Library, path: Path, unfinished: bool) -> tuple[Replayed, desk.Session | None]:
    """The verdict on a log, and the session it rebuilds."""
    try:
        log = logfiles.read_log(path)
        session = replay(held, log, unfinished)
    except BrokenLog as error:
        return Replayed(False, 0, None, error.entry, error.reason), None
    return Replayed(True, len(log.events), head_hash(log), None, None), session


@open_to_all
def timeline(session: desk.Session) -> list[tuple[str, int, str]]:
    """Local time, entry number and what happened, for every entry of a session."""
    from casework.quality import coaching

    rows: dict[int, tuple[str, int, str]] = {}
    for case in session.caseload.cases:
        for at, n, what in coaching.timeline(session.record(case.key)):
            rows[n] = (at, n, what)
    return [rows[n] for n in sorted(rows)]


@open_to_all
def headline(card: Scorecard) -> str:
    """One line: total with bounds, verdict and critical classes; a total never stands without its classes."""
    verdict = {True: "passed", False: "not passed", None: "waits for a person"}[card.passed]
    classes = [f"{name}: {', '.join(errors)}" for name, errors in card.failed_classes().items() if errors]
    bounds = f" (between {shown(card.low)} and {shown(card.high)})" if card.provisional else ""
    critical = f"critical errors: {'; '.join(classes)}" if classes else "no critical errors"
    rated = any(r.status == "rated" and r.available for r in card.ratings)
    total = shown(card.total, card.rubric.pass_mark) if rated else "nothing could be rated yet"
    where = card.scenario if card.case == card.scenario or card.case.startswith(f"{card.scenario}-") else f"{card.case} ({card.scenario})"
    return f"{where} by {card.trainee}, seed {card.seed}: {total}{bounds}, {verdict}; {critical}"


@open_to_all
def debrief_json(found: Debrief) -> dict[str, Any]:
    return {
        "title": found.title, "scorecard": scorecard_json(found.scorecard),
        "timeline": [{"at": at, "entry": n, "what": what} for at, n, what in found.timeline],
        "lost": [
            {
                "criterion": m.rating.criterion.id, "points": float(m.lost), "critical": m.rating.critical_error,
                "seen": m.seen, "clause": m.rating.criterion.clause, "says": m.says,
                "deciding": [{"clause": ref, "says": says} for ref, says in m.deciding], "better": list(m.better),
                "change": list(m.change), "wins": None if m.wins is None else float(m.wins),
                "total_after": None if m.total_after is None else float(m.total_after),
            }
            for m in found.lost
        ],
        "best_run": found.best_run and {
            "total": float(found.best_run.total),
            "moments": [{"at": m.when, "yours": list(m.yours), "could": list(m.could)} for m in found.best_run.moments],
        },
        "kept": list(found.kept), "awaiting": list(found.awaiting),
    }  # fmt: skip


@open_to_all
def cards_in(held: Library, folder: Path, rubric: str) -> list[Scorecard]:
    """The scorecards of every log in a folder and its subfolders."""
    return [card for path in logfiles.logs_in(folder) for card in score_file(held, path, rubric)[1]]


@open_to_all
def score_file(held: Library, path: Path, rubric: str = MAIN_RUBRIC) -> tuple[DecisionLog, tuple[Scorecard, ...]]:
    """A log in a file and its scorecards; what is wrong with it is said with its name."""
    log = logfiles.read_log(path)
    try:
        return log, score(held, log, rubric)
    except BadInput as error:
        raise BadInput(f"{path}: {error}") from None

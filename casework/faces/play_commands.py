"""Commands on plays and their logs: practise, play, replay, score, debrief, par."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from casework.faces.terminal import AsJson, Content, LogFile, RubricId, guarded, put, say


@guarded
def practise(
    name: Annotated[str, typer.Argument(help="A scenario or caseload.", metavar="[SCENARIO|CASELOAD]")] = "first-morning",
    seed: Annotated[int, typer.Option("--seed", help="Another seed is another day.")] = 1,
    mode: Annotated[str, typer.Option("--mode", help="guided (hints at a price), practice, or assessment (in the room).")] = "practice",
    room: Annotated[bool, typer.Option("--room", help="A room in the browser: no code, a token for each trainee.")] = False,
    port: Annotated[int, typer.Option("--port", help="The room's port on this computer.")] = 8866,
    kernels: Annotated[int, typer.Option("--kernels", min=1, max=50, help="Desks that the room keeps warm.")] = 2,
    content: Content = None,
) -> None:
    """The practice desk, in JupyterLab or in a room without code."""
    from casework import workbench
    from casework.edges import serving
    from casework.model.errors import BadInput

    held = workbench.library(content)
    workbench.caseload(held, name, seed)
    if mode not in workbench.MODES:
        raise BadInput(f"--mode: found {mode!r}; allowed: {', '.join(workbench.MODES)}")
    if mode == "assessment" and not room:
        raise BadInput("an assessment is sat in the room, where the trainee has no code and no answer key: add --room")
    if not room:
        own = workbench.practice_notebook(content, name, seed, mode)
        say(f"JupyterLab on {own}: run its cells to open the desk")
        serving.lab(own)
    here = Path(__file__).parent / "room"
    settings = {"CASEWORK_ROOM_SCENARIO": name, "CASEWORK_ROOM_SEED": str(seed), "CASEWORK_ROOM_MODE": mode, "CASEWORK_ROOM_CONTENT": str(content.resolve()) if content else ""}
    say(f"The room for {name}, seed {seed}, {mode}: http://127.0.0.1:{port}/  (casework people add NAME makes a token)")
    serving.room(here / "room.ipynb", here, port, kernels, settings)


@guarded
def play(
    name: Annotated[str, typer.Argument(help="A scenario or caseload.", metavar="SCENARIO|CASELOAD")],
    as_: Annotated[str, typer.Option("--as", help="A scripted trainee, or one of the scenario's answers.")],
    out: Annotated[Path, typer.Option("--out", help="The log to write.")],
    seed: Annotated[int | None, typer.Option("--seed", help="Draws the variables; an answer has its own.")] = None,
    content: Content = None,
    as_json: AsJson = False,
) -> None:
    """Plays a scenario by script and writes the log."""
    from casework import workbench
    from casework.edges import logfiles

    session = workbench.play(workbench.library(content), name, as_, seed)
    logfiles.save(session.log(), session.texts, out)
    if as_json:
        put({"log": str(out), "session": session.header.session, "entries": len(session.events)})
    else:
        say(f"{len(session.events)} entries written to {out}")


@guarded
def replay(
    log: LogFile,
    unfinished: Annotated[bool, typer.Option("--unfinished", help="Accept a log without its closing entry.")] = False,
    content: Content = None,
    as_json: AsJson = False,
) -> None:
    """Verifies the chain, rebuilds the session and prints the timeline."""
    from casework import workbench

    result, session = workbench.verify(workbench.library(content), log, unfinished)
    if as_json:
        put(vars(result))
    elif session is None:
        say(f"entry {result.broken_at}: {result.reason}", sys.stderr)
    else:
        for at, n, what in workbench.timeline(session):
            say(f"{n:>4}  {at}  {what}")
        say(f"verified: {result.entries} entries, head {result.head}")
    if not result.ok:
        raise typer.Exit(1)


@guarded
def score(log: LogFile, rubric: RubricId = "case-handling", content: Content = None, as_json: AsJson = False) -> None:
    """The scorecard, with its evidence."""
    from casework import workbench
    from casework.edges import logfiles

    read = logfiles.read_log(log)
    held = workbench.library_for(read, content)
    cards = workbench.score(held, read, rubric)
    if as_json:
        put(workbench.score_json(read, cards))
        return
    for card in cards:
        say(workbench.headline(card))
        for r in card.ratings:
            points = "not applicable" if r.status == "not_applicable" else (
                "awaits a person" if r.status == "unscored" else f"{float(r.points):5.2f} of {float(r.available):5.2f}"
            )
            mark = " CRITICAL" if r.critical_error else ""
            say(f"  {r.criterion.id:22} {points:>16}{mark}  {r.explanation}")


@guarded
def debrief(log: LogFile, rubric: RubricId = "case-handling", content: Content = None, as_json: AsJson = False) -> None:
    """What was lost, by which clause, and what would have won it."""
    from casework import workbench
    from casework.edges import logfiles

    held, read = workbench.library(content), logfiles.read_log(log)
    found = workbench.debrief(held, read, rubric, workbench.winning_changes(held, read, rubric))
    if as_json:
        put([workbench.debrief_json(one) for one in found])
        return
    for one in found:
        say(f"{one.title}\n{workbench.headline(one.scorecard)}")
        for lost in one.lost:
            say(f"\n- {lost.rating.criterion.asks}  (-{float(lost.lost):.1f})")
            say(f"    seen: {lost.seen}")
            for ref, says in lost.deciding or ((lost.rating.criterion.clause, lost.says),):
                say(f"    clause {ref}: {says}")
            for line in lost.change:
                say(f"    change: {line}")
            if lost.change:
                say(f"    played again so: +{float(lost.wins or 0):.1f} here, {float(lost.total_after or 0):.1f} in all")
            for way in lost.better if not lost.change else ():
                say(f"    would have won it: {way}")


@guarded
def par(
    name: Annotated[str, typer.Argument(help="A caseload, or a scenario.", metavar="CASELOAD")],
    seed: Annotated[int, typer.Option("--seed", min=1, help="The day.")] = 1,
    log: Annotated[Path | None, typer.Option("--log", help="A play of it: where its points went.")] = None,
    content: Content = None,
    as_json: AsJson = False,
) -> None:
    """What a perfect assistant could have made of the same hours. Found by search over the order of work."""
    from casework import workbench
    from casework.edges import logfiles

    held = workbench.library(content)
    if log is not None:
        loss = workbench.losses_json(workbench.losses(held, logfiles.read_log(log)))
        if as_json:
            put(loss)
        else:
            say(f"{loss['own']:.1f} points a case of {loss['par']:.1f}; knowledge {loss['knowledge']:.1f}, timing {loss['timing']:.1f}, triage {loss['triage']:.1f}")
        return
    found = workbench.par(held, name, seed)
    if as_json:
        put({"total": float(found.total), "plays": found.plays, "cases": {c.case: float(c.total) for c in found.cards}})
    else:
        say(f"par {float(found.total):.1f} a case, found in {found.plays} plays: " + ", ".join(f"{c.case} {float(c.total):.1f}" for c in found.cards))

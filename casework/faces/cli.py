"""The command line: reads arguments, calls one use case, prints. Exit 0 done, 1 a check failed, 2 bad input."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from casework.faces import (
    batch_commands,
    calibration_commands,
    handbook_commands,
    import_commands,
    marking_commands,
    measures_commands,
    progress_commands,
    review_commands,
    sampling_commands,
    simulate_commands,
    store_commands,
)
from casework.faces.terminal import AsJson, Content, LogFile, RubricId, guarded, put, say

app = typer.Typer(add_completion=False, no_args_is_help=True, help="Training and quality assurance for case manager assistants.")
app.add_typer(handbook_commands.policy, name="policy")
app.add_typer(store_commands.store, name="store")
app.add_typer(store_commands.people, name="people")
app.add_typer(store_commands.session, name="session")
app.add_typer(sampling_commands.sample, name="sample")
app.add_typer(measures_commands.measures, name="measures")
app.command(name="progress")(progress_commands.progress)
app.command(name="evidence")(progress_commands.evidence)
app.command(name="signoff")(progress_commands.signoff)
app.command(name="due")(handbook_commands.due)
app.command(name="import")(import_commands.import_)
app.command(name="export")(import_commands.export)
app.command(name="agree")(marking_commands.agree)
app.command(name="batch")(batch_commands.batch)
app.command(name="calibrate")(calibration_commands.calibrate)
app.command(name="simulate")(simulate_commands.simulate)
app.command(name="criteria")(calibration_commands.criteria)
app.add_typer(review_commands.review, name="review")
app.command(name="assign")(review_commands.assign)
app.command(name="feedback")(review_commands.feedback)
app.command(name="appeal")(review_commands.appeal)
app.command(name="rescore")(review_commands.rescore)


@app.command()
@guarded
def demo(
    out: Annotated[Path, typer.Option("--out", help="Where the reports go.")] = Path("build/demo"),
    seeds: Annotated[int, typer.Option("--seeds", min=1, max=20, help="How many seeds each trainee plays.")] = 2,
    content: Content = None,
) -> None:
    """A cohort plays the shipped content, papermill scores it, and reports are written."""
    from casework import workbench
    from casework.edges.batches import Entry
    from casework.model.batches import Batch
    from casework.practice.trainees import PROFILES

    held = workbench.library(content)
    asked = Batch(scenarios=(*held.playable, *held.caseloads), seeds=tuple(range(1, seeds + 1)))
    plan = workbench.batch_plan(held, asked, out, content, [Entry(name, name) for name in PROFILES])
    with batch_commands.progress_told("Playing and scoring", "notebooks") as step:
        result = workbench.run_batch(held, plan, asked, step)
    say(f"{result.played} plays, {len(result.outputs) - 1} trainee reports. Look here:")
    shown = progress_commands.write_team(held, [plan.out / log for log in plan.logs], result.out / "progress.html")
    for line in (f"all reports  {result.index}", f"the cohort   {result.cohort}", f"progress     {shown}", f"as a table   {result.summary}"):
        say(f"  {line}")
    say("Most useful findings:")
    for finding in result.findings:
        say(f"  - {finding}")
    if result.failed:
        for failure in result.failed:
            say(f"failed: {failure.trainee}: {failure.error}", sys.stderr)
        raise typer.Exit(1)


@app.command()
@guarded
def init(folder: Annotated[Path, typer.Argument(help="A new folder.", metavar="DIR")]) -> None:
    """A team's own copy of notebooks, scenarios, policies and rubrics."""
    from casework import workbench

    workbench.init(folder)
    say(f"Content copied to {folder}. Use it with --content {folder}; check it with: casework check {folder}")


@app.command()
@guarded
def check(
    paths: Annotated[list[Path] | None, typer.Argument(help="Content folders, scenarios or files in them; what has changed, by default.", metavar="[PATH…]")] = None,
    full: Annotated[bool, typer.Option("--full", help="Everything: all scenarios, mutants of the rubric, role lines, caseloads.")] = False,
    seeds: Annotated[int, typer.Option("--seeds", min=1, max=100, help="Seeds for the self-test.")] = 3,
    as_json: AsJson = False,
) -> None:
    """Validates content and plays each scenario's self-test."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeRemainingColumn

    from casework import workbench

    columns = ("Playing", BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, transient=True, console=Console(stderr=True), disable=as_json) as bar:
        task = bar.add_task("scenarios", total=None)
        found = workbench.check(paths or (), seeds, full, lambda done, of: bar.update(task, completed=done, total=of))
    if as_json:
        put(found)
    else:
        _tell_check(found)
    if not found["ok"]:
        raise typer.Exit(2 if not found["scenarios"] else 1)


def _tell_check(found: dict[str, Any]) -> None:
    for p in found["problems"]:
        say(f"{p['file']}:{p['line']}: {p['key']}: {p['message']}")
    for s in found["scenarios"]:
        say(f"{s['id']}: area {s['auc']:.2f}; " + ", ".join(f"{name} {total:.1f}" for name, total in s["archetypes"].items()))
    for c in found.get("caseloads", ()):
        say(f"{c['id']}: par {c['par']:.1f} a case, {c['passed']} of {c['cases']} cases passed, found in {c['plays']} plays")
    if "mutation" in found:
        mutation = found["mutation"]
        say(f"mutants of the rubric: {mutation['noticed']} of {mutation['made']} noticed")
        for one in mutation["survivors"]:
            say(f"  {one['operator']} {one['criterion']}: {one['reason']}")
    say(f"{len(found['scenarios'])} scenarios, " + ("ok" if found["ok"] else f"{len(found['problems'])} problems"))


@app.command()
@guarded
def par(
    name: Annotated[str, typer.Argument(help="A caseload, or a scenario.", metavar="CASELOAD")],
    seed: Annotated[int, typer.Option("--seed", min=1, help="The day.")] = 1,
    log: Annotated[Path | None, typer.Option("--log", help="A play of it: where its points went.")] = None,
    content: Content = None,
    as_json: AsJson = False,
) -> None:
    """What a perfect assistant could have made of the same hours, found by search over the order of work."""
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


@app.command()
@guarded
def new(
    what: Annotated[str, typer.Argument(help="scenario.")],
    id: Annotated[str, typer.Argument(help="Its id, and its folder's name.")],
    group: Annotated[str, typer.Option("--group", help="The folder of its kind, such as complaints.")] = "my",
    table: Annotated[Path | None, typer.Option("--from", help="CSV or XLSX with at, from, channel, says: an inject for each row.")] = None,
    content: Content = None,
) -> None:
    """A scenario of one's own to begin from; it plays as it stands."""
    from casework import workbench
    from casework.model.errors import BadInput

    if what != "scenario":
        raise BadInput(f"found {what!r}; allowed: scenario")
    place = workbench.new_scenario(content, id, group, table)
    say(f"{place / 'scenario.yaml'}: change it, then casework check {place}")


@app.command(name="list")
@guarded
def list_(
    what: Annotated[str, typer.Argument(help="scenarios, rubrics, policies, simulations, trainees or role.")],
    content: Content = None,
    as_json: AsJson = False,
) -> None:
    """What there is."""
    from casework import workbench

    rows = workbench.listing(workbench.library(content), what)
    if as_json:
        put(rows)
    else:
        for row in rows:
            say("  ".join(str(value) for value in row.values()))


@app.command()
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


@app.command()
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


@app.command()
@guarded
def score(log: LogFile, rubric: RubricId = "case-handling", content: Content = None, as_json: AsJson = False) -> None:
    """The scorecard, with its evidence."""
    from casework import workbench
    from casework.edges import logfiles

    held = workbench.library(content)
    read = logfiles.read_log(log)
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


@app.command()
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


@app.command()
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
    """The practice desk: JupyterLab on the practice notebook, or a room without code."""
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


@app.command()
@guarded
def look(file: Annotated[Path, typer.Argument(help="CSV, XLSX or XES.", metavar="FILE")], as_json: AsJson = False) -> None:
    """The columns of a case system's export, without their values."""
    from casework import workbench

    found = workbench.look(file)
    if as_json:
        put({"rows": found.rows, "columns": [vars(column) for column in found.columns]})
    else:
        say(f"{found.rows:,} rows")
        for column in found.columns:
            say(f"  {column.name:40}  filled in {column.filled:,}, {column.different:,} different")


@app.command()
@guarded
def doctor(content: Content = None, address: store_commands.Address = None, as_json: AsJson = False) -> None:
    """What is wrong with this installation, and what to do about it."""
    from casework import workbench

    found = workbench.examine(content, address)
    if as_json:
        put([vars(finding) for finding in found])
    else:
        for f in found:
            say(f"{f.state:8} {f.what}: {f.says}" + (f"\n         {f.do}" if f.do else ""))
    if any(f.state == "fault" for f in found):
        raise typer.Exit(1)


def main() -> None:
    app()


if __name__ == "__main__":
    main()

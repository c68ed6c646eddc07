"""Commands on the content: its check, its lists, a copy of one's own, and the demonstration of all of it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from casework.faces.terminal import AsJson, Content, guarded, put, say


@guarded
def demo(
    out: Annotated[Path, typer.Option("--out", help="Where the reports go.")] = Path("build/demo"),
    seeds: Annotated[int, typer.Option("--seeds", min=1, max=20, help="How many seeds each trainee plays.")] = 2,
    content: Content = None,
) -> None:
    """A cohort plays the shipped content, is scored, and is reported on."""
    from casework import workbench
    from casework.edges.batches import Entry
    from casework.faces import batch_commands, progress_commands
    from casework.model.batches import Batch
    from casework.practice.trainees import PROFILES

    held = workbench.library(content)
    asked = Batch(scenarios=(*held.playable, *held.caseloads), seeds=tuple(range(1, seeds + 1)))
    plan = workbench.batch_plan(held, asked, out, content, [Entry(name, name) for name in PROFILES])
    with batch_commands.progress_told("Playing and scoring", "notebooks") as step:
        beside = {"progress.html": "Where each person stands on the competency framework", "measures.html": "The measures of the role, K1 to K19"}
        result = workbench.run_batch(held, plan, asked, step, beside=beside)
    say(f"{result.played} plays, {len(result.outputs) - 1} trainee reports. Look here:")
    shown, measured = progress_commands.write_cohort(held, [plan.out / log for log in plan.logs], result.out, list(PROFILES))
    for line in (f"all reports  {result.index}", f"the cohort   {result.cohort}", f"progress     {shown}", f"measures     {measured}", f"as a table   {result.summary}"):
        say(f"  {line}")
    say("Most useful findings:")
    for finding in result.findings:
        say(f"  - {finding}")
    if result.failed:
        for failure in result.failed:
            say(f"failed: {failure.trainee}: {failure.error}", sys.stderr)
        raise typer.Exit(1)


@guarded
def init(folder: Annotated[Path, typer.Argument(help="A new folder.", metavar="DIR")]) -> None:
    """A team's own copy of notebooks, scenarios, policies and rubrics."""
    from casework import workbench

    workbench.init(folder)
    say(f"Content copied to {folder}. Use it with --content {folder}; check it with: casework check {folder}")


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


@guarded
def list_(
    what: Annotated[str, typer.Argument(help="scenarios, rubrics, policies, simulations, trainees or role.")],
    content: Content = None,
    as_json: AsJson = False,
) -> None:
    """What there is: scenarios, rubrics, policies and more."""
    from casework import workbench

    rows = workbench.listing(workbench.library(content), what)
    if as_json:
        put(rows)
    else:
        for row in rows:
            say("  ".join(str(value) for value in row.values()))

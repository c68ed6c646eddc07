"""The command that runs a roster: planned first, then run, with its progress told."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from casework.faces.terminal import AsJson, Content, guarded, put, say

if TYPE_CHECKING:
    from casework.model.batches import Batch
    from casework.workbench import Plan

SHOWN = 12  # Outputs of a plan that are listed one by one.


@contextmanager
def progress_told(what: str, unit: str, quiet: bool = False) -> Iterator[Callable[[int, int], None]]:
    """A bar with the time left on a terminal; elsewhere a line at each tenth. Nothing where `quiet`."""
    if quiet:
        yield lambda done, of: None
    elif sys.stderr.isatty():
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeRemainingColumn

        with Progress(what, BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(), transient=True, console=Console(stderr=True)) as bar:
            task = bar.add_task(what, total=None)
            yield lambda done, of: bar.update(task, completed=done, total=of)
    else:
        told = -1

        def line(done: int, of: int) -> None:
            nonlocal told
            tenth = 10 * done // max(1, of)
            if tenth > told:
                told = tenth
                say(f"{what}: {done} of {of} {unit}", sys.stderr)

        yield line


@guarded
def batch(
    file: Annotated[Path | None, typer.Argument(help="A batch.yaml; options given beside it count in its place.", metavar="[BATCH.yaml]")] = None,
    roster: Annotated[Path | None, typer.Option("--roster", help="CSV or XLSX with a column 'trainee', and 'plays_as' where a script plays for them.")] = None,
    scenarios: Annotated[str, typer.Option("--scenarios", help="Scenarios or caseloads that the roster's scripted trainees play, separated by commas.")] = "",
    seed: Annotated[list[int] | None, typer.Option("--seed", help="Once for each day to be played.")] = None,
    logs: Annotated[list[Path] | None, typer.Option("--logs", help="Logs that people left: a file or a folder, once for each.")] = None,
    notebook: Annotated[list[str] | None, typer.Option("--notebook", help="Run for each person: 20_score.ipynb, or one of your own.")] = None,
    given: Annotated[list[str] | None, typer.Option("--set", help="A parameter of the notebooks, its value as in YAML.", metavar="NAME=VALUE")] = None,
    out: Annotated[Path | None, typer.Option("--out", help="Where notebooks and reports go.")] = None,
    workers: Annotated[int | None, typer.Option("--workers", min=1, max=256, help="Notebooks at once; as cores and memory allow, by default.")] = None,
    minutes: Annotated[float | None, typer.Option("--minutes", help="The longest that one notebook may take.")] = None,
    memory: Annotated[int | None, typer.Option("--memory", min=256, help="The most megabytes that one notebook may take.")] = None,
    retries: Annotated[int | None, typer.Option("--retries", min=0, max=10, help="How often a notebook whose process dies is tried again.")] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Only what is missing, failed or stale.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show the plan; write nothing.")] = False,
    dask: Annotated[str | None, typer.Option("--dask", help="Run on the Dask cluster whose scheduler is at this address.", metavar="ADDRESS")] = None,
    rubric: Annotated[str | None, typer.Option("--rubric", help="The rubric to score with.")] = None,
    content: Content = None,
    as_json: AsJson = False,
) -> None:
    """Scores a roster by notebook, one report a person. The cohort's report comes with it."""
    from casework import workbench
    from casework.model.errors import BadInput

    told: dict[str, Any] = {
        "roster": str(roster) if roster else None, "scenarios": tuple(name.strip() for name in scenarios.split(",") if name.strip()) or None,
        "seeds": tuple(seed) if seed else None, "logs": tuple(map(str, logs)) if logs else None, "notebooks": tuple(notebook) if notebook else None,
        "parameters": _parameters(given) if given else None, "rubric": rubric, "workers": workers, "minutes": minutes, "memory_mb": memory, "retries": retries,
    }  # fmt: skip
    asked = _asked(workbench.read_batch(file) if file else None, {name: value for name, value in told.items() if value is not None})
    place = out or (Path(asked.out) if asked.out else None)
    if place is None:
        raise BadInput("no place for the reports: name it with --out, or as 'out' in the batch.yaml")
    held = workbench.library(content)
    plan = workbench.batch_plan(held, asked, place, content, fresh=resume)
    if dry_run:
        if as_json:
            put(plan.as_json())
        else:
            _tell(plan)
        return
    try:
        with progress_told("Batch", "notebooks", as_json) as step:
            result = workbench.run_batch(held, plan, asked, step, dask)
    except KeyboardInterrupt:
        say(f"stopped; what is finished is kept in {place}, and --resume goes on from there", sys.stderr)
        raise typer.Exit(130) from None
    if as_json:
        put(result.as_json())
    else:
        for failure in result.failed:
            say(f"failed: {failure.trainee} ({failure.notebook}): {failure.error}", sys.stderr)
        if result.absent:
            say(f"no log was left by {', '.join(result.absent)}")
        say(result.line)
        if slow := sorted({one.why for one in result.outputs if one.why}):
            say(f"  with ordinary kernels, which take longer: {sum(bool(one.why) for one in result.outputs)} notebooks, because {'; '.join(slow)}")
        say(f"  reports  {result.index}\n  cohort   {result.cohort}\n  table    {result.summary}")
    if result.failed:
        say(f"casework batch: {result.line}", sys.stderr)
        raise typer.Exit(1)


def _parameters(given: list[str]) -> dict[str, Any]:
    """NAME=VALUE as the strict YAML of all content reads it: what looks like text stays text."""
    from casework.edges import strict_yaml
    from casework.model.errors import BadInput

    found: dict[str, Any] = {}
    for one in given:
        name, equals, value = one.partition("=")
        read, _, problems = strict_yaml.load(f"value: {value}".encode("utf-8", "surrogatepass"), "--set") if equals else (None, {}, [])
        if not equals or not name.isidentifier() or problems or read is None:
            why = f" ({problems[0].message})" if problems else ""
            raise BadInput(f"--set: found {one!r}{why}; allowed: NAME=VALUE, the value as in YAML, such as standard=80 or title=\"It's late\"")
        if name in found:
            raise BadInput(f"--set: {name} is given twice; give it once")
        found[name] = read["value"]
    return found


def _asked(read: Batch | None, told: dict[str, Any]) -> Batch:
    """The file's batch with what was given beside it, or a batch of options alone."""
    from pydantic import ValidationError

    from casework.model.batches import Batch
    from casework.model.errors import BadInput

    try:
        if read is not None and ("scenarios" in told) != ("logs" in told):
            told = {"scenarios": (), "logs": (), **told}
        return Batch.model_validate({**(read.model_dump() if read else {}), **told})
    except ValidationError as error:
        first = error.errors()[0]
        raise BadInput(f"{'.'.join(map(str, first['loc'])) or 'batch'}: {first['msg'].removeprefix('Value error, ')}") from None


def _tell(plan: Plan) -> None:
    fresh = sum(step.fresh is not None for step in plan.steps)
    say(f"{len(plan.plays)} plays, {len(plan.steps)} notebooks, {fresh} of them done already; into {plan.out}")
    for step in plan.steps[:SHOWN]:
        say(f"  {step.trainee}: {step.job.notebook.name} -> {step.job.output.relative_to(plan.out)}{' (done already)' if step.fresh else ''}")
    if len(plan.steps) > SHOWN:
        say(f"  and {len(plan.steps) - SHOWN} more")
    if plan.absent:
        say(f"no log was left by {', '.join(plan.absent)}")

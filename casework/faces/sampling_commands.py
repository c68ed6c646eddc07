"""Commands that choose what to mark."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from casework.faces.terminal import AsJson, Content, group, guarded, put, say

if TYPE_CHECKING:
    from casework.quality.acceptance import Single
    from casework.quality.planning import FallPlan
    from casework.quality.proportions import AcceptancePlan
    from casework.quality.sampling import Draw

sample = group(help="Which files to mark, and how many.")


@sample.command()
@guarded
def draw(
    files: Annotated[Path, typer.Argument(help="CSV or XLSX with a row for each file, or a folder of decision logs.", metavar="FILES.csv|FOLDER")],
    size: Annotated[int, typer.Option("--size", help="Files to draw, beside those of first weeks.")],
    seed: Annotated[int, typer.Option("--seed", help="The same seed draws the same files of the same table.")],
    by: Annotated[str, typer.Option("--by", help="Strata: of assistant, case_type, jurisdiction, complaint, vulnerability, with commas.")] = "",
    weigh: Annotated[str | None, typer.Option("--weigh", help="risk: the more risk, the likelier.")] = None,
    at_least: Annotated[int | None, typer.Option("--at-least", min=0, help="The least from each stratum, in place of the content's.")] = None,
    early: Annotated[bool, typer.Option("--first-weeks", help="All files of each new assistant's first weeks as well.")] = False,
    out: Annotated[Path | None, typer.Option("--out", help="Where the selection goes: CSV, or XLSX, which keeps an id's zeros in a spreadsheet.")] = None,
    content: Content = None,
    as_json: AsJson = False,
) -> None:
    """Draws files to mark; each comes with the chance at which it was drawn."""
    from casework import workbench

    held = workbench.library(content)
    columns = [name.strip() for name in by.split(",") if name.strip()]
    weeks = workbench.first_weeks(held) if early else None
    drawn = workbench.draw_sample(held, files, size, seed, columns, weigh, at_least, weeks)
    if out is not None:
        workbench.write_selection(drawn, out)
    if as_json:
        put(workbench.sample_json(drawn))
    else:
        _tell_draw(drawn, out)


def _tell_draw(drawn: Draw, out: Path | None) -> None:
    say(f"{len(drawn.chosen)} of {drawn.frame_size} files, drawn {drawn.method}; seed {drawn.asked.seed}, frame {drawn.frame[:12]}")
    for stratum in drawn.strata:
        say(f"  {stratum.name:44} {stratum.drawn:>5} of {stratum.files}")
    for note in drawn.notes:
        say(f"  ! {note}")
    if out is not None:
        say(f"The selection: {out}")
        return
    for one in drawn.chosen:
        say(f"{one.file.id}  {one.file.assistant}  {one.stratum}  chance {float(one.inclusion):.4f}")


@sample.command()
@guarded
def estimate(
    marked: Annotated[Path, typer.Argument(help="The selection that draw --out wrote, with its column 'right' filled in.", metavar="SELECTION.csv")],
    column: Annotated[str, typer.Option("--column", help="The column of marks: yes and no, or numbers.")] = "right",
    as_json: AsJson = False,
) -> None:
    """What a marked selection says of all files, each weighed by its chance of being drawn."""
    from casework import workbench

    found = workbench.estimate(marked, column)
    if as_json:
        put({"column": column, **asdict(found)})
        return
    said = _percent if found.kind == "share" else "{:.2f}".format
    what = f"'{column}' is yes of {said(found.value)} of all files" if found.kind == "share" else f"'{column}' is {said(found.value)} on average over all files"
    bounds = "no interval" if found.low is None or found.high is None else f"95 % between {said(found.low)} and {said(found.high)}"
    say(f"{what}, {bounds}, from {found.n} marked" + (f"; {found.reason}" if found.reason else ""))


@sample.command()
@guarded
def plan(
    before: Annotated[float | None, typer.Option("--from", help="Share of files that are right as things stand, such as 0.95.")] = None,
    after: Annotated[float | None, typer.Option("--to", help="The share that must not go unseen, such as 0.85.")] = None,
    power: Annotated[float, typer.Option("--power", help="The chance of seeing it.")] = 0.8,
    alpha: Annotated[float, typer.Option("--alpha", help="The most often that a fall may be cried when there is none.")] = 0.05,
    sides: Annotated[int, typer.Option("--sides", help="1: a fall only; 2: any change.")] = 1,
    against: Annotated[str, typer.Option("--against", help="standard: a fixed one; period: the period before, sampled as well.")] = "standard",
    errors_below: Annotated[float | None, typer.Option("--errors-below", help="The rate that critical errors must be shown to be below.")] = None,
    assurance: Annotated[float, typer.Option("--assurance", help="How sure to be of it.")] = 0.95,
    allow: Annotated[int, typer.Option("--allow", min=0, help="Errors that may be found all the same.")] = 0,
    limit: Annotated[str | None, typer.Option("--limit", help="A plan of ISO 2859-1 by its quality limit in percent, such as 2.5; --population is the batch.")] = None,
    level: Annotated[str, typer.Option("--level", help="The standard's inspection level: I, II or III.")] = "II",
    population: Annotated[int | None, typer.Option("--population", help="Files a group has in all, where they are few.")] = None,
    groups: Annotated[int, typer.Option("--groups", min=1, help="Assistants, teams or regions that each get an answer.")] = 1,
    as_json: AsJson = False,
) -> None:
    """How many files to mark, what that costs, and what it cannot see."""
    from casework import workbench
    from casework.model.errors import BadInput

    questions = (errors_below is not None, limit is not None, before is not None or after is not None)
    if sum(questions) != 1 or (questions[2] and (before is None or after is None)):
        raise BadInput("a plan answers one question: --from and --to (to see a fall), --errors-below (to show that errors are few) or --limit (ISO 2859-1); give one")
    if errors_below is not None:
        shown = workbench.plan_assurance(errors_below, assurance, allow, population)
        if as_json:
            put({**asdict(shown), "errors_below": errors_below, "assurance": assurance, **_curve(shown, errors_below), **_all(shown.files, groups)})
        else:
            _tell_assurance(shown, errors_below, assurance, groups)
    elif limit is not None:
        if population is None:
            raise BadInput("--population: found nothing; a plan of ISO 2859-1 goes by the number of files in the batch")
        single = workbench.plan_batch(population, limit, level)
        if as_json:
            put({"letter": single.letter, **asdict(single.plan), "whole_batch": single.whole_batch, **_curve(single.plan, float(limit) / 100), **_all(single.plan.files, groups)})
        else:
            _tell_batch(single, limit, groups)
    else:
        assert before is not None and after is not None
        found = workbench.plan_fall(before, after, power, alpha, sides, against, population)
        if as_json:
            put({**asdict(found), **_all(_cost(found), groups)})
        else:
            _tell_fall(found, groups)


def _curve(plan: AcceptancePlan, rate: float) -> dict[str, Any]:
    return {"accepted": [{"rate": r, "chance": plan.accepted(r)} for r in (rate / 10, rate / 4, rate / 2, rate, min(1.0, rate * 2))]}


def _all(files: int, groups: int) -> dict[str, int]:
    return {"groups": groups, "files_in_all": files * groups}


def _tell_batch(single: Single, limit: str, groups: int) -> None:
    plan, rate = single.plan, float(limit) / 100
    looked = "all" if single.whole_batch else f"{plan.files:,} of the"
    say(f"Mark {looked} {plan.population:,} files (letter {single.letter}); accept the batch with at most {plan.allowed} in error.")
    for worse in (rate, rate * 2, rate * 4):
        say(f"  A batch with {_percent(worse)} in error is accepted {_percent(plan.accepted(worse))} of the time.")
    say(f"  Cost: {plan.files * groups:,} files in all" + (f" for {groups} batches." if groups > 1 else "."))
    say("  Cannot see: which files of an accepted batch are in error. The limit is what a run of batches should keep to, not what one batch is shown to have.")


def _cost(found: FallPlan) -> int:
    return found.files * (2 if found.against == "period" else 1)


def _percent(share: float) -> str:
    """A percentage that never says 100 or 0 of what is not quite so."""
    text = f"{100 * share:.{2 if share < 0.1 else 1}f}".rstrip("0").rstrip(".") if share else "0"
    return "over 99.9 %" if text == "100" and share < 1 else "under 0.01 %" if text == "0" and share else f"{text} %"


def _tell_fall(found: FallPlan, groups: int) -> None:
    each = "in each of the two periods" if found.against == "period" else "of a group"
    what = "fall" if found.sides == 1 else "change"
    say(f"Mark {found.files:,} files {each} to see a {what} from {_percent(found.before)} to {_percent(found.after)} right with a chance of {_percent(found.power)}.")
    if found.alarm_at is not None:
        say(f"  Say that quality has fallen once {found.alarm_at} or more of the {found.files:,} are wrong; where nothing has changed a test says so {_percent(found.false_alarm)} of the time.")
    else:
        say(f"  Compare the periods by Fisher's exact test; where nothing has changed it cries wolf {_percent(found.false_alarm)} of the time.")
    if found.first < found.files:
        say(f"  {found.first:,} files reach {_percent(found.wanted)} already, but a few more fall below it again; from {found.files:,} on it stays (looked at up to {found.looked_to:,}).")
    say(f"  Cost: {_cost(found) * groups:,} files in all" + (f" for {groups} groups." if groups > 1 else "."))
    say(f"  Cannot see: a smaller fall than to {_percent(found.after)} as often as that, why it fell, or which kind of file is behind it.")
    if groups > 1:
        wolf = 1 - (1 - found.false_alarm) ** groups
        say(f"  With {groups} groups and no fall anywhere, one or more is called fallen {_percent(wolf)} of the time: look again before acting.")
    if found.population is None:
        say("  Reckoned as if many more files stood behind the sample; --population needs fewer where they are few.")


def _tell_assurance(shown: AcceptancePlan, rate: float, assurance: float, groups: int) -> None:
    allowed = "no error" if not shown.allowed else f"at most {shown.allowed} in error"
    say(f"Mark {shown.files:,} files of a group; {allowed} among them shows errors to be below {_percent(rate)}, {_percent(assurance)} assured.")
    for smaller in (rate / 10, rate / 4, rate / 2):
        say(f"  A group that errs in {_percent(smaller)} of files passes {_percent(shown.accepted(smaller))} of the time.")
    say(f"  One that errs in {_percent(rate)} still passes {_percent(shown.accepted(rate))} of the time.")
    say(f"  Cost: {shown.files * groups:,} files in all" + (f" for {groups} groups." if groups > 1 else "."))
    say(f"  Cannot see: whether errors are far below {_percent(rate)} or just below it, or anything of a group that does not pass except that it is not shown to be good.")
    if shown.population is None:
        say("  Reckoned as if many more files stood behind the sample; --population needs fewer where they are few.")

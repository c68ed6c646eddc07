"""Commands of the measures of the role: each line with its figures, and values brought in from outside."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from casework.faces.progress_commands import At, moment_of
from casework.faces.terminal import AsJson, Content, RubricId, defaulting, group, guarded, put, say

if TYPE_CHECKING:
    from casework.progress.boards import PersonBoard, Shown, TeamBoard


measures = group(cls=defaulting("show"), no_args_is_help=False, help="The measures of the role, K1 to K19. Values with intervals, n and plan, or why there is none.")


@measures.command()
@guarded
def show(
    logs: Annotated[Path | None, typer.Argument(help="A folder of decision logs; without it, only values from outside.", metavar="[LOGS_DIR]")] = None,
    by: Annotated[str | None, typer.Option("--by", help="Run charts by week, month, quarter or year.")] = None,
    trainee: Annotated[str | None, typer.Option("--trainee", help="One person's own work, without the survey and without what a desk does not control.")] = None,
    values: Annotated[Path | None, typer.Option("--values", help="Values from outside, as casework measures import writes.")] = None,
    ledger: Annotated[Path | None, typer.Option("--ledger", help="The ledger that keeps plans, one-to-ones and sign-offs (K13, K14, K16).")] = None,
    at: At = None,
    html: Annotated[Path | None, typer.Option("--html", help="Also writes a page to print.")] = None,
    rubric: RubricId = "case-handling",
    content: Content = None,
    as_json: AsJson = False,
) -> None:
    """Each line of the role with its figures."""
    from casework import workbench
    from casework.model.errors import BadInput

    held = workbench.library(content)
    board: TeamBoard | PersonBoard
    if trainee is None:
        board = workbench.measure_team(held, logs, by, values, rubric, ledger, moment_of(at))
    elif (logs is None and ledger is None) or values is not None:
        raise BadInput("--trainee: needs LOGS_DIR or --ledger, and takes no --values: a person's measures are of the person's own work and plan. Leave --values out")
    else:
        board = workbench.measure_person(held, logs, trainee, by, rubric, ledger, moment_of(at))
    if html is not None:
        from casework.edges import logfiles
        from casework.faces import measures_view

        logfiles.write(html, measures_view.document(board))
    if as_json:
        put(workbench.measures_json(board))
    else:
        _tell(board)
    if html is not None and not as_json:
        say(f"The page is {html}")


@measures.command(name="import")
@guarded
def import_(
    table: Annotated[Path, typer.Argument(help="CSV or XLSX with the columns measure, period, value and, if known, n, plan.", metavar="VALUES.csv")],
    out: Annotated[Path, typer.Option("--out", help="A new file.")],
    content: Content = None,
    as_json: AsJson = False,
) -> None:
    """Real values and plans from a table, checked row by row; every row or none."""
    from casework import workbench

    found = workbench.import_values(workbench.library(content), table, out)
    ids = sorted({value.measure for value in found.values})
    if as_json:
        put({"values": len(found.values), "measures": ids, "file": str(out)})
    else:
        say(f"{len(found.values)} values of {', '.join(ids)} written to {out}. Show them with: casework measures LOGS_DIR --values {out}")


def in_words(one: Shown) -> str:
    """The figure in its unit with interval, n and plan; or why there is none."""
    figure, measure = one.figure, one.measure
    plan = getattr(one, "plan", measure.plan)
    unit = "%" if measure.unit == "percent" else measure.unit
    parts = [] if figure.value is None else [f"{figure.value:.1f} {unit}"]
    if figure.low is not None and figure.high is not None:
        parts.append(f"({figure.low:.1f} to {figure.high:.1f})" if parts else f"between {figure.low:.1f} and {figure.high:.1f} {unit}")
    if parts:
        parts.append(f"n {figure.n}" if figure.n else "n not known")
        parts.append(f"plan {plan:g}" if plan is not None else "no plan")
    if one.verdict and figure.standing != "faint":
        parts.append(one.verdict)
    told = ", ".join(parts).replace(f"{unit}, (", f"{unit} (")
    return "; ".join(filter(None, (told, figure.says)))


def kind_of(one: Shown) -> str:
    """A word before what is not counted from work: simulated, or from outside."""
    from casework.progress.boards import Outside
    from casework.progress.surveys import Simulated

    if isinstance(one, Simulated):
        return f"{one.label}: "
    return f"from outside, {one.period}: " if isinstance(one, Outside) and one.period else ""


def _tell(board: TeamBoard | PersonBoard) -> None:
    from casework.progress.boards import PersonBoard

    left = {m.id: (m.title, why) for m, why in board.left_out} if isinstance(board, PersonBoard) else {}
    whose = board.person if isinstance(board, PersonBoard) else f"{board.people} {'person' if board.people == 1 else 'people'}"
    say(f"{whose}, {board.cases} cases; intervals 90 %. What several lines ask for is counted once: later lines name it.")
    first: dict[str, str] = {}
    for line, ids in board.lines.items():
        say(f"{line:4} {board.headings.get(line, '')}")
        if not ids:
            say("       nothing shows this line: add a measure to rubrics/measures.yaml")
        for id in ids:
            if id in first:
                say(f"       {id}: as under {first[id]}")
                continue
            first[id] = line
            for one in board.shown.get(id, ()):
                say(f"       {id} ({one.measure.title}): {kind_of(one)}{in_words(one)}")
                _tell_course(one)
            if id in left:
                say(f"       {id} ({left[id][0]}): not here: {left[id][1]}")
    if not isinstance(board, PersonBoard) and board.controls:
        say("Controls of the self-assessment, by line: evidenced, failed")
        for c in board.controls:
            say(f"  {c.line:4} {c.evidenced:>5} {c.failed:>5}  {', '.join(f'{id} {n}' for id, n in c.failing)}")


def _tell_course(one: Shown) -> None:
    course = one.course
    if course is None:
        return
    by = 100 if course.kind == "p" else 1
    if course.points:
        say("           " + "  ".join(f"{p.period} {by * p.value:.1f}" + (f" [{'; '.join(p.signals)}]" if p.signals else "") for p in course.points))
    if course.says:
        say(f"           {course.says}")

"""Use cases of the measures of the role: a team's board, a person's, and values brought in from outside."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

from casework.edges import ledgers, logfiles, values
from casework.model.errors import BadInput, BrokenLog
from casework.model.framework import Measure, Measures, RealValues
from casework.model.library import Library, nearest
from casework.practice.replaying import caseload_of
from casework.workbench.planning import plan_of
from casework.workbench.plays import MAIN_RUBRIC, score_file
from casework.workbench.rights import open_to_all

if TYPE_CHECKING:  # What reckons loads scipy, and waits until it is asked for.
    from casework.progress.boards import PersonBoard, Shown, TeamBoard
    from casework.progress.charts import RunChart
    from casework.progress.measures import By, Worked
    from casework.progress.planned import Keeping


def _content(held: Library) -> Measures:
    if held.measures is None:
        raise BadInput("there is no rubrics/measures.yaml, so nothing says what to measure: copy the shipped file (casework init makes a copy)")
    return held.measures


def _worked(held: Library, folder: Path | None, rubric: str) -> tuple[Worked, ...]:
    from casework.progress import measures

    if folder is None:
        return ()
    found: list[Worked] = []
    for path in logfiles.logs_in(folder):
        log, cards = score_file(held, path, rubric)
        try:
            found += measures.gather(held, caseload_of(held, log), log, cards)
        except BrokenLog as error:
            raise BadInput(f"{path}: {error.reason}") from None
    return tuple(found)


def _by(by: str | None) -> By | None:
    from casework.progress.measures import By

    for one in get_args(By):
        if by == one:
            return one  # type: ignore[no-any-return]
    if by is None:
        return None
    raise BadInput(f"--by: found {by!r}{nearest(by, list(get_args(By)))}; allowed: {', '.join(get_args(By))}")


@open_to_all
def measure_team(
    held: Library, folder: Path | None, by: str | None = None, real: Path | None = None, rubric: str = MAIN_RUBRIC, ledger: Path | None = None,
    at: datetime | None = None,
) -> TeamBoard:  # fmt: skip
    """Every measure of the role from a folder of logs, with the values from outside in `real`, and by period if asked.

    A ledger tells of plans, one-to-ones and sign-offs, as of `at`, by default now.
    """
    from casework.progress import boards

    content, period = _content(held), _by(by)
    given = values.read(real) if real is not None else ()
    known = {m.id for m in content.measures}
    strange = sorted({value.measure for value in given} - known)
    if strange:
        raise BadInput(f"{real}: holds values of {', '.join(strange)}, which rubrics/measures.yaml does not have; there are {', '.join(sorted(known))}")
    return boards.of_team(content, _worked(held, folder, rubric), given, period, _keeping(held, ledger, at))


@open_to_all
def measure_person(
    held: Library, folder: Path | None, person: str, by: str | None = None, rubric: str = MAIN_RUBRIC, ledger: Path | None = None, at: datetime | None = None
) -> PersonBoard:  # fmt: skip
    """One person's own measures from a folder of logs and a ledger that the caller holds: without the survey, and without what nobody at a desk controls."""
    from casework.progress import boards

    content, period = _content(held), _by(by)
    worked = _worked(held, folder, rubric)
    kept = _keeping(held, ledger, at)
    people = sorted({one.card.trainee for one in worked} | {one.trainee for one in (kept.plans if kept else ())})
    if person not in people:
        where = " and ".join(str(place) for place in (folder, ledger) if place is not None)
        raise BadInput(f"--trainee: found {person!r}{nearest(person, people)}; those in {where} are {', '.join(people) or 'none'}")
    return boards.of_person(content, person, worked, period, kept)


def _keeping(held: Library, ledger: Path | None, at: datetime | None) -> Keeping | None:
    """What a ledger keeps of plans and sign-offs by a moment. Figures of people whose names were erased stay in a team's."""
    from casework.progress.planned import Keeping

    if ledger is None:
        return None
    book, today = ledgers.read(ledger), (at or datetime.now(UTC)).date()
    return Keeping(tuple(plan_of(book, name, today) for name in sorted({one.trainee for one in book.plans})), book.signs, held.get_framework(), today)


@open_to_all
def import_values(held: Library, table: Path, out: Path) -> RealValues:
    """Writes the values and plans of a CSV or XLSX table into a file of their own, and gives them; every row or none."""
    found = values.read_table(table, {m.id: m for m in _content(held).measures})
    values.write(found, out)
    return found


@open_to_all
def measures_json(board: TeamBoard | PersonBoard) -> dict[str, Any]:
    """The contract of `casework measures --json`."""
    from casework.progress.boards import PersonBoard

    head: dict[str, Any] = {"cases": board.cases, "by": board.by, "lines": {line: list(ids) for line, ids in board.lines.items()}, "headings": dict(board.headings)}
    if isinstance(board, PersonBoard):
        return head | {
            "trainee": board.person, "measures": [_row(one) for one in board.measured],
            "left_out": [{"id": m.id, "title": m.title, "lines": list(m.lines), "why": why} for m, why in board.left_out],
        }  # fmt: skip
    every: tuple[Shown, ...] = (*board.measured, *board.outside, *board.simulated)
    return head | {
        "people": board.people, "measures": [_row(one) for one in every],
        "controls": [{"line": c.line, "evidenced": c.evidenced, "failed": c.failed, "failing": dict(c.failing)} for c in board.controls],
    }  # fmt: skip


def _row(one: Shown) -> dict[str, Any]:
    from casework.progress.boards import Outside
    from casework.progress.measures import Measured
    from casework.progress.surveys import Simulated

    figure, measure = one.figure, one.measure
    tally = one.tally if isinstance(one, Measured) else None
    row: dict[str, Any] = {
        **_about(measure), "kind": one.label if isinstance(one, Simulated) else "from outside" if isinstance(one, Outside) else "measured",
        "value": figure.value, "low": figure.low, "high": figure.high, "n": figure.n,
        "tally": asdict(tally) if tally is not None else None, "small_n": figure.standing == "faint", "says": figure.says,
        "against_plan": one.verdict or None, "course": _course(one.course),
    }  # fmt: skip
    if isinstance(one, Outside):
        row |= {"plan": one.plan, "of": one.period}
    return row


def _about(measure: Measure) -> dict[str, Any]:
    kept = ("id", "title", "lines", "period", "plan", "unit", "source", "owner", "control", "mark", "better", "can", "cannot", "why")
    return {name: list(measure.lines) if name == "lines" else getattr(measure, name) for name in kept}


def _course(course: RunChart | None) -> dict[str, Any] | None:
    """A run chart in the measure's unit: shares in percent."""
    if course is None:
        return None
    by = 100 if course.kind == "p" else 1
    return {
        "kind": course.kind, "centre": None if course.centre is None else by * course.centre, "says": course.says,
        "points": [
            {
                "period": p.period, "value": by * p.value, "n": p.n, "low": None if p.low is None else by * p.low,
                "high": None if p.high is None else by * p.high, "signals": list(p.signals),
            }
            for p in course.points
        ],
    }  # fmt: skip

"""The handbook at the command line: `casework due` and `casework policy`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from casework.faces.terminal import AsJson, Content, group, guarded, put, say

policy = group(help="The handbook: clauses by date, what changed, what an item starts.")
Clause = Annotated[str, typer.Argument(help="policy.clause, or a bare id where it is unique.")]
OnDay = Annotated[str | None, typer.Option("--on", help="The day that picks the versions, such as 2026-03-03.")]


@guarded
def due(
    clause: Clause,
    start: Annotated[str | None, typer.Option("--from", help="2026-03-03 or 2026-12-04T17:20; without a zone, the calendar's.")] = None,
    calendar: Annotated[str | None, typer.Option("--calendar", help="The calendar to count with; by default that of the clause's own place.")] = None,
    on: Annotated[str | None, typer.Option("--on", help="The day that picks the clause's version.")] = None,
    table: Annotated[int | None, typer.Option("--table", help="A whole year instead, such as 2026.", metavar="YEAR")] = None,
    out: Annotated[Path | None, typer.Option("--out", help="Writes the year's table as CSV.")] = None,
    content: Content = None,
    as_json: AsJson = False,
) -> None:
    """One deadline with its reasoning, or a year of them."""
    from casework import workbench
    from casework.model.errors import BadInput

    held = workbench.handbook_only(content)
    if table is not None:
        rows = workbench.due_table(held, clause, table, calendar)
        _put_table(rows, out, as_json)
        return
    if start is None:
        raise BadInput("give --from, such as --from 2026-03-03, or --table 2026 for a whole year")
    found = workbench.due(held, clause, start, calendar, on)
    if as_json:
        put(found)
        return
    say(f"{found['clause']} from {found['from']} ({found['calendar']}): due {found['due_at']}")
    for step in found["steps"]:
        say(f"  {step['on']}  {'counts' if step['counted'] else 'passed'}  {step['why']}")
    say(f"  {found['says']}\n  {found['mark']}: {found['source']}")
    if found["confirm"]:
        say(f"  still to be confirmed: {found['confirm']}")
    if found["amber_at"]:
        late = f", to the handler from {found['handler_at']}" if found["handler_at"] else ""
        say(f"  amber {found['amber_at']}, red {found['red_at']}{late}")
    for other in found["also"]:
        say(f"  the same event also starts {other['clause']} ({other['side']}, {other['lasts']}): due {other['due_at']}")
    for version in found["other_versions"]:
        say(f"  another version holds from {version['effective_from']} to {version.get('effective_to', 'further notice')}: {version['says']}")


def _put_table(rows: list[dict[str, Any]], out: Path | None, as_json: bool) -> None:
    from casework.edges import exports, logfiles

    if as_json:
        put(rows)
    if out is not None or not as_json:
        text = exports.to_csv(list(rows[0]), [list(row.values()) for row in rows])
        if out is None:
            sys.stdout.write(text)
        else:
            logfiles.write(out, text)
            say(f"{len(rows)} days written to {out}", sys.stderr)


def _day(text: str | None, option: str) -> Any:
    from datetime import date

    from casework.model.errors import BadInput

    try:
        return date.fromisoformat(text) if text is not None else None
    except ValueError:
        raise BadInput(f"{option} {text!r} is not a date; write 2026-03-03") from None


@policy.command(name="list")
@guarded
def list_(
    on: OnDay = None,
    unconfirmed: Annotated[bool, typer.Option("--unconfirmed", help="Only clauses whose source is still to be confirmed.")] = False,
    content: Content = None,
    as_json: AsJson = False,
) -> None:
    """Every clause, each dated version with its clock."""
    from casework import workbench

    rows = workbench.policy_list(workbench.library(content), _day(on, "--on"), unconfirmed)
    if as_json:
        put(rows)
        return
    for row in rows:
        clock = f"  [{row['clock']['lasts']}]" if "clock" in row else ""
        say(f"{row['clause']}  {row['effective_from']} to {row.get('effective_to', '...')}  {row['mark']}{clock}")
        say(f"    to be confirmed: {row['confirm']}" if unconfirmed else f"    {row['says']}")


@policy.command()
@guarded
def show(clause: Clause, on: OnDay = None, content: Content = None, as_json: AsJson = False) -> None:
    """One clause in full, every version or the one in force on a day."""
    from casework import workbench

    rows = workbench.policy_show(workbench.library(content), clause, _day(on, "--on"))
    if as_json:
        put(rows)
        return
    for row in rows:
        say(f"{row['clause']}, from {row['effective_from']} to {row.get('effective_to', 'further notice')}")
        for name, value in row.items():
            if name not in ("clause", "effective_from", "effective_to"):
                say(f"  {name}: {_plain(value)}")


def _plain(value: Any) -> str:
    return ", ".join(f"{k} {_plain(v)}" for k, v in value.items()) if isinstance(value, dict) else (
        ", ".join(map(_plain, value)) if isinstance(value, list) else str(value)
    )


@policy.command()
@guarded
def diff(
    first: Annotated[str | None, typer.Option("--from", help="The earlier day.")] = None,
    last: Annotated[str | None, typer.Option("--to", help="The later day.")] = None,
    shipped: Annotated[bool, typer.Option("--shipped", help="Where a team's copy is not the shipped law.")] = False,
    content: Content = None,
    as_json: AsJson = False,
) -> None:
    """What changed between two days, or where a team's own copy is behind the shipped law."""
    from casework import workbench
    from casework.model.errors import BadInput

    held = workbench.library(content)
    if shipped:
        rows = workbench.policy_behind(held)
    elif first is None or last is None:
        raise BadInput("give --from and --to, such as --from 2025-12-31 --to 2026-01-01, or --shipped")
    else:
        rows = workbench.policy_diff(held, _day(first, "--from"), _day(last, "--to"))
    if as_json:
        put(rows)
        return
    for row in rows:
        say(f"{row['clause']}: {row['what']}")
        for part, (before, after) in row["parts"].items():
            say(f"  {part}:\n    - {_plain(before)}\n    + {_plain(after)}")
    if not rows:
        say("no clause differs")


@policy.command()
@guarded
def explain(
    case: Annotated[str, typer.Argument(help="A scenario or caseload; caseload#case for one of its cases.")],
    item: Annotated[str, typer.Argument(help="A paper or inject of it.")],
    seed: Annotated[int, typer.Option("--seed")] = 1,
    content: Content = None,
    as_json: AsJson = False,
) -> None:
    """The clocks that an item starts, by both calendars, and the clauses that decide what to do with it."""
    from casework import workbench

    found = workbench.explain(workbench.library(content), case, item, seed)
    if as_json:
        put(found)
        return
    say(f"{found['case']}, {found['item']}, from {found['from']}")
    for clock in found["starts"]:
        other = clock["by_the_other_calendar"]
        say(f"  starts {clock['clause']} ({clock['side']}, {clock['lasts']}): due {clock['due_at']} by {clock['calendar']}, {other['due_on']} by {other['calendar']}")
        for step in clock["steps"]:
            say(f"      {step['on']}  {'counts' if step['counted'] else 'passed'}  {step['why']}")
    for decided in found["decided_by"]:
        say(f"  {decided['expectation']} ({decided['topic']}) is decided by {decided['clause']}: {decided['says']}")
    if not found["starts"] and not found["decided_by"]:
        say("  starts no clock and decides nothing")


@policy.command()
@guarded
def interest(
    amount: Annotated[str, typer.Argument(help="The debt, such as 3180.00.")],
    due_on: Annotated[str, typer.Option("--due", help="The day it was due.")],
    paid_on: Annotated[str, typer.Option("--paid", help="The day it was paid, or today.")],
    base: Annotated[str, typer.Option("--base", help="The base rate of that half-year, in per cent.")],
    content: Content = None,
    as_json: AsJson = False,
) -> None:
    """Checks what a supplier may claim on a late payment; finance decides what is paid."""
    from decimal import Decimal, InvalidOperation

    from casework import workbench
    from casework.model.errors import BadInput

    try:
        numbers = Decimal(amount), Decimal(base)
    except InvalidOperation:
        raise BadInput(f"{amount!r} and {base!r} must be plain numbers, such as 3180.00 and 4.25") from None
    if not all(number.is_finite() for number in numbers):
        raise BadInput(f"{amount!r} and {base!r} must be plain numbers, such as 3180.00 and 4.25")
    found = workbench.late_payment(workbench.library(content), numbers[0], _day(due_on, "--due"), _day(paid_on, "--paid"), numbers[1])
    if as_json:
        put(found)
    else:
        say(f"{found['days']} days at {found['rate']} per cent: {found['interest']} and {found['fixed']} fixed, {found['total']} in all ({found['clause']})")

"""Commands of a person's plan and one-to-ones: what stands, what the evidence suggests, and each event written by whoever says it."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from casework.faces.progress_commands import As, At, LedgerFile, moment_of
from casework.faces.terminal import AsJson, Content, group, guarded, put, say

if TYPE_CHECKING:
    from casework.progress.plans import Item, Kind
    from casework.workbench.planning import Prepared

plan = group(help="A person's development plan and one-to-ones. Goals, actions, meetings, and what to talk about.")
Person = Annotated[str, typer.Argument(metavar="PERSON")]
Id = Annotated[str, typer.Argument(metavar="ID", help="Its id, as casework plan show tells it.")]
Words = Annotated[str, typer.Argument(metavar="WORDS", help="In words of one's own.")]
On = Annotated[str | None, typer.Option("--on", help="The day on which it happened, such as 2026-03-31; by default today.")]


def day_of(option: str, text: str) -> date:
    """A day that an option names."""
    from casework.model.errors import BadInput

    try:
        return date.fromisoformat(text)
    except ValueError:
        raise BadInput(f"{option}: found {text!r}; write a day such as 2026-03-31") from None


def _prepared(person: str, ledger: Path, at: str | None, content: Path | None, questions: tuple[str, ...] = ()) -> Prepared:
    from casework import workbench
    from casework.faces.progress_commands import gather

    held = workbench.library(content)
    return workbench.prepare_plan(held, gather(held, None, ledger, None, None, moment_of(at) or datetime.now(UTC)), person, questions)


def _write(kind: Kind, person: str, ledger: Path, by: str, on: str | None, content: Path | None, as_json: bool, **values: Any) -> None:
    from casework import workbench

    today = datetime.now().astimezone().date()
    event = workbench.write_plan(workbench.library(content), ledger, kind, person, by, day_of("--on", on) if on else today, today=today, **values)
    put({"id": event.id, "kind": event.kind, "on": event.on.isoformat()}) if as_json else say(f"{event.id} of {person}, {SAID[kind]} by {by}, written to {ledger}")


SAID: dict[Kind, str] = {
    "goal": "a goal taken up", "action": "an action set", "done": "said to be done", "dropped": "dropped", "planned": "a one-to-one planned", "met": "a one-to-one held",
}  # fmt: skip


@plan.command()
@guarded
def show(
    person: Person,
    ledger: LedgerFile,
    html: Annotated[Path | None, typer.Option("--html", help="Also writes a page to print.")] = None,
    at: At = None,
    content: Content = None,
    as_json: AsJson = False,
) -> None:
    """What stands of a plan: goals with their actions, and one-to-ones."""
    from casework import workbench
    from casework.progress import plans

    found = _prepared(person, ledger, at, content)
    if html is not None:
        from casework.edges import logfiles
        from casework.faces import plan_view

        logfiles.write(html, plan_view.document(found))
    if as_json:
        put(workbench.plan_json(found))
        return
    say(f"Plan of {person} as of {found.today:%d %B %Y}")
    for id, goal in found.plan.goals.items():
        say(f"  {_line(goal, found.today)}")
        for one in found.plan.actions.values():
            if one.of == id:
                say(f"      {_line(one, found.today)}")
    for meeting in sorted(found.plan.meetings.values(), key=lambda one: one.due):
        state = f"held on {meeting.held:%d %B %Y}" if meeting.held else "not held yet" if meeting.due < found.today else "to come"
        say(f"  {meeting.id}: one-to-one planned for {meeting.due:%d %B %Y}, {state}{f': {meeting.notes}' if meeting.notes else ''}")
    if not (found.plan.goals or found.plan.meetings):
        say("  nothing yet: casework plan propose tells what the evidence suggests, casework plan meet plans a one-to-one")
    (done, due), (met, planned) = plans.so_far(found.plan, found.today)
    say(f"By their day: {done} of {due} actions done, {met} of {planned} one-to-ones held (within {plans.GRACE} days); only what fell due counts")


def _line(one: Item, today: date) -> str:
    state = "late" if one.late(today) else one.status
    return f"{one.id}: {one.says} ({state}{f', by {one.due:%d %B %Y}' if one.due else ''}; {one.by}){f': {one.why}' if one.why else ''}"


@plan.command()
@guarded
def propose(person: Person, ledger: LedgerFile, at: At = None, content: Content = None, as_json: AsJson = False) -> None:
    """Goals that the evidence suggests. Nothing is written: whoever takes one up says so with casework plan goal."""
    from casework import workbench

    found = _prepared(person, ledger, at, content)
    if as_json:
        put(workbench.plan_json(found)["proposed"])
        return
    for one in found.proposed:
        say(f"{one.competency}: {one.says}. {one.why}")
    say("Take one up in words of your own: casework plan goal PERSON WORDS --for COMPETENCY" if found.proposed else "The evidence suggests no further goal")


@plan.command()
@guarded
def agenda(
    person: Person,
    ledger: LedgerFile,
    ask: Annotated[list[str] | None, typer.Option("--ask", help="Something the person wants to raise; may be repeated. It is not kept.")] = None,
    at: At = None,
    content: Content = None,
    as_json: AsJson = False,
) -> None:
    """What there is to talk about: what changed since the last one-to-one, what was done, is late and is next."""
    found = _prepared(person, ledger, at, content, tuple(ask or ()))
    if as_json:
        put({"since": found.last and found.last.isoformat(), "agenda": list(found.agenda)})
        return
    say(f"Since the one-to-one on {found.last:%d %B %Y}" if found.last else "No one-to-one was held yet")
    for line in found.agenda:
        say(f"  - {line}")


@plan.command()
@guarded
def goal(
    person: Person,
    words: Words,
    by: As,
    ledger: LedgerFile,
    competency: Annotated[str | None, typer.Option("--for", help="The competency that it serves.")] = None,
    due: Annotated[str | None, typer.Option("--due", help="The day by which it is to be reached; with --for, the day by which a sign-off is planned.")] = None,
    on: On = None,
    content: Content = None,
    as_json: AsJson = False,
) -> None:
    """Takes up a goal."""
    _write("goal", person, ledger, by, on, content, as_json, says=words, competency=competency, due=day_of("--due", due) if due else None)


@plan.command()
@guarded
def action(
    person: Person,
    goal_id: Annotated[str, typer.Argument(metavar="GOAL", help="The id of the goal that it serves.")],
    words: Words,
    by: As,
    ledger: LedgerFile,
    due: Annotated[str, typer.Option("--due", help="The day by which it is done.")],
    on: On = None,
    content: Content = None,
    as_json: AsJson = False,
) -> None:
    """Sets an action for a goal, with the day by which it is done."""
    _write("action", person, ledger, by, on, content, as_json, says=words, of=goal_id, due=day_of("--due", due))


@plan.command()
@guarded
def done(
    person: Person,
    id: Id,
    by: As,
    ledger: LedgerFile,
    says: Annotated[str, typer.Option("--says", help="What came of it, in words.")] = "",
    on: On = None,
    content: Content = None,
    as_json: AsJson = False,
) -> None:
    """An action was done, or a goal reached."""
    _write("done", person, ledger, by, on, content, as_json, id=id, says=says)


@plan.command()
@guarded
def drop(
    person: Person,
    id: Id,
    by: As,
    ledger: LedgerFile,
    reason: Annotated[str, typer.Option("--reason", help="Why, in words.")],
    on: On = None,
    content: Content = None,
    as_json: AsJson = False,
) -> None:
    """Drops an action or a goal, with the reason; it is then not due."""
    _write("dropped", person, ledger, by, on, content, as_json, id=id, says=reason)


@plan.command()
@guarded
def meet(
    person: Person,
    day: Annotated[str, typer.Argument(metavar="DAY", help="The day of the one-to-one, such as 2026-03-31.")],
    by: As,
    ledger: LedgerFile,
    on: On = None,
    content: Content = None,
    as_json: AsJson = False,
) -> None:
    """Plans a one-to-one."""
    _write("planned", person, ledger, by, on, content, as_json, due=day_of("DAY", day))


@plan.command()
@guarded
def held(
    person: Person,
    id: Id,
    by: As,
    ledger: LedgerFile,
    notes: Annotated[str, typer.Option("--notes", help="What was agreed, in words.")] = "",
    on: On = None,
    content: Content = None,
    as_json: AsJson = False,
) -> None:
    """A planned one-to-one was held."""
    _write("met", person, ledger, by, on, content, as_json, id=id, says=notes)

"""Commands of progress on the competency framework: where people stand, evidence that no log shows, and sign-off."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from casework.edges.memory import uncollected
from casework.faces.terminal import AsJson, Content, RubricId, guarded, put, say

if TYPE_CHECKING:
    from casework.model.library import Library
    from casework.progress.standing import Person, Progress, Team
    from casework.workbench import Gathered

LedgerFile = Annotated[Path, typer.Option("--ledger", help="The ledger of evidence and sign-offs.")]
As = Annotated[str, typer.Option("--as", help="Who says it, by name.")]
Reason = Annotated[str, typer.Option("--reason", help="What it rests on, in words.")]
At = Annotated[str | None, typer.Option("--at", help="As of this moment, such as 2026-03-31 or 2026-03-31T17:00+00:00; by default now.")]


def moment_of(text: str | None) -> datetime | None:
    """The moment that --at names; a day stands for its end, in UTC."""
    from casework.model.errors import BadInput

    if text is None:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise BadInput(f"--at: found {text!r}; write a day such as 2026-03-31, or a moment such as 2026-03-31T17:00+00:00") from None
    if len(text) <= 10:
        found = found.replace(hour=23, minute=59, second=59)
    return found if found.tzinfo is not None else found.replace(tzinfo=UTC)


def write_cohort(held: Library, logs: list[Path], folder: Path, names: list[str]) -> tuple[Path, Path]:
    """Writes a scripted cohort's evidence and invented plans into a ledger, their page, and the measures of the role beside both; gives the two pages."""
    from casework import workbench
    from casework.edges import logfiles
    from casework.faces import measures_view, progress_view

    now, ledger = datetime.now(UTC), folder / "cohort.ledger"
    found = workbench.record_progress(held, ledger, logs, now)
    workbench.demonstration_plans(held, ledger, names, now.date())
    shown, measures = folder / "progress.html", folder / "measures.html"
    logfiles.write(shown, progress_view.document(workbench.team_progress(found)))
    logfiles.write(measures, measures_view.document(workbench.measure_team(held, folder / "logs", "month", ledger=ledger)))
    return shown, measures


def gather(
    held: Library, logs: Path | list[Path] | None, ledger: Path | None, store: str | None, trainee: str | None, at: datetime, assigned: str = "chosen",
    rubric: str = "case-handling",
) -> Gathered:  # fmt: skip
    """Evidence from wherever it is asked for; BadInput where it is from nowhere."""
    from casework import workbench
    from casework.edges import ledgers
    from casework.model.errors import BadInput

    if logs is None and ledger is None and store is None:
        raise BadInput("give --logs DIR, --ledger FILE or --store ADDRESS; several add up")
    book = ledgers.read(ledger) if ledger is not None else None
    if store is None:
        return workbench.gather_progress(held, logs, None, at, book, trainee, assigned, rubric)
    access = workbench.open_access(held, address_of(store), make=False)
    if trainee is None:
        return workbench.gather_team(access, at, book, logs, assigned, rubric)
    return workbench.gather_person(access, trainee, at, book, logs, assigned, rubric)


def address_of(store: str) -> str:
    """The address that --store names; a path is that of a file."""
    return store if ":" in store else f"sqlite:///{store}"


def _record(held: Library, logs: Path | None, ledger: Path | None, store: str | None, at: datetime, assigned: str, rubric: str) -> Gathered:
    from casework import workbench
    from casework.model.errors import BadInput

    if ledger is None or (logs is None and store is None):
        raise BadInput("--record needs --ledger FILE, and --logs DIR or --store ADDRESS to take from")
    if store is None:
        return workbench.record_progress(held, ledger, logs, at, assigned, rubric)
    return workbench.record_team(workbench.open_access(held, address_of(store), make=False), ledger, at, logs, assigned, rubric)


@guarded
@uncollected()
def progress(
    trainee: Annotated[str | None, typer.Argument(help="One person; without it, everybody.", metavar="[TRAINEE]")] = None,
    logs: Annotated[Path | None, typer.Option("--logs", help="A folder of decision logs.")] = None,
    ledger: Annotated[Path | None, typer.Option("--ledger", help="A ledger of evidence and sign-offs.")] = None,
    store: Annotated[str | None, typer.Option("--store", help="The address of a store, or its file: the sessions in it, with people's marks where they hold.")] = None,
    record: Annotated[bool, typer.Option("--record", help="Writes what is new in the logs and the store into the ledger, as of now.")] = False,
    assigned: Annotated[str, typer.Option("--assigned", help="Whether chance chose these files for people, or somebody: random or chosen.")] = "chosen",
    at: At = None,
    html: Annotated[Path | None, typer.Option("--html", help="Also writes a page to print.")] = None,
    rubric: RubricId = "case-handling",
    content: Content = None,
    as_json: AsJson = False,
) -> None:
    """Where people stand on the competency framework. As of now, or of --at; a simulated day counts as the day on which it is read."""
    from casework import workbench

    held, moment = workbench.library(content), moment_of(at) or datetime.now(UTC)
    found = _record(held, logs, ledger, store, moment, assigned, rubric) if record else gather(held, logs, ledger, store, trainee, moment, assigned, rubric)
    shown = workbench.team_progress(found) if trainee is None else workbench.person_progress(found, trainee)
    if html is not None:
        from casework.edges import logfiles
        from casework.faces import progress_view

        logfiles.write(html, progress_view.document(shown, what_follows(held, found, trainee)))
    if as_json:
        put(_json(shown, found))
        return
    _tell(shown)
    if trainee is None:
        _tell_transfer(found)
    if trainee is not None:
        say("Practise next:")
        advised = workbench.practise_next(held, found, trainee)
        for advice in advised:
            say(f"  {advice.scenario}, seed {advice.seed}: {advice.says}")
        if not advised:
            say("  nothing: every scenario was met within the last fortnight")
    if found.unfinished:
        say(f"{found.unfinished} unfinished {'log' if found.unfinished == 1 else 'logs'} left out")
    if record:
        say(f"{len(found.fresh)} new {'piece' if len(found.fresh) == 1 else 'pieces'} written to {ledger}")
    if html is not None:
        say(f"The page is {html}")


def what_follows(held: Library, found: Gathered, trainee: str | None) -> str:
    """What a page shows beneath where people stand: of one person their plan and their lines, of a team practice beside live work."""
    from casework import workbench
    from casework.faces import plan_view, timeline_view

    if trainee is None:
        return timeline_view.section(workbench.practice_and_live(found))
    # A plan is kept in a ledger: where none is given, nothing is said of it.
    plan = plan_view.section(workbench.prepare_plan(held, found, trainee)) if found.book.head else ""
    return plan + timeline_view.over_time(workbench.person_lines(found, trainee))


def _json(shown: Person | Team, found: Gathered) -> object:
    from casework import workbench
    from casework.progress.standing import Person

    if isinstance(shown, Person):
        return workbench.progress_json(shown)
    return workbench.team_progress_json(shown) | {"transfer": workbench.practice_and_live_json(workbench.practice_and_live(found))}


def _tell_transfer(found: Gathered) -> None:
    """Whether practice tells of live work, where there is any."""
    from casework import workbench
    from casework.faces.timeline_view import ASKED, CLAIMS, NO_PROOF

    told = workbench.practice_and_live(found)
    if told:
        say(f"{ASKED} Rank correlation over people with its 90 % interval. {NO_PROOF}")
    for one in told:
        said = one.why if one.rank is None else f"{one.rank:.2f} ({one.low:.2f} to {one.high:.2f}), {one.n} people: {CLAIMS[one.claim]}"
        say(f"  {one.competency.id:20} {said}")


def _line(one: Progress) -> str:
    """One competency in one line; a figure never stands without its interval and its files."""
    from casework.progress.standing import SAID

    files = f"{one.files} {'file' if one.files == 1 else 'files'}"
    figure = "" if one.typical is None else f", {100 * one.typical.value:.0f} % ({100 * one.typical.low:.0f} to {100 * one.typical.high:.0f})"
    last = f", last {one.last_on:%d %B %Y}" if one.last_on else ""
    return f"{one.competency.id:20} {SAID[one.state]}{figure}, {files}{last}"


def _tell(shown: Person | Team) -> None:
    from casework.progress.standing import Person

    people = (shown,) if isinstance(shown, Person) else shown.people
    say(f"As of {shown.at:%d %B %Y}. Expected pass rate on a typical file with its 90 % interval; first attempts without help count. It advises; people sign.")
    for person in people:
        band = f": {person.band.band}. {person.band.says}" if person.band else ""
        say(f"{person.trainee}{band}")
        for one in person.competencies:
            say(f"  {_line(one)}")
            if isinstance(shown, Person):
                for lack in one.missing:
                    say(f"      {lack.why}: {lack.mend}")
                if one.sign_off.ended:
                    say(f"      {one.sign_off.ended}")
                say(f"      next: {one.next_step}")


@guarded
def evidence(
    trainee: Annotated[str, typer.Argument(metavar="TRAINEE")],
    competency: Annotated[str, typer.Argument(metavar="COMPETENCY")],
    kind: Annotated[str, typer.Option("--kind", help="observation, knowledge test, witness note or reflection.")],
    by: As,
    says: Annotated[str, typer.Option("--says", help="What was seen, in words.")],
    ledger: LedgerFile,
    critical: Annotated[bool, typer.Option("--critical", help="A critical error was seen: it blocks sign-off until later files clear it.")] = False,
    at: At = None,
    content: Content = None,
    as_json: AsJson = False,
) -> None:
    """Writes down evidence that no log shows. It adds a kind of evidence, and moves no score."""
    from casework import workbench

    piece = workbench.note_evidence(workbench.library(content), ledger, trainee, competency, kind, by, says, moment_of(at) or datetime.now(UTC), critical)
    put({"id": piece.id, "kind": piece.kind, "competency": competency}) if as_json else say(f"{kind} on {competency} of {trainee} by {by}, written to {ledger}")


@guarded
def signoff(
    trainee: Annotated[str, typer.Argument(metavar="TRAINEE")],
    competency: Annotated[str, typer.Argument(metavar="COMPETENCY")],
    by: As,
    role: Annotated[str, typer.Option("--role", help="self, assessor or lead: the trainee rates, then an assessor, then a lead signs.")],
    reason: Reason,
    ledger: LedgerFile,
    not_yet: Annotated[bool, typer.Option("--not-yet", help="Rates not competent yet.")] = False,
    withdraw: Annotated[bool, typer.Option("--withdraw", help="Withdraws a sign-off.")] = False,
    coaches: Annotated[bool, typer.Option("--coaches", help="Writes down that this person coaches the trainee here, and so cannot be the only assessor.")] = False,
    against: Annotated[bool, typer.Option("--against-advice", help="A lead signs although the evidence does not advise it; that stays visible.")] = False,
    at: At = None,
    content: Content = None,
    as_json: AsJson = False,
) -> None:
    """One step of signing off a competency. Each is another person's, each with a reason."""
    from casework import workbench
    from casework.model.errors import BadInput

    if withdraw and coaches or (not_yet and (withdraw or coaches)):
        raise BadInput("--not-yet, --withdraw and --coaches say different things; give one of them")
    act = "withdrew" if withdraw else "coaches" if coaches else "rated"
    held, moment = workbench.library(content), moment_of(at) or datetime.now(UTC)
    event = workbench.sign(held, ledger, trainee, competency, by, role, reason, moment, act, not not_yet, against)
    shown = workbench.sign_off_state(held, ledger, trainee, competency, moment)
    if as_json:
        put({"id": event.id, "state": shown.state, "sign_off": shown.sign_off.status, "next": shown.sign_off.next, "against_advice": event.against})
    else:
        say(f"Written to {ledger}. {_line(shown)}")
        say(f"next: {shown.next_step}")

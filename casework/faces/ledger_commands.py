"""Commands of a ledger as a whole: what it holds of a person, and erasing it."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from casework.faces.progress_commands import At, LedgerFile, moment_of
from casework.faces.terminal import AsJson, Content, group, guarded, put, say

if TYPE_CHECKING:
    from casework.edges.ledgers import Erased

ledger = group(help="A ledger of evidence: own records, erasing, what is past its time.")
By = Annotated[str, typer.Option("--as", help="Who erases, by name: it is written down.")]
Sure = Annotated[bool, typer.Option("--yes", help="Do it: erasing cannot be undone. Without it, only what would go is told.")]


@ledger.command()
@guarded
def show(
    trainee: Annotated[str, typer.Argument(metavar="TRAINEE")],
    ledger_file: LedgerFile,
    html: Annotated[Path | None, typer.Option("--html", help="Also writes a page to print, for the person to have.")] = None,
    at: At = None,
    content: Content = None,
    as_json: AsJson = False,
) -> None:
    """All that the ledger holds of a person, to give to them."""
    from casework import workbench

    record = workbench.own_record(workbench.library(content), ledger_file, trainee, moment_of(at) or datetime.now(UTC))
    if html is not None:
        from casework.edges import logfiles
        from casework.faces import ledger_view

        logfiles.write(html, ledger_view.document(record))
    if as_json:
        put(workbench.own_record_json(record))
        return
    for piece in record.pieces:
        said = f": {piece.says}" if piece.says else f" of {piece.scenario}"
        say(f"{piece.at:%Y-%m-%d}  {piece.kind}{said} ({', '.join(piece.competencies)}; {piece.by})")
    for event in record.signed:
        say(f"{event.at:%Y-%m-%d}  sign-off of {event.competency}, {event.role}, {event.act}: {event.reason} ({event.by})")
    for one in record.plan:
        say(f"{one.on:%Y-%m-%d}  plan, {one.kind} {one.id}{f': {one.says}' if one.says else ''} ({one.by})")
    say(f"{len(record.pieces)} pieces, {len(record.signed)} sign-off entries and {len(record.plan)} entries of a plan about {trainee}; {record.said_of_others} entries by them about others")


@ledger.command()
@guarded
def erase(
    trainee: Annotated[str, typer.Argument(metavar="NAME")],
    ledger_file: LedgerFile,
    by: By,
    called: Annotated[list[str] | None, typer.Option("--called", help="A name that they go by in words, where the ledger knows them by an id; may be repeated.")] = None,
    sure: Sure = False,
) -> None:
    """Erases a person's name and all words about them. Figures stay, under a reference that leads to nobody."""
    from casework import workbench

    found = workbench.forget_person(ledger_file, trainee, by, datetime.now(UTC), called or (), not sure)
    _tell(found, sure)
    if found.named_elsewhere:
        say(f"{found.named_elsewhere} of these texts are about others and name {trainee}; the entries stay, without words")
    say(
        "Elsewhere: the store (casework people erase), words beside decision logs (--folder there), and whatever was "
        "exported or printed. Make progress pages and exports again, and delete the older ones and backups"
    )


@ledger.command()
@guarded
def expire(ledger_file: LedgerFile, by: By, sure: Sure = False, at: At = None, content: Content = None) -> None:
    """Erases words and names past the time that the framework keeps them for."""
    from casework import workbench

    _tell(workbench.forget_what_is_due(workbench.library(content), ledger_file, by, moment_of(at) or datetime.now(UTC), not sure), sure)


def _tell(found: Erased, done: bool) -> None:
    what = f"{len(found.people)} {'name' if len(found.people) == 1 else 'names'} and {len(found.words)} {'text' if len(found.words) == 1 else 'texts'}"
    say(f"{what} erased; the ledger verifies" if done else f"{what} would go; nothing was erased. Add --yes to do it")

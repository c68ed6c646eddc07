"""Commands that give records to other systems: logs to process-mining tools, and a person's records wherever they are taken."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from casework.faces.progress_commands import At, LedgerFile, moment_of
from casework.faces.terminal import AsJson, Content, defaulting, group, guarded, put, say

export = group(cls=defaulting("logs"), no_args_is_help=False, help="Decision logs, or a person's records, for other systems. Words are never in them.")


@export.command(name="logs")
@guarded
def logs_(
    logs: Annotated[list[Path], typer.Argument(help="Logs, or folders of them.", metavar="LOG…")],
    xes: Annotated[Path, typer.Option("--xes", help="A new file; .xes.gz is packed.")],
) -> None:
    """Decision logs for process-mining tools; words are never in it."""
    from casework import workbench

    say(f"{workbench.export_xes(logs, xes)} logs written to {xes}")


@export.command()
@guarded
def records(
    trainee: Annotated[str, typer.Argument(metavar="TRAINEE")],
    ledger: LedgerFile,
    out: Annotated[Path, typer.Option("--out", help="A new folder.")],
    base: Annotated[str, typer.Option("--base", help="The IRI of your organisation under which ids are made, such as https://learning.example.org/casework.")] = "urn:casework",
    account: Annotated[str | None, typer.Option("--account", help="What the other systems call the person: no name and no mailbox. By default the ledger's own reference.")] = None,
    issuer: Annotated[str | None, typer.Option("--issuer", help="Who issues badges: an IRI (did:web or https) that your key answers for. Without it, none are made.")] = None,
    issuer_name: Annotated[str | None, typer.Option("--issuer-name", help="The issuer's name.")] = None,
    at: At = None,
    content: Content = None,
    as_json: AsJson = False,
) -> None:
    """A person's results (xAPI), sign-offs (Open Badges, unsigned) and progress (XLSX and CSV)."""
    from casework import workbench
    from casework.edges.portable.badges import Issuer
    from casework.model.errors import BadInput

    if (issuer is None) != (issuer_name is None):
        raise BadInput("--issuer and --issuer-name belong together; give both, or neither")
    by = Issuer(issuer, issuer_name) if issuer is not None and issuer_name is not None else None
    found = workbench.export_records(workbench.library(content), ledger, trainee, out, moment_of(at) or datetime.now(UTC), base, account, by)
    if as_json:
        put({"folder": str(found.folder), "account": found.account, "statements": found.statements, "rows": found.rows, "badges": found.badges, "left_out": found.left_out})
        return
    say(f"Written to {found.folder}, with the person as {found.account}:")
    say(f"  statements.json: {found.statements} xAPI {'statement' if found.statements == 1 else 'statements'}")
    for name, competency in found.badges.items():
        say(f"  {name}: {competency}, unsigned: it proves nothing until you sign it")
    say(f"  progress.xlsx, progress.csv: {found.rows} rows")
    for competency, why in found.left_out.items():
        say(f"No badge for {competency}: {why}")

"""Commands that bring real work in, and give logs to other tools."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from casework.faces.terminal import AsJson, Content, guarded, put, say


@guarded
def import_(
    file: Annotated[Path, typer.Argument(help="CSV, XLSX or XES (.xes, .xes.gz).", metavar="FILE")],
    mapping: Annotated[Path | None, typer.Option("--mapping", help="What each column and activity means.")] = None,
    out: Annotated[Path | None, typer.Option("--out", help="A new folder: one log a case.")] = None,
    draft: Annotated[Path | None, typer.Option("--draft", help="Writes a mapping to fill in, and imports nothing.")] = None,
    with_text: Annotated[bool, typer.Option("--with-text", help="Keeps the free text that the mapping keeps; without it, no word is read.")] = False,
    key_file: Annotated[Path | None, typer.Option("--key-file", help="The key of pseudonyms; the same key gives the same people.")] = None,
    content: Content = None,
    as_json: AsJson = False,
) -> None:
    """Real work from a case system, as logs that the same rubric scores."""
    from casework import workbench
    from casework.edges import exchange
    from casework.model.errors import BadInput

    if draft is not None:
        workbench.draft_mapping(file, draft)
        say(f"{draft} written. Fill it in, then: casework import {file.name} --mapping {draft.name} --out DIR")
        return
    if mapping is None and out is not None and exchange.is_xes(file):
        count = workbench.bring_back(file, out)
        if as_json:
            put({"logs": count})
        else:
            say(f"{count} logs of ours, which need no mapping, written to {out}; words are not in them")
        return
    if mapping is None or out is None:
        raise BadInput("give --mapping FILE.yaml and --out DIR; --draft FILE.yaml writes a mapping to start from")
    found = workbench.import_events(workbench.library(content), file, mapping, out, with_text, key_file)
    if as_json:
        put(asdict(found) | {name: str(getattr(found, name)) for name in ("amount_in", "amount_kept", "amount_left")} | {"reconciles": found.reconciles})
    else:
        unknown = sum(found.unknown.values())
        say(f"{found.rows:>8} rows read")
        for n, what in (
            (found.decisions, "decisions of ours"), (found.arrivals, "things that came in"), (found.acts, "acts of others"), (found.ignored, "left out, as the mapping says"),
            (unknown, f"left out: {len(found.unknown)} activities that the mapping does not know"), (found.repeats, "left out: said word for word before"),
        ):  # fmt: skip
            say(f"{n:>8} {what}")
        for word, n in found.unknown.items():
            say(f"             {n} × {word or '(no activity)'}")
        say(f"{found.cases:>8} cases: {found.logs} logs, {found.empty_cases} with nothing that the mapping reads")
        if found.hours_lived_twice:
            say(f"{found.hours_lived_twice:>8} times fall in an hour that clocks repeat and have no offset: read as the first of the two")
        if found.currency is not None:
            say(f"{found.currency} {found.amount_in} in the rows: {found.amount_kept} in the logs, {found.amount_left} in what is left out")
        say(("Reconciled. " if found.reconciles else "DOES NOT RECONCILE. ") + f"Score one with: casework score {out}/….jsonl; mark them with: casework review bring {out}")
    if not found.reconciles:
        raise typer.Exit(1)


@guarded
def look(file: Annotated[Path, typer.Argument(help="CSV, XLSX or XES.", metavar="FILE")], as_json: AsJson = False) -> None:
    """The columns of a case system's export, without their values."""
    from casework import workbench

    found = workbench.look(file)
    if as_json:
        put({"rows": found.rows, "columns": [vars(column) for column in found.columns]})
    else:
        say(f"{found.rows:,} rows")
        for column in found.columns:
            say(f"  {column.name:40}  filled in {column.filled:,}, {column.different:,} different")

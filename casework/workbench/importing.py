"""Use cases of real work: a case system's export made decision logs, and logs given to other tools."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from casework.edges import drafting, files, importing, logfiles, xes_out
from casework.edges.importing import Account
from casework.model.decisions import DecisionLog
from casework.model.errors import BadInput, ContentError
from casework.model.library import Library
from casework.workbench.rights import open_to_all


@open_to_all
def import_events(held: Library, path: Path, mapping: Path, out: Path, with_text: bool = False, key_file: Path | None = None) -> Account:
    """Writes one log a case into a new folder, and gives the account in which every row is found again.

    The key of pseudonyms is read from `key_file`, or from beside `out`; made if there is none. Words are kept only
    if both the mapping and `with_text` say so.
    """
    read = files.read_file(mapping, "mapping", mapping.parent)
    if read.value is None:
        raise ContentError(read.problems)
    if read.value.authority not in held.calendars:
        held.get_calendar(read.value.authority)
    if with_text and read.value.text is None:
        raise BadInput(f"{mapping}: names no column of words under 'text', so --with-text has nothing to keep")
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise BadInput(f"{out}: is not empty; give a new folder, so that no two imports are mixed")
    for activity in read.value.activities.values():
        for ref in getattr(getattr(activity, "arrives", None), "starts", ()):
            held.full_clause_id(ref)
    place = key_file or out.with_name(f"{out.name}.key")
    if place.resolve().is_relative_to(out.resolve()):
        raise BadInput(f"{place}: lies in {out}, with what it is to protect; give the key another place")
    key = importing.the_key(place)
    found = importing.events(path, read.value, held.get_calendar(read.value.office), key, with_text)
    importing.keep_key(place, key)
    importing.write(found.logs, out)
    return found.account


@open_to_all
def draft_mapping(path: Path, out: Path) -> None:
    """Writes a mapping to fill in for an export, without a value of any cell."""
    if out.exists():
        raise BadInput(f"{out}: exists already; give a new name, so that nothing is overwritten")
    id = "".join(sign if sign.isascii() and sign.isalnum() else "-" for sign in out.stem.lower()).strip("-") or "our-system"
    logfiles.write(out, drafting.draft(path, id))


@open_to_all
def export_xes(paths: Sequence[Path], out: Path) -> int:
    """Writes logs as one XES file, without words; gives how many."""
    logs = [logfiles.read_log(path) for path in logfiles.logs_in(*paths)]
    xes_out.write(logs, out)
    return len(logs)


@open_to_all
def read_xes(path: Path) -> tuple[DecisionLog, ...]:
    """The decision logs in a XES file that `export_xes` wrote, as they were."""
    return xes_out.from_xes(path)


@open_to_all
def bring_back(path: Path, out: Path) -> int:
    """Writes the logs in a XES file of ours into a new folder, byte for byte as they were exported; gives how many."""
    logs = read_xes(path)
    importing.write([(log, ()) for log in logs], out)
    return len(logs)

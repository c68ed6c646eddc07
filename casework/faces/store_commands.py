"""The commands on what is kept: the store as a whole, people and roles, and sessions."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from casework.faces.terminal import AsJson, Content, group, guarded, put, say

if TYPE_CHECKING:
    from casework.model.people import Person
    from casework.workbench import Access

store = group(help="The store as a whole: verify, back up, restore, copy, upgrade.")
people = group(help="Who may use this store, and as what.")
session = group(help="Sessions in the store.")

Address = Annotated[str | None, typer.Option("--store", help="The store's address; by default CASEWORK_STORE or the workspace's file.")]
Who = Annotated[str, typer.Argument(help="A person's id.", metavar="PERSON")]
Which = Annotated[str, typer.Argument(help="A session's id.", metavar="SESSION")]
Roles = Annotated[str, typer.Option("--roles", help="trainee, trainer, reviewer, lead, admin; several with commas.")]


def access_to(url: str | None, content: Path | None = None, make: bool = False) -> Access:
    """The store for whoever runs the command; only what adds to it may make it."""
    from casework import workbench

    return workbench.open_access(workbench.library(content), url, make=make)


def _split(roles: str) -> tuple[str, ...]:
    return tuple(role.strip() for role in roles.split(",") if role.strip())


@store.command()
@guarded
def verify(address: Address = None, as_json: AsJson = False) -> None:
    """Reads everything: chains, words, the audit trail, the database itself, and the anchor."""
    from casework import workbench

    found = workbench.verify_store(access_to(address))
    if as_json:
        put({"ok": found.ok, **vars(found)})
    else:
        for note in found.notes:
            say(f"note: {note}")
        for problem in found.problems:
            say(problem, sys.stderr)
        say(
            f"{'verified' if found.ok else 'NOT verified'}: {found.sessions} sessions, {found.entries} entries, {found.texts} texts, "
            f"{found.trail} entries in the audit trail; {found.anchored} chains compared with the anchor"
        )
    if not found.ok:
        raise typer.Exit(1)


@store.command()
@guarded
def anchor(address: Address = None) -> None:
    """Verifies, then notes how long every chain is now in the anchor: for stores whose programs write none."""
    from casework import workbench

    found = workbench.anchor_store(access_to(address))
    for problem in found.problems:
        say(problem, sys.stderr)
    if not found.ok:
        raise typer.Exit(1)
    say(f"{found.sessions} sessions and {found.trail} entries of the trail noted in the anchor")


@store.command()
@guarded
def backup(path: Annotated[Path, typer.Argument(help="A new file.", metavar="FILE.zip")], address: Address = None) -> None:
    """Writes the whole store to one file, while others may go on working. Names and words are in it."""
    from casework import workbench

    found = workbench.backup_store(access_to(address), path)
    say(f"{found.rows['sessions']} sessions, {found.rows['entries']} entries backed up to {path}. Keep it as safe as the store")


@store.command()
@guarded
def restore(path: Annotated[Path, typer.Argument(help="A backup.", metavar="FILE.zip")], address: Address = None) -> None:
    """Fills an empty place from a backup; nothing that exists is overwritten."""
    from casework import workbench

    found, aside = workbench.restore_store(path, address)
    say(f"{found.rows['sessions']} sessions, {found.rows['entries']} entries restored. Now run: casework store verify")
    if aside is not None:
        say(f"The anchor of the store that was here before is now {aside}")


@store.command()
@guarded
def copy(to: Annotated[str, typer.Argument(help="The address of an empty place.", metavar="ADDRESS")], address: Address = None) -> None:
    """Copies the store into the other database, row for row."""
    from casework import workbench

    found = workbench.copy_store(access_to(address), to)
    say(f"{found.rows['sessions']} sessions, {found.rows['entries']} entries copied. Set CASEWORK_STORE to the new address")


@store.command()
@guarded
def upgrade(address: Address = None) -> None:
    """Brings a store of an older release to this one, after a backup."""
    from casework import workbench

    place = workbench.upgrade_store(address)
    say("Nothing to do: the store is of this release" if place is None else f"Upgraded. The backup made first is {place}")


@people.command(name="first")
@guarded
def first_(
    name: Annotated[str, typer.Argument(help="Your name.")],
    login: Annotated[str, typer.Option("--login", help="Your login at the hub, or on this computer.")],
    address: Address = None,
) -> None:
    """The first person of a shared store, with every role; once only."""
    from casework import workbench

    person = workbench.first_person(workbench.library(), name, login, address)
    say(f"{person.id}: {person.said}")


@people.command()
@guarded
def add(
    name: Annotated[str, typer.Argument(help="The person's name; kept beside the records, and erasable.")],
    roles: Roles = "trainee",
    login: Annotated[str | None, typer.Option("--login", help="Their login at the hub, or on this computer.")] = None,
    address: Address = None,
    as_json: AsJson = False,
) -> None:
    """A new person, with a token for the room; the token is shown this once."""
    from casework import workbench

    person, token = workbench.add_person(access_to(address, make=True), name, _split(roles), login)
    put({"person": person.id, "roles": person.roles, "token": token}) if as_json else say(f"{person.id}: {person.said}\ntoken: {token}")


@people.command(name="list")
@guarded
def list_(address: Address = None, as_json: AsJson = False) -> None:
    """Everyone in the store."""
    from casework import workbench

    rows = workbench.list_people(access_to(address))
    if as_json:
        put([{"person": p.id, "name": name, "roles": p.roles, "active": p.active, "version": p.version} for p, name in rows])
    else:
        for p, name in rows:
            say(f"{p.id}  {name or '(erased)':30}  {p.said}  version {p.version}")


@people.command(name="roles")
@guarded
def roles_(
    person: Who,
    roles: Roles,
    version: Annotated[int, typer.Option("--version", help="The version that people list showed.")],
    address: Address = None,
) -> None:
    """Gives a person other roles; refused if someone changed them since you looked."""
    from casework import workbench

    _tell(workbench.set_roles(access_to(address), person, _split(roles), version))


@people.command()
@guarded
def retire(person: Who, address: Address = None) -> None:
    """The person may do nothing more; their records stay."""
    from casework import workbench

    _tell(workbench.retire_person(access_to(address), person))


@people.command()
@guarded
def token(person: Who, address: Address = None) -> None:
    """A new token for the room; the old one stops working."""
    from casework import workbench

    say(f"token: {workbench.new_token(access_to(address), person)}")


@people.command()
@guarded
def erase(
    person: Who,
    folder: Annotated[Path | None, typer.Option("--folder", help="Also erase the words beside exported logs in here.")] = None,
    sure: Annotated[bool, typer.Option("--yes", help="Do it: erasing cannot be undone.")] = False,
    address: Address = None,
) -> None:
    """Deletes a person's name, login, token and words. The logs stay, and still verify."""
    from casework import workbench
    from casework.model.errors import BadInput

    if not sure:
        raise BadInput(f"erasing {person} cannot be undone; nothing was erased. Add --yes to do it")
    sessions, texts = workbench.erase_person(access_to(address), person, folder)
    say(f"{person}: name, login and token erased, and {texts} texts of {sessions} sessions. Delete older backups too")


@people.command()
@guarded
def trail(
    person: Annotated[str | None, typer.Argument(help="Whose records; everyone's by default.", metavar="[PERSON]")] = None,
    address: Address = None,
    as_json: AsJson = False,
) -> None:
    """Who read or changed whose records."""
    from casework import workbench

    access = access_to(address)
    rows = workbench.audit_trail(access) if person is None else workbench.trail_of(access, person)
    if as_json:
        put(rows)
    else:
        for row in rows:
            say(f"{row['at']}  {row['who']}  {row['did']}  {row['whose']}  {row['what']}")


@session.command(name="list")
@guarded
def sessions(
    person: Annotated[str | None, typer.Option("--of", help="A person's id; your own by default.")] = None,
    address: Address = None,
    as_json: AsJson = False,
) -> None:
    """Sessions, finished or under way."""
    from casework import workbench

    access = access_to(address)
    rows = workbench.sessions_of(access, person or access.person.id)
    if as_json:
        put([{"session": h.session, "entries": h.n, "now_at": h.now_at.isoformat(), "finished": h.finished} for h in rows])
    else:
        for h in rows:
            say(f"{h.session}  {h.n:>4} entries  {'finished' if h.finished else f'under way, at {h.now_at:%Y-%m-%d %H:%M} UTC'}")


@session.command()
@guarded
def export(
    which: Which,
    out: Annotated[Path, typer.Option("--out", help="The log to write; its words go beside it.")],
    content: Content = None,
    address: Address = None,
) -> None:
    """Writes a session's log and words as files, which casework score and replay read."""
    from casework import workbench

    workbench.export_session(access_to(address, content), which, out)
    say(f"Log written to {out}, words beside it")


def _tell(person: Person) -> None:
    say(f"{person.id}: {person.said}, version {person.version}")


@guarded
def doctor(content: Content = None, address: Address = None, as_json: AsJson = False) -> None:
    """What is wrong with this installation, and what to do about it."""
    from casework import workbench

    found = workbench.examine(content, address)
    if as_json:
        put([vars(finding) for finding in found])
    else:
        for f in found:
            say(f"{f.state:8} {f.what}: {f.says}" + (f"\n         {f.do}" if f.do else ""))
    if any(f.state == "fault" for f in found):
        raise typer.Exit(1)

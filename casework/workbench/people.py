"""Use cases on people, their roles and their names, and on the store as a whole."""

from __future__ import annotations

import json
import secrets
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from casework.edges import journal, logfiles
from casework.model.errors import BadInput, Refused
from casework.model.library import Library
from casework.model.people import ROLES, Person
from casework.workbench.rights import Access, open_to_all, right

if TYPE_CHECKING:
    from casework.edges.store.archives import Contents
    from casework.edges.store.records import Store
    from casework.edges.store.verifying import Verdict


@open_to_all
def open_access(held: Library, url: str | None = None, token: str | None = None, make: bool = True) -> Access:
    """The store, for whoever is asking: by a room's token, JupyterHub, or this computer's user.

    The first to open a new store on their own computer has every role in it.
    """
    from casework.edges import identity
    from casework.edges.store.records import open_store

    store = open_store(url, make=make)
    token = token or identity.token()
    if token:
        person = store.find_by(token=_sealed(token))
        if person is None or not person.active:
            raise Refused("this token opens nothing here: it was mistyped, replaced or withdrawn. Ask your trainer for a new one")
        return Access(person, store, held)
    login = identity.login()
    person = store.find_by(login=login)
    if person is None and store.engine.dialect.name == "sqlite" and not identity.at_hub() and not store.people():
        person = Person(_new_id(), ROLES)
        store.add_person(person, login, login)
    if person is None or not person.active:
        raise Refused("you are not among the people of this store; ask whoever runs it for: casework people add NAME --login YOURS")
    return Access(person, store, held)


@open_to_all
def first_person(held: Library, name: str, login: str, url: str | None = None) -> Person:
    """The first person of a shared store, with every role; Refused once there is anyone."""
    from casework.edges.store.records import open_store

    store = open_store(url)
    if store.people():
        raise Refused("this store has people already; an admin of it can add others: casework people add")
    person = Person(_new_id(), ROLES)
    store.add_person(person, name, login)
    return person


def _new_id() -> str:
    return f"p-{secrets.token_hex(4)}"


def _sealed(token: str) -> str:
    """What is kept of a token. It is random and long, so a plain digest cannot be guessed back."""
    return sha256(token.encode()).hexdigest()


def _roles(names: tuple[str, ...]) -> tuple[str, ...]:
    unknown = [name for name in names if name not in ROLES]
    if unknown or not names:
        raise BadInput(f"roles: found {', '.join(unknown) or 'none'}; allowed: {', '.join(ROLES)}")
    return tuple(role for role in ROLES if role in names)


@right("store", admin="any")
def add_person(access: Access, name: str, roles: tuple[str, ...], login: str | None = None) -> tuple[Person, str]:
    """A new person, and the token that opens the room for them; the token is told once and not kept."""
    if not name.strip() or len(name) > 200 or (login is not None and not 0 < len(login) <= 200):
        raise BadInput("a name (and a login, if given) has 1 to 200 characters")
    person, token = Person(_new_id(), _roles(roles)), secrets.token_urlsafe(24)
    access.store.add_person(person, name, login, _sealed(token))
    access.store.audit(datetime.now(UTC), access.person.id, "added", person.id, " ".join(person.roles))
    return person, token


@right("person", admin="any")
def set_roles(access: Access, person: str, roles: tuple[str, ...], version: int) -> Person:
    """New roles, decided on a version of the person that was read; the last admin stays one."""
    now = _get(access, person)
    changed = replace(now, roles=_roles(roles), version=version)
    _not_the_last_admin(access, now, changed)
    return access.store.change_person(changed)


@right("person", admin="any")
def retire_person(access: Access, person: str) -> Person:
    """The person may do nothing more; their records stay."""
    now = _get(access, person)
    _not_the_last_admin(access, now, replace(now, active=False))
    return access.store.change_person(replace(now, active=False))


@right("person", admin="any")
def new_token(access: Access, person: str) -> str:
    """A new token for a person; the old one opens nothing any more."""
    token = secrets.token_urlsafe(24)
    access.store.set_token(_get(access, person).id, _sealed(token))
    return token


@right("person", admin="any")
def erase_person(access: Access, person: str, folder: Path | None = None) -> tuple[int, int]:
    """Deletes a person's name, login, token and words; gives sessions and texts erased. The logs still verify.

    With a folder, the words beside exported logs in it and below go first.
    """
    now = _get(access, person)
    _not_the_last_admin(access, now, replace(now, active=False))
    if folder is not None:
        logfiles.erase_texts(folder, {head.session for head in access.store.heads(person)})
    sessions, texts = access.store.erase(person)
    journal.note("erased", person=person, count=texts)
    return sessions, texts


def _get(access: Access, person: str) -> Person:
    found = access.store.find_person(person)
    if found is None:
        raise BadInput(f"there is no person {person!r} in this store; casework people list shows them")
    return found


def _not_the_last_admin(access: Access, now: Person, after: Person) -> None:
    still = [p for p, _ in access.store.people() if p.active and "admin" in p.roles and p.id != now.id]
    if not still and not (after.active and "admin" in after.roles):
        raise Refused(f"{now.id} is the last admin of this store; make someone else admin first")


@right("store", trainer="any", lead="any", admin="any")
def list_people(access: Access) -> list[tuple[Person, str]]:
    """Everyone with their name; reading names is noted in the trail."""
    access.store.audit(datetime.now(UTC), access.person.id, "list_people", "-", "names")
    return access.store.people()


@right("person", trainee="own", trainer="own", reviewer="own", lead="any", admin="any")
def trail_of(access: Access, person: str) -> list[dict[str, Any]]:
    """Who did what with a person's records, oldest first."""
    return [row for row in map(json.loads, access.store.trail()) if row["whose"] == person]


@right("store", lead="any", admin="any")
def audit_trail(access: Access) -> list[dict[str, Any]]:
    """The whole trail, oldest first."""
    return [json.loads(line) for line in access.store.trail()]


@right("store", lead="any", admin="any")
def verify_store(access: Access) -> Verdict:
    """Whether everything in the store is as it was written."""
    from casework.edges.store.verifying import verify

    return verify(access.store)


@right("store", lead="any", admin="any")
def anchor_store(access: Access) -> Verdict:
    """Notes how long every chain is now, if all that was noted before still holds; gives what verification found.

    For a store whose programs write no anchor of their own, because their users could write it too.
    """
    found = verify_store(access)
    if found.ok:
        _note_all(access.store)
    return found


@right("store", admin="any")
def backup_store(access: Access, path: Path) -> Contents:
    """The whole store as one file; names and words are in it."""
    from casework.edges.store import archives

    return archives.backup(access.store.engine, path)


@right("store", admin="any")
def copy_store(access: Access, url: str) -> Contents:
    """Every row into an empty place, of either kind of database."""
    from casework.edges.store import archives, opening

    return archives.copy(access.store.engine, opening.connect(opening.address(url)))


@open_to_all
def restore_store(path: Path, url: str | None = None) -> tuple[Contents, Path | None]:
    """Fills an empty place from a backup the caller holds; the old anchor is set aside, and a new one begun."""
    from casework.edges.store import archives, opening, records

    place = opening.address(records.default_address(url))
    found = archives.restore(path, opening.connect(place))
    store = records.open_store(url)
    aside = store.anchor.set_aside()
    _note_all(store)
    return found, aside


def _note_all(store: Store) -> None:
    """Writes into the anchor whatever it does not have yet."""
    from casework.edges.store import records, reviews
    from casework.edges.store.anchors import TRAIL

    noted, trail = store.anchor.heads(), store.trail()
    now = {head.session: (head.n, head.hash) for head in store.heads()} | reviews.ends(store)
    if trail:
        now[TRAIL] = (len(trail), records.digest_of(trail[-1]))
    for chain, (n, hash) in now.items():
        if noted.get(chain) != (n, hash):
            store.anchor.note(chain, n, hash)


@open_to_all
def upgrade_store(url: str | None = None) -> Path | None:
    """Brings an older store to this release, after a backup whose place is given; None if there was nothing to do."""
    from casework.edges.store import archives, opening, records

    return archives.upgrade(opening.connect(opening.address(records.default_address(url))), records.workspace())

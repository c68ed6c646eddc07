"""What the store keeps and how it is written: one transaction a step, acknowledged when it has been committed.

Every write names the state it was made from. A state that has moved on refuses it (StaleWrite); a step
that was taken already, under the same key, is not taken twice.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, delete, func, insert, select, text, update
from sqlalchemy.exc import DBAPIError, IntegrityError

from casework.edges import journal
from casework.edges.store import opening
from casework.edges.store.anchors import TRAIL, Anchor
from casework.edges.store.heads import Head, Side
from casework.edges.store.tables import SIDE, audit, entries, names, people, reviews, salts, sessions, steps, texts
from casework.model.decisions import DecisionLog, Event, Line, canonical, decode, digest, lines_after, lines_of
from casework.model.errors import BadInput, StaleWrite, StoreTrouble
from casework.model.people import Person

APPENDING = 0x61756469  # The advisory lock under which the audit trail grows on PostgreSQL.


UNSURE = "What was shown as done is kept; this step may not be, so take it again: it is not taken twice. "


class Store:
    """A store that is open. Safe to use from many threads and processes at once."""

    def __init__(self, engine: Engine, anchor: Anchor) -> None:
        self.engine, self.anchor = engine, anchor

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """One consistent view of the store."""
        try:
            options = {"isolation_level": "REPEATABLE READ"} if self.engine.dialect.name == "postgresql" else {}
            with self.engine.connect().execution_options(**options) as connection, connection.begin():
                yield connection
        except DBAPIError as error:
            raise opening.trouble(self.engine, error) from None

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """One transaction: all of it is kept once this returns, or none of it."""
        try:
            with self.engine.connect().execution_options(writes=True) as connection, connection.begin():
                yield connection
        except IntegrityError:
            raise
        except DBAPIError as error:
            raise opening.trouble(self.engine, error, UNSURE) from None

    # Sessions

    def begin(self, log: DecisionLog, salt_key: str, now: datetime, words: tuple[tuple[int, str, str], ...] = ()) -> Head:
        """Keeps a new session, with words beside it; StaleWrite if it was begun already."""
        lines = lines_of(log)
        head = Head(log.header.session, log.header.trainee, lines[-1].n, lines[-1].hash, now, log.finished)
        try:
            with self.writing() as connection:
                connection.execute(insert(sessions).values(id=head.session, **_columns(head)))
                _put_lines(connection, head.session, lines)
                connection.execute(insert(salts).values(session=head.session, salt_key=salt_key))
                if words:
                    connection.execute(insert(texts), [{"session": head.session, "n": n, "salt": salt, "words": said} for n, salt, said in words])
        except IntegrityError:
            raise StaleWrite(f"session {head.session} was begun already; open it again to go on with it") from None
        self.note_chain(head.session, head.n, head.hash)
        return head

    def append(
        self, head: Head, events: tuple[Event, ...], words: tuple[tuple[int, str, str], ...], key: str, now: datetime
    ) -> Head:
        """The head after a step, once it is durable.

        `key` names the step: if it was taken already, the present head comes back and nothing is
        written. StaleWrite if the session has moved on otherwise.
        """
        lines = lines_after(head.hash, events)
        last = lines[-1] if lines else Line(head.n, head.hash, "")
        after = Head(head.session, head.person, last.n, last.hash, now, head.finished or (any(event.event == "closed" for event in events)))
        try:
            with self.writing() as connection:
                if not self._moved(connection, head, after):
                    return self._present(connection, head, key)
                _put_lines(connection, head.session, lines)
                connection.execute(insert(steps).values(session=head.session, key=key, n=after.n))
                if words:
                    rows = [{"session": head.session, "n": n, "salt": salt, "words": said} for n, salt, said in words]
                    connection.execute(insert(texts), rows)
        except IntegrityError:
            # The step's key is there already: a step without entries leaves the head where it was.
            with self.reading() as connection:
                return self._present(connection, head, key)
        if lines:
            self.note_chain(head.session, after.n, after.hash)
        return after

    def _moved(self, connection: Connection, head: Head, after: Head) -> bool:
        """Moves the head on, if it is still where the step was made."""
        shown = _columns(head)
        where = (sessions.c.id == head.session) & (sessions.c.n == head.n) & (sessions.c.hash == head.hash)
        where &= sessions.c.now_at == shown["now_at"]
        return bool(connection.execute(update(sessions).where(where).values(**_columns(after))).rowcount)

    def _present(self, connection: Connection, head: Head, key: str) -> Head:
        """The present head, if the step was taken before; StaleWrite if it was not."""
        present = head_in(connection.execute(select(sessions).where(sessions.c.id == head.session)).mappings().first())
        if present is None:
            raise StaleWrite(f"there is no session {head.session} in this store; begin it anew")
        taken = select(steps.c.n).where((steps.c.session == head.session) & (steps.c.key == key))
        if connection.execute(taken).scalar() is None:
            raise StaleWrite(
                f"session {head.session} has gone on to entry {present.n}, and this step was made at entry {head.n}; "
                "it was not taken. Open the session again and decide anew"
            )
        return present

    def note_chain(self, chain: str, n: int, hash: str) -> None:
        """Notes the chain's new length. A failure here undoes nothing: the step is in the store."""
        try:
            self.anchor.note(chain, n, hash)
        except StoreTrouble:
            journal.warn("anchor_not_written", chain=chain, entry=n)

    def head(self, session: str) -> Head | None:
        with self.reading() as connection:
            return head_in(connection.execute(select(sessions).where(sessions.c.id == session)).mappings().first())

    def heads(self, person: str | None = None) -> list[Head]:
        """Every session, or one person's, in order of id."""
        wanted = select(sessions).order_by(sessions.c.id)
        with self.reading() as connection:
            rows = connection.execute(wanted if person is None else wanted.where(sessions.c.person == person))
            return [head for row in rows.mappings() if (head := head_in(row)) is not None]

    def log(self, session: str) -> DecisionLog:
        """The verified log; BadInput if there is none, BrokenLog if the chain does not hold."""
        with self.reading() as connection:
            text = text_in(connection, session)
        if not text:
            raise BadInput(f"there is no session {session} in this store; casework session list shows yours")
        return decode(text)

    def side(self, session: str) -> Side:
        """The words of a session; empty once they have been erased."""
        with self.reading() as connection:
            key = connection.execute(select(salts.c.salt_key).where(salts.c.session == session)).scalar()
            rows = connection.execute(select(texts).where(texts.c.session == session).order_by(texts.c.n)).mappings()
            return Side(str(key or ""), tuple((int(r["n"]), str(r["salt"]), str(r["words"])) for r in rows))

    # People

    def add_person(self, person: Person, name: str, login: str | None = None, token: str | None = None) -> None:
        """StaleWrite if the id, the login or the token is someone's already."""
        try:
            with self.writing() as connection:
                row = {"id": person.id, "roles": " ".join(person.roles), "active": person.active, "version": person.version}
                connection.execute(insert(people).values(row))
                connection.execute(insert(names).values(person=person.id, name=name, login=login, token=token))
        except IntegrityError:
            raise StaleWrite(f"person {person.id}: this id or login is in the store already; choose another, or change that person") from None

    def change_person(self, person: Person) -> Person:
        """Keeps new roles or activity; StaleWrite if someone changed the person since `person.version` was read."""
        row = {"roles": " ".join(person.roles), "active": person.active, "version": person.version + 1}
        where = (people.c.id == person.id) & (people.c.version == person.version)
        with self.writing() as connection:
            if not connection.execute(update(people).where(where).values(row)).rowcount:
                now = self._person(connection, people.c.id == person.id)
                raise StaleWrite(
                    f"person {person.id}: changed by someone else meanwhile; it is now {now.said if now else 'gone'}, "
                    f"you wanted {person.said}. Look at it again and decide anew"
                )
        return Person(person.id, person.roles, person.active, person.version + 1)

    def find_person(self, id: str) -> Person | None:
        with self.reading() as connection:
            return self._person(connection, people.c.id == id)

    def find_by(self, login: str | None = None, token: str | None = None) -> Person | None:
        """The person with this login, or with this token (as its digest)."""
        where = names.c.login == login if login is not None else names.c.token == token
        with self.reading() as connection:
            return self._person(connection, people.c.id == select(names.c.person).where(where).scalar_subquery())

    def _person(self, connection: Connection, where: Any) -> Person | None:
        row = connection.execute(select(people).where(where)).mappings().first()
        return None if row is None else Person(row["id"], tuple(row["roles"].split()), row["active"], row["version"])

    def people(self) -> list[tuple[Person, str]]:
        """Everyone with their name; an erased person has none."""
        with self.reading() as connection:
            rows = connection.execute(
                select(people, names.c.name).outerjoin(names, names.c.person == people.c.id).order_by(people.c.id)
            ).mappings()
            return [(Person(r["id"], tuple(r["roles"].split()), r["active"], r["version"]), r["name"] or "") for r in rows]

    def set_token(self, person: str, token: str) -> None:
        with self.writing() as connection:
            if not connection.execute(update(names).where(names.c.person == person).values(token=token)).rowcount:
                raise StoreTrouble(f"person {person}: has no name in this store (erased?); a token cannot be given")

    def erase(self, person: str) -> tuple[int, int]:
        """Deletes a person's name, login, token, words and what reviews of them say; gives how many sessions and texts lost their words.

        The logs stay and verify: they hold digests only. The space is overwritten, not just freed.
        """
        with self.writing() as connection:
            theirs = select(sessions.c.id).where(sessions.c.person == person)
            said_of = select(reviews.c.id).where(reviews.c.session.in_(theirs))
            count = int(connection.execute(delete(texts).where(texts.c.session.in_(theirs) | texts.c.session.in_(said_of))).rowcount)
            of = int(connection.execute(delete(salts).where(salts.c.session.in_(theirs))).rowcount)
            connection.execute(delete(names).where(names.c.person == person))
            connection.execute(update(people).where(people.c.id == person).values(active=False, version=people.c.version + 1))
        self._scrub()
        return of, count

    def _scrub(self) -> None:
        """Rewrites what held the erased rows, so that no old page keeps a byte of them."""
        try:
            if self.engine.dialect.name == "postgresql":
                with self.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                    for table in SIDE:
                        connection.execute(text(f"VACUUM FULL {table}"))
                return
            with self.engine.connect().execution_options(bare=True) as connection:
                connection.exec_driver_sql("VACUUM")
                busy = connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").one()[0]
                if busy:
                    raise StoreTrouble("The words are deleted, but another program still reads old pages. Close it, then erase again")
        except DBAPIError as error:
            raise opening.trouble(self.engine, error) from None

    # The audit trail

    def audit(self, at: datetime, who: str, did: str, whose: str, what: str) -> None:
        """Adds that someone did something with another's record. Ids only: no name, no word."""
        with self.writing() as connection:
            if self.engine.dialect.name == "postgresql":
                connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": APPENDING})
            last = connection.execute(select(audit.c.n, audit.c.line).order_by(audit.c.n.desc()).limit(1)).first()
            n, previous = (0, "") if last is None else (last[0], digest_of(last[1]))
            stamp = at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
            line = canonical({"n": n + 1, "at": stamp, "who": who, "did": did, "whose": whose, "what": what, "prev": previous})
            connection.execute(insert(audit).values(n=n + 1, line=line))
        self.note_chain(TRAIL, n + 1, digest_of(line))

    def trail(self) -> list[str]:
        """The lines of the audit trail, oldest first."""
        with self.reading() as connection:
            return list(connection.execute(select(audit.c.line).order_by(audit.c.n)).scalars())

    def counts(self) -> dict[str, int]:
        with self.reading() as connection:
            tables = (sessions, entries, texts, people, audit)
            return {t.name: int(connection.execute(select(func.count()).select_from(t)).scalar() or 0) for t in tables}

    def close(self) -> None:
        self.engine.dispose()


def digest_of(line: str) -> str:
    """The hash of one line of the audit trail."""
    return digest(line)


def _columns(head: Head) -> dict[str, Any]:
    stamp = head.now_at.astimezone(UTC).isoformat()
    return {"person": head.person, "n": head.n, "hash": head.hash, "now_at": stamp, "finished": head.finished}


def head_in(row: Any) -> Head | None:
    """The head in a row of `sessions`."""
    if row is None:
        return None
    return Head(row["id"], row["person"], row["n"], row["hash"], datetime.fromisoformat(row["now_at"]), bool(row["finished"]))


def _put_lines(connection: Connection, session: str, lines: tuple[Line, ...]) -> None:
    if lines:
        connection.execute(insert(entries), [{"session": session, "n": line.n, "line": line.text} for line in lines])


def text_in(connection: Connection, session: str) -> str:
    """The lines of a session's log as they were written."""
    rows = connection.execute(select(entries.c.line).where(entries.c.session == session).order_by(entries.c.n))
    return "".join(line + "\n" for line in rows.scalars())


def workspace() -> Path:
    """The folder of the store's file: CASEWORK_WORKSPACE, or the nearest folder up from here that has a store."""
    own = os.environ.get("CASEWORK_WORKSPACE")
    if own:
        return Path(own).expanduser().resolve()
    here = Path.cwd()
    return next((up for up in (here, *here.parents) if (up / FILE).is_file()), here)


FILE = "casework.sqlite"
NO_ANCHOR = "-"  # For programs that may not write one; whoever runs the store takes it instead.


def default_address(url: str | None) -> str:
    """The address asked for, or CASEWORK_STORE, or one file in the workspace."""
    return url or os.environ.get("CASEWORK_STORE") or f"sqlite:///{workspace() / FILE}"


def open_store(url: str | None = None, anchor: Path | None = None, make: bool = True) -> Store:
    """The store at an address, made if there is none unless told otherwise. Its anchor: CASEWORK_ANCHOR, or beside it."""
    place = opening.address(default_address(url))
    file = opening.file_of(place)
    if anchor is None and (file is not None or place.drivername != "sqlite"):
        given = os.environ.get("CASEWORK_ANCHOR")
        anchor = None if given == NO_ANCHOR else Path(given or (f"{file}.anchor" if file is not None else workspace() / f"casework-{place.database}.anchor"))
    engine = opening.connect(place)
    if not make and opening.version_of(engine) is None:
        raise BadInput(f"{opening.shown(place)}: there is no store here; it is made when someone first practises. Look at --store or CASEWORK_STORE")
    opening.ready(engine)
    return Store(engine, Anchor(anchor))

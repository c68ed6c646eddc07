"""Reviews in the store: chains that only grow, each with a version that a writer must know.

A refused attempt is kept as an entry, but leaves the version where it was: whoever wrote first is not made
late by someone who came too late.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, insert, select, update
from sqlalchemy.exc import IntegrityError

from casework.edges.store.records import Store
from casework.edges.store.tables import entries, pinned, review_entries, reviews, steps, texts
from casework.model.errors import BadInput, StaleWrite, StoreTrouble
from casework.model.reviews import ReviewEvent, decode, lines_of

Words = dict[int, tuple[str, str]]  # By the place of an event in what is written: its salt and its words.
AGAIN = 20  # How often an entry beside the marks is tried again, while others write.


def read(store: Store, id: str) -> tuple[ReviewEvent, ...]:
    """The entries of a review, verified; none if it was not begun."""
    with store.reading() as connection:
        return decode(_lines(connection, id))[0]


def words(store: Store, id: str) -> dict[int, str]:
    """What was said in a review, by entry; empty once erased."""
    with store.reading() as connection:
        rows = connection.execute(select(texts.c.n, texts.c.words).where(texts.c.session == id))
        return {int(n): str(said) for n, said in rows}


def of_session(store: Store, session: str) -> list[str]:
    """The ids of every review of a session."""
    with store.reading() as connection:
        return list(connection.execute(select(reviews.c.id).where(reviews.c.session == session).order_by(reviews.c.id)).scalars())


def counted(store: Store) -> dict[str, int]:
    """The version of every review that was begun, by id."""
    with store.reading() as connection:
        return {str(id): int(version) for id, version in connection.execute(select(reviews.c.id, reviews.c.version))}


def ends(store: Store) -> dict[str, tuple[int, str]]:
    """The last entry of every review and its hash, by id."""
    with store.reading() as connection:
        return {str(id): (int(n), str(hash)) for id, n, hash in connection.execute(select(reviews.c.id, reviews.c.n, reviews.c.hash))}


def header_lines(store: Store, sessions: Sequence[str]) -> dict[str, str]:
    """The first line of each of these sessions' logs."""
    with store.reading() as connection:
        rows = connection.execute(select(entries.c.session, entries.c.line).where(entries.c.n == 0))
        wanted = set(sessions)
        return {str(id): str(line) for id, line in rows if id in wanted}


def append(store: Store, id: str, session: str, seen: int, events: tuple[ReviewEvent, ...], said: Words, key: str) -> bool:
    """Adds entries to a review that stands at version `seen`; False if this very step was taken before.

    The events' numbers are filled in here. StaleWrite if the review has moved on.
    """
    try:
        with store.writing() as connection:
            if not seen and connection.execute(select(reviews.c.id).where(reviews.c.id == id)).scalar() is None:
                connection.execute(insert(reviews).values(id=id, session=session, n=0, hash="", version=0))
            row = connection.execute(select(reviews).where(reviews.c.id == id)).mappings().first()
            if row is None:
                raise StaleWrite("this review is not in the store; open it again")
            if row["version"] != seen:
                if _taken(connection, id, key):
                    return False
                raise StaleWrite(f"the review is at version {row['version']}, you saw version {seen}")
            _grow(connection, id, row, events, said, seen + len(events), key)
    except IntegrityError:
        with store.reading() as connection:
            if _taken(connection, id, key):
                return False
        raise StaleWrite("someone wrote to this review at the same moment; open it again") from None
    _anchored(store, id)
    return True


def note_beside(store: Store, id: str, event: ReviewEvent, said: Words, key: str) -> None:
    """Keeps an entry that is no mark (an attempt that came too late, a look); the version stays as it is."""
    for _ in range(AGAIN):
        try:
            with store.writing() as connection:
                row = connection.execute(select(reviews).where(reviews.c.id == id)).mappings().one()
                if not _taken(connection, id, key):
                    _grow(connection, id, row, (event,), said, row["version"], key)
        except (StaleWrite, IntegrityError):
            continue
        _anchored(store, id)
        return
    raise StoreTrouble("too many people write to this review at once; nothing of yours was kept. Try again in a moment")


def _grow(connection: Connection, id: str, row: Any, events: tuple[ReviewEvent, ...], said: Words, version: int, key: str) -> None:
    numbered = tuple(event.model_copy(update={"n": row["n"] + i}) for i, event in enumerate(events, 1))
    lines = lines_of(row["hash"], numbered)
    where = (reviews.c.id == id) & (reviews.c.n == row["n"]) & (reviews.c.version == row["version"])
    if not connection.execute(update(reviews).where(where).values(n=lines[-1].n, hash=lines[-1].hash, version=version)).rowcount:
        raise StaleWrite("someone wrote to this review at the same moment; open it again")
    connection.execute(insert(review_entries), [{"review": id, "n": line.n, "line": line.text} for line in lines])
    connection.execute(insert(steps).values(session=id, key=key, n=lines[-1].n))
    if said:
        rows = [{"session": id, "n": numbered[i].n, "salt": salt, "words": one} for i, (salt, one) in said.items()]
        connection.execute(insert(texts), rows)


def _taken(connection: Connection, id: str, key: str) -> bool:
    return connection.execute(select(steps.c.n).where((steps.c.session == id) & (steps.c.key == key))).scalar() is not None


def _anchored(store: Store, id: str) -> None:
    with store.reading() as connection:
        n, hash = connection.execute(select(reviews.c.n, reviews.c.hash).where(reviews.c.id == id)).one()
    store.note_chain(id, n, hash)


def _lines(connection: Connection, id: str) -> list[str]:
    wanted = select(review_entries.c.line).where(review_entries.c.review == id).order_by(review_entries.c.n)
    return list(connection.execute(wanted).scalars())


def pin(store: Store, digest: str, content: str) -> None:
    """Keeps the content that a digest stands for; once is enough."""
    try:
        with store.writing() as connection:
            if connection.execute(select(pinned.c.digest).where(pinned.c.digest == digest)).scalar() is None:
                connection.execute(insert(pinned).values(digest=digest, content=content))
    except IntegrityError:
        return  # Someone pinned the same at the same moment.


def pinned_content(store: Store, digest: str) -> str:
    with store.reading() as connection:
        found = connection.execute(select(pinned.c.content).where(pinned.c.digest == digest)).scalar()
    if found is None:
        raise BadInput(f"the store does not hold the rubric {digest[:12]}… that this review was marked by; restore it from a backup")
    return str(found)

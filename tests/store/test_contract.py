"""What every store promises, on SQLite in memory, SQLite in a file, and a real PostgreSQL server."""

import threading
from dataclasses import replace
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa
from playing import keep, played

from casework.edges.store import reviews, tables
from casework.edges.store.verifying import verify
from casework.model.decisions import digest
from casework.model.errors import StaleWrite
from casework.model.people import Person
from casework.model.reviews import ReviewEvent

NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)


def test_a_session_comes_back_as_it_was_written(store, library):
    session = played(library)
    head = keep(store, session)
    assert store.log(head.session) == session.log()
    assert store.side(head.session).texts == session.texts and store.side(head.session).salt_key == "k"
    assert store.head(head.session) == head and head.finished
    assert store.heads("p-1") == [head] and store.heads("p-2") == []
    assert verify(store).ok, verify(store).problems


def test_a_step_taken_twice_is_kept_once(store, library):
    session = played(library)
    head = keep(store, session, 6)
    event = session.events[6]
    words = tuple(t for t in session.texts if t[0] == event.n)
    after = store.append(head, (event,), words, "click", event.at)
    assert store.append(head, (event,), words, "click", event.at) == after
    assert len(store.log(head.session).events) == event.n
    assert len(store.side(head.session).texts) == len([t for t in session.texts if t[0] <= event.n])


def test_a_step_made_from_an_old_state_is_refused_and_leaves_nothing(store, library):
    session = played(library)
    old = keep(store, session, 6)
    event = session.events[6]
    now = store.append(old, (event,), (), "mine", event.at)
    with pytest.raises(StaleWrite, match=f"gone on to entry {now.n}.*made at entry {old.n}"):
        store.append(old, (event,), ((event.n, "s", "words"),), "theirs", event.at)
    assert store.head(old.session) == now
    assert all(words != "words" for _, _, words in store.side(old.session).texts)
    with pytest.raises(StaleWrite, match="no session"):
        store.append(replace(old, session="f" * 16), (event,), (), "other", event.at)


def test_a_session_is_begun_once(store, library):
    session = played(library)
    keep(store, session, 3)
    with pytest.raises(StaleWrite, match="begun already"):
        store.begin(session.log(), "k", NOON)


def test_waiting_without_an_arrival_is_remembered(store, library):
    session = played(library)
    head = keep(store, session, 4)
    later = store.append(head, (), (), "wait", NOON)
    assert store.head(head.session).now_at == NOON and later.n == head.n
    assert store.append(head, (), (), "wait", NOON) == later


@pytest.mark.parametrize("table", tables.GROWS_ONLY)
def test_the_database_refuses_to_change_or_delete_what_only_grows(store, library, table):
    keep(store, played(library))
    store.audit(NOON, "p-1", "read", "p-2", "scorecard")
    reviews.append(store, "r-1", "s-1", 0, (ReviewEvent(n=0, at=NOON, by="p-3", did="begun"),), {}, "begin")
    reviews.pin(store, digest("a rubric"), "a rubric")
    column = "content" if table == "pinned" else "n"
    asked = [f"UPDATE {table} SET {column} = {column}", f"DELETE FROM {table}"]
    if store.engine.dialect.name == "sqlite":
        asked.append(f"INSERT OR REPLACE INTO {table} SELECT * FROM {table}")
    else:
        asked.append(f"TRUNCATE {table}")
    for sql in asked:
        with pytest.raises(sa.exc.DBAPIError, match="only grows"), store.engine.begin() as connection:
            connection.execute(sa.text(sql))
    assert verify(store).ok


def test_a_person_is_changed_from_the_version_that_was_read(store):
    store.add_person(Person("p-7", ("trainee",)), "Aoife Ní Dhuibhne", login="aoife")
    read = store.find_person("p-7")
    changed = store.change_person(replace(read, roles=("trainee", "reviewer")))
    assert changed.version == 2 and store.find_by(login="aoife") == changed
    with pytest.raises(StaleWrite, match="now trainee, reviewer, you wanted lead"):
        store.change_person(replace(read, roles=("lead",)))
    with pytest.raises(StaleWrite, match="already"):
        store.add_person(Person("p-8", ("trainee",)), "Another", login="aoife")
    assert store.find_person("p-8") is None


def test_ids_and_names_stay_text(store):
    for id, name in (("0042", "Null"), ("NA", "O’Dwyer"), ("1e3", "=cmd()"), ("🩺", "نور")):
        store.add_person(Person(id, ("trainee",)), name)
    assert {(p.id, name) for p, name in store.people()} == {("0042", "Null"), ("NA", "O’Dwyer"), ("1e3", "=cmd()"), ("🩺", "نور")}


def test_erasure_takes_the_words_and_the_name_and_leaves_a_good_chain(store, library):
    session = played(library)
    store.add_person(Person("p-1", ("trainee",)), "Siobhán Example", login="siobhan", token="t" * 64)
    keep(store, session)
    keep(store, other := played(library, "p-2"))
    assert store.erase("p-1") == (1, len(session.texts))
    assert store.side(session.header.session).texts == ()
    assert store.side(other.header.session).texts == other.texts
    assert store.find_by(login="siobhan") is None and store.find_person("p-1").active is False
    assert store.log(session.header.session) == session.log()
    assert verify(store).ok


def test_the_trail_is_a_chain_under_many_hands(store):
    def look(who):
        for n in range(5):
            store.audit(NOON, who, "read", "p-1", f"scorecard {n}")

    hands = [threading.Thread(target=look, args=(f"p-{n}",)) for n in range(2, 2 + (1 if store.anchor.path is None else 6))]
    for hand in hands:
        hand.start()
    for hand in hands:
        hand.join()
    assert len(store.trail()) == 5 * len(hands)
    assert verify(store).ok


def test_the_tables_are_what_the_migrations_make(store):
    from alembic.autogenerate import compare_metadata
    from alembic.runtime.migration import MigrationContext

    with store.engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), tables.metadata) == []

"""Whatever is done to a store behind its back shows, and says where."""

from datetime import UTC, datetime

import pytest
import sqlalchemy as sa
from playing import keep, played

from casework.edges.store.verifying import verify

NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)


def behind_its_back(store, *sqls):
    """Runs SQL with the triggers out of the way, as someone with the file or the server could."""
    with store.engine.begin() as connection:
        if store.engine.dialect.name == "postgresql":
            connection.execute(sa.text("SET session_replication_role = replica"))
        else:
            made = connection.exec_driver_sql("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").all()
            for name, _ in made:
                connection.exec_driver_sql(f"DROP TRIGGER {name}")
        for sql in sqls:
            connection.execute(sa.text(sql))
        if store.engine.dialect.name == "postgresql":
            connection.execute(sa.text("SET session_replication_role = DEFAULT"))
        else:
            for _, sql in made:
                connection.exec_driver_sql(sql)


@pytest.fixture(params=["sqlite", "postgres"])
def kind(request):
    return request.param


@pytest.fixture
def store(kind, new_address, tmp_path, library):
    from casework.edges.store.records import open_store

    opened = open_store(new_address(kind), tmp_path / "anchor")
    keep(opened, played(library))
    opened.audit(NOON, "p-2", "read", "p-1", "scorecard")
    opened.audit(NOON, "p-3", "read", "p-1", "scorecard")
    assert verify(opened).ok
    yield opened
    opened.close()


CUT = "DELETE FROM entries WHERE n = (SELECT MAX(n) FROM entries)"


@pytest.mark.parametrize(("sqls", "said"), [
    (["UPDATE entries SET line = REPLACE(line, '2027', '2028') WHERE n = 3"], "entry 3: its content does not match its hash"),
    (["DELETE FROM entries WHERE n = 4"], "entry 4: entry 5 stands where entry 4 belongs"),
    ([CUT], "its head says entry"),
    (["UPDATE sessions SET finished = NOT finished"], "do not agree on whether it is finished"),
    (["UPDATE sessions SET person = 'p-9'"], "another owner"),
    (["DELETE FROM sessions"], "it has entries but no head"),
    (["UPDATE texts SET words = 'Nothing of the kind'"], "the words beside it are not those"),
    (["UPDATE steps SET n = 900 WHERE n = 5"], "step recorded for entry 900"),
    (["UPDATE audit SET line = REPLACE(line, 'p-2', 'p-8') WHERE n = 1"], "audit trail, entry 2"),
    (["DELETE FROM audit WHERE n = 2"], "audit trail: the anchor knows entry 2; the store ends before it"),
    (["DELETE FROM entries", "DELETE FROM sessions", "DELETE FROM texts", "DELETE FROM steps"], "it is not in the store"),
])  # fmt: skip
def test_tampering_is_told_with_its_place(store, sqls, said):
    behind_its_back(store, *sqls)
    verdict = verify(store)
    assert not verdict.ok and any(said in problem for problem in verdict.problems), verdict.problems


def test_a_tail_cut_with_its_head_set_back_shows_only_beside_the_anchor(store):
    head = store.heads()[0]
    previous = store.log(head.session)
    from casework.model.decisions import lines_of

    before = lines_of(previous)[-2]
    behind_its_back(
        store, CUT, f"UPDATE sessions SET n = {before.n}, hash = '{before.hash}', finished = false",
        f"DELETE FROM steps WHERE n > {before.n}", f"DELETE FROM texts WHERE n > {before.n}",
    )  # fmt: skip
    assert verify(store).problems == (
        f"session {head.session}: the anchor knows entry {head.n}; the store ends before it: its tail was cut off",
    )
    store.anchor.path.unlink()
    verdict = verify(store)
    assert verdict.ok and "not in the anchor" in verdict.notes[0]


def test_a_chain_written_anew_shows_beside_the_anchor(store, library):
    head = store.heads()[0]
    other = played(library, words=False)
    from casework.model.decisions import lines_of

    rows = lines_of(other.log())
    behind_its_back(store, "DELETE FROM entries", "DELETE FROM texts", "DELETE FROM steps", "DELETE FROM sessions")
    with store.engine.begin() as connection:
        from casework.edges.store import tables

        connection.execute(sa.insert(tables.entries), [{"session": head.session, "n": r.n, "line": r.text} for r in rows])
        connection.execute(sa.insert(tables.sessions).values(
            id=head.session, person="p-1", n=rows[-1].n, hash=rows[-1].hash, now_at=NOON.isoformat(), finished=True
        ))
    assert any("tail was cut off" in p or "written anew" in p for p in verify(store).problems)


def test_a_missing_trigger_is_told(store):
    sql = "DROP TRIGGER entries_no_delete" + (" ON entries" if store.engine.dialect.name == "postgresql" else "")
    with store.engine.begin() as connection:
        connection.execute(sa.text(sql))
    assert "the trigger against delete is missing" in verify(store).problems[0]


def test_a_line_of_the_anchor_cut_by_a_crash_is_passed_over(store):
    with store.anchor.path.open("a") as file:
        file.write("0ce25e00cc90fd3b 9")
    assert verify(store).ok

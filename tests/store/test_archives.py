"""Backups, restores, copies between the two databases, and upgrades from every earlier version."""

import json
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa
from playing import keep, played

from casework.edges.store import archives, opening, tables
from casework.edges.store.records import open_store
from casework.edges.store.verifying import verify
from casework.model.errors import BadInput, StoreTrouble
from casework.model.people import Person

FIXTURES = Path(__file__).parent / "fixtures"
NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)


def fill(store, library):
    store.add_person(Person("0042", ("trainee", "lead")), "Ó Súilleabháin 🩺 \u2028 \\ \" '", login="NA", token="f" * 64)
    for seed in (1, 2):
        keep(store, played(library, "0042", seed))
    keep(store, played(library, "p-2"), 5)
    store.audit(NOON, "p-9", "read", "0042", "scorecard")


def everything(engine):
    with engine.connect() as connection:
        return {
            t.name: [tuple(row) for row in connection.execute(sa.select(t).order_by(*t.primary_key.columns))]
            for t in tables.metadata.sorted_tables
        }


@pytest.mark.parametrize(("one", "other"), [("sqlite", "postgres"), ("postgres", "sqlite"), ("sqlite", "sqlite")])
def test_a_backup_restores_row_for_row_in_either_database(one, other, new_address, library, tmp_path):
    source = open_store(new_address(one), tmp_path / "anchor")
    fill(source, library)
    archives.backup(source.engine, tmp_path / "b.zip")
    target = opening.connect(opening.address(new_address(other)))
    found = archives.restore(tmp_path / "b.zip", target)
    assert everything(target) == everything(source.engine) and found.rows["sessions"] == 3
    copied = opening.connect(opening.address(new_address(one)))
    archives.copy(target, copied)
    assert everything(copied) == everything(source.engine)
    assert verify(open_store(str(copied.url.render_as_string(False)), tmp_path / "anchor")).ok


def test_nothing_is_overwritten(new_address, library, tmp_path):
    source = open_store(new_address("sqlite"), tmp_path / "anchor")
    archives.backup(source.engine, tmp_path / "b.zip")
    with pytest.raises(BadInput, match="exists already"):
        archives.backup(source.engine, tmp_path / "b.zip")
    with pytest.raises(BadInput, match="holds a store already"):
        archives.restore(tmp_path / "b.zip", source.engine)
    with pytest.raises(BadInput, match="no store here"):
        archives.copy(opening.connect(opening.address(new_address("sqlite"))), source.engine)


def rewritten(path, out, **members):
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            new.writestr(name, members.pop(name, old.read(name)))
        for name, data in members.items():
            new.writestr(name, data)
    return out


@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
def test_a_damaged_backup_leaves_no_store_behind(kind, new_address, library, tmp_path):
    source = open_store(new_address("sqlite"), tmp_path / "anchor")
    fill(source, library)
    good = tmp_path / "b.zip"
    archives.backup(source.engine, good)
    lines = zipfile.ZipFile(good).read("texts.jsonl").splitlines(keepends=True)
    manifest = json.loads(zipfile.ZipFile(good).read("manifest.json"))
    target = opening.connect(opening.address(new_address(kind)))
    for n, (name, members, said) in enumerate([
        ("a row is missing", {"texts.jsonl": b"".join(lines[:-1])}, "does not match the manifest"),
        ("a row is altered", {"texts.jsonl": b"".join(lines).replace(b"what", b"thot")}, "does not match the manifest"),
        ("not JSON", {"texts.jsonl": b"{"}, "texts, row 1: damaged"),
        ("another table", {"other.jsonl": b""}, "other files than its manifest"),
        ("not ours", {"manifest.json": b"{}"}, "not a casework backup"),
        ("newer", {"manifest.json": json.dumps({**manifest, "version": "9999"})}, "newer release"),
    ]):  # fmt: skip
        with pytest.raises(BadInput, match=said):
            archives.restore(rewritten(good, tmp_path / f"{n}.zip", **members), target)
        assert opening.version_of(target) is None, name
    (tmp_path / "cut.zip").write_bytes(good.read_bytes()[:-40])
    with pytest.raises(BadInput, match="not a readable zip"):
        archives.restore(tmp_path / "cut.zip", target)
    archives.restore(good, target)


def test_a_bomb_is_refused_before_it_unpacks(new_address, tmp_path):
    with zipfile.ZipFile(tmp_path / "bomb.zip", "w", zipfile.ZIP_DEFLATED) as bomb:
        bomb.writestr("texts.jsonl", b"0" * 50_000_000)
    with zipfile.ZipFile(tmp_path / "out.zip", "w") as out:
        out.writestr("../../escape.jsonl", b"")
    target = opening.connect(opening.address(new_address("sqlite")))
    with pytest.raises(BadInput, match="would unpack to 50,000,000"):
        archives.restore(tmp_path / "bomb.zip", target)
    with pytest.raises(BadInput, match="leads out of the archive"):
        archives.restore(tmp_path / "out.zip", target)


@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
@pytest.mark.parametrize("version", ["0001"])
def test_a_store_of_every_earlier_version_is_backed_up_and_upgraded(kind, version, new_address, tmp_path, library):
    """The fixture was written by that version: a finished session with words, and an unfinished one."""
    url = new_address(kind)
    engine = opening.connect(opening.address(url))
    archives._fill(engine, version, *_fixture(version), to=version)
    with pytest.raises(StoreTrouble, match="older release.*casework store upgrade"):
        open_store(url, tmp_path / "anchor")
    place = archives.upgrade(engine, tmp_path)
    assert zipfile.is_zipfile(place)
    assert archives.upgrade(engine, tmp_path) is None
    store = open_store(url, tmp_path / "anchor")
    assert verify(store).ok and store.counts()["sessions"] == 2
    assert [p.id for p, _ in store.people()] == ["p-1"] and store.find_person("p-1").roles == ("trainee",)
    assert {head.finished for head in store.heads()} == {True, False}
    # The backup made first still restores, and comes out the same as the upgrade.
    again = opening.connect(opening.address(new_address(kind)))
    archives.restore(place, again)
    assert everything(again) == everything(engine)


def _fixture(version):
    with zipfile.ZipFile(FIXTURES / f"store-{version}.zip") as archive:
        rows = {n.removesuffix(".jsonl"): [json.loads(line) for line in archive.read(n).splitlines()] for n in archive.namelist() if n != "manifest.json"}
    return list(rows), lambda name: iter(rows[name])


def test_a_store_of_a_newer_release_is_left_alone(new_address, tmp_path):
    url = new_address("sqlite")
    open_store(url, tmp_path / "anchor").close()
    engine = opening.connect(opening.address(url))
    with engine.begin() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(StoreTrouble, match="newer release"):
        open_store(url, tmp_path / "anchor")
    with pytest.raises(StoreTrouble, match="newer release"):
        archives.upgrade(engine, tmp_path)


def test_many_who_open_a_new_store_at_once_make_it_once(new_address, tmp_path):
    import threading

    for kind in ("sqlite", "postgres"):
        url, failed = new_address(kind), []

        def begin(url=url, failed=failed):
            try:
                open_store(url, tmp_path / "anchor").close()
            except Exception as error:
                failed.append(error)

        hands = [threading.Thread(target=begin) for _ in range(8)]
        for hand in hands:
            hand.start()
        for hand in hands:
            hand.join()
        assert failed == []

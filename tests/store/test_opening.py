"""How a store is reached: addresses, network shares, settings, and what is said when it cannot be."""

import sqlite3
from pathlib import Path

import pytest

from casework.edges.store import opening
from casework.edges.store.records import open_store, workspace
from casework.edges.store.shares import share_under
from casework.model.errors import BadInput, StoreTrouble

MOUNTS = [
    ("/", "ext4", "rw"), ("/home", "nfs4", "rw"), ("/home/local", "xfs", "rw"), ("/mnt/c", "9p", "rw"), ("/net", "fuse.sshfs", "rw"),
    ("/work", "cifs", "rw"), ("/box", "overlay", "rw"),
]  # fmt: skip


@pytest.mark.parametrize(("path", "kind"), [
    ("/srv/casework.sqlite", None), ("/home/aoife/casework.sqlite", "nfs4"), ("/home/local/casework.sqlite", None), ("/homes/x", None),
    ("/mnt/c/Users/x.sqlite", "9p"), ("/net/x.sqlite", "sshfs"), ("/work/a/b.sqlite", "cifs"), ("/box/x.sqlite", None),
    ("//server/share/x.sqlite", "a network path"), ("\\\\server\\share\\x.sqlite", "a network path"),
])  # fmt: skip
def test_a_network_share_is_seen_by_the_innermost_mount(path, kind):
    assert share_under(Path(path), MOUNTS) == kind


def test_a_disk_that_is_a_container_s_own_is_no_share():
    assert share_under(Path("/srv/x"), [("/", "9p", "rw")]) is None
    assert share_under(Path("C:/x"), [("C:/", "NTFS", "rw,remote")]) == "ntfs"


def test_a_share_is_refused_with_advice(monkeypatch, tmp_path):
    monkeypatch.setattr("casework.edges.store.shares.mounts", lambda: [(str(tmp_path), "nfs", "rw")])
    with pytest.raises(BadInput, match="network share .nfs.* or use PostgreSQL"):
        open_store(f"sqlite:///{tmp_path}/x.sqlite")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("url", ["mysql://u:secret@h/x", "casework.sqlite", "sqlite+pysqlcipher://", "http://secret@x"])
def test_another_address_is_refused_without_its_password(url):
    with pytest.raises(BadInput, match="store address: found .*allowed: sqlite:///FILE or postgresql") as refused:
        open_store(url)
    assert "secret" not in str(refused.value)


def test_a_server_that_is_not_there_is_said_without_the_password():
    with pytest.raises(StoreTrouble, match="Check that the server runs") as refused:
        open_store("postgresql://casework:secret@127.0.0.1:1/casework")
    assert "secret" not in str(refused.value)


def test_a_file_that_is_no_database_is_said_and_left(tmp_path):
    (tmp_path / "x.sqlite").write_text("Dear Sirs, " * 100)
    with pytest.raises(StoreTrouble, match="restore the last backup"):
        open_store(f"sqlite:///{tmp_path}/x.sqlite")
    assert (tmp_path / "x.sqlite").read_text().startswith("Dear Sirs")


def test_sqlite_is_durable_and_its_owner_s_alone(tmp_path):
    store = open_store(f"sqlite:///{tmp_path}/x.sqlite")
    with store.engine.connect() as connection:
        asked = {name: connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in ("journal_mode", "synchronous", "secure_delete")}
    assert asked == {"journal_mode": "wal", "synchronous": 2, "secure_delete": 1}
    assert {p.stat().st_mode & 0o077 for p in tmp_path.iterdir()} == {0}


def test_a_store_that_someone_holds_is_waited_for(tmp_path):
    import threading

    open_store(f"sqlite:///{tmp_path}/x.sqlite").close()
    holder = sqlite3.connect(tmp_path / "x.sqlite", isolation_level=None, check_same_thread=False)
    holder.execute("BEGIN IMMEDIATE")
    threading.Timer(0.5, lambda: holder.execute("COMMIT")).start()
    from casework.model.people import Person

    store = open_store(f"sqlite:///{tmp_path}/x.sqlite")
    store.add_person(Person("p-1", ("trainee",)), "Someone")
    assert store.find_person("p-1")


def test_the_workspace_is_the_nearest_folder_with_a_store(tmp_path, monkeypatch):
    monkeypatch.delenv("CASEWORK_WORKSPACE", raising=False)
    inner = tmp_path / "team" / "notebooks"
    inner.mkdir(parents=True)
    monkeypatch.chdir(inner)
    assert workspace() == inner
    (tmp_path / "team" / "casework.sqlite").touch()
    assert workspace() == tmp_path / "team"
    monkeypatch.setenv("CASEWORK_WORKSPACE", str(tmp_path))
    assert workspace() == tmp_path


def test_a_release_of_the_tables_is_the_last_migration():
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(opening.MIGRATIONS))
    assert ScriptDirectory.from_config(config).get_heads() == [opening.VERSION]

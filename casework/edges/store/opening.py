"""How a store is reached: its address, its database's settings, its version and its migrations."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, inspect, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.pool import StaticPool

from casework.edges.store import shares
from casework.model.errors import BadInput, StoreTrouble

VERSION = "0003"
MIGRATIONS = Path(__file__).parent / "migrations"
MEMORY = "sqlite://"
ALLOWED = "sqlite:///FILE or postgresql+psycopg://USER@HOST/DATABASE"
# One number for "someone is changing the tables", the same for every process on the server.
CHANGING = 0x63617365


def address(url: str) -> URL:
    """The address of a store, checked; BadInput says what is allowed."""
    try:
        found = make_url(url)
    except ArgumentError:
        raise BadInput(f"store address: found {url.split('@')[-1]!r}; allowed: {ALLOWED}. Set CASEWORK_STORE to one of these") from None
    if found.drivername == "postgresql":
        found = found.set(drivername="postgresql+psycopg")
    if found.drivername not in ("sqlite", "postgresql+psycopg"):
        raise BadInput(f"store address: found {found.drivername!r}; allowed: {ALLOWED}. Set CASEWORK_STORE to one of these")
    file = file_of(found)
    if file is not None:
        path = file.expanduser().resolve()
        kind = shares.share_under(path, shares.mounts())
        if kind is not None:
            raise BadInput(
                f"{path.name}: its folder is on a network share ({kind}), where SQLite loses data. "
                "Keep the workspace on a local disk, or use PostgreSQL: CASEWORK_STORE=postgresql+psycopg://USER@HOST/DATABASE"
            )
        found = found.set(database=str(path))
    return found


def shown(url: URL) -> str:
    """The address without its password."""
    return url.render_as_string(hide_password=True)


def connect(url: URL) -> Engine:
    """An engine with the settings that durability rests on."""
    if url.drivername == "sqlite":
        return _sqlite(url)
    try:
        import psycopg  # noqa: F401
    except ImportError:
        raise BadInput("PostgreSQL needs its driver; install it with: pip install 'casework[postgres]'") from None
    return create_engine(
        url, pool_pre_ping=True, pool_size=8, max_overflow=64, connect_args={"connect_timeout": 10, "application_name": "casework"}
    )


def _sqlite(url: URL) -> Engine:
    file = file_of(url)
    options: dict[str, Any] = {"connect_args": {"timeout": 60, "check_same_thread": False}}
    if file is None:
        options["poolclass"] = StaticPool
    engine = create_engine(url, **options)

    @event.listens_for(engine, "do_connect")
    def _owner_alone(*_: Any) -> None:
        if file is not None:
            _owned(file)

    @event.listens_for(engine, "connect")
    def _settings(connection: Any, _: Any) -> None:
        connection.isolation_level = None  # The driver would begin transactions late; we begin them ourselves.
        cursor = connection.cursor()
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "secure_delete=ON", "foreign_keys=ON"):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        # A writer takes the lock at once: one that began as a reader could not wait for it later.
        options = connection.get_execution_options()
        if not options.get("bare"):
            connection.exec_driver_sql("BEGIN IMMEDIATE" if options.get("writes") else "BEGIN")

    return engine


def file_of(url: URL) -> Path | None:
    """The file of a SQLite store; None for one in memory, or on a server."""
    return None if url.drivername != "sqlite" or url.database in (None, "", ":memory:") else Path(str(url.database))


def _owned(file: Path) -> None:
    """A file that is not there yet is made its owner's alone; SQLite gives its companions the same permissions."""
    try:
        os.close(os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    except FileExistsError:
        pass
    except OSError as error:
        raise StoreTrouble(f"{file}: cannot be made ({error.strerror}); choose a folder that exists and that you may write in") from None


def version_of(engine: Engine) -> str | None:
    """The migration that the store stands at; None if there is no store yet. Looking makes none."""
    file = file_of(engine.url)
    if file is not None and not file.exists():
        return None
    try:
        with engine.connect() as connection:
            if not inspect(connection).has_table("alembic_version"):
                return None
            found = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
            return None if found is None else str(found)
    except DBAPIError as error:
        raise trouble(engine, error) from None


@contextmanager
def changing(engine: Engine, to: str = VERSION) -> Iterator[Connection]:
    """A transaction in which the tables have been brought to a version; whoever comes second finds it done."""
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    try:
        with engine.connect().execution_options(writes=True) as connection, connection.begin():
            if engine.dialect.name == "postgresql":
                connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": CHANGING})
            config.attributes["connection"] = connection
            command.upgrade(config, to)
            yield connection
    except DBAPIError as error:
        raise trouble(engine, error) from None


def migrate(engine: Engine) -> None:
    """Brings the tables forward to this release, all in one transaction."""
    with changing(engine):
        pass


def ready(engine: Engine) -> None:
    """A new store is made; an old one is left alone until someone upgrades it, a newer one refused."""
    found = version_of(engine)
    if found is None:
        migrate(engine)
    elif found < VERSION:
        raise StoreTrouble(
            f"{shown(engine.url)}: made by an older release (tables {found}, now {VERSION}). "
            "Run: casework store upgrade (it makes a backup first)"
        )
    elif found > VERSION:
        raise StoreTrouble(
            f"{shown(engine.url)}: made by a newer release (tables {found}; this one knows {VERSION}). "
            "Install that release, or open another store"
        )


def trouble(engine: Engine, error: DBAPIError, kept: str = "") -> StoreTrouble:
    """What the database complained of, in words a person can act on, without its address' password.

    `kept` says what became of a write.
    """
    said = str(error.orig).strip().splitlines()[0] if str(error.orig).strip() else type(error.orig).__name__
    low = said.lower()
    if "disk is full" in low or "no space" in low or "diskfull" in type(error.orig).__name__.lower():
        todo = "The disk is full: free some space and try again"
    elif "locked" in low or "busy" in low:
        todo = "Another program holds the store: close it, or wait and try again"
    elif "readonly" in low or "read-only" in low or "unable to open" in low:
        todo = "Check that the folder exists and that you may write in it"
    elif "malformed" in low or "not a database" in low:
        todo = "The file is damaged: restore the last backup with casework store restore"
    elif "permission denied" in low or "must be owner" in low:
        todo = "This login of the database may not do that; run it as the owner (see the guide on deployment)"
    elif "i/o error" in low:
        todo = "The disk gives errors: check it, then run casework store verify"
    elif engine.dialect.name == "postgresql":
        todo = "Check that the server runs and that the address in CASEWORK_STORE is right, then try again"
    else:
        todo = "Try again; if it goes on, run casework doctor"
    return StoreTrouble(f"{shown(engine.url)}: {said}. {kept}{todo}")

"""The whole store as one file that either database can take back: a zip of JSON Lines with a manifest.

Backup reads one consistent view while others write. Restore and copy fill a store that does not exist
yet, in one transaction, so a store is whole or not there.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, MetaData, Table, insert, select
from sqlalchemy.exc import DBAPIError

from casework.edges import limits
from casework.edges.store import opening
from casework.model import strict_json
from casework.model.decisions import canonical
from casework.model.errors import BadInput, StoreTrouble

FORMAT = "casework-backup/1"
MANIFEST = "manifest.json"
LINE = 4_000_000  # Bytes; the longest row is one text of a limited length.
CHUNK = 500


@dataclass(frozen=True)
class Contents:
    """What an archive or a store held: its tables' version and rows by table."""

    version: str
    rows: dict[str, int]


def _tables(connection: Connection) -> list[Table]:
    """The tables as they are, so that an older store can be backed up by a newer release."""
    found = MetaData()
    found.reflect(connection)
    return [t for t in found.sorted_tables if t.name != "alembic_version"]


def _rows(connection: Connection, table: Table) -> Iterator[dict[str, Any]]:
    keys = list(table.primary_key.columns)
    for row in connection.execution_options(yield_per=CHUNK).execute(select(table).order_by(*keys)).mappings():
        yield {name: bool(v) if name in ("finished", "active") else v for name, v in row.items()}


def _view(engine: Engine) -> Connection:
    options = {"isolation_level": "REPEATABLE READ"} if engine.dialect.name == "postgresql" else {}
    return engine.connect().execution_options(**options)


def backup(engine: Engine, path: Path) -> Contents:
    """Writes the archive, whole or not at all; an existing file is not overwritten."""
    version = opening.version_of(engine)
    if version is None:
        raise BadInput(f"{opening.shown(engine.url)}: there is no store here; nothing to back up")
    if path.exists():
        raise BadInput(f"{path}: exists already; give a new name, so that no backup is overwritten")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    except OSError as error:
        raise BadInput(f"{path.parent}: cannot be written ({error.strerror}); choose another place") from None
    counts: dict[str, int] = {}
    digests: dict[str, str] = {}
    try:
        with os.fdopen(handle, "wb") as out:
            with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive, _view(engine) as connection, connection.begin():
                for table in _tables(connection):
                    sum_, count = hashlib.sha256(), 0
                    with archive.open(f"{table.name}.jsonl", "w", force_zip64=True) as member:
                        for row in _rows(connection, table):
                            line = canonical(row).encode() + b"\n"
                            member.write(line)
                            sum_.update(line)
                            count += 1
                    counts[table.name], digests[table.name] = count, sum_.hexdigest()
                manifest = {"format": FORMAT, "version": version, "rows": counts, "sha256": digests}
                archive.writestr(MANIFEST, json.dumps(manifest, indent=1, sort_keys=True))
            out.flush()
            os.fsync(out.fileno())
        os.link(name, path)  # Unlike a rename, refuses if someone made the file meanwhile.
    except FileExistsError:
        raise BadInput(f"{path}: exists already; give a new name, so that no backup is overwritten") from None
    except OSError as error:
        raise BadInput(f"{path}: cannot be written ({error.strerror}); choose another place") from None
    except DBAPIError as error:
        raise opening.trouble(engine, error) from None
    finally:
        Path(name).unlink(missing_ok=True)
    return Contents(version, counts)


def _manifest(archive: zipfile.ZipFile, path: Path) -> dict[str, Any]:
    try:
        found = strict_json.parse(archive.read(MANIFEST).decode())
        good = (
            isinstance(found, dict) and found.get("format") == FORMAT and isinstance(found.get("version"), str)
            and isinstance(found.get("rows"), dict) and isinstance(found.get("sha256"), dict)
            and all(isinstance(n, int) and isinstance(found["sha256"].get(t), str) for t, n in found["rows"].items())
        )  # fmt: skip
    except (KeyError, *limits.DAMAGED_ZIP):
        good = False
    if not good:
        raise BadInput(f"{path}: not a casework backup; give a file that casework store backup wrote")
    return found  # type: ignore[no-any-return]


@dataclass(frozen=True)
class _Archive:
    """An archive that is open: its manifest, checked, and its rows as they are read."""

    path: Path
    zip: zipfile.ZipFile
    manifest: dict[str, Any]

    def rows(self, table: str) -> Iterator[dict[str, Any]]:
        sum_, count = hashlib.sha256(), 0
        try:
            with self.zip.open(f"{table}.jsonl") as member:
                for line in iter(lambda: member.readline(LINE), b""):
                    sum_.update(line)
                    count += 1
                    row = strict_json.parse(line.decode())
                    if not isinstance(row, dict):
                        raise ValueError("not an object")
                    yield row
        except limits.DAMAGED_ZIP as error:
            raise BadInput(f"{self.path}: {table}, row {count}: damaged ({type(error).__name__}); use another backup") from None
        if (count, sum_.hexdigest()) != (self.manifest["rows"][table], self.manifest["sha256"][table]):
            raise BadInput(f"{self.path}: {table} does not match the manifest; it was damaged or altered. Use another backup")


@contextmanager
def _opened(path: Path) -> Iterator[_Archive]:
    with limits.open_zip(path, limits.ARCHIVE) as archive:
        manifest = _manifest(archive, path)
        if manifest["version"] > opening.VERSION:
            raise BadInput(f"{path}: made by a newer release (tables {manifest['version']}); install that release to restore it")
        names = {f"{table}.jsonl" for table in manifest["rows"]} | {MANIFEST}
        if set(archive.namelist()) != names:
            raise BadInput(f"{path}: holds other files than its manifest says; it was damaged or altered")
        yield _Archive(path, archive, manifest)


def check(path: Path) -> Contents:
    """Reads a whole archive against its manifest; BadInput if it would not restore."""
    with _opened(path) as archive:
        rows = {table: sum(1 for _ in archive.rows(table)) for table in archive.manifest["rows"]}
        return Contents(archive.manifest["version"], rows)


def restore(path: Path, engine: Engine) -> Contents:
    """Fills an empty place from an archive, then brings it up to this release. All or nothing."""
    with _opened(path) as archive:
        return _fill(engine, archive.manifest["version"], list(archive.manifest["rows"]), archive.rows)


def copy(source: Engine, target: Engine) -> Contents:
    """Every row from one store into an empty place, of either kind."""
    version = opening.version_of(source)
    if version is None:
        raise BadInput(f"{opening.shown(source.url)}: there is no store here; nothing to copy")
    with _view(source) as connection, connection.begin():
        tables = {t.name: t for t in _tables(connection)}
        return _fill(target, version, list(tables), lambda name: _rows(connection, tables[name]))


def _fill(engine: Engine, version: str, names: Iterable[str], rows: Any, to: str = opening.VERSION) -> Contents:
    """Fills an empty place with rows of one version, then brings it to another."""
    if opening.version_of(engine) is not None:
        raise BadInput(f"{opening.shown(engine.url)}: holds a store already; give an empty place, so that nothing is overwritten")
    counts: dict[str, int] = {}
    file = opening.file_of(engine.url)
    fresh = file is not None and not file.exists()
    try:
        with opening.changing(engine, version) as connection:
            tables = {t.name: t for t in _tables(connection)}
            unknown = set(names) - set(tables)
            if unknown:
                raise BadInput(f"tables {', '.join(sorted(unknown))} are not known to version {version}; the backup was altered")
            for name in names:
                counts[name] = _insert(connection, tables[name], rows(name))
    except BadInput:
        _unmake(engine, file if fresh else None)
        raise
    except DBAPIError as error:
        _unmake(engine, file if fresh else None)
        raise opening.trouble(engine, error) from None
    if version != to:
        opening.migrate(engine)
    return Contents(version, counts)


def _unmake(engine: Engine, file: Path | None) -> None:
    """Takes away the file that a fill which failed had begun: an empty store would only puzzle whoever finds it."""
    if file is not None:
        engine.dispose()
        for left in (file, file.with_name(f"{file.name}-wal"), file.with_name(f"{file.name}-shm")):
            left.unlink(missing_ok=True)


def _insert(connection: Connection, table: Table, rows: Iterator[dict[str, Any]]) -> int:
    count, some = 0, []
    columns = set(table.columns.keys())
    for row in rows:
        if set(row) != columns:
            raise BadInput(f"{table.name}: a row has other columns than the table; the backup was altered")
        some.append(row)
        count += 1
        if len(some) == CHUNK:
            connection.execute(insert(table), some)
            some = []
    if some:
        connection.execute(insert(table), some)
    return count


def upgrade(engine: Engine, folder: Path) -> Path | None:
    """Backs the store up beside itself, then brings its tables forward; None if they were new already."""
    found = opening.version_of(engine)
    if found is None:
        raise BadInput(f"{opening.shown(engine.url)}: there is no store here; it is made when first used")
    if found == opening.VERSION:
        return None
    if found > opening.VERSION:
        raise StoreTrouble(f"{opening.shown(engine.url)}: made by a newer release (tables {found}); install that release")
    name = Path(str(engine.url.database)).stem
    place = folder / f"{name}-before-{opening.VERSION}.zip"
    n = 1
    while place.exists():
        n += 1
        place = folder / f"{name}-before-{opening.VERSION}-{n}.zip"
    backup(engine, place)
    opening.migrate(engine)
    return place



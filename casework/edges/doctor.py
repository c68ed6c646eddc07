"""What is wrong with an installation, looked at from the inside: each finding with what to do about it."""

from __future__ import annotations

import importlib.metadata
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from casework.edges import content
from casework.model.errors import BadInput

State = Literal["ok", "warning", "fault"]
NEEDED = ("pydantic", "PyYAML", "papermill", "nbclient", "ipykernel", "ipywidgets", "jupyterlab", "SQLAlchemy", "alembic", "openpyxl")
FREE = 500_000_000  # Bytes; a batch of a hundred trainees and a year's store fit in it.


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at."""

    what: str
    state: State
    says: str
    do: str = ""


def examine(folder: Path | None, store: str | None) -> tuple[Finding, ...]:
    """Every finding, in the order in which things depend on each other."""
    looks: tuple[Callable[[], Iterator[Finding]], ...] = (
        _versions, lambda: _content(folder), _workspace, lambda: _store(store), _kernels, _browser, _postgres,
    )  # fmt: skip
    return tuple(finding for look in looks for finding in look())


def _versions() -> Iterator[Finding]:
    python = ".".join(map(str, sys.version_info[:3]))
    good = sys.version_info >= (3, 11)
    yield Finding("python", "ok" if good else "fault", python, "" if good else "install Python 3.11 or newer")
    missing, found = [], []
    for name in NEEDED:
        try:
            found.append(f"{name} {importlib.metadata.version(name)}")
        except importlib.metadata.PackageNotFoundError:
            missing.append(name)
    if missing:
        yield Finding("packages", "fault", f"missing: {', '.join(missing)}", "install casework anew with the versions of requirements.lock")
    else:
        yield Finding("packages", "ok", ", ".join(found))
    import sqlite3

    fresh = sqlite3.sqlite_version_info >= (3, 35)
    yield Finding("sqlite", "ok" if fresh else "fault", sqlite3.sqlite_version, "" if fresh else "a Python with SQLite 3.35 or newer is needed")


def _content(folder: Path | None) -> Iterator[Finding]:
    where = str(folder) if folder else "shipped content"
    try:
        held = content.load(folder)
        yield Finding("content", "ok", f"{where}: {len(held.scenarios)} scenarios, {len(held.policies)} policies, {len(held.rubrics)} rubrics")
    except BadInput as error:
        yield Finding("content", "fault", f"{where}: {str(error).splitlines()[0]}", "run casework check to see every problem")


def _workspace() -> Iterator[Finding]:
    from casework.edges.store.records import workspace

    place = workspace()
    try:
        with tempfile.TemporaryFile(dir=place) as file:
            file.write(b"x")
        yield Finding("workspace", "ok", f"{place}: can be written")
    except OSError as error:
        yield Finding("workspace", "fault", f"{place}: {error.strerror}", "set CASEWORK_WORKSPACE to a folder that you may write in")
        return
    free = shutil.disk_usage(place).free
    low = free < FREE
    yield Finding("disk", "warning" if low else "ok", f"{free // 1_000_000:,} MB free", "free some space before a batch" if low else "")


def _store(url: str | None) -> Iterator[Finding]:
    from casework.edges.store import opening, records
    from casework.edges.store.verifying import verify

    try:
        place = opening.address(records.default_address(url))
        shown = opening.shown(place)
        file = opening.file_of(place)
        if file is not None and not file.exists():
            yield Finding("store", "ok", f"{shown}: none yet; it is made when first used")
            return
        held = records.open_store(url)
        verdict = verify(held)
        if verdict.ok:
            yield Finding("store", "ok", f"{shown}: {verdict.sessions} sessions, all verified beside the anchor")
        else:
            yield Finding("store", "fault", f"{shown}: {verdict.problems[0]}", "run casework store verify; restore the last good backup if need be")
        for note in verdict.notes:
            yield Finding("anchor", "warning", note, "keep the anchor where the store's users cannot write (CASEWORK_ANCHOR)")
        yield from _permissions(file, held.anchor.path) if file is not None else ()
    except BadInput as error:
        yield Finding("store", "fault", str(error))


def _permissions(file: Path, anchor: Path | None) -> Iterator[Finding]:
    if os.name != "posix":
        return
    wide = [p.name for p in (file, anchor) if p is not None and p.exists() and p.stat().st_mode & 0o077]
    if wide:
        yield Finding("permissions", "warning", f"{', '.join(wide)}: others on this computer may read or write", f"chmod 600 {' '.join(wide)}")
    else:
        yield Finding("permissions", "ok", "the store's files are their owner's alone")


def _kernels() -> Iterator[Finding]:
    from jupyter_client.kernelspec import KernelSpecManager

    specs = KernelSpecManager().find_kernel_specs()
    if "python3" in specs:
        yield Finding("kernel", "ok", "python3")
    else:
        yield Finding("kernel", "fault", "there is no kernel 'python3'", "python -m ipykernel install --sys-prefix")


def _browser() -> Iterator[Finding]:
    names = ("chromium", "chromium-browser", "google-chrome", "firefox", "microsoft-edge")
    found = [name for name in names if shutil.which(name)]
    if found or sys.platform in ("darwin", "win32"):
        yield Finding("browser", "ok", found[0] if found else "the system's own")
    else:
        yield Finding("browser", "warning", "none found on this computer", "reports and JupyterLab can be opened from another one")


def _postgres() -> Iterator[Finding]:
    try:
        yield Finding("postgresql driver", "ok", f"psycopg {importlib.metadata.version('psycopg')}")
    except importlib.metadata.PackageNotFoundError:
        yield Finding("postgresql driver", "ok", "not installed; needed only for a PostgreSQL store: pip install 'casework[postgres]'")

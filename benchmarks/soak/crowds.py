"""Many writers at once, beside a bare INSERT loop on the same disk or server in the same run."""

from __future__ import annotations

import multiprocessing
import sqlite3
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.postgres_server import Server
from benchmarks.soak import writing
from casework.edges.store.records import open_store
from casework.edges.store.verifying import verify

Work = Callable[[str, str, int], list[float]]


def _casework(url: str, name: str, events: int) -> list[float]:
    """Seconds of each step of one session; the store's anchor is kept too, as in use."""
    store = open_store(url, Path(name.split("|")[0]))
    head, took = writing.begin(store, name.split("|")[1]), []
    for _ in range(events):
        begun = time.perf_counter()
        head = writing.step(store, head)
        took.append(time.perf_counter() - begun)
    store.close()
    return took


LINE = "x" * 480  # As long as an entry of the log.


def _bare_sqlite(url: str, name: str, events: int) -> list[float]:
    connection = sqlite3.connect(url.removeprefix("sqlite:///"), timeout=60, isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("CREATE TABLE IF NOT EXISTS bare (id INTEGER PRIMARY KEY, line TEXT)")
    took = []
    for _ in range(events):
        begun = time.perf_counter()
        connection.execute("INSERT INTO bare (line) VALUES (?)", (LINE,))
        took.append(time.perf_counter() - begun)
    return took


def _bare_postgres(url: str, name: str, events: int) -> list[float]:
    import psycopg

    took = []
    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
        for _ in range(events):
            begun = time.perf_counter()
            connection.execute("INSERT INTO bare (line) VALUES (%s)", (LINE,))
            took.append(time.perf_counter() - begun)
    return took


def _hands(job: tuple[Work, str, list[str], int]) -> list[float]:
    """One process of several threads, each with its own session and connection."""
    work, url, names, events = job
    took: list[list[float]] = []
    threads = [threading.Thread(target=lambda name=name: took.append(work(url, name, events))) for name in names]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return [t for one in took for t in one]


def _crowd(work: Work, url: str, names: list[str], events: int, processes: int) -> dict[str, float]:
    share = [(work, url, names[n::processes], events) for n in range(processes)]
    begun = time.perf_counter()
    with multiprocessing.get_context("spawn").Pool(processes) as pool:
        took = np.array([t for one in pool.map(_hands, share, 1) for t in one])
    seconds = time.perf_counter() - begun
    assert len(took) == len(names) * events, f"{len(took)} steps were taken, {len(names) * events} were asked for"
    p50, p95, p99 = (float(x) * 1000 for x in np.percentile(took, [50, 95, 99]))
    return {"steps": len(took), "per_second": len(took) / seconds, "p50_ms": p50, "p95_ms": p95, "p99_ms": p99, "max_ms": float(took.max()) * 1000}


def _checked(url: str, anchor: Path, names: list[str], events: int) -> list[str]:
    store = open_store(url, anchor)
    verdict = verify(store)
    faults = list(verdict.problems)
    if verdict.entries != len(names) * (events + 2):
        faults.append(f"{verdict.entries} entries; {len(names) * (events + 2)} were written")
    if verdict.texts != len(names) * events:
        faults.append(f"{verdict.texts} texts; {len(names) * events} were written")
    store.close()
    return faults


def sqlite(writers: int, events: int) -> dict[str, Any]:
    """Processes that write to one file."""
    with tempfile.TemporaryDirectory() as folder:
        url, anchor = f"sqlite:///{folder}/crowd.sqlite", Path(folder) / "anchor"
        open_store(url, anchor).close()
        names = [f"w{n}" for n in range(writers)]
        ours = _crowd(_casework, url, [f"{anchor}|{name}" for name in names], events, writers)
        faults = _checked(url, anchor, names, events)
        bare = f"sqlite:///{folder}/bare.sqlite"
        _bare_sqlite(bare, "", 0)
        peer = _crowd(_bare_sqlite, bare, names, events, writers)
    return {"ours": ours, "bare_insert": peer, "faults": faults}


def postgres(connections: int, events: int, processes: int = 4) -> dict[str, Any]:
    """Connections to one server, from a few processes."""
    server = Server()
    try:
        with tempfile.TemporaryDirectory() as folder:
            url, anchor = server.create("crowd"), Path(folder) / "anchor"
            open_store(url, anchor).close()
            names = [f"w{n}" for n in range(connections)]
            ours = _crowd(_casework, url, [f"{anchor}|{name}" for name in names], events, processes)
            faults = _checked(url, anchor, names, events)
            import psycopg

            with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
                connection.execute("CREATE TABLE bare (id bigserial PRIMARY KEY, line text)")
            peer = _crowd(_bare_postgres, url, names, events, processes)
    finally:
        server.stop()
    return {"ours": ours, "bare_insert": peer, "faults": faults}

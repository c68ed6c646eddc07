"""Writers killed at random moments, and servers: nothing acknowledged is lost, nothing is there in part."""

from __future__ import annotations

import os
import random
import signal
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.postgres_server import Server
from benchmarks.soak import writing
from casework.edges.store.records import open_store
from casework.edges.store.verifying import verify
from casework.model.decisions import lines_of
from casework.model.errors import BadInput

WRITERS = 2
ROUNDS_A_STORE = 25


@dataclass
class Found:
    """What the trials saw. `faults` must be empty."""

    kills: int = 0
    server_kills: int = 0
    acknowledged: int = 0
    unacknowledged: int = 0
    faults: list[str] = field(default_factory=list)


def _writer(url: str, anchor: Path, name: str, out: int) -> None:
    """Writes sessions without end, and tells of each entry once the store has acknowledged it."""
    try:
        store, sitting = open_store(url, anchor), 0
        while True:
            sitting += 1
            head = writing.begin(store, f"{name}-{sitting}")
            for _ in range(40):
                os.write(out, f"{head.session} {head.n} {head.hash}\n".encode())
                head = writing.step(store, head)
    except BadInput:
        os._exit(0)  # The server was killed under us; what was told stands.
    except BaseException:
        os._exit(3)


def _round(url: str, anchor: Path, name: str, wait: float, strike: Callable[[], None] | None) -> list[tuple[str, int, str]]:
    """Starts writers, kills them (or the server) after a while, and gives all that was acknowledged."""
    read, write = os.pipe()
    children = []
    for n in range(WRITERS):
        child = os.fork()
        if child == 0:
            os.close(read)
            _writer(url, anchor, f"{name}-{n}", write)
        children.append(child)
    os.close(write)
    time.sleep(wait)
    if strike is not None:
        strike()
        time.sleep(0.02)
    for child in children:
        os.kill(child, signal.SIGKILL)
    told = b""
    while piece := os.read(read, 65536):
        told += piece
    os.close(read)
    bad = [code for child in children if os.WIFEXITED(code := os.waitpid(child, 0)[1]) and os.WEXITSTATUS(code) == 3]
    if bad:
        raise RuntimeError("a writer ended with an error of its own")
    rows = [line.split() for line in told.decode().splitlines(keepends=True) if line.endswith("\n")]
    return [(session, int(n), hash) for session, n, hash in rows]


def _check(url: str, anchor: Path, told: list[tuple[str, int, str]], found: Found, where: str) -> None:
    store = open_store(url, anchor)
    verdict = verify(store)
    found.faults += [f"{where}: {problem}" for problem in verdict.problems]
    held: dict[str, dict[int, str]] = {}
    words: dict[str, set[int]] = {}
    for session in {s for s, _, _ in told}:
        held[session] = {line.n: line.hash for line in lines_of(store.log(session))}
        words[session] = {n for n, _, _ in store.side(session).texts}
        texts_due = {n for n in held[session] if n > 1}
        if words[session] != texts_due:
            found.faults.append(f"{where}: {session}: entries and words differ: {sorted(words[session] ^ texts_due)}")
    for session, n, hash in told:
        if held[session].get(n) != hash:
            found.faults.append(f"{where}: {session}: entry {n} was acknowledged and is not there")
    found.acknowledged += len(told)
    found.unacknowledged += sum(len(h) - 1 for h in held.values()) - len(told)
    store.close()


def sqlite(rounds: int, seed: int = 1) -> Found:
    """Kills of SQLite's writers."""
    chance, found = random.Random(seed), Found()
    with tempfile.TemporaryDirectory() as folder:
        for n in range(rounds):
            place = Path(folder) / f"{n // ROUNDS_A_STORE}.sqlite"
            url, anchor = f"sqlite:///{place}", place.with_suffix(".anchor")
            told = _round(url, anchor, f"s{n}", chance.uniform(0.0, 0.12), None)
            _check(url, anchor, told, found, f"round {n}")
            found.kills += 1
            if n % ROUNDS_A_STORE == ROUNDS_A_STORE - 1:
                place.unlink()
    return found


def postgres(rounds: int, seed: int = 1, server_share: float = 0.3) -> Found:
    """Kills of PostgreSQL's clients, and of the whole server at once."""
    chance, found = random.Random(seed), Found()
    server = Server()
    try:
        with tempfile.TemporaryDirectory() as folder:
            for n in range(rounds):
                name = f"kills_{n // ROUNDS_A_STORE}"
                if n % ROUNDS_A_STORE == 0:
                    url, anchor = server.create(name), Path(folder) / f"{name}.anchor"
                    open_store(url, anchor).close()
                of_server = chance.random() < server_share
                told = _round(url, anchor, f"s{n}", chance.uniform(0.02, 0.25), server.kill if of_server else None)
                if of_server:
                    server.start()
                    found.server_kills += 1
                found.kills += 1
                _check(url, anchor, told, found, f"round {n}")
    finally:
        server.stop()
    return found

"""Whether everything in the store is as it was written: chains, heads, words, the trail, and the anchor."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import Connection, select, text

from casework.edges.store.anchors import TRAIL
from casework.edges.store.records import Store, digest_of, head_in, text_in
from casework.edges.store.tables import (
    GROWS_ONLY,
    audit,
    entries,
    pinned,
    review_entries,
    reviews,
    sessions,
    steps,
    texts,
)
from casework.model import reviews as chains
from casework.model.decisions import DecisionLog, decode, digest, lines_of, salted
from casework.model.errors import BrokenLog


@dataclass(frozen=True)
class Verdict:
    """What was looked at, and everything that does not hold. `notes` are no faults but worth knowing."""

    sessions: int
    entries: int
    texts: int
    trail: int
    anchored: int
    problems: tuple[str, ...]
    notes: tuple[str, ...]

    @property
    def ok(self) -> bool:
        return not self.problems


def verify(store: Store) -> Verdict:
    """Reads everything once, in one consistent view."""
    problems: list[str] = []
    notes: list[str] = []
    anchored = store.anchor.heads()  # Before the view of the store: the anchor may lag, never lead.
    seen: dict[str, dict[int, str]] = {}
    counts = [0, 0, 0]
    with store.reading() as connection:
        problems += _database(connection)
        ids = list(connection.execute(select(sessions.c.id).order_by(sessions.c.id)).scalars())
        for id in ids:
            log, found = _session(connection, id)
            problems += found
            if log is not None:
                wanted = anchored.get(id)
                seen[id] = {line.n: line.hash for line in lines_of(log) if wanted is None or line.n == wanted[0]}
                counts[1] += len(log.events) + 1
        counts[0] = len(ids)
        for id in connection.execute(select(reviews.c.id).order_by(reviews.c.id)).scalars().all():
            hashes, found = _review(connection, id)
            problems += found
            seen[id] = hashes
        problems += _pinned(connection)
        problems += _orphans(connection)
        counts[2] = len(connection.execute(select(texts.c.n)).all())
        trail, found = _trail(connection)
        problems += found
    problems += list(_beside_anchor(anchored, seen, trail))
    if store.anchor.path is not None:
        missing = [id for id in ids if id not in anchored]
        if missing:
            notes.append(
                f"{len(missing)} sessions are not in the anchor {store.anchor.path.name} ({', '.join(missing[:3])}): "
                "begun as the machine stopped, or the anchor was lost or replaced"
            )
    return Verdict(counts[0], counts[1], counts[2], len(trail), len(anchored), tuple(problems), tuple(notes))


def _database(connection: Connection) -> list[str]:
    """What the database itself says, and whether its triggers stand."""
    found: list[str] = []
    if connection.dialect.name == "sqlite":
        said = [str(row[0]) for row in connection.exec_driver_sql("PRAGMA integrity_check(20)")]
        found += [f"database: {line}" for line in said if line != "ok"]
        have = set(connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'trigger'").scalars())
        events = ("update", "delete", "replace")
    else:
        have = set(connection.execute(text("SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled <> 'D'")).scalars())
        events = ("update", "delete", "truncate")
    for table in GROWS_ONLY:
        gone = [event for event in events if f"{table}_no_{event}" not in have]
        if gone:
            found.append(f"table {table}: the trigger against {', '.join(gone)} is missing: rows could have been changed")
    return found


def _session(connection: Connection, id: str) -> tuple[DecisionLog | None, list[str]]:
    head = head_in(connection.execute(select(sessions).where(sessions.c.id == id)).mappings().one())
    assert head is not None
    try:
        log = decode(text_in(connection, id))
    except BrokenLog as error:
        return None, [f"session {id}, entry {error.entry}: {error.reason}"]
    found = []
    last = lines_of(log)[-1]
    if (head.n, head.hash) != (last.n, last.hash):
        found.append(f"session {id}: its head says entry {head.n}, its log ends at {last.n}: entries were lost or added")
    if head.finished != log.finished:
        found.append(f"session {id}: its head and its log do not agree on whether it is finished")
    if (log.header.session, log.header.trainee) != (id, head.person):
        found.append(f"session {id}: its header names session {log.header.session} of another owner")
    sealed = {event.n: event.text for event in log.events}
    for row in connection.execute(select(texts).where(texts.c.session == id)).mappings():
        if salted(row["words"], row["salt"]) != sealed.get(row["n"]):
            found.append(f"session {id}, entry {row['n']}: the words beside it are not those that were written")
    late = connection.execute(select(steps.c.n).where((steps.c.session == id) & (steps.c.n > last.n))).scalars().all()
    found += [f"session {id}: step recorded for entry {n}, which is not there" for n in late]
    return log, found


def _review(connection: Connection, id: str) -> tuple[dict[int, str], list[str]]:
    """The hashes of a review's entries, and what does not hold of it."""
    head = connection.execute(select(reviews).where(reviews.c.id == id)).mappings().one()
    lines = connection.execute(select(review_entries.c.line).where(review_entries.c.review == id).order_by(review_entries.c.n)).scalars().all()
    try:
        events, last = chains.decode(list(lines))
    except BrokenLog as error:
        return {}, [f"review {id}, entry {error.entry}: {error.reason}"]
    found = []
    if (head["n"], head["hash"]) != (len(events), last):
        found.append(f"review {id}: its head says entry {head['n']}, it ends at {len(events)}: entries were lost or added")
    if head["version"] != sum(event.did not in chains.BESIDE for event in events):
        found.append(f"review {id}: its version is not the number of its entries that were taken")
    sealed = {event.n: event.text for event in events}
    for row in connection.execute(select(texts).where(texts.c.session == id)).mappings():
        if salted(row["words"], row["salt"]) != sealed.get(row["n"]):
            found.append(f"review {id}, entry {row['n']}: the words beside it are not those that were written")
    return {line.n: line.hash for line in chains.lines_of("", events)}, found


def _pinned(connection: Connection) -> list[str]:
    rows = connection.execute(select(pinned)).mappings()
    return [f"pinned content {r['digest']}: it is not what its digest stands for" for r in rows if digest(r["content"]) != r["digest"]]


def _orphans(connection: Connection) -> list[str]:
    known = select(sessions.c.id)
    lost = connection.execute(select(entries.c.session).where(entries.c.session.not_in(known)).distinct()).scalars()
    found = [f"session {id}: it has entries but no head" for id in lost]
    lost = connection.execute(select(review_entries.c.review).where(review_entries.c.review.not_in(select(reviews.c.id))).distinct()).scalars()
    return found + [f"review {id}: it has entries but no head" for id in lost]


def _trail(connection: Connection) -> tuple[dict[int, str], list[str]]:
    previous = ""
    hashes: dict[int, str] = {}
    for n, line in connection.execute(select(audit.c.n, audit.c.line).order_by(audit.c.n)):
        try:
            row = json.loads(line)
            good = row["n"] == n == len(hashes) + 1 and row["prev"] == previous
        except (ValueError, KeyError, TypeError):
            good = False
        if not good:
            return hashes, [f"audit trail, entry {n}: it does not follow from the entry before it: altered, reordered or cut"]
        previous = digest_of(line)
        hashes[n] = previous
    return hashes, []


def _beside_anchor(
    anchored: dict[str, tuple[int, str]], seen: dict[str, dict[int, str]], trail: dict[int, str]
) -> Iterator[str]:
    for chain, (n, hash) in sorted(anchored.items()):
        name = "audit trail" if chain == TRAIL else f"{'review' if len(chain) == 32 else 'session'} {chain}"
        held = trail if chain == TRAIL else seen.get(chain)
        if held is None:
            yield f"{name}: the anchor knows it up to entry {n}; it is not in the store, or does not verify"
        elif n not in held:
            yield f"{name}: the anchor knows entry {n}; the store ends before it: its tail was cut off"
        elif held[n] != hash:
            yield f"{name}: entry {n} is not the one that the anchor knows: the chain was written anew"

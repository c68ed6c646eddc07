"""Made-up sessions for the store's trials: real chains, no scenario behind them."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta

from casework.edges.store.heads import Head
from casework.edges.store.records import Store
from casework.model.decisions import DecisionLog, Event, Header, salted

START = datetime(2026, 11, 25, 9, tzinfo=UTC)


def begin(store: Store, name: str) -> Head:
    """A new session with its opening entry."""
    header = Header(
        session=name, trainee="p-1", source="simulated", mode="practice", version=1, seed=1, zone="Europe/London",
        engine="soak", digests={},
    )  # fmt: skip
    return store.begin(DecisionLog(header, (Event(n=1, at=START, event="opened"),)), "k", START)


def step(store: Store, head: Head, words: str = "What was said, and what is next.") -> Head:
    """One decision with words."""
    n = head.n + 1
    salt = hashlib.sha256(f"{head.session}/{n}".encode()).hexdigest()[:32]
    at = START + timedelta(minutes=n)
    event = Event(n=n, at=at, event="decided", do="note", case="a", minutes=1, text=salted(words, salt))
    return store.append(head, (event,), ((n, salt, words),), f"step {n}", at)

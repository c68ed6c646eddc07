"""The tables as they stand after the last migration, for queries.

Sessions, people and names are heads: they change, and carry a version or a hash that a writer must
know; so are reviews. Entries, steps, the audit trail, what a review says and the rubrics it is pinned to
only grow, and triggers in the database hold them to it. Texts, salts and names are the side store: all
that tells of a person, and the only rows ever deleted. Steps and texts serve sessions and reviews alike.
"""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Integer, MetaData, String, Table, Text

metadata = MetaData()

sessions = Table(
    "sessions", metadata,
    Column("id", String(64), primary_key=True),
    Column("person", String(64), nullable=False, index=True),
    Column("n", Integer, nullable=False),
    Column("hash", String(64), nullable=False),
    Column("now_at", String(32), nullable=False),
    Column("finished", Boolean, nullable=False),
)  # fmt: skip

entries = Table(
    "entries", metadata,
    Column("session", String(64), primary_key=True),
    Column("n", Integer, primary_key=True, autoincrement=False),
    Column("line", Text, nullable=False),
    sqlite_with_rowid=False,
)  # fmt: skip

steps = Table(
    "steps", metadata,
    Column("session", String(64), primary_key=True),
    Column("key", String(64), primary_key=True),
    Column("n", Integer, nullable=False),
    sqlite_with_rowid=False,
)  # fmt: skip

texts = Table(
    "texts", metadata,
    Column("session", String(64), primary_key=True),
    Column("n", Integer, primary_key=True, autoincrement=False),
    Column("salt", String(64), nullable=False),
    Column("words", Text, nullable=False),
    sqlite_with_rowid=False,
)  # fmt: skip

salts = Table(
    "salts", metadata,
    Column("session", String(64), primary_key=True),
    Column("salt_key", String(64), nullable=False),
    sqlite_with_rowid=False,
)  # fmt: skip

people = Table(
    "people", metadata,
    Column("id", String(64), primary_key=True),
    Column("roles", String(200), nullable=False),
    Column("active", Boolean, nullable=False),
    Column("version", Integer, nullable=False),
)  # fmt: skip

names = Table(
    "names", metadata,
    Column("person", String(64), primary_key=True),
    Column("name", Text, nullable=False),
    Column("login", String(200), nullable=True, unique=True),
    Column("token", String(64), nullable=True, unique=True),
    sqlite_with_rowid=False,
)  # fmt: skip

audit = Table(
    "audit", metadata,
    Column("n", Integer, primary_key=True, autoincrement=False),
    Column("line", Text, nullable=False),
    sqlite_with_rowid=False,
)  # fmt: skip

reviews = Table(
    "reviews", metadata,
    Column("id", String(64), primary_key=True),
    Column("session", String(64), nullable=False, index=True),
    Column("n", Integer, nullable=False),
    Column("hash", String(64), nullable=False),
    Column("version", Integer, nullable=False),
)  # fmt: skip

review_entries = Table(
    "review_entries", metadata,
    Column("review", String(64), primary_key=True),
    Column("n", Integer, primary_key=True, autoincrement=False),
    Column("line", Text, nullable=False),
    sqlite_with_rowid=False,
)  # fmt: skip

pinned = Table(
    "pinned", metadata,
    Column("digest", String(64), primary_key=True),
    Column("content", Text, nullable=False),
    sqlite_with_rowid=False,
)  # fmt: skip

GROWS_ONLY = ("entries", "steps", "audit", "review_entries", "pinned")
SIDE = ("texts", "salts", "names")

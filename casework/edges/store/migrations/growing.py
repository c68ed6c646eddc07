"""Triggers that let a table grow and refuse everything else, in both databases.

SQLite's INSERT OR REPLACE deletes without firing a delete trigger, so an insert over an existing row
is refused by a trigger of its own.
"""

from __future__ import annotations

from alembic import op


def grows_only(table: str, key: tuple[str, ...]) -> None:
    """UPDATE, DELETE, TRUNCATE and replacing are refused on the table; `key` is its primary key."""
    if op.get_bind().dialect.name == "sqlite":
        same = " AND ".join(f"{column} = NEW.{column}" for column in key)
        refuse = f"BEGIN SELECT RAISE(ABORT, '{table} only grows'); END"
        op.execute(f"CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table} {refuse}")
        op.execute(f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} {refuse}")
        op.execute(
            f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table} "
            f"WHEN EXISTS (SELECT 1 FROM {table} WHERE {same}) {refuse}"
        )
    else:
        op.execute(
            f"CREATE FUNCTION {table}_grows_only() RETURNS trigger LANGUAGE plpgsql AS "
            f"$$ BEGIN RAISE EXCEPTION '{table} only grows'; END $$"
        )
        for event, each in (("update", "ROW"), ("delete", "ROW"), ("truncate", "STATEMENT")):
            op.execute(
                f"CREATE TRIGGER {table}_no_{event} BEFORE {event.upper()} ON {table} "
                f"FOR EACH {each} EXECUTE FUNCTION {table}_grows_only()"
            )

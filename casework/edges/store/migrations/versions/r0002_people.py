"""People and their roles, their names beside them, and the audit trail."""

import sqlalchemy as sa
from alembic import op

from casework.edges.store.migrations.growing import grows_only

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "people",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("roles", sa.String(200), nullable=False),
        sa.Column("active", sa.Boolean, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
    )
    op.create_table(
        "names",
        sa.Column("person", sa.String(64), primary_key=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("login", sa.String(200), nullable=True, unique=True),
        sa.Column("token", sa.String(64), nullable=True, unique=True),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "audit",
        sa.Column("n", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("line", sa.Text, nullable=False),
        sqlite_with_rowid=False,
    )
    grows_only("audit", ("n",))
    # Whoever practised before there were people has a record, so that their sessions have an owner.
    op.execute(
        "INSERT INTO people (id, roles, active, version) "
        "SELECT DISTINCT person, 'trainee', CAST(1 AS boolean), 1 FROM sessions"
        if op.get_bind().dialect.name != "sqlite"
        else "INSERT INTO people (id, roles, active, version) SELECT DISTINCT person, 'trainee', 1, 1 FROM sessions"
    )

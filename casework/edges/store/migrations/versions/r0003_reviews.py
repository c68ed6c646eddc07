"""Reviews: the heads of their chains, their entries, and the rubrics that they were marked by."""

import sqlalchemy as sa
from alembic import op

from casework.edges.store.migrations.growing import grows_only

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.create_table(
        "reviews",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("session", sa.String(64), nullable=False),
        sa.Column("n", sa.Integer, nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
    )
    op.create_index("ix_reviews_session", "reviews", ["session"])
    op.create_table(
        "review_entries",
        sa.Column("review", sa.String(64), primary_key=True),
        sa.Column("n", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("line", sa.Text, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "pinned",
        sa.Column("digest", sa.String(64), primary_key=True),
        sa.Column("content", sa.Text, nullable=False),
        sqlite_with_rowid=False,
    )
    grows_only("review_entries", ("review", "n"))
    grows_only("pinned", ("digest",))

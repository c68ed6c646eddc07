"""A person's own record as a page: where they stand, and every entry about them with who wrote it."""

from __future__ import annotations

from datetime import UTC, datetime, time
from html import escape
from typing import TYPE_CHECKING

from casework.edges import documents
from casework.faces import pages, progress_view

if TYPE_CHECKING:
    from casework.workbench.forgetting import OwnRecord


def entries(record: OwnRecord) -> str:
    """Every piece, sign-off entry and event of the plan, oldest first."""
    rows = [
        (one.at, [f"{one.at:%d %B %Y}", escape(one.kind), escape(", ".join(one.competencies)), escape(one.says or f"{one.scenario}, variant {one.seed}"),
                  "" if one.total is None else f"{one.total:.1f}", escape(one.by)])
        for one in record.pieces
    ] + [(datetime.combine(one.on, time.max, UTC), [f"{one.on:%d %B %Y}", f"plan, {escape(one.kind)} {escape(one.id)}", escape(one.competency or ""),
                                                   escape(one.says) + (f" (by {one.due:%d %B %Y})" if one.due else ""), "", escape(one.by)]) for one in record.plan
    ] + [(one.at, [f"{one.at:%d %B %Y}", f"sign-off, {escape(one.role)}, {escape(one.act)}", escape(one.competency), escape(one.reason), "", escape(one.by)]) for one in record.signed]  # fmt: skip
    shown = [row for _, row in sorted(rows, key=lambda one: one[0])]
    return (
        "<h2>Every entry about you</h2>" + pages.table(shown, ["Date", "Kind", "Competency", "What it says", "Total, %", "By"])
        + f"<p class='quiet'>Entries by you about others: {record.said_of_others}. They are those people's records, and are not shown here.</p>"
    )  # fmt: skip


def document(record: OwnRecord) -> str:
    """The record as a document of its own."""
    return documents.document("Own record", f"<main>{progress_view.page(record.person, entries(record))}</main>")

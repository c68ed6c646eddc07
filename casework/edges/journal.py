"""Structured logs for whoever runs an installation: one JSON object a line, ids and numbers only.

Fields come from a closed list, so that no name, word or file content can slip in with one.
"""

from __future__ import annotations

import json
import logging
import os
from datetime import UTC, datetime

FIELDS = frozenset({
    "session", "person", "role", "entry", "chain", "use_case", "seconds", "count", "error", "status", "version", "tables",
})  # fmt: skip
_log = logging.getLogger("casework")
_log.addHandler(logging.NullHandler())


class _Lines(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        fields = getattr(record, "fields", {})
        return json.dumps({"at": at, "level": record.levelname.lower(), "event": record.getMessage(), **fields})


def start() -> None:
    """Sends the logs to the file in CASEWORK_LOG, or to standard error if it is '-'; nowhere if it is unset."""
    place = os.environ.get("CASEWORK_LOG")
    if not place or len(_log.handlers) > 1:
        return
    handler = logging.StreamHandler() if place == "-" else logging.FileHandler(place, encoding="utf-8")
    handler.setFormatter(_Lines())
    _log.addHandler(handler)
    _log.setLevel(logging.INFO)
    _log.propagate = False


def _put(level: int, event: str, fields: dict[str, object]) -> None:
    unknown = set(fields) - FIELDS
    if unknown:
        raise ValueError(f"log fields {sorted(unknown)} are not among {sorted(FIELDS)}")
    _log.log(level, event, extra={"fields": fields})


def note(event: str, **fields: object) -> None:
    _put(logging.INFO, event, fields)


def warn(event: str, **fields: object) -> None:
    _put(logging.WARNING, event, fields)

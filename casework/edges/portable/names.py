"""What records for other systems share: IRIs under a base that the organisation names, ids from content, UTC instants."""

from __future__ import annotations

import math
import re
import uuid
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from casework.model.decisions import canonical
from casework.model.errors import BadInput

BASE = "urn:casework"
# An http or tag base is the organisation's own; the namespace of the default is well formed, and registered to nobody.
IS_BASE = re.compile(r"(https?://[^\s/?#@<>\"{}|\\^`]+(/[^\s?#<>\"{}|\\^`]*)?|urn:[A-Za-z0-9][A-Za-z0-9-]{1,31}(:[^\s?#<>\"{}|\\^`/]+)*|tag:[^\s?#@<>\"{}|\\^`/:,]+,\d{4}(-\d\d){0,2}:[^\s?#<>\"{}|\\^`]*)[/:]?")
IS_IRI = re.compile(r"(https?://[^\s/?#@<>\"{}|\\^`]+[^\s<>\"{}|\\^`]*|(urn|tag|did):[^\s<>\"{}|\\^`]+)")
NAMESPACE = uuid.uuid5(uuid.NAMESPACE_URL, "urn:casework:portable")
CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
DIGEST = re.compile(r"[0-9a-f]{64}")
IS_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
LONGEST = 500  # Characters of a name or title.


def iri(base: str, *parts: str) -> str:
    """An IRI under the base; every part is escaped whole, so that no two lists of parts give one IRI."""
    if IS_BASE.fullmatch(base) is None:
        raise BadInput(f"base: found {base!r}; give an IRI without ? and #, such as https://learning.example.org/casework or {BASE}")
    for part in parts:
        text("part of an IRI", part)
        if part in (".", ".."):
            raise BadInput(f"part of an IRI: found {part!r}, which means a folder in a path; give the id another name")
    return mark(base).join((base.rstrip("/:"), *(quote(part, safe="") for part in parts)))


def mark(base: str) -> str:
    """What stands between two parts."""
    return "/" if base.startswith("http") else ":"


def given_iri(what: str, value: str) -> str:
    """An IRI that somebody gave, as it stands; never a mailbox."""
    if IS_IRI.fullmatch(value) is None or CONTROL.search(value):
        raise BadInput(f"{what}: found {value!r}; give an IRI that begins with https://, http://, urn:, tag: or did:")
    return value


def text(what: str, value: str, longest: int = LONGEST) -> str:
    """A text of one line; BadInput where it is empty, too long, or no text that JSON and XML can carry."""
    if not value.strip() or len(value) > longest or CONTROL.search(value):
        raise BadInput(f"{what}: found {value[:60]!r}; give 1 to {longest} characters on one line, without control characters")
    return value


def pseudonym(what: str, value: str) -> str:
    """A name of an account that is no mailbox."""
    if "@" in text(what, value, 128) or "＠" in value or value.strip() != value or value.lower().startswith("mailto:"):
        raise BadInput(f"{what}: found a mailbox, or blanks around it; give the pseudonymous id alone")
    return value


def instant(what: str, at: datetime) -> str:
    """RFC 3339 in UTC, to the millisecond."""
    if at.tzinfo is None:
        raise BadInput(f"{what}: found {at.isoformat()} without a time zone; give one, such as +00:00")
    try:
        moment = at.astimezone(UTC)
    except OverflowError:
        raise BadInput(f"{what}: found {at.isoformat()}, which no calendar holds in UTC") from None
    return moment.replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z"


def number(what: str, value: float, least: float = -math.inf, most: float = math.inf) -> float:
    if isinstance(value, bool) or not math.isfinite(value) or not least <= value <= most:
        raise BadInput(f"{what}: found {value!r}; give a number from {least} to {most}")
    # One value has one spelling, since ids are made of it.
    return int(value) if float(value).is_integer() else float(value)


def digest(what: str, value: str) -> str:
    if DIGEST.fullmatch(value) is None:
        raise BadInput(f"{what}: found {value[:80]!r}; give a SHA-256 digest, 64 hexadecimal digits in lower case")
    return value


def uuid_text(what: str, value: str) -> str:
    if IS_UUID.fullmatch(value) is None:
        raise BadInput(f"{what}: found {value[:80]!r}; give a UUID, in lower case")
    return value


def named_by(kind: str, value: Any) -> str:
    """The UUID of a value: the same content always gives the same one, and other content another."""
    return str(uuid.uuid5(NAMESPACE, f"{kind}:{canonical(value)}"))

"""A sign-off as an Open Badges 3.0 credential, which is a W3C Verifiable Credential by the data model 2.0.

What is made here is unsigned: a signature needs the organisation's key, which never comes near this program. Until the
organisation adds its proof (Data Integrity, or JWT), the file proves nothing and no verifier accepts it. The holder is
named by a salted hash. The salt travels with it, as the standard has it, so whoever knows or guesses the pseudonym can
confirm it: the hash hides it from those who do not know it, not from those who do.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from casework.edges.portable import names
from casework.edges.portable.xapi import competency_iri
from casework.model.errors import BadInput

# The third defines the type of the schema, without which a strict reader refuses the credential.
CONTEXT = (
    "https://www.w3.org/ns/credentials/v2",
    "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json",
    "https://purl.imsglobal.org/spec/ob/v3p0/extensions.json",
)
SCHEMA = {
    "id": "https://purl.imsglobal.org/spec/ob/v3p0/schema/json/ob_v3p0_achievementcredential_schema.json",
    "type": "1EdTechJsonSchemaValidator2019",
}
SHORTEST_SALT = 16  # Characters.
NARRATIVE = 10_000


@dataclass(frozen=True)
class Issuer:
    """The organisation; `id` is an IRI of its own (did:web or https), which its key will later answer for."""

    id: str
    name: str
    url: str | None = None


@dataclass(frozen=True)
class Aligned:
    """A competency of the framework; `case` is its IRI where the framework is published in the CASE format."""

    id: str
    title: str
    says: str = ""
    case: str | None = None


@dataclass(frozen=True)
class SignOff:
    """A sign-off as the ledger has it.

    `person` is a pseudonymous id and `salt` one of the ledger's, other for each credential. `share` is the percent
    reached and `standard` the percent asked for. `digest` (SHA-256, hex) is the ledger's entry.
    """

    person: str
    salt: str
    title: str
    criteria: str
    framework: str
    framework_title: str
    framework_version: int
    competencies: tuple[Aligned, ...]
    pieces: int
    scenarios: int
    at: datetime
    until: datetime
    digest: str
    standard: int
    share: float | None = None


def credential(signed: SignOff, issuer: Issuer, base: str = names.BASE) -> dict[str, Any]:
    """The unsigned credential; BadInput for whatever cannot be one."""
    since, until = names.instant("at", signed.at), names.instant("until", signed.until)
    if since >= until:
        raise BadInput(f"until: found {until}, which does not lie after {since}, when it was signed off")
    if not signed.competencies or len({one.id for one in signed.competencies}) != len(signed.competencies):
        raise BadInput("competencies: give at least one, each once")
    if len(signed.salt) < SHORTEST_SALT:
        raise BadInput(f"salt: found {len(signed.salt)} characters; give at least {SHORTEST_SALT}, drawn by chance for this credential alone")
    if signed.pieces < 1 or not 1 <= signed.scenarios <= signed.pieces:
        raise BadInput(f"pieces: found {signed.pieces} from {signed.scenarios} scenarios; a sign-off rests on at least one, and on no more scenarios than pieces")
    names.number("standard", signed.standard, 0, 100)
    if signed.share is not None:
        names.number("share", signed.share, 0, 100)
    achievement = _achievement(signed, base)
    made: dict[str, Any] = {
        "@context": list(CONTEXT),
        "type": ["VerifiableCredential", "OpenBadgeCredential"],
        "issuer": _profile(issuer),
        "validFrom": since,
        "validUntil": until,
        "name": achievement["name"],
        "credentialSubject": {
            "type": ["AchievementSubject"],
            "identifier": [identity(signed.person, signed.salt)],
            "achievement": achievement,
            "result": _results(signed, achievement["id"]),
        },
        "evidence": [{
            "type": ["Evidence"],
            "name": "Assessed pieces of work",
            "description": f"Pieces of work: {signed.pieces}. Scenarios: {signed.scenarios}. The issuer keeps them; none is attached.",
            "genre": "Assessed work",
        }],
        "credentialSchema": [dict(SCHEMA)],
    }  # fmt: skip
    entry = names.digest("digest", signed.digest)
    return {"@context": made.pop("@context"), "id": f"urn:uuid:{names.named_by('credential', [entry, made])}", **made}


def identity(person: str, salt: str) -> dict[str, Any]:
    """The IdentityObject: SHA-256 over the id and, straight after it, the salt."""
    joined = names.pseudonym("person", person) + names.text("salt", salt)
    return {"type": "IdentityObject", "hashed": True, "identityHash": hashed(joined), "identityType": "accountId", "salt": salt}


def hashed(text: str) -> str:
    """An IdentityHash as Open Badges writes it."""
    return f"sha256${hashlib.sha256(text.encode()).hexdigest()}"


def encoded(made: dict[str, Any]) -> str:
    return json.dumps(made, ensure_ascii=False, allow_nan=False, indent=1) + "\n"


def _profile(issuer: Issuer) -> dict[str, Any]:
    found = {"id": names.given_iri("issuer", issuer.id), "type": ["Profile"], "name": names.text("issuer's name", issuer.name)}
    return found if issuer.url is None else {**found, "url": names.given_iri("issuer's url", issuer.url)}


def _achievement(signed: SignOff, base: str) -> dict[str, Any]:
    if not signed.criteria.strip() or len(signed.criteria) > NARRATIVE or names.CONTROL.search(signed.criteria.replace("\n", "")):
        raise BadInput(f"criteria: say in 1 to {NARRATIVE:,} characters what a sign-off asks for, without control characters")
    key = "+".join(sorted(one.id for one in signed.competencies))
    own = names.iri(base, "framework", signed.framework, str(signed.framework_version), "achievement", key)
    framework = names.text("framework's title", signed.framework_title)
    return {
        "id": own,
        "type": ["Achievement"],
        "achievementType": "Competency",
        "name": names.text("title", signed.title),
        "description": f"Signed off in {', '.join(names.text('competency', one.title) for one in signed.competencies)}, by {framework}.",
        "version": str(signed.framework_version),
        "criteria": {"narrative": signed.criteria},
        "alignment": [_alignment(signed, one, base) for one in signed.competencies],
        "resultDescription": _asked(signed, own),
    }


def _alignment(signed: SignOff, one: Aligned, base: str) -> dict[str, Any]:
    """CFItem is a node of a framework published as CASE; any other is ours by extension."""
    target = competency_iri(base, signed.framework, signed.framework_version, one.id)
    found = {
        "type": ["Alignment"],
        "targetName": one.title,
        "targetUrl": target if one.case is None else names.given_iri("case", one.case),
        "targetCode": one.id,
        "targetFramework": signed.framework_title,
        "targetType": "ext:CaseworkCompetency" if one.case is None else "CFItem",
    }
    return {**found, "targetDescription": names.text("says", one.says, 2_000)} if one.says else found


def _asked(signed: SignOff, own: str) -> list[dict[str, Any]]:
    mark = names.mark(own)
    found: list[dict[str, Any]] = [
        {"id": f"{own}{mark}status", "type": ["ResultDescription"], "name": "Sign-off", "resultType": "Status"},
        {"id": f"{own}{mark}pieces", "type": ["ResultDescription"], "name": "Pieces of work", "resultType": "ext:PiecesOfWork"},
    ]
    if signed.share is not None:
        found.append({
            "id": f"{own}{mark}share", "type": ["ResultDescription"], "name": "Share expected on a typical file", "resultType": "Percent",
            "requiredValue": f"{signed.standard:.10g}", "valueMin": "0", "valueMax": "100",
        })  # fmt: skip
    return found


def _results(signed: SignOff, own: str) -> list[dict[str, Any]]:
    mark = names.mark(own)
    found: list[dict[str, Any]] = [
        {"type": ["Result"], "resultDescription": f"{own}{mark}status", "status": "Completed"},
        {"type": ["Result"], "resultDescription": f"{own}{mark}pieces", "value": str(signed.pieces)},
    ]
    if signed.share is not None:
        found.append({"type": ["Result"], "resultDescription": f"{own}{mark}share", "value": f"{signed.share:.10g}"})
    return found

"""Results as xAPI 1.0.3 statements, for any learning record store.

A statement names a pseudonymous account, never a mailbox, and holds no word that a trainee or a member wrote. Its id is
that of its content: sending it twice is harmless, and a mark that has changed is another statement, beside which the
old one is voided. Who sends them adds the header X-Experience-API-Version: 1.0.3.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, get_args

from casework.edges.portable import names
from casework.model.errors import BadInput

ADL = "http://adlnet.gov/expapi"
Verb = Literal["completed", "passed", "failed", "scored"]
SUCCESS: dict[str, bool | None] = {"passed": True, "failed": False}
LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*")


@dataclass(frozen=True)
class Account:
    """The one who did it, as a system under `home_page` (an IRI) knows them."""

    home_page: str
    name: str


@dataclass(frozen=True)
class Score:
    """`scaled` from -1 to 1; `raw` lies between `least` and `most`, where those are given."""

    scaled: float
    raw: float | None = None
    least: float | None = None
    most: float | None = None


@dataclass(frozen=True)
class Result:
    """One file handled by one person, and what its scorecard says.

    `session` is the digest (SHA-256, hex) of the session. `score` and `success` are None where they are not known: unscored
    is never nought. Real work carries no title, as that might tell whose case it was, and its `scenario` is the file's pseudonym.
    """

    actor: Account
    verb: Verb
    scenario: str
    title: str | None
    framework: str
    framework_version: int
    competencies: tuple[str, ...]
    rubric: str
    rubric_version: int
    score: Score | None
    success: bool | None
    at: datetime
    session: str
    simulated: bool


def statement(result: Result, base: str = names.BASE, language: str = "en-GB") -> dict[str, Any]:
    """The statement, ready to be sent; BadInput for whatever xAPI or privacy forbids."""
    _check(result, language)
    kind = "simulated" if result.simulated else "real"
    definition: dict[str, Any] = {"type": f"{ADL}/activities/{'simulation' if result.simulated else 'performance'}"}
    if result.title is not None:
        definition["name"] = {language: names.text("title", result.title)}
    activity = names.iri(base, "scenario" if result.simulated else "file", result.scenario)
    rubric = names.iri(base, "rubric", result.rubric, str(result.rubric_version))
    found: dict[str, Any] = {}
    if result.score is not None:
        found["score"] = _score(result.score)
    if result.success is not None:
        found["success"] = result.success
    if result.verb != "scored":
        found["completion"] = True
    context: dict[str, Any] = {
        "registration": names.named_by("registration", names.digest("session", result.session)),
        "platform": "casework",
        "language": language,
        "contextActivities": {
            "category": [
                {"objectType": "Activity", "id": names.iri(base, "work", kind)},
                {"objectType": "Activity", "id": rubric, "definition": {"type": f"{ADL}/activities/assessment"}},
            ],
        },
        "extensions": {
            names.iri(base, "extension", "simulated"): result.simulated,
            names.iri(base, "extension", "rubric"): {"id": result.rubric, "version": result.rubric_version},
        },
    }
    if result.competencies:
        context["contextActivities"]["grouping"] = [
            {
                "objectType": "Activity",
                "id": competency_iri(base, result.framework, result.framework_version, name),
                "definition": {"type": f"{ADL}/activities/objective"},
            }
            for name in result.competencies
        ]
    said: dict[str, Any] = {
        "actor": _agent(result.actor),
        "verb": {"id": f"{ADL}/verbs/{result.verb}", "display": {"en": result.verb}},
        "object": {"objectType": "Activity", "id": activity, "definition": definition},
        "context": context,
        "timestamp": names.instant("at", result.at),
    }
    if found:
        said["result"] = found
    return {"id": names.named_by("statement", said), **said}


def statements(results: Iterable[Result], base: str = names.BASE, language: str = "en-GB") -> list[dict[str, Any]]:
    """One statement for each different result, in order: a store refuses a batch in which an id stands twice."""
    return list({made["id"]: made for made in (statement(result, base, language) for result in results)}.values())


def voided(statement_id: str, by: Account, at: datetime) -> dict[str, Any]:
    """The statement that withdraws an earlier one; `by` is the account of the system or person who withdraws it."""
    said = {
        "actor": _agent(by),
        "verb": {"id": f"{ADL}/verbs/voided", "display": {"en": "voided"}},
        "object": {"objectType": "StatementRef", "id": names.uuid_text("statement", statement_id)},
        "timestamp": names.instant("at", at),
    }
    return {"id": names.named_by("statement", said), **said}


def competency_iri(base: str, framework: str, version: int, competency: str) -> str:
    """The same IRI in statements and in badges, so that both can be brought together."""
    return names.iri(base, "framework", framework, str(version), "competency", competency)


def encoded(made: list[dict[str, Any]]) -> str:
    """The JSON array that a learning record store takes."""
    return json.dumps(made, ensure_ascii=False, allow_nan=False, indent=1) + "\n"


def _agent(account: Account) -> dict[str, Any]:
    home, name = names.given_iri("home page", account.home_page), names.pseudonym("account name", account.name)
    return {"objectType": "Agent", "account": {"homePage": home, "name": name}}


def _check(result: Result, language: str) -> None:
    if result.verb not in get_args(Verb):
        raise BadInput(f"verb: found {result.verb!r}; allowed: {', '.join(get_args(Verb))}")
    if result.verb in SUCCESS and result.success is not SUCCESS[result.verb]:
        raise BadInput(f"success: found {result.success} beside the verb {result.verb}; they must say the same")
    if result.verb == "scored" and result.score is None:
        raise BadInput("score: there is none beside the verb scored; use completed where a file is unscored")
    if not result.simulated and result.title is not None:
        raise BadInput("title: real work carries none, as it might tell whose case it was; leave it out")
    if result.simulated and result.title is None:
        raise BadInput("title: give the scenario's title")
    if len(set(result.competencies)) != len(result.competencies):
        raise BadInput("competencies: one stands twice; name each once")
    if LANGUAGE.fullmatch(language) is None:
        raise BadInput(f"language: found {language!r}; give a tag such as en-GB")


def _score(score: Score) -> dict[str, float]:
    found = {"scaled": names.number("scaled", score.scaled, -1, 1)}
    found |= {key: names.number(key, value) for key, value in (("raw", score.raw), ("min", score.least), ("max", score.most)) if value is not None}
    if "min" in found and "max" in found and found["min"] >= found["max"]:
        raise BadInput(f"score: the least, {found['min']}, does not lie under the most, {found['max']}")
    if "raw" in found and not found.get("min", found["raw"]) <= found["raw"] <= found.get("max", found["raw"]):
        raise BadInput(f"score: {found['raw']} does not lie between {found.get('min')} and {found.get('max')}")
    return found

"""Swap tests: another name, sex, profession or spelling, the same decisions, and the mark must not move."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from casework.model.library import Library
from casework.model.phrases import PLACEHOLDER
from casework.model.scenarios import Answer, Scenario

# Names with accents, hyphens, one short family name, and from many places; titles stay as they are.
NAMES = (
    "Zoë Ó Súilleabháin", "Nguyễn Thị Hoa", "Li Wu", "Anne-Marie Thibodeau-Okonkwo", "Jürgen Łukasz", "Siân ap Gwilym", "Mpho Khumalo",
    "Fatima al-Harthi", "Aroha Te Whare", "Björk Einarsdóttir", "Óscar Núñez", "Chan Tai-man",
)  # fmt: skip
TITLE = re.compile(r"^(?:Dr|Mr|Mrs|Ms|Miss|Mx|Prof|Professor|Sir|Dame|Detective \w+|DC|DS|PC|Judge)\.? ")
PERSON = re.compile(r"^(?:[A-Z][\w'’-]+ ){1,3}[A-Z][\w'’-]+$")
SEXES = {
    "he": "she", "she": "he", "him": "her", "his": "her", "her": "him", "hers": "his", "himself": "herself", "herself": "himself",
    "mr": "Mrs", "mrs": "Mr", "ms": "Mr", "miss": "Mr", "sir": "madam", "madam": "sir", "man": "woman", "woman": "man",
    "husband": "wife", "wife": "husband", "son": "daughter", "daughter": "son", "mother": "father", "father": "mother",
}  # fmt: skip
PROFESSIONS = {"doctor": "dentist", "dentist": "doctor", "gp": "orthodontist", "surgeon": "prosthodontist", "consultant": "practice owner", "physician": "hygienist"}
SPELLINGS = ((r"our\b", "or"), (r"is(e|ed|es|ing|ation)\b", r"iz\1"), (r"ae", "e"), (r"\bpractise", "practice"), (r"\blicence", "license"))
# Where a reader meets words; everything else of a scenario is ids, dates and choices.
WORDS = ("body", "heard", "say", "title", "brief", "name")


def _said(table: dict[str, str]) -> Callable[[str], str]:
    pattern = re.compile(rf"\b({'|'.join(table)})\b", re.IGNORECASE)

    def change(text: str) -> str:
        def other(found: re.Match[str]) -> str:
            word = table[found[0].lower()]
            return word.capitalize() if found[0][0].isupper() else word

        return pattern.sub(other, text)

    return lambda text: _outside(text, change)


def _outside(text: str, change: Callable[[str], str]) -> str:
    """The text changed, but for its placeholders."""
    parts = PLACEHOLDER.split(text)
    return "".join(change(part) if n % 2 == 0 else "{" + part + "}" for n, part in enumerate(parts))


def _renamed(table: dict[str, str]) -> Callable[[str], str]:
    def change(text: str) -> str:
        for old, new in sorted(table.items(), key=lambda pair: -len(pair[0])):
            text = text.replace(old, new)
        return text

    return change


def _spelt(text: str) -> str:
    def change(part: str) -> str:
        for found, instead in SPELLINGS:
            part = re.sub(found, instead, part)
        return part

    return _outside(text, change)


def _names(scenario: Scenario) -> dict[str, str]:
    """Every person's name in the scenario, and the name that stands for it."""
    found = [p.name for p in scenario.case.parties]
    used = {name.partition(".") for party in scenario.case.parties for name in PLACEHOLDER.findall(party.name)}
    for name, _, part in used:
        variable = scenario.variables.get(name)
        for pick in variable.pick if variable is not None else ():
            found.append(str(pick.get(part, "") if isinstance(pick, dict) else pick))
    people = [name for name in dict.fromkeys(found) if TITLE.match(name) or PERSON.match(name)]
    instead = {}
    for n, name in enumerate(people):
        title = TITLE.match(name)
        # A number keeps them apart where a scenario has more people than the list.
        other = NAMES[n % len(NAMES)] + ("" if n < len(NAMES) else " " + "IVX"[n % 3] * (n // len(NAMES)))
        lead = title[0] if title else ""
        instead[name] = lead + other
        if lead:  # A letter also says Dr Tarrow.
            instead.setdefault(lead + name.split()[-1], lead + other.split()[-1])
    return instead


def _through(node: Any, change: Callable[[str], str], keys: tuple[str, ...], key: str = "") -> Any:
    if isinstance(node, dict):
        return {k: _through(v, change, keys, k if key != "pick" else key) for k, v in node.items()}
    if isinstance(node, (list, tuple)):
        return [_through(v, change, keys, key) for v in node]
    return change(node) if isinstance(node, str) and key in keys else node


def swapped(library: Library, id: str, what: str) -> Library:
    """The library with one scenario's people, sexes, professions or spelling changed, its letters and answers with it."""
    scenario = library.get_scenario(id)
    change: Callable[[str], str] = {
        "names": _renamed(_names(scenario)), "sexes": _said(SEXES), "professions": _said(PROFESSIONS), "spelling": _spelt,
    }[what]  # fmt: skip
    keys = (*WORDS, "pick", "text") if what == "names" else ("body", "heard", "say", "brief", "text")
    plain = _through(scenario.model_dump(by_alias=True, mode="json", exclude_defaults=True), change, keys)
    documents = {place: change(text) if place[0] == id else text for place, text in library.documents.items()}
    answers = {
        name: Answer.model_validate(_through(answer.model_dump(by_alias=True, mode="json", exclude_defaults=True), change, keys))
        for name, answer in library.answers.get(id, {}).items()
    }
    return replace(
        library, scenarios={**library.scenarios, id: Scenario.model_validate(plain)}, documents=documents, answers={**library.answers, id: answers}
    )


SWAPS = ("names", "sexes", "professions", "spelling")

"""A scenario's branches as values, for whoever draws them: what comes, when, and because of what."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from casework.model.checks import All, AnyOf, Did, Never, Not
from casework.model.library import Library


@dataclass(frozen=True)
class Branch:
    """One inject: its kind, when it comes (a time, or how long after), what it hangs on in words, and what opens with it."""

    inject: str
    kind: Literal["timed", "unless done", "if done", "after"]
    when: str
    because: str
    opens: tuple[str, ...]


def told(check: Any) -> str:
    """A check on decisions in words."""
    if isinstance(check, Did):
        bits = [" or ".join(a.replace("_", " ") for a in check.did)]
        bits += [f"{word} {' or '.join(values)}" for word, values in (("", check.item), ("as", check.as_), ("to", check.to), ("saying", check.choice)) if values]
        return " ".join(" ".join(bits).split())
    if isinstance(check, Never):
        return "never " + " or ".join(check.never)
    if isinstance(check, Not):
        return f"not ({told(check.not_)})"
    if isinstance(check, All):
        return " and ".join(map(told, check.all))
    if isinstance(check, AnyOf):
        return " or ".join(map(told, check.any))
    return type(check).__name__


def branches(library: Library, id: str) -> tuple[Branch, ...]:
    """Every inject of a scenario, in file order."""
    scenario = library.get_scenario(id)
    found = []
    for inject in scenario.injects:
        opens = tuple(e.id for e in scenario.expectations if e.opens == inject.id)
        if inject.after is not None:
            found.append(Branch(inject.id, "after", inject.delay or "", told(inject.after), opens))
        elif inject.if_done is not None:
            found.append(Branch(inject.id, "if done", inject.at or "", told(inject.if_done), opens))
        elif inject.if_not_done is not None:
            found.append(Branch(inject.id, "unless done", inject.at or "", told(inject.if_not_done), opens))
        else:
            found.append(Branch(inject.id, "timed", inject.at or "", "", opens))
    return tuple(found)

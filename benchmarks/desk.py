"""The practice desk's own work between a click and the answer on the screen, on a small tray and on one of 200 papers."""

from __future__ import annotations

import statistics
import time
from dataclasses import replace
from typing import Any

from benchmarks.ratios import Ratio
from casework import workbench
from casework.edges.store.records import open_store
from casework.faces.desk_view import DeskView
from casework.model.library import Library
from casework.model.people import ROLES, Person
from casework.workbench import Access

TITLE = "The practice desk, its own work (a person notices about 100 ms)"
PEERS = ()
SCENARIO = "rule-7-handler-away"
CLICKS = 20


def crowded(library: Library, papers: int) -> Library:
    """The library with a scenario whose tray holds so many papers, each with its clocks, from the first minute."""
    scenario = library.scenarios[SCENARIO]
    letter = next(i for i in scenario.injects if i.from_ is not None and not i.conversation and i.at is not None)
    many = tuple(letter.model_copy(update={"id": f"letter-{n}", "if_done": None, "if_not_done": None, "at": scenario.desk.opens}) for n in range(papers))
    texts = {**library.documents, **{(SCENARIO, i.document): "A letter." for i in many if i.document}}
    return replace(library, scenarios={**library.scenarios, SCENARIO: scenario.model_copy(update={"injects": many})}, documents=texts)


def measure(library: Library) -> dict[str, float]:
    """Milliseconds: until the desk is there, and the median and worst of a click with all that it repaints."""
    store = open_store("sqlite://")
    store.add_person(Person("p-1", ROLES), "Someone")
    access = Access(store.find_person("p-1") or Person("p-1", ROLES), store, library)
    begun = time.perf_counter()
    screen = DeskView(access, workbench.begin_session(access, SCENARIO, 1))
    opened = time.perf_counter() - begun
    took = []
    for n in range(CLICKS):
        screen.act.action.value, screen.act.text.value = "note", f"What was seen, {n}."
        begun = time.perf_counter()
        screen.act.do.click()
        took.append(time.perf_counter() - begun)
        assert "Done" in screen.said.value, screen.said.value
    return {"papers": len(screen.tray.ids), "open_ms": opened * 1000, "click_median_ms": statistics.median(took) * 1000, "click_worst_ms": max(took) * 1000}


def run() -> dict[str, Any]:
    held = workbench.library()
    return {"shipped": measure(held), "200 papers": measure(crowded(held, 200))}


def told(found: dict[str, Any]) -> list[str]:
    return [
        f"{tray:12} {row['papers']:>4} papers: open {row['open_ms']:.0f} ms, a click {row['click_median_ms']:.1f} ms, at worst {row['click_worst_ms']:.1f} ms"
        for tray, row in found.items()
    ]


def ratios(found: dict[str, Any]) -> list[Ratio]:
    return []  # No peer has such a desk; a person notices about 100 ms.


if __name__ == "__main__":
    print("\n".join(told(run())))

"""The room as a trainee meets it, in a real browser: how soon the desk can be used, and how soon a click is answered.

The peer is the least that can be done with the same parts: one ipywidgets button that changes one line of
text, served by the same Voilà in the same run. What the desk adds to it is the desk's own.
"""

from __future__ import annotations

import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
import yaml
from playwright.sync_api import sync_playwright

from benchmarks.browsing import free_port, launched, served
from benchmarks.ratios import Ratio
from casework import workbench
from casework.edges.store.records import open_store
from casework.model.people import ROLES, Person
from casework.workbench import Access

TITLE = "The room in Chromium"
PEERS = ("voila", "ipywidgets", "playwright")
SCENARIO = "rule-7-handler-away"
PAPERS, CLICKS, VISITS = 200, 25, 3

# Milliseconds from the press to the frame in which the answer stands on the screen.
PRESS = """
([name, wanted]) => new Promise((done, fail) => {
  const button = [...document.querySelectorAll('button')].find((b) => b.textContent.trim() === name)
  const begun = performance.now()
  const stop = setTimeout(() => fail(new Error('no answer')), 20000)
  const seen = new MutationObserver(() => {
    if (!document.body.innerText.includes(wanted)) return
    seen.disconnect()
    clearTimeout(stop)
    requestAnimationFrame(() => setTimeout(() => done(performance.now() - begun)))
  })
  seen.observe(document.body, { subtree: true, childList: true, characterData: true, attributes: true })
  button.click()
})
"""


def crowded(folder: Path) -> Path:
    """A content folder whose scenario has so many papers in the tray from the first minute."""
    workbench.init(folder)
    place = next(folder.glob(f"scenarios/cases/*/{SCENARIO}/scenario.yaml"))
    data = yaml.safe_load(place.read_text())
    letter = {"at": data["desk"]["opens"], "from": "member", "channel": "email", "body": "A short letter about the same matter."}
    data["injects"] += [{"id": f"letter-{n}", **letter, "starts": ["service-levels.reply-to-email"]} for n in range(PAPERS - 2)]
    place.write_text(yaml.safe_dump(data, sort_keys=False, default_flow_style=False, width=10_000).replace("'NO'", "NO"))
    return folder


def _usable(play: Any, address: str, token: str) -> tuple[Any, float]:
    """A page with the desk open, and the seconds from asking for the address to a desk that can be used (typing left out)."""
    page = launched(play).new_context(viewport={"width": 1280, "height": 720}).new_page()
    page.set_default_timeout(120_000)
    begun = time.perf_counter()
    page.goto(address)
    page.get_by_label("Your token").fill(token)
    page.get_by_role("button", name="Open the desk").click()
    page.get_by_role("button", name="Do it").wait_for()
    return page, time.perf_counter() - begun


def _clicks(page: Any, act: Callable[[int], list[str]]) -> dict[str, float]:
    took = sorted(page.evaluate(PRESS, act(n)) for n in range(CLICKS))
    return {"median_ms": statistics.median(took), "p95_ms": took[int(0.95 * len(took))], "worst_ms": took[-1]}


def _bare(play: Any, folder: Path) -> dict[str, float]:
    """The peer: a page with one button and one line."""
    code = "import ipywidgets as w\nn = w.HTML()\nb = w.Button(description='Press')\nc = [0]\ndef go(_):\n    c[0] += 1\n    n.value = f'answer {c[0]}.'\nb.on_click(go)\nw.VBox([b, n])"
    nbformat.write(nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(code)], metadata={"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}), folder / "bare.ipynb")  # type: ignore[no-untyped-call]
    address = f"http://127.0.0.1:{(port := free_port())}"
    command = [sys.executable, "-m", "voila", str(folder / "bare.ipynb"), "--no-browser", f"--port={port}", "--Voila.ip=127.0.0.1"]
    with served(command, folder, f"{address}/voila/static/voila.js", {}):
        page = launched(play).new_page()
        page.set_default_timeout(120_000)
        begun = time.perf_counter()
        page.goto(address)
        page.get_by_role("button", name="Press").wait_for()
        usable = time.perf_counter() - begun
        return {"usable_s": usable, **_clicks(page, lambda n: ["Press", f"answer {n + 1}."])}


def _room(play: Any, folder: Path, content: Path | None) -> dict[str, float]:
    library = workbench.library(content)
    store = open_store(f"sqlite:///{folder / 'casework.sqlite'}")
    store.add_person(Person("boss", ROLES), "Boss")
    boss = Access(store.find_person("boss") or Person("boss", ROLES), store, library)
    tokens = [workbench.add_person(boss, f"Trainee {n}", ("trainee",))[1] for n in range(VISITS + 1)]
    address = f"http://127.0.0.1:{(port := free_port())}"
    command = [str(Path(sys.executable).parent / "casework"), "practise", SCENARIO, "--seed", "7", "--room", "--port", str(port)]
    command += ["--content", str(content)] if content else []
    begun = time.perf_counter()
    with served(command, folder, f"{address}/voila/static/voila.js", {"CASEWORK_WORKSPACE": str(folder)}):
        page, _ = _usable(play, address, tokens[0])
        cold = time.perf_counter() - begun
        papers = page.get_by_role("listbox", name="Tray").get_by_role("option").count()
        page.get_by_label("Action", exact=True).select_option("note")

        def noted(n: int) -> list[str]:
            page.get_by_label("Words", exact=True).fill(f"What was seen, {n}.")
            page.get_by_role("button", name="Do it").focus()
            minutes = 3 * (n + 1)
            return ["Do it", f"{9 + minutes // 60:02d}:{minutes % 60:02d}"]

        clicks = _clicks(page, noted)
        warm = []
        for token in tokens[1:]:
            time.sleep(6)  # The pool fills again between visitors.
            warm.append(_usable(play, address, token)[1])
    return {"papers": papers, "cold_s": cold, "warm_s": statistics.median(warm), **clicks}


def run() -> dict[str, Any]:
    found: dict[str, Any] = {}
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as temporary, sync_playwright() as play:
        place = Path(temporary)
        for name in ("bare", "small", "large"):
            (place / name).mkdir()
        found["voilà, one button"] = _bare(play, place / "bare")
        found["shipped tray"] = _room(play, place / "small", None)
        found["200 papers"] = _room(play, place / "large", crowded(place / "content"))
        shutil.rmtree(place / "content", ignore_errors=True)
    return found


def told(found: dict[str, Any]) -> list[str]:
    bare, *trays = found.items()
    lines = [f"one ipywidgets button: usable in {bare[1]['usable_s']:.1f} s, a click {bare[1]['median_ms']:.0f} ms"]
    for tray, row in trays:
        lines.append(
            f"{tray:12} {row['papers']:>4} papers: usable cold {row['cold_s']:.1f} s, warm {row['warm_s']:.1f} s; "
            f"click to painted answer {row['median_ms']:.0f} ms ({row['median_ms'] - bare[1]['median_ms']:.0f} ms our own), p95 {row['p95_ms']:.0f} ms"
        )
    return lines


def ratios(found: dict[str, Any]) -> list[Ratio]:
    bare, *trays = found.values()
    return [Ratio(f"room of {row['papers']} papers, warm, until usable", "a page with one button under the same Voilà", row["warm_s"] / bare["usable_s"], at_most=True) for row in trays]


if __name__ == "__main__":
    print("\n".join(told(run())))

"""A scenario under its author's eyes: the first minute, the branches, the scripted trainees, and what each criterion tells."""

from __future__ import annotations

from html import escape
from pathlib import Path

import ipywidgets as widgets

from casework import workbench
from casework.edges import content
from casework.faces import desk_panes, pages
from casework.model.errors import BadInput, ContentError
from casework.model.library import Library
from casework.practice import cases, desk, tray
from casework.practice.branching import Branch

COLOUR = {"timed": "var(--quiet)", "after": "var(--accent)", "if done": "var(--warm)", "unless done": "var(--bad)"}
SEEDS = 3


class AuthorView:
    """Reads the content anew at each press, so that what is shown is what has just been saved."""

    def __init__(self, folder: Path | None, id: str) -> None:
        self.folder = folder
        held = workbench.library(folder)
        self.scenario = widgets.Dropdown(options=sorted(held.scenarios), value=id, description="Scenario", layout=widgets.Layout(width="420px"))
        self.seed = widgets.BoundedIntText(value=1, min=1, max=9999, description="Seed", layout=widgets.Layout(width="160px"))
        self.again = widgets.Button(description="Read it again and play", button_style="primary", layout=widgets.Layout(width="auto"))
        self.shown = widgets.HTML()
        self.again.on_click(lambda _: self.show())
        for control in (self.scenario, self.seed):
            control.observe(lambda _: self.show(), names="value")
        self.box = widgets.VBox([widgets.HBox([self.scenario, self.seed, self.again]), self.shown])
        self.show()

    def show(self) -> None:
        """Everything about the scenario; what is wrong with it instead, if it cannot be read or played."""
        try:
            held = workbench.library(self.folder)
            id = self.scenario.value
            held.get_scenario(id)
            parts = [first_minute(held, id, self.seed.value), graph(workbench.branches(held, id)), self._check(held, id), told_apart(held, id)]
            self.shown.value = pages.fragment("".join(parts))
        except ContentError as error:
            self.shown.value = pages.part(faults([vars(p) for p in error.problems]))
        except BadInput as error:
            self.shown.value = pages.part(f"<p role='alert'>{escape(str(error))}</p>")

    def _check(self, held: Library, id: str) -> str:
        home = self.folder or content.shipped()
        place = next(iter(home.glob(f"scenarios/cases/*/{id}")))
        found = workbench.check([place], SEEDS)
        (one,) = found["scenarios"]
        totals = sorted(one["archetypes"].items(), key=lambda pair: -pair[1])
        mark = float(held.get_rubric(workbench.MAIN_RUBRIC).pass_mark)
        rows = [[escape(name), f"{total:.1f}", pages.interval_bar(0, total, total, mark)] for name, total in totals]
        return (
            "<h2>Self-test</h2>" + (faults(found["problems"]) if found["problems"] else "<p><span class='chip ok'>ok</span></p>")
            + f"<h2>Scripted trainees, seed {SEEDS}</h2><p class='quiet small'>Area under the ranking curve {one['auc']:.2f}: the chance that the "
            "exemplary trainee totals more than another.</p>" + pages.table(rows, ["Trainee", "Total", f"0 to 100; the mark is {mark:g}"])
        )


def first_minute(held: Library, id: str, seed: int) -> str:
    """The tray as a trainee finds it."""
    session = desk.open_session(held, cases.named(held, id, seed), "author")
    key = session.caseload.cases[0].key
    rows = tray.rows(session, key)
    table = [
        [escape(row["who"]), escape(row["when"]), escape(row["what"]), escape("; ".join(text for text, _ in row["chips"]))]
        for row in map(desk_panes.listed, rows)
    ]
    letters = "".join(desk_panes.document(session, key, rows, row.paper.id) for row in rows)
    return desk_panes.top(session, key, "preview", rows) + pages.table(table, ["From", "When", "What", "Marks"]) + f"<details><summary>The papers</summary>{letters}</details>"


def graph(found: tuple[Branch, ...]) -> str:
    """What comes, and because of what: causes on the left, what they bring on the right."""
    parts, y = [], 0
    for branch in found:
        colour = COLOUR[branch.kind]
        y += 46
        when = f"{branch.when} later" if branch.kind == "after" else branch.when
        cause = {"timed": "comes in any case", "after": "after: ", "if done": "if done: ", "unless done": "unless done: "}[branch.kind] + branch.because
        opens = f"opens {', '.join(branch.opens)}" if branch.opens else "opens nothing"
        parts.append(
            f'<text x="0" y="{y - 20}">{escape(cause[:62])}</text><text x="0" y="{y - 4}" opacity="0.75">{escape(when)}</text>'
            f'<line x1="400" x2="468" y1="{y - 18}" y2="{y - 18}" stroke="{colour}" stroke-width="2"/>'
            f'<path d="M468 {y - 23} l8 5 l-8 5 z" fill="{colour}"/>'
            f'<rect x="480" y="{y - 38}" width="460" height="40" rx="6" fill="none" stroke="{colour}"/>'
            f'<text x="492" y="{y - 20}" font-weight="600">{escape(branch.inject)}</text><text x="492" y="{y - 5}" opacity="0.75">{escape(opens[:66])}</text>'
        )
    reacting = sum(branch.kind != "timed" for branch in found)
    return (
        f"<h2>Branches</h2><p class='quiet small'>{reacting} of {len(found)} hang on what the trainee does or leaves undone.</p>"
        f'<svg viewBox="0 0 950 {y + 12}" width="100%" role="img" aria-label="What comes, and because of what">{"".join(parts)}</svg>'
    )


def told_apart(held: Library, id: str) -> str:
    """What each criterion tells of the exemplary trainee and the others."""
    rows = [
        [escape(s.criterion), f"{100 * s.exemplary:.0f} %", f"{100 * s.others:.0f} %", f"{s.auc:.2f}", str(s.plays)]
        for s in workbench.discrimination(held, id, SEEDS)
    ]  # fmt: skip
    return (
        "<h2>What each criterion tells</h2><p class='quiet small'>0.50 tells nothing here; below it, the others do better than the exemplary trainee.</p>"
        + pages.table(rows, ["Criterion", "Exemplary earns", "Others earn", "Area", "Plays"])
    )


def faults(problems: list[dict[str, object]]) -> str:
    """What is wrong, on its line of its file."""
    rows = [[escape(f"{p['file']}:{p['line']}"), escape(str(p["key"])), escape(str(p["message"]))] for p in problems]
    return pages.table(rows, ["Where", "Key", "What is wrong, and what to do"])


def open_author(scenario: str, folder: str = "") -> widgets.Widget:
    """The view of a notebook."""
    return AuthorView(Path(folder) if folder else None, scenario).box

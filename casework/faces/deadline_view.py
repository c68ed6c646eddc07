"""A deadline calculator to keep open at work: pick a clause and a day, and see each day counted or passed."""

from __future__ import annotations

from datetime import date
from html import escape
from pathlib import Path
from typing import Any

import ipywidgets as widgets

from casework import workbench
from casework.faces import pages
from casework.model.errors import BadInput
from casework.model.library import Library

OWN_PLACE = "the clause's own place"


class DeadlineView:
    """The calculator on screen. It shows what `casework due` prints, and decides nothing itself."""

    def __init__(self, held: Library, clause: str, start: str, calendar: str) -> None:
        self.held = held
        timed = [row["clause"] for row in workbench.policy_list(held, None, False) if "clock" in row]
        wide = widgets.Layout(width="96%")
        self.find = widgets.Text(description="Find", placeholder="complaint, 28 days, invoice …", layout=wide)
        self.clause = widgets.Dropdown(description="Clause", options=list(dict.fromkeys(timed)), layout=wide)
        self.start = widgets.Text(description="From", value=start, placeholder="2026-03-03 or 2026-12-04T17:20", layout=wide)
        self.calendar = widgets.Dropdown(description="Calendar", options=[OWN_PLACE, *sorted(held.calendars)], layout=wide)
        self.clause.value = held.full_clause_id(clause)
        self.calendar.value = calendar or OWN_PLACE
        self.every = tuple(self.clause.options)
        self.answer = widgets.HTML()
        self.find.observe(lambda _: self._narrow(), names="value")
        for control in (self.clause, self.start, self.calendar):
            control.observe(lambda _: self._show(), names="value")
        left = widgets.VBox([self.find, self.clause, self.start, self.calendar], layout=widgets.Layout(width="38%"))
        self.box = widgets.HBox([left, widgets.VBox([self.answer], layout=widgets.Layout(width="62%"))])
        self._show()

    def _narrow(self) -> None:
        """Only the clauses in whose id or words everything typed is found; all of them if nothing fits."""
        words = self.find.value.casefold().split()
        text = {ref: " ".join([ref, *(f"{c.says} {c.clock.lasts if c.clock else ''}" for c in self.held.versions(ref))]).casefold() for ref in self.every}
        fitting = [ref for ref in self.every if all(word in text[ref] for word in words)]
        self.clause.options = fitting or self.every

    def _show(self) -> None:
        calendar = None if self.calendar.value == OWN_PLACE else self.calendar.value
        try:
            found = workbench.due(self.held, self.clause.value, self.start.value.strip(), calendar, None)
        except BadInput as error:
            self.answer.value = pages.fragment(f"<p class='chip over'>{escape(str(error))}</p>")
            return
        self.answer.value = pages.fragment(_page(found))


def _page(found: dict[str, Any]) -> str:
    """The deadline, its reasons, its mark, its warnings and the other clocks of the same event."""
    day = date.fromisoformat(found["due_on"])
    steps = [[escape(s["on"]), f"{date.fromisoformat(s['on']):%a}", "counts" if s["counted"] else "passed", escape(s["why"])] for s in found["steps"]]
    others = [[escape(o["clause"]), escape(o["side"]), escape(o["lasts"]), escape(_when(o["due_at"]))] for o in found["also"]]
    unsure = f" <span class='chip over'>to be confirmed: {escape(found['confirm'])}</span>" if found["confirm"] else ""
    warned = f"<p class='small'>Amber {_when(found['amber_at'])}, red {_when(found['red_at'])}{', to the handler from ' + _when(found['handler_at']) if found['handler_at'] else ''}.</p>" if found["amber_at"] else ""
    return (
        f"<div class='big num'>{day:%A} {day.day} {day:%B %Y}, {escape(found['due_at'][11:16])}</div>"
        f"<p>{escape(found['says'])}</p><p class='small quiet'>{escape(found['clause'])}, by {escape(found['calendar'])}; "
        f"{escape(found['mark'])}: {escape(found['source'])}{unsure}</p>{warned}"
        + pages.table(steps, ["Day", "", "", "Why"])
        + ("<h3>The same event also starts</h3>" + pages.table(others, ["Clause", "Side", "Lasts", "Due"]) if others else "")
    )


def _when(at: str) -> str:
    return f"{date.fromisoformat(at[:10]):%a %d %b %Y}, {at[11:16]}"


def open_calculator(clause: str, start: str, calendar: str = "", content: str = "") -> widgets.HBox:
    """The calculator for a notebook; `calendar` empty counts by the clause's own place."""
    held = workbench.library(Path(content) if content else None)
    return DeadlineView(held, clause, start, calendar).box

"""The room: the practice desk in a browser with no code in sight, opened by each trainee's own token."""

from __future__ import annotations

import os
from html import escape
from pathlib import Path

import ipywidgets as widgets

from casework import workbench
from casework.faces import pages
from casework.faces.practice_view import PracticeView
from casework.model.errors import BadInput
from casework.model.library import Library


class RoomView:
    """Asks for a token, then shows the desk of its owner: the session under way on this work, or a new one."""

    def __init__(self, library: Library, scenario: str, seed: int, store: str | None, mode: str = "practice") -> None:
        self.library, self.scenario, self.seed, self.store, self.mode = library, scenario, seed, store, mode
        self.token = widgets.Password(description="Your token", continuous_update=False, layout=widgets.Layout(width="420px"))
        self.open = widgets.Button(description="Open the desk", button_style="primary")
        self.said = widgets.HTML()
        self.open.on_click(lambda _: self._enter())
        head = widgets.HTML(pages.fragment("<h1>Practice room</h1><p>Your trainer has given you a token. It opens your own desk, and nobody else's.</p>" + self._said_of_mode()))
        self.box = widgets.VBox([head, self.token, self.open, self.said])

    def _said_of_mode(self) -> str:
        """What a trainee should know before the clock of an assessment starts."""
        if self.mode != "assessment":
            return ""
        rule = self.library.framework.assessment if self.library.framework is not None else None
        cases = len(workbench.caseload(self.library, self.scenario, self.seed).cases)
        minutes = f"{rule.minutes_for_a_case * cases} minutes of real time from the moment you open the desk" if rule else "a fixed time"
        return (
            f"<p><b>This is an assessment.</b> It is sat once: you have {minutes}, there are no hints, and the time runs on if you close the page. "
            "What you have done by then is handed in by itself.</p>"
        )

    def _enter(self) -> None:
        try:
            access = workbench.open_access(self.library, self.store, self.token.value.strip() or "none", make=False)
            under_way = workbench.find_under_way(access, self.scenario, self.seed, self.mode)
            sitting = under_way or workbench.begin_session(access, self.scenario, self.seed, self.mode)
        except BadInput as error:
            self.said.value = f"<p role='alert'>{escape(str(error))}</p>"
            return
        self.token.value = ""
        self.box.children = (PracticeView(access, sitting).box,)


def open_room() -> widgets.Widget:
    """The room as `casework practise --room` set it up, by its environment."""
    content = os.environ.get("CASEWORK_ROOM_CONTENT")
    library = workbench.library(Path(content) if content else None)
    scenario, seed = os.environ.get("CASEWORK_ROOM_SCENARIO", "first-morning"), int(os.environ.get("CASEWORK_ROOM_SEED", "1"))
    return RoomView(library, scenario, seed, None, os.environ.get("CASEWORK_ROOM_MODE", "practice")).box

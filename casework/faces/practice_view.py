"""A sitting as a whole: the desk, with pausing, starting again and another day; a warning first where danger is the subject."""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from pathlib import Path

import ipywidgets as widgets

from casework import workbench
from casework.faces import pages
from casework.faces.desk_view import DeskView
from casework.model import worktime
from casework.model.decisions import Header
from casework.model.errors import BadInput

HELPLINES = "vulnerability.helplines"


class PracticeView:
    """Shows one desk at a time. Leaving one keeps it; nothing at a desk moves while nobody decides."""

    def __init__(self, access: workbench.Access, sitting: workbench.Sitting) -> None:
        self.access = access
        self.said = widgets.HTML()
        narrow = {"layout": {"width": "auto", "flex": "1 1 auto"}}
        self.pause = widgets.Button(description="Pause", **narrow)
        self.again = widgets.Button(description="Start again…", **narrow)
        self.other = widgets.Button(description="Another day…", **narrow)
        self.seed = widgets.BoundedIntText(description="Seed", min=1, max=999_999, layout=widgets.Layout(width="180px"))
        self.yes, self.no = widgets.Button(description="Yes, begin", button_style="primary"), widgets.Button(description="No, stay here")
        self.bar = widgets.HBox(layout=widgets.Layout(width="97%", flex_flow="row wrap"))
        self.box = widgets.VBox()
        self.pause.on_click(lambda _: self._pause())
        self.again.on_click(lambda _: self._ask(self.header.seed))
        self.other.on_click(lambda _: self._ask(None))
        self.yes.on_click(lambda _: self._begin(self.seed.value))
        self.no.on_click(lambda _: self._show())
        self._open(sitting)

    @property
    def header(self) -> Header:
        return self.view.session.header

    @property
    def name(self) -> str:
        return str(self.header.caseload or self.header.scenario)

    @property
    def _dangerous(self) -> bool:
        session = self.view.session
        return not session.closed and any(case.scenario.danger for case in session.caseload.cases)

    def _open(self, sitting: workbench.Sitting) -> None:
        self.view = DeskView(self.access, sitting)
        if self._dangerous:
            self._warn()
        else:
            self._show()

    def _show(self) -> None:
        # An assessment is sat through: its time runs on, and there is one day.
        free = self.header.mode != "assessment"
        leave = (self._button("Leave", self._leave),) if self._dangerous else ()
        self.bar.children = (*((self.pause, self.again, self.other) if free else ()), *leave)
        self.said.value = ""
        self.view.aside.children = (self.bar, self.said)
        self.box.children = (self.view.box,)

    def _pause(self) -> None:
        now = worktime.local(self.view.session.caseload.office, self.view.session.now)
        self._page(
            "Paused",
            f"It is {now:%A %H:%M} at the desk, and stays so: time there passes only with what you do. "
            "Everything up to here is kept; close this page if you like, and go on another day.",
            self._button("Go on", self._show),
        )  # fmt: skip

    def _ask(self, seed: int | None) -> None:
        """Another sitting is begun only when it has been asked for twice; an assessment has no other."""
        if self.header.mode == "assessment":
            return
        fresh = seed is None
        self.seed.value = self.header.seed + 1 if seed is None else seed
        self.bar.children = (*((self.seed,) if fresh else ()), self.yes, self.no)
        what = "Another day has other names, dates and sums." if fresh else "The same day again, from its first minute."
        kept = "" if self.view.session.closed else " This attempt stays as it is, unfinished and unmarked."
        self.said.value = pages.part(f"<p role='status'>{what}{kept}</p>")

    def _begin(self, seed: int) -> None:
        if self.header.mode == "assessment":
            return
        try:
            sitting = workbench.begin_session(self.access, self.name, seed, self.header.mode)
        except BadInput as error:
            self.said.value = pages.part(f"<p role='alert'>{escape(str(error))}</p>")
            return
        self.said.value = ""
        self._open(sitting)

    def _warn(self) -> None:
        """Said before anything is seen, with a way out that costs nothing."""
        self._page(
            "Before you open this desk",
            "This case is about someone who may be in immediate danger. You may leave now or at any moment: what is "
            "left is not marked, and nobody is told a score. If it comes close to you, talk to someone you trust.",
            self._button("Open the desk", self._show), self._button("Leave", self._leave),
        )  # fmt: skip

    def _leave(self) -> None:
        day = worktime.local(self.view.session.caseload.office, self.view.session.now).date()
        known = HELPLINES in self.access.library.clause_ids
        help_ = self.access.library.clause(HELPLINES, day).says if known else "Your own doctor, or someone you trust."
        self._page("You have left the desk", f"Nothing is marked. Where to find help: {help_}", self._button("Open it after all", self._show))

    def _page(self, head: str, words: str, *buttons: widgets.Button) -> None:
        body = pages.part(f"<div class='paperdoc'><h2>{escape(head)}</h2><p>{escape(words)}</p></div>")
        self.box.children = (widgets.HTML(body), widgets.HBox(list(buttons)))

    def _button(self, words: str, act: Callable[[], None]) -> widgets.Button:
        button = widgets.Button(description=words, layout=widgets.Layout(width="auto"))
        button.on_click(lambda _: act())
        return button


def open_desk(scenario: str, seed: int, session: str = "", store: str = "", content: str = "", mode: str = "practice") -> widgets.Widget:
    """The desk of a session to go on with: the one named, or one's own under way on this work, or a new one; kept in the store."""
    access = workbench.open_access(workbench.library(Path(content) if content else None), store or None)
    if session:
        return PracticeView(access, workbench.resume_session(access, session)).box
    sitting = workbench.find_under_way(access, scenario, seed, mode) or workbench.begin_session(access, scenario, seed, mode)
    return PracticeView(access, sitting).box

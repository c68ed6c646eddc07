"""A plain practice desk in ipywidgets: it shows a session and emits actions, and decides nothing itself."""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from pathlib import Path
from typing import Any

import ipywidgets as widgets

from casework import workbench
from casework.faces import pages
from casework.model import worktime
from casework.model.checks import ACTIONS
from casework.model.errors import BadInput, StaleWrite
from casework.model.scenarios import Step
from casework.practice import desk, labels

FIELDS: dict[str, tuple[str, ...]] = {
    "index": ("as",), "log": ("as",), "diarise": ("for", "text"), "escalate": ("to", "text"), "call": ("to", "text"),
    "reply": ("to", "text"), "acknowledge": ("to", "text"), "request": ("to", "text"), "chase": ("to", "text"),
    "note": ("text",), "resolve": ("acceptance",), "give_opinion": ("to", "text"), "disclose": ("to", "text"),
    "verify": ("to",), "hand_over": ("to", "text"), "promise": ("to", "text"), "approve_spend": ("amount",),
}  # fmt: skip


class DeskView:
    """The desk on screen. `sitting` is what is shown and what is kept; every button replaces it by what was kept."""

    def __init__(self, access: workbench.Access, sitting: workbench.Sitting) -> None:
        self.access, self.sitting = access, sitting
        cases = sitting.session.caseload.cases
        first = cases[0].key
        self.case = widgets.Dropdown(options=[c.key for c in cases], value=first, description="Case")
        self.tray = widgets.Select(options=[], rows=8, description="Tray")
        self.action = widgets.Dropdown(options=[a for a in ACTIONS if a not in ("say", "wait")], value="read", description="Action")
        self.to = widgets.Dropdown(options=[], description="To")
        self.kind = widgets.Dropdown(options=[], description="As")
        self.for_ = widgets.Text(description="Date", placeholder="2026-03-31")
        self.acceptance = widgets.Dropdown(options=["", "spoken", "written", "none"], description="Acceptance")
        self.amount = widgets.Text(description="Amount")
        self.text = widgets.Textarea(description="Words", rows=3, layout=widgets.Layout(width="95%"))
        self.cost = widgets.HTML()
        self.do = widgets.Button(description="Do it", button_style="primary")
        self.wait = widgets.Button(description="Wait for the next thing")
        self.close = widgets.Button(description="Finish and debrief")
        self.clock, self.paper, self.said, self.report = (widgets.HTML() for _ in range(4))
        self.talk = widgets.VBox()
        wide = (self.case, self.tray, self.action, self.to, self.kind, self.for_, self.acceptance, self.amount)
        for control in (*wide, self.wait, self.close, self.do):
            control.layout.width = "96%"
        self.do.on_click(lambda _: self._act())
        self.wait.on_click(lambda _: self._wait())
        self.close.on_click(lambda _: self._finish())
        for control in (self.case, self.tray, self.action):
            control.observe(lambda _: self._show(), names="value")
        action = [self.action, self.to, self.kind, self.for_, self.acceptance, self.amount, self.text, self.cost, self.do]
        left = widgets.VBox([self.case, self.tray, self.wait, self.close], layout=widgets.Layout(width="28%"))
        middle = widgets.VBox([self.paper, self.talk], layout=widgets.Layout(width="42%"))
        right = widgets.VBox([*action, self.said], layout=widgets.Layout(width="30%"))
        self.box = widgets.VBox([self.clock, widgets.HBox([left, middle, right]), self.report])
        self._show()

    @property
    def session(self) -> desk.Session:
        return self.sitting.session

    def _show(self) -> None:
        key = self.case.value
        case = self.session.caseload.case(key)
        read = {e.item for e in self.session.events if e.event == "decided" and e.case == key and e.do in ("read", "answer")}
        papers = self.session.visible(key)
        options = [(f"{'' if p.id in read else '● '}{p.title} · {p.channel}", p.id) for p in papers]
        if tuple(options) != tuple(self.tray.options):
            chosen = self.tray.value
            self.tray.options = options
            self.tray.value = chosen if chosen in {p.id for p in papers} else (papers[-1].id if papers else None)
        self.to.options = [("", ""), *((f"{p.name} ({p.role.replace('_', ' ')})", p.id) for p in case.parties.values())]
        wanted = FIELDS.get(self.action.value, ("text",) if self.action.value not in ("read", "answer", "delete") else ())
        for name, control in (
            ("to", self.to), ("as", self.kind), ("for", self.for_), ("acceptance", self.acceptance),
            ("amount", self.amount), ("text", self.text),
        ):  # fmt: skip
            control.layout.display = "" if name in wanted else "none"
        kinds = desk.LOGGED_AS if self.action.value == "log" else labels.document_types(self.access.library)
        if tuple(self.kind.options) != ("", *kinds):
            self.kind.options = ("", *kinds)
        now = worktime.local(case.office, self.session.now)
        closes = worktime.local(case.office, self.session.caseload.closes)
        self.clock.value = pages.fragment(
            f"<h1>{escape(case.scenario.title)} <span class='chip num'>{now:%a %d %b · %H:%M}</span> "
            f"<span class='chip'>desk closes {closes:%a %d %b %H:%M}</span> "
            f"<span class='chip quiet'>kept as session {escape(self.sitting.id)}</span></h1><p>{escape(case.text(case.scenario.brief))}</p>"
        )
        minutes = desk.effort(self.session, key, self.action.value)
        self.cost.value = f"<span>Takes {minutes} minutes</span>"
        self._show_paper(key)

    def _show_paper(self, key: str) -> None:
        case, item = self.session.caseload.case(key), self.tray.value
        paper = case.papers.get(item or "")
        self.talk.children = ()
        if paper is None:
            self.paper.value = "<p>Nothing has arrived yet. Wait, or act on the file.</p>"
            return
        body = f"<div style='white-space:pre-wrap;font:15px/1.6 Georgia,serif'>{escape(paper.document)}</div>"
        answered = any(e.do == "answer" and e.item == item and e.case == key for e in self.session.events)
        if paper.inject is not None and paper.inject.conversation:
            turn = desk.next_turn(self.session, key, paper.id)
            body = "<p>The telephone rings. Choose <b>answer</b> to take the call.</p>"
            if answered and turn is not None:
                body = f"<p>“{escape(case.text(turn.heard))}”</p>"
                self.talk.children = tuple(self._choice(key, paper.id, c.id, case.text(c.say)) for c in turn.choices)
            elif answered:
                body = "<p>The call is over. Note what was said.</p>"
        self.paper.value = f"<div style='padding:4px 16px'><h2>{escape(paper.title)}</h2>{body}</div>"

    def _choice(self, key: str, item: str, id: str, words: str) -> widgets.Button:
        button = widgets.Button(description=words, tooltip=words, layout=widgets.Layout(width="98%", height="auto"))
        button.style.white_space = "normal"
        button.on_click(lambda _: self._decide(key, {"do": "say", "item": item, "choice": id}))
        return button

    def _act(self) -> None:
        wanted = FIELDS.get(self.action.value, ("text",))
        values = {
            "to": self.to.value, "as": self.kind.value, "for": self.for_.value, "acceptance": self.acceptance.value,
            "amount": self.amount.value, "text": self.text.value,
        }  # fmt: skip
        step: dict[str, Any] = {name: value.strip() for name, value in values.items() if name in wanted and value and value.strip()}
        loose = ("note", "escalate", "call", "request", "chase", "log", "diarise")
        if self.tray.value and (self.action.value not in loose or self.action.value in ("escalate", "log", "diarise")):
            step["item"] = self.tray.value
        self._decide(self.case.value, {"do": self.action.value, **step})

    def _decide(self, key: str, step: dict[str, Any]) -> None:
        done = f"Done: {escape(str(step['do']).replace('_', ' '))}."
        try:
            asked = Step.model_validate(step)
        except ValueError as error:
            self.said.value = f"<p role='alert'>{escape(str(error))}</p>"
            return
        if self._keep(done, lambda: workbench.decide(self.access, self.sitting.id, self.sitting, key, asked)):
            self.text.value = ""

    def _wait(self) -> None:
        now, closes = self.session.now, self.session.caseload.closes
        until = min([p.at for p in self.session.pending if now < p.at <= closes], default=closes)
        self._keep("Time has passed.", lambda: workbench.wait(self.access, self.sitting.id, self.sitting, until))

    def _finish(self) -> None:
        if not self._keep("The desk has closed.", lambda: workbench.finish_session(self.access, self.sitting.id, self.sitting)):
            return
        self.report.value = "".join(map(pages.debrief_page, workbench.debrief_of(self.access, self.sitting.id)))
        self.do.disabled = self.wait.disabled = self.close.disabled = True

    def _keep(self, done: str, step: Callable[[], workbench.Sitting]) -> bool:
        """Takes a step and shows it only once the store has it; otherwise says why, with what is there now."""
        try:
            self.sitting = step()
        except StaleWrite as error:
            self.sitting = workbench.resume_session(self.access, self.sitting.id)
            self.said.value = f"<p role='alert'>Another tab has gone on with this session: {escape(str(error))}</p>"
            self._show()
            return False
        except BadInput as error:
            self.said.value = f"<p role='alert'>{escape(str(error))}</p>"
            return False
        self.said.value = f"<p>{done}</p>"
        self._show()
        return True


def open_desk(scenario: str, seed: int, session: str = "", store: str = "", content: str = "") -> widgets.Widget:
    """The desk of a new session, or of one to go on with, kept in the store."""
    access = workbench.open_access(workbench.library(Path(content) if content else None), store or None)
    sitting = workbench.resume_session(access, session) if session else workbench.begin_session(access, scenario, seed)
    return DeskView(access, sitting).box

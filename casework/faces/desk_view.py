"""A plain practice desk in ipywidgets: it shows a session and emits actions, and decides nothing itself."""

from __future__ import annotations

import secrets
from html import escape
from pathlib import Path
from typing import Any

import ipywidgets as widgets

from casework import workbench
from casework.edges import logfiles
from casework.faces import pages
from casework.model import worktime
from casework.model.checks import ACTIONS
from casework.model.errors import ActionRefused
from casework.model.scenarios import Step
from casework.practice import desk
from casework.quality import coaching

FIELDS: dict[str, tuple[str, ...]] = {
    "index": ("as",), "log": ("as",), "diarise": ("for", "text"), "escalate": ("to", "text"), "call": ("to", "text"),
    "reply": ("to", "text"), "acknowledge": ("to", "text"), "request": ("to", "text"), "chase": ("to", "text"),
    "note": ("text",), "resolve": ("acceptance",), "give_opinion": ("to", "text"), "disclose": ("to", "text"),
    "verify": ("to",), "hand_over": ("to", "text"), "promise": ("to", "text"), "approve_spend": ("amount",),
}  # fmt: skip


class DeskView:
    """The desk on screen. `session` is the value shown; every button replaces it."""

    def __init__(self, session: desk.Session, folder: Path | None, out: str) -> None:
        self.session, self.folder, self.out = session, folder, out
        first = session.caseload.cases[0].key
        self.case = widgets.Dropdown(options=[c.key for c in session.caseload.cases], value=first, description="Case")
        self.tray = widgets.Select(options=[], rows=8, description="Tray")
        self.action = widgets.Dropdown(options=[a for a in ACTIONS if a not in ("say", "wait")], value="read", description="Action")
        self.to = widgets.Dropdown(options=[], description="To")
        self.kind = widgets.Text(description="As", placeholder="rule 7 letter, complaint, …")
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
        now = worktime.local(case.office, self.session.now)
        closes = worktime.local(case.office, self.session.caseload.closes)
        self.clock.value = pages.fragment(
            f"<h1>{escape(case.scenario.title)} <span class='chip num'>{now:%a %d %b · %H:%M}</span> "
            f"<span class='chip'>desk closes {closes:%a %d %b %H:%M}</span></h1><p>{escape(case.text(case.scenario.brief))}</p>"
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
        try:
            self.session = desk.decide(self.session, key, Step.model_validate(step))
        except (ActionRefused, ValueError) as error:
            self.said.value = f"<p role='alert'>{escape(str(error))}</p>"
            return
        self.said.value = f"<p>Done: {escape(step['do'].replace('_', ' '))}.</p>"
        self.text.value = ""
        self._keep()
        self._show()

    def _wait(self) -> None:
        later = [p.at for p in self.session.pending if self.session.now < p.at <= self.session.caseload.closes]
        self.session = desk.wait_until(self.session, min(later, default=self.session.caseload.closes))
        self.said.value = "<p>Time has passed.</p>"
        self._show()

    def _finish(self) -> None:
        self.session = desk.finish(self.session)
        self._keep()
        log = self.session.log()
        cards = workbench.score(self.session.library, log)
        self.report.value = "".join(
            pages.debrief_page(coaching.debrief(self.session.record(card.case), card)) for card in cards
        )
        self.do.disabled = self.wait.disabled = self.close.disabled = True

    def _keep(self) -> None:
        if self.out:
            logfiles.save(self.session.log(), self.session.texts, Path(self.out))


def open_desk(scenario: str, seed: int, trainee: str, out: str = "", content: str = "") -> widgets.Widget:
    """The desk of a new session; texts are salted with a random key of this session alone."""
    folder = Path(content) if content else None
    held = workbench.library(folder)
    work = workbench.caseload(held, scenario, seed)
    session = desk.open_session(held, work, trainee, "practice", salt_key=secrets.token_hex(16))
    return DeskView(session, folder, out).box

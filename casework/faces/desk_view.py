"""The practice desk in ipywidgets: it shows a session and emits actions, and decides nothing itself."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from html import escape
from pathlib import Path
from typing import Any

import ipywidgets as widgets

from casework import workbench
from casework.faces import desk_panes
from casework.faces.controls import OwnKeys, StepButton
from casework.faces.debrief_view import DebriefView
from casework.model import worktime
from casework.model.checks import ACTIONS
from casework.model.errors import BadInput, StaleWrite
from casework.model.scenarios import Step
from casework.practice import desk, labels, tray

FIELDS: dict[str, tuple[str, ...]] = {
    "index": ("as",), "log": ("as",), "diarise": ("for", "text"), "escalate": ("to", "text"), "call": ("to", "text"),
    "reply": ("to", "text"), "acknowledge": ("to", "text"), "request": ("to", "waiting", "text"), "chase": ("to", "waiting", "text"),
    "note": ("text",), "resolve": ("acceptance",), "give_opinion": ("to", "text"), "disclose": ("to", "text"),
    "verify": ("to",), "hand_over": ("to", "text"), "promise": ("to", "text"), "approve_spend": ("amount",),
    "read": (), "answer": (), "delete": (),
}  # fmt: skip
# Acts on the case rather than on the paper that happens to be open.
LOOSE = ("note", "call", "request", "chase")
JUDGEMENTS = ("escalate", "reply", "acknowledge", "log", "index", "diarise", "resolve", "disclose", "hand_over", "promise", "give_opinion")
SHOWN = ("All", "Unread", "Due", "Unhandled")


class DeskView:
    """The desk on screen. `sitting` is what is shown and what is kept; every button replaces it by what was kept."""

    def __init__(self, access: workbench.Access, sitting: workbench.Sitting) -> None:
        self.access, self.sitting, self.since = access, sitting, len(sitting.session.events)
        self.types = labels.document_types(access.library)
        def wide() -> widgets.Layout:  # One each: what hides a control must not hide its neighbours.
            return widgets.Layout(width="96%")

        def choose(description: str, options: Any = ()) -> widgets.Dropdown:
            return widgets.Dropdown(options=options, description=description, layout=wide())

        self.case = choose("Case", [(c.scenario.title, c.key) for c in self.session.caseload.cases])
        self.shown = widgets.ToggleButtons(options=SHOWN, description="Show", style={"button_width": "auto"})
        self.tray = widgets.Select(options=[], rows=14, description="Tray", layout=wide(), style={"description_width": "36px"})
        self.action = choose("Action", [(a.replace("_", " "), a) for a in ACTIONS if a not in ("say", "wait", "reflect", "appeal")])
        self.to, self.kind, self.cites = choose("To"), choose("As"), widgets.Combobox(continuous_update=False, description="Clause", ensure_option=False, layout=wide())
        self.waiting = choose("Waiting for", ["", "member", "third party", "clarification"])
        self.for_ = widgets.Text(continuous_update=False, description="Date", placeholder="2026-03-31", layout=wide())
        self.acceptance = choose("Acceptance", ["", *labels.ACCEPTANCES])
        self.amount = widgets.Text(continuous_update=False, description="Amount", placeholder="£120.00", layout=wide())
        # Words are sent when their field is left: sent letter by letter, the last could arrive after the click.
        self.text = widgets.Textarea(continuous_update=False, description="Words", rows=4, layout=wide())
        self.sure = widgets.ToggleButtons(
            options=[("Not said", ""), ("Guessing", "guessing"), ("Fairly", "fairly"), ("Sure", "sure")],
            description="How sure", style={"button_width": "auto"},
        )  # fmt: skip
        self.do = StepButton(description="Do it", primary=True)
        self.wait = StepButton(description="Wait for the next thing")
        self.close = widgets.Button(description="Finish…", layout=wide())
        self.clock, self.paper, self.running, self.said, self.cost, self.now = (widgets.HTML() for _ in range(6))
        self.file, self.history, self.found = (widgets.HTML() for _ in range(3))
        self.find = widgets.Text(description="Find", placeholder="complaint, invoice, 28 days …", layout=wide())
        self.cites.options = tuple(self.access.library.clause_ids)
        self.talk = widgets.VBox()
        self.end = widgets.VBox()
        self.panes = widgets.Tab([
            widgets.VBox([self.paper, self.talk, self.running]), self.file, self.history, widgets.VBox([self.find, self.found]),
        ], titles=("Document", "Case file", "Chronology", "Handbook"))  # fmt: skip
        self._lay_out()
        self._listen()
        self._show()

    @property
    def session(self) -> desk.Session:
        return self.sitting.session

    def _lay_out(self) -> None:
        fields = [self.action, self.to, self.kind, self.for_, self.waiting, self.acceptance, self.amount, self.text, self.cites, self.sure]
        column = widgets.Layout
        left = widgets.VBox([self.case, self.shown, self.tray, self.wait, self.close], layout=column(width="31%", min_width="260px"))
        middle = widgets.VBox([self.panes], layout=column(width="42%", min_width="340px"))
        right = widgets.VBox([*fields, self.cost, self.do, self.said, self.now], layout=column(width="27%", min_width="250px"))
        self.work = widgets.HBox([left, middle, right])
        self.box = widgets.VBox([OwnKeys(), self.clock, self.work, self.end])

    def _listen(self) -> None:
        self.do.on_click(self._act)
        self.wait.on_click(self._wait)
        self.close.on_click(lambda _: self._ask_to_finish())
        for control in (self.case, self.shown, self.action):
            control.observe(lambda _: self._show(), names="value")
        self.tray.observe(lambda _: self._show_paper(), names="value")
        self.find.observe(lambda _: self._show_handbook(), names="value")

    # What is shown

    def _show(self) -> None:
        key = self.case.value
        case = self.session.caseload.case(key)
        self.do.step = self.wait.step = f"{self.sitting.head.n} {self.sitting.head.now_at.isoformat()}"
        self._show_tray(key)
        parties = [("", ""), *((f"{p.name} ({p.role.replace('_', ' ')})", p.id) for p in case.parties.values())]
        if list(self.to.options) != parties:
            self.to.options = parties
        kinds = ("", *(desk.LOGGED_AS if self.action.value == "log" else self.types))
        if tuple(self.kind.options) != kinds:
            self.kind.options = kinds
        self._show_fields()
        self.clock.value = desk_panes.top(self.session, key, self.session.header.mode, self.sitting.id)
        self.file.value = desk_panes.case_file(self.session, key)
        self.history.value = desk_panes.chronology(self.session, key)
        self.now.value = desk_panes.just_now(self.session, self.since, key)
        self._show_handbook()
        self._show_paper()

    def _show_tray(self, key: str) -> None:
        kept = {
            "All": lambda r: True, "Unread": lambda r: r.unread, "Due": lambda r: r.due_at is not None,
            "Unhandled": lambda r: not r.answered,
        }[self.shown.value]  # fmt: skip
        rows = [row for row in tray.rows(self.session, key) if kept(row)]
        options = [(desk_panes.option(row), row.paper.id) for row in rows]
        if list(self.tray.options) != options:
            chosen = self.tray.value
            self.tray.options = options
            ids = [row.paper.id for row in rows]
            self.tray.value = chosen if chosen in ids else (ids[0] if ids else None)

    def _show_fields(self) -> None:
        wanted = self._wanted()
        for name, control in (
            ("to", self.to), ("as", self.kind), ("for", self.for_), ("waiting", self.waiting), ("acceptance", self.acceptance),
            ("amount", self.amount), ("text", self.text),
        ):  # fmt: skip
            control.layout.display = "" if name in wanted else "none"
        judged = self.action.value in JUDGEMENTS
        self.cites.layout.display = self.sure.layout.display = "" if judged else "none"
        minutes = desk.effort(self.session, self.case.value, self.action.value)
        begins = desk.starts_at(self.session) if not self.session.closed else self.session.now
        office = self.session.caseload.office
        ends = worktime.local(office, begins) + (timedelta(minutes=minutes))
        later = "" if begins == self.session.now else f" (begins {worktime.local(office, begins):%a %H:%M}, when the office opens)"
        self.cost.value = f"<span>Takes {minutes} minutes → {ends:%a %H:%M}{later}</span>"

    def _wanted(self) -> tuple[str, ...]:
        return FIELDS.get(self.action.value, ("text",))

    def _show_handbook(self) -> None:
        self.found.value = desk_panes.handbook(self.session, self.case.value, self.find.value)

    def _show_paper(self) -> None:
        key, item = self.case.value, self.tray.value
        self.paper.value = desk_panes.document(self.session, key, item)
        self.running.value = desk_panes.clocks_of(self.session, key, item)
        self.talk.children = ()
        paper = self.session.caseload.case(key).papers.get(item or "")
        answered = any(e.do == "answer" and e.item == item and e.case == key for e in self.session.events)
        if paper is not None and answered and not self.session.closed:
            turn = desk.next_turn(self.session, key, paper.id)
            case = self.session.caseload.case(key)
            if turn is not None:
                buttons = [self._choice(key, paper.id, c.id, case.text(c.say)) for c in turn.choices]
                self.talk.children = (*buttons, *(self._own_words(key, paper.id) if turn.own_words else ()))

    def _choice(self, key: str, item: str, id: str, words: str) -> StepButton:
        button = StepButton(description=words, step=self.do.step)
        self._once(button, lambda: self._decide(key, {"do": "say", "item": item, "choice": id}))
        return button

    def _once(self, button: StepButton, act: Callable[[], None]) -> None:
        """A button of one turn of a call: pressed again once the call has gone on, it does nothing."""
        button.on_click(lambda: act() if button.step == self.do.step else None)

    def _own_words(self, key: str, item: str) -> tuple[widgets.Widget, ...]:
        words = widgets.Textarea(continuous_update=False, description="Or say", rows=2, layout=widgets.Layout(width="96%"))
        button = StepButton(description="Say it", step=self.do.step)
        self._once(button, lambda: self._decide(key, {"do": "say", "item": item, "text": words.value.strip()}))
        return words, button

    # What is emitted

    def _act(self) -> None:
        wanted, judged = self._wanted(), self.action.value in JUDGEMENTS
        values = {
            "to": self.to.value, "as": self.kind.value, "for": self.for_.value, "waiting_for": self.waiting.value,
            "acceptance": self.acceptance.value, "amount": self.amount.value, "text": self.text.value,
        }  # fmt: skip
        asked = {"waiting_for": "waiting"}
        step: dict[str, Any] = {
            name: value.strip() for name, value in values.items()
            if asked.get(name, name) in wanted and value and value.strip()
        }  # fmt: skip
        if judged:
            step |= {name: value for name, value in (("cites", self.cites.value.strip()), ("confidence", self.sure.value)) if value}
        if self.tray.value and self.action.value not in LOOSE:
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
            self.text.value = self.cites.value = self.sure.value = ""

    def _wait(self) -> None:
        now, closes = self.session.now, self.session.caseload.closes
        until = min([p.at for p in self.session.pending if now < p.at <= closes], default=closes)
        self._keep("Time has passed.", lambda: workbench.wait(self.access, self.sitting.id, self.sitting, until))

    def _ask_to_finish(self) -> None:
        """The self-debrief, asked before any score is shown; the desk closes when it is sent."""
        self.end.children = DebriefView.ask(self._finish)

    def _finish(self, words: str) -> None:
        if not self._keep("The desk has closed.", lambda: workbench.finish_session(self.access, self.sitting.id, self.sitting)):
            return
        if words and not any(e.event == "remarked" for e in self.session.events):
            self._keep("Kept.", lambda: workbench.reflect(self.access, self.sitting.id, self.sitting, words))
        for control in (self.do, self.wait, self.close):
            control.disabled = True
        self.end.children = (DebriefView(self.access, self.sitting).box,)

    def _keep(self, done: str, step: Callable[[], workbench.Sitting]) -> bool:
        """Takes a step and shows it only once the store has it; otherwise says why, with what is there now."""
        before = len(self.session.events)
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
        self.since = before
        self.said.value = f"<p role='status'>{done}</p>"
        self._show()
        return True


def open_desk(scenario: str, seed: int, session: str = "", store: str = "", content: str = "") -> widgets.Widget:
    """The desk of a new session, or of one to go on with, kept in the store."""
    access = workbench.open_access(workbench.library(Path(content) if content else None), store or None)
    sitting = workbench.resume_session(access, session) if session else workbench.begin_session(access, scenario, seed)
    return DeskView(access, sitting).box



"""The practice desk in ipywidgets: it shows a session and emits actions, and decides nothing itself."""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from typing import Any

import ipywidgets as widgets

from casework import workbench
from casework.faces import desk_panes
from casework.faces.action_pane import ActionPane
from casework.faces.controls import Countdown, OwnKeys, StepButton, TrayList
from casework.faces.debrief_view import DebriefView
from casework.model.decisions import Help
from casework.model.errors import BadInput, StaleWrite, TimeIsUp
from casework.model.scenarios import Step
from casework.practice import desk, tray

SHOWN = ("All", "Unread", "Due", "Unhandled")


class DeskView:
    """The desk on screen. `sitting` is what is shown and what is kept; every button replaces it by what was kept."""

    def __init__(self, access: workbench.Access, sitting: workbench.Sitting) -> None:
        self.access, self.sitting, self.since = access, sitting, len(sitting.session.events)
        self.rows: desk_panes.Rows = ()

        def wide() -> widgets.Layout:
            return widgets.Layout(width="96%")

        self.act = ActionPane(access.library, self._act)
        self.case = widgets.Dropdown(options=[(c.scenario.title, c.key) for c in self.session.caseload.cases], description="Case", layout=wide())
        self.shown = widgets.ToggleButtons(options=SHOWN, description="Show", style={"button_width": "auto"})
        self.tray = TrayList()
        self.wait = StepButton(description="Wait for the next thing")
        self.close = widgets.Button(description="Finish…", layout=wide())
        self.clock, self.paper, self.running, self.said, self.now = (widgets.HTML() for _ in range(5))
        self.file, self.history, self.found, self.told = (widgets.HTML() for _ in range(4))
        self.find = widgets.Text(description="Find", placeholder="complaint, invoice, 28 days …", layout=wide())
        self.talk, self.end, self.aside = widgets.VBox(), widgets.VBox(), widgets.VBox()
        self.countdown = Countdown(ends_at=sitting.ends_at.isoformat() if sitting.ends_at is not None else "")
        self.hints = self._hint_buttons()
        self.panes = widgets.Tab([
            widgets.VBox([self.paper, self.talk, self.running, self.hints]), self.file, self.history, widgets.VBox([self.find, self.found]),
        ], titles=("Document", "Case file", "Chronology", "Handbook"))  # fmt: skip
        self._lay_out()
        self._listen()
        self._show()
        if self.session.closed:
            self._show_end()

    @property
    def session(self) -> desk.Session:
        return self.sitting.session

    def _hint_buttons(self) -> widgets.VBox:
        """Help at a price, in guided practice; in any other mode there is nothing to press."""
        if self.session.header.mode != "guided":
            return widgets.VBox()
        prices = self.access.library.get_rubric(workbench.MAIN_RUBRIC).hints

        def button(description: str, price: float, help_: Help) -> StepButton:
            made = StepButton(description=f"{description} (−{price:g} of 100)")
            made.on_click(lambda: self._hint(help_))
            return made

        self.look, self.rule = button("Where should I look?", float(prices.look), "look"), button("Which rule decides?", float(prices.rule), "rule")
        return widgets.VBox([self.told, widgets.HBox([self.look, self.rule])])

    def _lay_out(self) -> None:
        column = widgets.Layout
        left = widgets.VBox([self.case, self.shown, self.tray, self.wait, self.close, self.aside], layout=column(width="31%", min_width="260px"))
        middle = widgets.VBox([self.panes], layout=column(width="42%", min_width="340px"))
        right = widgets.VBox([self.act.box, self.said, self.now], layout=column(width="27%", min_width="250px"))
        self.work = widgets.HBox([left, middle, right])
        self.box = widgets.VBox([OwnKeys(), self.clock, self.countdown, self.work, self.end])

    def _listen(self) -> None:
        self.wait.on_click(self._wait)
        self.close.on_click(lambda _: self._ask_to_finish())
        self.countdown.on_over(self._time_is_up)
        for control in (self.case, self.shown):
            control.observe(lambda _: self._show(), names="value")
        self.tray.observe(lambda _: self._show_paper(), names="value")
        self.find.observe(lambda _: self._show_handbook(), names="value")

    # What is shown

    def _show(self) -> None:
        key = self.case.value
        self.wait.step = f"{self.sitting.head.n} {self.sitting.head.now_at.isoformat()}"
        self.rows = tray.rows(self.session, key)
        self._show_tray()
        self.act.show(self.session, key, self.wait.step)
        self.clock.value = desk_panes.top(self.session, key, self.sitting.id, self.rows)
        self.file.value = desk_panes.case_file(self.session, key, self.rows)
        self.history.value = desk_panes.chronology(self.session, key)
        self.now.value = desk_panes.just_now(self.session, self.since, key)
        self._show_handbook()
        self._show_paper()

    def _show_tray(self) -> None:
        kept = {
            "All": lambda r: True, "Unread": lambda r: r.unread, "Due": lambda r: r.due_at is not None,
            "Unhandled": lambda r: not r.answered,
        }[self.shown.value]  # fmt: skip
        self.tray.rows = [desk_panes.listed(row) for row in self.rows if kept(row)]
        if self.tray.value not in self.tray.ids:
            self.tray.value = next(iter(self.tray.ids), None)

    def _show_handbook(self) -> None:
        self.found.value = desk_panes.handbook(self.session, self.case.value, self.find.value)

    def _show_paper(self) -> None:
        key, item = self.case.value, self.tray.value
        self.paper.value = desk_panes.document(self.session, key, self.rows, item, self.shown.value)
        self.running.value = desk_panes.clocks_of(self.rows, item)
        self.talk.children = ()
        if self.session.header.mode == "guided":
            self.look.step = self.rule.step = self.wait.step
            self.told.value = desk_panes.hints(self.session, key, item)
        paper = self.session.caseload.case(key).papers.get(item or "")
        answered = any(e.do == "answer" and e.item == item and e.case == key for e in self.session.events)
        if paper is not None and answered and not self.session.closed:
            turn = desk.next_turn(self.session, key, paper.id)
            case = self.session.caseload.case(key)
            if turn is not None:
                buttons = [self._choice(key, paper.id, c.id, case.text(c.say)) for c in turn.choices]
                self.talk.children = (*buttons, *(self._own_words(key, paper.id) if turn.own_words else ()))

    def _choice(self, key: str, item: str, id: str, words: str) -> StepButton:
        button = StepButton(description=words, step=self.wait.step)
        self._once(button, lambda: self._decide(key, {"do": "say", "item": item, "choice": id}))
        return button

    def _once(self, button: StepButton, act: Callable[[], None]) -> None:
        """A button of one turn of a call: pressed again once the call has gone on, it does nothing."""
        button.on_click(lambda: act() if button.step == self.wait.step else None)

    def _own_words(self, key: str, item: str) -> tuple[widgets.Widget, ...]:
        words = widgets.Textarea(continuous_update=False, description="Or say", rows=2, layout=widgets.Layout(width="96%"))
        button = StepButton(description="Say it", step=self.wait.step)
        self._once(button, lambda: self._decide(key, {"do": "say", "item": item, "text": words.value.strip()}))
        return words, button

    # What is emitted

    def _act(self) -> None:
        self._decide(self.case.value, self.act.step(self.tray.value))

    def _decide(self, key: str, step: dict[str, Any]) -> None:
        done = f"Done: {escape(str(step['do']).replace('_', ' '))}."
        try:
            asked = Step.model_validate(step)
        except ValueError as error:
            self.said.value = f"<p role='alert'>{escape(str(error))}</p>"
            return
        if self._keep(done, lambda: workbench.decide(self.access, self.sitting.id, self.sitting, key, asked)):
            self.act.clear()

    def _wait(self) -> None:
        now, closes = self.session.now, self.session.caseload.closes
        until = min([p.at for p in self.session.pending if now < p.at <= closes], default=closes)
        self._keep("Time has passed.", lambda: workbench.wait(self.access, self.sitting.id, self.sitting, until))

    def _hint(self, help_: Help) -> None:
        key, item = self.case.value, self.tray.value
        self._keep("A hint stands under the paper.", lambda: workbench.take_hint(self.access, self.sitting.id, self.sitting, key, item, help_))

    def _ask_to_finish(self) -> None:
        """The self-debrief, asked before any score is shown; the desk closes when it is sent."""
        self.end.children = DebriefView.ask(self._finish)

    def _finish(self, words: str) -> None:
        if not self._keep("The desk has closed.", lambda: workbench.finish_session(self.access, self.sitting.id, self.sitting)):
            return
        if words and not any(e.event == "remarked" for e in self.session.events):
            self._keep("Kept.", lambda: workbench.reflect(self.access, self.sitting.id, self.sitting, words))
        self._show_end()

    def _time_is_up(self) -> None:
        """The browser's clock says that the sitting is over; the store's own clock decides."""
        if not self.session.closed:
            self._keep("", lambda: workbench.wait(self.access, self.sitting.id, self.sitting, self.session.now))

    def _show_end(self) -> None:
        for control in (self.act.do, self.wait, self.close):
            control.disabled = True
        self.countdown.ends_at = ""
        self.hints.children = ()
        assessed = self.session.header.mode == "assessment"
        self.end.children = (widgets.HTML(desk_panes.handed_in(self.sitting.id)),) if assessed else (DebriefView(self.access, self.sitting).box,)

    def _keep(self, done: str, step: Callable[[], workbench.Sitting]) -> bool:
        """Takes a step and shows it only once the store has it; otherwise says why, with what is there now."""
        before = len(self.session.events)
        try:
            self.sitting = step()
        except StaleWrite as error:
            self.sitting = workbench.resume_session(self.access, self.sitting.id)
            why = "" if isinstance(error, TimeIsUp) else "Another tab has gone on with this session: "
            self.said.value = f"<p role='alert'>{why}{escape(str(error))}</p>"
            self._show()
            if self.session.closed:
                self._show_end()
            return False
        except BadInput as error:
            self.said.value = f"<p role='alert'>{escape(str(error))}</p>"
            return False
        self.since = before
        self.said.value = f"<p role='status'>{done}</p>"
        self._show()
        return True

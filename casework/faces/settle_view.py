"""A file after its marks: what holds, what two markers differ on, the feedback, and appeals."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from html import escape

import ipywidgets as widgets

from casework import workbench
from casework.faces import pages
from casework.faces.controls import LevelPicker, StepButton
from casework.model.errors import BadInput
from casework.quality import reviews
from casework.quality.scoring import Scorecard, shown
from casework.workbench import Agreed

WIDE = widgets.Layout(width="70%")


class _Acting(ABC):
    """A view that carries out one act at a time, and says whether it was kept or why not."""

    found: Agreed
    said: widgets.HTML

    @abstractmethod
    def _show(self) -> None:
        """Shows what is found."""

    def _act(self, act: Callable[[], Agreed]) -> None:
        try:
            self.found = act()
        except BadInput as error:
            self.said.value = pages.part(f"<p role='alert' class='over'>{escape(str(error))}</p>")
            return
        self.said.value = pages.part("<p role='status'>Kept.</p>")
        self._show()


class SettleView(_Acting):
    """The marks that hold, with what may still be decided: a difference settled, feedback given, an appeal answered."""

    def __init__(self, access: workbench.Access, session: str, case: str | None) -> None:
        self.access, self.session, self.case = access, session, case
        self.report, self.said = widgets.HTML(), widgets.HTML()
        self.criterion = widgets.Dropdown(description="Criterion", layout=WIDE)
        self.level = LevelPicker(label="Level")
        self.words = widgets.Textarea(description="In words", rows=4, layout=WIDE, continuous_update=False)
        self.settle = StepButton(description="Settle this difference", primary=True)
        self.send = StepButton(description="Give the marks back to the trainee", primary=True)
        self.answer = StepButton(description="Answer this appeal", primary=True)
        self.criterion.observe(lambda _: self._levels(), "value")
        self.settle.on_click(lambda: self._act(lambda: workbench.adjudicate(access, session, self.found, *self._asked())))
        self.send.on_click(lambda: self._act(lambda: workbench.send_feedback(access, session, self.found, self.words.value)))
        self.answer.on_click(lambda: self._act(lambda: workbench.answer_appeal(access, session, self.found, *self._asked())))
        self.controls = widgets.VBox()
        self.box = widgets.VBox([self.report, self.controls, self.said])
        self._open()

    def _asked(self) -> tuple[str, str, str]:
        if self.level.value is None:
            raise BadInput("choose a level first")
        return str(self.criterion.value), str(self.level.value), self.words.value

    def _open(self) -> None:
        try:
            self.found = workbench.agreed_of(self.access, self.session, self.case)
        except BadInput as error:
            self.said.value = pages.part(f"<p class='quiet'>{escape(str(error))}</p>")
            return
        self._show()

    def _show(self) -> None:
        found = self.found
        self.report.value = marks_that_hold(found)
        waiting = [a.criterion for a in found.course.appeals if a.answer is None]
        self.criterion.options = list(found.open) or waiting
        self.criterion.value = self.criterion.options[0] if self.criterion.options else None
        for button in (self.settle, self.send, self.answer):
            button.step = str(found.version)
        self.words.value = ""
        if found.waiting:
            self.controls.children = ()
        elif found.open:
            self.controls.children = (self.criterion, self.level, self.words, self.settle)
        elif found.course.sent is None:
            self.controls.children = (self.words, self.send)
        elif waiting:
            self.controls.children = (self.criterion, self.level, self.words, self.answer)
        else:
            self.controls.children = ()
        self._levels()

    def _levels(self) -> None:
        chosen = next((c for c in self.found.card.rubric.criteria if c.id == self.criterion.value), None)
        if chosen is not None:
            anchors = {level.level: level.anchor for level in chosen.judged}
            self.level.levels = [
                {"level": name, "anchor": anchors.get(name, ""), "hint": False} for name in reviews.choices(self.found.card.rubric, chosen)
            ]
            self.level.label, self.level.value = chosen.asks, None


class FeedbackView(_Acting):
    """The marks that were given back to whoever looks: read, acknowledged, and appealed in time."""

    def __init__(self, access: workbench.Access) -> None:
        self.access = access
        self.files = widgets.Dropdown(options=[(case, (session, case)) for session, case in workbench.feedback_for_me(access)], description="File", layout=WIDE)
        self.report, self.said = widgets.HTML(), widgets.HTML()
        self.read = StepButton(description="I have read this")
        self.criterion = widgets.Dropdown(description="Mark", layout=WIDE)
        self.why = widgets.Textarea(description="Why", rows=3, layout=WIDE, continuous_update=False, placeholder="What the mark overlooks, and where it stands")
        self.appeal = StepButton(description="Appeal this mark")
        self.files.observe(lambda _: self._open(), "value")
        self.read.on_click(lambda: self._act(lambda: workbench.acknowledge_feedback(access, self.found.session, self.found)))
        self.appeal.on_click(lambda: self._act(lambda: workbench.appeal_mark(access, self.found.session, self.found, str(self.criterion.value), self.why.value)))
        self.controls = (self.files, self.report, self.read, self.criterion, self.why, self.appeal, self.said)
        self.box = widgets.VBox(self.controls)
        self._open()

    def _open(self) -> None:
        if self.files.value is None:
            self.box.children = (widgets.HTML(pages.part("<p>No marks have been given back to you yet.</p>")),)
            return
        self.found = workbench.agreed_of(self.access, *self.files.value)
        self._show()

    def _show(self) -> None:
        found = self.found
        self.report.value = marks_that_hold(found)
        asks = {c.id: c.asks for c in found.card.rubric.criteria}
        gone = {a.criterion for a in found.course.appeals}
        lost = [r.criterion.id for r in found.card.ratings if r.status == "rated" and r.rating < 1 and r.criterion.id not in gone]
        self.criterion.options = [(asks[id], id) for id in lost]
        self.criterion.value = lost[0] if lost else None
        self.why.value = ""
        for button in (self.read, self.appeal):
            button.step = str(found.version)
        self.read.disabled, self.appeal.disabled = found.course.acknowledged is not None, not self.criterion.options


def _total(card: Scorecard) -> str:
    bounds = f" (between {shown(card.low)} and {shown(card.high)})" if card.provisional else ""
    return f"{shown(card.total, card.rubric.pass_mark)}{bounds} {pages.verdict_chip(card)}"


def marks_that_hold(found: Agreed) -> str:
    """The agreed scorecard beside the automatic one, with every mark that people gave and its reasons."""
    asks = {c.id: c.asks for c in found.card.rubric.criteria}
    rows = [
        [escape(asks[id]), escape(one.level or "differs: " + " / ".join(one.levels)), escape(one.through),
         "<br>".join(escape(reason) for reason in found.reasons.get(id, ()))]
        for id, one in found.held.items()
    ]  # fmt: skip
    sent = found.course.sent
    course = ""
    if sent is not None and found.appeal_by is not None:
        read = f"read on {found.course.acknowledged.at:%d %b}" if found.course.acknowledged else "not read yet"
        course = (
            f"<h2>Given back on {sent.at:%d %b %Y}</h2><p class='words'>{escape(found.feedback)}</p>"
            f"<p class='quiet'>{read}; an appeal may come until {found.appeal_by:%d %b %Y %H:%M} UTC.</p>"
        )
    appeals = "".join(
        f"<li>{escape(asks.get(a.criterion, a.criterion))}: {escape(a.answer.level or '') if a.answer else 'waits for an answer'}</li>" for a in found.course.appeals
    )
    waiting = f"<p class='due'>Not handed in yet: the {escape(' and '.join(found.waiting))} sheet.</p>" if found.waiting else ""
    return pages.part(
        f"<h2>The marks that hold</h2><p><b>{_total(found.card)}</b> <span class='quiet'>automatic alone: {_total(found.automatic)}</span></p>{waiting}"
        + (pages.table(rows, ["Criterion", "Mark", "Through", "Reasons"]) if rows else "<p>No mark is handed in.</p>")
        + course + (f"<h2>Appeals</h2><ul>{appeals}</ul>" if appeals else "")
    )

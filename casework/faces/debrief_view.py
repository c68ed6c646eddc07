"""The end of a session on screen: the self-debrief that is asked first, then the debrief, and the dispute of a mark."""

from __future__ import annotations

from collections.abc import Callable
from html import escape

import ipywidgets as widgets

from casework import workbench
from casework.faces import pages
from casework.model.errors import BadInput
from casework.quality import par, reflecting

QUESTIONS = (
    ("Went well", "What went well, and what made it go well?"),
    ("Otherwise", "What would you do otherwise, and at which moment?"),
    ("Mattered", "Which date or person mattered most today?"),
)
EXPECT = (("Not said", ""), ("It will not pass", "not pass"), ("It may pass", "may pass"), ("It will pass", "pass"))
WIDE = widgets.Layout(width="70%")


class DebriefView:
    """The debrief of a finished session, with what was asked beforehand set beside what came of it."""

    def __init__(self, access: workbench.Access, sitting: workbench.Sitting) -> None:
        self.access, self.sitting = access, sitting
        debriefs = workbench.debrief_of(access, sitting.id)
        session = sitting.session
        self.report = widgets.HTML()
        parts = []
        for found in debriefs:
            record = session.record(found.scorecard.case)
            parts += [pages.debrief_page(found), _member(reflecting.as_the_member(record)), _sureness(reflecting.sureness(record, found.scorecard))]
        if session.caseload.is_plan:
            parts.append(_losses(workbench.losses(access.library, session.log())))
        parts.append(_next(reflecting.what_next(access.library, [d.scorecard for d in debriefs])))
        self.report.value = "".join(parts)
        marks = [(f"{m.rating.criterion.asks} ({d.title})", (d.scorecard.case, m.rating.criterion.id)) for d in debriefs for m in d.lost]
        self.mark = widgets.Dropdown(options=marks, description="Mark", layout=WIDE)
        self.why = widgets.Textarea(continuous_update=False, description="Why", rows=3, layout=WIDE, placeholder="What the mark overlooks, and the clause that says so")
        self.send = widgets.Button(description="Dispute this mark", disabled=not marks)
        self.said = widgets.HTML()
        self.send.on_click(lambda _: self._dispute())
        self.box = widgets.VBox([self.report, self.mark, self.why, self.send, self.said])

    @staticmethod
    def ask(finish: Callable[[str], None]) -> tuple[widgets.Widget, ...]:
        """The questions before any score; `finish` gets the answers as one text."""
        fields = [widgets.Textarea(continuous_update=False, description=name, placeholder=asks, rows=2, layout=WIDE) for name, asks in QUESTIONS]
        expect = widgets.ToggleButtons(options=EXPECT, description="I expect", style={"button_width": "auto"})
        send = widgets.Button(description="Close the desk and see the debrief", button_style="primary", layout=widgets.Layout(width="auto"))

        def sent(_: object) -> None:
            words = [f"{name}: {field.value.strip()}" for (name, _), field in zip(QUESTIONS, fields, strict=True) if field.value.strip()]
            finish("\n".join([*words, *([f"I expect: {expect.value}"] if expect.value else [])]))

        send.on_click(sent)
        head = widgets.HTML("<h3>Before you see a score</h3><p>Look back on your own work first. It is kept with the session: your trainer and lead can read it, and it may count as evidence that you looked back, without a mark. Time at the desk runs on to its close when you send this.</p>")
        return head, *fields, expect, send

    def _dispute(self) -> None:
        case, criterion = self.mark.value
        try:
            self.sitting = workbench.dispute(self.access, self.sitting.id, self.sitting, case, criterion, self.why.value)
        except BadInput as error:
            self.said.value = f"<p role='alert'>{escape(str(error))}</p>"
            return
        self.why.value = ""
        self.said.value = "<p role='status'>Kept with the session for whoever reviews it. The mark stands until then.</p>"


def _losses(loss: par.Loss) -> str:
    """How a caseload's distance from par divides; every part in points a case."""
    rows = [
        ["What was decided", f"{float(loss.knowledge):.1f}", "the decisions themselves, at their best moment and in their best order"],
        ["When", f"{float(loss.timing):.1f}", "time left unused between them"],
        ["In which order", f"{float(loss.triage):.1f}", "urgent things that stood behind others"],
    ]
    return pages.part(
        f"<h2>The tray as a whole</h2><p>{float(loss.own):.1f} points a case; the same hours have held {float(loss.par):.1f}. The distance:</p>"
        + pages.table(rows, ["", "Points a case", "What is meant"])
    )


def _member(felt: tuple[reflecting.Felt, ...]) -> str:
    if not felt:
        return ""
    lines = "".join(
        f"<li>{escape(f.words)} <span class='small quiet'>({'entries' if len(f.entries) > 1 else 'entry'} {', '.join(map(str, f.entries))})</span></li>"
        for f in felt
    )
    return pages.part(f"<h2>As the member lived it</h2><ul>{lines}</ul>")


def _sureness(found: tuple[reflecting.Sureness, ...]) -> str:
    if not found:
        return ""
    rows = [[escape(s.confidence), str(s.decisions), str(s.judged), str(s.right)] for s in found]
    return pages.part("<h2>How sure, and how right</h2>" + pages.table(rows, ["You were", "Decisions", "Could be judged", "Right"]))


def _next(found: reflecting.Next | None) -> str:
    if found is None:
        return ""
    lines = ", ".join(found.lines)
    return pages.part(
        f"<h2>Practise next</h2><p><b>{escape(found.title)}</b> (<code>{escape(found.scenario)}</code>): it serves {escape(lines)}, "
        "where most was lost today.</p>"
    )



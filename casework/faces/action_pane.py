"""The action pane: what to do, with the fields that fit it, wording to start from, and what it costs before it is done."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import ipywidgets as widgets

from casework.faces.controls import StepButton
from casework.model import worktime
from casework.model.checks import ACTIONS
from casework.model.library import Library
from casework.practice import desk, labels

FIELDS: dict[str, tuple[str, ...]] = {
    "index": ("as",), "log": ("as", "text"), "diarise": ("for", "text"), "escalate": ("to", "text"), "call": ("to", "text"),
    "reply": ("to", "text"), "acknowledge": ("to", "text"), "request": ("to", "waiting", "text"), "chase": ("to", "waiting", "text"),
    "note": ("text",), "resolve": ("acceptance",), "give_opinion": ("to", "text"), "disclose": ("to", "text"),
    "verify": ("to",), "hand_over": ("to", "text"), "promise": ("to", "text"), "approve_spend": ("amount",),
    "correct": ("was", "text"), "read": (), "answer": (), "delete": (),
}  # fmt: skip
# Acts on the case rather than on the paper that happens to be open.
LOOSE = ("note", "call", "request", "chase")
JUDGEMENTS = ("escalate", "reply", "acknowledge", "log", "index", "diarise", "resolve", "disclose", "hand_over", "promise", "give_opinion")
NOT_CHOSEN = ("say", "wait")  # Said in a call, and waited for by a button of its own.


class ActionPane:
    """Fields that make a step. It decides nothing: `do` is pressed, and whoever listens asks for `step`."""

    def __init__(self, library: Library, pressed: Callable[[], None]) -> None:
        self.library, self.types = library, labels.document_types(library)
        self.session: desk.Session | None = None
        self.key = ""

        def wide() -> widgets.Layout:  # One each: what hides a control must not hide its neighbours.
            return widgets.Layout(width="96%")

        def choose(description: str, options: Any = ()) -> widgets.Dropdown:
            return widgets.Dropdown(options=options, description=description, layout=wide())

        def line(description: str, placeholder: str) -> widgets.Text:
            return widgets.Text(continuous_update=False, description=description, placeholder=placeholder, layout=wide())

        self.action = choose("Action", [(a.replace("_", " "), a) for a in ACTIONS if a not in NOT_CHOSEN])
        self.to, self.kind, self.wording = choose("To"), choose("As"), choose("Wording")
        self.was = choose("Withdraw", [("", ""), *((w.replace("_", " "), w) for w in desk.WITHDRAWABLE)])
        self.cites = widgets.Combobox(continuous_update=False, description="Clause", ensure_option=False, layout=wide(), options=tuple(library.clause_ids))
        self.waiting = choose("Waiting for", ["", "member", "third party", "clarification"])
        self.for_ = line("Date", "2026-03-31")
        self.acceptance = choose("Acceptance", ["", *labels.ACCEPTANCES])
        self.amount = line("Amount", "£120.00")
        # Words are sent when their field is left: sent letter by letter, the last could arrive after the click.
        self.text = widgets.Textarea(continuous_update=False, description="Words", rows=5, layout=wide())
        self.sure = widgets.ToggleButtons(
            options=[("Not said", ""), ("Guessing", "guessing"), ("Fairly", "fairly"), ("Sure", "sure")],
            description="How sure", style={"button_width": "auto"},
        )  # fmt: skip
        self.do = StepButton(description="Do it", primary=True)
        self.cost = widgets.HTML()
        fields = [self.action, self.to, self.kind, self.was, self.for_, self.waiting, self.acceptance, self.amount, self.wording, self.text, self.cites, self.sure]
        self.box = widgets.VBox([*fields, self.cost, self.do])
        self.do.on_click(pressed)
        self.action.observe(lambda _: self._fit(), names="value")
        self.to.observe(lambda _: self._offer_wording(), names="value")
        self.wording.observe(lambda _: self._take_wording(), names="value")

    def show(self, session: desk.Session, key: str, step: str) -> None:
        """What can be done now on a case; `step` names the screen that is shown."""
        self.session, self.key, self.do.step = session, key, step
        case = session.caseload.case(key)
        parties = [("", ""), *((f"{p.name} ({p.role.replace('_', ' ')})", p.id) for p in case.parties.values())]
        if list(self.to.options) != parties:
            self.to.options = parties
        self._fit()

    def _wanted(self) -> tuple[str, ...]:
        return FIELDS.get(self.action.value, ("text",))

    def _fit(self) -> None:
        """Shows the fields of the chosen action, and what it takes."""
        if self.session is None:
            return
        session, wanted, judged = self.session, self._wanted(), self.action.value in JUDGEMENTS
        kinds = ("", *(desk.LOGGED_AS if self.action.value == "log" else self.types))
        if tuple(self.kind.options) != kinds:
            self.kind.options = kinds
        for name, control in (
            ("to", self.to), ("as", self.kind), ("was", self.was), ("for", self.for_), ("waiting", self.waiting),
            ("acceptance", self.acceptance), ("amount", self.amount), ("text", self.text),
        ):  # fmt: skip
            control.layout.display = "" if name in wanted else "none"
        self.cites.layout.display = self.sure.layout.display = "" if judged else "none"
        self._offer_wording()
        office = session.caseload.office
        minutes = desk.effort(session, self.key, self.action.value)
        begins = desk.starts_at(session) if not session.closed else session.now
        ends = worktime.local(office, begins) + timedelta(minutes=minutes)
        later = "" if begins == session.now else f" (begins {worktime.local(office, begins):%a %H:%M}, when the office opens)"
        self.cost.value = f"<span>Takes {minutes} minutes → {ends:%a %H:%M}{later}</span>"

    def _offer_wording(self) -> None:
        """The templates that fit the action and its recipient; none chosen."""
        if self.session is None:
            return
        party = self.session.caseload.case(self.key).parties.get(self.to.value or "")
        role = party.role if party is not None else None
        fits = [t for t in self.library.templates if t.fits(self.action.value, role)] if "text" in self._wanted() else []
        options = [("", ""), *((t.title, t.id) for t in fits)]
        if list(self.wording.options) != options:
            self.wording.options = options
        self.wording.layout.display = "" if fits else "none"

    def _take_wording(self) -> None:
        chosen = next((t for t in self.library.templates if t.id == self.wording.value), None)
        if chosen is None or self.session is None:
            return
        case = self.session.caseload.case(self.key)
        party = case.parties.get(self.to.value or "")
        day = worktime.local(case.office, self.session.now)
        self.text.value = chosen.filled(party.name if party else "[name]", case.text(case.scenario.case.reference), f"{day.day} {day:%B %Y}")

    def step(self, item: str | None) -> dict[str, Any]:
        """The step that the fields say, on the paper that is open."""
        wanted, judged = self._wanted(), self.action.value in JUDGEMENTS
        values = {
            "to": self.to.value, "as": self.kind.value, "was": self.was.value, "for": self.for_.value, "waiting_for": self.waiting.value,
            "acceptance": self.acceptance.value, "amount": self.amount.value, "text": self.text.value,
        }  # fmt: skip
        asked = {"waiting_for": "waiting"}
        step: dict[str, Any] = {
            name: value.strip() for name, value in values.items()
            if asked.get(name, name) in wanted and value and value.strip()
        }  # fmt: skip
        if judged:
            step |= {name: value for name, value in (("cites", self.cites.value.strip()), ("confidence", self.sure.value)) if value}
        if item and self.action.value not in LOOSE:
            step["item"] = item
        return {"do": self.action.value, **step}

    def clear(self) -> None:
        """Ready for the next decision: nothing of the last one's words or judgement is left in the fields."""
        self.text.value = self.cites.value = self.sure.value = self.was.value = self.wording.value = ""

"""The marking bench: the files to mark, one file with its timeline and words, and the sheet beside it."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from html import escape
from pathlib import Path

import ipywidgets as widgets

from casework import workbench
from casework.faces import pages, settle_view
from casework.faces.controls import LevelPicker, OwnKeys, StepButton, TrayList
from casework.model import worktime
from casework.model.errors import BadInput, StaleWrite
from casework.quality import reviews
from casework.quality.scoring import Rating

WIDE = widgets.Layout(width="96%")


class ReviewView:
    """One file and one's own sheet. Every mark is kept as it is made; a mark that came too late says what stands."""

    def __init__(self, access: workbench.Access, seen: workbench.Reviewing) -> None:
        self.access, self.seen = access, seen
        self.head, self.about, self.said = widgets.HTML(), widgets.HTML(), widgets.HTML()
        self.file = widgets.Tab(layout=widgets.Layout(width="98%"))
        panes = {"Timeline": timeline(seen), "Words": words(seen), "Papers": papers(seen), "Clocks": clocks(seen)}
        self.file.children = tuple(widgets.HTML(_scrolled(title, body)) for title, body in panes.items())
        self.file.titles = tuple(panes)
        self.criteria = TrayList(label="Criteria")
        self.level = LevelPicker(label="Level")
        self.reason = widgets.Textarea(description="Reason", rows=3, layout=WIDE, continuous_update=False, placeholder="What you saw, and where")
        causes = [("", None), *((cause.title, cause.id) for cause in access.library.marking.root_causes)]
        self.cause = widgets.Dropdown(options=causes, description="Lost where", layout=WIDE)
        self.evidence = widgets.Text(description="Entries", layout=WIDE, continuous_update=False, placeholder="Numbers of the timeline, such as 3, 12")
        self.keep = StepButton(description="Keep this mark", primary=True)
        self.hand_in = StepButton(description="Hand in the sheet")
        self.again = widgets.Button(description="Open again", layout=widgets.Layout(width="auto", display="none"))
        self.criteria.observe(lambda _: self._show_criterion(), "value")
        self.level.observe(lambda _: self._show_need(), "value")
        self.need = widgets.HTML()
        self.keep.on_click(self._keep)
        self.hand_in.on_click(self._hand_in)
        self.again.on_click(lambda _: self._reopen())
        sheet = (self.about, self.level, self.need, self.reason, self.cause, self.evidence, self.keep, self.hand_in, self.again, self.said)
        columns = zip(((self.file,), (self.criteria,), sheet), ("42%", "24%", "34%"), strict=True)
        beside = widgets.HBox([widgets.VBox(column, layout=widgets.Layout(width=width)) for column, width in columns])
        self.box = widgets.VBox([OwnKeys(), self.head, beside])
        self._show()

    @property
    def _rating(self) -> Rating:
        return next(r for r in self.seen.card.ratings if r.criterion.id == self.criteria.value)

    def _show(self, said: str = "") -> None:
        seen, sheet = self.seen, self.seen.sheet
        state = "handed in" if sheet.submitted else f"{len(seen.left)} left to mark" if seen.left else "ready to hand in"
        self.head.value = pages.part(
            f"<div class='top'><h1>{escape(seen.record.case.text(seen.record.case.scenario.title))}</h1><span class='chip'>{escape(seen.card.trainee)}</span>"
            f"<span class='chip'>{escape(seen.slot)} sheet</span><span class='chip'>{escape(seen.rubric.title)}, version {seen.rubric.version}</span>"
            f"<span class='sp'></span><b>{state}</b></div>"
        )
        rows, chosen = [self._row(rating) for rating in _in_order(seen)], self.criteria.value
        self.criteria.rows = rows
        wanted = chosen if chosen in self.criteria.ids else None
        self.criteria.value = wanted or next(iter(seen.left), self.criteria.ids[0])
        for button in (self.keep, self.hand_in):
            button.step, button.disabled = f"{sheet.version} {self.criteria.value}", sheet.submitted is not None
        self.hand_in.disabled = self.hand_in.disabled or bool(seen.left)
        self.again.layout.display = "none"
        self.said.value = pages.part(f"<p role='status'>{escape(said)}</p>") if said else ""
        self._show_criterion()

    def _row(self, rating: Rating) -> dict[str, object]:
        mark = self.seen.sheet.marks.get(rating.criterion.id)
        chips: list[tuple[str, str]] = []
        if mark is not None:
            worth = reviews.choices(self.seen.rubric, rating.criterion)[mark.level]
            chips.append((mark.level, "over" if reviews.critical(rating.criterion, worth) else "ok"))
        elif rating.status == "not_applicable":
            chips.append(("does not apply", ""))
        elif rating.criterion.judged:
            chips.append(("to mark", "due"))
        else:
            chips.append((f"automatic: {reviews.level_of(self.seen.rubric, rating)}", "over" if rating.critical_error else "ext"))
        if rating.criterion.critical:
            chips.append((f"critical: {rating.criterion.critical}", ""))
        return {
            "id": rating.criterion.id, "who": rating.section.replace("-", " "), "when": f"{float(rating.available):.1f} points", "what": rating.criterion.asks,
            "unread": mark is None and bool(rating.criterion.judged) and rating.status != "not_applicable", "chips": chips,
        }  # fmt: skip

    def _show_criterion(self) -> None:
        if self.criteria.value is None:
            return
        rating, criterion = self._rating, self._rating.criterion
        mark = self.seen.sheet.marks.get(criterion.id)
        hint = None if criterion.judged else reviews.level_of(self.seen.rubric, rating)
        anchors = {level.level: level.anchor for level in criterion.judged}
        self.level.label = criterion.asks
        self.level.levels = [
            {"level": name, "anchor": anchors.get(name, _worth(worth)), "hint": name == hint}
            for name, worth in reviews.choices(self.seen.rubric, criterion).items()
        ]
        self.level.value = mark.level if mark else None
        self.reason.value = self.seen.reasons.get(criterion.id, "") if mark else ""
        self.cause.value = mark.cause if mark else None
        self.evidence.value = ", ".join(map(str, mark.evidence)) if mark else ""
        for button in (self.keep, self.hand_in):
            button.step = f"{self.seen.sheet.version} {criterion.id}"
        self.about.value = about(self.access, self.seen, rating)
        self._show_need()

    def _show_need(self) -> None:
        """What this level asks for, before it is sent."""
        level, criterion = self.level.value, self._rating.criterion
        if level is None or level not in reviews.choices(self.seen.rubric, criterion):
            self.need.value = ""
            return
        marking, worth = self.access.library.marking, reviews.choices(self.seen.rubric, criterion)[level]
        why = reviews.why_reasons(marking, self.seen.rubric, criterion, level, self._rating)
        asked = f"Needs a reason: {why}." if why else "A reason is welcome, and not asked for."
        lost = " Say where it was lost." if reviews.needs_cause(marking, criterion, worth) else ""
        self.need.value = pages.part(f"<p class='small quiet'>{escape(asked + lost)}</p>")

    def _keep(self) -> None:
        try:
            if self.level.value is None:
                raise BadInput("choose a level first: its digit, or the arrow keys")
            chosen = str(self.criteria.value)
            self.seen = workbench.mark(
                self.access, self.seen.session, self.seen, chosen, self.level.value, self.reason.value, self.cause.value, _entries(self.evidence.value),
            )  # fmt: skip
        except BadInput as error:
            self._refuse(error)
            return
        left = self.seen.left
        after = next((id for id in left if self.criteria.ids.index(id) > self.criteria.ids.index(chosen)), next(iter(left), chosen))
        self._show(f"Kept: {chosen}, {self.seen.sheet.marks[chosen].level}.")
        self.criteria.value = after

    def _hand_in(self) -> None:
        try:
            self.seen = workbench.submit_review(self.access, self.seen.session, self.seen)
        except BadInput as error:
            self._refuse(error)
            return
        self._show("The sheet is handed in, and stays as it is.")
        if self.seen.slot == "outcome":
            return
        self.box.children = (*self.box.children[:3], settle_view.SettleView(self.access, self.seen.session, self.seen.case.key).box)

    def _refuse(self, error: BadInput) -> None:
        self.said.value = pages.part(f"<p role='alert' class='over'>{escape(str(error))}</p>")
        self.again.layout.display = "" if isinstance(error, StaleWrite) else "none"

    def _reopen(self) -> None:
        try:
            again = workbench.open_outcome if self.seen.slot == "outcome" else workbench.open_review
            self.seen = again(self.access, self.seen.session, self.seen.case.key)
        except BadInput as error:
            self._refuse(error)
            return
        self._show("Opened again, with what has been marked meanwhile.")


def _entries(text: str) -> Sequence[int]:
    found = re.split(r"[,;\s]+", text.strip()) if text.strip() else []
    if not all(one.isdigit() for one in found):
        raise BadInput(f"entries: found {text!r}; write numbers of the timeline, such as 3, 12")
    return [int(one) for one in found]


def _worth(worth: object) -> str:
    return "no part of the total" if worth is None else f"worth {float(worth):.0%} of the points"  # type: ignore[arg-type]


def _in_order(seen: workbench.Reviewing) -> list[Rating]:
    """What is left to mark first, then what a person judges, then the automatic ratings, critical errors before others."""
    return sorted(seen.card.ratings, key=lambda r: (not (r.criterion.judged and r.status != "not_applicable"), not r.critical_error, r.status == "not_applicable"))


def about(access: workbench.Access, seen: workbench.Reviewing, rating: Rating) -> str:
    """One criterion: what it asks, its clause, and the automatic rating with its evidence."""
    criterion = rating.criterion
    day = worktime.local(seen.case.office, seen.case.opens).date()
    clause = escape(access.library.says(criterion.clause, day))
    entries = f" (entries {', '.join(map(str, rating.evidence))})" if rating.evidence else ""
    automatic = (
        "" if criterion.judged else
        f"<p><b>Automatic rating:</b> {escape(reviews.level_of(seen.rubric, rating))}. {escape(rating.explanation)}{entries}</p>"
    )  # fmt: skip
    disputed = "".join(f"<p class='due'><b>Disputed by the trainee:</b> {escape(why)}</p>" for id, why in seen.disputes if id == criterion.id)
    critical = f"<span class='chip over'>critical: {criterion.critical}</span>" if criterion.critical else ""
    return pages.part(
        f"<h2>{escape(criterion.asks)} {critical}</h2><p class='small quiet'>{escape(criterion.clause)} · {escape(' '.join(criterion.evidences))}</p>"
        f"<p>{clause}</p>{automatic}{disputed}"
    )


def _scrolled(title: str, body: str) -> str:
    """A pane of its own height, which the keyboard can scroll."""
    return f"<div role='region' aria-label='{escape(title)}' tabindex='0' style='max-height:76vh;overflow:auto'>{body}</div>"


def timeline(seen: workbench.Reviewing) -> str:
    rows = [[str(n), f"<span style='white-space:nowrap'>{escape(at)}</span>", escape(what)] for at, n, what in seen.timeline]
    return pages.part("<h2>What happened</h2>" + pages.table(rows, ["Entry", "At", "What"]))


def words(seen: workbench.Reviewing) -> str:
    """Everything the trainee wrote, by entry, as it was written."""
    mine = [event for event in seen.record.events if event.n in seen.words and event.event == "decided"]
    erased = [event for event in seen.record.events if event.text is not None and event.n not in seen.words]
    body = "".join(
        f"<div class='paperdoc'><h3>Entry {e.n}: {escape(e.do or '')}{f' to {escape(e.to)}' if e.to else ''}</h3><div class='words'>{escape(seen.words[e.n])}</div></div>"
        for e in mine
    )
    gone = f"<p class='due'>The words of {len(erased)} entries have been erased; what needs them cannot be told.</p>" if erased else ""
    return pages.part(f"<h2>What was written</h2>{gone}{body or '<p>Nothing was written.</p>'}")


def papers(seen: workbench.Reviewing) -> str:
    """The papers of the case that could be seen, in full."""
    found = [paper for paper in seen.case.papers.values() if seen.record.arrived_at(paper.id) is not None]
    body = "".join(f"<div class='paperdoc'><h3>{escape(p.title)}</h3><div class='words'>{escape(p.document)}</div></div>" for p in found)
    return pages.part(f"<h2>Papers</h2>{body or '<p>No papers.</p>'}")


def clocks(seen: workbench.Reviewing) -> str:
    rows = [[escape(c.clause), escape(c.item), f"{worktime.local(seen.case.office, c.due_at):%a %d %b %H:%M}", escape(c.state)] for c in seen.card.clocks]
    return pages.part("<h2>Clocks</h2>" + (pages.table(rows, ["Clause", "Paper", "Due", "State"]) if rows else "<p>No clock ran.</p>"))


class BenchView:
    """The files that wait, and the one that is open."""

    def __init__(self, access: workbench.Access, session: str = "", case: str = "") -> None:
        self.access = access
        self.files = TrayList(label="Files to mark")
        self.open = widgets.Button(description="Open this file", button_style="primary", layout=widgets.Layout(width="auto"))
        self.outcome = widgets.Button(description="Test its outcome", layout=widgets.Layout(width="auto"))
        self.said, self.desk = widgets.HTML(), widgets.VBox()
        self.open.on_click(lambda _: self._open(self.files.value))
        self.outcome.on_click(lambda _: self._open(self.files.value, workbench.open_outcome))
        self.fold = widgets.Accordion([widgets.VBox([self.files, widgets.HBox([self.open, self.outcome])])], titles=("Files to mark",), selected_index=0)
        self.box = widgets.VBox([OwnKeys(), self.fold, self.said, self.desk])
        self._list()
        if session:
            self._open(f"{session}/{case}")

    def _list(self) -> None:
        kinds = {"a draft": "due", "waits for you": "due", "marked": "ok"}
        self.files.rows = [
            {"id": f"{f.session}/{f.case}", "who": f.alias, "when": f.session, "what": f.work, "unread": f.yours in ("a draft", "waits for you"),
             "chips": [(f.yours, kinds.get(f.yours, ""))]}
            for f in sorted(workbench.files_to_mark(self.access), key=lambda f: (f.yours == "marked", f.yours == "open", f.session))
        ]  # fmt: skip

    def _open(self, file: str | None, how: Callable[..., workbench.Reviewing] = workbench.open_review) -> None:
        if file is None:
            self.said.value = pages.part("<p role='alert'>Choose a file first.</p>")
            return
        session, _, case = file.partition("/")
        try:
            self.desk.children = (ReviewView(self.access, how(self.access, session, case or None)).box,)
        except BadInput as error:
            # What is not ours to mark may still be ours to settle, or to read.
            self.desk.children = (settle_view.SettleView(self.access, session, case or None).box,)
            self.said.value = pages.part(f"<p role='alert'>{escape(str(error))}</p>")
            return
        self.said.value, self.fold.selected_index = "", None


def open_bench(session: str = "", case: str = "", store: str = "", content: str = "") -> widgets.Widget:
    """The marking bench of whoever opens the notebook, and the marks that were given back to them."""
    access = workbench.open_access(workbench.library(Path(content) if content else None), store or None)
    given_back = widgets.Accordion([settle_view.FeedbackView(access).box], titles=("Marks given back to you",), selected_index=None)
    if not {"reviewer", "lead"} & set(access.person.roles):
        given_back.selected_index = 0
        return given_back
    return widgets.VBox([BenchView(access, session, case).box, given_back])



"""The panes of the practice desk as HTML: each takes a session's value and gives markup, and decides nothing."""

from __future__ import annotations

import re
from datetime import timedelta
from html import escape
from typing import Any

from casework.faces import pages
from casework.model import worktime
from casework.practice import tray
from casework.practice.desk import Session
from casework.quality import coaching

Rows = tuple[tray.Row, ...]  # The papers of a case as `tray.rows` gives them, reckoned once for every pane.
CHIP = {"overdue": "over", "red": "over", "amber": "due", "running": "", "met": "ok"}
SAYS = {"overdue": "overdue", "red": "due soon", "amber": "half gone", "running": "running", "met": "met"}
MARK = {"overdue": "‼ ", "red": "▲ ", "amber": "△ ", "running": "", "met": "", None: ""}


BOLD = re.compile(r"\*\*([^*\n]+)\*\*")  # The one mark of Markdown that letters use.


def left(clock: tray.Clock) -> str:
    """The time left in words: days and hours of the clock's own kind."""
    if clock.state == "met":
        return "met"
    if clock.state == "overdue":
        return "overdue"
    hours, minutes = divmod(int(max(clock.left, timedelta()).total_seconds()) // 60, 60)
    if clock.side == "external":
        return f"{hours // 24} d {hours % 24} h left" if hours >= 24 else f"{hours} h {minutes} min left"
    return f"{hours} working h {minutes} min left" if hours else f"{minutes} min left"


def listed(row: tray.Row) -> dict[str, Any]:
    """One paper of the tray as plain values: from whom, when, what, and its marks, the most urgent clock first."""
    chips: list[tuple[str, str]] = [("unread", "")] if row.unread else []
    for clock in [c for c in row.clocks if c.state != "met"][:2]:
        kind = CHIP[clock.state] or ("ext" if clock.side == "external" else "")
        what = "outside date" if clock.side == "external" else "our clock"
        chips.append((f"{MARK[clock.state]}{what}: {clock.due_local:%a %d %b %H:%M}, {left(clock)}", kind))
    chips += [("✓ handled", "ok")] if row.answered else []
    when = f"{row.at:%a %H:%M}" if row.at is not None else "on file"
    channel = row.paper.channel.capitalize()
    return {"id": row.paper.id, "who": row.sender, "when": when, "what": f"{channel} · {row.paper.title}", "unread": row.unread, "chips": chips}


def top(session: Session, key: str, id: str, rows: Rows) -> str:
    """The head of the desk: what, where, when, and how far."""
    case = session.caseload.case(key)
    now, closes = worktime.local(case.office, session.now), worktime.local(case.office, session.caseload.closes)
    handled = sum(row.answered for row in rows)
    share = round(100 * handled / len(rows)) if rows else 0
    return pages.part(
        f"<header class='desktop'><div class='top'><h1>{escape(case.scenario.title)}</h1><span class='chip'>{escape(session.header.mode)}</span>"
        f"<span class='quiet small'>{escape(case.office.id.replace('-', ' '))}</span><span class='sp'></span>"
        f"<span class='quiet small'>{handled} of {len(rows)} handled</span><span class='bar'><i style='width:{share}%'></i></span>"
        f"<span class='clock num'>{now:%a %d %b · %H:%M}</span><span class='quiet small num'>closes {closes:%a %d %b %H:%M}</span></div>"
        f"<p>{escape(case.text(case.scenario.brief))} <span class='small quiet'>{pages.NOTICE} Session {escape(id)}.</span></p></header>"
    )


def document(session: Session, key: str, rows: Rows, item: str | None, shown: str = "All") -> str:
    """The paper that is open, or the conversation so far; with nothing open, why there is nothing."""
    row = next((r for r in rows if r.paper.id == item), None)
    if row is None:
        return pages.part(f"<div class='paperdoc'><p>{_empty(session, rows, shown)}</p></div>")
    paper = row.paper
    received = f"Received by {escape(paper.channel)} {row.at:%a %d %b %Y, %H:%M}" if row.at is not None else "On file"
    dated = f" · dated {paper.dated:%d %b %Y}" if paper.dated is not None else ""
    body = f"<div class='words'>{BOLD.sub(lambda found: f'<b>{found[1]}</b>', escape(paper.document))}</div>"
    if paper.inject is not None and paper.inject.conversation:
        answered = any(e.do == "answer" and e.item == item and e.case == key for e in session.events)
        body = call(session, key, paper.id) if answered else "<p>The telephone rings. Choose <b>answer</b> to take the call.</p>"
    return pages.part(
        f"<article class='paperdoc'><div class='small quiet'>{received}{dated} · {escape(row.sender)}</div>"
        f"<h2>{escape(paper.title)}</h2>{body}</article>"
    )


def _empty(session: Session, rows: Rows, shown: str) -> str:
    """What an empty tray says, and what to do about it."""
    if session.closed:
        return "The desk has closed. The debrief stands below."
    if not rows:
        return "The tray is empty. Nothing has come yet on this case: wait for the next thing, or look at its file."
    if shown != "All":
        return f"Nothing here is {escape(shown.lower())}. Choose All to see the rest, or wait for the next thing."
    return "Nothing is open. Choose a paper in the tray, or wait for the next thing."


def hints(session: Session, key: str, item: str | None) -> str:
    """The hints taken on the open paper, and what they have cost in all."""
    from casework.practice import hints as given

    lines = "".join(f"<li>{escape(words)}</li>" for _, words in given.told(session, key, item))
    return pages.part(f"<h3>Hints on this paper</h3><ul>{lines}</ul>") if lines else ""


def handed_in(id: str) -> str:
    """The end of an assessment: that it is safe, who has it, and what comes next."""
    return pages.fragment(
        "<div class='paperdoc'><h2>Handed in</h2><p>Your work is kept, to the last decision, and can no longer be changed. "
        "Your trainer marks it and goes through it with you; nothing about it is decided by the desk alone.</p>"
        f"<p class='small quiet'>Session {escape(id)}</p></div>"
    )


def clocks_of(rows: Rows, item: str | None) -> str:
    """The clocks that the open paper starts."""
    row = next((r for r in rows if r.paper.id == item), None)
    return pages.part(clock_table(row.clocks)) if row is not None and row.clocks else ""


def call(session: Session, key: str, item: str) -> str:
    """A conversation so far: what was heard and said, and the turn that waits."""
    from casework.practice import desk

    case = session.caseload.case(key)
    inject = case.papers[item].inject
    said = [e for e in session.events if e.do == "say" and e.case == key and e.item == item]
    parts = []
    turns = inject.conversation if inject is not None else ()
    for turn, event in zip(turns, said, strict=False):
        words = next((c.say for c in turn.choices if c.id == event.choice), "(in your own words)")
        parts.append(f"<p>“{escape(case.text(turn.heard))}”</p><p class='quiet'>You: “{escape(case.text(words))}”</p>")
    turn_now = desk.next_turn(session, key, item)
    parts.append(f"<p>“{escape(case.text(turn_now.heard))}”</p>" if turn_now else "<p>The call is over. Note what was said.</p>")
    return "".join(parts)


def clock_table(found: tuple[tray.Clock, ...]) -> str:
    rows = [
        [f"{escape(c.clause)} <span class='chip {'ext' if c.side == 'external' else ''}'>{c.side}</span>",
         f"{escape(c.lasts)}, by {escape(c.calendar.replace('-', ' '))}", f"{c.due_local:%a %d %b %H:%M}",
         f"<span class='chip {CHIP[c.state]}'>{SAYS[c.state]}</span> {escape(left(c))}"]
        for c in found
    ]  # fmt: skip
    return "<h3>Clocks</h3>" + pages.table(rows, ["Clock", "Counts", "Due (office time)", "Left"])


def case_file(session: Session, key: str, rows: Rows) -> str:
    """Parties, diary and every clock of the case."""
    case = session.caseload.case(key)
    covers = {p.id: case.parties[p.cover].name for p in case.parties.values() if p.cover is not None and p.cover in case.parties}
    parties = [
        [escape(p.name), escape(p.role.replace("_", " ")), escape(f"away; cover is {covers[p.id]}" if p.id in covers else "")]
        for p in case.parties.values()
    ]
    entries = [[f"{d.on:%a %d %b %Y}", escape(case.papers[d.item].title if d.item in case.papers else d.item), str(d.n)] for d in tray.diary(session, key)]
    running = tuple(sorted((clock for row in rows for clock in row.clocks), key=lambda c: (c.state == "met", c.due_at)))
    return pages.part(
        f"<h2>{escape(case.text(case.scenario.case.reference))} · {escape(case.scenario.case.type.replace('_', ' '))} · {escape(case.scenario.case.stage)}</h2>"
        + "<h3>People</h3>" + pages.table(parties, ["Name", "Role", ""])
        + "<h3>Diary</h3>" + (pages.table(entries, ["Day", "What for", "Entry"]) if entries else "<p class='quiet'>Nothing is in the diary.</p>")
        + (clock_table(running) if running else "<h3>Clocks</h3><p class='quiet'>No clock runs on what has been seen.</p>")
    )  # fmt: skip


def chronology(session: Session, key: str) -> str:
    """Everything that happened on the case, the latest first."""
    rows = [[str(n), escape(at), escape(what)] for at, n, what in reversed(coaching.timeline(session.record(key)))]
    return pages.part(pages.table(rows, ["Entry", "When", "What"]))


def handbook(session: Session, key: str, wanted: str) -> str:
    """The clauses in force today in which every word looked for is found; those of the case's own policies first."""
    case = session.caseload.case(key)
    day = worktime.local(case.office, session.now).date()
    words = wanted.casefold().split()
    found = [
        (ref.partition(".")[0] not in case.scenario.policies, ref, clause)
        for ref, clause in session.library.clauses_on(day)
        if all(word in f"{ref} {clause.says} {clause.clock.lasts if clause.clock else ''}".casefold() for word in words)
    ]
    if not found:
        return pages.part(f"<p>No clause has all of “{escape(wanted)}”. Try one word of it.</p>")
    shown = sorted(found, key=lambda row: row[:2])[:MOST]
    rows = [
        [escape(ref), escape(clause.says) + (f" <span class='chip'>{escape(clause.clock.lasts)}</span>" if clause.clock else ""), escape(clause.mark)]
        for _, ref, clause in shown
    ]
    more = f"<p class='small quiet'>{len(found) - MOST} more; add a word.</p>" if len(found) > MOST else ""
    return pages.part(pages.table(rows, ["Clause", "Says", "Mark"]) + more)


MOST = 25  # Clauses shown at once.


def just_now(session: Session, since: int, key: str) -> str:
    """What happened while the last step was taken."""
    names = {p.id: p.name for p in session.caseload.case(key).parties.values()}
    rows = []
    for e in session.events[since:]:
        if e.event == "arrived":
            paper = session.caseload.case(e.case).papers.get(e.item or "") if e.case else None
            title = paper.title if paper is not None else str(e.item)
            at = worktime.local(session.caseload.office, e.at)
            rows.append(f"<p class='small'>{at:%H:%M} {escape(title)}{escape(f' from {names[e.from_]}' if e.from_ in names else '')}</p>")
    return "".join(rows)

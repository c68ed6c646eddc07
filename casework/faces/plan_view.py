"""A person's plan as a section to print: goals with their actions, one-to-ones, what to talk about, and goals that the evidence suggests."""

from __future__ import annotations

from datetime import date
from html import escape
from typing import TYPE_CHECKING

from casework.edges import documents
from casework.faces import pages
from casework.progress import plans
from casework.progress.plans import Item, Meeting

if TYPE_CHECKING:
    from casework.workbench.planning import Prepared

# A mark and a word, so that nothing is told by colour alone; what is late is asked after, and no fault.
SAID = {"open": "○ open", "late": "△ late", "done": "✓ done", "dropped": "– dropped"}
CHIP = {"open": "", "late": " due", "done": " ok", "dropped": ""}


def words(text: str) -> str:
    """Text that people wrote, which may run from right to left, kept from turning what stands around it."""
    return f"<bdi>{escape(text)}</bdi>"


def table(title: str, heads: str, rows: str) -> str:
    """A table with its title, which scrolls by itself where a screen is narrow."""
    caption = f"<caption class='small quiet' style='text-align:left'>{title}</caption>"
    return f"<div style='overflow-x:auto' tabindex='0' role='region' aria-label='{title}'><table>{caption}<thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table></div>"


def row(one: Item, today: date) -> str:
    """A goal, or an action beneath it: what, by when, how it stands and why."""
    state = "late" if one.late(today) else one.status
    ended = f"<br><span class='quiet small'>{one.ended:%d %b %Y}</span>" if one.ended else ""
    what = f"<th scope='row' style='font-size:14px;color:var(--ink);min-width:8em'>{words(one.says)}</th>" if one.of is None else f"<td style='min-width:8em'>{words(one.says)}</td>"
    return (
        f"<tr><td class='num'>{escape(one.id)}</td>{what}<td class='num'>{f'{one.due:%d %b %Y}' if one.due else 'no day'}</td>"
        f"<td><span class='chip{CHIP[state]}'>{SAID[state]}</span>{ended}</td><td class='small'>{words(one.why)}</td><td class='small'>{words(one.by)}</td></tr>"
    )


def goals_table(prepared: Prepared) -> str:
    """Every goal with its actions beneath it, in the order in which they came up."""
    plan, today = prepared.plan, prepared.today
    if not plan.goals:
        return "<p>No goal has been taken up yet.</p>"
    rows = "".join(row(goal, today) + "".join(row(one, today) for one in plan.actions.values() if one.of == id) for id, goal in plan.goals.items())
    heads = "".join(f"<th scope='col'>{name}" for name in ("Id", "Goal, and actions beneath it", "By", "State", "In words", "Set by"))
    return table("Goals and actions", heads, rows)


def meeting_row(one: Meeting, today: date) -> str:
    """A one-to-one: planned for, held or not, and what was written down."""
    state = f"✓ held on {one.held:%d %b %Y}" if one.held else "△ not held yet" if one.due < today else "○ to come"
    style = " ok" if one.held else " due" if one.due < today else ""
    return f"<tr><td class='num'>{escape(one.id)}</td><td class='num'>{one.due:%d %b %Y}</td><td><span class='chip{style}'>{state}</span></td><td class='small'>{words(one.notes)}</td></tr>"


def meetings_table(prepared: Prepared) -> str:
    """One-to-ones in the order of their days."""
    rows = "".join(meeting_row(one, prepared.today) for one in sorted(prepared.plan.meetings.values(), key=lambda one: one.due))
    if not rows:
        return "<p>No one-to-one is planned.</p>"
    heads = "".join(f"<th scope='col'>{name}" for name in ("Id", "Planned for", "State", "Notes"))
    return table("One-to-ones", heads, rows)


def tally(prepared: Prepared) -> str:
    """What was done by its day, of what was due and of which that is known."""
    (done, due), (held, planned) = plans.so_far(prepared.plan, prepared.today)
    return (
        f"<p class='small quiet'>By their day: {done} of {due} actions done, {held} of {planned} one-to-ones held (within {plans.GRACE} days). Only what fell due counts; "
        "what was dropped, with its reason, does not.</p>"
    )


def proposals(prepared: Prepared) -> str:
    """Goals that the evidence suggests; nothing where it suggests none."""
    rows = "".join(f"<li><b>{escape(one.says)}</b> <span class='small quiet'>{escape(one.why)}</span></li>" for one in prepared.proposed)
    return f"<h3>Goals that the evidence suggests</h3><p class='small quiet'>Proposals: the person takes one up, in words of their own, or does not.</p><ul>{rows}</ul>" if rows else ""


def section(prepared: Prepared) -> str:
    """The plan under its heading, for a page."""
    since = f"since the last one-to-one on {prepared.last:%d %B %Y}" if prepared.last else "no one-to-one was held yet"
    lines = "".join(f"<li>{words(line)}</li>" for line in prepared.agenda)
    return (
        f"<h2>Plan and one-to-ones</h2>{goals_table(prepared)}{meetings_table(prepared)}{tally(prepared)}"
        f"<h3>To talk about <span class='small quiet'>({since})</span></h3><ol>{lines}</ol>{proposals(prepared)}"
    )


def document(prepared: Prepared) -> str:
    """The plan as a document of its own."""
    head = f"<h1>Plan of {words(prepared.plan.trainee)}</h1><p class='quiet'>As of {prepared.today:%d %B %Y}.</p>"
    return documents.document("Plan", f"<main>{pages.fragment(head + section(prepared))}</main>")

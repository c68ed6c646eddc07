"""Progress on the competency framework as a page to print: one person with what is missing, a team by name and never by rank."""

from __future__ import annotations

from html import escape

from casework.edges import documents
from casework.faces import pages
from casework.progress.signing import SAID as STEP
from casework.progress.signing import SignOff
from casework.progress.standing import SAID, Person, Progress, State, Team

CELL, HIGH, LEFT, TOP = 66, 40, 130, 64
# A mark beside each word, so that no state is told by colour alone.
MARKS: dict[State, str] = {"not_enough": "○", "developing": "◔", "ready": "◑", "signed_off": "●", "expired": "◌", "blocked": "✕"}
CHIP: dict[State, str] = {"not_enough": "", "developing": " ext", "ready": " due", "signed_off": " ok", "expired": " due", "blocked": " over"}
FILL: dict[State, str] = {"developing": "var(--soft)", "ready": "var(--warm-soft)", "signed_off": "var(--good-soft)", "expired": "var(--warm-soft)", "blocked": "var(--bad-soft)"}
LINE: dict[State, str] = {"developing": "var(--accent)", "ready": "var(--warm)", "signed_off": "var(--good)", "expired": "var(--warm)", "blocked": "var(--bad)"}
DASHED = ' stroke-dasharray="4"'
PRINT = ".cw svg{max-width:100%}.cw tr,.cw figure{break-inside:avoid}.cw figure{margin:8px 0 20px;overflow-x:auto}.cw ul{margin:4px 0;padding-left:18px}@media print{.cw{max-width:none}}@media (max-width:640px){.cw .person thead{display:none}.cw .person td{display:block;border:0;padding:2px 8px}.cw .person tr{display:block;border-bottom:1px solid var(--line);padding:8px 0}}"


def chip(state: State) -> str:
    return f'<span class="chip{CHIP[state]}">{MARKS[state]} {SAID[state]}</span>'


def bar(one: Progress) -> str:
    """The interval on a line from 0 to 100 with the standard across it; dashed and hollow while the evidence does not suffice."""
    if one.typical is None:
        return "<span class='quiet small'>no file yet</span>"
    low, middle, high = (round(2 * 100 * value, 1) for value in (one.typical.low, one.typical.value, one.typical.high))
    standard = round(2 * 100 * one.standard, 1)
    thin = one.thin
    said = f"expected pass rate {100 * one.typical.value:.0f} %, 90 % interval {100 * one.typical.low:.0f} to {100 * one.typical.high:.0f} %, standard {100 * one.standard:.0f} %"
    return (
        f'<svg width="204" height="16" viewBox="-2 0 204 16" role="img" aria-label="{said}"><line x1="0" x2="200" y1="8" y2="8" style="stroke:var(--line)"/>'
        f'<line x1="{standard}" x2="{standard}" y1="1" y2="15" style="stroke:var(--warm)"/>'
        f'<line x1="{low}" x2="{high}" y1="8" y2="8" style="stroke:var(--accent)" stroke-width="{2 if thin else 4}"{DASHED if thin else ""}/>'
        f'<circle cx="{middle}" cy="8" r="4" style="stroke:var(--accent);fill:{"var(--paper)" if thin else "var(--accent)"}"/></svg>'
    )


def figure(one: Progress) -> str:
    """The figure with its interval, number of files and date; never alone."""
    rest = "".join((
        f", {one.practice} as practice" if one.practice else "", f", {one.others} of other kinds" if one.others else "",
        f"<br>last {one.last_on:%d %B %Y}" if one.last_on else "",
    ))  # fmt: skip
    files = f"<span class='quiet small'>{one.files} {'file' if one.files == 1 else 'files'}{rest}</span>"
    if one.typical is None:
        return files
    value = f"{100 * one.typical.value:.0f} %"
    value = value if one.thin else f"<b>{value}</b>"
    return f"{value} <span class='small'>({100 * one.typical.low:.0f} to {100 * one.typical.high:.0f})</span><br>{files}"


def signatures(held: SignOff) -> str:
    """Who has said what, with the reason; why a sign-off ended."""
    rows = "".join(
        f"<li>{escape(g.by)}, {'the trainee' if g.role == 'self' else g.role}, {g.at:%d %B %Y}: {'competent' if g.competent else 'not yet'}"
        f"{' <b>against the advice of the evidence</b>' if g.against else ''}. {escape(g.reason)}</li>"
        for g in held.given
    )  # fmt: skip
    ended = f"<p class='small'>Ended: {escape(held.ended)}</p>" if held.ended else ""
    return (f"<ul class='small'>{rows}</ul>" if rows else "") + ended


def row(one: Progress) -> str:
    """One competency: state, figure, what is missing, what is next."""
    lacking = "".join(f"<li>{escape(lack.why)}. <b>{escape(lack.mend[:1].upper() + lack.mend[1:])}</b></li>" for lack in one.missing)
    indicators = "".join(f"<li>{escape(text)}</li>" for text in one.competency.indicators)
    raci = one.competency.raci
    letters = "" if raci is None else "<p class='small quiet'>Proposed: " + ", ".join(
        f"{who} {letter}" for who, letter in (("assistant", raci.assistant), ("handler", raci.handler), ("lead", raci.lead), ("adviser", raci.adviser)) if letter
    ) + (f". {escape(raci.why)}" if raci.why else "") + "</p>"  # fmt: skip
    lines = escape(", ".join(one.competency.lines))
    return (
        f"<tr><td><b>{escape(one.competency.title)}</b><br><span class='quiet small'>{escape(one.competency.level or 'role')} · {lines}</span>"
        f"<details><summary class='small'>What it looks like</summary><ul class='small'>{indicators}</ul>{letters}</details></td>"
        f"<td>{chip(one.state)}{signatures(one.sign_off)}</td><td class='num'>{bar(one)}<br>{figure(one)}</td>"
        f"<td><b class='small'>{escape(one.next_step)}</b>{f'<details open><summary class=small>What is missing ({len(one.missing)})</summary><ul class=small>{lacking}</ul></details>' if lacking else ''}</td></tr>"
    )


def person_page(person: Person) -> str:
    """One person: supervision, then every competency, the blocked first in words above the table."""
    band = person.band
    blocked = [one for one in person.competencies if one.state == "blocked"]
    first = "".join(f"<li><b>{escape(one.competency.title)}</b>: {escape(one.missing[0].why)}</li>" for one in blocked)
    count = {state: sum(one.state == state for one in person.competencies) for state in MARKS}
    tally = " ".join(f"<span class='chip{CHIP[state]}'>{MARKS[state]} {n} {SAID[state]}</span>" for state, n in count.items() if n)
    up = "" if band is None or not band.up else f"<br><span class='small quiet'>Up: {escape('; '.join(band.up))}</span>"
    down = "" if band is None or not band.down else f"<br><span class='small quiet'>Down: {escape('; '.join(band.down))}</span>"
    card = "" if band is None else f"<div class='card'><h3>Supervision that the sign-offs make</h3><div class='big'>{escape(band.band)}</div><span class='small'>{escape(band.says)}</span>{up}{down}</div>"
    left = f"<p class='small quiet'>Nothing here can tell these; a person has to: {escape(', '.join(person.left_to_people))}.</p>" if person.left_to_people else ""
    return (
        f"<h1>Progress of {escape(person.trainee)}</h1><p class='quiet'>As of {person.at:%d %B %Y}. Expected pass rate on a typical file, with its 90 % interval. "
        "First attempts without help count; repeats are practice. The evidence advises; people sign.</p>"
        f"<div class='cards'>{card}<div class='card'><h3>Competencies</h3><p>{tally}</p></div></div>"
        + (f"<h2>Critical errors that are open</h2><ul>{first}</ul>" if first else "")
        + "<table class='person'><thead><tr><th scope='col'>Competency<th scope='col'>State<th scope='col'>0 to 100, the standard across<th scope='col'>Next step</tr></thead>"
        f"<tbody>{''.join(map(row, person.competencies))}</tbody></table>{left}"
        "<p class='small quiet'>Dashed and hollow: not enough evidence to say. Made from simulated files unless the work was imported; workplace evidence is needed beside it.</p>"
    )


def cell(one: Progress, x: int, y: int) -> str:
    """One cell: mark, figure and interval. Where evidence is thin it is hollow, dashed and without colour."""
    box = f'x="{x}" y="{y}" width="{CELL - 4}" height="{HIGH - 4}" rx="4"'
    # No figure where the evidence does not suffice: a number there reads as a verdict.
    thin = one.thin and one.state == "not_enough"
    said = f"{one.competency.title}: {SAID[one.state]}" + ("" if one.thin or one.typical is None else f", {100 * one.typical.value:.0f} %, {100 * one.typical.low:.0f} to {100 * one.typical.high:.0f}") + f", {one.files} files"
    look = 'style="fill:none;stroke:var(--line)" stroke-dasharray="3 3"' if thin else f'style="fill:{FILL.get(one.state, "none")};stroke:{LINE.get(one.state, "var(--quiet)")}"'
    words = (
        f'<text x="{x + 5}" y="{y + 22}" class="quiet">{MARKS[one.state]} n {one.files}</text>' if one.thin or one.typical is None
        else f'<text x="{x + 5}" y="{y + 15}">{MARKS[one.state]} {100 * one.typical.value:.0f} %</text>'
        f'<text x="{x + 5}" y="{y + 30}" style="font-size:10px">{100 * one.typical.low:.0f} to {100 * one.typical.high:.0f}</text>'
    )  # fmt: skip
    return f"<g><title>{escape(said)}</title><rect {box} {look}/>{words}</g>"


def heat_map(team: Team) -> str:
    """Everyone by competency: a cell prints its figure with the interval, and is hollow where the evidence is thin."""
    columns = team.competencies
    parts = []
    for c, one in enumerate(columns):
        words, lines = one.title.split(), [""]
        for word in words:
            lines[-1:] = [f"{lines[-1]} {word}".strip()] if len(lines[-1]) + len(word) < 11 else [lines[-1], word]
        lines = [line for line in lines if line]
        for n, line in enumerate(lines[:4]):
            shown = line if len(line) <= 10 else f"{line[:8]}…"
            parts.append(f'<text x="{LEFT + c * CELL + 2}" y="{12 + 13 * n}" style="font-size:10px">{escape(shown)}<title>{escape(one.title)}</title></text>')
    for r, person in enumerate(team.people):
        y = TOP + r * HIGH
        name = person.trainee if len(person.trainee) <= 16 else f"{person.trainee[:15]}…"
        parts.append(f'<text x="0" y="{y + 21}">{escape(name)}<title>{escape(person.trainee)}</title></text>')
        parts += [cell(one, LEFT + c * CELL, y) for c, one in enumerate(person.competencies)]
    wide, high = LEFT + CELL * len(columns) + 4, TOP + HIGH * len(team.people) + 4
    return f'<svg viewBox="0 0 {wide} {high}" width="100%" style="min-width:{min(wide, 900)}px" role="img" aria-label="Everyone by competency; the table beneath has it in words">{"".join(parts)}</svg>'


def team_page(team: Team) -> str:
    """A team: the map, its key, and the same in words."""
    key = " ".join(f"<span class='chip{CHIP[state]}'>{MARKS[state]} {SAID[state]}</span>" for state in MARKS)
    rows = [
        [escape(person.trainee), escape(person.band.band) if person.band else "", escape("; ".join(f"{one.competency.title}: {SAID[one.state]}" for one in person.competencies if one.state != "not_enough")) or "nothing yet",
         str(sum(one.state == "not_enough" for one in person.competencies)), _due(person)]
        for person in team.people
    ]  # fmt: skip
    return (
        f"<h1>Progress of the team</h1><p class='quiet'>{len(team.people)} people, by name and not by rank, as of {team.at:%d %B %Y}. Each cell: expected pass rate on a typical file "
        f"with its 90 % interval. Hollow and dashed: too little evidence to say, with the number of files. Without colour: known, and something else is missing for a sign-off.</p><p>{key}</p><figure>{heat_map(team)}</figure>"
        "<h2>In words</h2>" + pages.table(rows, ["Person", "Supervision", "Where there is something to say", "Not enough evidence", "Waits for"])
    )


def _due(person: Person) -> str:
    """Whose step is next, where the evidence suffices or a round is under way."""
    due = [
        f"{one.competency.title}: {STEP[one.sign_off.next]}" for one in person.competencies
        if one.sign_off.next and (one.advice == "ready" or one.sign_off.status == "under way") and one.state not in ("signed_off", "blocked")
    ]  # fmt: skip
    return escape("; ".join(due)) or "more evidence"


def page(shown: Person | Team, more: str = "") -> str:
    """The whole section, for a page of its own or a notebook; `more` is markup of ours that follows, as of `timeline_view`."""
    return f"<style>{PRINT}</style>" + pages.fragment((person_page(shown) if isinstance(shown, Person) else team_page(shown)) + more)


def document(shown: Person | Team, more: str = "") -> str:
    """The section as a document of its own."""
    return documents.document("Progress", f"<main>{page(shown, more)}</main>")

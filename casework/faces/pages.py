"""Pages and charts as self-contained HTML: no script, no font, no picture from anywhere else."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from html import escape

from casework.model.errors import BadInput
from casework.quality.coaching import Debrief, LostMark
from casework.quality.scoring import Scorecard, shown

# JupyterLab has a theme of its own and the page follows it; anywhere else it follows the reader's system.
DARK = (
    "--paper:#15181c;--panel:#1c2025;--line:#333941;--ink:#e6e8ea;--quiet:#a9b0ba;--accent:#7cc0dd;--warm:#f0a56b;--warm-soft:#3a2a1e;"
    "--good:#86c79a;--good-soft:#1d3325;--bad:#f0949b;--bad-soft:#3b2023;--soft:#1d3541"
)
STYLE = """
:root{--paper:#fbfaf7;--panel:#fff;--line:#dedbd2;--ink:#1f2328;--quiet:#5c6370;--accent:#1b5e7a;--warm:#a8480c;--warm-soft:#fbeee3;
--good:#2b6a3f;--good-soft:#e6f1e8;--bad:#a3232f;--bad-soft:#f9e6e7;--soft:#e3eff4}
@media (prefers-color-scheme:dark){:root:not(:has(body[data-jp-theme-light]:not([data-voila]))){@DARK}}
body[data-jp-theme-light="false"]:not([data-voila]){@DARK}
.cw{color:var(--ink);background:var(--paper);font:14px/1.5 system-ui,"Segoe UI","DejaVu Sans",sans-serif;max-width:1080px;margin:0 auto;padding:16px 20px}
.cw h1{font-size:20px;margin:0}.cw h2{font-size:15px;margin:24px 0 8px}.cw h3{font-size:13px;margin:0;color:var(--quiet)}
.cw .quiet{color:var(--quiet)}.cw .small{font-size:12px}.cw .num{font-variant-numeric:tabular-nums}
.cw .cards{display:grid;grid-template-columns:repeat(auto-fit,minmax(200px,1fr));gap:12px;margin:16px 0}
.cw .card{background:var(--panel);border:1px solid var(--line);border-radius:6px;padding:12px 14px}
.cw .big{font-size:28px;font-weight:600;line-height:1.1}.cw .bad{border-color:var(--bad)}
.cw .chip{display:inline-block;padding:1px 8px;border-radius:99px;font-size:12px;border:1px solid var(--line)}
.cw .ok{background:var(--good-soft);color:var(--good)}.cw .over{background:var(--bad-soft);color:var(--bad)}
.cw table{border-collapse:collapse;width:100%}.cw td,.cw th{padding:6px 8px;border-bottom:1px solid var(--line);text-align:left;vertical-align:top}
.cw th{font-size:12px;color:var(--quiet)}.cw td.n,.cw th.n{text-align:right}
.cw .top{display:flex;flex-wrap:wrap;align-items:center;gap:4px 10px}.cw .sp{flex:1}.cw .clock{font-size:20px;font-weight:600}
.cw:has(.desktop){max-width:none;padding:4px 8px}.cw .desktop p{margin:4px 0 8px}
.cw .bar{height:4px;background:var(--line);border-radius:2px;width:80px;overflow:hidden}.cw .bar i{display:block;height:100%;background:var(--accent)}
.cw .due{background:var(--warm-soft);color:var(--warm)}.cw .ext{background:var(--soft);color:var(--accent)}
.cw .paperdoc{max-width:640px;margin:0 auto 12px;padding:20px 28px;background:var(--panel);border:1px solid var(--line);border-radius:6px}
.cw.cw .paperdoc h2{margin:8px 0}.cw .words{white-space:pre-wrap;overflow-wrap:anywhere;font:15px/1.6 Georgia,"DejaVu Serif",serif}
.cw td.could{background:var(--soft)}.cw .beside td{width:42%}.cw .beside td:first-child{width:16%}
.cw details{margin:8px 0}.cw svg text{fill:currentColor;font:12px system-ui,"DejaVu Sans",sans-serif}
""".replace("@DARK", DARK)
NOTICE = "Invented people and cases. Teaching policy unless a clause is marked law or published practice."


def part(body: str) -> str:
    """A piece of a screen in the house's style."""
    return f'<style>{STYLE}</style><div class="cw">{body}</div>'


def fragment(body: str) -> str:
    """A piece that stands alone, with the notice that everything in it is invented."""
    return part(f'{body}<p class="small quiet">{NOTICE}</p>')


def verdict_chip(card: Scorecard) -> str:
    if card.passed is True:
        return '<span class="chip ok">passed</span>'
    if card.passed is None:
        return '<span class="chip">waits for a person</span>'
    failed = [name for name, errors in card.failed_classes().items() if errors]
    return f'<span class="chip over">not passed{": " + ", ".join(failed) if failed else ""}</span>'


def class_chips(card: Scorecard) -> str:
    return " ".join(
        f'<span class="chip {"over" if errors else "ok"}">{name} {len(errors) or "kept"}</span>'
        for name, errors in card.failed_classes().items()
    )


def _lost_row(mark: LostMark) -> str:
    rating = mark.rating
    critical = f'<span class="chip over">critical: {rating.criterion.critical}</span>' if rating.critical_error else ""
    entries = ", ".join(map(str, rating.evidence))
    rules = mark.deciding or ((rating.criterion.clause, mark.says),)
    shown_by = f" <span class='quiet'>(entries {entries})</span>" if entries else ""
    return (
        f"<tr><td><b>{escape(rating.criterion.asks)}</b><br><span class='small quiet'>{escape(', '.join(ref for ref, _ in rules))} · "
        f"{' '.join(rating.criterion.evidences)}</span> {critical}</td>"
        f"<td class='n num'>{float(rating.points):.1f} of {float(rating.available):.1f}</td>"
        f"<td>{escape(mark.seen)}{shown_by}<br><span class='small quiet'>{'<br>'.join(escape(f'“{says}”') for _, says in rules)}</span></td>"
        f"<td>{_won_back(mark)}</td></tr>"
    )


def _won_back(mark: LostMark) -> str:
    """The change that was proved by playing again; the best handling, or the clause, where none was."""
    if not mark.change:
        return "<br>".join(escape(way) for way in mark.better) or escape(mark.says)
    won, total = float(mark.wins or 0), float(mark.total_after or 0)
    return f"{'<br>'.join(map(escape, mark.change))}<br><span class='small quiet'>played again so: +{won:.1f} here, {total:.1f} in all</span>"


def _beside(found: Debrief) -> str:
    """What happened against what could have; the best run is a play of the same day by the same rules."""
    if found.best_run is None:
        return ""

    def lines(told: Sequence[str]) -> str:
        return "<br>".join(map(escape, told))

    rows = "".join(
        f"<tr><td class='num'>{escape(m.when)}</td><td>{lines(m.yours)}</td><td class='{'could' if m.could else ''}'>{lines(m.could)}</td></tr>"
        for m in found.best_run.moments
    )
    return (
        "<h2>What happened, and what could have</h2><table class='beside'><tr><th>When<th>You"
        f"<th>A run of the same day that earns {shown(found.best_run.total)}</tr>{rows}</table>"
    )


def debrief_page(found: Debrief) -> str:
    """The debrief of one play: verdict, lost marks with what would have won them, timeline."""
    card = found.scorecard
    total = shown(card.total, card.rubric.pass_mark)
    bounds = f"provisional, between {shown(card.low)} and {shown(card.high)}" if card.provisional else "complete"
    helped = f"; hints cost {float(card.deducted):g}" if card.deducted else ""
    rows = "".join(_lost_row(m) for m in found.lost)
    clocks = "".join(
        f"<tr><td>{escape(c.clause)}<br><span class='small quiet'>{escape(c.item)}</span></td><td>{c.side}</td>"
        f"<td class='num'>{c.due_at:%a %d %b %H:%M} UTC</td><td>{c.state}</td></tr>"
        for c in card.clocks
    )
    events = "".join(
        f"<tr><td class='num'>{n}</td><td class='num'>{escape(at)}</td><td>{escape(what)}</td></tr>" for at, n, what in found.timeline
    )
    waiting = "".join(f"<li>{escape(text)}</li>" for text in found.awaiting)
    kept = "".join(f"<li>{escape(text)}</li>" for text in found.kept)
    return fragment(
        f"<h1>Debrief · {escape(found.title)}</h1><p class='quiet'>{escape(card.trainee)} · seed {card.seed} · "
        f"rubric {escape(card.rubric.id)} {card.rubric.version}</p><div class='cards'>"
        f"<div class='card'><h3>Score</h3><div class='big num'>{total}</div>{verdict_chip(card)} <span class='small quiet'>{bounds}{helped}</span></div>"
        f"<div class='card'><h3>Critical classes</h3><p>{class_chips(card)}</p><span class='small quiet'>an error fails its class whatever the total</span></div>"
        f"<div class='card'><h3>Band</h3><div class='big'>{escape(card.band or 'open')}</div><span class='small quiet'>pass from {card.rubric.pass_mark}</span></div></div>"
        f"<h2>Marks lost, and what would have won them</h2><table><tr><th>Criterion<th class='n'>Points<th>What was seen<th>What would have won it</tr>"
        f"{rows or '<tr><td colspan=4>Nothing was lost on the criteria rated so far.</td></tr>'}</table>"
        f"{_beside(found)}"
        f"<h2>Clocks at closing</h2><table><tr><th>Clock<th>Side<th>Due<th>State</tr>{clocks}</table>"
        f"<h2>Awaits a person</h2><ul>{waiting or '<li>Nothing</li>'}</ul>"
        f"<details><summary>Kept ({len(found.kept)})</summary><ul>{kept}</ul></details>"
        f"<details><summary>What happened, entry by entry</summary><table>{events}</table></details>"
    )


def interval_bar(low: float, middle: float, high: float, mark: float) -> str:
    """A 0-100 scale with an interval and its middle, and the pass mark."""
    x = [round(2 * value, 1) for value in (low, middle, high, mark)]
    return (
        f'<svg width="210" height="14" role="img" aria-label="{middle:.1f}, from {low:.1f} to {high:.1f}">'
        f'<line x1="0" x2="200" y1="7" y2="7" stroke="#b9b5aa"/><line x1="{x[3]}" x2="{x[3]}" y1="1" y2="13" stroke="#a8480c"/>'
        f'<line x1="{x[0]}" x2="{x[2]}" y1="7" y2="7" stroke="#1b5e7a" stroke-width="4"/>'
        f'<circle cx="{x[1]}" cy="7" r="4" fill="#1b5e7a"/></svg>'
    )


HEADING = 3  # Lines of a column's name.


def heat_map(rows: Sequence[str], columns: Sequence[str], cells: dict[tuple[str, str], tuple[float, int]]) -> str:
    """Share of available points earned (0 to 1, n) by row and column; each cell prints its number, thin data hatched."""
    left, width, height, top = 180, 118, 26, 8 + 14 * HEADING
    parts = [
        '<defs><pattern id="thin" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
        '<line x1="0" y1="0" x2="0" y2="6" stroke="#8a909b" stroke-width="1"/></pattern></defs>'
    ]
    for c, name in enumerate(columns):
        lines = textwrap.wrap(name.replace("-", "- "), 15, break_long_words=True)[:HEADING]
        for n, line in enumerate(lines):
            parts.append(f'<text x="{left + c * width + 4}" y="{14 + 14 * n}">{escape(line.replace("- ", "-"))}</text>')
    for r, row in enumerate(rows):
        y = top + r * height
        parts.append(f'<text x="0" y="{y + 17}">{escape(row)}</text>')
        for c, column in enumerate(columns):
            if (row, column) not in cells:
                parts.append(f'<text x="{left + c * width + 40}" y="{y + 17}">n/a</text>')
                continue
            share, n = cells[row, column]
            box = f'x="{left + c * width}" y="{y}" width="{width - 4}" height="{height - 4}"'
            parts.append(f'<rect {box} fill="#1b5e7a" fill-opacity="{0.08 + 0.5 * share:.2f}"/>')
            if n < 5:
                parts.append(f'<rect {box} fill="url(#thin)"/>')
            parts.append(f'<text x="{left + c * width + 8}" y="{y + 16}">{100 * share:.0f} % · n {n}</text>')
    total = top + 6 + len(rows) * height
    return f'<svg viewBox="0 0 {left + len(columns) * width} {total}" width="100%" role="img" aria-label="Share of points earned">{"".join(parts)}</svg>'


def table(rows: Sequence[Sequence[str]], head: Sequence[str]) -> str:
    """A plain table; cells are HTML already."""
    if any(len(row) != len(head) for row in rows):
        raise BadInput("a table row has another length than its heading")
    top = "".join(f"<th>{escape(name)}</th>" for name in head)
    body = "".join("<tr>" + "".join(f"<td class='num'>{cell}</td>" for cell in row) + "</tr>" for row in rows)
    return f"<table><tr>{top}</tr>{body}</table>"

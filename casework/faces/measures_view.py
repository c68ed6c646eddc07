"""The measures of the role on one page to print: each line with its figures, run charts with their limits, controls by line."""

from __future__ import annotations

from html import escape

from casework.edges import documents
from casework.faces import pages
from casework.model.framework import Measure
from casework.progress.boards import Outside, PersonBoard, Shown, TeamBoard
from casework.progress.charts import RunChart
from casework.progress.surveys import Simulated

WIDE, HIGH, LEFT, RIGHT, TOP, FOOT = 640, 170, 48, 12, 14, 34
PRINT = ".cw figure{margin:8px 0 20px;break-inside:avoid}.cw figure svg{max-width:820px}.cw figcaption{margin-bottom:4px}.cw tr{break-inside:avoid}@media print{.cw{max-width:none}.cw details{display:block}}"


def figure_cell(one: Shown) -> str:
    """A value with interval and n; the reason where there is none, quietly."""
    figure = one.figure
    unit = "%" if one.measure.unit == "percent" else escape(one.measure.unit)
    says = f"<br><span class='quiet small'>{escape(figure.says)}</span>" if figure.says else ""
    if figure.value is None and figure.low is None:
        return f"<span class='quiet small'>{escape(figure.says)}</span>"
    between = "" if figure.low is None or figure.high is None else f"{figure.low:.1f} to {figure.high:.1f}"
    n = f"n {figure.n}" if figure.n else "n not known"
    if figure.value is None:
        return f"between {between.replace(' to ', ' and ')} {unit} <span class='quiet small'>{n}</span>{says}"
    return f"<b>{figure.value:.1f} {unit}</b>{f' <span class=small>({between})</span>' if between else ''} <span class='quiet small'>{n}</span>{says}"


def plan_cell(one: Shown) -> str:
    """The plan and on which side of it the whole interval lies; why there is none. Words, and colour only beside them."""
    plan = one.plan if isinstance(one, Outside) else one.measure.plan
    if plan is None:
        return f"<span class='quiet small'>no plan: {escape(one.measure.why)}</span>" if one.figure.value is not None else "<span class='quiet small'>no plan</span>"
    style = {"at plan or better": " ok", "short of plan": " over"}.get(one.verdict, "")
    return f"{plan:g}" + (f"<br><span class='chip{style}'>{one.verdict}</span>" if one.verdict else "")


def what_cell(one: Shown) -> str:
    """The measure, where it comes from, who owns it, and what a desk can and cannot do about it."""
    measure = one.measure
    label = f" <span class='chip due'>{escape(one.label)}</span>" if isinstance(one, Simulated) else ""
    if isinstance(one, Outside) and one.period:
        label = f" <span class='chip ext'>from outside, {escape(one.period)}</span>"
    can = f"<br><span class='small'>Can: {escape(measure.can)} Cannot: {escape(measure.cannot)}</span>" if measure.can else ""
    return (
        f"<b>{escape(measure.title)}</b>{label}<br><span class='quiet small'>{escape(measure.source)} · by {measure.period} · owner {escape(measure.owner)} · "
        f"control: {measure.control} · {measure.mark}</span>{can}"
    )


def lines_table(board: TeamBoard | PersonBoard) -> str:
    """Every K line with the measures that show it; what was counted under an earlier line is named and not repeated."""
    left: dict[str, tuple[Measure, str]] = {m.id: (m, why) for m, why in board.left_out} if isinstance(board, PersonBoard) else {}
    rows, first, titles = [], dict[str, str](), dict[str, str]()
    for line, ids in board.lines.items():
        rows.append(f"<tr><th scope='rowgroup' colspan='3'>{line} · {escape(board.headings.get(line, ''))}</th></tr>")
        seen = [id for id in ids if id in first]
        for id in ids:
            if id in first:
                continue
            first[id] = line
            for one in board.shown.get(id, ()):
                titles[id] = one.measure.title
                rows.append(f"<tr><td>{what_cell(one)}</td><td class='num'>{figure_cell(one)}</td><td class='num'>{plan_cell(one)}</td></tr>")
            if id in left:
                titles[id] = left[id][0].title
                rows.append(f"<tr><td><b>{escape(titles[id])}</b></td><td colspan='2' class='quiet small'>not here: {escape(left[id][1])}</td></tr>")
        if seen:
            told = "; ".join(f"{escape(titles.get(id, id))} (under {first[id]})" for id in seen)
            rows.append(f"<tr><td colspan='3' class='small'>Also shown by {told}</td></tr>")
        if not ids:
            rows.append("<tr><td colspan='3' class='quiet small'>Nothing shows this line.</td></tr>")
    return f"<table><thead><tr><th scope='col'>Measure<th scope='col'>Value, 90 % interval, n<th scope='col'>Plan</tr></thead><tbody>{''.join(rows)}</tbody></table>"


def _heard(course: RunChart, title: str, unit: str, by: int) -> str:
    """The chart in a sentence, for whoever does not see it."""
    first, last = course.points[0], course.points[-1]
    middle = f"centre {by * course.centre:.1f}" if course.centre is not None else course.says
    signals = "; ".join(f"{p.period}: {' and '.join(p.signals)}" for p in course.signals) or "no signal"
    return f"{title}, {len(course.points)} periods from {first.period} ({by * first.value:.1f} {unit}) to {last.period} ({by * last.value:.1f} {unit}); {middle}; {signals}"


def run_chart(one: Shown) -> str:
    """A run chart: points in order, centre and limits where there are enough of them, signals ringed and named; the numbers beneath."""
    course = one.course
    if course is None or len(course.points) < 2:
        return ""
    by, unit = 100 if course.kind == "p" else 1, "%" if one.measure.unit == "percent" else one.measure.unit
    marks = [by * v for p in course.points for v in (p.value, p.low, p.high) if v is not None]
    plan = one.plan if isinstance(one, Outside) else one.measure.plan
    low, high = min([*marks, *([plan] if plan is not None else [])]), max([*marks, *([plan] if plan is not None else [])])
    room = (high - low) * 0.08 or 1
    low, high = low - room, high + room

    step = (WIDE - LEFT - RIGHT) / len(course.points)

    def x(n: float) -> float:
        return round(LEFT + (n + 0.5) * step, 1)

    def y(value: float) -> float:
        return round(TOP + (high - value) / (high - low) * (HIGH - TOP - FOOT), 1)

    parts = [f'<line x1="{LEFT}" x2="{LEFT}" y1="{TOP}" y2="{HIGH - FOOT}" style="stroke:var(--line)"/>']
    for value in (low + room, high - room):
        parts.append(f'<text x="{LEFT - 6}" y="{y(value) + 4}" text-anchor="end">{value:.0f}</text>')
    if plan is not None:
        parts.append(f'<line x1="{LEFT}" x2="{WIDE - RIGHT}" y1="{y(plan)}" y2="{y(plan)}" style="stroke:var(--warm)" stroke-dasharray="2 3"/>')
        # At the top a label above the line would lie outside the picture.
        parts.append(f'<text x="{LEFT + 6}" y="{y(plan) + (12 if y(plan) < TOP + 12 else -4)}" style="paint-order:stroke;stroke:var(--paper);stroke-width:3px">plan {plan:g}</text>')
    if course.centre is not None:
        parts.append(f'<line x1="{LEFT}" x2="{WIDE - RIGHT}" y1="{y(by * course.centre)}" y2="{y(by * course.centre)}" style="stroke:var(--quiet)"/>')
        for name in ("low", "high"):
            # Limits of a share step from period to period, as n does.
            steps = " ".join(f"{x(n + side)},{y(by * getattr(p, name))}" for n, p in enumerate(course.points) for side in (-0.5, 0.5))
            parts.append(f'<polyline points="{steps}" fill="none" style="stroke:var(--quiet)" stroke-dasharray="6 3"/>')
    trace = " ".join(f"{x(n)},{y(by * p.value)}" for n, p in enumerate(course.points))
    parts.append(f'<polyline points="{trace}" fill="none" style="stroke:var(--accent)" stroke-width="2"/>')
    every = max(1, -(-len(course.points) // 8))  # No more than eight labels, which then do not touch.
    for n, p in enumerate(course.points):
        parts.append(f'<circle cx="{x(n)}" cy="{y(by * p.value)}" r="3" style="fill:var(--accent)"/>')
        if p.signals:
            parts.append(f'<circle cx="{x(n)}" cy="{y(by * p.value)}" r="7" fill="none" style="stroke:var(--bad)" stroke-width="2"/>')
        if n % every == 0:
            parts.append(f'<text x="{x(n)}" y="{HIGH - 14}" text-anchor="middle">{escape(p.period)}</text>')
    simulated = f" <span class='chip due'>{escape(one.label)}</span>" if isinstance(one, Simulated) else ""
    below = "; ".join(f"{p.period}: {' and '.join(p.signals)}" for p in course.signals)
    note = course.says.capitalize() or (f"Signals, ringed: {below}" if below else "No signal: what moves here is ordinary variation.")
    return (
        f"<figure><figcaption><b>{escape(one.measure.title)}</b>{simulated} <span class='quiet small'>{escape(unit)}, {'p-chart' if course.kind == 'p' else 'XmR chart'}. {escape(note)}</span></figcaption>"
        f'<svg viewBox="0 0 {WIDE} {HIGH}" width="100%" role="img" aria-label="{escape(_heard(course, one.measure.title, unit, by))}">{"".join(parts)}</svg>'
        f"<details><summary class='small'>The numbers</summary>{_numbers(course, by)}</details></figure>"
    )


def _numbers(course: RunChart, by: int) -> str:
    """The chart as a table."""
    rows = [
        [escape(p.period), f"{by * p.value:.1f}", str(p.n) if p.n else "not known", "" if p.low is None or p.high is None else f"{by * p.low:.1f} to {by * p.high:.1f}", ", ".join(p.signals)]
        for p in course.points
    ]  # fmt: skip
    return pages.table(rows, ["Period", "Value", "n", "Limits", "Signals"])


def controls_table(board: TeamBoard) -> str:
    """What this work adds to the self-assessment of risks and controls."""
    if not board.controls:
        return ""
    rows = [[c.line, str(c.evidenced), str(c.failed), escape(", ".join(f"{id} {n}" for id, n in c.failing)) or "none"] for c in board.controls]
    return (
        "<h2>Controls for the self-assessment</h2><p class='small quiet'>A control counts once for each case that called for it, under every line it serves; "
        "what a case did not call for is in neither number.</p>" + pages.table(rows, ["Line", "Evidenced", "Failed", "Where it failed"])
    )


def page(board: TeamBoard | PersonBoard) -> str:
    """The whole section, for a page of its own or a notebook."""
    team = isinstance(board, TeamBoard)
    whose = f"{board.people} {'person' if board.people == 1 else 'people'}" if isinstance(board, TeamBoard) else escape(board.person)
    lead = "<p class='small'>Members' answers are <b>simulated</b>: they show how handling moves a score, tell nothing of any real member, and are in nobody's record.</p>" if team else (
        "<p class='small'>This person's own work. A survey is no part of it, nor is anything that a desk does not control.</p>"
    )
    charts = "".join(run_chart(one) for shown in board.shown.values() for one in shown)
    return (
        f"<style>{PRINT}</style>" + pages.fragment(
            f"<h1>Measures of the role</h1><p class='quiet'>{whose} · {board.cases} cases · intervals 90 %</p>{lead}{lines_table(board)}"
            + (
                "<h2>Over time</h2><p class='small quiet'>A signal is a point outside the limits, or the eighth in a row on one side of the centre. Anything else is how the work "
                f"ordinarily varies. Limits: three sigma for shares, 2.66 mean moving ranges for other values (Wheeler).</p>{charts}" if charts else ""
            )
            + (controls_table(board) if isinstance(board, TeamBoard) else "")
        )
    )


def document(board: TeamBoard | PersonBoard) -> str:
    """The section as a document of its own."""
    return documents.document("Measures of the role", f"<main>{page(board)}</main>")

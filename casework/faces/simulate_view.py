"""Answers about a caseload on one page: each in a sentence with its figures, two charts, and what it all rests on."""

from __future__ import annotations

import math
from html import escape
from pathlib import Path

from IPython.display import HTML

from casework import workbench
from casework.faces import pages
from casework.model.errors import BadInput
from casework.practice.answers import Answer, Answers, Side
from casework.practice.simulating import Estimate

LEFT, WIDE, HIGH, TOP = 46, 640, 220, 14


def curve(found: Answers) -> str:
    """The share of clocks met by open cases, with the middle 90 % of runs and the target."""
    one = found.curve
    first, last = one.cases[0], max(one.cases[-1], one.cases[0] + 1)
    floor = math.floor(10 * min(*one.low, found.target)) / 10

    def x(cases: float) -> float:
        return round(LEFT + (cases - first) / (last - first) * WIDE, 1)

    def y(part: float) -> float:
        return round(TOP + (1 - part) / (1 - floor) * HIGH, 1)

    band = " ".join(f"{x(c)},{y(v)}" for c, v in [*zip(one.cases, one.low, strict=True), *list(zip(one.cases, one.high, strict=True))[::-1]])
    line = " ".join(f"{x(c)},{y(v)}" for c, v in zip(one.cases, one.mean, strict=True))
    carried = found.answers[0].sides[0].carried
    low, high = (min(max(v, first), last) for v in (carried.low, carried.high))
    ticks = "".join(f'<text x="{x(c) - 8}" y="{TOP + HIGH + 16}">{c}</text>' for c in one.cases)
    ticks += "".join(f'<text x="0" y="{y(v) + 4}">{100 * v:.0f} %</text>' for v in {1.0, found.target, floor})
    return (
        "<h2>How the share of clocks met falls with open cases</h2><p class='small quiet'>Line: mean over runs. Band: the middle 90 % of runs, "
        "which is how one quarter differs from another. Upright: the caseload that is carried, with its 90 % interval.</p>"
        f'<svg viewBox="0 0 {LEFT + WIDE + 20} {TOP + HIGH + 36}" width="100%" role="img" aria-label="Share of clocks met by open cases">'
        f'<polygon points="{band}" fill="#2f86a8" fill-opacity="0.18"/><polyline points="{line}" fill="none" stroke="#2f86a8" stroke-width="2"/>'
        f'<line x1="{LEFT}" x2="{LEFT + WIDE}" y1="{y(found.target)}" y2="{y(found.target)}" stroke="#a8480c" stroke-dasharray="4 3"/>'
        f'<rect x="{x(low)}" y="{TOP}" width="{max(x(high) - x(low), 1):.1f}" height="{HIGH}" fill="#a8480c" fill-opacity="0.12"/>'
        f'{ticks}<text x="{LEFT}" y="{TOP + HIGH + 32}">open cases</text></svg>'
    )


def bars(found: Answers) -> str:
    """The cases carried under every alternative, with 90 % intervals on one scale from nought."""
    rows = [(side.name, side.carried) for one in found.answers[1:] for side in one.sides]
    most = max([1.0, *(value for _, carried in rows for value in (carried.value, carried.high) if math.isfinite(value))])
    parts = []
    for n, (name, carried) in enumerate(rows):
        ends = [value if math.isfinite(value) else carried.value for value in (carried.low, carried.value, carried.high)]
        y, to = 20 + 22 * n, [round(220 + 400 * value / most, 1) for value in ends]
        parts.append(
            f'<text x="0" y="{y + 4}">{escape(name[:34])}</text><rect x="220" y="{y - 6}" width="{max(to[1] - 220, 0):.1f}" height="12" fill="#2f86a8" fill-opacity="0.35"/>'
            f'<line x1="{to[0]}" x2="{to[2]}" y1="{y}" y2="{y}" stroke="#2f86a8" stroke-width="3"/><text x="{to[2] + 8}" y="{y + 4}">{math.floor(carried.value)}</text>'
        )
    if not rows:
        return ""
    return (
        f"<h2>Open cases carried, by alternative</h2><svg viewBox='0 0 680 {30 + 22 * len(rows)}' width='100%' role='img' aria-label='Open cases carried, by alternative'>"
        + "".join(parts) + "</svg>"
    )  # fmt: skip


def _cell(one: Estimate, scale: float = 1.0, digits: int = 1) -> str:
    if not math.isfinite(one.value):
        return "<span class='quiet small'>nothing to count</span>"
    between = f" <span class='small'>({scale * one.low:.{digits}f} to {scale * one.high:.{digits}f})</span>" if math.isfinite(one.low) else ""
    return f"{scale * one.value:.{digits}f}{between}"


def _whole(one: Estimate) -> Estimate:
    """Whole cases: a part of one is not carried."""
    value, low, high = (float(math.floor(x)) if math.isfinite(x) else x for x in (one.value, one.low, one.high))
    return Estimate(value, low, high, one.n)


def _row(side: Side) -> list[str]:
    figures = side.figures
    return [escape(side.name), str(side.way.open_cases), _cell(side.in_time, 100), _cell(_whole(side.carried), digits=0), _cell(figures["hours"]),
            f"{100 * figures['occupied'].value:.0f} %", f"{figures['escalated_a_day'].value:.1f}", f"{figures['reviewing_a_day'].value:.0f}"]  # fmt: skip


def told(one: Answer) -> str:
    """One answer: the question, the sentence, the figures of its alternatives, and what they assume."""
    head = ["", "Open cases", "Clocks met, %", "Cases carried", "Working hours to finish", "Of desk time busy", "Escalations a day", "Reviewer's minutes a day"]
    assumes = "".join(f"<li class='small'>{escape(line)}</li>" for line in one.assumes)
    return f"<h2>{escape(one.asks)}</h2><p>{escape(one.says)}</p>" + pages.table([_row(side) for side in one.sides], head) + (f"<ul>{assumes}</ul>" if assumes else "")


def page(found: Answers) -> str:
    """The whole page; the numbers of the assumptions stand on it, so that nobody takes the answers without them."""
    assumes = "".join(f"<li>{escape(line)}</li>" for line in found.assumes)
    return pages.fragment(
        f"<h1>{escape(found.simulation.title)}</h1><p class='quiet'>{found.runs} runs, seed {found.seed}; in brackets 90 % intervals. "
        f"Alternatives meet the same chances, so their differences are surer than each figure alone. <span class='chip'>{escape(found.simulation.mark)}</span></p>"
        + told(found.answers[0]) + curve(found) + "".join(map(told, found.answers[1:])) + bars(found)
        + f"<h2>What all of it rests on</h2><p class='small quiet'>Replace these by counts of your own before you act on an answer.</p><ul>{assumes}</ul>"
    )  # fmt: skip


def simulate(caseload: str, runs: int, seed: int, what_if: str = "", content: str = "") -> HTML:
    """The page for a simulation, or for the caseload that it stands for; what is wrong with the parameters, in words."""
    try:
        held = workbench.library(Path(content) if content else None)
        return HTML(page(workbench.simulate(held, caseload, runs, seed, None, what_if or None)))
    except BadInput as error:
        return HTML(pages.part(f"<h1>Simulation</h1><p class='over'>{escape(str(error))}</p>"))

"""Evidence over time as pictures in words and lines: one person's lines, and practice beside live work."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from html import escape

from casework.faces import pages
from casework.progress.timelines import Point, TimeLine
from casework.progress.transfer import FEWEST_PEOPLE, Transfer

WIDE, HIGH, LEFT, SIDE = 300, 96, 26, 150
ASKED = "Does practice tell of live work?"
CLAIMS = {
    "together": "who stood higher in practice did better in live work", "opposed": "who stood higher in practice did worse in live work",
    "not shown": "no relation is shown, which is not to say that there is none", "": "",
}  # fmt: skip
NO_PROOF = (
    "A relation is no proof that practice helps: nobody drew lots who practises how much, and who is given live work may have been chosen by how practice went, which hides part of "
    "a relation. Practice counts up to the first live file, live work from then on."
)


def over_time(lines: Sequence[TimeLine]) -> str:
    """One person's lines, a picture for each competency; empty where there are none."""
    if not lines:
        return ""
    shown = "".join(f"<figure><figcaption class='small'><b>{escape(one.competency.title)}</b></figcaption>{line(one)}</figure>" for one in lines)
    return (
        "<h2>Over time</h2><p class='small quiet'>Expected pass rate on a typical file, 0 to 100 %, after each file that counted; the band is its 90 % interval, which time widens. "
        "A dot is a practice file, a square live work; the line across is the standard.</p>"
        f"<div style='display:flex;flex-wrap:wrap;gap:4px 24px'>{shown}</div>"
    )


def line(one: TimeLine) -> str:
    """One competency's line with its band."""
    first, last = one.points[0].at, one.points[-1].at
    spots = [(_across(point, first, last), point) for point in one.points]
    band = " ".join(f"{x},{_down(p.typical.high)}" for x, p in spots) + " " + " ".join(f"{x},{_down(p.typical.low)}" for x, p in reversed(spots))
    middle = " ".join(f"{x},{_down(p.typical.value)}" for x, p in spots)
    files = sum(bool(p.file) for p in one.points)
    now = one.points[-1].typical
    said = f"{files} {'file' if files == 1 else 'files'} from {first:%d %B %Y} to {last:%d %B %Y}; now {100 * now.value:.0f} %, 90 % interval {100 * now.low:.0f} to {100 * now.high:.0f} %"
    ticks = "".join(f'<text x="0" y="{_down(rate) + 4}" style="font-size:10px">{100 * rate:.0f}</text>' for rate in (0.0, 0.5, 1.0))
    return (
        f'<svg width="{WIDE + LEFT + 8}" height="{HIGH + 26}" viewBox="0 -8 {WIDE + LEFT + 8} {HIGH + 26}" role="img" aria-label="{said}">{ticks}'
        f'<polygon points="{band}" style="fill:var(--soft)"/><line x1="{LEFT}" x2="{LEFT + WIDE}" y1="{_down(one.standard)}" y2="{_down(one.standard)}" style="stroke:var(--warm)"/>'
        f'<polyline points="{middle}" style="fill:none;stroke:var(--accent)" stroke-width="2"/>{"".join(_spot(x, p) for x, p in spots if p.file)}'
        f'<text x="{LEFT}" y="{HIGH + 14}" style="font-size:10px">{first:%d %b %Y}</text>'
        f'<text x="{LEFT + WIDE}" y="{HIGH + 14}" text-anchor="end" style="font-size:10px">{last:%d %b %Y}</text></svg>'
    )


def _across(point: Point, first: datetime, last: datetime) -> float:
    whole = (last - first).total_seconds()
    return round(LEFT + WIDE * ((point.at - first).total_seconds() / whole if whole else 0.5), 1)


def _down(rate: float) -> float:
    return round(HIGH * (1 - rate), 1)


def _spot(x: float, point: Point) -> str:
    y = _down(point.typical.value)
    if point.file == "live":
        return f'<rect x="{x - 3.5}" y="{y - 3.5}" width="7" height="7" style="stroke:var(--accent);fill:var(--paper)"/>'
    return f'<circle cx="{x}" cy="{y}" r="2.5" style="fill:var(--accent)"/>'


def section(found: Sequence[Transfer]) -> str:
    """The same under its heading, for a page."""
    return f"<h2>{ASKED}</h2>{practice_beside_live(found)}"


def practice_beside_live(found: Sequence[Transfer]) -> str:
    """Whether practice tells of live work, by competency; says what is missing where it cannot be told."""
    if not found:
        return f"<p class='small quiet'>There are no marks on real files here: bring imported work in under the ids that people practise under. At least {FEWEST_PEOPLE} people with both are needed.</p>"
    rows = [[escape(one.competency.title), str(one.n), _figure(one), escape(one.why or CLAIMS[one.claim])] for one in found]
    pictures = "".join(f"<figure><figcaption class='small'><b>{escape(one.competency.title)}</b></figcaption>{scatter(one)}</figure>" for one in found if one.rank is not None)
    return (
        "<p class='small quiet'>Rank correlation over people (-1 to 1) between the pass rate that practice led to expect and the share on real files after, with its 90 % interval. "
        f"{NO_PROOF} What is said in words has been made stricter for the number of competencies looked at.</p>"
        + pages.table(rows, ["Competency", "People", "Rank correlation (90 % interval)", "What it says"])
        + (f"<div style='display:flex;flex-wrap:wrap;gap:4px 24px'>{pictures}</div>" if pictures else "")
    )


def _figure(one: Transfer) -> str:
    return "-" if one.rank is None else f"{one.rank:.2f} ({one.low:.2f} to {one.high:.2f})"


def scatter(one: Transfer) -> str:
    """Practice across and live work up, a dot for each person, by name in no picture."""
    dots = "".join(
        f'<circle cx="{round(LEFT + SIDE * pair.expected, 1)}" cy="{round(SIDE * (1 - pair.live), 1)}" r="3.5" style="fill:none;stroke:var(--accent)"/>' for pair in one.pairs
    )
    return (
        f'<svg width="{SIDE + LEFT + 8}" height="{SIDE + 26}" viewBox="0 -6 {SIDE + LEFT + 8} {SIDE + 26}" role="img" aria-label="{one.n} people, rank correlation {_figure(one)}">'
        f'<rect x="{LEFT}" y="0" width="{SIDE}" height="{SIDE}" style="fill:none;stroke:var(--line)"/>{dots}'
        f'<text x="0" y="10" style="font-size:10px">100</text><text x="0" y="{SIDE}" style="font-size:10px">0</text>'
        f'<text x="{LEFT}" y="{SIDE + 14}" style="font-size:10px">practice, % →; live work, % ↑</text></svg>'
    )

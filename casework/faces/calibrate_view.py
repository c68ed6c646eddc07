"""Calibration on one page: how raters stand beside one another and the expert, what to talk about, and what criteria tell.

What cannot be said yet keeps its cell, in words, without colour and without a place in any order.
"""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from pathlib import Path

from IPython.display import HTML

from casework import workbench
from casework.faces import pages
from casework.model.errors import BadInput
from casework.quality.calibrating import Deviation, Disagreement, Halo
from casework.quality.facets import Estimate, Facets, Severity
from casework.quality.figures import Figure
from casework.quality.generalising import Study
from casework.quality.items import Analysis

FIRST = 20  # Disagreements on the page; the command prints them all as JSON.
ACT_ON = 50  # Files marked twice, the least from which agreement is plain.


def cell(figure: Figure, digits: int = 2) -> str:
    """A figure with its interval and n; the reason where there is none, quietly."""
    if figure.value is None:
        return f"<span class='quiet small'>{escape(figure.says)}</span>"
    between = "" if figure.low is None or figure.high is None else f" <span class='small'>({figure.low:.{digits}f} to {figure.high:.{digits}f})</span>"
    thin = "<br><span class='quiet small'>shown, too few to act on</span>" if figure.standing == "faint" else ""
    return f"{figure.value:.{digits}f}{between} <span class='quiet small'>n {figure.n}</span>{thin}"


def whisker(figure: Figure) -> str:
    """A lean from -1 to 1 with its interval about nought; nothing where it is not known."""
    if figure.value is None or figure.low is None or figure.high is None:
        return ""
    low, middle, high = (round(100 + 96 * x, 1) for x in (figure.low, figure.value, figure.high))
    return (
        f'<svg width="200" height="14" role="img" aria-label="{figure.value:.2f}, from {figure.low:.2f} to {figure.high:.2f}">'
        f'<line x1="4" x2="196" y1="7" y2="7" stroke="#8a909b"/><line x1="100" x2="100" y1="1" y2="13" stroke="#8a909b"/>'
        f'<line x1="{low}" x2="{high}" y1="7" y2="7" stroke="#2f86a8" stroke-width="4"/><circle cx="{middle}" cy="7" r="4" fill="#2f86a8"/></svg>'
    )


def agreement(found: Iterable[workbench.CriterionAgreement]) -> str:
    """Agreement by criterion, raw beside corrected for chance, with how often each level was used."""
    rows = []
    for one in found:
        used = escape(", ".join(f"{level} {100 * share:.0f} %" for level, share in one.used))
        if not one.found:
            rows.append([escape(one.asks), f"<span class='quiet small'>{escape(one.why_not)}</span>", "", "", used])
            continue
        thin = "<br><span class='quiet small'>shown, too few to act on</span>" if one.double < ACT_ON else ""
        rows.append([escape(one.asks), f"{one.found['percent_agreement']:.0f} % <span class='quiet small'>n {one.double}</span>{thin}",
                     _statistic(one.found["gwet_ac2"]), _statistic(one.found["krippendorff_alpha"]), used])  # fmt: skip
    return (
        "<h2>How far raters agree</h2><p class='small quiet'>On files that two or more marked, the expert left out; 95 % intervals. "
        "Alpha falls towards nought where nearly all marks are alike, however well raters agree: read it beside the raw agreement.</p>"
        + pages.table(rows, ["Criterion", "Alike", "AC2, linear", "Krippendorff's alpha, ordinal", "Levels given"])
    )


def _statistic(one: object) -> str:
    value, low, high, reason = (getattr(one, name) for name in ("value", "low", "high", "reason"))
    if value is None:
        return f"<span class='quiet small'>{escape(str(reason))}</span>"
    return f"{value:.2f}" + (f" <span class='small'>({low:.2f} to {high:.2f})</span>" if low is not None else "")


def beside_expert(found: Iterable[Deviation], asks: dict[str, str]) -> str:
    """Each rater less the expert, over all and by criterion; by alias, in no order of merit."""
    rows = [
        [escape(d.alias), "<b>all criteria</b>" if d.criterion is None else escape(asks.get(d.criterion, d.criterion)), cell(d.signed), whisker(d.signed), cell(d.apart)]
        for d in found
    ]  # fmt: skip
    if not rows:
        return ""
    return (
        "<h2>Beside the expert</h2><p class='small quiet'>The rater's mark less the expert's, in shares of the full mark: above nought is kinder. "
        "90 % intervals over files; the order is no ranking.</p>" + pages.table(rows, ["Rater", "Criterion", "Kinder or stricter", "-1 to 1", "Apart, either way"])
    )


def severity(found: Facets) -> str:
    """Each rater's lean and drift, and trainees as marked beside as an average rater would have marked; advice, and no mark."""
    head = "<h2>Severity</h2>"
    if found.why_not is not None:
        return f"{head}<p class='quiet'>Not separable: {escape(found.why_not)}.</p>"
    rows = [[escape(r.rater), str(r.files), f"{r.raw:.0f} %", _lean(r), _drift(r), _scatter(r)] for r in found.raters]
    beside = [
        [escape(t.trainee), str(t.files), f"{t.raw:.1f}", f"<span class='quiet small'>{escape(t.why_not or '')}</span>" if t.adjusted is None else _between(t.adjusted)]
        for t in found.trainees
    ]  # fmt: skip
    return (
        f"{head}<p class='small quiet'>Advice beside the marks, and never in their place: trainee, file, criterion and rater told apart by a model "
        "(90 % intervals). Points are what a typical mark gains by the rater: above nought is kinder. Were nobody drifting, chance alone would flag "
        f"{found.flags_by_chance:.1f} of these raters.</p>"
        + pages.table(rows, ["Rater", "Files", "Mean as marked", "Points a mark gains", "Change by the week, logits", "Scatter"])
        + "<h2>As marked, and as an average rater would have marked</h2><p class='small quiet'>In percent; the second on a typical file. The order is no ranking, and what was marked stands.</p>"
        + pages.table(beside, ["Trainee", "Files", "As marked", "Adjusted"])
    )


def _between(one: Estimate, digits: int = 1) -> str:
    return f"{one.value:.{digits}f} <span class='small'>({one.low:.{digits}f} to {one.high:.{digits}f})</span>"


def _lean(one: Severity) -> str:
    return _between(one.points) if one.points is not None else f"<span class='quiet small'>{escape(one.why_not or '')}</span>"


def _drift(one: Severity) -> str:
    if one.drift is None:
        return "<span class='quiet small'>too short a time</span>" if one.why_not is None else ""
    kinder = Estimate(-one.drift.value, -one.drift.high, -one.drift.low)
    return _between(kinder, 2) + ("<br><span class='chip'>changing</span>" if one.drifts else "")


def _scatter(one: Severity) -> str:
    """Infit and outfit: about 1 where marks are as scattered as the model expects."""
    if one.infit is None or one.outfit is None:
        return "<span class='quiet small'>from 100 marks</span>" if one.why_not is None else ""
    return f"{one.infit:.2f}, {one.outfit:.2f}"


def impressions(found: Iterable[Halo]) -> str:
    """How much each rater's marks differ within a file beside the others'."""
    rows = [[escape(h.alias), cell(h.ratio), "one impression may fill every box" if h.hint else ""] for h in found]
    return (
        "<h2>One impression, or several</h2><p class='small quiet'>How much a rater's marks differ within a file, as a ratio to the other raters': "
        "1 is as much as theirs. A hint to look, and files differ too: about one rater in twenty is hinted at by chance.</p>" + pages.table(rows, ["Rater", "Ratio", "Hint"])
    )


def to_discuss(found: tuple[Disagreement, ...]) -> str:
    """What to talk about first, with who said what by alias."""
    if not found:
        return "<h2>To talk about</h2><p>No file was given different levels.</p>"
    rows = []
    for d in found[:FIRST]:
        critical = f"<br><span class='chip'>critical: {escape(d.criterion.critical)}</span>" if d.criterion.critical else ""
        said = "<br>".join(f"{'<b>expert</b>' if s.alias == 'expert' else escape(s.alias)}: {escape(s.level)}" for s in d.said)
        rows.append([escape(d.unit), escape(d.criterion.asks) + critical, said, f"{d.points:.1f}"])
    more = f" The first {FIRST} of {len(found)}." if len(found) > FIRST else ""
    return (
        f"<h2>To talk about</h2><p class='small quiet'>Critical criteria first, then by points of the total between the marks.{more}</p>"
        + pages.table(rows, ["File", "Criterion", "Who gave what", "Points between"])
    )


def criteria_table(found: Analysis) -> str:
    """What each criterion tells, in the order of the rubric."""
    rows = []
    for item in found.items:
        varies = "<br><span class='quiet small'>never varied</span>" if item.varies is False else ""
        rows.append([escape(item.question.asks), cell(item.facility) + varies, cell(item.with_the_rest), "<br>".join(map(escape, item.flags))])
    return (
        f"<h2>What the criteria tell</h2><p class='small quiet'>{escape('; '.join(found.notes))}. 90 % intervals over trainees. Were every criterion sound, chance alone would raise "
        f"{found.by_chance.weak:.2f} flags for telling little, and at most {found.by_chance.facility:.1f} for being met too often or seldom.</p>"
        + pages.table(rows, ["Criterion", "Met", "With the rest", "Flag"])
        + f"<p>Alpha: {cell(found.alpha)} <span class='quiet small'>{escape(found.alpha.says if found.alpha.value is not None else '')}</span></p>"
    )


def study_table(found: Study) -> str:
    """What scores vary by, and how sure a mean of so many files is."""
    head = "<h2>How many files make a score sure</h2>"
    if found.why_not:
        return f"{head}<p class='quiet'>{escape(found.why_not)}</p>"
    parts = pages.table([[escape(p.source), f"{100 * p.share:.0f} %"] for p in found.parts], ["Scores vary by", "Share of the variance"])
    rows = [[str(d.files), str(d.raters), cell(d.relative), cell(d.absolute)] for d in found.decisions]
    enough = f"{found.enough} files reach 0.80 with their difficulty adjusted for" if found.enough else "No number of files up to 100 reaches 0.80"
    return (
        f"{head}<p class='small quiet'>{escape('; '.join(found.notes))}.</p>{parts}<p>{enough}.</p>"
        + pages.table(rows, ["Files", "Raters of each", "Files' difficulty adjusted for", "Not adjusted for"])
    )


def page(found: workbench.Calibration, study: Study | None = None, about: str = "") -> str:
    """The whole page; `about` says whose marks these are."""
    asks = {one.criterion: one.asks for one in found.agreement}
    whose = f"<p><span class='due'>{escape(about)}</span></p>" if about else ""
    return pages.part(
        f"<h1>Calibration</h1>{whose}<p class='quiet'>{found.marks} marks · {found.units} files · {len(found.aliases)} raters, by alias</p>"
        + agreement(found.agreement) + beside_expert(found.deviations, asks) + (severity(found.facets) if found.facets else "") + impressions(found.halo) + to_discuss(found.disagreements)
        + (criteria_table(found.analysis) if found.analysis else "") + (study_table(study) if study and found.analysis else "")
    )


def open_calibration(marks: str = "", rubric: str = workbench.MAIN_RUBRIC, seed: int = 1, store: str = "", content: str = "") -> HTML:
    """Calibration from a table of marks; without one from the marks handed in here; without any, from an invented team, labelled so."""
    held = workbench.library(Path(content) if content else None)
    try:
        if marks:
            found, about = workbench.read_marks(held, Path(marks), rubric), f"The marks in {Path(marks).name}"
        else:
            found, about = workbench.marks_of(workbench.open_access(held, store or None)), "The marks handed in here"
        if not any(mark.share is not None for mark in found) and not marks:
            found = workbench.demonstration_marks(held, rubric, seed)
            about = f"Simulated: an invented team from seed {seed}, because no marks are handed in here. It says nothing of anybody."
        told = workbench.calibrate_marks(held, found, rubric)
        return HTML(page(told, workbench.criteria_of(held, found, rubric).study, about=about))
    except BadInput as error:
        return HTML(pages.part(f"<h1>Calibration</h1><p class='over'>{escape(str(error))}</p>"))

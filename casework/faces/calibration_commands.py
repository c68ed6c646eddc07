"""Commands of calibration: raters beside one another, and what each criterion tells."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from casework.faces.terminal import AsJson, Content, RubricId, guarded, put, say

if TYPE_CHECKING:
    from casework.quality.facets import Facets
    from casework.quality.figures import Figure

FIRST = 10  # Disagreements that are printed; --json has them all.


def in_words(figure: Figure, digits: int = 2) -> str:
    """A figure with its interval and n, or why there is none."""
    if figure.value is None:
        return figure.says
    between = "" if figure.low is None or figure.high is None else f" ({figure.low:.{digits}f} to {figure.high:.{digits}f})"
    return f"{figure.value:.{digits}f}{between}, n {figure.n}{', too few to act on' if figure.standing == 'faint' else ''}"


@guarded
def calibrate(
    path: Annotated[Path, typer.Argument(help="CSV or XLSX: unit, rater, criterion, rating; also scenario, trainee, at, expert.", metavar="MARKS.csv")],
    rubric: RubricId = "case-handling",
    scale: Annotated[str, typer.Option("--scale", help="Every rating there can be, from lowest to highest, with commas; else the rubric's levels.")] = "",
    content: Content = None,
    as_json: AsJson = False,
) -> None:
    """How raters stand beside one another and the expert. Says what is worth talking about first."""
    from casework import workbench

    found = workbench.calibrate(workbench.library(content), path, rubric, scale.split(",") if scale else ())
    if as_json:
        put(workbench.calibration_json(found))
        return
    say(f"{found.marks} marks of {found.units} files by {len(found.aliases)} raters; intervals 90 %, of agreement 95 %")
    say("Agreement, by criterion")
    for one in found.agreement:
        said = one.why_not
        if one.found:
            ac2 = one.found["gwet_ac2"]
            between = f" ({ac2.low:.2f} to {ac2.high:.2f})" if ac2.low is not None else ""
            said = f"{one.found['percent_agreement']:.0f} % alike, AC2 {ac2.value:.2f}{between}, {one.double} files" if ac2.value is not None else ac2.reason
        say(f"  {one.criterion:22} {said}")
    anyone = any(deviation.signed.n for deviation in found.deviations)
    say("Beside the expert (above nought is kinder)" if anyone else "No file has an expert's marks to be set beside")
    for deviation in found.deviations if anyone else ():
        if deviation.criterion is None:
            say(f"  {deviation.alias:22} {in_words(deviation.signed)}; apart {in_words(deviation.apart)}" if deviation.signed.value is not None else f"  {deviation.alias:22} {deviation.signed.says}")
    for hint in found.halo:
        if hint.hint:
            say(f"  {hint.alias}: marks differ less within a file than others' do ({in_words(hint.ratio)} of theirs); one impression may fill every box")
    if found.facets is not None:
        _tell_facets(found.facets)
    say(f"To talk about first ({len(found.disagreements)} in all)" if found.disagreements else "No file was given different levels")
    for d in found.disagreements[:FIRST]:
        critical = f" [critical: {d.criterion.critical}]" if d.criterion.critical else ""
        say(f"  {d.unit}, {d.criterion.asks}{critical} " + "; ".join(f"{s.alias}: {s.level}" for s in d.said))


def _tell_facets(facets: Facets) -> None:
    """Severity and drift, and trainees as marked beside as an average rater would have marked."""
    say("Severity, as advice (points that a typical mark loses by it are below nought)")
    if facets.why_not is not None:
        say(f"  not separable: {facets.why_not}")
        return
    for r in facets.raters:
        if r.points is None:
            say(f"  {r.rater:22} {r.why_not}")
            continue
        drift = "" if r.drift is None else f"; a week {r.drift.value:+.3f} logits ({r.drift.low:+.3f} to {r.drift.high:+.3f}){', drifting' if r.drifts else ''}"
        say(f"  {r.rater:22} {r.points.value:+.1f} points ({r.points.low:+.1f} to {r.points.high:+.1f}), {r.files} files{drift}")
    for t in facets.trainees:
        beside = t.why_not if t.adjusted is None else f"{t.adjusted.value:.1f} ({t.adjusted.low:.1f} to {t.adjusted.high:.1f}) adjusted"
        say(f"  {t.trainee:22} {t.raw:.1f} as marked; {beside}, {t.files} files")


@guarded
def criteria(
    folder: Annotated[Path, typer.Argument(help="A folder of decision logs.", metavar="FOLDER")],
    rubric: RubricId = "case-handling",
    content: Content = None,
    as_json: AsJson = False,
) -> None:
    """What each criterion of a rubric tells. How often it is met, whether it goes with the rest, and how many files make a score sure."""
    from casework import workbench

    found = workbench.criteria(workbench.library(content), folder, rubric)
    if as_json:
        put(workbench.criteria_json(found))
        return
    analysis, study = found.analysis, found.study
    say(f"{analysis.trainees} trainees, {analysis.files} files; {'; '.join(analysis.notes)}")
    for item in analysis.items:
        never = "never varied; " if item.varies is False else ""
        say(f"  {item.question.id}: {never}met {in_words(item.facility)}")
        say(f"    with the rest: {in_words(item.with_the_rest)}")
        for flag in item.flags:
            say(f"    ! {flag}")
    say(f"Alpha: {in_words(analysis.alpha)}")
    say(f"Flags that chance alone would raise: {analysis.by_chance.weak:.2f} for telling little; for being met too often or seldom, at most {analysis.by_chance.facility:.1f}")
    if study.why_not:
        say(f"How many files make a score sure: {study.why_not}")
        return
    say("What scores vary by: " + ", ".join(f"{p.source} {100 * p.share:.0f} %" for p in study.parts))
    for d in study.decisions:
        say(f"  {d.files:>2} files, {d.raters} each: {in_words(d.relative)} with files' difficulty adjusted for, {in_words(d.absolute)} without")
    say("; ".join(study.notes))

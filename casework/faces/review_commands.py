"""Commands of marking: who marks what, sheets, differences, feedback and appeals."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from casework.faces.store_commands import Address, Which, access_to
from casework.faces.terminal import AsJson, Content, group, guarded, put, say

review = group(help="Marking of finished files: the list, a sheet, and what follows.")
Case = Annotated[str | None, typer.Option("--case", help="In a caseload: which of its cases.")]
Criterion = Annotated[str, typer.Argument(help="A criterion's id.", metavar="CRITERION")]
Level = Annotated[str, typer.Argument(help="One of its levels, in its words.", metavar="LEVEL")]
OnOutcome = Annotated[bool, typer.Option("--outcome", help="The sheet on what it came to for the member.")]
Why = Annotated[str, typer.Option("--why", help="The reason, in a sentence: what you saw, and where.")]


def _sheet(outcome: bool) -> Any:
    from casework import workbench

    return workbench.open_outcome if outcome else workbench.open_review


@review.command(name="list")
@guarded
def files(address: Address = None, content: Content = None, as_json: AsJson = False) -> None:
    """The finished files of others, with the state of your own sheet."""
    from casework import workbench

    found = workbench.files_to_mark(access_to(address, content))
    if as_json:
        put([vars(one) for one in found])
        return
    for one in found:
        say(f"{one.session}  {one.yours:16} {one.case}{' (real work)' if one.work == 'real work' else ''}  ({one.alias})")
    if not found:
        say("No finished file of anyone else is in this store")


@review.command()
@guarded
def bring(
    folder: Annotated[Path, typer.Argument(help="What casework import wrote.", metavar="DIR")], address: Address = None, content: Content = None
) -> None:  # fmt: skip
    """Puts imported real work into the store, so that it is drawn and marked like any file."""
    from casework import workbench

    fresh, known = workbench.bring_in(access_to(address, content), folder)
    say(f"{fresh} files brought in" + (f"; {known} were there already" if known else ""))


@review.command()
@guarded
def show(which: Which, outcome: OnOutcome = False, case: Case = None, address: Address = None, content: Content = None, as_json: AsJson = False) -> None:
    """Your sheet on a file, beside its automatic ratings. Opening it begins the sheet."""
    from casework import workbench

    seen = _sheet(outcome)(access_to(address, content), which, case)
    sheet = {id: {"level": m.level, "reason": seen.reasons.get(id, ""), "cause": m.cause, "entries": list(m.evidence)} for id, m in seen.sheet.marks.items()}
    if as_json:
        put({"session": which, "case": seen.case.key, "slot": seen.slot, "version": seen.sheet.version, "handed_in": seen.sheet.submitted is not None,
             "left": list(seen.left), "marks": sheet, "automatic": workbench.scorecard_json(seen.card)})  # fmt: skip
        return
    say(f"{seen.case.key}, {seen.card.trainee}, {seen.slot} sheet, version {seen.sheet.version}{', handed in' if seen.sheet.submitted else ''}")
    for rating in seen.card.ratings:
        given = sheet.get(rating.criterion.id)
        mark = f"{given['level']}" if given else "to mark" if rating.criterion.id in seen.left else f"automatic: {rating.status.replace('_', ' ')} {float(rating.rating):.2f}"
        say(f"  {rating.criterion.id:22} {mark}")


@review.command()
@guarded
def mark(
    which: Which, criterion: Criterion, level: Level, why: Why = "",
    cause: Annotated[str | None, typer.Option("--cause", help="Where it was lost; an id of rubrics/measures.yaml.")] = None,
    entries: Annotated[list[int] | None, typer.Option("--entry", help="An entry that shows it; several times for several.")] = None,
    version: Annotated[int | None, typer.Option("--version", help="The version of the sheet you looked at; refused if it has moved on.")] = None,
    outcome: OnOutcome = False, case: Case = None, address: Address = None, content: Content = None,
) -> None:  # fmt: skip
    """One mark on your sheet."""
    from dataclasses import replace

    from casework import workbench

    access = access_to(address, content)
    seen = _sheet(outcome)(access, which, case)
    if version is not None:
        seen = replace(seen, sheet=replace(seen.sheet, version=version))
    after = workbench.mark(access, which, seen, criterion, level, why, cause, entries or ())
    say(f"kept: {criterion}, {level}; version {after.sheet.version}, {len(after.left)} left to mark")


@review.command()
@guarded
def submit(which: Which, outcome: OnOutcome = False, case: Case = None, address: Address = None, content: Content = None) -> None:
    """Hands your sheet in; it stays as it is from here."""
    from casework import workbench

    access = access_to(address, content)
    workbench.submit_review(access, which, _sheet(outcome)(access, which, case))
    say("handed in")


@review.command()
@guarded
def agreed(which: Which, case: Case = None, address: Address = None, content: Content = None, as_json: AsJson = False) -> None:
    """The marks that hold on a file, beside the automatic scorecard."""
    from casework import workbench

    found = workbench.agreed_of(access_to(address, content), which, case)
    if as_json:
        put({
            "session": which, "case": found.case, "scorecard": workbench.scorecard_json(found.card), "automatic": workbench.scorecard_json(found.automatic),
            "held": {id: {"level": one.level, "through": one.through, "levels": list(one.levels), "reasons": list(found.reasons[id])} for id, one in found.held.items()},
            "open": list(found.open), "waiting": list(found.waiting), "feedback": found.feedback,
            "appeal_by": found.appeal_by.isoformat() if found.appeal_by else None,
            "appeals": [{"criterion": a.criterion, "answer": a.answer.level if a.answer else None} for a in found.course.appeals],
        })  # fmt: skip
        return
    say(workbench.headline(found.card))
    for id, one in found.held.items():
        say(f"  {id:22} {one.level or 'differs: ' + ' / '.join(one.levels)}, through {one.through}")
    if found.feedback:
        say(found.feedback)


@review.command()
@guarded
def settle(which: Which, criterion: Criterion, level: Level, why: Why, case: Case = None, address: Address = None, content: Content = None) -> None:
    """Settles what two markers differ on, as a third person."""
    _course("adjudicate", which, case, address, content, criterion, level, why)


@review.command()
@guarded
def send(
    which: Which, words: Annotated[str, typer.Option("--words", help="What the trainee reads.")], case: Case = None, address: Address = None,
    content: Content = None,
) -> None:  # fmt: skip
    """Gives the marks back to the trainee."""
    _course("send_feedback", which, case, address, content, words)


@review.command()
@guarded
def answer(which: Which, criterion: Criterion, level: Level, why: Why, case: Case = None, address: Address = None, content: Content = None) -> None:
    """Answers an appeal, as someone who neither marked nor settled the file."""
    _course("answer_appeal", which, case, address, content, criterion, level, why)


def _course(act: str, which: str, case: str | None, address: str | None, content: Path | None, *asked: Any) -> None:
    from casework import workbench

    access = access_to(address, content)
    after = getattr(workbench, act)(access, which, workbench.agreed_of(access, which, case), *asked)
    say(f"kept. {workbench.headline(after.card)}")


@review.command()
@guarded
def outcomes(address: Address = None, content: Content = None, as_json: AsJson = False) -> None:
    """Outcomes beside compliance: what was handled by the book and came to little, and the reverse."""
    from casework import workbench

    found = workbench.outcomes_of(access_to(address, content))
    kinds = {
        "both": "handled by the book, good outcome", "compliant_but_poor": "handled by the book, POOR outcome",
        "good_all_the_same": "not by the book, good outcome all the same", "neither": "not by the book, poor outcome",
        "waiting": "not known yet",
    }  # fmt: skip
    if as_json:
        files = {kind: [{"session": f.session, "case": f.case, "lost": list(f.lost)} for f in getattr(found, kind)] for kind in kinds}
        put(files | {name: None if (share := getattr(found, name)) is None else vars(share) for name in ("poor_of_compliant", "good_of_not_compliant")})
        return
    for kind, said in kinds.items():
        files = getattr(found, kind)
        say(f"{len(files):>5}  {said}")
        if kind in ("compliant_but_poor", "good_all_the_same"):
            for one in files:
                say(f"         {one.session} {one.case}{': ' + ', '.join(one.lost) if one.lost else ''}")
    if found.poor_of_compliant is not None:
        share = found.poor_of_compliant
        say(f"Of {share.n} files handled by the book, {share.hits} came to a poor outcome (95 % interval {100 * share.low:.0f} to {100 * share.high:.0f} %)")


@review.command()
@guarded
def export(out: Annotated[Path, typer.Argument(help="A new file.", metavar="MARKS.csv")], address: Address = None, content: Content = None) -> None:
    """Writes every mark handed in as a table, for casework agree and calibrate."""
    from casework import workbench

    say(f"{workbench.export_marks(access_to(address, content), out)} marks written to {out}")


@guarded
def assign(
    which: Which,
    person: Annotated[str, typer.Argument(help="A reviewer's id.", metavar="PERSON")],
    slot: Annotated[str, typer.Option("--slot", help="first, or second for a blind second marker.")] = "first",
    case: Case = None, address: Address = None, content: Content = None,
) -> None:  # fmt: skip
    """Names who marks a file."""
    from casework import workbench

    workbench.assign_review(access_to(address, content), which, case, slot, person)
    say(f"{person} has the {slot} sheet of {which}")


@guarded
def feedback(which: Which, case: Case = None, address: Address = None, content: Content = None) -> None:
    """The marks you were given, in words. Reading them is noted, and is not agreeing."""
    from casework import workbench

    access = access_to(address, content)
    found = workbench.acknowledge_feedback(access, which, workbench.agreed_of(access, which, case))
    say(workbench.headline(found.card))
    say(found.feedback)
    for id, one in found.held.items():
        say(f"  {id:22} {one.level}" + "".join(f"\n      {reason}" for reason in found.reasons[id]))
    if found.appeal_by is not None:
        say(f"An appeal may come until {found.appeal_by:%d %B %Y %H:%M} UTC: casework appeal {which} CRITERION --why …")


@guarded
def appeal(which: Which, criterion: Criterion, why: Why, case: Case = None, address: Address = None, content: Content = None) -> None:
    """Appeals one of your marks. A second assessor answers with reasons."""
    from casework import workbench

    access = access_to(address, content)
    workbench.appeal_mark(access, which, workbench.agreed_of(access, which, case), criterion, why)
    say(f"{criterion}: appealed. The mark stands until a second assessor answers")


@guarded
def rescore(
    logs: Annotated[list[Path] | None, typer.Argument(help="Logs or folders of them; the store's reviewed files, by default.", metavar="[LOG…]")] = None,
    rubric: Annotated[Path | None, typer.Option("--rubric", help="The changed rubric's file; by default the content's own.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Shows whose result would change, and why; writes nothing.")] = False,
    address: Address = None, content: Content = None, as_json: AsJson = False,
) -> None:  # fmt: skip
    """What a changed rubric does to past results. Without --dry-run, the store's reviewed files take it over."""
    from casework import workbench
    from casework.model.errors import BadInput

    held = workbench.library(content)
    if logs:
        if not dry_run or rubric is None:
            raise BadInput("logs in files are compared only: give --dry-run, and the changed rubric with --rubric FILE")
        new = workbench.read_rubric(rubric)
        old = held.get_rubric(new.id)
        found, changes = workbench.rescoring_of(old, new), workbench.rescore_each(held, logs, old, new)
    else:
        new = workbench.read_rubric(rubric) if rubric is not None else held.get_rubric(workbench.MAIN_RUBRIC)
        access = access_to(address, content)
        found = workbench.rescore_preview(access, new) if dry_run else workbench.rescore(access, new)
        changes = iter(found.changes)
    if as_json:
        put({
            "rubric": found.rubric, "before": found.before, "after": found.after, "published": found.published, "changed": list(found.changed_criteria),
            "files": [
                {"session": c.session, "case": c.after.case, "before": float(c.before.total), "after": float(c.after.total), "passed_before": c.before.passed,
                 "passed_after": c.after.passed, "flips": c.flips, "why": list(c.why), "stale": list(c.stale)}
                for c in changes
            ],
        })  # fmt: skip
        return
    files, stale, flipped = 0, 0, []
    for one in changes:
        files, stale = files + 1, stale + bool(one.stale)
        if one.flips:
            flipped.append((one.session, one.after.case, workbench.headline(one.before), workbench.headline(one.after), one.why[:4]))
    say(f"{found.rubric}: {'now' if found.published else 'if published,'} version {found.after}; {files} files, {len(flipped)} results change")
    if found.changed_criteria:
        say(f"criteria that ask or rate otherwise: {', '.join(found.changed_criteria)}")
    for session, case, before, after, reasons in flipped:
        say(f"  {session} {case}: {before}")
        say(f"  {' ' * len(session)} then {after}")
        for why in reasons:
            say(f"      {why}")
    if stale:
        say(f"{stale} files have marks to be given anew")

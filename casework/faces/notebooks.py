"""What the notebooks show: each function takes plain parameters and returns something to display."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from pathlib import Path
from typing import Any

from IPython.display import HTML

from casework import workbench
from casework.edges import logfiles
from casework.edges.batches import Done
from casework.faces import pages
from casework.progress import cohort as cohorts
from casework.quality.proportions import wilson

_WARM: dict[str, Any] = {}  # Content that was loaded before notebooks were forked from this process.


def _library(content: str) -> Any:
    return _WARM.get(content) or workbench.library(Path(content) if content else None)


def warm(content: str) -> None:
    """Loads content for every notebook that will be forked from this process."""
    _WARM[content] = _library(content)


def _logs(place: str | list[str]) -> list[Path]:
    """The logs in a file, a folder, or a list of them."""
    named = [Path(place)] if isinstance(place, str) else list(map(Path, place))
    return logfiles.logs_in(*named)


def score(log: str | list[str], rubric: str, content: str = "") -> HTML:
    """The debriefs of one log, or of every log in a folder, failures of reading first."""
    held = _library(content)
    if not log:
        return HTML(pages.fragment("<h1>Debrief</h1><p>Set <b>log</b> to a decision log, or a folder of them.</p>"))
    logs = [logfiles.read_log(path) for path in _logs(log)]
    # Changes are looked for in a single log; over many it is the pattern that matters.
    changes = workbench.winning_changes(held, logs[0], rubric) if len(logs) == 1 else {}
    tray = {name: plan.title for name, plan in held.caseloads.items()}
    played = [
        (f"{one.title} (in {tray[read.header.caseload]})" if read.header.caseload in tray else one.title, one)
        for read in logs for one in workbench.debrief(held, read, rubric, changes)
    ]  # fmt: skip
    # Failures first, then from the lowest total.
    played.sort(key=lambda pair: (pair[1].scorecard.passed is not False, pair[1].scorecard.total))
    found = [one for _, one in played]
    rows = [
        [escape(title), str(d.scorecard.seed), pages.shown(d.scorecard.total, d.scorecard.rubric.pass_mark),
         pages.verdict_chip(d.scorecard), pages.class_chips(d.scorecard)]
        for title, d in played
    ]  # fmt: skip
    who = escape(found[0].scorecard.trainee) if found else ""
    top = pages.fragment(f"<h1>Plays of {who}</h1>" + pages.table(rows, ["Scenario", "Seed", "Score", "Verdict", "Critical classes"]))
    if len(found) <= MOST_OPEN:
        return HTML((top if len(found) > 1 else "") + "".join(pages.debrief_page(one) for one in found))
    folded = "".join(
        pages.part(f"<details><summary>{escape(title)}, seed {d.scorecard.seed}: {pages.shown(d.scorecard.total, d.scorecard.rubric.pass_mark)}</summary>{pages.debrief_page(d)}</details>")
        for title, d in played
    )
    return HTML(top + folded)


MOST_OPEN = 6  # Debriefs that stand open on one page; more are folded, each under its line.
WIDEST = 9  # Scenarios side by side in a heat map that can still be read.


def _worst(found: cohorts.Cohort) -> list[str]:
    """The scenarios in which the smallest share was earned, in the order of the report."""
    def share(scenario: str) -> float:
        cells = [found.cells[c, scenario] for c in found.criteria if (c, scenario) in found.cells]
        return sum(part * n for part, n in cells) / max(1, sum(n for _, n in cells))

    worst = set(sorted(found.scenarios, key=share)[:WIDEST])
    return [scenario for scenario in found.scenarios if scenario in worst]


def batch(file: str = "", workers: int = 0, resume: bool = True) -> HTML:
    """Runs a `batch.yaml` with a bar of its progress, and shows what failed and where the reports are."""
    import ipywidgets as widgets
    from IPython.display import display

    if not file:
        return HTML(_batch_told("Set 'file' to a batch.yaml."))
    asked = workbench.read_batch(Path(file))
    if asked.out is None:
        return HTML(_batch_told("The batch.yaml says nothing of 'out': name the folder for its reports."))
    out, held = Path(asked.out), _library("")
    asked = asked.model_copy(update={"workers": workers or asked.workers})
    plan = workbench.batch_plan(held, asked, out, fresh=resume)
    bar = widgets.IntProgress(max=len(plan.steps), description="Notebooks")
    told = widgets.Label(f"0 of {len(plan.steps)}")
    display(widgets.HBox([bar, told]))  # type: ignore[no-untyped-call]

    def step(done: int, of: int) -> None:
        bar.value, told.value = done, f"{done} of {of}"

    result = workbench.run_batch(held, plan, asked, step)
    return HTML(_batch_told(result.line, result.failed))


def _batch_told(line: str, failed: Sequence[Done] = ()) -> str:
    """What came of a batch, failures with their cause."""
    rows = "".join(f"<li>{escape(one.trainee)}: {escape(one.error or '')}</li>" for one in failed)
    return pages.fragment(f"<h1>Batch</h1><p>{escape(line)}</p>" + (f"<h2>Failed</h2><ul>{rows}</ul>" if rows else ""))


def _spread(hits: int, n: int) -> str:
    """A share with its interval, in words."""
    if not n:
        return "none to count"
    found = wilson(hits, n)
    return f"{100 * found.value:.0f} %, with 95 % confidence {100 * found.low:.0f} to {100 * found.high:.0f} %"


def cohort(logs: str | list[str], rubric: str, content: str = "") -> HTML:
    """The cohort report of a folder of logs."""
    held = _library(content)
    if not logs:
        return HTML(pages.fragment("<h1>Cohort report</h1><p>Set <b>logs</b> to a folder of decision logs.</p>"))
    found = cohorts.gather([card for path in _logs(logs) for card in workbench.cards_in(held, path, rubric)])
    rule = held.get_rubric(rubric)
    titles, mark = {c.id: c.asks for c in rule.criteria}, float(rule.pass_mark)
    worst = found.lost[0] if found.lost else ("nothing", 0.0, 0, 0)
    rows = [
        [escape(s.trainee), f"{s.mean:.1f}", pages.interval_bar(s.low, s.mean, s.high, mark), f"{s.low:.0f} to {s.high:.0f}, n {s.n}",
         f"{s.passed} of {s.n}",
         " ".join(f'<span class="chip over">{name} {n}</span>' for name, n in s.critical) or '<span class="chip ok">none</span>',
         escape(s.loses_on)]
        for s in found.standings
    ]  # fmt: skip
    coach = "".join(
        f"<tr><td>{escape(titles.get(id, id))}<br><span class='small quiet'>{escape(id)}</span></td>"
        f"<td class='num'>{mean:.1f}</td><td class='num'>{n} of {of}</td></tr>"
        for id, mean, n, of in found.lost[:5]
    )
    return HTML(pages.fragment(
        f"<h1>Cohort report</h1><p class='quiet'>{len(found.standings)} trainees · {len(found.scenarios)} scenarios · "
        f"{found.plays} case plays · rubric {escape(rubric)}</p><div class='cards'>"
        f"<div class='card'><h3>Passed without critical error</h3><div class='big num'>{found.passed} of {found.plays}</div>"
        f"<span class='small quiet'>{_spread(found.passed, found.plays)}</span></div>"
        f"<div class='card'><h3>Median score</h3><div class='big num'>{found.median:.1f}</div><span class='small quiet'>n {found.plays}, provisional until people rate tone and notes</span></div>"
        f"<div class='card'><h3>Clocks met</h3><div class='big num'>{found.clocks_met} of {found.clocks_due}</div>"
        f"<span class='small quiet'>{_spread(found.clocks_met, found.clocks_due)}</span></div>"
        f"<div class='card'><h3>Coach next</h3><div><b>{escape(titles.get(worst[0], worst[0]))}</b></div><span class='small quiet'>{worst[2]} of {worst[3]} lost marks here</span></div></div>"
        f"<h2>Who needs what</h2><p class='small quiet'>Mean over plays with its 90 % interval; the orange mark is the pass mark, {mark:g}. "
        f"Overlapping intervals are not a ranking.</p>"
        + pages.table(rows, ["Trainee", "Mean", "0 to 100", "90 % interval", "Passed", "Plays with a critical error", "Loses most on"])
        + "<h2>Where marks are lost</h2><p class='small quiet'>Share of available points earned, by criterion and scenario; hatched where fewer than five plays."
        f"{f' The {WIDEST} of {len(found.scenarios)} scenarios in which the smallest share was earned.' if len(found.scenarios) > WIDEST else ''}</p>"
        + pages.heat_map(found.criteria, _worst(found), found.cells)
        + f"<h2>What to coach next</h2><table><tr><th>Criterion<th>Points lost a play<th>Trainees</tr>{coach}</table>"
    ))  # fmt: skip


def progress(logs: str | list[str] = "", ledger: str = "", trainee: str = "", at: str = "", content: str = "", store: str = "") -> HTML:
    """Where one person, or everybody, stands on the competency framework; of one person, over time as well."""
    from casework.faces import progress_view
    from casework.faces.progress_commands import what_follows

    if not logs and not ledger and not store:
        return HTML(pages.fragment("<h1>Progress</h1><p>Set <b>logs</b> to a folder of decision logs, <b>ledger</b> to a ledger, <b>store</b> to a store, or several.</p>"))
    found = _evidence(logs, ledger, trainee, at, content, store)
    if not trainee:
        return HTML(progress_view.page(workbench.team_progress(found)))
    return HTML(progress_view.page(workbench.person_progress(found, trainee), what_follows(_library(content), found, trainee)))


def transfer(logs: str | list[str] = "", ledger: str = "", at: str = "", content: str = "", store: str = "") -> HTML:
    """Whether practice tells of live work, over everybody."""
    from casework.faces import timeline_view

    found = workbench.practice_and_live(_evidence(logs, ledger, "", at, content, store)) if logs or ledger or store else ()
    return HTML(pages.fragment(timeline_view.practice_beside_live(found)))


def _evidence(logs: str | list[str], ledger: str, trainee: str, at: str, content: str, store: str) -> workbench.Gathered:
    from datetime import UTC, datetime

    from casework.faces.progress_commands import gather, moment_of

    held, moment = _library(content), moment_of(at or None)
    if moment is None and not ledger and not store:
        return workbench.gather_progress(held, _logs(logs), None, None, None, trainee or None)
    return gather(held, _logs(logs) if logs else None, Path(ledger) if ledger else None, store or None, trainee or None, moment or datetime.now(UTC))

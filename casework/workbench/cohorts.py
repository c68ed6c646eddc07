"""A roster's plays, scored by notebook, and the cohort report."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any
from urllib.parse import quote

from casework.edges import batches, documents, exports, logfiles
from casework.model.decisions import digest
from casework.model.library import Library
from casework.practice import trainees
from casework.progress import cohort
from casework.quality.scoring import Scorecard, shown
from casework.workbench.contents import notebook
from casework.workbench.plays import MAIN_RUBRIC, cards_in, caseload, play
from casework.workbench.rights import open_to_all


@dataclass(frozen=True)
class BatchResult:
    """What a batch did. `cohort`, `index` and `summary` are files."""

    planned: int
    outcomes: tuple[batches.Outcome, ...]
    played: int
    cohort: Path
    index: Path
    summary: Path
    findings: tuple[str, ...]

    @property
    def failed(self) -> tuple[batches.Outcome, ...]:
        return tuple(o for o in self.outcomes if o.error is not None)

    def as_json(self) -> dict[str, Any]:
        """The contract of `casework batch --json`."""
        return {
            "planned": self.planned, "done": self.planned - len(self.failed), "failed": len(self.failed), "skipped": 0,
            "outputs": [
                {
                    "trainee": o.trainee, "scenario": o.scenario, "notebook": str(o.notebook), "html": str(o.html),
                    "digest": o.digest, "status": "failed" if o.error else "done", "error": o.error,
                }
                for o in self.outcomes
            ],
        }  # fmt: skip


@open_to_all
def run_batch(
    held: Library, folder: Path | None, roster: list[str], names: list[str], out: Path, seeds: list[int],
    rubric: str = MAIN_RUBRIC, step: Callable[[int, int], None] | None = None,
) -> BatchResult:  # fmt: skip
    """Plays each trainee on each scenario and seed, scores each trainee by notebook, then the cohort."""
    held.get_rubric(rubric)
    for name in names:
        caseload(held, name, seeds[0])
        for trainee in roster:
            if trainee not in trainees.PROFILES and trainee not in held.answers.get(name, {}):
                play(held, name, trainee, seeds[0])
    # Each plan has its own folder of logs: a smaller batch into the same place must not count the larger one's plays.
    logs = out / "logs" / digest([roster, names, seeds])[:8]
    jobs, played = [], 0
    for trainee in roster:
        home = logs / batches.safe_name(trainee)
        for name in names:
            for seed in seeds:
                session = play(held, name, trainee, seed)
                logfiles.save(session.log(), session.texts, home / f"{batches.safe_name(name, str(seed))}.jsonl")
                played += 1
        parameters = {"log": str(home.resolve()), "rubric": rubric, "content": str(folder.resolve()) if folder else ""}
        output = out / "trainees" / batches.safe_name(trainee)
        jobs.append(batches.Job(trainee, ",".join(names), notebook(folder, "20_score.ipynb"), parameters, output))
    whole = {"logs": str(logs.resolve()), "rubric": rubric, "content": str(folder.resolve()) if folder else ""}
    last = batches.Job("cohort", "all", notebook(folder, "40_cohort.ipynb"), whole, out / "cohort")
    outcomes = []
    for n, job in enumerate([*jobs, last], 1):
        outcomes.append(batches.run(job))
        if step is not None:
            step(n, len(jobs) + 1)
    cards = cards_in(held, logs, rubric)
    logfiles.write(out / "summary.csv", exports.to_csv(SUMMARY, _summary(cards)))
    exports.write_xlsx(out / "summary.xlsx", SUMMARY, _summary(cards))
    logfiles.write(out / "index.html", _index(outcomes, out))
    return BatchResult(
        len(outcomes), tuple(outcomes), played, out / "cohort.html", out / "index.html", out / "summary.csv",
        cohort.findings(cohort.gather(cards)),
    )  # fmt: skip


def _index(outcomes: list[batches.Outcome], out: Path) -> str:
    """The page of links to every report, the cohort's first."""
    links = "".join(
        f'<li><a href="{escape(quote(o.html.relative_to(out).as_posix()))}">{escape(o.trainee)}</a>{" (failed)" if o.error else ""}</li>'
        for o in [*outcomes[-1:], *outcomes[:-1]]
    )
    tables = '<li>every play as a table: <a href="summary.csv">CSV</a>, <a href="summary.xlsx">XLSX</a></li>'
    return documents.document("Reports", f"<main><h1>Reports</h1><ul>{links}{tables}</ul></main>")


SUMMARY = ("trainee", "case", "seed", "total", "exact", "low", "high", "band", "passed", "critical_errors")


def _summary(cards: list[Scorecard]) -> list[list[str | int | float | None]]:
    """One row a play: ids as text, totals as they are shown and exact."""
    passed = {True: "yes", False: "no", None: ""}
    return [
        [
            c.trainee, c.case, c.seed, float(shown(c.total, c.rubric.pass_mark, 2)), str(c.total), float(shown(c.low, None, 2)),
            float(shown(c.high, None, 2)), c.band or "", passed[c.passed], " ".join(c.errors),
        ]
        for c in cards
    ]  # fmt: skip

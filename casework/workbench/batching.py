"""Batches: planned whole, refused whole if anything in the plan is wrong, then run in a pool or on a cluster."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from html import escape
from pathlib import Path
from typing import Any
from urllib.parse import quote

from casework.edges import batches, clusters, documents, exports, files, logfiles
from casework.edges.batches import Done, Entry, Folder
from casework.edges.warm import pool
from casework.edges.warm.jobs import End, Job, Outcome
from casework.model.batches import Batch
from casework.model.errors import BadInput
from casework.model.library import Library
from casework.practice import trainees
from casework.progress import cohort
from casework.quality.scoring import Scorecard, shown
from casework.workbench.contents import notebook
from casework.workbench.plays import cards_in, caseload, play
from casework.workbench.rights import open_to_all

COHORT = "cohort"
NEEDS = 400  # Megabytes that a notebook with pandas and figures may take at its widest; workers are bounded by it.
OWN = ("log", "logs", "rubric", "content")  # Parameters that a batch fills in itself.


@dataclass(frozen=True)
class Play:
    """A session to be played into a log, unless the log is there."""

    trainee: str
    plays_as: str
    scenario: str
    seed: int
    log: Path


@dataclass(frozen=True)
class Step:
    """One notebook of the plan: what it is called in reports, what it is made from, whether it is done already."""

    trainee: str
    scenario: str
    job: Job
    key: str = ""
    fresh: Done | None = None


@dataclass(frozen=True)
class Plan:
    """Everything a batch will do. `absent` are people of the roster who left no log."""

    out: Path
    rubric: str
    folder: Path | None
    plays: tuple[Play, ...]
    steps: tuple[Step, ...]
    logs: tuple[Path, ...]
    absent: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """The contract of `casework batch --dry-run --json`."""
        return {
            "out": str(self.out), "plays": len(self.plays), "planned": len(self.steps), "done_already": sum(s.fresh is not None for s in self.steps),
            "absent": list(self.absent),
            "outputs": [{"trainee": s.trainee, "notebook": s.job.notebook.name, "output": str(s.job.output), "fresh": s.fresh is not None} for s in self.steps],
        }  # fmt: skip


@dataclass(frozen=True)
class BatchResult:
    """What a batch did. `cohort`, `index` and `summary` are files; `skipped` were whole and fresh already."""

    planned: int
    outputs: tuple[Done, ...]
    skipped: int
    played: int
    out: Path
    findings: tuple[str, ...]
    absent: tuple[str, ...] = ()

    @property
    def cohort(self) -> Path:
        return self.out / "cohort.html"

    @property
    def index(self) -> Path:
        return self.out / "index.html"

    @property
    def summary(self) -> Path:
        return self.out / "summary.csv"

    @property
    def failed(self) -> tuple[Done, ...]:
        return tuple(one for one in self.outputs if one.status != "done")

    @property
    def line(self) -> str:
        """One line that fits an alert."""
        done = self.planned - len(self.failed)
        return f"{done} of {self.planned} done, {len(self.failed)} failed, {self.skipped} of them fresh already: {self.out}"

    def as_json(self) -> dict[str, Any]:
        """The contract of `casework batch --json`."""
        return {
            "planned": self.planned, "done": self.planned - len(self.failed), "failed": len(self.failed), "skipped": self.skipped,
            "absent": list(self.absent),
            "outputs": [
                {
                    "trainee": o.trainee, "scenario": o.scenario, "notebook": str(self.out / o.notebook), "html": str(self.out / o.html),
                    "digest": o.digest, "status": o.status, "error": o.error,
                }
                for o in self.outputs
            ],
        }  # fmt: skip


@open_to_all
def read_batch(path: Path) -> Batch:
    """A `batch.yaml`; paths in it are taken from its own folder."""
    file = files.read_file(path, "batch", path.parent)
    if file.value is None:
        raise BadInput("\n".join(f"{p.file}:{p.line}: {p.key}: {p.message}" for p in file.problems))
    read: Batch = file.value

    def here(name: str) -> str:
        return str(path.parent / name)

    return read.model_copy(update={
        "roster": here(read.roster) if read.roster else None, "logs": tuple(map(here, read.logs)), "out": here(read.out) if read.out else None,
        "notebooks": tuple(here(name) if (path.parent / name).is_file() else name for name in read.notebooks),
    })  # fmt: skip


@open_to_all
def batch_plan(held: Library, asked: Batch, out: Path, folder: Path | None = None, roster: list[Entry] | None = None, fresh: bool = False) -> Plan:
    """Everything a batch would do, checked: people, plays, notebooks, parameters, names. Nothing is written.

    `folder` is the content's; `roster` stands in for the file that `asked` names. With `fresh`, outputs that an earlier
    batch left whole, from the same content, code, parameters and logs, are not made again.
    """
    held.get_rubric(asked.rubric)
    people = roster if roster is not None else batches.read_roster(Path(asked.roster)) if asked.roster else None
    out = out.absolute()
    code, content = batches.code_digest(), batches.key_of(dict(sorted(held.digests.items())))
    absent: tuple[str, ...] = ()
    plays: list[Play] = []
    works: list[tuple[str, list[Path], Any]] = []
    if asked.scenarios:
        if people is None:
            raise BadInput("scenarios are played by the people of a roster: name one with --roster, or as 'roster' in the batch.yaml")
        _twice("scenario", asked.scenarios)
        _twice("seed", list(map(str, asked.seeds)))
        for entry in people:
            work = batches.key_of(code, content, entry.trainee, entry.plays_as, asked.scenarios, asked.seeds)
            home = Path("logs") / f"{batches.safe_name(entry.trainee)}-{work[:8]}"
            _can_play(held, asked, entry)
            mine = [
                Play(entry.trainee, entry.plays_as, name, seed, home / f"{batches.safe_name(name, str(seed))}.jsonl") for name in asked.scenarios for seed in asked.seeds
            ]
            plays += mine
            works.append((entry.trainee, [home], [work]))
    else:
        left = _left([Path(place) for place in asked.logs])
        wanted = list(left) if people is None else [entry.trainee for entry in people]
        absent = tuple(name for name in wanted if name not in left)
        works = [(name, left[name], [batches.file_digest(path) for path in left[name]]) for name in wanted if name in left]
        if not works:
            raise BadInput(f"{', '.join(asked.logs)}: no log there is by anyone of the roster")
    books = [_notebook(folder, name) for name in asked.notebooks]
    _twice("notebook", [book.stem for book in books])
    declared = {book: batches.parameters_of(book) for book in books}
    for book, names in declared.items():
        unknown = sorted(set(asked.parameters) - set(names))
        if unknown:
            raise BadInput(f"{book.name} declares no parameter {', '.join(unknown)}; it has {', '.join(names)}")
    if own := sorted(set(asked.parameters) & set(OWN)):
        raise BadInput(f"the parameter {', '.join(own)} is filled in by the batch; leave it out")
    given = {"rubric": asked.rubric, "content": str(folder.resolve()) if folder else ""}
    done = Folder(out).done() if fresh else {}

    def step(trainee: str, what: Any, book: Path, filled: dict[str, Any], output: str) -> Step:
        scenario = ",".join(asked.scenarios) if trainee != COHORT else "all"
        mine = {name: value for name, value in {**given, **filled}.items() if name in declared[book]} | (asked.parameters if trainee != COHORT else {})
        key = batches.key_of(code, content, batches.file_digest(book), mine, what)
        was = done.get(f"{output}.ipynb")
        kept = was if was is not None and was.status == "done" and was.key == key and Folder(out).whole(was) else None
        return Step(trainee, scenario, Job(book, out / f"{output}.ipynb", mine, out), key, kept)

    steps = []
    for trainee, logs, what in works:
        name = batches.safe_name(trainee)
        for book in books:
            output = f"trainees/{name}" if len(books) == 1 else f"trainees/{name}-{batches.safe_name(book.stem)}"
            steps.append(step(trainee, what, book, {"log": [str(log) for log in logs]}, output))
    last = notebook(folder, "40_cohort.ipynb")
    declared[last] = batches.parameters_of(last)
    every = [str(log) for _, logs, _ in works for log in logs]
    steps.append(step(COHORT, [what for *_, what in works], last, {"logs": every}, COHORT))
    return Plan(out, asked.rubric, folder, tuple(plays), tuple(steps), tuple(Path(log) for log in every), absent)


def _twice(what: str, names: list[str] | tuple[str, ...]) -> None:
    again = sorted({name for name in names if list(names).count(name) > 1})
    if again:
        raise BadInput(f"the {what} {', '.join(again)} is named twice; name it once")


def _can_play(held: Library, asked: Batch, entry: Entry) -> None:
    for name in asked.scenarios:
        caseload(held, name, asked.seeds[0])
        known = [*trainees.PROFILES, *held.answers.get(name, {})]
        if entry.plays_as not in known:
            raise BadInput(
                f"unknown trainee {entry.plays_as!r}; those who can play {name} are {', '.join(known)}. "
                "A column 'plays_as' says who plays for a person; --logs scores what people played themselves"
            )


def _left(places: list[Path]) -> dict[str, list[Path]]:
    """The logs in files and folders, by who left them; a broken log is refused with its name."""
    found: dict[str, list[Path]] = {}
    for path in logfiles.logs_in(*places):
        mine = found.setdefault(logfiles.read_log(path).header.trainee, [])
        if path.resolve() not in mine:
            mine.append(path.resolve())
    return dict(sorted(found.items()))


def _notebook(folder: Path | None, name: str) -> Path:
    return Path(name).resolve() if Path(name).is_file() else notebook(folder, name)


def _sized(wanted: int | None) -> int:
    """How many notebooks at once: as many as asked for, else as the cores and the free memory allow."""
    if wanted is not None:
        return wanted
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    try:
        free = int(next(line for line in open("/proc/meminfo") if line.startswith("MemAvailable")).split()[1]) // 1024
    except (OSError, StopIteration, ValueError):
        return cores
    return max(1, min(cores, free // NEEDS))


@open_to_all
def run_batch(
    held: Library, plan: Plan, asked: Batch, step: Callable[[int, int], None] | None = None, dask: str | None = None, beside: Mapping[str, str] | None = None
) -> BatchResult:  # fmt: skip
    """Plays what is to be played, runs what is not fresh, and writes the reports; `step` hears how many are done, of how many.

    One failure does not stop the others. `dask` is the address of a cluster that sees the same disk. `beside` are pages
    that the caller writes into the same folder, by name, with a line on each for the page of links.
    """
    folder, count = Folder(plan.out), len(plan.steps)
    played = sorted({one.log.parent.as_posix() for one in plan.plays})
    with folder.held():
        folder.sweep(set(played))
        for each in plan.plays:
            _play(held, each, plan.out / each.log)
        outputs = [s.fresh for s in plan.steps]
        waiting = [n for n, s in enumerate(plan.steps) if s.fresh is None]
        if step is not None:
            step(count - len(waiting), count)
        ended = _outcomes([plan.steps[n].job for n in waiting], asked, plan.folder, dask)
        for count_done, (n, outcome) in enumerate(zip(waiting, ended, strict=True), count - len(waiting) + 1):
            one = _settled(plan, plan.steps[n], outcome)
            outputs[n] = one
            folder.keep(one)
            if step is not None:
                step(count_done, count)
        whole = [made for made in outputs if made is not None]
        cards = [card for log in plan.logs for card in cards_in(held, plan.out / log, plan.rubric)]
        logfiles.write(plan.out / "summary.csv", exports.to_csv(SUMMARY, _summary(cards)))
        exports.write_xlsx(plan.out / "summary.xlsx", SUMMARY, _summary(cards))
        logfiles.write(plan.out / "index.html", _index(whole, plan.absent, cards, beside or {}))
        folder.finish(whole, rubric=plan.rubric, plays=len(plan.plays), played=played, absent=list(plan.absent))
    findings = cohort.findings(cohort.gather(cards)) if cards else ()
    return BatchResult(count, tuple(whole), count - len(waiting), len(plan.plays), plan.out, findings, plan.absent)


def _outcomes(jobs: list[Job], asked: Batch, content: Path | None, dask: str | None) -> Iterator[Outcome]:
    if not jobs:
        return iter(())
    settings = pool.Settings(
        _sized(asked.workers), None if asked.minutes is None else 60 * asked.minutes, asked.retries,
        None if asked.memory_mb is None else asked.memory_mb * 2**20, (*pool.PRELOAD, f"casework.faces.notebooks:{content.resolve() if content else ''}"),
    )  # fmt: skip
    return clusters.run(jobs, settings, dask) if dask else pool.run(jobs, settings)


def _play(held: Library, one: Play, path: Path) -> None:
    """Plays into a log; one that is there was written whole by the same plan."""
    if not path.is_file() or not logfiles.texts_path(path).is_file():
        session = play(held, one.scenario, one.plays_as, one.seed)
        log = session.log()
        if one.trainee != one.plays_as:
            log = replace(log, header=log.header.model_copy(update={"trainee": one.trainee}))
        logfiles.save(log, session.texts, path)


def _settled(plan: Plan, step: Step, outcome: Outcome) -> Done:
    """What is kept of an outcome, its page written beside the notebook."""
    name = step.job.output.relative_to(plan.out).as_posix()
    done = Done(step.trainee, step.scenario, name, name.removesuffix(".ipynb") + ".html", step.key, None, "done", None, None, outcome.way.value, outcome.tries, outcome.why)
    if outcome.end is End.REFUSED:
        raise BadInput(outcome.error or "a notebook refused its parameters")
    try:
        html, digest = batches.page(step.job.output)
        logfiles.write(plan.out / done.html, html)
    except (OSError, ValueError, KeyError, BadInput) as fault:
        return replace(done, status="failed", cause=outcome.cause or f"no page: {fault}", advice=outcome.advice or "see that there is room, and run it again with --resume")
    if outcome.end is not End.DONE:
        return replace(done, digest=digest, status="failed", cause=outcome.cause, advice=outcome.advice)
    return replace(done, digest=digest)


def _index(outputs: list[Done], absent: tuple[str, ...], cards: Sequence[Scorecard], beside: Mapping[str, str]) -> str:
    """The page of links to every report: what failed first with its cause, then the cohort's, then each person's with a line on it."""
    def link(one: Done, text: str = "") -> str:
        return f'<a href="{escape(quote(one.html))}">{escape(text or one.trainee)}</a>'

    failed = "".join(f"<li>{link(one)}: {escape(one.error or '')}</li>" for one in outputs if one.status != "done")
    none = f"<p>No log was left by {escape(', '.join(absent))}.</p>" if absent else ""
    top = f"<h2>Failed</h2><ul>{failed}</ul><p>Mend the cause, and run the batch again with --resume: only these are made anew.</p><h2>Done</h2>" if failed else ""
    whole = "".join(f"<p>{link(one, 'The cohort report')}: what all of them lose marks on, and who needs what.</p>" for one in outputs if one.trainee == COHORT and one.status == "done")
    whole += "".join(f'<p><a href="{escape(quote(name))}">{escape(line)}</a></p>' for name, line in beside.items())
    rows = "".join(
        f'<tr><td>{link(one)}</td><td><a href="{escape(quote(one.notebook))}">{escape(Path(one.notebook).name)}</a></td>'
        f"<td>{_passes(cards, one.trainee)}</td></tr>" for one in outputs if one.trainee != COHORT and one.status == "done"
    )
    slow = "".join(f"<li>{link(one)}: {escape(one.why)}</li>" for one in outputs if one.why)
    slow = f"<h2>Run with an ordinary kernel, which takes longer</h2><ul>{slow}</ul>" if slow else ""
    table = f"<table><thead><tr><th>Report</th><th>Notebook</th><th>Plays passed</th></tr></thead><tbody>{rows}</tbody></table>" if rows else ""
    tables = '<p>Every play as a table: <a href="summary.csv">CSV</a>, <a href="summary.xlsx">XLSX</a>. What was made from what: <a href="manifest.json">manifest</a>.</p>'
    return documents.document("Reports", f"<main><h1>Reports</h1>{top}{whole}{table}{tables}{none}{slow}</main>")


def _passes(cards: Sequence[Scorecard], trainee: str) -> str:
    mine = [card.passed for card in cards if card.trainee == trainee]
    waits = mine.count(None)
    return f"{mine.count(True)} of {len(mine)}" + (f", {waits} wait for a person's marks" if waits else "") if mine else "no play was scored"


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

"""The self-test of content: what changed, or all of it, played by answers and archetypes, over all cores."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import lru_cache
from pathlib import Path
from typing import Any

from casework.edges import changes, content, files
from casework.model.errors import BadInput, ContentError
from casework.model.library import Library
from casework.practice import cases, desk, trainees
from casework.quality import mutations, par, selftest
from casework.workbench.contents import listing
from casework.workbench.plays import MAIN_RUBRIC
from casework.workbench.rights import open_to_all

NOTICED = 0.9  # The part of a rubric's mutants that its answers must notice, all scenarios together.
WORTH_A_POOL = 4  # Scenarios from which on several processes are quicker than one.
Step = Callable[[int, int], None]


@open_to_all
def check(paths: Iterable[Path] = (), seeds: int = 3, full: bool = False, step: Step | None = None, rubric: str = MAIN_RUBRIC) -> dict[str, Any]:
    """Content problems, and scenarios' self-tests; the contract of `casework check --json`.

    `paths` are content folders, scenario folders or files in them. Without any, the shipped content is meant,
    and of it what has changed since the last commit (everything, where nothing has). `full` tests all and adds, where
    no part is named, the mutants of the rubric over the whole library, role lines that nothing serves, and caseloads.
    """
    root, wanted = _root([Path(p) for p in paths])
    try:
        held = content.load(root)
    except ContentError as error:
        return {"ok": False, "problems": [vars(p) for p in error.problems], "scenarios": []}
    ids = _chosen(held, root, wanted, full)
    tested = list(_tested(root, ids, seeds, full or bool(wanted), rubric, step))
    problems = [problem for one in tested for problem in _problems(root, one)]
    found: dict[str, Any] = {
        "scenarios": [
            {"id": t.id, "archetypes": t.archetypes, "discrimination": t.discrimination, "auc": t.auc} for t in tested
        ],
    }  # fmt: skip
    if full and not wanted:  # Of a part of the library there is nothing to say about the whole.
        problems += _whole(held, seeds)
        found["caseloads"] = [_caseload(held, id, rubric) for id in held.caseloads if not _locked(held, id)]
        mutants = mutations.merged(t.mutants for t in tested)
        made = [(c.id, operator) for c in held.get_rubric(rubric).criteria for operator in mutations.OPERATORS]
        survivors = [m for m in made if m not in mutants.noticed]
        found["mutation"] = {
            "made": len(made), "noticed": len(made) - len(survivors),
            "survivors": [{"criterion": c, "operator": o, "reason": mutants.reason((c, o))} for c, o in survivors],
        }  # fmt: skip
        if len(survivors) > (1 - NOTICED) * len(made):
            problems.append(_problem(
                f"rubrics/{rubric}.yaml", 1, "criteria",
                f"{len(made) - len(survivors)} of {len(made)} mutants are noticed; at least {NOTICED:.0%} should be. Write answers near the edges of the survivors",
            ))  # fmt: skip
    return {"ok": not problems, "problems": problems, **found}


def _root(paths: list[Path]) -> tuple[Path | None, list[Path]]:
    """The content folder that paths lie in, and those that are not the folder itself."""
    roots: set[Path] = set()
    wanted = []
    for path in paths:
        here = path.resolve()
        if not here.exists():
            raise BadInput(f"{path}: there is nothing there; give a content folder, a scenario's folder, or a file in one")
        up = next((p for p in (here, *here.parents) if (p / "scenarios").is_dir() and (p / "rubrics").is_dir()), None)
        if up is None:
            raise BadInput(f"{path}: no content here, and in no folder above it; expected folders 'scenarios' and 'rubrics' (casework init makes them)")
        roots.add(up)
        wanted += [here] if here != up else []
    if len(roots) > 1:
        raise BadInput(f"these paths lie in {len(roots)} content folders ({', '.join(sorted(map(str, roots)))}); check one at a time")
    return (roots.pop() if roots else None), wanted


def _chosen(held: Library, root: Path | None, wanted: list[Path], full: bool) -> list[str]:
    """The scenarios to test: those of the paths, or those that changed, or all."""
    if full and not wanted:
        return list(held.scenarios)
    if not wanted:
        found = changes.changed(root or content.shipped())
        wanted = found or []
        if not wanted:
            return list(held.scenarios)
    ids: dict[str, None] = {}
    home = (root or content.shipped()).resolve()
    for path in wanted:
        parts = path.resolve().relative_to(home).parts
        if parts[:2] == ("scenarios", "cases"):
            inside = home.joinpath(*parts[:4]).glob("**/scenario.yaml")  # One scenario's folder, a group's, or all.
            ids |= {place.parent.name: None for place in inside if place.parent.name in held.scenarios}
        elif parts[:2] == ("scenarios", "policies"):
            ids |= {id: None for id, s in held.scenarios.items() if path.stem in s.policies or len(parts) == 2}
        elif parts[:2] == ("scenarios", "caseloads"):
            plan = held.caseloads.get(path.stem)
            ids |= {entry.scenario: None for entry in plan.scenarios} if plan is not None else {}
        elif parts[:1] == ("rubrics",) or parts[:2] == ("scenarios", "calendars") or len(parts) == 1:
            ids |= dict.fromkeys(held.scenarios)
    return list(ids)


@lru_cache(maxsize=1)
def _held(root: Path | None) -> Library:
    return content.load(root)


def _test(job: tuple[Path | None, str, int, bool, str]) -> selftest.Tested:
    root, id, seeds, full, rubric = job
    held = _held(root)
    return selftest.run(held, id, held.get_rubric(rubric), seeds, full)


def _tested(root: Path | None, ids: list[str], seeds: int, full: bool, rubric: str, step: Step | None) -> Iterator[selftest.Tested]:
    jobs = [(root, id, seeds, full, rubric) for id in ids]
    cores = min(os.cpu_count() or 1, len(jobs))
    if cores < 2 or len(jobs) < WORTH_A_POOL:
        _held.cache_clear()
        for n, job in enumerate(jobs, 1):
            yield _test(job)
            if step is not None:
                step(n, len(jobs))
        return
    with ProcessPoolExecutor(cores, multiprocessing.get_context("spawn")) as pool:
        for n, tested in enumerate(pool.map(_test, jobs), 1):
            yield tested
            if step is not None:
                step(n, len(jobs))


def _problem(file: str, line: int, key: str, message: str) -> dict[str, Any]:
    return {"file": file, "line": line, "key": key, "message": message}


def _problems(root: Path | None, tested: selftest.Tested) -> list[dict[str, Any]]:
    """The faults of a self-test, each on its line of its file."""
    home = root or content.shipped()
    place = next(home.glob(f"scenarios/cases/*/{tested.id}/scenario.yaml"))
    found = []
    for fault in tested.faults:
        path, kind = (place, "scenario") if fault.answer is None else (place.parent / "answers" / f"{fault.answer}.yaml", "answer")
        file = files.read_file(path, kind, home)
        file.fault(fault.at, fault.message)
        found.append(vars(file.problems[-1]))
    return found


def _locked(held: Library, id: str) -> bool:
    return any(held.get_scenario(entry.scenario).locked for entry in held.caseloads[id].scenarios)


def _caseload(held: Library, id: str, rubric: str) -> dict[str, Any]:
    """Par for a caseload on its own seed, and how many plays it took to find."""
    found = par.find(held, cases.named(held, id, held.caseloads[id].seed), held.get_rubric(rubric))
    return {"id": id, "par": float(found.total), "passed": sum(c.passed is not False for c in found.cards), "cases": len(found.cards), "plays": found.plays}


def _whole(held: Library, seeds: int) -> list[dict[str, Any]]:
    """What only the library as a whole can say: role lines unserved, and caseloads that cannot be worked."""
    found = [
        _problem("rubrics", 1, row["line"], "no scenario and no criterion serves this line of the role; casework list role shows the rest")
        for row in listing(held, "role") if row["served_by"] == "nothing yet"
    ]  # fmt: skip
    for id, plan in held.caseloads.items():
        for seed in (plan.seed, *range(1, seeds + 1)):
            try:
                work = cases.named(held, id, seed)
                trainees.run(desk.open_session(held, work, "exemplary"), "exemplary")
            except (BadInput, ValueError) as error:
                found.append(_problem(f"scenarios/caseloads/{id}.yaml", 1, "scenarios", f"cannot be played on seed {seed}: {error}"))
                break
            for case in work.cases:
                if case.scenario.locked:
                    found.append(_problem(f"scenarios/caseloads/{id}.yaml", 1, "scenarios", f"{case.scenario.id} is locked until a clinician has signed it off"))
    return found

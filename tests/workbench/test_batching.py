"""Batches from plan to report: refused whole, run whole, resumed to the same bytes, and the same on a cluster."""

import json
import math
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import nbformat
import pytest
from distributed import LocalCluster
from nbformat.v4 import new_code_cell, new_notebook
from typer.testing import CliRunner

from casework import workbench
from casework.edges.batches import Entry
from casework.faces import notebooks
from casework.faces.cli import app
from casework.model.batches import Batch
from casework.model.errors import BadInput

SCENARIO = "rule-7-handler-away"
KERNEL = {"kernelspec": {"name": "python3", "language": "python", "display_name": "Python 3"}, "language_info": {"name": "python"}}
AWKWARD = {
    "quotes": "a 'single' and a \"double\" and '''three'''", "slashes": "C:\\new\\table \\u0041 \\", "arabic": "مرحبا 'x' \u202e", "emoji": "👩🏽‍🚀 café",
    "nothing": None, "not_a_number": math.nan, "day": "2026-02-29", "lines": "a\nb\r\n\tc", "long": "ä" * 100_000, "yes": True, "list": [1, 2.5, {"ב": None}],
}  # fmt: skip


def book(place, *cells, parameters="log = ''"):
    tagged = new_code_cell(parameters, metadata={"tags": ["parameters"]})
    place.write_text(nbformat.writes(new_notebook(cells=[tagged, *map(new_code_cell, cells)], metadata=KERNEL)), encoding="utf-8")
    return str(place)


def entries(*names):
    return [Entry(name, name) for name in names]


def made(library, out, asked, roster=None, fresh=False, **how):
    return workbench.run_batch(library, workbench.batch_plan(library, asked, out, None, roster, fresh), asked, **how)


def everything(out):
    """What a batch left, but for papermill's times in notebooks; those of a digest are in the manifest."""
    return {p.relative_to(out).as_posix(): p.read_bytes() for p in sorted(out.rglob("*")) if p.is_file() and p.suffix not in (".ipynb", ".xlsx") and p.name != ".lock"}


def test_a_batch_leaves_notebooks_pages_and_a_table_and_goes_on_from_there(library, tmp_path):
    asked = Batch(scenarios=(SCENARIO,), seeds=(1, 2))
    result = made(library, tmp_path, asked, entries("steady", "silent"))
    assert result.planned == 3 and not result.failed and result.played == 4
    pages = [(tmp_path / o.html).read_text() for o in result.outputs]
    assert len({o.html for o in result.outputs}) == 3 and all((tmp_path / o.notebook).is_file() for o in result.outputs)
    for page in pages:
        assert not re.search(r"""(?:src|href)=["']?(?:https?:)?//|url\((?!#)|@import""", page)
    assert "Where marks are lost" in pages[-1] and "What would have won it" in pages[0]
    lines = (tmp_path / "summary.csv").read_text().splitlines()
    assert len(lines) == 5 and {line.split(",")[0] for line in lines[1:]} == {"steady", "silent"}
    assert not [p for p in tmp_path.rglob(".*") if p.name != ".lock"]

    before = everything(tmp_path)
    again = made(library, tmp_path, asked, entries("steady", "silent"), fresh=True)
    assert again.skipped == 3 and everything(tmp_path) == before
    (tmp_path / again.outputs[0].html).write_text("torn")
    plan = workbench.batch_plan(library, asked, tmp_path, None, entries("steady", "silent", "novice"), True)
    assert [s.trainee for s in plan.steps if s.fresh is None] == ["steady", "novice", "cohort"], "a torn page, a newcomer, and what counts them all"
    other = workbench.batch_plan(library, asked.model_copy(update={"seeds": (1,)}), tmp_path, None, entries("steady", "silent"), True)
    assert not any(s.fresh for s in other.steps)
    fewer = made(library, tmp_path, Batch(scenarios=(SCENARIO,)), entries("silent"))
    assert len(fewer.summary.read_text().splitlines()) == 2 and "of 1</div>" in fewer.cohort.read_text()
    assert len(list((tmp_path / "logs").rglob("*.jsonl"))) == 1, "what only the larger batch played is gone with it"


def test_logs_that_people_left_are_scored_by_who_left_them(library, tmp_path):
    made(library, tmp_path / "played", Batch(scenarios=(SCENARIO,), seeds=(1, 2)), [Entry("007", "steady"), Entry("a/b", "silent")])
    asked = Batch(logs=(str(tmp_path / "played" / "logs"),))
    result = made(library, tmp_path / "scored", asked, entries("007", "nobody"), beside={"a b.html": "What else there is"})
    assert '<a href="a%20b.html">What else there is</a>' in result.index.read_text()
    assert [o.trainee for o in result.outputs] == ["007", "cohort"] and result.absent == ("nobody",) and not result.failed
    assert "No log was left by nobody" in result.index.read_text() and ",007," not in result.summary.read_text()
    assert [line.split(",")[0] for line in result.summary.read_text().splitlines()[1:]] == ["007", "007"]
    with pytest.raises(BadInput, match="no log there is by anyone of the roster"):
        workbench.batch_plan(library, asked, tmp_path / "none", None, entries("nobody"))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"parameters": {"lgo": 1}}, "20_score.ipynb declares no parameter lgo; it has log, rubric, content"),
        ({"parameters": {"log": "x"}}, "the parameter log is filled in by the batch"),
        ({"notebooks": ("20_score.ipynb", "20_score.ipynb")}, "the notebook 20_score is named twice"),
        ({"notebooks": ("none.ipynb",)}, "none.ipynb"),
        ({"scenarios": (SCENARIO, SCENARIO)}, f"the scenario {SCENARIO} is named twice"),
        ({"scenarios": ("rule-8",)}, "rule-8"),
        ({"rubric": "none"}, "none"),
    ],
)
def test_a_plan_with_a_fault_is_refused_whole(library, tmp_path, change, words):
    asked = Batch(scenarios=(SCENARIO,)).model_copy(update=change)
    with pytest.raises(BadInput, match=words):
        workbench.batch_plan(library, asked, tmp_path / "out", None, entries("steady"))
    with pytest.raises(BadInput, match="unknown trainee 'stedy'.*plays_as"):
        workbench.batch_plan(library, Batch(scenarios=(SCENARIO,)), tmp_path / "out", None, entries("steady", "stedy"))
    assert not (tmp_path / "out").exists()


def test_ids_of_every_kind_stay_inside_the_folder_each_with_its_own_report(library, tmp_path):
    ids = ["..\\..\\home", "a/b", "CON", "x" * 300, "café", "*.ipynb", "-rf", "<b>"]
    plan = workbench.batch_plan(library, Batch(scenarios=(SCENARIO,)), tmp_path, None, [Entry(id, "silent") for id in ids])
    outputs = [step.job.output for step in plan.steps]
    assert len({str(o).casefold() for o in outputs}) == len(ids) + 1
    assert all(o.resolve().is_relative_to(tmp_path) and re.fullmatch(r"[a-z0-9-]{1,60}\.ipynb", o.name) for o in outputs)
    assert len({str(p.log.parent) for p in plan.plays}) == len(ids) and not any(tmp_path.iterdir())


def test_parameters_arrive_as_they_were_given(library, tmp_path):
    mine = book(tmp_path / "mine.ipynb", f"import json\nprint(json.dumps([{', '.join(AWKWARD)}]))", parameters="\n".join(f"{name} = 0" for name in AWKWARD))
    result = made(library, tmp_path / "out", Batch(scenarios=(SCENARIO,), notebooks=(mine,), parameters=AWKWARD), entries("silent"))
    assert not result.failed
    told = nbformat.read(tmp_path / "out" / result.outputs[0].notebook, 4).cells[-1].outputs[0].text
    assert json.dumps(json.loads(told)) == json.dumps(list(AWKWARD.values()))


FRAGILE = "from pathlib import Path\nassert Path({mended!r}).exists() or 'silent' not in log[0], 'not yet'"


def test_failures_come_first_the_others_go_on_and_only_they_are_run_again(tmp_path):
    mine = book(tmp_path / "mine.ipynb", FRAGILE.format(mended=str(tmp_path / "mended")))
    (tmp_path / "roster.csv").write_text("trainee\nsilent\nsteady\n")
    (tmp_path / "batch.yaml").write_text(f"format: batch/1\nroster: roster.csv\nscenarios: [{SCENARIO}]\nnotebooks: [mine.ipynb]\nout: out\nworkers: 2\n")
    tried = CliRunner().invoke(app, ["batch", str(tmp_path / "batch.yaml")])
    assert tried.exit_code == 1 and "failed: silent" in tried.stderr and "AssertionError: not yet" in tried.stderr
    assert tried.stderr.splitlines()[-1] == f"casework batch: 2 of 3 done, 1 failed, 0 of them fresh already: {tmp_path / 'out'}"
    index = (tmp_path / "out" / "index.html").read_text()
    assert index.index("Failed") < index.index("not yet") < index.index("cohort.html") and Path(mine).exists()
    (tmp_path / "mended").touch()
    planned = CliRunner().invoke(app, ["batch", str(tmp_path / "batch.yaml"), "--resume", "--dry-run", "--json"])
    assert [o["fresh"] for o in json.loads(planned.stdout)["outputs"]] == [False, True, True]
    mended = CliRunner().invoke(app, ["batch", str(tmp_path / "batch.yaml"), "--resume", "--json"])
    found = json.loads(mended.stdout)
    assert mended.exit_code == 0 and (found["done"], found["failed"], found["skipped"]) == (3, 0, 2)


def test_a_notebook_with_widgets_gets_an_ordinary_kernel_and_it_is_said(library, tmp_path):
    mine = book(tmp_path / "mine.ipynb", "import ipywidgets\nprint('drawn')")
    result = made(library, tmp_path / "out", Batch(scenarios=(SCENARIO,), notebooks=(mine,)), entries("silent"))
    assert [(o.way, o.why) for o in result.outputs] == [("ordinary", "it uses widgets (import ipywidgets)"), ("warm", None)] and not result.failed
    assert "Run with an ordinary kernel" in result.index.read_text() and "drawn" in (tmp_path / "out" / result.outputs[0].html).read_text()


def test_a_notebook_runs_a_batch_and_shows_what_came_of_it(tmp_path):
    (tmp_path / "roster.csv").write_text("trainee,plays_as\n007,silent\n")
    (tmp_path / "batch.yaml").write_text(f"format: batch/1\nroster: roster.csv\nscenarios: [{SCENARIO}]\nout: out\n")
    told = notebooks.batch(str(tmp_path / "batch.yaml")).data
    assert "2 of 2 done, 0 failed" in told and (tmp_path / "out" / "cohort.html").is_file()
    assert "Set &#x27;file&#x27; to a batch.yaml" in notebooks.batch().data


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--scenarios", SCENARIO], "no place for the reports"),
        (["--scenarios", SCENARIO, "--out", "o"], "name one with --roster"),
        (["--out", "o"], "one of the two"),
        (["--scenarios", SCENARIO, "--logs", "x", "--out", "o"], "one of the two"),
        (["--scenarios", SCENARIO, "--out", "o", "--set", "standard"], "allowed: NAME=VALUE"),
        (["none.yaml", "--out", "o"], "cannot be read"),
    ],
)
def test_options_that_make_no_batch_are_refused_with_what_to_do(tmp_path, monkeypatch, options, words):
    monkeypatch.chdir(tmp_path)
    tried = CliRunner().invoke(app, ["batch", *options])
    assert tried.exit_code == 2 and words in tried.stderr and not list(tmp_path.iterdir())


def test_a_misspelt_key_of_a_batch_file_is_named_with_its_line(tmp_path):
    (tmp_path / "batch.yaml").write_text(f"format: batch/1\nroaster: r.csv\nscenarios: [{SCENARIO}]\n")
    with pytest.raises(BadInput, match=r"batch.yaml:2: .*roaster"):
        workbench.read_batch(tmp_path / "batch.yaml")


def test_a_killed_batch_resumed_leaves_what_an_undisturbed_one_leaves(library, tmp_path):
    mine = book(tmp_path / "mine.ipynb", "import time\ntime.sleep(0.2)\nprint(log)")
    (tmp_path / "roster.csv").write_text("trainee,plays_as\n" + "".join(f"t{n},silent\n" for n in range(8)))
    whole = ["--roster", str(tmp_path / "roster.csv"), "--scenarios", SCENARIO, "--notebook", mine, "--workers", "2"]
    killed = tmp_path / "killed"
    for enough in (2, 5):
        run = subprocess.Popen([sys.executable, "-m", "casework", "batch", *whole, "--out", str(killed), "--resume"], stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        for _ in range(600):
            journal = killed / ".done.jsonl"
            if journal.is_file() and journal.read_bytes().count(b"\n") >= enough:
                break
            time.sleep(0.1)
        os.kill(run.pid, signal.SIGKILL)
        run.wait()
    assert CliRunner().invoke(app, ["batch", *whole, "--out", str(killed), "--resume"]).exit_code == 0
    assert CliRunner().invoke(app, ["batch", *whole, "--out", str(tmp_path / "calm")]).exit_code == 0
    assert everything(killed) == everything(tmp_path / "calm")
    assert {p.name for p in killed.rglob("*.ipynb")} == {p.name for p in (tmp_path / "calm").rglob("*.ipynb")}


def test_a_cluster_gives_the_same_manifest(library, tmp_path):
    asked = Batch(scenarios=(SCENARIO,), workers=2)
    made(library, tmp_path / "here", asked, entries("steady", "silent", "novice"))
    with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None, processes=True) as cluster:
        result = made(library, tmp_path / "there", asked, entries("steady", "silent", "novice"), dask=cluster.scheduler_address)
    assert not result.failed and everything(tmp_path / "there") == everything(tmp_path / "here")
    shutil.rmtree(tmp_path / "there")
    with pytest.raises(BadInput, match="no scheduler answers there"):
        made(library, tmp_path / "there", asked, entries("silent"), dask="tcp://127.0.0.1:1")

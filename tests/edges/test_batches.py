"""Batches: one output a trainee, self-contained pages, and rosters read as text."""

import re

import pytest

from casework import workbench
from casework.edges import batches
from casework.model.errors import BadInput


def test_a_batch_leaves_notebooks_pages_and_a_table(library, tmp_path):
    result = workbench.run_batch(library, None, ["steady", "silent"], ["rule-7-handler-away"], tmp_path, [1, 2])
    assert result.planned == 3 and not result.failed and result.played == 4
    pages = [o.html.read_text() for o in result.outcomes]
    assert len({o.html for o in result.outcomes}) == 3 and all(o.notebook.is_file() for o in result.outcomes)
    for page in pages:
        assert not re.search(r"""(?:src|href)=["']?(?:https?:)?//|url\((?!#)|@import""", page)
    assert "Where marks are lost" in pages[-1] and "What would have won it" in pages[0]
    lines = (tmp_path / "summary.csv").read_text().splitlines()
    assert len(lines) == 5 and {line.split(",")[0] for line in lines[1:]} == {"steady", "silent"}
    assert not list(tmp_path.rglob("*.part.ipynb"))


def test_a_smaller_batch_into_the_same_place_counts_its_own_plays(library, tmp_path):
    workbench.run_batch(library, None, ["silent"], ["rule-7-handler-away"], tmp_path, [1, 2, 3])
    result = workbench.run_batch(library, None, ["silent"], ["rule-7-handler-away"], tmp_path, [1])
    assert len(result.summary.read_text().splitlines()) == 2 and "of 1</div>" in result.cohort.read_text()


def test_a_parameter_that_the_notebook_does_not_declare_is_refused(tmp_path):
    job = batches.Job("t", "s", workbench.notebook(None, "20_score.ipynb"), {"lgo": "x"}, tmp_path / "x" / "out")
    with pytest.raises(BadInput, match="declares no parameter lgo"):
        batches.run(job)
    assert not (tmp_path / "x").exists()


def test_a_notebook_that_fails_is_an_outcome(tmp_path):
    job = batches.Job("t", "s", workbench.notebook(None, "20_score.ipynb"), {"log": "/no/such.jsonl"}, tmp_path / "out")
    found = batches.run(job)
    assert found.error and "cannot be read" in found.error


def test_ids_never_become_paths_and_distinct_ids_stay_distinct():
    ids = ["..\\..\\home", "a/b", "CON", "x" * 300, "café"]
    names = [batches.safe_name(id) for id in ids]
    assert len(set(names)) == len(ids) and all(re.fullmatch(r"[a-z0-9-]{1,60}", name) for name in names)
    assert batches.safe_name("cafe\u0301") == batches.safe_name("caf\u00e9")


@pytest.mark.parametrize(
    ("text", "words"),
    [("trainee\ncaf\u00e9\ncafe\u0301\n", "already"), ("name\nx\n", "no column 'trainee'"), ("trainee\n\"a\0b\"\n", "NUL|not a CSV")],
)  # fmt: skip
def test_a_roster_with_faults_is_refused(tmp_path, text, words):
    (tmp_path / "r.csv").write_text(text, encoding="utf-8")
    with pytest.raises(BadInput, match=words):
        batches.read_roster(tmp_path / "r.csv")


def test_roster_ids_stay_text(tmp_path):
    (tmp_path / "r.csv").write_text("trainee,surname\n0042,Null\nNA,O’Dwyer\n", encoding="utf-8")
    assert batches.read_roster(tmp_path / "r.csv") == ["0042", "NA"]

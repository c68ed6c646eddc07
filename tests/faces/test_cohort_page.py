"""The cohort's page: what it draws follows the rubric, and a share comes with its interval."""

from __future__ import annotations

from casework import workbench
from casework.edges import logfiles
from casework.faces import notebooks, pages


def test_the_pass_mark_that_is_drawn_is_the_rubrics_own(library, tmp_path):
    workbench.init(tmp_path / "own")
    rubric = tmp_path / "own" / "rubrics" / "case-handling.yaml"
    rubric.write_text(rubric.read_text().replace("pass_mark: 85", "pass_mark: 70"))
    session = workbench.play(library, "rule-7-handler-away", "steady", 1)
    logfiles.save(session.log(), session.texts, tmp_path / "logs" / "steady.jsonl")
    page = notebooks.cohort(str(tmp_path / "logs"), "case-handling", str(tmp_path / "own")).data
    assert "the pass mark, 70." in page and 'x1="140.0" x2="140.0"' in page


def test_a_share_is_told_with_its_interval_and_nothing_without_a_count():
    assert notebooks._spread(1, 2) == "50 %, with 95 % confidence 9 to 91 %" and notebooks._spread(0, 0) == "none to count"
    assert 'x1="170"' in pages.interval_bar(1, 2, 3, 85)

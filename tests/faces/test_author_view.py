"""The author's view shows what has just been saved: the tray, the branches, the self-test and what criteria tell."""

import pytest

from casework import workbench
from casework.faces.author_view import AuthorView, graph
from casework.practice import branching


@pytest.fixture
def own(tmp_path):
    workbench.init(tmp_path / "team")
    place = workbench.new_scenario(tmp_path / "team", "second-opinion", "complaints")
    return tmp_path / "team", place


def test_what_is_saved_is_what_is_shown(own):
    folder, place = own
    view = AuthorView(folder, "second-opinion")
    assert "A letter nobody has opened" in view.shown.value and ">ok<" in view.shown.value
    assert "Area under the ranking curve 1.00" in view.shown.value and "right-rule" in view.shown.value
    path = place / "scenario.yaml"
    path.write_text(path.read_text().replace("title: A letter nobody has opened", "title: A letter under the fruit bowl"))
    view.again.click()
    assert "A letter under the fruit bowl" in view.shown.value
    path.write_text(path.read_text().replace("harm: grave", "harm: terrible", 1))
    view.again.click()
    assert "found &#x27;terrible&#x27;" in view.shown.value and "scenario.yaml:" in view.shown.value
    path.write_text(path.read_text().replace("harm: terrible", "harm: grave", 1))
    view.seed.value = 3
    assert "A letter under the fruit bowl" in view.shown.value


def test_branches_say_what_they_hang_on(library):
    found = {b.inject: b for b in branching.branches(library, "rule-7-handler-away")}
    assert (found["cover-answers"].kind, found["cover-answers"].when, found["cover-answers"].because) == ("after", "40 minutes", "escalate to cover")
    assert found["member-draft"].kind == "unless done" and found["member-rings"].kind == "timed"
    assert "right-date" in found["member-rings"].opens
    drawn = graph(tuple(found.values()))
    assert drawn.count("<rect") == len(found) and "escalate to cover" in drawn


def test_what_a_criterion_tells(library):
    found = {s.criterion: s for s in workbench.discrimination(library, "rule-7-handler-away", 2)}
    assert found["right-rule"].exemplary == 1 and found["right-rule"].auc > 0.5
    assert found["nothing-deleted"].auc == 0.5  # Nobody deletes anything here, so it tells nothing.
    assert all(0 <= s.auc <= 1 and s.plays >= 2 for s in found.values())

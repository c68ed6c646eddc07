"""The calibration page: what it shows of a team, what it holds back, and whose marks it says they are."""

import re

import pytest

from casework import workbench
from casework.edges import identity
from casework.edges.store.records import open_store
from casework.faces import calibrate_view
from casework.model.people import Person
from casework.quality import demonstration


@pytest.fixture(scope="module")
def library():
    return workbench.library(None)


@pytest.fixture(scope="module")
def marks(library):
    return workbench.demonstration_marks(library, seed=1)


def _plain(markup):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", markup))


def test_the_invented_team_is_the_same_for_the_same_seed(library, marks):
    assert workbench.demonstration_marks(library, seed=1) == marks != workbench.demonstration_marks(library, seed=2)
    assert len({m.trainee for m in marks}) == 36 and {m.criterion for m in marks} == {"tone-written", "plain-words", "note-useful"}


def test_the_declared_leans_are_found_beside_the_expert(library, marks):
    found = workbench.calibrate_marks(library, marks)
    alias = {rater: alias for alias, rater in found.aliases}
    whole = {d.alias: d.signed for d in found.deviations if d.criterion is None}
    assert whole[alias["demo-a"]].low > 0 and whole[alias["demo-e"]].high < 0
    assert abs(whole[alias["demo-c"]].value) < 0.06
    assert [h.alias for h in found.halo if h.hint] == [alias[demonstration.ONE_IMPRESSION]]


def test_raters_are_shown_by_alias_and_the_page_asks_for_nothing(library, marks):
    page = calibrate_view.page(workbench.calibrate_marks(library, marks), workbench.criteria_of(library, marks).study)
    assert not re.search(r"demo-[a-e]\b|demo-expert", page)
    assert not re.search(r"https?:|<script|<link|@import|url\(", page)
    for part in ("How far raters agree", "Beside the expert", "One impression", "To talk about", "What the criteria tell", "How many files make a score sure"):
        assert part in page


def test_what_cannot_be_said_keeps_its_cell_in_words(library, marks):
    few = [m for m in marks if m.trainee in ("demo-01", "demo-02", "demo-03")]
    text = _plain(calibrate_view.page(workbench.calibrate_marks(library, few), workbench.criteria_of(library, few).study))
    assert "Not enough evidence: 3 of 10 trainees; about 7 more first attempts" in text
    assert "of 30 files marked twice" in text and "of 10 files that the expert marked too" in text
    assert "nan" not in text.lower().split() and "None" not in text


def test_the_place_for_lean_and_drift_stands_after_the_expert(library, marks):
    page = calibrate_view.page(workbench.calibrate_marks(library, marks), about="A trial")
    assert page.index("Beside the expert") < page.index("<h2>Severity</h2>") < page.index("One impression")


@pytest.mark.parametrize(("roles", "says"), [(("reviewer",), "Simulated: an invented team from seed 7"), (("trainee",), "is for reviewers, leads and trainers")])
def test_the_notebook_says_whose_marks_these_are(tmp_path, roles, says):
    url = f"sqlite:///{tmp_path / 'work.sqlite'}"
    store = open_store(url)
    store.add_person(Person("p-1", roles), "Someone", identity.login())
    text = _plain(calibrate_view.open_calibration("", seed=7, store=url).data)
    assert says in text and ("Simulated" in text) == (roles == ("reviewer",))


def test_a_table_of_marks_is_read_by_name_and_its_faults_are_said(tmp_path):
    path = tmp_path / "team.csv"
    path.write_text("unit,rater,criterion,rating\nu,a,tone-written,warm and clear\nu,b,tone-written,cold or curt\n")
    text = _plain(calibrate_view.open_calibration(str(path)).data)
    assert "The marks in team.csv" in text and "What the criteria tell" not in text
    path.write_text("unit,rater,criterion,rating\nu,a,tone-written,warm\n")
    assert "row 2, rating: found 'warm'" in calibrate_view.open_calibration(str(path)).data.replace("&#x27;", "'")

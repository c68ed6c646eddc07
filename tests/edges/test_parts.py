"""Parts of the content: what a date or one log needs gives the same as the whole, and its faults are told."""

import shutil

import pytest

from casework import workbench
from casework.edges import content
from casework.model.errors import BadInput, ContentError


@pytest.fixture
def team(tmp_path):
    """A copy of policies, calendars and rubrics; no scenario is in it."""
    for part in ("scenarios/policies", "scenarios/calendars", "rubrics"):
        shutil.copytree(content.shipped() / part, tmp_path / part)
    return tmp_path


def change(path, old, new):
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


@pytest.mark.parametrize(("clause", "calendar"), [("complaints.third-day", "scotland"), ("gmc-rule-7", None), ("complaints.third-day", "malaysia-johor"), ("subject-access", None)])
def test_a_date_is_the_same_by_the_handbook_alone(library, clause, calendar):
    part = workbench.handbook_only()
    assert workbench.due(part, clause, "2026-04-02", calendar, None) == workbench.due(library, clause, "2026-04-02", calendar, None)
    assert set(part.calendars) == set(library.calendars) and len(part.calendars) == len(library.calendars) and not part.scenarios
    assert part.get_calendar("malaysia-johor") == library.get_calendar("malaysia-johor")


@pytest.mark.parametrize("name", ["rule-7-handler-away", "first-morning", "bank-holiday-week"])
def test_a_log_is_scored_the_same_with_what_it_needs_alone(library, name):
    log = workbench.play(library, name, "steady", 3).log()
    part = workbench.library_for(log)
    assert workbench.score(part, log) == workbench.score(library, log)
    assert set(part.scenarios) == {case.scenario.id for case in workbench.caseload(library, name, 3).cases} and not part.answers[next(iter(part.scenarios))]
    assert {key: library.digests[key] for key in part.digests} == part.digests


def test_a_log_of_work_that_is_not_here_is_refused_as_by_the_whole(library, team):
    log = workbench.play(library, "rule-7-handler-away", "steady", 1).log()
    shutil.rmtree(team / "rubrics")
    shutil.copytree(content.shipped() / "scenarios", team / "scenarios", dirs_exist_ok=True)
    shutil.copytree(content.shipped() / "rubrics", team / "rubrics")
    shutil.rmtree(next(team.glob("scenarios/cases/*/rule-7-handler-away")))
    change(team / "scenarios/caseloads/first-morning.yaml", "rule-7-handler-away", "counsel-instructed")
    with pytest.raises((BadInput, ContentError)) as whole:
        workbench.score(workbench.library(team), log)
    with pytest.raises(type(whole.value)) as part:
        workbench.score(workbench.library_for(log, team), log)
    assert str(part.value) == str(whole.value) and "rule-7-handler-away" in str(whole.value)


def test_a_fault_of_a_calendar_is_told_when_it_is_asked_for(team):
    change(team / "scenarios/calendars/malaysia.yaml", "zone: Asia/Kuala_Lumpur", "zone: Asia/Kuala_Lumpor")
    held = workbench.handbook_only(team)
    assert held.get_calendar("scotland").id == "scotland"
    with pytest.raises(ContentError, match=r"malaysia\.yaml.*Kuala_Lumpor"):
        held.get_calendar("malaysia-kuala-lumpur")


@pytest.mark.parametrize(
    ("base", "words"), [("malaysya", r"did you mean 'malaysia'"), ("malaysia-kedah", "cannot stand on itself")]
)
def test_a_calendar_on_what_is_not_there_or_on_itself_is_refused(team, base, words):
    for name in ("johor", "kedah", "melaka"):
        (team / f"scenarios/calendars/malaysia-{name}.yaml").write_text(
            f"format: calendar/1\nid: malaysia-{name}\ntitle: T\nprovenance: P\nbased_on: {base if name == 'kedah' else 'malaysia-kedah'}\n"
        )
    with pytest.raises(ContentError, match=words):
        workbench.handbook_only(team).get_calendar("malaysia-melaka")


@pytest.mark.parametrize(("old", "new", "words"), [("id: scotland", "id: england-and-wales", "also the id of"), ("id: scotland", "id: [scotland]", "scotland.yaml")])
def test_ids_that_cannot_be_told_at_a_glance_are_read(team, old, new, words):
    change(team / "scenarios/calendars/scotland.yaml", old, new)
    with pytest.raises(ContentError, match=words):
        workbench.handbook_only(team)
    change(team / "scenarios/calendars/scotland.yaml", new, 'id: "scotland"')
    assert workbench.handbook_only(team).get_calendar("scotland").id == "scotland"


def test_a_fault_elsewhere_does_not_keep_anyone_from_a_date(team):
    broken = team / "scenarios/cases/complaints/broken"
    broken.mkdir(parents=True)
    (broken / "scenario.yaml").write_text("id: [\n")
    assert workbench.due(workbench.handbook_only(team), "complaints.third-day", "2026-04-02", "scotland", None)["due_on"] == "2026-04-08"
    with pytest.raises(ContentError):
        workbench.library(team)


def test_a_policy_for_a_place_that_is_not_there_is_a_fault_of_the_handbook(team):
    policy = next(path for path in sorted((team / "scenarios/policies").iterdir()) if "jurisdiction: scotland" in path.read_text())
    change(policy, "jurisdiction: scotland", "jurisdiction: scotlnd")
    with pytest.raises(ContentError, match="did you mean 'scotland'"):
        workbench.handbook_only(team)

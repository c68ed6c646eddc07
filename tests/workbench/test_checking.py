"""The self-test of content: what is tested, and that it finds the faults an author makes."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys

import pytest
import yaml

from casework import workbench
from casework.edges import content
from casework.model.errors import BadInput
from casework.quality import mutations, scoring, selftest, swaps

ID = "four-abbreviations"


@pytest.fixture
def team(tmp_path):
    """A team's own content with two scenarios, so that a test is quick."""
    folder = tmp_path / "team"
    for name in ("scenarios", "rubrics"):
        shutil.copytree(content.shipped() / name, folder / name)
    for place in folder.glob("scenarios/cases/*/*/scenario.yaml"):
        if place.parent.name not in (ID, "counsel-instructed"):
            shutil.rmtree(place.parent)
    for plan in folder.glob("scenarios/caseloads/*.yaml"):
        plan.unlink()
    return folder


def place(team, id=ID):
    return next(team.glob(f"scenarios/cases/*/{id}"))


def edit(path, old, new):
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


def told(found):
    return [f"{p['file']}:{p['line']}: {p['message']}" for p in found["problems"]]


def test_one_scenario_is_tested_by_its_folder_its_file_or_its_group(team):
    for path in (place(team), place(team) / "scenario.yaml", place(team) / "answers" / "steady.yaml", place(team).parent):
        assert [s["id"] for s in workbench.check([path], 1)["scenarios"]] == [ID]
    assert len(workbench.check([team], 1)["scenarios"]) == 2


def test_what_changed_since_the_last_commit_is_tested(team):
    def git(*words):
        subprocess.run(["git", "-c", "user.name=a", "-c", "user.email=a@b", "-C", str(team), *words], check=True, capture_output=True)

    git("init", "-q")
    git("add", ".")
    git("commit", "-qm", "first")
    assert len(workbench.check([team], 1)["scenarios"]) == 2  # Nothing changed: all, quickly.
    edit(place(team) / "answers" / "steady.yaml", "seed:", "seed: ")
    assert [s["id"] for s in workbench.check([team], 1)["scenarios"]] == [ID]
    git("checkout", "-q", ".")
    edit(team / "scenarios" / "policies" / "terminology.yaml", "title:", "title: ")
    assert [s["id"] for s in workbench.check([team], 1)["scenarios"]] == [ID]
    edit(team / "rubrics" / "case-handling.yaml", "title:", "title: ")
    assert len(workbench.check([team], 1)["scenarios"]) == 2


def test_a_part_is_never_blamed_for_what_only_the_whole_can_serve(team):
    found = workbench.check([place(team)], 2, full=True)
    assert found["ok"] and "mutation" not in found


def test_a_renamed_file_counts_under_both_names(team):
    from casework.edges import changes

    for words in (("init", "-q"), ("add", "."), ("-c", "user.name=a", "-c", "user.email=a@b", "commit", "-qm", "first")):
        subprocess.run(["git", "-C", str(team), *words], check=True, capture_output=True)
    old = place(team) / "answers" / "steady.yaml"
    subprocess.run(["git", "-C", str(team), "mv", str(old), str(old.with_name("un usual.yaml"))], check=True)
    assert {p.name for p in changes.changed(team)} == {"steady.yaml", "un usual.yaml"}


def test_paths_that_lead_nowhere_are_said(team, tmp_path):
    with pytest.raises(BadInput, match="nothing there"):
        workbench.check([team / "nowhere"])
    with pytest.raises(BadInput, match="no content here"):
        workbench.check([tmp_path])


FAULTS = [
    ("result: total range", "answers/steady.yaml", re.compile(r"total: \[\d+, \d+\]"), "total: [20, 30]", "is outside the declared 20 to 30"),
    ("narrow range", "answers/steady.yaml", re.compile(r"total: \[(\d+), \d+\]"), r"total: [\1, \1.5]", "at least 5"),
    ("errors", "answers/guesser.yaml", re.compile(r"errors: \[[^\]]*\]"), "errors: []", "critical errors"),
    ("band", "answers/steady.yaml", re.compile(r"errors: \[\]"), "band: refer, errors: []", "declared refer"),
    ("rank", "scenario.yaml", re.compile(r"best_first: .*"), "best_first: [[silent], [exemplary]]", "does not outrank"),
    ("must fail", "scenario.yaml", re.compile(r"must_fail: .*"), "must_fail: [exemplary]", "may not pass, and did"),
    ("never arrives", "scenario.yaml", re.compile(r"at: first_day, 11:45"), "at: first_day, 18:45", "draft-comes-back comes in no answer"),
    ("trap unmet", "scenario.yaml", re.compile(r"handling: \{did: index, item: notes-page, as: overdose report\}"), "handling: {did: index, item: notes-page, as: medical records, by: 'first_day, 08:00'}", "no play falls for trust-the-scanner"),
    ("best impossible", "scenario.yaml", re.compile(r"by: 'first_day, 11:00'"), "by: 'first_day, 09:01'", "no play meets the best handling of file-by-what-it-is"),
    ("leaked draw", "documents/notes-page.md", re.compile(r"\A"), "Dr Eleri Maddox\n", "is written out, and is drawn from the seed"),
    ("waits for itself", "scenario.yaml", re.compile(r"after: \{did: \[request, reply\], to: member\}"), "after: {did: read, item: member-answers}", "member-answers waits for itself (member-answers → member-answers)"),
    ("too few answers", "scenario.yaml", re.compile(r"answers: \[exemplary, steady, guesser\]"), "answers: [exemplary, steady]", "2 written answers"),
]


@pytest.mark.parametrize(("kind", "file", "found", "instead", "message"), FAULTS, ids=[f[0] for f in FAULTS])
def test_an_author_s_fault_is_told_on_its_line(team, kind, file, found, instead, message):
    path = place(team) / file
    text = path.read_text()
    assert found.search(text)
    path.write_text(found.sub(instead, text, count=1))
    result = workbench.check([place(team)], 2)
    lines = told(result)
    assert not result["ok"] and any(message in line for line in lines), lines
    if kind in ("result: total range", "narrow range", "errors", "band", "rank"):
        n = next(n for n, line in enumerate(path.read_text().splitlines(), 1) if instead.split(":")[0].strip("\\") in line)
        assert any(f"{file}:{n}: " in line for line in lines), (n, lines)


def test_a_member_of_another_case_may_not_be_named(team):
    other = yaml.safe_load((place(team, "counsel-instructed") / "scenario.yaml").read_text())
    name = next(n for n in selftest._members(content.load(team).get_scenario("counsel-instructed")))
    path = next((place(team) / "documents").glob("*.md"))
    path.write_text(path.read_text() + f"\nWith thanks to {name}.\n")
    assert other["id"] == "counsel-instructed"
    assert any(f"{name!r} is a member of another case (counsel-instructed)" in line for line in told(workbench.check([place(team)], 1)))


def test_a_mark_that_hangs_on_a_name_is_found(team):
    """A handling that wants a name written out is worth less to whoever is called otherwise."""
    edit(place(team) / "scenario.yaml", "best: {did: request, to: member, by: 'first_day, 11:30'}", "best: {did: request, to: member, mentions: odd, by: 'first_day, 11:30'}")
    edit(place(team) / "scenario.yaml", "  normal: {pick: [nothing abnormal]}", "  normal: {pick: [nothing abnormal]}\n  odd: {pick: [colour]}")
    path = place(team) / "answers" / "exemplary.yaml"
    text = path.read_text()
    path.write_text(re.sub(r"(do: request, to: member[^}]*text: ['\"]?)", r"\1The colour of it. ", text, count=1))
    assert any("other spelling change the mark of own-work" in line for line in told(workbench.check([place(team)], 1)))


def test_mutants_of_a_scorecard_are_what_the_rubric_would_make(library):
    """A deleted, doubled or halved criterion, worked out from the scorecard, equals scoring with such a rubric."""
    rubric = library.get_rubric("case-handling")
    answer = library.answers[ID]["guesser"]
    session = selftest.answered(library, ID, answer, answer.seed)
    (card,) = scoring.score(library, session.caseload, session.log(), rubric)
    for rating in card.ratings:
        for operator in ("delete", "double", "halve"):
            sections = []
            for section in rubric.sections:
                criteria = tuple(
                    c.model_copy(update={"weight": c.weight * mutations.TIMES.get(operator, 1)}) if c.id == rating.criterion.id else c
                    for c in section.criteria if not (operator == "delete" and c.id == rating.criterion.id)
                )
                sections.append(section.model_copy(update={"criteria": criteria}))
            changed = rubric.model_copy(update={"sections": tuple(sections)})
            (truth,) = scoring.score(library, session.caseload, session.log(), changed)
            found = mutations.mutated(card, rating.criterion.id, operator)
            assert (found.total, found.low, found.high, found.band, found.errors) == (truth.total, truth.low, truth.high, truth.band, truth.errors)


def test_an_inverted_criterion_gives_what_was_lost(library):
    answer = library.answers[ID]["exemplary"]
    session = selftest.answered(library, ID, answer, answer.seed)
    (card,) = scoring.score(library, session.caseload, session.log(), library.get_rubric("case-handling"))
    turned = mutations.mutated(card, "no-advice", "invert")
    assert "no-advice" in turned.errors and turned.total < card.total


@pytest.mark.parametrize("what", swaps.SWAPS)
def test_swaps_change_what_is_read_and_nothing_that_is_decided(library, what):
    for id in ("rule-7-handler-away", "which-tooth", "eighty-four"):
        before, after = library.get_scenario(id), swaps.swapped(library, id, what).get_scenario(id)
        assert [i.id for i in before.injects] == [i.id for i in after.injects]
        assert [e.best for e in before.expectations] == [e.best for e in after.expectations]
    if what == "names":
        assert after.case.parties != before.case.parties or after.variables != before.variables


def test_the_area_under_the_ranking_curve():
    assert selftest.area([3.0], [1.0, 2.0]) == 1.0
    assert selftest.area([1.0, 3.0], [2.0]) == 0.5
    assert selftest.area([2.0], [2.0]) == 0.5


def test_the_command_prints_its_contract_and_says_no_with_1(team):
    edit(place(team) / "answers" / "steady.yaml", "errors: []", "band: refer, errors: []")
    done = subprocess.run([sys.executable, "-m", "casework", "check", str(place(team)), "--json"], capture_output=True, text=True)
    found = json.loads(done.stdout)
    assert done.returncode == 1 and not found["ok"] and set(found["problems"][0]) == {"file", "line", "key", "message"}
    assert set(found["scenarios"][0]) >= {"id", "archetypes", "discrimination"}


def test_the_whole_library_holds():
    found = workbench.check([content.shipped()], 3, full=True)
    assert found["ok"], found["problems"][:5]
    assert found["mutation"]["noticed"] >= 0.9 * found["mutation"]["made"]
    assert all(s["reason"] for s in found["mutation"]["survivors"])
    aucs = sorted(s["auc"] for s in found["scenarios"])
    assert aucs[len(aucs) // 2] >= 0.9


def test_every_expectation_of_the_shipped_library_has_a_hint(library):
    for scenario in library.scenarios.values():
        for expectation in scenario.expectations:
            assert expectation.hint and len(expectation.hint) <= 120, (scenario.id, expectation.id)


def test_the_library_covers_the_role(library):
    served = {}
    for scenario in library.scenarios.values():
        for line in scenario.evidences:
            served.setdefault(line, set()).add(scenario.id)
    lines = [*(f"A{n}" for n in range(1, 20)), *(f"L{n}" for n in range(1, 7)), *(f"Q{n}" for n in range(1, 10))]
    assert {line: sorted(served.get(line, ())) for line in lines if len(served.get(line, ())) < 3} == {}
    assert {s.level for s in library.scenarios.values()} == {1, 2, 3, 4, 5}


def test_mistakes_of_every_kind_drawn_by_seed_are_noticed():
    from benchmarks.soak import spoil

    found = spoil.run(24, seed=11)
    assert found["noticed"] >= 0.9, found["missed"]

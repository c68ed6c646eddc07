"""Content is loaded strictly, and every problem is named with its place."""

import json
import shutil
from datetime import date
from pathlib import Path

import jsonschema
import pytest

from casework.edges import content, files, strict_yaml
from casework.model.errors import BadInput, ContentError
from casework.model.rubrics import Rubric

BROKEN = sorted((Path(__file__).parents[1] / "content" / "broken").glob("*.yaml"))
RUBRIC = """format: rubric/1
id: r
title: R
version: 1
pass_mark: 85
bands: [{name: refer, from: 0}]
scales: {share: share of cases met}
sections:
  - id: s
    title: S
    weight: 10
    criteria:
"""
CRITERION = "      - {{id: {0}, asks: Was it, weight: {1}, clause: authority.advice, evidences: [A1], scale: share, check: {{did: note}}}}\n"


def problems(tmp_path, text, kind="rubric"):
    path = tmp_path / "one.yaml"
    path.write_text(text)
    file = files.read_file(path, kind, tmp_path)
    return file.value, file.problems


def test_weights_that_sum_to_zero_are_refused_at_load_naming_both(tmp_path):
    value, found = problems(tmp_path, RUBRIC + CRITERION.format("tone", 0) + CRITERION.format("dates", 0))
    assert value is None and len(found) == 1
    assert "tone" in found[0].message and "dates" in found[0].message and "sum to zero" in found[0].message


def test_a_single_zero_weight_is_advisory(tmp_path):
    value, found = problems(tmp_path, RUBRIC + CRITERION.format("tone", 0) + CRITERION.format("dates", 1))
    assert isinstance(value, Rubric) and not found


def test_negative_nan_and_infinite_weights_are_four_errors_with_line_and_criterion(tmp_path):
    weights = ["-2", ".nan", ".inf", "1e400"]
    _, found = problems(tmp_path, RUBRIC + "".join(CRITERION.format(f"c{n}", w) for n, w in enumerate(weights)))
    assert [p.line for p in found] == [13, 14, 15, 16]
    assert all(f"c{n}" in p.key for n, p in enumerate(found))


def test_a_duplicate_key_is_named_with_both_lines(tmp_path):
    _, _, found = strict_yaml.load(b"pass_mark: 70\ncritical: [consent]\npass_mark: 40\n", "x.yaml")
    assert "duplicate key pass_mark, lines 1 and 3" in found[0].message


def test_words_that_look_like_booleans_stay_text():
    data, _, found = strict_yaml.load(b"region: NO\nanswers:\n  yes: accept\n  off: decline\n", "x.yaml")
    assert data == {"region": "NO", "answers": {"yes": "accept", "off": "decline"}} and not found


def test_clock_times_and_codes_stay_text():
    data, _, _ = strict_yaml.load(b"open: 09:00\nclose: 17:30\ncode: 007\nbig: 1e3\n", "x.yaml")
    assert data == {"open": "09:00", "close": "17:30", "code": "007", "big": "1e3"}


@pytest.mark.parametrize(
    ("text", "word"),
    [
        (b"a: &x 1\nb: *x\n", "aliases"), (b"a: !!python/name:os.system 1\n", "not allowed"), (b"[1]\n", "one map"),
        (b"a: " + b"[" * 60 + b"]" * 60 + b"\n", "deep"), (b"\xff\n", "UTF-8"), (b"a: 'x\n", "quotes"),
        (b"a: " + b"x" * 1_000_001, "at most"), (b"a: 1\nb: \0\n", "NUL"), (b"a: 1\n---\nb: 1\n", "second document"),
        (b"a:\n  <<: {b: 1}\n", "merge keys"), (b"? [a]\n: 1\n", "plain word"), (b"", "one map"),
    ],
)  # fmt: skip
def test_unsafe_or_broken_yaml_is_refused_in_words(text, word):
    _, _, found = strict_yaml.load(text, "x.yaml")
    assert found and word in found[0].message


def test_only_plain_numbers_true_false_and_null_are_not_text():
    raw = b"a: -3\nb: 2.5\nc: true\nd: ~\ne:\nf: 2026-03-24\ng: 'true'\nh: +1\ni: 0x1f\nj: True\n1: 1_000\nnull: .5\n"
    data, lines, found = strict_yaml.load(raw, "x.yaml")
    assert not found and lines[("f",)] == 6
    assert data == {
        "a": -3, "b": 2.5, "c": True, "d": None, "e": None, "f": "2026-03-24", "g": "true", "h": "+1", "i": "0x1f",
        "j": "True", "1": "1_000", "null": ".5",
    }  # fmt: skip


@pytest.mark.parametrize("path", BROKEN, ids=lambda path: path.stem)
def test_each_broken_file_is_told_in_the_words_that_stand_on_top_of_it(path):
    said = [line.removeprefix("# says: ") for line in path.read_text().splitlines() if line.startswith("# says: ")]
    file = files.read_file(path, path.stem.partition("--")[0], path.parent)
    told = "\n".join(map(str, file.problems))
    assert said and file.value is None
    for words in said:
        assert words in told, told
    assert all(problem.file == path.name and problem.line >= 1 for problem in file.problems)


def copy(tmp_path):
    for name in ("scenarios", "rubrics"):
        shutil.copytree(content.shipped() / name, tmp_path / name)
    return tmp_path / "scenarios" / "cases" / "regulators" / "rule-7-handler-away" / "scenario.yaml"


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("topic: filing", "topic: fillng", ["found 'fillng'", "did you mean 'filing'", "escalation"]),
        ("harm: minor", "harm: small", ["minor, serious, grave"]),
        ("clause: authority.relay", "clause: authority.rely", ["'authority.rely' is no clause", "authority.relay"]),
        ("opens: cover-answers", "opens: cover-answer", ["cover-answer", "no paper or inject"]),
        ("from: gmc\n", "from: gmc\n      colour: red\n", ["unknown key"]),
        ("delay: 40 minutes", "delay: soonish", ["not a delay", "N minutes"]),
        ("to: [cover, adviser, lead], within", "to: [covr, adviser, lead], within", ["'covr'", "did you mean 'cover'"]),
        ("from: gmc\n", "from: gcm\n", [":45: case.on_file.0.from (rule-7-letter)", "'gcm'", "did you mean 'gmc'"]),
        ("starts: [authority.escalate-same-day]", "starts: [authority.advice]", ["no clause with a clock"]),
        ("office: england-and-wales", "office: england", ["'england' is no calendar", "england-and-wales"]),
        ("[service-levels, authority,", "[service-level, authority,", ["policies.0", "did you mean 'service-levels'"]),
        ("evidences: [A2,", "evidences: [Z2,", ["'Z2' is not a line of the role"]),
        ("It's {member}.", "It's {membr}.", ["'membr' is no variable", "did you mean 'member'"]),
        ("after: cover-answers, mentions: cover", "after: cover-answer", ["'cover-answer' is no paper", "cover-answers"]),
        ("mentions: due_on}", "mentions: due}", ["'due' is no variable or party", "due_on"]),
        ("choice: hold}", "choice: holt}", ["'holt' is no choice", "did you mean 'hold'"]),
        ("for_before: due_on", "for_before: due_one", ["'due_one' is no date variable", "due_on"]),
        ("documents/handover.md", "../../../../../rubrics/framework.yaml", ["not a file in the scenario's folder"]),
        ("documents/handover.md", "documents/handed.md", ["injects.0.document (handover)", "not a file"]),
        ("answers: [exemplary,", "answers: [exemplry,", ["no file answers/exemplry.yaml"]),
        ("id: rule-7-handler-away", "id: rule-7", ["must be the folder's name"]),
        ("{did: escalate, item: cover-answers}", "{handled: filing}", ["'handled' belongs in a rubric"]),
        ("cover: cover}", "cover: covr}", ["'covr' is no party of this case"]),
    ],
)  # fmt: skip
def test_each_mistake_is_told_with_file_line_and_remedy(tmp_path, old, new, words):
    path = copy(tmp_path)
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))
    with pytest.raises(ContentError) as caught:
        content.load(tmp_path)
    said = str(caught.value)
    assert "scenarios/cases/regulators/rule-7-handler-away/scenario.yaml:" in said
    for word in words:
        assert word in said
    assert all(problem.line >= 1 for problem in caught.value.problems)


@pytest.mark.parametrize(
    ("file", "old", "new", "words"),
    [
        ("rubrics/case-handling.yaml", "clause: authority.relay", "clause: authority.rely", ["'authority.rely' is no clause"]),
        ("rubrics/case-handling.yaml", "at_most: authority.spend", "at_most: authority.relay", ["no clause with a limit"]),
        ("rubrics/case-handling.yaml", "on_time: internal", "on_time: inside", ["'inside' is no side or clause with a clock"]),
        ("rubrics/case-handling.yaml", "to: [may_know,", "to: [may_no,", ["did you mean 'may_know'"]),
        ("rubrics/measures.yaml", "criterion: complaint-caught, rating", "criterion: caught, rating", ["no criterion"]),
        ("rubrics/framework.yaml", "lines: [L5]", "lines: [Five]", ["'Five' is not a line of the role"]),
        ("scenarios/policies/authority.yaml", "to: [clinician,", "to: [clinican,", ["did you mean 'clinician'"]),
        ("scenarios/caseloads/first-morning.yaml", "rubric: case-", "rubric: cases-", ["did you mean 'case-handling'"]),
        ("scenarios/caseloads/first-morning.yaml", "calendar: england-and", "calendar: england-und", ["is no calendar"]),
        ("scenarios/caseloads/first-morning.yaml", "{twin: Eng", "{twn: Eng", ["'twn' is no variable of third-business-day"]),
        ("scenarios/caseloads/first-morning.yaml", "scenario: third-", "scenario: fourth-", ["'third-business-day'"]),
        ("scenarios/simulations/servicing-desk.yaml", "within: service-levels.index", "within: service-levels.indx", ["no clause with a clock", "did you mean 'service-levels.index-post'"]),
        ("scenarios/simulations/servicing-desk.yaml", "efforts: service-levels.efforts", "efforts: service-levels.ladder", ["no clause with efforts"]),
        ("scenarios/simulations/servicing-desk.yaml", "caseload: first-week", "caseload: first-wek", ["did you mean 'first-week'"]),
        ("scenarios/simulations/servicing-desk.yaml", "calendar: england-and", "calendar: england-und", ["is no calendar"]),
    ],
)  # fmt: skip
def test_a_reference_from_any_file_is_looked_up(tmp_path, file, old, new, words):
    copy(tmp_path)
    text = (tmp_path / file).read_text()
    assert old in text
    (tmp_path / file).write_text(text.replace(old, new, 1))
    with pytest.raises(ContentError) as caught:
        content.load(tmp_path)
    assert {problem.file for problem in caught.value.problems} == {file}
    for word in words:
        assert word in str(caught.value)


def test_an_answer_is_checked_against_its_scenario(tmp_path):
    path = copy(tmp_path).parent / "answers" / "steady.yaml"
    path.write_text(path.read_text().replace("item: member-rings", "item: member-ring").replace("to: cover", "to: covr"))
    with pytest.raises(ContentError) as caught:
        content.load(tmp_path)
    assert "did you mean 'member-rings'" in str(caught.value) and "'covr'" in str(caught.value)


def test_an_id_used_twice_names_both_files(tmp_path):
    copy(tmp_path)
    shutil.copy(tmp_path / "scenarios/calendars/ireland.yaml", tmp_path / "scenarios/calendars/eire.yaml")
    with pytest.raises(ContentError, match="scenarios/calendars/eire.yaml"):
        content.load(tmp_path)


def test_a_variable_unknown_to_a_document_is_told_at_the_paper(tmp_path):
    path = copy(tmp_path).parent / "documents" / "handover.md"
    path.write_text(path.read_text() + "{nobody}\n")
    with pytest.raises(ContentError, match=r"injects\.0\.document \(handover\).*'nobody'"):
        content.load(tmp_path)


def test_a_policy_that_cannot_be_read_is_told_once_and_not_at_every_reference(tmp_path):
    copy(tmp_path)
    path = tmp_path / "scenarios/policies/authority.yaml"
    path.write_text(path.read_text() + "colour: red\n")
    with pytest.raises(ContentError) as caught:
        content.load(tmp_path)
    assert len(caught.value.problems) == 1 and "unknown key" in str(caught.value)


def test_a_folder_without_content_is_refused(tmp_path):
    with pytest.raises(BadInput, match="no content here"):
        content.load(tmp_path)


def test_digests_cover_documents(tmp_path, library):
    path = copy(tmp_path).parent / "documents" / "handover.md"
    path.write_text(path.read_text() + "One more line.\n")
    changed = content.load(tmp_path).digests
    assert {k for k in changed if changed[k] != library.digests[k]} == {"scenario/rule-7-handler-away"}


def test_an_unknown_id_is_answered_with_the_nearest_and_the_list(library):
    for get, wrong, near in (
        (library.get_scenario, "third-bussiness-day", "third-business-day"), (library.get_rubric, "case", "case-handling"),
        (library.get_calendar, "irland", "ireland"), (library.get_caseload, "first-mornin", "first-morning"),
    ):  # fmt: skip
        with pytest.raises(BadInput, match=near):
            get(wrong)
    with pytest.raises(BadInput, match="did you mean 'authority.relay'"):
        library.clause("authority.rely", date(2026, 1, 1))
    assert library.clause("complaints.third-day", date(2016, 6, 29)).clock.lasts == "1 working day"
    assert library.clause("complaints.third-day", date(2016, 6, 30)).clock.lasts == "3 working days"


def test_all_problems_of_a_file_come_at_once(tmp_path):
    path = copy(tmp_path)
    path.write_text(path.read_text().replace("harm: minor", "harm: small").replace("topic: filing", "topic: fillng"))
    with pytest.raises(ContentError) as caught:
        content.load(tmp_path)
    assert len(caught.value.problems) >= 2


def test_content_holds_against_the_schemas_that_editors_use():
    check = jsonschema.Draft202012Validator
    for path in [*content.shipped().glob("scenarios/**/*.yaml"), *content.shipped().glob("rubrics/*.yaml")]:
        kind = Path(path.read_text().splitlines()[0].partition("=")[2]).stem
        data, _, _ = strict_yaml.load(path.read_bytes(), path.name)
        assert not [error.message for error in check(files.schemas()[kind]).iter_errors(data)], path


def test_the_schemas_for_editors_are_those_of_the_model(tmp_path):
    for name, schema in files.schemas().items():
        assert json.loads((content.shipped() / "scenarios" / "schemas" / f"{name}.json").read_text()) == schema
    files.write_schemas(tmp_path)
    for path in tmp_path.iterdir():
        assert path.read_text() == (content.shipped() / "scenarios" / "schemas" / path.name).read_text()


def test_every_content_file_names_its_schema_and_the_schema_exists():
    root = content.shipped()
    for path in [*root.glob("scenarios/**/*.yaml"), *root.glob("rubrics/*.yaml")]:
        first = path.read_text().splitlines()[0]
        assert first.startswith("# yaml-language-server: $schema="), path
        assert (path.parent / first.partition("=")[2]).resolve().is_file(), path


@pytest.mark.parametrize("word", ["not", "did", "all", "any", "never", "handled"])
def test_an_unknown_key_with_the_name_of_a_check_is_told_like_any_other(tmp_path, word):
    from casework.edges import files

    (tmp_path / "p.yaml").write_text(f"format: policy/1\nid: x\ntitle: x\n{word}: something\nclauses: []\n")
    found = files.read_file(tmp_path / "p.yaml", "policy", tmp_path).problems
    assert any(p.key == word and p.line == 4 and "unknown key" in p.message for p in found), found


def test_a_letter_of_unreasonable_length_is_told(tmp_path):
    from casework import workbench
    from casework.edges import content

    workbench.init(tmp_path / "team")
    letter = next((tmp_path / "team").glob("scenarios/cases/*/*/documents/*.md"))
    letter.write_text("x" * 200_000)
    with pytest.raises(ContentError, match="larger than 100,000 bytes"):
        content.load(tmp_path / "team")

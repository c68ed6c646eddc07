"""Content is loaded strictly, and every problem is named with its place."""

import json
import shutil

import pytest

from casework.edges import content, strict_yaml
from casework.model.errors import ContentError
from casework.model.rubrics import Rubric

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
    value, _, found = content.read_file(path, kind, tmp_path)
    return value, found


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
        (b"a: " + b"x" * 1_000_001, "at most"),
    ],
)  # fmt: skip
def test_unsafe_or_broken_yaml_is_refused_in_words(text, word):
    _, _, found = strict_yaml.load(text, "x.yaml")
    assert found and word in found[0].message


def copy(tmp_path):
    for name in ("scenarios", "rubrics"):
        shutil.copytree(content.shipped() / name, tmp_path / name)
    return tmp_path / "scenarios" / "cases" / "regulators" / "rule-7-handler-away" / "scenario.yaml"


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("topic: filing", "topic: fillng", ["found 'fillng'", "did you mean 'filing'", "escalation"]),
        ("harm: minor", "harm: small", ["minor, serious, grave"]),
        ("clause: authority.relay", "clause: authority.rely", ["no clause 'authority.rely'", "authority.relay"]),
        ("opens: cover-answers", "opens: cover-answer", ["cover-answer", "no paper or inject"]),
        ("from: gmc\n", "from: gmc\n      colour: red\n", ["unknown key"]),
        ("delay: 40 minutes", "delay: soonish", ["not a delay", "N minutes"]),
        ("to: [cover, adviser, lead], within", "to: [covr, adviser, lead], within", ["'covr'", "did you mean 'cover'"]),
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


def test_all_problems_of_a_file_come_at_once(tmp_path):
    path = copy(tmp_path)
    path.write_text(path.read_text().replace("harm: minor", "harm: small").replace("topic: filing", "topic: fillng"))
    with pytest.raises(ContentError) as caught:
        content.load(tmp_path)
    assert len(caught.value.problems) >= 2


def test_the_schemas_for_editors_are_those_of_the_model():
    for name, schema in content.schemas().items():
        assert json.loads((content.shipped() / "scenarios" / "schemas" / f"{name}.json").read_text()) == schema


def test_every_content_file_names_its_schema_and_the_schema_exists():
    root = content.shipped()
    for path in [*root.glob("scenarios/**/*.yaml"), *root.glob("rubrics/*.yaml")]:
        first = path.read_text().splitlines()[0]
        assert first.startswith("# yaml-language-server: $schema="), path
        assert (path.parent / first.partition("=")[2]).resolve().is_file(), path

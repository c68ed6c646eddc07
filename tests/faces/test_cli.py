"""The command line: what it prints, its exit codes, and that bad input leaves nothing behind."""

import json

import pytest
from typer.testing import CliRunner

from casework.faces.cli import app

run = CliRunner()


def test_due_prints_the_contract():
    found = run.invoke(app, ["due", "complaints.third-day", "--from", "2026-04-02", "--calendar", "scotland", "--json"])
    data = json.loads(found.stdout)
    assert found.exit_code == 0 and data["due_on"] == "2026-04-08"
    assert {"clause", "calendar", "from", "due_on", "due_at", "mark", "source", "steps"} <= set(data)
    assert {"on": "2026-04-03", "counted": False, "why": "Good Friday"} in data["steps"]


def test_play_replay_score_and_debrief_agree(tmp_path):
    log = tmp_path / "a.jsonl"
    assert run.invoke(app, ["play", "rule-7-handler-away", "--as", "exemplary", "--seed", "7", "--out", str(log)]).exit_code == 0
    first = log.read_bytes()
    run.invoke(app, ["play", "rule-7-handler-away", "--as", "exemplary", "--seed", "7", "--out", str(log)])
    assert log.read_bytes() == first
    assert json.loads(run.invoke(app, ["replay", str(log), "--json"]).stdout)["ok"] is True
    card = json.loads(run.invoke(app, ["score", str(log), "--json"]).stdout)
    assert card["exact"] == "100" and card["passed"] is True and card["band"] is None and card["low"] == 94
    assert {c["status"] for c in card["criteria"]} == {"rated", "not_applicable", "unscored"}
    assert "Rule 7" in run.invoke(app, ["debrief", str(log)]).stdout


def test_a_caseload_gives_one_scorecard_a_case_and_the_tray(tmp_path):
    log = tmp_path / "m.jsonl"
    run.invoke(app, ["play", "first-morning", "--as", "steady", "--out", str(log)])
    data = json.loads(run.invoke(app, ["score", str(log), "--json"]).stdout)
    assert len(data["cases"]) == 3 and data["tray"]["caseload"] == "first-morning"


def test_an_edited_log_exits_1_and_names_the_entry(tmp_path):
    log = tmp_path / "a.jsonl"
    run.invoke(app, ["play", "rule-7-handler-away", "--as", "steady", "--out", str(log)])
    log.write_text(log.read_text().replace('"index"', '"close"', 1))
    found = run.invoke(app, ["replay", str(log), "--json"])
    assert found.exit_code == 1 and json.loads(found.stdout)["broken_at"] > 0


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (["play", "rule-8", "--as", "steady", "--out", "x"], "rule-7-handler-away"),
        (["play", "rule-7-handler-away", "--as", "stedy", "--out", "x"], "steady"),
        (["score", "no-such.jsonl"], "cannot be read"),
        (["replay", "no-such.jsonl"], "cannot be read"),
        (["due", "gmc-rule-9", "--from", "2026-03-03"], "gmc-rule-7"),
        (["due", "gmc-rule-7", "--from", "3 March"], "2026-03-03"),
        (["due", "gmc-rule-7", "--from", "2026-03-03", "--calendar", "scotlnd"], "scotland"),
        (["due", "complaints.third-day", "--from", "2031-01-02"], "2030-12-31"),
        (["due", "authority.advice", "--from", "2026-03-03"], "no clock"),
        (["list", "rubriks"], "rubrics"),
    ],
)  # fmt: skip
def test_bad_input_exits_2_and_says_what_is_allowed(args, words, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    found = run.invoke(app, args)
    assert found.exit_code == 2 and words in found.output
    assert list(tmp_path.iterdir()) == []


def test_an_unknown_rubric_is_refused(tmp_path):
    log = tmp_path / "a.jsonl"
    run.invoke(app, ["play", "rule-7-handler-away", "--as", "steady", "--out", str(log)])
    found = run.invoke(app, ["score", str(log), "--rubric", "case-handlin"])
    assert found.exit_code == 2 and "did you mean 'case-handling'" in found.output


def test_a_file_that_is_no_log_is_bad_input(tmp_path):
    (tmp_path / "a.jsonl").write_text("hello\n")
    found = run.invoke(app, ["score", str(tmp_path / "a.jsonl")])
    assert found.exit_code == 2 and "not a decision log" in found.output


def test_a_place_that_cannot_be_written_is_refused(tmp_path):
    (tmp_path / "file").write_text("")
    found = run.invoke(app, ["play", "rule-7-handler-away", "--as", "steady", "--out", str(tmp_path / "file" / "a.jsonl")])
    assert found.exit_code == 2 and "cannot be written" in found.output


def test_init_copies_the_content_and_overwrites_nothing(tmp_path):
    assert run.invoke(app, ["init", str(tmp_path / "team")]).exit_code == 0
    assert (tmp_path / "team" / "scenarios" / "policies" / "authority.yaml").is_file()
    assert run.invoke(app, ["init", str(tmp_path / "team")]).exit_code == 2


def test_a_team_changes_one_sla_in_one_file(tmp_path):
    run.invoke(app, ["init", str(tmp_path / "team")])
    policy = tmp_path / "team" / "scenarios" / "policies" / "complaints.yaml"
    policy.write_text(policy.read_text().replace("lasts: 3 working days", "lasts: 5 working days"))
    args = ["due", "complaints.third-day", "--from", "2026-04-02", "--json", "--content", str(tmp_path / "team")]
    assert json.loads(run.invoke(app, args).stdout)["due_on"] == "2026-04-13"

"""casework calibrate and criteria: their contracts, their words, and what they refuse."""

import json
import subprocess
import sys

import pytest


def run(*words):
    return subprocess.run([sys.executable, "-m", "casework", *map(str, words)], capture_output=True, text=True)


LEVELS = ("cold or curt", "polite but flat", "warm and clear")


@pytest.fixture
def table(tmp_path):
    """Thirty-two files marked by two raters; anna is a level kinder on every other file; the expert marked the first twelve."""
    path, rows = tmp_path / "marks.csv", []
    for n in range(32):
        level = n % 2
        rows += [(n, "anna", LEVELS[level + (n % 4 < 2)], ""), (n, "bert", LEVELS[level], "")]
        if n < 12:
            rows.append((n, "zoe", LEVELS[level], "yes"))
    path.write_text("unit,scenario,trainee,rater,criterion,rating,at,expert\n" + "".join(f"00{n},s,t{n},{who},tone-written,{v},2026-03-02,{e}\n" for n, who, v, e in rows))
    return path


def test_the_contract_of_calibrate(table):
    done = run("calibrate", table, "--json")
    found = json.loads(done.stdout)
    assert (found["marks"], found["units"]) == (76, 32)
    one = found["agreement"][0]
    assert (one["criterion"], one["double"], one["found"]["percent_agreement"]) == ("tone-written", 32, 50.0)
    assert set(one["found"]["gwet_ac2"]) == {"value", "low", "high", "n", "reason"}
    alias = {row["rater"]: row["alias"] for row in found["raters"]}
    whole = {d["alias"]: d for d in found["deviations"] if d["criterion"] is None}
    assert whole[alias["anna"]]["signed"]["value"] == 0.25 and whole[alias["bert"]]["signed"]["value"] == 0
    assert alias["zoe"] == "expert" and "expert" not in whole
    assert len(found["disagreements"]) == 16 and len(found["disagreements"][0]["said"]) == 3
    assert found["criteria"]["trainees"] == 32 and "nan" not in done.stdout.lower()


def test_names_are_not_printed_for_a_meeting(table):
    done = run("calibrate", table)
    assert done.returncode == 0 and "50 % alike" in done.stdout and "To talk about first (16 in all)" in done.stdout
    assert not {"anna", "bert", "zoe"} & set(done.stdout.replace(":", " ").split())


def test_too_few_files_say_what_would_do(table):
    table.write_text("".join(table.read_text().splitlines(keepends=True)[:25]))
    done = run("calibrate", table)
    assert "Not enough evidence: 8 of 30 files marked twice; about 22 more files marked twice" in done.stdout
    assert "Not enough evidence: 8 of 10 files that the expert marked too; about 2 more such files" in done.stdout


def test_a_scale_of_ones_own_needs_no_rubric(tmp_path):
    path = tmp_path / "m.csv"
    path.write_text("unit,rater,criterion,rating\nu,a,kindness,bad\nu,b,kindness,good\n")
    found = json.loads(run("calibrate", path, "--scale", "bad,fair,good", "--json").stdout)
    assert found["disagreements"][0]["spread"] == 1 and found["criteria"] is None


@pytest.mark.parametrize(("change", "options", "message"), [
    (("tone-written", "tone-writen"), (), "found 'tone-writen'; not in rubric case-handling, did you mean 'tone-written'?"),
    (("warm and clear", "warm"), (), "row 5, rating: found 'warm'; allowed for tone-written: warm and clear, polite but flat, cold or curt"),
    (("polite but flat,2026-03-02", "polite but flat,2026-13-02"), (), "at: found '2026-13-02'; allowed: a day or time such as"),
    (("02,yes", "02,perhaps"), (), "expert: found 'perhaps'; allowed: yes, true"),
    (("001,s,t1,anna", "000,s,t1,anna"), (), "'anna' has marked 'tone-written' of '000' already, in row 2; keep one"),
    (("rating,at", "level,at"), (), "no column rating"),
    (("000,s,t0,anna", "000,s,t0,"), (), "row 2, rater: blank; every mark names its rater"),
    (("x", "x"), ("--scale", "low,low"), "write every rating once, at least two"),
    (("x", "x"), ("--rubric", "none"), "none"),
])  # fmt: skip
def test_what_calibrate_refuses(table, change, options, message):
    table.write_text(table.read_text().replace(*change))
    done = run("calibrate", table, *options)
    assert done.returncode == 2 and message in done.stderr and "Traceback" not in done.stderr


def test_marks_without_a_level_are_nothing_to_calibrate(tmp_path):
    path = tmp_path / "m.csv"
    path.write_text("unit,rater,criterion,rating\nu,a,tone-written,\nu,b,tone-written,not applicable\n")
    done = run("calibrate", path)
    assert done.returncode == 2 and "no mark has a level" in done.stderr


def test_the_contract_of_criteria(tmp_path):
    for profile in ("steady", "novice"):
        assert run("play", "rule-7-handler-away", "--as", profile, "--seed", 1, "--out", tmp_path / f"{profile}.jsonl").returncode == 0
    found = json.loads(run("criteria", tmp_path, "--json").stdout)
    assert (found["rubric"], found["trainees"], found["files"]) == ("case-handling", 2, 2)
    facility = found["criteria"][0]["facility"]
    assert (facility["value"], facility["standing"]) == (None, "too few") and "of 10 trainees" in facility["says"]
    assert found["study"]["why_not"].startswith("Not enough evidence: 0 of 30 trainees with 3 files or more")
    assert all(row["flags"] == [] for row in found["criteria"])
    words = run("criteria", tmp_path)
    assert words.returncode == 0 and "with the rest: Not enough evidence" in words.stdout
    assert run("criteria", tmp_path / "empty").returncode == 2

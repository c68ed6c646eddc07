"""`casework due` and `casework policy` as a person types them."""

import csv
import json
import shutil
from datetime import date, timedelta

import pytest
from typer.testing import CliRunner

from casework.edges import content
from casework.faces.cli import app


def run(*args):
    return CliRunner().invoke(app, list(args))


def found(*args):
    result = run(*args, "--json")
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


@pytest.mark.parametrize(
    ("args", "due"),
    [
        (["regulator-deadlines.hpcsa-response", "--from", "2026-03-09"], "2026-05-08"),
        (["hpcsa-response", "--from", "2026-03-09", "--calendar", "england-and-wales"], "2026-05-07"),
        (["new-zealand-acknowledge", "--from", "2026-04-02"], "2026-04-13"),
        (["northern-ireland-stage-2", "--from", "2026-07-02"], "2026-07-31"),
        (["northern-ireland-stage-2", "--from", "2025-07-02"], "2025-07-17"),
        (["northern-ireland-stage-2", "--from", "2026-07-02", "--on", "2025-12-31"], "2026-07-17"),
        (["data-protection.data-complaint", "--from", "2026-09-03"], "2026-10-05"),
    ],
)
def test_a_deadline_is_that_of_its_own_place_and_time(args, due):
    assert found("due", *args)["due_on"] == due


def test_one_call_opens_a_data_strand_and_a_service_strand():
    also = {row["clause"]: row["due_at"][:16] for row in found("due", "data-complaint", "--from", "2026-09-03T10:00")["also"]}
    assert also["complaints.third-day"] == "2026-09-08T17:00"
    assert also["data-protection.breach-report"] == "2026-09-06T10:00"
    assert also["data-protection.breach-tell-dpo"] == "2026-09-03T11:00"
    assert "service-levels.index-post" not in also


def test_a_year_of_deadlines_is_printed_or_written(tmp_path):
    rows = found("due", "complaints.third-day", "--table", "2026", "--calendar", "scotland")
    assert len(rows) == 365
    assert {r["from"]: r["due_on"] for r in rows}["2026-04-02"] == "2026-04-08"
    out = tmp_path / "year.csv"
    assert run("due", "third-day", "--table", "2026", "--out", str(out)).exit_code == 0
    written = {row["from"]: row for row in csv.DictReader(out.open())}
    assert written["2026-04-02"]["due_on"] == "2026-04-09" and written["2026-04-03"]["off"] == "Good Friday"


def test_every_clause_is_listed_with_its_clock_and_the_unconfirmed_apart():
    rows = found("policy", "list")
    assert {row["clause"] for row in rows} == set(content.load().clause_ids)
    clock = next(row for row in rows if row["clause"] == "regulator-deadlines.gmc-rule-7")["clock"]
    assert (clock["lasts"], clock["from"], clock["side"]) == ("28 calendar days", "dated", "external")
    apart = {row["clause"] for row in found("policy", "list", "--unconfirmed")}
    assert "employer.comments" in apart and "complaints.third-day" not in apart


def test_what_changed_between_two_days_is_told_part_by_part():
    changed = {row["clause"]: row for row in found("policy", "diff", "--from", "2025-12-31", "--to", "2026-06-30")}
    assert changed["nhs-complaints.northern-ireland-stage-2"]["what"] == "changed"
    assert changed["nhs-complaints.northern-ireland-stage-1"]["what"] == "new"
    lasts = changed["service-levels.reply-to-email"]["parts"]["clock"]
    assert [part["lasts"] for part in lasts] == ["3 working days", "2 working days"]
    assert {"nhs-complaints.wales-respond", "data-protection.subject-access", "data-protection.data-complaint"} <= set(changed)
    assert "regulator-deadlines.gmc-rule-7" not in changed


def test_a_teams_copy_is_told_where_the_shipped_law_has_moved_and_not_where_it_changed_its_own_policy(tmp_path):
    for name in ("scenarios", "rubrics"):
        shutil.copytree(content.shipped() / name, tmp_path / name)
    path = tmp_path / "scenarios" / "policies" / "regulator-deadlines.yaml"
    path.write_text(path.read_text().replace("lasts: 28 calendar days", "lasts: 21 calendar days", 1))
    own = tmp_path / "scenarios" / "policies" / "service-levels.yaml"
    own.write_text(own.read_text().replace("lasts: 2 working days", "lasts: 1 working day"))
    rows = found("policy", "diff", "--shipped", "--content", str(tmp_path))
    assert [row["clause"] for row in rows] == ["regulator-deadlines.gmc-rule-7 from 2004-11-01"]
    assert found("policy", "diff", "--shipped") == []


def test_an_item_is_explained_by_both_calendars_and_its_clauses():
    told = found("policy", "explain", "rule-7-handler-away", "rule-7-letter")
    clock = told["starts"][0]
    due = date.fromisoformat(told["from"]) + timedelta(days=28)
    assert (clock["clause"], clock["due_on"]) == ("regulator-deadlines.gmc-rule-7", due.isoformat())
    call = found("policy", "explain", "third-business-day", "moan", "--seed", "3")
    assert {c["by_the_other_calendar"]["calendar"] for c in call["starts"]} and call["decided_by"]
    hours = found("policy", "explain", "counsel-instructed", "member-rings")["starts"][0]
    assert hours["due_at"][11:16] == "16:05"  # two working hours from the call at 14:05
    wrong = run("policy", "explain", "rule-7-handler-away", "rule-8-letter")
    assert wrong.exit_code == 2 and "rule-7-letter" in wrong.output


def test_one_clause_is_shown_in_every_version_or_the_one_of_a_day():
    assert [row["effective_from"] for row in found("policy", "show", "third-day")] == ["2012-01-01", "2016-06-30"]
    assert len(found("policy", "show", "third-day", "--on", "2026-01-01")) == 1


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (["due", "third-day"], "give --from"),
        (["due", "third-day", "--table", "2050"], "outside its table"),
        (["policy", "diff"], "give --from and --to"),
        (["policy", "diff", "--from", "2026-02-30", "--to", "2026-03-01"], "is not a date"),
        (["policy", "diff", "--from", "2026-03-02", "--to", "2026-03-01"], "swap them"),
        (["policy", "show", "thrid-day"], "did you mean 'complaints.third-day'"),
    ],
)
def test_bad_input_is_told_in_words(args, words):
    told = run(*args)
    assert told.exit_code == 2 and words in told.output and "Traceback" not in told.output


@pytest.mark.parametrize(
    "args",
    [["policy", "list"], ["policy", "list", "--unconfirmed"], ["policy", "show", "third-day"], ["policy", "diff", "--from", "2025-01-01", "--to", "2026-07-01"],
     ["policy", "explain", "rule-7-handler-away", "rule-7-letter"], ["due", "gmc-rule-7", "--from", "2026-03-03"]],
)  # fmt: skip
def test_each_reads_as_plain_text_too(args):
    told = run(*args)
    assert told.exit_code == 0 and told.output.strip() and "{" not in told.output


@pytest.mark.parametrize(
    ("amount", "due", "paid", "base", "interest", "fixed"),
    [
        ("1000", "2026-03-02", "2026-04-21", "0.5", "11.64", 70),  # 85 a year; 50 days
        ("999.99", "2026-03-02", "2027-03-02", "4", "120.00", 40),  # a whole year at 12
        ("10000", "2026-03-02", "2026-03-03", "4.25", "3.36", 100),  # one day of 1,225
        ("10000", "2026-03-02", "2026-03-02", "4.25", "0.00", 0),  # on the day is in time
    ],
)
def test_a_claim_for_late_payment_is_checked_to_the_penny(amount, due, paid, base, interest, fixed):
    told = found("policy", "interest", amount, "--due", due, "--paid", paid, "--base", base)
    assert (told["interest"], told["fixed"]) == (interest, fixed)


@pytest.mark.parametrize("amount", ["NaN", "-5", "ten"])
def test_a_sum_that_is_none_is_refused(amount):
    told = run("policy", "interest", "--due", "2026-03-02", "--paid", "2026-03-03", "--base", "4", "--", amount)
    assert told.exit_code == 2 and "number" in told.output or "cannot be used" in told.output

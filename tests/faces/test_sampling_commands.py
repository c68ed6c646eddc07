"""casework sample: its contract, its words, what it writes, and what it refuses."""

import json
import random

import openpyxl
import pytest
from typer.testing import CliRunner

from casework.edges import exports
from casework.faces.cli import app

run = CliRunner()
HEAD = "id,assistant,case_type,complaint,risk,handled_on,started_on\n"


@pytest.fixture
def table(tmp_path):
    path = tmp_path / "files.csv"
    rows = [
        f"{n:04},A{n % 4},{'advice' if n % 3 else 'complaint'},{'no' if n % 3 else 'yes'},{1 + n % 5},2026-03-{1 + n % 28:02},{'2026-03-01' if n % 20 == 0 else ''}\n"
        for n in range(200)
    ]
    path.write_text(HEAD + "".join(rows))
    return path


def draw(*words):
    return run.invoke(app, ["sample", "draw", *map(str, words)])


def test_a_draw_prints_the_contract(table):
    found = json.loads(draw(table, "--size", 20, "--by", "assistant,case_type", "--seed", 3, "--json").stdout)
    assert (found["seed"], found["frame_size"], len(found["chosen"]), len(found["strata"])) == (3, 200, 20, 8)
    assert set(found["chosen"][0]) == {"id", "assistant", "stratum", "inclusion", "exact"}
    assert sum(s["drawn"] for s in found["strata"]) == 20 and min(s["drawn"] for s in found["strata"]) >= 2
    assert all(len(one["id"]) == 4 for one in found["chosen"])


def test_rows_in_another_order_give_the_same_draw(table):
    first = draw(table, "--size", 15, "--weigh", "risk", "--seed", 3, "--json").stdout
    head, *rows = table.read_text().splitlines(keepends=True)
    random.Random(1).shuffle(rows)
    table.write_text(head + "".join(rows))
    assert draw(table, "--size", 15, "--weigh", "risk", "--seed", 3, "--json").stdout == first


def test_first_weeks_are_as_many_as_the_content_says(table):
    found = json.loads(draw(table, "--size", 5, "--first-weeks", "--seed", 1, "--json").stdout)
    assert found["first_weeks"] == 12 and found["strata"][0] == {"name": "first weeks", "files": 10, "drawn": 10}
    assert len(found["chosen"]) == 15


def test_the_selection_runs_nothing_in_a_spreadsheet_and_keeps_ids_as_text(table, tmp_path):
    table.write_text(HEAD + "=1+1,A1,@SUM(A1),no,1,,\n0042,'-A2,advice,no,1,,\n")
    assert draw(table, "--size", 2, "--seed", 1, "--out", tmp_path / "s.csv").exit_code == 0
    text = (tmp_path / "s.csv").read_bytes().decode()
    assert "\r\n'=1+1,A1,'@SUM(A1)," in text and "\r\n0042,'-A2" in text
    assert [row[:2] for row in exports.from_csv(text)[1:]] == [["0042", "-A2"], ["=1+1", "A1"]]
    draw(table, "--size", 2, "--seed", 1, "--out", tmp_path / "s.xlsx")
    cells = [row[0] for row in openpyxl.load_workbook(tmp_path / "s.xlsx").active.iter_rows(min_row=2)]
    assert [(c.value, c.data_type) for c in cells] == [("0042", "s"), ("=1+1", "s")]


def test_a_written_selection_can_be_drawn_from_again(table, tmp_path):
    draw(table, "--size", 20, "--seed", 1, "--out", tmp_path / "s.csv")
    assert draw(tmp_path / "s.csv", "--size", 5, "--by", "assistant", "--at-least", 1, "--seed", 2).exit_code == 0


def test_a_folder_of_logs_is_a_frame_by_session_trainee_and_scenario(tmp_path):
    for seed in (7, 8):
        run.invoke(app, ["play", "rule-7-handler-away", "--as", "exemplary", "--seed", str(seed), "--out", str(tmp_path / "logs" / f"{seed}.jsonl")])
    run.invoke(app, ["play", "rule-7-handler-away", "--as", "silent", "--seed", "7", "--out", str(tmp_path / "logs" / "s.jsonl")])
    found = json.loads(draw(tmp_path / "logs", "--size", 2, "--by", "assistant,case_type", "--at-least", 1, "--seed", 1, "--json").stdout)
    assert [s["name"] for s in found["strata"]] == ["assistant exemplary, case_type rule-7-handler-away", "assistant silent, case_type rule-7-handler-away"]
    assert {len(one["id"]) for one in found["chosen"]} == {len(json.loads((tmp_path / "logs" / "7.jsonl").read_text().splitlines()[0])["session"])}


@pytest.fixture
def marked(table, tmp_path):
    """A selection by risk in which every third file is wrong."""
    out = tmp_path / "s.csv"
    draw(table, "--size", 30, "--weigh", "risk", "--seed", 4, "--out", out)
    head, *rows = out.read_text().splitlines()
    out.write_text("\n".join([head, *(row + ("no" if n % 3 == 0 else "yes") for n, row in enumerate(rows))]) + "\n")
    return out


def estimate(*words):
    return run.invoke(app, ["sample", "estimate", *map(str, words)])


def test_a_marked_selection_is_weighed_by_chance(marked):
    found = json.loads(estimate(marked, "--json").stdout)
    rows = [dict(zip(*pair, strict=False)) for pair in ((exports.from_csv(marked.read_text())[0], row) for row in exports.from_csv(marked.read_text())[1:])]
    by_hand = sum((row["right"] == "yes") / float(row["inclusion"]) for row in rows) / sum(1 / float(row["inclusion"]) for row in rows)
    assert found["kind"] == "share" and found["n"] == 30 and found["value"] == pytest.approx(by_hand) != pytest.approx(20 / 30)
    assert found["low"] < found["value"] < found["high"]
    assert "'right' is yes of" in estimate(marked).stdout and "from 30 marked" in estimate(marked).stdout


def test_marks_in_numbers_give_a_mean(marked):
    marked.write_text(marked.read_text().replace(",yes", ",80").replace(",no", ",50"))
    found = json.loads(estimate(marked, "--json").stdout)
    assert found["kind"] == "mean" and 50 < found["value"] < 90 and found["worth"] is None


def test_a_selection_saved_as_a_workbook_can_be_marked_too(table, tmp_path):
    draw(table, "--size", 30, "--seed", 4, "--out", tmp_path / "s.xlsx")
    book = openpyxl.load_workbook(tmp_path / "s.xlsx")
    sheet = book.active
    for row in range(2, 32):
        sheet.cell(row, sheet.max_column).value = "yes"
    book.save(tmp_path / "s.xlsx")
    found = json.loads(estimate(tmp_path / "s.xlsx", "--json").stdout)
    # Thirty right of thirty: Clopper and Pearson, 0.025 ** (1 / 30).
    assert found["value"] == 1 and found["low"] == pytest.approx(0.025 ** (1 / 30))


@pytest.mark.parametrize(("change", "words"), [
    (",yes\n", "rows 3, right: found nothing"), ("drop", "stratum all: found 29 rows of 30 drawn"),
    (",perhaps\n", "row 2, right: found 'no'; allowed: yes or no in every row, or a number"), (",200,30,", "are not as they were drawn"),
])  # fmt: skip
def test_a_selection_that_is_not_whole_is_refused(marked, change, words):
    text = marked.read_text()
    if change == "drop":
        text = "\n".join(text.splitlines()[:-1]) + "\n"
    elif change == ",yes\n":
        text = text.replace(change, ",\n", 1)
    elif change == ",perhaps\n":
        text = text.replace(",yes\n", change)
    else:
        text = text.replace(change, ",201,30,", 1)
    marked.write_text(text)
    found = estimate(marked)
    assert found.exit_code == 2 and words in found.output


def test_a_plan_to_see_a_fall_says_cost_and_blind_spots():
    found = run.invoke(app, ["sample", "plan", "--from", "0.95", "--to", "0.85", "--power", "0.8", "--groups", "8"]).stdout
    assert "Mark 59 files of a group to see a fall from 95 % to 85 % right with a chance of 80.1 %" in found
    assert "once 7 or more of the 59 are wrong" in found and "52 files reach 80 % already" in found
    assert "Cost: 472 files in all for 8 groups" in found and "Cannot see" in found
    # 1 - (1 - 0.0274)^8
    assert "one or more is called fallen 19.9 % of the time" in found


def test_a_plan_between_periods_counts_both():
    found = json.loads(run.invoke(app, ["sample", "plan", "--from", "0.95", "--to", "0.85", "--against", "period", "--json"]).stdout)
    assert (found["files"], found["files_in_all"], found["alarm_at"]) == (126, 252, None)


def test_a_plan_for_few_errors_says_who_passes_it():
    found = run.invoke(app, ["sample", "plan", "--errors-below", "0.05", "--assurance", "0.95"]).stdout
    assert "Mark 59 files of a group; no error among them shows errors to be below 5 %, 95 % assured." in found
    # 0.9875^59
    assert "errs in 1.25 % of files passes 47.6 % of the time" in found
    data = json.loads(run.invoke(app, ["sample", "plan", "--errors-below", "0.05", "--allow", "1", "--json"]).stdout)
    assert (data["files"], data["allowed"]) == (93, 1)


@pytest.mark.parametrize(("change", "options", "words"), [
    (("", ""), ("--by", "asistant"), "did you mean 'assistant'"), (("", ""), ("--by", "jurisdiction"), "no column jurisdiction"),
    (("", ""), ("--weigh", "age"), "allowed: risk"), (("0003,", "0002,"), (), "found '0002' twice"),
    (("0003,", ",",), (), "without an id"), ((",no,2,", ",maybe,2,"), (), "row 3, complaint: found 'maybe'; allowed: yes or no"),
    ((",no,2,", ",no,0,"), (), "row 3, risk: found '0'; allowed: a number above 0"), ((",no,2,", ",no,inf,"), (), "risk: found 'inf'"),
    (("2026-03-02", "02/03/2026"), (), "row 3, handled_on: found '02/03/2026'; allowed: a day as 2026-03-02"),
    (("id,", "file,"), (), "no column id"), (("", ""), ("--size", "201"), "size: found 201; allowed: 1 to 200"),
])  # fmt: skip
def test_what_cannot_be_drawn_exits_2_and_says_what_is_allowed(table, change, options, words):
    table.write_text(table.read_text().replace(*change, 1) if change[0] else table.read_text())
    found = draw(table, "--size", 5, "--seed", 1, *options)
    assert found.exit_code == 2 and words in found.output


def test_a_plan_of_the_standard_goes_by_the_batch():
    found = run.invoke(app, ["sample", "plan", "--limit", "2.5", "--population", "400"])
    assert "Mark 50 of the 400 files (letter H); accept the batch with at most 3 in error." in found.stdout
    data = json.loads(run.invoke(app, ["sample", "plan", "--limit", "2.5", "--population", "400", "--json"]).stdout)
    assert (data["letter"], data["files"], data["allowed"], data["whole_batch"]) == ("H", 50, 3, False)
    found = run.invoke(app, ["sample", "plan", "--limit", "2.5"])
    assert found.exit_code == 2 and "--population: found nothing" in found.output


@pytest.mark.parametrize("words", [(), ("--from", "0.9"), ("--from", "0.9", "--to", "0.8", "--errors-below", "0.1"), ("--errors-below", "0.1", "--limit", "1.0")])
def test_a_plan_is_for_one_question(words):
    found = run.invoke(app, ["sample", "plan", *words])
    assert found.exit_code == 2 and "a plan answers one question" in found.output


def test_content_that_does_not_say_how_many_weeks_is_asked_to(table, tmp_path):
    run.invoke(app, ["init", str(tmp_path / "own")])
    place = tmp_path / "own" / "rubrics" / "measures.yaml"
    place.write_text("".join(line for line in place.read_text().splitlines(keepends=True) if not line.startswith("sampling:")))
    found = draw(table, "--size", 5, "--seed", 1, "--first-weeks", "--content", tmp_path / "own")
    assert found.exit_code == 2 and "sampling: {first_weeks: 12, at_least: 2}" in found.output

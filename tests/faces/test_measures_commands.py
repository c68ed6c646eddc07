"""casework measures: each line of the role, values from outside, and what is refused."""

import json
import re

import pytest
from typer.testing import CliRunner

from casework.faces.cli import app

run = CliRunner()


@pytest.fixture(scope="module")
def logs(tmp_path_factory):
    folder = tmp_path_factory.mktemp("logs")
    for trainee in ("exemplary", "steady", "silent"):
        for name in ("first-morning", "duplicate-with-an-a", "rule-7-handler-away"):
            run.invoke(app, ["play", name, "--as", trainee, "--out", str(folder / trainee / f"{name}.jsonl"), "--seed", "1"])
    return folder


@pytest.fixture
def table(tmp_path):
    def written(text):
        (tmp_path / "values.csv").write_text(text)
        return tmp_path / "values.csv"

    return written


def test_every_line_of_the_role_is_printed_with_its_figure_or_the_reason(logs):
    found = run.invoke(app, ["measures", str(logs), "--by", "week"])
    assert found.exit_code == 0
    lines = re.split(r"(?m)^(?=K\d+ )", found.stdout)[1:]
    assert [line.split()[0] for line in lines] == [f"K{n}" for n in range(1, 20)]
    for line in lines:
        assert "n " in line or "no value brought in" in line or "as under" in line or "people mark it" in line or "give the ledger that keeps them" in line
    assert "simulated: " in found.stdout and "on-time: as under K4" in found.stdout


def test_json_has_each_measure_once_and_the_lines_it_shows(logs):
    data = json.loads(run.invoke(app, ["measures", "--json", str(logs), "--by", "month"]).stdout)
    rows = {row["id"]: row for row in data["measures"]}
    assert len(rows) == len(data["measures"]) and set(data["lines"]) == {f"K{n}" for n in range(1, 20)}
    assert {"value", "low", "high", "n", "plan", "unit", "source", "owner", "control", "small_n", "says", "kind", "tally", "course"} <= set(rows["on-time"])
    assert rows["nps"]["kind"] == "simulated" and rows["budget"]["value"] is None and rows["budget"]["kind"] == "from outside"
    assert rows["on-time"]["course"]["says"].startswith("no limits yet")


def test_one_persons_measures_have_no_survey(logs):
    data = json.loads(run.invoke(app, ["measures", str(logs), "--trainee", "steady", "--json"]).stdout)
    assert data["trainee"] == "steady" and not {"nps", "favourable", "experience"} & {row["id"] for row in data["measures"]}
    words = run.invoke(app, ["measures", str(logs), "--trainee", "steady"]).stdout
    assert "simulated" not in words and "a survey is of a team, and never in a person's record" in words


def test_values_from_outside_stand_with_their_plan_and_period(logs, table, tmp_path):
    out = tmp_path / "values.json"
    path = table("measure,period,value,n,plan\nbudget,2026-02,97.5,,100\nbudget,2026-03,98,,99\none-to-ones,2026-Q1,80,20,95\nnps,2026-Q1,-12,40,\n")
    done = run.invoke(app, ["measures", "import", str(path), "--out", str(out)])
    assert done.exit_code == 0 and "4 values of budget, nps, one-to-ones" in done.stdout
    data = json.loads(run.invoke(app, ["measures", str(logs), "--values", str(out), "--json"]).stdout)
    rows = {(row["id"], row["kind"]): row for row in data["measures"]}
    budget, held, nps = (rows[id, "from outside"] for id in ("budget", "one-to-ones", "nps"))
    assert (budget["value"], budget["plan"], budget["of"], budget["low"]) == (98, 99, "2026-03", None) and "no interval" in budget["says"]
    assert held["low"] < 80 < held["high"] and held["n"] == 20 and held["against_plan"] == "short of plan"
    assert nps["value"] == -12 and nps["plan"] == 30 and rows["nps", "simulated"]["value"] is not None, "beside the simulated one, not in its place"
    assert "from outside, 2026-03: 98.0 %, n not known, plan 99" in run.invoke(app, ["measures", "--values", str(out)]).stdout


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("measure,period,value\nbudgt,2026-03,1\n", ["row 2: measure: found 'budgt' (did you mean 'budget'?); allowed: department-plan"]),
        ("measure,period,value\non-time,2026-03,1\n", ["row 2: measure: found 'on-time', which is counted from work", "casework import"]),
        ("measure,period,value\nbudget,March,1\n", ["row 2: period: found 'March'; allowed for budget: a month, such as 2026-03"]),
        ("measure,period,value\nbudget,2026-13,1\n", ["period: found '2026-13'"]),
        ("measure,period,value\nbudget,2026-03,\n", ["row 2: value: found ''; allowed: a plain number"]),
        ("measure,period,value\nbudget,2026-03,97 %\n", ["value: found '97 %'"]),
        ("measure,period,value\nbudget,2026-03,nan\n", ["value: found 'nan'"]),
        ("measure,period,value\nbudget,2026-03,1e400\n", ["value: found '1e400'"]),
        ("measure,period,value\nnps,2026-Q1,130\n", ["value: found '130'; allowed for nps: -100 to 100"]),
        ("measure,period,value,n\nbudget,2026-03,1,0\n", ["row 2: n: found '0'; allowed: a whole number of 1 or more"]),
        ("measure,period,value,plan\nbudget,2026-03,1,high\n", ["plan: found 'high'; allowed: a plain number", "or nothing"]),
        ("measure,period,value\nbudget,2026-03,1\nbudget,2026-03,2\n", ["row 3: found budget for 2026-03 again, which row 2 gave", "Keep one"]),
        ("measure,period,value\nbudget,2026-03,x\nbudget,2026-04,y\n", ["row 2: value", "row 3: value", "Nothing was written"]),
        ("measure,month,value\nbudget,2026-03,1\n", ["row 1: found the columns 'measure', 'month', 'value'; allowed: measure, period, value, n, plan"]),
        ("measure,period,value\n", ["has no rows"]),
    ],
)
def test_a_row_that_cannot_be_used_is_named_and_nothing_is_written(table, tmp_path, text, words):
    out = tmp_path / "new" / "values.json"
    found = run.invoke(app, ["measures", "import", str(table(text)), "--out", str(out)])
    assert found.exit_code == 2 and not out.parent.exists()
    for word in words:
        assert word in found.output


def test_a_file_of_values_is_never_overwritten_and_no_other_is_taken_for_one(table, tmp_path, logs):
    out = tmp_path / "values.json"
    out.write_text("kept")
    found = run.invoke(app, ["measures", "import", str(table("measure,period,value\nbudget,2026-03,1\n")), "--out", str(out)])
    assert found.exit_code == 2 and "exists already" in found.output and out.read_text() == "kept"
    found = run.invoke(app, ["measures", str(logs), "--values", str(out)])
    assert found.exit_code == 2 and "casework measures import" in found.output


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (["--by", "fortnight"], "allowed: week, month, quarter, year"),
        (["--trainee", "stedy"], "did you mean 'steady'"),
        (["--trainee", "steady", "--values", "v.json"], "takes no --values"),
    ],
)
def test_what_cannot_be_shown_exits_2_and_says_what_to_do(logs, args, words):
    found = run.invoke(app, ["measures", str(logs), *args])
    assert found.exit_code == 2 and words in found.output


def test_an_empty_folder_exits_2(tmp_path):
    found = run.invoke(app, ["measures", str(tmp_path)])
    assert found.exit_code == 2 and "no logs" in found.output


def test_the_page_holds_every_line_and_loads_nothing(logs, tmp_path):
    page = tmp_path / "page.html"
    assert run.invoke(app, ["measures", str(logs), "--by", "week", "--html", str(page)]).exit_code == 0
    text = page.read_text()
    assert all(f">K{n} · " in text for n in range(1, 20)) and text.count("<figure>") == text.count('role="img"') > 3
    assert not re.search(r"(src|href)=|<script|url\(|http(?!-equiv)", text)
    assert text.count("simulated") > 3


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("where: {side: internal, met: true}", "where: {side: internal, passed: true}", "a count of clocks cannot ask for passed; allowed: clause, due, met, side, stopped_by"),
        ("    plan: 30\n", "", "has neither a plan nor a 'why'"),
        ("id: outside-dates", "id: on-time", "on-time stands twice"),
        ("{criterion: tone-written, weight: 2}", "{criterion: tone-writen, weight: 2}", "'tone-writen' is no criterion of a rubric"),
        ("clause: financial-correspondence.check-invoice, met", "clause: financial-correspondence.check-invoices, met", "is no clause with a clock"),
        ("out_of: {rubric: outcomes}", "out_of: {rubric: outcome}", "'outcome' is no rubric"),
        ("worst: 3, best: 9.5", "worst: 9.6, best: 9.5", "must run lowest, worst, best, highest"),
    ],
)
def test_a_fault_in_the_measures_is_told_with_its_place(tmp_path, old, new, words):
    run.invoke(app, ["init", str(tmp_path / "own")])
    place = tmp_path / "own" / "rubrics" / "measures.yaml"
    text = place.read_text()
    assert old in text
    place.write_text(text.replace(old, new, 1))
    found = run.invoke(app, ["measures", "--content", str(tmp_path / "own")])
    assert found.exit_code == 2 and words in found.output and "rubrics/measures.yaml:" in found.output

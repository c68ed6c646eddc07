"""casework agree: its contract, its words, and what it refuses."""

import json
import subprocess
import sys

import pytest


def run(*words):
    return subprocess.run([sys.executable, "-m", "casework", "agree", *map(str, words)], capture_output=True, text=True)


@pytest.fixture
def table(tmp_path):
    path = tmp_path / "r.csv"
    rows = [(u, r, v) for u, (a, b) in enumerate([("good", "good"), ("pass", "fail"), ("fail", "fail"), ("good", "pass"), ("pass", "")]) for r, v in (("A", a), ("B", b))]
    path.write_text("unit,rater,rating\n" + "".join(f"00{u},{r},{v}\n" for u, r, v in rows))
    return path


def test_the_contract(table):
    done = run(table, "--scale", "fail,pass,good", "--level", "ordinal", "--weights", "linear", "--json")
    found = json.loads(done.stdout)
    assert (found["units"], found["raters"], found["percent_agreement"]) == (5, 2, 50.0)
    assert found["cohen_kappa"]["n"] == 4 and set(found["cohen_kappa"]) == {"value", "low", "high", "n", "reason"}
    assert set(found) >= {"fleiss_kappa", "krippendorff_alpha", "gwet_ac1", "gwet_ac2", "icc"}
    assert "nan" not in done.stdout.lower()


def test_undefined_is_said_in_words(tmp_path):
    path = tmp_path / "r.csv"
    path.write_text("unit,rater,rating\n" + "".join(f"{u},{r},pass\n" for u in range(5) for r in "AB"))
    done = run(path, "--scale", "fail,pass")
    assert done.returncode == 0 and "percent agreement 100.0" in done.stdout and "undefined, n 5: single_category" in done.stdout


@pytest.mark.parametrize(("change", "options", "message"), [
    (("good", "great"), (), "found 'great'; allowed: fail, pass, good"),
    (("001,B", "001,A"), (), "has rated '001' already, in row"),
    (("unit,rater", "file,rater"), (), "no column unit"),
    (("", ""), ("--level", "cardinal"), "allowed: nominal, ordinal, interval, ratio"),
    (("", ""), ("--weights", "0,1;1,0"), "3 rows of 3 disagreements"),
])  # fmt: skip
def test_bad_input_says_where_and_what_is_allowed(table, change, options, message):
    table.write_text(table.read_text().replace(*change, 1) if change[0] else table.read_text())
    done = run(table, "--scale", "fail,pass,good", *options)
    assert done.returncode == 2 and message in done.stderr and "Traceback" not in done.stderr

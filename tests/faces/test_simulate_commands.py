"""casework simulate: its contract, the same answers on any number of workers, its words, and what it refuses."""

import json
import re
import subprocess
import sys

import pytest

from casework import workbench
from casework.faces import simulate_view

WRONG = re.compile(r"\b(nan|inf)\b")


def run(*words):
    return subprocess.run([sys.executable, "-m", "casework", "simulate", *map(str, words)], capture_output=True, text=True)


def test_one_worker_and_two_give_the_same_bytes():
    one, two = (run("first-week", "--runs", 6, "--what-if", "acknowledge", "--workers", n, "--json") for n in (1, 2))
    assert one.returncode == 0 and one.stdout == two.stdout
    found = json.loads(one.stdout)
    assert (found["simulation"], found["runs"], found["seed"], found["target"]) == ("servicing-desk", 6, 1, 0.95)
    assert [a["id"] for a in found["answers"]] == ["carried", "acknowledge"]
    answer = found["answers"][1]
    assert set(answer) == {"id", "asks", "says", "assumes", "sides", "changes"}
    assert set(answer["changes"][0]) == {"name", "in_time", "carried", "hours", "asked_hours"}
    assert set(answer["sides"][0]["carried"]) == {"value", "low", "high", "n"}
    assert set(answer["sides"][0]["tasks"]) == {"acknowledge", "reply", "index", "acknowledge-complaint", "check-invoice"}
    assert len(found["assumes"]) == 7 and set(found["curve"]) == {"cases", "mean", "low", "high"} and "NaN" not in one.stdout


@pytest.mark.parametrize(("words", "said"), [
    (("no-such",), "unknown simulation 'no-such'"), (("servicing-desk", "--what-if", "ordr"), "did you mean 'order'"),
    (("servicing-desk", "--runs", 0), "runs: found 0"), (("servicing-desk", "--seed", -1), "seed: found -1"),
])  # fmt: skip
def test_what_cannot_be_simulated_is_refused_in_words(words, said):
    done = run(*words)
    assert done.returncode == 2 and said in done.stderr and "Traceback" not in done.stderr


def test_the_page_has_answers_charts_and_assumptions():
    held = workbench.library()
    found = simulate_view.page(workbench.simulate(held, "servicing-desk", 4, workers=1, what_if="order"))
    assert found.count("<svg") == 2 and "Which order of work is best?" in found and "no office was counted" in found and not WRONG.search(found)
    assert "unknown simulation" in simulate_view.simulate("none", 4, 1).data


def test_one_run_says_so_and_breaks_nothing():
    held = workbench.library()
    found = workbench.simulate(held, "servicing-desk", 1, workers=1, what_if="starter")
    assert json.dumps(workbench.simulation_json(found), allow_nan=False)
    assert not WRONG.search(simulate_view.page(found)) and "one run, no interval" in found.answers[0].says

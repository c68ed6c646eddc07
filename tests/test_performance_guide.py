"""The guide on performance says what the last run found, and names a command for each figure."""

import re
import tomllib
from pathlib import Path

from benchmarks import __main__ as bench
from benchmarks.profiles import WORK
from benchmarks.ratios import Ratio, chart

ROOT = Path(__file__).parent.parent
KEPT = bench.kept()


def test_the_table_is_that_of_the_kept_ratios():
    assert bench.in_guide(KEPT) == bench.GUIDE.read_text(encoding="utf-8") and "make bench ONLY=clocks" in bench.GUIDE.read_text(encoding="utf-8")


def test_every_comparison_that_is_named_is_there_and_the_other_way_round():
    told = bench.GUIDE.read_text(encoding="utf-8")
    assert set(re.findall(r"ONLY=(\w+)", told)) <= set(bench.EVERY) and set(KEPT) <= set(bench.EVERY)
    assert all((ROOT / "benchmarks" / f"{name}.py").exists() for name in bench.EVERY)
    assert set(re.findall(r"\(`([\w-]+)`[;)]", told)) <= set(WORK)


def test_an_aim_is_held_on_its_own_side():
    fast, slow = Ratio("a", "b", 4.0, 3.0), Ratio("a", "floor", 4.0, 3.0, at_most=True)
    assert (fast.held, slow.held, Ratio("a", "b", 4.0).held) == (True, False, None)
    assert "holds" in fast.line and "DOES NOT HOLD" in slow.line


def test_a_chart_has_a_bar_and_a_name_for_each_ratio(tmp_path):
    chart({"t": [Ratio("quick thing", "peer", 12.0, 10.0), Ratio("slow thing", "floor", 3.0, at_most=True)]}, tmp_path / "c.svg")
    drawn = (tmp_path / "c.svg").read_text(encoding="utf-8")
    assert "quick thing, beside peer" in drawn and "12.0 x" in drawn and "3.0 x as long" in drawn


def test_peers_are_installed_for_the_bench_alone():
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["optional-dependencies"]
    assert {"nbgrader", "simpy", "ciw"} <= set(extras["bench"]) and not {"nbgrader", "simpy", "ciw"} & set(extras["dev"])

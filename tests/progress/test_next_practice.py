"""What to practise next: need and information first, kinds not met, what has grown old, and a fifth by lot."""

from datetime import UTC, datetime, timedelta

import pytest

from casework.progress import mastery, next_practice
from casework.progress.next_practice import Candidate, Played

NOW = datetime(2026, 6, 1, 9, tzinfo=UTC)
EASY, FIT, HARD = (-4.0,) * 4, (0.0,) * 4, (5.0,) * 4


def state(mean, variance, family="inquest", files=6, days=1):
    before = NOW - timedelta(days=days)
    return mastery.State(mean, variance, before, files, frozenset({family, "complaint"}), before)


def needed(*advice):
    return [one for one in advice if one.reason != "anchor"]


def no_lots(monkeypatch):
    monkeypatch.setattr(next_practice, "ANCHORS", 0.0)


def test_a_file_that_tells_most_of_the_weakest_comes_first(monkeypatch):
    no_lots(monkeypatch)
    states = {"member": state(-0.5, 0.5), "risk": state(3.5, 0.1)}
    candidates = [
        Candidate("strong-already", "inquest", {"risk": FIT}), Candidate("too-hard", "inquest", {"member": HARD}),
        Candidate("too-easy", "inquest", {"member": EASY}), Candidate("fits", "inquest", {"member": (-0.5,) * 4}),
    ]  # fmt: skip
    found = next_practice.advise("T", states, [], candidates, NOW, 0.8)
    assert [one.scenario for one in found][0] == "fits" and found[0].competency == "member" and found[0].reason == "need"
    assert {"too-hard", "strong-already"} == {one.scenario for one in found[-2:]} or found[-1].scenario == "strong-already"


def test_importance_decides_between_equals(monkeypatch):
    no_lots(monkeypatch)
    candidates = [Candidate("a", "x", {"member": FIT}), Candidate("b", "y", {"risk": FIT})]
    assert next_practice.advise("T", {}, [], candidates, NOW, 0.8, {"risk": 2.0})[0].scenario == "b"
    assert next_practice.advise("T", {}, [], candidates, NOW, 0.8, {"member": 2.0})[0].scenario == "a"


def test_a_kind_not_met_and_knowledge_grown_old_say_so(monkeypatch):
    no_lots(monkeypatch)
    (new,) = next_practice.advise("T", {"risk": state(0.5, 0.2)}, [], [Candidate("a", "invoice", {"risk": FIT})], NOW, 0.8)
    assert new.reason == "uncovered" and "'invoice'" in new.says
    (old,) = next_practice.advise("T", {"risk": state(2.5, 0.2, days=90)}, [], [Candidate("a", "inquest", {"risk": FIT})], NOW, 0.8)
    assert old.reason == "overdue" and "grown old" in old.says
    (none,) = next_practice.advise("T", {}, [], [Candidate("a", "inquest", {"risk": FIT})], NOW, 0.8)
    assert none.says == "risk: nothing is known of it yet"


def test_what_was_met_comes_last_in_another_variant_and_not_at_once(monkeypatch):
    no_lots(monkeypatch)
    candidates = [Candidate("met", "inquest", {"risk": FIT}, (1, 2, 3)), Candidate("new", "inquest", {"risk": FIT})]
    played = [Played("met", 1, NOW - timedelta(days=40)), Played("met", 2, NOW - timedelta(days=30))]
    first, second = next_practice.advise("T", {}, played, candidates, NOW, 0.8)
    assert (first.scenario, first.first) == ("new", True)
    assert (second.scenario, second.seed, second.first) == ("met", 3, False) and "no evidence" in second.says
    just = [*played, Played("met", 3, NOW - timedelta(days=2))]
    assert [one.scenario for one in next_practice.advise("T", {}, just, candidates, NOW, 0.8)] == ["new"]


def test_two_files_of_one_kind_do_not_follow_each_other(monkeypatch):
    no_lots(monkeypatch)
    candidates = [Candidate(f"i{n}", "inquest", {"risk": FIT}) for n in range(3)] + [Candidate("c", "complaint", {"risk": (1.0,) * 4})]
    found = next_practice.advise("T", {}, [], candidates, NOW, 0.8, count=3)
    assert [one.scenario for one in found][1] == "c"


def test_files_advised_together_are_for_different_competencies(monkeypatch):
    no_lots(monkeypatch)
    candidates = [Candidate(f"r{n}", f"f{n}", {"risk": FIT}) for n in range(3)] + [Candidate("m", "g", {"member": (1.0,) * 4})]
    assert {one.competency for one in next_practice.advise("T", {}, [], candidates, NOW, 0.8, count=2)} == {"risk", "member"}


def test_about_a_fifth_is_drawn_by_lot_the_same_on_every_machine():
    candidates = [Candidate(f"s{n:02}", f"f{n % 5}", {"risk": FIT}) for n in range(40)]
    found = [one for n in range(200) for one in next_practice.advise(f"T{n}", {}, [], candidates, NOW, 0.8)]
    share = sum(one.reason == "anchor" for one in found) / len(found)
    assert share == pytest.approx(0.2, abs=0.04)
    assert len({one.scenario for one in found if one.reason == "anchor"}) > 35, "any file can be an anchor"
    assert next_practice.advise("T7", {}, [], candidates, NOW, 0.8) == next_practice.advise("T7", {}, [], candidates[::-1], NOW, 0.8)

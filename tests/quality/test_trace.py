"""Plays worked by hand to the last fraction of a point."""

from fractions import Fraction

import pytest

from casework.practice import cases, desk, scripts
from casework.quality import scoring

RULE_7 = {
    "first_day": "2026-03-24", "member": "Dr Amara Oduya", "handler": "Ruth Calloway", "cover": "Sunita Marr",
    "reference": "GMC-4821-07",
}  # fmt: skip


def play(library, scenario, answer, seed, fixed):
    work = cases.from_scenario(library, library.get_scenario(scenario), seed, fixed)
    session = desk.open_session(library, work, answer)
    session = desk.finish(scripts.play(session, library.answers[scenario][answer].steps))
    return session, scoring.score(library, work, session.log(), library.get_rubric("case-handling"))[0]


def test_the_exemplary_rule_7_answer_scores_100_between_94_and_100(library):
    session, card = play(library, "rule-7-handler-away", "exemplary", 7, RULE_7)
    assert (card.total, card.low, card.high) == (100, 94, 100)
    assert (card.band, card.passed, card.errors) == (None, True, ())
    assert [f"{e.at:%d %H:%M}" for e in session.events[:8]] == [
        "24 09:00", "24 09:00", "24 09:05", "24 09:10", "24 09:13", "24 09:15", "24 09:17", "24 09:25",
    ]  # fmt: skip
    assert len(session.events) == 20


def test_the_overconfident_rule_7_answer_scores_560_nineteenths_and_fails_every_class(library):
    _, card = play(library, "rule-7-handler-away", "overconfident", 7, RULE_7)
    assert (card.total, card.low, card.high) == (Fraction(560, 19), 28, 33)
    assert card.failed_classes() == {
        "customer": ("right-rule", "no-advice", "escalated"), "business": ("no-promise",), "compliance": ("identity-first",),
    }  # fmt: skip
    assert (card.band, card.passed) == ("refer", False)


def test_the_steady_rule_7_answer_is_bounded_as_worked_by_hand(library):
    _, card = play(library, "rule-7-handler-away", "steady", 7, RULE_7)
    assert card.total == Fraction(16889, 195) * 100 / 94
    assert card.low == Fraction(16889, 195)


@pytest.mark.parametrize("twin", ["England", "Scotland"])
def test_third_business_day_with_acceptance_is_complete(library, twin):
    _, card = play(library, "third-business-day", "exemplary", 3, {"twin": twin, "first_day": "2026-04-02"})
    assert (card.total, card.low, card.high) == (100, 94, 100)
    due = {c.clause: f"{c.due_at:%Y-%m-%d %H:%M}" for c in card.clocks}
    assert due["complaints.third-day"] == {"England": "2026-04-09 16:00", "Scotland": "2026-04-08 16:00"}[twin]
    assert due["complaints.eight-weeks"].startswith("2026-05-28")


@pytest.mark.parametrize("twin", ["England", "Scotland"])
def test_third_business_day_without_acceptance_fails_as_worked_by_hand(library, twin):
    # The table in docs/worked-example.md adds up to 159/7.
    _, card = play(library, "third-business-day", "overconfident", 3, {"twin": twin, "first_day": "2026-04-02"})
    assert card.total == Fraction(159, 7)
    assert set(card.errors) == {"identity-first", "complaint-caught", "no-promise", "right-rule"}

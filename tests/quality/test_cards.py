"""Scorecards of many logs at once: every figure as of each log scored alone."""

from dataclasses import replace
from fractions import Fraction

import pytest

from casework.practice import cases, desk, trainees
from casework.quality import cards, scoring
from casework.quality.cards import Cards, Work


@pytest.fixture(scope="module")
def logs(library):
    found = []
    for name in [*sorted(library.playable)[::3], *sorted(library.caseloads)[:1]]:
        work = cases.named(library, name, 2)
        for trainee in trainees.PROFILES:
            log = trainees.run(desk.open_session(library, work, trainee, "guided"), trainee).log()
            events = tuple(e.model_copy(update={"event": "hinted", "hint": "rule"}) if trainee == "novice" and e.do == "read" else e for e in log.events)
            found += [(work, replace(log, events=events), case) for case in work.cases]
    return found


def bare(card):
    """Without reasons, and what only reasons take."""
    ratings = tuple(replace(rating, evidence=(), explanation="") for rating in card.ratings)
    return replace(card, ratings=ratings, handled=(), clocks=())


def test_cards_of_many_logs_are_those_of_each_by_two_rubrics(library, logs, monkeypatch):
    rubric = library.rubrics["case-handling"]
    scales = {**rubric.scales, "yes-no": {"met": Fraction(90), "not met": Fraction(20)}, "handling": {"best": Fraction(100), "acceptable": Fraction(37), "wrong": Fraction(5)}}
    other = rubric.model_copy(update={"version": 9, "pass_mark": Fraction(60), "scales": scales})
    monkeypatch.setattr(cards, "KEPT", 40)
    works = [Work(case, desk.record_of(library, work, log, case.key).events, log.header.trainee, log.header.seed, log.header.session) for work, log, case in logs]
    found = list(Cards(library, (rubric, other)).of(works))
    assert [work for work, _ in found] == works
    for (work, log, case), (_, pair) in zip(logs, found, strict=True):
        record = desk.record_of(library, work, log, case.key)
        for by, card in zip((rubric, other), pair, strict=True):
            assert bare(card) == bare(scoring.score_case(record, by, log.header.trainee, log.header.seed)), case.key
    assert len({card.total for _, pair in found for card in pair}) > 50 and any(card.deducted for _, pair in found for card in pair)

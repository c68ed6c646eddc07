"""The shipped content proves itself: answers get their results, archetypes rank as declared."""

import pytest

from casework import workbench
from casework.edges import content
from casework.practice import cases, desk, trainees
from casework.quality import scoring, selftest

SHIPPED = content.load()


@pytest.mark.parametrize("seed", range(1, 21))
def test_archetypes_rank_as_each_scenario_declares(seed):
    for id, scenario in SHIPPED.scenarios.items():
        work = cases.named(SHIPPED, id, seed)  # Locked ones too: they are proved before anybody is asked to sign.
        played = {n: trainees.run(desk.open_session(SHIPPED, work, n), n) for n in trainees.PROFILES}
        cards = {n: workbench.score(SHIPPED, session.log())[0] for n, session in played.items()}
        groups = scenario.archetypes.best_first
        for better, worse in zip(groups, groups[1:], strict=False):
            for a in better:
                for b in worse:
                    assert selftest.rank(cards[a]) > selftest.rank(cards[b]), (id, a, b)
        for name in scenario.archetypes.must_fail:
            assert cards[name].passed is False, (id, name)
        assert cards["exemplary"].total >= 95 and not cards["exemplary"].errors, id
        assert cards["over_escalator"].passed is False, id
        assert cards["over_escalator"].total < cards["steady"].total, id


@pytest.mark.parametrize(("id", "name"), [(s, n) for s, found in SHIPPED.answers.items() for n in found])
def test_each_answer_gets_its_declared_result(id, name):
    answer = SHIPPED.answers[id][name]
    session = workbench.play_answer(SHIPPED, id, answer, answer.seed)
    (card,) = scoring.score(SHIPPED, session.caseload, session.log(), SHIPPED.get_rubric("case-handling"), answer.marks)
    low, high = answer.result.total
    assert low <= card.total <= high and set(card.errors) == set(answer.result.errors)
    if name not in ("exemplary", "steady"):
        assert card.passed is False and (card.total < 85 or card.errors)


def test_every_scenario_marks_both_going_up_and_own_work():
    for scenario in SHIPPED.scenarios.values():
        topics = [e.topic for e in scenario.expectations]
        assert "escalation" in topics and "own-work" in topics


def test_nothing_about_a_scenario_is_coded_in_python():
    package = content.shipped() / "casework"
    code = "\n".join(path.read_text() for path in package.rglob("*.py") if path.parent.name in ("practice", "quality", "model"))
    for scenario in SHIPPED.scenarios.values():
        assert scenario.id not in code
        for expectation in scenario.expectations:
            assert f'"{expectation.id}"' not in code

"""Par is a play that replays, no worse than the exemplary trainee's; a loss divides exactly."""

from dataclasses import replace
from datetime import timedelta

import pytest

from casework import workbench
from casework.practice import cases, desk, trainees
from casework.practice.replaying import replay
from casework.quality import par, scoring
from casework.quality.counterfactuals import again, moves_of


def played(library, work, name):
    return trainees.run(desk.open_session(library, work, name), name).log()


@pytest.mark.parametrize("id", ["first-morning", "assessment-day"])
def test_par_replays_and_is_no_worse_than_the_exemplary_trainee(library, id):
    work = cases.named(library, id, library.caseloads[id].seed)
    rubric = library.get_rubric("case-handling")
    found = par.find(library, work, rubric)
    assert replay(library, found.log).closed
    assert scoring.score(library, work, found.log, rubric) == found.cards and par.mean(found.cards) == found.total
    assert found.total >= par.mean(scoring.score(library, work, played(library, work, "exemplary"), rubric))
    assert par.find(library, work, rubric).log == found.log  # The same search finds the same play.


def test_the_search_wins_what_working_by_topic_loses(library):
    work = cases.named(library, "assessment-day", library.caseloads["assessment-day"].seed)
    rubric = library.get_rubric("case-handling")
    by_topic = par.mean(scoring.score(library, work, played(library, work, "exemplary"), rubric))
    assert by_topic < 99 and par.find(library, work, rubric).total >= 99


@pytest.mark.parametrize("name", ["steady", "novice", "over_escalator", "silent"])
def test_a_loss_divides_exactly_and_nothing_is_won_by_magic(library, name):
    work = cases.named(library, "month-end", 1)
    loss = workbench.losses(library, played(library, work, name))
    assert loss.knowledge + loss.timing + loss.triage == loss.par - loss.own
    assert min(loss.knowledge, loss.timing, loss.triage) >= 0
    assert name != "silent" or loss.timing == loss.triage == 0  # Who decides nothing loses nothing by order.


def test_the_same_decisions_late_cost_timing_and_not_knowledge(library):
    """The best play with every decision held back by two hours loses points, and the split calls them timing."""
    work = cases.named(library, "bank-holiday-week", library.caseloads["bank-holiday-week"].seed)
    rubric = library.get_rubric("case-handling")
    best = par.find(library, work, rubric)
    late = again(library, work, best.log, [replace(m, at=m.at + timedelta(hours=2)) for m in moves_of(best.log)])
    loss = par.split(library, work, late, rubric, best)
    assert loss.own < loss.par - 5 and loss.timing + loss.triage > 10 * loss.knowledge

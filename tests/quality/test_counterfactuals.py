"""What a debrief says would have won a mark back is a log that replays, and scores what was said."""

import pytest

from casework import workbench
from casework.model.decisions import decode, encode
from casework.practice.replaying import caseload_of, replay
from casework.practice.trainees import PROFILES
from casework.quality import counterfactuals


def lost(card):
    return [r.criterion.id for r in card.ratings if r.status == "rated" and (r.points < r.available or r.critical_error)]


@pytest.mark.parametrize("scenario", ["rule-7-handler-away", "third-business-day", "records-in-disguise", "records-to-the-wrong-member", "counsel-instructed", "new-bank-details"])
@pytest.mark.parametrize("trainee", [name for name in PROFILES if name != "exemplary"])
def test_each_change_really_scores_what_is_said(library, scenario, trainee):
    log = workbench.play(library, scenario, trainee, 3).log()
    before = workbench.score(library, log)[0]
    (found,) = workbench.debrief(library, log, "case-handling", workbench.winning_changes(library, log))
    changes = workbench.winning_changes(library, log)[before.case]
    assert set(changes) <= set(lost(before))
    for id, change in changes.items():
        again = decode(encode(change.log))
        replay(library, again)
        after = workbench.score(library, again)[0]
        assert after == change.card and after.total >= before.total
        own = {r.criterion.id: r for r in before.ratings}[id]
        new = {r.criterion.id: r for r in after.ratings}[id]
        mark = next(m for m in found.lost if m.rating.criterion.id == id)
        assert mark.wins == new.points - own.points and mark.total_after == after.total and mark.change
        assert new.points > own.points or (own.critical_error and not new.critical_error)
        assert not {r.criterion.id for r in after.ratings if r.critical_error} - {r.criterion.id for r in before.ratings if r.critical_error}


def test_most_lost_marks_can_be_won_back_by_one_decision(library):
    all_, found, single = 0, 0, 0
    for scenario in sorted(library.playable)[::3]:
        for trainee in ("novice", "steady", "cold", "data_leaker"):
            log = workbench.play(library, scenario, trainee, 1).log()
            (changes,) = workbench.winning_changes(library, log).values()
            all_ += len(lost(workbench.score(library, log)[0]))
            found += len(changes)
            single += sum(change.size == 1 for change in changes.values())
    assert found >= 0.85 * all_ and single >= 0.9 * found, (all_, found, single)


def test_playing_the_same_moves_again_gives_the_same_log(library):
    for scenario in library.playable:
        log = workbench.play(library, scenario, "steady", 2).log()
        work = caseload_of(library, log)
        assert counterfactuals.again(library, work, log, counterfactuals.moves_of(log)) == log


def test_a_perfect_play_has_nothing_to_win_back(library):
    log = workbench.play(library, "rule-7-handler-away", "exemplary", 1).log()
    assert workbench.winning_changes(library, log) == {"rule-7-handler-away": {}}


def test_each_case_of_a_caseload_is_looked_at_in_the_whole_day(library):
    log = workbench.play(library, "first-morning", "novice", 1).log()
    found = workbench.winning_changes(library, log)
    assert set(found) == {case.key for case in caseload_of(library, log).cases} and any(found.values())

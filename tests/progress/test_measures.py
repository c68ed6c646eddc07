"""The measures of the role from a demonstration cohort: every line has its figure or says why not; nobody's record has a survey."""

from dataclasses import fields, is_dataclass, replace
from datetime import date
from typing import get_args, get_type_hints

import pytest

from casework import workbench
from casework.edges import logfiles
from casework.practice import desk
from casework.practice.trainees import PROFILES
from casework.progress import boards, measures, surveys
from casework.progress.boards import K_LINES, Outside, PersonBoard, TeamBoard
from casework.progress.measures import Tally, beside_plan, mean_of, period_of, share_of
from casework.progress.surveys import Answer, Simulated, find_answer, net_of
from casework.quality.figures import Figure


@pytest.fixture(scope="module")
def logs(library, tmp_path_factory):
    """The cohort of the demonstration, one seed: every scripted trainee on everything that may be played."""
    folder = tmp_path_factory.mktemp("cohort")
    for name in [*library.playable, *library.caseloads]:
        for trainee in PROFILES:
            session = workbench.play(library, name, trainee, 1)
            logfiles.save(session.log(), session.texts, folder / trainee / f"{name}.jsonl")
    return folder


@pytest.fixture(scope="module")
def team(library, logs):
    return workbench.measure_team(library, logs, "month")


@pytest.fixture(scope="module")
def worked(library, logs):
    return workbench.measuring._worked(library, logs, "case-handling")


def test_every_line_has_a_value_with_interval_n_and_plan_or_says_why_not(team):
    assert tuple(team.lines) == K_LINES
    for line, ids in team.lines.items():
        assert ids, line
        for id in ids:
            for one in team.shown[id]:
                f = one.figure
                if f.value is None:
                    assert f.says, f"{line} {id}"
                else:
                    assert f.n > 0 and f.low <= f.value <= f.high, f"{line} {id}"
                    assert one.measure.plan is not None or one.measure.why
    valued = {line for line, ids in team.lines.items() if any(one.figure.value is not None or one.figure.low is not None for id in ids for one in team.shown[id])}
    assert set(K_LINES) - valued == {"K14", "K16", "K19"}, "these have no value without people's records or marks"


def test_lines_that_read_alike_show_the_same_measures_counted_once(team):
    assert team.lines["K4"] == team.lines["K7"] and team.lines["K12"] == team.lines["K15"]
    ids = [one.measure.id for one in (*team.measured, *team.simulated, *team.outside)]
    assert len(ids) == len(set(ids))


def test_service_levels_count_what_the_cohort_counts(team, library, logs):
    from casework.progress.cohort import gather

    cards = workbench.cards_in(library, logs, "case-handling")
    clocks = [c for card in cards for c in card.clocks if c.counted and c.side == "internal"]
    on_time = team.shown["on-time"][0]
    assert on_time.tally == Tally(sum(c.state == "met" for c in clocks), len(clocks))
    found = gather(cards)
    assert on_time.tally.n + team.shown["outside-dates"][0].tally.n <= found.clocks_due
    score = team.shown["score"][0].figure
    assert score.value == pytest.approx(sum(float(c.total) for c in cards) / len(cards))


def test_cases_that_wait_for_a_person_bound_the_share_and_give_no_value_and_no_chart(team):
    quality = team.shown["quality"][0]
    settled, waiting = quality.tally.n, quality.tally.waiting
    assert waiting and quality.figure.value is None and quality.figure.low < 100 * quality.tally.hits / (settled + waiting)
    assert quality.figure.high > 100 * (quality.tally.hits + waiting) / (settled + waiting)
    assert quality.course.points == () and "wait for a person" in quality.course.says


def test_outcomes_are_counted_from_peoples_marks(library, worked):
    rubric, content = library.get_rubric("outcomes"), library.measures
    wanted = next(m for m in content.measures if m.id == "outcomes")
    assert "people mark it" in measures.measure(wanted, worked, content.small_n).figure.says
    best = {c.id: max(c.judged, key=lambda level: level.worth).level for c in rubric.criteria}
    log = workbench.play(library, "rule-7-handler-away", "steady", 1).log()
    from casework.quality.scoring import score_case

    record = desk.record_of(library, workbench.caseload(library, "rule-7-handler-away", 1), log, "rule-7-handler-away")
    marked = [replace(worked[0], card=score_case(record, rubric, "steady", 1, best))] * 12
    found = measures.measure(wanted, marked, content.small_n)
    assert found.tally == Tally(12, 12) and found.figure.value == 100 and found.figure.low == pytest.approx(81.6, abs=0.1)


def test_a_small_n_is_shown_flagged_and_never_set_against_the_plan():
    small, enough = share_of(Tally(9, 9), 10, "x"), share_of(Tally(10, 10), 10, "x")
    assert small.value == 100 and small.standing == "faint" and "small n, under 10" in small.says
    assert enough.standing == "plain" and share_of(Tally(0, 0), 10, "clock fell due").says == "no clock fell due"


def test_a_share_has_wilsons_90_percent_interval():
    # 8 of 10, z = 1.6449: (0.8 + 0.13528 -+ 1.6449 sqrt(0.016 + 0.0067640)) / 1.27055 by hand.
    figure = share_of(Tally(8, 10), 5, "x")
    assert (figure.low, figure.high) == (pytest.approx(54.08, abs=0.01), pytest.approx(93.14, abs=0.01))


def test_a_mean_has_students_interval_and_none_where_nothing_varies():
    # 80, 90, 100: mean 90, s / sqrt 3 = 5.7735, t(2) = 2.920: 90 -+ 16.858, cut at 100.
    figure = mean_of([80, 90, 100], 2, "case", 0, 100)
    assert (figure.value, figure.low, figure.high) == (90, pytest.approx(73.14, abs=0.01), 100)
    assert mean_of([90, 90], 2, "case", 0, 100).low is None and mean_of([], 2, "case", 0, 100).value is None


def test_the_plan_is_met_or_missed_only_by_the_whole_interval(library):
    wanted = next(m for m in library.measures.measures if m.id == "on-time")
    for low, high, verdict in ((95, 99, "at plan or better"), (90, 96, "not told apart from the plan"), (80, 94.9, "short of plan")):
        assert beside_plan(wanted, Figure((low + high) / 2, low, high, 50, "plain")) == verdict
    fewer = wanted.model_copy(update={"better": "lower"})
    assert beside_plan(fewer, Figure(90, 80, 94, 50, "plain")) == "at plan or better"


def test_periods_sort_as_time_does():
    days = [date(2025, 12, 29), date(2026, 1, 5), date(2026, 10, 1)]
    assert [period_of(d, "week") for d in days] == ["2026-W01", "2026-W02", "2026-W40"]
    assert [period_of(d, "quarter") for d in days] == ["2025-Q4", "2026-Q1", "2026-Q4"]


def test_controls_are_counted_by_line_and_a_control_not_called_for_in_neither_number(team, worked):
    rows = {row.line: row for row in team.controls}
    rated = [r for one in worked for r in one.card.ratings if r.criterion.id == "no-advice" and r.status == "rated"]
    assert rows["A17"].evidenced == sum(r.rating == 1 for r in rated)
    assert rows["A17"].failed == sum(r.rating < 1 for r in rated) == dict(rows["A17"].failing)["no-advice"]


# The survey

def test_the_same_log_gives_the_same_answers_and_better_handling_better_ones(library, worked, team):
    survey = library.measures.survey
    assert [find_answer(survey, one) for one in worked[:50]] == [find_answer(survey, one) for one in worked[:50]]
    mean = {}
    for trainee in ("exemplary", "cold", "silent"):
        answers = [a for one in worked if one.card.trainee == trainee and (a := find_answer(survey, one))]
        mean[trainee] = sum(a.experience for a in answers) / len(answers)
    assert mean["exemplary"] > mean["cold"] + 0.5 > mean["silent"]
    share = sum(find_answer(survey, one) is not None for one in worked if not one.unasked) / sum(not one.unasked for one in worked)
    assert share == pytest.approx(0.6, abs=0.06)
    assert all(one.label == "simulated" for one in team.simulated) and {one.measure.id for one in team.simulated} == {"nps", "favourable", "experience"}


def test_nobody_is_asked_where_danger_was_even_when_signed_off(library, worked):
    survey, signed = library.measures.survey, None
    locked = next(s for s in library.scenarios.values() if s.danger)
    signed = locked.model_copy(update={"clinician_sign_off": locked.clinician_sign_off or _sign()})
    held = replace(library, scenarios={**library.scenarios, locked.id: signed})
    session = workbench.play(held, locked.id, "exemplary", 1)
    found = measures.gather(held, session.caseload, session.log(), workbench.score(held, session.log()))
    assert found and all("danger" in one.unasked for one in found)
    assert [find_answer(survey.model_copy(update={"answering": 100}), one) for one in found] == [None] * len(found)
    assert measures.gather(library, workbench.plays.cases.named(library, locked.id, 1), session.log(), [one.card for one in found]) == ()


def _sign():
    from casework.model.scenarios import SignedOff

    return SignedOff(name="Dr Example", role="consultant psychiatrist", on=date(2026, 1, 5))


def _held(kind, seen=()):
    """Every type that a value of this type can hold."""
    found = {kind}
    for part in get_args(kind):
        found |= _held(part, seen)
    if is_dataclass(kind) and kind not in seen:
        for hint in get_type_hints(kind).values():
            found |= _held(hint, (*seen, kind))
    return found


def test_no_type_of_a_persons_board_can_hold_an_answer_of_the_survey_nor_a_value_from_outside():
    assert not {Simulated, Answer, Outside} & _held(PersonBoard)
    assert {Simulated, Outside} <= _held(TeamBoard)
    assert {f.name for f in fields(Answer)} == {"on", "recommend", "experience"}, "an answer does not say whose work it is of"


def test_a_persons_view_has_no_survey_and_no_target_that_the_role_does_not_control(library, logs):
    board = workbench.measure_person(library, logs, "steady")
    shown = workbench.measures_json(board)
    assert all(row["kind"] == "measured" and row["control"] in ("own", "shared") for row in shown["measures"])
    left = {row["id"]: row["why"] for row in shown["left_out"]}
    assert {"nps", "favourable", "experience", "third-party-spend", "budget", "financial-performance", "nothing-approved", "query-rate"} <= set(left)
    assert "never in a person's record" in left["nps"] and "never a target" in left["budget"]
    assert {one.card.trainee for one in workbench.measuring._worked(library, logs / "steady", "case-handling")} == {"steady"}
    assert board.cases == len(workbench.cards_in(library, logs / "steady", "case-handling"))


def test_the_net_score_has_the_adjusted_wald_interval():
    # 6 of 9 or 10, 2 between, 2 of 0 to 6: net 40. Adjusted: (6.75 - 2.75) / 13 = 0.30769,
    # variance (9.5 / 13 - 0.094675) / 13 = 0.048930, half 1.6449 * 0.22120 = 0.36385.
    figure = net_of([9, 10, 9, 10, 9, 9, 7, 8, 6, 0], 5)
    assert figure.value == pytest.approx(40) and (figure.low, figure.high) == (pytest.approx(-5.62, abs=0.02), pytest.approx(67.15, abs=0.02))
    assert net_of([10] * 12, 5).low < 100, "all alike is no certainty"
    assert surveys.net_of([], 5).says == "no answer"


def test_a_board_of_nothing_says_that_there_is_no_work(library):
    board = boards.of_team(library.measures, [])
    assert all(one.figure.value is None and one.figure.says for shown in board.shown.values() for one in shown)
    assert board.shown["on-time"][0].figure.says == "no work: give a folder of logs"

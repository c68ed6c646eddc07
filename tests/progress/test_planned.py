"""K13, K14 and K16 from what a ledger keeps: only what fell due counts, with an interval and n, or why there is no value."""

import json
from datetime import UTC, date, datetime

import pytest
from typer.testing import CliRunner

from casework import workbench
from casework.edges import ledgers
from casework.faces.cli import app
from casework.progress import boards, invented, planned, plans
from casework.progress.planned import Keeping
from casework.progress.plans import PlanEvent
from casework.progress.signing import Signed
from casework.quality.proportions import wilson

DAY = date(2026, 3, 2)
EVENTS = [
    PlanEvent("goal", "g1", "ann", "Lee", DAY, "Money", date(2026, 4, 1), competency="finance"),
    PlanEvent("goal", "g2", "ann", "Lee", DAY, "Risk", date(2026, 5, 1), competency="risk"),
    PlanEvent("goal", "g3", "ann", "Lee", DAY, "No competency, so no sign-off", date(2026, 4, 1)),
    PlanEvent("action", "a1", "ann", "ann", DAY, "Read", date(2026, 3, 10), "g1"),
    PlanEvent("action", "a2", "ann", "ann", DAY, "Sit in", date(2026, 3, 11), "g1"),
    PlanEvent("action", "a3", "ann", "ann", DAY, "Ask", date(2026, 6, 1), "g1"),
    PlanEvent("done", "a1", "ann", "ann", date(2026, 3, 9)),
    PlanEvent("planned", "m1", "ann", "Lee", DAY, due=date(2026, 3, 20)),
    PlanEvent("met", "m1", "ann", "Lee", date(2026, 3, 27)),
    PlanEvent("goal", "g1", "ليلى", "Lee", DAY, "Calls", None),
    PlanEvent("action", "a1", "ليلى", "Lee", DAY, "Listen", date(2026, 3, 10), "g1"),
    PlanEvent("planned", "m1", "ليلى", "Lee", DAY, due=date(2026, 3, 20)),
]


def signed(competency, at, act="rated", who="ann"):
    rounds = ((who, "self"), ("Bo", "assessor"), ("Lee", "lead"))
    made = [Signed(trainee=who, competency=competency, at=at, by=by, role=role, reason="Seen.") for by, role in rounds]
    return [*made, Signed(trainee=who, competency=competency, at=at, by="Lee", role="lead", reason="No.", act="withdrew")] if act == "withdrew" else made


def kept(library, today, signs=()):
    found = {}
    for one in signs:
        found.setdefault((one.trainee, one.competency), []).append(one)
    return Keeping(tuple(plans.folded(who, [e for e in EVENTS if e.on <= today]) for who in ("ann", "ليلى")), found, library.framework, today)


def of(library, id, keeping, by=None):
    (wanted,) = [m for m in library.measures.measures if m.id == id]
    return planned.measure(wanted, keeping, 10, by)


def test_actions_count_once_their_day_is_over_and_everybodys_together(library):
    assert of(library, "development-plan", kept(library, date(2026, 3, 9))).figure.says == "no action of a plan fell due"
    one = of(library, "development-plan", kept(library, date(2026, 3, 12)))
    assert (one.tally.hits, one.tally.n) == (1, 3) and one.figure.standing == "faint" and one.verdict == "too few to say"
    interval = wilson(1, 3, 0.9)
    assert (one.figure.value, one.figure.low, one.figure.high) == (pytest.approx(100 / 3), pytest.approx(100 * interval.low), pytest.approx(100 * interval.high))
    assert of(library, "development-plan", kept(library, date(2026, 6, 1))).tally.n == 3 < of(library, "development-plan", kept(library, date(2026, 6, 2))).tally.n == 4


def test_a_one_to_one_is_missed_only_once_its_grace_is_over(library):
    assert of(library, "one-to-ones", kept(library, date(2026, 3, 27))).figure.value is None
    one = of(library, "one-to-ones", kept(library, date(2026, 3, 28)))
    assert (one.tally.hits, one.tally.n) == (1, 2), "one held on the seventh day, one not"


def test_a_sign_off_counts_by_the_day_that_a_goal_set_and_not_after(library):
    before, after = datetime(2026, 3, 30, tzinfo=UTC), datetime(2026, 5, 3, tzinfo=UTC)
    everything = [*signed("finance", before), *signed("risk", after)]
    one = of(library, "framework", kept(library, date(2026, 5, 9), everything), "month")
    assert (one.tally.hits, one.tally.n) == (1, 2) and [(p.period, p.value) for p in one.course.points] == [("2026-04", 1.0), ("2026-05", 0.0)]
    assert of(library, "framework", kept(library, date(2026, 4, 30), everything)).tally.n == 1
    assert of(library, "framework", kept(library, date(2026, 4, 30), signed("finance", before, "withdrew"))).tally.hits == 0
    assert of(library, "framework", kept(library, date(2026, 4, 30), signed("finance", before, who="ليلى"))).tally.hits == 0, "another's sign-off"


def test_without_a_ledger_the_reason_stands_and_one_persons_board_has_their_own(library):
    (shown,) = boards.of_team(library.measures, []).shown["development-plan"]
    assert shown.figure.value is None and "--ledger" in shown.figure.says
    mine = boards.of_person(library.measures, "ليلى", [], None, kept(library, date(2026, 6, 2))).shown["development-plan"][0]
    assert (mine.tally.hits, mine.tally.n) == (0, 1)


def test_at_the_command_line_a_ledger_gives_the_three_and_an_erasure_moves_none(library, tmp_path):
    ledger = tmp_path / "team.jsonl"
    ledgers.append(ledger, [*EVENTS, *signed("finance", datetime(2026, 3, 30, tzinfo=UTC))])

    def run(*args, code=0):
        done = CliRunner().invoke(app, ["measures", "--ledger", str(ledger), "--at", "2026-05-09", *args])
        assert done.exit_code == code, done.output
        return done.output

    def rows():
        return {row["id"]: (row["tally"], row["value"], row["low"], row["against_plan"]) for row in json.loads(run("--json"))["measures"] if row["id"] in ("development-plan", "one-to-ones", "framework")}

    before = rows()
    assert [(one[0]["hits"], one[0]["n"]) for one in before.values()] == [(1, 3), (1, 2), (1, 2)]
    page = tmp_path / "page.html"
    told = run("--html", str(page))
    assert "development-plan (Actions of the development plan done by their date): 33.3 % (" in told and "n 3" in told and "small n" in told and "33.3 %" in page.read_text()
    workbench.forget_person(ledger, "ann", "Lee", datetime(2026, 5, 9, tzinfo=UTC))
    assert rows() == before
    assert "0.0 %" in run("--trainee", "ليلى")
    assert "--trainee: found 'ann'" in run("--trainee", "ann", code=2)
    assert "needs LOGS_DIR or --ledger" in CliRunner().invoke(app, ["measures", "--trainee", "ann"]).output


def test_invented_plans_say_that_they_are_and_stand_as_plans_do(library, tmp_path):
    names, ledger, competencies = ["steady", "novice", "cold"], tmp_path / "cohort.ledger", ["risk", "service"]
    events = invented.plans_of(names, competencies, DAY)
    assert all(one.says.startswith("simulated") or one.kind == "planned" or not one.says for one in events) and {one.on < DAY for one in events} == {True}
    assert events == invented.plans_of(names, competencies, DAY)
    every = [plans.folded(name, events) for name in names]
    assert [len(one.goals) for one in every] == [1, 1, 1] and {plans.delivered(one, date.min, DAY) for one in every} == {(2, 3), (3, 3)}, "most are kept and not all"
    assert workbench.demonstration_plans(library, ledger, names, DAY) == len(events)
    before = ledger.read_bytes()
    assert workbench.demonstration_plans(library, ledger, names, DAY) == 0 and ledger.read_bytes() == before, "nothing is put beside what is there"


def test_a_demonstrated_cohort_has_a_page_of_progress_and_one_of_measures(library, tmp_path):
    from casework.faces import progress_commands

    for name in ("steady", "novice"):
        CliRunner().invoke(app, ["play", "rule-7-handler-away", "--as", name, "--seed", "1", "--out", str(tmp_path / "logs" / f"{name}.jsonl")])
    for _ in range(2):
        shown, measured = progress_commands.write_cohort(library, [tmp_path / "logs"], tmp_path, ["steady", "novice"])
    text = measured.read_text()
    assert "Actions of the development plan done by their date" in text and "no plans: give the ledger" not in text and "steady" in shown.read_text()
    assert len(ledgers.read(tmp_path / "cohort.ledger").pieces) == 2

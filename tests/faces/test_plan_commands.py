"""casework plan: goals, actions and one-to-ones by whoever says them, what to talk about, and what is refused."""

import json
import multiprocessing
import stat
from datetime import UTC, date, datetime, timedelta

import pytest
from typer.testing import CliRunner

from casework import workbench
from casework.edges import ledgers
from casework.faces import plan_view, progress_view
from casework.faces.cli import app
from casework.model.errors import BadInput
from casework.progress.pieces import Given, Part, Piece
from casework.progress.plans import PlanEvent

NAMES = ("Siobhán O'Brien", "ليلى حسن", "Zoë 🦩 Li", "p-7")
AT = datetime(2026, 6, 1, 12, tzinfo=UTC)


@pytest.fixture
def ledger(tmp_path):
    return tmp_path / "team.jsonl"


@pytest.fixture
def plan(ledger):
    def run(*args, code=0):
        done = CliRunner().invoke(app, ["plan", *map(str, args), "--ledger", str(ledger)])
        assert done.exit_code == code, done.output
        return done.stdout if code == 0 else done.stderr

    return run


def filed(name, n, competency, share, at):
    """A scored file that says something of one competency."""
    given = tuple(Given(criterion=f"c{i}", share=share) for i in range(6))
    return Piece(trainee=name, kind="scorecard", at=at, by="the rubric", parts=(Part(competency=competency, given=given, unsure=0.1),), scenario=f"{competency}{n}",
                 family=f"f{n}", jurisdiction="j", rubric="r", source=f"{name}{competency}{n}", total=100 * share)  # fmt: skip


def years(plan, name):
    """A plan with something in every state, as of 20 June 2026."""
    plan("goal", name, "Name the worry first", "--as", "Lee", "--for", "member", "--due", "2026-09-01", "--on", "2026-06-01")
    plan("action", name, "g1", "Three calls with Ana", "--as", name, "--due", "2026-06-10", "--on", "2026-06-01")
    plan("action", name, "g1", "Read rule 7", "--as", name, "--due", "2026-06-12", "--on", "2026-06-01")
    plan("action", name, "g1", "Sit with finance", "--as", name, "--due", "2026-06-12", "--on", "2026-06-01")
    plan("meet", name, "2026-06-05", "--as", "Lee", "--on", "2026-06-01")
    plan("meet", name, "2026-06-19", "--as", "Lee", "--on", "2026-06-01")
    plan("held", name, "m1", "--as", "Lee", "--notes", "Calls first.", "--on", "2026-06-06")
    plan("done", name, "a2", "--as", name, "--on", "2026-06-11", "--says", "Read, and asked.")
    plan("drop", name, "a3", "--as", "Lee", "--reason", "Finance moved", "--on", "2026-06-09")


@pytest.mark.parametrize("name", NAMES)
def test_a_plan_is_written_shown_and_talked_about_whoever_it_is_of(plan, ledger, library, name):
    years(plan, name)
    told = plan("show", name, "--at", "2026-06-20")
    assert "g1: Name the worry first (open, by 01 September 2026; Lee)" in told and "a1: Three calls with Ana (late, by 10 June 2026" in told
    assert "a2: Read rule 7 (done" in told and "a3: Sit with finance (dropped, by 12 June 2026" in told and "Finance moved" in told
    assert "m1: one-to-one planned for 05 June 2026, held on 06 June 2026: Calls first." in told and "m2: one-to-one planned for 19 June 2026, not held yet" in told
    assert "1 of 2 actions done, 1 of 1 one-to-ones held" in told, "the second one may still be held within seven days"
    assert "1 of 2 one-to-ones held" in plan("show", name, "--at", "2026-06-27")
    data = json.loads(plan("show", name, "--at", "2026-06-20", "--json"))
    assert [one["status"] for one in data["actions"]] == ["open", "done", "dropped"] and [one["late"] for one in data["actions"]] == [True, False, False]
    assert data["goals"][0]["competency"] == "member" and data["one_to_ones"][1]["held"] is None and data["last_one_to_one"] == "2026-06-06"
    talk = json.loads(plan("agenda", name, "--at", "2026-06-20", "--ask", "May I sit in?", "--json"))["agenda"]
    assert talk == ["Done on 11 Jun: Read rule 7", "Was due on 10 Jun: Three calls with Ana. What stood in the way?", "Asked by the trainee: May I sit in?"]
    assert stat.S_IMODE(ledger.stat().st_mode) == stat.S_IMODE(ledgers.words_path(ledger).stat().st_mode) == 0o600
    chain = ledger.read_text()
    assert not [words for words in (name, "Lee", "worry", "Finance moved", "Calls first") if words in chain], "the chain holds no name and no word"


def test_a_plan_is_read_as_of_any_day(plan):
    years(plan, "p-7")
    data = json.loads(plan("show", "p-7", "--at", "2026-06-05", "--json"))
    assert [one["status"] for one in data["actions"]] == ["open"] * 3 and data["one_to_ones"][0]["held"] is None and data["actions_by_their_day"] == {"hits": 0, "n": 0}


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (("action", "p-7", "g9", "Read", "--as", "Lee", "--due", "2030-01-01"), "belongs to no open goal ('g9'); open goals are g1"),
        (("done", "p-7", "a9", "--as", "Lee"), "is not open; open are g1, a1"),
        (("done", "p-7", "a2", "--as", "Lee"), "is not open"),
        (("held", "p-7", "m1", "--as", "Lee"), "was held already; planned are m2"),
        (("meet", "p-7", "2020-01-01", "--as", "Lee"), "for 2020-01-01, which was over by then"),
        (("action", "p-7", "g1", "Read", "--as", "Lee", "--due", "2026-05-01", "--on", "2026-06-01"), "which was over by then"),
        (("done", "p-7", "a1", "--as", "Lee", "--on", "2026-05-01"), "before what it belongs to was set; give a day from 2026-06-01"),
        (("done", "p-7", "a1", "--as", "Lee", "--on", "2999-01-01"), "yet to come"),
        (("done", "p-7", "a1", "--as", "Lee", "--on", "last week"), "found 'last week'; write a day such as"),
        (("goal", "p-7", "   ", "--as", "Lee"), "says nothing"),
        (("goal", "p-7", "x" * 2001, "--as", "Lee"), "at most 2000 characters"),
        (("goal", "p-7", "Calls", "--as", " "), "by: "),
        (("goal", "p-7", "Calls", "--as", "Lee", "--for", "telepathy"), "no competency 'telepathy'"),
        (("drop", "p-7", "a1", "--as", "Lee", "--reason", " "), "gives no reason"),
        (("show", "p-8"), "no plan and no evidence of 'p-8'"),
    ],
)  # fmt: skip
def test_what_cannot_stand_is_refused_with_what_could_and_nothing_is_written(plan, ledger, args, words):
    years(plan, "p-7")
    before = ledger.read_bytes(), ledgers.words_path(ledger).read_bytes()
    assert words in plan(*args, code=2)
    assert (ledger.read_bytes(), ledgers.words_path(ledger).read_bytes()) == before


def test_a_plan_damaged_in_the_middle_is_told_by_its_line_and_neither_read_nor_added_to(plan, ledger):
    years(plan, "p-7")
    lines = ledger.read_text().splitlines(keepends=True)
    ledger.write_text("".join([*lines[:3], lines[3].replace("2026-06-12", "2026-06-30"), *lines[4:]]))
    damaged = ledger.read_bytes()
    assert "does not verify at entry 3" in plan("show", "p-7", code=1) and "does not verify at entry 3" in plan("done", "p-7", "a1", "--as", "Lee", code=1)
    assert ledger.read_bytes() == damaged


def test_words_that_are_missing_without_an_erasure_are_told(plan, ledger):
    years(plan, "p-7")
    ledgers.words_path(ledger).unlink()
    assert "restore the file from a backup" in plan("show", "p-7", code=2)


def hold(path, ready, go):
    with ledgers.held(path):
        ready.set()
        go.wait(30)


def test_of_two_writers_at_once_one_is_told_to_try_again_and_nothing_is_lost(plan, ledger):
    years(plan, "p-7")
    context = multiprocessing.get_context("spawn")
    ready, go = context.Event(), context.Event()
    other = context.Process(target=hold, args=(ledger, ready, go))
    other.start()
    assert ready.wait(60)
    assert "somebody else is writing to it; try again" in plan("goal", "p-7", "Calls", "--as", "Lee", code=2)
    go.set()
    other.join()
    assert plan("goal", "p-7", "Calls", "--as", "Lee").startswith("g2 of p-7, a goal taken up by Lee")


def test_goals_are_proposed_from_the_weakest_evidence_until_one_is_taken_up(plan, ledger):
    ledgers.append(ledger, [filed("p-7", n, c, share, AT + timedelta(days=n)) for n in range(6) for c, share in (("risk", 0.2), ("service", 1.0), ("finance", 0.4))])
    found = json.loads(plan("propose", "p-7", "--at", "2026-06-20", "--json"))
    assert [one["competency"] for one in found] == ["risk", "finance"]
    plan("goal", "p-7", "Raise it on the day", "--as", "p-7", "--for", "risk", "--on", "2026-06-08")
    assert [one["competency"] for one in json.loads(plan("propose", "p-7", "--at", "2026-06-20", "--json"))][0] == "finance"


def test_an_agenda_tells_where_somebody_stands_otherwise_than_at_the_last_one_to_one(plan, ledger):
    error = Given(criterion="no-promise", share=0.0, error=True)
    good, bad = filed("p-7", 1, "risk", 1.0, AT), filed("p-7", 2, "risk", 0.5, AT + timedelta(days=9))
    bad = Piece(**{**dict(bad), "id": "", "parts": (Part(competency="risk", given=(error,)),)})
    ledgers.append(ledger, [good, bad])
    plan("meet", "p-7", "2026-06-05", "--as", "Lee", "--on", "2026-06-01")
    assert not [one for one in json.loads(plan("agenda", "p-7", "--at", "2026-06-20", "--json"))["agenda"] if "was" in one], "nothing to compare with yet"
    plan("held", "p-7", "m1", "--as", "Lee", "--on", "2026-06-05")
    assert any(one.endswith("was not enough evidence, is blocked by a critical error") for one in json.loads(plan("agenda", "p-7", "--at", "2026-06-20", "--json"))["agenda"])
    assert not [one for one in json.loads(plan("agenda", "p-7", "--at", "2026-06-08", "--json"))["agenda"] if "blocked" in one]


def test_the_progress_page_of_a_person_has_the_plan_and_tells_nothing_by_colour_alone(plan, ledger, tmp_path):
    years(plan, "Siobhán O'Brien")
    page = tmp_path / "page.html"
    done = CliRunner().invoke(app, ["progress", "Siobhán O'Brien", "--ledger", str(ledger), "--at", "2026-06-20", "--html", str(page)])
    assert done.exit_code == 0, done.output
    text = page.read_text()
    for said in ("Plan and one-to-ones", "△ late", "✓ done", "– dropped", "○ open", "✓ held on 06 Jun 2026", "△ not held yet", "What stood in the way?", "<th scope='row'", "<bdi>"):
        assert said in text, said
    assert "Plan and one-to-ones" not in progress_view.document(workbench.team_progress(workbench.gather_progress(workbench.library(), None, None, AT, ledgers.read(ledger))))
    out = tmp_path / "plan.html"
    plan("show", "Siobhán O'Brien", "--html", out)
    assert "Plan of <bdi>Siobhán O&#x27;Brien</bdi>" in out.read_text()


@pytest.mark.parametrize("name", ["Zebedee Quillfeather", "ليلى حسن", "Zoë 🦩 Li"])
def test_erasing_a_person_takes_every_word_of_the_plan_and_leaves_that_of_others(plan, ledger, library, name):
    years(plan, name)
    plan("goal", "ann", f"Learn from {name} to listen", "--as", "Lee")
    plan("goal", "ann", "Plan the day", "--as", name)
    record = workbench.own_record(library, ledger, name, AT)
    assert len(record.plan) == 9 and record.said_of_others == 1 and len(workbench.own_record_json(record)["plan"]) == 9
    was = ledgers.read(ledger).plans
    found = workbench.forget_person(ledger, name, "Lee", AT)
    assert found.named_elsewhere == 1
    kept = ledger.read_bytes() + ledgers.words_path(ledger).read_bytes()
    for trace in (name, "worry", "Three calls", "Finance moved", "Calls first", "Learn from"):
        assert trace.encode() not in kept and trace.encode("unicode-escape") not in kept, trace
    now = ledgers.read(ledger)
    assert [(one.kind, one.id, one.due) for one in now.plans] == [(one.kind, one.id, one.due) for one in was] and {one.says for one in now.plans} <= {"", "(erased)", "Plan the day"}
    assert "no plan and no evidence" in plan("show", name, code=2) and "Plan the day" in plan("show", "ann")
    with pytest.raises(BadInput, match="holds nothing about"):
        workbench.own_record(library, ledger, name, AT)
    plan("goal", name, "Back again", "--as", "Lee")
    assert json.loads(plan("show", name, "--json"))["goals"][0]["id"] == "g1", "somebody who comes back begins anew"


def test_words_of_a_plan_are_erased_when_their_time_is_over(plan, ledger, library):
    years(plan, "p-7")
    workbench.write_plan(library, ledger, "goal", "p-7", "Lee", date(2028, 5, 1), says="Two years on")
    assert not workbench.forget_what_is_due(library, ledger, "Lee", AT + timedelta(days=700)).words
    assert len(workbench.forget_what_is_due(library, ledger, "Lee", AT + timedelta(days=760)).words) == 7
    assert "a1: (erased) (late" in plan("show", "p-7", "--at", "2026-06-20") and "Two years on" in plan("show", "p-7", "--at", "2028-06-20")


def test_an_event_is_checked_as_it_is_made():
    with pytest.raises(ValueError, match="at least 1 character"):
        PlanEvent("goal", "g1", "", "Lee", date(2026, 6, 1))
    with pytest.raises(ValueError, match="colour"):
        PlanEvent(kind="goal", id="g1", trainee="T", by="Lee", on=date(2026, 6, 1), colour="red")


def test_text_from_right_to_left_stands_apart():
    assert plan_view.words("ليلى <b>") == "<bdi>ليلى &lt;b&gt;</bdi>"

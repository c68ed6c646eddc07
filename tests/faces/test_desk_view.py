"""The plain practice desk: buttons emit actions, and the screen shows what the store has kept."""

import pytest

from casework import workbench
from casework.edges.store.records import open_store
from casework.faces.desk_view import DeskView
from casework.faces.practice_view import open_desk
from casework.model.people import ROLES, Person
from casework.workbench import Access


@pytest.fixture
def screen(library):
    store = open_store("sqlite://")
    store.add_person(Person("p-1", ROLES), "Someone")
    access = Access(store.find_person("p-1"), store, library)
    return DeskView(access, workbench.begin_session(access, "rule-7-handler-away", 7))


def test_a_call_is_answered_choice_by_choice_and_the_debrief_follows(screen):
    screen._wait()
    screen.tray.value = "member-rings"
    screen.act.action.value = "answer"
    screen.act.do.click()
    assert len(screen.talk.children) == 3
    first = screen.talk.children[0]
    first.click()
    first.click()  # Again, before the next turn was painted.
    assert sum(e.do == "say" for e in screen.session.events) == 1 and "alert" not in screen.said.value
    assert any(e.choice == "warm-check" for e in screen.session.events)
    screen.close.click()
    head, *fields, expect, send = screen.end.children
    assert "Before you see a score" in head.value and not screen.session.closed
    fields[0].value, expect.value = "I asked first.", "may pass"
    send.click()
    (box,) = screen.end.children
    report = box.children[0].value
    assert "What would have won it" in report and "As the member lived it" in report and "Practise next" in report
    last = screen.session.events[-1]
    assert (last.event, last.do) == ("remarked", "reflect") and screen.session.closed
    words = workbench.words_of(screen.access, screen.sitting.id)
    assert words[last.n] == "Went well: I asked first.\nI expect: may pass"
    _, mark, why, send, said = box.children
    why.value = "The clause counts from the Monday."
    send.click()
    assert "Kept with the session" in said.value
    log = screen.access.store.log(screen.sitting.id)
    assert log.events[-1].do == "appeal" and log.events[-1].criterion == mark.value[1]
    assert workbench.scorecards_of(screen.access, screen.sitting.id)[0].total == workbench.score(screen.access.library, log)[0].total
    from casework.practice.replaying import replay

    assert replay(screen.access.library, log).log() == log


def test_the_debrief_s_total_is_that_of_the_command(screen, tmp_path):
    screen.close.click()
    screen.end.children[-1].click()
    workbench.export_session(screen.access, screen.sitting.id, tmp_path / "log.jsonl")
    from casework.edges import logfiles

    (card,) = workbench.score(screen.access.library, logfiles.read_log(tmp_path / "log.jsonl"))
    assert f">{workbench.plays.shown(card.total, card.rubric.pass_mark)}</div>" in screen.end.children[0].children[0].value


def test_how_sure_and_by_which_clause_go_into_the_log(screen):
    screen._wait()
    screen.act.action.value = "log"
    screen.act.kind.value, screen.act.sure.value, screen.act.cites.value = "risk", "sure", "authority.advice"
    screen.act.do.click()
    assert (screen.session.events[-1].confidence, screen.session.events[-1].cites) == ("sure", "authority.advice")
    screen.act.action.value, screen.act.cites.value = "log", "my own view"
    screen.act.kind.value = "risk"
    screen.act.do.click()
    assert "no clause" in screen.said.value and screen.act.cites.value == "my own view"


def test_the_tray_shows_what_is_asked_for_most_urgent_first(screen):
    screen._wait()
    everything = screen.tray.ids
    screen.shown.value = "Unread"
    assert screen.tray.ids == everything and all(row["unread"] for row in screen.tray.rows)
    screen.act.action.value, screen.tray.value = "read", everything[0]
    screen.act.do.click()
    assert everything[0] not in screen.tray.ids
    screen.shown.value = "Due"
    assert all(any("date:" in text or "our clock:" in text for text, _ in row["chips"]) for row in screen.tray.rows)


def test_the_handbook_is_searched_beside_the_desk(screen):
    screen.find.value = "28 days"
    assert "regulator-deadlines.gmc-rule-7" in screen.found.value
    screen.find.value = "<img src=q onerror=alert(1)>"
    assert "<img" not in screen.found.value and "No clause has all of" in screen.found.value


def test_a_missing_field_is_said_and_nothing_is_decided(screen):
    before = len(screen.session.events)
    screen.act.action.value = "escalate"
    screen.act.do.click()
    assert "escalate needs" in screen.said.value and len(screen.session.events) == before


def test_free_text_is_shown_as_text(screen):
    screen._decide(screen.case.value, {"do": "log", "as": "<img src=q onerror=alert(1)>"})
    assert "<img" not in screen.said.value and "&lt;img" in screen.said.value


def test_a_step_that_is_not_kept_is_not_shown_as_done(screen):
    screen.act.action.value, screen.act.text.value = "note", "Rang back."
    screen.access.store.close()
    screen.access.store.engine = open_store("sqlite://").engine  # The store is gone; an empty one is in its place.
    before = screen.session
    screen.act.do.click()
    assert "Done" not in screen.said.value and "alert" in screen.said.value
    assert screen.session == before and screen.act.text.value == "Rang back."


def test_another_tab_that_went_on_is_said_and_shown(screen):
    other = DeskView(screen.access, workbench.resume_session(screen.access, screen.sitting.id))
    other.act.action.value, other.act.text.value = "note", "From the other tab."
    other.act.do.click()
    screen.act.action.value, screen.act.text.value = "note", "From this tab."
    screen.act.do.click()
    assert "Another tab has gone on" in screen.said.value
    assert screen.session.events == other.session.events


def test_the_notebook_opens_a_desk():
    assert open_desk("first-morning", 1, store="sqlite://").children


def test_a_second_press_on_the_same_screen_does_nothing(screen):
    screen.act.action.value, screen.act.text.value = "note", "Rang back."
    shown = screen.act.do.step
    screen.act.do.pressed(shown)
    screen.act.do.pressed(shown)
    assert sum(e.do == "note" for e in screen.session.events) == 1 and screen.act.do.step != shown

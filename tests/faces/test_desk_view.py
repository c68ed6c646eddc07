"""The plain practice desk: buttons emit actions, and the screen shows what the store has kept."""

import pytest

from casework import workbench
from casework.edges.store.records import open_store
from casework.faces.desk_view import DeskView, open_desk
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
    screen.action.value = "answer"
    screen.do.click()
    assert len(screen.talk.children) == 3
    screen.talk.children[0].click()
    assert any(e.choice == "warm-check" for e in screen.session.events)
    screen.close.click()
    assert "What would have won it" in screen.report.value
    assert screen.access.store.log(screen.sitting.id) == screen.session.log()


def test_a_missing_field_is_said_and_nothing_is_decided(screen):
    before = len(screen.session.events)
    screen.action.value = "escalate"
    screen.do.click()
    assert "escalate needs" in screen.said.value and len(screen.session.events) == before


def test_free_text_is_shown_as_text(screen):
    screen._decide(screen.case.value, {"do": "log", "as": "<img src=q onerror=alert(1)>"})
    assert "<img" not in screen.said.value and "&lt;img" in screen.said.value


def test_a_step_that_is_not_kept_is_not_shown_as_done(screen):
    screen.action.value, screen.text.value = "note", "Rang back."
    screen.access.store.close()
    screen.access.store.engine = open_store("sqlite://").engine  # The store is gone; an empty one is in its place.
    before = screen.session
    screen.do.click()
    assert "Done" not in screen.said.value and "alert" in screen.said.value
    assert screen.session == before and screen.text.value == "Rang back."


def test_another_tab_that_went_on_is_said_and_shown(screen):
    other = DeskView(screen.access, workbench.resume_session(screen.access, screen.sitting.id))
    other.action.value, other.text.value = "note", "From the other tab."
    other.do.click()
    screen.action.value, screen.text.value = "note", "From this tab."
    screen.do.click()
    assert "Another tab has gone on" in screen.said.value
    assert screen.session.events == other.session.events


def test_the_notebook_opens_a_desk():
    assert open_desk("first-morning", 1, store="sqlite://").children

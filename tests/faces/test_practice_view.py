"""A sitting as a whole: modes on screen, templates, corrections, pausing, starting again, another day, and the warning."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from casework import workbench
from casework.edges.store.records import open_store
from casework.faces.practice_view import PracticeView
from casework.model.people import ROLES, Person
from casework.model.scenarios import SignedOff
from casework.practice.labels import require_plain
from casework.workbench import Access

SCENARIO = "rule-7-handler-away"


@pytest.fixture
def access(library):
    store = open_store("sqlite://")
    store.add_person(Person("ada", ROLES), "Ada")
    return Access(store.find_person("ada"), store, library)


def practice(access, mode="practice"):
    return PracticeView(access, workbench.begin_session(access, SCENARIO, 7, mode))


def words(view):
    """Everything in HTML that the page shows."""
    found = []

    def walk(widget):
        found.append(str(getattr(widget, "value", "")))
        for child in getattr(widget, "children", ()):
            walk(child)

    walk(view.box)
    return " ".join(found)


def test_a_hint_is_shown_under_its_paper_and_charged(access):
    view = practice(access, "guided").view
    view.tray.value = "handover"
    shown = view.look.step
    view.look.pressed(shown)
    view.look.pressed(shown)  # A double click takes one hint.
    assert sum(e.event == "hinted" for e in view.session.events) == 1
    assert "Hints on this paper" in view.told.value and "−1 of 100" in view.look.description
    view.rule.click()
    assert "service-levels." in view.told.value or "regulator-deadlines." in view.told.value
    view.tray.value = "rule-7-letter"
    assert view.told.value == ""
    for _ in range(9):
        view.tray.value = "handover"
        view.look.click()
    assert "nothing is charged" in view.said.value


def test_no_other_mode_has_a_hint_to_press(access):
    for mode in ("practice", "assessment"):
        assert practice(access, mode).view.hints.children == ()


def test_a_template_starts_the_words_and_its_gaps_are_asked_for(access):
    view = practice(access).view
    act = view.act
    act.action.value, act.to.value = "reply", "member"
    assert "We have it" in [title for title, _ in act.wording.options] and "Note of a call" not in [t for t, _ in act.wording.options]
    act.wording.value = "holding-line"
    name = view.session.caseload.cases[0].parties["member"].name
    assert act.text.value.startswith(f"Dear {name}") and "[day and time]" in act.text.value
    view.tray.value = "handover"
    before = len(view.session.events)
    act.do.click()
    assert "still to be filled in" in view.said.value and len(view.session.events) == before and act.text.value
    act.text.value = act.text.value.replace("[who holds the file]", "Sunita").replace("[day and time]", "today at three")
    act.do.click()
    assert view.session.events[-1].do == "reply" and act.text.value == "" and act.wording.value == ""
    act.action.value = "read"
    assert act.wording.layout.display == "none"


def test_square_brackets_of_ones_own_are_no_gap(library):
    from casework.model.scenarios import Step

    require_plain(library, Step(do="note", text="He wrote 'recieve' [sic]."))


def test_a_correction_names_what_it_withdraws(access):
    view = practice(access).view
    act = view.act
    view.tray.value = "rule-7-letter"
    act.action.value, act.kind.value = "index", "general post"
    act.do.click()
    act.action.value, act.was.value = "correct", "index"
    assert act.was.layout.display == ""
    act.do.click()
    assert view.session.events[-1].corrects == view.session.events[-2].n and act.was.value == ""
    assert "withdraws entry" in view.history.value


def test_pausing_moves_nothing_and_goes_on(access):
    view = practice(access)
    before = view.view.session
    view.pause.click()
    assert "Paused" in words(view) and view.view.box not in view.box.children
    view.box.children[1].children[0].click()
    assert view.view.box in view.box.children and view.view.session == before


def test_starting_again_asks_first_and_keeps_the_first_attempt(access):
    view = practice(access)
    first = view.view.sitting.id
    view.again.click()
    assert "unfinished and unmarked" in words(view) and view.view.sitting.id == first
    view.no.click()
    assert view.view.sitting.id == first and "unfinished and unmarked" not in words(view)
    view.again.click()
    view.yes.click()
    assert view.view.sitting.id != first and view.header.seed == 7 and view.header.attempt == 2
    view.other.click()
    assert view.seed.value == 8 and view.seed in view.bar.children
    view.yes.click()
    assert view.header.seed == 8 and len(access.store.heads("ada")) == 3


def test_an_assessment_has_a_clock_and_no_second_day(access):
    view = practice(access, "assessment")
    assert view.bar.children == () and 24 * 60 < view.view.countdown.left <= 25 * 60 + 1
    view.again.click()
    view.yes.click()
    assert len(access.store.heads("ada")) == 1
    view.view.close.click()
    view.view.end.children[-1].click()
    shown = words(view)
    assert "Handed in" in shown and "Marks lost" not in shown and view.view.countdown.ends_at == ""


def test_time_that_is_up_hands_in_on_screen(access):
    desk = practice(access, "assessment").view
    desk.sitting = replace(desk.sitting, ends_at=datetime.now(UTC) - timedelta(seconds=1))
    desk.act.action.value, desk.act.text.value = "note", "Too late."
    desk.act.do.click()
    assert desk.session.closed and "handed in" in desk.said.value and "Another tab" not in desk.said.value
    assert "Handed in" in desk.end.children[0].value and desk.act.do.disabled
    assert not any(e.do == "note" for e in desk.session.events)


def test_the_browser_s_clock_alone_hands_nothing_in(access):
    desk = practice(access, "assessment").view
    desk._time_is_up()
    assert not desk.session.closed


def dangerous(library, signed):
    scenario = library.get_scenario(SCENARIO)
    one = scenario.expectations[0].model_copy(update={"topic": "danger"})
    mark = SignedOff(name="Dr A", role="psychiatrist", on="2026-01-01") if signed else None
    changed = scenario.model_copy(update={"expectations": (one, *scenario.expectations[1:]), "clinician_sign_off": mark})
    return replace(library, scenarios={**library.scenarios, SCENARIO: changed})


def test_danger_is_locked_until_a_clinician_has_signed(access, library):
    from casework.model.errors import Refused

    locked = replace(access, library=dangerous(library, False))
    with pytest.raises(Refused, match="clinician"):
        workbench.begin_session(locked, SCENARIO, 7)
    with pytest.raises(Refused, match="clinician"):
        workbench.play(locked.library, SCENARIO, "exemplary", 1)


def test_danger_warns_first_and_leaving_costs_nothing(access, library):
    view = practice(replace(access, library=dangerous(library, True)))
    assert "immediate danger" in words(view) and view.view.box not in view.box.children
    view.box.children[1].children[1].click()
    assert "116 123" in words(view) and not view.view.session.closed
    view.box.children[1].children[0].click()
    assert view.view.box in view.box.children
    view.bar.children[-1].click()  # And at any moment later.
    assert "You have left the desk" in words(view) and not view.view.session.closed
    view.box.children[1].children[0].click()
    view.view.close.click()
    view.view.end.children[-1].click()
    report = view.view.end.children[0].children[0].value
    assert "As the member lived it" not in report and "played again so" not in report

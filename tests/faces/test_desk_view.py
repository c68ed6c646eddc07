"""The plain practice desk: buttons emit actions, and the screen shows the session."""

from casework import workbench
from casework.faces.desk_view import DeskView, open_desk
from casework.practice import desk


def view(library, tmp_path):
    session = desk.open_session(library, workbench.caseload(library, "rule-7-handler-away", 7), "t-1", "practice")
    return DeskView(session, None, str(tmp_path / "log.jsonl"))


def test_a_call_is_answered_choice_by_choice_and_the_debrief_follows(library, tmp_path):
    screen = view(library, tmp_path)
    screen._wait()
    screen.tray.value = "member-rings"
    screen.action.value = "answer"
    screen.do.click()
    assert len(screen.talk.children) == 3
    screen.talk.children[0].click()
    assert any(e.choice == "warm-check" for e in screen.session.events)
    screen.close.click()
    assert "What would have won it" in screen.report.value and (tmp_path / "log.jsonl").is_file()


def test_a_missing_field_is_said_and_nothing_is_decided(library, tmp_path):
    screen = view(library, tmp_path)
    before = len(screen.session.events)
    screen.action.value = "escalate"
    screen.do.click()
    assert "escalate needs" in screen.said.value and len(screen.session.events) == before


def test_free_text_is_shown_as_text(library, tmp_path):
    screen = view(library, tmp_path)
    screen.said.value = ""
    screen._decide(screen.case.value, {"do": "log", "as": "<img src=q onerror=alert(1)>"})
    assert "<img" not in screen.said.value and "&lt;img" in screen.said.value


def test_the_notebook_opens_a_desk():
    assert open_desk("first-morning", 1, "t-1").children

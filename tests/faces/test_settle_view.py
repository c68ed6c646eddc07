"""What a trainee sees of marks given back, and what they may do about it."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "workbench"))
from test_reviewing import Desk  # noqa: E402

from casework import workbench  # noqa: E402
from casework.faces import review_view, settle_view  # noqa: E402


def test_marks_given_back_are_read_and_appealed_on_screen(library):
    desk = Desk(library)
    before = settle_view.FeedbackView(desk("zoe"))
    assert "No marks have been given back" in before.box.children[0].value
    desk.mark_all("r1", **{"tone-written": "cold or curt"})
    workbench.send_feedback(desk("r1"), desk.session, workbench.agreed_of(desk("r1"), desk.session), "Name the worry first.")
    view = settle_view.FeedbackView(desk("zoe"))
    assert "Name the worry first." in view.report.value and "not read yet" in view.report.value
    view.read.click()
    assert view.read.disabled and "read on" in view.report.value
    assert [id for _, id in view.criterion.options] == ["tone-written"]
    view.appeal.click()
    assert "needs a reason" in view.said.value
    view.why.value = "The second letter names it."
    view.appeal.click()
    assert "waits for an answer" in view.report.value and view.appeal.disabled
    other = settle_view.SettleView(desk("lee"), desk.session, None)
    assert other.criterion.options == ("tone-written",)
    other.level.value, other.words.value = "polite but flat", "The second letter does; the first does not."
    other.answer.click()
    assert "polite but flat" in settle_view.FeedbackView(desk("zoe")).report.value


def test_the_bench_of_someone_who_marks_nothing_shows_their_own_marks(library, monkeypatch):
    desk = Desk(library)
    monkeypatch.setattr(workbench, "open_access", lambda *_: desk("zoe"))
    shown = review_view.open_bench()
    assert shown.titles == ("Marks given back to you",) and shown.selected_index == 0

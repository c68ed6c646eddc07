"""The deadline calculator: what is picked is what is shown, and bad input is said in words."""

from casework.faces.deadline_view import DeadlineView


def test_a_picked_clause_and_day_show_the_deadline_with_each_day_and_the_other_clocks(library):
    screen = DeadlineView(library, "third-day", "2026-04-02T16:40", "")
    assert "Thursday 9 April 2026, 17:00" in screen.answer.value
    assert "Good Friday" in screen.answer.value and "complaints.eight-weeks" in screen.answer.value
    screen.calendar.value = "scotland"
    assert "Wednesday 8 April 2026" in screen.answer.value
    screen.clause.value = "regulator-deadlines.hpcsa-response"
    screen.calendar.value = "the clause's own place"
    screen.start.value = "2026-03-09"
    assert "Friday 8 May 2026" in screen.answer.value and "to be confirmed" in screen.answer.value


def test_finding_narrows_the_clauses_and_never_empties_them(library):
    screen = DeadlineView(library, "third-day", "2026-04-02", "")
    screen.find.value = "zealand acknowledge"
    assert "nhs-complaints.new-zealand-acknowledge" in screen.clause.options and len(screen.clause.options) < 6
    screen.find.value = "no such words at all"
    assert len(screen.clause.options) == len(screen.every)


def test_a_day_that_cannot_be_read_or_lies_beyond_the_table_is_said_as_text(library):
    screen = DeadlineView(library, "third-day", "2026-04-02", "")
    screen.start.value = "<b>soon</b>"
    assert "is not a date or time" in screen.answer.value and "<b>soon" not in screen.answer.value
    screen.start.value = "2031-01-01"
    assert "outside its table" in screen.answer.value

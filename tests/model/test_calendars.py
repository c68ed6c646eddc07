"""Frozen tables against the library they come from; regions, weekends and offices."""

import shutil
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

import pytest

from casework.edges import calendars, content
from casework.model import worktime
from casework.model.errors import ContentError
from casework.practice import clocks, handbook

HELD = content.load()
SOURCES = {source.id: source for source in calendars.sources()}


def test_the_frozen_files_are_those_that_the_library_gives_today():
    folder = content.shipped() / "scenarios" / "calendars"
    for id, text in calendars.texts().items():
        assert (folder / f"{id}.yaml").read_text(encoding="utf-8") == text, f"{id}: run make calendars and look at what moved"


@pytest.mark.parametrize("id", sorted(SOURCES))
def test_each_whole_calendar_has_the_holidays_of_its_place(id):
    if SOURCES[id].base is None or SOURCES[id].weeks != calendars.Source("", "", "", "").weeks:
        assert HELD.calendars[id].holidays == calendars.days_of(SOURCES[id])
    else:
        assert HELD.calendars[id].holidays.keys() == calendars.days_of(SOURCES[id]).keys()


def worked(id, day):
    return worktime.is_working_day(HELD.calendars[id], date.fromisoformat(day))


def test_friday_is_the_weekend_where_it_holds_and_was_in_johor_until_2024():
    assert not worked("malaysia-kelantan", "2026-03-13") and worked("malaysia-kelantan", "2026-03-15")
    assert not worked("malaysia-johor", "2024-11-15") and worked("malaysia-johor", "2024-11-17")
    assert worked("malaysia-johor", "2025-11-14") and not worked("malaysia-johor", "2025-11-16")
    assert worked("malaysia-kuala-lumpur", "2026-03-13")


def test_hong_kong_keeps_good_friday_and_regions_of_new_zealand_their_anniversary():
    assert not worked("hong-kong", "2026-04-03") and not worked("hong-kong", "2026-04-06")
    assert not worked("new-zealand-southland", "2026-04-07") and worked("new-zealand", "2026-04-07")
    assert not worked("new-zealand-waikato", "2026-01-26") and worked("new-zealand-otago", "2026-01-26")


def test_an_office_that_opens_on_the_one_off_holiday_moves_its_own_clocks_and_no_rule_of_law():
    office, nation = HELD.calendars["edinburgh-office"], HELD.calendars["scotland"]
    assert worktime.is_working_day(office, date(2026, 6, 15)) and not worktime.is_working_day(nation, date(2026, 6, 15))
    inside = HELD.clause("complaints.third-day", date(2026, 6, 11)).clock
    outside = HELD.clause("nhs-complaints.scotland-acknowledge", date(2026, 6, 11)).clock
    assert clocks.reckon(inside, date(2026, 6, 11), office).due_on == date(2026, 6, 16)
    assert clocks.reckon(inside, date(2026, 6, 11), nation).due_on == date(2026, 6, 17)
    assert clocks.reckon(outside, date(2026, 6, 11), office).due_on == date(2026, 6, 17)


def at(text, zone="Europe/London"):
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone))


def test_split_days_half_days_and_closures_are_the_offices_own():
    office = HELD.calendars["edinburgh-office"]
    assert worktime.add_working_minutes(office, at("2026-03-03T12:00"), 60) == at("2026-03-03T14:00")
    assert worktime.closing(office, date(2026, 3, 5)) == at("2026-03-05T18:30")
    assert worktime.closing(office, date(2026, 12, 24)) == at("2026-12-24T12:30")
    assert worktime.next_opening(office, at("2026-12-24T12:30")) == at("2026-12-31T08:30")
    assert not worktime.is_open(office, at("2026-03-03T13:00"))


def test_the_moment_of_closing_is_the_deadline_and_not_the_next_opening():
    calendar = HELD.calendars["england-and-wales"]
    assert worktime.add_working_minutes(calendar, at("2026-04-02T15:00"), 10 * 60) == at("2026-04-07T17:00")
    assert not worktime.is_open(calendar, at("2026-04-07T17:00")) and worktime.is_open(calendar, at("2026-04-07T09:00"))


def test_an_hour_that_the_clocks_skip_is_not_lived_and_one_they_repeat_is_its_first():
    calendar = HELD.calendars["england-and-wales"]
    held = worktime.table(calendar)
    for day, clock in ((date(2026, 3, 29), time(1, 30)), (date(2026, 10, 25), time(1, 30)), (date(2026, 7, 1), time(0))):
        seconds = held.second((day - calendar.first).days, clock.hour * 3600 + clock.minute * 60)
        assert seconds == int(worktime.instant(calendar, day, clock).timestamp()), day
    literal = [worktime.instant(calendar, day, time(1, 30)).isoformat() for day in (date(2026, 3, 29), date(2026, 10, 25))]
    assert literal == ["2026-03-29T01:30:00+00:00", "2026-10-25T00:30:00+00:00"]


def copy(tmp_path):
    for name in ("scenarios", "rubrics"):
        shutil.copytree(content.shipped() / name, tmp_path / name)
    return tmp_path / "scenarios"


def test_a_calendar_that_stands_on_itself_or_on_nothing_is_told_and_so_is_an_unknown_place(tmp_path):
    folder = copy(tmp_path)
    office = folder / "calendars" / "edinburgh-office.yaml"
    text = office.read_text()
    office.write_text(text.replace("based_on: scotland", "based_on: scotlnd"))
    with pytest.raises(ContentError, match="'scotlnd' is no calendar .did you mean 'scotland'"):
        content.load(tmp_path)
    office.write_text(text.replace("based_on: scotland", "based_on: edinburgh-office"))
    with pytest.raises(ContentError, match="cannot stand on itself"):
        content.load(tmp_path)
    office.write_text(text.replace("based_on: scotland", "based_on: scotland\nlast: 2018-12-31"))
    with pytest.raises(ContentError, match="before it begins"):
        content.load(tmp_path)
    office.write_text(text)
    policy = folder / "policies" / "inquests.yaml"
    broken = policy.read_text().replace("jurisdiction: scotland", "jurisdiction: scotlandia", 1)
    policy.write_text(broken.replace("lasts: 56 calendar days", "lasts: -56 calendar days"))
    with pytest.raises(ContentError) as told:
        content.load(tmp_path)
    said = str(told.value)
    assert "'scotlandia' is no calendar" in said and "'-56 calendar days' is not a length of time" in said
    assert len(told.value.problems) == 2, said


def test_the_ladder_marks_half_and_four_fifths_of_the_time_a_clock_has():
    found = handbook.due_json(HELD, "service-levels.reply-to-email", "2026-03-03T09:00", None, None)
    assert (found["due_at"][:16], found["amber_at"][:16], found["red_at"][:16]) == (
        "2026-03-05T17:00", "2026-03-04T13:00", "2026-03-05T12:12",
    )  # fmt: skip
    outside = handbook.due_json(HELD, "gmc-rule-7", "2026-03-03", None, None)
    assert outside["handler_at"][:16] == "2026-03-26T09:00" and outside["amber_at"][:10] == "2026-03-17"

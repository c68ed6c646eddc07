"""Deadlines against published tables and hand-worked dates."""

from datetime import UTC, date, datetime, time
from pathlib import Path

import pytest
import yaml

from casework import workbench
from casework.model import worktime
from casework.model.errors import BadInput

KNOWN = Path(__file__).parent.parent / "content" / "uk-bank-holidays.yaml"


@pytest.mark.parametrize(("code", "id"), [("ENG", "england-and-wales"), ("SCT", "scotland"), ("NIR", "northern-ireland")])
def test_bank_holidays_agree_with_the_published_table(library, code, id):
    published = yaml.safe_load(KNOWN.read_text())[code]
    for year, days in published.items():
        ours = [str(d) for d in library.calendars[id].holidays if d.year == int(year)]
        assert ours == [str(d) for d in days], year


@pytest.mark.parametrize(
    ("start", "england", "scotland", "ni"),
    [
        ("2026-04-02", "2026-04-09", "2026-04-08", "2026-04-09"), ("2026-12-23", "2026-12-30", "2026-12-30", "2026-12-30"),
        ("2025-12-31", "2026-01-06", "2026-01-07", "2026-01-06"), ("2027-12-24", "2027-12-31", "2027-12-31", "2027-12-31"),
        ("2026-07-09", "2026-07-14", "2026-07-14", "2026-07-15"), ("2024-11-28", "2024-12-03", "2024-12-04", "2024-12-03"),
    ],
)  # fmt: skip
def test_the_third_business_day_follows_each_nations_holidays(library, start, england, scotland, ni):
    for id, expected in (("england-and-wales", england), ("scotland", scotland), ("northern-ireland", ni)):
        assert workbench.due(library, "complaints.third-day", start, id, None)["due_on"] == expected


@pytest.mark.parametrize(
    ("start", "due"),
    [
        ("2026-09-03", "2026-10-05"), ("2026-03-31", "2026-04-30"), ("2027-01-31", "2027-03-01"), ("2028-01-31", "2028-02-29"),
        ("2026-11-25", "2026-12-29"), ("2026-01-30", "2026-03-02"), ("2026-08-31", "2026-09-30"), ("2026-12-01", "2027-01-04"),
        ("2026-01-31", "2026-03-02"),
    ],
)  # fmt: skip
def test_a_subject_access_month_ends_on_the_corresponding_date_or_rolls(library, start, due):
    assert workbench.due(library, "data-protection.subject-access", start, "england-and-wales", None)["due_on"] == due


def test_28_days_from_a_rule_7_letter_are_calendar_days(library):
    assert workbench.due(library, "gmc-rule-7", "2026-03-03", "england-and-wales", None)["due_on"] == "2026-03-31"


def test_72_hours_count_nights_and_weekends(library):
    found = workbench.due(library, "breach-report", "2026-12-04T17:20", "england-and-wales", None)
    assert found["due_at"] == "2026-12-07T17:20:00+00:00"


def test_the_clause_in_force_on_the_date_is_used(library):
    old = workbench.due(library, "reply-to-email", "2025-12-01", "england-and-wales", None)
    new = workbench.due(library, "reply-to-email", "2026-02-02", "england-and-wales", None)
    assert (old["due_on"], new["due_on"]) == ("2025-12-04", "2026-02-04")
    stale = workbench.due(library, "complaints.third-day", "2026-04-02", "england-and-wales", "2014-01-01")
    assert stale["due_on"] == "2026-04-07"


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(("hours", "due"), [(4, "2026-04-07T10:00"), (9, "2026-04-07T15:00"), (10, "2026-04-07T16:00")])
def test_working_hours_skip_easter_and_end_at_the_close_itself(library, hours, due):
    calendar = library.calendars["england-and-wales"]
    assert worktime.add_working_minutes(calendar, at("2026-04-02T14:00"), hours * 60) == at(due)


def test_a_start_on_a_bank_holiday_counts_from_the_next_opening(library):
    calendar = library.calendars["england-and-wales"]
    assert worktime.add_working_minutes(calendar, at("2026-05-04T10:00"), 60) == at("2026-05-05T09:00")
    assert worktime.working_minutes_between(calendar, at("2026-05-04T10:00"), at("2026-05-05T08:00")) == 0


def test_the_spring_night_has_the_hours_it_had(library):
    calendar = library.calendars["england-and-wales"]
    start = worktime.instant(calendar, date(2026, 3, 29), time(0, 30))
    end = worktime.instant(calendar, date(2026, 3, 29), time(3, 30))
    assert (end - start).total_seconds() / 60 == 120


def test_a_date_beyond_the_table_is_an_error_that_says_so(library):
    with pytest.raises(BadInput, match="2019-01-01 to 2030-12-31"):
        worktime.add_working_days(library.calendars["scotland"], date(2030, 12, 30), 5)


@pytest.mark.parametrize("zone", ["Europe/London", "Africa/Casablanca", "Africa/Cairo", "America/Havana", "Asia/Beirut", "Australia/Lord_Howe", "Antarctica/Troll", "Pacific/Apia"])
def test_seconds_of_the_table_are_those_of_each_days_own_clock(library, zone):
    """Clocks change at midnight, by half an hour, twice within a month, or leave a whole day out."""
    held = library.calendars["england-and-wales"].model_copy(update={"zone": zone, "first": date(2009, 3, 4), "last": date(2024, 12, 31)})
    table = worktime.Table(held, held.first.toordinal(), (held.last - held.first).days + 1)
    for n in range(table.days):
        day = date.fromordinal(table.first + n)
        assert table.midnight[n] == worktime.instant(held, day, time()).timestamp()
        if table.midnight[n + 1] - table.midnight[n] != 86400 or n % 97 == 0:
            for hour in range(24):
                assert table.second(n, hour * 3600 + 1800) == worktime.instant(held, day, time(hour, 30)).timestamp(), (day, hour)


def test_hours_of_the_table_are_those_of_each_day(library):
    for held in library.calendars.values():
        table = worktime.table(held)
        assert table.spans_of == [held.spans_on(date.fromordinal(table.first + n)) for n in range(table.days)], held.id

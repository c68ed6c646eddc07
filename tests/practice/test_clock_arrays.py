"""Many at once, one at a time, and minute by minute: three ways to the same answer."""

import subprocess
import sys
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from casework.edges import content
from casework.model import worktime
from casework.model.errors import BadInput
from casework.model.policies import ClockRule
from casework.practice import clock_arrays, clocks

HELD = content.load()
SIX = ("england-and-wales", "scotland", "south-africa", "new-zealand-southland", "malaysia-johor", "edinburgh-office")
FIRST, LAST = datetime(2020, 1, 1, tzinfo=UTC), datetime(2027, 12, 31, tzinfo=UTC)
moments = st.integers(0, int((LAST - FIRST).total_seconds())).map(lambda s: FIRST + timedelta(seconds=s))
calendars = st.sampled_from(SIX).map(HELD.calendars.__getitem__)


def minutes_worked(calendar, start, end):
    """The slow way: looks at every minute on the wall."""
    zone, total = ZoneInfo(calendar.zone), 0
    while start < end:
        here = start.astimezone(zone)
        minute = here.hour * 60 + here.minute
        total += any(a <= minute < b for a, b in calendar.spans_on(here.date()))
        start += timedelta(minutes=1)
    return total


def as_array(*instants):
    return np.array([i.replace(tzinfo=None) for i in instants], "datetime64[s]")


@settings(max_examples=120, deadline=None)
@given(calendars, moments, st.integers(0, 6 * 24 * 60))
def test_working_time_is_what_counting_every_minute_gives(calendar, at, length):
    start = at.replace(second=0)
    end = start + timedelta(minutes=length)
    slow = minutes_worked(calendar, start, end)
    assert worktime.working_minutes_between(calendar, start, end) == slow
    assert clock_arrays.working_seconds_between(calendar, as_array(start), as_array(end))[0] == slow * 60


@pytest.mark.parametrize("id", SIX)
def test_every_day_of_eight_years_works_the_minutes_that_one_counts_on_the_wall(id):
    """Minute by minute, hour by UTC hour: none of these zones changes its clocks inside one."""
    calendar = HELD.calendars[id]
    zone, hour = ZoneInfo(calendar.zone), datetime(2020, 1, 1, tzinfo=UTC)
    counted = {}
    while hour < datetime(2028, 1, 1, tzinfo=UTC):
        here = hour.astimezone(zone)
        first = here.hour * 60 + here.minute
        spans = calendar.spans_on(here.date())
        minutes = sum(a <= m < b for m in range(first, first + 60) for a, b in spans)
        counted[here.date()] = counted.get(here.date(), 0) + minutes
        hour += timedelta(hours=1)
    days = sorted(counted)[1:-1]
    for day in days:
        start, end = (worktime.instant(calendar, d, time(0)) for d in (day, day + timedelta(days=1)))
        assert worktime.working_minutes_between(calendar, start, end) == counted[day], day
        assert worktime.is_working_day(calendar, day) == (counted[day] > 0), day
    assert len(days) > 2900


@pytest.mark.parametrize(
    ("id", "nights"),
    [("england-and-wales", ["2026-03-29", "2026-10-25"]), ("new-zealand-southland", ["2026-04-05", "2026-09-27"])],
)
def test_a_desk_that_never_closes_works_23_and_25_hours_when_the_clocks_change(id, nights):
    always = {day: ("00:00-24:00",) for day in HELD.calendars[id].hours}
    always |= {"saturday": ("00:00-24:00",), "sunday": ("00:00-24:00",)}
    calendar = HELD.calendars[id].model_copy(update={"hours": always, "holidays": {}})
    hours = []
    for night in map(date.fromisoformat, nights):
        start, end = worktime.instant(calendar, night, time(0)), worktime.instant(calendar, night + timedelta(days=1), time(0))
        assert worktime.working_minutes_between(calendar, start, end) == minutes_worked(calendar, start, end)
        hours.append(worktime.working_minutes_between(calendar, start, end) // 60)
    assert sorted(hours) == [23, 25]


@settings(max_examples=300, deadline=None)
@given(calendars, moments, st.integers(1, 300 * 3600))
def test_adding_then_measuring_gives_back_the_same_duration(calendar, at, seconds):
    due = worktime.add_working_seconds(calendar, at, seconds)
    assert worktime.working_seconds_between(calendar, at, due) == seconds
    assert clock_arrays.add_working_seconds(calendar, as_array(at), seconds)[0] == as_array(due)[0]


lengths = st.one_of(
    st.tuples(st.integers(0, 60), st.sampled_from(["working days", "calendar days", "working hours", "elapsed hours"])),
    st.tuples(st.integers(1, 9), st.sampled_from(["calendar weeks", "calendar months"])),
).filter(lambda pair: pair[0] > 0 or pair[1] == "working days")


@settings(max_examples=400, deadline=None)
@given(
    calendars, st.lists(moments, min_size=1, max_size=5), lengths, st.sampled_from(["next day", "same day"]),
    st.sampled_from(["office", "authority"]), st.sampled_from(["close of business", "end of day"]),
    st.sampled_from([None, time(17), time(12, 30)]), st.sampled_from([None, "next working day"]), st.booleans(),
)  # fmt: skip
def test_many_deadlines_are_the_single_ones(calendar, instants, length, counts, which, ends, cut_off, roll, whole_days):
    rule = ClockRule.model_validate({
        "side": "internal", "from": "received", "lasts": f"{length[0]} {length[1]}", "counts_from": counts,
        "calendar": which, "ends": ends, "cut_off": cut_off, "roll": roll, "stops_on": ["reply"],
    })  # fmt: skip
    starts = [at.date() for at in instants] if whole_days else instants
    array = np.array(starts, "datetime64[D]") if whole_days else as_array(*instants)
    many = clock_arrays.deadlines(rule, array, calendar)
    for start, due_on, due_at in zip(starts, many.due_on, many.due_at, strict=True):
        one = clocks.reckon(rule, start, calendar)
        assert due_on == np.datetime64(one.due_on) and due_at == as_array(one.due_at)[0]


@settings(max_examples=100, deadline=None)
@given(calendars, moments, moments)
def test_working_days_between_are_those_that_one_would_count(calendar, one, other):
    start, end = sorted((one.date(), other.date()))
    days = [start + timedelta(days=n) for n in range((end - start).days)]
    slow = sum(worktime.is_working_day(calendar, day) for day in days)
    assert worktime.working_days_between(calendar, start, end) == slow
    arrays = [np.array([day], "datetime64[D]") for day in (start, end)]
    assert clock_arrays.working_days_between(calendar, *arrays)[0] == slow


def test_every_clause_with_a_clock_gives_the_same_dates_many_at_once():
    days = np.arange("2025-01-01", "2028-01-01", dtype="datetime64[D]")
    for policy in HELD.policies.values():
        for clause in policy.clauses:
            if clause.clock is not None:
                many = clock_arrays.deadlines(clause.clock, days, HELD.calendars["scotland"])
                for n in range(0, len(days), 97):
                    one = clocks.reckon(clause.clock, days[n].astype(date), HELD.calendars["scotland"])
                    assert many.due_on[n] == np.datetime64(one.due_on), (policy.id, clause.id, days[n])


def test_one_instant_beyond_the_table_among_many_is_an_error_that_names_it():
    calendar = HELD.calendars["scotland"]
    with pytest.raises(BadInput, match="2031-01-05 lies outside its table"):
        clock_arrays.working_seconds_between(
            calendar, np.array(["2026-01-05", "2031-01-05"], "datetime64[s]"), np.array(["2026-01-06"] * 2, "datetime64[s]")
        )
    rule = HELD.clause("complaints.third-day", date(2026, 1, 1)).clock
    with pytest.raises(BadInput, match="2031-01-01 lies outside"):
        clock_arrays.deadlines(rule, np.array(["2026-01-05", "2030-12-30"], "datetime64[D]"), calendar)


@pytest.mark.parametrize("lasts", ["1 calendar month", "30 calendar days", "72 elapsed hours", "3 working days", "9 working hours"])
def test_beyond_the_table_one_and_many_both_refuse(lasts):
    rule = ClockRule.model_validate({"side": "external", "from": "dated", "lasts": lasts, "ends": "end of day", "stops_on": ["reply"]})
    calendar = HELD.calendars["scotland"]
    with pytest.raises(BadInput, match="outside its table"):
        clocks.reckon(rule, date(2030, 12, 31), calendar)
    with pytest.raises(BadInput, match="outside its table"):
        clock_arrays.deadlines(rule, np.array(["2030-12-31"], "datetime64[D]"), calendar)


def test_nothing_at_all_is_no_error():
    rule = HELD.clause("complaints.third-day", date(2026, 1, 1)).clock
    assert clock_arrays.deadlines(rule, np.array([], "datetime64[D]"), HELD.calendars["scotland"]).due_on.size == 0


def test_a_single_deadline_needs_no_numpy():
    code = (
        "import sys; from casework.faces.cli import app\n"
        "try: app(['due', 'gmc-rule-7', '--from', '2026-03-03', '--json'])\n"
        "except SystemExit: pass\n"
        "assert not {'numpy', 'pandas', 'papermill', 'jupyter_client'} & set(sys.modules), sys.modules.keys()"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert found.returncode == 0 and '"2026-03-31"' in found.stdout, found.stderr

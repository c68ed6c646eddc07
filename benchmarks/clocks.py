"""Working time and deadlines of 100,000 pairs, beside the libraries that people use for it.

England and Wales, 09:00-17:00, 2020 to 2026. Peers work on naive local times, so the same starts are given
to them in that form; the conversion is outside the timing. Slow peers are timed on the first pairs only and
their rate is per pair. Results are compared before anything is timed.
"""

from __future__ import annotations

import datetime as dt
import statistics
import time
from collections.abc import Callable
from typing import Any

import numpy as np

from benchmarks.ratios import Ratio
from casework.edges import content
from casework.model.policies import ClockRule
from casework.practice import clock_arrays

TITLE = "Working time"
PEERS = ("businesstimedelta", "business-duration", "workalendar", "pandas", "numpy", "holidays")
PAIRS, FEW, ROUNDS = 100_000, 2_000, 5


def median(rounds: int, work: Callable[[], Any]) -> float:
    """Median seconds of several rounds."""
    taken = []
    for _ in range(rounds):
        begun = time.perf_counter()
        work()
        taken.append(time.perf_counter() - begun)
    return statistics.median(taken)


def run() -> dict[str, Any]:
    calendar = content.load().get_calendar("england-and-wales")
    die = np.random.default_rng(20261125)
    first, last = np.datetime64("2020-01-02T00:00", "m"), np.datetime64("2026-06-30T00:00", "m")
    start = first + die.integers(0, int((last - first).astype(int)), PAIRS).astype("timedelta64[m]")
    end = start + die.integers(1, 30 * 24 * 60, PAIRS).astype("timedelta64[m]")
    hours = die.integers(1, 60, PAIRS)
    utc = [_utc(start, calendar.zone), _utc(end, calendar.zone)]
    days = start.astype("datetime64[D]")
    off = np.array([d for d in calendar.holidays], "datetime64[D]")
    local = [[stamp.astype("datetime64[s]").item() for stamp in part[:FEW]] for part in (start, end)]
    rows: list[dict[str, Any]] = []
    rows += _elapsed(calendar, utc, local, off)
    rows += _adding(calendar, utc, local, hours, off)
    rows += _whole_days(calendar, days, off)
    return {"pairs": PAIRS, "peers_timed_on": FEW, "rounds": ROUNDS, "rows": rows}


def _utc(wall: np.ndarray, zone: str) -> np.ndarray:
    import pandas as pd

    stamps = pd.DatetimeIndex(wall).tz_localize(zone, ambiguous=np.ones(len(wall), bool), nonexistent="shift_forward")
    return stamps.tz_convert("UTC").tz_localize(None).to_numpy().astype("datetime64[s]")


def _row(what: str, peer: str, ours: float, theirs: float, agree: float, why: str) -> dict[str, Any]:
    """Rates per second, how many times faster, and the share of results that are the same."""
    return {
        "what": what, "peer": peer, "ours_per_second": round(1 / ours), "peer_per_second": round(1 / theirs),
        "ratio": round(theirs / ours, 1), "same_results": round(agree, 4), "where_they_differ": why,
    }  # fmt: skip


def told(found: dict[str, Any]) -> list[str]:
    return [
        f"{row['what']:24} {row['peer']:24} {row['ours_per_second']:>12,}/s beside {row['peer_per_second']:>12,}/s = {row['ratio']:>9,.1f} x"
        f"   same results {row['same_results']:.1%}{'; ' + row['where_they_differ'] if row['where_they_differ'] else ''}"
        for row in found["rows"]
    ]


def ratios(found: dict[str, Any]) -> list[Ratio]:
    return [Ratio(row["what"], row["peer"], row["ratio"]) for row in found["rows"]]


def _elapsed(calendar: Any, utc: list[Any], local: list[Any], off: Any) -> list[dict[str, Any]]:
    import businesstimedelta as btd
    from business_duration import businessDuration

    def ours() -> Any:
        return clock_arrays.working_seconds_between(calendar, utc[0], utc[1])

    minutes = ours()[:FEW] // 60
    days_off = {d.item(): "off" for d in off}
    workday = btd.WorkDayRule(start_time=dt.time(9), end_time=dt.time(17), working_days=[0, 1, 2, 3, 4])
    rules = btd.Rules([workday, btd.HolidayRule(days_off)])

    def by_btd() -> Any:
        found = [rules.difference(a, b) for a, b in zip(*local, strict=True)]
        return np.array([f.hours * 60 + f.seconds // 60 for f in found])

    def by_duration() -> Any:
        found = [
            businessDuration(a, b, dt.time(9), dt.time(17), holidaylist=days_off, unit="min") for a, b in zip(*local, strict=True)
        ]
        return np.nan_to_num(np.array(found, float)).astype(int)

    mine = median(ROUNDS, ours) / PAIRS
    rows = []
    for peer, work, why in (
        ("businesstimedelta", by_btd, ""),
        ("business-duration", by_duration, ""),
    ):
        agree = float((work() == minutes).mean())
        rows.append(_row("working time elapsed", peer, mine, median(1, work) / FEW, agree, why if agree < 1 else ""))
    return rows


def _adding(calendar: Any, utc: list[Any], local: list[Any], hours: Any, off: Any) -> list[dict[str, Any]]:
    import businesstimedelta as btd
    import pandas as pd

    def ours() -> Any:
        return clock_arrays.add_working_seconds(calendar, utc[0], hours * 3600)

    found = ours()[:FEW]
    rules = btd.Rules([
        btd.WorkDayRule(start_time=dt.time(9), end_time=dt.time(17), working_days=[0, 1, 2, 3, 4]),
        btd.HolidayRule({d.item(): "off" for d in off}),
    ])  # fmt: skip
    few = [int(h) for h in hours[:FEW]]

    def by_btd() -> Any:
        return [a + btd.BusinessTimeDelta(rules, hours=h) for a, h in zip(local[0], few, strict=True)]

    def by_pandas() -> Any:
        hour = pd.offsets.CustomBusinessHour(start="09:00", end="17:00", holidays=[str(d) for d in off])
        return [pd.Timestamp(a) + h * hour for a, h in zip(local[0], few, strict=True)]

    mine = median(ROUNDS, ours) / PAIRS
    rows = []
    for peer, work, why in (
        ("businesstimedelta", by_btd, ""),
        ("pandas CustomBusinessHour", by_pandas, "at the exact close it gives the next opening; ours gives the close"),
    ):
        theirs = _utc(np.array([pd.Timestamp(t).tz_localize(None) for t in work()], "datetime64[m]"), calendar.zone)
        agree = float((theirs == found).mean())
        at_close = clock_arrays.working_seconds_between(calendar, found, theirs) == 0
        assert at_close.all() and (theirs >= found).all(), f"{peer}: a difference that is not the close's"
        rows.append(_row("deadline in working hours", peer, mine, median(1, work) / FEW, agree, why if agree < 1 else ""))
    return rows


def _whole_days(calendar: Any, days: Any, off: Any) -> list[dict[str, Any]]:
    import pandas as pd
    from workalendar.europe import UnitedKingdom

    rule = ClockRule.model_validate({
        "side": "internal", "from": "received", "lasts": "20 working days", "ends": "end of day", "stops_on": ["reply"],
    })  # fmt: skip

    def ours() -> Any:
        return clock_arrays.deadlines(rule, days, calendar).due_on

    week = np.busdaycalendar(holidays=off)

    def by_numpy() -> Any:
        return np.busday_offset(np.busday_offset(days, 0, "backward", busdaycal=week), 20, busdaycal=week)

    england, plain = UnitedKingdom(), [d.item() for d in days[:FEW]]

    def by_workalendar() -> Any:
        return [england.add_working_days(d, 20) for d in plain]

    day = pd.offsets.CustomBusinessDay(20, holidays=[str(d) for d in off])

    def by_pandas() -> Any:
        return [pd.Timestamp(d) + day for d in plain]

    found = ours()
    mine = median(ROUNDS, ours) / PAIRS
    rows = [_row("deadline in working days", "numpy busday_offset", mine, median(ROUNDS, by_numpy) / PAIRS, float((by_numpy() == found).mean()), "")]
    for peer, work, why in (
        ("workalendar", by_workalendar, "it lacks the bank holiday of 8 May 2023"),
        ("pandas CustomBusinessDay", by_pandas, ""),
    ):
        theirs = np.array([pd.Timestamp(d).to_datetime64() for d in work()], "datetime64[D]")
        agree = float((theirs == found[:FEW]).mean())
        rows.append(_row("deadline in working days", peer, mine, median(1, work) / FEW, agree, why if agree < 1 else ""))
    days, later = np.sort([days, np.roll(days, 1)], axis=0)
    theirs = np.busday_count(days, later, busdaycal=week)
    ours_found = clock_arrays.working_days_between(calendar, days, later)
    counted = median(ROUNDS, lambda: np.busday_count(days, later, busdaycal=week)) / PAIRS
    mine = median(ROUNDS, lambda: clock_arrays.working_days_between(calendar, days, later)) / PAIRS
    agree = float((theirs == ours_found).mean())
    rows.append(_row("working days between", "numpy busday_count", mine, counted, agree, ""))
    return rows

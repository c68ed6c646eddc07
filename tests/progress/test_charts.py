"""Run charts: limits worked by hand, signals by rule, and no limits from too few points."""

import pytest

from casework.progress.charts import p_chart, xmr_chart


def test_xmr_limits_are_the_mean_and_2_66_mean_moving_ranges():
    # Values 10 12 11 13 10 12 11 9: mean 88/8 = 11; moving ranges 2 1 2 3 2 1 2, mean 13/7; 2.66 times that is 4.94.
    chart = xmr_chart([(f"2026-{n:02}", value, 1) for n, value in enumerate((10, 12, 11, 13, 10, 12, 11, 9), 1)])
    assert chart.centre == 11 and chart.says == "" and chart.signals == ()
    assert (chart.points[0].low, chart.points[0].high) == (pytest.approx(6.06), pytest.approx(15.94))


def test_a_point_outside_the_limits_is_a_signal():
    # 9 tens and a 30: mean 12, moving ranges eight 0 and one 20, mean 20/9; limits 12 -+ 5.911.
    chart = xmr_chart([(f"2026-W{n:02}", value, 1) for n, value in enumerate((10,) * 9 + (30,), 1)])
    assert chart.points[-1].high == pytest.approx(12 + 2.66 * 20 / 9)
    assert "outside the limits" in chart.points[-1].signals


def test_the_eighth_in_a_row_on_one_side_is_a_signal_and_the_seventh_is_none():
    # 8 of 11 and 8 of 9 about a mean of 10.
    chart = xmr_chart([(f"{n:02}", value, 1) for n, value in enumerate((11,) * 8 + (9,) * 8)])
    assert chart.centre == 10
    assert [n for n, p in enumerate(chart.points) if "run of eight on one side" in p.signals] == [7, 15]


def test_a_point_on_the_centre_line_ends_a_run():
    chart = xmr_chart([(f"{n:02}", value, 1) for n, value in enumerate((11,) * 7 + (10,) + (11,) + (9,) * 8)])
    assert chart.centre == 10
    assert [n for n, p in enumerate(chart.points) if "run of eight on one side" in p.signals] == [16]


def test_p_limits_follow_n_and_stay_between_nought_and_one():
    # 8 periods of 80 of 100 each: centre 0.8, sigma sqrt(0.16/100) = 0.04; with n 4 sigma is 0.2 and the limits are cut at 1.
    chart = p_chart([*((f"2026-{n:02}", 80, 100) for n in range(1, 9)), ("2026-09", 4, 5), ("2026-10", 0, 0)])
    assert chart.centre == pytest.approx(0.8) and len(chart.points) == 9, "a period without any n is no point"
    assert (chart.points[0].low, chart.points[0].high) == (pytest.approx(0.68), pytest.approx(0.92))
    assert chart.points[8].high == 1 and chart.points[8].low == pytest.approx(0.8 - 3 * (0.16 / 5) ** 0.5)
    low = p_chart([*((f"2026-{n:02}", 80, 100) for n in range(1, 9)), ("2026-09", 50, 100)])
    assert low.points[8].signals == ("outside the limits",)


def test_a_month_without_a_miss_is_no_signal_where_misses_are_rare():
    # One miss in 240: at 20 a month a month without one has a chance of 0.92, so a run of them is ordinary; so is one miss.
    chart = p_chart([(f"{n:02}", 20 - (n == 5), 20) for n in range(12)])
    assert chart.points[5].value < chart.points[5].low
    assert [p.signals for n, p in enumerate(chart.points) if n != 5] == [()] * 11
    assert chart.points[5].signals == (), "1 - 0.9958 to the 20th is 0.08: not rare"


def test_fewer_than_eight_points_have_no_limits_and_say_so():
    for chart in (p_chart([(f"{n}", 1, 2) for n in range(7)]), xmr_chart([(f"{n}", 1.0, 2) for n in range(7)])):
        assert chart.centre is None and "7 of 8 periods" in chart.says
        assert all(p.low is None and p.high is None and p.signals == () for p in chart.points)
    assert p_chart([]).points == ()

"""Run charts with control limits: what ordinary variation looks like, and the points at which something may have changed.

No arrow compares this month with last month; a signal is a point that a stable process would hardly give.

Sources: Shewhart 1931 (limits at three sigma; the p-chart of shares); Wheeler 1993, Understanding Variation (the XmR
chart: 2.66 times the mean moving range; a point outside the limits, or eight in a row on one side of the centre).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from scipy import special

Kind = Literal["p", "xmr"]
Signal = Literal["outside the limits", "run of eight on one side"]
LEAST = 8  # Points; limits from fewer move too much with each point to tell anything.
RUN = 8
SIGMAS = 3
# Three sigma over the mean moving range of two: 3 / d2, with d2 = 1.128 (Wheeler gives it as 2.66).
XMR = 2.66


@dataclass(frozen=True)
class Point:
    """One period: its value, what it rests on, its limits (None: not enough points), and the signals at it."""

    period: str
    value: float
    n: int
    low: float | None = None
    high: float | None = None
    signals: tuple[Signal, ...] = ()


@dataclass(frozen=True)
class RunChart:
    """Points in order of time. `centre` is None, and `says` why, where there are too few of them for limits."""

    kind: Kind
    points: tuple[Point, ...]
    centre: float | None
    says: str = ""

    @property
    def signals(self) -> tuple[Point, ...]:
        return tuple(point for point in self.points if point.signals)


def p_chart(counts: Sequence[tuple[str, int, int]]) -> RunChart:
    """The chart of shares (0 to 1) from (period, hits, n), periods without any n left out.

    The centre is all hits of all n; a period's limits lie at three times sqrt(p (1 - p) / n), cut at 0 and 1. They
    hold for things that go right or wrong independently; files of one day often do not, and then signal too readily.
    Where few misses are to be expected, three sigma lie too close and most periods lie above the centre: a point
    outside must then be rare by the binomial itself too, and a side on which two in three periods lie makes no run.
    """
    points = [Point(period, hits / n, n) for period, hits, n in counts if n]
    if len(points) < LEAST:
        return _without("p", points)
    centre = sum(hits for _, hits, n in counts if n) / sum(n for _, _, n in counts)

    def limited(point: Point) -> Point:
        half = SIGMAS * math.sqrt(centre * (1 - centre) / point.n)
        return replace(point, low=max(0.0, centre - half), high=min(1.0, centre + half))

    return _told("p", [limited(point) for point in points], centre, _tail, _side)


def xmr_chart(values: Sequence[tuple[str, float, int]], lowest: float = -math.inf, highest: float = math.inf) -> RunChart:
    """The chart of single values from (period, value, n): the mean, and 2.66 mean moving ranges either side of it.

    Limits are cut at what the scale allows.
    """
    points = [Point(*value) for value in values]
    if len(points) < LEAST:
        return _without("xmr", points)
    centre = math.fsum(point.value for point in points) / len(points)
    ranges = [abs(b.value - a.value) for a, b in zip(points, points[1:], strict=False)]
    half = XMR * math.fsum(ranges) / len(ranges)
    low, high = max(lowest, centre - half), min(highest, centre + half)
    return _told("xmr", [replace(point, low=low, high=high) for point in points], centre)


def _without(kind: Kind, points: Sequence[Point]) -> RunChart:
    return RunChart(kind, tuple(points), None, f"no limits yet: {len(points)} of {LEAST} periods; fewer tell nothing of what is ordinary")


def _tail(point: Point, centre: float) -> float:
    """The chance that a stable process gives this share or one further out, by the binomial."""
    hits = round(point.value * point.n)
    return float(special.bdtr(hits, point.n, centre) if point.value < centre else 1 - special.bdtr(hits - 1, point.n, centre) if hits else 1.0)


def _side(point: Point, centre: float) -> float:
    """The chance that a stable process gives a share on this point's side of the centre, by the binomial."""
    below, above = math.ceil(centre * point.n - 1e-9) - 1, math.floor(centre * point.n + 1e-9)
    if point.value < centre:
        return float(special.bdtr(below, point.n, centre)) if below >= 0 else 0.0
    return 1 - float(special.bdtr(above, point.n, centre)) if above < point.n else 0.0


Chance = Callable[[Point, float], float]
RARE = 0.005  # A point outside is rarer than this; three sigma of a normal curve leave 0.00135 on either side.
USUAL = 2 / 3  # A side on which more periods than this lie makes no run.


def _told(kind: Kind, points: Sequence[Point], centre: float, tail: Chance | None = None, side_of: Chance | None = None) -> RunChart:
    """The chart with its signals. A point on the centre line is on neither side, and ends a run."""
    told, run, before = [], 0, 0
    for point in points:
        side = 0 if math.isclose(point.value, centre, abs_tol=1e-12) else (1 if point.value > centre else -1)
        if side and side_of is not None and side_of(point, centre) > USUAL:
            side = 0
        run = run + 1 if side and side == before else abs(side)
        before = side
        signals: list[Signal] = []
        # A hair's breadth is rounding and no signal.
        out = point.low is not None and point.high is not None and not point.low - 1e-12 <= point.value <= point.high + 1e-12
        if out and (tail is None or tail(point, centre) <= RARE):
            signals.append("outside the limits")
        if run >= RUN:
            signals.append("run of eight on one side")
        told.append(replace(point, signals=tuple(signals)))
    return RunChart(kind, tuple(told), centre)

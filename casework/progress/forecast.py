"""Where a trainee is likely to stand next, if practice goes on helping as it mostly has: for planning, never for sign-off.

The filter of `mastery` with growth assumed after each file and less drift. It predicts the next file better, because
most people do improve; for the same reason it signs off people who do not. Its value is a type of its own, which
shares no field with State, so that neither a type checker nor a run takes one for the other.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from casework.progress import mastery
from casework.progress.mastery import CEILING, Typical, logistic, pass_rate

GROWTH = 0.2  # Logits a file, half of it at the ceiling.
DRIFT = 0.04  # Squared logits a week.


@dataclass(frozen=True, slots=True)
class Forecast:
    """The level expected at the next file, in logits, and the variance in doubt about it."""

    expected: float
    doubt: float
    seen_at: datetime | None = None


def begun(mean: float = 0.0) -> Forecast:
    """The forecast before any evidence; `mean` in logits is the cohort's."""
    return Forecast(mean, mastery.START_VARIANCE)


def followed(
    forecast: Forecast, at: datetime, difficulties: Sequence[float], shares: Sequence[float | None],
    difficulty_variance: float = 0.0, worth: Sequence[float] | None = None,
) -> Forecast:  # fmt: skip
    """The forecast after one file, the practice that the file gave included; arguments as for `mastery.updated`."""
    hard, given, worths = mastery.scored(difficulties, shares, difficulty_variance, worth)
    if not given:
        return forecast
    doubt = mastery.widened(forecast.doubt, mastery.weeks_between(forecast.seen_at, at), DRIFT)
    level, doubt = mastery.moved(forecast.expected, doubt, hard, given, worths, difficulty_variance)
    return Forecast(level + GROWTH * logistic(CEILING - level), doubt, at)


def next_rate(forecast: Forecast) -> Typical:
    """The pass rate to expect on a typical next file (0 to 1), with its 90 % interval."""
    half = mastery.Z90 * math.sqrt(forecast.doubt)
    return Typical(pass_rate(forecast.expected), pass_rate(forecast.expected - half), pass_rate(forecast.expected + half))


def next_share(forecast: Forecast, difficulty: float, difficulty_variance: float = 0.0) -> float:
    """The expected share (0 to 1) on one criterion of the next file, by its difficulty in logits."""
    return logistic((forecast.expected - difficulty) / math.sqrt(1 + mastery.PROBIT * (forecast.doubt + mastery.FILE_SPREAD**2 + difficulty_variance)))

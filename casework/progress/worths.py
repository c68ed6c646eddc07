"""How many marks of pass or fail a mark with levels between tells as much as, learned from the marks themselves.

Of shares y with mean p, y (1 - y) is on average what their variance falls short of p (1 - p), the variance of pass or
fail; and the smaller a mark's variance, the more it tells. So neither levels nor difficulties need to be known, nor who
was given what: p (1 - p) itself, over people, files and scenarios that differ as the mastery filter assumes, is the
mean mark's, flattened by what they differ by.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

from casework.progress import mastery

FEWEST, MOST = 10, 3.0  # Marks of a criterion, below which one counts as one; marks of pass or fail.
FLATTER = 1 / math.sqrt(1 + mastery.PROBIT * (mastery.START_VARIANCE + mastery.FILE_SPREAD**2 + mastery.SCENARIO_SPREAD**2))  # 0.74
DRAWN = 25 * 0.25 * FLATTER  # Towards one, as by twenty-five marks of pass or fail at even chances.


def worths(shares: Iterable[tuple[str, float]]) -> dict[str, float]:
    """By criterion, from its shares (0 to 1): above 1 and at most MOST where levels between were given; a criterion left out is worth 1."""
    tallies: dict[str, list[float]] = {}
    for criterion, share in shares:
        tally = tallies.setdefault(criterion, [0.0, 0.0, 0.0])
        tally[0] += 1
        tally[1] += share
        tally[2] += share * (1 - share)
    return {criterion: _worth(*tally) for criterion, tally in sorted(tallies.items()) if tally[0] >= FEWEST and tally[2] > 0}


def _worth(marks: float, total: float, between: float) -> float:
    pass_or_fail = FLATTER * total * (1 - total / marks) + DRAWN
    return min(MOST, pass_or_fail / max(pass_or_fail - between, pass_or_fail / MOST))

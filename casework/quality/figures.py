"""A figure beside what it rests on, or why it is not shown: too little evidence is said in words, with what would mend it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Standing = Literal["plain", "faint", "too few", "undefined"]
CONFIDENCE = 0.90  # Of every interval of calibration and of the analysis of criteria.


@dataclass(frozen=True)
class Figure:
    """A value with its 90 % interval and the `n` it rests on; `says` is empty, or what to bear in mind, or why there is no value.

    `faint`: shown, with too little behind it to act on. `too few` and `undefined` have no value: never nought, never a place in an order.
    """

    value: float | None
    low: float | None
    high: float | None
    n: int
    standing: Standing
    says: str = ""

    def beside(self, edge: float) -> bool:
        """Whether the whole interval lies on one side of `edge`."""
        return self.low is not None and self.high is not None and (self.low > edge or self.high < edge)


def too_few(n: int, needed: int, what: str, more: str) -> Figure:
    """No value: `n` of `needed` there; `what` is counted, and so many `more` would do."""
    return Figure(None, None, None, n, "too few", f"Not enough evidence: {n} of {needed} {what}; about {needed - n} more {more}")


def undefined(n: int, why: str) -> Figure:
    return Figure(None, None, None, n, "undefined", why)

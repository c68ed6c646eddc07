"""Single sampling plans of ISO 2859-1, normal inspection: how many files of a batch, and how many may be in error.

The published table is regular, and is kept as its rule: from one letter to the next the sample grows as fast as the
series of quality limits falls, so that letter and limit together, counted in steps, give the number allowed. Where
the table has an arrow the plan of the letter that it points to holds, with that letter's number of files.

Source: ISO 2859-1:1999, tables 1 and 2-A. Transcribed; a contract that names the standard is checked against a copy of it.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from typing import Literal, get_args

from casework.model.errors import BadInput
from casework.quality.proportions import AcceptancePlan, whole

Level = Literal["I", "II", "III"]
LEVELS: tuple[Level, ...] = get_args(Level)
LETTERS = "ABCDEFGHJKLMNPQR"
FILES = (2, 3, 5, 8, 13, 20, 32, 50, 80, 125, 200, 315, 500, 800, 1250, 2000)
BATCHES = (8, 15, 25, 50, 90, 150, 280, 500, 1_200, 3_200, 10_000, 35_000, 150_000, 500_000)  # The largest of each row; one more row is beyond.
BY_LEVEL: dict[Level, str] = {"I": "AABCCDEFGHJKLMN", "II": "ABCDEFGHJKLMNPQ", "III": "BCDEFGHJKLMNPQR"}
LIMITS = ("0.010", "0.015", "0.025", "0.040", "0.065", "0.10", "0.15", "0.25", "0.40", "0.65", "1.0", "1.5", "2.5", "4.0", "6.5", "10")
ALLOWED = {14: 0, 17: 1, 18: 2, 19: 3, 20: 5, 21: 7, 22: 10, 23: 14, 24: 21}  # By steps of letter and limit together.
UP, UP_FROM = 15, 25  # Here, and from here on, the arrow points to the smaller sample; elsewhere to the larger one.


@dataclass(frozen=True)
class Single:
    """A plan with the code letter whose row it comes from; `whole_batch` where the plan asks for as many files as there are."""

    letter: str
    plan: AcceptancePlan
    whole_batch: bool


def letter(batch: int, level: Level = "II") -> str:
    """The code letter of a batch of so many files."""
    whole("batch", batch, 2, 10**9)
    if level not in LEVELS:
        raise BadInput(f"level: found {level!r}; allowed: {', '.join(LEVELS)}")
    return BY_LEVEL[level][bisect_left(BATCHES, batch)]


def single(batch: int, limit: str, level: Level = "II") -> Single:
    """The plan for a batch and an acceptance quality limit (percent in error, one of the standard's series)."""
    steps = {f"{float(one):g}": n for n, one in enumerate(LIMITS)}
    try:
        column = steps[f"{float(limit):g}"]
    except (KeyError, ValueError):
        raise BadInput(f"limit: found {limit!r}; allowed: {', '.join(LIMITS)} (percent in error)") from None
    row = LETTERS.index(letter(batch, level))
    while (row + column) not in ALLOWED:
        at = row + column
        smaller = row > 0 and (at == UP or at >= UP_FROM)
        row += -1 if smaller else 1
        if row == len(LETTERS):
            raise BadInput(f"limit: found {limit}; the standard has no plan for so small a share. Ask for {LIMITS[column + 1]} or more")
    files = min(FILES[row], batch)
    return Single(LETTERS[row], AcceptancePlan(files, ALLOWED[row + column], batch), FILES[row] >= batch)

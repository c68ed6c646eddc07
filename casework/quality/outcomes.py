"""Outcomes beside compliance: a file handled by the book with a poor outcome, and the reverse, are both seen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Tested:
    """One file: whether its handling passed, whether its outcome was good, and what was not good in it; None is not known yet."""

    session: str
    case: str
    compliant: bool | None
    good: bool | None
    lost: tuple[str, ...]


@dataclass(frozen=True)
class Share:
    """A share with its 95 % interval (Wilson): `hits` of `n`."""

    hits: int
    n: int
    low: float
    high: float


@dataclass(frozen=True)
class Crossed:
    """The four kinds of file, and those that cannot be placed yet; `poor_of_compliant` is what compliance alone would hide."""

    both: tuple[Tested, ...]
    compliant_but_poor: tuple[Tested, ...]
    good_all_the_same: tuple[Tested, ...]
    neither: tuple[Tested, ...]
    waiting: tuple[Tested, ...]
    poor_of_compliant: Share | None
    good_of_not_compliant: Share | None


def cross(files: Sequence[Tested]) -> Crossed:
    """The files by kind; an interval needs scipy, which is loaded only here."""
    from casework.quality.proportions import wilson

    def of(compliant: bool, good: bool) -> tuple[Tested, ...]:
        return tuple(f for f in files if f.compliant is compliant and f.good is good)

    def share(hits: int, n: int) -> Share | None:
        if not n:
            return None
        between = wilson(hits, n)
        return Share(hits, n, between.low, between.high)

    both, poor, lucky, neither = of(True, True), of(True, False), of(False, True), of(False, False)
    waiting = tuple(f for f in files if f.compliant is None or f.good is None)
    return Crossed(both, poor, lucky, neither, waiting, share(len(poor), len(both) + len(poor)), share(len(lucky), len(lucky) + len(neither)))

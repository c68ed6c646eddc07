"""What a comparison comes to: so many times as fast as a peer, or at most so many times as slow as a floor."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Ratio:
    """`times` as fast as the peer; or, with `at_most`, times as long as a floor that nothing goes below. `aim` is None where there is none."""

    what: str
    peer: str
    times: float
    aim: float | None = None
    at_most: bool = False

    @property
    def held(self) -> bool | None:
        return None if self.aim is None else self.times <= self.aim if self.at_most else self.times >= self.aim

    @property
    def line(self) -> str:
        aim = "" if self.aim is None else f"   aim: at {'most' if self.at_most else 'least'} {self.aim:g} x, {'holds' if self.held else 'DOES NOT HOLD'}"
        return f"{self.what:58} {self.times:>9,.1f} x {'as long as' if self.at_most else 'as fast as'} {self.peer}{aim}"


def page(ratios: Mapping[str, Sequence[Ratio]]) -> list[str]:
    """A line for each ratio, under the name of its comparison."""
    return [line for name, each in ratios.items() if each for line in (name, *(f"  {one.line}" for one in each))]


def table(ratios: Mapping[str, tuple[str, Sequence[Ratio]]]) -> str:
    """The page in Markdown, with the command that repeats each line; `ratios` by name, with their titles."""
    lines = ["| what | beside | times as fast | aim | repeat with |", "|---|---|---:|---|---|"]
    for name, (_, each) in ratios.items():
        for one in each:
            times = f"{one.times:,.1f} as long" if one.at_most else f"{one.times:,.1f}"
            aim = "" if one.aim is None else f"at {'most' if one.at_most else 'least'} {one.aim:g}: {'holds' if one.held else '**does not hold**'}"
            lines.append(f"| {one.what} | {one.peer} | {times} | {aim} | `make bench ONLY={name}` |")
    return "\n".join(lines) + "\n"


def chart(ratios: Mapping[str, Sequence[Ratio]], path: Path) -> None:
    """Bars on a scale of powers of ten: right of 1 is faster than the peer. Floors, which nothing can be faster than, point left."""
    import matplotlib

    matplotlib.use("svg")
    import matplotlib.pyplot as plt

    rows: list[tuple[str, Ratio]] = [(name, one) for name, each in ratios.items() for one in each]
    settings: dict[str, Any] = {"svg.hashsalt": "ratios", "font.size": 8, "svg.fonttype": "none"}
    with plt.rc_context(settings):
        figure, axes = plt.subplots(figsize=(9, 0.6 + 0.24 * len(rows)))
        for place, (_, one) in enumerate(rows):
            times = 1 / one.times if one.at_most else one.times
            axes.barh(place, times - 1, left=1, color="#8a8a8a" if one.at_most else "#1f6f8b", height=0.7)
            if one.aim is not None:
                axes.plot(1 / one.aim if one.at_most else one.aim, place, marker="|", markersize=11, markeredgewidth=2, color="black")
            axes.annotate(f"{one.times:,.1f} x{' as long' if one.at_most else ''}", (max(times, 1, (one.aim or 1) if not one.at_most else 1), place), xytext=(4, -3), textcoords="offset points")
        axes.set_xscale("log")
        axes.set_yticks(range(len(rows)), [f"{one.what}, beside {one.peer}" for _, one in rows])
        axes.invert_yaxis()
        axes.axvline(1, color="black", linewidth=0.8)
        axes.set_xlabel("times as fast as the peer, on a scale of powers of ten; a stroke marks the aim; grey: a floor that nothing goes below")
        axes.spines[["top", "right"]].set_visible(False)
        figure.savefig(path, bbox_inches="tight", metadata={"Date": None})
        plt.close(figure)

"""The measures of the role on one board: a team's, with the simulated survey and values from outside, and a person's, without.

Each measure is reckoned once, however many lines it shows; a line names the measures that show it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from casework.model.framework import KEPT, Measure, Measures, RealValue
from casework.progress import charts, measures, planned, surveys
from casework.progress.measures import By, ControlLine, Measured, Verdict, Worked, beside_plan
from casework.progress.planned import Keeping
from casework.progress.surveys import Simulated
from casework.quality.figures import CONFIDENCE, Figure, undefined
from casework.quality.proportions import wilson

K_LINES = tuple(f"K{n}" for n in range(1, 20))


@dataclass(frozen=True)
class Outside:
    """A measure whose values come from outside: the latest with its plan, all by period; or why there is none."""

    measure: Measure
    figure: Figure
    plan: float | None
    period: str
    course: charts.RunChart | None

    @property
    def verdict(self) -> Verdict:
        return beside_plan(self.measure.model_copy(update={"plan": self.plan}), self.figure)


Shown = Measured | Simulated | Outside


@dataclass(frozen=True)
class TeamBoard:
    """All measures of the work of a team; `lines` gives each K line the ids of the measures that show it, in the content's order."""

    people: int
    cases: int
    measured: tuple[Measured, ...]
    simulated: tuple[Simulated, ...]
    outside: tuple[Outside, ...]
    controls: tuple[ControlLine, ...]
    lines: dict[str, tuple[str, ...]]
    headings: Mapping[str, str]
    by: By | None = None

    @property
    def shown(self) -> dict[str, tuple[Shown, ...]]:
        """By measure; a real survey stands beside the simulated one, never in its place."""
        found: dict[str, tuple[Shown, ...]] = {}
        every: tuple[Shown, ...] = (*self.measured, *self.outside, *self.simulated)
        for one in every:
            found[one.measure.id] = (*found.get(one.measure.id, ()), one)
        return found


@dataclass(frozen=True)
class PersonBoard:
    """What one person's own work shows. It has no place for an answer of the survey, nor for what the person does not control.

    `left_out` gives each such measure's reason.
    """

    person: str
    cases: int
    measured: tuple[Measured, ...]
    left_out: tuple[tuple[Measure, str], ...]
    lines: dict[str, tuple[str, ...]]
    headings: Mapping[str, str]
    by: By | None = None

    @property
    def shown(self) -> dict[str, tuple[Measured, ...]]:
        """By measure."""
        return {one.measure.id: (one,) for one in self.measured}


def lines_of(content: Measures) -> dict[str, tuple[str, ...]]:
    """Each K line with the measures that show it; a line that none shows stands empty."""
    return {line: tuple(m.id for m in content.measures if line in m.lines) for line in K_LINES}


def of_team(content: Measures, worked: Sequence[Worked], real: Iterable[RealValue] = (), by: By | None = None, kept: Keeping | None = None) -> TeamBoard:
    """The board of all this work and of what a ledger keeps, with values from outside where they were brought in."""
    given: dict[str, list[RealValue]] = {}
    for value in real:
        given.setdefault(value.measure, []).append(value)
    # What a ledger would tell gives way to a value from outside where there is no ledger.
    own = [m for m in content.measures if m.count not in ("survey", "external") and not (m.count in KEPT and kept is None and m.id in given)]
    survey = content.survey
    return TeamBoard(
        len({one.card.trainee for one in worked}), len(worked),
        tuple(_measured(m, worked, content.small_n, by, kept) for m in own),
        tuple(surveys.simulate(m, survey, worked, content.small_n, by) for m in content.measures if m.count == "survey") if survey is not None else (),
        tuple(_outside(m, given.get(m.id, ()), content.small_n) for m in content.measures if m.count == "external" or m.id in given),
        tuple(row for m in own if "K17" in m.lines and m.count == "criteria" for row in measures.controls(m, worked)),
        lines_of(content), content.headings, by,
    )  # fmt: skip


def of_person(content: Measures, person: str, worked: Iterable[Worked], by: By | None = None, kept: Keeping | None = None) -> PersonBoard:
    """The board of one person's own work, and of what a ledger keeps of them."""
    own = [one for one in worked if one.card.trainee == person]
    mine = kept and kept.of(person)
    shown = [m for m in content.measures if _why_left_out(m) == ""]
    return PersonBoard(
        person, len(own), tuple(_measured(m, own, content.small_n, by, mine) for m in shown),
        tuple((m, why) for m in content.measures if (why := _why_left_out(m))), lines_of(content), content.headings, by,
    )  # fmt: skip


def _measured(wanted: Measure, worked: Sequence[Worked], small_n: int, by: By | None, kept: Keeping | None) -> Measured:
    return planned.measure(wanted, kept, small_n, by) if wanted.count in KEPT else measures.measure(wanted, worked, small_n, by)


def _why_left_out(measure: Measure) -> str:
    if measure.count == "survey":
        return "a survey is of a team, and never in a person's record"
    if measure.control in ("contribution", "none"):
        return "not a person's to control: shown for the team, and never a target"
    return measure.why if measure.count == "external" else ""


def _outside(measure: Measure, values: Sequence[RealValue], small_n: int) -> Outside:
    """The latest value; a share has Wilson's interval where it says of how many it is."""
    if not values:
        return Outside(measure, undefined(0, f"no value brought in: {measure.why}"), measure.plan, "", None)
    ordered = sorted(values, key=lambda value: value.period)
    last = ordered[-1]
    plan = last.plan if last.plan is not None else measure.plan
    says, low, high = "no interval: the value came without what it rests on", None, None
    if last.n and measure.unit == "percent" and 0 <= last.value <= 100:
        found = wilson(last.value / 100 * last.n, last.n, CONFIDENCE)
        says, low, high = "", 100 * found.low, 100 * found.high
    elif last.n:
        says = "no interval: a value that is no share tells nothing of its spread"
    small = last.n is not None and last.n < small_n
    if small:
        says = "; ".join(filter(None, (f"small n, under {small_n}: shown, never to act on or to rank by", says)))
    course = charts.xmr_chart([(value.period, value.value, value.n or 0) for value in ordered])
    return Outside(measure, Figure(last.value, low, high, last.n or 0, "faint" if small else "plain", says), plan, last.period, course)

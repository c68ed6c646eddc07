"""A survey of members who do not exist: what the rubric found, made into answers, to show how handling moves a score.

Simulated, and labelled so wherever it is shown. An answer does not know whose work it is of, and what is made of
answers is part of a team's board only: a person's board has no place for one. Nobody is asked where danger was.

Sources: Reichheld 2003 (the net promoter score: percent of 9 and 10 less percent of 0 to 6); Rocks 2016, Interval
Estimation for the "Net Promoter Score" (adjusted Wald: three quarters of an answer more at either end, three more in all).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from scipy import special

from casework.model.decisions import digest
from casework.model.framework import Measure, Question, Survey
from casework.progress import charts
from casework.progress.measures import By, Tally, Verdict, Worked, beside_plan, mean_of, period_of, share_of
from casework.quality.figures import CONFIDENCE, Figure, undefined
from casework.quality.scoring import Scorecard

LABEL = "simulated"


@dataclass(frozen=True)
class Answer:
    """What one simulated member said, on the day the case ended. It names neither the case nor whose work it was."""

    on: date
    recommend: int
    experience: int


@dataclass(frozen=True)
class Simulated:
    """A measure of the simulated survey. Only a team's board holds one; `unasked` are cases in which nobody may be asked."""

    measure: Measure
    figure: Figure
    course: charts.RunChart | None
    unasked: int
    silent: int
    label: str = LABEL

    @property
    def verdict(self) -> Verdict:
        return beside_plan(self.measure, self.figure)


def handled(survey: Survey, card: Scorecard) -> float | None:
    """How well the case went for the member, 0 to 1: the weighted mean of what could be rated; None if nothing could."""
    ratings = {r.criterion.id: r for r in card.ratings if r.status == "rated"}
    pulls = [(pull.weight, float(ratings[pull.criterion].rating)) for pull in survey.moved_by if pull.criterion in ratings]
    return sum(weight * rating for weight, rating in pulls) / sum(weight for weight, _ in pulls) if pulls else None


def _chance(worked: Worked, question: str, draw: int) -> float:
    """A number from 0 to 1 that follows from the log, the case and what it is for."""
    return int(digest([worked.log, worked.card.case, question, draw])[:13], 16) / 16**13


def _answer(question: Question, name: str, well: float, critical: bool, worked: Worked) -> int:
    stray = question.spread * (_chance(worked, name, 1) + _chance(worked, name, 2) - 1)
    middle = question.worst + well * (question.best - question.worst) - (question.critical if critical else 0)
    return max(question.lowest, min(question.highest, math.floor(middle + stray + 0.5)))


def find_answer(survey: Survey, worked: Worked) -> Answer | None:
    """The answer of a case's simulated member; None where nobody is asked, nothing was rated, or nobody answers."""
    well = None if worked.unasked else handled(survey, worked.card)
    if well is None or _chance(worked, "answers", 0) >= survey.answering / 100:
        return None
    critical = bool(worked.card.failed_classes()["customer"])
    return Answer(
        worked.on, _answer(survey.recommend, "recommend", well, critical, worked),
        _answer(survey.experience, "experience", well, critical, worked),
    )  # fmt: skip


def net_of(marks: Sequence[int], small_n: int) -> Figure:
    """The net promoter score, -100 to 100, with the adjusted Wald interval at 90 % (Rocks 2016)."""
    n = len(marks)
    if not n:
        return undefined(0, "no answer")
    fans, critics = sum(m >= 9 for m in marks), sum(m <= 6 for m in marks)
    more, up, down = n + 3, fans + 0.75, critics + 0.75
    middle = (up - down) / more
    half = -float(special.ndtri((1 - CONFIDENCE) / 2)) * math.sqrt(((up + down) / more - middle**2) / more)
    small = n < small_n
    says = f"small n, under {small_n}: shown, never to act on or to rank by" if small else ""
    return Figure(100 * (fans - critics) / n, 100 * max(-1.0, middle - half), 100 * min(1.0, middle + half), n, "faint" if small else "plain", says)


def _figure(wanted: Measure, survey: Survey, marks: Sequence[int], small_n: int) -> Figure:
    name = wanted.out_of.question
    question = survey.recommend if name == "recommend" else survey.experience
    if wanted.figure == "net":
        return net_of(marks, small_n)
    if wanted.figure == "mean":
        return mean_of(marks, small_n, "answer", question.lowest, question.highest)
    least = wanted.where.from_ if wanted.where.from_ is not None else question.highest
    return share_of(Tally(sum(m >= least for m in marks), len(marks)), small_n, "answer")


def simulate(wanted: Measure, survey: Survey, worked: Sequence[Worked], small_n: int, by: By | None = None) -> Simulated:
    """A measure of the survey over all this work, and by period."""
    found = [find_answer(survey, one) for one in worked]
    answers = [answer for answer in found if answer is not None]
    unasked = sum(bool(one.unasked) for one in worked)
    figure = _figure(wanted, survey, [_mark(wanted, answer) for answer in answers], small_n)
    if not worked:
        figure = replace(figure, says="no work: give a folder of logs")
    return Simulated(wanted, figure, _course(wanted, survey, answers, by), unasked, len(worked) - unasked - len(answers))


def _mark(wanted: Measure, answer: Answer) -> int:
    return answer.recommend if wanted.out_of.question == "recommend" else answer.experience


def _course(wanted: Measure, survey: Survey, answers: Iterable[Answer], by: By | None) -> charts.RunChart | None:
    if by is None:
        return None
    found: dict[str, list[int]] = {}
    for answer in answers:
        found.setdefault(period_of(answer.on, by), []).append(_mark(wanted, answer))
    rows = []
    for period in sorted(found):
        figure = _figure(wanted, survey, found[period], 0)
        if figure.value is not None:
            rows.append((period, figure.value, figure.n))
    lowest, highest = {"net": (-100, 100), "share": (0, 100)}.get(wanted.figure, (survey.experience.lowest, survey.experience.highest))
    if wanted.figure == "mean" and wanted.out_of.question == "recommend":
        lowest, highest = survey.recommend.lowest, survey.recommend.highest
    return charts.xmr_chart(rows, lowest, highest)

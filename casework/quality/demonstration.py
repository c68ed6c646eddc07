"""A team of reviewers that does not exist, marking files that nobody worked: something to look at before there are marks.

Each mark comes from a trainee's skill, the file, the criterion and the rater's lean, in logits; one rater grows stricter
by the week, and one gives a file the same impression on every criterion. All of it follows from the seed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

import numpy as np

from casework.quality.marks import Mark

TRAINEES, WEEKS = 36, 12
LEANS = {"demo-a": 0.7, "demo-b": 0.2, "demo-c": 0.0, "demo-d": -0.3, "demo-e": -0.6}  # Logits; above nought is kinder.
DRIFTS = {"demo-d": -0.08}  # Logits a week.
ONE_IMPRESSION = "demo-b"
EXPERT = "demo-expert"
TWICE, BY_EXPERT = 0.4, 0.35  # Shares of files that a second rater, and the expert, mark too.


def team(levels: Mapping[str, Mapping[str, float]], scenarios: Sequence[str], seed: int, begins: datetime) -> tuple[Mark, ...]:
    """Marks of 36 invented trainees on each scenario by five invented raters and an expert, over twelve weeks from `begins`.

    `levels` are the criteria with what each of their levels is worth (0 to 1).
    """
    rng = np.random.default_rng(seed)
    scales = {criterion: sorted(worth, key=lambda level, worth=worth: worth[level]) for criterion, worth in levels.items()}  # type: ignore[misc]
    hard = {criterion: rng.normal(0, 0.7) for criterion in levels}
    files = {scenario: rng.normal(0, 0.8) for scenario in scenarios}
    raters, marks = list(LEANS), []
    for trainee in range(1, TRAINEES + 1):
        skill = rng.normal(0.5, 1)
        for scenario in scenarios:
            at = begins + timedelta(days=float(rng.integers(0, 7 * WEEKS)))
            week = (at - begins).days / 7
            on_file = skill - files[scenario] + rng.normal(0, 0.6)
            shown = {criterion: on_file - hard[criterion] + rng.normal(0, 0.8) for criterion in levels}
            by = [str(rater) for rater in rng.permutation(raters)[: 2 if rng.random() < TWICE else 1]]
            for rater in [*by, *([EXPERT] if rng.random() < BY_EXPERT else [])]:
                lean = LEANS.get(rater, 0.0) + DRIFTS.get(rater, 0.0) * week
                for criterion, scale in scales.items():
                    seen = on_file if rater == ONE_IMPRESSION else shown[criterion]
                    level = _level(seen + lean + rng.normal(0, 0.5), scale)
                    marks.append(Mark(f"demo-{trainee:02}/{scenario}", scenario, f"demo-{trainee:02}", rater, criterion, level, levels[criterion][level], at, rater == EXPERT))
    return tuple(marks)


def _level(seen: float, scale: Sequence[str]) -> str:
    """The level that an impression in logits falls under, the scale's steps spaced evenly about nought."""
    steps = len(scale) - 1
    return scale[int(np.clip(np.floor(seen / 1.5 + (steps + 1) / 2), 0, steps))]

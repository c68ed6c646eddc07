"""Marks taken apart into trainee, scenario, criterion and rater: advice beside the raw mark, and never in its place.

A penalised many-facet logit: the share given is p = logistic(mu + trainee - scenario - criterion - severity - drift x weeks +
file), each part pulled towards nought with a standard deviation of its own (in logits: trainee 1, scenario 0.8, criterion
0.7, severity 0.5, drift 0.03 a week, file 0.7). Marks on one file share its effect, so that five boxes on one file are not
five files. Intervals come from the inverse of the Hessian; a share between 0 and 1 counts as a proportion of one mark,
which makes them wide rather than narrow. After Linacre's many-facet model (1989), fitted by Newton's method with the file
effects eliminated (Schur complement).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from casework.quality.marks import Mark

Array = NDArray[np.float64]
SPREAD = {"trainee": 1.0, "scenario": 0.8, "criterion": 0.7, "severity": 0.5, "drift": 0.03, "file": 0.7}
CONFIDENCE = 0.90
SHOW_SEVERITY, ADJUST, SHOW_FIT, SHOW_DRIFT_WEEKS = 10, 15, 100, 4  # Files, files, marks, weeks.
STEPS, CLOSE = 50, 1e-9
WIDENINGS, PRIOR_RATERS = 8, 4


@dataclass(frozen=True)
class Estimate:
    """A value with its 90 % interval, in logits unless said otherwise."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Severity:
    """One rater's lean: above nought is severe. `points` is what it takes from a typical mark, in percent.

    None with `why_not` where too few files are marked. `drift` is per week, `infit` and `outfit` are mean squares
    (about 1 where marks are as scattered as the model expects).
    """

    rater: str
    files: int
    marks: int
    raw: float
    logit: Estimate | None
    points: Estimate | None
    drift: Estimate | None
    drifts: bool
    infit: float | None
    outfit: float | None
    why_not: str | None


@dataclass(frozen=True)
class Adjusted:
    """One trainee's mean share as it was marked, and as an average rater would have marked a typical file; both in percent."""

    trainee: str
    files: int
    raw: float
    adjusted: Estimate | None
    why_not: str | None


@dataclass(frozen=True)
class Facets:
    """What the marks say once taken apart. Where `why_not` stands, severity and ability cannot be told from each other."""

    marks: int
    files: int
    separable: bool
    why_not: str | None
    raters: tuple[Severity, ...]
    trainees: tuple[Adjusted, ...]
    scenarios: dict[str, Estimate]
    flags_by_chance: float


@dataclass(frozen=True)
class _Design:
    """Marks as numbers: for each, which trainee, scenario, criterion, rater and file, the share, and weeks from the middle."""

    names: dict[str, list[str]]
    of: dict[str, NDArray[np.int64]]
    share: Array
    weeks: Array
    raters_files: dict[str, set[str]]


@dataclass(frozen=True)
class Fit:
    """The modes and the covariance of everything but the file effects; columns are `parts` in order."""

    mu: float
    parts: dict[str, Array]
    deviation: dict[str, Array]
    fitted: Array
    covariance: Array
    offset: dict[str, int]


def design(marks: Sequence[Mark]) -> _Design:
    rated = [m for m in marks if m.share is not None and not m.expert]
    names = {
        "trainee": sorted({m.trainee for m in rated}), "scenario": sorted({m.scenario for m in rated}), "criterion": sorted({m.criterion for m in rated}),
        "severity": sorted({m.rater for m in rated}), "file": sorted({m.unit for m in rated}),
    }  # fmt: skip
    place = {kind: {name: i for i, name in enumerate(found)} for kind, found in names.items()}
    of = {
        kind: np.array([place[kind][getattr(m, {"severity": "rater", "file": "unit"}.get(kind, kind))] for m in rated], dtype=np.int64) for kind in names
    }  # fmt: skip
    return _Design(names, of, np.array([m.share for m in rated], dtype=float), _weeks(rated), {
        rater: {m.unit for m in rated if m.rater == rater} for rater in names["severity"]
    })  # fmt: skip


def _weeks(rated: Sequence[Mark]) -> Array:
    """Weeks from the middle of each rater's own time of marking; nought where the time is not known."""
    times: dict[str, list[datetime]] = {}
    for m in rated:
        if m.at is not None:
            times.setdefault(m.rater, []).append(m.at)
    middle = {rater: min(found) + (max(found) - min(found)) / 2 for rater, found in times.items()}
    return np.array([0.0 if m.at is None else (m.at - middle[m.rater]).total_seconds() / 604_800 for m in rated])


def fit(plan: _Design) -> Fit:
    """The penalised modes, with the spread of severity widened where raters lie further apart than assumed; never narrowed.

    A turn of EM at a time: the spread is what the estimates and their variances show, the assumed one weighing as `PRIOR_RATERS`.
    """
    assumed = SPREAD["severity"] ** 2
    spread = assumed
    found = _mode(plan, spread**0.5)
    for _ in range(WIDENINGS):
        shown = found.parts["severity"] ** 2 + found.deviation["severity"] ** 2
        wider = max(assumed, float(shown.sum() + PRIOR_RATERS * assumed) / (len(shown) + PRIOR_RATERS))
        if wider <= 1.05 * spread:
            break
        spread = wider
        found = _mode(plan, spread**0.5)
    return found


def _mode(plan: _Design, severity: float) -> Fit:
    """The penalised modes, by Newton's method; the file effects are eliminated, so that cost grows with files and not with their cube.

    `severity` is the standard deviation of the raters' severity, in logits.
    """
    kinds = ("trainee", "scenario", "criterion", "severity", "drift")
    sizes = {kind: len(plan.names["severity" if kind == "drift" else kind]) for kind in kinds}
    offset, at = {}, 1
    for kind in kinds:
        offset[kind], at = at, at + sizes[kind]
    n, k, files = len(plan.share), at, len(plan.names["file"])
    x = np.zeros((n, k))
    rows = np.arange(n)
    x[:, 0] = 1
    for kind, sign in (("trainee", 1.0), ("scenario", -1.0), ("criterion", -1.0), ("severity", -1.0)):
        x[rows, offset[kind] + plan.of[kind]] = sign
    x[rows, offset["drift"] + plan.of["severity"]] = -plan.weeks
    prior = np.zeros(k)
    for kind in kinds:
        prior[offset[kind] : offset[kind] + sizes[kind]] = 1 / (severity if kind == "severity" else SPREAD[kind]) ** 2
    of_file, file_prior = plan.of["file"], 1 / SPREAD["file"] ** 2
    beta, file = np.zeros(k), np.zeros(files)
    covariance: Array = np.zeros((k, k))
    for _ in range(STEPS):
        eta = x @ beta + file[of_file]
        p = expit(eta)
        w = np.maximum(p * (1 - p), 1e-10)
        gradient = x.T @ (plan.share - p) - prior * beta
        file_gradient = np.bincount(of_file, plan.share - p, files) - file_prior * file
        d = np.bincount(of_file, w, files) + file_prior
        cross = np.zeros((files, k))
        np.add.at(cross, of_file, w[:, None] * x)
        whole = (x.T * w) @ x + np.diag(prior) - cross.T @ (cross / d[:, None])
        whole[0, 0] += 1e-9  # The level has no prior; with every mark alike it would have no bound.
        covariance = np.asarray(np.linalg.inv(whole), dtype=float)
        step = covariance @ (gradient - cross.T @ (file_gradient / d))
        file_step = (file_gradient - cross @ step) / d
        size = max(float(np.abs(step).max()), float(np.abs(file_step).max()))
        damp = min(1.0, 4.0 / size) if size > 0 else 1.0
        beta, file = beta + damp * step, file + damp * file_step
        if size < CLOSE:
            break
    cut = {kind: slice(offset[kind], offset[kind] + sizes[kind]) for kind in kinds}
    return Fit(
        float(beta[0]), {kind: beta[cut[kind]] for kind in kinds},
        {kind: np.sqrt(np.maximum(np.diag(covariance)[cut[kind]], 0)) for kind in kinds}, expit(x @ beta + file[of_file]), covariance, offset,
    )  # fmt: skip


def why_not_separable(plan: _Design) -> str | None:
    """Why severity and ability cannot be told from each other in these marks; None if they can."""
    raters = plan.names["severity"]
    if len(raters) < 2:
        return "one rater: how severe they are cannot be told from how able the trainees are"
    linked = {rater: {int(t) for t in plan.of["trainee"][plan.of["severity"] == i]} for i, rater in enumerate(raters)}
    groups: list[set[str]] = []
    for rater in raters:
        joined = [g for g in groups if any(linked[rater] & linked[other] for other in g)]
        groups = [g for g in groups if g not in joined] + [set().union({rater}, *joined)]
    if len(groups) > 1:
        told = "; ".join(" and ".join(sorted(g)[:4]) for g in groups[:3])
        return (
            f"{len(groups)} groups of raters mark no trainee in common ({told}): what looks like severity may be ability. "
            "Have a tenth to a quarter of the files marked twice, across the groups, or give all raters one common set"
        )
    return None


def _estimate(value: float, deviation: float) -> Estimate:
    z = NormalDist().inv_cdf(0.5 + CONFIDENCE / 2)
    return Estimate(value, value - z * deviation, value + z * deviation)


def take_apart(marks: Sequence[Mark]) -> Facets:
    """Severity, drift, difficulty and adjusted scores from marks; unscored and the expert's are left out."""
    plan = design(marks)
    if not len(plan.share):
        return Facets(0, 0, False, "no marks", (), (), {}, 0.0)
    found, reason = fit(plan), why_not_separable(plan)
    raters = tuple(_severity(plan, found, i, reason) for i in range(len(plan.names["severity"])))
    return Facets(
        len(plan.share), len(plan.names["file"]), reason is None, reason, raters,
        tuple(_adjusted(plan, found, i, reason) for i in range(len(plan.names["trainee"]))),
        {name: _estimate(float(found.parts["scenario"][i]), float(found.deviation["scenario"][i])) for i, name in enumerate(plan.names["scenario"])},
        (1 - CONFIDENCE) * sum(r.drift is not None for r in raters),
    )  # fmt: skip


def _severity(plan: _Design, found: Fit, i: int, reason: str | None) -> Severity:
    rater = plan.names["severity"][i]
    mine = plan.of["severity"] == i
    files, n = len(plan.raters_files[rater]), int(mine.sum())
    raw = 100 * float(plan.share[mine].mean())
    if files < SHOW_SEVERITY or reason is not None:
        short = f"not enough evidence: {files} of {SHOW_SEVERITY} files; {SHOW_SEVERITY - files} more" if files < SHOW_SEVERITY else reason
        return Severity(rater, files, n, raw, None, None, None, False, None, None, short)
    logit = _estimate(float(found.parts["severity"][i]), float(found.deviation["severity"][i]))
    p = found.fitted[mine]
    slope = -100 * float((p * (1 - p)).mean())
    points = sorted((slope * logit.low, slope * logit.high))
    weeks = float(plan.weeks[mine].max() - plan.weeks[mine].min())
    drift = None
    if weeks >= SHOW_DRIFT_WEEKS:
        drift = _estimate(float(found.parts["drift"][i]), float(found.deviation["drift"][i]))
    drifts = drift is not None and files >= ADJUST and (drift.low > 0 or drift.high < 0)
    infit = outfit = None
    if n >= SHOW_FIT:
        w, left = np.maximum(p * (1 - p), 1e-10), (plan.share[mine] - p) ** 2
        infit, outfit = float(left.sum() / w.sum()), float((left / w).mean())
    return Severity(rater, files, n, raw, logit, Estimate(slope * logit.value, points[0], points[1]), drift, drifts, infit, outfit, None)


def _adjusted(plan: _Design, found: Fit, i: int, reason: str | None) -> Adjusted:
    """The trainee's expected share on a typical file before an average rater: over the criteria, scenario and file at nought."""
    mine = plan.of["trainee"] == i
    files, raw = len(set(plan.of["file"][mine].tolist())), 100 * float(plan.share[mine].mean())
    few = sorted({rater for rater in plan.names["severity"] if len(plan.raters_files[rater]) < ADJUST} & {plan.names["severity"][j] for j in plan.of["severity"][mine]})
    if reason is not None or few:
        short = reason or f"not enough evidence: {', '.join(few[:3])} marked fewer than {ADJUST} files"
        return Adjusted(plan.names["trainee"][i], files, raw, None, short)
    at = found.offset["trainee"] + i
    deviation = float(np.sqrt(found.covariance[0, 0] + found.covariance[at, at] + 2 * found.covariance[0, at]))
    level = _estimate(found.mu + float(found.parts["trainee"][i]), deviation)
    shown = [_typical(value, found.parts["criterion"]) for value in (level.value, level.low, level.high)]
    return Adjusted(plan.names["trainee"][i], files, raw, Estimate(shown[0], shown[1], shown[2]), None)


def _typical(level: float, criteria: Array) -> float:
    """The mean share in percent at a level, over the criteria, and over scenarios and files as they spread (21 points of each)."""
    spread = float(np.hypot(SPREAD["scenario"], SPREAD["file"]))
    points = np.array([NormalDist().inv_cdf((j + 0.5) / 21) for j in range(21)]) * spread
    return 100 * float(expit(level - criteria[:, None] + points[None, :]).mean())

"""How hard each scenario and criterion is in one competency, learned from first attempts at files that chance assigned.

Only those tell difficulty from ability: hard files chosen for strong trainees look easy, and a file met before is
another file. Each is pulled towards what its author guessed, by how much either is to be trusted, and has a standard
error, which the mastery filter adds to a file's own variance. Logits count from the average scenario and criterion.

Bayes' estimate with the files' own levels integrated out by quadrature (Bock and Aitkin 1981), the trainee's level
before each file being what the mastery filter then knew; filter and difficulties are found by turns.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from casework.model.errors import BadInput
from casework.progress import mastery

Array = NDArray[np.float64]
GUESS_ERROR = 0.5  # Logits by which authors' guesses miss; they spread as scenarios do.
TRUST = mastery.SCENARIO_SPREAD**2 / (mastery.SCENARIO_SPREAD**2 + GUESS_ERROR**2)  # 0.72
ALIKE, MOST_ALIKE, FEW_PAIRS = 0.5, 0.95, 30  # Correlations; pairs of difficulties, both well known.
ROUNDS, STEPS, CLOSE, NODES = 3, 50, 1e-8, 15


@dataclass(frozen=True)
class Play:
    """One file that a trainee worked: for each criterion its share, 0 to 1, or None where unscored.

    `assigned` is by chance or by choice (of a person, or of a rule that looks at ability); `attempt` counts the
    trainee's plays of this scenario from 1. `known` holds what is known of each criterion's difficulty already, in
    logits, such as the severity of the rater who marked it.
    """

    trainee: str
    scenario: str
    at: datetime
    criteria: tuple[str, ...]
    shares: tuple[float | None, ...]
    assigned: Literal["chance", "choice"]
    attempt: int = 1
    known: tuple[float, ...] = ()


@dataclass(frozen=True)
class Difficulty:
    """In logits, above nought is hard, with its standard error; `files` are those it was learned from."""

    value: float
    error: float
    files: int


@dataclass(frozen=True)
class Calibration:
    """What was learned, from how many files, and how many were left aside by the reason why."""

    scenarios: dict[str, Difficulty]
    criteria: dict[str, Difficulty]
    files: int
    left_aside: dict[str, int]
    _guesses: dict[str, float] = field(repr=False)  # From their average.
    _place: dict[str, dict[str, int]] = field(repr=False)
    _covariance: Array = field(repr=False, compare=False)

    def of(self, scenario: str, criteria: Sequence[str]) -> list[float]:
        """The difficulty of each criterion in a scenario; one that nothing is known of is average."""
        return [_value(self.scenarios, scenario) + _value(self.criteria, one) for one in criteria]

    def variance(self, scenario: str, criteria: Sequence[str]) -> float:
        """How unsurely these criteria's mean difficulty is known, in squared logits: what a file's own variance grows by."""
        known = np.zeros(len(self._covariance))
        unknown = 0.0
        for kind, name, part in (("scenario", scenario, 1.0), *(("criterion", one, 1 / len(criteria)) for one in criteria)):
            place = self._place[kind].get(name)
            if place is None:
                unknown += (part * (mastery.SCENARIO_SPREAD if kind == "scenario" else mastery.CRITERION_SPREAD)) ** 2
            else:
                known[place] += part
        return float(known @ self._covariance @ known) + unknown


def _value(known: Mapping[str, Difficulty], name: str) -> float:
    return known[name].value if name in known else 0.0


def calibrated(plays: Iterable[Play], guesses: Mapping[str, float], criteria: Sequence[str] = (), worth: Mapping[str, float] | None = None) -> Calibration:
    """Difficulties in one competency. `guesses` are the authors', in logits, for the scenarios of the library.

    All plays tell where a trainee stands; difficulty is learned from first attempts assigned by chance. With none of
    them, the guesses alone remain, shrunk. `worth` is what each criterion's mark tells (`worths`), where that is not 1.
    """
    worth = worth or {}
    histories: dict[str, list[Play]] = {}
    for play in plays:
        _checked(play)
        histories.setdefault(play.trainee, []).append(play)
    for history in histories.values():
        history.sort(key=lambda play: play.at)
    every = [play for history in histories.values() for play in history]
    reasons = [why_not(play) for play in every]
    left = {reason: reasons.count(reason) for reason in sorted({r for r in reasons if r})}
    names = (
        sorted({*guesses, *(play.scenario for play in every)}),
        sorted({*criteria, *(one for play in every for one in play.criteria)}),
    )  # fmt: skip
    if not all(map(math.isfinite, guesses.values())):
        raise BadInput("guesses: found one that is no finite number of logits")
    found = _found(names, [], [], guesses, worth, left)
    if all(reasons):
        return found
    for _ in range(ROUNDS):
        kept: list[Play] = []
        before: list[mastery.State] = []
        for history in histories.values():
            state = mastery.start()
            for play in history:
                known = play.known or (0.0,) * len(play.criteria)
                hard = [d + k for d, k in zip(found.of(play.scenario, play.criteria), known, strict=True)]
                if why_not(play) is None:
                    kept.append(play)
                    before.append(mastery.aged(state, play.at))
                unsure = found.variance(play.scenario, play.criteria)
                state = mastery.updated(state, play.at, hard, play.shares, unsure, worth=[worth.get(one, 1.0) for one in play.criteria])
        found = _found(names, kept, before, guesses, worth, left)
    return found


def pooled(found: Mapping[str, Calibration]) -> dict[str, Calibration]:
    """Each competency's calibration, helped by the others': a scenario hard in one competency tends to be hard in the rest.

    How much so is learned from files, as the correlation of scenarios' difficulties between competencies (by moments,
    drawn towards ALIKE while files are few). Without this the mean over competencies is drawn too far towards the
    average, and whoever is given hard files is marked down for it. A guess that is the same in every competency is one
    guess, of the mean over them, and counts once. Scenarios that some competency does not know are left as they are.
    """
    names = list(found)
    scenarios = sorted(set.intersection(*({*one.scenarios} for one in found.values()))) if len(names) > 1 else []
    if len(scenarios) < 2:
        return dict(found)
    k, apart, doubt = len(names), mastery.SCENARIO_SPREAD**2, 1 / GUESS_ERROR**2
    left = 1 - 1 / len(scenarios)  # Of each variance, after counting from the average scenario.
    precision = np.array([[left / max(found[name].scenarios[s].error, 1e-6) ** 2 for name in names] for s in scenarios])
    weight = precision * np.array([[found[name].scenarios[s].value for name in names] for s in scenarios])
    # What files alone say: the guesses are taken out, then the prior.
    guessed = np.array([[float(s in found[name]._guesses) for name in names] for s in scenarios])
    guess = np.array([[found[name]._guesses.get(s, 0.0) for name in names] for s in scenarios])
    precision, weight = np.maximum(precision - doubt * guessed, 1 / apart), weight - doubt * guess
    told = 1 - 1 / (apart * precision)  # How much of each difficulty files told, from nought to one.
    value, both = weight / precision, told.T @ told
    moment = float((value.T @ value).sum() - (value**2).sum()) / apart
    alike = (moment + FEW_PAIRS * ALIKE) / (float(both.sum() - np.trace(both)) + FEW_PAIRS)
    alike = min(MOST_ALIKE, max(0.0, alike))
    one_guess = guessed.all(1) & (np.ptp(guess, axis=1) < 1e-12)
    each, mean = np.where(one_guess[:, None], 0.0, doubt * guessed), np.full((k, k), 1 / k**2)
    prior = np.linalg.inv(apart * ((1 - alike) * np.eye(k) + alike))
    covariance = np.linalg.inv(prior + (precision - 1 / apart + each)[:, :, None] * np.eye(k) + (doubt * one_guess)[:, None, None] * mean)
    weight = weight + each * guess + np.where(one_guess[:, None], doubt * guess / k, 0.0)
    better = np.einsum("skj,sj->sk", covariance, weight)
    better -= better.mean(0)
    closer = np.sqrt(left * np.diagonal(covariance, axis1=1, axis2=2))
    return {name: _helped(found[name], scenarios, better[:, n], closer[:, n]) for n, name in enumerate(names)}


def _helped(one: Calibration, scenarios: Sequence[str], value: Array, error: Array) -> Calibration:
    scale, known = np.ones(len(one._covariance)), dict(one.scenarios)
    for name, each, close in zip(scenarios, value, error, strict=True):
        scale[one._place["scenario"][name]] = close / known[name].error
        known[name] = replace(known[name], value=float(each), error=float(close))
    return replace(one, scenarios=known, _covariance=scale[:, None] * one._covariance * scale)


def why_not(play: Play) -> str | None:
    """Why a play says nothing of difficulty, or None where it does."""
    if all(share is None for share in play.shares):
        return "nothing scored"
    if play.assigned != "chance":
        return "chosen for the trainee"
    return None if play.attempt == 1 else "played before"


def _checked(play: Play) -> None:
    if len(play.criteria) != len(play.shares) or len(play.known) not in (0, len(play.criteria)):
        raise BadInput(f"play of {play.scenario} by {play.trainee}: found {len(play.criteria)} criteria and {len(play.shares)} shares; each criterion has one")


def _found(
    names: tuple[list[str], list[str]], plays: Sequence[Play], before: Sequence[mastery.State], guesses: Mapping[str, float], worth: Mapping[str, float],
    left: dict[str, int],
) -> Calibration:  # fmt: skip
    scenarios, criteria = names
    s, c = len(scenarios), len(criteria)
    place = {"scenario": {name: n for n, name in enumerate(scenarios)}, "criterion": {name: s + n for n, name in enumerate(criteria)}}
    middle = np.zeros(s + c)
    spread = np.full(s + c, mastery.CRITERION_SPREAD**2)
    average = sum(guesses.values()) / len(guesses) if guesses else 0.0
    for name, n in place["scenario"].items():
        middle[n] = TRUST * (guesses[name] - average) if name in guesses else 0.0
        spread[n] = TRUST * GUESS_ERROR**2 if name in guesses else mastery.SCENARIO_SPREAD**2
    beta, covariance = _fitted(plays, before, place, middle, spread, worth)
    # The average scenario and the average criterion are nought by definition; their errors go with them.
    centre = np.eye(s + c)
    centre[:s, :s] -= 1 / max(1, s)
    centre[s:, s:] -= 1 / max(1, c)
    beta, covariance = centre @ beta, centre @ covariance @ centre.T
    error = np.sqrt(np.maximum(0.0, np.diag(covariance)))
    counts = {kind: dict.fromkeys(found, 0) for kind, found in place.items()}
    for play in plays:
        counts["scenario"][play.scenario] += 1
        for one, share in zip(play.criteria, play.shares, strict=True):
            counts["criterion"][one] += share is not None
    return Calibration(
        {name: Difficulty(float(beta[n]), float(error[n]), counts["scenario"][name]) for name, n in place["scenario"].items()},
        {name: Difficulty(float(beta[n]), float(error[n]), counts["criterion"][name]) for name, n in place["criterion"].items()},
        len(plays), left, {name: guess - average for name, guess in guesses.items()}, place, covariance,
    )  # fmt: skip


def _fitted(
    plays: Sequence[Play], before: Sequence[mastery.State], place: dict[str, dict[str, int]], middle: Array, spread: Array, worth: Mapping[str, float]
) -> tuple[Array, Array]:  # fmt: skip
    """The mode of all difficulties and its covariance, by Newton's method with halved steps; one column more holds the trainees' common lead.

    The filter lags behind people who improve; chance assignment makes that lag alike for all scenarios, and the common
    lead takes it up.
    """
    k, wide = len(middle), max((len(play.criteria) for play in plays), default=0)
    if not plays:
        return middle, np.diag(spread)
    x = np.zeros((len(plays), wide, k + 1))
    share, offset, scored = np.zeros(x.shape[:2]), np.zeros(x.shape[:2]), np.zeros(x.shape[:2])
    for f, (play, state) in enumerate(zip(plays, before, strict=True)):
        for j, (one, value) in enumerate(zip(play.criteria, play.shares, strict=True)):
            if value is not None:
                x[f, j, place["scenario"][play.scenario]] = x[f, j, place["criterion"][one]] = -1
                x[f, j, k] = 1
                share[f, j], scored[f, j] = value, worth.get(one, 1.0)
                offset[f, j] = state.mean - (play.known[j] if play.known else 0.0)
    own = np.sqrt([state.variance + mastery.FILE_SPREAD**2 for state in before])
    e, w = np.polynomial.hermite_e.hermegauss(NODES)
    prior, weights = np.append(1 / spread, 1e-6), np.log(w / w.sum())
    at = np.append(middle, 0.0)
    target = at.copy()

    def likely(beta: Array) -> tuple[float, Array, Array]:
        eta = (x @ beta + offset)[:, :, None] + (own[:, None] * e)[:, None, :]
        each = scored[:, :, None] * (share[:, :, None] * eta - np.logaddexp(0, eta))
        node = each.sum(1) + weights
        whole = np.logaddexp.reduce(node, axis=1)
        post = np.exp(node - whole[:, None])
        p = np.exp(-np.logaddexp(0, -eta))
        gap = scored[:, :, None] * (share[:, :, None] - p)
        score = np.einsum("fjq,fq->fj", gap, post)
        inner = score[:, :, None] * score[:, None, :] - np.einsum("fjq,fiq,fq->fji", gap, gap, post)
        allowed = np.einsum("fjq,fq->fj", scored[:, :, None] * p * (1 - p), post)
        inner[:, range(wide), range(wide)] += allowed
        gradient = np.einsum("fj,fjk->k", score, x) - prior * (beta - target)
        half = np.matmul(inner, x).reshape(-1, k + 1)
        curvature = x.reshape(-1, k + 1).T @ half + np.diag(prior)
        return float(whole.sum() - 0.5 * (prior * (beta - target) ** 2).sum()), gradient, curvature

    value, gradient, curvature = likely(at)
    for _ in range(STEPS):
        step = np.linalg.solve(curvature, gradient)
        size = min(1.0, 2.0 / max(1e-12, float(np.abs(step).max())))
        tried = likely(at + size * step)
        while tried[0] < value - 1e-9 and size > 1e-6:
            size /= 2
            tried = likely(at + size * step)
        at, (value, gradient, curvature) = at + size * step, tried
        if float(np.abs(size * step).max()) < CLOSE:
            break
    covariance = np.asarray(np.linalg.inv(curvature), dtype=float)[:k, :k]
    return at[:k], (covariance + covariance.T) / 2

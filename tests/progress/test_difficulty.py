"""How hard scenarios are: learned from first attempts that chance assigned, drawn towards shrunken guesses, with honest errors."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from benchmarks import mastery as bench
from benchmarks import mastery_world as simulated
from casework.model.errors import BadInput
from casework.progress import difficulty
from casework.progress.difficulty import Play

MONDAY = datetime(2026, 1, 5, 9, tzinfo=UTC)
CRITERIA = ("greets", "dates", "cites")


def play(trainee, scenario, shares, assigned="chance", attempt=1, day=0, known=()):
    return Play(trainee, scenario, MONDAY + timedelta(days=day), CRITERIA, shares, assigned, attempt, known)


def cohort(shares, trainees=40, **more):
    """Each trainee plays each scenario once; `shares` by scenario."""
    return [play(f"t{t}", scenario, given, day=7 * n, **more) for t in range(trainees) for n, (scenario, given) in enumerate(shares.items())]


def test_without_plays_the_guess_is_shrunk_and_has_an_error():
    found = difficulty.calibrated([], {"a": 1.0, "b": -1.0})
    assert difficulty.TRUST == pytest.approx(0.72, abs=0.002)
    assert found.scenarios["a"].value == pytest.approx(difficulty.TRUST) == -found.scenarios["b"].value
    # Each misses by sqrt(.72 x .25) = .424; as logits count from the average of the two, half of that variance is left.
    assert found.scenarios["a"].error == pytest.approx((0.5 * difficulty.TRUST * 0.25) ** 0.5)
    assert found.files == 0 and found.scenarios["a"].files == 0


def test_guesses_count_from_their_average():
    one, other = (difficulty.calibrated([], {"a": 1.0 + shift, "b": shift, "c": -1.0 + shift}) for shift in (0.0, 3.0))
    assert [d.value for d in one.scenarios.values()] == pytest.approx([d.value for d in other.scenarios.values()])


def test_files_outweigh_the_guess_as_they_grow():
    hard, easy = (0.0, 0.0, 0.0), (1.0, 1.0, 1.0)
    guesses = {"a": -1.0, "b": 1.0}  # The wrong way round.
    few, many = (difficulty.calibrated(cohort({"a": hard, "b": easy}, n), guesses) for n in (2, 60))
    assert few.scenarios["a"].value < many.scenarios["a"].value and many.scenarios["a"].value > 0.5
    assert many.scenarios["a"].error < few.scenarios["a"].error < 0.3 and many.scenarios["a"].files == 60


def test_only_first_attempts_by_chance_teach_and_the_rest_are_counted_by_reason():
    plays = [
        *cohort({"a": (1.0, 1.0, 1.0), "b": (0.0, 0.0, 0.0)}, 10, assigned="choice"), play("x", "a", (0.0,) * 3, attempt=2),
        play("y", "a", (None,) * 3),
    ]  # fmt: skip
    found = difficulty.calibrated(plays, {"a": 0.4, "b": -0.4})
    assert found.left_aside == {"chosen for the trainee": 20, "nothing scored": 1, "played before": 1} and found.files == 0
    assert found.scenarios == difficulty.calibrated([], {"a": 0.4, "b": -0.4}).scenarios
    mixed = difficulty.calibrated([*plays, play("z", "b", (1.0,) * 3)], {"a": 0.4, "b": -0.4})
    assert mixed.files == 1 and mixed.scenarios["b"].value < found.scenarios["b"].value


def test_criteria_are_told_apart_and_centred():
    found = difficulty.calibrated(cohort({"a": (1.0, 1.0, 0.0), "b": (1.0, 0.5, 0.0)}), {"a": 0.0, "b": 0.0})
    greets, dates, cites = (found.criteria[one] for one in CRITERIA)
    assert greets.value < dates.value < cites.value and greets.value + dates.value + cites.value == pytest.approx(0, abs=1e-9)
    assert found.of("b", CRITERIA) == pytest.approx([found.scenarios["b"].value + d.value for d in (greets, dates, cites)])
    assert found.of("unheard of", ("neither",)) == [0.0]


def test_marks_that_tell_more_are_believed_more():
    shares = {"a": (1.0, 0.5, 1.0), "b": (1.0, 0.5, 0.0)}
    plain, more = (difficulty.calibrated(cohort(shares, 10), {"a": 0.0, "b": 0.0}, worth=worth) for worth in (None, {"cites": 2.5}))
    assert more.scenarios["b"].value > plain.scenarios["b"].value and more.scenarios["b"].error < plain.scenarios["b"].error


def test_severity_that_is_known_is_not_taken_for_difficulty():
    shares = {"a": (1.0, 0.0, 1.0), "b": (1.0, 0.0, 0.0)}
    plain = difficulty.calibrated(cohort(shares), {"a": 0.0, "b": 0.0})
    severe = difficulty.calibrated([p if p.scenario == "a" else play(p.trainee, "b", p.shares, day=7, known=(1.0, 1.0, 1.0)) for p in cohort(shares)], {"a": 0.0, "b": 0.0})
    assert severe.scenarios["b"].value < plain.scenarios["b"].value - 0.2


def test_doubt_of_a_file_shrinks_with_its_files_and_is_widest_where_nothing_is_known():
    guesses = {"a": 0.0, "b": 0.0, "c": 0.0}
    found = difficulty.calibrated(cohort({"a": (1.0, 0.0, 1.0), "b": (1.0, 0.0, 0.0)}), guesses)
    assert 0 < found.variance("a", CRITERIA) < found.variance("c", CRITERIA) < found.variance("unheard of", CRITERIA)
    assert found.variance("unheard of", CRITERIA) >= 0.64
    assert found.variance("a", CRITERIA) == pytest.approx(found.scenarios["a"].error ** 2, rel=0.05), "all criteria together are centred, so certain"


def competency(shares, guesses=None):
    """Twelve trainees play eight scenarios, all of one share each."""
    return difficulty.calibrated(cohort({f"s{n}": (share,) * 3 for n, share in enumerate(shares)}, 12), guesses or {})


def test_competencies_help_each_other_as_far_as_they_are_alike():
    up = competency([0.9, 0.8, 0.7, 0.6, 0.4, 0.3, 0.2, 0.1])
    other = competency([0.3, 0.6, 0.7, 0.1, 0.9, 0.2, 0.4, 0.8])
    alike, apart = (difficulty.pooled({"one": up, "two": two})["one"] for two in (up, other))
    assert alike.scenarios["s7"].value > apart.scenarios["s7"].value and alike.scenarios["s7"].error < apart.scenarios["s7"].error < up.scenarios["s7"].error * 1.01
    assert alike.variance("s7", CRITERIA) < up.variance("s7", CRITERIA)
    assert difficulty.pooled({"one": up}) == {"one": up} and difficulty.pooled({}) == {}


def test_one_guess_for_all_competencies_counts_once():
    names, guesses = [f"c{n}" for n in range(6)], {f"s{n}": n - 3.5 for n in range(8)}
    same = difficulty.pooled(dict.fromkeys(names, difficulty.calibrated([], guesses)))["c0"].scenarios["s7"]
    own = difficulty.pooled({name: difficulty.calibrated([], {s: g + 0.01 * n * (-1) ** len(s) * g for s, g in guesses.items()}) for n, name in enumerate(names)})["c0"].scenarios["s7"]
    # Correlation .5 among six: the mean has variance .64 (.5 + .5 / 6) = .373, beside .25 of the guess; 3.5 x .373 / .623.
    assert same.value == pytest.approx(3.5 * 0.3733 / 0.6233, rel=0.03) and own.value > same.value and own.error < same.error


@pytest.mark.parametrize("share", [0.0, 0.5, 1.0])
def test_all_alike_has_an_end(share):
    found = difficulty.calibrated(cohort({"a": (share,) * 3, "b": (share,) * 3}), {"a": 0.3, "b": -0.3})
    assert all(abs(d.value) < 1.5 and 0 < d.error < 1 for d in (*found.scenarios.values(), *found.criteria.values()))


def test_what_cannot_be_used_is_refused():
    with pytest.raises(BadInput, match="play of a by t: found 3 criteria and 1 shares"):
        difficulty.calibrated([play("t", "a", (1.0,))], {})
    with pytest.raises(BadInput, match="finite"):
        difficulty.calibrated([], {"a": float("nan")})


def test_learned_difficulties_are_near_the_truth_and_their_errors_are_honest():
    books = simulated.library(8)
    apart, _ = bench.learned(books, 25, 8, "pass or fail", 0.0)
    misses = []
    for found in (apart, difficulty.pooled(apart)):
        value, error = (np.array([[getattr(one.scenarios[f"s{s}"], name) for one in found.values()] for s in range(simulated.SCENARIOS)]) for name in ("value", "error"))
        miss = value - books.scenarios
        misses.append(float((miss.mean(1) ** 2).mean()))
    assert misses[1] < misses[0], "what competencies share is known better together"
    assert (miss**2).mean() ** 0.5 < 0.40 < (books.guesses[:, None] - books.scenarios).std()
    assert 0.85 <= float((np.abs(miss) <= 1.645 * error).mean()) <= 0.98
    assert 0.85 <= np.polyfit(value.ravel(), books.scenarios.ravel(), 1)[0] <= 1.15

"""Difficulty learned from files that chance assigned: not before there are enough, and recorded where it was used."""

import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from casework import workbench
from casework.edges import logfiles
from casework.model.framework import Framework
from casework.progress.learned import FEWEST, guess, learned
from casework.progress.ledger import ledger_of
from casework.progress.pieces import Given, Part, Piece, pieces_of

MONDAY = datetime(2026, 1, 5, 9, tzinfo=UTC)
RULE = Framework.model_validate({
    "format": "framework/1", "id": "f", "title": "F", "version": 1,
    "competencies": [{"id": id, "title": id, "kind": "role", "lines": [line], "indicators": ["x"]} for id, line in (("risk", "A15"), ("other", "A1"))],
    "evidence": {"pieces": 3, "kinds": 2, "scenarios": 2, "jurisdictions": 0, "within": "12 months"},
    "sign_off": {"steps": ["a", "b", "c"], "different_people": True, "no_critical_error_in_last": 3, "standard": 80, "confidence": 80, "lasts": "12 months"},
    "supervision": [], "step_down_after": [],
})  # fmt: skip
GUESSES = {"easy": 0.0, "hard": 0.0, "plain": 0.0}


def file(trainee, scenario, share, n, **more):
    given = tuple(Given(criterion=f"c{k}", share=share) for k in range(4))
    values = {
        "trainee": trainee, "kind": "scorecard", "at": MONDAY + timedelta(hours=n), "by": "the rubric", "parts": (Part(competency="risk", given=given),),
        "scenario": scenario, "rubric": "r", "source": f"log{trainee}{scenario}", "assigned": "random",
    }  # fmt: skip
    return Piece(**values | more)


def cohort(people, **more):
    """Everybody plays all three: the easy one is passed, the hard one failed, the plain one half passed."""
    shares = {"easy": 1.0, "hard": 0.0, "plain": 0.5}
    return [file(f"t{n}", name, share, 3 * n + k, **more) for n in range(people) for k, (name, share) in enumerate(shares.items())]


def fail(found, scenario):
    """Where one fail in a scenario leaves somebody, by what was learned."""
    known = found.known["risk"]
    criteria = [f"c{k}" for k in range(4)]
    given = tuple(Given(criterion=c, share=0.0, difficulty=d) for c, d in zip(criteria, known.of(scenario, criteria), strict=True))
    piece = file("new", scenario, 0.0, 500, parts=(Part(competency="risk", given=given, unsure=known.variance(scenario, criteria)),), assigned="chosen")
    return ledger_of([piece], RULE).of("new", "risk").level.mean


def test_with_enough_files_by_chance_failing_a_hard_scenario_lowers_less_than_failing_an_easy_one():
    found = learned(cohort(30), RULE, GUESSES)
    assert found.known["risk"].scenarios["hard"].value > 1 > -1 > found.known["risk"].scenarios["easy"].value
    assert fail(found, "easy") < fail(found, "hard") - 0.1 < 0
    assert "other" not in found.known


def test_too_few_files_or_files_chosen_for_people_teach_nothing():
    enough = -(-FEWEST // 3)
    assert learned(cohort(enough), RULE, GUESSES).known and not learned(cohort(enough)[: FEWEST - 1], RULE, GUESSES).known
    assert not learned(cohort(40, assigned="chosen"), RULE, GUESSES).known
    assert not learned(cohort(40, first_attempt=False), RULE, GUESSES).known
    assert not learned(cohort(40), RULE, {}).known, "real work is no scenario"


def test_few_files_leave_the_authors_guess_standing():
    guesses = {"easy": guess(1), "hard": guess(5), "plain": guess(3)}
    few, many = (learned([*cohort(n), *more], RULE, guesses).known["risk"].scenarios["hard"].value for n, more in ((10, []), (60, [])))
    assert 0 < few < many and guess(5) == 1.0 and guess(3) == 0


def test_the_name_tells_calibrations_apart_and_is_the_same_again():
    one, again, other = learned(cohort(20), RULE, GUESSES), learned(cohort(20), RULE, GUESSES), learned(cohort(21), RULE, GUESSES)
    assert one.name == again.name != other.name and one.name.startswith("60 files by chance")


def test_a_piece_names_the_calibration_that_it_was_made_with_and_an_older_ones_id_stays(library):
    name = next(iter(library.playable))
    card = workbench.score(library, workbench.play(library, name, "steady", 1).log())[0]
    (plain,) = pieces_of(card, library.framework, MONDAY, source="x")
    found = learned(
        [file(f"t{n}", s, y, n, parts=(Part(competency=plain.competencies[0], given=(Given(criterion="c", share=y),)),)) for n in range(30) for s, y in (("a", 1.0), (name, 0.0))],
        library.framework, {"a": 0.0, name: 0.0},
    )  # fmt: skip
    (piece,) = pieces_of(card, library.framework, MONDAY, source="x", known=found.known, calibration=found.name)
    assert piece.calibration == found.name and piece.parts[0].given[0].difficulty > 0 == plain.parts[0].given[0].difficulty
    assert piece.parts[0].unsure < plain.parts[0].unsure and piece.id != plain.id
    assert not plain.calibration and plain.id == type(plain).model_validate(plain.model_dump(exclude={"calibration"})).id
    unknown = {id: found.known[id] for id in found.known if id not in piece.competencies}
    assert not pieces_of(card, library.framework, MONDAY, source="x", known=unknown, calibration="none of ours")[0].calibration


def test_a_mark_with_levels_between_counts_for_more_once_it_is_known_how_much_it_tells(library):
    name = next(iter(library.playable))
    card = workbench.score(library, workbench.play(library, name, "steady", 1).log())[0]
    (plain,) = pieces_of(card, library.framework, MONDAY, source="x")
    part = plain.parts[0]
    given = [tuple(Given(criterion=one.criterion, share=share) for one in part.given) for share in (0.75, 0.5)]
    files = [
        file(f"t{n}", s, 0.5, n, assigned="chosen", live=True, parts=(Part(competency=part.competency, given=marks),))
        for n in range(8) for s, marks in zip(("a", name), given, strict=True)
    ]  # fmt: skip
    found = learned(files, library.framework, {})
    assert not found.known and found.name.startswith("marks of 16 files, "), "neither chance nor a scenario is needed"
    (piece,) = pieces_of(card, library.framework, MONDAY, source="x", worth=found.worth, calibration=found.name)
    assert piece.calibration == found.name and {one.worth for one in part.given} == {1.0} and all(1 < one.worth <= 3 for one in piece.parts[0].given)
    alike = piece.model_copy(update={"parts": tuple(p.model_copy(update={"given": tuple(replace(g, worth=1.0) for g in p.given)}) for p in piece.parts)})
    more, less = (ledger_of([one], library.framework).of(card.trainee, part.competency).level.variance for one in (piece, alike))
    assert more < less
    assert not learned(files[:9], library.framework, {}).worth, "nine marks are too few"
    unmarked = {id: worth for id, worth in found.worth.items() if id not in {one.criterion for p in piece.parts for one in p.given}}
    assert not pieces_of(card, library.framework, MONDAY, source="x", worth=unmarked, calibration="none of ours")[0].calibration


def test_a_criterion_of_several_competencies_gives_its_mark_once():
    marks = (Given(criterion="c", share=0.5),)
    both = [file(f"t{n}", "a", 0.5, n, parts=(Part(competency="risk", given=marks), Part(competency="other", given=marks))) for n in range(9)]
    assert not learned(both, RULE, GUESSES).worth and learned([*both, file("t9", "a", 0.5, 9, parts=(Part(competency="risk", given=marks),))], RULE, GUESSES).worth


def test_gathering_learns_from_files_by_chance_and_says_so(library, tmp_path):
    names = [name for name in library.playable][:6]
    for n in range(6):
        for name in names:
            session = workbench.play(library, name, ("steady", "rusher", "novice")[n % 3], n + 1)
            log = session.log()
            log = type(log)(log.header.model_copy(update={"trainee": f"t{n}", "session": f"{log.header.session[:-2]}{n:02}"}), log.events)
            logfiles.save(log, (), tmp_path / f"t{n}" / f"{name}.jsonl")
    drawn, chosen = (workbench.gather_progress(library, tmp_path, at=MONDAY, assigned=how).fresh for how in ("random", "chosen"))
    assert len(drawn) == len(chosen) == 36
    assert any("by chance" in piece.calibration for piece in drawn) and not any("by chance" in piece.calibration for piece in chosen)
    assert {g.difficulty for piece in drawn for part in piece.parts for g in part.given} != {0.0} == {g.difficulty for piece in chosen for part in piece.parts for g in part.given}


def test_nothing_of_this_imports_numpy_before_it_is_needed():
    asked = "import sys, casework.workbench; sys.exit('numpy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", asked], check=False).returncode == 0


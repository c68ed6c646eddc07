"""The self-test of content: every answer and archetype is played, and must come out as declared."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from casework.edges import content
from casework.model.decisions import DecisionLog
from casework.model.errors import ContentError
from casework.model.library import Library
from casework.practice import cases, desk, trainees
from casework.quality.scoring import Scorecard
from casework.workbench.plays import play_answer, score
from casework.workbench.rights import open_to_all


@open_to_all
def outranks(card: Scorecard) -> tuple[int, int, float]:
    """The order of archetypes: passed, then critical classes kept, then total. Higher is better."""
    kept = sum(not errors for errors in card.failed_classes().values())
    return int(card.passed is not False), kept, float(card.total)


def _scripted(held: Library, id: str, trainee: str, seed: int) -> DecisionLog:
    """A play for the self-test, which a scenario must pass before anyone is asked to sign it off."""
    return trainees.run(desk.open_session(held, cases.named(held, id, seed), trainee), trainee).log()


@open_to_all
def check(folder: Path | None, seeds: int = 3) -> dict[str, Any]:
    """Content problems, and each scenario played by its answers and archetypes."""
    try:
        held = content.load(folder)
    except ContentError as error:
        return {"ok": False, "problems": [vars(p) for p in error.problems], "scenarios": []}
    problems: list[dict[str, Any]] = []
    tested = []
    for id, scenario in held.scenarios.items():
        def fault(key: str, message: str, id: str = id) -> None:
            problems.append({"file": f"{id}/scenario.yaml", "line": 1, "key": key, "message": message})

        for name, answer in held.answers[id].items():
            card = score(held, play_answer(held, id, answer, answer.seed).log())[0]
            low, high = answer.result.total
            if not low <= float(card.total) <= high:
                fault(f"answers.{name}", f"total {float(card.total):.2f} is outside the declared {low:g} to {high:g}")
            if set(card.errors) != set(answer.result.errors):
                fault(f"answers.{name}", f"critical errors {sorted(card.errors)}; declared {sorted(answer.result.errors)}")
        totals: dict[str, float] = {}
        for seed in range(1, seeds + 1):
            cards = {n: score(held, _scripted(held, id, n, seed))[0] for n in trainees.PROFILES}
            totals = {n: float(card.total) for n, card in cards.items()}
            groups = scenario.archetypes.best_first
            for better, worse in zip(groups, groups[1:], strict=False):
                for a in better:
                    for b in worse:
                        if a in cards and b in cards and outranks(cards[a]) <= outranks(cards[b]):
                            fault("archetypes", f"seed {seed}: {a} {outranks(cards[a])} does not outrank {b} {outranks(cards[b])}")
            for name in scenario.archetypes.must_fail:
                if cards[name].passed is not False:
                    fault("archetypes", f"seed {seed}: {name} may not pass, and did ({totals[name]:.1f})")
        spread = sorted(totals.values())
        tested.append({"id": id, "archetypes": totals, "discrimination": spread[-1] - spread[0]})
    return {"ok": not problems, "problems": problems, "scenarios": tested}

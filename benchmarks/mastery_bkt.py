"""pyBKT as a peer: run by a Python of its own, because pyBKT 1.4.3 needs an older numpy and scikit-learn than the rest.

Under that Python this file reads a table (user_id, skill_name, correct, order_id) and writes the fitted parameters of each
skill and pyBKT's own predictions as JSON. In the project's Python it makes that environment under build/, and runs the
fitted model forward so that it sees earlier files only, as every other method does.
"""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PINS = ("numpy==1.26.4", "scipy==1.13.1", "pandas==2.2.3", "scikit-learn==1.4.2")
PYBKT = "pyBKT==1.4.3"
BUILD = Path(__file__).parents[1] / "build"
FITS, SEED = 1, 7  # pyBKT is slow: one fit of a hundred learners takes a minute or two.


@dataclass(frozen=True)
class Skill:
    """Chances: known at the start, learned and forgotten at each criterion, a slip when known, a guess when not."""

    prior: float
    learns: float
    forgets: float
    guesses: float
    slips: float


def environment() -> Path | None:
    """The Python that has pyBKT, made once; None where it cannot be had."""
    python = BUILD / "pybkt" / "bin" / "python"
    if not (BUILD / "pybkt" / ".ready").exists():
        commands = (
            [sys.executable, "-m", "venv", str(BUILD / "pybkt")],
            [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *PINS, "setuptools<80", "wheel"],
            [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-build-isolation", PYBKT],
        )
        for command in commands:
            try:
                subprocess.run(command, capture_output=True, timeout=600, check=True)
            except (subprocess.CalledProcessError, subprocess.TimeoutExpired):
                return None
        (BUILD / "pybkt" / ".ready").touch()
    return python


def fitted(python: Path, shares: Any) -> tuple[list[Skill], Any]:
    """Each competency's parameters and pyBKT's own predictions (as `shares`: learners, files, competencies, criteria)."""
    import numpy as np

    table, answer = BUILD / "pybkt-answers.csv", BUILD / "pybkt-fitted.json"
    learners, files, competencies, criteria = shares.shape
    with table.open("w") as out:
        out.write("user_id,skill_name,correct,order_id\n")
        for (i, n, k, j), share in np.ndenumerate(shares):
            out.write(f"{i},c{k},{int(share)},{n * criteria + j}\n")
    subprocess.run([str(python), __file__, str(table), str(answer)], check=True, timeout=900, capture_output=True)
    found = json.loads(answer.read_text())
    own = np.array(found["predictions"]).reshape(learners, files, competencies, criteria)
    return [Skill(**found["skills"][f"c{k}"]) for k in range(competencies)], own


def forward(skills: list[Skill], shares: Any, seen: bool) -> Any:
    """The chance of each share of being 1; with `seen` from every earlier criterion, else from earlier files only."""
    import numpy as np

    chances = np.zeros(shares.shape)
    for k, skill in enumerate(skills):
        known = np.full(len(shares), skill.prior)
        for n in range(shares.shape[1]):
            blind = known
            for j in range(shares.shape[3]):
                at = known if seen else blind
                chances[:, n, k, j] = at * (1 - skill.slips) + (1 - at) * skill.guesses
                given = shares[:, n, k, j]
                right = known * np.where(given == 1, 1 - skill.slips, skill.slips)
                wrong = (1 - known) * np.where(given == 1, skill.guesses, 1 - skill.guesses)
                after = right / (right + wrong)
                known = after * (1 - skill.forgets) + (1 - after) * skill.learns
                blind = blind * (1 - skill.forgets) + (1 - blind) * skill.learns
    return chances


def _main(table: str, answer: str) -> None:
    import pandas as pd
    from pyBKT.models import Model

    frame = pd.read_csv(table)
    model = Model(seed=SEED, num_fits=FITS, parallel=False)
    model.fit(data=frame.copy(), forgets=True)  # It sorts what it is given.
    skills = {}
    for name, one in model.coef_.items():
        each = {key: float(value if key == "prior" else value[0]) for key, value in one.items() if key in ("prior", "learns", "forgets", "guesses", "slips")}
        skills[name] = each
    keys = ["user_id", "skill_name", "order_id"]
    predictions = model.predict(data=frame.copy()).set_index(keys)["correct_predictions"]
    ordered = predictions.loc[pd.MultiIndex.from_frame(frame[keys])]
    Path(answer).write_text(json.dumps({"skills": skills, "predictions": ordered.tolist()}))


if __name__ == "__main__":
    _main(sys.argv[1], sys.argv[2])

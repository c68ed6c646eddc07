"""Use cases of quality monitoring on tables of ratings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from casework.edges import tables
from casework.model.errors import BadInput
from casework.workbench.rights import open_to_all

COLUMNS = ("unit", "rater", "rating")
WEIGHTS = ("none", "linear", "quadratic")


@open_to_all
def agree(path: Path, scale: Sequence[str], level: str = "nominal", weights: str = "none") -> dict[str, Any]:
    """How far raters agree; the contract of `casework agree --json`.

    The table has a row for each rating, with unit, rater and rating; a blank rating is missing. `scale` is every
    rating there can be, from lowest to highest. `weights` may also be a matrix of disagreements, as 0,1,3;1,0,6;3,6,0.
    """
    import numpy as np

    from casework.quality import agreement

    if level not in agreement.LEVELS:
        raise BadInput(f"--level: found {level!r}; allowed: {', '.join(agreement.LEVELS)}")
    words = tuple(word.strip() for word in scale if word.strip())
    if len(set(words)) != len(words) or not words:
        raise BadInput(f"--scale: found {','.join(scale)!r}; write every rating once, from lowest to highest, with commas")
    rows = tables.read(path)
    missing = [name for name in COLUMNS if rows and name not in rows[0]]
    if missing or not rows:
        raise BadInput(f"{path}: {'no rows' if not rows else 'no column ' + ', '.join(missing)}; ratings have {', '.join(COLUMNS)}")
    units = {unit: n for n, unit in enumerate(dict.fromkeys(row["unit"] for row in rows))}
    raters = {rater: n for n, rater in enumerate(dict.fromkeys(row["rater"] for row in rows))}
    codes = np.full((len(units), len(raters)), np.nan)
    seen: dict[tuple[str, str], int] = {}
    for n, row in enumerate(rows, 2):
        pair, rating = (row["unit"], row["rater"]), row["rating"].strip()
        if pair in seen:
            raise BadInput(f"{path}: row {n}: {row['rater']!r} has rated {row['unit']!r} already, in row {seen[pair]}; keep one")
        seen[pair] = n
        if rating and rating not in words:
            raise BadInput(f"{path}: row {n}, rating: found {rating!r}; allowed: {', '.join(words)}, or blank for none")
        if rating:
            codes[units[row["unit"]], raters[row["rater"]]] = words.index(rating)
    found = agreement.agree(
        agreement.Ratings(codes, words, tuple(raters), agreement.numbers(words)), level, _matrix(weights, len(words))
    )  # fmt: skip
    return {
        name: asdict(value) if isinstance(value, agreement.Statistic)
        else {form: asdict(one) for form, one in value.items()} if name == "icc_forms" else value
        for name, value in found.items()
    }  # fmt: skip


def _matrix(weights: str, q: int) -> Any:
    import numpy as np

    if weights in WEIGHTS:
        return weights
    try:
        matrix = np.array([[float(cell) for cell in row.split(",")] for row in weights.split(";")])
    except ValueError:
        matrix = np.zeros(0)
    if matrix.shape != (q, q) or matrix.diagonal().any() or (matrix < 0).any() or not np.isfinite(matrix).all():
        raise BadInput(
            f"--weights: found {weights!r}; allowed: {', '.join(WEIGHTS)}, or {q} rows of {q} disagreements with 0 on the diagonal, as 0,1;1,0"
        )
    return matrix

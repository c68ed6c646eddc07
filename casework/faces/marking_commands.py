"""Commands of quality monitoring."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from casework.faces.terminal import AsJson, guarded, put, say


@guarded
def agree(
    path: Annotated[Path, typer.Argument(help="CSV or XLSX: unit, rater, rating; a blank rating is missing.", metavar="RATINGS.csv")],
    scale: Annotated[str, typer.Option("--scale", help="Every rating there can be, from lowest to highest, with commas.")],
    level: Annotated[str, typer.Option("--level", help="nominal, ordinal, interval or ratio.")] = "nominal",
    weights: Annotated[str, typer.Option("--weights", help="none, linear, quadratic, or disagreements as 0,1,3;1,0,6;3,6,0.")] = "none",
    as_json: AsJson = False,
) -> None:
    """How far raters agree, with n and an interval for each statistic."""
    from casework import workbench

    found = workbench.agree(path, scale.split(","), level, weights)
    if as_json:
        put(found)
        return
    agreed = found["percent_agreement"]
    say(f"{found['units']} units, {found['raters']} raters; percent agreement {'undefined' if agreed is None else f'{agreed:.1f}'}")
    names = {
        "cohen_kappa": "Cohen's kappa", "fleiss_kappa": "Fleiss' kappa", "krippendorff_alpha": f"Krippendorff's alpha ({level})",
        "gwet_ac1": "Gwet's AC1", "gwet_ac2": "Gwet's AC2",
    }  # fmt: skip
    for key, name in names.items():
        if key in found:
            _tell(name, found[key])
    for form, one in found["icc_forms"].items():
        _tell(form, one)
    for warning in found["warnings"]:
        say(f"  ! {warning}")


def _tell(name: str, one: dict[str, Any]) -> None:
    if one["value"] is None:
        say(f"  {name:32} undefined, n {one['n']}: {one['reason']}")
    else:
        between = f"{one['low']:.3f} to {one['high']:.3f}" if one["low"] is not None else f"no interval ({one['reason']})"
        say(f"  {name:32} {one['value']:6.3f}   95 % {between}, n {one['n']}")

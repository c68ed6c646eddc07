"""Rubrics: weighted sections of criteria, automatic or judged, with bands and critical classes."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from casework.model.checks import Check, Handled

CriticalClass = Literal["customer", "business", "compliance"]
CLASSES: tuple[CriticalClass, ...] = ("customer", "business", "compliance")


class _Value(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


def _weight(value: Any) -> Any:
    if isinstance(value, bool) or not isinstance(value, (int, float, str, Fraction)):
        raise ValueError("a weight is a number, 0 or more")
    try:
        number = float(value)
    except (ValueError, OverflowError):
        raise ValueError(f"{value!r} is not a number; a weight is a number, 0 or more") from None
    if not math.isfinite(number) or number < 0:
        raise ValueError(f"{value} is not a weight; use a finite number, 0 or more")
    return Fraction(str(value))


Weight = Annotated[Fraction, BeforeValidator(_weight)]


class Level(_Value):
    level: str
    worth: Weight
    anchor: str


class Band(_Value):
    name: str
    from_: Weight = Field(alias="from")
    own_work: Literal["half", "all"] | None = None


class Criterion(_Value):
    """One question of the rubric. Weight 0 is advisory: shown, and left out of the total."""

    id: str
    asks: str
    weight: Weight
    scale: str | None = None
    critical: CriticalClass | None = None
    clause: str
    evidences: tuple[str, ...]
    check: Check | None = None
    judged: tuple[Level, ...] = ()
    applies_when: Check | None = None

    @model_validator(mode="after")
    def _one_way_to_rate(self) -> Criterion:
        if (self.check is None) == (not self.judged):
            raise ValueError("give either 'check' (with 'scale') or 'judged' levels, and not both")
        if self.check is not None and self.scale is None:
            raise ValueError("an automatic criterion needs a 'scale'")
        return self


class Section(_Value):
    id: str
    title: str
    weight: Weight
    criteria: Annotated[tuple[Criterion, ...], Field(min_length=1)]


class HintPrices(_Value):
    """Points of the total that a hint costs, in guided practice."""

    look: Weight = Fraction(0)
    rule: Weight = Fraction(0)


class Rubric(_Value):
    format: Literal["rubric/1"]
    id: str
    title: str
    version: int
    pass_mark: Weight
    bands: Annotated[tuple[Band, ...], Field(min_length=1)]
    scales: dict[str, dict[str, Weight] | Literal["share of cases met"]]
    sections: Annotated[tuple[Section, ...], Field(min_length=1)]
    hints: HintPrices = HintPrices()

    @model_validator(mode="after")
    def _adds_up(self) -> Rubric:
        faults = []
        for section in self.sections:
            if section.weight and not any(criterion.weight for criterion in section.criteria):
                ids = ", ".join(criterion.id for criterion in section.criteria)
                faults.append(f"weights sum to zero in section {section.id} ({ids}); give at least one a weight")
        if not any(section.weight for section in self.sections):
            faults.append("section weights sum to zero (" + ", ".join(s.id for s in self.sections) + ")")
        seen: set[str] = set()
        for criterion in self.criteria:
            if criterion.id in seen:
                faults.append(f"criterion {criterion.id} stands twice")
            seen.add(criterion.id)
            if criterion.scale is not None and criterion.scale not in self.scales:
                faults.append(f"criterion {criterion.id}: scale {criterion.scale!r} is not one of {sorted(self.scales)}")
            scale = self.scales.get(criterion.scale or "")
            needed = {"best", "acceptable", "wrong"} if isinstance(criterion.check, Handled) else set()
            if needed and isinstance(scale, dict) and needed - set(scale):
                faults.append(f"criterion {criterion.id}: a 'handled' check needs a scale with best, acceptable, wrong")
        if [band.from_ for band in self.bands] != sorted(band.from_ for band in self.bands):
            faults.append("bands stand from lowest to highest")
        if self.bands[0].from_ != 0:
            faults.append(f"the lowest band, {self.bands[0].name}, starts at 0")
        if faults:
            raise ValueError("; ".join(faults))
        return self

    @property
    def criteria(self) -> tuple[Criterion, ...]:
        return tuple(criterion for section in self.sections for criterion in section.criteria)

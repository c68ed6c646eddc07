"""A batch as a trainer writes it: whose work, which notebooks, where the reports go."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

Ids = Annotated[tuple[str, ...], Field(min_length=1)]


class Batch(BaseModel):
    """`roster` and `logs` are paths, from the folder of the file; `minutes` and `memory_mb` bound one notebook.

    Work comes from `scenarios` that scripted trainees of the roster play, or from `logs` that people left.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: Literal["batch/1"] = "batch/1"
    roster: str | None = None
    scenarios: tuple[str, ...] = ()
    seeds: Annotated[tuple[int, ...], Field(min_length=1)] = (1,)
    logs: tuple[str, ...] = ()
    notebooks: Ids = ("20_score.ipynb",)
    parameters: dict[str, Any] = {}
    rubric: str = "case-handling"
    out: str | None = None
    workers: Annotated[int, Field(ge=1, le=256)] | None = None
    retries: Annotated[int, Field(ge=0, le=10)] = 1
    minutes: Annotated[float, Field(gt=0, le=1440)] | None = 30
    memory_mb: Annotated[int, Field(ge=256)] | None = None

    @model_validator(mode="after")
    def _one_source(self) -> Batch:
        if bool(self.scenarios) == bool(self.logs):
            raise ValueError("name scenarios to be played, or logs that were left: one of the two")
        return self

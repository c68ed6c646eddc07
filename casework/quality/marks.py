"""One rater's mark of one criterion on one file: what calibration is worked out from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Mark:
    """`share` is the level's worth, 0 to 1; `level` None is unscored. `expert` marks are what others are set beside."""

    unit: str
    scenario: str
    trainee: str
    rater: str
    criterion: str
    level: str | None
    share: float | None
    at: datetime | None = None
    expert: bool = False

"""People and their roles: who may do what is declared with each use case, in these words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

Role = Literal["trainee", "trainer", "reviewer", "lead", "admin"]
ROLES: tuple[str, ...] = get_args(Role)


@dataclass(frozen=True)
class Person:
    """Someone in the store, by an id that tells nothing about them. `version` grows with every change."""

    id: str
    roles: tuple[str, ...]
    active: bool = True
    version: int = 1

    @property
    def said(self) -> str:
        return f"{', '.join(self.roles)}{'' if self.active else ' (no longer active)'}"

"""The content of one organisation: everything a session is played and judged with."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from difflib import get_close_matches
from functools import cached_property
from typing import TYPE_CHECKING, TypeVar

from casework.model.errors import BadInput

if TYPE_CHECKING:
    from casework.model.calendars import Calendar
    from casework.model.framework import Framework, Marking, Measures
    from casework.model.policies import Clause, Policy, Warn
    from casework.model.rubrics import Rubric
    from casework.model.scenarios import Answer, CaseloadPlan, Scenario
    from casework.model.simulations import Simulation
    from casework.model.templates import Template

T = TypeVar("T")


def nearest(word: str, allowed: list[str]) -> str:
    """` (did you mean 'x'?)`, or nothing if no word is near."""
    begun = [name for name in allowed if word and name.startswith(word)]
    found = begun or get_close_matches(word, allowed, 1, 0.5)
    return f" (did you mean {found[0]!r}?)" if found else ""


@dataclass(frozen=True)
class Library:
    """Content by id. `documents` and `answers` are keyed by scenario; `digests` by kind/id."""

    scenarios: Mapping[str, Scenario]
    documents: Mapping[tuple[str, str], str]
    answers: Mapping[str, Mapping[str, Answer]]
    policies: Mapping[str, Policy]
    calendars: Mapping[str, Calendar]
    rubrics: Mapping[str, Rubric]
    caseloads: Mapping[str, CaseloadPlan]
    framework: Framework | None
    measures: Measures | None
    digests: Mapping[str, str]
    templates: tuple[Template, ...] = ()
    simulations: Mapping[str, Simulation] = field(default_factory=dict)

    @property
    def playable(self) -> dict[str, Scenario]:
        """The scenarios that may be played: all but those that wait for a clinician's sign-off."""
        return {id: scenario for id, scenario in self.scenarios.items() if not scenario.locked}

    @cached_property
    def _clauses(self) -> dict[str, list[Clause]]:
        found: dict[str, list[Clause]] = {}
        for policy in self.policies.values():
            for clause in policy.clauses:
                found.setdefault(f"{policy.id}.{clause.id}", []).append(clause)
        return found

    @cached_property
    def _warning(self) -> list[Clause]:
        return [clause for versions in self._clauses.values() for clause in versions if clause.warn is not None]

    @property
    def clause_ids(self) -> list[str]:
        return list(self._clauses)

    def full_clause_id(self, wanted: str) -> str:
        """`policy.clause` for a full or bare id; a bare one must be unique."""
        if wanted in self._clauses:
            return wanted
        ends = [ref for ref in self._clauses if ref.partition(".")[2] == wanted]
        if len(ends) == 1:
            return ends[0]
        if ends:
            raise BadInput(f"clause {wanted!r} stands in several policies: write one of {', '.join(ends)}")
        bare = [ref.partition(".")[2] for ref in self._clauses]
        policies = sorted({ref.partition(".")[0] for ref in self._clauses})
        raise BadInput(
            f"no clause {wanted!r}{nearest(wanted, self.clause_ids) or nearest(wanted, bare)}; there are {len(self._clauses)}, in the policies "
            f"{', '.join(policies)}. casework list policies shows them"
        )

    def versions(self, ref: str) -> list[Clause]:
        """Every dated version of a clause, the earliest first."""
        return sorted(self._clauses[self.full_clause_id(ref)], key=lambda clause: clause.effective_from)

    def clauses_on(self, on: date) -> Iterator[tuple[str, Clause]]:
        """(policy.clause, version) of everything in force on a day."""
        for ref, versions in self._clauses.items():
            yield from ((ref, clause) for clause in versions if clause.in_force(on))

    def ladder(self, on: date) -> Warn | None:
        """When clocks turn amber and red, by the policy in force on a day."""
        return next((clause.warn for clause in self._warning if clause.in_force(on)), None)

    def clause(self, ref: str, on: date) -> Clause:
        """The version of the clause in force on a day."""
        versions = self._clauses[self.full_clause_id(ref)]
        for clause in versions:
            if clause.in_force(on):
                return clause
        spans = "; ".join(f"{c.effective_from} to {c.effective_to or 'further notice'}" for c in versions)
        raise BadInput(f"clause {ref} was not in force on {on}; it holds {spans}")

    def says(self, ref: str, on: date) -> str:
        """What a clause said on a day; of old work that none covers, that none did."""
        try:
            return self.clause(ref, on).says
        except BadInput:
            return f"(no version of {ref} was in force on {on:%d %B %Y})"

    @property
    def blind_roles(self) -> tuple[str, ...]:
        """The roles that mark without knowing whose work it is, by the measures file."""
        return self.measures.blind if self.measures is not None else ("reviewer",)

    @property
    def marking(self) -> Marking:
        """How people mark, by the measures file; BadInput where it does not say."""
        if self.measures is None or self.measures.marking is None:
            raise BadInput("rubrics/measures.yaml has no 'marking', so nobody can review: copy that part from the shipped file (casework init makes a copy)")
        return self.measures.marking

    def get_scenario(self, id: str) -> Scenario:
        return _get(self.scenarios, id, "scenario")

    def get_rubric(self, id: str) -> Rubric:
        return _get(self.rubrics, id, "rubric")

    def get_calendar(self, id: str) -> Calendar:
        return _get(self.calendars, id, "calendar")

    def get_simulation(self, id: str) -> Simulation:
        """A simulation by its id, or by that of the caseload that it stands for."""
        named = next((one for one in self.simulations.values() if one.caseload == id and id not in self.simulations), None)
        return named or _get(self.simulations, id, "simulation")

    def get_framework(self) -> Framework:
        if self.framework is None:
            raise BadInput("there is no rubrics/framework.yaml, so nothing says what to progress in: copy the shipped file (casework init makes a copy)")
        return self.framework

    def get_caseload(self, id: str) -> CaseloadPlan:
        return _get(self.caseloads, id, "caseload")


def _get(table: Mapping[str, T], id: str, kind: str) -> T:
    if id not in table:
        raise BadInput(f"unknown {kind} {id!r}{nearest(id, list(table))}; there are {', '.join(sorted(table))}")
    return table[id]

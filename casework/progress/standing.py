"""Where each competency of a trainee stands: what is known and how surely, what is missing, and what would mend it.

Evidence advises and people sign. A figure stands with its interval, date and number of files, never alone; where the
evidence does not suffice there is no verdict, only what would make it suffice.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from casework.model.framework import Competency, EvidenceKind, Framework, Supervision, back
from casework.progress import mastery, signing
from casework.progress.ledger import Last, Ledger, Standing
from casework.progress.signing import Signed, SignOff

State = Literal["not_enough", "developing", "ready", "signed_off", "expired", "blocked"]
SAID: dict[State, str] = {
    "not_enough": "not enough evidence", "developing": "developing", "ready": "ready for sign-off", "signed_off": "signed off",
    "expired": "sign-off ended", "blocked": "blocked by a critical error",
}  # fmt: skip


@dataclass(frozen=True)
class Lack:
    """One thing that is missing, and what would mend it."""

    kind: Literal["files", "families", "width", "stale", "kinds", "scenarios", "jurisdictions", "critical", "level"]
    why: str
    mend: str


@dataclass(frozen=True)
class Progress:
    """One competency of one trainee at a moment. `advice` is what the evidence alone says, whatever was signed.

    `typical` is the expected pass rate on a typical file (0 to 1) with its 90 % interval, None before any file; `chance`
    that it is at least `standard`. `files` counted; `practice` did not, as repeats and helped plays; `others` are pieces
    of other kinds.
    """

    competency: Competency
    state: State
    advice: Literal["not_enough", "developing", "ready", "blocked"]
    typical: mastery.Typical | None
    chance: float | None
    standard: float
    files: int
    practice: int
    others: int
    last_on: datetime | None
    missing: tuple[Lack, ...]
    sign_off: SignOff
    next_step: str

    @property
    def thin(self) -> bool:
        """Whether there is too little to show the figure as known, whatever else is missing."""
        return self.typical is None or any(lack.kind in ("files", "families", "width", "stale") for lack in self.missing)


@dataclass(frozen=True)
class Person:
    """A trainee on the framework at a moment; `band` is the supervision that the sign-offs in force make."""

    trainee: str
    at: datetime
    competencies: tuple[Progress, ...]
    band: Supervision | None
    left_to_people: tuple[str, ...] = ()


@dataclass(frozen=True)
class Team:
    """Everyone on the framework, by name and never by rank."""

    at: datetime
    people: tuple[Person, ...]
    competencies: tuple[Competency, ...]


def _since(known: Last, day: datetime) -> int:
    return sum(at >= day for _, at in known)


def _more(n: int, one: str, many: str) -> str:
    return f"{n} more {one if n == 1 else many}"


def lacks(standing: Standing, competency: Competency, framework: Framework, at: datetime) -> tuple[Lack, ...]:
    """What keeps the evidence from sufficing at a moment; empty where it suffices."""
    need = framework.enough(competency)
    day = back(at, need.within)
    found = [Lack(one.kind, one.why, one.mend) for one in mastery.missing(standing.level, at)]
    files = sum(one >= day for one in standing.files)
    if files < need.pieces:
        found = [one for one in found if one.kind != "files"]
        found.insert(0, Lack("files", f"{files} of {need.pieces} files within {need.within}", _more(need.pieces - files, "first attempt", "first attempts")))
    for kind, known, wanted, one, many in (
        ("scenarios", standing.scenarios, need.scenarios, "scenario", "scenarios"),
        ("jurisdictions", standing.jurisdictions, need.jurisdictions, "jurisdiction", "jurisdictions"),
    ):
        have = _since(known, day)
        if have < wanted:
            found.append(Lack(kind, f"{have} of {wanted} {many} within {need.within}", f"files of {_more(wanted - have, one, many)}"))  # type: ignore[arg-type]
    have = _since(standing.kinds, day)
    if have < need.kinds:
        met = {name for name, last in standing.kinds if last >= day}
        open_ = [name for name in competency.evidence_from if name not in met]
        found.append(Lack("kinds", f"{have} of {need.kinds} kinds of evidence within {need.within}", f"{_another(open_)}"))
    return tuple(found)


def _another(kinds: Sequence[EvidenceKind]) -> str:
    named = [f"an {kind}" if kind[0] in "aeiou" else f"a {kind}" for kind in kinds]
    return " or ".join([", ".join(named[:-1]), named[-1]] if len(named) > 1 else named) or "another kind of evidence"


def open_error(standing: Standing, framework: Framework) -> str:
    """The critical error that blocks sign-off, in words; empty where enough files since then were without one."""
    needed = framework.sign_off.no_critical_error_in_last
    error = standing.critical
    if error is None or standing.clean >= needed:
        return ""
    where = f" in {error.scenario}" if error.scenario else ""
    return f"a critical error on {error.at:%d %B %Y}{where} ({', '.join(error.criteria)}), {standing.clean} of {needed} files since then without one"


def chance_of(standing: Standing, competency: Competency, framework: Framework, at: datetime) -> float:
    """The chance (0 to 1) that the expected pass rate on a typical file reaches the standard."""
    return mastery.chance_at_least(mastery.aged(standing.level, at), framework.standard(competency))


def progress_of(standing: Standing, competency: Competency, framework: Framework, at: datetime, events: Iterable[Signed] = ()) -> Progress:
    """Where one competency stands at a moment, from its evidence and what people have signed."""
    held = signing.sign_state(events, framework, at, standing)
    lacking, blocked = lacks(standing, competency, framework, at), open_error(standing, framework)
    scored = standing.level.files > 0
    chance = chance_of(standing, competency, framework, at) if scored else None
    standard = framework.standard(competency)
    advice: Literal["not_enough", "developing", "ready", "blocked"]
    if blocked:
        advice = "blocked"
        needed = framework.sign_off.no_critical_error_in_last - standing.clean
        lacking = (Lack("critical", blocked, _more(needed, "file without a critical error", "files without a critical error")), *lacking)
    elif lacking:
        advice = "not_enough"
    elif chance is not None and 100 * chance >= framework.sign_off.confidence:
        advice = "ready"
    else:
        advice = "developing"
    if chance is not None and 100 * chance < framework.sign_off.confidence and not lacking:
        lacking = (Lack(
            "level", f"the chance that a typical pass rate is at least {100 * standard:.0f} % is {100 * chance:.0f} %, {framework.sign_off.confidence} % are asked for",
            "more files worked well",
        ),)  # fmt: skip
    state: State = "blocked" if blocked else "signed_off" if held.status == "signed" else "expired" if held.status == "ended" else advice
    typical = mastery.typical(mastery.aged(standing.level, at)) if scored else None
    return Progress(
        competency, state, advice, typical, chance, standard, standing.level.files, standing.practice, standing.others, standing.last_at, lacking, held,
        _next(state, advice, lacking, held),
    )  # fmt: skip


def _next(state: State, advice: str, lacking: Sequence[Lack], held: SignOff) -> str:
    """The one thing to do next."""
    if state == "signed_off":
        return f"Signed until {held.until:%d %B %Y}" + (f"; {lacking[0].mend} would keep the evidence fresh" if lacking else "")
    if advice == "ready" and held.next is not None:
        return f"The evidence suffices: {signing.SAID[held.next]} next"
    return f"{lacking[0].mend[:1].upper()}{lacking[0].mend[1:]}" if lacking else "Go on"


def person_of(ledger: Ledger, trainee: str, at: datetime, signs: Mapping[tuple[str, str], Sequence[Signed]] | None = None) -> Person:
    """A trainee on every competency of the framework."""
    framework = ledger.framework
    every = tuple(progress_of(ledger.of(trainee, one.id), one, framework, at, (signs or {}).get((trainee, one.id), ())) for one in framework.competencies)
    return Person(trainee, at, every, band_of(framework, every), signing.for_people(framework))


def team_of(ledger: Ledger, at: datetime, signs: Mapping[tuple[str, str], Sequence[Signed]] | None = None) -> Team:
    """Everyone with a piece of evidence or a sign-off."""
    names = sorted({*ledger.trainees, *(trainee for trainee, _ in signs or {})})
    return Team(at, tuple(person_of(ledger, name, at, signs) for name in names), ledger.framework.competencies)


def band_of(framework: Framework, every: Sequence[Progress]) -> Supervision | None:
    """The supervision band that follows from the sign-offs in force. A critical error where there was a sign-off takes one band off."""
    bands = framework.supervision
    if not bands:
        return None
    held = sum(one.state == "signed_off" for one in every)
    reached = "all" if every and held == len(every) else "some" if held else "none"
    at = next((n for n, band in enumerate(bands) if band.signed == reached), {"none": 0, "some": len(bands) // 2, "all": len(bands) - 1}[reached])
    fallen = any(one.state == "blocked" and one.sign_off.signed_at is not None for one in every)
    return bands[max(0, at - fallen)]

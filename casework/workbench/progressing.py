"""Use cases of progress on the competency framework: evidence from logs and ledgers, where people stand, and sign-off."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any, get_args

from casework.edges import ledgers, memory
from casework.edges.ledgers import Book
from casework.model.errors import BadInput, made
from casework.model.framework import KINDS, Framework
from casework.model.library import Library, nearest
from casework.progress import signing, standing
from casework.progress.learned import guess
from casework.progress.ledger import Ledger, ledger_of
from casework.progress.mastery import TYPICAL_CRITERIA
from casework.progress.next_practice import Advice, Candidate, Played, advise
from casework.progress.pieces import Assigned, Given, Part, Piece, serving
from casework.progress.signing import Act, Signed, SignRole
from casework.progress.standing import Person, Progress, Team
from casework.workbench import evidence
from casework.workbench.evidence import Found
from casework.workbench.plays import MAIN_RUBRIC
from casework.workbench.rights import Access, open_to_all, right

Places = Path | Sequence[Path] | None


@dataclass(frozen=True)
class Gathered:
    """Evidence as of `at`, folded. `fresh` are the pieces that the ledger does not hold; `unfinished` logs were left out."""

    ledger: Ledger
    book: Book
    fresh: tuple[Piece, ...]
    at: datetime
    unfinished: int = 0


@open_to_all
def gather_progress(
    held: Library, logs: Places, framework: Framework | None = None, at: datetime | None = None, book: Book | None = None, trainee: str | None = None,
    assigned: str = "chosen", rubric: str = MAIN_RUBRIC,
) -> Gathered:  # fmt: skip
    """Evidence of logs in files and of a ledger, up to a moment.

    A simulated log knows only simulated time, in which a scenario of next year stands beside one of last: it counts as
    of `at`, as it would if it were recorded then. Without a ledger `at` is by default the last day of any log.
    `trainee` leaves others' logs unscored.
    """
    if book is not None and at is None:
        raise BadInput("beside a ledger a date is needed, as of which logs count")
    return _gathered(held, evidence.in_files(_places(logs), trainee), framework, at, book, assigned, rubric)


def _places(logs: Places) -> Sequence[Path]:
    return () if logs is None else (logs,) if isinstance(logs, Path) else logs


def _gathered(held: Library, found: Found, framework: Framework | None, at: datetime | None, book: Book | None, assigned: str, rubric: str) -> Gathered:
    rule, book = framework or held.get_framework(), book or Book()
    if assigned not in get_args(Assigned):
        raise BadInput(f"--assigned: found {assigned!r}{nearest(assigned, list(get_args(Assigned)))}; allowed: {', '.join(get_args(Assigned))}")
    fresh, moment = evidence.fresh_pieces(held, rule, found.work, book.pieces, at, "random" if assigned == "random" else "chosen", rubric)
    with memory.uncollected():
        return Gathered(ledger_of([*book.pieces, *fresh], rule, moment), book, fresh, moment, found.unfinished)


@right("store", trainer="any", lead="any")
def gather_team(access: Access, at: datetime, book: Book | None = None, logs: Places = None, assigned: str = "chosen", rubric: str = MAIN_RUBRIC) -> Gathered:
    """Evidence of everybody's sessions in the store, people's marks in place of the rubric's, beside a ledger and logs in files."""
    return _gathered(access.library, evidence.in_store(access) + evidence.in_files(_places(logs)), None, at, book, assigned, rubric)


@right("person", trainee="own", reviewer="own", trainer="any", lead="any")
def gather_person(
    access: Access, person: str, at: datetime, book: Book | None = None, logs: Places = None, assigned: str = "chosen", rubric: str = MAIN_RUBRIC
) -> Gathered:  # fmt: skip
    """As `gather_team`, of one person. Of oneself: marks once they are given back, and no assessment."""
    found = evidence.in_store(access, person) + evidence.in_files(_places(logs), person)
    return _gathered(access.library, found, None, at, _of_person(book, person), assigned, rubric)


def _of_person(book: Book | None, person: str) -> Book | None:
    """What a ledger holds of one person alone."""
    return book and replace(
        book, pieces=tuple(one for one in book.pieces if one.trainee == person), events=tuple(one for one in book.events if one.trainee == person),
        plans=tuple(one for one in book.plans if one.trainee == person),
    )  # fmt: skip


@right("store", trainer="any", lead="any")
def record_team(access: Access, ledger: Path, at: datetime, logs: Places = None, assigned: str = "chosen", rubric: str = MAIN_RUBRIC) -> Gathered:
    """As `gather_team`, and writes what is new into the ledger, with a correction where people's marks have changed."""
    with ledgers.held(ledger):
        return _recorded(ledger, gather_team(access, at, ledgers.begun(ledger), logs, assigned, rubric))


def _recorded(ledger: Path, found: Gathered) -> Gathered:
    ledgers.append(ledger, found.fresh)
    return replace(found, book=ledgers.begun(ledger))


@open_to_all
def practise_next(held: Library, gathered: Gathered, trainee: str, count: int = 3) -> tuple[Advice, ...]:
    """What a person should play next, with the reason; of scenarios that may be played, by their authors' levels."""
    from casework.progress.difficulty import TRUST  # Needs numpy, which a single deadline must not wait for.

    rule, kinds = held.get_framework(), evidence.kinds_of(held)
    every = [*gathered.book.pieces, *gathered.fresh]
    played = [Played(piece.scenario, piece.seed, piece.at) for piece in every if piece.trainee == trainee and piece.scenario]
    states = {one.id: gathered.ledger.of(trainee, one.id).level for one in rule.competencies}
    candidates = []
    for scenario in held.playable.values():
        hard = TRUST * guess(scenario.level)
        serves = [one.id for one in serving(rule, scenario.evidences) if "scorecard" in one.evidence_from]
        candidates.append(Candidate(scenario.id, kinds[scenario.id], {id: (hard,) * TYPICAL_CRITERIA for id in serves}, SEEDS))
    return advise(trainee, states, played, candidates, gathered.at, rule.sign_off.standard / 100, count=count)


SEEDS = (1, 2, 3)  # Variants among which a repeat turns.


@open_to_all
def record_progress(held: Library, ledger: Path, logs: Places, at: datetime, assigned: str = "chosen", rubric: str = MAIN_RUBRIC) -> Gathered:
    """As `gather_progress` of everybody, and writes what is new into the ledger."""
    with ledgers.held(ledger):
        return _recorded(ledger, gather_progress(held, logs, None, at, ledgers.begun(ledger), None, assigned, rubric))


@open_to_all
def note_evidence(held: Library, ledger: Path, trainee: str, competency: str, kind: str, by: str, says: str, at: datetime, critical: bool = False) -> Piece:
    """Writes a piece that no log shows: an observation, a knowledge test, a witness note or a reflection.

    It adds a kind of evidence and moves no score; `critical` says that a critical error was seen.
    """
    one = held.get_framework().named(competency)
    allowed: list[str] = [name for name in one.evidence_from if name != "scorecard"]
    if kind not in KINDS or kind not in allowed:
        raise BadInput(f"--kind: found {kind!r}{nearest(kind, allowed)}; {competency} takes {', '.join(allowed) or 'scored files alone'}")
    given = (Given(criterion=kind, share=None, error=True),) if critical else ()
    piece = made(Piece, trainee=trainee, kind=kind, at=at, by=by, says=says, nonce=secrets.token_hex(8), parts=(Part(competency=competency, given=given),))
    with ledgers.held(ledger):
        ledgers.append(ledger, [piece])
    return piece


@open_to_all
def person_progress(gathered: Gathered, trainee: str) -> Person:
    """One person on the framework. BadInput if nothing is known of them."""
    names = sorted({*gathered.ledger.trainees, *(name for name, _ in gathered.book.signs), *(one.trainee for one in gathered.book.plans)})
    if trainee not in names:
        raise BadInput(f"no evidence of {trainee!r}{nearest(trainee, names)}; there is some of {', '.join(names) or 'nobody'}")
    return standing.person_of(gathered.ledger, trainee, gathered.at, gathered.book.signs)


@open_to_all
def team_progress(gathered: Gathered) -> Team:
    """Everyone on the framework, by name; people whose names were erased are left out, and their files go on telling how hard scenarios are."""
    team = standing.team_of(gathered.ledger, gathered.at, gathered.book.signs)
    return replace(team, people=tuple(person for person in team.people if person.trainee not in gathered.book.erased))


@open_to_all
def progress_json(person: Person) -> dict[str, Any]:
    """The contract of `casework progress TRAINEE --json`; rates are 0 to 1, and null before any scored file."""
    return {
        "trainee": person.trainee, "at": person.at.isoformat(), "band": person.band.band if person.band else None,
        "competencies": [_row(one) for one in person.competencies],
    }  # fmt: skip


def _row(one: Progress) -> dict[str, Any]:
    shown = one.typical
    return {
        "id": one.competency.id, "title": one.competency.title, "state": one.state, "advice": one.advice, "mastery": shown.value if shown else None,
        "low": shown.low if shown else None, "high": shown.high if shown else None, "chance": one.chance, "standard": one.standard, "pieces": one.files,
        "practice": one.practice, "other_pieces": one.others, "last_on": one.last_on.date().isoformat() if one.last_on else None,
        "missing": [{"kind": lack.kind, "why": lack.why, "mend": lack.mend} for lack in one.missing], "next": one.next_step,
        "sign_off": {
            "status": one.sign_off.status, "until": one.sign_off.until.date().isoformat() if one.sign_off.until else None, "ended": one.sign_off.ended,
            "next": one.sign_off.next,
            "given": [{"by": g.by, "role": g.role, "competent": g.competent, "on": g.at.date().isoformat(), "reason": g.reason, "against_advice": g.against} for g in one.sign_off.given],
        },
    }  # fmt: skip


@open_to_all
def team_progress_json(team: Team) -> dict[str, Any]:
    """The contract of `casework progress --json` for everybody."""
    return {"at": team.at.isoformat(), "people": [progress_json(person) for person in team.people]}


@open_to_all
def sign(
    held: Library, ledger: Path, trainee: str, competency: str, by: str, role: str, reason: str, at: datetime, act: str = "rated",
    competent: bool = True, against: bool = False,
) -> Signed:  # fmt: skip
    """Writes what a named person says of a competency into the ledger, if it may be said; Refused, with the way on, if not."""
    rule = held.get_framework()
    one = rule.named(competency)
    for name, word, allowed in (("--role", role, get_args(SignRole)), ("act", act, get_args(Act))):
        if word not in allowed:
            raise BadInput(f"{name}: found {word!r}{nearest(word, list(allowed))}; allowed: {', '.join(allowed)}")
    event = made(Signed, trainee=trainee, competency=competency, at=at, by=by, role=role, reason=reason, act=act, competent=competent, against=against)
    with ledgers.held(ledger):
        book = ledgers.begun(ledger)
        stands = ledger_of(book.pieces, rule, at).of(trainee, competency)
        events = book.signs.get((trainee, competency), ())
        now = standing.progress_of(stands, one, rule, at, events)
        event = signing.signed(events, event, rule, now.advice, standing.open_error(stands, rule), stands)
        ledgers.append(ledger, [event])
    return event


@open_to_all
def sign_off_state(held: Library, ledger: Path, trainee: str, competency: str, at: datetime) -> Progress:
    """Where a competency stands by the ledger alone, with who has signed what."""
    rule, book = held.get_framework(), ledgers.read(ledger)
    stands = ledger_of(book.pieces, rule, at).of(trainee, competency)
    return standing.progress_of(stands, rule.named(competency), rule, at, book.signs.get((trainee, competency), ()))

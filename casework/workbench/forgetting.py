"""Use cases of a person's own record in a ledger: all of it, to give to them; erasing it; and erasing what is past its time.

Erasing takes names and words. Figures stay under a reference that leads to nobody, and the chain goes on verifying.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TypeVar

from casework.edges import ledgers
from casework.edges.ledgers import Erased
from casework.model.errors import BadInput
from casework.model.library import Library
from casework.progress import standing
from casework.progress.ledger import ledger_of
from casework.progress.pieces import Piece
from casework.progress.plans import PlanEvent
from casework.progress.signing import Signed
from casework.progress.standing import Person
from casework.workbench.rights import open_to_all

Said = TypeVar("Said", Piece, Signed, PlanEvent)


@dataclass(frozen=True)
class OwnRecord:
    """All that a ledger holds of a person: where they stand, the pieces, sign-offs and plan about them, and what they said of others."""

    person: Person
    pieces: tuple[Piece, ...]
    signed: tuple[Signed, ...]
    said_of_others: int
    plan: tuple[PlanEvent, ...] = ()


@open_to_all
def own_record(held: Library, ledger: Path, trainee: str, at: datetime) -> OwnRecord:
    """A person's own record, in full; of others only who said what about this person. BadInput if there is none."""
    rule, book = held.get_framework(), ledgers.read(ledger)
    pieces, signed, plan = _about(book.pieces, trainee), _about(book.events, trainee), _about(book.plans, trainee)
    written = [(one.by, one.trainee) for entries in (book.pieces, book.events, book.plans) for one in entries]
    others = sum(by == trainee != whose for by, whose in written)
    if not (pieces or signed or plan or others):
        raise BadInput(f"{ledger}: holds nothing about {trainee!r} and nothing by them")
    return OwnRecord(standing.person_of(ledger_of(pieces, rule, at), trainee, at, book.signs), pieces, signed, others, plan)


def _about(entries: Sequence[Said], trainee: str) -> tuple[Said, ...]:
    return tuple(one for one in entries if one.trainee == trainee)


@open_to_all
def own_record_json(record: OwnRecord) -> dict[str, object]:
    """The contract of `casework ledger show TRAINEE --json`."""
    from casework.workbench.progressing import progress_json

    return {
        "progress": progress_json(record.person), "pieces": [one.model_dump(mode="json", exclude_defaults=True) for one in record.pieces],
        "sign_offs": [one.model_dump(mode="json", exclude_defaults=True) for one in record.signed],
        "plan": [ledgers.PLANS.dump_python(one, mode="json", exclude_defaults=True) for one in record.plan], "said_of_others": record.said_of_others,
    }  # fmt: skip


@open_to_all
def forget_person(ledger: Path, name: str, by: str, at: datetime, called: Sequence[str] = (), dry_run: bool = False) -> Erased:
    """Erases a name, all words about that person, their own of themselves, and words about others that name them, as the ledger does or as `called`."""
    with ledgers.held(ledger):
        ledgers.read(ledger)  # Nothing is erased from a ledger that does not verify.
        found = ledgers.of_person(ledger, name, called)
        if not dry_run:
            _named(by, name)
            ledgers.erase(ledger, found, at, by, "asked for")
    return found


@open_to_all
def forget_what_is_due(held: Library, ledger: Path, by: str, at: datetime, dry_run: bool = False) -> Erased:
    """Erases words past the time that the framework keeps them for, and names of people of whom nothing later is left."""
    rule = held.framework
    if rule is None or not rule.retention:
        raise BadInput("rubrics/framework.yaml has no retention, so nothing is past its time; write how long each kind of record is kept, such as retention: {reflection: 12 months}")
    with ledgers.held(ledger):
        ledgers.read(ledger)
        found = ledgers.past(ledger, lambda kind: rule.kept_since(kind, at))
        if not dry_run and (found.people or found.words):
            _named(by)
            ledgers.erase(ledger, found, at, by, "time is over")
    return found


def _named(by: str, erased: str = "") -> None:
    if not by.strip():
        raise BadInput("--as: who erases is missing; name somebody who answers for it")
    if by == erased:
        raise BadInput(f"--as: {by!r} is the name that is to be erased; name somebody else, whose name stays")

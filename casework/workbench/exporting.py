"""Use cases of records that leave: a person's results, sign-offs and progress, as other systems take them.

Nothing in them is a name or a word that somebody wrote: who it is stands there as an account.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from casework.edges import ledgers, logfiles
from casework.edges.portable import badges, names, sheets, xapi
from casework.edges.portable.badges import Issuer
from casework.model.decisions import digest
from casework.model.errors import BadInput
from casework.model.framework import Framework
from casework.model.library import Library
from casework.progress import standing
from casework.progress.ledger import Ledger, holding, ledger_of
from casework.progress.pieces import Piece
from casework.progress.standing import Person, Progress
from casework.workbench.rights import open_to_all


@dataclass(frozen=True)
class Exported:
    """What was written into a folder: how many statements and rows, the competency of each badge by its file, and what has none and why."""

    folder: Path
    account: str
    statements: int
    rows: int
    badges: dict[str, str]
    left_out: dict[str, str]


@open_to_all
def export_records(
    held: Library, ledger: Path, trainee: str, out: Path, at: datetime, base: str = names.BASE, account: str | None = None, issuer: Issuer | None = None
) -> Exported:  # fmt: skip
    """Writes what a ledger holds of a person by a moment into a new folder, all of it or nothing.

    `account` names the person there, by default the ledger's own reference, which is drawn by chance. Badges are made of
    sign-offs in force where an issuer is given; they are unsigned, and each export makes others.
    """
    rule, book = held.get_framework(), ledgers.read(ledger)
    who = ledgers.reference(ledger, trainee) if account is None else account
    every = [one for one in book.pieces if one.trainee == trainee]
    mine = [one for one in holding(every) if one.at <= at]
    if not mine and not any(name == trainee for name, _ in book.signs):
        raise BadInput(f"{ledger}: holds no evidence and no sign-off of {trainee!r} by {at:%d %B %Y}, so there is nothing to export")
    person = standing.person_of(ledger_of(every, rule, at), trainee, at, book.signs)
    said = _statements(held, rule, mine, who, base)
    made, left_out = _badges(rule, person, every, who, base, issuer)
    rows = _rows(person, who)
    with logfiles.new_folder(out, "so that nothing is overwritten") as place:
        logfiles.write(place / "statements.json", xapi.encoded(said))
        for n, (_, badge) in enumerate(made, 1):
            logfiles.write(place / f"badge-{n}.json", badge)
        for name in ("progress.xlsx", "progress.csv"):
            sheets.write(place / name, rows)
    return Exported(out, who, len(said), len(rows), {f"badge-{n}.json": competency for n, (competency, _) in enumerate(made, 1)}, left_out)


def _statements(held: Library, rule: Framework, mine: list[Piece], who: str, base: str) -> list[dict[str, object]]:
    """One for each scored file as it holds; a piece keeps no verdict, so nothing is said of passing."""
    actor = xapi.Account(names.iri(base, "people"), who)
    results = [
        xapi.Result(
            actor, "completed" if one.total is None else "scored", digest([one.source, one.case])[:32] if one.live else one.scenario, None if one.live else _title(held, one.scenario),
            rule.id, rule.version, one.competencies, one.rubric, one.rubric_version, None if one.total is None else xapi.Score(one.total / 100, one.total, 0, 100), None,
            one.at, one.source, not one.live,
        )
        for one in mine if one.kind == "scorecard"
    ]  # fmt: skip
    return xapi.statements(results, base)


def _title(held: Library, scenario: str) -> str:
    return held.scenarios[scenario].title if scenario in held.scenarios else scenario


def _badges(
    rule: Framework, person: Person, every: list[Piece], who: str, base: str, issuer: Issuer | None
) -> tuple[list[tuple[str, str]], dict[str, str]]:  # fmt: skip
    """(competency, credential) for each sign-off in force, and why others have none."""
    made, left_out = list[tuple[str, str]](), dict[str, str]()
    for one in person.competencies:
        if one.state != "signed_off" or one.sign_off.signed_at is None:
            continue
        why = _why_none(one, issuer)
        then = ledger_of(every, rule, one.sign_off.signed_at)
        files = then.of(person.trainee, one.competency.id).level.files
        if not why and not files:
            why = "signed off without a scored file"
        if why or issuer is None:
            left_out[one.competency.id] = why
        else:
            made.append((one.competency.id, badges.encoded(badges.credential(_signed(rule, one, then, person.trainee, who), issuer, base))))
    return made, left_out


def _why_none(one: Progress, issuer: Issuer | None) -> str:
    """A badge shows no reasons, so that one against the advice of the evidence would pass for any other."""
    if any(given.against for given in one.sign_off.given):
        return "signed off against the advice of the evidence, which a badge cannot show"
    return "" if issuer is not None else "nobody issues it: give --issuer and --issuer-name"


def _signed(rule: Framework, one: Progress, then: Ledger, trainee: str, who: str) -> badges.SignOff:
    """A sign-off as a badge takes it, with the evidence as of the day on which it was signed."""
    at, until, competency = one.sign_off.signed_at, one.sign_off.until, one.competency
    if at is None or until is None:
        raise BadInput(f"{competency.id}: is not signed off")
    stood = standing.progress_of(then.of(trainee, competency.id), competency, rule, at)
    share = None if stood.typical is None else round(100 * stood.typical.value, 1)
    asked = (
        f"The trainee rated, an assessor rated and a lead signed, each another person and with reasons. The evidence advised it: a chance of at least {rule.sign_off.confidence} % "
        f"that the expected pass rate on a typical file reaches {100 * one.standard:.0f} %, and no critical error in the last {rule.sign_off.no_critical_error_in_last} files."
    )
    return badges.SignOff(
        who, secrets.token_hex(16), competency.title, asked, rule.id, rule.title, rule.version, (badges.Aligned(competency.id, competency.title),), stood.files, stood.files,
        at, until, one.sign_off.given[-1].id, round(100 * one.standard), share,
    )  # fmt: skip


def _rows(person: Person, who: str) -> list[sheets.ProgressRow]:
    return [_row(one, who) for one in person.competencies]


def _row(one: Progress, who: str) -> sheets.ProgressRow:
    value, low, high = (one.typical.value, one.typical.low, one.typical.high) if one.typical else (None, None, None)
    missing = "; ".join(lack.mend for lack in one.missing)
    return sheets.ProgressRow(who, one.competency.id, one.state, value, low, high, one.files, one.last_on.date() if one.last_on else None, missing)

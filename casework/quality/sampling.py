"""Samples of files for marking: drawn by seed, each with the chance at which it came in, and what they estimate.

A file's lot is a digest of the seed and its id, so that a draw depends neither on the order of rows nor on any
library's random numbers, and anybody can check one file's lot by hand. Within a stratum the lowest lots are drawn;
by weight, files lie in the order of their lots and are taken at even steps of weight (systematic sampling with
probability proportional to size), which keeps every chance of inclusion exact.

Sources: Cochran 1977 (strata); Hartley and Rao 1962 (systematic sampling by size in random order); Horvitz and
Thompson 1952; Deville 1999 (variance without joint chances); Korn and Graubard 1998 (interval of a weighted share).
"""

from __future__ import annotations

import hashlib
import math
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from typing import Literal, get_args

from casework.model.decisions import digest
from casework.model.errors import BadInput

Column = Literal["assistant", "case_type", "jurisdiction", "complaint", "vulnerability"]
COLUMNS: tuple[Column, ...] = get_args(Column)
LOTS = 2**64


@dataclass(frozen=True)
class File:
    """One file that may be drawn. `risk` is its weight, above nought; `started_on` the day its assistant began the work."""

    id: str
    assistant: str = ""
    case_type: str = ""
    jurisdiction: str = ""
    complaint: bool = False
    vulnerability: bool = False
    risk: Fraction = Fraction(1)
    handled_on: date | None = None
    started_on: date | None = None


@dataclass(frozen=True)
class Asked:
    """What is to be drawn: `size` files, beside all of the first `weeks` of each assistant where weeks are given.

    `by` names the columns of the strata, each of which gets `at_least` files if it has them.
    """

    size: int
    seed: int
    by: tuple[Column, ...] = ()
    weigh: Literal["risk"] | None = None
    at_least: int = 0
    weeks: int | None = None


@dataclass(frozen=True)
class Stratum:
    name: str
    files: int
    drawn: int


@dataclass(frozen=True)
class Chosen:
    """A drawn file; `inclusion` is the exact chance at which it came in, above 0 to 1."""

    file: File
    stratum: str
    inclusion: Fraction


@dataclass(frozen=True)
class Draw:
    """A sample with all that is needed to draw it again, and to weigh what is found in it; `chosen` in the order of ids."""

    asked: Asked
    method: str
    frame: str
    frame_size: int
    strata: tuple[Stratum, ...]
    chosen: tuple[Chosen, ...]
    notes: tuple[str, ...]


def ordered(files: Sequence[File]) -> tuple[File, ...]:
    """The files by id; BadInput for a missing id and for ids that differ by nothing a reader would see."""
    seen: dict[str, str] = {}
    for file in files:
        plain = unicodedata.normalize("NFKC", file.id).strip().casefold()
        if not plain:
            raise BadInput("id: a file without an id cannot be drawn; give each its own")
        if plain in seen:
            same = f"{file.id!r} twice" if seen[plain] == file.id else f"{seen[plain]!r} and {file.id!r}, which a reader cannot tell apart"
            raise BadInput(f"id: found {same}; each file has an id of its own, and stands in the table once")
        seen[plain] = file.id
        if file.risk <= 0:
            raise BadInput(f"risk of {file.id}: found {file.risk}; allowed: above 0. A file that can never be drawn is one that nothing is known of")
    return tuple(sorted(files, key=lambda file: file.id))


def frame_digest(files: Sequence[File]) -> str:
    """SHA-256 over the files, whatever their order: two draws with the same digest were of the same files."""
    return digest([
        [f.id, f.assistant, f.case_type, f.jurisdiction, f.complaint, f.vulnerability, str(f.risk), f.handled_on and f.handled_on.isoformat(), f.started_on and f.started_on.isoformat()]
        for f in sorted(files, key=lambda f: f.id)
    ])  # fmt: skip


def lot(seed: int, what: str, name: str) -> int:
    """A whole number from 0 to 2^64 - 1 that follows from the seed: the first 8 bytes of SHA-256 over seed, NUL, what, NUL, name."""
    return int.from_bytes(hashlib.sha256(f"{seed}\0{what}\0{name}".encode()).digest()[:8], "big")


def draw(files: Sequence[File], asked: Asked) -> Draw:
    """The files to mark, and with which chance each came in.

    Strata get their share of `size` by number of files and by largest remainder, so that sizes add up exactly; a
    stratum with fewer files than its minimum gives all it has, and the draw says so.
    """
    every = ordered(files)
    for column in asked.by:
        if column not in COLUMNS:
            raise BadInput(f"by: found {column!r}; allowed: {', '.join(COLUMNS)}")
    if len(set(asked.by)) != len(asked.by):
        raise BadInput(f"by: found {','.join(asked.by)}; name each column once")
    early = [f for f in every if asked.weeks is not None and _early(f, asked.weeks)]
    held = {f.id for f in early}
    rest = [f for f in every if f.id not in held]
    if not 0 <= asked.size <= len(rest) or not asked.size + len(early):
        beside = f" beside {len(early)} of first weeks" if early else ""
        raise BadInput(f"size: found {asked.size}; allowed: {0 if early else 1} to {len(rest)}, the files there are{beside}")
    groups: dict[str, list[File]] = {}
    for file in rest:
        groups.setdefault(_named(file, asked.by), []).append(file)
    counts = {name: len(groups[name]) for name in sorted(groups)}
    sizes = allocate(counts, asked.size, asked.at_least if asked.by else 0)
    chosen = [Chosen(f, "first weeks", Fraction(1)) for f in early]
    for name, size in sizes.items():
        weights = [f.risk if asked.weigh else Fraction(1) for f in groups[name]]
        chosen += [Chosen(f, name, p) for f, p in _taken(groups[name], weights, size, asked.seed, name)]
    strata = [Stratum("first weeks", len(early), len(early))] if early else []
    strata += [Stratum(name, counts[name], sizes[name]) for name in counts]
    chosen.sort(key=lambda one: one.file.id)
    return Draw(asked, _method(asked), frame_digest(every), len(every), tuple(strata), tuple(chosen), _notes(asked, strata, every))


def _early(file: File, weeks: int) -> bool:
    if file.started_on is None:
        return False
    if file.handled_on is None:
        raise BadInput(f"handled_on of {file.id}: found nothing; first weeks are counted from started_on to the day a file was handled")
    if file.handled_on < file.started_on:
        raise BadInput(f"handled_on of {file.id}: found {file.handled_on}, before its assistant started on {file.started_on}; mend one of them")
    return file.handled_on < file.started_on + timedelta(weeks=weeks)


def _named(file: File, by: tuple[Column, ...]) -> str:
    said = {True: "yes", False: "no"}
    values = [getattr(file, column) for column in by]
    return ", ".join(f"{column} {said[value] if isinstance(value, bool) else value or '(none)'}" for column, value in zip(by, values, strict=True)) or "all"


def allocate(counts: Mapping[str, int], size: int, minimum: int = 0) -> dict[str, int]:
    """Files to draw from each stratum, in proportion to its files, with a minimum (or all it has, if fewer); they add up to `size`.

    Remainders go to the largest first, and among equals by name.
    """
    floors = {name: min(minimum, count) for name, count in counts.items()}
    if sum(floors.values()) > size:
        raise BadInput(f"size: found {size}; {len(counts)} strata with at least {minimum} files each need {sum(floors.values())}. Draw more, ask for fewer strata, or lower the minimum")
    fixed: dict[str, int] = {}
    while True:
        free = [name for name in counts if name not in fixed]
        left, among = size - sum(fixed.values()), sum(counts[name] for name in free)
        quota = {name: Fraction(left * counts[name], among) if among else Fraction(0) for name in free}
        small = {name: floors[name] for name in free if quota[name] < floors[name]}
        if not small:
            break
        fixed |= small
    given = {name: math.floor(share) for name, share in quota.items()}
    most = sorted(free, key=lambda name: (given[name] - quota[name], name))
    for name in most[: left - sum(given.values())]:
        given[name] += 1
    return {name: fixed[name] if name in fixed else given[name] for name in counts}


def inclusions(weights: Sequence[Fraction], size: int) -> list[Fraction]:
    """The chance of each file in a draw of `size` by weight; one whose share is a whole file or more comes in for certain."""
    found = [Fraction(0)] * len(weights)
    free, left = list(range(len(weights))), size
    while free and left:
        total = sum((weights[i] for i in free), Fraction(0))
        certain = [i for i in free if weights[i] * left >= total]
        if not certain:
            for i in free:
                found[i] = weights[i] * left / total
            break
        for i in certain:
            found[i] = Fraction(1)
        free, left = [i for i in free if found[i] != 1], left - len(certain)
    return found


def _taken(files: Sequence[File], weights: Sequence[Fraction], size: int, seed: int, stratum: str) -> list[tuple[File, Fraction]]:
    rows = sorted(zip(files, inclusions(weights, size), strict=True), key=lambda row: (lot(seed, "file", row[0].id), row[0].id))
    if len(set(weights)) == 1:
        return rows[:size]
    taken = [row for row in rows if row[1] == 1]
    start, upto, steps = Fraction(lot(seed, "start", stratum), LOTS), Fraction(0), 0
    for file, chance in rows:
        if chance < 1:
            upto += chance
            if math.ceil(upto - start) > steps:
                steps += 1
                taken.append((file, chance))
    return taken


def _method(asked: Asked) -> str:
    how = "by risk, without replacement, at even steps of weight" if asked.weigh else "at random"
    parts = [how + (f", in strata of {' and '.join(asked.by)}, in proportion to their files, at least {asked.at_least} of each" if asked.by else "")]
    if asked.weeks is not None:
        parts.append(f"all files of an assistant's first {asked.weeks} weeks beside them")
    return "; ".join(parts)


def _notes(asked: Asked, strata: Sequence[Stratum], every: Sequence[File]) -> tuple[str, ...]:
    notes = [
        f"{s.name}: has {s.files} files, fewer than the {asked.at_least} asked for; all are drawn"
        for s in strata if asked.by and s.name != "first weeks" and s.files < asked.at_least
    ]  # fmt: skip
    none = [s.name for s in strata if not s.drawn]
    if none:
        notes.append(f"nothing is drawn from {len(none)} strata ({'; '.join(none[:5])}{'; …' if len(none) > 5 else ''}): the sample says nothing about them")
    if asked.weeks is not None and not any(f.started_on for f in every):
        notes.append("no file has a started_on, so none counts as of an assistant's first weeks")
    return tuple(notes)

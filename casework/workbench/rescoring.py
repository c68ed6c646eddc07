"""Use cases of a rubric's life: what a change would do to past results before it is published, and taking it over.

People's marks are kept as they are. A mark on a criterion that has changed since is stale: it stands in the
record, and no longer in the total, until someone marks it anew.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from casework.edges import files, logfiles
from casework.edges.store import reviews as chains
from casework.model.decisions import DecisionLog, canonical, digest
from casework.model.errors import BadInput, ContentError
from casework.model.library import Library
from casework.model.reviews import SLOTS, ReviewEvent, review_id
from casework.model.rubrics import Criterion, Rubric
from casework.practice.desk import record_of
from casework.practice.replaying import caseload_of
from casework.quality import reviews, scoring
from casework.quality.reviews import Held
from casework.quality.scoring import Scorecard
from casework.workbench import sheets
from casework.workbench.rights import Access, open_to_all, right

if TYPE_CHECKING:
    from casework.quality.cards import Work

REASONS = 20_000  # Different pairs of results whose reasons are kept.


@dataclass(frozen=True)
class Change:
    """What a rubric's change does to one file: both scorecards, why they differ, and the human marks it makes stale."""

    session: str
    before: Scorecard
    after: Scorecard
    why: tuple[str, ...]
    stale: tuple[str, ...]

    @property
    def flips(self) -> bool:
        return self.before.passed != self.after.passed or self.before.band != self.after.band


@dataclass(frozen=True)
class Rescored:
    rubric: str
    before: int
    after: int
    changes: tuple[Change, ...]
    changed_criteria: tuple[str, ...]
    published: bool

    @property
    def flipped(self) -> tuple[Change, ...]:
        return tuple(one for one in self.changes if one.flips)


@open_to_all
def read_rubric(path: Path) -> Rubric:
    """A rubric in a file, checked by itself; ContentError with every problem in it."""
    found = files.read_file(path, "rubric", path.parent)
    if found.value is None:
        raise ContentError(found.problems)
    return found.value  # type: ignore[no-any-return]


@open_to_all
def rescore_each(held: Library, paths: Sequence[Path], old: Rubric, new: Rubric) -> Iterator[Change]:
    """What a change of rubric does to logs in files, one case after another as they are read; nothing is written.

    A year of logs takes no more memory than some hundreds. Scorecards have their figures, and no reasons.
    """
    from casework.quality.cards import Cards

    kept: dict[tuple[int, int], tuple[Scorecard, Scorecard, tuple[str, ...]]] = {}
    for work, (before, after) in Cards(held, (old, new)).of(_works(held, paths)):
        known = id(before.ratings), id(after.ratings)  # Alike for logs with the same verdicts; held, so that no other takes the place.
        if known not in kept:
            if len(kept) >= REASONS:
                kept.clear()
            kept[known] = before, after, _why(before, after, ())
        yield Change(work.session, before, after, kept[known][2], ())


@open_to_all
def rescoring_of(old: Rubric, new: Rubric) -> Rescored:
    """A change of rubric by itself, before any file is looked at."""
    return Rescored(new.id, old.version, new.version, (), _changed(old, new), False)


def _works(held: Library, paths: Sequence[Path]) -> Iterator[Work]:
    from casework.quality.cards import Work

    for path in logfiles.logs_in(*paths):
        log = logfiles.read_log(path)
        load, header = caseload_of(held, log), log.header
        for case in load.cases:
            yield Work(case, record_of(held, load, log, case.key).events, header.trainee, header.seed, header.session)


@right("store", reviewer="any", lead="any")
def rescore_preview(access: Access, new: Rubric) -> Rescored:
    """What a rubric's change does to every reviewed file, people's marks included; nothing is written."""
    found = [change for _, change in _changes(access, new)]
    known = access.library.get_rubric(new.id)
    return Rescored(new.id, known.version, new.version, tuple(found), _changed(known, new), False)


@right("store", lead="any")
def rescore(access: Access, new: Rubric) -> Rescored:
    """Takes the new version over for every reviewed file; marks on changed criteria are flagged stale and kept.

    BadInput unless the version is higher than what is pinned.
    """
    known = access.library.get_rubric(new.id)
    pairs = list(_changes(access, new))
    pinned = [one.before.rubric.version for _, one in pairs]
    if any(new.version <= version for version in pinned):
        raise BadInput(f"{new.id}: version {new.version} is not above version {max(pinned)}, which files were marked by; a changed rubric has a higher version")
    content = canonical(new.model_dump(mode="json", by_alias=True, exclude_defaults=True))
    chains.pin(access.store, digest(content), content)
    for case, one in pairs:
        course = sheets.course(access, one.session, case)
        event = ReviewEvent(
            n=0, at=sheets.now(), by=access.person.id, did="rescored", rubric=new.id, version=new.version, pinned=digest(content), stale=one.stale
        )
        begun = ReviewEvent(n=0, at=event.at, by=event.by, did="begun", session=one.session, case=case, slot="course")
        sheets.write(access, one.session, case, "course", course.version, (event,) if course.version else (begun, event), {})
    return Rescored(new.id, known.version, new.version, tuple(one for _, one in pairs), _changed(known, new), True)


def _changes(access: Access, new: Rubric) -> list[tuple[str, Change]]:
    begun = set(chains.counted(access.store))
    found = []
    for session, case, _, _ in sheets.files(access):
        if any(review_id(session, case, slot) in begun for slot in SLOTS):
            log = access.store.log(session)
            both, course = sheets.both(access, session, case), sheets.course(access, session, case)
            if any(one.submitted is None for one in both) or both[0].rubric != new.id:
                continue
            old = sheets.rubric_of(access, sheets.pinned_by(both, course))
            marks = reviews.still_given(old, reviews.held(both, course), course)
            found += [(case, one) for one in _compare(access.library, log, old, new, marks) if one.after.case == case]
    return found


def _compare(held: Library, log: DecisionLog, old: Rubric, new: Rubric, marks: dict[str, Held]) -> list[Change]:
    work = caseload_of(held, log)
    stale = tuple(id for id in marks if id in _changed(old, new))
    kept = {id: mark for id, mark in marks.items() if id not in stale}
    found = []
    for before, after in zip(scoring.score(held, work, log, old), scoring.score(held, work, log, new), strict=True):
        one, two = reviews.agreed(before, marks), reviews.agreed(after, kept)
        found.append(Change(log.header.session, one, two, _why(one, two, stale), stale))
    return found


def _changed(old: Rubric, new: Rubric) -> tuple[str, ...]:
    """The criteria that are new, gone, or ask or rate otherwise; a weight alone changes no mark."""
    ours, theirs = {c.id: c for c in old.criteria}, {c.id: c for c in new.criteria}
    return tuple(
        id for id in dict.fromkeys([*ours, *theirs])
        if id not in ours or id not in theirs or _rated_by(old, ours[id]) != _rated_by(new, theirs[id])
    )  # fmt: skip


def _rated_by(rubric: Rubric, criterion: Criterion) -> object:
    return criterion.asks, criterion.check, criterion.judged, criterion.applies_when, criterion.critical, rubric.scales.get(criterion.scale or "")


def _why(one: Scorecard, two: Scorecard, stale: tuple[str, ...]) -> tuple[str, ...]:
    """The criteria whose part of the total moved, the most first, and what else decides the result."""
    before, after = {r.criterion.id: r for r in one.ratings}, {r.criterion.id: r for r in two.ratings}
    moved = []
    for id in dict.fromkeys([*before, *after]):
        a, b = before.get(id), after.get(id)
        points = (float(a.points) if a else 0.0, float(b.points) if b else 0.0)
        error = (a is not None and a.critical_error, b is not None and b.critical_error)
        if points[0] != points[1] or error[0] != error[1]:
            now = "a critical error now" if error[1] and not error[0] else "no longer a critical error" if error[0] and not error[1] else ""
            gone = "new" if a is None else "taken out" if b is None else f"{points[0]:.1f} points, then {points[1]:.1f}"
            moved.append((abs(points[1] - points[0]), f"{id}: {', '.join(part for part in (gone, now) if part)}"))
    said = [text for _, text in sorted(moved, key=lambda pair: -pair[0])]
    if one.rubric.pass_mark != two.rubric.pass_mark:
        said.insert(0, f"the pass mark moves from {float(one.rubric.pass_mark):g} to {float(two.rubric.pass_mark):g}")
    if stale:
        said.append(f"people's marks on {', '.join(stale)} are stale: to be marked anew")
    return tuple(said)

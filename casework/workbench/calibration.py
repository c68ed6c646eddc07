"""Use cases of calibration: raters beside one another and the expert, and what each criterion of a rubric tells."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any

from casework.edges import logfiles, tables
from casework.model.errors import BadInput
from casework.model.library import Library
from casework.model.rubrics import Rubric
from casework.quality import reviews
from casework.quality.marks import Mark
from casework.workbench import plays
from casework.workbench.rights import open_to_all

if TYPE_CHECKING:
    from casework.quality.calibrating import Deviation, Disagreement, Halo
    from casework.quality.facets import Facets
    from casework.quality.generalising import Study
    from casework.quality.items import Analysis, Question

COLUMNS = ("unit", "rater", "criterion", "rating")
BLANK = ("", reviews.NOT_APPLICABLE, reviews.CANNOT_TELL)  # Ratings that are no level.
YES, NO = ("yes", "true", "1", "x"), ("", "no", "false", "0")
DOUBLE = 30  # Files marked twice, the least from which agreement is shown.
DEMONSTRATION_BEGINS = datetime(2026, 3, 2, 9, tzinfo=UTC)
AUTOMATIC = "automatic"  # Whose marks are the machine's.


@dataclass(frozen=True)
class CriterionAgreement:
    """Agreement on one criterion over files marked twice or more; `found` as `agree` gives it, empty where `why_not` says so.

    `used` is each level with its share of the marks, from lowest to highest.
    """

    criterion: str
    asks: str
    double: int
    used: tuple[tuple[str, float], ...]
    found: Mapping[str, Any]
    why_not: str


@dataclass(frozen=True)
class Calibration:
    """What a team's marks say. `aliases` tells whoever leads the meeting which alias is whose; `analysis` is None unless every mark names trainee and scenario."""

    marks: int
    units: int
    aliases: tuple[tuple[str, str], ...]
    agreement: tuple[CriterionAgreement, ...]
    deviations: tuple[Deviation, ...]
    halo: tuple[Halo, ...]
    disagreements: tuple[Disagreement, ...]
    analysis: Analysis | None
    facets: Facets | None  # Severity, drift and adjusted scores, raters by alias; where trainees are named.


@dataclass(frozen=True)
class CriteriaStudy:
    """What each criterion tells, and how far scores would hold on other files."""

    rubric: str
    analysis: Analysis
    study: Study


@open_to_all
def calibrate(held: Library, path: Path, rubric: str = plays.MAIN_RUBRIC, scale: Sequence[str] = ()) -> Calibration:
    """What a table of marks says of its raters; the table has unit, rater, criterion, rating, and may have scenario, trainee, at, expert."""
    return calibrate_marks(held, read_marks(held, path, rubric, scale), rubric)


@open_to_all
def read_marks(held: Library, path: Path, rubric: str = plays.MAIN_RUBRIC, scale: Sequence[str] = ()) -> tuple[Mark, ...]:
    """The marks of a table, CSV or XLSX, one row each; a blank rating is unscored.

    Levels are the rubric's, criterion by criterion; `scale`, from lowest to highest, takes their place for every
    criterion, evenly spaced. A time without a zone is UTC. BadInput names the row.
    """
    own = held.get_rubric(rubric)
    words = [word.strip() for word in scale]
    if scale and (len(words) < 2 or len(set(words)) != len(words) or "" in words):
        raise BadInput(f"--scale: found {','.join(scale)!r}; write every rating once, at least two, from lowest to highest, with commas")
    rows = tables.read(path)
    missing = [name for name in COLUMNS if rows and name not in rows[0]]
    if missing or not rows:
        raise BadInput(f"{path}: {'no rows' if not rows else 'no column ' + ', '.join(missing)}; marks have {', '.join(COLUMNS)}, and may have scenario, trainee, at, expert")  # fmt: skip
    shares = {w: n / (len(words) - 1) for n, w in enumerate(words)}
    levels = None if words else {c.id: {k: float(v) for k, v in reviews.choices(own, c).items() if v is not None} for c in own.criteria}
    seen: dict[tuple[str, str, str], int] = {}
    found = []
    for n, row in enumerate(rows, 2):
        where = f"{path}: row {n}"
        unit, rater, criterion = (_filled(row, name, where) for name in COLUMNS[:3])
        if (unit, rater, criterion) in seen:
            raise BadInput(f"{where}: {rater!r} has marked {criterion!r} of {unit!r} already, in row {seen[unit, rater, criterion]}; keep one")
        seen[unit, rater, criterion] = n
        if levels is not None and criterion not in levels:
            near = get_close_matches(criterion, levels, 1)
            raise BadInput(f"{where}, criterion: found {criterion!r}; not in rubric {rubric}{f', did you mean {near[0]!r}?' if near else '. Name the rubric with --rubric, or the ratings with --scale'}")  # fmt: skip
        allowed = shares if levels is None else levels[criterion]
        rating = row["rating"].strip()
        if rating not in BLANK and rating not in allowed:
            raise BadInput(f"{where}, rating: found {rating!r}; allowed for {criterion}: {', '.join(allowed)}, or blank for none")
        level = rating if rating in allowed else None
        found.append(Mark(
            unit, row.get("scenario", "").strip(), row.get("trainee", "").strip(), rater, criterion, level, None if level is None else allowed[level],
            _at(row.get("at", "").strip(), where), _yes(row.get("expert", "").strip(), where),
        ))  # fmt: skip
    return tuple(found)


def _filled(row: Mapping[str, str], name: str, where: str) -> str:
    if not row[name].strip():
        raise BadInput(f"{where}, {name}: blank; every mark names its {name}")
    return row[name].strip()


def _at(text: str, where: str) -> datetime | None:
    if not text:
        return None
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise BadInput(f"{where}, at: found {text!r}; allowed: a day or time such as 2026-03-02 or 2026-03-02T09:30+00:00, or blank") from None
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def _yes(text: str, where: str) -> bool:
    if text.lower() not in (*YES, *NO):
        raise BadInput(f"{where}, expert: found {text!r}; allowed: {', '.join(YES)} for the expert's mark, blank or {', '.join(NO[1:])} for any other")
    return text.lower() in YES


@open_to_all
def calibrate_marks(held: Library, marks: Sequence[Mark], rubric: str = plays.MAIN_RUBRIC) -> Calibration:
    """What these marks say of their raters, from a table or from the store; criteria that the rubric lacks weigh 1."""
    from casework.quality import calibrating, facets, items

    if not any(mark.share is not None for mark in marks):
        raise BadInput("no mark has a level: there is nothing to calibrate. Hand in marks first, or give a table with ratings")
    own = held.get_rubric(rubric)
    marked = list(dict.fromkeys(mark.criterion for mark in marks))
    known = _questions(own)
    questions = [*(known[id] for id in known if id in marked), *(items.Question(id, id) for id in marked if id not in known)]
    names = calibrating.aliases(marks)
    whose = all(mark.trainee and mark.scenario for mark in marks)
    return Calibration(
        len(marks), len({mark.unit for mark in marks}), tuple((alias, rater) for rater, alias in sorted(names.items(), key=lambda pair: pair[1])),
        tuple(_agreement(own, question, [m for m in marks if m.criterion == question.id and not m.expert]) for question in questions),
        calibrating.deviations(marks, names), calibrating.halo(marks, names), calibrating.disagreements(marks, questions, names),
        items.analyse(marks, questions) if whose else None,
        facets.take_apart([replace(m, rater=names[m.rater]) for m in marks]) if all(mark.trainee for mark in marks) else None,
    )  # fmt: skip


def _questions(rubric: Rubric) -> dict[str, Question]:
    """The rubric's criteria, with what each weighs in points of the total where everything applies."""
    from casework.quality.items import Question

    found = {}
    for section in rubric.sections:
        whole = sum(c.weight for c in section.criteria)
        for c in section.criteria:
            found[c.id] = Question(c.id, c.asks, float(section.weight * c.weight / whole) if whole else 0.0, c.critical)
    return found


def _agreement(rubric: Rubric, question: Question, marks: Sequence[Mark]) -> CriterionAgreement:
    import numpy as np

    from casework.quality import agreement

    criterion = next((c for c in rubric.criteria if c.id == question.id), None)
    scored = {(m.unit, m.rater): m for m in marks if m.level is not None and m.share is not None}
    seen = {m.level: m.share for m in scored.values() if m.level is not None and m.share is not None}
    declared = {k: float(v) for k, v in reviews.choices(rubric, criterion).items() if v is not None} if criterion and set(seen) <= set(reviews.choices(rubric, criterion)) else {}
    # Another scale than the rubric's: the levels that were used, by their worth.
    scale = sorted(declared or seen, key=lambda level: (declared or seen)[level])
    units, raters = list(dict.fromkeys(unit for unit, _ in scored)), list(dict.fromkeys(rater for _, rater in scored))
    codes = np.full((len(units), max(1, len(raters))), np.nan)
    rows, columns = {unit: n for n, unit in enumerate(units)}, {rater: n for n, rater in enumerate(raters)}
    for (unit, rater), mark in scored.items():
        codes[rows[unit], columns[rater]] = scale.index(mark.level or "")
    double = int(((~np.isnan(codes)).sum(axis=1) >= 2).sum())
    used = tuple((level, sum(m.level == level for m in scored.values()) / len(scored)) for level in scale) if scored else ()
    if double < DOUBLE:
        why = f"Not enough evidence: {double} of {DOUBLE} files marked twice; about {DOUBLE - double} more files marked twice"
        return CriterionAgreement(question.id, question.asks, double, used, {}, why)
    ratings = agreement.Ratings(codes, tuple(scale), tuple(raters), None)
    return CriterionAgreement(question.id, question.asks, double, used, agreement.agree(ratings, "ordinal", "linear"), "")


@open_to_all
def criteria(held: Library, folder: Path, rubric: str = plays.MAIN_RUBRIC) -> CriteriaStudy:
    """What each criterion tells over a folder of logs, each scored by the machine; a trainee's first attempt at each scenario counts."""
    logs = sorted((logfiles.read_log(path) for path in logfiles.logs_in(folder)), key=lambda log: (log.header.attempt, log.header.seed))
    marks = [
        Mark(
            f"{log.header.session}/{card.case}", card.scenario, card.trainee, AUTOMATIC, r.criterion.id,
            f"{float(r.rating):g}" if r.status == "rated" else None, float(r.rating) if r.status == "rated" else None,
        )
        for log in logs for card in plays.score(held, log, rubric) for r in card.ratings
    ]  # fmt: skip
    return criteria_of(held, marks, rubric)


@open_to_all
def criteria_of(held: Library, marks: Sequence[Mark], rubric: str = plays.MAIN_RUBRIC) -> CriteriaStudy:
    """What each criterion tells over given marks, which come in the order in which files were worked."""
    from casework.quality import generalising, items

    questions = tuple(_questions(held.get_rubric(rubric)).values())
    return CriteriaStudy(rubric, items.analyse(marks, questions), generalising.study(marks))


@open_to_all
def demonstration_marks(held: Library, rubric: str = plays.MAIN_RUBRIC, seed: int = 1) -> tuple[Mark, ...]:
    """Marks of an invented team on the rubric's judged criteria, the same for the same seed; no person's work is in them."""
    from casework.quality import demonstration

    own = held.get_rubric(rubric)
    levels = {c.id: {level.level: float(level.worth / 100) for level in c.judged} for c in own.criteria if c.judged}
    if not levels:
        raise BadInput(f"rubric {rubric} has no judged criteria, so there is nothing for an invented team to mark; name another")
    return demonstration.team(levels, sorted(held.scenarios)[:4], seed, DEMONSTRATION_BEGINS)


@open_to_all
def calibration_json(found: Calibration) -> dict[str, Any]:
    """The contract of `casework calibrate --json`."""
    return {
        "marks": found.marks, "units": found.units, "raters": [{"alias": alias, "rater": rater} for alias, rater in found.aliases],
        "agreement": [asdict(one) | {"used": dict(one.used)} for one in found.agreement],
        "deviations": [asdict(one) for one in found.deviations], "halo": [asdict(one) for one in found.halo],
        "disagreements": [
            {
                "unit": d.unit, "criterion": d.criterion.id, "asks": d.criterion.asks, "critical": d.criterion.critical, "weight": d.criterion.weight,
                "spread": d.spread, "points": d.points, "said": [asdict(s) for s in d.said],
            }
            for d in found.disagreements
        ],
        "criteria": _analysis_json(found.analysis) if found.analysis else None,
        "facets": asdict(found.facets) if found.facets else None,
    }  # fmt: skip


@open_to_all
def criteria_json(found: CriteriaStudy) -> dict[str, Any]:
    """The contract of `casework criteria --json`."""
    return {"rubric": found.rubric, **_analysis_json(found.analysis), "study": asdict(found.study)}


def _analysis_json(found: Analysis) -> dict[str, Any]:
    rows = [
        {
            "criterion": i.question.id, "asks": i.question.asks, "critical": i.question.critical, "trainees": i.trainees, "facility": asdict(i.facility),
            "with_the_rest": asdict(i.with_the_rest), "varies": i.varies, "flags": list(i.flags),
        }
        for i in found.items
    ]  # fmt: skip
    return {
        "trainees": found.trainees, "files": found.files, "criteria": rows, "alpha": asdict(found.alpha),
        "flags_by_chance": asdict(found.by_chance), "notes": list(found.notes),
    }  # fmt: skip

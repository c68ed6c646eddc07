"""Use cases of choosing what to mark: draws from tables of files or from logs, and plans of how many."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from casework.edges import exports, logfiles, tables
from casework.model.errors import BadInput
from casework.model.library import Library, nearest
from casework.quality import sampling
from casework.quality.sampling import Asked, Chosen, Column, Draw, File, Stratum
from casework.workbench.rights import open_to_all

if TYPE_CHECKING:
    from casework.quality.acceptance import Single
    from casework.quality.estimates import Estimate
    from casework.quality.planning import FallPlan
    from casework.quality.proportions import AcceptancePlan

KNOWN = ("id", "assistant", "case_type", "jurisdiction", "complaint", "vulnerability", "risk", "handled_on", "started_on")
NEEDED = ("stratum", "stratum_files", "stratum_drawn", "frame_files", "inclusion")
YES, NO = ("yes", "true", "1", "y"), ("no", "false", "0", "n", "")


@open_to_all
def frame(path: Path) -> tuple[tuple[str, ...], tuple[File, ...]]:
    """The columns of a table of files (CSV or XLSX) and its files; of a folder, one file for each decision log in it."""
    if path.is_dir():
        return ("id", "assistant", "case_type"), _of_logs(path)
    rows = tables.read(path)
    columns = tuple(rows[0]) if rows else ()
    if "id" not in columns:
        raise BadInput(f"{path}: {'no rows' if not rows else 'no column id'}; a table of files has id, and of {', '.join(KNOWN[1:])} what is to be drawn by")
    return columns, tuple(_file(path, n, row) for n, row in enumerate(rows, 2))


def _of_logs(folder: Path) -> tuple[File, ...]:
    heads = [logfiles.read_log(path).header for path in logfiles.logs_in(folder)]
    return tuple(File(h.session, h.trainee, "imported" if h.source == "imported" else h.scenario or h.caseload or "") for h in heads)


def _file(path: Path, n: int, row: dict[str, str]) -> File:
    def fault(column: str, allowed: str) -> BadInput:
        return BadInput(f"{path}: row {n}, {column}: found {row[column]!r}; allowed: {allowed}")

    def flag(column: str) -> bool:
        word = row.get(column, "").strip().casefold()
        if word not in (*YES, *NO):
            raise fault(column, "yes or no (blank is no)")
        return word in YES

    def day(column: str) -> date | None:
        text = row.get(column, "").strip()
        try:
            return date.fromisoformat(text[:10] if text.endswith("T00:00:00") else text) if text else None
        except ValueError:
            raise fault(column, "a day as 2026-03-02, or blank") from None

    risk = Fraction(1)
    if "risk" in row:
        try:
            number = Decimal(row["risk"].strip())
        except InvalidOperation:
            number = Decimal(0)
        if not number.is_finite() or not Decimal("1e-6") <= number <= Decimal("1e6"):
            raise fault("risk", "a number above 0, from 0.000001 to 1000000")
        risk = Fraction(number)
    words = {name: exports.original(row.get(name, "")).strip() for name in ("assistant", "case_type", "jurisdiction")}
    return File(
        exports.original(row["id"]), words["assistant"], words["case_type"], words["jurisdiction"],
        flag("complaint"), flag("vulnerability"), risk, day("handled_on"), day("started_on"),
    )  # fmt: skip


@open_to_all
def draw_sample(
    held: Library, path: Path, size: int, seed: int, by: Sequence[str] = (), weigh: str | None = None,
    at_least: int | None = None, weeks: int | None = None,
) -> Draw:  # fmt: skip
    """A sample of files to mark. What is not given of `at_least` is as the content's measures say."""
    columns, files = frame(path)
    for name in by:
        if name not in sampling.COLUMNS:
            raise BadInput(f"--by: found {name!r}; allowed: {', '.join(sampling.COLUMNS)}{nearest(name, list(sampling.COLUMNS))}")
    if weigh not in (None, "risk"):
        raise BadInput(f"--weigh: found {weigh!r}; allowed: risk")
    needed = [*by, *(["risk"] if weigh else []), *(["handled_on", "started_on"] if weeks is not None else [])]
    missing = [name for name in needed if name not in columns]
    if missing:
        raise BadInput(f"{path}: no column {', '.join(missing)}; this draw needs {', '.join(needed)}. Found: {', '.join(columns)}")
    rule = held.measures.sampling if held.measures is not None else None
    least = at_least if at_least is not None else rule.at_least if rule is not None else 0
    return sampling.draw(files, Asked(size, seed, cast("tuple[Column, ...]", tuple(by)), "risk" if weigh else None, least if by else 0, weeks))


@open_to_all
def first_weeks(held: Library) -> int:
    """For how many weeks every file of a new assistant is marked, as the content's measures say."""
    if held.measures is None or held.measures.sampling is None:
        raise BadInput("--first-weeks: rubrics/measures.yaml does not say how many; add sampling: {first_weeks: 12, at_least: 2} to it, with your numbers")
    return held.measures.sampling.first_weeks


@open_to_all
def sample_json(drawn: Draw) -> dict[str, Any]:
    """The contract of `casework sample draw --json`."""
    asked = drawn.asked
    return {
        "seed": asked.seed, "method": drawn.method, "frame": drawn.frame, "frame_size": drawn.frame_size, "size": asked.size,
        "by": list(asked.by), "weigh": asked.weigh, "at_least": asked.at_least, "first_weeks": asked.weeks,
        "strata": [vars(s) for s in drawn.strata],
        "chosen": [
            {"id": c.file.id, "assistant": c.file.assistant, "stratum": c.stratum, "inclusion": float(c.inclusion), "exact": str(c.inclusion)}
            for c in drawn.chosen
        ],
        "notes": list(drawn.notes),
    }  # fmt: skip


@open_to_all
def write_selection(drawn: Draw, out: Path) -> None:
    """The drawn files as CSV, or as XLSX by its ending, each with its stratum, its chance and what draws it again; `right` is left to fill in.

    No text is run by a spreadsheet; in XLSX an id also keeps its zeros there, which CSV leaves to the spreadsheet.
    """
    header = ("id", "assistant", "case_type", *NEEDED, "seed", "frame", "right")
    of = {stratum.name: stratum for stratum in drawn.strata}
    rows = [
        (
            c.file.id, c.file.assistant, c.file.case_type, c.stratum, of[c.stratum].files, of[c.stratum].drawn, drawn.frame_size,
            round(float(c.inclusion), 12), drawn.asked.seed, drawn.frame, "",
        )
        for c in drawn.chosen
    ]  # fmt: skip
    if out.suffix.lower() != ".xlsx":
        logfiles.write(out, exports.to_csv(header, rows))
        return
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        exports.write_xlsx(out, header, rows)
    except OSError as error:
        raise BadInput(f"{out}: cannot be written ({error.strerror}); choose another place with --out") from None


@open_to_all
def estimate(path: Path, column: str = "right") -> Estimate:
    """What a marked selection says of all files it was drawn from.

    Of a column of yes and no the share of yes, 0 to 1; of a column of numbers their mean.
    """
    from casework.quality import estimates

    rows = tables.read(path)
    missing = [name for name in ("id", *NEEDED, column) if not rows or name not in rows[0]]
    if missing:
        raise BadInput(f"{path}: {'no rows' if not rows else 'no column ' + ', '.join(missing)}; give the selection that casework sample draw --out wrote, with a column {column!r} filled in")
    blank = [str(n) for n, row in enumerate(rows, 2) if not row[column].strip()]
    if blank:
        raise BadInput(f"{path}: rows {', '.join(blank[:5])}{' and more' if len(blank) > 5 else ''}, {column}: found nothing; every drawn file counts, so mark it first")
    drawn = _as_drawn(path, rows)
    words = [row[column].strip().casefold() for row in rows]
    ids = [chosen.file.id for chosen in drawn.chosen]
    if all(word in YES or word in NO for word in words):
        return estimates.share(drawn, dict(zip(ids, (word in YES for word in words), strict=True)))
    return estimates.mean(drawn, dict(zip(ids, (float(_number(path, n, column, row[column])) for n, row in enumerate(rows, 2)), strict=True)))


def _number(path: Path, n: int, column: str, text: str) -> Decimal:
    try:
        number = Decimal(text.strip())
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite() or abs(number) > 10**9:
        raise BadInput(f"{path}: row {n}, {column}: found {text!r}; allowed: yes or no in every row, or a number in every row")
    return number


def _as_drawn(path: Path, rows: Sequence[dict[str, str]]) -> Draw:
    """The draw that a selection came from, as far as an estimate needs it; BadInput if it is not whole."""
    chosen: list[Chosen] = []
    strata: dict[str, Stratum] = {}
    every = int(_number(path, 2, "frame_files", rows[0]["frame_files"]))
    for n, row in enumerate(rows, 2):
        files, drawn, frame_files, chance = (_number(path, n, name, row[name]) for name in NEEDED[1:])
        stratum = strata.setdefault(row["stratum"], Stratum(row["stratum"], int(files), int(drawn)))
        if not 0 < chance <= 1 or (stratum.files, stratum.drawn, every) != (files, drawn, frame_files):
            raise BadInput(f"{path}: row {n}: {', '.join(NEEDED[1:])} are not as they were drawn, or differ from other rows; leave them as they were")
        # The file carries twelve digits; by 0.333333333333 a chance of one third is meant.
        chosen.append(Chosen(File(exports.original(row["id"])), row["stratum"], Fraction(chance).limit_denominator(10**6)))
    sampling.ordered([one.file for one in chosen])
    for stratum in strata.values():
        found = sum(one.stratum == stratum.name for one in chosen)
        if found != stratum.drawn:
            raise BadInput(f"{path}: stratum {stratum.name}: found {found} rows of {stratum.drawn} drawn; mark the whole selection, or draw a smaller one")
    left = every - sum(stratum.files for stratum in strata.values())
    undrawn = (Stratum("a stratum without drawn files", left, 0),) if left else ()
    return Draw(Asked(len(chosen), 0), "", "", every, (*strata.values(), *undrawn), tuple(chosen), ())


@open_to_all
def plan_fall(before: float, after: float, power: float, alpha: float, sides: int, against: str, population: int | None) -> FallPlan:
    """How many files show a fall in quality; shares of files that are right, 0 to 1."""
    from casework.quality import planning

    if against not in planning.AGAINST:
        raise BadInput(f"--against: found {against!r}; allowed: {', '.join(planning.AGAINST)}")
    return planning.plan(before, after, power, alpha, sides, cast("planning.Against", against), population)


@open_to_all
def plan_assurance(errors_below: float, assurance: float, allowed: int, population: int | None) -> AcceptancePlan:
    """How many files, with how few errors, show that errors are below a rate."""
    from casework.quality import proportions

    return proportions.files_for_assurance(errors_below, assurance, allowed, population)


@open_to_all
def plan_batch(batch: int, limit: str, level: str = "II") -> Single:
    """The single sampling plan of ISO 2859-1 (normal inspection) for a batch and a quality limit in percent."""
    from casework.quality import acceptance

    return acceptance.single(batch, limit, cast("acceptance.Level", level))

"""Values and plans of measures from outside: a CSV or XLSX table checked row by row, and the file that keeps them."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from pathlib import Path

from pydantic import ValidationError

from casework.edges import limits, logfiles, tables
from casework.model import strict_json
from casework.model.errors import BadInput
from casework.model.framework import KEPT, Measure, RealValue, RealValues
from casework.model.library import nearest

COLUMNS = ("measure", "period", "value", "n", "plan")
NEEDED = ("measure", "period", "value")
PERIODS = {
    "week": (re.compile(r"\d{4}-W(0[1-9]|[1-4]\d|5[0-3])"), "2026-W09"), "month": (re.compile(r"\d{4}-(0[1-9]|1[0-2])"), "2026-03"),
    "quarter": (re.compile(r"\d{4}-Q[1-4]"), "2026-Q1"), "year": (re.compile(r"\d{4}"), "2026"),
}  # fmt: skip
NUMBER = re.compile(r"-?\d{1,15}(\.\d{1,15})?")
COUNT = re.compile(r"\d{1,12}")
MOST_SAID = 20  # Faults in one message.


def read_table(path: Path, measures: Mapping[str, Measure]) -> RealValues:
    """The values of a table, or BadInput with every row that cannot be used. Ids and periods are text as they stand."""
    rows = tables.placed(path)
    found = list(rows[0][1]) if rows else []
    missing, unknown = [name for name in NEEDED if rows and name not in found], [name for name in found if name not in COLUMNS]
    if not rows:
        raise BadInput(f"{path}: has no rows under its column names, so there is nothing to bring in; add one row for each measure and period")
    if missing or unknown:
        raise BadInput(
            f"{path}: row 1: found the columns {', '.join(map(repr, found))}; allowed: {', '.join(COLUMNS)}, of which {', '.join(NEEDED)} must be there. "
            "Rename the columns, or leave out the others"
        )
    faults: list[str] = []
    values: list[RealValue] = []
    first: dict[tuple[str, str], int] = {}
    for n, row in rows:
        wrong = _faults(row, measures)
        key = row["measure"].strip(), row["period"].strip()
        if not wrong and key in first:
            wrong = [f"found {key[0]} for {key[1]} again, which row {first[key]} gave; allowed: one row for each measure and period. Keep one of them"]
        first.setdefault(key, n)
        faults += [f"{path}: row {n}: {fault}" for fault in wrong]
        if not wrong:
            values.append(_value(row))
    if faults:
        more = f"\nand {len(faults) - MOST_SAID} more" if len(faults) > MOST_SAID else ""
        raise BadInput("\n".join(faults[:MOST_SAID]) + more + "\nNothing was written. Mend the table and bring it in again")
    return RealValues(values=tuple(values))


def _faults(row: Mapping[str, str], measures: Mapping[str, Measure]) -> list[str]:
    """What is wrong with a row: the column, what was found, what is allowed."""
    wanted = {id: m for id, m in measures.items() if m.count in ("external", "survey") or m.count in KEPT}
    id, period = row["measure"].strip(), row["period"].strip()
    faults = []
    if id not in measures:
        faults.append(f"measure: found {id!r}{nearest(id, list(wanted))}; allowed: {', '.join(wanted)}")
    elif id not in wanted:
        faults.append(f"measure: found {id!r}, which is counted from work; allowed: {', '.join(wanted)}. Bring the work itself in: casework import")
    else:
        shape, example = PERIODS[measures[id].period]
        if not shape.fullmatch(period):
            faults.append(f"period: found {period!r}; allowed for {id}: a {measures[id].period}, such as {example}")
        value = row["value"].strip()
        if NUMBER.fullmatch(value) and measures[id].figure == "net" and not -100 <= float(value) <= 100:
            faults.append(f"value: found {value!r}; allowed for {id}: -100 to 100")
    for name, needed in (("value", True), ("plan", False)):
        cell = row.get(name, "").strip()
        if (cell or needed) and not NUMBER.fullmatch(cell):
            faults.append(f"{name}: found {cell!r}; allowed: a plain number such as 92.5, without percent sign, spaces or thousands marks{'' if needed else ', or nothing'}")
    count = row.get("n", "").strip()
    if count and (not COUNT.fullmatch(count) or int(count) == 0):
        faults.append(f"n: found {count!r}; allowed: a whole number of 1 or more, or nothing where it is not known")
    return faults


def _value(row: Mapping[str, str]) -> RealValue:
    n, plan = row.get("n", "").strip(), row.get("plan", "").strip()
    return RealValue(
        measure=row["measure"].strip(), period=row["period"].strip(), value=float(row["value"]), n=int(n) if n else None,
        plan=float(plan) if plan else None,
    )  # fmt: skip


def write(values: RealValues, out: Path) -> None:
    """The whole file or nothing; BadInput if there is one of that name."""
    if out.exists():
        raise BadInput(f"{out}: exists already; give a new name, so that nothing is overwritten")
    logfiles.write(out, values.model_dump_json(indent=1, exclude_none=True) + "\n")


def read(path: Path) -> tuple[RealValue, ...]:
    """The values in a file that `write` made; BadInput for any other."""
    raw = limits.read(path, limits.TABLE, "values that casework measures import wrote")
    try:
        found = RealValues.model_validate(strict_json.parse(raw.decode("utf-8")))
    except (ValidationError, ValueError) as error:
        raise BadInput(f"{path}: not a file of values ({str(error).splitlines()[0]}); make one with: casework measures import VALUES.csv --out {path.stem}.json") from None
    if not all(math.isfinite(v.value) and math.isfinite(v.plan or 0) for v in found.values):
        raise BadInput(f"{path}: holds a value that is no number; make the file again with: casework measures import VALUES.csv --out {path.stem}.json")
    return found.values

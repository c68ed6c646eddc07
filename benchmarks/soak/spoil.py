"""Mistakes that authors make, drawn by seed over all scenarios: does `casework check` notice them?

Each operator makes one mistake in one scenario's folder. The check must then fail; which words it says is
the tests' affair. Operators that find nothing to spoil in a scenario are drawn again elsewhere.
"""

from __future__ import annotations

import random
import re
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml

from casework import workbench
from casework.edges import content, strict_yaml

Data = dict[str, Any]
NOTICED = 0.95


def _pick(rng: random.Random, found: list[Any]) -> Any:
    if not found:
        raise LookupError
    return rng.choice(found)


def _scenario(change: Callable[[Data, random.Random], None]) -> Callable[[Path, random.Random], None]:
    return _file(lambda folder, rng: folder / "scenario.yaml", change)


def _answer(change: Callable[[Data, random.Random], None]) -> Callable[[Path, random.Random], None]:
    return _file(lambda folder, rng: _pick(rng, sorted(folder.glob("answers/*.yaml"))), change)


def _file(which: Callable[[Path, random.Random], Path], change: Callable[[Data, random.Random], None]) -> Callable[[Path, random.Random], None]:
    def spoil(folder: Path, rng: random.Random) -> None:
        path = which(folder, rng)
        data, _, problems = strict_yaml.load(path.read_bytes(), path.name)
        assert problems == [] and isinstance(data, dict)
        change(data, rng)
        path.write_text(yaml.safe_dump(data, sort_keys=False, allow_unicode=True, width=10_000))

    return spoil


def _checks(node: Any) -> list[Data]:
    """Every did-check in a tree."""
    here = [node] if isinstance(node, dict) and "did" in node else []
    inside = node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
    return here + [found for child in inside for found in _checks(child)]


def _drop_expectation(data: Data, rng: random.Random) -> None:
    data["expectations"].remove(_pick(rng, data["expectations"]))


def _best_is_the_lure(data: Data, rng: random.Random) -> None:
    one = _pick(rng, [e for e in data["expectations"] if e.get("tempting")])
    one["best"], one["tempting"][0]["handling"] = one["tempting"][0]["handling"], one["best"]


def _drop_lure(data: Data, rng: random.Random) -> None:
    one = _pick(rng, [e for e in data["expectations"] if e.get("tempting") and e["harm"] != "minor"])
    one["tempting"].pop(rng.randrange(len(one["tempting"])))


def _mistyped_clause(data: Data, rng: random.Random) -> None:
    one = _pick(rng, data["expectations"])
    one["clause"] = one["clause"][:-1]


def _mistyped_item(data: Data, rng: random.Random) -> None:
    one = _pick(rng, [c for c in _checks(data["expectations"]) if isinstance(c.get("item"), str)])
    one["item"] += "s"


def _other_recipient(data: Data, rng: random.Random) -> None:
    one = _pick(rng, [c for e in data["expectations"] for c in _checks(e["best"]) if isinstance(c.get("to"), str)])
    one["to"] = _pick(rng, [p["id"] for p in data["case"]["parties"] if p["id"] != one["to"] and p["role"] != one["to"]])


def _drop_inject(data: Data, rng: random.Random) -> None:
    data["injects"].remove(_pick(rng, data["injects"]))


def _inject_too_late(data: Data, rng: random.Random) -> None:
    _pick(rng, [i for i in data["injects"] if "at" in i and "by" not in i])["at"] = "first_day + 30 days, 10:00"


def _waits_for_itself(data: Data, rng: random.Random) -> None:
    one = _pick(rng, [i for i in data["injects"] if "after" in i and isinstance(i["after"], dict) and "did" in i["after"] and "by" not in i])
    one["after"]["item"] = one["id"]


def _choice_turned(data: Data, rng: random.Random) -> None:
    turns = [t for i in data["injects"] for t in i.get("conversation", ())]
    one = _pick(rng, [c for t in turns for c in t.get("choices", ())])
    one["accuracy"] = "wrong" if one["accuracy"] == "right" else "right"


def _choice_counts_for_nothing(data: Data, rng: random.Random) -> None:
    turns = [t for i in data["injects"] for t in i.get("conversation", ())]
    _pick(rng, [c for t in turns for c in t.get("choices", ()) if "counts_as" in c]).pop("counts_as")


def _drop_party(data: Data, rng: random.Random) -> None:
    data["case"]["parties"].remove(_pick(rng, data["case"]["parties"]))


def _archetypes_reversed(data: Data, rng: random.Random) -> None:
    data["archetypes"]["best_first"].reverse()


def _desk_shuts_early(data: Data, rng: random.Random) -> None:
    data["desk"]["closes"] = data["desk"]["opens"].rpartition(",")[0] + ", 09:10"


def _id_twice(data: Data, rng: random.Random) -> None:
    one, other = rng.sample(data["injects"], 2)
    one["id"] = other["id"]


def _range_moved(data: Data, rng: random.Random) -> None:
    low, high = data["result"]["total"]
    shift = 10 if high < 60 else -10
    data["result"]["total"] = [low + shift, high + shift]


def _error_forgotten(data: Data, rng: random.Random) -> None:
    data["result"]["errors"].remove(_pick(rng, data["result"]["errors"]))


def _error_invented(data: Data, rng: random.Random) -> None:
    data["result"]["errors"].append("nothing-deleted")


def _step_of_nobody(data: Data, rng: random.Random) -> None:
    _pick(rng, [s for s in data["steps"] if "to" in s])["to"] = "nobody"


def _mistyped_variable(folder: Path, rng: random.Random) -> None:
    path = _pick(rng, [p for p in sorted(folder.glob("documents/*.md")) if re.search(r"\{[a-z_]+", p.read_text())])
    path.write_text(re.sub(r"\{([a-z_]+)", r"{\1x", path.read_text(), count=1))


def _key_twice(folder: Path, rng: random.Random) -> None:
    path = folder / "scenario.yaml"
    path.write_text(path.read_text() + "\nlevel: 3\n")


def _tab(folder: Path, rng: random.Random) -> None:
    path = folder / "scenario.yaml"
    path.write_text(path.read_text().replace("\n  ", "\n\t", 1))


def _lost_document(folder: Path, rng: random.Random) -> None:
    _pick(rng, sorted(folder.glob("documents/*.md"))).unlink()


OPERATORS: dict[str, Callable[[Path, random.Random], None]] = {
    "an expectation dropped": _scenario(_drop_expectation), "best and lure exchanged": _scenario(_best_is_the_lure),
    "a lure dropped": _scenario(_drop_lure), "a clause mistyped": _scenario(_mistyped_clause), "a paper mistyped": _scenario(_mistyped_item),
    "another recipient": _scenario(_other_recipient), "an inject dropped": _scenario(_drop_inject), "an inject after closing": _scenario(_inject_too_late),
    "an inject that waits for itself": _scenario(_waits_for_itself), "a choice turned round": _scenario(_choice_turned),
    "a choice that counts as nothing": _scenario(_choice_counts_for_nothing), "a party dropped": _scenario(_drop_party),
    "archetypes reversed": _scenario(_archetypes_reversed), "the desk shut early": _scenario(_desk_shuts_early), "an id twice": _scenario(_id_twice),
    "a range moved": _answer(_range_moved), "an error forgotten": _answer(_error_forgotten), "an error invented": _answer(_error_invented),
    "a step to nobody": _answer(_step_of_nobody), "a variable mistyped in a letter": _mistyped_variable, "a key twice": _key_twice,
    "a tab": _tab, "a letter lost": _lost_document,
}  # fmt: skip


def run(count: int, seed: int = 1) -> dict[str, Any]:
    """`count` mistakes; how many were noticed, by operator, and those that were not."""
    rng = random.Random(seed)
    shipped = content.shipped()
    homes = sorted(p.parent for p in shipped.glob("scenarios/cases/*/*/scenario.yaml"))
    made: dict[str, list[int]] = {name: [0, 0] for name in OPERATORS}
    missed: list[str] = []
    with tempfile.TemporaryDirectory() as temporary:
        team = Path(temporary) / "team"
        for name in ("policies", "calendars", "templates"):
            shutil.copytree(shipped / "scenarios" / name, team / "scenarios" / name)
        shutil.copytree(shipped / "rubrics", team / "rubrics")
        while sum(n for n, _ in made.values()) < count:
            name, home = rng.choice(sorted(OPERATORS)), rng.choice(homes)
            place = team / "scenarios" / "cases" / home.parent.name / home.name
            shutil.rmtree(team / "scenarios" / "cases", ignore_errors=True)
            shutil.copytree(home, place)
            try:
                OPERATORS[name](place, rng)
            except LookupError:
                continue
            noticed = not workbench.check([place], 2)["ok"]
            made[name][0] += 1
            made[name][1] += noticed
            if not noticed:
                missed.append(f"{name} in {home.name}")
    total = sum(n for n, _ in made.values())
    share = sum(n for _, n in made.values()) / total
    return {
        "mistakes": total, "noticed": round(share, 4), "by_operator": {name: {"made": n, "noticed": k} for name, (n, k) in made.items()},
        "missed": missed, "faults": [] if share >= NOTICED else [f"only {share:.1%} noticed"],
    }  # fmt: skip

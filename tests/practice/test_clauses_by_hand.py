"""Every dated version of every clause against a value worked out by hand from its source."""

from datetime import date
from pathlib import Path

import pytest
import yaml

from casework.edges import content
from casework.model.errors import BadInput
from casework.practice import handbook

HELD = content.load()
ROWS = yaml.safe_load((Path(__file__).parents[1] / "content" / "clauses-by-hand.yaml").read_text())


def _version(row):
    return HELD.clause(row["clause"], date.fromisoformat(str(row["from"])[:10]))


@pytest.mark.parametrize("row", [r for r in ROWS if r.get("due")], ids=lambda r: f"{r['clause']}-{r['from']}")
def test_the_deadline_is_that_of_the_wall_calendar(row):
    found = handbook.due_json(HELD, row["clause"], str(row["from"]), row.get("by"), None)
    due = str(row["due"])
    assert (found["due_at"][:16] if "T" in due else found["due_on"]) == due, row["why"]
    assert found["steps"][-1]["on"] == found["due_on"]


@pytest.mark.parametrize("row", [r for r in ROWS if not r.get("due")], ids=lambda r: f"{r['clause']}-{r['from']}")
def test_the_rule_fixes_what_its_source_does(row):
    clause = _version(row)
    if "says" in row:
        assert row["says"] in clause.says
    elif "holds" in row:
        parts = clause.model_dump(mode="json", exclude_none=True)
        fixed = {}
        for name in ("disclose", "warn", "efforts", "interest"):
            fixed |= parts.get(name, {})
        if clause.escalate is not None or clause.limit is not None:
            fixed |= {"escalate": parts.get("escalate", {}).get("to"), "limit": parts.get("limit", {}).get("by_role")}
        for name, value in row["holds"].items():
            found = fixed[name]
            assert str(found) == str(value) if isinstance(value, int) else found == value, name
    else:
        with pytest.raises(BadInput, match="outside its table"):
            handbook.due(HELD, row["clause"], str(row["from"]), row["by"], None)


def test_no_version_of_any_clause_is_without_its_row():
    worked = {(row["clause"], _version(row).effective_from) for row in ROWS}
    every = {(ref, clause.effective_from) for ref in HELD.clause_ids for clause in HELD.versions(ref)}
    assert every - worked == set()


def test_the_clauses_to_be_confirmed_are_listed_and_none_of_them_is_silent():
    listed = {row["clause"]: row["confirm"] for row in handbook.listing(HELD, None, True)}
    assert "employer.investigation" in listed and "nhs-complaints.wales-respond" in listed
    assert "complaints.third-day" not in listed and all(listed.values())


def test_what_is_not_confirmed_and_has_no_source_for_its_number_is_not_called_law():
    for ref in ("employer.investigation", "employer.report", "employer.comments", "nhs-complaints.wales-respond"):
        assert HELD.versions(ref)[-1].mark == "teaching policy", ref

"""The doctor's findings, and logs that tell nothing of a person."""

import json
import logging

import pytest

from casework.edges import doctor, journal
from casework.edges.store.records import open_store


def states(found):
    return {finding.what: finding.state for finding in found}


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.setenv("CASEWORK_WORKSPACE", str(tmp_path))
    monkeypatch.delenv("CASEWORK_STORE", raising=False)
    return tmp_path


def test_a_sound_installation_has_no_fault_and_nothing_is_made(here):
    found = doctor.examine(None, None)
    assert "fault" not in states(found).values() and {"python", "packages", "content", "store", "kernel", "disk"} <= set(states(found))
    assert list(here.iterdir()) == []


def test_each_trouble_is_found_with_what_to_do(here):
    store = open_store()
    store.audit(__import__("datetime").datetime.now(__import__("datetime").UTC), "a", "read", "b", "-")
    store.close()
    (here / "casework.sqlite").chmod(0o644)
    assert states(doctor.examine(None, None))["permissions"] == "warning"
    (here / "casework.sqlite.anchor").write_text(f"audit 9 {'f' * 64}\n")
    found = {f.what: f for f in doctor.examine(here / "nowhere", None)}
    assert found["store"].state == "fault" and "tail was cut off" in found["store"].says and "restore" in found["store"].do
    assert found["content"].state == "fault"
    (here / "casework.sqlite").write_bytes(b"no database" * 100)
    assert states(doctor.examine(None, None))["store"] == "fault"


def test_a_log_line_is_json_of_ids_and_numbers(tmp_path, monkeypatch):
    monkeypatch.setenv("CASEWORK_LOG", str(tmp_path / "log"))
    monkeypatch.setattr(journal, "_log", logging.Logger("casework-test"))
    journal._log.addHandler(logging.NullHandler())
    journal.start()
    journal.note("session_begun", session="s", person="p-1")
    (line,) = (tmp_path / "log").read_text().splitlines()
    assert json.loads(line) | {"at": ""} == {"at": "", "level": "info", "event": "session_begun", "session": "s", "person": "p-1"}
    for field in ("name", "words", "login", "token", "text"):
        with pytest.raises(ValueError, match="not among"):
            journal.note("session_begun", **{field: "Siobhán"})
    for line in (tmp_path / "log").read_text().splitlines():
        assert "Siobhán" not in line

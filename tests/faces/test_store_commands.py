"""The commands on the store, people and sessions, as typed: what they print, and how they end."""

import json

import pytest
from typer.testing import CliRunner

from casework import workbench
from casework.faces.cli import app

run = CliRunner()


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("CASEWORK_STORE", "CASEWORK_ANCHOR", "CASEWORK_TOKEN", "JUPYTERHUB_API_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("CASEWORK_WORKSPACE", str(tmp_path))
    return tmp_path


def ask(*args, code=0):
    found = run.invoke(app, list(args))
    assert found.exit_code == code, found.output
    return found.output


def files(folder):
    """What lies in a folder, but for what SQLite keeps beside an open file."""
    return sorted(p.name for p in folder.iterdir() if not p.name.endswith(("-wal", "-shm")))


def test_reading_a_store_that_is_not_there_makes_none(here):
    for args in (("store", "verify"), ("people", "list"), ("session", "list"), ("store", "backup", "b.zip"), ("store", "upgrade")):
        assert "there is no store here" in ask(*args, code=2)
    assert list(here.iterdir()) == []


def test_a_life_of_a_store(here, library):
    added = json.loads(ask("people", "add", "Zoë O’Dwyer", "--roles", "trainee,reviewer", "--json"))
    assert added["roles"] == ["trainee", "reviewer"]
    zoe = workbench.open_access(library, token=added["token"])
    sitting = workbench.begin_session(zoe, "rule-7-handler-away", 1)
    assert "under way" in ask("session", "list", "--of", zoe.person.id)
    workbench.finish_session(zoe, sitting.id, sitting)
    ask("session", "export", sitting.id, "--out", "z.jsonl")
    assert json.loads(ask("replay", "z.jsonl", "--json"))["ok"] is True
    assert "verified: 1 sessions" in ask("store", "verify")
    ask("store", "backup", "b.zip")
    assert "exists already" in ask("store", "backup", "b.zip", code=2)
    assert "1 sessions" in ask("store", "restore", "b.zip", "--store", f"sqlite:///{here}/again.sqlite")
    assert "1 sessions" in ask("store", "copy", f"sqlite:///{here}/third.sqlite")
    for name in ("again", "third"):
        assert json.loads(ask("store", "verify", "--store", f"sqlite:///{here}/{name}.sqlite", "--json"))["ok"] is True
    assert "Add --yes" in ask("people", "erase", zoe.person.id, code=2)
    ask("people", "erase", zoe.person.id, "--yes", "--folder", str(here))
    assert "(erased)" in ask("people", "list") and "Zoë" not in ask("people", "trail")
    assert "verified" in ask("store", "verify")


def test_the_store_can_be_put_back_and_its_anchor_begun_anew(here, library):
    ask("people", "add", "Someone")
    ask("store", "backup", "b.zip")
    ask("people", "add", "Later")
    for path in here.glob("casework.sqlite*"):
        if path.suffix != ".anchor":
            path.unlink()
    assert "before-restore-1" in ask("store", "restore", "b.zip")
    assert "verified" in ask("store", "verify") and "Later" not in ask("people", "list")


def test_a_cut_store_does_not_verify(here):
    ask("people", "add", "Someone")
    with (here / "casework.sqlite.anchor").open("a") as anchor:
        anchor.write(f"{'a' * 16} 5 {'b' * 64}\n")
    found = ask("store", "verify", code=1)
    assert "NOT verified" in found and "is not in the store" in found


@pytest.mark.parametrize(("args", "said"), [
    (("people", "add", "X", "--roles", "boss"), "allowed: trainee, trainer"),
    (("people", "add", "X", "--store", "mysql://h/x"), "allowed: sqlite"),
    (("people", "roles", "p-0", "--roles", "lead", "--version", "1"), "no person 'p-0'"),
    (("session", "export", "0" * 16, "--out", "x.jsonl"), "no session"),
    (("store", "restore", "missing.zip", "--store", "sqlite:///other.sqlite"), "not a readable zip"),
    (("look", "missing.csv"), "no such file"),
])  # fmt: skip
def test_bad_input_is_said_and_exits_2(here, args, said):
    ask("people", "add", "Someone")
    before = files(here)
    assert said in ask(*args, code=2)
    assert files(here) == before


def test_a_terminal_is_told_nothing_that_it_would_obey(here):
    ask("people", "add", "Red \x1b[31m herring \u202e\x07")
    shown = ask("people", "list")
    assert "\x1b" not in shown and "\\u001b[31m" in shown and "\u202e" not in shown


def test_an_anchor_is_taken_by_whoever_runs_the_store(here, monkeypatch):
    monkeypatch.setenv("CASEWORK_ANCHOR", "-")
    ask("people", "add", "Someone")
    assert not list(here.glob("*.anchor")) and "0 chains" in ask("store", "verify")
    monkeypatch.setenv("CASEWORK_ANCHOR", str(here / "kept.anchor"))
    ask("store", "anchor")
    first = (here / "kept.anchor").read_text()
    ask("store", "anchor")
    assert (here / "kept.anchor").read_text() == first and "1 chains" in ask("store", "verify")


def test_the_practice_notebook_is_a_copy_with_the_work_that_was_asked_for(here):
    import nbformat

    shipped = workbench.notebook(None, "10_practise.ipynb").read_bytes()
    made = workbench.practice_notebook(None, "third-business-day", 9)
    sources = [cell.source for cell in nbformat.read(made, as_version=4).cells]
    assert made.parent == here and any('scenario = "third-business-day"' in source and "seed = 9" in source for source in sources)
    assert workbench.notebook(None, "10_practise.ipynb").read_bytes() == shipped
    assert "unknown scenario" in ask("practise", "no-such", code=2)

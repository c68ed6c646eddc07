"""Starting the command line: what a help says and costs, and what a command leaves unimported."""

import json
import subprocess
import sys

import pytest
from typer.testing import CliRunner

from casework.faces import cli

HEAVY = ("IPython", "jupyter_client", "jupyter_core", "matplotlib", "nbclient", "nbformat", "numpy", "pandas", "papermill", "rich", "scipy", "sqlalchemy")
run = CliRunner()


def imported_by(*args):
    """The top names of the modules that a command has imported by its end, and what it printed."""
    code = (
        "import json, sys; from casework.faces.cli import app\n"
        f"try: app({list(args)!r})\n"
        "except SystemExit as left: assert not left.code, left.code\n"
        "print(json.dumps(sorted(sys.modules)), file=sys.stderr)"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert found.returncode == 0, found.stderr
    return set(json.loads(found.stderr.splitlines()[-1])), found.stdout


def sentence(text):
    return text.partition("\n\n")[0].partition(". ")[0].rstrip(".") + "."


@pytest.mark.parametrize("name", cli.PLACES)
def test_the_help_of_all_says_of_a_command_what_its_own_help_says_first(name):
    entry = next(commands[name] for commands in cli.COMMANDS.values() if name in commands)
    command = cli.load(name)
    assert command.name == name and sentence(command.help or "") == entry.says


def test_every_command_has_one_line_under_those_who_use_it():
    text = run.invoke(cli.app, ["--help"], env={"COLUMNS": "80"}).stdout
    lines = text.splitlines()
    for users, commands in cli.COMMANDS.items():
        begin = lines.index(f"{users}:")
        assert [line.split()[0] for line in lines[begin + 1 : begin + 1 + len(commands)]] == list(commands)
        assert all(line.endswith(entry.says) for line, entry in zip(lines[begin + 1 :], commands.values(), strict=False))
    assert len(cli.PLACES) == sum(map(len, cli.COMMANDS.values()))


def test_a_slip_in_a_command_is_answered_with_what_is_near():
    found = run.invoke(cli.app, ["debreif"])
    assert found.exit_code == 2 and "'debrief'" in found.output


def test_a_help_imports_no_command_and_no_heavy_library():
    modules, printed = imported_by("--help")
    assert "practise" in printed
    assert not {name for name in modules if name.startswith("casework.") and name.endswith("_commands")}
    assert not {"pydantic", "yaml", *HEAVY} & modules


def test_a_date_imports_neither_the_store_nor_the_desk():
    modules, printed = imported_by("due", "complaints.third-day", "--from", "2026-04-02", "--calendar", "scotland")
    assert "due 2026-04-08" in printed
    assert not {"casework.practice.desk", "casework.model.scenarios", "casework.edges.store", *HEAVY} & modules


@pytest.fixture(scope="module")
def log(tmp_path_factory):
    place = tmp_path_factory.mktemp("logs") / "a.jsonl"
    assert run.invoke(cli.app, ["play", "rule-7-handler-away", "--as", "steady", "--out", str(place)]).exit_code == 0
    return place


def test_a_scorecard_imports_neither_the_store_nor_scripted_trainees(log):
    modules, printed = imported_by("score", str(log))
    assert "by steady" in printed
    assert not {"casework.practice.trainees", "casework.quality.counterfactuals", "casework.edges.store", *HEAVY} & modules

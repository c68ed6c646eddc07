"""A shared installation: the room's user holds the content; another user of the same computer has the desk and not the answers."""

import configparser
import os
import pwd
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright

from benchmarks.browsing import CHROMIUM, OPTIONAL, WHY, free_port, launched, served
from casework import workbench
from casework.edges.store.records import open_store
from casework.model.people import ROLES, Person
from casework.workbench import Access

UNIT = Path(__file__).parents[2] / "deploy" / "room" / "casework-room.service"
SCENARIO = "rule-7-handler-away"


def test_the_unit_runs_a_command_that_exists_as_a_user_of_its_own():
    unit = configparser.ConfigParser(strict=False, interpolation=None)
    unit.optionxform = str
    unit.read(UNIT)
    service = unit["Service"]
    assert service["User"] == "casework-room" and service["UMask"] == "0077" and service["ProtectProc"] == "invisible"
    program, *arguments = shlex.split(service["ExecStart"])
    options = [word for word in arguments if word.startswith("--")]
    said = subprocess.run([sys.executable, "-m", "casework", arguments[0], "--help"], capture_output=True, text=True, check=True, env={**os.environ, "COLUMNS": "200"})
    assert Path(program).name == "casework" and options
    plain = re.sub(r"\x1b\[[0-9;]*m", "", said.stdout)
    assert all(option in plain for option in options)


@pytest.mark.skipif(CHROMIUM is None and OPTIONAL, reason=WHY)
@pytest.mark.skipif(os.geteuid() != 0 and OPTIONAL, reason="only root can act as another user; .ci/run is root and skips nothing")
def test_another_user_of_the_computer_reads_no_answer(library, tmp_path):
    home = tmp_path / "room"
    content = home / "content"
    workbench.init(content)
    os.chmod(home, 0o700)
    os.chmod(tmp_path, 0o755)
    store = open_store(f"sqlite:///{home / 'casework.sqlite'}")
    store.add_person(Person("boss", ROLES), "Boss")
    _, token = workbench.add_person(Access(store.find_person("boss"), store, library), "Ada", ("trainee",))
    address = f"http://127.0.0.1:{(port := free_port())}"
    command = [str(Path(sys.executable).parent / "casework"), "practise", SCENARIO, "--seed", "7", "--room", "--port", str(port), "--content", str(content)]
    nobody = pwd.getpwnam("nobody")

    def as_nobody(*words):
        return subprocess.run(words, capture_output=True, text=True, user=nobody.pw_uid, group=nobody.pw_gid, extra_groups=[], cwd="/")

    with served(command, home, f"{address}/voila/static/voila.js", {"CASEWORK_WORKSPACE": str(home)}), sync_playwright() as play:
        page = launched(play).new_page()
        page.goto(address)
        page.get_by_label("Your token").fill(token)
        page.get_by_role("button", name="Open the desk").click()
        page.get_by_role("button", name="Do it").wait_for(timeout=45_000)
        key = next(content.glob(f"scenarios/cases/*/{SCENARIO}/scenario.yaml"))
        for wanted in (key, home / "casework.sqlite", content / "rubrics" / "case-handling.yaml"):
            told = as_nobody("cat", str(wanted))
            assert told.returncode and "denied" in told.stderr and not told.stdout
        processes = [p for p in Path("/proc").glob("[0-9]*") if (p / "cmdline").exists() and b"ipykernel" in (p / "cmdline").read_bytes()]
        mine = [p for p in processes if str(home).encode() in (p / "environ").read_bytes()]
        assert mine
        for process in mine:
            for part in ("environ", "mem", "fd"):
                told = as_nobody("ls" if part == "fd" else "cat", str(process / part))
                assert told.returncode, (process, part)

"""A team's JupyterHub as it is shipped: its configuration, its database roles, a browser, and a decision in PostgreSQL."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from playwright.sync_api import expect, sync_playwright

from benchmarks.browsing import CHROMIUM, free_port, launched, served
from casework import workbench
from casework.edges.store.records import open_store
from casework.edges.store.verifying import verify
from casework.model.errors import StoreTrouble
from casework.workbench import Access

ROOT = Path(__file__).parents[2]
PROXY = ROOT / "build" / "tools" / "node_modules" / ".bin"


@pytest.fixture(scope="module", autouse=True)
def _tools():
    wanted = {"configurable-http-proxy": shutil.which("configurable-http-proxy", path=f"{PROXY}:{os.environ['PATH']}"), "chromium": CHROMIUM}
    missing = [name for name, place in wanted.items() if place is None]
    if missing and os.environ.get("CASEWORK_SKIP_NOTHING"):
        pytest.fail(f"not installed: {', '.join(missing)}")
    if missing:
        pytest.skip(f"not installed: {', '.join(missing)}; .ci/run installs them and skips nothing")


@pytest.fixture(scope="module")
def database(postgres, library, tmp_path_factory):
    """The database as the guide makes it; (address of the owner, address of the program, the first person's access)."""
    psql = [str(postgres.bin / "psql"), "-q", "-v", "ON_ERROR_STOP=1", "-h", "127.0.0.1", "-p", str(postgres.port)]
    deploy = ROOT / "deploy" / "postgres"
    subprocess.run([*psql, "-U", "casework", "-d", "postgres", "-f", str(deploy / "roles.sql")], check=True)
    owner, app = (f"postgresql+psycopg://{role}@127.0.0.1:{postgres.port}/casework" for role in ("casework_owner", "casework_app"))
    os.environ["CASEWORK_ANCHOR"] = str(tmp_path_factory.mktemp("anchor") / "anchor")
    first = workbench.first_person(library, "Grace Lead", "grace", owner)
    subprocess.run([*psql, "-U", "casework_owner", "-d", "casework", "-f", str(deploy / "grants.sql")], check=True)
    yield owner, app, Access(first, open_store(owner), library)
    del os.environ["CASEWORK_ANCHOR"]


def test_the_programs_role_can_practise_and_cannot_undo(database, library):
    import sqlalchemy as sa

    owner, app, grace = database
    person, _ = workbench.add_person(grace, "Someone", ("trainee",), "someone")
    mine = Access(person, open_store(app), library)
    sitting = workbench.begin_session(mine, "rule-7-handler-away", 3)
    workbench.finish_session(mine, sitting.id, sitting)
    asked = (
        "DROP TRIGGER entries_no_delete ON entries", "ALTER TABLE entries DISABLE TRIGGER ALL", "DELETE FROM entries", "TRUNCATE audit",
        "DELETE FROM sessions", "DELETE FROM texts", "UPDATE audit SET n = 1", "CREATE TABLE mine (x int)", "DROP TABLE audit",
    )  # fmt: skip
    for sql in asked:
        with pytest.raises(sa.exc.DBAPIError, match="permission denied|must be owner"), mine.store.engine.begin() as connection:
            connection.execute(sa.text(sql))
    with pytest.raises(StoreTrouble, match="run it as the owner"):
        workbench.erase_person(Access(grace.person, mine.store, library), person.id)
    assert workbench.erase_person(grace, person.id) == (1, 0)
    assert verify(grace.store).ok


SITE = """
c = get_config()
c.JupyterHub.authenticator_class = "dummy"
c.DummyAuthenticator.password = "for the test only"
c.DummyAuthenticator.allow_all = True
c.JupyterHub.spawner_class = "simple"
c.Spawner.args.extend(["--allow-root"])
c.JupyterHub.bind_url = "http://127.0.0.1:{port}"
c.JupyterHub.hub_bind_url = "http://127.0.0.1:{hub}"
c.ConfigurableHTTPProxy.api_url = "http://127.0.0.1:{api}"
c.Spawner.ip = "127.0.0.1"
"""


@pytest.fixture(scope="module")
def hub(database, tmp_path_factory):
    """The address of a running hub, and its log."""
    folder = tmp_path_factory.mktemp("hub")
    shutil.copytree(ROOT / "notebooks", folder / "notebooks")
    ports = {name: free_port() for name in ("port", "hub", "api")}
    (folder / "site.py").write_text(SITE.format(**ports))
    settings = {
        "CASEWORK_STORE": database[1], "CASEWORK_NOTEBOOKS": str(folder / "notebooks"), "CASEWORK_HUB_STATE": str(folder),
        "CASEWORK_HUB_SITE": str(folder / "site.py"), "PATH": f"{Path(sys.executable).parent}:{PROXY}:{os.environ['PATH']}",
    }  # fmt: skip
    config = ROOT / "deploy" / "jupyterhub" / "jupyterhub_config.py"
    address = f"http://127.0.0.1:{ports['port']}"
    with served([sys.executable, "-m", "jupyterhub", "-f", str(config)], folder, f"{address}/hub/api/", settings):
        yield address


def practice_notebook(browser, address, login):
    """A page with the practice notebook run by this person."""
    page = browser.new_context(viewport={"width": 1500, "height": 1000}).new_page()
    page.set_default_timeout(120_000)  # A hub on a machine that has not run one yet is slow to start.
    page.goto(f"{address}/hub/login")
    page.get_by_label("Username").fill(login)
    page.get_by_label("Password").fill("for the test only")
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/lab/tree/10_practise.ipynb**")
    page.locator(".jp-NotebookPanel .jp-CodeCell").first.wait_for()
    page.get_by_text("Python 3 (ipykernel) | Idle").wait_for()
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
    return page


def test_a_decision_in_the_browser_is_in_the_database_under_its_owner(hub, database, library):
    owner, app, grace = database
    aoife, _ = workbench.add_person(grace, "Aoife Trainee", ("trainee",), "aoife")
    with sync_playwright() as play:
        browser = launched(play)
        page = practice_notebook(browser, hub, "aoife")
        page.get_by_role("button", name="Do it").wait_for()
        page.get_by_label("Action", exact=True).select_option("note")
        page.get_by_label("Words", exact=True).fill("Opened the letter; <b>what was said</b>, what is next.")
        page.get_by_role("button", name="Do it").click()
        expect(page.get_by_text("Done: note.")).to_be_visible()
        if place := os.environ.get("CASEWORK_PICTURES"):
            page.screenshot(path=f"{place}/hub-desk.png")
        # Whoever is not among the people gets in at the hub, and no further.
        stranger = practice_notebook(browser, hub, "mallory")
        expect(stranger.get_by_text("you are not among the people of this store").first).to_be_visible()
        browser.close()
    store = open_store(app)
    (head,) = store.heads(aoife.id)
    assert [e.do for e in store.log(head.session).events if e.event == "decided"] == ["note"]
    assert [words for _, _, words in store.side(head.session).texts] == ["Opened the letter; <b>what was said</b>, what is next."]
    assert verify(store).ok
    assert json.loads(store.trail()[-1])["did"] == "added"

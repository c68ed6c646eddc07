"""The marking bench in JupyterLab in a real browser: two reviewers at once on one sheet, by keyboard, with what each is told."""

import os
import shutil
import sys
from contextlib import ExitStack
from pathlib import Path

import pytest
from playwright.sync_api import TimeoutError as PlaywrightTimeout
from playwright.sync_api import expect, sync_playwright

from benchmarks.browsing import AXE, CHROMIUM, OPTIONAL, WHY, faults, free_port, launched, served
from casework import workbench
from casework.edges.store.records import open_store
from casework.edges.store.verifying import verify
from casework.model.people import Person
from casework.workbench import Access

ROOT = Path(__file__).parents[2]
SCENARIO = "rule-7-handler-away"
pytestmark = pytest.mark.skipif(CHROMIUM is None and OPTIONAL, reason=WHY)


@pytest.fixture
def bench(library, tmp_path):
    """A JupyterLab for each of two reviewers on one store with a trainee's finished session: addresses, store, session."""
    url = f"sqlite:///{tmp_path / 'casework.sqlite'}"
    store = open_store(url)
    store.add_person(Person("chief", ("admin",)), "Chief", "chief")
    admin = Access(store.find_person("chief"), store, library)
    zoe, _ = workbench.add_person(admin, "Zoë Marchetti", ("trainee",))
    tokens = {name: workbench.add_person(admin, name, roles)[1] for name, roles in {"Ana": ("reviewer",), "Ben": ("reviewer",)}.items()}
    answer = library.answers[SCENARIO]["exemplary"].model_copy(update={"trainee": zoe.id})
    played = workbench.play_answer(library, SCENARIO, answer, 1)
    head = store.begin(played.log(), played.salt_key, played.now)
    with ExitStack() as stack:
        addresses = {}
        for name, token in tokens.items():
            home = tmp_path / name
            shutil.copytree(ROOT / "notebooks", home / "notebooks")
            port = free_port()
            addresses[name] = f"http://127.0.0.1:{port}"
            command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", "--ip=127.0.0.1", f"--port={port}", "--IdentityProvider.token=",
                       f"--ServerApp.root_dir={home / 'notebooks'}", "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate"]  # fmt: skip
            settings = {"CASEWORK_STORE": url, "CASEWORK_TOKEN": token, "CASEWORK_WORKSPACE": str(tmp_path)}
            stack.enter_context(served(command, home, f"{addresses[name]}/api", settings))
        yield addresses, store, head.session, zoe.id


def opened(browser, address):
    page = browser.new_context(viewport={"width": 1500, "height": 1250}).new_page()
    page.set_default_timeout(45_000)
    page.goto(f"{address}/lab/tree/30_review.ipynb")
    page.get_by_text("Python 3 (ipykernel) | Idle").wait_for()
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
    page.get_by_role("listbox", name="Files to mark").wait_for()
    if (news := page.get_by_role("button", name="No", exact=True)).count():
        news.first.click()
    page.get_by_role("listbox", name="Files to mark").focus()
    page.keyboard.press("ArrowDown")
    page.get_by_role("button", name="Open this file").focus()
    page.wait_for_timeout(300)
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Keep this mark").wait_for()
    return page


def mark(page, digit, reason="", cause="", said="Kept:"):
    """One mark by keyboard alone: the level's digit, a reason, and where it was lost. A press that came before the next criterion is drawn is pressed again, as a person would."""
    for last in (False, False, True):
        page.wait_for_timeout(300)
        page.get_by_role("radiogroup").get_by_role("radio").first.focus()
        page.keyboard.press(digit)
        if reason:
            page.get_by_label("Reason", exact=True).focus()
            page.keyboard.press("Control+a")
            page.keyboard.type(reason)
        if cause:
            page.get_by_label("Lost where", exact=True).focus()
            page.keyboard.type(cause)
        page.get_by_role("button", name="Keep this mark").focus()
        page.wait_for_timeout(300)
        page.keyboard.press("Enter")
        try:
            page.get_by_text(said).first.wait_for(timeout=45_000 if last else 15_000)
            return
        except PlaywrightTimeout:
            if last:
                raise


def picture(page, name):
    place = Path(os.environ.get("CASEWORK_PICTURES", ROOT / "build" / "pictures"))
    place.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=str(place / name))


def test_two_reviewers_mark_one_sheet_at_once_and_the_later_is_told_both_values(bench, library):
    addresses, store, session, zoe = bench
    with sync_playwright() as play:
        browser = launched(play)
        ana, ben = (opened(browser, addresses[name]) for name in ("Ana", "Ben"))
        for page in (ana, ben):
            assert zoe not in page.content() and "Marchetti" not in page.locator(".cw").first.inner_text()
        picture(ana, "marking-bench.png")
        if AXE.exists() or not OPTIONAL:
            assert faults(ana, ".jp-OutputArea-output:has(.cw)") == []
        mark(ana, "1")
        mark(ben, "3", "Orders, and no word on her worry.", "The words", "you wanted 'cold or curt'")
        expect(ben.get_by_text("marked 'warm and clear'").first).to_be_visible()
        picture(ben, "marking-too-late.png")
        ben.get_by_role("button", name="Open again").click()
        ben.get_by_text("with what has been marked meanwhile").wait_for()
        ana.reload()
        ana = opened(browser, addresses["Ana"])
        expect(ana.get_by_role("option").filter(has_text="warm and clear").first).to_be_visible()
        mark(ana, "1", said="1 left to mark")
        mark(ana, "1", said="ready to hand in")
        hand_in = ana.get_by_role("button", name="Hand in the sheet")
        expect(hand_in).to_be_enabled()
        ana.wait_for_timeout(300)
        hand_in.press("Enter")  # Focus and key in one: a button drawn anew in between would lose the focus, and the key with it.
        ana.get_by_text("The marks that hold").wait_for()
        picture(ana, "marking-done.png")
        browser.close()
    lead = Access(store.find_person("chief"), store, library)
    people = {p.id: name for p, name in store.people()}
    store.change_person(Person("chief", ("admin", "lead"), True, lead.person.version))
    found = workbench.agreed_of(Access(store.find_person("chief"), store, library), session)
    assert {id: one.level for id, one in found.held.items()} == {"tone-written": "warm and clear", "plain-words": "plain", "note-useful": "could take over"}
    sheet = workbench.sheets.sheet(lead, session, SCENARIO, "first")
    assert [(people[e.by], e.level, e.was) for e in sheet.refused] == [("Ben", "cold or curt", "warm and clear")]
    assert people[sheet.submitted.by] == "Ana" and verify(store).ok

"""The practice desk in JupyterLab in a real browser, from the first paper to a debrief, by keyboard alone."""

import os
import shutil
import sys
from pathlib import Path

import pytest
from playwright.sync_api import expect, sync_playwright

from benchmarks.browsing import AXE, CHROMIUM, OPTIONAL, WHY, faults, free_port, launched, served
from casework import workbench
from casework.edges.store.records import open_store

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.skipif(CHROMIUM is None and OPTIONAL, reason=WHY)


@pytest.fixture
def lab(tmp_path):
    """The address of a JupyterLab on the shipped notebooks, and the address of its store."""
    shutil.copytree(ROOT / "notebooks", tmp_path / "notebooks")
    address = f"http://127.0.0.1:{(port := free_port())}"
    command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", "--ip=127.0.0.1", f"--port={port}", "--IdentityProvider.token=",
               f"--ServerApp.root_dir={tmp_path / 'notebooks'}", "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate"]  # fmt: skip
    with served(command, tmp_path, f"{address}/api", {"CASEWORK_WORKSPACE": str(tmp_path)}):
        yield address, f"sqlite:///{tmp_path / 'casework.sqlite'}"


def opened(browser, address, asked):
    page = browser.new_context(viewport={"width": 1500, "height": 1100}).new_page()
    page.set_default_timeout(45_000)
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{address}/lab/tree/10_practise.ipynb")
    page.get_by_text("Python 3 (ipykernel) | Idle").wait_for()
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
    page.get_by_role("button", name="Do it").wait_for()
    if (news := page.get_by_role("button", name="No", exact=True)).count():
        news.first.click()
    return page


def press(page, label, *keys, role="combobox"):
    """Goes to a control by focus and types, as someone without a mouse does."""
    control = page.get_by_label(label, exact=True) if role != "button" else page.get_by_role("button", name=label)
    control.focus()
    for key in keys:
        page.keyboard.press(key)


def choose(page, label, option):
    control = page.get_by_label(label, exact=True)
    control.focus()
    page.keyboard.type(option)
    page.wait_for_timeout(150)


def note(page, words, click="click"):
    """A note taken with the mouse; `dblclick` presses twice in one breath."""
    page.get_by_label("Action", exact=True).select_option("note")
    page.get_by_label("Words", exact=True).fill(words)
    getattr(page.get_by_role("button", name="Do it"), click)()
    page.get_by_text("Done: note.", exact=True).wait_for()


def picture(page, name):
    place = Path(os.environ.get("CASEWORK_PICTURES", ROOT / "build" / "pictures"))
    place.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=str(place / name))


def test_a_session_by_keyboard_ends_in_a_debrief_with_the_command_s_score(lab, library):
    address, store_url = lab
    asked: list[str] = []
    with sync_playwright() as play:
        browser = launched(play)
        page = opened(browser, address, asked)
        picture(page, "desk-first-minute.png")

        def do(said):
            press(page, "Do it", "Enter", role="button")
            expect(page.get_by_text(f"Done: {said}.", exact=True)).to_be_visible()

        choose(page, "Action", "read")
        do("read")
        choose(page, "Action", "note")
        expect(page.get_by_label("Words", exact=True)).to_be_visible()  # Its field comes once the desk has heard of the action.
        field = page.get_by_label("Words", exact=True)
        for _ in range(3):  # On a busy machine the field is drawn once more while somebody types; they see it and type again.
            field.focus()
            page.keyboard.press("Control+a")
            page.keyboard.type("Opened the scan. {{7*7}} <img src=q onerror=alert(1)>")
            page.wait_for_timeout(500)
            if field.input_value().endswith("onerror=alert(1)>"):
                break
        do("note")
        # The same button twice in one breath is one decision only if nothing changed between; the second says why not.
        press(page, "Wait for the next thing", "Enter", role="button")
        expect(page.get_by_text("Time has passed.", exact=True)).to_be_visible()
        picture(page, "desk-later.png")
        press(page, "Finish…", "Enter", role="button")
        expect(page.get_by_text("Before you see a score")).to_be_visible()
        assert page.get_by_text("Marks lost, and what would have won them").count() == 0
        page.get_by_label("Went well", exact=True).focus()
        page.keyboard.type("I read before I wrote.")
        press(page, "Close the desk and see the debrief", "Enter", role="button")
        page.get_by_text("Marks lost, and what would have won them").wait_for()
        page.get_by_text("Practise next").scroll_into_view_if_needed()
        page.locator(".cw h1", has_text="Debrief").evaluate("head => head.scrollIntoView()")
        page.wait_for_timeout(300)
        picture(page, "debrief.png")
        shown = page.locator(".cw .card .big").first.inner_text()
        assert page.locator("img[src=q]").count() == 0
        browser.close()
    store = open_store(store_url)
    (head,) = store.heads()
    log = store.log(head.session)
    assert [e.do for e in log.events if e.event == "decided"] == ["read", "note"] and log.finished
    (card,) = workbench.score(library, log)
    assert shown == workbench.plays.shown(card.total, card.rubric.pass_mark)
    words = [text for _, _, text in store.side(head.session).texts]
    assert words == ["Opened the scan. {{7*7}} <img src=q onerror=alert(1)>", "Went well: I read before I wrote."]
    outside = [url for url in asked if not url.startswith((address, address.replace("http", "ws"), "data:", "blob:"))]
    assert outside == []


def test_work_goes_on_after_a_closed_tab_and_two_tabs_take_a_click_once(lab, library):
    address, store_url = lab
    with sync_playwright() as play:
        browser = launched(play)
        page = opened(browser, address, [])
        note(page, "Before the tab was closed.", "dblclick")
        page.wait_for_timeout(500)
        store = open_store(store_url)
        (head,) = store.heads()
        assert [e.do for e in store.log(head.session).events if e.event == "decided"] == ["note"]
        page.context.close()
        # Another kernel, another tab: the notebook is given the session.
        notebook = Path(store_url.removeprefix("sqlite:///")).parent / "notebooks" / "10_practise.ipynb"
        notebook.write_text(notebook.read_text().replace('session = \\"\\"', f'session = \\"{head.session}\\"'))
        page = opened(browser, address, [])
        page.get_by_role("tab", name="Chronology").click()
        note(page, "After it.")
        page.get_by_role("button", name="Wait for the next thing").dblclick()
        page.get_by_text("Time has passed.", exact=True).wait_for()
        page.get_by_role("tab", name="Document").click()
        tray = page.get_by_role("listbox", name="Tray")
        tray.focus()
        page.keyboard.press("End")
        while page.get_by_role("option", name="Member rings").get_attribute("aria-selected") != "true":
            page.keyboard.press("ArrowUp")
        page.get_by_label("Action", exact=True).select_option("answer")
        page.get_by_role("button", name="Do it").click()
        page.get_by_text("Done: answer.", exact=True).wait_for()
        page.locator(".jupyter-widgets.widget-tab button.jupyter-button, .jupyter-widget-tab button.jupyter-button").first.dblclick()
        page.get_by_text("Done: say.", exact=True).wait_for()
        picture(page, "call.png")
        browser.close()
    decided = [e.do for e in store.log(head.session).events if e.event == "decided"]
    assert decided == ["note", "note", "answer", "say"]
    assert store.head(head.session).n > head.n
    assert [words for _, _, words in store.side(head.session).texts] == ["Before the tab was closed.", "After it."]


@pytest.mark.skipif(not AXE.is_file() and OPTIONAL, reason="axe-core is not installed; .ci/run installs it and skips nothing")
def test_a_restarted_kernel_goes_on_with_the_work(lab, library):
    address, store_url = lab
    with sync_playwright() as play:
        browser = launched(play)
        page = opened(browser, address, [])
        note(page, "Before the kernel was restarted.")
        page.get_by_role("menuitem", name="Kernel", exact=True).click()
        page.get_by_role("menuitem", name="Restart Kernel and Run All Cells…").click()
        page.get_by_role("button", name="Confirm Kernel Restart").click()
        page.get_by_text("Python 3 (ipykernel) | Idle").wait_for()
        page.get_by_role("tab", name="Chronology").click()
        expect(page.get_by_role("cell", name="note", exact=True)).to_be_visible()
        note(page, "After it.")
        found = faults(page, ".jp-OutputArea-output")
        assert not found, found
        picture(page, "desk-after-restart.png")
        browser.close()
    store = open_store(store_url)
    (head,) = store.heads()
    assert [e.do for e in store.log(head.session).events if e.event == "decided"] == ["note", "note"]

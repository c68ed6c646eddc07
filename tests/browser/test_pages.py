"""Reports in a real browser: they show what they should, run no script and ask the network for nothing."""


import pytest
from playwright.sync_api import sync_playwright

from benchmarks.browsing import AXE, CHROMIUM, OPTIONAL, WHY, faults, launched
from casework import workbench
from casework.edges import logfiles
from casework.edges.batches import Entry
from casework.faces import measures_view
from casework.model.batches import Batch


@pytest.mark.skipif(CHROMIUM is None and OPTIONAL, reason=WHY)
def test_the_reports_open_whole_and_offline(library, tmp_path):
    batch = Batch(scenarios=("third-business-day",))
    people = [Entry(name, name) for name in ("exemplary", "data_leaker")]
    result = workbench.run_batch(library, workbench.batch_plan(library, batch, tmp_path, None, people), batch)
    asked: list[str] = []
    faults: list[str] = []
    with sync_playwright() as play:
        browser = launched(play)
        page = browser.new_page(viewport={"width": 1200, "height": 900})
        page.on("request", lambda request: asked.append(request.url))
        page.on("console", lambda message: faults.append(message.text) if message.type == "error" else None)
        page.goto(result.cohort.as_uri())
        assert page.get_by_role("heading", name="Cohort report").is_visible()
        assert page.locator("svg[role=img]").count() >= 3
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
        page.goto((tmp_path / result.outputs[1].html).as_uri())
        assert page.get_by_text("not passed: compliance").first.is_visible()
        browser.close()
    assert asked and all(url.startswith("file://") for url in asked)
    assert not faults


@pytest.mark.skipif((CHROMIUM is None or not AXE.is_file()) and OPTIONAL, reason="Chromium or axe-core is not installed; .ci/run installs both and skips nothing")
def test_the_measures_are_accessible_in_light_and_dark_and_fit_a_narrow_screen(library, tmp_path):
    for name in ("first-week", "month-end", "bank-holiday-week", "rule-7-handler-away"):
        for trainee in ("exemplary", "silent"):
            session = workbench.play(library, name, trainee, 1)
            logfiles.save(session.log(), session.texts, tmp_path / trainee / f"{name}.jsonl")
    (tmp_path / "page.html").write_text(measures_view.document(workbench.measure_team(library, tmp_path, "month")))
    asked: list[str] = []
    with sync_playwright() as play:
        browser = launched(play)
        for scheme in ("light", "dark"):
            for width in (1200, 400):
                page = browser.new_context(color_scheme=scheme, viewport={"width": width, "height": 900}, bypass_csp=True).new_page()
                page.on("request", lambda request: asked.append(request.url))
                page.goto((tmp_path / "page.html").as_uri())
                assert page.get_by_role("img", name="Service levels met,").is_visible()
                assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
                found = faults(page, "body")
                assert not found, found
                page.close()
        browser.close()
    assert asked and all(url.startswith("file://") for url in asked)

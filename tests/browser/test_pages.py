"""Reports in a real browser: they show what they should, run no script and ask the network for nothing."""


import pytest
from playwright.sync_api import sync_playwright

from benchmarks.browsing import CHROMIUM, OPTIONAL, WHY, launched
from casework import workbench
from casework.edges.batches import Entry
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

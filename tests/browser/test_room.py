"""The room in a real browser: no code, no answer, a token for each trainee, and work that goes on after a closed tab."""

import os
import sys
from pathlib import Path

import pytest
from playwright.sync_api import expect, sync_playwright

from benchmarks.browsing import AXE, CHROMIUM, OPTIONAL, WHY, faults, free_port, launched, served
from casework import workbench
from casework.edges.store.records import open_store
from casework.edges.store.verifying import verify
from casework.model.people import ROLES, Person
from casework.workbench import Access

pytestmark = pytest.mark.skipif(CHROMIUM is None and OPTIONAL, reason=WHY)
SCENARIO = "rule-7-handler-away"


@pytest.fixture(scope="module")
def room(library, tmp_path_factory):
    """(address, store, token of one trainee and of another)."""
    folder = tmp_path_factory.mktemp("room")
    store = open_store(f"sqlite:///{folder / 'casework.sqlite'}")
    store.add_person(Person("boss", ROLES), "Boss")
    boss = Access(store.find_person("boss"), store, library)
    tokens = [workbench.add_person(boss, name, ("trainee",))[1] for name in ("Aoife", "Ben", "Cai")]
    address = f"http://127.0.0.1:{(port := free_port())}"
    command = [str(Path(sys.executable).parent / "casework"), "practise", SCENARIO, "--seed", "7", "--room", "--port", str(port)]
    with served(command, folder, f"{address}/voila/static/voila.js", {"CASEWORK_WORKSPACE": str(folder)}):
        yield address, store, tokens


def hidden(library):
    """What no browser may be told: ids and reasons of expectations, but for words that a clause's name has too."""
    found = [text for e in library.scenarios[SCENARIO].expectations for text in (e.id, e.hint or "", *(lure.why for lure in e.tempting))]
    return [text for text in found if len(text) > 8 and not any(text in ref for ref in library.clause_ids)]


def entered(browser, address, token, heard):
    """A page of the room opened with a token; `heard` gets all that the server sends."""
    page = browser.new_context(viewport={"width": 1280, "height": 720}).new_page()
    page.set_default_timeout(45_000)
    page.on("request", lambda request: heard["asked"].append(request.url))
    page.on("response", lambda response: heard["responses"].append(response))
    page.on("websocket", lambda socket: socket.on("framereceived", lambda frame: heard["frames"].append(frame)))
    page.goto(address)
    page.get_by_label("Your token").fill(token)
    page.get_by_role("button", name="Open the desk").click()
    return page


def test_a_seat_sees_its_own_desk_no_code_and_no_answer(room, library):
    address, store, (aoife, ben, _) = room
    heard = {"asked": [], "responses": [], "frames": []}
    with sync_playwright() as play:
        browser = launched(play)
        stranger = entered(browser, address, "not-a-token", {"asked": [], "responses": [], "frames": []})
        expect(stranger.get_by_text("this token opens nothing here")).to_be_visible()
        page = entered(browser, address, aoife, heard)
        page.get_by_role("button", name="Do it").wait_for()
        assert page.get_by_text("open_room").count() == 0 and page.locator("input[type=password]").count() == 0
        page.get_by_label("Action", exact=True).select_option("note")
        page.get_by_label("Words", exact=True).fill("Before the tab was closed.")
        page.get_by_role("button", name="Do it").dblclick()
        expect(page.get_by_text("Done: note.", exact=True)).to_be_visible()
        if place := os.environ.get("CASEWORK_PICTURES"):
            page.screenshot(path=f"{place}/room.png")
        page.context.close()
        # Another tab: the same session, where it was left; another seat has its own.
        page = entered(browser, address, aoife, heard)
        page.get_by_role("button", name="Do it").wait_for()
        page.get_by_role("tab", name="Chronology").click()
        expect(page.get_by_role("cell", name="note", exact=True)).to_be_visible()
        other = entered(browser, address, ben, {"asked": [], "responses": [], "frames": []})
        other.get_by_role("button", name="Do it").wait_for()
        bodies = [str(frame) for frame in heard["frames"]]
        for response in heard["responses"]:
            if response.url.startswith(address) and response.ok and not response.url.endswith((".woff2", ".woff")):
                try:
                    bodies.append(response.text())
                except Exception:  # A body that the browser has let go of with its page.
                    continue
        browser.close()
    heads = store.heads()
    assert sorted(h.n for h in heads if h.person != "boss") and len({h.person for h in heads}) == len(heads) == 2
    noted = [e.do for h in heads for e in store.log(h.session).events if e.event == "decided"]
    assert noted == ["note"] and verify(store).ok
    answers = hidden(library)
    assert answers and len(bodies) > 5
    for answer in answers:
        assert not any(answer in body for body in bodies), f"the browser was told {answer!r}"
    assert all(url.startswith((address, address.replace("http", "ws"), "data:", "blob:")) for url in heard["asked"])


RUN = """
async (code) => {
  const config = JSON.parse(document.getElementById('jupyter-config-data').textContent)
  const url = `${location.origin.replace('http', 'ws')}/api/kernels/${config.kernelId}/channels?session_id=x`
  const socket = new WebSocket(url)
  const heard = []
  socket.onmessage = (event) => heard.push(String(event.data))
  await new Promise((done) => { socket.onopen = done; socket.onerror = done })
  const message = (type, content) => JSON.stringify({
    channel: 'shell', parent_header: {}, metadata: {}, buffers: [], content,
    header: { msg_id: type, msg_type: type, username: '', session: 'x', version: '5.3', date: new Date().toISOString() },
  })
  socket.send(message('kernel_info_request', {}))
  socket.send(message('execute_request', { code, silent: false, store_history: false, user_expressions: {}, allow_stdin: false }))
  await new Promise((done) => setTimeout(done, 3000))
  return heard
}
"""


def test_a_seat_cannot_run_code_through_the_browser(room, tmp_path):
    address, _, (aoife, *_) = room
    with sync_playwright() as play:
        browser = launched(play)
        page = entered(browser, address, aoife, {"asked": [], "responses": [], "frames": []})
        page.get_by_role("button", name="Do it").wait_for()
        heard = page.evaluate(RUN, f"open({str(tmp_path / 'ran')!r}, 'w').close()")
        browser.close()
    assert any("kernel_info_reply" in message for message in heard), "the trial did not reach the kernel"
    assert not (tmp_path / "ran").exists() and not any("execute_reply" in message for message in heard)


@pytest.mark.parametrize("path", [
    "voila/files/room.ipynb", "voila/files/casework.sqlite", "voila/files/../casework.sqlite", "voila/files/..%2fcasework.sqlite",
    "voila/files/%2e%2e/%2e%2e/casework.sqlite", "files/room.ipynb", "room.ipynb", "api/contents", "api/contents/room.ipynb", "api/kernels",
    "api/sessions", "api/terminals", "voila/tree", "voila/render/room.ipynb", "nbconvert/html/room.ipynb",
    "voila/static/..%2f..%2f..%2froom.ipynb", "voila/static/../../../../../../etc/passwd",
    "voila/templates/casework/static/..%2f..%2findex.html.j2", "static/../../rubrics/case-handling.yaml",
    "scenarios/cases", "rubrics/case-handling.yaml", "voila/files/scenarios/policies/authority.yaml",
])  # fmt: skip
def test_nothing_but_the_desk_can_be_had(room, path):
    import http.client

    host = room[0].removeprefix("http://")
    place = f"/{path}"
    for _ in range(4):  # A redirect is followed by hand, so that the path goes out as it stands.
        connection = http.client.HTTPConnection(host, timeout=20)
        connection.request("GET", place)
        answer = connection.getresponse()
        body, place = answer.read(), answer.getheader("Location") or place
        if answer.status not in (301, 302):
            break
    assert answer.status >= 400, (answer.status, body[:200])
    for secret in (b"open_room", b"expectations", b"SQLite format", b"root:", b"tempting", b"criteria"):
        assert secret not in body


PICTURES = Path(os.environ.get("CASEWORK_PICTURES", Path(__file__).parents[2] / "build" / "pictures"))


@pytest.mark.skipif(not AXE.is_file() and OPTIONAL, reason="axe-core is not installed; .ci/run installs it and skips nothing")
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_pane_is_accessible(room, scheme):
    address, _, tokens = room
    ben = tokens[1 if scheme == "light" else 2]
    PICTURES.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as play:
        browser = launched(play)
        page = browser.new_context(viewport={"width": 1280, "height": 720}, color_scheme=scheme).new_page()
        page.set_default_timeout(45_000)
        page.goto(address)
        page.get_by_label("Your token").wait_for()
        assert not (found := faults(page)), found
        page.get_by_label("Your token").fill(ben)
        page.get_by_role("button", name="Open the desk").click()
        page.get_by_role("button", name="Do it").wait_for()
        for pane in ("Document", "Case file", "Chronology", "Handbook"):
            page.get_by_role("tab", name=pane).click()
            page.wait_for_timeout(200)
            page.screenshot(path=PICTURES / f"room-{scheme}-{pane.lower().replace(' ', '-')}.png")
            assert not (found := faults(page)), (pane, found)
        for action in ("escalate", "log", "diarise", "resolve", "chase"):
            page.get_by_label("Action", exact=True).select_option(action)
            page.wait_for_timeout(200)
            assert not (found := faults(page)), (action, found)
        page.get_by_role("button", name="Finish…").click()
        page.get_by_text("Before you see a score").wait_for()
        assert not (found := faults(page)), found
        page.get_by_role("button", name="Close the desk and see the debrief").click()
        page.get_by_text("Marks lost, and what would have won them").wait_for()
        page.get_by_text("What happened, and what could have").scroll_into_view_if_needed()
        page.screenshot(path=PICTURES / f"room-{scheme}-debrief.png")
        assert not (found := faults(page)), found
        page.get_by_role("button", name="Pause").click()
        page.get_by_role("button", name="Go on").wait_for()
        page.screenshot(path=PICTURES / f"room-{scheme}-paused.png")
        assert not (found := faults(page)), found
        browser.close()


@pytest.fixture
def seat(library, tmp_path):
    """A room in a mode, with one trainee: (address, store, token)."""
    def opened(mode):
        store = open_store(f"sqlite:///{tmp_path / 'casework.sqlite'}")
        store.add_person(Person("boss", ROLES), "Boss")
        _, token = workbench.add_person(Access(store.find_person("boss"), store, library), "Ada", ("trainee",))
        address = f"http://127.0.0.1:{(port := free_port())}"
        command = [str(Path(sys.executable).parent / "casework"), "practise", SCENARIO, "--seed", "7", "--room", "--port", str(port), "--mode", mode]
        return served(command, tmp_path, f"{address}/voila/static/voila.js", {"CASEWORK_WORKSPACE": str(tmp_path)}), address, store, token
    return opened


def test_an_assessment_in_the_room_is_timed_handed_in_and_tells_nothing(seat, library):
    PICTURES.mkdir(parents=True, exist_ok=True)
    serving, address, store, token = seat("assessment")
    heard = {"asked": [], "responses": [], "frames": []}
    with serving, sync_playwright() as play:
        browser = launched(play)
        page = browser.new_context(viewport={"width": 1280, "height": 720}).new_page()
        page.goto(address)
        expect(page.get_by_text("This is an assessment.")).to_be_visible(timeout=45_000)
        page.context.close()
        page = entered(browser, address, token, heard)
        page.get_by_role("button", name="Do it").wait_for()
        expect(page.get_by_role("timer")).to_contain_text("24 min")
        assert page.get_by_role("button", name="Where should I look?").count() == page.get_by_role("button", name="Start again…").count() == 0
        page.get_by_label("Action", exact=True).select_option("note")
        page.get_by_label("Words", exact=True).fill("The one thing done in time.")
        page.get_by_role("button", name="Do it").click()
        expect(page.get_by_text("Done: note.", exact=True)).to_be_visible()
        page.screenshot(path=PICTURES / "room-assessment.png")
        page.get_by_role("button", name="Finish…").click()
        page.get_by_role("button", name="Close the desk and see the debrief").click()
        expect(page.get_by_text("Handed in")).to_be_visible()
        page.screenshot(path=PICTURES / "room-handed-in.png")
        page.context.close()
        again = entered(browser, address, token, {"asked": [], "responses": [], "frames": []})
        expect(again.get_by_role("alert").filter(has_text="it is sat once")).to_be_visible()
        browser.close()
    (head,) = store.heads()
    assert head.finished and store.log(head.session).header.mode == "assessment"
    assert not [h for h in hidden(library) if any(h in str(frame) for frame in heard["frames"])]


def test_hints_in_the_room_come_when_asked_and_cost(seat):
    serving, address, store, token = seat("guided")
    with serving, sync_playwright() as play:
        browser = launched(play)
        page = entered(browser, address, token, {"asked": [], "responses": [], "frames": []})
        page.get_by_role("button", name="Do it").wait_for()
        page.get_by_role("option", name="Handover").click()
        page.get_by_role("button", name="Where should I look?").dblclick()
        expect(page.get_by_text("Hints on this paper")).to_be_visible()
        page.screenshot(path=PICTURES / "room-guided.png")
        page.get_by_role("button", name="Finish…").click()
        page.get_by_role("button", name="Close the desk and see the debrief").click()
        expect(page.get_by_text("hints cost 1")).to_be_visible()
        browser.close()
    (head,) = store.heads()
    assert sum(e.event == "hinted" for e in store.log(head.session).events) == 1

"""Hostile text in every place that shows text, in a real browser: it is seen as it stands, and nothing runs."""

import ast
import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import nbformat
import pytest
import yaml
from playwright.sync_api import sync_playwright

import casework
from benchmarks.browsing import CHROMIUM, OPTIONAL, WHY, launched
from casework import workbench
from casework.edges import batches, documents, logfiles, strict_yaml
from casework.edges.store.records import open_store
from casework.faces import (
    author_view,
    calibrate_view,
    deadline_view,
    desk_panes,
    desk_view,
    ledger_view,
    measures_view,
    notebooks,
    pages,
    plan_view,
    practice_view,
    progress_view,
    review_view,
    room_view,
    settle_view,
    simulate_view,
    timeline_view,
)
from casework.model.framework import RealValue
from casework.model.people import ROLES, Person
from casework.model.scenarios import Step
from casework.practice import desk
from casework.progress import boards, plans, standing
from casework.progress.ledger import ledger_of
from casework.progress.pieces import Given, Part, Piece
from casework.progress.plans import PlanEvent
from casework.progress.signing import Signed
from casework.progress.timelines import time_lines
from casework.progress.transfer import transfers
from casework.quality.marks import Mark
from casework.workbench import Access, batching
from casework.workbench.forgetting import OwnRecord
from casework.workbench.measuring import _worked
from casework.workbench.planning import Prepared

SCENARIO = "rule-7-handler-away"
HOSTILE = "<img src=q onerror=alert(1)></textarea></title></style><script>alert(2)</script>$x^2$ \"onfocus='alert(3)' autofocus"
BRACES = "{{7*7}}${7*7}" + HOSTILE  # Where text is no template of ours.
TABLE = yaml.safe_load((Path(__file__).parent / "sinks.yaml").read_text())
MARKUP = re.compile(r"<[a-zA-Z!/]")


def test_every_place_that_writes_markup_is_declared_with_its_trial():
    root, found = Path(casework.__file__).parent, set()
    for path in root.rglob("*.py"):
        name = path.relative_to(root).with_suffix("").as_posix().replace("/", ".")
        if name == "practice.matching":  # Its < belongs to a pattern.
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef):
                doc = ast.get_docstring(node, clean=False)
                strings = (n.value for n in ast.walk(node) if isinstance(n, ast.Constant) and isinstance(n.value, str))
                if any(MARKUP.search(s) for s in strings if s != doc):
                    found.add(f"{name}.{node.name}")
    assert found == set(TABLE)
    assert set(TABLE.values()) - {"none"} == set(TRIALS)


@pytest.fixture(scope="module")
def hostile(tmp_path_factory):
    """The shipped content with hostile words wherever an author, a member or a letter may have put them."""
    folder = tmp_path_factory.mktemp("hostile") / "content"
    workbench.init(folder)
    place = next(folder.glob(f"scenarios/cases/*/{SCENARIO}"))
    for letter in place.glob("documents/*.md"):
        letter.write_text(letter.read_text() + "\n" + HOSTILE + "\n")
    words = ("title", "brief", "hint", "name", "say", "heard", "why", "says", "asks", "source")

    def spoilt(node, key=""):
        if isinstance(node, dict):
            return {k: spoilt(v, k) for k, v in node.items()}
        if isinstance(node, list):
            return [spoilt(v, key) for v in node]
        return f"{node} {HOSTILE}" if isinstance(node, str) and key in words else node

    for path in (place / "scenario.yaml", *folder.glob("scenarios/policies/*.yaml"), *folder.glob("rubrics/*.yaml")):
        data, _, problems = strict_yaml.load(path.read_bytes(), path.name)
        assert problems == []
        path.write_text(yaml.safe_dump(spoilt(data), sort_keys=False, allow_unicode=True, width=10_000))
    return folder


@pytest.fixture(scope="module")
def world(hostile, tmp_path_factory):
    return hostile, workbench.library(hostile), tmp_path_factory.mktemp("out")


def _log(world):
    folder, library, out = world
    session = desk.open_session(library, workbench.caseload(library, SCENARIO, 1), BRACES, "practice")
    logfiles.save(desk.finish(session).log(), (), out / "log.jsonl")
    return out


def _debrief(world):
    out = _log(world)
    return notebooks.score(str(out / "log.jsonl"), "case-handling", str(world[0])).data


def _cohort(world):
    out = _log(world)
    return notebooks.cohort(str(out), "case-handling", str(world[0])).data


def _desk(world):
    store = open_store("sqlite://")
    store.add_person(Person("p-1", ROLES), "Someone")
    access = Access(store.find_person("p-1"), store, world[1])
    screen = desk_view.DeskView(access, workbench.begin_session(access, SCENARIO, 1, "guided"))
    seen = []

    def look():
        shown = (screen.told, screen.clock, screen.paper, screen.said, screen.act.cost, screen.now, screen.running, screen.file, screen.history, screen.found)
        seen.extend(control.value for control in shown)

    look()
    for _ in range(3):
        screen._wait()
        for item in screen.tray.ids:
            screen.tray.value = item
            screen.look.click()
            screen.rule.click()
            look()
    screen.shown.value = "Unread"
    look()
    screen.find.value = BRACES
    look()
    for step in ({"do": "escalate", "to": BRACES}, {"do": BRACES}, {"do": "read", "item": BRACES}, {"do": "note", "cites": BRACES}):
        screen._decide(SCENARIO, step)
        look()
    screen.act.action.value, screen.act.text.value = "note", BRACES
    screen.act.do.click()
    look()
    screen.close.click()
    *_, fields, expect, send = screen.end.children
    fields.value = BRACES
    send.click()
    report, _, why, send, said = screen.end.children[0].children
    why.value = BRACES
    send.click()
    seen.extend((report.value, said.value))
    return "".join(seen)


def _sitting(world):
    """The pages round the desk: paused, asked, refused, warned, left, handed in."""
    folder, library, _ = world
    store = open_store("sqlite://")
    store.add_person(Person("p-1", ROLES), "Someone")
    access = Access(store.find_person("p-1"), store, library)
    view = practice_view.PracticeView(access, workbench.begin_session(access, SCENARIO, 1))
    seen = [view._warn, view._leave, view._pause]
    shown = []
    for page in seen:
        page()
        shown.append(view.box.children[0].value)
    view._ask(None)
    shown.append(view.said.value)
    view.access = Access(access.person, store, replace(library, scenarios={}))
    view._begin(2)
    return "".join((*shown, view.said.value, desk_panes.handed_in(BRACES)))


def _marking(world):
    """The marking bench, with hostile reasons and words, to the feedback; two who mark at once."""
    folder, library, _ = world
    store = open_store("sqlite://")
    for id, roles in {"p-1": ("trainee",), "p-2": ("reviewer",), "p-3": ("reviewer",), "p-4": ("lead",)}.items():
        store.add_person(Person(id, roles), BRACES)
    trainee = Access(store.find_person("p-1"), store, library)
    sitting = workbench.begin_session(trainee, SCENARIO, 1)
    for step in ({"do": "note", "text": BRACES}, {"do": "reply", "to": "member", "item": "handover", "text": BRACES}):
        sitting = workbench.decide(trainee, sitting.id, sitting, SCENARIO, Step(**step))
    sitting = workbench.finish_session(trainee, sitting.id, sitting)
    workbench.dispute(trainee, sitting.id, sitting, SCENARIO, "filed-right", BRACES)
    one, two, lead = (Access(store.find_person(id), store, library) for id in ("p-2", "p-3", "p-4"))
    bench = review_view.BenchView(one, sitting.id)
    views = [review_view.ReviewView(who, workbench.open_review(who, sitting.id)) for who in (one, two)]
    seen = []

    def look(view):
        panes = [pane.value for pane in view.file.children]
        seen.extend((bench.said.value, view.head.value, view.about.value, view.need.value, view.said.value, *panes))

    for view in views:
        for criterion in view.criteria.ids:
            view.criteria.value = criterion
            look(view)
        view.evidence.value = BRACES
        view._keep()
        look(view)
        view.evidence.value = ""
    for criterion in views[0].seen.left:
        view = views[0]
        view.criteria.value, view.level.value, view.reason.value = criterion, "cannot tell", BRACES
        view._keep()
        look(view)
    view = views[1]
    view.criteria.value, view.level.value, view.reason.value = "tone-written", "cannot tell", BRACES
    view._keep()
    view._reopen()
    look(view)
    views[0]._hand_in()
    look(views[0])
    bench.files.value = "no-such"
    bench._open(BRACES)
    bench._open(None)
    settle = settle_view.SettleView(lead, sitting.id, None)
    settle.words.value = BRACES
    settle.send.click()
    seen += [bench.said.value, settle.report.value, settle.said.value]
    empty = settle_view.FeedbackView(one)
    mine = settle_view.FeedbackView(trainee)
    mine.read.click()
    mine.appeal.disabled = False
    mine.appeal.click()
    seen += [empty.box.children[0].value, mine.report.value, mine.said.value]
    found = workbench.appeal_mark(trainee, sitting.id, workbench.agreed_of(trainee, sitting.id), "filed-right", BRACES)
    settle._open()
    settle.answer.click()
    return "".join((*seen, settle.report.value, settle.said.value, settle_view.marks_that_hold(found)))


def _author(world):
    view = author_view.AuthorView(world[0], SCENARIO)
    shown = view.shown.value
    path = next(world[0].glob(f"scenarios/cases/*/{SCENARIO}/scenario.yaml"))
    kept = path.read_text()
    path.write_text(kept.replace("harm: serious", f"harm: {BRACES!r}", 1))
    view.show()
    path.write_text(kept)
    return shown + view.shown.value


def _calculator(world):
    view = deadline_view.DeadlineView(world[1], "complaints.acknowledge", "2026-03-03", "")
    shown = view.answer.value
    view.start.value = BRACES
    return shown + view.answer.value


def _calibration(world):
    """Hostile names of files, raters, criteria and levels, enough of them for every table; and a table that is refused."""
    criteria = ["tone-written", BRACES, f"{BRACES}2"]
    marks = [
        Mark(f"{BRACES}{t}/{s}", f"{BRACES}{s}", f"{BRACES}{t}", f"{BRACES}{r}", c, f"{BRACES}{(t + n + r) % 2}", float((t + n + r) % 2), None, r == 2)
        for t in range(35) for s in range(3) for r in range(3) for n, c in enumerate(criteria)
    ]  # fmt: skip
    study = workbench.criteria_of(world[1], marks).study
    seen = [calibrate_view.page(workbench.calibrate_marks(world[1], some), study, about=BRACES) for some in (marks, marks[:40])]
    table = world[2] / "marks.csv"
    table.write_text('unit,rater,criterion,rating\nu,r,"' + BRACES.replace('"', '""') + '",x\n')
    return "".join((*seen, calibrate_view.open_calibration(str(table), content=str(world[0])).data))


def _measures(world):
    """Hostile words in the content, a hostile name, and periods that no import would take; every kind of chart."""
    one = _worked(world[1], _log(world) / "log.jsonl", "case-handling")[0]
    worked = [replace(one, on=one.on.replace(month=month), log=f"{month}") for month in range(1, 11)]
    content = world[1].measures
    real = [RealValue(measure=m.id, period=f"{n}{BRACES}", value=n, n=n) for m in content.measures for n in (1, 2, 30) if m.count == "external"]
    told = [boards.of_team(content, worked, real, "month"), boards.of_team(content, []), boards.of_person(content, BRACES, worked, "month")]
    return measures_view.document(told[0]) + "".join(map(measures_view.page, told[1:]))


def _simulation(world):
    """Hostile words wherever a simulation has words of its own; and the name of one that there is not."""
    shipped = world[1].get_simulation("servicing-desk")
    first = shipped.what_if[0].alternatives[0].model_copy(update={"name": BRACES})
    question = shipped.what_if[0].model_copy(update={"asks": BRACES, "alternatives": (first, first.model_copy(update={"assistant": BRACES}))})
    work = shipped.work[0].model_copy(update={"title": BRACES, "tasks": (shipped.work[0].tasks[0].model_copy(update={"id": BRACES}),)})
    spoilt = shipped.model_copy(update={
        "title": BRACES, "source": BRACES, "assistant": BRACES, "abilities": {BRACES: shipped.abilities["new starter"]}, "what_if": (question, question), "work": (work,),
        "open_cases": 20,
    })  # fmt: skip
    found = workbench.simulate(replace(world[1], simulations={shipped.id: spoilt}), shipped.id, 3, workers=1)
    return simulate_view.page(found) + simulate_view.simulate(BRACES, 3, 1, content=str(world[0])).data


def _progress(world):
    """Hostile words in the framework, hostile names, reasons and scenarios; every state, one person and the team."""
    rule, at = world[1].framework, datetime(2026, 3, 2, tzinfo=UTC)
    rule = rule.model_copy(update={
        "competencies": tuple(c.model_copy(update={"title": f"{c.title} {HOSTILE}", "lines": (*c.lines, HOSTILE), "indicators": (HOSTILE,), "level": HOSTILE}) for c in rule.competencies),
        "supervision": tuple(b.model_copy(update={"band": b.band + HOSTILE, "up": (HOSTILE,), "down": (HOSTILE,)}) for b in rule.supervision),
        "step_down_after": (*rule.step_down_after, HOSTILE),
    })  # fmt: skip
    given = Given(criterion=HOSTILE, share=0.9)
    pieces = [
        Piece(
            trainee=BRACES, kind="scorecard", at=at + n * timedelta(days=3), by=BRACES, scenario=f"{n}{HOSTILE}", family=f"{n}", jurisdiction=f"{n}", rubric="r", source=f"{n}",
            parts=tuple(Part(competency=c.id, given=(replace(given, error=c.id == "risk"),)) for c in rule.competencies),
        )
        for n in range(9)
    ]  # fmt: skip
    then = pieces[-1].at
    signs = {
        (BRACES, c.id): [
            Signed(trainee=BRACES, competency=c.id, at=then, by=by, role=role, reason=HOSTILE, against=role == "lead") for by, role in ((BRACES, "self"), (HOSTILE, "assessor"), ("lee", "lead"))
        ][: n % 4] for n, c in enumerate(rule.competencies)
    }  # fmt: skip
    signs[BRACES, "finance"] = [*signs[BRACES, "finance"], Signed(trainee=BRACES, competency="finance", at=then, by=HOSTILE, role="lead", reason=HOSTILE, act="withdrew")]
    ledger = ledger_of(pieces, rule)
    shown = [standing.person_of(ledger, BRACES, then, signs), standing.team_of(ledger, then, signs), standing.person_of(ledger, HOSTILE, then)]
    told = notebooks.progress(str(_log(world) / "log.jsonl"), content=str(world[0])).data
    return progress_view.document(shown[0]) + "".join(map(progress_view.page, shown[1:])) + told


def _own_record(world):
    """Hostile names, words and reasons in a person's own record."""
    rule, at = world[1].framework, datetime(2026, 3, 2, tzinfo=UTC)
    part = (Part(competency="risk", given=(Given(criterion=HOSTILE, share=0.9),)),)
    pieces = (
        Piece(trainee=BRACES, kind="scorecard", at=at, by=BRACES, scenario=HOSTILE, rubric="r", source="s", total=80.0, parts=part),
        Piece(trainee=BRACES, kind="observation", at=at, by=HOSTILE, says=HOSTILE, nonce="1", parts=part),
    )
    signs = (Signed(trainee=BRACES, competency="risk", at=at, by=BRACES, role="self", reason=HOSTILE),)
    person = standing.person_of(ledger_of(pieces, rule), BRACES, at, {(BRACES, "risk"): signs})
    plan = (PlanEvent("goal", "g1", BRACES, HOSTILE, at.date(), HOSTILE, competency="risk"),)
    return ledger_view.document(OwnRecord(person, pieces, signs, 1, plan))


def _plan(world):
    """Hostile words, names, reasons and titles in every state of a plan."""
    day = date(2026, 3, 2)
    events = [
        PlanEvent("goal", "g1", BRACES, HOSTILE, day, HOSTILE), PlanEvent("goal", HOSTILE[:30], BRACES, HOSTILE, day, BRACES),
        PlanEvent("action", HOSTILE[:29], BRACES, HOSTILE, day, HOSTILE, day, "g1"), PlanEvent("action", "a2", BRACES, HOSTILE, day, HOSTILE, day, "g1"),
        PlanEvent("dropped", "a2", BRACES, HOSTILE, day, HOSTILE), PlanEvent("planned", HOSTILE[:28], BRACES, HOSTILE, day, due=day),
        PlanEvent("met", HOSTILE[:28], BRACES, HOSTILE, day, HOSTILE), PlanEvent("planned", "m2", BRACES, HOSTILE, day, due=day),
    ]  # fmt: skip
    agenda = (HOSTILE, BRACES)
    shown = Prepared(plans.folded(BRACES, events), day + timedelta(days=9), day, (plans.Proposal(HOSTILE, HOSTILE, HOSTILE),), agenda, {})
    return plan_view.document(shown) + plan_view.section(replace(shown, plan=plans.Plan(BRACES), last=None, proposed=()))


def _over_time(world):
    """Hostile titles and names over people's lines, and practice beside live work, where there is enough to draw and where there is not."""
    shipped, at = world[1].framework, datetime(2026, 3, 2, tzinfo=UTC)
    rule = shipped.model_copy(update={"competencies": tuple(c.model_copy(update={"title": f"{c.title} {HOSTILE}"}) for c in shipped.competencies)})
    some = [c.id for c in rule.competencies if "scorecard" in c.evidence_from][:2]
    pieces = [
        Piece(
            trainee=f"{HOSTILE}{n}", kind="scorecard", at=at + n * timedelta(hours=1) + live * timedelta(days=9), by=BRACES, scenario=f"{live}{HOSTILE}", rubric="r",
            source=f"{n}{live}", live=live, parts=tuple(Part(competency=c, given=(Given(criterion=HOSTILE, share=(n + live) / 13),)) for c in some[: 1 + (n < 5)]),
        )
        for n in range(12) for live in (False, True)
    ]  # fmt: skip
    found = transfers(pieces, rule)
    assert found[0].rank is not None and "5 of 10" in found[1].why
    told = notebooks.transfer(str(_log(world) / "log.jsonl"), content=str(world[0])).data
    return progress_view.document(standing.team_of(ledger_of(pieces, rule), at + timedelta(days=30)), timeline_view.section(found) + timeline_view.over_time(time_lines(pieces, f"{HOSTILE}3", rule, at + timedelta(days=30)))) + told


def _error_page(world):
    output = nbformat.v4.new_output("error", ename=BRACES, evalue=BRACES)
    cell = nbformat.v4.new_code_cell(outputs=[output])
    return batches.to_html(nbformat.v4.new_notebook(cells=[cell]))


def _index_page(world):
    return batching._index([batches.Done(BRACES, SCENARIO, "a.ipynb", f"{BRACES}.html", "k", None, status, BRACES, BRACES) for status in ("done", "failed")], (BRACES,), (), {f"{BRACES}.html": BRACES})


def _batch_told(world):
    return notebooks._batch_told(BRACES, [batches.Done(BRACES, SCENARIO, "a.ipynb", "a.html", "k", None, "failed", BRACES, BRACES)])


def _room(world):
    room = room_view.RoomView(world[1], SCENARIO, 1, BRACES)
    room.open.click()
    return room.said.value


TRIALS = {
    "own record": _own_record, "plan": _plan,
    "author": _author, "calibration": _calibration, "measures": _measures, "progress": _progress, "marking": _marking, "room": _room, "sitting": _sitting,
    "debrief": _debrief, "cohort": _cohort, "desk": _desk, "calculator": _calculator, "error page": _error_page, "index": _index_page, "batch": _batch_told,
    "simulation": _simulation, "over time": _over_time,
    "title": lambda world: documents.document(BRACES, ""), "table": lambda world: pages.table([], [BRACES, HOSTILE]),
}  # fmt: skip


@pytest.mark.skipif(CHROMIUM is None and OPTIONAL, reason=WHY)
def test_hostile_text_is_seen_and_does_nothing(world):
    with sync_playwright() as play:
        browser = launched(play)
        for name, trial in TRIALS.items():
            markup = trial(world)
            whole = markup.startswith("<!doctype")
            # Once as a document of its own, and once set into a page without a policy, as a notebook does.
            for bare in ((False, True) if whole else (True,)):
                page, dialogs, asked = browser.new_page(), [], []
                page.on("dialog", lambda dialog, dialogs=dialogs: (dialogs.append(dialog.message), dialog.dismiss()))
                page.on("request", lambda request, asked=asked: asked.append(request.url))
                if bare:
                    page.set_content("<div id=here></div>")
                    page.evaluate("markup => { document.getElementById('here').innerHTML = markup }", markup)
                else:
                    (world[2] / "page.html").write_text(markup)
                    page.goto((world[2] / "page.html").as_uri())
                page.wait_for_timeout(150)
                wild = page.evaluate(
                    "[...document.querySelectorAll('*')].filter(e => e.tagName === 'SCRIPT' || e.tagName === 'IMG' ||"
                    " [...e.attributes].some(a => a.name.startsWith('on') || a.name === 'autofocus')).map(e => e.outerHTML)"
                )
                text = page.evaluate("document.title + document.body.textContent")
                assert wild == [] and dialogs == [], f"{name}: {wild[:1]}"
                assert all(url.startswith(("file://", "about:")) for url in asked), f"{name}: asked for {asked}"
                assert "<img src=q onerror=alert(1)>" in text, f"{name}: the text is not shown as it stands"
                assert "4949" not in text and "{{49}}" not in text
                page.close()
        browser.close()

"""Practice beside live work: values by hand, an honest interval, no claim from few people; and what was known of somebody over time."""

import math
import random
from datetime import UTC, datetime, timedelta
from xml.etree import ElementTree

import nbformat
import pytest
from nbclient import NotebookClient
from scipy.stats import spearmanr

from casework import workbench
from casework.edges import logfiles
from casework.faces import timeline_view
from casework.model.decisions import DecisionLog, Event, Header, Recorded
from casework.model.framework import Framework
from casework.progress import mastery
from casework.progress.ledger import ledger_of
from casework.progress.pieces import Given, Part, Piece
from casework.progress.timelines import time_lines
from casework.progress.transfer import FEWEST_PEOPLE, interval, ranks, spearman, transfers

MONDAY = datetime(2026, 1, 5, 9, tzinfo=UTC)
WEEK = timedelta(weeks=1)
RULE = Framework.model_validate({
    "format": "framework/1", "id": "f", "title": "F", "version": 1,
    "competencies": [{"id": id, "title": id.title(), "kind": "role", "lines": [line], "indicators": ["x"]} for id, line in (("risk", "A15"), ("other", "A1"))],
    "evidence": {"pieces": 3, "kinds": 2, "scenarios": 2, "jurisdictions": 0, "within": "12 months"},
    "sign_off": {"steps": ["a", "b", "c"], "different_people": True, "no_critical_error_in_last": 3, "standard": 80, "confidence": 80, "lasts": "12 months"},
    "supervision": [], "step_down_after": [],
})  # fmt: skip


def file(trainee, week, share, live=False, competency="risk"):
    given = tuple(Given(criterion=f"c{k}", share=share) for k in range(4))
    return Piece(
        trainee=trainee, kind="scorecard", at=MONDAY + week * WEEK, by="x", parts=(Part(competency=competency, given=given),), scenario=f"s{week}{live}", rubric="r",
        source=f"{trainee}{week}{live}{competency}", live=live,
    )  # fmt: skip


def team(people, live=lambda n, people: n / people):
    return [piece for n in range(people) for piece in (file(f"t{n}", 0, n / people), file(f"t{n}", 1, 0.5), file(f"t{n}", 4, live(n, people), live=True))]


def test_who_stood_higher_in_practice_and_did_better_after_is_told_with_its_interval():
    risk, other = transfers(team(12), RULE)
    assert risk.n == 12 and risk.rank == pytest.approx(1) and 0.8 < risk.low < risk.high < 1 and risk.claim == "together"
    assert other.n == 0 and other.rank is None and other.why == f"not enough people: 0 of {FEWEST_PEOPLE} needed"
    assert transfers(team(12, lambda n, people: 1 - n / people), RULE)[0].claim == "opposed"
    shuffled = [3, 8, 1, 10, 5, 0, 7, 11, 2, 9, 4, 6]
    assert transfers(team(12, lambda n, people: shuffled[n] / people), RULE)[0].claim == "not shown"


def test_few_people_or_equal_shares_say_nothing_and_why():
    four = transfers(team(4), RULE)[0]
    assert (four.rank, four.low, four.claim) == (None, None, "") and four.why == "not enough people: 4 of 10 needed"
    assert "did equally well in live work" in transfers(team(12, lambda n, people: 1.0), RULE)[0].why


def test_practice_counts_up_to_the_first_live_file_and_live_work_from_then_on():
    pieces = [file("ann", 0, 1.0, live=True), file("ann", 1, 1.0), file("ann", 2, 0.0, live=True), file("ann", 3, 0.0), file("ann", 4, 0.5, live=True)]
    (pair,) = transfers(pieces, RULE)[0].pairs
    assert (pair.practice_files, pair.live_files, pair.live) == (1, 2, 0.25)
    level = ledger_of([pieces[1]], RULE).of("ann", "risk").level
    assert pair.expected == mastery.typical(mastery.aged(level, MONDAY + 2 * WEEK)).value
    assert transfers(pieces[:1], RULE)[0].pairs == () == transfers([pieces[1]], RULE)[0].pairs


def test_the_claim_is_stricter_the_more_competencies_are_asked():
    pieces = team(12, lambda n, people: [2, 0, 5, 1, 7, 3, 9, 11, 4, 10, 8, 6][n] / people)
    alone = transfers(pieces, RULE)[0]
    many = RULE.model_copy(update={"competencies": tuple(RULE.competencies[0].model_copy(update={"id": f"r{k}"}) for k in range(40))})
    spread = [one.model_copy(update={"id": "", "parts": tuple(one.parts[0].model_copy(update={"competency": f"r{k}"}) for k in range(40))}) for one in pieces]
    asked = transfers([Piece.model_validate(one.model_dump()) for one in spread], many)[0]
    assert alone.claim == "together" and asked.claim == "not shown" and (alone.rank, alone.low) == (asked.rank, asked.low)


def test_spearman_is_scipys_and_equals_share_their_rank():
    assert ranks([5, 1, 5, 2]) == [3.5, 1, 3.5, 2]
    rng = random.Random(3)
    for _ in range(50):
        x, y = ([round(rng.random(), 1) for _ in range(15)] for _ in range(2))
        assert spearman(x, y) == pytest.approx(spearmanr(x, y).statistic)


@pytest.mark.parametrize(("truth", "n"), [(0.0, 12), (0.6, 12), (0.6, 60)])
def test_the_interval_holds_the_truth_about_as_often_as_it_says(truth, n):
    # Spearman's value of two normals with Pearson's r is 6/pi asin(r/2).
    rng, r, held = random.Random(7), 2 * math.sin(math.pi * truth / 6), 0
    for _ in range(600):
        x = [rng.gauss(0, 1) for _ in range(n)]
        y = [r * a + math.sqrt(1 - r * r) * rng.gauss(0, 1) for a in x]
        low, high = interval(spearman(x, y), n, 0.1)
        held += low <= truth <= high
    assert 0.86 <= held / 600 <= 0.95


def test_a_line_over_time_has_a_point_a_counted_file_and_ends_wider_today():
    pieces = [file("ann", 0, 1.0), file("ann", 1, 1.0, live=True), file("ann", 2, 0.0), file("bob", 0, 0.0)]
    (line,) = time_lines(pieces, "ann", RULE, MONDAY + 9 * WEEK)
    assert [point.file for point in line.points] == ["practice", "live", "practice", ""] and line.competency.id == "risk"
    assert line.points[1].typical.value > line.points[0].typical.value > line.points[2].typical.value
    assert line.points[3].typical.value == pytest.approx(line.points[2].typical.value) and line.points[3].typical.width > line.points[2].typical.width
    assert time_lines(pieces, "ann", RULE, MONDAY + WEEK)[0].points[-1].at == MONDAY + WEEK and len(time_lines(pieces, "ann", RULE, MONDAY)[0].points) == 2


def test_the_pictures_are_sound_and_say_in_words_what_they_show():
    pieces = [*team(12), *(file("ann", n, 1.0) for n in range(3))]
    picture = timeline_view.line(time_lines(pieces, "ann", RULE, MONDAY + 9 * WEEK)[0])
    svg = ElementTree.fromstring(picture)
    assert len(svg.findall("circle")) == 3 and "90 % interval" in svg.get("aria-label") and "3 files" in svg.get("aria-label")
    lone = timeline_view.line(time_lines(pieces, "ann", RULE, MONDAY)[0])
    assert "nan" not in lone and ElementTree.fromstring(lone) is not None
    told = timeline_view.section(transfers(pieces, RULE))
    assert "not enough people: 0 of 10 needed" in told and "no proof that practice helps" in told and "t3" not in told
    assert len(ElementTree.fromstring(timeline_view.scatter(transfers(pieces, RULE)[0])).findall("circle")) == 12
    assert "no marks on real files" in timeline_view.section(()) and timeline_view.over_time(()) == ""


def real(n, at):
    recorded = Recorded(actions=("note",), office="england-and-wales", authority="england-and-wales")
    header = Header(session=f"{n:016}", trainee="steady", source="imported", mode="live", version=1, seed=1, zone="Europe/London", engine="0.1.0",
                    digests={"mapping/ours": "0" * 64}, recorded=recorded)  # fmt: skip
    kinds = ({"event": "opened"}, {"event": "decided", "do": "note", "case": f"case-{n}"}, {"event": "closed"})
    return DecisionLog(header, tuple(Event.model_validate({"n": i, "at": at, **kind}) for i, kind in enumerate(kinds, 1)))


def test_the_notebook_shows_lines_over_time_and_asks_of_live_work(library, tmp_path):
    name = next(iter(library.playable))
    session = workbench.play(library, name, "steady", 1)
    logfiles.save(session.log(), (), tmp_path / "logs" / "one.jsonl")
    logfiles.save(real(1, MONDAY + 60 * WEEK), (), tmp_path / "logs" / "two.jsonl")
    found = workbench.gather_progress(library, tmp_path / "logs", at=MONDAY + 50 * WEEK)
    assert not next(piece for piece in found.fresh if piece.scenario == name).live
    book = nbformat.read(workbench.notebook(None, "50_progress.ipynb"), 4)
    for cell in book.cells:
        if "parameters" in cell.metadata.get("tags", ()):
            cell.source = cell.source.replace('logs = ""', f"logs = {str(tmp_path / 'logs')!r}").replace('trainee = ""', 'trainee = "steady"')
    NotebookClient(book, timeout=120).execute()
    shown = ["".join(output["data"]["text/html"] for output in cell.outputs if "data" in output) for cell in book.cells if cell.cell_type == "code"]
    assert "Over time" in shown[1] and "<polyline" in shown[1]
    assert "no marks on real files" in shown[2] or "not enough people: " in shown[2]

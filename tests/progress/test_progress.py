"""Progress on the framework: values by hand, first attempts only, errors that block, sign-off by several people, ledgers that tell tampering."""

import json
import re
import time
from datetime import UTC, datetime, timedelta

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from casework import workbench
from casework.edges import content, ledgers, logfiles
from casework.faces import progress_view
from casework.faces.cli import app
from casework.model.errors import BadInput, BrokenLog, Refused
from casework.model.framework import Framework, back
from casework.progress import mastery, standing
from casework.progress.ledger import Ledger, holding, ledger_of
from casework.progress.pieces import Given, Part, Piece, pieces_of
from casework.progress.signing import Signed, sign_state, signed
from casework.progress.standing import person_of, progress_of

MONDAY = datetime(2026, 1, 5, 9, tzinfo=UTC)
WEEK = timedelta(weeks=1)
RULE = Framework.model_validate({
    "format": "framework/1", "id": "f", "title": "F", "version": 1,
    "competencies": [{"id": "risk", "title": "Risk", "kind": "role", "lines": ["A15"], "indicators": ["x"]}, {"id": "other", "title": "Other", "kind": "role", "lines": ["A1"], "indicators": ["x"]}],
    "evidence": {"pieces": 4, "kinds": 2, "scenarios": 2, "jurisdictions": 2, "within": "12 months"},
    "sign_off": {"steps": ["a", "b", "c"], "different_people": True, "no_critical_error_in_last": 3, "standard": 80, "confidence": 80, "lasts": "12 months"},
    "supervision": [
        {"band": "red", "says": "r", "until": "u", "signed": "none"}, {"band": "amber", "says": "a", "until": "u", "signed": "some"},
        {"band": "green", "says": "g", "until": "u", "signed": "all"},
    ],
    "step_down_after": ["critical error", "absence over 3 months", "new jurisdiction", "two totals under 85"],
})  # fmt: skip
RISK = RULE.named("risk")


def file(n, share=1.0, error=False, scenario=None, at=None, marks=5, total=95.0, **more):
    """The n-th weekly file of a trainee: one piece in the competency risk."""
    given = tuple(Given(criterion=f"c{k}", share=share, error=error and k == 0) for k in range(marks))
    values = {
        "trainee": "ann", "kind": "scorecard", "at": at or MONDAY + n * WEEK, "by": "the rubric", "parts": (Part(competency="risk", given=given),),
        "scenario": scenario or f"s{n}", "family": f"k{n % 3}", "jurisdiction": ("england", "ireland")[n % 2], "rubric": "r", "source": f"log{n}", "total": total,
    }  # fmt: skip
    return Piece(**values | more)


def seen(n=0, **more):
    values = {"trainee": "ann", "kind": "observation", "at": MONDAY + n * WEEK, "by": "bea", "says": "sat beside her", "nonce": str(n), "parts": (Part(competency="risk"),)}
    return Piece(**values | more)


def shown(pieces, at, events=(), rule=RULE):
    return progress_of(ledger_of(pieces, rule, at).of("ann", "risk"), RISK, rule, at, events)


GOOD = [*(file(n) for n in range(10)), seen(9)]
THEN = MONDAY + 9 * WEEK + timedelta(days=1)


def test_one_file_moves_the_level_as_by_hand():
    # v 1.1, W 1.46: one criterion as hard as nought is passed; the mean of z weighted by logistic(z) is 2 x 1.46 x E[p (1 - p)] = .5658.
    piece = file(0, parts=(Part(competency="risk", given=(Given(criterion="c", share=1.0),)),))
    level = ledger_of([piece], RULE).of("ann", "risk").level
    assert level.mean == pytest.approx(1.1 / 1.46 * 0.5658, abs=1e-3) and level.files == 1
    # By symmetry E[z^2] stays 1.46, so v falls by the square of what the mean rose.
    assert level.variance == pytest.approx(1.1 - level.mean**2, abs=2e-3)
    assert shown([piece], MONDAY).typical == mastery.typical(level)


def test_enough_good_evidence_is_ready_and_each_lack_is_named_with_its_mend():
    found = shown(GOOD, THEN)
    assert found.state == "ready" and found.missing == () and found.files == 10 and found.others == 1 and "trainee rates" in found.next_step
    assert found.typical.low < found.typical.value < found.typical.high and found.chance >= 0.8
    without = shown(GOOD[:-1], THEN)
    assert without.state == "not_enough" and [lack.kind for lack in without.missing] == ["kinds"] and "observation" in without.missing[0].mend
    assert not without.thin
    one_place = shown([file(n, jurisdiction="england") for n in range(10)] + [seen(9)], THEN)
    assert [lack.kind for lack in one_place.missing] == ["jurisdictions"]
    few = shown([file(0), file(1), seen(1)], THEN)
    assert few.thin and few.missing[0].why == "2 of 4 files within 12 months" and few.missing[0].mend == "2 more first attempts"
    old = shown(GOOD, THEN + timedelta(days=61))
    assert old.state == "not_enough" and "stale" in [lack.kind for lack in old.missing]
    weak = shown([*(file(n, share=0.5) for n in range(10)), seen(9)], THEN)
    assert weak.state == "developing" and weak.missing[0].kind == "level"
    assert shown([], THEN).typical is None and shown([], THEN).state == "not_enough"


def test_only_first_attempts_without_help_count_and_the_rest_is_practice():
    once = [file(0, share=0.2)]
    again = [file(n, scenario="s0", first_attempt=False) for n in (1, 2)]
    helped = [file(3, aided=True)]
    before, after = shown(once, THEN), shown(once + again + helped, THEN)
    assert after.typical == before.typical and after.files == 1 and after.practice == 3
    # A repeat that claims to be a first attempt is none, nor is the scenario's next play after one with help.
    assert shown([*once, file(1, scenario="s0")], THEN).files == 1
    assert shown([*helped, file(4, scenario="s3")], THEN).files == 0
    # The same file again is nothing new.
    ledger = ledger_of(once, RULE)
    assert not ledger.add(file(5, source="log0")) and not ledger.add(once[0])


def test_a_critical_error_blocks_until_later_files_clear_it():
    at = MONDAY + 13 * WEEK
    for clean, state in ((0, "blocked"), (2, "blocked"), (3, "ready")):
        pieces = [*GOOD, file(10, error=True), *(file(11 + n, at=MONDAY + (10.5 + n / 2) * WEEK) for n in range(clean))]
        found = shown(pieces, at)
        assert found.state == state
        if state == "blocked":
            assert found.missing[0].kind == "critical" and f"{clean} of 3 files" in found.missing[0].why
    # One seen at work blocks as well, and moves no score.
    critical = seen(9, at=THEN, parts=(Part(competency="risk", given=(Given(criterion="observation", share=None, error=True),)),))
    assert shown([*GOOD, critical], THEN).state == "blocked" and shown([*GOOD, critical], THEN).typical.value == pytest.approx(shown(GOOD, THEN).typical.value)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.floats(0, 1), min_size=1, max_size=8), st.integers(1, 400))
def test_silence_never_raises_a_score_or_the_chance(shares, days):
    pieces = [file(n, share=share) for n, share in enumerate(shares)]
    last = pieces[-1].at
    ledger = ledger_of(pieces, RULE)
    now, later = (progress_of(ledger.of("ann", "risk"), RISK, RULE, at) for at in (last, last + timedelta(days=days)))
    assert later.typical.value == now.typical.value and later.typical.low <= now.typical.low
    assert later.chance <= max(now.chance, 0.5)
    assert not (later.advice == "ready" and now.advice != "ready")


def test_a_correction_replaces_a_piece_and_others_kinds_are_the_right_persons():
    first = file(0, share=0.0)
    agreed = file(0, share=1.0, agreed=True, by="cy", replaces=first.id)
    assert holding([first, agreed]) == (agreed,)
    assert shown([first, agreed], THEN).typical == shown([file(0, share=1.0)], THEN).typical
    with pytest.raises(BadInput, match="which is no piece of ann"):
        holding([agreed])
    for wrong in ({"by": "ann"}, {"says": " "}, {"kind": "reflection"}, {"kind": "survey"}, {"id": "0" * 64}):
        with pytest.raises(ValueError):
            seen(**wrong)


def event(n, by, role, **more):
    values = {"trainee": "ann", "competency": "risk", "at": THEN + timedelta(hours=n), "by": by, "role": role, "reason": "files 1 to 10 and what I saw"}
    return Signed(**values | more)


def written(*events, advice="ready", blocked=""):
    """The events, each refused or written after those before it."""
    kept = []
    for one in events:
        kept.append(signed(kept, one, RULE, advice, blocked))
    return kept


ROUND = (event(0, "ann", "self"), event(1, "bea", "assessor"), event(2, "lee", "lead"))


def test_three_people_sign_in_turn_and_it_lasts_its_time():
    kept = written(*ROUND)
    found = shown(GOOD, THEN + timedelta(days=1), kept)
    assert found.state == "signed_off" and found.sign_off.until == back(ROUND[-1].at, "12 months", 1) == datetime(2027, 3, 10, 11, tzinfo=UTC)
    assert [sign_state(ROUND[:n], RULE, THEN + WEEK).next for n in range(4)] == ["self", "assessor", "lead", None]
    assert sign_state(kept, RULE, kept[1].at).status == "under way"
    with pytest.raises(Refused, match="has not rated"):
        written(ROUND[1])
    with pytest.raises(Refused, match="no assessor"):
        written(ROUND[0], ROUND[2])
    with pytest.raises(Refused, match="another person's"):
        written(*ROUND[:2], event(2, "bea", "lead"))
    with pytest.raises(Refused, match="does not advise"):
        written(*ROUND, advice="developing")
    against = written(*ROUND[:2], event(2, "lee", "lead", against=True), advice="developing")
    assert against[-1].against and against[-1].advice == "developing"
    with pytest.raises(Refused, match="blocked by"):
        written(*ROUND[:2], event(2, "lee", "lead", against=True), advice="blocked", blocked="a critical error")
    with pytest.raises(Refused, match="a renewal begins with a self-rating"):
        written(*ROUND, event(3, "lee", "lead"))
    with pytest.raises(BadInput, match="in their order"):
        written(ROUND[0], event(-1, "bea", "assessor"))
    for wrong in ({"reason": " "}, {"by": "bea"}, {"act": "coaches"}):
        with pytest.raises(ValueError):
            event(0, **{"by": "ann", "role": "self"} | wrong)


def test_a_coach_cannot_be_the_only_assessor():
    target = event(-1, "bea", "assessor", act="coaches")
    with pytest.raises(Refused, match="cannot be the only assessor"):
        written(target, *ROUND)
    second = written(target, *ROUND[:2], event(1, "cy", "assessor"), ROUND[2])
    assert sign_state(second, RULE, THEN + WEEK).status == "signed"
    with pytest.raises(Refused, match="another lead signs"):
        written(event(-1, "lee", "lead", act="coaches"), *ROUND)


def test_a_sign_off_ends_by_time_error_absence_low_totals_and_withdrawal_and_is_renewed():
    kept, day = written(*ROUND), timedelta(days=1)
    late = [*GOOD, *(file(n, at=MONDAY + n * WEEK) for n in range(10, 70))]
    over = ROUND[-1].at.replace(year=2027)
    assert shown(late, over - day, kept).state == "signed_off"
    ended = shown(late, over, kept)
    assert ended.state == "expired" and "time was over on 10 March 2027" in ended.sign_off.ended
    renewed = [*kept, *(event(n, e.by, e.role, at=over + (n + 1) * timedelta(hours=1)) for n, e in enumerate(ROUND))]
    assert shown(late, over + timedelta(hours=2), renewed).sign_off.next == "lead" and shown(late, over + day, renewed).state == "signed_off"
    assert "absence over 3 months" in shown(GOOD, THEN + timedelta(days=100), kept).sign_off.ended
    error = shown([*GOOD, file(10, error=True), *(file(n) for n in (11, 12, 13))], MONDAY + 14 * WEEK, kept)
    assert error.state == "expired" and "critical error" in error.sign_off.ended
    assert shown([*GOOD, file(10, error=True)], MONDAY + 11 * WEEK, kept).state == "blocked"
    low = shown([*GOOD, file(10, total=84.9), file(11, total=60.0)], MONDAY + 12 * WEEK, kept)
    assert low.state == "expired" and "84.9, 60.0" in low.sign_off.ended
    assert shown([*GOOD, file(10, total=84.9), file(11, total=85.0)], MONDAY + 12 * WEEK, kept).state == "signed_off"
    gone = signed(kept, event(5, "lee", "lead", act="withdrew", reason="moved to another area"), RULE, "ready")
    found = shown(GOOD, THEN + day, [*kept, gone])
    assert found.state == "expired" and "withdrawn by lee" in found.sign_off.ended and "moved to another area" in found.sign_off.ended
    with pytest.raises(Refused, match="nothing to withdraw"):
        signed([], gone, RULE, "ready")


def test_the_supervision_band_follows_the_sign_offs():
    kept = tuple(written(*ROUND))
    every = {("ann", "risk"): kept, ("ann", "other"): tuple(e.model_copy(update={"competency": "other"}) for e in kept)}
    ledger = ledger_of(GOOD, RULE)
    bands = [person_of(ledger, "ann", THEN + timedelta(days=1), signs).band.band for signs in ({}, {("ann", "risk"): kept}, every)]
    assert bands == ["red", "amber", "green"]
    fallen = ledger_of([*GOOD, file(10, error=True)], RULE)
    assert person_of(fallen, "ann", MONDAY + 11 * WEEK, every).band.band == "red"


def test_a_ledger_is_read_as_written_and_tampering_is_noticed(tmp_path):
    path = tmp_path / "ledger.jsonl"
    ledgers.append(path, [])
    assert not path.exists()
    ledgers.append(path, GOOD[:5])
    ledgers.append(path, [*GOOD[5:], *ROUND])
    book = ledgers.read(path)
    assert book.pieces == tuple(GOOD) and book.signs == {("ann", "risk"): ROUND}
    lines = path.read_text().splitlines(keepends=True)
    spoilt = {
        "altered": [line.replace('"share":1.0', '"share":0.9', 1) if n == 3 else line for n, line in enumerate(lines)],
        "missing": lines[:3] + lines[4:], "reordered": [*lines[:3], lines[4], lines[3], *lines[5:]], "cut": [*lines[:-1], lines[-1][:-5]],
    }  # fmt: skip
    for broken in spoilt.values():
        path.write_text("".join(broken))
        with pytest.raises(BrokenLog):
            ledgers.read(path)
    with pytest.raises(BrokenLog, match="cut off"):
        ledgers.append(path, [seen(20)])
    path.write_text("")
    with pytest.raises(BrokenLog, match="a ledger begins with a header"):
        ledgers.read(path)


def test_a_second_writer_is_kept_out(tmp_path):
    with ledgers.held(tmp_path / "l.jsonl"), pytest.raises(BadInput, match="somebody else"), ledgers.held(tmp_path / "l.jsonl"):
        pass


def test_a_piece_costs_the_same_whatever_the_history():
    def cost(ledger, start):
        began = time.process_time()
        for n in range(start, start + 300):
            ledger.add(file(n, scenario=f"s{n}", at=MONDAY + n * timedelta(hours=1), marks=3))
        return time.process_time() - began

    ledger = Ledger(RULE)
    first = min(cost(ledger, n * 300) for n in range(3))
    for n in range(3, 20):
        cost(ledger, n * 300)
    assert min(cost(ledger, n * 300) for n in range(20, 23)) < 2 * first
    held = ledger.of("ann", "risk")
    assert max(len(held.files), len(held.scenarios), len(held.jurisdictions), len(held.kinds), len(held.totals)) <= 5


def test_every_line_of_the_role_is_covered_in_plain_words(library):
    rule = library.framework
    lines = {line for one in rule.competencies for line in one.lines}
    assert {f"A{n}" for n in range(1, 20)} | {f"L{n}" for n in range(1, 7)} <= lines
    assert all(len(one.indicators) >= 2 and one.raci is not None for one in rule.competencies) and "assigns no letters" in rule.raci_says
    assert [band.band for band in rule.supervision] == ["red", "amber", "green"]
    assert rule.named("people").raci.assistant == "A"  # The one thing the role is told to take accountability for.
    with pytest.raises(ValueError, match="nobody could ever be ready"):
        Framework.model_validate(RULE.model_dump() | {"competencies": [{**RULE.competencies[0].model_dump(), "evidence_from": ["scorecard"]}]})


def test_a_framework_from_before_still_loads(tmp_path, library):
    folder = tmp_path / "content"
    workbench.init(folder)
    path = folder / "rubrics" / "framework.yaml"
    data = yaml.safe_load(path.read_text())
    for one in data["competencies"]:
        for key in ("evidence_from", "sufficient", "raci", "standard"):
            one.pop(key, None)
    for band in data["supervision"]:
        for key in ("signed", "up", "down"):
            band.pop(key, None)
    del data["raci_mark"], data["raci_says"]
    path.write_text(yaml.safe_dump(data, sort_keys=False))
    old = content.load(folder).framework
    assert person_of(ledger_of([], old), "ann", THEN).band.band == "red"
    assert len(old.competencies) == len(library.framework.competencies)


@pytest.fixture(scope="module")
def logs(library, tmp_path_factory):
    folder = tmp_path_factory.mktemp("logs")
    for name in list(library.playable)[:8]:
        for trainee in ("steady", "never_escalates"):
            session = workbench.play(library, name, trainee, 1)
            logfiles.save(session.log(), session.texts, folder / trainee / f"{name}.jsonl")
    again = workbench.play(library, next(iter(library.playable)), "steady", 2)
    logfiles.save(again.log(), again.texts, folder / "steady" / "again.jsonl")
    return folder


def test_a_scorecard_makes_one_piece_by_the_lines_of_its_criteria(library, logs):
    card = workbench.score(library, logfiles.read_log(sorted(logs.rglob("*.jsonl"))[0]))[0]
    (piece,) = pieces_of(card, library.framework, MONDAY, source="x")
    lines = {r.criterion.id: set(r.criterion.evidences) for r in card.ratings}
    for part in piece.parts:
        asked = set(library.framework.named(part.competency).lines)
        assert all(lines[one.criterion] & asked for one in part.given) and part.unsure > 0
    assert "finance" in piece.competencies and not piece.agreed and piece.total == float(card.total)


def run(*args, code=0):
    result = CliRunner().invoke(app, [str(arg) for arg in args])
    assert result.exit_code == code, result.output
    return result.stdout if code == 0 else result.output


def test_progress_and_signoff_at_the_command_line(logs, tmp_path):
    ledger, page = tmp_path / "ledger.jsonl", tmp_path / "page.html"
    found = json.loads(run("progress", "steady", "--logs", logs, "--json"))
    assert found["trainee"] == "steady" and {"id", "state", "mastery", "low", "high", "pieces", "last_on", "missing"} <= set(found["competencies"][0])
    assert found["competencies"][0]["pieces"] == 8 and found["competencies"][0]["practice"] == 1
    assert "18 new pieces" not in run("progress", "--logs", logs, "--html", page)
    text = page.read_text()
    assert "never_escalates" in text and not re.search(r"(src|href)=|https?://|<script", text.replace("http-equiv", ""))
    day = "2026-03-02"
    assert "17 new pieces" in run("progress", "--logs", logs, "--ledger", ledger, "--record", "--at", day)
    assert "0 new pieces" in run("progress", "--logs", logs, "--ledger", ledger, "--record", "--at", day)
    assert "unknown" not in run("evidence", "steady", "finance", "--kind", "observation", "--as", "bea", "--says", "two mornings", "--ledger", ledger, "--at", "2026-03-03")
    assert "finance takes" in run("evidence", "steady", "finance", "--kind", "reflection", "--as", "steady", "--says", "x", "--ledger", ledger, code=2)
    step = ["signoff", "steady", "finance", "--ledger", ledger, "--reason", "what I saw"]
    assert "--role self" in run(*step, "--as", "bea", "--role", "assessor", "--at", "2026-03-04", code=2)
    run(*step, "--as", "steady", "--role", "self", "--at", "2026-03-04")
    run(*step, "--as", "bea", "--role", "assessor", "--at", "2026-03-05")
    done = json.loads(run(*step, "--as", "lee", "--role", "lead", "--against-advice", "--at", "2026-03-06", "--json"))
    assert done["state"] == "signed_off" and done["next"] is None
    now = json.loads(run("progress", "steady", "--ledger", ledger, "--at", "2026-03-07", "--json"))
    state = {one["id"]: one for one in now["competencies"]}
    assert state["finance"]["state"] == "signed_off" and now["band"] == "amber" and state["finance"]["last_on"] == "2026-03-03"
    assert "no evidence of" in run("progress", "nobody", "--ledger", ledger, code=2)
    run("progress", code=2)
    ledger.write_text(ledger.read_text().replace("2026-03-03", "2026-03-02"))
    assert "does not verify" in run("progress", "--ledger", ledger, code=1)


def test_standings_name_no_rank(library, logs):
    team = workbench.team_progress(workbench.gather_progress(library, logs))
    assert [person.trainee for person in team.people] == ["never_escalates", "steady"] and isinstance(team, standing.Team)


def test_the_page_shows_thin_evidence_hollow_and_every_state_in_words(tmp_path):
    thin, known = shown([file(0)], THEN), shown(GOOD, THEN)
    cells = [progress_view.cell(one, 0, 0) for one in (thin, known, shown([*GOOD, file(10, error=True)], MONDAY + 11 * WEEK))]
    assert "fill:none" in cells[0] and "stroke-dasharray" in cells[0] and "%" not in cells[0] and "n 1" in cells[0]
    assert "fill:var(--warm-soft)" in cells[1] and f"{100 * known.typical.value:.0f} %" in cells[1] and "ready for sign-off" in cells[1]
    assert "blocked by a critical error" in cells[2] and "✕" in cells[2]
    assert "<b>" not in progress_view.figure(thin) and "<b>" in progress_view.figure(known) and f"({100 * known.typical.low:.0f} to " in progress_view.figure(known)
    assert "stroke-dasharray" in progress_view.bar(thin) and "stroke-dasharray" not in progress_view.bar(known)
    kept = written(*ROUND[:2], event(2, "lee", "lead", against=True), advice="developing")
    page = progress_view.document(person_of(ledger_of(GOOD, RULE), "ann", THEN + timedelta(days=1), {("ann", "risk"): kept}))
    assert "against the advice of the evidence" in page and "files 1 to 10 and what I saw" in page and "new jurisdiction" in page

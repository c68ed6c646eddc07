"""The log: same play, same bytes; whatever is changed afterwards is found, and where."""

import json
import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from casework import workbench
from casework.edges import logfiles
from casework.model.decisions import decode, encode
from casework.model.errors import BrokenLog
from casework.practice import desk, trainees
from casework.practice.replaying import replay

NAMES = list(trainees.PROFILES)


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(1, 500), name=st.sampled_from(NAMES), pick=st.integers(0, 50))
def test_a_replayed_log_is_the_same_and_scores_the_same_to_the_last_digit(library, seed, name, pick):
    works = [*sorted(library.playable), *sorted(library.caseloads)]
    work = works[pick % len(works)]
    log = workbench.play(library, work, name, seed).log()
    assert encode(log) == encode(workbench.play(library, work, name, seed).log())
    assert decode(encode(log)) == log
    again = replay(library, decode(encode(log))).log()
    assert again == log
    cards = workbench.score(library, log), workbench.score(library, again)
    assert [(c.total, c.low, c.high, c.errors) for c in cards[0]] == [(c.total, c.low, c.high, c.errors) for c in cards[1]]
    for card in cards[0]:
        for r in card.ratings:
            assert r.evidence or r.explanation
            assert 0 <= r.rating <= 1 and 0 <= card.low <= card.high <= 100


@pytest.fixture
def written(library, tmp_path):
    session = workbench.play(library, "rule-7-handler-away", "exemplary", 7)
    path = tmp_path / "log.jsonl"
    logfiles.save(session.log(), session.texts, path)
    return path


def broken_at(library, path):
    result, _ = workbench.verify(library, path, False)
    assert not result.ok and result.reason
    return result.broken_at


def test_an_edited_entry_is_named(library, written):
    lines = written.read_text().splitlines()
    row = json.loads(lines[5])
    row["as"] = "complaint letter"
    lines[5] = json.dumps(row)
    written.write_text("\n".join(lines) + "\n")
    assert broken_at(library, written) == 5


def test_reordered_entries_are_named(library, written):
    lines = written.read_text().splitlines()
    lines[7], lines[8] = lines[8], lines[7]
    written.write_text("\n".join(lines) + "\n")
    assert broken_at(library, written) == 7


def test_an_entry_taken_out_is_named(library, written):
    lines = written.read_text().splitlines()
    del lines[9]
    written.write_text("\n".join(lines) + "\n")
    assert broken_at(library, written) == 9


def test_a_log_cut_in_a_line_is_told_from_an_unfinished_one(library, written):
    text = written.read_text()
    written.write_text(text[:-20])
    _, cut = workbench.verify(library, written, False)[0], workbench.verify(library, written, True)[0]
    assert not cut.ok and "cut off" in cut.reason
    written.write_text("\n".join(text.splitlines()[:-1]) + "\n")
    assert not workbench.verify(library, written, False)[0].ok
    assert "unfinished" in workbench.verify(library, written, False)[0].reason
    assert workbench.verify(library, written, True)[0].ok


def test_a_rewritten_chain_with_an_impossible_decision_does_not_replay(library, written):
    log = logfiles.read_log(written)
    events = list(log.events)
    at = next(n for n, e in enumerate(events) if e.do == "diarise")
    events[at] = events[at].model_copy(update={"minutes": 1})
    forged = type(log)(log.header, tuple(events))
    with pytest.raises(BrokenLog) as caught:
        replay(library, decode(encode(forged)))
    assert caught.value.entry == events[at].n


def test_erasing_every_text_leaves_replay_and_verdicts(library, written):
    log = logfiles.read_log(written)
    before = workbench.score(library, log)[0]
    logfiles.texts_path(written).unlink()
    assert workbench.verify(library, written, False)[0].ok
    after = workbench.score(library, logfiles.read_log(written))[0]
    assert (before.total, before.errors) == (after.total, after.errors)
    assert logfiles.read_texts(written) == {}


def test_no_words_and_no_names_stand_in_the_log(library, written):
    text = written.read_text()
    words = [said for said in logfiles.read_texts(written).values() if len(said) > 10]
    assert words and not any(said in text for said in words)


def test_a_log_of_other_content_is_refused(library, written):
    rows = [json.loads(line) for line in written.read_text().splitlines()]
    log = logfiles.read_log(written)
    header = log.header.model_copy(update={"version": 99})
    with pytest.raises(BrokenLog, match="version 99"):
        replay(library, type(log)(header, log.events))
    assert rows[0]["format"] == "log/1"


def test_a_decision_that_ends_on_the_instant_comes_before_an_arrival(library):
    session = workbench.play(library, "rule-7-handler-away", "steady", 7)
    times = [e.at for e in session.events]
    assert times == sorted(times)


def test_a_missed_escalation_brings_the_members_draft(library):
    silent = workbench.play(library, "rule-7-handler-away", "silent", 3)
    exemplary = workbench.play(library, "rule-7-handler-away", "exemplary", 3)
    assert any(e.item == "member-draft" for e in silent.events)
    assert not any(e.item == "member-draft" for e in exemplary.events)
    assert any(e.item == "cover-answers" and e.because for e in exemplary.events)


def test_the_office_shuts_and_holidays_pass(library):
    work = workbench.caseload(library, "third-business-day", 1)
    session = desk.open_session(library, work, "t")
    late = desk.wait_until(session, work.cases[0].instant("first_day, 18:00"))
    next_day = desk.starts_at(late)
    assert (next_day.date() - late.now.date()).days >= 4 - (work.office.id == "scotland")


def test_starting_the_command_line_imports_no_heavy_library():
    code = "import casework.faces.cli, sys; print([m for m in ('pandas','numpy','matplotlib','scipy','papermill','IPython') if m in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == "[]"


"""Our logs as event logs: what any scripted trainee did comes back to the byte, and nothing is written that could not."""

import gzip
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from casework import workbench
from casework.edges import logfiles, xes, xes_out
from casework.faces.cli import app
from casework.model.decisions import DecisionLog, Event, Header, encode
from casework.model.errors import BadInput, BrokenLog
from casework.practice.trainees import PROFILES

AT = datetime(2026, 3, 3, 9, tzinfo=UTC)
HEAD = Header(session="0" * 16, trainee="assistant-1", source="imported", mode="live", version=1, seed=1, zone="Europe/London", engine="0", digests={})


def log_of(person, item):
    step = Event(n=2, at=AT, event="decided", case="c", do="reply", by=person, item=item, activity=item)
    return DecisionLog(HEAD, (Event(n=1, at=AT, event="opened"), step, Event(n=3, at=AT, event="closed")))


@pytest.mark.parametrize("who", list(PROFILES))
def test_what_every_scripted_trainee_did_comes_back_to_the_byte(library, tmp_path, who):
    logs = [workbench.play(library, name, who, seed).log() for name in ("rule-7-handler-away", "first-morning") for seed in (1, 2)]
    xes_out.write(logs, tmp_path / "a.xes.gz")
    back = xes_out.from_xes(tmp_path / "a.xes.gz")
    assert list(back) == logs and [encode(log) for log in back] == [encode(log) for log in logs]


@settings(max_examples=80, deadline=None)
@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=8), st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=8))
def test_any_sign_in_a_name_comes_back(tmp_path_factory, person, item):
    log, place = log_of(person, item), tmp_path_factory.mktemp("xes")
    xes_out.write([log], place / "a.xes")
    assert xes_out.from_xes(place / "a.xes") == (log,)


@pytest.mark.parametrize("sign", ["\x01", "\x1b", "\ufffe", "\uffff", "\\u0001", "\\\uffff", "\r\n", "<&\"'>"])
def test_signs_that_xml_cannot_hold_come_back(tmp_path, sign):
    log = log_of(f"a{sign}b", sign)
    xes_out.write([log], tmp_path / "a.xes")
    assert [encode(one) for one in xes_out.from_xes(tmp_path / "a.xes")] == [encode(log)]


def test_other_tools_find_what_the_standard_names(library, tmp_path):
    log = workbench.play(library, "rule-7-handler-away", "steady", 1).log()
    xes_out.write([log], tmp_path / "a.xes")
    rows = xes.read(tmp_path / "a.xes")
    assert len(rows) == len(log.events) and {row["case:concept:name"] for row in rows} == {log.header.session}
    for row, event in zip(rows, log.events, strict=True):
        assert row["lifecycle:transition"] == "complete" and datetime.fromisoformat(row["time:timestamp"]) == event.at and row["concept:name"]
        assert event.event != "decided" or row["org:resource"] == "steady"
    own = {key for row in rows for key in row if key.partition(":")[0] not in ("concept", "time", "org", "lifecycle", "case")}
    assert own == {"casework:line"}


def test_the_same_logs_give_the_same_bytes_packed_too(tmp_path):
    for name in ("a", "b"):
        xes_out.write([log_of("p", "i")], tmp_path / f"{name}.xes.gz")
    raw = (tmp_path / "a.xes.gz").read_bytes()
    assert raw == (tmp_path / "b.xes.gz").read_bytes() and gzip.decompress(raw).startswith(b"<?xml")


def test_a_log_given_twice_or_too_long_to_read_back_is_refused_and_nothing_is_written(tmp_path):
    for logs, said in (([log_of("p", "i")] * 2, "given more than once"), ([log_of("p", "i" * 40_000)], "longer than 31,767 characters")):
        with pytest.raises(BadInput, match=said):
            xes_out.write(logs, tmp_path / "a.xes")
    with pytest.raises(BadInput, match="no logs"):
        workbench.export_xes([tmp_path], tmp_path / "a.xes")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(("old", "new"), [
    ('"do":"reply"', '"do":"close"'), ('"trainee":"assistant-1"', '"trainee":"assistant-2"'), ('{"activity"', '\\u0001{"activity"'),
    ('"n":2,', '"n":2,"n":2,'), ('"case":"c"', '"case":"\\u0064"'), ('"event":"closed"', '"event": "closed"'),
])  # fmt: skip
def test_what_was_changed_in_between_does_not_verify(tmp_path, old, new):
    xes_out.write([log_of("p", "i")], tmp_path / "a.xes")
    text = (tmp_path / "a.xes").read_text()
    assert old in text
    (tmp_path / "a.xes").write_text(text.replace(old, new))
    with pytest.raises(BrokenLog):
        xes_out.from_xes(tmp_path / "a.xes")


def test_the_command_brings_our_logs_back_without_a_mapping(library, tmp_path):
    log = workbench.play(library, "first-morning", "novice", 1).log()
    logfiles.save(log, (), tmp_path / "log.jsonl")
    run = CliRunner()
    assert run.invoke(app, ["export", str(tmp_path / "log.jsonl"), "--xes", str(tmp_path / "a.xes.gz")]).exit_code == 0
    told = run.invoke(app, ["import", str(tmp_path / "a.xes.gz"), "--out", str(tmp_path / "back")])
    assert told.exit_code == 0 and "1 logs of ours" in told.stdout
    (path,) = (tmp_path / "back").iterdir()
    assert path.read_bytes() == (tmp_path / "log.jsonl").read_bytes()
    (tmp_path / "theirs.xes").write_text('<log><trace><event><string key="concept:name" value="a"/></event></trace></log>')
    refused = run.invoke(app, ["import", str(tmp_path / "theirs.xes"), "--out", str(tmp_path / "none")])
    assert refused.exit_code == 2 and "needs a mapping" in refused.stderr and not (tmp_path / "none").exists()

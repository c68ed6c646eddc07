"""Real work in: every row accounted for, nothing guessed, no name and no word let through unasked."""

import csv
import io
import json
import re
from datetime import date
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from casework import workbench
from casework.edges import importing, logfiles
from casework.faces.cli import app
from casework.model.decisions import encode
from casework.model.errors import BadInput, ContentError
from casework.model.mappings import Mapping

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "scenarios" / "mappings" / "example-case-system.yaml"
EXPORT = ROOT / "scenarios" / "mappings" / "example-export.csv"
PLAIN = {
    "format": "mapping/1", "id": "plain", "version": 1, "title": "Plain", "office": "england-and-wales", "authority": "england-and-wales",
    "case": "case", "activity": "activity", "time": {"column": "received", "formats": ["DD/MM/YYYY"], "day_means": "12:00"},
    "columns": {"case": "keep", "activity": "keep", "received": "keep"}, "activities": {"in": {"arrives": {"from": "member", "item": "letter"}}, "done": {"do": "close"}},
}  # fmt: skip


def mapped(tmp_path, **changes):
    path = tmp_path / "mapping.yaml"
    path.write_text(yaml.safe_dump(PLAIN | changes, sort_keys=False, allow_unicode=True))
    return path


def export(tmp_path, rows, header=("case", "activity", "received")):
    out = io.StringIO()
    csv.writer(out).writerows([header, *rows])
    path = tmp_path / "export.csv"
    path.write_text(out.getvalue(), encoding="utf-8")
    return path


def logs_in(folder):
    return [logfiles.read_log(path) for path in sorted(folder.glob("*.jsonl"))]


def test_a_date_is_read_by_its_declared_format_and_never_guessed(library, tmp_path):
    path = export(tmp_path, [("C1", "in", "03/04/2026"), ("C2", "in", "25/12/2026")])
    account = workbench.import_events(library, path, mapped(tmp_path), tmp_path / "out")
    assert {log.events[1].case: log.events[1].at.date().isoformat() for log in logs_in(tmp_path / "out")} == {"C1": "2026-04-03", "C2": "2026-12-25"}
    assert account.reconciles and logs_in(tmp_path / "out")[0].header.recorded.precision == "day"


@pytest.mark.parametrize("cell", ["12/25/2026", "2026-04-03", "3/4/2026", "31/02/2026", "", "03/04/26", "03.04.2026", "٠٣/٠٤/٢٠٢٦"])
def test_a_cell_that_does_not_fit_stops_the_import_with_its_row_and_nothing_is_written(library, tmp_path, cell):
    path = export(tmp_path, [("C1", "in", "03/04/2026"), ("C1", "done", cell)])
    with pytest.raises(BadInput, match=re.escape(f"row 3, received: found {cell!r}; allowed: DD/MM/YYYY")):
        workbench.import_events(library, path, mapped(tmp_path), tmp_path / "out")
    assert not (tmp_path / "out").exists() and not list(tmp_path.glob(".out*"))


def test_faults_are_all_told_the_first_twenty_in_full(library, tmp_path):
    path = export(tmp_path, [(f"C{n}", "in", "soon") for n in range(25)])
    with pytest.raises(BadInput) as refused:
        workbench.import_events(library, path, mapped(tmp_path), tmp_path / "out")
    assert str(refused.value).count("found 'soon'") == 20 and "and 5 more like these" in str(refused.value)


def test_ids_stay_text(library, tmp_path):
    ids = ["0042", "42", "NA", "Null", "1e3", "007.0", "../../home", "CON", "naïve", "=1+1"]
    path = export(tmp_path, [(id, "in", "03/04/2026") for id in ids])
    account = workbench.import_events(library, path, mapped(tmp_path), tmp_path / "out")
    assert sorted(log.events[1].case for log in logs_in(tmp_path / "out")) == sorted(ids) and account.logs == len(ids)
    assert all(path.parent == tmp_path / "out" and "home" not in path.parts for path in (tmp_path / "out").rglob("*"))


@pytest.mark.parametrize(("written", "zone", "utc"), [
    ("2026-03-29T00:30:00", "Europe/London", "2026-03-29T00:30:00+00:00"),
    ("2026-07-01T09:00:00", "Europe/London", "2026-07-01T08:00:00+00:00"),
    ("2026-07-01T09:00:00+02:00", "Europe/London", "2026-07-01T07:00:00+00:00"),
    ("2026-07-01T09:00:00Z", "Pacific/Auckland", "2026-07-01T09:00:00+00:00"),
    ("2026-07-01T09:00:00.999", "Africa/Johannesburg", "2026-07-01T07:00:00+00:00"),
])  # fmt: skip
def test_times_are_read_in_the_declared_zone(library, tmp_path, written, zone, utc):
    path = export(tmp_path, [("C1", "in", written)])
    workbench.import_events(library, path, mapped(tmp_path, time={"column": "received", "formats": ["iso"], "day_means": "12:00", "zone": zone}), tmp_path / "out")
    assert logs_in(tmp_path / "out")[0].events[1].at.isoformat() == utc


def test_a_time_that_clocks_skipped_is_refused(library, tmp_path):
    path = export(tmp_path, [("C1", "in", "2026-03-29T01:30:00")])
    with pytest.raises(BadInput, match="did not exist in Europe/London"):
        workbench.import_events(library, path, mapped(tmp_path, time={"column": "received", "formats": ["iso"], "day_means": "12:00"}), tmp_path / "out")


def test_an_unmapped_column_stops_the_import_with_lines_ready_to_paste(library, tmp_path):
    path = export(tmp_path, [("C1", "in", "03/04/2026", "Dr Zoë", "secret")], ("case", "activity", "received", "name", "notes: free"))
    with pytest.raises(BadInput) as refused:
        workbench.import_events(library, path, mapped(tmp_path), tmp_path / "out")
    said = str(refused.value)
    assert '  "name": drop\n  "notes: free": drop' in said and "Zoë" not in said and "secret" not in said


def test_a_draft_holds_every_column_and_no_value_and_is_a_mapping_once_filled_in(library, tmp_path):
    path = export(tmp_path, [("0042", "in", "03/04/2026", "Dr Zoë", "secret")], ("Case ID", "Activity", "Created", "Member", "Notes"))
    workbench.draft_mapping(path, tmp_path / "Our System.yaml")
    text = (tmp_path / "Our System.yaml").read_text()
    data = yaml.safe_load(text)
    assert data["columns"] == {"Case ID": "pseudonymise", "Activity": "keep", "Created": "keep", "Member": "drop", "Notes": "drop"}
    assert "Zoë" not in text and "secret" not in text and "0042" not in text
    Mapping.model_validate(data)
    with pytest.raises(BadInput, match="exists already"):
        workbench.draft_mapping(path, tmp_path / "Our System.yaml")


def test_the_example_reconciles_and_lets_no_name_and_no_word_through(library, tmp_path):
    account = workbench.import_events(library, EXPORT, EXAMPLE, tmp_path / "out")
    assert account.reconciles and (account.rows, account.decisions, account.arrivals, account.acts) == (21, 14, 3, 1)
    assert account.unknown == {"Merged with 0051": 1} and (account.ignored, account.repeats, account.cases, account.logs) == (1, 1, 3, 3)
    assert (str(account.amount_in), str(account.amount_kept), str(account.amount_left)) == ("2580.00", "1330.00", "1250.00")
    everything = b"".join(path.read_bytes() for path in tmp_path.rglob("*.json*")).decode()
    for secret in ("Zoë", "Marchetti", "Aoife", "Dwyer", "Okafor", "0042", "Thanked", "Upset", "practice manager"):
        assert secret not in everything, secret


def test_words_come_only_if_asked_for_and_lie_beside_the_log(library, tmp_path):
    workbench.import_events(library, EXPORT, EXAMPLE, tmp_path / "out", with_text=True, key_file=tmp_path / "key")
    side = next(p for p in sorted((tmp_path / "out").glob("*.texts.json")) if "Thanked them" in p.read_text())
    log = side.with_name(side.name.replace(".texts.json", ".jsonl"))
    assert "Thanked" not in log.read_text() and "Thanked them; said the handler has it." in logfiles.read_texts(log).values()
    workbench.import_events(library, EXPORT, EXAMPLE, tmp_path / "again", with_text=True, key_file=tmp_path / "key")
    assert [p.read_bytes() for p in sorted((tmp_path / "out").iterdir())] == [p.read_bytes() for p in sorted((tmp_path / "again").iterdir())]
    with pytest.raises(BadInput, match="names no column of words"):
        workbench.import_events(library, export(tmp_path, []), mapped(tmp_path), tmp_path / "third", with_text=True)


def test_the_same_key_gives_the_same_people_and_another_does_not(library, tmp_path):
    for name, key in (("a", "k1"), ("b", "k1"), ("c", "k2")):
        workbench.import_events(library, EXPORT, EXAMPLE, tmp_path / name, key_file=tmp_path / key)
    people = {name: {log.header.trainee for log in logs_in(tmp_path / name)} for name in "abc"}
    assert people["a"] == people["b"] and not people["a"] & people["c"] and (tmp_path / "k1").stat().st_mode & 0o077 == 0


def test_a_folder_with_something_in_it_is_left_alone(library, tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine.txt").write_text("mine")
    with pytest.raises(BadInput, match="is not empty"):
        workbench.import_events(library, EXPORT, EXAMPLE, tmp_path / "out")
    assert [p.name for p in (tmp_path / "out").iterdir()] == ["mine.txt"]


@pytest.mark.parametrize(("change", "told"), [
    ({"columns": {"case": "keep", "activity": "keep", "received": "drop"}}, "time: the column 'received' is dropped"),
    ({"columns": {"case": "keep", "activity": "pseudonymise", "received": "keep"}}, "activity: the column 'activity' cannot be pseudonymised"),
    ({"time": {"column": "received", "formats": ["DD/MM/YYYY"]}}, "say with 'day_means'"),
    ({"time": {"column": "received", "formats": ["sometime"]}}, "'sometime' is no format of dates"),
    ({"activities": {"in": {"do": "shout"}}}, "shout"),
    ({"activities": {"in": "keep"}}, "ignore"),
    ({"colums": {}}, "unknown key"),
])  # fmt: skip
def test_a_mapping_that_does_not_hold_is_told_where(library, tmp_path, change, told):
    with pytest.raises(ContentError, match=re.escape(told)):
        workbench.import_events(library, export(tmp_path, []), mapped(tmp_path, **change), tmp_path / "out")


def test_a_clause_that_is_not_there_is_told_before_anything_is_read(library, tmp_path):
    path = mapped(tmp_path, activities={"in": {"arrives": {"from": "member", "starts": ["service-levels.acknowlege"]}}})
    with pytest.raises(BadInput, match="did you mean 'service-levels.acknowledge'"):
        workbench.import_events(library, export(tmp_path, []), path, tmp_path / "out")


CELLS = st.lists(
    st.tuples(st.sampled_from(["C1", "0042", "NA"]), st.sampled_from(["in", "done", "left", "odd", ""]), st.dates(date(2020, 1, 1), date(2199, 12, 31)).map(lambda d: f"{d:%d/%m/%Y}"),
              st.sampled_from(["", "12", "1,000.50", "-3.2"])),
    min_size=1, max_size=30,
)  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(CELLS, st.sampled_from(["keep", "drop"]))
def test_every_row_and_every_amount_is_found_again(library, tmp_path_factory, rows, repeats):
    tmp_path = tmp_path_factory.mktemp("rows")
    header = ("case", "activity", "received", "sum")
    path = mapped(tmp_path, repeats=repeats, amount={"column": "sum", "decimal": ".", "currency": "GBP"}, columns=PLAIN["columns"] | {"sum": "keep"},
                  activities=PLAIN["activities"] | {"left": "ignore"})  # fmt: skip
    mapping = Mapping.model_validate(yaml.safe_load(path.read_text()))
    found = importing.events(export(tmp_path, rows, header), mapping, library.get_calendar("england-and-wales"), b"k" * 32, False)
    events = [e for log, _ in found.logs for e in log.events if e.event in ("decided", "arrived", "acted")]
    account = found.account
    assert account.reconciles and account.rows == len(rows) and account.decisions + account.arrivals + account.acts == len(events)
    kept = rows if repeats == "keep" else list(dict.fromkeys(rows))
    assert account.repeats == len(rows) - len(kept) and account.unknown.get("odd", 0) == sum(r[1] == "odd" for r in kept)
    assert account.amount_in == sum((importing.Decimal(r[3].replace(",", "") or 0) for r in rows), importing.Decimal(0))
    assert account.cases == len({r[0] for r in rows}) and account.ignored == sum(r[1] == "left" for r in kept)
    for log, _ in found.logs:
        assert [e.at for e in log.events] == sorted(e.at for e in log.events) and log.finished


def xes(traces, extra=""):
    body = "".join(
        f'<trace><string key="concept:name" value="{case}"/>' + "".join(
            "<event>" + "".join(f'<{kind} key="{key}" value="{value}"/>' for kind, key, value in event) + "</event>" for event in events
        ) + "</trace>" for case, events in traces
    )  # fmt: skip
    return f'<?xml version="1.0" encoding="UTF-8"?><log xes.version="1.0">{extra}<global scope="event"><string key="concept:name" value="name"/></global>{body}</log>'


def test_an_event_log_with_people_and_costs_imports_whole(library, tmp_path):
    def event(name, who, at, costs):
        return [("string", "concept:name", name), ("string", "org:resource", who), ("date", "time:timestamp", at), ("string", "Costs", costs)]

    path = tmp_path / "requests.xes"
    path.write_text(xes([
        ("7", [event("register", "Pim", "2026-03-02T14:32:00.000+01:00", "50"), event("look", "Ellie", "2026-03-02T16:34:00.000+01:00", "100"),
               event("decide", "Sal", "2026-03-05T09:18:00.000+01:00", "200"), event("pay", "Ellie", "2026-03-06T09:18:00.000+01:00", "200")]),
        ("8", [event("register", "Pim", "2026-03-03T14:32:00.000+01:00", "50"), event("reconsider", "Sal", "2026-03-04T10:00:00.000+01:00", "10")]),
    ]))  # fmt: skip
    workbench.draft_mapping(path, tmp_path / "m.yaml")
    data = yaml.safe_load((tmp_path / "m.yaml").read_text())
    assert set(data["activities"]) == {"register", "look", "decide", "pay", "reconsider"}
    data["activities"] = {"register": {"arrives": {"from": "member"}}, "look": {"do": "read"}, "decide": {"acted": {"by": "adviser"}}, "pay": {"do": "approve_spend"}}
    data |= {"amount": {"column": "Costs", "decimal": ".", "currency": "EUR"}, "columns": data["columns"] | {"Costs": "keep"}}
    (tmp_path / "n.yaml").write_text(yaml.safe_dump(data))
    account = workbench.import_events(library, path, tmp_path / "n.yaml", tmp_path / "out")
    assert account.reconciles and (account.rows, account.cases, account.unknown) == (6, 2, {"reconsider": 1}) and account.amount_kept == 600
    first = next(log for log in logs_in(tmp_path / "out") if len(log.events) == 6)
    assert [e.at.isoformat() for e in first.events[1:3]] == ["2026-03-02T13:32:00+00:00", "2026-03-02T15:34:00+00:00"]
    (card,) = workbench.score(library, first)
    assert next(r for r in card.ratings if r.criterion.id == "no-spend").critical_error


def test_an_event_log_that_knows_days_only_says_so(library, tmp_path):
    def event(name, day):
        return [("date", "time:timestamp", f"{day}T00:00:00"), ("string", "concept:name", name)]

    path = tmp_path / "fines.xes"
    path.write_text(xes([("A1", [event("Create", "2006-07-24"), event("Send", "2006-12-05")]), ("A2", [event("Create", "2007-03-20"), event("Pay", "2007-03-21")])]))
    workbench.draft_mapping(path, tmp_path / "m.yaml")
    text = (tmp_path / "m.yaml").read_text()
    assert "formats: [iso date]" in text
    (tmp_path / "n.yaml").write_text(text.replace('"Create": ignore', '"Create": {arrives: {from: regulator, item: fine}}').replace('"Send": ignore', '"Send": {do: reply, to: member}'))
    account = workbench.import_events(library, path, tmp_path / "n.yaml", tmp_path / "out")
    assert account.reconciles and (account.ignored, account.logs) == (1, 2)
    for log in logs_in(tmp_path / "out"):
        assert log.header.recorded.precision == "day" and log.events[0].at.hour in (11, 12)
        (card,) = workbench.score(library, log)
        assert all(r.status != "rated" or r.rating in (0, 1) for r in card.ratings) and card.provisional


def test_our_own_logs_come_back_equal_from_an_event_log(library, tmp_path):
    logs = [workbench.play(library, name, who, seed).log() for name, who, seed in (("rule-7-handler-away", "steady", 1), ("third-business-day", "cold", 2), ("first-morning", "novice", 1))]
    workbench.import_events(library, EXPORT, EXAMPLE, tmp_path / "real")
    logs += logs_in(tmp_path / "real")
    for n, log in enumerate(logs):
        logfiles.save(log, (), tmp_path / "all" / f"{n}.jsonl")
    for name in ("all.xes", "all.xes.gz"):
        assert workbench.export_xes([tmp_path / "all"], tmp_path / name) == len(logs)
        back = workbench.read_xes(tmp_path / name)
        assert list(back) == logs and [encode(log) for log in back] == [encode(log) for log in logs]
    with pytest.raises(BadInput, match="exists already"):
        workbench.export_xes([tmp_path / "all"], tmp_path / "all.xes")
    rows = importing.exchange.rows(tmp_path / "all.xes")
    assert {"concept:name", "time:timestamp", "lifecycle:transition"} <= set(rows[0])


def test_a_year_of_real_work_imports_and_scores(library, tmp_path):
    """As many cases and events as a public log of hospital billing or of sepsis cases has."""
    kinds = ["in", "done", "left", "odd"]
    rows = [(f"case {n % 1434:04}", kinds[(n * 7 + n // 1434) % 4], f"{1 + n % 28:02}/{1 + (n // 28) % 12:02}/2026") for n in range(8577)]
    path = export(tmp_path, rows)
    account = workbench.import_events(library, path, mapped(tmp_path, activities=PLAIN["activities"] | {"left": "ignore"}), tmp_path / "out")
    assert account.reconciles and (account.rows, account.cases) == (8577, 1434) and account.logs + account.empty_cases == 1434
    cards = workbench.cards_in(library, tmp_path / "out", "case-handling")
    assert len(cards) == account.logs


def test_the_command_prints_the_account_and_asks_for_what_is_missing(tmp_path):
    run = CliRunner().invoke(app, ["import", str(EXPORT), "--mapping", str(EXAMPLE), "--out", str(tmp_path / "out"), "--json"])
    assert run.exit_code == 0 and json.loads(run.stdout)["reconciles"] is True
    told = CliRunner().invoke(app, ["import", str(EXPORT), "--mapping", str(EXAMPLE), "--out", str(tmp_path / "two")])
    assert "1 × Merged with 0051" in told.stdout and "GBP 2580.00 in the rows: 1330.00 in the logs, 1250.00 in what is left out" in told.stdout
    assert CliRunner().invoke(app, ["import", str(EXPORT)]).exit_code == 2

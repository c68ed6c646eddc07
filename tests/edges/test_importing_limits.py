"""What a real export holds at its edges: no-dates, hours lived twice, ids that look alike, keys, places of faults."""

import csv
import unicodedata

import openpyxl
import pytest
import yaml

from casework import workbench
from casework.edges import logfiles
from casework.model.errors import BadInput

MAPPING = {
    "format": "mapping/1", "id": "plain", "version": 1, "title": "Plain", "office": "england-and-wales", "authority": "england-and-wales",
    "case": "case", "activity": "activity", "time": {"column": "when", "formats": ["iso"], "day_means": "12:00"},
    "amount": {"column": "sum", "decimal": ",", "currency": "EUR"},
    "columns": {"case": "keep", "activity": "keep", "when": "keep", "sum": "keep"}, "activities": {"in": {"arrives": {"from": "member"}}, "done": {"do": "close"}},
}  # fmt: skip
HEAD = ("case", "activity", "when", "sum")


def bring(library, tmp_path, rows, key=None, **changes):
    (tmp_path / "m.yaml").write_text(yaml.safe_dump(MAPPING | changes))
    with (tmp_path / "e.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([HEAD, *rows])
    return workbench.import_events(library, tmp_path / "e.csv", tmp_path / "m.yaml", tmp_path / "out", key_file=key)


@pytest.mark.parametrize("cell", [
    "0001-01-01T00:00:00+02:00", "0999-12-31T10:00:00Z", "1753-01-01", "9999-12-31T23:59:59-05:00", "9999-12-31", "2200-01-01",
])  # fmt: skip
def test_a_date_that_stands_for_none_is_refused_and_not_worked_with(library, tmp_path, cell):
    with pytest.raises(BadInput, match="row 2, when: found .* allowed: the years 1900 to 2199"):
        bring(library, tmp_path, [("C", "in", cell, "")])


def test_the_first_and_the_last_year_are_read(library, tmp_path):
    assert bring(library, tmp_path, [("C", "in", "1900-01-01", ""), ("C", "done", "2199-12-31", "")]).logs == 1


def test_an_hour_lived_twice_is_the_first_of_the_two_and_is_counted(library, tmp_path):
    rows = [("C", "in", "2026-10-25T00:59:59", ""), ("C", "in", "2026-10-25T01:30:00", ""), ("C", "in", "2026-10-25T01:30:00Z", ""), ("C", "in", "2026-10-25T02:00:00", "")]
    assert bring(library, tmp_path, rows).hours_lived_twice == 1
    (path,) = (tmp_path / "out").iterdir()
    found = [f"{e.at:%d %H:%M:%S}" for e in logfiles.read_log(path).events[1:-1]]
    assert found == ["24 23:59:59", "25 00:30:00", "25 01:30:00", "25 02:00:00"]


def test_a_place_is_where_the_spreadsheet_shows_it(library, tmp_path):
    with pytest.raises(BadInput) as refused:
        bring(library, tmp_path, [("C", "in", "2026-03-03", ""), ("", "", "", ""), ("C", "in", "soon", ""), ("", "in", "2026-03-03", "")])
    assert "row 4, when: found 'soon'" in str(refused.value) and "row 5: no case" in str(refused.value)
    book = openpyxl.Workbook()
    for row in (HEAD, ("C", "in", "2026-03-03", ""), (), ("C", "in", "later", "")):
        book.active.append(row)
    book.save(tmp_path / "e.xlsx")
    with pytest.raises(BadInput, match="row 4, when: found 'later'"):
        workbench.import_events(library, tmp_path / "e.xlsx", tmp_path / "m.yaml", tmp_path / "out")
    (tmp_path / "e.xes").write_text('<log><trace><string key="case" value="1"/>' + "".join(
        f'<event><string key="activity" value="in"/><string key="when" value="{at}"/></event>' for at in ("2026-03-03", "never")) + "</trace></log>")
    bare = {key: value for key, value in MAPPING.items() if key != "amount"} | {"case": "case:case", "columns": {"case:case": "keep", "activity": "keep", "when": "keep"}}
    (tmp_path / "x.yaml").write_text(yaml.safe_dump(bare))
    with pytest.raises(BadInput, match="event 2, when: found 'never'"):
        workbench.import_events(library, tmp_path / "e.xes", tmp_path / "x.yaml", tmp_path / "out")


def test_ids_that_look_alike_are_two_cases_and_two_files(library, tmp_path):
    ids = ["Zoë", unicodedata.normalize("NFD", "Zoë")]
    assert bring(library, tmp_path, [(id, "in", "2026-03-03", "") for id in ids]).logs == 2
    assert sorted(logfiles.read_log(path).events[1].case for path in (tmp_path / "out").iterdir()) == sorted(ids)


def test_an_import_that_is_refused_leaves_no_key_behind(library, tmp_path):
    with pytest.raises(BadInput):
        bring(library, tmp_path, [("C", "in", "soon", "")])
    assert sorted(path.name for path in tmp_path.iterdir()) == ["e.csv", "m.yaml"]


def test_a_key_does_not_lie_with_what_it_protects(library, tmp_path):
    with pytest.raises(BadInput, match="give the key another place"):
        bring(library, tmp_path, [("C", "in", "2026-03-03", "")], tmp_path / "out" / "key")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(("cell", "amount"), [
    ("1.250,00", "EUR 1250.00"), ("-3,2", "EUR -3.2"), ("12 500", "EUR 12500"), ("999.999.999.999.999,99", "EUR 999999999999999.99"),
])  # fmt: skip
def test_amounts_are_read_with_the_declared_mark(library, tmp_path, cell, amount):
    assert bring(library, tmp_path, [("C", "in", "2026-03-03", cell)]).reconciles
    assert logfiles.read_log(next((tmp_path / "out").iterdir())).events[1].amount == amount


@pytest.mark.parametrize("cell", ["1250.00", "1,250.00", "1.25", "12,", "1e3", "EUR 5", "1" * 16, "=5"])
def test_an_amount_that_does_not_fit_is_an_error(library, tmp_path, cell):
    with pytest.raises(BadInput, match="row 2, sum: found"):
        bring(library, tmp_path, [("C", "in", "2026-03-03", cell)])


def test_an_export_without_rows_says_so(library, tmp_path):
    with pytest.raises(BadInput, match="holds no rows"):
        bring(library, tmp_path, [])

"""Tables in and out: text stays text, numbers stay numbers, nothing is run, and bombs are refused."""

import zipfile

import openpyxl
import pytest

from casework.edges import batches, exports, limits, tables
from casework.model.errors import BadInput


def test_ids_keep_their_zeros_and_na_is_a_name(tmp_path):
    (tmp_path / "a.csv").write_text("trainee_id,surname\n0042,Null\nNA,O’Dwyer\n", encoding="utf-8")
    assert [list(r.values()) for r in tables.read(tmp_path / "a.csv")] == [["0042", "Null"], ["NA", "O’Dwyer"]]


def test_a_workbook_gives_what_its_reader_sees(tmp_path):
    book = openpyxl.Workbook()
    book.active.append(["trainee", "n"])
    for row in (["0042", 1], [42, 2.5], ["NA", True], ["=1+1", None]):
        book.active.append(row)
    book.active["A3"].number_format = "0000"
    book.active["A5"].data_type = "s"
    book.save(tmp_path / "a.xlsx")
    assert [list(r.values()) for r in tables.read(tmp_path / "a.xlsx")] == [["0042", "1"], ["0042", "2.5"], ["NA", "TRUE"], ["=1+1", ""]]
    with pytest.raises(BadInput, match="row 3: '0042' stands in row 2 already"):
        batches.read_roster(tmp_path / "a.xlsx")
    book.active["A4"] = "=HYPERLINK(A1)"
    book.save(tmp_path / "b.xlsx")
    with pytest.raises(BadInput, match="cell A4: holds a formula; paste its value"):
        tables.read(tmp_path / "b.xlsx")


@pytest.mark.parametrize(("text", "said"), [
    (b"", "the table is empty"),
    (b"a,a\n1,2\n", "column names must be there and differ"),
    (b"a,b\n1,2,3\n", "row 2: 3 cells under 2 column names"),
    (b'a,b\n"1,2\n', "check the quotes"),
    (b"a\n\xff\n", "not a CSV file in UTF-8"),
    (b"\xff\xfea\0", "not a CSV file in UTF-8"),
    (b"a\nx\0y\n", "NUL character"),
    (b"a\n" + b"x" * 40_000 + b"\n", "more than 32,767 characters"),
])  # fmt: skip
def test_a_bad_table_is_refused_with_its_place(tmp_path, text, said):
    (tmp_path / "a.csv").write_bytes(text)
    with pytest.raises(BadInput, match=said):
        tables.read(tmp_path / "a.csv")


def test_semicolons_and_windows_lines_are_a_table_too(tmp_path):
    (tmp_path / "a.csv").write_bytes("\ufefftrainee;name\r\n007;\"Ó; B\"\r\n\r\n".encode())
    assert tables.read(tmp_path / "a.csv") == [{"trainee": "007", "name": "Ó; B"}]


def test_more_than_is_read_is_refused(tmp_path):
    (tmp_path / "a.csv").write_bytes(b"a\n" + b"x\n" * 11)
    with pytest.raises(BadInput, match="more than 10 rows"):
        tables.read(tmp_path / "a.csv", most_rows=10)
    with pytest.raises(BadInput, match="larger than 5 bytes"):
        limits.read(tmp_path / "a.csv", 5, "a table")


def workbook(path, **members):
    book = openpyxl.Workbook()
    book.active.append(["trainee"])
    book.save(path)
    with zipfile.ZipFile(path) as old:
        parts = {n: old.read(n) for n in old.namelist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        for name, data in (parts | members).items():
            new.writestr(name, data)
    return path


SHEET = "xl/worksheets/sheet1.xml"
LAUGHS = (
    '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
    '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData><row r="1">'
    '<c r="A1" t="inlineStr"><is><t>&b;</t></is></c></row></sheetData></worksheet>'
)
OUTSIDE = LAUGHS.replace('"ha"', 'SYSTEM "file:///etc/passwd"')
FAR = (
    '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData><row r="1"><c r="A1" t="inlineStr">'
    '<is><t>trainee</t></is></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData></worksheet>'
)


@pytest.mark.parametrize(("members", "said"), [
    ({SHEET: b"<" + b" " * 60_000_000}, "would unpack to 60,"),
    ({SHEET: LAUGHS.encode()}, "declares XML entities"),
    ({SHEET: OUTSIDE.encode()}, "declares XML entities"),
    ({"../../x": b""}, "leads out of the archive"),
    ({SHEET: FAR.encode()}, "a long run of empty ones"),
])  # fmt: skip
def test_a_workbook_made_to_harm_is_refused_at_once(tmp_path, members, said):
    with pytest.raises(BadInput, match=said):
        tables.read(workbook(tmp_path / "a.xlsx", **members))


TEXTS = [
    '=HYPERLINK("http://x.invalid","open")', "+44 20", "@sum", "\tcmd", "-3", "'=1", "''+1", "'quoted'", "plain", "", "＝1", "a\r\nb",
    "\r=1", "−5", "🩺", "'",
]  # fmt: skip


def test_text_is_never_a_formula_and_comes_back_byte_for_byte():
    rows = [[text, n, -2.5] for n, text in enumerate(TEXTS, -3)]
    written = exports.to_csv(["comment", "n", "x"], rows)
    assert [row[0] for row in exports.from_csv(written)[1:]] == TEXTS
    assert '"\'=HYPERLINK' in written and "'-3,1,-2.5" in written and ",-3,-2.5" in written


def test_a_workbook_of_ours_holds_strings_and_numbers_only(tmp_path):
    exports.write_xlsx(tmp_path / "a.xlsx", ["comment", "n"], [[text, -3] for text in TEXTS])
    sheet = openpyxl.load_workbook(tmp_path / "a.xlsx").active
    for row, text in zip(sheet.iter_rows(min_row=2), TEXTS, strict=True):
        assert row[0].data_type == ("s" if text else "n") or not text
        assert (row[0].value or "") == text.replace("\r\n", "\n").replace("\r", "\n") or row[0].value == text
        assert row[1].data_type == "n" and row[1].value == -3

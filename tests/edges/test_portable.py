"""Records for other systems: valid where they arrive, without a name or a word of anyone's, and tables that come back."""

import copy
import csv
import io
import json
import os
import shutil
import subprocess
import uuid
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path

import jsonschema
import openpyxl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from benchmarks.browsing import OPTIONAL
from casework.edges import content
from casework.edges.portable import badges, names, sheets, xapi
from casework.model.errors import BadInput

HERE = Path(__file__).parent
TOOLS = HERE.parents[1] / "build" / "tools"
CHECKED = (TOOLS / "node_modules" / "xapi-validation").is_dir() and (TOOLS / "node_modules" / "jsonld").is_dir() and shutil.which("node") is not None
OFFICE = shutil.which("soffice") or shutil.which("libreoffice")
SCHEMA = jsonschema.Draft202012Validator(
    json.loads((HERE / "open_badge.schema.json").read_text()), format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER
)
AT = datetime(2026, 3, 4, 9, 30, 5, 123456, tzinfo=timezone(timedelta(hours=2)))
DIGEST = "ab" * 32
OURS = "https://learning.example.org/casework/"
RESULT = xapi.Result(
    xapi.Account("https://learning.example.org/", "007"), "passed", "lost-claim", "A claim that got lost", "cma-framework", 1, ("service", "risk"),
    "handling", 3, xapi.Score(0.875, 87.5, 0, 100), True, AT, DIGEST, True,
)  # fmt: skip
REAL = replace(RESULT, verb="completed", title=None, score=None, success=None, simulated=False, scenario="file-1a2b")
ISSUER = badges.Issuer("did:web:learning.example.org", "Example Fund", "https://learning.example.org")
SIGNED = badges.SignOff(
    "007", "q8Jc2mVb0xRt5LsW", "Service delivery, signed off", "Two people who differ rate, then a lead signs.\nFour pieces of two kinds.",
    "cma-framework", "Competencies of the Case Manager Assistant", 1,
    (badges.Aligned("service", "Service delivery", "Works ahead of the clock"), badges.Aligned("risk", "Risk and escalation", case="https://case.example.org/CFItems/0b1e")),
    6, 4, AT, AT + timedelta(days=365), DIGEST, 80, 87.25,
)  # fmt: skip


def published(statements=(), credentials=()):
    """What the published validator and the published contexts say."""
    assert CHECKED, "the checkers are not installed, and nothing may be skipped here"
    asked = json.dumps({"statements": list(statements), "credentials": list(credentials)})
    return json.loads(subprocess.run(
        ["node", HERE / "portable_check.mjs", TOOLS], input=asked, capture_output=True, text=True, check=True, timeout=120
    ).stdout)  # fmt: skip


by_others = pytest.mark.skipif(not CHECKED and OPTIONAL, reason="the xAPI validator and JSON-LD contexts are not installed; make tools installs them, and .ci/run skips nothing")


def texts(value):
    if isinstance(value, dict):
        return [t for k, v in value.items() for t in (k, *texts(v))]
    return [t for v in value for t in texts(v)] if isinstance(value, list) else [value] if isinstance(value, str) else []


# Statements


@by_others
def test_statements_are_valid_to_another_systems_validator():
    account = xapi.Account("https://learning.example.org/", "casework")
    made = [
        *xapi.statements([RESULT, REAL, replace(RESULT, verb="failed", success=False), replace(RESULT, verb="scored", success=None)]),
        *xapi.statements([RESULT, replace(RESULT, scenario="a/b c:ü%", actor=xapi.Account("urn:casework:desk", "Ó-1"))], OURS),
        xapi.statement(RESULT, "tag:example.org,2026:cw"), xapi.voided(xapi.statement(RESULT)["id"], account, AT),
    ]  # fmt: skip
    broken = copy.deepcopy(made[0])
    broken["actor"]["account"].pop("homePage")
    worse = copy.deepcopy(made[0]) | {"timestamp": "yesterday"}
    found = published([*made, broken, worse])["statements"]
    assert found[:-2] == [[]] * len(made) and found[-1] and found[-2]


def test_a_statement_has_the_id_of_its_content_and_says_when_in_utc():
    made = xapi.statement(RESULT)
    assert made == xapi.statement(replace(RESULT, at=AT.astimezone(UTC)))
    assert made["timestamp"] == "2026-03-04T07:30:05.123Z" and uuid.UUID(made["id"]).version == 5
    assert made["context"]["registration"] == xapi.statement(replace(RESULT, rubric_version=4))["context"]["registration"]
    changed = [replace(RESULT, rubric_version=4), replace(RESULT, score=xapi.Score(0.9)), replace(RESULT, session="cd" * 32), replace(RESULT, competencies=("risk",)), REAL]
    assert len({made["id"], *(xapi.statement(one)["id"] for one in changed)}) == 6
    assert len(xapi.statements([RESULT, RESULT, REAL, replace(RESULT, score=xapi.Score(0.875, 87.5, 0.0, 100.0))])) == 2
    grouped = [one["id"] for one in made["context"]["contextActivities"]["grouping"]]
    assert grouped == ["urn:casework:framework:cma-framework:1:competency:service", "urn:casework:framework:cma-framework:1:competency:risk"]
    assert made["result"] == {"score": {"scaled": 0.875, "raw": 87.5, "min": 0, "max": 100}, "success": True, "completion": True}
    assert json.loads(xapi.encoded([made])) == [made]


def test_a_statement_names_no_mailbox_and_unscored_is_never_nought():
    made = xapi.statement(REAL)
    assert made["result"] == {"completion": True} and "name" not in made["object"]["definition"]
    assert not any("@" in text or "mbox" in text for text in texts(made) + texts(xapi.statement(RESULT)))


@pytest.mark.parametrize(("change", "said"), [
    ({"actor": xapi.Account("https://a.example", "ann@example.org")}, "found a mailbox"),
    ({"actor": xapi.Account("mailto:ann@example.org", "007")}, "home page"),
    ({"actor": xapi.Account("https://a.example", "a\0b")}, "control characters"),
    ({"at": datetime(2026, 3, 4)}, "without a time zone"),
    ({"verb": "mastered"}, "allowed: completed, passed, failed, scored"),
    ({"success": False}, "must say the same"),
    ({"verb": "scored", "score": None, "success": None}, "use completed where a file is unscored"),
    ({"score": xapi.Score(1.01)}, "from -1 to 1"),
    ({"score": xapi.Score(float("nan"))}, "from -1 to 1"),
    ({"score": xapi.Score(0.5, 101, 0, 100)}, "does not lie between"),
    ({"score": xapi.Score(0.5, None, 5, 5)}, "does not lie under"),
    ({"simulated": False}, "whose case it was"),
    ({"title": None}, "give the scenario's title"),
    ({"competencies": ("risk", "risk")}, "stands twice"),
    ({"session": "Ab" * 32}, "64 hexadecimal digits"),
    ({"scenario": ".."}, "means a folder"),
    ({"scenario": ""}, "part of an IRI"),
    ({"actor": xapi.Account("https://a.example/\ud800", "007")}, "home page"),
])  # fmt: skip
def test_what_a_statement_cannot_say_is_refused(change, said):
    with pytest.raises(BadInput, match=said):
        xapi.statement(replace(RESULT, **change))


def test_only_a_statement_can_be_voided():
    with pytest.raises(BadInput, match="give a UUID"):
        xapi.voided("the last one", RESULT.actor, AT)


@pytest.mark.parametrize("base", ["", "casework", "javascript:alert(1)", "https://", "https://ann@example.org", "https://x.org/?a", "urn:", "mailto:a@b.c", "https://x.org/a b"])
def test_a_base_is_an_iri_of_the_organisation(base):
    with pytest.raises(BadInput, match="base: found"):
        xapi.statement(RESULT, base)


@given(st.lists(st.text("a:/%.+ü", min_size=1, max_size=4), min_size=1, max_size=3), st.lists(st.text("a:/%.+ü", min_size=1, max_size=4), min_size=1, max_size=3))
def test_no_two_lists_of_parts_give_one_iri(one, other):
    if not {".", ".."} & {*one, *other}:
        assert (names.iri(OURS, *one) == names.iri(OURS, *other)) == (one == other)


# Badges


def faults(credential):
    return [error.message for error in SCHEMA.iter_errors(credential)]


def test_a_sign_off_is_an_unsigned_credential_of_the_right_shape():
    made = badges.credential(SIGNED, ISSUER, OURS)
    assert faults(made) == [] and "proof" not in made and json.loads(badges.encoded(made)) == made
    assert (made["validFrom"], made["validUntil"]) == ("2026-03-04T07:30:05.123Z", "2027-03-04T07:30:05.123Z")
    subject = made["credentialSubject"]
    kinds = [one["targetType"] for one in subject["achievement"]["alignment"]]
    assert kinds == ["ext:CaseworkCompetency", "CFItem"]
    assert subject["achievement"]["alignment"][0]["targetUrl"] == xapi.statement(RESULT, OURS)["context"]["contextActivities"]["grouping"][0]["id"]
    asked = {one["id"] for one in subject["achievement"]["resultDescription"]}
    assert {one["resultDescription"] for one in subject["result"]} == asked and len(asked) == 3
    assert [one.get("value", one.get("status")) for one in subject["result"]] == ["Completed", "6", "87.25"]
    assert "Pieces of work: 6. Scenarios: 4." in made["evidence"][0]["description"]
    bare = badges.credential(replace(SIGNED, share=None), replace(ISSUER, url=None))
    assert faults(bare) == [] and len(bare["credentialSubject"]["result"]) == 2


def test_the_holder_is_a_salted_hash():
    # The example of the specification itself.
    assert badges.hashed("a@example.comKosher") == "sha256$b5809d8a92f8858436d7e6b87c12ebc0ae1eac4baecc2c0b913aee2c922ef399"
    made = badges.credential(SIGNED, ISSUER)
    assert "007" not in texts(made) and made["credentialSubject"]["identifier"][0]["identityHash"] == badges.hashed("007q8Jc2mVb0xRt5LsW")
    other = badges.credential(replace(SIGNED, salt="another-salt-drawn"), ISSUER)
    assert made == badges.credential(SIGNED, ISSUER) and made["id"] != other["id"]


@by_others
def test_every_term_of_a_badge_is_one_that_the_published_contexts_define():
    made = [badges.credential(SIGNED, ISSUER, base) for base in (OURS, names.BASE, "tag:example.org,2026:cw")]
    unknown, relative = copy.deepcopy(made[0]), copy.deepcopy(made[0])
    unknown["credentialSubject"]["achievement"]["standart"] = "80"
    relative["id"] = "credentials/1"
    *good, bad, worse = published(credentials=[*made, unknown, relative])["credentials"]
    assert all("quads" in one for one in good) and "wrong" in bad and "wrong" in worse
    quads = good[0]["quads"]
    for word in ("#validFrom>", "#validUntil>", "#targetCode>", "sha256$", "87.25", "CFItem", "ext:CaseworkCompetency", "Pieces of work: 6."):
        assert word in quads, word


@pytest.mark.parametrize("path", [("name",), ("issuer", "id"), ("validFrom",), ("credentialSubject", "achievement", "criteria"), ("credentialSubject", "identifier", 0, "hashed")])
def test_the_schema_misses_what_is_left_out(path):
    made = badges.credential(SIGNED, ISSUER)
    place = made
    for step in path[:-1]:
        place = place[step]
    del place[path[-1]]
    assert faults(made)


@pytest.mark.parametrize(("change", "said"), [
    ({"until": AT}, "does not lie after"),
    ({"competencies": ()}, "at least one"),
    ({"salt": "short"}, "at least 16"),
    ({"pieces": 0}, "rests on at least one"),
    ({"scenarios": 7}, "no more scenarios than pieces"),
    ({"person": "ann@example.org"}, "found a mailbox"),
    ({"share": 101.0}, "from 0 to 100"),
    ({"criteria": " "}, "criteria"),
    ({"digest": "x"}, "SHA-256"),
])  # fmt: skip
def test_what_cannot_be_signed_off_is_refused(change, said):
    with pytest.raises(BadInput, match=said):
        badges.credential(replace(SIGNED, **change), ISSUER)


def test_every_competency_of_the_shipped_framework_can_be_a_badge():
    framework = content.load().framework
    for one in framework.competencies:
        aligned = (badges.Aligned(one.id, one.title, "; ".join(one.indicators)),)
        signed = replace(SIGNED, framework=framework.id, framework_title=framework.title, framework_version=framework.version, competencies=aligned)
        assert faults(badges.credential(signed, ISSUER)) == []


# Tables

HARD = [
    "007", "1E5", "=1+1", "+44 20 7946", "-", "@x", "3-4", "1/2", "12345678901234567890", "line\nbreak", "two\r\nlines", "\rx", "a\tb", "\tcmd", "שלום", "مرحبا \u200f3",
    "👩‍👩‍👧 é", "'", "''=1", "'=1+1", "＝1+1", "NA", "Null", "TRUE", "#N/A", "#REF!", "1,5", "a;b", 'say "no"', " lead and trail ", "_x000D_", "_x000D_x000D_", "_x000D\r",
    "_x005F_", "\ufeffmark", "0x1F", "1e999", "2026-03-04", "12:30", "%", "\\", "{=1}", '=HYPERLINK("http://x.invalid","open")', "é", "e\u0301", "line\u2028sep", "a\u0085b", "_",
]  # fmt: skip
ROWS = tuple(
    sheets.ProgressRow(text, "service", "not yet", *([0.6125, 0.5, -3.0] if n % 2 else [None] * 3), n, date(2026, 3, 1 + n % 28) if n % 3 else None, text if n % 5 else "")
    for n, text in enumerate(HARD)
)  # fmt: skip


@pytest.mark.parametrize("ending", [".csv", ".xlsx", ".XLSX"])
def test_a_table_comes_back_as_it_went(tmp_path, ending):
    sheets.write(tmp_path / f"a{ending}", ROWS)
    assert sheets.read(tmp_path / f"a{ending}") == ROWS
    sheets.write(tmp_path / f"b{ending}", ())
    assert sheets.read(tmp_path / f"b{ending}") == ()


any_text = st.text(st.characters(exclude_categories=["Cs"]), max_size=12).filter(lambda text: not sheets.NEVER.search(text)) | st.text("_x05DFd\r\n\t='+", max_size=12)
share = st.none() | st.floats(-1, 100, allow_nan=False)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.builds(
    sheets.ProgressRow, any_text.filter(str.strip), any_text, any_text, share, share, share, st.integers(0, 10**9), st.none() | st.dates(sheets.EARLIEST), any_text
), max_size=6))  # fmt: skip
@example([sheets.ProgressRow("_x000D_x000D_\r", "_x005F_x000D", "_\r", 5e-324, 0.1 + 0.2, -0.0, 0, date(9999, 12, 31), "\r\n")])
def test_any_table_comes_back_as_it_went(tmp_path_factory, rows):
    folder = tmp_path_factory.mktemp("sheets")
    for ending in (".csv", ".xlsx"):
        sheets.write(folder / f"a{ending}", rows)
        assert sheets.read(folder / f"a{ending}") == tuple(rows)


def test_no_text_is_a_formula_and_no_number_a_text(tmp_path):
    sheets.write(tmp_path / "a.xlsx", ROWS)
    sheet = openpyxl.load_workbook(tmp_path / "a.xlsx").worksheets[0]
    for row in sheet.iter_rows(min_row=2):
        for cell, name in zip(row, sheets.HEADER, strict=True):
            assert cell.data_type != "f"
            if cell.value is not None:
                assert (cell.data_type, cell.number_format) == (("s", "@") if name in sheets.TEXTS else ("d", "yyyy-mm-dd") if name == "last_on" else ("n", "General"))
    for line in list(csv.reader(io.StringIO(sheets.to_csv(ROWS), newline="")))[1:]:
        assert not any(cell[:1] in {"=", "+", "-", "@", "\t", "\r"} for cell, name in zip(line, sheets.HEADER, strict=True) if name in sheets.TEXTS)
        assert line[5] in ("", "-3.0")


@pytest.mark.parametrize(("change", "said"), [
    ({"missing": "a\0b"}, "row 1: missing: holds a NUL"),
    ({"state": "\ud800"}, "no table can carry"),
    ({"trainee": " "}, "found no id"),
    ({"missing": "👍" * 16_384}, "a cell holds fewer"),
    ({"mastery": float("nan")}, "give numbers"),
    ({"pieces": -1}, "pieces from nought on"),
    ({"last_on": datetime(2026, 3, 4)}, "without a time"),
    ({"last_on": date(1900, 2, 28)}, "from 1900-03-01 on"),
])  # fmt: skip
def test_what_no_table_can_carry_is_refused_and_nothing_written(tmp_path, change, said):
    for ending in (".csv", ".xlsx"):
        with pytest.raises(BadInput, match=said):
            sheets.write(tmp_path / f"a{ending}", [replace(ROWS[0], **change)])
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(("name", "cell", "said"), [
    ("mastery", "1,5", "row 2: mastery: found '1,5'; allowed: a number"), ("pieces", "", "a whole number"), ("pieces", "²", "a whole number"),
    ("last_on", "04/03/2026", "a date such as"), ("trainee", "", "an id"),
])  # fmt: skip
def test_a_cell_that_says_something_else_is_an_error_with_its_row(tmp_path, name, cell, said):
    row = {"trainee": "1", "competency": "c", "state": "s", "mastery": "0.5", "low": "", "high": "", "pieces": "2", "last_on": "", "missing": ""} | {name: cell}
    with (tmp_path / "a.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([row, row.values()])
    with pytest.raises(BadInput, match=said):
        sheets.read(tmp_path / "a.csv")
    with pytest.raises(BadInput, match="allowed: .csv, .xlsx"):
        sheets.write(tmp_path / "a.ods", ROWS)
    (tmp_path / "b.csv").write_text("trainee,state\n1,2\n")
    with pytest.raises(BadInput, match="row 1: found the columns trainee, state"):
        sheets.read(tmp_path / "b.csv")


@pytest.mark.skipif(OFFICE is None and OPTIONAL, reason="LibreOffice is not installed; .ci/run installs it and skips nothing")
def test_a_spreadsheet_program_shows_and_saves_the_same(tmp_path):
    assert OFFICE is not None, "no LibreOffice found, and nothing may be skipped here"

    def converted(rows, kind, to):
        sheets.write(tmp_path / "a.xlsx", rows)
        for _ in range(2):  # The first start may only make its profile.
            subprocess.run(
                [OFFICE, f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}", "--headless", "--convert-to", kind, "--outdir", to, tmp_path / "a.xlsx"],
                capture_output=True, timeout=180, env={**os.environ, "HOME": str(tmp_path), "SAL_USE_VCLPLUGIN": "svp"},
            )  # fmt: skip
            if to.is_dir() and list(to.iterdir()):
                return next(iter(to.iterdir()))
        raise AssertionError("LibreOffice wrote nothing")

    shown = converted(ROWS, "csv:Text - txt - csv (StarCalc):44,34,76,1", tmp_path / "csv")
    header, *lines = csv.reader(io.StringIO(shown.read_bytes().decode(), newline=""))
    assert tuple(header) == sheets.HEADER
    assert [(line[0], line[3], line[6], line[7], line[8]) for line in map(one_kind_of_line_end, lines)] == [
        (row.trainee, "" if row.mastery is None else "0.6125", str(row.pieces), "" if row.last_on is None else row.last_on.isoformat(), row.missing)
        for row in (sheets.ProgressRow(*one_kind_of_line_end(vars(row).values())) for row in ROWS)
    ]
    # LibreOffice reads the format's marks and does not write them, so a text that looks like one does not survive its saving.
    kept = [row for row in ROWS if not sheets.MARKED.search(row.trainee)]
    back = converted(kept, "xlsx", tmp_path / "xlsx")
    assert not any(cell.data_type == "f" for row in openpyxl.load_workbook(back).worksheets[0].iter_rows() for cell in row)
    assert [one_kind_of_line_end(vars(row).values()) for row in sheets.read(back)] == [one_kind_of_line_end(vars(row).values()) for row in kept]


def one_kind_of_line_end(values):
    """Of line ends a spreadsheet program keeps that they are there, not which."""
    return [value.replace("\r\n", "\n").replace("\r", "\n") if isinstance(value, str) else value for value in values]

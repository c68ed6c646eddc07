"""A person's records in a new folder: statements, badges and tables that name nobody, all of them or nothing."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from typer.testing import CliRunner

from casework import workbench
from casework.edges import ledgers, logfiles
from casework.edges.portable import badges, sheets
from casework.faces.cli import app
from casework.model.errors import BadInput
from casework.progress.pieces import Given, Part, Piece
from casework.progress.signing import Signed

AT = datetime(2026, 3, 2, 12, tzinfo=UTC)
NAME = "Siobhán O'Brien 🦩"
ISSUER = badges.Issuer("https://learning.example.org", "The Fund")


def filed(n, live=False, replaces=""):
    parts = (Part(competency="risk", given=(Given(criterion="c", share=1.0),)),)
    return Piece(trainee=NAME, kind="scorecard", at=AT + timedelta(days=n), by="the rubric", parts=parts, scenario="rule-7-handler-away" if n == 1 else f"=s{n}@home", rubric="case-handling",
                 rubric_version=3, source=f"{n:064x}", case=f"file of {NAME}", total=80.0 + n, live=live, replaces=replaces)  # fmt: skip


def signed(competency, against=False):
    steps = ((NAME, "self"), ("Bo", "assessor"), ("Lee", "lead"))
    return [Signed(trainee=NAME, competency=competency, at=AT + timedelta(days=20), by=by, role=role, reason="Kingfisher.", against=against and role == "lead") for by, role in steps]


@pytest.fixture
def ledger(tmp_path):
    path = tmp_path / "team.jsonl"
    first = filed(3)
    corrected = Piece(**{**dict(first), "id": "", "total": 91.0, "replaces": first.id, "by": "Bo", "agreed": True})
    note = Piece(trainee=NAME, kind="observation", at=AT, by="Bo", says="A kingfisher.", nonce="1", parts=(Part(competency="risk"),))
    other = Piece(**{**dict(filed(4)), "id": "", "trainee": "ann"})
    ledgers.append(path, [filed(1), filed(2, live=True), first, corrected, note, other, *signed("risk"), *signed("finance", against=True), *signed("service")])
    return path


def test_a_persons_records_name_nobody_and_hold_what_stands(library, ledger, tmp_path):
    out = tmp_path / "new" / "out"
    found = workbench.export_records(library, ledger, NAME, out, AT + timedelta(days=30), "https://learning.example.org/casework", issuer=ISSUER)
    assert {path.name for path in out.iterdir()} == {"statements.json", "badge-1.json", "progress.xlsx", "progress.csv"}
    statements = json.loads((out / "statements.json").read_text())
    assert [one["result"]["score"]["raw"] for one in statements] == [81, 82, 91] and found.statements == 3, "a correction stands in place of what it corrects"
    simulated, live = statements[0], statements[1]
    assert simulated["object"]["definition"]["name"]["en-GB"] == library.scenarios["rule-7-handler-away"].title and simulated["object"]["id"].endswith("/scenario/rule-7-handler-away")
    assert "name" not in live["object"]["definition"] and "%3Ds2" not in live["object"]["id"] and "/file/" in live["object"]["id"]
    assert {one["actor"]["account"]["name"] for one in statements} == {found.account} == {ledgers.reference(ledger, NAME)}
    badge = json.loads((out / "badge-1.json").read_text())
    assert found.badges == {"badge-1.json": "risk"} and "proof" not in badge and badge["issuer"]["id"] == ISSUER.id
    assert badge["credentialSubject"]["identifier"][0] == badges.identity(found.account, badge["credentialSubject"]["identifier"][0]["salt"])
    assert "Pieces of work: 3" in badge["evidence"][0]["description"]
    assert found.left_out == {"finance": "signed off against the advice of the evidence, which a badge cannot show", "service": "signed off without a scored file"}
    for name in ("progress.xlsx", "progress.csv"):
        rows = sheets.read(out / name)
        assert len(rows) == len(library.framework.competencies) == found.rows and {row.trainee for row in rows} == {found.account}
        assert next(row for row in rows if row.competency == "risk").state == "signed_off"
    for path in out.iterdir():
        for trace in ("Siobh", "O'Brien", "🦩", "Lee", "ingfisher", "ann\""):
            assert trace.encode() not in path.read_bytes() and trace not in path.read_text(errors="replace"), (path.name, trace)


def test_nothing_is_overwritten_and_nothing_half_written_is_left(library, ledger, tmp_path, monkeypatch):
    out = tmp_path / "out"
    out.mkdir()
    (out / "kept").write_text("kept")
    with pytest.raises(BadInput, match="is not empty"):
        workbench.export_records(library, ledger, NAME, out, AT + timedelta(days=30))
    assert [path.name for path in out.iterdir()] == ["kept"]
    for fault in (OSError(28, "No space left on device"), BadInput("no")):
        real = sheets.write

        def full(path, rows, fault=fault, real=real):
            if path.suffix == ".csv":
                raise fault
            real(path, rows)

        monkeypatch.setattr(sheets, "write", full)
        with pytest.raises(BadInput):
            workbench.export_records(library, ledger, NAME, tmp_path / "half", AT + timedelta(days=30))
        monkeypatch.undo()
        assert not (tmp_path / "half").exists() and not [path for path in tmp_path.iterdir() if path.name.startswith(".half")]
    (tmp_path / "empty").mkdir()
    workbench.export_records(library, ledger, NAME, tmp_path / "empty", AT + timedelta(days=30))
    assert (tmp_path / "empty" / "statements.json").exists()
    (tmp_path / "link").symlink_to(tmp_path / "empty")
    with pytest.raises(BadInput, match="is not empty"), logfiles.new_folder(tmp_path / "link", "so"):
        pass


@pytest.mark.parametrize(
    ("name", "more", "words"),
    [
        ("nobody", {}, "holds nothing of 'nobody'"), (NAME, {"account": "o.brien@example.org"}, "found a mailbox"), (NAME, {"base": "no iri"}, "base: found 'no iri'"),
        (NAME, {"at": AT - timedelta(days=900)}, ""), ("Bo", {}, "no evidence and no sign-off of 'Bo'"), (NAME, {"issuer": badges.Issuer("me@example.org", "Me")}, "issuer: found"),
    ],
)  # fmt: skip
def test_what_cannot_be_exported_is_told_and_no_folder_is_made(library, ledger, tmp_path, name, more, words):
    if "at" in more:
        found = workbench.export_records(library, ledger, name, tmp_path / "early", more["at"])
        assert (found.statements, found.badges) == (0, {})
        return
    with pytest.raises(BadInput) as refused:
        workbench.export_records(library, ledger, name, tmp_path / "out", **({"at": AT + timedelta(days=30)} | more))
    assert words in str(refused.value) and not (tmp_path / "out").exists()


def test_at_the_command_line_records_go_beside_logs(ledger, tmp_path):
    def run(*args, code=0):
        done = CliRunner().invoke(app, ["export", *map(str, args)])
        assert done.exit_code == code, done.output
        return done.output

    told = run("records", NAME, "--ledger", ledger, "--out", tmp_path / "a", "--at", "2026-04-01")
    assert "3 xAPI statements" in told and "No badge for risk: nobody issues it: give --issuer and --issuer-name" in told
    data = json.loads(run("records", NAME, "--ledger", ledger, "--out", tmp_path / "b", "--at", "2026-04-01", "--account", "p-17", "--issuer", "did:web:example.org", "--issuer-name", "Us", "--json"))
    assert (data["account"], data["badges"]) == ("p-17", {"badge-1.json": "risk"})
    assert "is not empty" in run("records", NAME, "--ledger", ledger, "--out", tmp_path / "b", code=2)
    assert "belong together" in run("records", NAME, "--ledger", ledger, "--out", tmp_path / "c", "--issuer", "did:web:example.org", code=2)
    log = tmp_path / "log.jsonl"
    CliRunner().invoke(app, ["play", "rule-7-handler-away", "--as", "steady", "--seed", "1", "--out", str(log)])
    assert "1 logs written" in run(log, "--xes", tmp_path / "x.xes") and "1 logs written" in run("logs", log, "--xes", tmp_path / "y.xes")

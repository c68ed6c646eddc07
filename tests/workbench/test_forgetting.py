"""Erasing a person: no byte of their name or of words about them is left, figures stay, and chains go on verifying."""

import json
import re
from datetime import UTC, datetime, timedelta

import pytest
from test_reviewing import SCENARIO, Desk
from typer.testing import CliRunner

from casework import workbench
from casework.edges import ledgers, logfiles
from casework.edges.portable import sheets
from casework.edges.store.verifying import verify
from casework.faces import ledger_view, progress_view
from casework.faces.cli import app
from casework.model.errors import BadInput
from casework.model.people import Person
from casework.progress.learned import learned

AT = datetime(2026, 3, 2, 12, tzinfo=UTC)
NAME = "Zebedee Quillfeather"
TRACES = (b"Zebedee", b"Quillfeather", b"zebedee", b"kingfisher", b"p7")
SAID = [
    ("p7", "finance", "observation", "lee", "Sat with Zebedee Quillfeather for a kingfisher morning."),
    ("p7", "service", "witness note", "bea", "A kingfisher of a call."),
    ("p7", "leading-self", "reflection", "p7", "I was a kingfisher too soon."),
    ("ann", "service", "observation", "bea", "Helped by Zebedee Quillfeather throughout."),
    ("ann", "risk", "observation", "p7", "Asked before she answered."),
]


@pytest.fixture
def desk(library, tmp_path):
    """A store in a file, with a finished session of somebody whose name is unmistakable."""
    desk = Desk(library, f"sqlite:///{tmp_path / 'store.db'}")
    desk.store.add_person(Person("p7", ("trainee",)), NAME, "zebedee")
    desk.store.add_person(Person("ada", ("admin",)), "Ada", "ada")
    played = workbench.play_answer(library, SCENARIO, library.answers[SCENARIO]["exemplary"].model_copy(update={"trainee": "p7"}), 1)
    head = desk.store.begin(played.log(), played.salt_key, played.now)
    workbench.reflect(desk("p7"), head.session, workbench.resume_session(desk("p7"), head.session), "A kingfisher, I was.")
    return desk


@pytest.fixture
def ledger(desk, library, tmp_path):
    path = tmp_path / "team.jsonl"
    workbench.record_team(desk("lee"), path, AT)
    for n, (whom, what, kind, by, says) in enumerate(SAID):
        workbench.note_evidence(library, path, whom, what, kind, by, says, AT + timedelta(days=1 + n))
    workbench.sign(library, path, "p7", "finance", "p7", "self", "The kingfisher morning went well.", AT + timedelta(days=9))
    return path


def reports(library, path, desk, folder):
    """Everything that is made for people to keep."""
    folder.mkdir()
    gathered = workbench.gather_team(desk("lee"), AT + timedelta(days=10), ledgers.read(path))
    team = workbench.team_progress(gathered)
    (folder / "team.html").write_text(progress_view.document(team))
    (folder / "team.json").write_text(json.dumps(workbench.team_progress_json(team)))
    for person in team.people:
        (folder / f"{person.trainee}.html").write_text(ledger_view.document(workbench.own_record(library, path, person.trainee, AT + timedelta(days=10))))
    rows = [
        sheets.ProgressRow(person.trainee, one.competency.id, one.state, *((one.typical.value, one.typical.low, one.typical.high) if one.typical else (None,) * 3), one.files, None, one.next_step)
        for person in team.people for one in person.competencies
    ]  # fmt: skip
    for name in ("table.xlsx", "table.csv"):
        sheets.write(folder / name, rows)
    return team


def traces(folder):
    return sorted({(path.name, trace) for path in folder.rglob("*") if path.is_file() for trace in TRACES if trace in path.read_bytes()})


def test_no_byte_of_an_erased_person_is_left_and_figures_are_the_same(library, desk, ledger, tmp_path):
    reports(library, ledger, desk, tmp_path / "before")
    assert {name for name, _ in traces(tmp_path)} >= {"team.words.json", "team.html", "p7.html", "table.csv", "store.db-wal"} and not [one for one in TRACES if one in ledger.read_bytes()]
    was = ledgers.read(ledger)
    record = workbench.own_record(library, ledger, "p7", AT + timedelta(days=10))
    found = workbench.forget_person(ledger, "p7", "lee", AT + timedelta(days=11), [NAME])
    assert len(found.words) == 6 and found.named_elsewhere == 1
    workbench.erase_person(desk("ada"), "p7")
    for old in (tmp_path / "before").iterdir():
        old.unlink()
    team = reports(library, ledger, desk, tmp_path / "after")
    # In the store an id stays that leads to nobody any more.
    assert not [one for one in traces(tmp_path) if not (one[1] == b"p7" and one[0].startswith("store.db"))]
    assert verify(desk.store).ok, verify(desk.store).problems
    now = ledgers.read(ledger)
    assert [person.trainee for person in team.people] == ["ann", "zoe"] and len(now.erased) == 1
    assert [one.model_copy(update=dict.fromkeys(("trainee", "by", "says"), "x")) for one in now.pieces] == [one.model_copy(update=dict.fromkeys(("trainee", "by", "says"), "x")) for one in was.pieces]
    assert learned(now.pieces, library.framework, {}) == learned(was.pieces, library.framework, {})
    assert len(record.pieces) == 5 and len(record.signed) == 1 and record.said_of_others == 1
    (erasure,) = now.erasures
    assert erasure.why == "asked for" and set(erasure.words) == set(found.words)
    kept = {piece.says for piece in now.pieces}
    assert "Asked before she answered." in kept and "(erased)" in kept


def test_what_is_not_known_or_would_erase_itself_is_refused_and_nothing_changes(ledger):
    before = ledger.read_bytes(), ledgers.words_path(ledger).read_bytes()
    with pytest.raises(BadInput, match="no evidence, no sign-off and no plan"):
        workbench.forget_person(ledger, "nobody", "lee", AT)
    with pytest.raises(BadInput, match="somebody else"):
        workbench.forget_person(ledger, "p7", "p7", AT)
    assert workbench.forget_person(ledger, "p7", "lee", AT, dry_run=True).people
    assert (ledger.read_bytes(), ledgers.words_path(ledger).read_bytes()) == before


def test_a_power_cut_between_the_two_files_leaves_it_erased_and_the_same_command_ends_it(ledger, monkeypatch):
    real, calls = logfiles.write_bytes, []

    def once(path, raw, mode):
        calls.append(path)
        if len(calls) == 2:
            raise OSError("power")
        real(path, raw, mode)

    monkeypatch.setattr(logfiles, "write_bytes", once)
    with pytest.raises(OSError, match="power"):
        workbench.forget_person(ledger, "p7", "lee", AT, [NAME])
    monkeypatch.undo()
    assert b"kingfisher" in ledgers.words_path(ledger).read_bytes() and len(ledgers.read(ledger).erased) == 1
    workbench.forget_person(ledger, "p7", "lee", AT, [NAME])
    assert not [trace for trace in TRACES if trace in ledgers.words_path(ledger).read_bytes()] and len(ledgers.read(ledger).erased) == 1


def test_what_is_past_its_time_goes_by_its_kind_and_names_last(library, ledger):
    assert not workbench.forget_what_is_due(library, ledger, "lee", AT + timedelta(days=300)).words
    found = workbench.forget_what_is_due(library, ledger, "lee", AT + timedelta(days=400))
    assert len(found.words) == 2 and not found.people
    assert [piece.says for piece in ledgers.read(ledger).pieces if piece.kind == "reflection"] == ["(erased)"] * 2
    found = workbench.forget_what_is_due(library, ledger, "lee", AT + timedelta(days=365 * 7))
    book = ledgers.read(ledger)
    assert {piece.says for piece in book.pieces} <= {"", "(erased)"} and {piece.trainee for piece in book.pieces} <= book.erased
    # Whoever erased goes on being named, until that is past its time too.
    assert set(json.loads(ledgers.words_path(ledger).read_text())["people"].values()) == {"lee"}


def test_somebody_who_comes_back_is_somebody_new(library, ledger):
    workbench.forget_person(ledger, "p7", "lee", AT + timedelta(days=11))
    workbench.note_evidence(library, ledger, "p7", "service", "observation", "lee", "Back again.", AT + timedelta(days=20))
    record = workbench.own_record(library, ledger, "p7", AT + timedelta(days=21))
    assert [piece.says for piece in record.pieces] == ["Back again."]


def test_at_the_command_line_nothing_goes_without_yes(ledger, tmp_path):
    def run(*args, code=0):
        result = CliRunner().invoke(app, ["ledger", *map(str, args)])
        assert result.exit_code == code, result.output
        return result.output

    page = tmp_path / "own.html"
    shown = run("show", "p7", "--ledger", ledger, "--html", page)
    assert "5 pieces, 1 sign-off entries and 0 entries of a plan about p7; 1 entries by them about others" in shown and "kingfisher" in page.read_text() and "Asked before" not in page.read_text()
    assert len(json.loads(run("show", "p7", "--ledger", ledger, "--json"))["pieces"]) == 5
    assert "would go; nothing was erased. Add --yes" in run("erase", "p7", "--ledger", ledger, "--as", "lee")
    assert "p7" in ledgers.words_path(ledger).read_text()
    told = run("erase", "p7", "--ledger", ledger, "--as", "lee", "--called", NAME, "--yes")
    assert re.search(r"1 name and 6 texts erased", told) and "casework people erase" in told
    assert "0 names and 0 texts would go" in run("expire", "--ledger", ledger, "--as", "lee", "--at", "2026-04-01")
    assert "holds nothing about 'p7'" in run("show", "p7", "--ledger", ledger, code=2)

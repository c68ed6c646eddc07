"""Evidence from a store: people's agreed marks in place of the rubric's, corrected when they change, and nobody's before their time."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from test_reviewing import SCENARIO, Desk, double_marked
from typer.testing import CliRunner

from casework import workbench
from casework.edges import ledgers, logfiles
from casework.edges.store.records import open_store
from casework.faces.cli import app
from casework.model.errors import BadInput, Refused
from casework.model.people import Person
from casework.progress.ledger import holding, ledger_of
from casework.workbench import Access

AT = datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.fixture
def desk(library):
    return Desk(library)


@pytest.fixture
def ledger(tmp_path):
    return tmp_path / "team.ledger"


def record(desk, ledger, days=0):
    return workbench.record_team(desk("lee"), ledger, AT + timedelta(days=days)).fresh


def marks(piece, criterion):
    return {(one.share, one.error) for part in piece.parts for one in part.given if one.criterion == criterion}


def test_agreed_marks_replace_the_automatic_piece_once_and_keep_its_date(desk, ledger):
    (automatic,) = record(desk, ledger)
    assert not automatic.agreed and automatic.by == "the rubric" and record(desk, ledger, 1) == ()
    desk.mark_all("r1", **{"tone-written": "cold or curt"})
    (agreed,) = record(desk, ledger, 2)
    assert agreed.agreed and agreed.by == "r1" and agreed.replaces == automatic.id and agreed.at == automatic.at
    assert marks(automatic, "tone-written") != {(0.0, False)} == marks(agreed, "tone-written")
    assert record(desk, ledger, 3) == ()
    book = ledgers.read(ledger)
    assert holding(book.pieces) == (agreed,) and ledger_of(book.pieces, desk.library.framework).of("zoe", agreed.competencies[0]).level.files == 1


def test_a_file_marked_before_it_is_recorded_makes_one_piece(desk, ledger):
    desk.mark_all("r1")
    (piece,) = record(desk, ledger)
    assert piece.agreed and not piece.replaces


def test_one_person_answers_even_where_two_agree(desk, ledger):
    workbench.assign_review(desk("lee"), desk.session, SCENARIO, "first", "r1")
    workbench.assign_review(desk("lee"), desk.session, SCENARIO, "second", "r2")
    desk.mark_all("r2")
    assert record(desk, ledger)[0].by == "the rubric", "a sheet is still out"
    desk.mark_all("r1")
    assert record(desk, ledger, 1)[0].by == "r1"


def test_marks_that_change_after_an_erasure_do_not_bring_the_name_back(desk, ledger):
    record(desk, ledger)
    with ledgers.held(ledger):
        ledgers.erase(ledger, ledgers.of_person(ledger, "zoe"), AT, "chief", "asked for")
    desk.mark_all("r1", **{"tone-written": "cold or curt"})
    assert record(desk, ledger, 1) == () and "zoe" not in {piece.trainee for piece in ledgers.read(ledger).pieces}


def test_marks_count_once_a_difference_is_settled_and_whoever_settled_it_answers(desk, ledger):
    record(desk, ledger)
    found = double_marked(desk)
    assert record(desk, ledger, 1) == ()
    workbench.adjudicate(desk("r3"), desk.session, found, "tone-written", "polite but flat", "Civil, and names no worry.")
    (piece,) = record(desk, ledger, 2)
    assert piece.by == "r3" and marks(piece, "tone-written") == {(0.5, False)}


def test_a_mark_under_appeal_waits_and_its_answer_corrects_the_piece(desk, ledger):
    settled = workbench.adjudicate(desk("r3"), desk.session, double_marked(desk), "tone-written", "cold or curt", "Only orders in it.")
    (first,) = record(desk, ledger)
    workbench.send_feedback(desk("lee"), desk.session, settled, "The letter reads as an order.")
    mine = workbench.agreed_of(desk("zoe"), desk.session)
    mine = workbench.appeal_mark(desk("zoe"), desk.session, mine, "tone-written", "The second letter names her worry.")
    (waiting,) = record(desk, ledger, 1)
    assert marks(first, "tone-written") == {(0.0, False)} and marks(waiting, "tone-written") == {(None, False)} and waiting.replaces == first.id
    workbench.answer_appeal(desk("lee"), desk.session, mine, "tone-written", "polite but flat", "The second letter does.")
    (answered,) = record(desk, ledger, 2)
    assert marks(answered, "tone-written") == {(0.5, False)} and answered.by == "lee" and answered.replaces == waiting.id
    assert holding(ledgers.read(ledger).pieces) == (answered,)


def test_an_appeal_alone_lifts_no_block(desk, ledger):
    seen = workbench.mark(desk("r1"), desk.session, desk.open("r1"), "no-promise", "not met", "A refund was promised.", "did-not-know")
    desk.mark_all("r1")
    seen = workbench.send_feedback(desk("r1"), desk.session, workbench.agreed_of(desk("r1"), desk.session), "No promises.")
    mine = workbench.agreed_of(desk("zoe"), desk.session)
    workbench.appeal_mark(desk("zoe"), desk.session, mine, "no-promise", "It was none.")
    (piece,) = record(desk, ledger)
    assert marks(piece, "no-promise") == {(None, True)} and seen.card.passed is False
    gathered = workbench.gather_team(desk("lee"), AT, ledgers.read(ledger))
    assert "blocked" in {one.state for one in workbench.person_progress(gathered, "zoe").competencies}


def test_ones_own_marks_count_for_oneself_only_once_they_are_given_back(desk):
    desk.mark_all("r1")
    (mine,) = workbench.gather_person(desk("zoe"), "zoe", AT).fresh
    (theirs,) = workbench.gather_person(desk("tom"), "zoe", AT).fresh
    assert theirs.agreed and not mine.agreed
    workbench.send_feedback(desk("r1"), desk.session, workbench.agreed_of(desk("r1"), desk.session), "Good.")
    assert workbench.gather_person(desk("zoe"), "zoe", AT).fresh[0].agreed
    for who, ask in (("zoe", lambda: workbench.gather_team(desk("zoe"), AT)), ("r1", lambda: workbench.gather_person(desk("r1"), "zoe", AT))):
        with pytest.raises(Refused):
            ask()
        assert who in desk.store.trail()[-1]


def test_a_person_sees_of_a_ledger_what_is_their_own(desk, ledger, library, tmp_path):
    other = workbench.play(library, SCENARIO, "steady", 1)
    logfiles.save(other.log(), (), tmp_path / "logs" / "steady.jsonl")
    workbench.record_team(desk("lee"), ledger, AT, tmp_path / "logs")
    mine = workbench.gather_person(desk("zoe"), "zoe", AT, ledgers.read(ledger))
    assert mine.ledger.trainees == ("zoe",) and {piece.trainee for piece in mine.book.pieces} == {"zoe"}
    assert set(workbench.gather_team(desk("lee"), AT, ledgers.read(ledger)).ledger.trainees) == {"zoe", "steady"}


def looked_back(desk, words, session=None):
    sitting = workbench.resume_session(desk("zoe"), session or desk.session)
    return workbench.reflect(desk("zoe"), session or desk.session, sitting, words)


def test_a_reflection_is_a_kind_of_evidence_once_and_no_second_file(desk, ledger, library):
    (file,) = record(desk, ledger)
    before = {one.id: ledger_of(ledgers.read(ledger).pieces, library.framework).of("zoe", one.id) for one in library.framework.competencies}
    sitting = looked_back(desk, "Read the date first. 🦩 اقرأ")
    workbench.dispute(desk("zoe"), desk.session, sitting, SCENARIO, "filed-right", "It was filed.")
    (piece,) = record(desk, ledger, 1)
    assert (piece.kind, piece.by, piece.trainee, piece.says, piece.total) == ("reflection", "zoe", "zoe", "Read the date first. 🦩 اقرأ", None)
    assert not any(part.given for part in piece.parts) and record(desk, ledger, 2) == ()
    takes = {one.id for one in library.framework.competencies if "reflection" in one.evidence_from}
    assert set(piece.competencies) and set(piece.competencies) <= takes and "risk" not in piece.competencies
    after = ledger_of(ledgers.read(ledger).pieces, library.framework)
    for id, was in before.items():
        now = after.of("zoe", id)
        assert (now.level, now.files, now.scenarios, now.clean) == (was.level, was.files, was.scenarios, was.clean), "it moves no level"
        assert ("reflection" in dict(now.kinds)) == (id in piece.competencies) and now.others == (id in piece.competencies)
    desk.mark_all("r1", **{"tone-written": "cold or curt"})
    (agreed,) = record(desk, ledger, 3)
    assert agreed.replaces == file.id, "marks that come after a reflection still correct the file"


def test_a_reflection_from_before_the_first_recording_takes_no_first_attempt_away(desk, ledger):
    looked_back(desk, "Read the date first.")
    file, reflection = record(desk, ledger)
    assert (file.kind, file.first_attempt, reflection.kind) == ("scorecard", True, "reflection")
    looked_back(desk, "x" * 2500)
    (second,) = record(desk, ledger, 1)
    assert len(second.says) == 2000 and second.says.endswith("…")


def test_a_reflection_whose_words_were_erased_is_no_evidence_and_does_not_come_back(desk, ledger, library):
    looked_back(desk, "A kingfisher.")
    record(desk, ledger)
    workbench.forget_person(ledger, "zoe", "lee", AT)
    assert record(desk, ledger, 1) == () and b"kingfisher" not in ledgers.words_path(ledger).read_bytes()
    desk.store.add_person(Person("ada", ("admin",)), "Ada", "ada")
    workbench.erase_person(desk("ada"), "zoe")
    assert [piece.kind for piece in workbench.gather_team(desk("lee"), AT).fresh] == ["scorecard"]


def test_a_reflection_in_a_file_comes_in_with_its_words_beside_it(desk, tmp_path):
    looked_back(desk, "Read the date first.")
    workbench.export_session(desk("lee"), desk.session, tmp_path / "logs" / "zoe.jsonl")
    library = desk.library
    assert [piece.kind for piece in workbench.gather_progress(library, tmp_path / "logs").fresh] == ["scorecard", "reflection"]
    assert len(workbench.gather_team(desk("lee"), AT, logs=tmp_path / "logs").fresh) == 2, "of one log in two places"
    logfiles.texts_path(tmp_path / "logs" / "zoe.jsonl").unlink()
    assert [piece.kind for piece in workbench.gather_progress(library, tmp_path / "logs").fresh] == ["scorecard"]


def test_a_corrected_first_attempt_still_comes_before_its_repeat(desk, library, ledger):
    again = workbench.play_answer(library, SCENARIO, library.answers[SCENARIO]["exemplary"].model_copy(update={"trainee": "zoe"}), 2)
    desk.store.begin(again.log(), again.salt_key, again.now)
    assert sorted(piece.first_attempt for piece in record(desk, ledger)) == [False, True]
    first = next(piece.source for piece in ledgers.read(ledger).pieces if piece.first_attempt)
    session = next(head.session for head in desk.store.heads() if any(line.hash == first for line in _lines(desk, head.session)))
    desk.session = session
    desk.mark_all("r1", **{"tone-written": "cold or curt"})
    (corrected,) = record(desk, ledger, 1)
    standing = ledger_of(ledgers.read(ledger).pieces, library.framework).of("zoe", corrected.competencies[0])
    assert corrected.first_attempt and standing.level.files == 1 and standing.practice == 1


def _lines(desk, session):
    from casework.model.decisions import lines_of

    return lines_of(desk.store.log(session))


def test_a_folder_and_a_store_that_hold_the_same_file_make_one_piece_with_peoples_marks(desk, tmp_path):
    logfiles.save(desk.log, (), tmp_path / "logs" / "zoe.jsonl")
    desk.mark_all("r1")
    (piece,) = workbench.gather_team(desk("lee"), AT, logs=tmp_path / "logs").fresh
    assert piece.agreed


def test_a_rubric_taken_over_corrects_what_it_changes(desk, ledger, library):
    desk.mark_all("r1", **{"tone-written": "cold or curt"})
    (first,) = record(desk, ledger)
    old = library.get_rubric("case-handling")
    sections = tuple(
        section.model_copy(update={"criteria": tuple(
            one.model_copy(update={"asks": one.asks + " In words the member knows."}) if one.id == "tone-written" else one for one in section.criteria
        )}) for section in old.sections
    )  # fmt: skip
    workbench.rescore(desk("lee"), old.model_copy(update={"version": old.version + 1, "sections": sections}))
    (piece,) = record(desk, ledger, 1)
    assert piece.replaces == first.id and piece.rubric_version == old.version + 1 and marks(piece, "tone-written") != {(0.0, False)}


def test_at_the_command_line(library, tmp_path, monkeypatch):
    file, ledger = tmp_path / "casework.sqlite", tmp_path / "team.ledger"
    desk = Desk(library, f"sqlite:///{file}")
    desk.mark_all("r1")
    desk.store.close()
    store = open_store(f"sqlite:///{file}")
    monkeypatch.setattr(workbench, "open_access", lambda held, url, make: Access(store.find_person("lee"), open_store(url), held))

    def run(*args, code=0):
        result = CliRunner().invoke(app, ["progress", *map(str, args)])
        assert result.exit_code == code, result.output
        return result.output

    assert "1 new piece written" in run("--store", file, "--ledger", ledger, "--record", "--at", "2026-03-02")
    assert "0 new pieces written" in run("--store", file, "--ledger", ledger, "--record", "--at", "2026-03-03")
    assert ledgers.read(ledger).pieces[0].agreed
    found = json.loads(run("zoe", "--store", file, "--json"))
    assert found["trainee"] == "zoe" and any(one["pieces"] == 1 for one in found["competencies"])
    assert "--store" in run("--record", "--ledger", ledger, code=2)
    monkeypatch.undo()
    assert "no store" in run("--store", tmp_path / "none.sqlite", code=2)
    with pytest.raises(BadInput, match="assigned"):
        workbench.gather_team(Access(store.find_person("lee"), store, library), AT, assigned="lots")


def test_marks_on_real_work_are_live_evidence_dated_by_the_work(desk, tmp_path):
    from test_rights import imported_log

    logfiles.save(imported_log(7), (), tmp_path / "seven.jsonl")
    workbench.bring_in(desk("tom"), tmp_path)
    file = next(f for f in workbench.files_to_mark(desk("r1")) if f.work == "real work")
    seen = workbench.open_review(desk("r1"), file.session)
    for criterion in seen.left:
        seen = workbench.mark(desk("r1"), file.session, seen, criterion, "cannot tell", "The words were not brought in.")
    workbench.submit_review(desk("r1"), file.session, workbench.mark(desk("r1"), file.session, seen, "escalated", "best", "The lead had it within the hour."))
    found = workbench.gather_team(desk("lee"), AT + timedelta(days=30))
    live = next(piece for piece in found.fresh if piece.trainee == "assistant-1")
    assert live.live and live.agreed and live.at == datetime(2026, 3, 2, 9, tzinfo=UTC) and not next(piece for piece in found.fresh if piece.trainee == "zoe").live
    assert workbench.practice_and_live(found)[0].why.startswith("not enough people: 0 of 10")

"""Folding in place gives what folding values gives, and does it at a pace that a team can wait for."""

import hashlib
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from casework.edges import ledgers, limits
from casework.model.errors import BadInput, BrokenLog
from casework.model.framework import Framework
from casework.progress import ledger as ledger_rules
from casework.progress import mastery, mastery_arrays
from casework.progress.ledger import Critical, Ledger, Standing
from casework.progress.pieces import Given, Part, Piece

MONDAY = datetime(2026, 1, 5, 9, tzinfo=UTC)
RULE = Framework.model_validate({
    "format": "framework/1", "id": "f", "title": "F", "version": 1,
    "competencies": [{"id": id, "title": id, "kind": "role", "lines": [line], "indicators": ["x"]} for id, line in (("risk", "A15"), ("other", "A1"))],
    "evidence": {"pieces": 3, "kinds": 2, "scenarios": 2, "jurisdictions": 0, "within": "12 months"},
    "sign_off": {"steps": ["a", "b", "c"], "different_people": True, "no_critical_error_in_last": 3, "standard": 80, "confidence": 80, "lasts": "12 months"},
    "supervision": [], "step_down_after": [],
})  # fmt: skip
MARKS = st.lists(
    st.builds(Given, criterion=st.sampled_from("pqrs"), share=st.none() | st.floats(0, 1), difficulty=st.sampled_from([0.0, 0.0, 0.7, -2.0, 30.0]), worth=st.sampled_from([1.0, 1.7]), error=st.booleans()), max_size=6
)
PARTS = st.lists(st.builds(Part, competency=st.sampled_from(["risk", "other", "gone"]), given=MARKS.map(tuple), unsure=st.floats(0, 2)), min_size=1, max_size=2, unique_by=lambda p: p.competency)
WORK = st.lists(
    st.fixed_dictionaries({
        "parts": PARTS.map(tuple), "kind": st.sampled_from(["scorecard", "scorecard", "observation", "reflection"]), "scenario": st.sampled_from([f"s{n}" for n in range(9)]),
        "family": st.sampled_from(["", "k1", "k2"]), "jurisdiction": st.sampled_from(["", "england", "ireland"]), "total": st.none() | st.floats(0, 100),
        "first_attempt": st.sampled_from([True, True, False]), "aided": st.sampled_from([False, False, True]), "hours": st.integers(0, 400),
    }), max_size=25,
)  # fmt: skip


def met(known, name, at, most):
    return known if not name else (*(one for one in known if one[0] != name), (name, at))[-max(1, most) :]


def by_values(old, part, piece, counts):
    """The rule of one part as a value from a value."""
    if piece.kind == "scorecard" and not counts:
        return replace(old, practice=old.practice + 1)
    new = replace(old, kinds=met(old.kinds, piece.kind, piece.at, 5), last_at=max(old.last_at or piece.at, piece.at))
    if part.errors:
        new = replace(new, critical=Critical(piece.at, part.errors, piece.scenario), clean=0)
    if piece.kind != "scorecard":
        return replace(new, others=new.others + 1)
    family = piece.family or piece.scenario
    level = mastery.updated(new.level, piece.at, [g.difficulty for g in part.given], [g.share for g in part.given], part.unsure, family, [g.worth for g in part.given])
    if level is new.level:
        return old
    return replace(
        new, level=level, files=(*new.files, piece.at)[-3:], scenarios=met(new.scenarios, piece.scenario, piece.at, 2),
        jurisdictions=met(new.jurisdictions, piece.jurisdiction, piece.at, 0), clean=new.clean + (not part.errors),
        totals=new.totals if piece.total is None else (*new.totals, (piece.at, piece.total))[-2:],
    )  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(WORK)
def test_folding_in_place_gives_what_folding_values_gives(work):
    ledger, expected, scenarios, at = Ledger(RULE), {}, set(), MONDAY
    for n, values in enumerate(work):
        at += timedelta(hours=values.pop("hours"))
        piece = Piece(trainee="ann", at=at, by="ann" if values["kind"] == "reflection" else "bea", says="seen", source=f"log{n}", rubric="r", **values)
        assert ledger.add(piece)
        for part in piece.parts:
            if part.competency != "gone":
                expected[part.competency] = by_values(expected.get(part.competency, Standing()), part, piece, piece.counts and piece.scenario not in scenarios)
        scenarios.add(piece.scenario)
    for id in ("risk", "other"):
        assert ledger.of("ann", id) == expected.get(id, Standing())


CRITERIA = st.lists(st.tuples(st.floats(-400, 900), st.floats(0, 1), st.just(1.0) | st.floats(0.2, 6)), min_size=1, max_size=30)
FILES = st.lists(st.tuples(st.floats(0, 200), CRITERIA, st.floats(0, 3)).map(lambda f: (f[0], *map(list, zip(*f[1], strict=True)), f[2])), max_size=8)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(st.tuples(st.floats(-6, 6), st.floats(0.01, 1.1)), FILES), max_size=6))
def test_levels_on_arrays_are_those_found_one_at_a_time(many):
    lined = [mastery.Files() for _ in many]
    for held, (_, files) in zip(lined, many, strict=True):
        for file in files:
            held.hard.extend(file[1])
            held.given.extend(file[2])
            held.worth.extend(file[3])
            held.close(file[0], len(file[1]), file[4])
        assert [(file[0], *map(list, file[1:4]), file[4]) for file in held] == files
    found = mastery_arrays.after([level for level, _ in many], lined)
    for (level, files), together in zip(many, found, strict=True):
        assert together == pytest.approx(mastery.after(*level, files), rel=1e-9, abs=1e-9)


def test_many_pieces_fold_together_as_they_do_one_by_one(monkeypatch):
    monkeypatch.setattr(ledger_rules, "MANY", 0)
    pieces = [
        Piece(trainee=f"t{n % 3}", kind="scorecard", at=MONDAY + timedelta(hours=n), by="x", scenario=f"s{n % 11}", rubric="r", source=f"l{n}",
              parts=(Part(competency="risk", given=tuple(Given(criterion=f"c{k}", share=(n * k) % 3 / 2, difficulty=k - 1.0, worth=1 + k / 2) for k in range(1 + n % 4)), unsure=0.3),))
        for n in range(60)
    ]  # fmt: skip
    alone, together = Ledger(RULE), Ledger(RULE)
    for piece in pieces:
        alone.add(piece)
    together.extend(pieces[:40])
    together.extend(pieces[30:])  # Ten are in already, and levels go on from where they stand.
    for trainee in ("t0", "t1", "t2"):
        one, many = alone.of(trainee, "risk"), together.of(trainee, "risk")
        assert one.level.files > 5 and many.level.mean == pytest.approx(one.level.mean, abs=1e-9) and many.level.variance == pytest.approx(one.level.variance, abs=1e-9)
        assert replace(one, level=many.level) == many


def test_a_file_older_than_the_last_is_refused():
    def file(n, at):
        return Piece(trainee="ann", kind="scorecard", at=at, by="x", parts=(Part(competency="risk", given=(Given(criterion="c", share=1.0),)),), scenario=f"s{n}", rubric="r", source=f"l{n}")

    ledger = Ledger(RULE)
    ledger.add(file(0, MONDAY))
    with pytest.raises(BadInput, match="earliest first"):
        ledger.add(file(1, MONDAY - timedelta(days=1)))


def test_criteria_of_one_difficulty_are_reckoned_once_and_tell_what_they_told_apart():
    together = mastery.updated(mastery.start(), MONDAY, [0.4] * 4, [1, 0, 0.5, 1])
    apart = mastery.updated(mastery.start(), MONDAY, [0.4, 0.4 + 1e-13, 0.4 - 1e-13, 0.4 + 2e-13], [1, 0, 0.5, 1])
    assert together.mean == pytest.approx(apart.mean, abs=1e-10) and together.variance == pytest.approx(apart.variance, abs=1e-10)


def test_a_ledger_never_grows_beyond_what_can_be_read_again(tmp_path, monkeypatch):
    piece = Piece(trainee="ann", kind="observation", at=MONDAY, by="bea", nonce="1", says="seen", parts=(Part(competency="risk"),))
    ledgers.append(tmp_path / "l", [piece])
    before = (tmp_path / "l").read_bytes()
    monkeypatch.setattr(limits, "LEDGER", len(before) + 10)
    with pytest.raises(BadInput, match="nothing was written"):
        ledgers.append(tmp_path / "l", [piece.model_copy(update={"id": "", "by": "cy"})])
    assert (tmp_path / "l").read_bytes() == before and ledgers.read(tmp_path / "l").pieces == (piece,)


def test_words_beside_a_ledger_are_those_that_were_written_or_reading_stops(tmp_path):
    path, beside = tmp_path / "l.jsonl", tmp_path / "l.words.json"
    ledgers.append(path, [Piece(trainee="ann", kind="observation", at=MONDAY, by="bea", nonce="1", says="seen by day", parts=(Part(competency="risk"),))])
    raw = beside.read_text()
    assert beside.stat().st_mode & 0o777 == 0o600 and not {"ann", "bea", "seen"} & set(re.findall(r"\w+", path.read_text()))
    for spoilt in (raw.replace("seen by day", "seen by night"), raw.replace("ann", "ann", 1)[:-4], raw.replace('"people"', '"folk"'), raw.replace('"bea"', "7"), "[]"):
        beside.write_text(spoilt)
        with pytest.raises(BadInput, match="from a backup"):
            ledgers.read(path)
    beside.unlink()
    with pytest.raises(BadInput, match="no erasure is written"):
        ledgers.read(path)


@pytest.mark.parametrize("spoil", [
    lambda line: line.replace('"n":1,', '"n":1,"n":1,'), lambda line: line.replace('"kind":"o', '"kind":"\\u006f'), lambda line: line.replace('"n":1', '"n":NaN'),
    lambda line: line.replace('{"hash"', '{ "hash"'), lambda line: line.replace('"kind":"observation"', '"kind":"reflection"'), lambda line: line.replace("[", "[" * 5000), lambda line: "[1]\n",
])  # fmt: skip
def test_reading_quickly_lets_nothing_pass_that_reading_slowly_did_not(tmp_path, spoil):
    ledgers.append(tmp_path / "l", [Piece(trainee="ann", kind="observation", at=MONDAY, by="bea", nonce="1", says="seen", parts=(Part(competency="risk"),))])
    header, line = (tmp_path / "l").read_text().splitlines(keepends=True)
    assert spoil(line) != line
    (tmp_path / "l").write_text(header + spoil(line))
    with pytest.raises(BrokenLog):
        ledgers.read(tmp_path / "l")
    # Nor where its hash was made anew over its own words.
    body = spoil(line).rstrip("\n")
    rest = "{" + body[body.index(",") + 1 :] if "," in body else body
    forged = hashlib.sha256(rest.encode()).hexdigest()
    if body.startswith('{"hash"') and "reflection" not in body:
        (tmp_path / "l").write_text(header + f'{{"hash":"{forged}",{rest[1:]}\n')
        with pytest.raises(BrokenLog):
            ledgers.read(tmp_path / "l")

"""Draws: exact sizes, exact chances, the same for any order of rows; and what is refused."""

import random
from collections import Counter
from datetime import date
from fractions import Fraction

import pytest

from casework.model.errors import BadInput
from casework.quality.sampling import Asked, File, allocate, draw, frame_digest, inclusions, lot

FRAME = [
    File(f"{n:04}", "ABC"[n % 3], "complaint" if n % 5 == 0 else "advice", complaint=n % 5 == 0, risk=Fraction(1 + n % 7, 2),
         handled_on=date(2026, 3, 2 + n % 28), started_on=date(2026, 3, 2) if n % 3 == 0 else None)
    for n in range(120)
]  # fmt: skip


def ids(found):
    return [c.file.id for c in found.chosen]


@pytest.mark.parametrize("asked", [Asked(17, 4), Asked(17, 4, ("assistant", "case_type"), None, 2), Asked(17, 4, (), "risk"), Asked(17, 4, ("case_type",), "risk", 3, 1)])
def test_a_draw_does_not_depend_on_the_order_of_rows(asked):
    shuffled = random.Random(9).sample(FRAME, len(FRAME))
    assert draw(shuffled, asked) == draw(FRAME, asked)


def test_another_seed_draws_other_files_and_the_same_seed_the_same():
    assert ids(draw(FRAME, Asked(20, 1))) == ids(draw(FRAME, Asked(20, 1))) != ids(draw(FRAME, Asked(20, 2)))


def test_a_draw_stays_what_it_was_in_earlier_versions():
    assert ids(draw(FRAME, Asked(5, 7))) == ["0045", "0063", "0072", "0074", "0082"]
    assert ids(draw(FRAME, Asked(5, 7, (), "risk"))) == ["0012", "0061", "0083", "0085", "0105"]
    assert ids(draw(FRAME, Asked(6, 7, ("assistant",), None, 1))) == ["0002", "0063", "0072", "0074", "0079", "0082"]


def test_a_lot_can_be_checked_by_hand():
    # printf '7\0file\0A-001' | sha256sum begins with these sixteen digits.
    assert f"{lot(7, 'file', 'A-001'):016x}" == "c913fb3c5dbccdd1"


def test_the_frame_is_known_again_and_any_change_of_it_is_seen():
    assert frame_digest(FRAME) == frame_digest(FRAME[::-1]) == draw(FRAME, Asked(3, 1)).frame
    assert frame_digest(FRAME[1:]) != frame_digest(FRAME)


def test_shares_go_by_largest_remainder_and_add_up():
    # 100 files in 40, 35, 25 to 10: 4, 3.5, 2.5; the spare one goes to the first of two equal remainders by name.
    assert allocate({"a": 40, "b": 35, "c": 25}, 10) == {"a": 4, "b": 4, "c": 2}
    assert allocate({"a": 1, "b": 1, "c": 1}, 2) == {"a": 1, "b": 1, "c": 0}


def test_a_minimum_is_kept_and_comes_out_of_the_larger_strata():
    assert allocate({"big": 90, "mid": 9, "one": 1}, 20, 3) == {"big": 16, "mid": 3, "one": 1}


def test_sizes_add_up_whatever_the_strata():
    die = random.Random(3)
    for _ in range(300):
        counts = {f"s{n}": die.randint(1, 40) for n in range(die.randint(1, 12))}
        minimum = die.randint(0, 3)
        size = die.randint(sum(min(minimum, c) for c in counts.values()), sum(counts.values()))
        found = allocate(counts, size, minimum)
        assert sum(found.values()) == size
        assert all(min(minimum, counts[s]) <= n <= counts[s] for s, n in found.items())


def test_a_stratum_with_fewer_files_than_asked_gives_all_and_is_named():
    found = draw([File("x1", "X"), *FRAME], Asked(20, 1, ("assistant",), None, 3))
    assert "assistant X: has 1 files, fewer than the 3 asked for; all are drawn" in found.notes
    assert next(c.inclusion for c in found.chosen if c.file.id == "x1") == 1


def test_a_stratum_from_which_nothing_is_drawn_is_named():
    found = draw([File("x1", "X"), *FRAME], Asked(10, 1, ("assistant",)))
    assert any("assistant X" in note and "says nothing about them" in note for note in found.notes)


def test_chances_by_risk_are_proportional_and_add_up_to_the_size():
    assert inclusions([Fraction(1), Fraction(2), Fraction(3)], 1) == [Fraction(1, 6), Fraction(1, 3), Fraction(1, 2)]
    # A file that outweighs its share is certain, and the rest share what is left.
    assert inclusions([Fraction(10), Fraction(1), Fraction(1)], 2) == [1, Fraction(1, 2), Fraction(1, 2)]
    found = draw(FRAME, Asked(25, 8, (), "risk"))
    assert len(found.chosen) == 25 and len(set(ids(found))) == 25


def test_files_come_in_as_often_as_their_chance_says():
    files = [File(str(n), risk=Fraction(1 + n)) for n in range(8)]
    wanted = dict(zip((f.id for f in files), inclusions([f.risk for f in files], 3), strict=True))
    came = Counter(i for seed in range(4000) for i in ids(draw(files, Asked(3, seed, (), "risk"))))
    assert all(abs(came[i] / 4000 - wanted[i]) < 0.025 for i in wanted)
    even = Counter(i for seed in range(4000) for i in ids(draw(files, Asked(3, seed))))
    assert all(abs(even[i] / 4000 - 3 / 8) < 0.025 for i in wanted)


def test_every_file_of_first_weeks_is_drawn_and_stands_for_itself_alone():
    found = draw(FRAME, Asked(10, 1, weeks=2))
    early = {f.id for f in FRAME if f.started_on and date(2026, 3, 2) <= f.handled_on < date(2026, 3, 16)}
    first = {c.file.id: c.inclusion for c in found.chosen if c.stratum == "first weeks"}
    assert set(first) == early and set(first.values()) == {1} and len(found.chosen) == len(early) + 10


def test_the_day_after_first_weeks_end_is_not_of_them():
    files = [File("in", handled_on=date(2026, 3, 15), started_on=date(2026, 3, 2)), File("out", handled_on=date(2026, 3, 16), started_on=date(2026, 3, 2))]
    assert ids(draw(files, Asked(0, 1, weeks=2))) == ["in"]


@pytest.mark.parametrize(("files", "asked", "words"), [
    ([File("a"), File("a")], Asked(1, 1), "id: found 'a' twice"),
    ([File("a1"), File("A1 ")], Asked(1, 1), "which a reader cannot tell apart"),
    ([File(" ")], Asked(1, 1), "a file without an id"),
    ([File("a", risk=Fraction(0))], Asked(1, 1), "risk of a: found 0; allowed: above 0"),
    (FRAME, Asked(121, 1), "size: found 121; allowed: 1 to 120"),
    (FRAME, Asked(0, 1), "size: found 0; allowed: 1 to 120"),
    (FRAME, Asked(5, 1, ("assistant",), None, 2), "3 strata with at least 2 files each need 6"),
    (FRAME, Asked(5, 1, ("colour",)), "by: found 'colour'; allowed: assistant"),
    ([File("a", started_on=date(2026, 3, 2))], Asked(0, 1, weeks=2), "handled_on of a: found nothing"),
    ([File("a", handled_on=date(2026, 3, 1), started_on=date(2026, 3, 2))], Asked(0, 1, weeks=2), "before its assistant started"),
])  # fmt: skip
def test_what_cannot_be_drawn_is_refused(files, asked, words):
    with pytest.raises(BadInput, match=words):
        draw(files, asked)

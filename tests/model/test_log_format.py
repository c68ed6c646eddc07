"""Logs of every released format go on being read, whatever has become of the content they were played on."""

from pathlib import Path

import pytest

from casework.edges import logfiles
from casework.model.decisions import decode, encode, head_hash, lines_of, salted
from casework.model.errors import BrokenLog

FIXTURES = Path(__file__).parent / "fixtures"
HEADS = {"log-1": "3da9baac57181dccaa98fee00c3608fd8644937a010cf7e7e68fc0f92c3742a8"}


@pytest.mark.parametrize("name", HEADS)
def test_a_log_of_each_format_is_read_byte_for_byte(name):
    path = FIXTURES / f"{name}.jsonl"
    log = logfiles.read_log(path)
    assert encode(log) == path.read_text(encoding="utf-8") and head_hash(log) == HEADS[name]
    sealed = {event.n: event.text for event in log.events if event.text}
    assert sealed and set(logfiles.read_texts(path)) == set(sealed)


@pytest.mark.parametrize(("spoil", "said"), [
    (lambda line: line.replace(",", ", ", 1), "the log's own form"),
    (lambda line: line.replace('{"', '{"at":"x","', 1), "stands twice"),
    (lambda line: line.replace('"n":', '"n":NaN,"m":', 1), "no JSON number"),
    (lambda line: "[" * 100_000, "nested too deep"),
    (lambda line: line[:-1] + ',"x":"' + "y" * 300_000 + '"}', "longer than"),
    (lambda line: line.replace("note", "\\ud800", 1).replace("read", "\\ud800", 1), "not a line of JSON"),
])  # fmt: skip
def test_a_line_that_another_reader_could_take_otherwise_is_refused(spoil, said):
    lines = (FIXTURES / "log-1.jsonl").read_text().splitlines()
    at = next(n for n, line in enumerate(lines) if '"do":"read"' in line or '"do":"note"' in line)
    lines[at] = spoil(lines[at])
    with pytest.raises(BrokenLog, match=said) as broken:
        decode("\n".join(lines) + "\n")
    assert broken.value.entry == at


def test_lines_follow_the_log():
    log = logfiles.read_log(FIXTURES / "log-1.jsonl")
    assert "".join(line.text + "\n" for line in lines_of(log)) == encode(log)
    assert salted("a", "b") != salted("ab", "")

"""Event logs and exports from outside: read as text, and refused where they would harm."""

import gzip

import pytest

from benchmarks.soak.fuzz import XES
from casework.edges import exchange, xes
from casework.model.errors import BadInput

ENTITY = b'<!DOCTYPE log [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]><log><trace><event><string key="a" value="&b;"/></event></trace></log>'
OUTSIDE = b'<!DOCTYPE log [<!ENTITY a SYSTEM "file:///etc/passwd">]><log><trace><event><string key="a" value="&a;"/></event></trace></log>'


def test_an_event_log_is_rows_of_text(tmp_path):
    for name, raw in (("a.xes", XES), ("a.xes.gz", gzip.compress(XES))):
        (tmp_path / name).write_bytes(raw)
        assert xes.read(tmp_path / name) == [
            {"case:concept:name": "0042", "concept:name": "Acknowledge", "time:timestamp": "2026-03-03T09:00:00+00:00", "cost": "7"},
            {"case:concept:name": "0042", "concept:name": "Réponse & note"},
        ]


@pytest.mark.parametrize(("raw", "said"), [
    (ENTITY, "declares a document type or entities"),
    (OUTSIDE, "declares a document type or entities"),
    (b"<log>" + b"<list>" * 60 + b"</list>" * 60 + b"</log>", "nested more than 40 deep"),
    (b"<html></html>", "begins with the element .html."),
    (b"<log><trace></log>", "not well-formed XML"),
    (b"<log></log>", "holds no events"),
    (b"", "not well-formed XML"),
    (gzip.compress(b"<log>" + b" " * 80_000_000), "unpacks to more than"),
    (gzip.compress(XES)[:-20], "cannot be read"),
    (b'<?xml version="1.0" encoding="no-such"?><log/>', "cannot be read"),
])  # fmt: skip
def test_an_event_log_that_would_harm_is_refused(tmp_path, raw, said):
    (tmp_path / "a.xes").write_bytes(raw)
    with pytest.raises(BadInput, match=said):
        xes.read(tmp_path / "a.xes")


def test_reading_stops_in_time(tmp_path):
    from casework.edges import limits

    with pytest.raises(BadInput, match="takes longer than 0 seconds"):
        list(limits.in_time(iter([1, 2]), tmp_path, 0))


def test_a_look_tells_columns_and_no_values(tmp_path):
    (tmp_path / "a.csv").write_text("ref,handler\n007,Anna Moan\n008,Anna Moan\n009,\n")
    found = exchange.look(tmp_path / "a.csv")
    assert found.rows == 3 and [(c.name, c.filled, c.different) for c in found.columns] == [("ref", 3, 3), ("handler", 2, 1)]
    assert "Moan" not in repr(found)

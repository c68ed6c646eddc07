"""A bounded slice of every long trial; `make soak` runs them whole."""

import os

import pytest

from benchmarks.soak import crowds, faults, fuzz, kills


def test_a_killed_writer_loses_nothing_that_was_acknowledged():
    found = kills.sqlite(12, seed=os.getpid())
    assert found.faults == [] and found.kills == 12 and found.acknowledged > 0


def test_a_killed_server_loses_nothing_that_was_acknowledged(postgres):
    found = kills.postgres(4, seed=5, server_share=0.5)
    assert found.faults == [] and found.server_kills >= 1 and found.acknowledged > 0


def test_a_crowd_of_writers_keeps_every_step_once():
    assert crowds.sqlite(6, 30)["faults"] == []


def test_a_crowd_of_connections_keeps_every_step_once(postgres):
    assert crowds.postgres(12, 20, 2)["faults"] == []


def test_a_disk_that_fails_loses_nothing_and_says_so(tmp_path):
    if faults.library(tmp_path) is None:
        if os.environ.get("CASEWORK_SKIP_NOTHING"):
            pytest.fail("no C compiler is installed")
        pytest.skip("making a disk fail needs a C compiler on Linux")
    found = faults.sqlite(stride=29)
    assert found.faults == [] and found.refused > 0


def test_spoilt_input_is_refused_or_read_as_it_says():
    found = fuzz.run(400, processes=1, start=os.getpid() * 1000)
    assert found["faults"] == []

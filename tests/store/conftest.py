import itertools
from pathlib import Path

import pytest

from casework.edges.store.records import open_store

numbers = itertools.count(1)


@pytest.fixture
def new_address(request, tmp_path):
    """Makes addresses of stores that do not exist yet, of the kind asked for."""

    def make(kind):
        n = next(numbers)
        if kind == "memory":
            return "sqlite://"
        if kind == "sqlite":
            return f"sqlite:///{tmp_path / f'store-{n}.sqlite'}"
        return request.getfixturevalue("postgres").create(f"store_{n}")

    return make


@pytest.fixture(params=["memory", "sqlite", "postgres"])
def store(request, new_address, tmp_path):
    opened = open_store(new_address(request.param), None if request.param == "memory" else Path(tmp_path / "anchor"))
    yield opened
    opened.close()

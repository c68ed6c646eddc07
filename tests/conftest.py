import os

import pytest

from benchmarks.postgres_server import Server, binaries
from casework.edges import content


@pytest.fixture(scope="session")
def library():
    return content.load()


@pytest.fixture(scope="session")
def postgres():
    """A real server, shared by the tests of one worker."""
    if binaries() is None:
        if os.environ.get("CASEWORK_SKIP_NOTHING"):
            pytest.fail("no PostgreSQL server is installed")
        pytest.skip("no PostgreSQL server is installed; on Debian or Ubuntu: apt install postgresql")
    server = Server()
    yield server
    server.stop()

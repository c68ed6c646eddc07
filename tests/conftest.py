import pytest

from casework.edges import content


@pytest.fixture(scope="session")
def library():
    return content.load()

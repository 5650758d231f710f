"""The plain application on a real server, shared by the tests of a file."""

from collections.abc import Iterator

import pytest

from tests.support.plain_app import in_middleware
from tests.support.processes.serving import serving


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    with serving(in_middleware()) as port:
        yield port

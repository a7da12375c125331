"""A server of its own for a module's tests, on a free port, with real processes behind it."""

import pytest

from tests.serve.served import exact, in_processes, running, sleepy


@pytest.fixture(scope="module")
def suite():
    return in_processes(exact, sleepy)


@pytest.fixture(scope="module")
def client(suite):
    with running(suite) as client:
        yield client

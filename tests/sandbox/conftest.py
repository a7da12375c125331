"""A sandbox of each kind that this machine offers."""

import pytest

from rewardkit.sandbox import Sandbox, SandboxError


def open_sandbox(isolation, **options):
    sandbox = Sandbox(isolation, **options)
    try:
        sandbox.start()
    except SandboxError as error:
        pytest.skip(str(error))
    return sandbox


@pytest.fixture(scope="session", params=["namespaces", "seccomp"])
def sandbox(request):
    """Each test runs in both kinds of isolation."""
    sandbox = open_sandbox(request.param)
    yield sandbox
    sandbox.close()


@pytest.fixture(scope="session")
def namespaces():
    """For what only namespaces allow."""
    sandbox = open_sandbox("namespaces")
    yield sandbox
    sandbox.close()

"""Runs servers for tests, on free ports, with real processes behind them."""

import contextlib
import threading
import time

import httpx

import rewardkit as rk
from rewardkit.serve import Settings
from rewardkit.serve.running import make_server


def exact(completion, answer=None):
    if answer is None:
        return rk.Score.abstain("no answer")
    return rk.Score(float(completion == answer), "equal" if completion == answer else "differs")


def sleepy(completion):
    """Does what the completion says: sleeps, ends its process, raises."""
    import os
    import signal
    import time

    word, _, number = completion.partition(" ")
    if word == "sleep":
        time.sleep(float(number))
    if word == "die":
        os.kill(os.getpid(), signal.SIGKILL)
    if word == "raise":
        raise ValueError("as it was told")
    return 1.0


def in_processes(*functions):
    """A suite of functions, for a server's processes."""
    return sum(rk.reward(function).to_suite() for function in functions)


@contextlib.contextmanager
def running(suite, **settings):
    """A client of a server that runs; `client.server` and `client.batcher` are its parts."""
    server = make_server(suite, Settings(port=0, **settings))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        assert thread.is_alive()
        time.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=60) as client:
            client.server = server
            client.batcher = server.config.app.state.batcher
            yield client
    finally:
        server.should_exit = True
        thread.join(60)
        assert not thread.is_alive()

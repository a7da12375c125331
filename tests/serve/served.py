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
    """Does what the completion says: waits for a test, notes that it ran, ends its process, ..."""
    import os
    import signal
    import time
    from pathlib import Path

    word, _, rest = completion.partition(" ")
    if word == "wait":
        begun, _, go = rest.partition(" ")
        Path(begun).touch()
        while not Path(go).exists():
            time.sleep(0.01)
    if word == "note":
        Path(rest).touch()
    if word == "sleep":
        time.sleep(float(rest))
    if word == "die":
        os.kill(os.getpid(), signal.SIGKILL)
    if word == "raise":
        raise ValueError("as it was told")
    return 1.0


class Held:
    """Rows that are slow for as long as a test wants, by files in a folder of its own.

    Attributes:
        texts: Completions for `sleepy`.
    """

    def __init__(self, folder, count):
        self._begun = [folder / f"begun{number}" for number in range(count)]
        self._go = folder / "go"
        self.texts = [f"wait {begun} {self._go}" for begun in self._begun]

    def wait_until_begun(self):
        """Return when each of the rows is being scored."""
        wait_until(lambda: all(begun.exists() for begun in self._begun))

    def let_go(self):
        """Let the rows be done."""
        self._go.touch()


def wait_until(condition, seconds=60.0):
    """Return when it holds; fail where it does not in a time that no machine is too busy for."""
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until
        time.sleep(0.01)


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

"""Threads that want sessions take turns, but none waits for ever."""

import threading
import time

from rewardkit.sandbox import Sandbox
from rewardkit.sandbox.turns import Turns

LONG = 60.0


def wait_until_waiting(turns, count):
    end = time.monotonic() + LONG
    while len(turns._waiting) < count:
        assert time.monotonic() < end
        time.sleep(0.001)


def test_turns_come_in_the_order_of_those_who_wait():
    turns, order = Turns(1), []
    assert turns.take(LONG)

    def wait(name):
        assert turns.take(LONG)
        order.append(name)
        turns.give_back()

    threads = []
    for name in "abcd":
        threads.append(threading.Thread(target=wait, args=(name,)))
        threads[-1].start()
        wait_until_waiting(turns, len(threads))
    turns.give_back()
    for thread in threads:
        thread.join(LONG)
    assert order == list("abcd")


def test_who_runs_out_of_patience_leaves_the_queue_and_takes_nothing():
    turns = Turns(1)
    assert turns.take(0.0)
    assert not turns.take(0.01)
    assert not turns._waiting
    turns.give_back()
    assert turns.take(0.0)


def test_threads_do_not_start_more_zygotes_than_have_their_turn(sandbox, monkeypatch):
    monkeypatch.setattr("rewardkit.sandbox.pool._PATIENCE_SECONDS", LONG)
    with Sandbox(sandbox.start(), size=1) as own:
        own.start()

        def work():
            for _ in range(5):
                with own.session("def f(x): return x + 1") as session:
                    assert session.call("f", [1]).value == 2

        threads = [threading.Thread(target=work) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(LONG)
        assert len(own._pool._all) == 1


def test_a_thread_may_have_more_sessions_than_turns(sandbox):
    with Sandbox(sandbox.start(), size=1) as own:
        sessions = [own.session(f"def f(): return {i}") for i in range(3)]
        assert own.run("print(1)").ok
        assert [session.call("f").value for session in sessions] == [0, 1, 2]
        for session in sessions:
            session.close()
            session.close()
        assert own._pool._sessions._free == 1

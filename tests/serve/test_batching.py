import asyncio
import json
import os
import re
import signal
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

import rewardkit as rk
from rewardkit.serve.lanes import MOST_ROWS, Job, Lane
from tests.serve.served import Held, exact, in_processes, running, sleepy, wait_until


def score(client, *completions, **columns):
    rows = [{"completion": text, **columns} for text in completions]
    return client.post("/v1/score", json={"rows": rows})


def measured(client, name):
    found = re.search(rf"^{re.escape(name)} (\S+)$", client.get("/metrics").text, re.MULTILINE)
    return float(found[1]) if found else 0.0


def test_rows_of_many_requests_are_scored_as_if_each_were_alone(client):
    def ask(number):
        # The same columns, other columns, and none that a reward needs: none minds the others.
        columns = [{"answer": str(number)}, {"answer": "x", "more": 1}, {}][number % 3]
        reply = score(client, str(number), **columns)
        return reply.json()["rows"][0]["scores"]["exact"]["value"]

    with ThreadPoolExecutor(16) as threads:
        found = list(threads.map(ask, range(300)))
    assert found == [[1.0, 0.0, None][number % 3] for number in range(300)]
    assert measured(client, "rewardkit_batch_rows_count") <= 300


def test_a_divided_request_lacks_a_column_only_where_none_of_its_rows_has_it(client):
    rows = [{"completion": "a"}] * MOST_ROWS * 2 + [{"completion": "a", "answer": "a"}]
    reply = client.post("/v1/score", json={"rows": rows})
    assert reply.json()["totals"] == [1.0] * MOST_ROWS * 2 + [2.0]


def test_a_column_of_its_own_for_every_row_is_refused(client):
    rows = [{"completion": "a", f"column{number}": 1} for number in range(20_000)]
    reply = client.post("/v1/score", json={"rows": rows})
    assert reply.status_code == 422
    assert "20,001 columns" in reply.json()["detail"]


def test_a_request_that_no_other_follows_is_answered():
    with running(in_processes(exact), workers=1) as client:
        assert {score(client, "x", answer="x").status_code for _ in range(100)} == {200}
        assert measured(client, "rewardkit_queue_rows") == 0.0


def test_a_slow_row_holds_up_no_other_though_they_look_alike(tmp_path):
    slow = Held(tmp_path, 10)
    with running(in_processes(sleepy)) as client, ThreadPoolExecutor(50) as threads:
        waiting = [threads.submit(score, client, text) for text in slow.texts]
        slow.wait_until_begun()  # not even ten slow ones wait for each other
        quick = list(threads.map(lambda _: score(client, "quick"), range(40)))
        assert [reply.status_code for reply in quick] == [200] * 40
        assert not any(reply.done() for reply in waiting)
        slow.let_go()
        assert [reply.result().status_code for reply in waiting] == [200] * 10


def test_a_process_that_is_killed_loses_no_request():
    with running(in_processes(exact, sleepy), workers=2) as client:

        def kill():
            for _ in range(4):
                while len(pids := client.batcher.pids) < 2:
                    time.sleep(0.05)
                os.kill(pids[-1], signal.SIGKILL)
                time.sleep(0.1)

        killer = threading.Thread(target=kill)
        killer.start()
        with ThreadPoolExecutor(20) as threads:
            texts = [f"sleep 0.0{i % 10}" for i in range(400)]
            replies = list(threads.map(lambda t: score(client, t, answer=t), texts))
        killer.join()
        assert [reply.status_code for reply in replies] == [200] * 400
        assert all(reply.json()["totals"] == [2.0] for reply in replies)
        assert measured(client, "rewardkit_workers_replaced_total") >= 1


def test_rows_sent_to_a_process_whose_end_is_not_yet_noticed_are_scored_again():
    async def ask(batcher):
        for scorer in batcher._scorers:
            scorer._out.transport.abort()
        await asyncio.sleep(0)  # closed now; that it is will be told next
        futures = batcher.submit([{"completion": "quick"}], None, explain=False)
        return [row["total"] for rows in await asyncio.gather(*futures) for row in rows]

    with running(in_processes(sleepy), workers=1) as client:
        [scorer] = client.batcher._scorers
        loop = scorer._listening.get_loop()
        asked = asyncio.run_coroutine_threadsafe(ask(client.batcher), loop)
        assert asked.result(60) == [1.0]


def test_what_was_taken_is_finished_before_the_server_stops(tmp_path):
    slow = Held(tmp_path, 40)
    with running(in_processes(sleepy), workers=1) as client, ThreadPoolExecutor(40) as threads:
        replies = [threads.submit(score, client, text) for text in slow.texts]
        wait_until(lambda: client.batcher.pending == 40)
        client.server.should_exit = True
        wait_until(lambda: not listening(client))
        slow.let_go()
        assert [reply.result().status_code for reply in replies] == [200] * 40


def listening(client):
    try:
        socket.create_connection((client.base_url.host, client.base_url.port)).close()
    except OSError:
        return False
    return True


def test_a_row_that_kills_its_process_is_given_up_and_the_others_are_scored():
    with running(in_processes(sleepy), workers=2) as client:
        with ThreadPoolExecutor(10) as threads:
            deadly = threads.submit(score, client, "die")
            others = [threads.submit(score, client, "quick") for _ in range(30)]
            assert all(future.result().json().get("totals") == [1.0] for future in others)
        assert deadly.result().status_code == 500
        assert "processes ended" in deadly.result().json()["detail"]


def test_slow_rows_beside_one_that_kills_processes_are_not_given_up(tmp_path):
    slow, name = Held(tmp_path, 5), "rewardkit_workers_replaced_total"
    with running(in_processes(sleepy), workers=1) as client, ThreadPoolExecutor(6) as threads:
        replies = [threads.submit(score, client, text) for text in slow.texts]
        slow.wait_until_begun()
        deadly = threads.submit(score, client, "die")
        wait_until(lambda: measured(client, name) >= 2)
        slow.let_go()
        assert [reply.result().status_code for reply in replies] == [200] * 5
        assert deadly.result().status_code == 500


def test_a_request_that_takes_too_long_is_told_so_and_its_process_replaced():
    with running(in_processes(sleepy), workers=1, deadline=1.0) as client:
        [pid] = client.batcher.pids
        assert score(client, "sleep 100").status_code == 504
        wait_until(lambda: client.batcher.pids not in ([pid], []))
        # A machine may be so busy that even this takes longer than the deadline.
        wait_until(lambda: score(client, "quick").json().get("totals") == [1.0])
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)


def test_who_comes_to_a_full_queue_is_told_when_to_come_back(tmp_path):
    slow = Held(tmp_path, 60)
    with (
        running(in_processes(sleepy), workers=1, queue=5) as client,
        ThreadPoolExecutor(60) as threads,
    ):
        replies = [threads.submit(score, client, text) for text in slow.texts]
        wait_until(lambda: sum(reply.done() for reply in replies) >= 20)
        slow.let_go()
        answers = [future.result() for future in replies]
        assert {answer.status_code for answer in answers} == {200, 429}
        assert all(int(a.headers["retry-after"]) > 0 for a in answers if a.status_code == 429)
        # However many rows a single request has, an empty queue takes it.
        assert len(score(client, *["quick"] * 100).json()["totals"]) == 100


def test_rows_of_clients_that_hang_up_are_not_scored(tmp_path):
    slow, noted = Held(tmp_path, 30), tmp_path / "noted"
    asked = json.dumps({"rows": [{"completion": f"note {noted}"}]}).encode()
    head = b"POST /v1/score HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
    counted = 'rewardkit_requests_total{route="/v1/score",status="499"}'
    with running(in_processes(sleepy), workers=1) as client, ThreadPoolExecutor(40) as threads:
        replies = [threads.submit(score, client, text) for text in slow.texts]
        wait_until(lambda: client.batcher.pending == 30)
        with socket.create_connection((client.base_url.host, client.base_url.port)) as raw:
            raw.sendall(head + b"Content-Length: %d\r\n\r\n" % len(asked) + asked)
            wait_until(lambda: client.batcher.pending == 31)
        wait_until(lambda: measured(client, counted) == 1.0)
        slow.let_go()
        assert all(reply.result().status_code == 200 for reply in replies)
        assert score(client, "last").json()["totals"] == [1.0]
        assert not noted.exists()
        score(client, f"note {noted}")
        assert noted.exists()


def test_a_reward_that_raises_is_a_failed_score_and_is_counted():
    with running(in_processes(exact, sleepy), workers=1) as client:
        reply = score(client, "raise", answer="raise").json()
        assert reply["totals"] == [1.0]
        assert reply["rows"][0]["scores"]["sleepy"]["failed"]
        assert score(client, "x").json()["totals"] == [1.0]
        text = client.get("/metrics").text
        assert 'rewardkit_scores_total{outcome="failed",reward="sleepy"} 1.0' in text
        assert 'rewardkit_scores_total{outcome="abstained",reward="exact"} 1.0' in text
        assert 'rewardkit_requests_total{route="/v1/score",status="200"} 2.0' in text
        assert 'rewardkit_request_seconds_bucket{le="+Inf",route="/v1/score"} 2.0' in text


def test_a_term_that_is_told_to_raise_fails_its_own_request_alone():
    suite = in_processes(sleepy).on_failure("raise")
    with running(suite, workers=1) as client, ThreadPoolExecutor(8) as threads:
        texts = ["raise" if i == 50 else "quick" for i in range(100)]
        replies = list(threads.map(lambda text: score(client, text), texts))
    assert [i for i, reply in enumerate(replies) if reply.status_code != 200] == [50]
    assert replies[50].status_code == 500
    assert "as it was told" in replies[50].json()["detail"]


def test_groups_of_two_requests_are_never_one_group():
    def size(completions):
        return [float(len(completions))] * len(completions)

    suite = rk.reward(group=True)(size).to_suite()
    with running(suite, workers=1) as client, ThreadPoolExecutor(20) as threads:
        replies = list(threads.map(lambda _: score(client, "a", "b", "c", prompt="p"), range(100)))
        assert {tuple(reply.json()["totals"]) for reply in replies} == {(3.0, 3.0, 3.0)}
        many = score(client, *["a"] * 200, prompt="p").json()["totals"]
        assert set(many) == {200.0}


def test_the_step_is_that_of_the_request():
    def one(completion):
        return 1.0

    suite = rk.Schedule(0.0, 1.0, 100) * in_processes(one)
    with running(suite, workers=1) as client:

        def ask(step):
            asked = {"rows": [{"completion": "a"}], "step": step}
            return client.post("/v1/score", json=asked)

        with ThreadPoolExecutor(20) as threads:
            replies = list(threads.map(ask, [i % 5 * 10 for i in range(100)]))
        assert [r.json()["totals"][0] for r in replies] == [i % 5 / 10 for i in range(100)]
        assert ask(None).status_code == 422
        assert "schedule" in ask(None).json()["detail"]


class _Future:
    def __init__(self, done=False):
        self.done = lambda: done


def lane_of(*sizes, whole=False, quick=0):
    """A lane with jobs that has seen so many quick units, one a second."""
    lane = Lane(b"", whole)
    for size in sizes:
        lane.put(Job(b"", size, _Future()))
    for second in range(quick):
        lane.note(0.001, now=float(second))
    return lane


def sizes(jobs):
    return [job.size for job in jobs]


def test_units_begin_with_one_job_and_grow_while_all_is_quick():
    lane = lane_of(*[1] * 200)
    taken = []
    for second in range(9):
        taken.append(len(lane.take()))
        lane.note(0.001, now=float(second))
    assert taken == [1, 1, 2, 4, 8, 16, 32, 64, 64]
    assert lane.rows == 200 - sum(taken) == len(lane.jobs)
    assert max(taken) == MOST_ROWS


def test_units_grow_no_faster_than_a_slow_one_is_found():
    lane = lane_of(*[1] * 200, quick=3)
    for _ in range(10):
        lane.note(0.001, now=2.05)
    assert len(lane.take()) == 4


def test_after_a_slow_unit_jobs_are_alone_until_all_has_been_calm():
    lane = lane_of(*[1] * 200, quick=6)
    lane.note_running(0.5, now=101.0)
    assert len(lane.take()) == 1
    lane.note(0.001, now=105.0)
    assert len(lane.take()) == 1
    lane.note(0.001, now=112.0)
    assert len(lane.take()) == 2


def test_a_job_is_never_divided_and_those_that_nobody_awaits_are_left_out():
    lane = lane_of(3, 3, 3, 100, 2, quick=4)
    lane.jobs[1].scores = _Future(done=True)
    assert sizes(lane.take()) == [3, 3]
    assert sizes(lane.take()) == [100]
    assert sizes(lane.take()) == [2]
    assert lane.rows == 0


def test_a_job_whose_process_ended_is_scored_alone():
    lane = lane_of(1, 1, 1, quick=5)
    lane.jobs[0].tries = 1
    assert len(lane.take()) == 1
    assert len(lane.take()) == 2


def test_rows_that_are_compared_are_never_mixed_with_others():
    assert len(lane_of(1, 1, whole=True, quick=5).take()) == 1

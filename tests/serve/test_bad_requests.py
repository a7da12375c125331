import json
import socket

import pytest

from rewardkit.serve import Settings
from rewardkit.serve.bodies import BodyError, parse_json
from rewardkit.serve.running import make_server
from tests.serve.served import exact, in_processes, running

JSON = {"content-type": "application/json"}
OK = {"rows": [{"completion": "4", "answer": "4"}]}


@pytest.mark.parametrize(
    ("path", "body", "status", "said"),
    [
        ("/v1/score", b"", 400, "not JSON"),
        ("/v1/score", b"{", 400, "not JSON"),
        ("/v1/score", b'{"rows": [{"completion": NaN}]}', 400, "NaN"),
        ("/v1/score", b'{"rows": [{"completion": -Infinity}]}', 400, "-Infinity"),
        ("/v1/score", b'{"rows": [{"x": 1e999}]}', 400, "beyond a float"),
        ("/v1/score", b'{"rows": [{"x": ' + b"9" * 5_000 + b"}]}", 400, "not JSON"),
        ("/v1/score", b'"\xff"', 400, "not JSON"),
        ("/v1/score", b'"\xed\xa0\x80"', 400, "not JSON"),
        ("/v1/score", '{"rows": []}'.encode("utf-16"), 400, "not JSON"),
        ("/v1/score", b"[" * 200_000, 400, "deep"),
        ("/v1/score", b"[" * 500 + b"]" * 500, 400, "deep"),
        (
            "/v1/score",
            b'{"rows": [' + b'{"completion":' * 900 + b"1" + b"}" * 900 + b"]}",
            400,
            "",
        ),
        ("/v1/score", b"[]", 422, "ScoreRequest"),
        ("/v1/score", b"{}", 422, "rows: Field required"),
        ("/v1/score", b'{"rows": [{"completion": "4"}, 5]}', 422, "rows.1: "),
        ("/v1/score", b'{"rows": [], "setp": 3}', 422, "setp: "),
        ("/v1/score", b'{"rows": [], "step": "3"}', 422, "step: "),
        ("/v1/score", b'{"rows": [{"text": "4"}]}', 422, "`completion`"),
        ("/get_reward", b'{"query": ["a"]}', 422, "prompts: "),
        ("/get_reward", b'{"query": ["a"], "prompts": []}', 422, "of one length"),
        ("/get_reward", b'{"query": [], "prompts": []}', 422, "query: "),
        ("/get_reward", b'{"query": [null], "prompts": ["a"]}', 422, "query.0: "),
        ("/slime", b'{"prompt": "a", "response": null}', 422, "response: "),
        ("/llama-factory", b'{"messages": "a"}', 422, "messages: "),
        ("/verify", b'{"response": {"output": []}}', 422, "responses_create_params: "),
    ],
)
def test_what_is_wrong_with_a_body_is_said(client, path, body, status, said):
    reply = client.post(path, content=body, headers=JSON)
    assert reply.status_code == status
    assert said in reply.json()["detail"]


@pytest.mark.parametrize(
    "row",
    [
        {"completion": None, "answer": "4"},
        {"completion": 5, "answer": "4"},
        {"completion": [{"role": "tool", "content": "4"}], "answer": "4"},
        {"completion": [{"role": "assistant", "content": [{"type": "image_url"}]}]},
        {"completion": "4", "answer": {"a": [1]}, "unknown": {}},
        {"completion": "\ud800", "answer": "\udfff"},
        {"completion": "\0", "prompt": [[]]},
    ],
)
def test_what_is_wrong_with_a_row_is_data(client, row):
    body = json.dumps({"rows": [row, *OK["rows"]]})
    reply = client.post("/v1/score", content=body, headers=JSON)
    assert reply.status_code == 200
    assert reply.json()["totals"][1] == 2.0


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (rb'"a\ud800b"', "a?b"),
        (rb'"\ud83d\ude00"', "\U0001f600"),
        (rb'"\\ud800"', r"\ud800"),
        (rb'{"\udc00": 1}', {"?": 1}),
    ],
)
def test_half_characters_become_question_marks_and_whole_ones_stay(text, value):
    assert parse_json(text) == value


def test_json_may_be_nested_a_hundred_deep():
    assert parse_json(b"[" * 100 + b"]" * 100)
    with pytest.raises(BodyError, match="100 levels"):
        parse_json(b"[" * 101 + b"]" * 101)


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        ("application/json", 200),
        ("application/json; charset=utf-8", 200),
        ("Application/JSON", 200),
        ("application/vnd.api+json", 200),
        ("text/plain", 415),
        ("application/x-www-form-urlencoded", 415),
        ("", 415),
    ],
)
def test_a_body_must_say_that_it_is_json(client, kind, status):
    headers = {"content-type": kind} if kind else {}
    reply = client.post("/v1/score", content=b'{"rows": []}', headers=headers)
    assert reply.status_code == status


def test_a_compressed_body_is_refused(client):
    headers = {**JSON, "content-encoding": "gzip"}
    assert client.post("/v1/score", content=b"x", headers=headers).status_code == 415


def test_a_body_that_is_too_long_is_refused_whatever_it_says_of_its_length():
    def pieces():
        for _ in range(100):
            yield b" " * 1_000

    with running(in_processes(exact), body=10_000, workers=1) as client:
        assert client.post("/v1/score", json=OK).status_code == 200
        long = client.post("/v1/score", content=b" " * 10_001, headers=JSON)
        assert long.status_code == 413
        assert client.post("/v1/score", content=pieces(), headers=JSON).status_code == 413
        # One that claims more than it sends is refused before it has sent anything.
        address = client.base_url.host, client.base_url.port
        with socket.create_connection(address, timeout=10) as raw:
            raw.sendall(
                b"POST /v1/score HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
                b"Content-Length: 1000000000\r\n\r\n"
            )
            assert b" 413 " in raw.recv(4096).split(b"\r\n")[0]


def test_a_body_that_does_not_come_to_its_end_is_given_up_and_holds_up_no_other():
    head = b"POST /v1/score HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
    with running(in_processes(exact), deadline=3.0, workers=1) as client:
        address = client.base_url.host, client.base_url.port
        slow = [socket.create_connection(address, timeout=60) for _ in range(20)]
        for number, raw in enumerate(slow):
            chunked = b'Transfer-Encoding: chunked\r\n\r\n3\r\n{"r\r\n'
            raw.sendall(head + (b'Content-Length: 20\r\n\r\n{"r' if number % 2 else chunked))
        assert client.post("/v1/score", json=OK).status_code == 200
        assert all(b" 408 " in raw.recv(4096).split(b"\r\n")[0] for raw in slow)
        assert client.post("/v1/score", json=OK).status_code == 200
        for raw in slow:
            raw.close()


def test_a_connection_that_rests_is_kept():
    # Of a client that asks again just when the server closes it, the request would be lost.
    server = make_server(in_processes(exact), Settings(port=0))
    assert server.config.timeout_keep_alive > 60


@pytest.mark.parametrize(
    ("headers", "auth", "status"),
    [
        ({}, None, 401),
        ({"authorization": "Bearer s3cret-ü"}, None, 200),
        ({"authorization": "bearer  s3cret-ü"}, None, 200),
        ({"authorization": "Bearer s3cret"}, None, 401),
        ({"authorization": "Bearer"}, None, 401),
        ({"authorization": "s3cret-ü"}, None, 401),
        ({"authorization": "Digest s3cret-ü"}, None, 401),
        ({"authorization": "Basic !!!"}, None, 401),
        ({}, ("any", "s3cret-ü"), 200),
        ({}, ("s3cret-ü", ""), 401),
    ],
)
def test_without_the_token_there_is_no_answer(guarded, headers, auth, status):
    headers = {name: value.encode() for name, value in headers.items()}
    for path in ("/v1/score", "/get_reward", "/slime", "/llama-factory", "/verify"):
        reply = guarded.post(path, json={}, headers=headers, auth=auth)
        assert (reply.status_code == 401) == (status == 401), path
    for path in ("/metrics", "/openapi.json", "/docs"):
        reply = guarded.get(path, headers=headers, auth=auth)
        assert (reply.status_code == 401) == (status == 401), path


@pytest.fixture(scope="module")
def guarded():
    with running(in_processes(exact), token="s3cret-ü", workers=1) as client:
        yield client


def test_health_is_told_without_a_token(guarded):
    assert guarded.get("/health").json() == {"status": "ready"}
    assert guarded.get("/health/live").json() == {"status": "live"}


def test_other_routes_and_methods_are_not_found(client):
    assert client.get("/v1/score").status_code == 405
    assert client.post("/v1/other", json={}).status_code == 404

import math

import httpx
import pytest

from rewardkit.serve.protocols import messages_of
from rewardkit.trainers.labels import labelled
from rewardkit.trainers.queries import response
from tests.serve.served import exact, in_processes, running

DEEP = '{"a":' * 101 + "1" + "}" * 101
NO_TESTS = {"inputs": None, "outputs": None}
ROWS = [
    {"prompt": "2+2", "completion": "4", "answer": "4"},
    {"prompt": "2+2", "completion": "5", "answer": "4"},
]


def test_rows_are_scored_in_order_with_a_reason_for_every_number(client):
    reply = client.post("/v1/score", json={"rows": ROWS}).json()
    assert reply["totals"] == [2.0, 1.0]
    assert reply["rows"][1]["scores"] == {
        "exact": {"value": 0.0, "reason": "differs", "failed": False},
        "sleepy": {"value": 1.0, "reason": "sleepy returned 1", "failed": False},
    }
    assert "explanation" not in reply["rows"][0]


def test_totals_are_explained_where_that_is_asked_for(client, suite):
    reply = client.post("/v1/score", json={"rows": ROWS, "explain": True}).json()
    assert [row["explanation"] for row in reply["rows"]] == [
        suite.score(ROWS).explain(place) for place in range(2)
    ]


def test_a_request_of_many_rows_comes_back_whole_and_in_order(client):
    rows = [{"completion": str(i), "answer": str(i % 7)} for i in range(300)]
    reply = client.post("/v1/score", json={"rows": rows}).json()
    assert reply["totals"] == [1.0 + (i < 7) for i in range(300)]


def test_no_rows_have_no_scores(client):
    assert client.post("/v1/score", json={"rows": []}).json() == {"totals": [], "rows": []}


def test_openrlhf_gets_numbers_for_one_query_and_lists_for_several(client):
    one = {"query": ["<s>2+2?4<|im_end|>"], "prompts": ["2+2?"], "labels": ["4"]}
    assert client.post("/get_reward", json=one).json() == {
        "rewards": 2.0,
        "scores": 2.0,
        "extra_logs": {"exact": 1.0, "sleepy": 1.0},
    }
    two = {"query": ["2+2?4", "2+2?5"], "prompts": ["2+2?"] * 2, "labels": ['{"answer": "4"}'] * 2}
    assert client.post("/get_reward", json=two).json() == {
        "rewards": [2.0, 1.0],
        "scores": [2.0, 1.0],
        "extra_logs": {"exact": [1.0, 0.0], "sleepy": [1.0, 1.0]},
    }


def test_slime_gets_bare_json_for_a_sample_and_for_a_group(client):
    sample = {"prompt": "2+2", "response": "4", "label": "4", "metadata": {}}
    assert client.post("/slime", json=sample).json() == 2.0
    other = {**sample, "label": {"answer": "5"}}
    assert client.post("/slime", json=[sample, other]).json() == [2.0, 1.0]
    assert client.post("/slime", json=[]).json() == []


def test_llama_factory_gets_a_score_a_conversation(client):
    reply = client.post("/llama-factory", json={"model": "model", "messages": ["a", "b</s>"]})
    assert reply.json() == {"scores": [1.0, 1.0]}


def test_nemo_gym_gets_its_request_with_the_reward(client):
    text = {"type": "message", "content": [{"type": "output_text", "text": "4"}]}
    asked = {
        "responses_create_params": {"input": [{"role": "user", "content": "2+2"}], "top_p": 1.0},
        "response": {"id": "r1", "output": [text]},
        "answer": "4",
    }
    assert client.post("/verify", json=asked).json() == {**asked, "reward": 2.0}


def test_a_row_without_a_score_is_none_in_rows_and_a_number_to_trainers():

    sample = {"prompt": "2+2", "response": "4"}
    with running(in_processes(exact), unscored=-1.0, workers=1) as client:
        assert client.post("/slime", json=sample).json() == -1.0
        reply = client.post("/v1/score", json={"rows": [{"completion": "4"}]}).json()
        assert reply["totals"] == [None]


@pytest.mark.parametrize(
    ("label", "columns"),
    [
        ("4", {"answer": "4"}),
        (4, {"answer": 4}),
        (None, {"answer": None}),
        ("{4, 5}", {"answer": "{4, 5}"}),
        ('{"answer": "4", "language": "en"}', {"answer": "4", "language": "en"}),
        ({"tests": ["assert f()"]}, {"tests": ["assert f()"]}),
        ('{"completion": "hacked"}', {}),
        ('["a"]', {"answer": '["a"]'}),
        ("{" * 100_000, {"answer": "{" * 100_000}),
        ('{"a":' * 100_000, {"answer": '{"a":' * 100_000}),
        (DEEP, {"answer": DEEP}),
        ('{"a": NaN, "label": 1}', {"a": pytest.approx(math.nan, nan_ok=True), "label": 1}),
        ({"inputs": None, "outputs": None, "answer": "4"}, NO_TESTS | {"answer": "4"}),
        ({"inputs": [1], "outputs": [2]}, {"tests": {"inputs": [1], "outputs": [2]}}),
        (
            {"inputs": [1], "outputs": [2], "language": "en"},
            {"tests": {"inputs": [1], "outputs": [2], "language": "en"}, "language": "en"},
        ),
    ],
)
def test_a_label_is_an_answer_or_columns_and_never_the_completion(label, columns):
    assert labelled({"completion": "c"}, label) == {"completion": "c", "label": label, **columns}


@pytest.mark.parametrize(
    ("prompt", "query", "completion"),
    [
        ("a?", "a?b", "b"),
        ("a?", "<pad><pad><s>a?b", "b"),
        ("s", "<s>s b", " b"),
        ("<|im_start|>a?", "<pad>\n<|im_start|>a?b<|im_end|>\n", "b"),
        ("<bos>" + "x" * 40 + "a?", "<s>" + "x" * 40 + "a?b", "b"),
        ("x\u0301" + "y" * 60 + "a?", "\u00e1" + "y" * 60 + "a?b", "b"),
        ("a?", "something else", "something else"),
        ("", "b", "b"),
    ],
)
def test_the_completion_is_what_follows_the_prompt(prompt, query, completion):
    assert response(query, prompt) == completion


def test_a_tag_at_the_end_is_kept_though_it_looks_like_a_special_token():
    query = "q<|answer|>4<|/answer|><|im_end|>"
    assert response(query, "q", ("<|answer|>", "<|/answer|>")) == "<|answer|>4<|/answer|>"


def test_reasoning_items_go_with_the_message_that_follows():
    output = [
        {"type": "reasoning", "summary": [{"type": "summary_text", "text": "so"}]},
        {"type": "function_call", "name": "f", "arguments": "{}"},
        {"type": "message", "role": "assistant", "content": [{"text": "4"}]},
        {"type": "reasoning", "content": [{"text": "cut"}, {"odd": 1}]},
    ]
    assert messages_of(output) == [
        {"role": "assistant", "content": [{"text": "4"}], "reasoning_content": "so"},
        {"role": "assistant", "content": "", "reasoning_content": "cut"},
    ]


@pytest.mark.parametrize(
    ("content", "thinking"),
    [
        ("so", "so"),
        (["so", {"text": "then"}], "so\nthen"),
        ({"text": "so"}, "so"),
        ([{"text": 5}, {"text": None}, 5, None, [[]]], None),
        (6.6e16, None),
        (True, None),
        ({"a": 1}, None),
    ],
)
def test_a_reasoning_item_may_hold_anything(content, thinking):
    for field in ("content", "summary"):
        messages = messages_of([{"type": "reasoning", field: content}])
        assert [message["reasoning_content"] for message in messages] == [thinking] * bool(
            thinking
        )


def test_every_route_is_in_the_description(client):
    described = client.get("/openapi.json").json()
    assert {"/v1/score", "/get_reward", "/slime", "/llama-factory", "/verify"} <= set(
        described["paths"]
    )
    assert "query" in described["components"]["schemas"]["OpenRLHFRequest"]["properties"]
    assert httpx.codes.is_success(client.get("/docs").status_code)

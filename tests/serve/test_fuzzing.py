import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rewardkit.serve.protocols import PROTOCOLS

TEXT = st.text(st.characters(), max_size=20)  # half characters, too
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | TEXT
JSON = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=8,
)
MESSAGES = st.lists(
    st.fixed_dictionaries({}, optional={"role": JSON, "content": JSON, "type": JSON}), max_size=3
)
CELL = JSON | MESSAGES
ROW = st.fixed_dictionaries(
    {"completion": CELL}, optional={"prompt": CELL, "answer": CELL, "prompt_id": CELL}
)
OUTPUT = st.lists(
    st.fixed_dictionaries(
        {"type": st.sampled_from(["message", "reasoning", "x"])},
        optional={"content": JSON | MESSAGES, "summary": JSON | MESSAGES, "role": JSON},
    ),
    max_size=3,
)
BODIES = {
    "/v1/score": st.fixed_dictionaries(
        {"rows": st.lists(ROW, max_size=3)}, optional={"step": JSON, "explain": JSON}
    ),
    "/get_reward": st.integers(1, 3).flatmap(
        lambda n: st.fixed_dictionaries(
            {
                "query": st.lists(TEXT, min_size=n, max_size=n),
                "prompts": st.lists(TEXT, min_size=n, max_size=n),
                "labels": st.lists(JSON | JSON.map(json.dumps), min_size=n, max_size=n),
            }
        )
    ),
    "/slime": st.fixed_dictionaries(
        {"prompt": TEXT | MESSAGES, "response": TEXT, "label": JSON | JSON.map(json.dumps)}
    ),
    "/llama-factory": st.fixed_dictionaries({"messages": st.lists(TEXT, max_size=3)}),
    "/verify": st.fixed_dictionaries(
        {
            "responses_create_params": st.fixed_dictionaries({"input": TEXT | MESSAGES}),
            "response": st.fixed_dictionaries({"output": OUTPUT}),
        },
        optional={"answer": JSON, "prompt": JSON, "reward": JSON},
    ),
}


def test_every_protocol_is_fuzzed():
    assert {protocol.path for protocol in PROTOCOLS} == set(BODIES)


@pytest.mark.parametrize("path", BODIES)
def test_no_body_breaks_the_server(client, path):
    @settings(max_examples=60, deadline=None, database=None)
    @given((BODIES[path] | JSON).map(lambda body: json.dumps(body).encode()) | st.binary())
    def ask(body):
        reply = client.post(path, content=body, headers={"content-type": "application/json"})
        assert reply.status_code in (200, 400, 422), reply.text
        reply.json()

    ask()

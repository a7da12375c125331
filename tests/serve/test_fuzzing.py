"""Requests of any form: through each protocol's reader and writer, and to a server that runs."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from rewardkit.errors import ContractError
from rewardkit.serve.bodies import BodyError, parse_json
from rewardkit.serve.protocols import PROTOCOLS, Answer
from rewardkit.serve.scoring import score_rows
from tests.serve.served import exact, in_processes

TEXT = st.text(st.characters(), max_size=20)  # half characters, too
INTEGERS = st.integers() | st.just(10**4_000)
SCALARS = (
    st.none() | st.booleans() | INTEGERS | st.floats(allow_nan=False, allow_infinity=False) | TEXT
)
JSON = SCALARS | st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=8,
)
PARTS = JSON | st.lists(st.fixed_dictionaries({"text": JSON}, optional={"type": JSON}), max_size=3)
MESSAGES = st.lists(
    st.fixed_dictionaries({}, optional={"role": JSON, "content": PARTS, "type": JSON}), max_size=3
)
CELL = JSON | MESSAGES
ROW = st.fixed_dictionaries(
    {"completion": CELL}, optional={"prompt": CELL, "answer": CELL, "prompt_id": CELL}
)
OUTPUT = st.lists(
    st.fixed_dictionaries(
        {"type": st.sampled_from(["message", "reasoning", "function_call", 5])},
        optional={"content": PARTS, "summary": PARTS, "role": JSON},
    ),
    min_size=1,
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
            "response": st.fixed_dictionaries({"output": OUTPUT}, optional={"usage": JSON}),
        },
        optional={"answer": JSON, "prompt": JSON, "reward": JSON, "model_extra": JSON},
    ),
}

# Not that what fits the description is taken: a reward's column may be missing.
CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
    "negative_data_rejection",
    "unsupported_method",
)


def test_every_protocol_is_fuzzed():
    assert {protocol.path for protocol in PROTOCOLS} == set(BODIES)


@pytest.mark.parametrize("protocol", PROTOCOLS, ids=lambda protocol: protocol.path)
def test_no_body_breaks_a_protocol(protocol):
    suite = in_processes(exact)

    @settings(max_examples=100, deadline=None, database=None, derandomize=True)
    @given(BODIES[protocol.path])
    def ask(body):
        try:
            asked = protocol.model.model_validate(parse_json(json.dumps(body).encode()))
            task = protocol.read(asked)
            rows = json.loads(json.dumps(task.rows))
            scores = score_rows(suite, rows, task.step, explain=task.explain)
        except (BodyError, ValidationError, ContractError):
            return
        json.dumps(protocol.write(asked, Answer(scores, 0.0)), allow_nan=False)

    ask()


def test_a_server_holds_to_its_own_description(client, tmp_path):
    done = subprocess.run(
        [
            Path(sys.executable).with_name("schemathesis"),
            "run",
            str(client.base_url.join("/openapi.json")),
            f"--checks={','.join(CHECKS)}",
            "--max-examples=12",
            "--seed=0",
            "--no-color",
        ],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert client.get("/health").json() == {"status": "ready"}

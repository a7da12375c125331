import contextlib
import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest

from rewardkit.errors import OptionError
from rewardkit.serve import Settings

COMMAND = [sys.executable, "-m", "rewardkit", "serve"]
RECIPE = "[rewards.format]\n"


@contextlib.contextmanager
def serving(tmp_path, *options, **env):
    """A server as its own process, and its address."""
    (tmp_path / "recipe.toml").write_text(RECIPE)
    command = [*COMMAND, "--recipe", str(tmp_path / "recipe.toml"), "--port", "0", *options]
    process = subprocess.Popen(
        command, stderr=subprocess.PIPE, text=True, env={**os.environ, **env}
    )
    try:
        said = ""
        for line in process.stderr:
            said += line
            if found := re.search(r"running on (http://\S+)", line):
                break
        else:
            pytest.fail(said)
        yield process, found[1]
    finally:
        process.kill()
        process.communicate()


def refused(*options, **env):
    env = {**os.environ, "NO_COLOR": "1", **env}
    return subprocess.run(
        [*COMMAND, *options], capture_output=True, text=True, check=False, env=env, timeout=60
    )


@pytest.mark.parametrize(("name", "codes"), [("SIGTERM", (0, -15)), ("SIGINT", (0, 130))])
def test_it_stops_when_it_is_told_to(tmp_path, name, codes):
    with serving(tmp_path, "--workers", "1") as (process, _):
        process.send_signal(getattr(signal, name))
        assert process.wait(60) in codes
        assert "Application shutdown complete" in process.stderr.read()


def test_the_token_comes_from_the_environment(tmp_path):
    with serving(tmp_path, "--workers", "1", REWARDKIT_TOKEN="s3cret") as (_, address):
        row = {"completion": "<think>a</think><answer>b</answer>"}
        asked = {"rows": [row]}
        assert httpx.post(f"{address}/v1/score", json=asked).status_code == 401
        headers = {"authorization": "Bearer s3cret"}
        reply = httpx.post(f"{address}/v1/score", json=asked, headers=headers, timeout=60)
        assert reply.json()["totals"] == [1.0]
        # A trainer that knows of nothing but an address shows it there.
        inside = address.replace("://", "://any:s3cret@")
        assert httpx.post(f"{inside}/v1/score", json=asked, timeout=60).status_code == 200


def test_processes_end_with_a_server_that_is_killed(tmp_path):
    with serving(tmp_path, "--workers", "2") as (process, _):
        listed = subprocess.run(
            ["ps", "-o", "pid=", "--ppid", str(process.pid)], capture_output=True, text=True
        )
        pids = [int(pid) for pid in listed.stdout.split()]
        assert len(pids) == 2
        process.kill()
        process.wait()
        until = time.monotonic() + 30
        while any(map(alive, pids)) and time.monotonic() < until:
            time.sleep(0.05)
        assert not any(map(alive, pids))


def alive(pid):
    # Whoever inherits what has ended may take its time to say so: a zombie is dead.
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    return False


def test_it_listens_beyond_this_machine_only_with_a_token_or_when_told():
    done = refused("--preset", "r1-zero", "--host", "0.0.0.0", REWARDKIT_TOKEN="")
    assert done.returncode == 2
    assert "REWARDKIT_TOKEN" in done.stderr
    assert Settings(host="0.0.0.0", token="s3cret").host == "0.0.0.0"
    assert Settings(host="0.0.0.0", open_to_all=True).host == "0.0.0.0"
    with pytest.raises(OptionError, match="REWARDKIT_TOKEN"):
        Settings(host="example.org")


@pytest.mark.parametrize("host", ["127.0.0.1", "127.3.2.1", "::1", "localhost"])
def test_this_machine_alone_needs_no_token(host):
    assert Settings(host=host).token == ""


def test_the_token_is_not_shown():
    assert "s3cret" not in repr(Settings(token="s3cret"))


@pytest.mark.parametrize(
    "wrong",
    [
        {"workers": 0},
        {"queue": 0},
        {"deadline": 0},
        {"deadline": float("nan")},
        {"window": -1},
        {"body": 0},
        {"port": 65_536},
        {"unscored": float("inf")},
    ],
)
def test_numbers_out_of_their_range_are_refused(wrong):
    with pytest.raises(OptionError, match=next(iter(wrong))):
        Settings(**wrong)


def test_a_missing_package_is_named_with_what_to_install(tmp_path):
    (tmp_path / "fastapi.py").write_text("raise ImportError('No fastapi', name='fastapi')\n")
    done = refused("--preset", "r1-zero", PYTHONPATH=str(tmp_path))
    assert done.returncode == 2
    assert "pip install 'rewardkit[serve]'" in done.stderr


def test_a_recipe_without_rewards_is_refused(tmp_path):
    (tmp_path / "recipe.toml").write_text("[filters.truncated]\n")
    done = refused("--recipe", str(tmp_path / "recipe.toml"))
    assert done.returncode == 2
    assert "[rewards]" in done.stderr


def test_importing_the_command_line_imports_no_server():
    code = "import rewardkit.cli, sys; print(json.dumps([m for m in ('fastapi', 'uvicorn', "
    code += "'prometheus_client') if m in sys.modules]))"
    done = subprocess.run(
        [sys.executable, "-c", f"import json; {code}"], capture_output=True, text=True, check=True
    )
    assert json.loads(done.stdout) == []

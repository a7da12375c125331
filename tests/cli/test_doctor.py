"""`rewardkit doctor` says whether untrusted code can be run, to people and to scripts."""

import json
import sys

import pytest
from typer.testing import CliRunner

from rewardkit.cli import app
from rewardkit.errors import SandboxError
from rewardkit.sandbox import doctor, zygotes


def run(*arguments):
    return CliRunner().invoke(app._app(), ["doctor", *arguments])


@pytest.fixture
def refused(monkeypatch):
    def refuse(self, isolation, settings):
        raise SandboxError(f"no {isolation} on this machine")

    monkeypatch.setattr(zygotes.Zygote, "__init__", refuse)


def test_it_says_what_the_sandbox_says():
    done, report = run(), doctor()
    assert done.stdout == f"{report}\n"
    assert done.exit_code == (0 if report.isolation else 1)


def test_scripts_get_it_as_json():
    done = run("--json")
    found = json.loads(done.stdout)
    assert found["isolation"] == doctor().isolation
    for check in found["checks"]:
        assert sorted(check) == ["detail", "name", "present", "remedy"]


@pytest.mark.parametrize("arguments", [(), ("--json",)])
def test_where_nothing_can_be_had_the_exit_code_and_the_remedies_say_so(refused, arguments):
    done = run(*arguments)
    assert done.exit_code == 1
    for words in (
        "no namespaces on this machine",
        "no seccomp on this machine",
        "unshare",
        "lsm=",
    ):
        assert words in done.stdout


def test_a_missing_toolchain_is_no_obstacle_and_says_its_package(monkeypatch, tmp_path):
    monkeypatch.setattr("rewardkit.sandbox.toolchains.shutil.which", lambda *a, **k: None)
    done = run()
    assert done.exit_code == (0 if doctor().isolation else 1)
    assert (
        "no   rustc: 'rustc' is not installed\n     to get it: apt-get install rustc"
        in done.stdout
    )


def test_a_forbidding_setting_is_told_with_the_command_that_undoes_it(monkeypatch, tmp_path):
    setting = tmp_path / "max_user_namespaces"
    setting.write_text("0\n")
    rule = (str(setting), "0", "sysctl user.max_user_namespaces=15000")
    module = sys.modules["rewardkit.sandbox.doctor"]  # the package has a function of this name
    monkeypatch.setattr(module, "_USER_NAMESPACES", (rule,))
    done = run()
    assert "no   user namespaces: forbidden" in done.stdout
    assert "to get it: sysctl user.max_user_namespaces=15000" in done.stdout

"""A stranger's plugin: built, installed in a fresh environment, found by its entry point."""

import json
import os
import shutil
import subprocess
import sys
import sysconfig
import textwrap
import venv
import zipfile
from pathlib import Path

import pytest

SOURCE = Path(__file__).parent / "third_party_plugin"

pytest.importorskip("hatchling", reason="the plugin's build backend: pip install hatchling")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """The wheel that the plugin's own build backend makes of it, as pip would have it made."""
    folder = tmp_path_factory.mktemp("build")
    project = shutil.copytree(SOURCE, folder / "project")
    code = f"from hatchling.build import build_wheel; build_wheel({str(folder)!r})"
    subprocess.run([sys.executable, "-c", code], cwd=project, check=True, capture_output=True)
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def python(wheel, tmp_path_factory):
    """A fresh environment's interpreter, with rewardkit as it is here and the plugin installed."""
    folder = tmp_path_factory.mktemp("environment")
    venv.create(folder, symlinks=os.name != "nt")
    scheme = {"base": str(folder), "platbase": str(folder)}
    site = Path(sysconfig.get_path("purelib", "venv", scheme))
    # Neither pip nor an index is needed: a wheel of pure Python is installed by unpacking it. What
    # is installed here is seen through a .pth file, editable installs included.
    zipfile.ZipFile(wheel).extractall(site)
    here = {sysconfig.get_path("purelib"), sysconfig.get_path("platlib")}
    lines = [f"import site; site.addsitedir({path!r})\n" for path in sorted(here)]
    (site / "here.pth").write_text("".join(lines))
    return Path(sysconfig.get_path("scripts", "venv", scheme)) / "python"


def run(python, code, **environment):
    done = subprocess.run(
        [python, "-I" if not environment else "-s", "-c", textwrap.dedent(code)],
        capture_output=True,
        text=True,
        check=False,
        cwd=python.parent,
        env={**os.environ, **environment},
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_the_wheel_holds_the_package_the_recipe_and_the_entry_point(wheel):
    names = zipfile.ZipFile(wheel).namelist()
    assert "brevity_plugin/__init__.py" in names
    assert "brevity_plugin/brief.toml" in names
    assert "rewardkit_brevity-1.2.0.dist-info/entry_points.txt" in names


def test_an_installed_plugin_is_found_with_all_that_it_brings(python):
    found = run(
        python,
        """
        import json
        import rewardkit as rk
        registry = rk.Registry()
        rows = [{"completion": "<think>why</think>short"}, {"completion": "long" * 999}]
        scored = rk.suite(brevity=0.5).score(rows)
        print(json.dumps({
            "plugins": registry.plugins,
            "brings": registry.provided_by("brevity"),
            "origin": registry.origins["brevity"],
            "broken": registry.broken,
            "summary": rk.get_reward("brevity").summary,
            "totals": scored.totals,
            "reason": scored.scores["brevity"][0].reason,
            "kept": len(rk.filter_chain(rambling={"most": 3}).filter(rows).kept),
        }))
        """,
    )
    assert "brevity" in found["plugins"]
    assert found["origin"] == "brevity_plugin of rewardkit-brevity 1.2.0"
    assert found["brings"] == {
        "rewards": ["brevity"],
        "filters": ["rambling"],
        "presets": ["brief"],
    }
    assert found["broken"] == {}
    assert found["summary"].startswith("1.0 when the response")
    assert found["totals"] == [0.5, 0.0]
    assert found["reason"] == "5 characters"
    assert found["kept"] == 1


def test_its_preset_is_a_recipe_by_name(python):
    totals = run(
        python,
        """
        import json
        import rewardkit as rk
        recipe = rk.preset("brief")
        print(json.dumps(recipe.score([{"completion": "a" * n} for n in (500, 501)]).totals))
        """,
    )
    assert totals == [1.0, 0.0]


def test_what_it_brings_keeps_the_contract(python):
    found = run(
        python,
        """
        import brevity_plugin
        from rewardkit.testing import check_filter, check_reward
        check_reward(brevity_plugin.brevity, [{"completion": "a"}])
        check_filter(brevity_plugin.rambling, [{"completion": "a"}])
        print("true")
        """,
    )
    assert found is True


def test_it_is_blocked_by_name(python):
    found = run(
        python,
        """
        import json
        import rewardkit as rk
        registry = rk.Registry()
        print(json.dumps([registry.disabled, sorted(registry.rewards)]))
        """,
        REWARDKIT_DISABLE_PLUGINS="brevity",
    )
    assert found[0] == ["brevity"]
    assert "brevity" not in found[1]

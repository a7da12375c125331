"""What the README and the docs show is run."""

import re
import shlex
import sys
import tomllib
import types
from pathlib import Path

import pytest

from rewardkit.cli import main
from rewardkit.recipes import load_recipe

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def blocks(page, language):
    return [text for tag, text in BLOCK.findall(page.read_text("utf-8")) if tag == language]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_the_python_of_a_page_runs(page, monkeypatch):
    code = blocks(page, "python")
    # A module of its own, so that what is defined there can be found again, as in a file.
    module = types.ModuleType(f"page_{page.stem}")
    monkeypatch.setitem(sys.modules, module.__name__, module)
    monkeypatch.chdir(ROOT)
    for number, text in enumerate(code):
        exec(compile(text, f"{page.name}, block {number}", "exec"), module.__dict__)
    assert code or page.stem in ("api", "benchmarks", "code", "recipes", "security")


def test_the_recipe_of_the_docs_can_be_read(tmp_path):
    [text] = blocks(ROOT / "docs" / "recipes.md", "toml")
    path = tmp_path / "recipe.toml"
    path.write_text(text, "utf-8")
    assert (
        load_recipe(path).tables.model_dump(exclude_unset=True)["select"]
        == tomllib.loads(text)["select"]
    )


@pytest.mark.parametrize(("page", "count"), [("README.md", 5), ("docs/metrics.md", 4)])
def test_the_commands_of_a_page_run_in_their_order(page, count, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    shown = [line for text in blocks(ROOT / page, "text") for line in text.splitlines()]
    printed = []
    Path("examples").symlink_to(ROOT / "examples")
    lines = [line for block in blocks(ROOT / page, "") for line in block.splitlines()]
    commands = [line for line in lines if line.startswith("rewardkit ")]
    assert len(commands) == count
    for command in commands:
        line, _, target = command.partition(" > ")
        monkeypatch.setattr("sys.argv", shlex.split(line))
        with pytest.raises(SystemExit) as done:
            main()
        said = capsys.readouterr()
        assert done.value.code == 0, f"{command}\n{said.err}"
        printed += map(str.rstrip, said.out.splitlines())
        if target:
            Path(target).write_text(said.out, "utf-8")
    assert [line for line in shown if line not in printed] == []


@pytest.mark.parametrize(
    "page",
    [*PAGES, *(ROOT / "examples").rglob("README.md")],
    ids=lambda page: str(page.relative_to(ROOT)),
)
def test_every_link_of_a_page_leads_somewhere(page):
    links = re.findall(r"\]\(([^)#:]+)[^)]*\)", page.read_text("utf-8"))
    assert [link for link in links if not (page.parent / link).exists()] == []


def test_every_make_target_that_the_readme_names_exists():
    named = re.findall(r"^make ([\w-]+)", (ROOT / "README.md").read_text("utf-8"), re.MULTILINE)
    makefile = (ROOT / "Makefile").read_text("utf-8")
    assert [target for target in named if f"\n{target}:" not in makefile] == []

"""Layers: a module imports its own layer and those below it, and plugins only public names."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
CORE, PLUGINS = ROOT / "rewardkit", ROOT / "plugins"

# By the first part of the module's name after `rewardkit.`; a module that is not here fails.
LAYERS = {
    0: ["types", "errors", "grpo"],
    1: [
        "chat",
        "fences",
        "end_tokens",
        "completions",
        "signatures",
        "rows",
        "references",
        "background",
        "option_types",
        "wordcount",
        "tokencount",
        "workers",
        "sandbox",
    ],
    2: ["results", "functions", "calls", "calling", "composition", "rewards", "filters"],
    3: ["suites", "selectors", "hookspecs", "testing"],
    4: ["registry"],
    5: ["recipes", "recipe_tables", "locating"],
    6: ["builder", "trainers"],
    7: ["cli", "serve", "report"],
}
LAYER = {module: layer for layer, modules in LAYERS.items() for module in modules}
# What stands beside the others and imports nothing of them but layer 0.
APART = {"metrics": 0}
# The package and `python -m rewardkit` pass on what all the others define.
OUTSIDE = {"__init__": 7, "__main__": 7}
MAY_IMPORT = LAYER | APART | OUTSIDE
STANDS_AT = LAYER | dict.fromkeys(APART, 1) | OUTSIDE

MODULES = sorted(CORE.rglob("*.py"))
PLUGIN_MODULES = sorted(PLUGINS.rglob("*.py"))


def imported(source, package=""):
    """The dotted names that a module imports when it runs: type checkers' imports are exempt."""
    found = []

    def visit(node):
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            for child in node.orelse:
                visit(child)
            return
        if isinstance(node, ast.Import):
            found.extend(alias.name for alias in node.names)
        if isinstance(node, ast.ImportFrom):
            found.extend(f"{node.module}.{alias.name}" for alias in node.names)
        for child in ast.iter_child_nodes(node):
            visit(child)

    visit(ast.parse(source))
    return found


def part_of(module):
    """`workers` for rewardkit/workers/pool.py, `__init__` for the package's own file."""
    return module.relative_to(CORE).with_suffix("").parts[0]


def breaches(part, source):
    """What a module of this part imports of the core that it may not."""
    for name in imported(source):
        words = name.split(".")
        if words[0] != "rewardkit":
            continue
        target = words[1] if len(words) > 1 else "__init__"
        if target not in STANDS_AT:
            target = "__init__"  # `from rewardkit import reward`
        if target == part:
            continue
        if STANDS_AT[target] > MAY_IMPORT[part]:
            yield name


@pytest.mark.parametrize("module", MODULES, ids=lambda m: str(m.relative_to(ROOT)))
def test_a_module_imports_its_own_layer_and_those_below(module):
    part = part_of(module)
    assert part in MAY_IMPORT, f"say in which layer {part!r} stands"
    assert not list(breaches(part, module.read_text()))


@pytest.mark.parametrize(
    ("part", "source", "wrong"),
    [
        ("types", "import rewardkit.rows", ["rewardkit.rows"]),
        ("rewards", "from rewardkit.suites import Suite", ["rewardkit.suites.Suite"]),
        ("rewards", "from rewardkit import suites", ["rewardkit.suites"]),
        ("rewards", "import rewardkit as rk", ["rewardkit"]),
        ("rewards", "from rewardkit import reward", ["rewardkit.reward"]),
        ("rewards", "def f():\n    from rewardkit.cli import main", ["rewardkit.cli.main"]),
        ("rewards", "from rewardkit.calls import Call\nimport numpy", []),
        ("workers", "from rewardkit.workers.pool import x\nfrom rewardkit.errors import y", []),
        ("rewards", "if TYPE_CHECKING:\n    from rewardkit.suites import Suite", []),
        ("rewards", "if TYPE_CHECKING: pass\nelse:\n    import rewardkit.cli", ["rewardkit.cli"]),
        ("metrics", "from rewardkit.completions import x", ["rewardkit.completions.x"]),
        ("metrics", "from rewardkit.types import Score", []),
        ("types", "from rewardkit.metrics import x", ["rewardkit.metrics.x"]),
        ("types", "def f():\n    from rewardkit.grpo import x", []),
        ("grpo", "from rewardkit.suites import x", ["rewardkit.suites.x"]),
        ("cli", "from rewardkit.metrics import x\nfrom rewardkit.grpo import y", []),
        ("__init__", "from rewardkit.cli import main", []),
        ("cli", "import rewardkit", []),
        ("builder", "import rewardkit", ["rewardkit"]),
    ],
)
def test_the_layers_test_sees_a_breach(part, source, wrong):
    assert list(breaches(part, source)) == wrong


BUNDLED = sorted(path.name for path in PLUGINS.iterdir() if (path / "__init__.py").exists())


@pytest.mark.parametrize("module", MODULES, ids=lambda m: str(m.relative_to(ROOT)))
def test_the_core_never_names_a_bundled_plugin(module):
    tree = ast.parse(module.read_text())
    names = [node.id for node in ast.walk(tree) if isinstance(node, ast.Name)]
    strings = [n.value for n in ast.walk(tree) if isinstance(n, ast.Constant)]
    said = [*imported(module.read_text()), *names, *(s for s in strings if isinstance(s, str))]
    assert BUNDLED
    for plugin in BUNDLED:
        assert not [text for text in said if re.search(rf"\b{plugin}\b", text)]


def public_names(module):
    """The `__all__` of a public module of the core, or nothing."""
    path = CORE / Path(*module.split(".")[1:])
    path = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
    if not path.exists() or any(part.startswith("_") for part in module.split(".")):
        return set()
    for node in ast.parse(path.read_text()).body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__":
            return set(ast.literal_eval(node.value))
    return set()


def strangers(source, own):
    """What a plugin imports of rewardkit, or of other plugins, that is not public."""
    for name in imported(source):
        top, _, rest = name.partition(".")
        if top.startswith("rewardkit_") and top != own:
            yield name
        if top != "rewardkit" or not rest:
            continue
        module, _, attribute = name.rpartition(".")
        if attribute not in public_names(module) and not public_names(name):
            yield name


@pytest.mark.parametrize("module", PLUGIN_MODULES, ids=lambda m: str(m.relative_to(PLUGINS)))
def test_a_bundled_plugin_imports_only_public_names(module):
    own = module.relative_to(PLUGINS).parts[0]
    source = module.read_text()
    assert not list(strangers(source, own))
    used = {
        node.attr
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Attribute) and ast.unparse(node.value) in ("rk", "rewardkit")
    }
    assert used <= public_names("rewardkit")


@pytest.mark.parametrize(
    ("source", "wrong"),
    [
        ("import rewardkit as rk\nfrom rewardkit import Score", []),
        ("from rewardkit.fences import code_blocks", []),
        ("from rewardkit.completions import _split", ["rewardkit.completions._split"]),
        ("from rewardkit.completions import Tags", ["rewardkit.completions.Tags"]),
        ("from rewardkit import nothing", ["rewardkit.nothing"]),
        ("from rewardkit_other import thing", ["rewardkit_other.thing"]),
        ("from rewardkit_own.part import thing\nimport sympy", []),
    ],
)
def test_the_plugins_test_sees_a_breach(source, wrong):
    assert list(strangers(source, "rewardkit_own")) == wrong

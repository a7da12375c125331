import pytest

import rewardkit as rk
from rewardkit.errors import RecipeError, UnknownNameError
from rewardkit.recipes import load_recipe
from rewardkit.registry import Registry


@rk.reward
def brevity(completion: str, *, limit: int = 10) -> float:
    """1.0 when the completion is no longer than `limit` characters."""
    return float(len(completion) <= limit)


@rk.reward
def exact(completion: str, answer: str | None = None) -> float | None:
    """1.0 when the completion is the reference."""
    return None if answer is None else float(completion == answer)


@rk.filter
def shouting(completion: str, *, share: float = 0.5) -> str | None:
    """Rejects completions in capitals."""
    return "capitals" if completion.isupper() and share < 1 else None


class Plugin:
    def __init__(self, **presets):
        self.presets = presets

    @rk.hookimpl
    def rewardkit_rewards(self):
        return [brevity, exact, rk.FirstOf("exact", "absent", name="accuracy")]

    @rk.hookimpl
    def rewardkit_filters(self):
        return [shouting]

    @rk.hookimpl
    def rewardkit_presets(self):
        return self.presets


@pytest.fixture
def registry(tmp_path):
    import rewardkit.builder.exporters
    import rewardkit.selectors

    base = tmp_path / "base.toml"
    base.write_text("[rewards.brevity]\nlimit = 3\n[rewards.exact]\n[filters.shouting]\n")
    found = Registry(discover=False)
    found.register(rewardkit.selectors)
    found.register(rewardkit.builder.exporters)
    found.register(Plugin(base=base), "ours")
    return found


@pytest.fixture
def read(tmp_path, registry):
    def read_text(text, name="mine.toml"):
        path = tmp_path / name
        path.write_text(text)
        return load_recipe(path, registry=registry)

    return read_text


ROWS = [{"completion": "yes", "answer": "yes"}, {"completion": "no, never", "answer": "no"}]


def test_a_recipe_makes_a_suite_of_its_rewards(read):
    suite = read("[rewards.brevity]\nweight = 0.5\nlimit = 3\n[rewards.exact]\n").suite
    assert suite.score(ROWS).totals == [1.5, 0.0]


def test_toml_and_yaml_say_the_same(read):
    toml = read("[rewards.brevity]\nweight = 0.5\nlimit = 3\n[reading]\nprefilled = 'yes'\n")
    yaml = read(
        "rewards:\n  brevity:\n    weight: 0.5\n    limit: 3\nreading:\n  prefilled: yes\n",
        "mine.yaml",
    )
    assert toml.tables == yaml.tables
    assert yaml.reading.prefilled == "yes"


def test_a_preset_is_filled_in_below_what_the_recipe_says(read):
    recipe = read('preset = "base"\n[rewards.brevity]\nlimit = 100\n')
    assert recipe.suite.rewards["brevity"].options == {"limit": 100}
    assert list(recipe.suite.rewards) == ["brevity", "exact"]
    assert [f.name for f in recipe.filters.filters] == ["shouting"]


def test_false_takes_out_what_the_preset_has(read):
    recipe = read('preset = "base"\n[rewards]\nexact = false\n[filters]\nshouting = false\n')
    assert list(recipe.suite.rewards) == ["brevity"]
    assert not recipe.filters.filters


def test_a_gate_closes_every_other_term(read):
    suite = read('gates = ["brevity"]\n[rewards.exact]\n[rewards.brevity]\nlimit = 2\n').suite
    assert suite.score(ROWS).totals == [0.0, 0.0]
    assert suite.score([{"completion": "no", "answer": "no"}]).totals == [2.0]


def test_a_gate_need_not_be_a_term(read):
    suite = read('gates = ["brevity"]\n[rewards.exact]\n').suite
    assert suite.score([{"completion": "x" * 11, "answer": "x" * 11}]).totals == [0.0]


def test_a_weight_may_be_a_schedule(read):
    suite = read("[rewards.exact]\nweight = {start = 0.0, end = 2.0, steps = 10}\n").suite
    assert suite.score(ROWS[:1], step=5).totals == [1.0]


def test_a_term_may_be_named_otherwise_than_its_reward(read):
    suite = read('[rewards.short]\nreward = "brevity"\nlimit = 3\n[rewards.brevity]\n').suite
    assert suite.score(ROWS).totals == [2.0, 1.0]
    assert list(suite.rewards) == ["short", "brevity"]


def test_a_fallback_can_be_written_in_a_recipe(read):
    suite = read(
        '[rewards.either]\nfirst_of = ["exact", "brevity"]\n[rewards.either.brevity]\nlimit=3\n'
    ).suite
    assert suite.score([{"completion": "four"}, {"completion": "no", "answer": "no"}]).totals == [
        0,
        1,
    ]


def test_members_of_a_fallback_that_are_not_installed_take_no_part(registry):
    assert registry.reward("accuracy").member_names == ["exact"]


def test_columns_are_read_under_other_names(read):
    suite = read('columns = {answer = "gold", completion = "text"}\n[rewards.exact]\n').suite
    assert suite.score([{"text": "a", "gold": "a"}]).totals == [1.0]


def test_limits_go_to_the_reward(read):
    suite = read("[rewards.brevity]\ndeadline = 2.5\nworkers = 1\n").suite
    assert (suite.rewards["brevity"].limits.deadline, suite.rewards["brevity"].limits.workers) == (
        2.5,
        1,
    )


def test_options_that_bound_each_other_are_read_together(tmp_path):
    def read(buffer, max_length):
        path = tmp_path / "recipe.toml"
        path.write_text(f"[rewards.overlong]\nbuffer = {buffer}\nmax_length = {max_length}\n")
        return load_recipe(path)

    assert read(300, 1000).suite is not None
    with pytest.raises(RecipeError, match=r"line 2: .*buffer = 300.*not be above max_length"):
        read(300, 200)
    with pytest.raises(RecipeError, match=r"line 2: .*buffer = -1.*; max_length = 'x'"):
        read(-1, "'x'")
    window = {"min": 0.92, "max": 1.0}  # of which the first alone is above the other's default
    [selector] = load_recipe({"select": {"keep": ["pass_rate"], "pass_rate": window}}).selectors
    assert selector.given_options == window


def test_selectors_have_options_of_their_own(read):
    recipe = read(
        '[rewards.exact]\n[select]\nkeep = ["correct", "random"]\nper_prompt = 2\n'
        "[select.random]\nseed = 7\n"
    )
    assert [(s.name, s.options.get("seed")) for s in recipe.selectors] == [
        ("correct", None),
        ("random", 7),
    ]
    assert recipe.per_prompt == 2


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("[rewrds.exact]\n", 1, "no key 'rewrds'. Did you mean 'rewards'?"),
        ("[rewards.exat]\n", 1, "No reward named 'exat'. Did you mean 'exact'?"),
        ("\n[rewards.brevity]\nlimti = 3\n", 3, "no option 'limti'. Did you mean 'limit'?"),
        ("[rewards.brevity]\nwieght = 3\n", 2, "no option 'wieght'. Did you mean 'weight'?"),
        ("[rewards.brevity]\nlimit = 'short'\n", 2, "limit = 'short'"),
        ("[rewards.brevity]\nweight = 'much'\n", 2, "rewards.brevity.weight"),
        ("[rewards.brevity]\nweight = inf\n", 1, "not finite"),
        ("[rewards.exact]\non_failure = 'ignore'\n", 2, "on_failure"),
        ("[rewards.exact]\ndeadline = -1\n", 1, "deadline"),
        ("gates = ['brevty']\n[rewards.exact]\n", 1, "Did you mean 'brevity'?"),
        ("gates = ['brevity']\n", 1, "gates without rewards"),
        ("[filters.shoutin]\n", 1, "Did you mean 'shouting'?"),
        ("[filters.shouting]\nshare = 'x'\n", 2, "share"),
        ("[select]\nkeep = 'shortes'\n", 2, "Did you mean 'shortest'?"),
        ("[select]\nper_prompt = 0\n", 2, "per_prompt"),
        ("[select]\nkep = 'first'\n", 2, "Did you mean 'keep'?"),
        ("[export]\nformat = 'mesages'\n", 2, "Did you mean 'messages'?"),
        ("[export]\nfile = 'csv'\n", 2, "file"),
        ("[reading]\nprefilled = 'maybe'\n", 2, "prefilled"),
        ("[reading]\nthink = ''\n", 1, "empty"),
        ("preset = 'bsae'\n", 1, "Did you mean 'base'?"),
        ("preset = 3\n", 1, "a preset is a name"),
        ("[filters.pass_rate]\nmin = 0.1\n", 1, 'keep = ["pass_rate"] under [select]'),
    ],
)
def test_an_error_names_the_line_and_the_remedy(read, text, line, message):
    with pytest.raises(RecipeError) as caught:
        read(text)
    assert f"mine.toml, line {line}:" in str(caught.value)
    assert message in str(caught.value)


def test_an_error_in_yaml_names_its_line(read):
    with pytest.raises(RecipeError, match=r"mine\.yaml, line 3: .*no option 'limti'"):
        read("rewards:\n  brevity:\n    limti: 3\n", "mine.yaml")


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("mine.toml", "a = [\n", "is not TOML"),
        ("mine.yaml", "a: [\n", "is not YAML"),
        ("mine.yaml", "- a\n", "holds list"),
    ],
)
def test_a_file_that_is_no_recipe_is_named(read, name, text, message):
    with pytest.raises(RecipeError, match=message):
        read(text, name)


def test_a_preset_that_stands_on_itself_is_an_error(tmp_path):
    path = tmp_path / "loop.toml"
    path.write_text('preset = "loop"\n')
    registry = Registry(discover=False)
    registry.register(Plugin(loop=path), "ours")
    with pytest.raises(RecipeError, match="circle"):
        load_recipe("loop", registry=registry)


def test_a_missing_file_and_a_missing_preset_are_told_apart(tmp_path, registry):
    with pytest.raises(RecipeError, match="cannot be read"):
        load_recipe(tmp_path / "none.toml", registry=registry)
    with pytest.raises(UnknownNameError, match=r"No preset named 'bas'\. Did you mean 'base'"):
        load_recipe("bas", registry=registry)


def test_a_mapping_is_a_recipe_too(registry):
    recipe = load_recipe({"rewards": {"brevity": {"limit": 3}}}, registry=registry)
    assert recipe.suite.score(ROWS).totals == [1.0, 0.0]
    assert recipe.resolved() == {"rewards": {"brevity": {"limit": 3}}}


@pytest.mark.parametrize("name", ["r1-zero", "r1", "r1-rejection-sampling"])
def test_the_installed_presets_of_r1_can_be_read(name):
    recipe = load_recipe(name)
    assert recipe.name == name
    assert "accuracy" in recipe.suite.rewards
    assert recipe.tables.description


def test_r1_zero_is_accuracy_plus_format():
    row = {"completion": "<think>1 + 1</think><answer>2</answer>", "answer": "2"}
    scored = rk.preset("r1-zero").score([row, {**row, "completion": "2"}])
    assert scored.totals[0] == 2.0
    assert scored.scores["format"][1].value == 0.0

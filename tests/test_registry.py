"""The registry: what plugins bring, by name, and which plugins are broken, and why."""

import importlib.metadata
import logging
import sys
import threading
from pathlib import Path

import pytest

import rewardkit as rk
from rewardkit import hookspecs, registry
from rewardkit.errors import ContractError, PluginError, UnknownNameError
from rewardkit.registry import Registry


@rk.reward
def brevity(completion: str) -> float:
    """Short is good."""
    return float(len(completion) < 5)


@rk.filter
def long(completion: str) -> str | None:
    """Rejects what is long."""
    return "long" if len(completion) > 5 else None


def plugin(**hooks):
    """A plugin of the given hooks: what each returns, or raises."""

    def implementation(answer):
        def hook(self):
            if isinstance(answer, BaseException):
                raise answer
            return answer

        return rk.hookimpl(hook)

    return type("Plugin", (), {name: implementation(answer) for name, answer in hooks.items()})()


def holding(*plugins, **named):
    found = Registry(discover=False)
    for number, one in enumerate(plugins):
        found.register(one, f"plugin{number}")
    for name, one in named.items():
        found.register(one, name)
    return found


@pytest.fixture
def install(tmp_path, monkeypatch):
    """Install distributions with one entry point each; the registry finds no others."""

    def install(name, source="", distribution="", value=""):
        distribution = distribution or f"{name}-plugin"
        module = value.partition(":")[0] or f"installed_{name}"
        if source is not None:
            (tmp_path / f"{module}.py").write_text("import rewardkit as rk\n" + source)
        metadata = tmp_path / f"{distribution.replace('-', '_')}-1.2.dist-info"
        metadata.mkdir()
        (metadata / "METADATA").write_text(f"Name: {distribution}\nVersion: 1.2\n")
        (metadata / "entry_points.txt").write_text(f"[rewardkit]\n{name} = {value or module}\n")

    def found(group):
        return [
            entry
            for distribution in importlib.metadata.distributions(path=[str(tmp_path)])
            for entry in distribution.entry_points
            if entry.group == group
        ]

    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(registry, "entry_points", found)
    yield install
    for module in [m for m in sys.modules if m.startswith("installed_")]:
        del sys.modules[module]


GOOD = """
@rk.reward
def brevity(completion): return 1.0
@rk.hookimpl
def rewardkit_rewards(): return [brevity]
"""


# What plugins bring


def test_what_a_plugin_brings_is_found_by_name(tmp_path):
    recipe = tmp_path / "r.toml"
    recipe.touch()
    choose = rk.selector(lambda candidates: candidates)
    cpp = rk.Language("cpp", "main.cpp", ("./main",))
    found = holding(
        mine=plugin(
            rewardkit_rewards=[brevity],
            rewardkit_filters=(long,),
            rewardkit_selectors=iter([choose]),
            rewardkit_presets={"r": recipe},
            rewardkit_languages=[cpp],
            rewardkit_exporters={"e": dict},
            rewardkit_commands={"c": print},
        ),
        empty=object(),
    )
    assert found.plugins == ["empty", "mine"]
    assert found.reward("brevity") == brevity
    assert found.filter("long") == long
    assert found.selector("<lambda>") == choose
    assert found.preset("r") == recipe
    assert found.exporter("e") is dict
    assert found.languages == {"cpp": cpp}
    assert found.commands == {"c": print}
    assert found.broken == {}
    assert found.provided_by("mine") == {
        "rewards": ["brevity"],
        "filters": ["long"],
        "selectors": ["<lambda>"],
        "presets": ["r"],
        "exporters": ["e"],
        "languages": ["cpp"],
        "commands": ["c"],
    }
    assert found.provided_by("empty") == {}


def test_hooks_that_provide_something_are_called_once():
    calls = []

    class Counting:
        @rk.hookimpl
        def rewardkit_rewards(self):
            calls.append(1)
            return [brevity]

    found = holding(Counting())
    threads = [threading.Thread(target=lambda: found.reward("brevity")) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert calls == [1]


def test_a_plugin_that_is_registered_later_is_found_too():
    found = holding(plugin(rewardkit_rewards=[brevity]))
    assert list(found.rewards) == ["brevity"]
    found.register(plugin(rewardkit_rewards=[brevity.named("second")]), "later")
    assert list(found.rewards) == ["second", "brevity"]
    assert found.provided_by("later") == {"rewards": ["second"]}


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("reward", "No reward named 'brevit'. Did you mean 'brevity'? There are: brevity."),
        ("filter", "No filter named 'brevit'. There are: long."),
        ("selector", "No selector named 'brevit'. There are: none."),
        ("preset", "No preset named 'brevit'. There are: none."),
        ("exporter", "No export format named 'brevit'. There are: none."),
    ],
)
def test_an_unknown_name_is_told_with_the_nearest(kind, said):
    found = holding(plugin(rewardkit_rewards=[brevity], rewardkit_filters=[long]))
    with pytest.raises(UnknownNameError) as caught:
        getattr(found, kind)("brevit")
    assert str(caught.value) == said


# Broken plugins


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (ValueError("no luck"), "ValueError: no luck"),
        (SystemExit(3), "SystemExit: 3"),
        (None, "rewardkit_rewards returned NoneType, not a list of Rewards"),
        (5, "rewardkit_rewards returned int, not a list"),
        ("brevity", "rewardkit_rewards returned str, not a list"),
        ({"brevity": brevity}, "rewardkit_rewards returned dict, not a list"),
        ([brevity.function], "a list with function <function brevity"),
        ([brevity, None], "a list with NoneType None in it"),
        ([long], "a list with Filter"),
        (["brevity"], "a list with str 'brevity' in it"),
        ([brevity, brevity], "provides 'brevity' twice"),
    ],
)
def test_a_hook_that_raises_or_returns_rubbish_breaks_its_plugin_alone(answer, said, caplog):
    with caplog.at_level(logging.WARNING):
        found = holding(
            bad=plugin(rewardkit_rewards=answer),
            good=plugin(rewardkit_rewards=[brevity.named("fine")]),
        )
        assert list(found.rewards) == ["fine"]
    assert said in found.broken["bad"]
    assert "plugin 'bad' is skipped" in caplog.text
    with pytest.raises(UnknownNameError, match="broken and may have provided it: bad"):
        found.reward("brevity")


@pytest.mark.parametrize(
    ("hook", "answer", "said"),
    [
        ("rewardkit_presets", {"r": "/nowhere/r.toml"}, "'r', /nowhere/r.toml, is not there"),
        ("rewardkit_presets", {"r": Path("/nowhere")}, "is not there"),
        ("rewardkit_presets", {"r": 5}, "TypeError"),
        ("rewardkit_presets", ["r.toml"], "returned list, not names mapped to recipe files"),
        ("rewardkit_exporters", [dict], "returned list, not names mapped to functions"),
        ("rewardkit_exporters", {"e": 5}, "'e' is int, not a function"),
        ("rewardkit_commands", {"c": None}, "'c' is NoneType, not a function"),
        ("rewardkit_languages", ["cpp"], "it is a list of Languages"),
    ],
)
def test_every_kind_of_rubbish_has_its_message(hook, answer, said):
    found = holding(bad=plugin(**{hook: answer}))
    assert getattr(found, hook.removeprefix("rewardkit_")) == {}
    assert said in found.broken["bad"]


def test_two_plugins_that_provide_one_reward_are_an_error_that_names_both():
    found = holding(
        one=plugin(rewardkit_rewards=[brevity]), two=plugin(rewardkit_rewards=[brevity])
    )
    with pytest.raises(PluginError) as caught:
        found.reward("brevity")
    assert str(caught.value) == (
        "Plugins 'one' and 'two' both provide the reward 'brevity'. "
        "Set REWARDKIT_DISABLE_PLUGINS to the name of one."
    )


def test_two_plugins_of_one_name_are_an_error_that_names_both():
    found = holding(one=plugin(rewardkit_rewards=[brevity]))
    with pytest.raises(PluginError, match=r"Two plugins are named 'one': <.*Plugin.*> and <.*obj"):
        found.register(object(), "one")
    assert list(found.rewards) == ["brevity"]


@pytest.mark.parametrize(
    ("hook", "said"),
    [
        ("rewardkit_reward", "is no hook. Did you mean 'rewardkit_rewards'"),
        ("rewardkit_zzz", "is no hook."),
        ("rewards", "is no hook."),
    ],
)
def test_a_misspelt_hook_fails(hook, said):
    found = Registry(discover=False)
    with pytest.raises(PluginError, match=said):
        found.register(plugin(**{hook: []}), "misspelt")
    assert found.plugins == []


def test_a_hook_that_is_not_marked_fails_for_it_would_never_be_called():
    found = Registry(discover=False)
    unmarked = type("Plugin", (), {"rewardkit_rewards": lambda self: [brevity]})()
    with pytest.raises(PluginError, match=r"does not mark 'rewardkit_rewards' with @rk.hookimpl"):
        found.register(unmarked, "unmarked")


def test_a_hook_of_wrong_parameters_fails_and_leaves_no_plugin():
    class Wrong:
        @rk.hookimpl
        def rewardkit_rewards(self, registry):
            return []

    found = Registry(discover=False)
    with pytest.raises(PluginError, match="'wrong' cannot be registered"):
        found.register(Wrong(), "wrong")
    assert found.plugins == []


# Fallbacks of names


def test_a_fallback_of_names_takes_the_rewards_that_are_there():
    accuracy = rk.FirstOf("math", "brevity", "code", name="accuracy", doc="Right.")
    found = holding(plugin(rewardkit_rewards=[brevity]), plugin(rewardkit_rewards=[accuracy]))
    assert found.reward("accuracy").member_names == ["brevity"]
    assert found.reward("accuracy").summary == "Right."
    assert found.reward("accuracy").score([{"completion": "a"}])[0].value == 1.0
    with pytest.raises(UnknownNameError):
        holding(plugin(rewardkit_rewards=[accuracy])).reward("accuracy")


def test_a_fallback_may_name_a_fallback_but_not_itself():
    inner = rk.FirstOf("brevity", name="inner")
    outer = rk.FirstOf("inner", name="outer")
    found = holding(plugin(rewardkit_rewards=[outer, inner, brevity]))
    assert found.reward("outer").score([{"completion": "a"}])[0].value == 1.0
    circle = holding(
        plugin(rewardkit_rewards=[rk.FirstOf("b", name="a"), rk.FirstOf("a", name="b")])
    )
    with pytest.raises(PluginError, match=r"'a' falls back on itself: a \| b \| a"):
        circle.reward("a")


# Entry points


def test_an_installed_plugin_is_found_through_its_entry_point(install):
    install("one", GOOD)
    found = Registry()
    assert found.plugins == ["one"]
    assert found.reward("brevity").score([{"completion": ""}])[0].value == 1.0
    assert found.origins == {"one": "installed_one of one-plugin 1.2"}


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("import no_such_module_at_all", "ModuleNotFoundError: No module named 'no_such_module"),
        ("1 / 0", "ZeroDivisionError"),
        ("def broken(:", "SyntaxError"),
        ("raise SystemExit(2)", "SystemExit: 2"),
        (
            "@rk.hookimpl\ndef rewardkit_reward(): return []",
            "implements 'rewardkit_reward', which is no hook. Did you mean 'rewardkit_rewards'?",
        ),
        ("def rewardkit_rewards(): return []", "does not mark 'rewardkit_rewards'"),
        (None, "ModuleNotFoundError: No module named 'installed_bad'"),
    ],
)
def test_a_plugin_that_fails_to_import_is_skipped_with_its_cause(install, source, said, caplog):
    install("bad", source)
    install("good", GOOD)
    with caplog.at_level(logging.WARNING):
        found = Registry()
    assert found.plugins == ["good"]
    assert said in found.broken["bad"]
    assert "plugin 'bad' is skipped" in caplog.text
    assert list(found.rewards) == ["brevity"]
    with pytest.raises(UnknownNameError, match="bad"):
        found.reward("other")


def test_two_distributions_with_one_plugin_name_are_an_error_that_names_both(install, monkeypatch):
    install("same", GOOD, "first-plugin", "installed_first")
    install("same", GOOD, "second-plugin", "installed_second")
    with pytest.raises(PluginError) as caught:
        Registry()
    for part in ("'same'", "installed_first of first-plugin 1.2", "installed_second of second"):
        assert part in str(caught.value)
    monkeypatch.setenv("REWARDKIT_DISABLE_PLUGINS", "same")
    assert Registry().plugins == []


@pytest.mark.parametrize("blocked", ["bad", " bad, other", "other bad", "bad,bad"])
def test_plugins_are_blocked_by_name(install, monkeypatch, blocked):
    install("bad", "1 / 0")
    install("good", GOOD)
    monkeypatch.setenv("REWARDKIT_DISABLE_PLUGINS", blocked)
    found = Registry()
    assert found.disabled == ["bad"]
    assert found.broken == {}
    assert found.plugins == ["good"]


# The installed plugins, by the package's functions


@pytest.fixture
def installed(monkeypatch):
    found = holding(plugin(rewardkit_rewards=[brevity, brevity.named("again")]))
    found.register(plugin(rewardkit_filters=[long]), "filters")
    found.register(plugin(rewardkit_selectors=[rk.selector(sorted_first)]), "selectors")
    monkeypatch.setattr(registry, "installed", lambda: found)
    return found


def sorted_first(candidates):
    return candidates[:1]


def test_the_packages_functions_look_among_the_installed_plugins(installed):
    assert rk.get_reward("brevity") == brevity
    assert rk.get_filter("long") == long
    assert rk.get_selector("sorted_first").function is sorted_first
    with pytest.raises(UnknownNameError, match="Did you mean 'brevity'"):
        rk.get_reward("brevty")
    assert rk.suite(brevity=1.0, again=0.5) == brevity + 0.5 * brevity.named("again")
    ramp = rk.Schedule(0, 1, 5)
    assert rk.suite(brevity=ramp) == ramp * brevity
    with pytest.raises(ContractError, match="not a number"):
        rk.suite(brevity="1")
    with pytest.raises(UnknownNameError):
        rk.suite(accuracy=1.0)
    assert rk.filter_chain("long") == rk.filter_chain(long={}) == rk.FilterChain((long,))


def test_every_hook_says_what_it_is_for():
    hooks = [name for name in dir(hookspecs) if name.startswith("rewardkit_")]
    assert len(hooks) == 8
    assert all(getattr(hookspecs, name).__doc__ for name in hooks)

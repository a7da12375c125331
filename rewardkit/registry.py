"""Names to rewards, filters, selectors, presets, ..., gathered once from the plugins."""

from __future__ import annotations

import functools
import logging
import os
import threading
from collections.abc import Callable, Iterable, Mapping
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import Any, TypeVar

import pluggy

from rewardkit import hookspecs
from rewardkit.composition import FirstOf, Reward
from rewardkit.errors import ContractError, PluginError, UnknownNameError, nearest
from rewardkit.filters import Filter, FilterChain
from rewardkit.selectors import Selector
from rewardkit.suites import Suite, Term, Weight, observers
from rewardkit.types import Language, Scored

__all__ = [
    "Registry",
    "filter_chain",
    "get_filter",
    "get_reward",
    "get_selector",
    "installed",
    "suite",
]

GROUP = "rewardkit"
DISABLE = "REWARDKIT_DISABLE_PLUGINS"

_log = logging.getLogger(__name__)
T = TypeVar("T")


class Registry:
    """The plugins of one process, or, with `discover=False`, those that are registered by hand.

    Attributes:
        broken: Plugins that cannot be used, each with the cause.
        disabled: Plugins that REWARDKIT_DISABLE_PLUGINS names.
    """

    def __init__(self, *, discover: bool = True) -> None:
        self.manager = pluggy.PluginManager(GROUP)
        self.manager.add_hookspecs(hookspecs)
        self.broken: dict[str, str] = {}
        self.disabled: list[str] = []
        self.origins: dict[str, str] = {}
        self._gathered: dict[str, dict[str, Any]] = {}
        self._owners: dict[tuple[str, str], str] = {}
        self._lock = threading.RLock()
        if discover:
            self._discover()

    def register(self, plugin: object, name: str = "") -> None:
        """Add a plugin: a module or any object with hook implementations.

        Raises:
            PluginError: It misspells a hook, or forgets to mark one, or another plugin has its
                name.
        """
        name = name or getattr(plugin, "__name__", type(plugin).__name__)
        _check_hooks(self.manager, plugin, name)
        if self.manager.has_plugin(name):
            raise PluginError(
                f"Two plugins are named {name!r}: {self.manager.get_plugin(name)!r} and "
                f"{plugin!r}."
            )
        try:
            self.manager.register(plugin, name=name)
        except (ValueError, pluggy.PluginValidationError) as error:
            self.manager.unregister(name=name)
            raise PluginError(f"Plugin {name!r} cannot be registered: {error}") from error
        with self._lock:
            self._gathered.clear()
            self._owners.clear()

    @property
    def plugins(self) -> list[str]:
        """The names of the plugins in use, sorted."""
        return sorted(
            name for name, plugin in self.manager.list_name_plugin() if plugin is not None
        )

    @property
    def rewards(self) -> dict[str, Reward]:
        """Every reward by name."""
        found = self._by_name("rewardkit_rewards", Reward)
        # A fallback names its members, which other plugins bring: those that are here take part.
        resolved = {name: _resolved(reward, found) for name, reward in found.items()}
        return {name: reward for name, reward in resolved.items() if reward is not None}

    @property
    def filters(self) -> dict[str, Filter[..., Any]]:
        """Every filter by name."""
        return self._by_name("rewardkit_filters", Filter)

    @property
    def selectors(self) -> dict[str, Selector]:
        """Every selector by name."""
        return self._by_name("rewardkit_selectors", Selector)

    @property
    def languages(self) -> dict[str, Language]:
        """Every programming language by name."""
        return self._by_name("rewardkit_languages", Language)

    @property
    def presets(self) -> dict[str, Path]:
        """Every preset by name: the recipe file that its plugin ships."""
        return self._gather("rewardkit_presets", _path_items)

    @property
    def exporters(self) -> dict[str, Callable[..., Mapping[str, Any]]]:
        """Every export format by name."""
        return self._gather("rewardkit_exporters", _callable_items)

    @property
    def commands(self) -> dict[str, Callable[..., Any]]:
        """Every command that plugins add to the command line, by name."""
        return self._gather("rewardkit_commands", _callable_items)

    def reward(self, name: str) -> Reward:
        """The reward of this name, or an UnknownNameError that offers the nearest."""
        return self._named("reward", name, self.rewards)

    def filter(self, name: str) -> Filter[..., Any]:
        """The filter of this name, or an UnknownNameError that offers the nearest."""
        if name not in self.filters and name in self.selectors:
            raise UnknownNameError(
                f"{name!r} is no filter but a selector, for it looks at all of a prompt's "
                f'completions: in a recipe, keep = ["{name}"] under [select].'
            )
        return self._named("filter", name, self.filters)

    def selector(self, name: str) -> Selector:
        """The selector of this name, or an UnknownNameError that offers the nearest."""
        return self._named("selector", name, self.selectors)

    def preset(self, name: str) -> Path:
        """The recipe file of this preset, or an UnknownNameError that offers the nearest."""
        return self._named("preset", name, self.presets)

    def exporter(self, name: str) -> Callable[..., Mapping[str, Any]]:
        """The export format of this name, or an UnknownNameError that offers the nearest."""
        return self._named("export format", name, self.exporters)

    def provided_by(self, plugin: str) -> dict[str, list[str]]:
        """What a plugin brings: the names of its rewards, filters, and so on, by kind."""
        kinds: dict[str, Mapping[str, Any]] = {
            "rewards": self.rewards,
            "filters": self.filters,
            "selectors": self.selectors,
            "presets": self.presets,
            "exporters": self.exporters,
            "languages": self.languages,
            "commands": self.commands,
        }
        return {
            kind: names
            for kind, things in kinds.items()
            if (names := [n for n in things if self._owners.get((kind, n)) == plugin])
        }

    def scored(self, suite: Suite, scored: Scored) -> None:
        """Tell every plugin that wants to know what a suite scored."""
        offered = {"suite": suite, "scored": scored}
        for implementation in self.manager.hook.rewardkit_scored.get_hookimpls():
            try:
                implementation.function(*(offered[name] for name in implementation.argnames))
            except (Exception, SystemExit):  # noqa: BLE001  an observer stops no training
                name = implementation.plugin_name
                _log.exception("plugin %r failed while it observed scores", name)

    def _discover(self) -> None:
        blocked = set(os.environ.get(DISABLE, "").replace(",", " ").split())
        found: dict[str, EntryPoint] = {}
        for entry in sorted(entry_points(group=GROUP), key=lambda e: (e.name, e.value)):
            if entry.name in blocked:
                self.disabled.append(entry.name)
                continue
            other = found.setdefault(entry.name, entry)
            if other.value != entry.value:
                raise PluginError(
                    f"Two plugins are named {entry.name!r}: {_origin(other)} and "
                    f"{_origin(entry)}. Uninstall one, or set {DISABLE}={entry.name}."
                )
        for entry in found.values():
            self._load(entry)

    def _load(self, entry: EntryPoint) -> None:
        self.origins[entry.name] = _origin(entry)
        try:
            self.register(entry.load(), name=entry.name)
        except (Exception, SystemExit) as error:  # noqa: BLE001  a broken plugin breaks no other
            self._break(entry.name, error)

    def _break(self, name: str, error: BaseException) -> None:
        cause = (
            str(error) if isinstance(error, PluginError) else f"{type(error).__name__}: {error}"
        )
        self.broken[name] = cause
        _log.warning("plugin %r is skipped: %s", name, cause)

    def _by_name(self, hook: str, kind: type[Any]) -> dict[str, Any]:
        def items(found: Any, plugin: str) -> Iterable[tuple[str, Any]]:
            if isinstance(found, str | Mapping) or not isinstance(found, Iterable):
                raise PluginError(
                    f"Plugin {plugin!r}: {hook} returned {type(found).__name__}, not a list of "
                    f"{kind.__name__}s."
                )
            for thing in found:
                if not isinstance(thing, kind):
                    raise PluginError(
                        f"Plugin {plugin!r}: {hook} returned a list with {type(thing).__name__} "
                        f"{thing!r:.80} in it; it is a list of {kind.__name__}s."
                    )
                yield thing.name, thing

        return self._gather(hook, items)

    def _gather(
        self, hook: str, items: Callable[[Any, str], Iterable[tuple[str, T]]]
    ) -> dict[str, T]:
        with self._lock:
            if hook not in self._gathered:
                self._gathered[hook] = self._ask_each(hook, items)
            return self._gathered[hook]

    def _ask_each(
        self, hook: str, items: Callable[[Any, str], Iterable[tuple[str, T]]]
    ) -> dict[str, T]:
        gathered: dict[str, T] = {}
        kind = hook.removeprefix("rewardkit_")
        implementations = getattr(self.manager.hook, hook).get_hookimpls()
        for implementation in sorted(implementations, key=lambda i: i.plugin_name):
            plugin = implementation.plugin_name
            try:
                found = list(items(implementation.function(), plugin))
                _check_once(name for name, _ in found)
            except (Exception, SystemExit) as error:  # noqa: BLE001  as above
                self._break(plugin, error)
                continue
            for name, thing in found:
                other = self._owners.setdefault((kind, name), plugin)
                if name in gathered:
                    raise PluginError(
                        f"Plugins {other!r} and {plugin!r} both provide the "
                        f"{kind.removesuffix('s')} {name!r}. Set {DISABLE} to the name of one."
                    )
                gathered[name] = thing
        return gathered

    def _named(self, kind: str, name: str, known: Mapping[str, T]) -> T:
        if name in known:
            return known[name]
        broken = ", ".join(f"{n} ({cause})" for n, cause in self.broken.items())
        hint = f" These plugins are broken and may have provided it: {broken}." if broken else ""
        raise UnknownNameError.among(kind, name, known, hint=hint)


@functools.cache
def installed() -> Registry:
    """The registry of every installed plugin, built on first use."""
    return Registry()


def get_reward(name: str) -> Reward:
    """The installed reward of this name."""
    return installed().reward(name)


def get_filter(name: str) -> Filter[..., Any]:
    """The installed filter of this name."""
    return installed().filter(name)


def get_selector(name: str) -> Selector:
    """The installed selector of this name."""
    return installed().selector(name)


def suite(**weights: Weight) -> Suite:
    """The sum of installed rewards by name: `suite(accuracy=1.0, format=0.5)`."""
    if not weights:
        raise ContractError("A suite has at least one reward: suite(accuracy=1.0).")
    return Suite(tuple(Term(get_reward(n)).times(weight) for n, weight in weights.items()))


def filter_chain(*names: str, **options: Mapping[str, Any]) -> FilterChain:
    """Installed filters by name, in order: `filter_chain("code_block", truncated={})`.

    Args:
        names: Filters with their defaults.
        options: Filters with options, by name.
    """
    filters = [get_filter(name) for name in names]
    filters += [get_filter(name).using(**given) for name, given in options.items()]
    return FilterChain(tuple(filters))


def _resolved(
    reward: Reward, known: Mapping[str, Reward], above: tuple[str, ...] = ()
) -> Reward | None:
    if not isinstance(reward, FirstOf):
        return reward
    if reward.name in above:
        circle = " | ".join((*above, reward.name))
        raise PluginError(f"Reward {reward.name!r} falls back on itself: {circle}.")
    found = [known.get(m) if isinstance(m, str) else m for m in reward.members]
    members = [_resolved(m, known, (*above, reward.name)) for m in found if m is not None]
    here = [member for member in members if member is not None]
    return FirstOf(*here, name=reward.name, doc=reward.__doc__ or "") if here else None


def _check_hooks(manager: pluggy.PluginManager, plugin: object, name: str) -> None:
    """Raise when the plugin has what looks like a hook and would never be called."""
    known = [hook for hook in dir(hookspecs) if hook.startswith("rewardkit_")]
    for attribute in dir(plugin):
        marked = manager.parse_hookimpl_opts(plugin, attribute) is not None
        if marked and attribute not in known:
            hint = nearest(attribute, known)
            raise PluginError(f"Plugin {name!r} implements {attribute!r}, which is no hook.{hint}")
        if not marked and attribute in known:
            raise PluginError(f"Plugin {name!r} does not mark {attribute!r} with @rk.hookimpl.")


def _check_once(names: Iterable[str]) -> None:
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise PluginError(f"It provides {name!r} twice.")
        seen.add(name)


def _origin(entry: EntryPoint) -> str:
    where = f"{entry.dist.name} {entry.dist.version}" if entry.dist else "an unknown distribution"
    return f"{entry.value} of {where}"


def _path_items(found: Any, plugin: str) -> Iterable[tuple[str, Path]]:
    for name, path in _items(found, plugin, "recipe files"):
        if not Path(path).is_file():
            raise PluginError(f"The recipe of preset {name!r}, {path}, is not there.")
        yield name, Path(path)


def _callable_items(found: Any, plugin: str) -> Iterable[tuple[str, Callable[..., Any]]]:
    for name, function in _items(found, plugin, "functions"):
        if not callable(function):
            raise PluginError(f"{name!r} is {type(function).__name__}, not a function.")
        yield name, function


def _items(found: Any, plugin: str, what: str) -> Iterable[tuple[str, Any]]:
    if not isinstance(found, Mapping):
        raise PluginError(
            f"Plugin {plugin!r} returned {type(found).__name__}, not names mapped to {what}."
        )
    return found.items()


def _tell_plugins(suite: Suite, scored: Scored) -> None:
    installed().scored(suite, scored)


observers.append(_tell_plugins)

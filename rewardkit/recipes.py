"""Recipes: a TOML or YAML file that says what to score, filter, select and export.

::

    preset = "r1"
    gates = ["format"]
    [rewards.language]
    weight = 0.2
    target = "en"
    [filters.long_paragraph]
    max_chars = 1500
    [select]
    keep = ["correct", "shortest"]
    per_prompt = 4
    [export]
    format = "messages"

Everything is checked when the recipe is read: keys, names and options, each against what it names.
A preset is filled in first; what the recipe says itself goes before it, and under `[filters]`
`long_paragraph = false` takes a filter out again.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ValidationError

from rewardkit.completions import Reading
from rewardkit.composition import FirstOf, Reward
from rewardkit.errors import OptionError, RecipeError, RewardkitError, nearest
from rewardkit.filters import Filter, FilterChain
from rewardkit.locating import KeyPath, locate
from rewardkit.recipe_tables import (
    FilterTable,
    RecipeTables,
    RewardTable,
    ScheduleTable,
    SelectTable,
    keys_at,
)
from rewardkit.registry import Registry, installed
from rewardkit.rewards import FunctionReward
from rewardkit.selectors import Selector
from rewardkit.suites import Schedule, Suite, Term

__all__ = ["Recipe", "load_recipe", "preset"]

T = TypeVar("T")
Configurable = TypeVar("Configurable", Reward, "Filter[..., Any]", Selector)


@dataclass(frozen=True, slots=True)
class _Source:
    """One file, or mapping, that says a part of a recipe."""

    name: str
    text: str
    document: Mapping[str, Any]


class Recipe:
    """A recipe that has been read and checked. `load_recipe` reads one.

    Attributes:
        tables: What it says, with its preset filled in.
        suite: Its rewards, or None where it has none.
        filters: Its filters, in order.
        selectors: How to choose among a prompt's completions, in order.
        exporter: What makes a kept row of a row and its completion.

    Raises:
        RecipeError: A key, a name, an option or a value is wrong; the message names the line.
    """

    def __init__(self, sources: Iterable[_Source], registry: Registry) -> None:
        self._sources = list(sources)
        self._registry = registry
        self.tables = self._validated()
        self.reading = self._checked(("reading",), self._read_reading)
        self.suite = self._read_suite()
        self.filters = self._read_filters()
        self.selectors = self._read_selectors()
        self.exporter = self._checked(
            ("export", "format"), lambda: registry.exporter(self.tables.export.format)
        )

    def __repr__(self) -> str:
        return f"<Recipe {self.name}>"

    @property
    def name(self) -> str:
        """What it is called: by itself, or as its file or preset is."""
        return self.tables.name or self._sources[0].name

    @property
    def per_prompt(self) -> int | None:
        """How many completions of a prompt it keeps at most."""
        return self.tables.select.per_prompt

    @property
    def scores_groups(self) -> bool:
        """Whether one of its rewards scores a prompt's completions together."""
        return self.suite is not None and self.suite.scores_groups

    @property
    def needs_whole_prompts(self) -> bool:
        """Whether it must see all completions of a prompt at once."""
        return bool(self.selectors or self.per_prompt) or self.scores_groups

    def with_columns(self, columns: Mapping[str, str]) -> Recipe:
        """The same recipe over rows whose columns have other names: ours to theirs."""
        if not columns:
            return self
        more = _Source("the columns given", "", {"columns": dict(columns)})
        return Recipe([more, *self._sources], self._registry)

    def resolved(self) -> dict[str, Any]:
        """All that it says, with its preset filled in, as plain data."""
        return self.tables.model_dump(mode="json", exclude_defaults=True)

    def _validated(self) -> RecipeTables:
        merged: dict[str, Any] = {}
        for source in reversed(self._sources):
            merged = _merged(merged, source.document)
        merged.pop("preset", None)
        try:
            return RecipeTables.model_validate(_without_false(merged))
        except ValidationError as error:
            raise RecipeError("\n".join(self._say(e) for e in error.errors())) from error

    def _say(self, error: Any) -> str:
        path: KeyPath = tuple(error["loc"])
        key = ".".join(str(part) for part in path)
        if error["type"] != "extra_forbidden":
            return f"{self._where(path)}: {key} = {error['input']!r}: {error['msg']}."
        known = keys_at(path[:-1])
        return (
            f"{self._where(path)}: there is no key {key!r}.{nearest(str(path[-1]), known)} "
            f"There are: {', '.join(sorted(known))}."
        )

    def _where(self, path: KeyPath) -> str:
        """The file and line that say what stands at `path`, or at the table that it stands in."""
        for depth in range(len(path), 0, -1):
            for source in self._sources:
                line = locate(source.text, source.name, path[:depth])
                if line is not None:
                    return f"{source.name}, line {line}"
        return self._sources[0].name

    def _checked(self, path: KeyPath, make: Callable[[], T]) -> T:
        """What `make` makes; an error of its says where in the recipe its cause stands."""
        try:
            return make()
        except RecipeError:
            raise
        except RewardkitError as error:
            raise RecipeError(f"{self._where(path)}: {error}") from error

    def _read_reading(self) -> Reading:
        table = self.tables.reading
        return Reading(table.think, table.answer, table.prefilled, self.tables.columns)

    def _read_suite(self) -> Suite | None:
        if not self.tables.rewards:
            if self.tables.gates:
                raise RecipeError(f"{self._where(('gates',))}: gates without rewards to gate.")
            return None
        rewards = {name: self._reward(name, t) for name, t in self.tables.rewards.items()}
        gates = [rewards[n] if n in rewards else self._gate(n) for n in self.tables.gates]
        terms = [self._term(rewards[n], t, gates) for n, t in self.tables.rewards.items()]
        return self._checked(("rewards",), lambda: Suite(tuple(terms), self.reading, self.name))

    def _gate(self, name: str) -> Reward:
        return self._checked(("gates",), lambda: self._registry.reward(name))

    def _reward(self, name: str, table: RewardTable) -> Reward:
        path = ("rewards", name)
        if table.first_of:
            reward = self._checked((*path, "first_of"), lambda: self._first_of(table.first_of))
        else:
            reward = self._checked(path, lambda: self._registry.reward(table.reward or name))
        own_keys = tuple(RewardTable.model_fields)
        reward = self._with_each(path, reward, table.options, own_keys)
        if table.limits:
            reward = self._checked(path, lambda: _limited(reward, table.limits))
        return reward if reward.name == name else reward.named(name)

    def _first_of(self, names: list[str]) -> Reward:
        return FirstOf(*(self._registry.reward(name) for name in names))

    def _term(self, reward: Reward, table: RewardTable, gates: list[Reward]) -> Term:
        behind = tuple(gate for gate in gates if gate.name != reward.name)
        weight, schedule = table.weight, None
        if isinstance(weight, ScheduleTable):
            schedule = Schedule(weight.start, weight.end, weight.steps)
            weight = 1.0
        return self._checked(
            ("rewards", reward.name),
            lambda: Term(reward, weight, schedule, behind, table.required, table.on_failure),
        )

    def _read_filters(self) -> FilterChain:
        filters = []
        for name, table in self.tables.filters.items():
            filters.append(self._filter(name, table))
        return FilterChain(tuple(filters), self.reading)

    def _filter(self, name: str, table: FilterTable) -> Filter[..., Any]:
        path = ("filters", name)
        found = self._checked(path, lambda: self._registry.filter(table.filter or name))
        found = self._with_each(path, found, table.options, tuple(FilterTable.model_fields))
        return found if found.name == name else found.named(name)

    def _read_selectors(self) -> list[Selector]:
        table = self.tables.select
        for name in table.options:
            if name not in table.keep:
                known = [*SelectTable.model_fields, *table.keep]
                raise RecipeError(
                    f"{self._where(('select', name))}: there is no key 'select.{name}', and no "
                    f"selector of that name in `keep`.{nearest(name, known)}"
                )
        return [self._selector(name, table.options.get(name, {})) for name in table.keep]

    def _selector(self, name: str, options: Any) -> Selector:
        path = ("select", name)
        found = self._checked(("select", "keep"), lambda: self._registry.selector(name))
        if not isinstance(options, Mapping):
            raise RecipeError(f"{self._where(path)}: select.{name} is a table of options.")
        return self._with_each(path, found, options, own_keys=())

    def _with_each(
        self,
        path: KeyPath,
        thing: Configurable,
        options: Mapping[str, Any],
        own_keys: tuple[str, ...],
    ) -> Configurable:
        """The reward, filter or selector with its options; an error names the line of one."""
        known: list[str] = _option_names(thing)
        for name in options:
            if name not in known:
                besides = f" Keys of every such table: {', '.join(own_keys)}." if own_keys else ""
                raise RecipeError(
                    f"{self._where((*path, name))}: {thing.name!r} has no option {name!r}."
                    f"{nearest(name, [*known, *own_keys])} "
                    f"It takes: {', '.join(known) or 'none'}.{besides}"
                )
        try:
            return thing.using(**options) if options else thing
        except OptionError as error:
            at = path if error.option is None else (*path, error.option)
            raise RecipeError(f"{self._where(at)}: {error}") from error


def load_recipe(
    source: str | Path | Mapping[str, Any] | Recipe, *, registry: Registry | None = None
) -> Recipe:
    """Read a recipe and check all of it.

    Args:
        source: A TOML or YAML file, the name of a preset, or a mapping with the same keys.
        registry: Where names are looked up; by default among the installed plugins.

    Raises:
        RecipeError: The file cannot be read, or something in it is wrong; the message names the
            line.
        UnknownNameError: There is neither a file nor a preset of this name.
    """
    if isinstance(source, Recipe):
        return source
    registry = registry or installed()
    return Recipe(_with_presets(_read_source(source, registry), registry), registry)


def preset(name: str) -> Suite:
    """The suite of an installed preset, for instance "r1-zero".

    Raises:
        UnknownNameError: No installed plugin ships a preset of this name.
        RecipeError: The preset has no rewards.
    """
    recipe = load_recipe(installed().preset(name))
    if recipe.suite is None:
        raise RecipeError(f"Preset {name!r} has no rewards to score with, only filters.")
    return recipe.suite


def _read_source(source: str | Path | Mapping[str, Any], registry: Registry) -> _Source:
    if isinstance(source, Mapping):
        return _Source("the recipe", "", source)
    path = Path(source)
    if path.suffix in (".toml", ".yaml", ".yml"):
        return _read_file(path)
    if isinstance(source, str):
        return _read_file(registry.preset(source))
    raise RecipeError(f"{path}: a recipe is a .toml, .yaml or .yml file.")


def _read_file(path: Path) -> _Source:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise RecipeError(f"The recipe {path} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise RecipeError(f"The recipe {path} is not UTF-8: {error}.") from error
    document = _parsed(path, text)
    if not isinstance(document, Mapping):
        raise RecipeError(f"{path} holds {type(document).__name__}, not tables of a recipe.")
    return _Source(str(path), text, document)


def _parsed(path: Path, text: str) -> Any:
    if path.suffix == ".toml":
        try:
            return tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            raise RecipeError(f"{path} is not TOML: {error}.") from error
    import yaml

    try:
        return yaml.safe_load(text) or {}
    except yaml.YAMLError as error:
        raise RecipeError(f"{path} is not YAML: {error}.") from error


def _with_presets(source: _Source, registry: Registry) -> list[_Source]:
    """The source and the presets that it stands on, the most particular first."""
    sources = [source]
    while (name := sources[-1].document.get("preset")) is not None:
        below = _read_source(_preset_path(name, sources[-1], registry), registry)
        if any(below.name == known.name for known in sources):
            raise RecipeError(f"{below.name} stands on itself: presets go round in a circle.")
        sources.append(below)
    return sources


def _preset_path(name: Any, source: _Source, registry: Registry) -> Path:
    line = locate(source.text, source.name, ("preset",))
    where = f"{source.name}, line {line}" if line else source.name
    if not isinstance(name, str):
        raise RecipeError(f"{where}: preset = {name!r}: a preset is a name.")
    try:
        return registry.preset(name)
    except RewardkitError as error:
        raise RecipeError(f"{where}: {error}") from error


def _merged(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    """Both documents as one: tables are merged, and of anything else the one above holds."""
    merged = dict(below)
    for key, value in above.items():
        known = merged.get(key)
        both = isinstance(known, Mapping) and isinstance(value, Mapping)
        merged[key] = _merged(known, value) if both else value  # type: ignore[arg-type]  # both are mappings
    return merged


def _without_false(document: Mapping[str, Any]) -> dict[str, Any]:
    """The document less the rewards and filters that it switches off."""
    kept = dict(document)
    for section in ("rewards", "filters"):
        if isinstance(kept.get(section), Mapping):
            kept[section] = {n: t for n, t in kept[section].items() if t is not False}
    return kept


def _option_names(thing: Reward | Filter[..., Any] | Selector) -> list[str]:
    if isinstance(thing, FirstOf):
        return thing.member_names
    if isinstance(thing, FunctionReward):
        return list(thing.call.signature.options)
    return [] if isinstance(thing, Reward) else list(thing.signature.options)


def _limited(reward: Reward, limits: Mapping[str, Any]) -> Reward:
    if isinstance(reward, FunctionReward):
        return reward.limited(**limits)
    raise RecipeError(f"{reward.name!r} is a fallback: set limits on its members.")

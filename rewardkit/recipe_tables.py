"""The tables of a recipe file, as pydantic checks them."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from rewardkit.locating import KeyPath

__all__ = [
    "ExportTable",
    "FilterTable",
    "ReadingTable",
    "RecipeTables",
    "RewardTable",
    "ScheduleTable",
    "SelectTable",
    "keys_at",
]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _WithOptions(BaseModel):
    """A table whose other keys are options of what it names."""

    model_config = ConfigDict(extra="allow", frozen=True)

    @property
    def options(self) -> dict[str, Any]:
        """The keys that are not the table's own."""
        return dict(self.__pydantic_extra__ or {})


class ScheduleTable(_Strict):
    """A weight that goes from `start` to `end` over `steps` steps."""

    start: float
    end: float
    steps: int = Field(ge=1)


class RewardTable(_WithOptions):
    """`[rewards.NAME]`: a term of the suite. Keys besides these are the reward's own options.

    `reward` names the reward where the term is to be called otherwise; `first_of` makes the term
    the first of several rewards that does not abstain, with a table of options for each.
    """

    weight: float | ScheduleTable = 1.0
    required: bool = False
    on_failure: Literal["abstain", "zero", "raise"] = "abstain"
    reward: str = ""
    first_of: list[str] = []
    deadline: float | None = None
    workers: int | None = None
    memory: int | None = None
    concurrency: int | None = None

    @property
    def limits(self) -> dict[str, Any]:
        """Those of the limits that are set."""
        names = ("deadline", "workers", "memory", "concurrency")
        return {n: getattr(self, n) for n in names if getattr(self, n) is not None}


class FilterTable(_WithOptions):
    """`[filters.NAME]`: options; `filter` names the filter where it is to be called otherwise."""

    filter: str = ""


class ReadingTable(_Strict):
    """`[reading]`: the names of tags, and whether the chat template prefills the think tag."""

    think: str | tuple[str, str] = "think"
    answer: str | tuple[str, str] = "answer"
    prefilled: Literal["auto", "yes", "no"] = "auto"

    @field_validator("prefilled", mode="before")
    @classmethod
    def _yaml_reads_yes_as_true(cls, value: Any) -> Any:
        return {True: "yes", False: "no"}.get(value, value) if isinstance(value, bool) else value


class SelectTable(_WithOptions):
    """`[select]`: which of a prompt's completions to keep.

    `keep` names selectors, each choosing among what the one before kept; `per_prompt` cuts what is
    left. `unique` keeps no long text twice, whatever its prompt. A table `[select.NAME]` holds a
    selector's options.
    """

    keep: list[str] = []
    per_prompt: int | None = Field(default=None, ge=1)
    unique: bool = False

    @field_validator("keep", mode="before")
    @classmethod
    def _one_is_a_list(cls, value: Any) -> Any:
        return [value] if isinstance(value, str) else value


class ExportTable(_Strict):
    """`[export]`: the form of the kept rows, their file type, and columns to carry along."""

    format: str = "messages"
    file: Literal["jsonl", "parquet"] = "jsonl"
    columns: list[str] = []


class RecipeTables(_Strict):
    """What a recipe file holds; see the module's docstring for one whole."""

    name: str = ""
    description: str = ""
    columns: dict[str, str] = {}
    reading: ReadingTable = ReadingTable()
    rewards: dict[str, RewardTable] = {}
    gates: list[str] = []
    filters: dict[str, FilterTable] = {}
    select: SelectTable = SelectTable()
    export: ExportTable = ExportTable()


def keys_at(path: KeyPath) -> list[str]:
    """The keys that the table at `path` may have."""
    model: type[BaseModel] = RecipeTables
    for part in path:
        field = model.model_fields.get(str(part))
        inner = field.annotation if field else None
        if isinstance(inner, type) and issubclass(inner, BaseModel):
            model = inner
        elif part in ("weight", "ScheduleTable"):
            model = ScheduleTable
    known = list(model.model_fields)
    return [*known, "preset"] if model is RecipeTables else known

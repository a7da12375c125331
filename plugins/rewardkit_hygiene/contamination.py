"""The filter `contaminated`: prompts that stand in a benchmark."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import rewardkit as rk
from rewardkit.option_types import Checked, PositiveInt
from rewardkit.wordcount import split_words, word_runs
from rewardkit_hygiene.leaks import message_texts
from rewardkit_hygiene.quoting import quoted

if TYPE_CHECKING:
    import numpy as np

    from rewardkit.wordcount import Hashes

__all__ = ["contaminated"]

# Where benchmarks have their questions, tried in this order.
_QUESTION_COLUMNS = ("prompt", "question", "problem", "instruction", "query", "input", "text")


class _Benchmarks(NamedTuple):
    """The questions of benchmarks: hashes of their runs of words, and of the short ones whole."""

    runs: Hashes  # in order, none twice
    short: frozenset[int]

    def have(self, hashes: Hashes) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
        """Which of the hashes are a run's."""
        import numpy as np

        if not self.runs.size:
            return np.zeros(len(hashes), np.bool_)
        places = np.searchsorted(self.runs, hashes)
        nearest: Hashes = self.runs[np.minimum(places, len(self.runs) - 1)]
        return np.equal(nearest, hashes)


def _check_files(paths: list[str]) -> None:
    from rewardkit.builder.sources import open_source

    if not paths:
        raise ValueError("name at least one file of a benchmark")
    open_source(list(paths))  # a RowError, which is a ValueError, where there is none


@rk.filter
def contaminated(
    completion: rk.Completion,
    prompt: Any,
    *,
    benchmarks: Annotated[list[str], Checked(_check_files)],
    column: str = "",
    words: PositiveInt = 13,
) -> rk.Rejection | None:
    """Rejects rows whose prompt shares a run of `words` words with a benchmark.

    The value is the share of the prompt's runs that do. `benchmarks` are JSONL or Parquet files,
    or folders of them, with a question a row, in `column` or else in the first there is of prompt,
    question, problem, instruction, query, input and text. Case and punctuation are no matter. Of
    Chinese, Japanese, Thai, Lao, Khmer and Burmese, as many characters are compared as make
    `words` words. Prompts of fewer words are compared whole; where they have five words or more
    beside their numbers, without these. System messages are not looked at.
    """
    known = _read(tuple(benchmarks), column, words)
    for role, text in message_texts(prompt):
        if role == "system":
            continue
        runs = word_runs(text, words)
        shared = known.have(runs.hashes)
        if shared.any():
            first = int(shared.argmax())
            shown = quoted(" ".join(runs.words[first : runs.ends[first]]))
            share = float(shared.mean())
            return rk.Rejection(
                f"{share:.1%} of the prompt's runs of {words} words stand in a benchmark: {shown}",
                share,
            )
        if not runs.hashes.size and hash(_essence(text)) in known.short:
            return rk.Rejection(f"100.0% of the prompt stands in a benchmark: {quoted(text)}", 1.0)
    return None


@functools.lru_cache(maxsize=8)
def _read(paths: tuple[str, ...], column: str, words: int) -> _Benchmarks:
    import numpy as np

    from rewardkit.builder.sources import open_source

    runs: list[Hashes] = []
    short: set[int] = set()
    for line in open_source(list(paths)):
        for _, text in message_texts(_question(line.row or {}, column)):
            runs.append(np.unique(word_runs(text, words).hashes))
            if not runs[-1].size and _essence(text):
                short.add(hash(_essence(text)))
    every = np.unique(np.concatenate(runs)) if runs else np.empty(0, np.uint64)
    return _Benchmarks(every, frozenset(short))


def _question(row: Mapping[str, Any], column: str) -> Any:
    columns = (column,) if column else _QUESTION_COLUMNS
    return next((row[name] for name in columns if row.get(name)), None)


def _essence(text: str) -> tuple[str, ...]:
    """What makes a short question that question: its words, without numbers where enough are left.

    A benchmark's question with other numbers is still the benchmark's; of "2 + 2" they are all.
    """
    every = split_words(text)
    letters = [word for word in every if not word[0].isdecimal()]
    return tuple(letters if len(letters) >= _ENOUGH_WORDS else every)


_ENOUGH_WORDS = 5

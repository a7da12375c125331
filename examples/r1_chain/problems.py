"""The task: two-digit sums, asked in English or Chinese, thought through digit by digit."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import combinations_with_replacement
from typing import Any

from r1_chain.recipe import Task

QUESTION = {"en": "What is {} plus {}?", "zh": "{}加{}等于多少?"}
PLUS = {"en": " plus ", "zh": "加"}
EQUALS = {"en": " is ", "zh": "等于"}
STOP = {"en": ". ", "zh": "。"}
OTHER = {"en": "zh", "zh": "en"}


@dataclass(frozen=True)
class Problem:
    """A sum, and the language that it is asked in and should be thought through in."""

    a: int
    b: int
    language: str

    @property
    def row(self) -> dict[str, Any]:
        """The columns that rewardkit reads, without a completion."""
        question = QUESTION[self.language].format(self.a, self.b)
        return {
            "prompt": [{"role": "user", "content": question}],
            "answer": str(self.a + self.b),
            "language": self.language,
            "prompt_id": f"{self.language}-{self.a}+{self.b}",
        }


@dataclass(frozen=True)
class Problems:
    """The problems of a task: those of the cold start, of RL, and of the test."""

    test: list[Problem]
    cold: list[Problem]
    rl: list[Problem]


def make_problems(task: Task, seed: int) -> Problems:
    """Every sum once, 47 + 38 being 38 + 47: no problem of the test is trained on."""
    rng = random.Random(seed)
    pairs = list(combinations_with_replacement(range(task.lowest, task.highest + 1), 2))
    rng.shuffle(pairs)
    asked = [_ask(pair, rng) for pair in pairs]
    cold_from, rl_from = task.test, task.test + task.cold
    return Problems(asked[:cold_from], asked[cold_from:rl_from], asked[rl_from:])


def _ask(pair: tuple[int, int], rng: random.Random) -> Problem:
    a, b = rng.sample(pair, 2)
    return Problem(a, b, rng.choice(["en", "zh"]))


def think(problem: Problem, language: str) -> str:
    """The sum digit by digit, the ones first, with the carry as a further 1."""
    steps, carry = [], 0
    top, bottom = str(problem.a)[::-1], str(problem.b)[::-1]
    for place in range(max(len(top), len(bottom))):
        terms = [int(digits[place]) for digits in (top, bottom) if place < len(digits)]
        terms += [1] * carry
        steps.append(PLUS[language].join(map(str, terms)) + EQUALS[language] + str(sum(terms)))
        carry = sum(terms) // 10
    return STOP[language].join(steps) + STOP[language].strip()


def demonstrate(problem: Problem, language: str) -> str:
    """A completion in R1's form, right, with its thinking in this language."""
    thinking = think(problem, language)
    return f"<think>{thinking}</think>\n<answer>{problem.a + problem.b}</answer>"


def imperfect_demonstrations(
    problems: Iterable[Problem], task: Task, seed: int
) -> Iterator[dict[str, Any]]:
    """Right demonstrations, some thought through in the other language, some lacking a tag."""
    rng = random.Random(seed)
    for problem in problems:
        wrong = rng.random() < task.wrong_language
        text = demonstrate(problem, OTHER[problem.language] if wrong else problem.language)
        if rng.random() < task.malformed:
            text = text.replace(rng.choice(["</think>", "<think>", "<answer>"]), "")
        yield {**problem.row, "completion": text}

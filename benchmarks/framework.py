"""What the framework costs a row and a reward, over the bare function and beside its peers.

    python benchmarks/framework.py [ROWS]

The functions do next to nothing, so that what is measured is what is around them. Times are
medians of rounds in which all take turns; the machine's noise then falls on each alike. 1,024 rows
are a large step of GRPO; many more no longer fit the processor's caches, which shows.
"""

from __future__ import annotations

import asyncio
import gc
import logging
import statistics
import sys
import time
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any
from unittest import mock

import rewardkit as rk
from rewardkit.completions import Reading
from rewardkit.rows import read_batch

ROUNDS = 31
MOST_PEER_ROWS = 1_024  # for theirs take long, and cost no less a row when there are more


def exact(completion: str, answer: str) -> float:
    return float(completion == answer)


def batched(completions: list[str], answer: list[str], **kwargs: Any) -> list[float]:
    return [float(c == a) for c, a in zip(completions, answer, strict=True)]


def detailed(completion: str, answer: str) -> rk.Score:
    right = completion == answer
    return rk.Score(float(right), "equal" if right else "differs", {"answer": answer})


def make_rows(count: int) -> list[dict[str, Any]]:
    return [
        {"prompt": f"What is {i}?", "completion": f"It is {i}. " * 20, "answer": str(i)}
        for i in range(count)
    ]


def named(function: Callable[..., Any], count: int) -> list[rk.Reward]:
    return [rk.reward(name=f"{function.__name__}{i}")(function) for i in range(count)]


def microseconds(calls: dict[str, Callable[[], Any]], units: dict[str, int]) -> dict[str, float]:
    """The median time of each call, by its units of work; the calls take turns."""
    times: dict[str, list[float]] = {name: [] for name in calls}
    for _ in range(ROUNDS):
        for name, call in calls.items():
            gc.collect()
            begin = time.perf_counter()
            call()
            times[name].append(time.perf_counter() - begin)
    return {name: statistics.median(t) / units[name] * 1e6 for name, t in times.items()}


def own_calls(rows: list[dict[str, Any]]) -> tuple[dict[str, Callable[[], Any]], dict[str, int]]:
    count = len(rows)
    one, eight, many = sum(named(exact, 1)), sum(named(exact, 8)), sum(named(batched, 8))
    scores = sum(named(detailed, 8))
    calls: dict[str, Callable[[], Any]] = {
        "bare loop": lambda: [exact(row["completion"], row["answer"]) for row in rows],
        "reading rows": lambda: read_batch(rows, Reading()),
        "rewardkit, 1 reward": lambda: one.score(rows),
        "rewardkit, 8 rewards": lambda: eight.score(rows),
        "rewardkit, 8 rewards of the batch": lambda: many.score(rows),
        "bare loop, 8 rewards, Scores with reasons": lambda: [
            [detailed(row["completion"], row["answer"]) for row in rows] for _ in range(8)
        ],
        "rewardkit, 8 rewards, Scores with reasons": lambda: scores.score(rows),
    }
    return calls, {name: count * (8 if "8 rewards" in name else 1) for name in calls}


def trl_call(rows: list[dict[str, Any]]) -> Callable[[], Any]:
    """TRL's own loop over reward functions, on a trainer that has only what the loop asks for."""
    import torch
    from trl import GRPOTrainer

    functions = [batched] * 8
    trainer = mock.MagicMock(
        accelerator=SimpleNamespace(device=torch.device("cpu"), is_main_process=True),
        reward_funcs=functions,
        reward_processing_classes=[None] * 8,
        reward_func_names=[f"batched{i}" for i in range(8)],
        state=SimpleNamespace(global_step=0),
        args=SimpleNamespace(report_to=[]),
    )
    prompts, completions = [r["prompt"] for r in rows], [r["completion"] for r in rows]
    ids = [[0]] * len(rows)
    module = sys.modules[GRPOTrainer.__module__]

    def call() -> Any:
        with mock.patch.object(module, "gather", lambda tensor: tensor):
            return GRPOTrainer._calculate_rewards(trainer, rows, prompts, completions, ids)  # noqa: SLF001

    assert call().shape == (len(rows), 8)
    return call


def verifiers_call(rows: list[dict[str, Any]]) -> Callable[[], Any]:
    """A Rubric over rollouts that are done."""
    import verifiers

    logging.getLogger("verifiers").setLevel(logging.ERROR)
    rubric = verifiers.Rubric(funcs=[exact] * 8)
    states = [{**row, "trajectory": [], "timing": mock.MagicMock(), "info": {}} for row in rows]

    async def score() -> None:
        await asyncio.gather(*(rubric.score_rollout(state) for state in states))

    def call() -> Any:
        return asyncio.run(score())

    call()
    assert all("reward" in state for state in states)
    return call


PEERS = {
    "TRL, 8 rewards of the batch": (trl_call, "pip install trl"),
    "verifiers, 8 rewards": (verifiers_call, 'pip install "verifiers<0.2"'),
}


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1_024
    calls, units = own_calls(make_rows(count))
    missing = []
    for name, (prepare, install) in PEERS.items():
        try:
            peer_rows = make_rows(min(count, MOST_PEER_ROWS))
            calls[name] = prepare(peer_rows)
            units[name] = len(peer_rows) * 8
        except ImportError:
            missing.append(f"{name}: not installed ({install})")
        except Exception as error:
            missing.append(f"{name}: this version has no such loop ({error!r}); {install}")
    gc.freeze()
    found = microseconds(calls, units)
    bare = found["bare loop"]
    print(f"{count} rows, medians of {ROUNDS} rounds\n")
    print(f"{'':44} {'us a row and reward':>20} {'over the bare loop':>20}")
    for name, each in found.items():
        base = found["bare loop, 8 rewards, Scores with reasons"] if "reasons" in name else bare
        over = "" if name.startswith(("bare", "reading")) else f"{each - base:20.2f}"
        print(f"{name:44} {each:20.2f} {over:>20}")
    for line in missing:
        print(line)


if __name__ == "__main__":
    main()

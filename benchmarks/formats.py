"""What the rewards for form, length and repetition cost, on plain text and on hostile.

    python benchmarks/formats.py

MB of UTF-8 a second of processor time, the best of three rounds; for hostile text of about 200 KB,
the milliseconds of the worst. Beside `format` stand the patterns that open-r1 and TRL publish, run
by `re` as they run them.
"""

from __future__ import annotations

import re
import time

import rewardkit_format as forms

import rewardkit as rk

ROUNDS = 3
ENGLISH = (
    "Step {n}: the {n}th term is the sum of the two before it, so we add them up. Then check.\n"
)
CHINESE = "第{n}步：第{n}项等于前两项之和，所以我们把它们相加。然后检查结果。\n"
PLAIN = {
    name: "<think>\n" + "".join(line.format(n=n) for n in range(2_000)) + "</think>\n\\boxed{5}"
    for name, line in (("English", ENGLISH), ("Chinese", CHINESE))
}
HOSTILE = [
    "<think>\n" + "\n</think>\n<answer>\n" * 8_000,
    "<think>" * 30_000,
    r"\boxed{" * 30_000,
    "```python\n" * 20_000,
    "[" * 200_000,
    "- " * 100_000,
    "!" * 200_000,
    "重" * 66_000,
    "\n \t" * 66_000,
    ("!" * 119 + "a") * 1_700,
    "step one:\n" * 20_000,
    "<answer>```python\n" * 11_000,
]
REWARDS = {
    "format": forms.format,
    "tags": forms.tags,
    "tag_count": forms.tag_count,
    "boxed": forms.boxed,
    "json": forms.json,
    "regex": forms.regex.using(pattern=r"(?s)<think>.*</think>.*"),
    "code_format": forms.code_format,
    "reasoning_steps": forms.reasoning_steps,
    "overlong, words": forms.overlong.using(unit="words"),
    "repetition": forms.repetition,
}
PEERS = {
    "open-r1's format": r"^<think>\n.*?\n</think>\n<answer>\n.*?\n</answer>$",
    "TRL's format": r"^<think>(?!.*<think>)(.*?)</think>.*$",
}


def seconds(score, text):
    best = float("inf")
    for _ in range(ROUNDS):
        start = time.process_time()
        score(text)
        best = min(best, time.process_time() - start)
    return best


def subjects():
    for name, reward in REWARDS.items():
        yield name, lambda text, reward=reward: reward(rk.Completion(text))
    for name, pattern in PEERS.items():
        compiled = re.compile(pattern, re.DOTALL | re.MULTILINE)
        yield name, compiled.match


def main():
    print(f"{'':18}" + "".join(f"{name:>10} MB/s" for name in PLAIN) + f"{'hostile ms':>14}")
    for name, score in subjects():
        rates = [len(t.encode()) / 1e6 / max(seconds(score, t), 1e-7) for t in PLAIN.values()]
        worst = max(seconds(score, text) for text in HOSTILE) * 1_000
        print(f"{name:18}" + "".join(f"{rate:15,.1f}" for rate in rates) + f"{worst:14,.1f}")


if __name__ == "__main__":
    main()

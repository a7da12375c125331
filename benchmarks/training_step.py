"""What scoring costs in a step of training: rewardkit beside TRL's rewards and open-r1's grading.

    .venv-trainers/bin/python benchmarks/training_step.py

One step is 1,024 completions, 8 a prompt: half with a mathematical answer, a quarter with a
program and three tests, a quarter with prose, and each of them judged for its form as well.
rewardkit judges their language besides, which neither peer does. The peers are called as a trainer
calls them: TRL's `accuracy_reward` on the rows that have a solution, its `think_format_reward` on
all, and on the programs what open-r1's script does, one interpreter a test, here without its
sandbox. Seconds of the wall clock; rewardkit's are the best of three steps.
"""

from __future__ import annotations

import random
import subprocess
import sys
import time

from trl.rewards import accuracy_reward, think_format_reward

import rewardkit as rk
from rewardkit.trainers.trl import total

PROMPTS, SAMPLES = 128, 8
THINKING = "We take the numbers one after another and add them up, and then we check the sum. "
PROGRAM = "numbers = list(map(int, input().split()))\nprint(sum(numbers) + {error})\n"


def mathematics(rng, number):
    given = rng.choice(
        [rf"\frac{{{number}}}{{7}}", f"{number / 7:.3f}", str(number), f"x={number}"]
    )
    return {"answer": rf"\frac{{{number}}}{{7}}"}, rf"The answer is $\boxed{{{given}}}$."


def program(rng, number):
    inputs = [f"{number} {k}" for k in range(3)]
    tests = {"inputs": inputs, "outputs": [str(number + k) for k in range(3)]}
    code = PROGRAM.format(error=rng.choice([0, 0, 0, 1]))
    return {"tests": tests}, f"```python\n{code}```"


def prose(rng, number):
    return {}, f"It has {number} parts, and each of them is described in a place of its own."


def rows():
    """The step's columns, as TRL hands them over."""
    rng = random.Random(0)
    made = []
    for number in range(PROMPTS):
        kind = (mathematics, mathematics, program, prose)[number % 4]
        for _ in range(SAMPLES):
            columns, response = kind(rng, number)
            thinking = THINKING * rng.randint(5, 20)
            tags = rng.choice(["<think>\n{}\n</think>\n{}"] * 3 + ["{}\n{}"])
            message = {"role": "assistant", "content": tags.format(thinking, response)}
            made.append(
                {
                    "prompts": [{"role": "user", "content": f"Question {number}"}],
                    "completions": [message],
                    "answer": columns.get("answer"),
                    "tests": columns.get("tests"),
                }
            )
    return {name: [row[name] for row in made] for name in made[0]}


def trls(step, solved):
    completions = step["completions"]
    right = accuracy_reward(
        [completions[i] for i in solved], [f"${step['answer'][i]}$" for i in solved]
    )
    return sum(right), sum(think_format_reward(completions))


def open_r1s(step):
    pairs = zip(step["completions"], step["tests"], strict=True)
    return sum(graded(completion[0]["content"], tests) for completion, tests in pairs if tests)


def graded(text, tests):
    code = text.rpartition("```python\n")[2].partition("```")[0]
    passed = 0
    for given, wanted in zip(tests["inputs"], tests["outputs"], strict=True):
        done = subprocess.run(
            [sys.executable, "-c", code],
            input=given,
            capture_output=True,
            text=True,
            timeout=5,
            check=False,
        )
        passed += done.stdout.strip() == wanted
    return passed / len(tests["inputs"])


def timed(score, rounds):
    seconds = []
    for _ in range(rounds):
        begin = time.perf_counter()
        found = score()
        seconds.append(time.perf_counter() - begin)
    return found, seconds


def main():
    step = rows()
    accuracy, language = rk.get_reward("accuracy"), rk.get_reward("language")
    form = rk.get_reward("format").using(style="trl")
    metrics = {}
    function = total(accuracy + 0.5 * form + 0.2 * language)
    _, ours = timed(lambda: function(**step, log_metric=metrics.__setitem__), 3)
    solved = [i for i, answer in enumerate(step["answer"]) if answer is not None]
    part = {name: [column[i] for i in solved] for name, column in step.items()}
    function = total(accuracy + 0.5 * form)
    _, same = timed(lambda: function(**part), 3)
    (right, formed), seconds = timed(lambda: trls(step, solved), 1)
    passed, programs = timed(lambda: open_r1s(step), 1)
    [trl], [code] = seconds, programs
    print(f"{len(step['completions'])} completions a step, {len(solved)} of them mathematics")
    print(f"rewardkit, all rows           {min(ours):8.2f} s (the first step {ours[0]:.2f} s)")
    print(f"rewardkit, mathematics alone  {min(same):8.2f} s")
    print(f"TRL's accuracy and format     {trl:8.2f} s")
    print(f"open-r1's grading of programs {code:8.2f} s")
    print(f"TRL's and open-r1's together are {(trl + code) / min(ours):.0f} times rewardkit")
    print({name: round(value, 3) for name, value in metrics.items() if name.endswith("mean")})
    print(f"theirs: accuracy {right:.0f}, format {formed:.0f}, programs {passed:.0f}")


if __name__ == "__main__":
    main()

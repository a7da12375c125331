"""Finding the program in a completion."""

import textwrap
import time

import pytest
from rewardkit_code.program import NoProgram, Program, find_program

import rewardkit as rk

F = "def f(x):\n    return x\n"


def fenced(text, tag="python"):
    return f"```{tag}\n{text}```\n"


@pytest.mark.parametrize(
    ("text", "source"),
    [
        (f"Here:\n{fenced(F)}Done.", F),
        (fenced("def f(): ...\n") + fenced(F), F),
        (fenced(F, "py") + fenced("f(1)\n", "text") + fenced("pip install x\n", "bash"), F),
        (fenced(F, ""), F),
        (f"<think>\n{fenced('def f(x): return 0')}</think>\n{fenced(F)}", F),
        (f"<think>so</think><answer>{fenced(F)}</answer>", F),
        (f"<think>so</think><answer>\n{F}</answer>", F),
        (F, F.strip()),
        (f"<think>so</think>\n\n{F}", F.strip()),
        ("print(1)", "print(1)"),
        ("1. So:\n   ```python\n   def f(x):\n       return x\n   ```\n", F),
    ],
)
def test_the_program_is_the_last_closed_block_of_the_response_or_bare_code(text, source):
    found = find_program(rk.Completion(text))
    assert isinstance(found, Program), found
    assert found.source == source
    assert found.language == "python"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "the response is empty"),
        (f"<think>{fenced(F)}</think>I am done.", "the response has no code"),
        (f"<think>{fenced(F)}", "no response"),
        (fenced("ls -l\n", "bash"), "no fenced block is a program"),
        (fenced("", "python"), "no fenced block is a program"),
        ("42", "the response has no code"),
        ("Yes", "the response has no code"),
        ("The answer is obvious.", "the response has no code"),
    ],
)
def test_a_response_without_a_program_says_so(text, reason):
    assert find_program(rk.Completion(text)) == NoProgram(reason)


def test_of_several_blocks_the_last_that_defines_what_is_tested_is_the_program():
    text = fenced(F) + "For example:\n" + fenced("print(f(3))\n")
    assert find_program(rk.Completion(text), names=("f",)).source == F
    assert find_program(rk.Completion(text)).source == f"{F}\nprint(f(3))\n"


@pytest.mark.parametrize(
    ("text", "source"),
    [
        (fenced(F) + "It prints:\n" + fenced("3\n", ""), F),
        (fenced(F) + "It takes:\n" + fenced("O(1)\n", ""), F),
        (fenced(F, "") + "It prints:\n" + fenced("3 4\n", ""), F),
        (fenced("\ufeff" + F), F),
        (fenced(F, "") + "It prints:\n" + fenced("3\n", ""), F),
        (f"So:\n```python\n{F}", F.rstrip()),
    ],
)
def test_a_block_without_a_tag_counts_where_no_other_does_and_where_it_is_code(text, source):
    assert find_program(rk.Completion(text)).source == source


def test_what_was_cut_off_is_no_program():
    cut = rk.Completion(f"```python\n{F}", finish_reason="length")
    assert find_program(cut) == NoProgram("the last block is not closed")
    twice = rk.Completion(fenced(F) + f"Shorter:\n```python\n{F[:9]}", finish_reason="length")
    assert find_program(twice).source == F


HELPER = "import math\n\ndef g(x):\n    return math.sqrt(x)\n"


@pytest.mark.parametrize(
    ("last", "together"),
    [
        ("def f(x):\n    return g(x)\n", True),
        ("print(g(4))\n", True),
        ("def f(x):\n    return math.pi\n", True),
        ("def f(x, g):\n    return g(x)\n", False),
        ("def f(x):\n    g = len\n    return g(x)\n", False),
        ("def f(x):\n    return h(x)\n", False),
        (HELPER + "def f(x):\n    return g(x)\n", False),
    ],
)
def test_a_program_in_parts_is_put_together_where_a_part_defines_what_another_lacks(
    last, together
):
    found = find_program(rk.Completion(fenced(HELPER) + "Then:\n" + fenced(last)))
    assert found.source == (f"{HELPER}\n{last}" if together else last)


def test_parts_are_looked_for_from_the_last_to_the_first():
    parts = fenced("import os\n") + fenced("def g(x):\n    return os\n") + fenced("g(1)\n")
    whole = "import os\n\ndef g(x):\n    return os\n\ng(1)\n"
    assert find_program(rk.Completion(parts)).source == whole


def test_reading_a_program_takes_time_in_proportion_to_its_length():
    def seconds(lines):
        began = time.process_time()
        text = fenced("class Solution:\n" + "\n" * lines + "    pass\n")
        find_program(rk.Completion(text), names=("f", "Solution"))
        return time.process_time() - began

    assert seconds(40_000) < 2.0


@pytest.mark.parametrize(
    ("text", "language", "found"),
    [
        (fenced("int main(){}\n", "cpp"), "", "cpp"),
        (fenced("int main(){}\n", "cpp") + fenced(F), "cpp", "cpp"),
        (fenced("int main(){}\n", "c++"), "cpp", "cpp"),
        (fenced("int main(){}\n", ""), "cpp", "cpp"),
        (fenced(F, "python3"), "", "python"),
    ],
)
def test_the_language_is_what_the_row_says_else_what_the_block_says(text, language, found):
    program = find_program(rk.Completion(text), language, languages={"python", "cpp", "java"})
    assert program.language == found


def test_a_program_in_another_language_than_the_row_wants_is_none():
    found = find_program(rk.Completion(fenced(F)), "cpp")
    assert found == NoProgram("no fenced block is a program in cpp")


STARTER = 'def f(x):\n    """The same."""\n'


@pytest.mark.parametrize(
    "text",
    ["    return x\n", "    if x:\n        return x\n    return x\n", fenced("    return x\n")],
)
def test_a_body_goes_on_from_the_starter_code(text):
    found = find_program(rk.Completion(text), starter=STARTER, names=("f",))
    assert found.source.startswith(STARTER.rstrip())
    assert compile(found.source, "f.py", "exec")


def test_code_that_defines_what_is_tested_needs_no_starter():
    found = find_program(rk.Completion(textwrap.indent(F, "    ")), starter=STARTER, names=("f",))
    assert "The same" not in found.source

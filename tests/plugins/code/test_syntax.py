import ast
import gc
import sys
import threading

import pytest
import rewardkit_code.scoring
from rewardkit_code import code
from rewardkit_code.syntax import UNREADABLE, parse_expression, parse_python

import rewardkit as rk

SOURCE = "x = [" + ", ".join(f"f({i}, a={i} + 1)" for i in range(300)) + "]\n"


@pytest.fixture
def threads_that_change_places():
    """Threads take turns in the midst of what CPython does in one go."""

    def pause(_phase, _info):
        for _ in range(20):
            pass

    interval, thresholds = sys.getswitchinterval(), gc.get_threshold()
    sys.setswitchinterval(1e-6)
    gc.set_threshold(50)
    gc.callbacks.append(pause)
    yield
    gc.callbacks.remove(pause)
    gc.set_threshold(*thresholds)
    sys.setswitchinterval(interval)


def test_source_is_read_from_threads_of_different_depth(threads_that_change_places):
    wrong = []

    def read(depth):
        if depth:
            read(depth - 1)
            return
        for _ in range(20):
            try:
                assert len(parse_python(SOURCE).body) == 1
            except SystemError as error:
                wrong.append(error)

    threads = [threading.Thread(target=read, args=(7 * n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_a_thread_that_does_not_wait_for_its_turn_costs_another_try(monkeypatch):
    real, calls = ast.parse, []

    def disturbed(source, *rest, **options):
        calls.append(source)
        if len(calls) < 4:
            raise SystemError("AST constructor recursion depth mismatch (before=39, after=36)")
        return real(source, *rest, **options)

    monkeypatch.setattr(ast, "parse", disturbed)
    assert ast.unparse(parse_expression("1 + 1")) == "1 + 1"
    assert len(calls) == 4


@pytest.mark.parametrize("source", ["f(", "\0", "(" * 5000 + ")" * 5000, "[" * 300 + "]" * 300])
def test_what_is_no_python_raises_one_of_few_errors(source):
    with pytest.raises(UNREADABLE):
        parse_python(source)


def test_a_row_that_cannot_be_judged_fails_alone(monkeypatch):
    find = rewardkit_code.scoring.find_program

    def breaks_on_one(completion, *rest):
        if "broken" in completion:
            raise ZeroDivisionError("an accident")
        return find(completion, *rest)

    monkeypatch.setattr(rewardkit_code.scoring, "find_program", breaks_on_one)
    completions = [rk.Completion("broken"), rk.Completion("no program here")]
    broken, other = code(completions, ["assert f(1) == 1"] * 2)
    assert broken.failed
    assert broken.reason == "ZeroDivisionError: an accident"
    assert "breaks_on_one" in broken.evidence["traceback"]
    assert (other.value, other.failed) == (0.0, False)

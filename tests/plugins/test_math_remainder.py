"""What goes to sympy: the deadline holds from any thread, and nothing is left behind."""

import json
import random
import threading
import tracemalloc
from itertools import permutations
from pathlib import Path

import pytest
from rewardkit_math import group_answers, remainder, verify

from rewardkit.workers import WorkerPool
from rewardkit.workers.slot import Slot

DATA = Path(__file__).parents[2] / ".." / "shared" / "data"
LATE = 0.5  # seconds that a deadline may be overrun by; measured: 0.05
SLOW = r"\int_0^1 \frac{\sin(x^%d+e^{x})}{\sqrt{x^5+\ln(1+x)}} dx"


def test_out_of_time_is_a_failed_score_that_says_so(stopwatch):
    score = verify("3", SLOW % 3, deadline=1.0)
    assert stopwatch.seconds < 1.0 + LATE
    assert score.failed
    assert score.value is None
    assert "out of time: 1 s" in score.reason


def test_the_deadline_holds_from_every_thread_at_once(stopwatch):
    took = []

    def one(power):
        score = verify("3", SLOW % power, deadline=2.0)
        took.append((stopwatch.seconds, score.failed))

    threads = [threading.Thread(target=one, args=(power,)) for power in range(2, 7)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(took) == 5
    assert all(seconds < 2.0 + LATE and failed for seconds, failed in took), took


def test_after_a_worker_was_killed_the_next_pair_is_decided():
    verify("3", SLOW % 9, deadline=0.5)
    assert verify("1/2", r"\int_0^1 x\,dx", deadline=30).value == 1.0


def test_several_references_share_one_deadline(stopwatch):
    score = verify([SLOW % power for power in range(2, 8)], "3", deadline=1.5)
    assert score.failed
    assert "1.5 s" in score.reason
    assert stopwatch.seconds < 1.5 + LATE  # one deadline each would be 9 s


def test_a_reference_that_is_the_answer_needs_no_time_for_the_others(stopwatch):
    assert verify([SLOW % 2, SLOW % 3, "3"], "3").value == 1.0
    assert stopwatch.seconds < LATE


def test_the_start_of_a_worker_counts(monkeypatch, stopwatch):
    over = threading.Event()

    def never_starts(_):
        over.wait(3.0)
        return False

    monkeypatch.setattr(Slot, "_start", never_starts)
    pool = WorkerPool(1)
    monkeypatch.setattr(remainder, "shared_pool", lambda *_, **__: pool)
    score = verify("3", SLOW % 2, deadline=0.5)
    took = stopwatch.seconds
    over.set()
    pool.close()
    assert score.failed
    assert took < 0.5 + LATE


def test_threads_come_to_the_verdicts_of_one():
    pairs = [("x^2-1", "(x-1)(x+1)"), (r"\sqrt8", r"2\sqrt2"), ("e^{-40}", "e^{-41}")] * 20
    alone = [verify(*pair).value for pair in pairs]
    together: dict[int, list] = {}

    def run(name):
        together[name] = [verify(*pair).value for pair in pairs]

    threads = [threading.Thread(target=run, args=(name,)) for name in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(values == alone for values in together.values())


PIECES = [
    *"0123456789xyzneik+-*/^_=<>(){}[]|,;:.!%'$& ", r"\frac", r"\sqrt", r"\pi", r"^\circ", r"\pm ",
    r"\text{ cm}", r"\cup ", r"\infty", r"\{", r"\}", r"\\", "9^{9^9}", "1/0", r"\sum_{k=1}^{n}",
    "\x00", "é", "∫", "and", "or", "e1000", r"\binom", r"\log", r"\overline", r"\mathbb{R}",
    "(10!)!",
    r"\begin{pmatrix}", r"\end{pmatrix}", "½", "²", "√",
]  # fmt: skip
SEEDS = ["x^2+1", r"\frac{1}{2}", "(1,2]", r"\{1,2\}", "12 apples", r"x<3 \text{ or } x>5", "50%"]


def mutants(count):
    generator = random.Random(7)
    for _ in range(count):
        text = list(generator.choice(SEEDS))
        for _ in range(generator.randint(1, 5)):
            text.insert(generator.randint(0, len(text)), generator.choice(PIECES))
        yield generator.choice(SEEDS), "".join(text)


def test_no_mutant_makes_it_raise():
    for reference, answer in mutants(10_000):
        for pair in ((reference, answer), (answer, reference)):
            score = verify(*pair, deadline=0.5)
            assert (
                score.value in (0.0, 1.0) or score.failed or score.evidence["layer"] == "reading"
            )


def test_memory_is_flat_over_many_pairs():
    for pair in mutants(1_000):
        verify(*pair, deadline=0.5)
    tracemalloc.start()
    for pair in mutants(4_000):
        verify(*pair, deadline=0.5)
    grown, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert grown < 2_000_000


def test_answers_that_are_equal_share_a_class():
    answers = ["1/2", "0.5", "2", r"\frac12", None, "", None, "x+1", "1+x", "50%"]
    assert group_answers(answers) == [0, 0, 1, 0, 2, 3, 4, 5, 5, 0]
    assert group_answers([]) == []


def test_the_members_of_a_class_are_all_equal_in_whatever_order_they_come():
    answers = ["(1,2)", "2,1", "1,2", r"\{1,2\}", "2,1"]
    classes = group_answers(answers)
    for one, label in zip(answers, classes, strict=True):
        for other, mate in zip(answers, classes, strict=True):
            assert label != mate or verify(one, other, policy="symmetric").value == 1.0
    for order in permutations(range(5)):
        again = group_answers([answers[at] for at in order])
        groups = {frozenset(order[at] for at in range(5) if again[at] == label) for label in again}
        assert groups == {
            frozenset(at for at in range(5) if classes[at] == label) for label in classes
        }


@pytest.mark.skipif(not (DATA / "math_test_half.jsonl").exists(), reason="no ../shared/data")
def test_classes_are_those_of_every_pair():
    lines = (DATA / "math_test_half.jsonl").read_text("utf-8").splitlines()[:60]
    answers = [json.loads(line)["answer"] for line in lines]
    classes = group_answers(answers)
    for at, one in enumerate(answers):
        for back in range(at):
            same = verify(answers[back], one, policy="symmetric").value == 1.0
            assert same == (classes[at] == classes[back]), (answers[back], one)

"""What tests expect is computed from the arguments as they were; in-place work is seen."""

import pytest
from rewardkit_code.copies import with_copies

XS = "def test_it():\n    xs = [3, 1]\n"

EXPECTED_FROM_THEM = {
    "in one comparison": "for xs in XS:\n    assert f(xs) == sum(xs)\n",
    "in two statements": f"{XS}    r = f(xs)\n    assert r == sorted(xs)\n",
    "in three": f"{XS}    r = f(xs)\n    e = sorted(xs)\n    assert r == e\n",
    "part by part": f"{XS}    assert all(a == 2 * b for a, b in zip(f(xs), xs))\n",
    "by index": f"{XS}    r = f(xs)\n    for i in range(2):\n        assert r[i] == 2 * xs[i]\n",
    "by another name": f"{XS}    ys = xs\n    assert f(xs) == sum(ys)\n",
    "by a helper": f"def run(xs):\n    return f(xs)\n{XS}    assert run(xs) == sum(xs)\n",
    "by a function of two": f"{XS}    assert np.allclose(f(xs), np.array(xs) * 2)\n",
    "of several": "def test_it():\n    args = ([1], 2)\n    assert f(*args) == sum(args[0])\n",
    "in unittest": "class Test(unittest.TestCase):\n    def test_it(self):\n"
    "        for xs in self.xs: self.assertEqual(f(xs), sum(xs))\n",
    "with an object": "class Test(unittest.TestCase):\n    def setUp(self):\n"
    "        self.s = f()\n    def test_it(self):\n        xs = [1]\n"
    "        r = self.s.go(xs)\n        self.assertEqual(r, sum(xs))\n",
    "from what is printed": "def test_it(capsys):\n    for xs in XS:\n        print(f(xs))\n"
    "        assert capsys.readouterr().out == f'{sum(xs)}\\n'\n",
    "beside other letters": f"{XS}    assert '\u00e9' and f(xs) == xs[::-1]\n",
}
SEEN_BY_THEM = {
    "what it did in place": f"{XS}    f(xs)\n    assert xs == [1, 3]\n",
    "the same, by itself": f"{XS}    f(xs)\n    assert xs == sorted(xs)\n",
    "and returned": f"{XS}    assert f(xs) is None and xs == [1, 3]\n",
    "against a copy": f"{XS}    old = xs.copy()\n    f(xs)\n    assert xs == sorted(old)\n",
    "what is computed before": f"{XS}    e = sorted(xs)\n    assert f(xs) == e\n",
    "as many as it says": f"{XS}    k = f(xs)\n    assert xs[:k] == [1]\n",
    "one by one": f"{XS}    k = f(xs)\n    assert all(xs[i] == E[i] for i in range(k))\n",
    "that nothing changed": f"{XS}    assert len(f(xs)) == len(xs)\n    assert xs == [3, 1]\n",
    "a heap": f"{XS}    x = f(xs)\n    assert x == min(xs + [x])\n    assert len(xs) == 1\n",
    "the argument itself": f"{XS}    assert f(xs) == xs\n",
    "two calls": f"{XS}    assert f(xs) == f(xs)\n",
}


@pytest.mark.parametrize("tests", EXPECTED_FROM_THEM.values(), ids=EXPECTED_FROM_THEM)
def test_what_is_expected_is_computed_from_what_the_tests_had(tests):
    copied = with_copies(tests, frozenset({"f"}))
    assert copied != tests
    assert copied.replace("_copied(xs)", "xs").replace("_copied(args)", "args") == tests


@pytest.mark.parametrize("tests", SEEN_BY_THEM.values(), ids=SEEN_BY_THEM)
def test_what_a_program_does_in_place_is_seen(tests):
    assert with_copies(tests, frozenset({"f"})) == tests


TESTS = """
from solution import f

def test_what_it_does():
    for xs in ([3, 1], [2]):
        f(xs)
        assert xs == [*range(len(xs))]

def test_what_it_returns():
    for xs in ([3, 1], [2]):
        assert f(xs) == 2 * len(xs)
"""


def test_a_function_that_works_in_place_passes_and_one_that_clears_its_argument_does_not(score):
    right = "def f(xs):\n    n = len(xs)\n    xs[:] = range(n)\n    return 2 * n"
    assert score(right, TESTS).value == 1.0
    assert score("def f(xs):\n    xs.clear()\n    return 0", TESTS).value == 0.0
    alone = TESTS.replace("def test_what_it_does", "def what_it_does")
    assert score("def f(xs):\n    xs.clear()\n    return 0", alone).value == 0.0

"""Sessions: calls of a program's functions, and plain data both ways."""

import collections
import datetime as dt
import decimal
import fractions
import functools
import math
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rewardkit.sandbox import Instance, Limits
from rewardkit.sandbox.plain import Reader, Unsendable, Writer
from tests.sandbox.patience import patience

ECHO = "def echo(x): return x"

SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(10**40), 10**40)
    | st.floats(allow_nan=False)
    | st.text(st.characters(codec=None))
    | st.binary()
    | st.fractions()
    | st.dates()
)
PLAIN = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner)
        | st.lists(inner).map(tuple)
        | st.dictionaries(st.text() | st.integers(), inner)
        | st.sets(st.integers())
    ),
    max_leaves=20,
)


def sent(value):
    writer = Writer()
    written = writer.write(value)
    return Reader(writer.instances()).read(written)


@given(PLAIN)
def test_plain_data_arrives_as_it_was_sent(value):
    assert shape(sent(value)) == shape(value)


def shape(value):
    """The value with its types, for 1 == True == 1.0."""
    if isinstance(value, dict):
        return dict, [(shape(key), shape(item)) for key, item in value.items()]
    if isinstance(value, (list, tuple)):
        return type(value), [shape(item) for item in value]
    return type(value), value


def test_every_type_that_is_plain_arrives_as_itself(sandbox):
    values = [
        10**4000,
        math.inf,
        -0.0,
        1 + 2j,
        {"$": "tuple", "v": []},
        {(1, 2): {3}, "a": frozenset({4})},
        bytearray(b"x"),
        range(3, 9, 2),
        decimal.Decimal("1.10"),
        fractions.Fraction(1, 3),
        collections.deque([1]),
        dt.datetime(2020, 1, 2, 3, 4, 5, 6, dt.UTC),
        dt.timedelta(days=-1, microseconds=5),
        ...,
        int,
        "\ud800 \0 é",
    ]
    with sandbox.session(ECHO) as session:
        for value in values:
            call = session.call("echo", [value])
            assert repr(call.value) == repr(value), call
        assert math.isnan(session.call("echo", [math.nan]).value)


def test_subclasses_arrive_flat_and_keep_their_equality_at_home(sandbox):
    program = """if 1:
        import enum, collections
        class Always:
            def __eq__(self, other): return True
            def __hash__(self): return 0
        class Number(Always, int): pass
        class Text(Always, str): pass
        class Items(Always, list):
            def __iter__(self): return iter([99])
        class Color(enum.IntEnum): RED = 1
        Point = collections.namedtuple("Point", "x y")
        def results():
            return [Number(5), Text("a"), Items([1]), Color.RED, Point(1, 2),
                    collections.Counter("aab"), collections.OrderedDict(a=1)]
    """
    with sandbox.session(program) as session:
        value = session.call("results").value
    assert value == [5, "a", [1], 1, (1, 2), {"a": 2, "b": 1}, {"a": 1}]
    assert [type(v) for v in value] == [int, str, list, int, tuple, dict, dict]


def test_what_is_no_plain_data_is_unsendable_and_says_what_it_is(sandbox):
    program = """if 1:
        class Always:
            def __eq__(self, other): return True
        def always(): return Always()
        def function(): return always
        def deep():
            x = []
            for _ in range(100_000): x = [x]
            return x
        def cyclic():
            x = []; x.append(x); return x
        def endless():
            while True: yield 1
    """
    with sandbox.session(program) as session:
        for name in ("always", "function", "deep", "cyclic", "endless"):
            call = session.call(name)
            assert call.outcome == "unsendable", call
            assert call.message
        assert session.call("always").message == "can't send a Always"


def test_methods_are_called_on_a_new_instance_each_time(sandbox):
    program = """if 1:
        class Solution:
            def __init__(self): self.n = 0
            def count(self, by=1): self.n += by; return self.n
    """
    with sandbox.session(program) as session:
        assert session.call("Solution.count").value == 1
        assert session.call("Solution.count", kwargs={"by": 5}).value == 5
        assert session.call("Solution.nothing").exception == "AttributeError"
        assert session.call("nothing").exception == "NameError"


def test_arguments_that_were_changed_in_place_come_back(sandbox):
    program = "def f(a, b, c, d): a.append(1); b['x'] = 2; d.add(3)"
    with sandbox.session(program) as session:
        call = session.call("f", [[0], {}, 5], {"d": set()})
    assert call.changed == {0: [0, 1], 1: {"x": 2}, "d": {3}}


def test_instances_of_the_preludes_classes_travel_by_value(sandbox):
    prelude = """if 1:
        class Node:
            def __init__(self, value, next=None): self.value, self.next = value, next
    """
    program = """if 1:
        def length(node):
            n = 0
            while node: n, node = n + 1, node.next
            return n
        def chain(n):
            node = None
            for i in range(n): node = Node(i, node)
            return node
        def ring():
            node = Node(1); node.next = node; return node
    """
    with sandbox.session(program, prelude=prelude) as session:
        node = Instance("Node", {"value": 1, "next": Instance("Node", {"value": 2, "next": None})})
        assert session.call("length", [node]).value == 2
        head = session.call("chain", [20_000]).value
        assert head.name == "Node"
        assert head.attributes["next"].attributes["value"] == 19_998
        ring = session.call("ring").value
        assert ring.attributes["next"] is ring


def test_exceptions_are_told_by_name_base_and_message(sandbox):
    program = """if 1:
        class Mine(ValueError): pass
        class Rude(Exception):
            def __str__(self): raise KeyError
        def mine(): raise Mine("no")
        def rude(): raise Rude
        def leave(): raise SystemExit(0)
        def long(): raise ValueError("x" * 10**6)
    """
    with sandbox.session(program) as session:
        call = session.call("mine")
        assert (call.outcome, call.exception, call.base) == ("raised", "Mine", "ValueError")
        assert call.reason == "Mine: no"
        assert session.call("rude").exception == "Rude"
        assert session.call("leave").exception == "SystemExit"
        assert len(session.call("long").message) == 2000


@pytest.mark.parametrize(
    ("body", "outcome"),
    [
        ("while True: pass", "cpu_time"),
        ("import time; time.sleep(60)", "wall_time"),
        ("import os; os._exit(0)", "exit"),
        ("import ctypes; ctypes.string_at(0)", "signal"),
        ("import os; os.closerange(0, 100)", "exit"),
        ("return 'x' * 10_000_000", "output"),
        ("import os; os.write(3, b'\\xff' * 100)", "output"),
        ("import os, time; os.write(3, b'\\x10'); time.sleep(60)", "wall_time"),
    ],
)
def test_a_call_that_ends_the_program_says_how_and_so_do_those_after_it(sandbox, body, outcome):
    limits = Limits(cpu_seconds=0.4, wall_seconds=patience(outcome, 1.5))
    with sandbox.session(f"def f():\n    {body}\n", limits=limits) as session:
        first, second = session.call("f"), session.call("f")
    assert (first.outcome, second.outcome) == (outcome, outcome)


def test_a_program_that_does_not_load_makes_every_call_say_so(sandbox):
    with sandbox.session("def f(: pass") as session:
        assert session.loaded.exception == "SyntaxError"
        assert session.call("f").exception == "SyntaxError"
    with sandbox.session("import os; os._exit(0)") as session:
        assert session.call("f").outcome == "exit"


def test_limits_hold_for_each_call_and_idle_time_counts_for_none(sandbox):
    program = """if 1:
        import time
        def f():
            began = time.process_time()
            while time.process_time() < began + 0.05: pass
    """
    with sandbox.session(program, limits=Limits(cpu_seconds=0.12, wall_seconds=1)) as session:
        for _ in range(4):
            assert session.call("f").ok
        time.sleep(1.2)
        assert session.call("f").ok


def test_an_argument_that_is_no_plain_data_is_the_callers_error(sandbox):
    with sandbox.session(ECHO) as session:
        with pytest.raises(ValueError, match="no plain data"):
            session.call("echo", [object()])
        assert session.call("echo", [1]).value == 1


def test_a_forged_answer_decides_nothing(sandbox):
    program = """if 1:
        import json, os, struct
        def answer(message):
            data = json.dumps(message).encode()
            os.write(3, struct.pack("<I", len(data)) + data)
        def f(kind):
            answer({"value": {"$": kind, "v": 10**9}, "changed": [], "instances": []})
    """
    kinds = ["instance", "handle", "tuple", "nothing", "type", "iterator"]
    for kind in kinds:
        with sandbox.session(program) as session:
            call = session.call("f", [kind])
            assert call.outcome == "unsendable", call


def test_numbers_chosen_to_collide_do_not_hang_the_caller(sandbox):
    with sandbox.session("def f(): return set(range(50_000))") as session:
        began = time.monotonic()
        assert session.call("f").outcome == "unsendable"
        assert time.monotonic() - began < 5


@pytest.mark.parametrize(
    "message",
    [
        {"$": "int", "v": None},
        {"$": []},
        {"$": "dict", "v": [[[], 1]]},
        {"$": "set", "v": [[1]]},
        {"$": "range", "v": ["0", "1", "0"]},
        {"$": "Fraction", "v": ["0x1", "0x0"]},
        {"$": "datetime", "v": "yesterday"},
        {"$": "type", "v": "print"},
        {"$": "handle", "v": [1, "x"]},
    ],
)
def test_what_no_writer_wrote_is_a_value_error(message):
    with pytest.raises(ValueError, match="not plain data"):
        Reader().read(message)


def test_no_dunder_of_an_instance_is_taken_over():
    class Node:
        pass

    node = Reader(
        [["Node", {"__class__": "x", "__dict__": {}, "value": 1}]],
        lambda name: Node() if name == "Node" else None,
    ).read({"$": "instance", "v": 0})
    assert vars(node) == {"value": 1}


def test_no_attribute_of_an_instance_takes_a_methods_place():
    class Node:
        value = 0

        def same(self):
            return False

        @functools.cached_property
        def total(self):
            return 1

    attributes = {"value": 2, "same": {"$": "type", "v": "bool"}, "total": 9}
    node = Reader([["Node", attributes]], lambda name: Node()).read({"$": "instance", "v": 0})
    assert (node.value, node.same(), node.total) == (2, False, 1)


@pytest.mark.parametrize(
    "large",
    [
        {"$": "int", "v": "0x" + "1" * 1001},
        {"$": "Decimal", "v": "1" * 1001},
        {"$": "Fraction", "v": ["0x1", "0x" + "1" * 101]},
    ],
)
def test_numbers_that_take_long_to_compute_with_are_not_read(large):
    Reader().read(large)
    with pytest.raises(ValueError, match="too large"):
        Reader(most_digits=1000).read(large)


def test_a_writer_refuses_what_it_cannot_read_back():
    with pytest.raises(Unsendable):
        Writer().write(object())


@pytest.mark.parametrize("end", ["exit()", "import sys; sys.exit(0)", "print(f(int(input())))"])
def test_what_is_defined_where_the_program_ends_by_itself_can_be_called(sandbox, end):
    with sandbox.session(f"def f(x): return x + 1\n{end}\nf = None\n") as session:
        assert session.loaded.ok
        assert session.call("f", [1]).value == 2


def test_a_program_that_ends_with_an_error_is_not_loaded(sandbox):
    for end in ("exit(1)", "exit('no')", "1 / 0"):
        with sandbox.session(f"def f(x): return x\n{end}\n") as session:
            assert session.call("f", [1]).outcome == "raised"


def test_numbers_that_take_the_caller_long_do_not_arrive(sandbox):
    program = (
        "from fractions import Fraction\n"
        "def f(n): return 1 << n\n"
        "def g(n): return Fraction(3, 1 << n)\n"
    )
    with sandbox.session(program) as session:
        assert session.call("f", [100_000]).value == 1 << 100_000
        assert session.call("f", [2_000_000]).outcome == "unsendable"
        assert session.call("g", [2_000_000]).outcome == "unsendable"


def test_it_is_said_how_many_instances_a_value_leads_to(sandbox):
    program = "def f(n):\n    a = Node()\n    a.next = Node()\n    return [a, a][:n]\n"
    with sandbox.session(program, prelude="class Node: pass\n") as session:
        assert session.call("f", [2]).instances == 2
        assert session.call("f", [0]).instances == 0

"""Walking through trees: what is found once, and what a change leaves as it is."""

import pickle

import pytest
from rewardkit_math.nodes import Big, Call, Div, Matrix, Mul, Node, Num, Sym
from rewardkit_math.parser import parse
from rewardkit_math.trees import kinds, names, nodes, rebuilt

X, Y, ONE = Sym("x"), Sym("y"), Num(1)


@pytest.mark.parametrize(
    ("tree", "named"),
    [
        (ONE, ""),
        (X, "x"),
        (Call("f", (X, Div(Y, ONE)), known=False), "xy"),
        (Matrix(((X, ONE), (ONE, Y))), "xy"),
        (Big("sum", "x", ONE, Y, Mul((X, Y))), "y"),
    ],
)
def test_the_names_of_a_tree_are_those_that_nothing_binds(tree: Node, named: str) -> None:
    assert names(tree) == set(named)


def test_nodes_come_before_their_parts_and_kinds_are_their_classes() -> None:
    tree = Div(Mul((X, ONE)), Y)
    found = nodes(tree)
    assert found[0] == tree
    assert set(found) == {tree, tree.above, X, ONE, Y}
    assert kinds(tree) == {Div, Mul, Sym, Num}


def test_a_tree_is_walked_once() -> None:
    tree = Div(X, Y)
    assert nodes(tree) is nodes(tree)


def test_a_walk_is_no_part_of_what_a_tree_is() -> None:
    walked, fresh = parse(r"\frac{x}{2} + \sin y"), parse(r"\frac{x}{2} + \sin y")
    names(walked)
    assert walked == fresh
    assert hash(walked) == hash(fresh)
    assert repr(walked) == repr(fresh)
    assert pickle.dumps(walked) == pickle.dumps(fresh)


def test_a_tree_without_a_change_is_itself() -> None:
    tree = parse(r"\begin{pmatrix} x & 1 \\ 2 & y \end{pmatrix}")
    assert rebuilt(tree, lambda part: part) is tree


def test_a_change_reaches_every_depth_and_leaves_the_rest() -> None:
    tree = Div(Mul((X, ONE)), Call("sin", (Y,)))
    changed = rebuilt(tree, lambda part: Num(7) if part == X else part)
    assert changed == Div(Mul((Num(7), ONE)), Call("sin", (Y,)))
    assert changed.below is tree.below

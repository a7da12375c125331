"""Whether two expressions are one number, or one function of their names.

Exactly where they are rational; else refuted in doubles, and confirmed in 200-bit floats at points
that only the names decide. Points with a negative sign count only where both sides are real, and
all roots and logarithms in them: so |x| is not x, and ln(ab) is ln(a) + ln(b).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from rewardkit_math.arithmetic import Doubles, Exact, Precise, precise
from rewardkit_math.evaluate import Point, Refusal, TooLargeError, UndefinedError, evaluate, noise
from rewardkit_math.nodes import (
    Big,
    Call,
    Mul,
    Node,
    Pow,
)
from rewardkit_math.trees import kinds, names, nodes

__all__ = ["equal", "proportional", "rational", "real_value"]

BITS = 200
_MOST_BITS = 20_000
_POSITIVE = ("a", "b", "c")
_SIGNED = ("d", "e", "f", "g", "h", "j", "k")
_RANGES = {"a": (0.3, 2.5), "b": (0.2, 1.0), "c": (3.0, 9.0)}


def rational(node: Node) -> Any:
    """The value of a tree without names as a Fraction, or None where it has none."""
    if names(node) and Big not in kinds(node):  # an empty sum has a value, whatever it is of
        return None
    try:
        return evaluate(node, Point(_no_value), Exact())
    except (Refusal, ArithmeticError, ValueError, TypeError):
        return None


def real_value(node: Node) -> Any:
    """The value of a tree without names as a real 200-bit float, or None where it has none."""
    kind = precise(BITS)
    try:
        value = evaluate(node, Point(_no_value), kind)
    except (Refusal, ArithmeticError, ValueError, TypeError):
        return None
    if isinstance(value, kind.mp.mpc):
        if abs(value.imag) > abs(value.real) * kind.mp.mpf(2) ** -150:
            return None
        value = value.real
    return value if kind.mp.isfinite(value) else None


def _no_value(name: str) -> Any:
    raise UndefinedError(f"{name} has no value")


def equal(one: Node, other: Node) -> bool:
    """Whether two expressions are equal, wherever they have values.

    Raises:
        Refusal: They have no values that could be compared.
    """
    if one == other:
        return True
    exact_one, exact_other = rational(one), rational(other)
    if exact_one is not None and exact_other is not None:
        return bool(exact_one == exact_other)
    free = names(one) | names(other)
    if _refuted(one, other, bool(free)):
        return False
    if not free:
        return _same_at(one, other, "a", BITS)
    if not all(_same_at(one, other, seed, BITS) for seed in _POSITIVE):
        return _only_whole(one, other) and _same_at_integers(one, other, free)
    return all(_real_and_same(one, other, seed) for seed in _signed_seeds(free))


def _refuted(one: Node, other: Node, free: bool) -> bool:
    """Whether doubles already tell two expressions apart."""
    for seed in _POSITIVE[: 1 + free]:
        kind = Doubles()
        point = Point(_chooser(seed, float))
        try:
            left, right = evaluate(one, point, kind), evaluate(other, point, kind)
            gap, size = abs(left - right), max(abs(left), abs(right))
        except (Refusal, ArithmeticError, ValueError, TypeError):
            return False
        if not 1e-290 < size < 1e290 or gap <= 1e-6 * max(size, 1e-3 * kind.scale):
            continue
        return not (free and _only_whole(one, other))
    return False


def _signed_seeds(free: frozenset[str]) -> tuple[str, ...]:
    """The seeds of signed points: all signs of three names, and two points at least."""
    return _SIGNED[: max(2, 2 ** len(free) - 1)]


def _is_negative(seed: str, name: str, order: Sequence[str]) -> bool:
    """The sign of a name: the seeds count through the signs of the first three names."""
    at = order.index(name) if name in order else 3
    if at > 2:
        return noise(f"sign {seed} {name}") < 0.5
    pattern = _SIGNED.index(seed) + 1
    return len(order) == 1 or bool(pattern >> at & 1)


def _chooser(
    seed: str, number: Callable[[float], Any], order: Sequence[str] = ()
) -> Callable[[str], Any]:
    def choose(name: str) -> Any:
        low, high = _RANGES.get(seed, (0.3, 4.0))
        value = low + (high - low) * noise(f"{seed} {name}")
        negative = seed in _SIGNED and _is_negative(seed, name, order)
        return number(-value if negative else value)

    return choose


def _values(one: Node, other: Node, seed: str, bits: int) -> tuple[Any, Any, Precise]:
    kind = precise(bits)
    # Half of the digits are the names' own: values with few bits would hide rounding.
    order = sorted(names(one) | names(other)) if seed in _SIGNED else ()
    choose = _chooser(seed, lambda value: kind.mp.mpf(value) + kind.mp.sqrt(2) / 2**40, order)
    point = Point(choose)
    try:
        left, right = evaluate(one, point, kind), evaluate(other, point, kind)
    except Refusal:
        raise
    except (ArithmeticError, ValueError, TypeError) as error:
        raise UndefinedError(str(error)) from error
    if not (kind.mp.isfinite(left) and kind.mp.isfinite(right)):
        raise UndefinedError("no finite number")
    return left, right, kind


def _same_at(one: Node, other: Node, seed: str, bits: int) -> bool:
    left, right, kind = _values(one, other, seed, bits)
    spread = kind.spread
    if spread > bits - 80:
        if spread > _MOST_BITS:
            raise TooLargeError("the terms of a sum lie too far apart")
        return _same_at(one, other, seed, spread + BITS)
    gap, size = abs(left - right), max(abs(left), abs(right))
    if not gap:
        return True
    if gap > size / 2 ** (bits - 100):
        # Zero comes out as a tiny number where terms cancel; with more bits it becomes tinier.
        if size > 2.0 ** -(bits // 3):
            return False
        again = _values(one, other, seed, 2 * bits)
        return bool(abs(again[0] - again[1]) < gap / 2 ** (bits // 2))
    if gap > size / 2 ** (bits - 40):
        # Equal to thirty digits by chance, or by rounding, which more bits make smaller.
        again = _values(one, other, seed, 2 * bits)
        return bool(abs(again[0] - again[1]) < gap / 2 ** (bits // 2))
    return True


def _real_and_same(one: Node, other: Node, seed: str) -> bool:
    """False where both sides are real at a signed point, and differ."""
    try:
        left, right, kind = _values(one, other, seed, BITS)
    except Refusal:
        return True
    if kind.left_reals:
        return True
    mp = kind.mp
    size = max(abs(left), abs(right))
    small = size / 2**120
    if abs(mp.im(left)) > small or abs(mp.im(right)) > small or size < 2.0**-60:
        return True
    return bool(abs(left - right) <= small)


# -- identities of integers: (-1)^n is cos(n pi)

_WHOLE_NAMES = frozenset("nkmNKM")
_MAY_MARK_INTEGERS = (Pow, Big, Call)


def _only_whole(one: Node, other: Node) -> bool:
    """Whether a side is written for integers: a sign (-1)^n, an angle n pi, a factorial."""
    return any(
        _marks_integers(part)
        for side in (one, other)
        if not kinds(side).isdisjoint(_MAY_MARK_INTEGERS)
        for part in nodes(side)
    )


def _marks_integers(part: Node) -> bool:
    if isinstance(part, Pow):
        return bool(names(part.exponent) & _WHOLE_NAMES) and (rational(part.base) or 0) < 0
    if isinstance(part, Big):
        return bool(names(part.high) & _WHOLE_NAMES) if part.high is not None else False
    if isinstance(part, Call) and part.name in ("sin", "cos", "tan", "floor", "ceil", "mod"):
        return any(isinstance(arg, Mul) and names(arg) <= _WHOLE_NAMES for arg in part.args)
    return False


def _same_at_integers(one: Node, other: Node, free: frozenset[str]) -> bool:
    if not free <= _WHOLE_NAMES:
        return False
    for start in range(1, 9):
        kind = precise(BITS)
        values = {name: start + 2 * index for index, name in enumerate(sorted(free))}
        point = Point(_no_value, {name: kind.number(value) for name, value in values.items()})
        try:
            left, right = evaluate(one, point, kind), evaluate(other, point, kind)
        except (Refusal, ArithmeticError, ValueError, TypeError):
            return False
        if abs(left - right) > kind.mp.mpf(2) ** -120 * (1 + abs(left)):
            return False
    return True


def proportional(one: Node, other: Node) -> int:
    """The sign of the constant that one expression is of the other; 0 where it is none.

    Raises:
        Refusal: They have no values that could be compared.
    """
    if names(one) != names(other):
        return 0
    factor: Any = None
    for seed in (*_POSITIVE, *_signed_seeds(names(one))):
        try:
            left, right, kind = _values(one, other, seed, BITS)
        except UndefinedError:
            if seed in _SIGNED and factor is not None:
                continue
            raise
        if kind.left_reals and seed in _SIGNED:
            continue
        if not left or not right:
            return int(not left and not right)
        ratio = left / right
        if factor is None:
            factor = ratio
        elif abs(ratio - factor) > abs(factor) / 2**100:
            return 0
    real = precise(BITS).mp.re(factor)
    return 1 if real > 0 else -1

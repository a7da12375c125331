"""The kinds of numbers that trees are evaluated in: rationals, doubles, 200-bit floats."""

from __future__ import annotations

import cmath
import math
import threading
from fractions import Fraction
from typing import Any

from rewardkit_math.evaluate import TooLargeError, UndefinedError

__all__ = ["Doubles", "Exact", "Precise", "precise"]

MAX_BITS = 60_000  # of an exact result
MAX_EXPONENT = 2**50  # of the binary exponent of a float
MAX_FACTORIAL = 10**6

_NAMES = {
    "arcsin": "asin", "arccos": "acos", "arctan": "atan", "ln": "log", "sgn": "sign",
    "Re": "re", "Im": "im",
}  # fmt: skip
_RECIPROCALS = {"sec": "cos", "csc": "sin", "cot": "tan", "coth": "tanh"}


class Exact:
    """Rationals: what they cannot say is undefined, what they would say too long is too large."""

    def number(self, value: int | Fraction) -> Fraction:
        """An exact number as this kind."""
        return Fraction(value)

    def constant(self, name: str) -> Fraction:
        """pi, e or i."""
        raise UndefinedError(f"{name} is not rational")

    def add(self, terms: list[Fraction]) -> Fraction:
        """A sum."""
        return self._bounded(sum(terms, Fraction(0)))

    def multiply(self, one: Fraction, other: Fraction) -> Fraction:
        """A product."""
        return self._bounded(one * other)

    def divide(self, above: Fraction, below: Fraction) -> Fraction:
        """A quotient."""
        if not below:
            raise UndefinedError("a division by zero")
        return self._bounded(above / below)

    def power(self, base: Fraction, exponent: Fraction) -> Fraction:
        """A power."""
        if exponent.denominator != 1:
            raise UndefinedError("a root")
        if not base and exponent <= 0:
            raise UndefinedError("0 to the power of 0, or less")
        bits = max(base.numerator.bit_length(), base.denominator.bit_length())
        if abs(base) != 1 and abs(exponent) * bits > MAX_BITS:
            raise TooLargeError("a power of too many digits")
        return base ** int(exponent)

    def function(self, name: str, args: list[Fraction]) -> Fraction:
        """A known function of its arguments."""
        if name == "abs":
            return abs(args[0])
        if name in ("floor", "ceil"):
            return Fraction(math.floor(args[0]) if name == "floor" else math.ceil(args[0]))
        if name in ("max", "min"):
            return max(args) if name == "max" else min(args)
        if name == "mod" and args[1]:
            return args[0] % args[1]
        if any(arg.denominator != 1 for arg in args):
            raise UndefinedError(f"{name} of a fraction")
        return Fraction(_of_integers(name, [int(arg) for arg in args]))

    def text(self, value: Fraction) -> str:
        """A value to some ten digits: two that are equal have one text."""
        return str(value) if value.denominator.bit_length() < MAX_BITS // 10 else hex(hash(value))

    @staticmethod
    def _bounded(value: Fraction) -> Fraction:
        if max(value.numerator.bit_length(), value.denominator.bit_length()) > MAX_BITS:
            raise TooLargeError("a number of too many digits")
        return value


def _of_integers(name: str, args: list[int]) -> int:
    if name == "factorial" and 0 <= args[0] <= 2_000:
        return math.factorial(args[0])
    if name == "binom" and 0 <= args[1] <= args[0] <= 2_000:
        return math.comb(args[0], args[1])
    if name == "gcd":
        return math.gcd(*args)
    if name == "lcm" and sum(arg.bit_length() for arg in args) < MAX_BITS:
        return math.lcm(*args)
    raise UndefinedError(f"{name} is not rational")


class Doubles:
    """Machine numbers, to refute quickly; `scale` is the largest term that a sum had."""

    def __init__(self) -> None:
        self.scale = 0.0

    def number(self, value: int | Fraction) -> Any:
        """An exact number as this kind."""
        return float(value)

    def constant(self, name: str) -> Any:
        """pi, e or i."""
        if name not in ("pi", "e", "i"):
            raise UndefinedError(f"{name} is no number")
        return {"pi": math.pi, "e": math.e, "i": 1j}[name]

    def add(self, terms: list[Any]) -> Any:
        """A sum."""
        self.scale = max(self.scale, *map(abs, terms))
        return sum(terms)

    def multiply(self, one: Any, other: Any) -> Any:
        """A product."""
        return one * other

    def divide(self, above: Any, below: Any) -> Any:
        """A quotient."""
        return above / below

    def power(self, base: Any, exponent: Any) -> Any:
        """A power."""
        return base**exponent

    def function(self, name: str, args: list[Any]) -> Any:
        """A known function of its arguments."""
        first = args[0]
        if name == "sqrt":
            return _real_sqrt(first)
        if name == "exp":
            return cmath.exp(first) if isinstance(first, complex) else math.exp(first)
        if name == "abs":
            return abs(first)
        if name in ("ln", "log") and len(args) == 1:
            return _real_log(first)
        if name in _RECIPROCALS:
            return 1 / self.function(_RECIPROCALS[name], args)
        if name in ("sin", "cos", "tan") and not isinstance(first, complex):
            return getattr(math, name)(first)
        raise UndefinedError(f"{name} is left to more precise numbers")

    def text(self, value: Any) -> str:
        """A value to some ten digits: two that are equal have one text."""
        return f"{complex(value) + 0:.9g}"


def _real_sqrt(value: Any) -> Any:
    return math.sqrt(value) if not isinstance(value, complex) and value >= 0 else cmath.sqrt(value)


def _real_log(value: Any) -> Any:
    return math.log(value) if not isinstance(value, complex) and value > 0 else cmath.log(value)


class Precise:
    """mpmath's numbers, in a context of their own.

    `spread` is how many bits the terms of a sum, and what is left of them, lay apart: beyond the
    precision, something was lost. `left_reals` is whether a root, a logarithm or another function
    of real numbers was not real: for who knows only these, it had no value.
    """

    def __init__(self, context: Any) -> None:
        self.mp = context
        self.spread = 0
        self.left_reals = False

    def number(self, value: int | Fraction) -> Any:
        """An exact number as this kind."""
        if isinstance(value, int):
            return self.mp.mpf(value)
        return self.mp.mpf(value.numerator) / value.denominator

    def constant(self, name: str) -> Any:
        """pi, e or i."""
        if name not in ("pi", "e", "i"):
            raise UndefinedError(f"{name} is no number")
        return +{"pi": self.mp.pi, "e": self.mp.e, "i": self.mp.j}[name]

    def add(self, terms: list[Any]) -> Any:
        """A sum."""
        result = self.mp.mpf(0)
        sizes = []
        for term in terms:
            result += term
            if term:
                sizes.append(self.size(term))
        if len(sizes) > 1:
            self.spread = max(self.spread, max(sizes) - min(sizes))
        return result

    def size(self, value: Any) -> int:
        """The binary exponent of a value that is not zero."""
        size = self.mp.mag(value)
        if not isinstance(size, int) or abs(size) > MAX_EXPONENT:
            raise TooLargeError("a number too large or too small")
        return size

    def multiply(self, one: Any, other: Any) -> Any:
        """A product."""
        return one * other

    def divide(self, above: Any, below: Any) -> Any:
        """A quotient."""
        if not below or self.size(below) < -MAX_EXPONENT:
            raise UndefinedError("a division by zero")
        return above / below

    def power(self, base: Any, exponent: Any) -> Any:
        """A power."""
        mp = self.mp
        if not base:
            if mp.re(exponent) <= 0:
                raise UndefinedError("0 to the power of 0, or less")
            return mp.mpf(0)
        # The logarithm of the result tells its size before there is one.
        if abs(mp.log(base)) * abs(exponent) > MAX_EXPONENT:
            raise TooLargeError("a power too large or too small")
        if isinstance(exponent, mp.mpf) and mp.isint(exponent):
            return base ** int(exponent)
        return self._noted(mp.power(base, exponent), [base, exponent])

    def function(self, name: str, args: list[Any]) -> Any:
        """A known function of its arguments."""
        result = self._result(name, args)
        return result if name == "cis" else self._noted(result, args)

    def _noted(self, result: Any, args: list[Any]) -> Any:
        """A result, of which it is noted whether it is no real number though its arguments are."""
        if not self._is_real(result) and all(map(self._is_real, args)):
            self.left_reals = True
        return result

    def _result(self, name: str, args: list[Any]) -> Any:
        rule = getattr(self, f"_{name}", None)
        if rule is not None:
            return rule(*args)
        if name in ("min", "max") and all(self._is_real(arg) for arg in args):
            return min(args) if name == "min" else max(args)
        if len(args) == 2 and name in ("ln", "log"):
            return self.divide(self._log(args[0]), self._log(args[1]))
        function = getattr(self.mp, _NAMES.get(name, name), None)
        if function is None or len(args) != 1:
            raise UndefinedError(f"{name} is not calculated")
        if (
            name in ("sin", "cos", "tan", "cot", "sec", "csc")
            and args[0]
            and self.size(args[0]) > 10_000
        ):
            raise TooLargeError("an angle too large")
        return function(args[0])

    def _is_real(self, value: Any) -> bool:
        return isinstance(value, self.mp.mpf)

    def _log(self, value: Any, base: Any = None) -> Any:
        if not value:
            raise UndefinedError("the logarithm of 0")
        log = self.mp.log(value)
        return log if base is None else self.divide(log, self._log(base))

    _ln = _log

    def _exp(self, value: Any) -> Any:
        if abs(value) > MAX_EXPONENT:
            raise TooLargeError("a power too large or too small")
        return self.mp.exp(value)

    def _sqrt(self, value: Any) -> Any:
        return self.mp.sqrt(value)

    def _root(self, value: Any, index: Any) -> Any:
        mp = self.mp
        if not index:
            raise UndefinedError("a root of index 0")
        if value and self._is_real(value) and value < 0 and mp.isint(index) and int(index) % 2:
            return -self.power(-value, 1 / index)  # the real root, as schools have it
        return self.power(value, 1 / index)

    def _cis(self, angle: Any) -> Any:
        return self.function("cos", [angle]) + self.mp.j * self.function("sin", [angle])

    def _conj(self, value: Any) -> Any:
        return self.mp.conj(value)

    def _abs(self, value: Any) -> Any:
        return abs(value)

    def _factorial(self, value: Any) -> Any:
        if abs(value) > MAX_FACTORIAL:
            raise TooLargeError("a factorial too large")
        return self.mp.gamma(value + 1)

    def _binom(self, above: Any, below: Any) -> Any:
        if abs(above) > MAX_FACTORIAL or abs(below) > MAX_FACTORIAL:
            raise TooLargeError("a binomial too large")
        return self.mp.binomial(above, below)

    def _floor(self, value: Any) -> Any:
        return self._rounded(value, self.mp.floor)

    def _ceil(self, value: Any) -> Any:
        return self._rounded(value, self.mp.ceil)

    def _rounded(self, value: Any, function: Any) -> Any:
        if not self._is_real(value) or (value and self.size(value) > 10_000):
            raise UndefinedError("no real number to round")
        near = self.mp.nint(value)
        return near if abs(value - near) < self.mp.mpf(2) ** -100 else function(value)

    def _mod(self, value: Any, modulus: Any) -> Any:
        if not modulus or not self._is_real(value) or (value and self.size(value) > 150):
            raise UndefinedError("no remainder")
        return value - modulus * self.mp.floor(value / modulus)

    def text(self, value: Any) -> str:
        """A value to some ten digits: two that are equal have one text."""
        return str(self.mp.nstr(self.mp.mpc(value) + 0, 9))


_LOCAL = threading.local()


def precise(bits: int) -> Precise:
    """Numbers of so many bits, for this thread: mpmath's own context is shared by all threads."""
    context = getattr(_LOCAL, "context", None)
    if context is None:
        from mpmath import mp  # type: ignore[import-untyped]  # it has no types

        context = _LOCAL.context = mp.clone()
    context.prec = bits
    return Precise(context)

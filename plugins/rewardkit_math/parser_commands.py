r"""Commands and functions: \frac, \sqrt, \sum, sin."""

from __future__ import annotations

from rewardkit_math.calculus import derivative
from rewardkit_math.differentials import (
    differential_sign,
    differentiated,
    fraction_of,
    integral_of,
    order_of,
    variable_of,
)
from rewardkit_math.names import (
    BLACKBOARD,
    CONSTANTS,
    DECORATIONS,
    FUNCTIONS,
    GREEK,
)
from rewardkit_math.nodes import (
    Big,
    Bracketed,
    Call,
    Const,
    Ellipsis,
    Mul,
    Neg,
    Node,
    Num,
    PlusMinus,
    Pow,
    Relation,
    Seq,
    Sym,
    Words,
)
from rewardkit_math.parser_environments import Environments
from rewardkit_math.parser_grammar import Power
from rewardkit_math.tokens import ParseError
from rewardkit_math.trees import names, nodes
from rewardkit_math.words import NUMBERS

__all__ = ["Commands"]


# Signs that stand before all letters of a figure, where a mark covers its one argument.
_FIGURES = frozenset(("angle", "triangle", "odot"))
_SIGNS = {
    "+": "^+", "*+": "^+", ">0": "^+", "-": "^-", "<0": "^-", "ge0": ">=0", "le0": "<=0",
}  # fmt: skip
# Names that are a function of x more often than a constant.
_DEPENDENT = frozenset("yuvwz")


_ARGUMENTS = {"mod": 2, "abs": 1, "floor": 1, "ceil": 1, "cbrt": 1, "binom": 2, "factorial": 1}


class Commands(Environments):
    """What begins with a backslash, and functions by their names."""

    def command(self, name: str) -> Node:
        """What a command makes of what follows it."""
        if name == "frac":
            above = self.argument()
            below = self.argument()
            order = order_of(above, below)
            if order:
                return self.derived(below, order)
            body = differentiated(above, below)
            return (
                fraction_of(above, below) if body is None else derivative(body, variable_of(below))
            )
        if name == "numeral":
            return self.numeral()
        if name in ("imath", "jmath"):
            return self.plain_letter(name[0])
        if name in ("color", "textcolor"):
            self.skip_group()  # its name
            return self.prefix()
        if name in CONSTANTS:
            return Const(CONSTANTS[name])
        if name in FUNCTIONS:
            return self.function(name)
        if name in GREEK:
            return self.applied(Sym(name + self.subscript()))
        if name in ("pm", "mp"):
            return PlusMinus(None, self.expression(Power.PRODUCT), name == "mp")
        if name == "mathbb":
            inner = self.argument()
            if isinstance(inner, Sym) and inner.name in BLACKBOARD:
                return Const(inner.name + self.set_sign())
        if name in ("boxed", "fbox", "framebox", "underbrace", "underline", "not", "mathop"):
            return self.argument()
        if name in ("top", "intercal"):
            return Sym("T")  # a transpose
        if name == "ldots":
            return Ellipsis()
        return self.structure(name)

    def set_sign(self) -> str:
        """The sign of a set of numbers: the + of R^+."""
        if not self.is_op("^") and not self.is_op("_"):
            return ""
        mark = self.next().text
        if self.eat("{"):
            parts = []
            while not self.eat("}"):
                parts.append(self.next().text)
            return _SIGNS.get("".join(parts), mark + "".join(parts))
        sign = self.next().text
        return _SIGNS.get(sign, mark + sign)

    def derived(self, below: Node, order: int) -> Node:
        """What the operator d/dx makes of what follows it.

        Raises:
            ParseError: No rule says it; or it is of a name that may depend on x.
        """
        name = variable_of(below)
        body = self.expression(Power.IMPLICIT)
        if isinstance(body, Sym) and body.name != name:
            return Call("derivative", (Mul((Sym("d"), body)), below), known=False)
        if differential_sign(below) == Sym("d") and names(body) & _DEPENDENT - {name}:
            raise ParseError("a derivative of what may depend on another name")
        for _ in range(order):
            body = derivative(body, name)
        return body

    def structure(self, name: str) -> Node:
        """Brackets with names, sums, matrices, decorations."""
        if name == "lfloor":
            return Call("floor", (self.fenced("rfloor"),))
        if name == "lceil":
            return Call("ceil", (self.fenced("rceil"),))
        if name == "langle":
            inner = self.fenced("rangle")
            return Bracketed("()", inner.items if isinstance(inner, Seq) else (inner,))
        if name in ("sum", "prod", "int", "lim"):
            return self.big(name)
        if name == "begin":
            return self.environment()
        if name in DECORATIONS:
            inner = self.decorated(name)
            if name == "overline" and not names(inner) and Const("i") in nodes(inner):
                return Call("conj", (inner,))
            return Call(name, (inner,), known=False)
        raise ParseError(rf"\{name} is not known")

    def numeral(self) -> Node:
        """A number in a base: its digits, and the base in digits or as a word."""
        groups: list[str] = []
        for _ in range(2):
            self.need("{")
            groups.append("")
            while not self.eat("}"):
                groups[-1] += self.next().text
        base = NUMBERS.get(groups[1], groups[1])
        return Call("base", (Words(groups[0]), Num(int(base))))

    def decorated(self, name: str) -> Node:
        r"""What stands under a mark; letters there are one name: \vec{AB} is not \vec{BA}."""
        if name in _FIGURES and self.peek.kind == "word" and self.peek.text.isupper():
            letters = self.next().text
        else:
            node = self.argument()
            parts = node.factors if isinstance(node, Mul) else ()
            if not parts or not all(isinstance(part, Sym) for part in parts):
                return node
            letters = "".join(part.name for part in parts if isinstance(part, Sym))
        if name == "triangle":
            return Sym("".join(sorted(letters)))
        either_way = name == "angle" or (name == "overline" and len(letters) == 2)
        return Sym(min(letters, letters[::-1]) if either_way else letters)

    def fenced(self, closer: str) -> Node:
        """What stands in brackets that a command closes."""
        node = self.expression(0)
        if self.next().text != closer:
            raise ParseError(rf"\{closer} is missing")
        return node

    def function(self, name: str) -> Node:
        """A function by its name: its base, its power, its arguments."""
        if name == "sqrt":
            return self.root()
        if name == "binom":
            above = self.argument()
            return Call("binom", (above, self.argument()))
        base = self.argument() if self.eat("_") else None
        if name == "det" and not self.is_op("("):
            return Call("det", (self.prefix(),))
        power = self.exponent() if self.eat("^") else None
        call = self.called(name, self.function_arguments(), base)
        if power == Neg(Num(1)) and name in ("sin", "cos", "tan", "cot"):
            return Call("arc" + name, call.args)
        return call if power is None else Pow(call, power)

    @staticmethod
    def called(name: str, args: tuple[Node, ...], base: Node | None) -> Call:
        """The call of a function, under the one name that it has."""
        name = {"asin": "arcsin", "acos": "arccos", "atan": "arctan"}.get(name, name)
        if name == "lg":
            name, base = "log", Num(10)
        if len(args) != _ARGUMENTS.get(name, len(args)):
            raise ParseError(f"{name} of {len(args)} arguments")
        if name == "cbrt":
            return Call("root", (args[0], Num(3)))
        return Call(name, args if base is None else (*args, base))

    def function_arguments(self) -> tuple[Node, ...]:
        """The arguments: in brackets, or what is a factor beside the name."""
        if self.is_op("(") or self.is_op("[") or self.is_op("{") or self.is_op("\\{"):
            opener = self.next().text
            if opener == "\\{":
                inner = self.set_braces()
            else:
                inner = self.group_end("}") if opener == "{" else self.bracketed(opener)
            if isinstance(inner, Bracketed | Seq):
                return inner.items
            return (inner,)
        self.arguments += 1
        argument = self.expression(Power.IMPLICIT)
        self.arguments -= 1
        return (argument,)

    def root(self) -> Node:
        """A square root, or one with an index."""
        index: Node | None = None
        if self.eat("["):
            index = self.group_end("]")
        radicand = self.argument()
        return Call("sqrt", (radicand,)) if index is None else Call("root", (radicand, index))

    def big(self, name: str) -> Node:
        """A sum, product, integral or limit."""
        low = self.argument() if self.eat("_") else None
        high = self.argument() if self.eat("^") else None
        if low is None and high is not None and self.eat("_"):
            low = self.argument()
        bound = _bound(low)
        self.bound.append(bound)
        body = self.expression(Power.SUM + 1 if name != "int" else Power.SUM)
        self.bound.pop()
        if name == "int":
            return integral_of(low, high, body)
        op = "to" if name == "lim" else "="
        if not bound or not isinstance(low, Relation) or low.ops != (op,):
            raise ParseError(rf"\{name} over nothing")
        return Big(name, bound, low.sides[1], high, body)


def _bound(low: Node | None) -> str:
    """The name that a sum is over; nothing where it is an integral."""
    side = low.sides[0] if isinstance(low, Relation) else None
    return side.name if isinstance(side, Sym) or side == Const("i") else ""

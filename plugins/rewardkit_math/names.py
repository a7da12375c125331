"""The names of functions, constants and letters, and the words that are none of them."""

# ruff: noqa: SIM905 - quotes around each word would hide the words

from __future__ import annotations

__all__ = [
    "BLACKBOARD",
    "CONSTANTS",
    "DECORATIONS",
    "ENGLISH",
    "FUNCTIONS",
    "GREEK",
    "QUALIFIERS",
    "SCALES",
    "UNKNOWN_FUNCTIONS",
]

FUNCTIONS = frozenset(
    "sin cos tan cot sec csc arcsin arccos arctan arccot sinh cosh tanh coth ln log lg exp abs "
    "sqrt "
    "asin acos atan cbrt floor ceil min max gcd lcm binom det sgn Re Im arg mod factorial "
    "cis conj".split()
)
CONSTANTS = {
    "pi": "pi", "infty": "infty", "infinity": "infty", "inf": "infty", "oo": "infty",
    "emptyset": "empty",
}  # fmt: skip
GREEK = frozenset(
    "alpha beta gamma delta epsilon zeta eta theta vartheta iota kappa lambda mu nu xi rho varrho "
    "sigma tau upsilon phi chi psi omega Gamma Delta Theta Lambda Xi Sigma Phi Psi Omega ell hbar "
    "aleph partial nabla".split()
)
DECORATIONS = frozenset(
    "overline vec hat widehat tilde widetilde overarc dot mathcal mathfrak mathscr "
    "triangle angle odot parallel perp forall exists".split()
)
BLACKBOARD = frozenset("RZNQC")
# Letters that a bracket after them makes a function of, where nothing says that they are numbers.
UNKNOWN_FUNCTIONS = frozenset(("f", "g", "h", "F", "G", "H", "phi", "psi", "Phi", "Psi"))
SCALES = {
    "hundred": 10**2, "thousand": 10**3, "million": 10**6, "billion": 10**9, "trillion": 10**12,
    "dozen": 12,
}  # fmt: skip
# Short words of English, which are no products of variables.
ENGLISH = frozenset(
    "no is if of to in at by as we it be so he an am on up us do go my me the and for odd yes "
    "not day "
    "one two six ten are all any has had was can may but out off per its his her who how why "
    "new old "
    "big red blue her men man boy box set sum top low win one red sun mon tue wed thu fri sat jan "
    "feb mar apr jun jul aug sep oct nov dec or".split()
)
# Words after a number that make another answer of it: no label may begin with them.
QUALIFIERS = frozenset(
    "or and to out of over plus minus times divided multiplied more less fewer half halves third "
    "thirds quarter quarters fifth fifths tenth tenths squared cubed factorial if unless maybe "
    "but "
    "not mod modulo base when where only except approximately score scores pair pairs "
    "until then else is are equals".split()
)

"""What students and other programs call functions, and what that is in our notation.

A new one is a line here. What is written out is parsed like any text, so that it is
differentiated and compiled as everything is.
"""

from __future__ import annotations

from dataclasses import dataclass

from nnopt_viz.formula.graph import FUNCTIONS

# Our own: name -> how many arguments.
CALLABLE = {n: f.arity for n, f in FUNCTIONS.items() if n.isidentifier() and n != "neg"} | {
    "clip": 3
}
# Functions that came later: an old link may have a knob of this name, which stays one.
LATER = frozenset({"erf", "atan2"})

# The same function under another name.
RENAMED = {
    "ln": "log", "arctan": "atan", "tg": "tan", "arctg": "atan", "arctan2": "atan2", "th": "tanh",
    "sh": "sinh", "ch": "cosh", "min": "minimum", "max": "maximum", "fmin": "minimum",
    "fmax": "maximum", "sgn": "sign", "signum": "sign", "fabs": "abs", "clamp": "clip",
}  # fmt: skip
SEVERAL = frozenset({"minimum", "maximum"})  # of three and more: one after the other


@dataclass(frozen=True, slots=True)
class Written:
    """A function that is written out.

    Args:
        arity: how many arguments it takes.
        text: in a, and b for a second one.
    """

    arity: int
    text: str


_ASIN = "2*atan(a/(1 + sqrt(1 - a**2)))"
_LOG10, _MOD = "log(a)/log(10)", "a - b*floor(a/b)"
_ASINH = "where(a < 0, -log(sqrt(a**2 + 1) - a), log(sqrt(a**2 + 1) + a))"
WRITTEN: dict[str, Written] = {
    "asin": Written(1, _ASIN),
    "arcsin": Written(1, _ASIN),
    "acos": Written(1, f"pi/2 - {_ASIN}"),
    "arccos": Written(1, f"pi/2 - {_ASIN}"),
    "cot": Written(1, "1/tan(a)"),
    "ctg": Written(1, "1/tan(a)"),
    "sec": Written(1, "1/cos(a)"),
    "csc": Written(1, "1/sin(a)"),
    "coth": Written(1, "1/tanh(a)"),
    "sech": Written(1, "1/cosh(a)"),
    "csch": Written(1, "1/sinh(a)"),
    "asinh": Written(1, _ASINH),
    "arcsinh": Written(1, _ASINH),
    "acosh": Written(1, "log(a + sqrt(a**2 - 1))"),
    "arccosh": Written(1, "log(a + sqrt(a**2 - 1))"),
    "atanh": Written(1, "log((1 + a)/(1 - a))/2"),
    "arctanh": Written(1, "log((1 + a)/(1 - a))/2"),
    "log10": Written(1, _LOG10),
    "lg": Written(1, _LOG10),
    "log2": Written(1, "log(a)/log(2)"),
    "ld": Written(1, "log(a)/log(2)"),
    "log1p": Written(1, "log(1 + a)"),
    "expm1": Written(1, "exp(a) - 1"),
    "exp2": Written(1, "2**a"),
    "square": Written(1, "a**2"),
    "sqr": Written(1, "a**2"),
    "cbrt": Written(1, "sign(a)*abs(a)**(1/3)"),
    "pow": Written(2, "a**b"),
    "power": Written(2, "a**b"),
    "hypot": Written(2, "sqrt(a**2 + b**2)"),
    "mod": Written(2, _MOD),
    "ceil": Written(1, "-floor(-a)"),
    "frac": Written(1, "a - floor(a)"),
    "sigmoid": Written(1, "1/(1 + exp(-a))"),
    "logistic": Written(1, "1/(1 + exp(-a))"),
    "expit": Written(1, "1/(1 + exp(-a))"),
    "logit": Written(1, "log(a/(1 - a))"),
    "relu": Written(1, "maximum(a, 0)"),
    "leaky_relu": Written(1, "where(a > 0, a, 0.01*a)"),
    # log(1 + exp(a)) where exp can't overflow; beyond, the same to the last digit.
    "softplus": Written(1, "where(a > 30, a + exp(-a), log(1 + exp(a)))"),
    "silu": Written(1, "a/(1 + exp(-a))"),
    "swish": Written(1, "a/(1 + exp(-a))"),
}
REMAINDER = Written(2, _MOD)  # a % b

# What can be read in two ways, or not at all: what to write.
INSTEAD = {
    "gelu": "write x*(1 + erf(x/sqrt(2)))/2",
    "sinc": "write where(x == 0, 1, sin(x)/x)",
    "heaviside": "write where(x > 0, 1, 0)",
    "step": "write where(x > 0, 1, 0)",
    "fmod": "write mod(x, y), which has the sign of y",
    "round": "write floor(x + 0.5)",
    "int": "write sign(x)*floor(abs(x))",
    "trunc": "write sign(x)*floor(abs(x))",
    "if": "write where(condition, then, otherwise)",
    "iif": "write where(condition, then, otherwise)",
    "piecewise": "write where(condition, then, otherwise)",
    "sum": "write the terms with +",
    "prod": "write the factors with *",
    "mean": "write (x + y)/2",
    "factorial": "it is no function of a real number",
    "gamma": "it is not among the functions here",
    "rand": "write normal() in a rule",
    "random": "write normal() in a rule",
    "randn": "write normal() in a rule",
}
# Names that a formula can't read, and what is meant.
MEANT = {
    "x1": "x", "x2": "y", "x_1": "x", "x_2": "y", "X": "x", "Y": "y", "w1": "x", "w2": "y",
    "theta": "x", "w": "x", "grad": "g", "gradient": "g", "eta": "lr", "learning_rate": "lr",
    "PI": "pi", "Pi": "pi", "tau": "(2*pi)", "E": "exp(1)", "e": "exp(1)",
}  # fmt: skip
READ = frozenset({*RENAMED, *WRITTEN})  # function names beside our own

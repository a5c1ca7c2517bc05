"""Random formulas as students write them, each with what Python makes of it.

A formula is built from the leaves up, text and meaning together, so that neither is read off the
other. NumPy's functions say what a function means.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

Point = dict[str, float]  # x, y, a
Value = Callable[[Point], float]


def periodic(function: Callable[[float], float]) -> Callable[[float], float]:
    """A function of an angle, nan where the angle is so large that its last digit decides."""
    return lambda u: function(u) if abs(u) < 1e4 else math.nan


FUNCTIONS: dict[str, Callable[[float], float]] = {
    "sin": periodic(np.sin), "cos": periodic(np.cos), "tan": periodic(np.tan), "tanh": np.tanh,
    "exp": np.exp, "ln": np.log, "log": np.log, "sqrt": np.sqrt, "arctan": np.arctan,
    "asin": np.arcsin, "acos": np.arccos, "arcsin": np.arcsin, "sinh": np.sinh,
    "log10": np.log10, "log2": np.log2, "log1p": np.log1p, "expm1": np.expm1,
    "square": np.square, "cbrt": np.cbrt, "ceil": np.ceil, "floor": np.floor,
    "sigmoid": lambda u: 1/(1 + np.exp(-u)), "relu": lambda u: max(u, 0.0), "erf": math.erf,
    "softplus": lambda u: np.logaddexp(0.0, u), "sgn": np.sign, "arcsinh": np.arcsinh,
    "atanh": np.arctanh, "acosh": np.arccosh, "silu": lambda u: u/(1 + np.exp(-u)),
    "cot": periodic(lambda u: 1/np.tan(u)), "exp2": np.exp2,
    "leaky_relu": lambda u: u if u > 0 else 0.01*u,
}  # fmt: skip


def remainder(u: float, v: float) -> float:
    """u mod v where that is well conditioned, else nan: at a jump the last digit decides."""
    made = np.mod(u, v)
    return float(made) if abs(u) < 1e4 and 1e-6 < abs(made) < abs(v) - 1e-6 else math.nan


OF_TWO: dict[str, Callable[[float, float], float]] = {
    "hypot": np.hypot, "atan2": np.arctan2, "arctan2": np.arctan2, "mod": remainder,
    "min": np.minimum, "max": np.maximum, "fmax": np.maximum,
}  # fmt: skip
RAISED = "⁰¹²³⁴⁵⁶⁷⁸⁹"


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a formula.

    Args:
        text: as a student writes it.
        value: what it means at a point.
        is_open: it ends in an exponent without parentheses, so that nothing may follow at once.
        is_raised: it is a power already, as sin²(x) is.
    """

    text: str
    value: Value
    is_open: bool = False
    is_raised: bool = False


class Student:
    """Writes formulas. Raises nothing; what it writes may be undefined at a point.

    Args:
        seed: of everything.
    """

    def __init__(self, seed: int) -> None:
        self.rng = random.Random(seed)

    def one(self, depth: int) -> Part:
        """A sum of products."""
        made = self.product(depth)
        for _ in range(self.rng.choice((0, 0, 1, 2)) if depth else 0):
            sign = self.rng.choice(("+", "-", "−", " + ", " - "))
            other = self.product(depth)
            made = Part(made.text + sign + other.text, _sum(made, other, "+" in sign))
        return made

    def product(self, depth: int) -> Part:
        made = self.power(depth)
        divided = False
        for _ in range(self.rng.choice((0, 1, 1, 2)) if depth else 0):
            other = self.power(depth)
            signs = ["*", "·", "×", "/", " % "]
            begins = other.text[0].isalpha() or other.text[0] == "("
            ends = made.text[-1].isdigit() or made.text[-1] in ")" + RAISED
            is_number = made.text.replace(".", "").isdigit() or made.text[-1] in ")" + RAISED
            if begins and ends and is_number and not made.is_open and not divided:
                signs += ["", "", ""]
            sign = self.rng.choice(signs)
            divided = sign in ("/", " % ") or (divided and sign == "")
            made = Part(made.text + sign + other.text, _product(made, other, sign), other.is_open)
        return made

    def power(self, depth: int) -> Part:
        base = self.atom(depth)
        n = self.rng.choice((2, 3))
        match self.rng.randrange(2 if base.is_raised else 0, 8):
            case 0:
                return Part(base.text + RAISED[n], lambda at: base.value(at) ** n)
            case 1:
                text = base.text + self.rng.choice(("^", "**")) + str(n)
                return Part(text, lambda at: base.value(at) ** n, is_open=True)
            case 2 if depth:
                inside = self.one(depth - 1)
                return Part(f"e^({inside.text})", lambda at: np.exp(inside.value(at)))
        return base

    def atom(self, depth: int) -> Part:
        if not depth or self.rng.random() < 0.35:
            return self.leaf()
        inside = self.one(depth - 1)
        match self.rng.randrange(8):
            case 0 if not inside.text.startswith("|"):
                return Part(f"|{inside.text}|", lambda at: abs(inside.value(at)))
            case 1:
                return self.of_two(inside, self.one(depth - 1))
            case 2:
                return self.case(inside, depth)
            case 3:
                function, n = self.rng.choice(("sin", "cos", "tanh")), self.rng.choice((2, 3))
                raised = self.rng.choice((RAISED[n], f"^{n}"))
                f = FUNCTIONS[function]
                text = f"{function}{raised}({inside.text})"
                return Part(text, lambda at: f(inside.value(at)) ** n, is_raised=True)
            case 4:
                return Part(f"({inside.text})", inside.value)
            case 5:
                return Part(f"√({inside.text})", lambda at: np.sqrt(inside.value(at)))
        name = self.rng.choice([*FUNCTIONS])
        f = FUNCTIONS[name]
        return Part(f"{name}({inside.text})", lambda at: f(inside.value(at)))

    def of_two(self, one: Part, two: Part) -> Part:
        if self.rng.random() < 0.3:
            text = f"min({one.text}, {two.text}, x)"
            return Part(
                text, lambda at: np.minimum(np.minimum(one.value(at), two.value(at)), at["x"])
            )
        name = self.rng.choice([*OF_TWO])
        f = OF_TWO[name]
        return Part(f"{name}({one.text}, {two.text})", lambda at: f(one.value(at), two.value(at)))

    def case(self, inside: Part, depth: int) -> Part:
        """where(…) with conditions as one says them."""
        x, y, other = self.leaf(), self.leaf(), self.one(depth - 1)
        text, holds = self.rng.choice(
            (
                ("{x} > 0 and {y} < 1", lambda u, v: u > 0 and v < 1),
                ("{x} < 0 or {y} ≥ 0.5", lambda u, v: u < 0 or v >= 0.5),
                ("not {x} < {y}", lambda u, v: not u < v),
                ("-1 < {x} <= {y}", lambda u, v: -1 < u <= v),
                ("({x} > {y}) or (not ({x} > 1) and {y} != 2)", lambda u, v: u > v
                 or (not u > 1 and v != 2)),
            )
        )  # fmt: skip
        condition = text.format(x=x.text, y=y.text)
        return Part(
            f"where({condition}, {inside.text}, {other.text})",
            lambda at: inside.value(at) if holds(x.value(at), y.value(at)) else other.value(at),
        )

    def leaf(self) -> Part:
        kind = self.rng.randrange(6)
        if kind < 4:
            name = "xya"[kind % 3]
            return Part(name, lambda at: at[name])
        if kind == 4:
            return Part("π", lambda _: math.pi)
        number = self.rng.choice(("2", "0.5", "3", "1.25", "10"))
        return Part(number, lambda _: float(number))


def _sum(one: Part, two: Part, adds: bool) -> Value:
    return lambda at: one.value(at) + two.value(at) if adds else one.value(at) - two.value(at)


def _product(one: Part, two: Part, sign: str) -> Value:
    if sign == "/":
        return lambda at: np.divide(one.value(at), two.value(at))
    if sign == " % ":
        return lambda at: remainder(one.value(at), two.value(at))
    return lambda at: one.value(at) * two.value(at)

"""The oracle: formula text read by SymPy and evaluated to thirty digits.

Nothing here shares code with nnopt_viz.formula: the text is read with Python's own
parser, differentiated by SymPy and computed by mpmath, so that a fault in our core
cannot hide in the test of it.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

import mpmath
import numpy as np
import sympy

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

DIGITS = 30
X, Y = sympy.symbols("x y", real=True)


class Floor(sympy.Function):
    """floor with derivative 0; SymPy's own leaves its derivative open."""

    def fdiff(self, argindex: int = 1) -> Any:
        return sympy.Integer(0)


def _where(condition: Any, yes: Any, no: Any) -> Any:
    if not isinstance(condition, sympy.logic.boolalg.Boolean):
        condition = sympy.Ne(condition, 0)
    return sympy.Piecewise((yes, condition), (no, True))


def _minimum(a: Any, b: Any) -> Any:
    return _where(a < b, a, b)


def _maximum(a: Any, b: Any) -> Any:
    return _where(a > b, a, b)


SMOOTH = ("sqrt", "exp", "log", "sin", "cos", "tan", "tanh", "sinh", "cosh", "atan", "atan2", "erf")
# Kinks are cases, not SymPy's Max or Abs, whose second derivatives hold Dirac's delta.
FUNCTIONS: dict[str, Any] = {name: getattr(sympy, name) for name in SMOOTH} | {
    "floor": Floor,
    "where": _where,
    "minimum": _minimum,
    "maximum": _maximum,
    "clip": lambda a, low, high: _minimum(_maximum(a, low), high),
    "abs": lambda a: _where(a < 0, -a, a),
    "sign": lambda a: _where(a < 0, -1, _where(a > 0, 1, 0)),
}
OPERATORS: dict[type, Any] = {
    ast.Add: lambda a, b: a + b,
    ast.Sub: lambda a, b: a - b,
    ast.Mult: lambda a, b: a * b,
    ast.Div: lambda a, b: a / b,
    ast.Pow: lambda a, b: a**b,
}
COMPARISONS: dict[type, Any] = {
    ast.Lt: sympy.Lt,
    ast.LtE: sympy.Le,
    ast.Gt: sympy.Gt,
    ast.GtE: sympy.Ge,
    ast.Eq: sympy.Eq,
    ast.NotEq: sympy.Ne,
}


def exact(value: float) -> sympy.Rational:
    """A float as the rational number that it is."""
    return sympy.Rational(*float(value).as_integer_ratio())


def read(text: str, knobs: Mapping[str, float]) -> Any:
    """The formula as a SymPy expression in x and y, knobs put in."""
    names = {name: exact(value) for name, value in knobs.items()} | {"x": X, "y": Y, "pi": sympy.pi}

    def build(node: ast.AST) -> Any:
        match node:
            case ast.Constant(value=value):
                return exact(value)
            case ast.Name(id=name):
                return names[name]
            case ast.BinOp(left=left, op=op, right=right):
                return OPERATORS[type(op)](build(left), build(right))
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                return -build(operand)
            case ast.Call(func=ast.Name(id=name), args=args):
                return FUNCTIONS[name](*map(build, args))
            case ast.Compare(left=left, ops=[op], comparators=[right]):
                return COMPARISONS[type(op)](build(left), build(right))
        raise AssertionError(ast.dump(node))

    return build(ast.parse(text.strip(), mode="eval").body)


class Oracle:
    """f, its gradient and its Hessian at points, to thirty digits, as floats.

    Args:
        text: the formula of a surface.
        knobs: the value of every knob.
    """

    def __init__(self, text: str, knobs: Mapping[str, float]) -> None:
        value = read(text, knobs)
        slopes = [sympy.diff(value, v) for v in (X, Y)]
        curvature = [sympy.diff(slope, v) for slope in slopes for v in (X, Y)]
        modules = [{"Floor": mpmath.floor}, "mpmath"]
        self._all = sympy.lambdify((X, Y), [value, *slopes, *curvature], modules, cse=True)

    def __call__(
        self, points: NDArray[np.float64]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
        """Values at points of shape (2, n): f (n,), gradient (2, n), Hessian (2, 2, n)."""
        with mpmath.workdps(DIGITS):
            rows = [
                [float(number) for number in self._all(mpmath.mpf(x), mpmath.mpf(y))]
                for x, y in points.T.tolist()
            ]
        table = np.array(rows).T
        return table[0], table[1:3], table[3:].reshape(2, 2, -1)

"""Law: a typeset formula, read as it is drawn, has the value of the text that is run."""

from __future__ import annotations

import math
import random
import re
from typing import Any

import pytest

from nnopt_viz.figures.mathml import mathml, symbol
from nnopt_viz.figures.mathml_rule import rule_mathml
from nnopt_viz.surfaces import SURFACES
from tests.support.laws import SCENARIOS
from tests.support.typeset import read_back

ATOMS = ("x", "y", "a", "2", "0.5", "3", "-1", "pi", "1e-3", "2.5")
NAMES: dict[str, Any] = {
    "sin": math.sin,
    "cos": math.cos,
    "exp": math.exp,
    "log": math.log,
    "sqrt": math.sqrt,
    "tanh": math.tanh,
    "floor": math.floor,
    "abs": abs,
    "atan": math.atan,
    "maximum": max,
    "minimum": min,
    "pi": math.pi,
    "where": lambda condition, then, otherwise: then if condition else otherwise,
}


def formula(rng: random.Random, depth: int) -> str:
    if depth == 0:
        return rng.choice(ATOMS)
    a, b = formula(rng, depth - 1), formula(rng, depth - 1)
    return rng.choice(
        [
            f"{a} + {b}",
            f"({a} - {b})",
            f"({a} - ({b}))",
            f"({a})*({b})",
            f"({a})/({b})",
            f"({a})**{rng.choice(['2', '3', '0.5', '(-1)', 'a'])}",
            f"-({a})",
            f"abs({a})",
            f"exp({a})",
            f"exp({a})**2",
            f"{rng.choice(['sin', 'cos', 'tanh', 'sqrt', 'log', 'floor'])}({a})",
            f"where({rng.choice('xy')} {rng.choice(['<', '>', '<=', '>='])} 0.3, {a}, {b})",
        ]
    )


def test_what_is_typeset_is_what_is_run() -> None:
    rng, tried = random.Random(seed := 90), 0
    while tried < 3 * SCENARIOS:
        text = formula(rng, rng.choice((1, 2, 3, 4)))
        values = {"x": rng.uniform(-2, 2), "y": rng.uniform(-2, 2), "a": rng.uniform(0.3, 2)}
        try:
            value = eval(text, NAMES, values)
        except (TypeError, ValueError, ZeroDivisionError, OverflowError):
            continue
        markup = mathml(text, ("x", "y", "a"))
        if isinstance(value, complex) or abs(value) > 1e9 or "<code>" in markup:
            continue
        tried += 1
        try:
            drawn = read_back(markup, values)
        except (OverflowError, ZeroDivisionError, TypeError):
            continue  # on a branch that isn't taken, where we have no value either
        except ValueError as fault:
            if "math domain" in str(fault) or "expected a" in str(fault):
                continue  # likewise
            raise AssertionError((seed, text)) from fault
        # constants are drawn with ten digits
        assert drawn == pytest.approx(value, rel=1e-6, abs=1e-6), (seed, text, values)


@pytest.mark.parametrize(
    "text",
    ["exp(x)**2", "exp(x)*exp(x)", "(exp(y)**a)**a", "where(x > 0.3, x, y)**2",
     "2 + where(x > 0.3, x, y)*3 + y", "-where(x > 0.3, x, y)", "1e9*(x + y)",
     "12345678*x", "2.5e9*x", "x/3*1e7", "1e8**x", "1e-7 + 1e-7*x"],
)  # fmt: skip
def test_an_exponent_has_one_base_and_cases_have_an_end(text: str) -> None:
    values = {"x": 0.7, "y": 0.4, "a": 1.3}
    wanted = eval(text, NAMES, values)
    assert read_back(mathml(text, ("x", "y", "a")), values) == pytest.approx(wanted, rel=1e-9)


@pytest.mark.parametrize("name", SURFACES)
def test_formulas_of_the_catalogue(name: str) -> None:
    entry, rng = SURFACES[name], random.Random(name)
    names = ("x", "y", *(knob.name for knob in entry.knobs))
    markup = mathml(entry.formula, names)
    for _ in range(5):
        values = {one: rng.uniform(0.3, 0.9) for one in names}
        drawn = read_back(markup, {symbol(one): value for one, value in values.items()} | values)
        wanted = eval(entry.formula, NAMES, values)
        assert drawn == pytest.approx(wanted, rel=1e-6)


def test_two_names_are_never_one_symbol() -> None:
    """In a rule and in a formula of one's own: those that would look alike are spelled out."""
    pool = ["beta1", "beta_1", "eps", "epsilon", "lr", "weight_decay", "b", "b1", "b_1", "m_hat",
            "alpha", "mu", "x_hat", "nu2", "nu_2", "speed"]  # fmt: skip
    rng = random.Random(seed := 91)
    for _ in range(SCENARIOS):
        names = rng.sample(pool, rng.randint(2, 6))
        text = "x = x - lr*(" + " + ".join(f"{name}*g" for name in names) + ")"
        drawn = [rule_mathml(text), mathml("x + " + " + ".join(names), ("x", *names))]
        for markup in drawn:
            symbols = set(
                re.findall(r"<m(?:sub|over)[^>]*>.*?</m(?:sub|over)>|<mi[^>]*>.*?</mi>", markup)
            )
            rest = {f"<mi>{one}</mi>" for one in "xgfη"}
            assert len(symbols - rest) == len({*names} - {"lr"}), (seed, names, symbols)

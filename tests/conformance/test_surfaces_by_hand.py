"""Values of surfaces worked out by hand: of those that no package has, and what knobs do.

Each value follows from what the surface is said to be, in a few lines of arithmetic at places that
make them easy; none was read off the formula's output.
"""

from __future__ import annotations

from math import cos, e, exp, log, pi, sin, sqrt
from typing import TYPE_CHECKING

import numpy as np
import pytest

from nnopt_viz.judge.evaluate import evaluate
from nnopt_viz.surfaces import SURFACES
from tests.conformance.test_surfaces_elsewhere import KEPT, NUMBER
from tests.conformance.test_surfaces_torch import MODELS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.support.recording import Recorder

FUNCTIONS = {name: getattr(np, name) for name in ("sin", "cos", "exp", "log", "sqrt", "tanh", "pi",
                                                  "maximum", "abs")}  # fmt: skip
DEGREE = pi / 180
At = tuple[float, float]
Value = tuple[At, float]


def agree(name: str, knobs: Mapping[str, float], wanted: tuple[Value, ...]) -> None:
    """To a few units in the last place of the largest value that is worked out."""
    call = SURFACES.call(name, **knobs)
    scale = max(abs(value) for _, value in wanted)
    for at, value in wanted:
        assert float(evaluate(call, *at)) == pytest.approx(value, rel=1e-14, abs=1e-14 * scale), at


# name -> settings of its knobs, each with values at places
WORKED: dict[str, tuple[tuple[dict[str, float], tuple[Value, ...]], ...]] = {
    "saddle": (({}, (((1, 0), 1), ((0, 1), -1), ((3, 2), 5), ((-2, 2), 0), ((0.5, -1.5), -2))),),
    # the real part of (x + iy)**3: (1 + i)**3 = -2 + 2i, (2 + i)**3 = 2 + 11i, and r**3 cos 3a
    "monkey_saddle": (
        ({}, (((1, 0), 1), ((1, 1), -2), ((2, 1), 2), ((-1, 2), 11),
              ((cos(0.4), sin(0.4)), cos(1.2)), ((2 * cos(2.0), 2 * sin(2.0)), 8 * cos(6.0)))),
    ),
    # left of -1 only the slope: its root is 2 where x + 2 and y are 0 and sqrt(3). At x = -1/2
    # steepness*(x + 1) is 1, so half of the cliff is climbed
    "plateau_cliff": (
        ({}, (((-2, 0), 0), ((-2, sqrt(3)), 0.2), ((-4, 2), 0.4),
              ((-0.5, 0), 1.5 + 0.2 * (sqrt(3.25) - 1)),
              ((0, 0), 3 * 16 / 17 + 0.2 * (sqrt(5) - 1)))),
        ({"height": 10.0, "steepness": 1.0, "slope": 1.0},
         (((0, 2), 5 + 2), ((1, 0), 10 * 16 / 17 + sqrt(10) - 1))),
    ),
    # w**2/(w**2 + r**2) is lost: a half where r = w
    "plateau": (
        ({}, (((0, 0), 0), ((1, 0), 0.5), ((0.6, 0.8), 0.5), ((3, 4), 25 / 26))),
        ({"width": 2.0}, (((0, 2), 0.5), ((2, 2), 2 / 3), ((-4, 0), 0.8))),
    ),
    # its centre is 3.5 and 2 from the minimum, 16.25 in squares; there the wall is 3*exp(-4)
    "steep_walled_trap": (
        ({}, (((2, -1), 0), ((-1.5, 1), 16.25 / 4 * 0.2 + 3 * exp(-4)),
              ((-0.6, 1), (2.6**2 + 4) / 4 * (1 - 0.8 / e) + 3), ((4, -1), 1), ((4, -4), 3.25))),
        ({"depth": 0.5, "width": 1.0, "steepness": 1.0},
         (((-1.5, 2), (3.5**2 + 9) / 4 * (1 - 0.5 / e) + 3),
          ((-1.5, 1), 16.25 / 8 + 3 / e))),
    ),
    # along its floor an eighth of the square; a width across it log(2), two widths log(5)
    "ravine": (
        ({}, (((2 * cos(25 * DEGREE), 2 * sin(25 * DEGREE)), 0.5),
              ((-0.2 * sin(25 * DEGREE), 0.2 * cos(25 * DEGREE)), log(2)),
              ((0.4 * sin(25 * DEGREE), -0.4 * cos(25 * DEGREE)), log(5)))),
        ({"width": 1.0, "angle": 0.0}, (((2, 0), 0.5), ((0, 1), log(2)), ((4, 3), 2 + log(10)))),
        ({"width": 0.5, "angle": 90.0}, (((0, 2), 0.5), ((0.5, 0), log(2)))),
    ),
    "cliff": (
        ({}, (((1, 0), 0), ((-1, 2), 2), ((1.2, 1), 0.26), ((2.2, 0), 0.36 + 100))),
        ({"steepness": 4.0}, (((1.7, 0), 0.49 / 4 + 1), ((-3, 0), 4))),
    ),
    # sharpness*a*b/(sharpness*a + b), a and b the squared distances from the two minima
    "sharp_and_flat": (
        ({}, (((1.5, 0), 0), ((-1.5, 0), 0), ((0, 0), 2.25 * 25 / 26), ((0, 2), 6.25 * 25 / 26),
              ((4.5, 0), 9 * 25 * 36 / (225 + 36)))),
        ({"sharpness": 1.0}, (((0, 0), 1.125), ((1.5, 3), 9 * 18 / 27))),
    ),
    # at 3 from 0 the wall is 1; a ripple is twice its knob where 8x is pi
    "level_minima": (
        ({}, (((0, 0), 0), ((3, 0), 1 + 0.02 * (1 - cos(24))), ((pi / 4, 0), (pi / 12) ** 8),
              ((pi / 8, pi / 8), (pi**2 / 32 / 9) ** 4 + 0.08))),
        ({"ripple": 1.0}, (((pi / 8, 0), (pi / 24) ** 8 + 2), ((0, pi / 16), (pi / 48) ** 8 + 1))),
    ),
    # what is left after one step and after ten
    "linear_recurrent": (
        ({}, (((0.9, 1), 0), ((0, 1), 0.81 + 0.9**20), ((1, 1), 0.01 + (1 - 0.9**10) ** 2),
              ((-1, 1), 1.9**2 + (1 - 0.9**10) ** 2), ((1, 2), 1.1**2 + (2 - 0.9**10) ** 2))),
        ({"memory": 0.5}, (((0.5, 1), 0), ((1, 0), 0.25 + 2.0**-20),
                           ((1, 1), 0.25 + (1 - 2**-10) ** 2))),
    ),
    # x**4 - 2x**2 is -1 at the wells, the tilt takes gap/2 more or gives it; y = x**2/2 below
    "swapping_wells": (
        ({}, (((1, 0.5), 0.5), ((-1, 0.5), 1.5), ((0, 0), 2), ((0, 1), 3))),
        ({"s": 1.0}, (((1, 0.5), 1.5), ((-1, 0.5), 0.5), ((0, 0), 2))),
        ({"s": 0.5, "gap": 2.0}, (((1, 0.5), 1), ((-1, 0.5), 1), ((1, 2.5), 5))),
        ({"s": 0.25, "gap": 2.0}, (((1, 0.5), 0.5), ((-1, 0.5), 1.5))),
    ),
    # sharp_and_flat of sharpness 50, moved by 0.4*s
    "shifted_sharp_minimum": (
        ({}, (((1.5, 0), 0), ((-1.5, 0), 0), ((0, 0), 2.25 * 50 / 51))),
        ({"s": 1.0}, (((1.9, 0), 0), ((-1.1, 0), 0), ((0.4, 2), 6.25 * 50 / 51),
                      ((1.5, 0), 50 * 0.16 * 6.76 / (50 * 0.16 + 6.76)))),
        ({"s": 0.5, "sharpness": 4.0}, (((1.7, 0), 0), ((0.2, 0), 2.25 * 4 / 5))),
    ),
    # one unit: tanh(log(3)/2) is 1/2, and tanh(log(2)) is 3/5
    "tanh_neuron": (({}, (((0, 0), 0.64 + 0.25), ((log(2), 0), 0.04 + 0.01),
                          ((0, log(2)), 0.04 + 1.21))),),
    "relu_neuron": (({}, (((0, 0), (1 + 2.25 + 6.25) / 4), ((1, 0.5), 0), ((-1, -1), 2.375),
                          ((0, 1), (1 + 0 + 0.25 + 2.25) / 4))),),
    "logistic_regression": (({}, (((0, 0), log(2)), ((0, log(3)), log(4) / 2 + log(4 / 3) / 2))),),
    "lasso": (
        ({}, (((2, 0.3), 1.4 * 2.3), ((0, 0), 2.18), ((-1, 1.3), 4.5 + 2 + 1.4 * 2.3))),
        ({"penalty": 0.0}, (((2, 0.3), 0), ((4, 1.3), 4))),
    ),
    "two_layer_linear": (
        ({}, (((0, 0), 0.5), ((1, 1), 0.05), ((2, 1), 0.5 + 0.125))),
        ({"decay": 1.0}, (((1, 1), 1), ((-1, 1), 2 + 1))),
    ),
    "one_hidden_neuron": (({}, (((log(3) / 2, 2), 0), ((0, 0), (1 + 1.6**2 + (13 / 7) ** 2) / 3),
                                ((log(3) / 2, 0), (1 + 1.6**2 + (13 / 7) ** 2) / 3))),),
    "linear_chain": (({}, (((0, 0), (4 + 0.25 + 0.25 + 9) / 4),
                           ((1, 1), (1 + 0 + 0.25 + 1) / 4 + 0.1),
                           ((2, 1), (0 + 0.25 + 2.25 + 1) / 4 + 0.25))),),
    "covariate_shift": (({}, (((0, 0), 2 / 3), ((0, 2 / 3), 2 / 9))),
                        ({"s": 1.0}, (((2, -1 / 3), 2 / 9), ((0, 0), 17 / 3)))),
    "label_shift": (({}, (((0, 0), log(2)),)), ({"s": 1.0}, (((0, 0), log(2)),
                     ((0, -log(9)), 0.1 * log(10) + 0.9 * log(10 / 9))))),
    "rotating_classes": (({}, (((0, 0), log(2)),
                               ((log(3), 0), (log(4) + 3 * log(4 / 3)) / 4))),
                         ({"s": 1.0}, (((log(3) * cos(1), log(3) * sin(1)),
                                        (log(4) + 3 * log(4 / 3)) / 4),))),
    "few_examples": (({}, (((2, 0.5), 0),
                           ((0, 0), (sin(0.5) ** 2 + sin(2.5) ** 2 + sin(1.5) ** 2) / 3))),
                     # sin**2(2u + 1/2) has the mean (1 - exp(-8) cos 1)/2
                     ({"s": 1.0}, (((2, 0.5), 0), ((0, 0), (1 - exp(-8) * cos(1)) / 2)))),
    # one weight, whatever y is; tanh(log(3)/2) is 1/2
    "local_and_global_minimum": (({}, (((2, 0), 0), ((-1, 1), 2.25), ((0, 0), 8 / 3),
                                       ((1, -2), 19 / 12), ((3, 0), 59 / 12))),),
    "x_squared": (({}, (((0, 0), 0), ((3, 1), 9))), ({"curvature": 5.0}, (((2, 0), 10),))),
    "absolute_value": (({}, (((0, 0), 0), ((-1.5, 2), 1.5), ((2, 0), 2))),),
    "double_well": (({}, (((1, 0), 0), ((-1, 2), 0), ((0, 0), 1), ((2, 1), 9))),),
    "wavy_parabola": (({}, (((0, 1), 0), ((pi / 4, 0), pi**2 / 128 + 0.5),
                            ((pi / 8, 0), pi**2 / 512 + 0.25))),
                      ({"waves": 1.0}, (((pi / 4, 0), pi**2 / 128 + 2),))),
    "one_weight_cliff": (({}, (((0, 0), 0), ((-2, 1), 1.2), ((5, 0), 1.25),
                               ((log(3) / 25 - 2, 0), (log(3) / 25 - 2) ** 2 / 20 + 0.5))),
                         ({"steepness": 50.0}, (((log(3) / 100 - 2, 0),
                                                 (log(3) / 100 - 2) ** 2 / 20 + 0.5),))),
    "sigmoid_neuron": (({}, (((0, 0), 0.09), ((log(4), 0), 0), ((-log(3), 1), 0.55**2))),
                       ({"target": 0.5}, (((0, 0), 0), ((log(3), 0), 0.0625)))),
    # from here on surfaces that others have: what our knobs add to theirs
    "bowl": (({"curvature": 5.0}, (((1, 0), 2.5), ((3, -4), 62.5))),),
    "rosenbrock": (({"a": -1.0, "b": 2.0}, (((-1, 1), 0), ((0, 2), 1 + 8), ((1, 0), 4 + 2))),),
    "perm": (({"b": 0.0}, (((1, 2), 0), ((0, 0), 9 + 25), ((2, 2), 1 + 9))),
             ({"b": 10.0}, (((1, 2), 0), ((0, 0), 23**2 + 25**2), ((1, 0), 12**2 + 14**2)))),
    "himmelblau": (({"tilt": 2.0}, (((3, 2), 0), ((0, 0), 170 + 26), ((4, 4), 81 + 169 + 10))),),
    "rastrigin": (({"amplitude": 2.0}, (((0, 0), 0), ((0.5, 0), 0.25 + 4), ((1, 2), 5))),),
    # at whole numbers both cosines are 1: what is left is the funnel
    "ackley": (({"a": 4.0, "b": 1.0}, (((0, 0), 0), ((1, 1), 4 - 4 / e),
                                       ((0.5, 0.5), 4 - 4 / sqrt(e) + e - 1 / e))),),
    "griewank": (({"ripple": 3.0}, (((0, 0), 0), ((pi, 0), pi**2 / 4000 + 6),
                                    ((0, pi / sqrt(2)), pi**2 / 8000 + 3))),),
    "bohachevsky": (({"ripple": 2.0}, (((0, 0), 0), ((1, 0), 1 + 1.2), ((0, 0.25), 0.125 + 1.6))),
                    ({"ripple": 0.0}, (((1, 2), 9),))),
    "egg_crate": (({"amplitude": 4.0}, (((0, 0), 0), ((pi / 2, pi), 1.25 * pi**2 + 4))),),
    "drop_wave": (({"frequency": pi}, (((0, 0), -1), ((1, 0), 0), ((0, 2), -0.5),
                                       ((1.2, 1.6), -0.5))),),
    "easom": (({"width": 2.0}, (((pi, pi), -1), ((pi, 0), exp(-(pi**2) / 4)),
                                ((0, 2 * pi), -exp(-(pi**2) / 2)))),),
    "weak_saddle": (({}, (((0, 0), 0), ((0, 1), -0.025), ((1, 0), 1), ((0, sqrt(2)), 0))),),
    "tilted_double_well": (({}, (((0, 0), 1), ((1, 0), 0.3), ((-1, 2), 1.7))),
                           ({"tilt": -1.0}, (((2, 0), 7), ((-1, 0), 1)))),
}  # fmt: skip


@pytest.mark.recorded
@pytest.mark.parametrize("name", WORKED)
def test_values_worked_out_by_hand(name: str, evidence: Recorder) -> None:
    for knobs, wanted in WORKED[name]:
        agree(name, knobs, wanted)
    evidence.worked("surfaces", name, "values")


ALONE = [name for name in WORKED if name not in {row["surface"] for row in KEPT} | set(MODELS)]


@pytest.mark.parametrize("name", ALONE)
def test_a_wrong_number_in_a_formula_would_be_seen(name: str) -> None:
    """Each number of the formula, moved by a millionth, moves a worked value by more."""
    formula = SURFACES[name].formula
    found, seen = list(NUMBER.finditer(formula)), set()
    for knobs, wanted in WORKED[name]:
        (x, y), values = np.array([at for at, _ in wanted], float).T, [value for _, value in wanted]
        names = FUNCTIONS | SURFACES.call(name, **knobs).numbers() | {"x": x, "y": y}
        limit = 1e-13 * np.abs(values).max()
        assert (np.abs(eval(formula, names) - values) <= limit).all()
        for i, number in enumerate(found):
            moved = f"({float(number[0]) * (1 + 1e-6)!r})"
            text = formula[: number.start()] + moved + formula[number.end() :]
            with np.errstate(invalid="ignore"):  # what is negative has no such power
                seen |= set() if (np.abs(eval(text, names) - values) <= limit).all() else {i}
    blind = [n for i, n in enumerate(found) if i not in seen and float(n[0])]
    assert not blind, [formula[max(0, n.start() - 9) : n.end() + 9] for n in blind]


def test_every_knob_is_set_somewhere() -> None:
    """A surface elsewhere has ours at its default alone: what a knob does is checked here."""
    seen = {(name, knob) for name, cases in WORKED.items() for knobs, _ in cases for knob in knobs}
    seen |= {(row["surface"], knob) for row in KEPT for knob in row["knobs"]}
    known = {name for name, _ in seen}
    assert seen == {(name, knob.name) for name in known for knob in SURFACES[name].knobs}

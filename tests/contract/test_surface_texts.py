"""What the descriptions of surfaces say in figures, measured. Runs over the registry.

A description that states a figure stands in MEASURED, with the words that state it and what they
come to; one without is a failure, and so is a phrase that its description no longer has.
"""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from nnopt_viz.judge.evaluate import evaluate
from nnopt_viz.judge.minima import declared_minima, find_minima
from nnopt_viz.judge.newton import eigenvalues
from nnopt_viz.surfaces import SURFACES

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Array = NDArray[np.float64]

FIGURE = re.compile(
    r"\b(two|three|four|five|six|nine|ten|twice|half|hundreds?|dozens?|million|thousand"
    r"|\d[\d,.]*\d|[02-9])\b",
    re.IGNORECASE,
)


def wells(name: str, **knobs: float) -> tuple[int, int]:
    """Global and local minima inside the region."""
    found = find_minima(SURFACES.call(name, **knobs))
    return sum(m.is_global for m in found), sum(not m.is_global for m in found)


def steepness(name: str, **knobs: float) -> float:
    """Largest over smallest curvature at the declared minimum."""
    call = SURFACES.call(name, **knobs)
    low, high = eigenvalues(evaluate(call, *declared_minima(call)[0], 2)[2])
    return float(high / low)


def on_grid(name: str, side: int = 401, **knobs: float) -> tuple[Array, Array]:
    """Loss and gradient norm on a grid over the region, each (side, side)."""
    call, (xl, xh, yl, yh) = SURFACES.call(name, **knobs), SURFACES[name].bounds
    x, y = np.meshgrid(np.linspace(xl, xh, side), np.linspace(yl, yh, side))
    value, slope = evaluate(call, x.ravel(), y.ravel(), 1)
    return value.reshape(side, side), np.hypot(*slope).reshape(side, side)


def pits(name: str, side: int = 801) -> int:
    """Points of a grid, off its edge, that are lower than all eight around them."""
    loss, _ = on_grid(name, side)
    middle = loss[1:-1, 1:-1]
    around = [
        loss[1 + i : side - 1 + i, 1 + j : side - 1 + j]
        for i in (-1, 0, 1)
        for j in (-1, 0, 1)
        if i or j
    ]
    return int((middle < np.min(around, axis=0)).sum())


def at(name: str, x: float, y: float, **knobs: float) -> float:
    """The loss at a point."""
    return float(evaluate(SURFACES.call(name, **knobs), x, y))


def depths(name: str) -> list[float]:
    """The losses of all minima, lowest first."""
    return sorted(m.loss for m in find_minima(SURFACES.call(name)))


def himmelblau_thins_out() -> bool:
    """With tilt one is global, and of the others ever fewer are left, in the end none."""
    counts = [wells("himmelblau", tilt=tilt) for tilt in (0.1, 1.0, 2.0, 4.0, 6.0, 10.0)]
    left = [local for _, local in counts]
    return (
        {best for best, _ in counts} == {1}
        and left == sorted(left, reverse=True)
        and (
            left[0],
            left[-1],
        )
        == (3, 0)
    )


def easom_dips() -> bool:
    """Four of them: a thousandth of the hole at most at width 1, deeper the wider it is."""
    lows = []
    for width in (1.0, 2.0, 4.0, 10.0, 100.0):
        call = SURFACES.call("easom", width=width)
        dips = [m.loss for m in find_minima(call) if not m.is_global]
        if len(dips) != 4:
            return False
        lows.append(min(dips))
    return -1e-3 < lows[0] < 0 and lows == sorted(lows, reverse=True)


def after_the_shift() -> float:
    """What the sharp minimum of s = 0 costs at s = 1, over what the flat one does."""
    sharp, flat = (at("shifted_sharp_minimum", x, 0.0, s=1.0) for x in (1.5, -1.5))
    return sharp / flat


def mccormick_sinks() -> bool:
    """One wave further to the lower left is lower, one further to the upper right higher."""
    (x, y) = declared_minima(SURFACES.call("mccormick"))[0]
    along = [at("mccormick", x + k * math.pi, y + k * math.pi) for k in range(-3, 3)]
    return along == sorted(along)


def ravine_is_steepest_near(width: float = 0.2) -> bool:
    """Across the ravine the slope is largest half a width of it from the floor."""
    call = SURFACES.call("ravine", width=width, angle=0.0)
    y = np.linspace(1e-3, 2.5, 4000)
    slope = evaluate(call, np.zeros_like(y), y, 1)[1][1]
    return bool(abs(y[slope.argmax()] - width) < 1e-2)


def ripple_height(name: str, knob: str, along: int, side: int = 4001) -> float:
    """How high the ripples are along an axis through the minimum, without the bowl, at knob 1."""
    reach = np.linspace(-2, 2, side) * (5 if name == "griewank" else 1)
    x, y = (reach, np.zeros(side)) if along == 0 else (np.zeros(side), reach)
    low = 1e-9 if SURFACES[name].knobs[0].open_low else 0.0
    with_, without = (evaluate(SURFACES.call(name, **{knob: value}), x, y) for value in (1.0, low))
    return float(np.ptp(with_ - without))


# name -> (words of its description, or of a knob's, whether they hold)
MEASURED: dict[str, list[tuple[str, Callable[[], bool]]]] = {
    "bowl": [
        ("same curvature in every direction", lambda: steepness("bowl") == 1),
        ("sphere function at curvature 2", lambda: at("bowl", 3, 4, curvature=2.0) == 25),
    ],
    "booth": [("nine times steeper", lambda: round(steepness("booth"), 9) == 9)],
    "matyas": [("25 times steeper", lambda: round(steepness("matyas"), 9) == 25)],
    "sum_squares": [("twice as steep in y", lambda: steepness("sum_squares") == 2)],
    "trid": [("lowest loss below 0", lambda: at("trid", 2, 2) == -2)],
    "beale": [
        (
            "above 10,000 in a corner",
            lambda: on_grid("beale")[1][[0, 0, -1, -1], [0, -1, 0, -1]].max() > 1e4,
        ),
        ("below 1 on the floor", lambda: on_grid("beale")[1].min() < 1),
    ],
    "three_hump_camel": [("Three shallow wells", lambda: wells("three_hump_camel") == (1, 2))],
    "mccormick": [("to the lower left, each further wave is lower", mccormick_sinks)],
    "perm": [
        ("two minima of loss 0", lambda: wells("perm") == (2, 0) and depths("perm")[1] < 1e-20)
    ],
    "himmelblau": [
        ("Four minima of equal loss", lambda: wells("himmelblau") == (4, 0)),
        ("vanish one after the other", himmelblau_thins_out),
        (
            "the minimum at (3, 2)",
            lambda: declared_minima(SURFACES.call("himmelblau", tilt=2.0)) == ((3, 2),),
        ),
    ],
    "styblinski_tang": [
        ("Four wells of different depth", lambda: wells("styblinski_tang") == (1, 3))
    ],
    "six_hump_camel": [
        ("Six wells, two of them global", lambda: wells("six_hump_camel") == (2, 4))
    ],
    "branin": [("Three equal minima", lambda: wells("branin") == (3, 0))],
    "goldstein_price": [
        ("Four minima", lambda: wells("goldstein_price") == (1, 3)),
        (
            "from 3 to over 3 million",
            lambda: (
                depths("goldstein_price")[0] == 3
                and 3e6 < on_grid("goldstein_price")[0].max() < 4e6
            ),
        ),
    ],
    "bird": [("the two deepest holes are equal", lambda: wells("bird")[0] == 2)],
    "rastrigin": [
        ("at amplitude 10 about a hundred", lambda: 90 <= sum(wells("rastrigin")) <= 110),
        ("half the height", lambda: round(ripple_height("rastrigin", "amplitude", 0), 3) == 2),
    ],
    "griewank": [("half the depth", lambda: round(ripple_height("griewank", "ripple", 0), 3) == 2)],
    "levy_13": [
        ("hundreds of local minima", lambda: 600 < pits("levy_13") < 800),
        (
            "two and three a unit",
            lambda: (
                round(at("levy_13", 1 + 1 / 3, 1), 9) == round(1 / 9, 9)
                and round(at("levy_13", 1, 1.5), 9) == 0.25
            ),
        ),
    ],
    "bohachevsky": [
        (
            "at ripple 1 the outer walls",
            lambda: (
                max(abs(m.x) for m in find_minima(SURFACES.call("bohachevsky")))
                < 1.5
                < SURFACES["bohachevsky"].bounds[1]
            ),
        ),
        ("0.6 high along x", lambda: round(ripple_height("bohachevsky", "ripple", 0), 3) == 0.6),
        ("0.8 along y", lambda: round(ripple_height("bohachevsky", "ripple", 1), 3) == 0.8),
    ],
    "egg_crate": [
        ("At amplitude 25 nine wells", lambda: wells("egg_crate") == (1, 8)),
        (
            "height of the crests along",
            lambda: round(ripple_height("egg_crate", "amplitude", 0), 3) == 1,
        ),
    ],
    "schaffer_2": [
        (
            "only two pass through the minimum",
            lambda: (
                all(
                    at("schaffer_2", 1e-3 * math.cos(a), 1e-3 * math.sin(a)) > 0
                    for a in np.linspace(0, 6, 7)
                )
                and at("schaffer_2", 1, 1) == at("schaffer_2", 1, -1) < 0.003
            ),
        )
    ],
    "schaffer_4": [("Four equal minima", lambda: wells("schaffer_4")[0] == 4)],
    "shubert": [
        (
            "some 160 pits shown, two are deepest",
            lambda: wells("shubert")[0] == 2 and 155 <= pits("shubert") <= 170,
        )
    ],
    "langermann": [("Five stones", lambda: SURFACES["langermann"].formula.count("exp") == 5)],
    "lasso": [
        ("a small weight exactly 0", lambda: declared_minima(SURFACES.call("lasso"))[0][1] == 0)
    ],
    "holder_table": [("four near the corners", lambda: wells("holder_table")[0] == 4)],
    "eggholder": [
        ("ends at 512, which cuts", lambda: declared_minima(SURFACES.call("eggholder"))[0][0] > 512)
    ],
    "cross_in_tray": [
        (
            "a little shallower outwards",
            lambda: depths("cross_in_tray")[-1] < 0.7 * depths("cross_in_tray")[0] < 0,
        )
    ],
    "monkey_saddle": [
        (
            "Three valleys meet",
            lambda: (
                sorted(
                    round(at("monkey_saddle", math.cos(a), math.sin(a)), 9)
                    for a in math.pi / 3 * np.arange(6)
                )
                == [-1, -1, -1, 1, 1, 1]
            ),
        )
    ],
    "easom": [("four dips around it are faint at width 1", easom_dips)],
    "freudenstein_roth": [
        ("Two long bent valleys", lambda: wells("freudenstein_roth") == (1, 1)),
        ("loss 0", lambda: depths("freudenstein_roth")[0] == 0),
        ("of loss 49", lambda: round(depths("freudenstein_roth")[1]) == 49),
    ],
    "ravine": [("steepest close to the floor", ravine_is_steepest_near)],
    "cliff": [
        (
            "half the curvature that the cliff adds",
            lambda: (
                np.ptp(
                    evaluate(
                        SURFACES.call("cliff", steepness=50.0), np.array([1.1, 1.3]), np.zeros(2), 2
                    )[2][0, 0]
                )
                == 100
            ),
        )
    ],
    "sharp_and_flat": [("Two minima of the same loss", lambda: wells("sharp_and_flat") == (2, 0))],
    "level_minima": [
        ("at ripple 0.02, 25 shallow minima", lambda: sum(wells("level_minima", ripple=0.02)) == 25)
    ],
    "two_layer_linear": [("two equal minima", lambda: wells("two_layer_linear") == (2, 0))],
    "linear_recurrent": [
        ("ten time steps", lambda: "x**10" in SURFACES["linear_recurrent"].formula)
    ],
    "tanh_neuron": [("two examples", lambda: SURFACES["tanh_neuron"].formula.count("tanh") == 2)],
    "relu_neuron": [
        ("four examples", lambda: SURFACES["relu_neuron"].formula.count("max") == 4),
        (
            "gradient is exactly 0",
            lambda: not evaluate(SURFACES.call("relu_neuron"), -1.0, -2.0, 1)[1].any(),
        ),
    ],
    "logistic_regression": [
        (
            "four examples, two of them mislabelled",
            lambda: (
                [
                    s in SURFACES["logistic_regression"].formula
                    for s in ("exp(-2*x - y)", "exp(-2*x + y)", "exp(0.5*x - y)", "exp(0.5*x + y)")
                ]
                == [True] * 4
            ),
        )
    ],
    "one_hidden_neuron": [
        ("fits three points", lambda: SURFACES["one_hidden_neuron"].formula.count("tanh") == 3),
        ("two equal minima", lambda: wells("one_hidden_neuron") == (2, 0)),
    ],
    "linear_chain": [
        ("fits four points", lambda: SURFACES["linear_chain"].formula.count("x*y") == 4)
    ],
    "covariate_shift": [
        ("three points", lambda: abs(at("covariate_shift", 0, 0, s=0.0) - 2 / 3) < 1e-15)
    ],
    "label_shift": [
        (
            "right four times in five",
            lambda: (
                abs(declared_minima(SURFACES.call("label_shift"))[0][0] - math.log(0.8 / 0.2))
                < 1e-15
            ),
        ),
        (
            "every second example to every tenth",
            lambda: all(
                abs(
                    declared_minima(SURFACES.call("label_shift", s=s))[0][1] - math.log(p / (1 - p))
                )
                < 1e-12
                for s, p in ((0.0, 1 / 2), (1.0, 1 / 10))
            ),
        ),
    ],
    "rotating_classes": [
        ("four examples", lambda: SURFACES["rotating_classes"].formula.count("log") == 4),
        (
            "falls to 54%",
            lambda: (
                round(
                    100
                    * declared_minima(SURFACES.call("rotating_classes", s=1.0))[0][0]
                    / declared_minima(SURFACES.call("rotating_classes"))[0][0]
                )
                == 54
            ),
        ),
        (
            "grow to 84% of that",
            lambda: (
                round(
                    100
                    * declared_minima(SURFACES.call("rotating_classes", s=1.0))[0][1]
                    / declared_minima(SURFACES.call("rotating_classes"))[0][0]
                )
                == 84
            ),
        ),
    ],
    "few_examples": [
        ("sin(2u + 0.5)", lambda: at("few_examples", 2, 0.5, s=0.3) < 1e-15),
        ("faster waves fit as well", lambda: wells("few_examples", s=0.0)[0] > 1),
        (
            "minima that chance had made are gone",
            lambda: all(
                math.hypot(m.x - x, m.y - y) > 1
                for m in find_minima(SURFACES.call("few_examples", s=1.0))
                for x, y in declared_minima(SURFACES.call("few_examples"))[1:]
            ),
        ),
    ],
    "swapping_wells": [
        (
            "At s = 0 the right minimum",
            lambda: (
                wells("swapping_wells") == (1, 1)
                and declared_minima(SURFACES.call("swapping_wells"))[0][0] == 1
            ),
        ),
        ("at 0.5 they are level", lambda: wells("swapping_wells", s=0.5) == (2, 0)),
    ],
    "shifted_sharp_minimum": [
        (
            "a shift of 0.4",
            lambda: declared_minima(SURFACES.call("shifted_sharp_minimum", s=1.0))[0][0] == 1.9,
        ),
        ("at sharpness 50, 23 times", lambda: round(after_the_shift()) == 23),
    ],
}


def said(name: str) -> str:
    entry = SURFACES[name]
    return " ".join([entry.doc, *(knob.doc for knob in entry.knobs)])


@pytest.mark.parametrize("name", SURFACES)
def test_no_figure_in_a_description_is_unmeasured(name: str) -> None:
    if FIGURE.search(SURFACES[name].doc):
        assert name in MEASURED, SURFACES[name].doc


CLAIMS: list[Any] = [
    pytest.param(name, words, check, id=f"{name}: {words}")
    for name, claims in MEASURED.items()
    for words, check in claims
]


@pytest.mark.parametrize(("name", "words", "check"), CLAIMS)
def test_what_a_description_says(name: str, words: str, check: Callable[[], bool]) -> None:
    assert words in said(name)
    assert check(), said(name)

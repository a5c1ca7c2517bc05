"""Good learning rates: for declared surfaces, for one's own, and what the page is told of them."""

from __future__ import annotations

import pytest

import nnopt_viz
from nnopt_viz.compose.calls import surface
from nnopt_viz.judge.rates import good_rate, good_rates, lab_rate
from nnopt_viz.optimizers import OPTIMIZERS, TRAINERS
from nnopt_viz.page.declared import declared, page_spec
from nnopt_viz.race.codec import decode
from nnopt_viz.surfaces import SURFACES

BOWL = surface("formula", f="x**2 + y**2", bounds="-3,3,-4,4")


@pytest.mark.parametrize("name", SURFACES)
def test_the_page_is_told_the_rates_that_python_gives(name: str) -> None:
    assert declared()["surfaces"][name]["rates"] == good_rates(SURFACES.call(name))
    assert good_rate(name, "adam") == good_rates(name)["adam"]
    assert set(good_rates(name)) == set(OPTIMIZERS)


def test_the_lab_is_told_the_rates_that_python_gives() -> None:
    assert declared()["lab_rates"] == {name: lab_rate(name) for name in TRAINERS}
    assert (lab_rate("sgd"), lab_rate("adam")) == (0.1, 0.02)


def test_a_surface_of_ones_own_has_rates_by_how_it_bends_and_how_wide_it_is() -> None:
    assert nnopt_viz.good_rate(BOWL, "sgd") == 0.5  # 1 over the curvature, 2
    assert good_rate(BOWL, "momentum") == 0.2  # half of it, to one digit
    assert good_rate(BOWL, "adam") == 0.1  # a hundredth of the diagonal, 10
    spec = page_spec(decode('surface=formula(f="x**2 + y**2",bounds="-3,3,-4,4")'))
    assert spec["surface"]["declared"]["rates"] == good_rates(BOWL)


@pytest.mark.parametrize("text", ["3", "x + y", "1e300*x**2", "1e-300*x**2", "log(0 - x**2)"])
def test_no_surface_is_without_a_rate(text: str) -> None:
    for name, rate in good_rates(surface("formula", f=text)).items():
        lr = next(knob for knob in OPTIMIZERS[name].knobs if knob.name == "lr")
        assert rate > 0
        assert lr.admits(rate)

"""The extra `native`: machine code takes every step to the bit as the plain loop does."""

from __future__ import annotations

import itertools
import math
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from nnopt_viz.formula import native
from nnopt_viz.formula.compile import scalar_loop
from nnopt_viz.formula.expand import Program
from nnopt_viz.formula.graph import Graph, copy_into
from nnopt_viz.formula.native import native_loop
from nnopt_viz.formula.parse import expression
from nnopt_viz.judge import executors
from nnopt_viz.judge.executors import ScalarRun, code_of, program_key
from nnopt_viz.judge.rates import good_rate
from nnopt_viz.judge.simulation import learning_rates, morphs, simulate, starting_points
from nnopt_viz.optimizers import OPTIMIZERS
from nnopt_viz.race.scenario import Scenario
from nnopt_viz.surfaces import SURFACES
from tests.support.laws import SCENARIOS

Array = NDArray[np.float64]

STEPS = 200
NUMBER = st.floats(allow_nan=False)
EDGES = (0.0, -0.0, 0.5, -0.5, 1.0, -1.0, 2.0, 3.0, -3.0, 1e-320, 1e-8, 300.0, 710.0, -745.0, 1e200)
EDGES += (-1e200, 1.7976931348623157e308, math.inf, -math.inf, math.nan)


class Both:
    """The plain loop of a program and its machine code."""

    def __init__(self, program: Program) -> None:
        self.plain = scalar_loop(program)
        made = native_loop(program)
        assert made is not None
        self.machine = made

    def the_same(
        self,
        state: tuple[float, ...],
        rates: Array,
        shifts: Array | None = None,
        noise: Array | None = None,
    ) -> None:
        """Both record the same, to the bit, and come to the same state; nan is nan."""
        outs: list[list[float]] = [[] for _ in self.plain.recorded]
        others = [None if a is None else a.tolist() for a in (shifts, noise)]
        end = self.plain.exact(state, 0.0, rates.tolist(), *others, outs)
        made, last = self.machine(state, 0.0, rates, shifts, noise)
        for a, b in ((np.array(outs), made), (np.array(end), np.array(last))):
            np.testing.assert_array_equal(a, b)
            known = ~np.isnan(a)
            np.testing.assert_array_equal(np.signbit(a[known]), np.signbit(b[known]))


def race(surface: str, rule: str, more: str = "") -> None:
    lr = good_rate(surface, rule)
    scenario = Scenario.from_query(f"surface={surface}&run={rule}(lr={lr!r})&steps={STEPS}{more}")
    key = program_key(scenario, scenario.runs[0])
    points = starting_points(scenario)
    racer = ScalarRun(key, points, learning_rates(scenario, scenario.runs[0]), morphs(scenario), 0)
    rng = np.random.default_rng(0)
    noise = rng.standard_normal((STEPS, len(racer.program.noise)))
    Both(racer.program).the_same(racer.states[0], racer.rates, racer.shifts, noise)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_every_optimizer_takes_the_same_steps(name: str) -> None:
    race("himmelblau", name)
    race("langermann", name, "&noise=0.5")


@pytest.mark.parametrize("name", SURFACES)
def test_every_surface_is_walked_the_same_way(name: str) -> None:
    race(name, "adam")
    race(name, "sgd")


def test_drift_schedule_and_a_rate_of_ones_own_are_read_step_by_step() -> None:
    race("covariate_shift", "adam", "&drift=linear")
    race("covariate_shift", "prodigy", "&drift=swing")
    race("himmelblau", "rprop")


WORDS = ["sqrt", "abs", "exp", "log", "sin", "cos", "tan", "sinh", "cosh", "tanh"]
WORDS += ["atan", "erf", "floor", "sign"]
FORMS = [f"{word}({{0}})" for word in WORDS]
FORMS += ["atan2({0}, {1})", "minimum({0}, {1})", "maximum({0}, {1})", "-({0})"]
FORMS += [f"({{0}}){sign}({{1}})" for sign in ("+", "-", "*", "/", "**")]
FORMS += [f"where({{0}} {sign} {{1}}, {{0}}, 7)" for sign in ("<", "<=", ">", ">=", "==", "!=")]
FORMS += ["where({0}, {1}, 3)", "({0})**2", "({0})**0.5", "({0})**(-1)", "2**({0})"]


def step_of(text: str) -> Program:
    """A program whose next x is a formula of x and y, and whose y stays."""
    written, node = expression(text, ("x", "y"))
    graph = Graph()
    names = {"x": graph.name("x0"), "y": graph.name("x1")}
    (result,) = copy_into(graph, written, [node], names)
    update = {"x0": result, "x1": names["y"]}
    return Program(graph, ("x0", "x1"), update, {}, frozenset(), ())


@pytest.mark.parametrize("form", FORMS)
def test_every_function_is_the_same_at_the_edges_of_what_numbers_there_are(form: str) -> None:
    taken = Both(step_of(form.format("x", "y")))
    for x, y in itertools.product(EDGES, EDGES):
        taken.the_same((x, y), np.ones(1))


@settings(max_examples=SCENARIOS, deadline=None)
@given(st.sampled_from(FORMS), st.sampled_from(FORMS), st.sampled_from(FORMS), NUMBER, NUMBER)
def test_law_functions_within_functions_are_the_same(
    outer: str, first: str, second: str, x: float, y: float
) -> None:
    text = outer.format(first.format("x", "y"), second.format("y", "x"))
    Both(step_of(text)).the_same((x, y), np.ones(3))


def test_after_enough_steps_a_race_is_run_by_machine_code_and_nothing_else_changes() -> None:
    scenario = Scenario.from_query("surface=beale&run=adam(beta1=0.87)&steps=5000")
    code = code_of(program_key(scenario, scenario.runs[0]))
    first = [chunk.x for chunk in simulate(scenario)]
    assert "native" not in vars(code)  # the plain loop took them
    for _ in range(executors.EARNED // 5000):
        later = [chunk.x for chunk in simulate(scenario)]
    assert vars(code)["native"] is not None
    for a, b in zip(first, later, strict=True):
        np.testing.assert_array_equal(a, b)


def test_a_step_that_is_too_long_to_be_worth_compiling_stays_a_plain_loop(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(native, "MOST", 3)
    assert native_loop(step_of("x*y + x/y + 1")) is None


def test_without_the_extra_the_plain_loop_takes_every_step() -> None:
    """In a process that can't import it."""
    told = """
import sys
sys.modules["llvmlite"] = None
from nnopt_viz import Scenario, simulate
from nnopt_viz.formula.native import has_native
assert not has_native()
for _ in range(6):
    chunks = list(simulate(Scenario.from_query("run=adam&steps=5000")))
print(chunks[-1].x[0, 0, -1, 0].hex())
"""
    here = [c.x for c in simulate(Scenario.from_query("run=adam&steps=5000"))][-1]
    ran = subprocess.run([sys.executable, "-c", told], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == float(here[0, 0, -1, 0]).hex()

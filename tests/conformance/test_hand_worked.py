"""Optimizers without a public reference: first steps worked by hand, and what must hold.

Marks say which entry a test checks and how (`make conformance` records it for the page):
`by_hand`, steps worked out from the method's definition, and `in_closed_form`, a quadratic
whose solution is a formula. An entry without a reference needs both.

The surface is f = (x**2 + c*y**2)/2 (the unrotated ill-conditioned bowl, c = 10), with
gradient (x, c*y) and Hessian diag(1, c), so that a step can be worked out on paper.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from nnopt_viz.compose.calls import point, run, surface
from nnopt_viz.declare.starts import STARTS
from nnopt_viz.formula.rule import parse_rule
from nnopt_viz.formula.trace import trace_step
from nnopt_viz.judge.evaluate import evaluate
from nnopt_viz.judge.simulation import simulate
from nnopt_viz.optimizers import OPTIMIZERS
from nnopt_viz.race.scenario import Scenario

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[np.float64]


def by_hand(*names: str) -> pytest.MarkDecorator:
    """The test works out steps of these optimizers."""
    return pytest.mark.worked("optimizers", "steps", *names)


def in_closed_form(*names: str) -> pytest.MarkDecorator:
    """The test knows what these optimizers do on a quadratic."""
    return pytest.mark.worked("optimizers", "quadratic", *names)


C = 10.0
BOWL = surface("ill_conditioned_bowl", rotation=0.0, condition=C)
CURVATURE = np.array([1.0, C])
START = np.array([2.0, 1.0])
# A handful of roundings in numbers up to 20, and of cos(0) and sin(0) in the surface.
CLOSE = {"rtol": 1e-13, "atol": 1e-13}


def path(name: str, steps: int, start: Array = START, where: Any = BOWL, **knobs: Any) -> Array:
    """Positions, shape (steps + 1, 2)."""
    scene = Scenario(where, (run(name, **knobs),), point(*start.tolist()), steps)
    return np.concatenate([chunk.x[:, 0, :, 0] for chunk in simulate(scene)], axis=1).T


def answers(name: str, steps: int, **knobs: Any) -> Array:
    """The iterate to be evaluated, shape (steps + 1, 2)."""
    scene = Scenario(BOWL, (run(name, **knobs),), point(*START.tolist()), steps)
    parts = [chunk.x_eval for chunk in simulate(scene)]
    assert all(part is not None for part in parts)
    return np.concatenate([part[:, 0, :, 0] for part in parts if part is not None], axis=1).T


def losses(points: Array, where: Any = BOWL) -> Array:
    return np.asarray(evaluate(where, *points.T))


def test_the_bowl_is_the_one_worked_with() -> None:
    value, slope, hessian = evaluate(BOWL, *START, 2)
    np.testing.assert_allclose(value, (2**2 + C * 1**2) / 2, **CLOSE)
    np.testing.assert_allclose(slope, CURVATURE * START, **CLOSE)
    np.testing.assert_allclose(hessian, np.diag(CURVATURE), **CLOSE)


@in_closed_form("sgd", "extragradient", "optimistic_gradient_descent")
def test_sgd_extragradient_and_optimism_shrink_each_coordinate_as_their_formula_says() -> None:
    lr, a = 0.03, 0.03 * CURVATURE
    steps = np.arange(31)[:, None]
    np.testing.assert_allclose(path("sgd", 30, lr=lr), (1 - a) ** steps * START, **CLOSE)
    # gradient at x - lr*g: one step multiplies by 1 - a*(1 - a)
    wanted = (1 - a * (1 - a)) ** steps * START
    np.testing.assert_allclose(path("extragradient", 30, lr=lr), wanted, **CLOSE)
    # x' = x - a*(2x - last): the powers of the roots of r**2 - (1 - 2a)*r - a = 0
    root = np.sqrt((1 - 2 * a) ** 2 + 4 * a)
    high, low = (1 - 2 * a + root) / 2, (1 - 2 * a - root) / 2
    first = (1 - a) * START
    one = (first - low * START) / (high - low)
    wanted = one * high**steps + (START - one) * low**steps
    np.testing.assert_allclose(path("optimistic_gradient_descent", 30, lr=lr), wanted, **CLOSE)


@by_hand("extragradient")
def test_extragradient_by_hand() -> None:
    # look at (2, 1) - 0.03*(2, 10) = (1.94, 0.7), where the gradient is (1.94, 7)
    np.testing.assert_allclose(path("extragradient", 1, lr=0.03)[1], [1.9418, 0.79], **CLOSE)


@by_hand("accelerated_gradient")
def test_accelerated_gradient_by_nesterovs_sequence() -> None:
    lr = 0.05
    theta, answer, look = 1.0, START, START
    walked, shown = (read("accelerated_gradient", 20, lr=lr) for read in (path, answers))
    for x, plain in zip(walked, shown, strict=True):
        np.testing.assert_allclose(x, look, **CLOSE)
        np.testing.assert_allclose(plain, answer, **CLOSE)
        following = look - lr * CURVATURE * look
        bigger = (1 + np.sqrt(1 + 4 * theta**2)) / 2
        look = following + (theta - 1) / bigger * (following - answer)
        theta, answer = bigger, following


@in_closed_form("accelerated_gradient")
def test_accelerated_gradient_keeps_its_promise() -> None:
    """f - f* <= 2 L |x0 - x*|**2 / (k + 1)**2, Beck & Teboulle's theorem 4.4."""
    reached = losses(answers("accelerated_gradient", 300, lr=1 / C))
    k = np.arange(1, 301)
    assert (reached[1:] <= 2 * C * (START @ START) / (k + 1) ** 2).all()


@in_closed_form("newton")
def test_newton_is_done_in_one_step_and_damping_shortens_it() -> None:
    np.testing.assert_allclose(path("newton", 1)[1], 0, atol=1e-15)
    wanted = START * (1 - CURVATURE / (CURVATURE + 0.5))
    np.testing.assert_allclose(path("newton", 1, damping=0.5)[1], wanted, **CLOSE)


# At (0, 0) Rosenbrock's loss is 1, its gradient (-2, 0), its Hessian diag(2, 200): Newton's
# step is (1, 0), along the parabola's axis and off the valley.
ORIGIN = np.zeros(2)


@by_hand("newton")
def test_newton_on_rosenbrock_by_hand() -> None:
    where = surface("rosenbrock")
    np.testing.assert_allclose(path("newton", 1, ORIGIN, where)[1], [1, 0], **CLOSE)
    damped = path("newton", 1, ORIGIN, where, damping=2.0, lr=0.5)[1]
    np.testing.assert_allclose(damped, [0.25, 0], **CLOSE)


@by_hand("damped_newton")
def test_damped_newton_on_rosenbrock_by_hand() -> None:
    # (1, 0) has loss 100, (0.5, 0) 6.5: refused; (0.25, 0) has 0.953 < 1 - 5e-5: taken
    walked = path("damped_newton", 3, ORIGIN, surface("rosenbrock"), shrink=0.5)
    np.testing.assert_allclose(walked, [[0, 0], [0, 0], [0, 0], [0.25, 0]], **CLOSE)


def test_newton_goes_to_the_saddle() -> None:
    where = surface("saddle")
    after = path("newton", 1, np.array([1.0, 0.5]), where)[1]
    _, slope, hessian = evaluate(where, *after, 2)
    np.testing.assert_allclose(slope, 0, atol=1e-12)
    assert np.linalg.eigvalsh(hessian)[0] < 0


@in_closed_form("damped_newton")
def test_damped_newton_takes_whole_steps_where_they_help_and_the_gradient_uphill() -> None:
    np.testing.assert_allclose(path("damped_newton", 1)[1], 0, atol=1e-15)
    # x**2 - y**2 has no other saddle: Newton's step there would climb along y
    where, start = surface("saddle"), np.array([0.1, 1.0])
    _, slope = evaluate(where, *start, 1)
    np.testing.assert_allclose(
        path("damped_newton", 1, start, where, lr=0.1)[1], start - 0.1 * slope, **CLOSE
    )


@by_hand("trust_region_newton")
@in_closed_form("trust_region_newton")
def test_trust_region_takes_the_step_cut_to_its_radius() -> None:
    # Newton's step is x itself, of length sqrt(5); cut to 0.5 the parabola is exact, so the
    # ratio is 1 and the radius doubles: 0.5, 1, 2, and then the rest in one step
    at = START
    walked = path("trust_region_newton", 3, lr=0.5)
    for radius, after in zip((0.5, 1.0), walked[1:], strict=False):
        newton = at / np.linalg.norm(at) * min(radius, np.linalg.norm(at))
        slope = CURVATURE * at
        best = slope * min(slope @ slope / (slope @ (CURVATURE * slope)),
                           radius / np.linalg.norm(slope))  # fmt: skip
        falls = [slope @ p - p @ (CURVATURE * p) / 2 for p in (newton, best)]
        at = at - (newton if falls[0] > falls[1] else best)
        np.testing.assert_allclose(after, at, **CLOSE)
    np.testing.assert_allclose(walked[3], 0, atol=1e-14)


@pytest.mark.parametrize("where", ["rosenbrock", "himmelblau", "six_hump_camel"])
@pytest.mark.parametrize("name", ["backtracking", "trust_region_newton", "damped_newton", "bfgs"])
def test_methods_that_try_before_they_step_never_climb(name: str, where: str) -> None:
    scene = Scenario(surface(where), (run(name, lr=0.5),), STARTS.call("random", n=30), 100)
    fell = np.diff(np.concatenate([chunk.loss[0] for chunk in simulate(scene)]), axis=0)
    # a step is taken where the loss computed falls; recorded by another executor, it may
    # be one rounding higher
    assert np.nanmax(fell) <= 1e-12


def test_trust_region_minimizes_rosenbrock() -> None:
    walked = path("trust_region_newton", 60, np.array([-1.2, 1.0]), surface("rosenbrock"))
    np.testing.assert_allclose(walked[-1], 1.0, atol=1e-10)  # quadratic at the end


@by_hand("bfgs")
def test_bfgs_by_the_products_of_matrices_it_is_published_with() -> None:
    where = surface("himmelblau", tilt=0.5)
    at, slope_share, size = np.array([0.0, -3.0]), 1e-4, 0.5
    guess, learnt, moved, last = np.eye(2), False, np.zeros(2), np.zeros(2)
    walked = path("bfgs", 25, at, where, lr=0.5)
    for after in walked[1:]:
        loss, g = evaluate(where, *at, 1)
        changed = g - last
        along = moved @ changed
        if along > 1e-10 * np.linalg.norm(moved) * np.linalg.norm(changed):
            if not learnt:
                guess = guess * along / (changed @ changed)
            turn = np.eye(2) - np.outer(moved, changed) / along
            guess = turn @ guess @ turn.T + np.outer(moved, moved) / along
            learnt = True
        d = guess @ g
        if not learnt:
            d = d * min(1, 1 / np.linalg.norm(g))
        assert g @ d > 0, "a guess that is positive definite leads downhill"
        falls = evaluate(where, *(at - size * d)) <= loss - slope_share * size * (g @ d)
        moved = -size * d if falls else np.zeros(2)
        size = min(size * (4.0 if falls else 0.5), 0.5)
        at, last = at + moved, g
        # another order of operations, which steps of a curved surface enlarge
        np.testing.assert_allclose(after, at, rtol=0, atol=1e-10)


@in_closed_form("bfgs")
def test_bfgs_learns_the_bowl() -> None:
    walked = path("bfgs", 10)
    np.testing.assert_allclose(walked[-1], 0, atol=1e-10)  # sgd at its best rate is at 0.3
    from_afar = path("bfgs", 60, np.array([-1.2, 1.0]), surface("rosenbrock"))
    np.testing.assert_allclose(from_afar[-1], 1.0, atol=1e-10)


@by_hand("backtracking")
def test_backtracking_accepts_and_refuses_by_armijo() -> None:
    # lr 1: x - g = (0, -9): f 405 > 7, refused; 0.5: (1, -4), 80.5 refused; 0.25: (1.5, -1.5),
    # 12.4 refused; 0.125: (1.75, -0.25), 1.84 <= 7 - tiny: taken
    walked = path("backtracking", 4, lr=1.0)
    np.testing.assert_array_equal(walked[:4], np.tile(START, (4, 1)))
    np.testing.assert_allclose(walked[4], [1.75, -0.25], **CLOSE)


@in_closed_form("backtracking")
def test_backtracking_is_gradient_descent_where_every_step_is_taken() -> None:
    lr = 0.05  # under 1/C, where each step falls by at least half of what is promised
    wanted = (1 - lr * CURVATURE) ** np.arange(31)[:, None] * START
    np.testing.assert_allclose(path("backtracking", 30, lr=lr), wanted, **CLOSE)


@by_hand("conjugate_gradient", "fletcher_reeves")
def test_conjugate_gradients_by_hand() -> None:
    lr = 0.02
    first = START - lr * CURVATURE * START
    before, now = CURVATURE * START, CURVATURE * first
    plus = min(max(now @ (now - before) / (before @ before), 0), 1)
    wanted = first - lr * (now + plus * before)
    np.testing.assert_allclose(path("conjugate_gradient", 2, lr=lr)[1:], [first, wanted], **CLOSE)
    ratio = min(now @ now / (before @ before), 0.99)
    wanted = first - lr * (now + ratio * before)
    np.testing.assert_allclose(path("fletcher_reeves", 2, lr=lr)[1:], [first, wanted], **CLOSE)


@in_closed_form("conjugate_gradient")
def test_conjugate_gradient_starts_afresh_when_the_gradient_turns() -> None:
    # along x alone the gradient shrinks by 1 - lr: <g, g - last> < 0, so plain descent
    only_x = np.array([2.0, 0.0])
    wanted = (1 - 0.1) ** np.arange(11)[:, None] * only_x
    np.testing.assert_allclose(path("conjugate_gradient", 10, only_x, lr=0.1), wanted, **CLOSE)


@in_closed_form("fletcher_reeves")
def test_fletcher_reeves_shrinks_by_one_minus_the_root_in_the_end() -> None:
    # along x alone, with a = lr and u = 1 - (next x)/x: u' = a + u - u**2, from u = a,
    # whose fixed point is the root of a
    a, only_x = 0.04, np.array([2.0, 0.0])
    walked = path("fletcher_reeves", 80, only_x, lr=a)[:, 0]
    shrunk, u = [], a
    for _ in range(80):
        shrunk.append(1 - u)
        u = a + u - u * u
    np.testing.assert_allclose(walked[1:] / walked[:-1], shrunk, rtol=1e-12)
    assert shrunk[-1] == pytest.approx(1 - np.sqrt(a), rel=1e-12)


@by_hand("barzilai_borwein")
@in_closed_form("barzilai_borwein")
def test_barzilai_borwein_by_hand() -> None:
    lr = 0.05
    first = START - lr * CURVATURE * START
    moved = first - START
    step = moved @ moved / (moved @ (CURVATURE * moved))
    wanted = first - step * CURVATURE * first
    walked = path("barzilai_borwein", 2, lr=lr, max_ratio=1e9)
    np.testing.assert_allclose(walked[1:], [first, wanted], **CLOSE)
    # along one axis the second step is Newton's
    only_y = path("barzilai_borwein", 2, np.array([0.0, 1.0]), lr=0.01)
    np.testing.assert_allclose(only_y[2], 0, atol=1e-15)


def spread_of(name: str, steps: int, lanes: int, **knobs: Any) -> Array:
    """End points of many runs from nearly one start, shape (2, lanes)."""
    ring = STARTS.call("ring", n=lanes, radius=1e-9, x=0.0, y=0.0)
    *_, last = simulate(Scenario(BOWL, (run(name, **knobs),), ring, steps, seed=5))
    return last.x[:, 0, -1]


@in_closed_form("sgld")
def test_langevin_dynamics_settles_at_the_temperature() -> None:
    lr, temperature = 0.02, 0.5
    ends = spread_of("sgld", 400, 2000, lr=lr, temperature=temperature)
    # x' = (1 - a)x + noise of variance 2*lr*T: variance T/c/(1 - a/2), a = lr*c
    wanted = temperature / CURVATURE / (1 - lr * CURVATURE / 2)
    np.testing.assert_allclose(ends.var(axis=1), wanted, rtol=0.12)  # 2000 draws: 3 % each


def drawn_step(name: str, normals: list[list[float]], **knobs: Any) -> Array:
    """The next position after one step from START with these draws of `normal()`."""
    call = run(name, **knobs)
    rule = parse_rule(OPTIMIZERS[name].rule, tuple(k.name for k in OPTIMIZERS[name].knobs))
    values = {
        "x": START,
        "t": np.float64(1),
        **{k: np.float64(v) for k, v in call.numbers().items()},
    }
    lines = trace_step(
        rule, values, lambda at: evaluate(BOWL, *at, 2), np.zeros(2), np.array(normals)
    )
    return next(line.value for line in reversed(lines) if line.target == "x")


@by_hand("sgld")
def test_langevin_dynamics_by_hand() -> None:
    # (2, 1) - 0.02*(2, 10) + sqrt(2*0.02*0.5)*(1, -2)
    shake = np.sqrt(0.02)
    wanted = [1.96 + shake, 0.8 - 2 * shake]
    made = drawn_step("sgld", [[1.0, -2.0]], lr=0.02, temperature=0.5)
    np.testing.assert_allclose(made, wanted, **CLOSE)


@by_hand("simulated_annealing")
def test_annealing_by_hand() -> None:
    # from (2, 1), loss 7, to (2, 1.2), loss 9.2: a rise of 2.2, at temperature 1*0.5. Luck is
    # half of 3**2 + 0: accepted, as 2.2 <= 0.5*4.5; half of 2**2: refused, as 2.2 > 0.5*2
    knobs = {"lr": 0.1, "temperature": 1.0, "cooling": 0.5}
    taken = drawn_step("simulated_annealing", [[0.0, 2.0], [3.0, 0.0]], **knobs)
    np.testing.assert_allclose(taken, [2.0, 1.2], **CLOSE)
    stays = drawn_step("simulated_annealing", [[0.0, 2.0], [2.0, 0.0]], **knobs)
    np.testing.assert_allclose(stays, START, **CLOSE)
    falls = drawn_step("simulated_annealing", [[0.0, -2.0], [0.0, 0.0]], **knobs)
    np.testing.assert_allclose(falls, [2.0, 0.8], **CLOSE)


def test_langevin_dynamics_without_heat_is_gradient_descent() -> None:
    np.testing.assert_allclose(
        path("sgld", 20, lr=0.02, temperature=0.0), path("sgd", 20, lr=0.02), **CLOSE
    )


@in_closed_form("simulated_annealing")
def test_annealing_keeps_the_law_of_boltzmann_at_a_constant_temperature() -> None:
    ends = spread_of("simulated_annealing", 600, 2000, lr=0.5, temperature=0.5, cooling=1.0)
    # Metropolis's rule leaves exp(-f/T) alone: variances T/curvature
    np.testing.assert_allclose(ends.var(axis=1), 0.5 / CURVATURE, rtol=0.15)  # 3 % each


def test_annealing_without_heat_never_climbs() -> None:
    walked = path("simulated_annealing", 300, lr=0.3, temperature=0.0)
    assert (np.diff(losses(walked)) <= 0).all()
    assert losses(walked)[-1] < 0.1

"""What the descriptions of optimizers and schedules promise, over random runs.

Each law quotes the words that it measures, so that neither can change alone.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from nnopt_viz.judge.evaluate import evaluate
from nnopt_viz.judge.simulation import simulate
from nnopt_viz.optimizers import OPTIMIZERS
from nnopt_viz.race.codec import decode
from nnopt_viz.schedules import SCHEDULES, factors
from nnopt_viz.surfaces import SURFACES
from tests.support.laws import SCENARIOS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[np.float64]

ROUNDING = 1e-9  # of what is compared; each is a few dozen operations
SMOOTH = ("bowl", "ill_conditioned_bowl", "booth", "matyas", "sum_squares", "trid", "zakharov")


def moved(query: str) -> tuple[Array, Array]:
    """Positions (2, steps + 1, lanes) and losses (steps + 1, lanes) of the first run."""
    chunks = list(simulate(decode(query)))
    x = np.concatenate([chunk.x[:, 0] for chunk in chunks], axis=1)
    return x, np.concatenate([chunk.loss[0] for chunk in chunks], axis=0)


def steps_of(x: Array) -> Array:
    """Lengths of the steps, shape (steps, lanes)."""
    return np.asarray(np.hypot(*np.diff(x, axis=1)))


def says(name: str, *words: str) -> None:
    text = " ".join([OPTIMIZERS[name].doc, *(knob.doc for knob in OPTIMIZERS[name].knobs)])
    for part in words:
        assert part in text, text


def log_uniform(rng: np.random.Generator, low: float, high: float) -> float:
    return float(np.exp(rng.uniform(math.log(low), math.log(high))))


def test_laprop_never_moves_a_coordinate_further_than_its_bound() -> None:
    says("laprop", "longer than lr/sqrt(1 - beta2), whatever beta1 is")
    rng = np.random.default_rng(11)
    for _ in range(SCENARIOS):
        lr, beta1, beta2 = log_uniform(rng, 1e-3, 1), rng.uniform(0, 0.99), rng.uniform(0, 0.9999)
        noise = f"heavy_tailed(scale={log_uniform(rng, 1e-3, 1e3):.6g})"
        query = (
            f"surface={rng.choice(SMOOTH)}&run=laprop(lr={lr:.6g},beta1={beta1:.6g},"
            f"beta2={beta2:.6g},noise={noise})&steps=60&seed={rng.integers(1e6)}"
        )
        call = decode(query).runs[0]
        bound = call.number("lr") / math.sqrt(1 - call.number("beta2"))
        x, _ = moved(query)
        assert np.nanmax(np.abs(np.diff(x, axis=1))) <= bound * (1 + ROUNDING), query


def test_layerwise_steps_are_shares_of_the_size_of_x() -> None:
    says("lamb", "step is lr times the size of x")
    says("lars", "gains a fixed share of the size of x at every step")
    says("fromage", "Steps of lr times the size of x", "divided by as much")
    rng = np.random.default_rng(12)
    for _ in range(SCENARIOS):
        lr = log_uniform(rng, 1e-3, 1)
        start = ",".join(f"{v:.6g}" for v in rng.uniform(0.2, 2, 2) * rng.choice([-1, 1], 2))
        ask = f"surface={rng.choice(SMOOTH)}&start={start}&steps=20&run="
        x, _ = moved(f"{ask}lamb(lr={lr:.6g})")
        size = np.hypot(*x[:, :-1])
        np.testing.assert_allclose(steps_of(x), float(f"{lr:.6g}") * size, rtol=ROUNDING,
                                   err_msg=ask)  # fmt: skip
        x, _ = moved(f"{ask}lars(lr={lr:.6g},momentum=0.9)")
        gained = np.diff(x, axis=1)
        gained[:, 1:] -= 0.9 * gained[:, :-1].copy()
        size = np.hypot(*x[:, :-1])
        share = 1e-3 * float(f"{lr:.6g}") * size
        np.testing.assert_allclose(np.hypot(*gained), share, rtol=1e-6, err_msg=ask)
        x, _ = moved(f"{ask}fromage(lr={lr:.6g})")
        before = x[:, 1:] * math.sqrt(1 + float(f"{lr:.6g}") ** 2)
        size = np.hypot(*x[:, :-1])
        taken = np.hypot(*(before - x[:, :-1]))
        long = size > 1e-3  # min_norm begins at a millionth
        wanted = float(f"{lr:.6g}") * size
        np.testing.assert_allclose(taken[long], wanted[long], rtol=1e-6, err_msg=ask)


def test_the_size_of_x_can_run_away_with_fromage() -> None:
    """Downhill straight away from the origin: it grows at every step, and the text allows it."""
    x, _ = moved(
        'surface=formula(f="-x",bounds="-9,9,-9,9")&run=fromage(lr=0.1)&start=1,0&steps=20'
    )
    assert (np.diff(np.hypot(*x), axis=0) > 0).all()
    assert "run away" not in OPTIMIZERS["fromage"].doc


def test_nesterovs_own_method_keeps_its_guarantee() -> None:
    """Beck & Teboulle 2009, theorem 4.4: f(z) - f* is at most 2 L |x0 - x*|**2 / (k + 1)**2."""
    says("accelerated_gradient", "fall as 1 over the square of the steps")
    rng = np.random.default_rng(13)
    for _ in range(SCENARIOS):
        condition, angle = log_uniform(rng, 1, 1e4), rng.uniform(-180, 180)
        start = rng.uniform(-2, 2, 2)
        query = (
            f"surface=ill_conditioned_bowl(condition={condition:.6g},rotation={angle:.6g})"
            f"&run=accelerated_gradient(lr={1 / float(f'{condition:.6g}')!r})"
            f"&start={start[0]:.6g},{start[1]:.6g}&steps=300"
        )
        scene = decode(query)
        chunks = list(simulate(scene))
        answers = [chunk.x_eval for chunk in chunks if chunk.x_eval is not None]
        z = np.concatenate([answer[:, 0, :, 0] for answer in answers], axis=1)
        loss = evaluate(scene.surface, z[0], z[1])
        k = np.arange(1, 301)
        far = float(np.hypot(*chunks[0].x[:, 0, 0, 0])) ** 2
        bound = 2 * float(f"{condition:.6g}") * far / (k + 1) ** 2
        assert (loss[1:] <= bound * (1 + ROUNDING)).all(), query


def test_adamw_reaches_the_minimum_unless_it_lies_far_out() -> None:
    says(
        "adamw",
        "creeps up to a minimum whose coordinates are below 1/weight_decay",
        "With noise it",
    )
    for decay, times in ((0.01, 3), (0.1, 3), (0.3, 2)):  # the minimum of booth is (1, 3)
        x, _ = moved(f"surface=booth&run=adamw(lr=0.01,weight_decay={decay})&steps=20000")
        gaps = np.hypot(x[0, :, 0] - 1, x[1, :, 0] - 3)
        # nearer and nearer: by so many times from step 5,000 to 20,000
        assert times * gaps[-1] < gaps[5000] < 0.8, (decay, gaps[[5000, -1]])
    x, _ = moved("surface=booth&run=adamw(lr=0.01,weight_decay=1)&steps=5000")
    assert abs(x[1, -1, 0] - 1) < 0.02  # 3 lies beyond 1/weight_decay = 1
    scene = "surface=booth&noise=5&start=grid(n=6)&steps=4000&run="
    plain, decayed = (
        np.hypot(*moved(f"{scene}{run}")[0][:, 2000:].mean(axis=(1, 2)))
        for run in ("adam(lr=0.01)", "adamw(lr=0.01,weight_decay=0.1)")
    )
    assert decayed < 0.97 * plain


def test_sam_circles_a_narrow_minimum_further_out() -> None:
    """On curvature c it ends at lr*c*rho/(2 - lr*c) from the minimum, on either side."""
    says("sam", "circles a narrow minimum further out than a wide one")
    far = []
    for curvature in (1.0, 4.0, 16.0):
        query = f"surface=bowl(curvature={curvature})&run=sam(lr=0.02,rho=0.05)&steps=5000"
        far.append(float(np.hypot(*moved(query)[0][:, -1, 0])))
        wanted = 0.02 * curvature * 0.05 / (2 - 0.02 * curvature)
        assert math.isclose(far[-1], wanted, rel_tol=1e-6), query
    assert far == sorted(far)


def test_langevin_dynamics_visits_by_the_loss_at_a_small_rate() -> None:
    """On curvature c the variance is temperature/c at a small lr, and not at a large one."""
    says("sgld", "at a small lr, it visits each place")
    spread = {}
    for lr in (0.01, 0.5):
        query = f"surface=bowl&run=sgld(lr={lr})&start=grid(n=64)&steps=600&seed=4"
        spread[lr] = float(moved(query)[0][:, -1].var(axis=1).mean())
    assert abs(spread[0.01] / 0.005 - 1) < 0.08  # 8,192 draws: three standard errors are 5%
    assert spread[0.5] > 1.8 * 0.005


def test_damped_newton_arrives_where_it_says() -> None:
    says("damped_newton", "on a smooth and strongly convex surface it arrives from anywhere")
    rng = np.random.default_rng(14)
    for _ in range(SCENARIOS // 2):
        name = str(rng.choice(SMOOTH))
        xl, xh, yl, yh = SURFACES[name].bounds
        start = 3 * rng.uniform(xl, xh), 3 * rng.uniform(yl, yh)
        query = f"surface={name}&run=damped_newton&start={start[0]:.6g},{start[1]:.6g}&steps=200"
        loss = moved(query)[1][:, 0]
        lowest = -2.0 if name == "trid" else 0.0
        assert loss[-1] - lowest <= 1e-12 * (1 + loss[0] - lowest), query


def test_polyaks_step_is_capped_and_downhill() -> None:
    says("polyak_sgd", "at most lr times the gradient")
    assert decode("run=polyak_sgd(max_learning_rate=0.5)") == decode("run=polyak_sgd(lr=0.5)")
    rng = np.random.default_rng(15)
    for _ in range(SCENARIOS):
        lr, lowest = log_uniform(rng, 1e-4, 10), rng.uniform(-5, 5)
        query = (
            f"surface={rng.choice(SMOOTH)}&run=polyak_sgd(lr={lr:.6g},f_min={lowest:.6g})&steps=30"
        )
        chunks = list(simulate(decode(query)))
        slope = np.concatenate([chunk.grad_norm[0, :, 0] for chunk in chunks])
        loss = np.concatenate([chunk.loss[0, :, 0] for chunk in chunks])
        x, _ = moved(query)
        length, most = steps_of(x)[:, 0], float(f"{lr:.6g}") * slope[:-1]
        assert (length <= most * (1 + ROUNDING)).all(), query
        assert (length[loss[:-1] < float(f"{lowest:.6g}")] == 0).all(), query  # sps+


def test_the_first_bet_of_cocob() -> None:
    says("cocob", "the first bet is 1/alpha, but 1/2 at most")
    for alpha in (1.0, 1.5, 2.0, 3.0, 100.0):
        x, _ = moved(f"surface=booth&run=cocob(alpha={alpha})&steps=1")
        np.testing.assert_allclose(np.abs(np.diff(x, axis=1)), min(1 / alpha, 0.5), rtol=1e-6)


def test_what_is_written_for_a_linear_schedule_with_warm_up() -> None:
    """min(s/50, (500 - s)/450) at s steps taken: it falls from the last step of the warm-up on."""
    told = SCHEDULES.names("warmup_stable_decay").akin["linear_schedule_with_warmup"]
    assert "warmup_stable_decay(warmup=50,decay=0.9) for 50 of 500 steps" in told
    made = factors(SCHEDULES.call("warmup_stable_decay", warmup=50, decay=0.9), 500)
    s = np.arange(500)
    np.testing.assert_allclose(made[50:], (500 - s[50:]) / 450, rtol=1e-12)
    np.testing.assert_allclose(made[:50], (s[:50] + 1) / 50, rtol=1e-12)


def test_one_over_the_time_adds_up_and_a_faster_power_does_not() -> None:
    assert "add up to any distance" in SCHEDULES["inverse_time"].doc
    made: Any = factors(SCHEDULES.call("inverse_time", half=1), 20_000)
    doublings = [float(made[n : 2 * n].sum()) for n in (100, 1000, 10_000)]
    np.testing.assert_allclose(doublings, math.log(2), rtol=0.01)  # every doubling adds as much
    faster = made**1.5
    sums = [float(faster[n : 2 * n].sum()) for n in (100, 1000, 10_000)]
    assert sums[2] < sums[1] / 3 < sums[0] / 9


def test_lars_near_the_origin_and_at_it() -> None:
    assert (
        "steps vanish; exactly there they are lr times the gradient" in OPTIMIZERS["lars"].differs
    )
    near = steps_of(moved("surface=booth&run=lars&start=1e-9,0&steps=1")[0])[0, 0]
    there = steps_of(moved("surface=booth&run=lars&start=0,0&steps=1")[0])[0, 0]
    assert near <= 1e-11
    assert there == math.hypot(34, 38)


def test_sign_sgd_always_moves_against_the_gradient() -> None:
    says("sign_sgd", "against the sign of its gradient")
    rng = np.random.default_rng(16)
    for _ in range(SCENARIOS):
        start = rng.uniform(-3, 3, 2)
        query = f"surface=bowl&run=sign_sgd(lr=0.01)&start={start[0]:.6g},{start[1]:.6g}&steps=1"
        x, _ = moved(query)
        np.testing.assert_allclose(np.diff(x, axis=1)[:, 0, 0], -0.01 * np.sign(x[:, 0, 0]),
                                   rtol=1e-9, err_msg=query)  # fmt: skip

"""Laws: what lessons state as a rule holds in races that no lesson shows, and they say no more."""

from __future__ import annotations

import math
import random
import re

import numpy as np
import pytest

from nnopt_viz.lessons import LESSONS, in_order
from nnopt_viz.lessons.measured import Race
from nnopt_viz.lessons.text import parts, plain
from tests.support.laws import SCENARIOS

FEW = max(20, SCENARIOS // 5)


def bowl(rng: random.Random, turn: float | None = None) -> tuple[str, float, float, float]:
    """A bowl that isn't round: its text, its condition, and a start off both of its axes."""
    condition, angle = math.exp(rng.uniform(0.7, 5)), rng.uniform(0, 180) if turn is None else turn
    x, y = (rng.choice((-1, 1)) * rng.uniform(0.3, 2.2) for _ in range(2))
    text = f"surface=ill_conditioned_bowl(condition={condition!r},rotation={angle!r})"
    return text, condition, x, y


def turned(x: float, y: float, degrees: float) -> tuple[float, float]:
    """A point turned about the origin."""
    c, s = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    return c * x - s * y, s * x + c * y


@pytest.mark.parametrize("momentum", [0.0, 0.5, 0.9])
def test_on_a_bowl_a_run_settles_only_below_its_limit(momentum: float) -> None:
    """Lessons learning_rate 1 and momentum 4: 2/L, and 2*(1 + momentum)/L."""
    rng = random.Random(seed := 71)
    for _ in range(FEW):
        surface, condition, x, y = bowl(rng)
        limit = 2 * (1 + momentum) / condition
        share = rng.choice((rng.uniform(0.05, 0.97), rng.uniform(1.03, 1.5)))
        run = f"run=momentum(lr={share * limit!r},momentum={momentum})"
        race = Race(case := f"{surface}&{run}&start={x!r},{y!r}&steps=1500")
        grew = race.ended(0) < math.inf or race.loss(0) > race.loss(0, 0)
        assert grew is (share > 1), (seed, case)


def test_in_the_long_run_no_constant_rate_beats_two_over_the_sum() -> None:
    """Lesson learning_rate 3. After a given number of steps one may: 0.076 does in its race."""
    rng = random.Random(seed := 72)
    for _ in range(FEW):
        surface, condition, x, y = bowl(rng)
        best = 2 / (condition + 1)
        other = best * rng.choice((rng.uniform(0.3, 0.93), rng.uniform(1.03, 1.07)))
        steps = math.ceil(60 * condition)
        runs = f"run=sgd(lr={best!r})&run=sgd(lr={other!r})"
        race = Race(case := f"{surface}&{runs}&start={x!r},{y!r}&steps={min(steps, 5000)}")
        assert not race.loss(1) < race.loss(0), (seed, case)  # NaN: it has diverged


def test_on_a_slope_momentum_takes_steps_of_one_over_what_it_loses() -> None:
    """Lesson momentum 2."""
    rng = random.Random(seed := 73)
    for _ in range(FEW):
        momentum, lr = rng.uniform(0, 0.95), math.exp(rng.uniform(-6, 0))
        runs = f"run=sgd(lr={lr!r})&run=momentum(lr={lr!r},momentum={momentum!r})"
        slope = 'surface=formula(f="-x",bounds="0,100,-40,40")'
        race = Race(case := f"{slope}&{runs}&start=0,0&steps=400")
        ratio = race.moved(1, 400) / race.moved(0, 400)
        assert math.isclose(ratio, 1 / (1 - momentum), rel_tol=1e-6), (seed, case)


def test_adams_first_step_is_its_rate_in_every_coordinate() -> None:
    """Lesson adaptive 1: as long as the gradient there is far above eps (1e-8)."""
    rng = random.Random(seed := 74)
    for _ in range(FEW):
        a, b = (rng.choice((-1, 1)) * math.exp(rng.uniform(-7, 7)) for _ in range(2))
        lr = math.exp(rng.uniform(-5, 1))
        slope = f'surface=formula(f="a*x+b*y",a={a!r},b={b!r})&start=0,0'
        race = Race(case := f"{slope}&run=adam(lr={lr!r})&steps=1")
        assert math.isclose(race.x(0, 1), -math.copysign(lr, a), rel_tol=1e-4), (seed, case)
        assert math.isclose(race.y(0, 1), -math.copysign(lr, b), rel_tol=1e-4), (seed, case)


def test_plain_descent_turns_with_the_valley_and_adam_is_slower_in_a_turned_one() -> None:
    """Lesson adaptive 2. The start has to be turned too: the old lesson left it, and the valley
    was not what decided."""
    rng = random.Random(seed := 75)
    later = []
    for _ in range(FEW):
        _, _, x, y = bowl(rng)
        lost: list[list[float]] = []
        for angle in (0, 45):
            at = turned(x, y, angle)
            race = Race(
                f"surface=ill_conditioned_bowl(condition=100,rotation={angle})&run=sgd(lr=0.019)"
                f"&run=adam(lr=0.2)&start={at[0]!r},{at[1]!r}&steps=300"
            )
            lost.append([race.loss(0, step) for step in range(0, 301, 30)])
            lost[-1].append(race.below(1, 0.01))
        assert np.allclose(lost[0][:-1], lost[1][:-1], rtol=1e-6, atol=1e-12), (seed, x, y)
        later.append(lost[1][-1] > lost[0][-1])
    assert np.mean(later) > 0.8, (seed, np.mean(later))


def test_adagrads_rate_only_falls_but_its_steps_may_grow() -> None:
    """Lesson adaptive 3: what multiplies the gradient shrinks; a steeper place can outweigh it."""
    rng = random.Random(seed := 76)
    grew = False
    for _ in range(FEW):
        x, lr = rng.uniform(-1.5, -0.5), rng.uniform(0.2, 0.6)
        slope = 'surface=formula(f="-x - 0.3*sin(3*x)",bounds="-9,9,-9,9")'  # steep and gentle
        race = Race(case := f"{slope}&run=adagrad(lr={lr!r})&start={x!r},1&steps=25")
        steps = np.array([race.moved(0, t) for t in range(1, 26)])
        slopes = np.array([race.steepness("x", race.x(0, t), 1) for t in range(25)])
        assert np.all(np.diff(steps / slopes) < 0), (seed, case)
        grew |= bool(np.any(np.diff(steps) > 0))
    assert grew


def test_the_side_of_the_hill_decides_and_not_which_well_is_nearer() -> None:
    """Lesson local_minima 1 and 2."""
    rng = random.Random(seed := 77)
    nearer_fails = 0
    for _ in range(SCENARIOS):
        tilt, x, y = rng.uniform(0.05, 1.3), rng.uniform(-1.6, 1.6), rng.uniform(-1.4, 1.4)
        left, hill, right = sorted(np.roots([4, 0, -4, tilt]).real)
        if abs(x - hill) < 0.02:
            continue
        race = Race(
            case := f"surface=tilted_double_well(tilt={tilt!r})&run=sgd(lr=0.01)"
            f"&start={x!r},{y!r}&steps=3000"
        )
        well = right if x > hill else left
        assert abs(race.x(0) - well) < 1e-3, (seed, case)
        nearer_fails += (abs(x - right) < abs(x - left)) is not bool(x > hill)
    assert nearer_fails


def test_outside_the_wall_is_where_flow_leads_to_the_star() -> None:
    """Lesson steep_walled_trap 3, at seeds of its own and others: the count is of ends from which
    the gradient leads out, not of those with x > 0."""
    query = LESSONS["steep_walled_trap"].steps[2].query
    for seed in range(max(3, SCENARIOS // 40)):
        race = Race(f"{query}&seed={seed}")
        for run in (0, 1):
            ends = np.array(race.ends(run)).T
            far = np.hypot(ends[0] + 1.5, ends[1] - 1)
            at = ends.copy()
            for _ in range(4000):  # 0.004 is far below 2/curvature everywhere here
                at -= 0.004 * _pit_gradient(*at)
            out = np.hypot(at[0] + 1.5, at[1] - 1) > 0.9
            clear = abs(far - 0.9) > 0.1  # on the crest itself flow may go either way
            assert np.array_equal(out[clear], far[clear] > 0.9), (seed, run)
            assert race.away(run, -1.5, 1, 0.9) == (far > 0.9).sum()


def _pit_gradient(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """The gradient of steep_walled_trap(0.8, 0.9, 4), worked out by hand."""
    u, r = ((x - 2) ** 2 + (y + 1) ** 2) / 4, ((x + 1.5) ** 2 + (y - 1) ** 2) / 0.81
    well, wall = 0.8 * np.exp(-r), 3 * np.exp(-4 * (r - 1) ** 2)
    along = u * well - 8 * (r - 1) * wall  # df/dr
    return np.stack([
        (x - 2) / 2 * (1 - well) + along * 2 * (x + 1.5) / 0.81,
        (y + 1) / 2 * (1 - well) + along * 2 * (y - 1) / 0.81,
    ])  # fmt: skip


def test_a_step_at_which_a_run_settles_is_the_one_of_the_outcome_table() -> None:
    """No sentence has a measure of its own for what the table beside it shows."""
    told = 0
    for lesson in in_order():
        for number, step in enumerate(lesson.steps, 1):
            for text in (*step.texts(), *(link.text for link in step.links)):
                made = parts(text)
                for i, part in enumerate(made):
                    before = "".join(one.text for one in made[:i])
                    clause = re.split(r"[;.]", before)[-1]
                    if part.kind != "figure" or not re.search(r"(at|from) step $", before):
                        continue
                    if not re.search(r"settle|reach|arrives", clause):
                        continue
                    assert part.measure.startswith("first("), (lesson.name, number, plain(text))
                    told += 1
    assert told > 8


def test_what_a_lesson_says_to_settle_does_not_still_move() -> None:
    """Where a step says that its runs settle or come to rest, its own outcome table agrees."""
    both = re.compile(r"both (settle|come to rest)|runs that (do )?settle")
    for lesson in in_order():
        for number, step in enumerate(lesson.steps, 1):
            said = " ".join(plain(text) for text in (step.text, step.reveal))
            if both.search(" ".join(said.split())):
                race = Race(step.query)
                verdicts = {race.verdict(run) for run in range(int(race.runs()))}
                assert verdicts <= {"global_minimum", "local_minimum"}, (lesson.name, number)


def test_pale_and_dark_are_told_for_both_themes() -> None:
    for lesson in in_order():
        for step in lesson.steps:
            for text in step.texts():
                if "pale" in text.lower():
                    assert "dark page" in text

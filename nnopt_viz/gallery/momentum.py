"""Pictures of momentum: what it is good for, its best amount, and where it fails."""

import math

import numpy as np

from nnopt_viz.gallery.entry import FAILURE, GALLERY, SUCCESS, Entry
from nnopt_viz.gallery.measure import Course

GALLERY.add(
    Entry(
        name="optimal_momentum",
        title="The optimal momentum of a quadratic",
        topics=(SUCCESS, "momentum", "curvature", "rates"),
        query="surface=ill_conditioned_bowl(condition=100,rotation=0)&run=sgd(lr=0.0198)"
        "&run=momentum(lr=0.0330579,momentum=0.669421)&run=momentum(lr=0.0330579,momentum=0.9)"
        "&steps=500",
        sentence="At the best constants for a condition of {condition}, a momentum of {best} and a "
        "rate of {lr}, it settles at step {optimal}; with a momentum of {more} at step {late}, and "
        "plain descent at its own best rate at step {plain}.",
        figures=lambda race: {
            "condition": race.of_surface("condition"),
            "best": (
                (math.sqrt(race.of_surface("condition")) - 1)
                / (math.sqrt(race.of_surface("condition")) + 1)
            )
            ** 2,
            "set": race.knob(1, "momentum"),
            "lr": race.knob(1, "lr"),
            "more": race.knob(2, "momentum"),
            "optimal": race.first(1),
            "late": race.first(2),
            "plain": race.first(0),
        },
        holds=lambda f: (
            abs(f["best"] - f["set"]) < 1e-6 and 2 * f["optimal"] < f["late"] < f["plain"]
        ),
        source="Polyak 1964, Some methods of speeding up the convergence of iteration methods; "
        "Goh 2017, Why momentum really works",
    )
)

GALLERY.add(
    Entry(
        name="heavy_ball_cycles",
        title="Optimal for parabolas, lost on a bent one",
        topics=(FAILURE, "momentum"),
        query='surface=formula(f="12.5*x**2 - 12*maximum(x - 1,0)**2 %2B 12*maximum(x - 2,0)**2 '
        '%2B y**2/2",bounds="-4,4,-3,3")'.replace(" ", "%20")
        + "&run=momentum(lr=0.1111111111111111,momentum=0.4444444444444444)"
        "&run=nesterov(lr=0.04,momentum=0.6666666666666666)&start=3.3,1&steps=200",
        sentence="Convex, with curvatures from {low} to {high}: heavy ball with the constants that "
        "are best for such parabolas runs in a circle of {period} points for ever, while "
        "Nesterov's momentum settles at step {nesterov}.",
        figures=lambda race: {
            "low": race.flattest(1.5, 0),
            "high": race.steepest(0, 0),
            "period": np.argmin(
                [9.0, *(abs(race.x(0, 200) - race.x(0, 200 - back)) for back in range(1, 9))]
            ),
            "swing": float(np.ptp(race.path(0)[0][150:])),
            "nesterov": race.first(1),
        },
        holds=lambda f: f["period"] == 3 and f["swing"] > 3 and f["nesterov"] < 200,
        source="Lessard, Recht & Packard 2016, Analysis and design of optimization algorithms via "
        "integral quadratic constraints",
    )
)


def _across(race: Course, run: int) -> float:
    """The widest place across the valley, turned by 30 degrees, in ten steps from step 40."""
    x, y = race.path(run)[:, 40:50]
    return float(np.abs(x * math.cos(2 * math.pi / 3) + y * math.sin(2 * math.pi / 3)).max())


GALLERY.add(
    Entry(
        name="nesterov_brakes",
        title="Heavy ball against Nesterov",
        topics=(SUCCESS, "momentum"),
        query="surface=ill_conditioned_bowl(condition=100)&run=momentum(lr=0.006,momentum=0.95)"
        "&run=nesterov(lr=0.006,momentum=0.95)&steps=400",
        sentence="With the same rate and a momentum of {momentum}, heavy ball still swings "
        "{ball:2} wide across the valley at step {step} and settles at step {late}; Nesterov's "
        "looks one step ahead, swings {nesterov:2} wide and settles at step {soon}.",
        figures=lambda race: {
            "momentum": race.knob(0, "momentum"),
            "step": 40,
            "ball": _across(race, 0),
            "nesterov": _across(race, 1),
            "late": race.first(0),
            "soon": race.first(1),
        },
        holds=lambda f: f["nesterov"] < f["ball"] / 10 and f["soon"] < f["late"],
        source="Sutskever, Martens, Dahl & Hinton 2013, On the importance of initialization and "
        "momentum in deep learning",
    )
)

GALLERY.add(
    Entry(
        name="accelerated",
        title="One over the square of the steps",
        topics=(SUCCESS, "momentum", "curvature"),
        query="surface=ill_conditioned_bowl(condition=1000)&run=sgd(lr=0.001)"
        "&run=accelerated_gradient(lr=0.001)&steps=500",
        sentence="Same rate, same gradients: after {steps} steps plain descent has a loss of "
        "{plain:2}, Nesterov's accelerated method {fast:2}, which is below its guarantee of "
        "{bound:2}.",
        figures=lambda race: {
            "steps": race.steps(),
            "plain": race.loss(0),
            "fast": race.loss(1),
            "bound": 2
            * (race.x(1, 0) ** 2 + race.y(1, 0) ** 2)
            / (race.knob(1, "lr") * (race.steps() + 1) ** 2),
        },
        holds=lambda f: f["fast"] < f["plain"] / 100 and f["fast"] < f["bound"],
        source="Nesterov 1983, A method of solving a convex programming problem with convergence "
        "rate O(1/k²); the bound as in Beck & Teboulle 2009, theorem 4.4",
        shows="loss",
    )
)

GALLERY.add(
    Entry(
        name="double_well",
        title="A heavy ball rolls over the hill",
        topics=(SUCCESS, "momentum", "minima"),
        query="surface=tilted_double_well&run=sgd(lr=0.02)&run=momentum(lr=0.02)&steps=500",
        sentence="From the same start, plain descent stays in the first well at a loss of {plain}; "
        "with momentum it rolls over the hill between and settles in the deeper one, at {ball}, "
        "from step {step}.",
        figures=lambda race: {
            "plain": race.loss(0),
            "ball": race.loss(1),
            "step": race.first(1),
        },
        holds=lambda f: f["ball"] < f["plain"] and f["step"] < 500,
        source="Rumelhart, Hinton & Williams 1986, Learning representations by back-propagating "
        "errors; Polyak 1964",
    )
)

GALLERY.add(
    Entry(
        name="momentum_overshoots",
        title="The same ball rolls out of the better well",
        topics=(FAILURE, "momentum", "minima"),
        query="surface=tilted_double_well&run=sgd(lr=0.02)&run=momentum(lr=0.02)&start=-1.9,1.2"
        "&steps=500",
        sentence="Started above the deeper well, plain descent settles in it, at a loss of "
        "{plain}; momentum carries the ball through it and over the hill, to {ball}.",
        figures=lambda race: {"plain": race.loss(0), "ball": race.loss(1)},
        holds=lambda f: f["ball"] > f["plain"] + 0.3,
        source="Qian 1999, On the momentum term in gradient descent learning algorithms; the start "
        "was made for this page",
    )
)

GALLERY.add(
    Entry(
        name="momentum_raises_the_limit",
        title="Momentum raises the limit of the rate",
        topics=(FAILURE, "momentum", "rates"),
        query="surface=bowl(curvature=2)&run=sgd(lr=1.1)&run=momentum(lr=1.88)"
        "&run=momentum(lr=1.92)&steps=300",
        sentence="With a momentum of {momentum} the limit is {limit} instead of {plain}: at "
        "{under} it settles at step {step}, at {over} its loss has grown to {last:2} when it ends; "
        "plain descent grows without bound already at {lr}.",
        figures=lambda race: {
            "momentum": race.knob(1, "momentum"),
            "limit": 2 * (1 + race.knob(1, "momentum")) / race.of_surface("curvature"),
            "plain": 2 / race.of_surface("curvature"),
            "under": race.knob(1, "lr"),
            "over": race.knob(2, "lr"),
            "step": race.first(1),
            "last": race.highest(2),
            "lr": race.knob(0, "lr"),
            "grown": race.highest(0),
        },
        holds=lambda f: (
            f["plain"] < f["lr"]
            and f["under"] < f["limit"] < f["over"]
            and min(f["last"], f["grown"]) > 1e4
        ),
        source="Polyak 1964, Some methods of speeding up the convergence of iteration methods",
    )
)

GALLERY.add(
    Entry(
        name="terminal_velocity",
        title="Terminal velocity",
        topics=(SUCCESS, "momentum", "rates"),
        query='surface=formula(f="-x",bounds="-10,110,-40,40")&run=sgd(lr=0.1)'
        "&run=momentum(lr=0.1)&start=0,0&steps=100",
        sentence="On a steady slope a momentum of {momentum} ends up {times:3} times as fast as "
        "plain descent at the same rate: one over what it forgets, which is {law}.",
        figures=lambda race: {
            "momentum": race.knob(1, "momentum"),
            "times": race.moved(1, 100) / race.moved(0, 100),
            "law": 1 / (1 - race.knob(1, "momentum")),
        },
        holds=lambda f: abs(f["times"] - f["law"]) < 1e-3 * f["law"],
        source="Qian 1999, On the momentum term in gradient descent learning algorithms",
    )
)

"""Pictures of the learning rate: its limits, its courses, and doing without one."""

import numpy as np

from nnopt_viz.gallery.entry import FAILURE, GALLERY, SUCCESS, Entry
from nnopt_viz.gallery.measure import Course

GALLERY.add(
    Entry(
        name="two_over_curvature",
        title="Just under and just over the limit",
        topics=(FAILURE, "rates", "curvature"),
        query="surface=bowl(curvature=2)&run=sgd(lr=0.99)&run=sgd(lr=1.01)&steps=300",
        sentence="The largest stable rate is two over the curvature, here {limit}: at {under} "
        "gradient descent settles in the minimum at step {step}, at {over} its loss grows from "
        "{first} to {last:2}.",
        figures=lambda race: {
            "limit": 2 / race.of_surface("curvature"),
            "under": race.knob(0, "lr"),
            "over": race.knob(1, "lr"),
            "step": race.first(0),
            "first": race.loss(1, 0),
            "last": race.loss(1),
        },
        holds=lambda f: f["under"] < f["limit"] < f["over"] and f["last"] > 100 * f["first"],
        source="LeCun, Bottou, Orr & Müller 1998, Efficient BackProp",
    )
)

GALLERY.add(
    Entry(
        name="one_rate_two_curvatures",
        title="The zigzag of an ill-conditioned valley",
        topics=(FAILURE, "rates", "curvature"),
        query="surface=ill_conditioned_bowl(condition=100,rotation=0)&run=sgd(lr=0.0195)"
        "&run=newton&start=-2.4,0.9&steps=300",
        sentence="The valley is {condition} times as strongly curved across as along, so the rate "
        "that the walls allow is tiny along the floor: gradient descent changes sides {turns} "
        "times and settles at step {step}; Newton's step, which divides by the curvature, "
        "arrives at step {newton}.",
        figures=lambda race: {
            "condition": race.of_surface("condition"),
            "turns": race.turns(0, "y", int(race.first(0))),
            "step": race.first(0),
            "newton": race.first(1),
        },
        holds=lambda f: f["turns"] > 20 and f["newton"] == 1 and f["step"] > 100,
        source="Boyd & Vandenberghe 2004, Convex optimization, section 9.3",
    )
)

GALLERY.add(
    Entry(
        name="sign_steps_never_rest",
        title="Steps of fixed length never rest",
        topics=(FAILURE, "rates", "adaptive"),
        query="surface=bowl&run=sgd(lr=0.1)&run=sign_sgd(lr=0.1)&start=1.93,1.27&steps=200",
        sentence="Both are at the minimum by step {step}; but sign descent knows no short step: "
        "its last one is {sign} long, as its first, while that of gradient descent is {plain:2}.",
        figures=lambda race: {
            "step": max(race.first(0), race.first(1)),
            "sign": race.moved(1, 200),
            "begun": race.moved(1, 1),
            "plain": race.moved(0, 200),
        },
        holds=lambda f: abs(f["sign"] - f["begun"]) < 1e-6 and f["plain"] < 1e-9,
        source="Bernstein, Wang, Azizzadenesheli & Anandkumar 2018, signSGD: Compressed "
        "optimisation for non-convex problems",
    )
)

GALLERY.add(
    Entry(
        name="noise_floor",
        title="A constant rate stops at a floor of noise",
        topics=(SUCCESS, "schedules", "noise", "rates"),
        query="surface=bowl&run=sgd(lr=0.2)&run=sgd(lr=0.2,schedule=cosine)&noise=2&steps=400",
        sentence="Over {seeds} seeds the loss at the end is {constant:2} on average at a constant "
        "rate; where the rate falls along a cosine it is {cosine:2}.",
        figures=lambda race: {
            "seeds": 20,
            "constant": np.mean([one.last_loss(0, 0.05) for one in race.at_seeds(20)]),
            "cosine": np.mean([one.last_loss(1, 0.05) for one in race.at_seeds(20)]),
        },
        holds=lambda f: f["cosine"] < f["constant"] / 10,
        source="Robbins & Monro 1951, A stochastic approximation method; Loshchilov & Hutter 2017, "
        "SGDR",
        shows="loss",
    )
)

GALLERY.add(
    Entry(
        name="step_decay_staircase",
        title="The staircase of step decay",
        topics=(SUCCESS, "schedules", "noise"),
        query="surface=ill_conditioned_bowl(condition=30)"
        "&run=sgd(lr=0.05,schedule=step(size=300))&noise=2&steps=900",
        sentence="Each time the rate is cut to a tenth the loss falls to a lower floor: over "
        "{seeds} seeds it averages {first:2}, {second:2} and {third:2} at the end of each stretch.",
        figures=lambda race: {
            "seeds": 20,
            **{
                name: np.mean([one.losses(0)[end - 100 : end].mean() for one in race.at_seeds(20)])
                for name, end in (("first", 300), ("second", 600), ("third", 900))
            },
        },
        holds=lambda f: f["first"] > 4 * f["second"] > 8 * f["third"],
        source="He, Zhang, Ren & Sun 2016, Deep residual learning for image recognition, fig. 4",
        shows="loss",
    )
)

GALLERY.add(
    Entry(
        name="warm_up",
        title="Warm-up where the first step would explode",
        topics=(SUCCESS, "schedules", "rates"),
        query="surface=zakharov&run=sgd(lr=0.05)&run=sgd(lr=0.05,schedule=cosine(warmup=30))"
        "&steps=150",
        sentence="At the full rate of {lr} gradient descent is gone at step {gone}; with {warmup} "
        "steps of warm-up to the same rate it settles in the minimum at step {step}.",
        figures=lambda race: {
            "lr": race.knob(0, "lr"),
            "gone": race.ended(0),
            "warmup": race.knob(1, "schedule.warmup"),
            "step": race.first(1),
        },
        holds=lambda f: f["gone"] < 10 and f["step"] < 150,
        source="Goyal et al. 2017, Accurate, large minibatch SGD: Training ImageNet in 1 hour",
    )
)


def _rests(race: Course) -> list[list[float]]:
    """Losses at the end of each cycle of run 1 at each seed: resting places of Rastrigin."""
    return [[one.loss(1, step) for step in range(99, 800, 100)] for one in race.at_seeds(20)]


GALLERY.add(
    Entry(
        name="warm_restarts",
        title="Warm restarts see many minima in one run",
        topics=(SUCCESS, "schedules", "noise", "minima"),
        query="surface=rastrigin(amplitude=3)&run=sgd(lr=0.1,schedule=cosine)"
        "&run=sgd(lr=0.1,schedule=cosine_restarts(period=100))&noise=3&steps=800",
        sentence="Over {seeds} seeds one long cosine ends at a loss of {one:2} on average; with "
        "{restarts} restarts on the way, the best of the resting places in between has a loss of "
        "{best:2}.",
        figures=lambda race: {
            "seeds": 20,
            "restarts": 800 / race.knob(1, "schedule.period") - 1,
            "one": np.mean([one.loss(0) for one in race.at_seeds(20)]),
            "best": np.mean([min(rests) for rests in _rests(race)]),
        },
        holds=lambda f: f["best"] < f["one"] / 4,
        source="Loshchilov & Hutter 2017, SGDR; Huang et al. 2017, Snapshot ensembles: Train 1, "
        "get M for free",
        shows="loss",
    )
)

GALLERY.add(
    Entry(
        name="no_rate_at_all",
        title="Without a learning rate to choose",
        topics=(SUCCESS, "rates", "adaptive"),
        query="surface=himmelblau&run=adam&run=dog&run=prodigy&start=1,1&steps=500",
        sentence="Adam at its default rate of {lr} is still on the way after {steps} steps, at a "
        "loss of {adam:2}; DoG and Prodigy, which estimate their rate from the distance covered, "
        "reach a minimum at steps {dog} and {prodigy}.",
        figures=lambda race: {
            "lr": race.knob(0, "lr"),
            "steps": race.steps(),
            "adam": race.loss(0),
            "dog": race.first(1),
            "prodigy": race.first(2),
        },
        holds=lambda f: f["adam"] > 10 and max(f["dog"], f["prodigy"]) < f["steps"],
        source="Ivgi, Hinder & Carmon 2023, DoG is SGD's best friend; Mishchenko & Defazio 2024, "
        "Prodigy",
    )
)

GALLERY.add(
    Entry(
        name="kink_circled",
        title="At a kink only a falling rate comes to rest",
        topics=(FAILURE, "schedules", "rates"),
        query="surface=lasso&run=sgd(lr=0.1)&run=sgd(lr=0.1,schedule=cosine)&steps=500",
        sentence="The best weight is exactly zero, at a kink: at a constant rate gradient descent "
        "hops across it to the end, in {hops} of its last {last} steps; with a falling rate the "
        "weight ends at {cosine:2}.",
        figures=lambda race: {
            "last": 100,
            "hops": np.count_nonzero(np.diff(np.sign(race.path(0)[1][-101:]))),
            "constant": race.y(0),
            "cosine": abs(race.y(1)),
        },
        holds=lambda f: f["hops"] > f["last"] / 3 and f["cosine"] < 1e-2,
        source="Shor 1985, Minimization methods for non-differentiable functions; Tibshirani 1996, "
        "Regression shrinkage and selection via the lasso",
    )
)

"""Pictures of noise: what it costs, and what it is good for."""

import numpy as np

from nnopt_viz.gallery.entry import FAILURE, GALLERY, SUCCESS, Entry
from nnopt_viz.gallery.measure import Course

SEEDS = 20

GALLERY.add(
    Entry(
        name="noise_leaves_the_saddle",
        title="The saddle that noise leaves",
        topics=(SUCCESS, "noise", "saddles"),
        query="surface=two_layer_linear&run=sgd(lr=0.1)"
        "&run=sgd(lr=0.1,noise=gaussian(scale=0.01))&start=-1,1&steps=500",
        sentence="From this start the exact gradient leads straight into the saddle, where descent "
        "stays, at a loss of {stuck:2}; with noise of {noise} in the gradient it has left at "
        "{left} of {seeds} seeds, and the loss is at most {worst:2}.",
        figures=lambda race: {
            "stuck": race.loss(0),
            "noise": race.knob(1, "noise.scale"),
            "seeds": SEEDS,
            "left": sum(one.loss(1) < 0.1 for one in race.at_seeds(SEEDS)),
            "worst": max(one.loss(1) for one in race.at_seeds(SEEDS)),
        },
        holds=lambda f: f["left"] == f["seeds"] and f["worst"] < f["stuck"] / 2,
        source="Ge, Huang, Jin & Yuan 2015, Escaping from saddle points: Online stochastic "
        "gradient for tensor decomposition",
    )
)

GALLERY.add(
    Entry(
        name="annealing_on_rastrigin",
        title="Annealing on Rastrigin",
        topics=(SUCCESS, "noise", "minima"),
        query="surface=rastrigin&run=sgd(lr=0.001)"
        "&run=simulated_annealing(lr=0.5,temperature=20,cooling=0.995)&start=random(n=64)"
        "&steps=2000",
        sentence="From {starts} random starts gradient descent reaches the global minimum "
        "{descent} times, for it stays in the dent where it begins; annealing, which at first also "
        "accepts worse places, ends in the best dent {annealing} times.",
        figures=lambda race: {
            "starts": race.starts(),
            "descent": race.starts() - race.away(0, 0, 0, 0.5),
            "annealing": race.starts() - race.away(1, 0, 0, 0.5),
        },
        holds=lambda f: f["annealing"] > f["starts"] / 2 > 10 * f["descent"],
        source="Kirkpatrick, Gelatt & Vecchi 1983, Optimization by simulated annealing; Rastrigin "
        "1974",
    )
)


def _averaged(race: Course) -> float:
    """Loss at the point that run 0 answers with, at the end."""
    point = race.answers(0)[:, -1]
    return race.height(float(point[0]), float(point[1]))


GALLERY.add(
    Entry(
        name="polyak_averaging",
        title="The average of a restless path",
        topics=(SUCCESS, "noise", "schedules"),
        query="surface=ill_conditioned_bowl(condition=30)&run=asgd(lr=0.03,t0=200,lambd=0)"
        "&noise=2&steps=2000",
        sentence="Over {seeds} seeds the path itself hovers at a loss of {path:2} on average, at a "
        "rate that never falls; the mean of its places has a loss of {mean:2}.",
        figures=lambda race: {
            "seeds": SEEDS,
            "path": np.mean([one.last_loss(0) for one in race.at_seeds(SEEDS)]),
            "mean": np.mean([_averaged(one) for one in race.at_seeds(SEEDS)]),
        },
        holds=lambda f: f["mean"] < f["path"] / 20,
        source="Polyak & Juditsky 1992, Acceleration of stochastic approximation by averaging",
    )
)

GALLERY.add(
    Entry(
        name="langevin_samples",
        title="A path that samples instead of settling",
        topics=(SUCCESS, "noise", "minima"),
        query="surface=bowl(curvature=2)&run=sgld(lr=0.02,temperature=0.2)&steps=4000",
        sentence="Shaken at every step, Langevin dynamics never rests: over {seeds} seeds its x "
        "has a variance of {seen:2}, and temperature over curvature is {law:2}, as in a gas.",
        figures=lambda race: {
            "seeds": SEEDS,
            "seen": np.mean([np.mean(one.path(0)[0][200:] ** 2) for one in race.at_seeds(SEEDS)]),
            "law": race.knob(0, "temperature") / race.of_surface("curvature"),
        },
        holds=lambda f: abs(f["seen"] - f["law"]) < 0.1 * f["law"],
        source="Welling & Teh 2011, Bayesian learning via stochastic gradient Langevin dynamics",
    )
)

GALLERY.add(
    Entry(
        name="heavy_tails_clipped",
        title="Now and then an enormous gradient",
        topics=(SUCCESS, "noise", "cliffs"),
        query="surface=bowl&run=sgd(lr=0.1,noise=heavy_tailed(scale=0.5))"
        "&run=sgd(lr=0.1,noise=heavy_tailed(scale=0.5),clip_norm=1)&start=1,1&steps=500",
        sentence="Heavy-tailed noise throws gradient descent out to a loss of {thrown:2} on "
        "average over {seeds} seeds, from a start at {start}; with gradients clipped to length "
        "{clip} it is never above {clipped:2}.",
        figures=lambda race: {
            "seeds": SEEDS,
            "start": race.loss(0, 0),
            "clip": race.knob(1, "clip_norm"),
            "thrown": np.mean([one.highest(0) for one in race.at_seeds(SEEDS)]),
            "clipped": max(one.highest(1) for one in race.at_seeds(SEEDS)),
        },
        holds=lambda f: f["thrown"] > 2 * f["start"] and f["clipped"] < 1.5 * f["start"],
        source="Zhang et al. 2020, Why are adaptive methods good for attention models?",
    )
)

GALLERY.add(
    Entry(
        name="noise_grows_with_the_rate",
        title="Twice the rate, twice the noise",
        topics=(FAILURE, "noise", "rates"),
        query="surface=bowl&run=sgd(lr=0.05)&run=sgd(lr=0.1)&noise=1&steps=1000",
        sentence="Over {seeds} seeds the mean loss in the second half is {small:2} at a rate of "
        "{low} and {large:2} at {high}: {times:2} times as much.",
        figures=lambda race: {
            "seeds": SEEDS,
            "low": race.knob(0, "lr"),
            "high": race.knob(1, "lr"),
            "small": (small := np.mean([one.last_loss(0, 0.5) for one in race.at_seeds(SEEDS)])),
            "large": (large := np.mean([one.last_loss(1, 0.5) for one in race.at_seeds(SEEDS)])),
            "times": large / small,
        },
        holds=lambda f: f["high"] == 2 * f["low"] and 1.8 < f["times"] < 2.4,
        source="Mandt, Hoffman & Blei 2017, Stochastic gradient descent as approximate Bayesian "
        "inference",
        shows="loss",
    )
)

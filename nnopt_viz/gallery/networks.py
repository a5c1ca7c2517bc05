"""Pictures of networks: two weights on a map, trainings in the lab, experiments."""

import math

import numpy as np

from nnopt_viz.gallery.entry import FAILURE, GALLERY, SUCCESS, Entry
from nnopt_viz.gallery.measure import Training

GALLERY.add(
    Entry(
        name="two_weight_network",
        title="A whole network of two weights",
        topics=(SUCCESS, "networks", "minima", "initialization"),
        query="surface=one_hidden_neuron&run=sgd(lr=0.1)&start=random(n=64)&steps=3000",
        sentence="Turning the sign of both weights changes nothing, so there are two best "
        "networks: of {starts} random starts {left} end in one and {right} in the other.",
        figures=lambda race: {
            "starts": race.starts(),
            "left": sum(x < 0 for x, _ in race.ends(0)),
            "right": sum(x > 0 for x, _ in race.ends(0)),
            "worst": race.worst_end(0),
        },
        holds=lambda f: (
            f["left"] + f["right"] == f["starts"]
            and min(f["left"], f["right"]) > 15
            and f["worst"] < 1e-3
        ),
        source="Sussmann 1992, Uniqueness of the weights for minimal feedforward nets with a given "
        "input-output map",
    )
)

GALLERY.add(
    Entry(
        name="saddle_at_zero",
        title="Started at zero, a network stays there",
        topics=(FAILURE, "networks", "saddles", "initialization"),
        query="surface=linear_chain&run=sgd(lr=0.03)&run=adam(lr=0.05)&start=0,0&steps=300",
        sentence="With both weights at zero the slope is {slope}, on a saddle whose curvature is "
        "{low:2} one way and {high:2} the other: neither run moves, and the loss stays at "
        "{loss:3}, where the best is {best:2}.",
        figures=lambda race: {
            "slope": race.slope(0, 0),
            "low": race.flattest(0, 0),
            "high": race.steepest(0, 0),
            "moved": abs(race.x(0)) + abs(race.x(1)) + abs(race.y(0)) + abs(race.y(1)),
            "loss": race.loss(1),
            "best": race.minimum_loss(0),
        },
        holds=lambda f: (
            f["slope"] == 0
            and f["moved"] == 0
            and f["low"] < 0 < f["high"]
            and f["best"] < f["loss"]
        ),
        source="Baldi & Hornik 1989, Neural networks and principal component analysis; Saxe, "
        "McClelland & Ganguli 2014",
    )
)

GALLERY.add(
    Entry(
        name="symmetry_kept",
        title="Zero weights in a network of many",
        topics=(FAILURE, "networks", "initialization"),
        query='net=mlp(hidden="8,8")&data=moons(n=160)&init=zeros&run=sgd(lr=0.1)'
        "&run=adam(lr=0.02)&epochs=30",
        sentence="After {epochs} epochs gradient descent has a loss of {sgd:3} and Adam of "
        "{adam:3}, where guessing has {guess:3}: of {weights} weights and biases "
        "all but {moved} are still zero.",
        figures=lambda lab: {
            "epochs": lab.lab.epochs,
            "sgd": lab.loss(0),
            "adam": lab.loss(1),
            "guess": math.log(2),
            "weights": lab.lab.network.size,
            "moved": np.count_nonzero(lab.result.rows.theta[:, -1, 0].any(axis=0)),
        },
        holds=lambda f: min(f["sgd"], f["adam"]) > 0.99 * f["guess"] and 0 < f["moved"] <= 2,
        source="Rumelhart, Hinton & Williams 1986, Learning internal representations by error "
        "propagation",
        shows="loss",
    )
)


def _edge(lab: Training, run: int) -> dict[str, float]:
    values = [value for value in lab.curvature["value"][run] if value is not None]
    line = lab.curvature["line"][run][0]
    return {f"begun{run}": values[0], f"end{run}": np.mean(values[-4:]), f"line{run}": line}


GALLERY.add(
    Entry(
        name="edge_of_stability",
        title="The edge of stability",
        topics=(SUCCESS, "networks", "rates", "curvature"),
        query='net=mlp(hidden="16,16",activation=tanh)&data=sine(n=100)&init=xavier_normal'
        "&run=sgd(lr=0.1)&run=sgd(lr=0.07)&batch=2000&epochs=2000",
        sentence="Full-batch descent sharpens its valley from {begun0:2} until the largest "
        "curvature hovers at two over the rate: {end0:3} where the line is {line0} at a rate of "
        "{lr0}, {end1:3} where it is {line1} at {lr1}.",
        figures=lambda lab: {
            **_edge(lab, 0),
            **_edge(lab, 1),
            "lr0": lab.knob(0, "lr"),
            "lr1": lab.knob(1, "lr"),
        },
        holds=lambda f: (
            f["begun0"] < f["line0"] / 2
            and all(abs(f[f"end{run}"] / f[f"line{run}"] - 1) < 0.1 for run in (0, 1))
        ),
        source="Cohen, Kaur, Li, Kolter & Talwalkar 2021, Gradient descent on neural networks "
        "typically occurs at the edge of stability",
        shows="sharpness",
    )
)

GALLERY.add(
    Entry(
        name="learnt_by_heart",
        title="Learnt by heart",
        topics=(FAILURE, "networks"),
        query='net=mlp(hidden="32,32")&data=moons(n=100,noise=0.6,test=0.5)&run=adam(lr=0.01)'
        "&epochs=150&seeds=6",
        sentence="Few and noisy examples, and far more weights than examples: from {seeds} starts "
        "the network gets {train:%} of its own {own} right on average, and {test:%} of as many new "
        "ones.",
        figures=lambda lab: {
            "seeds": lab.lab.seeds,
            "own": len(lab.lab.samples.x_train),
            "weights": lab.lab.network.size,
            "train": np.mean([lab.accuracy(0, seed=seed) for seed in range(lab.lab.seeds)]),
            "test": np.mean([lab.test_accuracy(0, seed=seed) for seed in range(lab.lab.seeds)]),
        },
        holds=lambda f: (
            f["train"] > f["test"] + 0.1 and f["train"] > 0.85 and f["weights"] > 10 * f["own"]
        ),
        source="Zhang, Bengio, Hardt, Recht & Vinyals 2017, Understanding deep learning requires "
        "rethinking generalization",
        shows="loss",
    )
)

GALLERY.add(
    Entry(
        name="width_helps",
        title="Two units can, thirty-two do",
        topics=(SUCCESS, "networks", "initialization", "minima"),
        query='study=width(widths="1,2,32",seeds=24,steps=300)',
        sentence="Of {starts} starts each, training solves xor with two units from {two:%} of "
        "them, with thirty-two from {many:%}, and with one from {one:%}.",
        figures=lambda found: {
            "starts": found.knob("seeds"),
            "one": found.number("good:1"),
            "two": found.number("good:2"),
            "many": found.number("good:32"),
        },
        holds=lambda f: f["one"] < 0.1 < f["two"] < 0.9 < f["many"],
        source="Rumelhart, Hinton & Williams 1986, Learning internal representations by error "
        "propagation; Livni, Shalev-Shwartz & Shamir 2014, On the computational efficiency of "
        "training neural networks",
        shows="good",
    )
)

GALLERY.add(
    Entry(
        name="batchnorm_rates",
        title="Batch normalization widens the choice of rates",
        topics=(SUCCESS, "networks", "rates"),
        query='study=batchnorm(hidden="12,12,12,12",activation=relu,rates=6,steps=80,seeds=3,'
        "data=moons(n=100))",
        sentence="Over {seeds} repetitions the range of the rates tried that train the network is "
        "{times:2} times as wide with batch normalization as without.",
        figures=lambda found: {"seeds": found.knob("seeds"), "times": found.number("wider")},
        holds=lambda f: f["times"] > 2,
        source="Ioffe & Szegedy 2015, Batch normalization; Bjorck et al. 2018, Understanding batch "
        "normalization",
        shows="sweep",
    )
)

GALLERY.add(
    Entry(
        name="he_against_xavier",
        title="He's factor of two",
        topics=(SUCCESS, "networks", "initialization"),
        query="study=initialization(seeds=3,steps=20,width=16)",
        sentence="Through {depth} layers of relu the spread of a signal keeps {he:2} of itself "
        "with He's initialization, {xavier:2} with Xavier's, made for other units.",
        figures=lambda found: {
            "depth": found.knob("depth"),
            "he": found.number("kept:he_normal"),
            "xavier": found.number("kept:xavier_normal"),
        },
        holds=lambda f: f["xavier"] < f["he"] / 3 and 0.25 < f["he"] < 4,
        source="He, Zhang, Ren & Sun 2015, Delving deep into rectifiers",
        shows="spread",
    )
)

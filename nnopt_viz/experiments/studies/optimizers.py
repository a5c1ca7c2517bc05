"""Several optimizers on one network, each tried at the same learning rates."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np

from nnopt_viz.compose.calls import run
from nnopt_viz.declare.knobs import Call, Knob
from nnopt_viz.experiments.studies.estimates import (
    Array,
    exact,
    group,
    listed,
    loss_range,
    median,
    paired,
    ratio,
    series,
    usable,
)
from nnopt_viz.experiments.studies.lanes import Lanes, cost, descend, grid, network_for, too_much
from nnopt_viz.experiments.studies.sheets import sheet
from nnopt_viz.experiments.study import (
    SEED,
    STUDIES,
    Chart,
    Estimate,
    Finding,
    IntervalClaim,
    Study,
    activation_knob,
    data_knob,
    seeds,
)
from nnopt_viz.judge.training import network_problem
from nnopt_viz.networks import INITS, dataset, start_weights, value
from nnopt_viz.networks.directions import Plane
from nnopt_viz.optimizers import TRAINERS

if TYPE_CHECKING:
    from nnopt_viz.experiments.study import Findings
    from nnopt_viz.networks import Data, Network

MOST = 8
CELLS = 41
ROWS = 50


def _names(call: Call) -> list[str]:
    return [name.strip() for name in str(call["optimizers"]).split(",") if name.strip()]


def _rates(call: Call) -> Array:
    return grid(call.number("slowest"), call.number("fastest"), int(call.number("rates")))


def _run(call: Call) -> Findings:
    first, repeats = int(call.number("seed")), int(call.number("seeds"))
    data = dataset(call["data"], first)
    network, rates, names = network_for(call, data), _rates(call), _names(call)
    chosen, steps = list(range(first, first + repeats)), int(call.number("steps"))
    start = start_weights(INITS.call("he_normal"), network, chosen)
    made = Tuned(call, network, data, rates)
    for at, name in enumerate(names):
        lanes = Lanes(
            network=network, theta=np.tile(start, (len(rates), 1)), x=data.x_train, y=data.y_train,
            seed=np.tile(chosen, len(rates)), rates=np.repeat(rates, repeats),
            batch=int(call.number("batch")), steps=steps,
        )  # fmt: skip
        kept: list[Array] = []
        for row in descend(lanes, run(name), max(1, steps // ROWS)):
            if row is None:
                yield None
                continue
            t, theta = row
            kept.append(theta.reshape(len(rates), repeats, -1))
            if t == steps // 2 // max(1, steps // ROWS) * max(1, steps // ROWS) and at:
                yield made.finding((at + 0.5) / len(names) * 0.97)
        made.add(name, np.stack(kept, axis=2))
        yield made.finding((at + 1) / len(names) * 0.97)
    yield made.finding(1.0)


def _logarithm(losses: Array) -> Array:
    return np.asarray(np.log10(np.maximum(usable(losses), 1e-300)))


def _level(losses: Array) -> Array:
    """How good each rate is, from losses (rates, seeds): the mean of log10, as a median would not
    see that a third of the seeds is lost."""
    return np.asarray(_logarithm(losses).mean(axis=1))


def _spread(values: Array) -> Array:
    """CELLS coordinates over the values, and some room beside them."""
    low, high = values.min(), values.max()
    room = 0.15 * (high - low) + 1e-9
    return np.linspace(low - room, high + room, CELLS)


class Tuned:
    """What is known so far, by optimizer: final losses (rates, seeds), and one path at its best."""

    def __init__(self, call: Call, network: Network, data: Data, rates: Array) -> None:
        self.call, self.network, self.data, self.rates = call, network, data, rates
        self.train: dict[str, Array] = {}
        self.test: dict[str, Array] = {}
        self.curves: dict[str, Array] = {}  # at the best rate, (seeds, rows)
        self.paths: dict[str, Array] = {}  # of the first seed at the best rate, (rows, P)
        self.best: dict[str, int] = {}

    def add(self, name: str, theta: Array) -> None:
        """Take in all trainings of one optimizer: (rates, seeds, rows, P)."""
        ends = np.ascontiguousarray(theta[:, :, -1].reshape(-1, self.network.size))
        shape = theta.shape[:2]
        data = self.data
        self.train[name] = value(self.network, ends, data.x_train, data.y_train).reshape(shape)
        self.test[name] = value(self.network, ends, data.x_test, data.y_test).reshape(shape)
        at = int(np.argmin(_level(self.train[name])))
        own = theta[at]
        flat = np.ascontiguousarray(own.reshape(-1, self.network.size))
        made = value(self.network, flat, data.x_train, data.y_train)
        self.best[name], self.curves[name] = at, made.reshape(own.shape[:2])
        self.paths[name] = own[0]

    def same(self) -> int:
        """The one rate that suits all best: least sum of ranks."""
        ranks = [np.argsort(np.argsort(_level(v))) for v in self.train.values()]
        return int(np.argmin(np.sum(ranks, axis=0)))

    def charts(self) -> tuple[Chart, ...]:
        colours = {name: i for i, name in enumerate(self.train)}
        same = self.same()
        every = np.stack(list(self.curves.values()))
        top = loss_range(every)
        steps = np.linspace(0, self.call.number("steps"), every.shape[2])
        return (
            Chart(
                key="sweep", title="Final training loss by learning rate", kind="lines",
                x="learning rate", y="loss", log="xy",
                data={"series": [series(n, colours[n], self.rates, v, axis=1)
                                 for n, v in self.train.items()], "range": top},
                note=f"The same {len(self.rates)} rates for each. Band: 10th to 90th percentile.",
            ),
            Chart(
                key="best", title="Each at its best rate", kind="strip", x="",
                y="final training loss", log="y",
                data={"groups": [group(f"{n} {self.rates[self.best[n]]:.2g}", colours[n],
                                       v[self.best[n]]) for n, v in self.train.items()],
                      "range": top},
                note="A dot a seed; the bar is the median with its 95 % interval.",
            ),
            Chart(
                key="same", title=f"All at the same rate, {self.rates[same]:.2g}", kind="strip",
                x="", y="final training loss", log="y",
                data={"groups": [group(n, colours[n], v[same]) for n, v in self.train.items()],
                      "range": top},
                note="The grid's rate that suits all of them best.",
            ),
            Chart(
                key="curves", title="Training loss at the best rate", kind="lines", x="step",
                y="loss", log="y",
                data={"series": [series(n, colours[n], steps, v) for n, v in self.curves.items()],
                      "range": top},
                note="Line: median over seeds. Band: 10th to 90th percentile.",
            ),
            self.plane(colours),
        )  # fmt: skip

    def train_loss(self, theta: Array) -> Array:
        """On all training data, of parameters (L, P)."""
        return value(self.network, theta, self.data.x_train, self.data.y_train)

    def plane(self, colours: dict[str, int]) -> Chart:
        """The paths of the first seed on the plane of all of them together."""
        paths = {n: p[np.abs(p).max(axis=1) < 1e4] for n, p in self.paths.items()}
        centre = next(iter(paths.values()))[0]
        every = np.concatenate(list(paths.values()))
        # By singular values, not by the lab's Gram matrix, which is for longer paths: the signs
        # of the directions, and so which way the picture lies, are those of this way.
        _, _, right = np.linalg.svd(every - centre, full_matrices=False)
        plane = Plane(centre, right[0], right[1])
        seen = {n: plane.coordinates(p)[:2] for n, p in paths.items()}
        x, y = (_spread(np.concatenate([s[i] for s in seen.values()])) for i in (0, 1))
        held = float(np.nan_to_num(plane.share(every), nan=1.0))
        drawn = [
            {"name": n, "colour": colours[n], "x": listed(s[0]), "y": listed(s[1])}
            for n, s in seen.items()
        ]
        panel = {
            "title": f"seed {int(self.call.number('seed'))}, each at its best rate",
            **sheet(plane, self.train_loss, x, y), "paths": drawn,
        }  # fmt: skip
        return Chart(
            key="plane", title="On one plane", kind="surface", x="first main direction", y="second",
            log="z",
            data={"panels": [panel]},
            note=f"The plane of all paths together; {100 * held:.0f} % of their distance from the "
            "start lies in it. Colours by the logarithm of the training loss.",
        )  # fmt: skip

    def numbers(self) -> tuple[Estimate, ...]:
        made: list[Estimate] = []
        names, same = list(self.train), self.same()
        for n in names:
            at = self.best[n]
            made.append(exact(f"rate:{n}", f"{n}: best of the rates", self.rates[at]))
            made.append(median(f"best:{n}", f"{n}: final training loss there", self.train[n][at]))
            made.append(median(f"test:{n}", f"{n}: final test loss there", self.test[n][at]))
            made.append(median(
                f"same:{n}", f"{n}: final training loss at {self.rates[same]:.2g}",
                self.train[n][same],
            ))  # fmt: skip
        made += [
            ratio(
                f"{n}:same/best", f"{n}: final loss at {self.rates[same]:.2g} over that at its "
                "best, seed by seed", self.train[n][same], self.train[n][self.best[n]],
            )
            for n in names
        ]  # fmt: skip
        for first, n in combinations(names, 2):
            made.append(exact(
                f"rates:{first}/{n}", f"best rate of {first} over that of {n}",
                self.rates[self.best[first]] / self.rates[self.best[n]],
            ))  # fmt: skip
            made.append(paired(
                f"{first}-{n}", f"log10 final loss of {first} minus {n}, both at their best, "
                "seed by seed", self.logarithm(first), self.logarithm(n),
            ))  # fmt: skip
        return tuple(made)

    def logarithm(self, name: str) -> Array:
        """log10 of the final losses at the best rate."""
        return _logarithm(self.train[name][self.best[name]])

    def table(self) -> dict[str, list[Any]]:
        first, (rates, repeats) = (
            int(self.call.number("seed")),
            next(iter(self.train.values())).shape,
        )
        each = [(r, s) for r in range(rates) for s in range(repeats)]
        return {
            "optimizer": [n for n in self.train for _ in each],
            "lr": [float(self.rates[r]) for _ in self.train for r, _ in each],
            "seed": [first + s for _ in self.train for _, s in each],
            "loss": [v for one in self.train.values() for v in one.ravel().tolist()],
            "test_loss": [v for one in self.test.values() for v in one.ravel().tolist()],
        }

    def finding(self, done: float) -> Finding:
        return Finding(done, self.charts(), self.numbers(), self.table())


def _problem(call: Call) -> tuple[str, str] | None:
    names = _names(call)
    unknown = [name for name in names if name not in TRAINERS]
    if unknown or not 1 <= len(names) <= MOST or len(set(names)) < len(names):
        near = f"; {unknown[0][:40]!r} is none" if unknown else ""
        return "optimizers", f"optimizers is 1 to {MOST} different names with commas{near}"
    for name in names:
        why = network_problem(run(name))
        if why:
            return "optimizers", why
    if call.number("slowest") >= call.number("fastest"):
        return "slowest", "slowest is below fastest"
    try:
        network_for(call, dataset(call["data"], 0))
    except ValueError as fault:
        return "hidden", str(fault)
    if not len(dataset(call["data"], 0).x_test):
        return "data", "This experiment needs test data: test above 0"
    lanes = int(call.number("seeds") * call.number("rates"))
    return too_much(network_for(call, dataset(call["data"], 0)), lanes, 2 * ROWS)


def _seconds(call: Call) -> float:
    data = dataset(call["data"], int(call.number("seed")))
    network, names = network_for(call, data), _names(call)
    lanes = int(call.number("seeds") * call.number("rates"))
    batch = int(min(call.number("batch"), len(data.x_train)))
    return len(names) * cost(network, lanes, batch, 1.5 * call.number("steps"))


STUDIES.add(
    Study(
        name="optimizers",
        title="Which optimizer is better, fairly?",
        family="optimizers",
        knobs=(
            Knob("optimizers", "sgd,momentum,rmsprop,adam,muon", f"up to {MOST} names, with commas",
                 kind="text"),
            Knob("hidden", "16,16", "units of each hidden layer, with commas", kind="text"),
            activation_knob("tanh"),
            data_knob("spirals", n=300),
            Knob("rates", 9, "learning rates tried for each", 2, 33, "integer", soft=(3, 17)),
            Knob("slowest", 1e-3, "the smallest of them", 1e-9, 1e3, log=True),
            Knob("fastest", 10.0, "the largest of them", 1e-9, 1e3, log=True),
            Knob("batch", 32, "samples a step", 1, 2000, "integer", soft=(1, 256), log=True),
            Knob("steps", 400, "how many", 10, 20_000, "integer", soft=(10, 2000), log=True),
            seeds(8),
            SEED,
        ),
        doc="Each optimizer at the same learning rates, each rate from the same starts: best "
        "against best, and all at one rate.",
        source="Choi, Shallue, Nado, Lee, Maddison & Dahl 2019, On empirical comparisons of "
        "optimizers for deep learning; Schmidt, Schneider & Hennig 2021, Descending through a "
        "crowded valley",
        same="Network, data, start weights, batches, number of steps and the grid of rates are the "
        "same for every optimizer; other knobs stay at their defaults. Best is the rate with the "
        "least mean of log10 final loss.",
        lesson=(
            ("Who compares two optimizers at one learning rate compares how well that rate suits "
            "them. Look at both strips: at the same rate the order may turn round."),
            ("One run proves nothing: a dot is a seed, and two methods differ where their "
            "intervals are apart. The paired difference, seed by seed, is the sharper test."),
            ("Best rates lie close to where training breaks down. There the last digit of a start "
            "can decide whether a seed gets through, and momentum and Adam change places."),
            ("Also look at how wide the valley over the rates is. A method that is good at many "
            "rates is worth more in practice than one that wins at a single one."),
        ),
        claims=(
            IntervalClaim(
                "At their best rates Adam ends below plain gradient descent: the interval of the "
                "paired difference lies above 0.",
                "sgd-adam", 0.0, 1e30,
            ),
            IntervalClaim(
                "Against the folklore: momentum at its best rate and Adam at its best end within "
                "a factor of ten of each other.",
                "momentum-adam", -1.0, 1.0,
            ),
            IntervalClaim(
                "Adam's best rate is at least three times smaller than plain descent's.",
                "rates:sgd/adam", 3.0, 1e9,
            ),
            IntervalClaim(
                "At the one rate that suits all of them best, plain descent ends more than ten "
                "times above its own best.",
                "sgd:same/best", 10.0, 1e9,
            ),
        ),
        run=_run,
        seconds=_seconds,
        problem=_problem,
    )
)  # fmt: skip

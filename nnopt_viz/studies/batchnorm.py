"""The same network with and without batch normalization."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from nnopt_viz.knobs import Call, Knob
from nnopt_viz.networks import (
    INITS,
    dataset,
    start_weights,
    statistics,
)
from nnopt_viz.slices import RANDOM, filter_normalized
from nnopt_viz.studies.estimates import (
    Array,
    exact,
    listed,
    loss_range,
    median,
    paired,
    ratio,
    series,
    usable,
)
from nnopt_viz.studies.lanes import (
    Lanes,
    batches,
    cost,
    descend,
    grid,
    losses,
    network_for,
    rows,
    too_much,
)
from nnopt_viz.studies.probing import PROBES, probe
from nnopt_viz.studies.study import (
    SEED,
    STUDIES,
    Chart,
    Claim,
    Finding,
    Number,
    Study,
    activation_knob,
    data_knob,
    method,
    seeds,
)

if TYPE_CHECKING:
    from collections.abc import Generator

    from nnopt_viz.networks import Data, Network
    from nnopt_viz.studies.study import Findings

SIDES = ("without", "with")
CELLS, REACH = 31, 1.0  # of the surfaces: points a side, and how far in filter-normalized units
ROWS = 40
PASSES = 0.6  # of the start's loss: a rate trains when the median over seeds ends below
SIZES = (4, 8, 16, 32, 64, 128)


def _networks(call: Call, data: Data) -> tuple[Network, Network]:
    return network_for(call, data), network_for(call, data, batchnorm=True)


def _run(call: Call) -> Findings:
    made = Compared(call)
    for side in (0, 1):
        for share in made.sweep(side):
            yield None if share is None else made.finding(0.02 + 0.2 * (side + share))
    for side in (0, 1):
        yield from made.follow(side)
        yield made.finding(0.45 + 0.08 * side)
        made.surface(side)
        yield made.finding(0.49 + 0.08 * side)
    for at, size in enumerate(made.sizes):
        for side in (0, 1):
            yield from made.at_size(side, size)
            yield made.finding(0.6 + 0.39 * (at + (side + 1) / 2) / len(made.sizes))
    yield made.finding(1.0)


class Compared:
    """What is known so far, by side (0 without, 1 with)."""

    def __init__(self, call: Call) -> None:
        self.call, self.first = call, int(call.number("seed"))
        self.repeats, self.steps = int(call.number("seeds")), int(call.number("steps"))
        self.batch = int(call.number("batch"))
        self.data = dataset(call["data"], self.first)
        self.networks = _networks(call, self.data)
        self.seeds = list(range(self.first, self.first + self.repeats))
        init: Any = call["init"]
        self.starts = [start_weights(init, network, self.seeds) for network in self.networks]
        self.rates = grid(call.number("slowest"), call.number("fastest"), int(call.number("rates")))
        self.sizes = [s for s in SIZES if s <= len(self.data.x_train)]
        self.swept: dict[int, Array] = {}  # final losses (rates, seeds)
        self.ends: dict[int, Array] = {}  # at the shared rate, (seeds, P)
        self.curves: dict[int, Array] = {}  # (seeds, rows)
        self.probed: dict[int, dict[str, Array]] = {}
        self.panels: dict[int, dict[str, Any]] = {}
        self.sized: dict[tuple[int, int], Array] = {}

    def lanes(self, side: int, rates: Array, batch: int) -> Lanes:
        """All seeds at each of these rates."""
        return Lanes(
            self.networks[side], np.tile(self.starts[side], (len(rates), 1)), self.data.x_train,
            self.data.y_train, np.tile(self.seeds, len(rates)), np.repeat(rates, self.repeats),
            batch, self.steps,
        )  # fmt: skip

    def train_loss(self, side: int, theta: Array) -> Array:
        """On all training data; batch normalization by their own statistics."""
        return losses(self.networks[side], theta, self.data.x_train, self.data.y_train)

    def test_loss(self, side: int, theta: Array) -> Array:
        """On the test data; batch normalization by the statistics of the training data."""
        network, data = self.networks[side], self.data
        made = np.empty(len(theta))
        for i in range(len(theta)):
            fixed = statistics(network, theta[i : i + 1], data.x_train)
            made[i] = losses(network, theta[i : i + 1], data.x_test, data.y_test, fixed)[0]
        return made

    def sweep(self, side: int) -> Generator[float | None, None, None]:
        """Train at every rate; yields the share done, and None between."""
        lanes = self.lanes(side, self.rates, self.batch)
        for row in descend(lanes, self.call["run"], max(1, self.steps // 5)):  # type: ignore[arg-type]
            if row is None:
                yield None
            elif row[0]:
                t, theta = row
                made = self.train_loss(side, theta)
                self.swept[side] = made.reshape(len(self.rates), self.repeats)
                yield t / self.steps

    def best(self, side: int) -> float:
        """The rate of the grid with the least median loss."""
        return float(self.rates[np.argmin(np.median(usable(self.swept[side]), axis=1))])

    def shared(self) -> float:
        """The rate of everything that is compared beside the sweep: the best without."""
        return self.best(0)

    def passing(self, side: int) -> Array:
        """Which rates train."""
        start = np.median(self.train_loss(side, self.starts[side]))
        return np.asarray(np.median(usable(self.swept[side]), axis=1) < PASSES * start)

    def follow(self, side: int) -> Generator[None, None, None]:
        """Train at the shared rate once more, probing the landscape along the gradients."""
        lanes = self.lanes(side, np.array([self.shared()]), self.batch)
        every = max(1, self.steps // ROWS)
        network, losses_at = self.networks[side], []
        orders = batches(len(self.data.x_train), self.batch, self.seeds)
        found: dict[str, list[Array]] = {"loss": [], "gradient": [], "smoothness": []}
        self.at: list[int] = []
        for row in descend(lanes, self.call["run"], every):  # type: ignore[arg-type]
            yield None
            if row is None:
                continue
            t, theta = row
            losses_at.append(self.train_loss(side, theta))
            self.at.append(t)
            chosen = next(orders)
            x, y = self.data.x_train, self.data.y_train
            own = (x, y) if chosen is None else (x[chosen], y[chosen])
            for name, values in probe(network, theta, *own, self.shared()).items():
                found[name].append(values)
        self.ends[side] = theta
        self.curves[side] = np.stack(losses_at, axis=1)
        self.probed[side] = {name: np.stack(values, axis=1) for name, values in found.items()}

    def surface(self, side: int) -> None:
        """The loss around the first seed's end, on directions from one and the same draw."""
        centre, network = self.ends[side][0], self.networks[side]
        rng = np.random.default_rng([self.first, RANDOM])
        first, second = (filter_normalized(network, centre, rng) for _ in range(2))
        line = np.linspace(-REACH, REACH, CELLS)
        x, y = (g.ravel() for g in np.meshgrid(line, line))
        points = centre + np.multiply.outer(x, first) + np.multiply.outer(y, second)
        z = self.train_loss(side, points).reshape(CELLS, CELLS)
        self.panels[side] = {
            "title": f"{SIDES[side]}, trained at {self.shared():.2g}", "x": listed(line),
            "y": listed(line), "z": listed(z),
            "paths": [{"name": "end", "colour": side, "x": [0.0], "y": [0.0]}],
        }  # fmt: skip

    def at_size(self, side: int, size: int) -> Generator[None, None, None]:
        """Train with another batch size, at the shared rate."""
        lanes = self.lanes(side, np.array([self.shared()]), size)
        *_, (_, theta) = yield from rows(lanes, self.call["run"], self.steps)  # type: ignore[arg-type]
        self.sized[side, size] = self.test_loss(side, theta)

    def charts(self) -> tuple[Chart, ...]:
        swept = np.concatenate([v.ravel() for v in self.swept.values()])
        start = float(np.median(self.train_loss(0, self.starts[0])))
        made = [
            Chart(
                "sweep", "Final training loss by learning rate", "lines", "learning rate", "loss",
                "xy",
                {"series": [series(SIDES[s], s, self.rates, v, axis=1)
                            for s, v in self.swept.items()],
                 "range": [max(1e-6, float(np.nanmin(swept)) / 2), 4 * start]},
                "Batch normalization: with or without. Band: 10th to 90th percentile of seeds.",
            )
        ]  # fmt: skip
        if self.curves:
            every = np.concatenate(list(self.curves.values()))
            made.append(Chart(
                "curves", "Training loss at the same rate", "lines", "step", "loss", "y",
                {"series": [series(SIDES[s], s, self.at, v) for s, v in self.curves.items()],
                 "range": loss_range(every)},
                f"Both at {self.shared():.2g}, the best rate without. Band: 10 to 90 %.",
            ))  # fmt: skip
            titles = {
                "loss": ("How far the loss varies along the gradient", "range of the loss"),
                "gradient": ("How far the gradient turns along itself", "largest change"),
                "smoothness": ("Effective smoothness", "change of the gradient / distance"),
            }
            for name, (title, axis) in titles.items():
                made.append(Chart(
                    name, title, "lines", "step", axis, "y",
                    {"series": [series(SIDES[s], s, self.at, v[name])
                                for s, v in self.probed.items()]},
                    f"Probed at {', '.join(f'{p:g}' for p in PROBES)} times the step.",
                ))  # fmt: skip
        if self.panels:
            made.append(Chart(
                "surfaces", "Around the end, on one scale", "surface", "first direction",
                "second direction", "z", {"panels": list(self.panels.values())},
                "The same random draw for both, each direction scaled filter by filter (Li et al. "
                "2018). Colours by the logarithm of the training loss.",
            ))  # fmt: skip
        if self.sized:
            made.append(Chart(
                "sizes", "Final test loss by batch size", "lines", "samples a step", "test loss",
                "xy", {"series": [self._by_size(s) for s in (0, 1) if (s, self.sizes[0])
                                  in self.sized]},
                f"The same number of steps, all at {self.shared():.2g}.",
            ))  # fmt: skip
        return tuple(made)

    def _by_size(self, side: int) -> dict[str, Any]:
        sizes = [s for s in self.sizes if (side, s) in self.sized]
        values = np.stack([self.sized[side, s] for s in sizes])
        return series(SIDES[side], side, sizes, values, axis=1)

    def numbers(self) -> tuple[Number, ...]:
        made: list[Number] = []
        for side, name in enumerate(SIDES):
            if side in self.swept:
                good = self.rates[self.passing(side)]
                width = float(good.max() / good.min()) if good.size else 1.0
                made.append(
                    exact(f"range:{name}", f"{name}: largest usable rate over smallest", width)
                )
                made.append(
                    exact(
                        f"largest:{name}",
                        f"{name}: largest usable rate",
                        float(good.max()) if good.size else 0.0,
                    )
                )
                made.append(exact(f"best:{name}", f"{name}: best rate", self.best(side)))
            if side in self.probed:
                made.append(
                    median(
                        f"final:{name}",
                        f"{name}: final training loss at the shared rate",
                        self.curves[side][:, -1],
                    )
                )
                made.append(
                    median(
                        f"smooth:{name}",
                        f"{name}: effective smoothness, median over the path",
                        np.median(self.probed[side]["smoothness"], axis=1),
                    )
                )
        if len(self.swept) == 2:
            first, second = (self.rates[self.passing(s)] for s in (0, 1))
            if first.size and second.size:
                made.append(
                    exact(
                        "reach",
                        "largest usable rate with, over without",
                        float(second.max() / first.max()),
                    )
                )
                widths = [float(good.max() / good.min()) for good in (first, second)]
                made.append(
                    exact("wider", "usable range with, over without", widths[1] / widths[0])
                )
        if len(self.probed) == 2:
            probes = [self.probed[s] for s in (0, 1)]
            made.append(ratio(
                "smoother", "effective smoothness without, over with, seed by seed (above 1: "
                "smoother with)", *(np.median(p["smoothness"], axis=1) for p in probes),
            ))  # fmt: skip
            made.append(paired(
                "gain", "final training loss with minus without, at the shared rate, seed by "
                "seed", self.curves[1][:, -1], self.curves[0][:, -1],
            ))  # fmt: skip
        pairs = [s for s in self.sizes if (0, s) in self.sized and (1, s) in self.sized]
        made += [
            paired(f"batch:{size}", f"test loss with minus without, at {size} samples a step",
                   self.sized[1, size], self.sized[0, size])
            for size in pairs
        ]  # fmt: skip
        return tuple(made)

    def table(self) -> dict[str, list[Any]]:
        made: list[tuple[Any, ...]] = []
        for side, values in self.swept.items():
            made += [
                ("sweep", SIDES[side], float(rate), self.batch, seed, float(loss))
                for rate, each in zip(self.rates, values, strict=True)
                for seed, loss in zip(self.seeds, each, strict=True)
            ]
        for (side, size), values in self.sized.items():
            made += [
                ("batch", SIDES[side], self.shared(), size, seed, float(loss))
                for seed, loss in zip(self.seeds, values, strict=True)
            ]
        names = ("part", "batchnorm", "lr", "batch", "seed", "loss")
        return {name: [row[i] for row in made] for i, name in enumerate(names)}

    def finding(self, done: float) -> Finding:
        return Finding(min(done, 1.0), self.charts(), self.numbers(), self.table())


def _problem(call: Call) -> tuple[str, str] | None:
    data = dataset(call["data"], 0)
    try:
        plain, _ = _networks(call, data)
    except ValueError as fault:
        return "hidden", str(fault)
    if not plain.hidden:
        return "hidden", "Without a hidden layer there is nothing to normalize"
    if call.number("slowest") >= call.number("fastest"):
        return "slowest", "slowest is below fastest"
    if not len(data.x_test):
        return "data", "This experiment needs test data: test above 0"
    if len(data.x_train) < SIZES[0]:
        return "data", f"This experiment needs {SIZES[0]} training samples or more"
    return too_much(plain, int(call.number("seeds") * call.number("rates")), 1)


def _seconds(call: Call) -> float:
    data = dataset(call["data"], int(call.number("seed")))
    plain, _ = _networks(call, data)
    repeats, steps = int(call.number("seeds")), call.number("steps")
    batch = int(min(call.number("batch"), len(data.x_train)))
    took = 3 * cost(plain, int(repeats * call.number("rates")), batch, steps)
    took += sum(3 * cost(plain, repeats, s, steps) for s in SIZES if s <= len(data.x_train))
    return took + 3 * cost(plain, CELLS**2, len(data.x_train), 1)


STUDIES.add(
    Study(
        name="batchnorm",
        title="What does batch normalization do to the surface?",
        family="batch normalization",
        knobs=(
            Knob("hidden", "16,16,16,16,16,16", "units of each hidden layer, with commas",
                 kind="text"),
            activation_knob("tanh"),
            data_knob("spirals", n=240),
            Knob("init", INITS.call("xavier_normal"), "start weights of both", kind="call",
                 registry="initializers"),
            method("sgd"),
            Knob("rates", 10, "learning rates tried for each", 3, 33, "integer", soft=(3, 17)),
            Knob("slowest", 0.01, "the smallest of them", 1e-9, 1e6, log=True),
            Knob("fastest", 100.0, "the largest of them", 1e-9, 1e6, log=True),
            Knob("batch", 32, "samples a step", 2, 2000, "integer", soft=(2, 256), log=True),
            Knob("steps", 300, "how many", 10, 20_000, "integer", soft=(10, 2000), log=True),
            seeds(12),
            SEED,
        ),
        doc="The same network with and without batch normalization: which learning rates train "
        "it, how even the surface is along the way and around the end, and what the batch size "
        "does.",
        source="Ioffe & Szegedy 2015, Batch normalization; Santurkar, Tsipras, Ilyas & Madry 2018, "
        "How does batch normalization help optimization?",
        same="Architecture, data, batches, start weights of the linear maps, grid of rates, number "
        "of steps and the random directions of the surfaces are the same; a layer before a "
        "normalization has no bias, because the shift after it does the same.",
        lesson=(
            ("Look at the sweep first. With batch normalization the loss hardly depends on how "
            "long the weights are, so far larger learning rates still train."),
            ("The three curves along the path ask how far the gradient can be trusted: how much "
            "the loss varies when one walks along it, how far the gradient has turned by then, and "
            "how fast it turns for each unit of distance."),
            ("The height of a normalized network uses the statistics of the whole training set, "
            "computed anew at every point. The directions are one draw for both, but scaled by "
            "each network's own weights: a wider bowl can also mean longer weights."),
            ("A small batch makes the statistics noisy. See at which batch size the advantage is "
            "lost."),
        ),
        claims=(
            Claim("The range of usable learning rates is at least three times as wide with batch "
                  "normalization.", "wider", 3.0, 1e9),
            Claim("With relu it is at least ten times as wide.", "wider", 10.0, 1e9,
                  (("activation", "relu"),)),
            Claim("Against the folklore: with tanh the gradient does not turn more slowly with it "
                  "along this path; effective smoothness without, over with, stays below 1.",
                  "smoother", 0.0, 1.0),
            Claim("With batches of 128 the test loss is lower with batch normalization.",
                  "batch:128", -1e30, 0.0),
            Claim("With batches of four it is higher.", "batch:4", 0.0, 1e30),
        ),
        run=_run,
        seconds=_seconds,
        problem=_problem,
    )
)  # fmt: skip

"""What the experiment on initialization measures: each start, and what training makes of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from nnopt_viz.experiments.studies import chosen
from nnopt_viz.experiments.studies.drawn import Drawn, drawn
from nnopt_viz.experiments.studies.estimates import (
    Array,
    counted,
    group,
    loss_range,
    median,
    ratio,
    series,
    share,
    worst,
)
from nnopt_viz.experiments.studies.lanes import Lanes, at_every, network_for
from nnopt_viz.experiments.study import Chart, Estimate, Finding
from nnopt_viz.networks import INITS, layer_report
from nnopt_viz.networks.activations import ACTIVATIONS

if TYPE_CHECKING:
    from collections.abc import Generator

    from nnopt_viz.declare.knobs import Call
    from nnopt_viz.networks import Data, Network

# What is compared: initializers for deep networks, one that is far too large, and two without
# any difference between the units of a layer.
COMPARED = ("he_normal", "xavier_normal", "orthogonal", "normal", "zeros", "constant")
HE = "he_normal"  # what others are compared with
FACTORS = (0.25, 1.0, 4.0, 16.0)  # of the knob lr: the grid from which each takes its best
ONE = 1  # the factor 1 among them
ALIKE = 1e-9  # units whose weights differ by less are copies


def compared(activation: str) -> list[Call]:
    """The initializers, with what they need to know of the activation."""
    own = {
        "orthogonal": {"gain": gain_of(activation)},
        "normal": {"std": 1.0},
        "constant": {"value": 0.1},
    }
    return [INITS.call(name, **own.get(name, {})) for name in COMPARED]


def gain_of(activation: str) -> float:
    """The factor with which a layer of orthogonal weights keeps the size of a normal signal:
    1/sqrt(mean of f(z)^2) for z of the standard normal distribution; sqrt(2) for relu."""
    z = np.linspace(-10, 10, 20_001)
    density = np.exp(-(z**2) / 2)
    given = ACTIVATIONS[activation].value(z.copy(), np.empty_like(z))
    return float(1 / np.sqrt((density * given**2).sum() / density.sum()))


def _diverged(theta: Array) -> NDArray[np.bool_]:
    """Which of parameters (…, P) are not all numbers."""
    return np.asarray(~np.isfinite(theta).all(axis=-1))


def network_in(call: Call, data: Data) -> Network:
    """The network that the knobs mean."""
    hidden = ",".join([str(int(call.number("width")))] * int(call.number("depth")))
    return network_for(call, data, hidden)


class Started:
    """What is known so far; arrays are (initializers, rates, repetitions, …)."""

    def __init__(self, call: Call) -> None:
        self.call = call
        self.data: Drawn = drawn(call)
        self.network = network_in(call, self.data.first)
        self.rates = np.array(FACTORS) * call.number("lr")
        self.inits = compared(str(call["activation"]))
        self.starts = np.stack([self.data.starts(init, self.network) for init in self.inits])
        self.best: NDArray[np.intp]  # rate of each initializer, as an index
        self.layers = np.arange(1, self.network.layers + 1)
        self.steps: list[int] = []
        self.loss: list[Array] = []
        self.late: dict[str, Array] = {}
        self.early = self.report(self.starts)

    @property
    def shape(self) -> tuple[int, int, int]:
        """Initializers, rates, repetitions."""
        return len(COMPARED), len(self.rates), len(self.data.seeds)

    def lanes(self) -> Lanes:
        """Every start at every rate."""
        batch, steps = int(self.call.number("batch")), int(self.call.number("steps"))
        return at_every(self.network, self.data, self.starts, self.rates, batch, steps)

    def choose(self) -> Generator[None, None, None]:
        """Choose each initializer's rate."""
        losses = yield from chosen.on_choosers(
            self.call, self.call.call("run"), self.inits, self.network, self.rates
        )
        self.best = chosen.best(losses)

    def report(self, theta: Array) -> dict[str, Array]:
        """Spread of activations and of slopes, and dead units, of parameters (initializers,
        repetitions, P): (initializers, repetitions, layers)."""
        x, y = self.data.x_train, self.data.y_train
        made = [layer_report(self.network, np.ascontiguousarray(own), x, y) for own in theta]
        lost = _diverged(theta)[..., None]  # a network that diverged has none
        return {
            name: np.where(lost, np.nan, np.stack([getattr(one, name) for one in made]))
            for name in ("spread", "slope_spread", "dead")
        }

    def row(self, t: int, theta: Array) -> None:
        """Measure the training loss."""
        self.steps.append(t)
        self.loss.append(self.data.train_loss(self.network, theta).reshape(self.shape))

    def end(self, theta: Array) -> None:
        """Measure the end, each at its best rate."""
        own = theta.reshape(*self.shape, -1)
        ends = self.at_best(own)
        self.late = self.report(ends)
        flat = ends.reshape(-1, self.network.size)
        weights = self.network.parts(flat)[0]["weight"]  # (L, inputs, units)
        apart = np.abs(weights - weights[..., :1]).max(axis=(1, 2))
        self.copies = (apart < ALIKE).reshape(ends.shape[:2])
        self.diverged = _diverged(ends)

    def at_best(self, values: Array) -> Array:
        """Of values (initializers, rates, …) those at each one's best rate."""
        return values[np.arange(len(values)), self.best]

    def charts(self) -> tuple[Chart, ...]:
        made = [
            self._layers("spread", "Activation spread at the start", self.early["spread"]),
            self._layers(
                "slope", "Spread of the loss's slope at the start", self.early["slope_spread"]
            ),
        ]
        if self.steps:
            loss = np.stack(self.loss, axis=3)
            own, ends = self.at_best(loss), loss_range(loss)
            titles = [
                f"{n} {rate:.2g}" for n, rate in zip(COMPARED, self.rates[self.best], strict=True)
            ]
            made += [
                Chart(
                    key="loss", title="Training loss, each at its best rate", kind="lines",
                    x="step", y="loss on all training data", log="y",
                    data={"series": [series(n, i, self.steps, own[i])
                                     for i, n in enumerate(COMPARED)], "range": ends},
                    note=f"The best of {self._grid()}, {chosen.told(self.call)}.",
                ),
                Chart(
                    key="best", title=f"Loss at step {self.steps[-1]:,}, each at its best rate",
                    kind="strip", x="", y="loss", log="y",
                    data={"groups": [group(n, i, own[i, :, -1]) for i, n in enumerate(titles)],
                          "range": ends},
                        ),
                Chart(
                    key="final", title=f"Loss at step {self.steps[-1]:,}, all at one rate, "
                    f"{self.rates[ONE]:g}", kind="strip", x="", y="loss", log="y",
                    data={"groups": [group(n, i, loss[i, ONE, :, -1])
                                     for i, n in enumerate(COMPARED)], "range": ends},
                    note="One rate suits some better than others: compare with each at its best.",
                ),
            ]  # fmt: skip
        if self.late:
            made.append(self._layers("late", "Activation spread at the end", self.late["spread"]))
            dead = [
                series(n, i, self.layers[:-1], self.late["dead"][i, :, :-1])
                for i, n in enumerate(COMPARED)
            ]
            made.append(Chart(
                key="dead", title="Dead units at the end", kind="lines", x="hidden layer",
                y="share of units", data={"series": dead, "range": [0, 1.05]},
                note="Units whose slope is below 0.001 for every sample, each network at its best "
                "rate.",
            ))  # fmt: skip
        return tuple(made)

    def _grid(self) -> str:
        return ", ".join(dict.fromkeys(f"{rate:g}" for rate in self.rates))

    def _layers(self, key: str, title: str, values: Array) -> Chart:
        lines = [
            series(name, i, self.layers[:-1], values[i, :, :-1]) for i, name in enumerate(COMPARED)
        ]
        what = "standard deviation" if key != "slope" else "root mean square"
        centre = np.median(worst(values[:, :, :-1]), axis=1)
        good = centre[np.isfinite(centre) & (centre > 1e-12) & (centre < 1e12)]
        data: dict[str, Any] = {"series": lines}
        if good.size:
            data["range"] = [float(good.min()) / 3, 3 * float(good.max())]
        return Chart(key=key, title=title, kind="lines", x="hidden layer", y=what, log="y",
                     data=data)  # fmt: skip

    def numbers(self) -> tuple[Estimate, ...]:
        made: list[Estimate] = []
        for i, name in enumerate(COMPARED):
            kept, slope = self.early["spread"][i], self.early["slope_spread"][i]
            if kept.min() > 0:
                made += [
                    ratio(f"kept:{name}", f"{name}: last hidden layer's activation spread over the "
                          "first's, at the start", kept[:, -2], kept[:, 0]),
                    ratio(f"back:{name}", f"{name}: first layer's slope spread over the last "
                          "hidden layer's, at the start", slope[:, 0], slope[:, -2]),
                ]  # fmt: skip
            flat = np.nanmean(self.early["dead"][i][:, :-1], axis=1)
            made.append(
                median(f"flat:{name}", f"{name}: share of dead units at the start", flat, "%")
            )
        return tuple(made + (self._final() if self.late else []))

    def _final(self) -> list[Estimate]:
        last = self.loss[-1]
        own = dict(zip(COMPARED, self.at_best(last), strict=True))
        made: list[Estimate] = []
        for i, name in enumerate(COMPARED):
            made += [
                median(f"best:{name}", f"{name}: final training loss at its best rate", own[name]),
                median(f"final:{name}", f"{name}: final training loss at {self.rates[ONE]:g}",
                       last[i, ONE]),
                chosen.best_rate(f"rate:{name}", f"{name}: the rate at which a repetition ends "
                                 "lowest", self.rates, last[i]),
                share(f"copies:{name}", f"{name}: share of repetitions in which all units of the "
                      "first layer are still copies of each other",
                      int(self.copies[i].sum()), self.shape[2],
                      counted(self.diverged[i], "diverged, and counted as no copies,")),
            ]  # fmt: skip
        return made + [
            ratio(f"{name}/he", f"final loss of {name} over {HE}, each at its best rate", own[name],
                  own[HE])
            for name in ("xavier_normal", "orthogonal", "normal")
        ]  # fmt: skip

    def table(self) -> dict[str, list[Any]]:
        rows, (inits, rates, repeats) = len(self.steps), self.shape
        loss = np.array(self.loss).reshape(rows, *self.shape).transpose(1, 2, 3, 0)
        return {
            "init": [name for name in COMPARED for _ in range(rates * repeats * rows)],
            # the same few objects again and again: there may be half a million
            "lr": [r for r in self.rates.tolist() for _ in range(repeats * rows)] * inits,
            "seed": [s for s in self.data.seeds for _ in range(rows)] * (inits * rates),
            "step": self.steps * (inits * rates * repeats),
            "loss": loss.ravel().tolist(),
        }

    def finding(self, done: float) -> Finding:
        table = self.table() if done == 1 else {}
        return Finding(done, self.charts(), self.numbers(), table)

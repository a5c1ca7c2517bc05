"""Local minima and the width of a network."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from nnopt_viz.declare.knobs import Call, Knob
from nnopt_viz.experiments.studies.estimates import (
    Array,
    band,
    group,
    listed,
    loss_range,
    median,
    ratio,
    share,
)
from nnopt_viz.experiments.studies.lanes import (
    Lanes,
    cost,
    descend,
    network_for,
    steps_in,
    too_much,
)
from nnopt_viz.experiments.study import (
    OWN_RATE,
    SEED,
    STUDIES,
    Chart,
    Estimate,
    Finding,
    IntervalClaim,
    Study,
    activation_knob,
    data_knob,
    method,
    seeds,
)
from nnopt_viz.networks import INITS, dataset, start_weights, value
from nnopt_viz.networks.network import MAX_UNITS, hidden_units

if TYPE_CHECKING:
    from nnopt_viz.experiments.study import Findings

SEEN = 1e6  # losses beyond it are off the picture
PARTS = 4  # findings for each width, at least


def _run(call: Call) -> Findings:
    first, repeats = int(call.number("seed")), int(call.number("seeds"))
    data = dataset(call["data"], first)
    chosen, steps = list(range(first, first + repeats)), int(call.number("steps"))
    widths = hidden_units(str(call["widths"]))
    found: dict[int, Array] = {}
    done, all_work = 0.0, sum(widths) + len(widths)
    for width in widths:
        network = network_for(call, data, str(width))
        start = start_weights(INITS.call("he_normal"), network, chosen)
        lanes = Lanes(
            network=network, theta=start, x=data.x_train, y=data.y_train, seed=np.array(chosen),
            rates=np.full(repeats, call.number("lr")), batch=len(data.x_train), steps=steps,
        )  # fmt: skip
        every = max(1, min(steps // PARTS, steps_in(1.0, lanes)))
        for row in descend(lanes, call.call("run"), every):
            if row is None:
                yield None
            elif row[0]:
                t, theta = row
                found[width] = value(network, theta, data.x_train, data.y_train)
                yield _finding(call, found, (done + (width + 1) * t / steps) / all_work * 0.99)
        done += width + 1
    yield _finding(call, found, 1.0)


def _finding(call: Call, found: dict[int, Array], done: float) -> Finding:
    tolerance, first = call.number("tolerance"), int(call.number("seed"))
    widths, values = list(found), np.stack(list(found.values()))
    good = np.array([share(str(w), "", *_good(v, tolerance)).value for w, v in found.items()])
    limits = [share(str(w), "", *_good(v, tolerance)) for w, v in found.items()]
    middle, low, high = band(values, axis=1)
    charts = (
        Chart(
            key="losses", title="Where training ends", kind="strip", x="units of the hidden layer",
            y="final loss", log="y",
            data={
                "groups": [group(str(w), 0, v) for w, v in found.items()],
                "line": {"at": tolerance, "words": f"good enough: {tolerance:g}"},
                "range": [
                    loss_range(values)[0], 2 * float(values[values < SEEN].max(initial=1e-9)),
                ],
            },
            note="A dot a seed; the bar is the median with its 95 % interval.",
        ),
        Chart(
            key="good", title="How often it is good enough", kind="lines",
            x="units of the hidden layer", y="share of seeds", log="x",
            data={"series": [{
                "name": f"below {tolerance:g}", "colour": 1, "x": widths, "y": listed(good),
                "low": [n.low for n in limits], "high": [n.high for n in limits], "dash": False,
            }], "range": [-0.02, 1.05]},
            note="Band: Wilson's 95 % interval.",
        ),
        Chart(
            key="spread", title="How far seeds differ", kind="lines", x="units of the hidden layer",
            y="final loss", log="xy",
            data={"series": [{
                "name": "median, and where four seeds in five end", "colour": 2, "x": widths,
                "y": listed(middle), "low": listed(low), "high": listed(high), "dash": False,
            }]},
            note="Band: 10th to 90th percentile.",
        ),
    )  # fmt: skip
    numbers: list[Estimate] = []
    for width, ends in found.items():
        numbers.append(median(f"loss:{width}", f"width {width}: final loss", ends))
        numbers.append(share(
            f"good:{width}", f"width {width}: share of seeds below {tolerance:g}",
            *_good(ends, tolerance),
        ))  # fmt: skip
    if len(found) > 1:
        narrow, wide = found[widths[0]], found[widths[-1]]
        numbers.append(ratio(
            "sinks", f"final loss at width {widths[0]} over that at {widths[-1]}, seed by seed",
            narrow, wide,
        ))  # fmt: skip
        numbers.append(_narrowing(widths, narrow, wide))
    repeats = values.shape[1]
    table: dict[str, list[Any]] = {
        "width": [w for w in widths for _ in range(repeats)],
        "seed": [first + s for _ in widths for s in range(repeats)],
        "loss": values.ravel().tolist(),
    }
    return Finding(done, charts, tuple(numbers), table)


def _good(ends: Array, tolerance: float) -> tuple[int, int]:
    return int((ends <= tolerance).sum()), len(ends)


def _narrowing(widths: list[int], narrow: Array, wide: Array) -> Estimate:
    """Range between the quartiles of final losses, narrowest over widest, bootstrapped."""
    picks = np.random.default_rng(0).integers(len(narrow), size=(2000, len(narrow)))

    def spread(ends: Array) -> Array:
        low, high = np.percentile(ends, [25, 75], axis=-1)
        return np.asarray(high - low)

    with np.errstate(all="ignore"):
        value = spread(narrow) / spread(wide)
        low, high = np.percentile(spread(narrow[picks]) / spread(wide[picks]), [2.5, 97.5])
    words = f"range between the quartiles of final losses: width {widths[0]} over {widths[-1]}"
    return Estimate("narrows", words, float(value), float(low), float(high))


def _problem(call: Call) -> tuple[str, str] | None:
    try:
        widths = hidden_units(str(call["widths"]))
    except ValueError:
        return "widths", f'widths is up to 10 whole numbers from 1 to {MAX_UNITS}, such as "1,2,4"'
    if not widths or list(widths) != sorted(set(widths)):
        return "widths", "widths is one or more whole numbers, each larger than the one before"
    network = network_for(call, dataset(call["data"], 0), str(widths[-1]))
    return too_much(network, int(call.number("seeds")), 1)


def _seconds(call: Call) -> float:
    data = dataset(call["data"], int(call.number("seed")))
    return sum(
        cost(network_for(call, data, str(w)), int(call.number("seeds")), len(data.x_train),
             call.number("steps") + 10)
        for w in hidden_units(str(call["widths"]))
    )  # fmt: skip


STUDIES.add(
    Study(
        name="width",
        title="Do wide networks get stuck?",
        family="width",
        knobs=(
            Knob("widths", "1,2,3,4,6,8,16,32", "units of the one hidden layer, in turn",
                 kind="text"),
            activation_knob("tanh"),
            data_knob("xor", n=100, noise=0.1, test=0.0),
            method("adam"),
            Knob("lr", 0.05, "learning rate of all", 0.0, 1e3, soft=(1e-4, 1.0), log=True),
            Knob("steps", 400, "full-batch steps", 10, 20_000, "integer", soft=(10, 2000),
                 log=True),
            Knob("tolerance", 0.05, "a final loss that is good enough", 0.0, 1e6, soft=(0.01, 0.5)),
            seeds(48),
            SEED,
        ),
        doc="Many starts of networks of every width on the same data: how the final losses "
        "spread, and how many are good enough.",
        source="Choromanska, Henaff, Mathieu, Ben Arous & LeCun 2015, The loss surfaces of "
        "multilayer networks",
        same="Data, method, learning rate and number of full-batch steps are the same for every "
        "width; a seed is one draw of start weights.",
        lesson=(
            ("A small network has local minima from which no small step leads out: with two units, "
            "xor is solved from some starts and never from others."),
            ("As units are added, the losses at which training ends sink, and they move together. "
            "There are more local minima, not fewer; but nearly all of them are good enough, and "
            "then it does not matter in which one training ends."),
            ("Good enough is a decision: move tolerance and see from which width on every seed "
            "passes."),
        ),
        claims=(
            IntervalClaim(
                "Two units solve xor from some starts and get stuck from others.",
                "good:2", 0.02, 0.98,
            ),
            IntervalClaim(
                "One unit never does: it can draw one line only.",
                "good:1", 0.0, 0.1,
            ),
            IntervalClaim(
                "With 32 units every start is good enough.",
                "good:32", 0.9, 1.0,
            ),
            IntervalClaim(
                "The final loss of one unit is more than 100 times that of 32 from the same seed.",
                "sinks", 100.0, 1e30,
            ),
        ),
        run=_run,
        seconds=_seconds,
        problem=_problem,
        instead=OWN_RATE,
    )
)  # fmt: skip

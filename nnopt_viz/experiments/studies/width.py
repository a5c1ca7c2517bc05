"""Local minima and the width of a network."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from nnopt_viz.declare.knobs import Call, Knob
from nnopt_viz.experiments.studies.drawn import drawn
from nnopt_viz.experiments.studies.estimates import (
    Array,
    group,
    median,
    ratio,
    series,
    share,
)
from nnopt_viz.experiments.studies.lanes import (
    Lanes,
    cost,
    descend,
    most_bytes,
    network_for,
    rule_cost,
    steps_in,
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
from nnopt_viz.networks import INITS, dataset
from nnopt_viz.networks.network import MAX_UNITS, hidden_units

if TYPE_CHECKING:
    from nnopt_viz.experiments.study import Findings

SEEN, TINY = 1e6, 1e-10  # losses beyond these are off the picture
PARTS = 4  # findings for each width, at least
TAIL, STANDS = 0.9, 0.99  # a loss still falls that sinks by a hundredth in the last tenth


@dataclass(slots=True)
class Ends:
    """What is known of one width: losses (repetitions,) after TAIL of the steps, and now."""

    before: Array | None
    now: Array


def _run(call: Call) -> Findings:
    data, steps = drawn(call), int(call.number("steps"))
    repeats = len(data.seeds)
    widths = hidden_units(str(call["widths"]))
    found: dict[int, Ends] = {}
    done, all_work = 0.0, sum(widths) + len(widths)
    for width in widths:
        network = network_for(call, data.first, str(width))
        lanes = Lanes(
            network=network, theta=data.starts(INITS.call("he_normal"), network),
            x=data.x_train, y=data.y_train, seed=np.array(data.seeds),
            rates=np.full(repeats, call.number("lr")), batch=data.x_train.shape[1], steps=steps,
        )  # fmt: skip
        tail = _tail(call)
        every = max(1, min(steps // PARTS, steps_in(1.0, lanes)))
        for row in descend(lanes, call.call("run"), every, (tail,)):
            if row is None:
                yield None
            elif row[0]:
                t, theta = row
                now = data.train_loss(network, theta)
                before = found[width].before if width in found else None
                found[width] = Ends(now if t == tail else before, now)
                yield _finding(call, found, (done + (width + 1) * t / steps) / all_work * 0.99)
        done += width + 1
    yield _finding(call, found, 1.0)


def _finding(call: Call, found: dict[int, Ends], done: float) -> Finding:
    tolerance, first = call.number("tolerance"), int(call.number("seed"))
    widths, values = list(found), np.stack([ends.now for ends in found.values()])
    passed = [
        share(f"good:{w}", f"width {w}: share of repetitions that end at {tolerance:g} or below",
              *_good(v, tolerance))
        for w, v in zip(widths, values, strict=True)
    ]  # fmt: skip
    charts = (
        Chart(
            key="losses", title="Where training ends", kind="strip", x="units of the hidden layer",
            y="final loss", log="y",
            data={
                "groups": [group(str(w), 0, v) for w, v in zip(widths, values, strict=True)],
                "line": {"at": tolerance, "words": f"good enough: {tolerance:g}"},
                "range": _range(values),
            },
        ),
        Chart(
            key="good", title="How often it is good enough", kind="lines",
            x="units of the hidden layer", y="share of repetitions", log="x",
            data={"series": [{
                "name": f"{tolerance:g} or below", "colour": 1, "x": widths,
                "y": [n.value for n in passed], "low": [n.low for n in passed],
                "high": [n.high for n in passed], "dash": False,
            }], "range": [-0.02, 1.05]},
            note="A share of all repetitions, with its 95 % interval.",
        ),
        Chart(
            key="spread", title="How far repetitions differ", kind="lines",
            x="units of the hidden layer", y="final loss", log="xy",
            data={"series": [series("final loss", 2, widths, values, axis=1)]},
        ),
    )  # fmt: skip
    numbers: list[Estimate] = []
    for (width, ends), good in zip(found.items(), passed, strict=True):
        numbers += [median(f"loss:{width}", f"width {width}: final loss", ends.now), good]
        if ends.before is not None:
            falls = int((ends.now < STANDS * ends.before).sum())
            numbers.append(share(
                f"falls:{width}", f"width {width}: share of repetitions whose loss falls by over "
                f"1 % from step {_tail(call):,} to the end",
                falls, len(ends.now),
            ))  # fmt: skip
    if len(found) > 1:
        numbers.append(ratio(
            "sinks", f"final loss at width {widths[0]} over that at {widths[-1]}, within each "
            "repetition", values[0], values[-1],
        ))  # fmt: skip
    repeats = values.shape[1]
    table: dict[str, list[Any]] = {
        "width": [w for w in widths for _ in range(repeats)],
        "seed": [first + s for _ in widths for s in range(repeats)],
        "loss": values.ravel().tolist(),
    }
    return Finding(done, charts, tuple(numbers), table)


def _tail(call: Call) -> int:
    """The step from which on the last tenth is counted."""
    return int(TAIL * int(call.number("steps")))


def _range(losses: Array) -> list[float]:
    """Where to look at final losses (…): what has not diverged, and not far below most of them."""
    good = losses[(losses > 0) & (losses < SEEN)]
    if not good.size:
        return [TINY, 1.0]
    return [max(float(np.percentile(good, 2)) / 2, TINY), max(2 * float(good.max()), 10 * TINY)]


def _good(ends: Array, tolerance: float) -> tuple[int, int]:
    return int((ends <= tolerance).sum()), len(ends)


def _problem(call: Call) -> tuple[str, str] | None:
    try:
        widths = hidden_units(str(call["widths"]))
    except ValueError:
        return (
            "widths",
            f'widths has to be up to 10 whole numbers from 1 to {MAX_UNITS}, such as "1,2,4"',
        )
    if not widths or list(widths) != sorted(set(widths)):
        return "widths", "widths has to be whole numbers, each larger than the one before"
    return None


def _bytes(call: Call) -> float:
    widest = hidden_units(str(call["widths"]))[-1]
    network = network_for(call, dataset(call["data"], 0), str(widest))
    return most_bytes(call, network, int(call.number("seeds")))


def _seconds(call: Call) -> float:
    data = dataset(call["data"], int(call.number("seed")))
    repeats, steps = int(call.number("seeds")), call.number("steps")
    networks = [network_for(call, data, str(w)) for w in hidden_units(str(call["widths"]))]
    return sum(
        cost(network, repeats, len(data.x_train), steps + 10)
        + rule_cost(call.call("run"), network, repeats, steps)
        for network in networks
    )


WIDTHS = "1,2,3,4,6,8,16,32"
XOR = (("data", "xor"),)

STUDIES.add(
    Study(
        name="width",
        title="Do wide networks get stuck?",
        family="width",
        knobs=(
            Knob("widths", WIDTHS, "units of the one hidden layer, in turn",
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
        doc="Networks of every width, each from many starts: how the final losses spread, and how "
        "many are good enough.",
        source="Choromanska, Henaff, Mathieu, Ben Arous & LeCun 2015, The loss surfaces of "
        "multilayer networks",
        same="Within a repetition, data, method, learning rate and number of full-batch steps are "
        "the same for every width.",
        draws="Each repetition draws its own data and its own start weights; every step sees all "
        "samples, so that there are no batches to draw.",
        lesson=(
            ("A small network may end far from solving it: with two units, xor is solved from some "
            "starts, and from others it is not."),
            ("As units are added, the losses at which training ends sink. These are ends, not "
            "minima: the table says in how many repetitions the loss was still falling when "
            "training stopped. What can be said is that nearly all ends of a wide network are "
            "good enough, and then it does not matter in which one training stops."),
            ("Good enough is a decision: move tolerance and see from which width on every "
            "repetition passes."),
        ),
        claims=(
            IntervalClaim(
                "Two units solve xor from some starts and not from others.",
                "good:2", 0.02, 0.98, XOR,
            ),
            IntervalClaim(
                "One tanh unit solves xor from less than a tenth of starts: it can draw one line "
                "only.",
                "good:1", high=0.1, when=(*XOR, ("activation", "tanh")),
            ),
            IntervalClaim(
                "With 32 units more than nine starts in ten are good enough.",
                "good:32", low=0.9, when=XOR,
            ),
            IntervalClaim(
                "With 32 units training has reached no minimum when it stops: the loss still "
                "falls in more than nine repetitions of ten.",
                "falls:32", low=0.9, when=XOR,
            ),
            IntervalClaim(
                "The final loss of the narrowest network is more than 100 times that of the "
                "widest in the same repetition.",
                "sinks", low=100.0, when=(*XOR, ("widths", WIDTHS)),
            ),
        ),
        run=_run,
        seconds=_seconds,
        bytes=_bytes,
        problem=_problem,
        instead=OWN_RATE,
    )
)  # fmt: skip

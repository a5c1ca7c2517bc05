"""The same network with and without batch normalization."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from nnopt_viz.declare.knobs import Call, Knob
from nnopt_viz.experiments.studies.chosen import DRAWS, best_rate, resolution, told
from nnopt_viz.experiments.studies.drawn import choosers_of
from nnopt_viz.experiments.studies.estimates import (
    Array,
    loss_range,
    median,
    paired,
    ratio,
    series,
)
from nnopt_viz.experiments.studies.lanes import cost, most_bytes, rule_cost
from nnopt_viz.experiments.studies.probing import PROBES
from nnopt_viz.experiments.studies.sheets import CELLS
from nnopt_viz.experiments.studies.with_and_without import (
    MIDDLE,
    PASSES,
    SIDES,
    SIZES,
    WithAndWithout,
    networks,
    steps_for,
)
from nnopt_viz.experiments.study import (
    ALL,
    SEED,
    SLOWEST,
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

if TYPE_CHECKING:
    from nnopt_viz.experiments.study import Findings


def _run(call: Call) -> Findings:
    made = WithAndWithout(call)
    yield from made.choose()
    for side in (0, 1):
        for share in made.sweep(side):
            yield None if share is None else _finding(made, 0.1 + 0.16 * (side + share))
    for side in (0, 1):
        yield from made.follow(side)
        yield _finding(made, 0.45 + 0.08 * side)
        made.surface(side)
        yield _finding(made, 0.49 + 0.08 * side)
    for at, size in enumerate(made.sizes):
        for side in (0, 1):
            yield from made.at_size(side, size)
            yield _finding(made, 0.6 + 0.39 * (at + (side + 1) / 2) / len(made.sizes))
    yield _finding(made, 1.0)


def _charts(known: WithAndWithout) -> tuple[Chart, ...]:
    swept = np.concatenate([v.ravel() for v in known.swept.values()])
    lowest = max(1e-6, float(np.min(swept, where=swept > 0, initial=np.inf)) / 2)
    start = float(np.median(known.train_loss(0, known.starts[0])))
    made = [
        Chart(
            key="sweep", title="Final training loss by learning rate", kind="lines",
            x="learning rate", y="loss", log="xy",
            data={"series": [series(SIDES[s], s, known.rates, v, axis=1)
                             for s, v in known.swept.items()],
                  "range": [lowest, 4 * start]},
            note="Batch normalization: with or without. A rate is usable that ends below "
            f"{PASSES:g} of the start's loss. {resolution(known.rates)}",
        )
    ]  # fmt: skip
    if known.curves:
        every = np.concatenate(list(known.curves.values()))
        made.append(Chart(
            key="curves", title="Training loss at the same rate", kind="lines", x="step", y="loss",
            log="y",
            data={"series": [series(SIDES[s], s, known.at, v) for s, v in known.curves.items()],
                  "range": loss_range(every)},
            note=f"Both at {known.shared:.2g}, the rate that is best without: "
            f"{told(known.call)}.",
        ))  # fmt: skip
        titles = {
            "loss": ("How far the loss varies along the gradient", "range of the loss"),
            "gradient": ("How much the gradient changes along itself", "length of the change"),
            "smoothness": ("Effective smoothness", "change of the gradient / distance"),
        }
        for name, (title, axis) in titles.items():
            made.append(Chart(
                key=name, title=title, kind="lines", x="step", y=axis, log="y",
                data={"series": [series(SIDES[s], s, known.at, v[name])
                                 for s, v in known.probed.items()]},
                note=f"Over steps of {', '.join(f'{p:g}' for p in PROBES)} times the learning rate "
                "along the gradient of a batch.",
            ))  # fmt: skip
    if known.panels:
        made.append(Chart(
            key="surfaces", title="Around the end, on one scale", kind="surface",
            x="first direction", y="second direction", log="z",
            data={"panels": list(known.panels.values())},
            note="The same random draw for both, each direction scaled filter by filter (Li et al. "
            "2018). Colours by the logarithm of the training loss.",
        ))  # fmt: skip
    by_size = (
        ("sizes", "Test loss by batch size, equal steps", known.sized,
         f"After the same number of steps, all at {known.shared:.2g}."),
        ("samples", "Test loss by batch size, equal samples", known.equal,
         f"After as many samples as {known.steps:,} batches of {MIDDLE} see, to whole steps."),
    )  # fmt: skip
    made += [
        Chart(
            key=key, title=title, kind="lines", x="samples a step", y="test loss", log="xy",
            data={"series": [_by_size(known, values, s) for s in (0, 1)
                             if (s, known.sizes[0]) in values]},
            note=note,
        )
        for key, title, values, note in by_size if values
    ]  # fmt: skip
    return tuple(made)


def _by_size(
    known: WithAndWithout, values: dict[tuple[int, int], Array], side: int
) -> dict[str, Any]:
    sizes = [s for s in known.sizes if (side, s) in values]
    return series(SIDES[side], side, sizes, np.stack([values[side, s] for s in sizes]), axis=1)


def _numbers(known: WithAndWithout) -> tuple[Estimate, ...]:
    made: list[Estimate] = []
    for side, name in enumerate(SIDES):
        if side in known.swept:
            made += known.usable(side).numbers(name)
            made.append(best_rate(
                f"best:{name}", f"{name}: the rate at which a repetition ends lowest", known.rates,
                known.swept[side],
            ))  # fmt: skip
        if side in known.probed:
            made += [
                median(f"final:{name}", f"{name}: final training loss at the shared rate",
                       known.curves[side][:, -1]),
                median(f"early:{name}", f"{name}: how much the gradient changes along itself, mean "
                       "of the first tenth of the path", known.turns(side, late=False)),
                median(f"late:{name}", f"{name}: how much it changes in the last tenth",
                       known.turns(side, late=True)),
                ratio(f"late/early:{name}", f"{name}: how much the gradient changes in the last "
                      "tenth of the path, over the first", known.turns(side, late=True),
                      known.turns(side, late=False)),
            ]  # fmt: skip
    if len(known.swept) == 2:
        first, second = (known.usable(side) for side in (0, 1))
        made += [
            ratio("reach", "largest usable rate with, over without", second.largest(),
                  first.largest(), first.note(second, both=False)),
            ratio("wider", "usable range with, over without", second.width(), first.width(),
                  first.note(second)),
        ]  # fmt: skip
    if len(known.probed) == 2:
        made += [
            ratio(f"turns:{when}", "how much the gradient changes with, over without, in the "
                  f"{part} tenth of the path", known.turns(1, late), known.turns(0, late))
            for when, part, late in (("early", "first", False), ("late", "last", True))
        ]  # fmt: skip
        made.append(ratio(
            "gain", "final training loss with, over without, at the shared rate",
            known.curves[1][:, -1], known.curves[0][:, -1],
        ))  # fmt: skip
    pairs = [s for s in known.sizes if (0, s) in known.sized and (1, s) in known.sized]
    for key, after, values in (
        ("batch", "steps", known.sized), ("samples", "samples", known.equal),
    ):  # fmt: skip
        made += [
            paired(f"{key}:{size}", f"test loss with minus without, batches of {size}, equal "
                   f"{after}", values[1, size], values[0, size])
            for size in pairs
        ]  # fmt: skip
    return tuple(made)


def _table(known: WithAndWithout) -> dict[str, list[Any]]:
    made: list[tuple[Any, ...]] = []
    for side, values in known.swept.items():
        made += [
            ("sweep", SIDES[side], float(rate), known.batch, seed, float(loss))
            for rate, each in zip(known.rates, values, strict=True)
            for seed, loss in zip(known.seeds, each, strict=True)
        ]
    for part, sized in (("batch", known.sized), ("samples", known.equal)):
        made += [
            (part, SIDES[side], known.shared, size, seed, float(loss))
            for (side, size), values in sized.items()
            for seed, loss in zip(known.seeds, values, strict=True)
        ]
    names = ("part", "batchnorm", "lr", "batch", "seed", "loss")
    return {name: [row[i] for row in made] for i, name in enumerate(names)}


def _finding(known: WithAndWithout, done: float) -> Finding:
    return Finding(min(done, 1.0), _charts(known), _numbers(known), _table(known))


def _problem(call: Call) -> tuple[str, str] | None:
    data = dataset(call["data"], 0)
    try:
        plain, _ = networks(call, data)
    except ValueError as fault:
        return "hidden", str(fault)
    if not plain.hidden:
        return "hidden", "Without a hidden layer there is nothing to normalize"
    if call.number("slowest") >= call.number("fastest"):
        return "slowest", SLOWEST
    if not len(data.x_test):
        return "data", "This experiment needs test data: test above 0"
    if len(data.x_train) < SIZES[0]:
        return "data", f"This experiment needs {SIZES[0]} training samples or more"
    return None


def _seconds(call: Call) -> float:
    data = dataset(call["data"], int(call.number("seed")))
    plain, _ = networks(call, data)
    repeats, steps = int(call.number("seeds")), call.number("steps")
    batch = int(min(call.number("batch"), len(data.x_train)))
    rates = int(call.number("rates"))
    choosers = len(choosers_of(call))
    took = 3 * cost(plain, repeats * rates, batch, steps)
    took += cost(plain, choosers * rates, batch, steps)
    tried = 2 * rates * (repeats + choosers) + 2 * len(SIZES) * repeats  # of both networks
    took += rule_cost(call.call("run"), plain, tried, steps)
    took += sum(
        3 * cost(plain, repeats, s, steps + steps_for(int(steps), s))
        for s in SIZES if s <= len(data.x_train)
    )  # fmt: skip
    return took + 3 * cost(plain, CELLS**2, len(data.x_train), 1)


def _bytes(call: Call) -> float:
    most = max(int(call.number("seeds")), len(choosers_of(call)))
    _, normal = networks(call, dataset(call["data"], 0))
    return most_bytes(call, normal, most * int(call.number("rates")))


TANH = (("activation", "tanh"),)

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
            Knob("batch", 32, ALL, 2, 2000, "integer", soft=(2, 256), log=True),
            Knob("steps", 300, "how many", 10, 20_000, "integer", soft=(10, 2000), log=True),
            seeds(12),
            SEED,
        ),
        doc="The same network with and without batch normalization: which learning rates train "
        "it, how even the surface is along the way and around the end, and what the batch size "
        "does.",
        source="Ioffe & Szegedy 2015, Batch normalization; Santurkar, Tsipras, Ilyas & Madry 2018, "
        "How does batch normalization help optimization?",
        same="Within a repetition, architecture, data, batches, start weights of the linear maps, "
        "grid of rates, number of steps and the random directions of the surfaces are the same; a "
        "layer before a normalization has no bias, because the shift after it does the same.",
        draws=DRAWS,
        lesson=(
            ("Look at the sweep first. With batch normalization the loss hardly depends on how "
            "long the weights of a hidden layer are, so that larger learning rates may still "
            "train."),
            ("The three curves along the path ask how far the gradient can be trusted: how much "
            "the loss varies when one walks along it, how much the gradient has changed by then "
            "(the length of the difference of the two vectors), and how much it changes for each "
            "unit of distance. Compare the first steps with the last: one median over the whole "
            "path would hide what changes on the way."),
            ("The height of a normalized network uses the statistics of the whole training set, "
            "computed anew at every point. The directions are one draw for both, but scaled by "
            "each network's own weights: a wider bowl can also mean longer weights."),
            ("A small batch makes the statistics noisy. See at which batch sizes batch "
            "normalization has an advantage, after equal steps and after equal samples, and "
            "whether it has one at all."),
        ),
        claims=(
            IntervalClaim(
                "The range of usable learning rates is more than twice as wide with batch "
                "normalization.",
                "wider", low=2.0,
            ),
            IntervalClaim(
                "With relu the range of usable learning rates is more than ten times as wide with "
                "batch normalization.",
                "wider", low=10.0, when=(("activation", "relu"),),
            ),
            IntervalClaim(
                "Along itself the gradient changes more with batch normalization than without, in "
                "the first tenth of the path.",
                "turns:early", low=1.0, when=TANH,
            ),
            IntervalClaim(
                "With relu and batch normalization the gradient changes less along itself in the "
                "last tenth of the path than in the first.",
                "late/early:with", high=1.0, when=(("activation", "relu"),),
            ),
            IntervalClaim(
                "With relu and batches of 64 the test loss is lower with batch normalization, "
                "after equal samples.",
                "samples:64", high=0.0, when=(("activation", "relu"),),
            ),
        ),
        run=_run,
        seconds=_seconds,
        bytes=_bytes,
        problem=_problem,
        instead=(("run.lr", "the grid of rates that are tried: slowest, fastest and rates"),),
    )
)  # fmt: skip

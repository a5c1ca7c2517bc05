"""Pictures of places where the gradient says nothing, or far too much."""

import numpy as np

from nnopt_viz.gallery.entry import FAILURE, GALLERY, SUCCESS, Entry

GALLERY.add(
    Entry(
        name="plateau_read_as_convergence",
        title="A plateau read as convergence",
        topics=(FAILURE, "saddles"),
        query="surface=weak_saddle&run=sgd(lr=0.2)&run=momentum(lr=0.2)&steps=800",
        sentence="From step {from_} to step {to} the loss of plain descent falls by {flat:2}: "
        "whoever stops here has found a saddle. By step {late} it has fallen by {drop:2} more, "
        "{times:2} times as much.",
        figures=lambda race: {
            "from_": 20,
            "to": 150,
            "late": 500,
            "flat": (flat := race.loss(0, 20) - race.loss(0, 150)),
            "drop": (drop := race.loss(0, 150) - race.loss(0, 500)),
            "times": drop / flat,
        },
        holds=lambda f: f["times"] > 100,
        source="Dauphin et al. 2014, Identifying and attacking the saddle point problem in "
        "high-dimensional non-convex optimization",
        shows="loss",
    )
)

GALLERY.add(
    Entry(
        name="beale_plateau",
        title="Beale's long flat floor",
        topics=(FAILURE, "saddles", "rates"),
        query="surface=beale&run=sgd(lr=0.01)&run=bfgs&steps=2000",
        sentence="Gradient descent takes off {share:%} of the loss in {first} steps; for what is "
        "left, along the flat floor, it needs until step {late}. BFGS is there at step {bfgs}.",
        figures=lambda race: {
            "first": 100,
            "share": 1 - race.loss(0, 100) / race.loss(0, 0),
            "late": race.first(0),
            "bfgs": race.first(1),
        },
        holds=lambda f: f["share"] > 0.99 and f["late"] > 10 * f["first"] > f["bfgs"],
        source="Beale 1958, On an iterative method for finding a local minimum of a function of "
        "more than one variable",
    )
)

GALLERY.add(
    Entry(
        name="saturated_neuron",
        title="The saturated neuron",
        topics=(FAILURE, "saddles", "networks", "initialization"),
        query="surface=tanh_neuron&run=sgd(lr=0.2)&run=adam(lr=0.1)&start=-3,2&steps=1000",
        sentence="Far out tanh is flat: after {steps} steps gradient descent is still at a loss of "
        "{loss:3}, with a slope of {slope:2} to go by; Adam, which divides by it, has crossed the "
        "plain, down to {adam:3}.",
        figures=lambda race: {
            "steps": race.steps(),
            "loss": race.loss(0),
            "slope": race.slope(race.x(0), race.y(0)),
            "adam": race.loss(1),
        },
        holds=lambda f: f["loss"] > 2 > 1 > f["adam"] and f["slope"] < 1e-2,
        source="Hochreiter 1991, Untersuchungen zu dynamischen neuronalen Netzen; Glorot & Bengio "
        "2010, Understanding the difficulty of training deep feedforward neural networks",
    )
)

GALLERY.add(
    Entry(
        name="dead_relu",
        title="The dead ReLU",
        topics=(FAILURE, "saddles", "networks", "initialization"),
        query="surface=relu_neuron&run=sgd(lr=0.1)&start=random(n=64)&steps=1000",
        sentence="Of {starts} random starts {alive} end in the minimum; {dead} end where the unit "
        "answers every example with nothing: a plain at a loss of {loss:4}, without a slope to "
        "follow.",
        figures=lambda race: {
            "starts": race.starts(),
            "alive": race.starts() - race.away(0, 1, 0.5, 0.05),
            "dead": sum(race.slope(x, y) < 1e-12 for x, y in race.ends(0) if x < 0.95),
            "loss": race.worst_end(0),
        },
        holds=lambda f: (
            f["alive"] + f["dead"] <= f["starts"]
            and min(f["alive"], f["dead"]) > 5
            and f["loss"] > 1
        ),
        source="Lu, Shin, Su & Karniadakis 2020, Dying ReLU and initialization",
    )
)

GALLERY.add(
    Entry(
        name="clipping_at_the_cliff",
        title="Clipping at the cliff of a recurrent network",
        topics=(SUCCESS, "cliffs", "networks"),
        query="surface=linear_recurrent&run=sgd(lr=0.03)&run=sgd(lr=0.03,clip_norm=1)"
        "&start=1.2,2&steps=1500",
        sentence="On the cliff the gradient is {slope:2} long: one step throws descent to a loss "
        "of {thrown:2}, and it is gone. Clipped to length {clip} the same rate climbs down and "
        "settles in the minimum at step {step}.",
        figures=lambda race: {
            "slope": race.slope(race.x(0, 0), race.y(0, 0)),
            "thrown": race.loss(0, 1),
            "clip": race.knob(1, "clip_norm"),
            "gone": race.ended(0),
            "step": race.first(1),
        },
        holds=lambda f: f["slope"] > 1000 and f["gone"] < 5 and f["step"] < 1500,
        source="Pascanu, Mikolov & Bengio 2013, On the difficulty of training recurrent neural "
        "networks",
    )
)

GALLERY.add(
    Entry(
        name="thrown_back_from_the_cliff",
        title="Thrown back from the cliff",
        topics=(FAILURE, "cliffs", "momentum"),
        query="surface=cliff&run=momentum(lr=0.05)&run=momentum(lr=0.05,clip_norm=1)&steps=300",
        sentence="It arrives with speed, touches the cliff and is thrown up to a loss of "
        "{thrown:3}, above its start at {start:3}; with gradients clipped it goes no higher than "
        "{clipped:3} and settles at step {step}.",
        figures=lambda race: {
            "start": race.loss(0, 0),
            "thrown": race.highest(0),
            "clipped": race.highest(1),
            "step": race.first(1),
        },
        holds=lambda f: f["thrown"] > 5 * f["clipped"] and f["thrown"] > 10 * f["start"],
        source="Goodfellow, Bengio & Courville 2016, Deep learning, section 8.2.4",
    )
)

GALLERY.add(
    Entry(
        name="needle_in_a_plain",
        title="A needle in a plain",
        topics=(FAILURE, "saddles", "minima", "initialization"),
        query="surface=easom&run=sgd(lr=0.5)&start=grid(n=8)&steps=500",
        sentence="Easom's hole shows only from near it: of {starts} starts in a grid {found} end "
        "in it, and {still} have not moved by more than {little} in {steps} steps.",
        figures=lambda race: {
            "starts": race.starts(),
            "found": race.count(0, "global_minimum"),
            "little": 0.01,
            "still": int((np.hypot(*race.travelled(0)) < 0.01).sum()),
            "steps": race.steps(),
        },
        holds=lambda f: f["found"] < f["starts"] / 3 and f["still"] > f["starts"] / 3,
        source="Easom 1990, A survey of global optimization techniques",
    )
)

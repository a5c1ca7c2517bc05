"""Links of the catalogue: a race that shows what an entry does, at rates that suit it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from nnopt_viz.compose.calls import run
from nnopt_viz.declare.drifts import DRIFTS
from nnopt_viz.declare.modifiers import MODIFIERS, NOISES
from nnopt_viz.declare.starts import STARTS
from nnopt_viz.judge.rates import good_rate
from nnopt_viz.lab.codec import encode_lab
from nnopt_viz.lab.lab import landing_lab
from nnopt_viz.networks import DATASETS, INITS, NETS
from nnopt_viz.race.codec import decode, landing
from nnopt_viz.race.scenario import DEFAULT_STEPS
from nnopt_viz.schedules import SCHEDULES
from nnopt_viz.surfaces import SURFACES
from nnopt_viz.surfaces.surface import MORPH

if TYPE_CHECKING:
    from nnopt_viz.declare.knobs import Call, Knob, Value
    from nnopt_viz.lab.lab import Lab

# What is trained: key of a training, or knob of its network, that an entry is given to.
TRAINED = {
    "network_optimizers": "run", "networks": "net", "datasets": "data", "initializers": "init",
    "activations": "activation", "losses": "loss",
}  # fmt: skip
PLAIN, OTHERS = "sgd", ("momentum", "adam")  # what an entry is raced with


def race_link(kind: str, name: str) -> str:
    """The address that races an entry.

    A surface is descended by three common optimizers, on which a drift and a start are shown
    too; an optimizer runs against gradient descent on the landing scene, a schedule, a
    modifier and a noise against gradient descent without. What is trained stands in the landing
    training, an optimizer of networks beside gradient descent.

    Args:
        kind: "surfaces", "optimizers", "schedules", "starts", "modifiers", "noises", "drifts",
            or one of `TRAINED`.
        name: the entry.
    """
    if kind in TRAINED:
        return f"/network?{encode_lab(_trained(TRAINED[kind], name))}"
    scene = landing()
    if kind == "surfaces":
        scene = decode(f"surface={name}")  # its own start, the default number of steps
    elif kind == "drifts":
        scene = decode(f"surface={next(one for one in SURFACES if MORPH in SURFACES[one].knobs)}")
        scene = replace(scene, drift=DRIFTS.call(name))
    elif kind == "starts":
        scene = replace(scene, start=STARTS.call(name))

    def at_good_rate(optimizer: str, **knobs: Value) -> Call:
        return run(optimizer, lr=good_rate(scene.surface.name, optimizer), **knobs)

    plain = at_good_rate(PLAIN)
    if kind == "optimizers":
        runs = [plain, at_good_rate(name if name != PLAIN else OTHERS[-1])]
    elif kind == "schedules":
        scene = replace(scene, steps=DEFAULT_STEPS)  # in which each shows its course
        runs = [plain, at_good_rate(PLAIN, schedule=SCHEDULES.call(name))]
    elif kind == "noises":
        runs = [plain, at_good_rate(PLAIN, noise=NOISES.call(name))]
    elif kind == "modifiers":
        switch = MODIFIERS[name].knobs[0]
        runs = [plain, at_good_rate(PLAIN, **{switch.name: _switched_on(switch)})]
    else:
        runs = [plain, *map(at_good_rate, OTHERS)]
    return f"/?{replace(scene, runs=tuple(runs)).to_query()}"


def _trained(key: str, name: str) -> Lab:
    lab = landing_lab()
    match key:
        case "run":
            return replace(lab, runs=(lab.runs[0], run(name), lab.runs[2]))
        case "data":
            return replace(lab, data=DATASETS.call(name))
        case "init":
            return replace(lab, init=INITS.call(name))
        case "net":
            return replace(lab, net=NETS.call(name))
    return replace(lab, net=NETS.call(lab.net.name, **{key: name}))


def _switched_on(switch: Knob) -> Value:
    """A value at which a modifier shows what it does: a first noise, a mild number."""
    if switch.kind == "call":
        return NOISES.call(list(NOISES)[1])
    high = switch.soft[1] if switch.soft else switch.high
    return max(2, round(high / 4)) if switch.kind == "integer" else high / 10

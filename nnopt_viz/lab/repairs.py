"""What is done about a training that is not possible as asked: as little as does, and named.

Of what makes a training long, more trainings of the same (seeds) go first; where one of them is
still too much, passes (epochs) go with them, each by the same share of its powers; samples (n)
only where those at their least are not enough. Too many steps are a matter of passes alone.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from nnopt_viz.compose.calls import run
from nnopt_viz.declare.knobs import Call
from nnopt_viz.judge.training import network_problem
from nnopt_viz.networks import DATASETS, PLANES
from nnopt_viz.networks.network import hidden_units
from nnopt_viz.optimizers import TRAINERS
from nnopt_viz.query.keys import call_text, knobs_of

if TYPE_CHECKING:
    from nnopt_viz.lab.lab import Lab

LENGTHS = ("seeds", "epochs", "n")  # in the order in which they are given up
CHOICES = (("seeds",), ("seeds", "epochs"), LENGTHS)
SHARES = 64  # of a power: in so many steps a length goes from what was asked to 1
PASSES = (("epochs",), LENGTHS)  # where it is the steps that are too many


@dataclass(frozen=True, slots=True)
class Repair:
    """A training without one problem.

    Args:
        lab: what is possible.
        done: what was changed, plain sentences.
        allowed: what may be asked for instead, in words.
        key: of the first thing that was changed; "" where the limit's own key is that.
    """

    lab: Lab
    done: str
    allowed: str
    key: str = ""


def network_repair(lab: Lab, example: str) -> Repair:
    """Of layers that can't be read, or of a loss that does not fit the data."""
    net = lab.net
    try:
        hidden_units(str(net["hidden"]))
        net = net.replace(loss="auto")
        done = "loss=auto is used."
    except ValueError:
        net = net.replace(hidden="16,16")
        done = 'hidden="16,16" is used.'
    return Repair(replace(lab, net=net), done, example)


def run_repair(lab: Lab, usual: Call) -> Repair:
    """Of the first run that can't train a network: the others stay, and the plane's with them."""
    at = next(i for i, call in enumerate(lab.runs) if network_problem(call) is not None)
    known = [name for name in TRAINERS if network_problem(run(name)) is None]
    allowed = "one of " + ", ".join(known)
    kept = lab.runs[:at] + lab.runs[at + 1 :]
    if not kept:
        done = f"{call_text(usual, TRAINERS)} is used instead."
        return Repair(replace(lab, runs=(usual,)), done, allowed)
    names = PLANES[lab.plane.name].ends
    ends = {name: end - (end > at) for name, end in zip(names, lab.ends, strict=True)}
    return Repair(
        replace(lab, runs=kept, plane=lab.plane.replace(**ends)), "It was left out.", allowed
    )


def plane_repair(lab: Lab, example: str) -> Repair:
    """Of ends of runs that there are not, or of a height that there is not."""
    plane, names, count = lab.plane, PLANES[lab.plane.name].ends, len(lab.runs)
    if max(lab.ends) < count and len(set(lab.ends)) == len(lab.ends):
        plane = plane.replace(height="train")
        done = "height=train is used."
    elif len(names) <= count:
        free = [i for i in range(count) if i not in lab.ends]
        seen: set[int] = set()
        ends = []
        for end in lab.ends:
            ends.append(free.pop(0) if end >= count or end in seen else end)
            seen.add(end)
        plane = plane.replace(**dict(zip(names, ends, strict=True)))
        done = f"{call_text(plane, PLANES)} is used."
    else:
        plane = PLANES.call("pca", of=0, height=plane["height"])
        done = f"{call_text(plane, PLANES)} is used."
    return Repair(replace(lab, plane=plane), done, example)


def length_repair(lab: Lab, most: float, text: str) -> Repair:
    """Of a training that takes too many steps or too many units.

    Args:
        most: units that it may take.
        text: its query.
    """
    is_for_nobody = lab.problem(math.inf) is not None  # too many steps: one thing after the other
    less = shorter(lab, math.inf, PASSES) if is_for_nobody else shorter(lab, most)
    changes = {name: (length(less, name), length(lab, name)) for name in LENGTHS}
    named = {name: pair for name, pair in changes.items() if pair[0] != pair[1]}
    done = " and ".join(f"{name}={new:,} instead of {old:,}" for name, (new, old) in named.items())
    given = " and ".join(f"{name}={old:,}" for name, (_, old) in named.items())
    fits = ", ".join(f"{name}={new}" for name, (new, _) in named.items())
    verb = "is" if len(named) == 1 else "are"
    first = next(iter(named), "")
    key = "data" if first == "n" else first
    if is_for_nobody:
        larger = "A larger batch takes fewer steps."
        return Repair(less, f"{done} {verb} used. {larger}", f"{fits}, or a larger batch", key)
    command = f"nnopt-viz run '{text}' --out run.csv"
    whole = f"With {given} it runs on your own machine: {command}"
    return Repair(less, f"{done} {verb} used. {whole}", f"{fits}, or `{command}`", key)


def shorter(lab: Lab, most: float, choices: tuple[tuple[str, ...], ...] = CHOICES) -> Lab:
    """The training nearest to one that is too long: the first of the choices that does, each as
    large as fits, and those that are given up last before the others."""
    least = lab
    for chosen in choices:
        least = lab
        for name in chosen:
            least = with_length(least, name, lowest(lab, name))
        if least.problem(most) is None:
            if chosen == ("seeds", "epochs"):
                least = _evenly(lab, chosen, most)
            for name in reversed(chosen):
                least = with_length(least, name, _most(least, name, length(lab, name), most))
            return least
    return least


def _evenly(lab: Lab, chosen: tuple[str, ...], most: float) -> Lab:
    """The largest that fits of those where each length is the same power of what was asked."""
    made = lab
    for power in range(SHARES - 1, -1, -1):
        for name in chosen:
            made = with_length(made, name, round(length(lab, name) ** (power / SHARES)))
        if made.problem(most) is None:
            break
    return made


def _most(lab: Lab, name: str, asked: int, most: float) -> int:
    """The largest value below what was asked that fits; prices rise with it."""
    fits, too_much = length(lab, name), asked + 1
    while too_much - fits > 1:
        middle = (fits + too_much) // 2
        if with_length(lab, name, middle).problem(most) is None:
            fits = middle
        else:
            too_much = middle
    return fits


def length(lab: Lab, name: str) -> int:
    """One of LENGTHS."""
    return int(lab.data.number("n")) if name == "n" else int(getattr(lab, name))


def with_length(lab: Lab, name: str, value: int) -> Lab:
    if name == "n":
        return replace(lab, data=lab.data.replace(n=value))
    return replace(lab, seeds=value) if name == "seeds" else replace(lab, epochs=value)


def lowest(lab: Lab, name: str) -> int:
    """The least that one of LENGTHS can be."""
    knobs = knobs_of(DATASETS, lab.data.name)
    return next((int(knob.low) for knob in knobs if knob.name == name), 1)

"""Random queries of the network lab, made from the declarations: whatever is declared occurs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nnopt_viz.compose.runs import run_knobs
from nnopt_viz.declare.knobs import Call, Knob
from nnopt_viz.networks import DATASETS, INITS, NETS, PLANES
from nnopt_viz.optimizers import TRAINERS
from nnopt_viz.query.keys import IN_KNOBS, call_text

if TYPE_CHECKING:
    import numpy as np

    from nnopt_viz.declare.registry import Registry

HIDDEN = ("", "1", "2", "3", "4,2", "2,2,2")
KEPT_SMALL = {"n": 12, "batch": 4.0}  # what would only make it slow


def random_lab(rng: np.random.Generator, runs: int) -> str:
    """A small training of some runs, each knob as it is by default or anywhere in its range.

    Often all runs are of one optimizer, at its default or not: their names must be told apart.
    """
    alike = str(rng.choice(list(TRAINERS))) if rng.random() < 0.5 else ""
    parts = [f"net={_net(rng)}", f"data={_drawn(rng, DATASETS, _any(rng, DATASETS))}"]
    parts += [f"init={_drawn(rng, INITS, _any(rng, INITS))}"]
    for _ in range(runs):
        parts.append(f"run={_drawn(rng, TRAINERS, alike or _any(rng, TRAINERS))}")
    parts += [f"plane={_plane(rng, runs)}"]
    parts += [f"batch={rng.integers(1, 13)}", f"epochs={rng.integers(1, 4)}"]
    return "&".join([*parts, f"seed={rng.integers(100)}", f"seeds={rng.integers(1, 3)}"])


def _any(rng: np.random.Generator, registry: Registry[Any]) -> str:
    return str(rng.choice(list(registry)))


def _net(rng: np.random.Generator) -> str:
    (entry,) = NETS.values()
    hidden = str(rng.choice(HIDDEN))
    return call_text(_call(rng, entry.name, entry.knobs, 0.6).replace(hidden=hidden), NETS)


def _plane(rng: np.random.Generator, runs: int) -> str:
    """One that these runs are enough for, through the ends of some of them."""
    fitting = [entry for entry in PLANES.values() if len(entry.ends) <= runs]
    entry = fitting[rng.integers(len(fitting))]
    of = rng.permutation(runs)[: len(entry.ends)].tolist()
    ends = dict(zip(entry.ends, of, strict=True))
    return call_text(_call(rng, entry.name, entry.knobs, 0.8).replace(**ends), PLANES)


def _drawn(rng: np.random.Generator, registry: Registry[Any], name: str, usual: float = 0.8) -> str:
    entry = registry[name]
    knobs = run_knobs(entry) if registry is TRAINERS else entry.knobs
    return call_text(_call(rng, name, knobs, usual), registry)


def _call(rng: np.random.Generator, name: str, knobs: tuple[Knob, ...], usual: float) -> Call:
    """Each knob is left at its default with probability `usual`."""
    made = {knob.name: knob.default for knob in knobs}
    for knob in knobs:
        if knob.name in KEPT_SMALL and knob.kind == "integer":
            made[knob.name] = max(int(knob.low), int(KEPT_SMALL[knob.name]))
        elif rng.random() > usual:
            made[knob.name] = _value(rng, knob)
    return Call(name, tuple(made.items()))


def _value(rng: np.random.Generator, knob: Knob) -> Any:
    if knob.kind == "flag":
        return bool(rng.integers(2))
    if knob.kind == "choice":
        return str(rng.choice(knob.choices))
    if knob.kind == "call":
        registry = IN_KNOBS[knob.registry]
        name = _any(rng, registry)
        return _call(rng, name, registry[name].knobs, 0.5)
    if knob.kind == "text":
        return knob.default
    low, high = knob.soft or (max(knob.low, -10.0), min(knob.high, 10.0))
    if rng.random() < 0.2:  # its ends, as far as there are any
        low, high = max(knob.low, -1e9), min(knob.high, 1e9)
        value: float = float(rng.choice([low, high]))
    else:
        value = low + float(rng.random()) * (high - low)
    value = round(value) if knob.kind == "integer" else float(f"{value:.4g}")
    return value if knob.admits(value) else knob.default

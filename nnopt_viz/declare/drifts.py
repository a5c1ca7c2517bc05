"""Drift: how the surface's morph `s` moves while the runs descend.

Each is one formula for the share of the way from the surface's own s to 1, in `t` (step,
from 1), `steps` (steps of the run) and its knobs. A new one is one declaration here.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from nnopt_viz.declare.knobs import Call, Knob
from nnopt_viz.declare.names import Names
from nnopt_viz.declare.registry import Registry
from nnopt_viz.formula.series import series

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Drift:
    """A way for the world to change during a run.

    Args:
        formula: share of the way from the surface's own s (0) to 1 (1), dimensionless.
    """

    name: str
    title: str
    family: str
    formula: str
    knobs: tuple[Knob, ...]
    doc: str
    source: str


DRIFTS: Registry[Drift] = Registry("drift", ("still", "shift"))
STILL = "none"
STANDING = Call(STILL)

DRIFTS.add(
    Drift(
        STILL,
        "Stays as it is",
        "still",
        "0",
        (),
        "The surface stays as it is.",
        "the usual case: data of one distribution",
    ),
    Names(
        ("still", "static", "off"),
    ),
)
DRIFTS.add(
    Drift(
        "jump",
        "At once",
        "shift",
        "where(t > at*steps, 1, 0)",
        (Knob("at", 0.5, "share of the steps before the change, dimensionless", 0.0, 1.0),),
        "The world changes at one step: what was a good place may no longer be one.",
        "concept drift, sudden: Gama et al. 2014, A survey on concept drift adaptation, fig. 2",
    ),
    Names(
        ("sudden", "abrupt"),
    ),
)
DRIFTS.add(
    Drift(
        "linear",
        "Steadily",
        "shift",
        "clip((t - 1 - begin*(steps - 1))/maximum((end - begin)*(steps - 1), 1), 0, 1)",
        (
            Knob("begin", 0.0, "share of the steps before it begins, dimensionless", 0.0, 1.0),
            Knob(
                "end",
                1.0,
                "share of the steps after which it ends, not before begin, dimensionless",
                0.0,
                1.0,
            ),
        ),
        "The surface changes by the same amount at every step: a run must follow its minimum.",
        "concept drift, incremental: Gama et al. 2014, A survey on concept drift adaptation, "
        "fig. 2",
    ),
    Names(
        ("steady", "gradual", "incremental"),
    ),
)
DRIFTS.add(
    Drift(
        "swing",
        "Back and forth",
        "shift",
        "(1 - cos(2*pi*cycles*(t - 1)/steps))/2",
        (Knob("cycles", 2.0, "how often it goes there and back", 0.0, 100.0, soft=(0.5, 10.0)),),
        "The surface goes there and back: a run with a long memory lags behind.",
        "concept drift, reoccurring: Gama et al. 2014, A survey on concept drift adaptation, "
        "fig. 2",
    ),
    Names(
        ("oscillation", "periodic", "back_and_forth"),
    ),
)


@lru_cache(maxsize=256)
def shares(drift: Call, steps: int) -> NDArray[np.float64]:
    """The share of the way from the surface's own s to 1 at steps 1 … steps. Read-only."""
    return series(DRIFTS[drift.name].formula, drift.numbers(), steps)

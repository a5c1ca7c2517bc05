"""The keys of a race: what each takes, what is meant when it is left out.

The page's controls, the API schema and the help text read the same tables.
"""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, Any

from nnopt_viz.compose.calls import point
from nnopt_viz.compose.own import surface_entry
from nnopt_viz.compose.runs import MAX_RUNS
from nnopt_viz.declare.drifts import DRIFTS
from nnopt_viz.declare.knobs import Call, Knob
from nnopt_viz.declare.starts import STARTS
from nnopt_viz.optimizers import NETWORK_OPTIMIZERS, OPTIMIZERS
from nnopt_viz.query.grammar import number_text
from nnopt_viz.query.keys import KEYS_ALSO, RUN_EXAMPLE, VERSION_EXAMPLE, call_text
from nnopt_viz.query.reading import Vocabulary
from nnopt_viz.race.scenario import MAX_STEPS, Scenario
from nnopt_viz.surfaces import SURFACES

if TYPE_CHECKING:
    from nnopt_viz.declare.registry import Registry

DEFAULT_SURFACE, DEFAULT_RUN = "rosenbrock", "adam"
CALLS: dict[str, Registry[Any]] = {
    "surface": SURFACES,
    "run": OPTIMIZERS,
    "start": STARTS,
    "drift": DRIFTS,
}
SCALARS: dict[str, Knob] = {
    knob.name: knob
    for knob in (
        Knob(
            "steps",
            500,
            "how many steps each run takes",
            1,
            MAX_STEPS,
            "integer",
            soft=(10, 2000),
            log=True,
        ),
        Knob(
            "noise",
            0.0,
            "standard deviation of the noise added to each coordinate of the gradient, absolute",
            0.0,
            1e6,
            soft=(0.0, 10.0),
        ),
        Knob("seed", 0, "decides noise and random starts", 0, 10**15, "integer", soft=(0, 100)),
        Knob(
            "tol",
            1e-6,
            "loss gap that counts as reached; when it is left out, a run has reached a minimum "
            "when it has stopped beside it",
            0.0,
            1e300,
        ),
    )
}
EXAMPLES: dict[str, str] = {
    "surface": "a surface such as rosenbrock(b=50)",
    "run": RUN_EXAMPLE,
    "start": "x,y such as -1.5,2, or random(n=64), grid(n=8) or ring(n=12,radius=1)",
    **{name: knob.allowed() for name, knob in SCALARS.items()},
    "drift": "how s moves during the runs: none, jump(at=0.5), linear or swing(cycles=2)",
    "v": VERSION_EXAMPLE,
}
DEFAULTS: dict[str, Any] = {f.name: f.default for f in fields(Scenario) if f.name in SCALARS}
VOCABULARY = Vocabulary(
    EXAMPLES, CALLS, DEFAULTS, {"run": MAX_RUNS},
    {
        ("run", word): f"{name} works on weight matrices; a surface has none. "
        f"Try it in the network lab: /network?run={name}."
        for name in NETWORK_OPTIMIZERS
        for word in (name, *NETWORK_OPTIMIZERS.names(name).also)
    },
    KEYS_ALSO | {
        "function": "surface", "objective": "surface", "x0": "start", "iterations": "steps",
        "n_steps": "steps", "num_steps": "steps", "max_iter": "steps", "tolerance": "tol",
    },
)  # fmt: skip


def declared_start(chosen: Call) -> Call:
    """Where runs begin when the query says nothing: the surface's own start."""
    return point(*surface_entry(chosen).start)


def start_text(call: Call) -> str:
    if call.name == "point":
        return f"{number_text(call.number('x'))},{number_text(call.number('y'))}"
    return call_text(call, STARTS)

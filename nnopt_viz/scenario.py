"""A scenario: everything that decides the result, as one frozen value."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from nnopt_viz.compose.own import FORMULA, RULE, Own, reads_morph
from nnopt_viz.compose.runs import optimizer_entry, run_knobs
from nnopt_viz.declare.drifts import DRIFTS, STANDING
from nnopt_viz.declare.knobs import Call, Value
from nnopt_viz.declare.starts import STARTS
from nnopt_viz.formula.expand import MORPH
from nnopt_viz.optimizers import OPTIMIZERS, TRAINERS, Optimizer
from nnopt_viz.schedules import SCHEDULES
from nnopt_viz.surfaces import SURFACES, Surface

MAX_RUNS = 12
MAX_STEPS = 20_000
MAX_LANES = 4_096
MAX_POSITIONS = 5_000_000
DEFAULT_STEPS = 500


@dataclass(frozen=True, slots=True)
class Scenario:
    """What is raced, where, from where, for how long, and with which seed.

    Args:
        surface: a call from SURFACES.
        runs: 1 to 12 calls from OPTIMIZERS, each with `lr` and `schedule`.
        start: a call from STARTS; its points are the lanes, shared by all runs.
        steps: 1 to 20,000.
        noise: standard deviation added to each gradient coordinate, absolute.
        seed: decides noise and random starts.
        tol: loss gap that counts as reached; None for 1e-6 of the loss range shown.
        drift: a call from DRIFTS: how the surface's morph s moves during the runs.

    The limits are stated by `problem`; `url.decode` raises them as errors.
    """

    surface: Call
    runs: tuple[Call, ...]
    start: Call
    steps: int = DEFAULT_STEPS
    noise: float = 0.0
    seed: int = 0
    tol: float | None = None
    drift: Call = STANDING

    @property
    def drifts(self) -> bool:
        """Does the surface move during the runs?"""
        return self.drift != STANDING

    @property
    def lanes(self) -> int:
        """How many starting points each run has."""
        return STARTS[self.start.name].lanes(self.start)

    @property
    def positions(self) -> int:
        """How many positions the whole result holds, starts included."""
        return (self.steps + 1) * len(self.runs) * self.lanes

    def problem(self) -> tuple[str, str] | None:
        """The first limit that is exceeded, as (key, plain sentence), or None."""
        if not 1 <= len(self.runs) <= MAX_RUNS:
            return "run", f"There can be 1 to {MAX_RUNS} runs, not {len(self.runs)}"
        if not 1 <= self.steps <= MAX_STEPS:
            return "steps", f"steps is a whole number from 1 to {MAX_STEPS:,}, not {self.steps}"
        if not 1 <= self.lanes <= MAX_LANES:
            return "start", f"There can be 1 to {MAX_LANES:,} starting points, not {self.lanes:,}"
        if self.positions > MAX_POSITIONS:
            return "steps", (
                f"(steps + 1) x runs x starting points is {self.positions:,}; "
                f"at most {MAX_POSITIONS:,} positions fit in one request"
            )
        if self.drifts and not is_morphing(self.surface):
            return "drift", f"drift moves s, and the surface {self.surface.name} has no s"
        return None

    @classmethod
    def from_query(cls, query: str) -> Scenario:
        """Read a query text such as `surface=booth&run=adam(lr=0.1)`."""
        from nnopt_viz.url import decode

        return decode(query)

    def to_query(self) -> str:
        """The canonical query text; defaults are left out."""
        from nnopt_viz.url import encode

        return encode(self)

    def to_spec(self) -> dict[str, Any]:
        """The scenario as plain JSON values, every knob present."""
        return {
            "surface": _spec(self.surface),
            "runs": [_spec(run) for run in self.runs],
            "start": _spec(self.start),
            "steps": self.steps,
            "noise": self.noise,
            "seed": self.seed,
            "tol": self.tol,
            "drift": _spec(self.drift),
        }

    @classmethod
    def from_spec(cls, spec: dict[str, Any]) -> Scenario:
        """The inverse of `to_spec`; values are taken as they are."""
        return cls(
            surface=_call(spec["surface"]),
            runs=tuple(_call(run) for run in spec["runs"]),
            start=_call(spec["start"]),
            steps=int(spec["steps"]),
            noise=float(spec["noise"]),
            seed=int(spec["seed"]),
            tol=spec["tol"],
            drift=_call(spec["drift"]),
        )


def surface(name: str, **knobs: Value) -> Call:
    """A surface by name: `surface("rosenbrock", b=50)`, `surface("formula", f="x**2 + y**2")`."""
    if name == FORMULA.name:
        s = knobs.pop(MORPH, None)
        own = _own_call(FORMULA, knobs)
        if s is None and reads_morph(str(own["f"])):
            s = 0.0
        return own if s is None else Call(name, (*own.knobs, (MORPH, s)))
    return SURFACES.call(name, **knobs)


def run(name: str, **knobs: Value) -> Call:
    """A run by optimizer name: `run("adam", lr=0.02)`, `run("rule", text="x = x - lr*g")`."""
    own = _own_call(RULE, knobs) if name == RULE.name else None
    entry = optimizer_entry(own) if own else TRAINERS[name]
    values = {knob.name: knobs.get(knob.name, knob.default) for knob in run_knobs(entry)}
    return Call(name, tuple((dict(own.knobs[:1]) | values if own else values).items()))


def drift(name: str, **knobs: Value) -> Call:
    """A drift by name: `drift("linear", end=0.5)`."""
    return DRIFTS.call(name, **knobs)


def is_morphing(surface: Call) -> bool:
    """Has the surface a morph s, so that it can drift?"""
    return any(name == MORPH for name, _ in surface.knobs)


def _own_call(own: Own, given: dict[str, Value]) -> Call:
    """A call of one's own: its fixed knobs, then those that are declared by being given."""
    fixed = {knob.name: given.get(knob.name, knob.default) for knob in own.knobs}
    return Call(own.name, tuple((fixed | given).items()))


def point(x: float, y: float) -> Call:
    """A start at one point."""
    return STARTS.call("point", x=x, y=y)


def schedule(name: str, **knobs: Value) -> Call:
    """A schedule by name: `schedule("cosine", warmup=50)`."""
    return SCHEDULES.call(name, **knobs)


def good_rate(surface_name: str, optimizer_name: str) -> float:
    """The learning rate that a declared surface says is good for a declared optimizer."""
    return suited_rate(SURFACES[surface_name], OPTIMIZERS[optimizer_name])


def suited_rate(chosen: Surface, optimizer: Optimizer) -> float:
    """The learning rate that a surface says is good for an optimizer.

    Its own entry there, else its family's times the optimizer's `rate_scale`, to two
    digits; else the optimizer's default.
    """
    rates = chosen.rates
    if optimizer.name in rates:
        return float(rates[optimizer.name])
    if optimizer.rate in rates:
        rate, scale = float(rates[optimizer.rate]), optimizer.rate_scale
        return rate if scale == 1 else float(f"{rate * scale:.2g}")
    default = next(knob.default for knob in optimizer.knobs if knob.name == "lr")
    assert isinstance(default, float | int)
    return float(default)


def _spec(value: Call) -> dict[str, Any]:
    return {
        "name": value.name,
        "knobs": {k: _spec(v) if isinstance(v, Call) else v for k, v in value.knobs},
    }


def _call(spec: dict[str, Any]) -> Call:
    return Call(
        str(spec["name"]),
        tuple((k, _call(v) if isinstance(v, dict) else v) for k, v in spec["knobs"].items()),
    )

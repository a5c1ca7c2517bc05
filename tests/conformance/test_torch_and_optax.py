"""Live comparison with torch and optax: `make conformance`, which keeps what it measures.

Every surface against torch's autograd; every optimizer whose source names a torch.optim
class against that class, at random knobs; every optimizer that optax has against optax,
its knobs set so that both mean the same, and where our text says that they differ,
that they do.
"""

from __future__ import annotations

import ast
import inspect
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from nnopt_viz.catalogue.evidence import OWN_FORMULA
from nnopt_viz.compose.calls import surface
from nnopt_viz.judge.evaluate import evaluate
from nnopt_viz.judge.rates import good_rate
from nnopt_viz.optimizers import OPTIMIZERS
from nnopt_viz.surfaces import SURFACES
from tests.support.live import (
    ROUNDING,
    STEPS,
    assert_close,
    golden,
    jax,
    keep,
    optax,
    ours,
    torch,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from tests.support.recording import Recorder
    from tools.golden import Oracle

    Array = NDArray[np.float64]

pytestmark = pytest.mark.conformance


# --- surfaces -------------------------------------------------------------------------


def as_torch(text: str, names: dict[str, Any]) -> Any:
    """The formula computed with torch tensors, read with Python's own parser."""
    functions: dict[str, Callable[..., Any]] = {
        "minimum": torch.minimum,
        "maximum": torch.maximum,
        "where": torch.where,
    }
    operators: dict[type, Callable[[Any, Any], Any]] = {
        ast.Add: lambda a, b: a + b,
        ast.Sub: lambda a, b: a - b,
        ast.Mult: lambda a, b: a * b,
        ast.Div: lambda a, b: a / b,
        ast.Pow: lambda a, b: a**b,
        ast.Lt: lambda a, b: a < b,
        ast.LtE: lambda a, b: a <= b,
        ast.Gt: lambda a, b: a > b,
        ast.GtE: lambda a, b: a >= b,
        ast.Eq: lambda a, b: a == b,
        ast.NotEq: lambda a, b: a != b,
    }

    def build(node: ast.AST) -> Any:
        match node:
            case ast.Constant(value=value):
                return torch.tensor(float(value))  # type: ignore[arg-type]
            case ast.Name(id=name):
                return names[name]
            case ast.BinOp(left=left, op=op, right=right):
                return operators[type(op)](build(left), build(right))
            case ast.UnaryOp(operand=operand):
                return -build(operand)
            case ast.Compare(left=left, ops=[op], comparators=[right]):
                return operators[type(op)](build(left), build(right))
            case ast.Call(func=ast.Name(id="clip"), args=[value, low, high]):
                return torch.clamp(build(value), build(low), build(high))
            case ast.Call(func=ast.Name(id=name), args=args):
                return functions.get(name, getattr(torch, name, None))(*map(build, args))
        raise AssertionError(ast.dump(node))

    return build(ast.parse(text.strip(), mode="eval").body)


@pytest.mark.parametrize("name", SURFACES)
def test_derivatives_agree_with_torch_autograd(name: str, evidence: Recorder) -> None:
    entry, call = SURFACES[name], SURFACES.call(name)
    xl, xh, yl, yh = entry.bounds
    rng = np.random.default_rng(3)
    points = np.stack([rng.uniform(xl, xh, 20), rng.uniform(yl, yh, 20)])
    knobs = {k: torch.tensor(v) for k, v in call.numbers().items()}
    knobs["pi"] = torch.tensor(np.pi)

    def loss(at: Any) -> Any:
        return as_torch(entry.formula, {"x": at[0], "y": at[1], **knobs})

    value, slope, curvature = evaluate(call, *points, 2)
    theirs = [torch.tensor(p) for p in points.T]
    found = (
        np.array([loss(p) for p in theirs]),
        np.array([torch.autograd.functional.jacobian(loss, p).numpy() for p in theirs]).T,
        np.array([torch.autograd.functional.hessian(loss, p).numpy() for p in theirs]).T,
    )
    apart = []
    for mine, other in zip((value, slope, curvature), found, strict=True):
        largest = np.abs(other).max() or 1.0
        apart.append(np.abs(mine - other).max() / largest)
        assert apart[-1] <= 1e-13  # rounding of a dozen operations
    evidence.compared(
        "surfaces", name, "torch.autograd", OWN_FORMULA, [max(apart[1:])] * len(theirs), steps=[0]
    )


# --- torch.optim ----------------------------------------------------------------------


OF_TORCH = [name for name in OPTIMIZERS if golden.torch_class(OPTIMIZERS[name])]


@pytest.mark.parametrize("name", OF_TORCH)
def test_knobs_have_torch_names_and_defaults(name: str) -> None:
    found = golden.torch_class(OPTIMIZERS[name])
    assert found is not None
    made, flags = found
    theirs = {
        key: parameter.default
        for key, parameter in inspect.signature(made).parameters.items()
        if parameter.default is not parameter.empty
    }
    defaults = {knob.name: knob.default for knob in OPTIMIZERS[name].knobs}
    mine = golden.torch_arguments(defaults)
    assert set(mine) | set(flags) <= set(theirs)
    for key, value in mine.items():
        if (made, key) == (torch.optim.SGD, "momentum"):
            continue  # 0 in torch; design: our momentum and nesterov start at 0.9
        assert value == theirs[key], key


def draw(name: str, surface_name: str, seed: int) -> dict[str, Any]:
    """Random knobs, each between the default and the odd values of the golden files."""
    rng = np.random.default_rng([seed, *name.encode()])
    drawn: dict[str, Any] = {}
    for knob in OPTIMIZERS[name].knobs:
        if knob.kind == "flag":
            drawn[knob.name] = bool(rng.integers(2))
        elif knob.name in golden.ODD:
            drawn[knob.name] = float(rng.uniform(*sorted(golden.ODD[knob.name])))
    return drawn | {"lr": good_rate(surface_name, name) * float(rng.uniform(0.05, 0.3))}


@pytest.mark.parametrize("name", OF_TORCH)
def test_against_torch_at_defaults_and_random_knobs(
    name: str, case: Oracle, evidence: Recorder
) -> None:
    entry = OPTIMIZERS[name]
    named = golden.torch_class(entry)
    assert named is not None
    defaults = golden.settings(entry, case.name)[0]
    runs = []
    for knobs in (defaults, draw(name, case.name, 1), draw(name, case.name, 2)):
        path = golden.torch_path(entry, knobs, case.loss, case.start, STEPS)
        moved = golden.spread(entry, knobs, case.loss, case.start, path)
        mine = ours(name, knobs, case, STEPS)
        runs.append(assert_close(mine, path, moved, f"{name} on {case.name}"))
    flags = ", ".join(f"{flag}={value}" for flag, value in named[1].items())
    peer = f"torch.optim.{named[0].__name__}" + (f"({flags})" if flags else "")
    keep(evidence, name, peer, case.name, runs)


# --- optax ----------------------------------------------------------------------------

# name -> (optax's optimizer, what our knobs must be, our knob -> optax's keyword, further
# keywords) so that both mean the same. eps is 0 where the two put it in different places.
ALIGNED: dict[str, tuple[str, dict[str, Any], dict[str, str], dict[str, Any]]] = {
    "sgd": ("sgd", {}, {}, {}),
    "momentum": ("sgd", {}, {"momentum": "momentum"}, {}),
    "nesterov": ("sgd", {}, {"momentum": "momentum"}, {"nesterov": True}),
    "adagrad": (
        "adagrad",
        {"eps": 0.0, "initial_accumulator_value": 0.1},
        {"eps": "eps", "initial_accumulator_value": "initial_accumulator_value"},
        {},
    ),
    "adadelta": ("adadelta", {}, {"rho": "rho", "eps": "eps"}, {}),
    "rmsprop": ("rmsprop", {}, {"alpha": "decay", "eps": "eps"}, {"eps_in_sqrt": False}),
    "adam": ("adam", {}, {"beta1": "b1", "beta2": "b2", "eps": "eps"}, {}),
    "adamw": (
        "adamw",
        {},
        {"beta1": "b1", "beta2": "b2", "eps": "eps", "weight_decay": "weight_decay"},
        {},
    ),
    "adamax": ("adamax", {}, {"beta1": "b1", "beta2": "b2", "eps": "eps"}, {}),
    "radam": ("radam", {"eps": 0.0}, {"beta1": "b1", "beta2": "b2", "eps": "eps"}, {}),
}
# name -> (optax's optimizer, our knobs, its keywords): as near as they get, and not equal
DIFFERENT: dict[str, tuple[str, dict[str, Any], dict[str, Any]]] = {
    "adagrad": ("adagrad", {}, {}),
    "rmsprop": ("rmsprop", {"alpha": 0.9, "eps": 1e-2}, {"eps": 1e-2}),
    "amsgrad": ("amsgrad", {}, {}),
    "nadam": ("nadam", {}, {}),
    "rprop": ("rprop", {}, {}),
}
DEFAULT_LR = 1e-3


def optax_path(
    name: str, keywords: dict[str, Any], case: Oracle, steps: int, lr: float = DEFAULT_LR
) -> Array:
    """Positions of optax's optimizer in float64, shape (2, steps + 1), on our exact gradient."""
    made = getattr(optax, name)(learning_rate=lr, **keywords)
    at = jax.numpy.asarray(case.start)
    state = made.init(at)
    update = jax.jit(made.update)
    call = surface(case.name, **case.knobs)
    path = [np.asarray(at)]
    for _ in range(steps):
        _, slope = evaluate(call, *path[-1], 1)
        change, state = update(jax.numpy.asarray(slope), state, at)
        at = optax.apply_updates(at, change)
        path.append(np.asarray(at))
    return np.array(path).T


def spread_of(name: str, knobs: dict[str, Any], case: Oracle) -> Array:
    entry = OPTIMIZERS[name]
    path = golden.torch_path(entry, knobs, case.loss, case.start, STEPS)
    return golden.spread(entry, knobs, case.loss, case.start, path)


@pytest.mark.parametrize("name", ALIGNED)
def test_against_optax_with_aligned_knobs(name: str, case: Oracle, evidence: Recorder) -> None:
    """At our defaults and at two odd settings of every knob that both have."""
    made, fixed, same, further = ALIGNED[name]
    defaults = {knob.name: knob.default for knob in OPTIMIZERS[name].knobs}
    runs = []
    for which, lr in enumerate((DEFAULT_LR, 0.3 * DEFAULT_LR, 0.5 * DEFAULT_LR)):
        odd = {knob: golden.ODD[knob][which - 1] for knob in same if which and knob not in fixed}
        knobs = defaults | fixed | odd | {"lr": lr}
        theirs = {word: knobs[knob] for knob, word in same.items()} | further
        path = optax_path(made, theirs, case, STEPS, lr)
        # another order of operations in every step, so ten times the slack of torch's spread
        moved = spread_of(name, knobs, case)
        mine = ours(name, knobs, case, STEPS)
        what = f"{name} on {case.name}, setting {which}, optax"
        runs.append(assert_close(mine, path, moved, what, slack=30.0, floor=4 * ROUNDING))
    aligned = " and ".join(f"{knob} {value:g}" for knob, value in fixed.items())
    given = f"with {aligned}" if aligned else ""
    keep(evidence, name, f"optax.{made}", case.name, runs, given=given)


@pytest.mark.parametrize("name", DIFFERENT)
def test_where_our_text_says_that_optax_differs_it_does(name: str) -> None:
    made, mine, theirs = DIFFERENT[name]
    assert "optax" in OPTIMIZERS[name].differs
    case = golden.ORACLES[-1]
    path = optax_path(made, theirs, case, 100)
    apart = np.abs(ours(name, mine | {"lr": DEFAULT_LR}, case, 100) - path).max()
    assert apart > 1e-6

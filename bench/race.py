"""Six runs of 1000 steps on Rosenbrock against torch.optim and optax, in float64.

All three keep every position and loss, and the paths are compared before any time is
believed: they did the same work.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from bench.measure import Row, clock, faster, fresh, medians, typical, within
from nnopt_viz import Scenario, simulate
from nnopt_viz.judge import executors

STEPS = 1000
START = (-1.5, 2.0)
RATES = {
    "sgd": 0.001,
    "momentum": 0.0005,
    "nesterov": 0.0005,
    "rmsprop": 0.001,
    "adagrad": 0.5,
    "adam": 0.05,
}
QUERY = (
    "surface=rosenbrock"
    + "".join(f"&run={name}(lr={lr})" for name, lr in RATES.items())
    + f"&start={START[0]},{START[1]}&steps={STEPS}"
)
SCENARIO = Scenario.from_query(QUERY)
# Equal to rounding; later rmsprop hops across the valley floor and carries rounding on.
COMPARED = 200
SAME = 1e-9

Positions = np.ndarray[Any, np.dtype[np.float64]]


def rows() -> Iterator[Row]:
    torch, optax = torch_run(), optax_run()
    for name, peer in (("torch", torch()), ("optax", optax())):
        error = float(np.abs(peer - our_run())[:, :COMPARED].max())
        if not error < SAME:
            raise SystemExit(f"{name} went elsewhere: the paths differ by {error:g}")
    here, slow, warm = medians(
        7, lambda: typical(exhaust), lambda: clock(torch), lambda: typical(optax)
    )
    plain = without_native()
    what = f"6 runs × {STEPS} steps, Rosenbrock, exhausting simulate(scenario)"
    yield faster(f"{what}, with [native]", here, slow, "torch.optim + autograd", 500, "must")
    cold_here, cold = medians(5, our_first_call, optax_first_call)
    yield faster("the same", here, cold, "optax, first call", 80, "aim")
    yield within("the same", here, warm, "optax, compiled", 3.5, "aim")
    yield faster("the same, without [native]", plain, slow, "torch.optim + autograd", 500, "aim")
    yield faster(
        "the same, first call of a process", cold_here, cold, "optax, first call", 1, "aim"
    )


def without_native() -> float:
    """The same in plain Python, for those who have not installed the extra."""
    executors.code_of.cache_clear()
    earned, executors.EARNED = executors.EARNED, sys.maxsize
    try:
        return typical(exhaust)
    finally:
        executors.EARNED = earned


def exhaust() -> None:
    """Every chunk of the race, dropped as it comes."""
    for _ in simulate(SCENARIO):
        pass


def our_run() -> Positions:
    """Our positions, shape (runs, steps + 1, 2)."""
    chunks = [chunk.x[..., 0] for chunk in simulate(SCENARIO)]
    return np.concatenate(chunks, axis=2).transpose(1, 2, 0)


def torch_run() -> Callable[[], Positions]:
    """As a user of torch writes it: a parameter, an optimizer, backward, step."""
    import torch

    makers: dict[str, Callable[[list[torch.Tensor], float], torch.optim.Optimizer]] = {
        "sgd": lambda p, lr: torch.optim.SGD(p, lr=lr),
        "momentum": lambda p, lr: torch.optim.SGD(p, lr=lr, momentum=0.9),
        "nesterov": lambda p, lr: torch.optim.SGD(p, lr=lr, momentum=0.9, nesterov=True),
        "rmsprop": lambda p, lr: torch.optim.RMSprop(p, lr=lr),
        "adagrad": lambda p, lr: torch.optim.Adagrad(p, lr=lr),
        "adam": lambda p, lr: torch.optim.Adam(p, lr=lr),
    }

    def run() -> Positions:
        path = np.empty((len(RATES), STEPS + 1, 2))
        loss_path = np.empty((len(RATES), STEPS + 1))
        for i, (name, lr) in enumerate(RATES.items()):
            x = torch.tensor(START, dtype=torch.float64, requires_grad=True)
            optimizer = makers[name]([x], lr)
            path[i, 0] = START
            for step in range(1, STEPS + 1):
                optimizer.zero_grad()
                loss = (1 - x[0]) ** 2 + 100 * (x[1] - x[0] ** 2) ** 2
                loss.backward()
                optimizer.step()
                path[i, step] = x.detach().numpy()
                loss_path[i, step - 1] = loss.item()
        return path

    return run


def optax_run() -> Callable[[], Positions]:
    """All six in one jitted function, each a scan over the steps."""
    import jax
    import jax.numpy as jnp
    import optax

    jax.config.update("jax_enable_x64", True)
    methods = {
        "sgd": lambda lr: optax.sgd(lr),
        "momentum": lambda lr: optax.sgd(lr, momentum=0.9),
        "nesterov": lambda lr: optax.sgd(lr, momentum=0.9, nesterov=True),
        "rmsprop": lambda lr: optax.rmsprop(lr, decay=0.99, eps=1e-8, eps_in_sqrt=False),
        "adagrad": lambda lr: optax.adagrad(lr, initial_accumulator_value=0.0, eps=1e-10),
        "adam": lambda lr: optax.adam(lr),
    }

    def loss(x: Any) -> Any:
        return (1 - x[0]) ** 2 + 100 * (x[1] - x[0] ** 2) ** 2

    def race(start: Any) -> Any:
        paths, losses = [], []
        for name, lr in RATES.items():
            method = methods[name](lr)

            def step(carry: Any, _: Any, method: Any = method) -> Any:
                x, state = carry
                value, gradient = jax.value_and_grad(loss)(x)
                change, state = method.update(gradient, state, x)
                x = optax.apply_updates(x, change)
                return (x, state), (x, value)

            _, (path, values) = jax.lax.scan(step, (start, method.init(start)), None, length=STEPS)
            paths.append(jnp.concatenate([start[None], path]))
            losses.append(values)
        return jnp.stack(paths), jnp.stack(losses)

    compiled = jax.jit(race)
    start = jnp.array(START, dtype=jnp.float64)

    def run() -> Positions:
        path, _ = jax.block_until_ready(compiled(start))
        return np.asarray(path)

    return run


def our_first_call() -> float:
    """In a new interpreter, imports not counted: formulas to functions are."""
    return fresh("from bench.race import exhaust, clock\ntaken = clock(exhaust)", "taken")


def optax_first_call() -> float:
    """In a new interpreter, imports not counted: tracing and compiling are."""
    return fresh("from bench.race import optax_run, clock\ntaken = clock(optax_run())", "taken")

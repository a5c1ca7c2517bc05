"""The whole catalogue: first frames when nothing is warm, a formula of one's own, many starts."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

from bench.measure import ROOT, Row, below, fresh, medians, ms, times

OWN = (
    "0.5*(x**2 + a*y**2) + 2*exp(-((x - 1)**2 + (y + 1)**2)/0.5)"
    " - 3*exp(-((x + 1)**2 + (y - 1)**2)/0.8) + 0.1*sin(6*x)*cos(5*y)"
    " + where(x*y > 0, 0.2*abs(x - y), 0.1*sqrt(1 + x**2*y**2))"
)
STARTS, STEPS = 64, 500
NAMES = ("sgd", "momentum", "nesterov", "rmsprop", "adagrad", "adam")

# One fresh interpreter a run: every entry is met for the first time, after the imports that a
# server has made before it answers.
COLD = """
import json, time
from nnopt_viz.wsgi import server
from nnopt_viz.optimizers import OPTIMIZERS
from nnopt_viz.surfaces import SURFACES
client = server.test_client()
client.get("/run.bin?steps=1")
client.get("/figures.json?theme=light")
def first(query):
    begun = time.perf_counter()
    answer = client.get(query, buffered=False)
    next(answer.response)
    taken = time.perf_counter() - begun
    answer.close()
    return taken
taken = {
    name: first(f"/run.bin?surface={name}&run=adam") + first(f"/figures.json?surface={name}")
    for name in SURFACES
}
taken |= {name: first(f"/run.bin?surface=booth&run={name}(lr=1e-3)") for name in OPTIMIZERS}
print(json.dumps(taken))
"""
FORMULA = """
import time
from nnopt_viz.wsgi import server
client = server.test_client()
client.get("/run.bin?steps=1")
begun = time.perf_counter()
answer = client.get({query!r}, buffered=False)
assert answer.status_code == 200
next(answer.response)
taken = time.perf_counter() - begun
"""

FIRST_CALL = """
from bench.catalogue import many, many_optax
from bench.measure import clock
taken = clock({setup})
"""


def rows() -> Iterator[Row]:
    taken = [cold_first_frames() for _ in range(5)]
    medians_of = {name: sorted(run[name] for run in taken)[2] for name in taken[0]}
    slowest = max(medians_of, key=lambda name: medians_of[name])
    what = f"cold first frame, map and 3D included, slowest of {len(medians_of)} ({slowest})"
    yield below(what, 1e3 * medians_of[slowest], 150, "ms", "must")
    text = quote(f'surface=formula(f="{OWN}",a=3)&run=adam(lr=0.05)', safe="=&(),")
    code = FORMULA.format(query=f"/run.bin?{text}")
    (own,) = medians(7, lambda: fresh(code, "taken"))
    what = f"a formula of {len(OWN)} characters, text to first rows, new to the process"
    yield below(what, 1e3 * own, 100, "ms", "must")
    ours, theirs = medians(5, our_first_call, optax_first_call)
    what = f"{STARTS} random starts × {len(NAMES)} optimizers × {STEPS} steps, first call"
    share = ours / theirs
    yield Row(what, ms(ours), f"optax (jit, vmap) {ms(theirs)}", times(share), "aim: at most 0.33×",
              share <= 1 / 3)  # fmt: skip


def cold_first_frames() -> dict[str, float]:
    """Entry -> seconds until the first rows of its first run are there."""
    run = subprocess.run(
        [sys.executable, "-c", COLD], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return dict(json.loads(run.stdout.splitlines()[-1]))


def our_first_call() -> float:
    """In a new interpreter, imports not counted."""
    return fresh(FIRST_CALL.format(setup="many"), "taken")


def optax_first_call() -> float:
    return fresh(FIRST_CALL.format(setup="many_optax()"), "taken")


def many() -> None:
    """All starts of all optimizers, positions and losses kept chunk by chunk."""
    from nnopt_viz import Scenario, simulate

    query = f"surface=beale&start=random(n={STARTS})&steps={STEPS}"
    query += "".join(f"&run={name}(lr=0.001)" for name in NAMES)
    for _ in simulate(Scenario.from_query(query)):
        pass


def many_optax() -> Any:
    """The same in one jitted function: a vmap over starts of a scan over steps."""
    import jax
    import jax.numpy as jnp
    import numpy as np
    import optax

    jax.config.update("jax_enable_x64", True)
    methods = [
        optax.sgd(1e-3), optax.sgd(1e-3, momentum=0.9),
        optax.sgd(1e-3, momentum=0.9, nesterov=True),
        optax.rmsprop(1e-3, decay=0.99, eps=1e-8, eps_in_sqrt=False),
        optax.adagrad(1e-3, initial_accumulator_value=0.0, eps=1e-10), optax.adam(1e-3),
    ]  # fmt: skip

    def loss(x: Any) -> Any:
        a, b = x
        return (1.5 - a + a * b) ** 2 + (2.25 - a + a * b**2) ** 2 + (2.625 - a + a * b**3) ** 2

    def path(method: Any, start: Any) -> Any:
        def step(carry: Any, _: Any) -> Any:
            x, state = carry
            value, gradient = jax.value_and_grad(loss)(x)
            change, state = method.update(gradient, state, x)
            return (optax.apply_updates(x, change), state), (x, value)

        return jax.lax.scan(step, (start, method.init(start)), None, length=STEPS)[1]

    def race(starts: Any) -> Any:
        return [jax.vmap(lambda s, m=method: path(m, s))(starts) for method in methods]

    compiled = jax.jit(race)
    starts = jnp.asarray(np.random.default_rng(0).uniform(-4.5, 4.5, (STARTS, 2)))
    return lambda: jax.block_until_ready(compiled(starts))

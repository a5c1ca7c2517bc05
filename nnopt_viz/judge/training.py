"""Training networks: the one loop that the lab and the experiments share.

Trainings lie side by side: methods by lanes by parameters, one gradient evaluation a step,
each method's own rule. What is kept and measured on the way is its caller's business.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from nnopt_viz.compose.runs import composed, optimizer_entry
from nnopt_viz.compose.stable import step_divisor
from nnopt_viz.declare.knobs import Call
from nnopt_viz.declare.streams import RULE_DRAWS
from nnopt_viz.formula.matrices import Matrices
from nnopt_viz.formula.vector import Field, VectorRule, refused
from nnopt_viz.networks import Passes, hessian_vector
from nnopt_viz.schedules import factors

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from nnopt_viz.networks import Network

Array = NDArray[np.float64]
GROUPED = "layer-wise"  # the family of rules whose norms are each layer's own
Batch = tuple[Array, Array]  # samples and targets: shared, (n, inputs), or (lanes, n, inputs)


@dataclass(frozen=True, slots=True, eq=False)
class Method:
    """A run's rule, and the learning rate of each of its steps.

    Args:
        rule: with the state of every lane; it changes from step to step.
        rate: before the schedule: a number, or one a lane, shape (lanes, 1).
        course: the schedule's factors, shape (steps,), dimensionless.
    """

    rule: VectorRule
    rate: Any
    course: Array

    def rate_at(self, t: int) -> Any:
        """The learning rate of step t, from 1."""
        made = self.rate * self.course[t - 1]
        return made if isinstance(made, np.ndarray) else float(made)


def method_of(
    call: Call, network: Network, seeds: Sequence[int], steps: int, rate: Any = None
) -> Method:
    """The method that a call means.

    Args:
        call: a run that can train a network (`network_problem` is None).
        seeds: of each lane, for what the rule draws by itself.
        steps: how many there will be.
        rate: in place of the call's own `lr`; see `Method`.
    """
    rate = call.number("lr") if rate is None else rate
    return Method(_rule_of(call, network, seeds), rate, factors(call.call("schedule"), steps))


def network_problem(call: Call) -> str | None:
    """Why this optimizer can't train a network, or None."""
    entry = optimizer_entry(call)
    why = refused(composed(call).parsed())
    return f"{entry.name} can't train a network: its {why}" if why else None


def train_together(
    network: Network, theta: Array, methods: Sequence[Method], batches: Iterator[Batch]
) -> Iterator[Array]:
    """The parameters after step 1, 2 … , as many as there are batches; each array is its own.

    Args:
        theta: where all begin, shape (methods, lanes, parameters).
        batches: what each step sees, the same for every method.
    """
    passes = Passes(network)
    for method, own in zip(methods, theta, strict=True):
        method.rule.begin(own, method.rate_at(1))
    for t, (x, y) in enumerate(batches, 1):
        stack_x = x if x.ndim == 2 else np.tile(x, (len(methods), 1, 1))
        stack_y = y if y.ndim == 1 else np.tile(y, (len(methods), 1))
        flat = theta.reshape(-1, network.size)
        loss, gradient = passes.value_and_gradient(flat, stack_x, stack_y)
        loss, gradient = loss.reshape(len(methods), -1), gradient.reshape(theta.shape)
        field = _field(passes, x, y)
        theta = np.stack(
            [
                method.rule.step(own, g, f, t, method.rate_at(t), field)
                for method, own, g, f in zip(methods, theta, gradient, loss, strict=True)
            ]
        )
        yield theta


def _rule_of(call: Call, network: Network, seeds: Sequence[int]) -> VectorRule:
    made, entry = composed(call), optimizer_entry(call)
    if divisor := step_divisor(call):  # kept in a name that is there to be read after each step
        made = replace(made, text=f"{made.text}\nx_eval = {divisor}")
    is_grouped = entry.family == GROUPED
    rng = [RULE_DRAWS.generator(seed) for seed in seeds]
    return VectorRule(made.parsed(), dict(made.knobs), Matrices(network.groups), is_grouped, rng)


def _field(passes: Passes, x: Array, y: Array) -> Field:
    """The loss on one batch, to rules that look elsewhere."""
    return Field(
        lambda point: passes.value_and_gradient(point, x, y)[1],
        lambda point: passes.value(point, x, y),
        lambda point, v: hessian_vector(
            passes.network, np.ascontiguousarray(point), np.ascontiguousarray(v), x, y
        ),
    )

"""Training networks: the one loop that the lab and the experiments share.

Trainings lie side by side: methods by lanes by parameters, one gradient evaluation a step,
each method's own rule. What is kept and measured on the way is its caller's business.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from nnopt_viz.compose.runs import Composed, composed, optimizer_entry
from nnopt_viz.compose.stable import step_divisor
from nnopt_viz.declare.knobs import Call
from nnopt_viz.declare.pace import breathe
from nnopt_viz.declare.streams import RULE_DRAWS
from nnopt_viz.formula.matrices import Matrices
from nnopt_viz.formula.vector import Field, VectorRule, refused
from nnopt_viz.formula.words import WORDS
from nnopt_viz.networks import Passes, hessian_vector
from nnopt_viz.schedules import factors

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from nnopt_viz.networks import Network

Array = NDArray[np.float64]
COPIED = 8_000_000  # bytes of samples that are copied for all methods, at most
ELEMENT = 0.8  # plain operations that a rule's word is, for each parameter; besides, of some:
SLOW = {"sin": 7.0, "cos": 7.0, "erf": 64.0, "normal": 8.0}
SMALL_SIDE = 20.0  # a matrix takes as long as one with such sides, at least
GROUPED = "layer-wise"  # the family of rules whose norms are each layer's own
# Samples and targets: shared, (n, inputs), or each lane's, (lanes, n, inputs), as arrays or Taken.
Batch = tuple[Any, Any]


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


def rule_work(call: Call, network: Network) -> float:
    """What one step of a run's rule does with one lane's parameters, in plain operations: with
    each of them, and with the weights as matrices."""
    each, cubed = _work(call)
    sides = (n for group in network.groups for n in (*group.shape, 1)[:2])
    return network.size * each + cubed * sum(float(n) ** 3 + SMALL_SIDE**3 for n in sides)


@lru_cache(maxsize=256)
def _work(call: Call) -> tuple[float, float]:
    """With each parameter; with the third power of a matrix's side."""
    ops = [op for op in composed(call).parsed().words() if op not in ("const", "name")]
    cubed = sum(WORDS[op].cubed for op in ops if op in WORDS)
    return ELEMENT * len(ops) + sum(SLOW.get(op, 0.0) for op in ops), cubed


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
        breathe()
        loss, gradient = _slopes(passes, theta, x, y)
        field, after = _field(passes, x, y), np.empty_like(theta)
        for i, method in enumerate(methods):
            after[i] = method.rule.step(theta[i], gradient[i], loss[i], t, method.rate_at(t), field)
            breathe()
        theta = after
        del gradient, after  # while others work with what is yielded
        yield theta


def _slopes(passes: Passes, theta: Array, x: Any, y: Any) -> tuple[Array, Array]:
    """Loss (methods, lanes) and gradient (methods, lanes, P): all in one call, but where each
    lane's own samples would have to be copied for every method and are many."""
    methods, size = len(theta), theta.shape[-1]
    if x.ndim > 2 and methods > 1 and methods * x.nbytes > COPIED:
        loss, gradient = np.empty(theta.shape[:-1]), np.empty_like(theta)
        for i, own in enumerate(theta):
            loss[i], gradient[i] = passes.value_and_gradient(own, x, y)
        return loss, gradient
    if x.ndim > 2 and methods > 1:
        x, y = np.tile(x, (methods, 1, 1)), np.tile(y, (methods, 1))
    loss, gradient = passes.value_and_gradient(theta.reshape(-1, size), x, y)
    return loss.reshape(methods, -1), gradient.reshape(theta.shape)


def rule_of(call: Call) -> Composed:
    """The rule that trains a network: what it divides each parameter's step by stands in a name
    that is there to be read after each step."""
    made = composed(call)
    divisor = step_divisor(call)
    return replace(made, text=f"{made.text}\nx_eval = {divisor}") if divisor else made


def is_grouped(call: Call) -> bool:
    """Are norms of its rule each layer's own?"""
    return optimizer_entry(call).family == GROUPED


def _rule_of(call: Call, network: Network, seeds: Sequence[int]) -> VectorRule:
    made = rule_of(call)
    rng = [RULE_DRAWS.generator(seed) for seed in seeds]
    matrices = Matrices(network.groups, breathe)
    return VectorRule(made.parsed(), dict(made.knobs), matrices, is_grouped(call), rng)


def _field(passes: Passes, x: Any, y: Any) -> Field:
    """The loss on one batch, to rules that look elsewhere."""
    return Field(
        lambda point: passes.value_and_gradient(point, x, y)[1],
        lambda point: passes.value(point, x, y),
        lambda point, v: hessian_vector(
            passes.network, np.ascontiguousarray(point), np.ascontiguousarray(v), x, y
        ),
    )

"""A rule on parameter vectors of any length: what trains a network.

The same parsed rule as in the race, evaluated node by node on arrays: a vector is (lanes,
parameters), one value a lane is (lanes, 1). `norm` and `dot` run over all parameters, or over
each group of them apart, for methods that go layer by layer.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from nnopt_viz.formula.graph import FUNCTIONS, needed
from nnopt_viz.formula.rule import RATE_USED
from nnopt_viz.formula.words import MATRIX_CALLS, WORDS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from nnopt_viz.formula.matrices import Matrices
    from nnopt_viz.formula.rule import Rule

Array = NDArray[Any]


@dataclass(frozen=True, slots=True)
class Field:
    """What a rule can ask of the function it descends on; points are (lanes, parameters).

    Args:
        gradient: point -> gradient there, on the step's own batch.
        loss: point -> loss there, shape (lanes,).
        hessian: (point, v) -> Hessian times v.
    """

    gradient: Callable[[Array], Array]
    loss: Callable[[Array], Array]
    hessian: Callable[[Array, Array], Array]


class VectorRule:
    """A rule and its state, for some lanes.

    Args:
        rule: parsed.
        knobs: the numbers it reads besides lr.
        matrices: the groups of parameters, for rules that know of them.
        is_grouped: `norm` and `dot` run over each group apart.
        rng: one generator a lane, for `normal()`.
    """

    def __init__(
        self,
        rule: Rule,
        knobs: Mapping[str, float],
        matrices: Matrices | None = None,
        is_grouped: bool = False,
        rng: Sequence[np.random.Generator] = (),
    ) -> None:
        self.rule = rule
        self.knobs = dict(knobs)
        self.matrices = matrices
        self.is_grouped = is_grouped
        self.rng = rng
        self.state: dict[str, Any] = {}
        self.rate: Any = 0.0  # what the last step used
        self.order = rule.needed()
        self.done = last_uses(rule, self.order)

    def begin(self, theta: Array, lr: float) -> None:
        """Set the state before step 1."""
        graph = self.rule.graph
        nodes = list(self.rule.initial.values())
        values: dict[int, Any] = {}
        for node in needed(graph, nodes):
            values[node] = self._plain(node, values, {"lr": lr, **self.knobs})
        self.state = {name: values[node] for name, node in self.rule.initial.items()}
        if "x_eval" in self.rule.update:
            self.state["x_eval"] = theta

    def step(
        self, theta: Array, gradient: Array, loss: Array, t: int, lr: float, field: Field
    ) -> Array:
        """One step; returns the new parameters and keeps the new state.

        Args:
            theta, gradient: shape (lanes, parameters); loss: shape (lanes,).
            t: number of this step, from 1.
            lr: scheduled learning rate.
        """
        names = {
            "x": theta, "g": gradient, "f": loss[:, None], "t": float(t), "lr": lr,
            **self.knobs, **self.state,
        }  # fmt: skip
        values: dict[int, Any] = {}
        with np.errstate(all="ignore"):
            for node, done in zip(self.order, self.done, strict=True):
                values[node] = self._value(node, values, names, theta, field)
                for other in done:  # or all that a step computes would be held to its end
                    del values[other]
        update = {name: values[node] for name, node in self.rule.update.items()}
        self.rate = update.get(RATE_USED, lr)
        self.state = {n: v for n, v in update.items() if n not in ("x", RATE_USED)}
        return np.broadcast_to(np.asarray(update["x"], dtype=theta.dtype), theta.shape)

    def _plain(self, node: int, values: dict[int, Any], names: Mapping[str, Any]) -> Any:
        graph = self.rule.graph
        op, args = graph.op[node], graph.args[node]
        if op == "const":
            return graph.value[node]
        if op == "name":
            return names[str(graph.value[node])]
        return FUNCTIONS[op].array(*(values[a] for a in args))

    def _value(
        self, node: int, values: dict[int, Any], names: Mapping[str, Any], theta: Array,
        field: Field,
    ) -> Any:  # fmt: skip
        graph = self.rule.graph
        op, args = graph.op[node], [values[a] for a in graph.args[node]]
        if op in FUNCTIONS or op in ("const", "name"):
            return self._plain(node, values, names)
        if op == "grad":
            return field.gradient(_whole(args[0], theta))
        if op == "loss":
            return field.loss(_whole(args[0], theta))[:, None]
        if op == "hessian":
            return field.hessian(_whole(args[1], theta), _whole(args[0], theta))
        if op == "normal":
            return np.stack([rng.standard_normal(theta.shape[1]) for rng in self.rng])
        if op in ("norm", "dot"):
            total = self._sum(_whole(args[0], theta) * _whole(args[-1], theta))
            return np.sqrt(total) if op == "norm" else total
        if op in MATRIX_CALLS:
            return getattr(self.matrices, op)(*args)
        raise ValueError(f"{op} {WORDS[op].refused}, which a network can't give")

    def _sum(self, products: Array) -> Array:
        """Over all parameters, (lanes, 1); or over each group, spread out again."""
        if self.is_grouped and self.matrices is not None:
            return self.matrices.total(products)
        return np.asarray(products.sum(axis=1, keepdims=True))


def last_uses(rule: Rule, order: Sequence[int]) -> list[list[int]]:
    """After each node of a step, in order: those that nothing asks for any more."""
    last = {}
    for at, node in enumerate(order):
        for arg in rule.graph.args[node]:
            last[arg] = at
    kept = set(rule.update.values())
    made: list[list[int]] = [[] for _ in order]
    for node, at in last.items():
        if node not in kept:
            made[at].append(node)
    return made


def _whole(value: Any, theta: Array) -> Array:
    return np.broadcast_to(np.asarray(value, dtype=theta.dtype), theta.shape)


def refused(rule: Rule) -> str | None:
    """The first thing a rule needs that a network can't give, or None."""
    ops = set(rule.words())
    found = (f"{op} {word.refused}" for op, word in WORDS.items() if word.refused and op in ops)
    return next(found, None)

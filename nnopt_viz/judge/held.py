"""How many numbers training networks holds in memory, counted before it is begun.

Counts over the rules and the networks, upper bounds for what the executors hold at once.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from nnopt_viz.formula.graph import FUNCTIONS
from nnopt_viz.formula.vector import last_uses
from nnopt_viz.formula.words import MATRIX_CALLS
from nnopt_viz.judge.training import is_grouped, rule_of
from nnopt_viz.networks.activations import ACTIVATIONS
from nnopt_viz.networks.passes import BLOCK, KEPT_BYTES, TOGETHER

if TYPE_CHECKING:
    from nnopt_viz.declare.knobs import Call
    from nnopt_viz.formula.rule import Rule
    from nnopt_viz.networks import Network

NUMBER = 8  # bytes


class Held(NamedTuple):
    """Numbers that a rule holds for each lane.

    Args:
        state: from one step to the next.
        work: besides, while it takes a step.
    """

    state: float
    work: float


@lru_cache(maxsize=512)
def held(call: Call, network: Network) -> Held:
    """What the rule of a run holds for each training of a network."""
    rule, size = rule_of(call).parsed(), float(network.size)
    order = rule.needed()
    states = dict.fromkeys(rule.initial, 1.0)
    states |= {"x_eval": size} if "x_eval" in rule.update else {}
    while True:
        sizes = _sizes(call, network, rule, order, states)
        grown = {
            name: max(states.get(name, 1.0), sizes[node])
            for name, node in rule.update.items()
            if name != "x"
        }
        if all(grown[name] == states.get(name) for name in grown):
            break
        states |= grown
    live = most = 0.0
    for node, done in zip(order, last_uses(rule, order), strict=True):
        op = rule.graph.op[node]
        own = 0.0 if op in ("const", "name") else sizes[node]
        live += own
        most = max(most, live + _besides(op, network))
        live -= sum(sizes[o] for o in done if rule.graph.op[o] not in ("const", "name"))
    return Held(sum(states.values()), most)


def _sizes(
    call: Call, network: Network, rule: Rule, order: list[int], states: dict[str, float]
) -> dict[int, float]:
    """Numbers of each node's value, a lane."""
    graph, size, made = rule.graph, float(network.size), {}
    grams = {
        "gram_rows": sum(g.shape[0] ** 2 for g in network.groups),
        "gram_columns": sum((*g.shape, 1)[1] ** 2 for g in network.groups),
    }
    for node in order:
        op, args = graph.op[node], graph.args[node]
        if op == "const":
            made[node] = 1.0
        elif op == "name":
            name = str(graph.value[node])
            made[node] = size if name in ("x", "g") else states.get(name, 1.0)
        elif op in FUNCTIONS:
            made[node] = max(made[arg] for arg in args)
        elif op == "loss":
            made[node] = 1.0
        elif op in ("norm", "dot"):
            made[node] = size if is_grouped(call) else 1.0
        else:
            made[node] = float(grams.get(op, size))
    return made


def _besides(op: str, network: Network) -> float:
    """Numbers that an operation holds besides its operands and its result, a lane."""
    if op in MATRIX_CALLS:
        return network.size + 5.0 * network.widest**2
    if op in ("grad", "hessian", "loss"):
        return 3.0 * network.size
    return float(network.size)


def pass_bytes(
    network: Network, lanes: int, samples: int, block: int = BLOCK, shapes: int = 1
) -> float:
    """Of forward and backward passes over so many lanes, a block of them at a time, with what is
    held between its layers. It never falls when there are more lanes or samples.

    Args:
        shapes: of arrays that are laid out: 2 where the last block is smaller.
    """
    each = 2 + (not ACTIVATIONS[network.activation].in_place) + 2 * network.batchnorm
    inside = each * sum(network.sizes[1:]) + network.layers + network.inputs + 1
    besides = 4 * network.widest  # of an activation, a loss
    many = _samples(network, lanes, samples, block, shapes)
    size = network.size
    parameters = 2 * min(lanes * size, max(size, shapes * TOGETHER))
    return NUMBER * (many * (inside + besides) + parameters)


def _samples(network: Network, lanes: int, samples: int, block: int, shapes: int) -> float:
    """Samples times lanes that are taken together, at most."""
    return min(lanes * samples, max(shapes * block / network.widest, samples))


def passes_bytes(network: Network, lanes: int, samples: int, batches: int = 1) -> float:
    """Of `Passes` that are kept from one evaluation to the next: of each shape one, within
    KEPT_BYTES, the one in use and the one before.

    Args:
        batches: 2 where the last one of a pass over the data may be smaller.
    """
    every = batches * pass_bytes(network, lanes, samples, shapes=2)
    return min(every, KEPT_BYTES + 2 * pass_bytes(network, lanes, samples))


def curvature_bytes(network: Network, lanes: int, samples: int, block: int) -> float:
    """Of the Hessian times vectors: a pass, and how each of its numbers changes."""
    changes = (2 + 2 * network.batchnorm) * sum(network.sizes[1:]) + 10 * network.widest
    many = _samples(network, lanes, samples, block, 1)
    return pass_bytes(network, lanes, samples, block) + NUMBER * many * changes

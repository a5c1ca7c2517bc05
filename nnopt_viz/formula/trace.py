"""One step of a rule, line by line, with the value of every assigned name.

An interpreter over the rule's own graph: slow, exact and the same for every rule, a
user's own included.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from nnopt_viz.formula.graph import FUNCTIONS, needed

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    from nnopt_viz.formula.rule import Rule

    Evaluate = Callable[
        [NDArray[np.float64]], tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]
    ]


@dataclass(frozen=True, slots=True)
class Line:
    """One assignment of a step.

    Args:
        text: as written in the rule.
        target: the assigned name.
        value: its new value: shape (2,) for a vector, () for a number.
        reads: every name on the right-hand side with the value it had there.
        pieces: (first, last, value) of the parts between the operators of its outermost
            sum: a name, a number, a call or what stands in parentheses; places in `text`.
    """

    text: str
    target: str
    value: NDArray[np.float64]
    reads: dict[str, NDArray[np.float64]]
    pieces: tuple[tuple[int, int, NDArray[np.float64]], ...]


def trace_step(
    rule: Rule,
    values: Mapping[str, NDArray[np.float64]],
    surface: Evaluate,
    noise: NDArray[np.float64],
    normals: NDArray[np.float64],
    instead: Mapping[int, Callable[[NDArray[np.float64]], NDArray[np.float64]]] | None = None,
    has_one_weight: bool = False,
) -> tuple[Line, ...]:
    """Run one step of a rule and keep the value of every assignment.

    Args:
        rule: the parsed rule.
        values: x (2,), every state, t, lr and the knobs, before the step.
        surface: point (2,) -> (f, gradient (2,), Hessian (2, 2)).
        noise: added to every gradient of the step, (2,).
        normals: what `normal()` draws, shape (draws, 2).
        instead: nodes that are changed on the way: value -> what the step goes on with.
        has_one_weight: the surface reads x alone.

    Returns:
        One line an assignment, in order.
    """
    graph = rule.graph
    x = values["x"]
    loss, slope, _ = surface(x)
    names = {**values, "f": loss, "g": slope + noise}
    found: dict[int, NDArray[np.float64]] = {}

    def value_of(node: int) -> NDArray[np.float64]:
        op, word = graph.op[node], graph.value[node]
        args = [found[a] for a in graph.args[node]]
        match op:
            case "const":
                return np.asarray(word, dtype=np.float64)
            case "name":
                return np.asarray(names[str(word)], dtype=np.float64)
            case "grad":
                return surface(np.broadcast_to(args[0], (2,)))[1] + noise
            case "loss":
                return surface(np.broadcast_to(args[0], (2,)))[0]
            case "hessian":
                return np.asarray(surface(x)[2] @ np.broadcast_to(args[0], (2,)))
            case "curvature":
                return np.diagonal(surface(x)[2])
            case "newton":
                ((a, b), (_, c)) = surface(x)[2] + args[1] * np.eye(2)
                g0, g1 = np.broadcast_to(args[0], (2,))
                if has_one_weight:
                    return np.asarray([a * g0 / (a * a), 0.0])
                solved = [c * g0 - b * g1, a * g1 - b * g0]
                return np.asarray(solved / (a * c - b * b), dtype=np.float64)
            case "normal":
                return np.asarray(normals[int(word or 1) - 1], dtype=np.float64)
            case "axis":
                return np.asarray(np.eye(2)[int(word or 1) - 1], dtype=np.float64)
            case "norm":
                return np.asarray(np.linalg.norm(np.broadcast_to(args[0], (2,))))
            case "dot":
                return np.asarray(
                    np.sum(np.broadcast_to(args[0] * args[1], (2,))), dtype=np.float64
                )
        return np.asarray(FUNCTIONS[op].array(*args), dtype=np.float64)

    with np.errstate(all="ignore"):
        shown = [piece.node for statement in rule.statements for piece in statement.pieces]
        for node in needed(graph, [*(s.node for s in rule.statements), *shown]):
            found[node] = value_of(node)
            if instead and node in instead:
                found[node] = instead[node](found[node])
    current = dict(names)
    lines: list[Line] = []
    for statement in rule.statements:
        text = rule.text[statement.first : statement.last]
        words = {n: np.asarray(v) for n, v in current.items() if _occurs(n, text.partition("=")[2])}
        pieces = tuple(
            (piece.first - statement.first, piece.last - statement.first, found[piece.node])
            for piece in statement.pieces
        )
        lines.append(Line(text, statement.target, found[statement.node], words, pieces))
        current[statement.target] = found[statement.node]
    return tuple(lines)


def _occurs(name: str, text: str) -> bool:
    cut = "".join(c if c.isalnum() or c == "_" else " " for c in text)
    return name in cut.split()

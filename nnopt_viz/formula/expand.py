"""From a rule and a surface to plain arithmetic on coordinates.

Vectors become one node a coordinate, `g` becomes the surface's own derivative at x,
and knobs become numbers. What is left is one graph of ordinary operations that both
executors compile, so they run the same arithmetic in the same order.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from nnopt_viz.formula.derive import gradient, hessian
from nnopt_viz.formula.graph import Graph, Node, copy_into, names_of, needed
from nnopt_viz.formula.lower import Lowering
from nnopt_viz.formula.rule import RATE_USED, Rule, kinds, state_kinds
from nnopt_viz.formula.words import NUMBER, VECTOR, Kind

if TYPE_CHECKING:
    from collections.abc import Mapping

COORDINATES = ("x", "y")
MORPH = "s"  # a surface's own morph: 0 is what was trained on, 1 what the world became
DRIFTING = "morph"  # the same while it moves from step to step
# What a step reports, where the rule has it: the path, the answer, the rate that was used.
RECORDED = ("x0", "x1", "x_eval0", "x_eval1", "lr_used")


@dataclass(frozen=True, slots=True)
class SurfaceGraph:
    """A surface with its knobs put in: f and its exact derivatives in x and y.

    Args:
        has_one_weight: does its formula read x, and not y? As it is written: it stays so as knobs
            move, even to where y has no effect.
    """

    graph: Graph
    value: Node
    slopes: tuple[Node, ...]
    curvature: tuple[tuple[Node, ...], ...]
    has_one_weight: bool


@dataclass(frozen=True, slots=True)
class Program:
    """One step of an optimizer on a surface, or its start, as plain arithmetic.

    Args:
        graph: ordinary operations only.
        state: what lives across steps, x first: "x0", "x1", then the rule's own names as
            `parts` writes them; also "x_eval0" and "x_eval1" when the rule names the
            iterate to be evaluated, "lr_used" when it sets its own rate.
        update: state -> node of its next value.
        initial: state -> node of its value before step 1, in lr, x0 and x1 (x: absent).
        numbers: which of the state is the same for every lane.
        noise: names drawn anew every step: gradient noise and `normal()`.
        drifts: does it read DRIFTING, the morph that moves?
    """

    graph: Graph
    state: tuple[str, ...]
    update: dict[str, Node]
    initial: dict[str, Node]
    numbers: frozenset[str]
    noise: tuple[str, ...]
    drifts: bool = False

    def pruned(self) -> Program:
        """The same without the state on which no position depends."""
        alive = {name for name in self.state if name in RECORDED}
        while True:
            read = names_of(self.graph, [self.update[name] for name in alive])
            wider = alive | (read & self.update.keys())
            if wider == alive:
                break
            alive = wider
        return Program(
            self.graph,
            tuple(name for name in self.state if name in alive),
            {name: node for name, node in self.update.items() if name in alive},
            {name: node for name, node in self.initial.items() if name in alive},
            self.numbers & alive,
            self.noise,
            self.drifts,
        )


def parts(name: str, kind: Kind) -> tuple[str, ...]:
    """What a name of a rule is called in a program: one name, or one a coordinate.

    A rule may call its state m beside m1, or v3, t2, noise0: the prefix keeps these apart
    from coordinates, inputs and what generated code names its own.
    """
    if name in ("x", "x_eval"):
        return f"{name}0", f"{name}1"
    if name == RATE_USED:
        return ("lr_used",)
    return (f"s0_{name}", f"s1_{name}") if kind == VECTOR else (f"s_{name}",)


def surface_graph(
    graph: Graph, value: Node, knobs: Mapping[str, float], drifts: bool = False, most: int = 0
) -> SurfaceGraph:
    """Put the knobs in, then differentiate twice.

    Args:
        drifts: leave the morph open, as the name DRIFTING.
        most: nodes that derivatives and all may have; 0 for any number.

    Raises:
        TooLargeError: when there are more.
    """
    made = Graph(most)
    names = {k: made.const(v) for k, v in knobs.items()}
    if drifts:
        names[MORPH] = made.name(DRIFTING)
    (node,) = copy_into(made, graph, [value], names)
    slopes = gradient(made, node, COORDINATES)
    curvature = hessian(made, slopes, COORDINATES)
    read = names_of(graph, [value])
    return SurfaceGraph(
        made,
        node,
        tuple(slopes),
        tuple(tuple(row) for row in curvature),
        has_one_weight="x" in read and "y" not in read,
    )


def expand(
    rule: Rule, surface: SurfaceGraph, knobs: Mapping[str, float], noisy: bool, most: int = 0
) -> Program:
    """One optimizer on one surface, coordinate by coordinate.

    Args:
        rule: the parsed rule.
        surface: the surface with its knobs put in.
        knobs: the optimizer's knobs but `lr`, by name.
        noisy: the gradient gets additive noise `noise0`, `noise1` every step.
        most: nodes that the step may have; 0 for any number.

    Raises:
        TooLargeError: when there are more.
    """
    return _Expansion(rule, surface, knobs, noisy, most).program()


class _Expansion:
    def __init__(
        self,
        rule: Rule,
        surface: SurfaceGraph,
        knobs: Mapping[str, float],
        noisy: bool,
        most: int,
    ) -> None:
        self.rule = rule
        self.surface = surface
        self.knobs = knobs
        self.noisy = noisy
        self.graph = Graph(most)
        self.lower = Lowering(self.graph)
        self.names = state_kinds(rule.graph, rule.update, rule.initial)

    def program(self) -> Program:
        rule, names = self.rule, self.names
        update = self.spread(rule.update)
        initial = self.spread(rule.initial)
        if "x_eval0" in update and "x_eval0" not in initial:
            initial |= {"x_eval0": self.graph.name("x0"), "x_eval1": self.graph.name("x1")}
        if "lr_used" in update:
            initial["lr_used"] = self.graph.name("lr")
        noise = ["noise0", "noise1"] if self.noisy else []
        noise += [f"normal{k}_{i}" for k in range(1, rule.normals + 1) for i in (0, 1)]
        numbers = frozenset(
            part for name in rule.state if names[name] == NUMBER for part in parts(name, NUMBER)
        )
        drifts = DRIFTING in names_of(self.graph, [*update.values()])
        return Program(self.graph, tuple(update), update, initial, numbers, tuple(noise), drifts)

    def spread(self, values: Mapping[str, Node]) -> dict[str, Node]:
        """Name -> rule node becomes coordinate name -> node of arithmetic."""
        spread: dict[str, Node] = {}
        for name, nodes in zip(values, self.translate([*values.values()]), strict=True):
            spread |= zip(
                parts(name, self.names[name]), self.fit(nodes, self.names[name]), strict=True
            )
        return spread

    def fit(self, nodes: tuple[Node, ...], kind: Kind) -> tuple[Node, ...]:
        return nodes * 2 if kind == VECTOR and len(nodes) == 1 else nodes

    def translate(self, outputs: list[Node]) -> list[tuple[Node, ...]]:
        """Each rule node as one node, or as one a coordinate."""
        graph, source = self.graph, self.rule.graph
        kind = kinds(source, outputs, self.names)
        made: dict[Node, tuple[Node, ...]] = {}
        for node in needed(source, outputs):
            op, value = source.op[node], source.value[node]
            args = [made[a] for a in source.args[node]]
            if op == "const" and isinstance(value, float):
                made[node] = (graph.const(value),)
            elif op == "name":
                made[node] = self.read(str(value))
            elif op == "grad":
                made[node] = self.gradient(self.fit(args[0], VECTOR))
            elif op == "loss":
                point = self.fit(args[0], VECTOR)
                made[node] = tuple(self.on_surface([self.surface.value], point))
            elif op == "newton":
                made[node] = self.newton(*args)
            elif op == "hessian":
                made[node] = self.hessian(*args)
            elif op == "curvature":
                (h00, _), (_, h11) = self.surface.curvature
                made[node] = tuple(self.on_surface([h00, h11], args[0]))
            elif op == "normal":
                made[node] = tuple(graph.name(f"normal{value}_{i}") for i in (0, 1))
            elif op == "axis":
                made[node] = tuple(graph.const(float(value == i)) for i in (1, 2))
            elif op in ("norm", "dot"):
                made[node] = (self.inner(op, args),)
            else:
                width = 2 if kind[node] == VECTOR else 1
                made[node] = tuple(
                    self.lower.add(op, *(a[i if len(a) == 2 else 0] for a in args))
                    for i in range(width)
                )
        return [made[node] for node in outputs]

    def read(self, name: str) -> tuple[Node, ...]:
        graph = self.graph
        if name == "x":
            return graph.name("x0"), graph.name("x1")
        if name == "g":
            return self.gradient((graph.name("x0"), graph.name("x1")))
        if name == "f":
            return tuple(self.on_surface([self.surface.value], self.read("x")))
        if name in self.knobs:
            return (graph.const(self.knobs[name]),)
        if name in self.rule.state:
            return tuple(graph.name(part) for part in parts(name, self.names[name]))
        return (graph.name(name),)  # t, lr

    def on_surface(self, outputs: list[Node], point: tuple[Node, ...]) -> list[Node]:
        names = dict(zip(COORDINATES, point, strict=True))
        return self.lower.copy(self.surface.graph, outputs, names)

    def gradient(self, point: tuple[Node, ...]) -> tuple[Node, ...]:
        slopes = self.on_surface(list(self.surface.slopes), point)
        if self.noisy:  # the same minibatch for every gradient of a step
            slopes = [
                self.graph.add("+", s, self.graph.name(f"noise{i}")) for i, s in enumerate(slopes)
            ]
        return tuple(slopes)

    def inner(self, op: str, args: list[tuple[Node, ...]]) -> Node:
        add = self.graph.add
        left, right = self.fit(args[0], VECTOR), self.fit(args[-1], VECTOR)
        products = [add("*", a, b) for a, b in zip(left, right, strict=True)]
        total = add("+", *products)
        return add("sqrt", total) if op == "norm" else total

    def hessian(self, direction: tuple[Node, ...], point: tuple[Node, ...]) -> tuple[Node, ...]:
        """The Hessian at a point times a direction."""
        rows = [tuple(self.on_surface([*row], point)) for row in self.surface.curvature]
        return tuple(self.inner("dot", [row, direction]) for row in rows)

    def newton(
        self, slope: tuple[Node, ...], damping: tuple[Node, ...], point: tuple[Node, ...]
    ) -> tuple[Node, ...]:
        """(H + damping I)^-1 g, solved in closed form; of one weight along x alone."""
        add = self.graph.add
        (g0, g1), (d0, d1) = self.fit(slope, VECTOR), self.fit(damping, VECTOR)
        (h00, h01), (_, h11) = self.surface.curvature
        a, b, c = self.on_surface([h00, h01, h11], point)
        if self.surface.has_one_weight:
            a = add("+", a, d0)  # without curvature there is no solution: 0/0, as of two weights
            return add("/", add("*", a, g0), add("*", a, a)), self.graph.const(0.0)
        a, c = add("+", a, d0), add("+", c, d1)
        determinant = add("-", add("*", a, c), add("*", b, b))
        first = add("-", add("*", c, g0), add("*", b, g1))
        second = add("-", add("*", a, g1), add("*", b, g0))
        return add("/", first, determinant), add("/", second, determinant)

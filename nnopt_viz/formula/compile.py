"""Graphs to running code: one fused Python loop, or NumPy over many lanes.

Both are generated from the same `Program`, our own checked graph: text that a
person wrote never reaches `compile`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np

from nnopt_viz.formula.expand import DRIFTING, RECORDED
from nnopt_viz.formula.graph import COMPARISONS, FUNCTIONS, Graph, Node, needed

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from nnopt_viz.formula.expand import Program

MAX_INLINE = 12  # nested parentheses in one generated line


def _minimum(a: float, b: float) -> float:
    return a if (a <= b or a != a) else b


def _maximum(a: float, b: float) -> float:
    return a if (a >= b or a != a) else b


def _sign(a: float) -> float:
    return 1.0 if a > 0 else (-1.0 if a < 0 else a)


def _floor(a: float) -> float:
    return float(math.floor(a))


# The same functions where IEEE has an inf or nan and Python an exception. Plain tests, not
# exceptions that are caught: a formula that is nothing but 1/0 costs little more than any.
def _divide(a: float, b: float) -> float:
    if b != 0:
        return a / b
    return math.copysign(math.inf, a) * math.copysign(1.0, b) if a < 0 or a > 0 else math.nan


def _pow(a: float, b: float) -> float:
    try:
        return math.pow(a, b)
    except OverflowError:
        return math.inf if a > 0 or b % 2 != 1 else -math.inf
    except ValueError:
        if a != 0:
            return math.nan
        return math.copysign(math.inf, a) if b % 2 == 1 else math.inf


def _log(a: float) -> float:
    return math.log(a) if a > 0 else (-math.inf if a == 0 else math.nan)


def _within(function: Any, low: float, high: float, below: float, above: float) -> Any:
    """A function between two ends, and what it is beyond them; nan of nan."""

    def exact(a: float) -> Any:
        return function(a) if low <= a <= high else below if a < low else above if a > high else a

    return exact


# Fast: plain floats, exceptions where IEEE would give inf or nan. Exact: the same floats,
# never an exception; a chunk that raised is run again with these.
_SHARED = {"inf": math.inf, "nan": math.nan, "__builtins__": {"abs": abs, "zip": zip}}
_FAST: Mapping[str, Any] = MappingProxyType(
    {
        name: getattr(math, name)
        for name in (
            "pow",
            "sqrt",
            "exp",
            "log",
            "sin",
            "cos",
            "tan",
            "sinh",
            "cosh",
            "tanh",
            "atan",
            "atan2",
            "erf",
        )
    }
    | {"minimum": _minimum, "maximum": _maximum, "sign": _sign, "floor": _floor}
    | _SHARED
)
_MOST = 1.7976931348623157e308  # the largest finite float
_FARTHEST = 710.4758600739439  # where sinh and cosh are still finite
_EXACT: Mapping[str, Any] = MappingProxyType(
    {**_FAST, "divide": _divide, "pow": _pow, "log": _log}
    | {"sqrt": _within(math.sqrt, 0.0, math.inf, math.nan, math.nan)}
    | {"exp": _within(math.exp, -math.inf, 709.782712893384, 0.0, math.inf)}
    | {"sinh": _within(math.sinh, -_FARTHEST, _FARTHEST, -math.inf, math.inf)}
    | {"cosh": _within(math.cosh, -_FARTHEST, _FARTHEST, math.inf, math.inf)}
    | {
        f.__name__: _within(f, -_MOST, _MOST, math.nan, math.nan)
        for f in (math.sin, math.cos, math.tan)
    }
    | {"floor": _within(_floor, -_MOST, _MOST, -math.inf, math.inf)}
)
_ARRAY: Mapping[str, Any] = MappingProxyType(
    {f"f_{f.array.__name__}": f.array for f in FUNCTIONS.values()}
    | {"array": np.array, "empty": np.empty, "inf": math.inf, "nan": math.nan, "__builtins__": {}}
)


@dataclass(frozen=True, slots=True)
class ScalarLoop:
    """Many steps of one lane in one call.

    `fast(state, t, rates, shifts, noise, outs)` and `exact(…)`: take the state tuple,
    the number of steps done, an iterable of learning rates, one of values of the moving
    `s` and one of noise tuples (neither read when the program has none), append every
    new value of `recorded` to its list in `outs`, and return the new state.
    """

    fast: Callable[..., tuple[float, ...]]
    exact: Callable[..., tuple[float, ...]]
    recorded: tuple[str, ...]
    source: str


def scalar_loop(program: Program) -> ScalarLoop:
    """Compile a program to one fused loop over plain floats."""
    source = _loop_source(program, {})
    later: list[Any] = []

    def exact(*arguments: Any) -> tuple[float, ...]:
        if not later:  # few runs ever need it
            later.append(_loop(_loop_source(program, {"/": "divide({}, {})"}), _EXACT))
        return later[0](*arguments)  # type: ignore[no-any-return]

    recorded = tuple(name for name in RECORDED if name in program.update)
    return ScalarLoop(_loop(source, _FAST), exact, recorded, source)


def _loop(source: str, words: Mapping[str, Any]) -> Callable[..., tuple[float, ...]]:
    space = dict(words)
    exec(compile(source, "<rule>", "exec"), space)  # noqa: S102 - our own checked graph
    made: Callable[..., tuple[float, ...]] = space["chunk"]
    return made


def _loop_source(program: Program, forms: Mapping[str, str]) -> str:
    """The loop as text; `forms`: operations that are written in another way."""
    graph = program.graph
    written = _Statements(graph, list(program.update.values()), forms)
    target = written.coalesce(program.update)
    steps = {"lr": "rates"}  # what changes from step to step -> where it comes from
    if program.drifts:
        steps[DRIFTING] = "shifts"
    if program.noise:
        steps[f"({''.join(f'{n}, ' for n in program.noise)})"] = "noise"
    each = ", ".join(steps.values())
    state = "".join(f"{name}, " for name in program.state)
    recorded = tuple(name for name in RECORDED if name in program.update)
    lines = [
        "def chunk(state, t, rates, shifts, noise, outs):",
        f" {state} = state",
        f" {''.join(f'out{i}, ' for i in range(len(recorded)))} = outs",
        f" for {', '.join(steps)} in {each if len(steps) == 1 else f'zip({each})'}:",
        *(["  t = t + 1.0"] if "t" in written.names else []),
        *(f"  {target.get(n, f'v{n}')} = {written.right(n, target)}" for n in written.stored),
    ]
    left = [n for n in program.state if target.get(program.update[n]) != n]
    if left:
        right = ", ".join(written.text(program.update[name], target) for name in left)
        lines.append(f"  {', '.join(left)} = {right}")
    lines += [f"  out{i}.append({name})" for i, name in enumerate(recorded)]
    lines.append(f" return ({state})")
    return "\n".join(lines)


class _Statements:
    """Which nodes get a variable, in order, and which are written inside others."""

    def __init__(self, graph: Graph, outputs: list[Node], forms: Mapping[str, str]) -> None:
        self.graph = graph
        self.forms = forms
        self.order = needed(graph, outputs)
        uses = dict.fromkeys(self.order, 0)
        for node in outputs:
            uses[node] += 2  # an output always has a variable
        for node in self.order:
            for argument in graph.args[node]:
                uses[argument] += 1
        self.inline: set[Node] = set()
        depth: dict[Node, int] = {}
        for node in self.order:
            inner = max((depth[a] for a in graph.args[node] if a in self.inline), default=0)
            depth[node] = inner + 1
            is_leaf = graph.op[node] in ("const", "name")
            if is_leaf or (uses[node] == 1 and depth[node] < MAX_INLINE):
                self.inline.add(node)
        self.stored = [n for n in self.order if n not in self.inline]
        self.reads: dict[Node, set[str]] = {}
        for node in self.order:
            found: set[str] = set()
            if graph.op[node] == "name":
                found.add(str(graph.value[node]))
            for argument in graph.args[node]:
                if argument in self.inline:
                    found |= self.reads[argument]
            self.reads[node] = found
        self.names = {str(graph.value[n]) for n in self.order if graph.op[n] == "name"}

    def coalesce(self, update: dict[str, Node]) -> dict[Node, str]:
        """Nodes that may be written straight into the state variable they update."""
        last: dict[str, int] = {}
        for place, node in enumerate(self.stored):
            for name in self.reads[node]:
                last[name] = place
        for node in update.values():
            if node in self.inline:  # copied at the end of the step
                for name in self.reads[node]:
                    last[name] = len(self.stored)
        place_of = {node: place for place, node in enumerate(self.stored)}
        target: dict[Node, str] = {}
        for name, node in update.items():
            if node in place_of and node not in target and last.get(name, -1) <= place_of[node]:
                target[node] = name
        return target

    def text(self, node: Node, target: Mapping[Node, str] | None = None) -> str:
        """The node as it is written inside another expression."""
        if node not in self.inline:
            return (target or {}).get(node, f"v{node}")
        return self.right(node, target)

    def right(self, node: Node, target: Mapping[Node, str] | None = None) -> str:
        """The node's own formula."""
        graph = self.graph
        if graph.op[node] == "name":
            return str(graph.value[node])
        number = graph.number(node)
        if number is not None:
            return f"({number!r})" if number < 0 else repr(number)
        words = [self.text(a, target) for a in graph.args[node]]
        op = graph.op[node]
        return self.forms.get(op, FUNCTIONS[op].scalar).format(*words)


def array_function(
    graph: Graph, outputs: list[Node], arrays: tuple[str, ...], numbers: tuple[str, ...] = ()
) -> Callable[[tuple[int, ...]], Callable[..., tuple[Any, ...]]]:
    """Compile formulas to NumPy with reused buffers.

    Args:
        graph, outputs: what to compute.
        arrays: names that are arrays of one common shape.
        numbers: names that are one number for all lanes.

    Returns:
        make(shape) -> function(*arrays, *numbers) -> one result an output: an array,
        or a number where it depends on no array. The arrays are the function's own
        buffers, valid until its next call; it must not be given them as arguments.
    """
    order = needed(graph, outputs)
    is_array: dict[Node, bool] = {}
    last: dict[Node, Node] = {}
    for node in order:
        is_name = graph.op[node] == "name"
        is_array[node] = (is_name and str(graph.value[node]) in arrays) or any(
            is_array[a] for a in graph.args[node]
        )
        for argument in graph.args[node]:
            last[argument] = node
    kept = set(outputs)
    constants: list[str] = []
    word: dict[Node, str] = {}
    free: list[str] = []
    owned: dict[Node, str] = {}
    lines: list[str] = []
    registers = 0
    for node in order:
        op, args = graph.op[node], graph.args[node]
        number = graph.number(node)
        if op == "name":
            word[node] = str(graph.value[node])
            continue
        if number is not None:
            word[node] = f"k{node}"
            constants.append(f" k{node} = array({number!r})")  # NumPy takes longer over a float
            continue
        name = f"f_{FUNCTIONS[op].array.__name__}"
        inside = ", ".join(word[a] for a in args)
        done = [a for a in set(args) if last[a] == node and a in owned and a not in kept]
        free += [owned.pop(a) for a in done]  # may take the result: element by element
        if not is_array[node] or op == "where" or op in COMPARISONS:
            word[node] = f"v{node}"
            lines.append(f"  v{node} = {name}({inside})")
            continue
        if not free:
            free.append(f"r{registers}")
            registers += 1
        word[node] = owned[node] = free.pop()
        to = "out=" if op in ("minimum", "maximum") else ""  # NumPy wants to drop it as a third
        lines.append(f"  {name}({inside}, {to}{owned[node]})")
    results = [
        # A name handed through, or a buffer handed out twice, would change under the caller.
        word[node]
        if outputs.index(node) == place and graph.op[node] != "name"
        else f"f_add({word[node]}, 0.0)"
        for place, node in enumerate(outputs)
    ]
    source = "\n".join(
        ["def make(shape):", *constants]
        + [f" r{i} = empty(shape)" for i in range(registers)]
        + [f" def run({', '.join((*arrays, *numbers))}):"]
        + lines
        + [f"  return ({''.join(result + ', ' for result in results)})", " return run"]
    )
    space = dict(_ARRAY)
    exec(compile(source, "<formula>", "exec"), space)  # noqa: S102 - our own checked graph
    make: Callable[[tuple[int, ...]], Callable[..., tuple[Any, ...]]] = space["make"]
    return make

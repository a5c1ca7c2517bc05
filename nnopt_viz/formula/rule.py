"""An optimizer's rule: assignments, run in order at every step.

    m = beta1*m + (1 - beta1)*g; x = x - lr*m

A rule reads `x` (parameters), `g` (gradient at x), `f` (loss at x), `t` (step, from
1), `lr` (already scheduled) and its knobs. It looks elsewhere with `grad(point)` and
`loss(point)`, and at curvature where the step began with `hessian(v)` (the Hessian
times v), `curvature()` (its diagonal) and `newton(g, damping)`; `normal()` draws.
`axis(1)` and `axis(2)` are the unit vectors, so that `dot(v, axis(1))` is a coordinate
and a 2 x 2 matrix is two vectors. A name that is read before it is assigned is state
and starts at 0, or at `name_0 = …`, which runs once. `x_eval = …` names the iterate to
be evaluated where it differs from the path.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from nnopt_viz.formula.graph import Graph, Node, needed
from nnopt_viz.formula.notation import CALLABLE, LATER
from nnopt_viz.formula.parse import Parser, Piece
from nnopt_viz.formula.spelling import is_factor, is_product
from nnopt_viz.formula.tokens import UPDATES, FormulaError, Token, shorten
from nnopt_viz.formula.unknown import unknown
from nnopt_viz.formula.words import LANE, NUMBER, VECTOR, WORDS, Kind

if TYPE_CHECKING:
    from collections.abc import Callable

INPUTS = ("x", "g", "f", "t", "lr")
RATE_USED = "lr used"  # what a rule that sets lr has set it to; not a name that can be written
MAX_STATEMENTS = 100
MAX_NORMALS = 16  # a step and lane: drawn for many steps ahead, so they take memory


@dataclass(frozen=True, slots=True)
class Statement:
    """One assignment: the name, its node, where its text stands, and that text's parts."""

    target: str
    node: Node
    first: int
    last: int
    pieces: tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class Rule:
    """A parsed rule.

    Args:
        text: as written.
        graph: all nodes; inputs, knobs and state are `name` nodes.
        statements: the assignments of a step, in order.
        update: name -> node of its value after the step: x, every state, x_eval.
        initial: state -> node of its value before step 1 (0 where not given).
        state: the names that are remembered from step to step, in order.
        normals: how many times `normal()` is drawn in a step.
        ours: the text in our notation; the very text where it is in ours already.
    """

    text: str
    graph: Graph
    statements: tuple[Statement, ...]
    update: dict[str, Node]
    initial: dict[str, Node]
    state: tuple[str, ...]
    normals: int
    ours: str

    def needed(self) -> list[Node]:
        """The nodes of a step, each after those that it takes."""
        return needed(self.graph, list(self.update.values()))

    def words(self) -> list[str]:
        """What each of these does."""
        return [self.graph.op[node] for node in self.needed()]


@lru_cache(maxsize=128)
def parse_rule(
    text: str, knobs: tuple[str, ...], sets_rate: bool = False, matrices: bool = False
) -> Rule:
    """Read a rule.

    Args:
        text: assignments separated by `;` or new lines.
        knobs: the names it may read besides x, g, f, t and lr.
        sets_rate: it may assign `lr`, as a schedule that watches the loss does.
        matrices: it may call the words of matrices too.

    Raises:
        FormulaError: with the character that can't be read; also when x is never
            assigned, or a name is read and never assigned.
    """
    graph = Graph()
    current: dict[str, Node] = {}
    read_first: dict[str, Token] = {}
    initial: dict[str, Node] = {}
    start_tokens: dict[str, Token] = {}
    statements: list[Statement] = []
    serial = 0
    in_initial = False

    def lookup(token: Token) -> Node:
        name = token.text
        if in_initial:
            if name not in knobs and name != "lr":
                why = " (a start value reads knobs only)"
                raise unknown("name", name, {*knobs, "lr"}, text, token.position, why)
            return graph.name(name)
        if name in current:
            return current[name]
        if name not in INPUTS and name not in knobs:
            read_first.setdefault(name, token)
        return graph.name(name)

    def normal() -> Node:
        nonlocal serial
        serial += 1
        if serial > MAX_NORMALS:
            last = parser.tokens[parser.at - 3]  # normal, before "(" and ")"
            raise parser.error(f"A rule draws at most {MAX_NORMALS} times a step", last)
        return graph.special("normal", (), serial)

    def axis(which: Node) -> Node:
        number = graph.number(which)
        if number is None or number not in (1.0, 2.0):
            last = parser.tokens[parser.at - 2]  # of the argument: what follows it is ")"
            raise parser.error("axis takes the number 1 or 2: the coordinate it points along", last)
        return graph.special("axis", (), int(number))

    own: dict[str, Callable[..., Node]] = {"normal": normal, "axis": axis}
    calls = {
        name: (word.arity, own.get(name) or _call(graph, name, word.at_x))
        for name, word in WORDS.items()
        if matrices or not word.matrices
    }
    parser = Parser(text, graph, lookup, calls, frozenset({*knobs, "lr"}))
    while parser.token.kind != "end":
        if parser.is_sign(";", "\n"):
            parser.at += 1
            continue
        target = parser.token
        if target.kind != "name":
            raise parser.error("Expected an assignment here: name = formula")
        parser.at += 1
        functions = (name for name in CALLABLE if name not in LATER)
        fixed = ("f", "t", "pi", *functions, *calls, *knobs, *(() if sets_rate else ("lr",)))
        if target.text in fixed:
            raise parser.error(f"{shorten(target.text)} can be read but not assigned", target)
        update = parser.token.text[0] if parser.is_sign(*UPDATES) else ""
        if update:
            parser.at += 1
        else:
            parser.take("=")
        in_initial = target.text.endswith("_0")
        parser.pieces.clear()
        first = parser.at
        node = parser.sum()
        if update:  # x -= lr*g
            node = parser.node(update, lookup(target), node, at=target)
            _write_update(parser, target, update, first)
        if in_initial:
            for token in parser.tokens[first : parser.at]:
                if token.text in WORDS and WORDS[token.text].in_step:
                    raise parser.error(f"A start value reads knobs only, not {token.text}", token)
        if parser.token.kind != "end" and not parser.is_sign(";", "\n"):
            raise parser.error(
                f"Expected an operator or ';' here, not {parser.token.shown()}{parser.hint()}"
            )
        if in_initial:
            initial[target.text.removesuffix("_0")] = node
            start_tokens[target.text.removesuffix("_0")] = target
        else:
            current[target.text] = node
            last = parser.tokens[parser.at - 1]
            pieces = tuple(parser.pieces)
            statements.append(Statement(target.text, node, target.position, last.end, pieces))
        if len(statements) > MAX_STATEMENTS:
            raise parser.error(f"Too long: a rule has at most {MAX_STATEMENTS} assignments")
    if "x" not in current:
        raise FormulaError("A rule must assign x: x = x - lr*g", text, len(text.rstrip()))
    for name, token in read_first.items():
        if name not in current:
            known = {*INPUTS, *knobs, *current}
            why = " (it is read and never assigned)"
            raise unknown("name", name, known, text, token.position, why)
    for name, token in start_tokens.items():
        if name not in read_first:
            raise FormulaError(
                f"{shorten(token.text)} sets where a name starts that is not remembered: "
                "no line reads it before it is assigned",
                text,
                token.position,
            )
    state = tuple(read_first)
    updates = {name: current[name] for name in ("x", *state)}
    if "x_eval" in current:
        updates["x_eval"] = current["x_eval"]
    if "lr" in current:
        updates[RATE_USED] = current["lr"]
    zero = graph.const(0.0)
    starts = {name: initial.get(name, zero) for name in state}
    ours = parser.spelling.whole()
    return Rule(text, graph, tuple(statements), updates, starts, state, serial, ours)


def _write_update(parser: Parser, target: Token, sign: str, first: int) -> None:
    """Write x -= lr*g as x = x - lr*g."""
    text = parser.spelling.of(first, parser.at)
    is_whole = is_product(text) if sign in "+-" else is_factor(text)
    text = text if is_whole else f"({text})"
    parser.spelling.replace(first - 1, parser.at, f"= {target.text} {sign} {text}")


def _call(graph: Graph, name: str, at_x: bool) -> Callable[..., Node]:
    return lambda *args: graph.special(name, (*args, graph.name("x")) if at_x else args)


def kinds(graph: Graph, outputs: list[Node], names: dict[str, Kind]) -> dict[Node, Kind]:
    """Is each node a number, one value a lane, or a vector? Unknown names are numbers."""
    found: dict[Node, Kind] = {}
    for node in needed(graph, outputs):
        op = graph.op[node]
        known = WORDS[op].kind if op in WORDS else None
        if op == "name":
            found[node] = names.get(str(graph.value[node]), NUMBER)
        elif known is not None:
            found[node] = known
        else:
            found[node] = max((found[a] for a in graph.args[node]), default=NUMBER)
    return found


def state_kinds(graph: Graph, update: dict[str, Node], initial: dict[str, Node]) -> dict[str, Kind]:
    """The kind of every name that lives across steps: the least that holds what it gets."""
    names: dict[str, Kind] = {"x": VECTOR, "g": VECTOR, "f": LANE, "x_eval": VECTOR}
    names[RATE_USED] = LANE
    names |= dict.fromkeys(initial, NUMBER)
    while True:
        found = kinds(graph, [*update.values(), *initial.values()], names)
        wider = {
            name: max(names[name], found[update[name]], found[start])
            for name, start in initial.items()
        }
        if all(names[name] == kind for name, kind in wider.items()):
            return names
        names |= wider

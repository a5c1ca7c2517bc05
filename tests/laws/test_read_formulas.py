"""Formulas as students write them: read as what they mean, and written back in our notation."""

from __future__ import annotations

import math
import random
import re
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from nnopt_viz.compose.calls import run, surface
from nnopt_viz.compose.own import surface_entry
from nnopt_viz.compose.runs import composed
from nnopt_viz.deliver.frame import trajectory
from nnopt_viz.figures.mathml import mathml
from nnopt_viz.formula.compile import array_function
from nnopt_viz.formula.derive import gradient
from nnopt_viz.formula.graph import FUNCTIONS as OPERATIONS
from nnopt_viz.formula.graph import Graph, Node, needed
from nnopt_viz.formula.notation import INSTEAD, READ, RENAMED, WRITTEN
from nnopt_viz.formula.parse import read
from nnopt_viz.formula.rule import parse_rule
from nnopt_viz.formula.tokens import MAX_LENGTH, FormulaError
from nnopt_viz.optimizers import TRAINERS
from nnopt_viz.page import build_app, callbacks
from nnopt_viz.query.grammar import percent_encode
from nnopt_viz.query.keys import QueryError
from nnopt_viz.race.codec import decode, encode, repair
from nnopt_viz.surfaces import SURFACES
from tests.support.laws import SCENARIOS
from tests.support.students_formulas import Student

if TYPE_CHECKING:
    from collections.abc import Callable

NAMES = ("x", "y", "a")
# Our own notation as Python has it: what the translation says, by Python's own evaluation.
PYTHON: dict[str, Any] = {
    name: entry.array for name, entry in OPERATIONS.items() if name.isidentifier()
} | {
    "where": lambda condition, yes, no: yes if condition else no,
    "clip": lambda u, low, high: min(max(u, low), high),
    "pi": math.pi,
    "__builtins__": {},
}


@pytest.mark.parametrize(("written", "ours"), [
    ("x^2 + 2x*y", "x**2 + 2*x*y"),
    ("x² + y³", "x**2 + y**3"),
    ("3(x - 1)(y + 2)", "3*(x - 1)*(y + 2)"),
    ("x(y + 1)", "x*(y + 1)"),
    ("|x| + |y - 1|", "abs(x) + abs(y - 1)"),
    ("||x| - 1|", "abs(abs(x) - 1)"),
    ("ln(x)", "log(x)"),
    ("min(x, y) + max(x, y, 1)", "minimum(x, y) + maximum(maximum(x, y), 1)"),
    ("arctan(y/x) + atan2(y, x)", "atan(y/x) + atan2(y, x)"),
    ("asin(x)", "2*atan(x/(1 + sqrt(1 - x**2)))"),
    ("erf(x) + sigmoid(2x)", "erf(x) + (1/(1 + exp(-(2*x))))"),
    ("x % 3 + mod(y, 2)", "(x - 3*floor(x/3)) + (y - 2*floor(y/2))"),
    ("relu(x) + softplus(y)",
     "maximum(x, 0) + where(y > 30, y + exp(-y), log(1 + exp(y)))"),
    ("log10(x) - hypot(x, y)", "(log(x)/log(10)) - sqrt(x**2 + y**2)"),
    ("x·y − 3×x", "x*y - 3*x"),
    ("sin²(x) + cos^2(y)", "sin(x)**2 + cos(y)**2"),
    ("√(x² + 1) + √x", "sqrt(x**2 + 1) + sqrt(x)"),
    ("e^x + e^(x + y) + e", "exp(x) + exp(x + y) + exp(1)"),
    ("sin(2πx)", "sin(2*pi*x)"),
    ("where(x > 0 and y < 1, x, y)", "where(where(x > 0, where(y < 1, 1, 0), 0), x, y)"),
    ("where(x > 0 or y < 1, x, y)", "where(where(x > 0, 1, where(y < 1, 1, 0)), x, y)"),
    ("where(not (x ≤ 0), x, y)", "where(where(x <= 0, 0, 1), x, y)"),
    ("where(0 < x < 1, x, y)", "where(where(0 < x, where(x < 1, 1, 0), 0), x, y)"),
    ("x**2 + a*y", "x**2 + a*y"),
])  # fmt: skip
def test_students_notation_is_written_back_in_ours(written: str, ours: str) -> None:
    graph, node, made = read(written, NAMES)
    assert made == ours
    again, other, same = read(ours, NAMES)
    assert same == ours
    assert shape(graph, node) == shape(again, other)


@pytest.mark.parametrize(("text", "words"), [
    ("1/2x", "in two ways"), ("x^2y", "in two ways"), ("x²^3", "in two ways"),
    ("√x²", "in two ways"), ("sin^-1(x)", "asin"), ("||x||", "norm"), ("xy", "x*y"),
    ("x y", "write *"), ("xsin(x)", "x*sin"), ("sin x", "write sin(…)"), ("0,5x", "0.5"),
    ("x1 + x2", "mean x"), ("log(x, 2)", "log(x)/log(b)"), ("gelu(x)", "erf"), ("x = 3", "=="),
    ("f(x) = x", "Unknown function"), ("x!", "factorial"), ("x if x else y", "where"),
    ("minn(x, y)", "mean min"), ("(x > 0)*x", "where"), ("2|x|", "write *"), ("ln", "ln(…)"),
])  # fmt: skip
def test_what_can_be_read_in_two_ways_is_answered_with_what_to_write(text: str, words: str) -> None:
    with pytest.raises(FormulaError) as caught:
        read(text, NAMES)
    assert words in caught.value.message


@pytest.mark.parametrize(("written", "ours"), [
    ("m = 0.9m + g; x -= lr*m", "m = 0.9*m + g; x = x - lr*m"),
    ("x -= lr*g + 0.1x", "x = x - (lr*g + 0.1*x)"),
    ("x ← x − lr·g/|g|", "x = x - lr*g/abs(g)"),
    ("v *= a; v += g; x := x - lr*v", "v = v * a; v = v + g; x = x - lr*v"),
    ("e = g; x = x - lr*e", "e = g; x = x - lr*e"),
    ("min = g; x = x - lr*min", "min = g; x = x - lr*min"),
])  # fmt: skip
def test_rules_are_written_back_too(written: str, ours: str) -> None:
    assert parse_rule(written, ("a",)).ours == ours
    assert parse_rule(ours, ("a",)).ours == ours
    one, two = (run("rule", text=text, a=0.5) for text in (written, ours))
    assert one == two


def shape(graph: Graph, node: Node, known: dict[Any, int] | None = None) -> int:
    """A number that two nodes share when they are the same formula, whatever graph they are of."""
    known = _KNOWN if known is None else known
    found: dict[Node, int] = {}
    for one in needed(graph, [node]):
        key = (graph.op[one], tuple(found[arg] for arg in graph.args[one]), repr(graph.value[one]))
        found[one] = known.setdefault(key, len(known))
    return found[node]


_KNOWN: dict[Any, int] = {}


def read_or_fault(text: str) -> tuple[Graph, Node, str] | FormulaError:
    try:
        return read(text, NAMES)
    except FormulaError as fault:
        return fault


def points(seed: int) -> list[dict[str, float]]:
    rng = random.Random(f"points {seed}")
    return [{name: rng.uniform(-2, 2) for name in NAMES} for _ in range(4)]


def evaluated(value: Callable[[Any], Any], at: dict[str, Any]) -> float:
    """A value at a point, or nan where Python has none."""
    try:
        with np.errstate(all="ignore"):
            made = value(at)
        return float(made) if not isinstance(made, complex) else math.nan
    except (ArithmeticError, ValueError):
        return math.nan


def in_python(text: str) -> Callable[[dict[str, Any]], Any]:
    """A formula in our notation as Python reads it; whole numbers as floats, as ours are."""
    code = compile(re.sub(r"(?<![\w.])(\d+)(?![\w.])", r"\1.0", text), "formula", "eval")
    return lambda at: eval(code, PYTHON, at)


def test_random_formulas_agree_with_pythons_own_evaluation() -> None:
    """Three ways to the same number: what was meant, what the translation says, what runs."""
    compared = translated = 0
    for seed in range(SCENARIOS):
        made = Student(seed).one(3)
        read_as = read_or_fault(made.text)
        if isinstance(read_as, FormulaError):  # only constants that are none, such as 1/0
            assert re.search("finite number|more than|Too long", read_as.message), (seed, read_as)
            continue
        graph, node, ours = read_as
        again, other, same = read(ours, NAMES)
        assert (same, shape(again, other)) == (ours, shape(graph, node)), (seed, made.text, ours)
        translated += ours != made.text
        runs, python = array_function(graph, [node], NAMES)((1,)), in_python(ours)
        for at in points(seed):
            exact = {name: np.float64(value) for name, value in at.items()}
            meant, said = evaluated(made.value, exact), evaluated(python, exact)
            with np.errstate(all="ignore"):
                ran = float(np.ravel(runs(*(np.array([at[name]]) for name in NAMES))[0])[0])
            if not (math.isfinite(meant) and math.isfinite(said)) or abs(meant) > 1e6:
                continue
            beside = {name: value * (1 + 1e-11) for name, value in exact.items()}
            moved = evaluated(made.value, beside) - meant, evaluated(python, beside) - said
            if not max(map(abs, moved)) < 1e-8 * (1 + abs(meant)):
                continue  # so ill conditioned that the last digit decides
            where = (seed, made.text, ours, at)
            # A misreading is another number altogether; what is written out rounds otherwise.
            assert math.isclose(said, ran, rel_tol=1e-4, abs_tol=1e-4), (where, said, ran)
            assert math.isclose(meant, said, rel_tol=1e-4, abs_tol=1e-4), (where, meant, said)
            compared += 1
    assert compared > SCENARIOS / 2, compared
    assert translated > SCENARIOS / 2, translated


SMOOTH_AT = {  # where a function is smooth, apart from 0.3 and -0.7
    "acosh": (1.5, 2.5), "arccosh": (1.5, 2.5), "logit": (0.3, 0.6), "log10": (0.3, 2.0),
    "lg": (0.3, 2.0), "log2": (0.3, 2.0), "ld": (0.3, 2.0), "ln": (0.3, 2.0), "log": (0.3, 2.0),
}  # fmt: skip


@pytest.mark.parametrize("name", [*WRITTEN, *RENAMED, "erf", "atan2"])
def test_what_is_written_out_is_differentiated_exactly(name: str) -> None:
    """The derivative that follows is the slope of the values, and one point is many points."""
    ours = RENAMED.get(name, name)
    arity = WRITTEN[name].arity if name in WRITTEN else OPERATIONS[ours].arity if (
        ours in OPERATIONS) else 3  # fmt: skip
    text = f"{name}({', '.join(('x', 'y + 0.9', '5')[:arity])})"
    graph, node, _ = read(text, ("x", "y"))
    slope = gradient(graph, node, ("x", "y"))
    make = array_function(graph, [node, *slope], ("x", "y"))
    step = 1e-6
    for x in SMOOTH_AT.get(name, (0.3, -0.7)):
        if name in ("pow", "power") and x < 0:
            continue
        at = np.array([x, x - step, x + step])
        value, across, _ = (np.array(row) for row in np.broadcast_arrays(*make((3,))(at, 0 * at)))
        assert math.isclose(across[0], (value[2] - value[1]) / (2 * step), abs_tol=1e-5), text
        one = np.broadcast_arrays(*make((1,))(at[:1], 0 * at[:1]))
        assert np.ravel(one[0])[0] == value[0]


def test_erf_is_pythons_in_both_precisions() -> None:
    erf = OPERATIONS["erf"].array
    at = np.linspace(-4, 4, 41)
    assert np.array_equal(erf(at), [math.erf(u) for u in at])
    assert erf(at.astype(np.float32)).dtype == np.float32
    assert float(erf(3)) == float(erf(3.0)) == math.erf(3)
    out = np.empty_like(at)
    assert erf(at, out) is out


def test_smooth_functions_hold_far_out() -> None:
    """Where exp overflows, what is written out is still what it should be."""
    for text, x, value in (
        ("softplus(x)", 800.0, 800.0), ("softplus(x)", -800.0, 0.0), ("softplus(x)", 40.0, 40.0),
        ("sigmoid(x)", 800.0, 1.0), ("sigmoid(x)", -800.0, 0.0), ("asin(x)", 1.0, math.pi / 2),
        ("asin(x)", -1.0, -math.pi / 2), ("acos(x)", -1.0, math.pi), ("atan2(x, 0)", 0.0, 0.0),
        ("asinh(x)", -1e6, -14.50865773852447), ("x % 3", -1.0, 2.0),
    ):  # fmt: skip
        graph, node, _ = read(text, ("x",))
        with np.errstate(all="ignore"):
            made = array_function(graph, [node], ("x",))((1,))(np.array([x]))[0]
        assert math.isclose(float(np.ravel(made)[0]), value, rel_tol=1e-14, abs_tol=1e-14), text


def test_a_link_in_students_notation_is_the_link_in_ours() -> None:
    """Address, spec and Python: the answer's text is ours, means the same and is told."""
    for seed in range(max(20, SCENARIOS // 10)):
        text = Student(seed).one(2).text
        query = f'surface=formula(f="{percent_encode(text)}",a=1)&steps=3'
        said: list[str] = []
        try:
            made = decode(query, said)
        except QueryError:
            continue
        ours = str(made.surface["f"])
        assert decode(encode(made)) == made, (seed, text)
        assert (
            made.surface == surface("formula", f=text, a=1.0) == surface("formula", f=ours, a=1.0)
        )
        assert surface_entry(made.surface).formula == ours
        read = [one for one in said if "was read as" in one]  # a knob may also be nobody's
        assert bool(read) == (ours != text), (seed, text, said)
        assert repair(query)[1] == said


def test_a_rule_in_students_notation_takes_the_same_steps() -> None:
    query = "surface=booth&start=1,2&steps=50&run="
    one = trajectory(query + 'rule(text="m = 0.9m %2B (1 - 0.9)g; x -= lr·m/√(|m|² %2B 1)",lr=0.1)')
    two = trajectory(
        query + 'rule(text="m = 0.9*m %2B (1 - 0.9)*g; x = x - lr*m/sqrt(m**2 %2B 1)",lr=0.1)'
    )
    assert np.array_equal(one["x"], two["x"])


SOUP = [
    *"xyas()()()||,,++--**/^%=<>!·−²³√π≤≠&;\n 0123.", "sin", "where(", "min(", "asin(", "mod(",
    "and", "or", "not", "e", "e^", "2x", "^2", "softplus(", "hypot(", "erf(", "-=", ":=", "←",
    "⁻¹", "if", "else", "1e9", "lr", "g", "x = ", "x -= ", "|x|", "pow(", "log10(", "'", "[", "₁",
]  # fmt: skip


def test_no_text_fails_or_hangs() -> None:
    """Soup of all that a formula may hold: read or refused, never more; and steps are bounded."""
    app: Any = build_app()
    client = app.server.test_client()
    for seed in range(SCENARIOS):
        rng = random.Random(seed)
        text = "".join(rng.choice(SOUP) for _ in range(rng.choice((3, 8, 20, 60))))
        for form in (
            'surface=formula(f="{}")&steps=2',
            'surface=booth&run=rule(text="{}")&steps=2',
        ):
            query = form.format(percent_encode(text))
            mended, notes = repair(query)
            assert decode(encode(mended)) == mended, (seed, text)
            assert all(note.endswith(".") for note in notes), (seed, notes)
            if seed % 10 == 0:
                answer = client.get(f"/check.json?{query}")
                assert answer.status_code == 200, (seed, text)
                assert client.get(f"/run.json?{query}").status_code in (200, 400), (seed, text)
                callbacks.repaired({"query": query})


@pytest.mark.parametrize("text", [
    "asin(" * 30 + "x" + ")" * 30, "softplus(" * 39 + "x" + ")" * 39, "|" * 3000, "√" * 2000 + "x",
    "not " * 900 + "x", "where(" + "(" * 900 + "x>0" + ")" * 900 + ", 1, 0)", "x²" * 1900,
    "where(" + "x>0 and " * 480 + "x>0, 1, 0)", "min(" + "x," * 1900 + "x)", "x%" * 1900 + "x",
    "2x" * 1900, "e^" * 1900 + "x", "(" * 1900 + "x" + ")" * 1900, "where(0" + "<x" * 900 + ",1,0)",
    "mod(" * 200 + "x" + ",x)" * 200, "sin²" * 900 + "(x)",
])  # fmt: skip
def test_what_grows_when_it_is_written_out_is_refused_in_time(text: str) -> None:
    """Written out, text doubles at every level: the limit holds for what comes of it."""
    made = read_or_fault(text)
    if isinstance(made, FormulaError):
        assert len(made.message) < 600
    else:
        assert len(made[2]) <= MAX_LENGTH


def test_names_of_old_links_stay_names() -> None:
    """A knob may be called as a function that came later: v=1 links mean what they meant."""
    for name in (*READ, *INSTEAD, "erf", "atan2", "and", "not", "or"):
        made = decode(f'surface=formula(f="x**2 + {name}*y**2",{name}=3)&steps=1')
        assert made.surface.number(name) == 3.0
        assert str(made.surface["f"]) == f"x**2 + {name}*y**2"
        rule = decode(f'run=rule(text="{name} = 0.5*{name} %2B g; x = x - lr*{name}")&steps=1')
        assert str(rule.runs[0]["text"]) == f"{name} = 0.5*{name} + g; x = x - lr*{name}"


def test_conditions_are_typeset_as_they_are_said() -> None:
    for text, said in (
        ("where(x > 0 and y < 1, x, y)", "x&gt;0 and y&lt;1"),
        ("where(x > 0 or not (y < 1 and x < 2), x, y)", "x&gt;0 or (not (y&lt;1 and x&lt;2))"),
        ("where(0 < x <= 1, x, y)", "0&lt;x and x≤1"),
    ):
        ours = read(text, ("x", "y"))[2]
        shown = re.sub("<[^>]*>", "", mathml(ours, ("x", "y"))).replace("&#xA0;", " ")
        assert said in shown, (text, shown)
        assert "≠" not in shown


def test_what_is_declared_is_in_our_notation() -> None:
    for entry in SURFACES.values():
        names = ("x", "y", *(knob.name for knob in entry.knobs))
        assert read(entry.formula, names)[2] is entry.formula
    for method in TRAINERS.values():
        text = composed(run(method.name)).text
        knobs = tuple(name for name, _ in composed(run(method.name)).knobs)
        assert parse_rule(text, knobs, matrices=True).ours is text

"""Hostile and heavy texts: nothing but the allow-list runs, and each is answered at once.

Hand-made ones (`hostile_texts`), and 50,000 that a seeded generator makes from grammar and
from raw bytes. Times are processor time, so that a busy machine does not matter.
"""

from __future__ import annotations

import re
import resource
import sys
import time
from collections import Counter
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import numpy as np
import orjson
import pytest

from nnopt_viz import cli
from nnopt_viz.compose.calls import surface
from nnopt_viz.deliver.frame import trajectory
from nnopt_viz.formula.compile import array_function
from nnopt_viz.formula.expand import surface_graph
from nnopt_viz.formula.graph import FUNCTIONS, Graph, Node, needed
from nnopt_viz.formula.parse import expression
from nnopt_viz.judge.count import summary
from nnopt_viz.judge.executors import LaneRun, Rows, ScalarRun, program_key
from nnopt_viz.judge.trace import trace
from nnopt_viz.page import build_app, callbacks
from nnopt_viz.query.keys import QueryError
from nnopt_viz.race.codec import decode, encode, repair
from tests.support.audit import audited
from tests.support.hostile_generator import Generator, formula_query, rule_query
from tests.support.hostile_texts import (
    ACCEPTED_FORMULAS,
    ACCEPTED_QUERIES,
    ACCEPTED_RULES,
    REFUSED_FORMULAS,
    REFUSED_QUERIES,
    REFUSED_RULES,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from flask.testing import FlaskClient

GENERATED = 50_000
REFUSED_WITHIN = 1.0  # seconds of processor time to refuse or to accept a text; most take 1 ms
ANSWERED_WITHIN = 10.0  # for all routes of one accepted text; most take 0.1 s
MEMORY = 400  # MB that all texts together may add; every cache is full by then


@pytest.fixture(autouse=True)
def nothing_else_runs() -> Iterator[None]:
    with audited():
        yield


@pytest.fixture(scope="module")
def client() -> FlaskClient:
    app: Any = build_app()
    made: FlaskClient = app.server.test_client()
    check_answers(made, formula_query("x**2 + y**2"))  # what is imported late is imported now
    trajectory("steps=1")
    return made


@pytest.fixture(scope="module")
def say(request: pytest.FixtureRequest) -> Callable[[str], None]:
    """Writes a line to the terminal, also when tests that pass are quiet."""
    capture: Any = request.config.pluginmanager.getplugin("capturemanager")
    reporter: Any = request.config.pluginmanager.getplugin("terminalreporter")

    def write(line: str) -> None:
        with capture.global_and_fixture_disabled():
            reporter.ensure_newline()
            reporter.write_line(line)

    return write


@pytest.fixture(scope="module", autouse=True)
def memory_stays_bounded(client: FlaskClient, say: Callable[[str], None]) -> Iterator[None]:
    assert client is not None  # what the app itself takes does not count
    before = peak()
    yield
    say(f"All hostile texts together: {peak() - before} MB more at the peak")
    assert peak() - before < MEMORY


def peak() -> int:
    """The most memory that this process ever had, in MB."""
    unit = 1024**2 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // unit


def as_query(text: str) -> str:
    return quote(text, safe="=&(),")


def fault_of(query: str) -> QueryError | None:
    """The refusal of a query or None, in time; its repair is valid whatever it is."""
    begun = time.process_time()
    try:
        decode(query)
        error = None
    except QueryError as fault:
        error = fault
    assert time.process_time() - begun < REFUSED_WITHIN, query[:200]
    if error is not None:
        assert error.allowed
        assert 0 < len(error.message) < 2500, error.message
        assert error.position is None or error.position >= 0
    return error


def check_answers(client: FlaskClient, query: str) -> None:
    """Every route answers an accepted query, and the page's callbacks do."""
    begun = time.process_time()
    short = f"{query}&steps=60"
    scenario = decode(short)
    assert decode(encode(scenario)) == scenario
    long = len(query) > 7900  # beyond what servers let through: the command line alone
    for path in ("/check.json", "/figures.json", "/run.json", "/run.bin", "/run.csv"):
        answer = client.get(path, environ_overrides={"QUERY_STRING": short})
        assert answer.status_code == (414 if long else 200), (path, query[:200], answer.text[:300])
        if answer.mimetype == "application/json":
            orjson.loads(answer.data)
    message = {"query": short}
    orjson.dumps(callbacks.repaired(message)[0])
    callbacks.surface_controls(message)
    callbacks.run_controls(message)
    assert time.process_time() - begun < ANSWERED_WITHIN, query[:200]


def flat(groups: dict[str, list[Any]]) -> list[Any]:
    return [text for texts in groups.values() for text in texts]


def test_there_are_200_hand_made_texts(say: Callable[[str], None]) -> None:
    refused = flat(REFUSED_FORMULAS) + flat(REFUSED_RULES) + REFUSED_QUERIES
    accepted = flat(ACCEPTED_FORMULAS) + flat(ACCEPTED_RULES) + ACCEPTED_QUERIES
    assert len(set(refused)) == len(refused)
    assert len(set(accepted)) == len(accepted)
    assert min(len(refused), len(accepted)) >= 100
    say(f"Hand-made: {len(refused)} to be refused, {len(accepted)} to be answered")


@pytest.mark.parametrize("group", [*REFUSED_FORMULAS, *REFUSED_RULES])
def test_hand_made_texts_are_refused_at_the_character(group: str, client: FlaskClient) -> None:
    for text, position in REFUSED_FORMULAS.get(group, []) + REFUSED_RULES.get(group, []):
        is_rule = group in REFUSED_RULES
        query = rule_query(text) if is_rule else formula_query(text)
        error = fault_of(query)
        assert error is not None, text
        assert (error.key, error.position) == ("run.text" if is_rule else "surface.f", position)
        mended, notes = repair(query)
        assert notes
        assert decode(encode(mended)) == mended
        for path in ("/run.json", "/figures.json", "/run.bin", "/run.csv"):
            answer = client.get(path, environ_overrides={"QUERY_STRING": query})
            assert answer.status_code == (414 if len(query) > 8000 else 400), (path, text[:80])
        if len(query) <= 8000:  # what is wrong is this question's answer
            checked = client.get("/check.json", environ_overrides={"QUERY_STRING": query})
            assert checked.status_code == 200
            assert checked.json["error"]["position"] == position


@pytest.mark.parametrize(("text", "key"), REFUSED_QUERIES)
def test_hand_made_queries_are_refused(text: str, key: str) -> None:
    error = fault_of(as_query(text))
    assert error is not None
    assert error.key == key
    mended, notes = repair(as_query(text))
    assert notes
    assert decode(encode(mended)) == mended


@pytest.mark.parametrize("group", ACCEPTED_FORMULAS)
def test_hand_made_formulas_are_answered(group: str, client: FlaskClient) -> None:
    for text in ACCEPTED_FORMULAS[group]:
        own = set(re.findall("[A-Za-z_][A-Za-z_0-9]*", text)) - {"x", "y"}
        more = "".join(f",{name}=0.5" for name in own) if group == "names of its own" else ""
        check_answers(client, formula_query(text, more))


@pytest.mark.parametrize("group", ACCEPTED_RULES)
def test_hand_made_rules_are_answered(group: str, client: FlaskClient) -> None:
    for text in ACCEPTED_RULES[group]:
        check_answers(client, rule_query(text))
        check_answers(client, f"surface=himmelblau&start=grid(n=5)&noise=0.1&{rule_query(text)}")


@pytest.mark.parametrize("text", ACCEPTED_QUERIES)
def test_hand_made_queries_are_answered(text: str, client: FlaskClient) -> None:
    check_answers(client, as_query(text))


def test_the_command_line_refuses_alike(capsys: pytest.CaptureFixture[str]) -> None:
    for text in ("9**9**9**9", "__import__('os')", "(" * 3000, "x*\u0662", "x" + "*x" * 450):
        assert cli.main(["run", formula_query(text)]) == 2
        printed = capsys.readouterr()
        assert printed.out == ""
        assert printed.err.startswith("nnopt-viz: ")
        assert len(printed.err.splitlines()) == 1


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("log(-1 - x**2 - y**2)", "no finite loss in this region"),
        ("log(-1 - 1e-9*(x**2 + y**2))", "no finite loss in this region"),
        ("3", "level everywhere in this region"),
        ("x + y", "no minimum found in this region"),
        ("x**2 + y**2", "1 global minimum found"),
        ("x**4 - x**2 + 0.1*x + y**2", "1 global, 1 local minimum found"),
        ("x**2", "1 global minimum found"),
        ("sin(30*x)*sin(30*y)", "at least 722 global minima found"),
        ("log(x) + y**2", "no minimum found in this region"),  # poles are none
        ("1/x + y**2", "no minimum found in this region"),
        ("log(abs(x - y))", "no minimum found in this region"),
        ("sqrt(x) + y**2", "1 global minimum found"),  # rounding at the tip makes no second one
    ],
)
def test_the_page_says_what_there_is_to_see(text: str, says: str) -> None:
    assert summary(surface("formula", f=text)) == says


def test_wrappers_step_aside_from_a_rules_own_names() -> None:
    """The same steps, whatever the rule calls its names."""
    plain = 'run=rule(text="m = 0.5*m + g; n = m; x = x - lr*a*n",a=0.3,lr=0.001,{})'
    for wrapped, m, n, a in (
        ("accumulate=3", "gathered", "gathered_outer", "due"),
        ("lookahead=3", "slow", "slow_outer", "follows"),
        ("noise=gaussian(scale=2)", "noise_x", "normal_x", "noise_scale"),
        ("schedule=reduce_on_plateau(patience=3)", "rate_factor", "best_loss", "schedule_patience"),
    ):
        renamed = re.sub(r"\b[mna]\b", lambda w: {"m": m, "n": n, "a": a}[w[0]], plain)  # noqa: B023
        first, second = (
            trajectory(as_query(text.format(wrapped) + "&steps=30")) for text in (plain, renamed)
        )
        assert first.equals(second), wrapped


# --- generated texts


def kind_of(error: QueryError) -> str:
    """What a refusal is about, in a word or two."""
    for words, name in (
        ("has no meaning here", "character"),
        ("Unknown", "name"),
        ("not a finite", "not finite"),
        ("too large", "not finite"),
        ("could not be read", "query"),
        ("There is no", "query"),
        ("Nested", "depth"),
        ("Too long", "size"),
        ("at most", "size"),
        ("more than", "cost"),
        ("Expected", "syntax"),
        ("comparisons", "syntax"),
        ("expected", "syntax"),
        ("takes", "arguments"),
        ("is a function", "arguments"),
        ("assign", "assignment"),
        ("not remembered", "assignment"),
    ):
        if words in error.message:
            return name
    return "other"


@pytest.mark.slow
def test_generated_texts_are_read_or_refused(
    client: FlaskClient, say: Callable[[str], None]
) -> None:
    generator = Generator(20_240_607)
    counts: Counter[str] = Counter()
    slowest = 0.0
    began = time.process_time()
    for number in range(GENERATED):
        query = generator.query()
        begun = time.process_time()
        error = fault_of(query)
        slowest = max(slowest, time.process_time() - begun)
        counts["accepted" if error is None else f"refused: {kind_of(error)}"] += 1
        if error is None and number % 250 == 0:
            check_answers(client, query)
            counts["answered on every route"] += 1
        elif number % 100 == 51:
            answer = client.get("/run.bin", environ_overrides={"QUERY_STRING": f"{query}&steps=9"})
            assert answer.status_code in (200, 400, 414), query[:200]
            mended, _ = repair(query)
            assert decode(encode(mended)) == mended
            counts["asked of the API and repaired"] += 1
    took = time.process_time() - began
    say(f"{GENERATED:,} generated texts in {took:.1f} s of processor time, ")
    say(f"the slowest in {1000 * slowest:.0f} ms:")
    for name, count in counts.most_common():
        say(f"  {count:6,} {name}")
    refused = sum(count for name, count in counts.items() if name.startswith("refused"))
    assert counts["accepted"] + refused == GENERATED
    assert min(counts["accepted"], refused) > GENERATED // 10


# --- what accepted texts mean

SMOOTH = ("sin", "cos", "tanh", "atan", "exp")


def smooth(generator: Generator, depth: int) -> str:
    """A formula without kinks or poles."""
    pick = generator.random.choice
    if depth == 0:
        return pick(("x", "y", "x", "y", "0.7", "1.3"))
    a, b = smooth(generator, depth - 1), smooth(generator, depth - 1)
    return pick((
        f"({a} + {b})", f"({a} - {b})", f"{a}*{b}", f"({a})/(2 + ({b})**2)", f"({a})**3",
        f"sqrt(1.5 + ({a})**2)", f"log(1.2 + ({a})**2)", f"(1.1 + ({a})**2)**({b})",
        *(f"{name}({'' if name != 'exp' else '-0.1*'}({a}))" for name in SMOOTH),
    ))  # fmt: skip


def complex_values(graph: Graph, nodes: list[Node], **names: Any) -> list[Any]:
    """A graph's formulas at complex points."""
    found: dict[Node, Any] = {}
    for node in needed(graph, nodes):
        op, value = graph.op[node], graph.value[node]
        if op == "const":
            found[node] = value
        elif op == "name":
            found[node] = names[str(value)]
        else:
            found[node] = FUNCTIONS[op].array(*(found[a] for a in graph.args[node]))
    return [found[node] for node in nodes]


@pytest.mark.slow
def test_gradient_and_hessian_are_those_of_a_complex_step(say: Callable[[str], None]) -> None:
    """Im f(x + ih)/h is exact to rounding for any small h: nothing is subtracted."""
    generator = Generator(7)
    points = np.random.default_rng(7).uniform(-1.5, 1.5, (2, 8))
    checked = 0
    h = 1e-30
    for _ in range(2_500):
        text = smooth(generator, generator.random.choice((2, 3, 3, 4)))
        graph, value = expression(text, ("x", "y"))
        made = surface_graph(graph, value, {})
        outputs = [*made.slopes, *made.curvature[0], made.curvature[1][1]]
        with np.errstate(all="ignore"):
            exact = array_function(made.graph, outputs, ("x", "y"))((8,))(*points)
            fx, fy, fxx, fxy, fyy = (np.broadcast_to(v, (8,)) for v in exact)
            for axis in (0, 1):
                shifted = points.astype(complex)
                shifted[axis] += 1j * h
                stepped = complex_values(
                    made.graph, [made.value, *made.slopes], x=shifted[0], y=shifted[1]
                )
                f, gx, gy = (np.broadcast_to(np.imag(v) / h, (8,)) for v in stepped)
                ours = np.stack([(fx, fy)[axis], (fxx, fxy)[axis], (fxy, fyy)[axis]])
                theirs = np.stack([f, gx, gy])
                good = np.isfinite(theirs).all(axis=0) & (np.abs(theirs) < 1e8).all(axis=0)
                size = 1 + np.abs(theirs).max(axis=0)
                # Sums of large terms that cancel lose digits in both.
                assert (np.abs(ours - theirs)[:, good] <= 1e-7 * size[good]).all(), text
                checked += int(good.sum())
    say(f"2,500 smooth formulas, {checked:,} gradients with rows of the Hessian compared")
    assert checked > 30_000


def test_executors_and_trace_agree_on_generated_rules(say: Callable[[str], None]) -> None:
    generator = Generator(11)
    lanes, steps = 25, 4
    compared = accepted = 0
    for _ in range(600):
        text = generator.rule(2)
        query = f"surface=himmelblau&start=grid(n=5)&steps={steps}&{rule_query(text)}"
        if fault_of(query) is not None:
            continue
        accepted += 1
        scenario = decode(query)
        key = program_key(scenario, scenario.runs[0])
        points = np.random.default_rng(accepted).uniform(-4, 4, (2, lanes))
        rates, shifts = np.full(steps, 0.01), np.zeros(steps)
        paths = []
        for runner, count in ((ScalarRun, 3), (LaneRun, lanes)):
            made = np.empty((2, steps, count))
            racer = runner(key, points[:, :count].copy(), rates, shifts, 0)
            noise = np.empty((steps, 0, count))
            racer.advance(0, steps, noise, Rows(made), np.ones(count, dtype=bool))
            paths.append(made[:, :, :3])
        scalar, many = paths
        # What overflows or is undefined is so in both; powers and functions differ in the
        # last bit, which a step function may turn into another step: rare, and counted.
        same = np.isclose(scalar, many, rtol=1e-7, atol=1e-9, equal_nan=True)
        agree = bool(same.all())
        compared += agree
        if accepted % 10 == 0:
            lines = trace(scenario, 0, 0, 1)
            x = next(line.value for line in reversed(lines) if line.target == "x")
            first = trajectory(query)
            row = first[(first["lane"] == 0) & (first["step"] == 1)]
            if len(row):
                np.testing.assert_allclose(np.broadcast_to(x, 2), row[["x", "y"]].to_numpy()[0],
                                           rtol=1e-9)  # fmt: skip
    say(f"{accepted} generated rules, {compared} with the same path in both executors")
    assert accepted > 400
    assert compared >= 0.98 * accepted

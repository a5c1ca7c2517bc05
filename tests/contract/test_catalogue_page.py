"""The catalogue: rules as a paper sets them, links, pictures, and HTML that lets nothing in."""

from __future__ import annotations

import base64
import re
import xml.etree.ElementTree as ET
from html import unescape
from typing import Any

import numpy as np
import pytest

from nnopt_viz.catalogue import evidence
from nnopt_viz.declare.drifts import DRIFTS, shares
from nnopt_viz.declare.modifiers import MODIFIERS, NOISES
from nnopt_viz.declare.starts import STARTS
from nnopt_viz.deliver.questions import read
from nnopt_viz.figures.mathml import mathml, symbol
from nnopt_viz.figures.mathml_rule import ARITY, rule_mathml
from nnopt_viz.figures.sparkline import HEIGHT, drift_picture, schedule_picture, sparkline
from nnopt_viz.formula.words import CALLS
from nnopt_viz.judge.simulation import simulate
from nnopt_viz.networks import ACTIVATIONS, DATASETS, INITS, LOSSES, NETS
from nnopt_viz.optimizers import NETWORK_OPTIMIZERS, OPTIMIZERS, TRAINERS
from nnopt_viz.page import opening
from nnopt_viz.page.catalogue_links import race_link
from nnopt_viz.page.elements import html
from nnopt_viz.page.markup import markup
from nnopt_viz.page.pages.catalogue import HELP
from nnopt_viz.race.codec import decode
from nnopt_viz.schedules import SCHEDULES
from nnopt_viz.surfaces import SURFACES

PARTS: dict[str, Any] = {
    "surfaces": SURFACES, "optimizers": OPTIMIZERS, "network_optimizers": NETWORK_OPTIMIZERS,
    "schedules": SCHEDULES, "starts": STARTS, "modifiers": MODIFIERS, "noises": NOISES,
    "drifts": DRIFTS, "networks": NETS, "datasets": DATASETS, "initializers": INITS,
    "activations": ACTIVATIONS, "losses": LOSSES,
}  # fmt: skip
# left out of a query
DEFAULTS = ("rosenbrock", "point", "constant", "none", "mlp", "moons", "he_normal", "relu")
ENTRIES = [(kind, name) for kind, registry in PARTS.items() for name in registry]


def shown() -> str:
    """The HTML of all entries."""
    return next(filter(None, map(html_of, walk(opening.page_for("/catalogue", "")))))


def walk(tree: Any) -> Any:
    yield tree
    children = getattr(tree, "children", None)
    for child in children if isinstance(children, list | tuple) else [children]:
        if child is not None and not isinstance(child, str):
            yield from walk(child)


def html_of(element: Any) -> str:
    return str(getattr(element, "data-html", "") or "")


@pytest.fixture(scope="module")
def text() -> str:
    """The words of all entries."""
    return unescape(re.sub(r"<[^>]*>", "\n", shown()))


@pytest.mark.parametrize(("kind", "name"), ENTRIES)
def test_an_entry_is_shown_whole(kind: str, name: str, text: str) -> None:
    entry = PARTS[kind][name]
    facts = [entry.title, entry.name, entry.doc]
    facts += [getattr(entry, fact) for fact in ("source", "differs") if hasattr(entry, fact)]
    facts += [knob.name for knob in entry.knobs]
    if kind in evidence.KINDS:
        facts += evidence.sentences(kind, name)
    for fact in facts:
        assert fact in text, fact


@pytest.mark.parametrize(("kind", "name"), ENTRIES)
def test_its_link_races_it(kind: str, name: str) -> None:
    query = race_link(kind, name).partition("?")[2]
    scene = read(query)
    assert scene.problem() is None
    assert name in query or name in DEFAULTS


@pytest.mark.parametrize("name", TRAINERS)
def test_every_line_of_every_rule_is_typeset(name: str) -> None:
    made = rule_mathml(TRAINERS[name].rule)
    assert "<code>" not in made
    ET.fromstring(f"<all>{made.replace('&#xA0;', ' ')}</all>")  # well formed
    lines = [line for line in TRAINERS[name].rule.replace(";", "\n").splitlines() if line.strip()]
    assert made.count('class="rule-line"') == len(lines)
    assert made.count("<mo>←</mo>") == len(lines)


def plain(line: str) -> str:
    """What a typeset line says, marks left out."""
    return unescape(re.sub(r"<[^>]*>", "", rule_mathml(line))).replace("\u2062", "")


@pytest.mark.parametrize(
    ("line", "wanted"),
    [
        ("m = beta1*m + (1 - beta1)*g", "m←β1m +(1−β1)g"),
        ("v = beta2*v + (1 - beta2)*g*g", "v←β2v +(1−β2)g2"),
        ("n = dot(g, g_last)", "n←⟨g,glast⟩"),
        ("n = dot(g, g)", "n←‖g‖2"),
        ("x = x - lr*grad(x + rho*u)", "x←x −η∇f(x+ρu)"),
        ("p = newton(g, 0)", "p←H−1g"),
        ("p = newton(g, damping)", "p←(H+dampingI)−1g"),
        ("h = curvature()", "h←diagH"),
        ("c = 0.5*0.96**t", "c←0.5·0.96t"),
        ("m_hat = m/(1 - beta1**t)", "m^←m1−β1t"),
        ("r_0 = eps", "r←εbefore step 1"),
    ],
)
def test_a_rule_reads_as_in_a_paper(line: str, wanted: str) -> None:
    assert plain(line) == wanted


def test_lines_around_a_rule_say_where_the_rule_stands(text: str) -> None:
    """The lines before it, a sentence for it, the lines after it; no template of ours."""
    assert "{name}" not in text
    assert "{formula}" not in text
    around = [one for one in (*MODIFIERS.values(), *SCHEDULES.values()) if one.before or one.after]
    assert text.count("the optimizer's own lines") >= len(around)
    assert "with updates for t; what they remember is set by old = where(due, new, old)" in text


@pytest.mark.parametrize("name", DRIFTS)
def test_a_drift_is_the_share_of_a_way_and_not_s(name: str) -> None:
    """From s = 0.4 the surface goes the rest of the way to 1."""
    assert f"share = {DRIFTS[name].formula}" in html_text("drifts", name)
    scene = decode(f"surface=swapping_wells(s=0.4)&run=sgd&steps=20&drift={name}")
    s = [chunk.s for chunk in simulate(scene) if chunk.s is not None]
    made = np.concatenate(s)[1:] if s else np.full(20, 0.4)
    np.testing.assert_allclose(made, 0.4 + 0.6 * shares(DRIFTS.call(name), 20), atol=1e-12)


def html_text(kind: str, name: str) -> str:
    """What a screen reader says of the formula of an entry, and its text."""
    found = [part for part in shown().split("<article") if f"<code>{name}</code>" in part]
    return " ".join(map(unescape, found))


def test_its_help_is_about_the_catalogue() -> None:
    assert "The runs" not in HELP
    assert "Search" in HELP


def test_every_function_of_rules_can_be_typeset() -> None:
    assert set(ARITY) >= CALLS


def test_what_cannot_be_read_is_shown_as_it_is() -> None:
    assert "<code>{name} = {x}</code>" in rule_mathml("{name} = {x}")
    assert rule_mathml("x = x - <b>(") == (
        '<div class="rule-line"><code>x = x - &lt;b&gt;(</code></div>'
    )


def test_symbols_are_named_beside_the_knobs() -> None:
    assert [symbol(name) for name in ("lr", "beta1", "weight_decay", "momentum", "nu2")] == [
        "η", "β₁", "λ", "momentum", "ν₂"
    ]  # fmt: skip


@pytest.mark.parametrize("name", SCHEDULES)
def test_schedules_are_typeset_and_drawn(name: str) -> None:
    entry = SCHEDULES[name]
    names = ("t", "steps", *(knob.name for knob in entry.knobs))
    assert "<code>" not in mathml(entry.formula, names, "factor")
    assert schedule_picture(name) != schedule_picture("constant") or name == "constant"


def test_pictures_stay_within_their_frame_whatever_the_course() -> None:
    for course in (np.linspace(-5, 5, 1000), np.array([np.nan, np.inf, 0.5]), np.array(0.3)):
        svg = base64.b64decode(sparkline(course).partition(",")[2]).decode()
        heights = [float(y) for y in re.findall(r"[ML][\d.]+ ([\d.]+)", svg)]
        assert heights
        assert all(0 <= height <= HEIGHT for height in heights)
    assert drift_picture("linear") != drift_picture("none")


def test_html_is_escaped() -> None:
    made = markup(html.P(["<b>", html.Code("a&b", title='"<')], className="one"))
    assert made == '<p class="one">&lt;b&gt;<code title="&quot;&lt;">a&amp;b</code></p>'

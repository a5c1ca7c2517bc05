"""The help: how to read the page, and its keys."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nnopt_viz.page.elements import Element, dmc, html

if TYPE_CHECKING:
    from nnopt_viz.page.page import Page

VIEWS = (
    "Both show the loss: pale is low, dark is high (in the dark theme the other way round). "
    "Scroll to zoom, drag to pan or to turn, double-click to go back. "
)
RACE = {
    "The map and the 3D view": VIEWS
    + "Height is log10(1 + loss − best), so that deep valleys stay readable. A star marks a global "
    "minimum, a ring a local one.",
    "The runs": (
        "Every run has a colour and a sign of its own. All start at the same point and take "
        "the same number of steps. Hollow dots mark every tenth step: far apart means fast. "
        "The dotted line is what is still to come."
    ),
    "Initialization": (
        "Click on the map to start there, or drag the start. With random, grid or ring every "
        "run starts from many points at once."
    ),
    "Your own": (
        "“Edit a copy” opens the formula of the surface, or the rule of a run, as text. What you "
        "write is checked as you type and differentiated exactly; names you declare as knobs get "
        "sliders. Ctrl and Enter race it."
    ),
    "When the world changes": (
        "Surfaces of shifting data have a knob s: 0 is what was trained on, 1 what the world "
        "became. With drift it moves while the runs descend. Regret is what it costs to stay: "
        "the loss at s = 1 minus the best loss there."
    ),
    "A closer look": (
        "Pause, then look closer: one step with its numbers in place, its vectors on the map; or "
        "the loss along a line, the textbook curve."
    ),
}
LINK = {
    "The link": (
        "The address of the page holds everything that decides the result, the seed included. "
        "Whoever opens it sees exactly the same."
    ),
}
KEYS = (
    ("Space", "play or pause"),
    ("← →", "one step back or forward"),
    ("Home, End", "first or last step"),
    ("Esc", "leave the presentation"),
)


def help_text(page: Page) -> list[Element]:
    """What the help window holds on a page, named as in the navigation."""
    made: list[Element] = []
    for title, text in (dict(page.help) | LINK | dict(page.help)).items():
        made += [html.H3(title), html.P(text)]
    if page.plays:
        keys = [html.Div([html.Dt(dmc.Kbd(key)), html.Dd(what)]) for key, what in KEYS]
        made += [html.H3("Keys"), html.Dl(keys, className="keys")]
    return [html.Div(made, className="help")]

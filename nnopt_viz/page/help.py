"""The help: how to read the page, and its keys."""

from __future__ import annotations

from nnopt_viz.page.elements import Element, dmc, html

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
NETWORK = {
    "The map and the 3D view": VIEWS
    + "They are a slice: a plane through the space of all weights, on which the loss is computed "
    "anew at every point. x and y are steps along the plane's two directions.",
    "The runs": (
        "All start from the same weights and see the same batches. In 3D each stands at its true "
        "loss: a gap to the sheet says how far the slice is from where the run really is."
    ),
    "How honest the slice is": (
        "The page says how far each run is from the plane, its true loss beside the slice's, and "
        "which share of its path's variance the plane holds. A random walk would have 76% in its "
        "own main plane: only more than that says something."
    ),
    "While it trains": (
        "You can stop and go on; what has come stays. A plane of the paths' main directions is "
        "provisional until training ends, and says so."
    ),
}
EXPERIMENT = {
    "One thing differs": (
        "Everything else is shared and said: data, batches, steps, seeds. What differs is repeated "
        "over seeds, and each dot or line is one of them."
    ),
    "The numbers": (
        "Each is measured here and now, with its 95% interval over seeds; nothing is typed in. "
        "Where the interval of a difference holds 0, no difference was shown."
    ),
    "Settings": (
        "Change one and the experiment is computed anew. It can be cancelled; what was measured "
        "once comes again at once."
    ),
}
LINK = {
    "The link": (
        "The address of the page holds everything that decides the result, the seed included. "
        "Whoever opens it sees exactly the same."
    ),
}
PARTS = {"/network": NETWORK, "/experiments": EXPERIMENT}  # elsewhere the race's
KEYS = (
    ("Space", "play or pause"),
    ("← →", "one step back or forward"),
    ("Home, End", "first or last step"),
    ("Esc", "leave the presentation"),
)
NO_KEYS = ("/experiments", "/catalogue")  # nothing plays there


def help_text(path: str) -> list[Element]:
    """What the help window holds on a page, named as in the navigation."""
    made: list[Element] = []
    for title, text in (PARTS.get(path, RACE) | LINK).items():
        made += [html.H3(title), html.P(text)]
    if path not in NO_KEYS:
        keys = [html.Div([html.Dt(dmc.Kbd(key)), html.Dd(what)]) for key, what in KEYS]
        made += [html.H3("Keys"), html.Dl(keys, className="keys")]
    return [html.Div(made, className="help")]

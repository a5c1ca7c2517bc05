"""The help: how to read the page, and its keys."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nnopt_viz.page.elements import Element, dmc, html

if TYPE_CHECKING:
    from nnopt_viz.page.page import Page

VIEWS = (
    "Both show the loss: pale is low, dark is high (in the dark theme the other way round). "
    "Scroll to zoom, drag to pan or to turn, double-click to go back; where the page itself "
    "scrolls, hold Ctrl (or ⌘) to zoom. On a touch screen two fingers move and zoom the map. "
)
SEEN = {
    "The map and the 3D view": VIEWS
    + "The key of the map says on which scale: on a linear one height is the loss, on a log scale "
    "log10(1 + loss − best), so that valleys below steep walls stay readable. Light falls from the "
    "upper left. A star marks a global minimum, a ring a local one, dots a curve of equal ones.",
    "Steering the map": (
        "Loss and gradient at the pointer stand at the map's edge; ≈ marks what is read off the "
        "drawn grid until the exact numbers come. “Read” puts a cross there that a tap or the "
        "arrow keys move. “Map” chooses how it is drawn: height, contour lines, arrows downhill, "
        "and what part is seen. “Reset view” shows the whole again."
    ),
    "The runs": (
        "Every run has a colour and a sign of its own. All have the same start and as many steps, "
        "but a run that diverges ends early. With few paths hollow dots mark every so many steps, "
        "as the key of the map says: far apart means fast. The dotted line is what is still to "
        "come; with very many starts only the places of the moment are drawn."
    ),
}
LEARN = SEEN | {
    "A lesson": (
        "Say what you expect, or press “Just show me”. The race waits until then; afterwards the "
        "step says what happens and why."
    ),
    "Another start": (
        "After your prediction a click on the map starts the race there. The step says that it is "
        "about another start, and puts it back. “Open in the race” takes the race, as it is shown, "
        "to the page where all of it can be changed."
    ),
    "The link": (
        "The address of the page names the lesson and its step. A start that you moved is not in "
        "it; “Open in the race” has it."
    ),
}
RACE = SEEN | {
    "Initialization": (
        "Click on the map to start there, or drag the start. With random, grid or ring every "
        "run starts from many points at once; a click on the map makes it one again."
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
)
PRESENTS = (("Esc", "leave the presentation"),)


def help_text(page: Page) -> list[Element]:
    """What the help window holds on a page, named as in the navigation."""
    made: list[Element] = []
    for title, text in (dict(page.help) | LINK | dict(page.help)).items():
        made += [html.H3(title), html.P(text)]
    if page.plays:
        known = KEYS + (PRESENTS if page.presents else ())
        keys = [html.Div([html.Dt(dmc.Kbd(key)), html.Dd(what)]) for key, what in known]
        made += [html.H3("Keys"), html.Dl(keys, className="keys")]
    return [html.Div(made, className="help")]

"""The help: how to read the page, and its keys."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nnopt_viz.catalogue.glossary import TERMS
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
    "One weight": (
        "A surface whose formula reads x alone is shown as its curve: x across, the loss upwards. "
        "With one start each run stands on it with its tangent, whose slope is the gradient, and "
        "an arrow to where its next step leads; heads that meet are stacked, the lowest on the "
        "curve. Beside it is x at each step. A click sets x; y makes no difference."
    ),
    "Steering the map": (
        "Loss and gradient at the pointer stand at the map's edge; ≈ marks what is read off the "
        "drawn grid until the exact numbers come. “Read” puts a cross there that a tap or the "
        "arrow keys move. “Map” chooses how it is drawn: height, contour lines, arrows downhill, "
        "and what part is seen. “Reset view” shows the whole again."
    ),
    "The runs": (
        "Every run has a colour and a sign of its own, which it keeps. All have the same start "
        "and as many steps, but a run that diverges ends early. With few paths hollow dots mark "
        "every so many steps, as the key of the map says: far apart means fast. The dotted line "
        "is what is still to come; with very many starts only the places of the moment are drawn."
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
    "More of a run": (
        "“…” opens its panel: a name of its own, its knobs, and runs beside it with one thing "
        "changed, or at a quarter and at four times its learning rate. Optimizers are found by "
        "their names and by what they do."
    ),
    "Your own": (
        "“Edit a copy” opens the formula of the surface, or the rule of a run, as text. A copy of "
        "a rule races beside the run it was made from. What you write is checked as you type and "
        "differentiated exactly; names you declare as knobs get sliders. Ctrl and Enter race it."
    ),
    "When the world changes": (
        "Surfaces of shifting data have a knob s: 0 is what was trained on, 1 what the world "
        "became. With drift it moves while the runs descend. Regret is what it costs to stay: "
        "the loss at s = 1 minus the best loss there."
    ),
    "A closer look": (
        "Pause, then look closer: one step with its numbers in place, its vectors on the map; two "
        "runs compared: where they part, which term of the rules does it, and what one change "
        "would have made of it; or the loss along a line, the textbook curve."
    ),
}
LINK = {
    "The link": (
        "The address of the page holds everything that decides the result, the seed included. "
        "Whoever opens it sees exactly the same."
    ),
}
SHARE = {
    "Share": (
        "Share makes a link with a title for the tab, with parts left out, or presenting. The page "
        "stays as it is until the link is opened; Done gives it the title."
    ),
    "Present": (
        "For a lecture hall: only what is to be seen, and text that grows with the screen. It is "
        "in the address, so a link opens it."
    ),
}
SHARE_A_RUN = {
    "Share": (
        "Share makes a link with a title and a note, at a step, playing or paused, with parts left "
        "out, or presenting. The page stays as it is until the link is opened; Done gives it title "
        "and note."
    ),
    "Present": SHARE["Present"]
    + (
        " A knob may stay in view to be moved in front of a class: the Share dialog has a list of "
        "them, and knobs=lr in the address keeps the learning rates."
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
    own = dict(page.help)
    for title, text in (own | LINK | (SHARE_A_RUN if page.presents else SHARE) | own).items():
        made += [html.H3(title), html.P(text)]
    if page.plays:
        terms = [html.Div([html.Dt(one["title"]), html.Dd(one["text"])]) for one in TERMS.values()]
        made += [html.H3("Words"), html.Dl(terms, className="words")]
    known = (KEYS if page.plays else ()) + PRESENTS
    keys = [html.Div([html.Dt(dmc.Kbd(key)), html.Dd(what)]) for key, what in known]
    made += [html.H3("Keys"), html.Dl(keys, className="keys")]
    return [html.Div(made, className="help")]

"""The network lab: the page for a training, complete in one answer of the server."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nnopt_viz.deliver.questions import TRAINING
from nnopt_viz.lab.codec import encode_lab, repair_lab
from nnopt_viz.networks.activations import ACTIVATIONS
from nnopt_viz.optimizers import TRAINERS
from nnopt_viz.page import ids
from nnopt_viz.page.declared import lab_spec
from nnopt_viz.page.elements import Element, html, worded
from nnopt_viz.page.help import VIEWS
from nnopt_viz.page.in_view import knob_names, unknown
from nnopt_viz.page.link_panel import link_panel
from nnopt_viz.page.looks import fitted
from nnopt_viz.page.network_panel import lab_panel
from nnopt_viz.page.page import Address, Page, declare
from nnopt_viz.page.question_page import question_page, stores
from nnopt_viz.page.runs_panel import add_run, runs_list
from nnopt_viz.page.stage import stage

if TYPE_CHECKING:
    from nnopt_viz.lab.lab import Lab


HELP = {
    "The map and the 3D view": VIEWS
    + "They are a slice: a plane through the space of all weights, on which the loss is computed "
    "anew at every point. x and y are steps along the plane's two directions, which the corner "
    "names. Height and tint are log10(1 + (loss - lowest)/unit), where the unit is about a "
    "hundredth of the range: so the floor of a valley and its walls can both be seen.",
    "The runs": (
        "Those of one seed start from the same weights and see the same batches. In 3D each "
        "stands at its true loss: a gap to the sheet says how far the slice is from where the run "
        "really is."
    ),
    "How honest the slice is": (
        "The page says how far each run is from the plane, its true loss beside the slice's, and "
        "how much of its path runs along the plane: of the squared distances of its points from "
        "its own end. A random walk shows much of itself on a plane that is laid along it: of many "
        "parameters, about 90% on its main plane. The page draws such walks, of as many steps and "
        "parameters, and says the median and what 95 in 100 stay under: up to that a share may "
        "be chance. Of a run that explodes the path is measured while all parameters are below "
        "10,000 in size."
    ),
    "Activations": (
        "As torch.nn writes them: "
        + ", ".join(f"{name} is {made.torch}" for name, made in ACTIVATIONS.items())
        + ". The two forms of GELU differ by up to 0.0005: gelu computes with tanh, gelu_exact "
        "with erf, which is torch's default."
    ),
    "While it trains": (
        "You can stop and go on; what has come stays. A plane of the paths' main directions is "
        "provisional until training ends, and says so."
    ),
}


def layout(address: Address) -> Element:
    """The training that the address describes; the landing scene when it describes none."""
    lab, notes = repair_lab(address.search)
    viewing, more = fitted(address.viewing, address.search, len(lab.runs))
    address.keep(viewing)
    more += unknown(viewing, knob_names(lab_spec(lab)))
    return network_page(lab, notes + address.notes + more, viewing)


def repaired(query: str) -> tuple[dict[str, Any], list[str]]:
    """The training of a query as the browser keeps it, and what was changed."""
    lab, notes = repair_lab(query)
    return lab_spec(lab), notes


def network_page(lab: Lab, notes: list[str], viewing: dict[str, Any]) -> Element:
    """The page.

    Args:
        lab: what is trained.
        notes: plain sentences about what was repaired in the link.
        viewing: the address' viewing keys.
    """
    details = html.Section(
        id=ids.LAB_DETAILS, className="lab-details", **{"aria-label": "Slice and layers"}
    )
    return question_page(
        "/network", "Watch real networks train on their real loss surface",
        stores(lab_spec(lab), notes, (ids.RUNS_SHAPE, ids.LAB_SHAPE)),
        stage(details, looker=False), _rail(lab, viewing), style="lab",
    )  # fmt: skip


def _rail(lab: Lab, viewing: dict[str, Any]) -> Element:
    scale = [html.Span("0.0001"), html.Span("0.01"), html.Span("1")]
    runs = [
        html.Div(
            [html.H2("Runs"), html.Span(worded("[lr|learning rate], [log scale]"))],
            className="section-head",
        ),
        html.Ul(
            runs_list(lab.runs, None, TRAINERS, viewing), id=ids.RUNS_LIST, className="runs-list"
        ),
        html.Div(scale, className="runs-scale", **{"aria-hidden": "true"}),
        add_run(len(lab.runs), TRAINERS),
    ]
    link = html.Div(
        [html.H2("This page as a link"), html.Span("edit it by hand")], className="section-head"
    )
    return html.Section(
        [
            html.Div(runs, className="section section-runs"),
            html.Div(lab_panel(lab), id=ids.LAB_PANEL, className="lab-panel"),
            html.Div(
                [link, *link_panel(encode_lab(lab), TRAINING.name)],
                className="section section-link",
            ),
        ],
        className="rail",
        **{"aria-label": "Settings"},
    )


declare(
    Page(
        "/network",
        "Network lab",
        layout,
        HELP,
        place=20,
        plays=True,
        presents=True,
        embeds=True,
        repaired=repaired,
    )
)

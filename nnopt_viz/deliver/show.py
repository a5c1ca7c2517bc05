"""`from nnopt_viz import show`: a race or a training as an animated figure in a notebook."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nnopt_viz.deliver.questions import read
from nnopt_viz.figures.animation import animated_figure
from nnopt_viz.figures.palette import THEMES
from nnopt_viz.figures.recorded import record

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from nnopt_viz.lab.lab import Lab
    from nnopt_viz.race.scenario import Scenario


def show(scenario: Scenario | Lab | str, theme: str = "light") -> go.Figure:
    """A race or a training as an animated Plotly figure, which a notebook shows.

    Args:
        scenario: a Scenario, a Lab, or the query text of one, such as
            `"surface=booth&run=adam(lr=0.1)&steps=200"` or `"net=mlp&data=moons&run=adam"`.
        theme: "light" or "dark".

    Returns:
        A figure with at most about 60 frames: `.show()` opens it, `.write_html()` saves it.

    Raises:
        QueryError: when the text is not a valid query; it names what is allowed.
        ValueError: for a theme that does not exist, (TooLargeError) for more than 512
            runs x starting points, or (PlaneError) for a plane that a training has not.

    Example:
        >>> show("surface=booth&run=adam(lr=0.1)&steps=200")  # doctest: +SKIP
    """
    if theme not in THEMES:
        raise ValueError(f"theme is {' or '.join(THEMES)}, not {theme!r}")
    return animated_figure(record(read(scenario)), theme)

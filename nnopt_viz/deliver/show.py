"""`from nnopt_viz import show`: a race or a training as an animated figure in a notebook."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING, Any

import plotly.graph_objects as go

from nnopt_viz.deliver.animated_page import page_of
from nnopt_viz.deliver.questions import read
from nnopt_viz.figures.animation import animated_figure
from nnopt_viz.figures.palette import THEMES
from nnopt_viz.figures.recorded import record

if TYPE_CHECKING:
    from nnopt_viz.figures.recording import Recording
    from nnopt_viz.lab.lab import Lab
    from nnopt_viz.race.scenario import Scenario


PAGE_HEIGHT = 1000  # px: the figure, the note and the query below it


class AnimatedFigure(go.Figure):  # type: ignore[misc]
    """A figure that a notebook shows, and keeps as a page of its own besides.

    Plotly's display leaves to whoever opens the notebook how its figure is drawn; nbconvert,
    which knows nothing of Plotly, then leaves the cell empty.
    """

    _ipython_display_ = None  # it would leave the page out
    _made_of: tuple[Recording, str] | None = None

    def _repr_mimebundle_(self, *args: Any, **more: Any) -> dict[str, Any]:
        """What a notebook keeps: the figure, where its reader draws that, and the page."""
        bundle: dict[str, Any] = super()._repr_mimebundle_(*args, **more)
        if self._made_of is None:  # a copy that somebody has changed
            return bundle
        recording, theme = self._made_of
        page = html.escape(page_of(recording, (theme, theme)).decode())
        title = html.escape(recording.title)
        frame = (
            f'<iframe srcdoc="{page}" sandbox="allow-scripts" title="{title}"'
            f' style="width:100%;height:{PAGE_HEIGHT}px;border:0"></iframe>'
        )
        return bundle | {"text/html": frame}


def show(scenario: Scenario | Lab | str, theme: str = "light") -> go.Figure:
    """A race or a training as an animated Plotly figure, which a notebook shows.

    Args:
        scenario: a Scenario, a Lab, or the query text of one, such as
            `"surface=booth&run=adam(lr=0.1)&steps=200"` or `"net=mlp&data=moons&run=adam"`.
        theme: "light" or "dark".

    Returns:
        A figure with at most about 60 frames: `.show()` opens it, `.write_html()` saves it. A
        notebook keeps it with a page of its own (2 MB), so that it plays in exported HTML too.

    Raises:
        QueryError: when the text is not a valid query; it names what is allowed.
        ValueError: for a theme that does not exist, (TooLargeError) for more than 512
            runs x starting points, or (PlaneError) for a plane that a training has not.

    Example:
        >>> show("surface=booth&run=adam(lr=0.1)&steps=200")  # doctest: +SKIP
    """
    if theme not in THEMES:
        raise ValueError(f"theme is {' or '.join(THEMES)}, not {theme!r}")
    recording = record(read(scenario))
    figure = animated_figure(recording, theme, kind=AnimatedFigure)
    figure._made_of = (recording, theme)
    return figure

"""Building the Dash app."""

from __future__ import annotations

from pathlib import Path

from dash import Dash

from nnopt_viz.page import ids, opening
from nnopt_viz.page.callbacks import register_browser_callbacks, register_server_callbacks
from nnopt_viz.page.elements import Element, dcc, dmc, html
from nnopt_viz.page.pages import missing, paths
from nnopt_viz.page.shell import MANTINE_THEME
from nnopt_viz.web import api, experiments, guard, questions

DESCRIPTION = (
    "Pick a loss surface, optimizers, learning rates and a start; watch, step by step, "
    "what happens, and why."
)
INDEX = """<!DOCTYPE html>
<html lang="en">
  <head>
    {%metas%}
    <title>{%title%}</title>
    <link rel="icon" type="image/svg+xml" href="/assets/favicon.svg">
    {%css%}
  </head>
  <body>
    {%app_entry%}
    <noscript>This page needs JavaScript. The numbers are at /run.csv and /run.json.</noscript>
    <footer>
      {%config%}
      {%scripts%}
      {%renderer%}
    </footer>
  </body>
</html>"""


def build_app() -> Dash:
    """The app, with its page, callbacks and HTTP routes. `app.server` is the Flask server."""
    app = Dash(
        "nnopt_viz",
        title="nnopt_viz: watch optimizers race",
        description=DESCRIPTION,
        update_title="",
        assets_folder=str(assets_folder()),
        # Only assets/main.mjs is loaded by Dash; it imports the others.
        assets_path_ignore=["^(page|player|lab|study|fonts)$"],
        serve_locally=True,
        compress=True,
        suppress_callback_exceptions=True,
        meta_tags=[{"name": "color-scheme", "content": "light dark"}],
        index_string=INDEX,
    )
    app.layout = layout
    register_server_callbacks(app)
    register_browser_callbacks(app)
    api.register(app.server)
    questions.register(app.server)
    experiments.register(app.server)
    opening.register(app.server)
    guard.install(app, paths(), missing)
    with app.server.test_request_context("/"):
        app.index()  # type: ignore[no-untyped-call]  # Dash only serves a component file after it has written a page that names it
    return app


def assets_folder() -> Path:
    """Inside the package when installed from a wheel, beside it in a checkout."""
    package = Path(__file__).resolve().parent.parent
    inside = package / "assets"
    return inside if inside.is_dir() else package.parent / "assets"


def layout() -> Element:
    """The outermost frame; the page itself follows from the address."""
    return dmc.MantineProvider(
        [dcc.Location(id=ids.LOCATION, refresh=False), html.Div(id=ids.CONTENT)],
        id=ids.MANTINE,
        theme=MANTINE_THEME,
        forceColorScheme="light",
    )

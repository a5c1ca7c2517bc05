"""Building the Dash app."""

from __future__ import annotations

import re
from typing import Any

from dash import Dash
from flask import Response

from nnopt_viz.page import first, ids, opening
from nnopt_viz.page.callbacks import register_browser_callbacks, register_server_callbacks
from nnopt_viz.page.elements import Element, dcc, dmc, html
from nnopt_viz.page.first import OUTLINE
from nnopt_viz.page.pages import embedded, missing, paths
from nnopt_viz.page.shell import MANTINE_THEME
from nnopt_viz.web import (
    api,
    assets,
    dash_routes,
    experiments,
    gallery,
    guard,
    places,
    questions,
)
from nnopt_viz.web.assets import assets_folder, assets_path
from nnopt_viz.web.kept import content_tag, kept

DESCRIPTION = (
    "Pick a loss surface, optimizers, learning rates and a start; watch, step by step, "
    "what happens, and why."
)
INDEX = """<!DOCTYPE html>
<html lang="en">
  <head>
    {%metas%}
    <title>{%title%}</title>
    <link rel="modulepreload" href="/assets/first/look.mjs">
    <link rel="modulepreload" href="/assets/player/core/relief.mjs">
    <link rel="icon" type="image/svg+xml" href="/assets/favicon.svg">
    {%css%}
  </head>
  <body>
    OUTLINE
    {%app_entry%}
    <noscript>This page needs JavaScript. The numbers are at /run.csv and /run.json.</noscript>
    <footer>
      {%config%}
      <template id="scripts">
      {%scripts%}
      {%renderer%}
      </template>
      <script type="module" src="/assets/first/first.mjs"></script>
    </footer>
  </body>
</html>""".replace("OUTLINE", OUTLINE)


class _App(Dash):
    """Dash with one text for every page, which changes only with the release."""

    text = ""

    def write(self) -> str:
        """The text, written once, when all callbacks are there."""
        if not self.text:
            with self.server.test_request_context("/"):
                self.server.preprocess_request()  # Dash reads the folder of files at the first
                self.text = super().index()  # type: ignore[no-untyped-call]
        return self.text

    def index(self, *_args: Any, **_kwargs: Any) -> Response:
        """The page, or 304 for who holds it."""
        tag = content_tag(self.write().encode())
        return kept(tag, lambda: Response(self.text, mimetype="text/html"))

    def interpolate_index(self, *_args: Any, **parts: Any) -> str:
        """The text without what differs from one copy of the server to the other.

        Files have names that say what is in them, so their dates go; so does a token for
        background callbacks, of which there are none.
        """
        for name in ("css", "scripts"):
            parts[name] = re.sub(r'\?m=[0-9.]+(?=")', "", parts[name])
        parts["config"] = re.sub(r'"end_id":\s*"[^"]*",\s*', "", parts["config"])
        return str(super().interpolate_index(**parts))  # type: ignore[no-untyped-call]


def build_app() -> Dash:
    """The app, with its page, callbacks and HTTP routes. `app.server` is the Flask server."""
    app = _App(
        "nnopt_viz",
        title="nnopt_viz: watch optimizers race",
        description=DESCRIPTION,
        update_title="",
        assets_folder=str(assets_folder()),
        assets_url_path=assets_path(),
        # Only assets/main.mjs is loaded by Dash; it imports the others.
        assets_path_ignore=["^(first|page|player|lab|study|fonts|vendor)$"],
        serve_locally=True,
        compress=True,
        suppress_callback_exceptions=True,
        meta_tags=[{"name": "color-scheme", "content": "light dark"}],
        index_string=INDEX.replace("/assets/", f"/{assets_path()}/"),
    )
    app.layout = layout
    register_server_callbacks(app)
    register_browser_callbacks(app)
    api.register(app.server)
    questions.register(app.server)
    places.register(app.server)
    experiments.register(app.server)
    gallery.register(app.server)
    opening.register(app.server)
    first.register(app.server)
    assets.register(app.server)
    # Dash only serves a component file after it has written a page that names it.
    dash_routes.register(app.server, app.write())
    guard.install(app, paths(), missing, embedded())
    return app


def layout() -> Element:
    """The outermost frame; the page itself follows from the address."""
    return dmc.MantineProvider(
        [dcc.Location(id=ids.LOCATION, refresh=False), html.Div(id=ids.CONTENT)],
        id=ids.MANTINE,
        theme=MANTINE_THEME,
        forceColorScheme="light",
    )

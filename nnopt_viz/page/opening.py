"""A page's layout by GET: what the browser asks for first, and any cache may answer.

`/_page` before a page's own address: `/_page/network?net=mlp` is what `/network?net=mlp` shows.
Dash alone would ask for it with a POST, which no proxy answers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson
from flask import Flask, Response, abort, request

from nnopt_viz.page import ids
from nnopt_viz.page.elements import dcc, html
from nnopt_viz.page.hiding import hiding
from nnopt_viz.page.pages import Address, page_at, paths
from nnopt_viz.query.viewing import read_viewing
from nnopt_viz.web import settings
from nnopt_viz.web.api import answered

if TYPE_CHECKING:
    from nnopt_viz.page.elements import Element

PREFIX = "/_page"
_JSON = orjson.OPT_SERIALIZE_NUMPY | orjson.OPT_NON_STR_KEYS


def page_for(path: object, search: object) -> Element:
    """The page at a path; the race for every path that is no other page's."""
    viewing, notes = read_viewing(search)
    address = Address(
        path if isinstance(path, str) else "",
        search if isinstance(search, str) else "",
        viewing,
        notes,
    )
    shown = hiding(page_at(address.path).layout(address), address.hide)
    kept = dcc.Store(id=ids.VIEWING, data=address.viewing), dcc.Store(id=ids.heard("viewing"))
    return html.Div([*kept, shown])


def register(server: Flask) -> None:
    """Add the route to a Flask server."""
    for rule in (f"{PREFIX}/", f"{PREFIX}/<path:page>"):
        server.add_url_rule(rule, rule, _page, methods=["GET"])


def _page(page: str = "") -> Response:
    path = f"/{page}"
    if path not in paths():
        abort(404, description=f"There is no page {path[:100]}.")
    search = request.query_string.decode("utf-8", "replace")
    key = f"{path}?{search} {settings.current().frame_ancestors}"  # which the page says
    return answered(PREFIX, key, lambda: page_json(page_for(path, search)))


def page_json(shown: Element) -> bytes:
    """A layout as Dash's part in the browser takes it."""
    return orjson.dumps(shown, default=_plain, option=_JSON)


def _plain(value: Any) -> Any:
    return value.to_plotly_json()  # components and figures alike

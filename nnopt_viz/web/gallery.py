"""The small pictures of the gallery over HTTP: priced as their question, kept under a tag."""

from __future__ import annotations

from functools import partial

from flask import Flask, Response

from nnopt_viz.declare.nearest import close
from nnopt_viz.gallery import GALLERY, Entry
from nnopt_viz.gallery.picture import cost, picture
from nnopt_viz.query.grammar import shorten
from nnopt_viz.query.keys import QueryError
from nnopt_viz.web.api import asked, split_theme, tag_of
from nnopt_viz.web.kept import kept
from nnopt_viz.web.visits import admit

PATH, KEY = "/gallery.svg", "picture"
MEDIA = "image/svg+xml"


def register(server: Flask) -> None:
    """Add the route to a Flask server."""
    server.add_url_rule(PATH, PATH, partial(asked, _answer), methods=["GET"])


def _answer(text: str, _: list[str]) -> Response:
    theme, rest = split_theme(text)
    entry = _entry(rest)

    def made() -> Response:
        admit(cost(entry, theme))
        return Response(picture(entry, theme), mimetype=MEDIA)

    return kept(tag_of(PATH, f"{entry.name} {entry.link} {entry.shows} {theme}"), made)


def _entry(query: str) -> Entry:
    """The entry that a query names, alone."""
    parts = [part.partition("=") for part in query.split("&") if part]
    for key, _, value in parts:
        if key != KEY:
            raise QueryError(
                key, value, f"There is no key {shorten(key, 40)!r}.", f"{KEY}, theme",
                close(key, (KEY, "theme")),
            )  # fmt: skip
    names = [value for _, _, value in parts]
    if len(names) == 1 and names[0] in GALLERY:
        return GALLERY[names[0]]
    said = f"There is no picture {shorten(names[0], 40)!r}." if names else "No picture is named."
    if len(names) > 1:
        said = f"{KEY} may stand once."
    near = GALLERY.close(names[0][:60]) if names else None
    raise QueryError(KEY, "&".join(names), said, "a name of an entry of /gallery", near)

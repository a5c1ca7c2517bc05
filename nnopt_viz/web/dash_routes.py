"""What Dash serves beside the page, kept by clients as it deserves, and asked as the page asks.

Dash keeps a component file for a year under any name that looks like one with a version, also
under that of a release which isn't here; and it takes a callback's request as it comes.
"""

from __future__ import annotations

import re
from functools import wraps
from typing import TYPE_CHECKING, Any

from nnopt_viz.web.kept import FOR_GOOD, content_tag, kept, not_modified

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from flask import Flask, Response

    View = Callable[..., Any]

COMPONENTS = "/_dash-component-suites/"
CONSTANT = ("/_dash-layout", "/_dash-dependencies")
_VERSIONED = re.compile(rf'{COMPONENTS}([\w-]+)/[^"]*?\.(v[\w-]+)m[0-9a-fA-F]+\.')


def register(server: Flask, page: str) -> None:
    """Put our own words on Dash's answers.

    Args:
        server: with Dash's routes.
        page: the text of the page, which names the component files with their versions.
    """
    versions = set(_VERSIONED.findall(page))
    for rule in server.url_map.iter_rules():
        view = server.view_functions[rule.endpoint]
        if str(rule).startswith(COMPONENTS):
            server.view_functions[rule.endpoint] = _component(view, versions)
        elif str(rule) in CONSTANT:
            server.view_functions[rule.endpoint] = _constant(view)


def _component(view: View, versions: set[tuple[str, str]]) -> View:
    tags: dict[str, str] = {}  # of files without a version: the page asks for Plotly's so

    @wraps(view)
    def answer(package_name: str, fingerprinted_path: str) -> Response:
        path = f"{package_name}/{fingerprinted_path}"
        same = not_modified(tags[path]) if path in tags else None
        if same is not None:
            return same
        named = _VERSIONED.match(f"{COMPONENTS}{path}")
        made: Response = view(package_name=package_name, fingerprinted_path=fingerprinted_path)
        if named is not None and named.groups() in versions:
            made.headers["Cache-Control"] = FOR_GOOD
            return made
        tag = content_tag(made.get_data())
        if named is None:
            tags[path] = tag
        return kept(tag, lambda: made)

    return answer


def _constant(view: View) -> View:
    @wraps(view)
    def answer() -> Response:
        made: Response = view()
        return kept(content_tag(made.get_data()), lambda: made)

    return answer


def callback_fault(body: object, known: Mapping[str, Any]) -> str | None:
    """Why no page of ours sends this callback request, or None.

    Args:
        body: what came as JSON.
        known: output -> Dash's own record of the callback. Inputs, state and outputs stand in a
            request as they are declared there, each once and in this order.
    """
    if not isinstance(body, dict) or not isinstance(body.get("output"), str):
        return "it names no output"
    asked = body["output"]
    declared = known.get(asked)
    if declared is None:
        return f"there is no output {asked[:80]!r}"
    if "callback" not in declared:
        return f"{asked[:80]} is worked out in the browser"
    changed = body.get("changedPropIds", [])
    if not isinstance(changed, list) or not all(isinstance(item, str) for item in changed):
        return "changedPropIds is not a list of texts"
    outputs = declared["output"]
    several = isinstance(outputs, list)
    wanted = {
        "inputs": [(one["id"], one["property"]) for one in declared["inputs"]],
        "state": [(one["id"], one["property"]) for one in declared["state"]],
        "outputs": [
            (one.component_id, one.component_property)
            for one in (outputs if several else [outputs])
        ],
    }
    given = {
        "inputs": body.get("inputs"),
        "state": body.get("state", []),
        "outputs": body.get("outputs") if several else [body.get("outputs")],
    }
    for part, expected in wanted.items():
        if _named(given[part]) != expected:
            names = ", ".join(".".join(one) for one in expected) or "empty"
            return f"{part} of {asked[:80]} is {names}"
    return None


def _named(given: object) -> list[tuple[Any, Any]] | None:
    """The ids and properties that stand in a part of a request; None where it is no such part."""
    if not isinstance(given, list) or not all(isinstance(one, dict) for one in given):
        return None
    return [(one.get("id"), one.get("property")) for one in given]

"""What stands in a Dash layout: its ids, its words, its components by property."""

from __future__ import annotations

from typing import Any

from dash.development.base_component import Component


def identities(tree: Any) -> list[Any]:
    """The id of every component in a layout, ids of patterns as dicts."""
    made = [tree.id] if isinstance(tree, Component) and hasattr(tree, "id") else []
    children = tree if isinstance(tree, list | tuple) else getattr(tree, "children", None)
    for child in children if isinstance(children, list | tuple) else [children]:
        if isinstance(child, Component | list | tuple):
            made += identities(child)
    return made


def texts(tree: Any) -> str:
    """All words in a layout."""
    if isinstance(tree, str):
        return tree
    children = tree if isinstance(tree, list | tuple) else getattr(tree, "children", None)
    listed = children if isinstance(children, list | tuple) else [children]
    return " ".join(texts(child) for child in listed if child is not None)


def found(tree: Any, **wanted: Any) -> list[Any]:
    """The components of a layout with these properties."""
    props = tree.to_plotly_json()["props"] if hasattr(tree, "to_plotly_json") else {}
    here = [tree] if props and all(props.get(k) == v for k, v in wanted.items()) else []
    children = tree if isinstance(tree, list | tuple) else props.get("children")
    listed = children if isinstance(children, list | tuple) else [children]
    return here + [hit for child in listed if child is not None for hit in found(child, **wanted)]

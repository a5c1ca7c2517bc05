"""The OpenAPI schema of a record, read from its type hints and its docstring's `Args`."""

from __future__ import annotations

import re
from inspect import cleandoc
from types import NoneType, UnionType
from typing import Any, Literal, NotRequired, Union, get_args, get_origin, get_type_hints

import numpy as np
from numpy.typing import NDArray

from nnopt_viz.declare.knobs import Call

PLAIN: dict[Any, dict[str, Any]] = {
    str: {"type": "string"},
    bool: {"type": "boolean"},
    int: {"type": "integer"},
    float: {"type": ["number", "null"]},  # what is not finite is written as null
    np.float64: {"type": ["number", "null"]},
    NoneType: {"type": "null"},
    Any: {},
}
ARGUMENT = re.compile(r"^    (\w+(?:, \w+)*): (.*(?:\n {8}.*)*)", re.MULTILINE)
KNOWN = {"Call": Call, "NDArray": NDArray, "np": np}  # imported for hints only in some modules


def shape_of(kind: Any) -> dict[str, Any]:
    """The schema of what a type hint says, records inside records included.

    Args:
        kind: a type hint: plain types, unions, lists, tuples, dictionaries by text, arrays,
            literals, dataclasses and typed dictionaries.

    Raises:
        TypeError: for a hint that says nothing of its JSON.
    """
    if kind in PLAIN:
        return dict(PLAIN[kind])
    origin, inner = get_origin(kind), get_args(kind)
    if origin is Literal:
        return {"enum": list(inner)}
    if origin in (Union, UnionType):
        return _either([shape_of(one) for one in inner])
    if origin is np.ndarray:
        return {"type": "array", "items": dict(PLAIN[float])}
    if origin is list or (origin is tuple and inner[-1] is Ellipsis):
        return {"type": "array", "items": shape_of(inner[0])}
    if origin is tuple:
        parts = [shape_of(one) for one in inner]
        same = {"items": parts[0], "maxItems": len(parts)}  # read by more tools than prefixItems
        kinds = (
            same if parts.count(parts[0]) == len(parts) else {"prefixItems": parts, "items": False}
        )
        return {"type": "array", **kinds, "minItems": len(parts)}
    if origin is dict:
        return {"type": "object", "additionalProperties": shape_of(inner[1])}
    if kind is Call:
        return record({"name": PLAIN[str], "knobs": {"type": "object"}})
    if hasattr(kind, "__annotations__"):
        return _of_record(kind)
    raise TypeError(f"{kind!r} says nothing of its JSON")


def record(properties: dict[str, Any], optional: tuple[str, ...] = ()) -> dict[str, Any]:
    """An object with these properties, which it has but for the optional ones."""
    required = [name for name in properties if name not in optional]
    return {"type": "object", "required": required, "properties": properties}


def _of_record(kind: type) -> dict[str, Any]:
    hints = get_type_hints(kind, localns=KNOWN, include_extras=True)
    optional = tuple(name for name, hint in hints.items() if get_origin(hint) is NotRequired)
    words = arguments(kind)
    made = {}
    for name, hint in hints.items():
        made[name] = shape_of(get_args(hint)[0] if name in optional else hint)
        if name in words:
            made[name]["description"] = words[name]
    return record(made, optional)


def arguments(kind: type) -> dict[str, str]:
    """What the docstring of a record says of its fields: name -> sentence."""
    _, _, listed = cleandoc(kind.__doc__ or "").partition("Args:\n")
    found: dict[str, str] = {}
    for names, text in ARGUMENT.findall(listed):
        words = re.sub(r"\s+", " ", text).replace("None", "null")
        one, *others = names.split(", ")
        found |= dict.fromkeys([one, *others], f"{names}: {words}" if others else words)
    return found


def _either(shapes: list[dict[str, Any]]) -> dict[str, Any]:
    """One schema for all; plain types side by side."""
    if all(list(one) == ["type"] for one in shapes):
        kinds = [one["type"] for one in shapes]
        flat = [k for kind in kinds for k in (kind if isinstance(kind, list) else [kind])]
        return {"type": list(dict.fromkeys(flat))}
    return {"anyOf": shapes}

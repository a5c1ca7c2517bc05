"""How other libraries call optimizers and schedules, with their arguments and defaults.

torch 2.13 and optax 0.2.8 as their signatures say, which tests/conformance/test_names_elsewhere.py
compares live; Keras 3 as its documentation says. 0.1 stands for what has no plain default.
"""

from __future__ import annotations

import inspect
import json
from typing import TYPE_CHECKING, Any

from tests.support.paths import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable

FILE = ROOT / "tests/golden/spoken_elsewhere.json"
_HELD = json.loads(FILE.read_text("utf-8"))
TORCH, OPTAX, KERAS, SCHEDULERS = (
    _HELD[name] for name in ("torch", "optax", "keras", "schedulers")
)


def arguments(made: Callable[..., Any], without: tuple[str, ...] = ()) -> dict[str, Any]:
    """The arguments of a function and their defaults, as the file holds them."""
    return {
        name: plain(found.default)
        for name, found in inspect.signature(made).parameters.items()
        if name not in without
    }


def plain(value: Any) -> Any:
    """A default as JSON; 0.1 for one that is none, or is a function."""
    if isinstance(value, tuple):
        return [plain(part) for part in value]
    return value if value is None or isinstance(value, bool | int | float | str) else 0.1

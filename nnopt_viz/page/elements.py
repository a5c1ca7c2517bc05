"""Dash's components, untyped on purpose: their stubs know neither `aria-*` nor `data-*`."""

from __future__ import annotations

from typing import Any

import dash
import dash_mantine_components

Element = Any  # a component, or what may stand in its place: a text

html: Any = dash.html
dcc: Any = dash.dcc
dmc: Any = dash_mantine_components

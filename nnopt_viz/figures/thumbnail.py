"""A surface the size of a stamp: its relief, one picture a theme."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from nnopt_viz.compose.own import surface_entry
from nnopt_viz.figures.curve import stamp
from nnopt_viz.figures.heights import is_unequal, sheet
from nnopt_viz.figures.palette import THEMES, palette
from nnopt_viz.figures.png import address, png
from nnopt_viz.figures.relief import picture, spans
from nnopt_viz.judge.one_weight import has_one_weight
from nnopt_viz.surfaces import SURFACES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from nnopt_viz.declare.knobs import Call
    from nnopt_viz.figures.palette import Palette

SIDE = 48
FINER = 2  # points of the surface to a pixel, each way: ripples of two pixels are still ripples
STAMPS = {theme: f"/stamps-{theme}.png" for theme in THEMES}  # where stamps() are served


@lru_cache(maxsize=128)
def thumbnails(surface: Call, side: int = SIDE) -> Mapping[str, str]:
    """The relief of a surface in its bounds, `side` pixels a side: a PNG as data URL by theme."""
    return {theme: address(png(made)) for theme, made in pixels(surface, side).items()}


@lru_cache(maxsize=len(THEMES))
def stamps(theme: str) -> bytes:
    """One PNG for every menu: the bare surfaces below each other, in their registry's order."""
    return png(np.concatenate([pixels(SURFACES.call(name))[theme] for name in SURFACES]))


def stamp_style(surface: Call, query: str = "") -> dict[str, str]:
    """The style that gives an element a surface's picture in either theme; see `.stamp-shade`.

    A bare surface stands in `stamps()`, which a browser fetches once for all of them.

    Args:
        surface: bare, or with knobs.
        query: after the address of `stamps()`.
    """
    if surface.name not in SURFACES or surface != SURFACES.call(surface.name):
        return {f"--stamp-{theme}": f"url({made})" for theme, made in thumbnails(surface).items()}
    at, count = list(SURFACES).index(surface.name), len(SURFACES)
    return {
        **{f"--stamp-{theme}": f"url({STAMPS[theme]}{query})" for theme in THEMES},
        "backgroundSize": f"100% {100 * count}%",
        "backgroundPosition": f"0 {100 * at / max(1, count - 1):.8g}%",
    }


def pixels(surface: Call, side: int = SIDE) -> dict[str, NDArray[np.uint8]]:
    """Red, green and blue by theme, shape (side, side, 3); of one weight the ground under it."""
    if has_one_weight(surface):
        share = stamp(surface, FINER * side)[:, :, None]
        return {theme: _coarser(_mixed(share, palette(theme))) for theme in THEMES}
    grid = sheet(surface, FINER * side)
    per = spans(surface_entry(surface).bounds, not is_unequal(surface))
    x, y = grid.x.astype(float), grid.y.astype(float)
    return {theme: _coarser(picture(grid, per, palette(theme), x, y)) for theme in THEMES}


def _mixed(share: NDArray[np.float64], colours: Palette) -> NDArray[np.float64]:
    """The sky above the ground, in the ramp's colours."""
    sky, ground = (np.array([int(c[i : i + 2], 16) for i in (1, 3, 5)], dtype=np.float64)
                   for c in (colours.ramp[0], colours.ramp[2]))  # fmt: skip
    return np.asarray(sky + share * (ground - sky))


def _coarser(fine: NDArray[np.float64] | NDArray[np.uint8]) -> NDArray[np.uint8]:
    rows, columns, _ = fine.shape
    blocks = fine.reshape(rows // FINER, FINER, columns // FINER, FINER, 3)
    return np.asarray(np.floor(blocks.mean(axis=(1, 3)) + 0.5), dtype=np.uint8)

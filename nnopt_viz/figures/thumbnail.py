"""A surface the size of a stamp: a grey picture that the style sheet tints."""

from __future__ import annotations

import base64
import struct
import zlib
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from nnopt_viz.figures.heights import sheet
from nnopt_viz.surfaces import SURFACES

if TYPE_CHECKING:
    from nnopt_viz.declare.knobs import Call

SIDE = 48
STAMPS = "/stamps.png"  # where stamps() is served


@lru_cache(maxsize=128)
def thumbnail(surface: Call, side: int = SIDE) -> str:
    """The height as the alpha channel of a PNG, as a data URL: high is opaque.

    Used as a CSS mask, so one picture serves both themes.
    """
    return "data:image/png;base64," + base64.b64encode(_png(_alpha(surface, side))).decode()


@lru_cache(maxsize=1)
def stamps() -> bytes:
    """One PNG for every menu: the bare surfaces below each other, in their registry's order."""
    return _png(np.concatenate([_alpha(SURFACES.call(name)) for name in SURFACES]))


def stamp_style(surface: Call, address: str = STAMPS) -> dict[str, str]:
    """The style that masks an element with a surface's picture.

    A bare surface stands in `stamps()`, which a browser fetches once for all of them.

    Args:
        surface: bare, or with knobs.
        address: of `stamps()`.
    """
    if surface.name not in SURFACES or surface != SURFACES.call(surface.name):
        return {"maskImage": f"url({thumbnail(surface)})"}
    at, count = list(SURFACES).index(surface.name), len(SURFACES)
    return {
        "maskImage": f"url({address})",
        "maskSize": f"100% {100 * count}%",
        "maskPosition": f"0 {100 * at / max(1, count - 1):.8g}%",
    }


def _alpha(surface: Call, side: int = SIDE) -> np.ndarray:
    """Opacity, shape (side, side), uint8: the height, and bands of it."""
    grid = sheet(surface, side)
    shade = np.clip(grid.z[::-1] / grid.top, 0, 1)
    banded = np.floor(shade * 12) / 12
    return np.asarray(np.round(255 * (0.5 * shade + 0.5 * banded)), dtype=np.uint8)


def _png(alpha: np.ndarray) -> bytes:
    """A grey-and-alpha PNG; grey is 0 everywhere. alpha: shape (rows, columns), uint8."""
    rows, columns = alpha.shape
    pixels = np.zeros((rows, 1 + 2 * columns), dtype=np.uint8)  # each row begins with filter 0
    pixels[:, 2::2] = alpha
    header = struct.pack(">IIBBBBB", columns, rows, 8, 4, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(pixels.tobytes(), 9)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        for kind, body in chunks
    )

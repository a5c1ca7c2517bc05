"""A PNG of a picture with few colours: those of like lightness share one."""

from __future__ import annotations

import struct
import zlib
from base64 import b64encode

import numpy as np
from numpy.typing import NDArray

COLOURS = 128  # of a file; a relief is one hue, so that its lightness names its colour
LIGHTNESS = (0.299, 0.587, 0.114)  # of red, green and blue


def png(pixels: NDArray[np.uint8], colours: int = COLOURS) -> bytes:
    """A PNG with a palette.

    Args:
        pixels: red, green and blue, shape (rows, columns, 3).
        colours: at most so many, 2 to 256.
    """
    rows, columns, _ = pixels.shape
    lightness = (pixels @ np.array(LIGHTNESS)).astype(int) * colours // 256
    index = np.unique(lightness.ravel(), return_inverse=True)[1]
    count = np.bincount(index)
    palette = np.stack(
        [np.bincount(index, pixels[..., i].ravel()) / count for i in range(3)], axis=1
    )
    body = np.empty((rows, 1 + columns), dtype=np.uint8)
    body[:, 0] = 2  # each row is told by its difference to the one above
    body[:, 1:] = np.diff(index.reshape(rows, columns), axis=0, prepend=0) % 256
    chunks = (
        (b"IHDR", struct.pack(">IIBBBBB", columns, rows, 8, 3, 0, 0, 0)),
        (b"PLTE", np.floor(palette + 0.5).astype(np.uint8).tobytes()),
        (b"IDAT", zlib.compress(body.tobytes(), 9)),
        (b"IEND", b""),
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(part)) + kind + part + struct.pack(">I", zlib.crc32(kind + part))
        for kind, part in chunks
    )


def address(picture: bytes) -> str:
    """A PNG as a data URL."""
    return "data:image/png;base64," + b64encode(picture).decode()

"""The parts of a training's stream, as the browser reads them."""

from __future__ import annotations

import json
import struct
from typing import Any

import numpy as np


def segments(body: bytes) -> list[tuple[dict[str, Any], np.ndarray, dict[str, Any]]]:
    """Header, frames and trailer of every part of a stream."""
    found, at = [], 0
    while at < len(body):
        assert body[at : at + 4] == b"NNV1"
        (size,) = struct.unpack_from("<I", body, at + 4)
        header = json.loads(body[at + 8 : at + 8 + size])
        at += 8 + size
        length = header["rows"] * header["frame_bytes"]
        frames = np.frombuffer(body, "<f4", length // 4, at)
        at += length
        (size,) = struct.unpack_from("<I", body, at)
        found.append(
            (header, frames.reshape(header["rows"], -1), json.loads(body[at + 4 : at + 4 + size]))
        )
        at += 4 + size
        assert at % 4 == 0
    return found

"""A picture the size of a card, as SVG: a map with whole paths, or lines over steps.

The map is a PNG of few colours inside the SVG. Paths keep only the vertices that can be told
apart, so a picture has a few thousand bytes; as an image it fetches nothing and runs nothing.
"""

from __future__ import annotations

import base64
import math
import struct
import zlib
from dataclasses import dataclass, field, replace
from html import escape
from typing import TYPE_CHECKING

import numpy as np

from nnopt_viz.figures.heights import LEVELS
from nnopt_viz.figures.isolines import tint
from nnopt_viz.figures.palette import FONT, colour_of, palette

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from nnopt_viz.figures.palette import Palette

    Array = NDArray[np.float64]

WIDTH, HEIGHT = 320, 200  # units of the picture
COLUMNS, ROWS = 240, 150  # pixels of its map
APART = 1.0  # units between two vertices of a path
OUT = 2000.0  # units beyond which nothing is drawn
MOST, MOST_FAINT = 600, 60  # vertices of a path
EDGE = 10  # around lines
# The signs of runs as assets/css/style.css has them, around 0, at most 5 from it.
SIGNS = (
    "M5 0A5 5 0 1 1-5 0A5 5 0 1 1 5 0Z", "M0-6L6 0L0 6L-6 0Z", "M-5-5H5V5H-5Z",
    "M-2-6H2V-2H6V2H2V6H-2V2H-6V-2H-2Z",
    "M-3-6L0-3L3-6L6-3L3 0L6 3L3 6L0 3L-3 6L-6 3L-3 0L-6-3Z",
)  # fmt: skip
STAR = "M0-7L2 -2.2L7-2.2L3 1L4.4 6L0 3L-4.4 6L-3 1L-7-2.2L-2-2.2Z"


@dataclass(frozen=True, slots=True, eq=False)
class Line:
    """One run, or one series.

    Args:
        colour: of which run, from 0.
        x, y: in data coordinates, shape (points,); what is not finite ends it.
        sign: whether its end is marked as the end of a run.
        dashed: a line that something else is held against.
        faint: one of many.
        name: written at its end, where there are several.
    """

    colour: int
    x: Array
    y: Array
    sign: bool = True
    dashed: bool = False
    faint: bool = False
    name: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Ground:
    """What paths run over.

    Args:
        heights: share of the greatest height, shape (ROWS, COLUMNS), the lowest y first.
        bounds: left, right, low, high of the picture.
        best, others: the global minima and the local ones, each x and y.
    """

    heights: Array
    bounds: tuple[float, float, float, float]
    best: Sequence[tuple[float, float]] = field(default=())
    others: Sequence[tuple[float, float]] = field(default=())


def map_picture(ground: Ground, lines: Sequence[Line], theme: str) -> str:
    """A map with paths over it."""
    colours = palette(theme)
    left, right, low, high = ground.bounds

    def placed(x: Array, y: Array) -> tuple[Array, Array]:
        return (x - left) / (right - left) * WIDTH, (high - y) / (high - low) * HEIGHT

    levels = np.clip((ground.heights[::-1] * LEVELS).astype(np.uint8), 0, LEVELS - 1)
    tints = [tint((level + 0.5) / LEVELS, colours) for level in range(LEVELS)]
    address = base64.b64encode(_png(levels, tints)).decode()
    size = f'width="{WIDTH}" height="{HEIGHT}" preserveAspectRatio="none"'
    made = [f'<image {size} href="data:image/png;base64,{address}"/>']
    for places, shape in (
        (ground.others, "M4 0A4 4 0 1 1-4 0A4 4 0 1 1 4 0Z"),
        (ground.best, STAR),
    ):
        for x, y in places:
            at_x, at_y = placed(np.array(x), np.array(y))
            fill = colours.ink if shape is STAR else "none"
            made.append(
                f'<path d="{shape}" transform="translate({at_x:.1f} {at_y:.1f})" fill="{fill}" '
                f'stroke="{colours.ink if shape is not STAR else colours.paper}"/>'
            )
    drawn = [(line, *_vertices(*placed(line.x, line.y), line.faint)) for line in lines]
    made += _strokes(drawn, colours, colours.halo)
    starts = {(round(float(x[0]), 1), round(float(y[0]), 1)) for _, x, y in drawn if len(x)}
    made += [f'<circle cx="{x}" cy="{y}" r="2.2" fill="{colours.ink}"/>' for x, y in starts]
    return _svg([*made, *_ends(drawn, colours)])


def lines_picture(
    lines: Sequence[Line],
    theme: str,
    up: str,
    across: str,
    log: str = "",
    floor: float | None = None,
) -> str:
    """Lines over steps, or over anything else.

    Args:
        up, across: what the axes are, in words.
        log: "", "x", "y" or "xy": which axes are logarithmic.
        floor: how far down is shown at least.
    """
    colours = palette(theme)
    known = [_logged(line, log) for line in lines]
    ends = [_span([getattr(line, axis) for line in known]) for axis in ("x", "y")]
    (left, right), (low, high) = ends
    low = low if floor is None else min(low, floor)

    def placed(x: Array, y: Array) -> tuple[Array, Array]:
        inner = HEIGHT - 2 * EDGE - 28
        return (
            EDGE + (x - left) / (right - left) * (WIDTH - 2 * EDGE - 8),
            EDGE + 18 + (high - y) / (high - low) * inner,
        )

    drawn = [(line, *_vertices(*placed(line.x, line.y))) for line in known]
    words = ((up, 16), (across, HEIGHT - 5))
    base = HEIGHT - EDGE - 8
    made = [
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="{colours.rail}"/>',
        f'<path d="M{EDGE} {base}H{WIDTH - EDGE}" stroke="{colours.quiet}"/>',
        *(
            f'<text x="{EDGE}" y="{y}" fill="{colours.ink3}" font-family="{FONT}" '
            f'font-size="11">{escape(text)}</text>'
            for text, y in words
        ),
    ]
    return _svg(
        [
            *made,
            *_strokes(drawn, colours, colours.rail),
            *_ends(drawn, colours),
            *_names(drawn, colours),
        ]
    )


def _svg(parts: Iterable[str]) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
        f'width="{WIDTH}" height="{HEIGHT}">{"".join(parts)}</svg>'
    )


def _strokes(drawn: list[tuple[Line, Array, Array]], colours: Palette, halo: str) -> list[str]:
    """All halos, then all lines; a path is written once."""
    paths = [(line, _path(x, y)) for line, x, y in drawn if len(x) > 1]
    made = [f'<path id="p{at}" d="{path}"/>' for at, (_, path) in enumerate(paths)]
    under = [
        f'<use href="#p{at}" stroke-width="{2.5 if line.faint else 4.5}"/>'
        for at, (line, _) in enumerate(paths)
    ]
    over = [
        f'<use href="#p{at}" stroke="{colour_of(line.colour, colours)}" '
        f'stroke-width="{1 if line.faint else 2}"'
        + (' stroke-dasharray="2 4"/>' if line.dashed else "/>")
        for at, (line, _) in enumerate(paths)
    ]
    common = f'fill="none" stroke="{halo}" stroke-linejoin="round" stroke-linecap="round"'
    return [f"<defs>{''.join(made)}</defs><g {common}>", *under, *over, "</g>"]


def _ends(drawn: list[tuple[Line, Array, Array]], colours: Palette) -> list[str]:
    """The signs of runs where they end, if that is in sight."""
    made = []
    for line, x, y in drawn:
        inside = len(x) and 0 <= x[-1] <= WIDTH and 0 <= y[-1] <= HEIGHT
        if line.sign and inside:
            sign = SIGNS[line.colour % len(SIGNS)]
            size = 0.6 if line.faint else 1
            made.append(
                f'<path d="{sign}" transform="translate({x[-1]:.1f} {y[-1]:.1f}) scale({size})" '
                f'fill="{colour_of(line.colour, colours)}" stroke="{colours.paper}" '
                'stroke-width="1.5" paint-order="stroke"/>'
            )
    return made


def _names(drawn: list[tuple[Line, Array, Array]], colours: Palette) -> list[str]:
    """The names of several lines beside their ends, pushed apart."""
    named = [(float(y[-1]), line.name) for line, _, y in drawn if line.name and len(y)]
    if len(named) < 2:
        return []
    made, last = [], -math.inf
    for at, name in sorted(named):
        last = max(at, last + 12)
        made.append(
            f'<text x="{WIDTH - 26}" y="{last + 4:.0f}" text-anchor="end" fill="{colours.ink2}" '
            f'stroke="{colours.rail}" stroke-width="3" paint-order="stroke" '
            f'font-family="{FONT}" font-size="10">{escape(name)}</text>'
        )
    return made


def _vertices(x: Array, y: Array, faint: bool = False) -> tuple[Array, Array]:
    """The vertices that can be told apart, as far as the line is in reach."""
    good = np.isfinite(x) & np.isfinite(y)
    gone = np.flatnonzero(~good)
    end = int(gone[0]) if gone.size else len(x)
    x, y = np.clip(x[:end], -OUT, OUT), np.clip(y[:end], -OUT, OUT)
    apart, most = (2 * APART, MOST_FAINT) if faint else (APART, MOST)
    while True:
        kept, last = [], (math.inf, math.inf)
        for i, (at_x, at_y) in enumerate(zip(x.tolist(), y.tolist(), strict=True)):
            if abs(at_x - last[0]) > apart or abs(at_y - last[1]) > apart or i == end - 1:
                kept.append(i)
                last = at_x, at_y
        if len(kept) <= most:
            return x[kept], y[kept]
        apart *= 1.5


def _path(x: Array, y: Array) -> str:
    return "M" + "L".join(f"{px:.1f} {py:.1f}" for px, py in zip(x, y, strict=True))


def _logged(line: Line, log: str) -> Line:
    """With the logarithm of an axis; what has none is left out."""
    x, y = np.asarray(line.x, dtype=float), np.asarray(line.y, dtype=float)
    with np.errstate(all="ignore"):
        if "x" in log:
            x = np.log10(x)
        if "y" in log:
            y = np.log10(y)
    good = np.isfinite(x) & np.isfinite(y)
    return replace(line, x=x[good], y=y[good])


def _span(parts: list[Array]) -> tuple[float, float]:
    every = np.concatenate([part for part in parts if len(part)] or [np.zeros(1)])
    low, high = float(every.min()), float(every.max())
    return (low, high) if high > low else (low - 0.5, high + 0.5)


def _png(levels: NDArray[np.uint8], tints: Sequence[str]) -> bytes:
    """A PNG with a palette. levels: shape (rows, columns)."""
    rows, columns = levels.shape
    pixels = np.zeros((rows, 1 + columns), dtype=np.uint8)  # each row begins with filter 0
    pixels[:, 1:] = levels
    header = struct.pack(">IIBBBBB", columns, rows, 8, 3, 0, 0, 0)
    chunks = (
        (b"IHDR", header), (b"PLTE", bytes.fromhex("".join(tints).replace("#", ""))),
        (b"IDAT", zlib.compress(pixels.tobytes(), 9)), (b"IEND", b""),
    )  # fmt: skip
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        for kind, body in chunks
    )

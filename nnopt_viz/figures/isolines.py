"""The map's isolines as plain vector shapes: regions above rising heights, by marching squares.

For the animated figure: while Plotly moves scatter traces it takes a contour trace off the
map for a moment, so that it flickers; shapes stay, and are drawn in a tenth of the time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from nnopt_viz.figures.heights import LEVELS
from nnopt_viz.figures.palette import LINE
from nnopt_viz.figures.relief import colour

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from nnopt_viz.figures.heights import Heights
    from nnopt_viz.figures.palette import Palette

BOTTOM, RIGHT, TOP, LEFT = range(4)
# By which corners of a cell lie inside (1 bottom left, 2 bottom right, 4 top right, 8 top left):
# from which side to which the border runs, with the inside on its left.
CROSSINGS: dict[int, tuple[tuple[int, int], ...]] = {
    1: ((BOTTOM, LEFT),), 2: ((RIGHT, BOTTOM),), 4: ((TOP, RIGHT),), 8: ((LEFT, TOP),),
    3: ((RIGHT, LEFT),), 6: ((TOP, BOTTOM),), 12: ((LEFT, RIGHT),), 9: ((BOTTOM, TOP),),
    7: ((TOP, LEFT),), 14: ((LEFT, BOTTOM),), 13: ((BOTTOM, RIGHT),), 11: ((RIGHT, TOP),),
    5: ((BOTTOM, LEFT), (TOP, RIGHT)), 10: ((RIGHT, BOTTOM), (LEFT, TOP)),
}  # fmt: skip
# The two that have opposite corners inside, where the middle is inside too.
JOINED = {5: ((BOTTOM, RIGHT), (TOP, LEFT)), 10: ((LEFT, BOTTOM), (RIGHT, TOP))}


def map_shapes(grid: Heights, colours: Palette, is_filled: bool) -> list[dict[str, Any]]:
    """Plotly shapes: what lies below all levels, and one a level, lines or filled with the ramp.

    Always as many, so that a frame can replace them one by one: its paths are the same in every
    theme, a relief is not.
    """
    common = {"xref": "x", "yref": "y", "layer": "between"}
    ground = common | {
        "type": "rect", "x0": float(grid.x[0]), "x1": float(grid.x[-1]), "y0": float(grid.y[0]),
        "y1": float(grid.y[-1]), "line": {"width": 0},
    }  # fmt: skip
    line = {"color": colours.map_line, "width": LINE}
    made = [ground] + [
        common | {"type": "path", "path": region(grid, i * grid.top / LEVELS), "line": line}
        for i in range(1, LEVELS)
    ]
    if not is_filled:
        return made
    return [
        shape | {"fillcolor": tint((i + 0.5) / LEVELS, colours)} for i, shape in enumerate(made)
    ]


def tint(share: float, colours: Palette) -> str:
    """The ramp's colour at a share of the greatest height, in full light."""
    at, level = np.array(share), np.zeros(())
    parts = np.floor(255 * colour(at, level, level, colours) + 0.5).astype(int)
    return "#" + "".join(f"{value:02X}" for value in parts.tolist())


def region(grid: Heights, level: float) -> str:
    """Where the height is at least `level`, as an SVG path in the map's coordinates."""
    loops = borders(grid.x, grid.y, grid.z, level)
    x, y = (_decimals(axis) for axis in (grid.x, grid.y))
    parts = [
        "M" + "L".join(f"{round(px, x):g},{round(py, y):g}" for px, py in loop) + "Z"
        for loop in loops
    ]
    return "".join(parts) or f"M{grid.x[0]:g},{grid.y[0]:g}Z"


def borders(
    x: NDArray[Any], y: NDArray[Any], z: NDArray[Any], level: float
) -> list[list[tuple[float, float]]]:
    """The closed borders of the region where z >= level, the inside on their left.

    Args:
        x, y: grid lines, shapes (columns,) and (rows,), rising.
        z: values, shape (rows, columns), finite.
        level: the value on the border.
    """
    x, y = (np.concatenate([axis[:1], axis, axis[-1:]]).astype(float) for axis in (x, y))
    z = np.pad(np.asarray(z, dtype=float), 1, constant_values=level - 1.0)
    inside = z >= level
    corners = (inside[:-1, :-1], inside[:-1, 1:], inside[1:, 1:], inside[1:, :-1])
    cases = np.array([corner.astype(int) << i for i, corner in enumerate(corners)]).sum(axis=0)
    middle = (z[:-1, :-1] + z[:-1, 1:] + z[1:, 1:] + z[1:, :-1]) / 4 >= level
    after: dict[tuple[int, int, int], tuple[int, int, int]] = {}
    for row, column in np.argwhere((cases > 0) & (cases < 15)).tolist():
        # An edge is (0, row, column) along x or (1, row, column) along y; cells share them.
        edges = ((0, row, column), (1, row, column + 1), (0, row + 1, column), (1, row, column))
        case = int(cases[row, column])
        known = JOINED if case in JOINED and middle[row, column] else CROSSINGS
        for begin, end in known[case]:
            after[edges[begin]] = edges[end]

    def place(edge: tuple[int, int, int]) -> tuple[float, float]:
        way, row, column = edge
        row2, column2 = (row, column + 1) if way == 0 else (row + 1, column)
        a, b = z[row, column], z[row2, column2]
        t = (level - a) / (b - a)
        return (
            float(x[column] + t * (x[column2] - x[column])),
            float(y[row] + t * (y[row2] - y[row])),
        )

    loops = []
    while after:
        first, edge = after.popitem()
        loop = [place(first)]
        while edge != first:
            loop.append(place(edge))
            edge = after.pop(edge)
        loops.append(loop)
    return loops


def _decimals(axis: NDArray[Any]) -> int:
    """Decimals that tell a few thousand places along an axis apart."""
    return 3 - int(np.floor(np.log10(float(axis[-1] - axis[0]))))

"""The relief: light from the upper left, wells that read, runs that stand out on any ground."""

from __future__ import annotations

import io
import struct
import zlib

import numpy as np
import pytest
from numpy.typing import NDArray

from nnopt_viz.figures.heights import sheet
from nnopt_viz.figures.palette import PALETTES, THEMES, palette
from nnopt_viz.figures.png import COLOURS, png
from nnopt_viz.figures.relief import colour, picture, rgb, spans, towards
from nnopt_viz.figures.thumbnail import FINER, SIDE, pixels
from nnopt_viz.surfaces import SURFACES

Array = NDArray[np.float64]

NAMED = ("himmelblau", "rastrigin", "rosenbrock", "saddle", "ackley")
# L*, 0 to 100, between the lowest twentieth of a surface and its highest fifth, at 48 px.
WELLS, LEAST = 20.0, 5.0
CONTRAST = 3.0  # WCAG 2.2, graphical objects


def luminance(colours: Array) -> Array:
    """Relative luminance, of red, green and blue from 0 to 1 along the last axis."""
    linear = np.where(colours <= 0.04045, colours / 12.92, ((colours + 0.055) / 1.055) ** 2.4)
    return np.asarray(linear @ np.array([0.2126, 0.7152, 0.0722]))


def lightness(colours: Array) -> Array:
    """L* of CIELAB."""
    y = luminance(colours)
    return np.where(y > 0.008856, 116 * np.cbrt(y) - 16, 903.3 * y)


def contrast(one: Array, other: Array) -> Array:
    a, b = luminance(one), luminance(other)
    return np.asarray((np.maximum(a, b) + 0.05) / (np.minimum(a, b) + 0.05))


def ground(theme: str) -> Array:
    """Every colour that ground may have: heights by slopes of all sizes and directions."""
    turn, steep = np.meshgrid(np.linspace(0, 2 * np.pi, 37), [0, 1, 3, 10, 100, 1e6])
    across, up = (steep * np.cos(turn)).ravel(), (steep * np.sin(turn)).ravel()
    height = np.linspace(0, 2, 61)[:, None] + 0 * across
    return colour(height, across + 0 * height, up + 0 * height, palette(theme))


def halo(theme: str, under: Array) -> Array:
    """The halo of a line as it is seen on a ground."""
    *parts, share = (float(v) for v in PALETTES[theme].halo.split("(")[1].rstrip(")").split(","))
    return share * np.array(parts) / 255 + (1 - share) * under


@pytest.mark.parametrize("theme", THEMES)
def test_every_run_stands_out_from_its_halo_on_every_ground(theme: str) -> None:
    around = halo(theme, ground(theme))
    for run in PALETTES[theme].runs:
        assert contrast(np.array(rgb(run)), around).min() >= CONTRAST, run


@pytest.mark.parametrize("theme", THEMES)
def test_every_run_stands_out_from_the_bare_valley(theme: str) -> None:
    for run in PALETTES[theme].runs:
        assert contrast(np.array(rgb(run)), np.array(rgb(PALETTES[theme].ramp[0]))) >= 4.5


@pytest.mark.parametrize("theme", THEMES)
def test_words_stand_out_from_their_halo_on_every_ground(theme: str) -> None:
    ink = np.array(rgb(PALETTES[theme].ink))
    assert contrast(ink, halo(theme, ground(theme))).min() >= 7


@pytest.mark.parametrize("theme", THEMES)
def test_the_ramp_rises_or_falls_all_the_way(theme: str) -> None:
    share = np.linspace(0, 2, 97)
    light = lightness(colour(share, 0 * share, 0 * share, palette(theme)))
    steps = np.diff(light) * (1 if theme == "dark" else -1)
    assert steps.min() > 0.1
    assert abs(light[48] - light[0]) > 45


@pytest.mark.parametrize("theme", THEMES)
def test_level_ground_has_the_ramps_colours_and_light_comes_from_the_upper_left(theme: str) -> None:
    colours, flat = palette(theme), np.zeros(4)
    stops = np.array([rgb(stop) for stop in colours.ramp])
    assert colour(np.array([0, 0.35, 0.7, 1]), flat, flat, colours) == pytest.approx(stops)
    assert np.linalg.norm(towards(colours.light)) == pytest.approx(1)
    # rising to the right it faces the left, rising downwards it faces up
    across, up = np.array([2.0, -2.0, 0, 0, 2.0, -2.0]), np.array([0, 0, -2.0, 2.0, -2.0, 2.0])
    lit = lightness(colour(np.full(6, 0.5), across, up, colours))
    assert lit[0] == pytest.approx(lit[2])
    assert lit[4] > lit[0] > lit[1] + 5 > lit[5]


@pytest.mark.parametrize("name", SURFACES)
def test_wells_read_at_the_size_of_a_stamp(name: str) -> None:
    surface = SURFACES.call(name)
    grid = sheet(surface, FINER * SIDE)
    share = (grid.z / grid.top)[::-1].reshape(SIDE, FINER, SIDE, FINER).mean(axis=(1, 3))
    low, high = share <= np.quantile(share, 0.05), share >= np.quantile(share, 0.8)
    for theme, made in pixels(surface).items():
        light = lightness(made / 255)
        deeper = (light[low].mean() - light[high].mean()) * (1 if theme == "light" else -1)
        assert deeper >= (WELLS if name in NAMED else LEAST), theme


def test_the_highest_row_comes_first_and_beyond_the_grid_is_its_rim() -> None:
    grid = sheet(SURFACES.call("bowl"), 21)
    x = np.array([grid.x[0] - 9.0, grid.x[0], 0.0])
    y = np.array([grid.y[0].astype(float), grid.y[-1].astype(float), grid.y[-1] + 9.0])
    made = picture(grid, (1.0, 1.0), palette("light"), x, y)
    assert made.shape == (3, 3, 3)
    assert (made[:, 0] == made[:, 1]).all()
    assert (made[0] == made[1]).all()
    assert not (made[1] == made[2]).all()


def test_a_unit_of_ground_is_as_long_upwards_as_across_where_the_map_has_one_scale() -> None:
    assert spans((0, 2, 0, 4), is_equal=True) == (4, 4)
    assert spans((0, 2, 0, 400), is_equal=False) == (2, 400)


def opened(made: bytes) -> NDArray[np.uint8]:
    """The pixels of a PNG with a palette whose rows are told by the rows above."""
    stream, parts = io.BytesIO(made[8:]), {}
    while head := stream.read(8):
        size, kind = struct.unpack(">I4s", head)
        parts[kind] = stream.read(size)
        assert struct.unpack(">I", stream.read(4))[0] == zlib.crc32(kind + parts[kind])
    columns, rows = struct.unpack(">II", parts[b"IHDR"][:8])
    lines = np.frombuffer(zlib.decompress(parts[b"IDAT"]), dtype=np.uint8).reshape(rows, -1)
    assert lines.shape == (rows, columns + 1)
    assert (lines[:, 0] == 2).all()
    index = np.cumsum(lines[:, 1:], axis=0, dtype=np.uint8)
    return np.frombuffer(parts[b"PLTE"], dtype=np.uint8).reshape(-1, 3)[index]


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("name", NAMED)
def test_a_picture_with_few_colours_looks_the_same(name: str, theme: str) -> None:
    wanted = pixels(SURFACES.call(name))[theme]
    seen = opened(png(wanted))
    assert len(np.unique(seen.reshape(-1, 3), axis=0)) <= COLOURS
    apart = np.abs(seen.astype(int) - wanted)
    assert apart.mean() < 2.5
    assert np.abs(lightness(seen / 255) - lightness(wanted / 255)).max() < 1.5

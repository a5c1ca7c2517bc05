"""The colours of figures, light and dark: ink on paper, hue only for runs.

The same tokens stand as CSS variables in `assets/css/style.css`; a test compares them.
Plotly 7 takes no bare hex without `#`, and wants rgba() for transparency.
"""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Light:
    """The light on every relief.

    Args:
        azimuth: where it comes from, degrees clockwise from above; 315 is the upper left.
        altitude: how high it stands, degrees.
        steepness: by how much slopes are exaggerated.
        ambient: red, green and blue that ground gets from everywhere: shadows are blue.
        sun: the same from the light that it faces, most of all where it faces it squarely; level
            ground gets 1 of both together.
    """

    azimuth: float
    altitude: float
    steepness: float
    ambient: tuple[float, float, float]

    @property
    def sun(self) -> tuple[float, float, float]:
        level = math.sin(math.radians(self.altitude))
        red, green, blue = ((1 - part) / level for part in self.ambient)
        return red, green, blue


@dataclass(frozen=True, slots=True)
class Palette:
    """One theme's colours, as CSS writes them.

    Args:
        paper, rail, hairline, ink, ink2, ink3: background to text, see style.css.
        ramp: surfaces from valley to hill, at 0, .35, .7 and 1 of the height, in full light.
        beyond: what it goes on to, at twice the height: what a map shows around its region.
        light: that falls on them.
        map_line: isolines on the map.
        sheet_line: isolines on the 3D sheet.
        runs: one colour a run; runs 9 to 12 take the first four again.
        halo: around the runs' lines.
    """

    paper: str
    rail: str
    hairline: str
    quiet: str
    ink: str
    ink2: str
    ink3: str
    ramp: tuple[str, str, str, str]
    beyond: str
    light: Light
    map_line: str
    sheet_line: str
    runs: tuple[str, ...]
    halo: str


STOPS = (0.0, 0.35, 0.7, 1.0)
BEYOND = 2.0  # times the height of a region: how far the ramp and the isolines go on around it

# In the order of the runs, as assets/player/views/draw.mjs has them; scatter3d knows only these.
SYMBOLS = ("circle", "diamond", "square", "cross", "x",
           "circle-open", "diamond-open", "square-open")  # fmt: skip

PALETTES = {
    "light": Palette(
        paper="#FFFFFF",
        rail="#F6F7F8",
        hairline="#E1E5E9",
        quiet="#C9D0D6",
        ink="#14191E",
        ink2="#49535D",
        ink3="#606B76",
        ramp=("#FFFFFF", "#D0DDE6", "#8FABBF", "#557A95"),
        beyond="#3A5C75",
        light=Light(azimuth=315.0, altitude=45.0, steepness=0.15, ambient=(0.5, 0.58, 0.65)),
        map_line="rgba(40,66,88,.42)",
        sheet_line="#6F8CA2",
        runs=(
            "#0062C4",
            "#C8440A",
            "#00857A",
            "#8A1458",
            "#8F6A00",
            "#5A45B8",
            "#3F7D1F",
            "#5B6470",
        ),
        halo="rgba(255,255,255,.9)",
    ),
    "dark": Palette(
        paper="#0F1317",
        rail="#15191E",
        hairline="#262D34",
        quiet="#3B454E",
        ink="#EEF1F4",
        ink2="#B5BFC8",
        ink3="#8D98A3",
        ramp=("#0B1014", "#1B2A35", "#446278", "#6E92AB"),
        beyond="#8FB3CA",
        # dark ground needs more of it
        light=Light(azimuth=315.0, altitude=45.0, steepness=0.2, ambient=(0.3, 0.37, 0.43)),
        map_line="rgba(190,215,232,.30)",
        sheet_line="#7FA0B4",
        runs=(
            "#58A6FF",
            "#FF8A3D",
            "#4FE0C0",
            "#F06BB2",
            "#E8CE55",
            "#A99BFF",
            "#9AD65C",
            "#B4BEC9",
        ),
        halo="rgba(10,13,16,.9)",
    ),
}

LINE = 0.75  # px, of isolines on the map
THEMES = tuple(PALETTES)
FONT = "Inter, system-ui, sans-serif"


def palette(theme: str) -> Palette:
    """The colours of a theme; anything but "dark" is light."""
    return PALETTES["dark" if theme == "dark" else "light"]


def shadow(colours: Palette) -> str:
    """Around text that stands on a relief, as CSS writes it: close, and on all sides."""
    return ",".join([f"0 0 2px {colours.halo}"] * 4)


def scale(stops: tuple[str, str, str, str]) -> list[tuple[float, str]]:
    """A Plotly colour scale from four stops."""
    return list(zip(STOPS, stops, strict=True))


def colour_of(run: int, colours: Palette) -> str:
    """The colour of a run, counted from 0."""
    return colours.runs[run % len(colours.runs)]


def tinted(colour: str, share: float) -> str:
    """A colour (`#rrggbb`) with so much of it, 0 to 1, over what lies below."""
    red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return f"rgba({red},{green},{blue},{share:g})"


def symbol_of(run: int) -> str:
    """The marker of a run: runs 9 to 12 repeat colours 1 to 4 with markers 5 to 8."""
    return SYMBOLS[run if run < len(SYMBOLS) else 4 + (run - len(SYMBOLS)) % 4]

"""A race as one Plotly figure that plays by itself: for a notebook, and for `/run.html`.

Map and 3D view side by side with the runs as real traces, loss and verdicts below, and
Plotly's own button and slider. Every range is fixed, so nothing drifts. Before it plays it
shows the end, so that a still of it says what happened.
"""

from __future__ import annotations

import html
import math
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import plotly.graph_objects as go

from nnopt_viz.figures import ticks
from nnopt_viz.figures.contour import map_axis
from nnopt_viz.figures.heights import Heights, is_unequal, sheet
from nnopt_viz.figures.isolines import map_shapes
from nnopt_viz.figures.loss_tracks import loss_axes, loss_heads, loss_lines
from nnopt_viz.figures.palette import FONT, THEMES, Palette, colour_of, palette, symbol_of
from nnopt_viz.figures.recording import Recording, record
from nnopt_viz.figures.scene import scene_layout, sheet_traces
from nnopt_viz.figures.surface_json import facts
from nnopt_viz.figures.tracks import Track, map_tracks, scene_tracks
from nnopt_viz.labels import labels
from nnopt_viz.own import surface_entry
from nnopt_viz.scenario import Scenario
from nnopt_viz.simulation import morphs
from nnopt_viz.url import encode

if TYPE_CHECKING:
    from numpy.typing import NDArray

POINTS, POINTS_MOVING = 80, 40  # of the sheet a side; a moving one is in every frame
STATES = 20  # of a moving surface from s = 0 to 1, as on the page
SLIDER_STEPS = 20  # about: with many, Plotly's slider alone takes half a second a frame
STEPS_A_SECOND, LONGEST = 20, 12  # as the page's clock at 1x; seconds
HEIGHT = 760  # px
MANY_MINIMA = 16  # above, they carry no numbers
SIGNS = dict(zip(("circle", "diamond", "square", "cross", "x", "circle-open", "diamond-open",
                  "square-open"), "●◆■✚✖○◇□", strict=True))  # fmt: skip
MAP_RIGHT, SCENE_LEFT, BELOW, ABOVE = 0.485, 0.515, 0.3, 0.4  # shares of the figure


def show(scenario: Scenario | str, theme: str = "light") -> go.Figure:
    """The race as an animated Plotly figure; a notebook shows it when it is the last value.

    Args:
        scenario: a Scenario, or the query text of one, such as
            `"surface=booth&run=adam(lr=0.1)&steps=200"`.
        theme: "light" or "dark".

    Returns:
        A figure with at most about 60 frames: `.show()` opens it, `.write_html()` saves it.

    Raises:
        QueryError: when the text is not a valid query; it names what is allowed.
        ValueError: for a theme that does not exist, or (TooLargeError) for more than 512
            runs x starting points.

    Example:
        >>> show("surface=booth&run=adam(lr=0.1)&steps=200")  # doctest: +SKIP
    """
    if theme not in THEMES:
        raise ValueError(f"theme is {' or '.join(THEMES)}, not {theme!r}")
    if isinstance(scenario, str):
        scenario = Scenario.from_query(scenario)
    if not isinstance(scenario, Scenario):
        raise TypeError(f"show takes a Scenario or query text, not {type(scenario).__name__}")
    return animated_figure(record(scenario), theme)


def animated_figure(recording: Recording, theme: str, still_only: bool = False) -> go.Figure:
    """The figure of a recording.

    Args:
        recording: what is shown.
        theme: "light" or "dark".
        still_only: leave the frames out; they are the same in both themes.
    """
    colours, scenario = palette(theme), recording.scenario
    names = labels(scenario)
    grounds = _grounds(recording)
    last = int(recording.frames[-1])
    tracks = [
        *map_tracks(recording, names, colours),
        *scene_tracks(recording, names, colours, _ground_at(recording, grounds)),
        *loss_heads(recording, names, colours),
    ]
    still = [*_still(recording, grounds[-1], colours), *loss_lines(recording, names, colours)]
    figure = go.Figure([*still, *(track.trace | track.at(last) for track in tracks)])
    if not still_only:
        figure.frames = _frames(recording, tracks, grounds, len(still), colours)
    figure.update_layout(_layout(recording, names, grounds[-1], colours))
    return figure


def frame_ms(recording: Recording) -> int:
    """How long a frame stays: the page's speed, where Plotly can keep up."""
    steps = recording.scenario.steps
    seconds = min(steps / STEPS_A_SECOND, LONGEST)
    return max(40, round(1000 * seconds / max(1, len(recording.frames) - 1)))


def _grounds(recording: Recording) -> list[Heights]:
    """The sheet at every frame; the same one while the surface stands still."""
    scenario, count = recording.scenario, len(recording.frames)
    if not scenario.drifts:
        return [sheet(scenario.surface, POINTS)] * count
    at = np.maximum(recording.steps[recording.frames], 1) - 1
    states = np.round(morphs(scenario)[at] * STATES) / STATES
    made = {s: sheet(scenario.surface.replace(s=float(s)), POINTS_MOVING) for s in set(states)}
    top = max(ground.top for ground in made.values())
    made = {s: replace(ground, top=top) for s, ground in made.items()}
    return [made[s] for s in states]


def _ground_at(recording: Recording, grounds: list[Heights]) -> Any:
    frames: NDArray[np.intp] = recording.frames
    return lambda row: grounds[int(np.searchsorted(frames, row))]


def _still(recording: Recording, ground: Heights, colours: Palette) -> list[Any]:
    """What lies under the runs; the first two traces are the sheet and its skirt."""
    traces = sheet_traces(ground, colours)
    if not recording.scenario.drifts:  # where they are then changes at every step
        traces += _minima(recording, ground, colours)
    start = recording.x[:, 0, 0]
    one = start.shape[1] == 1
    traces.append(
        go.Scatter(
            x=start[0].tolist(), y=start[1].tolist(), mode="markers+text" if one else "markers",
            text=["start"] if one else None, textposition="bottom center", name="start",
            textfont={"family": FONT, "size": 12, "color": colours.ink}, hoverinfo="skip",
            marker={"size": 8 if one else 4, "color": colours.ink},
        )
    )  # fmt: skip
    return traces


def _minima(recording: Recording, ground: Heights, colours: Palette) -> list[Any]:
    """The minima on the map with their losses, and as signs on the sheet."""
    known = facts(recording.scenario.surface)["minima"]
    if not known:
        return []
    many = len(known) > MANY_MINIMA
    top = [m["is_global"] for m in known]
    heights = [math.log10(1 + max(0.0, m["loss"] - ground.best)) for m in known]
    x, y = [m["x"] for m in known], [m["y"] for m in known]
    return [
        go.Scatter(
            x=x, y=y, mode="markers+text", name="minima", hoverinfo="skip",
            text=[f"{m['loss']:.3g}".replace("-", "−") if m["is_global"] or not many else ""
                  for m in known],
            textposition="middle right",
            textfont={"family": FONT, "size": 13, "color": colours.ink},
            marker={
                "symbol": ["star" if t else "circle-open" for t in top],
                "size": [17 if t else (8 if many else 20) for t in top], "color": colours.ink,
                "line": {"width": [1 if t else 2 for t in top],
                         "color": [colours.paper if t else colours.ink for t in top]},
            },
        ),
        go.Scatter3d(
            x=x, y=y, z=[h + 0.03 * ground.top for h in heights], mode="text", name="minima",
            text=["★" if t else "○" for t in top], hoverinfo="skip",
            textfont={"size": 15, "color": colours.ink},
        ),
    ]  # fmt: skip


def _frames(
    recording: Recording,
    tracks: list[Track],
    grounds: list[Heights],
    first: int,
    colours: Palette,
) -> list[dict[str, Any]]:
    """A frame for each of the recording's; with the sheet too when the surface moves."""
    kinds = [{"type": track.trace["type"]} for track in tracks]
    numbers = list(range(first, first + len(tracks)))
    frames = []
    for row, ground in zip(recording.frames.tolist(), grounds, strict=True):
        data = [kind | track.at(row) for kind, track in zip(kinds, tracks, strict=True)]
        frame: dict[str, Any] = {"name": str(recording.steps[row]), "data": data, "traces": numbers}
        if recording.scenario.drifts:
            moved = [{"type": t.type, "z": t.z} for t in sheet_traces(ground, colours)[:2]]
            paths = [{"path": s["path"]} for s in map_shapes(ground, colours)[1:]]
            frame |= {"data": moved + data, "traces": [0, 1, *numbers],
                      "layout": {"shapes": [{}, *paths]}}  # fmt: skip
        frames.append(frame)
    return frames


def _layout(
    recording: Recording, names: list[str], ground: Heights, colours: Palette
) -> dict[str, Any]:
    surface = recording.scenario.surface
    left, right, low, high = surface_entry(surface).bounds
    seen = {"tickfont": {"size": 11, "color": colours.ink}, "constrain": "domain"}
    across = map_axis("x", left, right, ground.x) | seen | {"domain": [0, MAP_RIGHT]}
    upward = map_axis("y", low, high, ground.y) | seen | {"domain": [ABOVE, 1]}
    if not is_unequal(surface):
        upward |= {"scaleanchor": "x", "scaleratio": 1}
    axes = loss_axes(recording, colours)
    axes["xaxis2"] |= {"domain": [0.04, MAP_RIGHT - 0.03], "anchor": "y2"}
    axes["yaxis2"] |= {"domain": [0, BELOW], "anchor": "x2"}
    return {
        "template": None,
        "paper_bgcolor": colours.paper,
        "plot_bgcolor": "rgba(0,0,0,0)",
        "height": HEIGHT,
        "margin": {"l": 16, "r": 16, "t": 40, "b": 96},
        "font": {"family": FONT, "size": 12, "color": colours.ink2},
        "showlegend": False,
        "hovermode": False,
        "dragmode": "pan",
        "xaxis": across,
        "yaxis": upward,
        **axes,
        "shapes": map_shapes(ground, colours),
        "scene": scene_layout(surface_entry(surface).bounds, ground.top)
        | {"domain": {"x": [SCENE_LEFT, 1], "y": [ABOVE, 1]}},
        "annotations": _texts(recording, names, colours),
        **_transport(recording, colours),
        "meta": {"query": encode(recording.scenario), "best": ground.best, "top": ground.top},
    }


def _texts(recording: Recording, names: list[str], colours: Palette) -> list[dict[str, Any]]:
    """Title, the heading of the curves, and what became of each run."""
    common = {"xref": "paper", "yref": "paper", "showarrow": False, "xanchor": "left"}
    ink = {"family": FONT, "size": 13, "color": colours.ink}
    lines = [
        f'<span style="color:{colour_of(run, colours)}">{SIGNS[symbol_of(run)]}</span> '
        f"<b>{escaped(name)}</b>  {verdict(recording, run)}"
        for run, name in enumerate(names)
    ]
    size = 13 if len(lines) <= 8 else 11
    title = surface_entry(recording.scenario.surface).title
    return [
        common | {"x": 0, "y": 1, "yanchor": "bottom", "yshift": 8, "font": ink | {"size": 16},
                  "text": f"<b>{escaped(title)}</b>"},
        common | {"x": 0, "y": BELOW, "yanchor": "bottom", "yshift": 8, "font": ink,
                  "text": f"<b>{loss_title(recording)}</b>"},
        common | {"x": SCENE_LEFT, "y": BELOW, "yanchor": "bottom", "yshift": 8, "font": ink,
                  "text": f"<b>After {recording.scenario.steps:,} steps</b>"},
        common | {"x": SCENE_LEFT, "y": BELOW, "yanchor": "top", "align": "left",
                  "font": ink | {"size": size}, "text": "<br>".join(lines)},
    ]  # fmt: skip


def loss_title(recording: Recording) -> str:
    """What the curves show."""
    lanes = recording.scenario.lanes
    return "Loss at each step" + (f", median of {lanes:,} starts" if lanes > 1 else "")


def verdict(recording: Recording, run: int) -> str:
    """What became of a run, in a few words with its loss."""
    outcome = recording.outcomes[run]
    loss = (
        f"loss {ticks.label(float(f'{outcome.loss:.3g}'))}" if math.isfinite(outcome.loss) else ""
    )
    share = ""
    if outcome.lanes > 1:
        share = f" ({outcome.counts[outcome.verdict]:,} of {outcome.lanes:,} starts)"
    when = "" if outcome.first_within is None else f" at step {outcome.first_within:,}"
    return ", ".join(part for part in (f"{outcome.text}{when}{share}", loss) if part)


def escaped(text: str) -> str:
    """Safe inside Plotly's texts, which know some HTML; shortened where it is long."""
    return html.escape(text if len(text) <= 48 else text[:47] + "…", quote=False)


def _transport(recording: Recording, colours: Palette) -> dict[str, Any]:
    """Plotly's own button and slider."""
    names = [str(step) for step in recording.steps[recording.frames]]
    every = max(1, round((len(names) - 1) / SLIDER_STEPS))
    chosen = [name for i, name in enumerate(names[:-1]) if i % every == 0] + [names[-1]]
    play = {
        "frame": {"duration": frame_ms(recording), "redraw": True},
        "transition": {"duration": 0},
        "fromcurrent": True,
        "mode": "immediate",
    }
    at_once = {"frame": {"duration": 0, "redraw": True}, "transition": {"duration": 0},
               "mode": "immediate"}  # fmt: skip
    buttons = {
        "type": "buttons", "direction": "left", "showactive": False, "x": 0, "y": 0,
        "xanchor": "left", "yanchor": "top", "pad": {"t": 44, "r": 8}, "bgcolor": colours.paper,
        "bordercolor": colours.ink3, "font": {"family": FONT, "size": 13, "color": colours.ink},
        "buttons": [
            {"label": "▶ Play", "method": "animate", "args": [None, play]},
            {"label": "❚❚ Pause", "method": "animate",
             "args": [[None], at_once | {"frame": {"duration": 0, "redraw": False}}]},
        ],
    }  # fmt: skip
    slider = {
        "active": len(chosen) - 1, "x": 0.17, "len": 0.83, "y": 0, "yanchor": "top",
        "pad": {"t": 30}, "bgcolor": colours.quiet, "bordercolor": colours.quiet,
        "tickcolor": colours.ink3, "font": {"family": FONT, "size": 11, "color": colours.ink3},
        "currentvalue": {"prefix": "step ", "xanchor": "right",
                         "font": {"family": FONT, "size": 13, "color": colours.ink}},
        "steps": [{"label": name, "method": "animate", "args": [[name], at_once]}
                  for name in chosen],
    }  # fmt: skip
    return {"updatemenus": [buttons], "sliders": [slider]}

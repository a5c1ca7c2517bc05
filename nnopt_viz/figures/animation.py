"""A race or a training as one Plotly figure that plays by itself: in a notebook, in `/run.html`.

Map and 3D view side by side with the runs as real traces, loss and verdicts below, and
Plotly's own button and slider. Every range is fixed, so nothing drifts. Before it plays it
shows the end, so that a still of it says what happened.
"""

from __future__ import annotations

import html
from typing import TYPE_CHECKING, Any

import plotly.graph_objects as go

from nnopt_viz.declare.pace import breathe
from nnopt_viz.declare.written import shown
from nnopt_viz.figures.contour import map_axis
from nnopt_viz.figures.isolines import map_shapes
from nnopt_viz.figures.lab_figures import OPACITY
from nnopt_viz.figures.loss_tracks import loss_axes, loss_heads, loss_lines
from nnopt_viz.figures.lying import lying_signs
from nnopt_viz.figures.palette import FONT, THEMES, Palette, colour_of, palette, shadow, symbol_of
from nnopt_viz.figures.relief import spans, under
from nnopt_viz.figures.scene import scene_layout, sheet_traces
from nnopt_viz.figures.tracks import Track, map_tracks, scene_tracks

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nnopt_viz.figures.heights import Heights
    from nnopt_viz.figures.recording import Recording

SLIDER_STEPS = 20  # about: with many, Plotly's slider alone takes half a second a frame
STEPS_A_SECOND, LONGEST = 20, 12  # as the page's clock at 1x; seconds
HEIGHT = 760  # px
MANY_MINIMA = 16  # above, they carry no numbers
SIGNS = dict(zip(("circle", "diamond", "square", "cross", "x", "circle-open", "diamond-open",
                  "square-open"), "●◆■✚✖○◇□", strict=True))  # fmt: skip
MAP_RIGHT, SCENE_LEFT, BELOW, ABOVE = 0.485, 0.515, 0.3, 0.4  # shares of the figure


def animated_figure(
    recording: Recording, theme: str, still_only: bool = False, kind: type[go.Figure] = go.Figure
) -> go.Figure:
    """The figure of a recording.

    Args:
        recording: what is shown.
        theme: "light" or "dark".
        still_only: leave the frames out; they are the same in both themes.
        kind: of figure.
    """
    colours = palette(theme)
    last = int(recording.frames[-1])
    still, tracks = _traces(recording, colours)
    figure = kind()
    for trace in (*still, *(track.trace | track.at(last) for track in tracks)):
        breathe()
        figure.add_trace(trace)
    if not still_only:
        figure.frames = list(animated_frames(recording))
    figure.update_layout(_layout(recording, colours))
    return figure


def _traces(recording: Recording, colours: Palette) -> tuple[list[Any], list[Track]]:
    """What stays, and what moves."""
    tracks = [
        *map_tracks(recording, colours),
        *scene_tracks(recording, colours),
        *loss_lines(recording, colours),
        *loss_heads(recording, colours),
    ]
    return _still(recording, colours), tracks


def frame_ms(recording: Recording) -> int:
    """How long a frame stays: the page's speed, where Plotly can keep up."""
    seconds = min(recording.last_step / STEPS_A_SECOND, LONGEST)
    return max(40, round(1000 * seconds / max(1, len(recording.frames) - 1)))


def _still(recording: Recording, colours: Palette) -> list[Any]:
    """What lies under the runs; the first two traces are the sheet and its skirt."""
    traces = _sheet(recording, recording.grounds[-1], colours) + _minima(recording, colours)
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


def _sheet(recording: Recording, ground: Heights, colours: Palette) -> list[Any]:
    """The sheet, its skirt and the axis words; runs that may be below it can be seen through it."""
    made = sheet_traces(ground, colours)
    if recording.is_free:
        made[0]["opacity"] = OPACITY
    return made


_SYMBOLS = {"curve": "circle"}  # a sample of it


def _minima(recording: Recording, colours: Palette) -> list[Any]:
    """The minima on the map with their losses, and lying on the sheet."""
    known, ground = recording.minima, recording.grounds[-1]
    if not known:
        return []
    many = len(known) > MANY_MINIMA
    top = [m["is_global"] for m in known]
    x, y = [m["x"] for m in known], [m["y"] for m in known]
    return [
        go.Scatter(
            x=x, y=y, mode="markers+text", name="minima", hoverinfo="skip",
            text=["" if m["kind"] == "curve" or (many and not m["is_global"])
                  else shown(m["loss"]) for m in known],
            textposition="middle right",
            textfont={"family": FONT, "size": 13, "color": colours.ink},
            marker={
                "symbol": [_SYMBOLS.get(m["kind"]) or ("star" if m["is_global"] else "circle-open")
                           for m in known],
                "size": [5 if m["kind"] == "curve" else 17 if m["is_global"] else 8 if many else 20
                         for m in known],
                "color": colours.ink,
                "line": {"width": [1 if t else 2 for t in top],
                         "color": [colours.paper if t else colours.ink for t in top]},
            },
        ),
        *lying_signs(known, ground, recording.bounds, colours),
    ]  # fmt: skip


def animated_frames(recording: Recording) -> Iterator[dict[str, Any]]:
    """A frame for each of the recording's; with the sheet too when the surface moves.

    Plain values, the same in both themes: Plotly takes longer to check them than we to make them.
    """
    colours = palette(THEMES[0])
    still, tracks = _traces(recording, colours)
    first = len(still)
    kinds = [{"type": track.trace["type"]} for track in tracks]
    numbers = list(range(first, first + len(tracks)))
    for row, ground in zip(recording.frames.tolist(), recording.grounds, strict=True):
        breathe()
        data = [kind | track.at(row) for kind, track in zip(kinds, tracks, strict=True)]
        frame: dict[str, Any] = {"name": str(recording.steps[row]), "data": data, "traces": numbers}
        if recording.moves:
            moved = [{"type": t["type"], "z": t["z"]} for t in sheet_traces(ground, colours)[:2]]
            paths = [{"path": s["path"]} for s in map_shapes(ground, colours, is_filled=True)[1:]]
            frame |= {"data": moved + data, "traces": [0, 1, *numbers],
                      "layout": {"shapes": [{}, *paths]}}  # fmt: skip
        yield frame


def _layout(recording: Recording, colours: Palette) -> dict[str, Any]:
    ground = recording.grounds[-1]
    left, right, low, high = recording.bounds
    per = spans(recording.bounds, recording.has_one_scale)
    font = {"size": 11, "color": colours.ink, "shadow": shadow(colours)}
    seen = {"tickfont": font, "constrain": "domain"}
    across = map_axis("x", left, right, ground.x) | seen | {"domain": [0, MAP_RIGHT]}
    upward = map_axis("y", low, high, ground.y) | seen | {"domain": [ABOVE, 1]}
    if recording.has_one_scale:
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
        "shapes": map_shapes(ground, colours, is_filled=recording.moves),
        "images": [] if recording.moves else [under(ground, per, colours)],
        "scene": scene_layout(recording.bounds, ground.top)
        | {"domain": {"x": [SCENE_LEFT, 1], "y": [ABOVE, 1]}},
        "annotations": _texts(recording, colours),
        **_transport(recording, colours),
        "meta": {"query": recording.query} | ground.meaning,
    }


def _texts(recording: Recording, colours: Palette) -> list[dict[str, Any]]:
    """Title, the heading of the curves, and what became of each run."""
    common = {"xref": "paper", "yref": "paper", "showarrow": False, "xanchor": "left"}
    ink = {"family": FONT, "size": 13, "color": colours.ink}
    lines = [
        f'<span style="color:{colour_of(run, colours)}">{SIGNS[symbol_of(run)]}</span> '
        f"<b>{escaped(name)}</b>  {verdict}"
        for run, (name, verdict) in enumerate(zip(recording.names, recording.verdicts, strict=True))
    ]
    size = 13 if len(lines) <= 8 else 11
    return [
        common | {"x": 0, "y": 1, "yanchor": "bottom", "yshift": 8, "font": ink | {"size": 16},
                  "text": f"<b>{escaped(recording.title)}</b>"},
        common | {"x": 0, "y": BELOW, "yanchor": "bottom", "yshift": 8, "font": ink,
                  "text": f"<b>{recording.curve}</b>"},
        common | {"x": SCENE_LEFT, "y": BELOW, "yanchor": "bottom", "yshift": 8, "font": ink,
                  "text": f"<b>{recording.after}</b>"},
        common | {"x": SCENE_LEFT, "y": BELOW, "yanchor": "top", "align": "left",
                  "font": ink | {"size": size}, "text": "<br>".join(lines)},
    ]  # fmt: skip


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

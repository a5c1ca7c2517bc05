"""`/run.html`: a race or a training as one file that opens anywhere and asks no host for anything.

plotly.js and the figure travel compressed inside the page, which makes it 2 MB instead of 6;
the browser unpacks them. The page's own policy forbids every request.
"""

from __future__ import annotations

import html
import zlib
from base64 import b64encode
from functools import lru_cache
from importlib.metadata import version
from string import Template
from typing import TYPE_CHECKING, Any

from nnopt_viz import __version__
from nnopt_viz.declare.cost import Cost
from nnopt_viz.declare.pace import breathe
from nnopt_viz.figures.animation import animated_figure, animated_frames
from nnopt_viz.figures.palette import palette
from nnopt_viz.figures.plain import as_text
from nnopt_viz.figures.recorded import record
from nnopt_viz.figures.recording import MOST_MARKS
from nnopt_viz.judge import room, work

if TYPE_CHECKING:
    from nnopt_viz.figures.recording import Recording
    from nnopt_viz.lab.lab import Lab
    from nnopt_viz.race.scenario import Scenario

GZIP = 31  # zlib's word for gzip's head and check
PIECE = 1 << 18  # bytes packed at a time
# Measured, in units and bytes: a page, and each of the markers that move on it.
FIGURE, MARK, PAGE_BYTES, MARK_BYTES = 8e8, 1.5e6, 2e7, 4e4
COLOURS = ("paper", "ink", "ink2", "ink3", "hairline", "rail")


def animated_page(what: Scenario | Lab) -> bytes:
    """The page as UTF-8 text, the same bytes for the same race or training.

    Raises:
        TooLargeError: when it moves too many markers.
        PlaneError: when a training's plane does not exist.
    """
    return page_of(record(what))


def page_of(recording: Recording, themes: tuple[str, str] = ("light", "dark")) -> bytes:
    """The page of a recording.

    Args:
        recording: what is shown.
        themes: for readers who prefer light, and for those who prefer dark.
    """
    light, dark = (animated_figure(recording, name, still_only=True).to_dict() for name in themes)
    still = as_text({**light, "dark": differences(light, dark)})
    frames = ",".join(as_text(frame) for frame in animated_frames(recording))
    text = PAGE.substitute(
        heading=html.escape(recording.heading),
        rows="".join(_rows(recording)),
        query=html.escape("?" + recording.query),
        after=recording.after,
        note=html.escape(" ".join([*recording.notes, _left_out(recording)]).strip()),
        version=html.escape(__version__),
        light=_tokens(themes[0]),
        dark=_tokens(themes[1]),
        plotly=_plotly(),
        figure=_packed(f'{still[:-1]},"frames":[{frames}]}}'.encode()),
    )
    return text.encode()


def page_cost(scenario: Scenario) -> Cost:
    """What the page of a race takes, plotly.js packed for the first time among it."""
    marks = min(len(scenario.runs) * scenario.lanes, MOST_MARKS)
    return Cost(
        work.stepping(scenario) + work.judging(scenario) + FIGURE + MARK * marks,
        room.stepping(scenario) + room.judging(scenario) + PAGE_BYTES + MARK_BYTES * marks,
    )


def differences(light: Any, dark: Any, path: tuple[str | int, ...] = ()) -> list[list[Any]]:
    """Where two figures differ and what the second says there: `[[path, value], …]`.

    Data and layout only: frames carry no colours.
    """
    if path == ():
        parts = ("data", "layout")
        return [d for part in parts for d in differences(light[part], dark[part], (part,))]
    if isinstance(light, dict) and isinstance(dark, dict) and light.keys() == dark.keys():
        return [d for k in light for d in differences(light[k], dark[k], (*path, k))]
    if isinstance(light, list | tuple) and len(light) == len(dark):
        pairs = enumerate(zip(light, dark, strict=True))
        return [d for i, (a, b) in pairs for d in differences(a, b, (*path, i))]
    return [] if light == dark else [[list(path), dark]]


def _rows(recording: Recording) -> list[str]:
    """What became of each run, for those who read it or hear it."""
    return [
        f"<tr><th scope='row'>{html.escape(name)}</th><td>{html.escape(verdict)}</td></tr>"
        for name, verdict in zip(recording.names, recording.verdicts, strict=True)
    ]


def _left_out(recording: Recording) -> str:
    """What is left out, in a sentence; empty when nothing is."""
    stride = int(recording.steps[recording.frames[1]])
    parts = [f"A frame is {stride:,} steps" if stride > 1 else ""]
    if not recording.has_trails:
        parts.append("with so many markers no paths are drawn")
    said = "; ".join(part for part in parts if part)
    return f"{said[:1].upper()}{said[1:]}; the outcome counts every step." if said else ""


def _tokens(theme: str) -> str:
    colours = palette(theme)
    return "".join(f"--{name}:{getattr(colours, name)};" for name in COLOURS)


@lru_cache(maxsize=1)
def _plotly() -> str:
    from plotly.offline import get_plotlyjs  # not before it is needed: a server starts without

    return _packed(get_plotlyjs().encode())


def plotly_version() -> str:
    """Of the installed package, whose plotly.js the page carries."""
    return version("plotly")


def _packed(data: bytes) -> str:
    """Compressed, and as text that means nothing to HTML; without a time, so it never varies."""
    packer = zlib.compressobj(9, zlib.DEFLATED, GZIP)
    pieces = []
    for first in range(0, len(data), PIECE):
        breathe()
        pieces.append(packer.compress(data[first : first + PIECE]))
    return b64encode(b"".join([*pieces, packer.flush()])).decode()


PAGE = Template("""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>$heading</title>
<meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; \
script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data: blob:">
<style>
:root{$light}
@media (prefers-color-scheme:dark){:root{$dark}}
body{margin:0 auto;max-width:1200px;padding:16px;background:var(--paper);color:var(--ink);\
font:14px/1.5 Inter,system-ui,sans-serif}
h1{font-size:20px;margin:0 0 8px}
#race{min-height:760px;overflow-x:auto}
#said:not(:empty){padding:12px;background:var(--rail)}
table{border-collapse:collapse;margin:8px 0 16px}
th,td{text-align:left;font-weight:400;padding:4px 16px 4px 0;\
border-bottom:1px solid var(--hairline)}
th{font-weight:600}
.drawn+div{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
code{display:block;overflow-wrap:anywhere;padding:12px;background:var(--rail);\
font:12px/1.6 "JetBrains Mono",ui-monospace,monospace}
footer{margin-top:16px;color:var(--ink3);font-size:12px}
</style>
</head>
<body>
<main>
<h1>$heading</h1>
<p id="said" role="status">Unpacking…</p>
<div id="race" role="img" aria-label="Map, 3D view and loss, animated"></div>
<div><h2 hidden>Outcome</h2>
<table><caption hidden>$after</caption><tbody>$rows</tbody></table></div>
<p>$note Space plays and pauses.</p>
<code>$query</code>
</main>
<footer>Made by nnopt_viz $version. This page is complete in itself and asks no host for \
anything; the query above is all that it takes.</footer>
<script type="text/plain" id="plotly">$plotly</script>
<script type="text/plain" id="figure">$figure</script>
<script>
(async () => {
  const said = document.getElementById("said"), race = document.getElementById("race");
  const unpack = async (id) => {
    const place = document.getElementById(id), text = atob(place.textContent);
    const bytes = Uint8Array.from(text, (c) => c.charCodeAt(0));
    place.remove();
    const plain = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
    return new Response(plain).text();
  };
  if (!window.DecompressionStream) {
    said.textContent = "To play, this needs a browser of 2023 or later. The table has the end.";
    return;
  }
  const [code, text] = await Promise.all(["plotly", "figure"].map(unpack));
  const script = document.createElement("script");
  script.textContent = code;
  document.head.append(script);
  const figure = JSON.parse(text);
  if (matchMedia("(prefers-color-scheme: dark)").matches) {
    for (const [path, value] of figure.dark) {
      const last = path.pop();
      path.reduce((part, key) => part[key], figure)[last] = value;
    }
  }
  said.textContent = "";
  const plays = !matchMedia("(prefers-reduced-motion: reduce)").matches, [first] = figure.frames;
  if (plays) first.traces.forEach((at, i) => Object.assign(figure.data[at], first.data[i]));
  await Plotly.newPlot(race, figure.data, figure.layout,
    {responsive: true, displaylogo: false, displayModeBar: false, scrollZoom: false});
  race.classList.add("drawn"); // it says the outcome: the table is for those who hear it
  await Plotly.addFrames(race, figure.frames);
  const [play, pause] = figure.layout.updatemenus[0].buttons.map((button) => button.args);
  let playing = false;
  const start = () => {
    playing = true;
    Plotly.animate(race, ...play).then(() => (playing = false), () => (playing = false));
  };
  document.addEventListener("keydown", (event) => {
    if (event.key !== " ") return;
    event.preventDefault();
    if (playing) Plotly.animate(race, ...pause).catch(() => {});
    else start();
  });
  race.on("plotly_animationinterrupted", () => (playing = false));
  if (plays) start();
})();
</script>
</body>
</html>
""")

"""Share, Present and what a link says of both, in a real Chromium."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

import pytest

from nnopt_viz.query.grammar import percent_encode
from nnopt_viz.query.viewing import GROUPS, SHOWN, VIEWING, read_viewing, write_viewing

if TYPE_CHECKING:
    from tests.support.visit import Visit

pytestmark = pytest.mark.browser

SIGNS = "aZ0 _-.~!$()*,/:;=?@'\"&+%#<>[]{}|\\^`é→😀"
WRITE = """async (all) => {
  const { text } = await import(document.querySelector("script[src*='main.mjs']").src
    .replace("main.mjs", "page/viewing.mjs"));
  return all.map((one) => text(one));
}"""


def some_viewing(draw: random.Random) -> str:
    """An address' viewing keys, each there or not, with any of the values it may have."""

    def words(most: int) -> str:
        return "".join(draw.choices(SIGNS, k=draw.randint(1, most)))

    def number() -> float:
        return round(draw.uniform(-9, 9) * 10.0 ** draw.randint(-9, 18), draw.randint(0, 12))

    x = sorted((number(), number()))
    parts = [
        f"x=({x[0]!r},{x[1]!r})", f"height={draw.choice(['log', 'linear'])}",
        f"levels={draw.randint(2, 60)}", f"arrows={draw.choice(['true', 'false'])}",
        "eye=(0.1,-1e-7,2.5)", f"shows={draw.choice(SHOWN)}",
    ]  # fmt: skip
    values = {
        "title": words(80), "note": words(200),
        "names": ",".join(words(9).replace(",", "") for _ in range(draw.randint(1, 5))),
        "styles": ",".join(map(str, draw.sample(range(1, 13), draw.randint(1, 12)))),
        "view": f"map({','.join(draw.sample(parts, draw.randint(1, 6)))})",
        "at": draw.choice(["0", "40", "end", "7,play", "end,play"]), "present": "true",
        "knobs": "lr,surface.tilt", "hide": ",".join(draw.sample(list(GROUPS), 3)),
    }  # fmt: skip
    chosen = draw.sample(list(values), draw.randint(1, len(values)))
    return "&".join(f"{name}={percent_encode(values[name])}" for name in chosen)


def test_both_writers_write_the_same(visit: Visit) -> None:
    draw = random.Random(16)
    texts = [f"{key.name}={percent_encode(key.example)}" for key in VIEWING.values()]
    texts += ["&".join(texts), "view=map(arrows=false)", "names=,second", "at=0"]
    texts += [some_viewing(draw) for _ in range(300)]
    read: list[Any] = [read_viewing(text)[0] for text in texts]
    page = visit.load("surface=bowl&run=sgd(lr=0.1)&steps=3")
    assert page.evaluate(WRITE, read) == [write_viewing(one) for one in read]

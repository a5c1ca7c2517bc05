"""What is drawn, in a real Chromium: the 3D overlay, hover, limits, tabs, no WebGL."""

from __future__ import annotations

import base64
from re import search
from typing import TYPE_CHECKING
from urllib.parse import unquote

import pytest
from playwright.sync_api import Browser, expect

from tests.support.chromium import QUIET
from tests.support.visit import Visit, until

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page

pytestmark = pytest.mark.browser

MAP, SCENE = (f"document.querySelector('#{name} .js-plotly-plot')" for name in ("map", "scene"))
RACE = "surface=himmelblau(tilt=0.5)&run=sgd(lr=0.002)&run=adam(lr=0.2)&start=0,-3&steps=60"
TWELVE = "&".join(
    f"run={name}(lr=0.002)"
    for name in ("sgd", "momentum", "nesterov", "adagrad", "adadelta", "rmsprop", "adam",
                 "amsgrad", "adamw", "adamax", "nadam", "radam")
)  # fmt: skip

# The middle of all pixels of one pure colour in a screenshot, in CSS pixels.
FIND = """async ([url, ratio]) => {
  const picture = new Image(); picture.src = url; await picture.decode();
  const canvas = Object.assign(document.createElement("canvas"),
    {width: picture.width, height: picture.height});
  const ctx = canvas.getContext("2d", {willReadFrequently: true});
  ctx.drawImage(picture, 0, 0);
  const {data, width} = ctx.getImageData(0, 0, canvas.width, canvas.height);
  let x = 0, y = 0, n = 0;
  for (let i = 0; i < data.length; i += 4)
    if (data[i] > 230 && data[i + 1] < 40 && data[i + 2] > 230) {
      x += (i / 4) % width; y += Math.floor(i / 4 / width); n += 1;
    }
  return n ? {x: x / n / ratio, y: y / n / ratio, n} : null;
}"""
MARK = """([x, y, z]) => Plotly.addTraces(document.querySelector("#scene .js-plotly-plot"),
  {type: "scatter3d", mode: "markers", x: [x], y: [y], z: [z], hoverinfo: "skip",
   marker: {size: 14, color: "rgb(255,0,255)", line: {width: 0}}})"""


def magenta(page: Page) -> dict[str, float] | None:
    shot = base64.b64encode(page.screenshot()).decode()
    found: dict[str, float] | None = page.evaluate(FIND, [f"data:image/png;base64,{shot}", 1])
    return found


def test_the_pixel_we_project_to_is_where_plotly_draws(visit: Visit) -> None:
    visit.is_altered = True
    page = visit.open(RACE)
    until(lambda: page.evaluate(f"{SCENE}?.layout?.meta?.top"))  # it would take the marks away
    page.evaluate("nnopt.pause()")
    for eye in (None, {"x": -0.9, "y": -0.7, "z": 1.2}):
        if eye:
            page.evaluate(f"eye => Plotly.relayout({SCENE}, {{'scene.camera.eye': eye}})", eye)
        for point in ([-2.0, 2.0, 3.4], [2.0, -2.0, 3.4], [0.5, 0.0, 3.4]):
            page.evaluate(MARK, point)
            until(lambda: magenta(page))
            drawn = magenta(page)
            x, y = visit.place(f"project3d(...{point})")
            assert drawn is not None
            # the marker is some ten pixels wide; its middle is found to a fraction of one
            assert drawn["x"] == pytest.approx(x, abs=1.5)
            assert drawn["y"] == pytest.approx(y, abs=1.5)
            page.evaluate(f"() => Plotly.deleteTraces({SCENE}, {SCENE}.data.length - 1)")
            until(lambda: magenta(page) is None)


@pytest.mark.parametrize("steps", [7, 7500, 19_999])
def test_a_curve_ends_at_the_last_step_however_many_there_are(visit: Visit, steps: int) -> None:
    page = visit.open(f"surface=bowl&run=sgd(lr=0.1)&start=1,1&steps={steps}")
    until(lambda: visit.state()["complete"])
    graph = "document.querySelector('#curves .js-plotly-plot')"
    until(lambda: page.evaluate(f"{graph}?._fullLayout?.xaxis?.range?.[1] === {steps}"))
    page.evaluate("() => { nnopt.pause(); nnopt.end(); }")
    visit.frames(2)
    edge = page.evaluate(
        f"(() => {{ const {{_offset: a, _length: b}} = {graph}._fullLayout.xaxis;"
        f"return {graph}.getBoundingClientRect().left + a + b; }})()"
    )
    assert visit.place(f"locate('curves', 0, 0, {steps}, false)")[0] == pytest.approx(edge, abs=0.5)


def tip_at(visit: Visit, view: str, run: int, row: int, answer: str = "false") -> str:
    """The tooltip's text with the pointer on a recorded point, wherever it is drawn by now."""
    page = visit.page
    x, y = visit.place(f"locate('{view}', {run}, 0, {row}, {answer})")
    page.mouse.move(x + 30, y + 30)
    page.mouse.move(x, y, steps=3)
    visit.frames(3)
    tip = page.locator(f"#{view}-stage > .nn-tip")
    return tip.inner_text() if tip.is_visible() else ""


@pytest.mark.parametrize("view", ["map", "scene", "curves"])
def test_hover_names_the_right_point_playing_and_paused(visit: Visit, view: str) -> None:
    page = visit.open(RACE)
    until(lambda: visit.state()["complete"])
    graph = f"document.querySelector('#{view} .js-plotly-plot')"
    until(lambda: page.evaluate(f"{graph}?.layout?.uirevision"))  # the figure has come
    page.evaluate("() => { nnopt.pause(); nnopt.seek(60); }")
    for is_playing in (False, True):
        if is_playing:
            page.evaluate("() => { nnopt.speed(0.25); nnopt.seek(8); nnopt.play(); }")
        for run, name, row in ((0, "sgd", 4), (1, "adam", 6)):
            words = [name] if is_playing else [name, f"{row}"]
            until(
                lambda at=(run, row), words=words: all(w in tip_at(visit, view, *at) for w in words)
            )


AVERAGING = "surface=himmelblau&run=schedule_free_sgd(lr=0.02,beta1=0.3)&run=sgd(lr=0.002)&noise=20"


@pytest.mark.parametrize("view", ["map", "scene"])
def test_the_answer_beside_a_path_is_drawn_and_named(visit: Visit, view: str) -> None:
    page = visit.open(AVERAGING)
    until(lambda: visit.state()["complete"])
    page.evaluate("() => { nnopt.pause(); nnopt.seek(10); }")
    expect(page.locator("#map-key")).to_contain_text("dashed: the answer")
    named = "schedule_free_sgd: the answer"
    until(lambda: named in tip_at(visit, view, 0, 10, answer="true"))


def test_the_overlay_follows_zoom_and_resize(visit: Visit) -> None:
    visit.is_altered = True
    page = visit.open(RACE)
    page.evaluate("nnopt.pause()")
    until(lambda: page.evaluate(f"{MAP}?.layout?.meta?.top"))  # the figure has come
    page.evaluate(
        "() => Plotly.relayout(document.querySelector('#map .js-plotly-plot'),"
        " {'xaxis.range': [-1, 3], 'yaxis.range': [-1, 3]})"
    )

    def off_the_middle() -> float:
        """How far the middle of the data is from that of the map, in px."""
        box = page.locator("#map-stage").bounding_box()
        assert box is not None
        return abs(visit.place("project2d(1, 1)")[0] - box["x"] - box["width"] / 2)

    until(lambda: off_the_middle() < 2)
    before = visit.place("project2d(1, 1)")[0]
    page.set_viewport_size({"width": 1200, "height": 900})
    until(lambda: abs(visit.place("project2d(1, 1)")[0] - before) > 20)
    until(lambda: off_the_middle() < 2)


@pytest.mark.parametrize(
    "query",
    [
        f"surface=himmelblau&{TWELVE}&steps=20000",
        f"surface=himmelblau&{TWELVE}&start=random(n=4096)&steps=100",
        "surface=rosenbrock&run=adam(lr=0.02)&start=grid(n=64)&steps=1000",
    ],
)
def test_the_limits_stream_and_play(visit: Visit, query: str) -> None:
    page = visit.open(query)
    until(lambda: visit.state()["step"] > 3)
    until(lambda: visit.state()["complete"])
    until(lambda: len(visit.state()["frameMs"]) > 20)
    page.evaluate("nnopt.end()")
    until(lambda: visit.state()["step"] == visit.state()["steps"])
    if "n=4096" in query:
        expect(page.locator("#outcome")).to_contain_text("starting points")


KNOB = "surface=rosenbrock(b=50)&run=adam(lr=0.02)&steps=40"
WEBGL = """
window.contexts = [];
const get = HTMLCanvasElement.prototype.getContext;
HTMLCanvasElement.prototype.getContext = function (kind, ...more) {
  const made = get.call(this, kind, ...more);
  if (/webgl/.test(kind) && made && !contexts.includes(made)) contexts.push(made);
  return made;
};
"""


def shows_what_it_says(visit: Visit) -> bool:
    """Do map and 3D view show the surface of the address?"""
    asked = f"'/figures.json?{visit.query.split('&')[0]}'"
    top = visit.page.evaluate(f"async () => (await (await fetch({asked})).json()).facts.top")
    return all(visit.page.evaluate(f"{plot}.layout.meta.top") == top for plot in (MAP, SCENE))


def test_map_and_scene_follow_a_knob_while_it_slides(visit: Visit) -> None:
    visit.is_altered = True
    page = visit.open(KNOB)
    top = f"{MAP}.layout.meta?.top"
    until(lambda: page.evaluate(top) and page.evaluate(f"{SCENE}?.layout.meta?.top"))
    before = page.evaluate(top)
    visit.requests.clear()
    slider = page.locator("#surface-panel [role=slider]").nth(1)
    box = slider.bounding_box()
    assert box
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    tools = visit.context.new_cdp_session(page)
    tools.send("Emulation.setCPUThrottlingRate", {"rate": 4})  # controls tell of it late
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x - 25, y, steps=4)
    until(lambda: page.evaluate(top) != before)  # while the button is still down
    page.mouse.up()
    until(lambda: "rosenbrock(b=50)" not in visit.query and shows_what_it_says(visit))
    tools.send("Emulation.setCPUThrottlingRate", {"rate": 1})
    asked = [search(r"run\.bin\?.*\(b=([\d.]+)\)", unquote(url)) for url in visit.requests]
    values = [float(found[1]) for found in asked if found]
    assert values == sorted(values, reverse=True)  # nothing a control was told comes back
    page.set_viewport_size({"width": 1200, "height": 860})
    visit.rest()
    assert shows_what_it_says(visit)  # Dash has no older figure to fall back to
    assert not [url for url in visit.requests if "_dash-update" in url]


def test_many_exchanges_keep_camera_contexts_and_nodes(fresh: Callable[..., Visit]) -> None:
    visit = fresh()
    visit.page.add_init_script(WEBGL)
    page = visit.load(KNOB)
    until(lambda: page.evaluate(f"{SCENE}?._fullLayout?.scene?._scene?.glplot?.objects?.length"))
    page.evaluate("nnopt.pause()")
    page.evaluate(f"Plotly.relayout({SCENE}, {{'scene.camera.eye': {{x: -1, y: -1, z: 1}}}})")
    eye = f"{SCENE}._fullLayout.scene._scene.getCamera().eye"
    until(lambda: page.evaluate(eye) == pytest.approx({"x": -1, "y": -1, "z": 1}, abs=1e-6))
    exchange = """async (times) => {
      const main = document.querySelector("script[src$='/main.mjs']").src;
      const {figures, morph} = await import(new URL("page/figures.mjs", main));
      for (let i = 0; i < times; i++)
        if (!(await morph(await figures(`surface=rosenbrock(b=${50 + i % 3})`, "light")))) return 0;
      return document.querySelectorAll("*").length;
    }"""
    nodes = page.evaluate(exchange, 3)
    assert nodes
    assert page.evaluate(exchange, 12) <= nodes + 20
    assert page.evaluate(eye) == pytest.approx({"x": -1, "y": -1, "z": 1}, abs=1e-6)
    assert page.evaluate("contexts.filter((one) => !one.isContextLost()).length") == 1
    assert (
        page.evaluate(f"{SCENE}._fullLayout.scene._scene.glplot.objects.some(o => o.pickSlots)")
        is False
    )


def test_figures_that_do_not_come_leave_the_old_ones_until_they_do(visit: Visit) -> None:
    visit.is_altered = True  # its requests are stopped
    page = visit.open(KNOB)
    until(lambda: page.evaluate(f"{MAP}?.layout.meta?.top"))
    before = page.evaluate(f"{MAP}.layout.meta.top")
    page.route("**/figures.json*", lambda route: route.abort())
    page.locator("#surface-panel input").nth(1).fill("3")
    expect(page.locator(".server-line")).to_contain_text("The connection broke off.")
    assert page.evaluate(f"{MAP}.layout.meta.top") == before
    page.unroute("**/figures.json*")
    until(lambda: page.evaluate(f"{MAP}.layout.meta.top") != before)  # asked again by itself
    visit.faults.clear()  # Chromium reports the failed request


def test_two_tabs_do_not_disturb_each_other(visit: Visit, fresh: Callable[..., Visit]) -> None:
    first, second = visit, fresh()
    first.open(RACE)
    second.load("surface=booth&run=sgd(lr=0.01)&steps=50")
    assert first.state()["query"] != second.state()["query"]
    until(lambda: first.state()["complete"] and second.state()["complete"])
    assert first.query.startswith("surface=himmelblau")
    assert second.query.startswith("surface=booth")


def test_without_webgl_the_page_says_so_and_plays(
    launch: Callable[..., Browser], site: str
) -> None:
    browser = launch([*QUIET, "--disable-3d-apis"])
    visit = Visit(browser.new_context(), site)
    page = visit.load(RACE)
    until(lambda: visit.state()["step"] > 3)
    expect(page.locator("#notice")).to_contain_text("WebGL")
    browser.close()


def test_pictures_are_made_from_real_traces(visit: Visit) -> None:
    page = visit.open(RACE)
    until(lambda: visit.state()["complete"])
    page.evaluate("() => { nnopt.pause(); nnopt.end(); }")
    for view, kind in (("map", "png"), ("scene", "png"), ("map", "svg")):
        with page.expect_download() as download:
            page.evaluate(f"nnopt.exportPicture('{view}', '{kind}').then(() => null)")
        content = download.value.path().read_bytes()
        assert len(content) > 10_000
        assert content.startswith(b"\x89PNG" if kind == "png" else b"<svg")

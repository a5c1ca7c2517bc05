"""Every export taken from the menu, opened again and checked."""

from __future__ import annotations

import base64
import io
import json
import struct
import subprocess
import sys
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote
from xml.etree import ElementTree as ET

import numpy as np
import pandas as pd
import pytest
from playwright.sync_api import expect

from nnopt_viz.deliver.frame import trajectory
from nnopt_viz.figures.palette import PALETTES
from tests.support.visit import FRAMES, until

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from playwright.sync_api import Browser, BrowserContext, Page

    from tests.support.visit import Visit

pytestmark = pytest.mark.browser

RACE = "surface=himmelblau(tilt=0.5)&run=sgd(lr=0.002)&run=adam(lr=0.2)&start=0,-3&steps=40"
BRIEF = RACE.replace("steps=40", "steps=16")  # a frame takes a second or so in software WebGL
TRAINING = "net=mlp&data=moons(n=160)&run=sgd(lr=0.1)&run=adam(lr=0.02)&epochs=4"
RUNS = PALETTES["light"].runs[:2]
RGB = [tuple(int(colour[i : i + 2], 16) for i in (1, 3, 5)) for colour in RUNS]
# How many colours a picture has, and how many pixels are near each given one.
COLOURS = """async ([url, wanted]) => {
  const picture = new Image();
  picture.src = url;
  await picture.decode();
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [picture.width, picture.height];
  const ctx = canvas.getContext("2d", {willReadFrequently: true});
  ctx.drawImage(picture, 0, 0);
  const {data} = ctx.getImageData(0, 0, canvas.width, canvas.height);
  const seen = new Set(), near = wanted.map(() => 0);
  for (let i = 0; i < data.length; i += 4) {
    seen.add((data[i] << 16) | (data[i + 1] << 8) | data[i + 2]);
    wanted.forEach((c, k) => {
      const off = [0, 1, 2].reduce((sum, j) => sum + Math.abs(data[i + j] - c[j]), 0);
      if (off < 24) near[k] += 1;
    });
  }
  return {width: picture.width, colours: seen.size, near};
}"""
# A picture as a data URL: of [view, format, size].
TAKEN = """async ([view, format, size]) => {
  const {name, blob} = await nnopt.exportPicture(view, format, {size, save: false});
  const reader = new FileReader();
  await new Promise((done) => { reader.onload = done; reader.readAsDataURL(blob); });
  return {name, url: reader.result};
}"""
# How long a film is, its size, and its first and last pictures.
FILMED = """async (url) => {
  const video = document.createElement("video");
  video.muted = true;
  video.src = url;
  await new Promise((done, fail) => {
    video.onloadeddata = done;
    video.onerror = () => fail(video.error);
  });
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [video.videoWidth, video.videoHeight];
  const ctx = canvas.getContext("2d"), shots = [];
  for (const at of [0, video.duration - 0.3]) {
    await new Promise((done) => { video.onseeked = done; video.currentTime = at; });
    let shot = null; // "seeked" may come before the picture that was sought is there
    for (let frame = 0; frame < 600 && (shot === null || shot === shots[0]); frame++) {
      await new Promise(requestAnimationFrame);
      ctx.drawImage(video, 0, 0);
      shot = canvas.toDataURL();
    }
    shots.push(shot);
  }
  return {duration: video.duration, width: video.videoWidth, height: video.videoHeight, shots};
}"""
WATCH = """
window.moved = [];
addEventListener("DOMContentLoaded", () => {
  const race = document.getElementById("race");
  const look = () => {
    if (!race.on) return setTimeout(look, 5);
    race.on("plotly_animatingframe", ({name}) => {
      const points = [...race.querySelectorAll(".scatterlayer .point")];
      const places = points.map((point) => point.getAttribute("transform")).join();
      const drawn = race.data.map(({mode, x}) => (mode === "lines" ? x.length : 0));
      window.moved.push([performance.now(), name, places, drawn.reduce((a, b) => a + b, 0)]);
    });
  };
  look();
});
"""


def ready(visit: Visit, query: str = RACE) -> Page:
    """The page with the whole race or training, its figures drawn, paused at the end."""
    page = visit.open(query)
    until(lambda: visit.state()["complete"])
    for view in ("map", "scene"):
        graph = f"document.querySelector('#{view} .js-plotly-plot')"
        until(lambda graph=graph: page.evaluate(f"{graph}?.layout?.meta?.top"))
    page.evaluate("nnopt.end()")
    until(lambda: visit.state()["step"] == visit.state()["steps"])
    visit.rest()
    return page


def take(page: Page, item: str, folder: Path) -> Path:
    """Choose an item of the menu with the keyboard alone; the file it gives."""
    page.get_by_role("button", name="Export").focus()
    page.keyboard.press("Enter")
    wanted = page.get_by_role("menuitem", name=item, exact=True)
    expect(wanted).to_be_visible()
    until(lambda: page.evaluate("document.activeElement.closest('[role=menu]') !== null"))
    for _ in range(20):
        page.keyboard.press("ArrowDown")
        if wanted.evaluate("item => item === document.activeElement"):
            break
    expect(wanted).to_be_focused()
    with page.expect_download() as given:
        page.keyboard.press("Enter")
    path = folder / given.value.suggested_filename
    given.value.save_as(path)
    return path


def as_url(path: Path, kind: str) -> str:
    return f"data:{kind};base64,{base64.b64encode(path.read_bytes()).decode()}"


def choose(page: Page, item: str, chosen: tuple[str, ...], step: int | None = None) -> None:
    """Open a dialog of the menu and choose in it, with the keyboard alone, up to "Save"."""
    page.get_by_role("button", name="Export").focus()
    page.keyboard.press("Enter")
    wanted = page.get_by_role("menuitem", name=item, exact=True)
    expect(wanted).to_be_visible()
    until(lambda: page.evaluate("document.activeElement.closest('[role=menu]') !== null"))
    for _ in range(20):
        page.keyboard.press("ArrowDown")
        if wanted.evaluate("item => item === document.activeElement"):
            break
    expect(wanted).to_be_focused()
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog", name=item.removesuffix(" …"))
    expect(dialog).to_be_visible()
    for choice in chosen:
        radio = dialog.get_by_role("radio", name=choice, exact=True)
        radio.focus()
        page.keyboard.press(" ")
        expect(radio).to_be_checked()
    if step is not None:
        dialog.get_by_label("At step").fill(str(step))
    dialog.get_by_role("button", name="Save").focus()


def saved(page: Page, folder: Path) -> Path:
    """What comes of pressing the button that has the focus."""
    with page.expect_download() as given:
        page.keyboard.press("Enter")
    path = folder / given.value.suggested_filename
    given.value.save_as(path)
    return path


def picture(page: Page, folder: Path, *chosen: str, step: int | None = None) -> Path:
    choose(page, "A picture …", chosen, step)
    return saved(page, folder)


@pytest.mark.parametrize(
    ("view", "size", "name", "shape"),
    [
        ("Map", "3840×2160", "himmelblau-map.png", (3840, 2160)),
        ("3D view", "square", "himmelblau-scene.png", (1080, 1080)),
        ("Curves", "1920×1080", "himmelblau-loss.png", (1920, 1080)),
        ("All of it", "1920×1080", "himmelblau-race.png", (1920, 1080)),
    ],
)
def test_a_picture_has_its_size_and_shows_the_runs(
    visit: Visit, tmp_path: Path, view: str, size: str, name: str, shape: tuple[int, int]
) -> None:
    path = picture(ready(visit), tmp_path, view, size)
    assert path.name == name
    assert struct.unpack(">II", path.read_bytes()[16:24]) == shape
    seen = visit.page.evaluate(COLOURS, [as_url(path, "image/png"), RGB])
    assert seen["colours"] > 30
    assert min(seen["near"]) > 100
    expect(visit.page.locator("#notice")).to_contain_text(name)
    expect(visit.page.locator(".nn-twin")).to_have_count(0)


def test_a_picture_is_of_the_step_asked_for(visit: Visit, tmp_path: Path) -> None:
    page = ready(visit)
    first, last = (picture(page, tmp_path, "Map", step=step).read_bytes() for step in (3, 40))
    assert first != last
    assert visit.state()["step"] == 40  # the page stays where it was


@pytest.mark.parametrize("view", ["Map", "Curves"])
def test_a_vector_picture_names_what_it_shows(visit: Visit, tmp_path: Path, view: str) -> None:
    path = picture(ready(visit), tmp_path, view, "SVG", step=12)
    root = ET.fromstring(path.read_text())  # what we have just made ourselves
    assert root.tag.endswith("svg")
    assert (root.get("width"), root.get("height")) == ("1920", "1080")
    styles = [node.get("style", "") for node in root.iter() if node.tag.endswith("path")]
    for rgb in RGB:
        assert any(f"stroke: rgb{rgb}" in style for style in styles), rgb
    words = "".join(root.itertext())
    assert "sgd and adam on himmelblau(tilt=0.5)" in words
    assert "step 12 of 40" in words
    assert "every" not in words  # the dots are not in it
    assert ("start" if view == "Map" else "Loss at each step") in words


def test_a_picture_has_the_links_title_and_the_runs_names(visit: Visit, tmp_path: Path) -> None:
    page = ready(visit, f"{RACE}&title=Four%20fates&names=slow,")
    path = picture(page, tmp_path, "Map", "SVG")
    words = "".join(ET.fromstring(path.read_text()).itertext())
    assert "Four fates" in words
    assert "slow" in words
    assert "sgd and adam on" not in words


def test_of_the_3d_view_there_is_no_vector_picture(visit: Visit, tmp_path: Path) -> None:
    page = ready(visit)
    choose(page, "A picture …", ("3D view",))
    dialog = page.get_by_role("dialog", name="A picture")
    dialog.get_by_role("radio", name="SVG").focus()
    page.keyboard.press(" ")
    expect(dialog.get_by_role("status")).to_contain_text("it comes as PNG")
    expect(dialog.get_by_role("radio", name="PNG")).to_be_checked()
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    expect(page.get_by_role("button", name="Export")).to_be_focused()


@pytest.mark.parametrize("kind", ["WebM", "MP4"])
def test_a_film_has_its_length_and_moves(
    visit: Visit, chromium: Browser, tmp_path: Path, kind: str
) -> None:
    page = ready(visit)
    if kind.lower() not in page.evaluate("nnopt.filmKinds()"):
        pytest.skip(f"this Chromium encodes no {kind}")
    choose(page, "A film …", (kind, "5 s"))
    # As in a hidden tab: no frame comes, and timers sleep.
    page.evaluate("""() => {
      window.frames = [window.requestAnimationFrame, window.setTimeout];
      window.requestAnimationFrame = () => 0;
    }""")
    path = saved(page, tmp_path)
    page.evaluate("() => { window.requestAnimationFrame = window.frames[0]; }")
    assert path.name == f"himmelblau-race.{kind.lower()}"
    expect(page.locator("#notice")).to_contain_text(f"The film is saved as {path.name}: 5 seconds")
    expect(page.locator(".film")).to_have_count(0)
    visit.is_altered = True
    elsewhere = chromium.new_page()
    facts = elsewhere.evaluate(FILMED, as_url(path, f"video/{kind.lower()}"))
    assert 4.9 < facts["duration"] < 5.1
    assert (facts["width"], facts["height"]) == (1280, 720)
    first, last = facts["shots"]
    assert first != last
    seen = elsewhere.evaluate(COLOURS, [last, RGB])
    assert seen["colours"] > 100
    assert max(seen["near"]) > 100  # video blurs colours
    elsewhere.close()


def test_a_gif_has_its_size_and_moves(visit: Visit, tmp_path: Path) -> None:
    page = ready(visit)
    choose(page, "A film …", ("GIF", "5 s"))
    path = saved(page, tmp_path)
    gif = path.read_bytes()
    assert gif.startswith(b"GIF89a")
    assert struct.unpack("<HH", gif[6:10]) == (960, 540)
    frames = gif_frames(gif)
    assert len(frames) == 100  # 20 a second
    assert {delay for delay, _ in frames[:-1]} == {5}
    assert len({part for _, part in frames}) > 50
    seen = page.evaluate(COLOURS, [as_url(path, "image/gif"), RGB])  # its first frame
    assert (seen["width"], min(seen["near"]) > 30) == (960, True)


def gif_frames(gif: bytes) -> list[tuple[int, bytes]]:
    """Delay in 1/100 s and the data of each picture."""
    at = 13 + 3 * 2 ** ((gif[10] & 7) + 1)
    delay, made = 0, []
    while gif[at] != 0x3B:
        is_picture = gif[at] == 0x2C
        if gif[at : at + 2] == b"\x21\xf9":
            (delay,) = struct.unpack("<H", gif[at + 4 : at + 6])
        if is_picture:
            assert gif[at + 9] & 0x80 == 0  # all frames share one palette
        begin = at = at + (11 if is_picture else 2)
        while gif[at]:
            at += gif[at] + 1
        at += 1
        if is_picture:
            made.append((delay, gif[begin:at]))
    return made


def test_a_film_can_be_cancelled(visit: Visit) -> None:
    page = ready(visit, RACE.replace("steps=40", "steps=400"))
    choose(page, "A film …", ("20 s", "1920×1080"))
    page.keyboard.press("Enter")
    expect(page.get_by_role("progressbar", name="How much of the film is made")).to_be_visible()
    expect(page.get_by_role("button", name="Cancel")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("#notice")).to_contain_text("cancelled")
    expect(page.locator(".film")).to_have_count(0)
    expect(page.locator(".nn-twin")).to_have_count(0)
    expect(page.get_by_role("button", name="Export")).to_be_focused()


def test_where_no_video_can_be_encoded_a_gif_is_offered(
    fresh: Callable[..., Visit], tmp_path: Path
) -> None:
    visit = fresh()
    visit.page.add_init_script("delete window.VideoEncoder")  # as on pages without https
    page = ready(visit, BRIEF)
    choose(page, "A film …", ("5 s",))
    dialog = page.get_by_role("dialog", name="A film")
    expect(dialog.get_by_role("radio", name="GIF")).to_be_checked()
    expect(dialog.get_by_role("radio", name="WebM")).to_have_count(0)
    expect(dialog.get_by_role("status")).to_contain_text("encodes no WebM and no MP4")
    assert saved(page, tmp_path).name == "himmelblau-race.gif"


@pytest.mark.parametrize(
    ("scheme", "query"), [("light", BRIEF), ("dark", BRIEF), ("light", TRAINING)]
)
def test_the_page_plays_offline_and_asks_no_host(
    visit: Visit, chromium: Browser, tmp_path: Path, scheme: str, query: str
) -> None:
    path = take(ready(visit, query), "One animated page, HTML", tmp_path)
    assert path.name == "run.html"
    fresh = chromium.new_context(offline=True, color_scheme=scheme)
    page, asked, faults = fresh.new_page(), [], []
    page.on("request", lambda request: asked.append(request.url))
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda said: faults.append(said.text) if said.type == "error" else None)
    page.add_init_script(WATCH)
    page.goto(path.as_uri())
    until(lambda: len(page.evaluate("moved")) > 4)
    moved = page.evaluate("moved")
    assert len({places for _, _, places, _ in moved}) > 2
    sys.stderr.write(f"the page's first frame came {moved[0][0]:.0f} ms after it was opened\n")
    until(lambda: page.evaluate("moved.at(-1)[1]") == "16")
    drawn = page.evaluate("moved.map((one) => one[3])")
    assert drawn == sorted(drawn)
    assert drawn[-1] > 2 * drawn[0]  # map, 3D view and curves grow
    assert page.locator("tr").count() == 2  # for those who hear it: once it is seen
    box = page.locator(".drawn + div").bounding_box()
    assert box is not None
    assert max(box["width"], box["height"]) <= 1
    assert unquote(visit.query) in page.locator("code").inner_text()
    shot = base64.b64encode(page.screenshot()).decode()
    colours = PALETTES[scheme].runs[:2]
    wanted = [tuple(int(colour[i : i + 2], 16) for i in (1, 3, 5)) for colour in colours]
    seen = visit.page.evaluate(COLOURS, [f"data:image/png;base64,{shot}", wanted])
    assert seen["colours"] > 100
    assert min(seen["near"]) > 100
    expect(page.get_by_text("Pause").first).to_be_visible()  # Plotly's own button
    page.keyboard.press(" ")
    before = len(page.evaluate("moved"))
    until(lambda: len(page.evaluate("moved")) > before)
    assert [url for url in asked if not url.startswith(("data:", "blob:"))] == [path.as_uri()]
    assert faults == []
    fresh.close()


def test_with_reduced_motion_the_page_waits_at_the_end(
    visit: Visit, chromium: Browser, tmp_path: Path
) -> None:
    path = take(ready(visit, BRIEF), "One animated page, HTML", tmp_path)
    fresh = chromium.new_context(offline=True, reduced_motion="reduce")
    page = fresh.new_page()
    page.add_init_script(WATCH)
    page.goto(path.as_uri())
    until(lambda: page.locator("#race .scatterlayer .point").count() > 2)
    page.evaluate(FRAMES, 40)
    assert page.evaluate("moved") == []
    fresh.close()


@pytest.mark.parametrize("kind", ["CSV", "JSON", "Parquet"])
def test_numbers_read_back_as_the_trajectory(visit: Visit, tmp_path: Path, kind: str) -> None:
    path = take(ready(visit), f"Recorded steps as {kind}", tmp_path)
    table = trajectory(RACE)
    if kind == "CSV":
        back = pd.read_csv(path)
    elif kind == "JSON":
        back = pd.DataFrame(json.loads(path.read_bytes())["rows"])
    else:
        back = pd.read_parquet(path)
    assert list(back.columns) == list(table.columns)
    for name in table.columns.drop("optimizer"):
        np.testing.assert_array_equal(back[name].to_numpy(), table[name].to_numpy())


def test_the_copied_python_gives_the_same_numbers(visit: Visit, context: BrowserContext) -> None:
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    page = ready(visit)
    page.get_by_role("button", name="Export").click()
    page.get_by_role("menuitem", name="Copy as Python").click()
    expect(page.locator("#notice")).to_contain_text("Copied")
    code = page.evaluate("navigator.clipboard.readText()")
    code += "\nimport sys; sys.stdout.flush(); print('---'); print(table.to_csv(index=False))"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    back = pd.read_csv(io.StringIO(run.stdout.split("---\n")[1]))
    pd.testing.assert_frame_equal(
        back, trajectory(RACE).astype({"optimizer": "str"}), check_dtype=False
    )


def test_what_is_too_large_says_so_and_offers_the_smaller(visit: Visit) -> None:
    page = visit.open("start=grid(n=40)&steps=300")
    until(lambda: visit.state()["complete"])
    page.get_by_role("button", name="Export").click()
    items: Any = page.get_by_role("menuitem")
    json_item = items.filter(has_text="Recorded steps as JSON")
    expect(json_item).to_contain_text("481,600 rows, JSON holds 200,000: take CSV")
    expect(json_item).to_be_disabled()
    expect(items.filter(has_text="One animated page")).to_contain_text("1,600 markers")
    expect(items.filter(has_text="Recorded steps as CSV")).to_be_enabled()

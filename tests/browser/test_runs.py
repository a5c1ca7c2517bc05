"""Runs keep who they are, in a real Chromium: colours, names, copies, sweeps, menus, tables."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.support.visit import until

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page

    from tests.support.visit import Visit

pytestmark = pytest.mark.browser

START = "surface=himmelblau(tilt=0.5)&start=0,-3&steps=60"
THREE = f"{START}&run=sgd(lr=0.002)&run=momentum(lr=0.002)&run=adam(lr=0.2)"
ONE = f"{START}&run=adam(lr=0.2)"
LONG = (
    f"{START}&run=adam(lr=0.02,noise=gaussian(scale=0.3))"
    "&run=adam(lr=0.02,noise=gaussian(scale=0.5),clip_norm=0.5)&run=sgd(lr=0.001)"
    "&names=,,A%20name%20of%20just%20forty%20characters%20in%20all"
)
# Is a run's colour under its head on the map?
UNDER_HEAD = """(slot) => {
  const stage = document.getElementById("map-stage"), box = stage.getBoundingClientRect();
  const {x, y} = window.nnopt.locate("map", 0, 0, 60);
  const probe = document.createElement("canvas").getContext("2d");
  const style = getComputedStyle(document.getElementById("page"));
  probe.fillStyle = style.getPropertyValue(`--run-${slot}`);
  probe.fillRect(0, 0, 1, 1);
  const wanted = probe.getImageData(0, 0, 1, 1).data.join();
  return [...stage.querySelectorAll(".nn-stack canvas")].some((canvas) => {
    const ratio = canvas.width / box.width;
    const at = [(x - box.left) * ratio, (y - box.top) * ratio].map(Math.round);
    return canvas.getContext("2d").getImageData(...at, 1, 1).data.join() === wanted;
  });
}"""
OVERFLOW = """(selector) => {
  const box = document.querySelector(selector);
  return box.scrollWidth - box.clientWidth;
}"""


def more(page: Page, run: str) -> None:
    page.get_by_label(f"More about {run}").click()


def signs(page: Page) -> list[str]:
    """The shapes of the rows."""
    return [
        str(name).split()[-1]
        for name in page.locator(".run > .marker").evaluate_all("all => all.map(m => m.className)")
    ]


def test_the_second_run_keeps_colour_and_shape_when_the_first_is_removed(visit: Visit) -> None:
    page = visit.open(THREE)
    more(page, "run 1, sgd")
    page.get_by_role("button", name="Remove run 1, sgd").click()
    until(lambda: "styles=2,3" in visit.query)

    def is_kept() -> None:
        expect(page.locator(".run")).to_have_count(2)
        assert signs(page) == ["shape-1", "shape-2"]
        assert "--run-1" in str(page.locator(".run").first.get_attribute("style"))
        rows = page.locator("#outcome tbody .nn-name .nn-symbol")
        expect(rows.nth(0)).to_have_class(re.compile("nn-run-1"))
        expect(rows.nth(1)).to_have_class(re.compile("nn-run-2"))
        page.evaluate("window.nnopt.end()")
        until(lambda: page.evaluate(UNDER_HEAD, 1))
        assert not page.evaluate(UNDER_HEAD, 0)

    is_kept()
    page.reload()
    visit.ready()
    until(lambda: visit.state()["complete"])
    is_kept()

    page.click("#add-run")  # a new one takes the slot that is free
    page.fill("#add-run", "nadam")
    page.keyboard.press("Enter")
    until(lambda: "styles=2,3,1" in visit.query)
    expect(page.locator("#outcome tbody .nn-symbol").nth(2)).to_have_class(re.compile("nn-run-0"))
    for run in ("momentum", "adam"):
        more(page, f"run 1, {run}")
        page.get_by_role("button", name=f"Remove run 1, {run}").click()
        until(lambda name=run: f"run={name}(" not in visit.query)
    until(lambda: "styles" not in visit.query)  # 1 again: it goes without saying
    page.go_back()
    until(lambda: "styles=3,1" in visit.query)
    expect(page.locator(".run")).to_have_count(2)
    until(lambda: signs(page) == ["shape-2", "shape-0"])
    expect(page.locator("#outcome tbody .nn-symbol").first).to_have_class(re.compile("nn-run-2"))


def test_a_run_has_a_name_of_its_own_as_long_as_its_rule(visit: Visit) -> None:
    page = visit.open(THREE)
    more(page, "run 2, momentum")
    field = page.get_by_label("Name of run 2, momentum")
    field.fill("heavy, ball")
    field.press("Enter")
    until(lambda: "names=,heavy ball" in visit.query)
    expect(page.locator("#notice")).to_contain_text("no commas")
    row = page.locator(".run").nth(1)
    expect(row.locator(".run-called")).to_have_text("heavy ball")
    expect(row.get_by_role("textbox", name="Optimizer of run 2")).to_have_value("momentum")
    expect(page.locator("#outcome tbody .nn-called").nth(1)).to_have_text("heavy ball")
    expect(page.locator("#outcome tbody .nn-called").nth(1)).to_have_attribute(
        "title", "heavy ball (momentum)"
    )
    assert visit.state()["runs"] == ["sgd", "heavy ball", "adam"]

    page.reload()
    visit.ready()
    until(lambda: visit.state()["runs"] == ["sgd", "heavy ball", "adam"])
    expect(page.locator(".run-called")).to_have_text("heavy ball")

    name = page.get_by_role("textbox", name="Optimizer of run 2")
    name.click()
    name.fill("rmsprop")
    page.keyboard.press("Enter")
    until(lambda: "run=rmsprop" in visit.query and "names" not in visit.query)
    until(lambda: visit.state()["runs"] == ["sgd", "rmsprop", "adam"])


def test_a_surface_of_ones_own_has_a_name_until_another_is_chosen(visit: Visit) -> None:
    page = visit.open(ONE)
    page.get_by_role("button", name="Edit a copy").first.click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Name", exact=True).fill("The bowl")
    dialog.get_by_role("button", name="Race it").click()
    until(lambda: "formula(" in visit.query and "names=surface:The bowl" in visit.query)
    expect(page.locator("#surface-button .surface-title")).to_have_text("The bowl")
    page.get_by_label("Loss surface: choose another").click()
    page.locator(".menu-item", has_text="Booth").click()
    until(lambda: "surface=booth" in visit.query and "names" not in visit.query)
    expect(page.locator("#surface-button .surface-title")).to_have_text("Booth")


def test_an_edited_copy_is_added_and_ones_own_rule_is_edited_in_place(visit: Visit) -> None:
    page = visit.open(THREE)
    more(page, "run 2, momentum")
    page.get_by_label("Edit the rule of run 2, momentum").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Name", exact=True).fill("mine")
    dialog.get_by_role("button", name="Race it").click()
    until(lambda: visit.state()["runs"] == ["sgd", "momentum", "mine", "adam"])
    until(lambda: "styles=1,2,4,3" in visit.query)
    more(page, "run 3, mine")
    page.get_by_label("Edit the rule of run 3, mine").click()
    expect(dialog.get_by_label("Name", exact=True)).to_have_value("mine")
    field = dialog.get_by_label("each step")
    field.fill("x = x - lr*g")
    dialog.get_by_label("Name", exact=True).fill("ours")
    dialog.get_by_role("button", name="Race it").click()
    until(lambda: visit.state()["runs"] == ["sgd", "momentum", "ours", "adam"])
    assert 'text="x = x - lr*g"' in visit.query


def test_a_copy_of_twelve_runs_is_refused_in_words(visit: Visit) -> None:
    page = visit.open(START + "&run=adam(lr=0.2)" * 12)
    expect(page.locator(".run")).to_have_count(12)
    more(page, "run 1, adam")
    page.get_by_label("Edit the rule of run 1, adam").click()
    expect(page.locator("#notice")).to_contain_text("There are 12 runs, the most there can be")
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_a_sweep_of_the_learning_rate_is_one_click_and_one_step_back(visit: Visit) -> None:
    page = visit.open(THREE)
    before = visit.query
    more(page, "run 3, adam")
    page.get_by_role("button", name="Sweep: run 3, adam").click()
    until(lambda: "run=adam(lr=0.05)&run=adam(lr=0.8)" in visit.query)
    expect(page.locator(".run")).to_have_count(5)
    until(lambda: visit.state()["runs"][2:] == ["adam lr=0.2", "adam lr=0.05", "adam lr=0.8"])
    assert "names" not in visit.query
    page.go_back()
    until(lambda: visit.query == before)
    expect(page.locator(".run")).to_have_count(3)

    page = visit.open(f"{ONE}" + "&run=sgd(lr=0.001)" * 10)
    more(page, "run 1, adam")
    page.get_by_role("button", name="Sweep: run 1, adam").click()
    expect(page.locator(".run")).to_have_count(12)
    expect(page.locator("#notice")).to_contain_text("×4 was left out: there are 12 runs")


def test_optimizers_are_found_by_what_they_do(visit: Visit) -> None:
    page = visit.open(ONE)
    options = page.get_by_role("option")
    page.click("#add-run")
    expect(options.filter(has_text="Steps straight downhill")).to_be_visible()
    for query, name in (
        ("second order", "damped_newton"), ("no learning rate", "prodigy"),
        ("heavy ball", "momentum"),
    ):  # fmt: skip
        page.fill("#add-run", query)
        expect(options.filter(has_text=re.compile(f"^{name}"))).to_be_visible()
        expect(options.filter(has_text=re.compile("^adabelief"))).to_have_count(0)
    page.fill("#add-run", "newtno")
    expect(page.get_by_text("Nothing found; the nearest is newton")).to_be_visible()
    expect(options).to_have_count(1)
    page.fill("#add-run", "xyzzy")
    expect(page.get_by_text("Nothing found. Try a name, or what it does")).to_be_visible()
    page.fill("#add-run", "armijo")
    page.keyboard.press("Enter")
    until(lambda: "run=backtracking" in visit.query)

    name = page.get_by_role("textbox", name="Optimizer of run 1")
    name.click()
    name.fill("sign of")
    expect(options.filter(has_text=re.compile("^lion"))).to_be_visible()
    page.keyboard.press("Escape")


def test_the_surface_search_forgets_and_says_that_nothing_is_found(visit: Visit) -> None:
    page = visit.open(ONE)
    button = page.get_by_label("Loss surface: choose another")
    button.click()
    page.fill("#surface-search", "rosenbooth")
    expect(page.locator(".menu-none")).to_contain_text("No surface found for “rosenbooth”")
    expect(page.locator(".menu-item:visible")).to_have_count(1)
    page.keyboard.press("Enter")
    until(lambda: "surface=himmelblau" not in visit.query)
    expect(page.locator("#surface-button")).to_contain_text("Rosenbrock")
    button.click()
    expect(page.locator("#surface-search")).to_have_value("")
    page.keyboard.type("booth")
    expect(page.locator("#surface-search")).to_have_value("booth")
    expect(page.locator(".menu-item:visible").first).to_contain_text("Booth")
    page.fill("#surface-search", "xyzzy")
    expect(page.locator(".menu-none")).to_contain_text("Try a name, or a word such as valley")
    page.keyboard.press("Escape")


def test_what_needs_a_network_is_dropped_with_a_link_to_the_lab(visit: Visit) -> None:
    page = visit.load(f"{START}&run=lion&run=muon")
    expect(page.locator(".run")).to_have_count(1)
    notice = page.locator("#notice")
    expect(notice).to_contain_text("muon works on weight matrices; a surface has none")
    link = notice.get_by_role("link", name="/network?run=muon")
    expect(link).to_have_attribute("href", "/network?run=muon")


@pytest.mark.parametrize("width", [1440, 1024, 390])
def test_long_labels_break_no_table(width: int, fresh: Callable[..., Visit]) -> None:
    visit = fresh(width=width, height=900)
    page = visit.load(LONG)
    until(lambda: visit.state()["complete"])
    page.evaluate("window.nnopt.end()")
    names = page.locator("#outcome tbody .nn-called")
    expect(names).to_have_count(3)
    assert page.evaluate(OVERFLOW, "#outcome") <= 0
    assert page.evaluate(OVERFLOW, "html") <= 0
    whole = visit.state()["runs"][1]
    assert len(whole) > 30
    expect(names.nth(1)).to_have_text(whole)  # for those who hear it
    expect(names.nth(1)).to_have_attribute("title", whole)
    assert names.nth(1).evaluate("one => one.scrollWidth > one.clientWidth")
    right = page.locator("#outcome").evaluate("one => one.getBoundingClientRect().right")
    for cell in page.locator("#outcome tbody td:visible").all():
        box = cell.bounding_box()
        assert box
        assert box["x"] + box["width"] <= right + 1

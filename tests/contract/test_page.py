"""The page: what its callbacks answer, over all declarations."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest

from nnopt_viz.compose.runs import MAX_RUNS, run_knobs
from nnopt_viz.declare.starts import STARTS
from nnopt_viz.optimizers import OPTIMIZERS
from nnopt_viz.page import build_app, callbacks, ids, opening
from nnopt_viz.page.controls import words
from nnopt_viz.page.declared import declared, slider_range
from nnopt_viz.page.page import declare
from nnopt_viz.page.pages import PAGES, paths
from nnopt_viz.race.codec import landing
from nnopt_viz.race.keys import SCALARS
from nnopt_viz.schedules import SCHEDULES
from nnopt_viz.surfaces import SURFACES
from tests.support.layout import found, identities, texts
from tests.support.paths import ASSETS

MISSHAPEN = [None, 7, [], {}, {"query": 7}, {"query": "surface=nothing&run=run=run"}, "text"]


def knobs_controlled(tree: Any, part: str, index: int = 0) -> set[str]:
    found = [i for i in identities(tree) if isinstance(i, dict) and i.get("part") == part]
    return {i.get("knob", i.get("flag")) for i in found if i["index"] == index}


def test_a_bare_address_opens_the_landing_scene() -> None:
    page = opening.page_for("/", "")
    shown = {i["index"] for i in identities(page) if isinstance(i, dict) and i.get("part") == "run"}
    assert len(shown) == len(landing().runs)


@pytest.mark.parametrize("path", paths())
def test_every_id_is_used_once(path: str) -> None:
    found = [str(i) for i in identities(opening.page_for(path, ""))]
    assert sorted(set(found)) == sorted(found)


@pytest.mark.parametrize("path", PAGES)
def test_a_page_answers_shows_its_title_and_has_help(path: str) -> None:
    page = PAGES[path]
    client = build_app().server.test_client()
    for address in (path, *page.also):
        assert client.get(address).status_code == 200
        shown = opening.page_for(address, "")
        here = found(shown, className="nav-link", **{"aria-current": "page"})
        assert [link.children for link in here] == [page.title] * (page.place is not None)
        assert page.title in texts(shown)
        for heading, text in page.help.items():
            assert heading in texts(shown)
            assert text in texts(shown)
    assert page.help


def test_a_link_leads_to_every_page_with_a_place() -> None:
    shown = opening.page_for("/", "")
    links = [link.href for link in found(shown, className="nav-link")]
    assert links == sorted(links, key=lambda path: PAGES[path].place or 0)
    assert set(links) == {path for path, page in PAGES.items() if page.place is not None}
    places = [PAGES[path].place for path in links]
    assert len(set(places)) == len(places)


def test_two_pages_cannot_share_an_address() -> None:
    with pytest.raises(ValueError, match="two pages answer /experiment"):
        declare(replace(PAGES["/"], path="/new", also=("/experiment",)))
    assert "/new" not in paths()


@pytest.mark.parametrize("path", [p for p, page in PAGES.items() if page.repaired])
def test_a_page_repairs_any_query(path: str) -> None:
    repaired = PAGES[path].repaired
    assert repaired is not None
    assert repaired("")[1] == []
    spec, notes = repaired("nonsense=1&run=nothing(lr=-1)")
    assert spec == repaired("run=nothing(lr=-1)")[0]
    assert notes


@pytest.mark.parametrize("name", SURFACES)
def test_a_surface_brings_its_menu_entry_formula_and_controls(name: str) -> None:
    page = opening.page_for("/", f"?surface={name}")
    assert ids.action("surface", name) in identities(page)
    button, panel = callbacks.surface_controls({"query": f"surface={name}"})
    assert SURFACES[name].title in texts(button)
    assert "<math" in panel[0].to_plotly_json()["props"]["data-mathml"]
    assert knobs_controlled(panel, "surface") == {k.name for k in SURFACES[name].knobs}


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_an_optimizer_brings_a_control_for_each_knob(name: str) -> None:
    rows, is_full = callbacks.run_controls({"query": f"run=sgd&run={name}", "opened": 1})
    knobs = {knob.name for knob in run_knobs(OPTIMIZERS[name])}
    assert knobs_controlled(rows, "run", 1) == knobs | {"name"}
    assert knobs_controlled(rows, "run", 0) == {"name", "lr"}
    assert not is_full


@pytest.mark.parametrize("name", SCHEDULES)
def test_a_schedule_brings_its_knobs(name: str) -> None:
    rows, _ = callbacks.run_controls({"query": f"run=sgd(schedule={name})", "opened": 0})
    wanted = {f"schedule.{knob.name}" for knob in SCHEDULES[name].knobs}
    assert wanted <= knobs_controlled(rows, "run")


@pytest.mark.parametrize("name", STARTS)
def test_a_start_brings_its_knobs(name: str) -> None:
    query = "start=1,2" if name == "point" else f"start={name}"
    panel = callbacks.start_panel(callbacks.scenario_of({"query": query}))
    assert knobs_controlled(panel, "start") == {k.name for k in STARTS[name].knobs} | {"name"}
    assert knobs_controlled(panel, "scenario") == set(SCALARS) - {"tol"}


def test_no_thirteenth_run_can_be_added() -> None:
    query = "&".join(["run=sgd"] * MAX_RUNS)
    assert callbacks.run_controls({"query": query})[1] is True


def test_every_slider_has_a_name_for_those_who_hear_it() -> None:
    page = opening.page_for("/", "?surface=rosenbrock&run=adam")
    sliders = re.findall(r"Slider\((.*?updatemode='drag'.*?)\)", repr(page))
    assert sliders
    assert all(re.search(r"thumbLabel='[^']+'", slider) for slider in sliders)


def test_repaired_values_are_told() -> None:
    spec, notes, _ = callbacks.repaired({"query": "surface=rosenbrok&run=adam(lr=-1)"})
    assert spec["surface"]["name"] == "rosenbrock"
    assert spec["runs"][0]["knobs"]["lr"] >= 0
    assert len(notes) == 2


@pytest.mark.parametrize("message", MISSHAPEN, ids=repr)
def test_no_message_can_make_a_callback_fail(message: Any) -> None:
    callbacks.repaired(message)
    callbacks.run_controls(message)
    callbacks.surface_controls(message)
    opening.page_for(message, message)


def test_sliders_hold_defaults_and_stop_at_their_ends() -> None:
    for entry in SURFACES.values():
        for knob in entry.knobs:
            found = slider_range(knob)
            assert found is None or found.low <= found.position(knob.default) <= found.high
    rate = slider_range(OPTIMIZERS["sgd"].knobs[0])
    assert rate is not None
    assert [rate.position(value) for value in (0.0, 1e-9, 0.01, 5.0)] == [-4, -4, -2, 0]


def test_the_browser_is_told_every_default() -> None:
    known = declared()
    for name, entry in OPTIMIZERS.items():
        assert set(known["optimizers"][name]["knobs"]) == {k.name for k in run_knobs(entry)}
    assert words("schedule.weight_decay") == "weight decay"


def test_ids_in_the_browser_are_those_of_the_page() -> None:
    text = (ASSETS / "page" / "ids.mjs").read_text()
    named = dict(re.findall(r'export const ([A-Z_]+) = "([^"]+)"', text))
    assert named
    assert named == {name: getattr(ids, name) for name in named}


def test_every_event_is_handed_over_and_heard() -> None:
    modules = "".join((ASSETS / "page" / f"{name}.mjs").read_text() for name in ("race", "clicks"))
    assert set(re.findall(r'\bon\("(\w+)"', modules)) >= set(ids.EVENTS)


def test_dash_loads_one_module_of_ours() -> None:
    index = build_app().server.test_client().get("/").get_data(as_text=True)
    loaded = re.findall(r'src="/assets[^"/]*/([^"]+)', index)
    assert loaded == ["main.mjs", "first/first.mjs"]  # the second comes first: see page/first.py
    assert '<html lang="en">' in index


def test_a_worker_serves_the_files_of_a_page_that_another_one_wrote() -> None:
    page = build_app().server.test_client().get("/").text
    files = re.findall(r'src="(/_dash-component-suites/[^"]+)"', page)
    assert len(files) > 5
    other = build_app().server.test_client()
    assert {other.get(file).status_code for file in files} == {200}

"""The callbacks. Those on the server answer slow questions; the rest run in the browser.

What the browser sends is query text, read by the one codec, which repairs anything: a
callback has no way to fail. The browser's part is an ES module, which may load after
Dash has started: what happens is only queued by the inline functions below, and
`assets/page/bridge.mjs` takes it up. A first load needs none of the server's callbacks.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dash import Input, Output, State

from nnopt_viz.compose.runs import MAX_RUNS
from nnopt_viz.deliver.questions import TRAINING, asked
from nnopt_viz.lab.codec import repair_lab
from nnopt_viz.optimizers import OPTIMIZERS, TRAINERS
from nnopt_viz.page import ids
from nnopt_viz.page.elements import Element
from nnopt_viz.page.in_view import knob_names, unknown
from nnopt_viz.page.looks import fitted, surface_name
from nnopt_viz.page.network_panel import lab_panel
from nnopt_viz.page.opening import PREFIX
from nnopt_viz.page.pages import PAGES
from nnopt_viz.page.runs_panel import runs_list
from nnopt_viz.page.start_panel import start_panel
from nnopt_viz.page.surface_panel import button_content, surface_panel
from nnopt_viz.query.viewing import read_viewing
from nnopt_viz.race.codec import repair
from nnopt_viz.race.scenario import Scenario

if TYPE_CHECKING:
    from dash import Dash


def read(message: object, name: str, default: str = "") -> str:
    """A text from a message of the browser, whatever was really sent."""
    value = message.get(name) if isinstance(message, dict) else None
    return value if isinstance(value, str) else default


def scenario_of(message: object) -> Scenario:
    """The scenario that a message's `query` describes."""
    return repair(read(message, "query"))[0]


def repaired(message: object) -> tuple[dict[str, Any], list[str], dict[str, Any]]:
    """Spec, notes and viewing keys for {"query": …, "lab": …}."""
    is_lab = isinstance(message, dict) and message.get("lab")
    repair_of = PAGES["/network" if is_lab else "/"].repaired
    assert repair_of is not None
    spec, notes = repair_of(read(message, "query"))
    viewing, more = read_viewing(read(message, "query"))
    viewing, left = fitted(viewing, read(message, "query"), len(spec["runs"]))
    return spec, notes + more + left + unknown(viewing, knob_names(spec)), viewing


def surface_controls(message: object) -> tuple[list[Element], list[Element]]:
    """Menu button and panel of the surface."""
    scenario = scenario_of(message)
    viewing, _ = read_viewing(read(message, "query"))
    return button_content(scenario.surface, surface_name(viewing)), surface_panel(scenario)


def run_controls(message: object) -> tuple[list[Element], bool]:
    """Rows of the runs, and whether there can be no more of them."""
    query = read(message, "query")
    in_lab = asked(query) is TRAINING
    runs = repair_lab(query)[0].runs if in_lab else scenario_of(message).runs
    given = message.get("opened") if isinstance(message, dict) else None
    opened = given if isinstance(given, int) else None
    viewing, _ = read_viewing(query)
    rows = runs_list(runs, opened, TRAINERS if in_lab else OPTIMIZERS, viewing)
    return rows, len(runs) >= MAX_RUNS


def register_server_callbacks(app: Dash) -> None:
    """What needs Python: repair, and controls of another shape."""

    @app.callback(
        Output(ids.SPEC, "data"),
        Output(ids.NOTES, "data"),
        Output(ids.VIEWING, "data"),
        Input(ids.QUERY, "data"),
        prevent_initial_call=True,
    )
    def read_query(message: object) -> Any:
        return repaired(message)

    @app.callback(
        Output(ids.SURFACE_BUTTON, "children"),
        Output(ids.SURFACE_PANEL, "children"),
        Input(ids.SURFACE_SHAPE, "data"),
        prevent_initial_call=True,
    )
    def shape_surface(message: object) -> Any:
        return surface_controls(message)

    @app.callback(
        Output(ids.RUNS_LIST, "children"),
        Output(ids.ADD_RUN, "disabled"),
        Input(ids.RUNS_SHAPE, "data"),
        prevent_initial_call=True,
    )
    def shape_runs(message: object) -> Any:
        return run_controls(message)

    @app.callback(
        Output(ids.LAB_PANEL, "children"),
        Input(ids.LAB_SHAPE, "data"),
        prevent_initial_call=True,
    )
    def shape_lab(message: object) -> Any:
        return lab_panel(repair_lab(read(message, "query"))[0])

    @app.callback(
        Output(ids.START_PANEL, "children"),
        Input(ids.START_SHAPE, "data"),
        prevent_initial_call=True,
    )
    def shape_start(message: object) -> Any:
        return start_panel(scenario_of(message))


def register_browser_callbacks(app: Any) -> None:
    """What happens in the browser: a page comes by GET; each event is only handed over."""
    app.clientside_callback(
        OPEN_PAGE,
        Output(ids.CONTENT, "children"),
        Input(ids.LOCATION, "pathname"),
        State(ids.LOCATION, "search"),
    )
    app.clientside_callback(
        DRAW_CURVES,
        Output(ids.CURVES, "figure"),
        Input(ids.THEME, "data"),
        State(ids.CURVES_FIGURES, "data"),
        prevent_initial_call=True,
    )
    watched: dict[str, list[Input]] = {
        "control": [Input(ids.ALL_CONTROLS, "value"), Input(ids.ALL_FLAGS, "checked")],
        "add": [Input(ids.ADD_RUN, "value")],
        "view": [Input(ids.VIEW, "value")],
        "spec": [Input(name, "data") for name in (ids.SPEC, ids.NOTES, ids.DECLARED, ids.VIEWING)],
        "viewing": [Input(ids.VIEWING, "data")],
        "surfaceShown": [Input(ids.SURFACE_PANEL, "children")],
        "runsShown": [Input(ids.RUNS_LIST, "children")],
        "startShown": [Input(ids.START_PANEL, "children")],
        "labShown": [Input(ids.LAB_PANEL, "children")],
    }
    for name in ids.EVENTS:
        app.clientside_callback(HAND_OVER % name, Output(ids.heard(name), "data"), *watched[name])


WAITING = "The server can't send this page just now. It is asked again every few seconds."
# A layout is a pure function of its address, so that any cache on the way may answer for it.
# Mantine asks for the functions of its menus by name, perhaps before our modules have come.
MENUS = """const menu = (name, plain) => (given) => (window.nnoptMenus?.[name] ?? plain)(given);
    const label = ({option}) => option.label;
    window.dashMantineFunctions = {
        withPicture: menu("withPicture", label),
        withWords: menu("withWords", label),
        byWords: menu("byWords", ({options}) => options),
    };"""
OPEN_PAGE = f"""async function (path, search) {{
    {MENUS}
    for (;;) {{
        try {{
            const answer = await fetch("{PREFIX}" + path + search);
            if (answer.ok) return await answer.json();
        }} catch {{ /* no connection, or it broke off */ }}
        dash_clientside.set_props("{ids.CONTENT}", {{children: "{WAITING}"}});
        await new Promise((done) => setTimeout(done, 2000));
    }}
}}"""
DRAW_CURVES = """function (theme, figures) {
    return structuredClone(figures[theme]);
}"""
HAND_OVER = """function (...values) {
    window.nnoptEvents = window.nnoptEvents || [];
    window.nnoptEvents.push(["%s", values, dash_clientside.callback_context.triggered]);
    return dash_clientside.no_update;
}"""

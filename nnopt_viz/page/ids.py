"""Every id of the page, in one place; `assets/page/ids.mjs` repeats those it needs."""

from __future__ import annotations

from dash.dependencies import ALL

LOCATION = "location"
CONTENT = "content"
MANTINE = "mantine"
PAGE = "page"

# Stores: the scenario as JSON, and the keys on which controls of another shape depend.
SPEC = "spec"
QUERY = "query"
NOTES = "notes"
VIEWING = "viewing"
DECLARED = "declared"
THEME = "theme"
SURFACE_SHAPE = "surface-shape"
RUNS_SHAPE = "runs-shape"
START_SHAPE = "start-shape"
LAB_SHAPE = "lab-shape"

# What the browser's callbacks hand over; each has an output that nothing reads, because
# Dash calls a callback without any output only after the first change.
EVENTS = (
    "control",
    "add",
    "view",
    "spec",
    "viewing",
    "surfaceShown",
    "runsShown",
    "startShown",
    "labShown",
)

# The rail.
SURFACE_MENU = "surface-menu"
SURFACE_BUTTON = "surface-button"
SURFACE_SEARCH = "surface-search"
SURFACE_LIST = "surface-list"
SURFACE_SUMMARY = "surface-summary"
SURFACE_PANEL = "surface-panel"
RUNS_LIST = "runs-list"
ADD_RUN = "add-run"
START_PANEL = "start-panel"
LINK_TEXT = "link-text"

# The stage; the player fills what React leaves empty.
MAP, MAP_STAGE, MAP_KEY = "map", "map-stage", "map-key"
SCENE, SCENE_STAGE = "scene", "scene-stage"
CURVES, CURVES_STAGE, CURVES_KIND = "curves", "curves-stage", "curves-kind"
CURVES_FIGURES = "curves-figures"
TRANSPORT = "transport"
OUTCOME = "outcome"
LOOKER = "looker"
NOTICE = "notice"
SEEN = "seen"
GUIDE = "guide"
TITLED, PRESENTED, IN_VIEW = "titled", "presented", "in-view"
VIEW = "view"
HELP = "help"

# The network lab.
LAB_PANEL = "lab-panel"
LAB_DETAILS = "lab-details"
DATA_PICTURE, NET_PICTURE = "data-picture", "net-picture"
# An experiment.
STUDY, STUDY_FORM, STUDY_STATE = "study", "study-form", "study-state"
STUDY_CHARTS, STUDY_CLAIMS, STUDY_NUMBERS = "study-charts", "study-claims", "study-numbers"
# The catalogue.
CATALOGUE_SEARCH = "catalogue-search"
CATALOGUE_HITS = "catalogue-hits"
GALLERY_SEARCH = "gallery-search"
GALLERY_HITS = "gallery-hits"
# A lesson.
LESSON = "lesson"
OPEN_RACE = "open-race"


def control(part: str, index: int, knob: str, kind: str) -> dict[str, str | int]:
    """A control of one knob.

    Args:
        part: "surface", "run", "start", "scenario", or of the lab "net", "data", "init", "plane"
            or "lab".
        index: which run; 0 elsewhere.
        knob: the knob's name; `schedule.warmup` for a knob of a knob.
        kind: "slider", "choice" or "call"; it holds `value`.
    """
    return {"part": part, "index": index, "knob": knob, "control": kind}


def field(part: str, index: int, knob: str, kind: str) -> dict[str, str | int]:
    """A field that a knob's value is typed into: `assets/page/fields.mjs` hears it, not Dash.

    Args:
        part, index, knob: as in `control`.
        kind: "number" or "text".
    """
    return {"part": part, "index": index, "knob": knob, "field": kind}


def run_name(index: int) -> dict[str, str | int]:
    """The field for a run's name: `assets/page/names.mjs` hears it, not Dash."""
    return {"index": index, "name": "run"}


def flag(part: str, index: int, knob: str) -> dict[str, str | int]:
    """A switch of one knob; it holds `checked`."""
    return {"part": part, "index": index, "flag": knob}


def action(name: str, index: int | str = 0) -> dict[str, str | int]:
    """Something to click."""
    return {"action": name, "index": index}


def heard(event: str) -> str:
    """The output of the callback that hands over an event."""
    return f"heard-{event}"


ALL_CONTROLS = {"part": ALL, "index": ALL, "knob": ALL, "control": ALL}
ALL_FLAGS = {"part": ALL, "index": ALL, "flag": ALL}

"""The API's own description, made from the registries: served as /openapi.json."""

from __future__ import annotations

from typing import Any

from nnopt_viz import __version__
from nnopt_viz.catalogue import listing as catalogue
from nnopt_viz.catalogue.glossary import Word
from nnopt_viz.catalogue.lookup import Published
from nnopt_viz.compose.runs import MAX_RUNS
from nnopt_viz.declare.knobs import Knob
from nnopt_viz.declare.starts import STARTS
from nnopt_viz.deliver.compared_record import Comparison
from nnopt_viz.deliver.comparison import PAIR, PAIRS
from nnopt_viz.deliver.experiment_tables import ExperimentDocument
from nnopt_viz.deliver.explained import Explained, ExplainedExperiment, ExplainedTraining
from nnopt_viz.deliver.formats import FORMATS
from nnopt_viz.deliver.ground import Ground
from nnopt_viz.deliver.inspector import PLACE, PLACES, Inspected
from nnopt_viz.deliver.lab_tables import TrainingDocument
from nnopt_viz.deliver.profile import LINE, LINES, Profile
from nnopt_viz.deliver.questions import TRAINING
from nnopt_viz.deliver.tables import COLUMNS, RunDocument
from nnopt_viz.experiments import STUDIES
from nnopt_viz.figures.palette import THEMES
from nnopt_viz.figures.region import Part
from nnopt_viz.figures.surface_json import Figures, Slice
from nnopt_viz.figures.thumbnail import STAMPS
from nnopt_viz.formula.tokens import NUMBER
from nnopt_viz.gallery import GALLERY
from nnopt_viz.judge.events import EVENTS, Event
from nnopt_viz.judge.outcome import VERDICTS, Outcome
from nnopt_viz.lab.codec import LAB_CALLS, LAB_EXAMPLES, LAB_SCALARS
from nnopt_viz.lab.lab import Lab
from nnopt_viz.lab.result import COLUMNS as LAB_COLUMNS
from nnopt_viz.query.keys import OWN_IN, REGISTRIES, Fault
from nnopt_viz.query.viewing import VIEWING, ViewingKey
from nnopt_viz.race.keys import EXAMPLES, SCALARS
from nnopt_viz.race.scenario import Scenario
from nnopt_viz.web import responses
from nnopt_viz.web.own_schema import ground_keys, look_keys, region_keys
from nnopt_viz.web.shapes import record, shape_of

# What an answer's JSON is called -> the record that it is made of.
RECORDS: dict[str, Any] = {
    "Scenario": Scenario, "Outcome": Outcome, "Event": Event, "Run": RunDocument,
    "Lab": Lab, "Training": TrainingDocument, "Figures": Figures, "Slice": Slice,
    "Check": Explained, "CheckTraining": ExplainedTraining,
    "CheckExperiment": ExplainedExperiment, "Trace": Inspected, "Profile": Profile,
    "Comparison": Comparison, "Part": Part, "Ground": Ground,
    "Experiment": ExperimentDocument, "Numbers": Published,
}  # fmt: skip

EXAMPLE = {
    "surface": "rosenbrock(b=50)",
    "run": ["adam(lr=0.02)", "momentum(lr=0.001,momentum=0.95)"],
    "start": "-1.5,2",
    "drift": "none",
    "steps": 60,
    "noise": 0.1,
    "seed": 3,
    "tol": 1e-4,
    "v": 1,
}
LAB_EXAMPLE = {
    "net": 'mlp(hidden="8",activation=tanh)', "data": "moons(n=80)", "init": "he_normal",
    "run": ["sgd(lr=0.1)", "adam(lr=0.02)"], "plane": "pca(of=1)", "batch": 16, "epochs": 4,
    "seed": 3, "seeds": 1,
}  # fmt: skip
_NUMBER = f"[ +]*[+-]?{NUMBER}[ +]*"
# A name, and perhaps knobs in parentheses.
_CALL = r"^\s*({names})\s*(\([\s\S]*\))?\s*$"
_START = f"({_CALL.format(names='|'.join(STARTS))})|(^{_NUMBER},{_NUMBER}$)"


def document() -> dict[str, Any]:
    """The whole description, OpenAPI 3.1."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "nnopt_viz",
            "version": __version__,
            "description": (
                "A query describes one run completely: the page, these routes, the command line "
                "and Python read the same text. Change the path, keep the query. "
                "Calls nest, as in adam(lr=0.02,schedule=cosine(warmup=50)); text stands in "
                "double quotes; a space is %20 and a plus %2B. "
                f"{responses.TAGGED} Names are given here as they are written back; other "
                "spellings of them, such as torch.optim.Adam, are understood. "
                f"{responses.ELSEWHERE} A query with the keys of /slice.json "
                "(net, data, …) describes a training in the network lab; "
                f"{', '.join(f'/run.{one.name}' for one in FORMATS.of(TRAINING.name))} take it too."
            ),
        },
        "paths": {
            **_formats("run"),
            "/check.json": _check(),
            "/trace.json": _question(
                "Trace", "inspect", PLACES, PLACE, "0,0,1",
                "One step of one run: each line of its rule with its numbers in place, and what "
                "the map shows of it."),
            "/profile.json": _question(
                "Profile", "line", LINES, LINE, "x",
                "The loss along a line across the surface, with its minima."),
            "/compare.json": _question(
                "Comparison", "compare", PAIRS, PAIR, "0,1",
                "Two runs compared: where their paths part, which term of the rules does it, and "
                "what would have been with one thing changed."),
            "/figures.json": _figures(),
            "/region.json": _region(),
            "/ground.json": _ground(),
            "/slice.json": _slice(),
            **_formats("experiment"),
            **{path: _plain("Every surface the size of a stamp, below each other in the "
                            f"catalogue's order, for the {theme} theme.", _BINARY, "image/png")
               for theme, path in STAMPS.items()},
            "/gallery.svg": _gallery(),
            "/catalogue.json": _plain(
                f"All that can be named: {', '.join(catalogue.as_json()).replace('_', ' ')}.",
                _ref("Catalogue")),
            "/numbers.json": _plain(
                "Numbers that books, papers and threads printed, each beside what comes out here, "
                "and the query that computes it.", _ref("Numbers")),
            "/words.json": _plain(
                "What the words of the page mean: terms, optimizers and schedules, each in a "
                "sentence or two.", _ref("Words")),
            "/openapi.json": _plain("This description.", {"type": "object"}),
            "/healthz": _health(),
        },
        "components": {"schemas": _schemas(), "responses": responses.components()},
    }  # fmt: skip


_BINARY: dict[str, Any] = {}  # OpenAPI 3.1 describes bytes by saying nothing more


def _formats(route: str) -> dict[str, Any]:
    """A route for every format that a kind of question there has."""
    made = {}
    for one in FORMATS.values():
        if route not in one.summaries:
            continue
        content = {one.media: {"schema": dict(one.schemas.get(route, _BINARY))}}
        path, summary = f"/{route}.{one.name}", one.summaries[route]
        made[path] = (
            _run(summary, content, dict(one.refusals)) if route == "run"
            else _experiment(summary, content)
        )  # fmt: skip
    return made


def _run(summary: str, content: dict[str, Any], also: dict[int, str] | None = None) -> Any:
    return _query_route(summary, _parameters(), content, also or {})


def _check() -> Any:
    """Both what a query means and what is wrong with it are answers to this question."""
    answers = ("Check", "CheckTraining", "CheckExperiment", "Error")
    text = {"type": "string"}
    anything = [
        one | {"schema": {"type": "array", "items": text} if one["name"] == "run" else text}
        for one in [*_parameters(), *_viewing()]
    ]
    return _query_route(
        "What a query means, of a race, a training or an experiment: the canonical text, every "
        "value, and what was read as something else. Of a race also the surface typeset with "
        "its gradient, each run's rule with its modifiers, and a short trial. Or what is wrong "
        "with it: `error` as in a refusal. Any text may stand in every key.",
        anything,
        {"application/json": {"schema": {"anyOf": [_ref(name) for name in answers]}}},
        {400: "No host is named; what is wrong with a query is no refusal at /check.json."},
    )


def _question(made: str, key: str, doc: str, pattern: str, example: str, summary: str) -> Any:
    """A run's query and one key more."""
    own = {
        "name": key, "in": "query", "required": True, "description": doc,
        "schema": {"type": "string", "pattern": pattern}, "example": example,
    }  # fmt: skip
    content = {"application/json": {"schema": _ref(made)}}
    return _query_route(summary, [*_parameters(), own], content, {})


def _theme() -> dict[str, Any]:
    return {
        "name": "theme",
        "in": "query",
        "required": False,
        "description": "The colours; light when it is left out.",
        "schema": {"enum": list(THEMES)},
        "example": THEMES[-1],
    }


def _region() -> Any:
    """A part of a surface's map."""
    return _query_route(
        "A part of a surface's map finely, or what lies around it, as a Plotly figure: heights, "
        "colours and contour lines are those of the whole, with more lines where too few cross it.",
        [_surface_key(), *region_keys(), _theme()],
        {"application/json": {"schema": _ref("Part")}}, {},
    )  # fmt: skip


def _ground() -> Any:
    """Loss and gradient at places."""
    return _query_route(
        "The loss and its gradient at places of a surface, exact to rounding.",
        [_surface_key(), *ground_keys()], {"application/json": {"schema": _ref("Ground")}}, {},
    )  # fmt: skip


def _surface_key() -> dict[str, Any]:
    return next(p for p in _parameters() if p["name"] == "surface")


def _figures() -> Any:
    """The figures depend on the surface and on keys of this route only."""
    return _query_route(
        "A surface as the page shows it: Plotly figures of map and 3D view, their grids as "
        "base64, its minima, and how many there are in words. The query's other keys may stand "
        "there and change nothing.",
        [_surface_key(), *look_keys(), _theme()],
        {"application/json": {"schema": _ref("Figures")}}, {},
    )  # fmt: skip


def _gallery() -> Any:
    """The small picture of one entry, by name."""
    named = {
        "name": "picture", "in": "query", "required": True,
        "description": "The name of an entry of /gallery.",
        "schema": {"enum": list(GALLERY)}, "example": next(iter(GALLERY)),
    }  # fmt: skip
    return _query_route(
        "What an entry of the gallery shows, the size of a card: the map with whole paths, or "
        "lines over the steps.",
        [named, _theme()], {"image/svg+xml": {"schema": {"type": "string"}}}, {},
    )  # fmt: skip


def _slice() -> Any:
    """A training's slice; its keys are those of the network lab."""
    schemas: dict[str, Any] = {
        key: {"type": "string", "pattern": _CALL.format(names="|".join(registry))}
        for key, registry in LAB_CALLS.items()
        if key != "run"
    }
    schemas |= {"run": _runs()} | {name: _number(knob) for name, knob in LAB_SCALARS.items()}
    parameters = [
        {
            "name": key, "in": "query", "required": False, "description": LAB_EXAMPLES[key],
            "schema": schema, "example": LAB_EXAMPLE[key],
            **({"style": "form", "explode": True} if key == "run" else {}),
        }
        for key, schema in schemas.items()
    ]  # fmt: skip
    return _query_route(
        "A training's loss on its plane, finely: Plotly figures of map and 3D view, as in "
        "/figures.json.",
        [*parameters, _theme()], {"application/json": {"schema": _ref("Slice")}}, {},
    )  # fmt: skip


def _experiment(summary: str, content: dict[str, Any]) -> Any:
    """An experiment has one key."""
    pattern = _CALL.format(names="|".join(STUDIES))
    parameter = {
        "name": "study", "in": "query", "required": True,
        "description": "an experiment and its settings",
        "schema": {"type": "string", "pattern": pattern},
        "example": 'width(widths="1,2",steps=20,seeds=4)',
    }  # fmt: skip
    return _query_route(summary, [parameter], content, {})


def _query_route(
    summary: str, parameters: list[dict[str, Any]], content: dict[str, Any], also: dict[int, str]
) -> Any:
    answer = {
        "description": summary,
        "headers": responses.ETAG | responses.NOTED,
        "content": content,
    }
    answers = {"200": answer} | responses.kept("Busy") | responses.own(also)
    named = {one["name"] for one in parameters}
    known = [*parameters, *(one for one in _viewing() if one["name"] not in named)]
    return {"get": {"summary": summary, "parameters": known, "responses": answers}}


def _viewing() -> list[dict[str, Any]]:
    """The viewing keys: checked, and without any effect on an answer."""
    return [
        {
            "name": key.name, "in": "query", "required": False,
            "description": f"Only of the page, and no part of this answer: {key.doc}. {key.form}",
            "schema": key.schema, "example": _example(key),
            **({"style": "form", "explode": False} if key.schema["type"] == "array" else {}),
        }
        for key in VIEWING.values()
    ]  # fmt: skip


def _example(key: ViewingKey) -> Any:
    kind = key.schema["type"]
    if kind == "boolean":
        return key.example == "true"
    if kind != "array":
        return key.example
    items = key.example.split(",")
    return [int(item) for item in items] if key.schema["items"]["type"] == "integer" else items


def _plain(summary: str, schema: dict[str, Any], kind: str = "application/json") -> dict[str, Any]:
    """A document; any query may stand there and changes nothing."""
    answer = {
        "description": summary, "headers": responses.ETAG, "content": {kind: {"schema": schema}},
    }  # fmt: skip
    return {"get": {"summary": summary, "responses": {"200": answer} | responses.kept()}}


def _health() -> dict[str, Any]:
    """The pulse is never kept."""
    summary = "Is the server up, and which release is it?"
    content = {"application/json": {"schema": _ref("Health")}}
    answer = {"description": summary, "content": content}
    return {"get": {"summary": summary, "responses": {"200": answer} | responses.common()}}


def _parameters() -> list[dict[str, Any]]:
    """The keys of the query grammar."""
    surface = _names("surfaces")
    schemas: dict[str, Any] = {
        "surface": {"type": "string", "pattern": _CALL.format(names=surface)},
        "run": _runs(),
        "start": {"type": "string", "pattern": _START},
        "drift": {"type": "string", "pattern": _CALL.format(names=_names("drifts"))},
        **{name: _number(knob) for name, knob in SCALARS.items()},
        "v": {"type": "integer", "const": 1},
    }
    docs = {name: knob.doc for name, knob in SCALARS.items()}
    return [
        {
            "name": key,
            "in": "query",
            "required": False,
            "description": f"{docs[key]}: {EXAMPLES[key]}"
            if key in docs else EXAMPLES[key],
            "schema": schema,
            "example": EXAMPLE[key],
            **({"style": "form", "explode": True} if key == "run" else {}),
        }
        for key, schema in schemas.items()
    ]  # fmt: skip


def _runs() -> dict[str, Any]:
    pattern = _CALL.format(names=_names("optimizers"))
    return {
        "type": "array",
        "minItems": 1,
        "maxItems": MAX_RUNS,
        "items": {"type": "string", "pattern": pattern},
    }


def _names(plural: str) -> str:
    own = OWN_IN.get(plural)
    return "|".join([*REGISTRIES[plural], *([own.name] if own else [])])


def _number(knob: Knob) -> dict[str, Any]:
    kind = "integer" if knob.kind == "integer" else "number"
    return {"type": kind, "minimum": knob.low, "maximum": knob.high}


def _ref(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}


def _columns(names: tuple[str, ...]) -> dict[str, Any]:
    """A table by columns."""
    return record({n: shape_of(list[str] if n == "optimizer" else list[float]) for n in names})


def _schemas() -> dict[str, Any]:
    """The records that answers hold; what the registries know of their words is added."""
    made = {name: shape_of(kind) for name, kind in RECORDS.items()}
    made["Outcome"]["properties"]["verdict"] |= {"enum": list(VERDICTS)}
    made["Event"]["properties"]["kind"] |= {
        "enum": list(EVENTS),
        "description": " ".join(f"{kind.name}: {kind.doc}" for kind in EVENTS.values()),
    }
    made["Run"]["properties"] |= {
        "spec": _ref("Scenario"), "rows": _columns(COLUMNS),
        "outcomes": {"type": "array", "items": _ref("Outcome")},
        "events": {"type": "array", "items": _ref("Event")},
    }  # fmt: skip
    made["Training"]["properties"] |= {"spec": _ref("Lab"), "rows": _columns(LAB_COLUMNS)}
    things = {"version": str, "limits": dict[str, int], "keys": list[catalogue.Declared],
              "verdicts": dict[str, str]}  # fmt: skip
    entries = shape_of(list[catalogue.Entry])
    registries = {
        plural: entries | {"minItems": len(given)}
        for plural, given in catalogue.as_json().items()
        if plural not in things
    }
    return made | {
        "Error": record({"error": shape_of(Fault)}),
        "Health": record(
            {
                "status": {"const": "ok"},
                "version": shape_of(str),
                "release": {
                    "type": "string",
                    "description": "The version and a word that changes with anything that is "
                    "served: what a proxy's keys go by.",
                },
            }
        ),
        "Words": record({"words": {"type": "object", "additionalProperties": shape_of(Word)}}),
        "Catalogue": record({name: shape_of(kind) for name, kind in things.items()} | registries),
    }

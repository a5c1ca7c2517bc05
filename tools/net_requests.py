"""The requests, commands and calls that the net makes of its queries."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote

from tools.net_queries import (
    BAD,
    BAD_QUESTIONS,
    BAD_STUDIES,
    BAD_TRAININGS,
    FORMULAS,
    HOSTILE,
    HOSTILE_RULES,
    LESSONS,
    RACES,
    RULES,
    STUDIES,
    TOO_LARGE_A_PAGE,
    TRAININGS,
    words,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

LINES = ("x", "y", "gradient", "path", "-1,0.5,1,1")


@dataclass(frozen=True)
class Request:
    """A request over HTTP.

    Args:
        query: raw, as it stands in the address.
        body: of a POST, JSON or text.
        label: what stands for the body in the answer's name.
    """

    path: str
    query: str = ""
    method: str = "GET"
    headers: tuple[tuple[str, str], ...] = ()
    body: str = ""
    kind: str = "application/json"
    label: str = ""


def wire(text: str) -> str:
    """A query as a browser sends it: README's spelling, percent-encoded."""
    return quote(text, safe="=&(),.;:*/-<>!'")


def requests() -> Iterator[Request]:
    """Everything that is asked over HTTP, in order: who asks first makes, who asks then may find
    it kept."""
    for path in ("/catalogue.json", "/openapi.json", "/healthz", "/stamps.png", "/_dash-layout",
                 "/_dash-dependencies", "/_reload-hash", "/_favicon.ico", "/assets/favicon.svg",
                 "/assets/nothing.css", "/static/nothing", "/nothing", "/nothing.json", "/run.xml",
                 "/catalogue.json?x=1", "/_dash-component-suites/dash/nothing.js"):  # fmt: skip
        yield Request(*path.split("?"))
    for number, text in enumerate(RACES):
        yield from of_race(number, text)
    for number, text in enumerate(TRAININGS):
        yield from of_training(number, text)
    for text in STUDIES:
        for path in ("/experiment.ndjson", "/experiment.json", "/experiment.csv"):
            yield Request(path, wire(f"study={text}"))
    yield from refused()
    yield from of_pages()
    yield from other_methods()


def of_race(number: int, text: str) -> Iterator[Request]:
    """A race on every route, what is dear on some."""
    query, runs = wire(text), max(1, text.count("run="))
    yield Request("/run.bin", query)
    yield store("query", {"query": query})
    if "steps=11000" in text:
        return  # asked for its thinned stream
    for path in ("/run.json", "/run.csv", "/run.parquet", "/check.json"):
        yield Request(path, query)
    last = 1 if "steps=1" in text.split("&") else 7
    for place in dict.fromkeys(("0,0,1", f"{runs - 1},0,{last}")):
        yield Request("/trace.json", f"{query}&inspect={place}")
    yield Request("/profile.json", f"{query}&line={LINES[number % len(LINES)]}")
    theme = "&theme=dark" if number % 9 == 0 else ""
    yield Request("/figures.json", query + theme)
    if number % 18 == 2:
        yield Request("/run.html", query)
    if number % 9 == 2:
        for name in ("surface-shape", "runs-shape", "start-shape"):
            yield store(name, {"query": query, "opened": 0, "key": "k"})
        yield page("/", f"?{query}")


def of_training(number: int, text: str) -> Iterator[Request]:
    """A training on every route; the stream first, while it is not known yet."""
    query = wire(text)
    theme = "&theme=dark" if number % 9 == 0 else ""
    yield Request("/run.bin", query + theme)
    yield store("query", {"query": query, "lab": True})
    for path in ("/run.json", "/run.csv"):
        yield Request(path, query)
    if number % 4 == 0:
        yield Request("/run.parquet", query)
        yield Request("/slice.json", query + theme)
    if number % 18 == 1:
        yield Request("/run.html", query)
    if number % 9 == 1:
        for name in ("lab-shape", "runs-shape"):
            yield store(name, {"query": query, "opened": 0, "key": "k"})
        yield page("/network", f"?{query}")


def refused() -> Iterator[Request]:
    """Bad values on the API, which refuses them, and on the pages, which mend them."""
    own = [f"surface=formula(f={quote(chr(34) + text + chr(34))})" for text in HOSTILE]
    own += [f"run=rule(text={quote(chr(34) + text + chr(34))})" for text in HOSTILE_RULES]
    for number, query in enumerate((*BAD, *own)):
        yield Request("/run.json", query)
        yield Request("/check.json", query)
        yield store("query", {"query": query})
        if number % 3 == 0:
            yield Request(("/run.csv", "/run.bin", "/run.html", "/figures.json")[number % 4], query)
        if number % 8 == 0:
            yield page("/", f"?{query}")
    for query in TOO_LARGE_A_PAGE:
        yield Request("/run.html", query)
    for number, query in enumerate(BAD_TRAININGS):
        for path in ("/run.json", ("/slice.json", "/run.bin", "/run.html")[number % 3]):
            yield Request(path, query)
        yield store("query", {"query": query, "lab": True})
        if number % 6 == 0:
            yield page("/network", f"?{query}")
    for query in BAD_STUDIES:
        for path in ("/experiment.ndjson", "/experiment.json", "/experiment.csv"):
            yield Request(path, query)
        yield page("/experiment", f"?{query}")
    for path, query in BAD_QUESTIONS:
        yield Request(path, query)


def of_pages() -> Iterator[Request]:
    """Each page as it is sent and as it is filled."""
    paths = ("/", "/network", "/experiments", "/experiment", "/catalogue", "/learn",
             *(f"/learn/{name}" for name in LESSONS))  # fmt: skip
    for path in (*paths, "/learn/", "/learn/momentun", "/learn/momentum/", "/network/"):
        yield Request(path)
    for path in paths:
        yield page(path, "")
        yield page(path, "?hide=navigation,export")
    for name in LESSONS:
        for step in ("2", "3", "9", "x&utm_source=a&y=1"):
            yield page(f"/learn/{name}", f"?step={step}")
    for text in (*STUDIES, "width", "shift", "batchnorm", "optimizers"):
        yield page("/experiment", "?" + wire(f"study={text}"))
    for (
        group
    ) in words("""surface runs start link export scene curves outcome closer navigation lessons
            nothing"""):
        yield page("/", f"?surface=booth&hide={group}")
    for theme in ("light", "dark", "green"):
        yield store("theme", theme)
    for message in (None, 5, [], {}, {"query": 5}, {"query": "run=", "opened": "x"}):
        for name in OUTPUTS:
            yield store(name, message)


def other_methods() -> Iterator[Request]:
    """Other methods, a client's wishes, and callbacks that no page sends."""
    paths = ("/", "/run.json", "/run.csv", "/run.parquet", "/run.html", "/run.bin", "/figures.json",
             "/slice.json", "/check.json", "/stamps.png", "/catalogue.json", "/openapi.json",
             "/healthz", "/trace.json", "/profile.json", "/experiment.ndjson", "/experiment.json",
             "/experiment.csv", "/nothing")  # fmt: skip
    for path in paths:
        for method in ("HEAD", "OPTIONS", "POST", "DELETE", "PUT"):
            yield Request(path, "", method)
    for accept in ("application/json", "text/html", "*/*"):
        for path in ("/nothing", "/learn/nothing", "/run.json"):
            yield Request(path, "run=nothing", headers=(("Accept", accept),))
    for path in ("/run.csv", "/run.json", "/catalogue.json", "/"):
        yield Request(path, "", headers=(("Accept-Encoding", "gzip"),))
    for tag in ('"0"', "*", 'W/"0"'):
        for path in ("/run.csv", "/check.json", "/experiment.csv"):
            query = "study=width(widths=%221%22,steps=10,seeds=2)" if "exp" in path else ""
            yield Request(path, query, headers=(("If-None-Match", tag),))
    for body in ("", "x", "{}", "[]", "null", "1", "[" * 200 + "]" * 200, '{"output":"x"}',
                 '{"output":"content.children","inputs":[1]}', '{"output":1}', "x" * 1_000_001,
                 '{"output":"content.children","inputs":[],"outputs":1,"changedPropIds":1}',
                 '{"output":"content.children","changedPropIds":[[1]]}'):  # fmt: skip
        yield Request("/_dash-update-component", "", "POST", body=body)
    yield Request("/_dash-update-component", "", "POST", body="{}", kind="text/plain")
    yield Request("/_dash-update-component")


# The store that a callback of the page reads -> what it fills.
OUTPUTS: dict[str, tuple[str, ...]] = {
    "query": ("spec.data", "notes.data"),
    "theme": ("curves.figure",),
    "surface-shape": ("surface-button.children", "surface-panel.children"),
    "runs-shape": ("runs-list.children", "add-run.disabled"),
    "lab-shape": ("lab-panel.children",),
    "start-shape": ("start-panel.children",),
}


def page(path: str, search: str) -> Request:
    """The callback that fills the page at an address."""
    return callback(
        ("content.children",), [("location.pathname", path)], [("location.search", search)]
    )


def store(name: str, message: object) -> Request:
    """The callback that a message of the browser's sets off."""
    return callback(OUTPUTS[name], [(f"{name}.data", message)], [])


def callback(
    outputs: tuple[str, ...], inputs: list[tuple[str, object]], state: list[tuple[str, object]]
) -> Request:
    """A request as Dash's renderer sends it; each place is `id.property`."""

    def placed(place: str) -> dict[str, object]:
        name, _, prop = place.rpartition(".")
        return {"id": name, "property": prop}

    many = len(outputs) > 1
    body = {
        "output": f"..{'...'.join(outputs)}.." if many else outputs[0],
        "outputs": [placed(o) for o in outputs] if many else placed(outputs[0]),
        "inputs": [placed(place) | {"value": value} for place, value in inputs],
        "changedPropIds": [inputs[0][0]],
        "state": [placed(place) | {"value": value} for place, value in state],
    }
    given = " ".join(json.dumps(value, ensure_ascii=False) for _, value in inputs + state)
    label = f"{outputs[0]} {given}"
    return Request("/_dash-update-component", "", "POST", body=json.dumps(body), label=label)


def commands() -> Iterator[tuple[str, ...]]:
    """Command lines. What ends in `out.EXT` is a file that is kept."""
    race, training = RACES[1], TRAININGS[1]
    for query in (race, training, TRAININGS[3], FORMULAS[0], RULES[0]):
        for end in ("csv", "json", "parquet", "html"):
            yield "run", query, "--out", f"out.{end}"
    yield "run", race
    yield "run", training, "--out", "-"
    yield "run", "", "--out", "out.CSV"
    for query in (*BAD[:12], *BAD_TRAININGS[:12], "start=random(n=400)&steps=600"):
        yield "run", query, "--out", "out.json"
    for out in ("out.txt", "out", "missing/out.csv"):
        yield "run", race, "--out", out
        yield "experiment", "width", 'widths="1",steps=10,seeds=2', "--out", out
    for text in STUDIES[:6]:
        name, _, inside = text.removesuffix(")").partition("(")
        yield "experiment", name, f"{inside},seed=9", "--out", "out.csv"
        yield "experiment", name, f"{inside},seed=9", "--out", "out.json"
    yield "experiment", "width", 'widths="1,2",steps=12,seeds=2'
    for name, text in (("widht", ""), ("width", "seeds=1"), ("width", "seeds"), ("nothing", "(")):
        yield "experiment", name, text
    yield ("list",)
    for (
        what
    ) in words("""surfaces optimizers network_optimizers schedules starts noises drifts networks
            datasets initializers planes experiments nothing"""):
        yield "list", what
    yield "list", "starts", "drifts"
    yield from ((), ("--help",), ("--version",), ("nothing",), ("run",), ("run", "--help"))
    yield from (("experiment", "--help"), ("list", "--help"), ("serve", "--help"))


def calls() -> Iterator[tuple[str, str]]:
    """Functions of the package, and the query each is called with."""
    for number, text in enumerate(RACES):
        if "steps=11000" in text:
            continue
        yield "to_query", text
        yield "events", text
        if number % 3 == 0:
            yield "simulate", text
        if number % 5 == 0:
            yield "trajectory", text
        if number % 20 == 2:
            yield "show", text
    for number, text in enumerate(TRAININGS[:18]):
        yield "trajectory", text
        if number % 6 == 1:
            yield "show", text
    for name in ("to_query", "events", "trajectory", "show"):
        for text in (*BAD[:4], "net=mpl", "plane=three"):
            yield name, text

"""The pages about links, routes, formulas, the command line and the server's settings."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from nnopt_viz import cli
from nnopt_viz.compose.own import MAX_DERIVED, MAX_KNOBS, MAX_OPERATIONS
from nnopt_viz.deliver import stream, tables
from nnopt_viz.deliver.questions import RACE, TRAINING
from nnopt_viz.experiments.codec import VOCABULARY
from nnopt_viz.experiments.study import INTERACTIVE_SECONDS, MOST_SECONDS
from nnopt_viz.figures.recording import MOST_MARKS
from nnopt_viz.formula import notation, parse, rule, tokens, unknown, words
from nnopt_viz.judge.executors import MAX_PROGRAM
from nnopt_viz.lab import codec as lab_codec
from nnopt_viz.lab import lab
from nnopt_viz.lab import price as training_price
from nnopt_viz.page.pages import paths
from nnopt_viz.query import keys
from nnopt_viz.query.viewing import GROUPS, VIEWING
from nnopt_viz.race import keys as race_keys
from nnopt_viz.race import price as race_price
from nnopt_viz.race import scenario
from nnopt_viz.race.scenario import Scenario
from nnopt_viz.web import responses, schema, settings
from nnopt_viz.web.api import MAX_QUERY_BYTES
from tools.reference_page import Page, block, code, listed, prose, table

if TYPE_CHECKING:
    from nnopt_viz.declare.knobs import Knob
    from nnopt_viz.query.reading import Vocabulary

# What a key means when it is left out, where that follows from other keys.
DEPENDS = {"start": "the surface's own", "tol": "nothing: reached is who stopped beside a minimum"}


def pages() -> dict[str, Page]:
    """File name -> page."""
    made = (
        Page("links.md", "Keys of a link", "every key of a query, its default and its range",
             links()),
        Page("routes.md", "Routes", "every path of the server: pages and data", routes()),
        Page("formulas.md", "The formula language", "what may stand in a formula and in a rule",
             formulas()),
        Page("command-line.md", "The command line", "`nnopt-viz` and its options", command_line()),
        Page("settings.md", "Settings of the server", "environment variables", environment()),
        Page("limits.md", "Limits", "how large a question may be", limits()),
    )  # fmt: skip
    return {page.name: page for page in made}


def links() -> str:
    """The keys of every kind of query."""
    return (
        "How a link is written: [the guide](../guide.md#a-link-is-a-question). A key stands once; "
        "only `run` may repeat. An unknown key is an error, with the nearest known name where one "
        "is near. Keys are declared in `nnopt_viz/race/keys.py:VOCABULARY`, "
        "`nnopt_viz/lab/codec.py:VOCABULARY` and `nnopt_viz/experiments/codec.py:VOCABULARY`.\n\n"
        "## A race\n\n"
        + key_table(race_keys.VOCABULARY, race_keys.SCALARS, Scenario.from_query(""))
        + "\n## A training in the network lab\n\nA query is a training when it has one of the "
        f"keys {listed(sorted(TRAINING.keys - RACE.keys))}.\n\n"
        + key_table(lab_codec.VOCABULARY, lab_codec.LAB_SCALARS, lab.default_lab())
        + "\n## An experiment\n\n"
        + table(("key", "what stands there"),
                [(code(key), prose(text)) for key, text in VOCABULARY.examples.items()])
        + "\n## Viewing keys\n\nThey change what is seen, and never a number: a page reads and "
        "keeps them, the routes for data check them, and neither data nor their tags know of them. "
        "Declared in `nnopt_viz/query/viewing.py:VIEWING`.\n\n"
        + table(("key", "what it does", "what stands there", "such as"),
                [(code(one.name), one.doc, prose(one.form), code(f"{one.name}={one.example}"))
                 for one in VIEWING.values()])
        + "\n"
        + table(("`hide=`", "what it leaves out"),
                [(code(name), text) for name, text in GROUPS.items()])
        + "\nTracking keys (`utm_…`, `fbclid`, `gclid`) are dropped by a page.\n"
    )  # fmt: skip


def key_table(words: Vocabulary, knobs: dict[str, Knob], usual: Any) -> str:
    """The keys of a kind of question.

    Args:
        words: its keys.
        knobs: those that take one number.
        usual: the question that a text means in which all are left out.
    """
    rows = []
    for key, example in words.examples.items():
        what, default = example, DEPENDS.get(key, code(str(keys.VERSION)))
        if key in knobs:
            what = f"{knobs[key].doc}: {example}"
            if key in DEPENDS:
                what = f"{knobs[key].doc.partition('; when')[0]}: {example}"
            else:
                default = code(keys.value_text(knobs[key], knobs[key].default))
        elif key in words.repeats:
            what = f"{example}; may be repeated, up to {words.repeats[key]} times"
            default = f"one {code(keys.call_text(usual.runs[0], words.calls[key]))}"
        elif key in words.calls and key not in DEPENDS:
            default = code(keys.call_text(getattr(usual, key), words.calls[key]))
        rows.append((code(key), prose(what), default))
    return table(("key", "what it says", "when it is left out"), rows)


def routes() -> str:
    """Pages, and routes for data with their own keys and refusals."""
    document = schema.document()
    described, named = document["paths"], document["components"]["responses"]
    usual = {*race_keys.EXAMPLES, *lab_codec.LAB_EXAMPLES, *VIEWING}
    rows = []
    for path, methods in described.items():
        answer = methods["get"]
        given = answer.get("parameters", ())
        own = [
            f"{code(p['name'])}: {prose(p['description'])}"
            for p in given
            if p["name"] not in usual and p.get("description")
        ]
        kinds = ", ".join(answer["responses"]["200"]["content"])
        rows.append((code(path), prose(answer["summary"]), "; ".join(own) or "–", code(kinds)))
    refusals: dict[str, dict[str, None]] = {}
    for methods in described.values():
        for status, told in methods["get"]["responses"].items():
            answer = named[told["$ref"].rpartition("/")[2]] if "$ref" in told else told
            if status not in ("200", "304"):
                refusals.setdefault(status, {})[answer["description"]] = None
    return (
        "Change the path and keep the query to get the same question as data. The whole "
        "description, OpenAPI 3.1, is at `/openapi.json`. "
        f"{prose(responses.TAGGED)} Who sends an ETag back in `If-None-Match` gets 304."
        "\n\n## Pages\n\n"
        + "".join(f"- {code(path)}\n" for path in sorted(paths()))
        + "\n## Data\n\n"
        + table(("path", "what", "keys of its own", "media type"), rows)
        + "\n## Refusals\n\nJSON: `{\"error\": {\"key\": …, \"value\": …, \"message\": …, "
        f"\"allowed\": …, \"nearest\": …}}}}`. {prose(responses.ELSEWHERE)}\n\n"
        + table(("status", "when"),
                [(code(s), prose(" ".join(texts))) for s, texts in sorted(refusals.items())])
    )  # fmt: skip


def formulas() -> str:
    """The words and signs of formulas and rules."""
    of_matrices = [word for word, one in words.WORDS.items() if one.matrices]
    numbers = ", ".join(code(f"{n}({', '.join('abc'[:k])})") for n, k in notation.CALLABLE.items())
    return (
        "Formulas are read by a parser of our own: what is not listed here can't be written.\n\n"
        "## In every formula\n\n"
        "- numbers, parentheses, `+ - * /` and `**` for powers (right before left, as in Python)\n"
        "- comparisons `< <= > >= == !=`, inside `where` only: `where(x < 1, a, b)`\n"
        f"- functions: {numbers}\n"
        f"- constants: {listed(list(unknown.CONSTANTS))}\n"
        "- in a surface: `x`, `y`, its knobs, and `s` for what the world does to it\n"
        f"- at most {tokens.MAX_LENGTH:,} characters, {parse.MAX_DEPTH} levels deep\n\n"
        "Where `abs`, `minimum`, `maximum`, `clip` or `sqrt` has a kink, its own derivative counts "
        "as 0, and that of `sign` and `floor` does everywhere; `where` takes the branch that "
        "holds.\n\n"
        "## As students write\n\n"
        "Other notation is read where it has one meaning, and the answer is written in ours: "
        "`x^2` and `x²` as `x**2`; `2x`, `3(x + 1)` and `x(y + 1)` with `*`; `|x|` as `abs(x)`; "
        "`√x` as `sqrt(x)`; `e^x` as `exp(x)`; `sin²(x)` as `sin(x)**2`; `·`, `×`, `÷`, `−`, `≤`, "
        "`≥`, `≠`, `π`; `a % b`; `and`, `or`, `not` and `0 < x < 1` in `where`; in a rule also "
        "`x -= lr*g` and `←`. What can be read in two ways, such as `1/2x` or `x^2y`, is refused "
        "with what to write.\n\n"
        + table(
            ("written", "read as"),
            [(code(f"{name}(…)"), code(f"{ours}(…)")) for name, ours in notation.RENAMED.items()]
            + [
                (code(f"{name}({', '.join('ab'[: made.arity])})"), code(made.text))
                for name, made in notation.WRITTEN.items()
            ],
        )
        + "\n"
        "## In a rule\n\n"
        "Assignments, a line each or separated by `;`, run in order at every step:\n\n"
        + block("m = beta1*m + (1 - beta1)*g; x = x - lr*m")
        + "\n"
        f"- it may read {listed(rule.INPUTS)}: parameters, gradient at `x`, loss at `x`, step "
        "from 1, scheduled rate; and its knobs\n"
        "- `grad(point)` and `loss(point)` look elsewhere\n"
        "- `hessian(v)`, `curvature()` (its diagonal) and `newton(g, damping)` use the exact "
        "second derivatives where the step began\n"
        "- `norm(v)`, `dot(v, w)`; `axis(1)` and `axis(2)` are the unit vectors\n"
        "- `normal()` draws a standard normal number for each coordinate, decided by the seed\n"
        "- a name that is read before it is assigned is state: it starts at 0, or at `name_0 = …`, "
        "which runs once\n"
        "- `x_eval = …` names the point to be evaluated where it differs from the path\n"
        f"- at most {rule.MAX_STATEMENTS} assignments\n\n"
        f"Of weights as matrices, for networks only: {listed(of_matrices)}.\n"
    )


def command_line() -> str:
    """What `nnopt-viz --help` says, command by command."""
    parser = cli._parser()
    text = "`python -m nnopt_viz` is the same as `nnopt-viz`.\n"
    (commands,) = (a for a in parser._actions if isinstance(a, argparse._SubParsersAction))
    for choice in commands._choices_actions:
        command = commands.choices[choice.dest]
        text += f"\n## nnopt-viz {choice.dest}\n\n{(choice.help or '').capitalize()}.\n\n"
        rows = [
            (code(", ".join(a.option_strings) or str(a.metavar or a.dest)), prose(a.help or ""))
            for a in command._actions
            if not isinstance(a, argparse._HelpAction)
        ]
        text += table(("argument", "what"), rows)
    return text + (
        "\nA query stands in quotes, so that the shell leaves `&` and parentheses alone. A "
        "training that is too long for the page may run here; see [limits](limits.md).\n"
    )


def environment() -> str:
    """The table in the docstring of the module that reads them."""
    lines = [line.strip() for line in (settings.__doc__ or "").splitlines()]
    rows = []
    for line in lines:
        if line.startswith("NNOPT_VIZ_"):
            name, what, default = (part.strip() for part in line.split("  ") if part.strip())
            rows.append((code(name), what, prose(default)))
    return (
        "Environment variables. A bad value stops the server with one line that says what is "
        "allowed; an empty one counts as not set. The options of "
        "[`nnopt-viz serve`](command-line.md#nnopt-viz-serve) come before them.\n\n"
        + table(("variable", "what", "default"), rows)
        + "\nIn the container the address is `0.0.0.0`. Where no ancestors are "
        "set, anyone may embed race, lab and lessons, and only this site the other pages. Set, "
        "they hold for every page: `'self'`, `'none'`, `*`, or origins such as "
        "`https://course.example.edu`, separated by spaces.\n"
    )


def limits() -> str:
    """The limits, from the code that holds them."""
    whole = "{:,}".format
    rows = [
        ("runs of a race or training", whole(scenario.MAX_RUNS)),
        ("steps of a race or training", whole(scenario.MAX_STEPS)),
        ("starting points of a race", whole(scenario.MAX_LANES)),
        ("(steps + 1) × runs × starting points", whole(scenario.MAX_POSITIONS)),
        ("epochs; batch; seeds of a training",
         f"{lab.MAX_EPOCHS:,}; {lab.MAX_BATCH:,}; {lab.MAX_SEEDS}"),
        ("operations of a training, on the page and the routes; the command line has no limit",
         whole(training_price.INTERACTIVE)),
        ("estimated seconds of an experiment: page; command line",
         f"{INTERACTIVE_SECONDS:g}; {MOST_SECONDS:,.0f}"),
        ("operations of your own formula or rule; of a formula with its derivatives",
         f"{MAX_OPERATIONS}; {MAX_DERIVED:,}"),
        ("operations of one step of your own rule, or on your own surface", whole(MAX_PROGRAM)),
        ("operations of a race, on the page and the routes; the command line has no limit",
         whole(race_price.INTERACTIVE)),
        ("knobs of your own in one formula or rule", whole(MAX_KNOBS)),
        ("rows of `/run.json`", whole(tables.MAX_JSON_ROWS)),
        ("positions of `/run.bin` before it is thinned", whole(stream.MAX_POINTS)),
        ("runs × starting points (or seeds) of `/run.html` and `show`", whole(MOST_MARKS)),
        ("bytes of a query over HTTP; characters elsewhere",
         f"{MAX_QUERY_BYTES:,}; {keys.MAX_QUERY:,}"),
    ]  # fmt: skip
    return (
        "A question beyond a limit is refused with what would fit; a page repairs it and says so.\n"
        "\n" + table(("what", "at most"), rows)
    )

"""The command line: `nnopt-viz serve`, `nnopt-viz run "QUERY"`, `nnopt-viz list`."""

from __future__ import annotations

import argparse
import os
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nnopt_viz import __version__
from nnopt_viz.one_thread import one_thread

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from nnopt_viz.deliver.formats import Format
    from nnopt_viz.deliver.questions import Question

LISTED = (
    "surfaces", "optimizers", "network_optimizers", "schedules", "starts", "noises", "drifts",
    "networks", "datasets", "initializers", "planes", "experiments",
)  # fmt: skip


class UsageError(Exception):
    """Something the person at the terminal can mend; the message is one line."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; 0 when it worked, 2 with one line on stderr when it can't."""
    given = _parser().parse_args(arguments)
    one_thread()
    try:
        if given.command == "serve":
            _serve(given)
        elif given.command == "run":
            _run(given.query, given.out)
        elif given.command == "experiment":
            _experiment(given.name, given.query, given.out)
        else:
            _list(given.what)
    except UsageError as fault:
        print(f"nnopt-viz: {fault}", file=sys.stderr)
        return 2
    except BrokenPipeError:  # `nnopt-viz run … | head` has what it wants
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except KeyboardInterrupt:
        return 130
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="nnopt-viz", description="Watch optimizers race on loss surfaces."
    )
    parser.add_argument("--version", action="version", version=f"nnopt-viz {__version__}")
    commands = parser.add_subparsers(dest="command", required=True)
    serve = commands.add_parser(
        "serve", help="serve the page", epilog="Each has an environment variable: NNOPT_VIZ_PORT …"
    )
    serve.add_argument("--host", help="address to listen on (default 127.0.0.1)")
    serve.add_argument("--port", help="port (default 8050)")
    serve.add_argument("--workers", help="processes (default: one for each core, 2 to 4)")
    serve.add_argument(
        "--threads", help="cheap requests computed at once in each process (default 1)"
    )
    run = commands.add_parser("run", help="run a query and write the numbers, or an animated page")
    run.add_argument("query", help='such as "surface=booth&run=adam(lr=0.1)&steps=200"')
    run.add_argument(
        "--out", default="-", metavar="FILE",
        help="a file whose ending says the format: run.csv, run.html (one animated page); "
        "- writes CSV to the terminal",
    )  # fmt: skip
    experiment = commands.add_parser(
        "experiment", help="run a controlled experiment and write what it measured"
    )
    experiment.add_argument("name", help="such as initialization; `nnopt-viz list experiments`")
    experiment.add_argument(
        "query", nargs="?", default="", help='its settings, such as "depth=10,seeds=64"'
    )
    experiment.add_argument(
        "--out",
        default="-",
        metavar="FILE",
        help="a file whose ending says the format: results.csv; - writes CSV to the terminal",
    )
    listing = commands.add_parser("list", help="list what there is, with all knobs")
    listing.add_argument("what", nargs="*", metavar="WHAT", help=", ".join(LISTED))
    return parser


def _serve(given: argparse.Namespace) -> None:
    from nnopt_viz.web import settings

    try:
        chosen = settings.from_environment()
        if given.host:
            chosen = replace(chosen, host=given.host)
        for name, most in (("port", 65535), ("workers", 64), ("threads", 256)):
            text = getattr(given, name)
            if text is not None:
                number = settings.whole(f"--{name}", text, most)
                chosen = replace(chosen, **{name: number})  # type: ignore[arg-type]
        from nnopt_viz.serving import serve

        serve(chosen)
    except settings.SettingError as fault:
        raise UsageError(str(fault)) from None


def _experiment(name: str, query: str, out: str) -> None:
    from nnopt_viz.deliver.questions import EXPERIMENT
    from nnopt_viz.experiments.codec import KEY
    from nnopt_viz.experiments.result import finished

    made = _format(EXPERIMENT.name, out)
    inside = query.strip().replace("&", ",").replace("%", "%25").replace("+", "%2B")
    call = _decoded(EXPERIMENT, f"{KEY}={name}{f'({inside})' if inside else ''}")
    finished(call, _bar)
    _write(made.pieces(EXPERIMENT.name, call), out)


def _bar(done: float) -> None:
    """A progress bar on a terminal's standard error."""
    if not sys.stderr.isatty():
        return
    width = 40
    full = round(width * done)
    end = "\n" if done >= 1 else ""
    print(
        f"\r[{'#' * full}{'.' * (width - full)}] {done:4.0%}", end=end, file=sys.stderr, flush=True
    )


def _run(query: str, out: str) -> None:
    from nnopt_viz.deliver.formats import MissingExtraError
    from nnopt_viz.deliver.questions import asked
    from nnopt_viz.networks.planes import PlaneError

    question = asked(query)
    made = _format(question.name, out)
    record = _decoded(question, query)
    large = made.limit(question.name, record, question.encode(record))
    if large is not None:
        raise UsageError(f"{large.message} Write .csv instead")
    try:
        pieces = made.pieces(question.name, record)
        _write(list(pieces) if question.faults else pieces, out)  # no file that holds a part
    except (MissingExtraError, PlaneError) as fault:
        raise UsageError(f"{fault}.") from None


def _format(kind: str, out: str) -> Format:
    """The format that a file's name asks for; CSV for the terminal."""
    from nnopt_viz.deliver.formats import FORMATS

    offered = {f".{made.name}": made for made in FORMATS.of(kind, offered=True)}
    made = offered.get(".csv" if out == "-" else Path(out).suffix.lower())
    if made is None:
        *others, last = offered
        raise UsageError(f"--out ends in {', '.join(others)} or {last}, not {out!r}")
    return made


def _decoded(question: Question, text: str) -> Any:
    """The record of a text; what was read as something else, or is wrong, a line each."""
    from nnopt_viz.query.keys import QueryError

    said: list[str] = []
    try:
        record = question.decode(text, True, said)
    except QueryError as fault:
        also = "" if fault.allowed in fault.message else f" Allowed: {fault.allowed}."
        raise UsageError(fault.message + also) from None
    for sentence in said:
        print(sentence, file=sys.stderr)
    return record


def _write(pieces: Iterable[bytes], out: str) -> None:
    if out == "-":
        for piece in pieces:
            sys.stdout.buffer.write(piece)
        sys.stdout.buffer.flush()
        return
    try:
        with Path(out).open("wb") as file:
            file.writelines(pieces)
    except OSError as fault:
        raise UsageError(f"can't write {out}: {fault.strerror}") from None


def _list(what: Sequence[str]) -> None:
    from nnopt_viz.catalogue.listing import listing

    for word in what:
        if word not in LISTED:
            raise UsageError(f"there are {', '.join(LISTED)} to list, not {word!r}")
    sys.stdout.write(listing(list(what) or list(LISTED)))
    sys.stdout.flush()


if __name__ == "__main__":
    raise SystemExit(main())

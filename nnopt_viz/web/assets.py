"""Our modules, style sheets and fonts, under a path that says what is in them.

`/assets-3f0c…/main.mjs` never changes: the word is a hash of the whole folder, so that modules
which import each other by relative paths are of one release, and nobody asks for them twice.
`/assets/main.mjs` is the same with a question each time.

A page of another release, which was being loaded while this one took over, is sent on to the
files that are here (302, kept by nobody): a module's own imports are relative to where it came
from, so the page goes on with modules of one release. An open page has loaded all of its own.
"""

from __future__ import annotations

import hashlib
from functools import lru_cache
from pathlib import Path
from urllib.parse import quote

from flask import Flask, Response, abort, redirect

from nnopt_viz.web.kept import FOR_GOOD, REVALIDATED, content_tag, kept

MEDIA = {
    ".css": "text/css", ".mjs": "text/javascript", ".svg": "image/svg+xml", ".txt": "text/plain",
    ".woff2": "font/woff2",
}  # fmt: skip


def assets_folder() -> Path:
    """Inside the package when installed from a wheel, beside it in a checkout."""
    package = Path(__file__).resolve().parent.parent
    inside = package / "assets"
    return inside if inside.is_dir() else package.parent / "assets"


@lru_cache(maxsize=1)
def assets() -> dict[str, bytes]:
    """Every file by its path in the folder. Read once: a change is seen after a new start."""
    folder = assets_folder()
    files = sorted(path for path in folder.rglob("*") if path.suffix in MEDIA)
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


@lru_cache(maxsize=1)
def assets_word() -> str:
    """16 hexadecimal digits that change with any file or name in the folder."""
    digest = hashlib.sha256()
    for name, content in assets().items():
        digest.update(f"{name} {len(content)} ".encode() + content)
    return digest.hexdigest()[:16]


def assets_path() -> str:
    """Where the files are that never change: `assets-3f0c…`, without slashes."""
    return f"assets-{assets_word()}"


def register(server: Flask) -> None:
    """Serve the files, also in place of Dash's own route for them (by the file's date)."""
    for rule in server.url_map.iter_rules():
        if str(rule) == f"/{assets_path()}/<path:filename>":
            server.view_functions[rule.endpoint] = lambda filename: _file(filename, FOR_GOOD)
    server.add_url_rule("/assets/<path:name>", "assets", lambda name: _file(name, REVALIDATED))
    server.add_url_rule("/assets-<word>/<path:name>", "assets-elsewhere", _elsewhere)


def _file(name: str, words: str) -> Response:
    content = assets().get(name)
    if content is None:
        abort(404)
    media = MEDIA[Path(name).suffix]
    return kept(content_tag(content), lambda: Response(content, mimetype=media), words)


def _elsewhere(word: str, name: str) -> Response:
    if name not in assets():
        abort(404, f"There is no file {name[:100]} under {word[:40]}.")
    made = redirect(f"/{assets_path()}/{quote(name)}")
    made.headers["Cache-Control"] = "no-store"
    assert isinstance(made, Response)
    return made

"""What stands between the network and the app: limits, refusals and security headers.

Dash alone answers 500 to a malformed callback or an unknown component file, and 200 to any
unknown path; here each gets a 4xx that says what is allowed.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Any

import orjson
from flask import Flask, Response, current_app, request
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge

from nnopt_viz.declare.cache import give_back
from nnopt_viz.deliver.formats import FORMATS
from nnopt_viz.web import metrics, settings
from nnopt_viz.web.api import error_answer, too_long
from nnopt_viz.web.dash_routes import COMPONENTS, callback_fault
from nnopt_viz.web.desk import BusyError, Desk
from nnopt_viz.web.release import RELEASE, release
from nnopt_viz.web.visits import is_at, received

if TYPE_CHECKING:
    from collections.abc import Callable, Container

    Missing = Callable[[str], tuple[str, str, str] | None]

MAX_BODY_BYTES = 1_000_000  # a callback of the page sends a few thousand
MAX_NESTING = 100
CALLBACKS = "/_dash-update-component"
CATCH_ALL = "/<path:path>"  # Dash's own rule for any path
_ALLOWED = {
    413: f"bodies of at most {MAX_BODY_BYTES:,} bytes",
}
# A host's name or address, and perhaps a port. Two headers come as one with a comma.
_HOST = re.compile(r"([\w.~%!$&'()*+;=-]+|\[[0-9A-Fa-f:.]+\])(:[0-9]{0,5})?", re.ASCII)
_DATA = re.compile(rf"\.({'|'.join(FORMATS)})$")

NOT_FOUND = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>Not found: nnopt_viz</title>
<meta name="viewport" content="width=device-width">
<link rel="icon" type="image/svg+xml" href="/assets/favicon.svg">
<meta name="color-scheme" content="light dark">
<style>body{font:16px/1.5 system-ui,sans-serif;max-width:36rem;margin:4rem auto}</style>
</head><body><h1>%d: %s</h1><p>%s</p><p>%s<a href="/">Go to the race</a></p></body></html>
"""


def install(
    app: Any,
    pages: Container[str],
    missing: Missing = lambda _: None,
    embedded: Container[str] = (),
) -> None:
    """Guard a Dash app. Call it when all routes and callbacks are there.

    Args:
        app: the Dash app; its `server` is guarded, its `csp_hashes` are let through.
        pages: the paths at which there is a page.
        missing: for a path at which there is none, what may have been meant: a sentence, a link
            and its words; or None.
        embedded: the paths of pages that anyone may embed, unless a setting says who.
    """
    server: Flask = app.server
    if "nnopt_viz.web.guard" in server.extensions:
        return
    server.config["MAX_CONTENT_LENGTH"] = MAX_BODY_BYTES
    server.config["COMPRESS_EVALUATE_CONDITIONAL_REQUEST"] = False  # `kept` does, packed or not
    chosen = settings.current()

    @cache
    def headers(ancestors: str) -> dict[str, str]:  # asked for late: the hashes need every callback
        return security_headers(app.csp_hashes(), ancestors) | {RELEASE: release()}

    @server.before_request
    def check() -> Response | None:
        is_at(request.path if request.path in pages else str(request.url_rule))
        refused = _bad_host(request.environ) or too_long(request.query_string)
        if refused is not None:
            return refused
        if (request.content_length or 0) > MAX_BODY_BYTES:  # read or not
            raise RequestEntityTooLarge
        asked = request.environ["PATH_INFO"]
        if not asked.startswith("/") or asked.startswith("//"):  # Werkzeug reads it as one slash
            return _refusal(404, "Not Found", "A path begins with one slash.")
        if str(request.url_rule) == CATCH_ALL and request.path not in pages:
            sentence, *way_back = missing(request.path) or (
                f"There is no page {request.path[:100]}.",
            )
            return _refusal(404, "Not Found", sentence, *way_back)
        if request.path == CALLBACKS and request.method == "POST":
            return _callback_fault(app.callback_map)
        return None

    @server.after_request
    def add_headers(answer: Response) -> Response:
        if answer.status_code == 304:
            return answer  # who holds the answer holds its headers
        usual = "" if request.path in embedded else "'self'"
        for name, value in headers(chosen.frame_ancestors or usual).items():
            answer.headers.setdefault(name, value)
        return answer

    if chosen.metrics:
        metrics.register(server)
    desk = Desk(chosen.threads, chosen.dear_at_once, chosen.memory * 1e6, give_back)
    server.extensions["nnopt_viz.web.guard"] = desk
    server.wsgi_app = received(server.wsgi_app, desk, chosen)  # type: ignore[method-assign]
    server.register_error_handler(BusyError, _on_busy)
    server.register_error_handler(HTTPException, _on_refusal)
    server.register_error_handler(Exception, _on_failure)


def security_headers(script_hashes: list[str], ancestors: str) -> dict[str, str]:
    """The headers of every answer.

    Args:
        script_hashes: of the inline scripts that may run, quoted.
        ancestors: who may embed the page, as in the policy `frame-ancestors`; "": anyone.
    """
    policy = {
        "default-src": "'self'",
        "script-src": " ".join(["'self'", *script_hashes]),
        "style-src": "'self' 'unsafe-inline'",  # Mantine and Plotly write style attributes
        "img-src": "'self' data: blob:",
        "object-src": "'none'",
        "base-uri": "'none'",
        "form-action": "'self'",
        **({"frame-ancestors": ancestors} if ancestors else {}),
    }
    made = {
        "Content-Security-Policy": "; ".join(f"{k} {v}" for k, v in policy.items()),
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "strict-origin-when-cross-origin",
        "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
        "Cross-Origin-Opener-Policy": "same-origin",
    }
    # The older header knows only these two; for other ancestors it would contradict.
    older = {"'self'": "SAMEORIGIN", "'none'": "DENY"}.get(ancestors)
    return made | ({"X-Frame-Options": older} if older else {})


def _bad_host(environ: dict[str, Any]) -> Response | None:
    """The 400 for a request that doesn't say to whom it speaks, or None.

    HTTP/1.0 knows no such header; no answer holds a link with a host, so none goes wrong.
    """
    host = environ.get("HTTP_HOST")
    if host is None and environ.get("SERVER_PROTOCOL") != "HTTP/1.1":
        return None
    if host is not None and _HOST.fullmatch(host):
        return None
    given = "no Host header" if host is None else "a Host header that names no host"
    return error_answer(
        400, "host", host or "", f"The request has {given}.", "one, such as Host: example.org"
    )


def _callback_fault(known: Any) -> Response | None:
    """The 4xx for a callback request that no page of ours sends, or None."""
    if request.mimetype != "application/json":
        return _bad_callback("its type is not application/json", 415)
    raw = request.get_data()
    try:
        body = orjson.loads(raw)
    except ValueError:
        return _bad_callback("it is not JSON")
    if raw.count(b"[") + raw.count(b"{") > MAX_NESTING and _depth(body) > MAX_NESTING:
        return _bad_callback(f"it is nested more than {MAX_NESTING} deep")
    fault = callback_fault(body, known)
    return None if fault is None else _bad_callback(fault)


def _depth(value: Any) -> int:
    """How deep a JSON value is nested, without recursion."""
    depth, level = 0, [value]
    while level:
        depth += 1
        level = [
            inner
            for item in level
            if isinstance(item, list | dict)
            for inner in (item.values() if isinstance(item, dict) else item)
        ]
    return depth


def _bad_callback(why: str, status: int = 400) -> Response:
    return error_answer(
        status, "body", "", f"This is no callback of the page: {why}.", "what the page itself sends"
    )


def _on_busy(fault: BusyError) -> Response:
    """503: nothing is wrong with what was asked; there is no place for it now."""
    answer = error_answer(
        503, "request", request.path,
        f"The server is busy; try again in {fault.seconds} s.", "the same, later",
    )  # fmt: skip
    answer.headers["Retry-After"] = str(fault.seconds)
    return answer


def _on_refusal(fault: HTTPException) -> Response:
    """404, 405, 413 and the like in our own words."""
    status = fault.code or 500
    answer = _refusal(status, fault.name, fault.description or fault.name)
    allow = fault.get_response().headers.get("Allow")
    if allow is not None:
        answer.headers["Allow"] = allow
    return answer


def _on_failure(fault: Exception) -> Response:
    """An exception no view expected. What the client sent is the client's to mend."""
    if request.path.startswith(COMPONENTS):
        return _refusal(404, "Not Found", "There is no such component file.")
    if request.path == CALLBACKS and type(fault).__module__ == "dash.exceptions":
        return _bad_callback("its parts don't fit together")  # Dash's own checks
    current_app.logger.error("%s %s", request.method, request.path, exc_info=fault)
    if request.path == CALLBACKS:
        return _bad_callback("its values can't be used")
    return _refusal(500, "Internal Server Error", "This is our fault, and it is in the log.")


def _refusal(status: int, name: str, text: str, link: str = "", label: str = "") -> Response:
    """JSON for programs, a plain page with a way back for people: to `link`, and to the race."""
    is_data = _DATA.search(request.path) or request.path.startswith("/_dash")
    accept = request.accept_mimetypes
    if is_data or (accept.accept_json and not accept.accept_html):
        allowed = _ALLOWED.get(status, "the routes listed at /openapi.json, with GET")
        return error_answer(status, "request", request.path, text, allowed)
    way = f'<a href="{_escaped(link)}">{_escaped(label)}</a> · ' if link else ""
    body = NOT_FOUND % (status, name, _escaped(text), way)
    shown = Response(body, status, mimetype="text/html")
    shown.headers["Cache-Control"] = "no-store"
    return shown


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")

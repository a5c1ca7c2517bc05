"""What any route may answer beside its own, described once for /openapi.json."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

NOTES = "Nnopt-Notes"  # the header that says what was read as something else
_TEXT: dict[str, Any] = {"schema": {"type": "string"}}
# Of an answer that may be kept.
ETAG = {
    "ETag": {"description": "Strong; changes with the release.", **_TEXT},
    "Cache-Control": {
        "description": "Kept by anybody and asked for again each time, unless the server's own "
        "proxy may answer for a while (s-maxage).",
        **_TEXT,
    },
}
NOTED = {
    NOTES: {
        "description": "What was read as something else, a JSON list of sentences; absent where "
        "nothing was.",
        "required": False,
        **_TEXT,
    },
}
_REFUSED: dict[str, tuple[int, str, dict[str, Any]]] = {
    "BadRequest": (
        400,
        "A bad key or value: what is wrong, what is allowed, the nearest name; or no host.",
        {},
    ),
    "NotFound": (404, "There is nothing at this path.", {}),
    "OtherMethod": (
        405,
        "Only GET, HEAD and OPTIONS are understood here.",
        {"Allow": {"description": "The methods that are understood.", **_TEXT}},
    ),
    "LargeBody": (413, "The request has a body of more than a megabyte.", {}),
    "LongQuery": (414, "The query is too long.", {}),
    "Busy": (
        503,
        "More is asked of this server than it can do now: the same, later.",
        {
            "Retry-After": {
                "description": "In how many seconds to ask again.",
                "schema": {"type": "integer", "minimum": 1},
            }
        },
    ),
}
ANY = ("BadRequest", "LongQuery")  # whatever the route
TAGGED = (
    "An answer is a pure function of the query and carries a strong ETag. Those of /healthz and "
    "/metrics carry none, nor does a refusal, or what /check.json says of a query that can't be "
    "used."
)
ELSEWHERE = (
    "A path at which there is nothing is answered with NotFound (404); another method than GET, "
    "HEAD and OPTIONS with OtherMethod (405), at any path but the page's own for callbacks; a "
    "large body with LargeBody (413), whatever the path and method. Who asks for no JSON may get "
    "these as a page for people. OPTIONS names the methods (Allow). Parts of an answer (Range) are "
    "not offered. A head that the server can't read (400, 501), finds too long (414, 431) or waits "
    "for too long (408), and an upgrade (403, 426), are answered in the server's own words."
)


def components() -> dict[str, Any]:
    """The answers that routes refer to."""
    made = {
        name: _refusal(text) | ({"headers": headers} if headers else {})
        for name, (_, text, headers) in _REFUSED.items()
    }
    held = {"description": "The client holds this answer (If-None-Match).", "headers": ETAG}
    return made | {"NotModified": held}


def common(*names: str) -> dict[str, Any]:
    """Status -> the answer that these refer to; see `components`."""
    return {
        str(_REFUSED[name][0]): {"$ref": f"#/components/responses/{name}"}
        for name in (*ANY, *names)
    }


def kept(*names: str) -> dict[str, Any]:
    """The same of a route whose answer may be kept."""
    return {"304": {"$ref": "#/components/responses/NotModified"}} | common(*names)


def own(refusals: Mapping[int, str]) -> dict[str, Any]:
    """Refusals of one route: status -> when."""
    return {str(status): _refusal(text) for status, text in refusals.items()}


def _refusal(text: str) -> dict[str, Any]:
    error = {"schema": {"$ref": "#/components/schemas/Error"}}
    return {"description": text, "content": {"application/json": error}}

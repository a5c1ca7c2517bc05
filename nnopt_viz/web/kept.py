"""What a client or a proxy may keep of an answer, and how it asks whether that still holds.

Every answer is a pure function of its address and of the release. A browser asks each time
whether what it holds still holds, so a new release is seen at once. A proxy between may answer
for us for as long as NNOPT_VIZ_SHARED_CACHE_SECONDS says; by default not at all, because a proxy
whose keys don't name the release would go on with the old one's answers.
"""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING

from flask import Response, current_app, request

if TYPE_CHECKING:
    from collections.abc import Callable

REVALIDATED = "public, max-age=0, must-revalidate"
FOR_GOOD = "public, max-age=31536000, immutable"  # a year; under a name that says what is in it
SHARED = "NNOPT_VIZ_SHARED_CACHE_SECONDS"  # in the server's config
_HELD = re.compile(r'(?:W/)?"([^"]*)"')


def content_tag(content: bytes) -> str:
    """The tag of what is told by its bytes alone."""
    return hashlib.sha256(content).hexdigest()[:32]


def held(tag: str) -> str | None:
    """The tag under which the client holds the answer of this tag, or None.

    A compressed answer's tag ends in `:br` or the like (Flask-Compress); it counts while the
    client still takes that encoding, as one does that names none.
    """
    given = request.headers.get("If-None-Match", "")
    if given.strip() == "*":
        return tag
    takes = request.accept_encodings if "Accept-Encoding" in request.headers else None
    for one in _HELD.findall(given):
        plain, _, encoding = one.partition(":")
        if plain == tag and (not encoding or takes is None or takes.quality(encoding) > 0):
            return str(one)
    return None


def not_modified(tag: str, more: str = "", words: str = REVALIDATED) -> Response | None:
    """The 304 for a client that holds the answer of this tag, under the tag that it holds."""
    known = held(tag)
    return None if known is None else with_tag(Response(status=304), known, more, words)


def with_tag(answer: Response, tag: str, more: str = "", words: str = REVALIDATED) -> Response:
    """The answer with its tag, and for how long it may be kept.

    Args:
        answer: is changed.
        tag: strong.
        more: further words for Cache-Control.
        words: REVALIDATED or FOR_GOOD.
    """
    seconds = current_app.config.get(SHARED, 0) if words == REVALIDATED else 0
    shared = f"s-maxage={seconds}" if seconds else ""
    answer.set_etag(tag)
    answer.headers["Cache-Control"] = ", ".join(filter(None, (words, shared, more)))
    return answer


def kept(tag: str, made: Callable[[], Response], words: str = REVALIDATED) -> Response:
    """The 304, or the answer, made only when it is needed."""
    known = not_modified(tag, words=words)
    return known if known is not None else with_tag(made(), tag, words=words)

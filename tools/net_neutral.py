"""What the net leaves out of a record, or puts in a neutral form, and why. All else is kept."""

from __future__ import annotations

import json
import re

# Headers that say when, or say the body's length once more (which is kept beside its hash).
DROPPED = ("Date", "Last-Modified", "Content-Length")

# (names of answers, pattern, what stands for it) in bodies.
NEUTRAL: tuple[tuple[str, str, str], ...] = (
    # Browser modules and style sheets move and are split: how many a page names, what they are
    # called and when they were written is no number. That each is there is asked separately.
    (r"", r'(?:<link rel="stylesheet" href="/assets/[^"]*">\s*)+', "<style sheets>\n"),
    (r"", r'(?:<script[^>]*src="/assets/[^"]*"[^>]*></script>\s*)+', "<modules>\n"),
    (r"", r"/assets/[\w./-]+\.(mjs|js|css|woff2)(?:\?m=[\d.]+)?", r"/assets/….\1"),
    # A release changes the version and nothing else.
    (r"/(healthz|openapi|catalogue)", r'"version":"[\w.]+"', '"version":"…"'),
    (r"/run\.html|\.html$|--version", r"(nnopt[_-]viz) \d+\.\d+[\w.]*", r"\1 …"),
    # Dash draws these when a server starts or a page is opened, and lists packages from a set.
    (r"^GET ", r'"end_id":"[^"]*"', '"end_id":"…"'),
    (r"/_reload-hash", r'"(reloadHash|packages)":("[^"]*"|\[[^\]]*\])', r'"\1":"…"'),
)
# Dash writes the names of a component's `data-…` and `aria-…` from a set, so in an order that
# changes from one start to the next: its JSON is written anew, names in alphabetical order.
SORTED = re.compile(r"^(GET|POST) /_dash-(layout|update-component)")
# The hashes of inline scripts in the policy: those scripts stand in the page, which is compared.
POLICY = re.compile(r"(?: 'sha256-[^']+')+")
# An ETag is made from the package's sources, so every landing changes every one. What is kept is
# which answers share one, and that each is held (304) by who sends it back.
TAG = re.compile(r'(W/)?"([^":]*)(:\w+)?"')


def neutral(name: str, body: bytes) -> bytes:
    """The body of a named answer with NEUTRAL's forms in it."""
    for route, pattern, instead in NEUTRAL:
        if re.search(route, name):
            body = re.sub(pattern.encode(), instead.encode(), body)
    if SORTED.search(name):
        try:
            body = json.dumps(json.loads(body), sort_keys=True, ensure_ascii=False).encode()
        except ValueError:
            return body
    return body


def neutral_header(key: str, value: str) -> str:
    """A header's value without what changes by itself."""
    if key == "Content-Security-Policy":
        return POLICY.sub(" 'sha256-…'", value)
    if key == "Allow":  # written from a set
        return ", ".join(sorted(value.split(", ")))
    return value


def parts_of_tag(value: str) -> tuple[str, str, str]:
    """An ETag's mark of weakness, its text, and the mark of a compressed answer."""
    found = TAG.fullmatch(value)
    assert found, f"no ETag: {value}"
    weak, text, encoding = found.groups("")
    return weak, text, encoding

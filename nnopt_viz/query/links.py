"""Links as they arrive: through mail, word processors and chats that changed some characters.

What they put in has no meaning in the grammar, so no link that is whole is touched.
"""

from __future__ import annotations

import re
from html import unescape
from urllib.parse import quote, unquote

MOST_TIMES = 5  # that a text may have been encoded over again

_ENTITY = re.compile(r"&(?:amp|quot|lt|gt|apos|nbsp|#[0-9]{2,4}|#[xX][0-9a-fA-F]{2,4});")
_HALF = re.compile("&amp%3[bB]")
_EQUALS = re.compile("%(25)*3[dD]")
# What is read as a plain character, and what is said of it.
_CHARACTERS = (
    ("“”„‟«»″", '"', "Curly quotes were read as plain ones."),
    ("‘’‚′", "'", "Curly quotes were read as plain ones."),
    ("−–", "-", "Minus signs of another kind were read as plain ones."),
    ("\u00a0\u2002\u2003\u2009\u202f", " ", "Spaces of another kind were read as plain ones."),
)


def mended(query: str) -> tuple[str, list[str]]:
    """A query text as it stood before it was passed on, and sentences about what was changed.

    The text of a query that needs nothing is handed back as it is.

    Args:
        query: raw, as it stands behind the question mark.
    """
    said: list[str] = []
    for _ in range(MOST_TIMES):
        parts = query.split("&")
        if not any(map(_is_encoded, parts)):
            break
        query = "&".join(unquote(part) if _is_encoded(part) else part for part in parts)
        said = ["The link was percent-encoded as a whole: it was decoded."]
    for _ in range(MOST_TIMES):
        query = _HALF.sub("&amp;", query)  # what a browser makes of &amp; in an address
        if not _ENTITY.search(query):
            break
        query = _ENTITY.sub(_character, query)
        sentence = (
            "&amp; and the like, which HTML writes for single characters, were read as these."
        )
        said = [*said, sentence] if sentence not in said else said
    return query, said


def plain(text: str) -> tuple[str, list[str]]:
    """A decoded value with plain quotes, minus signs and spaces, and what was changed."""
    said: list[str] = []
    for characters, instead, sentence in _CHARACTERS:
        if any(character in text for character in characters):
            text = text.translate(dict.fromkeys(map(ord, characters), instead))
            said += [sentence] if sentence not in said else []
    if '"' not in text and text.count("'") >= 2 and text.count("'") % 2 == 0:
        text = text.replace("'", '"')  # f='x**2', as Python would have it
        said.append("Single quotes were read as double ones.")
    return text, said


def _is_encoded(part: str) -> bool:
    """Has this part no equals sign but an encoded one, in UTF-8?"""
    if "=" in part or not _EQUALS.search(part):
        return False
    try:
        unquote(part, errors="strict")
    except UnicodeDecodeError:
        return False
    return True


def _character(found: re.Match[str]) -> str:
    """What an entity stands for; encoded, unless it stands between two parts."""
    character = unescape(found[0])
    return character if character == "&" else quote(character, safe="'")

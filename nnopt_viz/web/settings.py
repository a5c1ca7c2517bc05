"""The server's settings, from environment variables.

    NNOPT_VIZ_HOST                  address to listen on             127.0.0.1
    NNOPT_VIZ_PORT                  port                             8050
    NNOPT_VIZ_WORKERS               processes                        one for each core, 2 to 4
    NNOPT_VIZ_THREADS               threads in each process          8
    NNOPT_VIZ_FRAME_ANCESTORS       sites that may embed the page    'self'
    NNOPT_VIZ_SHARED_CACHE_SECONDS  how long a proxy may answer      0
                                    without asking

Frame ancestors are 'self', 'none', * or origins such as https://course.example.edu,
separated by spaces. Only a proxy whose cache's keys name the release (/healthz says it), or that
is emptied with each one, may answer without asking: any other would go on with the old release.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_ORIGIN = re.compile(
    r"\*|'self'|'none'|(https?://)?(\*\.)?[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*(:([0-9]+|\*))?"
)


class SettingError(ValueError):
    """A setting that can't be used; the message is one line for a terminal."""


@dataclass(frozen=True, slots=True)
class Settings:
    """How the server runs.

    Args:
        host: address to listen on; 0.0.0.0 for every one (in a container).
        port: 1 to 65535.
        workers: processes, 1 to 64.
        threads: threads in each process, 1 to 256.
        frame_ancestors: value of the policy `frame-ancestors`.
        shared_cache_seconds: for which a proxy may answer without asking, 0 to a year.
    """

    host: str = "127.0.0.1"
    port: int = 8050
    workers: int = 2
    threads: int = 8
    frame_ancestors: str = "'self'"
    shared_cache_seconds: int = 0


def from_environment(environment: Mapping[str, str] | None = None) -> Settings:
    """The settings in these variables (default: the process's); empty counts as not set.

    Raises:
        SettingError: names the variable, its value and what is allowed.
    """
    given = os.environ if environment is None else environment
    usual = Settings()

    def number(name: str, default: int, most: int, least: int = 1) -> int:
        text = given.get(name, "").strip() or str(default)
        return whole(name, text, most, least)

    cores = min(4, max(2, os.cpu_count() or 2))
    return Settings(
        host=given.get("NNOPT_VIZ_HOST", "").strip() or usual.host,
        port=number("NNOPT_VIZ_PORT", usual.port, 65535),
        workers=number("NNOPT_VIZ_WORKERS", cores, 64),
        threads=number("NNOPT_VIZ_THREADS", usual.threads, 256),
        frame_ancestors=frame_ancestors(given.get("NNOPT_VIZ_FRAME_ANCESTORS", "")),
        shared_cache_seconds=number("NNOPT_VIZ_SHARED_CACHE_SECONDS", 0, 31_536_000, 0),
    )


def whole(name: str, text: str, most: int, least: int = 1) -> int:
    """A whole number from `least` to `most`."""
    if not re.fullmatch(r"[0-9]{1,9}", text) or not least <= int(text) <= most:
        raise SettingError(f"{name} is a whole number from {least} to {most}, not {text!r}")
    return int(text)


def frame_ancestors(text: str) -> str:
    """The policy's value; `self` and `none` may stand without their quotes."""
    words = text.split() or ["'self'"]
    words = [f"'{word}'" if word in ("self", "none") else word for word in words]
    for word in words:
        if not _ORIGIN.fullmatch(word):
            raise SettingError(
                "NNOPT_VIZ_FRAME_ANCESTORS is 'self', 'none', * or origins such as "
                f"https://course.example.edu, separated by spaces, not {word!r}"
            )
    if "'none'" in words and len(words) > 1:
        raise SettingError("NNOPT_VIZ_FRAME_ANCESTORS: 'none' stands alone")
    return " ".join(words)

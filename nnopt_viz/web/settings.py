"""The server's settings, from environment variables.

    NNOPT_VIZ_HOST                  address to listen on                             127.0.0.1
    NNOPT_VIZ_PORT                  port                                             8050
    NNOPT_VIZ_WORKERS               processes                                        cores, 2 to 4
    NNOPT_VIZ_THREADS               cheap requests computed at once in each process  1
    NNOPT_VIZ_SLOTS                 dear requests computed at once in each process   cores / workers
    NNOPT_VIZ_MEMORY                MB lent to requests in each process              300
    NNOPT_VIZ_DEADLINE              seconds for a head, a body, a stalled reader     10
    NNOPT_VIZ_PROXIES               proxies whose X-Forwarded-For says who asks      none
    NNOPT_VIZ_LOG                   off, requests (a line each), queries (all)       off
    NNOPT_VIZ_METRICS               on for /metrics                                  off
    NNOPT_VIZ_FRAME_ANCESTORS       sites that may embed pages                       see below
    NNOPT_VIZ_SHARED_CACHE_SECONDS  for which a proxy may answer without asking      0

Proxies are addresses or networks such as 10.0.0.0/8, separated by spaces. Frame ancestors are
'self', 'none', * or origins such as https://course.example.edu, separated by spaces; where none are
set, anyone may embed race, lab and lessons, which keep nothing and ask for nothing, and only this
site the other pages. A shared cache is for a proxy whose keys name the release (/healthz says it)
or that is emptied with each one: any other would go on with the old release.
"""

from __future__ import annotations

import ipaddress
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
        threads: cheap requests computed at once in each process, 1 to 256.
        slots: dear requests computed at once in each process, 1 to 64; 0 for cores / workers.
        memory: MB that requests may hold together in each process, 64 to 1,000,000.
        deadline: seconds for a whole head, a whole body, and a reader who takes nothing, 1 to 600.
        proxies: networks whose X-Forwarded-For says who asks.
        log: "off", "requests" or "queries": what is written of each request.
        metrics: is there a /metrics?
        frame_ancestors: value of the policy `frame-ancestors` of every page; "": anyone may embed
            race, lab and lessons, only this site the others.
        shared_cache_seconds: for which a proxy may answer without asking, 0 to a year.
    """

    host: str = "127.0.0.1"
    port: int = 8050
    workers: int = 2
    threads: int = 1
    slots: int = 0
    memory: int = 300
    deadline: int = 10
    proxies: tuple[str, ...] = ()
    log: str = "off"
    metrics: bool = False
    frame_ancestors: str = ""
    shared_cache_seconds: int = 0

    @property
    def dear_at_once(self) -> int:
        """Dear requests that are computed at once in each process."""
        return self.slots or max(1, cores() // self.workers)


_used: list[Settings] = []


def use(settings: Settings) -> None:
    """From now on these are the settings of this process and of those that it forks."""
    _used[:] = [settings]


def current() -> Settings:
    """The settings in use; the environment's where nothing else was chosen."""
    return _used[0] if _used else from_environment()


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

    return Settings(
        host=given.get("NNOPT_VIZ_HOST", "").strip() or usual.host,
        port=number("NNOPT_VIZ_PORT", usual.port, 65535),
        workers=number("NNOPT_VIZ_WORKERS", min(4, max(2, cores())), 64),
        threads=number("NNOPT_VIZ_THREADS", usual.threads, 256),
        slots=number("NNOPT_VIZ_SLOTS", usual.slots, 64, 0),
        memory=number("NNOPT_VIZ_MEMORY", usual.memory, 1_000_000, 64),
        deadline=number("NNOPT_VIZ_DEADLINE", usual.deadline, 600),
        proxies=networks(given.get("NNOPT_VIZ_PROXIES", "")),
        log=one_of("NNOPT_VIZ_LOG", given, ("off", "requests", "queries")),
        metrics=one_of("NNOPT_VIZ_METRICS", given, ("off", "on")) == "on",
        frame_ancestors=frame_ancestors(given.get("NNOPT_VIZ_FRAME_ANCESTORS", "")),
        shared_cache_seconds=number("NNOPT_VIZ_SHARED_CACHE_SECONDS", 0, 31_536_000, 0),
    )


def cores() -> int:
    """How many this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 2


def whole(name: str, text: str, most: int, least: int = 1) -> int:
    """A whole number from `least` to `most`."""
    if not re.fullmatch(r"[0-9]{1,9}", text) or not least <= int(text) <= most:
        raise SettingError(f"{name} is a whole number from {least} to {most}, not {text!r}")
    return int(text)


def one_of(name: str, given: Mapping[str, str], words: tuple[str, ...]) -> str:
    """One of these words; the first where nothing is set."""
    text = given.get(name, "").strip() or words[0]
    if text not in words:
        raise SettingError(f"{name} is {', '.join(words[:-1])} or {words[-1]}, not {text!r}")
    return text


def networks(text: str) -> tuple[str, ...]:
    """Addresses and networks, as they are written."""
    words = tuple(text.replace(",", " ").split())
    for word in words:
        try:
            ipaddress.ip_network(word)
        except ValueError:
            raise SettingError(
                "NNOPT_VIZ_PROXIES is addresses or networks such as 10.0.0.0/8, separated by "
                f"spaces, not {word!r}"
            ) from None
    return words


def frame_ancestors(text: str) -> str:
    """The policy's value, "" where none is set; `self` and `none` may stand without quotes."""
    words = text.split()
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

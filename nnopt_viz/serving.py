"""gunicorn inside our own process: threads, our settings, and clear refusals."""

from __future__ import annotations

import gc
import logging
import os
import socket
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gunicorn.app.base import BaseApplication

from nnopt_viz.web import metrics
from nnopt_viz.web.settings import SettingError, use

if TYPE_CHECKING:
    from nnopt_viz.web.settings import Settings

MAX_REQUEST_LINE = 8190  # the most that gunicorn allows; longer ones get 414


def serve(settings: Settings) -> None:
    """Serve until stopped; SIGTERM and SIGINT end with exit code 0.

    Raises:
        SettingError: when the address can't be used.
    """
    check_address(settings.host, settings.port)
    use(settings)
    _log(settings.log)
    sys.stdout.write(f"nnopt_viz on http://{shown_address(settings.host, settings.port)}\n")
    sys.stdout.flush()
    _Server(settings).run()


def _log(what: str) -> None:
    """A line a request on standard output, as plain JSON; with addresses and queries, or not."""
    requests = logging.getLogger("nnopt_viz.requests")
    requests.setLevel({"requests": logging.INFO, "queries": logging.DEBUG}.get(what, logging.ERROR))
    requests.addHandler(logging.StreamHandler(sys.stdout))
    requests.propagate = False


def check_address(host: str, port: int) -> None:
    """Raise SettingError when nothing can listen here; gunicorn would try for five seconds."""
    try:
        family, kind, number, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        with socket.socket(family, kind, number) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
            probe.listen()
    except OSError as fault:
        raise SettingError(
            f"can't listen on {shown_address(host, port)}: {fault.strerror or fault}; "
            "choose another with --port or NNOPT_VIZ_PORT"
        ) from None
    except UnicodeError:
        raise SettingError(f"{host!r} is no host name or address") from None


def shown_address(host: str, port: int) -> str:
    """host:port, with brackets round an IPv6 address."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


class _Server(BaseApplication):  # type: ignore[misc]
    """gunicorn with our settings; the app is loaded once, before the workers start."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        super().__init__()

    def load_config(self) -> None:
        shared_memory = Path("/dev/shm")  # noqa: S108  a heartbeat file, deleted at once
        options: dict[str, Any] = {
            "bind": shown_address(self.settings.host, self.settings.port),
            "worker_class": "nnopt_viz.web.worker.Worker",
            "workers": self.settings.workers,
            "asgi_loop": "asyncio",  # the standard library's: one thing less to keep
            "asgi_lifespan": "off",
            "preload_app": True,
            "control_socket_disable": True,
            "limit_request_line": MAX_REQUEST_LINE,
            "keepalive": 30,
            "graceful_timeout": 6,
            "timeout": 60,
            "loglevel": "warning",
        }
        if self.settings.metrics:
            metrics.prepare()
            options["child_exit"] = metrics.forget
        if os.access(shared_memory, os.W_OK):
            options["worker_tmp_dir"] = str(shared_memory)
        for name, value in options.items():
            self.cfg.set(name, value)

    def load(self) -> Any:
        gc.disable()  # nothing that is imported here is garbage
        from nnopt_viz.page.opening import page_for
        from nnopt_viz.page.pages.catalogue import catalogue_page
        from nnopt_viz.web.addresses import networks
        from nnopt_viz.web.bridge import Bridge
        from nnopt_viz.web.guard import MAX_BODY_BYTES
        from nnopt_viz.web.worker import Worker
        from nnopt_viz.wsgi import server

        catalogue_page()  # a second's work, done once for all workers: the surfaces' pictures too
        page_for("/", "")  # and the menus
        gc.freeze()  # nor does a worker need to look at it again
        gc.enable()
        Worker.deadline = self.settings.deadline
        Worker.trusted = trusted = networks(self.settings.proxies)
        return Bridge(
            server, self.settings.threads, self.settings.deadline, MAX_BODY_BYTES, trusted
        )

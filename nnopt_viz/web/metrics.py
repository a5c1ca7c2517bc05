"""What an operator watches, in the format of Prometheus; off unless it is set.

The counts of all workers together, kept by Prometheus' own client in files that they share.
"""

from __future__ import annotations

import os
import resource
import sys
import tempfile
import threading
from functools import cache
from typing import TYPE_CHECKING, Any

from flask import Flask, Response

if TYPE_CHECKING:
    from nnopt_viz.web.desk import Desk

FOLDER = "PROMETHEUS_MULTIPROC_DIR"  # the client's own name for where it keeps them
KILOBYTE = 1024 if sys.platform != "darwin" else 1  # the unit of ru_maxrss


def prepare() -> None:
    """Before the workers start: a place for what they count."""
    os.environ[FOLDER] = tempfile.mkdtemp(prefix="nnopt_viz_metrics_")


def forget(_: Any, worker: Any) -> None:
    """A worker has ended: what it held is free. Called by gunicorn in its own process."""
    from prometheus_client import multiprocess

    multiprocess.mark_process_dead(worker.pid)  # type: ignore[no-untyped-call]


def register(server: Flask) -> None:
    """Add /metrics."""
    server.add_url_rule("/metrics", "/metrics", _metrics, methods=["GET"])


def _metrics() -> Response:
    from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
    from prometheus_client.multiprocess import MultiProcessCollector

    registry = CollectorRegistry()
    MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    answer = Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)
    answer.headers["Cache-Control"] = "no-store"
    return answer


class Meters:
    """The numbers of one worker."""

    def __init__(self) -> None:
        from prometheus_client import Counter, Gauge, Histogram

        names = ["route", "status"]
        self.requests = Counter("nnopt_viz_requests", "Requests, by route and status.", names)
        self.bytes = Counter("nnopt_viz_sent_bytes", "Bytes of bodies made, by route.", ["route"])
        self.units = Counter("nnopt_viz_units", "Units of work asked for, by route.", ["route"])
        self.seconds = Histogram(
            "nnopt_viz_seconds", "From a request to the end of its answer, by route.", ["route"],
            buckets=(0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30, 100),
        )  # fmt: skip
        self.happened = {
            "refused": Counter("nnopt_viz_refused", "Requests for which there was no place."),
            "left": Counter("nnopt_viz_left", "Clients that left before all was computed."),
            "hurried": Counter("nnopt_viz_hurried", "Slow readers cut off for their memory."),
        }

        def gauge(name: str, words: str) -> Gauge:
            return Gauge(f"nnopt_viz_{name}", words, multiprocess_mode="livesum")

        self.waiting = gauge("waiting", "Dear requests that wait for a turn.")
        self.places = gauge("dear", "Requests that are dear or need memory, waiting ones included.")
        self.held = gauge("held_bytes", "Memory lent to requests.")
        self.memory = gauge("most_resident_bytes", "The most that each worker has held, summed.")
        self._lock = threading.Lock()
        self._seen = dict.fromkeys(self.happened, 0)

    def note(
        self, desk: Desk, route: str, status: int, units: float, seconds: float, size: int
    ) -> None:
        """Count one request, and see how the desk stands."""
        self.requests.labels(route, str(status)).inc()
        self.bytes.labels(route).inc(size)
        self.units.labels(route).inc(units)
        self.seconds.labels(route).observe(seconds)
        with self._lock:
            for name, counter in self.happened.items():
                now = getattr(desk.counts, name)
                counter.inc(now - self._seen[name])
                self._seen[name] = now
        self.waiting.set(len(desk.slow.waiting))
        self.places.set(desk.places)
        self.held.set(desk.held)
        self.memory.set(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * KILOBYTE)


@cache
def meters() -> Meters | None:
    """This worker's; None where nothing is measured."""
    return Meters() if FOLDER in os.environ else None

"""gunicorn's ASGI worker, with a deadline for heads, room for newcomers, and a clean end."""

from __future__ import annotations

import asyncio
import logging
import resource
import socket
import struct
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gunicorn.workers import gasgi

from nnopt_viz.web.addresses import client_of, is_in
from nnopt_viz.web.bridge import CONNECTION
from nnopt_viz.web.heap import few_arenas

if TYPE_CHECKING:
    from nnopt_viz.web.addresses import Networks

SEND_BUFFER = 256 * 1024  # bytes that the kernel holds for a client who does not read
MOST_CONNECTIONS = 1000  # in each process
AT_ONCE, WAITING = 2, 2048  # connections that a worker takes at once, that wait in the kernel
SPARE_DESCRIPTORS = 16  # for files and pipes, beside connections
DRAIN_SECONDS = 3.0  # for what is under way when the end is asked for


class Protocol(gasgi.ASGIProtocol):  # type: ignore[misc]
    """One connection."""

    def connection_made(self, transport: Any) -> None:
        """A client has come: its head is waited for."""
        self._head: asyncio.TimerHandle | None = None
        self.since = self.worker.loop.time()  # when it became idle
        peer = transport.get_extra_info("peername") or ("",)
        self.is_proxy = is_in(str(peer[0]), self.worker.trusted)
        self.peer = client_of(str(peer[0]))
        super().connection_made(transport)
        plain = transport.get_extra_info("socket")
        if plain is not None and plain.family in (socket.AF_INET, socket.AF_INET6):
            plain.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER)
        self._wait_for_head()
        self.worker.open.add(self)
        self.worker.make_room(self)

    def data_received(self, data: bytes) -> None:
        """Some bytes have come; with the first of a head its time begins to run."""
        if self._awaiting_request and self._head is None:
            self._wait_for_head()
        super().data_received(data)

    def connection_lost(self, exc: Exception | None) -> None:
        """The client has gone, or was sent away."""
        self._head_is_there()
        self.worker.open.discard(self)
        super().connection_lost(exc)

    def cut(self) -> None:
        """Reset the connection: what is unsent is dropped, by the kernel too."""
        self._closed = True
        if self.transport is not None:
            plain = self.transport.get_extra_info("socket")
            if plain is not None and plain.fileno() >= 0:  # the client may have been faster
                plain.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.transport.abort()

    def end(self) -> None:
        """End the connection when what was written is sent: a reader can tell that more was due."""
        self._closed = True
        if self.transport is not None:
            self.transport.close()

    @property
    def is_idle(self) -> bool:
        """Is nothing asked on it at present?"""
        return bool(self._current_request is None and not self._finishing_calls)

    def _wait_for_head(self) -> None:
        self._head = self.worker.loop.call_later(self.worker.deadline, self._head_is_late)

    def _head_is_there(self) -> None:
        if self._head is not None:
            self._head.cancel()
            self._head = None

    def _head_is_late(self) -> None:
        self._head = None
        self._send_error_response(408, "The head of a request did not come in time")
        self._close_transport()
        self._request_ready.set()

    def _on_headers_complete(self) -> Any:
        self._head_is_there()
        return super()._on_headers_complete()

    def _build_http_scope(self, request: Any, sockname: Any, peername: Any) -> dict[str, Any]:
        scope: dict[str, Any] = super()._build_http_scope(request, sockname, peername)
        scope.setdefault("extensions", {})[CONNECTION] = self
        return scope

    def _arm_keepalive_timer(self) -> None:
        self.since = self.worker.loop.time()
        super()._arm_keepalive_timer()


class Loop(asyncio.SelectorEventLoop):
    """Takes few connections at a time, so that a crowd is spread over all workers."""

    async def create_server(self, *given: Any, **named: Any) -> Any:
        """As it is, but for how many are taken at once; many more may wait in the kernel."""
        server = await super().create_server(*given, **(named | {"backlog": AT_ONCE}))
        named["sock"].listen(WAITING)
        return server


gasgi.ASGIProtocol = Protocol  # the worker makes its protocols by this name


class Worker(gasgi.ASGIWorker):  # type: ignore[misc]
    """One process; `deadline` and `trusted` are set by `serving`."""

    deadline = 10.0
    trusted: Networks = ()

    def _setup_event_loop(self) -> None:
        self.loop = Loop()
        asyncio.set_event_loop(self.loop)

    def init_process(self) -> None:
        """Get ready to serve: as many connections as there are descriptors for."""
        self.open: set[Protocol] = set()
        few_arenas()
        soft, most = resource.getrlimit(resource.RLIMIT_NOFILE)
        wanted = 2 * MOST_CONNECTIONS
        soft = max(soft, wanted if most == resource.RLIM_INFINITY else min(wanted, most))
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, most))
        opened = Path("/proc/self/fd")
        used = len(list(opened.iterdir())) if opened.is_dir() else 2 * SPARE_DESCRIPTORS
        self.most = max(4, min(MOST_CONNECTIONS, soft - used - SPARE_DESCRIPTORS))
        super().init_process()

    def make_room(self, newcomer: Protocol) -> None:
        """With as many connections as can be held, who has been idle longest makes room; where
        nobody is idle, one of the client who has most, which may be the newcomer itself."""
        if len(self.open) <= self.most:
            return
        idle = [one for one in self.open if one.is_idle and one is not newcomer]
        leaves = min(idle, key=lambda one: one.since, default=newcomer)
        if leaves is newcomer:
            many = Counter(one.peer for one in self.open if not one.is_proxy)
            peer = max(many, key=lambda one: (many[one], one == newcomer.peer), default="")
            if many[peer] > 1 and peer != newcomer.peer:
                theirs = (one for one in self.open if one.peer == peer)
                leaves = max(theirs, key=lambda one: one.since, default=newcomer)
        self.open.discard(leaves)  # at once: the next newcomer must not choose it again
        leaves.cut()

    def handle_exit_signal(self) -> None:
        """SIGTERM: nothing new; what is under way may end, streams at a whole piece."""
        super().handle_exit_signal()
        for server in self.servers:
            server.close()
        for one in list(self.open):
            if one.is_idle:
                one.cut()
        self.loop.call_later(DRAIN_SECONDS, self.asgi.drain)

    def run(self) -> None:
        """Serve until told to stop."""
        self.loop.set_exception_handler(_quietly)
        super().run()


def _quietly(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """No traceback for descriptors that ran out: asyncio goes on accepting a second later."""
    fault = context.get("exception")
    if isinstance(fault, OSError) and "accept" in str(context.get("message", "")):
        logging.getLogger("gunicorn.error").warning("no more connections: %s", fault.strerror)
        return
    loop.default_exception_handler(context)

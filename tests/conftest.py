"""Clients that close what they asked for; and what `make conformance` measures, for the page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from flask.testing import FlaskClient

from nnopt_viz.catalogue import evidence as kept
from tests.support.recording import Recorder

if TYPE_CHECKING:
    from collections.abc import Generator

RECORDER = pytest.StashKey[Recorder]()


def pytest_configure(config: pytest.Config) -> None:
    config.stash[RECORDER] = Recorder()
    FlaskClient.open = _open  # type: ignore[method-assign]


_asked = FlaskClient.open


def _open(self: FlaskClient, *given: Any, **named: Any) -> Any:
    """As a server does: an answer is read to its end and closed, unless a test wants otherwise.

    What is lent to an answer (see `web.desk`) is given back when it is closed.
    """
    return _asked(self, *given, **({"buffered": True} | named))


@pytest.fixture
def evidence(request: pytest.FixtureRequest) -> Recorder:
    """Where a comparison says what it found, once it has passed."""
    return request.config.stash[RECORDER]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: Any) -> Generator[None, Any, Any]:
    """A test marked `worked(kind, by, *names)` that passes is a check by hand."""
    report = yield
    if report.when == "call" and report.passed:
        for mark in item.iter_markers("worked"):
            kind, by, *names = mark.args
            for name in names:
                item.config.stash[RECORDER].worked(kind, name, by)
    return report


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Take over what a worker of pytest-xdist has measured."""
    node.config.stash[RECORDER].take(getattr(node, "workeroutput", {}).get("measured", {}))


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Write, when it is a run of `make conformance`; ordinary tests change no file."""
    config = session.config
    if hasattr(config, "workeroutput"):  # a worker of pytest-xdist knows a part: it hands it on
        config.workeroutput["measured"] = config.stash[RECORDER].rows
        return
    marks, words = config.option.markexpr, config.option.keyword
    if "conformance" not in marks or "not conformance" in marks:
        return
    is_whole = config.args_source is pytest.Config.ArgsSource.TESTPATHS and not words
    config.stash[RECORDER].write(kept.FILE, complete=is_whole and not session.testsfailed)

"""One server, one Chromium and one page of the race a worker; further pages on demand.

Loading the page is what takes longest in software WebGL. `visit` is a page that earlier tests
of this worker have used: `visit.open(query)` changes its address as the browser's "back" does.
A test that alters more than the race (camera, theme, what is stored) says `visit.is_altered`,
or takes `fresh`: pages of its own. After a failure nothing is used again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Playwright, sync_playwright

from tests.support.chromium import FLAGS, chromium_path
from tests.support.server import serving
from tests.support.visit import DESK, Visit

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator

FAILED = pytest.StashKey[bool]()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: Any) -> Generator[None, Any, Any]:
    report = yield
    if report.failed:
        item.stash[FAILED] = True
    return report


@pytest.fixture(scope="session")
def site() -> Iterator[str]:
    with serving(threads=8) as port:
        yield f"http://127.0.0.1:{port}"


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as started:
        yield started


@pytest.fixture(scope="session")
def launch(playwright: Playwright) -> Callable[..., Browser]:
    """Starts Chromium with the usual flags or with others."""
    path = chromium_path()
    return lambda flags=FLAGS: playwright.chromium.launch(executable_path=path, args=list(flags))


@pytest.fixture(scope="session")
def chromium(launch: Callable[..., Browser]) -> Iterator[Browser]:
    browser = launch()
    yield browser
    browser.close()


@pytest.fixture(scope="session")
def context(chromium: Browser) -> BrowserContext:
    """Files once loaded stay: a second page of the same context comes in half the time."""
    return chromium.new_context(viewport=DESK)  # type: ignore[arg-type]


@pytest.fixture(scope="session")
def shared() -> list[Visit]:
    """The page of the race that tests hand on to each other; none or one."""
    return []


@pytest.fixture
def visit(
    request: pytest.FixtureRequest, context: BrowserContext, site: str, shared: list[Visit]
) -> Iterator[Visit]:
    """The worker's page of the race."""
    made = shared.pop() if shared else Visit(context, site)
    yield made
    if request.node.stash.get(FAILED, False) or made.is_altered:
        made.leave()
        return
    made.lay_down()
    made.check()
    shared.append(made)


@pytest.fixture
def fresh(context: BrowserContext, site: str) -> Iterator[Callable[..., Visit]]:
    """Makes pages that nobody has used: `fresh(width=390, scheme="dark")`."""
    made: list[Visit] = []

    def make(**options: Any) -> Visit:
        made.append(Visit(context, site, **options))
        return made[-1]

    yield make
    for one in made:
        if not one.page.is_closed():
            one.leave()

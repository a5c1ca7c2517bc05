"""How a page is opened: what is asked of the server, and what is said when it has no answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from nnopt_viz.page.callbacks import WAITING
from nnopt_viz.page.opening import PREFIX

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.support.visit import Visit

pytestmark = pytest.mark.browser


@pytest.mark.parametrize(
    "address",
    ["/", "/network?net=mlp&epochs=4", "/learn/momentum", "/experiments", "/catalogue", "/gallery"],
)
def test_a_first_load_asks_only_what_a_proxy_can_answer(
    address: str, fresh: Callable[..., Visit]
) -> None:
    visit = fresh(scheme="dark")
    methods: set[str] = set()
    visit.page.on("request", lambda request: methods.add(request.method))
    visit.page.goto(visit.site + address)
    expect(visit.page.locator("#main h1").first).to_be_attached()
    if address.startswith(("/?", "/network")) or address == "/":
        visit.ready()
    visit.rest()
    assert methods == {"GET"}


def test_a_page_that_cannot_be_had_is_asked_for_again(fresh: Callable[..., Visit]) -> None:
    visit = fresh()
    refused: list[str] = []

    def answer(route: Any) -> None:
        if refused:
            route.continue_()
        else:
            refused.append(route.request.url)
            route.fulfill(status=503, body="busy")

    visit.page.route(f"**{PREFIX}/**", answer)
    visit.page.goto(visit.site + "/learn")
    expect(visit.page.get_by_text(WAITING)).to_be_visible()
    expect(visit.page.locator("#main h1").first).to_be_visible()
    assert refused
    assert visit.page.get_by_text(WAITING).count() == 0
    visit.faults.clear()  # the browser writes every 503 into its console

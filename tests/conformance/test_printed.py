"""That single precision is why: torch in float32 prints the digits of the source, every one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from nnopt_viz.catalogue.lookup import in_notation
from nnopt_viz.catalogue.published import RECORDS, SINGLE, Record
from nnopt_viz.race.codec import decode

if TYPE_CHECKING:
    from collections.abc import Callable

    Loss = Callable[[Any, Any], Any]
    Step = Callable[[Callable[[], Any]], Any]  # takes what computes loss and gradient

pytestmark = pytest.mark.conformance

SINGLES = [record for record in RECORDS if any(one.why == SINGLE for one in record.figures)]


def flower(x: Any, y: Any) -> Any:
    torch = pytest.importorskip("torch")
    return torch.norm(torch.stack((x, y))) + torch.sin(4 * torch.atan2(y, x))


def by_hand(point: Any, lr: float) -> Step:
    """A step as the source takes it: lr*g is rounded before it is subtracted."""

    def step(evaluate: Callable[[], Any]) -> None:
        evaluate()
        point.data.sub_(lr * point.grad)

    return step


def sgd(point: Any, lr: float) -> Step:
    torch = pytest.importorskip("torch")
    return torch.optim.SGD([point], lr=lr).step


def l_bfgs(point: Any, lr: float) -> Step:
    torch = pytest.importorskip("torch")
    return torch.optim.LBFGS([point], lr=lr, max_iter=1).step


# Losses and steps as the sources write them: in single precision x*x is not always x**2.
WRITTEN: dict[str, tuple[Loss, Callable[[Any, float], Step]]] = {
    "keydana_rosenbrock": (lambda x, y: (1 - x) ** 2 + 5 * (y - x**2) ** 2, by_hand),
    "hasktorch_449": (lambda x, y: (1 - x) ** 2 + 100 * (y - x * x) ** 2, sgd),
    "mlverse_516": (flower, l_bfgs),
}


def test_every_record_with_this_reason_is_here() -> None:
    assert {record.name for record in SINGLES} == set(WRITTEN)


@pytest.mark.parametrize("record", SINGLES, ids=lambda record: record.name)
def test_single_precision_prints_the_digits_of_the_source(record: Record) -> None:
    torch = pytest.importorskip("torch")
    scenario = decode(record.query)
    (run,) = scenario.runs
    start = [scenario.start.number("x"), scenario.start.number("y")]
    point = torch.tensor(start, dtype=torch.float32, requires_grad=True)
    loss, stepping = WRITTEN[record.name]
    step = stepping(point, run.number("lr"))
    seen: list[dict[str, float]] = []

    def evaluate() -> Any:
        point.grad = None
        value = loss(point[0], point[1])
        value.backward()
        x, y = point.tolist()
        gx, gy = point.grad.tolist()
        seen.append({"x": x, "y": y, "f": value.item(), "gx": gx, "gy": gy})
        return value

    for _ in range(max(one.step for one in record.figures) + 1):
        step(evaluate)
    for one in record.figures:
        assert in_notation(seen[one.step][one.quantity], one.text) == one.text, one

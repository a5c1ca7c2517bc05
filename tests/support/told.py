"""What an event says, read back from its text and computed again from the path alone."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from nnopt_viz import trajectory
from nnopt_viz.judge.evaluate import evaluate
from nnopt_viz.judge.ground import diagonal
from nnopt_viz.judge.one_weight import has_one_weight
from nnopt_viz.race.scenario import Scenario
from tests.support.flow import explicit_ends

if TYPE_CHECKING:
    from collections.abc import Callable

    from nnopt_viz.judge.events import Event

N = r"(−?(?:\d+(?:\.\d+)?(?: × 10[⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+)?|∞)|undefined)"
P = rf"(?:\(|x = ){N}(?:, {N}\))?"  # of one weight the second number is None
RAISED = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")
MODIFIERS = ("clip_norm", "clip_value", "lookahead", "accumulate", "decoupled_decay")


def value(text: str | None) -> float:
    """A number as a sentence writes it; where it says none, 0."""
    if text is None:
        return 0.0
    text = text.replace("−", "-").replace("∞", "inf").replace("undefined", "nan")
    mantissa, _, power = text.partition(" × 10")
    return float(mantissa) * (10.0 ** int(power.translate(RAISED)) if power else 1.0)


def says(text: str | None, true: float, absolute: float = 0.0) -> None:
    """Does a number in a sentence round the true one?"""
    shown = value(text)
    if math.isfinite(true):
        share = 0.051 if "×" in (text or "") else 0.0051  # two digits there, three elsewhere
        assert abs(shown - true) <= share * abs(true) + absolute, (text, true)
    else:
        assert shown == true or (math.isnan(shown) and math.isnan(true)), (text, true)


@dataclass
class Path:
    """The first start of one run, from the table of the trajectory."""

    query: str
    run: int

    def __post_init__(self) -> None:
        self.scenario = Scenario.from_query(self.query)
        self.call = self.scenario.runs[self.run]
        table = trajectory(self.scenario)
        rows = table[(table["run"] == self.run) & (table["lane"] == 0)]
        self.x = rows[["x", "y"]].to_numpy().T.copy()
        self.has_one_weight = has_one_weight(self.scenario.surface)
        if self.has_one_weight:  # what is said is said of x alone
            self.x[1] = 0.0
        self.loss, self.grad_norm, self.lr = (
            rows[name].to_numpy() for name in ("loss", "grad_norm", "lr")
        )
        self.last = self.loss.size - 1
        self.ended = self.last + 1 if self.last < self.scenario.steps else None
        self.across = diagonal(self.scenario.surface)
        self.moves = np.diff(self.x, axis=1, prepend=self.x[:, :1])
        self.lengths = np.hypot(*self.moves)
        self.wells: dict[int, tuple[float, ...]] = {}

    @cached_property
    def derivatives(self) -> tuple[np.ndarray, np.ndarray]:
        _, g, h = evaluate(self.scenario.surface, self.x[0], self.x[1], 2)
        return g, h

    @property
    def gradient(self) -> np.ndarray:
        return self.derivatives[0]

    @property
    def is_noisy(self) -> bool:
        own = str(self.call["noise"]) if "noise" in dict(self.call.knobs) else "none"
        return self.scenario.noise > 0 or "none" not in own or self.call.name in NOISY

    @cached_property
    def line(self) -> np.ndarray | None:
        """The stability line at steps 1 … last, for methods whose line is known here."""
        k, lr = self.call.numbers(), self.lr[1:]
        b, m = k.get("beta1", 0.0), k.get("momentum", 0.0)
        with np.errstate(all="ignore"):
            match self.call.name:
                case "sgd":
                    return 2 / lr - k["weight_decay"]
                case "momentum":
                    return 2 * (1 + m) / ((1 - k["dampening"]) * lr) - k["weight_decay"]
                case "nesterov":
                    return 2 * (1 + m) / ((1 + 2 * m) * lr) - k["weight_decay"]
                case "adagrad":
                    return 2 / lr
                case "rmsprop":
                    return 2 * (1 + m) / lr
                case "adam" | "amsgrad" | "adamax":
                    return 2 * (1 + b) / ((1 - b) * lr)
                case "adamw":
                    return (2 - lr * k["weight_decay"]) * (1 + b) / ((1 - b) * lr)
        return None

    @cached_property
    def sharpness(self) -> np.ndarray:
        """Largest eigenvalue of the (scaled) Hessian where steps 1 … last begin."""
        h = np.moveaxis(self.derivatives[1][:, :, :-1], 2, 0)
        d = self.divisors
        if d is not None:
            h = h / np.sqrt(d.T[:, :, None] * d.T[:, None, :])
        if self.has_one_weight:
            return np.asarray(h[:, 0, 0])
        with np.errstate(all="ignore"):
            tr, det = h[:, 0, 0] + h[:, 1, 1], (h[:, 0, 0] - h[:, 1, 1]) ** 2 + 4 * h[:, 0, 1] ** 2
            return (tr + np.sqrt(det)) / 2

    def hessian_size(self, step: int) -> float:
        """The largest second derivative, scaled, where a step begins: rounding is a share of it."""
        d = np.ones(2) if self.divisors is None else self.divisors[:, step - 1]
        return float(np.abs(self.derivatives[1][:, :, step - 1] / np.sqrt(np.outer(d, d))).max())

    @cached_property
    def divisors(self) -> np.ndarray | None:
        """What steps 1 … last divide by, from the gradients on the path."""
        k, g = self.call.numbers(), self.gradient[:, :-1]
        t, made = np.arange(1, g.shape[1] + 1), np.empty_like(g)
        v = np.full(2, k.get("initial_accumulator_value", 0.0))
        top, eps = np.zeros(2), k.get("eps", 0.0)
        if self.call.name not in ("adagrad", "rmsprop", "adam", "amsgrad", "adamax", "adamw"):
            return None
        for i in range(g.shape[1]):
            now = g[:, i]
            match self.call.name:
                case "adagrad":
                    v = v + now * now
                    made[:, i] = (1 + i * k["lr_decay"]) * (np.sqrt(v) + eps)
                case "rmsprop":
                    v = k["alpha"] * v + (1 - k["alpha"]) * now * now
                    made[:, i] = np.sqrt(v) + eps
                case "adamax":
                    v = np.maximum(k["beta2"] * v, abs(now) + eps)
                    made[:, i] = (1 - k["beta1"] ** t[i]) * v
                case _:
                    v = k["beta2"] * v + (1 - k["beta2"]) * now * now
                    top = np.maximum(top, v) if self.call.name == "amsgrad" else v
                    root = np.sqrt(top) / np.sqrt(1 - k["beta2"] ** t[i]) + eps
                    made[:, i] = (1 - k["beta1"] ** t[i]) * root
        return made

    @property
    def knows_divisors(self) -> bool:
        """Are the gradients that the rule read those on the path?"""
        centered = self.call.name == "rmsprop" and self.call["centered"]
        return not (self.is_noisy or centered) or self.call.name in ("sgd", "momentum", "nesterov")

    def look_up(self, rows: set[int]) -> None:
        """Follow the flow from all rows that events speak of, at once."""
        asked = sorted(row for row in rows if 0 <= row <= self.last)
        if asked:
            ends = explicit_ends(self.scenario.surface, self.x[:, asked])
            self.wells = dict(zip(asked, map(tuple, ends.T.tolist()), strict=True))

    def well(self, row: int) -> tuple[float, float] | None:
        """Where flow from a row ends; None where the check did not arrive, and so says nothing."""
        x, y = self.wells[row]
        return None if math.isnan(x) else (x, y)

    def loss_at(self, x: float, y: float) -> float:
        return float(evaluate(self.scenario.surface, x, y))


NOISY = ("sgld", "simulated_annealing")


@dataclass
class Form:
    """A form of sentence, and what must be true where it stands."""

    pattern: str
    check: Callable[[Path, Event, tuple[str, ...]], None]


SHARP = r"the sharpness \(largest curvature(?:, in coordinates scaled by the method's divisors)?\)"
FORMULA = r"\((.*?)\)"
Said = tuple[str, ...]

FORMS: dict[str, list[Form]] = {}


def form(kinds: str, pattern: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Declare a form of sentence for kinds of events."""

    def add(check: Callable[..., None]) -> Callable[..., None]:
        for kind in kinds.split():
            FORMS.setdefault(kind, []).append(Form(pattern, check))
        return check

    return add


def check_events(path: Path, events: list[Event]) -> None:
    """Every sentence has a known form, and each is true."""
    path.look_up(set().union(*(rows_of(path, event) for event in events)))
    for event in events:
        try:
            check_event(path, event)
        except AssertionError as wrong:
            raise AssertionError(f"{path.query}\n{event.kind}: {event.text}\n{wrong}") from wrong


def rows_of(path: Path, event: Event) -> set[int]:
    """The rows whose well an event speaks of."""
    if event.kind == "jumped":
        low = int(re.findall(r"at step (\d+);", event.text)[0])
        return {event.step - 1, event.step, low}
    if event.kind == "caught":
        first = 0 if event.text.startswith("It starts") else event.step
        return {first - 1, *np.linspace(first, path.last, 5).astype(int).tolist()}
    return set()


def check_event(path: Path, event: Event) -> None:
    """One event, sentence by sentence."""
    rest = event.text
    assert 1 <= event.step <= event.until
    assert event.until <= (path.ended if event.kind == "divergence" else path.last)
    while rest:
        for one in FORMS[event.kind]:
            found = re.match(one.pattern + r"(?: |$)", rest)
            if found:
                one.check(path, event, found.groups())
                rest = rest[found.end() :]
                break
        else:
            raise AssertionError(f"no form for: {rest}")


def evaluate_losses(path: Path, x: np.ndarray) -> np.ndarray:
    return np.asarray(evaluate(path.scenario.surface, x[0], x[1]))


def evaluate_at(path: Path, point: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    return evaluate(path.scenario.surface, point[0], point[1], 2)


def bends(path: Path, hessian: np.ndarray) -> np.ndarray:
    """The smaller and the larger curvature; of one weight it is that along x."""
    return hessian[[0, 0], [0, 0]] if path.has_one_weight else np.linalg.eigvalsh(hessian)


def near(
    a: np.ndarray | tuple[float, ...], b: np.ndarray | tuple[float, ...], limit: float
) -> bool:
    return bool(np.hypot(a[0] - b[0], a[1] - b[1]) <= limit)


def in_well(path: Path, row: int, place: tuple[float, float]) -> None:
    """Flow from a row ends there, if the check arrives at all; a place is said to three digits."""
    end = path.well(row)
    if end:
        size = max(abs(place[0]), abs(place[1]))  # from 100,000 on two digits are shown
        digits = (0.0051 if size < 99_000 else 0.051) * size
        assert near(end, place, 2e-3 * path.across + digits), (row, end, place)

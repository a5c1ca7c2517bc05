"""What is answered about two compared runs: the records of its JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, TypedDict

from nnopt_viz.race.parting import Fate

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Kind = Literal["same_path", "same_end", "gone", "unsettled", "apart"]


class ComparedRun(TypedDict):
    """One of the two runs.

    Args:
        run: which one of the race.
        label: what it is called.
        verdict, text: what became of it, as an outcome says it.
        x, y, loss: where it ends.
        first_within: the step from which on it is at its minimum.
        before, after: x, y of the step at which they part.
        gradient: what the rule is given there, noise included.
        scales: what scales x and y apart, by name, each with its value in x and y.
        memory: what it remembers of earlier directions, likewise, before the step.
    """

    run: int
    label: str
    verdict: str
    text: str
    x: float
    y: float
    loss: float
    first_within: int | None
    before: NDArray[np.float64] | None
    after: NDArray[np.float64] | None
    gradient: NDArray[np.float64] | None
    scales: dict[str, NDArray[np.float64]]
    memory: dict[str, NDArray[np.float64]]


class Cause(TypedDict):
    """What sets the two apart in the step at which they part.

    Args:
        angle: between the two moves, degrees; None where one does not move.
        ratio: length of the second over that of the first; likewise.
        is_length: do they point the same way, so that only their lengths are compared?
        tried: term -> the angle without it, or, where `is_length`, the ratio.
        ways: the fewest terms without which the moves do not differ, all such choices.
    """

    angle: float | None
    ratio: float | None
    is_length: bool
    tried: dict[str, float | None]
    ways: list[list[str]]


class Handover(TypedDict):
    """From where on the path of one run the other one no longer comes to its own end.

    Args:
        taker: the run that is started afresh; the path is the other one's.
        step: the last of the steps tried from which it comes to its own end.
        next: where it ends from one step further on: other, elsewhere; None: `step` is the last.
        at, further: the two places.
        tried: how many places were tried.
    """

    taker: int
    step: int
    next: Fate | None
    at: NDArray[np.float64]
    further: NDArray[np.float64] | None
    tried: int


class OneChanged(TypedDict):
    """One of the two runs with one thing changed.

    Args:
        run: which one of the race.
        words: what is changed.
        call: the run, with every knob.
        verdict, text, x, y, loss: how it ends, as an outcome says it.
        fate: where it did (own), where the other one did (other), or elsewhere.
    """

    run: int
    words: str
    call: dict[str, Any]
    verdict: str
    text: str
    x: float
    y: float
    loss: float
    fate: Fate


class Said(TypedDict):
    """A sentence.

    Args:
        about: ends, parting, moves, why, decided, nudged or left_out.
        step: the step that it speaks of, if it is one.
    """

    about: str
    text: str
    step: int | None


class Comparison(TypedDict):
    """Two runs of a race compared.

    Args:
        query: canonical.
        lane: from which start.
        runs: the two.
        kind: same_path; same_end: within 2% of the diagonal; gone: neither ends anywhere;
            unsettled: one of them, or both, would go on with more steps; apart.
        step: at which they part: the first after which they are more than 1% of the diagonal
            from each other, or that one of them does not have; None where there is none.
        again: from which on they are within 1% again, to the end.
        widest: the farthest that they are from each other, in shares of the diagonal.
        cause: of that step.
        decided: where it is decided, where both have come to rest at different places.
        nudged: how many of four starts beside it lead each run to its own end.
        changed: what would have been with one thing changed; what ends elsewhere comes first.
        said: all of it in words.
        limits: how it is decided, in words.
    """

    query: str
    lane: int
    runs: list[ComparedRun]
    kind: Kind
    step: int | None
    again: int | None
    widest: float
    cause: Cause | None
    decided: list[Handover]
    nudged: list[int | None]
    changed: list[OneChanged]
    said: list[Said]
    limits: str

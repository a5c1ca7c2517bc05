"""What is known of two compared runs, in sentences: each is said only where it is so."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from nnopt_viz.declare.written import counted, percent, shown
from nnopt_viz.judge.ground import NEAR
from nnopt_viz.judge.terms import AS_LONG, SAME_WAY, TERMS, between
from nnopt_viz.race.parting import APART, AT_REST, NUDGE, TRIES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from numpy.typing import NDArray

    from nnopt_viz.deliver.comparison import Compared
    from nnopt_viz.judge.terms import Taken
    from nnopt_viz.race.parting import Decided, Ran

    Sentence = tuple[str, str, int | None]

STRAIGHT = 1.0  # degrees off the gradient that count as none
ONE, NEARBY, BESIDE = (f"{100 * share:g}%" for share in (APART, NEAR, NUDGE))
AWAY = f"{ONE} of the map's diagonal"
LIMITS = (
    f"Lengths are shares of the diagonal of the region shown. The paths part at the first step "
    f"after which they are more than {ONE} from each other. Two ends are the same place "
    f"within {NEARBY}. Decided is what has stopped, as the outcome says it, or has diverged. "
    f"Which term did it: that one step of both is taken again without one term, then without two "
    f"and more; what does it are the fewest terms without which the two moves point the same way, "
    f"to {shown(SAME_WAY)}°, or, where they do so anyway, are as long, to "
    f"{100 * (AS_LONG - 1):.3g}%. The terms are: {'; '.join(TERMS.values())}. Where it is decided: "
    f"{TRIES + 1} places of one path, evenly spread, are starts for the other run, with all its "
    f"steps and nothing remembered; between the last of them from which it comes to its own end "
    f"and the next, places are halved down to two neighbours. One thing changed: the same race "
    f"from the same start, run again. Beside its start: {BESIDE} to the right, left, up "
    f"and down."
)
_WITHOUT = {
    "rate": "per unit of learning rate",
    "scale": "with one scale for x and y",
    "memory": "with nothing remembered",
    "place": "from the same place",
}


def sentences(known: Compared) -> list[Sentence]:
    """All sentences, as (about, text, step)."""
    made: list[Sentence] = [("ends", _ends(known), None)]
    made += [("parting", text, known.parting.step) for text in _parting(known)]
    if known.steps is not None and known.parting.step is not None:
        made += [("moves", text, known.parting.step) for text in _moves(known)]
        made += [("why", text, known.parting.step) for text in _why(known)]
    made += [("decided", *_decided(known, one)) for one in known.decided]
    made += [("nudged", text, None) for text in _nudged(known)]
    if known.left_out:
        made.append(("left_out", known.left_out, None))
    return made


def left_out(changes: bool, tries: bool, is_alone: bool) -> str:
    """What is not said, and why."""
    if changes and tries:
        return ""
    if is_alone:
        return (
            "What would have been is not tried: this start has random numbers of its own, which "
            "a race from there alone would not have."
        )
    return "What would have been is not all tried: these runs take too long for that."


def _ends(known: Compared) -> str:
    first, second = known.labels
    one, other = known.both
    ends = [f"{name}: {_end(ran)}." for name, ran in zip(known.labels, known.both, strict=True)]
    match known.kind:
        case "same_path":
            return f"{first} and {second} take the same path, step for step. {ends[0]}"
        case "gone":
            said = "Neither ends anywhere."
        case "same_end":
            rests = not any(map(_is_restless, known.both))
            after = f"After {counted(known.total, 'step')} they stand"
            said = f"{'They end' if rests else after} at the same place."
        case "unsettled":
            late = [n for n, r in ((first, one), (second, other)) if _is_restless(r)]
            who = f"{late[0]} is" if len(late) == 1 else "both are"
            said = f"They do not end at the same place, but {who} not at rest after "
            said += f"{counted(known.total, 'step')}."
        case "apart":
            said = "They end at different places."
    return f"{said} {' '.join(ends)}"


def _is_restless(ran: Ran) -> bool:
    return ran.outcome.verdict not in AT_REST and not ran.is_gone


def _end(ran: Ran) -> str:
    outcome = ran.outcome
    text = outcome.text[0].lower() + outcome.text[1:]
    if ran.is_gone:
        return text
    text = f"{text}, at {_place((outcome.x, outcome.y))}, loss {shown(outcome.loss, 4)}"
    if outcome.first_within:
        text += f", from step {outcome.first_within} on"
    return text


def _parting(known: Compared) -> Iterator[str]:
    parted = known.parting
    if parted.is_same:
        return
    if parted.step is None:
        yield f"They are never more than {AWAY} apart: {percent(parted.widest)} at most."
        return
    if parted.gap is None:
        short = min((0, 1), key=lambda i: known.both[i].path.shape[1])
        yield (
            f"They are within {AWAY} of each other until {known.labels[short]} ends at step "
            f"{parted.step}."
        )
        return
    places = [_place(ran.path[:, parted.step]) for ran in known.both]
    yield (
        f"They part at step {parted.step}, the first after which they are more than {AWAY} apart: "
        f"{known.labels[0]} is at {places[0]} then, {known.labels[1]} at {places[1]}."
    )
    if parted.again is not None:
        yield f"From step {parted.again} on they are within {ONE} again."


def _moves(known: Compared) -> Iterator[str]:
    assert known.steps is not None
    first, second = known.steps
    if (first.before == second.before).all() and (first.gradient == second.gradient).all():
        yield (
            f"Before that step both stand at {_place(first.before)}, where the "
            f"gradient is {_place(first.gradient)}."
        )
    else:
        stand = (
            f"{name} stands at {_place(step.before)}, where the gradient is {_place(step.gradient)}"
            for name, step in zip(known.labels, known.steps, strict=True)
        )
        yield f"Before that step {', '.join(stand)}."
    for name, step in zip(known.labels, known.steps, strict=True):
        yield f"{name} {_move(step)}."


def _move(step: Taken) -> str:
    x, y = (abs(float(v)) for v in step.move)
    if not np.isfinite(step.move).all():
        return "takes a step that is not finite"
    if not x and not y:
        return "does not move"
    text = f"moves by {_place(step.move)}"
    turn = between(step.move, -step.gradient)
    if turn is not None:
        off = f"{shown(turn)}° off straight downhill"
        text += f", {'straight downhill' if turn <= STRAIGHT else off}"
    if not x or not y:
        return f"{text}: along {'y' if y else 'x'} alone"
    far, near, ratio = ("y", "x", y / x) if y >= x else ("x", "y", x / y)
    if ratio <= AS_LONG:
        return f"{text}: about as far in x as in y"
    return f"{text}: {shown(ratio)} times as far in {far} as in {near}"


def _why(known: Compared) -> Iterator[str]:
    cause, steps = known.cause, known.steps
    assert cause is not None
    assert steps is not None
    if cause.angle is None or cause.ratio is None:
        return
    angle = f"{shown(cause.angle)}°"
    if cause.is_small:
        yield (
            f"At this step the two moves hardly differ: by {angle} in direction, by "
            f"{percent(_larger(cause.ratio) - 1)} in length."
        )
        return
    if cause.is_length:
        longer = known.labels[cause.ratio > 1]
        same = "the same way" if cause.angle < 0.05 else f"nearly the same way, {angle} apart"
        yield f"Both move {same}, and {longer} goes {shown(_larger(cause.ratio))} times as far."
    else:
        yield f"The two moves differ in direction by {angle}."
    if not cause.ways:
        what = "one is {} times as long as the other" if cause.is_length else "they differ by {}°"
        left = [
            f"{_WITHOUT[name]} {what.format(shown(_larger(v) if cause.is_length else v))}"
            for name, v in cause.tried.items()
            if v is not None
        ]
        tried = f": {'; '.join(left)}" if left else ""
        yield f"No single term of the rules makes that, nor several together{tried}."
        yield from _formulas(known)
        return
    yield from _facts(known, sorted({term for way in cause.ways for term in way}, key=_order))
    alike = "as long" if cause.is_length else "in the same direction"
    verb = "the two moves would be" if cause.is_length else "the two would move"
    choices = [_and(_WITHOUT[term] for term in way) for way in cause.ways]
    either = "That is what takes them apart: " if len(choices) == 1 else "Any of these undoes it: "
    yield f"{either}{'; or '.join(choices)} {verb} {alike}."


def _formulas(known: Compared) -> Iterator[str]:
    """Of each run that leaves the way straight downhill even without scale and memory."""
    assert known.steps is not None
    for name, step in zip(known.labels, known.steps, strict=True):
        turn = between(step.without(("scale", "memory"), step.before), -step.gradient)
        if turn is not None and turn > STRAIGHT:
            yield (
                f"Even with one scale for x and y and nothing remembered {name} would move "
                f"{shown(turn)}° off straight downhill: so its formula says."
            )


def _facts(known: Compared, terms: list[str]) -> Iterator[str]:
    assert known.steps is not None
    named = list(zip(known.labels, known.steps, strict=True))
    for term in terms:
        if term == "scale":
            for name, step in named:
                if step.scales:
                    yield f"{name} scales x and y by numbers of their own: {_values(step.scales)}."
        elif term == "memory":
            for name, step in named:
                if step.memory:
                    yield f"{name} carries from earlier steps {_values(step.memory)}."
        elif term == "rate":
            rates = " and ".join(shown(step.rate, 4) for _, step in named)
            yield f"The learning rates are {rates}."
        elif term == "place":
            yield "They stand at different places already."


def _decided(known: Compared, one: Decided) -> tuple[str, int | None]:
    taker, giver = known.labels[one.taker], known.labels[1 - one.taker]
    if one.further is None:
        return f"Even started where {giver} ends, {taker} would end where it did.", None
    ends = {"other": f"where {giver} does", "elsewhere": "somewhere else", "own": ""}
    ends["other"] = "nowhere" if known.both[1 - one.taker].is_gone else ends["other"]
    end, further = ends[one.next or "own"], _place(one.further)
    said = f"Step {one.step + 1} of {giver} decides: started"
    if one.step == 0:
        return f"{said} where it leads, at {further}, {taker} would end {end}.", 1
    return (
        f"{said} where {giver} stands before it, at {_place(one.at)}, {taker} would still end "
        f"where it did; after it, at {further}, {end}."
    ), one.step + 1


def _nudged(known: Compared) -> Iterator[str]:
    told = [
        f"{name} ends where it did from {count}"
        for name, count in zip(known.labels, known.nudged, strict=True)
        if count is not None
    ]
    if told:
        yield f"Of four starts beside this one, {' and '.join(told)}."


def _values(named: dict[str, NDArray[np.float64]]) -> str:
    return _and(f"{name} = {_place(np.broadcast_to(v, (2,)))}" for name, v in named.items())


def _and(texts: Iterable[str]) -> str:
    *before, last = texts
    return f"{', '.join(before)} and {last}" if before else last


def _order(term: str) -> int:
    return list(TERMS).index(term)


def _larger(ratio: float) -> float:
    return max(ratio, 1 / ratio)


def _place(values: Iterable[float]) -> str:
    return f"({', '.join(shown(float(v)) for v in values)})"

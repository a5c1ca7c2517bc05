"""The first steps: means that begin at 0 and are corrected for it."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING

from nnopt_viz.compose.runs import composed
from nnopt_viz.judge.events.event import EVENTS, Found, Kind
from nnopt_viz.judge.events.words import number
from nnopt_viz.judge.one_weight import has_one_weight

if TYPE_CHECKING:
    from nnopt_viz.judge.events.lane import Lane

FULL = 0.99  # share of a full mean at which the correction no longer shows
# The correction as every such rule writes it, and so where it is read: in the rule itself. It is
# one only where a mean with that decay starts at 0; else it may be, say, a rate that warms up.
_CORRECTION = re.compile(r"\b1\s*-\s*([A-Za-z_]\w*|0?\.\d+)\s*\*\*\s*t\b")
_MEAN = r"^\s*(\w+)\s*=\s*(?:{b}\s*\*\s*\1\s*\+|\1\s*\+\s*\(1\s*-\s*{b}\)\s*\*\s*\()"


def bias_correction(lane: Lane) -> list[Found]:
    """Steps whose means are divided by 1 - beta**t because they are still filling."""
    rule = composed(lane.call)
    knobs = dict(rule.knobs)
    decays = {}
    for name in _CORRECTION.findall(rule.text):
        value = knobs[name] if name in knobs else float(name) if name[0] in "0." else 0.0
        means = re.findall(_MEAN.format(b=re.escape(name)), rule.text, re.MULTILINE)
        if 0 < value < 1 and any(not re.search(rf"\b{mean}_0\s*=", rule.text) for mean in means):
            decays[name] = value
    ends = {name: math.ceil(math.log(1 - FULL) / math.log(b)) for name, b in decays.items()}
    ends = {name: end for name, end in ends.items() if end > 1}
    if not ends or lane.last < 1:
        return []
    (name, end), *slower = sorted(ends.items(), key=lambda item: item[1])
    beta, last = decays[name], min(end, lane.last)
    moved, slope = abs(lane.moves[:, 1]), abs(lane.gradient[:, 0])
    text = (
        f"From step 1 to {last} bias correction is at work: a mean that starts at 0 has seen few "
        f"gradients, and dividing by 1 − {name}^t makes up for it. That divisor grows from "
        f"{number(1 - beta)} at step 1 to {number(1 - beta**last)} at step {last}."
    )
    for other, until in slower:
        text += f" For {other} it takes {until} steps."
    text += f" Step 1, with lr {number(lane.lr[1])}, moves x by {number(moved[0])}" + (
        f", where the slope along it is {number(slope[0])}."
        if has_one_weight(lane.scenario.surface)
        else f" and y by {number(moved[1])}, where the slope along them is "
        f"{number(slope[0])} and {number(slope[1])}."
    )
    figures = {"first": 1 - beta, "last": 1 - beta**last, "until": float(end)}
    figures |= {"moved_x": float(moved[0]), "moved_y": float(moved[1])}
    return [Found(1, last, text, figures)]


EVENTS.add(
    Kind(
        "bias_correction",
        "Bias correction",
        "start",
        bias_correction,
        f"The rule divides by 1 - beta**t, and that is below {FULL} of a full mean.",
        "Kingma & Ba 2015, Adam: a method for stochastic optimization, section 3",
    )
)

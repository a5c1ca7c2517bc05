"""How steep a parabola a run can stand: what its optimizer declares, where nothing is around it.

What is declared is known of the optimizer's rule alone. Clipping, lookahead or a decay around it
make another method of it, of which no line is known.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from nnopt_viz.compose.runs import composed, optimizer_entry
from nnopt_viz.declare.modifiers import MODIFIERS

if TYPE_CHECKING:
    from nnopt_viz.declare.knobs import Call

# These leave the line as it is: noise moves a run about, it does not change the parabola.
HARMLESS = ("noise",)
COUPLED = "g + weight_decay*x"  # a pull that a divisor scales too: the line knows nothing of it
COUNTING = "accumulate"  # changes which step it is, which a divisor may read


def stability_line(call: Call) -> str:
    """The sharpness up to which a run is stable on a parabola, a formula in `t`, `lr` and its
    knobs; empty where none is known."""
    entry = optimizer_entry(call)
    own = {knob.name for knob in entry.knobs}
    is_changed = any(
        modifier.is_on(call)
        for name, modifier in MODIFIERS.items()
        if name not in HARMLESS and modifier.knobs[0].name not in own
    )
    pulls = bool(entry.divisor) and COUPLED in entry.rule
    if is_changed or (pulls and dict(composed(call).knobs).get("weight_decay") != 0):
        return ""
    return entry.stable


def step_divisor(call: Call) -> str:
    """What a run divides each parameter's step by, a formula in the names of its rule; empty
    where it divides by nothing, or by what can't be read after a step."""
    return "" if MODIFIERS[COUNTING].is_on(call) else optimizer_entry(call).divisor

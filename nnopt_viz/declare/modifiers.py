"""Modifiers: what may be wrapped around any optimizer's rule.

Each is lines of the rule language that run before or after the optimizer's own, and only
while its knob is on: what is read is what runs. They act on `g`, the gradient at x; what a
rule reads elsewhere with `grad(…)` is left as it is. A new one is one declaration here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from nnopt_viz.declare.knobs import Call, Knob
from nnopt_viz.declare.names import Names
from nnopt_viz.declare.registry import Registry


@dataclass(frozen=True, slots=True)
class Modifier:
    """Lines around a rule.

    Args:
        knobs: the first one switches it: at its default it is off.
        before, after: assignments in the rule language, in the knobs.
        each: lines for the optimizer's own assignments to what it remembers: in
            `{name} = {formula}` both are put in; empty to leave them as they are.
        step: what the optimizer's own `t` becomes; empty to leave it.
    """

    name: str
    title: str
    family: str
    knobs: tuple[Knob, ...]
    doc: str
    source: str
    before: str = ""
    after: str = ""
    each: str = ""
    step: str = ""

    def is_on(self, call: Call) -> bool:
        """Does this run use it?"""
        switch = self.knobs[0]
        return call[switch.name] != switch.default


@dataclass(frozen=True, slots=True)
class Noise:
    """Noise of a run's own on its gradient.

    Args:
        rule: assignments to `g` in the rule language, in the knobs and `normal()`.
    """

    name: str
    title: str
    family: str
    rule: str
    knobs: tuple[Knob, ...]
    doc: str
    source: str


# In the order in which they act: what stands first is outermost.
MODIFIERS: Registry[Modifier] = Registry("modifier", ("noise", "gradient", "step"))
NOISES: Registry[Noise] = Registry("noise", ("noise",))


def _scale(doc: str) -> Knob:
    return Knob("scale", 0.1, doc, 0.0, 1e6, soft=(0.0, 10.0))


NOISES.add(
    Noise(
        "none",
        "None",
        "noise",
        "",
        (),
        "The gradient is exact.",
        "full-batch gradient descent",
    ),
    Names(
        ("off", "exact"),
    ),
)
NOISES.add(
    Noise(
        "gaussian",
        "Gaussian",
        "noise",
        "g = g + scale*normal()",
        (_scale("standard deviation for each coordinate, unit of the gradient"),),
        "Every coordinate of the gradient is off by a normal error of the same size.",
        "the usual model of a minibatch: Mandt, Hoffman & Blei 2017, Stochastic gradient descent "
        "as approximate Bayesian inference, section 3.1",
    ),
    Names(
        ("normal", "gauss"),
    ),
)
NOISES.add(
    Noise(
        "heavy_tailed",
        "Heavy-tailed",
        "noise",
        "g = g + scale*normal()/sqrt((normal()**2 + normal()**2)/2)",
        (_scale("scale for each coordinate, unit of the gradient"),),
        "Mostly small errors and, now and then, an enormous one: clipping is made for these.",
        "Student's t with 2 degrees of freedom, whose variance is infinite; Şimşekli, Sagun & "
        "Gürbüzbalaban 2019, A tail-index analysis of stochastic gradient noise",
    ),
    Names(
        ("heavy_tail", "student_t"),
    ),
)
NOISES.add(
    Noise(
        "minibatch",
        "Minibatch-like",
        "noise",
        "g = g + scale*norm(g)/sqrt(batch*(1 + growth*(t - 1)))*normal()",
        (
            Knob(
                "scale", 1.0, "noise over gradient for a batch of one, dimensionless",
                0.0, 1e6, soft=(0.0, 10.0),
            ),
            Knob("batch", 1.0, "samples in a minibatch at step 1", 1.0, 1e9, soft=(1.0, 64.0)),
            Knob("growth", 0.0, "the batch grows by this share of its first size a step", 0.0, 1e3),
        ),
        "Noise in proportion to the gradient, as in a network that can fit all its data: it dies "
        "out at the minimum, and the larger the batch, the smaller it is.",
        "strong growth condition: Schmidt & Le Roux 2013, Fast convergence of stochastic gradient "
        "descent under a strong growth condition; growing batches: Smith et al. 2018, Don't decay "
        "the learning rate, increase the batch size",
    ),
    Names(("batch_noise",)),
)  # fmt: skip

MODIFIERS.add(
    Modifier(
        "noise",
        "Noise",
        "noise",
        (
            Knob(
                "noise", Call("none"), "noise of this run's own on its gradient",
                kind="call", registry="noises",
            ),
        ),
        "Noise on this run's gradient alone, on top of the scenario's, which all runs share.",
        "see the kinds of noise",
    )
)  # fmt: skip
MODIFIERS.add(
    Modifier(
        "accumulate",
        "Gradient accumulation",
        "gradient",
        (
            Knob(
                "accumulate", 1, "gradients averaged for one update; 1 is off", 1, 1000, "integer",
                soft=(1, 20),
                also=("gradient_accumulation_steps", "accumulation_steps", "accumulate_steps"),
            ),
        ),
        "Collects the gradients of several steps and moves once by their mean: a larger batch "
        "for the price of more steps.",
        "gradient accumulation, as in Goyal et al. 2017, Accurate, large minibatch SGD, section 3",
        before="""
            gathered = gathered + g
            updates = floor((t - 1)/accumulate) + 1
            due = where(updates*accumulate == t, 1, 0)
            g = gathered/accumulate
            gathered = gathered*(1 - due)
        """,
        each="{name} = where(due, {formula}, {name})",
        step="updates",
    )
)  # fmt: skip
MODIFIERS.add(
    Modifier(
        "clip_value",
        "Clip each coordinate",
        "gradient",
        (
            Knob(
                "clip_value", 0.0, "largest size of a gradient's coordinate; 0 is off", 0.0, 1e9,
                soft=(0.0, 10.0), also=("clipvalue", "clip_grad_value"),
            ),
        ),
        "Cuts every coordinate of the gradient at a size: its direction may change.",
        "torch.nn.utils.clip_grad_value_",
        before="g = clip(g, -clip_value, clip_value)",
    )
)  # fmt: skip
MODIFIERS.add(
    Modifier(
        "clip_norm",
        "Clip the norm",
        "gradient",
        (
            Knob(
                "clip_norm", 0.0, "largest length of the gradient; 0 is off", 0.0, 1e9,
                soft=(0.0, 10.0),
                also=("clipnorm", "global_clipnorm", "clip_grad_norm", "max_grad_norm", "max_norm"),
            ),
        ),
        "Shortens a gradient that is too long and keeps its direction: no cliff can throw far.",
        "Pascanu, Mikolov & Bengio 2013, On the difficulty of training recurrent neural networks, "
        "algorithm 1; torch.nn.utils.clip_grad_norm_",
        before="g = g*minimum(1, clip_norm/(norm(g) + 1e-6))",
    )
)  # fmt: skip
MODIFIERS.add(
    Modifier(
        "weight_decay",
        "Weight decay, coupled",
        "gradient",
        (
            Knob(
                "weight_decay", 0.0, "adds weight_decay*x to the gradient, dimensionless; 0 is off",
                0.0, 1e3, soft=(0.0, 1.0), also=("wd", "l2_penalty", "weight_decay_rate"),
            ),
        ),
        "Adds a pull towards 0 to the gradient, so that whatever the method does to gradients it "
        "does to the pull too.",
        "Krogh & Hertz 1991, A simple weight decay can improve generalization, eq. 3",
        before="g = g + weight_decay*x",
    )
)  # fmt: skip
MODIFIERS.add(
    Modifier(
        "lookahead",
        "Lookahead",
        "step",
        (
            Knob(
                "lookahead", 0, "steps until the slow point follows the fast one; 0 is off",
                0, 10_000, "integer", soft=(0, 20), also=("sync_period",),
            ),
            Knob("lookahead_alpha", 0.5, "how far the slow point follows, a share", 0.0, 1.0,
                 also=("slow_step_size",)),
        ),
        "Lets the method run ahead for some steps, then goes back part of the way.",
        "Zhang et al. 2019, Lookahead optimizer: k steps forward, 1 step back, algorithm 1",
        before="slow = where(t == 1, x, slow)",
        after="""
            follows = where(t - lookahead*floor(t/lookahead) == 0, 1, 0)
            slow = where(follows, slow + lookahead_alpha*(x - slow), slow)
            x = where(follows, slow, x)
        """,
    )
)  # fmt: skip
MODIFIERS.add(
    Modifier(
        "decoupled_decay",
        "Weight decay, decoupled",
        "step",
        (
            Knob(
                "decoupled_decay", 0.0,
                "shrinks x by lr*decoupled_decay*x each step, dimensionless; 0 is off",
                0.0, 1e3, soft=(0.0, 1.0),
            ),
        ),
        "Shrinks x itself at every step, past whatever the method does to gradients.",
        "Loshchilov & Hutter 2019, Decoupled weight decay regularization; scaled by lr as in "
        "torch.optim.AdamW",
        before="x = x - lr*decoupled_decay*x",
    )
)  # fmt: skip


def modifier_knobs() -> tuple[Knob, ...]:
    """Every knob that a modifier brings, in order."""
    return tuple(knob for modifier in MODIFIERS.values() for knob in modifier.knobs)


def noise_lines(chosen: Call) -> tuple[str, dict[str, float]]:
    """The lines of a kind of noise, and the values they read, named apart: `noise_scale`."""
    lines, values = NOISES[chosen.name].rule, chosen.numbers()
    for name in values:
        lines = re.sub(rf"\b{name}\b", f"noise_{name}", lines)
    return lines, {f"noise_{name}": value for name, value in values.items()}

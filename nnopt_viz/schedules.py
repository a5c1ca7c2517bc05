"""Learning-rate schedules: how lr changes from step to step.

Each is one formula for the factor on lr, in `t` (step, from 1), `steps` (steps of the
run) and its knobs; one that watches the loss has lines of the rule language beside it, which
set `lr` anew. A new one is one declaration here.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from nnopt_viz.formula.series import series
from nnopt_viz.knobs import Call, Knob
from nnopt_viz.registry import Registry

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Schedule:
    """A learning-rate schedule.

    Args:
        formula: factor on lr (dimensionless) in t, steps and the knobs.
        before, after: lines of the rule language around the optimizer's, which may set lr.
    """

    name: str
    title: str
    family: str
    formula: str
    knobs: tuple[Knob, ...]
    doc: str
    source: str
    before: str = ""
    after: str = ""


SCHEDULES: Registry[Schedule] = Registry(
    "schedule", ("constant", "decay", "warm-up", "cycles", "by the loss")
)

FINAL = Knob("final", 0.0, "factor it would reach after the last step, dimensionless", 0.0, 1.0)

# Cycle n begins after period*(mult**n - 1)/(mult - 1) steps; 1e-9 outweighs the rounding of log.
_CYCLE = "floor(log(1 + (t - 1)*(mult - 1)/period)/log(maximum(mult, 2)) + 1e-9)"
_PLACE = (  # in the cycle, from 0 to 1
    "where(mult == 1, (t - 1)/period - floor((t - 1)/period), "
    f"((t - 1)/period - (mult**{_CYCLE} - 1)/maximum(mult - 1, 1))/mult**{_CYCLE})"
)
_RESTARTS = f"final + (1 - final)*(1 + cos(pi*{_PLACE}))/2"

SCHEDULES.add(
    Schedule(
        "constant",
        "Constant",
        "constant",
        "1",
        (),
        "The same rate at every step.",
        "Robbins & Monro 1951 discuss why it does not settle under noise",
    )
)
SCHEDULES.add(
    Schedule(
        "step",
        "Step",
        "decay",
        "gamma**floor((t - 1)/size)",
        (
            Knob("size", 100, "steps between two cuts", 1, 20_000, "integer", soft=(10, 500)),
            Knob("gamma", 0.1, "factor of each cut, dimensionless", 0.0, 1.0, open_low=True),
        ),
        "Cuts the rate by a factor at regular steps.",
        "torch.optim.lr_scheduler.StepLR",
    )
)
SCHEDULES.add(
    Schedule(
        "multistep",
        "Multistep",
        "decay",
        "gamma**(where(t > first, 1, 0) + where(t > second, 1, 0) + where(t > third, 1, 0))",
        (
            Knob(
                "first",
                250,
                "step after which the first cut is made",
                1,
                20_000,
                "integer",
                soft=(10, 500),
            ),
            Knob(
                "second",
                375,
                "step after which the second cut is made",
                1,
                20_000,
                "integer",
                soft=(10, 500),
            ),
            Knob(
                "third",
                450,
                "step after which the third cut is made",
                1,
                20_000,
                "integer",
                soft=(10, 500),
            ),
            Knob("gamma", 0.1, "factor of each cut, dimensionless", 0.0, 1.0, open_low=True),
        ),
        "Cuts the rate by a factor at three chosen steps.",
        "He et al. 2016, Deep residual learning for image recognition, section 3.4; "
        "torch.optim.lr_scheduler.MultiStepLR with three milestones",
    )
)
SCHEDULES.add(
    Schedule(
        "exponential",
        "Exponential",
        "decay",
        "gamma**(t - 1)",
        (
            Knob(
                "gamma",
                0.99,
                "factor at every step, dimensionless",
                0.0,
                1.0,
                soft=(0.9, 1.0),
                open_low=True,
            ),
        ),
        "Shrinks the rate by the same factor at every step.",
        "torch.optim.lr_scheduler.ExponentialLR",
    )
)
SCHEDULES.add(
    Schedule(
        "inverse_time",
        "Inverse time",
        "decay",
        "1/(1 + (t - 1)/half)",
        (
            Knob(
                "half", 100, "steps until the rate has halved", 1, 20_000, "integer", soft=(10, 500)
            ),
        ),
        "Shrinks the rate as 1 over the time: the slowest decay that still averages noise away.",
        "Robbins & Monro 1951, A stochastic approximation method, eq. 6",
    )
)
SCHEDULES.add(
    Schedule(
        "polynomial",
        "Polynomial",
        "decay",
        "final + (1 - final)*(1 - (t - 1)/steps)**power",
        (
            Knob(
                "power",
                1.0,
                "1 is a straight line, 2 a parabola, dimensionless",
                0.0,
                10.0,
                soft=(0.5, 4.0),
            ),
            FINAL,
        ),
        "Falls to its end along a power of the time that is left; along a line at power 1.",
        "torch.optim.lr_scheduler.PolynomialLR with total_iters = steps, which has no final",
    )
)
SCHEDULES.add(
    Schedule(
        "cosine",
        "Cosine with warm-up",
        "warm-up",
        "where(t <= warmup, t/maximum(warmup, 1), "
        "final + (1 - final)*(1 + cos(pi*(t - 1 - warmup)/maximum(steps - warmup, 1)))/2)",
        (
            Knob(
                "warmup",
                0,
                "steps of linear rise before the decay",
                0,
                20_000,
                "integer",
                soft=(0, 200),
            ),
            FINAL,
        ),
        "Rises linearly, then follows half a cosine down.",
        "Loshchilov & Hutter 2017, SGDR: stochastic gradient descent with warm restarts, eq. 5",
    )
)
SCHEDULES.add(
    Schedule(
        "linear",
        "Linear warm-up",
        "warm-up",
        "begin + (1 - begin)*minimum(t - 1, warmup)/warmup",
        (
            Knob("begin", 1 / 3, "factor at the first step, dimensionless", 0.0, 1.0),
            Knob("warmup", 50, "steps of linear rise", 1, 20_000, "integer", soft=(1, 200)),
        ),
        "Rises linearly, then stays: careful first steps, while means of gradients are still poor.",
        "Goyal et al. 2017, Accurate, large minibatch SGD, section 2.2; "
        "torch.optim.lr_scheduler.LinearLR, whose default is 5 steps",
    )
)
SCHEDULES.add(
    Schedule(
        "inverse_sqrt",
        "Inverse square root with warm-up",
        "warm-up",
        "minimum(t/warmup, sqrt(warmup/t))",
        (
            Knob(
                "warmup",
                50,
                "steps of linear rise; the rate is highest at the last of them",
                1,
                20_000,
                "integer",
                soft=(1, 200),
            ),
        ),
        "Rises linearly, then falls as 1 over the root of the time, without an end in sight.",
        "Vaswani et al. 2017, Attention is all you need, eq. 3, divided by its largest value",
    )
)
SCHEDULES.add(
    Schedule(
        "warmup_stable_decay",
        "Warm-up, stable, decay",
        "warm-up",
        "where(t <= warmup, t/maximum(warmup, 1), "
        "final + (1 - final)*minimum(1, (steps - t + 1)/maximum(steps*decay, 1)))",
        (
            Knob("warmup", 20, "steps of linear rise", 0, 20_000, "integer", soft=(0, 200)),
            Knob(
                "decay", 0.2, "share of the steps in which the rate falls, dimensionless", 0.0, 1.0
            ),
            FINAL,
        ),
        "Rises linearly, stays, and falls only at the end, linearly: the plateau may be prolonged "
        "at any time.",
        "Hu et al. 2024, MiniCPM, section 4.2, which falls exponentially; linear in Hägele et al. "
        "2024, Scaling laws and compute-optimal training beyond fixed training durations",
    )
)
SCHEDULES.add(
    Schedule(
        "one_cycle",
        "One cycle",
        "cycles",
        "where(t - 1 <= rise*steps - 1, "
        "1 + (1/div - 1)*(1 + cos(pi*(t - 1)/maximum(rise*steps - 1, 1)))/2, "
        "1/(div*final_div) + (1 - 1/(div*final_div))"
        "*(1 + cos(pi*(t - rise*steps)/maximum(steps*(1 - rise), 1e-9)))/2)",
        (
            Knob(
                "rise", 0.3, "share of the steps in which the rate rises, dimensionless", 0.0, 1.0
            ),
            Knob(
                "div",
                25.0,
                "lr over the first rate, dimensionless",
                1.0,
                1e6,
                soft=(1.0, 100.0),
                log=True,
            ),
            Knob(
                "final_div",
                1e4,
                "first rate over the last, dimensionless",
                1.0,
                1e12,
                soft=(1.0, 1e6),
                log=True,
            ),
        ),
        "Rises to lr along half a cosine, then falls far below where it began.",
        "Smith & Topin 2018, Super-convergence; torch.optim.lr_scheduler.OneCycleLR with lr as "
        "max_lr, which also cycles the momentum unless told not to",
    )
)
SCHEDULES.add(
    Schedule(
        "cyclic",
        "Cyclic",
        "cycles",
        "low + (1 - low)*shrink**floor((t - 1)/(2*half))"
        "*(1 - abs(2*((t - 1)/(2*half) - floor((t - 1)/(2*half))) - 1))",
        (
            Knob(
                "half",
                50,
                "steps of each rise and of each fall",
                1,
                20_000,
                "integer",
                soft=(5, 200),
            ),
            Knob("low", 0.1, "lowest over highest rate, dimensionless", 0.0, 1.0),
            Knob(
                "shrink",
                1.0,
                "height of each triangle over the one before, dimensionless",
                0.0,
                1.0,
                open_low=True,
            ),
        ),
        "Rises and falls in triangles: large rates leave narrow places, small ones settle.",
        "Smith 2017, Cyclical learning rates for training neural networks; "
        "torch.optim.lr_scheduler.CyclicLR with lr as max_lr; its triangular2 has shrink 0.5",
    )
)
SCHEDULES.add(
    Schedule(
        "cosine_restarts",
        "Cosine with warm restarts",
        "cycles",
        _RESTARTS,
        (
            Knob("period", 100, "steps of the first cycle", 1, 20_000, "integer", soft=(10, 500)),
            Knob("mult", 1, "length of each cycle over the one before", 1, 10, "integer"),
            Knob(
                "final", 0.0, "factor it would reach at the end of a cycle, dimensionless", 0.0, 1.0
            ),
        ),
        "Follows half a cosine down and jumps back to lr, again and again: a restart may leave a "
        "minimum.",
        "Loshchilov & Hutter 2017, SGDR: stochastic gradient descent with warm restarts, eq. 5; "
        "torch.optim.lr_scheduler.CosineAnnealingWarmRestarts",
    )
)
SCHEDULES.add(
    Schedule(
        "reduce_on_plateau",
        "Reduce on plateau",
        "by the loss",
        "1",
        (
            Knob("factor", 0.1, "factor of each cut, dimensionless", 0.0, 1.0, open_high=True),
            Knob(
                "patience",
                10,
                "steps without progress that are waited for",
                0,
                20_000,
                "integer",
                soft=(0, 100),
            ),
            Knob(
                "threshold",
                1e-4,
                "progress is a loss lower by this share of the best, dimensionless",
                0.0,
                1.0,
            ),
            Knob("cooldown", 0, "steps after a cut that do not count", 0, 20_000, "integer",
                 soft=(0, 100)),
            Knob("lowest", 0.0, "lowest factor on lr, dimensionless", 0.0, 1.0),
        ),
        "Cuts the rate when the loss has not fallen for a while: the only schedule that looks at "
        "the run. Every start has its own.",
        "torch.optim.lr_scheduler.ReduceLROnPlateau, stepped with the loss of every step; its "
        "min_lr is lowest times lr",
        before="""
            rate_factor_0 = 1
            lr = lr*rate_factor
        """,
        after="""
            progress = where(t == 1, 1, where(f < best_loss*(1 - threshold), 1, 0))
            best_loss = where(progress, f, best_loss)
            waited = where(progress, 0, waited + 1)
            waited = where(cooling > 0, 0, waited)
            cooling = maximum(cooling - 1, 0)
            cut = where(waited > patience, 1, 0)
            rate_factor = where(cut, maximum(rate_factor*factor, lowest), rate_factor)
            cooling = where(cut, cooldown, cooling)
            waited = where(cut, 0, waited)
        """,
    )
)  # fmt: skip


@lru_cache(maxsize=256)
def factors(schedule: Call, steps: int) -> NDArray[np.float64]:
    """The factor on lr at steps 1 … steps, shape (steps,). Read-only."""
    return series(SCHEDULES[schedule.name].formula, schedule.numbers(), steps)

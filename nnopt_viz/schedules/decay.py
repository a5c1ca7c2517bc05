"""Rates that stay, and rates that fall from the first step on."""

from nnopt_viz.declare.knobs import Knob
from nnopt_viz.schedules.schedule import FINAL, SCHEDULES, Schedule

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

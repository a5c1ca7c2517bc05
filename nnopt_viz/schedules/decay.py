"""Rates that stay, and rates that fall from the first step on."""

from nnopt_viz.declare.knobs import Knob
from nnopt_viz.declare.names import Names
from nnopt_viz.schedules.schedule import FINAL, SCHEDULES, Schedule

_ONE = (
    "schedules can't be put one after the other; with a warm-up there are cosine and "
    "warmup_stable_decay"
)

SCHEDULES.add(
    Schedule(
        "constant",
        "Constant",
        "constant",
        "1",
        (),
        "The same rate at every step.",
        "torch.optim without a scheduler",
    ),
    Names(
        ("constant_lr_schedule", "none"),
        akin={
            "constant_lr": "torch's holds lr lower for some steps and then jumps; for a rise write "
            "linear(begin=0.33,warmup=5)",
            "lambda_lr": "a schedule of one's own can't be written; take one of these",
            "multiplicative_lr": "with one factor at every step it is exponential",
            "sequential_lr": _ONE,
            "chained_scheduler": _ONE,
            "join_schedules": _ONE,
        },
    ),
)
SCHEDULES.add(
    Schedule(
        "step",
        "Step",
        "decay",
        "gamma**floor((t - 1)/size)",
        (
            Knob(
                "size",
                100,
                "steps between two cuts",
                1,
                20_000,
                "integer",
                soft=(10, 500),
                also=("step_size",),
            ),
            Knob("gamma", 0.1, "factor of each cut, dimensionless", 0.0, 1.0, open_low=True),
        ),
        "Cuts the rate by a factor at regular steps.",
        "torch.optim.lr_scheduler.StepLR",
    ),
    Names(
        ("step_lr", "step_decay", "staircase"),
        words={"milestones": "write multistep(first=…,second=…,third=…)"},
    ),
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
                also=("milestones[0]",),
            ),
            Knob(
                "second",
                375,
                "step after which the second cut is made",
                1,
                20_000,
                "integer",
                soft=(10, 500),
                also=("milestones[1]",),
            ),
            Knob(
                "third",
                450,
                "step after which the third cut is made",
                1,
                20_000,
                "integer",
                soft=(10, 500),
                also=("milestones[2]",),
            ),
            Knob("gamma", 0.1, "factor of each cut, dimensionless", 0.0, 1.0, open_low=True),
        ),
        "Cuts the rate by a factor at three chosen steps.",
        "He et al. 2016, Deep residual learning for image recognition, section 3.4; "
        "torch.optim.lr_scheduler.MultiStepLR with three milestones",
    ),
    Names(
        (
            "multi_step_lr",
            "piecewise_constant",
            "piecewise_constant_schedule",
            "piecewise_constant_decay",
        ),
    ),
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
    ),
    Names(
        ("exponential_lr", "exponential_decay"),
        words={
            "decay_rate": "its factor holds for one step; write gamma=decay_rate**(1/decay_steps)",
            "decay_steps": "its factor holds for one step; write gamma=decay_rate**(1/decay_steps)",
            "transition_steps": "its factor holds for one step; write "
            "gamma=decay_rate**(1/transition_steps)",
        },
    ),
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
        "Shrinks the rate as 1 over the time: noise is averaged away, and the steps still add up "
        "to any distance, which those of a faster power of the time do not.",
        "Robbins & Monro 1951, A stochastic approximation method, eq. 6",
    ),
    Names(
        ("inverse_time_decay", "hyperbolic", "one_over_t"),
        words={
            "decay_rate": "write half=decay_steps/decay_rate",
            "decay_steps": "write half=decay_steps/decay_rate",
        },
    ),
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
    ),
    Names(
        ("polynomial_lr", "polynomial_decay", "polynomial_schedule", "poly"),
        akin={
            "linear_decay": "a straight line down is polynomial",
            "linear_schedule": "a straight line down is polynomial, up it is linear",
            "linear_to_zero": "a straight line down is polynomial",
        },
        words={
            "total_iters": "how long it takes is said by steps",
            "decay_steps": "how long it takes is said by steps",
            "transition_steps": "how long it takes is said by steps",
            "end_value": "an absolute rate; here it is a share of lr, final",
            "end_learning_rate": "an absolute rate; here it is a share of lr, final",
            "init_value": "it begins at lr",
        },
    ),
)

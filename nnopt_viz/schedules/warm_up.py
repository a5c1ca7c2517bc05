"""Rates that rise at first, then fall or stay."""

from nnopt_viz.declare.knobs import Knob
from nnopt_viz.declare.names import Names
from nnopt_viz.schedules.schedule import FINAL, SCHEDULES, Schedule

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
                also=("warmup_steps", "num_warmup_steps"),
            ),
            FINAL,
        ),
        "Follows half a cosine down, after a linear rise where warmup is above 0.",
        "Loshchilov & Hutter 2017, SGDR: stochastic gradient descent with warm restarts, eq. 5",
    ),
    Names(
        (
            "cosine_annealing",
            "cosine_annealing_lr",
            "cosine_decay",
            "cosine_decay_schedule",
            "cosine_schedule_with_warmup",
            "warmup_cosine",
            "warmup_cosine_decay",
            "warmup_cosine_decay_schedule",
            "cosine_with_warmup",
            "half_cosine",
        ),
        words={
            "T_max": "how long it takes is said by steps",
            "t_max": "how long it takes is said by steps",
            "decay_steps": "how long it takes is said by steps",
            "eta_min": "an absolute rate; here it is a share of lr, final",
            "alpha": "the share of lr at the end is final",
            "end_value": "an absolute rate; here it is a share of lr, final",
            "init_value": "it begins at lr",
            "peak_value": "the highest rate is lr",
        },
    ),
)
SCHEDULES.add(
    Schedule(
        "linear",
        "Linear warm-up",
        "warm-up",
        "begin + (1 - begin)*minimum(t - 1, warmup)/warmup",
        (
            Knob(
                "begin",
                1 / 3,
                "factor at the first step, dimensionless",
                0.0,
                1.0,
                also=("start_factor",),
            ),
            Knob(
                "warmup",
                50,
                "steps of linear rise",
                1,
                20_000,
                "integer",
                soft=(1, 200),
                also=("warmup_steps", "total_iters"),
            ),
        ),
        "Rises linearly, then stays: careful first steps, while means of gradients are still poor.",
        "Goyal et al. 2017, Accurate, large minibatch SGD, section 2.2; "
        "torch.optim.lr_scheduler.LinearLR, whose default is 5 steps",
    ),
    Names(
        (
            "linear_lr",
            "linear_warmup",
            "warmup",
            "warmup_constant",
            "warmup_constant_schedule",
            "constant_with_warmup",
            "constant_schedule_with_warmup",
        ),
        fixed={"end_factor": 1},
        words={"end_factor": "it rises to lr and stays; to fall write polynomial(final=0.1)"},
    ),
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
                also=("warmup_steps", "num_warmup_steps"),
            ),
        ),
        "Rises linearly, then falls as 1 over the root of the time, without an end in sight.",
        "Vaswani et al. 2017, Attention is all you need, eq. 3, divided by its largest value",
    ),
    Names(
        ("inverse_square_root", "noam", "rsqrt", "transformer", "inverse_sqrt_schedule"),
    ),
)
SCHEDULES.add(
    Schedule(
        "warmup_stable_decay",
        "Warm-up, stable, decay",
        "warm-up",
        "where(t <= warmup, t/maximum(warmup, 1), "
        "final + (1 - final)*minimum(1, (steps - t + 1)/maximum(steps*decay, 1)))",
        (
            Knob(
                "warmup",
                20,
                "steps of linear rise",
                0,
                20_000,
                "integer",
                soft=(0, 200),
                also=("warmup_steps", "num_warmup_steps"),
            ),
            Knob(
                "decay", 0.2, "share of the steps in which the rate falls, dimensionless", 0.0, 1.0
            ),
            FINAL,
        ),
        "Rises linearly, stays, and falls only at the end, linearly: the plateau may be prolonged "
        "at any time.",
        "Hu et al. 2024, MiniCPM, section 4.2, which falls exponentially; linear in Hägele et al. "
        "2024, Scaling laws and compute-optimal training beyond fixed training durations",
    ),
    Names(
        ("wsd", "trapezoidal", "trapezoid"),
        akin={
            "linear_schedule_with_warmup": "write warmup_stable_decay(warmup=50,decay=0.9) for 50 "
            "of 500 steps: decay is the share of the steps after the warm-up"
        },
    ),
)

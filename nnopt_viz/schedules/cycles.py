"""Rates that rise and fall, once or over and over."""

from nnopt_viz.declare.knobs import Knob
from nnopt_viz.declare.names import Names
from nnopt_viz.schedules.schedule import SCHEDULES, Schedule

# Cycle n begins after period*(mult**n - 1)/(mult - 1) steps; 1e-9 outweighs the rounding of log.
_CYCLE = "floor(log(1 + (t - 1)*(mult - 1)/period)/log(maximum(mult, 2)) + 1e-9)"
_PLACE = (  # in the cycle, from 0 to 1
    "where(mult == 1, (t - 1)/period - floor((t - 1)/period), "
    f"((t - 1)/period - (mult**{_CYCLE} - 1)/maximum(mult - 1, 1))/mult**{_CYCLE})"
)
_RESTARTS = f"final + (1 - final)*(1 + cos(pi*{_PLACE}))/2"

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
                "rise",
                0.3,
                "share of the steps in which the rate rises, dimensionless",
                0.0,
                1.0,
                also=("pct_start",),
            ),
            Knob(
                "div",
                25.0,
                "lr over the first rate, dimensionless",
                1.0,
                1e6,
                soft=(1.0, 100.0),
                log=True,
                also=("div_factor",),
            ),
            Knob(
                "final_div",
                1e4,
                "first rate over the last, dimensionless",
                1.0,
                1e12,
                soft=(1.0, 1e6),
                log=True,
                also=("final_div_factor",),
            ),
        ),
        "Rises to lr along half a cosine, then falls far below where it began.",
        "Smith & Topin 2018, Super-convergence; torch.optim.lr_scheduler.OneCycleLR with lr as "
        "max_lr, which also cycles the momentum unless told not to",
    ),
    Names(
        ("one_cycle_lr", "cosine_onecycle", "cosine_onecycle_schedule"),
        akin={"linear_onecycle_schedule": "one_cycle follows half cosines, not lines"},
        fixed={"anneal_strategy": "cos", "three_phase": False, "cycle_momentum": False},
        words={
            "max_lr": "the highest rate is lr",
            "total_steps": "how long it takes is said by steps",
            "epochs": "how long it takes is said by steps",
            "steps_per_epoch": "how long it takes is said by steps",
            "anneal_strategy": "it follows half cosines",
            "cycle_momentum": "momentum stays as it is; write cycle_momentum=false",
            "base_momentum": "momentum stays as it is",
            "max_momentum": "momentum stays as it is",
        },
    ),
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
                also=("step_size_up",),
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
    ),
    Names(
        ("cyclic_lr", "clr", "triangular", "cyclical"),
        akin={"triangular2": "write cyclic(shrink=0.5)"},
        fixed={"cycle_momentum": False, "mode": "triangular"},
        words={
            "max_lr": "the highest rate is lr",
            "base_lr": "the lowest rate is low*lr; write low",
            "step_size_down": "it falls in as many steps as it rises, half",
            "mode": "triangular2 is shrink=0.5",
            "cycle_momentum": "momentum stays as it is; write cycle_momentum=false",
            "base_momentum": "momentum stays as it is",
            "max_momentum": "momentum stays as it is",
        },
    ),
)
SCHEDULES.add(
    Schedule(
        "cosine_restarts",
        "Cosine with warm restarts",
        "cycles",
        _RESTARTS,
        (
            Knob(
                "period",
                100,
                "steps of the first cycle",
                1,
                20_000,
                "integer",
                soft=(10, 500),
                also=("T_0", "first_decay_steps"),
            ),
            Knob(
                "mult",
                1,
                "length of each cycle over the one before",
                1,
                10,
                "integer",
                also=("T_mult", "t_mul"),
            ),
            Knob(
                "final", 0.0, "factor it would reach at the end of a cycle, dimensionless", 0.0, 1.0
            ),
        ),
        "Follows half a cosine down and jumps back to lr, again and again: a restart may leave a "
        "minimum.",
        "Loshchilov & Hutter 2017, SGDR: stochastic gradient descent with warm restarts, eq. 5; "
        "torch.optim.lr_scheduler.CosineAnnealingWarmRestarts",
    ),
    Names(
        (
            "cosine_annealing_warm_restarts",
            "sgdr",
            "sgdr_schedule",
            "cosine_decay_restarts",
            "warm_restarts",
            "cosine_with_restarts",
        ),
        words={
            "eta_min": "an absolute rate; here it is a share of lr, final",
            "alpha": "the share of lr at the end of a cycle is final",
            "m_mul": "every cycle begins at lr",
        },
        fixed={"m_mul": 1},
    ),
)

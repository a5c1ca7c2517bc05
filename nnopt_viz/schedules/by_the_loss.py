"""Rates that follow the loss."""

from nnopt_viz.declare.knobs import Knob
from nnopt_viz.declare.names import Names
from nnopt_viz.schedules.schedule import SCHEDULES, Schedule

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
                1.0, also=('rtol',)),
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
    ),
    Names(
        ("reduce_lr_on_plateau", "plateau"),
        words={
            "min_lr": "an absolute rate; here it is a share of lr, lowest",
            "eps": "every cut is made, however small",
            "mode": "progress is a lower loss",
            "threshold_mode": "the threshold is a share of the best loss",
            "atol": "the threshold is a share of the best loss",
        },
        fixed={"mode": "min", "threshold_mode": "rel", "atol": 0},
    ),
)  # fmt: skip

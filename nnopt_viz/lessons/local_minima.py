"""Local minima, and when they do not matter."""

from nnopt_viz.lessons.lesson import LESSONS, Choice, Claim, Lesson, Link, Point, Step

_WELLS = "surface=tilted_double_well"

local_minima = LESSONS.add(
    Lesson(
        name="local_minima",
        place=3,
        title="Local minima",
        doc="What if a run ends in the wrong valley, and when is that no harm?",
        steps=(
            Step(
                title="Downhill from where you stand",
                query=_WELLS + "&run=sgd(lr=0.05)&steps=200",
                has_formula=True,
                text="""
                    Two wells side by side. Along _x_ this is the curve of every textbook: a local
                    minimum on the right (the ring), the global one on the left (the star), a hill
                    between them. Along _y_ it is a parabola.

                    Plain gradient descent begins at the upper right.
                """,
                question="Where does it end? Point at the place.",
                answer=Point("{0.96: x(0)}", "{0: y(0)}", 0.25),
                reveal="""
                    Gradient descent with small steps only knows the slope under its feet. It goes
                    down into the well on whose side it stands and stops where the ground is level,
                    although there is a lower place on the other side.

                    At a _local_ minimum nothing near it is lower; at a _global_ minimum nothing
                    anywhere is.
                """,
                claims=(
                    Claim(
                        "It settles in the local minimum, with a loss of {0.294: loss(0)}; the "
                        "global one has {−0.305: minimum_loss(0)}.",
                        lambda race: race.verdict(0) == "local_minimum",
                    ),
                ),
            ),
            Step(
                title="It depends on the start",
                query=_WELLS + "&run=sgd(lr=0.05)&start=grid(n=6)&steps=200",
                text="""
                    The same method from thirty-six places, evenly spread over the region shown.
                """,
                question="How many of the thirty-six find the global minimum?",
                answer=(
                    Choice(
                        "All of them",
                        "Those on the right of the hill go down on the right.",
                        lambda race: race.count(0, "global_minimum") == race.starts(),
                    ),
                    Choice(
                        "Half of them",
                        "The hill stands near the middle, so the region is cut into two halves.",
                        lambda race: 2 * race.count(0, "global_minimum") == race.starts(),
                        right=True,
                    ),
                    Choice(
                        "Most of them, because that well is deeper",
                        "How deep a well is does not decide how far around it the ground slopes "
                        "towards it.",
                        lambda race: 3 * race.count(0, "global_minimum") > 2 * race.starts(),
                    ),
                ),
                reveal="""
                    What decides is the side of the hill on which a run begins. The simplest way
                    out of a bad local minimum is therefore to begin several times, somewhere else,
                    and to keep the best: a _random restart_.
                """,
                claims=(
                    Claim(
                        "{18: count(0, 'global_minimum')} end at {−0.305: best_end(0)} and "
                        "{18: count(0, 'local_minimum')} at {0.294: worst_end(0)}.",
                        lambda race: (
                            race.count(0, "global_minimum") == race.count(0, "local_minimum")
                        ),
                    ),
                ),
            ),
            Step(
                title="Rolling over the hill",
                query=_WELLS + "&run=sgd(lr=0.05)&run=momentum(lr=0.02)&steps=200",
                text="""
                    Back at the upper right, now with two methods. Momentum remembers its last
                    steps and keeps going like a heavy ball.
                """,
                question="Where does the run with momentum end?",
                answer=(
                    Choice(
                        "In the local minimum, only later",
                        "It comes down the slope with so much speed that it rolls on.",
                        lambda race: race.verdict(1) == "local_minimum",
                    ),
                    Choice(
                        "In the global minimum",
                        "It rolls through the first well, over the hill and into the other one.",
                        lambda race: race.verdict(1) == "global_minimum",
                        right=True,
                    ),
                    Choice(
                        "Nowhere: it rolls to and fro without end",
                        "Each step keeps only nine tenths of the speed: it comes to rest.",
                        lambda race: race.verdict(1) == "moving",
                    ),
                ),
                reveal="""
                    A method with inertia can carry a run across a hill. But it does not know where
                    the deeper well is: from the other side it may just as well leave the better
                    well for the worse one. Inertia makes shallow wells harder to stay in; it does
                    not look for the best one.
                """,
                claims=(
                    Claim(
                        "Momentum reaches the global minimum, at _x_ = {−1.04: x(1)}, and plain "
                        "descent stays at _x_ = {0.96: x(0)}.",
                        lambda race: (
                            race.verdict(1) == "global_minimum"
                            and race.verdict(0) == "local_minimum"
                        ),
                    ),
                ),
                links=(
                    Link(
                        "From the upper left momentum leaves the better well and ends at _x_ = "
                        "{0.96: x(0)}",
                        _WELLS + "&run=momentum(lr=0.02)&start=-1.8,1.2&steps=200",
                        lambda race: race.verdict(0) == "local_minimum",
                    ),
                ),
            ),
            Step(
                title="When they do not matter",
                query="surface=level_minima&run=sgd(lr=0.02)&start=grid(n=8)&steps=1500",
                text="""
                    High walls around a floor with many shallow minima. Sixty-four runs of plain
                    descent begin at sixty-four places.
                """,
                question="What will the ends of the sixty-four runs have in common?",
                answer=(
                    Choice(
                        "The place: all find the same minimum",
                        "They stop in many different minima.",
                        lambda race: race.places(0) == 1,
                    ),
                    Choice(
                        "The loss: different places, nearly the same loss",
                        "Where a run ends depends on where it began; how good it is there hardly "
                        "does.",
                        lambda race: (
                            race.places(0) > 10
                            and race.worst_end(0) - race.best_end(0) < 0.01 * race.highest_start()
                        ),
                        right=True,
                    ),
                    Choice(
                        "Neither place nor loss",
                        "The walls are high, but the bottoms of the wells are almost level.",
                        lambda race: race.worst_end(0) > 0.1 * race.highest_start(),
                    ),
                ),
                reveal="""
                    Not one run finds the global minimum, and it does no harm. Wide neural networks
                    often behave like this: they have very many minima, and most of those that
                    training finds are about equally good. Then it is more worthwhile to go down
                    fast than to look for the lowest of all.
                """,
                claims=(
                    Claim(
                        "The runs end in {20: places(0)} different places, with losses from "
                        "{0.0004: best_end(0)} to {0.065: worst_end(0)}; the highest start was at "
                        "{33.4: highest_start()}.",
                        lambda race: race.count(0, "local_minimum") == race.starts(),
                    ),
                ),
                links=(
                    Link(
                        "With ripples fifty times as high it does matter: the ends lie between "
                        "{0.0004: best_end(0)} and {3.11: worst_end(0)}",
                        "surface=level_minima(ripple=1)&run=sgd(lr=0.02)&start=grid(n=8)"
                        "&steps=1500",
                        lambda race: (
                            race.count(0, "local_minimum") == race.starts()
                            and race.worst_end(0) > 0.05 * race.highest_start()
                        ),
                    ),
                ),
            ),
        ),
    )
)

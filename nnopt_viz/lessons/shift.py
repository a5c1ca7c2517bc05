"""When the surface changes: the best place of training, and of the world after it."""

from nnopt_viz.lessons.lesson import LESSONS, Choice, Claim, Lesson, Link, Slider, Step

shift = LESSONS.add(
    Lesson(
        name="shift",
        place=8,
        title="When the surface changes",
        doc="What is the best minimum worth when the data are no longer the same?",
        steps=(
            Step(
                title="Two wells change places",
                query="surface=swapping_wells&run=sgd(lr=0.02)&run=momentum(lr=0.01)"
                "&drift=jump&steps=300",
                text="""
                    A loss surface is made by data, and data change: customers, seasons, cameras.
                    Here one number, _s_, stands for all that. While it is zero the right well is
                    the deeper one; halfway through the race it jumps to one, and the left well is.
                    The wells stay where they are.

                    Plain descent settles in the left well, momentum in the right one.
                """,
                question="What becomes of the run with momentum, which is in the best well, when "
                "the surface changes?",
                answer=(
                    Choice(
                        "It rolls over into the well that is better now",
                        "It stands on level ground before and after: nothing pushes it.",
                        lambda race: race.x(1) < 0,
                    ),
                    Choice(
                        "It stays where it is, in what is now the worse well",
                        "The bottom of its well is still a minimum, only no longer the best one.",
                        lambda race: race.x(1) > 0 and race.verdict(1) == "local_minimum",
                        right=True,
                    ),
                    Choice(
                        "It stays, and its loss stays the same",
                        "It stays, but the ground under it rises.",
                        lambda race: abs(race.loss(1) - race.loss(1, 150)) < 0.1,
                    ),
                ),
                reveal="""
                    Training ends in what was best for the data it saw. Whether that is good later
                    is another question. The outcome table answers it for every run: the loss
                    before and after the change, the best there, and the _regret_, which is how
                    much worse the run is than that best.
                """,
                claims=(
                    Claim(
                        "At step {150: steps()/2} the losses are {1.5: loss(0, 150)} (left) and "
                        "{0.5: loss(1, 150)} (right). At the end they are {0.5: loss(0)} and "
                        "{1.5: loss(1)}.",
                        lambda race: race.loss(0, 150) > race.loss(1, 150),
                    ),
                    Claim(
                        "The regret is {0: regret(0)} for the left well and {1: regret(1)} for the "
                        "right one.",
                        lambda race: race.regret(1) > race.regret(0),
                    ),
                ),
            ),
            Step(
                title="Sharp or flat",
                query="surface=shifted_sharp_minimum&run=sgd(lr=0.01)&run=sgd(lr=0.06)&steps=300",
                text="""
                    Two minima of the same loss, zero. The right one is sharp: its curvature is
                    {50: steepest(1.5, 0)/steepest(-1.5, 0)} times that of the left one. A small
                    rate ends in the sharp one, a larger rate can't stay there and ends in the flat
                    one.

                    Then the world shifts the whole surface a little, by four tenths in _x_, and
                    both runs stay where they are. The second table of the outcome says what each
                    place is worth then.
                """,
                question="How many times as much loss does the sharp minimum cost then, compared "
                "with the flat one?",
                answer=Slider("{22.9: after(0)/after(1)}", 1, 200, "times as much", 1.5),
                reveal="""
                    Near a minimum the loss grows with the curvature times half the square of the
                    distance. The same small shift costs little on flat ground and much on steep
                    ground. (For two parabolas it would be the ratio of the curvatures; here the
                    walls of the sharp one become less steep farther out.)

                    That is the usual argument for why flat minima are said to _generalize_ better:
                    new data are a shift too.

                    It is an argument, not a law: how sharp a minimum of a network is also depends
                    on how its weights are scaled, and scaling them need not change what the
                    network does.
                """,
                claims=(
                    Claim(
                        "After the change the sharp minimum is worth {3.66: after(0)}, the flat "
                        "one {0.16: after(1)}.",
                        lambda race: (
                            race.verdict(0) == race.verdict(1) == "global_minimum"
                            and race.x(0) > 0 > race.x(1)
                        ),
                    ),
                ),
            ),
            Step(
                title="Following a moving minimum",
                query="surface=covariate_shift&run=sgd(lr=0.1)&run=sgd(lr=0.1,schedule=cosine)"
                "&drift=linear&steps=400",
                text="""
                    A line with slope _x_ and intercept _y_ is fitted to three points of a
                    parabola. The points wander along the parabola during the whole race, and the
                    best line wanders with them. One run keeps its learning rate; in the other it
                    falls to zero along half a cosine, as in the lesson on schedules.
                """,
                question="Which one is closer to the best line at the end?",
                answer=(
                    Choice(
                        "The one with the schedule: its steps are calm",
                        "Its steps grew short while the minimum was still on its way.",
                        lambda race: race.loss(1) < race.loss(0),
                    ),
                    Choice(
                        "The one with the constant rate",
                        "Its steps stay long enough to follow.",
                        lambda race: race.loss(0) < race.loss(1),
                        right=True,
                    ),
                    Choice(
                        "Neither: both have lost it",
                        "One of them stays close behind: in slope only {0.07: 2 - x(0)}.",
                        lambda race: race.loss(0) > 2 * race.minimum_loss(0),
                    ),
                ),
                reveal="""
                    A falling rate is for a surface that stays. Where the world keeps changing, a
                    rate that has fallen to nothing can't follow. So what is good training for one
                    purpose is bad for another, and it depends on what comes after.
                """,
                claims=(
                    Claim(
                        "The best loss at the end is {0.222: minimum_loss(0)}. The constant rate "
                        "has {0.226: loss(0)}, the falling one {0.431: loss(1)}.",
                        lambda race: race.loss(0) < race.loss(1),
                    ),
                    Claim(
                        "The best slope at the end is two; the runs have {1.93: x(0)} and "
                        "{1.44: x(1)}.",
                        lambda race: abs(race.x(0) - 2) < abs(race.x(1) - 2),
                    ),
                ),
                links=(
                    Link(
                        "If the surface stays, the schedule does no harm: both end at "
                        "{0.222: loss(0)}",
                        "surface=covariate_shift&run=sgd(lr=0.1)&run=sgd(lr=0.1,schedule=cosine)"
                        "&steps=400",
                        lambda race: race.verdict(0) == race.verdict(1) == "global_minimum",
                    ),
                ),
            ),
        ),
    )
)

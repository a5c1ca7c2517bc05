"""Schedules: why the learning rate should change on the way."""

from nnopt_viz.lessons.lesson import LESSONS, Choice, Claim, Lesson, Link, Step

_NOISY = "surface=bowl&noise=2&steps=400"
_VALLEY = "surface=rosenbrock&run=sgd(lr=0.001)&steps=2000"
_WALLS = "surface=zakharov&run=sgd(lr=0.05)&steps=150"

schedules = LESSONS.add(
    Lesson(
        name="schedules",
        place=7,
        title="Schedules",
        doc="Should the learning rate stay the same from the first step to the last?",
        steps=(
            Step(
                title="Noise never rests",
                query=_NOISY + "&run=sgd(lr=0.2)&run=sgd(lr=0.2,schedule=cosine)",
                text="""
                    A round bowl, and gradients that are off by chance: a random error with a
                    standard deviation of {2: gradient_noise()} is added to each coordinate, the
                    same errors for both runs. One run keeps its learning rate, in the other it
                    falls to zero along half a cosine.
                """,
                question="What does the run with the constant rate do near the minimum?",
                answer=(
                    Choice(
                        "It comes as close as the other, a little later",
                        "The errors don't get smaller, and neither do its steps.",
                        lambda race: race.last_loss(0) < 2 * race.last_loss(1),
                    ),
                    Choice(
                        "It wanders around the minimum and comes no closer",
                        "Each step brings a new error of the same size.",
                        lambda race: race.last_loss(0) > 2 * race.last_loss(1),
                        right=True,
                    ),
                    Choice(
                        "It drifts away",
                        "The slope brings it back as soon as it goes too far.",
                        lambda race: race.last_loss(0) > race.loss(0, 0),
                    ),
                ),
                reveal="""
                    With noise a constant rate does not end in a point but in a cloud around the
                    minimum, the larger the rate, the wider. A schedule makes the cloud shrink: a
                    large rate to get there fast, a small one to stay close.
                """,
                claims=(
                    Claim(
                        "Over the last tenth of the steps the mean loss is {0.60: last_loss(0)} "
                        "with the constant rate and {0.008: last_loss(1)} with the falling one.",
                        lambda race: race.last_loss(1) < race.last_loss(0),
                    ),
                ),
                links=(
                    Link(
                        "A small constant rate, {0.02: knob(0, 'lr')}, is calmer, but needs "
                        "{52: below(0, 1/10)} steps instead of {6: below(1, 1/10)} to come below a "
                        "tenth",
                        _NOISY + "&run=sgd(lr=0.02)&run=sgd(lr=0.2)",
                        lambda race: (
                            race.last_loss(0) < race.last_loss(1) / 2
                            and race.below(0, 0.1) > race.below(1, 0.1)
                        ),
                    ),
                ),
            ),
            Step(
                title="Too early",
                query=_VALLEY + "&run=sgd(lr=0.001,schedule=step(size=200))",
                text="""
                    No noise now, but a long, bent valley. One run keeps its rate; the other
                    divides it by ten every {200: knob(1, 'schedule.size')} steps, as was long
                    usual in training networks.
                """,
                question="Which one is closer to the minimum after {2000: steps()} steps?",
                answer=(
                    Choice(
                        "The one whose rate falls: small steps are careful steps",
                        "There was nothing to be careful about yet: it had a long way to go.",
                        lambda race: race.loss(1) < race.loss(0),
                    ),
                    Choice(
                        "The one with the constant rate",
                        "It kept going. The other one was stopped on its way.",
                        lambda race: race.loss(0) < race.loss(1),
                        right=True,
                    ),
                ),
                reveal="""
                    Every cut makes the steps a tenth as long; after a few of them all later
                    steps together come to almost nothing. It looks as if the run had settled, but
                    the gradient is not zero there. A curve that goes flat right after a cut may
                    mean either; a longer time at the large rate tells.
                """,
                claims=(
                    Claim(
                        "The losses are {0.195: loss(0)} and {5.26: loss(1)}. At step {500: "
                        "steps()/4} the second run is at _x_ = {−1.29: x(1, 500)}, and at the end"
                        " still at {−1.29: x(1)}.",
                        lambda race: abs(race.x(1) - race.x(1, 500)) < 0.01,
                    ),
                ),
                links=(
                    Link(
                        "Four times as long between the cuts: the loss ends at {3.21: loss(1)}",
                        _VALLEY + "&run=sgd(lr=0.001,schedule=step(size=800))",
                        lambda race: race.loss(1) < 5,
                    ),
                ),
            ),
            Step(
                title="Warming up",
                query=_WALLS + "&run=sgd(lr=0.05,schedule=cosine(warmup=30))",
                text="""
                    A hollow between two walls that grow with the fourth power. At the start the
                    largest curvature is {308: steepest(4, 2.5)}, at the minimum it is {4.5:
                    steepest(0, 0)}. Both runs are given a rate of {0.05: knob(0, 'lr')}; the second
                    one rises to it over its first {30: knob(1, 'schedule.warmup')} steps and then
                    falls.
                """,
                question="What becomes of the two?",
                answer=(
                    Choice(
                        "Both settle, the second one later",
                        "The first one's first step is far too long for the steep wall.",
                        lambda race: race.verdict(0) == race.verdict(1) == "global_minimum",
                    ),
                    Choice(
                        "The first diverges, the second settles",
                        "Small first steps bring it down from the wall; on the gentle ground below "
                        "the large rate is safe.",
                        lambda race: (
                            race.verdict(0) == "diverged" and race.verdict(1) == "global_minimum"
                        ),
                        right=True,
                    ),
                    Choice(
                        "Both diverge: the rate is too large",
                        "It is too large at the start. At the minimum the limit is "
                        "{0.44: 2/steepest(0, 0)}.",
                        lambda race: race.verdict(0) == race.verdict(1) == "diverged",
                    ),
                ),
                reveal="""
                    The rate that is safe depends on the place. A network whose weights have just
                    been drawn at random may stand on steep ground too: a _warm-up_ keeps the first
                    steps small until it has left it.
                """,
                claims=(
                    Claim(
                        "The first run diverges at step {3: ended(0)}; its first step takes the "
                        "loss from {453: loss(0, 0)} to {139,244: loss(0, 1)}.",
                        lambda race: race.verdict(0) == "diverged",
                    ),
                    Claim(
                        "The second begins with a rate of {0.0017: rate(1, 1)} and reaches the "
                        "minimum at step {67: first(1)}.",
                        lambda race: race.verdict(1) == "global_minimum",
                    ),
                ),
                links=(
                    Link(
                        "A constant rate that is safe at the start, {0.002: knob(0, 'lr')}, has "
                        "not arrived after {150: steps()} steps",
                        "surface=zakharov&run=sgd(lr=0.002)&steps=150",
                        lambda race: race.verdict(0) == "moving",
                    ),
                ),
            ),
        ),
    )
)

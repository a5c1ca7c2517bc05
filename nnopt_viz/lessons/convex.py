"""Convex and non-convex: whether it matters where one begins."""

from nnopt_viz.lessons.lesson import LESSONS, Choice, Claim, Lesson, Link, Step

_HILLS = "surface=himmelblau(tilt=0.5)&run=sgd(lr=0.002)"

convex = LESSONS.add(
    Lesson(
        name="convex",
        place=1,
        title="Convex and not",
        doc="Does it matter where a run begins?",
        steps=(
            Step(
                title="One valley",
                query="surface=booth&run=sgd(lr=0.02)&start=grid(n=4)&steps=300",
                rules=("sgd",),
                text="""
                    A loss surface says how wrong a model is for every value of its weights; here
                    there are two of them, _x_ and _y_. On the map pale is low and dark is high (on
                    a dark page the other way round). Gradient descent goes downhill: the gradient
                    _g_ points uphill and is as long as the hill is steep, so each step goes against
                    it, and the learning rate `lr` says how far.

                    This surface is _convex_: the straight line between any two points on it never
                    passes below it. Sixteen runs begin at sixteen places.
                """,
                question="How many of the sixteen end at the star, the lowest point?",
                answer=(
                    Choice(
                        "All of them",
                        "On a convex surface there is only one valley, and downhill leads into it "
                        "from everywhere.",
                        lambda race: race.count(0, "global_minimum") == race.starts(),
                        right=True,
                    ),
                    Choice(
                        "Those that begin near it",
                        "Some need more steps than others, but nothing stands in their way.",
                        lambda race: 1 < race.count(0, "global_minimum") < race.starts(),
                    ),
                    Choice(
                        "One of them",
                        "They go different ways and still meet.",
                        lambda race: race.count(0, "global_minimum") == 1,
                    ),
                ),
                reveal="""
                    If there were a second, higher minimum, the straight line from it to the lower
                    one would lead downhill at once; close to a minimum nothing is lower than it, so
                    the line would pass below the surface. A convex surface forbids that. So
                    wherever a run on it settles, nothing is lower.
                """,
                claims=(
                    Claim(
                        "All {16: starts()} runs end in {1: places(0)} place, the star: their "
                        "losses are all below a millionth.",
                        lambda race: (
                            race.count(0, "global_minimum") == race.starts()
                            and race.worst_end(0) < 1e-6
                        ),
                    ),
                ),
            ),
            Step(
                title="Four valleys",
                query=_HILLS + "&start=grid(n=4)&steps=300",
                text="""
                    Here are four minima: the star marks the lowest one, the rings mark the other
                    three, and the numbers are their losses. Again sixteen runs begin at sixteen
                    places, with the same rule.
                """,
                question="How many of the sixteen end at the star?",
                answer=(
                    Choice(
                        "All of them",
                        "Downhill leads to the bottom of the valley one is in. To leave it, a run "
                        "would have to go uphill first.",
                        lambda race: race.count(0, "global_minimum") == race.starts(),
                    ),
                    Choice(
                        "Four of them",
                        "Each run ends in the valley it begins in, or falls into on its way.",
                        lambda race: race.count(0, "global_minimum") == 4,
                        right=True,
                    ),
                    Choice(
                        "None: they stop at different places on the slopes",
                        "Each of them settles, but most in another minimum.",
                        lambda race: race.count(0, "global_minimum") == 0,
                    ),
                ),
                reveal="""
                    The surface is not convex. Take the star at `(3, 2)`, where the loss is {0:
                    height(3, 2)}, and the point `(−3, 3)`, where it is {20.5: height(-3, 3)}.
                    Halfway between them a straight line would be at {10.25: (height(3, 2) +
                    height(-3, 3))/2}, but the ground is at {77.4: height(0, 2.5)}: a hill lies
                    between.

                    All starts from which a method ends in the same minimum are called the _basin_
                    of that minimum. It depends on the surface and on the method.
                """,
                claims=(
                    Claim(
                        "{4: count(0, 'global_minimum')} runs reach the global minimum, "
                        "{12: count(0, 'local_minimum')} settle in a local one: in "
                        "{4: places(0)} places altogether.",
                        lambda race: race.places(0) == 4,
                    ),
                    Claim(
                        "The worst end is at a loss of {36.44: worst_end(0)}, the best at "
                        "{0: best_end(0)}.",
                        lambda race: race.worst_end(0) > race.best_end(0),
                    ),
                ),
                links=(
                    Link(
                        "Sixty-four starts: {16: count(0, 'global_minimum')} of "
                        "{64: starts()} reach the star",
                        _HILLS + "&start=grid(n=8)&steps=300",
                        lambda race: race.count(0, "global_minimum") < race.starts() / 2,
                    ),
                ),
            ),
            Step(
                title="Convex is not the same as easy",
                query="surface=ill_conditioned_bowl(condition=100)&run=sgd(lr=0.019)"
                "&run=momentum(lr=0.019)&steps=150",
                text="""
                    Back to a convex surface: one long valley, {100: of_surface('condition')} times
                    as strongly curved across as along. Two methods begin at the same point with
                    the same learning rate; the second one, momentum, has a lesson of its own.
                """,
                question="After {150: steps()} steps, who has reached the minimum?",
                answer=(
                    Choice(
                        "Both: the surface is convex",
                        "Convex promises where a run settles, not when.",
                        lambda race: (
                            race.verdict(0) == "global_minimum"
                            and race.verdict(1) == "global_minimum"
                        ),
                    ),
                    Choice(
                        "Only momentum",
                        "Plain descent is still creeping along the floor.",
                        lambda race: (
                            race.verdict(0) == "moving" and race.verdict(1) == "global_minimum"
                        ),
                        right=True,
                    ),
                    Choice(
                        "Neither",
                        "One of them is there.",
                        lambda race: race.verdict(0) == race.verdict(1) == "moving",
                    ),
                ),
                reveal="""
                    Convexity says that there is nothing to get lost in. How long the way takes is
                    decided by the learning rate and by how differently the surface is curved in
                    different directions. That is the next lesson.

                    What counts as reached is said under the outcome table (“How this is decided”):
                    in short, to have stopped beside the minimum, or to circle it closely.
                """,
                claims=(
                    Claim(
                        "Momentum reaches the minimum at step {107: first(1)}; plain descent is "
                        "still moving after {150: steps()} steps, at a loss of {0.005: loss(0)}.",
                        lambda race: race.verdict(0) == "moving" and race.first(1) < 150,
                    ),
                ),
                links=(
                    Link(
                        "Given more steps, plain descent arrives too, at step {281: first(0)}",
                        "surface=ill_conditioned_bowl(condition=100)&run=sgd(lr=0.019)"
                        "&run=momentum(lr=0.019)&steps=300",
                        lambda race: race.verdict(0) == "global_minimum",
                    ),
                ),
            ),
        ),
    )
)

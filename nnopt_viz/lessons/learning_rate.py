"""Too small, right, too large: the one number that everyone has to choose."""

from nnopt_viz.lessons.lesson import LESSONS, Choice, Claim, Lesson, Link, Slider, Step

_VALLEY = 'surface=formula(f="(x**2 + k*y**2)/2",bounds="-3,3,-2.5,2.5",k=25)&start=-2.4,0.9'

learning_rate = LESSONS.add(
    Lesson(
        name="learning_rate",
        place=2,
        title="Too small, right, too large",
        doc="How large may a step be, and what decides it?",
        steps=(
            Step(
                title="Too large",
                query=_VALLEY + "&run=sgd(lr=0.004)&run=sgd(lr=0.06)&run=sgd(lr=0.081)&steps=60",
                has_formula=True,
                rules=("sgd",),
                text="""
                    One valley, one start, and three runs of plain gradient descent: at every step
                    each goes against the gradient _g_, and the learning rate `lr` says how far.
                    Only `lr` differs.

                    The floor of the valley runs from left to right. Across it, along _y_, the
                    surface is {25: steepest(0, 0)} times as strongly curved as along the floor,
                    where the curvature is {1: flattest(0, 0)}. The _curvature_ says how fast the
                    slope changes: one unit farther along _y_ the slope is larger by {25:
                    steepest(0, 0)}.
                """,
                question="With a learning rate of {0.081: knob(2, 'lr')}, what happens across the "
                "valley?",
                answer=(
                    Choice(
                        "It rolls down to the floor without crossing it",
                        "Rolling down without crossing needs steps shorter than the way to the "
                        "floor: here `lr` below {0.04: 1/steepest(0, 0)}. That is the first run.",
                        lambda race: race.turns(2, "y") == 0,
                    ),
                    Choice(
                        "It crosses the floor at every step, a little lower each time",
                        "That is the second run, with {0.06: knob(1, 'lr')}: it crosses at every "
                        "step, but each crossing ends lower than the last.",
                        lambda race: (
                            race.turns(2, "y") == race.steps()
                            and abs(race.y(2, 60)) < abs(race.y(2, 30)) < abs(race.y(2, 0))
                        ),
                    ),
                    Choice(
                        "It crosses the floor and climbs a little higher each time",
                        "Every step carries it to the other side, and a little higher up than "
                        "where it came from.",
                        lambda race: (
                            race.turns(2, "y") == race.steps()
                            and abs(race.y(2, 60)) > abs(race.y(2, 30)) > abs(race.y(2, 0))
                        ),
                        right=True,
                    ),
                ),
                reveal="""
                    The slope along _y_ is the curvature times _y_. So a step changes _y_ into _y_
                    times one minus `lr` times the curvature, here 1 − {0.081: knob(2, 'lr')} ·
                    {25: steepest(0, 0)} = {−1.025: 1 - knob(2, 'lr')*steepest(0, 0)}. The minus
                    sign is the crossing. Because the factor is larger than one in size, every
                    crossing ends higher than the last.

                    The rule: on a bowl, a surface whose curvature is the same everywhere, plain
                    gradient descent settles only while `lr` is below two over the largest
                    curvature, here {0.08: 2/steepest(0, 0)}.
                """,
                claims=(
                    Claim(
                        "With {0.081: knob(2, 'lr')} the loss rises from {13.0: loss(2, 0)} to "
                        "{196: loss(2)} in {60: steps()} steps.",
                        lambda race: race.loss(2) > race.loss(2, 0),
                    ),
                    Claim(
                        "With {0.06: knob(1, 'lr')} the factor is "
                        "{−0.5: 1 - knob(1, 'lr')*steepest(0, 0)}: it crosses too, and _y_ halves "
                        "each time. The loss ends at {0.002: loss(1)}.",
                        lambda race: race.turns(1, "y") > 20,
                    ),
                    Claim(
                        "With {0.004: knob(0, 'lr')} it never crosses, and after {60: steps()} "
                        "steps _x_ is still {−1.89: x(0)}: on the floor, far from the minimum.",
                        lambda race: race.turns(0, "y") == 0 and race.verdict(0) == "moving",
                    ),
                ),
                links=(
                    Link(
                        "Just under the limit, at {0.0799: knob(0, 'lr')}, it settles, but slowly",
                        _VALLEY + "&run=sgd(lr=0.0799)&steps=2000",
                        lambda race: race.verdict(0) == "global_minimum",
                    ),
                ),
            ),
            Step(
                title="Too small",
                query=_VALLEY + "&run=sgd(lr=0.004)&run=sgd(lr=0.06)&steps=2000",
                text="""
                    A small rate is safe. What does it cost? Here are the two runs that do settle,
                    with two thousand steps to spend.

                    The careful one, with {0.004: knob(0, 'lr')}, uses a twentieth of what the
                    surface allows.
                """,
                question="How many steps does the careful run need until its loss is below "
                "a hundredth?",
                answer=Slider("{707: below(0, 1/100)}", 10, 5000, "steps"),
                reveal="""
                    Along the floor the curvature is one, so a step takes off only the share `lr`
                    of what is left of _x_: {0.4: 100*knob(0, 'lr')} percent. The steep direction
                    forbids a rate that would suit the flat one: that is what makes a long valley
                    slow.

                    When the learning rate is small, half of it needs twice the steps.
                """,
                claims=(
                    Claim(
                        "With {0.06: knob(1, 'lr')} the loss is below a hundredth after "
                        "{46: below(1, 1/100)} steps, with {0.004: knob(0, 'lr')} after "
                        "{707: below(0, 1/100)}.",
                        lambda race: race.below(0, 0.01) > 15 * race.below(1, 0.01),
                    ),
                ),
                links=(
                    Link(
                        "Half the rate, {0.002: knob(0, 'lr')}, needs "
                        "{1415: below(0, 1/100)} steps",
                        _VALLEY + "&run=sgd(lr=0.002)&steps=2000",
                        lambda race: race.below(0, 0.01) < 2000,
                    ),
                ),
            ),
            Step(
                title="The best rate that stays the same",
                query=_VALLEY + "&run=sgd(lr=0.04)&run=sgd(lr=0.077)&run=sgd(lr=0.0795)&steps=100",
                text="""
                    All three rates are below the limit of {0.08: 2/steepest(0, 0)}, so all three
                    settle in the end. Now it is about speed.

                    Remember: one step multiplies _x_ by `1 − lr` and _y_ by `1 − 25 lr`. Whichever
                    factor is larger in size is the slower direction.
                """,
                question="Which of the three has the lowest loss after a hundred steps?",
                answer=(
                    Choice(
                        "{0.04: knob(0, 'lr')}: half of the limit",
                        "It wipes out _y_ in a single step, as `1 − 25 · 0.04` is "
                        "{0: 1 - 25*knob(0, 'lr')}, but _x_ shrinks only by "
                        "{0.96: 1 - knob(0, 'lr')} at each step.",
                        lambda race: race.loss(0) < min(race.loss(1), race.loss(2)),
                    ),
                    Choice(
                        "{0.077: knob(1, 'lr')}: close to the limit",
                        "Both directions shrink by about the same factor, "
                        "{0.923: 1 - knob(1, 'lr')} and {−0.925: 1 - 25*knob(1, 'lr')}: neither "
                        "waits for the other.",
                        lambda race: race.loss(1) < min(race.loss(0), race.loss(2)),
                        right=True,
                    ),
                    Choice(
                        "{0.0795: knob(2, 'lr')}: as close as it gets",
                        "Along the floor it is the fastest, but across it the factor is "
                        "{−0.9875: 1 - 25*knob(2, 'lr')}: it keeps bouncing.",
                        lambda race: race.loss(2) < min(race.loss(0), race.loss(1)),
                    ),
                ),
                reveal="""
                    In the long run, the best constant rate on a bowl is two over the sum of the
                    largest and the smallest curvature: {0.0769: 2/(steepest(0, 0) + flattest(0,
                    0))} here. It makes both factors equal in size.

                    In a long valley it lies just below the edge: a little more, and the bouncing
                    takes long to die away; a little more still, and it grows. That is why people
                    try rates in factors and stay below the largest one that works.
                """,
                claims=(
                    Claim(
                        "After {100: steps()} steps the losses are {0.00082: loss(0)}, "
                        "{0.000002: loss(1)} and {0.82: loss(2)}.",
                        lambda race: race.loss(1) < race.loss(0) < race.loss(2),
                    ),
                ),
            ),
            Step(
                title="The limit belongs to the place",
                query="surface=sharp_and_flat&run=sgd(lr=0.03)&run=sgd(lr=0.06)&steps=200",
                has_formula=True,
                text="""
                    Most surfaces are not bowls: their curvature differs from place to place, and
                    with it the limit. This one has two minima of the same loss. In the right one
                    the curvature is {50: steepest(1.5, 0)}, in the left one {2: steepest(-1.5,
                    0)}.

                    Two over {50: steepest(1.5, 0)} is {0.04: 2/steepest(1.5, 0)}. Both runs begin
                    beside the sharp minimum, one with a rate below this limit, one with a rate
                    above it.
                """,
                question="What becomes of the run with {0.06: knob(1, 'lr')}?",
                answer=(
                    Choice(
                        "It settles in the sharp minimum, later than the other",
                        "It can't: close to that minimum every step carries it farther away.",
                        lambda race: race.verdict(1) == "global_minimum",
                    ),
                    Choice(
                        "It never settles: it jumps to and fro across the sharp minimum",
                        "Close to the minimum its steps grow; farther out the walls are less "
                        "steep and bring it back. It ends up jumping between two places.",
                        lambda race: (
                            race.verdict(1) == "cycle" and race.turns(1, "y") > 0.9 * race.steps()
                        ),
                        right=True,
                    ),
                    Choice(
                        "It diverges",
                        "On a bowl it would. Here the walls become less steep farther out, and "
                        "bring it back.",
                        lambda race: race.verdict(1) == "diverged",
                    ),
                ),
                reveal="""
                    A minimum can hold a run of plain descent only if `lr` is below two over the
                    largest curvature there. So a large rate cannot settle in a sharp minimum; in a
                    flat one it can.

                    This is one reason why training with a large rate tends to end in flat places,
                    and why a rate that works at the start may be too large later on.
                """,
                claims=(
                    Claim(
                        "With {0.03: knob(0, 'lr')} the run settles at a loss of {0.00: loss(0)}.",
                        lambda race: race.verdict(0) == "global_minimum",
                    ),
                    Claim(
                        "With {0.06: knob(1, 'lr')} the mean loss over the last tenth of the "
                        "steps is {1.67: last_loss(1)}.",
                        lambda race: race.last_loss(1) > 1,
                    ),
                ),
                links=(
                    Link(
                        "The same rate from the left settles in the flat minimum",
                        "surface=sharp_and_flat&run=sgd(lr=0.06)&start=-2.5,1&steps=200",
                        lambda race: race.verdict(0) == "global_minimum" and race.x(0) < 0,
                    ),
                ),
            ),
        ),
    )
)

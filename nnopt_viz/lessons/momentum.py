"""Momentum: what remembering the last steps is good for, and what it costs."""

from nnopt_viz.lessons.lesson import LESSONS, Choice, Claim, Lesson, Link, Slider, Step

_VALLEY = "surface=ill_conditioned_bowl(condition=100)"
_SLOPE = 'surface=formula(f="-x",bounds="-10,110,-40,40")&start=0,0'

momentum = LESSONS.add(
    Lesson(
        name="momentum",
        place=5,
        title="Momentum",
        doc="What if a step remembered the ones before it?",
        steps=(
            Step(
                title="A heavy ball",
                query=_VALLEY + "&run=sgd(lr=0.019)&run=momentum(lr=0.019)&steps=300",
                rules=("momentum",),
                text="""
                    Momentum keeps a running sum `b` of the gradients it has seen, and steps against
                    that sum. Every step makes the older ones count a tenth less. At the first step
                    `b` is the gradient itself. (The knob `dampening` is zero here.)

                    The valley is {100: of_surface('condition')} times as strongly curved across as
                    along. Both runs have the same learning rate.
                """,
                question="Who reaches the minimum first?",
                answer=(
                    Choice(
                        "Plain gradient descent: it carries no speed past the minimum",
                        "It doesn't, but along the floor its steps are short, and it creeps.",
                        lambda race: race.first(0) < race.first(1),
                    ),
                    Choice(
                        "Momentum",
                        "Along the floor all gradients point the same way and add up; across it "
                        "they change their sign, and no speed builds up.",
                        lambda race: race.first(1) < race.first(0),
                        right=True,
                    ),
                ),
                reveal="""
                    What points the same way step after step is added up, what changes its sign is
                    not. So momentum is fast in the direction in which plain descent is slow.

                    The price is seen at once: it swings. Across the valley it takes longer to calm
                    down than plain descent, and along the floor it runs past the minimum and back.
                """,
                claims=(
                    Claim(
                        "Momentum reaches the minimum at step {107: first(1)}, plain descent at "
                        "step {281: first(0)}.",
                        lambda race: race.verdict(1) == race.verdict(0) == "global_minimum",
                    ),
                    Claim(
                        "While the swings across the valley last, plain descent is ahead: at step "
                        "{50: steps()/6} its loss is {0.24: loss(0, 50)}, that of momentum "
                        "{0.77: loss(1, 50)}.",
                        lambda race: race.loss(0, 50) < race.loss(1, 50),
                    ),
                    Claim(
                        "Along the floor momentum passes the minimum {12: passes(1, 30)} times, "
                        "plain descent {0: passes(0, 30)} times.",
                        lambda race: race.passes(1, 30) > 2 > race.passes(0, 30),
                    ),
                ),
            ),
            Step(
                title="How much faster?",
                query=_SLOPE + "&run=sgd(lr=0.1)&run=momentum(lr=0.1)&steps=100",
                has_formula=True,
                text="""
                    The simplest place of all: a slope that is everywhere equally steep and never
                    ends. Plain descent takes steps of {0.1: moved(0, 100)}, all of them alike.
                    Momentum with the usual {0.9: knob(1, 'momentum')} begins with the same step
                    and gathers speed.
                """,
                question="In the end, how many times as long as a plain step is a step with "
                "momentum?",
                answer=Slider("{10: moved(1, 100)/moved(0, 100)}", 1, 1000, "times as long", 1.25),
                reveal="""
                    Each step adds one gradient and keeps nine tenths of the sum: `1 + 0.9 + 0.9**2
                    + …` comes to one over `1 − 0.9`, which is ten. So momentum of `0.9` acts, on a
                    steady slope, like a learning rate ten times as large; `0.99` like one a
                    hundred times as large. Whoever raises the momentum should therefore lower the
                    rate.
                """,
                claims=(
                    Claim(
                        "The first step is {0.1: moved(1, 1)} long, the tenth {0.65: moved(1, "
                        "10)}, the hundredth {1: moved(1, 100)}.",
                        lambda race: race.moved(1, 1) < race.moved(1, 10) < race.moved(1, 100),
                    ),
                ),
            ),
            Step(
                title="Too much of it",
                query="surface=bowl(curvature=1)&run=momentum(lr=0.1,momentum=0.5)"
                "&run=momentum(lr=0.1)&run=momentum(lr=0.1,momentum=0.98)&steps=200",
                text="""
                    A round bowl, the same rate of {0.1: knob(0, 'lr')} three times, and three
                    amounts of momentum: {0.5: knob(0, 'momentum')}, {0.9: knob(1, 'momentum')} and
                    {0.98: knob(2, 'momentum')}.
                """,
                question="Who settles first?",
                answer=(
                    Choice(
                        "{0.5: knob(0, 'momentum')}",
                        "It brakes most, and so doesn't swing for long.",
                        lambda race: race.first(0) < min(race.first(1), race.first(2)),
                        right=True,
                    ),
                    Choice(
                        "{0.9: knob(1, 'momentum')}",
                        "It is the first near the minimum, but runs through it and swings.",
                        lambda race: race.first(1) < min(race.first(0), race.first(2)),
                    ),
                    Choice(
                        "{0.98: knob(2, 'momentum')}",
                        "It keeps its speed so well that it is still swinging at the end.",
                        lambda race: race.first(2) < min(race.first(0), race.first(1)),
                    ),
                ),
                reveal="""
                    Momentum turns a descent into a swing. How fast the swing dies away is decided
                    by what is lost at each step. A round bowl, in which no direction is slow, has
                    little use for it: a larger rate would do as well. A long valley has a lot.
                """,
                claims=(
                    Claim(
                        "The first settles at step {17: first(0)}, the second at step {109: "
                        "first(1)}; the third is still moving after {200: steps()} steps.",
                        lambda race: race.verdict(2) == "moving",
                    ),
                    Claim(
                        "The second is the first to have a loss below a hundredth, at step "
                        "{5: below(1, 1/100)}, but it does not stay there.",
                        lambda race: (
                            race.below(1, 0.01) < min(race.below(0, 0.01), race.below(2, 0.01))
                            and race.first(1) > 50
                        ),
                    ),
                ),
            ),
            Step(
                title="A higher limit",
                query=_VALLEY + "&run=sgd(lr=0.021)&run=momentum(lr=0.021)"
                "&run=momentum(lr=0.039)&steps=300",
                text="""
                    On a bowl plain descent needs a rate below two over the largest curvature, here
                    {0.02: 2/steepest(0, 0)}. All three runs are above that.
                """,
                question="Who still settles?",
                answer=(
                    Choice(
                        "None of them",
                        "Momentum has a limit too, but a higher one.",
                        lambda race: all(race.verdict(i) == "diverged" for i in (0, 1, 2)),
                    ),
                    Choice(
                        "Momentum with {0.021: knob(1, 'lr')}",
                        "It averages the jumps across the valley away.",
                        lambda race: (
                            race.verdict(1) == "global_minimum" and race.verdict(2) == "diverged"
                        ),
                        right=True,
                    ),
                    Choice(
                        "Both runs with momentum",
                        "{0.039: knob(2, 'lr')} is above the limit of momentum as well.",
                        lambda race: race.verdict(1) == race.verdict(2) == "global_minimum",
                    ),
                ),
                reveal="""
                    The limit of this method on a bowl is two times `1 + momentum`, over the
                    largest curvature: {0.038: 2*(1 + knob(1, 'momentum'))/steepest(0, 0)} here. So
                    momentum of {0.9: knob(1, 'momentum')} nearly doubles the rate that is still
                    safe.
                """,
                claims=(
                    Claim(
                        "Plain descent diverges at step {78: ended(0)}, momentum with "
                        "{0.039: knob(2, 'lr')} at step {23: ended(2)}; with "
                        "{0.021: knob(1, 'lr')} it settles.",
                        lambda race: (
                            race.verdict(0) == race.verdict(2) == "diverged"
                            and race.verdict(1) == "global_minimum"
                        ),
                    ),
                ),
                links=(
                    Link(
                        "Just below the limit, {0.037: knob(0, 'lr')} settles, but first the loss "
                        "climbs to {3540: highest(0)}",
                        _VALLEY + "&run=momentum(lr=0.037)&steps=300",
                        lambda race: race.verdict(0) == "global_minimum",
                    ),
                ),
            ),
        ),
    )
)

"""The steep-walled trap and three ways out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nnopt_viz.lessons.lesson import LESSONS, Choice, Claim, Lesson, Link, Step

if TYPE_CHECKING:
    from nnopt_viz.lessons.measured import Race

_TRAP = "surface=steep_walled_trap&start=-1.9,1.4"


def _out(race: Race, run: int) -> float:
    """How many starts of a run end outside the wall: a ring of radius 0.9 about (-1.5, 1)."""
    return race.away(run, -1.5, 1, 0.9)


steep_walled_trap = LESSONS.add(
    Lesson(
        name="steep_walled_trap",
        place=4,
        title="The steep-walled trap",
        doc="How does a run get out of a pit with steep walls?",
        steps=(
            Step(
                title="Caught",
                query=_TRAP + "&run=sgd(lr=0.1)&steps=300",
                text="""
                    A pit on a hillside, ringed by a wall. It is a local minimum with a loss of
                    {0.858: minimum_loss(1)}; the global one, with {0: minimum_loss(0)}, lies in
                    the wide valley at the lower right. The run begins inside the wall.
                """,
                question="With a learning rate of {0.1: knob(0, 'lr')}, does plain gradient "
                "descent get out?",
                answer=(
                    Choice(
                        "Yes: the valley outside is much lower",
                        "The gradient knows only the slope at one point, and inside the wall that "
                        "leads to the bottom of the pit.",
                        lambda race: race.verdict(0) == "global_minimum",
                    ),
                    Choice(
                        "No: it settles at the bottom of the pit",
                        "Inside the wall every way downhill leads there.",
                        lambda race: race.verdict(0) == "local_minimum",
                        right=True,
                    ),
                    Choice(
                        "It keeps bouncing between the walls",
                        "At this rate each step lands nearer to the bottom.",
                        lambda race: race.verdict(0) == "moving",
                    ),
                ),
                reveal="""
                    At the bottom the largest curvature is {9.03: steepest(-1.461, 0.978)}. Two
                    over that is {0.221: 2/steepest(-1.461, 0.978)}: any rate below it can settle
                    there, and {0.1: knob(0, 'lr')} is far below. More steps would change nothing:
                    there the gradient is zero.
                """,
                claims=(
                    Claim(
                        "The run has settled, from step {3: first(0)} on, at a loss of "
                        "{0.858: loss(0)}.",
                        lambda race: race.verdict(0) == "local_minimum",
                    ),
                ),
            ),
            Step(
                title="First way out: a larger learning rate",
                query=_TRAP + "&run=sgd(lr=0.1)&run=sgd(lr=0.3)&steps=100",
                text="""
                    The second run takes steps three times as long: {0.3: knob(1, 'lr')}. That is
                    above the limit of {0.221: 2/steepest(-1.461, 0.978)} which the bottom of the
                    pit allows. At the star the curvature is {0.5: steepest(2, -1)}, and the limit
                    there is {4: 2/steepest(2, -1)}.
                """,
                question="What becomes of the second run?",
                answer=(
                    Choice(
                        "It jumps out and settles in the wide valley",
                        "The steep pit can't hold it; the wide valley can.",
                        lambda race: race.verdict(1) == "global_minimum",
                        right=True,
                    ),
                    Choice(
                        "It diverges",
                        "Outside the pit the surface is gentle, and there this rate is small.",
                        lambda race: race.verdict(1) in ("diverged", "left"),
                    ),
                    Choice(
                        "It jumps to and fro inside the pit",
                        "That happened in the lesson on learning rates, where the walls flatten "
                        "out. Here they end, and a jump leads over them.",
                        lambda race: race.verdict(1) == "moving",
                    ),
                ),
                reveal="""
                    What makes a pit a trap, its steep walls, also limits the rate that can stay in
                    it. A rate too large for the pit and small enough for the valley tells the two
                    apart: it settles only in wide places.
                """,
                claims=(
                    Claim(
                        "With {0.3: knob(1, 'lr')} the run reaches the global minimum at step "
                        "{32: first(1)}.",
                        lambda race: race.verdict(1) == "global_minimum",
                    ),
                ),
            ),
            Step(
                title="Second way out: noise",
                query="surface=steep_walled_trap&start=ring(n=24,radius=0.01,x=-1.9,y=1.4)"
                "&run=sgd(lr=0.1,noise=gaussian(scale=1),schedule=cosine)"
                "&run=sgd(lr=0.1,noise=gaussian(scale=6),schedule=cosine)&steps=300",
                text="""
                    A network is trained on a few examples at a time (a _minibatch_), so its
                    gradient is off by chance. Here every coordinate of the gradient gets a random
                    error, with a standard deviation of {1: knob(0, 'noise.scale')} in the first
                    run and {6: knob(1, 'noise.scale')} in the second. The learning rate falls to
                    zero along half a cosine, so that both calm down towards the end.

                    One run would prove nothing, as its errors are chance: each begins
                    {24: starts()} times, from almost the same place, with errors of its own.
                """,
                question="Who gets out, more often than not?",
                answer=(
                    Choice(
                        "Neither: errors cancel out in the long run",
                        "On average they do. But one long row of errors in the same direction is "
                        "enough to cross the wall.",
                        lambda race: 2 * _out(race, 1) < race.starts(),
                    ),
                    Choice(
                        "Only the second",
                        "Its errors are large enough to push it across the wall; those of the "
                        "first are not.",
                        lambda race: 2 * _out(race, 0) < race.starts() < 2 * _out(race, 1),
                        right=True,
                    ),
                    Choice(
                        "Both: any noise will do, if one waits",
                        "The time until a run gets out grows very fast with the height of the "
                        "wall, and the rate falls to zero before that.",
                        lambda race: 2 * _out(race, 0) > race.starts(),
                    ),
                ),
                reveal="""
                    Noise shakes a run, as a rule sooner out of a narrow pit than out of a wide
                    valley. That the rate falls towards the end is part of the recipe: while it is
                    large the noise explores, when it is small the run stays in the well it is in.

                    This is chance: another seed gives other errors, and now and then one that got
                    out falls back into the pit.
                """,
                claims=(
                    Claim(
                        "Outside the wall end {0: away(0, -1.5, 1, 0.9)} of the {24: starts()} "
                        "with the small errors and {24: away(1, -1.5, 1, 0.9)} of those with the "
                        "large ones.",
                        lambda race: 8 * _out(race, 0) < race.starts() < 1.5 * _out(race, 1),
                    ),
                    Claim(
                        "On their way those with the large errors climb far above the start: the "
                        "first of them to a loss of {9.1: highest(1)}.",
                        lambda race: race.highest(1) > race.loss(1, 0),
                    ),
                ),
            ),
            Step(
                title="Third way out: momentum",
                query=_TRAP + "&run=sgd(lr=0.1)&run=momentum(lr=0.1)&steps=300",
                text="""
                    No noise, and the small rate of the first step again: {0.1: knob(1, 'lr')}. But
                    the second run has momentum: it begins high up on the inner wall and gathers
                    speed on its way down.
                """,
                question="Does momentum get out?",
                answer=(
                    Choice(
                        "Yes: it runs up the other wall and over it",
                        "It gathers enough speed on one side to cross on the other.",
                        lambda race: race.verdict(1) == "global_minimum",
                        right=True,
                    ),
                    Choice(
                        "No: it can't rise higher than it began",
                        "A ball without an engine can't. But steps are not a ball: in a narrow pit "
                        "they are so long that they overshoot, and that can add height.",
                        lambda race: race.verdict(1) == "local_minimum",
                    ),
                ),
                reveal="""
                    Momentum carried it out, but luck had a hand in it: from a start on the other
                    side of the pit it stays inside. No way out is certain. In practice people
                    combine them: momentum, noise from minibatches, a rate that is large at first
                    and small in the end, and several starts.
                """,
                claims=(
                    Claim(
                        "The run with momentum reaches the global minimum at step {114: "
                        "first(1)}; without momentum it is caught.",
                        lambda race: (
                            race.verdict(1) == "global_minimum"
                            and race.verdict(0) == "local_minimum"
                        ),
                    ),
                    Claim(
                        "It climbs to a loss of {4.5: highest(1)}, from {3.1: loss(1, 0)} at the "
                        "start.",
                        lambda race: race.highest(1) > race.loss(1, 0),
                    ),
                ),
                links=(
                    Link(
                        "From the other side of the pit momentum is caught, at _x_ = {−1.46: x(0)}",
                        "surface=steep_walled_trap&start=-1.2,0.6&run=momentum(lr=0.1)&steps=300",
                        lambda race: race.verdict(0) == "local_minimum",
                    ),
                ),
            ),
        ),
    )
)

"""Adaptive learning rates: a step size for each coordinate."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nnopt_viz.lessons.lesson import LESSONS, Choice, Claim, Lesson, Link, Slider, Step

if TYPE_CHECKING:
    from nnopt_viz.lessons.measured import Race

_SLOPE = 'surface=formula(f="-x",bounds="-10,110,-40,40")&start=0,0'


def _valley(rotation: int, start: str = "-2.4,0.6") -> str:
    return (
        f"surface=ill_conditioned_bowl(condition=100,rotation={rotation})&start={start}"
        "&run=sgd(lr=0.019)&run=adam(lr=0.2)&steps=300"
    )


def _is_later(race: Race, run: int) -> bool:
    """Does a run need more steps than in the valley that lies along the x axis?"""
    return race.below(run, 0.01) > race.beside(_valley(0)).below(run, 0.01)


adaptive = LESSONS.add(
    Lesson(
        name="adaptive",
        place=6,
        title="Adaptive rates",
        doc="Why should every weight use the same learning rate?",
        steps=(
            Step(
                title="A step size for each coordinate",
                query=_valley(0),
                rules=("adam",),
                text="""
                    Adam keeps two averages for every coordinate: `m` of its gradients, `v` of
                    their squares. It steps against `m`, divided by the square root of `v`: by how
                    large the gradients of this coordinate usually are. (`eps` is tiny and only
                    keeps it from dividing by zero; the powers of beta make up for averages that
                    begin at zero.)

                    The valley lies along the _x_ axis. At the start the slope is {25:
                    steepness('y', -2.4, 0.6)/steepness('x', -2.4, 0.6)} times as steep in _y_ as
                    in _x_.
                """,
                question="In which direction is Adam's first step?",
                answer=(
                    Choice(
                        "Almost straight across the valley, along _y_",
                        "That is the gradient's direction, and plain descent takes it. Adam "
                        "divides each coordinate by its own size first.",
                        lambda race: (
                            abs(race.y(1, 1) - race.y(1, 0)) > 5 * abs(race.x(1, 1) - race.x(1, 0))
                        ),
                    ),
                    Choice(
                        "Diagonally: as far in _x_ as in _y_",
                        "So corrected, `m` over the root of `v` is plus or minus one at the first "
                        "step, in every coordinate whose gradient is far above `eps`.",
                        lambda race: (
                            abs(abs(race.y(1, 1) - race.y(1, 0)) - abs(race.x(1, 1) - race.x(1, 0)))
                            < 1e-6
                        ),
                        right=True,
                    ),
                    Choice(
                        "Along the valley, towards the minimum",
                        "It would have to know where the minimum lies.",
                        lambda race: (
                            abs(race.x(1, 1) - race.x(1, 0)) > 5 * abs(race.y(1, 1) - race.y(1, 0))
                        ),
                    ),
                ),
                reveal="""
                    The learning rate of Adam is a length: about how far a step goes in each
                    coordinate while its gradient stays the same. The steep direction no longer
                    forbids the flat one its speed.
                """,
                claims=(
                    Claim(
                        "The first step is {0.2: x(1, 1) - x(1, 0)} in _x_ and {−0.2: y(1, 1) - "
                        "y(1, 0)} in _y_, which is the learning rate; that of plain descent is "
                        "{0.05: x(0, 1) - x(0, 0)} and {−1.14: y(0, 1) - y(0, 0)}.",
                        lambda race: race.moved(0, 1) > race.moved(1, 1),
                    ),
                    Claim(
                        "Adam reaches the minimum at step {104: first(1)}, plain descent at step "
                        "{294: first(0)}; below a loss of a hundredth they are at steps "
                        "{50: below(1, 1/100)} and {148: below(0, 1/100)}.",
                        lambda race: race.first(1) < race.first(0),
                    ),
                ),
            ),
            Step(
                title="Turn the valley",
                query=_valley(45, "-2.1213,-1.2728"),
                text="""
                    The same valley, turned by {45: of_surface('rotation')} degrees about its
                    minimum, and the start turned with it. Only the directions have changed: the
                    curvatures, the loss at the start and the two methods are the same.
                """,
                question="Who now needs more steps than before to bring the loss below a "
                "hundredth?",
                answer=(
                    Choice(
                        "Both",
                        "The gradient turns with the valley, and plain descent follows it: its "
                        "path is the old one, turned.",
                        lambda race: _is_later(race, 0) and _is_later(race, 1),
                    ),
                    Choice(
                        "Only Adam",
                        "Its step sizes belong to _x_ and _y_. The valley now lies between the "
                        "two, and both see the same steep walls.",
                        lambda race: _is_later(race, 1) and not _is_later(race, 0),
                        right=True,
                    ),
                    Choice(
                        "Neither: it is the same valley",
                        "To plain descent it is. Adam divides _x_ and _y_, wherever the valley "
                        "points.",
                        lambda race: not _is_later(race, 0) and not _is_later(race, 1),
                    ),
                ),
                reveal="""
                    Plain descent does not care about axes. A method that scales each coordinate by
                    itself helps where the trouble lies along the axes. In networks it often does,
                    at least in part: some weights get large gradients, others small ones. But it
                    is no cure for every long valley.

                    (“Settled at” differs from before by a few steps for plain descent too: what
                    counts as beside the minimum depends on the widths of the region shown.)
                """,
                claims=(
                    Claim(
                        "Plain descent is below a hundredth at step {148: below(0, 1/100)}, as "
                        "before.",
                        lambda race: race.below(0, 0.01) == race.beside(_valley(0)).below(0, 0.01),
                    ),
                    Claim(
                        "Adam is there at step {116: below(1, 1/100)}, more than twice as late as "
                        "before.",
                        lambda race: (
                            race.below(1, 0.01) > 2 * race.beside(_valley(0)).below(1, 0.01)
                        ),
                    ),
                ),
                links=(
                    Link(
                        "From another start in the turned valley plain descent is first: after "
                        "{300: steps()} steps Adam is still moving, at a loss of "
                        "{0.0045: loss(1)}",
                        _valley(45),
                        lambda race: (
                            race.verdict(0) == "global_minimum" and race.verdict(1) == "moving"
                        ),
                    ),
                ),
            ),
            Step(
                title="A memory that never forgets",
                query=_SLOPE + "&run=adagrad(lr=1)&run=adam(lr=1)&steps=100",
                has_formula=True,
                rules=("adagrad",),
                text="""
                    Adagrad divides by the root of the _sum_ of all squared gradients, Adam by that
                    of an average. (Adagrad's `lr_decay` and `initial_accumulator_value` are zero
                    here.) On a slope that is everywhere equally steep, with gradient one, both
                    begin with a step of {1: moved(0, 1)}.
                """,
                question="How many times as long as its hundredth step is Adagrad's first?",
                answer=Slider("{10: moved(0, 1)/moved(0, 100)}", 1, 1000, "times as long", 1.25),
                reveal="""
                    After a hundred steps the sum is a hundred, and its root is ten. A sum only
                    grows, so the rate that Adagrad has left for a coordinate only falls: good for
                    coming to rest, bad on a long way. RMSprop and Adam forget old gradients and
                    keep going.
                """,
                claims=(
                    Claim(
                        "Adagrad's hundredth step is {0.1: moved(0, 100)} long, Adam's "
                        "{1: moved(1, 100)}. They have come to _x_ = {18.6: x(0)} and "
                        "_x_ = {100: x(1)}.",
                        lambda race: race.x(0) < race.x(1) / 5,
                    ),
                ),
            ),
            Step(
                title="Leaving a saddle",
                query="surface=saddle&run=sgd(lr=0.05)&run=rmsprop(lr=0.05)&steps=90",
                has_formula=True,
                text="""
                    A saddle: uphill to both sides in _x_, downhill to both sides in _y_, and level
                    in the middle. The start lies almost exactly on the ridge: _y_ is only {0.001:
                    y(0, 0)}, so the slope in _y_ is almost nothing.

                    RMSprop divides each gradient by the root of an average of its squares, as Adam
                    does, but follows the gradient of the moment.
                """,
                question="How does plain descent compare with RMSprop in leaving the saddle?",
                answer=(
                    Choice(
                        "Both leave at about the same time",
                        "To RMSprop a tiny gradient is as good as a large one; to plain descent "
                        "it is tiny.",
                        lambda race: race.below(0, -1) < 2 * race.below(1, -1),
                    ),
                    Choice(
                        "RMSprop leaves at once, plain descent dwells there first",
                        "RMSprop's first step is as long in _y_ as in _x_.",
                        lambda race: 10 * race.below(1, -1) < race.below(0, -1) < 90,
                        right=True,
                    ),
                    Choice(
                        "Plain descent never leaves",
                        "It does: _y_ grows by a tenth at every step.",
                        lambda race: race.below(0, -1) > 90,
                    ),
                ),
                reveal="""
                    Near a saddle the gradient is small, and plain descent slows down; the surface
                    looks like a plateau until _y_ has grown. Dividing by the size of the gradients
                    undoes that. (RMSprop's very first step is even ten learning rates long: its
                    average begins at zero, and unlike Adam it does not make up for that.) The same
                    thing makes it restless at a minimum, where small gradients mean that one is
                    there.
                """,
                claims=(
                    Claim(
                        "RMSprop is below a loss of minus one at step {3: below(1, -1)}, "
                        "plain descent at step {73: below(0, -1)}.",
                        lambda race: race.below(1, -1) < race.below(0, -1),
                    ),
                    Claim(
                        "RMSprop's first step takes _y_ from {0.001: y(1, 0)} to "
                        "{0.501: y(1, 1)}, that of plain descent to {0.0011: y(0, 1)}.",
                        lambda race: race.y(1, 1) > 100 * race.y(0, 1),
                    ),
                ),
            ),
        ),
    )
)

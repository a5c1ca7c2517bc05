"""Adaptive learning rates: a step size for each coordinate."""

from nnopt_viz.lessons.lesson import LESSONS, Choice, Claim, Lesson, Slider, Step

_SLOPE = 'surface=formula(f="-x",bounds="0,100,-40,40")&start=0,0'


def _valley(rotation: int) -> str:
    return (
        f"surface=ill_conditioned_bowl(condition=100,rotation={rotation})&start=-2.4,0.6"
        "&run=sgd(lr=0.019)&run=adam(lr=0.2)&steps=300"
    )


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
                    their squares. It steps along `m`, divided by the square root of `v`: by how
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
                        "So corrected, `m` over the root of `v` is plus or minus one at the first"
                        " step, in every coordinate and whatever the gradient.",
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
                        "{294: first(0)}.",
                        lambda race: race.first(1) < race.first(0),
                    ),
                ),
            ),
            Step(
                title="Turn the valley",
                query=_valley(45),
                text="""
                    The same valley, turned by {45: of_surface('rotation')} degrees. Nothing else
                    has changed: the same curvatures, the same start, the same two methods.
                """,
                question="Who has the lower loss after {300: steps()} steps?",
                answer=(
                    Choice(
                        "Adam, as before",
                        "Its step sizes belong to _x_ and _y_. The valley now lies between the "
                        "two, and both see the same steep walls.",
                        lambda race: race.loss(1) < race.loss(0),
                    ),
                    Choice(
                        "Plain gradient descent",
                        "It does not care about axes. Adam's advantage is gone.",
                        lambda race: race.loss(0) < race.loss(1),
                        right=True,
                    ),
                ),
                reveal="""
                    A method that scales each coordinate by itself helps where the trouble lies
                    along the axes. In networks it often does, at least in part: some weights get
                    large gradients, others small ones. But it is no cure for every long valley.
                """,
                claims=(
                    Claim(
                        "Plain descent reaches the minimum at step {266: first(0)}; Adam ends "
                        "at a loss of {0.0045: loss(1)}, still moving.",
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
                answer=Slider("{10: moved(0, 1)/moved(0, 100)}", 1, 100, "times as long", 1.25),
                reveal="""
                    After a hundred steps the sum is a hundred, and its root is ten. A sum only
                    grows, so Adagrad's steps only shrink: good where the gradients themselves
                    shrink, bad on a long way. RMSprop and Adam forget old gradients and keep
                    going.
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

"""Pictures of methods that scale each coordinate: Adam and its kin, at their best and worst."""

from urllib.parse import quote

import numpy as np

from nnopt_viz.gallery.entry import FAILURE, GALLERY, SUCCESS, Entry

GALLERY.add(
    Entry(
        name="adam_spike",
        title="Adam's spike after convergence",
        topics=(FAILURE, "adaptive", "rates"),
        query="surface=bowl(curvature=1)&run=adam(lr=0.3,beta2=0.99)&run=sgd(lr=0.3)&steps=2000",
        sentence="Adam is down to a loss of {low:2} at step {at}; then its divisor has forgotten "
        "what gradients are, and at step {later} the loss is back at {spike:2}. Gradient descent "
        "only falls.",
        figures=lambda race: {
            "at": (low := int(np.argmin(race.losses(0)[:800]))),
            "low": race.loss(0, low),
            "later": (high := low + int(np.argmax(race.losses(0)[low:]))),
            "spike": race.loss(0, high),
            "rises": np.count_nonzero(np.diff(race.losses(1)) > 0),
        },
        holds=lambda f: f["low"] < 1e-15 and f["spike"] > 1e-3 and f["rises"] == 0,
        source="Ma, Wu & E 2022, A qualitative study of the dynamic behavior for adaptive gradient "
        "algorithms",
        shows="loss",
    )
)

_SPIKES = "g = g*where(cos(2*pi*(t - 1)/3) > 0.5, 6, -1.5); v = beta2*v + (1 - beta2)*g*g; "
_INSIDE = "x = maximum(-1, minimum(1, x - lr*g/sqrt({} + 1e-16)))"


def _rule(text: str) -> str:
    return f'run=rule(text="{quote(text, safe="=*(),;/")}",beta2=0.0588,lr=0.05)'


GALLERY.add(
    Entry(
        name="reddi",
        title="Reddi's counterexample: Adam climbs",
        topics=(FAILURE, "adaptive"),
        query='surface=formula(f="2*x/3",bounds="-1.2,1.2,-1,1")&'
        + _rule(_SPIKES + _INSIDE.format("v"))
        + "&"
        + _rule(_SPIKES + "w = maximum(w, v); " + _INSIDE.format("w"))
        + "&start=0,0&steps=300",
        sentence="Every third gradient is large and right, the two between are small and wrong; "
        "on average the way down is to the left. Adam divides the large one away and ends at the "
        "worst place, x = {adam}; AMSGrad, which never forgets a large one, is at x = {amsgrad}.",
        figures=lambda race: {
            "adam": race.x(0),
            "amsgrad": float(race.path(1)[0][-3:].mean()),
            "slope": race.height(1, 0) - race.height(0, 0),
        },
        holds=lambda f: f["adam"] == 1 and f["amsgrad"] < -0.95 and f["slope"] > 0,
        source="Reddi, Kale & Kumar 2018, On the convergence of Adam and beyond, theorem 1, "
        "without momentum and at a constant rate",
        runs=("Adam without momentum", "AMSGrad without momentum"),
    )
)


GALLERY.add(
    Entry(
        name="adam_in_a_turned_valley",
        title="Turn the valley, and Adam slows down",
        topics=(FAILURE, "adaptive", "curvature"),
        query="surface=ill_conditioned_bowl(condition=100,rotation=45)&run=adam(lr=0.2)"
        "&run=sgd(lr=0.019)&start=-2.5455844,-1.6970563&steps=500",
        sentence="Along the axes Adam is below a loss of {loss} at step {straight}, in the same "
        "valley turned by {angle} degrees at step {turned}; gradient descent needs {plain} steps "
        "in both.",
        figures=lambda race: {
            "loss": 0.001,
            "angle": race.of_surface("rotation"),
            "turned": race.below(0, 0.001),
            "plain": race.below(1, 0.001),
            "straight": (
                straight := race.beside(
                    "surface=ill_conditioned_bowl(condition=100,rotation=0)&run=adam(lr=0.2)"
                    "&run=sgd(lr=0.019)&start=-3,0.6&steps=500"
                )
            ).below(0, 0.001),
            "same": straight.below(1, 0.001),
        },
        holds=lambda f: f["turned"] > 1.5 * f["straight"] and f["same"] == f["plain"],
        source="Xie, Mohamadi & Li 2025, Adam exploits ℓ∞-geometry of loss landscape via "
        "coordinate-wise adaptivity",
    )
)

GALLERY.add(
    Entry(
        name="adamw_against_l2",
        title="AdamW against L2 in Adam",
        topics=(FAILURE, "adaptive", "decay"),
        query='surface=formula(f="50*(x - 1)**2",bounds="-1,3,-1,3")'.replace(" ", "%20")
        + "&run=adam(lr=0.01,weight_decay=0.001)&run=adamw(lr=0.01,weight_decay=0.001)"
        "&start=0,2&steps=300",
        sentence="The loss does not use the weight y. A decay of {decay} asks for hardly "
        "anything, and AdamW takes y from {start} to {decoupled}; put into the gradient, Adam "
        "scales it up as it does any gradient, and y is {coupled:2} after {steps} steps.",
        figures=lambda race: {
            "decay": race.knob(0, "weight_decay"),
            "start": race.y(0, 0),
            "decoupled": race.y(1),
            "coupled": race.y(0),
            "steps": race.steps(),
        },
        holds=lambda f: f["decoupled"] > 0.99 * f["start"] and f["coupled"] < f["start"] / 2,
        source="Loshchilov & Hutter 2019, Decoupled weight decay regularization",
    )
)

GALLERY.add(
    Entry(
        name="adagrad_fades",
        title="AdaGrad's steps only shrink",
        topics=(FAILURE, "adaptive", "rates"),
        query='surface=formula(f="-x",bounds="-10,110,-40,40")&run=adagrad(lr=1)&run=adam(lr=1)'
        "&start=0,0&steps=100",
        sentence="On a slope that never changes, AdaGrad's first step is {first:3} long and its "
        "hundredth {last:2}, for it divides by the root of all squares so far; Adam's are still "
        "{adam:3} long.",
        figures=lambda race: {
            "first": race.moved(0, 1),
            "last": race.moved(0, 100),
            "adam": race.moved(1, 100),
        },
        holds=lambda f: f["last"] < f["first"] / 9 and f["adam"] > 0.99,
        source="Duchi, Hazan & Singer 2011, Adaptive subgradient methods; Zeiler 2012, ADADELTA, "
        "section 2.3",
    )
)

GALLERY.add(
    Entry(
        name="saddle_by_coordinates",
        title="RMSprop leaves the saddle at once",
        topics=(SUCCESS, "adaptive", "saddles"),
        query="surface=saddle&run=sgd(lr=0.05)&run=rmsprop(lr=0.05)&steps=90",
        sentence="Both start {off} off the ridge. The slope along it is tiny, so gradient descent "
        "is less than a tenth away from it until step {plain}; RMSprop divides by that tiny slope "
        "and is away at step {fast}.",
        figures=lambda race: {
            "off": abs(race.y(0, 0)),
            "plain": np.argmax(np.abs(race.path(0)[1]) > 0.1),
            "fast": np.argmax(np.abs(race.path(1)[1]) > 0.1),
        },
        holds=lambda f: 0 < f["fast"] < f["plain"] / 10,
        source="Staib, Reddi, Kale, Kumar & Sra 2019, Escaping saddle points with adaptive "
        "gradient methods",
    )
)

GALLERY.add(
    Entry(
        name="one_start_three_ends",
        title="Same start, four rules, three ends",
        topics=(SUCCESS, "adaptive", "momentum", "minima"),
        query="surface=himmelblau(tilt=0.5)&run=sgd(lr=0.01)&run=momentum(lr=0.002)"
        "&run=rmsprop(lr=0.05)&run=adam(lr=0.2)&start=0,-3&steps=160",
        sentence="Plain descent ends at a loss of {sgd:3}, momentum in the global minimum at "
        "{momentum:2}, RMSprop and Adam together at {adam:3}: the rule decides the minimum.",
        figures=lambda race: {
            "sgd": race.loss(0),
            "momentum": race.loss(1),
            "rmsprop": race.loss(2),
            "adam": race.loss(3),
        },
        holds=lambda f: (
            f["momentum"] < 0.01 < f["sgd"] < f["adam"] and abs(f["rmsprop"] - f["adam"]) < 0.01
        ),
        source="Himmelblau 1972, Applied nonlinear programming; Wilson et al. 2017, The marginal "
        "value of adaptive gradient methods in machine learning",
    )
)

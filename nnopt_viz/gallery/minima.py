"""Pictures of which minimum a run ends in."""

import numpy as np

from nnopt_viz.gallery.entry import FAILURE, GALLERY, SUCCESS, Entry
from nnopt_viz.gallery.measure import Course

_FOUR = ((3.0, 2.0), (-2.805, 3.131), (-3.779, -3.283), (3.584, -1.848))


def _near(race: Course, run: int, x: float, y: float, radius: float = 0.3) -> float:
    """How many starts of a run ended near a place."""
    return race.starts() - race.away(run, x, y, radius)


GALLERY.add(
    Entry(
        name="himmelblau_four_fates",
        title="Himmelblau's four fates",
        topics=(SUCCESS, "minima", "initialization"),
        query="surface=himmelblau&run=sgd(lr=0.005)&start=random(n=100)&steps=400",
        sentence="Four minima, all of loss zero. Of {starts} random starts {a} end at the upper "
        "right, {b} at the upper left, {c} at the lower left and {d} at the lower right: the "
        "start decides.",
        figures=lambda race: {
            "starts": race.starts(),
            **{key: _near(race, 0, *place) for key, place in zip("abcd", _FOUR, strict=True)},
        },
        holds=lambda f: (
            sum(f[key] for key in "abcd") == f["starts"] and min(f[key] for key in "abcd") > 10
        ),
        source="Himmelblau 1972, Applied nonlinear programming",
    )
)

GALLERY.add(
    Entry(
        name="steep_walled_trap",
        title="The steep-walled trap",
        topics=(FAILURE, "minima", "rates"),
        query="surface=steep_walled_trap&run=sgd(lr=0.1)&run=sgd(lr=0.3)"
        "&start=ring(n=24,radius=0.2,x=-1.9,y=1.4)&steps=300",
        sentence="From {starts} starts on the wall of the pit, gradient descent at {small} stays "
        "in it {caught} times; at {large} the narrow pit can't hold it, and it ends in the wide "
        "minimum {free} times.",
        figures=lambda race: {
            "starts": race.starts(),
            "small": race.knob(0, "lr"),
            "large": race.knob(1, "lr"),
            "caught": race.count(0, "local_minimum"),
            "free": race.count(1, "global_minimum"),
        },
        holds=lambda f: f["caught"] == f["starts"] == f["free"] and f["small"] < f["large"],
        source="Kleinberg, Li & Yuan 2018, An alternative view: When does SGD escape local minima?",
    )
)

GALLERY.add(
    Entry(
        name="large_steps_choose_flat",
        title="Large steps can't stay in a sharp minimum",
        topics=(SUCCESS, "minima", "rates", "curvature"),
        query="surface=sharp_and_flat&run=sgd(lr=0.02)&run=sgd(lr=0.06)&start=random(n=64)"
        "&steps=1000",
        sentence="Both minima have the same loss. At a rate of {low}, {sharp} of {starts} starts "
        "come to rest in the sharp one; at {high}, above two over its curvature, which is "
        "{limit:2}, none does: {rest} rest in the flat one, the others hop to and fro.",
        figures=lambda race: {
            "starts": race.starts(),
            "low": race.knob(0, "lr"),
            "high": race.knob(1, "lr"),
            "limit": 2 / race.steepest(1.5, 0),
            "sharp": _near(race, 0, 1.5, 0, 1e-3),
            "none": _near(race, 1, 1.5, 0, 1e-3),
            "rest": _near(race, 1, -1.5, 0, 1e-3),
        },
        holds=lambda f: (
            f["low"] < f["limit"] < f["high"] and f["none"] == 0 and min(f["sharp"], f["rest"]) > 5
        ),
        source="Wu, Ma & E 2018, How SGD selects the global minima in over-parameterized learning",
    )
)

GALLERY.add(
    Entry(
        name="sam_keeps_off_the_sharp",
        title="SAM can't rest where it is sharp",
        topics=(SUCCESS, "minima", "curvature"),
        query="surface=sharp_and_flat&run=sgd(lr=0.02)&run=sam(lr=0.02,rho=1)"
        "&start=random(n=64)&steps=1000",
        sentence="From {starts} starts plain descent ends within {near} of the sharp minimum "
        "{sgd} times, SAM {sam} times. It is no magic: {around} of its starts still end in the "
        "sharp valley, further out, at a mean loss of {loss:2}.",
        figures=lambda race: {
            "starts": race.starts(),
            "near": 0.3,
            "sgd": _near(race, 0, 1.5, 0),
            "sam": _near(race, 1, 1.5, 0),
            "around": sum(x > 0 for x, _ in race.ends(1)),
            "loss": np.mean([race.height(x, y) for x, y in race.ends(1) if x > 0]),
        },
        holds=lambda f: f["sgd"] > 5 > f["sam"] == 0 and f["around"] > 0 and f["loss"] > 0.1,
        source="Foret, Kleiner, Mobahi & Neyshabur 2021, Sharpness-aware minimization for "
        "efficiently improving generalization",
    )
)

GALLERY.add(
    Entry(
        name="level_minima",
        title="Many minima, and all about as good",
        topics=(SUCCESS, "minima", "initialization"),
        query="surface=level_minima&run=sgd(lr=0.02)&start=grid(n=8)&steps=1500",
        sentence="From {starts} starts it ends in {places} different minima, and it hardly "
        "matters: the worst of them has a loss of {worst:2}, where starts were as high as "
        "{highest:2}.",
        figures=lambda race: {
            "starts": race.starts(),
            "places": race.places(0),
            "worst": race.worst_end(0),
            "highest": race.highest_start(),
        },
        holds=lambda f: f["places"] > 10 and f["worst"] < f["highest"] / 100,
        source="Choromanska et al. 2015, The loss surfaces of multilayer networks",
    )
)

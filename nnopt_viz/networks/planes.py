"""The planes on which a network's loss surface is shown: what they are called and mean.

How each is computed: `slices`. A new one is one declaration here and one function there.
"""

from __future__ import annotations

from dataclasses import dataclass

from nnopt_viz.declare.knobs import Knob
from nnopt_viz.declare.registry import Registry

HEIGHTS = ("train", "test", "accuracy")


@dataclass(frozen=True, slots=True)
class PlaneKind:
    """A kind of plane through the parameter space.

    Args:
        axes: what x and y are called.
        ends: the knobs that number the runs through whose ends it goes; the first is its centre.
        reach: how far it is shown to every side of the centre at least, in units of its
            directions; 0 where the paths alone say how far.
        instead: the sentence that says that it is shown where the plane that was asked for does
            not exist; one plane has it.
    """

    name: str
    title: str
    family: str
    knobs: tuple[Knob, ...]
    doc: str
    source: str
    axes: tuple[str, str]
    ends: tuple[str, ...] = ("of",)
    reach: float = 0.0
    instead: str = ""


HEIGHT = Knob(
    "height", "train", "what is shown as height: loss on the training data, on the test data, or "
    "the share of training samples that are classified wrongly (1 - accuracy)",
    kind="choice", choices=HEIGHTS,
)  # fmt: skip


def _run(name: str, default: int, doc: str) -> Knob:
    return Knob(name, default, f"{doc}, a run's number from 0", 0, 11, "integer")


OF = _run("of", 0, "through the end of which run the plane goes")

THREE = (_run("a", 0, "first"), _run("b", 1, "second"), _run("c", 2, "third"))

PLANES: Registry[PlaneKind] = Registry("plane", ("plane",))
PLANES.add(
    PlaneKind(
        "pca", "Main directions of the paths", "plane", (OF, HEIGHT),
        "The two directions in which the paths of all runs, seen from the end, extend most.",
        "Li, Xu, Taylor, Studer & Goldstein 2018, Visualizing the loss landscape of neural nets, "
        "section 7", ("first main direction", "second main direction"),
    )
)  # fmt: skip
PLANES.add(
    PlaneKind(
        "random", "Two random directions", "plane", (OF, HEIGHT),
        "Two random directions, each unit's part as long as that unit's weights are; zero on "
        "biases and on the parameters of batch normalization.",
        "Li, Xu, Taylor, Studer & Goldstein 2018, Visualizing the loss landscape of neural nets, "
        "section 4 (filter normalization)", ("first direction", "second direction"),
        reach=1.0, instead="Random directions are shown instead.",
    )
)  # fmt: skip
PLANES.add(
    PlaneKind(
        "hessian", "Directions of largest curvature", "plane", (OF, HEIGHT),
        "The two leading eigenvectors of the Hessian of the training loss at the end.",
        "Yao, Gholami, Keutzer & Mahoney 2020, PyHessian: neural networks through the lens of the "
        "Hessian", ("largest curvature", "second largest"),
    )
)  # fmt: skip
PLANES.add(
    PlaneKind(
        "line", "From start to end", "plane", (OF, HEIGHT),
        "x runs straight from the start to the end; y is the direction in which the path leaves "
        "that line most.",
        "Goodfellow, Vinyals & Saxe 2015, Qualitatively characterizing neural network "
        "optimization problems", ("from start to end", "widest detour"),
    )
)  # fmt: skip
PLANES.add(
    PlaneKind(
        "three", "Through three ends", "plane",
        (*THREE, HEIGHT),
        "The plane that contains the ends of three runs.",
        "Garipov, Izmailov, Podoprikhin, Vetrov & Wilson 2018, Loss surfaces, mode connectivity, "
        "and fast ensembling of DNNs, figure 1", ("from first to second end", "towards the third"),
        ends=tuple(knob.name for knob in THREE),
    )
)  # fmt: skip


def plane_instead() -> PlaneKind:
    """The plane that is shown where another does not exist."""
    return next(plane for plane in PLANES.values() if plane.instead)

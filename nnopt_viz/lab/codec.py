"""The codec of the network lab, in the same grammar as the race's:

net=mlp(hidden="16,16",activation=relu)&data=moons(n=400)&init=he_normal&run=adam(lr=0.01)
&batch=32&epochs=60&plane=pca&seed=1
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from nnopt_viz.compose.runs import MAX_RUNS
from nnopt_viz.declare.knobs import Call, Knob
from nnopt_viz.lab.lab import (
    MAX_BATCH,
    MAX_EPOCHS,
    MAX_SEEDS,
    Lab,
    default_lab,
    landing_lab,
)
from nnopt_viz.lab.price import INTERACTIVE
from nnopt_viz.lab.repairs import Repair, length_repair, network_repair, plane_repair, run_repair
from nnopt_viz.networks import DATASETS, INITS, NETS, PLANES
from nnopt_viz.optimizers import TRAINERS
from nnopt_viz.query.grammar import number_text, percent_encode
from nnopt_viz.query.keys import KEYS_ALSO, RUN_EXAMPLE, VERSION_EXAMPLE, QueryError, call_text
from nnopt_viz.query.reading import Reading, Vocabulary, further

if TYPE_CHECKING:
    from nnopt_viz.declare.registry import Registry

LAB_CALLS: dict[str, Registry[Any]] = {
    "net": NETS,
    "data": DATASETS,
    "init": INITS,
    "run": TRAINERS,
    "plane": PLANES,
}
LAB_SCALARS: dict[str, Knob] = {
    knob.name: knob
    for knob in (
        Knob(
            "batch", 32, "training samples a step; more than there are means all of them",
            1, MAX_BATCH, "integer", soft=(1, 256), log=True,
        ),
        Knob(
            "epochs", 30, "passes over the training data", 1, MAX_EPOCHS, "integer",
            soft=(1, 200), log=True,
        ),
        Knob(
            "seed", 0, "decides data, start weights, batches and random directions", 0, 10**15,
            "integer", soft=(0, 100),
        ),
        Knob(
            "seeds", 1, "trainings of each run, with seeds seed, seed + 1 …", 1, MAX_SEEDS,
            "integer", soft=(1, 16),
        ),
    )
}  # fmt: skip
LAB_EXAMPLES: dict[str, str] = {
    "net": 'a network such as mlp(hidden="16,16",activation=relu)',
    "data": "a data set such as moons(n=400,noise=0.2)",
    "init": "an initializer such as he_normal",
    "run": RUN_EXAMPLE,
    "plane": "a plane such as pca or random",
    **{name: knob.allowed() for name, knob in LAB_SCALARS.items()},
    "v": VERSION_EXAMPLE,
}
MOST_NOTES = 24  # sentences about repairs; every run may need one
VOCABULARY = Vocabulary(
    LAB_EXAMPLES, LAB_CALLS, {name: knob.default for name, knob in LAB_SCALARS.items()},
    {"run": MAX_RUNS},
    also=KEYS_ALSO | {
        "network": "net", "model": "net", "dataset": "data", "initializer": "init",
        "initialization": "init", "batch_size": "batch", "n_epochs": "epochs",
        "num_epochs": "epochs",
    },
)  # fmt: skip


def decode_lab(query: str, most: float = INTERACTIVE, said: list[str] | None = None) -> Lab:
    """Read a lab's query strictly.

    Args:
        most: units that it may take, see `lab.price`.
        said: takes sentences about what was read as something else.

    Raises:
        QueryError: names the key, the value, what is allowed and the nearest known name.
    """
    return LabReading(None, most, said).lab(query)


def repair_lab(query: str) -> tuple[Lab, list[str]]:
    """The valid lab nearest to a query, and sentences saying what was changed."""
    notes: list[str] = []
    reading = LabReading(notes, INTERACTIVE)
    made = reading.lab(query)
    more = len(notes) - MOST_NOTES
    if more > 0:
        notes[MOST_NOTES:] = [further(more)]
    return (made if reading.found_any else landing_lab()), notes


def encode_lab(lab: Lab) -> str:
    """The canonical query text; never without a key that says it is a lab's."""
    usual = default_lab()
    parts = [("net", call_text(lab.net, NETS)), ("data", call_text(lab.data, DATASETS))]
    if lab.init != usual.init:
        parts.append(("init", call_text(lab.init, INITS)))
    parts += [("run", call_text(call, TRAINERS)) for call in lab.runs]
    for name in ("batch", "epochs"):
        if getattr(lab, name) != getattr(usual, name):
            parts.append((name, number_text(getattr(lab, name))))
    if lab.plane != usual.plane:
        parts.append(("plane", call_text(lab.plane, PLANES)))
    for name in ("seed", "seeds"):
        if getattr(lab, name) != getattr(usual, name):
            parts.append((name, number_text(getattr(lab, name))))
    return "&".join(f"{key}={percent_encode(text)}" for key, text in parts)


class LabReading(Reading):
    """Reads one query of the lab."""

    def __init__(self, notes: list[str] | None, most: float, said: list[str] | None = None) -> None:
        super().__init__(VOCABULARY, notes, said)
        self.most = most

    def lab(self, query: str) -> Lab:
        made = default_lab()
        given: dict[str, Any] = {}
        runs: list[Call] = []
        for key, text in self.parts(query):
            nodes = self.nodes(key, text)
            if nodes is None:
                continue
            if key in LAB_SCALARS:
                given[key] = self.scalar(LAB_SCALARS[key], nodes, text)
            elif key == "v":
                self.version(nodes, text)
            else:
                call = self.only_call(nodes, text, LAB_CALLS[key], key)
                if call is not None and key == "run":
                    runs.append(call)
                elif call is not None:
                    given[key] = call
        return self.fitting(replace(made, **given, runs=tuple(runs) or made.runs))

    def fitting(self, lab: Lab) -> Lab:
        """Within every limit, by repairs where they are allowed."""
        while (found := lab.problem(self.most)) is not None:
            key, sentence = found
            made = self.mended(lab, key)
            key = made.key or key
            error = QueryError(key, self.shown(lab, key), f"{sentence}.", made.allowed)
            before, lab = lab, self.settle(error, made.lab, made.done)
            if lab == before:  # nothing helps, which no limit of today makes happen
                return default_lab()
        return lab

    def mended(self, lab: Lab, key: str) -> Repair:
        """The same training without one problem."""
        if key == "net":
            return network_repair(lab, LAB_EXAMPLES["net"])
        if key == "run":
            return run_repair(lab, default_lab().runs[0])
        if key == "plane":
            return plane_repair(lab, LAB_EXAMPLES["plane"])
        return length_repair(lab, self.most, encode_lab(lab))

    def shown(self, lab: Lab, key: str) -> str:
        if key in LAB_SCALARS:
            return str(getattr(lab, key))
        if key == "run":
            return ", ".join(call.name for call in lab.runs)
        return call_text(getattr(lab, key), LAB_CALLS[key])

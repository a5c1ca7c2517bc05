"""What there is to say about a training and its slice, in plain sentences."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nnopt_viz.declare.written import shown
from nnopt_viz.lab.result import has_diverged, outcomes
from nnopt_viz.lab.slices import WORDS
from nnopt_viz.networks import PLANES
from nnopt_viz.networks.planes.plane import FAR
from nnopt_viz.query.labels import labels

if TYPE_CHECKING:
    from nnopt_viz.lab.lab import Lab
    from nnopt_viz.lab.result import Result


def without_plane(made: Result) -> list[str]:
    """What there is to say where the plane does not exist: why, and what else there is; else
    nothing."""
    if made.slice.plane is not None:
        return []
    if not made.is_whole:
        return [f"There is no {made.lab.plane.name} plane so far. {made.slice.missing}."]
    others = [PLANES[name].title for name in made.slice.others]
    known = f"It has: {', '.join(others)}." if others else "It has no other one either."
    return [f"This training has no {made.lab.plane.name} plane. {made.slice.missing}. {known}"]


def _axes(lab: Lab) -> str:
    """What the axes of map and 3D view are."""
    x, y = PLANES[lab.plane.name].axes
    height = WORDS[str(lab.plane["height"])]
    return (
        f"x: {x}; y: {y}. Height and tint grow with the logarithm of the {height} above its lowest."
    )


def _of_runs(made: Result) -> list[str]:
    """Which runs diverged, and whose path is measured only up to there."""
    lab, rows, said = made.lab, made.rows, []
    for run, (name, end) in enumerate(zip(labels(lab.runs), outcomes(made), strict=True)):
        lost = [has_diverged(rows, run, seed) for seed in range(lab.seeds)]
        if lab.seeds > 1 and any(lost):
            said.append(f"{name}: {sum(lost)} of {lab.seeds} trainings diverged.")
        elif lost[0] and end["step"] is not None:
            said.append(f"{name} diverged: at step {end['step']:,} its loss is not finite.")
        elif lost[0]:
            said.append(f"{name} diverged: its loss ends at {shown(rows.loss[run, -1, 0])}.")
        if end["beyond"] is not None and made.slice.plane is not None:
            said.append(
                f"{name}: at step {end['beyond']:,} a parameter is beyond {FAR:,.0f} in size. Of "
                "its path what lies within is measured, and the last point there is its end."
            )
    return said


def notes(made: Result) -> list[str]:
    """What there is to say about the slice, plain sentences."""
    lab, said = made.lab, without_plane(made)
    if made.slice.plane is not None:
        said += [_axes(lab), *made.slice.plane.notes]
    said += _of_runs(made)
    if not made.is_whole and made.slice.plane is not None:
        said.append("Provisional: the plane goes through where the runs are now.")
    if lab.network.batchnorm and lab.network.hidden:
        said.append(
            "Batch normalization uses the statistics of the whole training set, computed anew at "
            "every point, in the slice and along the paths alike."
        )
        said += _of_single_samples(lab)
    if lab.network.l2:
        said.append("Every loss, that of the test data too, includes the l2 penalty.")
    if lab.stride > 1:
        said.append(f"Recorded, here and in tables: one step in {lab.stride:,}, and the last.")
    if lab.seeds > 1:
        said.append(
            "The plane, where the runs stand, shares, layers, sharpness and the picture of the "
            "data are of the first seed; the map, the curves and tables have all of them."
        )
    return said


def _of_single_samples(lab: Lab) -> list[str]:
    """What batch normalization makes of a batch of one sample, where there is such a batch."""
    left = len(lab.samples.x_train) % lab.batch_size
    if lab.batch_size > 1 and left != 1:
        return []
    which = "Every batch" if lab.batch_size == 1 else "The last batch of every epoch"
    said = (
        f"{which} is one sample. Less its own mean that is 0, whatever the sample: from such a "
        "step the layers that are normalized learn nothing of the data but their shifts. (torch "
        "refuses such a batch.)"
    )
    return [said]

"""Networks of every activation, loss and shape against torch; test_networks asks about the rest."""

from __future__ import annotations

import json
import warnings
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from nnopt_viz.catalogue.evidence import ROUNDING
from nnopt_viz.lab.training import train
from nnopt_viz.networks import (
    DATASETS,
    INITS,
    Network,
    Running,
    dataset,
    hessian_vector,
    outputs,
    start_weights,
    statistics,
    value,
    value_and_gradient,
)
from nnopt_viz.networks.activations import ACTIVATIONS
from nnopt_viz.networks.datasets import digit_pictures
from tests.support.network_cases import (
    CASES,
    HIDDEN,
    LOSSES,
    NORMALIZED,
    STEPS,
    TRAINED,
    lab_of,
    material,
    numbers,
)
from tests.support.paths import GOLDEN

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tests.support.recording import Recorder

    Array = NDArray[np.float64]

NETWORKS = GOLDEN / "networks"
EXACT = 1e-10  # issue 5; measured: 2e-14
ROUNDED = "rounding of the sums over samples and layers"
SAME_DRAW = 1e-14  # start weights and data, if another libm draws them


def release(file: Any) -> str:
    """The torch whose numbers a golden file keeps."""
    return str(json.loads(str(file["about"]))["torch"])


def named(network: Network) -> str:
    hidden = "-".join(map(str, network.hidden)) or "linear model"
    normal = "batchnorm" if network.batchnorm else "plain"
    return f"{network.activation} {network.loss} {network.kind} {normal} {hidden}"


def ours(network: Network) -> tuple[Array, Array, Array]:
    """Loss, gradient and Hessian times v of a case."""
    theta, v, x, y = material(network)
    loss, slope = value_and_gradient(network, theta[None], x, y)
    return loss[0], slope[0], hessian_vector(network, theta[None], v[None], x, y)[0]


def test_the_cases_are_all_there_are() -> None:
    kinds = {(c.activation, c.loss, c.kind, c.batchnorm, c.hidden) for c in CASES}
    assert len(kinds) == len(CASES) == len(ACTIVATIONS) * len(LOSSES) * 2 * len(HIDDEN)


def test_derivatives_agree_with_torch() -> None:
    with np.load(NETWORKS / "derivatives.npz") as file:
        losses, slopes, images = file["loss"], file["gradient"], file["hessian"]
    ends = np.cumsum([case.size for case in CASES])
    assert ends[-1] == len(slopes) == len(images)
    for case, wanted, end in zip(CASES, losses, ends, strict=True):
        part = slice(end - case.size, end)
        loss, slope, image = ours(case)
        assert abs(loss - wanted) <= EXACT, named(case)
        assert np.abs(slope - slopes[part]).max() <= EXACT, named(case)
        assert np.abs(image - images[part]).max() <= EXACT, named(case)


@pytest.mark.conformance
def test_derivatives_agree_with_torch_now(evidence: Recorder) -> None:
    golden = live()
    apart = []
    for case in CASES:
        found = zip(ours(case), golden.derivatives(case), strict=True)
        for mine, theirs in found:
            largest = max(1.0, float(np.abs(theirs).max()))
            apart.append(float(np.abs(mine - theirs).max()) / largest)
            assert apart[-1] <= EXACT, named(case)
    evidence.compared(
        "networks", "mlp", "torch.autograd", "derivatives", apart, steps=[0],
        what=f"Loss, gradient and Hessian times a vector of {len(CASES)} networks (every "
        "activation and loss, with batch normalization and without)",
        why=ROUNDED if max(apart) > ROUNDING else "",
    )  # fmt: skip


def live() -> Any:
    """The tool that asks torch."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # other people's deprecations
        return pytest.importorskip("tools.golden_layers", reason="needs the extra `conformance`")


@pytest.mark.parametrize("case", [c for c in CASES if len(c.hidden) == 2], ids=named)
def test_the_gradient_is_that_of_the_value(case: Network) -> None:
    """Along v, by central differences; and the Hessian's form is symmetric."""
    theta, v, x, y = material(case)
    w, step = numbers(case.size, 6), 1e-6
    both = np.stack([theta + step * v, theta - step * v])
    above, below = value(case, both, x, y)
    _, slope, image = ours(case)
    assert (above - below) / (2 * step) == pytest.approx(slope @ v, rel=1e-6, abs=1e-8)
    other = hessian_vector(case, theta[None], w[None], x, y)[0]
    assert image @ w == pytest.approx(other @ v, rel=1e-11, abs=1e-11)


@pytest.mark.parametrize("case", [c for c in CASES if c.hidden == (6, 4)], ids=named)
def test_lanes_together_are_as_alone(case: Network) -> None:
    theta, v, x, y = material(case)
    lanes = theta * np.linspace(0.5, 1.5, 5)[:, None]
    ways = np.stack([np.roll(v, i) for i in range(5)])
    together = (*value_and_gradient(case, lanes, x, y), hessian_vector(case, lanes, ways, x, y))
    for i in range(5):
        one, way = lanes[i : i + 1], ways[i : i + 1]
        alone = (*value_and_gradient(case, one, x, y), hessian_vector(case, one, way, x, y))
        for many, single in zip(together, alone, strict=True):
            np.testing.assert_allclose(many[i], single[0], rtol=1e-12, atol=1e-13)
    own = np.stack([x, x + 1, -x, x / 2, x])  # each lane its own samples
    spread, _ = value_and_gradient(case, lanes, own, np.stack([y] * 5))
    for i in range(5):
        single, _ = value_and_gradient(case, lanes[i : i + 1], own[i], y)
        np.testing.assert_allclose(spread[i], single[0], rtol=1e-12)


@pytest.mark.recorded
def test_batch_normalization_in_evaluation_agrees_with_torch(evidence: Recorder) -> None:
    theta, _, x, _ = material(NORMALIZED)
    running = Running.begin(NORMALIZED, 1)
    for part in (x[:10], x[10:]):
        running = running.after(NORMALIZED, theta[None], part)
    with np.load(NETWORKS / "derivatives.npz") as file:
        kept = running.statistics
        for i in range(2):
            assert np.abs(kept.mean[i][0, :, 0] - file[f"mean_{i}"]).max() <= 1e-13
            assert np.abs(kept.variance[i][0, :, 0] - file[f"var_{i}"]).max() <= 1e-13
        said = outputs(NORMALIZED, theta[None], x, kept)[0]
        apart = float(np.abs(said - file["eval_outputs"]).max())
        assert apart <= 1e-12
        evidence.compared(
            "networks", "mlp", "torch.nn.BatchNorm1d", "evaluation", [apart], steps=[0],
            release=release(file), what="Outputs in evaluation, with running statistics of two "
            "batches", why=ROUNDED if apart > ROUNDING else "",
        )  # fmt: skip


def test_statistics_of_the_whole_set_make_evaluation_and_training_one() -> None:
    theta, _, x, y = material(NORMALIZED)
    fixed = statistics(NORMALIZED, theta[None], x)
    apart = outputs(NORMALIZED, theta[None], x, fixed) - outputs(NORMALIZED, theta[None], x)
    assert np.abs(apart).max() <= 1e-13
    loss = value(NORMALIZED, theta[None], x, y)
    assert value(NORMALIZED, theta[None], x, y, fixed) == pytest.approx(loss, abs=1e-14)


@pytest.mark.recorded
@pytest.mark.parametrize("batchnorm", [False, True])
def test_training_follows_torch(
    batchnorm: bool, capsys: pytest.CaptureFixture[str], evidence: Recorder
) -> None:
    """Full batches, the real trainer: 300 steps to 1e-12; 30 with batch normalization to 1e-10."""
    lab, end = lab_of(batchnorm), f"_{int(batchnorm)}"
    assert lab.problem() is None
    assert lab.steps == STEPS[batchnorm]
    assert lab.stride == 1
    *_, rows = train(lab)
    found = []
    with np.load(NETWORKS / "training.npz") as file:
        data, start = lab.samples, file[f"start{end}"]
        assert np.abs(data.x_train - file[f"x{end}"]).max() <= SAME_DRAW
        assert (data.y_train == file[f"y{end}"]).all()
        for run, name in enumerate(TRAINED):
            assert np.abs(rows.theta[run, 0, 0] - start).max() <= SAME_DRAW
            path = file[f"path_{name}{end}"]
            apart = np.abs(rows.theta[run, ::10, 0] - path).max()
            moved = float(file[f"moved_{name}{end}"])
            with capsys.disabled():
                print(  # noqa: T201
                    f"\n{name}, {lab.steps} steps, batchnorm={batchnorm}: {apart:.1e} from torch; "
                    f"one unit in the start's last place moves torch by {moved:.1e}", end=""
                )  # fmt: skip
            assert np.abs(path[-1] - path[0]).max() > 0.05
            assert apart <= (1e-10 if batchnorm else 1e-12), name
            found.append((float(apart), moved))
        said = f"{lab.steps} steps of sgd, momentum and Adam, {'with' if batchnorm else 'without'}"
        evidence.compared(
            "networks", "mlp", "torch.optim", said, [one for one, _ in found], steps=[lab.steps],
            shaken=max(moved for _, moved in found), release=release(file),
            what=f"Weights over {said} batch normalization",
        )  # fmt: skip


# --- initializers ---------------------------------------------------------------------

WIDE = Network(64, (32, 32), 1, "relu", False, "squared_error", 0.0, "regression")
SEEDS = range(40)


def drawn(name: str, **knobs: Any) -> Array:
    """First-layer weights of forty seeds, shape (seeds, 64, 32)."""
    made = start_weights(INITS.call(name, **knobs), WIDE, SEEDS)
    return made[:, : 64 * 32].reshape(-1, 64, 32)


# standard deviation of a weight, and its largest size over the standard deviation (None: normal)
SPREADS: dict[str, tuple[float, float | None]] = {
    "normal": (1.0, None), "uniform": (3**-0.5, 3**0.5), "lecun_normal": (64**-0.5, None),
    "xavier_normal": ((2 / 96) ** 0.5, None), "xavier_uniform": ((2 / 96) ** 0.5, 3**0.5),
    "he_normal": ((2 / 64) ** 0.5, None), "he_uniform": ((2 / 64) ** 0.5, 3**0.5),
    "orthogonal": (64**-0.5, None),
}  # fmt: skip


def test_every_initializer_is_examined() -> None:
    assert {*SPREADS, "zeros", "constant"} == set(INITS)


@pytest.mark.parametrize("name", SPREADS)
def test_initializers_have_their_spread(name: str) -> None:
    weights = drawn(name)
    std, most = SPREADS[name]
    assert abs(weights.mean()) < 4 * std / weights.size**0.5
    assert weights.std() == pytest.approx(std, rel=0.01)  # 82,000 draws: 0.0025 is one sigma
    kurtosis = np.mean((weights / std) ** 4)
    assert kurtosis == pytest.approx(1.8 if most else 3.0, rel=0.06)
    if most:
        assert 0.999 * most * std < np.abs(weights).max() <= most * std


def test_biases_begin_at_zero_and_scales_at_one() -> None:
    for name in INITS:
        theta = start_weights(INITS.call(name), NORMALIZED, [5])
        first, second, last = NORMALIZED.parts(theta)
        for layer in (first, second):
            assert (layer["scale"] == 1).all()
            assert (layer["shift"] == 0).all()
        assert (last["affine"][:, -1] == (0.5 if name == "constant" else 0)).all()
    assert (drawn("constant", value=0.25) == 0.25).all()
    assert (drawn("zeros") == 0).all()


def test_orthogonal_weights_are_orthogonal() -> None:
    for weights in drawn("orthogonal", gain=1.5)[:3]:
        assert np.abs(weights.T @ weights - 2.25 * np.eye(32)).max() < 1e-12


@pytest.mark.parametrize("name", INITS)
def test_a_seed_means_the_same_weights_in_any_company(name: str) -> None:
    alone = start_weights(INITS.call(name), WIDE, [7])
    among = start_weights(INITS.call(name), WIDE, [3, 7, 9])
    assert (alone[0] == among[1]).all()


# --- data -----------------------------------------------------------------------------


@pytest.mark.parametrize("name", DATASETS)
def test_data_are_what_they_say(name: str) -> None:
    call = DATASETS.call(name, n=200, test=0.25)
    data = dataset(call, 4)
    assert (len(data.x_train), len(data.x_test)) == (150, 50)
    assert data.kind == DATASETS[name].kind
    assert np.isfinite(data.x_train).all()
    whole = np.concatenate([data.y_train, data.y_test])
    if data.classes:
        assert set(whole.tolist()) == set(range(data.classes))
    assert dataset.__wrapped__(call, 4).x_train.tolist() == data.x_train.tolist()
    assert dataset(call, 5).x_train.tolist() != data.x_train.tolist()
    with pytest.raises(ValueError, match="read-only"):
        data.x_train[0, 0] = 1


def test_the_digits_are_the_digits() -> None:
    images, labels = digit_pictures()
    assert images.shape == (1797, 64)
    assert (images.min(), images.max()) == (0, 16)
    assert np.bincount(labels).tolist() == [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]

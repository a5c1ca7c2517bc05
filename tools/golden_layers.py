"""Golden numbers of networks: what torch computes in float64, from its own layers and losses.

python -m tools.golden_layers     writes derivatives, training and slices.npz into
                                        tests/golden/networks/
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch.nn import functional

from nnopt_viz.declare.streams import DIRECTIONS
from nnopt_viz.networks import start_weights
from nnopt_viz.networks.activations import ACTIVATIONS
from tests.support.network_cases import CASES, GRID, NORMALIZED, TRAINED, lab_of, material, numbers

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from nnopt_viz.lab.lab import Lab
    from nnopt_viz.networks import Network

    Array = NDArray[np.float64]

torch.set_default_dtype(torch.float64)
torch.set_num_threads(1)

GOLDEN = Path(__file__).resolve().parent.parent / "tests" / "golden" / "networks"


def parts_of(network: Network, theta: torch.Tensor) -> list[list[torch.Tensor]]:
    """Weight and bias, or weight, scale and shift, of every layer."""
    parts: list[list[torch.Tensor]] = []
    at = 0
    for i, (inside, out) in enumerate(zip(network.sizes, network.sizes[1:], strict=False)):
        few = 2 if network.batchnorm and i < len(network.hidden) else 1
        layer = []
        for shape in [(inside, out), *[(out,)] * few]:
            size = int(np.prod(shape))
            layer.append(theta[at : at + size].reshape(shape))
            at += size
        parts.append(layer)
    assert at == len(theta)
    return parts


def bent(network: Network, u: torch.Tensor) -> torch.Tensor:
    """The activation, from torch."""
    return eval(ACTIVATIONS[network.activation].torch, vars(torch.nn))(u)


def says(network: Network, theta: torch.Tensor, x: torch.Tensor) -> torch.Tensor:
    """What the network gives, shape (n, outputs)."""
    *below, last = parts_of(network, theta)
    for weight, *rest in below:
        x = x @ weight
        if network.batchnorm:
            x = functional.batch_norm(x, None, None, rest[0], rest[1], training=True)
        else:
            x = x + rest[0]
        x = bent(network, x)
    return x @ last[0] + last[1]


def loss_of(network: Network, theta: torch.Tensor, x: torch.Tensor, y: torch.Tensor) -> Any:
    """The loss, one number."""
    o = says(network, theta, x)
    if network.loss == "squared_error":
        wanted = (
            functional.one_hot(y.long(), 3).double() if network.kind == "classes" else y[:, None]
        )
        made = functional.mse_loss(o, wanted)
    elif network.kind == "classes":
        made = functional.cross_entropy(o, y.long())
    else:
        made = functional.binary_cross_entropy_with_logits(o[:, 0], y)
    weights = [layer[0].square().sum() for layer in parts_of(network, theta)]
    return made + network.l2 / 2 * torch.stack(weights).sum()


def derivatives(network: Network) -> tuple[float, Array, Array]:
    """Loss, gradient and Hessian times v of a case."""
    theta, v, x, y = (torch.from_numpy(a) for a in material(network))
    theta.requires_grad_()
    loss = loss_of(network, theta, x, y)
    (slope,) = torch.autograd.grad(loss, theta, create_graph=True)
    (image,) = torch.autograd.grad(slope @ v, theta)
    return float(loss.detach()), slope.detach().numpy(), image.numpy()


def running() -> dict[str, Array]:
    """torch.nn.BatchNorm1d: running statistics after two batches, and what it then says."""
    theta, _, x, _ = material(NORMALIZED)
    parts = parts_of(NORMALIZED, torch.from_numpy(theta))
    norms = [torch.nn.BatchNorm1d(u) for u in NORMALIZED.hidden]
    for norm, (_, scale, shift) in zip(norms, parts, strict=False):
        norm.weight.data, norm.bias.data = scale.clone(), shift.clone()

    def pass_on(a: torch.Tensor) -> torch.Tensor:
        for norm, (weight, *_) in zip(norms, parts, strict=False):
            a = bent(NORMALIZED, norm(a @ weight))
        return a @ parts[-1][0] + parts[-1][1]

    samples = torch.from_numpy(x)
    pass_on(samples[:10])
    pass_on(samples[10:])
    for norm in norms:
        norm.eval()
    found = {"eval_outputs": pass_on(samples).detach().numpy()}
    for i, norm in enumerate(norms):
        assert norm.running_mean is not None
        assert norm.running_var is not None
        found[f"mean_{i}"], found[f"var_{i}"] = norm.running_mean.numpy(), norm.running_var.numpy()
    return found


def torch_path(lab: Lab, name: str, start: Array) -> Array:
    """Parameters at every step of torch.optim's training, shape (steps + 1, P)."""
    x, y = (torch.tensor(a) for a in (lab.samples.x_train, lab.samples.y_train))
    theta = torch.tensor(start, requires_grad=True)
    lr = TRAINED[name]
    made: torch.optim.Optimizer
    if name == "adam":
        made = torch.optim.Adam([theta], lr=lr, foreach=False)
    else:
        heavy = 0.9 if name == "momentum" else 0.0
        made = torch.optim.SGD([theta], lr=lr, momentum=heavy, foreach=False)
    path = [start]
    for _ in range(lab.steps):
        made.zero_grad()
        loss_of(lab.network, theta, x, y).backward()
        made.step()
        path.append(theta.detach().numpy().copy())
    return np.array(path)


def training(batchnorm: bool) -> dict[str, Array]:
    """Paths of every tenth step, and how far one unit in the start's last place moves them."""
    lab = lab_of(batchnorm)
    (start,) = start_weights(lab.init, lab.network, [lab.seed])
    way = np.where(numbers(len(start), 5) > 0, np.inf, -np.inf)
    made: dict[str, Any] = {"start": start}
    made |= {"x": lab.samples.x_train, "y": lab.samples.y_train}
    for name in TRAINED:
        path = torch_path(lab, name, start)
        other = torch_path(lab, name, np.nextafter(start, way))
        made[f"path_{name}"] = path[::10]
        made[f"moved_{name}"] = np.abs(other - path).max()
        print(f"{name} {batchnorm=}: torch itself moves by {made[f'moved_{name}']:.1e}")
    return {f"{key}_{int(batchnorm)}": value for key, value in made.items()}


def filter_normalized(
    network: Network, theta: torch.Tensor, draws: list[torch.Tensor]
) -> torch.Tensor:
    """Li et al. 2018, section 4: every filter of the draw is made as long as the network's, here
    the weights into one unit, a row of torch.nn.Linear; nothing else moves."""
    made = []
    for layer, draw in zip(parts_of(network, theta), draws, strict=True):
        rows = [d / d.norm() * w.norm() for d, w in zip(draw.T, layer[0].T, strict=True)]
        made.append(torch.stack(rows).T.reshape(-1))
        made += [torch.zeros(part.numel()) for part in layer[1:]]
    return torch.cat(made)


def sliced(batchnorm: bool) -> dict[str, Array]:
    """Two directions through fixed weights, and the training loss on a small grid of them."""
    lab = lab_of(batchnorm)
    network, rng = lab.network, DIRECTIONS.generator(lab.seed)
    centre = torch.from_numpy(0.9 * numbers(network.size, 1))
    shapes = list(zip(network.sizes, network.sizes[1:], strict=False))
    first, second = (
        filter_normalized(
            network, centre, [torch.from_numpy(rng.standard_normal(shape)) for shape in shapes]
        )
        for _ in range(2)
    )
    x, y = (torch.tensor(a) for a in (lab.samples.x_train, lab.samples.y_train))
    heights = [
        [float(loss_of(network, centre + a * first + b * second, x, y)) for a in GRID] for b in GRID
    ]
    made = {"first": first.numpy(), "second": second.numpy(), "heights": np.array(heights)}
    return {f"{key}_{int(batchnorm)}": value for key, value in made.items()}


def main() -> None:
    GOLDEN.mkdir(exist_ok=True, parents=True)
    about = np.array(json.dumps({"torch": torch.__version__, "cases": len(CASES)}))
    losses, slopes, images = zip(*map(derivatives, CASES), strict=True)
    np.savez_compressed(
        GOLDEN / "derivatives.npz", about=about, loss=np.array(losses),
        gradient=np.concatenate(slopes), hessian=np.concatenate(images), **running(),
    )  # fmt: skip
    np.savez_compressed(GOLDEN / "training.npz", about=about, **training(False), **training(True))
    np.savez_compressed(GOLDEN / "slices.npz", about=about, **sliced(False), **sliced(True))


if __name__ == "__main__":
    main()

"""Links of the lab with what they mean, held for good.

python -m tests.support.golden_lab_links   adds those that are new and changes none
"""

from __future__ import annotations

import json
from typing import Any

from nnopt_viz.lab.codec import decode_lab, encode_lab
from nnopt_viz.lab.result import lab_columns, result
from tests.support.paths import GOLDEN

FILE = GOLDEN / "lab_links.json"
NUMBERS = ("x", "y", "loss", "slice_loss", "test_loss", "out_of_plane", "grad_norm")

LINKS = """
net=mlp&epochs=2
net=mlp(hidden="8,4",activation=tanh)&data=xor(n=60)&run=sgd(lr=0.1)&run=momentum&epochs=4&batch=16
net=mlp(hidden="",loss=squared_error)&data=blobs(n=50,noise=0.3)&init=zeros&run=adam&epochs=5
net=mlp(hidden="5",batchnorm=true)&data=circles(n=64)&plane=random(height=test)&epochs=3&seed=7
net=mlp(hidden="6",activation=gelu)&data=sine(n=40,waves=1)&plane=hessian&epochs=3&batch=2000
data=digits(n=60,test=0.2)&net=mlp(hidden="4",l2=0.01)&plane=random&run=lamb&epochs=2
data=spirals(n=80,turns=0.5)&init=orthogonal(gain=2)&plane=line&run=nesterov(lr=0.02)&epochs=3&v=1
data=checkerboard(n=60,cells=2)&run=sgd&run=adam&run=lion&plane=three(a=0,b=1,c=2)&epochs=3
data=moons(n=40)&run=adam(schedule=cosine)&plane=pca(height=accuracy)&epochs=4&seeds=3
""".splitlines()[1:]


def meaning(link: str) -> dict[str, Any]:
    """What a link means: its lab in full, and where every run and lane ended."""
    lab = decode_lab(link)
    columns = lab_columns(result(lab))
    last = columns["step"] == lab.steps
    return {
        "canonical": encode_lab(lab),
        "spec": lab.to_spec(),
        "end": {name: columns[name][last].tolist() for name in NUMBERS},
    }


def main() -> None:
    held = json.loads(FILE.read_text("utf-8")) if FILE.exists() else {}
    held |= {link: meaning(link) for link in LINKS if link not in held}
    FILE.write_text(json.dumps(held, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()

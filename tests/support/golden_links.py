"""Links that were shared, and the numbers they meant: they mean the same for good.

    python -m tests.support.golden_links   adds the links of LINKS that the file does not have yet

A link that is in the file is never written again: when one fails, mend the code.
"""

from __future__ import annotations

import json
from typing import Any

from nnopt_viz.deliver.frame import trajectory
from nnopt_viz.race.codec import decode, encode
from tests.support.paths import GOLDEN

FILE = GOLDEN / "links.json"
STEPS = 40  # enough to tell two meanings apart, too few for chaos

LINKS = """

v=1&surface=rosenbrock(b=50)&run=adam(lr=0.02)&run=momentum(momentum=0.95)&steps=60&noise=0.1&seed=3
surface=himmelblau(tilt=0.5)&run=sgd(lr=0.01)&run=momentum&run=rmsprop(lr=0.05)&run=adam(lr=0.2)
run=adam(lr=0.02,schedule=cosine(warmup=5))&run=sgd(schedule=step(size=10))&steps=40&start=0.5,-0.5
surface=beale&start=random(n=4)&run=nadam(lr=0.01)&run=rprop&seed=7&steps=40
surface=ackley&start=grid(n=2)&run=radam(lr=0.1)&run=adamax(lr=0.1)&steps=40&tol=0.01
surface=booth&start=ring(n=3,radius=2)&run=adadelta&run=adagrad&run=asgd&steps=40
surface=bowl&run=adamw(lr=0.1,weight_decay=0.1)&run=amsgrad&run=nesterov&steps=40&noise=0.5
surface=saddle&run=rmsprop%28lr%3D0.01%2Ccentered%3Dtrue%29&start=+1e-3,+2e+0&steps=40
""".splitlines()[1:]


def meaning(link: str) -> dict[str, Any]:
    """What a link means: its scenario in full, and where every run and lane was."""
    scenario = decode(link)
    table = trajectory(scenario)
    last = table[table["step"] == STEPS]
    return {
        "canonical": encode(scenario),
        "spec": scenario.to_spec(),
        f"at step {STEPS}": last[["run", "lane", "x", "y", "loss"]].to_numpy().tolist(),
    }


def main() -> None:
    held = json.loads(FILE.read_text("utf-8")) if FILE.exists() else {}
    held |= {link: meaning(link) for link in LINKS if link not in held}
    FILE.write_text(json.dumps(held, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()

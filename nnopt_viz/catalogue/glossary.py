"""What the words of the page mean: terms in a sentence each, and every optimizer in its own.

One place: the page shows them beside the word, the help lists the terms, `/words.json` has all.
"""

from __future__ import annotations

from typing import TypedDict

from nnopt_viz.optimizers import TRAINERS
from nnopt_viz.schedules import SCHEDULES


class Word(TypedDict):
    """A word's meaning.

    Args:
        title: the word, written out.
        text: what it means, in plain sentences.
        link: where there is more of it on this site, or nothing.
    """

    title: str
    text: str
    link: str


def _term(title: str, text: str, link: str = "") -> Word:
    return {"title": title, "text": text, "link": link}


# Short enough to be read while one points; the first word of each is what the page writes.
TERMS: dict[str, Word] = {
    "loss": _term(
        "Loss",
        "How wrong the model is, as one number: lower is better. Here it is the height of the "
        "surface over the place (x, y).",
    ),
    "surface": _term(
        "Loss surface",
        "The loss at every value of the parameters. With two of them, x and y, it can be drawn as "
        "a landscape; a network has one over all its weights.",
    ),
    "optimizer": _term(
        "Optimizer",
        "A rule that changes the parameters step by step, so that the loss goes down.",
    ),
    "lr": _term(
        "Learning rate (lr)",
        "How far a step goes. Too small: it takes forever. Too large: it jumps over the valley, or "
        "away. It means another length for each rule, so the same number is not the same step.",
    ),
    "gradient": _term(
        "Gradient",
        "The direction in which the loss rises fastest, and how fast: its slope in x and its slope "
        "in y. Most rules go against it.",
    ),
    "gradient norm": _term(
        "Gradient norm",
        "The length of the gradient: how steep it is here. At a minimum it is 0, but so it is on a "
        "saddle or on flat ground.",
    ),
    "step": _term(
        "Step",
        "One application of the rule: from one place to the next.",
    ),
    "steps": _term("Steps", "How many times each rule is applied."),
    "momentum": _term(
        "Momentum",
        "A memory of the steps before: like a heavy ball, the run keeps some of its speed.",
    ),
    "initialization": _term(
        "Initialization",
        "Where the parameters begin. On a surface with several minima it can decide where a run "
        "ends.",
    ),
    "noise": _term(
        "Noise",
        "A random error added to every gradient, as when it is computed from a few samples only. "
        "All runs get the same.",
    ),
    "seed": _term(
        "Seed",
        "The number from which everything random follows: the same seed gives the same run.",
    ),
    "starts": _term(
        "Starts",
        "One starting point, or many at once: at random, on a grid, on a ring.",
    ),
    "global minimum": _term(
        "Global minimum",
        "A lowest place of the surface in its region: no place there is lower.",
    ),
    "local minimum": _term(
        "Local minimum",
        "The bottom of a well, with a lower place elsewhere.",
    ),
    "saddle": _term(
        "Saddle",
        "Flat, but no bottom: it goes down to two sides and up to others.",
    ),
    "diverged": _term(
        "Diverged",
        "The steps grew until the run left everything behind, or its numbers were too large to "
        "write.",
    ),
    "settled": _term(
        "Settled at",
        "The step from which the run stays at its minimum.",
    ),
    "log scale": _term(
        "Log scale",
        "Equal distances stand for equal factors: 1, 10, 100. So small losses can be seen beside "
        "large ones.",
    ),
    "batch": _term("Batch", "How many samples of the training data a step looks at."),
    "epoch": _term("Epoch", "One pass over all training data."),
    "activation": _term(
        "Activation",
        "The bend in each unit of a network; without it layers would add up to one straight line.",
    ),
    "slice": _term(
        "Slice",
        "A plane through the space of all weights: the picture shows the loss on it, and the runs "
        "are somewhere near it.",
    ),
}


def words() -> dict[str, Word]:
    """Every word that the page explains: terms, schedules, optimizers (which win)."""
    made: dict[str, Word] = {"rule": _term("A rule of your own", "A rule that was written here.")}
    for registry in (SCHEDULES, TRAINERS):
        for name, entry in registry.items():
            made[name] = _term(entry.title, entry.doc, f"/catalogue?q={name}")
    return TERMS | made

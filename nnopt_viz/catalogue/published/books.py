"""Printouts of textbooks: Dive into Deep Learning, Neural networks and deep learning."""

from __future__ import annotations

from typing import Any

from nnopt_viz.catalogue.published.record import Figure, Record, at

# f = 0.1*x**2 + 2*y**2 from (-5, -2), where the book looks at most of its methods
_VALLEY = 'surface=formula(f="0.1*x**2 + 2*y**2",bounds="-6,2,-3,3")&start=-5,-2&steps=20'
# The book's functions of one variable: y starts at its minimum and stays there.
_LINE = "y is added so that there is a map; it starts at its minimum, 0, and changes nothing."


def _adagrad(rate: float) -> str:
    """The book's Adagrad."""
    return f'rule(text="s = s + g*g; x = x - lr/sqrt(s + 1e-6)*g",lr={rate})'


def _d2l(section: str, page: str, **more: Any) -> Record:
    return Record(
        who="Zhang, Lipton, Li & Smola",
        year=2023,
        work="Dive into deep learning",
        where=f"chapter 12, Optimization algorithms: {section}",
        address=f"https://d2l.ai/chapter_optimization/{page}.html",
        **more,
    )


D2L = (
    _d2l(
        "Gradient descent", "gd",
        name="d2l_learning_rate",
        title="Three learning rates on a parabola",
        shows="Each step multiplies x by 1 − 2η: too small creeps, and beyond η = 1 it grows.",
        printout=(
            "gd(0.2): epoch 10, x: 0.060466",
            "gd(0.05): epoch 10, x: 3.486784",
            "gd(1.1): epoch 10, x: 61.917364",
        ),
        query='surface=formula(f="x**2 + y**2",bounds="-12,12,-6,6")'
        "&run=sgd(lr=0.2)&run=sgd(lr=0.05)&run=sgd(lr=1.1)&start=10,0&steps=10",
        figures=(
            *at(10, 0, x="0.060466"), *at(10, 1, x="3.486784"), *at(10, 2, x="61.917364"),
        ),
        note=_LINE,
    ),
    _d2l(
        "Gradient descent", "gd",
        name="d2l_local_minimum",
        title="A large step into a poor minimum",
        shows="Which of many minima one ends in is decided by the learning rate, too.",
        printout=("gd(2): epoch 10, x: -1.528166",),
        query='surface=formula(f="x*cos(0.15*pi*x) + y**2",bounds="-12,12,-6,6")'
        "&run=sgd(lr=2)&start=10,0&steps=10",
        figures=at(10, x="-1.528166"),
        note=_LINE,
    ),
    _d2l(
        "Gradient descent", "gd",
        name="d2l_two_variables",
        title="Gradient descent in two variables",
        shows="Each variable shrinks at its own pace: a step multiplies x by 0.8 and y by 0.6.",
        printout=("epoch 20, x1: -0.057646, x2: -0.000073",),
        query='surface=formula(f="x**2 + 2*y**2",bounds="-6,2,-3,3")'
        "&run=sgd(lr=0.1)&start=-5,-2&steps=20",
        figures=at(20, x="-0.057646", y="-0.000073"),
    ),
    _d2l(
        "Gradient descent", "gd",
        name="d2l_newton",
        title="Newton's method where the curvature is negative",
        shows="Newton's step looks for a zero of the slope, and where the curvature is negative it "
        "climbs. Half steps happen to end in a minimum here.",
        printout=(
            "newton(): epoch 10, x: tensor(26.8341)",
            "newton(0.5): epoch 10, x: tensor(7.2699)",
        ),
        query='surface=formula(f="x*cos(0.15*pi*x) + y**2",bounds="-30,30,-15,15")'
        "&run=newton&run=newton(lr=0.5)&start=10,0&steps=10",
        figures=(*at(10, 0, x="26.8341"), *at(10, 1, x="7.2699")),
        note=f"{_LINE} So the maximum along x, where the first run ends, is a saddle here.",
    ),
    _d2l(
        "Momentum", "momentum",
        name="d2l_valley",
        title="A long valley: one learning rate for two curvatures",
        shows="The steep direction forbids a rate above 0.5, and the flat one would need it.",
        printout=(
            "eta = 0.4: epoch 20, x1: -0.943467, x2: -0.000073",
            "eta = 0.6: epoch 20, x1: -0.387814, x2: -1673.365109",
        ),
        query=f"{_VALLEY}&run=sgd(lr=0.4)&run=sgd(lr=0.6)",
        figures=(
            *at(20, 0, x="-0.943467", y="-0.000073"),
            *at(20, 1, x="-0.387814", y="-1673.365109"),
        ),
    ),
    _d2l(
        "Momentum", "momentum",
        name="d2l_momentum",
        title="Momentum in the same valley",
        shows="At the rate at which gradient descent explodes, momentum converges.",
        printout=(
            "eta, beta = 0.6, 0.5: epoch 20, x1: 0.007188, x2: 0.002553",
            "eta, beta = 0.6, 0.25: epoch 20, x1: -0.126340, x2: -0.186632",
        ),
        query=f"{_VALLEY}&run=momentum(lr=0.6,momentum=0.5)&run=momentum(lr=0.6,momentum=0.25)",
        figures=(
            *at(20, 0, x="0.007188", y="0.002553"),
            *at(20, 1, x="-0.126340", y="-0.186632"),
        ),
    ),
    _d2l(
        "Adagrad", "adagrad",
        name="d2l_adagrad",
        title="Adagrad slows down by itself",
        shows="The sum of squared gradients only grows, so the steps shrink even far from the "
        "minimum; a larger rate makes up for it.",
        printout=(
            "eta = 0.4: epoch 20, x1: -2.382563, x2: -0.158591",
            "eta = 2: epoch 20, x1: -0.002295, x2: -0.000000",
        ),
        query=f"{_VALLEY}&run={_adagrad(0.4)}&run={_adagrad(2)}&run=adagrad(lr=0.4,eps=1e-6)",
        runs=("eta = 0.4", "eta = 2", "torch's Adagrad, eta = 0.4"),
        figures=(
            *at(20, 0, x="-2.382563", y="-0.158591"),
            *at(20, 1, x="-0.002295", y="-0.000000"),
            Figure(
                "x", 20, "-2.382563", run=2,
                why="In torch's Adagrad, and so in ours, ε stands beside the root: η/(√s + ε).",
            ),
        ),
        note="The first two runs are the book's own rule with ε under the root, the third is "
        "torch's.",
    ),
    _d2l(
        "RMSProp", "rmsprop",
        name="d2l_rmsprop",
        title="RMSProp, and where ε stands",
        shows="It forgets old gradients, so it doesn't slow down as Adagrad does. Where ε stands "
        "makes a difference in the last digit as soon as gradients are small.",
        printout=("eta, gamma = 0.4, 0.9: epoch 20, x1: -0.010599, x2: 0.000000",),
        query=f"{_VALLEY}"
        '&run=rule(text="s = 0.9*s + (1 - 0.9)*g*g; x = x - lr/sqrt(s + 1e-6)*g",lr=0.4)'
        "&run=rmsprop(lr=0.4,alpha=0.9,eps=1e-6)",
        runs=("the book's RMSProp", "torch's RMSprop"),
        figures=(
            *at(20, 0, x="-0.010599", y="0.000000"),
            Figure(
                "x", 20, "-0.010599", run=1,
                why="In torch's RMSprop, and so in ours, ε stands beside the root: η/(√s + ε).",
            ),
        ),
        note="The first run is the book's own rule with ε under the root, the second is torch's.",
    ),
)  # fmt: skip

_OUTPUT = "sigmoid(x + y)"  # of the neuron
_NEURON = 'surface=formula(f="sigmoid(x + y)**2/2",bounds="-4,4,-4,4")&run=sgd(lr=0.15)&steps=300'


def _nielsen(**more: Any) -> Record:
    return Record(
        who="Nielsen",
        year=2015,
        work="Neural networks and deep learning",
        where="chapter 3, The cross-entropy cost function",
        address="http://neuralnetworksanddeeplearning.com/chap3.html",
        **more,
    )


NIELSEN = (
    _nielsen(
        name="nielsen_learns",
        title="One neuron learns to say 0",
        shows="Where the sigmoid is not flat, gradient descent on the squared error is quick.",
        printout=(
            "starting weight 0.6, starting bias 0.9: the initial output is 0.82",
            "after learning: an output from the neuron of about 0.09",
        ),
        query=f"{_NEURON}&start=0.6,0.9",
        figures=(Figure(_OUTPUT, 0, "0.82"), Figure(_OUTPUT, 300, "0.09")),
        note="x is the weight, y the bias, and the input is 1. The text does not say after how "
        "many epochs; here it is after 300.",
    ),
    _nielsen(
        name="nielsen_stuck",
        title="The same neuron, badly wrong, learns slowly",
        shows="A sigmoid near 1 is flat: the slope, and with it the step, is smallest where the "
        "error is largest. Cross-entropy avoids this.",
        printout=(
            "starting weight and starting bias 2.0: the initial output is 0.98",
            "for the first 150 or so learning epochs the weights don't change much",
        ),
        query=f"{_NEURON}&start=2,2",
        figures=(Figure(_OUTPUT, 0, "0.98"),),
        note="Look at the run: its loss has a shelf of about that length.",
    ),
)
RECORDS = (*D2L, *NIELSEN)

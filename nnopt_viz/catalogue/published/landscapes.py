"""Printed minima of well-known test functions: where runs of ours come to rest."""

from __future__ import annotations

from typing import Any

from nnopt_viz.catalogue.published.record import CUT_OFF, Figure, Record, at


def _argmin(function: str, **more: Any) -> Record:
    return Record(
        name=f"argmin_{function}",
        who="Kroboth",
        year=2018,
        work="argmin_testfunctions, documentation",
        where=f"function {more.pop('called', function)}",
        address="https://argmin-rs.github.io/argmin/argmin_testfunctions/",
        **more,
    )


RECORDS = (
    _argmin(
        "himmelblau",
        title="Himmelblau's minima",
        shows="Three methods from one start end in three of four equal minima.",
        printout=(
            "f(3, 2) = 0",
            "f(-2.805118, 3.131312) = 0",
            "f(-3.779310, -3.283186) = 0",
            "f(3.584428, -1.848126) = 0",
        ),
        query="surface=himmelblau&run=momentum(lr=0.005)&run=damped_newton&run=sgd(lr=0.01)"
        "&start=0,-3&steps=400",
        figures=(
            *at(400, 0, x="3", y="2", f="0"),
            *at(400, 1, x="-3.779310", y="-3.283186", f="0"),
            *at(400, 2, x="3.584428"),
            *at(400, 2, CUT_OFF, y="-1.848126"),
            *at(400, 2, f="0"),
        ),
        note="None of these ends in the fourth.",
    ),
    _argmin(
        "mccormick",
        called="mccorminck",
        title="McCormick's minimum",
        shows="A printed minimum may have a slip in it: whoever copies it copies the slip.",
        printout=("f(-0.54719, -1.54719) = -1.913228",),
        query="surface=mccormick&run=damped_newton&start=-1.2,3.4&steps=60",
        figures=(
            *at(60, why=CUT_OFF, x="-0.54719", y="-1.54719"),
            *at(
                60, why="One 2 was lost: the test beside it expects -1.9132228.", f="-1.913228"
            ),
        ),
    ),
    _argmin(
        "eggholder",
        title="Eggholder's minimum",
        shows="The lowest point of the box lies on its edge, where the slope is not 0.",
        printout=("f(512, 404.2319) = -959.6407",),
        query='surface=eggholder&run=rule(text="x = clip(x - lr*g, -512, 512)",lr=0.1)'
        "&start=500,400&steps=300",
        figures=(
            *at(300, x="512"),
            *at(
                300, y="404.2319",
                why="It is one unit of its last digit too high: so flat is it there that the loss "
                "of both is the same to four decimals.",
            ),
            *at(300, f="-959.6407"),
        ),
        note="Gradient descent that is put back onto the edge of the box (projected).",
    ),
    _argmin(
        "cross_in_tray",
        title="Cross-in-tray's minimum",
        shows="One of four equal minima: every quarter of the surface mirrors the others.",
        printout=("f(1.34941, 1.34941) = -2.06261",),
        query="surface=cross_in_tray&run=damped_newton&start=1.2,1.2&steps=60",
        figures=at(60, x="1.34941", y="1.34941", f="-2.06261"),
    ),
    _argmin(
        "holder_table",
        title="Hölder table's minimum",
        shows="One of four legs of the table; the others are its mirror images.",
        printout=("f(8.05502, 9.66459) = -19.2085",),
        query="surface=holder_table&run=damped_newton&start=8,9.5&steps=60",
        figures=at(60, x="8.05502", y="9.66459", f="-19.2085"),
    ),
    Record(
        name="smt_branin",
        title="Branin's minimum",
        who="Bouhlel et al.",
        year=2019,
        work="SMT: surrogate modeling toolbox, documentation",
        where="Branin function",
        address="https://smt.readthedocs.io/en/stable/_src_docs/problems/branin.html",
        shows="At x = π the square is 0 and the cosine −1, which leaves a loss of 10/(8π).",
        printout=("f(x*) = 0.397887, at x* = (−π, 12.275), (π, 2.275) and (9.42478, 2.475)",),
        query="surface=branin&run=damped_newton&start=5.7,13.5&steps=60",
        figures=(
            *at(60, f="0.397887"), Figure("x", 60, "π", law="pi"), *at(60, y="2.275"),
        ),
    ),
)  # fmt: skip

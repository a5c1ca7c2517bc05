"""The functions that only rules have: one table of what is true of each.

What a word computes is said once in every executor, because they compute on other things: one
coordinate after the other (expand), one point (trace), a network's parameters (vector).
"""

from __future__ import annotations

from dataclasses import dataclass

Kind = int
NUMBER, LANE, VECTOR = 0, 1, 2  # the same for all lanes; one a lane; one a coordinate and lane

# How a value turns when the gradient does (see `roles`).
ODD, EVEN, EITHER, NEITHER = "odd", "even", "either", "neither"
FIRST = "first"  # as its first argument does


@dataclass(frozen=True, slots=True)
class Word:
    """What is true of a function of the rule language.

    Args:
        arity: how many arguments are written.
        kind: of its value, one of NUMBER, LANE, VECTOR; None: the widest of its arguments.
        parity: ODD, EVEN or FIRST; "": even if all its arguments are.
        at_x: it also reads the point where the step began, as a last argument.
        in_step: it changes from step to step, so a start value can't read it.
        matrices: of weights as matrices, for networks only; see `matrices`.
        refused: why a network can't give it; "" when it can.
        cubed: what it takes, in plain operations for each cube of a side of a matrix.
    """

    arity: int
    kind: Kind | None = None
    parity: str = ""
    at_x: bool = False
    in_step: bool = False
    matrices: bool = False
    refused: str = ""
    cubed: float = 0.0


WORDS: dict[str, Word] = {
    "norm": Word(1, LANE, EVEN),
    "dot": Word(2, LANE, EVEN),
    "grad": Word(1, VECTOR, ODD, in_step=True),
    "loss": Word(1, LANE, EVEN, in_step=True),
    "newton": Word(
        2, VECTOR, FIRST, at_x=True, in_step=True, refused="solves with the whole Hessian"
    ),
    "hessian": Word(1, VECTOR, FIRST, at_x=True, in_step=True),
    "curvature": Word(
        0, VECTOR, EVEN, at_x=True, in_step=True, refused="reads the diagonal of the Hessian"
    ),
    "normal": Word(0, VECTOR, ODD, in_step=True),
    "axis": Word(1, VECTOR, refused="counts on two coordinates"),
    "weights": Word(0, matrices=True),
    "aspect": Word(0, matrices=True),
    "rms": Word(1, matrices=True),
    "row_mean": Word(1, matrices=True),
    "column_mean": Word(1, matrices=True),
    "orthogonal": Word(1, matrices=True, cubed=0.15),
    "gram_rows": Word(1, matrices=True, cubed=0.03),
    "gram_columns": Word(1, matrices=True, cubed=0.03),
    "between": Word(4, matrices=True, cubed=0.8),
}
CALLS = frozenset(name for name, word in WORDS.items() if not word.matrices)
MATRIX_CALLS = frozenset(WORDS) - CALLS

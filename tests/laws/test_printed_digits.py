"""Law: a number in the notation of another is the same text exactly where it rounds to it."""

from __future__ import annotations

import random
from decimal import Decimal

from nnopt_viz.catalogue.lookup import in_notation, shared_digits
from tests.support.laws import SCENARIOS


def printed(rng: random.Random) -> str:
    """A number as a source may print it: with a sign or not, an exponent or not.

    It has at most 13 significant digits, of which double precision can tell a hundredth of a unit.
    """
    power = rng.randint(-8, 8)
    value = rng.uniform(-10, 10) * 10.0**power
    kind = rng.choice("fe")
    most = 9 if kind == "e" else min(9, 12 - max(power, 0))
    text = f"{value:.{rng.randint(0, most)}{kind}}"
    return f"+{text}" if rng.random() < 0.1 and value > 0 else text


def unit(text: str) -> Decimal:
    """One in the last place."""
    return Decimal(1).scaleb(int(Decimal(text).as_tuple().exponent))


def test_within_half_a_unit_is_the_same_text_and_beyond_it_is_not() -> None:
    rng = random.Random(seed := 77)
    for scenario in range(SCENARIOS):
        text = printed(rng)
        case = (seed, scenario, text)
        exact = Decimal(text)
        share = Decimal(rng.uniform(0.02, 0.48)).copy_sign(rng.choice((-1, 1)))
        near, far = exact + share * unit(text), exact + (share + share / abs(share)) * unit(text)
        assert in_notation(float(exact), text) == text, case
        if near and (near < 0) == (exact < 0) and near.adjusted() == exact.adjusted():
            assert in_notation(float(near), text) == text, case
        assert in_notation(float(far), text) != text, case


def test_digits_shared_are_those_that_both_round_to() -> None:
    rng = random.Random(seed := 78)
    for scenario in range(SCENARIOS):
        value = rng.uniform(1, 10) * 10.0 ** rng.randint(-300, 300) * rng.choice((-1, 1))
        digits = rng.randint(1, 14)
        # half a unit of the digit after the next: rounding to `digits` can't always tell them apart
        other = value * (1 + rng.choice((-1, 1)) * 3 * 10.0**-digits)
        case = (seed, scenario, value, other)
        assert shared_digits(value, value) == 16, case
        assert shared_digits(value, -value) == 0, case
        assert shared_digits(value, other) == shared_digits(other, value) <= digits, case
        assert shared_digits(value, float("nan")) == shared_digits(float("inf"), value) == 0, case

"""Law: a number that is shown is as near to the true one as its digits say, whatever its size."""

from __future__ import annotations

import random
import re
from fractions import Fraction

from nnopt_viz.declare.written import briefly, exact, percent, shown
from tests.support.laws import SCENARIOS
from tests.support.paths import ROOT

_LOWERED = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹−", "-0123456789-")


def read(text: str) -> tuple[Fraction, Fraction]:
    """What a text says, exactly, and the unit of its last digit."""
    plain = re.sub(r" × 10([⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+)$", lambda m: f"e{m[1]}", text).translate(_LOWERED)
    mantissa, _, exponent = plain.partition("e")
    decimals = len(mantissa.partition(".")[2])
    return Fraction(plain), Fraction(10) ** (int(exponent or 0) - decimals)


def numbers(seed: int) -> list[float]:
    rng = random.Random(seed)
    made = [rng.uniform(-10, 10) * 10.0 ** rng.randint(-300, 300) for _ in range(SCENARIOS)]
    return made + [rng.uniform(-10, 10) * 10.0 ** rng.randint(-6, 6) for _ in range(SCENARIOS)]


def test_a_number_is_as_near_as_its_digits_say() -> None:
    for value in numbers(seed := 30):
        for digits in (2, 3, 4, 6):
            said, unit = read(shown(value, digits))
            case = (seed, value, digits, shown(value, digits))
            off = abs(said - Fraction(value))
            assert off <= unit / 2, case
            # with a power of ten there is one digit less, and never less than two
            assert off <= abs(Fraction(value)) * Fraction(1, 2 * 10 ** max(1, digits - 2)), case
            assert (said > 0) is (value > 0), case
            assert (said < 0) is (value < 0), case


def test_what_is_exact_reads_back() -> None:
    for value in numbers(seed := 31):
        assert float(exact(value)) == float(briefly(value)) == value, (seed, value)


def test_a_share_is_nothing_or_all_only_when_it_is() -> None:
    rng = random.Random(seed := 32)
    near = [10.0 ** -rng.randint(1, 9) * rng.random() for _ in range(SCENARIOS)]
    for share in [rng.random() for _ in range(SCENARIOS)] + near + [1 - v for v in near]:
        said, unit = read(percent(share).removesuffix("%"))
        case = (seed, share, percent(share))
        assert abs(said - 100 * Fraction(share)) <= unit * Fraction(501, 1000), case
        assert said != 0, case
        assert (said == 100) is (share == 1), case


# Where decimals are no number for people: lengths of a drawing, seconds, a place on a map, a view.
DRAWN = {"draw.mjs", "preview.mjs", "guess.mjs", "study.mjs", "svg_pen.mjs", "present.mjs"}
DRAWN |= {"probe.mjs", "camera.mjs", "view.mjs"}


def test_the_page_writes_numbers_in_one_place() -> None:
    found = {
        path.name
        for path in (ROOT / "assets").rglob("*.mjs")
        if re.search(r"\.to(Fixed|Exponential)\(", path.read_text("utf-8"))
    }
    assert found <= {"format.mjs", "typed.mjs"} | DRAWN


def test_named_cases() -> None:
    assert shown(1.6e-5) == "1.6 × 10⁻⁵"  # "0.00" before
    assert [shown(v) for v in (0, 12345.6, -0.25, 123456)] == ["0", "12346", "−0.25", "1.2 × 10⁵"]
    assert [briefly(v) for v in (0.0, 1e6, 20000.0, -1e-9)] == ["0", "1e6", "20000", "-1e-9"]
    assert [percent(v) for v in (0, 1, 0.8493, 0.99983, 0.0002)] == [
        "0%", "100%", "84.9%", "99.98%", "0.02%",
    ]  # fmt: skip

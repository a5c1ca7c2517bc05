"""What is typed into a field runs, or is refused beside it: in every field of every page."""

from __future__ import annotations

import json
import random
import re
from typing import TYPE_CHECKING
from urllib.parse import unquote

import pytest
from playwright.sync_api import expect

from nnopt_viz.declare.written import percent, shown
from nnopt_viz.lessons import LESSONS
from nnopt_viz.lessons.addresses import address
from nnopt_viz.lessons.lesson import Point
from nnopt_viz.query.grammar import number_text
from nnopt_viz.race.codec import decode
from tests.support.laws import SCENARIOS
from tests.support.visit import until

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Locator, Page

    from tests.support.visit import Visit

pytestmark = pytest.mark.browser

SHORT = "surface=himmelblau(tilt=0.5)&run=sgd(lr=0.002)&run=adam(lr=0.2)&start=0,-3&steps=60"
TRAINING = 'net=mlp(hidden="4")&data=moons(n=40)&run=sgd(lr=0.1)&batch=16&epochs=2'
WRITE = """async ([numbers, digits]) => {
  const {compact, percent} = await import("/assets/player/core/format.mjs");
  return numbers.map((value) => [compact(value, digits), percent(Math.abs(value) % 1)]);
}"""
READ = """async (texts) => {
  const {readNumber, exact} = await import("/assets/page/typed.mjs");
  return texts.map((text) => typeof text === "number" ? exact(text) : readNumber(text));
}"""
# (field's text, the number that it means or None), each typed into a rate, which is from 0 to 1000
TYPED: tuple[tuple[str, float | None], ...] = (
    ("1e-3", 1e-3), ("5e-2", 5e-2), ("5E-2", 5e-2), ("-1", None), ("0,05", 0.05),
    ("1,5e-3", 1.5e-3), (" 0.25 ", 0.25), (".5", 0.5), ("5.", 5), ("+2", 2), ("−1", None),
    ("1e−3", 1e-3),
    ("１２", 12), ("1.2 × 10⁻⁵", 1.2e-5), ("10⁻³", 1e-3), ("3*10^-2", 3e-2),
    ("", None), ("-", None), ("1e", None), ("1e-", None), ("1.5.2", None), ("∞", None),
    ("NaN", None), ("0x10", None), ("1/3", None), ("5%", None), ("1 000", None), ("1,000", None),
    ("1,000.5", None), ("1²", None), ("1e400", None), ("1e-400", None), ("1001", None),
    ("0", 0), ("00.10", 0.1),
)  # fmt: skip


def rate(page: Page, run: int = 0) -> Locator:
    return page.locator(".run").nth(run).locator(".run-rate input")


def beside(field: Locator) -> str:
    """The sentence that refuses a field's text; nothing when it is taken."""
    said, is_refused = field.evaluate(
        """(field) => [(field.closest(".mantine-InputWrapper-root")
          ?.querySelector(".mantine-InputWrapper-error")
          ?? field.parentElement.querySelector(".refused"))?.textContent ?? "",
          field.getAttribute("aria-invalid") === "true"]"""
    )
    assert bool(said) == is_refused
    return str(said)


def enter(page: Page, field: Locator, text: str, leave: str) -> None:
    """With real keys where there is a key for it; the rest is pasted."""
    field.focus()
    page.keyboard.press("Control+a")
    if text and text.isascii():
        page.keyboard.type(text)
    else:
        page.keyboard.insert_text(text) if text else page.keyboard.press("Delete")
    page.keyboard.press(leave)


def may_run(page: Page, text: str, before: float) -> set[float]:
    """What may run while a text is refused: what ran before; or, typed on a machine so busy that
    the page takes the time between two keys for a pause, what stood there until then."""
    read = page.evaluate(READ, [text[:length] for length in range(1, len(text))])
    return {before, *(float(one["value"]) for one in read if "value" in one)}


def test_a_rate_is_what_is_typed_or_is_refused_beside_it(visit: Visit) -> None:
    page = visit.open(SHORT)
    runs = 0.002
    for number, (text, meant) in enumerate(TYPED):
        field = rate(page)
        enter(page, field, text, ("Tab", "Enter")[number % 2])
        if meant is None:
            until(lambda field=field: beside(field))
            may = may_run(page, text, runs)
            runs = running(visit.query, field.get_attribute("id") or "")
            assert runs in may, text
            assert f"{number_text(runs)} still runs" in beside(field), text
            assert field.input_value() == text, text
        else:
            runs = meant
            until(lambda field=field: not beside(field))
            expect(field).to_have_value(number_text(runs))
        wanted = "sgd" if runs == 0.001 else f"sgd(lr={number_text(runs)})"
        until(lambda wanted=wanted: f"run={wanted}&" in visit.query)
        until(lambda wanted=wanted: f"run={wanted}&" in visit.state()["query"])


def test_the_network_lab_trains_at_what_is_typed(fresh: Callable[..., Visit]) -> None:
    visit = fresh()
    page = visit.load(TRAINING)
    for text, wanted in (("1e-3", "run=sgd&"), ("5e-2", "run=sgd(lr=0.05)&")):
        enter(page, rate(page), text, "Tab")
        until(lambda wanted=wanted: wanted in visit.query)
    enter(page, rate(page), "-1", "Tab")
    until(lambda: beside(rate(page)))
    hidden = page.get_by_role("textbox", name="hidden")
    enter(page, hidden, "0", "Tab")  # a text that only the server can refuse
    until(lambda: "1 to 64 units" in beside(hidden))
    hidden.focus()
    page.keyboard.press("Tab")  # leaving it again changes nothing
    visit.rest()
    assert "1 to 64 units" in beside(hidden)
    assert 'mlp(hidden="4")' in visit.query
    assert "sgd(lr=0.05)" in visit.query
    enter(page, hidden, "3", "Tab")
    until(lambda: 'hidden="3"' in visit.query)
    until(lambda: not beside(hidden))
    visit.forgive(400)


def test_wheel_arrows_escape_and_a_click_between(visit: Visit) -> None:
    page = visit.open(SHORT)
    field = rate(page)
    field.focus()
    page.mouse.move(*[field.bounding_box()[side] + 5 for side in ("x", "y")])
    page.mouse.wheel(0, 120)
    page.keyboard.press("ArrowUp")  # a notch of its slider
    until(lambda: "sgd(lr=0.0022)" in visit.query)
    expect(field).to_have_value("0.0022")
    page.keyboard.press("ArrowDown")
    until(lambda: "sgd(lr=0.002)" in visit.query)
    enter(page, field, "1e", "Tab")
    until(lambda: beside(field))
    page.get_by_label("More about run 2, adam").click()  # what stands below has not moved away
    beta = page.get_by_label("beta1 of run 2, adam", exact=True)
    expect(beta).to_be_visible()
    field.focus()
    page.keyboard.press("Escape")
    until(lambda: not beside(field))
    expect(field).to_have_value("0.002")
    enter(page, beta, "2", "Tab")
    until(lambda: "from 0 to 1 (but not 1). 0.9 still runs" in beside(beta))
    page.locator(".run").nth(1).locator("[role=slider]").nth(1).press("ArrowLeft")
    until(lambda: not beside(beta))  # another value: what was typed is gone
    until(lambda: f"beta1={beta.input_value()}" in visit.query)
    page.evaluate("history.back()")
    until(lambda: "beta1" not in visit.query)


def test_the_dialog_reads_numbers_likewise(visit: Visit) -> None:
    page = visit.open(SHORT)
    page.get_by_role("button", name="Edit a copy").first.click()
    dialog = page.get_by_role("dialog")
    message, go = dialog.get_by_role("status"), dialog.get_by_role("button", name="Race it")
    dialog.get_by_label("x to").fill("0x10")
    expect(message).to_contain_text("x to: “0x10” is no number.")
    expect(go).to_be_disabled()
    dialog.get_by_label("x to").fill("7,5")
    dialog.get_by_label("Value of knob 1").fill("1e")
    expect(message).to_contain_text("Knob tilt: “1e” is no number.")
    dialog.get_by_label("Value of knob 1").fill("5e-1")
    expect(message).to_contain_text("Good")
    go.click()
    until(lambda: re.search(r'bounds="[-\d.]+,7.5,.*tilt=0\.5', visit.query))


def test_a_place_in_a_lesson_is_read_likewise(fresh: Callable[..., Visit]) -> None:
    visit = fresh()
    lesson, number = next(
        (one.name, at) for one in LESSONS.values() for at, step in enumerate(one.steps, 1)
        if isinstance(step.answer, Point)
    )  # fmt: skip
    page = visit.page
    page.goto(f"{visit.site}{address(lesson)}?step={number}")
    visit.ready()
    across, up = (page.get_by_label(f"{name} of your guess") for name in "xy")
    enter(page, across, "1e", "Tab")
    enter(page, up, "0,5", "Tab")
    assert "“1e” is no number." in beside(across)
    assert not beside(up)
    reveal = page.locator(".guess").get_by_role("button", name="Reveal")
    expect(reveal).to_be_disabled()
    enter(page, across, "1e-1", "Tab")
    assert not beside(across)
    expect(reveal).to_be_enabled()


def test_an_experiments_settings_are_read_likewise(fresh: Callable[..., Visit]) -> None:
    visit = fresh()
    page = visit.page
    page.goto(f"{visit.site}/experiment?study=width(widths=%221,2%22,steps=20,seeds=4)")
    expect(page.locator("#study-state")).to_contain_text("Done")
    run = page.get_by_role("button", name="Run", exact=True)
    field = {
        name: page.get_by_role("textbox", name=name) for name in ("tolerance", "steps", "widths")
    }
    before = visit.query
    for name, text in (("tolerance", "1e"), ("steps", "20,seeds=3"), ("widths", '1",seeds="3')):
        field[name].fill(text)
        run.click()
        assert beside(field[name])
        field[name].fill({"tolerance": "0,1", "steps": "30", "widths": "1,2"}[name])
        assert not beside(field[name])
    expect(page.locator(".study-knob", has=field["steps"])).to_contain_text(
        "Shown is 20: press Run."
    )
    assert visit.query == before
    run.click()
    until(lambda: "tolerance=0.1" in visit.query and "steps=30" in visit.query)
    expect(field["tolerance"]).to_have_value("0.1")
    expect(page.locator(".study-was")).to_have_count(0)
    page.get_by_role("textbox", name="seeds").fill("1")
    run.click()
    until(lambda: "from 2 to 256" in beside(page.get_by_role("textbox", name="seeds")))
    visit.forgive(400)


# --- laws -------------------------------------------------------------------------------


def spelled(rng: random.Random) -> tuple[str, float]:
    """A number in one of the ways in which people write it, and what Python says that it is."""
    value = rng.choice(
        [rng.uniform(-1000, 1000), rng.lognormvariate(0, 9), float(rng.randint(-9, 99)),
         10.0 ** rng.randint(-12, 12), rng.uniform(0, 1)]
    )  # fmt: skip
    plain = rng.choice([repr(value), f"{value:e}", f"{value:.3g}", f"{value:.4f}"])
    text = plain
    if rng.random() < 0.3 and not re.fullmatch(r"[+-]?[1-9]\d{0,2}\.\d{3}", plain):
        text = text.replace(".", ",")
    if "e" in text and rng.random() < 0.4:
        mantissa, exponent = text.split("e")
        raised = str(int(exponent)).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))
        text = f"{mantissa} × 10{raised}"
    if rng.random() < 0.2:
        text = text.replace("-", "−")
    if rng.random() < 0.2:
        text = re.sub("[0-9.,e]", lambda m: chr(ord(m[0]) + 0xFEE0), text)
    return rng.choice(["", " "]) + text + rng.choice(["", " "]), float(plain)


def broken(rng: random.Random) -> str:
    """Such a text with a few signs put in, taken out or exchanged."""
    signs = list(spelled(rng)[0])
    for _ in range(rng.randint(1, 3)):
        at = rng.randrange(len(signs) + 1)
        signs[at : at + rng.randint(0, 1)] = rng.choice("0159.,eE+-−∞ x/²'\"()&#%_")
    return "".join(signs)


def test_law_a_text_means_its_number_or_none(visit: Visit) -> None:
    """Of texts made from numbers the number; of broken ones what Python reads, or a refusal."""
    rng = random.Random(seed := 20)
    page = visit.open(SHORT)
    known = [spelled(rng) for _ in range(SCENARIOS)]
    for (text, value), read in zip(known, page.evaluate(READ, [t for t, _ in known]), strict=True):
        assert float(read.get("value", "nan")) == value, (seed, text, read)
    hurt = [broken(rng) for _ in range(SCENARIOS)]
    for text, read in zip(hurt, page.evaluate(READ, hurt), strict=True):
        if "value" in read:
            assert float(read["value"]) == python_reads(text), (seed, text, read)
        else:
            assert read["why"].endswith("."), (seed, text)
    numbers = [value for _, value in known] + [rng.uniform(-1, 1) * 10.0 ** rng.randint(-300, 300)
                                               for _ in range(SCENARIOS)]  # fmt: skip
    texts = page.evaluate(READ, numbers)
    assert texts == [number_text(value) for value in numbers]
    assert [float(read["value"]) for read in page.evaluate(READ, texts)] == numbers


def test_law_page_and_server_write_a_number_in_the_same_way(visit: Visit) -> None:
    rng = random.Random(seed := 22)
    page = visit.open(SHORT)
    numbers = [rng.uniform(-10, 10) * 10.0 ** rng.choice([0, rng.randint(-12, 12)])
               for _ in range(SCENARIOS)]  # fmt: skip
    for digits in (2, 3, 4, 5):
        for value, wrote in zip(numbers, page.evaluate(WRITE, [numbers, digits]), strict=True):
            assert wrote == [shown(value, digits), percent(abs(value) % 1)], (seed, value, digits)


def python_reads(text: str) -> float:
    """What a text means, by Python's own reader, which knows no spaces or underscores inside."""
    plain = "".join(chr(ord(c) - 0xFEE0) if "！" <= c <= "～" else c for c in text.strip())
    plain = plain.replace("−", "-")
    raised = re.fullmatch(r"(?:(.+?)\s*×\s*|([+-]?))10([⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+)", plain)
    if raised:
        power = raised[3].translate(str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789"))
        plain = f"{raised[1] or (raised[2] + '1')}e{power}"
    assert not re.search(r"[\s_]", plain)
    assert plain.count(",") + plain.count(".") <= 1
    return float(plain.replace(",", "."))


def fields_of(page: Page) -> list[str]:
    """The ids of all number fields that can be seen."""
    found: list[str] = page.evaluate(
        """[...document.querySelectorAll("input[id*='field']")]
          .filter((one) => JSON.parse(one.id).field === "number" && one.checkVisibility())
          .map((one) => one.id)"""
    )
    return found


def running(query: str, key: str) -> float:
    """What runs of the knob that a field is for, as the query says it."""
    scenario, where = decode(query), json.loads(key)
    if where["part"] == "scenario":
        return float(getattr(scenario, where["knob"]))
    call = {"surface": scenario.surface, "start": scenario.start}.get(where["part"])
    return (call or scenario.runs[where["index"]]).number(where["knob"])


def test_law_a_field_shows_what_runs_or_a_refusal_stands_beside_it(visit: Visit) -> None:
    """Random texts in random fields with real keys; then the query knows what the fields say."""
    rng = random.Random(seed := 21)
    page = visit.open(SHORT)
    page.get_by_label("More about run 2, adam").click()
    page.get_by_label("beta1 of run 2, adam", exact=True).wait_for()
    for number in range(max(6, SCENARIOS // 10)):
        key = rng.choice(fields_of(page))
        field = page.locator(f"[id='{key}']")
        before = visit.query
        text = rng.choice([spelled(rng)[0], broken(rng), rng.choice(TYPED)[0]])
        enter(page, field, text, rng.choice(["Tab", "Enter"]))
        visit.rest()
        said = beside(field)
        case = (seed, number, key, text, field.input_value(), said, before)
        if said:
            runs = running(visit.query, key)
            assert field.input_value() == text, case
            assert runs in may_run(page, text, running(before, key)), case
            field.focus()
            page.keyboard.press("Escape")
            expect(field).to_have_value(number_text(runs))
            continue
        [read] = page.evaluate(READ, [text])
        until(lambda field=field, read=read: field.input_value() == number_text(read["value"]))
        until(lambda key=key, read=read: running(visit.query, key) == read["value"])
        until(lambda: unquote(visit.state()["query"]) == visit.query)
